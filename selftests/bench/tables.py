#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables and the picture of Documentation/performance.md, of bench.json files.

    tables.py [--ues N,..] PICTURE.svg BENCH.json..

Files of the same kernel are one: the figures of the first that has them.  Prints
Markdown.  --ues: of the rows of packets only those; the picture has all.
"""

import argparse
import json
import pathlib

import plot
from report import CONTENDERS, SUITES, UES, pair

NAMES = {"null": "NULL", "aes-cbc": "AES-CBC", "aes-gcm": "AES-GCM"}
PLACE = {"handling": ("suite", "ues", "way", "size"),
         "packets": ("suite", "ues", "way", "size", "contender"),
         "ues": ("suite", "what", "from", "to", "contender"),
         "memory": ("suite", "from", "to", "contender")}


def merge(files):
    """The files' data, one for each kernel, in the order of the kernels' first files."""
    runs = {}
    for file in files:
        data = json.loads(pathlib.Path(file).read_text(encoding="ascii"))
        run = runs.setdefault(data["kernel"], {**data, **{key: [] for key in PLACE}})
        for key, names in PLACE.items():
            have = {tuple(row[n] for n in names) for row in run[key]}
            run[key] += [row for row in data[key] if tuple(row[n] for n in names) not in have]
    return list(runs.values())


def row(*words):
    words = (f"{w:,}" if isinstance(w, int) else "" if w in ("-", None) else w for w in words)
    print("| " + " | ".join(words) + " |")


def head(*words):
    row(*words)
    print("|" + "---|" * len(words))


def packet_table(run, suite, numbers):
    """All sizes for the first number of UEs, the shortest and the longest for others."""
    bare = "hash" if suite == "null" else "AES-GCM" if suite == "aes-gcm" else "hash, cipher"
    print(f"\n{NAMES[suite]}:\n")
    head("UEs", "", "octets", "no IPsec", bare, "stock", "gmgate", "handling: stock", "gmgate", "")
    for ues in numbers:
        for way in ("out", "in"):
            rows = [r for r in run["handling"]
                    if (r["suite"], r["ues"], r["way"]) == (suite, ues, way)]
            for i, r in enumerate(r for r in rows
                                  if ues == numbers[0] or r["size"] in (100, 1300)):
                row("" if i or way == "in" else ues, "" if i else way, r["size"], r["none"],
                    r["bare"], r["stock"], r["gmgate"],
                    *pair(r["stock-handling"], r["gmgate-handling"]))


def ue_table(run):
    print(f"\nA UE, {run['kernel']}:\n")
    head("", "", "UEs", "stock", "gmgate", "")
    figures = {}
    for r in run["ues"]:
        figures.setdefault((r["what"], r["suite"], r["from"], r["to"]), {})[r["contender"]] = \
            r["busy"]
    for r in run["memory"]:
        figures.setdefault(("octets", r["suite"], r["from"], r["to"]), {})[r["contender"]] = \
            r["octets"]
    for place in sorted(figures, key=lambda p: (UES.index(p[0]), SUITES.index(p[1]), p[2:])):
        what, suite, first, last = place
        row(what, NAMES[suite], f"{first:,}" if first == last else f"{first:,} to {last:,}",
            *pair(*(figures[place].get(who) for who in CONTENDERS)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ues", default="")
    parser.add_argument("picture")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    runs = merge(args.files)
    for run in runs:
        print(f"\n## Linux {run['kernel']}")
        numbers = sorted({r["ues"] for r in run["handling"]
                          if not args.ues or str(r["ues"]) in args.ues.split(",")})
        packet_table(run, "null", numbers)
        for suite in SUITES[1:]:
            packet_table(run, suite, [1000])
        ue_table(run)
    plot.packets(runs, args.picture)


if __name__ == "__main__":
    main()
