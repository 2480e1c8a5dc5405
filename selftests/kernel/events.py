# SPDX-License-Identifier: GPL-2.0-or-later
"""What the module tells its listeners."""

import rawnl
from lab import PATIENCE, inside


class Events:
    """The multicast group, from now on."""

    def __init__(self):
        with inside("pcscf"):
            self.family = rawnl.Family()
        self.family.sock.setsockopt(rawnl.SOL_NETLINK, rawnl.NETLINK_ADD_MEMBERSHIP,
                                    self.family.groups["events"])
        self.family.sock.settimeout(PATIENCE)

    def expect(self, **want):
        """The next event has these attributes."""
        for _, _, _, message in self.family.messages():
            have = self.family.spec.decode("note", message[20:])
            wrong = {k: have.get(k) for k, v in want.items() if have.get(k) != v}
            assert not wrong, f"event {have}, wants {want}"
            return have
        raise AssertionError("no event")

    def silent(self, seconds=0.2):
        self.family.sock.settimeout(seconds)
        try:
            message = next(self.family.messages())
        except TimeoutError:
            return
        finally:
            self.family.sock.settimeout(PATIENCE)
        raise AssertionError(f"event {self.family.spec.decode('note', message[3][20:])}")
