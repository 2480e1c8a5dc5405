#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The AKA of ueload and coreload (selftests/tools/load) against Milenage of milenage.py, which
test_milenage.py holds against the test sets of TS 35.208."""

import pathlib
import subprocess
import unittest

from milenage import Milenage

AKACHECK = pathlib.Path(__file__).resolve().parents[2] / "build/load/akacheck"


@unittest.skipUnless(AKACHECK.exists(), "build/load/akacheck is not built: make tools")
class LoadAka(unittest.TestCase):
    def test_vectors(self):
        for number in range(25):
            sqn = 1 + number * 0x123456789 % (1 << 48)
            done = subprocess.run([AKACHECK, str(number), str(sqn)], capture_output=True, text=True,
                                  timeout=60, check=False)
            with self.subTest(number=number):
                self.assertEqual(done.returncode, 0)
                k, opc, rand, autn, res, ck, ik = (bytes.fromhex(h) for h in done.stdout.split())
                m = Milenage(k, opc=opc)
                octets, amf = sqn.to_bytes(6, "big"), bytes.fromhex("8000")
                hidden = bytes(a ^ b for a, b in zip(octets, m.f5(rand)))
                self.assertEqual(autn, hidden + amf + m.f1(rand, octets, amf))
                self.assertEqual((res, ck, ik), (m.f2(rand), m.f3(rand), m.f4(rand)))


if __name__ == "__main__":
    unittest.main()
