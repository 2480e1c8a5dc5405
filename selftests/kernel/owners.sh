#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Several agents on one module: each has its endpoint, by instance; none changes,
# flushes, lists or withdraws another's, and their quotas are their own.  An endpoint
# may take another's place at once, without a moment in which it is open.
#
#     netns pcscf   instance 1: 10.4.128.21:6100-6104    instance 2: 10.4.128.21:7100-7102
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/owners.py"
ktap_finished
