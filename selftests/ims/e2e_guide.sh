#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Documentation/troubleshooting.md: a phone that has the symptom, and what the guide says
# that `gmctl stats -z` shows: the rule or the drop, and what to do.  Then the commands
# under "What it looks like", each with a phone and a core of which it is said: they print
# what stands there.  What they printed is in $GMGATE_OUT/guide-SYMPTOM.txt, too.
set -eu
timer_scale=20
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"
. "$ims/documents.sh"

guide=$ims/../../Documentation/troubleshooting.md

# What the guide names, and what a phone does for it.
symptoms=(
	"offer-missing 494 no-security-client"
	"verify-differs 494 altered-verify"
	"verify-missing 400 no-verify"
	"other-impi 403 other-impi"
	"via-address 403 other-via"
)
cores=("no-keys 500 11" "core-silent 504 16")

# told RULE STATUS: its row of the guide has this status, and gmctl counts it and says
# what to do.
told()
{
	grep -E "^\|.*$2.*\|.*\`$1\`" "$guide" > /dev/null || { echo "the guide has no $2 with $1"; return 1; }
	gmctl stats -z agent > "$said"
	grep -A 1 -E "^rule\.$1 +[1-9]" "$said" | grep -qE '^ +do: ' || { cat "$said"; return 1; }
}

drop_told()
{
	grep -q "drop \`$1\`" "$guide" || { echo "the guide has no $1"; return 1; }
	gmctl stats -z kernel > "$said"
	grep -A 1 -E "^$1 +[1-9]" "$said" | grep -qE '^ +do: ' || { cat "$said"; return 1; }
}

# --- the symptoms, by their names in the guide ----------------------------------------

# with_fault FAULT STATUS
with_fault()
{
	phone_do alice "set fault $1" || return 1
	phone_do alice "expect $2 register" || return 1
	phone_do alice forget && phone_do alice "set fault none"
}

# as_imsi N STATUS: a subscriber with whom the core has its ways
as_imsi()
{
	phone_do alice "set imsi $(subscriber_imsi "$1")" || return 1
	phone_do alice "expect $2 register" || return 1
	phone_do alice forget && phone_do alice "set imsi $(subscriber_imsi 1)"
}

make_silent()		{ phone_do bob register; }
make_no_offer()		{ with_fault no-security-client 494; }
make_altered()		{ with_fault altered-verify 494; }
make_wrong_keys()	{ with_fault wrong-keys silence; }
make_no_keys()		{ as_imsi 11 500; }
make_core_silent()	{ as_imsi 16 504; }
make_core_refuses()	{ as_imsi 14 403; }
make_sim_refuses()	{ as_imsi 18 401; }
make_clear_text()	{ with_fault clear-answer silence; }

# The core's entry point by a name that the DNS does not have.
make_no_name()
{
	nsenter --net=/run/netns/core dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--port=5353 --listen-address=$CORE4 --bind-interfaces --local=/ims.example/ --pid-file= \
		--user=root 2> /dev/null &
	dns_pid=$!
	cp "$config" "$ims_run/before.yaml"
	sed -i -e 's/^mw-next-hop:.*/mw-next-hop: [{uri: "sip:icscf.ims.example"}]/' \
		-e "\$a dns: {servers: [{address: $CORE4, port: 5353}]}" "$config"
	gmctl reload > /dev/null || return 1
	wait_for 20 eval 'gmctl status | grep -q "no address is known"' || return 1
	phone_do alice "expect 504 register" && phone_do alice forget
}
mend_no_name()
{
	stop_process "$dns_pid"
	cp "$ims_run/before.yaml" "$config" && gmctl reload > /dev/null
}

# As a core does that routes by Contact.
make_no_path()
{
	local answer

	phone_do alice register || return 1
	answer=$(knocks $CORE4 MESSAGE)
	phone_do alice forget
	[ "$answer" = "SIP/2.0 404 Not Found" ] || { echo "it gets: $answer"; return 1; }
}

