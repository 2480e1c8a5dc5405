#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send one packet of any make on the UE's link, below its own IPsec.

    craft.py esp SET [...]     ESP on a SA of the set, sealed by scapy, then bent
    craft.py clear SET [...]   clear text
    craft.py icmp SET [...]    an ICMP error that quotes a packet of the P-CSCF
    craft.py serve             reads such argument lines, says "sent" after each

SET is the JSON file that sets.sh writes for each set it installs.  What became
of a packet the test reads from counters, captures and receivers.
"""

import argparse
import json
import pathlib
import random
import shlex
import socket
import sys
import warnings

warnings.filterwarnings("ignore")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vectors"))

import suites                                                           # noqa: E402
from packets import SAS                                                 # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP, fragment              # noqa: E402
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6PacketTooBig,  # noqa: E402
                                IPv6, IPv6ExtHdrDestOpt,
                                IPv6ExtHdrFragment, IPv6ExtHdrRouting, PadN)
from scapy.packet import Raw, raw                                       # noqa: E402

TRANSPORTS = {"udp": (UDP, 17), "tcp": (TCP, 6)}


def number(text):
    return int(text, 0)


class Link:
    """The wire between UE and P-CSCF, by octets."""

    def __init__(self, facts):
        self.v6 = ":" in facts["ue"]
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.sock.bind((facts["dev"], 0))
        self.head = bytes.fromhex(facts["mac"].replace(":", "")) + \
            self.sock.getsockname()[4] + (b"\x86\xdd" if self.v6 else b"\x08\x00")

    def send(self, packet):
        self.sock.send(self.head + packet)

    def close(self):
        self.sock.close()


def ip_header(args, facts, proto):
    src = args.src or (facts["ue"] if SAS[args.sa][0] else facts["pcscf"])
    dst = facts["pcscf"] if SAS[args.sa][0] else facts["ue"]
    if ":" in src:
        return IPv6(src=src, dst=dst, nh=proto)
    return IP(src=src, dst=dst, proto=proto, id=random.randrange(1, 65536))


def inner(args, facts, header):
    """The transport header and payload of the SA, with the ports asked for."""
    _, sport, dport = SAS[args.sa]
    kind, proto = TRANSPORTS[args.transport]
    fields = {"sport": args.sport or facts[f"port_{sport}"],
              "dport": args.dport or facts[f"port_{dport}"]}
    if kind is TCP:
        fields["flags"] = args.flags
    if header.version == 4:
        header.proto = proto
    else:
        header.nh = proto
    whole = header / kind(**fields) / Raw(args.text.encode() + bytes(args.size))
    data = raw(header.__class__(raw(whole)).payload)
    return data[:len(data) - args.inner_cut], proto


def pieces(packet, size):
    """IP fragments of a whole packet."""
    whole = suites.dissect(packet)
    if whole.version == 4:
        whole.flags = 0
        return [raw(part) for part in fragment(whole, size)]
    body, ident, out = packet[40:], random.randrange(1 << 32), []
    size -= size % 8
    for at in range(0, len(body), size):
        part = IPv6(src=whole.src, dst=whole.dst, hlim=whole.hlim, nh=44) / \
            IPv6ExtHdrFragment(nh=whole.nh, offset=at // 8, id=ident,
                               m=int(at + size < len(body))) / Raw(body[at:at + size])
        out.append(raw(part))
    return out


def esp(args, facts):
    suite = suites.by_name(facts["alg"], facts["ealg"])
    keys = suites.expand(suite, bytes.fromhex(facts["ck"]), bytes.fromhex(facts["ik"]))
    # uc-ps is known by spi_ps: a SPI is named by the port it is inbound at.
    spi = args.spi or facts[f"spi_{SAS[args.sa][2]}"]
    for seq in range(args.seq, args.seq + args.count):
        data, proto = inner(args, facts, ip_header(args, facts, 17))
        plain = suites.trailer(suite, data, proto if args.next_header is None
                               else args.next_header)
        if args.bad_padding:
            plain = data + b"\xff" * (len(plain) - len(data) - 2) + plain[-2:]
        octets = suites.seal_octets(suite, keys, spi, seq, random.randbytes(suite.iv_len), plain)
        if args.flip is not None:
            octets = bytearray(octets)
            octets[args.flip] ^= 1
            octets = bytes(octets)
        yield suites.wrap(ip_header(args, facts, 50), octets[:len(octets) - args.cut])


def clear(args, facts):
    header = ip_header(args, facts, 17)
    data, proto = inner(args, facts, header.copy())
    data = data[:len(data) - args.cut]
    if args.extension == "none":
        yield suites.wrap(ip_header(args, facts, args.proto or proto), data)
    elif args.extension == "destopts":
        yield raw(ip_header(args, facts, 60) / IPv6ExtHdrDestOpt(
            nh=proto, options=[PadN(optdata=bytes(4))]) / Raw(data))
    elif args.extension == "routing":
        yield raw(ip_header(args, facts, 43) / IPv6ExtHdrRouting(
            nh=proto, type=4, segleft=0, addresses=[]) / Raw(data))
    elif args.extension == "atomic":
        yield raw(ip_header(args, facts, 44) / IPv6ExtHdrFragment(nh=proto, id=7) / Raw(data))
    elif args.extension == "endless":
        # Says that destination options follow, and ends.
        yield raw(ip_header(args, facts, 60) / Raw(bytes((60, 200)) + bytes(6)))


def quoted(args, facts):
    """What the error quotes: a packet that the P-CSCF is said to have sent."""
    args.sa = args.quote_sa
    src, args.src = args.src, None
    if args.quote == "esp":
        packet = next(esp(args, facts))
    else:
        header = ip_header(args, facts, 17)
        data, proto = inner(args, facts, header.copy())
        packet = suites.wrap(ip_header(args, facts, proto), data)
    args.src = src
    return packet


def icmp(args, facts):
    packet = quoted(args, facts)[:args.quote_size]
    src, dst = args.src or facts["ue"], facts["pcscf"]
    if ":" in src:
        error = ICMPv6PacketTooBig(mtu=args.mtu) if args.mtu else \
            ICMPv6DestUnreach(code=args.code if args.code is not None else 4)
        yield raw(IPv6(src=src, dst=dst) / error / Raw(packet))
        return
    error = ICMP(type=3, code=4, nexthopmtu=args.mtu) if args.mtu else \
        ICMP(type=3, code=args.code if args.code is not None else 3)
    yield raw(IP(src=src, dst=dst) / error / Raw(packet))


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=("esp", "clear", "icmp"))
    parser.add_argument("set", type=pathlib.Path)
    add = parser.add_argument
    add("--sa", choices=tuple(SAS), default="uc-ps")
    add("--transport", choices=tuple(TRANSPORTS), default="udp")
    add("--flags", default="S", help="TCP flags")
    add("--src", help="another source address")
    add("--sport", type=number)
    add("--dport", type=number)
    add("--text", default="gmgate-canary ")
    add("--size", type=number, default=60, help="zero octets after the text")
    add("--fragments", type=number, help="cut into IP fragments of so many octets")
    add("--order", choices=("in", "reverse", "first", "rest"), default="in",
        help="which fragments are sent, and in which order")
    add("--cut", type=number, default=0, help="octets cut off the end")
    add("--inner-cut", type=number, default=0, help="octets cut off before sealing")
    add("--repeat", type=number, default=1, help="send the same octets so often")
    group = parser.add_argument_group("esp")
    add = group.add_argument
    add("--seq", type=number, default=1)
    add("--count", type=number, default=1, help="so many, numbered upwards from --seq")
    add("--spi", type=number)
    add("--flip", type=number, help="invert a bit of this octet, from the ESP header on")
    add("--next-header", type=number)
    add("--bad-padding", action="store_true")
    group = parser.add_argument_group("clear")
    add = group.add_argument
    add("--proto", type=number, help="claim another protocol")
    add("--extension", default="none",
        choices=("none", "destopts", "routing", "atomic", "endless"))
    group = parser.add_argument_group("icmp")
    add = group.add_argument
    add("--quote", choices=("clear", "esp"), default="clear")
    add("--quote-sa", choices=tuple(SAS), default="pc-us")
    add("--quote-size", type=number, default=500)
    add("--mtu", type=number, help="packet too big with this MTU, else unreachable")
    add("--code", type=number)
    return parser.parse_args(words)


def run(words):
    args = arguments(words)
    send(args, json.loads(args.set.read_text()))


def shoot(facts, verb, **changes):
    """The same for Python: changes are the options, by their names."""
    args = arguments([verb, "-"])
    for name, value in changes.items():
        assert hasattr(args, name), name
        setattr(args, name, value)
    send(args, facts)


def send(args, facts):
    link = Link(facts)
    for packet in {"esp": esp, "clear": clear, "icmp": icmp}[args.verb](args, facts):
        parts = pieces(packet, args.fragments) if args.fragments else [packet]
        parts = {"in": parts, "reverse": parts[::-1], "first": parts[:1],
                 "rest": parts[1:]}[args.order]
        for _ in range(args.repeat):
            for part in parts:
                link.send(part)
    link.close()


def main():
    if sys.argv[1:] != ["serve"]:
        return run(sys.argv[1:])
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            run(shlex.split(line))
            print("sent", flush=True)
        except (Exception, SystemExit) as error:
            print(f"failed: {error!r}", flush=True)


if __name__ == "__main__":
    main()
