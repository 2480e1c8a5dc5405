#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The requests of errors.sh, which see.

A case has the verb, the errno and the cause as the spec's docs have them, and brings
the error about: it gives the requests that have to end in it.
"""

import collections
import contextlib
import errno
import os
import re
import subprocess
import sys

import rawnl
from lab import Ktap
from netlink_raw import ADDR6, CK, ENDPOINT, IK, UE4, a_set, having, without

DUMP = {"flags": rawnl.NLM_F_REQUEST | rawnl.NLM_F_DUMP}
UNKNOWN = {"extra": rawnl.attr(200, bytes(4))}
ONE = {"extra": rawnl.attr(1, b"")}
INSTANCE, OTHER = ("instance", 7), ("instance", 8)
NOBODY = 65534
KEY_EXPORT = 4
PARAMETER = "/sys/module/gmgate/parameters/key_export"
FAILSLAB = "/sys/kernel/debug/failslab"
FAULTS = 60

NO_CAP = "no CAP_NET_ADMIN"
FOREIGN = "the endpoint belongs to another instance"
NOT_TAKEN = "an attribute that it does not take"
LENGTH = "an attribute has another length than its type"
MISSING = "an attribute is missing that has to be there"
BOUNDS = "a value is out of its bounds"
NO_ENDPOINT, NO_SET = "no endpoint has the id", "no set has the id"

# What would take a guest too long.
NOT_HERE = {("set-new", "ENOSPC", "the namespace has as many sets as it may"):
            "a million sets take too long here"}

CASES = collections.defaultdict(list)   # (verb, error, cause): functions of a World


NAMES = dict(errno.errorcode)
NAMES[errno.EOPNOTSUPP] = "EOPNOTSUPP"          # two names, one number


def case(verb, error, cause):
    def take(function):
        CASES[verb, error, cause].append(function)
        return function
    return take


def plain(verb, error, cause, *requests):
    """@requests: functions of a World that give the attributes, or (attributes, how)."""
    for one in requests:
        CASES[verb, error, cause].append(
            lambda w, one=one: w.refused(verb, error, *pair(one(w))))


def pair(request):
    return request if isinstance(request, tuple) else (request, {})


class World:
    """An endpoint of instance 7 with one set, and a family to ask."""

    def __init__(self):
        self.family = rawnl.Family()
        self.endpoint = self.add_endpoint()
        self.set = self.add_set()

    def add_endpoint(self, **changes):
        values = ENDPOINT
        for name, value in changes.items():
            values = having(values, name.replace("_", "-"), value)
        return self.family.talk("endpoint-new", values)[0]["id"]

    def del_endpoint(self, ident):
        self.family.talk("endpoint-del", [("id", ident), INSTANCE])

    def add_set(self, n=0, **changes):
        return self.family.talk("set-new", a_set(changes.pop("endpoint", self.endpoint), n,
                                                 **changes))[0]["id"]

    @contextlib.contextmanager
    def another(self, **changes):
        """An endpoint besides, until the end of the block."""
        ident = self.add_endpoint(port_s=7100, port_c=7101, **changes)
        try:
            yield ident
        finally:
            self.del_endpoint(ident)

    def everything(self):
        """What is there, apart from what time changes."""
        return (self.family.dump("endpoint-get"),
                [{k: v for k, v in s.items() if not k.endswith("-ms")}
                 for s in self.family.dump("set-get")])

    def refused(self, verb, error, values, how):
        before = self.everything()
        try:
            self.family.talk(verb, values, **how)
        except rawnl.Refused as r:
            have = NAMES[r.errno]
            assert have == error, f"{verb} {values}: {have} ({r.text}), wants {error}"
        else:
            raise AssertionError(f"{verb} {values} was accepted, wants {error}")
        assert self.everything() == before, f"{verb} {values}: something has changed"

    def valid(self, verb):
        """Attributes with which the verb would be served, and a dump of it."""
        whole = {"endpoint-new": having(ENDPOINT, "port-s", 7000),
                 "set-new": a_set(self.endpoint, 1),
                 "caps-get": [], "stats-get": [],
                 "endpoint-change": [("id", self.endpoint), INSTANCE, ("flags", 0)],
                 "endpoint-del": [("id", self.endpoint), INSTANCE],
                 "endpoint-get": [("id", self.endpoint)]}
        return whole.get(verb, [("id", self.set)])


# --- what most verbs have ----------------------------------------------------

def as_nobody(world, verb, error):
    """In a process that has no capability; the socket is its own too."""
    requests = [(world.valid(verb), {})]
    if "dump" in rawnl.spec().ops[verb]:
        requests.append(([], DUMP))
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            mine = rawnl.Family()
            status = 0
            for values, how in requests:
                try:
                    mine.talk(verb, values, **how)
                    status = 1
                except rawnl.Refused as r:
                    status |= NAMES[r.errno] != error
        finally:
            os._exit(status)
    assert not os.waitpid(child, 0)[1], f"{verb} is not {error} for nobody"


MANDATORY = {
    "endpoint-new": "instance addr port-s port-c spi-min spi-max", "endpoint-del": "id instance",
    "endpoint-get": "id", "endpoint-change": "id instance flags", "set-change": "id",
    "set-get": "id", "key-get": "id",
    "set-new": "endpoint expires-ms ue-addr port-uc port-us port-pc spi-uc spi-us spi-pc spi-ps "
               "alg ealg"}
OUT_OF_BOUNDS = {
    "endpoint-new": (("instance", 0), ("port-s", 0), ("port-c", 0), ("spi-min", 255),
                     ("spi-max", 255), ("mark-mask", 0), ("ifindex", 0), ("id", 0),
                     ("addr", bytes(17))),
    "endpoint-del": (("id", 0), ("instance", 0)), "endpoint-get": (("id", 0),),
    "endpoint-change": (("id", 0), ("instance", 0)),
    "set-new": (("endpoint", 0), ("instance", 0), ("state", 2), ("expires-ms", 0),
                ("port-uc", 0), ("port-us", 0), ("port-pc", 0), ("spi-uc", 255), ("spi-us", 255),
                ("spi-pc", 255), ("spi-ps", 255), ("alg", 5), ("ealg", 5), ("ue-addr", bytes(17)),
                ("ik-esp", bytes(25)), ("ck-esp", bytes(25)), ("salt", bytes(5))),
    "set-change": (("id", 0), ("instance", 0), ("state", 2), ("expires-ms", 0)),
    "set-del": (("id", 0), ("instance", 0)), "set-get": (("id", 0), ("instance", 0)),
    "key-get": (("id", 0), ("instance", 0))}
FIRST = {"endpoint-new": "instance", "set-new": "endpoint"}    # an attribute of 4 octets


def common():
    for verb in rawnl.spec().ops:
        if verb == "event":
            continue
        CASES[verb, "EPERM", NO_CAP].append(lambda w, v=verb: as_nobody(w, v, "EPERM"))
        CASES[verb, "ENOMEM", "no memory"].append(lambda w, v=verb: without_memory(w, v))
        if verb in ("caps-get", "stats-get"):
            plain(verb, "EINVAL", "an attribute: it takes none", lambda w: ([], ONE))
            continue
        plain(verb, "EINVAL", NOT_TAKEN, lambda w, v=verb: (w.valid(v), UNKNOWN))
        plain(verb, "EINVAL", LENGTH, lambda w, v=verb:
              having(w.valid(v), FIRST.get(v, "id"), b"\1\1"))
        for name in MANDATORY.get(verb, "").split():
            plain(verb, "EINVAL", MISSING, lambda w, v=verb, n=name: without(w.valid(v), n))
        for name, value in OUT_OF_BOUNDS[verb]:
            plain(verb, "ERANGE", BOUNDS, lambda w, v=verb, n=name, x=value:
                  having(w.valid(v), n, x))
    plain("set-new", "EINVAL", NOT_TAKEN, lambda w: having(w.valid("set-new"), "id", 5))
    for verb in ("endpoint-del", "endpoint-change"):
        plain(verb, "EPERM", FOREIGN, lambda w, v=verb: having(w.valid(v), *OTHER))
    for verb in ("set-new", "set-change", "set-del", "set-get", "key-get"):
        plain(verb, "EPERM", FOREIGN, lambda w, v=verb: having(w.valid(v), *OTHER))
    plain("set-del", "EPERM", FOREIGN, lambda w: [("endpoint", w.endpoint), OTHER])
    plain("set-get", "EPERM", FOREIGN, lambda w: ([("endpoint", w.endpoint), OTHER], DUMP))
    plain("endpoint-new", "EPERM", FOREIGN, lambda w:
          [("id", w.endpoint)] + having(w.valid("endpoint-new"), *OTHER))
    for verb in ("endpoint-new", "endpoint-del", "endpoint-get", "endpoint-change"):
        plain(verb, "ENOENT", NO_ENDPOINT, lambda w, v=verb: having(w.valid(v), "id", w.endpoint + 99))
    for verb in ("set-change", "set-del", "set-get", "key-get"):
        plain(verb, "ENOENT", NO_SET, lambda w, v=verb: having(w.valid(v), "id", w.set + 99))
    plain("set-new", "ENOENT", NO_ENDPOINT, lambda w: a_set(w.endpoint + 99, 1))
    plain("set-del", "ENOENT", NO_ENDPOINT, lambda w: [("endpoint", w.endpoint + 99)])
    for verb in ("endpoint-new", "endpoint-change"):
        plain(verb, "EINVAL", "a flag that is not known",
              lambda w, v=verb: having(w.valid(v), "flags", 1 << 31))


# --- endpoints ---------------------------------------------------------------

def endpoint(**changes):
    """A valid endpoint-new but for what is said; a list is an attribute each."""
    def values(_):
        out = having(ENDPOINT, "port-s", 7000)
        for name, value in changes.items():
            name = name.replace("_", "-")
            out = without(out, name) + [(name, v) for v in
                                        (value if isinstance(value, list) else [value])]
        return out
    return values


plain("endpoint-new", "EINVAL", "addr is not a unicast address of 4 or 16 octets",
      endpoint(addr=bytes(4)), endpoint(addr=bytes(16)), endpoint(addr=b"\xe0\0\0\1"),
      endpoint(addr=b"\xff" * 4), endpoint(addr=bytes(5)), endpoint(addr=b""))
plain("endpoint-new", "EINVAL", "two ports are the same",
      endpoint(port_c=7000), endpoint(port_c=[7001, 7001]))
plain("endpoint-new", "EINVAL", "spi-max is not above spi-min", endpoint(spi_max=0x10000000))
plain("endpoint-new", "EINVAL", "mark-mask has a gap", endpoint(mark_mask=0xff00ff))
plain("endpoint-new", "EINVAL", "no such user", endpoint(uid=0xffffffff))
plain("endpoint-new", "EEXIST", "address and port are protected already",
      endpoint(port_s=6100), endpoint(port_c=6100), endpoint(port_c=6102))
plain("endpoint-new", "ENODEV", "no device has the ifindex",
      endpoint(ifindex=999999), endpoint(ifindex=1 << 31))
plain("endpoint-new", "E2BIG", "more than max-port-c client ports",
      endpoint(port_c=list(range(7001, 7018))))


@case("endpoint-new", "ENOSPC", "the namespace has as many endpoints as it may")
def endpoints_are_bounded(world):
    def put(n):
        return world.add_endpoint(addr=bytes((10, 9, n // 200, 1 + n % 200)))
    more = [put(n) for n in range(255)]
    world.refused("endpoint-new", "ENOSPC", having(ENDPOINT, "addr", bytes((10, 8, 0, 1))), {})
    for ident in more:
        world.del_endpoint(ident)
    world.del_endpoint(put(0))


plain("endpoint-get", "EINVAL", "instance, which is for dumps, with do",
      lambda w: [("id", w.endpoint), INSTANCE])
plain("endpoint-get", "EINVAL", "id, which is for do, with dump",
      lambda w: ([("id", w.endpoint)], DUMP))
plain("endpoint-change", "EINVAL", "another flag than key-export differs",
      lambda w: having(w.valid("endpoint-change"), "flags", 1),
      lambda w: having(w.valid("endpoint-change"), "flags", 2))


# --- sets --------------------------------------------------------------------

def a_new(**changes):
    return lambda w: a_set(w.endpoint, 1, **changes)


plain("set-new", "EINVAL", "ue-addr is not a unicast address of 4 or 16 octets",
      a_new(ue_addr=bytes(4)), a_new(ue_addr=UE4 + b"\0"), a_new(ue_addr=b"\xff\2" + bytes(14)))
plain("set-new", "EINVAL", "the suite needs a key that is missing",
      a_new(ik_esp=None), a_new(ck_esp=None), a_new(alg="aes-gmac", ealg="null", ik_esp=IK[:16],
                                                    ck_esp=None))
plain("set-new", "EINVAL", "a key has not the length that the suite needs",
      a_new(ik_esp=IK[:16]), a_new(ck_esp=CK + bytes(8)), a_new(ealg="null"),
      a_new(salt=bytes(4)))
plain("set-new", "EINVAL", "two of the four SPIs are the same",
      a_new(spi_pc=0x10000099, spi_ps=0x10000099), a_new(spi_uc=5000, spi_us=5000),
      a_new(spi_uc=0x10000002), a_new(spi_us=0x10000002), a_new(spi_uc=0x10000003),
      a_new(spi_us=0x10000003))
plain("set-new", "EINVAL", "port-pc is not a client port of the endpoint",
      a_new(port_pc=6100), a_new(port_pc=6109))
plain("set-new", "EINVAL", "port-uc and port-us are the same", a_new(port_uc=5000, port_us=5000))
plain("set-new", "ERANGE", "spi-pc or spi-ps is outside the endpoint's range",
      a_new(spi_pc=0x0fffffff), a_new(spi_ps=0x20000000))
plain("set-new", "EEXIST", "spi-pc or spi-ps is in use at this address",
      a_new(spi_pc=0x10000000), a_new(spi_ps=0x10000001), a_new(spi_pc=0x10000001))
plain("set-new", "EAFNOSUPPORT", "ue-addr is not of the endpoint's family", a_new(ue_addr=ADDR6))
plain("set-new", "EOPNOTSUPP", "this kernel cannot do alg with ealg",
      a_new(alg="null", ealg="null"), a_new(alg="hmac-md5-96", ealg="aes-gcm"))


@case("set-new", "EEXIST", "stock XFRM uses spi-pc or spi-ps at this address")
def stock_has_it(world):
    state = ["ip", "xfrm", "state", "add", "src", "10.45.0.3", "dst", "10.4.128.99", "proto",
             "esp", "spi", "0x10000002", "mode", "transport", "auth-trunc", "hmac(sha1)",
             "0x" + IK.hex(), "96", "enc", "cbc(aes)", "0x" + CK.hex()]
    subprocess.run(state, check=True)
    try:
        world.refused("set-new", "EEXIST", a_set(world.endpoint, 1), {})
    finally:
        subprocess.run(["ip", "xfrm", "state", "flush"], check=True)
    world.family.talk("set-del", [("id", world.add_set(1))])


@case("set-new", "ENOSPC", "the endpoint has max-sets sets")
def max_sets(world):
    with world.another(max_sets=1) as ident:
        values = {"endpoint": ident, "port_pc": 7101, "state": "established"}
        world.add_set(1, **values)
        world.refused("set-new", "ENOSPC", a_set(n=2, of=ident, **dict(values, endpoint=ident)), {})


@case("set-new", "ENOSPC", "it has max-temporary temporary ones")
def max_temporary(world):
    with world.another(max_temporary=1) as ident:
        world.add_set(1, endpoint=ident, port_pc=7101)
        world.refused("set-new", "ENOSPC", a_set(ident, 2, port_pc=7101), {})
        world.add_set(3, endpoint=ident, port_pc=7101, state="established")


@case("set-new", "ENOSPC", "too many sets on one flow")
def one_flow(world):
    with world.another() as ident:
        flow = {"port_pc": 7101, "port_uc": 5000, "port_us": 5001}
        for n in range(16):
            world.add_set(n + 1, endpoint=ident, **flow)
        world.refused("set-new", "ENOSPC", a_set(ident, 20, **flow), {})


@case("set-new", "EOVERFLOW", "set ids that fit the mark are used up")
def mark_is_narrow(world):
    world.family.talk("set-del", [("id", world.add_set(1))])    # ids beyond 1 are in use
    with world.another(mark_mask=1) as ident:
        world.refused("set-new", "EOVERFLOW", a_set(ident, 2, port_pc=7101), {})


@case("set-change", "EINVAL", "an established set stays so")
def stays_established(world):
    ident = world.add_set(1, state="established")
    world.refused("set-change", "EINVAL", [("id", ident), ("state", "temporary")], {})
    world.family.talk("set-del", [("id", ident)])


plain("set-del", "EINVAL", "neither id nor endpoint, or both", lambda w: [],
      lambda w: [("id", w.set), ("endpoint", w.endpoint)])
plain("set-get", "EINVAL", "endpoint or ue-addr, which are for dumps, with do",
      lambda w: [("id", w.set), ("endpoint", w.endpoint)],
      lambda w: [("id", w.set), ("ue-addr", UE4)])
plain("set-get", "EINVAL", "id, which is for do, with dump", lambda w: ([("id", w.set)], DUMP))


# --- keys --------------------------------------------------------------------

@contextlib.contextmanager
def key_export(on):
    def put(value):
        with open(PARAMETER, "w", encoding="ascii") as out:
            out.write(value)
    put("1" if on else "0")
    try:
        yield
    finally:
        put("0")


def keys_refused(world, error, parameter, flags):
    with key_export(parameter), world.another(flags=flags) as ident:
        one = world.add_set(1, endpoint=ident, port_pc=7101)
        world.refused("key-get", error, [("id", one)], {})


@case("key-get", "EACCES", "the module's parameter key_export is off")
def parameter_is_off(world):
    keys_refused(world, "EACCES", False, KEY_EXPORT)


@case("key-get", "EACCES", "the endpoint's flag key-export is off")
def flag_is_off(world):
    keys_refused(world, "EACCES", True, 0)


@case("key-get", "ENOKEY", "the set was installed while key export was off")
def not_kept(world):
    with key_export(True), world.another() as ident:
        one = world.add_set(1, endpoint=ident, port_pc=7101)
        world.family.talk("endpoint-change", [("id", ident), INSTANCE, ("flags", KEY_EXPORT)])
        world.refused("key-get", "ENOKEY", [("id", one)], {})


# --- events, and memory ------------------------------------------------------

plain("event", "EOPNOTSUPP", "it is sent as a request", lambda w: [])


@case("event", "EPERM", "no CAP_NET_ADMIN, when the group is joined")
def may_not_listen(world):
    child = os.fork()
    if not child:
        os.setresuid(NOBODY, NOBODY, NOBODY)
        mine, status = rawnl.Family(), 1
        try:
            mine.sock.setsockopt(rawnl.SOL_NETLINK, rawnl.NETLINK_ADD_MEMBERSHIP,
                                 mine.groups["events"])
        except PermissionError:
            status = 0
        os._exit(status)
    assert not os.waitpid(child, 0)[1], "nobody may listen to events"
    assert world.family.groups["events"]


def failslab(ignore):
    for name, value in (("verbose", "0"), ("ignore-gfp-wait", ignore)):
        with open(f"{FAILSLAB}/{name}", "w", encoding="ascii") as out:
            out.write(value)


@contextlib.contextmanager
def failing_at(number):
    """The allocation of this number that the process makes fails."""
    fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    try:
        os.write(fd, str(number).encode())
        yield
    finally:
        os.pwrite(fd, b"0", 0)
        os.close(fd)


def without_memory(world, verb):
    """The n-th allocation of the request fails, for each n, until one makes it ENOMEM."""
    family = rawnl.Family()
    family.sock.settimeout(5)
    values = world.valid(verb)
    before, seen = world.everything(), []
    if verb.endswith("-del"):           # it has to ask for memory before it looks
        values = having(values, "id", 0x7fffffff)
    failslab("N")
    try:
        for n in range(1, FAULTS):
            request = family.request(verb, values)
            try:
                with failing_at(n):
                    answer = family.exchange(verb, request)
                undo(world, verb, answer)
                seen.append("served")
            except rawnl.Refused as r:
                seen.append(NAMES[r.errno])
            except OSError as error:        # of the socket, not of the verb
                seen.append(str(error))
            if seen[-1] == "ENOMEM":
                break
    finally:
        failslab("Y")
    assert seen and seen[-1] == "ENOMEM", f"{verb}: {seen}"
    assert world.everything() == before, f"{verb}: something has changed"


def undo(world, verb, answer):
    if verb == "endpoint-new":
        world.del_endpoint(answer[0]["id"])
    elif verb == "set-new":
        world.family.talk("set-del", [("id", answer[0]["id"])])


# --- all of it ---------------------------------------------------------------

def documented():
    """(verb, error, cause) as the spec's docs have them."""
    out = []
    for verb, op in rawnl.spec().ops.items():
        parts = re.split(r"^:([\w-]+):", op["doc"], flags=re.M)
        for error, text in zip(parts[1::2], parts[2::2]):
            if error != "users":
                out += [(verb, error, " ".join(c.split())) for c in text.split(";")]
    return out


