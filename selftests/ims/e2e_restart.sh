#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of the agent in the midst of things, and another start: over UDP a UE
# repeats a message, over TCP it connects again inside of its SA, and that is all
# it notices; calls go on. No set is leaked, nothing leaves in clear, no key is stored.
set -eu
timer_scale=10
t1_mw=40000	# 4 s: nothing is repeated while the core thinks
. "$(dirname "$0")/ims.sh"

phones="u4 t6 u6 t4"

# The agent is started and killed inside of tests, which are subshells: its pid is
# in a file, and one word at the end is enough.
agent_start()
{
	nsenter --net=/run/netns/pcscf "$agent/gmgated" --config "$config" > /dev/null 2>> "$agent_log" &
	echo $! > "$ims_run/agent.pid"
	wait_for 20 agent_answers || { tail -5 "$agent_log" >&2; return 1; }
}

agent_stop()
{
	local pid

	pid=$(cat "$ims_run/agent.pid" 2> /dev/null) || return 0
	kill -"${1:-TERM}" "$pid" 2> /dev/null || return 0
	wait_for 20 has_ended "$pid"
}

# Gone, or waiting for its parent to notice.
has_ended()	{ ! grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status"; }

do_each()
{
	local p

	for p in $phones; do phone_do "$p" "$1" || return 1; done
}

# all_at_once ACTION COMMAND..: the phones begin, COMMAND is run, the phones end.
all_at_once()
{
	local p action=$1

	shift
	for p in $phones; do phone_begin "$p" "$action"; done
	"$@" || return 1
	for p in $phones; do phone_end "$p" "$action" || return 1; done
}

restart()
{
	agent_stop KILL
	agent_start
}

# state PATH: a number of the agent's status, such as restart.sets
state()
{
	gmctl -j status | /usr/bin/python3 -c 'import functools, json, sys; print(functools.reduce(
		lambda v, k: v[k], sys.argv[1].split("."), json.load(sys.stdin)))' "$1"
}

at_least()	{ [ "$(state "$1")" -ge "$2" ]; }

# How many sets the phones have made.
new_sets()	{ cat "${phone_log[@]}" | grep -c '"event": "set"' || true; }

# same_sets COMMAND..: it succeeds, and the sets are those of before.
same_sets()
{
	local ids sets

	ids=$(set_ids) sets=$(new_sets)
	"$@" || return 1
	[ "$ids" = "$(set_ids)" ] || { echo "were $ids"; gmctl set list; return 1; }
	[ "$sets" = "$(new_sets)" ] || { echo "a phone has registered anew"; return 1; }
}

