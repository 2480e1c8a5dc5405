#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel that refuses a set, and an agent that dies: the sets stay, the ports
# stay shut, nothing leaks in clear, and the next agent goes on with the sets
# there are. Restarts in the midst of things: e2e_restart.sh.
set -eu
timer_scale=10
limits_extra=", sets: 5"
. "$(dirname "$0")/ims.sh"

counter()	{ gmctl -j stats | grep -oE "\"$1\": ?[0-9]+" | grep -oE '[0-9]+$'; }
counted()	{ [ "$(counter "$1")" -gt 0 ] || { gmctl stats; return 1; }; }

# --- the kernel refuses ----------------------------------------------------------

# Stock XFRM has every SPI of our range.
spis_taken()
{
	local i

	for ((i = 0; i < 1024; i++)); do
		echo "xfrm state add src 10.9.9.9 dst $PCSCF4 proto esp spi $((0x10000000 + i))" \
			"mode transport auth-trunc hmac(sha1)" \
			"0x000102030405060708090a0b0c0d0e0f10111213 96 enc ecb(cipher_null) \"\""
	done | in_pcscf ip -batch -
	ue 1 4 "expect 500 register" > /dev/null || return 1
	sets_are 0 || { gmctl set list; return 1; }
	in_pcscf ip xfrm state flush
}

refusal_logged()	{ grep -E "10\.45\.0\.3.*(SPI|spi|in use|exist)" "$agent_log"; }

# Sets put in by hand fill the endpoint behind the agent's back.
quota()
{
	local i endpoint

	endpoint=$(gmctl endpoint list | awk -v a="$PCSCF4" '$3 == a { print $2 }')
	for i in 1 2 3 4 5; do
		gmctl set add endpoint "$endpoint" ue 10.45.9.$i port-uc 5001 port-us 5002 \
			port-pc 6101 spi-uc $((7000 + i)) spi-us $((8000 + i)) \
			spi-pc $((0x10000000 + 2 * i)) spi-ps $((0x10000001 + 2 * i)) \
			alg hmac-sha-1-96 ealg null expires 60 > /dev/null <<-END
			ck 00112233445566778899aabbccddeeff
			ik 00112233445566778899aabbccddeeff
			END
	done
	ue 1 4 "expect $1 register" > /dev/null || return 1
	sets_are 5 || { gmctl set list; return 1; }
	gmctl set del endpoint "$endpoint"
}

# --- the agent dies --------------------------------------------------------------

sets_stay()	{ sets_are 2 || { gmctl set list; return 1; }; }

both()	{ phone_do tcp6 "$1" && phone_do udp4 "$1"; }

# A refresh in ESP over UDP and over TCP, a new connection, and clear text.
knock()
{
	both "set timeout 3" || return 1
	phone_do tcp6 "expect silence reregister" || return 1
	phone_do tcp6 "expect silence reregister" || return 1
	phone_do udp4 "expect silence reregister" || return 1
	both "clear 6100 knock" || return 1
	sets_are 2
}

declared_pins()
{
	! rmmod gmgate 2>/dev/null || { echo "unloaded with endpoints declared"; return 1; }
	[ "$(gmctl endpoint list | grep -c '^endpoint')" = 2 ]
}

# On the SAs of before.
goes_on()
{
	[ "$(set_ids)" = "$before" ] || { gmctl set list; return 1; }
	both "set timeout 16" && both reregister && both reregister || return 1
	[ "$(set_ids)" = "$before" ] || { gmctl set list; return 1; }
	both deregister
}

new_life()	{ both "set timeout 16" && both register && both deregister; }

ktap_print_header
ktap_set_plan 18
spi_range="{min: 0x10000000, max: 0x100003ff}"
ims_up
hops_start
ktap_test "the kernel refuses the set (SPIs of stock XFRM): 500, no set" spis_taken
ktap_test "the reason is in the log, with the UE" refusal_logged
ktap_test "the kernel refuses the set (quota): 500, no set" quota 500
ktap_test "a registration works afterwards" ue 1 4 register deregister
no_set_left || true

phone_open tcp6 1 6 --transport tcp
phone_open udp4 2 4 --transport udp --suites hmac-sha-1-96/null
ktap_test "two UEs register" both register
agent_stop KILL
ktap_test "kill -9 of the agent leaves the sets" sets_stay
ktap_test "UEs and strangers knock: silence, and the sets stay" knock
ktap_test "clear text to the ports was counted" counted clear-in
ktap_test "declared endpoints pin the module" declared_pins
before=$(set_ids)
agent_start || true
ktap_test "the next agent goes on: refreshes on the sets there are" goes_on
ktap_test "and registers UEs anew" new_life
ktap_test "no set is left 64*T1 later" no_set_left
capture_stop
ktap_test "wire: nothing clear left a protected port" judge wire --allow-clear-to \
	--ue $UE6 --ue $UE4
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)" \
	"$store"
agent_stop
ktap_test "after withdrawal the module unloads" module_unload
ktap_finished
