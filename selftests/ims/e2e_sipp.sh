#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIPp, which is not ours, as a core that calls UEs and is called, as a client that does
# not know the security agreement, and as a UE: inside the SAs of a phone that has registered
# and lends its ports.  Scenarios in sipp/.  Our core only registers: its Service-Route is SIPp.
set -eu
. "$(dirname "$0")/ims.sh"

core_options=(--service-route "<sip:orig@$CORE4:5070;lr>")

ALICE="sip:$(subscriber_imsi 1)@$domain"

# sipp_run NETNS ADDRESS SCENARIO [OPTION..]: fails when one of its calls does.
sipp_run()
{
	local log=$ims_run/sipp-$3.err

	rm -f "$log"
	(cd "$ims_run" && nsenter --net="/run/netns/$1" sipp -sf "$ims/sipp/$3.xml" -i "$2" \
		-nostdin -default_behaviors all,-bye -timeout 60s -timeout_error -trace_err -error_file "$log" \
		"${@:4}" > "$log.screen" 2>&1) && return
	head -c 3000 "$log" 2>/dev/null || tail -20 "$log.screen"
	return 1
}

# The registration as the core sees it: Path and Contact of the UE.
learn()
{
	local line

	line=$(log_lines "$core_log" event=received method=REGISTER integrity=yes | tail -1)
	path=$(sed -nE 's/.*\["Path", "([^"]*)"\].*/\1/p' <<< "$line")
	contact=$(sed -nE 's/.*\["Contact", "<([^>]*)>.*/\1/p' <<< "$line")
	[ -n "$path" ] && [ -n "$contact" ]
}

# to_ue SCENARIO [OPTION..]: the foreign core sends to the UE along its Path.
to_ue()
{
	learn
	sipp_run core $CORE4 "$1" -p 5070 -key path "$path" -key contact "$contact" \
		-key called "$ALICE" "${@:2}" $MW4:5060
}

all_at_once()	{ to_ue caller -m 30 -r 10 "$@"; }

cancelled()
{
	phone_do alice "set pickup no"
	to_ue cancel -m 10 -r 5
	phone_do alice "set pickup yes"
}

from_ue()
{
	local sipp

	phone_do alice "set reliable no"
	sipp_run core $CORE4 callee -p 5070 -m 2 "$@" &
	sipp=$!
	wait_for 20 eval 'in_core ss -Hlnut "src $CORE4" | grep -q :5070'
	phone_do alice "call sip:somebody@foreign.example"
	phone_do alice update
	phone_do alice bye
	phone_do alice "call sip:somebody@foreign.example"
	phone_do alice bye
	wait $sipp
}

# The ports and the agreement that alice has lent, in her own words.
lent()
{
	local line

	line=$(log_lines "${phone_log[alice]}" event=lent | tail -1)
	uc=$(sed -nE 's/.*"uc": ([0-9]+).*/\1/p' <<< "$line")
	us=$(sed -nE 's/.*"us": ([0-9]+).*/\1/p' <<< "$line")
	verify=$(sed -nE 's/.*"security_server": \["([^"]*)".*/\1/p' "${phone_log[alice]}" | tail -1)
	[ -n "$uc" ] && [ -n "$us" ] && [ -n "$verify" ]
}

# Core and UE are both SIPp; the P-CSCF connects to port_us, for all calls once.
foreign_ue_called()
{
	local sipp

	phone_do alice lend
	lent
	sipp_run ue $UE4 ue_callee -p "$us" -t t1 -m 5 &
	sipp=$!
	wait_for 20 eval 'in_ue ss -Hlnt "sport = :$us" | grep -q .'
	to_ue caller -m 5 -r 5
	wait $sipp
}

# It connects from port_uc: the only port that its system may choose.
foreign_ue_calls()
{
	local sipp

	lent
	in_ue sysctl -qw net.ipv4.ip_local_port_range="$uc $uc"
	sipp_run core $CORE4 callee -p 5070 -m 5 &
	sipp=$!
	wait_for 20 eval 'in_core ss -Hlnu "src $CORE4" | grep -q :5070'
	sipp_run ue $UE4 ue_caller -t t1 -m 5 -r 5 -key gate $PCSCF4:6100 -key us "$us" \
		-key caller "$ALICE" -key verify "$verify" \
		-key home "<sip:orig@$CORE4:5070;lr>" $PCSCF4:6100
	wait $sipp
	in_ue sysctl -qw net.ipv4.ip_local_port_range="32768 60999"
}

# An untouched header, and the SDP of a foreign hand.
untouched()
{
	in_ns pcscf grep -qa 'X-Foreign: kept,  as  it is' "$(capture_file tap)"
}

ktap_print_header
ktap_set_plan 18
command -v sipp > /dev/null || ktap_skip_all "no SIPp: sip-tester is not installed"
ims_up
hops_start
capture_start tap pcscf gmtap0
in_ue sysctl -qw net.ipv4.tcp_tw_reuse=1
phone_open alice 1 4
for setting in "precondition no" "small yes"; do phone_do alice "set $setting"; done
ktap_test "a UE registers" phone_do alice register
ktap_test "MESSAGE to it, and with a Path that is nobody's" to_ue message -m 10 -r 5
ktap_test "calls to it: PRACK, re-INVITE, BYE" to_ue caller -m 3 -r 1
ktap_test "thirty of them at the same time" all_at_once
ktap_test "calls over TCP on Mw" all_at_once -t t1
ktap_test "calls that are cancelled" cancelled
ktap_test "the UE calls: 180, 200, UPDATE, BYE" from_ue
ktap_test "a client without sec-agree has 421" sipp_run ue $UE4_2 stranger -p 5062 -m 3 \
	-key domain $domain $PCSCF4:5060
ktap_test "the same over TCP" sipp_run ue $UE4_2 stranger -p 5062 -m 3 -t t1 \
	-key domain $domain $PCSCF4:5060
ktap_test "a UE registers for TCP" eval 'phone_do alice deregister; phone_do alice "set transport tcp";
	phone_do alice register'
ktap_test "SIPp is the UE, and is called: PRACK, re-INVITE, BYE" foreign_ue_called
ktap_test "SIPp is the UE, and calls" foreign_ue_calls
ktap_test "the UE de-registers" eval 'phone_do alice take-back; phone_do alice "set transport udp";
	phone_do alice deregister'
capture_stop
ktap_test "what is not ours to change arrives as it was sent" untouched
ktap_test "wire: all of it in ESP, on its SA and its ports" judge wire --ue $UE4 --calls 40
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "no UE saw what is not for it" bash -c "! grep -h '\"violation\"' '$ims_run'/ue-*.jsonl"
ktap_finished
