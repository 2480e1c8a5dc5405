# SPDX-License-Identifier: GPL-2.0-or-later
# What the end-to-end scripts share, on top of lib.sh: the agent with its
# configuration, the core, UEs, and what is asked of captures and logs.
#
#   . "$(dirname "$0")/ims.sh"
#   ims_up                     topology, module, core, agent
#   ue 1 4 [option..] action.. a UE: subscriber 1, IPv4
#
# Files of a run are in $ims_run: gmgate.yaml, core.jsonl, agent.log and one
# ue-*.jsonl per UE; captures and their keys (for tshark) are in $GMGATE_OUT.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

ims=$selftests/ims
agent=$repo/agent
ims_run=$(mktemp -d)
export PYTHONDONTWRITEBYTECODE=1
defer rm -rf "$ims_run"
mkdir -p "$GMGATE_OUT"
core_log=$ims_run/core.jsonl
agent_log=$ims_run/agent.log
trace_log=$ims_run/trace.jsonl
keylog=$GMGATE_OUT/$(basename "$0" .sh)-$$.keys	# next to the captures it is for
config=$ims_run/gmgate.yaml
store=$ims_run/store
core_pid= agent_pid=

domain=ims.mnc001.mcc001.3gppnetwork.org
# What the network tells the phone at attach: a PCO and, for IPv6, an ePCO.
PCO4=270b80000c040a048015000200
PCO6=7b00178000011020010db8000401280000000000000021000200

# The subscribers: number, K, OPc, as in subscribers.yaml.
subscriber_k=([1]=465b5ce8b199b49faa5f0a2ee238a6bc [2]=0396eb317b6d1c36f19c1c84cd6ffd16
	[3]=fec86ba6eb707ed08905757b1bb44b8f [4]=9e5944aea94b81165c82fbf9f32db751
	[5]=4ab1deb05ca6ceb051fc98e77d026a84 [6]=6c38a116ac280c454f59332ee35c8c4f)
subscriber_opc=([1]=cd63cb71954a9f4e48a5994e37a02baf [2]=53c15671c60a4b731c55b4a441c0bde2
	[3]=1006020f0a478bf6b699f15c062e42b3 [4]=a64a507ae1a2a98bb88eb4210135dc87
	[5]=dcf07cbd51855290b92a07a9891e523e [6]=3803ef5363b947c6aaa225e58fae3934)

subscriber_imsi()	{ printf '00101%010d' "$1"; }

# --- the agent -----------------------------------------------------------------

# What a script may set, before it sources this file or calls agent_start.
: "${timer_scale:=1}"
: "${t1_mw:=500}"
: "${spi_range:={min: 0x10000000, max: 0x1fffffff\}}"
: "${limits_extra:=}"
: "${suites:=hmac-sha-1-96/aes-cbc hmac-sha-1-96/null hmac-md5-96/aes-cbc hmac-md5-96/null}"
: "${next_hop_transport:=udp}"
: "${visited:=visited.example}"
# One line of YAML each, in place of what write_config has, and keys after it.
: "${mw_addresses:=}" "${next_hops:=}" "${trusted:=[$CORE4]}" "${core_extra:=}"
: "${mw_mtu:=9000}"			# less would let a REGISTER go over TCP
: "${gm_link:=}"			# such as: device: gm0
[ -v core_options ] || core_options=()

