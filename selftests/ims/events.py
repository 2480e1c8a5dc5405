#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON-lines logs of the test programs, and reading them back in tests.

Every line has "t" (seconds since 1970) and "event".  As a tool, prints the
lines of a log that match, or counts them, for shell scripts:

    events.py LOG event=received method=REGISTER --count
    events.py LOG event=received --show start
"""

import argparse
import json
import sys
import time


class Log:
    """A JSON-lines file, flushed line by line so that scripts can follow it."""

    def __init__(self, path=None, who=None):
        self.out = open(path, "a", encoding="utf-8") if path else sys.stdout
        self.who = who
        self.scenario = None            # which part of a test runs

    def write(self, event, **fields):
        line = {"t": round(time.time(), 6), "event": event}
        if self.who:
            line["who"] = self.who
        if self.scenario:
            line["scenario"] = self.scenario
        line.update(fields)
        self.out.write(json.dumps(line) + "\n")
        self.out.flush()


def read(path):
    """The lines of a log; a line still being written is left out."""
    with open(path, encoding="utf-8") as source:
        for line in source:
            if line.endswith("\n"):
                yield json.loads(line)


def matches(entry, wanted):
    """All of `wanted` hold; a value ending in * is a prefix, `!` is absence."""
    for name, value in wanted.items():
        have = entry.get(name)
        if value == "!":
            if have not in (None, [], "", {}):
                return False
            continue
        text = json.dumps(have) if isinstance(have, (bool, list, dict)) else str(have)
        if value.endswith("*"):
            if have is None or not text.startswith(value[:-1]):
                return False
        elif have is None or text != value:
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description="Search a JSON-lines log.")
    parser.add_argument("log")
    parser.add_argument("match", nargs="*", metavar="NAME=VALUE",
                        help="VALUE may end in * (prefix); ! alone means empty or absent")
    parser.add_argument("--count", action="store_true", help="print the number of matches")
    parser.add_argument("--show", metavar="NAME", help="print this field of each match")
    args = parser.parse_args()
    wanted = dict(m.split("=", 1) for m in args.match)
    found = [e for e in read(args.log) if matches(e, wanted)]
    if args.count:
        print(len(found))
    else:
        for entry in found:
            print(entry.get(args.show) if args.show else json.dumps(entry))
    sys.exit(0 if found else 1)


if __name__ == "__main__":
    main()
