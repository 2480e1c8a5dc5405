#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Trace events: gmgate_in and gmgate_out tell of every packet that was accepted, with
# its set, SPI, number and length, while they are switched on; gmgate_drop, which the
# other scripts check with every drop, of every one that was not.
#
#     netns ue                            netns pcscf (gmgate)
#     trace.py: ESP ---- gmgate_in -----> port_ps, port_pc
#     <----------------- gmgate_out ----- trace.py: marked datagrams
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/trace.py"
ktap_finished
