#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The control experiment: the same UE, core and judge with a P-CSCF made of
# stock XFRM, without gmgate.  What fails here is the fault of the test programs.
set -eu
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"

for m in xfrm_user esp4 esp6 cbc hmac md5 sha1_generic authenc echainiv crypto_null; do
	modprobe -q $m 2>/dev/null || true
done

with_peer()
{
	ue 1 "$1" --transport "$2" --suites "$3" register reregister deregister
}

both()	{ phone_do alice "$1" && phone_do bob "$1"; }

# peer_start ADDRESS: the stand-in, as long as it takes until it listens.
peer_start()
{
	nsenter --net=/run/netns/pcscf "$ims/peer.py" --listen "$1" --mw $MW4 \
		--core $CORE4 --log "$ims_run/peer.jsonl" 2> "$agent_log" &
	peer=$!
	defer stop_process $peer
	wait_for 30 peer_listens
}

peer_stop()
{
	stop_process $peer
	in_pcscf ip xfrm state flush
	in_pcscf ip xfrm policy flush
}

# Its socket on Mw is the last one it opens.
peer_listens()	{ in_pcscf ss -Hlnu "src $MW4" | grep -q :5060; }

ktap_print_header
ktap_set_plan 18
topo_up
core_start
capture_start wire pcscf gm0
for way in "4 udp hmac-sha-1-96/aes-cbc" "4 tcp hmac-md5-96/null" \
	   "6 udp hmac-md5-96/aes-cbc" "6 tcp hmac-sha-1-96/null"; do
	set -- $way
	[ "$1" = 4 ] && address=$PCSCF4 || address=$PCSCF6
	peer_start "$address"
	ktap_test "stock XFRM on both sides: IPv$1 $2 $3" with_peer "$@"
	peer_stop
done
peer_start $PCSCF4
in_ue sysctl -qw net.ipv4.tcp_tw_reuse=1
phone_open alice 1 4
phone_open bob 2 4b
ktap_test "two UEs register" both register
ktap_test "a whole call, UDP and TCP in one dialog by size" whole_call mixed
ktap_test "CANCEL" cancelled
ktap_test "forking: three early dialogs" forked
ktap_test "MESSAGE of more than 1300 octets" large_message
ktap_test "a call while its caller is re-authenticated" call_during_reregistration
ktap_test "over TCP" both "set transport tcp"
ktap_test "registered anew" both register
ktap_test "a whole call over TCP" whole_call tcp
ktap_test "a sleeping TCP UE is called" called_asleep
ktap_test "no UE saw what is not for it" no_violation
peer_stop
capture_stop wire
ktap_test "wire: every message on its SA and its ports" judge_calls wire 5
ktap_test "wire: REGISTER and 401 clear, then ESP with good ICVs, nothing clear" \
	judge wire --ue $UE4 --ue $UE6
# The stand-in leaves the phone's Route in: the core must have noticed.
ktap_test "core: finds what a careless P-CSCF leaves in" \
	eval 'core_content | grep -q "Route left"'
ktap_finished
