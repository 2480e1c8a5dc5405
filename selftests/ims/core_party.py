#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The far end: users that are not UEs under test, inside the core.

Who is called decides what happens, by the user part of the URI:

  busy        486
  status-NNN  that final answer
  silent      183, 180, then nothing (for CANCEL)
  forked      three callees: each 183 and 180 with its own To tag, one 200
  twice       two callees, both answer 200
  any other   183, PRACK, UPDATE, 180, 200

Requests that are not INVITE are answered 200.
"""

import sip
from call import Callee
from party import Party


class Silent(Callee):
    """Rings for ever."""

    def pick_up_later(self):
        pass


class FarEnd(Party):
    """All far users; sends along Path or route set through the core's sockets."""

    def __init__(self, core):
        super().__init__(core.log, core.timers, core.transactions.t1)
        self.core = core
        self.transactions = core.transactions
        self.host = core.net.host
        self.cseq = 0
        self.last_call = None

    def contact(self):
        return f"<sip:far@{sip.host_port(self.core.net.host, self.core.net.port)}>"

    def request(self, method, sub):
        """To a registered UE, a Subscriber, along its Path."""
        domain = self.core.registrar.domain
        self.cseq += 1
        msg = sip.Message(f"{method} {sub.binding['contact']} SIP/2.0")
        for path in sub.binding["path"]:
            msg.add("Route", path)
        msg.add("Max-Forwards", "68")
        msg.add("From", f"<sip:far@{domain}>;tag={sip.token(4)}")
        msg.add("To", f"<{sub.impu}>")
        msg.add("Call-ID", sip.token())
        msg.add("CSeq", f"{self.cseq} {method}")
        msg.add("P-Called-Party-ID", f"<{sub.impu}>")
        msg.add("P-Asserted-Identity", f"<sip:far@{domain}>")
        if method in ("INVITE", "SUBSCRIBE", "REFER"):
            msg.add("Record-Route", self.core.own_route)
        self.decorate(msg)
        return msg

    def decorate(self, msg):
        self.core.registrar.add_charging(msg)

    def decorate_answer(self, msg):
        self.core.registrar.add_charging(msg)
        msg.add("P-Asserted-Identity", f"<{sip.uri_of(msg.get('To'))}>")

    def transmit(self, msg, on_answer=None):
        return self.core.send(msg, on_answer or (lambda answer: None))

    # -- being called -----------------------------------------------------------

    def invited(self, msg, server):
        user = sip.Uri(msg.uri).user
        if user == "busy" or user.startswith("status-"):
            server.answer(486 if user == "busy" else int(user.partition("-")[2]))
        elif user in ("forked", "twice"):
            count = 3 if user == "forked" else 2
            for i in range(count):
                Callee(self, msg, Fork(server), sip.token(4),
                       answers=user == "twice" or i == count - 1)
        else:
            self.last_call = (Silent if user == "silent" else Callee)(self, msg, server)

    def standalone(self, msg, server):
        user = sip.Uri(msg.uri).user
        if user.startswith("status-"):
            server.answer(int(user.partition("-")[2]))
            return
        answer = sip.response_to(msg, 200, tag=server.tag)
        self.decorate_answer(answer)
        server.respond(answer)

    # -- calling ------------------------------------------------------------------

    def call_ue(self, sub):
        """A call to a UE."""
        self.last_call = self.call(sub)


class Fork:
    """A Server seen by one of several callees behind a forking proxy: each has
    retransmissions of its own, of its own answers."""

    def __init__(self, server):
        self.server, self.tag = server, server.tag
        self.again = None

    def respond(self, answer, reliable=False):
        """Each repeats its reliable 1xx and its 2xx itself."""
        self.proved()
        self.server.respond(answer, relayed=True)
        if reliable or 200 <= answer.status < 300:
            self.again = self.server.owner.timers.after(
                1.0, lambda: self.respond(answer, reliable))

    def answer(self, status, tag=None, reason=None):
        self.server.answer(status, tag, reason)

    def proved(self):
        self.server.owner.timers.cancel(self.again)
        self.again = None


