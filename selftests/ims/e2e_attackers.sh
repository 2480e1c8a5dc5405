#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The attackers of the design that can be seen from outside: strangers at another
# address of the access network, while phones register, refresh and go.  SIP time
# runs 10 times as fast, and so do the rates: 20 a second are 200.
#
#      phones 10.45.0.3, 2001:db8:45::3 --.
#                                          >-- gm0 P-CSCF --- core
#      stranger 10.45.0.4 ----------------'
set -eu
timer_scale=10
limits_extra=", connections: 20"
. "$(dirname "$0")/ims.sh"

# Few of everything, so that it can be used up; and phones without sec-agree are
# let in over IPv6.
attackers_core()
{
	sed -i -e 's/temporary-sets: 1000/temporary-sets: 12/' \
		-e "/address: \"$PCSCF6\"/a\\    sec-agree-required: false" "$config"
	cat >> "$config" <<-END
	rates: {source: {per-second: 2, burst: 100}, impi: {per-second: 1, burst: 12}, retry-after: 7}
	END
	core_start
}

# attack NAME WHAT [OPTION..]: in the background, until it has done what it was told.
attack()
{
	nsenter --net=/run/netns/ue "$ims/attacker.py" "$2" --local $UE4_2 --to $PCSCF4 \
		"${@:3}" > "$ims_run/$1.json" &
	attack_pid=$!
}
attacked()	{ wait "$attack_pid"; cat "$ims_run/$1.json"; }
got()		{ grep -oE "\"$2\": [0-9]+" "$ims_run/$1.json" | grep -oE '[0-9]+$' || echo 0; }

# of_status NAME: a counter of the agent.
of_status()	{ gmctl -j status | grep -oE "\"$1\": ?[0-9]+" | head -1 | grep -oE '[0-9]+$'; }
counted()	{ [ "$(of_status "$1")" -gt 0 ] || { gmctl status; return 1; }; }

resident()	{ awk '/VmRSS/ { print $2 }' "/proc/$agent_pid/status"; }

# Not the second, who registers meanwhile: the core has one nonce for a subscriber, and
# a flood that asks for another all the time is no matter of the P-CSCF's.
imsis=$(for i in 1 3 4 5 6 21 22 24 25; do subscriber_imsi $i; echo; done)

# --- a stranger REGISTERs a victim's IMPI ------------------------------------------

stranger_takes_an_impi()
{
	attack impi register --imsi "$(subscriber_imsi 1)" --count 80
	phone_do victim reregister || return 1
	attacked impi
	[ "$(got impi 401)" -gt 0 ] && [ "$(got impi 503)" -gt 0 ] || return 1
	[ "$(got impi retry-after)" = "$(got impi 503)" ] || return 1
	phone_do victim reregister
}

victim_is_whole()
{
	gmctl -j ue | /usr/bin/python3 -c '
import json, sys
ues = [u for u in json.load(sys.stdin)["ues"] if u["registered"]]
sets = [s["state"] for u in ues for s in u["sets"]]
print([u["address"] for u in ues], sets)
sys.exit([u["address"] for u in ues] != ["'$UE4'"] or "temporary" in sets or len(sets) > 2)'
}

# --- floods ---------------------------------------------------------------------------

temp_flood()
{
	attack temp register --imsi $imsis --rate 100 --seconds 6
	sleep 2
	[ "$(of_status temporary-sets)" -le 13 ] || { gmctl status; return 1; }
	ue 2 6 register deregister || return 1
	phone_do victim reregister || return 1
	attacked temp
	[ "$(got temp 401)" -gt 20 ]
}

# A phone that is not registered yet gets in, and pays for nobody.
message_flood()
{
	local before

	before=$(resident)
	attack flood "$@" --seconds 8
	sleep 1
	ue 3 6 --transport tcp register deregister || return 1
	ue 4 4 register deregister || return 1
	phone_do victim reregister || return 1
	attacked flood
	[ "$(($(resident) - before))" -lt 4096 ] || { echo "$before kB, now $(resident)"; return 1; }
}

