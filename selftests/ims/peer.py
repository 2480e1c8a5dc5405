#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A stand-in for the P-CSCF, made of stock XFRM: to test the UE, core and judge alone.

It has no policy and checks nothing.  What it proves is that the four SAs of
xfrm.py, seen from both ends, fit together, and that UE and core can register
and call through something that does the least that a P-CSCF must do
(peer_calls.py).  UEs are told apart by their address.  With --no-xfrm all is
in clear.
"""

import argparse
import select
import socket

import events
import peer_calls
import secagree
import sip
import xfrm
from core_net import Back, Net
from legs import Arrival, ClearLeg, Leg, Stream, open_socket
from peer_ue import Ue, UeFlow
from proxying import Proxy
from timers import Timers
from transaction import Transactions

CLIENT_PORTS = 4                # port_pc: as many after port_ps


class Peer:
    """Between the UEs and the core."""

    def __init__(self, options):
        self.o = options
        self.log = events.Log(options.log)
        self.timers = Timers()
        self.transactions = Transactions(self.timers, self.log, options.t1)
        self.proxy = Proxy(self.transactions, self.log)
        here, ps = options.listen, options.port_s
        self.clear = ClearLeg(here, "0.0.0.0", options.port)
        self.clear.listener = open_socket(here, options.port, socket.SOCK_STREAM)
        self.udp = {port: open_socket(here, port, socket.SOCK_DGRAM)
                    for port in range(ps, ps + CLIENT_PORTS + 1)}
        self.listener = open_socket(here, ps, socket.SOCK_STREAM)
        self.streams = []               # connections on protected ports
        self.ues = {}                   # address: Ue
        self.spi = 0x20000000
        for listener in (self.clear.listener, self.listener):
            listener.listen(16)
        self.net = Net(self, options.mw, options.mw_port)       # last: tests wait for it

    # -- sockets ------------------------------------------------------------------

    def run(self):
        while True:
            streams = {s.sock: s for s in self.streams if s.sock}
            mw = [self.net.udp, self.net.listener, *self.net.streams]
            clear = self.clear.sockets()
            watched = [*clear, *self.udp.values(), self.listener, *streams, *mw]
            for sock in select.select(watched, [], [], self.timers.left())[0]:
                if sock.fileno() < 0:
                    continue
                if sock in clear:
                    for arrival in self.clear.read(sock):
                        self.from_ue(arrival)
                elif sock is self.listener:
                    conn, src = sock.accept()
                    self.streams.append(Stream(conn, conn.getsockname()[:2], src[:2]))
                elif sock in streams:
                    for arrival in Leg.read_stream(streams[sock]):
                        self.from_ue(arrival, streams[sock])
                elif sock in self.udp.values():
                    octets, src = sock.recvfrom(65535)
                    self.from_ue(Arrival(octets, "udp", src[:2], sock.getsockname()[:2], None))
                else:
                    self.net.read(sock)
            self.timers.run()

    def connect(self, ue, sas):
        """From port_pc to port_us, if there is no connection yet."""
        for stream in self.streams:
            if stream.sock and stream.remote == (ue.address, sas.us) and \
                    stream.local[1] == sas.pc:
                return stream
        sock = open_socket(self.o.listen, sas.pc, socket.SOCK_STREAM)
        sock.settimeout(4.0)
        sock.connect((ue.address, sas.us))
        self.streams.append(Stream(sock, sock.getsockname()[:2], sock.getpeername()[:2]))
        return self.streams[-1]

    # -- messages -----------------------------------------------------------------

    def from_ue(self, arrival, stream=None):
        try:
            msg = sip.Message.parse(arrival.octets)
        except sip.SipError:
            return
        self.log.write("from-ue", start=msg.start, src=sip.host_port(*arrival.src))
        if not msg.is_request:
            self.transactions.answered(msg)
            return
        ue = self.ues.setdefault(arrival.src[0], Ue(arrival.src[0]))
        sas = next((s for s in ue.sets if arrival.src[1] in (s.uc, s.us)), None) \
            if arrival.dst[1] in self.udp else None
        flow = UeFlow(self, ue, arrival.transport, sas, arrival, stream)
        server = self.transactions.received(msg, flow)
        if server is None:
            return
        if msg.method == "REGISTER":
            self.register(msg.copy(), server, ue, sas)
        elif sas:
            peer_calls.from_ue(self, msg.copy(), server, ue)

    def arrived(self, msg, _octets, peer):
        """From the core."""
        self.log.write("from-core", start=msg.start)
        if not msg.is_request:
            self.transactions.answered(msg)
            return
        server = self.transactions.received(msg, Back(self.net, msg, peer))
        if server is not None:
            peer_calls.from_core(self, msg.copy(), server)

    # -- registration ---------------------------------------------------------------

    def register(self, msg, server, ue, sas):
        ue.offers = secagree.parse(msg.values("Security-Client")) or ue.offers
        for name in ("Security-Client", "Security-Verify", "Require", "Proxy-Require"):
            msg.remove(name)
        flag = "yes" if sas else "no"
        if msg.get("Authorization"):
            msg.put("Authorization", f'{msg.get("Authorization")},integrity-protected="{flag}"')
        mw = sip.host_port(self.o.mw, self.o.mw_port)
        msg.put("Max-Forwards", "69")
        msg.headers += [("Path", f"<sip:{ue.token}@{mw};lr>"), ("Require", "path"),
                        ("P-Visited-Network-ID", "visited.example"),
                        ("P-Charging-Vector", f'icid-value="{sip.token()}"')]

        def edit(answer):
            answer.remove("P-Charging-Vector")
            answer.remove("P-Charging-Function-Addresses")
            answer.remove("Path")                   # it has the token
            if answer.status == 401:
                self.agree(answer, ue)
            elif answer.status == 200 and sas:
                ue.current = sas
                identities = answer.values("P-Associated-URI")
                ue.default = sip.uri_of(identities[0]) if identities else None
        flow = self.net.flow(f"sip:{self.o.core}", 0)
        self.proxy.forward(server, msg, flow, lambda branch: self.net.via(flow, branch), edit)

    def agree(self, msg, ue):
        """Install the set of a 401 and tell the UE."""
        auth = sip.auth_params(msg.get("WWW-Authenticate"))
        ck, ik = bytes.fromhex(auth.pop("ck")), bytes.fromhex(auth.pop("ik"))
        msg.put("WWW-Authenticate", f'Digest realm="{auth["realm"]}",nonce="{auth["nonce"]}",'
                                    f'algorithm={auth["algorithm"]},qop="auth"')
        offer = next(o for o in ue.offers if o.usable)
        self.spi += 2
        port_c = self.o.port_s + 1 + self.spi // 2 % CLIENT_PORTS
        server = secagree.Offer.make(offer.suite, {
            "spi-c": self.spi, "spi-s": self.spi + 1, "port-c": port_c,
            "port-s": self.o.port_s})
        sas = xfrm.SaSet(
            ue.address, self.o.listen, offer.suite, ck, ik,
            uc=offer.number("port-c"), us=offer.number("port-s"), pc=port_c, ps=self.o.port_s,
            spi_uc=offer.number("spi-c"), spi_us=offer.number("spi-s"),
            spi_pc=self.spi, spi_ps=self.spi + 1)
        for old in [s for s in ue.sets if s is not ue.current]:
            self.drop(ue, old)
        if self.o.xfrm:
            sas.install("pcscf")
        ue.sets.append(sas)
        msg.add("Security-Server", server.format())

    def drop(self, ue, sas):
        for stream in self.streams:
            if stream.sock and stream.remote[0] == ue.address and \
                    stream.remote[1] in (sas.uc, sas.us):
                stream.close(abort=True)
        sas.remove()
        ue.sets.remove(sas)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--listen", required=True, help="P-CSCF address on Gm")
    p.add_argument("--port", type=int, default=5060)
    p.add_argument("--port-s", type=int, default=6100)
    p.add_argument("--mw", required=True, help="own address towards the core")
    p.add_argument("--mw-port", type=int, default=5060)
    p.add_argument("--core", required=True, metavar="ADDRESS[:PORT]")
    p.add_argument("--t1", type=float, default=2.0)
    p.add_argument("--no-xfrm", dest="xfrm", action="store_false")
    p.add_argument("--log")
    Peer(p.parse_args()).run()


if __name__ == "__main__":
    main()
