#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The least that a P-CSCF does to requests that are not REGISTER (TS 24.229 5.2.6):
Record-Route on both sides, P-Asserted-Identity, P-Charging-Vector, nothing of
the security agreement towards the core and nothing of the core towards the UE.
"""

import sip
from core_checks import FORMS_DIALOG
from core_net import SIZE_LIMIT
from peer_ue import UeFlow
from proxying import one_hop_less

NOT_FOR_CORE = ("Security-Client", "Security-Verify", "P-Preferred-Identity",
                "P-Asserted-Identity", "P-Charging-Vector", "P-Charging-Function-Addresses",
                "P-Served-User", "P-Profile-Key", "P-Asserted-Service", "P-Visited-Network-ID")
NOT_FOR_UE = ("P-Charging-Vector", "P-Charging-Function-Addresses")


def clean(msg, names):
    for name in names:
        msg.remove(name)


def without_agreement(msg):
    """sec-agree leaves Require and Proxy-Require, other tags stay; of
    P-Access-Network-Info what only the network may say."""
    for name in ("Require", "Proxy-Require"):
        tags = [t for t in msg.values(name) if t != "sec-agree"]
        msg.remove(name)
        if tags:
            msg.add(name, ", ".join(tags))
    for value in msg.values("P-Access-Network-Info"):
        if "network-provided" in value:
            msg.headers = [h for h in msg.headers if h[1] != value]


def routes_of(peer, ue):
    """Our two entries in Record-Route: towards the core, towards the UE."""
    return (f"<sip:{ue.token}@{sip.host_port(peer.o.mw, peer.o.mw_port)};lr>",
            f"<sip:{ue.token}@{sip.host_port(peer.o.listen, peer.o.port_s)};lr>")


def pop_own(peer, msg):
    """Take our Routes away; the user part of the last one, or None."""
    ours, token = ((peer.o.mw, peer.o.mw_port), (peer.o.listen, peer.o.port_s)), None
    while msg.values("Route") and sip.Uri(msg.values("Route")[0]).address in ours:
        token = sip.Uri(msg.pop("Route")).user
    return token


def from_ue(peer, msg, server, ue):
    if msg.method == "CANCEL":
        if not peer.proxy.cancel(msg, server):
            server.answer(481)
        return
    if msg.method == "INVITE":
        server.answer(100)
    pop_own(peer, msg)
    one_hop_less(msg)
    clean(msg, NOT_FOR_CORE)
    without_agreement(msg)
    if not sip.tag_of(msg.get("To")):
        identity = ue.default
        msg.add("P-Asserted-Identity", f"<{identity}>")
        msg.add("P-Charging-Vector", f'icid-value="{sip.token()}"')
    if msg.method in FORMS_DIALOG:
        to_core, to_ue = routes_of(peer, ue)
        msg.push("Record-Route", to_ue)
        msg.push("Record-Route", to_core)
    flow = peer.net.flow(sip.uri_of((msg.values("Route") or [msg.uri])[0]), len(msg.octets()))
    peer.proxy.forward(server, msg, flow, lambda branch: peer.net.via(flow, branch),
                       lambda answer: clean(answer, NOT_FOR_UE))


def from_core(peer, msg, server):
    if msg.method == "CANCEL":
        if not peer.proxy.cancel(msg, server):
            server.answer(481)
        return
    token = pop_own(peer, msg)
    ue = next((u for u in peer.ues.values() if u.token == token), None)
    if ue is None or ue.current is None:
        server.answer(404)
        return
    if msg.method == "INVITE":
        server.answer(100)
    one_hop_less(msg)
    charging = msg.get("P-Charging-Vector")
    called = None if sip.tag_of(msg.get("To")) else msg.get("P-Called-Party-ID")
    clean(msg, NOT_FOR_UE)
    if "id" in (msg.get("Privacy") or "").split(";"):
        msg.remove("P-Asserted-Identity")
    if msg.method in FORMS_DIALOG:
        to_core, to_ue = routes_of(peer, ue)
        msg.push("Record-Route", to_core)
        msg.push("Record-Route", to_ue)

    def edit(answer):
        clean(answer, NOT_FOR_CORE)
        without_agreement(answer)
        if called and answer.status < 300:
            answer.add("P-Asserted-Identity", called)
            answer.add("P-Charging-Vector", charging)
    by_tcp = len(msg.octets()) > SIZE_LIMIT or "transport=tcp" in msg.uri
    flow = UeFlow(peer, ue, "tcp" if by_tcp else "udp", ue.current)
    here = sip.host_port(peer.o.listen, peer.o.port_s)
    peer.proxy.forward(
        server, msg, flow,
        lambda branch: f"SIP/2.0/{flow.transport.upper()} {here};branch={branch}", edit)
