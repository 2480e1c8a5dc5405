#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What may stand between the IP header and ESP: IPv6 extension headers, IPv4
# options and fragments, both ways.  What ESP can be right with arrives; what it
# cannot, source routes and packets that are fragments already, is refused, and
# nothing leaves in clear.
#
#     netns ue                                   netns pcscf (gmgate)
#     headers.py: ESP by scapy ----------------> port_ps
#     port_uc <--- ip xfrm <-------------------- port_ps: sticky options, fragments
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/headers.py"
ktap_finished
