#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogs of RFC 3261 12: tags, route set, remote target, CSeq."""

import sip


class Dialog:
    """One dialog seen from one side; local and remote are From or To values."""

    def __init__(self, call_id, local, remote, target, routes, cseq):
        self.call_id, self.local, self.remote = call_id, local, remote
        self.target, self.routes, self.cseq = target, routes, cseq
        self.remote_cseq = None

    @classmethod
    def of_caller(cls, request, answer):
        """As the sender of the request sees it (12.1.2): Record-Route reversed."""
        return cls(request.get("Call-ID"), request.get("From"), answer.get("To"),
                   sip.uri_of((answer.values("Contact") or [request.uri])[0]),
                   answer.values("Record-Route")[::-1], request.cseq[0])

    @classmethod
    def of_callee(cls, request, tag):
        """As its receiver sees it (12.1.1): Record-Route in order."""
        dialog = cls(request.get("Call-ID"), f"{request.get('To')};tag={tag}",
                     request.get("From"), sip.uri_of(request.values("Contact")[0]),
                     request.values("Record-Route"), 100)
        dialog.remote_cseq = request.cseq[0]
        return dialog

    @property
    def key(self):
        return self.call_id, sip.tag_of(self.local), sip.tag_of(self.remote)

    @staticmethod
    def key_of(msg):
        """The key of the dialog a request from the other side belongs to."""
        return msg.get("Call-ID"), sip.tag_of(msg.get("To")), sip.tag_of(msg.get("From"))

    def request(self, method, cseq=None):
        """A request within the dialog (12.2.1.1), without a Via."""
        if cseq is None:
            self.cseq += 1
        msg = sip.Message(f"{method} {self.target} SIP/2.0")
        for route in self.routes:
            msg.add("Route", route)
        msg.add("Max-Forwards", "70")
        msg.add("From", self.local)
        msg.add("To", self.remote)
        msg.add("Call-ID", self.call_id)
        msg.add("CSeq", f"{cseq or self.cseq} {method}")
        return msg

    def takes(self, msg):
        """Whether the CSeq of a request from the other side is in order (12.2.2)."""
        if msg.method in ("ACK", "CANCEL"):
            return True
        if self.remote_cseq is not None and msg.cseq[0] <= self.remote_cseq:
            return False
        self.remote_cseq = msg.cseq[0]
        return True

    def refresh(self, msg):
        """A target refresh: the new Contact counts from now on."""
        if msg.values("Contact"):
            self.target = sip.uri_of(msg.values("Contact")[0])
