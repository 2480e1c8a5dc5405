#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""INVITE sessions, from either side: reliable provisional responses (RFC 3262),
preconditions (RFC 3312), UPDATE (RFC 3311), forking, CANCEL, re-INVITE, BYE.

A Call is driven by events; its states are written to the log as "call":

  calling, proceeding, early, ringing, answered, confirmed,
  refused, cancelled, unanswered, released

A Party (party.py) says what its requests look like and sends them.
"""

import sip
from dialog import Dialog
from sdp import Session, wants_precondition

OVER = ("refused", "cancelled", "unanswered", "released")


class Call:
    """What both sides have: state, session, and what is the same once a dialog is there."""

    def __init__(self, party, call_id):
        self.party, self.call_id = party, call_id
        self.state = None
        self.status = None              # the final answer to the INVITE
        self.dialog = None
        self.session = None
        self.reinvites = {}             # CSeq: Server that waits for its ACK
        party.calls.append(self)

    def go(self, state, **more):
        self.state = state
        dialog = self.dialog.key[1:] if self.dialog else None
        self.party.log.write("call", state=state, role=self.role, call_id=self.call_id,
                             dialog=dialog, **more)
        if state in OVER:
            self.party.forget_call(self)

    @property
    def over(self):
        return self.state in OVER

    def option(self, name):
        return self.party.call_options[name]

    def body(self, msg, octets):
        msg.add("Content-Type", "application/sdp")
        msg.body = octets

    # -- in the dialog, either way ----------------------------------------

    def bye(self):
        self.party.send_in(self.dialog, "BYE", self.bye_answered)

    def bye_answered(self, answer):
        self.go("released", by="us", bye=answer.status if answer else None)

    def modify(self, method, then=None):
        """A re-INVITE or UPDATE with the next description; `then` gets the final answer."""
        self.session.direction = "sendonly" if self.session.direction == "sendrecv" \
            else "sendrecv"
        msg = self.party.request_in(self.dialog, method)
        self.body(msg, self.session.describe())
        dialog, acked = self.dialog, []

        def answered(answer):
            if answer is not None and answer.status < 200:
                return
            if method == "INVITE" and answer is not None and answer.status < 300:
                self.party.acknowledge(dialog, msg)
            if acked:
                return
            acked.append(True)
            if answer is not None and answer.status < 300:
                dialog.refresh(answer)
                self.session.heard(answer.body)
            self.party.log.write("modified", method=method, call_id=self.call_id,
                                 status=answer.status if answer else None)
            if then:
                then(answer)
        self.party.transmit(msg, answered)

    def in_dialog(self, msg, server, dialog):
        """A request of the other side within one of our dialogs."""
        handler = getattr(self, "do_" + msg.method.lower(), None)
        if handler is None:
            server.answer(405 if msg.method != "OPTIONS" else 200)
        else:
            handler(msg, server, dialog)

    def do_bye(self, _msg, server, _dialog):
        server.answer(200)
        self.go("released", by="them")

    def do_update(self, msg, server, dialog):
        dialog.refresh(msg)
        self.accept_offer(msg, server)
        self.updated()

    def updated(self):
        """The other side has sent an UPDATE."""

    def do_invite(self, msg, server, dialog):
        """A re-INVITE."""
        dialog.refresh(msg)
        self.reinvites[msg.cseq[0]] = server
        self.accept_offer(msg, server)

    def accept_offer(self, msg, server):
        answer = sip.response_to(msg, 200)
        for route in msg.get_all("Record-Route"):
            answer.add("Record-Route", route)
        answer.add("Contact", self.party.contact())
        if msg.body:
            self.session.heard(msg.body)
            self.body(answer, self.session.describe())
        server.respond(answer)

    def do_ack(self, msg, _server, _dialog):
        server = self.reinvites.pop(msg.cseq[0], None)
        if server:
            server.proved()

    def do_info(self, _msg, server, _dialog):
        server.answer(200)


class Caller(Call):
    """We call; forking gives several early dialogs, the first 2xx wins."""

    role = "caller"

    def __init__(self, party, whom):
        self.invite = party.request("INVITE", whom)
        super().__init__(party, self.invite.get("Call-ID"))
        self.early = {}                 # To tag: (Dialog, highest RSeq seen)
        self.updates = set()            # To tags of the dialogs that had our UPDATE
        self.cancelled = False
        precondition = self.option("precondition")
        self.session = Session(party.host, self.option("small"), precondition)
        tags = ["100rel"] if self.option("reliable") else []
        if precondition:
            tags.append("precondition")
        if tags:
            self.invite.add("Supported", ", ".join(tags))
            if self.option("require"):
                for tag in tags:
                    self.invite.add("Require", tag)
        self.invite.add("Contact", party.contact())
        if not self.option("late_offer"):
            self.body(self.invite, self.session.describe())
        self.go("calling", uri=self.invite.uri)
        self.client = party.transmit(self.invite, self.answered)

    def answered(self, answer):
        """A response to the INVITE, or None: there was none."""
        if answer is None:
            self.go("unanswered")
            return
        tag = sip.tag_of(answer.get("To"))
        if answer.status < 200:
            if self.cancelled == "wanted":
                self.cancel()
            if answer.status > 100 and tag:
                self.provisional(answer, tag)
            elif self.state == "calling":
                self.go("proceeding")
            return
        if answer.status >= 300:
            if self.over:
                return
            self.status = answer.status
            self.go("cancelled" if self.cancelled else "refused", status=answer.status)
            return
        self.accepted(answer, tag)

    def provisional(self, answer, tag):
        """101..199: an early dialog; reliable ones get a PRACK."""
        if tag not in self.early:
            dialog = Dialog.of_caller(self.invite, answer)
            self.early[tag] = [dialog, 0]
            self.party.add_dialog(dialog, self)
        entry = self.early[tag]
        dialog = entry[0]
        if "100rel" in answer.values("Require"):
            rseq = int(answer.get("RSeq") or 0)
            if rseq <= entry[1]:                        # a retransmission
                return
            entry[1] = rseq
            self.session.heard(answer.body)
            prack = self.party.request_in(dialog, "PRACK")
            prack.add("RAck", f"{rseq} {answer.get('CSeq')}")
            self.party.transmit(prack, lambda got: self.pracked(got, dialog, tag))
        self.go("ringing" if answer.status == 180 else "early", status=answer.status, tag=tag,
                dialogs=len(self.early))

    def pracked(self, answer, dialog, tag):
        """Our resources are there: an UPDATE says so, once in each dialog."""
        if answer is None or answer.status != 200 or not self.session.precondition \
                or tag in self.updates or self.dialog:
            return
        self.updates.add(tag)
        self.session.local = "sendrecv"
        update = self.party.request_in(dialog, "UPDATE")
        self.body(update, self.session.describe())

        def updated(got):
            if got is not None and got.status == 200:
                self.session.heard(got.body)
                dialog.refresh(got)
        self.party.transmit(update, updated)

    def accepted(self, answer, tag):
        """2xx: ACK; one that comes after the first, of another callee, is ended."""
        if self.dialog is None:
            dialog = self.early[tag][0] if tag in self.early else \
                Dialog.of_caller(self.invite, answer)
            dialog.refresh(answer)
            dialog.routes = answer.values("Record-Route")[::-1]
            self.dialog, self.status = dialog, answer.status
            self.party.add_dialog(dialog, self)
            self.acknowledge(dialog, answer)
            self.go("confirmed", tag=tag)
            if self.cancelled:                          # it crossed our CANCEL
                self.bye()
            return
        if tag == sip.tag_of(self.dialog.remote):
            self.acknowledge(self.dialog, answer)
            return
        other = Dialog.of_caller(self.invite, answer)
        if tag in self.early:
            other.cseq = self.early[tag][0].cseq
        self.acknowledge(other, answer)
        self.party.log.write("second-answer", tag=tag, call_id=self.call_id)
        self.party.send_in(other, "BYE", lambda got: None)

    def acknowledge(self, dialog, answer):
        body = b""
        if self.option("late_offer") and answer.body:
            body = self.session.describe()
        self.party.acknowledge(dialog, self.invite, body)

    def cancel(self):
        """CANCEL, at the earliest after a provisional response (RFC 3261 9.1)."""
        if not self.client.provisional:
            self.cancelled = "wanted"
            return
        self.cancelled = "sent"
        self.client.give_up_after(32.0)
        self.party.start(self.client.cancel_message(), self.client.flow,
                         lambda got: self.party.log.write(
                             "cancel-answered", status=got.status if got else None))


class Callee(Call):
    """We are called.  `dialog_tag` is ours in this dialog: a forked request has
    one Callee for each callee that it reached."""

    role = "callee"

    def __init__(self, party, invite, server, dialog_tag=None, answers=True):
        super().__init__(party, invite.get("Call-ID"))
        self.invite, self.server, self.answers = invite, server, answers
        self.tag = dialog_tag or server.tag
        self.rseq = 0
        self.waiting = None             # what goes on after the PRACK
        self.rung = False
        self.session = Session(party.host, self.option("small"),
                               "precondition" in self.tags() and wants_precondition(invite.body))
        self.session.local = "sendrecv"
        self.session.heard(invite.body)
        self.dialog = Dialog.of_callee(invite, self.tag)
        party.add_dialog(self.dialog, self)
        self.go("proceeding", tag=self.tag)
        if "100rel" in self.tags() and self.option("reliable"):
            self.provisional(183, self.session.describe() if invite.body else b"",
                             self.after_progress)
        else:
            self.ring()

    def tags(self):
        return self.invite.values("Supported") + self.invite.values("Require")

    def response(self, status):
        answer = sip.response_to(self.invite, status, tag=self.tag)
        for route in self.invite.get_all("Record-Route"):
            answer.add("Record-Route", route)
        answer.add("Contact", self.party.contact())
        self.party.decorate_answer(answer)
        return answer

    def provisional(self, status, body, then):
        """A reliable 1xx; `then` is called when its PRACK has come."""
        answer = self.response(status)
        self.rseq += 1
        answer.add("Require", "100rel")
        answer.add("RSeq", str(self.rseq))
        if body:
            self.body(answer, body)
        self.waiting = then
        self.go("early" if status == 183 else "ringing", tag=self.tag, status=status)
        self.server.respond(answer, reliable=True)

    def do_prack(self, msg, server, _dialog):
        expected = f"{self.rseq} {self.invite.get('CSeq')}"
        if self.waiting is None or msg.get("RAck") != expected:
            server.answer(481)
            return
        self.server.proved()
        server.answer(200)
        then, self.waiting = self.waiting, None
        then()

    def after_progress(self):
        """Without preconditions left to meet it rings."""
        if self.session.ready:
            self.ring()

    def updated(self):
        if not self.rung and self.session.ready:
            self.ring()

    def ring(self):
        self.rung = True
        if "100rel" in self.tags() and self.option("reliable_ringing"):
            self.provisional(180, b"", self.pick_up_later)
            return
        self.go("ringing", tag=self.tag, status=180)
        self.server.respond(self.response(180))
        self.pick_up_later()

    def pick_up_later(self):
        if self.answers and self.option("pickup"):
            self.party.timers.after(self.option("ring"), self.pick_up)

    def pick_up(self):
        """200 OK, repeated until its ACK comes."""
        if self.state not in ("early", "ringing", "proceeding"):
            return
        answer = self.response(200)
        if not self.rseq or not self.invite.body:
            self.body(answer, self.session.describe())
        self.status = 200
        self.go("answered", tag=self.tag)
        self.server.respond(answer)

    def reject(self, status):
        if self.state in ("early", "ringing", "proceeding"):
            self.server.proved()
            self.server.answer(status, self.tag)
            self.status = status
            self.go("refused", status=status)

    def cancelled_by_caller(self):
        """The CANCEL itself has its 200 already."""
        if self.state in ("early", "ringing", "proceeding"):
            self.server.proved()
            if self.answers:
                self.server.answer(487, self.tag)
            self.status = 487
            self.go("cancelled", status=487)

    def do_ack(self, msg, server, dialog):
        if msg.cseq[0] != self.invite.cseq[0]:
            super().do_ack(msg, server, dialog)
            return
        self.server.proved()
        if self.state == "answered":
            self.go("confirmed", tag=self.tag)
