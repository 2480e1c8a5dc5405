#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gmctl as operators use it, against an agent with phones: what each subcommand
# shows to people and to programs, what it changes, and who may ask.
#
#     netns ue: two phones, a stranger -- gm0 -- netns pcscf: agent, gmctl -- netns core
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"

impi()		{ echo "$(subscriber_imsi "$1")@$domain"; }

# py EXPRESSION: of the JSON document `d`, or its lines `l`, on standard input.
py()
{
	/usr/bin/python3 -c '
import json, sys
l = [json.loads(line) for line in sys.stdin.read().splitlines()]
d = l[-1] if l else None
if not eval("(" + sys.argv[1] + ")"):
    print("not so:", sys.argv[1], "of", json.dumps(l)[:3000])
    sys.exit(1)' "$1"
}

# says TEXT COMMAND..: the command succeeds and prints it.
says()
{
	local text=$1

	shift
	"$@" > "$said" || return 1
	grep -qE -- "$text" "$said" || { echo "no '$text' in:"; cat "$said"; return 1; }
}

# --- looking ------------------------------------------------------------------------

status_of_all()
{
	says '^gmgated +[0-9.]+, instance 1, pid [0-9]+, up ' gmctl status
	says "^gm +$PCSCF4 port 5060, port-s 6100, port-c 6101,6102,6103,6104, endpoint" gmctl status
	says '^ues +2 registered, 2 SA sets' gmctl status
	says "^node +$CORE4:5060 udp fine" gmctl status
	says '^store .* 0 failed, 0 unsaved' gmctl status
	says '^pool +sets +2 of ' gmctl status
	says '^kernel +Linux [0-9]' gmctl status
	gmctl -j status | py 'd["ues"] == 2 and d["nodes"][0]["state"] == "fine" and
		d["machine"]["module-version"] >= 1 and d["register"]["registrations"] >= 2 and
		d["requests-ue"]["REGISTER"] >= 4 and d["pools"][0]["used"] == 2'
}

list_of_ues()
{
	says "^$(impi 1) +$UE4 +registered " gmctl ue
	says "^$(impi 2) +$UE4_2 +registered " gmctl ue list
	[ "$(grep -c registered "$said")" = 2 ] || { cat "$said"; return 1; }
	gmctl ue -j | py 'len(d["ues"]) == 2'
	gmctl -j ue $UE4 | py "[u['impi'] for u in d['ues']] == ['$(impi 1)']"
	gmctl -j ue impi "$(subscriber_imsi 2)*" | py "[u['address'] for u in d['ues']] == ['$UE4_2']"
	gmctl -j ue impu "$(impi 1)" state registered | py 'len(d["ues"]) == 1'
	gmctl -j ue list address 192.0.2.99 | py 'd["ues"] == []'
	refuses 1 "state: registered, challenged, ending or new" gmctl ue state dead
	refuses 2 "no such word: colour" gmctl ue list impi x colour red
}

one_ue()
{
	local id

	id=$(gmctl -j ue "$(impi 1)" | grep -oE '"in-use":[0-9]+' | grep -oE '[0-9]+')
	says "^  set $id .* in use" gmctl ue show "$(impi 1)"
	for text in "^$(impi 1) at $UE4  registered" '^  identity sip:.* ends in' '^    contact sip:' \
		    '^  service-route <' '^  reg-event active' '^    uc-ps .* packets [1-9]' \
		    '^    last heard'; do
		grep -qE -- "$text" "$said" || { echo "no $text"; cat "$said"; return 1; }
	done
	gmctl ue show "$(impi 1)" -j | py "len(d['ues']) == 1 and d['ues'][0]['kernel-sets'][0]['id'] == $id and
		d['ues'][0]['kernel-sets'][0]['sas']['uc-ps']['packets'] > 0 and d['ues'][0]['dialogs'] is not None"
	refuses 1 "no such UE" gmctl ue show nobody
	refuses 2 "say who" gmctl ue show
}

# A request in clear: refused by a rule with a clause.
stranger()
{
	in_ue /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 5099))
s.sendto(("MESSAGE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP %s:5099;branch=z9hG4bK1\r\nMax-Forwards: 9\r\n"
  "From: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n\r\n" % sys.argv[1]).encode(),
  (sys.argv[2], int(sys.argv[3])))' $UE4 $PCSCF4 "$1"
}