write_config()
{
	local ours="[{address: $MW4, port: 5060}]"
	local hop="[{address: $CORE4, port: 5060, transport: $next_hop_transport}]"

	cat > "$config" <<-END
	instance: 1
	user: root
	control: $ims_run/control.sock
	store: $store
	trace: $trace_log
	visited-network-id: $visited
	gm:
	  - address: $PCSCF4
	    ${gm_link:+$gm_link
	    }port: 5060
	    port-s: 6100
	    port-c: [6101, 6102, 6103, 6104]
	  - address: "$PCSCF6"
	    ${gm_link:+$gm_link
	    }port: 5060
	    port-s: 6100
	    port-c: [6101, 6102, 6103, 6104]
	spi: $spi_range
	mw: ${mw_addresses:-$ours}
	mw-next-hop: ${next_hops:-$hop}
	mw-mtu: $mw_mtu
	mw-trusted: $trusted
	$core_extra
	sec-agree:
	  required: true
	  suites: [${suites// /, }]
	timers: {scale: $timer_scale, reg-await-auth: 240, t1-gm: 2000, t1-mw: $t1_mw}
	limits: {message: 16384, header-lines: 128, line: 4096, commas: 64, temporary-sets: 1000$limits_extra}
	log: {level: debug}
	END
}

agent_start()
{
	nsenter --net=/run/netns/pcscf "$agent/gmgated" --config "$config" 2>> "$agent_log" &
	agent_pid=$!
	defer agent_stop
	wait_for 60 agent_answers || { tail -5 "$agent_log" >&2; return 1; }
}

agent_answers()
{
	in_pcscf "$agent/gmctl" -s "$ims_run/control.sock" status
}

# agent_stop [SIGNAL]
agent_stop()
{
	[ -n "$agent_pid" ] || return 0
	stop_process "$agent_pid" "${1:-TERM}"
	agent_pid=
}

gmctl()		{ in_pcscf "$agent/gmctl" -s "$ims_run/control.sock" "$@"; }

# --- the core ------------------------------------------------------------------

# core_start [FAULT]
core_start()
{
	local before

	before=$(starts "$core_log")
	mkfifo "$ims_run/core.in" 2>/dev/null || true
	nsenter --net=/run/netns/core "$ims/core.py" --listen "$CORE4:5060" --subscribers "$ims/subscribers.yaml" \
		--log "$core_log" --stdin "${core_options[@]}" ${1:+--script "$1"} <> "$ims_run/core.in" &
	core_pid=$!
	defer core_stop
	wait_for 120 has_started "$core_log" "$before"
}

# How often a core has started with that log; did it once more?
starts()	{ grep -c '"listening"' "$1" 2>/dev/null || true; }
has_started()	{ [ "$(starts "$1")" -gt "${2:-0}" ]; }

core_stop()
{
	[ -n "$core_pid" ] || return 0
	stop_process "$core_pid"
	core_pid=
}

# core_do COMMAND: such as: fault 001010000000001 no-ckik
core_do()
{
	echo "$*" > "$ims_run/core.in"
	sleep 0.3
}

core_fault()	{ core_do fault "$(subscriber_imsi "$1")" "$2"; }

# --- all of it -----------------------------------------------------------------

module_unload()
{
	[ -d /sys/module/gmgate ] || return 0
	[ ! -e /run/netns/pcscf ] || in_pcscf "$agent/gmctl" -j endpoint list 2>/dev/null |
		grep -o '"id": *[0-9]*' | grep -o '[0-9]*' | while read -r id; do
			in_pcscf "$agent/gmctl" endpoint del "$id"
		done
	wait_for 10 rmmod gmgate
}

# ims_up [FUNCTION]: starts everything; FUNCTION starts another core than ours.
ims_up()
{
	[ -x "$agent/gmgated" ] || ktap_skip_all "agent/gmgated is not built"
	topo_up
	load_gmgate
	defer module_unload
	write_config
	"${1:-core_start}"
	agent_start
}

# ue_prepare SUBSCRIBER FAMILY: the command of a UE in $ue_command, the file of its
# JSON lines in $ue_log.
ue_log= ue_command=()
ue_serial=0
ue_prepare()
{
	local n=$1 family=$2 local pco

	case $family in
	4)   local=$UE4 pco=$PCO4 ;;
	6)   local=$UE6 pco=$PCO6 ;;
	4b)  local=$UE4_2 pco=$PCO4 ;;
	6b)  local=$UE6_2 pco=$PCO6 ;;
	esac
	ue_serial=$((ue_serial + 1))
	ue_log=$ims_run/ue-$n-$family-$ue_serial.jsonl
	ue_command=(nsenter --net=/run/netns/ue "$ims/ue.py" --imsi "$(subscriber_imsi "$n")"
		--k "${subscriber_k[n]}" --opc "${subscriber_opc[n]}" --local "$local"
		--pco "$pco" --name "ue$n" --keylog "$keylog" --events "$ue_log")
}

# ue SUBSCRIBER FAMILY [OPTION..] ACTION..: a UE from its start to its end.
ue()
{
	ue_prepare "$1" "$2"
	"${ue_command[@]}" "${@:3}" || { ue_story; return 1; }
}

# phone_open NAME SUBSCRIBER FAMILY [OPTION..]: a UE that takes actions from
# phone_do; its JSON lines are in ${phone_log[NAME]}.  Not inside ktap_test.
declare -A phone_log phone_fd
phone_open()
{
	local name=$1 fd

	ue_prepare "$2" "$3"
	phone_log[$name]=$ue_log
	mkfifo "$ims_run/$name.in" "$ims_run/$name.out"
	exec {fd}<> "$ims_run/$name.out"
	phone_fd[$name]=$fd
	"${ue_command[@]}" "${@:4}" --name "$name" --stdin --replies "$ims_run/$name.out" \
		<> "$ims_run/$name.in" > /dev/null &
	defer stop_process $!
	wait_for 120 grep -q '"attached"' "$ue_log"
}

