# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of the P-CSCF's host, in one chain that a test fills, and what they count."""

import contextlib
import json

from lab import run


def possible():
    """Is there nftables here at all?  None, or why not."""
    try:
        run("pcscf", "nft", "add table inet probe; delete table inet probe")
    except (AssertionError, OSError) as why:
        return str(why).splitlines()[0]
    return None


def hits(table="t"):
    """What each rule of the chain with a counter has counted, in their order."""
    listed = json.loads(run("pcscf", "nft", "-j", "list", "table", "inet", table))["nftables"]
    return [part["counter"]["packets"] for entry in listed if "rule" in entry
            for part in entry["rule"]["expr"] if "counter" in part]


@contextlib.contextmanager
def rules(*lines, hook="input", priority="0", table="t"):
    """These rules, each with "counter" in it where hits() is to tell of it."""
    run("pcscf", "nft", "-f", "-", text=(
        f"table inet {table} {{ chain c {{ type filter hook {hook} priority {priority}; "
        "policy accept;\n" + "\n".join(lines) + "\n}\n}\n"))
    try:
        yield
    finally:
        run("pcscf", "nft", "delete", "table", "inet", table)
