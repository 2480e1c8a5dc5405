#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Datagrams of every size, each suite, both families and both ways: one by one up
# to 300 octets (padding), around all lengths at which ESP makes another fragment,
# and up to the largest that fits an IP packet.  One octet more is refused: the
# sender has EMSGSIZE, the counter moves, and nothing leaves.
#
#     netns ue (ip xfrm)                 netns pcscf (gmgate)
#     port_uc --- spi_ps --------------> port_ps
#     port_uc <-- spi_uc --------------- port_ps
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/sizes.py"
ktap_finished
