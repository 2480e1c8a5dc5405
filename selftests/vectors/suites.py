# SPDX-License-Identifier: GPL-2.0-or-later
"""The suites of TS 33.203 on top of scapy's IPsec: keys, sealing, unsealing."""

import hashlib
import hmac
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from scapy.layers import ipsec
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw, raw


@dataclass(frozen=True)
class Suite:
    """One alg/ealg pair and how scapy calls its halves; gmac is not in scapy."""

    alg: str
    ealg: str
    iv_len: int
    align: int
    icv_len: int
    crypt: str
    auth: str

    @property
    def name(self):
        return f"{self.alg}/{self.ealg}"


@dataclass(frozen=True)
class Keys:
    ck_esp: bytes
    ik_esp: bytes
    salt: bytes


SUITES = (
    Suite("hmac-md5-96", "null", 0, 4, 12, "NULL", "HMAC-MD5-96"),
    Suite("hmac-sha-1-96", "null", 0, 4, 12, "NULL", "HMAC-SHA1-96"),
    Suite("hmac-sha-1-96", "aes-cbc", 16, 16, 12, "AES-CBC", "HMAC-SHA1-96"),
    Suite("hmac-md5-96", "aes-cbc", 16, 16, 12, "AES-CBC", "HMAC-MD5-96"),
    Suite("hmac-sha-1-96", "des-ede3-cbc", 8, 8, 12, "3DES", "HMAC-SHA1-96"),
    Suite("hmac-md5-96", "des-ede3-cbc", 8, 8, 12, "3DES", "HMAC-MD5-96"),
    Suite("null", "aes-gcm", 8, 4, 16, "AES-GCM", "NULL"),
    Suite("aes-gmac", "null", 8, 4, 16, "", ""),
)


def by_name(alg, ealg):
    return next(s for s in SUITES if (s.alg, s.ealg) == (alg, ealg))


def kdf_salt(ck, ik, code, label):
    """Annex I: the last four octets of the KDF of TS 33.220 Annex B."""
    text = bytes([code]) + label + struct.pack("!H", len(label))
    return hmac.new(ck + ik, text, hashlib.sha256).digest()[-4:]


def expand(suite, ck, ik):
    """CK and IK of AKA to the keys of one suite (TS 33.203 Annex I)."""
    ik_esp = {"hmac-md5-96": ik, "hmac-sha-1-96": ik + bytes(4),
              "aes-gmac": ik, "null": b""}[suite.alg]
    ck_esp = {"null": b"", "aes-cbc": ck, "des-ede3-cbc": ck + ck[:8],
              "aes-gcm": ck}[suite.ealg]
    salt = b""
    if suite.ealg == "aes-gcm":
        salt = kdf_salt(ck, ik, 0x59, b"AES_GCM_SALT")
    elif suite.alg == "aes-gmac":
        salt = kdf_salt(ck, ik, 0x58, b"AES_GMAC_SALT")
    return Keys(ck_esp, ik_esp, salt)


def association(suite, keys, spi, seq):
    crypt_key = keys.ck_esp + (keys.salt if suite.ealg == "aes-gcm" else b"")
    return ipsec.SecurityAssociation(
        ipsec.ESP, spi=spi, seq_num=seq, crypt_algo=suite.crypt,
        crypt_key=crypt_key or None, auth_algo=suite.auth,
        auth_key=keys.ik_esp or None)


def dissect(packet):
    return (IPv6 if packet[0] >> 4 == 6 else IP)(packet)


def trailer(suite, data, header, padding=None):
    """data, padding 1 2 3 ..., pad length, next header."""
    if padding is None:
        padding = bytes(range(1, -(len(data) + 2) % suite.align + 1))
    return data + padding + bytes((len(padding), header))


def seal_octets(suite, keys, spi, seq, iv, plain):
    """ESP header to ICV around octets that end in a trailer, good or bad."""
    if suite.alg == "aes-gmac":
        head = struct.pack("!II", spi, seq) + iv + plain
        return head + AESGCM(keys.ik_esp).encrypt(keys.salt + iv, b"", head)
    sa = association(suite, keys, spi, seq)
    body = ipsec._ESPPlain(spi=spi, seq=seq, iv=iv, data=plain[:-2], padding=b"",
                           padlen=plain[-2], nh=plain[-1])
    sealed = sa.crypt_algo.encrypt(sa, body, sa.crypt_key)
    sa.auth_algo.sign(sealed, sa.auth_key)
    return raw(sealed)


def seal(suite, keys, packet, spi, seq, iv):
    """A whole IP packet in, the whole ESP packet out."""
    whole = dissect(packet)
    if suite.alg != "aes-gmac":
        sa = association(suite, keys, spi, seq)
        return raw(sa.encrypt(whole, seq_num=seq, iv=iv))
    header, next_header, data = ipsec.split_for_transport(whole, 50)
    esp = seal_octets(suite, keys, spi, seq, iv, trailer(suite, raw(data), next_header))
    return wrap(header, esp)


def wrap(header, esp):
    """An IP header in front of ESP, with its length and checksum made again."""
    if header.version == 4:
        del header.len, header.chksum
    else:
        del header.plen
    return raw(header / Raw(esp))


def unseal(suite, keys, packet, spi):
    """The way back, by scapy where it can."""
    whole = dissect(packet)
    if suite.alg != "aes-gmac":
        return raw(association(suite, keys, spi, 1).decrypt(whole))
    octets = raw(whole[ipsec.ESP])
    head, icv, iv = octets[:-16], octets[-16:], octets[8:16]
    AESGCM(keys.ik_esp).decrypt(keys.salt + iv, icv, head)
    inner = head[16:-2]
    inner = inner[:len(inner) - head[-2]]
    header = whole.copy()
    under = header[ipsec.ESP].underlayer
    under.remove_payload()
    setattr(under, "proto" if isinstance(under, IP) else "nh", head[-1])
    return wrap(header, inner)
