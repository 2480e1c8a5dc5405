#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Registrations that must succeed: headers as real phones write them, cores that
# do things differently, resynchronisation, re-authentication, a rebooted phone.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"

all="hmac-md5-96/des-ede3-cbc,hmac-md5-96/aes-cbc,hmac-md5-96/null"
all="$all,hmac-sha-1-96/des-ede3-cbc,hmac-sha-1-96/aes-cbc,hmac-sha-1-96/null"
names=() actions=()

# scenario NAME ACTION..: a part of the UE's life that ends de-registered.
scenario()
{
	names+=("$1")
	actions+=("scenario $1" "${@:2}" deregister forget)
}

subscriber()	{ echo "set imsi $(subscriber_imsi "$1")"; }

went_as_expected()
{
	log_has "$ue_log" "scenario=$1" event=deregistered || { grep "$1" "$ue_log"; return 1; }
	! log_lines "$ue_log" "scenario=$1" event=done ok=false | grep . || return 1
}

for style in samsung qualcomm chinamobile huawei iphone nokia att wfc lg lines mixed; do
	scenario "headers of $style" "set suites $all" "set style $style" register
done
scenario "Security-Verify in another order" "set style samsung" "set verify_style wfc" register
scenario "folded Authorization" "set verify_style echo" "set fold 1" register
scenario "protected ports 5061 and 5060, own clear port elsewhere" "set fold 0" \
	"set clear_port 5070" "set port_c 5061" "set port_s 5060" register
scenario "qop absent" "set port_c none" "set port_s none" "set clear_port 5060" \
	"$(subscriber 22)" register
scenario "AKAv2-MD5" "$(subscriber 23)" register
scenario "qop auth-int" "$(subscriber 24)" "set qop auth-int" register
scenario "SQN out of range: AUTS, then registered" "$(subscriber 1)" "set qop auth" \
	"set sqn 8000000" "set opc ${subscriber_opc[1]}" register
scenario "challenged twice: the second set wins" "$(subscriber 17)" "set sqn 0" \
	"set opc ${subscriber_opc[1]}" register
scenario "a UE cannot say integrity-protected itself" "$(subscriber 1)" \
	"set fault forged-integrity" register
scenario "refreshes, and re-authentication on new SAs" "set fault none" "$(subscriber 21)" \
	register reregister reregister
scenario "rebooted: registers anew, old SAs unused" "$(subscriber 1)" register forget register
scenario "rebooted with the same ports" "set port_c 31000" "set port_s 31001" \
	register forget register

ktap_print_header
ktap_set_plan $((2 * ${#names[@]} + 5))
ims_up
capture_start wire pcscf gm0
for way in "4 udp" "6 tcp"; do
	set -- $way
	ue 1 "$1" --transport "$2" --keep-going "${actions[@]}" > /dev/null || true
	for name in "${names[@]}"; do
		ktap_test "$name (IPv$1, $2)" went_as_expected "$name"
	done
done
ktap_test "no set is left 64*T1 later" no_set_left
capture_stop wire
ktap_test "wire: REGISTER and 401 clear, then ESP with good ICVs, nothing clear" \
	judge wire --ue $UE4 --ue $UE6
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no UE saw ck, ik or charging headers" \
	bash -c "! grep -h '\"violation\"' '$ims_run'/ue-*.jsonl"
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
