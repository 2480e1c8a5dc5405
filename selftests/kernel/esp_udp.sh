#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# UDP inside ESP against stock XFRM: each suite, both families, from one octet to
# three IP fragments, both ways and octet for octet.
#
#     netns ue (ip xfrm)                     netns pcscf (gmgate)
#     port_uc --- request, spi_ps ---------> port_ps   mark = id of the set
#     port_us <-- answer, spi_us ----------- port_pc   sent with that mark
#
# tshark, with the keys, then judges every ESP packet that was on the wire.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

# 1402 and 1378: the largest that fit 1500 octets in hmac-*-96/null; with
# aes-cbc they are fragmented, as is 1472 with both.
SIZES="1 2 3 100 600 1300 1378 1402 1444 1472 4000"

COUNT=$(wc -w <<< "$SIZES")

# echoed NAME: each size comes back unchanged.
echoed()
{
	# shellcheck disable=SC2086
	in_ue "$udp_peer" echo "$(at "$1" uc)" "$(at "$1" us)" "$(at "$1" ps)" $SIZES
}

# all_marked LOG ID: all came, each with the id of the set.
all_marked()
{
	[ "$(grep -c "\"mark\": $2," "$1")" = "$COUNT" ] &&
		[ "$(grep -c '"mark"' "$1")" = "$COUNT" ] || { cat "$1"; return 1; }
}

# counted: each came in and was counted, and each answer.  The datagram of one
# octet has no room for a port to answer to.
counted()
{
	local in out

	in=$(moved in-packets)
	out=$(moved out-packets)
	echo "in-packets by $in, out-packets by $out"
	[ "$in" -eq "$COUNT" ] && [ "$out" -eq $((COUNT - 1)) ]
}

one_suite()
{
	local name=$1 version=$2 label="IPv$2 $3" log=$work/$1.log server

	stats_mark
	set_up "$name" "$version" "$3"
	peer pcscf "$log" "$udp_peer" serve "$(at "$name" ps)" "$(at "$name" pc)"
	server=$spawned
	ktap_test "$label: $SIZES octets, there and back" echoed "$name"
	stop_process "$server"
	ktap_test "$label: the set's id came with each" all_marked "$log" "${set_id[$name]}"
	stats_read
	ktap_test "$label: all are counted" counted
	ktap_test "$label: no drop is counted" drops_reached ""
	ue_flush
}

ktap_print_header
ktap_set_plan $((2 * 8 * 4 + 2))
lab_up
for version in 4 6; do endpoint_up $version; done
capture_start wire pcscf gm0
for version in 4 6; do
	n=0
	for suite in $SUITES; do
		n=$((n + 1))
		one_suite "v$version-$n" $version "$suite"
	done
done
capture_stop wire
ktap_test "no clear text on the wire" wire_silent wire
# of the fourteen that tshark knows: aes-gmac is left out
ktap_test "tshark finds every ICV good" icv_all_good wire $((14 * (2 * COUNT - 1)))
ktap_finished
