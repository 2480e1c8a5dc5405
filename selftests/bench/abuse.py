#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What registered phones notice while strangers flood their P-CSCF, and what that costs it.

            one namespace
    ueload -- tun0 --.             .-- lo -- coreload
                      >-- gmgated --
     flood -- tun1 --'     (connections: over lo, from 10.200.0.0/16)

100 UEs register again, refresh, subscribe and send messages all the time: first in quiet, then
beside one flood after the other. Of each: what was offered, how many of the UEs' requests went
well and how long they took, the CPU that gmgated used, memory of gmgated and of the kernel's SA sets
before, at most and after, and what `gmctl stats` counted. The daemon's limits and rates are the
default ones.

Run in a guest; its kernel and modules are told by GMGATE_*:
    selftests/guest/run -k vng -i -m 2G -- selftests/bench/abuse.py

  --floods A,..    which (all)
  --seconds N      of quiet, and of each flood (10)
  --rate N         what is offered a second (20000; see FLOODS for those that are slower)
  --ask N          requests of the UEs a second (50)
  --scale N        the daemon's time runs so many times as fast (1); its rates, and the
                   limits that go with them, are lowered by it
  --settle each|end  when to wait until what a flood has left has gone

Exit status 0: every request of a UE went well, memory is bounded and came back, and the counter
that names each flood moved. Writes abuse.json into $GMGATE_OUT.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import agentbench
from agentbench import CORE, DOMAIN, LOAD, MODULES, PCSCF, REPO, Agent, Tool, network, run

UES = 100
STRANGERS = 100000
# Memory that may be more after the floods than before: what the allocator keeps for the next one,
# with the default limits. And beside one flood.
KEPT, MOST = 32 << 20, 64 << 20

# What does not fit into the socket is counted there; this is so of all in clear.
OVERRUN = "udp/overrun-clear"

# Name: what it is; the line for flood: word, part of --rate, number of sources; the counters that
# tell that it was this, and how many they have to count, all together: 0: a fifth of what was sent.
FLOODS = {
    "one-source": ("REGISTERs of one source", "register", 1, 1,
                   ("rates/beyond-source", "rates/waited", OVERRUN), 0),
    "many-sources": ("REGISTERs of 100,000 forged sources", "register", 1, STRANGERS,
                     ("rates/beyond-all", "rates/waited", OVERRUN), 0),
    "bad-icv": ("ESP with known SPIs and a wrong ICV", "icv", 1, 1, ("drop/in-icv",), 0),
    "unknown-spi": ("ESP with unknown SPIs", "spi", 1, 1, ("drop/in-unknown-spi",), 0),
    "clear": ("clear text to the protected ports", "clear", 1, 1, ("drop/clear-in",), 0),
    "connections": ("4,000 TCP connections, an octet a minute", "crowd", 0.1, 4000,
                    ("tcp/displaced", "tcp/idle"), 50),
    "lists": ("lists of 64 kB in headers", "lists", 0.2, STRANGERS,
              ("udp/too-long", OVERRUN), 0),
    "half-aka": ("REGISTER, 401, and no answer, of 50,000 IMPIs", "register", 0.05, 50000,
                 ("register/challenges", "rule/set-displaced"), 100),
}


def config(scale):
    """Defaults, where agentbench has none."""
    text = agentbench.CONFIG
    for name in ("limits", "rates"):
        text = "".join(line for line in text.splitlines(True) if not line.startswith(name))
    text += f"timers: {{{{scale: {scale}}}}}\n"
    if scale != 1:
        text += (f"rates: {{{{source: {{{{per-second: {max(20 // scale, 1)}, burst: 100}}}}, "
                 f"all: {{{{per-second: {2000 // scale}, burst: 4000}}}}}}}}\n"
                 f"limits: {{{{temporary-sets: {1000 // scale}, connections: {1000 // scale}}}}}\n")
    return text


