#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scrapers of gmgated's metrics that nobody wants, and a judge of what they get.

  scrapers.py crowd    many connections that say nothing, for --seconds
  scrapers.py drip     connections whose request never ends, an octet at a time
  scrapers.py flood    requests as fast as they are taken
  scrapers.py judge FILE [LATER]
                       does the reader of Prometheus' own client read it, as the text
                       format or OpenMetrics, and did nothing that only grows fall?
"""
import argparse
import json
import selectors
import socket
import sys
import time


class Crowd:
    """So many connections at a time: one that is closed is opened anew."""

    def __init__(self, args):
        host, _, port = args.to.rpartition(":")
        self.peer = (host, int(port))
        self.args = args
        self.selector = selectors.DefaultSelector()
        self.end = time.monotonic() + args.seconds
        self.seen = {"opened": 0, "closed": 0, "octets": 0, "answers": 0}

    def connect(self):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(self.peer)
        self.selector.register(s, selectors.EVENT_READ | selectors.EVENT_WRITE)
        self.seen["opened"] += 1

    def close(self, s):
        self.selector.unregister(s)
        s.close()
        self.seen["closed"] += 1

    def first_words(self):
        return {"crowd": b"", "drip": b"GET /metrics HTTP/1.1\r\nX: ",
                "flood": b"GET /metrics HTTP/1.1\r\nHost: gmgate\r\n\r\n"}[self.args.what]

    def serve(self, s, events):
        try:
            if events & selectors.EVENT_WRITE:
                s.send(self.first_words())
                self.selector.modify(s, selectors.EVENT_READ)
            if events & selectors.EVENT_READ:
                data = s.recv(65536)
                self.seen["octets"] += len(data)
                self.seen["answers"] += data.startswith(b"HTTP/1.1 200")
                if not data:
                    self.close(s)
        except OSError:
            self.close(s)

    def drip(self):
        for key in list(self.selector.get_map().values()):
            try:
                key.fileobj.send(b"x")
            except OSError:
                pass

    def run(self):
        next_drip = 0
        while (now := time.monotonic()) < self.end:
            while len(self.selector.get_map()) < self.args.count:
                self.connect()
            for key, events in self.selector.select(0.1):
                self.serve(key.fileobj, events)
            if self.args.what == "drip" and now >= next_drip:
                next_drip = now + 0.5
                self.drip()
        print(json.dumps(self.seen))


def samples_of(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if text.endswith("# EOF\n"):
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    else:
        from prometheus_client.parser import text_string_to_metric_families
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.type in ("counter", "gauge", "histogram"), family
        assert family.documentation, family.name
        for s in family.samples:
            key = (s.name, tuple(sorted(s.labels.items())))
            assert key not in found, f"twice: {key}"
            found[key] = s.value
    return found


def grows(name):
    return name.endswith(("_total", "_bucket", "_count", "_sum"))


def judge(paths):
    try:
        before, *later = [samples_of(p) for p in paths]
    except ImportError as error:
        print(error)
        return 4
    for after in later:
        for key, value in before.items():
            if grows(key[0]):
                assert after.get(key, -1) >= value, f"{key} fell from {value} to {after.get(key)}"
    print(f"{len(before)} samples")
    return 0


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("crowd", "drip", "flood", "judge"))
    p.add_argument("files", nargs="*")
    p.add_argument("--to", default="127.0.0.1:9464")
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--seconds", type=float, default=5)
    args = p.parse_args()
    if args.what == "judge":
        sys.exit(judge(args.files))
    Crowd(args).run()


if __name__ == "__main__":
    main()
