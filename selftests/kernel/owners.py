#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The agents of owners.sh, which see."""

import sys
import threading

from events import Events
from lab import (PCSCF, PORT_PS, PORTS_PC, SPI_MAX, SPI_MIN, Ktap, Lab, Receiver, Set,
                 refused_with)

MINE, OTHER = 1, 2
PORTS = {"port-s": 7100, "ports-c": (7101, 7102)}


def ids(lab, **filters):
    return {s["id"] for s in lab.family.dump("set-get", list(filters.items()))}


def strangers(ktap, lab, mine, other):
    """Every verb that names an instance is for its own endpoints only."""
    endpoint = lab.endpoints[4]

    def refused(name, op, *values):
        with ktap.test(f"{name} of another instance's: EPERM"):
            refused_with("EPERM", lambda: lab.family.talk(op, list(values)))

    refused("a set", "set-get", ("id", mine.id), ("instance", OTHER))
    refused("promotion of a set", "set-change", ("id", mine.id), ("state", "established"),
            ("instance", OTHER))
    refused("deletion of a set", "set-del", ("id", mine.id), ("instance", OTHER))
    refused("flush of an endpoint", "set-del", ("endpoint", endpoint), ("instance", OTHER))
    refused("withdrawal of an endpoint", "endpoint-del", ("id", endpoint), ("instance", OTHER))
    with ktap.test("a set for an endpoint of another instance's: EPERM"):
        refused_with("EPERM", lambda: Set(lab).add(instance=OTHER))
    with ktap.test("a place of another instance's endpoint: EPERM"):
        refused_with("EPERM", lambda: lab.endpoint(4, "thief", instance=OTHER, id=endpoint))
    with ktap.test("all of it is still there"):
        assert ids(lab) == {mine.id, other.id}, str(ids(lab))
    with ktap.test("the same with one's own instance is done"):
        lab.family.talk("set-change", [("id", mine.id), ("state", "established"),
                                       ("instance", MINE)])
        have = lab.family.talk("set-get", [("id", mine.id), ("instance", MINE)])[0]
        assert have["state"] == "established", str(have)
    with ktap.test("a dump lists those of the instance, of all where none is named"):
        assert ids(lab, instance=MINE) == {mine.id}, str(ids(lab, instance=MINE))
        assert ids(lab, instance=OTHER) == {other.id}
        assert ids(lab) == {mine.id, other.id}


def quotas(ktap, lab):
    with ktap.test("one instance's quota is used up, the other has its own"):
        lab.withdraw(4)
        lab.endpoint(4, max_sets=2)
        for _ in range(2):
            Set(lab).add()
        refused_with("ENOSPC", lambda: Set(lab).add())
        one = two(lab)
        one.delete()
    with ktap.test("a flush leaves the other's sets, and only its owner is told of his"):
        events, one = Events(), two(lab)
        lab.family.talk("set-del", [("endpoint", lab.endpoints[4]), ("instance", MINE)])
        for _ in range(2):
            events.expect(event="deleted", instance=MINE)
        events.silent()
        assert ids(lab) == {one.id}, str(ids(lab))
        one.delete()


def two(lab):
    """A set of the other instance."""
    return Set(lab, port_ps=7100, port_pc=7101).add(endpoint=lab.endpoints["two"],
                                                    instance=OTHER)


def replaced(ktap, lab):
    """An endpoint takes the place of another while strangers knock."""
    one = Set(lab).add()
    agent = Receiver(PCSCF[4], PORT_PS)
    with ktap.test("an endpoint takes the place of its own: the old one and its sets are gone"):
        old = lab.endpoints[4]
        lab.endpoint(4, id=old, ports_c=PORTS_PC[:2])
        assert lab.endpoints[4] != old and one.id not in ids(lab)
        with lab.drops({"in-unknown-spi": 1}, 0):
            one.esp()
        with lab.drops({"clear-in": 1}, 0):
            one.clear()
    with ktap.test("and a port that it no longer has is open"):
        other = Receiver(PCSCF[4], PORTS_PC[3])
        with lab.drops():
            one.clear(dport=PORTS_PC[3])
        other.expect()
        other.close()
    with ktap.test("fifty times over, under clear text: not one arrives"):
        stop, sent = [], [0]

        def knock():
            while not stop:
                one.clear()
                sent[0] += 1

        before = lab.stats()
        thread = threading.Thread(target=knock)
        thread.start()
        for _ in range(50):
            lab.endpoint(4, id=lab.endpoints[4])
        stop.append(True)
        thread.join()
        agent.silent()
        have = lab.moved(before)
        assert sent[0] and have == {"clear-in": sent[0]}, f"{sent[0]} sent, {have}"
    with ktap.test("one that is not there cannot be replaced: ENOENT"):
        refused_with("ENOENT", lambda: lab.endpoint(4, "ghost", id=0x7ffffff0))
    with ktap.test("ports of a third one are still refused: EEXIST"):
        refused_with("EEXIST", lambda: lab.endpoint(
            4, "clash", id=lab.endpoints[4], **{"ports-c": (7101,)}))
        with lab.drops({"clear-in": 1}, 0):
            one.clear()
    agent.close()


def main():
    ktap, lab = Ktap(), Lab()
    lab.endpoint(4)
    with ktap.test("another instance declares other ports of the same address"):
        lab.endpoint(4, "two", instance=OTHER, spi_min=SPI_MIN, spi_max=SPI_MAX, **PORTS)
    with ktap.test("and is refused the same ones: EEXIST"):
        refused_with("EEXIST", lambda: lab.endpoint(4, "same", instance=OTHER))
    mine, other = Set(lab).add("temporary"), two(lab)
    with ktap.test("endpoints are listed by instance"):
        for instance, key in ((MINE, 4), (OTHER, "two")):
            have = [e["id"] for e in lab.family.dump("endpoint-get", [("instance", instance)])]
            assert have == [lab.endpoints[key]], f"{instance}: {have}"
    strangers(ktap, lab, mine, other)
    other.delete()
    quotas(ktap, lab)
    replaced(ktap, lab)
    lab.withdraw("two", OTHER)
    lab.withdraw(4)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
