#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the stand-in of peer.py knows of a UE, and how it sends to it."""

import sip


class Ue:
    """One UE, known by its address."""

    def __init__(self, address):
        self.address = address
        self.token = sip.token()        # in Path and Record-Route
        self.sets = []                  # SaSet, the newest last; at most two
        self.current = None             # the one that requests go to
        self.default = None             # its default public identity
        self.offers = []


class UeFlow:
    """To a UE: on a set, over a connection if it has one; else in clear."""

    def __init__(self, peer, ue, transport, sas=None, arrival=None, stream=None):
        self.peer, self.ue, self.transport = peer, ue, transport
        self.sas, self.arrival, self.stream = sas, arrival, stream

    def send(self, msg):
        out = msg.octets()
        if self.sas is None and self.transport == "udp":
            self.peer.clear.udp[self.peer.o.port].sendto(out, self.arrival.src)
        elif self.transport == "udp":
            self.peer.udp[self.sas.pc].sendto(out, (self.ue.address, self.sas.us))
        elif self.sas is None:
            self.arrival.answer(out)
        else:
            if self.stream is None or self.stream.sock is None:
                self.stream = self.peer.connect(self.ue, self.sas)
            self.stream.sock.sendall(out)
