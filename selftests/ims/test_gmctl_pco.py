#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gmctl pco: what it makes and what it reads, judged by tshark.

The elements travel as NAS and GTP carry them; each field that tshark finds
must be what gmctl says.
"""

import json
import os
import random
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

import pco
import test_pco

HERE = os.path.dirname(os.path.abspath(__file__))
GMCTL = os.path.join(HERE, "../../agent/gmctl")
PID, LENGTH = "gsm_a.gm.sm.pco_pid", "gsm_a.gm.sm.pco.length"
FIELD = "gsm_a.gm.sm.pco."
FIELDS = {
    "p-cscf-ipv4": FIELD + "pcscf.ipv4",
    "p-cscf-ipv6": FIELD + "pcscf.ipv6",
    "dns-ipv4": FIELD + "dns.ipv4",
    "dns-ipv6": FIELD + "dns.ipv6",
    "dsmipv6-home-agent-ipv4": FIELD + "dsmipv6_home_agent.ipv4",
    "dsmipv6-home-agent-ipv6": FIELD + "dsmipv6_home_agent.ipv6",
    "ipv4-mtu": FIELD + "ipv4_link_mtu_size",
    "non-ip-mtu": FIELD + "non_ip_link_mtu_size",
    "ethernet-mtu": FIELD + "eth_frame_payload_mtu",
    "unstructured-mtu": FIELD + "unstruct_link_mtu",
    "pdu-session-address-lifetime": FIELD + "pdu_session_address_lifetime",
    "policy-control-rejection": FIELD + "reject_code",
    "pdu-session-id": FIELD + "pdu_session_id",
    "5gsm-cause": FIELD + "5gsm_cause",
    "acs-information": FIELD + "acs_info",
    "bearer-control": FIELD + "sel_bearer_ctrl_mode",
    "nbifom-mode": FIELD + "nbifom_mode",
    "ps-data-off": FIELD + "3gpp_data_off_ue_status",
}
NAMED = {"ms-only": 1, "ms-or-network": 2, "ue-initiated": 0, "network-initiated": 1,
         "deactivated": 1, "activated": 2}
# Identifiers of releases that the analyser does not know: it takes their lengths for short.
TOO_NEW = {"ecs-address", "service-level-aa", "sdnaepc-eap", "ue-policy"}


def gmctl(*args, stdin=None):
    return subprocess.run([GMCTL, *args], input=stdin, capture_output=True, text=True,
                          timeout=60, check=False)


def encode(*args):
    done = gmctl("pco", "encode", *args)
    if done.returncode:
        raise AssertionError(f"{args}: {done.stderr}")
    return bytes.fromhex(done.stdout)


def decode(octets, *args):
    done = gmctl("-j", "pco", "decode", *args, octets.hex())
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def gtpv2(element, down):
    """A Create Session Request or Response with this information element."""
    head = struct.pack(">BBHI3sB", 0x48, 33 if down else 32, 8 + len(element), 1, b"\0\0\1", 0)
    return head + element


def gtpv1(element, down):
    """A Create PDP Context Request or Response."""
    return struct.pack(">BBHIHBB", 0x32, 17 if down else 16, 4 + len(element), 1, 1, 0, 0) + element


def nas_eps(element, down):
    """PDN CONNECTIVITY REQUEST, or ACTIVATE DEFAULT EPS BEARER CONTEXT REQUEST (TS 24.301)."""
    if not down:
        return b"\x02\x01\xd0\x31" + element
    return b"\x52\x01\xc1" + b"\x01\x05" + b"\x04\x03ims" + b"\x05\x01\x0a\x2d\x00\x03" + element


def nas_5gs(element, down):
    """PDU SESSION ESTABLISHMENT REQUEST or ACCEPT (TS 24.501 8.3)."""
    if not down:
        return b"\x2e\x01\x01\xc1\xff\xff\x91" + element
    return (b"\x2e\x01\x01\xc2\x11" + b"\x00\x06\x01\x00\x03\x30\x00\xff" +
            b"\x06\x06\x03\xe8\x06\x03\xe8" + element)


# text2pcap's options, tshark's, and the message around the element, by the form.
CARRIERS = {
    "gtpv2-pco": (["-u", "2123,2123"], [], gtpv2),
    "gtpv2-apco": (["-u", "2123,2123"], [], gtpv2),
    "gtpv2-epco": (["-u", "2123,2123"], [], gtpv2),
    "gtpv1-pco": (["-u", "2123,2123"], [], gtpv1),
    "pco": (["-l", "147"], ["-o", 'uat:user_dlts:"User 0 (DLT=147)","nas-eps_plain","0","","0",""'],
            nas_eps),
    "epco": (["-l", "147"], ["-o", 'uat:user_dlts:"User 0 (DLT=147)","nas-5gs","0","","0",""'],
             nas_5gs),
}


def tshark(form, elements):
    """What the analyser finds in each (element, down): a dict of lists by field."""
    wrap, options, carry = CARRIERS[form]
    wanted = [PID, LENGTH, "_ws.malformed", *FIELDS.values()]
    text = "".join("000000 " + carry(element, down).hex(" ") + "\n" for element, down in elements)
    with tempfile.TemporaryDirectory() as where:
        capture = os.path.join(where, "c.pcap")
        subprocess.run(["text2pcap", "-q", *wrap, "-", capture], input=text, text=True, check=True,
                       stderr=subprocess.DEVNULL, timeout=60)
        out = subprocess.run(
            ["tshark", "-n", "-r", capture, *options, "-T", "fields", "-E", "occurrence=a",
             "-E", "aggregator=|", "-E", "separator=/t", *(a for f in wanted for a in ("-e", f))],
            capture_output=True, text=True, check=True, timeout=300).stdout
    rows = [line.split("\t") for line in out.split("\n")[:len(elements)]]
    return [{f: v.split("|") if v else [] for f, v in zip(wanted, row)} for row in rows]


def said(document):
    """What gmctl says, in the analyser's words."""
    found = {f: [] for f in FIELDS.values()}
    for unit in document["units"]:
        field = FIELDS.get(unit["name"])
        if field and unit["value"]:
            found[field].append(str(NAMED.get(unit["value"], unit["value"])))
    return found


