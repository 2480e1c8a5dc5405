#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gmctl ladder: of the capture that gmctl trace -w makes of a registration with a refusal in
# it, of captures that tcpdump makes, and as it happens; and what ^C makes of all that goes
# on until it.
#
#     netns ue: a phone -- gm0 -- netns pcscf: agent, gmctl -- netns core
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"

pcap=$GMGATE_OUT/ladder-$$.pcapng
svg=$ims_run/ladder.svg
out=$ims_run/live
pid=

# goes_on WORD..: gmctl with these words, in the background.
goes_on()
{
	rm -f "$out" "$out.err"
	nsenter --net=/run/netns/pcscf "$agent/gmctl" -s "$ims_run/control.sock" "$@" \
		> "$out" 2> "$out.err" &
	pid=$!
}

listens()
{
	goes_on "$@"
	wait_for 20 grep -q listening "$out.err" || { cat "$out.err"; return 1; }
}

# ends_with STATUS SIGNAL: so it does.
ends_with()
{
	local got=0

	kill "-$2" $pid
	wait $pid || got=$?
	[ $got = "$1" ] || { echo "status $got after SIG$2"; cat "$out.err"; return 1; }
}

# has FILE PATTERN..: a line of it for each, in this order.
has()
{
	local file=$1 pattern at=0 next

	shift
	for pattern in "$@"; do
		next=$(tail -n +$((at + 1)) "$file" | grep -nE -m 1 -- "$pattern" | cut -d: -f1)
		[ -n "$next" ] || { echo "no '$pattern' below line $at of:"; cut -c1-220 "$file"; return 1; }
		at=$((at + next))
	done
}

# What is to be seen of the phone's two attempts, whoever draws it.
time='^[0-9:.]{12} +'
refused=(
	"$time\|-+ REGISTER -+>\| +\| +[0-9]+ REGISTER  udp [0-9]+>5060  clear$"
	"$time\| +\|-+ REGISTER -+>\| +[0-9]+ REGISTER  udp [0-9]+>5060$"
	"$time\| +\|<-+ 401 Unauthorized -+\| "
	"$time\|<-+ 401 Unauthorized -+\| .*  clear$"
	"$time\|=+ REGISTER =+>\| +\| .*  uc-ps 0x1[0-9a-f]{7}  set [0-9]+$"
	"$time\| +x +\| +refused verify-differs \(TS 33\.203 7\.2\): REGISTER, 494: "
	"$time\|< 494 Security Agreement=\| ")
registered=(
	"$time\|-+ REGISTER -+>\| +\| .*  clear$"
	"$time\|<-+ 401 Unauthorized -+\| "
	"$time\|=+ REGISTER =+>\| +\| .*  uc-ps "
	"$time\| +\|<-+ 200 OK -+\| "
	"$time\|<=+ 200 OK =+\| +\| .*  pc-us 0x[0-9a-f]{8}  set [0-9]+$")

# Refused once, as somebody changed Security-Verify; then let in.
both_attempts()
{
	phone_do alice "set fault altered-verify" || return 1
	phone_do alice "expect 494 register" || return 1
	phone_do alice "set fault none" || return 1
	phone_do alice register
}

# Of one that nobody knows yet: by its address.
trace_as_capture()
{
	listens trace -w "$pcap" $UE4 || return 1
	both_attempts || return 1
	wait_for 20 grep -q '> Gm, protected .* SIP/2.0 200' "$out" || return 1
	ends_with 0 INT || return 1
	# A live one has more than refusals.
	gmctl ladder -a "$pcap" > "$said" 2> "$said.err" || { cat "$said.err"; return 1; }
	[ ! -s "$said.err" ] || { cat "$said.err"; return 1; }
	cp "$said" "$GMGATE_OUT/ladder.txt"
	has "$said" '^ +UE +gmgate +core$' "^ +$UE4 +$PCSCF4 +$CORE4\$" "${refused[@]}" "${registered[@]}" &&
		has "$said" "$time\| +o +\| +challenged: " "$time\| +o +\| +registered: "
}

