#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many UEs behind one address, as behind a CPE or in a lab: they differ by ports and
# SPIs alone, and some of them have chosen the same SPIs.  Each is heard as itself and
# answered under its own keys; none can speak for its neighbour.
#
#     netns ue: 10.45.0.3, twenty UEs, ESP made by scapy, judged by key
#     netns pcscf (gmgate): one set for each, two for some
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/shared_address.py"
ktap_finished
