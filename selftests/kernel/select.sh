#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which set sends: several sets on one flow are chosen by the packet's mark; an
# unmarked packet follows the set that verified last; a TEMP set speaks only when
# it is named; nobody borrows another UE's set; what expired or was deleted sends
# nothing.  The table is in kmod/select.h, its host model in unit/test_select.c.
#
#     netns ue                                   netns pcscf (gmgate)
#     select.py: good ESP on set A or B -------> port_ps
#     sniffed on ue0: which SPI comes? <-------- select.py: sends, marked or not
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/select.py"
ktap_finished
