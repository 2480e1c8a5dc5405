#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a UE does besides registering (TS 24.229 5.1.2A to 5.1.6).

Requests carry the P-CSCF and the Service-Route as Route, Security-Verify
(RFC 3329 2.3.1) and P-Preferred-Identity.  A request that is larger than
the limit of RFC 3261 18.1.1 goes over TCP, also in the middle of a dialog
over UDP.
"""

import sip
from call import Callee
from party import Party
from subscription import Subscription
from ue_flow import Flow

ALLOW = "INVITE,ACK,CANCEL,BYE,UPDATE,PRACK,MESSAGE,REFER,NOTIFY,OPTIONS"
ACCESS = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000010b"
SERVICE = '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"'
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
VIA_ROOM = 100                  # the Via that a message does not have yet when it is measured

# What a UE must not send; the P-CSCF removes all of it (TS 24.229 4.4).
FORGED = (("P-Asserted-Identity", "<sip:victim@ims.mnc001.mcc001.3gppnetwork.org>"),
          ("P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.forged"),
          ("P-Charging-Vector", 'icid-value="forged"'),
          ("P-Charging-Function-Addresses", 'ccf="forged.example"'),
          ("P-Served-User", "<sip:victim@ims.mnc001.mcc001.3gppnetwork.org>"),
          ("P-Profile-Key", "<sip:forged@ims.mnc001.mcc001.3gppnetwork.org>"),
          ("P-Visited-Network-ID", "forged.example"),
          ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1;network-provided"),
          ("Security-Client", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1000;spi-s=1001;"
                              "port-c=5001;port-s=5002"))


class UeParty(Party):
    """The UE as an end of calls, messages and subscriptions."""

    def __init__(self, phone):
        self.phone = phone
        super().__init__(phone.log, phone.timers, phone.o.t1, phone.o.t2)
        self.subscription = None

    # -- what our messages look like ---------------------------------------

    @property
    def host(self):
        return self.phone.local

    @property
    def leg(self):
        """Where requests go: the set in use, by the fault in clear."""
        if self.phone.fault("in-clear") or self.phone.o.anonymous:
            return self.phone.open_clear()
        return self.phone.sas_leg or self.phone.clear_leg

    def contact(self):
        return self.phone.contact(self.leg)

    def request(self, method, uri):
        phone, leg = self.phone, self.leg
        phone.cseq += 1
        msg = sip.Message(f"{method} {uri} SIP/2.0")
        msg.add("Route", f"<sip:{sip.host_port(phone.pcscf, leg.remote[1])};lr>")
        for route in self.routes():
            msg.add("Route", route)
        msg.add("Max-Forwards", "70")
        whom = ANONYMOUS if phone.o.anonymous else f"<{phone.impu}>"
        msg.add("From", f"{whom};tag={sip.token(4)}")
        msg.add("To", f"<{uri}>")
        msg.add("Call-ID", f"{sip.token()}@{phone.local}")
        msg.add("CSeq", f"{phone.cseq} {method}")
        if phone.fault("other-preferred"):
            msg.add("P-Preferred-Identity", f"<sip:victim@{phone.o.domain}>")
        elif not phone.fault("no-preferred") and not phone.o.anonymous:
            identity = phone.o.identity or (phone.associated or [phone.impu])[0]
            msg.add("P-Preferred-Identity", f"<{identity}>")
        if phone.o.privacy:
            msg.add("Privacy", phone.o.privacy)
        if method == "INVITE":
            msg.add("Accept-Contact", SERVICE)
            msg.add("Allow", ALLOW)
        self.decorate(msg)
        return msg

    def routes(self):
        """The Service-Route; by the fault or the option something else."""
        if self.phone.fault("wrong-route"):
            return []
        if self.phone.o.anonymous and not self.phone.o.route:
            return []
        return [self.phone.o.route] if self.phone.o.route else self.phone.service_route

    def decorate(self, msg):
        """What every request on an SA set has."""
        phone = self.phone
        msg.add("P-Access-Network-Info", ACCESS)
        if phone.sas_leg:
            phone.add_agreement(msg, phone.sas_leg.verify_lines)
        if phone.fault("forged-trust"):
            for name, value in FORGED:
                msg.add(name, value)

    def decorate_answer(self, msg):
        phone = self.phone
        msg.add("Allow", ALLOW)
        msg.add("P-Access-Network-Info", ACCESS)
        if phone.fault("no-record-route"):
            msg.remove("Record-Route")
        if phone.fault("forged-trust"):
            msg.add("P-Preferred-Identity", FORGED[0][1])
            for name, value in FORGED:
                msg.add(name, value)

    # -- sending -------------------------------------------------------------

    def transport_for(self, msg):
        if self.phone.o.transport == "tcp":
            return "tcp"
        limit = self.phone.o.size_limit
        size = len(self.phone.wire(msg)) + VIA_ROOM
        return "tcp" if limit and size > limit else "udp"

    def transmit(self, msg, on_answer=None):
        leg, transport = self.leg, self.transport_for(msg)
        msg.push("Via", self.phone.via(leg, transport))
        flow = Flow(self.phone, leg, transport)
        if msg.method == "ACK":
            try:
                flow.send(msg)
            except OSError as exc:
                self.log.write("send-failed", start=msg.start, why=str(exc))
            return None
        return self.start(msg, flow, on_answer, self.phone.o.timeout)

    def ask(self, method, uri, body=b""):
        """One request, here until its final answer is there."""
        msg = self.request(method, uri)
        if body:
            msg.add("Content-Type", "text/plain")
            msg.body = body
        return self.ask_with(msg)

    def ask_with(self, msg):
        """The final answer of a request, or None."""
        finals = []

        def answered(answer):
            if answer is None or answer.status >= 200:
                finals.append(answer)
        self.transmit(msg, answered)
        while not finals:
            self.phone.poll(60, until=lambda: finals)
        return finals[0]

    # -- receiving -------------------------------------------------------------

    def invited(self, msg, server):
        status = self.phone.o.answer
        if status == 0:
            return
        if status >= 300:
            server.answer(100)
            self.log.write("call", state="refused", role="callee", status=status,
                           call_id=msg.get("Call-ID"))
            server.answer(status)
            return
        server.answer(100)
        self.phone.last_call = Callee(self, msg, server)

    def standalone(self, msg, server):
        if self.phone.o.answer:
            server.answer(self.phone.o.answer)

    def received_in_dialog(self, msg, server):
        """A NOTIFY may come before the answer to its SUBSCRIBE (RFC 6665 4.1.2.4)."""
        if msg.method == "NOTIFY" and self.subscription and self.subscription.begins(msg):
            self.add_dialog(self.subscription.dialog, self.subscription)
        super().received_in_dialog(msg, server)

    # -- reg event ---------------------------------------------------------------

    def subscribe(self, expires):
        """SUBSCRIBE to the own registration state; returns the status."""
        if self.subscription is None or self.subscription.over:
            self.subscription = Subscription(self, self.phone.impu)
        answer = self.ask_with(self.subscription.request(expires))
        if answer is not None and answer.status < 300:
            self.subscription.accepted(answer)
        return answer
