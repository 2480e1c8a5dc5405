#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of drops.sh, which see."""

import sys

from lab import (PCSCF, PORT_PS, PORTS_PC, SPI_MIN, UE2, Ktap, Lab, Receiver, Set)


class Bench:
    def __init__(self, ktap, lab, one, label):
        self.ktap, self.lab, self.set, self.label = ktap, lab, one, label
        self.receivers = [Receiver(PCSCF[one.version], port) for port in (PORT_PS, PORTS_PC[0])]

    def good(self, name, sa="uc-ps", **changes):
        """Arrives with the set's id at its port, and no drop is counted."""
        with self.ktap.test(f"{self.label}: {name}"):
            with self.lab.drops():
                self.set.esp(sa, **changes)
            self.receivers[sa == "us-pc"].expect(self.set.id)
            self.silent()

    def bad(self, name, reason, times=1, set_id=None, **changes):
        """Refused for that reason; nobody hears of it."""
        changes.setdefault("seq", self.set.seq["uc-ps"] + 1)
        with self.ktap.test(f"{self.label}: {name}: {reason}"):
            with self.lab.drops({reason: times}, self.set.id if set_id is None else set_id):
                self.set.esp(**changes)
            self.silent()

    def silent(self):
        for receiver in self.receivers:
            receiver.silent()

    def close(self):
        for receiver in self.receivers:
            receiver.close()


def integrity(bench):
    bench.good("good")
    bench.good("good on the other pair", "us-pc")
    for name, where in (("ICV", -1), ("first ICV octet", -12), ("body", 40), ("number", 6)):
        bench.bad(f"{name} changed", "in-icv", flip=where)
    bench.good("they used no number up")


def replay(bench):
    last = bench.set.seq["uc-ps"]
    bench.bad("replayed", "in-replay", seq=last)
    bench.bad("number 0", "in-replay", seq=0)
    with bench.ktap.test(f"{bench.label}: of three copies one arrives"):
        with bench.lab.drops({"in-replay": 2}, bench.set.id):
            bench.set.esp(repeat=3)
        bench.receivers[0].expect(bench.set.id)


def lengths(bench):
    cbc = bench.set.ealg == "aes-cbc"
    cut = 4 if cbc else 3
    bench.bad(f"{cut} octets cut off", "in-length", cut=cut)
    empty = {"text": "", "size": 0}
    bench.bad("ESP header alone", "in-length", cut=44 if cbc else 24, **empty)
    bench.bad("no ESP header even", "in-length",
              cut=40 if cbc else 20, **empty)
    bench.bad("padding is not 1 2 3", "in-padding", bad_padding=True, size=59)
    bench.set.seq["uc-ps"] += 1         # its ICV was good


def insides(bench):
    """Good ICVs, so each uses its number up."""
    for header, what in ((59, "dummy packet"), (4, "IP in IP"), (1, "ICMP"), (44, "fragment")):
        bench.bad(f"{what} inside", "in-next-header", next_header=header)
        bench.set.seq["uc-ps"] += 1
    bench.bad("UDP header truncated", "in-inner", inner_cut=1, text="", size=0)
    bench.set.seq["uc-ps"] += 1
    bench.bad("TCP header truncated", "in-inner", inner_cut=1, text="", size=0, transport="tcp")
    bench.set.seq["uc-ps"] += 1


def binding(bench):
    one = bench.set
    for transport in ("udp", "tcp"):
        for name, ports in (("wrong source port", {"sport": 4711}),
                            ("wrong destination port", {"dport": 6102}),
                            ("unprotected destination", {"dport": 5060}),
                            ("us to ps", {"sport": one["port_us"]}),
                            ("uc to pc", {"dport": one["port_pc"]}),
                            ("the other pair", {"sport": one["port_us"],
                                                "dport": one["port_pc"]})):
            bench.bad(f"{transport} {name}", "in-binding", transport=transport, **ports)
            one.seq["uc-ps"] += 1
    bench.bad("source address of another UE", "in-address", src=UE2[one.version])
    bench.bad("SPI of the range that no set has", "in-unknown-spi", set_id=0,
              spi=SPI_MIN + 0x777777)
    bench.bad("SPI of the other SA", "in-binding", spi=one["spi_pc"],
              seq=one.seq["us-pc"] + 1)
    one.seq["us-pc"] += 1
    bench.good("good after all that")


