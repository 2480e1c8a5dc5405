#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A path to the UE that is narrower than the links at its ends: ICMP errors about
# our ESP teach the path MTU, forged ones teach nothing, datagrams go on as
# fragments, and TCP, which leaves room for ESP, without any.
#
#     netns far (ip xfrm)      netns mid           netns ue           netns pcscf
#     far0 10.46.0.3 ---- mid0     mid1 ---- ue1        ue0 ------------ gm0 (gmgate)
#                    1500    routes    1400     routes       1500
#
# A second UE, for the forged errors, is on ue0 itself.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

# far_up: the longer path.
far_up()
{
	ip -batch - <<-END
	netns add far
	netns add mid
	link add far0 netns far type veth peer name mid0 netns mid
	link add mid1 netns mid type veth peer name ue1 netns ue
	END
	defer far_down
	ip -n far -batch - <<-END
	link set lo up
	link set far0 up
	addr add 10.46.0.3/24 dev far0
	addr add 2001:db9:46::3/64 dev far0 nodad
	route add default via 10.46.0.1
	route add default via 2001:db9:46::1
	END
	ip -n mid -batch - <<-END
	link set mid0 up
	link set mid1 up mtu 1400
	addr add 10.46.0.1/24 dev mid0
	addr add 2001:db9:46::1/64 dev mid0 nodad
	addr add 10.47.0.2/24 dev mid1
	addr add 2001:db9:47::2/64 dev mid1 nodad
	route add default via 10.47.0.1
	route add default via 2001:db9:47::1
	END
	ip -n ue -batch - <<-END
	link set ue1 up mtu 1400
	addr add 10.47.0.1/24 dev ue1
	addr add 2001:db9:47::1/64 dev ue1 nodad
	route add 10.46.0.0/24 via 10.47.0.2
	route add 2001:db9:46::/64 via 2001:db9:47::2
	END
	ip -n pcscf -batch - <<-END
	route add 10.46.0.0/24 via $UE4
	route add 2001:db9:46::/64 via $UE6
	END
	for ns in ue mid; do
		in_ns $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	# each error counts here: none may be held back for its rate
	in_ns ue sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	in_ns mid sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	wait_for 30 in_pcscf ping -c1 -W1 10.46.0.3
	wait_for 30 in_pcscf ping -c1 -W1 2001:db9:46::3
}

far_down()
{
	ip netns del far
	ip netns del mid
}

lab_up
far_up
ktap_program 0 /usr/bin/python3 "$here/path.py"
ktap_finished
