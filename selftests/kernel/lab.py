# SPDX-License-Identifier: GPL-2.0-or-later
"""The test bench for scripts that send hundreds of single packets: the three
namespaces of lib.sh, the module over netlink, receivers, captures, counters and
trace events, all in one process (starting processes is what costs in a guest).

Errors are AssertionErrors with a sentence; Ktap turns them into "not ok" lines.
"""

import contextlib
import ctypes
import errno
import os
import re
import socket
import struct
import subprocess
import threading
import time

import craft
import marks
import rawnl
import suites
import tcp_peer

UE = {4: "10.45.0.3", 6: "2001:db8:45::3"}
UE2 = {4: "10.45.0.4", 6: "2001:db8:45::4"}
PCSCF = {4: "10.4.128.21", 6: "2001:db8:4:128::21"}
PORT_PS, PORTS_PC = 6100, (6101, 6102, 6103, 6104)
PROTECTED = (PORT_PS, *PORTS_PC)
SPI_MIN, SPI_MAX = 0x10000000, 0x1fffffff
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
KIND = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}
TRACING = "/sys/kernel/tracing"
CANARY = b"gmgate-canary"
SETTLE = 0.05           # veth delivers in the sender's own softirq; see settle()
PATIENCE = 30           # for what must come: a test that fails takes so long

libc = ctypes.CDLL(None, use_errno=True)
own_ns = os.open("/proc/self/ns/net", os.O_RDONLY)


def enter(descriptor):
    if libc.setns(descriptor, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(name):
    """Sockets made in here belong to that namespace for good."""
    descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY)
    enter(descriptor)
    os.close(descriptor)
    try:
        yield
    finally:
        enter(own_ns)


def run(name, *command, text=None):
    with inside(name):
        done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr or done.stdout}"
    return done.stdout


def wait_until(what, condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.01)


def backlog(cpu):
    """Packets that veth has handed to this CPU and that it has not looked at."""
    with open("/proc/net/softnet_stat", encoding="ascii") as file:
        lines = [[int(word, 16) for word in line.split()] for line in file]
    return next((line[11] for line in lines if line[12] == cpu), 0)


def settle():
    """Returns when what has been sent so far, and what that gave rise to, has come where
    it goes, also when the machine has something else to do for a while.  Who runs on a
    CPU knows that no packet is half through there."""
    time.sleep(SETTLE)
    cpus, end = os.sched_getaffinity(0), time.monotonic() + PATIENCE
    try:
        for cpu in cpus:
            os.sched_setaffinity(0, {cpu})
            while backlog(cpu) and time.monotonic() < end:
                time.sleep(0.001)
    finally:
        os.sched_setaffinity(0, cpus)


class Ktap:
    """Numbers the tests and prints a line for each; the plan comes last."""

    def __init__(self):
        self.count = self.failed = 0
        print("TAP version 13", flush=True)

    @contextlib.contextmanager
    def test(self, name):
        """A failed assertion inside, or an error of the system, fails it."""
        self.count += 1
        try:
            yield
        except (AssertionError, OSError, rawnl.Refused) as error:
            self.failed += 1
            for line in str(error or repr(error)).splitlines():
                print(f"# {line}")
            print(f"not ok {self.count} {name}", flush=True)
        else:
            print(f"ok {self.count} {name}", flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} {name} # SKIP {why}", flush=True)

    def finish(self):
        print(f"1..{self.count}")
        return 1 if self.failed or not self.count else 0


# BPF: no whole ESP packet.  What is left is clear text, or a fragment.
NO_WHOLE_ESP = (
    (0x28, 0, 0, 12), (0x15, 0, 4, 0x0800),
    (0x28, 0, 0, 20), (0x45, 5, 0, 0x3fff), (0x30, 0, 0, 23), (0x15, 4, 3, 50),
    (0x15, 0, 2, 0x86dd), (0x30, 0, 0, 20), (0x15, 1, 0, 50),
    (0x06, 0, 0, 0x40000), (0x06, 0, 0, 0))


