#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make ESP transport-mode test vectors from an implementation that is not ours.

    generate.py OUT-DIR           write one JSON file per suite, the negative
                                  cases and the replay lists
    generate.py --verify DIR...   make every packet of existing files again and
                                  compare, octet for octet (prints KTAP)

Packets are built and sealed by scapy's IPsec layer, whose crypto is
python3-cryptography; key expansion follows TS 33.203 Annex I with Python's
hmac.  Nothing of kmod/ is used.  The same seed gives the same files.
"""

import argparse
import json
import pathlib
import random
import sys
import warnings

warnings.filterwarnings("ignore")

import negative                                     # noqa: E402
import suites                                       # noqa: E402
from packets import Flow, SAS, cases                # noqa: E402

FORMAT = 1


def flow_for(rng):
    """Addresses, ports and SPIs of one UE, other than those of any other set."""
    spis = rng.sample(range(0x100, 0x100000000), 4)
    ports = rng.sample(range(1024, 65536), 4)
    return Flow(
        addr={4: (f"198.51.100.{rng.randrange(1, 255)}", "203.0.113.9"),
              6: (f"2001:db8:7:1::{rng.randrange(1, 65536):x}", "2001:db8:ffff::5")},
        ports=dict(zip(("uc", "us", "pc", "ps"), ports)),
        spis=dict(zip(SAS, spis)))


def positive(suite, seed):
    """All good packets of one suite, as the list of a file."""
    rng = random.Random(f"{seed}/{suite.name}")
    flow = flow_for(rng)
    ck, ik = rng.randbytes(16), rng.randbytes(16)
    keys = suites.expand(suite, ck, ik)
    out = []
    for case in cases(rng, flow):
        iv = case.iv if case.iv is not None else rng.randbytes(suite.iv_len)
        iv = iv[:suite.iv_len]
        esp = suites.seal(suite, keys, case.packet, case.spi, case.seq, iv)
        if suites.unseal(suite, keys, esp, case.spi) != case.packet:
            raise SystemExit(f"{suite.name} {case.name}: scapy does not undo itself")
        out.append({
            "name": case.name, "alg": suite.alg, "ealg": suite.ealg,
            "ck": ck.hex(), "ik": ik.hex(), "ck_esp": keys.ck_esp.hex(),
            "ik_esp": keys.ik_esp.hex(), "salt": keys.salt.hex(),
            "spi": case.spi, "seq": case.seq, "iv": iv.hex(),
            "icv_len": suite.icv_len, "sa": case.sa, **case.facts,
            "plain_packet": case.packet.hex(), "esp_packet": esp.hex()})
    return out


def replay_model(window, numbers):
    """RFC 4303 3.4.3 in the plainest words: remember every accepted number."""
    seen, top, verdict = set(), 0, []
    for seq in numbers:
        good = seq != 0 and seq not in seen and (seq > top or top - seq < window)
        if good:
            seen.add(seq)
            top = max(top, seq)
        verdict.append(int(good))
    return verdict


def replay_lists(seed):
    """Number sequences around the edges of windows and of 32 bits."""
    rng = random.Random(f"{seed}/replay")
    last = 0xffffffff
    lists = {
        "in order": list(range(1, 200)),
        "each twice": [n for n in range(1, 150) for _ in range(2)],
        "backwards": list(range(200, 0, -1)),
        "odd, then even": list(range(1, 130, 2)) + list(range(2, 130, 2)),
        "jumps of about a window": [1, 64, 1, 2, 128, 64, 65, 66, 193, 129, 130, 128,
                                    258, 194, 195, 322, 258, 259, 260],
        "jumps of many windows": [1, 4096, 1, 4033, 4032, 4034, 70000, 69936, 69937,
                                  69999, 16777216, 16777152, 16777153],
        "start high": [last - 1, 1, last - 64, last - 65, last, last - 63, last - 64, 0, 1],
        "sign bit": [0x7fffffff, 0x80000000, 0x7fffffff, 0x7fffffc0, 0x7fffffc1,
                     0x80000001, 0x80000000, 0xc0000000, 0x7fffffff, 1],
        "never wraps": [last, 0, 1, 2, 3, last, last - 1],
    }
    for number in range(4):
        base, walk = 1, []
        for _ in range(400):
            base += rng.choice((0, 0, 1, 1, 1, 2, 5, 31, 32, 33, 63, 64, 65, 200))
            walk.append(max(0, base - rng.choice((0, 0, 0, 1, 2, 30, 62, 63, 64, 65, 130))))
        lists[f"random walk {number + 1}"] = walk
    return [{"name": name, "window": window, "seq": numbers,
             "accept": replay_model(window, numbers)}
            for window in (64, 32) for name, numbers in lists.items()]


def write(path, content):
    path.write_text(json.dumps(content, indent=1) + "\n")


def generate(out, seed):
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.json"):
        old.unlink()
    count = 0
    for number, suite in enumerate(suites.SUITES, 1):
        vectors = positive(suite, seed)
        count += len(vectors)
        write(out / f"{number:02}_{suite.alg}_{suite.ealg}.json",
              {"format": FORMAT, "set": "generated", "alg": suite.alg,
               "ealg": suite.ealg, "vectors": vectors})
    bad = []
    for suite in suites.SUITES:
        rng = random.Random(f"{seed}/negative/{suite.name}")
        bad += negative.vectors(suite, rng, flow_for(rng))
    write(out / "90_negative.json",
          {"format": FORMAT, "set": "generated-negative", "vectors": bad})
    lists = replay_lists(seed)
    write(out / "91_replay.json", {"format": FORMAT, "cases": lists})
    print(f"{out}: {count} packets, {len(bad)} negative cases, {len(lists)} replay lists")


def verify_one(vector):
    """What of a vector scapy and Annex I make otherwise, or None."""
    suite = suites.by_name(vector["alg"], vector["ealg"])
    keys = suites.expand(suite, bytes.fromhex(vector["ck"]), bytes.fromhex(vector["ik"]))
    for name in ("ck_esp", "ik_esp", "salt"):
        have, want = getattr(keys, name).hex(), vector[name]
        # DES parity bits are either set or left alone, with the same result.
        if have != want and not (name == "ck_esp" and suite.ealg == "des-ede3-cbc"):
            return f"{name} is {have}, the file has {want}"
    esp = suites.seal(suite, keys, bytes.fromhex(vector["plain_packet"]),
                      vector["spi"], vector["seq"], bytes.fromhex(vector["iv"]))
    if esp.hex() != vector["esp_packet"]:
        return f"esp_packet is {esp.hex()}"
    return None


def verify(directories):
    vectors = [(path.name, vector) for directory in directories
               for path in sorted(pathlib.Path(directory).glob("*.json"))
               for vector in json.loads(path.read_text()).get("vectors", [])
               if "plain_packet" in vector]
    print(f"KTAP version 1\n1..{len(vectors)}")
    failed = 0
    for number, (file, vector) in enumerate(vectors, 1):
        why = verify_one(vector)
        failed += why is not None
        if why:
            print(f"# {why}")
        print(f"{'not ok' if why else 'ok'} {number} {file} {vector['name']}")
    return 1 if failed or not vectors else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--seed", default="gmgate")
    parser.add_argument("dir", nargs="+")
    args = parser.parse_args()
    if args.verify:
        return verify(args.dir)
    if len(args.dir) != 1:
        parser.error("one directory to write to")
    generate(pathlib.Path(args.dir[0]), args.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
