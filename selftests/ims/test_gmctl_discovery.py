#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gmctl pcscf-discovery: each snippet is read by the program it is for.

Where that program is not installed, its test is skipped; what is in the
snippet is looked at in any case.
"""

import ipaddress
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

import yaml

import pco

HERE = os.path.dirname(os.path.abspath(__file__))
GMCTL = os.path.join(HERE, "../../agent/gmctl")
V4 = ["192.0.2.10", "192.0.2.11"]
V6 = ["2001:db8::10", "2001:db8:1::"]          # the last one ends with a colon
NAME = "pcscf.ims.example.org"


def tool(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def needs(name):
    return unittest.skipUnless(tool(name), f"{name} is not installed")


def config(addresses, ports=()):
    """A configuration with these addresses of gm."""
    gm = [{"address": a, "port": p, "port-s": 6100, "port-c": [6101, 6102, 6103, 6104]}
          for a, p in zip(addresses, list(ports) or [5060] * len(addresses), strict=True)]
    return yaml.safe_dump({
        "instance": 1, "user": "nobody", "visited-network-id": "v.example", "gm": gm,
        "spi": {"min": 0x10000000, "max": 0x1fffffff},
        "mw": [{"address": "198.51.100.1", "port": 5060}],
        "mw-next-hop": [{"address": "198.51.100.2", "port": 5060, "transport": "udp"}],
        "mw-trusted": ["198.51.100.2"]})


class Agent(threading.Thread):
    """What the agent's control socket says to one question."""

    def __init__(self, path, answer):
        super().__init__()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        self.answer, self.question = answer, b""
        self.start()

    def run(self):
        peer, _ = self.socket.accept()
        self.question = peer.recv(64)
        peer.sendall(self.answer)
        peer.close()
        self.socket.close()


@unittest.skipUnless(os.path.exists(GMCTL), "agent/gmctl is not built")
class Base(unittest.TestCase):
    def setUp(self):
        self.dir = self.enterContext(tempfile.TemporaryDirectory())

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return path

    def gmctl(self, *args):
        return subprocess.run([GMCTL, *args], capture_output=True, text=True, timeout=60,
                              check=False)

    def only(self, snippet, addresses=None, ports=(), name=NAME):
        path = self.file("gmgate.yaml", config(addresses or V4 + V6, ports))
        done = self.gmctl("pcscf-discovery", "--config", path, "--name", name, "--only", snippet)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def accepts(self, command, env=None):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                              env=dict(os.environ, **(env or {})))
        return done.returncode == 0


class Snippets(Base):
    def test_open5gs(self):
        read = yaml.safe_load(self.only("open5gs"))
        self.assertEqual(read, {"smf": {"p-cscf": V4 + V6}})

    def test_order_is_that_of_the_configuration(self):
        mixed = [V6[1], V4[1], V6[0], V4[0]]
        self.assertEqual(yaml.safe_load(self.only("open5gs", mixed))["smf"]["p-cscf"], mixed)
        self.assertIn("1 192.0.2.11, 192.0.2.10;", self.only("isc-dhcpd", mixed))
        self.assertIn("2001:db8:1::, 2001:db8::10;", self.only("isc-dhcpd6", mixed))

    def test_kea_has_the_octets_of_rfc_3361(self):
        option, = json.loads(self.only("kea4"))["Dhcp4"]["option-data"]
        want = b"\x01" + b"".join(ipaddress.ip_address(a).packed for a in V4)
        self.assertEqual((option["code"], bytes.fromhex(option["data"])), (120, want))
        option, = json.loads(self.only("kea6"))["Dhcp6"]["option-data"]
        self.assertEqual((option["code"], option["data"].split(", ")), (22, V6))

    def test_pco(self):
        lines = dict(line.split() for line in self.only("pco").splitlines())
        self.assertEqual(set(lines), {"pco", "epco", "value"})
        for element in lines.values():
            read = pco.decode(bytes.fromhex(element))
            self.assertEqual((read["pcscf_v4"], read["pcscf_v6"]), (V4, V6))
        self.assertEqual((lines["pco"][:2], lines["epco"][:2], lines["value"][:2]),
                         ("27", "7b", "80"))

    def test_more_than_a_pco_holds(self):
        many = [f"2001:db8::{n:x}" for n in range(1, 15)]
        lines = dict(line.split() for line in self.only("pco", many).splitlines())
        self.assertEqual(set(lines), {"epco", "value"})
        self.assertEqual(pco.decode(bytes.fromhex(lines["epco"]))["pcscf_v6"], many)
        lines = self.only("pco", many[:13])
        self.assertTrue(lines.startswith("pco "))

    @needs("dnsmasq")
    def test_dnsmasq(self):
        text = self.only("dnsmasq")
        self.assertTrue(self.accepts([tool("dnsmasq"), "--test", "-C", self.file("d", text)]))
        broken = text.replace("option:sip-server", "option:sip-servers")
        self.assertNotEqual(broken, text)
        self.assertFalse(self.accepts([tool("dnsmasq"), "--test", "-C", self.file("d", broken)]))

    @needs("dhcpd")
    def test_isc_dhcpd(self):
        for family, snippet in (("-4", "isc-dhcpd"), ("-6", "isc-dhcpd6")):
            text, leases = self.only(snippet), self.file("leases", "")
            command = [tool("dhcpd"), family, "-t", "-lf", leases, "-cf"]
            self.assertTrue(self.accepts([*command, self.file("c", text)]))
            broken = text.replace(";", "", 1)
            self.assertFalse(self.accepts([*command, self.file("c", broken)]))

    def check_kea(self, program, snippet):
        text, env = self.only(snippet), {"KEA_LOCKFILE_DIR": self.dir, "KEA_PIDFILE_DIR": self.dir}
        self.assertTrue(self.accepts([tool(program), "-t", self.file("k", text)], env))
        broken = re.sub(r'"data": "[^"]*"', '"data": "x"', text)
        self.assertFalse(self.accepts([tool(program), "-t", self.file("k", broken)], env))

    @needs("kea-dhcp4")
    def test_kea4(self):
        self.check_kea("kea-dhcp4", "kea4")

    @needs("kea-dhcp6")
    def test_kea6(self):
        self.check_kea("kea-dhcp6", "kea6")


