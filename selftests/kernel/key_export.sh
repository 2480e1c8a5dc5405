#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# key-get: no key leaves the kernel unless the module's parameter key_export and the
# endpoint's flag key-export are both on, since before the set was installed; what
# comes out then are the keys that went in; each switch that goes off wipes them.
# gmctl wireshark writes them into a file of its own, or says which switch is off.
#
#     netns pcscf: key_export.py, gmctl ---- generic netlink ---- gmgate.ko
#     netns other: the same family, a world of its own
set -eu
. "$(dirname "$0")/../lib.sh"

here=$selftests/kernel
work=$(mktemp -d /tmp/gmgate-keys-XXXXXX)
defer rm -rf "$work"
parameter=/sys/module/gmgate/parameters/key_export

raw()		{ in_ns "${ns:-pcscf}" /usr/bin/python3 "$here/key_export.py" "$@"; }
gmctl()		{ in_pcscf "$repo/agent/gmctl" "$@"; }

# said PATTERN: a line of the kernel's log since this script began.
log_begins="key_export.sh begins $$"
echo "$log_begins" > /dev/kmsg
said()		{ dmesg | sed "1,/$log_begins/d" | grep -q -- "$1"; }

switch()	{ echo "$1" > $parameter; }
default_off()	{ [ "$(cat $parameter)" = N ] && [ "$(stat -c %a:%u $parameter)" = 644:0 ]; }

nonsense()
{
	! switch maybe 2> /dev/null || return 1
	[ "$(cat $parameter)" = N ]
}

# key_export alone and key_export=1, when the module is loaded.
at_load()
{
	rmmod gmgate
	load_gmgate key_export=1
	[ "$(cat $parameter)" = Y ] && raw every-suite
	rmmod gmgate
	load_gmgate key_export
	[ "$(cat $parameter)" = Y ]
	switch 0
	rmmod gmgate
	load_gmgate
	[ "$(cat $parameter)" = N ]
}

stranger()
{
	in_pcscf setpriv --reuid 65534 --regid 65534 --clear-groups /usr/bin/python3 \
		"$here/key_export.py" nobody "$1"
	in_pcscf unshare -Ur /usr/bin/python3 "$here/key_export.py" nobody "$1"
}

# refuses STATUS TEXT WORD..: gmctl wireshark, and no file of it is left
refuses()
{
	local status=$1 text=$2 got=0

	shift 2
	gmctl wireshark "$@" > "$work/said" 2>&1 || got=$?
	[ $got = "$status" ] && grep -qF -- "$text" "$work/said" && [ ! -e "$work/table" ] ||
		{ echo "$got:"; cat "$work/said"; return 1; }
}

names_the_switches()
{
	switch 0
	gmctl endpoint change "$endpoint" key-export off
	refuses 1 "echo 1 > $parameter" -o "$work/table" || return 1
	grep -q "endpoint $endpoint lets no keys out: .*gmctl endpoint change $endpoint key-export on" "$work/said"
	gmctl endpoint change "$endpoint" key-export on
	refuses 1 "echo 1 > $parameter" -o "$work/table" || return 1
	! grep -q "endpoint $endpoint" "$work/said" || return 1
	switch 1
	gmctl endpoint change "$endpoint" key-export off
	refuses 1 "endpoint $endpoint lets no keys out" -o "$work/table" || return 1
	! grep -q "$parameter" "$work/said" || return 1
	gmctl endpoint change "$endpoint" key-export on
	refuses 1 "set $set was installed while key export was off" -o "$work/table"
}

# The table has what went in, in a file that is nobody else's.
table()
{
	umask 0
	gmctl wireshark -o "$work/table"
	[ "$(stat -c %a:%u "$work/table")" = 600:0 ]
	raw same-table "$work/table"
	gmctl wireshark > "$work/stdout"
	cmp "$work/table" "$work/stdout"
	gmctl wireshark 10.45.0.3 > "$work/stdout"
	cmp "$work/table" "$work/stdout"
}

