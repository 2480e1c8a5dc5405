#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gm.relaxed: a phone that sends from port_uc to a port_pc, on the right SA.  At an address
# without that key it is dropped; with it the request comes to the agent, as of that phone.
#
#     netns ue: alice, then what sends in her place -- gm0 -- netns pcscf -- netns core
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"

said=$ims_run/said

# cross NAME: that phone, whose process is $pid, registers and goes without a word; an
# OPTIONS from its port_uc to the port_pc of its set, over its SA to port_ps.
cross()
{
	local sa id uc pc

	phone_do "$1" register || return 1
	id=$(gmctl -j set list ue $UE4 | grep -oE '"id": ?[0-9]+' | grep -oE '[0-9]+' | sort -n | tail -1)
	read -r uc pc <<< "$(gmctl -j set show "$id" | /usr/bin/python3 -c '
import json, sys
s = json.load(sys.stdin)
print(s["port-uc"], s["port-pc"])')"
	stop_process "$pid" KILL
	sa=$(ip -n ue xfrm policy | grep -A 3 "^src $UE4/32 dst $PCSCF4/32 proto udp sport $uc dport 6100" |
		grep -oE 'spi 0x[0-9a-f]+ reqid [0-9]+' | head -1)
	[ -n "$sa" ] || { echo "no SA to send on"; ip -n ue xfrm policy; return 1; }
	# shellcheck disable=SC2086 -- words
	ip -n ue xfrm policy add src $UE4/32 dst $PCSCF4/32 proto udp sport "$uc" dport "$pc" dir out \
		priority 50 tmpl src $UE4 dst $PCSCF4 proto esp $sa mode transport
	in_ue /usr/bin/python3 - $UE4 "$uc" $PCSCF4 "$pc" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((sys.argv[1], int(sys.argv[2])))
	me = f"{sys.argv[1]}:{sys.argv[2]}"
	s.sendto((f"OPTIONS sip:{sys.argv[3]} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bKcrossed\r\n"
	          "Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: crossed\r\n"
	          "CSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode(), (sys.argv[3], int(sys.argv[4])))
	END
}

dropped()
{
	cross alice || return 1
	wait_for 10 eval "gmctl stats -z kernel > '$said'; grep -qE '^in-binding +1 ' '$said'" || { cat "$said"; return 1; }
	! grep -q in-crossed "$said" && ! came
}

came()	{ grep -q '"call-id":"crossed"' "$trace_log"; }

let_in()
{
	local id

	gmctl endpoint list > "$said"
	[ "$(grep -c relaxed "$said")" = 2 ] || { cat "$said"; return 1; }
	cross again || return 1
	wait_for 10 eval "gmctl stats -z kernel > '$said'; grep -qE '^in-crossed +1 ' '$said'" || { cat "$said"; return 1; }
	grep -qE '^in-binding +1 ' "$said" && wait_for 10 came || return 1
	# Her own, since the set says so.
	id=$(subscriber_imsi 1)
	grep '"call-id":"crossed"' "$trace_log" | head -1 | grep -q "\"impi\":\"$id@"
}

ktap_print_header
ktap_set_plan 2
ims_up
phone_open alice 1 4
pid=$!
ktap_test "without the key a crossed pair is dropped" dropped
agent_stop
sed -i "s/^    port-s: 6100/    relaxed: true\n&/" "$config"
agent_start
ip -n ue xfrm state flush
ip -n ue xfrm policy flush
phone_open again 1 4
pid=$!
ktap_test "with it the request is that phone's" let_in
ktap_finished
