#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Beginnings and ends: an endpoint pins the module, the agent's death changes
# nothing, sets expire and say so, endpoints and the module itself go away with
# packets in NFQUEUE, a namespace goes with all it has (life_load.sh does it under
# load).  A leak or a late use shows in the kernel log (KASAN, slab caches that are
# not empty when they are destroyed), which fails the run.
#
#     netns ue                                  netns pcscf (gmgate)
#     life.py: single ESP packets ------------> port_ps
#     port_us <-------------------------------- life.py: marked datagrams
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/life.py"
ktap_finished
