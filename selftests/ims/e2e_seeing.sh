#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gmctl ladder: registrations, a call and refusals, drawn from the trace that an agent
# with two phones has written; and a stranger who would like to draw, too.
#
#     netns ue: two phones, a stranger -- gm0 -- netns pcscf: agent, gmctl -- netns core
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"
. "$ims/gmctl.sh"

svg=$ims_run/ladder.svg

# has PATTERN..: a line of what was drawn for each.
has()
{
	local pattern

	for pattern in "$@"; do
		grep -qE -- "$pattern" "$said" || { echo "no '$pattern' in:"; cut -c1-200 "$said"; return 1; }
	done
}

has_not()	{ ! grep -E -- "$1" "$said"; }
ladder()	{ gmctl ladder "$@" > "$said"; }

registration()
{
	local spi

	ladder -a "$trace_log" $UE4 || return 1
	has '^ +UE +gmgate +core$' "^ +$UE4 +$PCSCF4 +$CORE4\$" \
	    '^[0-9:.]{12} +\|-+ REGISTER -+>\| +\| +[0-9]+ REGISTER  udp [0-9]+>5060  clear$' \
	    '\| +\|-+ REGISTER -+>\| +[0-9]+ REGISTER  udp [0-9]+>5060$' \
	    '\|<-+ 401 Unauthorized -+\| +\| .*  udp 5060>[0-9]+  clear$' \
	    '\|=+ REGISTER =+>\| +\| .*  udp [0-9]+>6100  uc-ps 0x1[0-9a-f]{7}  set [0-9]+$' \
	    '\|<=+ 200 OK =+\| +\| .*  udp 610[1-4]>[0-9]+  pc-us 0x[0-9a-f]{8}  set [0-9]+$' || return 1
	# The SPI is the one that the kernel has.
	for spi in $(gmctl -j set list ue $UE4 | grep -oE '"spi-ps": ?[0-9]+' | grep -oE '[0-9]+$'); do
		has "uc-ps $(printf '0x%08x' "$spi")  set" && return
	done
	return 1
}

# The other phone, at an address of its own, is not in the picture.
one_ue_only()
{
	ladder -a $UE4 || return 1
	has "^ +$UE4 " && has_not "$UE4_2" || return 1
	cp "$said" "$ims_run/by-address"
	ladder -a "$(impi 1)" && cmp "$said" "$ims_run/by-address" || return 1
	ladder -a "$(subscriber_imsi 1)" && cmp "$said" "$ims_run/by-address" || return 1
	ladder -a "$trace_log" && has "^ +$UE4 +$UE4_2 " || return 1
	gmctl -j ladder $UE4_2 | /usr/bin/python3 -c '
import json, sys
m = json.load(sys.stdin)["messages"]
gm = [e for e in m if e.get("side", "mw") != "mw"]
assert gm and all(e["remote"].startswith(sys.argv[1] + ":") for e in gm), gm
assert {e["side"] for e in m if "side" in e} == {"gm", "gm-protected", "mw"}
assert all(e["impi"] == sys.argv[2] for e in gm if e["side"] == "gm-protected")
assert all(e["call-id"] and e["cseq"] for e in m if "start" in e)' $UE4_2 "$(impi 2)"
}

impi()	{ echo "$(subscriber_imsi "$1")@$domain"; }

a_call()
{
	local value

	begin seen
	phone_do alice "call $BOB"
	field alice call_id event=call state=confirmed
	phone_do alice bye
	phone_do bob "await released"
	ladder -a -i "$value" || return 1
	has '=+ INVITE =+>\|' '<=+ 180 Ringing =+\|' '<=+ 200 OK =+\|.* INVITE ' '=+ ACK =+>\|' '=+ BYE =+>\|'
	has_not REGISTER
}

