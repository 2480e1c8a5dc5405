#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make the table nl_fuzz works from: the YAML spec of the netlink family as C,
and the suites of the vector tests with the lengths of their keys.

usage: nl_table.py > nl_table.c
"""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path += [os.path.join(HERE, "..", "kernel"), os.path.join(HERE, "..", "vectors")]

import rawnl      # noqa: E402
import suites     # noqa: E402

BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}


def ident(name):
    return name.replace("-", "_")


def number(spec, value):
    """A number of the spec, or the name of one of its constants."""
    if isinstance(value, str):
        value = next(d["value"] for d in spec.consts if d["name"] == value)
    return value


def attribute(spec, asets, at, a):
    checks = a.get("checks", {})
    low, high, count = 0, 0, 0
    if a["type"] in BITS:
        low = number(spec, checks.get("min", 0))
        high = number(spec, checks.get("max", (1 << BITS[a["type"]]) - 1))
    if "enum" in a:
        count = len(spec.enums[a["enum"]])
        high = (1 << count) - 1 if a["enum"] in spec.flags else count - 1
    if a["type"] == "binary":
        high = number(spec, checks.get("max-len", checks.get("exact-len", 64)))
    nest = asets.index(a["nested-attributes"]) if a["type"] == "nest" else -1
    return (f'\t{{ "{a["name"]}", {at}, T_{a["type"].upper()}, {low}ull, {high}ull, '
            f'{nest}, {int(bool(a.get("multi-attr")))} }},')


def main():
    spec = rawnl.spec()
    with open(rawnl.SPEC, encoding="utf-8") as f:
        data = rawnl.yaml.safe_load(f)
    spec.consts = [d for d in data["definitions"] if d["type"] == "const"]
    spec.flags = {d["name"] for d in data["definitions"] if d["type"] == "flags"}
    asets = list(spec.sets)
    out = ["/* SPDX-License-Identifier: GPL-2.0-or-later */",
           "/* Made by nl_table.py from the YAML spec. */", "#include \"nl_fuzz.h\""]
    for name, attrs in spec.sets.items():
        out.append(f"static const struct fz_attr attrs_{ident(name)}[] = {{")
        out += [attribute(spec, asets, i, a) for i, a in enumerate(attrs, 1)]
        out.append("};")
    out.append("const struct fz_aset fz_asets[] = {")
    out += [f'\t{{ "{n}", attrs_{ident(n)}, {len(spec.sets[n])} }},' for n in asets]
    out += ["};", f"const unsigned int fz_n_asets = {len(asets)};"]

    rows = []
    for name, op in spec.ops.items():
        if "event" in op:
            continue
        lists = []
        for way in ("do", "dump"):
            if way not in op:
                lists.append("NULL, -1")
                continue
            numbers = [spec.number(op["attribute-set"], a)
                       for a in op[way]["request"]["attributes"]]
            out.append(f"static const uint16_t {way}_{ident(name)}[] = "
                       f"{{ {', '.join(map(str, [*numbers, 0]))} }};")
            lists.append(f"{way}_{ident(name)}, {len(numbers)}")
        rows.append(f'\t{{ "{name}", {op["value"]}, '
                    f'{asets.index(op["attribute-set"])}, {", ".join(lists)} }},')
    out += ["const struct fz_op fz_ops[] = {", *rows, "};",
            f"const unsigned int fz_n_ops = {len(rows)};"]

    algs, ealgs = spec.enums["alg"], spec.enums["ealg"]
    out.append("const struct fz_suite fz_suites[] = {")
    for s in suites.SUITES:
        keys = suites.expand(s, bytes(16), bytes(16))
        out.append(f'\t{{ "{s.name}", {algs.index(s.alg)}, {ealgs.index(s.ealg)}, '
                   f"{len(keys.ik_esp)}, {len(keys.ck_esp)}, {len(keys.salt)}, "
                   f"{s.iv_len}, {s.align}, {s.icv_len} }},")
    out += ["};", f"const unsigned int fz_n_suites = {len(suites.SUITES)};"]
    print("\n".join(out))


if __name__ == "__main__":
    main()