def gmctl(agent, *words):
    done = subprocess.run([REPO / "agent/gmctl", "-s", agent.control, "-j", *words],
                          capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout else {}


def counters(agent):
    """All that gmctl stats shows, levels too: group/name, drop/reason."""
    said = gmctl(agent, "stats")
    found = {f"{c['group']}/{c['name']}": c["value"] for c in said["agent"]}
    found.update({f"drop/{name}": n for name, n in said["drops"].items()})
    return found


def is_level(name):
    return name.split("/")[0] == "held" or name in (
        "transactions/server", "transactions/client", "transactions/unproven", "tcp/open",
        "tcp/unproven", "proxy/open", "proxy/dialogs", "reg-event/subscriptions")


class Memory(threading.Thread):
    """Octets of gmgated that are resident, and of the kernel's SA sets: now, and at most so far."""

    named = True                    # the sets have a slab of their own

    def __init__(self, agent):
        super().__init__(daemon=True)
        self.agent, self.most, self.over = agent, [0, 0], threading.Event()

    def now(self):
        return [self.agent.memory(), self.slabs()]

    @staticmethod
    def slabs():
        total, found = 0, False
        with open("/proc/slabinfo", encoding="ascii") as source:
            for line in source:
                if line.startswith("gmgate"):
                    words = line.split()
                    total += int(words[2]) * int(words[3])
                    found = True
        # Where the kernel has merged them with others': all that it cannot take back.
        Memory.named = found
        return total if found else Memory.unreclaimable()

    @staticmethod
    def unreclaimable():
        with open("/proc/meminfo", encoding="ascii") as source:
            return next(int(line.split()[1]) for line in source
                        if line.startswith("SUnreclaim")) * 1024

    def run(self):
        while not self.over.wait(0.2):
            self.most = [max(a, b) for a, b in zip(self.most, self.now())]

    def end(self):
        self.over.set()
        self.join()
        self.most = [max(a, b) for a, b in zip(self.most, self.now())]
        return self.most


class Abuse:
    """Everything that runs."""

    def __init__(self, options, folder):
        self.o = options
        self.core = Tool(LOAD / "coreload", CORE, 5060, DOMAIN)
        with errors_to(f"{folder}/log"):
            self.agent = Agent(folder)
        self.phones = Tool(LOAD / "ueload", "tun0", PCSCF, 5060, DOMAIN, "cbc")
        self.flood = Tool(LOAD / "flood", "tun1", PCSCF, 5060, DOMAIN)
        self.levels = {}

    def ask_phones(self, seconds):
        return self.phones.ask(f"mix 0 {UES} {self.o.ask} {max(int(seconds * self.o.ask), 1)}")

    def begin(self):
        """All are registered, and have done each thing once."""
        registered = self.phones.ask(f"register 0 {UES} {self.o.ask}")
        if registered["ok"] != UES:
            sys.exit(f"abuse: {registered}")
        self.phones.ask(f"mix 0 {UES} {self.o.ask} {2 * UES}")
        if self.o.settle == "each":
            self.settle()

    def settle(self):
        """Until nothing is under way, no TEMP set is left, and no connection."""
        names = ("transactions/server", "transactions/client", "held/temporary-sets", "tcp/open")
        # Old SAs go when the new ones have been used.
        self.phones.ask(f"message 0 {UES} {self.o.ask}")
        end = time.monotonic() + 400 / self.o.scale
        while time.monotonic() < end:
            now = counters(self.agent)
            if not any(now[name] for name in names) and now["held/sets"] <= UES + 5:
                return
            time.sleep(1)
        self.levels = {name: now[name] for name in (*names, "held/sets")}
        tell(f"left: {self.levels}")

    def victims(self):
        for n, _, _, spi_ps in self.phones.ask(f"dump 0 {UES} 0")["ues"]:
            self.flood.process.stdin.write(f"victim 10.64.0.{n + 1} {spi_ps}\n")

    def quiet(self):
        used, began = self.agent.used(), time.monotonic()
        result = self.ask_phones(self.o.seconds)
        return {"name": "quiet", "ues": result,
                "cpu": (self.agent.used() - used) / (time.monotonic() - began) / 1e9}

    def beside(self, name):
        """What the phones notice of that flood, and all that it does."""
        _, word, part, sources, names, least = FLOODS[name]
        before, memory = counters(self.agent), Memory(self.agent)
        r = {"name": name, "before": memory.now()}
        self.victims()
        memory.start()
        used, began = self.agent.used(), time.monotonic()
        self.flood.process.stdin.write(f"{word} {self.o.seconds} {self.o.rate * part} {sources}\n")
        self.flood.process.stdin.flush()
        r["ues"] = self.ask_phones(self.o.seconds)
        r["flood"] = self.flood.answer()
        r["cpu"] = (self.agent.used() - used) / (time.monotonic() - began) / 1e9
        after = counters(self.agent)
        r["moved"] = {k: after[k] - v for k, v in before.items()
                      if after[k] > v and not is_level(k)}
        # What the phones send once it is over tells whether it has left something.
        r["then"] = self.ask_phones(UES / self.o.ask)
        if self.o.settle == "each":
            self.settle()
        r["most"], r["after"] = memory.end(), memory.now()
        count = sum(r["moved"].get(k, 0) for k in names)
        r["counter"] = max(names, key=lambda k: r["moved"].get(k, 0))
        r["wrong"] = list(self.wrong(r, count, least or r["flood"]["sent"] / 5))
        return r

    def wrong(self, r, count, least):
        for what in ("ues", "then"):
            if r[what]["ok"] != r[what]["asked"]:
                yield f"{r[what]['asked'] - r[what]['ok']} requests of UEs failed, {what}"
        if count < least:
            yield f"{r['counter']} counted {count}"
        if any(most - was > MOST for most, was in zip(r["most"], r["before"])):
            yield "memory grows"
        if self.o.settle == "each":
            yield from returned(r["before"], r["after"])

    def end(self):
        for tool in (self.phones, self.flood, self.agent, self.core):
            tool.end()


@contextlib.contextmanager
def errors_to(path):
    """What is started here has its standard error there: a flood is 200 lines of log a second."""
    kept = os.dup(2)
    with open(path, "wb") as out:
        os.dup2(out.fileno(), 2)
    yield
    os.dup2(kept, 2)
    os.close(kept)


def tell(text):
    print(f"abuse: {text}", file=sys.stderr, flush=True)


def returned(before, after):
    if after[0] - before[0] > KEPT:
        yield f"{after[0] - before[0]:,} octets of gmgated are left"
    # A slab goes back when nothing is in it, so that a few sets hold some.
    if after[1] - before[1] > (1 << 20 if Memory.named else KEPT):
        yield f"{after[1] - before[1]:,} octets of SA sets are left"


def say(results):
    """A line each."""
    print(f"{'':14} {'offered/s':>9} {'UEs ok':>9} {'p50 ms':>7} {'p99 ms':>7} {'again':>5} {'CPU':>5} "
          f"{'gmgated MiB':>17} {'sets KiB':>14}  counters")
    for r in results:
        ues, flood = r["ues"], r.get("flood")
        print(f"{r['name']:14} {flood['sent'] / flood['seconds'] if flood else 0:9,.0f} "
              f"{ues['ok']:>4}/{ues['asked']:<4} {ues['p50_us'] / 1e3:7.1f} {ues['p99_us'] / 1e3:7.1f} "
              f"{ues['repeated']:5} {r['cpu']:5.0%}", end="")
        if flood:
            mib = "/".join(f"{r[k][0] / (1 << 20):.1f}" for k in ("before", "most", "after"))
            kib = "/".join(f"{r[k][1] / 1024:.0f}" for k in ("before", "most", "after"))
            moved = sorted(r["moved"].items(), key=lambda m: -m[1])[:60]
            words = [f"{k} {n}" for k, n in moved if n > 50 and
                     k.split("/")[0] in ("drop", "rates", "rule", "udp", "tcp", "unreadable")]
            print(f" {mib:>17} {kib:>14}  {', '.join(words[:5])}", end="")
        print()
        for text in r.get("wrong", []):
            print(f"{r['name']:14} wrong: {text}")


def save(options, results, wrong):
    """After each flood, so that what was measured is there if the guest's time is up."""
    out = pathlib.Path(os.environ.get("GMGATE_OUT", "."), "abuse.json")
    out.write_text(json.dumps({"release": os.uname().release, "options": vars(options),
                               "results": results, "wrong": wrong}, indent=1) + "\n", encoding="ascii")


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--floods", default=",".join(FLOODS))
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--rate", type=float, default=20000)
    p.add_argument("--ask", type=float, default=50)
    p.add_argument("--scale", type=int, default=1)
    p.add_argument("--settle", choices=("each", "end"), default="each")
    options = p.parse_args()
    subprocess.run("modprobe -qa nf_defrag_ipv4 nf_defrag_ipv6 esp4 dummy tun aesni_intel "
                   "sha1_ssse3 sha1_generic cbc hmac authenc echainiv".split(), check=False)
    network()
    for line in ("ip tuntap add tun1 mode tun", "ip link set tun1 up mtu 65535 txqueuelen 1000",
                 "ip route add 10.128.0.0/9 dev tun1", "ip route add local 10.200.0.0/16 dev lo",
                 "sysctl -qw net.ipv4.conf.tun1.rp_filter=0"):
        run(*line.split())
    run("insmod", MODULES / "gmgate.ko")
    agentbench.CONFIG = config(options.scale)
    results, wrong = [], []
    with tempfile.TemporaryDirectory() as folder:
        it = Abuse(options, folder)
        it.begin()
        tell("quiet")
        before = Memory(it.agent).now()
        results.append(it.quiet())
        for name in options.floods.split(","):
            tell(name)
            results.append(it.beside(name))
            save(options, results, wrong)
        it.settle()
        wrong += returned(before, Memory(it.agent).now())
        if it.levels:
            wrong.append(f"left: {it.levels}")
        it.end()
    run("rmmod", "gmgate")
    save(options, results, wrong)
    say(results)
    for text in wrong:
        print(f"in the end: {text}")
    print(f"abuse: {sum(bool(r.get('wrong')) for r in results) + bool(wrong)} were not as they have to be")
    sys.exit(bool(wrong or any(r.get("wrong") for r in results)))


if __name__ == "__main__":
    main()
