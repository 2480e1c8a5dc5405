#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make the C files and the reference of the netlink family from its YAML spec.

  gen.py            write the files below into the tree
  gen.py --check    write nothing; fail with a diff where the tree differs

The spec is Documentation/netlink/specs/gmgate.yaml, in the format of the
kernel's YNL (genetlink-legacy, kernel-policy per-op).  It is checked for
consistency first: a name that is not defined, a check that does not fit its
type or a misspelt key is an error, not a surprise in C.
"""

import argparse
import difflib
import errno
import os
import re
import sys
import textwrap

import yaml

from gen_doc import caused, facts, make_doc

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
SPEC = "Documentation/netlink/specs/gmgate.yaml"
SELF = "Documentation/netlink/gen.py"

UAPI = "include/uapi/linux/gmgate.h"
KMOD_H = "kmod/netlink-gen.h"
KMOD_C = "kmod/netlink-gen.c"
KMOD_NAMES = "kmod/names-gen.h"
AGENT_NAMES = "agent/kernel/gate_names-gen.h"
REFERENCE = "Documentation/netlink.md"

INT_TYPES = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}
TYPES = set(INT_TYPES) | {"binary", "nest", "pad", "flag"}
OP_FLAGS = {"admin-perm": "GENL_ADMIN_PERM",
            "uns-admin-perm": "GENL_UNS_ADMIN_PERM"}
DONT_VALIDATE = {"strict": "GENL_DONT_VALIDATE_STRICT",
                 "dump": "GENL_DONT_VALIDATE_DUMP",
                 "dump-strict": "GENL_DONT_VALIDATE_DUMP_STRICT"}

# Keys each kind of mapping may have, so that a misspelt one is noticed.
KEYS = {
    "spec": "name protocol kernel-policy uapi-header doc definitions "
            "attribute-sets operations mcast-groups",
    "const": "name type value doc",
    "enum": "name type doc entries",
    "entry": "name doc",
    "attribute-set": "name name-prefix doc attributes",
    "attribute": "name type doc enum checks nested-attributes multi-attr",
    "checks": "min max max-len exact-len",
    "operations": "name-prefix list",
    "operation": "name value doc attribute-set dont-validate flags do dump "
                 "event mcgrp",
    "do": "request reply",
    "message": "attributes",
}


class SpecError(Exception):
    """The spec contradicts itself."""


def c_upper(name):
    return name.replace("-", "_").upper()


def c_lower(name):
    return name.replace("-", "_").lower()


def sentence(doc):
    """A doc string on one line."""
    return " ".join((doc or "").split())


# ---------------------------------------------------------------- the spec


class Spec:
    """The spec, checked, with names resolved."""

    def __init__(self, data):
        self.keys(data, "spec", "the spec")
        self.data = data
        self.name = data["name"]
        self.prefix = c_upper(self.name) + "_"
        self.consts = {}
        self.enums = {}
        self.sets = {}
        self.ops = []
        self.groups = [g["name"] for g in
                       data.get("mcast-groups", {}).get("list", [])]
        if data.get("protocol") != "genetlink-legacy":
            raise SpecError("protocol is not genetlink-legacy")
        if data.get("kernel-policy") != "per-op":
            raise SpecError("kernel-policy is not per-op")
        if data.get("uapi-header") != UAPI[len("include/uapi/"):]:
            raise SpecError(f"uapi-header is not that of {UAPI}")
        self.read_definitions()
        self.read_sets()
        self.read_ops()
        self.check_identifiers()

    @staticmethod
    def keys(mapping, kind, where):
        if not isinstance(mapping, dict):
            raise SpecError(f"{where}: not a mapping")
        unknown = set(mapping) - set(KEYS[kind].split())
        if unknown:
            raise SpecError(f"{where}: unknown key {', '.join(sorted(map(str, unknown)))}")

    @staticmethod
    def names(items, where):
        seen = set()
        for item in items:
            name = item.get("name")
            if not isinstance(name, str) or \
               not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
                raise SpecError(f"{where}: bad name {name!r}")
            if name in seen:
                raise SpecError(f"{where}: {name} is there twice")
            seen.add(name)

    def read_definitions(self):
        defs = self.data["definitions"]
        self.names(defs, "definitions")
        for d in defs:
            where = f"definition {d['name']}"
            if d.get("type") == "const":
                self.keys(d, "const", where)
                if not isinstance(d.get("value"), int):
                    raise SpecError(f"{where}: value is not a number")
                self.consts[d["name"]] = d
                continue
            if d.get("type") not in ("enum", "flags"):
                raise SpecError(f"{where}: type {d.get('type')!r}")
            self.keys(d, "enum", where)
            if not d.get("entries"):
                raise SpecError(f"{where}: no entries")
            self.names(d["entries"], where)
            for e in d["entries"]:
                self.keys(e, "entry", f"{where}, entry {e['name']}")
            if any(e["name"] == "unspec" for e in d["entries"][1:]):
                raise SpecError(f"{where}: unspec is not the first entry")
            self.enums[d["name"]] = d

    def read_sets(self):
        sets = self.data["attribute-sets"]
        self.names(sets, "attribute-sets")
        for s in sets:
            where = f"attribute-set {s['name']}"
            self.keys(s, "attribute-set", where)
            self.names(s["attributes"], where)
            if s.get("name-prefix") != f"{self.name}-{s['name']}-attr-":
                raise SpecError(f"{where}: name-prefix is not "
                                f"{self.name}-{s['name']}-attr-")
            self.sets[s["name"]] = s
        for s in sets:
            for a in s["attributes"]:
                self.check_attribute(a, f"attribute {s['name']}.{a['name']}")

    def check_attribute(self, a, where):
        self.keys(a, "attribute", where)
        kind = a.get("type")
        if kind not in TYPES:
            raise SpecError(f"{where}: type {kind!r}")
        if "enum" in a and a["enum"] not in self.enums:
            raise SpecError(f"{where}: no enum {a['enum']}")
        if "enum" in a and kind not in INT_TYPES:
            raise SpecError(f"{where}: an enum that is not an integer")
        if (kind == "nest") != ("nested-attributes" in a):
            raise SpecError(f"{where}: nest and nested-attributes go together")
        if kind == "nest" and a["nested-attributes"] not in self.sets:
            raise SpecError(f"{where}: no attribute-set {a['nested-attributes']}")
        checks = a.get("checks", {})
        self.keys(checks, "checks", where)
        if checks and "enum" in a:
            raise SpecError(f"{where}: the enum is the check")
        for check, value in checks.items():
            is_len = check in ("max-len", "exact-len")
            if is_len != (kind == "binary"):
                raise SpecError(f"{where}: {check} does not fit type {kind}")
            if isinstance(value, str) and value in self.consts:
                value = self.consts[value]["value"]
            # struct nla_policy holds the bounds as s16
            if not isinstance(value, int) or not 0 <= value < 1 << 15:
                raise SpecError(f"{where}: {check} {value!r}")

    def read_ops(self):
        ops = self.data["operations"]
        self.keys(ops, "operations", "operations")
        if ops.get("name-prefix") != f"{self.name}-cmd-":
            raise SpecError(f"operations: name-prefix is not {self.name}-cmd-")
        self.names(ops["list"], "operations")
        value = 0
        for op in ops["list"]:
            where = f"operation {op['name']}"
            self.keys(op, "operation", where)
            value = op.get("value", value + 1)
            if self.ops and value <= self.ops[-1]["value"]:
                raise SpecError(f"{where}: value {value} goes backwards")
            if not 0 < value < 256:
                raise SpecError(f"{where}: value {value}")
            if op.get("attribute-set") not in self.sets:
                raise SpecError(f"{where}: no attribute-set {op.get('attribute-set')!r}")
            for flag in op.get("flags", []):
                if flag not in OP_FLAGS:
                    raise SpecError(f"{where}: flag {flag}")
            for what in op.get("dont-validate", []):
                if what not in DONT_VALIDATE:
                    raise SpecError(f"{where}: dont-validate {what}")
            self.check_messages(op, where)
            self.check_facts(op, where)
            self.ops.append(dict(op, value=value))

    @staticmethod
    def check_facts(op, where):
        """The doc says who calls it, and how it can fail."""
        said, fields = facts(op)
        if not said.endswith("."):
            raise SpecError(f"{where}: the doc is no sentence")
        if "users" not in fields:
            raise SpecError(f"{where}: the doc does not say who calls it")
        for name, text in fields.items():
            if name != "users" and not hasattr(errno, name):
                raise SpecError(f"{where}: {name} is no error")
            if not all(caused(text)):
                raise SpecError(f"{where}: {name} without a cause")

    def check_messages(self, op, where):
        modes = [m for m in ("do", "dump", "event") if m in op]
        if not modes:
            raise SpecError(f"{where}: neither do, dump nor event")
        if ("event" in op) != ("mcgrp" in op):
            raise SpecError(f"{where}: event and mcgrp go together")
        if "mcgrp" in op and op["mcgrp"] not in self.groups:
            raise SpecError(f"{where}: no multicast group {op['mcgrp']}")
        if "event" in op and len(modes) > 1:
            raise SpecError(f"{where}: an event is not a request")
        if "event" not in op and "admin-perm" not in op.get("flags", []):
            raise SpecError(f"{where}: not admin-perm")
        messages = []
        for mode in ("do", "dump"):
            if mode in op:
                self.keys(op[mode], "do", f"{where}, {mode}")
                messages += [(f"{mode} {k}", m) for k, m in op[mode].items()]
        if "event" in op:
            messages.append(("event", op["event"]))
        known = {a["name"] for a in self.sets[op["attribute-set"]]["attributes"]}
        for label, message in messages:
            self.keys(message, "message", f"{where}, {label}")
            listed = message["attributes"]
            for a in listed:
                if a not in known:
                    raise SpecError(f"{where}, {label}: no attribute {a} "
                                    f"in {op['attribute-set']}")
                if listed.count(a) > 1:
                    raise SpecError(f"{where}, {label}: {a} twice")

    def check_identifiers(self):
        """No two things may get the same C name."""
        seen = {}
        for d in self.enums.values():
            for e in d["entries"]:
                self.claim(seen, self.entry(d, e), f"enum {d['name']}")
            self.claim(seen, self.enum_max(d), f"the end of enum {d['name']}")
        for s in self.sets.values():
            self.claim(seen, self.attr(s, "unspec"), f"attribute-set {s['name']}")
            self.claim(seen, self.attr(s, "max"), f"attribute-set {s['name']}")
            for a in s["attributes"]:
                self.claim(seen, self.attr(s, a["name"]), f"attribute-set {s['name']}")
        for op in self.ops:
            self.claim(seen, self.cmd(op), "operations")
        for c in self.consts.values():
            self.claim(seen, self.prefix + c_upper(c["name"]), f"const {c['name']}")

    @staticmethod
    def claim(seen, ident, where):
        if ident in seen:
            raise SpecError(f"{ident} is made by {seen[ident]} and by {where}")
        seen[ident] = where

    # C names

    def entry(self, enum, entry):
        return f"{self.prefix}{c_upper(enum['name'])}_{c_upper(entry['name'])}"

    def enum_max(self, enum):
        return f"{self.prefix}{c_upper(enum['name'])}_MAX"

    def enum_mask(self, enum):
        return f"{self.prefix}{c_upper(enum['name'])}_MASK"

    @staticmethod
    def attr(aset, name):
        return c_upper(aset["name-prefix"] + name)

    def cmd(self, op):
        return c_upper(self.data["operations"]["name-prefix"] + op["name"])

    def plain_enums(self):
        return [d for d in self.enums.values() if d["type"] == "enum"]


# ------------------------------------------------------------- C fragments


def heading(licence, block=True):
    note = f"Made by {SELF} from the spec beside it (specs/gmgate.yaml). Do not edit."
    if not block:
        return [f"// SPDX-License-Identifier: {licence}", f"// {note}"]
    return [f"/* SPDX-License-Identifier: {licence} */", f"/* {note} */"]


def wrapped(text, first, rest, width=78):
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest,
                         break_long_words=False, break_on_hyphens=False)


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def kernel_doc(title, doc, members):
    """A kernel-doc comment; members are (name, doc) pairs."""
    out = ["/**"]
    out += wrapped(f"{title} - {doc}" if doc else title, " * ", " *   ")
    for name, text in members:
        out += wrapped(f"@{name}: {text}".rstrip(), " * ", " *\t")
    out.append(" */")
    return out


def comment(text):
    lines = wrapped(text, "\t/* ", "\t * ")
    lines[-1] += " */"
    return lines


# ------------------------------------------------------------ uapi header


def uapi_enum(spec, d):
    values = []
    members = []
    for i, e in enumerate(d["entries"]):
        ident = spec.entry(d, e)
        doc = sentence(e.get("doc"))
        if not doc and e["name"] == "unspec":
            doc = "not given."
        members.append((ident, doc or e["name"] + "."))
        if d["type"] == "flags":
            values.append(f"\t{ident} = {1 << i},")
        else:
            values.append(f"\t{ident},")
    out = kernel_doc(f"enum {c_lower(spec.prefix + d['name'])}",
                     sentence(d.get("doc")) or d["name"].replace("-", " "), members)
    out += [f"enum {c_lower(spec.prefix + d['name'])} {{"] + values
    out += ["", "\t/* private: */"]
    if d["type"] == "flags":
        out.append(f"\t{spec.enum_mask(d)} = {(1 << len(d['entries'])) - 1},")
    else:
        end = spec.enum_max(d)
        out += [f"\t__{end},", f"\t{end} = (__{end} - 1)"]
    return out + ["};", ""]


def uapi_attributes(spec, s):
    out = ["enum {", f"\t{spec.attr(s, 'unspec')},"]
    for a in s["attributes"]:
        kind = a["type"]
        if kind == "nest":
            kind = f"nest of {c_upper(spec.sets[a['nested-attributes']]['name-prefix'])}*"
        elif "enum" in a:
            kind += f" (enum {c_lower(spec.prefix + a['enum'])})"
        if a.get("multi-attr"):
            kind += ", repeated"
        doc = sentence(a.get("doc"))
        out += comment(f"{kind}: {doc}" if doc else kind)
        out.append(f"\t{spec.attr(s, a['name'])},")
    end = spec.attr(s, "max")
    return out + ["", f"\t__{end},", f"\t{end} = (__{end} - 1)", "};", ""]


def make_uapi(spec):
    out = heading("(GPL-2.0-or-later WITH Linux-syscall-note)")
    out += ["#ifndef _UAPI_LINUX_GMGATE_H", "#define _UAPI_LINUX_GMGATE_H", ""]
    out += ["/*"] + wrapped(sentence(spec.data.get("doc")), " * ", " * ") + [" */", ""]
    out.append(f'#define {spec.prefix}FAMILY_NAME "{spec.name}"')
    for g in spec.groups:
        out.append(f'#define {spec.prefix}MCGRP_{c_upper(g)} "{g}"')
    out.append("")
    for c in spec.consts.values():
        if c.get("doc"):
            out += [f"/* {sentence(c['doc'])} */"]
        out.append(f"#define {spec.prefix}{c_upper(c['name'])} {c['value']}")
    out.append("")
    for d in spec.enums.values():
        out += uapi_enum(spec, d)
    for s in spec.sets.values():
        out += uapi_attributes(spec, s)
    out += kernel_doc(f"enum {spec.name}_cmd", "commands of the family",
                      [(spec.cmd(op), facts(op)[0]) for op in spec.ops])
    out += [f"enum {spec.name}_cmd {{"]
    value = 0
    for op in spec.ops:
        value += 1
        number = f" = {op['value']}" if op["value"] != value or value == 1 else ""
        out.append(f"\t{spec.cmd(op)}{number},")
        value = op["value"]
    end = f"{spec.prefix}CMD_MAX"
    out += ["", "\t/* private: */", f"\t__{end},", f"\t{end} = (__{end} - 1)", "};", ""]
    return out + ["#endif /* _UAPI_LINUX_GMGATE_H */"]


# ---------------------------------------------------------- kernel policies


def attr_policy(spec, a):
    """The initializer of an attribute's struct nla_policy."""
    kind = a["type"]
    checks = a.get("checks", {})
    nla = f"NLA_{kind.upper()}"
    if kind in ("pad", "flag"):
        return "{ .type = NLA_REJECT, }" if kind == "pad" else "{ .type = NLA_FLAG, }"
    if kind == "nest":
        return f"NLA_POLICY_NESTED(gmg_nl_{c_lower(a['nested-attributes'])}_nest_policy)"
    if "enum" in a:
        d = spec.enums[a["enum"]]
        if d["type"] == "flags":
            return f"NLA_POLICY_MASK({nla}, {spec.enum_mask(d)})"
        if d["entries"][0]["name"] == "unspec":
            first = spec.entry(d, d["entries"][1])
            return f"NLA_POLICY_RANGE({nla}, {first},\n\t\t\t\t{spec.enum_max(d)})"
        return f"NLA_POLICY_MAX({nla}, {spec.enum_max(d)})"

    def bound(value):
        return spec.prefix + c_upper(value) if isinstance(value, str) else str(value)

    if "exact-len" in checks:
        return f"NLA_POLICY_EXACT_LEN({bound(checks['exact-len'])})"
    if "max-len" in checks:
        return f"{{ .type = NLA_BINARY, .len = {bound(checks['max-len'])}, }}"
    if "min" in checks and "max" in checks:
        return f"NLA_POLICY_RANGE({nla}, {bound(checks['min'])}, {bound(checks['max'])})"
    if "min" in checks:
        return f"NLA_POLICY_MIN({nla}, {bound(checks['min'])})"
    if "max" in checks:
        return f"NLA_POLICY_MAX({nla}, {bound(checks['max'])})"
    return f"{{ .type = {nla}, }}"


