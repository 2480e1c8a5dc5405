#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requests that must not pass, or not as they came: of UEs that are not registered, in
# clear, in dialogs of others, with a Route or a Path token that is not theirs.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"

all()	{ phone_do alice "$1"; phone_do bob "$1"; phone_do mallory "$1"; }

# core_had_no METHOD..: since the mark none of these requests came to the core.
core_had_no()
{
	local methods had

	methods=$(IFS='|'; echo "$*")
	had=$(awk '/"event": "mark"/ { said = "" } /"event": "received"/ { said = said $0 "\n" }
		END { printf "%s", said }' "$core_log" | grep -E "\"start\": \"($methods) " || true)
	[ -z "$had" ] || { cut -c1-200 <<< "$had"; return 1; }
}

in_clear()
{
	begin clear
	core_do mark
	phone_do alice "set fault in-clear"
	phone_do alice "set timeout 6"
	phone_do alice "expect $1 message $BOB"
	phone_do alice "expect $1 options"
	phone_do alice "set timeout 16"
	phone_do alice "set fault none"
	core_had_no MESSAGE OPTIONS
}

# TS 24.229 5.2.6.3.2A; in clear, so that it is refused.
not_registered()
{
	begin unregistered
	core_do mark
	phone_do mallory "set timeout 6"
	phone_do mallory "expect $1 message $BOB"
	phone_do mallory "expect $1 call $BOB"
	phone_do mallory "set timeout 16"
	core_had_no MESSAGE INVITE
}

no_dialog()
{
	begin stray
	core_do mark
	for method in BYE UPDATE PRACK INVITE NOTIFY; do
		phone_do alice "expect 481 stray $method $BOB"
	done
	core_had_no '[A-Z]+'
}

# A third UE ends, changes or joins the call of two others: TS 24.229 5.2.6.3.5.
foreign_dialog()
{
	local value id tags method

	begin foreign
	phone_do alice "call $BOB"
	field alice call_id event=call state=confirmed
	id=$value
	[[ $first =~ \"dialog\":\ \[\"([^\"]*)\",\ \"([^\"]*)\" ]]
	tags="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
	phone_do bob "await confirmed"		# its ACK has passed the core
	core_do mark
	for method in BYE UPDATE INFO; do
		phone_do mallory "expect 403 hijack $method $BOB $id $tags"
		phone_do mallory "expect 403 hijack $method $ALICE $id ${tags#* } ${tags% *}"
	done
	core_had_no '[A-Z]+'
	phone_do alice bye
	phone_do bob "await released"
}

# The Service-Route takes the place of what a UE would rather have: TS 24.229 5.2.6.3.3.
own_route()
{
	begin route
	phone_do alice "set fault wrong-route"
	phone_do alice "message $BOB"
	phone_do alice "set fault none"
	phone_do alice "set route <sip:192.0.2.99:5060;lr>"
	phone_do alice "message $BOB"
	phone_do alice "call $BOB"
	phone_do alice bye
	phone_do alice "set route none"
	phone_do bob "await released"
}

# Bob's Path token in a UE's Route is no way around the core (field note 35).
path_token()
{
	local token

	begin token
	token=$(log_lines "$core_log" event=received method=REGISTER |
		grep "$(subscriber_imsi 2)@" | sed -nE 's/.*\["Path", "([^"]*)"\].*/\1/p' | tail -1)
	[ -n "$token" ]
	core_do mark
	phone_do mallory "set route $token"
	phone_do mallory "message $BOB"
	phone_do mallory "set route none"
	log_lines "$core_log" event=received method=MESSAGE | grep -q "$(subscriber_imsi 3)"
	saw bob event=received "start=MESSAGE *" "identity=[\"<sip:$(subscriber_imsi 3)@*"
}

# What the callee leaves out of its answers is put back: TS 24.229 5.2.6.4.4.
record_route_restored()
{
	begin restored
	phone_do bob "set fault no-record-route"
	phone_do alice "call $BOB"
	phone_do alice update
	phone_do alice bye
	phone_do bob "await released"
	phone_do bob "set fault none"
}

# A UE that does not answer: no 408 to what is no INVITE (RFC 4320 4.2), but a 504 of the
# P-CSCF of who asks, whose core is silent, too; and it stays registered.
silent_ue()
{
	begin silent
	phone_do bob "set answer 0"
	phone_do alice "set timeout 60"
	phone_do alice "expect 504 message $BOB"
	saw alice event=received "start=SIP/2.0 100*" method=MESSAGE
	phone_do alice "set timeout 16"
	phone_do bob "set answer 200"
	phone_do alice "message $BOB"
}

ktap_print_header
ktap_set_plan 16
ims_up
hops_start
phone_open alice 1 4
phone_open bob 2 6
phone_open mallory 3 4b
ktap_test "three UEs register" all register
ktap_test "a registered UE in clear: 403, and nothing reaches the core" in_clear 403
ktap_test "in no dialog: 481" no_dialog
ktap_test "in the dialog of others: 403" foreign_dialog
ktap_test "the Service-Route replaces another Route" own_route
ktap_test "a UE with another's Path token only reaches the core" path_token
ktap_test "a callee without Record-Route is corrected" record_route_restored
ktap_test "a silent UE: no 408 for a MESSAGE but 504, and it stays registered" silent_ue
ktap_test "one de-registers" phone_do mallory deregister
ktap_test "a UE that is not registered: 403" not_registered 403
capture_stop
ktap_test "wire: what was in clear was refused" judge_calls wire 3 --allow-clear-requests
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: nothing wrong with what it got" core_content
ktap_test "no UE saw what is not for it" no_violation
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
