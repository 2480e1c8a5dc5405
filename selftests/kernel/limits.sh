#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What comes to an end: the sequence numbers of an outbound SA, with a warning at
# half of them, and never one used twice, whoever sends; the room for sets of an
# endpoint, temporary ones above all.
#
#     netns ue                            netns pcscf (gmgate)
#     sniffed on gm0 <---- ESP, seq ----- port_ps, port_pc: limits.py
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/limits.py"
ktap_finished
