# SPDX-License-Identifier: GPL-2.0-or-later
"""What README and Documentation name is there: subcommands, rules, paths, configurations."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import documents

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = [ROOT / "README.md", *sorted((ROOT / "Documentation").glob("*.md"))]
GMCTL, GMGATED = ROOT / "agent/gmctl", ROOT / "agent/gmgated"
SAMPLE = ROOT / "Documentation/gmgate.yaml"
GUIDE = ROOT / "Documentation/troubleshooting.md"


def code(path):
    """What stands in backquotes on one line, and in indented blocks."""
    text = path.read_text(encoding="utf-8")
    return re.findall(r"`([^`\n]+)`", text) + re.findall(r"^    +(.*)$", text, re.M)


def built(program):
    return unittest.skipUnless(program.exists(), f"{program.name} is not built: make agent")


def check(text):
    """What gmgated --check says of a configuration, without the folder, and its status."""
    with tempfile.TemporaryDirectory() as where:
        path = pathlib.Path(where, "gmgate.yaml")
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([GMGATED, "--check", path.name], cwd=where, text=True,
                              capture_output=True, timeout=60, check=False)
    return (done.stdout + done.stderr).strip(), done.returncode


class Commands(unittest.TestCase):
    """Every `gmctl WORD` of the documents is one that gmctl has."""

    @built(GMCTL)
    def test_subcommands(self):
        said = {}
        for doc in DOCS:
            for piece in code(doc):
                for word in re.findall(r"(?:^|[ #])gmctl (?:-j )?([a-z][a-z-]+)", piece):
                    said.setdefault(word, doc.name)
        self.assertGreater(len(said), 8)
        for word, doc in sorted(said.items()):
            with self.subTest(word=word, document=doc):
                done = subprocess.run([GMCTL, word, "-h"], text=True, capture_output=True,
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"gmctl {word}", done.stdout)


class Options(unittest.TestCase):
    """Every option that a document gives a subcommand is one that it takes."""

    def words(self):
        """Those of each subcommand, from the completion, which is made of gmctl's table."""
        text = (ROOT / "packaging/bash-completion/gmctl").read_text(encoding="utf-8")
        found = {}
        for command, words in re.findall(r"^\t([a-z-]+)/[a-z*]+\)\n\t\twords=\"([^\"]*)\"", text, re.M):
            found.setdefault(command, set()).update(words.split())
        return found

    def test_options(self):
        known, seen = self.words(), 0
        for doc in DOCS:
            for piece in code(doc):
                for command, rest in re.findall(r"(?:^|[ #])gmctl (?:-j )?([a-z][a-z-]+)((?: [^|>&;]*)?)",
                                                piece):
                    for option in re.findall(r"(?<= )-[a-z](?= |$)", rest.split("  ")[0]):
                        seen += 1
                        with self.subTest(command=command, option=option, document=doc.name):
                            self.assertIn(option, known.get(command, set()) | {"-h", "-j"})
        self.assertGreater(seen, 8)

    def test_it_would_be_found(self):
        self.assertNotIn("-w", self.words()["watch"])
        self.assertIn("-w", self.words()["trace"])


class Shown(unittest.TestCase):
    """Each command line is one that e2e_documents.sh runs, wherever it stands."""

    # Where a document speaks of a command in a sentence or in output, without showing it.
    SPOKEN = {("metrics.md", "gmctl stats"): 2, ("troubleshooting.md", "gmctl status"): 1,
              ("seeing.md", "gmctl reload"): 1}

    @built(GMCTL)
    def test_all_are_run(self):
        usage = subprocess.run([GMCTL, "-h"], text=True, capture_output=True, check=True).stdout
        words = re.findall(r"^  ([a-z][a-z-]+)", usage, re.M)
        self.assertGreater(len(words), 15)
        any_of = re.compile(r"\bgmctl\s+(?:-j\s+)?(?:" + "|".join(words) + r")\b|"
                            r"\bgmgated\s+--(?:config|check)\b")
        for path in documents.PAGES + documents.MANUALS:
            text = path.read_text(encoding="utf-8")
            run = documents.of_page(path) if path.suffix == ".md" else documents.of_manual(path)
            with self.subTest(document=path.name):
                there = [" ".join(m.split()) for m in any_of.findall(text)]
                known = [m for s in run for m in any_of.findall(s.command)]
                for (name, command), times in self.SPOKEN.items():
                    known += [command] * times if name == path.name else []
                self.assertEqual(sorted(there), sorted(known))


