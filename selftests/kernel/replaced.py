#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The reboots of replaced.sh, which see."""

import socket
import sys
import threading
import time

import marks
from lab import (CANARY, KIND, PATIENCE, PCSCF, PORT_PS, UE, Ends, Ktap, Lab, Receiver, Set,
                 both_ways, errno_of, inside, settle, ue_flush, wait_until)
from wire import Wire

TCP_REPAIR = 19


class Bench:
    def __init__(self, ktap, lab, version):
        self.ktap, self.lab, self.version = ktap, lab, version
        self.wire = Wire(version)

    def test(self, name):
        return self.ktap.test(f"IPv{self.version}: {name}")

    def in_use(self):
        return Set(self.lab, self.version).add().ue_up()

    def reborn(self, old):
        """The same UE with the same ports, after its reboot."""
        new = Set(self.lab, self.version, "hmac-md5-96/null", **{
            port: old[port] for port in ("port_uc", "port_us", "port_pc")})
        new.add("temporary")
        ue_flush()
        return new.ue_up()

    def socket(self, side, port, one, kind, mark=None):
        where = UE if side == "ue" else PCSCF
        with inside(side):
            return marks.bound(f"{where[self.version]},{one[port]}", KIND[kind], mark)

    def close(self):
        self.wire.close()


class Sender:
    """The P-CSCF sends to port_us without a mark, all the time."""

    def __init__(self, bench, one):
        self.sock = bench.socket("pcscf", "port_pc", one, "udp")
        self.to, self.stop, self.said = (UE[bench.version], one["port_us"]), False, {}
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stop:
            word = errno_of(lambda: self.sock.sendto(CANARY, self.to))
            self.said[word] = self.said.get(word, 0) + 1
            time.sleep(0.0005)

    def __enter__(self):
        self.thread.start()
        self.more()
        return self

    def more(self):
        """Who was in the middle of sending has ended, and some more have gone since."""
        before = sum(self.said.values())
        wait_until("it does not send", lambda: sum(self.said.values()) > before + 10)

    def __exit__(self, *_):
        self.stop = True
        self.thread.join()
        self.sock.close()


def datagrams(bench):
    old = bench.in_use()
    agent = Receiver(PCSCF[bench.version], PORT_PS)
    client = bench.socket("ue", "port_uc", old, "udp")
    to = PCSCF[bench.version], PORT_PS
    client.sendto(b"old", to)
    agent.expect(old.id)
    bench.wire.take()
    with Sender(bench, old) as sender:
        with bench.test("UDP, before: all of it on the old set"):
            have = bench.wire.judged(old)
            assert set(have) == {old["spi_us"]}, str(have)
        new = bench.reborn(old)
        with bench.test("UDP, TEMP beside it, the UE silent: still the old set"):
            bench.wire.judged(old)
            sender.more()
            have = bench.wire.judged(old, new)
            assert set(have) == {old["spi_us"]}, str(have)
        with bench.test("UDP, the UE's first packet under the new keys: the answers follow"):
            client.sendto(b"new", to)
            agent.expect(new.id)
            sender.more()
            bench.wire.judged(old, new)
            sender.more()
            have = bench.wire.judged(old, new)
            assert set(have) == {new["spi_us"]}, str(have)
        with bench.test("UDP, promoted, the old one deleted: nothing refused, nothing in clear"):
            new.change(state="established")
            old.delete()
            sender.more()
            have = bench.wire.judged(new)
            assert set(have) == {new["spi_us"]}, str(have)
            assert set(sender.said) <= {"sent", "ENOBUFS"}, str(sender.said)
    with bench.test("UDP, the deleted set's mark: ENOKEY"):
        sock = bench.socket("pcscf", "port_pc", new, "udp")
        with bench.lab.drops({"out-mark": 1}, 0):
            have = errno_of(lambda: marks.send(sock, CANARY, (UE[bench.version], new["port_us"]),
                                               old.id))
        sock.close()
        assert have == "ENOKEY", have
    for sock in (agent, client):
        sock.close()
    ue_flush()
    new.delete()


