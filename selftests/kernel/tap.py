#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of tap.sh, which see."""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import marks
from lab import (CANARY, PATIENCE, PCSCF, PORTS_PC, PORT_PS, UE, Ktap, Lab, Receiver, Set,
                 Sniffer, inside, ip_facts, run, wait_until)

LINKTYPE_RAW = 101


def devices():
    with inside("pcscf"):
        return [name for _, name in socket.if_nameindex()]


def family_test(ktap, lab, version):
    label = f"IPv{version}"
    one = Set(lab, version, "hmac-sha-1-96/aes-cbc").add()
    agent = Receiver(PCSCF[version], PORT_PS)
    tap = Sniffer("pcscf", "gmtap0")

    def only(way):
        frames = tap.frames()
        assert len(frames) == 1, f"{len(frames)} packets on the tap: {frames}"
        assert frames[0][0] == way, f"shown as {frames[0][0]}, wants {way}"
        return frames[0][1]

    def nothing():
        frames = tap.frames()
        assert not frames, f"{len(frames)} packets on the tap: {frames[0]}"

    with ktap.test(f"{label}: a packet that came in ESP is shown plain, as it was sent"):
        one.esp()
        packet = only("in")
        have = ip_facts(packet)
        assert have == (version, 17, UE[version], one["port_uc"]), str(have)
        head = 20 if version == 4 else 40
        data = agent.expect(one.id)[0]
        assert packet[head + 8:] == data, "other octets than the receiver got"
        if version == 4:
            assert len(packet) == int.from_bytes(packet[2:4], "big"), "total length"
            total = sum(int.from_bytes(packet[i:i + 2], "big") for i in range(0, 20, 2))
            assert (total + (total >> 16)) & 0xffff == 0xffff, "header checksum"
        else:
            assert len(packet) == 40 + int.from_bytes(packet[4:6], "big"), "payload length"
    with inside("pcscf"):
        out = marks.bound(f"{PCSCF[version]},{PORTS_PC[0]}", socket.SOCK_DGRAM)
    with ktap.test(f"{label}: a packet that leaves in ESP is shown plain"):
        marks.send(out, CANARY + bytes(500), (UE[version], one["port_us"]), one.id)
        packet = only("out")
        have = ip_facts(packet)
        assert have == (version, 17, PCSCF[version], PORTS_PC[0]), str(have)
        assert packet.endswith(CANARY + bytes(500)), "other octets than were sent"
    with ktap.test(f"{label}: what is fragmented on the wire is whole on the tap"):
        marks.fragment(out)
        marks.send(out, CANARY + bytes(3000), (UE[version], one["port_us"]), one.id)
        assert only("out").endswith(CANARY + bytes(3000))
        one.esp(size=2500, fragments=1000)
        assert len(only("in")) > 2500
        agent.expect(one.id)
    with ktap.test(f"{label}: refused packets are not shown"):
        one.esp(seq=50, flip=-1)
        one.esp(seq=1)
        one.clear()
        try:
            marks.send(out, CANARY, (UE[version], one["port_us"]), 0x7ffffff0)
        except OSError:
            pass
        nothing()
    with ktap.test(f"{label}: what is not protected is not shown"):
        other = Receiver(PCSCF[version], 5060)
        one.clear(dport=5060)
        other.expect()
        other.close()
        nothing()
    with ktap.test(f"{label}: what is sent into the tap goes nowhere"):
        wire = Sniffer("pcscf", "gm0")
        with inside("pcscf"):
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        kind = 0x0800 if version == 4 else 0x86dd
        before = lab.stats()
        try:
            raw.sendto(packet, ("gmtap0", kind))
        except OSError:
            pass
        raw.close()
        leaked = [f for _, f in wire.frames() if CANARY in f]
        assert not leaked and not lab.moved(before), f"{leaked} {lab.moved(before)}"
        tap.frames()
        wire.close()
    tap.close()
    with ktap.test(f"{label}: traffic goes on when nobody captures"):
        with lab.drops():
            one.esp(seq=4000)
        agent.expect(one.id)
    agent.close()
    out.close()


def sip(first, sender, call):
    return (f"{first}\r\nVia: SIP/2.0/UDP {sender};branch=z9hG4bK{call}\r\nMax-Forwards: 70\r\n"
            f"From: <sip:ue@visited.example>;tag=1\r\nTo: <sip:ue@visited.example>;tag=2\r\n"
            f"Call-ID: {call}@ue\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n")


def capturing(pid):
    """Has the process a packet socket by now?"""
    with inside("pcscf"), open("/proc/thread-self/net/packet", encoding="ascii") as file:
        inodes = {f"socket:[{line.split()[-1]}]" for line in file}
    folder = f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        return any(os.readlink(f"{folder}/{fd}") in inodes for fd in os.listdir(folder))
    return False


