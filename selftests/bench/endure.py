#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Endurance: phones that register, refresh, re-register, subscribe and send messages at random,
while the agent is killed, reloaded and told to end registrations, and the module reloaded.

Seeded: the same seed does the same in the same order.  At the end, and after each round, the three
that know of SA sets must agree, and nothing may be left over:

    ueload       of each phone the set that it uses
    gmgated      of each UE its sets, and which is in use        gmctl -j ue
    gmgate.ko    all sets                                        gmctl -j set list

Run in a guest:
    selftests/guest/run -k uml-debug -t 4000 -- selftests/bench/endure.py --seconds 3600

  --seconds N    how long rounds go on (60)
  --phones N     how many phones (100)
  --seed N       (1)

Exit status 0: no discrepancy.  Writes endure.json into $GMGATE_OUT.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from agentbench import Agent, CORE, DOMAIN, LOAD, MODULES, PCSCF, REPO, Tool, network, run

JOBS = ("refresh", "reregister", "subscribe", "message")


class Endurance:
    """Everything that runs, and what has happened."""

    def __init__(self, options, folder):
        self.o, self.folder = options, folder
        self.dice = random.Random(options.seed)
        self.done, self.wrong = {}, []
        network()
        self.insert()
        self.core = Tool(LOAD / "coreload", CORE, 5060, DOMAIN)
        self.agent = Agent(folder)
        self.phones = Tool(LOAD / "ueload", "tun0", PCSCF, 5060, DOMAIN, options.ealg)

    @staticmethod
    def insert():
        run("insmod", MODULES / "gmgate.ko")

    def gmctl(self, *words):
        done = subprocess.run([REPO / "agent/gmctl", "-s", self.agent.control, "-j", *words],
                              capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else {}

    def count(self, name, by=1):
        self.done[name] = self.done.get(name, 0) + by

    def phones_do(self, job, first, count, strict):
        """Asks; what is lost to a kill may be, what is not disturbed may not. "storm" registers,
        and does as a 503 says, where the guest is too slow for all of them at once."""
        result = self.phones.ask(f"{job} {first} {count} {self.dice.choice((0, 50, 200))}")
        self.count(job, result["ok"])
        self.count("lost", result["asked"] - result["ok"])
        if strict and result["ok"] != result["asked"]:
            self.wrong.append(f"{job} of {count} from {first}: {result}")

    # -- what disturbs ----------------------------------------------------

    def kill(self):
        self.agent.process.kill()
        self.agent.process.wait()
        self.agent = Agent(self.folder)

    def restart(self):
        self.agent.process.terminate()
        self.agent.process.wait()
        self.agent = Agent(self.folder)

    def reload(self):
        self.gmctl("reload")

    def deregister(self):
        """By the operator, at once: the phone has to notice, and registers anew."""
        n = self.dice.randrange(self.o.phones)
        self.gmctl("deregister", f"{n}@{DOMAIN}", "now")
        self.phones_do("storm", n, 1, True)

    def module(self):
        """All SAs go: all phones register anew."""
        self.agent.end()
        run("rmmod", "gmgate")
        self.insert()
        self.agent = Agent(self.folder)
        self.phones_do("storm", 0, self.o.phones, True)

    def kill_under_load(self):
        """In the midst of what phones do: the lines are answered when all of it has ended."""
        first, count = self.some()
        line = f"{self.dice.choice(JOBS)} {first} {count} 100\n"
        self.phones.process.stdin.write(line)
        self.phones.process.stdin.flush()
        time.sleep(self.dice.random() * count / 100)
        self.kill()
        result = self.phones.answer()
        self.count("lost", result["asked"] - result["ok"])

    # -- rounds ------------------------------------------------------------

    def some(self):
        first = self.dice.randrange(self.o.phones)
        return first, self.dice.randint(1, self.o.phones - first)

    def round(self):
        what = self.dice.choices(
            (*JOBS, "storm", self.kill, self.kill_under_load, self.restart, self.reload,
             self.deregister, self.module), (6, 6, 3, 6, 4, 2, 3, 2, 2, 2, 1))[0]
        if callable(what):
            self.count(what.__name__)
            what()
        else:
            self.phones_do(what, *self.some(), True)

    # -- the check -----------------------------------------------------------

    def phones_sets(self):
        """By phone: port_uc, spi_us, spi_ps of what it uses."""
        ues = self.phones.ask(f"dump 0 {self.o.phones} 0")["ues"]
        return {n: (uc, us, ps) for n, uc, us, ps in ues}

    def discrepancies(self):
        """All that is not as the others have it."""
        phones = self.phones_sets()
        ues = {int(u["impi"].split("@")[0]): u for u in self.gmctl("ue", "list").get("ues", [])}
        kernel = {s["id"]: s for s in self.gmctl("set", "list").get("sets", [])}
        known = {s["id"] for u in ues.values() for s in u["sets"]}
        for n in sorted(set(phones) ^ set(ues)):
            yield f"phone {n}: {'the agent' if n in phones else 'the phone'} has no registration"
        for i in sorted(known ^ set(kernel)):
            yield f"set {i}: only the {'agent' if i in known else 'kernel'} has it"
        for n in sorted(set(phones) & set(ues)):
            sets = {(s["port-uc"], s["spi-us"], s["spi-ps"]): s for s in ues[n]["sets"]}
            mine = sets.get(phones[n])
            if not ues[n]["registered"]:
                yield f"phone {n}: not registered for the agent"
            elif not mine:
                yield f"phone {n}: uses {phones[n]}, the agent has {sorted(sets)}"
            elif mine["state"] not in ("in-use", "new", "old"):
                yield f"phone {n}: uses a set that is {mine['state']}"
            elif sum(s["state"] == "in-use" for s in sets.values()) > 1:
                yield f"phone {n}: two sets are in use"

    def check(self, when):
        """One after the other they are asked: a set may end in between. What is wrong stays."""
        found = list(self.discrepancies())
        if found:
            self.count("looked_again")
            time.sleep(1)
            still = set(self.discrepancies())
            found = [text for text in found if text in still]
        self.wrong += [f"{when}: {text}" for text in found]
        return not found

    def go(self):
        end = time.monotonic() + self.o.seconds
        self.phones_do("storm", 0, self.o.phones, True)
        self.check("at the beginning")
        while time.monotonic() < end and len(self.wrong) < 20:
            self.round()
            self.count("rounds")
            # Who was struck by a kill begins anew; nobody else may have to.
            self.phones_do("message", 0, self.o.phones, True)
            self.check(f"after round {self.done['rounds']}")

    def end(self):
        seen = self.core.ask("?")
        wrong = seen["wrong"]
        # A SUBSCRIBE that was on its way when the agent was killed: its NOTIFY finds nobody.
        self.count("notify_gone", seen["gone"])
        if seen["gone"] > self.done.get("kill_under_load", 0) * self.o.phones:
            self.wrong.append(f"{seen['gone']} NOTIFY found no dialog")
        if wrong:
            self.wrong.append(f"the core saw {wrong} that were wrong")
        self.phones.end()
        self.agent.end()
        left = self.gmctl("set", "list").get("sets", [])
        if left:
            self.wrong.append(f"{len(left)} sets are left")
        run("rmmod", "gmgate")
        self.core.end()


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--phones", type=int, default=100)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--ealg", choices=("cbc", "null"), default="cbc")
    options = p.parse_args()
    subprocess.run("modprobe -qa nf_defrag_ipv4 nf_defrag_ipv6 esp4 dummy tun cbc hmac sha1_generic "
                   "authenc echainiv".split(), check=False)
    with tempfile.TemporaryDirectory() as folder:
        it = Endurance(options, folder)
        it.go()
        it.end()
    out = pathlib.Path(os.environ.get("GMGATE_OUT", "."), "endure.json")
    out.write_text(json.dumps({"options": vars(options), "done": it.done, "wrong": it.wrong},
                              indent=1) + "\n", encoding="ascii")
    print(json.dumps(it.done))
    for text in it.wrong:
        print(f"wrong: {text}")
    print(f"endure: seed {options.seed}, {it.done.get('rounds', 0)} rounds, {len(it.wrong)} discrepancies")
    sys.exit(bool(it.wrong))


if __name__ == "__main__":
    main()
