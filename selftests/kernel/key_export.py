#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The requests of key_export.sh, which see.

usage: key_export.py CHECK [WORD..]    a function below, with - for _
"""

import contextlib
import errno
import signal
import subprocess
import sys
import time

import rawnl
from lab import inside
from netlink_raw import ADDR6, CK, ENDPOINT, IK, a_set, having, refused

EXPORT = 4                                      # the flag key-export
PARAMETER = "/sys/module/gmgate/parameters/key_export"
UE6 = bytes.fromhex("20010db8004500000000000000000003")
SALT = bytes.fromhex("5a175a17")

# suite: octets of IK_ESP, CK_ESP and salt (TS 33.203 Annex I)
SUITES = {"hmac-md5-96/null": (16, 0, 0), "hmac-sha-1-96/null": (20, 0, 0),
          "hmac-md5-96/aes-cbc": (16, 16, 0), "hmac-sha-1-96/aes-cbc": (20, 16, 0),
          "hmac-md5-96/des-ede3-cbc": (16, 24, 0), "hmac-sha-1-96/des-ede3-cbc": (20, 24, 0),
          "null/aes-gcm": (0, 16, 4), "aes-gmac/null": (16, 0, 4)}


def switch(on):
    with open(PARAMETER, "w", encoding="ascii") as out:
        out.write("1" if on else "0")


@contextlib.contextmanager
def bench(flags=EXPORT, more=()):
    """A family with an endpoint that goes away in the end."""
    family = rawnl.Family()
    values = having(ENDPOINT, "flags", flags)
    for name, value in more:
        values = having(values, name, value)
    endpoint = family.talk("endpoint-new", values)[0]["id"]
    try:
        yield family, endpoint
    finally:
        with contextlib.suppress(rawnl.Refused):
            rawnl.Family().talk("endpoint-del", [("id", endpoint), ("instance", 7)])


def add(family, endpoint, n=0, **changes):
    return family.talk("set-new", a_set(endpoint, n, **changes))[0]["id"]


def change(family, endpoint, flags, instance=7):
    family.talk("endpoint-change", [("id", endpoint), ("instance", instance), ("flags", flags)])


def key_get(family, ident, **how):
    answers = family.talk("key-get", [("id", ident)], **how)
    assert len(answers) == 1, answers
    return answers[0]


def no_key(family, ident, number=errno.ENOKEY, text="installed while key export was off"):
    refused(family, "key-get", [("id", ident)], number, text=text)


def same(have, want):
    assert have == want, f"got   {have}\nwants {want}"


def refused_(text, flags):
    """With the endpoint's flags as said, and the parameter as it is."""
    with bench(int(flags)) as (family, endpoint):
        no_key(family, add(family, endpoint), errno.EACCES, text)


def every_suite():
    """SPIs, addresses, algorithms and keys of each; keys that differ in each octet."""
    caps = rawnl.Family().talk("caps-get")[0]
    have = {f"{s['alg']}/{s['ealg']}" for s in caps["suite"]}
    assert {"hmac-md5-96/null", "hmac-sha-1-96/aes-cbc"} <= have <= set(SUITES), have
    with bench() as (family, endpoint):
        for n, suite in enumerate(sorted(have)):
            ik, ck, salt = SUITES[suite]
            alg, ealg = suite.split("/")
            # DES keys of three different thirds
            keys = {"ik-esp": bytes(range(1 + n, 1 + n + ik)) or None,
                    "ck-esp": bytes(range(101 + n, 101 + n + ck)) or None,
                    "salt": SALT[:salt] or None}
            changes = {k.replace("-", "_"): v for k, v in keys.items()}
            ident = add(family, endpoint, n, alg=alg, ealg=ealg, **changes)
            want = dict(a_set(endpoint, n, alg=alg, ealg=ealg, **changes), id=ident,
                        addr=dict(ENDPOINT)["addr"])
            for name in ("cookie", "state", "expires-ms", "port-uc", "port-us", "port-pc"):
                del want[name]
            same(key_get(family, ident), want)


def ipv6():
    with bench(more=[("addr", ADDR6)]) as (family, endpoint):
        ident = add(family, endpoint, ue_addr=UE6)
        got = key_get(family, ident)
        same((got["addr"], got["ue-addr"], got["ik-esp"], got["ck-esp"]), (ADDR6, UE6, IK, CK))