def request_attrs(op, mode):
    return op.get(mode, {}).get("request", {}).get("attributes", [])


def op_policy(spec, op):
    """(policy name or None, attributes, note) of an operation's request.

    struct genl_ops has one policy for do and dump together, so where the two
    take different attributes the policy is the union of both.
    """
    do, dump = request_attrs(op, "do"), request_attrs(op, "dump")
    name = f"gmg_nl_{c_lower(op['name'])}"
    if "do" in op and "dump" in op and set(do) != set(dump):
        note = [f"do takes {', '.join(do) or 'nothing'}; "
                f"dump takes {', '.join(dump) or 'nothing'}. struct genl_ops has one "
                "policy for both: this is the union, the rest is checked in code."]
        return f"{name}_policy", do + [a for a in dump if a not in do], note
    modes = [m for m in ("do", "dump") if m in op]
    return f"{name}_{'_'.join(modes)}_policy", do or dump, []


def last_attr(spec, aset, names):
    """The name of the highest-numbered of these attributes."""
    order = [a["name"] for a in aset["attributes"]]
    return max(names, key=order.index)


def make_policy(spec, aset, name, names, note):
    attrs = [a for a in aset["attributes"] if a["name"] in names]
    title = f"{aset['name']} nest" if name.endswith("_nest_policy") else None
    out = []
    if note:
        out += ["/*"] + wrapped(note[0], " * ", " * ") + [" */"]
    elif title:
        out.append(f"/* {title} */")
    size = spec.attr(aset, last_attr(spec, aset, names))
    out.append(f"static const struct nla_policy\n{name}[{size} + 1] = {{")
    for a in attrs:
        out.append(f"\t[{spec.attr(aset, a['name'])}] = {attr_policy(spec, a)},")
    return out + ["};", ""]


