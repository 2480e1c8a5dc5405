#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The stock SAs of other_ipsec.sh, which see."""

import errno
import os
import socket
import struct
import subprocess
import sys

import marks
import rawnl
from lab import (CANARY, PCSCF, PORT_PS, PORTS_PC, SPI_MIN, UE, UE2, Ktap, Lab, Receiver,
                 Set, Sniffer, errno_of, esp_heads, inside, run)

OTHER_PORT = 7000
OUTSIDE = 0xc0000001
INSIDE = SPI_MIN + 0x5000


class Stock:
    """A pair of stock SAs between the other UE and the P-CSCF, transport or
    tunnel, with policies for UDP to and from one port (or what the tunnel has)."""

    def __init__(self, version, spi, port=OTHER_PORT, mode="transport", ends=None,
                 tail=""):
        self.ue, self.pcscf = ends or (UE2[version], PCSCF[version])
        key, auth = os.urandom(16).hex(), os.urandom(20).hex()
        algs = f"auth-trunc hmac(sha1) 0x{auth} 96 enc cbc(aes) 0x{key}"
        states, policies = [], {"ue": [], "pcscf": []}
        for n, (src, dst, out) in enumerate(((self.ue, self.pcscf, "ue"),
                                             (self.pcscf, self.ue, "pcscf"))):
            states.append(f"xfrm state add src {src} dst {dst} proto esp spi {spi + n} "
                          f"reqid {n + 7} mode {mode} {algs} {tail}")
            if mode == "transport":
                sel = f"src {src} dst {dst} proto udp " + \
                    (f"dport {port}" if out == "ue" else f"sport {port}")
            else:
                nets = ("172.16.1.1/32", "172.16.2.1/32")
                sel = "src {} dst {}".format(*(nets if out == "ue" else nets[::-1]))
            for side in ("ue", "pcscf"):
                way = "out" if side == out else "in"
                policies[side].append(f"xfrm policy add {sel} dir {way} tmpl src {src} dst {dst} "
                                      f"proto esp reqid {n + 7} mode {mode}")
        for side in ("ue", "pcscf"):
            run(side, "ip", "-batch", "-", text="\n".join(states + policies[side]) + "\n")

    @staticmethod
    def flush():
        for side in ("ue", "pcscf"):
            run(side, "ip", "-batch", "-", text="xfrm policy flush\nxfrm state flush\n")


def spis(sniffer):
    return {spi for spi, _ in esp_heads(sniffer.frames())}


def exchange(version, port=OTHER_PORT, size=300, pcscf=None, ue=None):
    """A datagram from the other UE to the P-CSCF and back, or an assertion."""
    pcscf, ue = pcscf or PCSCF[version], ue or UE2[version]
    server = Receiver(pcscf, port)
    client = Receiver(ue, 7001, "ue")
    client.sock.sendto(CANARY + bytes(size), (pcscf, port))
    data, sender, _ = server.expect()
    server.sock.sendto(data, sender)
    back = client.expect()
    assert back[0] == CANARY + bytes(size), "other octets came back"
    server.close()
    client.close()


def beside(ktap, lab, version):
    label = f"IPv{version}"
    lab.endpoint(version)
    one = Set(lab, version).add()
    agent = Receiver(PCSCF[version], PORT_PS)
    wire = Sniffer("pcscf", "gm0")

    def ours_works():
        one.esp()
        agent.expect(one.id)

    with ktap.test(f"{label}: stock transport SAs outside our range work beside ours"):
        Stock(version, OUTSIDE)
        wire.frames()
        with lab.drops():
            exchange(version)
        have = spis(wire)
        assert have == {OUTSIDE, OUTSIDE + 1}, f"SPIs on the wire: {have}"
        ours_works()
    Stock.flush()
    with ktap.test(f"{label}: inside our range they work too, and are counted"):
        Stock(version, INSIDE)
        wire.frames()
        with lab.drops({"in-unknown-spi": 1}, 0):
            exchange(version)
        have = spis(wire)
        assert have == {INSIDE, INSIDE + 1}, f"SPIs on the wire: {have}"
        ours_works()
    with ktap.test(f"{label}: a set cannot take the SPI that stock XFRM uses: EEXIST"):
        try:
            Set(lab, version, spi_ps=INSIDE).add()
        except rawnl.Refused as error:
            assert error.errno == errno.EEXIST, str(error)
        else:
            raise AssertionError("it was installed")
        assert len(lab.family.dump("set-get")) == 1, "a part of it is left"
    Stock.flush()
    with ktap.test(f"{label}: with the stock SA gone it can"):
        Set(lab, version, spi_ps=INSIDE).add().delete()
    clashes(ktap, lab, version)
    with ktap.test(f"{label}: clear text for a protected port in stock ESP: clear-in"):
        Stock(version, OUTSIDE, port=PORT_PS)
        client = Receiver(UE2[version], 7001, "ue")
        with lab.drops({"clear-in": 1}, 0):
            client.sock.sendto(CANARY, (PCSCF[version], PORT_PS))
        agent.silent()
        client.close()
    Stock.flush()
    agent.close()
    wire.close()
    lab.withdraw(version)