class Guide(unittest.TestCase):
    """troubleshooting.md: its rules and drops are those there are, its errors are ours."""

    def test_rules_and_drops(self):
        spec = yaml.safe_load((ROOT / "Documentation/netlink/specs/gmgate.yaml").read_text())
        names = {e["name"] for d in spec["definitions"] if d["name"] in ("drop", "counter")
                 for e in d["entries"]}
        names |= set(re.findall(r'= \{ "([a-z-]+)",', (ROOT / "agent/base/rules.c").read_text()))
        rows = [line.split("|")[2] for line in GUIDE.read_text().splitlines()
                if line.startswith("| ") and line.count("|") == 4]
        said = {n for row in rows for n in re.findall(r"`([a-z-]+)`", row)}
        self.assertGreater(len(said), 25)
        self.assertEqual(said - names, set())

    @built(GMGATED)
    def test_errors(self):
        sample = SAMPLE.read_text(encoding="utf-8")
        broken = (sample.replace("port-s: 6100", "port-s: 5060", 1),
                  sample.replace("mw-trusted: [198.51.100.2]", "mw-trusted: [198.51.100.3]", 1),
                  sample.replace("\ngm:\n", "\ngm\n", 1))
        for text in broken:
            said, status = check(text)
            self.assertEqual(status, 1)
            # The line is that of the sample of the day.
            self.assertIn(said.split(": ", 1)[1], GUIDE.read_text(encoding="utf-8"))


class Files(unittest.TestCase):
    """Every file of the tree that a document names is there, and a configuration is one."""

    def test_paths(self):
        seen = 0
        for doc in DOCS:
            for piece in code(doc):
                for path in re.findall(r"(?:Documentation|kmod|debian|packaging)/[\w./-]*\w", piece):
                    seen += 1
                    with self.subTest(path=path, document=doc.name):
                        self.assertTrue((ROOT / path).exists() or "build/" in piece)
        self.assertGreater(seen, 30)

    @built(GMGATED)
    def test_configurations(self):
        seen = 0
        for doc in DOCS:
            blocks = re.findall(r"(?:^    .*\n)+", doc.read_text(encoding="utf-8"), re.M)
            for block in blocks:
                if not block.startswith("    instance:"):
                    continue
                seen += 1
                said, status = check(re.sub(r"^    ", "", block, flags=re.M))
                # Warnings are of this host, which is not the one it is for.
                self.assertRegex(said, r"^gmgate\.yaml: fine")
                self.assertNotRegex(said, r"(?m)^(?!gmgate\.yaml:\d*:? ?[\w.-]+: warning: |gmgate\.yaml: fine)")
                self.assertEqual(status, 0)
        self.assertGreater(seen, 0)


class Netlink(unittest.TestCase):
    """Who netlink.md says calls a verb does, by the sources, and nobody else."""

    def callers(self, number):
        """gmgated and the subcommands of gmctl that call what sends this command."""
        wanted = re.compile(r"\b(" + "|".join(self.functions[number]) + r")\(")
        found = set()
        for path in (ROOT / "agent").rglob("*.c"):
            if path.parent.name == "test" or path.name.startswith("gate") or \
               not wanted.search(path.read_text(encoding="utf-8")):
                continue
            if path.parent.name != "ctl":
                found.add("gmgated")
            elif path.stem == "ctl_rates":      # what these two share
                found |= {"gmctl top", "gmctl watch"}
            else:
                found.add("gmctl " + path.stem.split("_")[1])
        return found

    def setUp(self):
        text = (ROOT / "agent/kernel/gate.c").read_text(encoding="utf-8")
        self.functions = {}
        for name, body in re.findall(r"^(?:int|static [^;{]*?) \*?(gate_\w+)\([^;{]*\)\n\{(.*?)^\}", text,
                                     re.M | re.S):
            for number in re.findall(r"GMGATE_CMD_(\w+)", body):
                self.functions.setdefault(number, set()).add(name)
        self.functions["EVENT"] = {"gate_events_open"}

    def test_callers(self):
        spec = yaml.safe_load((ROOT / "Documentation/netlink/specs/gmgate.yaml").read_text())
        for op in spec["operations"]["list"]:
            users = re.search(r"^:users:((?:.|\n(?!:))*)", op["doc"], re.M).group(1)
            said = {" ".join(u.split()[:2]) for u in users.split(";")}
            with self.subTest(verb=op["name"]):
                self.assertEqual(said, self.callers(op["name"].replace("-", "_").upper()))


if __name__ == "__main__":
    unittest.main()
