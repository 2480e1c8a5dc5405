#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# UEs without sec-agree, where the listeners allow them: registered and called in clear, over
# UDP and TCP, beside one that has SAs (TS 24.229 5.2.2.1, 5.2.6.3, 5.2.6.4). Who has not
# registered from exactly there is refused.
set -eu
timer_scale=10
gm_link="sec-agree-required: false"
core_options=(--clear-ues)
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"

plain=(--fault no-sec-agree --no-sec-agree-ok --size-limit 0)
CAROL="sip:$(subscriber_imsi 3)@$domain"
DAVE="sip:$(subscriber_imsi 4)@$domain"

begin_part()
{
	local name

	part=$1
	for name in "${!phone_log[@]}"; do phone_do "$name" "scenario $part"; done
}

# in_clear PHONE: it is registered, has no set, and the operator sees so.
in_clear()
{
	saw "$1" event=registered suite=null || return 1
	gmctl ue show "$(subscriber_imsi "$2")*" | grep -q "in clear, $3 from" ||
		{ gmctl ue show "$(subscriber_imsi "$2")*"; return 1; }
}

registers()
{
	begin_part "register-$1"
	phone_do "$1" register || return 1
	in_clear "$@"
}

# call_between CALLER CALLEE URI IDENTITY: all that a call may have, from both sides.
call_between()
{
	begin_part "$1-$2"
	phone_do "$1" "call $3" || return 1
	phone_do "$2" "await confirmed" || return 1
	saw "$2" event=received "start=INVITE *" "identity=[\"<$4>\"*" || return 1
	saw "$1" event=sent "start=PRACK *" || return 1
	phone_do "$1" reinvite || return 1
	phone_do "$2" reinvite || return 1
	phone_do "$1" update || return 1
	phone_do "$2" update || return 1
	phone_do "$2" bye || return 1
	phone_do "$1" "await released"
}

cancelled_in_clear()
{
	begin_part cancel
	phone_do carol "set pickup no"
	phone_do dave "dial $CAROL" || return 1
	phone_do dave "await ringing" || return 1
	phone_do dave "expect 487 cancel" || return 1
	phone_do carol "await cancelled" || return 1
	phone_do carol "set pickup yes"
}

in_clear_there()
{
	gmctl -j status | grep -oE '"ues-without-sec-agree": ?[0-9]+' | grep -oE '[0-9]+$'
}

# Nothing connects to a UE without SAs: what is long comes in fragments, or on its connection.
long_messages()
{
	begin_part long
	core_do message "$(subscriber_imsi 3)" 3000
	wait_for 20 saw carol event=received transport=udp "start=MESSAGE *" || return 1
	core_do message "$(subscriber_imsi 4)" 3000
	wait_for 20 saw dave event=received transport=tcp "start=MESSAGE *" || return 1
	phone_do carol "message $DAVE 900" || return 1
	saw dave event=received transport=tcp "start=MESSAGE *" "identity=[\"<$CAROL>\"*"
}

subscribes()
{
	begin_part subscribe
	phone_do carol subscribe || return 1
	wait_for 20 saw carol event=received "start=NOTIFY *"
}

# refused PHONE: whatever it asks.
refused()
{
	phone_do "$1" "set timeout 6" || return 1
	phone_do "$1" "expect 403 message $CAROL" || return 1
	phone_do "$1" "expect 403 call $CAROL" || return 1
	phone_do "$1" "expect 403 options" || return 1
	phone_do "$1" "expect 403 stray BYE $CAROL" || return 1
}

