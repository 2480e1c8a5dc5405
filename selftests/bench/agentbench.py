#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon costs a registration, a refresh, a subscription and a message.

            one namespace
    ueload -- tun0 -- gmgated -- lo -- coreload        (selftests/tools/load)

Run in a guest; its kernel and modules are told by GMGATE_*:
    selftests/guest/run -k vng -i -m 3G -- selftests/bench/agentbench.py

Counted is what the process gmgated has run, by the kernel's own account of it
(/proc/PID/schedstat): user space, its system calls, and what the kernel does in them,
such as ESP on the way out, and over lo the core's side of a datagram. In a guest whose
clock counts instructions (-i) it is guest instructions; elsewhere nanoseconds, and then
$GMGATE_BENCH_UNIT is to say so. Beside it agentbench.json has what the phones and the core
used, and how long the job took.

Writes agentbench.json into $GMGATE_OUT, and agent.svg, the cost against the number of UEs.

  --ues N,..     how many UEs are registered, one run each (1000,10000)
  --sample N     how many of them refresh, subscribe and so on (1000)
  --rate N       how many begin a second (100)
  --storm N      and then so many at once, as after an outage (0: none); storm.svg
  --kamailio N   and the same of Kamailio's P-CSCF over stock XFRM with so many UEs (0: not);
                 GMGATE_KAMAILIO is where selftests/ims/fetch-kamailio has it
  --settle N     seconds until no transaction is left (135)
  --profile JOB  where that goes in one of the jobs: perf-JOB.txt (perf has to be there)
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import plot

REPO = pathlib.Path(__file__).resolve().parents[2]
MODULES = pathlib.Path(os.environ["GMGATE_MODDIR"])
LOAD = REPO / "build/load"
KAMAILIO = pathlib.Path(os.environ.get("GMGATE_KAMAILIO", "/nonexistent"))
PCSCF, MW, CORE = "10.4.128.21", "192.0.2.1", "192.0.2.2"
DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"
UNIT = os.environ.get("GMGATE_BENCH_UNIT", "guest instructions")
JOBS = ("refresh", "subscribe", "message", "reregister")

CONFIG = f"""\
instance: 1
user: root
control: {{run}}/control.sock
store: {{run}}/store
visited-network-id: visited.example
reg-event: false
gm:
  - {{{{address: {PCSCF}, port: 5060, port-s: 6100, port-c: [6101, 6102, 6103, 6104]}}}}
spi: {{{{min: 0x10000000, max: 0x1fffffff}}}}
mw: [{{{{address: {MW}, port: 5060}}}}]
mw-next-hop: [{{{{address: {CORE}, port: 5060, transport: udp}}}}]
mw-mtu: 9000
mw-trusted: [{CORE}]
sec-agree:
  suites: [hmac-sha-1-96/aes-cbc, hmac-sha-1-96/null]
limits: {{{{temporary-sets: 100000}}}}
rates: {{{{all: {{{{per-second: 0, burst: 100}}}}}}}}
log: {{{{level: error}}}}
"""


def run(*words):
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"agentbench: {' '.join(map(str, words))}: status {done.returncode}")
    return done.stdout


def network():
    for line in f"""
        ip link set lo up
        ip link add gmg0 type dummy
        ip link set gmg0 up
        ip addr add {PCSCF}/32 dev gmg0
        ip addr add {MW}/32 dev lo
        ip addr add {CORE}/32 dev lo
        ip tuntap add tun0 mode tun
        ip link set tun0 up mtu 1500 txqueuelen 10000
        ip route add 10.64.0.0/10 dev tun0
        sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun0.rp_filter=0
        sysctl -qw net.ipv4.tcp_fwmark_accept=1
        sysctl -qw net.core.rmem_max=8388608
    """.strip().splitlines():
        run(*line.split())


