#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The stateful proxy of RFC 3261 16, as far as the core and the stand-in for the
P-CSCF have it in common: one target, one Via, answers and CANCEL along it."""

import sip


def one_hop_less(msg):
    """Max-Forwards minus one; False when there is none left."""
    left = int(msg.get("Max-Forwards") or 70) - 1
    msg.put("Max-Forwards", str(left))
    return left >= 0


class Proxy:
    """Forwards requests of one endpoint's Transactions."""

    def __init__(self, transactions, log):
        self.transactions, self.log = transactions, log
        self.clients = {}               # Server of an INVITE: Client that went on with it

    def forward(self, server, msg, flow, via, edit=None, timeout=180.0):
        """`msg` goes on, `edit`ed answers come back.  `via` gives the Via value for
        a branch.  An ACK of a 2xx has no transaction."""
        msg.push("Via", via(f"z9hG4bK{sip.token(10)}"))
        if msg.method == "ACK":
            try:
                flow.send(msg)
            except OSError as exc:
                self.log.write("send-failed", start=msg.start, why=str(exc))
            return

        def answered(answer):
            if answer is None:
                if server.final is None:
                    server.answer(408)
                return
            if answer.status == 100:
                return
            back = answer.copy()
            back.pop("Via")
            if edit:
                edit(back)
            server.respond(back, relayed=True)
            if answer.status >= 200:
                self.transactions.timers.after(32.0, lambda: self.clients.pop(server, None))
        client = self.transactions.start(msg, flow, answered, timeout)
        if msg.method == "INVITE":
            self.clients[server] = client

    def cancel(self, msg, server):
        """CANCEL: 200 here, and a CANCEL of our own along the INVITE's way; whether
        it was about an INVITE that went on."""
        invite = self.transactions.invite_of(msg)
        client = self.clients.get(invite)
        if client is None:
            return False
        server.answer(200)
        if client.live:
            self.transactions.start(client.cancel_message(), client.flow,
                                    lambda answer: None, 32.0)
        return True
