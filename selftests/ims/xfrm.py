#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A UE's ESP: stock kernel XFRM states and policies through `ip -batch`.

One SaSet is the four SAs of TS 33.203 7.1, seen from the UE or, with
role="pcscf", from a P-CSCF made of stock XFRM (to test the UE alone).  Every
SA carries UDP and TCP; its policies pin protocol, both ports and the SPI, so
that a packet on the wrong SA is not accepted.  Policies of lower priority
block clear text in and out of the protected ports, as a phone does.

Keys go to ip(8) on its standard input, never on a command line.
"""

import itertools
import subprocess

import keys

AUTH = {"hmac-md5-96": "hmac(md5)", "hmac-sha-1-96": "hmac(sha1)"}
CIPHER = {"null": "ecb(cipher_null)", "aes-cbc": "cbc(aes)", "des-ede3-cbc": "cbc(des3_ede)"}

AEAD = {"null/aes-gcm": "rfc4106(gcm(aes))", "aes-gmac/null": "rfc4543(gcm(aes))"}

# The names Wireshark's esp_sa table has for them; aes-gmac it does not know.
WS_AUTH = {"null": "NULL", "hmac-md5-96": "HMAC-MD5-96 [RFC2403]",
           "hmac-sha-1-96": "HMAC-SHA-1-96 [RFC2404]", "aes-gmac": keys.AES_GMAC}
WS_CIPHER = {"null": "NULL", "aes-cbc": "AES-CBC [RFC3602]",
             "des-ede3-cbc": "TripleDES-CBC [RFC2451]",
             "aes-gcm": "AES-GCM with 16 octet ICV [RFC4106]"}

PROTECT, BLOCK = 100, 200               # policy priorities
_reqid = itertools.count(1)
_blocked = {}                           # (local, port): sets that use it


class XfrmError(Exception):
    """ip(8) refused something."""


def batch(lines):
    """Run ip(8) commands; none is half done silently."""
    text = "\n".join(lines) + "\n"
    done = subprocess.run(["ip", "-batch", "-"], input=text, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise XfrmError(done.stderr.strip())


def host(addr):
    """A selector of one address."""
    return f"{addr}/{128 if ':' in addr else 32}"


class SaSet:
    """Four SAs; the ports and SPIs are named as in TS 33.203."""

    def __init__(self, ue, pcscf, suite, ck, ik, *, uc, us, pc, ps,
                 spi_uc, spi_us, spi_pc, spi_ps):
        self.ue, self.pcscf, self.suite = ue, pcscf, suite
        self.uc, self.us, self.pc, self.ps = uc, us, pc, ps
        self.alg, self.ealg = suite.split("/")
        self.auth_key = keys.integrity_key(self.alg, ck, ik)
        self.enc_key = keys.cipher_key(self.ealg, ck, ik)
        first, second = next(_reqid), next(_reqid)
        # source, its port, destination, its port, SPI, direction at the UE, reqid
        self.sas = (
            (ue, uc, pcscf, ps, spi_ps, "out", first),
            (pcscf, ps, ue, uc, spi_uc, "in", first),
            (pcscf, pc, ue, us, spi_us, "in", second),
            (ue, us, pcscf, pc, spi_pc, "out", second),
        )
        self.role = None

    def _algorithms(self):
        """What `ip xfrm state` calls the suite, with its keys; those of AEAD end in the salt."""
        if self.suite in AEAD:
            key = self.enc_key or self.auth_key
            return f"aead {AEAD[self.suite]} 0x{key.hex()} 128"
        enc = "0x" + self.enc_key.hex() if self.enc_key else '""'
        return (f"auth-trunc {AUTH[self.alg]} 0x{self.auth_key.hex()} 96 "
                f"enc {CIPHER[self.ealg]} {enc}")

    def _states(self):
        for src, _, dst, _, spi, _, reqid in self.sas:
            yield (f"xfrm state add src {src} dst {dst} proto esp spi {spi:#x} reqid {reqid} "
                   f"mode transport replay-window 32 {self._algorithms()}")

    def _selectors(self, role):
        for src, sport, dst, dport, spi, way, reqid in self.sas:
            if role == "pcscf":
                way = "in" if way == "out" else "out"
            for proto in ("udp", "tcp"):
                yield (f"src {host(src)} dst {host(dst)} proto {proto} "
                       f"sport {sport} dport {dport} dir {way}", src, dst, spi, reqid)

    def _blocks(self, verb):
        """Clear text at our protected ports, while any set uses them."""
        local = self.ue if self.role == "ue" else self.pcscf
        for port in (self.uc, self.us) if self.role == "ue" else (self.pc, self.ps):
            users = _blocked.setdefault((local, port), set())
            before = len(users)
            (users.add if verb == "add" else users.discard)(id(self))
            if bool(before) == bool(users):
                continue
            end = f"action block priority {BLOCK}" if verb == "add" else ""
            for proto in ("udp", "tcp"):
                yield (f"xfrm policy {verb} dst {host(local)} proto {proto} dport {port} "
                       f"dir in {end}")
                yield (f"xfrm policy {verb} src {host(local)} proto {proto} sport {port} "
                       f"dir out {end}")

    def install(self, role="ue"):
        """Add states, then policies; on failure nothing stays."""
        self.role = role
        try:
            batch([*self._states(), *self._blocks("add"),
                   *(f"xfrm policy add {sel} priority {PROTECT} "
                     f"tmpl src {src} dst {dst} proto esp spi {spi:#x} reqid {reqid} "
                     f"mode transport"
                     for sel, src, dst, spi, reqid in self._selectors(role))])
        except XfrmError:
            self.remove(force=True)
            raise

    def remove(self, force=False):
        """Delete the states, then the policies; `force` tolerates their absence."""
        if self.role is None:
            return
        lines = [f"xfrm state delete src {src} dst {dst} proto esp spi {spi:#x}"
                 for src, _, dst, _, spi, _, _ in self.sas]
        lines += [f"xfrm policy delete {sel}" for sel, *_ in self._selectors(self.role)]
        lines += list(self._blocks("delete"))
        self.role = None
        if not force:
            batch(lines)
            return
        for line in lines:
            subprocess.run(["ip", *line.split()], capture_output=True, check=False)

    def wireshark_lines(self):
        """The set's four lines of Wireshark's esp_sa table."""
        family = "IPv6" if ":" in self.ue else "IPv4"
        enc = "0x" + self.enc_key.hex() if self.enc_key else ""
        auth = "0x" + self.auth_key.hex() if self.auth_key else ""
        for src, _, dst, _, spi, _, _ in self.sas:
            yield (f'"{family}","{src}","{dst}","{spi:#010x}","{WS_CIPHER[self.ealg]}","{enc}",'
                   f'"{WS_AUTH[self.alg]}","{auth}"')