class Sniffer:
    """Every frame of one interface, from now on, in this process."""

    def __init__(self, ns, dev, bpf=None):
        with inside(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            if bpf:
                code = b"".join(struct.pack("HBBI", *line) for line in bpf)
                held = ctypes.create_string_buffer(code)
                self.sock.setsockopt(socket.SOL_SOCKET, 26, struct.pack(
                    "HL", len(bpf), ctypes.addressof(held)))
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
            self.sock.bind((dev, 0))
        self.sock.setblocking(False)

    def frames(self, way=None):
        """(direction, frame) since the last call; way "out" or "in"."""
        settle()
        out = []
        while True:
            try:
                frame, (_, _, kind, _, _) = self.sock.recvfrom(1 << 17)
            except BlockingIOError:
                return out
            direction = "out" if kind == socket.PACKET_OUTGOING else "in"
            if way in (None, direction):
                out.append((direction, frame))

    def close(self):
        self.sock.close()


def carries_data(frame):
    """IP, but not neighbour discovery and multicast listeners, which hosts send anyway."""
    ethertype, packet = frame[12:14], frame[14:]
    if ethertype != b"\x86\xdd":
        return ethertype == b"\x08\x00"
    return packet[6] != 58 and not (packet[6] == 0 and packet[40] == 58)


def esp_heads(frames):
    """(SPI, sequence number) of the ESP packets among (direction, frame) pairs."""
    out = []
    for _, frame in frames:
        proto, head = {b"\x08\x00": (23, 34), b"\x86\xdd": (20, 54)}.get(frame[12:14], (0, 0))
        if head and frame[proto] == 50:
            out.append(struct.unpack_from("!II", frame, head))
    return out


def ip_facts(packet):
    """(version, protocol, source, source port or None) as far as they stand there."""
    if packet[0] >> 4 == 4:
        head = (packet[0] & 15) * 4
        proto, source = packet[9], socket.inet_ntop(socket.AF_INET, packet[12:16])
    else:
        head, proto = 40, packet[6]
        source = socket.inet_ntop(socket.AF_INET6, packet[8:24])
        if proto == 44:         # a fragment; only the first one has ports
            proto, later = packet[40], struct.unpack_from("!H", packet, 42)[0] & ~7
            head = len(packet) if later else 48
    port = struct.unpack_from("!H", packet, head)[0] \
        if proto in (6, 17) and len(packet) >= head + 2 else None
    return packet[0] >> 4, proto, source, port


class Set:
    """One SA set: what craft.py must know of it, and its life in the module."""

    made = 0

    def __init__(self, lab, version=4, suite="hmac-sha-1-96/null", ns="ue", **facts):
        Set.made += 1
        n = Set.made
        self.lab, self.version, self.id, self.ns = lab, version, None, ns
        self.alg, self.ealg = suite.split("/")
        self.facts = {
            "alg": self.alg, "ealg": self.ealg, "dev": "ue0", "mac": lab.mac,
            "ue": UE[version], "pcscf": PCSCF[version],
            "port_uc": 40000 + n, "port_us": 50000 + n, "port_pc": PORTS_PC[0],
            "port_ps": PORT_PS, "spi_uc": 0x2000 + n, "spi_us": 0x3000 + n,
            "spi_pc": SPI_MIN + 0x10000 + n, "spi_ps": SPI_MIN + 0x20000 + n,
            "ck": os.urandom(16).hex(), "ik": os.urandom(16).hex(), **facts}
        self.suite = suites.by_name(self.alg, self.ealg)
        self.keys = suites.expand(self.suite, bytes.fromhex(self["ck"]),
                                  bytes.fromhex(self["ik"]))
        self.seq = {"uc-ps": 0, "us-pc": 0}

    def __getitem__(self, key):
        return self.facts[key]

    def add(self, state="established", expires_ms=600000, endpoint=None, cookie=0, seq_out=0,
            **more):
        values = [
            ("endpoint", endpoint or self.lab.endpoints[self.version]), ("cookie", cookie),
            ("state", state), ("expires-ms", expires_ms),
            ("ue-addr", socket.inet_pton(FAMILY[self.version], self["ue"])),
            *((f"port-{p}", self[f"port_{p}"]) for p in ("uc", "us", "pc")),
            *((f"spi-{p}", self[f"spi_{p}"]) for p in ("uc", "us", "pc", "ps")),
            ("alg", self.alg), ("ealg", self.ealg),
            *((name, key) for name, key in (("ik-esp", self.keys.ik_esp),
                                            ("ck-esp", self.keys.ck_esp),
                                            ("salt", self.keys.salt)) if key)]
        if seq_out:
            values.append(("seq-out", seq_out))
        values += more.items()
        self.id = self.lab.family.talk("set-new", values)[0]["id"]
        return self

    def change(self, **values):
        self.lab.family.talk("set-change", [("id", self.id)] + [
            (key.replace("_", "-"), value) for key, value in values.items()])

    def delete(self):
        self.lab.family.talk("set-del", [("id", self.id)])

    def show(self):
        return self.lab.family.talk("set-get", [("id", self.id)])[0]

    def sa(self, direction):
        return next(s for s in self.show()["sa"] if s["dir"] == direction)

    def esp(self, sa="uc-ps", **changes):
        """The next good packet of a SA of the UE, or one bent by the changes."""
        if "seq" not in changes:
            self.seq[sa] += 1
            changes["seq"] = self.seq[sa]
        with inside(self.ns):
            craft.shoot(self.facts, "esp", sa=sa, **changes)

    def clear(self, **changes):
        with inside(self.ns):
            craft.shoot(self.facts, "clear", **changes)

    def icmp(self, **changes):
        with inside(self.ns):
            craft.shoot(self.facts, "icmp", **changes)

    def xfrm_algorithms(self):
        """The suite in the words of ip xfrm."""
        ck, ik, salt = (key.hex() for key in (self.keys.ck_esp, self.keys.ik_esp, self.keys.salt))
        if self.ealg == "aes-gcm":
            return f"aead rfc4106(gcm(aes)) 0x{ck}{salt} 128"
        if self.alg == "aes-gmac":
            return f"aead rfc4543(gcm(aes)) 0x{ik}{salt} 128"
        enc = {"null": 'ecb(cipher_null) ""', "aes-cbc": f"cbc(aes) 0x{ck}",
               "des-ede3-cbc": f"cbc(des3_ede) 0x{ck}"}[self.ealg]
        digest = {"hmac-md5-96": "md5", "hmac-sha-1-96": "sha1"}[self.alg]
        return f"auth-trunc hmac({digest}) 0x{ik} 96 enc {enc}"

    def ue_up(self, ns=None, crossed=False):
        """The stock kernel's four states and eight policies for this set, and as many
        policies for the crossed pairs of ports where they are asked for."""
        algorithms = self.xfrm_algorithms()
        lines = []
        other = {"uc": "us", "us": "uc", "pc": "ps", "ps": "pc"}
        for sa, (from_ue, sport, dport) in craft.SAS.items():
            src, dst = (self["ue"], self["pcscf"]) if from_ue else (self["pcscf"], self["ue"])
            spi = self[f"spi_{dport}"]
            tail = f"reqid {spi & 0x7fffffff}"
            lines.append(f"xfrm state add src {src} dst {dst} proto esp spi {spi} "
                         f"mode transport {tail} replay-window 32 {algorithms}")
            lines += [f"xfrm policy add src {src} dst {dst} proto {proto} "
                      f"sport {self[f'port_{sport}']} dport {self[f'port_{to}']} "
                      f"dir {'out' if from_ue else 'in'} tmpl src {src} dst {dst} "
                      f"proto esp spi {spi} mode transport {tail}"
                      for proto in ("udp", "tcp")
                      for to in ((dport, other[dport]) if crossed else (dport,))]
        run(ns or self.ns, "ip", "-batch", "-", text="\n".join(lines) + "\n")
        return self


def ue_flush(ns="ue"):
    run(ns, "ip", "-batch", "-", text="xfrm policy flush\nxfrm state flush\n")


class Lab:
    def __init__(self, ns="pcscf", dev="gm0"):
        with inside(ns):
            self.family = rawnl.Family()
            # /sys shows the namespace it was mounted in; ask by ioctl SIOCGIFHWADDR
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
                sock.bind((dev, 0))
                self.mac = sock.getsockname()[4].hex()
        self.endpoints, self.counters = {}, set()
        self.tracing = os.path.isdir(f"{TRACING}/events/gmgate")
        if self.tracing:
            self.write_trace("events/gmgate/gmgate_drop/enable", "1")

    @staticmethod
    def write_trace(name, text):
        with open(f"{TRACING}/{name}", "w", encoding="ascii") as file:
            file.write(text)

    def endpoint(self, version, key=None, **changes):
        """Declares the P-CSCF's address; kept as endpoints[key], by default the version."""
        values = {"instance": 1, "uid": 0, "spi-min": SPI_MIN, "spi-max": SPI_MAX,
                  "port-s": PORT_PS, **{k.replace("_", "-"): v for k, v in changes.items()}}
        ports_c = values.pop("ports-c", PORTS_PC)
        addr = values.pop("address", PCSCF[version])
        key = key or version
        self.endpoints[key] = self.family.talk("endpoint-new", [
            *values.items(), ("addr", socket.inet_pton(FAMILY[version], addr)),
            *(("port-c", port) for port in ports_c)])[0]["id"]
        return self.endpoints[key]

    def withdraw(self, key, instance=1):
        self.family.talk("endpoint-del", [("id", self.endpoints.pop(key)),
                                          ("instance", instance)])

    def stats(self):
        out = {}
        for answer in self.family.talk("stats-get"):
            for entry in answer.get("counter", []):
                out[entry["counter"]] = entry["count"]
                self.counters.add(entry["counter"])
            for entry in answer.get("drop", []):
                out[entry["reason"]] = entry["count"]
        return out

    def moved(self, before, drops_only=True):
        return {name: count - before.get(name, 0) for name, count in self.stats().items()
                if count != before.get(name, 0) and
                not (drops_only and name in self.counters)}

    @contextlib.contextmanager
    def drops(self, want=None, set_id=None, at_least=False):
        """What is done inside moves exactly these drop counters, by so much, and
        the trace has one event for each, with the id of the set."""
        want = want or {}
        before = self.stats()
        if self.tracing:
            self.write_trace("trace", "\n")
        yield
        settle()

        def reached():
            have = self.moved(before)
            if at_least:
                return have.keys() == want.keys() and all(have[k] >= want[k] for k in want)
            return have == want
        wait_until(lambda: f"drops moved {self.moved(before)}, wants {want}", reached)
        if self.tracing:
            self.check_trace(want, set_id, at_least)

    @staticmethod
    def check_trace(want, set_id, at_least):
        with open(f"{TRACING}/trace", encoding="ascii", errors="replace") as file:
            events = re.findall(r"gmgate_drop: reason=(\S+) set=(\d+)", file.read())
        for reason, count in want.items():
            ids = [int(number) for name, number in events if name == reason]
            assert len(ids) >= count if at_least else len(ids) == count, \
                f"trace events {events}, wants {want}"
            assert set_id is None or set(ids) == {set_id}, \
                f"events of {reason} name the sets {ids}, not {set_id}"


class Receiver:
    """A UDP socket of the P-CSCF (or of a stranger) that says what it got."""

    def __init__(self, addr, port, ns="pcscf", uid=0, connect=None, reuse=True, dev=None):
        with inside(ns):
            self.sock = as_user(uid, lambda: marks.bound(f"{addr},{port}", socket.SOCK_DGRAM,
                                                         reuse=reuse, dev=dev))
        self.sock.setsockopt(socket.SOL_SOCKET, marks.SO_RCVMARK, 1)
        if connect:
            self.sock.connect(connect)
        self.sock.setblocking(False)

    def heard(self):
        """[(data, (addr, port), mark)] since the last call."""
        settle()
        out = []
        while True:
            try:
                data, sender, mark = marks.receive(self.sock)
            except BlockingIOError:
                return out
            except OSError as error:
                out.append((marks.name(error).encode(), None, None))
                continue
            out.append((data, sender[:2], mark))

    def expect(self, mark=None):
        """Exactly one datagram comes, with this set's id."""
        have, end = self.heard(), time.monotonic() + PATIENCE
        while not have and time.monotonic() < end:
            have = self.heard()
        assert len(have) == 1, f"{len(have)} datagrams came, wants one"
        assert mark is None or have[0][2] == mark, f"its mark is {have[0][2]}, wants {mark}"
        return have[0]

    def silent(self):
        have = self.heard()
        assert not have, f"{len(have)} datagrams came: {have[0][0][:40]!r}"

    def close(self):
        self.sock.close()


def as_user(uid, make):
    """Make a socket as another user: sockets keep the uid of their maker."""
    if not uid:
        return make()
    os.seteuid(uid)
    try:
        return make()
    finally:
        os.seteuid(0)


def refused_with(want, action):
    """The kernel refuses a request of netlink with this errno's name."""
    try:
        action()
    except rawnl.Refused as error:
        have = errno.errorcode[error.errno]
        assert have == want and error.text, f"{have} ({error.text!r}), wants {want}"
    else:
        raise AssertionError(f"it was done, wants {want}")


def errno_of(action):
    """The name of the error an action ends in, or "sent"."""
    try:
        action()
    except OSError as error:
        return marks.name(error)
    return "sent"


def both_ways(near, far, size):
    """So many octets each way of a connection at once, and each as it must be."""
    results = {}

    def answer():
        results["far"] = tcp_peer.transfer(far, size, "down", "up")

    thread = threading.Thread(target=answer)
    thread.start()
    results["near"] = tcp_peer.transfer(near, size, "up", "down")
    thread.join()
    for end in ("near", "far"):
        good, have = results.get(end, (False, 0))
        assert have == size, f"{end} end: {have} octets of {size} came"
        assert good, f"{end} end: other octets came"


class Ends:
    """A connection inside a set, opened by the UE or by the P-CSCF."""

    def __init__(self, one, opener, host="ue"):
        ports = ("port_uc", "port_ps") if opener == "ue" else ("port_us", "port_pc")
        ue, pcscf = (f"{one[host]},{one[port]}" for host, port in zip(("ue", "pcscf"), ports))
        here, there = (host, "pcscf") if opener == "ue" else ("pcscf", host)
        where = {host: ue, "pcscf": pcscf}
        with inside(there):
            listener = marks.bound(where[there], KIND["tcp"])
        listener.listen(1)
        with inside(here):
            self.opened = marks.bound(where[here], KIND["tcp"],
                                      one.id if opener == "pcscf" else None)
        for sock in (listener, self.opened):
            sock.settimeout(60)
        self.opened.connect(marks.endpoint(where[there])[1])
        self.accepted, _ = listener.accept()
        self.accepted.settimeout(60)
        listener.close()
        self.pcscf = self.accepted if opener == "ue" else self.opened
        self.mark = self.pcscf.getsockopt(socket.SOL_SOCKET, marks.SO_MARK)

    def both_ways(self, size):
        both_ways(self.opened, self.accepted, size)

    def close(self):
        self.opened.close()
        self.accepted.close()
