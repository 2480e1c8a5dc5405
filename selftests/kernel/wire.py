# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP on the wire, told apart by SPI and judged by key, without any IPsec of ours."""

import hashlib
import hmac
import struct

from lab import Sniffer

HASH = {"hmac-md5-96": hashlib.md5, "hmac-sha-1-96": hashlib.sha1}


class Wire:
    """What the UE's link sees of the P-CSCF, as (SPI, ESP octets) or as clear text."""

    def __init__(self, version, ns="ue", dev="ue0"):
        self.version, self.sniffer = version, Sniffer(ns, dev)

    def take(self):
        """([(SPI, ESP)], [other IP packets]) since the last call."""
        esp, other = [], []
        kind = b"\x08\x00" if self.version == 4 else b"\x86\xdd"
        for _, frame in self.sniffer.frames("in"):
            if frame[12:14] != kind:
                continue
            packet = frame[14:]
            head = (packet[0] & 15) * 4 if self.version == 4 else 40
            total = struct.unpack_from("!H", packet, 2)[0] if self.version == 4 else \
                40 + struct.unpack_from("!H", packet, 4)[0]
            if packet[9 if self.version == 4 else 6] == 50:
                esp.append((struct.unpack_from("!I", packet, head)[0], packet[head:total]))
            elif packet[9 if self.version == 4 else 6] in (6, 17):
                other.append(packet)
        return esp, other

    def judged(self, *sets):
        """{SPI: count} of all ESP since the last call; each must have the ICV of the set
        that its SPI belongs to, and nothing may be in clear."""
        esp, other = self.take()
        assert not other, f"{len(other)} packets in clear, the first {other[0][:60].hex()}"
        keys = {one[spi]: one for one in sets for spi in ("spi_uc", "spi_us")}
        count = {}
        for spi, octets in esp:
            assert spi in keys, f"SPI {spi:#x} is of no set"
            one = keys[spi]
            icv = hmac.new(one.keys.ik_esp, octets[:-12], HASH[one.alg]).digest()[:12]
            assert icv == octets[-12:], f"SPI {spi:#x} with another set's key"
            count[spi] = count.get(spi, 0) + 1
        return count

    def close(self):
        self.sniffer.close()
