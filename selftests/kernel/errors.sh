#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The errors of each netlink verb: all that Documentation/netlink.md names, by the errno
# and by each of its causes, are brought about, and nothing is changed by them.  The
# tables come from the YAML spec: what is said there and has no case here fails, and
# so does a case that is not said there.
#
#     netns pcscf: errors.py ---- generic netlink ---- gmgate.ko
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 nsenter --net=/run/netns/pcscf /usr/bin/python3 "$here/errors.py"
ktap_finished
