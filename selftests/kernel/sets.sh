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

SUITES="hmac-md5-96/null hmac-sha-1-96/null hmac-md5-96/aes-cbc hmac-sha-1-96/aes-cbc"
PORT_PS=6100
SPI_MIN=0x10000000 SPI_MAX=0x1fffffff

# --- addresses ---------------------------------------------------------------

ue_of()		{ case $1 in 4) echo $UE4 ;; 6) echo $UE6 ;; esac; }
pcscf_of()	{ case $1 in 4) echo $PCSCF4 ;; 6) echo $PCSCF6 ;; esac; }
mac_of()	{ in_ns "$1" ip -o link show "$2" | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/'; }
hex()		{ od -An -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

# --- endpoints and sets at the P-CSCF ----------------------------------------

gmctl()		{ in_pcscf "${GMGATE_GMCTL:-$repo/agent/gmctl}" "$@"; }

declare -A endpoint_id set_id set_number
sets_made=0

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

# set_describe NAME VERSION SUITE [key=value..]: writes the set's file.  The
# numbers are new for each set; a key says otherwise.
set_describe()
{
	local name=$1 version=$2 suite=$3 n pair

	shift 3
	sets_made=$((sets_made + 1))
	n=$sets_made
	set_number[$name]=$n
	{
		echo "alg=${suite%/*}"
		echo "ealg=${suite#*/}"
		echo "version=$version"
		echo "ue=$(ue_of "$version")"
		echo "pcscf=$(pcscf_of "$version")"
		echo "port_uc=$((40000 + n))"
		echo "port_us=$((50000 + n))"
		echo "port_pc=6101"
		echo "port_ps=$PORT_PS"
		echo "spi_uc=$((0x2000 + n))"
		echo "spi_us=$((0x3000 + n))"
		echo "spi_pc=$((SPI_MIN + 0x10000 + n))"
		echo "spi_ps=$((SPI_MIN + 0x20000 + n))"
		echo "ck=$(hex 16)"
		echo "ik=$(hex 16)"
		echo "state=established"
		echo "expires=600"
		echo "dev=ue0"
		echo "mac=$(mac_of pcscf gm0)"
		for pair; do echo "$pair"; done
	} > "$sets/$name.sh"
	awk -F= '
		{ value[$1] = $2; if (!($1 in seen)) order[++count] = $1; seen[$1] = 1 }
		END {
			for (i = 1; i <= count; i++) {
				v = value[order[i]]
				if (order[i] !~ /^(port|spi)_/)
					v = "\"" v "\""
				printf "%s\"%s\": %s", (i == 1 ? "{" : ", "), order[i], v
			}
			print "}"
		}' "$sets/$name.sh" > "$sets/$name.json"
}

ik_esp()	{ case $alg in hmac-sha-1-96) echo "${ik}00000000" ;; *) echo "$ik" ;; esac; }

# set_add NAME: the four SAs into the module; remembers the id.
set_add()
{
	set_id[$1]=$(
		. "$sets/$1.sh"
		[ "$ealg" = null ] && ck=
		printf 'ik-esp %s\n%s' "$(ik_esp)" "${ck:+ck-esp $ck
}" |
		gmctl set add endpoint "${endpoint_id[$version]}" ue "$ue" \
			port-uc "$port_uc" port-us "$port_us" port-pc "$port_pc" \
			spi-uc "$spi_uc" spi-us "$spi_us" spi-pc "$spi_pc" spi-ps "$spi_ps" \
			alg "$alg" ealg "$ealg" state "$state" expires "$expires"
	)
}

set_del()	{ gmctl set del "${set_id[$1]}"; }

# --- the UE's side -----------------------------------------------------------

# xfrm_lines NAME SIDE: `ip -batch` lines for one side, ue or pcscf.
xfrm_lines()
{
	(
		. "$sets/$1.sh"
		case $alg in
		hmac-md5-96) auth="auth-trunc hmac(md5) 0x$(ik_esp) 96" ;;
		hmac-sha-1-96) auth="auth-trunc hmac(sha1) 0x$(ik_esp) 96" ;;
		esac
		case $ealg in
		null) enc='enc ecb(cipher_null) ""' ;;
		aes-cbc) enc="enc cbc(aes) 0x$ck" ;;
		esac
		one_way()
		{
			local dir=$1 ends="src $2 dst $4" sport=$3 dport=$5 spi=$6 proto

			echo "xfrm state add $ends proto esp spi $spi mode transport" \
				"reqid $((spi & 0x7fffffff)) replay-window 32 $auth $enc"
			for proto in udp tcp; do
				echo "xfrm policy add $ends proto $proto sport $sport dport $dport" \
					"dir $dir tmpl $ends proto esp spi $spi mode transport" \
					"reqid $((spi & 0x7fffffff))"
			done
		}
		up=out down=in
		[ "$2" = ue ] || { up=in; down=out; }
		one_way $up "$ue" "$port_uc" "$pcscf" "$port_ps" "$spi_ps"
		one_way $up "$ue" "$port_us" "$pcscf" "$port_pc" "$spi_pc"
		one_way $down "$pcscf" "$port_ps" "$ue" "$port_uc" "$spi_uc"
		one_way $down "$pcscf" "$port_pc" "$ue" "$port_us" "$spi_us"
	)
}

