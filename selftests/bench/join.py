#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""join.py FOLDER: puts agentbench.json into bench.json, for one file of all figures."""

import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
whole = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
whole["agent"] = json.loads((folder / "agentbench.json").read_text(encoding="utf-8"))
(folder / "bench.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
