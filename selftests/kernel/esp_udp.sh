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

# moved COUNTER BEFORE BY
moved()		{ echo "$1 by $(($(counter "$1") - $2))"; [ $(($(counter "$1") - $2)) -eq "$3" ]; }

clear_refused()
{
	[ -z "$(protected_clear wire)" ] || { protected_clear wire; return 1; }
}

all_good()
{
	local verdict

	verdict=$(icv_judge wire "${!set_number[@]}")
	echo "good, all: $verdict"
	# shellcheck disable=SC2086
	set -- $verdict
	[ "$1" = "$2" ] && [ "$2" -ge 150 ]
}

one_suite()
{
	local name=$1 version=$2 label="IPv$2 $3" log=$work/$1.log in out server

	in=$(counter in-packets)
	out=$(counter out-packets)
	set_up "$name" "$version" "$3"
	peer pcscf "$log" "$udp_peer" serve "$(at "$name" ps)" "$(at "$name" pc)"
	server=$spawned
	ktap_test "$label: $SIZES octets, there and back" echoed "$name"
	stop_process "$server"
	ktap_test "$label: the set's id came with each" all_marked "$log" "${set_id[$name]}"
	ktap_test "$label: in-packets" moved in-packets "$in" "$COUNT"
	# the datagram of one octet has no room for a port to answer to
	ktap_test "$label: out-packets" moved out-packets "$out" $((COUNT - 1))
	ue_flush
}

ktap_print_header
ktap_set_plan $((8 * 4 + 3))
topo_up
load_gmgate
defer unload_gmgate
for version in 4 6; do endpoint_up $version; done
defer eval 'endpoint_down 4; endpoint_down 6'
capture_start wire pcscf gm0
drops > "$work/before"
for version in 4 6; do
	n=0
	for suite in $SUITES; do
		n=$((n + 1))
		one_suite "v$version-$n" $version "$suite"
	done
done
ktap_test "no drop was counted" drops_reached ""
capture_stop wire
ktap_test "no clear text on the wire" clear_refused
ktap_test "tshark finds every ICV good" all_good
ktap_finished
