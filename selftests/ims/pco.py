#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Protocol configuration options: how a phone learns its P-CSCF.

PCO is TS 24.008 10.5.6.3 (IEI 0x27, one octet of length), ePCO 10.5.6.3A
(IEI 0x7B, two octets).  A value without IEI, as GTP-C carries it, starts
with the octet 0x80.  As a tool: prints what a hex string says.

    pco.py 27 06 80 000c00 000100
"""

import argparse
import ipaddress
import json
import struct

IEI_PCO = 0x27
IEI_EPCO = 0x7B

IPCP = 0x8021
PCSCF_V6 = 0x0001
SIGNALLING_FLAG = 0x0002
DNS_V6 = 0x0003
NAS_ADDRESS = 0x000A
PCSCF_V4 = 0x000C
DNS_V4 = 0x000D
MTU_V4 = 0x0010
RESELECTION = 0x0012

# Containers whose length has two octets, from the network to the phone.
WIDE = {0x0023, 0x0024, 0x0030, 0x0031, 0x0032, 0x0041}

ADDRESS_SIZE = {PCSCF_V4: 4, DNS_V4: 4, PCSCF_V6: 16, DNS_V6: 16}


class PcoError(ValueError):
    """The information element is broken; TS 24.008 has it ignored."""


def value_of(octets):
    """Strip the IEI and the length, where present."""
    if not octets:
        raise PcoError("empty")
    head = 0
    if octets[0] == IEI_PCO:
        head, length = 2, octets[1] if len(octets) > 1 else None
    elif octets[0] == IEI_EPCO:
        head, length = 3, int.from_bytes(octets[1:3], "big") if len(octets) > 2 else None
    if head:
        if length is None or length > len(octets) - head:
            raise PcoError("length is beyond the end")
        octets = octets[head:head + length]
    if not octets or not octets[0] & 0x80:
        raise PcoError("no configuration protocol octet")
    return octets


def units(octets, to_phone=True):
    """The list of (id, contents); both lists of the IE are one sequence."""
    value = value_of(octets)
    out, at = [], 1
    while at < len(value):
        if at + 3 > len(value):
            raise PcoError(f"unit truncated at octet {at}")
        ident, = struct.unpack_from(">H", value, at)
        wide = to_phone and ident in WIDE
        if wide and at + 4 > len(value):
            raise PcoError(f"unit truncated at octet {at}")
        length = struct.unpack_from(">H", value, at + 2)[0] if wide else value[at + 2]
        at += 4 if wide else 3
        if at + length > len(value):
            raise PcoError(f"unit {ident:#06x} is longer than the element")
        out.append((ident, value[at:at + length]))
        at += length
    return out


def addresses(pairs, ident):
    """The addresses of one container ID, in order; zero ones are none."""
    found = []
    for ident_here, contents in pairs:
        if ident_here != ident or len(contents) != ADDRESS_SIZE[ident]:
            continue
        if any(contents):
            found.append(str(ipaddress.ip_address(contents)))
    return found


def decode(octets):
    """What a phone takes from the network's answer."""
    pairs = units(octets)
    mtu = [c for i, c in pairs if i == MTU_V4 and len(c) == 2]
    return {
        "pcscf_v4": addresses(pairs, PCSCF_V4),
        "pcscf_v6": addresses(pairs, PCSCF_V6),
        "dns_v4": addresses(pairs, DNS_V4),
        "dns_v6": addresses(pairs, DNS_V6),
        "signalling": any(i == SIGNALLING_FLAG for i, _ in pairs),
        "mtu": int.from_bytes(mtu[0], "big") if mtu else None,
    }


def pcscf_for(octets, local):
    """The P-CSCF addresses of the family of the phone's own address."""
    version = ipaddress.ip_address(local).version
    return decode(octets)["pcscf_v4" if version == 4 else "pcscf_v6"]


def encode(pairs, iei=None):
    """The element of these (id, contents); iei None gives the bare value."""
    value = b"\x80"
    for ident, contents in pairs:
        size = ">HH" if ident in WIDE else ">HB"
        value += struct.pack(size, ident, len(contents)) + contents
    if iei == IEI_PCO:
        if len(value) > 251:
            raise PcoError("too long for a PCO")
        return bytes([IEI_PCO, len(value)]) + value
    if iei == IEI_EPCO:
        return struct.pack(">BH", IEI_EPCO, len(value)) + value
    return value


def encode_answer(pcscfs, dns=(), mtu=None, iei=None):
    """The answer of a network that has these P-CSCFs."""
    pairs = []
    for text in pcscfs:
        packed = ipaddress.ip_address(text).packed
        pairs.append((PCSCF_V4 if len(packed) == 4 else PCSCF_V6, packed))
    for text in dns:
        packed = ipaddress.ip_address(text).packed
        pairs.append((DNS_V4 if len(packed) == 4 else DNS_V6, packed))
    pairs.append((SIGNALLING_FLAG, b""))
    if mtu:
        pairs.append((MTU_V4, struct.pack(">H", mtu)))
    return encode(pairs, iei)


def main():
    parser = argparse.ArgumentParser(description="Decode or make a PCO or ePCO.")
    parser.add_argument("hex", nargs="*", help="element to decode; blanks and | are ignored")
    parser.add_argument("--encode", action="append", metavar="ADDRESS",
                        help="make an answer with this P-CSCF (repeatable)")
    parser.add_argument("--epco", action="store_true", help="make an ePCO")
    args = parser.parse_args()
    if args.encode:
        print(encode_answer(args.encode, iei=IEI_EPCO if args.epco else IEI_PCO).hex())
        return
    print(json.dumps(decode(bytes.fromhex("".join(args.hex).replace("|", ""))), indent=1))


if __name__ == "__main__":
    main()
