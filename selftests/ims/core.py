#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A test core: I-CSCF, S-CSCF and HSS in one, plain SIP over UDP and TCP.

Registers subscribers with IMS AKA (registrar.py), routes requests between
registered UEs along their Path (RFC 3327), answers as a far user itself
(core_party.py says which users there are), notifies of registration states
(regevent.py).  Every message received is logged with what is wrong about it
("wrong": a list, core_checks.py), so that tests can assert what a P-CSCF must
have added and removed.

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
  busy=SECONDS   503 with that Retry-After, to the first REGISTER
  final=CODE     challenge, then answer the correct response so

Commands on standard input with --stdin:
  fault IMSI FAULT | reauth IMSI always|never | expires IMSI SECONDS
  request METHOD IMSI [BODY]     send to the UE along its Path
  message IMSI SIZE              a MESSAGE with a body of SIZE octets
  call IMSI                      a far user calls the UE
  bye | cancel | reinvite | update   for the newest call of a far user
  set NAME VALUE                 how far users make and take calls (party.py)
  deregister IMSI EVENT          ends the registration: rejected, deactivated, ..
  shorten IMSI SECONDS           less time for it, by NOTIFY (TS 24.229 5.4.1.6)
  notify IMSI FILE               NOTIFY with the octets of FILE
  mark                           writes "mark" to the log
  quit
