# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's figures: kept, related to each other, printed, written."""

import json
import os
import platform
import sys
import time

SIZES = (100, 600, 1300)
SUITES = ("null", "aes-cbc")

COUNTS = {
    "packets": "cost of one UDP datagram of SIZE octets, the median of 20 batches of 50, each "
               "to or from a UE drawn at random, once every UE has been heard; out: sendto() "
               "until a dummy device drops it; in: write() to a tun device until recv() has it",
    "contenders": {
        "none": "no IPsec, and gmgate.ko not loaded",
        "beside": "no IPsec, but gmgate.ko is loaded and has an endpoint",
        "stock": "XFRM with a state and a policy for each of a UE's four flows",
        "gmgate": "gmgate.ko",
        "bare": "the SHA-1 blocks of the same octets, and the AES-CBC, each in one call of the "
                "kernel's best driver",
    },
    "handling": "a contender's cost less none's and less bare's, at as many UEs",
    "ues": "cost of installing or deleting a UE, in bulk; call: inside the caller's system calls; "
           "busy: all the time that the only CPU was not idle until it came to rest, deferred "
           "work included, in steps of 10 ms shared by all UEs of the run",
    "memory": "growth of Slab, Percpu and VmallocUsed in /proc/meminfo, tables included, octets "
              "a UE",
}


class Report:
    def __init__(self, unit):
        self.start = time.monotonic()
        self.data = {
            "kernel": platform.release(), "guest": os.environ.get("GMGATE_GUEST", "none"),
            "unit": unit, "counts": COUNTS, "packets": [], "handling": [], "ues": [],
            "memory": [],
        }

    @staticmethod
    def say(text):
        print(f"# {text}", file=sys.stderr, flush=True)

    def add_packet(self, contender, way, size, suite, ues, cost):
        self.data["packets"].append({"contender": contender, "way": way, "size": size,
                                     "suite": suite, "ues": ues, "cost": cost})

    def add_ue(self, contender, what, suite, before, after, told):
        self.data["ues"].append({"contender": contender, "what": what, "suite": suite,
                                 "from": before, "to": after, "call": told["call"],
                                 "busy": told["busy"]})

    def add_memory(self, contender, suite, before, after, kib):
        self.data["memory"].append({"contender": contender, "suite": suite, "from": before,
                                    "to": after,
                                    "octets": round(kib * 1024 / (after - before))})

    def _packet(self, contender, way, size, suite, ues):
        for p in self.data["packets"]:
            if (p["contender"], p["way"], p["size"], p["suite"], p["ues"]) == \
               (contender, way, size, suite, ues):
                return p["cost"]
        return None

    def _rows(self):
        for suite in SUITES:
            for ues in sorted({p["ues"] for p in self.data["packets"] if p["ues"]}):
                for way in ("out", "in"):
                    for size in SIZES:
                        yield suite, ues, way, size

    def _handling(self):
        for suite, ues, way, size in self._rows():
            row = {"suite": suite, "ues": ues, "way": way, "size": size,
                   "none": self._packet("none", way, size, "null", ues),
                   "bare": self._packet("bare", way, size, suite, 0)}
            for who in ("stock", "gmgate"):
                row[who] = self._packet(who, way, size, suite, ues)
                row[f"{who}-handling"] = row[who] and row[who] - row["none"] - row["bare"]
            if row["stock"] or row["gmgate"]:
                yield row

    def print_table(self):
        self.data["handling"] = list(self._handling())
        print(f"kernel {self.data['kernel']}, guest {self.data['guest']}; "
              f"{self.data['unit']} a packet")
        form = "{:8} {:>7} {:4} {:>5}  {:>7} {:>7} {:>7} {:>7}   {:>8} {:>8}  {}"
        print(form.format("suite", "UEs", "way", "size", "none", "bare", "stock", "gmgate",
                          "h-stock", "h-gmgate", "ratio"))
        for r in self.data["handling"]:
            both = r["stock"] and r["gmgate"]
            ratio = f"1/{r['stock-handling'] / max(r['gmgate-handling'], 1):.1f}" if both else ""
            print(form.format(r["suite"], r["ues"], r["way"], r["size"], r["none"], r["bare"],
                              r["stock"] or "-", r["gmgate"] or "-", r["stock-handling"] or "-",
                              r["gmgate-handling"] or "-", ratio))
        print("h-: handling = cost - none - bare")
        for way in ("out", "in"):
            for size in SIZES:
                none, beside = (self._packet(who, way, size, "null", 1)
                                for who in ("none", "beside"))
                if beside and none:
                    print(f"unprotected packet beside gmgate, {way}, {size} octets: "
                          f"{beside - none:+d}")
        for u in self.data["ues"]:
            print(f"{u['contender']:6} {u['what']} {u['suite']}, {u['from']} to {u['to']} UEs: "
                  f"{u['call']} a UE in the call, {u['busy']} in all")
        for m in self.data["memory"]:
            print(f"{m['contender']:6} memory {m['suite']}, {m['from']} to {m['to']} UEs: "
                  f"{m['octets']} octets a UE")

    def write(self, path):
        self.data["seconds"] = round(time.monotonic() - self.start)
        path.write_text(json.dumps(self.data, indent=1) + "\n")
