#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What life_load.sh does to the module under full traffic, which see."""

import contextlib
import errno
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import marks
import rawnl
from lab import (PATIENCE, PCSCF, PORT_PS, PORTS_PC, SETTLE, Ktap, Lab, Set, inside, run, ue_flush,
                 wait_until)
from life import insmod, rmmod
from nfqueue import Queue
from traffic import HOLD, MARK, SECONDS, Traffic, Watch

# What the module may answer to a sender whose set has just gone, and what a full
# device or socket answers.
GONE = {"ENOKEY", "ENOBUFS", "EAGAIN"}
SMP_UE, SMP = "10.99.0.1", "10.99.0.2"


@contextlib.contextmanager
def beside(work):
    """A thread that does work() over and over meanwhile; its error counts."""
    done, errors, count = threading.Event(), [], [0]

    def loop():
        while not done.is_set():
            try:
                work()
                count[0] += 1
            except Exception as error:      # noqa: told by the thread that waits
                errors.append(error)
                return
    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert not errors, f"beside it: {errors[0]!r}"
    assert count[0], "nothing was done beside it"


def own_family(ns="pcscf"):
    with inside(ns):
        return rawnl.Family()


class Bench:
    """The module with an endpoint for each family and a set on each CPU's flow."""

    def __init__(self, ktap):
        self.ktap, self.lab = ktap, Lab()
        self.declare()
        self.one = Set(self.lab, 4, "hmac-sha-1-96/aes-cbc").add()
        self.six = Set(self.lab, 6).add()
        self.watch = Watch()

    def declare(self):
        """After a test that failed one may still be there."""
        for version in {4, 6} - set(self.lab.endpoints):
            self.lab.endpoint(version)

    def withdraw(self):
        for version in list(self.lab.endpoints):
            self.lab.withdraw(version)

    def flows(self):
        return [(self.one, "uc-ps"), (self.six, "us-pc")]

    def add(self):
        self.one.add()
        self.six.add()

    def reload(self):
        """A new module with the same endpoints and sets."""
        self.lab = insmod()
        self.one.lab = self.six.lab = self.lab
        self.declare()
        self.add()

    @contextlib.contextmanager
    def traffic(self, flows=None, words=GONE, clear=False):
        """Under traffic, and nothing in clear unless that is allowed."""
        self.watch.seen()
        with Traffic(flows or self.flows()) as traffic:
            yield traffic
            traffic.carry()
        traffic.only(*words)
        if not clear:
            self.watch.silent()


def watch_works(bench):
    with bench.ktap.test("the watch sees clear text of each family, so its silence counts"):
        bench.withdraw()
        for one in (bench.one, bench.six):
            with inside("pcscf"):
                sock = marks.bound(f"{one['pcscf']},{PORTS_PC[0]}", socket.SOCK_DGRAM)
            sock.sendto(b"clear", (one["ue"], 9))
            sock.close()
            have = bench.watch.seen()   # the neighbour may have to be found first
            wait_until(f"not seen: {one['ue']}", lambda h=have: h or h.extend(bench.watch.seen()))
            assert len(have) == 1, f"{len(have)} frames seen: {one['ue']}"
        bench.declare()
        bench.add()
        bench.watch.seen()


# Field notes 18 and 19: a set that goes takes nothing of another with it.
def sets_come_and_go(bench):
    with bench.ktap.test("sets deleted and added under the traffic that uses them"):
        before = bench.lab.stats()
        with bench.traffic() as traffic:
            for turn in range(60):
                for one in (bench.one, bench.six):
                    one.delete()
                    one.add()
                traffic.put(MARK, bench.one.id if turn % 2 else 0)
            traffic.put(MARK, 0)
            traffic.carry()
        moved = bench.lab.moved(before, drops_only=False)
        assert moved.get("in-packets") and moved.get("out-packets"), str(moved)
        assert traffic.got, "nothing arrived"
    with bench.ktap.test("a set replaced by one on the same ports: never refused, never clear"):
        other = Set(bench.lab, 4, "hmac-sha-1-96/aes-cbc", **{
            port: bench.one[port] for port in ("port_uc", "port_us", "port_pc")})
        with bench.traffic(words={"ENOBUFS", "EAGAIN"}):
            for _ in range(50):
                other.add()
                bench.one.delete()
                bench.one.add()
                other.delete()