def number(text):
    return int(text, 0)


class Base(unittest.TestCase):
    def agree(self, form, elements):
        self.assertTrue(elements)
        for (element, down), seen in zip(elements, tshark(form, elements), strict=True):
            side = "network" if down else "ms"
            document = decode(element, "as", form, "from", side)
            with self.subTest(form=form, element=element.hex()):
                self.assertEqual(seen["_ws.malformed"], [])
                self.assertEqual([u["id"] for u in document["units"]], seen[PID])
                self.assertEqual([len(u["contents"]) // 2 for u in document["units"]],
                                 [number(n) for n in seen[LENGTH]])
                for field, values in said(document).items():
                    found = seen[field]
                    if values and values[0].isdigit():
                        found = [str(number(v)) for v in found]
                    self.assertEqual(values, found, field)
                self.assertEqual(document["trailing"], "")


@unittest.skipUnless(os.path.exists(GMCTL), "agent/gmctl is not built")
@unittest.skipUnless(shutil.which("tshark") and shutil.which("text2pcap"),
                     "tshark is not installed")
class Judged(Base):
    """gmctl and tshark read the same."""

    @classmethod
    def setUpClass(cls):
        cls.names = json.loads(gmctl("-j", "pco", "list").stdout)["containers"]

    def word(self, rng, entry, side):
        """A container with some value of its kind; None where there is none."""
        kind, name = entry[side], entry["name"]
        if kind is None or name in TOO_NEW:
            return None
        if kind == "nothing":
            return name
        values = {
            "an IPv4 address": f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}",
            "an IPv6 address": f"2001:db8:{rng.randrange(1, 65536):x}::{rng.randrange(1, 65536):x}",
            "a number up to 65535": str(rng.randrange(65536)),
            "a text": "acs.example.org"[:rng.randrange(1, 16)],
            "a number up to 255 or one of its names": str(rng.randrange(1, 3)),
        }
        return f"{name}={values[kind]}" if kind in values else None

    def made(self, form, side, rng, most):
        words = [self.word(rng, entry, side) for entry in self.names]
        words = [w for w in words if w]
        chosen = [rng.choice(words) for _ in range(rng.randrange(1, most))]
        return encode("as", form, "from", side, *chosen), side == "network"

    def test_every_container_by_itself(self):
        rng = random.Random(24008)
        elements = []
        for side in ("ms", "network"):
            words = [w for w in (self.word(rng, e, side) for e in self.names) if w]
            self.assertGreater(len(words), 15)
            elements += [(encode("as", "gtpv2-pco", "from", side, w), side == "network")
                         for w in words]
        self.agree("gtpv2-pco", elements)

    def test_made_by_chance_in_every_carrier(self):
        rng = random.Random(240)
        for form in CARRIERS:
            self.agree(form, [self.made(form, rng.choice(("ms", "network")), rng, 9)
                              for _ in range(12)])

    def test_long_lengths(self):
        octets = "01000631300101ff01"
        for n in (1, 28, 29, 200):                   # 28 is 252 octets, 29 is 261
            self.agree("gtpv2-epco", [(encode("as", "gtpv2-epco", f"qos-rules-long={octets * n}",
                                              "im-cn-signalling"), True)])

    def test_published_elements(self):
        self.agree("pco", [(test_pco.REQUEST, False), (b"\x27\x44" + test_pco.ANSWER_VALUE, True),
                           (test_pco.ZEROES, True)])
        self.agree("epco", [(test_pco.ANDROID, True),
                            (b"\x7b\x00\x44" + test_pco.ANSWER_VALUE, True)])

    def test_the_analyser_would_notice(self):
        """The comparison itself: one octet of an address changed behind gmctl's back."""
        element = encode("as", "gtpv2-pco", "p-cscf-ipv4=10.4.128.21")
        seen, = tshark("gtpv2-pco", [(element[:-1] + b"\x16", True)])
        self.assertEqual(seen[FIELDS["p-cscf-ipv4"]], ["10.4.128.22"])
        self.assertNotEqual(said(decode(element))[FIELDS["p-cscf-ipv4"]],
                            seen[FIELDS["p-cscf-ipv4"]])


