#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TCP leaves room for ESP: the MSS option of SYN and SYN-ACK is lowered both ways,
# whatever else is among the options, and our segments keep to it.  What is not
# protected is not touched.
#
#     netns ue                                  netns pcscf (gmgate)
#     port_uc --- SYN --- mss lowered --------> port_ps
#     port_uc <-- mss lowered --- SYN ACK ----- port_ps
#     port_us <-- mss lowered --- SYN --------- port_pc
#     port_us --- SYN ACK --- mss lowered ----> port_pc
#     5555 <-------- clear, as ever ----------> 5555
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/mss.py"
ktap_finished
