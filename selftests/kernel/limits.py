#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The senders and requests of limits.sh, which see."""

import errno
import os
import random
import socket
import struct
import sys
import time

import marks
import rawnl
from events import Events
from lab import (PCSCF, PORT_PS, PORTS_PC, SPI_MIN, UE, Ktap, Lab, Set, Sniffer, errno_of,
                 esp_heads, inside, wait_until)

LAST = 0xffffffff
SOFT = 0x80000000
UDP_SEGMENT = 103


class Bench:
    def __init__(self, ktap, lab, events, version):
        self.ktap, self.lab, self.events, self.version = ktap, lab, events, version
        self.wire = Sniffer("pcscf", "gm0")
        with inside("pcscf"):
            self.sockets = {port: marks.bound(f"{PCSCF[version]},{port}", socket.SOCK_DGRAM)
                            for port in (PORT_PS, PORTS_PC[0])}

    def test(self, name):
        return self.ktap.test(f"IPv{self.version}: {name}")

    def add(self, seq_out, suite="hmac-sha-1-96/null"):
        return Set(self.lab, self.version, suite).add(seq_out=seq_out)

    def send(self, one, sa="pc-us", data=b"x" * 50):
        local, remote = sa.split("-")
        port = PORT_PS if local == "ps" else one["port_pc"]
        return errno_of(lambda: marks.send(self.sockets[port], data,
                                           (UE[self.version], one[f"port_{remote}"]), one.id))

    def numbers(self, one, sa="pc-us"):
        """Sequence numbers that left on a SA since the last call, in their order."""
        spi = one[f"spi_{sa.split('-')[1]}"]
        return [seq for have, seq in esp_heads(self.wire.frames("out")) if have == spi]

    def close(self):
        self.wire.close()
        for sock in self.sockets.values():
            sock.close()


def goes_on(bench):
    """A set that another node has sent on."""
    one = bench.add(41)
    with bench.test("seq-out 41: both outbound SAs go on with 42"):
        bench.numbers(one)
        for sa in ("pc-us", "ps-uc"):
            assert [bench.send(one, sa) for _ in range(2)] == ["sent"] * 2
        have = sorted(esp_heads(bench.wire.frames("out")))
        want = sorted((one[f"spi_{p}"], seq) for p in ("uc", "us") for seq in (42, 43))
        assert have == want, f"{have}, wants {want}"
    with bench.test("which is shown, and two packets counted"):
        sa = one.sa("pc-us")
        assert (sa["seq"], sa["packets"]) == (43, 2), str(sa)
        assert one.sa("uc-ps")["seq"] == 0, "an inbound SA has moved"
    one.delete()
    bench.events.expect(event="deleted")


def soft(bench):
    one = bench.add(SOFT - 2)
    with bench.test("half of the numbers used: seq-soft, once for the set"):
        assert bench.send(one) == "sent"
        bench.events.silent()
        assert bench.send(one) == "sent"
        bench.events.expect(event="seq-soft", set=one.id, spi=one["spi_us"])
        for sa in ("pc-us", "ps-uc", "ps-uc", "ps-uc"):
            assert bench.send(one, sa) == "sent"
        bench.events.silent()
        assert bench.numbers(one) == [SOFT - 1, SOFT, SOFT + 1]
    one.delete()
    bench.events.expect(event="deleted")


