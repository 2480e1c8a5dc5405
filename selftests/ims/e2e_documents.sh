#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command line of gmctl and gmgated that README, Documentation and the man pages
# show is run here, as it is written, and ends as it is said to end: documents.py finds
# them, and has the table of the words that are another's in each example.  Where output
# is shown it is the same, but for numbers.  What goes on until ^C gets one.
#
#     netns ue: alice, who comes and goes -- gm0 -- netns pcscf: agent, commands -- netns core
set -eu
timer_scale=10
gm_link="key-export: true"
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"
. "$ims/documents.sh"

parameter=/sys/module/gmgate/parameters/key_export
turns=$ims_run/turns
export IMPI="" ADDRESS=$UE4 CALL_ID="" SET="" ENDPOINT=""

# --- what the commands of the table use ---------------------------------------------

spare_endpoint()
{
	local n=$RANDOM

	gmctl endpoint add addr 10.4.$((n % 100)).$((1 + n / 256)) port-s 6100 port-c 6101 instance 9 \
		spi 0x20000-0x2ffff
}

# spare_words: of a set in an endpoint of its own
spare_words()
{
	echo "endpoint $(spare_endpoint) ue 10.45.0.9 port-uc 5000 port-us 5001 port-pc 6101 spi-uc 1000" \
		"spi-us 1001 spi-pc 0x20001 spi-ps 0x20002 alg hmac-sha-1-96 ealg null expires 600"
}

# shellcheck disable=SC2046 -- words
spare_set()	{ gmctl set add $(spare_words) < keys; }
export -f spare_endpoint spare_words spare_set

# --- the state they are run in --------------------------------------------------------

# alice registers, and is refused for a moment; over and over.
keep_coming()
{
	local n=0

	while :; do
		phone_do alice reregister || { phone_do alice forget; phone_do alice register; } || true
		phone_do alice forget && phone_do alice "set suites hmac-md5-96/des-ede3-cbc" &&
			phone_do alice "expect 494 register" || true
		phone_do alice "set suites ${suites// /,}" && phone_do alice forget && phone_do alice register || true
		n=$((n + 1))
		echo $n > "$turns.new" && mv "$turns.new" "$turns"
	done > /dev/null 2>&1
}

turn()		{ cat "$turns" 2> /dev/null || echo 0; }
turned_past()	{ [ "$(turn)" -gt "$1" ]; }
is_registered()	{ gmctl -j ue "$IMPI" | grep -q '"state": *"registered"'; }

printed()	{ "$ims/documents.py" compare "$1" "$said" > /dev/null; }

live()
{
	local pid now

	(in_place "$1" "$2") > "$said" 2>&1 < /dev/null &
	pid=$!
	now=$(turn)
	wait_for 90 turned_past $((now + 1)) || { echo "alice does not come"; return 99; }
	wait_for 20 test -s "$said" || true
	[ "$3" = - ] || wait_for 60 printed "$3" || true
	pkill -INT -g $pid gmctl || true		# what reads a pipe is to read on
	wait $pid
}

# A daemon: until it serves, then ^C.
as_agent()
{
	local pid status=0

	(in_place "$1" "$2") > "$said" 2>&1 < /dev/null &
	pid=$!
	wait_for 30 in_pcscf gmctl status || status=99
	kill -INT -- -$pid
	wait $pid || status=$?
	return $status
}

# run_shown KIND STATUS FOLDER OUTPUT BARE COMMAND
run_shown()
{
	local kind=$1 want=$2 folder=$3 output=$4 bare=$5 command=$6 got=0

	[ "$phase" != running ] || wait_for 60 is_registered || { echo "alice is not registered"; return 1; }
	# The words of the table hide nothing: without them it cannot be served.
	if [ "$bare" != - ] && [[ $command != "$bare <"* ]]; then
		once "$folder" "$bare" || got=$?
		[ $got = 2 ] || [[ $bare == gmgated* && $got = 1 ]] || { echo "$bare needs no words: status $got"; return 1; }
		got=0
	fi
	case $kind in
	once) once "$folder" "$command" || got=$? ;;
	live) live "$folder" "$command" "$output" || got=$? ;;
	agent) as_agent "$folder" "$command" || got=$? ;;
	esac
	[ "$got" = "$want" ] || { echo "$command: status $got, wants $want"; cat "$said"; return 1; }
	[ "$kind" != live ] || [ -s "$said" ] || { echo "it printed nothing"; return 1; }
	[ "$output" = - ] || "$ims/documents.py" compare "$output" "$said"
}

# run_phase NAME: all that are for it
run_phase()
{
	local of kind status folder output bare document command

	phase=$1
	while IFS=$'\t' read -r of kind status folder output bare document command <&7; do
		[ "$of" = "$phase" ] || continue
		ktap_test "$document: ${command//#/}" run_shown "$kind" "$status" "$folder" "$output" "$bare" "$command"
		case $command in
		"gmctl endpoint add"*10.4.128.99*) ENDPOINT=$(tail -1 "$said") ;;
		"gmctl set add"*) SET=$(tail -1 "$said") ;;
		esac
	done 7< "$ims_run/plan"
}

# --- all of it ------------------------------------------------------------------------

plan_documents running no-agent no-module
ktap_print_header
ktap_set_plan "$(wc -l < "$ims_run/plan")"
[ -x "$agent/gmgated" ] || ktap_skip_all "agent/gmgated is not built"
topo_up
load_gmgate
defer module_unload
echo 1 > $parameter
write_config
in_its_place
core_start
agent_start
ip -n pcscf addr add 192.0.2.10/32 dev gm0
ip -n pcscf addr add 198.51.100.1/32 dev mw0
phone_open alice 1 4
IMPI=$(subscriber_imsi 1)@$domain
phone_do alice register
CALL_ID=$(grep -m1 '"start":"REGISTER' "$trace_log" | grep -oE '"call-id":"[^"]*"' | cut -d'"' -f4)
gmctl()	{ in_pcscf "$agent/gmctl" "$@"; }
printf '%s ik-esp %040d\n' "$(cd "$here" && in_pcscf bash -c spare_words)" 1 > "$here/sets"
keep_coming &
coming=$!
defer stop_process $coming KILL
wait_for 90 turned_past 0
run_phase running
stop_process $coming KILL
agent_stop
rm -rf /run/gmgate			# as it is on a host that has had no agent
run_phase no-agent
module_unload
run_phase no-module
ktap_finished
