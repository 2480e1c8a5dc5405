# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts of this folder share: endpoints and SA sets put in by hand on
# both sides, counters, trace events, and what the wire showed.  Source it after
# lib.sh.
#
# The P-CSCF's side is gmgate.ko through gmctl, the UE's is `ip xfrm` of the
# stock kernel: one state for each SA, one policy for each SA and transport, with
# ports.  (A catch-all policy would eat neighbour discovery.)

here=$selftests/kernel
work=$(mktemp -d /tmp/gmgate-test-XXXXXX)
sets=$work/sets
mkdir -p "$sets"
defer rm -rf "$work"

udp_peer=$here/udp_peer.py
tcp_peer=$here/tcp_peer.py

SUITES="hmac-md5-96/null hmac-sha-1-96/null hmac-md5-96/aes-cbc hmac-sha-1-96/aes-cbc
	hmac-md5-96/des-ede3-cbc hmac-sha-1-96/des-ede3-cbc null/aes-gcm aes-gmac/null"
PORT_PS=6100
SPI_MIN=0x10000000 SPI_MAX=0x1fffffff

# lab_up: module and hosts.  At the end the hosts go first, and their endpoints
# with them, so that a script that failed half-way leaves no module behind.
lab_up()
{
	load_gmgate
	defer wait_for 60 unload_gmgate
	topo_up
}

# --- addresses ---------------------------------------------------------------

ue_of()		{ case $1 in 4) echo $UE4 ;; 6) echo $UE6 ;; esac; }
pcscf_of()	{ case $1 in 4) echo $PCSCF4 ;; 6) echo $PCSCF6 ;; esac; }

# hex OCTETS: random, without a process (a process is what costs in a guest).
hex()
{
	local text=

	while [ ${#text} -lt $((2 * $1)) ]; do
		printf -v text '%s%08x' "$text" "$SRANDOM"
	done
	echo "${text:0:$((2 * $1))}"
}

# --- endpoints and sets at the P-CSCF ----------------------------------------

gmctl()		{ in_pcscf "${GMGATE_GMCTL:-$repo/agent/gmctl}" "$@"; }

# fact["NAME KEY"]: what set NAME is made of; set_id[NAME]: what the module called it.
declare -A endpoint_id set_id fact
set_names=()
gm0_mac=

# endpoint_up VERSION [gmctl arguments]: declares the P-CSCF's address.
endpoint_up()
{
	local version=$1

	shift
	endpoint_id[$version]=$(gmctl endpoint add instance 1 addr "$(pcscf_of "$version")" \
		port-s $PORT_PS port-c 6101,6102,6103,6104 spi $SPI_MIN-$SPI_MAX "$@")
}

endpoint_down()
{
	gmctl endpoint del "${endpoint_id[$1]}" instance 1
	unset "endpoint_id[$1]"
}

set_keys="alg ealg version ue pcscf port_uc port_us port_pc port_ps spi_uc spi_us spi_pc
	spi_ps ck ik ck_esp ik_esp salt state expires dev mac"

# kdf_salt CK IK CODE LABEL: TS 33.203 Annex I; the last four octets of an HMAC.
kdf_salt()
{
	local label length

	label=$(printf %s "$4" | od -An -tx1 | tr -d ' \n')
	printf -v length %04x ${#4}
	printf "$(sed 's/../\\x&/g' <<< "$3$label$length")" |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1$2" | grep -o '[0-9a-f]\{8\}$'
}

# set_expand NAME: CK and IK to ck_esp, ik_esp and salt (TS 33.203 Annex I).
set_expand()
{
	local ck=${fact["$1 ck"]} ik=${fact["$1 ik"]} ck_esp ik_esp salt=

	ck_esp=$ck ik_esp=$ik
	case ${fact["$1 alg"]} in
	hmac-sha-1-96) ik_esp+=00000000 ;;
	aes-gmac) salt=$(kdf_salt "$ck" "$ik" 58 AES_GMAC_SALT) ;;
	null) ik_esp= ;;
	esac
	case ${fact["$1 ealg"]} in
	null) ck_esp= ;;
	des-ede3-cbc) ck_esp+=${ck:0:16} ;;
	aes-gcm) salt=$(kdf_salt "$ck" "$ik" 59 AES_GCM_SALT) ;;
	esac
	fact["$1 ck_esp"]=$ck_esp fact["$1 ik_esp"]=$ik_esp fact["$1 salt"]=$salt
}