# From the address of a UE that is registered, but another port of it.
nobody_else()
{
	local value id tags

	begin_part strangers
	refused eve || return 1
	phone_do dave "call $CAROL" || return 1
	field carol call_id event=call state=confirmed || return 1
	id=$value
	[[ $first =~ \"dialog\":\ \[\"([^\"]*)\",\ \"([^\"]*)\" ]] || return 1
	tags="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
	phone_do eve "expect 403 hijack BYE $DAVE $id $tags" || return 1
	phone_do eve "expect 403 hijack INVITE $DAVE $id $tags" || return 1
	saw_not dave event=received "start=BYE *" || return 1
	phone_do dave bye || return 1
	phone_do carol "await released"
}

forged()
{
	begin_part forged
	phone_do carol "set fault forged-trust" || return 1
	phone_do carol "message $ALICE" || return 1
	phone_do carol "set fault no-sec-agree"
	saw alice event=received "start=MESSAGE *" "identity=[\"<$CAROL>\"*"
}

refreshes()
{
	begin_part refresh
	phone_do carol reregister || return 1
	phone_do dave reregister || return 1
	saw carol event=registered || return 1
	saw dave event=registered || return 1
	[ "$(in_clear_there)" = 2 ]
}

call_begins()
{
	begin_part restart
	phone_do carol "call $ALICE"
}

# Over UDP as if nothing had been; over TCP on another connection, after it has registered.
call_goes_on()
{
	phone_do alice reinvite || return 1
	phone_do carol reinvite || return 1
	phone_do alice bye || return 1
	phone_do carol "await released" || return 1
	phone_do dave close-tcp || return 1
	phone_do dave "expect 403 message $CAROL" || return 1
	phone_do dave register || return 1
	phone_do carol "call $DAVE" || return 1
	phone_do dave "await confirmed" || return 1
	phone_do carol bye
}

# Who has shown that it can do with SAs is not let in without.
no_downgrade()
{
	begin_part downgrade
	phone_do alice forget || return 1
	phone_do alice "set fault no-sec-agree" || return 1
	phone_do alice "expect 421 register" || return 1
	phone_do alice "expect 403 message $CAROL" || return 1
	phone_do alice "set fault none" || return 1
	phone_do alice register
}

gone()
{
	begin_part gone
	phone_do carol deregister || return 1
	phone_do carol "expect 403 message $ALICE" || return 1
	phone_do alice "expect 480 message $CAROL" || return 1
	phone_do carol register || return 1
	phone_do alice "message $CAROL"
}

withdrawn()
{
	begin_part withdrawn
	sed -i 's/sec-agree-required: false/sec-agree-required: true/' "$config"
	gmctl reload || return 1
	phone_do carol "expect 403 message $ALICE" || return 1
	phone_do carol "expect 421 register" || return 1
	phone_do alice "expect 480 message $CAROL" || return 1
	[ "$(in_clear_there)" = 0 ]
}

ktap_print_header
ktap_set_plan 23
ims_up
hops_start
phone_open alice 1 4
phone_open carol 3 4b "${plain[@]}"
phone_open dave 4 6 "${plain[@]}" --transport tcp
phone_open eve 5 4b "${plain[@]}" --clear-port 5070 --anonymous
ktap_test "one with SAs" phone_do alice register
ktap_test "one in clear, over UDP" registers carol 3 udp
ktap_test "one in clear, over TCP and IPv6" registers dave 4 tcp
ktap_test "TS 24.229 5.2.6.3: from clear to SAs" call_between carol alice "$ALICE" "$CAROL"
ktap_test "TS 24.229 5.2.6.4: from SAs to clear" call_between alice carol "$CAROL" "$ALICE"
ktap_test "from TCP to UDP, all in clear" call_between dave carol "$CAROL" "$DAVE"
ktap_test "from UDP to TCP" call_between carol dave "$DAVE" "$CAROL"
ktap_test "cancelled" cancelled_in_clear
ktap_test "long messages, over what there is" long_messages
ktap_test "it subscribes to its registration" subscribes
ktap_test "from another port of that address: 403" nobody_else
ktap_test "TS 24.229 4.4: it can say to be nobody else" forged
ktap_test "it registers again" refreshes
ktap_test "a call begins, and the agent is killed" call_begins
agent_stop KILL
agent_start
ktap_test "it goes on; over TCP after it has registered again" call_goes_on
ktap_test "one that had SAs: 421 without" no_downgrade
ktap_test "de-registered: 403, 480, and back again" gone
ktap_test "the permission is taken away: 403, 421, 480" withdrawn
capture_stop
ktap_test "core: nothing wrong with what it got" core_content
ktap_test "no UE saw what is not for it" no_violation
ktap_test "wire: in clear are those alone, and nothing on protected ports" \
	judge_calls wire 1 --allow-clear-requests --clear-ue $UE4_2 --clear-ue $UE6 --clear-calls 7
ktap_test "Mw: nothing of the security agreement, and nobody's wish for an identity" judge_mw mw
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
