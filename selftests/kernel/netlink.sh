#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The netlink family, verb by verb: what gmctl asks for is what the kernel then
# holds; what must be refused is refused with a reason; keys go in and never
# come out; nobody without CAP_NET_ADMIN gets anything.
#
#     netns pcscf: gmctl, netlink_raw.py ---- generic netlink ---- gmgate.ko
#     netns other: the same family, a world of its own
set -eu
. "$(dirname "$0")/../lib.sh"

here=$selftests/kernel
work=$(mktemp -d /tmp/gmgate-netlink-XXXXXX)
defer rm -rf "$work"

CK=000102030405060708090a0b0c0d0e0f
IK=101112131415161718191a1b1c1d1e1f
SPIS=0x10000000-0x1fffffff

gmctl()		{ in_ns "${ns:-pcscf}" "$repo/agent/gmctl" "$@"; }
raw()		{ in_ns pcscf /usr/bin/python3 "$here/netlink_raw.py" "$@"; }

# check NAME FUNCTION..: like ktap_test, and cleans up behind a failure
check()
{
	local failed=$ktap_failed

	ktap_test "$@"
	[ "$ktap_failed" = "$failed" ] || tidy
}

# So that one failure does not make the next: only the three endpoints stay.
tidy()
{
	local id

	for id in $(gmctl -j endpoint list | json '*(e["id"] for e in d["endpoints"])'); do
		case " ${e4:-} ${e6:-} ${e2:-} " in
		*" $id "*) gmctl set del endpoint "$id" || true ;;
		*) gmctl endpoint del "$id" || true ;;
		esac
	done
}

# json EXPRESSION: with the JSON document on standard input as d
json()		{ /usr/bin/python3 -IS -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

equal()
{
	[ "$1" = "$2" ] || { echo "got:   $1"; echo "wants: $2"; return 1; }
}

# refused TEXT COMMAND..: it must fail, with one line on standard error that has TEXT
refused()
{
	local text=$1 status=0

	shift
	"$@" > "$work/out" 2> "$work/err" < "${keys:-/dev/null}" || status=$?
	[ $status -ne 0 ] || { echo "accepted: $*"; return 1; }
	[ ! -s "$work/out" ] || { echo "printed: $(cat "$work/out")"; return 1; }
	[ "$(wc -l < "$work/err")" = 1 ] && grep -qF -- "$text" "$work/err" || {
		echo "wants '$text', got:"
		cat "$work/err"
		return 1
	}
}

# endpoint_add [words]: 10.4.128.21 unless the words say otherwise; prints the id
endpoint_add()
{
	gmctl endpoint add addr "${addr:-10.4.128.21}" port-s "${port_s:-6100}" \
		port-c "${port_c:-6101,6102}" instance "${instance:-1}" spi $SPIS "$@"
}

# set_words N: the words of set add for the N-th set of endpoint $endpoint
set_words()
{
	echo "endpoint ${endpoint:-$e4} ue ${ue:-10.45.0.3} port-uc $((20000 + $1))" \
		"port-us $((40000 + $1)) port-pc 6101 spi-uc $((1000 + 2 * $1))" \
		"spi-us $((1001 + 2 * $1)) spi-pc $((0x10000000 + 2 * $1))" \
		"spi-ps $((0x10000001 + 2 * $1)) alg ${alg:-hmac-sha-1-96}" \
		"ealg ${ealg:-aes-cbc} expires ${expires:-600}"
}

# set_add N [words]: prints the id
set_add()
{
	local n=$1

	shift
	# shellcheck disable=SC2046
	printf 'ck %s\nik %s\n' "$CK" "$IK" | gmctl set add $(set_words "$n") "$@"
}

# --- capabilities, endpoints -------------------------------------------------

caps()
{
	gmctl -j caps > "$work/caps"
	equal "$(json 'd["version"]' < "$work/caps")" 1
	equal "$(json '{"hmac-md5-96/null", "hmac-sha-1-96/null", "hmac-md5-96/aes-cbc",
			"hmac-sha-1-96/aes-cbc"} - {s["alg"] + "/" + s["ealg"] for s in d["suites"]}' \
		< "$work/caps")" "set()"
}

