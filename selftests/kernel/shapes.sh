#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets whose memory is somebody else's too, or in pieces: large segments to be
# split, checksums left to the device, pages of files (sendfile), of the sender
# (MSG_ZEROCOPY) and of a ring, corked datagrams, captures that hold clones.  What
# arrives is what was sent, and what was sent is still what it was: neither
# encryption nor decryption is done in memory that others see.
#
#     netns ue (ip xfrm; packet ring)            netns pcscf (gmgate)
#     port_uc, port_us ------------------------> port_ps, port_pc
#     port_uc, port_us <------------------------ port_ps, port_pc
#
# Both ends and a capture of each link end are one process, shapes.py.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/shapes.py"
ktap_finished
