#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Conntrack and NFQUEUE beside us.  Conntrack has no entry for a protected flow and
# tracks all else as ever; NFQUEUE may hold what leaves in OUTPUT and POSTROUTING, and
# ESP in INPUT: it goes on through its SA, or, when that has gone, nowhere; other
# packets in the same queues are not ours to touch.
#
#     netns ue                           netns pcscf (gmgate)
#     ESP, clear on port 5060 ---------> input, conntrack, queue 9
#     <--------------------------------- output, postrouting, queue 9: beside.py
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/beside.py"
ktap_finished
