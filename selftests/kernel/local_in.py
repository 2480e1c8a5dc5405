#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets and rules of local_in.sh, which see."""

import contextlib
import socket
import sys
import threading
import time

import marks
import nft
from lab import (FAMILY, PATIENCE, PCSCF, PORTS_PC, PORT_PS, UE, Ktap, Lab, Receiver, Set,
                 inside, ue_flush)
from life import insmod, rmmod
from nfqueue import NF_DROP, Queue
from traffic import Traffic

LOCAL_IN = 2                        # endpoint-flags
STRANGER = 65534
SIP_TO_PS = f"udp dport {PORT_PS}"
CONTENT = "@th,64,32 0x676d6761"    # "gmga" behind the UDP header
ESP = "meta l4proto esp"


class Bench:
    def __init__(self, ktap, lab, version, flags=LOCAL_IN, label="", **changes):
        self.ktap, self.lab, self.version = ktap, lab, version
        self.label = f"IPv{version}{label}"
        lab.endpoint(version, flags=flags, **changes)
        self.set = Set(lab, version).add()
        self.agent = Receiver(PCSCF[version], PORT_PS)
        self.other = Receiver(PCSCF[version], PORTS_PC[0])

    def test(self, name):
        return self.ktap.test(f"{self.label}: {name}")

    @contextlib.contextmanager
    def delivered(self, count):
        """So many packets are counted as delivered."""
        before = self.lab.stats()
        yield
        have = self.lab.moved(before, drops_only=False).get("in-packets", 0)
        assert have == count, f"{have} counted as delivered, wants {count}"

    def silent(self):
        self.agent.silent()
        self.other.silent()

    def close(self):
        self.agent.close()
        self.other.close()
        self.lab.withdraw(self.version)


def seen(bench):
    """Rules see the SIP, where it came from, and whose it is."""
    one = bench.set
    family = "ip" if bench.version == 4 else "ip6"
    with bench.test("rules see the datagram: port, content, source, mark, untracked"), \
            nft.rules(f"{SIP_TO_PS} counter", f"{CONTENT} counter",
                      f"{SIP_TO_PS} {family} saddr {UE[bench.version]} counter",
                      f"udp dport {PORT_PS} meta mark {one.id} counter",
                      f"{SIP_TO_PS} ct state untracked counter", "ct state invalid counter drop",
                      f"{ESP} counter", f"{ESP} meta mark {one.id} counter"):
        with bench.lab.drops(), bench.delivered(1):
            one.esp()
            bench.agent.expect(one.id)
        have = nft.hits()
        assert have == [1, 1, 1, 1, 1, 0, 1, 0], f"they counted {have}"
    with bench.test("and each packet once, on both pairs"), \
            nft.rules("udp dport { 6100-6104 } counter"):
        with bench.lab.drops(), bench.delivered(8):
            for _ in range(4):
                one.esp(size=1200)
                one.esp("us-pc", size=3000, fragments=1000)
        assert len(bench.agent.heard()) == 4 and len(bench.other.heard()) == 4
        assert nft.hits() == [8], str(nft.hits())
    with bench.test("raw sockets see it as they do without the flag"):
        with inside("pcscf"):
            raw = socket.socket(FAMILY[bench.version], socket.SOCK_RAW, socket.IPPROTO_UDP)
        raw.setblocking(False)
        one.esp()
        bench.agent.expect(one.id)
        assert b"gmgate-canary" in raw.recv(2000)
        raw.close()


def dropped(bench):
    """A rule that drops keeps the packet from the socket, and only that."""
    one = bench.set
    with bench.test("dropped by port: nobody hears, no drop of ours, not counted"), \
            nft.rules(f"{SIP_TO_PS} counter drop"):
        with bench.lab.drops(), bench.delivered(0):
            one.esp()
            bench.silent()
        assert nft.hits() == [1], str(nft.hits())
        with bench.lab.drops(), bench.delivered(1):
            one.esp("us-pc")
            bench.other.expect(one.id)
    with bench.test("dropped by content: other content arrives"), \
            nft.rules(f"{CONTENT} counter drop"):
        one.esp()
        bench.silent()
        one.esp(text="REGISTER sip:")
        assert bench.agent.expect(one.id)[0].startswith(b"REGISTER")
        assert nft.hits() == [1], str(nft.hits())
    with bench.test("the number is used up all the same"), bench.lab.drops({"in-replay": 1}):
        one.esp(seq=one.seq["uc-ps"])
    bench.silent()


