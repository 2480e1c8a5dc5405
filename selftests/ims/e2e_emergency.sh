#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Emergency calls: TS 24.229 5.2.10.  A second core is the E-CSCF; the first one, with
# registrar and S-CSCF, must not see any of them.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"
. "$ims/emergency.sh"

core_extra="emergency: {next-hop: \"sip:$ECSCF4\", $numbers}"

to_the_ecscf()
{
	begin_calls sos
	phone_do alice "set route <sip:192.0.2.99:5060;lr>" || return 1
	phone_do alice "call urn:service:sos.fire" || return 1
	phone_do alice "set route none" || return 1
	ecscf_had '"INVITE urn:service:sos.fire SIP/2.0"' "[\"Route\", \"<sip:$ECSCF4;lr>\"]" \
		"[\"P-Asserted-Identity\", \"<$ALICE>\"]" || return 1
	phone_do alice bye || return 1
	log_has "$ecscf_log" event=received method=PRACK || return 1
	log_has "$ecscf_log" event=received method=BYE || return 1
	went 1
}

cancelled_there()
{
	begin_calls cancel
	phone_do alice "set transport tcp" || return 1
	ecscf_do set pickup no
	phone_do alice "dial urn:service:sos" || return 1
	phone_do alice "await ringing" || return 1
	phone_do alice "expect 487 cancel" || return 1
	phone_do alice "set transport udp" || return 1
	ecscf_do set pickup yes
	log_has "$ecscf_log" event=received method=CANCEL "start=CANCEL urn:service:sos SIP/2.0" &&
		went 1
}

# undetected URI..: the UE is told to register for it.
undetected()
{
	local uri

	begin_calls undetected
	for uri in "$@"; do
		phone_do alice "expect 380 call $uri" || return 1
	done
	times alice $# event=alternative kind=emergency action=emergency-registration \
		"identity=[\"<sip:$PCSCF4:6100;lr>\"]" ours=true || return 1
	went 0
}

number_when_registered_for_it()
{
	begin_calls number
	phone_do sos "set emergency 1" || return 1
	phone_do sos "set expires 600" || return 1
	phone_do sos register || return 1
	phone_do sos "call 110" || return 1
	ecscf_had '"INVITE urn:service:sos.police SIP/2.0"' || return 1
	phone_do sos bye || return 1
	went 1
}

other_calls_as_ever()
{
	begin_calls other
	phone_do alice "expect 486 call sip:busy@$domain" || return 1
	[ "$(calls "$core_log")" = $((calls_here + 1)) ] &&
		[ "$(calls "$ecscf_log")" = "$calls_there" ]
}

# In clear: of a UE that is not registered any more, and of one that is.
unregistered()
{
	begin_calls clear
	phone_do sos deregister || return 1
	phone_do sos "set timeout 6" || return 1
	phone_do sos "expect 403 call urn:service:sos" || return 1
	phone_do alice "set fault in-clear" || return 1
	phone_do alice "set timeout 6" || return 1
	phone_do alice "expect 403 call urn:service:sos" || return 1
	phone_do alice "expect 403 call 112" || return 1
	phone_do alice "set timeout 16" || return 1
	phone_do alice "set fault none" || return 1
	went 0
}

routed_by_policy()
{
	begin_calls policy
	phone_do alice "call 112" || return 1
	ecscf_had '"INVITE urn:service:sos SIP/2.0"' || return 1
	phone_do alice bye || return 1
	went 1
}

not_here()
{
	begin_calls nowhere
	phone_do alice "expect 380 call urn:service:sos" || return 1
	phone_do alice "expect 380 call 112" || return 1
	times alice 2 event=alternative kind=emergency action=null || return 1
	went 0
}

ktap_print_header
ktap_set_plan 18
ims_up
ip -n core addr add $ECSCF4/24 dev core0
ecscf_start
hops_start
phone_open alice 1 4
phone_open sos 2 4b --clear-port 5070
ktap_test "a UE registers" phone_do alice register
ktap_test "TS 24.229 5.2.10.4: urn:service:sos goes to the E-CSCF, whatever its Route" to_the_ecscf
ktap_test "its CANCEL as well; over TCP" cancelled_there
ktap_test "TS 24.229 5.2.10.5: numbers the UE did not detect: 380, to register for it" \
	undetected 112 110 "sip:112@$domain"
ktap_test "a UE that has registered for it: the number becomes its service" \
	number_when_registered_for_it
ktap_test "TS 24.229 5.2.10.3: without SAs 403, and nothing goes anywhere" unregistered
ktap_test "other calls go to the S-CSCF" other_calls_as_ever
agent_with "emergency: {next-hop: \"sip:$ECSCF4\", undetected: route, $numbers}"
phone_do alice reset
ktap_test "the agent routes what the UE did not detect: registers" phone_do alice register
ktap_test "the number goes to the E-CSCF" routed_by_policy
agent_with "emergency: {$numbers}"
phone_do alice reset
ktap_test "no E-CSCF is configured: registers" phone_do alice register
ktap_test "TS 24.229 5.2.10.5: not in this network: 380 without an action" not_here
capture_stop
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: nothing wrong with what it got" core_content
ktap_test "E-CSCF: nothing wrong with what it got" ecscf_content
ktap_test "no UE saw what is not for it" no_violation
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "wire: ESP with good ICVs, what was in clear was refused" \
	judge_calls wire 3 --allow-clear-requests
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