def dumps_and_flushes(bench):
    family = own_family()

    def dump():
        ids = [s["id"] for s in family.dump("set-get")]
        assert len(ids) == len(set(ids)), "an id twice in a dump"
        family.dump("endpoint-get")
    with bench.ktap.test("dumps beside deletion and flush, under traffic"):
        with bench.traffic(), beside(dump):
            for _ in range(6):
                crowd = [Set(bench.lab).add() for _ in range(50)]
                for one in crowd[::2]:
                    one.delete()
                bench.lab.family.talk("set-del", [("endpoint", bench.lab.endpoints[4])])
                bench.one.add()
    family.sock.close()
    with bench.ktap.test("expiry work and deletion at the same moment, under traffic"):
        with bench.traffic():
            for _ in range(120):
                late = Set(bench.lab).add("temporary", expires_ms=random.randrange(1, 16))
                with contextlib.suppress(rawnl.Refused):
                    if random.random() < 0.3:
                        late.change(expires_ms=random.randrange(1, 10))
                    time.sleep(random.random() / 100)
                    late.delete()
        have = {s["id"] for s in bench.lab.family.dump("set-get")}
        assert have == {bench.one.id, bench.six.id}, f"left: {have}"


class Connection:
    """TCP from the UE, which has stock XFRM, both ways without end."""

    def __init__(self, lab):
        self.set = Set(lab, 4).add().ue_up()
        run("pcscf", "sysctl", "-qw", "net.ipv4.tcp_orphan_retries=1")
        with inside("pcscf"):
            listener = marks.bound(f"{PCSCF[4]},{PORT_PS}", socket.SOCK_STREAM)
            listener.listen()
        with inside("ue"):
            client = marks.bound(f"{self.set['ue']},{self.set['port_uc']}", socket.SOCK_STREAM)
            client.settimeout(PATIENCE)
            client.connect((PCSCF[4], PORT_PS))
        server, _ = listener.accept()
        listener.close()
        for sock in (server, client):   # no FIN that goes out when the set has gone
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.children = [self.pump(sock) for sock in (server, client)]
        server.close()
        client.close()

    @staticmethod
    def pump(sock):
        child = os.fork()
        if child:
            return child
        try:
            os.sched_setaffinity(0, {random.randrange(os.cpu_count())})
            sock.setblocking(False)
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                with contextlib.suppress(BlockingIOError):
                    sock.send(b"t" * 1000)
                with contextlib.suppress(BlockingIOError):
                    sock.recv(1 << 16)
        finally:
            os._exit(0)

    def close(self):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        ue_flush()


def endpoints_come_and_go(bench):
    """After a withdrawal the ports are nobody's: clear text is right then."""
    connection = Connection(bench.lab)
    with bench.ktap.test("endpoints withdrawn and declared under traffic and a connection"):
        with bench.traffic(clear=True) as traffic:
            for _ in range(12):
                bench.withdraw()
                bench.declare()
                bench.add()
                traffic.carry(5)
    with bench.ktap.test("rmmod right after withdrawal, packets on both CPUs, five times"):
        for _ in range(5):
            with bench.traffic(clear=True):
                bench.withdraw()
                why = rmmod()
                assert not why, why
            bench.reload()
    connection.close()


def endpoints_replaced(bench):
    with bench.ktap.test("endpoints that take another's place under traffic: never clear"):
        with bench.traffic() as traffic:
            for _ in range(12):
                for version, old in list(bench.lab.endpoints.items()):
                    bench.lab.endpoint(version, id=old)
                bench.add()
                traffic.carry(5)


def agent_dies(bench):
    ready, told = os.pipe()
    child = os.fork()
    if not child:
        family = own_family()
        lab = bench.lab
        lab.family = family
        one = Set(lab, 4, port_pc=PORTS_PC[1], port_uc=33333, port_us=33334).add(cookie=99)
        with inside("pcscf"):
            sock = marks.bound(f"{PCSCF[4]},{PORTS_PC[1]}", socket.SOCK_DGRAM)
        os.write(told, struct.pack("=I", one.id))
        while True:
            with contextlib.suppress(OSError):
                marks.send(sock, b"agent" * 100, (one["ue"], one["port_us"]), one.id)
                family.dump("set-get")
    ident = struct.unpack("=I", os.read(ready, 4))[0]
    with bench.ktap.test("the agent killed while it sends and dumps: its set stays, the gate too"):
        with bench.traffic():
            time.sleep(0.3)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        have = bench.lab.family.talk("set-get", [("id", ident)])[0]
        assert have["cookie"] == 99, str(have)
        with inside("pcscf"):
            sock = marks.bound(f"{PCSCF[4]},{PORTS_PC[2]}", socket.SOCK_DGRAM)
        with sock:
            try:
                sock.sendto(b"clear", (bench.one["ue"], 9))
                raise AssertionError("sent")
            except OSError as error:
                assert error.errno == errno.ENOKEY, str(error)
        bench.watch.silent()
        bench.lab.family.talk("set-del", [("id", ident)])


