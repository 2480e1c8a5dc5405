#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The core and the UE must find what is wrong: each message here has one fault."""

import unittest

import core_checks
import sip
import ue_checks
from core_net import Peer
from legs import Arrival

SERVICE_ROUTE = "<sip:orig@192.0.2.2:5060;lr>"
PEER = Peer("udp", ("192.0.2.1", 5060), None)


def message(start, *headers):
    return sip.Message(start, headers)


def invite(**other):
    """What a P-CSCF should make of a UE's INVITE; None leaves a header out."""
    headers = {
        "Via": "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa, "
               "SIP/2.0/UDP 10.45.0.3:40000;branch=z9hG4bKb",
        "Max-Forwards": "69", "From": "<sip:a@x>;tag=1", "To": "<sip:b@x>",
        "Call-ID": "c", "CSeq": "1 INVITE", "Route": SERVICE_ROUTE,
        "Record-Route": "<sip:t@192.0.2.1:5060;lr>, <sip:10.4.128.21:6100;lr>",
        "P-Asserted-Identity": "<sip:a@x>", "P-Charging-Vector": 'icid-value="1"'}
    headers.update({name.replace("_", "-"): value for name, value in other.items()})
    return message("INVITE sip:b@x SIP/2.0",
                   *((n, v) for n, v in headers.items() if v is not None))


class Subscriber:
    binding = {}


def judged(msg):
    def known(value):
        return Subscriber if "sip:a@x" in value else None
    return [*core_checks.any_message(msg), *core_checks.any_request(msg),
            *core_checks.originating(msg, PEER, SERVICE_ROUTE, known)]


class Requests(unittest.TestCase):
    def test_good(self):
        self.assertEqual(judged(invite()), [])

    def test_faults(self):
        for text, fault in (
                ("Security-Verify present", {"Security_Verify": "ipsec-3gpp"}),
                ("sec-agree in Require", {"Require": "precondition, sec-agree"}),
                ("empty Proxy-Require", {"Proxy_Require": ""}),
                ("P-Preferred-Identity present", {"P_Preferred_Identity": "<sip:a@x>"}),
                ("Max-Forwards", {"Max_Forwards": "70"}),
                ("no Via of the P-CSCF", {"Via": "SIP/2.0/UDP 10.45.0.3:1;branch=b"}),
                ("topmost Via is 192.0.2.9",
                 {"Via": "SIP/2.0/UDP 192.0.2.9;branch=a, SIP/2.0/UDP 10.45.0.3;branch=b"}),
                ("not the Service-Route", {"Route": None}),
                ("not the Service-Route", {"Route": f"<sip:10.4.128.21:6100;lr>, {SERVICE_ROUTE}"}),
                ("no Record-Route", {"Record_Route": None}),
                ("topmost Record-Route", {
                    "Record_Route": "<sip:10.4.128.21:6100;lr>, <sip:t@192.0.2.1:5060;lr>"}),
                ("without lr", {"Record_Route": "<sip:t@192.0.2.1:5060>"}),
                ("no P-Asserted-Identity", {"P_Asserted_Identity": None}),
                ("is of no subscriber", {"P_Asserted_Identity": "<sip:victim@x>"}),
                ("no icid-value", {"P_Charging_Vector": None}),
                ("P-Charging-Vector of the UE", {"P_Charging_Vector": 'icid-value="forged"'}),
                ("P-Served-User present", {"P_Served_User": "<sip:a@x>"}),
                ("network-provided", {"P_Access_Network_Info": "3GPP-E-UTRAN;network-provided"})):
            with self.subTest(text=text):
                found = judged(invite(**fault))
                self.assertEqual(len(found), 1, found)
                self.assertIn(text, found[0])


