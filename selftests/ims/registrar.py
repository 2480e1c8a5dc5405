#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The registrar of the test core: IMS AKA as TS 24.229 5.4.1.2 has it, bindings
with their Path, Service-Route, P-Associated-URI.  The faults are those of
core.py."""

import base64
import time

import aka
import hss
import sip
from core_checks import integrity


class Registrar:
    """Subscribers and their bindings; `changed` is called with one that changed."""

    def __init__(self, options, log, service_route):
        self.log = log
        self.domain, self.subscribers = hss.load(options.subscribers)
        self.service_route = service_route
        self.changed = lambda sub: None
        for sub in self.subscribers.values():
            sub.centre.milenage.f2(bytes(16))   # loads the cipher before it is waited for
            if options.script:
                sub.fault = options.script

    def by_imsi(self, imsi):
        return next(s for s in self.subscribers.values() if s.imsi == imsi)

    def by_uri(self, text):
        """Whose public identity a SIP or tel URI is, or None."""
        uri = sip.Uri(text)
        for sub in self.subscribers.values():
            if uri.scheme == "tel" and f"tel:{uri.user}" == sub.tel:
                return sub
            if uri.scheme == "sip" and f"sip:{uri.user}@{uri.host}" == sub.impu:
                return sub
            if uri.scheme == "sip" and uri.host == self.domain and f"tel:{uri.user}" == sub.tel:
                return sub
        return None

    def register(self, msg):
        """(answer or None, delay) for a REGISTER."""
        auth = sip.auth_params(msg.get("Authorization") or "")
        sub = self.subscribers.get(auth.get("username"))
        if sub is None:
            return sip.response_to(msg, 403), 0
        fault, _, value = sub.next_fault().partition("=")
        delay = float(value) if fault == "slow" else 0
        if fault == "silent":
            return None, 0
        answer = self.authenticate(sub, msg, auth, fault, value)
        if answer is not None:
            return answer, delay
        if fault == "final":
            return sip.response_to(msg, int(value)), delay
        return self.accept(sub, msg), delay

    def authenticate(self, sub, msg, auth, fault, value):
        """A challenge or a refusal, or None: the REGISTER is authentic."""
        if "auts" in auth:
            return self.resynchronise(sub, msg, auth, fault)
        said = integrity(msg)
        if said not in ("yes", "ip-assoc-yes", "ip-assoc-pending") or not auth.get("response"):
            if fault == "status":
                return sip.response_to(msg, int(value))
            if fault == "busy":
                answer = sip.response_to(msg, 503)
                answer.add("Retry-After", value)
                return answer
            return self.challenge(sub, msg, fault)
        if sub.pending is None:
            if sub.binding is None or sub.reauth == "always" or said == "ip-assoc-pending":
                return self.challenge(sub, msg, fault)
            return None                                 # a refresh on the SA, no new AKA run
        vector, call_id = sub.pending
        if auth.get("nonce") != vector.nonce:
            self.log.write("refused", impi=sub.impi, why="not the nonce of the challenge")
            return self.challenge(sub, msg, fault)
        if call_id != msg.get("Call-ID"):
            self.log.write("refused", impi=sub.impi, why="Call-ID is not that of the challenge")
            return sip.response_to(msg, 403)
        if auth.get("response") != self.expected(sub, vector, auth, msg):
            sub.pending = None
            self.log.write("refused", impi=sub.impi, why="response is wrong")
            return sip.response_to(msg, 403)
        sub.pending = None
        sub.again = fault == "two-challenges" and not sub.again
        if sub.again:
            return self.challenge(sub, msg, "ok")
        return None

    @staticmethod
    def expected(sub, vector, auth, msg):
        """The digest response of the right RES."""
        password = vector.xres
        if sub.algorithm == "AKAv2-MD5":
            password = aka.akav2_password(vector.xres, vector.ck, vector.ik)
        return aka.digest_response(
            auth["username"], auth.get("realm", ""), password, "REGISTER",
            auth.get("uri", ""), vector.nonce, qop=auth.get("qop"),
            nc=auth.get("nc", ""), cnonce=auth.get("cnonce", ""), body=msg.body)

    def resynchronise(self, sub, msg, auth, fault):
        """TS 33.102 6.3.5: take SQN from AUTS, challenge again."""
        try:
            rand, _ = aka.nonce_decode(auth.get("nonce", ""))
            sub.centre.resynchronise(rand, base64.b64decode(auth["auts"]))
        except (aka.AkaError, ValueError) as exc:
            self.log.write("refused", impi=sub.impi, why=f"auts: {exc}")
            return sip.response_to(msg, 403)
        self.log.write("resynchronised", impi=sub.impi, sqn=f"{sub.centre.sqn:012x}")
        return self.challenge(sub, msg, fault)

    def challenge(self, sub, msg, fault):
        """401 with a new vector; ck and ik are for the P-CSCF."""
        vector = sub.centre.next_vector(sub.rand)
        sub.pending = (vector, msg.get("Call-ID"))
        self.log.write("challenged", impi=sub.impi, nonce=vector.nonce,
                       ck=vector.ck.hex(), ik=vector.ik.hex())
        answer = sip.response_to(msg, 401)
        nonce = vector.nonce
        if fault == "bad-autn":
            nonce = aka.nonce_encode(vector.rand, vector.autn[:-1] + b"\0")
        parts = [f'realm="{self.domain}"', f'nonce="{nonce}"', f"algorithm={sub.algorithm}"]
        if sub.qop != "none":
            parts.append(f'qop="{sub.qop}"')
        if fault == "bad-ckik":
            parts += [f'ck="{vector.ck.hex()[1:]}"', f'ik="{vector.ik.hex()}"']
        elif fault != "no-ckik":
            parts += [f'ck="{vector.ck.hex()}"', f'ik="{vector.ik.hex()}"']
        if fault != "no-challenge":
            answer.add("WWW-Authenticate", "Digest " + ",".join(parts))
        self.add_charging(answer)
        return answer

    def accept(self, sub, msg):
        """200 OK: binding, Service-Route, P-Associated-URI; expiry 0 removes."""
        contact = (msg.values("Contact") or [""])[0]
        _, params = sip.split_params(contact)
        asked = int(params.get("expires") or msg.get("Expires") or sub.expires)
        granted = 0 if contact == "*" else min(asked, sub.expires)
        answer = sip.response_to(msg, 200)
        for path in msg.get_all("Path"):
            answer.add("Path", path)
        if granted:
            sub.binding = {"contact": sip.uri_of(contact), "path": msg.values("Path"),
                           "until": time.time() + granted}
            answer.add("Contact", f"<{sip.uri_of(contact)}>;expires={granted}")
            answer.add("Service-Route", self.service_route)
            answer.add("P-Associated-URI", f"<{sub.impu}>, <{sub.tel}>")
        else:
            self.end(sub, "unregistered")
        self.add_charging(answer)
        self.log.write("registered" if granted else "deregistered", impi=sub.impi,
                       expires=granted)
        self.changed(sub)
        return answer

    @staticmethod
    def end(sub, event):
        """The binding goes; what it was and why is told once more."""
        if sub.binding:
            sub.gone = (sub.binding["contact"], event)
        sub.binding = None

    @staticmethod
    def add_charging(answer):
        """Core-only headers that a P-CSCF must not let out."""
        answer.add("P-Charging-Vector", f'icid-value="{sip.token()}";term-ioi="home.example"')
        answer.add("P-Charging-Function-Addresses", 'ccf="ccf.home.example"')
