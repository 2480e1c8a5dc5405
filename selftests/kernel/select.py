#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of select.sh, which see.  Sets are told apart on the wire by their
SPIs, so the UE needs no IPsec of its own here."""

import socket
import sys
import time

import marks
import nft
from lab import (PATIENCE, PCSCF, PORTS_PC, PORT_PS, UE, Ktap, Lab, Receiver, Set, Sniffer,
                 errno_of, esp_heads, inside, ue_flush, wait_until)


class Bench:
    def __init__(self, ktap, lab, version, label=""):
        self.ktap, self.lab, self.version = ktap, lab, version
        self.label = f"IPv{version}{label}"
        self.wire = Sniffer("ue", "ue0")
        with inside("pcscf"):
            self.sockets = {port: marks.bound(f"{PCSCF[version]},{port}", socket.SOCK_DGRAM)
                            for port in (PORT_PS, *PORTS_PC)}

    def set(self, like=None, **facts):
        """A set on the flows of another one, where one is given."""
        if like:
            facts = {**{key: like[key] for key in ("port_uc", "port_us", "port_pc")}, **facts}
        return Set(self.lab, self.version, **facts)

    def spis(self):
        """SPIs of the ESP packets that have reached the UE."""
        return [spi for spi, _ in esp_heads(self.wire.frames("in"))]

    def send(self, one, pair, mark):
        local = PORT_PS if pair == "ps-uc" else one["port_pc"]
        remote = one["port_uc"] if pair == "ps-uc" else one["port_us"]
        return errno_of(lambda: marks.send(self.sockets[local], b"x" * 50,
                                           (UE[self.version], remote), mark))

    def leaves(self, name, by, flow_of=None, pair="ps-uc", mark=None):
        """A datagram on a flow, marked or not, leaves in ESP of this set."""
        with self.ktap.test(f"{self.label}: {name}"):
            self.spis()
            with self.lab.drops():
                have = self.send(flow_of or by, pair, mark)
            assert have == "sent", have
            want = by["spi_uc" if pair == "ps-uc" else "spi_us"]
            spis = self.spis()
            assert spis == [want], f"SPIs on the wire {spis}, wants {want}"

    def refused(self, name, reason, flow_of, pair="ps-uc", mark=None, also=None):
        with self.ktap.test(f"{self.label}: {name}: {reason}"):
            self.spis()
            before = self.lab.stats()
            have = self.send(flow_of, pair, mark)
            moved = self.lab.moved(before)
            assert have == "ENOKEY", f"{have}, wants ENOKEY"
            assert moved in ({reason: 1}, {also: 1}), f"drops moved {moved}"
            assert not self.spis(), "something left"

    def close(self):
        self.wire.close()
        for sock in self.sockets.values():
            sock.close()


def one_set(bench):
    """TEMP sends only when it is named; established sends by itself."""
    temp = bench.set().add("temporary")
    for pair in ("ps-uc", "pc-us"):
        bench.refused(f"TEMP alone, unmarked, {pair}", "out-no-set", temp, pair)
        bench.leaves(f"TEMP alone, marked, {pair}", temp, pair=pair, mark=temp.id)
    temp.esp()
    bench.leaves("TEMP that verified a packet, unmarked", temp)
    bench.leaves("on its other flow too, where UDP answers leave", temp, pair="pc-us")
    temp.change(state="established")
    bench.leaves("promoted, unmarked", temp, pair="pc-us")
    with bench.ktap.test(f"{bench.label}: sequence numbers count up from 1, per SA"):
        assert temp.sa("ps-uc")["seq"] == 2, str(temp.sa("ps-uc"))
        assert temp.sa("pc-us")["seq"] == 3, str(temp.sa("pc-us"))
    temp.delete()
    bench.refused("deleted, unmarked", "out-no-set", temp)
    bench.refused("deleted, marked", "out-mark", temp, mark=temp.id)


def two_sets(bench):
    """A challenge while a set is in use, and a UE that came with the same ports."""
    old = bench.set().add()
    old.esp()
    new = bench.set(old, port_pc=PORTS_PC[1]).add("temporary")
    bench.leaves("TEMP beside the set in use, unmarked: the old one", old)
    bench.leaves("marked with the new one", new, mark=new.id)
    bench.leaves("marked with the old one", old, mark=old.id)
    bench.leaves("on the new one's own flow, marked", new, pair="pc-us", mark=new.id)
    bench.refused("on the new one's own flow, marked with the old one", "out-mark", new,
                  "pc-us", mark=old.id)
    bench.refused("on the old one's own flow, marked with the new one", "out-mark", old,
                  "pc-us", mark=new.id)
    new.esp()
    bench.leaves("the RES came on the new one: unmarked follows it", new)
    bench.leaves("marked with the old one still leaves on it", old, mark=old.id)
    old.esp()
    bench.leaves("unmarked follows the old one when that verified last", old)
    new.esp(flip=-1)
    bench.leaves("a forged packet draws nothing", old)
    new.esp()
    new.change(state="established")
    old.delete()
    bench.leaves("the old one is gone", new)
    bench.refused("marked with it", "out-mark", new, mark=old.id)
    return new


def foreign(bench, mine):
    """A mark cannot lend another UE's set."""
    other = bench.set().add()
    bench.refused("marked with another UE's set", "out-mark", mine, mark=other.id)
    bench.refused("marked with another UE's set, other pair", "out-mark", other, "pc-us",
                  mark=mine.id)
    bench.refused("marked with a set that never was", "out-mark", mine, mark=0x7ffffff0)
    bench.leaves("marked with its own", other, mark=other.id)
    other.delete()
    mine.delete()


