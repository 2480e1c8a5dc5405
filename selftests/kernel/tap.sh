#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tap: whoever may capture on gmtap0 sees the plain packets of both directions
# as they were before and after ESP, each once, which way it went, and nothing else.
# tcpdump, tshark and sngrep show SIP there as they are.
#
#     netns ue                  netns pcscf (gmgate)
#     tap.py: good ESP -------> gm0 ... port_ps
#                               gmtap0: sniffed by tap.py
#     <------------------------ gm0 ... tap.py: marked datagrams
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/tap.py"
ktap_finished
