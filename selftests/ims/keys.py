#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Key expansion of TS 33.203 Annex I: CK and IK of AKA to the keys of ESP."""

import hashlib
import hmac

# What keylogs call aes-gmac; Wireshark has no name for it.
AES_GMAC = "AES-GMAC [RFC4543]"

def parity(key):
    """Odd parity on each octet, as DES keys have it."""
    return bytes((o & 0xfe) | ((bin(o >> 1).count("1") + 1) & 1) for o in key)


def salt(ck, ik, name, fc):
    """The last four octets of the KDF of TS 33.220 Annex B."""
    s = bytes([fc]) + name + len(name).to_bytes(2, "big")
    return hmac.new(ck + ik, s, hashlib.sha256).digest()[-4:]


def integrity_key(alg, ck, ik):
    """IK_ESP."""
    if alg == "hmac-md5-96":
        return ik
    if alg == "hmac-sha-1-96":
        return ik + bytes(4)
    if alg == "aes-gmac":
        return ik + salt(ck, ik, b"AES_GMAC_SALT", 0x58)
    if alg == "null":
        return b""
    raise ValueError(f"unknown alg {alg}")


def cipher_key(ealg, ck, ik):
    """CK_ESP."""
    if ealg == "null":
        return b""
    if ealg == "aes-cbc":
        return ck
    if ealg == "des-ede3-cbc":
        return parity(ck + ck[:8])
    if ealg == "aes-gcm":
        return ck + salt(ck, ik, b"AES_GCM_SALT", 0x59)
    raise ValueError(f"unknown ealg {ealg}")
