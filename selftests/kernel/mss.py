#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The connections of mss.sh, which see."""

import random
import socket
import struct
import sys

import craft
import marks
import suites
from lab import (KIND, NO_WHOLE_ESP, PATIENCE, PCSCF, PORT_PS, UE, Ends, Ktap, Lab, Set,
                 Sniffer, inside, run, ue_flush)
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw, raw

MTU, ROOM, TIMESTAMPS, OPEN_PORT = 1500, 53, 12, 5555
SYN, ACK = 2, 16
DEFAULT = {4: 536, 6: 1220}             # without an option (RFC 9293 3.7.1)


def head(version):
    return 20 if version == 4 else 40


# Field note 34: segments leave room for ESP, and nobody tunes anything.
def fits(version):
    return MTU - head(version) - 20 - ROOM


def mss(value):
    return struct.pack("!BBH", 2, 4, value)


def tcp_in(frame):
    """The TCP header in a frame with ESP and the NULL cipher, or in clear."""
    version = frame[14] >> 4
    at = 14 + head(version)
    proto = frame[23] if version == 4 else frame[20]
    if proto == 50:
        at += 8
    elif proto != 6:
        return None
    header = frame[at:]
    return header[:header[12] >> 4 << 2] if len(header) >= 20 else None


def announced(frames):
    """The MSS options of SYN and SYN-ACK in these frames."""
    out = []
    for _, frame in frames:
        header = tcp_in(frame)
        if not header or not header[13] & SYN:
            continue
        options = TCP(header).options
        out.append(dict(options).get("MSS"))
    return out


def maxseg(sock):
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)


def stock(ktap, lab, version):
    """Connections of the stock kernel, opened by either side."""
    one = Set(lab, version, "hmac-sha-1-96/null").add().ue_up()
    wire = Sniffer("ue", "ue0")
    for opener in ("ue", "pcscf"):
        with ktap.test(f"IPv{version}: opened by {opener}: both options are lowered"):
            wire.frames()
            before = lab.stats()
            ends = Ends(one, opener)
            sent = announced(wire.frames("in"))
            have = maxseg(ends.pcscf)
            ends.close()
            assert sent == [fits(version)], f"we announced {sent}"
            assert have == fits(version) - TIMESTAMPS, f"our MSS is {have}"
            moved = lab.moved(before, drops_only=False)
            assert moved.get("mss-clamped") == 2, f"counters moved {moved}"
    with ktap.test(f"IPv{version}: what is small already stays"):
        before = lab.stats()
        with inside("pcscf"):
            listener = marks.bound(f"{one['pcscf']},{PORT_PS}", KIND["tcp"])
        with inside("ue"):
            sock = marks.bound(f"{one['ue']},{one['port_uc']}", KIND["tcp"])
        for each in (listener, sock):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 700)
            each.settimeout(PATIENCE)
        listener.listen(1)
        sock.connect((one["pcscf"], PORT_PS))
        accepted, _ = listener.accept()
        have = maxseg(accepted)
        for each in (listener, sock, accepted):
            each.close()
        assert have == 700 - TIMESTAMPS, f"our MSS is {have}"
        assert "mss-clamped" not in lab.moved(before, drops_only=False)
    wire.close()
    ue_flush()
    one.delete()


def unprotected(ktap, lab, version):
    """The negative twin: the same hosts, another port."""
    wire = Sniffer("ue", "ue0")
    for here, there, local in (("ue", "pcscf", UE), ("pcscf", "ue", PCSCF)):
        with ktap.test(f"IPv{version}: in clear, opened by {here}: as ever"):
            wire.frames()
            before = lab.stats()
            where = (PCSCF if there == "pcscf" else UE)[version]
            with inside(there):
                listener = marks.bound(f"{where},{OPEN_PORT}", KIND["tcp"])
            listener.listen(1)
            with inside(here):
                sock = marks.bound(f"{local[version]},0", KIND["tcp"])
            sock.connect((where, OPEN_PORT))
            accepted, _ = listener.accept()
            sock.sendall(bytes(50000))
            left = 50000
            while left:
                left -= len(accepted.recv(left))
            full = MTU - head(version) - 20
            sent, have = announced(wire.frames()), (maxseg(sock), maxseg(accepted))
            for each in (listener, sock, accepted):
                each.close()
            assert sent == [full, full], f"announced {sent}"
            assert have == (full - TIMESTAMPS,) * 2, f"MSS of the sockets {have}"
            assert not lab.moved(before, drops_only=False), "a counter moved"
    wire.close()