class Verdicts(Queue):
    """A queue whose packets are accepted as they come."""

    def answer(self):
        self.sock.settimeout(0.05)
        with contextlib.suppress(TimeoutError, OSError):
            self.wait(len(self.ids) + 1)
        self.accept()


def queued(bench):
    """What comes back from NFQUEUE while all behind it goes away."""
    run("pcscf", "nft", "add table inet t; add chain inet t post "
        "{ type filter hook postrouting priority 0; }; "
        f"add rule inet t post udp sport {PORT_PS}-{PORTS_PC[-1]} queue num 9")
    queue = Verdicts(9)

    @contextlib.contextmanager
    def held(traffic):
        """Nothing new goes down, so clear text could only come from the queue.  Who is
        in the middle of sending has ended that two packets up later."""
        traffic.put(HOLD, 1)
        traffic.carry(2)
        yield
        time.sleep(SETTLE)

    with bench.ktap.test("NFQUEUE gives back on one CPU what the other deletes the set of"):
        with bench.traffic(), beside(queue.answer):
            for _ in range(30):
                for one in (bench.one, bench.six):
                    one.delete()
                    one.add()
    with bench.ktap.test("NFQUEUE gives back while endpoints are withdrawn: nothing in clear"):
        with bench.traffic() as traffic, beside(queue.answer):
            for _ in range(8):
                with held(traffic):
                    bench.withdraw()
                bench.watch.silent()
                bench.declare()
                bench.add()
                traffic.put(HOLD, 0)
                traffic.carry(5)
    with bench.ktap.test("NFQUEUE gives back while the module is unloaded: nothing in clear"):
        for _ in range(3):
            with bench.traffic() as traffic, beside(queue.answer):
                with held(traffic):
                    bench.withdraw()
                    why = rmmod()
                    assert not why, why
            bench.reload()
    run("pcscf", "nft", "delete table inet t")
    queue.sock.close()


def short_lived():
    """A namespace of its own with an endpoint, a set that stays and sets that expire
    while it ends; what it sends stays in a queue of its device for a while."""
    subprocess.run(["ip", "-batch", "-"], check=True, text=True, input="""
        netns add smp
        link add smp0 netns ue type veth peer name gm0 netns smp
        """)
    run("ue", "ip", "-batch", "-", text=f"addr add {SMP_UE}/24 dev smp0\nlink set smp0 up\n")
    run("smp", "ip", "-batch", "-", text=f"""
        link set lo up
        addr add {SMP}/24 dev gm0
        link set gm0 up
        """)
    run("smp", "tc", "qdisc", "add", "dev", "gm0", "root", "netem", "delay", "40ms")
    lab = Lab("smp")
    lab.endpoint(4, address=SMP)
    ends = {"ue": SMP_UE, "pcscf": SMP, "dev": "smp0"}
    for _ in range(20):
        Set(lab, 4, **ends).add("temporary", expires_ms=300)
    return lab, Set(lab, 4, **ends).add()


def namespace_ends(bench):
    for turn in range(4):
        with bench.ktap.test(f"a namespace ends under traffic, packets in its queues, {turn + 1}"):
            lab, one = short_lived()
            flows = [(one, "uc-ps"), (one, "us-pc")]
            # From the UE alone: it goes on to the last moment of the device.
            up, both = Traffic(flows, ns="-"), Traffic(flows, ns="smp")
            up.carry()
            both.carry()
            lab.family.sock.close()
            both.kill()
            subprocess.run(["ip", "netns", "del", "smp"], check=True)
            wait_until("its device stays", lambda: "smp0" not in run("ue", "ip", "link"),
                       2 * PATIENCE)
            up.end()
    with bench.ktap.test("and none of them pins the module"):
        bench.withdraw()
        wait_until("still pinned", lambda: not rmmod())
    insmod()


def main():
    ktap = Ktap()
    bench = Bench(ktap)
    watch_works(bench)
    sets_come_and_go(bench)
    dumps_and_flushes(bench)
    endpoints_replaced(bench)
    agent_dies(bench)
    endpoints_come_and_go(bench)
    queued(bench)
    namespace_ends(bench)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
