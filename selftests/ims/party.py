#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One end of dialogs and transactions: what a UE and the core's own far end share.

A subclass says who it is and how messages are sent: `host`, contact(),
request(), transmit(), decorate().
"""

import sip
from call import Callee, Caller
from dialog import Dialog
from transaction import Transactions

# How calls are made and taken; see ue.py --help.
CALL_OPTIONS = {"reliable": True, "precondition": True, "require": False, "small": False,
                "late_offer": False, "reliable_ringing": False, "pickup": True, "ring": 0.2}


class Party:
    """Dialogs and calls of one end."""

    host = None                         # for Contact and SDP

    def __init__(self, log, timers, t1, t2=16.0):
        self.log, self.timers = log, timers
        self.transactions = Transactions(timers, log, t1, t2)
        self.call_options = dict(CALL_OPTIONS)
        self.calls = []
        self.dialogs = {}               # (Call-ID, our tag, their tag): (Dialog, who has it)

    # -- what a subclass must say ----------------------------------------

    def contact(self):
        """The value of Contact."""
        raise NotImplementedError

    def request(self, method, whom):
        """A request outside a dialog, without Via, to what this end calls a callee."""
        raise NotImplementedError

    def decorate(self, msg):
        """Add to a request within a dialog what this end adds to all of them."""

    def decorate_answer(self, msg):
        """Add to an answer to an INVITE what this end adds."""

    def transmit(self, msg, on_answer=None):
        """Give it a Via and send it; returns the Client, for an ACK None."""
        raise NotImplementedError

    def standalone(self, msg, server):
        """A request outside a dialog that is no INVITE."""
        raise NotImplementedError

    def invited(self, msg, server):
        """An INVITE outside a dialog."""
        raise NotImplementedError

    # -- sending -----------------------------------------------------------

    def start(self, msg, flow, on_answer, timeout=32.0):
        return self.transactions.start(msg, flow, on_answer, timeout)

    def request_in(self, dialog, method, cseq=None):
        msg = dialog.request(method, cseq)
        if method in ("INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY"):
            msg.add("Contact", self.contact())
        self.decorate(msg)
        return msg

    def send_in(self, dialog, method, on_answer):
        return self.transmit(self.request_in(dialog, method), on_answer)

    def acknowledge(self, dialog, invite, body=b""):
        """The ACK of a 2xx: a request of its own in the dialog (RFC 3261 13.2.2.4)."""
        ack = self.request_in(dialog, "ACK", invite.cseq[0])
        if body:
            ack.add("Content-Type", "application/sdp")
            ack.body = body
        self.transmit(ack)

    # -- receiving ---------------------------------------------------------

    def received(self, msg, flow):
        """A request; `flow` is where its answers go."""
        server = self.transactions.received(msg, flow)
        if server is not None:
            self.dispatch(msg, server)

    def dispatch(self, msg, server):
        """A new request."""
        if msg.method == "CANCEL":
            self.cancelled(msg, server)
            return
        if sip.tag_of(msg.get("To")):
            self.received_in_dialog(msg, server)
        elif msg.method == "INVITE":
            self.invited(msg, server)
        elif msg.method != "ACK":
            self.standalone(msg, server)

    def received_in_dialog(self, msg, server):
        dialog, owner = self.dialogs.get(Dialog.key_of(msg), (None, None))
        if dialog is None:
            if msg.method != "ACK":
                self.log.write("no-dialog", start=msg.start, call_id=msg.get("Call-ID"))
                server.answer(481)
            return
        if not dialog.takes(msg):
            self.log.write("cseq-out-of-order", start=msg.start, cseq=msg.get("CSeq"))
            server.answer(500)
            return
        owner.in_dialog(msg, server, dialog)

    def cancelled(self, msg, server):
        invite = self.transactions.invite_of(msg)
        if invite is None:
            server.answer(481)
            return
        server.answer(200)
        for call in [c for c in self.calls if isinstance(c, Callee) and c.server is invite]:
            call.cancelled_by_caller()

    # -- dialogs and calls ---------------------------------------------------

    def add_dialog(self, dialog, owner):
        self.dialogs[dialog.key] = (dialog, owner)

    def drop_dialogs(self, owner):
        self.dialogs = {k: v for k, v in self.dialogs.items() if v[1] is not owner}

    def forget_call(self, call):
        """The call is over; its Clients and Servers live on for retransmissions."""
        if call in self.calls:
            self.calls.remove(call)
        self.drop_dialogs(call)

    def call(self, whom):
        return Caller(self, whom)

    @property
    def current(self):
        """The newest call, or None."""
        return self.calls[-1] if self.calls else None