def refused(lab, version, **facts):
    try:
        Set(lab, version, **facts).add()
    except rawnl.Refused as error:
        assert error.errno == errno.EEXIST and "stock XFRM" in error.text, str(error)
    else:
        raise AssertionError("it was installed")


def xfrm_state(verb, version, spi, tail="", pcscf=None):
    run("pcscf", "ip", "-batch", "-", text=(
        f"xfrm state {verb} src {UE2[version]} dst {pcscf or PCSCF[version]} proto esp "
        f"spi {spi} {tail}\n"))


def clashes(ktap, lab, version):
    """Which stock states stand in the way of a set, and which do not."""
    label = f"IPv{version}"
    keys = f"mode transport auth-trunc hmac(sha1) 0x{os.urandom(20).hex()} 96 " \
        "enc ecb(cipher_null) \"\""
    for name, mark in (("", ""), (" with a mark", "mark 0x5 mask 0xff")):
        with ktap.test(f"{label}: an SPI of a stock state{name} is refused, its neighbour not"):
            for spi in ("spi_ps", "spi_pc"):
                xfrm_state("add", version, INSIDE, f"{keys} {mark}")
                refused(lab, version, **{spi: INSIDE})
                Set(lab, version, **{spi: INSIDE + 1}).add().delete()
                xfrm_state("delete", version, INSIDE, mark)
                Set(lab, version, **{spi: INSIDE}).add().delete()
    with ktap.test(f"{label}: a state added when a walk had found none is seen"):
        Set(lab, version).add().delete()
        xfrm_state("add", version, INSIDE, keys)
        refused(lab, version, spi_ps=INSIDE)
        Set(lab, version).add().delete()
        refused(lab, version, spi_ps=INSIDE)
        xfrm_state("delete", version, INSIDE)
    with ktap.test(f"{label}: states of AH alone are in nobody's way"):
        run("pcscf", "ip", "xfrm", "state", "flush")
        run("pcscf", "ip", "xfrm", "state", "allocspi", "src", UE2[version], "dst",
            PCSCF[version], "proto", "ah", "mode", "transport", "min", "0x300", "max", "0x3ff")
        lab.withdraw(version)
        lab.endpoint(version)
        one = Set(lab, version).add()
        run("pcscf", "ip", "xfrm", "state", "flush")
    agent = Receiver(PCSCF[version], PORT_PS)
    with ktap.test(f"{label}: a stock state added later with a set's SPI: the set has the packets"):
        xfrm_state("add", version, one["spi_ps"], keys)
        with lab.drops():
            one.esp()
        agent.expect(one.id)
        text = f"gmgate: stock XFRM was given SPI 0x{one['spi_ps']:08x}, which set {one.id} has"
        log = subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout
        assert text in log, "the kernel log does not tell"
        xfrm_state("delete", version, one["spi_ps"])
    with ktap.test(f"{label}: a set with the SPI that stock XFRM sends on"):
        Stock(version, INSIDE)          # sends on INSIDE + 1
        own = Set(lab, version, spi_ps=INSIDE + 1).add()
        exchange(version)
        own.esp()
        agent.expect(own.id)
        exchange(version)
        own.delete()
    Stock.flush()
    with ktap.test(f"{label}: a set's SPI in stock ESP to another address of the host"):
        other = "10.4.128.22" if version == 4 else "2001:db8:4:128::22"
        run("pcscf", "ip", "addr", "replace", f"{other}/{8 if version == 4 else 32}",
            "dev", "gm0", *(("nodad",) if version == 6 else ()))
        Stock(version, one["spi_ps"], ends=(UE2[version], other))
        with lab.drops():
            exchange(version, pcscf=other)
            one.esp()
        agent.expect(one.id)
    Stock.flush()
    agent.close()
    one.delete()


