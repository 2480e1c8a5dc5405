#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Both ends of the TCP tests: both sides send, both sides check.

    tcp_peer.py serve ADDR,PORT [--count N]     accept; read the transfer's
        header, check what comes, send as much back; prints one JSON line per
        connection with the mark that the accepted socket has.
    tcp_peer.py connect FROM TO SIZE [--mark N] connect from a bound port, send
        SIZE octets, check the SIZE octets that come back; prints `ok SIZE` or
        the error's name and exits 1.  The time of a failed connect is printed
        in milliseconds, since a refused one must fail at once.

The octets are SHAKE-128 of the size and the direction: each side knows what
must come, and a lost, doubled or changed octet anywhere shows.
"""

import argparse
import hashlib
import json
import socket
import struct
import sys
import threading
import time

import marks


def octets(size, way):
    return hashlib.shake_128(f"{size} {way}".encode()).digest(size)


def read_exactly(sock, size):
    pieces, left = [], size
    while left:
        piece = sock.recv(min(left, 1 << 18))
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def transfer(sock, size, mine, theirs):
    """Send and receive at the same time, so that neither window blocks both."""
    sender = threading.Thread(target=sock.sendall, args=(octets(size, mine),))
    sender.start()
    have = read_exactly(sock, size)
    sender.join()
    return have == octets(size, theirs), len(have)


def serve(args):
    listener = marks.bound(args.where[0], socket.SOCK_STREAM)
    listener.listen(16)
    print("ready", flush=True)
    for _ in range(args.count) if args.count else iter(int, 1):
        sock, sender = listener.accept()
        sock.settimeout(args.timeout)
        mark = sock.getsockopt(socket.SOL_SOCKET, marks.SO_MARK)
        line = {"from": sender[0], "port": sender[1], "mark": mark}
        try:
            size, = struct.unpack("!I", read_exactly(sock, 4))
            line["good"], line["size"] = transfer(sock, size, "down", "up")
        except (OSError, struct.error) as error:
            line["error"] = str(error)
        print(json.dumps(line), flush=True)
        sock.close()
    return 0


def connect(args):
    size = int(args.where[2])
    _, to = marks.endpoint(args.where[1])
    started = time.monotonic()
    try:
        sock = marks.bound(args.where[0], socket.SOCK_STREAM, args.mark)
        marks.become(args.uid)
        sock.settimeout(args.timeout)
        sock.connect(to)
    except OSError as error:
        print(marks.name(error), int((time.monotonic() - started) * 1000))
        return 1
    try:
        sock.sendall(struct.pack("!I", size))
        good, have = transfer(sock, size, "up", "down")
        read_exactly(sock, 1)
    except OSError as error:
        print(marks.name(error))
        return 1
    print(f"ok {size}" if good else f"wrong octets, {have} of {size} came")
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=("serve", "connect"))
    parser.add_argument("where", nargs="+")
    parser.add_argument("--mark", type=lambda text: int(text, 0))
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--uid", type=int, default=0)
    args = parser.parse_args()
    return {"serve": serve, "connect": connect}[args.verb](args)


if __name__ == "__main__":
    sys.exit(main())