stats_explain()
{
	stranger 5060
	wait_for 10 rule_applied unprotected
	says '^rule.unprotected +1  .*\(TS 33.203 7.1\)$' gmctl stats -z
	says '^ +do: a phone that lost its SAs' gmctl stats -z agent
	! grep -q ' 0  ' "$said" || return 1
	stranger 6100
	says '^clear-in +[1-9]' gmctl stats kernel
	says '^ +do: a UE that lost its SAs' gmctl stats kernel
	gmctl -j stats | py 'd["drops"]["clear-in"] >= 1 and len(d["agent"]) > 100 and
		[c["clause"] for c in d["agent"] if c["name"] == "unprotected"] == ["TS 33.203 7.1"]'
	gmctl -j stats agent | py '"drops" not in d and len(d["agent"]) > 100'
	gmctl -j stats kernel | py '"agent" not in d and "in-packets" in d["counters"]'
	refuses 2 "no such word: x" gmctl stats x
}

rule_applied()	{ gmctl -j stats agent | py "any(c['group'] == 'rule' and c['name'] == '$1' and c['value'] for c in d['agent'])" >/dev/null; }

# --- watching -----------------------------------------------------------------------

watch_log=$ims_run/watch

# watch_start WORDS: not inside ktap_test.
watch_start()
{
	rm -f "$watch_log" "$watch_log.err"	# the last one was listening, too
	nsenter --net=/run/netns/pcscf "$agent/gmctl" -s "$ims_run/control.sock" "$@" \
		> "$watch_log" 2> "$watch_log.err" &
	watch_pid=$!
	defer stop_process $watch_pid
	wait_for 20 grep -q listening "$watch_log.err"
}

# It ends by itself.
watch_ends()	{ wait_for 60 eval '! kill -0 $watch_pid 2>/dev/null'; }
watch_has()	{ grep -qE "$1" "$watch_log" || return 1; }
has_or_story()	{ watch_has "$1" || { echo "no $1 in:"; cat "$watch_log" "$watch_log.err"; return 1; }; }

watch_registration()
{
	phone_do bob reregister
	phone_do alice forget && phone_do alice register
	wait_for 10 watch_has "agent  registered $(impi 1) at " || has_or_story "registered $(impi 1)"
	has_or_story "agent  challenged $(impi 1) at .*: begun unprotected"
	has_or_story "agent  set-in-use $(impi 1) at " && has_or_story "agent  set-ended $(impi 1) at "
	! watch_has "$(impi 2)"
}

watch_json()
{
	stranger 5060
	stranger 6100
	watch_ends || return 1
	py 'len(l) == 2 and {(e["from"], e["event"]) for e in l} == {("agent", "refused"), ("kernel", "dropped")} and
		{e.get("clause", e.get("reason")) for e in l} == {"TS 33.203 7.1", "clear-in"}' < "$watch_log"
}

watch_for_a_time()	{ watch_ends && [ ! -s "$watch_log" ]; }

# The agent has ended and come again.
stranger_is_told()	{ stranger 5060; watch_has "agent  refused"; }
watch_restart()
{
	has_or_story agent-gone
	wait_for 20 stranger_is_told || has_or_story "agent  refused"
}

rates()
{
	gmctl top -n 2 -i 0.2 > "$said"
	[ "$(grep -cE '^[0-9:]{8} ues 2 sets [0-9]+ calls 0 registrations/s [0-9]+\.[0-9] .* drops/s' "$said")" = 2 ] ||
		{ cat "$said"; return 1; }
	gmctl -j top -n 1 -i 0.1 | py 'd["ues"] == 2 and d["agent"] and d["kernel"] and
		d["per-second"]["drops"] == 0 and "registrations" in d["per-second"]'
	refuses 2 "say a number above 0" gmctl top -n 0
}

# Colours are for terminals. script(1) is one.
escapes()	{ grep -qc $'\033' "$said"; }
on_terminal()	{ in_pcscf env TERM=xterm "$@" script -qec "$agent/gmctl -s $ims_run/control.sock status" /dev/null > "$said"; }

colours()
{
	gmctl status > "$said" && ! escapes || return 1
	gmctl -c always status > "$said" && escapes || return 1
	gmctl -c always -j status > "$said" && ! escapes || return 1
	refuses 2 "auto, always or never" gmctl -c sometimes status || return 1
	command -v script > /dev/null || { echo "# no script(1): no terminal to try"; return 0; }
	on_terminal env -u NO_COLOR && escapes || return 1
	on_terminal env NO_COLOR=1 && ! escapes || return 1
	on_terminal env -u NO_COLOR TERM=dumb && ! escapes
}

# --- steering -----------------------------------------------------------------------

draining()
{
	says '^draining +true' gmctl drain 7
	gmctl -j drain 7 | py 'd["draining"] is True'
	gmctl -j status | py 'd["draining"]'
	says '^draining .*no new registrations' gmctl status
	ue 3 4 "expect 503 register" > /dev/null || return 1
	log_has "$ue_log" event=received "start=SIP/2.0 503*"
	# Who is registered notices nothing.
	phone_do alice reregister
	rule_applied draining
	says '^draining +false' gmctl undrain
	gmctl -j undrain | py 'd["draining"] is False'
	ue 3 4 register deregister > /dev/null
	refuses 1 "number of seconds" gmctl drain never
}

