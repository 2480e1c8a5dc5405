#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The transfers of esp_tcp.sh, which see.  Both ends are in this process."""

import os
import sys

import esp_judge
import suites
from lab import NO_WHOLE_ESP, Ends, Ktap, Lab, Set, Sniffer, carries_data, ue_flush

BULK, SOME = 10_000_000, 200_000


def carried(one, opener, sizes):
    ends = Ends(one, opener)
    try:
        assert ends.mark == one.id, f"the P-CSCF's socket has the mark {ends.mark}, not {one.id}"
        for size in sizes:
            ends.both_ways(size)
    finally:
        ends.close()


def whole(odd):
    """Nothing has been on the wire but whole ESP packets (and the hosts' own talk)."""
    bad = [frame for _, frame in odd.frames() if carries_data(frame)]
    assert not bad, f"{len(bad)} frames are fragments or clear: {bad[0][:60].hex()}"


def one_suite(ktap, lab, version, suite, size):
    label = f"IPv{version} {suite}"
    one = Set(lab, version, suite).add().ue_up()
    wire = Sniffer("pcscf", "gm0")
    with ktap.test(f"{label}: UE connects, 1 and {SOME} octets each way"):
        carried(one, "ue", (1, SOME))
    frames = [frame for _, frame in wire.frames()]
    wire.close()
    odd = Sniffer("pcscf", "gm0", NO_WHOLE_ESP)
    with ktap.test(f"{label}: P-CSCF connects, 1 and {size} octets each way"):
        carried(one, "pcscf", (1, size))
    with ktap.test(f"{label}: no fragment, nothing in clear"):
        whole(odd)
    odd.close()
    ue_flush()
    return one, frames


def main():
    ktap, lab, sets, frames = Ktap(), Lab(), [], []
    for version in (4, 6):
        lab.endpoint(version)
    before = lab.stats()
    for n, suite in enumerate(suites.SUITES):
        for version in (4, 6):
            size = BULK if (n + version // 2) % 2 else SOME
            one, seen = one_suite(ktap, lab, version, suite.name, size)
            sets.append(one)
            frames += seen
    moved = lab.moved(before, drops_only=False)
    with ktap.test("no drop is counted, and out-bytes hold what was sent"):
        least = len(suites.SUITES) * BULK
        drops = lab.moved(before)
        if os.cpu_count() > 1:      # veth has a queue for each: a packet may overtake 64
            assert drops.pop("in-replay", 0) < moved["in-packets"] // 100, f"{drops}"
        assert not drops, f"drops moved {drops}"
        assert moved["out-bytes"] > least < moved["in-bytes"], f"counters moved {moved}"
    with ktap.test("tshark finds every ICV good"):
        capture = os.path.join(os.environ["GMGATE_OUT"], f"esp_tcp-{os.getpid()}.pcap")
        esp_judge.write(capture, frames)
        good, count = esp_judge.judge(capture, [one.facts for one in sets])
        assert good == count > 2000, f"{good} of {count} ICVs are good"
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
