#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets and the strangers of gate.sh, which see."""

import socket
import sys
import time

import craft
import marks
from lab import (CANARY, FAMILY, PATIENCE, PCSCF, PORTS_PC, PORT_PS, PROTECTED, UE, Ktap, Lab,
                 Receiver, Set, Sniffer, as_user, errno_of, inside, ip_facts, run, wait_until)

STRANGER = 65534
OPEN_PORT = 5060        # of the P-CSCF, not protected


class Gate:
    """What each test needs: one set, the wire, and the check that it is silent."""

    def __init__(self, ktap, lab, version):
        self.ktap, self.lab, self.version = ktap, lab, version
        self.set = Set(lab, version)
        self.wire = Sniffer("pcscf", "gm0")
        self.ue, self.pcscf = UE[version], PCSCF[version]
        self.state = ""

    def test(self, name):
        return self.ktap.test(f"IPv{self.version}{self.state}: {name}")

    def leaked(self):
        """Frames that left the P-CSCF and show a protected port or its data."""
        out = []
        for _, frame in self.wire.frames("out"):
            if frame[12:14] not in (b"\x08\x00", b"\x86\xdd"):
                continue
            _, proto, source, port = ip_facts(frame[14:])
            if source == self.pcscf and (port in PROTECTED or
                                         (proto != 50 and CANARY in frame)):
                out.append(frame)
        return out

    def silent(self):
        leaked = self.leaked()
        assert not leaked, f"{len(leaked)} frames in clear: {leaked[0].hex()}"

    def close(self):
        self.wire.close()


def clear_in(gate, receivers):
    """Clear text to every protected port, in every wrapping."""
    def refused(name, reason="clear-in", **changes):
        with gate.test(f"clear in, {name}: {reason}"):
            with gate.lab.drops({reason: 1}, 0):
                gate.set.clear(**changes)
            for receiver in receivers:
                receiver.silent()
            gate.silent()

    for port in PROTECTED:
        refused(f"UDP to {port}", dport=port)
    for flags in ("S", "PA", "R", "SA", "F"):
        refused(f"TCP {flags}", transport="tcp", flags=flags)
    refused("from an unknown port", sport=9999)
    refused("in fragments", size=1000, fragments=400)
    refused("in fragments, last first", size=1000, fragments=400, order="reverse")
    refused("in fragments of 8 octets, TCP", transport="tcp", size=4, fragments=8)
    refused("transport header truncated", "clear-in-unparsable", cut=13 + 8, size=0, text="x" * 16)
    if gate.version == 6:
        for extension in ("destopts", "routing", "atomic"):
            refused(f"behind {extension}", extension=extension)
        refused("behind headers without end", "clear-in-unparsable", extension="endless")
        refused("fragments behind the first", size=1400, fragments=1024, order="in")


def half_a_datagram(gate):
    """The ICMP error about a datagram that never became whole would quote it."""
    if gate.version == 4:
        run("pcscf", "sysctl", "-qw", "net.ipv4.ipfrag_time=1")
    else:
        run("pcscf", "sysctl", "-qw", "net.ipv6.ip6frag_time=1")
    with gate.test("first fragment alone, and the time runs out"):
        before = gate.lab.stats()
        gate.set.clear(size=1000, fragments=400, order="first")
        if gate.version == 4:
            wait_until("its time does not run out", lambda: gate.lab.moved(before))
        else:
            time.sleep(2.5)
        moved = gate.lab.moved(before)
        assert set(moved) <= {"icmp-out"}, f"drops moved {moved}"
        assert gate.version == 6 or moved == {"icmp-out": 1}, f"drops moved {moved}"
        gate.silent()


