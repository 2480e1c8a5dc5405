#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls between two UEs through gmgate and the core, one of them IPv4, the other
# IPv6; over UDP, over TCP, and both in one dialog.  Every hop is captured and judged.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"

# as TRANSPORT LIMIT: both register anew with it.
as()
{
	local phone

	for phone in alice bob; do
		phone_do $phone "set transport $1"
		phone_do $phone "set size_limit $2"
		phone_do $phone register
	done
}

over_udp()
{
	whole_call udp
	over alice udp sent "INVITE "
	over alice udp sent "ACK "
	over bob udp sent "INVITE "
	over bob udp sent "BYE "
}

over_tcp()
{
	whole_call tcp
	over alice tcp sent "INVITE "
	over bob tcp received "INVITE "
	over bob tcp sent "BYE "
	over alice tcp received "BYE "
}

# The large ones over TCP, the small ones of the same dialog over UDP (field note 27).
mixed()
{
	whole_call mixed
	over alice tcp sent "INVITE "
	over alice udp sent "PRACK "
	over bob tcp received "INVITE "
	over bob udp sent "BYE "
}

anew()
{
	phone_do alice deregister
	phone_do bob deregister
	as "$@"
}

ktap_print_header
ktap_set_plan 39
ims_up
hops_start
in_ue sysctl -qw net.ipv4.tcp_tw_reuse=1
phone_open alice 1 4
phone_open bob 2 6 --suites hmac-sha-1-96/null
ktap_test "both register" as udp 0
ktap_test "a whole call over UDP: PRACK, UPDATE, re-INVITE, BYE" over_udp
ktap_test "a call over UDP while every third datagram is lost" lossy_call
ktap_test "register anew for both transports" anew udp 1300
ktap_test "a whole call, UDP and TCP in one dialog by size" mixed
ktap_test "a call to a number" by_number
ktap_test "a call without preconditions" call_variant precondition no yes
ktap_test "a call without 100rel" call_variant reliable no yes
ktap_test "a call without an offer in INVITE" call_variant late_offer yes no
ktap_test "a call with a reliable 180" call_variant reliable_ringing yes no
ktap_test "a call with Require" call_variant require yes no
ktap_test "CANCEL" cancelled
ktap_test "CANCEL towards a far user" far_user_cancelled
ktap_test "CANCEL by a far user" cancelled_by_far_user
ktap_test "busy" busy
ktap_test "far users: busy, declined, not registered" far_user_refuses
ktap_test "refused while it rings" rejected_while_ringing
ktap_test "forking: three early dialogs" forked
ktap_test "forking: two answers" answered_twice
ktap_test "MESSAGE of more than 1300 octets goes over TCP" large_message
ktap_test "MESSAGE of more than 1300 octets to a UE goes over TCP" large_message_to_ue
ktap_test "a call while its caller is re-authenticated" call_during_reregistration
ktap_test "a call while its callee is re-authenticated" called_during_reregistration
ktap_test "forged headers of the trust domain go, in requests and answers" forged_headers
ktap_test "P-Preferred-Identity: the other registered identity" preferred_tel
ktap_test "Privacy: id hides P-Asserted-Identity" private
ktap_test "register anew for TCP" anew tcp 1300
ktap_test "a whole call over TCP" over_tcp
ktap_test "CANCEL over TCP" cancelled
ktap_test "busy over TCP" busy
ktap_test "a call while its caller is re-authenticated, over TCP" \
	call_during_reregistration rereg-tcp
ktap_test "a sleeping TCP UE is called" called_asleep
ktap_test "de-registered" eval 'phone_do alice deregister; phone_do bob deregister'
capture_stop
ktap_test "wire: every message in ESP, on its SA and its ports" judge_calls wire 12 \
	--mixed 6 --ue $UE4 --ue $UE6
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: nothing wrong with what it got" core_content
ktap_test "no UE saw what is not for it" no_violation
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
