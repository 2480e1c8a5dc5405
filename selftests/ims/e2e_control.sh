#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The control experiment: the same UE, core and judge with a P-CSCF made of
# stock XFRM, without gmgate.  What fails here is the fault of the test programs.
set -eu
. "$(dirname "$0")/ims.sh"

for m in xfrm_user esp4 esp6 cbc hmac md5 sha1_generic authenc echainiv crypto_null; do
	modprobe -q $m 2>/dev/null || true
done

with_peer()
{
	ue 1 "$1" --transport "$2" --suites "$3" register reregister deregister
}

# Its socket on Mw is the last one it opens.
peer_listens()	{ in_pcscf ss -Hlnu "src $MW4" | grep -q :5060; }

ktap_print_header
ktap_set_plan 6
topo_up
core_start
capture_start wire pcscf gm0
for way in "4 udp hmac-sha-1-96/aes-cbc" "4 tcp hmac-md5-96/null" \
	   "6 udp hmac-md5-96/aes-cbc" "6 tcp hmac-sha-1-96/null"; do
	set -- $way
	[ "$1" = 4 ] && address=$PCSCF4 || address=$PCSCF6
	nsenter --net=/run/netns/pcscf "$ims/peer.py" --listen "$address" --mw $MW4 \
		--core $CORE4 2> "$agent_log" &
	peer=$!
	wait_for 30 peer_listens
	ktap_test "stock XFRM on both sides: IPv$1 $2 $3" with_peer "$@"
	stop_process $peer
	in_pcscf ip xfrm state flush
	in_pcscf ip xfrm policy flush
done
capture_stop wire
ktap_test "wire: REGISTER and 401 clear, then ESP with good ICVs, nothing clear" \
	judge wire --ue $UE4 --ue $UE6
# The stand-in leaves the phone's Route in: the core must have noticed.
ktap_test "core: finds what a careless P-CSCF leaves in" \
	eval 'core_content | grep -q "Route left"'
ktap_finished