def forget(sock):
    """The socket is gone as in a reboot: no FIN, no RST."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    sock.close()


def listening(bench, one):
    sock = bench.socket("pcscf", "port_ps", one, "tcp")
    sock.listen()
    sock.settimeout(PATIENCE)
    return sock


def connect(bench, one, listener):
    client = bench.socket("ue", "port_uc", one, "tcp")
    client.settimeout(PATIENCE)
    client.connect((PCSCF[bench.version], PORT_PS))
    served, _ = listener.accept()
    served.settimeout(PATIENCE)
    return client, served


def opened_by_ue(bench):
    old = bench.in_use()
    listener = listening(bench, old)
    client, served = connect(bench, old, listener)
    both_ways(client, served, 1000)
    with bench.test("TCP, a segment of another set for a connection: in-other-set"):
        other = Set(bench.lab, bench.version, **{
            port: old[port] for port in ("port_uc", "port_us", "port_pc")}).add("temporary")
        with bench.lab.drops({"in-other-set": 2}, other.id):
            other.esp(transport="tcp", flags="PA")
            other.esp(transport="tcp", flags="R")
        other.delete()
        both_ways(client, served, 1000)
    ue_flush()
    forget(client)
    new = bench.reborn(old)
    bench.wire.take()
    with bench.test("TCP, the rebooted UE connects on the same ports, on the new set"):
        client, again = connect(bench, new, listener)
        mark = again.getsockopt(socket.SOL_SOCKET, marks.SO_MARK)
        assert mark == new.id, f"accepted with mark {mark}, not {new.id}"
        both_ways(client, again, 50000)
    with bench.test("TCP, nothing left on the old set, nothing in clear"):
        have = bench.wire.judged(old, new)
        assert set(have) == {new["spi_uc"]}, str(have)
    with bench.test("TCP, the owner of the old connection reads ECONNRESET"):
        have = errno_of(lambda: served.recv(1))
        assert have == "ECONNRESET", have
    with bench.test("TCP, the old set is deleted: the new connection goes on"):
        new.change(state="established")
        old.delete()
        with bench.lab.drops():
            both_ways(client, again, 50000)
        assert set(bench.wire.judged(new)) == {new["spi_uc"]}
    for sock in (client, again, served, listener):
        sock.close()
    settle()            # the last words are under the keys yet
    ue_flush()
    new.delete()


def half_open(bench):
    """The reboot comes between SYN ACK and ACK."""
    old = bench.in_use()
    listener = listening(bench, old)
    ue_flush()
    old.esp(transport="tcp")            # a SYN that nobody will complete
    new = bench.reborn(old)
    bench.wire.take()
    with bench.test("TCP, half open on the old set: the UE connects on the new one"):
        client, served = connect(bench, new, listener)
        mark = served.getsockopt(socket.SOL_SOCKET, marks.SO_MARK)
        assert mark == new.id, f"accepted with mark {mark}, not {new.id}"
        both_ways(client, served, 1000)
    for sock in (client, served, listener):
        sock.close()
    settle()            # the last words are under the keys yet
    ue_flush()
    new.delete()
    old.delete()


# Field note 31: the same address and ports on the next set.
def opened_by_pcscf(bench):
    """What the agent still has open dies with its set, and shows nothing."""
    old = bench.in_use()
    ends = Ends(old, "pcscf")
    ends.both_ways(1000)
    ue_flush()          # first: what the P-CSCF repeats would be answered by a RST
    forget(ends.accepted)
    new = bench.reborn(old)
    bench.wire.take()
    with bench.test("TCP of the P-CSCF, the UE rebooted: its segments stay on the old set"):
        ends.opened.send(CANARY)
        have = bench.wire.judged(old, new)
        assert set(have) == {old["spi_us"]}, str(have)
    with bench.test("TCP of the P-CSCF, the old set deleted: what it repeats is out-mark"):
        old.delete()
        bench.wire.take()
        before = bench.lab.stats()
        wait_until("nothing was repeated", lambda: bench.lab.moved(before).get("out-mark"))
        assert not bench.wire.judged(new), "something left"
    with bench.test("TCP of the P-CSCF, connected anew with the new mark: 50 kB each way"):
        ends.opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        ends.opened.close()
        again = Ends(new, "pcscf")
        again.both_ways(50000)
        assert set(bench.wire.judged(new)) == {new["spi_us"]}
        again.close()
    settle()            # the last words are under the keys yet
    ue_flush()
    new.delete()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        bench = Bench(ktap, lab, version)
        datagrams(bench)
        opened_by_ue(bench)
        half_open(bench)
        opened_by_pcscf(bench)
        bench.close()
        lab.withdraw(version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
