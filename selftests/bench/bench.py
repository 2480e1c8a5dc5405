#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What ESP costs a packet and a UE: no IPsec, stock XFRM and gmgate in one run.

              one namespace
    gmg0 (dummy: drops)  <- out        in ->  tun0
              10.4.128.21            UE n: 10.64.0.0 + n

Run in a guest; its kernel, modules and tools are told by GMGATE_*:
    selftests/guest/run -k vng -i -m 3G -- selftests/bench/bench.py

In a guest whose clock counts instructions (-i) every figure is guest
instructions; elsewhere it is nanoseconds, and the machine's noise is in it.
Writes bench.json into $GMGATE_OUT: what the table says, and each single
measurement, with what it counts; and packets.svg, a packet's cost against UEs.
tables.py makes what Documentation/performance.md has of such files.

  --ues N,..   numbers of UEs, growing (1,1000,100000); AES up to 10,000
  --stock-max N  no more for stock
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import plot
from report import Report, SIZES, SUITES

REPO = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPO / "build/bench"
MODULES = pathlib.Path(os.environ["GMGATE_MODDIR"])
PCSCF = "10.4.128.21"
LOAD = ("nf_defrag_ipv6 esp4 dummy tun aesni_intel sha1_ssse3 cbc gcm ctr ghash_generic "
        "xfrm_user xfrm_algo authenc echainiv seqiv crypto_null").split()
REPLACED = 1000         # so many UEs register again, where there are as many


def run(*words):
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: {' '.join(map(str, words))}: status {done.returncode}")
    return done.stdout.strip()


def shell(text):
    for line in text.strip().splitlines():
        run(*line.split())


def network():
    shell(f"""
        ip link add gmg0 type dummy
        ip link set gmg0 up
        ip addr add {PCSCF}/16 dev gmg0
        ip route add 10.64.0.0/10 via 10.4.128.1 dev gmg0
        ip tuntap add tun0 mode tun
        ip link set tun0 up mtu 1500
        sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun0.rp_filter=0
        sysctl -qw net.ipv4.conf.all.accept_local=1
    """)


def bare(**fields):
    """gmgate_test's answer, in nanoseconds."""
    text = "".join(f"{key}={value}\n" for key, value in {"op": "bare", **fields}.items())
    device = os.open("/dev/gmgate-vector", os.O_RDWR)
    os.write(device, text.encode())
    answer = os.read(device, 1000).decode()
    os.close(device)
    if not answer.startswith("ok ns="):
        sys.exit(f"bench: bare {fields}: {answer}")
    return int(answer.removeprefix("ok ns="))


def esp_octets(size, suite):
    """(authenticated, encrypted) octets of a UDP datagram of SIZE octets in ESP."""
    align, iv = {"null": (4, 0), "aes-cbc": (16, 16), "aes-gcm": (4, 8)}[suite]
    text = (size + 8 + 2 + align - 1) // align * align
    return 8 + iv + text, text if iv else 0


def bare_cost(suite, size, way):
    """One call of the best driver there is of each algorithm, over the packet's octets."""
    signed, crypted = esp_octets(size, suite)
    if suite == "aes-gcm":
        return bare(what="aead", octets=crypted, rounds=200, way=way)
    cost = bare(what="hash", octets=signed, rounds=200, way=way)
    if crypted:     # out, the IV is a block more
        cost += bare(what="cipher", octets=crypted + 16 * (way == "out"), rounds=200, way=way)
    return cost


def measure_bare(report):
    run("insmod", MODULES / "gmgate_test.ko")
    for suite in SUITES:
        for size in SIZES:
            for way in ("out", "in"):
                report.add_packet("bare", way, size, suite, 0, bare_cost(suite, size, way))
    run("rmmod", "gmgate_test")


class Packets:
    """Sequence numbers must grow from one measurement to the next."""
    def __init__(self, report):
        self.report, self.seq = report, {}

    def _first_seq(self, contender):
        seq = self.seq[contender] = self.seq.get(contender, 1) + 2000
        return seq

    def hear(self, contender, suite, ues):
        """One packet of every UE: 6.12's stock XFRM moves an SA in its list when it is used."""
        run(BUILD / "packets", "all", contender, SIZES[0], suite, ues, self._first_seq(contender))

    def measure(self, contender, suite, ues, sizes=SIZES):
        tool_name = "none" if contender == "beside" else contender
        for size in sizes:
            for way in ("out", "in"):
                cost = int(run(BUILD / "packets", way, tool_name, size, suite, ues,
                               self._first_seq(contender)))
                self.report.add_packet(contender, way, size, suite, ues, cost)


