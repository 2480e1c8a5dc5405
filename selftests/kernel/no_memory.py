#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The failures of no_memory.sh, which see."""

import contextlib
import os
import socket
import sys

import craft
import marks
from lab import (CANARY, PCSCF, PORT_PS, PORTS_PC, UE, Ktap, Lab, Receiver, Set, Sniffer, inside,
                 wait_until)

FAILSLAB = "/sys/kernel/debug/failslab"
ROUNDS = 400


@contextlib.contextmanager
def failing(percent=50):
    """Allocations that may not sleep fail so often, whoever asks for memory."""
    def put(name, value):
        with open(f"{FAILSLAB}/{name}", "w", encoding="ascii") as file:
            file.write(value)

    for name, value in (("verbose", "0"), ("task-filter", "N"), ("ignore-gfp-wait", "Y"),
                        ("interval", "1"), ("times", "-1"), ("probability", str(percent))):
        put(name, value)
    try:
        yield
    finally:
        put("probability", "0")


def until(lab, reason, act):
    """Act until packets are dropped for want of memory.  How many were tried."""
    before = lab.stats()[reason]
    for number in range(ROUNDS // 20):
        with failing():
            for _ in range(20):
                with contextlib.suppress(OSError):
                    act()
        if lab.stats()[reason] > before:
            return (number + 1) * 20
    raise AssertionError(f"{ROUNDS} tries, and no {reason}")


def family_test(ktap, lab, version):
    label = f"IPv{version}"
    one = Set(lab, version, "hmac-sha-1-96/aes-cbc").add()
    agent = Receiver(PCSCF[version], PORT_PS)
    wire = Sniffer("ue", "ue0")
    with inside("pcscf"):
        out = marks.bound(f"{PCSCF[version]},{PORTS_PC[0]}", socket.SOCK_DGRAM)
    marks.fragment(out)
    args = craft.arguments(["esp", "-", "--seq", "1", "--count", str(ROUNDS), "--size", "700"])
    packets = craft.esp(args, one.facts)
    with inside("ue"):
        link = craft.Link(one.facts)

    def receive():
        for part in craft.pieces(next(packets), 400):
            link.send(part)

    def send():
        marks.send(out, CANARY + bytes(3000), (UE[version], one["port_us"]), one.id)

    with ktap.test(f"{label}: no memory to put a packet in one piece: in-no-memory"):
        until(lab, "in-no-memory", receive)
    agent.heard()
    with ktap.test(f"{label}: no memory to add ESP: out-no-memory, and nothing in clear"):
        until(lab, "out-no-memory", send)
        leaked = [f for _, f in wire.frames() if CANARY in f]
        assert not leaked, f"{len(leaked)} frames in clear"
    with ktap.test(f"{label}: with memory both ways work again"):
        with lab.drops():
            one.esp(seq=ROUNDS + 1, size=700, fragments=400)
            agent.expect(one.id)
            wire.frames()
            send()
        # the neighbour may have to be asked again first
        wait_until("nothing left", lambda: any(f[14 + (9 if version == 4 else 6)] in (50, 44)
                                               for _, f in wire.frames("in")))
    link.close()
    for sock in (agent, wire, out):
        sock.close()
    one.delete()


def main():
    if not os.path.isdir(FAILSLAB):
        print("1..0 # SKIP no failslab here")
        return 4
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        family_test(ktap, lab, version)
        lab.withdraw(version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