def clear_in_twin(gate):
    """What is not protected arrives."""
    receiver = Receiver(gate.pcscf, OPEN_PORT)
    with gate.test("clear text to an unprotected port arrives"):
        with gate.lab.drops():
            gate.set.clear(dport=OPEN_PORT)
        receiver.expect()
    with gate.test("and in fragments"):
        with gate.lab.drops():
            gate.set.clear(dport=OPEN_PORT, size=1000, fragments=400)
        receiver.expect()
    receiver.close()
    with gate.test("a protected port of this host's other address is not protected"):
        addr = "192.0.2.1" if gate.version == 4 else "fd00:2::1"
        receiver = Receiver(addr, PORT_PS)
        with inside("core"):
            sock = socket.socket(FAMILY[gate.version], socket.SOCK_DGRAM)
        with gate.lab.drops():
            sock.sendto(CANARY, (addr, PORT_PS))
        receiver.expect()
        receiver.close()
        sock.close()
    with gate.test("the host itself sends clear text to the port: clear-in"):
        receiver = Receiver(gate.pcscf, PORT_PS)
        with inside("pcscf"):
            sock = socket.socket(FAMILY[gate.version], socket.SOCK_DGRAM)
        with gate.lab.drops({"clear-in": 1}, 0):
            sock.sendto(CANARY, (gate.pcscf, PORT_PS))
        receiver.silent()
        receiver.close()
        sock.close()


def sends(gate, kind, port, connect=False, mark=None, size=60, uid=0):
    """Open a socket at a port of the P-CSCF and send; the error's name or "sent"."""
    target = (gate.ue, gate.set["port_us"])

    def action():
        with inside("pcscf"):
            sock = as_user(uid, lambda: marks.bound(f"{gate.pcscf},{port}", kind, mark))
        with sock:
            sock.settimeout(PATIENCE)
            if kind == socket.SOCK_STREAM:
                sock.connect(target)
            elif connect:
                sock.connect(target)
                sock.send(CANARY + bytes(size))
            else:
                marks.fragment(sock)
                sock.sendto(CANARY + bytes(size), target)
    return errno_of(action)


# Field note 30: nothing leaves for a UE but by a set.
def clear_out(gate):
    """No set: the sender is told, and the wire sees nothing."""
    def refused(name, want, reason, kind=socket.SOCK_DGRAM, port=PORTS_PC[0], **how):
        with gate.test(f"clear out, {name}: {want}"):
            started = time.monotonic()
            with gate.lab.drops({reason: 1}, 0):
                have = sends(gate, kind, port, **how)
                took = time.monotonic() - started
            assert have == want, f"{have}, wants {want}"
            assert took < 1, f"after {took:.1f} s"
            gate.silent()

    for port in PROTECTED:
        refused(f"datagram from {port}", "ENOKEY", "out-no-set", port=port)
    refused("connected datagram socket", "ENOKEY", "out-no-set", connect=True)
    refused("datagram of three fragments", "ENOKEY", "out-no-set", size=4000)
    refused("with the mark of no set", "ENOKEY", "out-mark", mark=0x7ffffff0)
    refused("connect", "ECONNREFUSED", "out-no-set", socket.SOCK_STREAM)
    refused("connect with the mark of no set", "ECONNREFUSED", "out-mark", socket.SOCK_STREAM,
            mark=0x7ffffff0)
    receiver = Receiver(gate.ue, gate.set["port_us"], "ue")
    with gate.test("a datagram from an unprotected port leaves"):
        with gate.lab.drops():
            assert sends(gate, socket.SOCK_DGRAM, OPEN_PORT) == "sent"
        receiver.expect()
        gate.leaked()
    receiver.close()


