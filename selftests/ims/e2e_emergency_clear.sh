#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Emergency calls without registration, in clear on the unprotected port: TS 24.229 5.2.10.2.
# A second core is the E-CSCF; the first one, with registrar and S-CSCF, must not see any.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"
. "$ims/emergency.sh"

core_extra="emergency: {next-hop: \"sip:$ECSCF4\", unregistered: route, $numbers}"

# nobody_calls: no call of theirs is left; one lives on for 64*T1 after its BYE.
callers()	{ gmctl -j status | grep -oE "\"$1\": ?[0-9]+" | grep -oE '[0-9]+'; }
nobody_calls()
{
	wait_for $((300 / timer_scale)) callers_are 0 ||
		{ echo "$(callers caller-calls) calls, $(callers caller-attempts) attempts"; return 1; }
}
callers_are()	{ [ "$(callers caller-calls) $(callers caller-attempts)" = "$1 0" ]; }

# anonymous PHONE URI: a call, and all there may be in it, from both sides; ended by it.
anonymous()
{
	begin_calls "clear-$1-$2"
	phone_do $1 "call $2" || return 1
	ecscf_had "\"INVITE urn:service:sos SIP/2.0\"" "[\"Route\", \"<sip:$ECSCF4;lr>\"]" \
		'anonymous@anonymous.invalid' || return 1
	ecscf_had_no P-Asserted-Identity P-Preferred-Identity P-Visited-Network-ID Security- \
		sec-agree || return 1
	saw $1 event=sent "start=PRACK *" || return 1
	phone_do $1 reinvite || return 1
	phone_do $1 update || return 1
	ecscf_do reinvite
	wait_for 20 saw $1 event=received "start=INVITE *" || return 1
	wait_for 20 saw $1 event=received "start=ACK *" || return 1
	ecscf_do update
	wait_for 20 saw $1 event=received "start=UPDATE *" || return 1
	phone_do $1 bye || return 1
	went 2
}

# ecscf_had_no TEXT..: its last INVITE has none of these.
ecscf_had_no()
{
	local last text

	last=$(log_lines "$ecscf_log" event=received "start=INVITE *" | tail -1)
	for text in "$@"; do
		[[ $last != *"$text"* ]] || { echo "$text in $last"; return 1; }
	done
}

# Its connection is silent for longer than limits.connection-idle: the PSAP ends the call on it.
anonymous_over_tcp()
{
	begin_calls clear-tcp
	phone_do lost "set transport tcp" || return 1
	phone_do lost "call urn:service:sos" || return 1
	over lost tcp sent INVITE || return 1
	phone_do lost "wait $((90 / timer_scale))" || return 1
	ecscf_do bye
	phone_do lost "await released" || return 1
	over lost tcp received BYE || return 1
	phone_do lost "set transport udp" || return 1
	went 1
}

# What is long goes over TCP, what is short over UDP (RFC 3261 18.1.1).
anonymous_over_both()
{
	begin_calls clear-both
	phone_do lost "set size-limit 900" || return 1
	phone_do lost "call urn:service:sos" || return 1
	saw lost event=sent transport=tcp "start=INVITE *" || return 1
	saw lost event=sent transport=udp "start=ACK *" || return 1
	phone_do lost bye || return 1
	phone_do lost "set size-limit 1300" || return 1
	went 1
}

anonymous_cancelled()
{
	begin_calls clear-cancel
	ecscf_do set pickup no
	phone_do lost "dial urn:service:sos" || return 1
	phone_do lost "await ringing" || return 1
	phone_do lost "expect 487 cancel" || return 1
	ecscf_do set pickup yes
	went 1
}

# Whatever else somebody without a registration asks, on the same port.
anonymous_asks_more()
{
	local before

	begin_calls clear-more
	before=$(wc -l < "$ecscf_log")
	phone_do lost "set timeout 6" || return 1
	phone_do lost "expect 403 message urn:service:sos" || return 1
	phone_do lost "expect 403 call sip:busy@$domain" || return 1
	phone_do lost "expect 403 options" || return 1
	phone_do lost "expect 403 call 911" || return 1
	phone_do lost "expect 481 stray BYE urn:service:sos" || return 1
	phone_do lost "expect 481 stray INVITE urn:service:sos" || return 1
	phone_do lost "set timeout 16" || return 1
	[ "$(wc -l < "$ecscf_log")" = "$before" ] || { echo "it reached the E-CSCF"; return 1; }
	went 0
}

