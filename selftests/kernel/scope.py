#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The P-CSCFs and UEs of scope.sh, which see."""

import socket
import sys

import craft
import marks
from lab import (CANARY, PATIENCE, PCSCF, PORTS_PC, PORT_PS, PROTECTED, SPI_MIN, UE, Ktap, Lab,
                 Receiver, Set, Sniffer, as_user, errno_of, inside, ip_facts, refused_with,
                 run, settle, ue_flush)

PORT_UC, PORT_US = 41000, 51000
SPIS = {"spi_uc": 0x2000, "spi_us": 0x3000, "spi_pc": SPI_MIN + 1, "spi_ps": SPI_MIN + 2}
STRANGER = 65534


class Place:
    """One P-CSCF with its UE: where packets of its endpoint are."""

    def __init__(self, name, ue, dev, bind=None, scope=None, ns="pcscf"):
        self.name, self.ue, self.ns, self.dev, self.bind = name, ue, ns, dev, bind
        self.lab = Lab(ns, dev)
        self.ifindex = self.index(scope) if scope else None
        self.set = None

    def index(self, dev):
        with inside(self.ns):
            return socket.if_nametoindex(dev)

    def up(self, version):
        scope = {"ifindex": self.ifindex} if self.ifindex else {}
        self.lab.endpoint(version, **scope)
        self.install(version)
        self.set.ue_up()

    def install(self, version):
        self.set = Set(self.lab, version, ns=self.ue, mac=self.lab.mac, port_uc=PORT_UC,
                       port_us=PORT_US, **SPIS).add()

    def down(self, version):
        ue_flush(self.ue)
        self.lab.withdraw(version)

    def receiver(self, version, port, **how):
        return Receiver(PCSCF[version], port, self.ns, dev=self.bind, **how)

    def bound(self, version, port, kind=socket.SOCK_DGRAM, mark=None, uid=0):
        with inside(self.ns):
            return as_user(uid, lambda: marks.bound(f"{PCSCF[version]},{port}", kind, mark,
                                                    dev=self.bind))

    def ue_socket(self, version, port, kind=socket.SOCK_DGRAM):
        with inside(self.ue):
            return marks.bound(f"{UE[version]},{port}", kind)


class World:
    """All places at once, with a receiver in each: one hears, the others do not."""

    def __init__(self, ktap, places, version):
        self.ktap, self.places, self.version = ktap, places, version
        for place in places:
            place.up(version)
        self.wires = {p: Sniffer(p.ns, p.dev) for p in places}

    def test(self, name):
        return self.ktap.test(f"IPv{self.version}: {name}")

    def only(self, receivers, place, mark=None):
        data, _, _ = receivers[place].expect(mark)
        for other, receiver in receivers.items():
            if other is not place:
                receiver.silent()
        return data

    def clear_out(self, place):
        """Frames from this P-CSCF that show a protected port."""
        seen = []
        for _, frame in self.wires[place].frames("out"):
            if frame[12:14] not in (b"\x08\x00", b"\x86\xdd"):
                continue
            _, proto, source, port = ip_facts(frame[14:])
            if source == PCSCF[self.version] and (port in PROTECTED or
                                                  (proto != 50 and CANARY in frame)):
                seen.append(frame)
        return seen

    def silent(self):
        for place in self.places:
            assert not self.clear_out(place), f"clear text left by {place.dev}"

    def close(self):
        for place in self.places:
            place.down(self.version)
            self.wires[place].close()


