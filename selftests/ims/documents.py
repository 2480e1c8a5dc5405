#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command lines of gmctl and gmgated that README, Documentation and the man pages show.

usage: documents.py                        prints them
       documents.py plan FOLDER            what e2e_documents.sh does for each: a line with
                                           phase, kind, status, folder, output, bare command,
                                           document, command; makes folders and outputs in FOLDER
       documents.py compare SHOWN PRINTED  the one as the other, but for numbers and breaks
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "Documentation").glob("*.md"))]
MANUALS = sorted((ROOT / "Documentation/man").glob("*.[58]"))
# What counts as one: a word follows the program, in a text of code.
COMMAND = re.compile(r"^(?:agent/)?(?:gmctl|gmgated) +[-a-z]")


class Shown:
    """A command line, where it stands, and the lines of output that follow it there."""

    def __init__(self, document, command, output=()):
        self.document, self.output = document, list(output)
        self.command = " ".join(command.split())
        self.symptom = ""               # what is wrong there, a word

    def key(self):
        return self.symptom, self.command, tuple(self.output)


def block(lines, document):
    """Of an indented block: commands behind a prompt or at the left, with their output."""
    found, prompt = [], any(re.match(r"[#$] ", line) for line in lines)
    for line in lines:
        text = re.sub(r"^[#$] ", "", line) if prompt else line
        if prompt and text == line:         # output
            if found:
                found[-1].output.append(line)
            continue
        command = re.sub(r"(^|\s+)# .*", "", text)
        found.append(Shown(document, command))
    return [s for s in found if COMMAND.match(s.command)]


def of_page(path):
    """Of Markdown: spans of code, over a line's end too, and indented blocks."""
    text, found = path.read_text(encoding="utf-8"), []
    for whole in re.finditer(r"(?:^(?:    |       ).*\n)(?:^(?:    .*|)\n)*", text, re.M):
        lines = [line for line in whole.group().splitlines() if line.strip()]
        margin = min(len(line) - len(line.lstrip()) for line in lines)
        here = block([line[margin:].rstrip() for line in lines], path.name)
        headings = re.findall(r"^##+ (.*)$", text[:whole.start()], re.M)
        symptom = re.match(r"`([a-z-]+)`: ", headings[-1]) if headings else None
        for one in here:
            one.symptom = symptom.group(1) if symptom else ""
        found += here
    for span in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", text):
        if COMMAND.match(span):
            found.append(Shown(path.name, span))
    return found


def of_manual(path):
    """Of mdoc: .Ql and .Dl, and the displays of EXAMPLES."""
    text, found = path.read_text(encoding="utf-8"), []
    for line in re.findall(r"^\.[QD]l (.*?)(?: [.:,;])?$", text, re.M):
        if COMMAND.match(line):
            found.append(Shown(path.name, line))
    for display in re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed", text, re.M | re.S):
        lines = re.sub(r" \\e\n +", " ", display).splitlines()
        found += block(lines, path.name)
    return found


def shown():
    """All of them, each once."""
    out, seen = [], set()
    for path in PAGES:
        out += of_page(path)
    for path in MANUALS:
        out += of_manual(path)
    return [s for s in out if not (s.key() in seen or seen.add(s.key()))]


# What stands in an example for something of the operator's, and what the guest has there;
# $WORDS are variables and functions of e2e_documents.sh.
EXAMPLES = (
    ("UE", "$IMPI"), ("ADDRESS", "$ADDRESS"), ("CALL-ID", "$CALL_ID"), ("SECONDS", "3"),
    ("FILE.pcapng", "some.pcapng"), ("385", "$SET"), ("endpoint 1", "endpoint $ENDPOINT"),
    ("addr 10.4.128.21", "addr 10.4.128.99"),           # the agent has the other one
    ("/etc/gmgate/gmgate.yaml", "gmgate.yaml"), ("/etc/dnsmasq.d/pcscf.conf", "pcscf.conf"),
    ("wireshark -k -i -", "tshark -r -"))
FILES = {"gmctl ladder": "trace.jsonl", "gmctl trace": "other.pcapng", "gmgated --check": "gmgate.yaml"}