def raw_out(gate):
    """A program that writes IP headers itself."""
    def packet(**changes):
        args = craft.arguments(["clear", "-", "--sa", "pc-us"])
        for name, value in changes.items():
            setattr(args, name, value)
        return next(craft.clear(args, gate.set.facts))

    def refused(name, packets, reason):
        with gate.test(f"raw socket, {name}: {reason or 'held back'}"):
            with inside("pcscf"):
                sock = socket.socket(FAMILY[gate.version], socket.SOCK_RAW, socket.IPPROTO_RAW)
            with gate.lab.drops({reason: 1} if reason else {}, 0):
                have = [errno_of(lambda p=p: sock.sendto(p, (gate.ue, 0))) for p in packets]
            sock.close()
            assert not reason or have[-1] != "sent", "it was sent"
            gate.silent()

    refused("whole datagram", [packet()], "out-no-set")
    refused("TCP", [packet(transport="tcp")], "out-no-set")
    refused("transport header truncated", [packet(cut=21, size=0, text="x" * 16)],
            "out-unparsable")
    pieces = craft.pieces(packet(size=1000), 400)
    if gate.version == 4:
        refused("first fragment", pieces[:1], "out-unparsable")
        refused("a later fragment", pieces[1:2], "out-unparsable")
    else:       # they are put together again before the gate looks
        refused("first fragment", pieces[:1], None)
        refused("and the others", pieces[1:], "out-no-set")


def icmp_out(gate):
    """Nobody listens, and the stack would say so with the octets it decrypted."""
    one = gate.set
    with gate.test("port unreachable with decrypted SIP: icmp-out"):
        with gate.lab.drops({"icmp-out": 1}, 0):
            one.esp()
        gate.silent()
    with gate.test("RST of a connection nobody listens to leaves in ESP"):
        before = gate.lab.stats()
        with gate.lab.drops():
            one.esp(transport="tcp")
        moved = gate.lab.moved(before, drops_only=False)
        assert moved.get("out-packets") == 1, f"counters moved {moved}"
        gate.silent()
    with gate.test("port unreachable of an unprotected port leaves"):
        with gate.lab.drops():
            one.clear(dport=OPEN_PORT)
        assert gate.leaked(), "no ICMP error came"


def icmp_in(gate):
    """Errors that quote clear text are forged; the socket must not hear of them."""
    one = gate.set
    agent = Receiver(gate.pcscf, PORTS_PC[0], connect=(gate.ue, one["port_us"]))

    def forged(name, want, **changes):
        with gate.test(f"ICMP error, {name}: {'icmp-in' if want else 'no drop'}"):
            with gate.lab.drops({"icmp-in": 1} if want else {}, 0):
                one.icmp(**changes)
            agent.silent()

    forged("unreachable", True)
    forged("too big", True, mtu=1280)
    forged("about TCP", True, transport="tcp")
    forged("about port_ps", True, quote_sa="ps-uc")
    forged("about a packet to a protected port", True, quote_sa="uc-ps")
    if gate.version == 4:
        forged("that quotes the ports only", True, quote_size=24)
    forged("that quotes ESP", False, quote="esp", mtu=1280)
    agent.close()
    other = Receiver(gate.pcscf, OPEN_PORT, connect=(gate.ue, one["port_us"]))
    with gate.test("ICMP error about an unprotected port arrives"):
        with gate.lab.drops():
            one.icmp(sport=OPEN_PORT)
        have = other.heard()
        assert have and have[0][0] == b"ECONNREFUSED", f"{have}"
    other.close()


