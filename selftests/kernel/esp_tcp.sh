#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TCP inside ESP against stock XFRM: each suite, both families, connections
# opened by either side, from one octet to megabytes in large segments that the
# module must split, both ways at once and octet for octet.
#
#     netns ue (ip xfrm)                        netns pcscf (gmgate)
#     port_uc --- SYN, spi_ps ----------------> port_ps   accept(): mark = set id
#     port_uc <-- SYN ACK, data, spi_uc ------- port_ps
#     port_us <-- SYN, spi_us ----------------- port_pc   connect() with that mark
#     port_us --- SYN ACK, data, spi_pc ------> port_pc
#
# veth keeps TSO on at both ends: what reaches the module has up to 64 kB.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/kernel/sets.sh"

SIZE=400000		# octets each way, of every suite
BULK=4000000		# of the first and the last

marked()
{
	[ "$(grep -c "\"mark\": $2, \"good\": true" "$1")" = "$3" ] || { cat "$1"; return 1; }
}

# grew COUNTER LEAST
grew()		{ stats_read; echo "$1 by $(moved "$1")"; [ "$(moved "$1")" -ge "$2" ]; }

wire_fits()	{ [ "$(capture_count wire 'ip[2:2] > 1500 or ip6[4:2] > 1460')" = 0 ]; }

one_suite()
{
	local name=$1 version=$2 size=$4 label="IPv$2 $3" server

	set_up "$name" "$version" "$3"
	peer pcscf "$work/down.log" "$tcp_peer" serve "$(at "$name" ps)"
	server=$spawned
	ktap_test "$label: UE connects, one octet" \
		in_ue "$tcp_peer" connect "$(at "$name" uc)" "$(at "$name" ps)" 1
	ktap_test "$label: UE connects, $size octets each way" \
		in_ue "$tcp_peer" connect "$(of "$name" ue),$(of "$name" port_uc)" \
			"$(at "$name" ps)" "$size"
	ktap_test "$label: accepted sockets have the set's mark" \
		marked "$work/down.log" "${set_id[$name]}" 2
	stop_process "$server"
	peer ue "$work/up.log" "$tcp_peer" serve "$(at "$name" us)"
	server=$spawned
	ktap_test "$label: P-CSCF connects with the mark, $SIZE octets each way" \
		in_pcscf "$tcp_peer" connect "$(at "$name" pc)" "$(at "$name" us)" $SIZE \
			--mark "${set_id[$name]}"
	stop_process "$server"
	ue_flush
}

ktap_print_header
ktap_set_plan $((8 * 4 + 5))
lab_up
for version in 4 6; do endpoint_up $version; done
in_pcscf ethtool -k gm0 2>/dev/null | grep -E '^tcp-segmentation-offload' | sed 's/^/# gm0 /' || true
capture_start wire pcscf gm0 'esp or ip proto 6 or ip6 proto 6 or ip6 proto 44'
stats_mark
for version in 4 6; do
	n=0
	for suite in $SUITES; do
		n=$((n + 1))
		case $version$n in
		41|64) size=$BULK ;;
		*) size=$SIZE ;;
		esac
		one_suite "v$version-$n" $version "$suite" $size
	done
done
ktap_test "no drop was counted" drops_reached ""
ktap_test "out-bytes hold what was sent" grew out-bytes $((14 * SIZE + 2 * BULK))
capture_stop wire
ktap_test "no clear text on the wire" wire_silent wire
ktap_test "nothing on the wire is longer than the link carries" wire_fits
ktap_test "tshark finds every ICV good" icv_all_good wire 400
ktap_finished