# Where the text names a subcommand that takes more words: what is said here.
COMPLETED = {
    "gmctl deregister": "$IMPI", "gmctl ue show": "$IMPI", "gmgated --check": "gmgate.yaml",
    "gmctl endpoint add": "addr 10.4.128.98 port-s 6100 port-c 6101 instance 9 spi 0x10000-0x1ffff",
    "gmctl endpoint del": "$(spare_endpoint)",
    "gmctl endpoint change": "$(spare_endpoint) key-export on",
    "gmctl set add": "$(spare_words) < keys", "gmctl set load": "< sets",
    "gmctl set change": "$(spare_set) state established",
    "gmctl set del": "$(spare_set)", "gmctl set show": "$(spare_set)"}
# What is undone, so that the next finds phones.
UNDO = {"gmctl drain": "gmctl undrain"}

# These go on until ^C.
LIVE = re.compile(r"^gmctl (-j )?(trace|watch|monitor|top|ladder -[ft])\b")
# What an output says of the state in which it was made.
STATES = {"no netlink family": "no-module", "no agent at": "no-agent"}
# The sample with a mistake in it, by what is said of that.
MISTAKES = {
    "is the unprotected port": ("port-s: 6100", "port-s: 5060"),
    "this is not YAML": ("\ngm:\n", "\ngm\n"),
    "no interface here has": ("192.0.2.10", "192.0.2.77"),
    "is not in mw-trusted": ("mw-trusted: [198.51.100.2]", "mw-trusted: [198.51.100.3]")}


def in_guest(command):
    """The command line with the guest's words in place of the examples'."""
    bare = command in COMPLETED
    done = f"{command} {COMPLETED[command]}" if bare else command
    for start, name in FILES.items():
        if done.startswith(start):
            done = re.sub(r"(?<!\S)FILE(?!\S)", name, done)
    for word, here in EXAMPLES:
        done = re.sub(rf"(?<!\S){re.escape(word)}(?!\S)", lambda _, here=here: here, done)
    if command in UNDO:
        done += "; status=$?; " + UNDO[command] + "; exit $status"
    return command if bare else "-", done


def is_failure(output):
    """An error of the program's, rather than something that it shows."""
    return bool(output) and re.match(r"gmctl: (?!listening)|gmgated: error|"
                                    r"\S+\.yaml:\d+: (?!\S+: warning: )", output[0])


def plan(one, number, work):
    """The fields of its line."""
    text = "\n".join(one.output)
    phase = next((s for said, s in STATES.items() if said in text), "running")
    if one.symptom:             # e2e_guide.sh has a phone with that
        phase = f"symptom-{one.symptom}"
    folder = work / "here"
    for said, (good, bad) in MISTAKES.items():
        if said in text:
            folder = work / f"mistake-{number}"
            folder.mkdir()
            sample = (ROOT / "Documentation/gmgate.yaml").read_text(encoding="utf-8")
            assert good in sample, good
            (folder / "gmgate.yaml").write_text(sample.replace(good, bad, 1), encoding="utf-8")
    kind = "live" if LIVE.match(one.command) else "once"
    if one.command.startswith("agent/gmgated --config"):
        phase, kind = "no-agent", "agent"
    expected = "-"
    if one.output:
        expected = work / f"shown-{number}"
        expected.write_text(text + "\n", encoding="utf-8")
    bare, command = in_guest(one.command)
    return (phase, kind, "1" if is_failure(one.output) else "0", folder, expected,
            bare, one.document, command)


def shape(text):
    """Words without what differs from run to run."""
    text = re.sub(r"\bims\.(?:mnc[\w.]+|example)", "domain", text)
    text = " ".join(re.sub(r"\b0x[0-9a-f]+\b|\d+", "0", text).split())
    return re.sub(r"\b(?:0 (?:d|h|min) )+0 (?=(?:h|min|s)\b)", "0 ", text)     # a time


def compare(want, have):
    """What was shown is there, line by line in its order; an indented line goes on."""
    have = shape(pathlib.Path(have).read_text(encoding="utf-8"))
    lines = re.sub(r"\n +", " ", pathlib.Path(want).read_text(encoding="utf-8")).splitlines()
    at = 0
    for line in map(shape, lines):
        found = have.find(line, at)
        if found < 0:
            print(f"shown:   {line}\nprinted: {have[:3000]}")
            return 1
        at = found + len(line)
    return 0


def main():
    if sys.argv[1:2] == ["plan"]:
        for number, one in enumerate(shown()):
            print(*plan(one, number, pathlib.Path(sys.argv[2])), sep="\t")
        return 0
    if sys.argv[1:2] == ["compare"]:
        return compare(*sys.argv[2:])
    for one in shown():
        print(one.document, one.command, sep=": ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
