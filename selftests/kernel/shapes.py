#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The buffers of shapes.sh, which see."""

import ctypes
import fcntl
import hashlib
import mmap
import os
import socket
import struct
import sys
import tempfile
import threading

import craft
import marks
import suites
from lab import (PCSCF, PORT_PS, UE, Ends, Ktap, Lab, Receiver, Set, Sniffer, inside,
                 ue_flush)
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw, raw
from tcp_peer import read_exactly

UDP_SEGMENT, UDP_CORK = 103, 1
SO_ZEROCOPY, MSG_ZEROCOPY = 60, 0x4000000
SOL_PACKET, PACKET_VERSION, PACKET_TX_RING = 263, 10, 13
SIOCETHTOOL = 0x8946
SUITES = ("hmac-sha-1-96/null", "hmac-sha-1-96/aes-cbc", "null/aes-gcm", "aes-gmac/null")


def octets(size, what):
    return hashlib.shake_128(f"{size} {what}".encode()).digest(size)


class Bench:
    def __init__(self, ktap, lab, version, suite):
        self.ktap, self.lab, self.version, self.suite = ktap, lab, version, suite
        self.set = Set(lab, version, suite).add().ue_up()
        self.to = UE[version], self.set["port_uc"]

    def test(self, name):
        return self.ktap.test(f"IPv{self.version} {self.suite}: {name}")

    def datagrams(self):
        """A socket of the P-CSCF connected to the UE, and the UE's."""
        with inside("pcscf"):
            sock = marks.bound(f"{PCSCF[self.version]},{PORT_PS}", socket.SOCK_DGRAM)
        sock.connect(self.to)
        marks.fragment(sock)
        return sock, Receiver(*self.to, ns="ue")

    def close(self):
        ue_flush()
        self.set.delete()


def expect(receiver, *want):
    have = [data for data, _, _ in receiver.heard()]
    assert have == list(want), f"sizes {[len(data) for data in have]} came, or other octets"


def datagrams(bench):
    sock, ue = bench.datagrams()
    with bench.test("UDP GSO: five datagrams in one send"):
        whole = octets(1900, "gso")
        with bench.lab.drops():
            sock.sendmsg([whole], [(socket.SOL_UDP, UDP_SEGMENT, struct.pack("H", 400))])
        expect(ue, *(whole[at:at + 400] for at in range(0, 1900, 400)))
    for size in (700, 5000):
        with bench.test(f"corked and MSG_MORE, {size} octets: one datagram"):
            whole = octets(size, "more")
            sock.send(whole[:100], socket.MSG_MORE)
            sock.send(whole[100:300], socket.MSG_MORE)
            sock.send(whole[300:])
            expect(ue, whole)
            sock.setsockopt(socket.SOL_UDP, UDP_CORK, 1)
            for at in range(0, size, 350):
                sock.send(whole[at:at + 350])
            sock.setsockopt(socket.SOL_UDP, UDP_CORK, 0)
            expect(ue, whole)
    for size in (900, 12000):
        with bench.test(f"MSG_ZEROCOPY, {size} octets: the sender's buffer is as it was"):
            whole = octets(size, "zero")
            buffer = mmap.mmap(-1, 16384)
            buffer[:size] = whole
            sock.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
            sock.sendmsg([memoryview(buffer)[:size]], [], MSG_ZEROCOPY)
            expect(ue, whole)
            assert buffer[:size] == whole, "it is not"
        with bench.test(f"pages of a file, {size} octets: the file is as it was"):
            whole = octets(size, "file")
            with tempfile.TemporaryFile() as file:
                file.write(whole)
                file.flush()
                with bench.lab.drops():
                    os.sendfile(sock.fileno(), file.fileno(), 0, size)
                # each page is a datagram of its own where the kernel says so
                have = b"".join(data for data, _, _ in ue.heard())
                assert have == whole, f"{len(have)} octets came, or others"
                file.seek(0)
                assert file.read() == whole, "it is not"
    sock.close()
    ue.close()


def pour(sender, receiver, send, whole):
    """All of it arrives, while the sender sends."""
    thread = threading.Thread(target=send, args=(sender,))
    thread.start()
    have = read_exactly(receiver, len(whole))
    thread.join()
    assert have == whole, f"{len(have)} octets came, or others"


