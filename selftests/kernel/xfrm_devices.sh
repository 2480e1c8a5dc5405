#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# VTI and xfrm interfaces, and ESP in UDP, of the same host: all carry their traffic
# while ours goes on beside them, also with SPIs inside of our range; nothing of
# theirs is counted as ours, and nothing leaves in clear.
#
#     netns ue                                      netns pcscf (gmgate)
#     10.45.0.3   craft: ESP of our set ----------> port_ps
#     172.16.1.1  vt: vti, vti6 or xfrm <=========> vt  172.16.2.1, port 7000
#     10.45.0.4   stock ESP in UDP, port 4500 <---> port 7000
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/xfrm_devices.py"
ktap_finished
