#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of tap.sh, which see."""

import socket
import sys

import marks
from lab import (CANARY, PCSCF, PORT_PS, PORTS_PC, UE, Ktap, Lab, Receiver, Set, Sniffer,
                 inside, ip_facts, run, wait_until)


def devices():
    with inside("pcscf"):
        return [name for _, name in socket.if_nameindex()]


def family_test(ktap, lab, version):
    label = f"IPv{version}"
    one = Set(lab, version, "hmac-sha-1-96/aes-cbc").add()
    agent = Receiver(PCSCF[version], PORT_PS)
    tap = Sniffer("pcscf", "gmtap0")

    def only():
        frames = tap.frames()
        assert len(frames) == 1, f"{len(frames)} packets on the tap: {frames}"
        return frames[0][1]

    def nothing():
        frames = tap.frames()
        assert not frames, f"{len(frames)} packets on the tap: {frames[0]}"

    with ktap.test(f"{label}: a packet that came in ESP is shown plain, as it was sent"):
        one.esp()
        packet = only()
        have = ip_facts(packet)
        assert have == (version, 17, UE[version], one["port_uc"]), str(have)
        head = 20 if version == 4 else 40
        data = agent.expect(one.id)[0]
        assert packet[head + 8:] == data, "other octets than the receiver got"
        if version == 4:
            assert len(packet) == int.from_bytes(packet[2:4], "big"), "total length"
            total = sum(int.from_bytes(packet[i:i + 2], "big") for i in range(0, 20, 2))
            assert (total + (total >> 16)) & 0xffff == 0xffff, "header checksum"
        else:
            assert len(packet) == 40 + int.from_bytes(packet[4:6], "big"), "payload length"
    with inside("pcscf"):
        out = marks.bound(f"{PCSCF[version]},{PORTS_PC[0]}", socket.SOCK_DGRAM)
    with ktap.test(f"{label}: a packet that leaves in ESP is shown plain"):
        marks.send(out, CANARY + bytes(500), (UE[version], one["port_us"]), one.id)
        packet = only()
        have = ip_facts(packet)
        assert have == (version, 17, PCSCF[version], PORTS_PC[0]), str(have)
        assert packet.endswith(CANARY + bytes(500)), "other octets than were sent"
    with ktap.test(f"{label}: what is fragmented on the wire is whole on the tap"):
        marks.fragment(out)
        marks.send(out, CANARY + bytes(3000), (UE[version], one["port_us"]), one.id)
        assert only().endswith(CANARY + bytes(3000))
        one.esp(size=2500, fragments=1000)
        assert len(only()) > 2500
        agent.expect(one.id)
    with ktap.test(f"{label}: refused packets are not shown"):
        one.esp(seq=50, flip=-1)
        one.esp(seq=1)
        one.clear()
        try:
            marks.send(out, CANARY, (UE[version], one["port_us"]), 0x7ffffff0)
        except OSError:
            pass
        nothing()
    with ktap.test(f"{label}: what is not protected is not shown"):
        other = Receiver(PCSCF[version], 5060)
        one.clear(dport=5060)
        other.expect()
        other.close()
        nothing()
    with ktap.test(f"{label}: what is sent into the tap goes nowhere"):
        wire = Sniffer("pcscf", "gm0")
        with inside("pcscf"):
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        kind = 0x0800 if version == 4 else 0x86dd
        before = lab.stats()
        try:
            raw.sendto(packet, ("gmtap0", kind))
        except OSError:
            pass
        raw.close()
        leaked = [f for _, f in wire.frames() if CANARY in f]
        assert not leaked and not lab.moved(before), f"{leaked} {lab.moved(before)}"
        tap.frames()
        wire.close()
    tap.close()
    with ktap.test(f"{label}: traffic goes on when nobody captures"):
        with lab.drops():
            one.esp(seq=4000)
        agent.expect(one.id)
    agent.close()
    out.close()


def main():
    ktap, lab = Ktap(), Lab()
    with ktap.test("no tap without an endpoint"):
        assert "gmtap0" not in devices(), str(devices())
    for version in (4, 6):
        lab.endpoint(version)
    with ktap.test("a tap with one, in its namespace alone"):
        assert "gmtap0" in devices(), str(devices())
        with inside("ue"):
            assert "gmtap0" not in [name for _, name in socket.if_nameindex()]
    with ktap.test("tcpdump calls its packets raw IP"):
        text = run("pcscf", "sh", "-c", "tcpdump -i gmtap0 -L 2>&1")
        assert "RAW" in text, text
    with ktap.test("the device has no address and sends nothing by itself"):
        text = run("pcscf", "ip", "addr", "show", "dev", "gmtap0")
        assert "inet" not in text, text
    for version in (4, 6):
        family_test(ktap, lab, version)
    for version in (4, 6):
        lab.withdraw(version)
    with ktap.test("the tap goes with the last endpoint"):
        wait_until("it is still there", lambda: "gmtap0" not in devices())
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
