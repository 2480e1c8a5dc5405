#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the agent needs and keeps: it runs as an ordinary user with
# CAP_NET_ADMIN only, reaches the core over TCP, says clearly what is missing at
# start, and adopts or replaces what an earlier life declared.
set -eu
next_hop_transport=tcp
. "$(dirname "$0")/ims.sh"

user=nobody
uid=$(id -u $user)
state=$ims_run/state

as_user()
{
	write_config
	chmod 711 "$ims_run"
	mkdir -p "$state"
	chown $user "$state"
	sed -i "s#^user:.*#user: $user#; s#^trace:.*#trace: $state/trace.jsonl#" "$config"
	sed -i "s#^control:.*#control: $state/run/control.sock#" "$config"
	sed -i "s#^store:.*#store: $state/store/registrations#" "$config"
	trace_log=$state/trace.jsonl
}

# The socket is elsewhere here.
gmctl()		{ in_pcscf "$agent/gmctl" -s "$state/run/control.sock" "$@"; }
agent_answers()	{ gmctl status; }

status_has()	{ grep -qE "^$1:\s+$2" "/proc/$agent_pid/status" || { grep "$1" "/proc/$agent_pid/status"; return 1; }; }

# Field note 49.
rights()
{
	status_has Uid "$uid\s+$uid\s+$uid\s+$uid" &&
	status_has CapEff 0000000000001000 && status_has CapPrm 0000000000001000 &&
	status_has CapInh 0000000000000000 && status_has CapBnd 0000000000000000 &&
	status_has CapAmb 0000000000000000 && status_has NoNewPrivs 1 &&
	status_has Groups "\s*$"
}

no_core()
{
	grep -qE '^Max core file size +0 +0 ' "/proc/$agent_pid/limits" || return 1
	# Not even its own user may look into it.
	! setpriv --reuid "$uid" --clear-groups cat "/proc/$agent_pid/environ" 2>/dev/null
}

# asks UID GID [OPTION..]: gmctl of that user
asks()
{
	in_pcscf setpriv --reuid "$1" --regid "$2" "${@:3}" \
		"$agent/gmctl" -s "$state/run/control.sock" -j log > /dev/null
}

# Root, its user, and its group as the first or as another one; nobody else.
private_socket()
{
	local gid

	gid=$(id -g $user)
	[ "$(stat -c '%U %g %a' "$state/run/control.sock")" = "$user $gid 660" ] || return 1
	asks 0 0 --clear-groups && asks "$uid" 12345 --clear-groups || return 1
	asks 12345 "$gid" --clear-groups && asks 12345 12345 --groups "$gid" || return 1
	! asks 12345 12345 --clear-groups 2> "$state/said" || return 1
	grep -q "no access to .*: Permission denied" "$state/said" || return 1
	# Not even where the mode would let them in.
	chmod 751 "$state/run"
	chmod 666 "$state/run/control.sock"
	! asks 12345 12345 --clear-groups 2> "$state/said" || return 1
	grep -q "only root, the agent's user and its group may ask" "$state/said" ||
		{ cat "$state/said"; return 1; }
	chmod 660 "$state/run/control.sock"
	chmod 750 "$state/run"
	grep -q "control socket: uid 12345, pid [0-9]* may not ask" "$agent_log"
}

fwmark_accept()
{
	[ "$(in_pcscf cat /proc/sys/net/ipv4/tcp_fwmark_accept)" = 1 ]
}

# fails_with TEXT COMMAND..: ends by itself, soon, and says why.
fails_with()
{
	local text=$1 said

	shift
	said=$(timeout 20 "$@" 2>&1) && { echo "it worked: $said"; return 1; }
	grep -qF -- "$text" <<< "$said" || { echo "it says: $said"; return 1; }
}