class Responses(unittest.TestCase):
    sent = message("INVITE sip:b@10.45.0.3 SIP/2.0",
                   ("Via", "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKa"),
                   ("Record-Route", "<sip:s@192.0.2.2;lr>"), ("P-Called-Party-ID", "<sip:b@x>"),
                   ("CSeq", "1 INVITE"))

    def judged(self, **other):
        headers = {"Via": "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKa;received=192.0.2.2",
                   "Record-Route": "<sip:10.4.128.21:6100;lr>, <sip:t@192.0.2.1;lr>, "
                                   "<sip:s@192.0.2.2;lr>",
                   "CSeq": "1 INVITE", "P-Charging-Vector": 'icid-value="1"',
                   "P-Asserted-Identity": "<sip:b@x>"}
        headers.update({name.replace("_", "-"): value for name, value in other.items()})
        msg = message("SIP/2.0 200 OK", *((n, v) for n, v in headers.items() if v is not None))
        return list(core_checks.response(msg, self.sent, True))

    def test_good(self):
        self.assertEqual(self.judged(), [])

    def test_faults(self):
        for text, fault in (
                ("Via is", {"Via": "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKother"}),
                ("no P-Charging-Vector", {"P_Charging_Vector": None}),
                ("our Record-Route is not", {
                    "Record_Route": "<sip:10.4.128.21:6100;lr>, <sip:t@192.0.2.1;lr>"}),
                ("no Record-Route of the P-CSCF", {"Record_Route": "<sip:s@192.0.2.2;lr>"}),
                ("P-Asserted-Identity is", {"P_Asserted_Identity": "<sip:victim@x>"}),
                ("P-Asserted-Identity is", {"P_Asserted_Identity": None}),
                ("P-Served-User in a response", {"P_Served_User": "<sip:b@x>"})):
            with self.subTest(text=text):
                found = self.judged(**fault)
                self.assertTrue(any(text in f for f in found), found)


class TowardsTheUe(unittest.TestCase):
    class Leg:
        class sas:
            pcscf, pc, ps, uc, us = "10.4.128.21", 6101, 6100, 40000, 40001

    def found(self, transport="udp", ports=(6101, 40001), **other):
        headers = {"Via": "SIP/2.0/UDP 10.4.128.21:6100;branch=z9hG4bKa",
                   "Record-Route": "<sip:10.4.128.21:6100;lr>, <sip:t@192.0.2.1;lr>",
                   "CSeq": "1 INVITE"}
        headers.update({name.replace("_", "-"): value for name, value in other.items()})
        msg = message("INVITE sip:b@10.45.0.3 SIP/2.0", *headers.items())
        arrival = Arrival(msg.octets(), transport, ("10.4.128.21", ports[0]),
                          ("10.45.0.3", ports[1]), None)
        return ue_checks.found(msg, arrival.octets, arrival, self.Leg)

    def test_good(self):
        self.assertEqual(self.found(), [])
        self.assertEqual(self.found("tcp", (6100, 40000)), [])

    def test_faults(self):
        self.assertIn("over UDP", self.found(ports=(6100, 40000))[0])
        self.assertIn("over TCP", self.found("tcp", (6101, 40000))[0])
        for text, fault in (
                ("Via is not of port_ps", {"Via": "SIP/2.0/UDP 10.4.128.21:6101;branch=a"}),
                ("Record-Route is not of port_ps", {"Record_Route": "<sip:t@192.0.2.1;lr>"}),
                ("Route left", {"Route": "<sip:t@192.0.2.1;lr>"}),
                ("Path", {"Path": "<sip:t@192.0.2.1;lr>"}),
                ("in spite of Privacy", {"Privacy": "id", "P_Asserted_Identity": "<sip:a@x>"}),
                ("P-Charging-Vector", {"P_Charging_Vector": "icid-value=1"})):
            with self.subTest(text=text):
                found = self.found(**fault)
                self.assertEqual(len(found), 1, found)
                self.assertIn(text, found[0])


class Stacks(unittest.TestCase):
    def test_push_and_pop(self):
        msg = message("A sip:b SIP/2.0", ("Via", "one, two"), ("To", "x"), ("Via", "three"))
        msg.push("Via", "zero")
        self.assertEqual(msg.values("Via"), ["zero", "one", "two", "three"])
        self.assertEqual([msg.pop("Via") for _ in range(5)], ["zero", "one", "two", "three", None])
        self.assertEqual(msg.headers, [("To", "x")])
        msg.put("To", "y")
        msg.put("From", "z")
        self.assertEqual(msg.headers, [("To", "y"), ("From", "z")])

    def test_uri(self):
        for text, user, address in (
                ("<sip:a@[2001:db8::1]:5061;lr>", "a", ("2001:db8::1", 5061)),
                ("sip:[2001:db8::1];transport=tcp", "", ("2001:db8::1", 5060)),
                ("sip:10.0.0.1", "", ("10.0.0.1", 5060)),
                ("\"x\" <sip:a;b=c@host:1?h=v>", "a;b=c", ("host", 1)),
                ("tel:+123;phone-context=x", "+123", ("", 5060))):
            with self.subTest(text=text):
                uri = sip.Uri(text)
                self.assertEqual((uri.user, uri.address), (user, address))


if __name__ == "__main__":
    unittest.main()