def streams(bench, size=400_000):
    whole = octets(size, "stream")
    for opener in ("ue", "pcscf"):
        ends = Ends(bench.set, opener)
        ue = ends.opened if opener == "ue" else ends.accepted
        for name, sender, receiver in (("P-CSCF", ends.pcscf, ue), ("UE", ue, ends.pcscf)):
            with bench.test(f"TCP opened by {opener}, {name} sends a file: it is as it was"), \
                    tempfile.TemporaryFile() as file:
                file.write(whole)
                file.flush()

                pour(sender, receiver, lambda sock, file=file: sock.sendfile(file), whole)
                file.seek(0)
                assert file.read() == whole, "it is not"
            with bench.test(f"TCP opened by {opener}, {name} sends MSG_ZEROCOPY: "
                            "its buffer is as it was"):
                buffer = mmap.mmap(-1, size)
                buffer[:] = whole
                sender.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)

                def send_zero(sock, buffer=buffer):
                    sent = 0
                    while sent < size:
                        sent += sock.send(memoryview(buffer)[sent:], MSG_ZEROCOPY)

                pour(sender, receiver, send_zero, whole)
                assert buffer[:] == whole, "it is not"
        ends.close()


class Ring:
    """A packet ring of the UE: what it sends stays in its own pages."""

    FRAME, HEAD = 4096, 32

    def __init__(self, facts):
        with inside("ue"):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.setsockopt(SOL_PACKET, PACKET_VERSION, 1)
            self.sock.setsockopt(SOL_PACKET, PACKET_TX_RING,
                                 struct.pack("IIII", self.FRAME * 4, 1, self.FRAME, 4))
            self.sock.bind(("ue0", 0))
            link = craft.Link(facts)
            self.link_head = link.head
            link.close()
        self.memory = mmap.mmap(self.sock.fileno(), self.FRAME * 4)
        self.next = 0

    def send(self, packet):
        """Sends it out of the ring; gives what is there afterwards."""
        at, frame = self.next * self.FRAME, self.link_head + packet
        self.next = (self.next + 1) % 4
        where = slice(at + self.HEAD, at + self.HEAD + len(frame))
        self.memory[where] = frame
        struct.pack_into("II", self.memory, at, 1, len(frame))
        self.sock.send(b"")
        return self.memory[where] == frame

    def close(self):
        self.memory.close()
        self.sock.close()


def rings(bench):
    """Ciphertext in pages that the peer still has is not decrypted there."""
    one, layer = Set(bench.lab, bench.version, bench.set.suite.name).add(), \
        IP if bench.version == 4 else IPv6
    ring, receiver = Ring(one.facts), Receiver(PCSCF[bench.version], PORT_PS)
    for size in (100, 1200):
        with bench.test(f"ESP of {size} octets out of a packet ring: the ring is as it was"):
            one.seq["uc-ps"] += 1
            whole = octets(size, "ring")
            packet = layer(src=one["ue"], dst=one["pcscf"]) / UDP(
                sport=one["port_uc"], dport=PORT_PS) / Raw(whole)
            sealed = suites.seal(one.suite, one.keys, raw(packet), one["spi_ps"],
                                 one.seq["uc-ps"], os.urandom(one.suite.iv_len))
            with bench.lab.drops():
                unchanged = ring.send(sealed)
            expect(receiver, whole)
            assert unchanged, "it is not"
    ring.close()
    receiver.close()
    one.delete()


def set_feature(name, value):
    """ethtool -K gm0, without the tool."""
    command = {"tx": 0x17, "tso": 0x1f, "gso": 0x24, "gro": 0x2c}[name]
    with inside("pcscf"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        asked = ctypes.create_string_buffer(struct.pack("II", command, int(value)))
        fcntl.ioctl(sock, SIOCETHTOOL, struct.pack("16sQ16x", b"gm0", ctypes.addressof(asked)))


def offloads(bench):
    """The devices' own work: segments, checksums, GRO."""
    for words in (("tso", "off"), ("tso", "off", "gso", "off", "tx", "off"),
                  ("tso", "on", "gso", "on", "tx", "on"), ("gro", "on")):
        with bench.test(f"gm0 with {' '.join(words)}: TCP and UDP"):
            for feature, value in zip(words[::2], words[1::2]):
                set_feature(feature, value == "on")
            ends = Ends(bench.set, "ue")
            ends.both_ways(200_000)
            ends.close()
            sock, ue = bench.datagrams()
            sock.send(octets(900, "plain"))
            expect(ue, octets(900, "plain"))
            sock.close()
            ue.close()
    set_feature("gro", False)


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        for suite in SUITES:
            bench = Bench(ktap, lab, version, suite)
            for listened in (False, True):
                wires = [Sniffer("pcscf", "gm0"), Sniffer("ue", "ue0")] if listened else []
                bench.suite = suite + (", captured" if listened else "")
                datagrams(bench)
                rings(bench)
                if listened or suite == SUITES[1]:
                    streams(bench)
                for wire in wires:
                    wire.close()
            if suite == SUITES[1]:
                offloads(bench)
            bench.close()
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
