#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The gate: no clear text to a protected port, none from one, nothing of what was
# decrypted in an ICMP error, nothing for a local process of another user; with
# and without somebody who listens.  Each refusal has its counter and its trace
# event; the wire is watched all the time; what is not protected goes on as ever.
#
#     netns ue                            netns pcscf (gmgate)
#     gate.py: clear text, forged  ----X  ports 6100..6104   gate.py as agent (root)
#     ICMP, good ESP                 X--  gate.py sends        and stranger (nobody)
#                                   gm0
#                                    +-- sniffed by gate.py and, at the end, by tshark
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
capture_start wire pcscf gm0
ktap_program 2 /usr/bin/python3 "$here/gate.py"
capture_stop wire
ktap_test "the capture has ESP and the clear text that was sent in" eval \
	'[ "$(capture_count wire esp)" -gt 10 ] && [ "$(capture_count wire udp)" -gt 50 ]'
ktap_test "tshark sees no protected port in clear on its way out" wire_silent wire
ktap_finished
