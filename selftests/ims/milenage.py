#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Milenage algorithm set of TS 35.206.

Used by both ends of the tests: the USIM inside ue.py and the HSS inside
core.py.  The values are checked against the published sets of TS 35.207/208
in test_milenage.py.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def xor(a, b):
    """The exclusive or of two octet strings of the same length."""
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def rotate(block, bits):
    """Rotate a 128-bit block left; all rotations of Milenage are whole octets."""
    n = bits // 8
    return block[n:] + block[:n]


class Milenage:
    """f1 to f5* for one subscriber key and its OPc."""

    def __init__(self, k, opc=None, op=None):
        cipher = Cipher(algorithms.AES(k), modes.ECB())
        self._aes = cipher
        if opc is None:
            opc = xor(op, self._encrypt(op))
        self.opc = opc

    def _encrypt(self, block):
        enc = self._aes.encryptor()
        return enc.update(block) + enc.finalize()

    def _out1(self, rand, sqn, amf):
        temp = self._encrypt(xor(rand, self.opc))
        in1 = (sqn + amf) * 2
        return xor(self._encrypt(xor(temp, rotate(xor(in1, self.opc), 64))), self.opc)

    def _out(self, rand, bits, constant):
        temp = self._encrypt(xor(rand, self.opc))
        block = xor(rotate(xor(temp, self.opc), bits), bytes(15) + bytes([constant]))
        return xor(self._encrypt(block), self.opc)

    def f1(self, rand, sqn, amf):
        """MAC-A, the network's proof."""
        return self._out1(rand, sqn, amf)[:8]

    def f1_star(self, rand, sqn, amf=b"\0\0"):
        """MAC-S of a resynchronisation; AMF is zero there (TS 33.102 6.3.3)."""
        return self._out1(rand, sqn, amf)[8:]

    def f2(self, rand):
        """RES."""
        return self._out(rand, 0, 1)[8:]

    def f3(self, rand):
        """CK."""
        return self._out(rand, 32, 2)

    def f4(self, rand):
        """IK."""
        return self._out(rand, 64, 4)

    def f5(self, rand):
        """AK, which hides the SQN in AUTN."""
        return self._out(rand, 0, 1)[:6]

    def f5_star(self, rand):
        """AK*, which hides the SQN in AUTS."""
        return self._out(rand, 96, 8)[:6]
