#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hundreds of phones at once, with ESP and AKA of ueload's own: a second implementation of the
# UE's side, which neither the kernel's XFRM nor the other tests' Python have to do with.
#
#     netns pcscf: ueload -- tun0 -- agent -- mw0 -- netns core: coreload
set -eu
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"

N=200
core_extra="reg-event: false"
load=$repo/build/load
ue_in=$ims_run/ueload.in ue_out=$ims_run/ueload.out
core_in=$ims_run/coreload.in core_out=$ims_run/coreload.out
ue_fd= core_fd=

load_core()
{
	mkfifo "$core_in" "$core_out"
	exec {core_fd}<> "$core_out"
	nsenter --net=/run/netns/core "$load/coreload" $CORE4 5060 $domain <> "$core_in" > "$core_out" &
	defer stop_process $!
	read -r -t 30 -u "$core_fd" line
}

# load_phones cbc|null
load_phones()
{
	in_pcscf ip tuntap add tun0 mode tun 2> /dev/null || true
	in_pcscf ip link set tun0 up mtu 1500
	in_pcscf ip route replace 10.64.0.0/10 dev tun0
	in_pcscf sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun0.rp_filter=0
	rm -f "$ue_in" "$ue_out"
	mkfifo "$ue_in" "$ue_out"
	exec {ue_fd}<> "$ue_out"
	nsenter --net=/run/netns/pcscf "$load/ueload" tun0 $PCSCF4 5060 $domain "$1" <> "$ue_in" > "$ue_out" &
	ue_pid=$!
	defer stop_process $ue_pid
	read -r -t 30 -u "$ue_fd" line
}

# phones JOB [FIRST]: all of them do it, 100 a second, and all of them well.
phones()
{
	local line

	echo "$1 ${2:-0} $N 100" > "$ue_in"
	read -r -t 100 -u "$ue_fd" line || { echo "$1 has no end"; return 1; }
	echo "$line"
	[[ $line == *"\"ok\":$N,\"failed\":0,\"lost\":0,"* ]]
}

# counted NAME NUMBER: of the core.
counted()
{
	local line

	echo > "$core_in"
	read -r -t 30 -u "$core_fd" line
	[[ $line == *"\"$1\":$2,"* && $line == *'"gone":0,"wrong":0}' ]] || { echo "$line"; return 1; }
}

registered()	{ phones register && counted registrations "$1" && sets_are $((N + ${2:-0})); }

# Of the daemon: so many UEs, and each has one set in use.
agent_agrees()
{
	gmctl -j ue > "$said"
	/usr/bin/python3 -c '
import json, sys
ues = json.load(open(sys.argv[1]))["ues"]
ours = [u for u in ues if u["address"].startswith("10.64.")]
assert len(ours) == int(sys.argv[2]), len(ours)
for u in ours:
    assert u["registered"] and u["in-use"], u
    assert sum(s["state"] == "in-use" for s in u["sets"]) == 1, u' "$said" $N
}

refreshed()	{ phones refresh && counted refreshes $N && agent_agrees; }

# New SAs for each; the old ones are used no more.
reregistered()
{
	phones reregister && counted registrations $((2 * N)) || return 1
	phones message && agent_agrees
}

subscribed()	{ phones subscribe && counted notified $N; }
messages()	{ phones message && counted delivered $N; }

# Without encryption, registered in clear from the same addresses: new sets, the old ones go.
without_encryption()
{
	phones register || return 1
	phones message && sets_are $N || return 1
	[ "$(gmctl -j set list | grep -o '"ealg":"null"\|"ealg": "null"' | wc -l)" = $N ]
}

# What no phone has sent, or not so: nothing.
nothing_dropped()
{
	gmctl -j stats kernel > "$said"
	! grep -oE '"(integrity|replay|unknown-spi|binding|clear-in)": ?[1-9][0-9]*' "$said"
}

ktap_print_header
ktap_set_plan 8
[ -x "$load/ueload" ] || ktap_skip_all "build/load/ueload is not built: make tools"
modprobe -q tun 2> /dev/null || true
ims_up load_core
load_phones cbc
ktap_test "$N phones register" registered $N
ktap_test "the daemon knows them, each with a set in use" agent_agrees
ktap_test "they refresh on their SAs" refreshed
ktap_test "they subscribe, and are notified" subscribed
ktap_test "a message of each, up and down" messages
ktap_test "they register again, with new SAs, and use these" reregistered
ktap_test "the kernel dropped nothing" nothing_dropped
stop_process $ue_pid
exec {ue_fd}>&-
load_phones null
ktap_test "without encryption, from the same addresses" without_encryption
ktap_finished