def nests_used(spec, ops):
    """Attribute-sets nested in requests, innermost first."""
    order = []

    def visit(aset, names):
        for a in aset["attributes"]:
            if a["name"] in names and a["type"] == "nest":
                inner = spec.sets[a["nested-attributes"]]
                visit(inner, [x["name"] for x in inner["attributes"]])
                if inner not in order:
                    order.append(inner)

    for op in ops:
        visit(spec.sets[op["attribute-set"]],
              request_attrs(op, "do") + request_attrs(op, "dump"))
    return order


def callbacks(op):
    """(member, function, arguments) of an operation."""
    base = f"gmg_nl_{c_lower(op['name'])}"
    out = []
    if "do" in op:
        out.append(("doit", f"{base}_doit",
                    "struct sk_buff *skb, struct genl_info *info"))
    if "dump" in op:
        out.append(("start", f"{base}_start", "struct netlink_callback *cb"))
        out.append(("dumpit", f"{base}_dumpit",
                    "struct sk_buff *skb, struct netlink_callback *cb"))
        out.append(("done", f"{base}_done", "struct netlink_callback *cb"))
    return out


def make_kmod_header(spec):
    requests = [op for op in spec.ops if "event" not in op]
    out = heading("GPL-2.0-or-later")
    out += ["#ifndef _GMG_NETLINK_GEN_H", "#define _GMG_NETLINK_GEN_H", "",
            "#include <net/genetlink.h>", "#include <net/netlink.h>", "",
            "#include <linux/gmgate.h>", ""]
    for op in requests:
        out += [f"int {func}({args});" for _, func, args in callbacks(op)]
    out += ["", "enum {"]
    out += [f"\tGMG_NL_MCGRP_{c_upper(g)}," for g in spec.groups]
    out += ["};", "",
            f"extern const struct genl_ops gmg_nl_ops[{len(requests)}];",
            "extern const struct genl_multicast_group "
            f"gmg_nl_mcgrps[{len(spec.groups)}];", "",
            "#endif /* _GMG_NETLINK_GEN_H */"]
    return out


