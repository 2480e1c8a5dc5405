#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The sockets of the test core: SIP over UDP and TCP on one address and port.

An endpoint has `log` and `timers` and is told about messages by
arrived(message, octets, Peer).
"""

import select
import socket

import sip

SIZE_LIMIT = 1300               # RFC 3261 18.1.1


class Peer:
    """Where a message came from."""

    def __init__(self, transport, addr, sock):
        self.transport, self.addr, self.sock = transport, addr, sock


class Flow:
    """Towards a next hop: a new request and all that belongs to it."""

    def __init__(self, net, addr, transport):
        self.net, self.addr, self.transport = net, addr, transport

    def send(self, msg):
        octets = msg.octets()
        if self.transport == "udp":
            self.net.udp.sendto(octets, self.addr)
        else:
            self.net.connection(self.addr).sendall(octets)
        self.net.note(msg, self.transport, self.addr)


class Back:
    """The way back of a request, as its top Via says (RFC 3261 18.2.2)."""

    def __init__(self, net, request, peer):
        self.net, self.peer, self.transport = net, peer, peer.transport
        via = request.values("Via")
        sent_by, params = sip.split_params(via[0]) if via else ("", {})
        port = sip.Uri("sip:" + sent_by.split(" ")[-1]).port or 5060
        self.listens = (peer.addr[0], port)
        if params.get("rport", "no") != "no":
            self.listens = (peer.addr[0], int(params["rport"]))

    def send(self, msg):
        octets = msg.octets()
        if self.transport == "udp":
            self.net.udp.sendto(octets, self.listens)
        elif self.peer.sock.fileno() >= 0:
            self.peer.sock.sendall(octets)
        else:                           # the connection is gone: a new one
            self.net.connection(self.listens).sendall(octets)
        self.net.note(msg, self.transport, self.peer.addr)


class Net:
    """Listens, connects, cuts messages, waits."""

    def __init__(self, endpoint, host, port, with_tcp=True):
        self.endpoint, self.host, self.port = endpoint, host, port
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.udp = socket.socket(self.family, socket.SOCK_DGRAM)
        self.udp.bind((host, port))
        self.listener = socket.socket(self.family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listeners = [self.listener] if with_tcp else []
        if with_tcp:
            self.listener.listen(16)
        self.streams = {}               # socket: (address, Framer)
        self.connections = {}           # address: socket that we opened

    def note(self, msg, transport, addr):
        self.endpoint.log.write(
            "sent", start=msg.start, method=msg.method, transport=transport,
            dst=sip.host_port(*addr), cseq=msg.get("CSeq"), call_id=msg.get("Call-ID"),
            headers=msg.headers)

    def flow(self, uri, size):
        """The flow of a request of that size to a URI; a large one goes over TCP."""
        target = sip.Uri(uri)
        transport = (target.params.get("transport") or "udp").lower()
        return Flow(self, target.address, "tcp" if size > SIZE_LIMIT else transport)

    def via(self, flow, branch):
        return (f"SIP/2.0/{flow.transport.upper()} {sip.host_port(self.host, self.port)}"
                f";branch={branch}")

    def connection(self, addr):
        """The connection to a peer, opened when first needed."""
        sock = self.connections.get(addr)
        if sock is None or sock.fileno() < 0:
            sock = socket.socket(self.family, socket.SOCK_STREAM)
            sock.settimeout(4.0)
            try:
                sock.bind((self.host, 0))
                sock.connect(addr)
            except OSError:
                sock.close()
                raise
            self.connections[addr] = sock
            self.streams[sock] = (addr, sip.Framer())
        return sock

    def wait(self, timers, also=()):
        """Until something comes, and hand it out; True when one of `also` is readable."""
        watched = [self.udp, *self.listeners, *self.streams, *also]
        ready = select.select(watched, [], [], timers.left())[0]
        timers.run()
        for sock in ready:
            if sock not in also and sock.fileno() >= 0:
                self.read(sock)
        return any(sock in also for sock in ready)

    def read(self, sock):
        if sock is self.udp:
            octets, addr = sock.recvfrom(65535)
            self.hand_out(octets, Peer("udp", addr[:2], sock))
        elif sock is self.listener:
            conn, addr = sock.accept()
            self.streams[conn] = (addr[:2], sip.Framer())
        elif sock in self.streams:
            addr, framer = self.streams[sock]
            try:
                octets = sock.recv(65535)
            except OSError:
                octets = b""
            if not octets:
                del self.streams[sock]
                sock.close()
                return
            for message in framer.feed(octets):
                self.hand_out(message, Peer("tcp", addr, sock))

    def hand_out(self, octets, peer):
        try:
            msg = sip.Message.parse(octets)
        except sip.SipError as exc:
            if octets.strip():
                self.endpoint.log.write("unparsable", why=str(exc), wrong=["unparsable"])
            return
        self.endpoint.arrived(msg, octets, peer)
