#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the judges judge?  generate.py is checked against the shared vectors, and
run.py against a stand-in for the device that scapy answers for: it must pass
what is right and fail every kind of wrong answer.  Prints TAP; no kernel."""

import contextlib
import io
import json
import os
import pathlib
import tempfile
import warnings

warnings.filterwarnings("ignore")

import generate                                                     # noqa: E402
import run                                                          # noqa: E402
import suites                                                       # noqa: E402
from cryptography.exceptions import InvalidTag                      # noqa: E402
from scapy.layers.ipsec import IPSecIntegrityError                  # noqa: E402

SHARED = pathlib.Path(os.environ.get(
    "GMGATE_SHARED", pathlib.Path(__file__).resolve().parents[2] / "../shared"))


class StandIn(run.Device):
    """Answers with scapy; `spoil` changes an answer."""

    def __init__(self, spoil=lambda op, answer: answer):
        super().__init__("none")
        self.spoil = spoil

    def ask(self, **fields):
        return self.spoil(fields["op"], getattr(self, fields["op"].replace("-", "_"))(**fields))

    def stand_in(self, **_):
        return "ok yes"

    def caps(self, **_):
        return "ok hmac-md5-96/null,hmac-sha-1-96/aes-cbc"

    def window(self, window, seq, **_):
        if window != 64:
            return "unsupported"
        verdicts = generate.replay_model(window, map(int, seq.split(",")))
        return "ok " + ",".join(map(str, verdicts))

    @staticmethod
    def keys(fields):
        return suites.Keys(*(bytes.fromhex(fields[k]) for k in ("ck_esp", "ik_esp", "salt")))

    def seal(self, **fields):
        suite = suites.by_name(fields["alg"], fields["ealg"])
        return "ok packet=" + suites.seal(
            suite, self.keys(fields), bytes.fromhex(fields["packet"]), fields["spi"],
            fields["seq"], bytes.fromhex(fields["iv"])).hex()

    def open(self, **fields):
        suite = suites.by_name(fields["alg"], fields["ealg"])
        try:
            plain = suites.unseal(suite, self.keys(fields), bytes.fromhex(fields["packet"]),
                                  fields["spi"])
        except (IPSecIntegrityError, InvalidTag):
            return "drop in-icv"
        except Exception:       # scapy has many words for a malformed packet
            return "drop in-length"
        return f"ok packet={plain.hex()}"


def verdicts(device, directory):
    ktap = run.Ktap()
    run.run_directory(device, device.suites(), directory, ktap)
    with contextlib.redirect_stdout(io.StringIO()):
        status = ktap.finish()
    return status, ktap.passed, ktap.failed, ktap.count


def small_set(directory):
    """A few vectors of two suites that the stand-in has and one it has not."""
    made = directory / "made"
    with contextlib.redirect_stdout(io.StringIO()):
        generate.generate(made, "test")
    small = directory / "small"
    small.mkdir()
    for path in made.glob("*.json"):
        content = json.loads(path.read_text())
        if "cases" in content:
            content["cases"] = content["cases"][:3]
        elif path.name.startswith("90"):
            content["vectors"] = [v for v in content["vectors"] if v["alg"] == "hmac-md5-96" and
                                  v.get("reason") in (None, "in-icv")][:12]
        elif content["alg"] + content["ealg"] in ("hmac-md5-96null", "hmac-sha-1-96aes-cbc",
                                                  "nullaes-gcm"):
            content["vectors"] = content["vectors"][::16]
        else:
            continue
        (small / path.name).write_text(json.dumps(content))
    return small


def flipped(answer):
    return answer[:-1] + ("0" if answer[-1] != "0" else "1")


def spoil_only(op, change):
    return lambda asked, answer: change(answer) if asked == op else answer


def main():
    results = []

    def test(name, good, why=""):
        results.append(good)
        if not good:
            print(f"# {why}")
        print(f"{'ok' if good else 'not ok'} {len(results)} {name}")

    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        small = small_set(directory)
        right = verdicts(StandIn(), small)
        test("right answers pass, suites that are not there are skipped",
             right[0] == 0 and right[1] > 20 and right[2] == 0 and right[3] > right[1], right)
        for what, spoil in (
                ("an octet wrong in a sealed packet", spoil_only("seal", flipped)),
                ("an octet wrong in an opened packet", spoil_only("open", flipped)),
                ("an octet too many", spoil_only("seal", lambda a: a + "00")),
                ("a bad packet let in", spoil_only(
                    "open", lambda a: "ok packet=00" if a.startswith("drop") else a)),
                ("a good packet dropped", spoil_only(
                    "open", lambda a: "drop in-icv" if a.startswith("ok") else a)),
                ("another reason", spoil_only(
                    "open", lambda a: "drop in-replay" if a == "drop in-icv" else a)),
                ("a replay verdict wrong", spoil_only("window", flipped)),
                ("a replay verdict missing", spoil_only("window", lambda a: a[:-2])),
                ("a suite whose stand-in never ran", spoil_only("stand-in", lambda a: "ok idle")),
                ("an error", spoil_only("seal", lambda a: "error no memory"))):
            have = verdicts(StandIn(spoil), small)
            test(f"fails: {what}", have[0] == 1 and have[2] > 0, have)
        empty = directory / "empty"
        empty.mkdir()
        test("fails: a directory without vectors", verdicts(StandIn(), empty)[0] == 1)
        have = verdicts(StandIn(), directory / "nowhere")
        test("a missing directory is a visible skip", have == (4, 0, 0, 1), have)
        again = directory / "again"
        with contextlib.redirect_stdout(io.StringIO()):
            generate.generate(again, "test")
        test("the same seed makes the same files",
             all((again / p.name).read_text() == p.read_text()
                 for p in (directory / "made").glob("*.json")))
    if (SHARED / "spec/esp-vectors").is_dir():
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            status = generate.verify([SHARED / "spec/esp-vectors"])
        test("generate.py makes the shared vectors, octet for octet", status == 0,
             text.getvalue())
    else:
        results.append(True)
        print(f"ok {len(results)} generate.py makes the shared vectors "
              f"# SKIP {SHARED}/spec/esp-vectors is not here")
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