# set_describe NAME VERSION SUITE [key=value..]: says what a set is made of.  The
# numbers are new for each set where no key says otherwise.
set_describe()
{
	local name=$1 version=$2 suite=$3 n=$((${#set_names[@]} + 1)) pair key json=

	shift 3
	set_names+=("$name")
	[ -n "$gm0_mac" ] || gm0_mac=$(in_pcscf cat /sys/class/net/gm0/address 2>/dev/null ||
		in_pcscf ip -o link show gm0 | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	set -- alg="${suite%/*}" ealg="${suite#*/}" version="$version" \
		ue="$(ue_of "$version")" pcscf="$(pcscf_of "$version")" \
		port_uc=$((40000 + n)) port_us=$((50000 + n)) port_pc=6101 port_ps=$PORT_PS \
		spi_uc=$((0x2000 + n)) spi_us=$((0x3000 + n)) \
		spi_pc=$((SPI_MIN + 0x10000 + n)) spi_ps=$((SPI_MIN + 0x20000 + n)) \
		ck="$(hex 16)" ik="$(hex 16)" state=established expires=600 \
		dev=ue0 mac="$gm0_mac" "$@"
	for pair; do fact["$name ${pair%%=*}"]=${pair#*=}; done
	set_expand "$name"
	for key in $set_keys; do
		case $key in
		port_*|spi_*) json+=", \"$key\": ${fact["$name $key"]}" ;;
		*) json+=", \"$key\": \"${fact["$name $key"]}\"" ;;
		esac
	done
	echo "{${json#, }}" > "$sets/$name.json"
}

# of NAME KEY: one fact of a set.
of()		{ echo "${fact["$1 $2"]}"; }

# at NAME uc|us|pc|ps: "ADDR,PORT" for the peers, the address by the port's owner.
at()
{
	case $2 in
	uc|us) echo "${fact["$1 ue"]},${fact["$1 port_$2"]}" ;;
	pc|ps) echo "${fact["$1 pcscf"]},${fact["$1 port_$2"]}" ;;
	esac
}

# set_take NAME: its facts as variables of the caller, who declares
# `local $set_keys` before.
set_take()
{
	local set_take_key

	for set_take_key in $set_keys; do
		printf -v "$set_take_key" %s "${fact["$1 $set_take_key"]}"
	done
}

# set_add NAME: the four SAs into the module; remembers the id.
set_add()
{
	# shellcheck disable=SC2086
	local $set_keys id

	set_take "$1"
	id=$(gmctl set add endpoint "${endpoint_id[$version]}" ue "$ue" \
		port-uc "$port_uc" port-us "$port_us" port-pc "$port_pc" \
		spi-uc "$spi_uc" spi-us "$spi_us" spi-pc "$spi_pc" spi-ps "$spi_ps" \
		alg "$alg" ealg "$ealg" state "$state" expires "$expires" \
		<<< "${ik_esp:+ik-esp $ik_esp
}${ck_esp:+ck-esp $ck_esp
}${salt:+salt $salt}") || return 1
	set_id[$1]=$id
}

set_del()	{ gmctl set del "${set_id[$1]}"; }

# --- the UE's side -----------------------------------------------------------

# xfrm_way DIR SRC SPORT DST DPORT SPI: one SA and its two policies.
xfrm_way()
{
	local ends="src $2 dst $4" reqid=$(($6 & 0x7fffffff)) proto

	echo "xfrm state add $ends proto esp spi $6 mode transport" \
		"reqid $reqid replay-window 32 $auth $enc"
	for proto in udp tcp; do
		echo "xfrm policy add $ends proto $proto sport $3 dport $5 dir $1" \
			"tmpl $ends proto esp spi $6 mode transport reqid $reqid"
	done
}

# xfrm_lines NAME: `ip -batch` lines of the UE's four SAs.
xfrm_lines()
{
	# shellcheck disable=SC2086
	local $set_keys auth enc

	set_take "$1"
	case $ealg in
	null) enc='enc ecb(cipher_null) ""' ;;
	aes-cbc) enc="enc cbc(aes) 0x$ck_esp" ;;
	des-ede3-cbc) enc="enc cbc(des3_ede) 0x$ck_esp" ;;
	esac
	case $alg in
	hmac-md5-96) auth="auth-trunc hmac(md5) 0x$ik_esp 96" ;;
	hmac-sha-1-96) auth="auth-trunc hmac(sha1) 0x$ik_esp 96" ;;
	null) auth="aead rfc4106(gcm(aes)) 0x$ck_esp$salt 128" enc= ;;
	aes-gmac) auth="aead rfc4543(gcm(aes)) 0x$ik_esp$salt 128" enc= ;;
	esac
	xfrm_way out "$ue" "$port_uc" "$pcscf" "$port_ps" "$spi_ps"
	xfrm_way out "$ue" "$port_us" "$pcscf" "$port_pc" "$spi_pc"
	xfrm_way in "$pcscf" "$port_ps" "$ue" "$port_uc" "$spi_uc"
	xfrm_way in "$pcscf" "$port_pc" "$ue" "$port_us" "$spi_us"
}

ue_add()	{ xfrm_lines "$1" | in_ue ip -batch -; }
ue_flush()	{ printf 'xfrm policy flush\nxfrm state flush\n' | in_ue ip -batch -; }

# set_up NAME VERSION SUITE [key=value..]: on both sides.
set_up()
{
	set_describe "$@"
	set_add "$1" && ue_add "$1"
}

# --- programs at work --------------------------------------------------------

# peer NETNS LOG PROGRAM ARGUMENTS..: in the background, until it says "ready".
peer()
{
	local ns=$1 log=$2

	shift 2
	: > "$log"
	spawn "$ns" "$@" > "$log" 2>&1
	wait_for 60 grep -q ready "$log" || { cat "$log" >&2; return 1; }
}