def udp(world):
    """Datagrams of the stock UEs, each on its own keys, land in their own place."""
    version = world.version
    servers = {p: p.receiver(version, PORT_PS) for p in world.places}
    clients = {p: p.ue_socket(version, PORT_UC) for p in world.places}
    ues = {p: Receiver(UE[version], PORT_US, p.ue) for p in world.places}
    for place in world.places:
        with world.test(f"UDP in, {place.name}: to its own socket, with its set's id"):
            with place.lab.drops():
                clients[place].sendto(CANARY + place.name.encode(), (PCSCF[version], PORT_PS))
            data = world.only(servers, place, place.set.id)
            assert data == CANARY + place.name.encode(), "other octets"
        for mark in (None, place.set.id):
            with world.test(f"UDP out, {place.name}, {'marked' if mark else 'unmarked'}: "
                            "to its own UE"):
                sock = place.bound(version, PORTS_PC[0])
                with place.lab.drops():
                    marks.send(sock, CANARY, (UE[version], PORT_US), mark)
                sock.close()
                world.only(ues, place)
        with world.test(f"UDP out, {place.name}, 4000 octets: to its own UE"):
            sock = place.bound(version, PORTS_PC[0])
            marks.fragment(sock)
            with place.lab.drops():
                marks.send(sock, CANARY + bytes(4000), (UE[version], PORT_US))
            sock.close()
            assert len(world.only(ues, place)) == len(CANARY) + 4000, "cut short"
        with world.test(f"UDP out, {place.name}, another place's mark: ENOKEY"):
            other = next(p for p in world.places if p.ns == place.ns and p is not place) \
                if place.ns == "pcscf" else world.places[0]
            sock = place.bound(version, PORTS_PC[0])
            with place.lab.drops({"out-mark": 1}, 0):
                have = errno_of(lambda s=sock, o=other: marks.send(
                    s, CANARY, (UE[version], PORT_US), o.set.id))
            sock.close()
            assert have == "ENOKEY", have
            for receiver in ues.values():
                receiver.silent()
    with world.test("no clear text left in any place"):
        world.silent()
    for sock in (*servers.values(), *ues.values(), *clients.values()):
        sock.close()


def echo(near, far, size=20000):
    """Octets both ways over a fresh connection."""
    near.settimeout(PATIENCE)
    far.settimeout(PATIENCE)
    for one, two in ((near, far), (far, near)):
        sent = bytes(i * 7 & 255 for i in range(size))
        one.sendall(sent)
        have = b""
        while len(have) < size:
            piece = two.recv(65536)
            assert piece, "closed early"
            have += piece
        assert have == sent, "other octets"


def tcp(world):
    """Connections opened by the UE and by the P-CSCF, in each place at once."""
    version = world.version
    for opener in ("ue", "p-cscf"):
        live = []
        for place in world.places:
            with world.test(f"TCP opened by the {opener}, {place.name}"):
                moved = place.lab.stats()
                if opener == "ue":
                    listener = place.bound(version, PORT_PS, socket.SOCK_STREAM)
                    client = place.ue_socket(version, PORT_UC, socket.SOCK_STREAM)
                    to = (PCSCF[version], PORT_PS)
                else:
                    listener = place.ue_socket(version, PORT_US, socket.SOCK_STREAM)
                    client = place.bound(version, PORTS_PC[0], socket.SOCK_STREAM,
                                          place.set.id)
                    to = (UE[version], PORT_US)
                listener.listen()
                listener.settimeout(PATIENCE)
                client.settimeout(PATIENCE)
                client.connect(to)
                served, _ = listener.accept()
                live += [listener, client, served]
                if opener == "ue":
                    mark = served.getsockopt(socket.SOL_SOCKET, marks.SO_MARK)
                    assert mark == place.set.id, f"mark {mark}, not {place.set.id}"
                echo(client, served)
                assert not place.lab.moved(moved), str(place.lab.moved(moved))
        with world.test(f"all connections opened by the {opener} still work side by side"):
            for client, served in zip(live[1::3], live[2::3]):
                echo(client, served, 100)
            world.silent()
        for sock in live:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.close()
        settle()


