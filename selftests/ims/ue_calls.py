#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A UE's actions that are not about registration (ue.py --help).

Each takes the Phone and the words of the action and returns a SIP status;
Failure tells that none came.
"""

import sip
from call import OVER
from phone import Failure

LONGEST = 200.0                 # no action takes longer


def uri_for(phone, text):
    """A URI as it is, a number as a tel URI, a local one in the home network's context
    (TS 24.229 5.1.2A.1.3)."""
    if ":" in text:
        return text
    if text.startswith("+"):
        return f"tel:{text}"
    return f"tel:{text};phone-context={phone.o.domain}"


def registered(phone):
    """The party of a phone that can send requests."""
    if phone.party.leg is None:
        raise Failure("not registered")
    return phone.party


def status_of(answer):
    if answer is None:
        raise Failure("no answer")
    return answer.status


def request(phone, method, uri=None):
    """A request outside a dialog; by default to the home network."""
    uri = uri_for(phone, uri) if uri else f"sip:{phone.o.domain}"
    return status_of(registered(phone).ask(method, uri))


def options(phone, uri=None):
    return request(phone, "OPTIONS", uri)


def message(phone, uri, size="5"):
    body = (b"hello, world. " * (int(size) // 14 + 1))[:int(size)]
    return status_of(registered(phone).ask("MESSAGE", uri_for(phone, uri), body))


def subscribe(phone, expires="600000"):
    return status_of(registered(phone).subscribe(int(expires)))


def stray(phone, method, uri):
    """A request with a To tag that belongs to nothing."""
    msg = registered(phone).request(method, uri_for(phone, uri))
    msg.put("To", f"{msg.get('To')};tag={sip.token(4)}")
    if method == "INVITE":
        msg.add("Contact", phone.party.contact())
    return status_of(phone.party.ask_with(msg))


def hijack(phone, method, uri, call_id, from_tag, to_tag):
    """A request that says it is of a dialog we have no part in."""
    msg = registered(phone).request(method, uri_for(phone, uri))
    msg.put("Call-ID", call_id)
    msg.put("From", f"<{phone.impu}>;tag={from_tag}")
    msg.put("To", f"{msg.get('To')};tag={to_tag}")
    msg.put("CSeq", f"90000 {method}")
    return status_of(phone.party.ask_with(msg))


# -- calls ------------------------------------------------------------------------

def current(phone):
    """The newest call that is not over."""
    if phone.party.current is None:
        raise ValueError("there is no call")
    return phone.party.current


def finish(phone, call, ready):
    """Poll until the call is where it should be, or over; returns its final status."""
    phone.poll(LONGEST, until=lambda: ready() or call.over)
    if call.status is None and not ready():
        raise Failure(f"the call is {call.state}")
    return call.status or 200


def dial(phone, uri):
    phone.last_call = registered(phone).call(uri_for(phone, uri))
    return 200


def call(phone, uri):
    """Up to the final answer: 200 when it was acknowledged."""
    dial(phone, uri)
    this = phone.last_call
    return finish(phone, this, lambda: this.state == "confirmed")


def await_state(phone, state, seconds="30"):
    """A state of the newest call, of ours or one that is still to come."""
    def there():
        this = phone.party.current or phone.last_call
        return this is not None and this.state == state
    phone.poll(float(seconds), until=there)
    if not there():
        this = phone.party.current or phone.last_call
        raise Failure(f"the call is {this.state if this else 'not there'}")
    return 200


def pickup(phone):
    this = current(phone)
    this.pick_up()
    return finish(phone, this, lambda: this.state == "confirmed")


def reject(phone, status):
    current(phone).reject(int(status))
    return 200


def bye(phone):
    this, got = current(phone), []

    def answered(answer):
        got.append(answer)
        this.bye_answered(answer)
    phone.party.send_in(this.dialog, "BYE", answered)
    phone.poll(LONGEST, until=lambda: got)
    return status_of(got[0])


def cancel(phone):
    """CANCEL; returns the final answer to the INVITE, 487 if all goes well."""
    this = current(phone)
    this.cancel()
    return finish(phone, this, lambda: this.state == "confirmed")


def modify(phone, method):
    got = []
    current(phone).modify(method, got.append)
    phone.poll(LONGEST, until=lambda: got)
    return status_of(got[0])


ACTIONS = {
    "request": request, "options": options, "message": message, "subscribe": subscribe,
    "stray": stray, "hijack": hijack, "call": call, "dial": dial, "await": await_state,
    "pickup": pickup, "reject": reject, "bye": bye, "cancel": cancel,
    "reinvite": lambda phone: modify(phone, "INVITE"),
    "update": lambda phone: modify(phone, "UPDATE"),
}
