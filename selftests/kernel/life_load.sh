#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What comes and goes while both directions carry all they can, a sender pinned to
# each CPU: sets deleted, replaced, expired and flushed, dumps beside that, endpoints
# replaced and withdrawn, the module unloaded, the agent killed, NFQUEUE holding
# packets, TCP connections open, a namespace that ends.  Nothing may pass in clear
# while an endpoint is declared; a late use, a leak, a wrong lock or a timer that
# outlives its namespace shows in the kernel log of a kernel that looks for it
# (qemu-debug).
#
#     netns ue                              netns pcscf (gmgate)
#     CPU 0: good ESP, uc -> ps, IPv4  -->  port_ps, and datagrams back to port_uc
#     CPU 1: good ESP, us -> pc, IPv6  -->  port_pc, and datagrams back to port_us
#     stock XFRM, TCP  <----------------->  port_ps
#                                      gm0: watched for clear text
#     smp0  <---------------------------->  netns smp: the one that ends
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

smp_down()	{ [ ! -e /run/netns/smp ] || ip netns del smp; }

[ -x "$repo/build/tools/traffic" ] || ktap_skip_all "no build/tools/traffic: make tools"
lab_up
defer smp_down
ktap_program 0 /usr/bin/python3 "$here/life_load.py"
ktap_finished
