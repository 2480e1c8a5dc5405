#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A stranger on the access network: what he sends to the unprotected port, and
what he gets for it, as one JSON line.

  register    REGISTERs, challenge-worthy, for the IMSIs of --imsi in turn
  options     OPTIONS
  bloated     requests with one long list each, up to --size octets
  crowd       TCP connections that say nothing more than one octet a second
  deaf        a TCP connection that asks and never reads

--rate 0 is as fast as it goes.  Runs --seconds, or --count messages.
"""

import argparse
import json
import re
import select
import socket
import time

import sip

DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"
LISTS = ("Supported: a{}", "Allow: a{}", "Security-Client: a{}", "Contact: <sip:a@b>{}",
         "Route: <sip:a;lr>{}", "Unknown: a{}")


class Attacker:
    def __init__(self, options):
        self.o = options
        self.sent = 0
        self.answers = {}
        self.retry_after = 0
        family = socket.AF_INET6 if ":" in options.local else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.bind((options.local, options.port))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.family = family

    def request(self, method, impi, extra=()):
        host = sip.host_port(self.o.local, self.o.port)
        msg = sip.Message(f"{method} sip:{DOMAIN} SIP/2.0")
        msg.add("Via", f"SIP/2.0/UDP {host};branch=z9hG4bK{sip.token()};rport")
        msg.add("Max-Forwards", "70")
        msg.add("From", f"<sip:{impi}>;tag={sip.token(4)}")
        msg.add("To", f"<sip:{impi}>")
        msg.add("Call-ID", sip.token())
        msg.add("CSeq", f"1 {method}")
        if method == "REGISTER":
            msg.add("Contact", f"<sip:{impi.split('@')[0]}@{host}>")
            msg.add("Expires", "600000")
            msg.add("Supported", "path,sec-agree")
            msg.add("Require", "sec-agree")
            msg.add("Proxy-Require", "sec-agree")
            msg.add("Authorization", f'Digest username="{impi}",realm="{DOMAIN}",'
                                     f'uri="sip:{DOMAIN}",nonce="",response=""')
            port = 20000 + 2 * (self.sent % 10000)
            msg.add("Security-Client", "ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;"
                    f"spi-c={5000 + self.sent};spi-s={900000 + self.sent};"
                    f"port-c={port};port-s={port + 1}")
        for line in extra:
            name, _, value = line.partition(": ")
            msg.add(name, value)
        return msg.octets()

    def collect(self):
        while select.select([self.sock], [], [], 0)[0]:
            answer = self.sock.recv(65535)
            status = answer.split(b" ", 2)[1].decode()
            self.answers[status] = self.answers.get(status, 0) + 1
            if status == "503" and re.search(rb"\r\nRetry-After: [1-9]", answer):
                self.retry_after += 1

    def octets(self):
        impi = f"{self.o.imsi[self.sent % len(self.o.imsi)]}@{DOMAIN}"
        if self.o.what != "bloated":
            return self.request(self.o.what.upper(), impi)
        text = LISTS[self.sent % len(LISTS)]
        return self.request("OPTIONS", impi,
                            [text.format(",a" * ((self.o.size - 600) // 2))])

    def datagrams(self):
        start = time.monotonic()
        while self.sent < self.o.count and time.monotonic() - start < self.o.seconds:
            self.sock.sendto(self.octets(), (self.o.to, 5060))
            self.sent += 1
            self.collect()
            if self.o.rate:
                time.sleep(max(0, start + self.sent / self.o.rate - time.monotonic()))
        time.sleep(1)
        self.collect()

    def connect(self):
        sock = socket.socket(self.family, socket.SOCK_STREAM)
        sock.bind((self.o.local, 0))
        sock.settimeout(2)
        sock.connect((self.o.to, 5060))
        sock.setblocking(False)
        self.sent += 1
        return sock

    def crowd(self):
        """How many of the connections were closed on us, and how many stand at the end."""
        start, socks, closed = time.monotonic(), [], 0
        while time.monotonic() - start < self.o.seconds:
            try:
                while len(socks) < self.o.count:
                    socks.append(self.connect())
            except OSError:
                self.answers["refused"] = self.answers.get("refused", 0) + 1
            for sock in list(socks):
                try:
                    sock.send(b"R")
                    if sock.recv(100) == b"":
                        raise ConnectionResetError
                except BlockingIOError:
                    pass
                except OSError:
                    socks.remove(sock)
                    sock.close()
                    closed += 1
            time.sleep(1)
        self.answers["closed"] = closed

    def deaf(self):
        """Asks until the P-CSCF takes no more; then whether it ends the connection."""
        sock = self.connect()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        question = self.request("OPTIONS", f"{self.o.imsi[0]}@{DOMAIN}")
        start = time.monotonic()
        while time.monotonic() - start < self.o.seconds:
            try:
                sock.send(question)
                self.sent += 1
            except BlockingIOError:
                time.sleep(0.1)
            except OSError:
                self.answers["reset"] = 1
                return

    def run(self):
        if self.o.what == "crowd":
            self.crowd()
        elif self.o.what == "deaf":
            self.deaf()
        else:
            self.datagrams()
        print(json.dumps({"sent": self.sent, "retry-after": self.retry_after, **self.answers}))


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("register", "options", "bloated", "crowd", "deaf"))
    p.add_argument("--local", required=True)
    p.add_argument("--port", type=int, default=5070, help="own UDP port")
    p.add_argument("--to", required=True)
    p.add_argument("--imsi", nargs="+", default=["001010000000001"])
    p.add_argument("--rate", type=float, default=0, help="messages a second")
    p.add_argument("--count", type=int, default=1 << 30)
    p.add_argument("--seconds", type=float, default=1 << 30)
    p.add_argument("--size", type=int, default=16000)
    Attacker(p.parse_args()).run()


if __name__ == "__main__":
    main()
