#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The UEs of shared_address.sh, which see."""

import hashlib
import hmac
import socket
import struct
import sys

import marks
from lab import CANARY, PCSCF, PORT_PS, PORTS_PC, UE, Ktap, Lab, Receiver, Set, errno_of, inside
from wire import Wire

COUNT = 20


def answer(one, sock, mark):
    return errno_of(lambda: marks.send(sock, CANARY, (UE[one.version], one["port_us"]), mark))


def belongs(one, octets):
    """Sealed with this UE's key, for this UE's port (the cipher is null)."""
    want = hmac.new(one.keys.ik_esp, octets[:-12], hashlib.sha1).digest()[:12]
    return octets[-12:] == want and struct.unpack_from("!H", octets, 10)[0] == one["port_us"]


def family(ktap, lab, version):
    lab.endpoint(version)
    same = {"spi_uc": 0x4000, "spi_us": 0x5000}
    ues = [Set(lab, version, **(same if n < COUNT // 2 else {})).add() for n in range(COUNT)]
    agent, wire = Receiver(PCSCF[version], PORT_PS), Wire(version)
    with inside("pcscf"):
        sock = marks.bound(f"{PCSCF[version]},{PORTS_PC[0]}", socket.SOCK_DGRAM)

    def heard(one):
        one.esp()
        _, sender, _ = agent.expect(one.id)
        assert sender[1] == one["port_uc"], f"from port {sender[1]}"

    with ktap.test(f"IPv{version}: {COUNT} UEs at one address, each heard as itself"):
        with lab.drops():
            for one in ues:
                heard(one)
    for word in ("unmarked", "marked"):
        with ktap.test(f"IPv{version}: each answered under its own keys, {word}, also those with "
                       "the same SPIs"):
            wire.take()
            with lab.drops():
                for one in ues:
                    assert answer(one, sock, one.id if word == "marked" else None) == "sent"
            esp, other = wire.take()
            assert not other and len(esp) == COUNT, f"{len(esp)} ESP, {len(other)} others"
            for one, (spi, octets) in zip(ues, esp):
                assert spi == one["spi_us"] and belongs(one, octets), f"{one['port_us']}"
    one, neighbour = ues[0], ues[1]
    with ktap.test(f"IPv{version}: from the neighbour's port on one's own SA: in-binding"):
        with lab.drops({"in-binding": 1}, one.id):
            one.esp(sport=neighbour["port_uc"])
        agent.silent()
    with ktap.test(f"IPv{version}: on the neighbour's SA with one's own key: in-icv"):
        thief = Set(lab, version, **{**neighbour.facts, "ck": one["ck"], "ik": one["ik"]})
        thief.seq["uc-ps"] = 50
        with lab.drops({"in-icv": 1}, neighbour.id):
            thief.esp()
        agent.silent()
    with ktap.test(f"IPv{version}: answering with the neighbour's mark: ENOKEY"):
        with lab.drops({"out-mark": 1}, 0):
            assert answer(one, sock, neighbour.id) == "ENOKEY"
    with ktap.test(f"IPv{version}: one goes, the others stay"):
        one.delete()
        with lab.drops({"out-no-set": 1}, 0):
            assert answer(one, sock, None) == "ENOKEY"
        with lab.drops():
            for other in ues[1:]:
                heard(other)
    with ktap.test(f"IPv{version}: several sets of one UE, each with its own id"):
        mine = [neighbour] + [Set(lab, version, port_us=neighbour["port_us"],
                                  port_pc=PORTS_PC[n]).add("temporary") for n in (1, 2)]
        with lab.drops():
            for each in mine:
                heard(each)
    for each in (agent, sock, wire):
        each.close()
    lab.withdraw(version)


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        family(ktap, lab, version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
