#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A UE reboots and comes with the same address and ports: new keys, new SPIs, on the
# very flows of a set that is in use.  At no moment is anything in clear, and every
# ESP packet has the key of its SPI.
#
#     netns ue (ip xfrm, flushed and made anew)      netns pcscf (gmgate)
#     old set: traffic both ways <-----------------> in use
#     reboot, without a word
#     new set, same ports -------------------------> TEMP beside the old one
#     <--------------------------------------------- answers follow the new one
#                                                    old one deleted
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/replaced.py"
ktap_finished