read_only_sysctl()
{
	in_pcscf sysctl -qw net.ipv4.tcp_fwmark_accept=0
	fails_with tcp_fwmark_accept nsenter --net=/run/netns/pcscf unshare -m sh -c \
		"mount -o bind,ro /proc/sys /proc/sys && exec $agent/gmgated --config $config"
}

endpoint_ports()	{ gmctl endpoint list | grep -c "port-c 6101,6102,6103,$1"; }

endpoint_ids()	{ gmctl endpoint list | awk '/^endpoint/ { print $2 }'; }

other_ports()
{
	[ "$(endpoint_ports 6105)" = 2 ] && [ "$(endpoint_ports 6104)" = 0 ] && sets_are 0
}

# adopted ENDPOINTS SETS: those of before
adopted()	{ [ "$1" = "$(endpoint_ids)" ] && [ -n "$2" ] && [ "$2" = "$(set_ids)" ]; }

private_store()
{
	[ "$(stat -c '%U %a' "$state/store/registrations")" = "$user 600" ] &&
		[ "$(stat -c '%U %a' "$state/store")" = "$user 750" ]
}

# A second agent of the instance touches nothing of the first one's.
only_one()
{
	fails_with "another gmgated has it" \
		nsenter --net=/run/netns/pcscf "$agent/gmgated" --config "$config" || return 1
	[ "$sets_before" = "$(set_ids)" ]
}

good_file()	{ "$agent/gmgated" --check "$config"; }

bad_file()
{
	sed 's/visited-network-id/visited-network/' "$config" > "$state/bad.yaml"
	fails_with "bad.yaml:6: visited-network: no such key" \
		"$agent/gmgated" --check "$state/bad.yaml"
}

status_is_json()
{
	gmctl -j status | /usr/bin/python3 -c 'import json, sys; s = json.load(sys.stdin); \
		assert s["register"]["registrations"] > 0, s'
	gmctl -j ue | /usr/bin/python3 -c 'import json, sys; u = json.load(sys.stdin)["ues"]; \
		u = [x for x in u if x["registered"]]; \
		assert len(u) == 1 and u[0]["in-use"], u; \
		assert "token" not in u[0], u'
}

ktap_print_header
ktap_set_plan 22
topo_up
as_user
ktap_test "without the module it says so" fails_with "gmgate.ko" \
	nsenter --net=/run/netns/pcscf "$agent/gmgated" --config "$config"
load_gmgate
defer module_unload
ktap_test "--check: a good file" good_file
ktap_test "--check: a bad one, with line and key" bad_file
ktap_test "tcp_fwmark_accept that cannot be set is said" read_only_sysctl
core_start
agent_start
ktap_test "tcp_fwmark_accept is set where it may be" fwmark_accept
ktap_test "an ordinary user with CAP_NET_ADMIN, nothing else" rights
ktap_test "no core dump, no look into it" no_core
ktap_test "the control socket is for root, its user and its group" private_socket
ktap_test "and so is the store" private_store
hops_start
ktap_test "UDP, core over TCP" ue 1 4 --transport udp register reregister deregister
ktap_test "TCP, core over TCP" ue 2 6 --transport tcp register reregister deregister
agent_stop
ktap_test "after an orderly end the endpoints stay declared" \
	fails_with "in use" rmmod gmgate
before=$(endpoint_ids) sets_before=$(set_ids)
agent_start
ktap_test "the next life adopts them with their sets" adopted "$before" "$sets_before"
ktap_test "another agent of the same instance does not start" only_one
ktap_test "a UE registers there" ue 1 4 --transport tcp register
ktap_test "status and ue are JSON, without the Path token" status_is_json
agent_stop
sed -i 's/6104\]/6105]/' "$config"
agent_start
ktap_test "changed ports are declared anew" other_ports
ktap_test "a UE registers there, too" ue 1 4 --transport udp register deregister
capture_stop
ktap_test "wire: nothing clear left a protected port" judge wire
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)" \
	"$state/store/registrations"
agent_stop
ktap_finished
