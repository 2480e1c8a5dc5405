#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP messages for the test programs: parse, build, frame.

Written for itself on purpose: it shares nothing with the agent under test,
so that both must have understood RFC 3261 in the same way to talk.
"""

import os

COMPACT = {
    "i": "Call-ID", "m": "Contact", "e": "Content-Encoding", "l": "Content-Length",
    "c": "Content-Type", "f": "From", "s": "Subject", "k": "Supported", "t": "To",
    "v": "Via", "o": "Event", "u": "Allow-Events", "r": "Refer-To", "b": "Referred-By",
    "x": "Session-Expires",
}
TO_COMPACT = {name.lower(): short for short, name in COMPACT.items()}

REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 420: "Bad Extension",
    421: "Extension Required", 423: "Interval Too Brief", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 483: "Too Many Hops", 486: "Busy Here",
    487: "Request Terminated", 489: "Bad Event", 494: "Security Agreement Required",
    500: "Server Internal Error", 503: "Service Unavailable", 504: "Server Time-out",
    580: "Precondition Failure", 603: "Decline",
}


class SipError(ValueError):
    """Octets that are no SIP message."""


def split_list(value):
    """Split at top-level commas: not inside quotes or angle brackets."""
    parts, depth, quoted, start, i = [], 0, False, 0, 0
    while i < len(value):
        char = value[i]
        if quoted:
            if char == "\\":
                i += 1
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char == "<":
            depth += 1
        elif char == ">":
            depth -= 1
        elif char == "," and depth <= 0:
            parts.append(value[start:i].strip())
            start = i + 1
        i += 1
    parts.append(value[start:].strip())
    return [p for p in parts if p]


def split_params(value):
    """`a;b=c;d` as ("a", {"b": "c", "d": None}); a URI's <> hide their own."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, char in enumerate(value):
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "<>":
            depth += 1 if char == "<" else -1
        elif char == ";" and not quoted and depth <= 0:
            parts.append(value[start:i])
            start = i + 1
    parts.append(value[start:])
    params = {}
    for part in parts[1:]:
        name, equals, val = part.partition("=")
        params[name.strip().lower()] = val.strip().strip('"') if equals else None
    return parts[0].strip(), params


def uri_of(value):
    """The URI of a name-addr or addr-spec."""
    if "<" in value:
        return value[value.index("<") + 1:value.index(">")]
    return value.split(";")[0].strip()


class Uri:
    """user, host, port (None where absent) and parameters of a SIP or tel URI."""

    def __init__(self, text):
        text = uri_of(text)
        self.scheme, _, rest = text.partition(":")
        # A user part may have a semicolon in it, a tel URI has no host.
        self.user, _, where = rest.partition("?")[0].rpartition("@")
        where, self.params = split_params(where)
        if self.scheme == "tel":
            self.user, where = where, ""
        host, colon, port = where.rpartition(":")
        if not colon or "]" in port:            # no port, or the colons of an IPv6 address
            host, port = where, ""
        self.host, self.port = host.strip("[]"), int(port) if port.isdigit() else None

    @property
    def address(self):
        """(host, port) to send to."""
        return self.host, self.port or 5060


def tag_of(value):
    """The tag of a From or To value, or None."""
    return split_params(value or "")[1].get("tag")


def auth_params(value):
    """`Digest a="b", c=d` as a dict; the scheme is under ''."""
    scheme, _, rest = value.strip().partition(" ")
    params = {"": scheme}
    for part in split_list(rest):
        name, _, val = part.partition("=")
        params[name.strip().lower()] = val.strip().strip('"')
    return params


