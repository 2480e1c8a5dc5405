#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gmctl trace: one UE as it registers, calls and is refused, on both sides, to the terminal, as
# JSON and as a capture that tshark judges; a phone nobody knows; and ladder -t.
#
#     netns ue: two phones -- gm0 -- netns pcscf: agent, gmctl -- netns core
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"
. "$ims/gmctl.sh"

tracer=
out=$ims_run/trace.out
pcap=$GMGATE_OUT/trace-$$.pcapng

impi()	{ echo "$(subscriber_imsi "$1")@$domain"; }

# trace_begin WORD..: gmctl with these words is listening, in the background.
trace_begin()
{
	rm -f "$out" "$out.err"		# the last one was listening, too
	gmctl "$@" > "$out" 2> "$out.err" &
	tracer=$!
	wait_for 20 grep -q listening "$out.err" || { cat "$out.err"; return 1; }
}

# trace_end: as ^C would; what has come is written.
trace_end()
{
	pkill -INT -P "$tracer" gmctl 2> /dev/null || kill -INT "$tracer"
	wait "$tracer" || { cat "$out.err"; return 1; }
}

has()
{
	local pattern

	for pattern in "$@"; do
		grep -qE -- "$pattern" "$out" ||
			{ echo "no '$pattern' in:"; cut -c1-200 "$out"; cat "$out.err"; return 1; }
	done
}

has_not()	{ ! grep -E -- "$1" "$out"; }

registration()
{
	trace_begin trace "$(impi 1)" || return 1
	phone_do alice register || return 1
	phone_do bob register || return 1
	trace_end || return 1
	has '^[0-9:.]{12} < Gm, clear +10\.45\.0\.3:5060 +REGISTER sip:' \
	    '^[0-9:.]{12} > Mw +192\.0\.2\.2:5060 +REGISTER sip:' \
	    '^[0-9:.]{12} < Mw +192\.0\.2\.2:5060 +SIP/2\.0 401 ' \
	    '^[0-9:.]{12} > Gm, clear +10\.45\.0\.3:5060 +SIP/2\.0 401 ' \
	    '^[0-9:.]{12} < Gm, protected +10\.45\.0\.3:[0-9]+ +REGISTER sip:' \
	    "  uc-ps 0x[0-9a-f]{8}  set [0-9]+  $(impi 1)" \
	    '^[0-9:.]{12} > Gm, protected +10\.45\.0\.3:[0-9]+ +SIP/2\.0 200 OK' \
	    '^ {16}registered: ' || return 1
	has_not "$UE4_2"
}