# The id, every value that was given, and the defaults of the others.
endpoint_round_trip()
{
	local a b

	a=$(gmctl endpoint add addr 192.0.2.77 port-s 7000 port-c 7001,7002,7003 instance 9 \
		spi 1000-2000 uid 1234 mark-mask 0x00ffff00 max-sets 5 max-temporary 2 relaxed local-in key-export)
	b=$(gmctl endpoint add addr 2001:db8::77 port-s 7000 port-c 7001 instance 9 spi 1000-2000)
	gmctl -j endpoint list instance 9 > "$work/list"
	gmctl endpoint del "$a" instance 9
	gmctl endpoint del "$b"
	equal "$(json 'd["endpoints"][0]' < "$work/list")" \
		"{'id': $a, 'instance': 9, 'uid': 1234, 'addr': '192.0.2.77', 'dev': None, 'port-s': 7000, 'port-c': [7001, 7002, 7003], 'spi-min': 1000, 'spi-max': 2000, 'mark-mask': '0xffff00', 'relaxed': True, 'local-in': True, 'key-export': True, 'sets': 0, 'max-sets': 5, 'temporary': 0, 'max-temporary': 2}"
	equal "$(json 'd["endpoints"][1]' < "$work/list")" \
		"{'id': $b, 'instance': 9, 'uid': 0, 'addr': '2001:db8::77', 'dev': None, 'port-s': 7000, 'port-c': [7001], 'spi-min': 1000, 'spi-max': 2000, 'mark-mask': '0xffffffff', 'relaxed': False, 'local-in': False, 'key-export': False, 'sets': 0, 'max-sets': $(gmctl -j caps | json 'd["max-sets"]'), 'temporary': 0, 'max-temporary': $(gmctl -j caps | json 'd["max-temporary"]')}"
}

endpoints_of()	{ gmctl -j endpoint list "$@" | json '[e["id"] for e in d["endpoints"]]'; }

endpoint_filters()
{
	equal "$(endpoints_of)" "[$e4, $e6, $e2]"
	equal "$(endpoints_of instance 1)" "[$e4, $e6]"
	equal "$(endpoints_of instance 2)" "[$e2]"
	equal "$(endpoints_of instance 3)" "[]"
}

endpoint_refused()
{
	refused "address and port are protected already: File exists" endpoint_add
	refused "endpoint-del (instance): the endpoint belongs to another instance" \
		gmctl endpoint del "$e4" instance 2
	refused "endpoint-del (id): no such endpoint" gmctl endpoint del 4711 instance 1
	refused "no such endpoint" gmctl endpoint del 4711
	port_c=7101,7101 port_s=7100 refused "endpoint-new (port-c): the protected ports must differ" \
		endpoint_add
	port_s=7100 port_c=7101 refused "endpoint-new (mark-mask): mark-mask has a gap" \
		endpoint_add mark-mask 0xf0f
	addr=224.0.0.1 refused "endpoint-new (addr): not a unicast address" endpoint_add
	addr=::1.2.3 refused "is not an IP address" endpoint_add
}

# --- sets --------------------------------------------------------------------

