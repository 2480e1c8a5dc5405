# SPDX-License-Identifier: GPL-2.0-or-later
"""The netlink reference, Documentation/netlink.md, from the spec that gen.py has read."""

import re

INTRO = """\
# The netlink family {name}

<!-- Made by Documentation/netlink/gen.py (make gen) from {spec}.
     Change that file, not this one. -->

{doc}

Generic netlink, family `{name}`, version {version}. The C header is `{header}`.
The kernel checks each request strictly: an attribute that a command does not
list, a value out of its bounds or of another length is refused with `EINVAL` or `ERANGE`.
What the module refuses has a text in the extended acknowledgement (`NETLINK_EXT_ACK`).

Commands marked **admin** need CAP_NET_ADMIN in the initial user namespace (`GENL_ADMIN_PERM`).
Each network namespace has its own endpoints, sets and counters.

Each command below says who calls it, and each error that it can end in with all there is that
makes it; a request that ends in one has changed nothing. `selftests/kernel/errors.sh` brings about
every one of them but the last set of a million. A message that is not well formed is `EINVAL`; a command that the family does
not have, and a dump of one that has none, is `EOPNOTSUPP`.
"""

PERMS = {"admin-perm": "admin", "uns-admin-perm": "admin of the namespace"}


def flat(doc):
    return " ".join((doc or "").split())


def cell(text):
    return flat(text).replace("|", "\\|")


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return out + ["| " + " | ".join(r) + " |" for r in rows] + [""]


def capital(text):
    return text[:1].upper() + text[1:]


def attr_type(a):
    """Its type as a user sees it: enum, nest, bounds, whether it comes often."""
    text = a["type"]
    if "enum" in a:
        text += f", [{a['enum']}](#{a['enum']})"
    if "nested-attributes" in a:
        text += f" of [{a['nested-attributes']}](#attributes-of-{a['nested-attributes']})"
    words = {"min": "at least {}", "max": "at most {}", "max-len": "up to {} octets",
             "exact-len": "{} octets"}
    for key, value in a.get("checks", {}).items():
        text += ", " + words[key].format(value)
    return text + (", any number of times" if a.get("multi-attr") else "")


def caused(text):
    """What an error of an operation can come from."""
    return [c.strip() for c in text.split(";")]


def facts(op):
    """The doc of an operation in its parts: the sentence, and its fields by name, which
    are lines like those of reStructuredText: ":EINVAL: this; or that"."""
    parts = re.split(r"^:([\w-]+):", op.get("doc") or "", flags=re.M)
    return flat(parts[0]), {k: flat(v) for k, v in zip(parts[1::2], parts[2::2])}


def who_and_what(op):
    """Who calls it, and how it can fail."""
    fields = facts(op)[1]
    users = ", ".join(u if u == "gmgated" else f"`{u}`" for u in caused(fields.pop("users")))
    return [f"Called by: {users}.", ""] + \
        table(["error", "when"], [[f"`{e}`", cell(t)] for e, t in fields.items()])


def message(title, part):
    names = part.get("attributes", [])
    return f"* {title}: " + (", ".join(f"`{n}`" for n in names) or "no attributes")


def operation(spec, op):
    out = [f"### {op['name']}", ""]
    perms = [PERMS[f] for f in op.get("flags", []) if f in PERMS]
    tail = f" **{', '.join(perms)}**" if perms else ""
    out += [facts(op)[0] + tail, "", f"`{spec.cmd(op)}`, {kind(op)}; attributes of "
            f"[{op['attribute-set']}](#attributes-of-{op['attribute-set']})", ""]
    for mode in ("do", "dump"):
        if mode not in op:
            continue
        out.append(message(f"{mode}, request", op[mode].get("request", {})))
        if "reply" in op[mode]:
            out.append(message(f"{mode}, reply", op[mode]["reply"]))
        elif mode == "do":
            out.append("* do, reply: the acknowledgement only")
    if "event" in op:
        out.append(message(f"to group `{op['mcgrp']}`", op["event"]))
    return out + [""] + who_and_what(op)


def kind(op):
    return " and ".join(m for m in ("do", "dump", "event") if m in op)


def definition(spec, d):
    flags = d["type"] == "flags"
    rows = [[f"`{1 << n if flags else n}`", f"`{e['name']}`", f"`{spec.entry(d, e)}`",
             cell(e.get("doc"))] for n, e in enumerate(d["entries"])]
    out = [f"### {d['name']}", ""]
    if d.get("doc"):
        out += [capital(flat(d["doc"])), ""]
    return out + table(["value" if not flags else "bit", "name", "C", "meaning"], rows)


def make_doc(spec, path, header):
    """Lines of the reference."""
    data = spec.data
    out = INTRO.format(name=spec.name, doc=flat(data.get("doc")), spec=path, header=header,
                       version=spec.consts["family-version"]["value"]).split("\n")
    out += ["## Commands", ""]
    for op in spec.ops:
        out += operation(spec, op)
    out += ["## Attributes", ""]
    for s in spec.sets.values():
        out += [f"### Attributes of {s['name']}", ""]
        out += table(["attribute", "C", "type", "meaning"],
                     [[f"`{a['name']}`", f"`{spec.attr(s, a['name'])}`", attr_type(a),
                       cell(a.get("doc"))] for a in s["attributes"] if a["type"] != "pad"])
    out += ["## Constants", ""]
    out += table(["name", "value", "meaning"],
                 [[f"`{c['name']}`", f"`{c['value']}`", cell(c.get("doc"))]
                  for c in spec.consts.values()])
    out += ["## Enumerations and flags", ""]
    for d in spec.enums.values():
        out += definition(spec, d)
    while not out[-1]:
        out.pop()
    return out
