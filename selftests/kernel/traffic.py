# SPDX-License-Identifier: GPL-2.0-or-later
"""Full traffic, both ways, from every CPU (tools/traffic.c), and an eye on the wire
that keeps up with it."""

import ctypes
import errno
import mmap
import os
import socket
import struct
import subprocess
import tempfile
import time

from lab import PATIENCE, PORT_PS, PORTS_PC, SETTLE, inside, wait_until

TOOL = os.path.join(os.path.dirname(__file__), "../../build/tools/traffic")
SECONDS = 300           # traffic ends by itself, whatever happens here
HEADER, SLOT, ERRNOS = 48, 24 + 8 * 8, 8
SO_ATTACH_FILTER = 26
STOP, HOLD, MARK, FIRST_SEQ = range(4)
ENDS = {"uc-ps": ("port_uc", "port_ps", "spi_ps"), "us-pc": ("port_us", "port_pc", "spi_pc")}


class Traffic:
    """traffic.c on each CPU: (set, SA) pairs, one a CPU."""

    seq = 1             # rises over all of them: a set may live longer

    def __init__(self, flows, ns="pcscf"):
        self.file = tempfile.NamedTemporaryFile(dir="/dev/shm")
        self.file.truncate(4096)
        self.page = mmap.mmap(self.file.fileno(), 4096)
        self.put(FIRST_SEQ, Traffic.seq)
        self.programs = [self.program(slot, one, sa, ns) for slot, (one, sa) in enumerate(flows)]

    def program(self, slot, one, sa, ns):
        ue_port, port, spi = ENDS[sa]
        ik = one["ik"] + ("00000000" if one.alg == "hmac-sha-1-96" else "")
        return subprocess.Popen([
            TOOL, self.file.name, str(slot), str(slot % os.cpu_count()), str(SECONDS),
            "ue", ns, one["dev"], one["mac"], one["ue"], str(one[ue_port]),
            one["pcscf"], str(one[port]), str(one[spi]), ik,
            "-" if one.ealg == "null" else one["ck"]])

    def put(self, word, value):
        struct.pack_into("=I", self.page, 4 * word, value)

    def slots(self):
        for i in range(len(self.programs)):
            yield struct.unpack_from("=QQQ", self.page, HEADER + i * SLOT)

    def total(self, which):
        return sum(slot[which] for slot in self.slots())

    up = property(lambda self: self.total(0))
    down = property(lambda self: self.total(1))
    got = property(lambda self: self.total(2))

    def refused(self):
        """{errno: count} of all that was not sent."""
        out = {}
        for i in range(len(self.programs)):
            at = HEADER + i * SLOT + 24
            for number, count in struct.iter_unpack("=II", self.page[at:at + 8 * ERRNOS]):
                if count:
                    word = errno.errorcode.get(number, str(number))
                    out[word] = out.get(word, 0) + count
        return out

    def only(self, *words):
        have = self.refused()
        assert set(have) <= set(words), f"refused: {have}"

    def carry(self, more=30):
        """Wait until each CPU has sent some more up, and its turn down as often."""
        before = list(self.slots())
        wait_until(lambda: f"traffic stands still: {list(self.slots())} {self.refused()}",
                   lambda: all(now[0] > was[0] + more for now, was in zip(self.slots(), before)),
                   2 * PATIENCE)

    def __enter__(self):
        self.carry()
        return self

    def __exit__(self, *_):
        codes = self.end()
        assert not any(codes), f"traffic ended with {codes}"

    def end(self):
        self.put(STOP, 1)
        wait_until("traffic does not end",
                   lambda: all(program.poll() is not None for program in self.programs))
        codes = [program.returncode for program in self.programs]
        Traffic.seq += max(slot[0] for slot in self.slots()) + 1000
        return codes

    def kill(self):
        """In the middle of what they do."""
        for program in self.programs:
            program.kill()
        self.end()


class Watch:
    """Every frame with a protected port as its source in clear, and no other: a
    filter in the kernel keeps up with the traffic."""

    LDH, LDB, LDH_X, LDX, LDX_IHL = 0x28, 0x30, 0x48, 0x01, 0xb1
    JA, JEQ, JGE, JGT, RET = 0x05, 0x15, 0x35, 0x25, 0x06
    FILTER = (                                  # code, k, and how far to jump if so, if not
        (LDH, 12), (JEQ, 0x0800, 0, 5),
        (LDB, 23), (JEQ, 17, 1, 0), (JEQ, 6, 0, 10), (LDX_IHL, 14), (JA, 5),
        (JEQ, 0x86dd, 0, 7),
        (LDB, 20), (JEQ, 17, 1, 0), (JEQ, 6, 0, 4), (LDX, 40),
        (LDH_X, 14), (JGE, PORT_PS, 0, 1), (JGT, PORTS_PC[-1], 0, 1),
        (RET, 0), (RET, 0xffff))

    def __init__(self, ns="pcscf", dev="gm0"):
        code = b"".join(struct.pack("=HBBI", code, *(jumps or (0, 0)), k)
                        for code, k, *jumps in self.FILTER)
        buffer = ctypes.create_string_buffer(code)
        with inside(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack(
                "HxxxxxxP", len(self.FILTER), ctypes.addressof(buffer)))
            self.sock.bind((dev, 3))
        self.sock.setblocking(False)

    def seen(self):
        time.sleep(SETTLE)
        out = []
        while True:
            try:
                out.append(self.sock.recv(1 << 16))
            except BlockingIOError:
                return out

    def silent(self):
        have = self.seen()
        assert not have, f"{len(have)} frames in clear, the first {have[0][:80].hex()}"

    def close(self):
        self.sock.close()