def answer():
    """Its attributes are those of the spec; a dump there is none."""
    with bench() as (family, endpoint):
        got = key_get(family, add(family, endpoint))
        reply = set(family.spec.ops["key-get"]["do"]["reply"]["attributes"])
        same(set(got), reply - {"salt"})
        assert family.raw.count(IK) == family.raw.count(CK) == 1
        refused(family, "key-get", [], errno.EOPNOTSUPP, flags=rawnl.NLM_F_REQUEST | rawnl.NLM_F_DUMP)
        refused(family, "key-get", [], errno.EINVAL)


def before_endpoint():
    with bench(0) as (family, endpoint):
        old = add(family, endpoint, 0)
        change(family, endpoint, EXPORT)
        no_key(family, old)
        same(key_get(family, add(family, endpoint, 1))["ik-esp"], IK)


def before_module():
    switch(False)
    with bench() as (family, endpoint):
        old = add(family, endpoint, 0)
        switch(True)
        no_key(family, old)
        same(key_get(family, add(family, endpoint, 1))["ik-esp"], IK)


def endpoint_off():
    with bench() as (family, endpoint), \
            bench(more=[("port-s", 7100), ("port-c", 7101), ("spi-min", 0x20000000),
                        ("spi-max", 0x2fffffff)]) as (_, other):
        old = add(family, endpoint)
        kept = add(family, other, port_pc=7101, spi_pc=0x20000000, spi_ps=0x20000001)
        key_get(family, old)
        change(family, endpoint, 0)
        no_key(family, old, errno.EACCES, "flag key-export is off")
        change(family, endpoint, EXPORT)
        no_key(family, old)
        same(key_get(family, kept)["ik-esp"], IK)       # the other one's is not touched


def module_off():
    with bench() as (family, endpoint):
        old = add(family, endpoint)
        key_get(family, old)
        switch(False)
        no_key(family, old, errno.EACCES, "parameter key_export is off")
        switch(True)
        no_key(family, old)


def module_off_elsewhere(other):
    with inside(other), bench() as (family, endpoint):
        old = add(family, endpoint)
        key_get(family, old)
        switch(False)
        switch(True)
        no_key(family, old)


def replaced():
    with bench() as (family, endpoint):
        old = add(family, endpoint)
        for flags in (0, EXPORT):
            values = having(having(ENDPOINT, "flags", flags), "id", endpoint)
            endpoint = family.talk("endpoint-new", values)[0]["id"]
            refused(family, "key-get", [("id", old)], errno.ENOENT)
            old = add(family, endpoint)
            if flags:
                same(key_get(family, old)["ck-esp"], CK)
            else:
                no_key(family, old, errno.EACCES, "flag key-export is off")
            same(family.talk("endpoint-get", [("id", endpoint)])[0]["flags"], flags)
        family.talk("endpoint-del", [("id", endpoint), ("instance", 7)])


def change_refusals():
    with bench(2) as (family, endpoint):
        def no(values, number, attribute, text):
            refused(family, "endpoint-change", values, number, attribute, text)

        for flags in (0, 1, 3, EXPORT, EXPORT | 3):
            no([("id", endpoint), ("instance", 7), ("flags", flags)], errno.EINVAL, "flags",
               "only key-export can change")
        no([("id", endpoint), ("instance", 8), ("flags", EXPORT | 2)], errno.EPERM, "instance",
           "another instance")
        no([("id", endpoint), ("instance", 7)], errno.EINVAL, "flags", None)
        no([("id", 4711), ("instance", 7), ("flags", 0)], errno.ENOENT, "id", "no such endpoint")
        no([("id", endpoint), ("instance", 7), ("flags", 0x80)], errno.EINVAL, "flags", None)
        same(family.talk("endpoint-get", [("id", endpoint)])[0]["flags"], 2)
        change(family, endpoint, EXPORT | 2)
        same(family.talk("endpoint-get", [("id", endpoint)])[0]["flags"], EXPORT | 2)


def others():
    with bench() as (family, endpoint):
        ident = add(family, endpoint)
        same(family.talk("key-get", [("id", ident), ("instance", 7)])[0]["ik-esp"], IK)
        refused(family, "key-get", [("id", ident), ("instance", 8)], errno.EPERM, "instance",
                "another instance")
        refused(family, "key-get", [("id", ident + 1)], errno.ENOENT, "id", "no such set")
        family.talk("set-del", [("id", ident)])
        refused(family, "key-get", [("id", ident)], errno.ENOENT, "id", "no such set")