def hard(bench):
    one = bench.add(LAST - 1)
    with bench.test("the last number leaves"):
        bench.numbers(one)
        with bench.lab.drops():
            assert bench.send(one) == "sent"
        assert bench.numbers(one) == [LAST]
        bench.events.expect(event="seq-soft", set=one.id)
    with bench.test("after it nothing: ENOKEY, out-seq-exhausted, seq-hard once"):
        with bench.lab.drops({"out-seq-exhausted": 2}, 0):
            have = [bench.send(one) for _ in range(2)]
        assert have == ["ENOKEY"] * 2, str(have)
        bench.events.expect(event="seq-hard", set=one.id, spi=one["spi_us"])
        with bench.lab.drops({"out-seq-exhausted": 1}, 0):
            have = [bench.send(one, "ps-uc") for _ in range(2)]
        assert have == ["sent", "ENOKEY"], str(have)
        bench.events.silent()
        assert not bench.numbers(one), "something left"
        assert one.sa("pc-us")["seq"] == LAST and one.sa("pc-us")["packets"] == 1
    with bench.test("a connect is refused at once"):
        with inside("pcscf"):
            sock = marks.bound(f"{PCSCF[bench.version]},{one['port_pc']}", socket.SOCK_STREAM,
                               one.id)
        started = time.monotonic()
        with bench.lab.drops({"out-seq-exhausted": 1}, 0):
            have = errno_of(lambda: sock.connect((UE[bench.version], one["port_us"])))
        assert have == "ECONNREFUSED" and time.monotonic() - started < 1, have
        sock.close()
    with bench.test("inbound SAs of the set still work, up to their own last number"):
        with bench.lab.drops():
            one.esp(seq=LAST)
        assert one.sa("uc-ps")["packets"] == 1
    one.delete()
    # the first packet of the UE is told as well
    bench.events.expect(event="first-packet")
    bench.events.expect(event="deleted")
    with bench.test("seq-out 0xffffffff is taken, and nothing can be sent"):
        one = bench.add(LAST)
        with bench.lab.drops({"out-seq-exhausted": 1}, 0):
            assert bench.send(one) == "ENOKEY"
        bench.events.expect(event="seq-hard", set=one.id)
        one.delete()
        bench.events.expect(event="deleted")