# The order in which it was: nothing of the core's before what it answers.
in_order()
{
	local starts

	starts=$(grep -oE '^[0-9:.]{12} . (Gm, clear|Gm, protected|Mw) +[^ ]+ +(REGISTER|SIP/2.0 [0-9]+)' "$out" |
		sed -E 's/^[^ ]+ (.) (Gm, clear|Gm, protected|Mw) +[^ ]+ +/\1 \2 /' | head -8)
	[ "$starts" = "< Gm, clear REGISTER
> Mw REGISTER
< Mw SIP/2.0 401
> Gm, clear SIP/2.0 401
< Gm, protected REGISTER
> Mw REGISTER
< Mw SIP/2.0 200
> Gm, protected SIP/2.0 200" ] || { echo "$starts"; return 1; }
}

whole_call_as_capture()
{
	begin traced
	trace_begin trace -v -w "$pcap" "$ALICE" || return 1
	phone_do alice "call $BOB" || return 1
	phone_do alice bye || return 1
	phone_do bob "await released" || return 1
	phone_do alice "message $BOB 2500" || return 1
	trace_end || return 1
	has '^    P-Asserted-Identity: ' '^    v=0' '^    Record-Route: <sip:x{24}@' || return 1
	[ "$(stat -c %a "$pcap")" = 600 ]
}

# shown FILTER FIELD: what tshark has of the capture.
shown()	{ tshark -n -r "$pcap" -Y "$1" -T fields -e "$2" 2> /dev/null; }

# tshark, which is not ours, knows each packet as SIP, from whom to whom.
tshark_reads_it()
{
	local n

	n=$(shown frame frame.number | wc -l)
	[ "$n" -gt 20 ] && [ "$(shown sip frame.number | wc -l)" = "$n" ] ||
		{ echo "$n packets"; return 1; }
	shown 'sip.Method == "INVITE"' exported_pdu.ipv4_src | sort -u > "$said"
	grep -q "$UE4" "$said" && grep -q "$MW4" "$said" || { cat "$said"; return 1; }
	shown 'sip.Method == "MESSAGE" && exported_pdu.port_type == 2' frame.comment > "$said"
	grep -q '^Gm, protected, received, SA uc-ps, SPI 0x[0-9a-f]*, set [0-9]* (in-use), ' "$said" &&
		! grep -q "malformed" <(shown _ws.malformed frame.number) || { cat "$said"; return 1; }
}

# By its address, before anybody knows it; why it is refused is a comment, too.
refused_phone()
{
	phone_do alice forget || return 1
	# Over a file that all could read: what is written now is for its owner only.
	chmod 644 "$pcap"
	trace_begin trace -w "$pcap" $UE4 || return 1
	[ "$(stat -c %a "$pcap")" = 600 ] || return 1
	phone_do alice "set fault altered-verify" || return 1
	phone_do alice "expect 494 register" || return 1
	phone_do alice "set fault no-sec-agree" || return 1
	phone_do alice "expect 421 register" || return 1
	trace_end || return 1
	has '^ {16}refused verify-differs \(TS 33\.203 7\.2\): REGISTER, 494: ' \
	    '^ {16}refused offer-missing \(RFC 3329 2\.3\.1\): REGISTER, 421: ' || return 1
	cp "$out" "$GMGATE_OUT/trace-refused.txt"
	shown 'sip.Method == "REGISTER"' frame.comment > "$said"
	grep -q 'refused verify-differs (TS 33.203 7.2)' "$said" || { cat "$said"; return 1; }
}

# As who it says to be; the file that JSON makes can be drawn.
as_json()
{
	trace_begin -j trace "$(subscriber_imsi 1)@*" || return 1
	phone_do alice "expect 421 register" || return 1
	phone_do alice "set fault none" || return 1
	phone_do alice register || return 1
	trace_end || return 1
	/usr/bin/python3 -c '
import base64, json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
messages = [e for e in lines if "message" in e]
assert len(messages) >= 10, len(messages)
assert {e["side"] for e in messages} == {"gm", "gm-protected", "mw"}
for e in messages:
    octets = base64.b64decode(e["message"])
    assert len(octets) == e["octets"] and octets.startswith(e["start"].encode())
    assert b"ck=\"" not in octets and b"ik=\"" not in octets
assert [e["rule"] for e in lines if e.get("event") == "refused"] == ["offer-missing"]' "$out" || return 1
	gmctl ladder -a "$out" > "$said" || return 1
	grep -qE '=+ REGISTER =+>\|' "$said" && grep -q 'refused offer-missing' "$said"
}

ladder_live()
{
	trace_begin ladder -a -t 60 $UE4 || return 1
	phone_do alice reregister || return 1
	trace_end || return 1
	has '^ +UE +gmgate +core$' "^ +$UE4 +$PCSCF4 +$CORE4\$" '\|=+ REGISTER =+>\|' '\|<=+ 200 OK =+\|'
}

# So many messages, so long; and who reads no more ends it.
it_ends()
{
	trace_begin trace -n 2 || return 1
	phone_do alice reregister || return 1
	wait "$tracer" || return 1
	[ "$(grep -c '^[0-9]' "$out")" = 2 ] || return 1
	gmctl trace -t 1 192.0.2.250 > "$out" 2> "$out.err" && [ ! -s "$out" ]
}

# The agent waits for nobody: more than socket and agent keep for one that stands still is
# lost to it alone, and it is told how much.
one_that_does_not_read()
{
	local n

	trace_begin trace || return 1
	pkill -STOP -P "$tracer" gmctl || { echo "no gmctl below $tracer"; return 1; }
	for n in $(seq 60); do
		phone_do alice "message $BOB 2500" ||
			{ echo "message $n"; pkill -CONT -P "$tracer"; return 1; }
	done
	pkill -CONT -P "$tracer" gmctl
	# It has read what there was; with the next message it is told what there was not.
	wait_for 20 stands_still "$out" || { echo "$(stat -c %s "$out") octets, and it goes on"; return 1; }
	phone_do alice reregister || return 1
	wait_for 20 grep -qE '^ {16}lost: [0-9]+' "$out" || { tail -3 "$out" | cut -c1-200; return 1; }
	trace_end || return 1
	n=$(grep -cE '^[0-9:.]{12} . .* MESSAGE ' "$out")
	[ "$n" -gt 0 ] && [ "$n" -lt 240 ] || { echo "$n MESSAGEs told"; return 1; }
}

# stands_still FILE: it did not grow for half a second.
stands_still()
{
	local size

	size=$(stat -c %s "$1")
	sleep 0.5
	[ "$size" -gt 0 ] && [ "$(stat -c %s "$1")" = "$size" ]
}

wrong_words()
{
	refuses 2 "no such word" gmctl trace -x &&
	refuses 2 "no such word" gmctl trace a b &&
	refuses 2 "say a number above 0" gmctl trace -n 0 &&
	refuses 1 "cannot write" gmctl trace -w /nonexistent/x &&
	refuses 2 "what happens is in no file" gmctl ladder -t 1 "$trace_log"
}

ktap_print_header
ktap_set_plan 11
ims_up
phone_open alice 1 4
phone_open bob 2 4b
ktap_test "a registration: both sides, clear and protected, SA and IMPI" registration
ktap_test "in the order in which it was" in_order
ktap_test "a call and a long message, whole, and as a capture" whole_call_as_capture
ktap_test "tshark knows each packet as SIP, and has the comments" tshark_reads_it
ktap_test "a phone nobody knows: why it is refused, by rule and clause" refused_phone
ktap_test "JSON, which the ladder draws" as_json
ktap_test "a ladder of what happens" ladder_live
ktap_test "it ends" it_ends
ktap_test "one that does not read" one_that_does_not_read
ktap_test "words that are wrong" wrong_words
ktap_test "no key in what was traced" no_leaks "$pcap" "$out" "$GMGATE_OUT/trace-refused.txt"
ktap_finished