def namespaces(other):
    with bench() as (family, endpoint):
        ident = add(family, endpoint)
        with inside(other):
            refused(rawnl.Family(), "key-get", [("id", ident)], errno.ENOENT, "id", "no such set")
        key_get(family, ident)


def nowhere_else():
    """Both on, and a copy kept: all other answers are without keys, as ever."""
    with bench() as (family, endpoint):
        listener = rawnl.Family()
        listener.sock.setsockopt(rawnl.SOL_NETLINK, rawnl.NETLINK_ADD_MEMBERSHIP,
                                 listener.groups["events"])
        ident = add(family, endpoint)
        raw = family.raw
        key_get(family, ident)
        assert IK in family.raw and CK in family.raw
        for op, values in (("set-get", [("id", ident)]), ("endpoint-get", [("id", endpoint)]),
                           ("stats-get", []), ("set-change", [("id", ident), ("cookie", 1)])):
            family.talk(op, values)
            raw += family.raw
        for op in ("set-get", "endpoint-get"):
            family.dump(op)
            raw += family.raw
        raw += refused(family, "key-get", [("id", ident), ("instance", 8)], errno.EPERM).whole
        family.talk("set-del", [("id", ident)])
        seen = 0
        while seen < 2:                                 # keys-read, deleted
            for _, _, _, message in listener.messages():
                raw += message
                seen += 1
        for key in (IK, CK):
            for at in range(0, len(key) - 7):
                assert key[at:at + 8] not in raw, f"octets {at}.. of a key"


def event():
    with bench() as (family, endpoint):
        listener = rawnl.Family()
        listener.sock.setsockopt(rawnl.SOL_NETLINK, rawnl.NETLINK_ADD_MEMBERSHIP,
                                 listener.groups["events"])
        ident = add(family, endpoint, 3)
        key_get(family, ident)
        notes = [listener.spec.decode("note", message[20:])
                 for _, _, _, message in listener.messages()]
        same(notes, [{"event": "keys-read", "set": ident, "endpoint": endpoint, "instance": 7,
                      "cookie": 0xabc0003}])


def nobody(ident):
    refused(rawnl.Family(), "key-get", [("id", int(ident))], errno.EPERM)


def with_set(flags, *program):
    """The program, without CAP_NET_ADMIN alone, behind a set whose keys can be read."""
    with bench(int(flags)) as (family, endpoint):
        ident = add(family, endpoint)
        key_get(family, ident)
        subprocess.run(["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin",
                        "/usr/bin/python3", *program, str(ident)], check=True)
        key_get(family, ident)


def leave(flags):
    """An endpoint and a set that stay; prints their ids."""
    family = rawnl.Family()
    endpoint = family.talk("endpoint-new", having(ENDPOINT, "flags", int(flags)))[0]["id"]
    print(endpoint, add(family, endpoint))


def same_table(path):
    """The lines of leave()'s set, as Wireshark has them."""
    want = [f'"IPv4","{src}","{dst}","{spi:#010x}","AES-CBC [RFC3602]","0x{CK.hex()}",'
            f'"HMAC-SHA-1-96 [RFC2404]","0x{IK.hex()}"\n'
            for src, dst, spi in (("10.45.0.3", "10.4.128.99", 0x10000001),
                                  ("10.4.128.99", "10.45.0.3", 1000),
                                  ("10.4.128.99", "10.45.0.3", 1001),
                                  ("10.45.0.3", "10.4.128.99", 0x10000000))]
    with open(path, encoding="ascii") as source:
        same(source.readlines(), want)


def churn(seconds):
    """Sets come and go, and the endpoint's switch; keys that come out are right."""
    count = {"key": 0, "none": 0}
    with bench() as (family, endpoint):
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            ids = [add(family, endpoint, n) for n in range(8)]
            for ident in ids:
                try:
                    got = key_get(family, ident)
                    same((got["ik-esp"], got["ck-esp"]), (IK, CK))
                    count["key"] += 1
                except rawnl.Refused as r:
                    assert r.errno in (errno.EACCES, errno.ENOKEY), r
                    count["none"] += 1
            change(family, endpoint, 0)
            change(family, endpoint, EXPORT)
            family.talk("set-del", [("endpoint", endpoint)])
    print("both" if count["key"] and count["none"] else "one", count)


if __name__ == "__main__":
    signal.alarm(120)
    name = sys.argv[1].replace("-", "_")
    try:
        globals()["refused_" if name == "refused" else name](*sys.argv[2:])
    except (AssertionError, rawnl.Refused, subprocess.CalledProcessError) as error:
        sys.exit(str(error) or repr(error))
