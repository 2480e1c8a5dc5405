# SPDX-License-Identifier: GPL-2.0-or-later
"""A listener of NFQUEUE that holds packets until a test says what becomes of
them."""

import contextlib
import os
import socket
import struct

import rawnl
from lab import PATIENCE, inside

NF_DROP, NF_ACCEPT = 0, 1
NFQA_PACKET_HDR, NFQA_VERDICT_HDR, NFQA_MARK, NFQA_PAYLOAD = 1, 2, 3, 10


class Queue:
    """An NFQUEUE listener that keeps what it gets until told."""

    def __init__(self, number):
        self.number = number
        with inside("pcscf"):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.sock.bind((0, 0))
        self.sock.settimeout(PATIENCE)
        self.ids, self.packets = [], []
        self.config(1, struct.pack("!BxH", 1, socket.AF_INET))          # bind
        self.config(2, struct.pack("!IB", 0xffff, 2))                   # copy packets

    def message(self, kind, body, flags):
        return struct.pack("=IHHII", 20 + len(body), 3 << 8 | kind, flags, 1, 0) + \
            struct.pack("!BBH", 0, 0, self.number) + body

    def config(self, number, payload):
        self.sock.send(self.message(2, rawnl.attr(number, payload), 5))
        answer = self.sock.recv(4096)
        error = -struct.unpack_from("=i", answer, 16)[0]
        if error:
            raise OSError(error, os.strerror(error))

    def wait(self, count):
        while len(self.ids) < count:
            packet = self.sock.recv(1 << 17)
            length, kind = struct.unpack_from("=IH", packet)
            if kind == rawnl.NLMSG_ERROR:
                continue
            found = dict(rawnl.attrs(packet[20:length]))
            assert NFQA_PACKET_HDR in found, packet.hex()
            self.ids.append(struct.unpack_from("!I", found[NFQA_PACKET_HDR])[0])
            self.packets.append(found[NFQA_PAYLOAD])

    def verdict(self, what, mark=None, payload=None):
        """On everything that is held, perhaps with another mark or other octets."""
        for ident in self.ids:
            body = rawnl.attr(NFQA_VERDICT_HDR, struct.pack("!II", what, ident))
            if mark is not None:
                body += rawnl.attr(NFQA_MARK, struct.pack("!I", mark))
            if payload is not None:
                body += rawnl.attr(NFQA_PAYLOAD, payload)
            with contextlib.suppress(OSError):
                self.sock.send(self.message(1, body, 1))
        self.ids, self.packets = [], []

    def accept(self):
        self.verdict(NF_ACCEPT)
