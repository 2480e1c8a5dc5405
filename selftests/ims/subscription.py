#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A UE's subscription to its registration state (TS 24.229 5.1.1.3, RFC 3680)."""

import xml.etree.ElementTree as ElementTree

import sip
from dialog import Dialog

NAMESPACE = "{urn:ietf:params:xml:ns:reginfo}"


def read_reginfo(body):
    """(version, state, [registration]): what a body says, as plain values."""
    root = ElementTree.fromstring(body)
    registrations = []
    for reg in root.iter(f"{NAMESPACE}registration"):
        contacts = [{"state": c.get("state"), "event": c.get("event"),
                     "expires": c.get("expires"),
                     "uri": (c.findtext(f"{NAMESPACE}uri") or "").strip()}
                    for c in reg.iter(f"{NAMESPACE}contact")]
        registrations.append({"aor": reg.get("aor"), "state": reg.get("state"),
                              "contacts": contacts})
    return int(root.get("version")), root.get("state"), registrations


class Subscription:
    """One subscription; NOTIFY requests are logged as "reginfo"."""

    def __init__(self, party, uri):
        self.party, self.uri = party, uri
        self.dialog, self.first = None, None
        self.version = -1
        self.over = False

    def request(self, expires):
        """The SUBSCRIBE: the first one, or a refresh in the dialog."""
        if self.dialog:
            msg = self.party.request_in(self.dialog, "SUBSCRIBE")
        else:
            msg = self.first = self.party.request("SUBSCRIBE", self.uri)
            msg.add("Contact", self.party.contact())
        msg.add("Event", "reg")
        msg.add("Accept", "application/reginfo+xml")
        msg.add("Expires", str(expires))
        return msg

    def begins(self, notify):
        """The first NOTIFY may make the dialog; whether it is ours."""
        if self.dialog or not self.first:
            return False
        if notify.get("Call-ID") != self.first.get("Call-ID") or \
                sip.tag_of(notify.get("To")) != sip.tag_of(self.first.get("From")):
            return False
        self.dialog = Dialog(self.first.get("Call-ID"), self.first.get("From"),
                             notify.get("From"), sip.uri_of(notify.values("Contact")[0]),
                             notify.values("Record-Route"), self.first.cseq[0])
        return True

    def accepted(self, answer):
        if self.dialog is None:
            self.dialog = Dialog.of_caller(self.first, answer)
            self.party.add_dialog(self.dialog, self)
        self.party.log.write("subscribed", expires=answer.get("Expires"))

    def in_dialog(self, msg, server, _dialog):
        """A NOTIFY."""
        if msg.method != "NOTIFY":
            server.answer(405)
            return
        server.answer(200)
        state, params = sip.split_params(msg.get("Subscription-State") or "")
        try:
            version, kind, registrations = read_reginfo(msg.body)
        except (ElementTree.ParseError, TypeError, ValueError) as exc:
            self.party.log.write("reginfo", error=str(exc))
            return
        self.party.log.write("reginfo", version=version, kind=kind, registrations=registrations,
                             subscription=state, reason=params.get("reason"),
                             in_order=version == self.version + 1,
                             active=sum(r["state"] == "active" for r in registrations))
        self.version = version
        if state.lower() == "terminated":
            self.over = True
            self.party.drop_dialogs(self)
