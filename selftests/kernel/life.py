#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What life.sh does to the module, which see."""

import contextlib
import errno
import os
import socket
import subprocess
import sys
import time

import marks
import rawnl
from events import Events
from lab import (PATIENCE, PCSCF, PORTS_PC, UE, Ktap, Lab, Set, Sniffer, inside, run, settle,
                 wait_until)
from nfqueue import Queue

MODULE = os.path.join(os.environ["GMGATE_MODDIR"], "gmgate.ko")


def rmmod():
    """None, or what rmmod said."""
    done = subprocess.run(["rmmod", "gmgate"], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else None


def insmod():
    subprocess.run(["insmod", MODULE], check=True)
    return Lab()


def refused(action, want):
    try:
        action()
    except rawnl.Refused as error:
        assert error.errno == want, f"{error}, wants {errno.errorcode[want]}"
        return
    raise AssertionError(f"not refused, wants {errno.errorcode[want]}")


def pinned(ktap, lab):
    with ktap.test("an endpoint pins the module"):
        lab.endpoint(4)
        why = rmmod()
        assert why and "in use" in why, f"rmmod said: {why}"
    with ktap.test("the agent's death does not unpin it, and the set stays"):
        one = Set(lab).add(cookie=77)
        lab.family.sock.close()
        lab.__init__()
        lab.endpoints[4] = one.show()["endpoint"]
        assert one.show()["cookie"] == 77
        assert "in use" in (rmmod() or "")
    with ktap.test("and what it protected stays protected"):
        with lab.drops({"clear-in": 1}, 0):
            one.clear()
    with ktap.test("unloads after withdrawal"):
        lab.withdraw(4)
        why = rmmod()
        assert not why, why
        assert not os.path.exists("/sys/module/gmgate"), "still there"
    # Without slab debugging the cache is an alias of another one of its size,
    # which stays.
    slabs = "/sys/kernel/slab"
    have = [name for name in os.listdir(slabs) if "gmg" in name] if os.path.isdir(slabs) else []
    if any(os.path.islink(f"{slabs}/{name}") for name in have):
        ktap.skip("its slab caches are gone", "caches are merged on this kernel")
    else:
        with ktap.test("its slab caches are gone"):
            assert not have, f"left: {have}"
    return insmod()


def expiry_and_events(ktap, lab):
    lab.endpoint(4)
    events = Events()
    endpoint = lab.endpoints[4]
    with ktap.test("expiry removes the set and tells, with the agent's cookie"):
        one = Set(lab).add("temporary", expires_ms=300, cookie=0x1122334455667788)
        events.expect(event="expired", set=one.id, endpoint=endpoint, instance=1,
                      cookie=0x1122334455667788)
        refused(one.show, errno.ENOENT)
    with ktap.test("a longer life given in time is kept"):
        one = Set(lab).add("temporary", expires_ms=2000)
        one.change(expires_ms=600000, state="established")
        events.silent(2.5)
        assert one.show()["state"] == "established"
    with ktap.test("the first verified packet tells, the second does not"):
        one.esp(flip=-1, seq=9)
        events.expect(event="icv-fail", set=one.id)
        one.esp()
        events.expect(event="first-packet", set=one.id, endpoint=endpoint, instance=1)
        one.esp()
        events.silent()
    with ktap.test("deletion on request tells"):
        one.delete()
        events.expect(event="deleted", set=one.id)
        refused(one.delete, errno.ENOENT)
    with ktap.test("unknown SPIs of the range tell, and not for every packet"):
        begun = time.monotonic()
        one.esp(seq=1, repeat=500)
        most = 20 * (2 + time.monotonic() - begun)      # as many a second
        have = events.expect(event="unknown-spi", spi=one["spi_ps"], endpoint=endpoint)
        assert have["addr"] == socket.inet_aton(UE[4]), str(have)
        count = 1
        with contextlib.suppress(AssertionError, TimeoutError):
            while count < 500:
                events.family.sock.settimeout(0.2)
                events.expect(event="unknown-spi")
                count += 1
        events.family.sock.settimeout(PATIENCE)
        assert count <= most, f"{count} events for 500 packets"
    with ktap.test("flush deletes every set of the endpoint, and no other's"):
        lab.endpoint(6)
        other = Set(lab, 6).add()
        ids = [Set(lab).add().id for _ in range(20)]
        lab.family.talk("set-del", [("endpoint", endpoint)])
        left = {s["id"] for s in lab.family.dump("set-get")}
        assert left == {other.id}, f"left: {left}"
        assert len(set(ids)) == 20
        lab.withdraw(6)
    lab.withdraw(4)


def queued(ktap, lab):
    """Packets that NFQUEUE holds when everything behind them goes away."""
    try:
        run("pcscf", "nft", "add table inet t; add chain inet t post "
            "{ type filter hook postrouting priority 0; }; "
            f"add rule inet t post udp sport {PORTS_PC[0]} queue num 7")
        queue = Queue(7)
    except (AssertionError, OSError) as why:
        for name in ("accepted", "set deleted", "endpoint withdrawn", "module unloaded"):
            ktap.skip(f"NFQUEUE, {name}", f"no nft queue here: {str(why).splitlines()[0]}")
        return lab

    wire = Sniffer("ue", "ue0")

    def hold(one, count=5):
        with inside("pcscf"):
            sock = marks.bound(f"{PCSCF[4]},{PORTS_PC[0]}", socket.SOCK_DGRAM)
        with sock:
            for _ in range(count):
                marks.send(sock, b"y" * 200, (UE[4], one["port_us"]), one.id)
        queue.wait(count)
        wire.frames()

    def esp_seen():
        return [f for _, f in wire.frames("in") if f[12:14] == b"\x08\x00" and f[23] == 50]

    lab.endpoint(4)
    one = Set(lab).add()
    with ktap.test("NFQUEUE, accepted: they leave in ESP"):
        hold(one)
        queue.accept()
        seen = esp_seen()
        wait_until("they did not leave", lambda: len(seen) >= 5 or seen.extend(esp_seen()))
        assert len(seen) == 5, f"{len(seen)} ESP packets"
    with ktap.test("NFQUEUE, set deleted meanwhile: dropped and counted"):
        hold(one)
        one.delete()
        before = lab.stats()
        queue.accept()
        settle()
        assert lab.moved(before) in ({"out-mark": 5}, {"out-no-set": 5}), str(lab.moved(before))
        assert not [f for _, f in wire.frames("in") if b"y" * 200 in f], "left in clear"
    one.add()
    with ktap.test("NFQUEUE, endpoint withdrawn meanwhile: nothing leaves in clear"):
        hold(one)
        lab.withdraw(4)
        queue.accept()
        time.sleep(0.2)
        assert not [f for _, f in wire.frames("in") if b"y" * 200 in f], "left in clear"
    lab.endpoint(4)
    one.add()
    with ktap.test("NFQUEUE, module unloaded meanwhile: nothing leaves in clear"):
        hold(one)
        lab.withdraw(4)
        why = rmmod()
        assert not why, why
        queue.accept()
        time.sleep(0.2)
        assert not [f for _, f in wire.frames("in") if b"y" * 200 in f], "left in clear"
        lab = insmod()
    queue.sock.close()
    run("pcscf", "nft", "delete table inet t")
    wire.close()
    return lab


def namespace(ktap, lab):
    with ktap.test("a namespace goes with its endpoint and sets"):
        run("core", "ip", "netns", "add", "extra")
        with inside("extra"):
            family = rawnl.Family()
        outer, lab.family = lab.family, family
        lab.endpoint(4)
        for _ in range(10):
            Set(lab).add()
        assert len(family.dump("set-get")) == 10
        lab.family = outer
        assert not outer.dump("set-get"), "seen from another namespace"
        family.sock.close()
        subprocess.run(["ip", "netns", "del", "extra"], check=True)
        wait_until("the module stays pinned", lambda: not rmmod())
        assert not os.path.exists("/sys/module/gmgate")
    return insmod()


def main():
    ktap, lab = Ktap(), Lab()
    lab = pinned(ktap, lab)
    expiry_and_events(ktap, lab)
    lab = queued(ktap, lab)
    namespace(ktap, lab)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