# The right SA, from a port that is not its own: one policy more leads there.
make_wrong_port()
{
	local sa

	phone_do alice register || return 1
	sa=$(ip -n ue xfrm policy | grep -A 3 "^src $UE4/32 dst $PCSCF4/32 proto udp sport [0-9]* dport 6100" |
		grep -oE 'spi 0x[0-9a-f]+ reqid [0-9]+' | head -1)
	[ -n "$sa" ] || { echo "no SA to send on"; return 1; }
	# shellcheck disable=SC2086 -- words
	ip -n ue xfrm policy add src $UE4/32 dst $PCSCF4/32 proto udp sport 4711 dport 6100 dir out \
		priority 50 tmpl src $UE4 dst $PCSCF4 proto esp $sa mode transport
	from_port 4711
}

from_port()
{
	in_ue /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], int(sys.argv[3])))
s.sendto(b"OPTIONS sip:p SIP/2.0\r\n\r\n", (sys.argv[2], 6100))' $UE4 $PCSCF4 "$1"
}

make_no_calls()
{
	phone_do alice register || return 1
	gmctl deregister "$(subscriber_imsi 1)@$domain" > /dev/null || return 1
	phone_do bob "expect 480 call sip:$(subscriber_imsi 1)@$domain"
}

# A router on the way has less room than the links: ICMP about a packet of ours.
make_mtu()
{
	phone_do alice forget
	phone_do alice register || return 1
	in_ue /usr/bin/python3 - $UE4 $PCSCF4 "$ims_run/ready" <<-'END' &
	import socket, struct, sys
	ue, us = (socket.inet_aton(a) for a in sys.argv[1:3])
	wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x800))
	wire.bind(("ue0", 0))
	wire.settimeout(60)
	open(sys.argv[3], "w", encoding="ascii").write("ready")
	while True:
	    frame = wire.recv(2000)
	    if frame[23] == 50 and frame[26:30] == us and frame[30:34] == ue:
	        break
	body = struct.pack("!BBHHH", 3, 4, 0, 0, 560) + frame[14:42]
	total = sum(struct.unpack(f"!{len(body) // 2}H", body))
	total = (total & 0xffff) + (total >> 16)
	body = body[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + body[4:]
	raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
	raw.sendto(body, (sys.argv[2], 0))
	END
	wait_for 30 test -s "$ims_run/ready" || return 1
	phone_do alice reregister || return 1
	wait $! || return 1
	wait_for 20 eval "gmctl stats -z kernel | grep -q '^pmtu-learned'"
}

make_old_sas()
{
	local id

	phone_do alice forget
	phone_do alice register || return 1
	for id in $(gmctl -j set list ue $UE4 | grep -oE '"id": ?[0-9]+' | grep -oE '[0-9]+$'); do
		gmctl set del "$id" || return 1
	done
	phone_do alice "expect silence reregister" || return 1
	phone_do alice forget
}

make_draining()
{
	gmctl drain 120 > /dev/null
	phone_do alice forget
	phone_do alice "expect 503 register"
}
mend_draining()		{ gmctl undrain > /dev/null; }

make_stranger()		{ [ "$(knocks $STRANGER4)" = silence ]; }

# --- the commands ---------------------------------------------------------------------

# of_symptom NAME: its lines of the plan, in $plan
of_symptom()	{ mapfile -t plan < <(grep "^symptom-$1	" "$ims_run/plan"); }

# printed OUTPUT COMMAND STATUS WANTED: kept for the guide, and held against it
printed()
{
	{ echo "    # $2"; sed 's/^/    /' "$said"; } >> "$GMGATE_OUT/guide-$symptom.txt"
	[ "$3" = "$4" ] || { echo "$2: status $3, wants $4"; cat "$said"; return 1; }
	# Nothing is nothing: no other line may be there.
	[ "$symptom" != silent ] || [ -z "$(grep -v '^gmctl: listening$' "$said")" ] || { cat "$said"; return 1; }
	[ "$1" = - ] || "$ims/documents.py" compare "$1" "$said" || { echo "of: $2"; return 1; }
}