def fragments(bench):
    bench.good("in IP fragments", size=1000, fragments=400)
    bench.good("in IP fragments, last first", size=1000, fragments=400, order="reverse")
    bench.bad("fragments, changed", "in-icv", size=1000, fragments=400, flip=900)


def window(bench):
    """RFC 4303 3.4.3: 64 numbers below the highest are still good, once."""
    seq = bench.set.seq
    seq["uc-ps"] = 999
    bench.good("far ahead, 1000")
    bench.bad("64 below is too old", "in-replay", seq=936)
    bench.good("63 below is not", seq=937)
    bench.bad("but only once", "in-replay", seq=937)
    with bench.ktap.test(f"{bench.label}: ten late ones in a row"):
        with bench.lab.drops():
            bench.set.esp(seq=980, count=10)
        assert len(bench.receivers[0].heard()) == 10, "not all ten came"
    bench.bad("the same ten again", "in-replay", 10, seq=980, count=10)
    # A forged number far ahead must not move the window.
    bench.bad("forged, far ahead", "in-icv", seq=4000000, flip=-1)
    bench.good("which has not moved", seq=991)
    bench.good("the last number there is", seq=0xffffffff)
    bench.bad("nothing follows it", "in-replay", seq=1)
    with bench.ktap.test(f"{bench.label}: the set tells its highest number"):
        have = bench.set.sa("uc-ps")["seq"]
        assert have == 0xffffffff, f"it says {have}"


# Field note 6: why a packet was dropped, and whose it was.
def counted_in_set(bench):
    with bench.ktap.test(f"{bench.label}: the set tells its own drops"):
        drops = {d["reason"]: d["count"] for d in bench.set.show().get("drops", [])}
        # A set counts a wrong address as a wrong binding.
        want = {"in-icv": 5, "in-replay": 4, "in-binding": 14}
        assert drops == want, f"{drops}, wants {want}"


def relaxed(ktap, lab, version):
    """The endpoint's relaxed flag accepts the crossed pairs, and nothing else."""
    lab.withdraw(version)
    lab.endpoint(version, flags=1)
    bench = Bench(ktap, lab, Set(lab, version).add(), f"IPv{version} relaxed")
    one = bench.set
    bench.good("uc to ps")
    with ktap.test(f"IPv{version} relaxed: uc to pc"):
        with lab.drops():
            one.esp(dport=one["port_pc"])
        bench.receivers[1].expect(one.id)
    with ktap.test(f"IPv{version} relaxed: us to ps"):
        with lab.drops():
            one.esp("us-pc", dport=PORT_PS)
        bench.receivers[0].expect(one.id)
    bench.bad("wrong source port", "in-binding", sport=4711)
    one.seq["uc-ps"] += 1
    bench.bad("another client port", "in-binding", dport=PORTS_PC[1])
    bench.close()


def main():
    ktap, lab = Ktap(), Lab()
    for version in (4, 6):
        lab.endpoint(version)
    for version in (4, 6):
        for suite in ("hmac-sha-1-96/null", "hmac-md5-96/aes-cbc"):
            bench = Bench(ktap, lab, Set(lab, version, suite).add(), f"IPv{version} {suite}")
            for group in (integrity, replay, lengths, insides, binding, fragments,
                          counted_in_set):
                group(bench)
            bench.close()
    for suite in ("hmac-md5-96/null", "hmac-sha-1-96/aes-cbc"):
        bench = Bench(ktap, lab, Set(lab, 4, suite).add(), f"window {suite}")
        window(bench)
        bench.close()
    for version in (4, 6):
        relaxed(ktap, lab, version)
        lab.withdraw(version)
    return ktap.finish()


if __name__ == "__main__":
    sys.exit(main())
