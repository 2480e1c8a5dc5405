# SPDX-License-Identifier: GPL-2.0-or-later
"""Generic netlink to gmgate without gmctl and libnl: messages that those would
never send, and answers as the octets they are.  Numbers come from the YAML
spec, so nothing generated is trusted here either."""

import functools
import os
import socket
import struct

import yaml

ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..")
SPEC = os.path.join(ROOT, "Documentation", "netlink", "specs", "gmgate.yaml")

NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 1, 10, 11
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLM_F_DUMP_INTR = 0x10
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_FAMILY_ID, CTRL_FAMILY_NAME, CTRL_MCAST_GROUPS = 1, 2, 7
MSG, OFFS, MISS_TYPE = 1, 2, 5		# attributes of an extended ACK

WIDTH = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q"}


def attr(number, payload):
    """One attribute, padded."""
    return struct.pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)


def attrs(octets):
    """(number, payload) of each attribute in a row of them."""
    at = 0
    while at + 4 <= len(octets):
        length, number = struct.unpack_from("=HH", octets, at)
        if length < 4 or at + length > len(octets):
            raise ValueError(f"bad attribute at {at}")
        yield number & 0x3fff, octets[at + 4:at + length]
        at += length + -length % 4


class Refused(Exception):
    """The kernel's error to a request."""

    def __init__(self, errno, text, attribute, whole):
        super().__init__(f"{os.strerror(errno)}: {text} ({attribute})")
        self.errno, self.text, self.attribute, self.whole = errno, text, attribute, whole


@functools.lru_cache(None)
def spec():
    """The spec, read once."""
    return Spec()


class Spec:
    """Names to numbers."""

    def __init__(self):
        with open(SPEC, encoding="utf-8") as f:
            # the C parser, where there is one
            data = yaml.load(f, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.enums = {d["name"]: [e["name"] for e in d["entries"]]
                      for d in data["definitions"] if "entries" in d}
        self.sets = {s["name"]: s["attributes"] for s in data["attribute-sets"]}
        self.ops = {}
        value = 0
        for op in data["operations"]["list"]:
            value = op.get("value", value + 1)
            self.ops[op["name"]] = dict(op, value=value)

    def number(self, aset, name):
        return 1 + [a["name"] for a in self.sets[aset]].index(name)

    def encode(self, aset, name, value):
        """@value may be octets, which go out as they are."""
        a = self.sets[aset][self.number(aset, name) - 1]
        if isinstance(value, str) and "enum" in a:
            value = self.enums[a["enum"]].index(value)
        if not isinstance(value, bytes):
            value = struct.pack("=" + WIDTH[a["type"]], value)
        return attr(self.number(aset, name), value)

    def decode(self, aset, octets):
        """A dict; a repeated attribute is a list, a nest a dict."""
        out = {}
        for number, payload in attrs(octets):
            if not number:	# padding where the set has no attribute for it
                continue
            if number > len(self.sets[aset]):
                raise ValueError(f"attribute {number} is not in {aset}")
            a = self.sets[aset][number - 1]
            if a["type"] == "pad":
                continue
            if a["type"] == "nest":
                payload = self.decode(a["nested-attributes"], payload)
            elif a["type"] in WIDTH:
                payload, = struct.unpack("=" + WIDTH[a["type"]], payload)
                if "enum" in a and "-flags" not in a["enum"]:
                    payload = self.enums[a["enum"]][payload]
            if a.get("multi-attr"):
                out.setdefault(a["name"], []).append(payload)
            elif a["name"] in out:
                raise ValueError(f"{a['name']} came twice")
            else:
                out[a["name"]] = payload
        return out


class Family:
    """A socket to the family in the network namespace of the caller."""

    def __init__(self, cap_ack=True):
        self.spec = spec()
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.sock.settimeout(60)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        if cap_ack:
            self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.seq = 1
        self.id, self.groups = self.resolve()

    def resolve(self):
        request = self.message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1,
                               attr(CTRL_FAMILY_NAME, b"gmgate\0"), NLM_F_REQUEST)
        self.sock.send(request)
        answer = self.sock.recv(65536)
        if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
            raise SystemExit("no family gmgate")
        found = dict(attrs(answer[20:]))
        groups = {}
        for _, group in attrs(found.get(CTRL_MCAST_GROUPS, b"")):
            g = dict(attrs(group))
            groups[g[1].rstrip(b"\0").decode()] = struct.unpack("=I", g[2])[0]
        return struct.unpack("=H", found[CTRL_FAMILY_ID])[0], groups

    def message(self, kind, cmd, version, body, flags, reserved=0):
        self.seq += 1
        return struct.pack("=IHHIIBBH", 20 + len(body), kind, flags, self.seq, 0,
                           cmd, version, reserved) + body

    def request(self, op, values=(), flags=NLM_F_REQUEST | NLM_F_ACK, extra=b"", reserved=0):
        """The octets of a request; values are (name, value) pairs."""
        o = self.spec.ops[op]
        body = b"".join(self.spec.encode(o["attribute-set"], n, v) for n, v in values)
        return self.message(self.id, o["value"], 1, body + extra, flags, reserved)

    def send(self, *requests):
        self.sock.send(b"".join(r + bytes(-len(r) % 4) for r in requests))

    def messages(self):
        """(type, flags, seq, octets of the message) for what has come."""
        data = self.sock.recv(1 << 17)
        at = 0
        while at + 16 <= len(data):
            length, kind, flags, seq = struct.unpack_from("=IHHI", data, at)
            yield kind, flags, seq, data[at:at + length]
            at += length + -length % 4

    def refusal(self, op, request, kind, message, flags):
        errno = -struct.unpack_from("=i", message, 16)[0]
        if not errno:
            return None
        at = 20 if kind == NLMSG_DONE else 36
        if kind == NLMSG_ERROR and not flags & NLM_F_CAPPED:
            at += struct.unpack_from("=I", message, 20)[0] - 16
        tlvs = dict(attrs(message[at + -at % 4:])) if flags & NLM_F_ACK_TLVS else {}
        names = [a["name"] for a in self.spec.sets[self.spec.ops[op]["attribute-set"]]]
        attribute = None
        if OFFS in tlvs:
            offset, = struct.unpack("=I", tlvs[OFFS])
            number = struct.unpack_from("=H", request, offset + 2)[0] & 0x3fff
            attribute = names[number - 1] if 0 < number <= len(names) else number
        if MISS_TYPE in tlvs:
            attribute = names[struct.unpack("=I", tlvs[MISS_TYPE])[0] - 1]
        return Refused(errno, tlvs.get(MSG, b"").rstrip(b"\0").decode(), attribute, message)

    def talk(self, op, values=(), **how):
        """Sends a request; a list of the decoded answers, or Refused."""
        return self.exchange(op, self.request(op, values, **how))

    def dump(self, op, values=()):
        return self.talk(op, values, flags=NLM_F_REQUEST | NLM_F_DUMP)

    def exchange(self, op, request):
        self.raw = b""		# every octet of the answer
        self.interrupted = False
        seq = struct.unpack_from("=I", request, 8)[0]
        aset = self.spec.ops[op]["attribute-set"]
        out = []
        self.send(request)
        while True:
            for kind, flags, have, message in self.messages():
                if have != seq:
                    continue
                self.raw += message
                self.interrupted |= bool(flags & NLM_F_DUMP_INTR)
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    refused = self.refusal(op, request, kind, message, flags)
                    if refused:
                        raise refused
                    return out
                out.append(self.spec.decode(aset, message[20:]))