def memory():
    """KiB the kernel has in slabs, per CPU and in vmalloc space; tables are in one of these."""
    values = dict(line.split(":") for line in open("/proc/meminfo", encoding="ascii"))
    run("sync")
    return sum(int(values[key].split()[0]) for key in ("Slab", "Percpu", "VmallocUsed"))


class Sets:
    """The UEs of one contender and suite: 0 to count, of them 0 to replaced anew."""

    def __init__(self, report, contender, suite, endpoint):
        self.report, self.contender = report, contender
        self.suite, self.endpoint = suite, endpoint
        self.count, self.first_id = 0, 1
        self.replaced, self.replaced_id = 0, 0

    def _run(self, what, first, count, *args):
        words = run(BUILD / "sets", self.contender, what, self.suite, first, count, *args).split()
        return {key: int(value) for key, value in (word.split("=") for word in words)}

    def _add(self, what, before, after, told, count):
        if count >= 900:        # few say nothing: slabs come in pages, idle time in 10 ms
            self.report.add_ue(self.contender, what, self.suite, before, after, count, told)

    def grow(self, ues):
        """From as many as there are to UES."""
        count, before = ues - self.count, memory()
        told = self._run("add", self.count, count, self.endpoint)
        if not self.count:
            self.first_id = told["first-id"]
        self._add("install", self.count, ues, told, count)
        if count >= 900:
            self.report.add_memory(self.contender, self.suite, self.count, ues,
                                   memory() - before)
        self.count = ues

    def dump(self):
        self._add("dump", self.count, self.count, self._run("dump", 0, self.count), self.count)

    def replace(self):
        """What a re-registration does, for some of many."""
        count = min(self.count, REPLACED)
        self.replaced_id = self.first_id + self.count
        told = self._run("replace", 0, count, self.endpoint, self.first_id, self.replaced_id)
        self.replaced = count
        self._add("replace", self.count, self.count, told, count)

    def clear(self):
        rest = self.count - self.replaced
        if self.replaced:
            told = self._run("del", 0, self.replaced, self.replaced_id, 1)
            self._add("delete", self.count, rest, told, self.replaced if not rest else 0)
        if rest:
            told = self._run("del", self.replaced, rest, self.first_id + self.replaced, 0)
            self._add("delete", rest, 0, told, rest)
        self.count = self.replaced = 0


def contender(report, packets, who, steps, endpoint=0):
    """STEPS: for each suite, numbers of UEs, growing."""
    for suite, numbers in steps.items():
        sets = Sets(report, who, suite, endpoint)
        for ues in numbers:
            report.say(f"{who}, {suite}, {ues} UEs")
            sets.grow(ues)
            packets.hear(who, suite, ues)
            packets.measure(who, suite, ues)
            sets.dump()
        if numbers:
            report.say(f"{who}, {suite}, replaced and deleted")
            sets.replace()
            sets.clear()


def gmgate(report, packets, steps):
    run("insmod", MODULES / "gmgate.ko")
    words = run(REPO / "agent/gmctl", "endpoint", "add", "instance", 1, "uid", 0, "addr", PCSCF,
                "port-s", 6100, "port-c", "6101,6102", "spi", "0x10000000-0x1fffffff",
                "max-sets", 1048576)
    endpoint = next(word for word in words.split() if word.isdigit())
    report.say("none, beside gmgate")
    packets.measure("beside", "null", next(iter(steps.values()))[0])
    contender(report, packets, "gmgate", steps, endpoint)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ues", default="1,1000,100000")
    parser.add_argument("--stock-max", type=int, default=100000)
    parser.add_argument("--only", help="one contender")
    args = parser.parse_args()
    numbers = [int(n) for n in args.ues.split(",")]
    few = [n for n in numbers if n <= 10000]

    report = Report(unit=os.environ.get("GMGATE_BENCH_UNIT", "guest instructions"))
    for module in LOAD:
        subprocess.run(["modprobe", "-q", module], check=False)
    network()
    packets = Packets(report)
    report.say("bare hash and cipher")
    measure_bare(report)
    for ues in numbers:
        report.say(f"none, {ues} UEs")
        packets.measure("none", "null", ues)
    if args.only != "stock":
        gmgate(report, packets, {"null": numbers, "aes-cbc": few, "aes-gcm": few})
    if args.only != "gmgate":
        contender(report, packets, "stock",
                  {"null": [n for n in numbers if n <= args.stock_max], "aes-cbc": few,
                   "aes-gcm": few})
    report.print_table()
    out = pathlib.Path(os.environ["GMGATE_OUT"])
    report.write(out / "bench.json")
    plot.packets([report.data], out / "packets.svg")


if __name__ == "__main__":
    main()
