#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A test UE: USIM, SIP over UDP or TCP, and stock XFRM for its ESP.

Runs the actions of its command line in order, then, with --stdin, the lines
of standard input.  Writes JSON lines of what it sent, received and decided.

  register            the whole procedure; also refreshes (over the SAs)
  reregister          the same word for the eye
  deregister          REGISTER with Expires: 0
  options [URI]       also: request METHOD [URI]
  message URI [SIZE]  a MESSAGE with a body of SIZE octets; a large one goes over TCP
  subscribe [EXPIRES] SUBSCRIBE to the own registration state (reg event)
  stray METHOD URI    a request of a dialog that does not exist
  hijack METHOD URI CALL-ID TAG TAG   a request of somebody else's dialog: tags of From, To
  call URI            INVITE, up to the final answer; URI may be a number
  dial URI            INVITE; goes on with the next action at once
  await STATE [S]     until the call has that state (call.py), here or before
  pickup | reject CODE        answer the call that rings (set pickup no)
  bye | cancel | reinvite | update    for the newest call, up to the answer
  send raw FILE       the octets of FILE to the P-CSCF on the leg in use
  clear PORT TEXT     TEXT as a UDP datagram in clear to a port of the P-CSCF
  wait SECONDS        answer what comes in
  sleep SECONDS       do nothing at all
  forget              drop registration and SA sets without a word
  close-tcp           close the TCP connections
  set NAME VALUE      change an option, such as: set fault wrong-res
  reset               forget all, and go back to the options of the command line
  expect CODE ACTION  succeed only if ACTION ends with that SIP status, or with
                      "silence" (no answer) or "refused" (given up by the UE)
  scenario NAME       mark the events from here on with this name
  show                the state, as an event
  quit

