#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The crossed pairs of relaxed.sh, which see."""

import socket
import sys

import marks
from lab import (CANARY, KIND, PCSCF, PORT_PS, UE, Ktap, Lab, Receiver, Set, both_ways, errno_of,
                 inside, ue_flush)
from wire import Wire

RELAXED = 1             # endpoint-flags
# the UE's port, the P-CSCF's, the SPI that answers
CROSSED = (("port_uc", "port_pc", "spi_us"), ("port_us", "port_ps", "spi_uc"))


class Bench:
    def __init__(self, ktap, lab, version, flags):
        self.ktap, self.lab, self.version = ktap, lab, version
        lab.endpoint(version, flags=flags)
        self.set = Set(lab, version).add().ue_up(crossed=True)
        self.wire = Wire(version)
        self.label = f"IPv{version} {'relaxed' if flags else 'strict'}"

    def test(self, name):
        return self.ktap.test(f"{self.label}, {name}")

    def at(self, side, port):
        where = UE if side == "ue" else PCSCF
        return f"{where[self.version]},{self.set[port]}"

    def socket(self, side, port, kind, mark=None):
        with inside(side):
            sock = marks.bound(self.at(side, port), KIND[kind], mark)
        sock.settimeout(5)
        return sock

    def moved(self, before, name):
        return self.lab.moved(before, drops_only=False).get(name, 0)

    def close(self):
        self.wire.close()
        ue_flush()
        self.lab.withdraw(self.version)


def strict(bench):
    """Neither transport, neither pair; and what is straight is not disturbed."""
    for ue_port, port, _ in CROSSED:
        sock = bench.socket("ue", ue_port, "udp")
        receiver = Receiver(PCSCF[bench.version], bench.set[port])
        with bench.test(f"UDP {ue_port} to {port}: in-binding"):
            with bench.lab.drops({"in-binding": 1}, bench.set.id):
                sock.sendto(CANARY, (PCSCF[bench.version], bench.set[port]))
            receiver.silent()
        receiver.close()
        sock.close()
        listener = bench.socket("pcscf", port, "tcp")
        listener.listen()
        client = bench.socket("ue", ue_port, "tcp")
        client.settimeout(0.3)
        with bench.test(f"TCP {ue_port} to {port}: in-binding"):
            with bench.lab.drops({"in-binding": 1}, bench.set.id, at_least=True):
                have = errno_of(lambda c=client, p=port: c.connect(
                    (PCSCF[bench.version], bench.set[p])))
            assert have == "TIMEOUT", have
            assert not bench.wire.judged(bench.set), "something was answered"
        client.close()
        listener.close()
    sock = bench.socket("ue", "port_uc", "udp")
    receiver = Receiver(PCSCF[bench.version], PORT_PS)
    with bench.test("port_uc to port_ps arrives"):
        with bench.lab.drops():
            sock.sendto(CANARY, (PCSCF[bench.version], PORT_PS))
        receiver.expect(bench.set.id)
    receiver.close()
    sock.close()


def datagrams(bench, ue_port, port):
    """They come in and are counted; nothing answers on the crossed pair."""
    one, before = bench.set, bench.lab.stats()
    sock = bench.socket("ue", ue_port, "udp")
    receiver = Receiver(PCSCF[bench.version], one[port])
    with bench.test(f"UDP {ue_port} to {port} arrives, with the set's id"):
        with bench.lab.drops():
            sock.sendto(CANARY, (PCSCF[bench.version], one[port]))
        receiver.expect(one.id)
        assert bench.moved(before, "in-crossed") == 1, "in-crossed did not move by 1"
    for mark, reason in ((one.id, "out-mark"), (None, "out-no-set")):
        with bench.test(f"UDP {port} to {ue_port}, mark {'of the set' if mark else 'none'}: "
                        f"ENOKEY, {reason}"):
            with bench.lab.drops({reason: 1}, 0):
                have = errno_of(lambda m=mark: marks.send(
                    receiver.sock, CANARY, (UE[bench.version], one[ue_port]), m))
            assert have == "ENOKEY", have
    receiver.close()
    sock.close()


def connect_out(bench, ue_port, port, when):
    with bench.test(f"TCP {port} to {ue_port}, opened by the P-CSCF {when}: ECONNREFUSED"):
        sock = bench.socket("pcscf", port, "tcp", bench.set.id)
        with bench.lab.drops({"out-mark": 1}, 0):
            have = errno_of(lambda: sock.connect((UE[bench.version], bench.set[ue_port])))
        sock.close()
        assert have == "ECONNREFUSED", have


def connections(bench, ue_port, port, spi):
    """What the UE opens is answered, on the SA of the port that answers."""
    one = bench.set
    connect_out(bench, ue_port, port, "before one came in")
    listener = bench.socket("pcscf", port, "tcp")
    listener.listen()
    client = bench.socket("ue", ue_port, "tcp")
    bench.wire.judged(one)
    with bench.test(f"TCP {ue_port} to {port}: 100 kB each way, answered on {spi}"):
        with bench.lab.drops():
            client.connect((PCSCF[bench.version], one[port]))
            served, _ = listener.accept()
            served.settimeout(5)
            mark = served.getsockopt(socket.SOL_SOCKET, marks.SO_MARK)
            assert mark == one.id, f"accepted with mark {mark}"
            both_ways(client, served, 100000)
        have = bench.wire.judged(one)
        assert set(have) == {one[spi]}, f"SPIs of the answers: {have}"
    for sock in (client, served, listener):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()
    connect_out(bench, ue_port, port, "after one came in")
    bench.wire.judged(one)


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        bench = Bench(ktap, lab, version, 0)
        strict(bench)
        bench.close()
        bench = Bench(ktap, lab, version, RELAXED)
        for ue_port, port, spi in CROSSED:
            connections(bench, ue_port, port, spi)
            datagrams(bench, ue_port, port)
        bench.close()
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