# Kernel and agent have the same sets, so many as there should be.
agreed()
{
	local ours

	ours=$(state sets)
	[ "$ours" = "$(set_count)" ] || { echo "the agent has $ours"; gmctl set list; return 1; }
	[ $# = 0 ] || [ "$ours" = "$1" ] || { echo "sets: $ours, not $1"; gmctl set list; return 1; }
}

# --- calls -----------------------------------------------------------------------

# call CALLER CALLEE SUBSCRIBER: they talk.
call()
{
	phone_do "$1" "call sip:$(subscriber_imsi "$3")@$domain" && phone_do "$2" "await confirmed"
}

# Both ends are UEs: a call is two dialogs.
calls_taken_over()
{
	taken_over || return 1
	[ "$(state restart.dialogs)" = "$((2 * $1))" ] || { gmctl -j status; return 1; }
}

# The next life knows the call from both sides: what is asked in it, and its end.
call_goes_on()
{
	call u4 u6 3 && restart && calls_taken_over 1 || return 1
	phone_do u4 reinvite && phone_do u6 reinvite && phone_do u4 update && phone_do u6 update ||
		return 1
	phone_do u4 bye && phone_do u6 "await released" && no_call_refused
}

# From UDP to TCP, whose connection is gone; the one who was called hangs up.
called_one_hangs_up()
{
	call u4 t6 2 && restart && at_least restart.dialogs 2 || return 1
	phone_do t6 bye && phone_do u4 "await released" && no_call_refused
}

no_call_refused()
{
	[ "$(state proxy.no-dialog) $(state proxy.unknown-token)" = "0 0" ] ||
		{ gmctl -j status; return 1; }
}

# --- calls that ring -------------------------------------------------------------

# ring CALLER CALLEE SUBSCRIBER: it rings, and nobody picks up.
ring()
{
	phone_do "$2" "set pickup no" &&
		phone_do "$1" "dial sip:$(subscriber_imsi "$3")@$domain" &&
		phone_do "$1" "await ringing"
}

# The next life has the INVITE of who calls, the one for who is called, and maybe some of
# calls before.
ringing_taken_over()
{
	taken_over && at_least restart.invites 2 || { gmctl -j status; return 1; }
}

picked_up()
{
	ring "$@" && restart && ringing_taken_over || return 1
	phone_do "$2" pickup && phone_do "$1" "await confirmed" && phone_do "$1" update &&
		phone_do "$2" reinvite && phone_do "$1" bye && phone_do "$2" "await released" &&
		phone_do "$2" "set pickup yes" && no_call_refused
}

caller_cancels()
{
	ring "$@" && restart && ringing_taken_over || return 1
	phone_do "$1" "expect 487 cancel" && phone_do "$2" "await cancelled" &&
		phone_do "$2" "set pickup yes" && no_call_refused
}

called_one_refuses()
{
	ring "$@" && restart && ringing_taken_over || return 1
	phone_do "$2" "reject 486" && phone_do "$1" "await refused" &&
		phone_do "$2" "set pickup yes" && no_call_refused
}

# INVITE, 183, PRACK, UPDATE, 180, 200, ACK: whichever of them is under way.
while_calling()
{
	local round

	for round in 1 2 3 4; do
		phone_begin "$1" "call sip:$(subscriber_imsi "$3")@$domain"
		restart_later
		phone_end "$1" "round $round" && phone_do "$2" "await confirmed" &&
			phone_do "$1" bye && phone_do "$2" "await released" || return 1
	done
}

# --- what is under way -----------------------------------------------------------

received()	{ log_lines "$core_log" event=received method=REGISTER "$@" | wc -l; }

more_than()	{ [ "$(received "${@:2}")" -gt "$1" ]; }

# kill_when N FIELD..: once the core has received N more such REGISTERs.
kill_when()
{
	local before=$core_before n=$1

	shift
	wait_for 30 more_than $((before + n - 1)) "$@" || { echo "the core has not received them"; return 1; }
	restart
}

slow_core()	{ local i; for i in 1 2 3 4; do core_fault $i "$1"; done; }

# The core thinks for longer than the agent lives: each phone waits for its 401.
before_the_401()
{
	slow_core slow=4
	core_before=$(received retransmission=false)
	all_at_once register kill_when 4 retransmission=false || return 1
	slow_core ok
	agreed
}

# The 401 has left, the phone thinks: its REGISTER with RES meets another life.
before_the_res()
{
	local known

	do_each "set think 8"
	known=$(state register.challenges)
	all_at_once "$1" kill_after_challenges $((known + 4)) || return 1
	do_each "set think 0"
	agreed
}

kill_after_challenges()
{
	wait_for 20 at_least register.challenges "$1" || { echo "not challenged"; return 1; }
	restart
}

# The REGISTER with RES is with the core, its 200 OK meets another life. What the
# phone repeats then is a repetition for the core, too (RFC 3261 16.11).
# before_the_200 ACTION N: the RES is in the Nth of the phones' REGISTERs on an SA
before_the_200()
{
	local again

	slow_core slow=4
	core_before=$(received integrity=yes retransmission=false)
	again=$(received retransmission=true)
	all_at_once "$1" kill_when $((4 * $2)) integrity=yes retransmission=false || return 1
	slow_core ok
	more_than $((again + 3)) retransmission=true || { echo "the core took it for another"; return 1; }
	agreed
}

start_anew()	{ do_each deregister && no_set_left; }

taken_over()
{
	[ "$(state restart.ues) $(state restart.sets)" = "4 4" ] &&
	[ "$(state restart.lost) $(state restart.strays) $(state restart.refused)" = "0 0 0" ] &&
	[ "$(state store.failed) $(state store.unsaved)" = "0 0" ] || { gmctl -j status; return 1; }
}

# --- at any time -----------------------------------------------------------------

reauth()	{ local i; for i in 1 2 3 4; do core_do reauth "$(subscriber_imsi $i)" "$1"; done; }

# Refreshes and re-authentications go on while the agent is killed again and again.
often()
{
	local round

	for round in 1 2 3 4; do
		all_at_once reregister restart_later || return 1
	done
	agreed
}

restart_later()
{
	sleep "0.$((RANDOM % 10))"
	restart
}

# --- a store that is none --------------------------------------------------------

# refused TEXT: the next life says so, has no sets, and phones register with it.
refused()
{
	agent_start
	grep -qF "is refused, starting without registrations: $1" "$agent_log" ||
		{ tail -5 "$agent_log"; return 1; }
	agreed 0 || return 1
	do_each forget && phone_do u4 register && phone_do t6 register
}

damaged()
{
	agent_stop KILL
	dd if=/dev/urandom of="$store" bs=4096 seek=1 count=4 conv=notrunc status=none
	refused "it is damaged"
}

half_written()
{
	agent_stop KILL
	truncate -s 12288 "$store"
	refused "it is damaged"
}

of_somebody_else()
{
	agent_stop KILL
	chmod 644 "$store"
	refused "it is not a file of mode 0600 that is ours"
}

gone()
{
	agent_stop KILL
	rm "$store"
	agent_start
	agreed 0 && do_each forget && do_each register && agreed 4
}

# --- no room ---------------------------------------------------------------------

all_saved()	{ [ "$(state store.unsaved)" = 0 ]; }

no_room()
{
	agent_stop KILL
	rm "$store"
	dd if=/dev/zero of="$small/full" bs=4096 status=none 2> /dev/null || true
	agent_start
	agreed 0 && do_each forget && do_each register && agreed 4 || return 1
	at_least store.failed 1 && ! all_saved || { gmctl -j status; return 1; }
	grep -q "going on without" "$agent_log"
}

room_again()
{
	rm "$small/full"
	wait_for 10 all_saved || { gmctl -j status; return 1; }
	restart
	taken_over && same_sets do_each reregister
}

private()	{ [ "$(stat -c '%u %a' "$store")" = "0 600" ]; }

ktap_print_header
ktap_set_plan 43
small=$ims_run/small
store=$small/store
mkdir "$small"
mount -t tmpfs -o size=512k,mode=700 tmpfs "$small"
defer umount "$small"
defer agent_stop
ims_up
hops_start
# T2 as the agent's clock has it: once it has had a 100, a phone repeats so often.
phone_open u4 1 4 --transport udp --t2 2
phone_open t6 2 6 --transport tcp --t2 2 --reconnect
phone_open u6 3 6b --transport udp --t2 2 --suites hmac-md5-96/null
phone_open t4 4 4b --transport tcp --t2 2 --reconnect --suites hmac-sha-1-96/null

ktap_test "four UEs register" do_each register
ktap_test "the store is its user's" private
restart
ktap_test "kill -9: all is taken over" taken_over
ktap_test "refreshes on the same SAs" same_sets do_each reregister
ktap_test "kill -9 while they refresh: the same SAs" same_sets all_at_once reregister restart
agent_stop
ktap_test "an orderly end keeps the sets" sets_are 4
agent_start
ktap_test "and the next life goes on" same_sets do_each reregister
ktap_test "a call goes on after kill -9, until its caller's BYE" call_goes_on
ktap_test "a call after kill -9 ends with the BYE of who was called" called_one_hangs_up
ktap_test "UDP: kill -9 while it rings, then it is answered" picked_up u4 u6 3
ktap_test "UDP: kill -9 while it rings, then CANCEL" caller_cancels u4 u6 3
ktap_test "UDP: kill -9 while it rings, then 486" called_one_refuses u6 u4 1
ktap_test "UDP: kill -9 at any time while a call is set up" while_calling u4 u6 3
ktap_test "TCP: kill -9 while it rings, then it is answered" picked_up t6 t4 4
ktap_test "TCP: kill -9 while it rings, then CANCEL" caller_cancels t4 t6 2
ktap_test "TCP: kill -9 at any time while a call is set up" while_calling t4 t6 2
ktap_test "UDP and TCP: kill -9 while it rings, then it is answered" picked_up u4 t6 2
ktap_test "no key in the store" no_leaks "$store"
start_anew || true

ktap_test "kill -9 before the 401" before_the_401
start_anew || true
ktap_test "kill -9 between the 401 and the REGISTER with RES" before_the_res register
ktap_test "four sets, no more" agreed 4
ktap_test "refreshes on these" same_sets do_each reregister
start_anew || true
ktap_test "kill -9 between the REGISTER with RES and its 200 OK" before_the_200 register 1
ktap_test "refreshes on these, too" same_sets do_each reregister

reauth always
ktap_test "re-authentication: kill -9 before the RES" before_the_res reregister
ktap_test "re-authentication: kill -9 before the 200 OK" before_the_200 reregister 2
ktap_test "re-authentication and kill -9 at any time" often
reauth never
ktap_test "the phones speak on the new sets" do_each reregister
ktap_test "what the new sets replaced goes" wait_for 30 agreed 4
ktap_test "refreshes on what is left" same_sets do_each reregister

ktap_test "no room in the store: all goes on, unsaved, and is counted" no_room
ktap_test "room again: saved, and taken over" room_again
ktap_test "a damaged store is refused" damaged
ktap_test "a truncated store is refused" half_written
ktap_test "a store that others can read is refused" of_somebody_else
ktap_test "without a store: no set is left, the UEs register anew" gone
do_each deregister || true
ktap_test "no set is left 64*T1 later" no_set_left
capture_stop
ktap_test "wire: nothing clear left a protected port" judge wire --ue $UE4 --ue $UE6
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no key in logs, traces, dumps, on the wire and in the store" \
	no_leaks "$(capture_file wire)" "$store"
agent_stop
ktap_test "after withdrawal the module unloads" module_unload
ktap_finished
