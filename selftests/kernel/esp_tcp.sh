#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TCP inside ESP against stock XFRM: each suite, both families, connections
# opened by either side, from one octet to ten megabytes, both ways at once and
# octet for octet, in large segments that the module must split.
#
#     netns ue (ip xfrm)                        netns pcscf (gmgate)
#     port_uc --- SYN, spi_ps ----------------> port_ps   accept(): mark = set id
#     port_uc <-- SYN ACK, data, spi_uc ------- port_ps
#     port_us <-- SYN, spi_us ----------------- port_pc   connect() with that mark
#     port_us --- SYN ACK, data, spi_pc ------> port_pc
#
# veth keeps TSO on at both ends: what reaches the module has up to 64 kB.  No ESP
# packet is fragmented, and nothing is in clear, all the while.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/esp_tcp.py"
ktap_finished