emergency_in_spite()
{
	gmctl drain > /dev/null
	ue 3 4 "set emergency 1" register > /dev/null
	gmctl undrain > /dev/null
}

levels()
{
	says '^level +debug' gmctl log
	says '^level +error' gmctl log error
	gmctl -j log | py 'd == {"level": "error"}'
	cp "$agent_log" "$ims_run/before"
	stranger 5060
	wait_for 10 rule_applied unprotected
	cmp -s "$agent_log" "$ims_run/before" || { tail -3 "$agent_log"; return 1; }
	gmctl log debug > /dev/null
	refuses 1 "there is no level loud" gmctl log loud
}

state_of()	{ gmctl -j ue show "$1" 2>/dev/null | grep -oE '"state":"(registered|challenged|ending|new)"' | head -1; }

ended_by_operator()
{
	says "^$(impi 1) at $UE4: ended" gmctl deregister "$(impi 1)"
	[ "$(state_of "$(impi 1)")" = '"state":"ending"' ] || { gmctl ue; return 1; }
	[ "$(state_of "$(impi 2)")" = '"state":"registered"' ] || return 1
	# The core hears that nobody here cares any more.
	wait_for 10 log_has "$core_log" event=subscribed "impi=$(impi 1)" by=pcscf expires=0 || return 1
	# Its SAs end in 64*T1, which is 13 s here.
	wait_for 30 eval '! gmctl ue show "$(impi 1)" 2>/dev/null >&2'
	grep -q "gmctl of uid 0, pid [0-9]*: deregister" "$agent_log"
	phone_do alice forget && phone_do alice register
}

ended_at_once()
{
	gmctl -j deregister $UE4_2 now | py "[(u['impi'], u['ended']) for u in d['ues']] == [('$(impi 2)', True)]"
	refuses 1 "no such UE" gmctl ue show "$(impi 2)" || return 1
	refuses 1 "no such UE" gmctl deregister "$(impi 2)" || return 1
	refuses 2 "say who" gmctl deregister
	gmctl -j set list ue $UE4_2 | py 'd["sets"] == []'
}

every_help()
{
	local c

	for c in $(gmctl -h | awk '/^  [a-z]/ { print $1 }'); do
		says "^Usage: gmctl $c" gmctl "$c" -h || return 1
	done
	refuses 2 "no subcommand" gmctl frobnicate
	refuses 2 "Usage" gmctl
}

no_agent()
{
	refuses 1 "no agent at" gmctl status &&
	says '^in-packets' gmctl stats && gmctl -j stats | py '"agent" not in d and "drops" in d'
}

ktap_print_header
ktap_set_plan 19
ims_up
phone_open alice 1 4
phone_open bob 2 4b
ktap_test "two phones register" both_register
ktap_test "status: one screen, and JSON" status_of_all
ktap_test "ue: lists and filters" list_of_ues
ktap_test "ue show: all of one, with the kernel's counters" one_ue
ktap_test "stats: drops and refusals, what they mean, what to do" stats_explain
watch_start watch who "$(impi 1)"
ktap_test "watch: a registration, of one phone" watch_registration
stop_process $watch_pid
watch_start -j watch -n 2
ktap_test "watch: JSON of agent and kernel, ends after COUNT" watch_json
watch_start watch -t 0.5 agent
ktap_test "watch: ends after SECONDS" watch_for_a_time
ktap_test "top: lines when piped, JSON" rates
ktap_test "colours on a terminal, unless NO_COLOR" colours
ktap_test "drain: newcomers get 503, who is there goes on; undrain" draining
ktap_test "drain: an emergency registration is accepted" emergency_in_spite
ktap_test "log: the level changes at once" levels
ktap_test "deregister: ended here, the core sees it, SAs drain, it comes again" ended_by_operator
ktap_test "deregister now: the SAs go at once" ended_at_once
watch_start watch
agent_stop
agent_start
ktap_test "watch: goes on over a restart of the agent" watch_restart
stop_process $watch_pid
ktap_test "-h of every subcommand" every_help
gmctl -j ue show '*' > "$ims_run/ues.json" 2>&1
gmctl -j stats > "$ims_run/stats.json"
ktap_test "no key in what gmctl has shown" no_leaks "$ims_run/ues.json" "$ims_run/stats.json"
agent_stop
ktap_test "without an agent: said, and the kernel's counters" no_agent
ktap_finished
