#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Feed directories of ESP vector files to the module's own code and judge.

    run.py [--device PATH] DIR...

The test module gmgate_test.ko answers on a character device: one request is
written as key=value lines, one answer is read.  Prints KTAP: one line per
vector, SKIP for suites and window sizes the module lacks and for directories
that are missing.  Exit 0 all good, 1 something failed, 4 nothing was run.
"""

import argparse
import json
import os
import pathlib
import socket
import sys

DEVICE = "/dev/gmgate-vector"


class Device:
    def __init__(self, path):
        self.path = path

    def ask(self, **fields):
        """One request, one answer, on a descriptor of its own."""
        text = "".join(f"{key}={value}\n" for key, value in fields.items() if value != "")
        descriptor = os.open(self.path, os.O_RDWR)
        try:
            data = text.encode()
            if os.write(descriptor, data) != len(data):
                return "error short write"
            answer = b""
            while piece := os.read(descriptor, 1 << 17):
                answer += piece
        except OSError as error:
            return f"error {error.strerror}"
        finally:
            os.close(descriptor)
        return answer.decode(errors="replace").strip()

    def suites(self):
        word, _, rest = self.ask(op="caps").partition(" ")
        if word != "ok":
            raise SystemExit(f"{self.path}: no answer to op=caps")
        return {name.strip() for name in rest.split(",")}


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text).hex()


def keys(vector):
    return {name: vector[name] for name in ("alg", "ealg", "ik_esp", "ck_esp", "salt")}


def open_request(vector):
    return {"op": "open", **keys(vector), "spi": vector["spi"],
            "src": address(vector["src"]), "dst": address(vector["dst"]),
            "sport": vector["sport"], "dport": vector["dport"],
            "packet": vector["esp_packet"]}


def differ(what, have, want):
    """Where two hex strings part, in words."""
    have = have.removeprefix("ok packet=")
    place = next((i for i, (a, b) in enumerate(zip(have, want)) if a != b),
                 min(len(have), len(want))) // 2
    return f"{what}: octet {place} of {len(want) // 2}: {have[:120]}"


def judge_packet(device, vector, simd=""):
    """Seal the plain packet, open the ESP packet; both octet for octet."""
    answer = device.ask(op="seal", **keys(vector), spi=vector["spi"], seq=vector["seq"],
                        iv=vector["iv"], packet=vector["plain_packet"], simd=simd)
    if answer != f"ok packet={vector['esp_packet']}":
        return differ("seal", answer, vector["esp_packet"])
    answer = device.ask(**open_request(vector), simd=simd)
    if answer != f"ok packet={vector['plain_packet']}":
        return differ("open", answer, vector["plain_packet"])
    return None


def judge_verdict(device, vector, simd=""):
    """Accept or drop, and the drop's reason where the file names one."""
    answer = device.ask(**open_request(vector), simd=simd)
    word, _, reason = answer.partition(" ")
    want = {"accept": "ok", "drop": "drop"}[vector["expect"]]
    if word != want:
        return f"wants {vector['expect']} ({vector['why']}): {answer[:120]}"
    if want == "drop" and reason != vector.get("reason", reason):
        return f"wants {vector['reason']} ({vector['why']}): {reason}"
    return None


def judge_replay(device, case):
    answer = device.ask(op="window", window=case["window"],
                        seq=",".join(map(str, case["seq"])))
    if answer.startswith("unsupported"):
        return answer
    have = answer.removeprefix("ok ").split(",")
    want = [str(n) for n in case["accept"]]
    if have == want:
        return None
    for place, (a, b) in enumerate(zip(have, want)):
        if a != b:
            return f"packet {place}, number {case['seq'][place]}: {a}, wants {b}"
    return f"{len(have)} verdicts, wants {len(want)}: {answer[:80]}"


def tests(directory):
    """(name, judge, vector) of all files of a directory, by name."""
    for path in sorted(directory.glob("*.json")):
        content = json.loads(path.read_text())
        if content.get("format") != 1:
            yield f"{path.name} format", None, None
            continue
        for number, case in enumerate(content.get("cases", []), 1):
            name = case.get("name", f"list {number}")
            yield f"{path.name} {name}, window {case['window']}", judge_replay, case
        for vector in content.get("vectors", []):
            judge = judge_verdict if "expect" in vector else judge_packet
            yield f"{path.name} {vector['name']}", judge, vector


class Ktap:
    def __init__(self):
        self.lines, self.count, self.failed, self.passed = [], 0, 0, 0
        self.suites = set()     # asked about already

    def line(self, name, verdict, why=None):
        name = name.replace("#", "_")
        word = "not ok" if verdict == "fail" else "ok"
        self.failed += verdict == "fail"
        self.passed += verdict == "pass"
        if verdict == "fail":
            self.lines.append(f"# {why}")
        skip = f" # SKIP {why}" if verdict == "skip" else ""
        self.count += 1
        self.lines.append(f"{word} {self.count} {name}{skip}")

    def finish(self):
        print("KTAP version 1")
        print(f"1..{self.count}")
        print("\n".join(self.lines))
        return 1 if self.failed else 0 if self.passed else 4


def judge_stand_in(device, vector, ktap):
    """Has simd=busy shown anything, or has the suite one driver only?"""
    answer = device.ask(op="stand-in", **keys(vector))
    name = "{alg}/{ealg} without SIMD registers".format(**vector)
    if answer == "ok no":
        ktap.line(name, "skip", "this kernel's driver is the same then")
    else:
        ktap.line(name, "pass" if answer == "ok yes" else "fail", answer)


def run_directory(device, have, directory, ktap):
    if not directory.is_dir():
        return ktap.line(f"{directory.name}", "skip", f"{directory} is not here")
    count = 0
    for name, judge, vector in tests(directory):
        count += 1
        if judge is None:
            ktap.line(name, "fail", "unknown file format")
            continue
        suite = "{alg}/{ealg}".format(**vector) if "alg" in vector else None
        if suite and suite not in have:
            ktap.line(name, "skip", f"module has no {suite}")
            continue
        if suite and "aes" in suite and suite not in ktap.suites:
            ktap.suites.add(suite)
            judge_stand_in(device, vector, ktap)
        why = judge(device, vector)
        if suite and not why:
            why = judge(device, vector, simd="busy")
            why = why and f"with the SIMD registers in use: {why}"
        if why and why.startswith("unsupported"):
            ktap.line(name, "skip", f"module has no window of {vector['window']}")
        else:
            ktap.line(name, "fail" if why else "pass", why)
    if not count:
        ktap.line(f"{directory.name}", "fail", f"{directory} holds no vector file")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default=DEVICE)
    parser.add_argument("dir", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    device, ktap = Device(args.device), Ktap()
    if not os.path.exists(args.device):
        print(f"{args.device}: is gmgate_test.ko loaded?", file=sys.stderr)
        return 1
    have = device.suites()
    for directory in args.dir:
        run_directory(device, have, directory, ktap)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