def expired(bench):
    """The back-stop: what has expired sends nothing, whether swept away or not yet."""
    old = bench.set().add()
    short = bench.set(old).add()
    short.esp()
    bench.leaves("before it expires", short)
    short.change(expires_ms=100)
    time.sleep(0.3)
    bench.refused("expired, marked", "out-expired", short, mark=short.id, also="out-mark")
    bench.leaves("expired, unmarked: the other set", old)
    old.delete()
    alone = bench.set().add(expires_ms=300)
    alone.esp()
    time.sleep(0.5)
    bench.refused("expired and alone, unmarked", "out-expired", alone, also="out-no-set")
    with bench.ktap.test(f"{bench.label}: an expired set receives nothing"):
        receiver = Receiver(PCSCF[bench.version], PORTS_PC[3])
        before = bench.lab.stats()
        alone.esp()
        wait_until("nothing counted", lambda: bench.lab.moved(before))
        moved = bench.lab.moved(before)
        assert moved in ({"in-expired": 1}, {"in-unknown-spi": 1}), str(moved)
        receiver.close()


def connection(bench):
    """A connection answers on the set of its SYN, whatever verifies later."""
    old = bench.set().add()
    new = bench.set(old, port_pc=PORTS_PC[2]).add("temporary")
    with inside("pcscf"):
        listener = marks.bound(f"{PCSCF[bench.version]},{PORT_PS}", socket.SOCK_STREAM)
    listener.listen()
    with bench.ktap.test(f"{bench.label}: SYN on the new set, SYN ACK on the new set"):
        bench.spis()
        new.esp(transport="tcp")
        have = bench.spis()
        assert have == [new["spi_uc"]], f"SPIs {have}"
    with bench.ktap.test(f"{bench.label}: SYN ACK again on the new set, though the old one "
                         "verified last"):
        old.esp()
        end = time.monotonic() + PATIENCE
        have = []
        while not have and time.monotonic() < end:
            have = bench.spis()
        assert have and set(have) == {new["spi_uc"]}, f"SPIs {have}"
    listener.close()
    old.delete()
    new.delete()


def accepted(bench, other):
    """A connection has the mark of its SYN: the set, and the bits of others."""
    version = bench.version
    one = bench.set().add("temporary").ue_up()
    with inside("pcscf"):
        listener = marks.bound(f"{PCSCF[version]},{PORT_PS}", socket.SOCK_STREAM)
    listener.listen()
    listener.settimeout(PATIENCE)
    with inside("ue"):
        client = marks.bound(f"{UE[version]},{one['port_uc']}", socket.SOCK_STREAM)
    client.settimeout(PATIENCE)
    with bench.ktap.test(f"{bench.label}: SO_MARK after accept has the id in its place"), \
            nft.rules(f"meta l4proto esp meta mark set {other}", hook="prerouting"):
        with bench.lab.drops():
            client.connect((PCSCF[version], PORT_PS))
            server, _ = listener.accept()
        have = server.getsockopt(socket.SOL_SOCKET, marks.SO_MARK) & 0xffffffff
        assert have == one.id << 8 | other, f"mark {have:#x}"
    with bench.ktap.test(f"{bench.label}: and what it sends leaves on that set"):
        bench.spis()
        server.settimeout(PATIENCE)
        server.sendall(b"x" * 100)
        assert client.recv(200) == b"x" * 100
        assert set(bench.spis()) == {one["spi_uc"]}
    for sock in (server, client, listener):
        sock.close()
    ue_flush()
    one.delete()


def masked(ktap, lab, version):
    """Only the bits of the mask are the set id; the others belong to somebody else."""
    lab.withdraw(version)
    lab.endpoint(version, mark_mask=0x00ffff00)
    bench = Bench(ktap, lab, version, " mark-mask 0x00ffff00")
    one = bench.set().add("temporary")
    bench.leaves("id in its place, other bits set", one, mark=one.id << 8 | 0x81000042)
    bench.refused("bits outside the mask are no id", "out-no-set", one, mark=0xff0000ff)
    bench.refused("another id in its place", "out-mark", one, mark=(one.id + 1) << 8)
    bench.sockets.pop(PORT_PS).close()
    receiver = Receiver(PCSCF[version], PORT_PS)
    with ktap.test(f"{bench.label}: received with the id in its place"):
        one.esp()
        receiver.expect(one.id << 8)
    other = 0x81000042
    with ktap.test(f"{bench.label}: bits that a rule has set on the ESP packet are kept, and no "
                   "id it has set"), \
            nft.rules(f"meta l4proto esp meta mark set {other | 0x00abcd00}", hook="prerouting"):
        one.esp()
        receiver.expect(one.id << 8 | other)
        one.esp(size=1400, fragments=600)
        receiver.expect(one.id << 8 | other)
    accepted(bench, other)
    receiver.close()
    bench.close()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        bench = Bench(ktap, lab, version)
        one_set(bench)
        foreign(bench, two_sets(bench))
        expired(bench)
        connection(bench)
        bench.close()
        masked(ktap, lab, version)
        lab.withdraw(version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
