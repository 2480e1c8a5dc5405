#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A test core: S-CSCF and HSS in one, plain SIP over UDP and TCP.

Registers subscribers with IMS AKA as TS 24.229 5.4.1.2 has it, answers other
requests with 200, and sends requests to registered UEs on command.  Every
message received is logged with what is wrong about it ("wrong": a list), so
that tests can assert what a P-CSCF must have added and removed.

Faults (fault: in the subscribers file, --script for all, or the command):
  ok             none
  no-ckik        401 without ck and ik
  bad-ckik       401 with ck one digit short
  no-challenge   401 without WWW-Authenticate
  bad-autn       401 with a wrong MAC in AUTN
  two-challenges a correct answer is challenged once more
  silent         no answer at all
  slow=SECONDS   answer that much later
  status=CODE    answer so, to the first REGISTER
  final=CODE     challenge, then answer the correct response so

Commands on standard input with --stdin:
  fault IMSI FAULT | reauth IMSI always|never | expires IMSI SECONDS
  request METHOD IMSI [BODY]     send to the UE along its Path
  quit
"""

import argparse
import base64
import os
import select
import socket
import time

import aka
import events
import hss
import sip

HIDDEN = ("Security-Client", "Security-Verify", "Security-Server")


class Peer:
    """Where a message came from and how to answer it."""

    def __init__(self, transport, addr, sock):
        self.transport, self.addr, self.sock = transport, addr, sock


class Core:
    """Sockets, transactions and the registrar."""

    def __init__(self, options, log):
        self.o, self.log = options, log
        self.domain, self.subscribers = hss.load(options.subscribers)
        self.host, _, port = options.listen.rpartition(":")
        self.host, self.port = self.host.strip("[]"), int(port)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.bind((self.host, self.port))
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.host, self.port))
        self.listener.listen(16)
        self.streams = {}               # socket: (address, Framer)
        self.answered = {}              # transaction: octets of its answer
        self.delayed = []               # (when, octets, peer, request)
        self.cseq = 0
        for sub in self.subscribers.values():
            sub.centre.milenage.f2(bytes(16))   # loads the cipher before it is waited for
            if options.script:
                sub.fault = options.script

    # -- transport ------------------------------------------------------

    def run(self):
        self.log.write("listening", addr=sip.host_port(self.host, self.port))
        while True:
            timeout = max(min(d[0] for d in self.delayed) - time.monotonic(), 0) \
                if self.delayed else None
            watched = [self.udp, self.listener, *self.streams]
            if self.o.stdin:
                watched.append(0)
            for sock in select.select(watched, [], [], timeout)[0]:
                if sock == 0:
                    self.read_commands()
                else:
                    self.read(sock)
            self.send_delayed()

    def read(self, sock):
        if sock is self.udp:
            octets, addr = sock.recvfrom(65535)
            self.arrived(octets, Peer("udp", addr[:2], sock))
        elif sock is self.listener:
            conn, addr = sock.accept()
            self.streams[conn] = (addr[:2], sip.Framer())
        else:
            addr, framer = self.streams[sock]
            try:
                octets = sock.recv(65535)
            except OSError:
                octets = b""
            if not octets:
                del self.streams[sock]
                sock.close()
                return
            for message in framer.feed(octets):
                self.arrived(message, Peer("tcp", addr, sock))

    def transmit(self, octets, peer, request=None):
        """Send; a UDP answer goes where the top Via says (RFC 3261 18.2.2)."""
        if peer.transport == "tcp":
            peer.sock.sendall(octets)
            return peer.addr
        addr = peer.addr
        if request is not None:
            sent_by, params = sip.split_params(request.values("Via")[0])
            if params.get("rport", "no") == "no":
                port = sent_by.rsplit(":", 1)[-1]
                addr = (addr[0], int(port) if port.isdigit() else 5060)
        self.udp.sendto(octets, addr)
        return addr

    def send_delayed(self):
        now = time.monotonic()
        due = [d for d in self.delayed if d[0] <= now]
        self.delayed = [d for d in self.delayed if d[0] > now]
        for _, octets, peer, request in due:
            self.transmit(octets, peer, request)

    def arrived(self, octets, peer):
        try:
            msg = sip.Message.parse(octets)
        except sip.SipError as exc:
            if octets.strip():
                self.log.write("unparsable", why=str(exc), wrong=["unparsable"])
            return
        key = (msg.branch, msg.cseq, peer.addr[0])
        again = msg.is_request and key in self.answered
        self.log.write("received", method=msg.method, start=msg.start,
                       transport=peer.transport, src=sip.host_port(*peer.addr),
                       retransmission=again, headers=msg.headers,
                       integrity=self.integrity(msg),
                       wrong=self.wrong_with(msg) if msg.is_request else [])
        if not msg.is_request or msg.method == "ACK":
            return
        if again:
            if self.answered[key]:
                self.transmit(self.answered[key], peer, msg)
            return
        self.answered[key] = None
        answer, delay = self.register(msg) if msg.method == "REGISTER" else self.other(msg)
        if answer is None:
            return
        out = answer.octets()
        self.answered[key] = out
        self.log.write("sent", start=answer.start, method=answer.method)
        if delay:
            self.delayed.append((time.monotonic() + delay, out, peer, msg))
        else:
            self.transmit(out, peer, msg)

    # -- what a P-CSCF must have done -----------------------------------

    @staticmethod
    def integrity(msg):
        return sip.auth_params(msg.get("Authorization") or "").get("integrity-protected")

    def wrong_with(self, msg):
        """What TS 24.229 5.2.2 and 5.2.6 do not let a P-CSCF forward."""
        wrong = [f"{name} present" for name in HIDDEN if msg.get(name)]
        for name in ("Require", "Proxy-Require"):
            if "sec-agree" in msg.values(name):
                wrong.append(f"sec-agree in {name}")
            if msg.get(name) == "":
                wrong.append(f"empty {name}")
        # A P-CSCF is the first hop of its own SUBSCRIBE.
        if (msg.get("Max-Forwards") or "70") == "70" and len(msg.values("Via")) > 1:
            wrong.append("Max-Forwards not decremented")
        if len(msg.values("Via")) < 2 and msg.method == "REGISTER":
            wrong.append("no Via of the P-CSCF")
        if msg.method != "REGISTER":
            return wrong
        if not msg.values("Path"):
            wrong.append("no Path")
        elif "lr" not in sip.uri_of(msg.values("Path")[0]):
            wrong.append("Path without lr")
        if "path" not in msg.values("Require"):
            wrong.append("no path in Require")
        if not msg.get("P-Visited-Network-ID"):
            wrong.append("no P-Visited-Network-ID")
        if "icid-value=" not in (msg.get("P-Charging-Vector") or ""):
            wrong.append("no icid-value")
        if msg.get("Authorization") and self.integrity(msg) not in ("yes", "no"):
            wrong.append("no integrity-protected")
        if len(msg.get_all("P-Charging-Vector")) > 1:
            wrong.append("two P-Charging-Vector")
        if msg.values("Route"):
            wrong.append("Route left")
        return wrong

    # -- registrar ------------------------------------------------------

    def register(self, msg):
        """(answer or None, delay) for a REGISTER."""
        auth = sip.auth_params(msg.get("Authorization") or "")
        sub = self.subscribers.get(auth.get("username"))
        if sub is None:
            return sip.response_to(msg, 403), 0
        fault, _, value = sub.next_fault().partition("=")
        delay = float(value) if fault == "slow" else 0
        if fault == "silent":
            return None, 0
        answer = self.authenticate(sub, msg, auth, fault, value)
        if answer is not None:
            return answer, delay
        if fault == "final":
            return sip.response_to(msg, int(value)), delay
        return self.accept(sub, msg), delay

    def authenticate(self, sub, msg, auth, fault, value):
        """A challenge or a refusal, or None: the REGISTER is authentic."""
        if "auts" in auth:
            return self.resynchronise(sub, msg, auth, fault)
        if self.integrity(msg) != "yes" or not auth.get("response"):
            if fault == "status":
                return sip.response_to(msg, int(value))
            return self.challenge(sub, msg, fault)
        if sub.pending is None:
            if sub.binding is None or sub.reauth == "always":
                return self.challenge(sub, msg, fault)
            return None                                 # a refresh on the SA, no new AKA run
        vector, call_id = sub.pending
        if auth.get("nonce") != vector.nonce:
            self.log.write("refused", impi=sub.impi, why="not the nonce of the challenge")
            return self.challenge(sub, msg, fault)
        if call_id != msg.get("Call-ID"):
            self.log.write("refused", impi=sub.impi, why="Call-ID is not that of the challenge")
            return sip.response_to(msg, 403)
        if auth.get("response") != self.expected(sub, vector, auth, msg):
            sub.pending = None
            self.log.write("refused", impi=sub.impi, why="response is wrong")
            return sip.response_to(msg, 403)
        sub.pending = None
        sub.again = fault == "two-challenges" and not sub.again
        if sub.again:
            return self.challenge(sub, msg, "ok")
        return None

    @staticmethod
    def expected(sub, vector, auth, msg):
        """The digest response of the right RES."""
        password = vector.xres
        if sub.algorithm == "AKAv2-MD5":
            password = aka.akav2_password(vector.xres, vector.ck, vector.ik)
        return aka.digest_response(
            auth["username"], auth.get("realm", ""), password, "REGISTER",
            auth.get("uri", ""), vector.nonce, qop=auth.get("qop"),
            nc=auth.get("nc", ""), cnonce=auth.get("cnonce", ""), body=msg.body)

    def resynchronise(self, sub, msg, auth, fault):
        """TS 33.102 6.3.5: take SQN from AUTS, challenge again."""
        try:
            rand, _ = aka.nonce_decode(auth.get("nonce", ""))
            sub.centre.resynchronise(rand, base64.b64decode(auth["auts"]))
        except (aka.AkaError, ValueError) as exc:
            self.log.write("refused", impi=sub.impi, why=f"auts: {exc}")
            return sip.response_to(msg, 403)
        self.log.write("resynchronised", impi=sub.impi, sqn=f"{sub.centre.sqn:012x}")
        return self.challenge(sub, msg, fault)

    def challenge(self, sub, msg, fault):
        """401 with a new vector; ck and ik are for the P-CSCF."""
        vector = sub.centre.next_vector(sub.rand)
        sub.pending = (vector, msg.get("Call-ID"))
        self.log.write("challenged", impi=sub.impi, nonce=vector.nonce,
                       ck=vector.ck.hex(), ik=vector.ik.hex())
        answer = sip.response_to(msg, 401)
        nonce = vector.nonce
        if fault == "bad-autn":
            nonce = aka.nonce_encode(vector.rand, vector.autn[:-1] + b"\0")
        parts = [f'realm="{self.domain}"', f'nonce="{nonce}"', f"algorithm={sub.algorithm}"]
        if sub.qop != "none":
            parts.append(f'qop="{sub.qop}"')
        if fault == "bad-ckik":
            parts += [f'ck="{vector.ck.hex()[1:]}"', f'ik="{vector.ik.hex()}"']
        elif fault != "no-ckik":
            parts += [f'ck="{vector.ck.hex()}"', f'ik="{vector.ik.hex()}"']
        if fault != "no-challenge":
            answer.add("WWW-Authenticate", "Digest " + ",".join(parts))
        self.add_charging(answer)
        return answer

    def accept(self, sub, msg):
        """200 OK: binding, Service-Route, P-Associated-URI; expiry 0 removes."""
        contact = (msg.values("Contact") or [""])[0]
        _, params = sip.split_params(contact)
        asked = int(params.get("expires") or msg.get("Expires") or sub.expires)
        granted = 0 if contact == "*" else min(asked, sub.expires)
        answer = sip.response_to(msg, 200)
        for path in msg.get_all("Path"):
            answer.add("Path", path)
        if granted:
            sub.binding = {"contact": sip.uri_of(contact), "path": msg.values("Path"),
                           "until": time.time() + granted}
            answer.add("Contact", f"<{sip.uri_of(contact)}>;expires={granted}")
            answer.add("Service-Route",
                       f"<sip:orig@{sip.host_port(self.host, self.port)};lr>")
            answer.add("P-Associated-URI", f"<{sub.impu}>, <{sub.tel}>")
        else:
            sub.binding = None
        self.add_charging(answer)
        self.log.write("registered" if granted else "deregistered", impi=sub.impi,
                       expires=granted)
        return answer

    @staticmethod
    def add_charging(answer):
        """Core-only headers that a P-CSCF must not let out."""
        answer.add("P-Charging-Vector", f'icid-value="{sip.token()}";term-ioi="home.example"')
        answer.add("P-Charging-Function-Addresses", 'ccf="ccf.home.example"')

    # -- everything else ------------------------------------------------

    def other(self, msg):
        """Requests that are not REGISTER end here, with 200."""
        answer = sip.response_to(msg, 200)
        for route in msg.get_all("Record-Route"):
            answer.add("Record-Route", route)
        answer.add("Contact", f"<sip:{sip.host_port(self.host, self.port)}>")
        if msg.method == "SUBSCRIBE":
            answer.add("Expires", msg.get("Expires") or "600000")
        return answer, 0

    def send_request(self, method, sub, body=""):
        """A request to a registered UE, along its Path."""
        if sub.binding is None:
            self.log.write("not-registered", impi=sub.impi)
            return
        self.cseq += 1
        msg = sip.Message(f"{method} {sub.binding['contact']} SIP/2.0")
        msg.add("Via", f"SIP/2.0/UDP {sip.host_port(self.host, self.port)}"
                       f";branch=z9hG4bK{sip.token()}")
        for path in sub.binding["path"]:
            msg.add("Route", path)
        msg.add("Max-Forwards", "68")
        msg.add("From", f"<sip:test@{self.domain}>;tag={sip.token(4)}")
        msg.add("To", f"<{sub.impu}>")
        msg.add("Call-ID", sip.token())
        msg.add("CSeq", f"{self.cseq} {method}")
        msg.add("P-Called-Party-ID", f"<{sub.impu}>")
        msg.add("P-Charging-Vector", f'icid-value="{sip.token()}"')
        if body:
            msg.add("Content-Type", "text/plain")
            msg.body = body.encode()
        host, _, port = sip.uri_of(sub.binding["path"][0]).split("@")[-1].split(";")[0] \
            .rpartition(":")
        self.udp.sendto(msg.octets(), (host.strip("[]"), int(port)))
        self.log.write("sent", start=msg.start, method=method)

    def read_commands(self):
        octets = os.read(0, 4096)
        if not octets:
            self.o.stdin = False
        for line in octets.decode().splitlines():
            try:
                self.command(line.split())
            except (KeyError, IndexError, ValueError) as exc:
                self.log.write("bad-command", line=line, why=str(exc))

    def command(self, words):
        if words[0] == "quit":
            raise SystemExit(0)
        imsi = words[2] if words[0] == "request" else words[1]
        sub = next(s for s in self.subscribers.values() if s.imsi == imsi)
        if words[0] == "request":
            self.send_request(words[1], sub, " ".join(words[3:]))
        elif words[0] in ("fault", "reauth", "expires"):
            setattr(sub, words[0], int(words[2]) if words[0] == "expires" else words[2])
        else:
            raise ValueError("no such command")


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--listen", required=True, metavar="ADDR:PORT")
    p.add_argument("--subscribers", required=True, help="YAML, see hss.py")
    p.add_argument("--script", metavar="FAULT", help="a fault for every subscriber")
    p.add_argument("--log", help="JSON lines go here instead of standard output")
    p.add_argument("--stdin", action="store_true", help="read commands")
    options = p.parse_args()
    try:
        Core(options, events.Log(options.log)).run()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