Exit status: 0 when every action did what was expected and the UE saw nothing
it must not see (ck, ik, P-Charging-*), else 1.
"""

import argparse
import ipaddress
import os
import select
import shlex
import socket
import sys
import time

import events
import party
import pco
import phone
import secagree
import sip
import ue_calls
import xfrm

DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"

def suites(text):
    return [s.strip() for s in text.split(",") if s.strip()]

def parser():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    who = p.add_argument_group("USIM")
    who.add_argument("--imsi", required=True)
    who.add_argument("--k", required=True, help="hex")
    who.add_argument("--opc", help="hex")
    who.add_argument("--op", help="hex, instead of --opc")
    who.add_argument("--sqn", default="0", help="highest SQN accepted so far, hex")
    who.add_argument("--domain", default=DOMAIN)
    who.add_argument("--impi", help="default IMSI@DOMAIN")
    net = p.add_argument_group("network")
    net.add_argument("--local", required=True, help="own address")
    net.add_argument("--pcscf", help="address of the P-CSCF")
    net.add_argument("--pco", help="PCO or ePCO (hex) of the attach, instead of --pcscf")
    net.add_argument("--pcscf-port", type=int, default=5060)
    net.add_argument("--clear-port", type=int, default=5060, help="own unprotected port")
    net.add_argument("--port-c", type=int, help="port_uc (default: random)")
    net.add_argument("--port-s", type=int, help="port_us (default: random)")
    net.add_argument("--transport", choices=("udp", "tcp"), default="udp")
    net.add_argument("--size-limit", type=int, default=1300,
                     help="larger requests, except REGISTER, go over TCP; 0: never")
    net.add_argument("--lose", type=int, default=0, metavar="N",
                     help="every Nth datagram, in or out, is lost")
    agree = p.add_argument_group("security agreement")
    agree.add_argument("--suites", type=suites, default=["hmac-sha-1-96/aes-cbc"],
                       help="alg/ealg,... in order; unknown names are offered, never chosen")
    agree.add_argument("--style", choices=sorted(secagree.STYLES), default="samsung",
                       help="whose way to write headers")
    agree.add_argument("--verify-style", choices=["echo", *sorted(secagree.STYLES)],
                       default="echo")
    agree.add_argument("--fold", action="store_true", help="fold Authorization (Pixel 6a)")
    agree.add_argument("--qop", choices=("auth", "auth-int", "none"), default="auth")
    agree.add_argument("--no-sec-agree-ok", action="store_true",
                       help="go on without Security-Server (tests the core alone)")
    agree.add_argument("--no-xfrm", dest="xfrm", action="store_false",
                       help="install no SAs (tests without a kernel that has ESP)")
    run = p.add_argument_group("run")
    run.add_argument("--emergency", action="store_true", help="emergency registration")
    run.add_argument("--anonymous", action="store_true",
                     help="call as who has no registration: in clear, From Anonymous "
                     "(TS 24.229 5.1.6.8.2)")
    run.add_argument("--expires", type=int, default=600000)
    run.add_argument("--t1", type=float, default=2.0, help="T1 of TS 24.229, seconds")
    run.add_argument("--t2", type=float, default=16.0, help="T2, likewise")
    run.add_argument("--timeout", type=float, default=16.0, help="for a final answer, seconds")
    run.add_argument("--think", type=float, default=0.0,
                     help="seconds between a 401 and the REGISTER with RES")
    run.add_argument("--reconnect", action="store_true",
                     help="TCP: when the connection ends before the answer, open another one and "
                     "send the request again")
    run.add_argument("--answer", type=int, default=200, help="status for requests; 0: silent")
    run.add_argument("--identity", help="P-Preferred-Identity, if not the default identity")
    run.add_argument("--route", help="Route of requests, instead of the Service-Route")
    run.add_argument("--privacy", help="value of a Privacy header")
    run.add_argument("--fault", choices=["none", *sorted(phone.FAULTS)], default="none",
                     help="; ".join(f"{k}: {v}" for k, v in phone.FAULTS.items())
                     .replace("%", "%%"))
    run.add_argument("--keylog", help="append the keys here, as lines of Wireshark's esp_sa")
    run.add_argument("--events", help="JSON lines go here instead of standard output")
    run.add_argument("--replies", metavar="FIFO",
                     help="write \"ok STATUS\" or \"failed STATUS\" after each action")
    run.add_argument("--name", help="who, in the JSON lines")
    run.add_argument("--keep-going", action="store_true",
                     help="go on after an action that went otherwise than expected")
    run.add_argument("--stdin", action="store_true", help="read actions from standard input")
    p.add_argument("actions", nargs="*", help="one argument each, such as 'expect 403 register'")
    return p

class Runner:
    """Executes the actions."""

    def __init__(self, options):
        self.o = options
        self.initial = dict(vars(options))
        self.log = events.Log(options.events, options.name)
        self.phone = phone.Phone(options, self.log)
        self.failed = 0
        self.quitting = False

    def run_line(self, line):
        """One action; returns whether it went as expected."""
        words = shlex.split(line)
        if not words:
            return True
        expected, wanted = words[:1] == ["expect"], "200"
        if expected:
            wanted, words = words[1], words[2:]
        why = None
        try:
            status = str(self.run_words(words))
        except phone.Failure as exc:
            why = str(exc)
            status = str(exc.status or "silence")
        except (xfrm.XfrmError, OSError, ValueError, KeyError) as exc:
            status, why = "refused", f"{type(exc).__name__}: {exc}"
        ok = status == wanted
        self.failed += not ok
        self.log.write("done", action=" ".join(words), ok=ok, status=status, why=why)
        if self.o.replies:
            with open(self.o.replies, "w", encoding="ascii") as out:
                out.write(f"{'ok' if ok else 'failed'} {status}\n")
        return ok

    def run_words(self, words):
        """The SIP status of an action, 200 for those that have none."""
        verb, rest = words[0], words[1:]
        if verb in ("register", "reregister"):
            return self.phone.register()
        if verb == "deregister":
            return self.phone.register(expires=0)
        if verb in ue_calls.ACTIONS:
            return ue_calls.ACTIONS[verb](self.phone, *rest)
        method = getattr(self, "do_" + verb.replace("-", "_"), None)
        if method is None:
            raise ValueError(f"no such action: {verb}")
        method(*rest)
        return 200

    def do_wait(self, seconds):
        self.phone.poll(float(seconds))

    def do_sleep(self, seconds):
        time.sleep(float(seconds))

    def do_forget(self):
        self.phone.forget()

    def do_close_tcp(self):
        for leg in self.phone.legs():
            leg.close_streams()

    def do_lend(self):
        leg = self.phone.sas_leg
        leg.lend()
        self.log.write("lent", uc=leg.sas.uc, us=leg.sas.us, pc=leg.sas.pc, ps=leg.sas.ps)

    def do_take_back(self):
        self.phone.sas_leg.take_back()

    def do_set(self, name, value):
        name = name.replace("-", "_")
        if name in self.phone.party.call_options:
            self.set_call_option(name, value)
            return
        if not hasattr(self.o, name):
            raise ValueError(f"no option {name}")
        if name == "suites":
            value = suites(value)
        elif name in ("port_c", "port_s", "expires", "answer", "pcscf_port", "clear_port",
                      "size_limit", "lose"):
            value = int(value) if value != "none" else None
        elif value == "none" and name in ("identity", "privacy", "route"):
            value = None
        elif name in ("t1", "timeout", "think"):
            value = float(value)
        elif name in ("fold", "xfrm", "no_sec_agree_ok", "reconnect", "emergency", "anonymous"):
            value = value in ("1", "yes", "true")
        setattr(self.o, name, value)
        self.phone.party.transactions.t1 = self.o.t1
        if name in ("local", "pcscf", "imsi", "k", "opc", "impi", "clear_port", "pcscf_port"):
            self.renew(name)

    def set_call_option(self, name, value):
        """How calls are made and taken, such as: set pickup no."""
        kind = type(self.phone.party.call_options[name])
        self.phone.party.call_options[name] = \
            float(value) if kind is float else value in ("1", "yes", "true")

    def renew(self, name):
        """A changed identity or address: start as another phone."""
        if name in ("imsi", "k", "opc"):
            self.o.impi = None
        self.new_phone()

    def new_phone(self):
        """Another phone with the options of now; what was seen is not forgotten."""
        if self.phone.clear_leg:
            self.phone.clear_leg.close()
        self.phone.forget()
        seen, how = self.phone.violations, self.phone.party.call_options
        self.phone = phone.Phone(self.o, self.log)
        self.phone.violations = seen
        self.phone.party.call_options.update(how)

    def do_reset(self):
        vars(self.o).update(self.initial)
        self.new_phone()
        self.phone.party.call_options.update(party.CALL_OPTIONS)

    def do_send(self, kind, path):
        if kind != "raw":
            raise ValueError("send raw FILE")
        leg = self.phone.sas_leg or self.phone.clear_leg
        with open(path, "rb") as source:
            src, dst = leg.send(source.read(), self.o.transport)
        self.log.write("sent-raw", src=sip.host_port(*src), dst=sip.host_port(*dst))

    def do_clear(self, port, text):
        family = socket.AF_INET6 if ":" in self.o.local else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((self.o.local, 0))
            sock.sendto(text.encode(), (self.o.pcscf, int(port)))

    def do_show(self):
        leg = self.phone.sas_leg
        self.log.write("state", registered=bool(leg), violations=self.phone.violations,
                       suite=leg.sas.suite if leg else None,
                       ports=[leg.sas.uc, leg.sas.us, leg.sas.pc, leg.sas.ps] if leg else None)

    def do_scenario(self, *words):
        self.log.scenario = " ".join(words)

    def do_quit(self):
        self.quitting = True

    def run_stdin(self):
        """Actions line by line; SIP is answered between them."""
        buffered = b""
        while not self.quitting:
            line, newline, rest = buffered.partition(b"\n")
            if newline:
                buffered = rest
                self.run_line(line.decode())
                continue
            self.phone.poll(3600, also=[0])
            got = os.read(0, 4096) if select.select([0], [], [], 0)[0] else None
            if got == b"":
                return
            buffered += got or b""


def attach(options, log):
    """What the network told at attach: the P-CSCF for our address family."""
    if options.pco:
        found = pco.pcscf_for(bytes.fromhex(options.pco), options.local)
        if not found:
            sys.exit("ue: the PCO has no P-CSCF address of our family")
        options.pcscf = options.pcscf or found[0]
        log.write("attached", pcscf=found, local=options.local)
    if not options.pcscf:
        sys.exit("ue: --pcscf or --pco is needed")
    options.pcscf = str(ipaddress.ip_address(options.pcscf))
    options.local = str(ipaddress.ip_address(options.local))

def main():
    options = parser().parse_args()
    attach(options, events.Log(options.events, options.name))
    runner = Runner(options)
    try:
        for line in options.actions:
            if not runner.run_line(line) and not options.keep_going or runner.quitting:
                break
        if options.stdin and not runner.quitting and not runner.failed:
            runner.run_stdin()
    finally:
        runner.phone.forget()
    sys.exit(1 if runner.failed or runner.phone.violations else 0)

if __name__ == "__main__":
    main()
