#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Security-Client, -Server and -Verify (RFC 3329, TS 33.203 Annex H).

An Offer is one ipsec-3gpp entry.  A style is how one maker's phones write
their offers: the order of the parameters, blanks, what is left out.
"""

import sip

NUMBERS = ("spi-c", "spi-s", "port-c", "port-s")

# name: (order of parameters, between parameters, between offers)
STYLES = {
    "samsung": (("prot", "mod", *NUMBERS, "alg", "ealg"), ";", ", "),
    "qualcomm": (("alg", "ealg", *NUMBERS), "; ", ","),
    "chinamobile": (("alg", "ealg", *NUMBERS), "; ", ","),      # with compact header names
    "huawei": (("alg", "prot", "mod", "ealg", *NUMBERS), ";", ","),
    "iphone": (("alg", "ealg", "mod", "port-c", "port-s", "prot", "spi-c", "spi-s"), ";", ","),
    "nokia": (("alg", "ealg", *NUMBERS), ";", ","),
    "att": (("alg", "ealg", "prot", "mod", *NUMBERS), "; ", ", "),
    "wfc": (("ealg", "alg", *NUMBERS), ";", ","),
    "lg": (("q", "prot", "mod", *NUMBERS, "alg", "ealg"), ";", ","),
    "lines": (("prot", "mod", *NUMBERS, "alg", "ealg"), ";", None),  # one header line each
    "mixed": (("prot", "mod", *NUMBERS, "alg", "ealg"), " ; ", " , "),  # among other mechanisms
}


class Offer:
    """One mechanism entry; the parameters as text, the four numbers as int."""

    def __init__(self, params, mechanism="ipsec-3gpp"):
        self.mechanism = mechanism
        self.params = dict(params)

    @classmethod
    def parse(cls, text):
        mechanism, params = sip.split_params(text)
        return cls(params, mechanism.lower())

    @classmethod
    def make(cls, suite, numbers):
        alg, ealg = suite.split("/")
        params = {"prot": "esp", "mod": "trans", "alg": alg, "ealg": ealg}
        params.update({name: str(value) for name, value in numbers.items()})
        return cls(params)

    @property
    def suite(self):
        alg = (self.params.get("alg") or "").lower()
        return f"{alg}/{(self.params.get('ealg') or 'null').lower()}"

    @property
    def q(self):
        """Preference; an absent one ranks lowest."""
        try:
            return float(self.params.get("q") or 0)
        except ValueError:
            return 0.0

    def number(self, name):
        return int(self.params[name])

    @property
    def usable(self):
        """All that an SA set needs is there."""
        if self.mechanism != "ipsec-3gpp" or "alg" not in self.params:
            return False
        if (self.params.get("prot") or "esp").lower() != "esp":
            return False
        if (self.params.get("mod") or "trans").lower() != "trans":
            return False
        return all((self.params.get(n) or "").isdigit() for n in NUMBERS)

    def format(self, style="samsung"):
        order, between, _ = STYLES[style]
        parts = [self.mechanism]
        for name in order:
            value = self.params.get(name)
            if value is None:
                continue
            if style == "lg" and name.startswith("spi"):
                value = value.zfill(10)
            parts.append(f"{name}={value}")
        return between.join(parts)


def parse(values):
    """The offers of the comma-separated values of all header lines."""
    return [Offer.parse(v) for v in values]


def format_client(offers, style="samsung"):
    """The Security-Client header lines of a phone."""
    texts = [o.format(style) for o in offers]
    if style == "lines":
        return texts
    if style == "mixed":
        texts = ["digest;q=0.1", *texts, "tls;q=0.2", "sdes-srtp;mediasec"]
    return [(STYLES[style][2]).join(texts)]


def format_verify(server_lines, style="echo"):
    """Security-Verify: the text of Security-Server, or as a style writes it."""
    if style == "echo":
        return list(server_lines)
    offers = parse(v for line in server_lines for v in sip.split_list(line))
    return [(STYLES[style][2] or ",").join(o.format(style) for o in offers)]


def choose(server_offers, suites):
    """The UE's choice: highest q first, then list order (TS 33.203 7.2)."""
    usable = [o for o in server_offers if o.usable and o.suite in suites]
    return max(usable, key=lambda o: o.q, default=None)
