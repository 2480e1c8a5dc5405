#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A registration and a de-registration with every suite, family and transport,
# each judged on the wire; the UE's ESP is stock XFRM.
set -eu
timer_scale=10
# Annex H, as releases before and after 13 have it.
suites="null/aes-gcm hmac-sha-1-96/aes-cbc aes-gmac/null hmac-sha-1-96/null"
suites+=" hmac-md5-96/aes-cbc hmac-sha-1-96/des-ede3-cbc hmac-md5-96/des-ede3-cbc hmac-md5-96/null"
. "$(dirname "$0")/ims.sh"

# One UE process does all suites of a family and transport; one test for each.
run_family()
{
	local family=$1 transport=$2 actions=() suite

	for suite in $suites; do
		actions+=("set suites $suite" register reregister deregister)
	done
	ue 1 "$family" --transport "$transport" --keep-going "${actions[@]}" > "$ims_run/out" || true
	for suite in $suites; do
		ktap_test "register and de-register: $suite IPv$family $transport" \
			registered_with "$suite"
	done
	if grep -q '"violation"' "$ue_log"; then
		ktap_print_msg "$(grep '"violation"' "$ue_log" | head -3)"
	fi
}

registered_with()
{
	log_has "$ue_log" event=registered "suite=$1" || { ue_story; return 1; }
	log_has "$ue_log" event=deregistered "suite=$1" || { ue_story; return 1; }
	! log_has "$ue_log" event=violation || { ue_story; return 1; }
}

# 32 registrations, 32 refreshes, 32 de-registrations, each with its 200.
tap_shows()
{
	local what n

	for what in 'REGISTER sip:[^ ]* SIP/2.0' 'SIP/2.0 200 OK'; do
		n=$(LC_ALL=C grep -ao "$what" "$(capture_file tap)" | wc -l)
		[ "$n" -ge 96 ] || { echo "$n times $what"; return 1; }
	done
}

ktap_print_header
ktap_set_plan 40
ims_up
hops_start
capture_start tap pcscf gmtap0
for transport in udp tcp; do
	for family in 4 6; do
		run_family $family $transport
	done
done
capture_stop
ktap_test "wire: REGISTER and 401 clear, then ESP with good ICVs, nothing clear" \
	judge wire --ue $UE4 --ue $UE6
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "core: integrity-protected says no, then yes" \
	log_has "$core_log" event=received method=REGISTER integrity=yes
ktap_test "no set is left after the de-registrations" no_set_left
ktap_test "no UE saw ck, ik or charging headers" \
	bash -c "! grep -h '\"violation\"' '$ims_run'/ue-*.jsonl"
ktap_test "no key in logs, traces, dumps, on the wire and in plain packets" \
	no_leaks "$(capture_file wire)" "$(capture_file tap)"
ktap_test "the tap shows the plain SIP of both directions" tap_shows
ktap_finished
