#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The relaxed binding: crossed pairs of a set's ports come in, and are answered only
# over connections that came in on them (kmod/select.h has the table).  Strict, which
# is the default, lets none of it in.
#
#     netns ue (ip xfrm)                    netns pcscf (gmgate)
#     port_uc --- spi_ps ------------------> port_pc       crossed
#     port_uc <-- spi_us ------------------- port_pc       TCP only
#     port_us --- spi_pc ------------------> port_ps       crossed
#     port_us <-- spi_uc ------------------- port_ps       TCP only
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

lab_up
ktap_program 0 /usr/bin/python3 "$here/relaxed.py"
ktap_finished