def make_kmod_source(spec):
    requests = [op for op in spec.ops if "event" not in op]
    out = heading("GPL-2.0-or-later", block=False)
    out += ["#include <net/genetlink.h>", "#include <net/netlink.h>", "",
            '#include "netlink-gen.h"', ""]
    for aset in nests_used(spec, requests):
        out += make_policy(spec, aset, f"gmg_nl_{c_lower(aset['name'])}_nest_policy",
                           [a["name"] for a in aset["attributes"]], [])
    ops = []
    for op in requests:
        aset = spec.sets[op["attribute-set"]]
        name, names, note = op_policy(spec, op)
        ops += ["\t{", f"\t\t.cmd\t\t= {spec.cmd(op)},"]
        ops += [f"\t\t.{member}\t\t= {func}," for member, func, _ in callbacks(op)]
        if names:
            out += make_policy(spec, aset, name, names, note)
            last = last_attr(spec, aset, names)
            ops += [f"\t\t.policy\t\t= {name},",
                    f"\t\t.maxattr\t= {spec.attr(aset, last)},"]
        flags = " | ".join(OP_FLAGS[f] for f in op.get("flags", []))
        ops.append(f"\t\t.flags\t\t= {flags},")
        loose = " | ".join(DONT_VALIDATE[v] for v in op.get("dont-validate", []))
        if loose:
            ops.append(f"\t\t.validate\t= {loose},")
        ops.append("\t},")
    out += ["/* An operation without policy refuses every attribute. */",
            f"const struct genl_ops gmg_nl_ops[{len(requests)}] = {{"] + ops
    out += ["};", "",
            "const struct genl_multicast_group "
            f"gmg_nl_mcgrps[{len(spec.groups)}] = {{"]
    for g in spec.groups:
        out += [f"\t[GMG_NL_MCGRP_{c_upper(g)}] = {{",
                f"\t\t.name\t= {spec.prefix}MCGRP_{c_upper(g)},",
                "#ifdef GENL_MCAST_CAP_NET_ADMIN",
                "\t\t.flags\t= GENL_MCAST_CAP_NET_ADMIN,",
                "#endif", "\t},"]
    return out + ["};"]


