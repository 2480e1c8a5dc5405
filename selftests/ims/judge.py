#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges a capture of the Gm interface with tshark, which is not ours.

Given the keys (the UE's --keylog), tells what was ESP, whether every ICV was
right, which SIP was inside, what was clear, and how many clear-text packets
came to or left the protected ports.  With --check it exits non-zero when

  * an ICV is wrong, or ESP could not be decrypted,
  * SIP in clear is anything but a REGISTER or an answer that is not 2xx, or of a call to
    --clear-uri, or of a --clear-ue,
  * a clear-text packet, fragment or ICMP quotation went to or left a protected port,
  * a UE's registration in ESP is missing (--ue ADDRESS, repeatable),
  * ck, ik or a charging header is in a message to a UE,
  * a message is not on the SA and the ports it belongs to (--sets, a UE's log),
  * fewer calls than --calls went from INVITE to BYE in ESP, or fewer than --mixed
    over UDP and TCP, or fewer than --clear-calls in clear to --clear-uri, to or
    from a --clear-ue.

A capture of Mw is judged with --mw ADDRESS instead of --pcscf: what leaves that
address must have no Security-* and no P-Preferred-Identity.

The capture may hold a tap interface (plain packets); those are listed apart.
"""

import argparse
import collections
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

import gmac
import judge_sip

FIELDS = ("frame.number", "frame.time_epoch", "frame.interface_name", "frame.protocols",
          "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto", "ip.flags.mf",
          "ip.frag_offset", "ipv6.fraghdr.nxt", "ip.reassembled_in", "ipv6.reassembled.in", "udp.srcport", "udp.dstport",
          "tcp.srcport", "tcp.dstport", "esp.spi", "esp.sequence", "esp.icv_good",
          "esp.icv_bad", "sip.Request-Line", "sip.Status-Line", "sip.CSeq", "sip.Call-ID",
          "frame.len", *judge_sip.FIELDS)
ESP = "50"
PCAPNG = b"\x0a\x0d\x0d\x0a"
SEPARATOR, AGGREGATOR = "\x1f", "\x1e"


def port_set(text):
    """`6100-6104,7000` as a set."""
    ports = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        ports.update(range(int(first), int(last or first) + 1))
    return ports


def only_interface(capture, show, out):
    """Write the frames of one interface to another file.

    Wire and tap must be looked at one by one: to tshark a segment on the tap
    would be a retransmission of the one it has just decrypted.
    """
    subprocess.run(["tshark", "-n", "-r", capture, "-Y", show, "-w", out],
                   check=True, capture_output=True)


def run_tshark(capture, keys, ports, tap="gmtap0"):
    """One dict of FIELDS per frame; every value a list of its occurrences."""
    with open(capture, "rb") as source:
        if source.read(4) != PCAPNG:                # has no interface names
            yield from run_tshark_once(capture, keys, ports)
            return
    with tempfile.TemporaryDirectory() as parts:
        for test in ("!=", "=="):
            only_interface(capture, f'frame.interface_name {test} "{tap}"', f"{parts}/part")
            yield from run_tshark_once(f"{parts}/part", keys, ports)


def key_layers(path):
    """The esp_sa lines; where a SPI had two keys one after the other, in two layers."""
    layers, seen = [[]], collections.Counter()
    if not path or not os.path.exists(path):
        return layers
    with open(path, encoding="ascii") as source:
        for line in dict.fromkeys(source):
            sa = tuple(line.split(",")[1:4])
            while len(layers) <= seen[sa]:
                layers.append([])
            layers[seen[sa]].append(line)
            seen[sa] += 1
    return layers


def run_tshark_once(capture, keys, ports):
    """The same for a file of one interface."""
    frames = {}
    with tempfile.TemporaryDirectory() as parts:
        for layer in key_layers(keys):
            file, layer = without_gmac(capture, layer, f"{parts}/part")
            for raw in run_tshark_layer(file, layer, ports):
                number = raw["frame.number"][0]
                if number not in frames or raw["esp.icv_good"][:1] in (["1"], ["True"]):
                    frames[number] = raw
    yield from frames.values()


def without_gmac(capture, layer, copy):
    """A capture and keys that are fit for tshark, in place of some with aes-gmac."""
    sas = gmac.associations(layer)
    if not sas:
        return capture, layer
    gmac.rewrite(capture, sas, copy)
    return copy, [gmac.stand_in(line) if gmac.is_gmac(line) else line for line in layer]


def run_tshark_layer(capture, lines, ports):
    """The same with one table of keys; two passes, for the fragments."""
    with tempfile.TemporaryDirectory() as profile:
        with open(f"{profile}/esp_sa", "w", encoding="ascii") as out:
            out.writelines(lines)
        command = ["tshark", "-2", "-n", "-r", capture, "-T", "fields", "-E", "occurrence=a",
                   "-E", f"separator={SEPARATOR}", "-E", f"aggregator={AGGREGATOR}",
                   "-o", "esp.enable_encryption_decode:TRUE",
                   "-o", "esp.enable_authentication_check:TRUE"]
        for port in sorted(ports | {5060}):
            command += ["-d", f"udp.port=={port},sip", "-d", f"tcp.port=={port},sip"]
        for field in FIELDS:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, check=False,
                              env={**os.environ, "WIRESHARK_CONFIG_DIR": profile})
    if done.returncode:
        sys.exit(f"judge: tshark failed: {done.stderr.decode(errors='replace')}")
    for line in done.stdout.decode(errors="replace").rstrip("\n").split("\n"):
        values = line.split(SEPARATOR)
        if not line:
            continue
        if len(values) != len(FIELDS):
            sys.exit(f"judge: tshark wrote {line!r}")
        yield {name: value.split(AGGREGATOR) if value else []
               for name, value in zip(FIELDS, values)}


class Frame:
    """What matters of one frame."""

    def __init__(self, raw):
        def first(*names):
            return next((raw[n][0] for n in names if raw[n]), None)
        self.number = int(first("frame.number"))
        self.time = float(first("frame.time_epoch"))
        self.interface = first("frame.interface_name")
        self.layers = first("frame.protocols").split(":")
        self.length = int(first("frame.len"))
        self.src, self.dst = first("ip.src", "ipv6.src"), first("ip.dst", "ipv6.dst")
        self.is_icmp = "icmp" in self.layers or "icmpv6" in self.layers
        self.is_esp = "esp" in self.layers and not self.is_icmp
        self.quotes_esp = "esp" in self.layers and self.is_icmp
        # An ESP fragment that tshark reassembles later has no esp layer itself.
        fragment = (first("ip.flags.mf") in ("1", "True") or
                    (first("ip.frag_offset") or "0") != "0" or bool(raw["ipv6.fraghdr.nxt"]))
        carried = raw["ipv6.fraghdr.nxt"] or raw["ip.proto"]
        self.is_fragment = fragment
        self.judged_later = bool(raw["ip.reassembled_in"] or raw["ipv6.reassembled.in"])
        self.is_esp_fragment = fragment and ESP in carried
        self.spi = int(first("esp.spi"), 0) if raw["esp.spi"] else None
        self.seq = first("esp.sequence")
        self.icv_good = first("esp.icv_good") in ("1", "True")
        self.icv_bad = first("esp.icv_bad") in ("1", "True")
        self.decoded = "udp" in self.layers or "tcp" in self.layers
        self.transport = "udp" if "udp" in self.layers else "tcp" if "tcp" in self.layers else None
        # The last occurrence: of an ICMP error that is the quoted packet.
        self.sport = [int(p) for p in raw["udp.srcport"] + raw["tcp.srcport"]]
        self.dport = [int(p) for p in raw["udp.dstport"] + raw["tcp.dstport"]]
        lines = raw["sip.Request-Line"] + raw["sip.Status-Line"]
        self.sip = [] if self.is_icmp else lines
        self.cseq = raw["sip.CSeq"]
        self.call_id = raw["sip.Call-ID"]
        self.hidden = {name: raw[name] for name in judge_sip.FIELDS}

    def message(self, index):
        """One SIP message of the frame, for reports."""
        return {"frame": self.number, "t": self.time, "interface": self.interface,
                "src": f"{self.src}", "sport": self.sport[-1] if self.sport else None,
                "dst": f"{self.dst}", "dport": self.dport[-1] if self.dport else None,
                "transport": self.transport, "esp": self.is_esp, "spi": self.spi,
                "icv_good": self.icv_good, "start": self.sip[index],
                "cseq": self.cseq[index] if index < len(self.cseq) else None,
                "call_id": self.call_id[index] if index < len(self.call_id) else None}


class Verdict:
    """The sums over a capture."""

    def __init__(self, pcscfs, ports, tap):
        self.pcscfs, self.ports, self.tap = pcscfs, ports, tap
        self.count = collections.Counter()
        self.messages, self.tap_messages = [], []
        self.clear_frames, self.bad_frames = [], []
        self.hidden = []
        self.calls = judge_sip.Calls()
        self.clear_calls = judge_sip.Calls()

    def add(self, frame):
        if frame.interface == self.tap:
            self.count["tap_packets"] += 1
            self.tap_messages += [frame.message(i) for i in range(len(frame.sip))]
            return
        self.count["packets"] += 1
        if frame.is_esp:
            self.count["esp"] += 1
            self.count["icv_good"] += frame.icv_good
            self.count["icv_bad"] += frame.icv_bad
            self.count["undecoded"] += not frame.decoded
            if frame.icv_bad or not frame.decoded:
                self.bad_frames.append(frame.number)
        else:
            self.add_clear(frame)
        messages = [frame.message(i) for i in range(len(frame.sip))]
        self.messages += messages
        if frame.src in self.pcscfs:
            self.hidden += judge_sip.hidden_headers(
                frame.hidden, f"frame {frame.number}: to a UE", judge_sip.NOT_TO_UE)
        for m in messages:
            (self.calls if m["esp"] else self.clear_calls).add(m, m["call_id"])

    def add_clear(self, frame):
        """A packet that is no ESP: has it to do with a protected port?"""
        if frame.is_esp_fragment or frame.judged_later or frame.quotes_esp:
            return
        kind = "icmp_" if frame.is_icmp else "fragment_" if frame.is_fragment else "clear_"
        ports = set(frame.sport + frame.dport)
        hit = None
        if frame.is_icmp:
            if ports & self.ports:
                hit = "from" if frame.src in self.pcscfs else "to"
        elif frame.is_fragment and not frame.decoded:
            hit = "from" if frame.src in self.pcscfs else \
                  "to" if frame.dst in self.pcscfs else None
        elif frame.dst in self.pcscfs and set(frame.dport) & self.ports:
            hit = "to"
        elif frame.src in self.pcscfs and set(frame.sport) & self.ports:
            hit = "from"
        if hit:
            self.count[kind + hit] += 1
            self.clear_frames.append(frame.number)

    def registered(self, ue):
        """Clear REGISTER, clear 401, REGISTER in ESP, 200 in ESP, in that order."""
        steps = [("REGISTER ", False, True), ("SIP/2.0 401", False, False),
                 ("REGISTER ", True, True), ("SIP/2.0 200", True, False)]
        at = 0
        for m in self.messages:
            start, esp, from_ue = steps[at]
            if m["start"].startswith(start) and m["esp"] == esp and \
                    (m["src"] if from_ue else m["dst"]) == ue:
                at += 1
                if at == len(steps):
                    return True
        return False

    def registrations(self):
        """The UEs that registered over ESP in this capture."""
        ues = {m["src"] for m in self.messages if m["start"].startswith("REGISTER ")}
        return sorted(ue for ue in ues if self.registered(ue))

    def clear_total(self, way):
        return sum(self.count[f"{kind}_{way}"] for kind in ("clear", "fragment", "icmp"))

    def may_be_clear(self, options):
        """The Call-IDs of calls in clear to where that is part of the test."""
        wanted = tuple(f"INVITE {uri}" for uri in options.clear_uri)
        return {m["call_id"] for m in self.messages
                if not m["esp"] and (m["start"].startswith(wanted) and m["dst"] in self.pcscfs
                                     or m["start"].startswith("INVITE ") and
                                     self.of_clear_ue(m, options))}

    @staticmethod
    def of_clear_ue(m, options):
        """Between the unprotected port and a UE that registers without sec-agree."""
        return m["src"] in options.clear_ue or m["dst"] in options.clear_ue

    def failures(self, options):
        """Everything --check objects to."""
        out, clear = [], self.may_be_clear(options)
        if self.count["icv_bad"] and not options.allow_bad_icv:
            out.append(f"{self.count['icv_bad']} ESP packets with a wrong ICV: "
                       f"frames {self.bad_frames}")
        if self.count["undecoded"] and not options.allow_bad_icv:
            out.append(f"{self.count['undecoded']} ESP packets could not be decrypted: "
                       f"frames {self.bad_frames}")
        for m in self.messages:
            if not m["esp"] and m["call_id"] not in clear and \
                    not self.of_clear_ue(m, options) and \
                    not m["start"].startswith("REGISTER ") and (
                    not m["start"].startswith("SIP/2.0 ") or m["start"].startswith("SIP/2.0 2")):
                if not ((options.allow_clear_to or options.allow_clear_requests)
                        and m["dst"] in self.pcscfs):
                    out.append(f"frame {m['frame']}: clear {m['start']}")
        if self.clear_total("from"):
            out.append(f"{self.clear_total('from')} clear packets from protected ports: "
                       f"frames {self.clear_frames}")
        if self.clear_total("to") and not options.allow_clear_to:
            out.append(f"{self.clear_total('to')} clear packets to protected ports: "
                       f"frames {self.clear_frames}")
        out += self.hidden
        if options.sets:
            sets = judge_sip.Sets(options.sets, self.pcscfs)
            out += filter(None, (sets.wrong_with(m) for m in self.messages if m["esp"]))
        if len(self.calls.complete) < options.calls:
            out.append(f"{len(self.calls.complete)} complete calls, not {options.calls}")
        if len(self.calls.mixed) < options.mixed:
            out.append(f"{len(self.calls.mixed)} calls over UDP and TCP, not {options.mixed}")
        done = clear.intersection(self.clear_calls.complete)
        if len(done) < options.clear_calls:
            out.append(f"{len(done)} complete calls in clear, not {options.clear_calls}")
        for ue in options.ue:
            if not self.registered(ue):
                out.append(f"no registration over ESP by {ue}")
        return out


def judge_mw(options):
    """What a P-CSCF sends to the core: no security agreement, nothing a UE only prefers."""
    addresses = {str(ipaddress.ip_address(a)) for a in options.mw}
    failures, messages = [], 0
    for raw in run_tshark(options.capture, None, set()):
        frame = Frame(raw)
        if frame.src in addresses and frame.sip:
            messages += len(frame.sip)
            failures += judge_sip.hidden_headers(
                frame.hidden, f"frame {frame.number}: {frame.sip[0]}", judge_sip.NOT_TO_CORE)
    if not messages:
        failures.append(f"nothing was sent from {addresses}")
    print(json.dumps({"failures": failures, "messages": messages}, indent=1))
    sys.exit(1 if failures and options.check else 0)


def arguments():
    """What a judge can be told, with what holds where it is not."""
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("capture")
    p.add_argument("--keys", help="lines of Wireshark's esp_sa table")
    p.add_argument("--pcscf", action="append", default=[], metavar="ADDRESS")
    p.add_argument("--mw", action="append", metavar="ADDRESS",
                   help="a capture of Mw; the P-CSCF's addresses there, repeatable")
    p.add_argument("--ports", type=port_set, default=port_set("6100-6104"),
                   help="protected ports, default 6100-6104")
    p.add_argument("--tap", default="gmtap0", help="interface of plain packets")
    p.add_argument("--ue", action="append", default=[], metavar="ADDRESS")
    p.add_argument("--sets", action="append", default=[], metavar="UE-LOG",
                   help="a UE's JSON lines, repeatable: which SA is for which ports")
    p.add_argument("--calls", type=int, default=0, help="so many complete calls at least")
    p.add_argument("--mixed", type=int, default=0, help="of these so many over UDP and TCP")
    p.add_argument("--clear-uri", action="append", default=[], metavar="URI",
                   help="calls in clear to what begins so are part of the test")
    p.add_argument("--clear-ue", action="append", default=[], metavar="ADDRESS",
                   help="a UE without sec-agree: its SIP is in clear")
    p.add_argument("--clear-calls", type=int, default=0, help="so many complete ones at least")
    p.add_argument("--allow-bad-icv", action="store_true")
    p.add_argument("--allow-clear-to", action="store_true",
                   help="clear text to the protected ports is part of the test")
    p.add_argument("--allow-clear-requests", action="store_true",
                   help="SIP in clear to the clear port that is no REGISTER is part of the test")
    p.add_argument("--check", action="store_true")
    return p


def main():
    p = arguments()
    options = p.parse_args()
    if options.mw:
        judge_mw(options)
    if not options.pcscf:
        p.error("--pcscf or --mw is needed")
    pcscfs = {str(ipaddress.ip_address(a)) for a in options.pcscf}
    options.clear_ue = {str(ipaddress.ip_address(a)) for a in options.clear_ue}
    verdict = Verdict(pcscfs, options.ports, options.tap)
    for raw in run_tshark(options.capture, options.keys, options.ports, options.tap):
        verdict.add(Frame(raw))
    failures = verdict.failures(options) if options.check else []
    print(json.dumps({"count": verdict.count, "registered": verdict.registrations(),
                      "clear_to": verdict.clear_total("to"),
                      "clear_from": verdict.clear_total("from"), "failures": failures,
                      "calls": len(verdict.calls.complete),
                      "calls_mixed": len(verdict.calls.mixed),
                      "messages": len(verdict.messages)}, indent=1))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