class Stranger:
    """A UE whose TCP is made by hand: any options."""

    def __init__(self, lab, version):
        self.lab, self.version = lab, version
        self.wire = Sniffer("ue", "ue0")

    def send(self, one, **fields):
        options = fields.pop("options", b"")
        layer = IP if self.version == 4 else IPv6
        one.seq["uc-ps"] += 1
        packet = layer(src=one["ue"], dst=one["pcscf"]) / TCP(
            sport=one["port_uc"], dport=PORT_PS, dataofs=5 + len(options) // 4,
            **fields) / Raw(options)
        with inside("ue"):
            link = craft.Link(one.facts)
            link.send(suites.seal(one.suite, one.keys, raw(packet), one["spi_ps"],
                                  one.seq["uc-ps"], b""))
            link.close()

    def connect(self, listener, options):
        """What our socket then thinks, and how often the counter moved."""
        one = Set(self.lab, self.version, "hmac-sha-1-96/null").add()
        before = self.lab.stats()
        start = random.randrange(1 << 32)
        self.wire.frames()
        self.send(one, seq=start, flags="S", options=options)
        answers = [tcp_in(frame) for _, frame in self.wire.frames("in")]
        answers = [header for header in answers if header and header[13] == SYN | ACK]
        assert answers, "no SYN-ACK came"
        number = struct.unpack_from("!I", answers[0], 4)[0]
        self.send(one, seq=start + 1 & 0xffffffff, ack=number + 1 & 0xffffffff, flags="A")
        sock, _ = listener.accept()
        have = maxseg(sock)
        moved = self.lab.moved(before, drops_only=False).get("mss-clamped", 0)
        assert not self.lab.moved(before), f"drops moved {self.lab.moved(before)}"
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        one.delete()
        return have, moved


def strange(ktap, lab, version):
    most, none = fits(version), DEFAULT[version]
    with inside("pcscf"):
        listener = marks.bound(f"{PCSCF[version]},{PORT_PS}", KIND["tcp"])
    listener.settimeout(PATIENCE)
    listener.listen(4)
    stranger = Stranger(lab, version)
    # name, options, our MSS, is the SYN's lowered (the SYN-ACK's always is)
    for name, options, want, lowered in (
            ("1460", mss(1460), most, 1),
            ("65535", mss(65535), most, 1),
            ("just what fits", mss(most), most, 0),
            ("one more", mss(most + 1), most, 1),
            ("500", mss(500), 500, 0),
            ("no option", b"", none, 0),
            ("at an odd place", b"\1" + mss(1460) + b"\1\1\1", most, 1),
            ("behind an unknown option", b"\xfe\5abc" + mss(1460) + b"\1\1\1", most, 1),
            ("twice", mss(1460) + mss(9000), most, 1),
            ("last of forty octets", b"\1" * 36 + mss(1460), most, 1),
            ("behind the end", b"\0\1\1\1" + mss(1460), none, 0),
            ("behind a length of 0", b"\xfe\0\1\1" + mss(1460), none, 0),
            ("behind a length of 1", b"\xfe\1\1\1" + mss(1460), none, 0),
            ("behind a length beyond the header", b"\xfe\x28\1\1" + mss(1460), none, 0),
            ("with a length of 3", b"\2\3\x20\1", none, 0),
            ("with a length of 8", b"\2\x08\x20\0\1\1\1\1", none, 0),
            ("cut off", b"\1\1\2\4", none, 0),
            ("cut off behind its kind", b"\1\1\1\2", none, 0),
            ("nothing but no-operations", b"\1" * 40, none, 0)):
        with ktap.test(f"IPv{version}: MSS {name}"):
            have, moved = stranger.connect(listener, options)
            assert have == want, f"our MSS is {have}, wants {want}"
            assert moved == lowered + 1, f"lowered {moved} options, wants {lowered + 1}"
    stranger.wire.close()
    listener.close()


def large(ktap, lab, version):
    """A route that becomes narrower under a connection: it follows."""
    one = Set(lab, version, "hmac-sha-1-96/aes-cbc").add().ue_up()
    with ktap.test(f"IPv{version}: the route's MTU falls to 1300 and rises: segments follow"):
        ends = Ends(one, "ue")
        ends.both_ways(100_000)
        for mtu in (1300, 1500):
            run("pcscf", "ip", f"-{version}", "route", "replace", one["ue"], "dev", "gm0",
                "mtu", str(mtu))
            ends.both_ways(50_000)
            odd = Sniffer("pcscf", "gm0", NO_WHOLE_ESP)
            ends.both_ways(200_000)
            left = [frame for _, frame in odd.frames("out") if tcp_in(frame) is None and
                    (frame[12:14] == b"\x08\x00" or frame[20] == 44)]
            odd.close()
            have = maxseg(ends.pcscf)
            assert not left, f"{len(left)} fragments at {mtu}"
            assert have == mtu - head(version) - 20 - ROOM - TIMESTAMPS, \
                f"our MSS is {have} at {mtu}"
        ends.close()
    run("pcscf", "ip", f"-{version}", "route", "del", one["ue"], "dev", "gm0")
    ue_flush()
    one.delete()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        stock(ktap, lab, version)
        unprotected(ktap, lab, version)
        strange(ktap, lab, version)
        large(ktap, lab, version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