def strangers_in(gate):
    """A process of another user gets nothing that ESP protects."""
    one, lab = gate.set, gate.lab

    def refused(name, stranger, **changes):
        with gate.test(f"stranger, {name}: in-foreign-uid"):
            with lab.drops({"in-foreign-uid": 1}, one.id):
                one.esp(**changes)
            stranger.silent()
            gate.silent()

    wild = "0.0.0.0" if gate.version == 4 else "::"
    for name, addr in (("bound before the agent", gate.pcscf), ("bound to all", wild)):
        stranger = Receiver(addr, PORT_PS, uid=STRANGER, reuse=False)
        refused(name, stranger)
        with gate.test(f"stranger, {name}: gets no clear text either"):
            with lab.drops({"clear-in": 1}, 0):
                one.clear()
            stranger.silent()
        stranger.close()
    agent = Receiver(gate.pcscf, PORT_PS)
    with gate.test("the agent hears"):
        with lab.drops():
            one.esp()
        agent.expect(one.id)
    stranger = Receiver(gate.pcscf, PORT_PS, uid=STRANGER, connect=(gate.ue, one["port_uc"]))
    refused("connected to the UE, beside the agent", stranger)
    agent.silent()
    stranger.close()
    # Another user cannot join the agent's reuseport group, but may stand beside it.
    with inside("pcscf"):
        beside = as_user(STRANGER, lambda: socket.socket(FAMILY[gate.version],
                                                         socket.SOCK_DGRAM))
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        beside.setsockopt(socket.SOL_SOCKET, option, 1)
        agent.sock.setsockopt(socket.SOL_SOCKET, option, 1)
    beside.bind((gate.pcscf, PORT_PS))
    beside.setblocking(False)
    with gate.test("stranger, shares the port with the agent: never hears"):
        before = lab.stats()
        for _ in range(8):
            one.esp()
        heard = len(agent.heard())
        refused_count = lab.moved(before).get("in-foreign-uid", 0)
        assert heard + refused_count == 8, f"{heard} heard, {refused_count} refused"
        assert errno_of(lambda: beside.recv(2000)) == "EAGAIN", "the stranger heard"
        gate.silent()
    beside.close()
    with gate.test("the agent hears again when it has gone"):
        with lab.drops():
            one.esp()
        agent.expect(one.id)
    agent.close()
    with inside("pcscf"):
        listener = as_user(STRANGER, lambda: marks.bound(f"{gate.pcscf},{PORT_PS}",
                                                         socket.SOCK_STREAM))
    listener.listen()
    listener.setblocking(False)
    with gate.test("stranger, listens on TCP: in-foreign-uid"):
        before = lab.stats()
        with lab.drops({"in-foreign-uid": 1}, one.id):
            one.esp(transport="tcp")
        assert "out-packets" not in lab.moved(before, drops_only=False), "something answered"
        gate.silent()
    listener.close()


def strangers_out(gate):
    """With a set on the flow: the stranger is still not the endpoint's user."""
    for kind, want in ((socket.SOCK_DGRAM, "EPERM"), (socket.SOCK_STREAM, "ECONNREFUSED")):
        name = "datagram" if kind == socket.SOCK_DGRAM else "connect"
        with gate.test(f"stranger sends, {name}: {want}"):
            before = gate.lab.stats()
            with gate.lab.drops({"out-foreign-uid": 1}, 0):
                have = sends(gate, kind, PORTS_PC[0], uid=STRANGER)
            assert have == want, f"{have}, wants {want}"
            assert "out-packets" not in gate.lab.moved(before, drops_only=False), "it was sent"
            gate.silent()
    with gate.test("the endpoint's user sends"):
        before = gate.lab.stats()
        with gate.lab.drops():
            have = sends(gate, socket.SOCK_DGRAM, PORTS_PC[0], mark=gate.set.id)
        assert have == "sent", have
        assert gate.lab.moved(before, drops_only=False).get("out-packets") == 1
        gate.silent()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
    for version in (4, 6):
        gate = Gate(ktap, lab, version)
        for state in (", nobody listens", ", agent listens"):
            gate.state = state
            receivers = []
            if "agent" in state:
                receivers = [Receiver(gate.pcscf, port) for port in PROTECTED]
            clear_in(gate, receivers)
            for receiver in receivers:
                receiver.close()
        gate.state = ""
        half_a_datagram(gate)
        clear_in_twin(gate)
        clear_out(gate)
        raw_out(gate)
        gate.set.add()
        gate.state = ", with a set"
        clear_in(gate, [])
        icmp_out(gate)
        icmp_in(gate)
        strangers_in(gate)
        strangers_out(gate)
        gate.close()
        lab.withdraw(version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
