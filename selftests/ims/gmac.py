# SPDX-License-Identifier: GPL-2.0-or-later
"""AES-GMAC for tshark, which knows no RFC 4543.

A capture is copied; each ESP packet of an SA with aes-gmac is verified with
OpenSSL's GCM and written anew with NULL encryption and HMAC-SHA-1-96, whose ICV
is right when the GMAC was and wrong when it was not.  tshark judges the copy.
"""

import hashlib
import hmac
import ipaddress
import struct
import subprocess

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import keys

ESP = 50
ICV, IV = 16, 8
STAND_IN = bytes(range(20))             # the key of the copy's HMAC


def is_gmac(line):
    return keys.AES_GMAC in line


def stand_in(line):
    """The keylog's line for the copy."""
    fields = line.rstrip("\n").split(",")
    return ",".join([*fields[:4], '"NULL"', '""', '"HMAC-SHA-1-96 [RFC2404]"',
                     f'"0x{STAND_IN.hex()}"']) + "\n"


def associations(lines):
    """(destination, SPI): key and salt."""
    found = {}
    for line in filter(is_gmac, lines):
        fields = [f.strip().strip('"') for f in line.split(",")]
        secret = bytes.fromhex(fields[7][2:])
        found[ipaddress.ip_address(fields[2]), int(fields[3], 16)] = secret[:16], secret[16:]
    return found


def esp_anew(esp, key, salt):
    """One ESP packet, from SPI to ICV."""
    head, iv, inner, icv = esp[:8], esp[8:8 + IV], esp[8 + IV:-ICV], esp[-ICV:]
    try:
        AESGCM(key).decrypt(salt + iv, icv, head + iv + inner)
        good = True
    except InvalidTag:
        good = False
    tag = hmac.new(STAND_IN, head + inner, hashlib.sha1).digest()[:12]
    return head + inner + (tag if good else bytes(o ^ 0xff for o in tag))


def ip_anew(packet, sas):
    """One IP packet; what is no whole ESP of these SAs stays as it is."""
    if packet[0] >> 4 == 4:
        at, dst = (packet[0] & 15) * 4, ipaddress.ip_address(packet[16:20])
        total, = struct.unpack_from(">H", packet, 2)
        whole = packet[9] == ESP and not struct.unpack_from(">H", packet, 6)[0] & 0x3fff
    else:
        at, dst = 40, ipaddress.ip_address(packet[24:40])
        total = 40 + struct.unpack_from(">H", packet, 4)[0]
        whole = packet[6] == ESP
    if not whole or total < at + 8 + IV + ICV or total > len(packet):
        return packet
    secret = sas.get((dst, struct.unpack_from(">I", packet, at)[0]))
    if not secret:
        return packet
    esp = esp_anew(packet[at:total], *secret)
    head = bytearray(packet[:at])
    if at == 40:
        struct.pack_into(">H", head, 4, len(esp))
    else:
        struct.pack_into(">H", head, 2, at + len(esp))
    return bytes(head) + esp


def frame_anew(frame, link, sas):
    """One frame of Ethernet, or of a device of plain IP."""
    at = 14 if link == 1 else 0
    if at and frame[12:14] not in (b"\x08\x00", b"\x86\xdd") or len(frame) < at + 40:
        return frame
    return frame[:at] + ip_anew(frame[at:], sas)


def rewrite(capture, sas, out):
    """The capture, of any form and one interface, as a pcap file with these SAs anew."""
    subprocess.run(["tshark", "-n", "-r", capture, "-F", "pcap", "-w", out],
                   check=True, capture_output=True)
    with open(out, "rb") as source:
        octets = source.read()
    order = "<" if octets[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link, = struct.unpack_from(order + "I", octets, 20)
    at = 24
    with open(out, "wb") as dest:
        dest.write(octets[:24])
        while at < len(octets):
            seconds, parts, kept, _ = struct.unpack_from(order + "IIII", octets, at)
            frame = frame_anew(octets[at + 16:at + 16 + kept], link, sas)
            dest.write(struct.pack(order + "IIII", seconds, parts, len(frame), len(frame)) + frame)
            at += 16 + kept