# Each arrow of the one is an arrow of the other: nothing is lost on the way through the capture.
as_the_trace_file_has_it()
{
	arrows() { gmctl ladder -a "$1" $UE4 | grep -E "REGISTER|401|494|200" | grep -v ': ' | cut -c13-; }

	gmctl ladder -a "$trace_log" $UE4 > /dev/null || return 1
	arrows "$pcap" > "$said"
	arrows "$trace_log" > "$said.trace"
	[ "$(wc -l < "$said")" = 14 ] && diff "$said" "$said.trace"
}

# An agent, a module and root are not needed; nor is a file that can be read twice.
of_a_pipe()
{
	gmctl ladder -a "$pcap" "$(subscriber_imsi 1)" > "$said.file" || return 1
	"$agent/gmctl" -s /nonexistent ladder -a - "$(subscriber_imsi 1)" < <(cat "$pcap") > "$said" || return 1
	cmp "$said" "$said.file" && has "$said" "${refused[@]}" || return 1
	gmctl ladder -a "$(subscriber_imsi 1)" "$pcap" > "$said" && cmp "$said" "$said.file" || return 1
	refuses 1 "nothing of that" gmctl ladder "$pcap" 192.0.2.250
}

picture_and_json()
{
	gmctl ladder -w "$svg" "$pcap" || return 1
	/usr/bin/python3 -c '
import sys, xml.etree.ElementTree as tree
text = [e.text or "" for e in tree.parse(sys.argv[1]).getroot().iter()]
assert any(t.startswith("refused verify-differs (TS 33.203 7.2)") for t in text), text
assert sum(t == "REGISTER" for t in text) >= 7, text' "$svg" || return 1
	gmctl -j ladder "$pcap" | /usr/bin/python3 -c '
import json, sys
m = json.load(sys.stdin)["messages"]
assert {e["side"] for e in m if "side" in e} == {"gm", "gm-protected", "mw"}
note, = (e for e in m if e.get("event") == "refused")
assert (note["rule"], note["clause"]) == ("verify-differs", "TS 33.203 7.2"), note
before = m[m.index(note) - 1]
assert before["side"] == "gm-protected" and before["sa"] == "uc-ps" and before["set"] and before["spi"]'
}

# It is drawn as far as it goes; where it ends, or is wrong, is told by the octet.
bad_captures()
{
	local size

	size=$(stat -c %s "$pcap")
	head -c $((size - 10)) "$pcap" > "$ims_run/short"
	refuses 1 "the capture is cut off, it ends at octet $((size - 10))" gmctl ladder -a "$ims_run/short" || return 1
	has "$said" "${refused[@]}" || return 1
	head -c 48 "$pcap" > "$ims_run/wrong"
	printf '\6\0\0\0\0\0\0\0' >> "$ims_run/wrong"
	refuses 1 "octet 48: a block of 0 octets" gmctl ladder "$ims_run/wrong"
}

# What tcpdump has of the tap and of the core's side is SIP, on the wire it is ESP: told, not drawn.
captures_of_others()
{
	gmctl ladder -a "$(capture_file tap)" > "$said" 2> "$said.err" || { cat "$said.err"; return 1; }
	has "$said" "^ +$UE4 +$PCSCF4\$" "$time\|-+ REGISTER -+>\| +[0-9]+ REGISTER  udp [0-9]+>6100$" \
		"$time\|<-* 494 Security Agreement *-*\| " "$time\|<-+ 200 OK -+\| " || return 1
	gmctl ladder -a "$(capture_file mw)" $CORE4 > "$said" || return 1
	has "$said" "^ +$MW4 +$CORE4\$" "$time\|-+ REGISTER -+>\| " "$time\|<-+ 200 OK -+\| " || return 1
	gmctl ladder -a "$(capture_file wire)" > "$said" 2> "$said.err" || { cat "$said.err"; return 1; }
	grep -qE ' [0-9]+ packets of ESP not shown' "$said.err" || { cat "$said.err"; return 1; }
	has "$said" "$time\|-+ REGISTER -+>\| +[0-9]+ REGISTER  udp [0-9]+>5060$" "$time\|<-+ 401 Unauthorized -+\| "
}

