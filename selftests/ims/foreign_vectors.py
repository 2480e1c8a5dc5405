#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Authentication vectors for a core that has no HSS of its own.

Prints, for every subscriber of the YAML file with an IMSI given, the lines of
a Kamailio configuration that put nonce, ck, ik and RES (hex) into the hash
table `aka`.  One vector each: one challenge.
"""

import argparse

import hss


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--subscribers", required=True)
    p.add_argument("imsi", nargs="+")
    options = p.parse_args()
    _, subscribers = hss.load(options.subscribers)
    print("event_route[htable:mod-init] {")
    for sub in subscribers.values():
        if sub.imsi not in options.imsi:
            continue
        vector = sub.centre.next_vector()
        while 0 in vector.xres:                 # a string of this core ends at a NUL
            vector = sub.centre.next_vector()
        for name, value in (("nonce", vector.nonce), ("ck", vector.ck.hex()),
                            ("ik", vector.ik.hex()), ("res", vector.xres.hex())):
            print(f'\t$sht(aka=>{sub.impi}::{name}) = "{value}";')
    print("}")


if __name__ == "__main__":
    main()
