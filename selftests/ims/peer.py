#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A stand-in for the P-CSCF, made of stock XFRM: to test the UE, core and judge alone.

It has no policy and checks nothing; what it proves is that the four SAs of
xfrm.py, seen from both ends, fit together.  One UE, one P-CSCF address.
"""

import argparse
import select

import events
import secagree
import sip
import xfrm
from legs import ClearLeg, Leg, ProtectedLeg, open_socket, socket


class GateLeg(ProtectedLeg):
    """The P-CSCF's end of a set: listens on port_ps, sends from port_pc."""

    def __init__(self, sas, ports):
        self.ports = ports              # the sockets of port_ps, shared by all sets
        self.sas = sas
        Leg.__init__(self, sas.pcscf, (sas.ue, sas.us), sas.pc, sas.ps)

    def open(self):
        Leg.open(self)
        self.udp[self.receiving], self.listener = self.ports


class Peer:
    """Forwards requests to the core and answers to the UE."""

    def __init__(self, options):
        self.o = options
        self.log = events.Log(options.log)
        self.clear = ClearLeg(options.listen, "0.0.0.0", options.port)
        self.clear.listener = open_socket(options.listen, options.port, socket.SOCK_STREAM)
        self.clear.listener.listen(4)
        udp = open_socket(options.listen, options.port_s, socket.SOCK_DGRAM)
        tcp = open_socket(options.listen, options.port_s, socket.SOCK_STREAM)
        tcp.listen(4)
        self.ports = (udp, tcp)
        self.mw = open_socket(options.mw, 5060, socket.SOCK_DGRAM)
        self.seen = set()
        self.waiting = {}               # branch: (arrival, protected)
        self.sas, self.leg = None, None
        self.spi = 0x20000000

    def run(self):
        while True:
            legs = {s: leg for leg in (self.clear, self.leg) if leg for s in leg.sockets()}
            for sock in select.select([*legs, self.mw], [], [])[0]:
                if sock is self.mw:
                    self.from_core(sock.recv(65535))
                elif sock in legs:
                    for arrival in legs[sock].read(sock):
                        self.from_ue(arrival, legs[sock])

    def from_ue(self, arrival, leg):
        msg = sip.Message.parse(arrival.octets)
        if msg.branch in self.seen:             # a retransmission; the answer is under way
            return
        self.seen.add(msg.branch)
        protected = leg is self.leg
        self.offers = secagree.parse(msg.values("Security-Client"))
        for name in ("Security-Client", "Security-Verify", "Require", "Proxy-Require"):
            msg.remove(name)
        branch = f"z9hG4bK{sip.token()}"
        mw = sip.host_port(self.o.mw, 5060)
        msg.headers.insert(0, ("Via", f"SIP/2.0/UDP {mw};branch={branch}"))
        flag = "yes" if protected else "no"
        for i, (name, value) in enumerate(msg.headers):
            if name == "Authorization":
                msg.headers[i] = (name, f'{value},integrity-protected="{flag}"')
            elif name == "Max-Forwards":
                msg.headers[i] = (name, "69")
        msg.headers += [("Path", f"<sip:term@{mw};lr>"), ("Require", "path"),
                        ("P-Visited-Network-ID", "visited.example"),
                        ("P-Charging-Vector", f'icid-value="{branch}"')]
        self.waiting[branch] = arrival, protected
        self.mw.sendto(msg.octets(), (self.o.core, 5060))

    def from_core(self, octets):
        msg = sip.Message.parse(octets)
        arrival, protected = self.waiting.pop(msg.branch)
        msg.headers.pop(0)
        msg.remove("P-Charging-Vector")
        msg.remove("P-Charging-Function-Addresses")
        if msg.status == 401:
            self.agree(msg, arrival)
        out = msg.octets()
        if protected and arrival.transport == "udp":
            self.leg.send(out, "udp")
        elif arrival.transport == "udp":
            self.clear.udp[self.o.port].sendto(out, arrival.src)
        else:
            arrival.answer(out)

    def agree(self, msg, arrival):
        """Install the set of a 401 and tell the UE."""
        auth = sip.auth_params(msg.get("WWW-Authenticate"))
        ck, ik = bytes.fromhex(auth.pop("ck")), bytes.fromhex(auth.pop("ik"))
        msg.remove("WWW-Authenticate")
        msg.add("WWW-Authenticate", f'Digest realm="{auth["realm"]}",nonce="{auth["nonce"]}",'
                                    f'algorithm={auth["algorithm"]},qop="auth"')
        offer = next(o for o in self.offers if o.usable)
        self.spi += 2
        port_c = self.o.port_s + 1 + self.spi // 2 % 4
        server = secagree.Offer.make(offer.suite, {
            "spi-c": self.spi, "spi-s": self.spi + 1, "port-c": port_c,
            "port-s": self.o.port_s})
        if self.leg:
            del self.leg.udp[self.o.port_s]
            self.leg.listener = None
            self.leg.close(abort=True)
            self.sas.remove()
        self.sas = xfrm.SaSet(
            arrival.src[0], self.o.listen, offer.suite, ck, ik,
            uc=offer.number("port-c"), us=offer.number("port-s"), pc=port_c, ps=self.o.port_s,
            spi_uc=offer.number("spi-c"), spi_us=offer.number("spi-s"),
            spi_pc=self.spi, spi_ps=self.spi + 1)
        self.sas.install("pcscf")
        self.leg = GateLeg(self.sas, self.ports)
        msg.add("Security-Server", server.format())


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--listen", required=True, help="P-CSCF address on Gm")
    p.add_argument("--port", type=int, default=5060)
    p.add_argument("--port-s", type=int, default=6100)
    p.add_argument("--mw", required=True, help="own address towards the core")
    p.add_argument("--core", required=True)
    p.add_argument("--log")
    Peer(p.parse_args()).run()


if __name__ == "__main__":
    main()