class Tool:
    """A program that captures on the tap, from when it says so until stopped."""

    def __init__(self, file, *command, ready=None):
        self.file = file
        with inside("pcscf"):
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT, text=True)
        if ready:
            line = self.process.stdout.readline()
            while line and ready not in line:
                line = self.process.stdout.readline()
            assert line, f"{command[0]} did not begin"

    def stop(self, how=signal.SIGINT):
        time.sleep(0.3)
        self.process.send_signal(how)
        try:
            return self.process.communicate(timeout=PATIENCE)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.process.args[0]} does not end") from None

    def end(self, act, tries=60):
        """Act until it has seen enough and ends by itself."""
        for _ in range(tries):
            act()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.process.communicate(timeout=2)[0]
        self.process.kill()
        raise AssertionError(f"it saw too little: {self.process.communicate()[0]}")

    def shown(self):
        """(source port, first line of the SIP) of each packet it has written."""
        with open(self.file, "rb") as file:
            octets = file.read()
        if len(octets) < 24:
            return []
        link, = struct.unpack_from("=I", octets, 20)
        assert link == LINKTYPE_RAW, f"link type {link}"
        out, at = [], 24
        while at + 16 <= len(octets):
            length, = struct.unpack_from("=I", octets, at + 8)
            packet = octets[at + 16:at + 16 + length]
            at += 16 + length
            if at > len(octets):        # it is being written
                break
            head = (20 if packet[0] >> 4 == 4 else 40) + 8
            out.append((ip_facts(packet)[3], packet[head:].split(b"\r\n")[0].decode()))
        return out


REQUEST, ANSWER = "REGISTER sip:visited.example SIP/2.0", "SIP/2.0 200 OK"


class Dialog:
    """A request of the UE and its answer, in ESP."""

    def __init__(self, lab, version):
        self.set = Set(lab, version, "hmac-sha-1-96/aes-cbc").add()
        self.agent = Receiver(PCSCF[version], PORT_PS)
        self.ue = UE[version]
        self.request = (self.set["port_uc"], REQUEST)
        self.answer = (PORT_PS, ANSWER)

    def talk(self):
        call = os.urandom(4).hex()
        self.set.esp(text=sip(REQUEST, self.ue, call), size=0)
        self.agent.expect(self.set.id)
        marks.send(self.agent.sock, sip(ANSWER, self.ue, call).encode(),
                   (self.ue, self.set["port_uc"]), self.set.id)


# Field note 55: what is inside of ESP can be looked at.
def tools(ktap, lab):
    """What operators have shows plain SIP, and which way it went."""
    dialogs = [Dialog(lab, version) for version in (4, 6)]
    requests, answers = [d.request for d in dialogs], [d.answer for d in dialogs]
    both = [packet for d in dialogs for packet in (d.request, d.answer)]
    folder = tempfile.mkdtemp(prefix="gmgate-tap-")

    def talk():
        for dialog in dialogs:
            dialog.talk()

    def capture(way):
        file = f"{folder}/{way}.pcap"
        return Tool(file, "tcpdump", "-n", "-U", "--immediate-mode", "-Z", "root", "-i", "gmtap0",
                    "-Q", way, "-w", file, ready="listening on")

    with ktap.test("tcpdump -Q in has the requests, -Q out the answers"):
        running = {way: capture(way) for way in ("in", "out", "inout")}
        want = {"in": requests, "out": answers, "inout": both}
        talk()
        wait_until("not all of it is written", lambda: all(
            len(tool.shown()) >= len(want[way]) for way, tool in running.items()))
        for tool in running.values():
            tool.stop()
        have = {way: tool.shown() for way, tool in running.items()}
        assert have == want, f"{have}, wants {want}"
    with ktap.test("tshark on the device itself, live, calls it SIP"):
        tool = Tool("-", "tshark", "-n", "-l", "-i", "gmtap0", "-Y", "sip", "-c", "12", "-T",
                    "fields", "-E", "separator=,", "-e", "udp.srcport", "-e", "sip.CSeq.method",
                    "-e", "sip.Status-Code", ready="Capturing on")
        text = tool.end(talk)   # it says that it captures before it does
        have = [line for line in text.splitlines() if "," in line]
        want = [f"{port},REGISTER,{'200' if line == ANSWER else ''}" for port, line in both]
        # it begins and ends somewhere in the dialogs, which are said over and over
        assert set(have) == set(want), text
    if not shutil.which("sngrep"):
        ktap.skip("sngrep on the device keeps both sides of the dialogs", "no sngrep here")
    else:
        with ktap.test("sngrep on the device keeps both sides of the dialogs"):
            file = f"{folder}/sngrep.pcap"
            tool = Tool(file, "sngrep", "-F", "-N", "-q", "-d", "gmtap0", "-O", file)
            wait_until("it does not listen", lambda: capturing(tool.process.pid))
            talk()
            time.sleep(1)
            tool.stop(signal.SIGTERM)
            assert tool.shown() == both, str(tool.shown())
    shutil.rmtree(folder)
    for dialog in dialogs:
        dialog.agent.close()
        dialog.set.delete()


def main():
    ktap, lab = Ktap(), Lab()
    with ktap.test("no tap without an endpoint"):
        assert "gmtap0" not in devices(), str(devices())
    for version in (4, 6):
        lab.endpoint(version)
    with ktap.test("a tap with one, in its namespace alone"):
        assert "gmtap0" in devices(), str(devices())
        with inside("ue"):
            assert "gmtap0" not in [name for _, name in socket.if_nameindex()]
    with ktap.test("tcpdump calls its packets raw IP"):
        text = run("pcscf", "sh", "-c", "tcpdump -i gmtap0 -L 2>&1")
        assert "RAW" in text, text
    with ktap.test("the device has no address and sends nothing by itself"):
        text = run("pcscf", "ip", "addr", "show", "dev", "gmtap0")
        assert "inet" not in text, text
    for version in (4, 6):
        family_test(ktap, lab, version)
    tools(ktap, lab)
    for version in (4, 6):
        lab.withdraw(version)
    with ktap.test("the tap goes with the last endpoint"):
        wait_until("it is still there", lambda: "gmtap0" not in devices())
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
