#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory runs out: failslab lets every tenth to thirtieth allocation fail of the
# process that sends, while endpoints and SA sets come and go and packets run both
# ways.  Requests end in ENOMEM and change nothing, packets are dropped and counted,
# nothing passes in clear, nothing crashes, nothing is left behind; and when there
# is memory again, everything works again, to the last counter.
#
#     netns pcscf:  esp_fuzz, as the UEs --- gm0 (tun) --- gmgate.ko --- its sockets
#     two more:     nl_fuzz --- generic netlink --- gmgate.ko
#     netns ue, pcscf: faults.py: stock XFRM --- ue0, gm0 --- gmgate.ko
set -eu
. "$(dirname "$0")/../fuzz/fuzz.sh"

failslab=/sys/kernel/debug/failslab
fail_skb=/sys/kernel/debug/fail_skb_realloc
[ -d $failslab ] || ktap_skip_all "this kernel has no failslab"
[ -x "$fuzz_tools/esp_fuzz" ] || ktap_skip_all "make -C selftests/fuzz first"

# fail_on PERCENT: for the tasks that ask for it in /proc/self/make-it-fail
fail_on()
{
	echo Y > $failslab/task-filter
	echo N > $failslab/ignore-gfp-wait
	echo 0 > $failslab/verbose
	echo -1 > $failslab/times
	echo "$1" > $failslab/probability
}

fail_off()	{ echo 0 > $failslab/probability; }

ktap_print_header
ktap_set_plan 7
defer fail_off
fuzz_world_up
before=$(kernel_memory)

fail_on 3
run_fuzzer "requests while memory runs out" "$fuzz_tools/nl_fuzz" --messages 6000 --faults
fail_on 10
run_fuzzer "packets while memory runs out" in_pcscf "$fuzz_tools/esp_fuzz" --packets 10000 --faults
fail_off

# From 6.13 on the kernel can move a packet's data whenever it may: pointers kept
# over such a call are then dangling at once.
if [ -d $fail_skb ]; then
	echo Y > $fail_skb/task-filter 2>/dev/null || true
	echo -1 > $fail_skb/times
	echo 100 > $fail_skb/probability
	run_fuzzer "packets that move at every chance" in_pcscf "$fuzz_tools/esp_fuzz" --packets 10000
	echo 0 > $fail_skb/probability
else
	ktap_test_skip "packets that move at every chance" "no fail_skb_realloc before Linux 6.13"
fi

run_fuzzer "requests afterwards" "$fuzz_tools/nl_fuzz" --messages 4000
run_fuzzer "packets afterwards, each counted as it should" \
	in_pcscf "$fuzz_tools/esp_fuzz" --packets 6000
ktap_test "kernel memory has not grown" memory_grew_by "$before" 65536
ktap_test "the module goes, and no SA set is left" no_sets_left
ktap_finished