class Zone(Base):
    HEAD = "$TTL 300\n@ IN SOA ns.example.org. a.example.org. 1 2 3 4 5\n@ IN NS ns.example.org.\n" \
           "ns IN A 192.0.2.53\n"

    def records(self, text):
        """owner, type and the rest of each line."""
        return [(f[0], f[3], f[4:]) for f in (line.split() for line in text.splitlines())]

    def test_naptr_leads_to_srv_and_to_addresses(self):
        records = self.records(self.only("dns"))
        naptr = [r for o, t, r in records if t == "NAPTR" and o == NAME + "."]
        self.assertEqual([r[3] for r in naptr], ['"SIP+D2U"', '"SIP+D2T"'])
        for r in naptr:
            srv, = (x for o, t, x in records if t == "SRV" and o == r[5])
            self.assertEqual(srv[2], "5060")
            self.assertEqual([x[0] for o, t, x in records if t == "A" and o == srv[3]], V4)
            self.assertEqual([x[0] for o, t, x in records if t == "AAAA" and o == srv[3]], V6)

    def test_each_port_has_a_host_of_its_own(self):
        """Nobody who asks without SRV, and so at 5060, gets the address with 5070."""
        records = self.records(self.only("dns", ports=[5060, 5070, 5060, 5070]))
        hosts = {r[2]: r[3] for o, t, r in records if t == "SRV" and o.startswith("_sip._tcp.")}
        self.assertEqual(hosts, {"5060": NAME + ".", "5070": "p5070." + NAME + "."})
        of = {h: [r[0] for o, t, r in records if t in ("A", "AAAA") and o == h]
              for h in hosts.values()}
        self.assertEqual(of, {NAME + ".": [V4[0], V6[0]], "p5070." + NAME + ".": [V4[1], V6[1]]})

    @needs("named-checkzone")
    def test_named_checkzone(self):
        for ports in ([5060] * 4, [5060, 5070, 5060, 5070]):
            text = self.HEAD + self.only("dns", ports=ports)
            command = [tool("named-checkzone"), "-i", "local", "example.org"]
            self.assertTrue(self.accepts([*command, self.file("z", text)]))
            broken = text.replace(' "s" ', " s s ", 1)
            self.assertNotEqual(broken, text)
            self.assertFalse(self.accepts([*command, self.file("z", broken)]))

    def test_names(self):
        path = self.file("gmgate.yaml", config(V4))
        for name, good in ((NAME, True), (NAME + ".", True), ("a.b", True), ("p-1.Example.org", True),
                           ("", False), (".", False), ("org", False), ("a..b", False),
                           ("-a.b", False), ("a-.b", False), ("a b.c", False), ("a.b\nx", False),
                           ("a_b.c", False), ("x" * 63 + ".b", True), ("x" * 64 + ".b", False),
                           ("a." * 119 + "bc", True), ("a." * 119 + "bcd", False)):
            with self.subTest(name=name):
                done = self.gmctl("pcscf-discovery", "-c", path, "-o", "dns", "-n", name)
                self.assertEqual(done.returncode, 0 if good else 2, done.stderr)
                if good:
                    self.assertIn(f"\n_sip._udp.{name.rstrip('.')}. ", done.stdout)


