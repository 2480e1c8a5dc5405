#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws the agent's message trace as a ladder, line by line as it happens.

    ladder.py TRACE [--follow]

Three columns: UE, gmgate, core.  A single line is clear text, a double one
ESP, with the SPI of its SA and the set the kernel found or chose.
"""

import argparse
import json
import time

WIDTH = 30


def read_lines(path, follow):
    """The lines of a file, waiting for more with `follow`."""
    buffered = ""
    with open(path, encoding="utf-8") as source:
        while True:
            buffered += source.readline()
            if buffered.endswith("\n"):
                yield buffered
                buffered = ""
            elif not follow:
                return
            else:
                time.sleep(0.05)


def label(start):
    """Method, or status and reason."""
    words = start.split(" ")
    return " ".join(words[1:]) if words[0] == "SIP/2.0" else words[0]


def arrow(text, to_right, double):
    """`== text =====>` of the column's width."""
    line = "=" if double else "-"
    body = f"{line}{line} {text[:WIDTH - 8]} ".ljust(WIDTH - 1, line)
    return f"{body}>" if to_right else f"<{body}"


def draw(entry, began):
    """One message as one line."""
    gm = entry["side"] != "mw"
    double = entry["side"] == "gm-protected"
    incoming = entry["direction"] == "in"
    src, dst = (entry["remote"], entry["local"]) if incoming else \
        (entry["local"], entry["remote"])
    empty = " " * WIDTH
    line = arrow(label(entry["start"]), incoming if gm else not incoming, double)
    columns = f"|{line}|{empty}|" if gm else f"|{empty}|{line}|"
    sport, dport = src.rpartition(":")[2], dst.rpartition(":")[2]
    note = f"{entry['transport']} {sport}>{dport}"
    if double:
        note += f"  ESP spi {entry['spi']:#010x} ({entry['sa']}) set {entry['set']}"
    elif gm:
        note += "  clear"
    peer = entry["remote"].rpartition(":")[0] if gm else ""
    return f"{entry['time'] - began:7.3f} {columns} {note}  {peer}".rstrip()


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("trace")
    p.add_argument("--follow", action="store_true")
    options = p.parse_args()
    began = None
    for line in read_lines(options.trace, options.follow):
        entry = json.loads(line)
        if began is None:
            began = entry["time"]
            print(" " * 7 + " UE" + " " * (WIDTH - 4) + "gmgate" + " " * (WIDTH - 4) + "core",
                  flush=True)
        print(draw(entry, began), flush=True)


if __name__ == "__main__":
    main()