class Tool:
    """A program that answers lines with lines of JSON."""

    def __init__(self, *words):
        self.process = subprocess.Popen([str(w) for w in words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("agentbench: a tool has ended")
        return json.loads(line)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def used(self):
        return used(self.process.pid)

    def end(self):
        self.process.kill()
        self.process.wait()


def used(pid):
    """Nanoseconds on a CPU; with -i guest instructions."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as source:
        return int(source.read().split()[0])


class Agent:
    """gmgated, and what it has used."""

    def __init__(self, folder):
        self.control = f"{folder}/control.sock"
        config = pathlib.Path(folder, "gmgate.yaml")
        config.write_text(CONFIG.format(run=folder), encoding="ascii")
        self.process = subprocess.Popen([REPO / "agent/gmgated", "--config", config])
        for _ in range(300):
            if subprocess.run([REPO / "agent/gmctl", "-s", self.control, "status"],
                              capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.1)
        sys.exit("agentbench: gmgated does not start")

    def used(self):
        return used(self.process.pid)

    def memory(self):
        """Octets that are resident."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as source:
            for line in source:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def end(self):
        self.process.terminate()
        self.process.wait()
        for line in json.loads(run(REPO / "agent/gmctl", "-j", "endpoint", "list"))["endpoints"]:
            run(REPO / "agent/gmctl", "endpoint", "del", line["id"])


@contextlib.contextmanager
def profile(job, agent, options):
    """What of the job's cost is whose, as perf sees it; the cost itself grows by that."""
    if options.profile != job:
        yield
        return
    out = pathlib.Path(os.environ.get("GMGATE_OUT", "."), f"perf-{job}.txt")
    run("sysctl", "-qw", "kernel.perf_event_max_sample_rate=100000", "kernel.kptr_restrict=0")
    with tempfile.NamedTemporaryFile() as data:
        perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "50000", "-g",
                                 "-o", data.name, "-p", str(agent.process.pid)])
        time.sleep(1)
        yield
        perf.send_signal(2)
        perf.wait()
        with open(out, "w", encoding="utf-8") as text:
            subprocess.run(["perf", "report", "-i", data.name, "--stdio", "--no-children", "-g",
                            "caller,0.5,callee,function,percent", "--percent-limit", "0.4"],
                           stdout=text, check=False)
            subprocess.run(["perf", "report", "-i", data.name, "--stdio", "--children", "-g",
                            "none", "--percent-limit", "0.5"], stdout=text, check=False)