def segments(bench):
    """One send that the kernel splits into more datagrams than numbers are left."""
    one = bench.add(LAST - 4, "hmac-sha-1-96/aes-cbc")
    sock = bench.sockets[one["port_pc"]]
    with bench.test("of ten segments four are left to go, the others are counted"):
        bench.numbers(one)
        with bench.lab.drops({"out-seq-exhausted": 6}, one.id):
            control = [(socket.SOL_SOCKET, marks.SO_MARK, struct.pack("I", one.id)),
                       (socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", 500))]
            have = errno_of(lambda: sock.sendmsg([bytes(5000)], control, 0,
                                                 (UE[bench.version], one["port_us"])))
        assert have == "sent", have
        have = bench.numbers(one)
        assert have == [LAST - 3, LAST - 2, LAST - 1, LAST], [hex(n) for n in have]
    one.delete()
    for event in ("seq-soft", "seq-hard", "deleted"):
        bench.events.expect(event=event)


def race(bench):
    """Processes that send at once never get the same number, nor one too many."""
    left, each = 200, 150
    one = bench.add(LAST - left)
    with bench.test("senders that race for the last numbers get each of them once"):
        bench.numbers(one)
        children = []
        for _ in range(3):
            child = os.fork()
            if not child:
                sent = sum(bench.send(one) == "sent" for _ in range(each))
                os._exit(sent)          # at most each: it fits an exit status
            children.append(child)
        sent = sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
        have = bench.numbers(one)
        assert sorted(have) == list(range(LAST - left + 1, LAST + 1)), \
            f"{len(have)} left, {len(set(have))} numbers, up to {max(have):#x}"
        # the last may have been taken between a sender's look and its turn
        assert left <= sent <= left + 3, f"{sent} sends succeeded"
        assert one.sa("pc-us")["seq"] == LAST
        drops = bench.lab.stats()["out-seq-exhausted"]
        assert bench.send(one) == "ENOKEY"
        assert bench.lab.stats()["out-seq-exhausted"] == drops + 1
    one.delete()
    for event in ("seq-soft", "seq-hard", "deleted"):
        bench.events.expect(event=event)


def refusal(action, want, text):
    try:
        action()
    except rawnl.Refused as error:
        assert error.errno == want and text in error.text, f"{error}, wants {text}"
    else:
        raise AssertionError(f"it was installed, wants {errno.errorcode[want]}")


def quota(ktap, lab, version):
    """Room for sets: temporary ones have their own share of it."""
    endpoint = lab.endpoint(version, max_sets=6, max_temporary=3)

    def held():
        have, = lab.family.talk("endpoint-get", [("id", endpoint)])
        return have["sets"], have["temporary"]

    def test(name):
        return ktap.test(f"IPv{version}: {name}")

    temp = [Set(lab, version).add("temporary") for _ in range(3)]
    with test("a fourth temporary set: ENOSPC, with the reason"):
        refusal(lambda: Set(lab, version).add("temporary"), errno.ENOSPC, "max-temporary")
        assert held() == (3, 3), str(held())
    with test("an established one has room"):
        Set(lab, version).add()
        assert held() == (4, 3), str(held())
    with test("promotion makes room for a temporary one"):
        temp[0].change(state="established")
        assert held() == (4, 2), str(held())
        temp.append(Set(lab, version).add("temporary"))
        assert held() == (5, 3), str(held())
    with test("promotion twice frees but once"):
        temp[0].change(state="established")
        assert held() == (5, 3), str(held())
    with test("max-sets: ENOSPC, with the reason, for either kind"):
        last = Set(lab, version).add()
        refusal(lambda: Set(lab, version).add(), errno.ENOSPC, "max-sets")
        temp[1].delete()
        assert held() == (5, 2), str(held())
        Set(lab, version).add("temporary")
        refusal(lambda: Set(lab, version).add("temporary"), errno.ENOSPC, "max-sets")
        last.delete()
    with test("what is refused for another reason takes no room"):
        assert held() == (5, 3), str(held())
        refusal(lambda: Set(lab, version, spi_ps=temp[2]["spi_ps"]).add(), errno.EEXIST,
                "in use")
        refusal(lambda: Set(lab, version, spi_ps=SPI_MIN - 1).add(), errno.ERANGE, "range")
        assert held() == (5, 3), str(held())
    with test("expiry gives room back"):
        temp[2].change(expires_ms=1)
        wait_until(f"it holds {held()}", lambda: held() == (4, 2))
    lab.family.talk("set-del", [("endpoint", endpoint)])
    with test("all deleted: all the room is there"):
        assert held() == (0, 0), str(held())
    churn(lab, version, held, test)
    lab.withdraw(version)


def churn(lab, version, held, test):
    rng = random.Random(version)
    with test("the counts are exact after 300 random steps"):
        alive = []
        for _ in range(300):
            step = rng.choice(("add", "add", "promote", "delete", "expire"))
            if step == "add":
                one = Set(lab, version)
                state = rng.choice(("temporary", "established"))
                try:
                    alive.append((one.add(state), [state]))
                except rawnl.Refused as error:
                    assert error.errno == errno.ENOSPC, str(error)
            elif alive:
                one, state = alive[rng.randrange(len(alive))]
                if step == "promote":
                    one.change(state="established")
                    state[0] = "established"
                elif step == "delete":
                    one.delete()
                    alive.remove((one, state))
                else:
                    one.change(expires_ms=1)
                    alive.remove((one, state))
                    wait_until("it does not expire", lambda: held()[0] == len(alive))
            want = len(alive), sum(state == ["temporary"] for _, state in alive)
            assert held() == want, f"{held()}, wants {want}, after {step}"


def main():
    ktap, lab = Ktap(), Lab()
    events = Events()
    for version in (4, 6):
        lab.endpoint(version)
        bench = Bench(ktap, lab, events, version)
        for group in (goes_on, soft, hard, segments, race):
            group(bench)
        bench.close()
        lab.withdraw(version)
        quota(ktap, lab, version)
        events = Events()
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
