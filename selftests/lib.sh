# SPDX-License-Identifier: GPL-2.0-or-later
# What every test script sources: the three hosts, the module, KTAP, captures.
#
#        netns ue            |           netns pcscf            |   netns core
#   ue0 10.45.0.3/8  --------+- gm0 10.4.128.21/8               |
#       10.45.0.4            |      2001:db8:4:128::21/32       |
#       2001:db8:45::3/32    |         mw0 192.0.2.1/24  -------+- core0 192.0.2.2/24
#       2001:db8:45::4       |             fd00:2::1/64         |        fd00:2::2/64
#
# The phone's side is stock Linux; gmgate runs in pcscf.  A script is run as
# root, in a guest (selftests/guest/run) or on a machine whose kernel the module
# was built for (make modules; make -C selftests run_tests).

selftests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
repo=${selftests%/*}
: "${GMGATE_OUT:=$repo/build/log}"
: "${GMGATE_MODDIR:=$repo/build/$(uname -r)/kmod}"
: "${GMGATE_SHARED=$repo/../shared}"
export GMGATE_OUT GMGATE_MODDIR GMGATE_SHARED

UE4=10.45.0.3 UE6=2001:db8:45::3
UE4_2=10.45.0.4 UE6_2=2001:db8:45::4
PCSCF4=10.4.128.21 PCSCF6=2001:db8:4:128::21
MW4=192.0.2.1 MW6=fd00:2::1
CORE4=192.0.2.2 CORE6=fd00:2::2

# --- what is to be undone at the end -----------------------------------------

deferred=()

# defer COMMAND..: run at exit, the last one first.
defer()		{ deferred+=("$(printf '%q ' "$@")"); trap run_deferred EXIT; }

run_deferred()
{
	local status=$? i

	trap - EXIT
	for ((i = ${#deferred[@]} - 1; i >= 0; i--)); do
		eval "${deferred[i]}" || true
	done
	exit $status
}

# --- KTAP --------------------------------------------------------------------

ktap_plan=0 ktap_passed=0 ktap_failed=0 ktap_skipped=0

ktap_print_header()	{ echo "TAP version 13"; }
ktap_print_msg()	{ echo "# $*"; }
ktap_set_plan()		{ ktap_plan=$1; echo "1..$1"; }
ktap_number()		{ echo $((ktap_passed + ktap_failed + ktap_skipped)); }

ktap_test_pass()
{
	ktap_passed=$((ktap_passed + 1))
	echo "ok $(ktap_number) $1${2:+ # $2}"
}

# ktap_test_fail NAME [why]
ktap_test_fail()
{
	ktap_failed=$((ktap_failed + 1))
	echo "not ok $(ktap_number) $1${2:+ # $2}"
}

# ktap_test_skip NAME [why]
ktap_test_skip()
{
	ktap_skipped=$((ktap_skipped + 1))
	echo "ok $(ktap_number) $1 # SKIP${2:+ $2}"
}

# ktap_skip_all WHY: the whole script has nothing to run on here.
ktap_skip_all()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# ktap_test NAME COMMAND..: passes when the command succeeds; what it printed is
# shown when it does not.  In a script that runs under "set -e" the first command
# of a function that fails ends it, as everywhere else: hence no "||" here, behind
# which the shell would go on to the next.
ktap_test()
{
	local name=$1 output status errexit=+e

	shift
	case $- in *e*) errexit=-e ;; esac
	set +e
	output=$(set $errexit; "$@" 2>&1)
	status=$?
	set $errexit
	case $status in
	0) ktap_test_pass "$name" ;;
	4) ktap_test_skip "$name" "$output" ;;
	*)
		[ -z "$output" ] || sed 's/^/# /' <<< "$output"
		ktap_test_fail "$name" "status $status"
		;;
	esac
	return 0
}

# ktap_finished: prints the sums and exits: 0 all passed, 1 some did not (or the
# plan was not kept), 4 all were skipped.
ktap_finished()
{
	local sum=$((ktap_passed + ktap_failed + ktap_skipped))

	if [ "$sum" -ne "$ktap_plan" ]; then
		echo "# planned $ktap_plan tests, ran $sum"
		ktap_failed=$((ktap_failed + 1))
	fi
	echo "# Totals: pass:$ktap_passed fail:$ktap_failed xfail:0 xpass:0 skip:$ktap_skipped error:0"
	[ "$ktap_failed" -eq 0 ] || exit 1
	[ "$ktap_passed" -gt 0 ] || exit 4
	exit 0
}

# --- waiting -----------------------------------------------------------------

# wait_for SECONDS COMMAND..: until the command succeeds; fails when the time is
# up.
wait_for()
{
	local end=$((SECONDS + $1 + 1))

	shift
	until "$@" > /dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# --- hosts -------------------------------------------------------------------

# Only the network changes: /sys keeps tracefs and debugfs, and a command in the
# background is the process itself, so that $! can be killed.
in_ns()		{ local ns=$1; shift; nsenter --net="/run/netns/$ns" "$@"; }
in_ue()		{ in_ns ue "$@"; }
in_pcscf()	{ in_ns pcscf "$@"; }
in_core()	{ in_ns core "$@"; }

spawned=

# spawn NETNS COMMAND..: in the background, killed at the end of the script; its
# process id is in $spawned.
spawn()
{
	local ns=$1

	shift
	nsenter --net="/run/netns/$ns" "$@" &
	spawned=$!
	defer stop_process "$spawned"
}

# stop_process PID [SIGNAL]: and wait for its end.
stop_process()
{
	kill "-${2:-TERM}" "$1" 2>/dev/null || return 0
	wait "$1" 2>/dev/null || true
}

# One process per host: under emulation starting a program is what costs.
topo_up()
{
	local ns

	for ns in ue pcscf core; do
		[ ! -e "/run/netns/$ns" ] || { echo "netns $ns exists already" >&2; return 1; }
	done
	defer topo_down
	modprobe -q veth 2>/dev/null || true
	ip -batch - <<-END
	netns add ue
	netns add pcscf
	netns add core
	link add ue0 netns ue type veth peer name gm0 netns pcscf
	link add mw0 netns pcscf type veth peer name core0 netns core
	END
	ip -n ue -batch - <<-END
	link set lo up
	link set ue0 up
	addr add $UE4/8 dev ue0
	addr add $UE4_2/8 dev ue0
	addr add $UE6/32 dev ue0 nodad
	addr add $UE6_2/32 dev ue0 nodad
	END
	ip -n pcscf -batch - <<-END
	link set lo up
	link set gm0 up
	link set mw0 up
	addr add $PCSCF4/8 dev gm0
	addr add $PCSCF6/32 dev gm0 nodad
	addr add $MW4/24 dev mw0
	addr add $MW6/64 dev mw0 nodad
	END
	ip -n core -batch - <<-END
	link set lo up
	link set core0 up
	addr add $CORE4/24 dev core0
	addr add $CORE6/64 dev core0 nodad
	END
	# An accepted connection carries the set of its SYN.
	in_pcscf sysctl -qw net.ipv4.tcp_fwmark_accept=1
	wait_for 30 in_ue ping -c1 -W1 $PCSCF6
	wait_for 30 in_core ping -c1 -W1 $MW6
}

topo_down()
{
	local ns

	for ns in ue pcscf core; do
		[ ! -e "/run/netns/$ns" ] || ip netns del $ns
	done
}

# --- the module --------------------------------------------------------------

# What the module needs where it is not built in; what is not there either way
# shows in the insmod.
load_gmgate()
{
	modprobe -qa nf_defrag_ipv4 nf_defrag_ipv6 xfrm_user esp4 esp6 \
		cbc hmac md5 sha1_generic authenc echainiv des_generic gcm 2>/dev/null || true
	insmod "$GMGATE_MODDIR/gmgate.ko" "$@"
}

load_gmgate_test()	{ insmod "$GMGATE_MODDIR/gmgate_test.ko" "$@"; }
unload_gmgate()		{ rmmod gmgate; }

# --- captures ----------------------------------------------------------------

declare -A capture_pid

capture_file()	{ echo "$GMGATE_OUT/$(basename "$0" .sh)-$$-$1.pcap"; }

# capture_start NAME NETNS IFACE [FILTER]: from now on every packet of the
# interface is kept in $(capture_file NAME).  A device that is not Ethernet takes
# a slot of the snapshot length for each packet: with tcpdump's own sizes 8 of them.
capture_start()
{
	local name=$1 ns=$2 dev=$3 file log

	shift 3
	file=$(capture_file "$name")
	log=$file.log
	nsenter --net="/run/netns/$ns" tcpdump -q -n -U --immediate-mode -Z root \
		-s 65535 -B 32768 -i "$dev" -w "$file" "$@" 2> "$log" &
	capture_pid[$name]=$!
	defer capture_stop "$name"
	wait_for 60 grep -q 'listening on' "$log" || { cat "$log" >&2; return 1; }
}

# capture_read PID LOG: tcpdump has read all that its socket holds, and says so when it
# is asked how many it has.
capture_read()
{
	local said

	kill -USR1 "$1" || return 0
	sleep 0.1
	said=$(grep '^tcpdump: [0-9]* packets\? captured' "$2" | tail -1)
	[[ $said =~ ([0-9]+)\ packets?\ captured,\ ([0-9]+)\ packets?\ received ]] &&
		[ "${BASH_REMATCH[1]}" -ge "${BASH_REMATCH[2]}" ]
}

# capture_stop [NAME]: the file is complete when this returns, or says that it is not.
capture_stop()
{
	local name=${1:-} log

	if [ -z "$name" ]; then
		for name in "${!capture_pid[@]}"; do capture_stop "$name"; done
		return 0
	fi
	[ -n "${capture_pid[$name]:-}" ] || return 0
	log=$(capture_file "$name").log
	sleep 0.3
	wait_for 10 capture_read "${capture_pid[$name]}" "$log" || true
	stop_process "${capture_pid[$name]}" INT
	unset "capture_pid[$name]"
	sed -n "s/^\([1-9][0-9]* packets\? dropped by kernel\)/# capture $name: \1/p" "$log"
	rm -f "$log"
}

# capture_count NAME [FILTER]: how many captured packets match a pcap filter.
capture_count()
{
	local name=$1

	shift
	tcpdump -n -r "$(capture_file "$name")" "$@" 2>/dev/null | wc -l
}
