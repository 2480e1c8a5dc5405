# SPDX-License-Identifier: GPL-2.0-or-later
"""The set id on its way between kernel and program: SO_MARK and SO_RCVMARK."""

import errno
import os
import socket
import struct

SO_MARK = 36
SO_RCVMARK = 75
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER = 10, 23


def endpoint(text):
    """"ADDR,PORT" to (family, (addr, port)); a comma, since IPv6 has colons."""
    host, port = text.rsplit(",", 1)
    return (socket.AF_INET6 if ":" in host else socket.AF_INET), (host, int(port))


def bound(text, kind, mark=None, reuse=True, dev=None):
    """A socket at an address and port, of a device or VRF where one is named."""
    family, where = endpoint(text)
    sock = socket.socket(family, kind)
    if dev:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, dev.encode())
    if reuse:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if mark is not None:
        sock.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
    sock.bind(where)
    return sock


def fragment(sock):
    """A datagram longer than the link carries is fragmented, never refused."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, 0)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, 0)


def receive(sock, size=65535):
    """One datagram: (data, sender, mark or None)."""
    data, control, _, sender = sock.recvmsg(size, 256)
    for level, kind, value in control:
        if level == socket.SOL_SOCKET and kind == SO_MARK:
            return data, sender, struct.unpack("I", value[:4])[0]
    return data, sender, None


def send(sock, data, where, mark=None):
    control = [(socket.SOL_SOCKET, SO_MARK, struct.pack("I", mark))] if mark else []
    return sock.sendmsg([data], control, 0, where)


def become(uid):
    """Another user, with the capability to mark gone as well."""
    if uid:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)


def name(error):
    if isinstance(error, TimeoutError):
        return "TIMEOUT"
    return errno.errorcode.get(error.errno, str(error.errno))
