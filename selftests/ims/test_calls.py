#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls between test UEs through the stand-in and the core, in clear on loopback:
what fails here is the fault of the test programs, not of a P-CSCF."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import events

HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = ("465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"), \
       ("0396eb317b6d1c36f19c1c84cd6ffd16", "53c15671c60a4b731c55b4a441c0bde2")
DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"
# Of this process alone, so that runs do not meet.
NET = f"127.{os.getpid() >> 8 & 127 | 64}.{os.getpid() & 255}"
IMPU = [f"sip:001010000000{i:03}@{DOMAIN}" for i in (1, 2)]
ALICE, BOB = range(2)


class Program:
    """A test program that takes lines and writes a log."""

    def __init__(self, folder, name, command):
        self.log = f"{folder}/{name}.jsonl"
        self.errors = open(f"{folder}/{name}.err", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [f"{HERE}/{command[0]}", *command[1:]], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=self.errors, text=True)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def events(self, **wanted):
        if not os.path.exists(self.log):
            return []
        wanted = {k: v if isinstance(v, str) else json.dumps(v) for k, v in wanted.items()}
        return [e for e in events.read(self.log) if events.matches(e, wanted)]

    def wait(self, count=1, seconds=40, **wanted):
        """Until the log has `count` such events; returns them."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.events(**wanted)
            if len(found) >= count:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"{self.log}: no {wanted}, but\n" + self.story())

    def story(self):
        self.errors.seek(0)
        lines = [json.dumps({k: v for k, v in e.items() if k in (
            "event", "start", "state", "what", "why", "action", "status", "wrong", "cseq")})
            for e in self.events()]
        return "\n".join(lines[-30:]) + "\n" + self.errors.read()

    def stop(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.errors.close()


class World(unittest.TestCase):
    """A core, a stand-in, two UEs; once for all tests of a class."""

    transport = "udp"
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.programs = []
        try:
            cls.start()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def start(cls):
        cls.core = cls.program("core", "core.py", "--listen", f"{NET}.1:5060", "--subscribers",
                               f"{HERE}/subscribers.yaml", "--stdin")
        cls.core.wait(event="listening")
        cls.peer = cls.program("peer", "peer.py", "--listen", f"{NET}.2", "--mw", f"{NET}.3",
                               "--core", f"{NET}.1", "--no-xfrm", "--t1", "0.2")
        time.sleep(0.5)
        cls.ues = [cls.phone(i) for i in (ALICE, BOB)]
        for ue in (ALICE, BOB):
            cls.do(ue, "register")

    @classmethod
    def program(cls, name, *command):
        log = ("--events" if command[0] == "ue.py" else "--log", f"{cls.folder}/{name}.jsonl")
        cls.programs.append(Program(cls.folder, name, [*command, *log]))
        return cls.programs[-1]

    @classmethod
    def phone(cls, i):
        k, opc = KEYS[i]
        return cls.program(f"ue{i}", "ue.py", "--imsi", f"001010000000{i + 1:03}", "--k", k,
                           "--opc", opc, "--local", f"{NET}.{11 + i}", "--pcscf", f"{NET}.2",
                           "--no-xfrm", "--transport", cls.transport, "--stdin", *cls.options)

    @classmethod
    def tearDownClass(cls):
        for program in cls.programs:
            program.stop()
        shutil.rmtree(cls.folder)

    @classmethod
    def do(cls, ue, line):
        """One action; it must end as expected."""
        program = cls.ues[ue]
        before = len(program.events(event="done"))
        program.say(line)
        try:
            done = program.wait(before + 1, event="done")[before]
            if not done["ok"]:
                raise AssertionError(f"{done}\n{program.story()}")
        except AssertionError as exc:
            raise AssertionError(f"{line}: {exc}\n--- core\n{cls.core.story()}\n--- peer\n"
                                 f"{cls.peer.story()}") from None

    def setUp(self):
        for program in self.programs:       # every test looks at its own events
            if os.path.exists(program.log):
                os.truncate(program.log, 0)

    def tearDown(self):
        # The stand-in leaves the Route of a REGISTER in.
        wrong = [(e["start"], e["wrong"]) for e in self.core.events(event="received")
                 if e["wrong"] and e["method"] != "REGISTER"]
        self.assertEqual(wrong, [])
        for ue in self.ues:
            self.assertEqual(ue.events(event="violation"), [])
            self.assertIsNone(ue.process.poll(), ue.story())

    def starts(self, ue, way, text):
        return self.ues[ue].events(event=way, start=f"{text}*")

    def transports(self, ue, way, text):
        return {e["transport"] for e in self.starts(ue, way, text)}


class Calls(World):
    """UEs that send all over UDP; what is large comes to them over TCP all the same."""

    options = ("--size-limit", "0")

    def test_all_of_a_call(self):
        self.do(ALICE, f"call {IMPU[BOB]}")
        self.do(BOB, "await confirmed")
        for method in ("INVITE", "PRACK", "UPDATE", "ACK"):
            self.assertEqual(len(self.starts(BOB, "received", method + " ")), 1, method)
        for status in (183, 180, 200):
            self.assertTrue(self.starts(ALICE, "received", f"SIP/2.0 {status}"), status)
        invite = self.starts(BOB, "received", "INVITE")[0]
        self.assertEqual(invite["body"], self.starts(ALICE, "sent", "INVITE")[0]["body"])
        self.assertEqual(invite["identity"], [f"<{IMPU[ALICE]}>"])
        self.do(ALICE, "reinvite")
        self.do(BOB, "reinvite")
        self.do(BOB, "update")
        self.do(BOB, "bye")
        self.do(ALICE, "await released")

    def test_by_number(self):
        self.do(ALICE, "call +10000000002")
        self.do(ALICE, "bye")
        self.do(BOB, "await released")

    def test_busy_and_refused(self):
        self.do(BOB, "set answer 486")
        self.do(ALICE, f"expect 486 call {IMPU[BOB]}")
        self.do(BOB, "set answer 200")
        self.do(ALICE, f"expect 486 call sip:busy@{DOMAIN}")
        self.do(ALICE, f"expect 603 call sip:status-603@{DOMAIN}")
        self.do(BOB, "set pickup no")
        self.do(ALICE, f"dial {IMPU[BOB]}")
        self.do(BOB, "await ringing")
        self.do(BOB, "reject 480")
        self.do(ALICE, "await refused")
        self.do(BOB, "set pickup yes")

    def test_cancel(self):
        self.do(BOB, "set pickup no")
        self.do(ALICE, f"dial {IMPU[BOB]}")
        self.do(ALICE, "await ringing")
        self.do(ALICE, "expect 487 cancel")
        self.do(BOB, "await cancelled")
        self.do(BOB, "set pickup yes")
        self.do(ALICE, f"dial sip:silent@{DOMAIN}")
        self.do(ALICE, "await ringing")
        self.do(ALICE, "expect 487 cancel")

    def test_pickup_by_hand(self):
        self.do(BOB, "set pickup no")
        self.do(ALICE, f"dial {IMPU[BOB]}")
        self.do(BOB, "await ringing")
        self.do(BOB, "pickup")
        self.do(ALICE, "await confirmed")
        self.do(ALICE, "bye")
        self.do(BOB, "set pickup yes")

    def test_variants(self):
        for how in ("precondition no", "reliable no", "late_offer yes", "reliable_ringing yes",
                    "require yes", "small yes"):
            name, value = how.split()
            with self.subTest(how=how):
                before = "no" if value == "yes" else "yes"
                for ue in (ALICE, BOB):
                    self.do(ue, f"set {how}")
                self.do(ALICE, f"call {IMPU[BOB]}")
                self.do(ALICE, "bye")
                self.do(BOB, "await released")
                for ue in (ALICE, BOB):
                    self.do(ue, f"set {name} {before}")

    def test_forked(self):
        self.do(ALICE, f"call sip:forked@{DOMAIN}")
        early = self.ues[ALICE].events(event="call", state="early")
        self.assertEqual(len({e["tag"] for e in early}), 3)
        self.assertEqual(len(self.starts(ALICE, "sent", "PRACK")), 3)
        self.do(ALICE, "reinvite")
        self.do(ALICE, "bye")
        self.do(ALICE, f"call sip:twice@{DOMAIN}")
        self.ues[ALICE].wait(event="second-answer")
        self.do(ALICE, "bye")
        self.assertGreaterEqual(len(self.core.events(event="received", start="BYE*")), 3)

    def test_far_user_calls(self):
        self.core.say("call 001010000000002")
        self.do(BOB, "await confirmed")
        self.core.say("reinvite")
        self.core.wait(event="modified", status=200)
        self.core.say("bye")
        self.do(BOB, "await released")
        self.do(BOB, "set pickup no")
        self.core.say("call 001010000000002")
        self.do(BOB, "await ringing")
        self.core.say("cancel")
        self.do(BOB, "await cancelled")
        self.do(BOB, "set pickup yes")

    def test_messages(self):
        self.do(ALICE, f"message {IMPU[BOB]}")
        self.do(ALICE, f"message {IMPU[BOB]} 2000")
        large = self.starts(BOB, "received", "MESSAGE")[-1]
        self.assertEqual(large["body"], self.starts(ALICE, "sent", "MESSAGE")[-1]["body"])
        self.assertEqual(large["transport"], "tcp")
        self.core.say("message 001010000000001 3000")
        self.core.wait(event="answered", method="MESSAGE", status=200)
        self.assertEqual(self.transports(ALICE, "received", "MESSAGE"), {"tcp"})

    def test_others(self):
        self.do(ALICE, "options")
        self.do(ALICE, f"options {IMPU[BOB]}")
        self.do(ALICE, f"expect 481 stray BYE {IMPU[BOB]}")
        self.do(ALICE, f"expect 480 call sip:001010000000003@{DOMAIN}")

    def test_hostile_headers_do_not_reach_the_core(self):
        for fault in ("forged-trust", "other-preferred", "no-preferred"):
            self.do(ALICE, f"set fault {fault}")
            self.do(ALICE, f"message {IMPU[BOB]}")
            self.assertEqual(self.starts(BOB, "received", "MESSAGE")[-1]["identity"],
                             [f"<{IMPU[ALICE]}>"])
        self.do(ALICE, "set fault none")

    def test_reg_event(self):
        self.do(ALICE, "subscribe")
        first = self.ues[ALICE].wait(event="reginfo")[0]
        self.assertEqual((first["version"], first["active"]), (0, 2))
        self.do(ALICE, "reregister")
        second = self.ues[ALICE].wait(2, event="reginfo")[1]
        self.assertTrue(second["in_order"])
        self.core.say("shorten 001010000000001 60")
        third = self.ues[ALICE].wait(3, event="reginfo")[2]
        self.assertEqual(third["registrations"][0]["contacts"][0]["event"], "shortened")
        self.core.say("deregister 001010000000001 deactivated")
        last = self.ues[ALICE].wait(4, event="reginfo")[3]
        self.assertEqual((last["active"], last["subscription"]), (0, "terminated"))
        self.core.wait(event="notified", last=True, status=200)
        self.do(ALICE, "forget")
        self.do(ALICE, "register")

    def test_lost_datagrams(self):
        """Every retransmission of RFC 3261 17 and RFC 3262 3, some time or other."""
        for ue in (ALICE, BOB):
            self.do(ue, "set t1 0.2")
            self.do(ue, "set lose 3")
        for _ in range(2):
            self.do(ALICE, f"call {IMPU[BOB]}")
            self.do(BOB, "await confirmed")
            self.do(BOB, "reinvite")
            self.do(ALICE, "bye")
            self.do(BOB, "await released")
        for ue in (ALICE, BOB):
            self.do(ue, "set lose 0")
            self.do(ue, "set t1 2.0")

    def test_call_during_reauthentication(self):
        self.core.say("reauth 001010000000001 always")
        self.do(BOB, "set pickup no")
        self.do(ALICE, f"dial {IMPU[BOB]}")
        self.do(ALICE, "await ringing")
        self.do(ALICE, "reregister")
        self.do(BOB, "pickup")
        self.do(ALICE, "await confirmed")
        self.do(BOB, "reinvite")
        self.do(ALICE, "reinvite")
        self.do(ALICE, "reregister")
        self.do(BOB, "bye")
        self.do(ALICE, "await released")
        self.do(BOB, "set pickup yes")
        self.core.say("reauth 001010000000001 never")


class CallsOverTcp(Calls):
    transport = "tcp"
    options = ()

    def test_asleep(self):
        """A UE whose connections are closed is called: the P-CSCF connects to port_us."""
        self.do(BOB, "close-tcp")
        self.core.say("call 001010000000002")
        self.do(BOB, "await confirmed")
        self.core.say("bye")
        self.do(BOB, "await released")
        self.assertEqual(self.transports(BOB, "received", "INVITE"), {"tcp"})


class CallsMixed(Calls):
    """INVITE is large and goes over TCP, the rest of the dialog over UDP."""

    options = ()

    def test_both_transports(self):
        self.do(ALICE, f"call {IMPU[BOB]}")
        self.do(ALICE, "bye")
        self.assertEqual(self.transports(ALICE, "sent", "INVITE"), {"tcp"})
        self.assertEqual(self.transports(ALICE, "sent", "BYE"), {"udp"})


if __name__ == "__main__":
    unittest.main()