# ------------------------------------------------------------------- names


def make_kmod_names(spec):
    out = heading("GPL-2.0-or-later")
    out += ["#ifndef _GMG_NAMES_GEN_H", "#define _GMG_NAMES_GEN_H", ""]
    out += ["/*"] + wrapped(
        "Names of the enums of the uapi header, as gmctl prints them. X(ident, name) "
        "is expanded for each entry. The _SEP forms expand L(ident, name) for the last "
        "entry, for lists that must not end in a comma.", " * ", " * ") + [" */", ""]
    for d in spec.plain_enums():
        base = f"GMG_{c_upper(d['name'])}_NAMES"
        out.append(f"#define {base}_SEP(X, L)\t\\")
        for e in d["entries"]:
            last = e is d["entries"][-1]
            out.append(f"\t{'L' if last else 'X'}({spec.entry(d, e)}, "
                       f"{c_string(e['name'])})" + ("" if last else "\t\\"))
        out += [f"#define {base}(X) {base}_SEP(X, X)", ""]
    return out + ["#endif /* _GMG_NAMES_GEN_H */"]


def c_entry(ident, name, doc):
    line = f"\t{{ {ident}, {c_string(name)}, {c_string(doc)} }},"
    if len(line) + 7 <= 88:
        return [line]
    return [f"\t{{ {ident}, {c_string(name)},", f"\t  {c_string(doc)} }},"]


