#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a DHCP server says about SIP servers to a phone that has its address.

Prints the addresses of option 120 (RFC 3361), asked for by DHCPINFORM, or of
option 22 (RFC 3319), by an Information-request: one a line, nothing when the
server has none.  Fails when no server answers.

    dhcp.py DEVICE ADDRESS      the phone's own; its family decides
"""

import argparse
import ipaddress
import os
import socket
import struct
import sys
import time

SIP_SERVERS_4, SIP_SERVERS_6 = 120, 22
PATIENCE, EACH = 60, 2.0                # seconds: in all, and for one question


def options4(octets):
    """Option code and contents; options of one code are joined (RFC 3396)."""
    found, at = {}, 0
    while at < len(octets) and octets[at] != 255:
        if octets[at] == 0:
            at += 1
            continue
        code, n = octets[at], octets[at + 1]
        found[code] = found.get(code, b"") + octets[at + 2:at + 2 + n]
        at += 2 + n
    return found


def options6(octets):
    found = {}
    while len(octets) >= 4:
        code, n = struct.unpack_from(">HH", octets)
        found[code] = octets[4:4 + n]
        octets = octets[4 + n:]
    return found


def split(octets, size):
    if len(octets) % size:
        sys.exit(f"dhcp: {len(octets)} octets are no list of addresses")
    return [ipaddress.ip_address(octets[i:i + size]) for i in range(0, len(octets), size)]


def servers4(contents):
    if contents is None:
        return []
    if contents[:1] != b"\x01":                 # 0 would be names
        sys.exit(f"dhcp: encoding {contents[:1].hex()} of option 120")
    return split(contents[1:], 4)


def servers6(contents):
    return [] if contents is None else split(contents, 16)


def socket_on(device, family, port):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.bind(("", port))
    s.settimeout(EACH)
    return s


def inform(device, address):
    """RFC 2131 4.4.3."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        mac = link.getsockname()[4]
    ident = os.urandom(4)
    question = struct.pack(">BBBB4sHH4s12x16s192x4s", 1, 1, 6, 0, ident, 0, 0, address.packed,
                           mac, b"\x63\x82\x53\x63")
    question += bytes([53, 1, 8, 55, 1, SIP_SERVERS_4, 255])
    s = socket_on(device, socket.AF_INET, 68)

    def read(answer):
        if answer[4:8] != ident or answer[:1] != b"\x02":
            return None
        found = options4(answer[240:])
        return servers4(found.get(SIP_SERVERS_4)) if found.get(53) == b"\x05" else None

    return s, question, ("255.255.255.255", 67), read


def information_request(device, _):
    """RFC 8415 18.2.6."""
    ident = os.urandom(3)
    duid = struct.pack(">HH", 3, 1) + os.urandom(6)
    question = b"\x0b" + ident + struct.pack(">HH", 1, len(duid)) + duid
    question += struct.pack(">HHHHHH", 6, 2, SIP_SERVERS_6, 8, 2, 0)
    s = socket_on(device, socket.AF_INET6, 546)

    def read(answer):
        if answer[:4] != b"\x07" + ident:
            return None
        return servers6(options6(answer[4:]).get(SIP_SERVERS_6))

    return s, question, ("ff02::1:2", 547, 0, socket.if_nametoindex(device)), read


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device")
    parser.add_argument("address", type=ipaddress.ip_address)
    options = parser.parse_args()
    ask = inform if options.address.version == 4 else information_request
    s, question, where, read = ask(options.device, options.address)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            s.sendto(question, where)
            found = read(s.recv(4096))
        except OSError:                 # nobody yet, or no address of ours yet
            time.sleep(0.2)
            continue
        if found is not None:
            print("".join(f"{a}\n" for a in found), end="")
            return
    sys.exit("dhcp: no server answers")


if __name__ == "__main__":
    main()
