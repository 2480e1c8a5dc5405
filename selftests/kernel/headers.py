#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of headers.sh, which see."""

import random
import socket
import struct
import sys

import craft
import marks
import suites
from lab import (CANARY, PCSCF, PORT_PS, UE, Ktap, Lab, Receiver, Set, Sniffer, carries_data,
                 errno_of, inside, ip_facts, ue_flush)
from scapy.layers.inet import IP, UDP, IPOption
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, PadN, RouterAlert)
from scapy.packet import Raw, raw

HOPOPTS, RTHDR, DSTOPTS = 54, 57, 59        # IPV6_*
PAD = bytes((0, 0, 1, 4, 0, 0, 0, 0))       # PadN; the first octet is the kernel's
ESP, UDP_PROTO, DEST, FRAGMENT = 50, 17, 60, 44
MTU_DISCOVER = {4: (socket.IPPROTO_IP, 10), 6: (socket.IPPROTO_IPV6, 23)}


class Bench:
    def __init__(self, ktap, lab, version, suite="hmac-sha-1-96/null"):
        self.ktap, self.lab, self.version = ktap, lab, version
        self.set = Set(lab, version, suite).add().ue_up()
        self.to = UE[version], self.set["port_uc"]
        self.pcscf = Receiver(PCSCF[version], PORT_PS)
        self.ue = Receiver(UE[version], self.set["port_uc"], ns="ue")
        self.wire = Sniffer("pcscf", "gm0")
        self.label = f"IPv{version} {suite}"

    def test(self, name):
        return self.ktap.test(f"{self.label}: {name}")

    def sealed(self, size=60, inner=None, next_header=UDP_PROTO):
        """ESP from the SPI on, of a datagram to port_ps or of other octets."""
        one = self.set
        one.seq["uc-ps"] += 1
        if inner is None:
            layer = IP if self.version == 4 else IPv6
            whole = layer(src=one["ue"], dst=one["pcscf"]) / UDP(
                sport=one["port_uc"], dport=PORT_PS) / Raw(CANARY + bytes(size))
            inner = raw(layer(raw(whole)).payload)
        return suites.seal_octets(one.suite, one.keys, one["spi_ps"], one.seq["uc-ps"],
                                  random.randbytes(one.suite.iv_len),
                                  suites.trailer(one.suite, inner, next_header))

    def head(self, proto=ESP, **fields):
        """An IP header from the UE, and the word for what follows it."""
        if self.version == 4:
            return IP(src=self.set["ue"], dst=self.set["pcscf"], proto=proto,
                      id=random.randrange(1, 65536), **fields)
        return IPv6(src=self.set["ue"], dst=self.set["pcscf"], nh=proto, **fields)

    def shoot(self, *packets):
        with inside("ue"):
            link = craft.Link(self.set.facts)
            for packet in packets:
                link.send(packet if isinstance(packet, bytes) else raw(packet))
            link.close()

    def arrives(self, name, *packets):
        with self.test(f"{name}: arrives"):
            with self.lab.drops():
                self.shoot(*packets)
            self.pcscf.expect(self.set.id)

    def lost(self, name, *packets, drops=None):
        with self.test(f"{name}: nothing arrives"):
            with self.lab.drops(drops or {}):
                self.shoot(*packets)
            self.pcscf.silent()

    def esp_frames(self):
        """IP packets that left since the last call; each must be ESP."""
        out = [frame[14:] for _, frame in self.wire.frames("out") if carries_data(frame)]
        for packet in out:
            version, proto, _, _ = ip_facts(packet)
            at = 40
            while version == 6 and proto in (0, 43, 44, 60):
                proto, at = packet[at], at + (8 if proto == FRAGMENT else packet[at + 1] * 8 + 8)
            assert proto == ESP, f"protocol {proto} left: {packet.hex()}"
        return out

    def socket(self, *options):
        with inside("pcscf"):
            sock = marks.bound(f"{PCSCF[self.version]},{PORT_PS}", socket.SOCK_DGRAM)
        for level, name, value in options:
            sock.setsockopt(level, name, value)
        return sock

    def leaves(self, name, *options, size=100, count=1):
        """Datagrams of a socket with these options reach the UE; gives the packets."""
        with self.test(f"{name}: arrives in ESP"):
            self.esp_frames()
            sock = self.socket(*options)
            with self.lab.drops():
                for _ in range(count):
                    sock.sendto(CANARY + bytes(size), self.to)
            heard = self.ue.heard()
            sock.close()
            packets = self.esp_frames()
            assert len(heard) == count, f"{len(heard)} of {count} came"
            return packets
        return []

    def refused(self, name, *options, reason="out-unparsable", want="EPERM"):
        with self.test(f"{name}: {reason}, nothing leaves"):
            self.esp_frames()
            sock = self.socket(*options)
            with self.lab.drops({reason: 1}):
                have = errno_of(lambda: sock.sendto(CANARY, self.to))
            sock.close()
            assert have == want, f"{have}, wants {want}"
            left = self.esp_frames()
            assert not left, f"something left: {left[0].hex()}"

    def close(self):
        ue_flush()
        self.set.delete()
        for each in (self.pcscf, self.ue, self.wire):
            each.close()


