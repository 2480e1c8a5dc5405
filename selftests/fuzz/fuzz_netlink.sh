#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Messages to the netlink family, made from the YAML spec: valid, wrong in one
# thing, garbage; in two namespaces, from two processes with four sockets each.
# Each verb is done many times, each request is answered, and when all endpoints
# are withdrawn nothing is left, and the module goes.
#
#     nl_fuzz, job 0: sockets ---.--- namespace 0 ---.
#                                X                   +--- gmgate.ko
#     nl_fuzz, job 1: sockets ---'--- namespace 1 ---'
set -eu
. "$(dirname "$0")/fuzz.sh"

messages=${GMGATE_FUZZ_MESSAGES:-40000}

ktap_print_header
ktap_set_plan 3
load_gmgate key_export=1
# The first run fills caches, and what the sanitizer holds back.
"$fuzz_tools/nl_fuzz" --messages $((messages / 10)) --jobs 2 > /dev/null || true
before=$(kernel_memory)
run_fuzzer "$messages messages" "$fuzz_tools/nl_fuzz" --messages "$messages" --jobs 2 \
	"${fuzz_seed[@]}"
ktap_test "kernel memory has not grown" memory_grew_by "$before" 49152
ktap_test "the module goes, and no SA set is left" no_sets_left
ktap_finished
