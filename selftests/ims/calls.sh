# SPDX-License-Identifier: GPL-2.0-or-later
# Calls between two phones that were opened as alice (subscriber 1) and bob (2), and
# what must be seen of them; on top of ims.sh.  Every function is one test.

ALICE="sip:$(subscriber_imsi 1)@$domain"
BOB="sip:$(subscriber_imsi 2)@$domain"

# begin NAME: the events of both phones are of this part of the test from here on.
begin()
{
	part=$1
	phone_do alice "scenario $part"
	phone_do bob "scenario $part"
}

# look PHONE NAME=VALUE..: how many events of this part are so in $found, the first one
# in $first; VALUE may end in *.  As log_lines, but without starting a program.
look()
{
	local log=${phone_log[$1]} line i name value text=() other=() last=()

	shift
	for i in "scenario=$part" "$@"; do
		name="\"${i%%=*}\": " value=${i#*=}
		if [[ $value == *\* ]]; then
			value=${value%\*}
			text+=("$name\"$value") other+=("$name$value") last+=("$name$value")
		else
			text+=("$name\"$value\"") other+=("$name$value,") last+=("$name$value}")
		fi
	done
	found=0 first=
	while IFS= read -r line; do
		for ((i = 0; i < ${#text[@]}; i++)); do
			[[ $line == *"${text[i]}"* || $line == *"${other[i]}"* ||
			   $line == *"${last[i]}"* ]] || continue 2
		done
		found=$((found + 1))
		first=${first:-$line}
	done < "$log"
}

# saw PHONE NAME=VALUE..: an event of this part.
saw()
{
	look "$@"
	[ "$found" -gt 0 ] && return
	echo "$1 has no ${*:2}"
	ue_log=${phone_log[$1]} ue_story
	return 1
}

saw_not()
{
	look "$@"
	[ "$found" = 0 ]
}

# times PHONE COUNT NAME=VALUE..: exactly so many of them.
times()
{
	look "$1" "${@:3}"
	[ "$found" = "$2" ] || { echo "$1: $found times ${*:3}, not $2"; return 1; }
}

# field PHONE NAME MATCH..: in $value, that field of the first such event of this part.
field()
{
	local pattern="\"$2\": \"?([^\",}]*)"

	look "$1" "${@:3}"
	value=
	[[ ! $first =~ $pattern ]] || value=${BASH_REMATCH[1]}
	[ -n "$value" ] || { echo "$1: no $2 of ${*:3}"; return 1; }
}

# same_body METHOD: bob got the body that alice sent.
same_body()
{
	local value sent

	field alice body event=sent "start=$1 *"
	sent=$value
	field bob body event=received "start=$1 *"
	[ "$sent" = "$value" ] || { echo "$1: $sent became $value"; return 1; }
}

identified_as()
{
	saw bob event=received "start=$1 *" "identity=[\"<$ALICE>\"*"
}

# over PHONE TRANSPORT WAY START: all of these messages went so, and there were some.
over()
{
	saw "$1" "event=$3" "transport=$2" "start=$4*" || return 1
	[ "$2" = udp ] && set -- "$1" tcp "$3" "$4" || set -- "$1" udp "$3" "$4"
	saw_not "$1" "event=$3" "transport=$2" "start=$4*" || { echo "$4 over $2"; return 1; }
}

# The whole of a call, and each of its messages once or as often as it was asked for:
# TS 24.229 5.2.6.3 and 5.2.6.4, RFC 3262 (PRACK), 3311 (UPDATE), 3312 (preconditions).
whole_call()
{
	begin "$1"
	phone_do alice "call $BOB"
	phone_do bob "await confirmed"
	phone_do alice reinvite
	phone_do bob reinvite
	phone_do alice update
	phone_do bob update
	phone_do bob bye
	phone_do alice "await released"
	times bob 1 event=received method=PRACK "start=PRACK *"
	times bob 2 event=received "start=INVITE *"
	times alice 1 event=received "start=INVITE *"
	times bob 2 event=received "start=UPDATE *"
	times alice 1 event=received "start=UPDATE *"
	times alice 1 event=received "start=BYE *"
	saw alice event=received "start=SIP/2.0 183*"
	saw alice event=received "start=SIP/2.0 180*"
	same_body INVITE
	same_body UPDATE
	identified_as INVITE
}

by_number()
{
	begin number
	phone_do alice "call +10000000002"
	phone_do alice bye
	phone_do bob "await released"
}

# call_variant OPTION VALUE OTHER: a call with it on both sides.
call_variant()
{
	begin "$1-$2"
	phone_do alice "set $1 $2"
	phone_do bob "set $1 $2"
	phone_do alice "call $BOB"
	phone_do alice bye
	phone_do bob "await released"
	phone_do alice "set $1 $3"
	phone_do bob "set $1 $3"
}

# RFC 3261 9 and 16.10.
cancelled()
{
	begin cancel
	phone_do bob "set pickup no"
	phone_do alice "dial $BOB"
	phone_do alice "await ringing"
	phone_do alice "expect 487 cancel"
	phone_do bob "await cancelled"
	phone_do bob "set pickup yes"
	saw bob event=received "start=CANCEL *"
	saw bob event=received "start=ACK *"
}

far_user_cancelled()
{
	begin cancel-far
	phone_do alice "dial sip:silent@$domain"
	phone_do alice "await ringing"
	phone_do alice "expect 487 cancel"
}

cancelled_by_far_user()
{
	begin far-cancel
	phone_do bob "set pickup no"
	core_do call "$(subscriber_imsi 2)"
	phone_do bob "await ringing"
	core_do cancel
	phone_do bob "await cancelled"
	phone_do bob "set pickup yes"
}

# A refusal and its ACK, from hop to hop: RFC 3261 17.1.1.3.
busy()
{
	begin busy
	phone_do bob "set answer 486"
	phone_do alice "expect 486 call $BOB"
	phone_do bob "set answer 200"
	saw bob event=received "start=ACK *"
}

far_user_refuses()
{
	begin far-busy
	phone_do alice "expect 486 call sip:busy@$domain"
	phone_do alice "expect 603 call sip:status-603@$domain"
	phone_do alice "expect 480 call sip:$(subscriber_imsi 3)@$domain"
}

rejected_while_ringing()
{
	begin reject
	phone_do bob "set pickup no"
	phone_do alice "dial $BOB"
	phone_do bob "await ringing"
	phone_do bob "reject 480"
	phone_do alice "await refused"
	phone_do bob "set pickup yes"
	saw alice event=call state=refused status=480
}

# Three callees behind one number: as many early dialogs, each with its own PRACK
# (RFC 3261 12.1.2 and 16.7, RFC 3262 4).
forked()
{
	begin forked
	phone_do alice "call sip:forked@$domain"
	times alice 3 event=sent "start=PRACK *"
	[ "$(log_lines "${phone_log[alice]}" "scenario=$part" event=call state=early |
		grep -o '"tag": "[^"]*"' | sort -u | wc -l)" = 3 ]
	phone_do alice reinvite
	phone_do alice bye
}

# Two of them answer: both 200 reach the UE, which ends one (RFC 3261 13.2.2.4).
answered_twice()
{
	begin twice
	phone_do alice "call sip:twice@$domain"
	wait_for 20 saw alice event=second-answer
	phone_do alice bye
	times alice 2 event=sent "start=BYE *"
}

# A request that is too large for UDP goes over TCP inside the SA, both legs
# (RFC 3261 18.1.1; field notes 33, 36, 37).
large_message()
{
	begin large
	phone_do alice "message $BOB"
	phone_do alice "message $BOB 2500"
	saw alice event=sent transport=tcp "start=MESSAGE *"
	saw bob event=received transport=tcp "start=MESSAGE *"
	field alice body event=sent transport=tcp "start=MESSAGE *"
	saw bob event=received transport=tcp "start=MESSAGE *" "body=$value"
	identified_as MESSAGE
}

large_message_to_ue()
{
	begin large-far
	core_do message "$(subscriber_imsi 1)" 3000
	wait_for 20 saw alice event=received transport=tcp "start=MESSAGE *"
	wait_for 20 core_answered MESSAGE 200
}

# core_answered METHOD STATUS: the last request of a far user was.
core_answered()
{
	log_lines "$core_log" event=answered "method=$1" | tail -1 | grep -q "\"status\": $2[,}]"
}

# The UE is challenged and moves to new SAs while its call rings, and again in it
# (TS 33.203 7.4, TS 24.229 5.2.2.2; field notes 12, 20).
call_during_reregistration()
{
	begin "${1:-rereg}"
	core_do reauth "$(subscriber_imsi 1)" always
	phone_do bob "set pickup no"
	phone_do alice "dial $BOB"
	phone_do alice "await ringing"
	phone_do alice reregister
	phone_do bob pickup
	phone_do alice "await confirmed"
	phone_do bob reinvite
	phone_do alice reinvite
	phone_do alice reregister
	phone_do bob update
	phone_do bob bye
	phone_do alice "await released"
	phone_do bob "set pickup yes"
	core_do reauth "$(subscriber_imsi 1)" never
	times alice 2 event=set
}

# The called one moves while it rings.
called_during_reregistration()
{
	begin rereg-called
	core_do reauth "$(subscriber_imsi 2)" always
	phone_do bob "set pickup no"
	phone_do alice "dial $BOB"
	phone_do bob "await ringing"
	phone_do bob reregister
	phone_do bob pickup
	phone_do alice "await confirmed"
	phone_do alice bye
	phone_do bob "await released"
	phone_do bob "set pickup yes"
	core_do reauth "$(subscriber_imsi 2)" never
	times bob 1 event=set
}

# Every third datagram of either UE is lost, both ways: what is repeated, by whom, and
# what is recognised as repeated (RFC 3261 17, RFC 3262 3).
lossy_call()
{
	local phone

	for phone in alice bob; do
		phone_do $phone "set t1 0.5"
		phone_do $phone "set lose 3"
	done
	begin lossy
	phone_do alice "call $BOB"
	phone_do bob "await confirmed"
	phone_do bob reinvite
	phone_do alice "message $BOB"
	phone_do alice bye
	phone_do bob "await released"
	for phone in alice bob; do
		phone_do $phone "set lose 0"
		phone_do $phone "set t1 2.0"
		saw $phone event=lost way=out
		saw $phone event=lost way=in
	done
}

# Its connections closed and forgotten: it stays registered, and is reached by one from
# port_pc to port_us (TS 33.203 7.1; field notes 23, 25, 28).
called_asleep()
{
	begin asleep
	phone_do bob close-tcp
	sleep 1
	core_do call "$(subscriber_imsi 2)"
	phone_do bob "await confirmed"
	core_do bye
	phone_do bob "await released"
	over bob tcp received INVITE
}

# What a UE says of itself and others that only the network may say (TS 24.229 4.4,
# 5.2.6.3.1; RFC 3325 5).
forged_headers()
{
	local fault

	for fault in forged-trust other-preferred no-preferred; do
		begin "$fault"
		phone_do alice "set fault $fault"
		phone_do alice "message $BOB"
		phone_do alice "set fault none"
		identified_as MESSAGE
	done
	begin forged-call
	phone_do bob "set fault forged-trust"
	phone_do alice "set fault forged-trust"
	phone_do alice "call $BOB"
	phone_do alice bye
	phone_do bob "await released"
	phone_do alice "set fault none"
	phone_do bob "set fault none"
	identified_as INVITE
}

# The other registered identity may be preferred: RFC 3325 9.1.
preferred_tel()
{
	begin tel
	phone_do alice "set identity tel:+10000000001"
	phone_do alice "message $BOB"
	phone_do alice "set identity none"
	saw bob event=received "start=MESSAGE *" 'identity=["<tel:+10000000001>"*'
}

# RFC 3325 7.
private()
{
	begin private
	phone_do alice "set privacy id"
	phone_do alice "message $BOB"
	phone_do alice "set privacy none"
	saw bob event=received "start=MESSAGE *" 'identity=[]'
}

# No UE saw what it must not see, ports included.
no_violation()	{ ! grep -h '"violation"' "$ims_run"/ue-*.jsonl; }

# judge_calls NAME COUNT [OPTION..]: a capture of Gm with so many complete calls.
judge_calls()	{ judge "$1" --calls "$2" "${@:3}"; }
