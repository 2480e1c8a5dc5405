#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The host's other IPsec goes on undisturbed: stock transport and tunnel SAs beside
# our sets, with SPIs outside and inside of our range; a set cannot take an SPI
# that stock XFRM uses; what stock XFRM decrypts is clear text to the gate; and a
# route through a stock tunnel gets our ESP first.
#
#     netns ue                                  netns pcscf
#     10.45.0.3  craft: ESP of our set -------> gmgate, port_ps
#     10.45.0.4  stock SAs <------------------> stock SAs, port 7000
#     172.16.1.1 === stock tunnel =============  172.16.2.1
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/other_ipsec.py"
ktap_finished
