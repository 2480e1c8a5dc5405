#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tshark, given the keys of some sets, judges every ESP packet of a capture.

    esp_judge.py CAPTURE SET...     prints "GOOD ALL"; SET is a JSON file as
                                    sets.sh writes it

tshark knows no aes-gmac: packets of such sets are left out.  The vectors judge
them, and the stock kernel that took them.
"""

import json
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vectors"))

import suites                                                           # noqa: E402

CRYPT = {"null": "NULL", "aes-cbc": "AES-CBC [RFC3602]", "des-ede3-cbc": "TripleDES-CBC [RFC2451]",
         "aes-gcm": "AES-GCM with 16 octet ICV [RFC4106]"}
AUTH = {"hmac-md5-96": "HMAC-MD5-96 [RFC2403]", "hmac-sha-1-96": "HMAC-SHA-1-96 [RFC2404]",
        "null": "NULL"}


def associations(facts):
    """The four SAs of a set, as tshark takes them."""
    keys = suites.expand(suites.by_name(facts["alg"], facts["ealg"]),
                         bytes.fromhex(facts["ck"]), bytes.fromhex(facts["ik"]))
    crypt = (keys.ck_esp + (keys.salt if keys.ck_esp else b"")).hex()
    auth = keys.ik_esp.hex()
    for sa in ("spi_uc", "spi_us", "spi_pc", "spi_ps"):
        words = ("IPv6" if ":" in facts["ue"] else "IPv4", "*", "*", f"{facts[sa]:#010x}",
                 CRYPT[facts["ealg"]], f"0x{crypt}" if crypt else "",
                 AUTH[facts["alg"]], f"0x{auth}" if auth else "")
        yield from ("-o", "uat:esp_sa:" + ",".join(f'"{word}"' for word in words))


def judge(capture, sets):
    """(packets with a good ICV, packets that could be judged)"""
    unknown = [str(facts[sa]) for facts in sets if facts["alg"] == "aes-gmac"
               for sa in ("spi_uc", "spi_us", "spi_pc", "spi_ps")]
    words = [word for facts in sets if facts["alg"] != "aes-gmac" for word in associations(facts)]
    shown = "esp" + (f" && !(esp.spi in {{{','.join(unknown)}}})" if unknown else "")
    done = subprocess.run(
        ["tshark", "-n", "-r", capture, "-o", "esp.enable_encryption_decode:TRUE",
         "-o", "esp.enable_authentication_check:TRUE", *words, "-Y", shown,
         "-T", "fields", "-e", "esp.icv_good"], text=True, capture_output=True, check=True)
    lines = done.stdout.splitlines()
    return sum(line in ("1", "True") for line in lines), len(lines)


def write(capture, frames):
    """Ethernet frames as a pcap file."""
    with open(capture, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18, 1))
        for frame in frames:
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


if __name__ == "__main__":
    print(*judge(sys.argv[1], [json.loads(pathlib.Path(name).read_text())
                               for name in sys.argv[2:]]))
