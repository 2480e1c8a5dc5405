#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Both ends of the UDP tests.

    udp_peer.py serve S-ADDR,PORT C-ADDR,PORT   P-CSCF: what comes to port_ps
        is answered from port_pc, with its own mark and the same octets, to
        the port that the first two octets name (port_us, chosen by the UE).
        With --no-answer it only prints.  One JSON line per datagram.
    udp_peer.py echo UC-ADDR,PORT US-ADDR,PORT PS-ADDR,PORT SIZE...   UE: sends
        each size from port_uc, wants the same octets back at port_us.
        One line per size, `ok SIZE` or `failed SIZE why`; exit 1 if any failed.
    udp_peer.py send FROM TO SIZE [--mark N]   one datagram; prints `sent` or the
        error's name and exits 1.
    udp_peer.py wait ADDR,PORT   one datagram, printed as serve does; exit 1 and
        `TIMEOUT` when none came in --timeout seconds.
"""

import argparse
import hashlib
import json
import random
import socket
import sys

import marks


def report(data, sender, mark):
    print(json.dumps({"from": sender[0], "port": sender[1], "size": len(data), "mark": mark,
                      "sha": hashlib.sha256(data).hexdigest()[:16]}), flush=True)


def listening(where, args):
    sock = marks.bound(where, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, marks.SO_RCVMARK, 1)
    sock.settimeout(args.timeout)
    return sock


def serve(args):
    server = listening(args.where[0], args)
    client = marks.bound(args.where[1], socket.SOCK_DGRAM)
    marks.fragment(client)
    print("ready", flush=True)
    while True:
        data, sender, mark = marks.receive(server)
        report(data, sender, mark)
        if args.no_answer or len(data) < 2:
            continue
        port_us = int.from_bytes(data[:2], "big")
        try:
            marks.send(client, data, (sender[0], port_us), mark)
        except OSError as error:
            print(json.dumps({"error": marks.name(error)}), flush=True)


def echo_one(sender, receiver, to, size, port_us):
    """A size below two octets has no room for the port; it is only sent."""
    data = port_us.to_bytes(2, "big") + random.randbytes(size) if size >= 2 else b"x" * size
    data = data[:size]
    sender.sendto(data, to)
    if size < 2:
        return None
    try:
        while True:
            back, _ = receiver.recvfrom(65535)
            if back == data:
                return None
            if len(back) == len(data):
                return "other octets came back"
    except TimeoutError:
        return "nothing came back"


def echo(args):
    _, to = marks.endpoint(args.where[2])
    sender = marks.bound(args.where[0], socket.SOCK_DGRAM)
    marks.fragment(sender)
    receiver = marks.bound(args.where[1], socket.SOCK_DGRAM)
    receiver.settimeout(args.timeout)
    failed = 0
    for size in map(int, args.where[3:]):
        why = echo_one(sender, receiver, to, size, receiver.getsockname()[1])
        failed |= why is not None
        print(f"failed {size} {why}" if why else f"ok {size}", flush=True)
    return failed


def send(args):
    _, to = marks.endpoint(args.where[1])
    try:
        sock = marks.bound(args.where[0], socket.SOCK_DGRAM, args.mark)
        marks.become(args.uid)
        if args.connect:
            sock.connect(to)
            sock.send(args.text.encode() if args.text else bytes(int(args.where[2])))
        else:
            sock.sendto(args.text.encode() if args.text else bytes(int(args.where[2])), to)
    except OSError as error:
        print(marks.name(error))
        return 1
    print("sent")
    return 0


def wait(args):
    sock = listening(args.where[0], args)
    print("ready", flush=True)
    try:
        report(*marks.receive(sock))
    except TimeoutError:
        print("TIMEOUT")
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=("serve", "echo", "send", "wait"))
    parser.add_argument("where", nargs="+")
    parser.add_argument("--mark", type=lambda text: int(text, 0))
    parser.add_argument("--timeout", type=float, default=30)
    parser.add_argument("--uid", type=int, default=0)
    parser.add_argument("--text")
    parser.add_argument("--connect", action="store_true")
    parser.add_argument("--no-answer", action="store_true")
    args = parser.parse_args()
    if args.verb == "serve":
        args.timeout = None
    return {"serve": serve, "echo": echo, "send": send, "wait": wait}[args.verb](args)


if __name__ == "__main__":
    sys.exit(main())