@unittest.skipUnless(os.path.exists(GMCTL), "agent/gmctl is not built")
class Command(unittest.TestCase):
    """The command as people use it."""

    def test_there_and_back(self):
        for element in (test_pco.REQUEST, test_pco.ANSWER_VALUE, test_pco.ANDROID, test_pco.ZEROES,
                        bytes.fromhex("4e000403800002000102"),
                        bytes.fromhex("270480000200ffff")):
            with self.subTest(element=element.hex()):
                printed = gmctl("-j", "pco", "decode", element.hex()).stdout
                again = gmctl("pco", "encode", "-", stdin=printed)
                self.assertEqual(again.stdout.strip(), element.hex(), again.stderr)

    def test_the_other_decoder_agrees(self):
        for element in (test_pco.ANSWER_VALUE, test_pco.ANDROID, test_pco.ZEROES):
            document = decode(element)
            self.assertEqual([(int(u["id"], 16), bytes.fromhex(u["contents"]))
                              for u in document["units"]], pco.units(element))
            other = pco.decode(element)
            self.assertCountEqual(document["p-cscf"], other["pcscf_v4"] + other["pcscf_v6"])

    def test_blanks_bars_and_standard_input(self):
        want = gmctl("pco", "decode", "270b80000c040a048015000200").stdout
        self.assertIn("10.4.128.21", want)
        self.assertEqual(gmctl("pco", "decode", "27:0B:80", "|", "000c 04 0a048015", "000200").stdout,
                         want)
        self.assertEqual(gmctl("pco", "decode", stdin="27 0b 80\n000c040a048015\n000200\n").stdout,
                         want)

    def test_what_is_whole_before_the_break_is_shown(self):
        done = gmctl("-j", "pco", "decode", "270a80000c040a0480150002")
        self.assertEqual(done.returncode, 1)
        self.assertIn("octet 12: ", done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual([u["value"] for u in document["units"]], ["10.4.128.21"])
        self.assertEqual(document["p-cscf"], [])        # a UE ignores all of it
        self.assertEqual(document["offset"], 12)
        self.assertEqual(gmctl("pco", "encode", "-", stdin=done.stdout).returncode, 2)

    def test_refusals(self):
        for args, status, what in (
                (["decode", "270b80"], 1, "octet 1: the length says 11 octets, but 1 follow"),
                (["decode", "27f"], 2, "the last octet is half"),
                (["decode", "27zz"], 2, "not hexadecimal digits"),
                (["decode", "as", "gtp", "80"], 2, "no form"),
                (["decode", "from", "me", "80"], 2, "neither ms nor network"),
                (["encode"], 2, "say what is in it"),
                (["encode", "p-cscf-ipv4"], 2, "takes an IPv4 address"),
                (["encode", "from", "ms", "p-cscf-ipv4=10.4.128.21"], 2, "takes nothing"),
                (["encode", "p-cscf-ipv5=1"], 2, "no container p-cscf-ipv5"),
                (["encode", "0x10000=00"], 2, "no container 0x10000"),
                (["encode", "0xff00=" + "00" * 256], 2, "more than its length can say"),
                (["encode", "0xff00=" + "00" * 248], 1, "at most 251 octets"),
                (["encode", "-"], 2, "not JSON"),
                ([], 2, "say what to do"),
        ):
            with self.subTest(args=args):
                done = gmctl("pco", *args, stdin="")
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertIn(what, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_documents_that_are_none(self):
        good = gmctl("-j", "pco", "decode", "80000200").stdout
        self.assertEqual(gmctl("pco", "encode", "-", stdin=good).returncode, 0)
        for old, new in (('"value"', '"velue"'), ('"network"', '"net"'), ("128", "256"),
                         ('"units"', '"unit"'), ('"0x0002"', '"2x"'), ('"contents":""',
                                                                        '"contents":"0"'),
                         ('"trailing":""', '"trailing":"x"'), ("}]", "]")):
            broken = re.sub(re.escape(old), new, good, count=1)
            with self.subTest(document=broken):
                self.assertNotEqual(broken, good)
                self.assertEqual(gmctl("pco", "encode", "-", stdin=broken).returncode, 2)

    def test_help(self):
        for args in (["-h"], ["decode", "-h"], ["encode", "--help"]):
            self.assertIn("Usage: gmctl pco decode", gmctl("pco", *args).stdout)


if __name__ == "__main__":
    unittest.main()
