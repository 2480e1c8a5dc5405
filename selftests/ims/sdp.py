#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Session descriptions as IMS phones make them: one audio stream, AMR-WB and
AMR, and the QoS preconditions of RFC 3312 (TS 24.229 6.1)."""

import re

FULL = """b=AS:41
b=RR:0
b=RS:0
a=rtpmap:116 AMR-WB/16000/1
a=fmtp:116 mode-change-capability=2;max-red=0
a=rtpmap:118 AMR/8000/1
a=fmtp:118 mode-change-capability=2;max-red=0
a=rtpmap:111 telephone-event/16000
a=fmtp:111 0-15
"""


class Session:
    """Our half of a session; each description has the next version."""

    def __init__(self, host, small=False, precondition=False):
        self.host, self.small, self.precondition = host, small, precondition
        self.version = 0
        self.port = 49120
        self.local = self.remote = "none"       # what is reserved, RFC 3312 `curr`
        self.direction = "sendrecv"

    def describe(self):
        """An offer, or an answer: here they look alike."""
        self.version += 1
        family = "IP6" if ":" in self.host else "IP4"
        text = (f"v=0\no=- 1 {self.version} IN {family} {self.host}\ns=-\n"
                f"c=IN {family} {self.host}\nt=0 0\n")
        if self.small:
            text += f"m=audio {self.port} RTP/AVP 0\n"
        else:
            text += f"m=audio {self.port} RTP/AVP 116 118 111\n{FULL}a=ptime:20\na=maxptime:240\n"
        if self.precondition:
            text += (f"a=curr:qos local {self.local}\na=curr:qos remote {self.remote}\n"
                     "a=des:qos mandatory local sendrecv\na=des:qos mandatory remote sendrecv\n")
        text += f"a={self.direction}\n"
        return text.replace("\n", "\r\n").encode()

    def heard(self, body):
        """Take over what the other side has reserved: its local is our remote."""
        found = re.search(rb"a=curr:qos local (\S+)", body)
        if found:
            self.remote = found.group(1).decode()

    @property
    def ready(self):
        """Both sides have their resources."""
        return not self.precondition or \
            (self.local == "sendrecv" and self.remote == "sendrecv")


def wants_precondition(body):
    return b"a=des:qos" in body