def refused(bench):
    """The gate is as closed as without the flag."""
    one = bench.set
    with bench.test("clear text: clear-in"), nft.rules(f"{SIP_TO_PS} counter accept"):
        with bench.lab.drops({"clear-in": 3}, 0):
            one.clear()
            one.clear(transport="tcp")
            one.clear(dport=PORTS_PC[0])
        bench.silent()
        assert nft.hits() == [0], "rules saw it"
    with bench.test("forged ESP: rules see no SIP"), nft.rules(f"{SIP_TO_PS} counter"):
        with bench.lab.drops({"in-icv": 1}, one.id):
            one.esp(seq=900, flip=-1)
        bench.silent()
        assert nft.hits() == [0], "rules saw it"
    bench.agent.close()
    stranger = Receiver(PCSCF[bench.version], PORT_PS, uid=STRANGER, reuse=False)
    with bench.test("a stranger's socket: in-foreign-uid"):
        with bench.lab.drops({"in-foreign-uid": 1}, one.id), bench.delivered(0):
            one.esp()
        stranger.silent()
    stranger.close()
    bench.agent = Receiver(PCSCF[bench.version], PORT_PS)


def changed(bench):
    """What a rule changes undoes the binding to the SA."""
    one = bench.set
    plain = Receiver(PCSCF[bench.version], 5060)
    for name, rule in (("port", "udp dport set 5060"), ("source port", "udp sport set 4711"),
                       ("other protected port", f"udp dport set {PORTS_PC[2]}")):
        with bench.test(f"a rule changes the {name}: in-stale"), nft.rules(rule):
            with bench.lab.drops({"in-stale": 1}, one.id), bench.delivered(0):
                one.esp()
            plain.silent()
            bench.silent()
    plain.close()
    with bench.test("a rule changes the mark: the socket hears the set's id"), \
            nft.rules("udp dport 6100 meta mark set 7"):
        one.esp()
        bench.agent.expect(one.id)


def connection(bench):
    """TCP with the stock kernel, rules that call anything invalid be dropped."""
    one = Set(bench.lab, bench.version, "hmac-sha-1-96/aes-cbc").add().ue_up()
    octets = bytes(range(256)) * 800
    with inside("pcscf"):
        listener = marks.bound(f"{PCSCF[bench.version]},{PORT_PS}", socket.SOCK_STREAM)
    listener.listen()
    listener.settimeout(PATIENCE)
    with inside("ue"):
        client = marks.bound(f"{UE[bench.version]},{one['port_uc']}", socket.SOCK_STREAM)
    client.settimeout(PATIENCE)
    with bench.test("a TCP connection carries 200 kB each way, ct state invalid drop beside it"), \
            nft.rules("ct state invalid counter drop",
                      f"tcp dport {PORT_PS} tcp flags & (syn | ack) == syn counter",
                      f"tcp dport {PORT_PS} counter"), \
            bench.lab.drops():
        client.connect((PCSCF[bench.version], PORT_PS))
        server, _ = listener.accept()
        server.settimeout(PATIENCE)
        mark = server.getsockopt(socket.SOL_SOCKET, marks.SO_MARK)
        assert mark == one.id, f"mark of the connection {mark}, wants {one.id}"
        for sender, taker in ((client, server), (server, client)):
            thread = threading.Thread(target=sender.sendall, args=(octets,))
            thread.start()
            have = b""
            while len(have) < len(octets):
                have += taker.recv(1 << 16)
            thread.join()
            assert have == octets, "other octets came"
        server.close()
        invalid, syns, packets = nft.hits()
        assert (invalid, syns) == (0, 1) and packets > 50, f"rules counted {nft.hits()}"
    client.close()
    listener.close()
    ue_flush()
    one.delete()


def masked(ktap, lab, version):
    """Bits outside of the mask are the rules' to set."""
    bench = Bench(ktap, lab, version, label=", mark-mask 0x00ffff00", mark_mask=0x00ffff00)
    one = bench.set
    for text, want in (("meta mark set meta mark | 0x81000042", one.id << 8 | 0x81000042),
                       ("meta mark set 0xffffffff", one.id << 8 | 0xff0000ff)):
        with bench.test(text), nft.rules(f"{SIP_TO_PS} {text}"):
            one.esp()
            bench.agent.expect(want)
    bench.close()


def without_flag(ktap, lab, version):
    bench = Bench(ktap, lab, version, flags=0, label=" without the flag")
    with bench.test("rules see ESP and nothing else; what they would drop arrives"), \
            nft.rules(f"{SIP_TO_PS} counter drop", f"{CONTENT} counter drop",
                      f"meta mark {bench.set.id} counter drop", f"{ESP} counter"):
        bench.set.esp()
        bench.agent.expect(bench.set.id)
        assert nft.hits() == [0, 0, 0, 1], str(nft.hits())
    bench.close()


