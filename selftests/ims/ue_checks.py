#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What must never reach a UE, and on which ports what reaches it must come."""

import re

import sip

# Of the trust domain, of the core, or of the other leg (TS 24.229 4.4, 5.2.6.4; RFC 3329 2.3.1).
HIDDEN = ("P-Charging-Vector", "P-Charging-Function-Addresses", "P-Preferred-Identity",
          "P-Served-User", "P-Profile-Key", "Security-Client", "Security-Verify")


def hidden(msg, octets):
    """Headers and parameters that are not for a UE."""
    # A parameter of that name; the base64 of a nonce may end in "ck=".
    if re.search(rb"(?i)(?:^|[\s,])[ci]k\s*=", octets):
        yield "ck or ik towards the UE"
    for name in HIDDEN:
        if msg.get(name) is not None:
            yield f"{name} towards the UE"
    if "id" in [p.strip() for p in (msg.get("Privacy") or "").split(";")] and \
            msg.get("P-Asserted-Identity"):
        yield "P-Asserted-Identity in spite of Privacy: id"
    if not msg.is_request and len(msg.values("Via")) != 1:
        yield f"{len(msg.values('Via'))} Via entries in a response"


def misdirected(msg, arrival, leg):
    """TS 33.203 7.1: over UDP all comes from port_pc to port_us; the Via of a
    request and the topmost Record-Route have port_ps."""
    sas = leg.sas
    ports = (arrival.src[1], arrival.dst[1])
    if arrival.transport == "udp" and ports != (sas.pc, sas.us):
        yield f"over UDP from port {ports[0]} to {ports[1]}"
    if arrival.transport == "tcp" and ports not in ((sas.pc, sas.us), (sas.ps, sas.uc)):
        yield f"over TCP from port {ports[0]} to {ports[1]}"
    here = sip.host_port(sas.pcscf, sas.ps)
    if not msg.is_request:
        return
    via = (msg.values("Via") or ["- -"])[0]
    if sip.split_params(via)[0].split()[-1].lower() != here:
        yield f"Via is not of port_ps: {via}"
    for route in msg.values("Record-Route")[:1]:
        uri = sip.Uri(route)
        if uri.address != (sas.pcscf, sas.ps) or "lr" not in uri.params:
            yield f"Record-Route is not of port_ps: {route}"
    if msg.values("Route"):
        yield "Route left towards the UE"
    # Between P-CSCF and core the token says which UE: nobody else may learn it.
    if msg.get("Path") is not None:
        yield "Path in a request to the UE"


def misdirected_in_clear(msg, arrival, leg):
    """Without SAs: a request of a call comes from the unprotected port, which is in its
    Via and topmost Record-Route; no answer tells the token between P-CSCF and core."""
    here = sip.host_port(*leg.remote)
    if arrival.src != leg.remote:
        yield f"in clear from {sip.host_port(*arrival.src)}"
    if not msg.is_request:
        return
    via = (msg.values("Via") or ["- -"])[0]
    if sip.split_params(via)[0].split()[-1].lower() != here:
        yield f"Via is not of the unprotected port: {via}"
    for route in msg.values("Record-Route")[:1]:
        if sip.Uri(route).address != leg.remote:
            yield f"Record-Route is not of the unprotected port: {route}"
    if msg.values("Route"):
        yield "Route left towards the UE"


def tells_token(msg):
    """The Path of a registration is ours without the token that the core knows us by."""
    for path in [] if msg.is_request else msg.values("Path"):
        if sip.Uri(path).user:
            yield f"Path with a token: {path}"


def found(msg, octets, arrival, leg):
    """All of it; a clear leg has no set."""
    wrong = [*hidden(msg, octets), *tells_token(msg)]
    if getattr(leg, "sas", None) is None:
        wrong += misdirected_in_clear(msg, arrival, leg)
    if getattr(leg, "sas", None) is not None:
        wrong += misdirected(msg, arrival, leg)
    return wrong
