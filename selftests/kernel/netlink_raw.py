# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the netlink family that gmctl cannot make; see netlink.sh.

usage: netlink_raw.py CHECK    a function below, with - for _
"""

import errno
import os
import signal
import socket
import struct
import sys
import threading
import time

import rawnl
from rawnl import Refused

ADDR4 = socket.inet_pton(socket.AF_INET, "10.4.128.99")
ADDR6 = socket.inet_pton(socket.AF_INET6, "2001:db8:4:128::99")
UE4 = socket.inet_pton(socket.AF_INET, "10.45.0.3")
UE4_2 = socket.inet_pton(socket.AF_INET, "10.45.0.4")
IK = bytes.fromhex("c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44")
CK = bytes.fromhex("decade00decade11decade22decade33")

ENDPOINT = [("instance", 7), ("uid", 0), ("addr", ADDR4), ("port-s", 6100),
            ("port-c", 6101), ("port-c", 6102), ("spi-min", 0x10000000),
            ("spi-max", 0x1fffffff)]


def a_set(of, n=0, **changes):
    """Attributes of set-new, with numbers of its own for each n; a changed one
    that is None is left out.  Names have _ for -."""
    values = {"endpoint": of, "cookie": 0xabc0000 + n, "state": "temporary",
              "expires-ms": 600000, "ue-addr": UE4, "port-uc": 20000 + n % 20000,
              "port-us": 40000 + n % 20000, "port-pc": 6101, "spi-uc": 1000 + 2 * n,
              "spi-us": 1001 + 2 * n, "spi-pc": 0x10000000 + 2 * n,
              "spi-ps": 0x10000001 + 2 * n, "alg": "hmac-sha-1-96", "ealg": "aes-cbc",
              "ik-esp": IK, "ck-esp": CK}
    values.update({k.replace("_", "-"): v for k, v in changes.items()})
    return [(k, v) for k, v in values.items() if v is not None]


def without(values, name):
    return [(k, v) for k, v in values if k != name]


def having(values, name, value):
    return without(values, name) + [(name, value)]


class Bench:
    """A family with an endpoint that goes away in the end."""

    def __enter__(self):
        self.family = rawnl.Family()
        self.endpoint = self.family.talk("endpoint-new", ENDPOINT)[0]["id"]
        return self.family, self.endpoint

    def __exit__(self, *_):
        rawnl.Family().talk("endpoint-del", [("id", self.endpoint), ("instance", 7)])


def refused(family, op, values, number, attribute=None, text=None, **how):
    """The request must fail with this errno, attribute and text."""
    try:
        family.talk(op, values, **how)
    except Refused as r:
        if r.errno != number:
            raise AssertionError(f"{op} {values}: {r}, wants errno {errno.errorcode[number]}")
        if attribute is not None and r.attribute != attribute:
            raise AssertionError(f"{op} {values}: {r}, wants attribute {attribute}")
        if text is not None and text not in r.text:
            raise AssertionError(f"{op} {values}: {r}, wants '{text}'")
        # those two come from generic netlink itself
        if not r.text and number not in (errno.EPERM, errno.EOPNOTSUPP):
            raise AssertionError(f"{op} {values}: {r}: no reason given")
        return r
    raise AssertionError(f"{op} {values} was accepted")


def mandatory_attributes():
    with Bench() as (family, endpoint):
        for name in ("instance", "addr", "port-s", "port-c", "spi-min", "spi-max"):
            refused(family, "endpoint-new", without(ENDPOINT, name), errno.EINVAL, name)
        whole = a_set(endpoint)
        for name in ("endpoint", "expires-ms", "ue-addr", "port-uc", "port-us", "port-pc",
                     "spi-uc", "spi-us", "spi-pc", "spi-ps", "alg", "ealg"):
            refused(family, "set-new", without(whole, name), errno.EINVAL, name)
        refused(family, "set-new", without(whole, "ik-esp"), errno.EINVAL, None, "key")
        refused(family, "set-new", without(whole, "ck-esp"), errno.EINVAL, None, "key")
        refused(family, "set-get", [], errno.EINVAL, "id")
        refused(family, "set-change", [("state", "established")], errno.EINVAL, "id")
        refused(family, "set-del", [], errno.EINVAL)
        refused(family, "endpoint-get", [], errno.EINVAL, "id")
        refused(family, "endpoint-del", [("id", endpoint)], errno.EINVAL, "instance")
        refused(family, "endpoint-del", [("instance", 7)], errno.EINVAL, "id")
        if family.dump("set-get"):
            raise AssertionError("a refused set is there")


def strict_policy():
    """What is not in the policy is refused, whatever it is."""
    with Bench() as (family, endpoint):
        whole = a_set(endpoint)
        zero = struct.pack("=I", 0)
        # numbers out of range, of the wrong size, of no meaning
        for name, value in (
                ("endpoint", 0), ("state", 2), ("expires-ms", 0), ("port-uc", 0),
                ("port-us", 0), ("port-pc", 0), ("spi-uc", 255), ("spi-us", 0),
                ("spi-pc", 255), ("spi-ps", 1), ("alg", 0), ("alg", 5), ("ealg", 0),
                ("ealg", 5), ("ue-addr", bytes(17)), ("ik-esp", bytes(25)),
                ("ck-esp", bytes(25)), ("port-uc", b"\1"), ("spi-uc", b"\1\1"),
                ("cookie", bytes(4)), ("alg", b"\1\0"), ("salt", bytes(5))):
            refused(family, "set-new", having(whole, name, value),
                    errno.ERANGE if isinstance(value, int) else
                    errno.ERANGE if len(value) > 16 or name == "salt" else errno.EINVAL, name)
        for name, value in (("instance", 0), ("port-s", 0), ("port-c", 0), ("spi-min", 255),
                            ("mark-mask", 0), ("addr", bytes(17))):
            refused(family, "endpoint-new", having(ENDPOINT, name, value), errno.ERANGE, name)
        beyond = 1 << len(rawnl.spec().enums["endpoint-flags"])
        refused(family, "endpoint-new", ENDPOINT + [("flags", beyond)], errno.EINVAL, "flags")
        # attributes of the set, but not of this request
        for name, value in (("port-ps", 6100), ("id", 5), ("idle-ms", 1), ("addr", ADDR4),
                            ("sa", zero), ("drops", zero), ("encap", zero), ("pad", b"")):
            refused(family, "set-new", having(whole, name, value), errno.EINVAL)
        refused(family, "set-change", [("id", 1), ("ik-esp", IK)], errno.EINVAL)
        refused(family, "set-change", [("id", 1), ("ue-addr", UE4)], errno.EINVAL)
        refused(family, "endpoint-new", ENDPOINT + [("sets", 9)], errno.EINVAL)
        # requests that take nothing
        refused(family, "caps-get", [("version", 1)], errno.EINVAL)
        refused(family, "stats-get", [], errno.EINVAL, extra=rawnl.attr(1, b""))
        # unknown attributes, half ones, and the reserved octets of the header
        refused(family, "set-new", whole, errno.EINVAL, extra=rawnl.attr(200, zero))
        refused(family, "set-new", whole, errno.EINVAL, extra=struct.pack("=HH", 400, 2))
        refused(family, "set-new", whole, errno.EINVAL, extra=b"\0\0\0")
        refused(family, "set-get", [("id", 1)], errno.EINVAL, reserved=1)
        # the union of a verb's do and dump does not make the one take the other's
        refused(family, "set-get", [("id", 1), ("endpoint", endpoint)], errno.EINVAL)
        refused(family, "endpoint-get", [("id", endpoint), ("instance", 7)], errno.EINVAL)
        refused(family, "set-get", [("id", 1)], errno.EINVAL,
                flags=rawnl.NLM_F_REQUEST | rawnl.NLM_F_DUMP)
        refused(family, "endpoint-get", [("id", endpoint)], errno.EINVAL,
                flags=rawnl.NLM_F_REQUEST | rawnl.NLM_F_DUMP)
        # events are not requests, nothing else can be dumped
        refused(family, "event", [], errno.EOPNOTSUPP)
        refused(family, "stats-get", [], errno.EOPNOTSUPP,
                flags=rawnl.NLM_F_REQUEST | rawnl.NLM_F_DUMP)
        if family.dump("set-get"):
            raise AssertionError("a refused set is there")


def addresses():
    """Only unicast addresses of 4 or 16 octets name a host."""
    bad = [bytes(0), bytes(4), bytes(16), b"\x0a\x2d\x00", b"\x0a\x2d\x00\x03\x00",
           bytes(15), b"\xe0\x00\x00\x01", b"\xff\xff\xff\xff", b"\xff\x02" + bytes(13) + b"\1",
           bytes(10) + b"\xff\xff" + UE4]
    with Bench() as (family, endpoint):
        for addr in bad:
            for op, values, name in (
                    ("endpoint-new", having(ENDPOINT, "port-s", 7000), "addr"),
                    ("set-new", a_set(endpoint), "ue-addr")):
                refused(family, op, having(values, name, addr), errno.EINVAL, name)
        refused(family, "set-new", a_set(endpoint, ue_addr=ADDR6), errno.EAFNOSUPPORT)


def find_keys(octets, where):
    """Any 4 octets of a key are too many."""
    for key, name in ((IK, "ik-esp"), (CK, "ck-esp")):
        for at in range(0, len(key) - 3):
            if key[at:at + 4] in octets:
                raise AssertionError(f"{name} shows in {where}")


def keys_stay_in():
    """In no answer of any verb, before and after an error."""
    with Bench() as (family, endpoint):
        ident = family.talk("set-new", a_set(endpoint))[0]["id"]
        find_keys(family.raw, "the answer to set-new")
        got = family.talk("set-get", [("id", ident)])
        find_keys(family.raw, "set-get")
        names = set(got[0])
        if len(family.dump("set-get")) != 1:
            raise AssertionError("the set is not in the dump")
        find_keys(family.raw, "a dump")
        for name in ("ik-esp", "ck-esp", "salt"):
            if name in names:
                raise AssertionError(f"set-get has {name}")
        family.dump("endpoint-get")
        find_keys(family.raw, "an endpoint dump")
        # SPIs are in use: refused by the code behind the policy
        r = refused(family, "set-new", a_set(endpoint), errno.EEXIST)
        find_keys(r.whole, "an error with CAP_ACK")
        if len(r.whole) > 200:
            raise AssertionError(f"{len(r.whole)} octets of error: is the request echoed?")
        # even a socket that asked for the echo gets no keys, once they were read
        echo = rawnl.Family(cap_ack=False)
        r = refused(echo, "set-new", a_set(endpoint), errno.EEXIST)
        if len(r.whole) < 200:
            raise AssertionError("the request was not echoed: nothing is shown by this")
        find_keys(r.whole, "an error with the request echoed")


def events_have_no_keys():
    with Bench() as (family, endpoint):
        listener = rawnl.Family()
        listener.sock.setsockopt(rawnl.SOL_NETLINK, rawnl.NETLINK_ADD_MEMBERSHIP,
                                 listener.groups["events"])
        ident = family.talk("set-new", a_set(endpoint, 3))[0]["id"]
        family.talk("set-del", [("id", ident)])
        for kind, _, _, message in listener.messages():
            find_keys(message, "an event")
            note = listener.spec.decode("note", message[20:])
            want = {"event": "deleted", "set": ident, "endpoint": endpoint, "instance": 7,
                    "cookie": 0xabc0003}
            if kind != listener.id or note != want:
                raise AssertionError(f"got {note}, wants {want}")


def nobody():
    """To be run without CAP_NET_ADMIN: every verb is refused, and the events."""
    family = rawnl.Family()
    for op, values in (("caps-get", []), ("endpoint-new", ENDPOINT),
                       ("endpoint-del", [("id", 1), ("instance", 7)]),
                       ("endpoint-get", [("id", 1)]), ("set-new", a_set(1)),
                       ("set-change", [("id", 1), ("state", "established")]),
                       ("set-del", [("id", 1)]), ("set-get", [("id", 1)]), ("stats-get", []),
                       ("endpoint-change", [("id", 1), ("instance", 7), ("flags", 4)]),
                       ("key-get", [("id", 1)])):
        refused(family, op, values, errno.EPERM)
    for op in ("endpoint-get", "set-get"):
        refused(family, op, [], errno.EPERM, flags=rawnl.NLM_F_REQUEST | rawnl.NLM_F_DUMP)
    try:
        family.sock.setsockopt(rawnl.SOL_NETLINK, rawnl.NETLINK_ADD_MEMBERSHIP,
                               family.groups["events"])
    except PermissionError:
        return
    raise AssertionError("may listen to events")


def set_refusals():
    """Each refusal of set-new with its errno, attribute and reason."""
    with Bench() as (family, endpoint):
        family.talk("set-new", a_set(endpoint))
        for number, attribute, text, changes in (
                (errno.ENOENT, None, "no such endpoint", {"endpoint": endpoint + 1}),
                (errno.ERANGE, None, "range", {"spi_pc": 0x0fffffff}),
                (errno.ERANGE, None, "range", {"spi_ps": 0x20000000}),
                (errno.EINVAL, None, "differ", {"spi_pc": 0x10000099, "spi_ps": 0x10000099}),
                (errno.EINVAL, None, "differ", {"spi_uc": 0x10000004}),
                (errno.EINVAL, None, "differ", {"spi_us": 0x10000004}),
                (errno.EINVAL, None, "differ", {"spi_uc": 5000, "spi_us": 5000}),
                (errno.EINVAL, None, "client port", {"port_pc": 6100}),
                (errno.EINVAL, None, "client port", {"port_pc": 6109}),
                (errno.EINVAL, None, "differ", {"port_uc": 5000, "port_us": 5000}),
                (errno.EEXIST, None, "in use", {"spi_pc": 0x10000000}),
                (errno.EEXIST, None, "in use", {"spi_ps": 0x10000001}),
                # crosswise: the one is another's spi-ps
                (errno.EEXIST, None, "in use", {"spi_pc": 0x10000001}),
                (errno.EOPNOTSUPP, "alg", "cannot", {"alg": "null", "ealg": "null"}),
                (errno.EINVAL, "ik-esp", "length", {"ik_esp": IK[:16]}),
                (errno.EINVAL, "ik-esp", "length", {"alg": "hmac-md5-96"}),
                (errno.EINVAL, "ck-esp", "length", {"ck_esp": CK + bytes(8)}),
                (errno.EINVAL, "ck-esp", "length", {"ealg": "null"}),
                (errno.EINVAL, "salt", "length", {"salt": bytes(4)})):
            refused(family, "set-new", a_set(endpoint, 2, **changes), number, attribute, text)
        if len(family.dump("set-get")) != 1:
            raise AssertionError("a refused set is there")
        # and what was wrong is all that was wrong
        family.talk("set-new", a_set(endpoint, 2))


def endpoint_refusals():
    with Bench() as (family, endpoint):
        other = having(ENDPOINT, "port-s", 7100)
        for number, attribute, values in (
                (errno.EEXIST, None, ENDPOINT),
                # a port that is protected already in another part
                (errno.EEXIST, None, having(without(other, "port-c"), "port-c", 6100)),
                (errno.EEXIST, None, having(without(other, "port-c"), "port-c", 6102)),
                (errno.EINVAL, "port-c", having(without(other, "port-c"), "port-c", 7100)),
                (errno.EINVAL, "port-c", without(other, "port-c") +
                    [("port-c", 7101), ("port-c", 7101)]),
                (errno.E2BIG, "port-c", without(other, "port-c") +
                    [("port-c", 7101 + i) for i in range(17)]),
                (errno.EINVAL, "spi-max", having(other, "spi-max", 0x10000000)),
                (errno.EINVAL, "mark-mask", other + [("mark-mask", 0x00ff00ff)])):
            refused(family, "endpoint-new", values, number, attribute)
        refused(family, "endpoint-del", [("id", endpoint), ("instance", 8)], errno.EPERM,
                "instance", "another instance")
        refused(family, "endpoint-del", [("id", endpoint + 9), ("instance", 7)], errno.ENOENT,
                "id")
        refused(family, "endpoint-get", [("id", endpoint + 9)], errno.ENOENT, "id")
        if [e["id"] for e in family.dump("endpoint-get", [("instance", 7)])] != [endpoint]:
            raise AssertionError("a refused endpoint is there")
        # 16 client ports are not too many
        ports = [("port-c", 7101 + i) for i in range(16)]
        ident = family.talk("endpoint-new", without(other, "port-c") + ports)[0]["id"]
        got = family.talk("endpoint-get", [("id", ident)])[0]["port-c"]
        family.talk("endpoint-del", [("id", ident), ("instance", 7)])
        if got != [p for _, p in ports]:
            raise AssertionError(f"ports {got}")


def endpoints_are_bounded():
    """No more than 256 of a namespace, and as many again when they are gone."""
    family = rawnl.Family()
    there = len(family.dump("endpoint-get"))
    for _ in range(2):
        idents = [family.talk("endpoint-new", having(having(ENDPOINT, "instance", 9), "addr",
                                                     bytes((10, 9, 9, 1 + i))))[0]["id"]
                  for i in range(250)]
        more = [family.talk("endpoint-new",
                            having(having(ENDPOINT, "instance", 9), "addr",
                                   bytes((10, 9, 8, 1 + i))))[0]["id"]
                for i in range(6 - there)]
        refused(family, "endpoint-new",
                having(having(ENDPOINT, "instance", 9), "addr", bytes((10, 9, 7, 1))),
                errno.ENOSPC, None, "as many endpoints as it may")
        for ident in idents + more:
            family.talk("endpoint-del", [("id", ident), ("instance", 9)])


def bulk():
    """A thousand sets, many messages in one send, the ACK of the last alone."""
    with Bench() as (family, endpoint):
        plain = rawnl.NLM_F_REQUEST
        start = time.monotonic()
        for first in range(0, 1000, 50):
            requests = [family.request("set-new", a_set(endpoint, first + i), flags=plain)
                        for i in range(49)]
            requests.append(family.request("set-new", a_set(endpoint, first + 49)))
            last = struct.unpack_from("=I", requests[-1], 8)[0]
            family.send(*requests)
            ids, acked = 0, False
            while not acked:
                for kind, _, seq, message in family.messages():
                    if kind == rawnl.NLMSG_ERROR:
                        if struct.unpack_from("=i", message, 16)[0]:
                            raise AssertionError(f"refused: {message.hex()}")
                        acked = seq == last
                    else:
                        ids += 1
            if ids != 50:
                raise AssertionError(f"{ids} ids for 50 sets")
        took = time.monotonic() - start
        have = family.dump("set-get")
        if sorted(s["spi-pc"] for s in have) != [0x10000000 + 2 * i for i in range(1000)]:
            raise AssertionError(f"{len(have)} sets in the dump, wants 1000 different ones")
        if len({s["id"] for s in have}) != 1000:
            raise AssertionError("ids are not different")
        # one bad message among good ones fails alone
        requests = [family.request("set-new", a_set(endpoint, n), flags=plain)
                    for n in (1000, 5, 1001)]
        bad = struct.unpack_from("=I", requests[1], 8)[0]
        family.send(*requests)
        failed, ids = [], 0
        while len(failed) + ids < 3:
            for kind, _, seq, message in family.messages():
                if kind == rawnl.NLMSG_ERROR:
                    failed.append(seq)
                else:
                    ids += 1
        if failed != [bad]:
            raise AssertionError(f"failed {failed}, wants {[bad]}")
        family.talk("set-del", [("endpoint", endpoint)])
        if family.dump("set-get"):
            raise AssertionError("sets survive a flush")
        print(f"1000 sets in {took:.2f} s")


def dump_under_churn():
    """Sets that stay are in every dump that does not say it was interrupted,
    while others come and go and the tables grow and shrink."""
    with Bench() as (family, endpoint):
        stay = {family.talk("set-new", a_set(endpoint, n))[0]["id"] for n in range(200)}
        stop = threading.Event()
        failures = []

        def churn(first):
            mine = rawnl.Family()
            try:
                while not stop.is_set():
                    ids = [mine.talk("set-new", a_set(endpoint, first + n))[0]["id"]
                           for n in range(300)]
                    for i in ids:
                        mine.talk("set-del", [("id", i)])
            except Exception as e:	# told to the main thread
                failures.append(e)

        threads = [threading.Thread(target=churn, args=(f,)) for f in (5000, 8000)]
        for t in threads:
            t.start()
        dumps = interrupted = doubled = 0
        end = time.monotonic() + 6
        try:
            while time.monotonic() < end and not failures:
                ids = [s["id"] for s in family.dump("set-get", [("endpoint", endpoint)])]
                dumps += 1
                if family.interrupted:
                    interrupted += 1
                    continue
                if not stay <= set(ids):
                    raise AssertionError(f"{len(stay - set(ids))} sets that stayed are missing")
                doubled += len(ids) != len(set(ids))
        finally:
            stop.set()
            for t in threads:
                t.join()
        if failures:
            raise failures[0]
        if doubled:
            raise AssertionError(f"{doubled} of {dumps} dumps have a set twice unannounced")
        if dumps - interrupted < 3:
            raise AssertionError(f"{interrupted} of {dumps} dumps were interrupted")
        print(f"{dumps} dumps, {interrupted} interrupted")


# Field note 7: requests at the same time get each its own answer.
def one_winner():
    """Of those who want the same SPI at the same time exactly one gets it."""
    with Bench() as (family, endpoint):
        for turn in range(20):
            won = []

            def want():
                mine = rawnl.Family()
                gate.wait()
                try:
                    won.append(mine.talk("set-new", a_set(endpoint, turn)))
                except Refused as r:
                    if r.errno != errno.EEXIST:
                        won.append(r)

            gate = threading.Barrier(4)
            threads = [threading.Thread(target=want) for _ in range(4)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            if len(won) != 1 or isinstance(won[0], Refused):
                raise AssertionError(f"{len(won)} winners: {won}")
        if len(family.dump("set-get")) != 20:
            raise AssertionError("not 20 sets")


def ids_are_not_reused():
    with Bench() as (family, endpoint):
        seen = []
        for _ in range(50):
            ident = family.talk("set-new", a_set(endpoint))[0]["id"]
            family.talk("set-del", [("id", ident)])
            seen.append(ident)
        if seen != sorted(set(seen)):
            raise AssertionError(f"ids {seen}")
        refused(family, "set-del", [("id", seen[-1])], errno.ENOENT, "id")


def main():
    checks = {k.replace("_", "-"): v for k, v in globals().items()
              if callable(v) and getattr(v, "__module__", None) == "__main__"}
    if len(sys.argv) != 2 or sys.argv[1] not in checks:
        print(__doc__, file=sys.stderr)
        return 2
    signal.alarm(120)		# a dump without end must not be a test without end
    try:
        checks[sys.argv[1]]()
    except (AssertionError, Refused, OSError, ValueError) as e:
        print(f"{sys.argv[1]}: {type(e).__name__}: {e}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