def held(bench, queue):
    """NFQUEUE holds decrypted packets."""
    one = bench.set

    def hold(count=3):
        for _ in range(count):
            one.esp()
        queue.wait(count)
        bench.silent()

    with nft.rules(f"{SIP_TO_PS} queue num 8"):
        with bench.test("NFQUEUE, accepted: they arrive"):
            hold()
            with bench.lab.drops(), bench.delivered(3):
                queue.accept()
                have = [mark for _, _, mark in bench.agent.heard()]
                assert have == [one.id] * 3, f"marks {have}"
        with bench.test("NFQUEUE, dropped"):
            hold()
            with bench.lab.drops(), bench.delivered(0):
                queue.verdict(NF_DROP)
            bench.silent()
        with bench.test("NFQUEUE gives the mark of no set: in-stale"):
            hold()
            with bench.lab.drops({"in-stale": 3}, 0), bench.delivered(0):
                queue.verdict(1, mark=0x7ffffff0)
            bench.silent()
        with bench.test("NFQUEUE gives the mark of another UE's set: in-stale"):
            other = Set(bench.lab, bench.version).add()
            hold(1)
            with bench.lab.drops({"in-stale": 1}), bench.delivered(0):
                queue.verdict(1, mark=other.id)
            bench.silent()
            other.delete()
        with bench.test("NFQUEUE changes the port: in-stale"):
            plain = Receiver(PCSCF[bench.version], 5060)
            hold(1)
            octets = bytearray(queue.packets[0])
            head = 20 if bench.version == 4 else 40
            octets[head + 2:head + 4] = (5060).to_bytes(2, "big")
            with bench.lab.drops({"in-stale": 1}), bench.delivered(0):
                queue.verdict(1, payload=bytes(octets))
            plain.silent()
            plain.close()
        with bench.test("NFQUEUE cuts it in the UDP header: in-stale"):
            hold(1)
            with bench.lab.drops({"in-stale": 1}), bench.delivered(0):
                queue.verdict(1, payload=bytes(octets[:head + 6]))
            bench.silent()
        stranger_came(bench, queue, hold)
        with bench.test("NFQUEUE, set deleted meanwhile: in-stale"):
            hold()
            one.delete()
            with bench.lab.drops({"in-stale": 3}, 0), bench.delivered(0):
                queue.accept()
            bench.silent()
            one.add()
        with bench.test("NFQUEUE, endpoint withdrawn meanwhile, another left: nobody hears"):
            bench.lab.endpoint(10 - bench.version)
            hold()
            bench.lab.withdraw(bench.version)
            with bench.lab.drops(), bench.delivered(0):
                queue.accept()
            bench.silent()
            bench.lab.endpoint(bench.version, flags=LOCAL_IN)
            bench.lab.withdraw(10 - bench.version)
            one.add()
        with bench.test("NFQUEUE, the last endpoint withdrawn: the kernel drops them"):
            hold()
            bench.lab.withdraw(bench.version)
            with bench.lab.drops(), bench.delivered(0):
                queue.accept()
            bench.silent()
            bench.lab.endpoint(bench.version, flags=LOCAL_IN)
            one.add()
        with bench.test("and what comes afterwards arrives again"):
            hold()
            queue.accept()
            assert len(bench.agent.heard()) == 3


def stranger_came(bench, queue, hold):
    with bench.test("NFQUEUE, a stranger's socket came meanwhile: in-foreign-uid"):
        hold(1)
        bench.agent.close()
        stranger = Receiver(PCSCF[bench.version], PORT_PS, uid=STRANGER, reuse=False)
        with bench.lab.drops({"in-foreign-uid": 1}, bench.set.id):
            queue.accept()
        stranger.silent()
        stranger.close()
        bench.agent = Receiver(PCSCF[bench.version], PORT_PS)


def unloaded(ktap, lab, queue):
    """The module goes while NFQUEUE has packets whose way on leads into it."""
    with nft.rules(f"{SIP_TO_PS} queue num 8"):
        lab.endpoint(4, flags=LOCAL_IN)
        one = Set(lab).add()
        with ktap.test("NFQUEUE, module unloaded meanwhile: nobody hears"):
            agent = Receiver(PCSCF[4], PORT_PS)
            for _ in range(5):
                one.esp()
            queue.wait(5)
            lab.withdraw(4)
            why = rmmod()
            assert not why, why
            queue.accept()
            agent.silent()
            agent.close()
            lab = insmod()
    with nft.rules("udp dport { 6100-6104 } queue num 8 bypass"):
        for number in range(4):
            with ktap.test(f"withdrawn and unloaded under traffic that NFQUEUE passes, "
                           f"{number + 1}"):
                lab.endpoint(4, flags=LOCAL_IN)
                one.lab = lab
                one.add()
                with verdicts(queue), Traffic([(one, "uc-ps")]):
                    time.sleep(0.1)
                    lab.withdraw(4)
                    why = rmmod()
                    assert not why, why
                lab = insmod()
    return lab


@contextlib.contextmanager
def verdicts(queue):
    """Accepts whatever comes, until the end."""
    stop = []

    def work():
        queue.sock.settimeout(0.05)
        while not stop:
            with contextlib.suppress(OSError):
                queue.wait(1)
            queue.accept()
        queue.sock.settimeout(PATIENCE)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.append(True)
        thread.join()


def main():
    ktap, lab = Ktap(), Lab()
    why = nft.possible()
    if why:
        print(f"1..0 # SKIP no nftables here: {why}")
        return 4
    queue = Queue(8)
    for version in (4, 6):
        bench = Bench(ktap, lab, version)
        for group in (seen, dropped, refused, changed, connection):
            group(bench)
        held(bench, queue)
        bench.close()
        masked(ktap, lab, version)
        without_flag(ktap, lab, version)
    unloaded(ktap, lab, queue)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
