#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of path.sh, which see."""

import socket
import sys

import craft
import marks
from lab import (NO_WHOLE_ESP, PCSCF, PORT_PS, UE2, Ends, Ktap, Lab, Receiver, Set, Sniffer,
                 errno_of, inside, ip_facts, run, settle, ue_flush)

FAR = {4: "10.46.0.3", 6: "2001:db9:46::3"}
NARROW = 1400
SUITES = ("hmac-sha-1-96/null", "hmac-sha-1-96/aes-cbc", "null/aes-gcm")
# (level, IP_MTU_DISCOVER, IP_MTU, IPV6_DONTFRAG)
OPTIONS = {4: (socket.IPPROTO_IP, 10, 14, None), 6: (socket.IPPROTO_IPV6, 23, 24, 62)}
DISCOVER = {"dont": 0, "want": 1, "do": 2, "probe": 3}
ROOM = 53               # what the largest suite adds


def head(version):
    return 20 if version == 4 else 40


class Path:
    """One set of the far UE, the wire and the counters."""

    def __init__(self, ktap, lab, version, suite):
        self.ktap, self.lab, self.version, self.suite = ktap, lab, version, suite
        self.set = Set(lab, version, suite, ue=FAR[version]).add().ue_up("far")

    def test(self, name):
        return self.ktap.test(f"IPv{self.version} {self.suite}: {name}")

    def learned(self, before):
        return self.lab.moved(before, drops_only=False).get("pmtu-learned", 0)

    def forget(self):
        run("pcscf", "ip", f"-{self.version}", "route", "flush", "cache")
        run("far", "ip", f"-{self.version}", "route", "flush", "cache")

    def close(self):
        self.forget()
        ue_flush("far")
        self.set.delete()


def route_mtu(version, to):
    """The MTU that was learned, or None."""
    words = run("pcscf", "ip", f"-{version}", "route", "get", to).split()
    return int(words[words.index("mtu") + 1]) if "mtu" in words else None


def fragments(odd):
    return [frame for _, frame in odd.frames()
            if frame[12:14] == b"\x08\x00" or ip_facts(frame[14:])[1] == 44]


def datagrams(path):
    """The first that is too long is lost and teaches; the next arrives."""
    version, one = path.version, path.set
    level, discover, _, dontfrag = OPTIONS[version]
    far = Receiver(FAR[version], one["port_uc"], ns="far")
    to = (FAR[version], one["port_uc"])
    size = NARROW - head(version) - 8       # in clear it would just fit
    for name, value in DISCOVER.items():
        path.forget()
        with inside("pcscf"):
            sock = marks.bound(f"{PCSCF[version]},{PORT_PS}", socket.SOCK_DGRAM)
        sock.setsockopt(level, discover, value)
        if dontfrag and name == "do":
            sock.setsockopt(level, dontfrag, 1)
        with path.test(f"{size} octets, MTU discovery {name}: learned, then all arrive"):
            before = path.lab.stats()
            sock.sendto(bytes(size), to)
            heard = len(far.heard())
            # IPv4 without DF is fragmented on its way: nothing to learn
            if version == 4 and name == "dont":
                assert (heard, path.learned(before)) == (1, 0), f"{heard} came"
            else:
                assert heard == 0, "the first one cannot have fitted"
                assert path.learned(before) == 1, "pmtu-learned did not move"
                assert route_mtu(version, to[0]) == NARROW, route_mtu(version, to[0])
            for _ in range(3):
                sock.sendto(bytes(size), to)
            heard = far.heard()
            assert [len(data) for data, _, _ in heard] == [size] * 3, f"{len(heard)} of 3 came"
            assert not path.lab.moved(before), f"drops moved {path.lab.moved(before)}"
        if name == "do":
            with path.test("longer than the path: the sender that asked is told"):
                have = errno_of(lambda: sock.sendto(bytes(size + 1), to))
                assert have == "EMSGSIZE", have
                assert not far.heard()
        sock.close()
    far.close()


# Field note 34: nor where the path is narrower.
def transfer_through(path, opener):
    """TCP finds the path's MTU, is intact, and then has no fragments any more."""
    path.forget()
    _, _, mtu, _ = OPTIONS[path.version]
    before = path.lab.stats()
    with path.test(f"TCP opened by the {opener}: intact, no fragments once it knows"):
        ends = Ends(path.set, opener, host="far")
        ends.both_ways(300_000)
        odd = Sniffer("ue", "ue0", NO_WHOLE_ESP)
        ends.both_ways(500_000)
        left = fragments(odd)
        have = ends.pcscf.getsockopt(OPTIONS[path.version][0], mtu)
        mss = ends.pcscf.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        odd.close()
        ends.close()
        assert not left, f"{len(left)} fragments"
        assert have == NARROW, f"the socket's MTU is {have}"
        assert mss + 32 + head(path.version) + ROOM <= NARROW, f"its MSS is {mss}"
        assert mss + 32 + head(path.version) + 2 * ROOM > NARROW, f"its MSS is {mss}: too small"
        assert path.learned(before) >= 1, "pmtu-learned did not move"


def forged(ktap, lab, version):
    """Errors that are not about what we sent, or make no sense, teach nothing."""
    one, other = Set(lab, version).add(), Set(lab, version, ue=UE2[version]).add()
    with inside("pcscf"):
        sock = marks.bound(f"{PCSCF[version]},{PORT_PS}", socket.SOCK_DGRAM)
    least = 552 if version == 4 else 1280
    for _ in range(3):
        marks.send(sock, bytes(100), (one["ue"], one["port_uc"]), one.id)
    good = {"quote": "esp", "quote_sa": "ps-uc", "seq": 3, "size": 1390, "mtu": 1300}
    v4 = version == 4

    def told(name, learned, source=one, **changes):
        with ktap.test(f"IPv{version}: {name}: {'learned' if learned else 'nothing learned'}"):
            before = lab.stats()
            source.icmp(**{**good, **changes})
            settle()
            moved = lab.moved(before, drops_only=False).get("pmtu-learned", 0)
            have = route_mtu(version, one["ue"]), route_mtu(version, other["ue"])
            want = (changes.get("mtu", 1300) if learned else None, None)
            assert (moved, have) == (int(learned), want), f"moved {moved}, MTUs {have}"
        run("pcscf", "ip", f"-{version}", "route", "flush", "cache")

    told("an SPI of no SA", False, spi=0x77777777)
    told("the SPI of another UE", False, spi=other["spi_uc"])
    told("another UE's SA, which has sent nothing", False, source=other)
    told("the SPI of an inbound SA", False, spi=one["spi_ps"])
    told("the other SA, which has sent nothing", False, quote_sa="pc-us")
    told("the number 0", False, seq=0)
    told("a number not used yet", False, seq=4)
    told("a number far away", False, seq=0x80000000)
    told("an MTU that no link has", False, mtu=least - 1)
    told("an MTU of 1", False, mtu=1)
    told("an MTU that the quoted packet fits", False, size=100, mtu=1300)
    told("no error about size", False, mtu=None)
    told("clear text quoted", False, quote="clear")
    told("a good one", True)
    told("a good one from a router", True, src="192.0.2.77" if v4 else "2001:db8:77::1")
    told("the oldest number that counts", True, seq=1)
    told("the least MTU", True, mtu=least)
    one.delete()
    told("the set is gone", False)
    other.delete()
    sock.close()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        for suite in SUITES:
            path = Path(ktap, lab, version, suite)
            if suite == SUITES[0]:
                datagrams(path)
            for opener in ("ue", "pcscf"):
                transfer_through(path, opener)
            path.close()
        forged(ktap, lab, version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