def in6(bench):
    padding = [PadN(optdata=bytes(4))]
    hop = IPv6ExtHdrHopByHop(nh=ESP, options=[RouterAlert(), PadN(optdata=b"")])
    bench.arrives("hop-by-hop options", bench.head(0) / hop / Raw(bench.sealed()))
    bench.arrives("destination options", bench.head(DEST) / IPv6ExtHdrDestOpt(
        nh=ESP, options=padding) / Raw(bench.sealed()))
    bench.arrives("routing header at its end", bench.head(43) / IPv6ExtHdrRouting(
        nh=ESP, type=0, segleft=0, addresses=[]) / Raw(bench.sealed()))
    bench.arrives("all of them", bench.head(0) / IPv6ExtHdrHopByHop(
        nh=DEST, options=padding) / IPv6ExtHdrDestOpt(nh=43, options=padding) /
        IPv6ExtHdrRouting(nh=ESP, type=0, segleft=0, addresses=[]) / Raw(bench.sealed()))
    bench.arrives("a fragment header of one fragment", bench.head(FRAGMENT) /
                  IPv6ExtHdrFragment(nh=ESP, id=9) / Raw(bench.sealed()))
    bench.lost("routing header with a way to go", bench.head(43) / IPv6ExtHdrRouting(
        nh=ESP, type=0, segleft=1, addresses=["2001:db8:45::4"]) / Raw(bench.sealed()))
    inner = bytes((UDP_PROTO, 0, 1, 4, 0, 0, 0, 0)) + bytes(40)
    bench.lost("destination options inside ESP", bench.head() / Raw(
        bench.sealed(inner=inner, next_header=DEST)), drops={"in-next-header": 1})
    inner = bytes((UDP_PROTO, 0, 0, 1, 0, 0, 0, 7)) + bytes(40)
    bench.lost("a fragment inside ESP", bench.head() / Raw(
        bench.sealed(inner=inner, next_header=FRAGMENT)), drops={"in-next-header": 1})


def in4(bench):
    for name, option in (("no-operation", b"\1\1\1\1"), ("router alert", b"\x94\4\0\0"),
                         ("record route", b"\7\7\4\0\0\0\0\0")):
        bench.arrives(f"option {name}", bench.head(options=[IPOption(option)]) /
                      Raw(bench.sealed()))


def pieces(bench, size, at):
    return craft.pieces(raw(bench.head() / Raw(bench.sealed(size))), at)


def overlapping(bench, parts):
    """The second fragment again, 8 octets early and with other octets."""
    whole = suites.dissect(parts[1])
    if bench.version == 4:
        whole.frag -= 1
        del whole.len, whole.chksum
    else:
        whole[IPv6ExtHdrFragment].offset -= 1
        del whole.plen
    return [parts[0], raw(whole / Raw(bytes(8))), *parts[1:]]


def fragments_in(bench):
    parts = pieces(bench, 3000, 800)
    bench.arrives("fragments in order", *parts)
    parts = pieces(bench, 3000, 800)
    bench.arrives("last first", *parts[::-1])
    parts = pieces(bench, 3000, 800)
    bench.arrives("in any order", *random.sample(parts, len(parts)))
    parts = pieces(bench, 3000, 800)
    bench.arrives("the first twice, then the others", parts[0], *parts)
    one, two = pieces(bench, 3000, 800), pieces(bench, 3000, 800)
    with bench.test("two packets, their fragments in turn: both arrive"):
        with bench.lab.drops():
            bench.shoot(*(part for both in zip(one, two) for part in both))
        assert len(bench.pcscf.heard()) == 2
    bench.lost("one is missing", *pieces(bench, 3000, 800)[:-1])
    bench.lost("overlapping", *overlapping(bench, pieces(bench, 3000, 800)))
    bench.arrives("fragments of tiny size", *pieces(bench, 300, 16))
    bench.arrives("and the good one after them all", *pieces(bench, 3000, 800))