def gate(world):
    """Each place is closed for itself."""
    version = world.version
    for place in world.places:
        receiver = place.receiver(version, PORT_PS)
        with world.test(f"clear text in, {place.name}: clear-in"):
            with place.lab.drops({"clear-in": 2}, 0):
                place.set.clear()
                place.set.clear(size=1000, fragments=400)
            receiver.silent()
        receiver.close()
        with world.test(f"clear text out, {place.name}: ENOKEY and ECONNREFUSED"):
            with place.lab.drops({"out-no-set": 2}, 0):
                with place.bound(version, PORTS_PC[1]) as sock:
                    have = errno_of(lambda s=sock: s.sendto(CANARY, (UE[version], 9)))
                with place.bound(version, PORTS_PC[1], socket.SOCK_STREAM) as sock:
                    sock.settimeout(PATIENCE)
                    also = errno_of(lambda s=sock: s.connect((UE[version], 9)))
            assert (have, also) == ("ENOKEY", "ECONNREFUSED"), f"{have}, {also}"
        with world.test(f"nobody listens, {place.name}: icmp-out"):
            with place.lab.drops({"icmp-out": 1}, 0):
                place.set.esp(seq=500)
        with world.test(f"forged ICMP error, {place.name}: icmp-in"):
            receiver = place.receiver(version, PORTS_PC[0], connect=(UE[version], PORT_US))
            with place.lab.drops({"icmp-in": 1}, 0):
                place.set.icmp()
            receiver.silent()
            receiver.close()
        with world.test(f"a stranger's socket, {place.name}: in-foreign-uid, EPERM"):
            receiver = place.receiver(version, PORT_PS, uid=STRANGER, reuse=False)
            with place.lab.drops({"in-foreign-uid": 1}, place.set.id):
                place.set.esp(seq=501)
            receiver.silent()
            receiver.close()
            with place.lab.drops({"out-foreign-uid": 1}, 0):
                with place.bound(version, PORTS_PC[0], uid=STRANGER) as sock:
                    have = errno_of(lambda s=sock: s.sendto(CANARY, (UE[version], PORT_US)))
            assert have == "EPERM", have
    with world.test("no clear text left in any place"):
        world.silent()


def strays(world, red, blue):
    """A packet of one place's set that comes in by another one."""
    version = world.version
    servers = {p: p.receiver(version, PORT_PS) for p in world.places}

    def from_blue(seq):
        """Red's UE has moved to blue's wire: red's keys, blue's link."""
        with inside(blue.ue):
            craft.shoot({**red.set.facts, "mac": blue.lab.mac}, "esp", seq=seq)

    with world.test("ESP of red's set by blue's device: blue's SPI, wrong keys: in-icv"):
        with red.lab.drops({"in-icv": 1}, blue.set.id):
            from_blue(600)
    with world.test("blue's set is deleted: unknown SPI there"):
        blue.set.delete()
        with red.lab.drops({"in-unknown-spi": 1}, 0):
            from_blue(601)
    for receiver in servers.values():
        receiver.silent()
    with world.test("red works on"):
        with red.lab.drops():
            red.set.esp(seq=602)
        world.only(servers, red, red.set.id)
    with world.test("blue refuses to send, red sends"):
        with blue.bound(version, PORTS_PC[0]) as sock, red.lab.drops({"out-no-set": 1}, 0):
            have = errno_of(lambda: sock.sendto(CANARY, (UE[version], PORT_US)))
        assert have == "ENOKEY", have
        ue = Receiver(UE[version], PORT_US, red.ue)
        with red.bound(version, PORTS_PC[0]) as sock, red.lab.drops():
            sock.sendto(CANARY, (UE[version], PORT_US))
        ue.expect()
        ue.close()
    with world.test("blue's endpoint is withdrawn: clear text arrives there, not in red"):
        blue.lab.withdraw(version)
        with red.lab.drops():
            blue.set.clear()
        world.only(servers, blue)
        with red.lab.drops({"clear-in": 1}, 0):
            red.set.clear()
        servers[red].silent()
    with world.test("and declared again, from nothing"):
        blue.lab.endpoint(version, ifindex=blue.ifindex)
        blue.install(version)
        with red.lab.drops():
            blue.set.esp()
        world.only(servers, blue, blue.set.id)
    for receiver in servers.values():
        receiver.close()


