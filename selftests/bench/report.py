# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's figures: kept, related to each other, printed, written."""

import json
import os
import platform
import sys
import time

SIZES = (100, 600, 1300)
SUITES = ("null", "aes-cbc", "aes-gcm")
CONTENDERS = ("stock", "gmgate")

COUNTS = {
    "packets": "cost of one UDP datagram of SIZE octets, the median of 20 batches of 50, each "
               "to or from a UE drawn at random, once every UE has been heard; out: sendto() "
               "until a dummy device drops it; in: write() to a tun device until recv() has it",
    "contenders": {
        "none": "no IPsec, and gmgate.ko not loaded",
        "beside": "no IPsec, but gmgate.ko is loaded and has an endpoint",
        "stock": "XFRM with a state and a policy for each of a UE's four flows; AES-GCM is "
                 "rfc4106(gcm(aes))",
        "gmgate": "gmgate.ko",
        "bare": "the SHA-1 blocks of the same octets, and the AES-CBC, each in one call of the "
                "kernel's best driver; or the AES-GCM in one call",
    },
    "handling": "a contender's cost less none's and less bare's, at as many UEs",
    "ues": "cost a UE of what is done to COUNT UEs, in bulk, while the number of UEs goes FROM "
           "one TO another; call: inside the caller's calls, its own code included; busy: all "
           "the time that the CPUs together were not idle until they came to rest, deferred work "
           "included, in steps of 10 ms shared by all COUNT UEs",
    "what": {
        "install": "stock: 4 NEWSA and 4 NEWPOLICY; gmgate: one set-new",
        "delete": "stock: 4 DELPOLICY and 4 DELSA; gmgate: one set-del",
        "replace": "a re-registration, the new SAs there before the old ones go; stock, as "
                   "Kamailio's ims_ipsec_pcscf does it: install with other SPIs and client "
                   "ports, delete the old; gmgate: set-new, set-change to established, set-del",
        "dump": "stock: GETSA of all SAs; gmgate: set-get of all sets; read and counted by "
                "the caller; no policies",
    },
    "memory": "growth of Slab, Percpu and VmallocUsed in /proc/meminfo, tables included, octets "
              "a UE",
}

UES = ("install", "octets", "replace", "dump", "delete")


def pair(stock, gmgate):
    """Three words for a table."""
    ratio = f"1/{stock / max(gmgate, 1):.1f}" if stock and gmgate else ""
    return stock or "-", gmgate or "-", ratio


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

    def add_ue(self, contender, what, suite, before, after, count, told):
        self.data["ues"].append({"contender": contender, "what": what, "suite": suite,
                                 "from": before, "to": after, "count": count,
                                 "call": told["call"], "busy": told["busy"]})

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
            for who in CONTENDERS:
                row[who] = self._packet(who, way, size, suite, ues)
                row[f"{who}-handling"] = row[who] and row[who] - row["none"] - row["bare"]
            if row["stock"] or row["gmgate"]:
                yield row

    def _print_packets(self):
        """A row for all sizes: what is behind it is in bench.json."""
        form = "{:7} {:>7} {:3}" + 3 * "  {:>7} {:>7} {:6}"
        print("handling of a packet: what it costs less no IPsec, less one call of hash and cipher")
        print(form.format("", "", "", *(word for size in SIZES
                                        for word in (size, "octets", ""))).rstrip())
        print(form.format("suite", "UEs", "way", *(3 * ("stock", "gmgate", ""))).rstrip())
        rows = {}
        for r in self.data["handling"]:
            rows.setdefault((r["suite"], r["ues"], r["way"]), []).append(r)
        for place, of_sizes in rows.items():
            words = (word for r in of_sizes
                     for word in pair(r["stock-handling"], r["gmgate-handling"]))
            print(form.format(*place, *words).rstrip())

    def _print_beside(self):
        numbers = [p["ues"] for p in self.data["packets"] if p["contender"] == "beside"]
        if not numbers:
            return
        costs = ("{} {:+d}".format(way, self._packet("beside", way, size, "null", numbers[0]) -
                                   self._packet("none", way, size, "null", numbers[0]))
                 for size in SIZES for way in ("out", "in"))
        print("no IPsec, but gmgate is loaded:  " + ", ".join(costs))

    def _print_ues(self):
        """Instructions and octets a UE, one row for both contenders."""
        rows = {}
        for u in self.data["ues"]:
            place = (u["suite"], u["what"], u["from"], u["to"])
            rows.setdefault(place, {})[u["contender"]] = u["busy"]
        for m in self.data["memory"]:
            place = (m["suite"], "octets", m["from"], m["to"])
            rows.setdefault(place, {})[m["contender"]] = m["octets"]
        print("a UE, in bulk, with all that is done later; octets of kernel memory")
        form = "{:7} {:8} {:>7} {:>7}   {:>8} {:>8} {}"
        print(form.format("suite", "what", "from", "to", "stock", "gmgate", "").rstrip())
        for place in sorted(rows, key=lambda p: (SUITES.index(p[0]), UES.index(p[1]), p[2:])):
            print(form.format(*place, *pair(*(rows[place].get(who) for who in CONTENDERS))))

    def print_table(self):
        self.data["handling"] = list(self._handling())
        print(f"kernel {self.data['kernel']}, guest {self.data['guest']}; {self.data['unit']}")
        self._print_packets()
        self._print_beside()
        self._print_ues()

    def write(self, path):
        self.data["seconds"] = round(time.monotonic() - self.start)
        path.write_text(json.dumps(self.data, indent=1) + "\n")
