#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ruleset that Documentation/install.md advises: all that a P-CSCF needs passes, and no more.
# Its text is taken from there, with the addresses of these tests in it.  A table of our
# own behind it counts what conntrack had to do with ESP and with the protected flows.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"
. "$ims/gmctl.sh"

rules=$ims_run/rules

# The indented block that begins with "table inet".
take_rules()
{
	sed -n '/^    table inet host {$/,/^    }$/s/^    //p' "$repo/Documentation/install.md" |
		sed -e "s/192\.0\.2\.10/$PCSCF4/g; s/2001:db8::10/$PCSCF6/g" -e "s/198\.51\.100\.2/$CORE4/; s/198\.51\.100\.1/$MW4/" > "$rules"
	grep -q "policy drop" "$rules" && grep -q "$PCSCF6" "$rules" && in_pcscf nft -f "$rules"
}

# count_tracking: what passes from here on, in counters with a comment.
count_tracking()
{
	in_pcscf nft -f - <<-'END'
	table inet look
	delete table inet look
	table inet look {
		chain in {
			type filter hook input priority 10;
			meta l4proto esp ct state untracked counter comment "esp_untracked"
			meta l4proto esp ct state != untracked counter comment "esp_tracked"
		}
		chain out {
			type filter hook output priority 10;
			meta l4proto { udp, tcp } th sport 6100-6104 ct state untracked counter comment "plain_untracked"
			meta l4proto { udp, tcp } th sport 6100-6104 ct state != untracked counter comment "plain_tracked"
		}
	}
	END
}

# counted NAME: packets
counted()	{ in_pcscf nft list table inet look | sed -n "s/.* packets \([0-9]*\) .* comment \"$1\".*/\1/p"; }

# Without the chain raw ESP is tracked, the protected flows are not in any case.
tracked_without()
{
	count_tracking
	phone_do alice register
	[ "$(counted esp_tracked)" -gt 0 ] && [ "$(counted esp_untracked)" = 0 ] || return 1
	[ "$(counted plain_tracked)" = 0 ] && [ "$(counted plain_untracked)" -gt 0 ]
}

spared_with()
{
	[ "$(counted esp_untracked)" -gt 9 ] && [ "$(counted esp_tracked)" = 0 ] || return 1
	[ "$(counted plain_untracked)" -gt 9 ] && [ "$(counted plain_tracked)" = 0 ]
}

# over_ipv6: a UE of that family, by both transports and with a refresh on its SAs.
over_ipv6()
{
	local transport

	for transport in udp tcp; do
		phone_do carol "set transport $transport"
		phone_do carol register
		phone_do carol reregister
		phone_do carol deregister
	done
	phone_do carol register
}

# reach FAMILY PORT: what a datagram and a connection from the UE's side come to, of a
# server on all addresses there: "udp tcp", a word each that arrives.
reach()
{
	in_pcscf /usr/bin/python3 - "$1" "$2" <<-'END'
	import ctypes, os, socket, sys
	version, port = int(sys.argv[1]), int(sys.argv[2])
	family = {4: socket.AF_INET, 6: socket.AF_INET6}[version]
	them = {4: "10.4.128.21", 6: "2001:db8:4:128::21"}[version]
	udp, tcp = (socket.socket(family, k) for k in (socket.SOCK_DGRAM, socket.SOCK_STREAM))
	for s in (udp, tcp):
	    s.bind((them, port))
	    s.settimeout(3)
	tcp.listen()
	ns = os.open("/run/netns/ue", os.O_RDONLY)
	if ctypes.CDLL(None).setns(ns, 0):
	    sys.exit("no way into the UE's namespace")
	knock, call = (socket.socket(family, k) for k in (socket.SOCK_DGRAM, socket.SOCK_STREAM))
	call.settimeout(3)
	knock.sendto(b"knock", (them, port))
	arrived = []
	try:
	    udp.recv(100)
	    arrived.append("udp")
	except TimeoutError:
	    pass
	try:
	    call.connect((them, port))
	    arrived.append("tcp")
	except OSError:
	    pass
	print(*arrived)
	END
}

no_other_port()
{
	local family

	for family in 4 6; do
		[ -z "$(reach $family 7777)" ] || { echo "IPv$family: reached"; return 1; }
	done
}

other_ports_before()
{
	[ "$(reach 4 7777)" = "udp tcp" ] && [ "$(reach 6 7777)" = "udp tcp" ]
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
ktap_set_plan 12
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
phone_open carol 3 6
ktap_test "before: another port is reached from Gm, over IPv4 and IPv6" other_ports_before
ktap_test "before: conntrack has ESP, and no protected flow" tracked_without
ktap_test "before: a stranger on Mw comes to the agent, which refuses it" before_them
ktap_test "the rules of install.md are loaded" take_rules
count_tracking
ktap_test "a phone registers over IPv6, by UDP and TCP" over_ipv6
ktap_test "two phones register" both_register
ktap_test "calls, long messages, a connection to a sleeping phone" calls
ktap_test "a stranger on Mw does not come to the agent; the core does" stranger_on_mw
ktap_test "no other port is reached from Gm, over IPv4 and IPv6" no_other_port
ktap_test "conntrack has neither ESP nor a protected flow" spared_with
capture_stop
ktap_test "wire: ESP with good ICVs, nothing clear on protected ports" judge_calls wire 3
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_finished