# Nothing that is there is written to, nor what a link points at.
no_overwriting()
{
	local status=0

	: > "$work/there"
	ln -s "$work/elsewhere" "$work/link"
	! gmctl wireshark -o "$work/there" 2> "$work/said" || return 1
	! gmctl wireshark -o "$work/link" 2>> "$work/said" || return 1
	[ "$(grep -c 'File exists' "$work/said")" = 2 ] && [ ! -s "$work/there" ] && [ ! -e "$work/elsewhere" ]
	# A full disk leaves no part of a table.
	gmctl wireshark > /dev/full 2> "$work/said" || status=$?
	[ $status = 1 ] && grep -q "cannot write" "$work/said"
}

bad_words()
{
	refuses 2 "-o: say the file" -o && refuses 2 "no such option: -x" -x &&
	refuses 2 "with -j say a file" -j && refuses 1 "no such set" -o "$work/table" 10.45.0.99
}

logged()
{
	said 'gmgate: key_export is on: ' && said 'gmgate: key_export is off: ' &&
		said "gmgate: endpoint [0-9]*: key-export is on, the module's key_export is not" &&
		said 'gmgate: endpoint [0-9]*: key-export is off'
}

# Both switches go on and off while sets come, are read and go.
race()
{
	local i program

	in_pcscf /usr/bin/python3 "$here/key_export.py" churn 6 > "$work/churn" 2>&1 &
	program=$!
	for ((i = 0; i < 600; i++)); do
		kill -0 $program 2> /dev/null || break
		switch $((i & 1))
		sleep 0.1
	done
	wait $program || { cat "$work/churn"; return 1; }
	cat "$work/churn"
	grep -q '^both' "$work/churn"
	switch 0
}

ip netns add pcscf
defer ip netns del pcscf
ip netns add other
defer ip netns del other
in_pcscf ip link set lo up
load_gmgate
defer wait_for 60 unload_gmgate

ktap_print_header
ktap_set_plan 28
ktap_test "off by default, for root to switch" default_off
ktap_test "a value that is none changes nothing" nonsense
ktap_test "neither switch: no key" raw refused "parameter key_export is off" 0
ktap_test "the endpoint's alone: no key" raw refused "parameter key_export is off" 4
switch 1
ktap_test "the module's alone: no key" raw refused "flag key-export is off" 0
ktap_test "both: what went in comes out, every suite" raw every-suite
ktap_test "IPv6" raw ipv6
ktap_test "the answer has no more than the spec says, and no room for it" raw answer
ktap_test "a set from before the endpoint's switch: ENOKEY" raw before-endpoint
ktap_test "a set from before the module's switch: ENOKEY" raw before-module
ktap_test "the endpoint's off: refused, and wiped" raw endpoint-off
ktap_test "the module's off: refused, and wiped" raw module-off
ktap_test "the module's off: of every namespace" raw module-off-elsewhere other
ktap_test "an endpoint that takes another's place begins with its own switch" raw replaced
ktap_test "only key-export can change, and by its owner" raw change-refusals
ktap_test "another instance's set, and one that is not there" raw others
ktap_test "not from another namespace" raw namespaces other
ktap_test "no key in lists, shows, events, errors" raw nowhere-else
ktap_test "each read-out is an event" raw event
ktap_test "without CAP_NET_ADMIN: EPERM, with both on" raw with-set 4 "$here/key_export.py" nobody
switch 0
read -r endpoint set < <(raw leave 0)
ktap_test "also to nobody's process and root of a user namespace" stranger "$set"
ktap_test "gmctl wireshark says which switch is off, and how to put it on" names_the_switches
gmctl endpoint del "$endpoint"
read -r endpoint set < <(raw leave 4)
ktap_test "gmctl wireshark: the keys that went in, in a file for its owner alone" table
ktap_test "gmctl wireshark: neither over a file nor through a link" no_overwriting
rm -f "$work/table"
ktap_test "gmctl wireshark: words that are wrong" bad_words
gmctl endpoint del "$endpoint"
ktap_test "the kernel's log tells of each switch" logged
ktap_test "switches while sets come and go" race
ktap_test "as a parameter of insmod" at_load
ktap_finished
