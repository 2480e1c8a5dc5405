#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What TS 24.229 5.2 and RFC 3329 do not let a P-CSCF forward to its core.

Each function yields texts, none when the message is as it should be.
"""

import sip

HIDDEN = ("Security-Client", "Security-Verify", "Security-Server", "P-Preferred-Identity")
# Only somebody of the trust domain may say these, and a P-CSCF does not (TS 24.229 4.4).
FROM_A_UE = ("P-Charging-Function-Addresses", "P-Served-User", "P-Profile-Key",
             "P-Asserted-Service")
FORMS_DIALOG = ("INVITE", "SUBSCRIBE", "REFER")


def integrity(msg):
    return sip.auth_params(msg.get("Authorization") or "").get("integrity-protected")


def any_message(msg):
    for name in HIDDEN:
        if msg.get(name) is not None:
            yield f"{name} present"
    for name in ("Require", "Proxy-Require"):
        if "sec-agree" in msg.values(name):
            yield f"sec-agree in {name}"
        if msg.get(name) == "":
            yield f"empty {name}"
    for value in msg.values("P-Access-Network-Info"):
        if "network-provided" in sip.split_params(value)[1]:
            yield "P-Access-Network-Info of the UE says network-provided"


def of_pcscf(msg):
    """Its own SUBSCRIBE, of which it is the first hop."""
    return msg.method == "SUBSCRIBE" and len(msg.values("Via")) == 1


def any_request(msg):
    if (msg.get("Max-Forwards") or "70") == "70" and not of_pcscf(msg):
        yield "Max-Forwards not decremented"
    if len(msg.get_all("P-Charging-Vector")) > 1:
        yield "two P-Charging-Vector"


def integrity_of_register(msg, clear_ues):
    """What integrity-protected may say (TS 24.229 7.2A.2), with SAs and without."""
    if not msg.get("Authorization"):
        return True
    said = integrity(msg)
    if said in ("yes", "no"):
        return True
    answered = bool(sip.auth_params(msg.get("Authorization")).get("response"))
    return clear_ues and (said == "ip-assoc-yes" or
                          said == ("ip-assoc-pending" if answered else None))


def register(msg, clear_ues=False):
    if len(msg.values("Via")) < 2:
        yield "no Via of the P-CSCF"
    if not msg.values("Path"):
        yield "no Path"
    elif "lr" not in sip.uri_of(msg.values("Path")[0]):
        yield "Path without lr"
    if "path" not in msg.values("Require"):
        yield "no path in Require"
    if not msg.get("P-Visited-Network-ID"):
        yield "no P-Visited-Network-ID"
    if "icid-value=" not in (msg.get("P-Charging-Vector") or ""):
        yield "no icid-value"
    if not integrity_of_register(msg, clear_ues):
        yield "no integrity-protected"
    if msg.values("Route"):
        yield "Route left"


def from_pcscf(msg, peer):
    """Of every request that came through a P-CSCF: its Via on top, the UE's below."""
    vias = msg.values("Via")
    if len(vias) < 2:
        yield "no Via of the P-CSCF"
        return
    sent_by = sip.Uri("sip:" + sip.split_params(vias[0])[0].split(" ")[-1])
    if sent_by.host != peer.addr[0]:
        yield f"topmost Via is {sent_by.host}, not {peer.addr[0]}"
    if len(vias) > 2:
        yield f"{len(vias)} Via"


def record_route(msg, peer, method):
    """A dialog's P-CSCF is on its route: the entry towards us on top, from Mw, the
    one towards the UE below (TS 24.229 5.2.6.3)."""
    routes = [sip.Uri(r) for r in msg.values("Record-Route")]
    if method not in FORMS_DIALOG:
        return
    if not routes:
        yield "no Record-Route"
        return
    if routes[0].host != peer.addr[0]:
        yield f"topmost Record-Route is of {routes[0].host}, not of {peer.addr[0]}"
    for uri in routes:
        if "lr" not in uri.params:
            yield "Record-Route without lr"
    if len(routes) == 2 and routes[0].address == routes[1].address:
        yield "both Record-Route are the same"


def originating(msg, peer, service_route, subscriber):
    """A request of a UE that begins something."""
    yield from from_pcscf(msg, peer)
    yield from record_route(msg, peer, msg.method)
    routes = [sip.uri_of(r) for r in msg.values("Route")]
    if routes != [sip.uri_of(service_route)]:
        yield f"Route is {routes}, not the Service-Route"
    asserted = msg.values("P-Asserted-Identity")
    if "anonymous@anonymous.invalid" in (msg.get("From") or ""):
        if asserted:                    # nobody has proved anything (RFC 3325 5)
            yield f"P-Asserted-Identity {asserted} of who has not registered"
    elif not asserted:
        yield "no P-Asserted-Identity"
    elif any(subscriber(a) is None for a in asserted):
        yield f"P-Asserted-Identity {asserted} is of no subscriber"
    elif any(subscriber(a).binding is None for a in asserted):
        yield f"P-Asserted-Identity {asserted} is not registered"
    if "icid-value=" not in (msg.get("P-Charging-Vector") or ""):
        yield "no icid-value"
    if "forged" in (msg.get("P-Charging-Vector") or ""):
        yield "P-Charging-Vector of the UE"
    for name in FROM_A_UE:
        if msg.get(name) is not None:
            yield f"{name} present"


def in_dialog(msg, peer):
    """A later request of a UE."""
    if not of_pcscf(msg):
        yield from from_pcscf(msg, peer)
    for name in FROM_A_UE:
        if msg.get(name) is not None:
            yield f"{name} present"


def via_list(msg):
    """(sent-by, branch) of each Via; received and rport may have been added."""
    parts = [sip.split_params(via) for via in msg.values("Via")]
    return [(where, params.get("branch")) for where, params in parts]


def response(msg, sent, begins):
    """An answer that a P-CSCF brings back to our request `sent`."""
    if via_list(msg) != via_list(sent):
        yield f"Via is {msg.values('Via')}, not {sent.values('Via')}"
    if msg.get("Path") is not None and msg.method != "REGISTER":
        yield "Path in a response"
    if msg.status == 100 or not begins:
        return
    if msg.status < 300 and "icid-value=" not in (msg.get("P-Charging-Vector") or ""):
        yield "no P-Charging-Vector in the response"
    if msg.status < 300 and msg.method in FORMS_DIALOG:
        ours = sent.values("Record-Route")
        routes = msg.values("Record-Route")
        if ours and routes[-len(ours):] != ours:
            yield "our Record-Route is not in the response"
        if len(routes) <= len(ours):
            yield "no Record-Route of the P-CSCF in the response"
    called = sent.get("P-Called-Party-ID")
    if msg.status < 300 and called and \
            [sip.uri_of(v) for v in msg.values("P-Asserted-Identity")][:1] != [sip.uri_of(called)]:
        yield f"P-Asserted-Identity is {msg.values('P-Asserted-Identity')}, not {called}"
    for name in FROM_A_UE:
        if msg.get(name) is not None:
            yield f"{name} in a response"
