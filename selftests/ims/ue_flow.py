#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A UE's flows: on which set, from where and over what a transaction sends."""


class Flow:
    """Where the messages of one transaction go: a leg and a transport; of an
    answer over TCP the connection that `arrival` came on."""

    def __init__(self, phone, leg, transport, arrival=None):
        self.phone, self.leg, self.transport, self.arrival = phone, leg, transport, arrival

    @property
    def persistent(self):
        """Whether a request is sent again when its connection ends (--reconnect)."""
        return self.phone.o.reconnect and self.transport == "tcp"

    @property
    def broken(self):
        """Whether the connection for our requests is there no more."""
        return self.leg.client is None or self.leg.client.sock is None

    def send(self, msg):
        """Send and log; after its set is gone a flow goes on with the set in use
        (TS 24.229 5.1.1.5.1), and without its connection with another one."""
        octets = self.phone.wire(msg)
        if not self.leg.open_now:
            if self.phone.sas_leg is None:
                raise ConnectionError("its set is gone, and there is no other")
            self.leg, self.arrival = self.phone.sas_leg, None
        if self.transport == "udp" and self.phone.loses():
            self.phone.log.write("lost", start=msg.start, way="out")
            return
        try:
            if self.arrival is None:
                src, dst = self.leg.send(octets, self.transport)
            else:
                src, dst = self.arrival.answer(octets)
        except ConnectionError:
            if self.arrival is None:
                raise
            self.arrival = None
            src, dst = self.leg.send(octets, self.transport)
        self.phone.note("sent", msg, octets, self.transport, src, dst, self.leg.spi_out)
