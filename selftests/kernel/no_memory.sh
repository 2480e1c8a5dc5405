#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Half of all allocations that may not sleep fail: packets are lost, some of them
# under our own reasons, none in clear text, and when there is memory again
# everything works.
#
#     netns ue                                   netns pcscf (gmgate)
#     no_memory.py: ESP in IP fragments -------> port_ps
#     <--- sniffed for clear text -------------- no_memory.py: marked datagrams
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/no_memory.py"
ktap_finished