"""

import argparse
import os
import time

import core_checks
import events
import sip
from core_net import Back, Net
from core_party import FarEnd
from proxying import Proxy, one_hop_less
from regevent import Notifier
from registrar import Registrar
from timers import Timers
from transaction import Transactions


class Core:
    """Receives, judges, routes."""

    def __init__(self, options, log):
        self.o, self.log = options, log
        host, _, port = options.listen.rpartition(":")
        self.timers = Timers()
        self.transactions = Transactions(self.timers, log, 0.5, 4.0)
        self.net = Net(self, host.strip("[]"), int(port), not options.no_tcp)
        here = sip.host_port(self.net.host, self.net.port)
        self.own_route = f"<sip:s-cscf@{here};lr>"
        self.registrar = Registrar(options, log, options.service_route or f"<sip:orig@{here};lr>")
        # After the answer that it is about.
        self.registrar.changed = lambda sub: self.timers.after(
            0.05, lambda: self.notifier.changed(sub))
        self.proxy = Proxy(self.transactions, log)
        self.far = FarEnd(self)
        self.notifier = Notifier(self)

    def run(self):
        self.log.write("listening", addr=sip.host_port(self.net.host, self.net.port))
        while True:
            if self.net.wait(self.timers, [0] if self.o.stdin else []):
                self.read_commands()

    # -- messages -----------------------------------------------------------

    def arrived(self, msg, octets, peer):
        self.log.write("received", method=msg.method, start=msg.start,
                       transport=peer.transport, src=sip.host_port(*peer.addr),
                       retransmission=msg.is_request and self.transactions.known(msg),
                       cseq=msg.get("CSeq"), call_id=msg.get("Call-ID"), octets=len(octets),
                       headers=msg.headers, integrity=core_checks.integrity(msg),
                       wrong=list(self.wrong_with(msg, peer)))
        if not msg.is_request:
            self.transactions.answered(msg)
            return
        server = self.transactions.received(msg, Back(self.net, msg, peer))
        if server is None:
            return
        if msg.method == "REGISTER":
            answer, delay = self.registrar.register(msg)
            if answer is not None:
                self.timers.after(delay, lambda: server.respond(answer))
            return
        if msg.method == "CANCEL":
            if not self.proxy.cancel(msg, server):
                self.far.cancelled(msg, server)
            return
        if msg.method == "INVITE":
            server.answer(100)
        self.route(msg.copy(), server)

    def wrong_with(self, msg, peer):
        """What the P-CSCF should have done otherwise."""
        yield from core_checks.any_message(msg)
        if not msg.is_request:
            client = self.transactions.clients.get((msg.branch, msg.cseq[1]))
            if client is not None:
                begins = not sip.tag_of(client.msg.get("To")) and msg.method != "CANCEL"
                yield from core_checks.response(msg, client.msg, begins)
            return
        if msg.method == "CANCEL" or (msg.method == "ACK" and self.transactions.known(msg)):
            return                                      # from hop to hop
        yield from core_checks.any_request(msg)
        if msg.method == "REGISTER":
            yield from core_checks.register(msg, self.o.clear_ues)
        elif sip.tag_of(msg.get("To")):
            yield from core_checks.in_dialog(msg, peer)
        elif len(msg.values("Via")) > 1:                # else it is the P-CSCF's own
            yield from core_checks.originating(
                msg, peer, self.registrar.service_route,
                lambda value: self.registrar.by_uri(sip.uri_of(value)))

    def is_ours(self, uri):
        return sip.Uri(uri).address == (self.net.host, self.net.port)

    def route(self, msg, server):
        """Our own Routes go; then along the Route, to a UE, or to a far user."""
        while msg.values("Route") and self.is_ours(msg.values("Route")[0]):
            msg.pop("Route")
        if not one_hop_less(msg):
            server.answer(483)
            return
        if sip.tag_of(msg.get("To")):
            domain = sip.Uri(msg.uri).host == self.registrar.domain
            if msg.values("Route") or not (self.is_ours(msg.uri) or domain):
                self.forward(msg, server)
            else:
                self.far.dispatch(server.msg, server)
            return
        if msg.method in core_checks.FORMS_DIALOG:
            msg.push("Record-Route", self.own_route)
        sub = self.registrar.by_uri(msg.uri)
        if sub is not None and msg.method == "SUBSCRIBE":
            self.notifier.subscribe(msg, server, sub)
        elif sub is not None:
            self.terminate(msg, server, sub)
        elif msg.method != "ACK":
            self.far.dispatch(msg, server)

    def terminate(self, msg, server, sub):
        """To a registered UE: Request-URI := Contact, Route := Path (TS 24.229 5.4.3.3)."""
        if sub.binding is None:
            server.answer(480)
            return
        msg.start = f"{msg.method} {sub.binding['contact']} SIP/2.0"
        msg.remove("Route")
        for path in sub.binding["path"]:
            msg.add("Route", path)
        msg.put("P-Called-Party-ID", f"<{sub.impu}>")
        msg.remove("P-Charging-Vector")
        self.registrar.add_charging(msg)
        self.forward(msg, server)

    def next_hop(self, msg):
        return sip.uri_of((msg.values("Route") or [msg.uri])[0])

    def forward(self, msg, server):
        flow = self.net.flow(self.next_hop(msg), len(msg.octets()))
        self.proxy.forward(server, msg, flow, lambda branch: self.net.via(flow, branch))

    def send(self, msg, on_answer):
        """A request of a far user or the notifier."""
        while msg.values("Route") and self.is_ours(msg.values("Route")[0]):
            msg.pop("Route")
        flow = self.net.flow(self.next_hop(msg), len(msg.octets()))
        msg.push("Via", self.net.via(flow, f"z9hG4bK{sip.token(10)}"))
        if msg.method == "ACK":
            try:
                flow.send(msg)
            except OSError as exc:
                self.log.write("send-failed", start=msg.start, why=str(exc))
            return None
        return self.transactions.start(msg, flow, on_answer, 180.0)

    # -- commands -------------------------------------------------------------

    def read_commands(self):
        octets = os.read(0, 4096)
        if not octets:
            self.o.stdin = False
        for line in octets.decode().splitlines():
            try:
                self.command(line.split())
            except (KeyError, IndexError, ValueError, AttributeError, StopIteration,
                    OSError) as exc:
                self.log.write("bad-command", line=line, why=f"{type(exc).__name__}: {exc}")

    def command(self, words):
        verb, rest = words[0], words[1:]
        if verb == "quit":
            raise SystemExit(0)
        getattr(self, "do_" + verb)(*rest)

    def do_fault(self, imsi, fault):
        self.registrar.by_imsi(imsi).fault = fault

    def do_reauth(self, imsi, when):
        self.registrar.by_imsi(imsi).reauth = when

    def do_expires(self, imsi, seconds):
        self.registrar.by_imsi(imsi).expires = int(seconds)

    def do_mark(self):
        self.log.write("mark")

    def registered(self, imsi):
        sub = self.registrar.by_imsi(imsi)
        if sub.binding is None:
            self.log.write("not-registered", impi=sub.impi)
            raise ValueError("not registered")
        return sub

    def do_request(self, method, imsi, *body):
        msg = self.far.request(method, self.registered(imsi))
        if body:
            msg.add("Content-Type", "text/plain")
            msg.body = " ".join(body).encode()
        self.send(msg, lambda answer: self.log.write(
            "answered", method=method, status=answer.status if answer else None))

    def do_message(self, imsi, size):
        self.do_request("MESSAGE", imsi, ("hello, UE. " * (int(size) // 11 + 1))[:int(size)])

    def do_call(self, imsi):
        self.far.call_ue(self.registered(imsi))

    def do_bye(self):
        self.far.last_call.bye()

    def do_cancel(self):
        self.far.last_call.cancel()

    def do_reinvite(self):
        self.far.last_call.modify("INVITE")

    def do_update(self):
        self.far.last_call.modify("UPDATE")

    def do_set(self, name, value):
        kind = type(self.far.call_options[name])
        self.far.call_options[name] = \
            float(value) if kind is float else value in ("1", "yes", "true")

    def do_deregister(self, imsi, event):
        sub = self.registered(imsi)
        self.registrar.end(sub, event)
        self.notifier.changed(sub, event)

    def do_shorten(self, imsi, seconds):
        sub = self.registered(imsi)
        sub.binding["until"] = time.time() + int(seconds)
        self.notifier.changed(sub, "shortened")

    def do_notify(self, imsi, path):
        with open(path, "rb") as source:
            self.notifier.changed(self.registrar.by_imsi(imsi), "raw", source.read())


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--listen", required=True, metavar="ADDR:PORT")
    p.add_argument("--subscribers", required=True, help="YAML, see hss.py")
    p.add_argument("--service-route", metavar="ROUTE",
                   help="instead of our own, such as <sip:orig@192.0.2.2:5070;lr>")
    p.add_argument("--script", metavar="FAULT", help="a fault for every subscriber")
    p.add_argument("--log", help="JSON lines go here instead of standard output")
    p.add_argument("--no-tcp", action="store_true", help="refuse TCP connections")
    p.add_argument("--clear-ues", action="store_true", help="UEs may do without sec-agree")
    p.add_argument("--stdin", action="store_true", help="read commands")
    options = p.parse_args()
    try:
        Core(options, events.Log(options.log)).run()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