def overlaps(world, red):
    """Two endpoints that one packet could fit are refused."""
    version, lab = world.version, red.lab

    def refused(name, want, **how):
        with world.test(f"endpoint {name}: {want}"):
            refused_with(want, lambda: lab.endpoint(version, "second", **how))

    refused("for red once more", "EEXIST", ifindex=red.ifindex)
    refused("for red's slave", "EEXIST", ifindex=red.index("ga"))
    refused("for every device", "EEXIST")
    refused("for no device", "ENODEV", ifindex=99999)
    refused("for an index above all", "ENODEV", ifindex=0xfffffff0)
    with world.test("other ports for red's slave: beside, but not with red's SPIs"):
        second = lab.endpoint(version, "second", ifindex=red.index("ga"), port_s=7100,
                              ports_c=(7101,))
        have = [e for e in lab.family.dump("endpoint-get") if e["id"] == second]
        assert have and have[0]["ifindex"] == red.index("ga"), str(have)
        facts = {**SPIS, "port_pc": 7101, "port_ps": 7100}
        refused_with("EEXIST", lambda: Set(lab, version, **facts).add(endpoint=second))
        facts.update(spi_pc=SPI_MIN + 3, spi_ps=SPI_MIN + 4)
        Set(lab, version, **facts).add(endpoint=second)
        lab.withdraw("second")


def one_device(world, bare):
    """An endpoint of one device closes its address and ports in the whole domain."""
    version, lab = world.version, bare.lab
    route = f"{'-6 ' if version == 6 else ''}route %s {UE[version]} dev gd"
    receiver = bare.receiver(version, PORT_PS)
    with inside("pcscf"):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
            sock.bind(("gd", 0))
            mac = sock.getsockname()[4].hex()
    by_gd = {**bare.set.facts, "dev": "ue1", "mac": mac}
    with world.test("clear text by another device of the domain: clear-in"):
        with lab.drops({"clear-in": 1}, 0), inside("uec"):
            craft.shoot(by_gd, "clear")
        receiver.silent()
    with world.test("ESP by another device of the domain: unknown SPI"):
        before = lab.stats()
        with inside("uec"):
            craft.shoot(by_gd, "esp", seq=700)
        receiver.silent()
        assert lab.moved(before) == {"in-unknown-spi": 1}, str(lab.moved(before))
    with world.test("and by its own device it arrives"):
        with lab.drops():
            bare.set.esp(seq=700)
        receiver.expect(bare.set.id)
    wire = Sniffer("pcscf", "gd")
    run("pcscf", "ip", *(route % "add").split())
    with world.test("a route by another device: ENOKEY, though the set is there"):
        with bare.bound(version, PORTS_PC[0]) as sock, lab.drops({"out-no-set": 1}, 0):
            have = errno_of(lambda: marks.send(sock, CANARY, (UE[version], PORT_US),
                                               bare.set.id))
        assert have == "ENOKEY", have
        assert not [f for _, f in wire.frames("out") if CANARY in f], "it left by gd"
    run("pcscf", "ip", *(route % "del").split())
    wire.close()
    receiver.close()


def leaked_route(world, red):
    """A route from a VRF to a device outside of it opens nothing."""
    version = world.version
    family = "-6 " if version == 6 else ""
    run("pcscf", "ip", *f"{family}route add {UE[version]} dev gd table 10".split())
    wire = Sniffer("pcscf", "gd")
    with world.test("a route out of the VRF: ENOKEY for its sockets"):
        with red.bound(version, PORTS_PC[0]) as sock, red.lab.drops({"out-no-set": 1}, 0):
            have = errno_of(lambda: sock.sendto(CANARY, (UE[version], PORT_US)))
        assert have == "ENOKEY", have
        assert not [f for _, f in wire.frames("out") if CANARY in f], "it left by gd"
    wire.close()
    run("pcscf", "ip", *f"{family}route del {UE[version]} dev gd table 10".split())