class Sources(Base):
    def ask(self, answer, *args):
        path = os.path.join(self.dir, "control.sock")
        agent = Agent(path, answer)
        done = self.gmctl("-s", path, "pcscf-discovery", *args)
        agent.join(60)
        self.assertEqual(agent.question, b"status\n")
        os.unlink(path)
        return done

    def status(self, gm):
        hosts = [f"[{a}]" if ":" in a else a for a in gm]
        return json.dumps({"instance": 1, "gm": [{"address": a, "port": 5060} for a in hosts]}
                          ).encode() + b"\n"

    def test_the_running_agent(self):
        done = self.ask(self.status(V4 + V6), "-o", "open5gs")
        self.assertEqual(yaml.safe_load(done.stdout), {"smf": {"p-cscf": V4 + V6}})

    def test_answers_that_say_nothing(self):
        for answer in (b"", b"{}", b"[]", b'{"gm":[]}', b'{"gm":[{"address":"x","port":5060}]}',
                       b'{"gm":[{"address":"192.0.2.1","port":0}]}', b'{"gm":[1]}',
                       b'{"gm":"x"}', b'{"gm":[{"address":"' + b"9" * 300 + b'","port":5060}]}'):
            with self.subTest(answer=answer):
                done = self.ask(answer, "-o", "open5gs")
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_no_agent_and_no_file(self):
        done = self.gmctl("-s", os.path.join(self.dir, "no"), "pcscf-discovery")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no agent at", done.stderr)
        done = self.gmctl("pcscf-discovery", "-c", self.file("bad.yaml", "gm: 1\n"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("bad.yaml:", done.stderr)

    def test_the_documented_configuration(self):
        path = os.path.join(HERE, "../../Documentation/gmgate.yaml")
        done = self.gmctl("pcscf-discovery", "-c", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        for snippet in ("open5gs", "isc-dhcpd", "dnsmasq", "kea4", "pco"):
            self.assertIn(f"--- {snippet}: ", done.stdout)
        # It has an IPv4 address only, and nobody has said a name.
        for snippet in ("isc-dhcpd6", "kea6", "dns"):
            self.assertNotIn(f"--- {snippet}: ", done.stdout)

    def test_json(self):
        path = self.file("gmgate.yaml", config(V4 + V6[:1], [5060, 5070, 5060]))
        for args in (["-j", "pcscf-discovery"], ["pcscf-discovery", "-j"]):
            done = self.gmctl(*args, "-c", path, "-n", NAME)
            read = json.loads(done.stdout)
            self.assertEqual([a["address"] for a in read["addresses"]], V4 + V6[:1])
            self.assertEqual([a["port-needs-dns"] for a in read["addresses"]],
                             [False, True, False])
            for name, text in read["snippets"].items():
                self.assertEqual(text, self.only(name, V4 + V6[:1], [5060, 5070, 5060]))
            self.assertEqual(len(read["snippets"]), 8)
        done = self.gmctl("-j", "pcscf-discovery", "-c", path, "-o", "kea4")
        self.assertEqual(list(json.loads(done.stdout)["snippets"]), ["kea4"])

    def test_a_port_that_only_dns_can_tell(self):
        path = self.file("gmgate.yaml", config(V4, [5060, 5070]))
        done = self.gmctl("pcscf-discovery", "-c", path, "-o", "pco")
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: phones ask 192.0.2.11 at port 5060", done.stderr)
        self.assertNotIn("192.0.2.10", done.stderr)

    def test_nothing_of_the_family(self):
        path = self.file("gmgate.yaml", config(V4))
        for snippet in ("isc-dhcpd6", "kea6", "dns"):
            for more in ([], ["-j"]):
                done = self.gmctl("pcscf-discovery", "-c", path, "-o", snippet, *more)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
        done = self.gmctl("pcscf-discovery", "-c", path, "-o", "dnsmasq")
        self.assertNotIn("option6", done.stdout)
        self.assertEqual(self.gmctl("pcscf-discovery", "-o", "smf").returncode, 2)
        self.assertEqual(self.gmctl("pcscf-discovery", "x").returncode, 2)


del Base                # has no tests of its own, and is not to be found


if __name__ == "__main__":
    unittest.main()