def fragments_out(bench):
    """What is longer than the link leaves as fragments that can be told apart."""
    level, discover = MTU_DISCOVER[bench.version]
    seen = []
    for name, value in (("none", 0), ("want", 1), ("do", 2), ("probe", 3)):
        most = 1500 - (28 if bench.version == 4 else 48) - len(CANARY)
        packets = bench.leaves(f"MTU discovery {name}, as long as the link in clear",
                               (level, discover, value), size=most, count=3)
        with bench.test(f"MTU discovery {name}: six fragments, DF off, three IDs"):
            assert len(packets) == 6, f"{len(packets)} packets"
            if bench.version == 4:
                idents = [struct.unpack_from("!H", packet, 4)[0] for packet in packets]
                flags = [packet[6] & 0x40 for packet in packets]
                assert not any(flags), "DF is set"
            else:
                assert all(packet[6] == FRAGMENT for packet in packets)
                idents = [struct.unpack_from("!I", packet, 44)[0] for packet in packets]
            assert all(idents), "an ID is 0"
            assert idents[::2] == idents[1::2], f"IDs {idents}"
            seen += idents[::2]
    with bench.test("no ID was used twice"):
        assert len(set(seen)) == len(seen) == 12, f"IDs {seen}"
    bench.leaves("a datagram that the stack would have fragmented itself",
                 (level, discover, 0), size=8000)
    with bench.test("MTU discovery do, longer than the link: EMSGSIZE, nothing leaves"):
        sock = bench.socket((level, discover, 2))
        bench.esp_frames()
        have = errno_of(lambda: sock.sendto(bytes(1500), bench.to))
        sock.close()
        assert have == "EMSGSIZE" and not bench.esp_frames(), have
    if bench.version == 6:
        bench.leaves("IPV6_DONTFRAG, as long as the link in clear",
                     (socket.IPPROTO_IPV6, 62, 1), size=1452 - len(CANARY))


def out6(bench):
    level = socket.IPPROTO_IPV6
    for name, options, chain in (
            ("hop-by-hop options", [HOPOPTS], [0, ESP]),
            ("destination options", [DSTOPTS], [DEST, ESP]),
            ("both", [HOPOPTS, DSTOPTS], [0, DEST, ESP])):
        for size in (100, 3000):
            packets = bench.leaves(f"{name}, {size} octets",
                                   *((level, option, PAD) for option in options), size=size)
            with bench.test(f"{name}, {size} octets: ESP is behind them"):
                have, at = [packets[0][6]], 40
                while have[-1] != ESP:
                    if have[-1] != FRAGMENT:
                        have.append(packets[0][at])
                        at += packets[0][at + 1] * 8 + 8
                    else:
                        have[-1] = packets[0][at]
                        at += 8
                assert have == chain, f"headers {have}"
    # type 4 (RFC 8754), one segment to be visited before the UE
    hop = socket.inet_pton(socket.AF_INET6, "2001:db8:45::4")
    way = bytes((0, 4, 4, 1, 1, 0, 0, 0)) + bytes(16) + hop
    bench.refused("a routing header", (level, RTHDR, way))


def out4(bench):
    level = socket.IPPROTO_IP
    bench.leaves("options: no-operation", (level, socket.IP_OPTIONS, b"\1\1\1\1"))
    bench.leaves("options: record route", (level, socket.IP_OPTIONS, b"\7\7\4\0\0\0\0\0"))
    bench.leaves("options and fragments", (level, socket.IP_OPTIONS, b"\1\1\1\1"), size=3000)
    hop = socket.inet_aton(UE[4])
    for name, kind in (("loose", 131), ("strict", 137)):
        bench.refused(f"{name} source route", (level, socket.IP_OPTIONS, bytes(
            (1, kind, 11, 4)) + hop + socket.inet_aton("10.45.0.4")))


def made_by_hand(bench):
    """A raw socket writes a first fragment itself."""
    version = bench.version
    datagram = UDP(sport=PORT_PS, dport=bench.to[1], len=200, chksum=1) / Raw(CANARY)
    if version == 4:
        packet = raw(IP(src=PCSCF[4], dst=UE[4], proto=17, id=5, flags="MF") / datagram)
    else:
        packet = raw(IPv6(src=PCSCF[6], dst=UE[6], nh=44) /
                     IPv6ExtHdrFragment(nh=17, m=1, id=5) / datagram)
    with inside("pcscf"):
        sock = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6,
                             socket.SOCK_RAW, socket.IPPROTO_RAW)
    with bench.test("a first fragment by hand: out-unparsable, nothing leaves"):
        bench.esp_frames()
        with bench.lab.drops({"out-unparsable": 1}):
            errno_of(lambda: sock.sendto(packet, (UE[version], 0)))
        assert not bench.esp_frames(), "something left"
    sock.close()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
    bench = Bench(ktap, lab, 6)
    in6(bench)
    out6(bench)
    bench.close()
    bench = Bench(ktap, lab, 4)
    in4(bench)
    out4(bench)
    bench.close()
    for version in (4, 6):
        for suite in ("hmac-sha-1-96/null", "hmac-sha-1-96/aes-cbc"):
            bench = Bench(ktap, lab, version, suite)
            fragments_in(bench)
            fragments_out(bench)
            made_by_hand(bench)
            bench.close()
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
