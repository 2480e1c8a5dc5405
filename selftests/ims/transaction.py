#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Transactions of RFC 3261 17, client and server, INVITE and others.

A flow is where the messages of a transaction go: it has `transport` ("udp",
"tcp") and send(message).  A UE's flows are in phone.py, the core's in
core_net.py.
"""

import sip

LASTING = 64                    # times T1: how long a transaction is remembered


class Client:
    """A request of ours until its final answer.

    `on_answer` is called with every response, and with None when none came in
    time; with the 2xx of an INVITE as often as they come (forking,
    retransmissions: RFC 3261 13.2.2.4).
    """

    def __init__(self, owner, msg, flow, on_answer, timeout):
        self.owner, self.msg, self.flow, self.on_answer = owner, msg, flow, on_answer
        self.is_invite = msg.method == "INVITE"
        self.provisional, self.final, self.acks = False, None, {}
        self.wait = owner.t1
        self.again = None
        self.end = owner.timers.after(timeout, self.timed_out)
        self.key = (msg.branch, msg.method)
        owner.clients[self.key] = self
        self.send()

    @property
    def live(self):
        return self.final is None and self.key in self.owner.clients

    def send(self):
        """Send, and over UDP again and again."""
        persistent = getattr(self.flow, "persistent", False)
        try:
            self.flow.send(self.msg)
        except OSError as exc:
            self.owner.log.write("send-failed", start=self.msg.start, why=str(exc))
            if not persistent:
                self.owner.timers.cancel(self.end)
                self.end = self.owner.timers.after(0, self.timed_out)
                return
        if persistent:
            self.again = self.owner.timers.after(0.5, self.send_if_broken)
        elif self.flow.transport == "udp":
            self.again = self.owner.timers.after(self.wait, self.send)
            longest = self.owner.t2 if not self.is_invite else float("inf")
            self.wait = min(self.wait * 2, longest)

    def send_if_broken(self):
        """Over a new connection, when the one it went over has ended."""
        if self.flow.broken:
            self.send()
        else:
            self.again = self.owner.timers.after(0.5, self.send_if_broken)

    def stop(self):
        self.owner.timers.cancel(self.again)
        self.owner.timers.cancel(self.end)

    def forget(self):
        self.stop()
        self.owner.clients.pop(self.key, None)

    def timed_out(self):
        self.owner.log.write("timeout", start=self.msg.start)
        self.forget()
        self.on_answer(None)

    def give_up_after(self, seconds):
        """Another time-out from now on, such as Timer C or that of a CANCEL."""
        self.owner.timers.cancel(self.end)
        self.end = self.owner.timers.after(seconds, self.timed_out)

    def answered(self, msg):
        if msg.status < 200:
            if self.final is None:
                self.provisional = True
                if self.is_invite:
                    self.stop()
                    self.end = self.owner.timers.after(self.owner.ringing, self.timed_out)
                else:
                    self.wait = self.owner.t2
                self.on_answer(msg)
            return
        if self.final is not None and (msg.status >= 300 or self.final >= 300):
            if self.is_invite and msg.status >= 300:
                self.acknowledge(msg)
            return
        self.final = msg.status
        self.stop()
        if not self.is_invite:
            self.forget()
        else:
            if msg.status >= 300:
                self.acknowledge(msg)
            self.end = self.owner.timers.after(LASTING * self.owner.t1, self.forget)
        self.on_answer(msg)

    def acknowledge(self, answer):
        """The ACK of a final answer that is not 2xx (RFC 3261 17.1.1.3)."""
        ack = sip.Message(f"ACK {self.msg.uri} SIP/2.0")
        ack.add("Via", self.msg.values("Via")[0])
        for name in ("Route", "Max-Forwards", "From", "Call-ID", "Require", "Proxy-Require",
                     "Security-Verify"):
            for value in self.msg.get_all(name):
                if name != "Require" or value == "sec-agree":
                    ack.add(name, value)
        ack.add("To", answer.get("To"))
        ack.add("CSeq", f"{self.msg.cseq[0]} ACK")
        self.send_ack(ack)

    def cancel_message(self):
        """The CANCEL of this INVITE (RFC 3261 9.1)."""
        cancel = sip.Message(f"CANCEL {self.msg.uri} SIP/2.0")
        cancel.add("Via", self.msg.values("Via")[0])
        for name in ("Route", "Max-Forwards", "From", "To", "Call-ID", "Proxy-Require",
                     "Security-Verify"):
            for value in self.msg.get_all(name):
                cancel.add(name, value)
        if "sec-agree" in self.msg.values("Require"):
            cancel.add("Require", "sec-agree")
        cancel.add("CSeq", f"{self.msg.cseq[0]} CANCEL")
        return cancel

    def send_ack(self, ack):
        try:
            self.flow.send(ack)
        except OSError as exc:
            self.owner.log.write("send-failed", start=ack.start, why=str(exc))


class Server:
    """A request from the other side; keeps its last answer for retransmissions."""

    def __init__(self, owner, msg, flow):
        self.owner, self.msg, self.flow = owner, msg, flow
        self.last = None
        self.final = None
        self.again = None
        self.unproved = None            # the reliable 1xx that waits for its PRACK
        self.tag = sip.token(4)

    def respond(self, answer, relayed=False, reliable=False):
        """Send an answer.  A final one to an INVITE is repeated until its ACK, a
        reliable one until its PRACK; not those that are `relayed`, since they
        are repeated by who made them."""
        if answer.status >= 200:
            self.final = answer.status
        if self.final is None or answer.status >= 200 or self.last is None:
            self.last = answer
        self.send(answer)
        repeats = reliable or (self.msg.method == "INVITE" and answer.status >= 200)
        if relayed and (answer.status < 300 or not repeats):
            return
        self.owner.timers.cancel(self.again)
        if repeats and (self.flow.transport == "udp" or answer.status < 300):
            self.repeat(answer, self.owner.t1, self.owner.t1)

    def answer(self, status, tag=None, reason=None):
        """A plain answer without anything else in it."""
        self.respond(sip.response_to(self.msg, status, reason, tag=tag or self.tag))

    def send(self, answer):
        try:
            self.flow.send(answer)
        except OSError as exc:
            self.owner.log.write("send-failed", start=answer.start, why=str(exc))

    def repeat(self, answer, wait, waited):
        """After `wait` again, up to 64*T1 in all."""
        def now():
            self.send(answer)
            if waited < LASTING * self.owner.t1:
                self.repeat(answer, min(wait * 2, self.owner.t2), waited + wait)
        self.again = self.owner.timers.after(wait, now)

    def proved(self):
        """ACK or PRACK came: stop repeating."""
        self.owner.timers.cancel(self.again)
        self.again = None


class Transactions:
    """All transactions of one endpoint."""

    def __init__(self, timers, log, t1, t2=16.0, ringing=180.0):
        self.timers, self.log = timers, log
        self.t1, self.t2, self.ringing = t1, t2, ringing
        self.clients = {}               # (branch, method): Client
        self.servers = {}               # (branch, sent-by, method): Server

    def start(self, msg, flow, on_answer, timeout):
        return Client(self, msg, flow, on_answer, timeout)

    def answered(self, msg):
        """A response came; whether it belonged to a request of ours."""
        client = self.clients.get((msg.branch, msg.cseq[1]))
        if client is None:
            return False
        client.answered(msg)
        return True

    @staticmethod
    def server_key(msg, method=None):
        method = method or msg.method
        vias = msg.values("Via")
        sent_by = sip.split_params(vias[0])[0].split(" ")[-1] if vias else ""
        return msg.branch, sent_by, "INVITE" if method == "ACK" else method

    def known(self, msg):
        """Whether it is a retransmission, or the ACK of a transaction."""
        return self.server_key(msg) in self.servers

    def received(self, msg, flow):
        """The Server of a new request; None for a retransmission, which is
        answered as before, and for the ACK of a final answer that is not 2xx."""
        key = self.server_key(msg)
        server = self.servers.get(key)
        if server is not None:
            if msg.method == "ACK":
                server.proved()
            elif server.last is not None:
                server.send(server.last)
            return None
        server = Server(self, msg, flow)
        if msg.method != "ACK":
            self.servers[key] = server
            self.timers.after(2 * LASTING * self.t1, lambda: self.servers.pop(key, None))
        return server

    def invite_of(self, cancel):
        """The Server of the INVITE that a CANCEL is about."""
        return self.servers.get(self.server_key(cancel, "INVITE"))
