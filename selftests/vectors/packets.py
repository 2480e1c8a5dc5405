# SPDX-License-Identifier: GPL-2.0-or-later
"""The plain packets that go into the vectors, one case each."""

from dataclasses import dataclass, field

from scapy.layers.inet import (IP, TCP, UDP, IPOption_NOP,
                               IPOption_Router_Alert)
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop,
                                PadN, RouterAlert)
from scapy.packet import Raw, raw

# sa: (from the UE, port name of the source, port name of the destination)
SAS = {"uc-ps": (True, "uc", "ps"), "ps-uc": (False, "ps", "uc"),
       "pc-us": (False, "pc", "us"), "us-pc": (True, "us", "pc")}


@dataclass
class Flow:
    """Addresses by IP version (UE, P-CSCF), ports and SPIs of one SA set."""

    addr: dict
    ports: dict
    spis: dict

    def ends(self, sa, version):
        """(source, source port, destination, destination port)"""
        from_ue, sport, dport = SAS[sa]
        ue, pcscf = self.addr[version]
        source, destination = (ue, pcscf) if from_ue else (pcscf, ue)
        return source, self.ports[sport], destination, self.ports[dport]


@dataclass
class Case:
    name: str
    packet: bytes
    sa: str
    spi: int
    seq: int
    iv: bytes = None
    facts: dict = field(default_factory=dict)


class Maker:
    """Turns short descriptions into cases; numbers them as a sender would."""

    def __init__(self, rng, flow):
        self.rng, self.flow, self.next_seq = rng, flow, 1

    def make(self, name, sa="uc-ps", version=4, transport="udp", size=0, *,
             ip=None, ext=None, l4=None, data=None, seq=None, spi=None, iv=None):
        source, sport, destination, dport = self.flow.ends(sa, version)
        sport, dport = (l4 or {}).get("sport", sport), (l4 or {}).get("dport", dport)
        payload = self.rng.randbytes(size) if data is None else data
        if version == 4:
            fields = {"id": self.rng.randrange(65536), "ttl": 64, **(ip or {})}
            head = IP(src=source, dst=destination, **fields)
        else:
            head = IPv6(src=source, dst=destination, **{"hlim": 64, **(ip or {})})
        if ext is not None:
            head = head / ext
        fields = {**(l4 or {}), "sport": sport, "dport": dport}
        if transport == "tcp":
            fields = {"seq": self.rng.randrange(1 << 32), "ack": self.rng.randrange(1 << 32),
                      "flags": "PA" if payload else "A", **fields}
            head = head / TCP(**fields)
        else:
            head = head / UDP(**fields)
        number, self.next_seq = (self.next_seq, self.next_seq + 1) if seq is None \
            else (seq, self.next_seq)
        return Case(name, raw(head / Raw(payload)), sa, spi or self.flow.spis[sa], number, iv,
                    {"ip_version": version, "transport": transport, "src": source,
                     "sport": sport, "dst": destination, "dport": dport,
                     "payload_len": len(payload)})


TCP_OPTIONS = [("MSS", 1220), ("SAckOK", b""), ("Timestamp", (1, 2)), ("NOP", None),
               ("WScale", 7)]


def padding_cases(make):
    """Every remainder of the longest block, so every padding there is."""
    for size in range(17):
        yield make(f"v4-udp-{size}-octets", size=size)
    for size in range(100, 116):
        yield make(f"v6-tcp-{size}-octets", "us-pc", 6, "tcp", size)


def size_cases(make):
    for size in (600, 1300, 1444, 1472, 4000, 9000, 30000):
        yield make(f"v4-udp-{size}-octets", "pc-us", size=size)
        yield make(f"v6-udp-{size}-octets", "pc-us", 6, size=size)
        yield make(f"v4-tcp-{size}-octets", "ps-uc", 4, "tcp", size)
        yield make(f"v6-tcp-{size}-octets", "uc-ps", 6, "tcp", size)
    yield make("v4-udp-zeros", data=bytes(256))
    yield make("v4-udp-ones", data=b"\xff" * 256)


def ip_cases(make):
    """What of the IP header must come through unchanged."""
    yield make("v4-dont-fragment-id-0", ip={"flags": "DF", "id": 0}, size=40)
    yield make("v4-id-ffff", ip={"id": 0xffff}, size=40)
    yield make("v4-ttl-1", ip={"ttl": 1}, size=40)
    yield make("v4-ttl-255", ip={"ttl": 255}, size=40)
    yield make("v4-dscp-ef-ce", ip={"tos": 0xbb}, size=40)
    yield make("v4-option-nop", ip={"options": [IPOption_NOP()] * 4}, size=40)
    yield make("v4-option-router-alert", ip={"options": [IPOption_Router_Alert()]}, size=41)
    yield make("v4-options-40-octets", "pc-us", ip={"options": [IPOption_NOP()] * 40}, size=42)
    yield make("v6-hop-limit-1", version=6, ip={"hlim": 1}, size=40)
    yield make("v6-traffic-class-flow-label", version=6, ip={"tc": 0xff, "fl": 0xfffff}, size=40)
    yield make("v6-hop-by-hop", version=6, size=40,
               ext=IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b"")]))
    yield make("v6-hop-by-hop-tcp", "ps-uc", 6, "tcp", 33,
               ext=IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(12))]))
    yield make("v6-destination-options-first", version=6, size=40,
               ext=IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(4))]) /
               IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))]))


def transport_cases(make):
    yield make("v4-udp-no-checksum", l4={"chksum": 0}, size=50)
    yield make("v4-tcp-syn-options", transport="tcp", l4={"flags": "S", "ack": 0,
                                                           "options": TCP_OPTIONS})
    yield make("v6-tcp-syn-ack-options", "ps-uc", 6, "tcp",
               l4={"flags": "SA", "options": TCP_OPTIONS})
    yield make("v4-tcp-fin", "us-pc", 4, "tcp", 5, l4={"flags": "FA"})
    yield make("v4-tcp-rst", "pc-us", 4, "tcp", l4={"flags": "R", "ack": 0, "window": 0})
    yield make("v6-tcp-urgent", "uc-ps", 6, "tcp", 9, l4={"flags": "UPA", "urgptr": 3})
    yield make("v4-tcp-ece-cwr", "ps-uc", 4, "tcp", 77, l4={"flags": "ECPA"})


def number_cases(make):
    """Edges of the 32-bit numbers, and initialisation vectors a bug may like."""
    for seq in (2, 255, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff):
        yield make(f"v4-seq-{seq:#x}", "uc-ps", seq=seq, size=20)
        yield make(f"v6-seq-{seq:#x}", "pc-us", 6, seq=seq, size=20)
    for spi in (0x100, 0x7fffffff, 0x80000000, 0xffffffff):
        yield make(f"v4-spi-{spi:#x}", spi=spi, size=21)
        yield make(f"v6-spi-{spi:#x}", "ps-uc", 6, "tcp", spi=spi, size=22)
    yield make("v4-iv-zeros", iv=bytes(16), size=64)
    yield make("v4-iv-ones", iv=b"\xff" * 16, size=64)
    yield make("v4-ports-1-65535", l4={"sport": 1, "dport": 65535}, size=30)
    yield make("v6-ports-65535-1", "us-pc", 6, "tcp", l4={"sport": 65535, "dport": 1}, size=30)


def cases(rng, flow):
    """Every good packet of a suite."""
    make = Maker(rng, flow).make
    for group in (padding_cases, size_cases, ip_cases, transport_cases, number_cases):
        yield from group(make)
