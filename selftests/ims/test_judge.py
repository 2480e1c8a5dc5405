#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The judge must find what is wrong: made-up captures, each with one fault.

ESP is made here with NULL encryption and Python's own HMAC.
"""

import hashlib
import hmac
import ipaddress
import json
import os
import shutil
import struct
import subprocess
import tempfile
import unittest

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import keys

HERE = os.path.dirname(os.path.abspath(__file__))
UE, PCSCF = "10.45.0.3", "10.4.128.21"
KEY = bytes(range(20))
SPI_UP, SPI_DOWN = 0x1001, 0x2001


def ip_packet(src, dst, proto, payload, ident=1, flags=0):
    """An IPv4 packet; `flags` are the flag and offset bits."""
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, flags, 64, proto, 0,
                       ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed)
    return head + payload


def udp(sport, dport, payload):
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def esp(spi, seq, datagram, key=KEY):
    """NULL encryption, HMAC-SHA-1-96 (RFC 4303)."""
    pad = -(len(datagram) + 2) % 4
    body = struct.pack(">II", spi, seq) + datagram + bytes(range(1, pad + 1)) + bytes([pad, 17])
    return body + hmac.new(key, body, hashlib.sha1).digest()[:12]


def gmac_esp(spi, seq, datagram, flip=0):
    """AES-GMAC (RFC 4543): with an IV, and an ICV of 16 octets over everything."""
    pad, iv = -(len(datagram) + 2) % 4, struct.pack(">Q", spi << 32 | seq)
    body = (struct.pack(">II", spi, seq) + iv + datagram + bytes(range(1, pad + 1)) +
            bytes([pad, 17]))
    icv = AESGCM(KEY[:16]).encrypt(KEY[16:] + iv, b"", body)
    return body[:-5] + bytes([body[-5] ^ flip]) + body[-4:] + icv


def message(start, cseq, method="REGISTER", more=""):
    return (f"{start}\r\nVia: SIP/2.0/UDP {UE}:5060;branch=z9hG4bK{cseq}\r\n"
            f"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n"
            f"CSeq: {cseq} {method}\r\n{more}Content-Length: 0\r\n\r\n").encode()


REGISTER, CHALLENGE, OK = "REGISTER sip:b SIP/2.0", "SIP/2.0 401 Unauthorized", "SIP/2.0 200 OK"
GOOD = [
    ip_packet(UE, PCSCF, 17, udp(5060, 5060, message(REGISTER, 1))),
    ip_packet(PCSCF, UE, 17, udp(5060, 5060, message(CHALLENGE, 1))),
    ip_packet(UE, PCSCF, 50, esp(SPI_UP, 1, udp(4000, 6100, message(REGISTER, 2)))),
    ip_packet(PCSCF, UE, 50, esp(SPI_DOWN, 1, udp(6101, 4001, message(OK, 2)))),
]
KEYS = "".join(f'"IPv4","{s}","{d}","{spi:#010x}","NULL","","HMAC-SHA-1-96 [RFC2404]",'
               f'"0x{KEY.hex()}"\n'
               for s, d, spi in ((UE, PCSCF, SPI_UP), (PCSCF, UE, SPI_DOWN)))


@unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
class Judge(unittest.TestCase):
    def judge(self, packets, *options, keys=KEYS):
        """(exit status, report) on a capture of raw IP packets."""
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/x.pcap", "wb") as out:
                out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
                for at, packet in enumerate(packets):
                    out.write(struct.pack("<IIII", at, 0, len(packet), len(packet)) + packet)
            with open(f"{folder}/keys", "w", encoding="ascii") as out:
                out.write(keys)
            done = subprocess.run(
                [f"{HERE}/judge.py", f"{folder}/x.pcap", "--keys", f"{folder}/keys",
                 "--pcscf", PCSCF, "--check", *options],
                capture_output=True, text=True, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.returncode, json.loads(done.stdout)

    def refused(self, extra, *options, text):
        status, report = self.judge(GOOD + extra, "--ue", UE, *options)
        self.assertEqual(status, 1)
        self.assertIn(text, " ".join(report["failures"]))

    def test_good(self):
        status, report = self.judge(GOOD, "--ue", UE)
        self.assertEqual((status, report["failures"]), (0, []))
        self.assertEqual(report["registered"], [UE])
        self.assertEqual(report["count"]["icv_good"], 2)

    def test_clear_from_protected_port(self):
        self.refused([ip_packet(PCSCF, UE, 17, udp(6101, 4001, message(OK, 3)))],
                     text="clear packets from")

    def test_clear_to_protected_port(self):
        extra = [ip_packet(UE, PCSCF, 17, udp(9, 6100, b"knock"))]
        self.refused(extra, text="clear packets to")
        self.assertEqual(self.judge(GOOD + extra, "--allow-clear-to")[0], 0)

    def test_clear_tcp(self):
        segment = struct.pack(">HHIIBBHHH", 6100, 4000, 1, 1, 0x50, 0x04, 0, 0, 0)
        self.refused([ip_packet(PCSCF, UE, 6, segment)], text="clear packets from")

    def test_call_in_clear(self):
        invite = (b"INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP 10.45.0.3;branch=z9hG4bKi\r\n"
                  b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: clear\r\n"
                  b"CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")
        bye = (b"BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 10.45.0.3;branch=z9hG4bKb\r\n"
               b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: %s\r\n"
               b"CSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n")
        sos = [ip_packet(UE, PCSCF, 17, udp(5060, 5060, invite % b"urn:service:sos")),
               ip_packet(PCSCF, UE, 17, udp(5060, 5060, bye % b"clear"))]
        self.refused(sos, text="clear INVITE")
        self.assertEqual(self.judge(GOOD + sos, "--clear-uri", "urn:service:sos")[0], 0)
        # Of another call, to another service, and begun by the P-CSCF.
        for extra in (sos + [ip_packet(PCSCF, UE, 17, udp(5060, 5060, bye % b"other"))],
                      [ip_packet(UE, PCSCF, 17, udp(5060, 5060, invite % b"sip:a@b"))],
                      [ip_packet(PCSCF, UE, 17, udp(5060, 5060, invite % b"urn:service:sos"))]):
            self.assertEqual(self.judge(GOOD + extra, "--clear-uri", "urn:service:sos")[0], 1)
        self.assertEqual(self.judge(GOOD + sos, "--clear-uri", "urn:service:sos",
                                    "--clear-calls", "1")[0], 1)

    def test_icmp_quotation(self):
        quoted = ip_packet(UE, PCSCF, 17, udp(4000, 6100, b"INVITE"))
        error = struct.pack(">BBHI", 3, 3, 0, 0) + quoted
        self.refused([ip_packet(PCSCF, UE, 1, error)], text="clear packets from")

    def test_icmp_about_esp_is_fine(self):
        error = struct.pack(">BBHI", 3, 4, 0, 1400) + GOOD[2][:48]
        self.assertEqual(self.judge(GOOD + [ip_packet(UE, PCSCF, 1, error)])[0], 0)

    def test_lonely_fragment(self):
        self.refused([ip_packet(PCSCF, UE, 17, b"x" * 64, ident=9, flags=0x2004)],
                     text="clear packets from")

    def test_fragments_of_clear_port_are_fine(self):
        datagram = udp(5060, 5060, message(REGISTER, 7) + b" " * 7)
        parts = [ip_packet(UE, PCSCF, 17, datagram[:64], ident=7, flags=0x2000),
                 ip_packet(UE, PCSCF, 17, datagram[64:], ident=7, flags=8)]
        self.assertEqual(self.judge(GOOD + parts)[1]["clear_to"], 0)

    def test_wrong_icv(self):
        bad = GOOD[2][:-1] + bytes([GOOD[2][-1] ^ 1])
        status, report = self.judge(GOOD[:2] + [bad] + GOOD[3:])
        self.assertEqual(status, 1)
        self.assertIn("wrong ICV", " ".join(report["failures"]))

    def test_gmac(self):
        """tshark does not know it, gmac.py does."""
        table = KEYS.replace("HMAC-SHA-1-96 [RFC2404]", keys.AES_GMAC)
        up = udp(4000, 6100, message(REGISTER, 2))
        down = ip_packet(PCSCF, UE, 50, gmac_esp(SPI_DOWN, 1, udp(6101, 4001, message(OK, 2))))
        packets = [*GOOD[:2], ip_packet(UE, PCSCF, 50, gmac_esp(SPI_UP, 1, up)), down]
        status, report = self.judge(packets, "--ue", UE, keys=table)
        self.assertEqual((status, report["failures"]), (0, []))
        self.assertEqual(report["count"]["icv_good"], 2)
        packets[2] = ip_packet(UE, PCSCF, 50, gmac_esp(SPI_UP, 1, up, flip=1))
        status, report = self.judge(packets, keys=table)
        self.assertEqual(status, 1)
        self.assertIn("1 ESP packets with a wrong ICV", " ".join(report["failures"]))

    def test_unknown_key(self):
        self.assertEqual(self.judge(GOOD, keys="")[0], 1)

    def test_answer_in_clear(self):
        self.refused([ip_packet(PCSCF, UE, 17, udp(5060, 5060, message(OK, 2)))],
                     text="clear SIP/2.0 200")

    def up(self, start, seq, method="MESSAGE", ports=(4000, 6100), spi=SPI_UP):
        return ip_packet(UE, PCSCF, 50, esp(spi, seq, udp(*ports, message(start, seq, method))))

    def down(self, start, seq, method="MESSAGE", ports=(6101, 4001), more=""):
        return ip_packet(PCSCF, UE, 50,
                         esp(SPI_DOWN, seq, udp(*ports, message(start, seq, method, more))))

    def with_sets(self, packets, *options, **ports):
        """The verdict when the UE's log says which SA is for which ports."""
        numbers = {"uc": 4000, "us": 4001, "pc": 6101, "ps": 6100, "spi_ps": SPI_UP,
                   "spi_us": SPI_DOWN, "spi_uc": 0x3001, "spi_pc": 0x3002, **ports}
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as log:
            for event in ({"event": "attached", "local": UE}, {"event": "set", **numbers}):
                log.write(json.dumps({"t": 0, **event}) + "\n")
            log.flush()
            return self.judge(GOOD + packets, "--sets", log.name, *options)

    def test_ports_of_the_set(self):
        self.assertEqual(self.with_sets([])[0], 0)
        self.assertEqual(self.with_sets([self.up("MESSAGE sip:b SIP/2.0", 3)])[0], 0)
        for wrong in (self.up("MESSAGE sip:b SIP/2.0", 3, ports=(4001, 6100)),
                      self.down("MESSAGE sip:b SIP/2.0", 3, ports=(6100, 4000)),
                      self.down("MESSAGE sip:b SIP/2.0", 3, ports=(6102, 4001))):
            status, report = self.with_sets([wrong])
            self.assertEqual(status, 1)
            self.assertIn("is for ports", " ".join(report["failures"]))

    def test_sa_that_carries_no_udp(self):
        """TS 33.203 7.1: over UDP nothing comes on the SA of port_uc."""
        status, report = self.with_sets(
            [], spi_us=0x3001, spi_uc=SPI_DOWN, ps=6101, us=4005, uc=4001)
        self.assertEqual(status, 1)
        self.assertIn("over UDP on SA ['B']", " ".join(report["failures"]))

    def test_set_of_nobody(self):
        status, report = self.with_sets([], spi_ps=0x4444)
        self.assertEqual(status, 1)
        self.assertIn("is of no UE's set", " ".join(report["failures"]))

    def test_hidden_from_ues(self):
        for more in ("P-Charging-Vector: icid-value=a\r\n",
                     "P-Charging-Function-Addresses: ccf=a\r\n",
                     'WWW-Authenticate: Digest realm="b",nonce="a",ck="00"\r\n',
                     'WWW-Authenticate: Digest realm="b",nonce="a",ik="00"\r\n'):
            self.refused([self.down(CHALLENGE, 3, "REGISTER", more=more)], text="to a UE")

    def test_calls(self):
        call = [self.up("INVITE sip:b SIP/2.0", 3, "INVITE"), self.down(OK, 3, "INVITE"),
                self.up("ACK sip:b SIP/2.0", 4, "ACK"), self.up("BYE sip:b SIP/2.0", 5, "BYE"),
                self.down(OK, 5, "BYE")]
        self.assertEqual(self.judge(GOOD + call, "--calls", "1")[0], 0)
        self.assertEqual(self.judge(GOOD + call, "--mixed", "1")[0], 1)
        for missing in (0, 2, 3, 4):
            packets = GOOD + call[:missing] + call[missing + 1:]
            self.assertEqual(self.judge(packets, "--calls", "1")[0], 1)

    def test_mw(self):
        def mw(more):
            return [ip_packet("192.0.2.1", "192.0.2.2", 17,
                              udp(5060, 5060, message(REGISTER, 1, more=more)))]
        self.assertEqual(self.judge(mw(""), "--mw", "192.0.2.1")[0], 0)
        self.assertEqual(self.judge([], "--mw", "192.0.2.1")[0], 1)
        for more in ("Security-Client: ipsec-3gpp\r\n", "Security-Verify: ipsec-3gpp\r\n",
                     "P-Preferred-Identity: <sip:a@b>\r\n"):
            self.assertEqual(self.judge(mw(more), "--mw", "192.0.2.1")[0], 1)

    def test_not_registered(self):
        for missing in range(4):
            packets = GOOD[:missing] + GOOD[missing + 1:]
            with self.subTest(missing=missing):
                self.assertEqual(self.judge(packets, "--ue", UE)[0], 1)


class Leaks(unittest.TestCase):
    def leaks(self, octets):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/log", "w", encoding="ascii") as out:
                out.write(json.dumps({"t": 0, "event": "challenged", "impi": "a",
                                      "ck": KEY[:16].hex(), "ik": KEY[4:].hex()}) + "\n")
            with open(f"{folder}/file", "wb") as out:
                out.write(octets)
            return subprocess.run([f"{HERE}/leaks.py", f"{folder}/log", f"{folder}/file"],
                                  capture_output=True, check=False).returncode

    def test_forms(self):
        self.assertEqual(self.leaks(b"nothing here"), 0)
        self.assertEqual(self.leaks(b"ck=" + KEY[:16].hex().encode()), 1)
        self.assertEqual(self.leaks(b"IK=" + KEY[4:].hex().upper().encode()), 1)
        self.assertEqual(self.leaks(b"\xff" + KEY[:16] + b"\xff"), 1)
        self.assertEqual(self.leaks(KEY[:16].hex(" ").encode()), 1)


if __name__ == "__main__":
    unittest.main()
