#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How a phone sends and receives: its legs, its loop, its log.

Phone (phone.py) inherits this; what is not registration is in ue_party.py.
"""

import hashlib
from xml.etree import ElementTree
import select
import time

import sip
import ue_checks
from timers import Timers
from ue_flow import Flow
from ue_party import UeParty


class PhoneIo:
    """The legs of a phone and what comes and goes on them."""

    def __init__(self, options, log):
        self.o, self.log = options, log
        self.clear_leg = None
        self.sas_leg = None             # the leg of the SA set in use
        self.pending_leg = None         # of a chain that is under way
        self.old_legs = []
        self.old_due = False            # the new set was used: the old ones may go
        self.violations = []
        self.datagrams = 0
        self.timers = Timers()
        self.party = UeParty(self)
        self.last_call = None           # the newest one, over or not

    def legs(self):
        return [x for x in (self.clear_leg, *self.old_legs, self.sas_leg, self.pending_leg) if x]

    def leg_of(self, arrival, leg):
        """The leg a message came on; old and new set share the sockets of port_us."""
        for other in (self.pending_leg, self.sas_leg, *self.old_legs):
            if other and other.owns(arrival.src[1], arrival.dst[1]):
                return other
        return leg

    def wire(self, msg):
        """The octets of a message, in the style of this phone."""
        return msg.octets(compact=self.o.style == "chinamobile",
                          fold=("authorization",) if self.o.fold else ())

    def note(self, event, msg, octets, transport, src, dst, spi):
        """Log one message."""
        self.log.write(event, transport=transport, src=sip.host_port(*src),
                       dst=sip.host_port(*dst), spi=spi, start=msg.start, method=msg.method,
                       cseq=msg.get("CSeq"), call_id=msg.get("Call-ID"), octets=len(octets),
                       body=hashlib.sha1(msg.body).hexdigest()[:16] if msg.body else None,
                       identity=msg.values("P-Asserted-Identity"),
                       routes=msg.values("Record-Route" if event == "received" else "Route"),
                       security_server=msg.values("Security-Server"),
                       require=msg.values("Require"))

    def note_alternative(self, msg):
        """What a 380 tells a UE to do instead (TS 24.229 5.1.6 and 7.6), and whether it
        is of the P-CSCF that the UE has registered with: the last of its Path (5.1.3.1)."""
        said, identity = {}, msg.values("P-Asserted-Identity")
        if msg.get("Content-Type") == "application/3gpp-ims+xml":
            said = {e.tag: e.text for e in ElementTree.fromstring(msg.body).iter()}
        self.log.write("alternative", kind=said.get("type"), action=said.get("action"),
                       identity=identity, ours=bool(identity) and identity == self.path[-1:])

    def loses(self):
        """Whether this datagram is one of those that the radio loses (--lose)."""
        self.datagrams += 1
        return bool(self.o.lose) and self.datagrams % self.o.lose == 0

    def judge(self, msg, arrival, leg):
        """What is wrong with a message for a UE is logged, and makes the UE fail."""
        for text in ue_checks.found(msg, arrival.octets, arrival, leg):
            self.violations.append(text)
            self.log.write("violation", what=text, start=msg.start)

    def poll(self, timeout, also=(), until=None):
        """Handle what arrives, and timers; ends after `timeout`, when `until()` is
        true, or when one of the descriptors `also` becomes readable."""
        end = time.monotonic() + timeout
        while not (until and until()):
            left = end - time.monotonic()
            if left < 0:
                return
            socks = {s: leg for leg in self.legs() for s in leg.sockets()}
            ready, _, _ = select.select([*socks, *also], [], [], self.timers.left(left))
            self.timers.run()
            for sock in ready:
                if sock in socks and sock.fileno() >= 0:
                    for arrival in socks[sock].read(sock):
                        self.arrived(arrival, socks[sock])
            if self.old_due:
                self.drop_old_legs()
            if any(sock in also for sock in ready):
                return

    def arrived(self, arrival, leg):
        """One message."""
        try:
            msg = sip.Message.parse(arrival.octets)
        except sip.SipError as exc:
            if arrival.octets.strip():
                self.log.write("unparsable", why=str(exc))
            return
        if arrival.transport == "udp" and self.loses():
            self.log.write("lost", start=msg.start, way="in")
            return
        leg = self.leg_of(arrival, leg)
        self.note("received", msg, arrival.octets, arrival.transport, arrival.src,
                  arrival.dst, leg.spi_in(arrival.dst[1]))
        self.judge(msg, arrival, leg)
        if not msg.is_request and msg.status == 380:
            self.note_alternative(msg)
        if leg is self.sas_leg and self.old_legs:
            self.old_due = True
        if msg.is_request:
            by_tcp = arrival if arrival.transport == "tcp" else None
            self.party.received(msg, Flow(self, leg, arrival.transport, by_tcp))
        elif not self.party.transactions.answered(msg):
            self.log.write("stray-answer", start=msg.start, cseq=msg.get("CSeq"))

    def transact(self, msg, leg, timeout=None):
        """Send a request, wait for its final answer; None when none came."""
        finals = []

        def answered(answer):
            if answer is None or answer.status >= 200:
                finals.append(answer)
        self.party.start(msg, Flow(self, leg, self.o.transport), answered,
                         timeout or self.o.timeout)
        while not finals:
            self.poll(60, until=lambda: finals)
        return finals[0]

    def in_use(self, leg):
        """Whether a transaction still needs this leg (TS 24.229 5.1.1.5.1)."""
        transactions = self.party.transactions
        return any(c.live and c.flow.leg is leg for c in transactions.clients.values()) or \
            any(s.final is None and s.flow.leg is leg and s.flow.transport == "tcp"
                for s in transactions.servers.values())

    def drop_old_legs(self, force=False):
        """The P-CSCF has used the new set: the old ones go, when nothing needs them."""
        for leg in [x for x in self.old_legs if force or not self.in_use(x)]:
            self.log.write("old-set-dropped", spi_us=leg.sas.sas[2][4])
            self.old_legs.remove(leg)
            self.close_leg(leg)
        self.old_due = bool(self.old_legs)

    def close_leg(self, leg):
        raise NotImplementedError
