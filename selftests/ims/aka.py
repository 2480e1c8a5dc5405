#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""IMS AKA: challenges, the USIM's checks, resynchronisation, HTTP digest.

The HSS side (AuthCentre) and the USIM side (Usim) share only Milenage and
the SQN layout of TS 33.102 Annex C: SQN = SEQ (43 bits) || IND (5 bits).
The digest functions are RFC 2617/3310/4169.
"""

import base64
import hashlib
import hmac
import os

from milenage import Milenage, xor

IND_BITS = 5
IND_MASK = (1 << IND_BITS) - 1
SQN_MASK = (1 << 48) - 1
SEQ_LEAP = 1 << 28              # TS 33.102 C.2.2: a larger jump is refused


class AkaError(Exception):
    """A challenge or a resynchronisation that is not genuine."""


class MacFailure(AkaError):
    """AUTN was not made by our HSS."""


class SyncFailure(AkaError):
    """AUTN is genuine but its SQN is not fresh; .auts tells the HSS ours."""

    def __init__(self, auts):
        super().__init__("SQN out of range")
        self.auts = auts


def nonce_encode(rand, autn, server_data=b""):
    """RFC 3310 3.2: base64 of RAND, AUTN and optional server data."""
    return base64.b64encode(rand + autn + server_data).decode()


def nonce_decode(nonce):
    """RAND and AUTN of a nonce; what follows them is the server's business."""
    try:
        raw = base64.b64decode(nonce, validate=True)
    except ValueError as exc:
        raise AkaError("nonce is not base64") from exc
    if len(raw) < 32:
        raise AkaError("nonce is shorter than RAND and AUTN")
    return raw[:16], raw[16:32]


class Vector:
    """One authentication vector."""

    def __init__(self, milenage, rand, sqn, amf):
        self.rand = rand
        self.autn = xor(sqn, milenage.f5(rand)) + amf + milenage.f1(rand, sqn, amf)
        self.xres = milenage.f2(rand)
        self.ck = milenage.f3(rand)
        self.ik = milenage.f4(rand)
        self.nonce = nonce_encode(rand, self.autn)


class AuthCentre:
    """The HSS's half of one subscriber: makes vectors, accepts AUTS."""

    def __init__(self, milenage, sqn=0, amf=b"\x80\x00"):
        self.milenage = milenage
        self.sqn = sqn              # of the last vector, as a number
        self.amf = amf

    def next_vector(self, rand=None):
        """A new vector: SEQ + 1 and the next IND."""
        seq = (self.sqn >> IND_BITS) + 1
        ind = (self.sqn + 1) & IND_MASK
        self.sqn = (seq << IND_BITS | ind) & SQN_MASK
        rand = rand or os.urandom(16)
        return Vector(self.milenage, rand, self.sqn.to_bytes(6, "big"), self.amf)

    def resynchronise(self, rand, auts):
        """Take the USIM's SQN from a genuine AUTS (TS 33.102 6.3.5)."""
        if len(auts) != 14:
            raise AkaError("AUTS is not 14 octets")
        sqn_ms = xor(auts[:6], self.milenage.f5_star(rand))
        if not hmac.compare_digest(auts[6:], self.milenage.f1_star(rand, sqn_ms)):
            raise MacFailure("MAC-S of AUTS is wrong")
        self.sqn = int.from_bytes(sqn_ms, "big")


class Usim:
    """The USIM: verifies AUTN, keeps the array of the highest SEQ per IND."""

    def __init__(self, milenage, sqn=0):
        self.milenage = milenage
        self.seq = [sqn >> IND_BITS] * (IND_MASK + 1)
        self.highest = sqn

    def authenticate(self, rand, autn):
        """(RES, CK, IK), or MacFailure or SyncFailure."""
        sqn_octets = xor(autn[:6], self.milenage.f5(rand))
        amf, mac = autn[6:8], autn[8:]
        if not hmac.compare_digest(mac, self.milenage.f1(rand, sqn_octets, amf)):
            raise MacFailure("MAC-A of AUTN is wrong")
        sqn = int.from_bytes(sqn_octets, "big")
        seq, ind = sqn >> IND_BITS, sqn & IND_MASK
        newest = self.highest >> IND_BITS
        if seq <= self.seq[ind] or seq - newest > SEQ_LEAP:
            raise SyncFailure(self.auts(rand))
        self.seq[ind] = seq
        self.highest = max(self.highest, sqn)
        return self.milenage.f2(rand), self.milenage.f3(rand), self.milenage.f4(rand)

    def auts(self, rand):
        """The highest SQN accepted so far, hidden and proved."""
        sqn_ms = self.highest.to_bytes(6, "big")
        return xor(sqn_ms, self.milenage.f5_star(rand)) + self.milenage.f1_star(rand, sqn_ms)


def subscriber_milenage(entry):
    """Milenage for a mapping with hex `k` and `opc` (or `op`)."""
    k = bytes.fromhex(entry["k"])
    if entry.get("opc"):
        return Milenage(k, opc=bytes.fromhex(entry["opc"]))
    return Milenage(k, op=bytes.fromhex(entry["op"]))


def md5_hex(data):
    """MD5 as digest authentication wants it."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def akav2_password(res, ck, ik):
    """RFC 4169: the password of AKAv2-MD5."""
    prf = hmac.new(res + ik + ck, b"http-digest-akav2-password", hashlib.md5).digest()
    return base64.b64encode(prf)


def digest_response(user, realm, password, method, uri, nonce, *,
                    qop=None, nc="00000001", cnonce="", body=b""):
    """The `response` of RFC 2617; `password` is raw octets (RES may hold NUL)."""
    ha1 = md5_hex(f"{user}:{realm}:".encode() + password)
    a2 = f"{method}:{uri}"
    if qop == "auth-int":
        a2 += ":" + md5_hex(body)
    ha2 = md5_hex(a2.encode())
    if qop:
        return md5_hex(f"{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{ha2}".encode())
    return md5_hex(f"{ha1}:{nonce}:{ha2}".encode())
