#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""PCO and ePCO: elements seen in public captures, and broken ones."""

import unittest

import pco


def octets(text):
    return bytes.fromhex(text.replace("|", " "))


REQUEST = octets("27 26 80 | 8021 10 01000010 810600000000 830600000000 | 000d 00 | 0003 00"
                 "| 0001 00 | 000c 00 | 000a 00 | 0010 00")
ANSWER_VALUE = octets(
    "80 000c040a048015 000c040a048016 00011020010db8000401280000000000000021"
    "0003102001486048600000000000000000 8888 000d0408080808 000200 001002054e")
ANDROID = octets(
    "7b 0072 80 | 8021 0a 0300000a 8106 08080808 | 000d 04 08080808"
    "| 0003 10 20014860486000000000000000008888 | 000c 04 c0a80401"
    "| 0001 10 20010468300000010000000000000000 | 0002 00 | 001b 04 0100f110"
    "| 001d 06 06271004b71b | 0023 0009 01000631300101ff01"
    "| 0024 0009 012042010105070160 | 0011 00")
ZEROES = octets(
    "27 48 80 | 8021 10 03010010 8106c0a80764 830600000000 | 0003 10" + "00" * 16 +
    "| 000d 04 c0a80764 | 000c 04 c0a8076f | 0001 10" + "00" * 16)


class Decode(unittest.TestCase):
    def check_answer(self, element):
        got = pco.decode(element)
        self.assertEqual(got["pcscf_v4"], ["10.4.128.21", "10.4.128.22"])
        self.assertEqual(got["pcscf_v6"], ["2001:db8:4:128::21"])
        self.assertEqual(got["dns_v4"], ["8.8.8.8"])
        self.assertEqual(got["dns_v6"], ["2001:4860:4860::8888"])
        self.assertTrue(got["signalling"])
        self.assertEqual(got["mtu"], 1358)

    def test_answer(self):
        self.assertEqual(len(ANSWER_VALUE), 0x44)
        self.check_answer(ANSWER_VALUE)
        self.check_answer(b"\x27\x44" + ANSWER_VALUE)
        self.check_answer(b"\x7b\x00\x44" + ANSWER_VALUE)

    def test_request(self):
        idents = [i for i, _ in pco.units(REQUEST, to_phone=False)]
        self.assertEqual(idents, [0x8021, 0x0d, 3, 1, 0x0c, 0x0a, 0x10])
        self.assertEqual(pco.decode(REQUEST)["pcscf_v4"], [])

    def test_wide_lengths(self):
        got = pco.decode(ANDROID)
        self.assertEqual(got["pcscf_v4"], ["192.168.4.1"])
        self.assertEqual(got["pcscf_v6"], ["2001:468:3000:1::"])
        self.assertEqual(pco.units(ANDROID)[-1], (0x0011, b""))

    def test_zero_is_absent(self):
        got = pco.decode(ZEROES)
        self.assertEqual(got["pcscf_v4"], ["192.168.7.111"])
        self.assertEqual((got["pcscf_v6"], got["dns_v6"]), ([], []))

    def test_family(self):
        self.assertEqual(pco.pcscf_for(ANSWER_VALUE, "2001:db8:45::3"), ["2001:db8:4:128::21"])
        self.assertEqual(pco.pcscf_for(ANSWER_VALUE, "10.45.0.3"), ["10.4.128.21", "10.4.128.22"])

    def test_5gs(self):
        got = pco.decode(octets("7b 000f 80 000d 04 d043fefe 000d 04 d043ffff"))
        self.assertEqual(got["dns_v4"], ["208.67.254.254", "208.67.255.255"])

    def test_wrong_size_is_skipped(self):
        got = pco.decode(octets("80 000c 03 0a0480 000c 04 0a048015"))
        self.assertEqual(got["pcscf_v4"], ["10.4.128.21"])

    def test_truncated(self):
        for n in range(len(ANSWER_VALUE)):
            element = b"\x27\x44" + ANSWER_VALUE[:n]
            with self.subTest(octets=n), self.assertRaises(pco.PcoError):
                pco.decode(element)
        with self.assertRaises(pco.PcoError):
            pco.decode(octets("80 000c 05 0a048015"))


class Encode(unittest.TestCase):
    def test_answer(self):
        made = pco.encode_answer(
            ["10.4.128.21", "10.4.128.22", "2001:db8:4:128::21"],
            ["2001:4860:4860::8888", "8.8.8.8"], 1358)
        self.assertEqual(made, ANSWER_VALUE)
        self.assertEqual(pco.encode_answer(["10.4.128.21"], iei=pco.IEI_PCO).hex(),
                         "270b80000c040a048015000200")

    def test_round_trip(self):
        self.assertEqual(pco.encode(pco.units(ANDROID), pco.IEI_EPCO), ANDROID)
        with self.assertRaises(pco.PcoError):
            pco.encode([(0x23, bytes(300))], pco.IEI_PCO)


if __name__ == "__main__":
    unittest.main()