def broad_policy(ktap, lab, version):
    """A stock policy that wants IPsec for all that comes in, beside our endpoint.
    IPv6 has no flag by which a packet could say that it need not be asked."""
    label = f"IPv{version}: stock policy for all that comes in"
    lab.endpoint(version)
    one = Set(lab, version).add()
    agent = Receiver(PCSCF[version], PORT_PS)
    with inside("pcscf"):
        listener = marks.bound(f"{PCSCF[version]},{PORTS_PC[0]}", socket.SOCK_STREAM)
    listener.listen()
    wire = Sniffer("pcscf", "gm0")
    src, dst = UE[version], PCSCF[version]
    run("pcscf", "ip", "xfrm", "policy", "add", "src", src, "dst", dst, "dir", "in", "tmpl",
        "src", src, "dst", dst, "proto", "esp", "mode", "transport")
    if version == 6:
        with ktap.test(f"{label}: it refuses ours, too, and nothing gets past"):
            one.esp()
            agent.silent()
        run("pcscf", "sysctl", "-qw", "net.ipv6.conf.gm0.disable_policy=1")
        # the local route has taken the setting of when it was made
        run("pcscf", "ip", "addr", "del", f"{dst}/32", "dev", "gm0")
        run("pcscf", "ip", "addr", "add", f"{dst}/32", "dev", "gm0", "nodad")
        label += ", disable_policy on the device"
    with ktap.test(f"{label}: ours is delivered, UDP and TCP"):
        with lab.drops():
            one.esp()
            agent.expect(one.id)
            wire.frames()
            one.esp("us-pc", transport="tcp")
        assert spis(wire) == {one["spi_pc"], one["spi_us"]}, "no SYN ACK"
    with ktap.test(f"{label}: clear text is still refused"):
        with lab.drops({"clear-in": 1}, 0):
            one.clear()
        agent.silent()
    run("pcscf", "ip", "xfrm", "policy", "flush")
    if version == 6:
        run("pcscf", "sysctl", "-qw", "net.ipv6.conf.gm0.disable_policy=0")
    for sock in (wire, listener, agent):
        sock.close()
    lab.withdraw(version)


def ours_first(ktap, lab, version):
    """A route with a stock tunnel: our ESP goes into it, clear text never does."""
    label = f"IPv{version}"
    lab.endpoint(version)
    one = Set(lab, version).add()
    src, dst = PCSCF[version], UE[version]
    run("pcscf", "ip", "-batch", "-", text=(
        f"xfrm state add src {src} dst {dst} proto esp spi {OUTSIDE} reqid 9 mode tunnel "
        f"auth-trunc hmac(sha1) 0x{os.urandom(20).hex()} 96 enc ecb(cipher_null) \"\"\n"
        f"xfrm policy add src {src} dst {dst} proto udp dir out "
        f"tmpl src {src} dst {dst} proto esp reqid 9 mode tunnel\n"))
    wire = Sniffer("pcscf", "gm0")
    with inside("pcscf"):
        sock = marks.bound(f"{src},{PORTS_PC[0]}", socket.SOCK_DGRAM)
    with ktap.test(f"{label}: through a stock tunnel our ESP goes first, then the tunnel's"):
        with lab.drops():
            have = errno_of(lambda: marks.send(sock, CANARY + bytes(100),
                                               (dst, one["port_us"]), one.id))
        assert have == "sent", have
        frames = [f for way, f in wire.frames("out") if f[12:14] in (b"\x08\x00", b"\x86\xdd")]
        frames = [f for f in frames if f[14 + (9 if version == 4 else 6)] == 50]
        assert len(frames) == 1, f"{len(frames)} ESP packets"
        head = 20 if version == 4 else 40
        outer, = struct.unpack_from("!I", frames[0], 14 + head)
        assert outer == OUTSIDE, f"outer SPI {outer:#x}"
        # cipher_null: the inner IP header stands after the tunnel's ESP header
        inner = frames[0][14 + head + 8:]
        assert inner[9 if version == 4 else 6] == 50, "clear text inside the tunnel"
        spi, = struct.unpack_from("!I", inner, head)
        assert spi == one["spi_us"], f"inner SPI {spi:#x}"
    with ktap.test(f"{label}: without a set nothing goes into the tunnel either"):
        one.delete()
        with lab.drops({"out-no-set": 1}, 0):
            have = errno_of(lambda: sock.sendto(CANARY, (dst, one["port_us"])))
        assert have == "ENOKEY", have
        assert not [f for _, f in wire.frames("out") if CANARY in f], "it left"
    sock.close()
    wire.close()
    Stock.flush()
    lab.withdraw(version)


def tunnel(ktap, lab):
    with ktap.test("a stock tunnel between two hosts' inner addresses works beside ours"):
        lab.endpoint(4)
        run("ue", "ip", "addr", "add", "172.16.1.1/32", "dev", "lo")
        run("pcscf", "ip", "addr", "add", "172.16.2.1/32", "dev", "lo")
        run("ue", "ip", "route", "add", "172.16.2.1", "via", PCSCF[4], "src", "172.16.1.1")
        run("pcscf", "ip", "route", "add", "172.16.1.1", "via", UE2[4], "src", "172.16.2.1")
        Stock(4, OUTSIDE, mode="tunnel")
        with lab.drops():
            run("ue", "ping", "-c3", "-i0.2", "-W10", "-I", "172.16.1.1", "172.16.2.1")
    Stock.flush()
    if 4 in lab.endpoints:
        lab.withdraw(4)


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        beside(ktap, lab, version)
        ours_first(ktap, lab, version)
        broad_policy(ktap, lab, version)
    tunnel(ktap, lab)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