# What was given is what is shown; of four SAs, none has carried anything.
set_round_trip()
{
	local id want

	id=$(set_add 7 cookie 0xfedcba9876543210 state established seq-out 41)
	gmctl -j set show "$id" > "$work/set"
	gmctl set del "$id"
	json '{k: v for k, v in d.items() if k not in ("expires-ms", "sas")}' < "$work/set" > "$work/have"
	want="{'id': $id, 'endpoint': $e4, 'instance': 1, 'cookie': '0xfedcba9876543210', 'state': 'established', 'idle-ms': None, 'addr': '10.4.128.21', 'ue': '10.45.0.3', 'port-uc': 20007, 'port-us': 40007, 'port-pc': 6101, 'port-ps': 6100, 'spi-uc': 1014, 'spi-us': 1015, 'spi-pc': 268435470, 'spi-ps': 268435471, 'alg': 'hmac-sha-1-96', 'ealg': 'aes-cbc', 'drops': {}}"
	equal "$(cat "$work/have")" "$want"
	equal "$(json '{k: (v["spi"], v["seq"], v["packets"], v["bytes"]) for k, v in d["sas"].items()}' < "$work/set")" \
		"{'uc-ps': (268435471, 0, 0, 0), 'ps-uc': (1014, 41, 0, 0), 'pc-us': (1015, 41, 0, 0), 'us-pc': (268435470, 0, 0, 0)}"
	equal "$(json '595000 < d["expires-ms"] <= 600000' < "$work/set")" True
}

# one_suite ALG EALG IK-HEX CK-HEX: with AKA's keys and with those of the suite
one_suite()
{
	local id

	id=$(alg=$1 ealg=$2 set_add 1)
	equal "$(gmctl -j set show "$id" | json 'd["alg"] + " " + d["ealg"]')" "$1 $2"
	gmctl set del "$id"
	# shellcheck disable=SC2046
	id=$(printf 'ik-esp %s\n%s' "$3" "${4:+ck-esp $4
}" | gmctl set add $(alg=$1 ealg=$2 endpoint=$e6 ue=2001:db8:45::3 set_words 1))
	equal "$(gmctl -j set show "$id" | json 'd["alg"] + " " + d["ealg"] + " " + d["ue"]')" \
		"$1 $2 2001:db8:45::3"
	gmctl set del "$id"
}

set_refused()
{
	local keys=$work/keys id

	printf 'ck %s\nik %s\n' "$CK" "$IK" > "$keys"
	id=$(set_add 3)
	refused "set-new: spi-pc or spi-ps is in use at this address: File exists" \
		gmctl set add $(set_words 3)
	refused "set-new: no such endpoint" gmctl set add $(endpoint=4711 set_words 4)
	refused "set-new: ue-addr is not of the endpoint's family" \
		gmctl set add $(ue=2001:db8::1 set_words 4)
	refused "set-new (ue-addr): not a unicast address" gmctl set add $(ue=0.0.0.0 set_words 4)
	refused "these alg and ealg do not go together" \
		gmctl set add $(alg=aes-gmac ealg=aes-cbc set_words 4)
	printf 'ik-esp %s\nck-esp %s\n' "$IK" "$CK" > "$keys"
	refused "set-new (alg): this kernel cannot do alg with ealg" \
		gmctl set add $(alg=hmac-sha-1-96 ealg=aes-gcm set_words 4)
	refused "set-get (id): no such set" gmctl set show 4294967295
	refused "set-del (id): no such set" gmctl set del 4294967295
	refused "set-change (id): no such set" gmctl set change 4294967295 expires 5
	gmctl set change "$id" state established
	refused "set-change (state): an established set stays so" \
		gmctl set change "$id" state temporary
	refused "set-del (endpoint): no such endpoint" gmctl set del endpoint 4711
	gmctl set del "$id"
	refused "set-del (id): no such set" gmctl set del "$id"
	equal "$(gmctl -j set list | json 'len(d["sets"])')" 0
}

keys_only_on_stdin()
{
	local keys=/dev/null

	refused "never from the command line" gmctl set add $(set_words 4) ck $CK ik $IK
	refused "never from the command line" gmctl set add $(set_words 4) "ik-esp=$IK"
	refused "has not both ck and ik" gmctl set add $(set_words 4)
	keys=$work/keys
	echo "ck $CK" > "$keys"
	refused "has not both ck and ik" gmctl set add $(set_words 4)
	printf 'ck %s\nik-esp %s\n' $CK $IK > "$keys"
	refused "either ck and ik, or ik-esp and ck-esp" gmctl set add $(set_words 4)
	printf 'ck %s\nik %s0\n' $CK $IK > "$keys"
	refused "ik is not hexadecimal of the right length" gmctl set add $(set_words 4)
	printf 'ik-esp %s\nck-esp %s\n' $IK $CK > "$keys"
	refused "set-new (ik-esp): key has not the length that the suite needs" \
		gmctl set add $(set_words 4)
	printf 'ik-esp %s\n' ${IK}00000000 > "$keys"
	refused "the suite needs a key that is missing" gmctl set add $(set_words 4)
	! grep -q "${CK:0:8}\|${IK:0:8}" "$work/err"
}