class Message:
    """A request or a response: start line, header lines in order, body."""

    def __init__(self, start, headers=(), body=b""):
        self.start = start
        self.headers = list(headers)
        self.body = body

    @classmethod
    def parse(cls, octets):
        """A whole message; the body is cut to its Content-Length."""
        head, gap, body = octets.partition(b"\r\n\r\n")
        if not gap:
            raise SipError("no empty line after the header")
        msg = cls.parse_head(head)
        length = msg.body_length(default=len(body))
        if length > len(body):
            raise SipError("body shorter than Content-Length")
        msg.body = body[:length]
        return msg

    @classmethod
    def parse_head(cls, octets):
        """Start line and headers; folded lines are joined."""
        lines = octets.decode("utf-8", "surrogateescape").split("\r\n")
        if len(lines[0].split(" ", 2)) < 3:
            raise SipError(f"no start line: {lines[0]!r}")
        headers = []
        for line in lines[1:]:
            if line[:1] in (" ", "\t"):
                if not headers:
                    raise SipError("continuation without a header")
                name, value = headers[-1]
                headers[-1] = (name, f"{value} {line.strip()}".strip())
                continue
            name, colon, value = line.partition(":")
            if not colon or not name.strip():
                raise SipError(f"no header line: {line!r}")
            name = name.strip()
            headers.append((COMPACT.get(name.lower(), name), value.strip()))
        return cls(lines[0], headers)

    def body_length(self, default=0):
        """What Content-Length says."""
        value = self.get("Content-Length")
        if value is None:
            return default
        if not value.isdigit():
            raise SipError(f"Content-Length is {value!r}")
        return int(value)

    @property
    def is_request(self):
        return not self.start.upper().startswith("SIP/2.0 ")

    @property
    def method(self):
        """Of a request, or of the request a response answers."""
        return self.start.split(" ")[0] if self.is_request else self.cseq[1]

    @property
    def uri(self):
        return self.start.split(" ")[1]

    @property
    def status(self):
        return int(self.start.split(" ")[1])

    @property
    def cseq(self):
        number, _, method = (self.get("CSeq") or "0 ").partition(" ")
        return int(number), method.strip()

    @property
    def branch(self):
        vias = self.values("Via")
        return split_params(vias[0])[1].get("branch") if vias else None

    def get(self, name):
        """The first header of that name, or None."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def get_all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def values(self, name):
        """All values of a list header, over all its lines."""
        return [v for line in self.get_all(name) for v in split_list(line)]

    def add(self, name, value):
        self.headers.append((name, value))

    def remove(self, name):
        self.headers = [h for h in self.headers if h[0].lower() != name.lower()]

    def put(self, name, value):
        """Instead of every header of that name; in the place of the first, else last."""
        at = next((i for i, h in enumerate(self.headers) if h[0].lower() == name.lower()), None)
        self.remove(name)
        if at is None:
            self.add(name, value)
        else:
            self.headers.insert(at, (name, value))

    def push(self, name, value):
        """Above all others of that name, as Via, Route and Record-Route are stacked."""
        at = next((i for i, h in enumerate(self.headers) if h[0].lower() == name.lower()), 0)
        self.headers.insert(at, (name, value))

    def pop(self, name):
        """Take the topmost value of a list header away and return it, or None."""
        for i, (have, line) in enumerate(self.headers):
            if have.lower() != name.lower():
                continue
            first, *rest = split_list(line)
            self.headers[i:i + 1] = [(have, ", ".join(rest))] if rest else []
            return first
        return None

    def copy(self):
        return Message(self.start, self.headers, self.body)

    def octets(self, compact=False, fold=()):
        """On the wire; `fold` names headers to break over two lines."""
        lines = [self.start]
        for name, value in self.headers:
            if name.lower() == "content-length":
                continue
            if name.lower() in fold and "," in value:
                value = value.replace(",", ",\r\n ", 1)
            if compact:
                name = TO_COMPACT.get(name.lower(), name)
            lines.append(f"{name}: {value}")
        lines.append(f"{'l' if compact else 'Content-Length'}: {len(self.body)}")
        text = "\r\n".join(lines) + "\r\n\r\n"
        return text.encode("utf-8", "surrogateescape") + self.body


def response_to(request, status, reason=None, tag=None):
    """A response with what RFC 3261 8.2.6.2 has copied from the request."""
    msg = Message(f"SIP/2.0 {status} {reason or REASONS.get(status, 'Unknown')}")
    for name, value in request.headers:
        if name.lower() in ("via", "from", "call-id", "cseq"):
            msg.add(name, value)
        elif name.lower() == "to":
            if status > 100 and ";tag=" not in value:
                value += f";tag={tag or token(4)}"
            msg.add(name, value)
    return msg


class Framer:
    """Cuts messages out of a TCP stream; blank lines between are keep-alives."""

    def __init__(self):
        self.buffer = b""

    def feed(self, octets):
        """The complete messages so far, each as octets."""
        self.buffer += octets
        out = []
        while True:
            self.buffer = self.buffer.lstrip(b"\r\n")
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return out
            total = end + 4 + Message.parse_head(self.buffer[:end]).body_length()
            if len(self.buffer) < total:
                return out
            out.append(self.buffer[:total])
            self.buffer = self.buffer[total:]


def token(octets=8):
    """A random token, for tags, branches and Call-IDs."""
    return os.urandom(octets).hex()


def host_port(host, port):
    """`host:port` as a URI or a Via has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