answered()	{ [ "$(got flood 403)" -gt 0 ] && [ "$(got flood 503)" -gt 0 ]; }

# --- connections ----------------------------------------------------------------------

slow_crowd()
{
	attack crowd crowd --count 40 --seconds 9
	sleep 2
	[ "$(of_status unproven)" -le 20 ] || { gmctl status; return 1; }
	ue 3 6 --transport tcp register deregister || return 1
	attacked crowd
	[ "$(got crowd closed)" -gt 20 ]
}

deaf_peer()
{
	attack deaf deaf --seconds 10
	sleep 2
	ue 3 6 --transport tcp register deregister || return 1
	attacked deaf
	[ "$(got deaf reset)" = 1 ] && counted stuck
}

# --- downgrade ------------------------------------------------------------------------


# A phone without sec-agree, where the listener lets it in: the core is asked, which
# here knows AKA over SAs only; and it is not told the keys.
plain_phone()
{
	ue 6 6 --no-xfrm --no-sec-agree-ok --fault no-sec-agree register deregister || return 1
	! grep '"violation"' "$ue_log"
}

stripped_offers()
{
	# Where access without sec-agree is allowed: not for one that was here with it.
	ue 5 4 register deregister || return 1
	ue 5 6 --fault no-sec-agree "expect 421 register" || return 1
	# Where it is not, for nobody.
	ue 6 4 --fault no-sec-agree "expect 421 register" || return 1
	# Its offer was cut out and the tags were not: for nobody either.
	ue 6 6 --fault no-security-client "expect 494 register" || return 1
}


# --- forgeries of a REGISTER ----------------------------------------------------------

forged_integrity()
{
	ue 4 4 --fault forged-integrity register deregister
}

ktap_print_header
ktap_set_plan 21
ims_up attackers_core
# Of what strangers do; the test's own level traces each message besides.
log_is_short()
{
	local lines

	lines=$(grep -v '^gmgated: debug: ' "$agent_log" | tee "$ims_run/lines" | wc -l)
	[ "$lines" -lt 10000 ] && return
	echo "$lines lines; what there is most of, without its numbers:"
	tr -d '0-9' < "$ims_run/lines" | cut -c1-100 | sort | uniq -c | sort -rn | head -8
	return 1
}

phone_open victim 1 4
ktap_test "a phone registers" phone_do victim register
ktap_test "a stranger registers its IMPI: 401s, then 503 with Retry-After; it refreshes on" \
	stranger_takes_an_impi
ktap_test "its sets are its own" victim_is_whole
ktap_test "the REGISTERs for one IMPI were counted" counted beyond-impi
ktap_test "TEMP flood: a cap, and other phones register meanwhile" temp_flood
ktap_test "the phone's sets are still its own" victim_is_whole
ktap_test "flood of OPTIONS: phones register, the agent does not grow" message_flood options
ktap_test "they got 403, and then 503" answered
ktap_test "they were counted" counted beyond-source
ktap_test "flood of quadratic headers: phones register, the agent does not grow" \
	message_flood bloated --size 4000
ktap_test "they were dropped before they were parsed" counted commas
capture_start wire pcscf gm0		# without the floods
ktap_test "a crowd of one-octet connections: a cap, and phones connect" slow_crowd
ktap_test "a peer that never reads is not read from, and reset" deaf_peer
ktap_test "a phone without sec-agree registers where that is allowed" plain_phone
ktap_test "stripped offers: 421 and 494" stripped_offers
ktap_test "integrity-protected of a UE does not reach the core" forged_integrity
ktap_test "the phone refreshes and leaves" phone_do victim deregister
ktap_test "no set is left" no_set_left $((240 / timer_scale + 10))
capture_stop wire
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_test "the log has no more lines than it may" log_is_short
ktap_finished