sets_of()	{ gmctl -j set list "$@" | json '[s["id"] for s in d["sets"]] and
			sorted(s["id"] for s in d["sets"])'; }

# Field note 21: deleted by whatever is at hand.
set_filters()
{
	local a b c d

	a=$(set_add 1)
	b=$(ue=10.45.0.4 set_add 2)
	c=$(endpoint=$e6 ue=2001:db8:45::3 set_add 3)
	d=$(endpoint=$e2 set_add 4)
	equal "$(sets_of)" "[$a, $b, $c, $d]"
	equal "$(sets_of endpoint "$e4")" "[$a, $b]"
	equal "$(sets_of ue 10.45.0.3)" "[$a, $d]"
	equal "$(sets_of ue 2001:db8:45::3)" "[$c]"
	equal "$(sets_of ue 10.45.0.3 endpoint "$e2")" "[$d]"
	equal "$(sets_of ue 10.45.0.9)" "[]"
	equal "$(gmctl -j endpoint list | json '[(e["sets"], e["temporary"]) for e in d["endpoints"]]')" \
		"[(2, 2), (1, 1), (1, 1)]"
	# what people read has them too
	equal "$(gmctl set list endpoint "$e4" | grep -c "^set \($a\|$b\)  temporary")" 2
	gmctl set del endpoint "$e4"
	equal "$(sets_of)" "[$c, $d]"
	gmctl set del "$c" "$d"
	equal "$(sets_of)" "[]"
}

set_changes()
{
	local id

	id=$(set_add 1 cookie 5)
	equal "$(gmctl -j endpoint list instance 1 | json 'd["endpoints"][0]["temporary"]')" 1
	gmctl set change "$id" state established
	equal "$(gmctl -j endpoint list instance 1 | json 'd["endpoints"][0]["temporary"]')" 0
	gmctl set change "$id" expires 4000.5 cookie 18446744073709551615
	equal "$(gmctl -j set show "$id" | json '(d["state"], d["cookie"],
		3990000 < d["expires-ms"] <= 4000500)')" "('established', '0xffffffffffffffff', True)"
	gmctl set del "$id"
}

# max-sets and max-temporary; what leaves makes room again
quotas()
{
	local e a b c d

	e=$(port_s=7100 port_c=7101 endpoint_add max-sets 3 max-temporary 2)
	endpoint=$e add_to a 1
	endpoint=$e add_to b 2
	endpoint=$e refused "max-temporary temporary sets: No space left" add_to c 3
	gmctl set change "$a" state established
	endpoint=$e add_to c 3
	gmctl set change "$c" state established
	gmctl set change "$b" state established
	endpoint=$e refused "max-sets sets: No space left" add_to d 4
	gmctl set del "$a"
	endpoint=$e add_to d 4
	equal "$(gmctl -j set list endpoint "$e" | json 'len(d["sets"])')" 3
	gmctl endpoint del "$e"
	equal "$(sets_of)" "[]"
}

# add_to VARIABLE N: a set on port 7101, its id into the variable
add_to()
{
	local got

	got=$(printf 'ck %s\nik %s\n' "$CK" "$IK" |
		gmctl set add $(set_words "$2" | sed 's/port-pc 6101/port-pc 7101/')) || return 1
	eval "$1=\$got"
}

