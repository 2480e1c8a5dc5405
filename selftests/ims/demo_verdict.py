#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What tshark sees in the demo's capture, and the demo's last line.

The capture has two interfaces: gm0, the wire, and gmtap0, the tap.  The wire
is shown without keys and with keys; the tap needs none.
"""

import argparse
import os
import subprocess
import sys
import tempfile

import judge

PCSCFS = {"10.4.128.21", "2001:db8:4:128::21"}
PORTS = judge.port_set("6100-6104")
UES = 2


def tshark(capture, interface, show, keys=None, limit=16):
    """tshark's own one-line-per-packet list of one interface."""
    columns = '"t","%t","s","%s","d","%d"'
    if keys:
        columns += ',"k","%Cus:esp.spi:0:R","g","%Cus:esp.icv_good:0:R"'
    with tempfile.TemporaryDirectory() as profile:
        judge.only_interface(capture, f'frame.interface_name == "{interface}"',
                             f"{profile}/part")
        command = ["tshark", "-n", "-r", f"{profile}/part", "-Y", show, "-t", "r",
                   "-o", f'gui.column.format:{columns},"p","%p","i","%i"']
        if keys:
            command += ["-o", "esp.enable_encryption_decode:TRUE",
                        "-o", "esp.enable_authentication_check:TRUE"]
            with open(keys, encoding="ascii") as source, \
                    open(f"{profile}/esp_sa", "w", encoding="ascii") as out:
                out.writelines(sorted(set(source)))
        for port in sorted(PORTS):
            command += ["-d", f"udp.port=={port},sip", "-d", f"tcp.port=={port},sip"]
        done = subprocess.run(command, capture_output=True, text=True, check=True,
                              env={**os.environ, "WIRESHARK_CONFIG_DIR": profile})
    lines = done.stdout.splitlines()
    for line in lines[:limit]:
        print("  " + line[:130])
    if len(lines) > limit:
        print(f"  ... and {len(lines) - limit} more")


def same_sip(verdict):
    """Every message inside ESP is on the tap, and nothing else."""
    def key(m):
        return m["start"], m["cseq"], m["src"], m["sport"], m["dst"], m["dport"]
    inside = sorted(map(str, (key(m) for m in verdict.messages if m["esp"])))
    tapped = sorted(map(str, (key(m) for m in verdict.tap_messages)))
    return inside == tapped and bool(inside)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("capture")
    p.add_argument("keys")
    options = p.parse_args()
    print("\n8. The wire, as anybody sees it (tshark, no keys)")
    tshark(options.capture, "gm0", "sip || esp")
    print("\n9. The wire, decoded with the keys: SPI, ICV good (1), the SIP inside (tshark)")
    tshark(options.capture, "gm0", "esp && sip", options.keys)
    print("\n10. The tap gmtap0: no keys needed")
    tshark(options.capture, "gmtap0", "sip")

    verdict = judge.Verdict(PCSCFS, PORTS, "gmtap0")
    for raw in judge.run_tshark(options.capture, options.keys, PORTS):
        verdict.add(judge.Frame(raw))
    registered = verdict.registrations()
    clear = verdict.clear_total("to") + verdict.clear_total("from")
    count = verdict.count
    print(f"\n11. Measured: {count['esp']} ESP packets, {count['icv_good']} with a good ICV, "
          f"{count['icv_bad']} bad, {count['undecoded']} not decoded; "
          f"{count['tap_packets']} packets on the tap")
    print(f"    capture: {os.path.relpath(options.capture)} "
          "(open it in Wireshark: ESP on gm0, the SIP inside it on gmtap0)")

    # Its own options, so that one that comes new has its default here, too.
    checks = judge.arguments().parse_args(["-", "--ue", "2001:db8:45::3", "--ue", "10.45.0.3"])
    wrong = verdict.failures(checks)
    if len(registered) != UES:
        wrong.append(f"{len(registered)} UEs registered, not {UES}")
    if count["icv_good"] != count["esp"]:
        wrong.append("not every ESP packet has a good ICV")
    if not same_sip(verdict):
        wrong.append("the tap does not show the same SIP as the ESP on the wire")
    if wrong:
        for text in wrong:
            print(f"demo: failed: {text}")
        sys.exit(1)
    print(f"demo: {len(registered)} UEs registered over ESP, "
          f"{clear} clear-text packets on protected ports")


if __name__ == "__main__":
    main()
