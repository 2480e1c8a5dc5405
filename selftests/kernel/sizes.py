#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The datagrams of sizes.sh, which see."""

import hashlib
import socket
import sys

import marks
from lab import (PATIENCE, PCSCF, PORT_PS, UE, Ktap, Lab, Set, Sniffer, carries_data, errno_of,
                 inside, suites, ue_flush)

SO_RCVBUFFORCE = 33
MTU, IP_MAX, UDP_HEAD = 1500, 65535, 8


def octets(size):
    return hashlib.shake_128(str(size).encode()).digest(size)


def largest(suite, room):
    """The largest datagram whose ESP takes no more than the room behind the IP header."""
    text = (room - 8 - suite.iv_len - suite.icv_len) // suite.align * suite.align
    return text - 2 - UDP_HEAD


def open_socket(host, where):
    with inside(host):
        sock = marks.bound(where, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20)
    marks.fragment(sock)
    sock.settimeout(PATIENCE)
    return sock


class Bench:
    def __init__(self, ktap, lab, version, suite):
        self.ktap, self.lab, self.version, self.suite = ktap, lab, version, suite
        self.set = Set(lab, version, suite.name).add().ue_up()
        self.head = 20 if version == 4 else 40
        self.ue_at = UE[version], self.set["port_uc"]
        self.pcscf_at = PCSCF[version], PORT_PS
        self.ue = open_socket("ue", "{},{}".format(*self.ue_at))
        self.pcscf = open_socket("pcscf", "{},{}".format(*self.pcscf_at))

    def test(self, name):
        return self.ktap.test(f"IPv{self.version} {self.suite.name}: {name}")

    def over(self, size, way):
        """One datagram, there unchanged."""
        sender, receiver, to = {"in": (self.ue, self.pcscf, self.pcscf_at),
                                "out": (self.pcscf, self.ue, self.ue_at)}[way]
        sender.sendto(octets(size), to)
        try:
            data = receiver.recv(IP_MAX)
        except TimeoutError:
            raise AssertionError(f"{size} octets {way}: nothing came") from None
        assert data == octets(size), f"{size} octets {way}: {len(data)} other octets came"

    def all_over(self, name, sizes):
        for way in ("in", "out"):
            with self.test(f"{name}, {way}"):
                before = self.lab.stats()
                for size in sizes:
                    self.over(size, way)
                moved = self.lab.moved(before, drops_only=False)
                assert moved[f"{way}-packets"] == len(sizes), f"counters moved {moved}"
                assert not self.lab.moved(before), f"drops moved {self.lab.moved(before)}"

    def edges(self):
        """Around each length that takes one more fragment, in clear and in ESP."""
        step = (MTU - self.head - (8 if self.version == 6 else 0)) // 8 * 8
        out = set()
        for room in (MTU - self.head, 2 * step, 3 * step, 20 * step):
            for edge in (largest(self.suite, room), room - UDP_HEAD):
                out.update(range(edge - 2, edge + 3))
        return sorted(out)

    def most(self):
        return largest(self.suite, IP_MAX - (self.head if self.version == 4 else 0))

    def refused(self):
        wire = Sniffer("pcscf", "gm0")
        for size in (self.most() + 1, self.most() + 7):
            with self.test(f"{size} octets: EMSGSIZE, out-too-big, nothing leaves"):
                with self.lab.drops({"out-too-big": 1}):
                    have = errno_of(lambda: self.pcscf.sendto(octets(size), self.ue_at))
                assert have == "EMSGSIZE", have
                left = [frame for _, frame in wire.frames("out") if carries_data(frame)]
                assert not left, "something left"
        wire.close()
        with self.test("they took no number"):
            self.over(100, "out")

    def close(self):
        ue_flush()
        self.set.delete()
        self.ue.close()
        self.pcscf.close()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        for suite in suites.SUITES:
            bench = Bench(ktap, lab, version, suite)
            bench.all_over("1 to 300 octets one by one", range(1, 301))
            bench.all_over("around every further fragment", bench.edges())
            bench.all_over(f"up to {bench.most()} octets, the most there is",
                           (30000, 60000, bench.most() - 1, bench.most()))
            bench.refused()
            bench.close()
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
