#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ruleset that Documentation/install.md advises: all that a P-CSCF needs passes, and no more.
# Its text is taken from there, with the addresses of these tests in it.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"
. "$ims/gmctl.sh"

STRANGER4=192.0.2.9
rules=$ims_run/rules

# The indented block that begins with "table inet".
take_rules()
{
	sed -n '/^    table inet host {$/,/^    }$/s/^    //p' "$repo/Documentation/install.md" |
		sed -e "s/192\.0\.2\.10/$PCSCF4/g" -e "s/198\.51\.100\.2/$CORE4/; s/198\.51\.100\.1/$MW4/" > "$rules"
	grep -q "policy drop" "$rules" && in_pcscf nft -f "$rules"
}

# knocks FROM: an OPTIONS to the core's side, answered or not.
knocks()
{
	in_core /usr/bin/python3 - "$1" $MW4 <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((sys.argv[1], 0))
	s.settimeout(2)
	me = "%s:%d" % s.getsockname()
	s.sendto(("OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKknock\r\nMax-Forwards: 70\r\n"
	          "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: knock\r\nCSeq: 1 OPTIONS\r\n"
	          "Content-Length: 0\r\n\r\n" % (sys.argv[2], me)).encode(), (sys.argv[2], 5060))
	try:
	    print(s.recv(2000).split(b"\r\n")[0].decode())
	except TimeoutError:
	    print("silence")
	END
}

untrusted()	{ gmctl -j status | grep -oE '"untrusted": ?[0-9]+' | grep -oE '[0-9]+$' | head -1; }

# Without the rules the agent refuses it; with them it does not even come so far.
stranger_on_mw()
{
	local before

	before=$(untrusted)
	[ "$(knocks $STRANGER4)" = silence ] || return 1
	[ "$(untrusted)" = "$before" ] || { echo "it came to the agent"; return 1; }
	[ "$(knocks $CORE4)" = "SIP/2.0 200 OK" ]
}

before_them()
{
	[ "$(knocks $STRANGER4)" = silence ] && [ "$(untrusted)" = 1 ]
}

# Over UDP and TCP, inside of ESP: input sees the ESP alone.
calls()
{
	whole_call rules || return 1
	call_variant transport tcp udp || return 1
	large_message || return 1
	large_message_to_ue || return 1
	called_asleep
}

ktap_print_header
ktap_set_plan 7
command -v nft > /dev/null || ktap_skip_all "no nft"
modprobe -qa nf_tables nft_ct 2> /dev/null || true
ims_up
in_pcscf nft add table inet t '{ chain c { ct state established; }; }' 2> /dev/null ||
	ktap_skip_all "this kernel has no nftables with inet and ct"
in_pcscf nft delete table inet t
ip -n core addr add $STRANGER4/24 dev core0
hops_start
phone_open alice 1 4
phone_open bob 2 4b
ktap_test "before: a stranger on Mw comes to the agent, which refuses it" before_them
ktap_test "the rules of install.md are loaded" take_rules
ktap_test "two phones register" both_register
ktap_test "calls, long messages, a connection to a sleeping phone" calls
ktap_test "a stranger on Mw does not come to the agent; the core does" stranger_on_mw
capture_stop
ktap_test "wire: ESP with good ICVs, nothing clear on protected ports" judge_calls wire 3
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_finished
