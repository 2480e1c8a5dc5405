#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""AKA: the worked registration, the USIM's checks, resynchronisation, keys."""

import base64
import unittest

import aka
import keys
from milenage import Milenage

K = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
OPC = bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf")
RAND = bytes.fromhex("23553cbe9637a89d218ae64dae47bf35")
SQN = bytes.fromhex("ff9bb4d0b607")
RES = bytes.fromhex("a54211d5e3ba50bf")
CK = bytes.fromhex("b40ba9a3c58b2a05bbf0d987b21bf8cb")
IK = bytes.fromhex("f769bcd751044604127672711c6d3441")
NONCE = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
REALM = "ims.mnc001.mcc001.3gppnetwork.org"
IMPI = "001010000000001@" + REALM
URI = "sip:" + REALM


def response(password, **kw):
    return aka.digest_response(IMPI, REALM, password, "REGISTER", URI, NONCE, **kw)


class WorkedRegister(unittest.TestCase):
    def test_vector(self):
        v = aka.Vector(Milenage(K, opc=OPC), RAND, SQN, b"\xb9\xb9")
        self.assertEqual(v.autn.hex(), "55f328b43577b9b94a9ffac354dfafb3")
        self.assertEqual(v.nonce, NONCE)
        self.assertEqual((v.xres, v.ck, v.ik), (RES, CK, IK))

    def test_digest(self):
        qop = {"qop": "auth", "cnonce": "0a4f113b"}
        self.assertEqual(response(RES), "1125a3c2e293453f07e08957ff235efc")
        self.assertEqual(response(RES, **qop), "402ab8df9f3a4d63a9f47c2f90e02938")
        self.assertEqual(response(RES, qop="auth-int", cnonce="0a4f113b"),
                         "5682a0ac7d51b056ce2245ed00d885c0")
        self.assertEqual(response(b""), "6821238d21754c12bf172c668144dbb6")
        self.assertEqual(response(b"", **qop), "da492ad7b08bb89514f214f8c2fdb82b")

    def test_digest_akav2(self):
        password = aka.akav2_password(RES, CK, IK)
        self.assertEqual(password, b"shzt3q8CWaZnCAWqs3WmEQ==")
        self.assertEqual(response(password, qop="auth", cnonce="0a4f113b"),
                         "6774a29ced9929f3dd734d9a97e04ebe")

    def test_password_with_nul(self):
        self.assertNotEqual(response(b"\0a"), response(b"\0b"))


class UsimChecks(unittest.TestCase):
    def setUp(self):
        self.milenage = Milenage(K, opc=OPC)
        self.hss = aka.AuthCentre(self.milenage, sqn=1000 << 5)
        self.usim = aka.Usim(self.milenage, sqn=1000 << 5)

    def test_genuine(self):
        for _ in range(70):
            v = self.hss.next_vector()
            self.assertEqual(self.usim.authenticate(v.rand, v.autn), (v.xres, v.ck, v.ik))

    def test_old_index_still_fresh(self):
        first, second = self.hss.next_vector(), self.hss.next_vector()
        self.usim.authenticate(second.rand, second.autn)
        self.usim.authenticate(first.rand, first.autn)      # another IND
        with self.assertRaises(aka.SyncFailure):
            self.usim.authenticate(first.rand, first.autn)

    def test_mac_failure(self):
        v = self.hss.next_vector()
        with self.assertRaises(aka.MacFailure):
            self.usim.authenticate(v.rand, v.autn[:-1] + bytes([v.autn[-1] ^ 1]))

    def test_leap_is_refused(self):
        self.hss.sqn += (aka.SEQ_LEAP + 5) << 5
        v = self.hss.next_vector()
        with self.assertRaises(aka.SyncFailure):
            self.usim.authenticate(v.rand, v.autn)

    def test_resynchronisation(self):
        self.hss.sqn = 5 << 5
        v = self.hss.next_vector()
        with self.assertRaises(aka.SyncFailure) as caught:
            self.usim.authenticate(v.rand, v.autn)
        self.hss.resynchronise(v.rand, caught.exception.auts)
        v = self.hss.next_vector()
        self.usim.authenticate(v.rand, v.autn)

    def test_forged_auts(self):
        with self.assertRaises(aka.MacFailure):
            self.hss.resynchronise(RAND, bytes(14))

    def test_worked_auts(self):
        usim = aka.Usim(self.milenage, sqn=0xff9bb4d0c0e5)
        auts = usim.auts(RAND)
        self.assertEqual(base64.b64encode(auts), b"uoU/PGTezXzd9H0zX8I=")
        self.hss.resynchronise(RAND, auts)
        self.assertEqual(self.hss.sqn, 0xff9bb4d0c0e5)

    def test_nonce_with_server_data(self):
        v = self.hss.next_vector()
        self.assertEqual(aka.nonce_decode(aka.nonce_encode(v.rand, v.autn, b"more")),
                         (v.rand, v.autn))
        for bad in ("", "!!!!", "AAAA"):
            with self.assertRaises(aka.AkaError):
                aka.nonce_decode(bad)


class KeyExpansion(unittest.TestCase):
    def test_worked_example(self):
        self.assertEqual(keys.integrity_key("hmac-md5-96", CK, IK), IK)
        self.assertEqual(keys.integrity_key("hmac-sha-1-96", CK, IK), IK + bytes(4))
        self.assertEqual(keys.cipher_key("aes-cbc", CK, IK), CK)
        self.assertEqual(keys.cipher_key("des-ede3-cbc", CK, IK).hex(),
                         "b50ba8a2c48a2a04baf1d986b31af8cbb50ba8a2c48a2a04")
        self.assertEqual(keys.integrity_key("aes-gmac", CK, IK)[16:].hex(), "dbc2b1c2")
        self.assertEqual(keys.cipher_key("aes-gcm", CK, IK)[16:].hex(), "89273db6")


if __name__ == "__main__":
    unittest.main()
