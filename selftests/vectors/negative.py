# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets with an expected verdict; each bad one has a good twin first.

`reason` is the drop reason of Documentation/netlink/specs/gmgate.yaml under
which the packet must be counted; files of other origin leave it out.
"""

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw, raw

import suites

ICMP, IPIP, TCP_NH, UDP_NH, IPV6, FRAGMENT, ESP, NONE, DSTOPTS = \
    1, 4, 6, 17, 41, 44, 50, 59, 60


class Bench:
    """One SA (uc to ps) and the ways to send something wrong through it."""

    def __init__(self, suite, rng, flow, version):
        self.suite, self.rng, self.version = suite, rng, version
        self.ck, self.ik = rng.randbytes(16), rng.randbytes(16)
        self.keys = suites.expand(suite, self.ck, self.ik)
        self.spi = flow.spis["uc-ps"]
        self.flow = flow
        self.src, self.sport, self.dst, self.dport = flow.ends("uc-ps", version)
        self.out = []

    def header(self, src=None):
        kind = IP if self.version == 4 else IPv6
        head = kind(src=src or self.src, dst=self.dst)
        if self.version == 4:
            head.id, head.proto = self.rng.randrange(65536), ESP
        else:
            head.nh = ESP
        return head

    def inner(self, size=40, transport=UDP, src=None, **fields):
        """A UDP datagram or TCP segment with good checksums, then what is asked."""
        fields = {"sport": self.sport, "dport": self.dport, **fields}
        kind = IP if self.version == 4 else IPv6
        whole = kind(src=src or self.src, dst=self.dst) / transport(**fields) / \
            Raw(self.rng.randbytes(size))
        return raw(kind(raw(whole)).payload)

    def esp(self, data, header=UDP_NH, padding=None, seq=7, spi=None):
        iv = self.rng.randbytes(self.suite.iv_len)
        plain = suites.trailer(self.suite, data, header, padding)
        return suites.seal_octets(self.suite, self.keys, spi or self.spi, seq, iv, plain)

    def add(self, name, esp, reason, why, src=None):
        packet = suites.wrap(self.header(src), esp)
        vector = {
            "name": f"{self.suite.name} v{self.version} {name}",
            "alg": self.suite.alg, "ealg": self.suite.ealg, "ck": self.ck.hex(),
            "ik": self.ik.hex(), "ck_esp": self.keys.ck_esp.hex(),
            "ik_esp": self.keys.ik_esp.hex(), "salt": self.keys.salt.hex(),
            "spi": self.spi, "icv_len": self.suite.icv_len, "sa": "uc-ps",
            "ip_version": self.version, "src": self.src, "dst": self.dst,
            "sport": self.sport, "dport": self.dport, "transport": "udp",
            "esp_packet": packet.hex(), "expect": "drop" if reason else "accept",
            "why": why}
        if reason:
            vector["reason"] = reason
        self.out.append(vector)


def flip(octets, where, bit=1):
    changed = bytearray(octets)
    changed[where] ^= bit
    return bytes(changed)


def integrity(bench):
    good = bench.esp(bench.inner())
    bench.add("good udp", good, None, "control: everything valid")
    bench.add("good tcp", bench.esp(bench.inner(transport=TCP), TCP_NH), None,
              "control: everything valid")
    for name, where in (("first", -bench.suite.icv_len), ("last", -1)):
        bench.add(f"{name} icv octet", flip(good, where), "in-icv", "one ICV bit inverted")
    bench.add("sequence number", flip(good, 7, 2), "in-icv", "covered by the ICV")
    if bench.suite.iv_len:
        bench.add("iv", flip(good, 8, 128), "in-icv", "covered by the ICV")
    bench.add("first body octet", flip(good, 8 + bench.suite.iv_len), "in-icv", "inverted bit")
    bench.add("last body octet", flip(good, -bench.suite.icv_len - 1), "in-icv", "inverted bit")
    other = suites.Keys(bench.keys.ck_esp and bench.rng.randbytes(len(bench.keys.ck_esp)),
                        bench.keys.ik_esp and bench.rng.randbytes(len(bench.keys.ik_esp)),
                        bench.keys.salt)
    mine, bench.keys = bench.keys, other
    stranger = bench.esp(bench.inner())
    bench.keys = mine
    bench.add("other keys", stranger, "in-icv", "sealed with keys of another UE")
    bench.add("zero icv", good[:-bench.suite.icv_len] + bytes(bench.suite.icv_len), "in-icv",
              "ICV all zero")
    bench.add("unknown spi", bench.esp(bench.inner(), spi=bench.spi ^ 0x10000), "in-unknown-spi",
              "no SA has this SPI")


def lengths(bench):
    suite = bench.suite
    good = bench.esp(bench.inner())
    shortest = 8 + suite.iv_len + suite.align + suite.icv_len
    for size in sorted({0, 1, 4, 7, 8, 9, 8 + suite.iv_len, 8 + suite.iv_len + suite.icv_len,
                        shortest - 1}):
        bench.add(f"{size} octets", good[:size], "in-length", "too short for this suite")
    if suite.align > 4:
        bench.add("four octets cut off", good[:-4], "in-length", "not a whole number of blocks")
    else:
        bench.add("four octets cut off", good[:-4], "in-icv", "ICV is not where it was")
    bench.add("one octet cut off", good[:-1], "in-length", "not a multiple of four")


def insides(bench):
    """Good ICV; what is inside contradicts itself or the SA."""
    fits = suites.trailer(bench.suite, bench.inner(), UDP_NH)[-2]
    bench.add("pad length 255", long_padding(bench), "in-padding",
              "pad length greater than the payload")
    wrong = bytes(range(0, fits)) if fits else bytes(range(2, bench.suite.align + 2))
    bench.add("padding from 0", bench.esp(bench.inner(), padding=wrong), "in-padding",
              "padding is not 1 2 3")
    more = bytes(range(1, fits + 4 * bench.suite.align + 1))
    bench.add("more padding than needed", bench.esp(bench.inner(), padding=more), None,
              "RFC 4303 2.4 allows up to 255 octets")
    for header in (0, ICMP, IPIP, IPV6, FRAGMENT, ESP, NONE, DSTOPTS, 132):
        bench.add(f"next header {header}", bench.esp(bench.inner(), header), "in-next-header",
                  "the selectors have UDP and TCP only")
    for size in (0, 1, 7):
        bench.add(f"udp of {size} octets", bench.esp(bench.inner()[:size]), "in-inner",
                  "truncated UDP header")
    bench.add("udp length too long", bench.esp(bench.inner(len=200)), "in-inner",
              "UDP length beyond the packet")
    bench.add("udp length 7", bench.esp(bench.inner(len=7)), "in-inner",
              "UDP length shorter than its header")
    for size in (0, 8, 19):
        bench.add(f"tcp of {size} octets", bench.esp(bench.inner(transport=TCP)[:size], TCP_NH),
                  "in-inner", "truncated TCP header")
    bench.add("tcp data offset 4", bench.esp(bench.inner(transport=TCP, dataofs=4), TCP_NH),
              "in-inner", "TCP header shorter than TCP headers are")
    bench.add("tcp data offset 15", bench.esp(bench.inner(4, transport=TCP, dataofs=15), TCP_NH),
              "in-inner", "TCP header longer than the segment")
    bench.add("sequence 0", bench.esp(bench.inner(), seq=0), "in-replay",
              "never sent with anti-replay on")


def long_padding(bench):
    """A trailer whose pad length points before the packet, under a good ICV."""
    data = bench.inner()
    count = -(len(data) + 2) % bench.suite.align
    plain = data + bytes(range(1, count + 1)) + bytes((255, UDP_NH))
    iv = bench.rng.randbytes(bench.suite.iv_len)
    return suites.seal_octets(bench.suite, bench.keys, bench.spi, 7, iv, plain)


def binding(bench):
    """TS 33.203 7.1: the SA is for one pair of addresses and one of ports."""
    ports = bench.flow.ports
    for name, change in (("destination port", {"dport": ports["ps"] ^ 1}),
                         ("source port", {"sport": ports["uc"] ^ 1}),
                         ("us to ps", {"sport": ports["us"]}),
                         ("uc to pc", {"dport": ports["pc"]}),
                         ("us to pc", {"sport": ports["us"], "dport": ports["pc"]}),
                         ("ports exchanged", {"sport": ports["ps"], "dport": ports["uc"]})):
        for transport, header in ((UDP, UDP_NH), (TCP, TCP_NH)):
            kind = "udp" if transport is UDP else "tcp"
            bench.add(f"{kind} {name}",
                      bench.esp(bench.inner(transport=transport, **change), header),
                      "in-binding", "outside the SA's port pair")
    other = "198.51.100.255" if bench.version == 4 else "2001:db8:7:1::ffff:1"
    bench.add("source address", bench.esp(bench.inner(src=other)), "in-address",
              "outer source is not the UE's", src=other)


def vectors(suite, rng, flow):
    out = []
    for version in (4, 6):
        bench = Bench(suite, rng, flow, version)
        for group in (integrity, lengths, insides, binding):
            group(bench)
        out += bench.out
    return out