def make_agent_names(spec):
    out = heading("GPL-2.0-or-later")
    out += ["#ifndef GATE_NAMES_GEN_H", "#define GATE_NAMES_GEN_H", "",
            "#include <linux/gmgate.h>", "", '#include "gate_names.h"', ""]
    out += ["/*"] + wrapped("Names and meanings of everything that has a number in the uapi "
                            "header. The arrays end with a NULL name. For gate_names.c only.",
                            " * ", " * ") + [" */", ""]
    for d in spec.enums.values():
        out.append(f"static const struct gate_name gate_{c_lower(d['name'])}_names[] = {{")
        for e in d["entries"]:
            out += c_entry(spec.entry(d, e), e["name"], sentence(e.get("doc")))
        out += ["\t{ 0, NULL, NULL },", "};", ""]
    for s in spec.sets.values():
        out.append(f"static const struct gate_name gate_{c_lower(s['name'])}_attr_names[] = {{")
        for a in s["attributes"]:
            out += c_entry(spec.attr(s, a["name"]), a["name"], sentence(a.get("doc")))
        out += ["\t{ 0, NULL, NULL },", "};", ""]
    out.append("static const struct gate_name gate_cmd_names[] = {")
    for op in spec.ops:
        out += c_entry(spec.cmd(op), op["name"], facts(op)[0])
    out += ["\t{ 0, NULL, NULL },", "};", ""]
    out += ["/* attributes that the messages of a command have */",
            "static const struct gate_name *const gate_cmd_attr_names[] = {"]
    for op in spec.ops:
        out.append(f"\t[{spec.cmd(op)}] = gate_{c_lower(op['attribute-set'])}_attr_names,")
    out += ["};", ""]
    return out + ["#endif /* GATE_NAMES_GEN_H */"]


