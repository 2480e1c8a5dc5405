#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The notifier of the test core: reg event package (RFC 3680, TS 24.229 5.4.2).

P-CSCF and UE subscribe; every change of the registration is told to both.
"""

import time
from xml.sax.saxutils import escape, quoteattr

import sip
from dialog import Dialog

TYPE = "application/reginfo+xml"


def registration(aor, number, active, contacts):
    """One <registration>; contacts: (URI, active, event, expires)."""
    text = f' <registration aor={quoteattr(aor)} id="r{number}" ' \
           f'state="{"active" if active else "terminated"}">\n'
    for i, (uri, alive, event, expires) in enumerate(contacts):
        left = f' expires="{expires}"' if expires is not None else ""
        text += f'  <contact id="c{number}{i}" state="{"active" if alive else "terminated"}" ' \
                f'event="{event}"{left}><uri>{escape(uri)}</uri></contact>\n'
    return text + " </registration>\n"


def reginfo(version, registrations):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" '
            f'version="{version}" state="full">\n{"".join(registrations)}</reginfo>\n').encode()


class Watcher:
    """One subscription to one subscriber's registration."""

    def __init__(self, notifier, sub, msg, server):
        self.notifier, self.sub = notifier, sub
        self.dialog = Dialog.of_callee(msg, server.tag)
        self.version = 0
        self.until = 0.0
        # A P-CSCF is the first hop of its own request, a UE is not.
        self.who = "pcscf" if len(msg.values("Via")) == 1 else "ue"

    def in_dialog(self, msg, server, dialog):
        """A refresh, or with Expires: 0 the end."""
        if msg.method != "SUBSCRIBE":
            server.answer(405)
            return
        dialog.refresh(msg)
        self.accept(msg, server)

    def accept(self, msg, server):
        expires = int(msg.get("Expires") or 600000)
        self.until = time.monotonic() + expires
        self.notifier.accept(self, msg, server, expires)


class Notifier:
    """All watchers; sends through the far end of the core."""

    def __init__(self, core):
        self.core, self.log = core, core.log
        self.watchers = []

    def subscribe(self, msg, server, sub):
        """A SUBSCRIBE outside a dialog."""
        if (msg.get("Event") or "").split(";")[0].strip() != "reg":
            server.answer(489)
            return
        watcher = Watcher(self, sub, msg, server)
        self.watchers.append(watcher)
        self.core.far.add_dialog(watcher.dialog, watcher)
        watcher.accept(msg, server)

    def accept(self, watcher, msg, server, expires):
        self.log.write("subscribed", impi=watcher.sub.impi, by=watcher.who, expires=expires)
        answer = sip.response_to(msg, 200, tag=server.tag)
        for route in msg.get_all("Record-Route"):
            answer.add("Record-Route", route)
        answer.add("Contact", self.core.far.contact())
        answer.add("Expires", str(expires))
        self.core.registrar.add_charging(answer)
        server.respond(answer)
        reason = "timeout" if not expires else None
        self.core.timers.after(0.02, lambda: self.notify(watcher, reason))

    def contacts(self, sub, event):
        """What a binding looks like in a <registration>."""
        binding = sub.binding
        if binding is None:
            gone = sub.gone or ("sip:nobody@invalid", event)
            return [(gone[0], False, event if event != "registered" else gone[1], None)]
        left = int(binding["until"] - time.time())
        return [(binding["contact"], True, event, left)]

    def notify(self, watcher, reason=None, event="registered", body=None):
        """The full state, in the dialog; with `reason` the last one."""
        sub = watcher.sub
        if body is None:
            contacts = self.contacts(sub, event)
            active = sub.binding is not None
            implicit = [(c[0], c[1], "created" if c[2] == "registered" else c[2], c[3])
                        for c in contacts]
            body = reginfo(watcher.version, [
                registration(sub.impu, 1, active, contacts),
                registration(sub.tel, 2, active, implicit)])
            watcher.version += 1
        msg = self.core.far.request_in(watcher.dialog, "NOTIFY")
        msg.add("Event", "reg")
        left = max(int(watcher.until - time.monotonic()), 0)
        msg.add("Subscription-State",
                f"terminated;reason={reason}" if reason else f"active;expires={left}")
        msg.add("Content-Type", TYPE)
        msg.body = body
        # The end may be told twice: the registration's, and that of an unsubscriber.
        if reason and watcher in self.watchers:
            self.watchers.remove(watcher)

        def answered(answer):
            self.log.write("notified", impi=sub.impi, to=watcher.who, last=bool(reason),
                           event_sent=event, status=answer.status if answer else None)
            if reason:
                self.core.far.drop_dialogs(watcher)
        self.core.far.transmit(msg, answered)

    def changed(self, sub, event=None, body=None):
        """Tell everybody who watches; the end of a registration ends the subscriptions."""
        reason = None if sub.binding or body else "noresource"
        if event is None:
            event = "registered" if sub.binding else "unregistered"
        for watcher in [w for w in self.watchers if w.sub is sub]:
            self.notify(watcher, reason, event, body)
