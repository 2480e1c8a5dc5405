#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The subscribers of the test core, from a YAML file.

  domain: ims.mnc001.mcc001.3gppnetwork.org
  subscribers:
    - imsi: "001010000000001"
      k: hex                    # and opc: hex, or op: hex
      amf: "8000"               # optional, as are all below
      sqn: "0"                  # of the last vector, hex
      rand: hex                 # the same RAND every time
      impi: name@domain         # default IMSI@domain
      msisdn: "15550001"        # for the tel URI
      expires: 600000           # most we grant
      reauth: never             # or always: challenge every refresh
      algorithm: AKAv1-MD5      # or AKAv2-MD5
      qop: auth                 # or none, or auth,auth-int
      fault: no-ckik            # see core.py --help; every time
      faults: [no-ckik, ok]     # one per REGISTER, then `fault`
"""

import yaml

import aka

DEFAULT_DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"


class Subscriber:
    """One entry and its state at the S-CSCF."""

    def __init__(self, entry, domain):
        self.imsi = str(entry["imsi"])
        self.impi = entry.get("impi") or f"{self.imsi}@{domain}"
        self.impu = f"sip:{self.impi}"
        self.tel = f"tel:+{entry.get('msisdn') or self.imsi[-11:]}"
        self.centre = aka.AuthCentre(
            aka.subscriber_milenage(entry), int(str(entry.get("sqn", "0")), 16),
            bytes.fromhex(str(entry.get("amf", "8000"))))
        self.rand = bytes.fromhex(entry["rand"]) if entry.get("rand") else None
        self.expires = int(entry.get("expires", 600000))
        self.reauth = entry.get("reauth", "never")
        self.algorithm = entry.get("algorithm", "AKAv1-MD5")
        self.qop = entry.get("qop", "auth")
        self.fault = entry.get("fault", "ok")
        self.faults = list(entry.get("faults", []))
        self.pending = None             # (vector, Call-ID) of the open challenge
        self.again = False              # two-challenges: the first one was answered
        self.binding = None             # contact, path, until (time) of the registration
        self.gone = None                # (contact, event): how the last binding ended

    def next_fault(self):
        return self.faults.pop(0) if self.faults else self.fault


def load(path):
    """(domain, {impi: Subscriber})."""
    with open(path, encoding="utf-8") as source:
        data = yaml.safe_load(source)
    domain = data.get("domain", DEFAULT_DOMAIN)
    subscribers = [Subscriber(e, domain) for e in data["subscribers"]]
    return domain, {s.impi: s for s in subscribers}
