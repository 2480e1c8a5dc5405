#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ESP and what is meant to pass for it: mutated and then sealed with the right key,
# with a wrong ICV, with odd outer headers, in fragments, of unknown SPIs, in clear,
# in ICMP errors; and odd packets out of the P-CSCF's raw sockets.  Each packet is
# counted under the reason that it was given for, no wrong one is delivered, none
# leaves in clear.
#
#     netns pcscf:  esp_fuzz, as the UEs --- gm0 (tun) --- gmgate.ko --- esp_fuzz's
#                                                          sockets on 6100, 6101
set -eu
. "$(dirname "$0")/fuzz.sh"

packets=${GMGATE_FUZZ_PACKETS:-50000}

ktap_print_header
ktap_set_plan 3
fuzz_world_up
before=$(kernel_memory)
run_fuzzer "$packets packets" in_pcscf "$fuzz_tools/esp_fuzz" --packets "$packets" \
	"${fuzz_seed[@]}"
ktap_test "kernel memory has not grown" memory_grew_by "$before" 65536
ktap_test "the module goes, and no SA set is left" no_sets_left
ktap_finished
