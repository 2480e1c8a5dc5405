#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for the keys of AKA where they must not be.

Takes CK and IK of every challenge from the core's log and searches files
(captures, logs, dumps) for them: as hexadecimal text, as raw octets, and as
hexadecimal text in the groups of eight that ip(8) and hexdump print.

    leaks.py CORE-LOG FILE..       exit status 1 and a line for each find
"""

import argparse
import sys

import events


def forms(value):
    """How a key may look in a file; text in lower case."""
    raw = bytes.fromhex(value)
    groups = [value[i:i + 8] for i in range(0, len(value), 8)]
    pairs = [value[i:i + 2] for i in range(0, len(value), 2)]
    return {"hex": value.encode(), "groups": " ".join(groups).encode(),
            "pairs": " ".join(pairs).encode(), "colons": ":".join(pairs).encode()}, raw


def search(log, paths):
    """Lines that say which key is in which file."""
    keys = [(e["impi"], name, e[name]) for e in events.read(log)
            if e["event"] == "challenged" for name in ("ck", "ik")]
    if not keys:
        sys.exit(f"leaks: {log} has no challenge, so nothing could be looked for")
    found = []
    for path in paths:
        with open(path, "rb") as source:
            octets = source.read()
        lower = octets.lower()
        for impi, name, value in keys:
            texts, raw = forms(value)
            how = [h for h, text in texts.items() if text in lower]
            if raw in octets:
                how.append("octets")
            if how:
                found.append(f"{path}: {name} of {impi} ({', '.join(how)})")
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("log", metavar="CORE-LOG")
    p.add_argument("files", nargs="+")
    options = p.parse_args()
    found = search(options.log, options.files)
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
