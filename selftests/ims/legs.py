#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The sockets of a UE.

A leg is one way to the P-CSCF: ClearLeg with the unprotected port, or
ProtectedLeg with port_uc and port_us of one SA set.  A protected leg does
UDP and TCP at the same time, since a set carries both.  What goes where is
the table of TS 33.203 7.1: over UDP everything leaves from port_uc and
arrives at port_us; a TCP answer takes the connection of its request.
"""

import socket
import struct

import sip


class Arrival:
    """A message that came in, and how to answer it."""

    def __init__(self, octets, transport, src, dst, answer):
        self.octets = octets
        self.transport = transport
        self.src, self.dst = src, dst       # (address, port)
        self.answer = answer                # function of octets


def open_socket(local, port, kind):
    """A bound non-blocking socket."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((local, port))
    except OSError:
        sock.close()
        raise
    return sock


class Stream:
    """One TCP connection."""

    def __init__(self, sock, src, dst):
        self.sock = sock
        self.local, self.remote = src, dst
        self.framer = sip.Framer()

    def close(self, abort=False):
        """Orderly, or with a reset so that nothing is sent after the SAs went."""
        if self.sock is None:
            return
        if abort:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        self.sock = None


class Leg:
    """Common to both kinds: `sending` and `receiving` are local ports."""

    def __init__(self, local, remote, sending, receiving):
        self.local, self.remote = local, remote       # remote: (address, port)
        self.sending, self.receiving = sending, receiving
        self.udp = {}
        self.listener = None
        self.client = None
        self.accepted = []
        self.connect_timeout = 4.0
        try:
            self.open()
        except OSError:
            self.close()
            raise

    def open(self):
        """UDP on the clear port."""
        self.udp[self.sending] = open_socket(self.local, self.sending, socket.SOCK_DGRAM)

    @property
    def open_now(self):
        """Whether it was not closed."""
        return bool(self.udp)

    def source_port(self):
        """The local TCP port of a new connection."""
        return self.sending

    def sockets(self):
        """All that may become readable."""
        socks = list(self.udp.values())
        streams = [s for s in [self.client, *self.accepted] if s and s.sock]
        if self.listener:
            socks.append(self.listener)
        return socks + [s.sock for s in streams]

    def connect(self):
        """The connection for our own requests, opened when first needed."""
        if self.client and self.client.sock:
            return self.client
        sock = open_socket(self.local, self.source_port(), socket.SOCK_STREAM)
        sock.settimeout(self.connect_timeout)
        try:
            sock.connect(self.remote)
        except OSError:
            sock.close()
            raise
        self.client = Stream(sock, sock.getsockname()[:2], sock.getpeername()[:2])
        return self.client

    def send(self, octets, transport):
        """Send a request; returns (source, destination)."""
        if transport == "udp":
            self.udp[self.sending].sendto(octets, self.remote)
            return (self.local, self.sending), self.remote
        stream = self.connect()
        stream.sock.sendall(octets)
        return stream.local, stream.remote

    def read(self, sock):
        """The messages that wait on a readable socket."""
        if sock is self.listener:
            conn, peer = sock.accept()
            conn.settimeout(self.connect_timeout)
            self.accepted.append(Stream(conn, conn.getsockname()[:2], peer[:2]))
            return []
        for port, udp in self.udp.items():
            if sock is udp:
                octets, peer = udp.recvfrom(65535)
                return [Arrival(octets, "udp", peer[:2], (self.local, port),
                                lambda out: self.send(out, "udp"))]
        for stream in [self.client, *self.accepted]:
            if stream and sock is stream.sock:
                return self.read_stream(stream)
        return []

    @staticmethod
    def read_stream(stream):
        """Messages of a connection; an end of file closes it."""
        try:
            octets = stream.sock.recv(65535)
        except OSError:
            octets = b""
        if not octets:
            stream.close()
            return []

        def answer(out):
            if stream.sock is None:
                raise ConnectionResetError("the connection of the request is closed")
            stream.sock.sendall(out)
            return stream.local, stream.remote
        return [Arrival(m, "tcp", stream.remote, stream.local, answer)
                for m in stream.framer.feed(octets)]

    def close_streams(self, abort=False):
        for stream in [self.client, *self.accepted]:
            if stream:
                stream.close(abort)

    def close(self, abort=False):
        """Give everything back."""
        self.close_streams(abort)
        for sock in [*self.udp.values(), self.listener]:
            if sock:
                sock.close()
        self.udp, self.listener = {}, None


class ClearLeg(Leg):
    """The unprotected port; TCP connections leave from any port."""

    def __init__(self, local, pcscf, port=5060, pcscf_port=5060):
        super().__init__(local, (pcscf, pcscf_port), port, port)

    def source_port(self):
        return 0

    def spi_in(self, _dst_port):
        return None

    spi_out = None


class ProtectedLeg(Leg):
    """port_uc and port_us of one SA set; knows which SPI a packet had.

    A new set of the same UE keeps port_us: it takes the sockets of that port
    over from the leg of the old set.
    """

    def __init__(self, sas, old=None):
        self.sas = sas
        self.verify_lines = []
        self.old = old
        super().__init__(sas.ue, (sas.pcscf, sas.ps), sas.uc, sas.us)

    def open(self):
        """UDP on both ports, TCP listening on port_us."""
        super().open()
        if self.old and self.old.receiving == self.receiving:
            self.take_server(self.old)
            return
        self.udp[self.receiving] = open_socket(self.local, self.receiving, socket.SOCK_DGRAM)
        self.listener = open_socket(self.local, self.receiving, socket.SOCK_STREAM)
        self.listener.listen(8)

    def lend(self):
        """Leave the ports to another program; the SAs stay, and are for whoever has them.
        With a reset, since TIME_WAIT would keep the port from a program that does not
        bind it."""
        self.close(abort=True)

    def take_back(self):
        """Open them again."""
        self.old = None
        self.open()

    def take_server(self, other):
        """Take the sockets of port_us from the other leg, if it has them."""
        if other.receiving == self.receiving and self.receiving in other.udp:
            self.udp[self.receiving] = other.udp.pop(self.receiving)
            self.listener, other.listener = other.listener, None

    def owns(self, src_port, dst_port):
        """Whether these ports of an incoming packet are of this set."""
        return (src_port, dst_port) in ((self.sas.ps, self.sas.uc), (self.sas.pc, self.sas.us))

    @property
    def spi_out(self):
        return self.sas.sas[0][4]

    def spi_in(self, dst_port):
        """SPI of the inbound SA at that local port."""
        return self.sas.sas[1][4] if dst_port == self.sas.uc else self.sas.sas[2][4]
