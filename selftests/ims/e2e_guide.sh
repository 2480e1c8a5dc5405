#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Documentation/troubleshooting.md: a phone that has the symptom, and what the guide says
# that `gmctl stats -z` shows: the rule or the drop, and what to do.
set -eu
timer_scale=20
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"

guide=$ims/../../Documentation/troubleshooting.md

# What the guide names, and what a phone does for it.
symptoms=(
	"offer-missing 494 no-security-client"
	"verify-differs 494 altered-verify"
	"verify-missing 400 no-verify"
	"other-impi 403 other-impi"
	"via-address 403 other-via"
)
cores=("no-keys 500 11" "core-silent 504 16")

# told RULE STATUS: its row of the guide has this status, and gmctl counts it and says
# what to do.
told()
{
	grep -E "^\|.*$2.*\|.*\`$1\`" "$guide" > /dev/null || { echo "the guide has no $2 with $1"; return 1; }
	gmctl stats -z agent > "$said"
	grep -A 1 -E "^rule\.$1 +[1-9]" "$said" | grep -qE '^ +do: ' || { cat "$said"; return 1; }
}

drop_told()
{
	grep -q "drop \`$1\`" "$guide" || { echo "the guide has no $1"; return 1; }
	gmctl stats -z kernel > "$said"
	grep -A 1 -E "^$1 +[1-9]" "$said" | grep -qE '^ +do: ' || { cat "$said"; return 1; }
}

actions=()
for s in "${symptoms[@]}"; do
	read -r rule status fault <<< "$s"
	actions+=("scenario $rule" "set fault $fault" "expect $status register" forget "set fault none")
done
for s in "${cores[@]}"; do
	read -r rule status n <<< "$s"
	actions+=("scenario $rule" "set imsi $(subscriber_imsi "$n")" "expect $status register" forget)
done
actions+=("scenario clear" "set imsi $(subscriber_imsi 1)" "set fault clear-answer"
	"expect silence register" forget "set fault wrong-keys" "expect silence register" forget)

ktap_print_header
ktap_set_plan $((${#symptoms[@]} + ${#cores[@]} + 3))
ims_up
ue 1 4 --timeout 5 --keep-going "${actions[@]}" > /dev/null || true
for s in "${symptoms[@]}" "${cores[@]}"; do
	read -r rule status _ <<< "$s"
	ktap_test "$status: $rule, as the guide has it" told "$rule" "$status"
done
ktap_test "clear text to a protected port" drop_told clear-in
ktap_test "wrong keys" drop_told in-icv
for words in status "stats -z"; do
	# shellcheck disable=SC2086 -- words
	gmctl $words 2>&1 | sed "s/^/# $words: /"
done
agent_stop
ktap_test "no agent, as the guide has it" refuses 1 "gmctl: no agent at" gmctl status
ktap_finished