# Refused on its SAs: its rule and clause stand behind the message.
refusal()
{
	phone_do alice forget
	phone_do alice "set fault altered-verify"
	phone_do alice "expect 494 register"
	phone_do alice "set fault none"
	phone_do alice register
	ladder -a $UE4 || return 1
	has '^[0-9:.]{12}( +\|)+ +x +\| +refused verify-differs \(TS 33.203 7.2\): '
	# Not in the picture of the other one.
	ladder -a $UE4_2 && has_not "verify-differs"
}

# What a stranger sends ends in the log of an operator's terminal, or in a browser.
hostile()
{
	in_ue /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 5099))
for start in (b"\x1b]0;owned\x07\x1b[2J \x9b31m", b"<script>alert(1)</script>", b"SIP/2.0 200 \x1b[31m</text><image/>&"):
    s.sendto(start + b"\r\nCall-ID: <x>\x1b[5m&\r\nCSeq: 1 <b>\"\r\n\r\n", (sys.argv[2], 5060))' $UE4_2 $PCSCF4
	wait_for 20 eval "grep -q '</text>' '$trace_log'"
	ladder -a "$trace_log" && has 'script' && LC_ALL=C has_not $'[^ -~]' || return 1
	gmctl ladder -w "$svg" "$trace_log"
	well_formed
}

well_formed()
{
	/usr/bin/python3 -c '
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
names = {e.tag.split("}")[1] for e in root.iter()}
assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag
assert names == {"svg", "title", "rect", "g", "line", "polygon", "path", "text"}, names
text = [e.text for e in root.iter() if e.text]
assert any("uc-ps 0x" in t for t in text) and any("refused" in t for t in text)' "$svg" &&
		! LC_ALL=C grep -q $'[^ -~]' "$svg" && ! grep -qiE '<script|href|onload|<style' "$svg"
}

utf8()
{
	gmctl ladder -n 5 "$trace_log" > "$said" 2> "$said.err" || return 1
	grep -q 'earlier ones are left out' "$said.err" && [ "$(wc -l < "$said")" = 7 ] && grep -q '│' "$said"
}

wrong_words()
{
	refuses 2 "something has to follow" gmctl ladder -w &&
	refuses 2 "say a number from 1" gmctl ladder -n 0 &&
	refuses 2 "no such option" gmctl ladder -x &&
	refuses 2 "one UE is enough" gmctl ladder "$trace_log" a b &&
	refuses 1 "cannot read" gmctl ladder ./nothing-there &&
	refuses 1 "nothing of that" gmctl ladder 192.0.2.250
}

# Who writes no trace is told so.
no_trace()
{
	refuses 1 "the agent writes no trace" gmctl ladder $UE4
	gmctl ladder -a "$trace_log" $UE4 > /dev/null
}

ktap_print_header
ktap_set_plan 10
ims_up
phone_open alice 1 4
phone_open bob 2 4b
ktap_test "two phones register" both_register
ktap_test "a registration: who, when, ports, SA, clear or inside ESP" registration
ktap_test "one UE: by address, IMPI and number, and not the other" one_ue_only
ktap_test "a call, by its Call-ID" a_call
ktap_test "a refusal with its rule and clause, with the UE it is of" refusal
ktap_test "terminal escapes and XML of a stranger stay text; SVG" hostile
ktap_test "UTF-8, and the last ones only" utf8
ktap_test "words that are wrong" wrong_words
gmctl -j ladder "$trace_log" > "$ims_run/ladder.json"
gmctl ladder "$trace_log" > "$ims_run/ladder.txt"
ktap_test "no key in what was drawn" no_leaks "$svg" "$ims_run/ladder.json" "$ims_run/ladder.txt"
# To be looked at, next to the captures of other scripts.
cp "$svg" "$trace_log" "$ims_run/ladder.txt" "$GMGATE_OUT/"
sed -i '/^trace:/d' "$config"
agent_stop
agent_start
ktap_test "without a trace: said, and a file can be named" no_trace
ktap_finished