# craft VERB SET-NAME [...]: one packet by craft.py, which stays (scapy is slow
# to start).
craft()
{
	local verb=$1 set=$2 answer

	shift 2
	if [ -z "${CRAFT_PID:-}" ]; then
		coproc CRAFT { in_ue "$here/craft.py" serve; }
		read -r answer <&"${CRAFT[0]}"
	fi
	printf '%q ' "$verb" "$sets/$set.json" "$@" >&"${CRAFT[1]}"
	echo >&"${CRAFT[1]}"
	read -r -t 60 answer <&"${CRAFT[0]}"
	[ "$answer" = sent ] || { echo "craft $verb $*: $answer"; return 1; }
}

# ktap_program MORE PROGRAM..: one that prints KTAP of its own; its sums become
# ours.  MORE tests of the script follow, so the plan is printed here.
ktap_program()
{
	local more=$1

	shift
	"$@" | tee "$work/ktap" | grep --line-buffered -v '^1\.\.' || true
	ktap_skipped=$(grep -c '^ok .*# SKIP' "$work/ktap") || true
	ktap_passed=$(($(grep -c '^ok ' "$work/ktap" || true) - ktap_skipped))
	ktap_failed=$(grep -c '^not ok ' "$work/ktap") || true
	ktap_plan=$(sed -n 's/^1\.\.//p' "$work/ktap")
	# a program that died has printed no plan, and its script fails for it
	ktap_set_plan $((${ktap_plan:--1000} + more))
}

# --- what was on the wire ----------------------------------------------------

# protected_clear NAME: captured packets that left the P-CSCF with a protected port
# in clear, in their own header or quoted in an ICMP error.
protected_clear()
{
	local ports="6100,6101,6102,6103,6104"

	tshark -n -r "$(capture_file "$1")" -Y "(ip.src#1 == $PCSCF4 || ipv6.src#1 == $PCSCF6) &&
		(udp.port in {$ports} || tcp.port in {$ports})" 2> "$work/tshark.err" ||
		cat "$work/tshark.err"
}

# icv_judge CAPTURE: tshark, given the keys of all sets, says of every captured
# ESP packet whether its ICV is good; prints "GOOD ALL".
icv_judge()	{ "$here/esp_judge.py" "$(capture_file "$1")" "$sets"/*.json; }

# icv_all_good CAPTURE LEAST: every ICV is good, and there are so many at least.
icv_all_good()
{
	local good all

	read -r good all < <(icv_judge "$1")
	echo "ESP packets with a good ICV: $good of $all"
	[ "$good" = "$all" ] && [ "$all" -ge "$2" ]
}

# wire_silent CAPTURE: nothing of the P-CSCF's protected ports was in clear.
wire_silent()
{
	local seen

	seen=$(protected_clear "$1")
	[ -z "$seen" ] || { head -5 <<< "$seen"; return 1; }
}

# --- counters and trace ------------------------------------------------------

# stats_read: every counter of the P-CSCF's namespace into stats[NAME].
declare -A stats before
stats_read()
{
	local name count _

	while read -r name count _; do stats[$name]=$count; done < <(gmctl stats)
}

# counter NAME: one of them, by its name in the netlink spec.
counter()	{ stats_read; echo "${stats[$1]}"; }

stats_mark()
{
	local name

	stats_read
	for name in "${!stats[@]}"; do before[$name]=${stats[$name]}; done
}

# moved NAME: how far a counter is from the last stats_mark; wants stats_read.
moved()		{ echo $((stats[$1] - before[$1])); }

tracing=/sys/kernel/tracing

trace_start()
{
	echo > $tracing/trace
	echo 1 > $tracing/events/gmgate/gmgate_drop/enable
}

trace_stop()	{ echo 0 > $tracing/events/gmgate/gmgate_drop/enable; }

# drops_moved: the drop counters that moved since stats_mark, "name+n name+m".
drops_moved()
{
	local name list=()

	stats_read
	for name in "${!stats[@]}"; do
		case $name in
		*-packets|*-bytes|pmtu-learned|mss-clamped) continue ;;
		esac
		[ "${stats[$name]}" = "${before[$name]}" ] ||
			list+=("$name+$((stats[$name] - before[$name]))")
	done
	sort <<< "$(printf '%s\n' "${list[@]}")" | xargs
}

drops_reached()	{ [ "$(drops_moved)" = "$1" ]; }

# drops_by WANT COMMAND..: the command must move exactly the named drop counters
# by the named amounts ("in-icv+1", or "" for none) and the trace must name them.
drops_by()
{
	local want=$1 word reason have

	shift
	stats_mark
	echo > $tracing/trace
	"$@" || return 1
	[ -n "$want" ] || sleep 0.3
	wait_for 30 drops_reached "$want" || {
		echo "drops moved: '$(drops_moved)', wants '$want'"
		return 1
	}
	for word in $want; do
		reason=${word%+*}
		have=$(grep -c "gmgate_drop:.*\b${reason}\b" $tracing/trace)
		[ "$have" = "${word#*+}" ] || {
			echo "trace has $have events for $word:"
			cat $tracing/trace
			return 1
		}
	done
}