# tcpdump -i any: another link type, each packet with the device that it is of.
any_device()
{
	gmctl ladder -a "$(capture_file any)" $UE4 > "$said" 2> "$said.err" || { cat "$said.err"; return 1; }
	tcpdump -n -r "$(capture_file any)" 2>&1 | grep -q 'LINUX_SLL' || { echo "no cooked capture"; return 1; }
	has "$said" "-+ REGISTER -+>" "<-+ 401 Unauthorized -+"
}

# While it goes on: the arrow is there before it has ended.
as_it_happens()
{
	phone_do alice forget || return 1
	rm -f "$svg"
	listens ladder -a -f -w "$svg" $UE4 || return 1
	both_attempts || { kill $pid; return 1; }
	wait_for 20 has "$out" "${refused[@]}" "${registered[@]}" || { has "$out" "${refused[@]}" "${registered[@]}"; kill $pid; return 1; }
	kill -0 $pid && [ ! -e "$svg" ] || { echo "it has ended"; return 1; }
	ends_with 0 INT || return 1
	cp "$out" "$GMGATE_OUT/ladder-live.txt"
	# UE, gmgate and core were known before the first arrow.
	[ "$(grep -cE '^ +UE +gmgate +core$' "$out")" = 1 ] && [ "$(grep -c ' UE ' "$out")" = 1 ] || return 1
	grep -q 'refused verify-differs' "$svg" && tail -1 "$svg" | grep -qx '</svg>'
}

live_for_a_time()
{
	listens -j ladder -t 8 $UE4 || return 1
	phone_do alice reregister || return 1
	wait $pid || { cat "$out.err"; return 1; }
	/usr/bin/python3 -c '
import json, sys
m = json.load(open(sys.argv[1]))["messages"]
assert [e["start"].split(" ")[0] for e in m if e.get("side") == "gm-protected"][:1] == ["REGISTER"], m
assert not any("message" in e for e in m)' "$out" || return 1
	gmctl ladder -t 1 192.0.2.250 > "$said" 2> "$said.err" || return 1
	[ ! -s "$said" ] && grep -q 'nothing of that came' "$said.err" || return 1
	refuses 2 "what happens is in no file" gmctl ladder -f "$pcap"
}

# until_interrupted WORD..: by ^C and SIGTERM it ends as it was meant to, also where nothing came.
until_interrupted()
{
	local how

	for how in INT TERM; do
		if [ "$1" = top ]; then
			goes_on "$@"
			wait_for 20 test -s "$out" || return 1
		else
			listens "$@" || return 1
		fi
		ends_with 0 $how || return 1
	done
}

ktap_print_header
ktap_set_plan 15
ims_up
phone_open alice 1 4
capture_start tap pcscf gmtap0
capture_start wire pcscf gm0
capture_start mw pcscf mw0
capture_start any pcscf any
ktap_test "a registration with a refusal, traced as a capture, is drawn: arrows, SAs, rule and clause" \
	trace_as_capture
ktap_test "the capture has what the agent's trace file has" as_the_trace_file_has_it
capture_stop
ktap_test "a capture from a pipe, of one UE, without agent" of_a_pipe
ktap_test "as a picture, and as JSON" picture_and_json
ktap_test "a capture that is cut off or wrong: what is there, and the octet" bad_captures
ktap_test "captures of tcpdump: the tap, the core's side; ESP of the wire is told" captures_of_others
ktap_test "a cooked capture of all devices" any_device
ktap_test "as it happens: each arrow when it comes, the picture at the end" as_it_happens
ktap_test "for some seconds, as JSON; and when nothing comes" live_for_a_time
for words in trace "ladder -f" watch "watch kernel" monitor "top -i 0.2"; do
	# shellcheck disable=SC2086
	ktap_test "status 0 after ^C, and SIGTERM: $words" until_interrupted $words
done
ktap_finished