ue_add()	{ xfrm_lines "$1" ue | in_ue ip -batch -; }
ue_flush()	{ in_ue ip xfrm policy flush; in_ue ip xfrm state flush; }

# set_up NAME VERSION SUITE [key=value..]: on both sides.
set_up()
{
	set_describe "$@"
	set_add "$1" && ue_add "$1"
}

# of NAME KEY: one value of a set's description.
of()		{ sed -n "s/^$2=//p" "$sets/$1.sh" | tail -n1; }
# at NAME PORT-NAME: "ADDR,PORT" for the peers, the address by the port's owner.
at()
{
	case $2 in
	uc|us) echo "$(of "$1" ue),$(of "$1" "port_$2")" ;;
	pc|ps) echo "$(of "$1" pcscf),$(of "$1" "port_$2")" ;;
	esac
}

# --- programs at work --------------------------------------------------------

# peer NETNS LOG PROGRAM ARGUMENTS..: in the background, until it says "ready".
peer()
{
	local ns=$1 log=$2

	shift 2
	: > "$log"
	spawn "$ns" "$@" > "$log" 2>&1
	wait_for 10 grep -q ready "$log" || { cat "$log" >&2; return 1; }
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

# --- what was on the wire ----------------------------------------------------

# protected_clear NAME: captured packets of the P-CSCF's address, or about its
# packets, that show a protected port in clear; ICMP errors that quote one too.
protected_clear()
{
	local ports="6100,6101,6102,6103,6104"

	tshark -n -r "$(capture_file "$1")" -Y "(ip.src == $PCSCF4 || ipv6.src == $PCSCF6) &&
		(udp.port in {$ports} || tcp.port in {$ports} || frame contains \"canary\")" 2>/dev/null
}

# icv_judge CAPTURE NAME..: tshark, given the keys of these sets, says of every
# captured ESP packet whether its ICV is good; prints "GOOD ALL".
icv_judge()
{
	local file name arguments=()

	file=$(capture_file "$1")
	shift
	for name; do
		while read -r line; do
			arguments+=(-o "uat:esp_sa:$line")
		done < <(
			. "$sets/$name.sh"
			case $alg in
			hmac-md5-96) auth="HMAC-MD5-96 [RFC2403]" ;;
			hmac-sha-1-96) auth="HMAC-SHA-1-96 [RFC2404]" ;;
			esac
			case $ealg in
			null) enc=NULL key= ;;
			aes-cbc) enc="AES-CBC [RFC3602]" key=0x$ck ;;
			esac
			for spi in "$spi_uc" "$spi_us" "$spi_pc" "$spi_ps"; do
				printf '"IPv%s","*","*","0x%08x","%s","%s","%s","0x%s"\n' \
					"$version" "$spi" "$enc" "$key" "$auth" "$(ik_esp)"
			done
		)
	done
	tshark -n -r "$file" -o esp.enable_encryption_decode:TRUE \
		-o esp.enable_authentication_check:TRUE "${arguments[@]}" \
		-Y esp -T fields -e esp.icv_good 2> "$work/tshark.err" |
		awk '{ all++; good += $1 == "1" || $1 == "True" } END { print good + 0, all + 0 }'
}

# --- counters and trace ------------------------------------------------------

# counter NAME: of the P-CSCF's namespace, by its name in the netlink spec.
counter()	{ gmctl stats | awk -v name="$1" '$1 == name { print $2 }'; }

# drops: every drop counter, one `name count` line each.
drops()		{ gmctl stats | awk '$1 !~ /-(packets|bytes)$/ { print $1, $2 }'; }

tracing=/sys/kernel/tracing

trace_start()
{
	echo > $tracing/trace
	echo 1 > $tracing/events/gmgate/gmgate_drop/enable
}

trace_stop()	{ echo 0 > $tracing/events/gmgate/gmgate_drop/enable; }

# drops_moved: what changed since `drops > $work/before`, as "name+n name+m".
drops_moved()
{
	drops > "$work/after"
	awk 'NR == FNR { before[$1] = $2; next }
		$2 != before[$1] { printf "%s%s+%d", n++ ? " " : "", $1, $2 - before[$1] }' \
		"$work/before" "$work/after"
}

drops_reached()	{ [ "$(drops_moved)" = "$1" ]; }

# drops_by WANT COMMAND..: the command must move exactly the named drop counters
# by the named amounts ("in-icv+1", or "" for none) and the trace must name them.
drops_by()
{
	local want=$1 word reason have

	shift
	drops > "$work/before"
	echo > $tracing/trace
	"$@" || return 1
	[ -n "$want" ] || sleep 0.3
	wait_for 3 drops_reached "$want" || {
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
