#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Endpoints per device and VRF: five P-CSCFs with one address, the same ports,
# the same SPIs, and behind each a UE with the same address and ports.  Only the
# keys differ.  What belongs to one never reaches another, in or out, and nothing
# of it needs the UEs to be different.  The rules are in kmod/scope.h.
#
#     netns uea  ue0 ----------- ga \
#                                    vrf red   \
#     netns ueb  ue0 ----------- gb \           |
#                                    vrf blue   | netns pcscf   10.4.128.21
#     netns uec  ue0 ----------- gc  no VRF     | (gmgate)      2001:db8:4:128::21
#                ue1 ----------- gd  no VRF     |               on all of them
#     netns ued  ue0 ----------- ge \           |
#                                    vrf green, with a queueing discipline
#     netns uee  ue0 ----------- gm0   netns pcscf2 (gmgate)
#
#     every ue0: 10.45.0.3, 2001:db8:45::3, stock XFRM
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

UES="uea ueb uec ued uee"

scope_up()
{
	local ns host=pcscf dev

	defer scope_down
	{
		echo "netns add pcscf"
		echo "netns add pcscf2"
		for ns in $UES; do
			echo "netns add $ns"
			case $ns in
			uea) dev=ga ;;
			ueb) dev=gb ;;
			uec) dev=gc ;;
			ued) dev=ge ;;
			uee) dev=gm0 host=pcscf2 ;;
			esac
			echo "link add ue0 netns $ns type veth peer name $dev netns $host"
		done
		echo "link add ue1 netns uec type veth peer name gd netns pcscf"
	} | ip -batch -
	ip -n pcscf -batch - <<-END
	link add red type vrf table 10
	link add blue type vrf table 20
	link add green type vrf table 30
	link set ga master red
	link set gb master blue
	link set ge master green
	END
	for ns in pcscf pcscf2 $UES; do
		{
			echo "link set lo up"
			case $ns in
			pcscf)
				for dev in red blue green; do echo "link set $dev up"; done
				for dev in ga gb gc gd ge; do echo "link set $dev up"; done
				for dev in ga gb gc ge; do
					echo "addr add $PCSCF4/8 dev $dev"
					echo "addr add $PCSCF6/32 dev $dev nodad"
				done ;;
			pcscf2)
				echo "link set gm0 up"
				echo "addr add $PCSCF4/8 dev gm0"
				echo "addr add $PCSCF6/32 dev gm0 nodad" ;;
			*)
				echo "link set ue0 up"
				[ $ns != uec ] || echo "link set ue1 up"
				echo "addr add $UE4/8 dev ue0"
				echo "addr add $UE6/32 dev ue0 nodad" ;;
			esac
		} | ip -n $ns -batch -
	done
	in_ns pcscf tc qdisc add dev green root pfifo
	for ns in pcscf pcscf2; do
		in_ns $ns sysctl -qw net.ipv4.tcp_fwmark_accept=1
	done
}

scope_down()
{
	local ns

	for ns in pcscf pcscf2 $UES; do
		[ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
	done
}

load_gmgate
defer wait_for 60 unload_gmgate
scope_up
ktap_program 0 /usr/bin/python3 "$here/scope.py"
ktap_finished
