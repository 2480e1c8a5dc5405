#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What judge.py says about the SIP of a capture: was every message on the SA and
the ports it belongs to (TS 33.203 7.1), is there a header that must not be, and
which calls were there from INVITE to BYE.
"""

import collections
import ipaddress
import json

# Where a header must not be seen: tshark's field, and what that would be.
NOT_TO_UE = {"sip.auth.ck": "ck", "sip.auth.ik": "ik",
             "sip.P-Charging-Vector": "P-Charging-Vector",
             "sip.P-Charging-Function-Addresses": "P-Charging-Function-Addresses"}
NOT_TO_CORE = {"sip.Security-Client": "Security-Client",
               "sip.Security-Server": "Security-Server",
               "sip.Security-Verify": "Security-Verify",
               "sip.P-Preferred-Identity": "P-Preferred-Identity"}
FIELDS = (*NOT_TO_UE, *NOT_TO_CORE)


def canonical(address):
    return str(ipaddress.ip_address(address))


class Sets:
    """The SA sets of UEs, from the "set" and "attached" events of their logs."""

    def __init__(self, logs, pcscfs):
        self.by_sa = collections.defaultdict(set)   # (src, dst, spi): {(sport, dport, way)}
        for path in logs:
            with open(path, encoding="utf-8") as source:
                ue = None
                for line in source:
                    event = json.loads(line)
                    ue = canonical(event["local"]) if event.get("local") else ue
                    if event["event"] == "set":
                        self.add(event, ue, pcscfs)

    def add(self, s, ue, pcscfs):
        """A, B, C and D of TS 33.203 7.1, with any P-CSCF address of that family."""
        for pcscf in [p for p in pcscfs if (":" in p) == (":" in ue)]:
            self.by_sa[ue, pcscf, s["spi_ps"]].add((s["uc"], s["ps"], "A"))
            self.by_sa[pcscf, ue, s["spi_uc"]].add((s["ps"], s["uc"], "B"))
            self.by_sa[pcscf, ue, s["spi_us"]].add((s["pc"], s["us"], "C"))
            self.by_sa[ue, pcscf, s["spi_pc"]].add((s["us"], s["pc"], "D"))

    def wrong_with(self, m):
        """Of a message that was in ESP: its ports are not those of the SA, or over
        UDP it is on B or D, which carry nothing."""
        if m["src"] is None or m["spi"] is None:
            return None
        known = self.by_sa.get((canonical(m["src"]), canonical(m["dst"]), m["spi"]))
        where = f"frame {m['frame']}: {m['start']} from port {m['sport']} to {m['dport']}"
        if not known:
            return f"{where}: SPI {m['spi']:#x} is of no UE's set"
        ways = {way for sport, dport, way in known if (sport, dport) == (m["sport"], m["dport"])}
        if not ways:
            return f"{where}: SPI {m['spi']:#x} is for ports {sorted(known)}"
        if m["transport"] == "udp" and not ways & {"A", "C"}:
            return f"{where}: over UDP on SA {sorted(ways)}"
        return None


def hidden_headers(raw, where, names):
    """The names that are in a frame and must not be."""
    return [f"{where}: {name}" for field, name in names.items() if raw[field]]


class Calls:
    """The INVITE sessions of a capture, by Call-ID."""

    STEPS = ("INVITE", "ACK", "BYE", "BYE 200")

    def __init__(self):
        self.seen = collections.defaultdict(set)
        self.transports = collections.defaultdict(set)

    def add(self, m, call_id):
        words = (m["cseq"] or "").split()
        if len(words) != 2 or not call_id:
            return
        method = words[1]
        if m["start"].startswith("SIP/2.0 "):
            self.seen[call_id].add(f"{method} {m['start'].split()[1]}")
        else:
            self.seen[call_id].add(method)
        if method in ("INVITE", "PRACK", "UPDATE", "ACK", "BYE"):
            self.transports[call_id].add(m["transport"])

    @property
    def complete(self):
        """Call-IDs that went from INVITE to the answer of BYE."""
        return sorted(c for c, seen in self.seen.items() if seen.issuperset(self.STEPS))

    @property
    def mixed(self):
        """Those of them that used UDP and TCP."""
        return [c for c in self.complete if self.transports[c] >= {"udp", "tcp"}]
