#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The devices and SAs of xfrm_devices.sh, which see."""

import os
import socket
import sys

import craft
import marks
from lab import (CANARY, FAMILY, PCSCF, PORT_PS, UE2, Ktap, Lab, Receiver, Set, Sniffer,
                 inside, run)
from other_ipsec import INSIDE, OUTSIDE, Stock, exchange, spis

INNER = {4: {"ue": "172.16.1.1", "pcscf": "172.16.2.1"},
         6: {"ue": "fd00:16:1::1", "pcscf": "fd00:16:2::1"}}
UDP_ENCAP, ESPINUDP = 100, 2


def device(version, kind, side, dev):
    """The command that makes the tunnel device of one side, and what SAs and
    policies say to belong to it."""
    ends = {"ue": UE2[version], "pcscf": PCSCF[version]}
    local, remote = ends[side], ends["pcscf" if side == "ue" else "ue"]
    if kind == "xfrm":
        return f"link add vt type xfrm dev {dev} if_id 7\n", "if_id 7"
    return f"link add vt type {kind} local {local} remote {remote} key 5\n", "mark 5"


def tunnel_up(version, kind, spi):
    algs = f"auth-trunc hmac(sha1) 0x{os.urandom(20).hex()} 96 enc cbc(aes) 0x{os.urandom(16).hex()}"
    ways = ((UE2[version], PCSCF[version], "ue"), (PCSCF[version], UE2[version], "pcscf"))
    for side, dev in (("ue", "ue0"), ("pcscf", "gm0")):
        text, belongs = device(version, kind, side, dev)
        other = "pcscf" if side == "ue" else "ue"
        mine, its = INNER[version][side], INNER[version][other]
        length = 32 if version == 4 else 128
        nodad = " nodad" if version == 6 else ""
        text += "link set vt up\n" \
            f"addr add {mine}/{length} dev vt{nodad}\nroute add {its}/{length} dev vt src {mine}\n"
        for n, (src, dst, out) in enumerate(ways):
            text += f"xfrm state add src {src} dst {dst} proto esp spi {spi + n} reqid {n + 7} " \
                f"mode tunnel {belongs} {algs}\n" \
                f"xfrm policy add dir {'out' if side == out else 'in'} {belongs} " \
                f"src {INNER[version][out]} dst {INNER[version]['pcscf' if out == 'ue' else 'ue']} " \
                f"tmpl src {src} dst {dst} proto esp reqid {n + 7} mode tunnel\n"
        run(side, "ip", "-batch", "-", text=text)


def tunnel_down():
    for side in ("ue", "pcscf"):
        run(side, "ip", "-batch", "-", text="link del vt\n")
    Stock.flush()


def through_device(ktap, lab, version, kind):
    name = f"IPv{version}: {kind} interface"
    probe = run("ue", "sh", "-c",
                f"ip {device(version, kind, 'ue', 'ue0')[0].strip()} 2>&1 && "
                "ip link del vt || true")
    if probe:
        ktap.skip(f"{name} beside our set", probe.splitlines()[0])
        return
    one = Set(lab, version, "hmac-sha-1-96/aes-cbc").add()
    agent = Receiver(PCSCF[version], PORT_PS)
    wire = Sniffer("pcscf", "gm0")
    for where, spi, counted in (("outside", OUTSIDE, 0), ("inside", INSIDE, 5)):
        with ktap.test(f"{name} beside our set, its SPIs {where} of our range"):
            tunnel_up(version, kind, spi)
            wire.frames()
            with lab.drops({"in-unknown-spi": counted} if counted else {}, 0):
                for n in range(5):
                    exchange(version, size=200 * n, pcscf=INNER[version]["pcscf"],
                             ue=INNER[version]["ue"])
                    one.esp(size=200 * n)
                    agent.expect(one.id)
            have = spis(wire)
            assert have == {spi, spi + 1, one["spi_ps"]}, f"SPIs {have}"
            tunnel_down()
    wire.close()
    agent.close()
    one.delete()


def in_udp(ktap, lab):
    """ESP in UDP is for stock XFRM, whatever its SPI."""
    one = Set(lab, 4).add()
    agent = Receiver(PCSCF[4], PORT_PS)
    encap = []
    for side, addr in (("ue", UE2[4]), ("pcscf", PCSCF[4])):
        with inside(side):
            encap.append(marks.bound(f"{addr},4500", socket.SOCK_DGRAM))
        encap[-1].setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, ESPINUDP)
    wire = Sniffer("pcscf", "gm0")
    for where, spi in (("outside", OUTSIDE), ("inside", INSIDE)):
        with ktap.test(f"ESP in UDP beside our set, its SPI {where} of our range"):
            Stock(4, spi, tail="encap espinudp 4500 4500 0.0.0.0")
            wire.frames()
            with lab.drops():
                exchange(4)
                one.esp()
                agent.expect(one.id)
            frames = [f for _, f in wire.frames() if f[12:14] == b"\x08\x00"]
            assert not [f for f in frames if f[23] != 50 and CANARY in f], "clear text on the wire"
            udp = [f for f in frames if f[23] == 17 and f[36:38] == (4500).to_bytes(2, "big")]
            assert len(udp) == 2, f"{len(udp)} packets in UDP"
        Stock.flush()
    with ktap.test("our own SPI in UDP is not ours"):
        with lab.drops():
            one.seq["uc-ps"] += 1
            packet = spoken_in_udp(one)
            with inside("ue"):
                sock = socket.socket(FAMILY[4], socket.SOCK_DGRAM)
            with sock:
                sock.sendto(packet, (PCSCF[4], 4500))
        agent.silent()
        one.seq["uc-ps"] -= 1
        one.esp()
        agent.expect(one.id)
    for sock in (wire, agent, *encap):
        sock.close()
    one.delete()


def spoken_in_udp(one):
    args = craft.arguments(["esp", "-", "--seq", str(one.seq["uc-ps"])])
    return next(craft.esp(args, one.facts))[20:]


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
        for kind in ("vti" if version == 4 else "vti6", "xfrm"):
            through_device(ktap, lab, version, kind)
        if version == 4:
            in_udp(ktap, lab)
        lab.withdraw(version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