# phone_do NAME ACTION: succeeds when the action ended as expected.  Starts no
# program: that is what costs in a guest.
phone_do()
{
	phone_begin "$@"
	phone_end "$@"
}

# The same in two halves, for what is to happen in between.
phone_begin()
{
	local fd=${phone_fd[$1]}

	while read -r -t 0 -u "$fd"; do			# of an action that took too long
		read -r -u "$fd"
	done
	echo "$2" > "$ims_run/$1.in"
}

phone_end()
{
	local fd=${phone_fd[$1]} reply

	read -r -t 90 -u "$fd" reply || { echo "$1: $2 has no end"; return 1; }
	[[ $reply == ok* ]] || { echo "$1: $2: $reply"; ue_log=${phone_log[$1]} ue_story; return 1; }
}

# What the last UE did, for a failed test.
ue_story()
{
	sed 's/"call_id": "[^"]*", //; s/"t": [0-9.]*, //' "$ue_log" | tail -25
	tail -5 "$agent_log" | sed 's/^/agent: /'
}

# log_lines LOG NAME=VALUE..: the lines with all of these; VALUE may end in *.
# As events.py does, without the cost of starting Python in a guest.
log_lines()
{
	awk 'BEGIN {
		for (i = 2; i < ARGC; i++) {
			name = value = ARGV[i]
			sub(/=.*/, "", name)
			sub(/^[^=]*=/, "", value)
			open = sub(/\*$/, "", value)
			want[i, 1] = "\"" name "\": \"" value (open ? "" : "\"")
			want[i, 2] = "\"" name "\": " value (open ? "" : ",")
			want[i, 3] = "\"" name "\": " value (open ? "" : "}")
			ARGV[i] = ""
		}
		n = ARGC
	}
	{
		for (i = 2; i < n; i++)
			if (!index($0, want[i, 1]) && !index($0, want[i, 2]) && !index($0, want[i, 3]))
				next
		print
	}' "$@"
}

log_has()	{ log_lines "$@" | grep -q .; }

# What the core saw that no P-CSCF may forward.
core_content()
{
	local bad

	bad=$("$ims/events.py" "$core_log" event=received --show wrong | grep -v '^\[\]$' | sort | uniq -c)
	[ -z "$bad" ] || { echo "core received: $bad"; return 1; }
}

# judge NAME [OPTION..]: the wire capture NAME, as judge.py --check; every message on its
# SA and its ports (TS 33.203 7.1; field notes 26, 29, 30).
judge()
{
	local name=$1 logs=() f

	shift
	for f in "$ims_run"/ue-*.jsonl; do
		[ ! -e "$f" ] || logs+=(--sets "$f")
	done
	"$ims/judge.py" "$(capture_file "$name")" --keys "$keylog" --pcscf $PCSCF4 \
		--pcscf $PCSCF6 --check "${logs[@]}" "$@"
}

# judge_mw NAME: a capture of Mw (RFC 3329 2.3.1; field notes 13, 38).
judge_mw()	{ "$ims/judge.py" "$(capture_file "$1")" --mw $MW4 --mw $MW6 --check; }

# Every hop of the SIP: the wire towards the UEs, and Mw.
hops_start()
{
	capture_start wire pcscf gm0
	capture_start mw pcscf mw0
}

# The ids of the sets the kernel holds.
set_ids()	{ gmctl -j set list | grep -oE '"id": ?[0-9]+' | grep -oE '[0-9]+' | sort -n | xargs; }

# The number of sets the kernel holds.
set_count()	{ gmctl -j set list | /usr/bin/python3 -c \
			'import json, sys; print(len(json.load(sys.stdin)["sets"]))'; }
sets_are()	{ [ "$(set_count)" = "$1" ]; }

# Every message the agent had on a protected port came with the set that proved it.
only_proven()
{
	grep -q '"side":"gm-protected","transport".*"set":[1-9]' "$trace_log" || return 1
	! grep '"side":"gm-protected".*"set":0,' "$trace_log"
}

# Nothing that anybody wrote down holds a key.
no_leaks()
{
	local files=()

	gmctl -j set list > "$ims_run/sets.json"
	for f in "$agent_log" "$trace_log" "$ims_run/sets.json" "$@"; do
		[ ! -s "$f" ] || files+=("$f")
	done
	"$ims/leaks.py" "$core_log" "${files[@]}"
}

# no_set_left [SECONDS]: 64*T1 (128 s, scaled) after the last message all are gone.
no_set_left()
{
	wait_for "${1:-$((128 / timer_scale + 10))}" sets_are 0 || { gmctl set list; return 1; }
}