# load_lines N: for set load; without a process for each line
load_lines()
{
	set_words 0 | awk -v n="$1" -v keys="ck $CK ik $IK" '{
		for (i = 1; i <= n; i++) {
			for (f = 1; f < NF; f += 2) {
				step = 0
				if ($f ~ /^port-u/) step = 1
				if ($f ~ /^spi-/) step = 2
				printf "%s %s ", $f, step ? $(f + 1) + step * i : $(f + 1)
			}
			print keys
		}
	}'
}

bulk_load()
{
	load_lines 1000 > "$work/lines"
	gmctl set load < "$work/lines" > "$work/ids"
	equal "$(sort -u "$work/ids" | wc -l)" 1000
	gmctl -j set list > "$work/list"
	equal "$(json 'len({s["spi-ps"] for s in d["sets"]})' < "$work/list")" 1000
	# the first refusal stops it, and is named
	refused "line 1" load_again
	gmctl set del endpoint "$e4"
	equal "$(sets_of)" "[]"
}

load_again()	{ gmctl set load < "$work/lines" 2>&1 > /dev/null | tail -1 >&2; return 1; }

# --- life and death ----------------------------------------------------------

event_seen()	{ grep -q "$1" "$work/events"; }

# monitor [-j]: in the background, its process id in $monitor.  Not by spawn: what
# that defers would be done at the end of the test's subshell, all of it.
monitor()
{
	# no function here: $! is to be gmctl itself, which is stopped and killed
	nsenter --net=/run/netns/pcscf "$repo/agent/gmctl" "$@" monitor > "$work/events" 2>&1 &
	monitor=$!
	wait_for 10 event_seen listening || { cat "$work/events"; return 1; }
}

events()
{
	local gone lost

	monitor
	gone=$(set_add 1 cookie 0xabc)
	lost=$(expires=0.4 set_add 2)
	gmctl set del "$gone"
	wait_for 5 event_seen "deleted set $gone endpoint $e4 instance 1 cookie 0xabc" ||
		{ kill $monitor; cat "$work/events"; return 1; }
	wait_for 10 event_seen "expired set $lost endpoint $e4 instance 1" ||
		{ kill $monitor; cat "$work/events"; return 1; }
	stop_process "$monitor"
	refused "no such set" gmctl set show "$lost"
	equal "$(sets_of)" "[]"
}

# A reader that sleeps learns that it missed something, and goes on.
events_lost()
{
	monitor -j
	kill -STOP "$monitor"
	load_lines 5000 | gmctl set load > /dev/null
	gmctl set del endpoint "$e4"
	kill -CONT "$monitor"
	wait_for 10 event_seen '"event":"lost"' || { kill $monitor; tail -2 "$work/events"; return 1; }
	set_add 1 > "$work/id"
	gmctl set del "$(cat "$work/id")"
	wait_for 10 event_seen "\"event\":\"deleted\",\"set\":$(cat "$work/id")," ||
		{ kill $monitor; tail -2 "$work/events"; return 1; }
	stop_process "$monitor"
}

# A longer life in time keeps a set, a shorter one ends it.
lifetimes()
{
	local longer shorter

	longer=$(expires=5 set_add 1)
	shorter=$(expires=600 set_add 2)
	gmctl set change "$longer" expires 600
	gmctl set change "$shorter" expires 0.3
	sleep 6
	equal "$(sets_of)" "[$longer]"
	gmctl set del "$longer"
}

# The other namespace has its own endpoints, sets and counters.
namespaces()
{
	local mine theirs

	mine=$(set_add 1)
	equal "$(ns=other gmctl -j endpoint list | json 'd["endpoints"]')" "[]"
	ns=other
	e4=$(endpoint_add)
	theirs=$(set_add 1)
	equal "$(sets_of)" "[$theirs]"
	refused "no such set" gmctl set show "$mine"
	refused "no such set" gmctl set del "$mine"
	gmctl endpoint del "$e4"
	ns=pcscf
	equal "$(sets_of)" "[$mine]"
	gmctl set del "$mine"
}

