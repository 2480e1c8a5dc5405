#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Registrations that must succeed: headers as real phones write them, cores that
# do things differently, resynchronisation, re-authentication, a rebooted phone.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"

all="hmac-md5-96/des-ede3-cbc,hmac-md5-96/aes-cbc,hmac-md5-96/null"
all="$all,hmac-sha-1-96/des-ede3-cbc,hmac-sha-1-96/aes-cbc,hmac-sha-1-96/null"
declare -A names=([udp]= [tcp]=)
udp=() tcp=()

# scenario NAME ACTION..: a part of the UE's life that ends de-registered, over
# UDP and IPv4; over_tcp: over TCP and IPv6; both: each way.
scenario()
{
	names[udp]+="$1"$'\n'
	udp+=("scenario $1" "${@:2}" deregister reset)
}

over_tcp()
{
	names[tcp]+="$1"$'\n'
	tcp+=("scenario $1" "${@:2}" deregister reset)
}

both()		{ scenario "$@"; over_tcp "$@"; }

subscriber()	{ echo "set imsi $(subscriber_imsi "$1")"; }

went_as_expected()
{
	log_has "$ue_log" "scenario=$1" event=deregistered || { grep "$1" "$ue_log"; return 1; }
	! log_lines "$ue_log" "scenario=$1" event=done ok=false | grep . || return 1
	case $1 in		# that it was the case it is named after
	SQN*)		happened "$1" sync-failure 1 ;;
	challenged*)	happened "$1" set 2 ;;
	refreshes*)	happened "$1" set 4 && happened "$1" old-set-dropped 2 ;;
	esac
}

# happened NAME EVENT COUNT: so often in that scenario.
happened()
{
	local n

	n=$(log_lines "$ue_log" "scenario=$1" "event=$2" | wc -l)
	[ "$n" -eq "$3" ] || { echo "$2: $n times, not $3"; return 1; }
}

for style in samsung qualcomm huawei nokia att wfc lg lines mixed; do
	scenario "headers of $style" "set suites $all" "set style $style" register
done
for style in chinamobile iphone; do
	both "headers of $style" "set suites $all" "set style $style" register
done
scenario "Security-Verify in another order" "set verify_style wfc" register
scenario "folded Authorization" "set fold 1" register
both "protected ports 5061 and 5060, own clear port elsewhere" \
	"set clear_port 5070" "set port_c 5061" "set port_s 5060" register
scenario "qop absent" "$(subscriber 22)" register
scenario "AKAv2-MD5" "$(subscriber 23)" register
scenario "qop auth-int" "$(subscriber 24)" "set qop auth-int" register
# Each higher than what the HSS has learnt before.
scenario "SQN out of range: AUTS, then registered" "set sqn 8000000" "$(subscriber 1)" register
over_tcp "SQN out of range: AUTS, then registered" "set sqn 90000000" "$(subscriber 1)" register
both "challenged twice: the second set wins" "$(subscriber 17)" register
scenario "a UE cannot say integrity-protected itself" "set fault forged-integrity" register
both "refreshes, and re-authentication on new SAs" "$(subscriber 21)" \
	register reregister reregister
both "rebooted: registers anew, old SAs unused" register forget register
both "rebooted with the same ports" "set port_c 31000" "set port_s 31001" \
	register forget register

ktap_print_header
ktap_set_plan $(($(printf '%s' "${names[@]}" | wc -l) + 6))
ims_up
hops_start
for way in "udp 4" "tcp 6"; do
	set -- $way
	declare -n list=$1
	ue 1 "$2" --transport "$1" --keep-going "${list[@]}" > /dev/null || true
	while read -r name; do
		ktap_test "$name ($1, IPv$2)" went_as_expected "$name"
	done < <(printf '%s' "${names[$1]}")
done
ktap_test "no set is left 64*T1 later" no_set_left
capture_stop
ktap_test "wire: REGISTER and 401 clear, then ESP with good ICVs, nothing clear" \
	judge wire --ue $UE4 --ue $UE6
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no UE saw ck, ik or charging headers" \
	bash -c "! grep -h '\"violation\"' '$ims_run'/ue-*.jsonl"
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