class Kamailio:
    """Its IMS modules over stock XFRM, at the same place; what all of its processes use."""

    def __init__(self, folder, connections):
        root = KAMAILIO / "usr/lib/x86_64-linux-gnu/kamailio"
        text = (REPO / "selftests/bench/kamailio-pcscf.cfg").read_text(encoding="ascii")
        for name, value in (("GM", PCSCF), ("MW", MW), ("CORE", CORE),
                            ("CONNECTIONS", connections)):
            text = text.replace(f"@{name}@", str(value))
        config = pathlib.Path(folder, "kamailio.cfg")
        config.write_text(text, encoding="ascii")
        self.process = subprocess.Popen(
            ["prlimit", "--nofile=1000000", KAMAILIO / "usr/sbin/kamailio", "-DD", "-m", str(256 + connections), "-M", "8",
             "-f", config, "-L", root / "modules", "-Y", folder, "-w", folder,
             "-l", f"udp:{PCSCF}:5060", "-l", f"udp:{MW}:5060"],
            env={**os.environ, "LD_LIBRARY_PATH": str(root)}, start_new_session=True,
            stderr=pathlib.Path(os.environ.get("GMGATE_OUT", "."), "kamailio.log").open("wb"))
        # It listens before it has started all of its processes, one a port at least.
        before = -1
        for _ in range(600):
            time.sleep(0.5)
            pids = len(self.pids())
            if pids > 2 and pids == before:
                return
            before = pids
        sys.exit("agentbench: kamailio does not start")

    def pids(self):
        done = subprocess.run(["pgrep", "-g", str(self.process.pid)], capture_output=True,
                              text=True, check=False)
        return done.stdout.split()

    def used(self):
        """As Agent.used(), of all."""
        return sum(used(pid) for pid in self.pids())

    def memory(self):
        """Octets that are resident; what several share counts once (Pss)."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as source:
                total += sum(int(line.split()[1]) for line in source if line.startswith("Pss:"))
        return total * 1024

    def end(self):
        os.killpg(self.process.pid, 9)
        self.process.wait()
        run("ip", "xfrm", "state", "flush")
        run("ip", "xfrm", "policy", "flush")


def tell(text):
    """So that it is seen where a long run is."""
    print(f"agentbench: {time.monotonic():.0f} s: {text}", file=sys.stderr, flush=True)


def register(phones, agent, ues, options):
    """All of them, in two halves: by the second it is seen what a UE needs that stays, without
    what is under way, whose memory the first half has left behind."""
    half, result = ues // 2 or 1, None
    for first, count in ((0, half), (half, ues - half)):
        before = agent.memory()
        if not count:
            break
        with profile("register", agent, options):
            one = phones.ask(f"register {first} {count} {options.rate}")
        one["busy_octets"] = (agent.memory() - before) / count
        # Until no transaction is left (64 * T1 of a UE) the CPU sleeps.
        time.sleep(options.settle)
        one["octets"] = (agent.memory() - before) / count
        if result:
            for key in ("asked", "ok", "failed", "lost"):
                one[key] += result[key]
        result = one
    return result


def under_load(phones, ues, options):
    """How long a re-registration takes at a half and at nine tenths of what this CPU can do,
    phones and core on it, too. They come at random: evenly none would wait for another."""
    burst = phones.ask(f"reregister 0 {min(options.sample, 500)} 0")
    found = {"limit": burst["ok"] / burst["seconds"]}
    for part in (50, 90):
        found[part] = phones.ask(f"reregister 0 {min(ues, 2000)} -{found['limit'] * part / 100}")
    return found


def measure(ues, options, kamailio=False):
    """All figures with so many UEs."""
    with tempfile.TemporaryDirectory() as folder:
        core = Tool(LOAD / "coreload", CORE, 5060, DOMAIN)
        agent = Kamailio(folder, 3 * ues + 8) if kamailio else Agent(folder)
        phones = Tool(LOAD / "ueload", "tun0", PCSCF, 5060, DOMAIN, options.ealg,
                      *(["answers-on-uc"] if kamailio else []))
        figures = {"ues": ues, "kamailio": kamailio}
        everyone = {"cost": agent, "phones_cost": phones, "core_cost": core}
        for job in ("register", *JOBS):
            count = ues if job == "register" else min(options.sample, ues)
            tell(f"{ues} UEs: {job}")
            before = {name: who.used() for name, who in everyone.items()}
            if job == "register":
                result = register(phones, agent, ues, options)
            else:
                with profile(job, agent, options):
                    result = phones.ask(f"{job} 0 {count} {options.rate}")
            for name, who in everyone.items():
                result[name] = (who.used() - before[name]) / count
            figures[job] = result
            if result["ok"] != count:
                print(f"agentbench: {job}: {result}", file=sys.stderr)
        if not kamailio:
            tell(f"{ues} UEs: under load")
            figures["under_load"] = under_load(phones, ues, options)
        figures["core"] = core.ask("?")
        phones.end()
        agent.end()
        core.end()
        return figures


def storm(options):
    """All at once: how many a second are registered, and whether all are in the end."""
    with tempfile.TemporaryDirectory() as folder:
        core = Tool(LOAD / "coreload", CORE, 5060, DOMAIN)
        agent = Agent(folder)
        phones = Tool(LOAD / "ueload", "tun0", PCSCF, 5060, DOMAIN, options.ealg)
        before = agent.memory()
        # One after the other: what all of it takes, phone and core on the same CPU.
        calm = phones.ask("register 0 200 50")
        result = phones.ask(f"storm 0 {options.storm} 0")
        result["octets"] = (agent.memory() - before) / options.storm
        result["calm_per_second"] = 1e6 / max(calm["p50_us"], 1)
        for tool in (phones, agent, core):
            tool.end()
        return result


def say_storm(r):
    seconds = [sum(r["slots"][i:i + 10]) for i in range(0, len(r["slots"]), 10)]
    print(f"storm: {r['asked']} UEs at once, {r['ok']} registered after {r['seconds']:.1f} s; "
          f"{r['refused']} times 503, {r['repeated']} repetitions")
    print(f"storm: {r['calm_per_second']:.0f} a second without one; in it, each second: {seconds}")
    print(f"storm: {r['octets']:,.0f} octets a UE")


def say(runs, other):
    """A line each; of Kamailio, what it takes more than the daemon."""
    print(f"kernel {os.uname().release}, guest {os.environ.get('GMGATE_GUEST', 'none')}; {UNIT}")
    print(f"{'UEs':>16} {'register':>12} " + " ".join(f"{job:>12}" for job in JOBS) +
          f" {'octets/UE':>10}")
    for r in [*runs, other] if other else runs:
        print(f"{'Kamailio ' * r['kamailio'] + str(r['ues']):>16} "
              f"{r['register']['cost']:12,.0f} " +
              " ".join(f"{r[job]['cost']:12,.0f}" for job in JOBS) +
              f" {r['register']['octets']:10,.0f}")
    if other and runs:
        print(f"{'times':>16} " + " ".join(
            f"{other[job]['cost'] / runs[0][job]['cost']:12.1f}" for job in ("register", *JOBS)) +
            f" {other['register']['octets'] / max(runs[0]['register']['octets'], 1):10.0f}")
    for r in runs:
        print(f"{r['ues']} UEs: of a registration the phones used "
              f"{r['register']['phones_cost']:,.0f}, the core {r['register']['core_cost']:,.0f}")
        load = r["under_load"]
        print(f"{r['ues']} UEs: at most {load['limit']:.0f} re-registrations a second, phones and "
              "core on the same CPU; " + "; ".join(
                  f"at {part} % of that {load[part]['p50_us'] / 1000:.1f} ms (p50), "
                  f"{load[part]['p99_us'] / 1000:.1f} ms (p99)" for part in (50, 90)))


def save(out, options, runs, other, stormy):
    """After each run, so that what was measured is there if the guest's time is up."""
    out.write_text(json.dumps({"release": os.uname().release, "unit": UNIT, "options": vars(options),
                               "runs": runs, "kamailio": other, "storm": stormy}, indent=1) + "\n", encoding="ascii")


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ues", default="1000,10000")
    p.add_argument("--sample", type=int, default=1000)
    p.add_argument("--rate", type=float, default=100)
    p.add_argument("--storm", type=int, default=0)
    p.add_argument("--kamailio", type=int, default=0)
    p.add_argument("--settle", type=float, default=135)
    p.add_argument("--profile", choices=("register", *JOBS))
    p.add_argument("--ealg", choices=("cbc", "null"), default="cbc")
    options = p.parse_args()
    subprocess.run("modprobe -qa nf_defrag_ipv4 nf_defrag_ipv6 esp4 dummy tun aesni_intel "
                   "sha1_ssse3 cbc hmac authenc echainiv".split(), check=False)
    network()
    # Before there is a gmgate.ko, for which each packet would cost it something.
    other = measure(options.kamailio, options, True) if options.kamailio else None
    run("insmod", MODULES / "gmgate.ko")
    runs, stormy = [], None
    out = pathlib.Path(os.environ.get("GMGATE_OUT", "."), "agentbench.json")
    # The storm first: the last runs are the longest.
    if options.storm:
        stormy = storm(options)
        save(out, options, runs, other, stormy)
    for ues in (int(n) for n in options.ues.split(",") if n != "0"):
        runs.append(measure(ues, options))
        save(out, options, runs, other, stormy)
    say(runs, other)
    if runs:
        plot.agent(runs, UNIT, out.with_name("agent.svg"))
    if stormy:
        say_storm(stormy)
        plot.storm(stormy, out.with_name("storm.svg"))
    jobs = [r[job] for r in runs for job in ("register", *JOBS)]
    jobs += [r["under_load"][part] for r in runs for part in (50, 90)]
    lost = sum(job["asked"] - job["ok"] for job in jobs)
    lost += stormy["asked"] - stormy["ok"] if stormy else 0
    print(f"{lost} did not go well, {sum(r['core']['wrong'] for r in runs)} were wrong at the core")
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
