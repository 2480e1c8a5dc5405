#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of trace.sh, which see."""

import re
import socket
import sys

import marks
import rawnl
from lab import (CANARY, PCSCF, PORTS_PC, PORT_PS, TRACING, UE, Ktap, Lab, Receiver, Set,
                 inside, settle)

HEAD = {4: 20, 6: 40}
UDP = 8


def switch(lab, text):
    for event in ("gmgate_in", "gmgate_out"):
        lab.write_trace(f"events/gmgate/{event}/enable", text)


def events(lab):
    """[(event, set, SPI, number, length)] since the last call."""
    settle()
    with open(f"{TRACING}/trace", encoding="ascii", errors="replace") as file:
        found = re.findall(r"gmgate_(in|out|drop): (?:reason=\S+ )?set=(\d+) spi=0x([0-9a-f]{8}) "
                           r"(?:seq=(\d+) )?len=(\d+)", file.read())
    lab.write_trace("trace", "\n")
    return [(event, int(ident), int(spi, 16), int(seq or 0), int(length))
            for event, ident, spi, seq, length in found]


def accepted(ktap, lab, version):
    label = f"IPv{version}"
    one = Set(lab, version, "hmac-sha-1-96/aes-cbc").add(seq_out=70)
    agents = [Receiver(PCSCF[version], port) for port in (PORT_PS, PORTS_PC[1])]
    with inside("pcscf"):
        out = marks.bound(f"{PCSCF[version]},{PORTS_PC[0]}", socket.SOCK_DGRAM)

    def talk():
        one.esp(seq=5, text="x" * 100, size=0)
        one.esp("us-pc", seq=9, text="x" * 300, size=0)
        marks.send(out, CANARY + bytes(500), (UE[version], one["port_us"]), one.id)

    lab.write_trace("trace", "\n")
    with ktap.test(f"{label}: nothing is told unless it is asked for"):
        talk()
        assert not events(lab), "something was"
    switch(lab, "1")
    with ktap.test(f"{label}: in and out, with set, SPI, number and length of the plain packet"):
        lab.write_trace("trace", "\n")
        one.esp(seq=6, text="x" * 100, size=0)
        one.esp("us-pc", seq=10, text="x" * 300, size=0)
        marks.send(out, CANARY + bytes(500), (UE[version], one["port_us"]), one.id)
        plain = HEAD[version] + UDP
        want = [("in", one.id, one["spi_ps"], 6, plain + 100),
                ("in", one.id, one["spi_pc"], 10, plain + 300),
                ("out", one.id, one["spi_us"], 72, plain + len(CANARY) + 500)]
        have = [e for e in events(lab) if e[0] != "drop"]
        assert have == want, f"{have}, wants {want}"
    with ktap.test(f"{label}: what is refused is told as a drop only"):
        one.esp(seq=50, flip=-1)
        one.esp(seq=6)
        one.esp(seq=11, sport=4711)
        have = [e[:3] for e in events(lab)]
        assert have == [("drop", one.id, one["spi_ps"])] * 3, str(have)
    switch(lab, "0")
    with ktap.test(f"{label}: switched off again"):
        one.esp(seq=30)
        assert not events(lab), "something was told"
    for sock in (*agents, out):
        sock.close()
    one.delete()


# Field note 6: and one by one.
def names(ktap):
    """The names in the format file are those of the spec, all of them."""
    with ktap.test("the drop event's format has every reason of the spec by its name"):
        with open(f"{TRACING}/events/gmgate/gmgate_drop/format", encoding="ascii") as file:
            have = dict((name, int(number)) for number, name in
                        re.findall(r"\{ (\d+), \"([a-z-]+)\" \}", file.read()))
        want = {name: number for number, name in
                enumerate(rawnl.spec().enums["drop"])}
        assert have == want, f"differ in {set(have.items()) ^ set(want.items())}"


def main():
    ktap, lab = Ktap(), Lab()
    if not lab.tracing:
        print("1..0 # SKIP no tracefs here")
        return 4
    for version in (4, 6):
        lab.endpoint(version)
        accepted(ktap, lab, version)
        lab.withdraw(version)
    names(ktap)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