# From another address, in clear or on SAs, nobody gets into the call.
call_of_another()
{
	local value id tags method before

	begin_calls clear-foreign
	phone_do lost "call urn:service:sos" || return 1
	field lost call_id event=call state=confirmed || return 1
	id=$value
	[[ $first =~ \"dialog\":\ \[\"([^\"]*)\",\ \"([^\"]*)\" ]] || return 1
	tags="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
	before=$(wc -l < "$ecscf_log")
	for method in BYE UPDATE INVITE; do
		phone_do alice "expect 403 hijack $method urn:service:sos $id $tags" || return 1
		phone_do alice "set anonymous 1" || return 1
		phone_do alice "expect 403 hijack $method urn:service:sos $id $tags" || return 1
		phone_do alice "set anonymous 0" || return 1
	done
	[ "$(wc -l < "$ecscf_log")" = "$before" ] || { echo "it reached the E-CSCF"; return 1; }
	phone_do lost bye || return 1
	went 1
}

# A registered UE that calls in clear is nobody; on its SAs it is who it was.
registered_in_clear()
{
	begin_calls clear-registered
	phone_do alice "set anonymous 1" || return 1
	phone_do alice "set fault forged-trust" || return 1
	phone_do alice "call urn:service:sos" || return 1
	phone_do alice "set fault none" || return 1
	ecscf_had_no P-Asserted-Identity "$ALICE" victim forged Security- || return 1
	phone_do alice bye || return 1
	phone_do alice "set anonymous 0" || return 1
	phone_do alice "call urn:service:sos" || return 1
	ecscf_had "[\"P-Asserted-Identity\", \"<$ALICE>\"]" || return 1
	phone_do alice bye || return 1
	went 2
}

# The agent dies in the midst of a call; the next one knows it.
anonymous_call_begins()
{
	begin_calls clear-restart
	phone_do lost "call urn:service:sos"
}

anonymous_call_goes_on()
{
	part=clear-restart
	phone_do lost reinvite || return 1
	ecscf_do bye
	phone_do lost "await released" || return 1
	saw lost event=received "start=BYE *"
}

told_to_register()
{
	begin_calls clear-alternative
	phone_do lost "expect 380 call urn:service:sos" || return 1
	phone_do lost "expect 380 call 112" || return 1
	times lost 2 event=alternative kind=emergency action=emergency-registration \
		"identity=[\"<sip:$PCSCF4:5060;lr>\"]" || return 1
	phone_do lost "expect 403 call sip:busy@$domain" || return 1
	went 0
}

ktap_print_header
ktap_set_plan 20
ims_up
ip -n core addr add $ECSCF4/24 dev core0
ecscf_start
hops_start
phone_open alice 1 4
phone_open lost 3 4b --anonymous
phone_open lost6 4 6 --anonymous
ktap_test "a UE registers" phone_do alice register
ktap_test "TS 24.229 5.2.10.2: one in clear goes to the E-CSCF, as nobody's" \
	anonymous lost urn:service:sos
ktap_test "over IPv6, by a number" anonymous lost6 112
ktap_test "over TCP, silent for long; the PSAP hangs up" anonymous_over_tcp
ktap_test "over UDP and TCP, by size" anonymous_over_both
ktap_test "cancelled" anonymous_cancelled
ktap_test "nothing else of who has not registered: 403, 481" anonymous_asks_more
ktap_test "TS 24.229 5.2.6.3.5: from another address nobody gets into it" call_of_another
ktap_test "a registered UE in clear is nobody, and on its SAs itself" registered_in_clear
ktap_test "a call begins, and the agent is killed" anonymous_call_begins
agent_stop KILL
agent_start
ktap_test "it goes on, and ends" anonymous_call_goes_on
ktap_test "no call is left over" nobody_calls
agent_with "emergency: {next-hop: \"sip:$ECSCF4\", unregistered: alternative-service, $numbers}"
ktap_test "TS 24.229 5.2.10.5: or 380, to register for it" told_to_register
capture_stop
ktap_test "core: nothing wrong with what it got" core_content
ktap_test "E-CSCF: nothing wrong with what it got" ecscf_content
ktap_test "no UE saw what is not for it" no_violation
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "wire: ESP with good ICVs, all in clear was refused but emergency calls" \
	judge_calls wire 1 --allow-clear-requests --clear-uri urn:service:sos --clear-uri tel:112 \
	--clear-calls 7
ktap_test "Mw: nothing of the security agreement, and nobody's wish for an identity" judge_mw mw
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