def device_goes(ktap, bare):
    """With its device an endpoint loses its packets, not its gate."""
    for version in (4, 6):
        bare.lab.endpoint(version, ifindex=bare.ifindex)
    run("pcscf", "ip", "link", "del", "gc")
    for version in (4, 6):
        length = 8 if version == 4 else 32
        run("pcscf", "ip", "addr", "add", f"{PCSCF[version]}/{length}", "dev", "gd",
            *(["nodad"] if version == 6 else []))
        run("uec", "ip", "addr", "add", f"{UE[version]}/{length}", "dev", "ue1",
            *(["nodad"] if version == 6 else []))
        with inside("pcscf"), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
            sock.bind(("gd", 0))
            mac = sock.getsockname()[4].hex()
        one = Set(bare.lab, version, ns="uec", dev="ue1", mac=mac)
        receiver = bare.receiver(version, PORT_PS)
        with ktap.test(f"IPv{version}: the device is gone, its address elsewhere: clear-in"):
            with bare.lab.drops({"clear-in": 1}, 0):
                one.clear()
            receiver.silent()
        with ktap.test(f"IPv{version}: and nothing leaves: ENOKEY"):
            with bare.bound(version, PORTS_PC[0]) as sock, \
                    bare.lab.drops({"out-no-set": 1}, 0):
                have = errno_of(lambda s=sock, v=version: s.sendto(CANARY, (UE[v], PORT_US)))
            assert have == "ENOKEY", have
        with ktap.test(f"IPv{version}: it is still listed, and can be withdrawn"):
            have = bare.lab.family.talk("endpoint-get", [("id", bare.lab.endpoints[version])])
            assert have[0]["ifindex"] == bare.ifindex, str(have)
            bare.lab.withdraw(version)
            with bare.lab.drops():
                one.clear()
            receiver.expect()
        receiver.close()


def every_device(ktap, places):
    """An endpoint without a device protects its address wherever it is."""
    for version in (4, 6):
        lab = places[0].lab
        lab.endpoint(version)
        label = f"IPv{version}: an endpoint for every device"
        one = Set(lab, version, **{**SPIS, "port_uc": PORT_UC, "port_us": PORT_US}).add()
        with ktap.test(f"{label} refuses one for a VRF"):
            refused_with("EEXIST", lambda v=version: places[0].lab.endpoint(
                v, "second", ifindex=places[0].ifindex))
        for place in places:
            one.ns, one.facts["mac"] = place.ue, place.lab.mac
            receiver = place.receiver(version, PORT_PS)
            with ktap.test(f"{label}, {place.name}: clear-in; ESP arrives; answers leave"):
                with lab.drops({"clear-in": 1}, 0):
                    one.clear()
                receiver.silent()
                with lab.drops():
                    one.esp()
                receiver.expect(one.id)
                before = lab.stats()
                with place.bound(version, PORTS_PC[0]) as sock:
                    sock.sendto(CANARY, (UE[version], PORT_US))
                assert lab.moved(before, False).get("out-packets") == 1, "nothing left"
            receiver.close()
        lab.withdraw(version)


def main():
    ktap = Ktap()
    red = Place("vrf red", "uea", "ga", "red", "red")
    blue = Place("vrf blue", "ueb", "gb", "blue", "blue")
    bare = Place("device gc", "uec", "gc", None, "gc")
    green = Place("vrf green with a qdisc", "ued", "ge", "green", "green")
    other = Place("other namespace", "uee", "gm0", ns="pcscf2")
    for version in (4, 6):
        world = World(ktap, [red, blue, bare, green, other], version)
        udp(world)
        tcp(world)
        gate(world)
        strays(world, red, blue)
        overlaps(world, red)
        one_device(world, bare)
        leaked_route(world, red)
        world.close()
    every_device(ktap, [red, blue, bare, green])
    device_goes(ktap, bare)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