def no_such_command(ktap, world):
    """What Documentation/netlink.md says of the family as a whole."""
    with ktap.test("family: EOPNOTSUPP: no such command, no such dump"):
        world.refused("stats-get", "EOPNOTSUPP", [], DUMP)
        request = world.family.message(world.family.id, 200, 1, b"", 5)
        try:
            world.family.exchange("stats-get", request)
        except rawnl.Refused as r:
            assert r.errno == errno.EOPNOTSUPP, r
        else:
            raise AssertionError("command 200 was served")


def main():
    ktap, world = Ktap(), World()
    common()
    said = documented()
    with ktap.test("what is documented has a case, and what has a case is documented"):
        assert len(said) > 80, f"{len(said)} causes only"
        odd = set(said) ^ (set(CASES) | set(NOT_HERE))
        assert not odd, "\n".join(map(str, sorted(odd)))
        assert not set(CASES) & set(NOT_HERE)
    for what in said:
        name = ": ".join(what)
        if what in NOT_HERE:
            ktap.skip(name, NOT_HERE[what])
        elif what[1] == "ENOMEM" and not os.path.isdir(FAILSLAB):
            ktap.skip(name, "no failslab here")
        else:
            with ktap.test(name):
                for function in CASES.get(what, ()):
                    function(world)
    no_such_command(ktap, world)
    world.del_endpoint(world.endpoint)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
