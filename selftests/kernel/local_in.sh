#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The endpoint's flag local-in: what came in ESP passes the host's input rules once
# more, in plain text, and only what they accept reaches the socket, with the set's
# id.  Without the flag they see ESP and nothing else.  Rules that change the packet,
# NFQUEUE that holds it while its set, its endpoint or the module goes away: dropped.
#
#     netns ue                     netns pcscf (gmgate)
#     local_in.py: good ESP -----> gm0 -- input: ESP -- gmgate -- input: SIP -- port_ps
#     stock SAs, TCP <-----------> (nft rules, NFQUEUE) ----------^
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/local_in.py"
ktap_finished