# A namespace that goes takes its endpoints with it.
namespace_ends()
{
	local e4

	ns=other
	e4=$(endpoint_add)
	load_lines 50 | gmctl set load > /dev/null
	ip netns del other
}

stranger()
{
	local setpriv="setpriv --reuid 65534 --regid 65534 --clear-groups"

	chmod 755 "$work"
	# shellcheck disable=SC2086
	in_ns pcscf $setpriv /usr/bin/python3 "$here/netlink_raw.py" nobody
	# shellcheck disable=SC2086
	refused "Operation not permitted" in_ns pcscf $setpriv "$repo/agent/gmctl" set list
}

# root of a user namespace is nobody here
stranger_root()	{ in_ns pcscf unshare -Ur /usr/bin/python3 "$here/netlink_raw.py" nobody; }

counters_have_meanings()
{
	equal "$(gmctl stats | awk 'NF < 3' | wc -l)" 0
	equal "$(gmctl stats | wc -l)" "$(gmctl -j stats | json 'len(d["counters"]) + len(d["drops"])')"
}

pinned()
{
	! rmmod gmgate 2> "$work/err" || return 1
	grep -q "in use" "$work/err"
	gmctl endpoint del "$e4"
	gmctl endpoint del "$e6"
	gmctl endpoint del "$e2"
	equal "$(endpoints_of)" "[]"
	wait_for 10 rmmod gmgate
}

unloaded()	{ refused "is gmgate.ko loaded?" gmctl caps; }

# --- all of it ---------------------------------------------------------------

ip netns add pcscf
defer ip netns del pcscf
ip netns add other
in_ns pcscf ip link set lo up
load_gmgate

ktap_print_header
ktap_set_plan 36
check "caps: version and suites" caps
check "endpoint: what is added is what is listed" endpoint_round_trip
e4=$(endpoint_add) e6=$(addr=2001:db8:4:128::21 endpoint_add)
e2=$(instance=2 addr=10.4.128.22 endpoint_add)
check "endpoint: dump by instance" endpoint_filters
check "endpoint: refusals have their reasons" endpoint_refused
check "set: what is added is what is shown" set_round_trip
check "set: hmac-md5-96/null" one_suite hmac-md5-96 null $IK ""
check "set: hmac-sha-1-96/null" one_suite hmac-sha-1-96 null ${IK}00000000 ""
check "set: hmac-md5-96/aes-cbc" one_suite hmac-md5-96 aes-cbc $IK $CK
check "set: hmac-sha-1-96/aes-cbc" one_suite hmac-sha-1-96 aes-cbc ${IK}00000000 $CK
check "set: refusals have their reasons" set_refused
check "set: keys come on standard input only, and fit" keys_only_on_stdin
check "set: dump by endpoint and UE, flush" set_filters
check "set: promotion, lifetime, cookie" set_changes
check "set: quotas" quotas
check "set: a thousand by gmctl" bulk_load
check "lifetimes" lifetimes
check "events: deleted and expired" events
check "events: a slow reader is told" events_lost
check "stats: every counter has a meaning" counters_have_meanings
check "another namespace is another world" namespaces
check "a namespace ends with endpoints and sets in it" namespace_ends
check "raw: mandatory attributes" raw mandatory-attributes
check "raw: strict policies" raw strict-policy
check "raw: addresses" raw addresses
check "raw: refusals of set-new" raw set-refusals
check "raw: refusals of endpoints" raw endpoint-refusals
check "raw: endpoints are bounded" raw endpoints-are-bounded
check "raw: keys stay in" raw keys-stay-in
check "raw: events have no keys" raw events-have-no-keys
check "raw: ids are not used twice" raw ids-are-not-reused
check "raw: one winner for an SPI" raw one-winner
check "raw: a thousand sets, 50 to a send" raw bulk
check "raw: dumps while sets come and go" raw dump-under-churn
check "nobody's process gets nothing" stranger
check "nor does root of a user namespace" stranger_root
check "endpoints pin the module, and let it go" pinned

ktap_finished