# looks_like NAME: those that go on until ^C begin before, all others are run afterwards.
looks_like()
{
	local symptom=$1 line output command want got=0 pid= make=make_${1//-/_} mend=mend_${1//-/_}
	local _phase _kind _folder _bare _document live_output='' live_command='' live_said=$ims_run/live

	of_symptom "$symptom"
	rm -f "$GMGATE_OUT/guide-$symptom.txt"
	for line in "${plan[@]}"; do
		IFS=$'\t' read -r _phase _kind want _folder output _bare _document command <<< "$line"
		[ "$_kind" = live ] || continue
		[ -z "$pid" ] || { echo "more than one goes on"; return 1; }
		live_output=$output live_command=$command
		rm -f "$live_said"
		(in_place "$here" "$command") > "$live_said" 2>&1 < /dev/null &
		pid=$!
		wait_for 30 grep -q listening "$live_said" || { cat "$live_said"; return 1; }
	done
	"$make" || { [ -z "$pid" ] || kill -KILL -- -$pid; return 1; }
	if [ -n "$pid" ]; then
		sleep 1			# what is told last is on its way
		pkill -INT -g $pid gmctl || true
		wait $pid || got=$?
		cp "$live_said" "$said"
		printed "$live_output" "$live_command" $got 0 || return 1
	fi
	for line in "${plan[@]}"; do
		IFS=$'\t' read -r _phase _kind want _folder output _bare _document command <<< "$line"
		[ "$_kind" = once ] || continue
		got=0
		once "$here" "$command" || got=$?
		printed "$output" "$command" $got "$want" || return 1
	done
	! declare -F "$mend" > /dev/null || "$mend"
}

# Each that can be made is in the guide, and each that is there can be made.
same_symptoms()
{
	[ "$(cut -f 1 "$ims_run/plan" | sort -u | sed 's/symptom-/make_/; s/-/_/g')" = \
	  "$(declare -F | grep -oE 'make_[a-z_]+' | sort -u)" ]
}

actions=()
for s in "${symptoms[@]}"; do
	read -r rule status fault <<< "$s"
	actions+=("scenario $rule" "set fault $fault" "expect $status register" forget "set fault none")
done
for s in "${cores[@]}"; do
	read -r rule status n <<< "$s"
	actions+=("scenario $rule" "set imsi $(subscriber_imsi "$n")" "expect $status register" forget)
done
actions+=("scenario clear" "set imsi $(subscriber_imsi 1)" "set fault clear-answer"
	"expect silence register" forget "set fault wrong-keys" "expect silence register" forget)

ktap_print_header
plan_documents 'symptom-[a-z-]*'
mapfile -t names < <(cut -f 1 "$ims_run/plan" | uniq | sed 's/^symptom-//')
ktap_set_plan $((${#symptoms[@]} + ${#cores[@]} + ${#names[@]} + 4))
[ -x "$agent/gmgated" ] || ktap_skip_all "agent/gmgated is not built"
topo_up
load_gmgate
defer module_unload
write_config
in_its_place
core_start
agent_start
ip -n core addr add $STRANGER4/24 dev core0
ue 1 4 --timeout 5 --keep-going "${actions[@]}" > /dev/null || true
for s in "${symptoms[@]}" "${cores[@]}"; do
	read -r rule status _ <<< "$s"
	ktap_test "$status: $rule, as the guide has it" told "$rule" "$status"
done
ktap_test "clear text to a protected port" drop_told clear-in
ktap_test "wrong keys" drop_told in-icv
ktap_test "the symptoms of the guide are those of this script" same_symptoms
phone_open alice 1 4 --timeout 5
phone_open bob 2 4b --timeout 8
for name in "${names[@]}"; do
	ktap_test "what it looks like: $name" looks_like "$name"
done
agent_stop
ktap_test "no agent, as the guide has it" refuses 1 "gmctl: no agent at" gmctl status
ktap_finished
