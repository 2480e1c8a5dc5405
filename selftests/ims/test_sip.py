#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP parsing and framing, the security agreement headers, phone styles."""

import unittest

import secagree
import sip

REGISTER = (
    b"REGISTER sip:ims.example SIP/2.0\r\n"
    b"v: SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bKa1;rport\r\n"
    b"Authorization: Digest username=\"a@ims.example\",\r\n realm=\"ims, example\",nonce=\"\"\r\n"
    b"f: \"A, B\" <sip:a@ims.example;x=1>;tag=1\r\nCSeq: 7 REGISTER\r\n"
    b"Supported: path, sec-agree\r\nSupported: gruu\r\nl: 4\r\n\r\nbody")


class Messages(unittest.TestCase):
    def test_parse(self):
        msg = sip.Message.parse(REGISTER)
        self.assertEqual((msg.method, msg.cseq, msg.body), ("REGISTER", (7, "REGISTER"), b"body"))
        self.assertEqual(msg.branch, "z9hG4bKa1")
        self.assertEqual(msg.values("Supported"), ["path", "sec-agree", "gruu"])
        self.assertEqual(msg.values("From"), ['"A, B" <sip:a@ims.example;x=1>;tag=1'])
        auth = sip.auth_params(msg.get("Authorization"))
        self.assertEqual(auth, {"": "Digest", "username": "a@ims.example",
                                "realm": "ims, example", "nonce": ""})

    def test_round_trip(self):
        msg = sip.Message.parse(REGISTER)
        for kw in ({}, {"compact": True}, {"fold": ("authorization",)}):
            again = sip.Message.parse(msg.octets(**kw))
            self.assertEqual(again.body, msg.body)
            self.assertEqual(again.branch, msg.branch)
            self.assertEqual(sip.auth_params(again.get("Authorization")),
                             sip.auth_params(msg.get("Authorization")))

    def test_response(self):
        answer = sip.response_to(sip.Message.parse(REGISTER + b""), 494)
        self.assertEqual(answer.start, "SIP/2.0 494 Security Agreement Required")
        self.assertEqual((answer.status, answer.method), (494, "REGISTER"))

    def test_broken(self):
        for bad in (b"", b"REGISTER\r\n\r\n", b"REGISTER sip:a SIP/2.0\r\nno colon\r\n\r\n",
                    b"REGISTER sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nabc",
                    b"REGISTER sip:a SIP/2.0\r\n folded first\r\n\r\n"):
            with self.assertRaises(sip.SipError):
                sip.Message.parse(bad)

    def test_params_and_uris(self):
        self.assertEqual(sip.split_params("<sip:a;lr>;expires=5;ob"),
                         ("<sip:a;lr>", {"expires": "5", "ob": None}))
        self.assertEqual(sip.uri_of('"x" <sip:a@b;c=d>;e=f'), "sip:a@b;c=d")

    def test_framer(self):
        framer, got = sip.Framer(), []
        stream = b"\r\n\r\n" + REGISTER + b"\r\n" + REGISTER
        for i in range(0, len(stream), 7):
            got += framer.feed(stream[i:i + 7])
        self.assertEqual(got, [REGISTER, REGISTER])


class Agreement(unittest.TestCase):
    numbers = {"spi-c": 1236, "spi-s": 3963789885, "port-c": 7004, "port-s": 7005}

    def test_styles(self):
        suites = ["hmac-md5-96/null", "hmac-sha-1-96/aes-cbc"]
        offers = [secagree.Offer.make(s, self.numbers) for s in suites]
        for style in secagree.STYLES:
            with self.subTest(style=style):
                lines = secagree.format_client(offers, style)
                got = secagree.parse(v for line in lines for v in sip.split_list(line))
                got = [o for o in got if o.usable]
                self.assertEqual([o.suite for o in got], suites)
                for name, value in self.numbers.items():
                    self.assertEqual(got[1].number(name), value)

    def test_iphone_text(self):
        offer = secagree.Offer.make("hmac-md5-96/aes-cbc", {
            "spi-c": 200418294, "spi-s": 12070439, "port-c": 63193, "port-s": 61008})
        self.assertEqual(offer.format("iphone"),
                         "ipsec-3gpp;alg=hmac-md5-96;ealg=aes-cbc;mod=trans;port-c=63193;"
                         "port-s=61008;prot=esp;spi-c=200418294;spi-s=12070439")

    def test_choice(self):
        server = secagree.parse(sip.split_list(
            "ipsec-3gpp; q=0.1; alg=hmac-md5-96; spi-c=1;spi-s=2;port-c=3;port-s=4,"
            "ipsec-3gpp;q=0.5;alg=HMAC-SHA-1-96;ealg=null;spi-c=1;spi-s=2;port-c=3;port-s=4,"
            "ipsec-3gpp;q=0.9;alg=hmac-sha-1-96;mod=tun;spi-c=1;spi-s=2;port-c=3;port-s=4,"
            "ipsec-3gpp;q=0.8"))
        both = {"hmac-md5-96/null", "hmac-sha-1-96/null"}
        self.assertEqual(secagree.choose(server, both).suite, "hmac-sha-1-96/null")
        self.assertEqual(secagree.choose(server, {"hmac-md5-96/null"}).q, 0.1)
        self.assertIsNone(secagree.choose(server, {"hmac-md5-96/aes-cbc"}))


if __name__ == "__main__":
    unittest.main()
