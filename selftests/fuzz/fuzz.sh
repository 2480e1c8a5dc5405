# SPDX-License-Identifier: GPL-2.0-or-later
# What the fuzzers' scripts share.
#
# GMGATE_FUZZ_MESSAGES, GMGATE_FUZZ_PACKETS  how many (default: the short form)
# GMGATE_FUZZ_SEED                           default: drawn, and printed

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

fuzz_tools=$repo/build/fuzz
fuzz_seed=(${GMGATE_FUZZ_SEED:+--seed "$GMGATE_FUZZ_SEED"})

# run_fuzzer NAME PROGRAM..: a test that shows what the program had to say.
run_fuzzer()
{
	local name=$1 status=0

	shift
	"$@" 2>&1 | sed -u 's/^\([^#]\)/# \1/' || status=$?
	status=${PIPESTATUS[0]}
	if [ "$status" -eq 0 ]; then
		ktap_test_pass "$name"
	else
		ktap_test_fail "$name" "status $status"
	fi
}

# set_objects: SA sets that are not freed.  With SLUB, shrinking the cache first
# gives back what only lies ready; SLAB cannot be asked so.
set_objects()
{
	echo 1 > /sys/kernel/slab/gmgate_set/shrink
	awk '$1 == "gmgate_set" { print $2 }' /proc/slabinfo
}

# no_sets_left: unloads the module, which frees the cache of SA sets; the kernel
# complains of each that is left in it.  Sets are freed by a worker, a grace period
# after they were deleted.
no_sets_left()
{
	local mark="fuzz: unloading $$"

	[ ! -w /sys/kernel/slab/gmgate_set/shrink ] ||
		wait_for 10 eval '[ "$(set_objects)" = 0 ]' ||
		{ echo "$(set_objects) objects in gmgate_set"; return 1; }
	echo "$mark" > /dev/kmsg
	rmmod gmgate || return 1
	! dmesg | awk -v m="$mark" 'index($0, m) { on = 1 } on' | grep gmgate_set
}

# KiB of kernel memory that cannot be given back.
kernel_memory()		{ awk '/^SUnreclaim|^Percpu|^KernelStack|^VmallocUsed/ { n += $2 } END { print n }' /proc/meminfo; }

# memory_grew_by BEFORE MOST: what freed memory KASAN holds back counts as well.
memory_grew_by()
{
	local now

	now=$(kernel_memory)
	ktap_print_msg "kernel memory: $1 KiB before, $now KiB after"
	[ $((now - $1)) -le "$2" ] || { echo "$((now - $1)) KiB more"; return 1; }
}

# The namespace that esp_fuzz works in.  Pieces that never make a whole are not
# kept for long, or they would fill the room that those of others need.
fuzz_world_up()
{
	defer ip netns del pcscf
	load_gmgate key_export=1
	modprobe -q tun 2>/dev/null || true
	ip netns add pcscf
	ip -n pcscf -batch - <<-END
	link set lo up
	tuntap add gm0 mode tun vnet_hdr
	link set gm0 up
	addr add $PCSCF4/8 dev gm0
	addr add $PCSCF6/32 dev gm0 nodad
	END
	in_pcscf sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.gm0.rp_filter=0 \
		net.ipv4.ipfrag_time=2 net.ipv6.ip6frag_time=2 \
		net.ipv4.ipfrag_high_thresh=67108864 net.ipv6.ip6frag_high_thresh=67108864 \
		net.ipv4.tcp_synack_retries=1 net.ipv4.icmp_ratelimit=0
	in_pcscf sysctl -qw net.netfilter.nf_conntrack_frag6_timeout=2 \
		net.netfilter.nf_conntrack_frag6_high_thresh=67108864 2>/dev/null || true
}
