#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ESP that must not get in: tampered, replayed, truncated, malformed inside, wrongly
# bound.  Each kind is refused under its own reason, counted exactly once, named
# with the set's id by the trace event, and no receiver sees anything of it.  Good
# packets of the same make go between and arrive.
#
#     netns ue                                     netns pcscf (gmgate)
#     drops.py: ESP sealed by scapy, bent -------> port_ps, port_pc: drops.py
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/drops.py"
ktap_finished
