#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The registration procedure of a UE (TS 24.229 5.1.1, TS 33.203 7).

A Phone has a USIM, at most one clear leg, and the SA set in use.  It does
what a phone does, and on request (`fault`) what a phone must not do.
Single-threaded; ue.py drives it.  Its legs and its loop are in phone_io.py,
calls and all else that is not REGISTER in ue_party.py.
"""

import base64
import os
import random
import select
import socket
import time

import aka
import secagree
import sip
import xfrm
from legs import ClearLeg, ProtectedLeg
from phone_io import PhoneIo
from ue_party import ACCESS, ALLOW

FAULTS = {
    "wrong-res": "answer the challenge with a wrong RES",
    "no-security-client": "first REGISTER without Security-Client, tags kept",
    "no-sec-agree": "first REGISTER without Security-Client and without sec-agree tags",
    "bare-client": "Security-Client: ipsec-3gpp, nothing else",
    "altered-verify": "Security-Verify with another spi-s",
    "short-verify": "Security-Verify without its alg",
    "no-verify": "protected REGISTER without Security-Verify",
    "altered-client": "protected REGISTER with other spi-c and spi-s in Security-Client",
    "fewer-client": "protected REGISTER with one offer less in Security-Client",
    "no-client": "protected REGISTER without Security-Client",
    "other-impi": "protected REGISTER with another IMPI",
    "other-via": "protected REGISTER with a Via of another address",
    "forged-integrity": "Authorization with integrity-protected=\"yes\" in the first REGISTER",
    "silent": "never answer the challenge",
    "die": "end the process right after the 401",
    "non-register": "send OPTIONS on the new SAs instead of REGISTER",
    "wrong-keys": "install SAs with another IK",
    "clear-answer": "send the protected REGISTER in clear, without SAs",
    "in-clear": "send requests that are not REGISTER in clear",
    "forged-trust": "requests and answers with headers of the trust domain",
    "other-preferred": "P-Preferred-Identity of another user",
    "no-preferred": "no P-Preferred-Identity",
    "wrong-route": "requests without the Service-Route",
    "no-record-route": "answers to INVITE without the Record-Route of the request",
}
MOST_CHALLENGES = 4             # in one chain, good ones included


class Failure(Exception):
    """The procedure ended otherwise than it should; status is None on silence."""

    def __init__(self, text, status=None):
        super().__init__(text)
        self.status = status


class Registration:
    """What one REGISTER chain carries from message to message."""

    def __init__(self, phone, expires):
        self.expires = expires
        if phone.sas_leg:
            self.call_id, self.from_tag = phone.call_id, phone.from_tag
        else:
            self.call_id, self.from_tag = f"{sip.token()}@{phone.local}", sip.token(4)
        self.offers = []
        self.client_lines = []
        self.numbers = {}
        self.new_leg = None


class Phone(PhoneIo):
    """One UE at one address."""

    def __init__(self, options, log):
        super().__init__(options, log)
        self.usim = aka.Usim(aka.subscriber_milenage(vars(options)), int(options.sqn, 16))
        self.local, self.pcscf = options.local, options.pcscf
        self.impi = options.impi or f"{options.imsi}@{options.domain}"
        self.impu = f"sip:{self.impi}"
        self.call_id = self.from_tag = None
        self.cseq = random.randrange(1, 1000)
        self.last_auth = None           # the Authorization that was accepted last
        self.service_route, self.associated = [], []
        self.path = []                  # of the last 200 OK (RFC 3327 5.3)
        self.expiry = None

    # -- messages -------------------------------------------------------

    def via(self, leg, transport):
        host = "203.0.113.99" if self.fault("other-via") and leg is not self.clear_leg \
            else leg.local
        return (f"SIP/2.0/{transport.upper()} {sip.host_port(host, leg.receiving)}"
                f";branch=z9hG4bK{sip.token()};rport")

    def contact(self, leg):
        transport = ";transport=tcp" if self.o.transport == "tcp" else ""
        if self.o.emergency:
            transport += ";sos"         # TS 24.229 7.2A.13
        value = (f"<sip:{self.o.imsi}@{sip.host_port(leg.local, leg.receiving)}{transport}>"
                 f";+sip.instance=\"<urn:gsma:imei:35622410-483840-0>\"")
        return value

    def fault(self, name):
        return self.o.fault == name

    def request(self, method, uri, leg, call_id, from_tag, to=None):
        """A request with the headers every request has."""
        self.cseq += 1
        msg = sip.Message(f"{method} {uri} SIP/2.0")
        msg.add("Via", self.via(leg, self.o.transport))
        msg.add("Max-Forwards", "70")
        msg.add("From", f"<{self.impu}>;tag={from_tag}")
        msg.add("To", f"<{to or self.impu}>")
        msg.add("Call-ID", call_id)
        msg.add("CSeq", f"{self.cseq} {method}")
        return msg

    def add_agreement(self, msg, verify_lines=()):
        """The option tags and, where given, Security-Verify."""
        if self.fault("no-sec-agree"):
            return
        msg.add("Require", "sec-agree")
        msg.add("Proxy-Require", "sec-agree")
        for line in verify_lines:
            msg.add("Security-Verify", line)

    def register_message(self, reg, leg, auth, protected):
        """A REGISTER of this chain; `protected`: on the new SAs."""
        msg = self.request("REGISTER", f"sip:{self.o.domain}", leg, reg.call_id, reg.from_tag)
        if self.o.style == "samsung":
            msg.add("Route", f"<sip:{sip.host_port(self.pcscf, self.o.pcscf_port)};lr>")
        msg.add("Contact", self.contact(leg))
        msg.add("Expires", str(reg.expires))
        msg.add("Authorization", auth)
        msg.add("Supported", "path" if self.fault("no-sec-agree") else "path,sec-agree")
        self.add_agreement(msg, reg.verify_lines if protected else ())
        for line in self.client_lines(reg, protected):
            msg.add("Security-Client", line)
        msg.add("P-Access-Network-Info", ACCESS)
        msg.add("Allow", ALLOW)
        msg.add("User-Agent", f"gmgate test UE ({self.o.style})")
        return msg

    def client_lines(self, reg, protected):
        """Security-Client of this message, faults included."""
        if self.fault("no-sec-agree") or self.fault("no-security-client"):
            return []
        if self.fault("bare-client"):
            return ["ipsec-3gpp"]
        if protected and self.fault("no-client"):
            return []
        if protected and self.fault("fewer-client"):
            return secagree.format_client(reg.offers[:-1], self.o.style)
        if protected and self.fault("altered-client"):
            other = dict(reg.numbers)
            other["spi-c"], other["spi-s"] = other["spi-c"] ^ 2, other["spi-s"] ^ 2
            return secagree.format_client(
                [secagree.Offer.make(o.suite, other) for o in reg.offers], self.o.style)
        return reg.client_lines

    def authorization(self, nonce="", response="", **more):
        """The Authorization header; None values are left out."""
        impi = self.impi
        if self.fault("other-impi") and response:
            impi = f"999990000000009@{self.o.domain}"
        parts = [f'username="{impi}"', f'realm="{self.o.domain}"',
                 f'uri="sip:{self.o.domain}"', f'nonce="{nonce}"', f'response="{response}"']
        if self.fault("forged-integrity"):
            parts.append('integrity-protected="yes"')
        parts += [f"{name}={value}" for name, value in more.items() if value is not None]
        return "Digest " + ",".join(parts)

    def answer_authorization(self, challenge, password, auts=None):
        """Authorization for a challenge; an `auts` goes with the empty password."""
        qops = [q.strip() for q in (challenge.get("qop") or "").split(",") if q.strip()]
        qop = self.o.qop if self.o.qop in qops else ("auth" if "auth" in qops else None)
        if self.o.qop == "none":
            qop = None
        cnonce = sip.token() if qop else None
        nonce = challenge["nonce"]
        response = aka.digest_response(
            self.impi, challenge.get("realm", ""), password, "REGISTER",
            f"sip:{self.o.domain}", nonce, qop=qop, cnonce=cnonce or "")
        more = {"algorithm": challenge.get("algorithm", "AKAv1-MD5")}
        if qop:
            more.update(qop=qop, nc="00000001", cnonce=f'"{cnonce}"')
        if challenge.get("opaque"):
            more["opaque"] = f'"{challenge["opaque"]}"'
        if auts:
            more["auts"] = f'"{auts}"'
        return self.authorization(nonce, response, **more)

    # -- security association sets --------------------------------------

    def new_numbers(self):
        """spi-c, spi-s, port-c, port-s of an offer; port-s stays while registered."""
        spi = random.randrange(0x1000, 0xfffffff0)
        uc, us = self.o.port_c, self.o.port_s
        if self.sas_leg:
            us = self.sas_leg.receiving
            uc = None if uc == self.sas_leg.sending else uc
        while uc is None or uc == us:
            uc = random.randrange(20000, 60000)
        while us is None or us == uc:
            us = random.randrange(20000, 60000)
        return {"spi-c": spi, "spi-s": spi + 1, "port-c": uc, "port-s": us}

    def open_set(self, reg, vector, server_offer):
        """Install the SAs and open the ports of the set the 401 described."""
        _, ck, ik = vector
        if self.fault("wrong-keys"):
            ik = bytes(o ^ 0x5a for o in ik)
        sas = xfrm.SaSet(
            self.local, self.pcscf, server_offer.suite, ck, ik,
            uc=reg.numbers["port-c"], us=reg.numbers["port-s"],
            pc=server_offer.number("port-c"), ps=server_offer.number("port-s"),
            spi_uc=reg.numbers["spi-c"], spi_us=reg.numbers["spi-s"],
            spi_pc=server_offer.number("spi-c"), spi_ps=server_offer.number("spi-s"))
        if self.o.keylog:
            with open(self.o.keylog, "a", encoding="ascii") as out:
                out.writelines(line + "\n" for line in sas.wireshark_lines())
        if self.o.xfrm and not self.fault("clear-answer"):
            sas.install()
        self.log.write("set", local=self.local, suite=sas.suite,
                       uc=sas.uc, us=sas.us, pc=sas.pc, ps=sas.ps, spi_uc=sas.sas[1][4],
                       spi_us=sas.sas[2][4], spi_pc=sas.sas[3][4], spi_ps=sas.sas[0][4])
        return sas

    def open_leg(self, reg, vector, server_offer):
        """The leg of a new set; while re-registering it shares port_us."""
        self.drop_old_legs(force=True)
        sas = self.open_set(reg, vector, server_offer)
        try:
            return ProtectedLeg(sas, self.sas_leg)
        except OSError:
            sas.remove()
            raise

    def close_leg(self, leg):
        """Close its connections so that nothing follows in clear, then the SAs."""
        if leg is None:
            return
        streams = [s for s in [leg.client, *leg.accepted] if s and s.sock]
        for stream in streams:
            try:
                stream.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        until = time.monotonic() + 0.5
        while any(s.sock for s in streams) and time.monotonic() < until:
            ready, _, _ = select.select([s.sock for s in streams if s.sock], [], [], 0.1)
            for stream in streams:
                if stream.sock in ready:
                    leg.read_stream(stream)
        leg.close(abort=True)
        leg.sas.remove()

    def open_clear(self):
        """The clear leg, opened when first needed."""
        if self.clear_leg is None:
            self.clear_leg = ClearLeg(self.local, self.pcscf, self.o.clear_port,
                                      self.o.pcscf_port)
        return self.clear_leg

    # -- the procedure --------------------------------------------------

    def register(self, expires=None):
        """Register, refresh, or with expires=0 de-register; returns the status."""
        self.open_clear()
        reg = Registration(self, self.o.expires if expires is None else expires)
        reg.numbers = self.new_numbers()
        reg.offers = [secagree.Offer.make(s, reg.numbers) for s in self.o.suites]
        reg.client_lines = secagree.format_client(reg.offers, self.o.style)
        reg.verify_lines = self.sas_leg.verify_lines if self.sas_leg else []
        first_leg = self.sas_leg or self.clear_leg
        auth = self.last_auth if self.sas_leg and self.last_auth else self.authorization()
        answer = self.transact(
            self.register_message(reg, first_leg, auth, bool(self.sas_leg)), first_leg)
        challenges = bad_challenges = 0
        try:
            while answer is not None and answer.status == 401:
                challenges += 1
                if bad_challenges == 2 or challenges > MOST_CHALLENGES:
                    raise Failure("too many challenges", 401)
                answer, bad = self.answer_challenge(reg, first_leg, answer)
                bad_challenges += bad
        except (Failure, xfrm.XfrmError, OSError):
            self.abandon(reg)
            raise
        return self.conclude(reg, answer)

    def answer_challenge(self, reg, first_leg, challenge_msg):
        """(answer, 1 if the challenge was invalid else 0) for one 401."""
        challenge = sip.auth_params(challenge_msg.get("WWW-Authenticate") or "")
        rand, autn = aka.nonce_decode(challenge.get("nonce", ""))
        if reg.new_leg:                                     # challenged on the new set
            self.abandon(reg)
        if self.fault("die"):
            self.log.write("dying")
            os._exit(0)
        if self.fault("silent"):
            raise Failure("silent as asked", 401)
        time.sleep(self.o.think)
        try:
            vector = self.usim.authenticate(rand, autn)
        except aka.MacFailure:
            self.log.write("mac-failure")
            auth = self.authorization(challenge["nonce"], "", algorithm="AKAv1-MD5")
            msg = self.register_message(reg, first_leg, auth, False)
            return self.transact(msg, first_leg), 1
        except aka.SyncFailure as exc:
            self.log.write("sync-failure")
            auts = base64.b64encode(exc.auts).decode()
            auth = self.answer_authorization(challenge, b"", auts)
            msg = self.register_message(reg, first_leg, auth, False)
            return self.transact(msg, first_leg), 1
        return self.answer_on_new_set(reg, challenge_msg, challenge, vector), 0

    def answer_on_new_set(self, reg, challenge_msg, challenge, vector):
        """The REGISTER with RES, on the SAs the 401 described."""
        res, ck, ik = vector
        if self.fault("wrong-res"):
            res = bytes(o ^ 0xff for o in res)
        password = res
        if challenge.get("algorithm", "").strip('"').upper() == "AKAV2-MD5":
            password = aka.akav2_password(res, ck, ik)
        auth = self.answer_authorization(challenge, password)
        lines = challenge_msg.get_all("Security-Server")
        server = secagree.choose(secagree.parse(challenge_msg.values("Security-Server")),
                                 self.o.suites)
        if server is None:
            if not self.o.no_sec_agree_ok:
                raise Failure("401 without a usable Security-Server", 401)
            return self.transact(self.register_message(reg, self.clear_leg, auth, False),
                                 self.clear_leg)
        reg.verify_lines = self.verify_lines(lines)
        reg.new_leg = self.pending_leg = self.open_leg(reg, vector, server)
        reg.new_leg.verify_lines = secagree.format_verify(lines, self.o.verify_style)
        if self.fault("non-register"):
            msg = self.request("OPTIONS", f"sip:{self.o.domain}", reg.new_leg,
                               reg.call_id, reg.from_tag)
            self.add_agreement(msg, reg.verify_lines)
        else:
            msg = self.register_message(reg, reg.new_leg, auth, True)
        self.pending_auth = auth
        return self.transact(msg, reg.new_leg)

    def verify_lines(self, lines):
        """Security-Verify, faults included."""
        if self.fault("no-verify"):
            return []
        out = secagree.format_verify(lines, self.o.verify_style)
        if self.fault("altered-verify"):
            return [line.replace("spi-s=", "spi-s=1") for line in out]
        if self.fault("short-verify"):
            return [";".join(p for p in line.split(";") if "alg=hmac" not in p) for line in out]
        return out

    def abandon(self, reg):
        """Take down the set of a chain that did not work out."""
        if reg.new_leg:
            if self.sas_leg:
                self.sas_leg.take_server(reg.new_leg)
            self.close_leg(reg.new_leg)
        reg.new_leg = self.pending_leg = None

    def conclude(self, reg, answer):
        """The final answer of the chain."""
        if answer is None or answer.status != 200:
            self.abandon(reg)
            if answer is None:
                raise Failure("no answer")
            raise Failure(answer.start, answer.status)
        if reg.new_leg:
            if self.sas_leg:
                self.old_legs.append(self.sas_leg)
            self.sas_leg, self.pending_leg = reg.new_leg, None
            self.last_auth = self.pending_auth
        self.call_id, self.from_tag = reg.call_id, reg.from_tag
        granted = self.granted(answer, reg.expires)
        self.service_route = answer.values("Service-Route")
        self.associated = [sip.uri_of(v) for v in answer.values("P-Associated-URI")]
        self.path = answer.values("Path")
        self.log.write("registered" if granted else "deregistered", expires=granted,
                       suite=self.sas_leg.sas.suite if self.sas_leg else None,
                       service_route=self.service_route, associated=self.associated)
        if not granted:
            self.forget()
        return 200

    @staticmethod
    def granted(answer, asked):
        """The expiry of a 200 OK."""
        for contact in answer.values("Contact"):
            expires = sip.split_params(contact)[1].get("expires")
            if expires is not None:
                return int(expires)
        if not answer.values("Contact"):
            return 0
        return int(answer.get("Expires") or asked)

    def forget(self):
        """Drop the registration and every SA set, tell nobody."""
        for leg in [*self.old_legs, self.sas_leg]:
            self.close_leg(leg)
        self.old_legs, self.sas_leg, self.last_auth = [], None, None
        if self.clear_leg:
            self.clear_leg.close_streams()
