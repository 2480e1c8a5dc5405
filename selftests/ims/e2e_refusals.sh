#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Registrations that must not succeed: the answer the specifications name
# (RFC 3329 2.3, TS 24.229 5.2.2, TS 33.203 7.3), and no SA left afterwards.
# 64*T1 and reg-await-auth run 20 times as fast.
set -eu
timer_scale=20
. "$(dirname "$0")/ims.sh"

ok="hmac-sha-1-96/aes-cbc"
names=() actions=()

# scenario NAME ACTION..: one part of the UE's life; afterwards it starts anew.
scenario()
{
	names+=("$1")
	actions+=("scenario $1" "${@:2}" forget "set fault none")
}

fault()
{
	scenario "$1: $2" "set fault $2" "expect $1 register"
}

subscriber()	{ echo "set imsi $(subscriber_imsi "$1")"; }

fault 421 no-sec-agree
fault 494 no-security-client
fault 494 bare-client
scenario "494: no common algorithm" "set suites hmac-sha-512-256/aes-cbc" \
	"expect 494 register" "set suites $ok"
scenario "494: offers of other mechanisms only" "set suites none/none" \
	"set style mixed" "expect 494 register" "set suites $ok" "set style samsung"
fault 403 wrong-res
fault 494 altered-verify
fault 494 short-verify
fault 494 altered-client
fault 400 no-verify
fault 400 no-client
fault 403 other-impi
fault 403 other-via
fault silence non-register
fault silence wrong-keys
fault silence clear-answer
scenario "500: 401 without ck and ik" "$(subscriber 11)" "expect 500 register"
scenario "500: 401 with a short ck" "$(subscriber 12)" "expect 500 register"
scenario "500: 401 without a challenge" "$(subscriber 13)" "expect 500 register"
scenario "403 of the core" "$(subscriber 14)" "expect 403 register"
scenario "503 of the core" "$(subscriber 15)" "expect 503 register"
scenario "504: silent core" "$(subscriber 16)" "expect 504 register"
scenario "500 of the core after the right RES" "$(subscriber 19)" "expect 500 register"
scenario "401 with a wrong AUTN: the UE gives up" "$(subscriber 18)" "expect 401 register"
scenario "403: unknown subscriber" "$(subscriber 999)" "expect 403 register"
scenario "a good registration still works" "$(subscriber 1)" register deregister

went_as_expected()
{
	log_has "$ue_log" "scenario=$1" event=done || return 1
	! log_lines "$ue_log" "scenario=$1" event=done ok=false | grep . || return 1
}

# RFC 3329 2.3.2: the server's own list, and no SA behind it.
server_list()
{
	local got

	got=$(log_lines "$ue_log" "scenario=$1" event=received "start=SIP/2.0 4*")
	[ "$(grep -o "ipsec-3gpp" <<< "$got" | wc -l)" -ge 4 ] || { echo "$got"; return 1; }
	! grep -oE "(spi|port)-[cs]=" <<< "$got" || return 1
	grep -q '"require": \["sec-agree"\]' <<< "$got"
}

counter()	{ gmctl -j stats | grep -oE "\"$1\": ?[0-9]+" | grep -oE '[0-9]+$'; }
counted()	{ [ "$(counter "$1")" -gt 0 ] || { gmctl stats; return 1; }; }

silent_set()
{
	ue 1 4 "set fault silent" "expect 401 register" && sets_are 1 || return 1
	sleep $((240 / timer_scale / 2))
	sets_are 1 || { echo "gone before reg-await-auth"; return 1; }
	no_set_left $((240 / timer_scale + 5))
}

ktap_print_header
ktap_set_plan $((${#names[@]} + 13))
ims_up
hops_start
ue 1 4 --timeout 5 --keep-going "${actions[@]}" > /dev/null || true
for name in "${names[@]}"; do
	ktap_test "$name" went_as_expected "$name"
done
ktap_test "421 carries the own list and Require: sec-agree" server_list "421: no-sec-agree"
ktap_test "494 carries the own list and Require: sec-agree" \
	server_list "494: no-security-client"
ktap_test "no set is left 64*T1 later" no_set_left
ktap_test "the wrong ICVs were counted" counted in-icv
ktap_test "the clear text to the protected port was counted" counted clear-in
ktap_test "a UE that does not answer: its set lives reg-await-auth, not longer" silent_set
capture_stop
ktap_test "wire: nothing clear left a protected port" \
	judge wire --allow-clear-to --allow-bad-icv
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no UE saw ck, ik or charging headers" \
	bash -c "! grep -h '\"violation\"' '$ims_run'/ue-*.jsonl"
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_test "every refusal is in the agent's log with the UE it was for" \
	grep -qE "10\.45\.0\.3.*(421|494)" "$agent_log"
ktap_finished
