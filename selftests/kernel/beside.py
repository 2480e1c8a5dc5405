#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of beside.sh, which see."""

import socket
import sys
import time

import marks
import nft
from lab import (CANARY, PCSCF, PORTS_PC, PORT_PS, UE, Ktap, Lab, Receiver, Set, Sniffer,
                 inside, settle)
from nfqueue import NF_DROP, Queue

OPEN_PORT = 5060


def tracked():
    """The flows conntrack has, as lines; None where the kernel does not say."""
    try:
        with inside("pcscf"), open("/proc/thread-self/net/nf_conntrack", encoding="ascii") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return None


class Bench:
    def __init__(self, ktap, lab, version):
        self.ktap, self.lab, self.version = ktap, lab, version
        lab.endpoint(version)
        self.set = Set(lab, version).add()
        self.agent = Receiver(PCSCF[version], PORT_PS)
        self.open = Receiver(PCSCF[version], OPEN_PORT)
        self.ue = Receiver(UE[version], self.set["port_us"], "ue")
        with inside("pcscf"):
            self.out = marks.bound(f"{PCSCF[version]},{PORTS_PC[0]}", socket.SOCK_DGRAM)
        self.wire = Sniffer("ue", "ue0")

    def test(self, name):
        return self.ktap.test(f"IPv{self.version}: {name}")

    def send(self, count=1):
        for _ in range(count):
            marks.send(self.out, CANARY, (UE[self.version], self.set["port_us"]), self.set.id)

    def send_open(self):
        self.open.sock.sendto(b"open", (UE[self.version], self.set["port_us"]))

    def arrived(self):
        """(ESP packets, packets with our text in clear) that have come to the UE."""
        at = 14 + (9 if self.version == 4 else 6)
        frames = [f for _, f in self.wire.frames("in") if f[12:14] in (b"\x08\x00", b"\x86\xdd")]
        # the suite has no cipher, so ESP shows the text as well
        return sum(f[at] == 50 for f in frames), \
            sum(f[at] != 50 and CANARY in f for f in frames)

    def close(self):
        for sock in (self.agent, self.open, self.ue, self.out, self.wire):
            sock.close()
        self.lab.withdraw(self.version)


def conntrack(bench):
    one = bench.set
    with bench.test("conntrack: protected flows are untracked, others are tracked as ever"), \
            nft.rules(f"udp sport {PORTS_PC[0]} ct state untracked counter",
                      f"udp sport {PORTS_PC[0]} ct state != untracked counter",
                      f"udp sport {OPEN_PORT} ct state established counter",
                      "ct state invalid counter drop", hook="output"), \
            nft.rules(f"udp dport {OPEN_PORT} ct state new counter",
                      "ct state invalid counter drop", table="t2"):
        with bench.lab.drops():
            one.esp()
            bench.agent.expect(one.id)
            bench.send()
            one.clear(dport=OPEN_PORT, sport=one["port_us"])
            bench.open.expect()
            bench.send_open()
        assert bench.ue.expect()[0] == b"open"
        assert nft.hits() == [1, 0, 1, 0], str(nft.hits())
        assert nft.hits("t2") == [1, 0], str(nft.hits("t2"))
        flows = tracked()
        if flows is not None:
            assert any(f"dport={OPEN_PORT}" in flow for flow in flows), "open flow not tracked"
            ours = [flow for flow in flows for port in (PORT_PS, *PORTS_PC)
                    if f"port={port} " in flow]
            assert not ours, f"tracked: {ours[0]}"
        assert bench.arrived() == (1, 0)


def going_out(bench, queue, hook):
    one = bench.set

    def hold(count=3):
        bench.send(count)
        queue.wait(count)
        assert bench.arrived() == (0, 0), "it did not wait"

    with nft.rules(f"udp sport {{ 6100-6104, {OPEN_PORT} }} queue num 9", hook=hook):
        with bench.test(f"NFQUEUE in {hook}: accepted, they leave in ESP"):
            bench.arrived()
            hold()
            with bench.lab.drops():
                queue.accept()
                settle()
                have = bench.arrived()
                assert have == (3, 0), f"(ESP, clear text) that left: {have}"
        with bench.test(f"NFQUEUE in {hook}: dropped"):
            hold()
            with bench.lab.drops():
                queue.verdict(NF_DROP)
            assert bench.arrived() == (0, 0)
        with bench.test(f"NFQUEUE in {hook}: other packets wait and go as ever"):
            bench.send_open()
            queue.wait(1)
            bench.ue.silent()
            queue.accept()
            assert bench.ue.expect()[0] == b"open"
        with bench.test(f"NFQUEUE in {hook}: set deleted meanwhile, out-mark"):
            hold()
            one.delete()
            with bench.lab.drops({"out-mark": 3}, 0):
                queue.accept()
            assert bench.arrived() == (0, 0), "something left"
            one.add()
        for others, name in (((10 - bench.version,), "another is left"), ((), "it was the last")):
            with bench.test(f"NFQUEUE in {hook}: endpoint withdrawn meanwhile, {name}"):
                for other in others:
                    bench.lab.endpoint(other)
                hold()
                bench.lab.withdraw(bench.version)
                with bench.lab.drops():
                    queue.accept()
                    time.sleep(0.1)
                assert bench.arrived() == (0, 0), "something left"
                bench.lab.endpoint(bench.version)
                for other in others:
                    bench.lab.withdraw(other)
                one.add()


def coming_in(bench, queue):
    one = bench.set
    with nft.rules(f"meta l4proto esp queue num 9\nudp dport {OPEN_PORT} queue num 9"):
        with bench.test("NFQUEUE in input holds ESP: accepted, it is opened and delivered"):
            one.esp()
            one.esp("us-pc")
            one.clear(dport=OPEN_PORT)
            queue.wait(3)
            bench.agent.silent()
            bench.open.silent()
            with bench.lab.drops():
                queue.accept()
                bench.agent.expect(one.id)
            bench.open.expect()
        with bench.test("NFQUEUE in input holds ESP: set deleted meanwhile, in-unknown-spi"):
            one.esp()
            queue.wait(1)
            one.delete()
            with bench.lab.drops({"in-unknown-spi": 1}, 0):
                queue.accept()
            bench.agent.silent()
            one.add()
        with bench.test("NFQUEUE in input does not see clear text for a protected port"):
            with bench.lab.drops({"clear-in": 1}, 0):
                one.clear()


def main():
    ktap, lab = Ktap(), Lab()
    why = nft.possible()
    if why:
        print(f"1..0 # SKIP no nftables here: {why}")
        return 4
    queue = Queue(9)
    for version in (4, 6):
        bench = Bench(ktap, lab, version)
        conntrack(bench)
        for hook in ("output", "postrouting"):
            going_out(bench, queue, hook)
        coming_in(bench, queue)
        bench.close()
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