# -------------------------------------------------------------------- main

OUTPUTS = {
    UAPI: make_uapi,
    KMOD_H: make_kmod_header,
    KMOD_C: make_kmod_source,
    KMOD_NAMES: make_kmod_names,
    AGENT_NAMES: make_agent_names,
    REFERENCE: lambda spec: make_doc(spec, SPEC, UAPI),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true",
                        help="write nothing, fail when the tree differs")
    parser.add_argument("--spec", default=os.path.join(ROOT, SPEC), help=argparse.SUPPRESS)
    args = parser.parse_args()

    try:
        with open(args.spec, encoding="utf-8") as f:
            spec = Spec(yaml.safe_load(f))
    except (SpecError, yaml.YAMLError, KeyError) as e:
        print(f"gen.py: {args.spec}: {e}", file=sys.stderr)
        return 1

    stale = 0
    for path, make in OUTPUTS.items():
        new = "\n".join(make(spec)) + "\n"
        full = os.path.join(ROOT, path)
        try:
            with open(full, encoding="utf-8") as f:
                old = f.read()
        except FileNotFoundError:
            old = ""
        if new == old:
            continue
        stale += 1
        if args.check:
            sys.stdout.writelines(difflib.unified_diff(
                old.splitlines(True), new.splitlines(True), path, f"{path} (from the spec)"))
            continue
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(new)
        print(f"  GEN     {path}")
    if args.check and stale:
        print(f"gen.py: {stale} file(s) do not match the spec; run make gen", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
