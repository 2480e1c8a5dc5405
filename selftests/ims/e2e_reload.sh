#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A new configuration while UEs are registered and a call is up, by SIGHUP and by
# gmctl, to an agent that is an ordinary user: what changes, what stays and is named,
# what is refused as a whole.  And what the agent shows is a configuration.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"

SPARE4=192.0.2.3 SPARE6=fd00:2::3
NEW4=10.4.128.22 NEW_PCO=270b80000c040a048016000200
user=nobody
state=$ims_run/state
trusted="[192.0.2.0/28, \"fd00:2::/64\"]"
new_gm="  - {address: $NEW4, port-s: 6200, port-c: [6201, 6202, 6203, 6204]}"

# make_config [SED..]: the script's configuration, changed by sed commands.
make_config()
{
	local e edits=()

	for e; do edits+=(-e "$e"); done
	write_config
	sed -i -e "s#^user:.*#user: $user#; s#^trace:.*#trace: $state/trace.jsonl#" \
		-e "s#^control:.*#control: $state/run/control.sock#" \
		-e "s#^store:.*#store: $state/store/registrations#" "${edits[@]}" "$config"
}

# The socket is elsewhere here.
gmctl()		{ in_pcscf "$agent/gmctl" -s "$state/run/control.sock" "$@"; }
agent_answers()	{ gmctl status; }

# The agent has done it when it counts one more, accepted or not.
reloads()	{ gmctl -j status | grep -oE '"(reloads|refused)":[0-9]+' | grep -oE '[0-9]+' | xargs; }
hang_up()
{
	local before

	before=$(reloads)
	kill -HUP "$agent_pid"
	wait_for 20 reloads_are_not "$before"
}
reloads_are_not()	{ [ "$(reloads)" != "$1" ]; }

# settle [SED..]: this configuration is in force.
settle()
{
	make_config "$@"
	gmctl reload > /dev/null
}

# reload CHANGED NEEDS-RESTART: as JSON lists; what gmctl says of it.
reload()
{
	local said

	said=$(gmctl -j reload)
	[ "$said" = "{\"changed\":[$1],\"needs-restart\":[$2]}" ] || { echo "it says: $said"; return 1; }
}

# refused TEXT: with this reason, status 1, and nothing has changed.
refused()
{
	local said before endpoints status=0

	before=$(gmctl config show) endpoints=$(endpoints)
	said=$(gmctl reload 2>&1) || status=$?
	[ $status = 1 ]
	grep -qF -- "$1" <<< "$said" || { echo "it says: $said"; return 1; }
	grep -qF -- "reload refused, nothing has changed: " "$agent_log"
	[ "$before" = "$(gmctl config show)" ]
	[ "$endpoints" = "$(endpoints)" ]
}
# Without the number of their sets, which end when they end.
endpoints()	{ gmctl endpoint list | grep -o '^endpoint.*port-c [0-9,]*'; }

# --- the core ----------------------------------------------------------------------

spare_log=$ims_run/spare.jsonl
spare_start()
{
	local before

	before=$(starts "$spare_log")
	nsenter --net=/run/netns/core "$ims/core.py" --listen "$1:5060" \
		--subscribers "$ims/subscribers.yaml" --log "$spare_log" < /dev/null &
	defer stop_process $!
	wait_for 120 has_started "$spare_log" "$before"
}

registers()	{ log_lines "$1" event=received method=REGISTER retransmission=false | wc -l; }

# through FIRST SPARE COMMAND..: so many more REGISTERs reach each core; + for some.
through()
{
	local first spare

	first=$(registers "$core_log") spare=$(registers "$spare_log")
	"${@:3}"
	first=$(($(registers "$core_log") - first)) spare=$(($(registers "$spare_log") - spare))
	is_like $first "$1" && is_like $spare "$2" || { echo "first $first, spare $spare"; return 1; }
}
is_like()	{ if [ "$2" = + ]; then [ "$1" -gt 0 ]; else [ "$1" = "$2" ]; fi; }

# --- the tests ---------------------------------------------------------------------

shown_is_a_configuration()
{
	gmctl config show > "$state/shown.yaml"
	gmctl -j config show > "$state/shown.json"
	"$agent/gmgated" --check "$state/shown.yaml"
	"$agent/gmgated" --check "$state/shown.json"
	# The same, by somebody else's YAML and JSON.
	/usr/bin/python3 -c 'import json, sys, yaml; y, j = sys.argv[1:]; \
		assert yaml.safe_load(open(y)) == json.load(open(j)) == yaml.safe_load(open(j))' \
		"$state/shown.yaml" "$state/shown.json"
	grep -q '^  burst: \|"burst":4000' "$state/shown.yaml"	# a default
}

call_survives_another_next_hop()
{
	local sets

	begin reload
	phone_do alice "call $BOB"
	phone_do bob "await confirmed"
	sets=$(set_ids)
	make_config
	hang_up
	[ "$sets" = "$(set_ids)" ]
	phone_do bob reinvite
	phone_do alice update
	phone_do bob bye
	phone_do alice "await released"
	grep -q "reloaded .*changed: \"mw-next-hop\"$" "$agent_log"
}

# In one call, and one that rings: the reload is in its midst.
call_rings_through_a_reload()
{
	begin ringing
	phone_do bob "set pickup no"
	phone_do alice "dial $BOB"
	phone_do bob "await ringing"
	make_config 's/t1-mw: [0-9]*/t1-mw: 400/; s/^visited-network-id.*/visited-network-id: other.example/'
	reload '"visited-network-id","timers.t1-mw"' ''
	phone_do bob pickup
	phone_do alice "await confirmed"
	phone_do alice bye
	phone_do bob "await released"
	phone_do bob "set pickup yes"
}

new_visited_network()
{
	settle 's/^visited-network-id.*/visited-network-id: third.example/'
	ue 3 4 register
	grep -q 'third.example' "$core_log"
}

bad_file()
{
	make_config 's/^mw-mtu: .*/mw-mtu: 5/'
	refused "$config:$(grep -n '^mw-mtu' "$config" | cut -d: -f1): mw-mtu: must be 576 to 65535"
	hang_up
	echo "no: yaml: at all" > "$config"
	refused "$config:1: "
	mv "$config" "$config.away"
	refused "No such file"
	mv "$config.away" "$config"
}

not_trusted()
{
	make_config 's/^mw-trusted: .*/mw-trusted: [192.0.2.99]/'
	refused "mw-next-hop.0: is not in mw-trusted"
}

needs_restart='"instance","store","limits.sets","gm (10.4.128.21: only sec-agree-required, emergency-unregistered and key-export can change)"'
restart_is_named()
{
	settle
	make_config 's/^instance: .*/instance: 2/; s#^store: .*#store: /tmp/other#' \
		's/temporary-sets: 1000/temporary-sets: 900, sets: 9/' '0,/6104\]/s//6105]/'
	reload '"limits.temporary-sets"' "$needs_restart"
	gmctl -j status | grep -qF "\"needs-restart\":[$needs_restart]"
	gmctl config show | grep -q '^instance: 1$'
	gmctl config show | grep -q '^  temporary-sets: 900$'
	# Once the file is as it was, nothing does.
	make_config
	reload '"limits.temporary-sets"' ''
}

# Declared first, and then there is no such address to bind to: all of it is undone.
address_is_not_there()
{
	make_config "/^spi:/i\\$new_gm"
	refused "cannot listen on $NEW4:5060"
}

address_comes()
{
	settle
	make_config "/^spi:/i\\$new_gm"
	ip -n pcscf addr add $NEW4/8 dev gm0
	reload '"gm"' ''
	ue 4 4 --pco $NEW_PCO --transport udp register reregister
	ue 5 4b --pco $NEW_PCO --transport tcp register reregister
	gmctl endpoint list | grep -q "port-s 6200"
}

address_stays_while_it_has_ues()
{
	make_config
	reload '' "\"gm ($NEW4: has $(gmctl set list endpoint "$(new_id)" | grep -c ^set) SA sets)\""
	ue 6 4 --pco $NEW_PCO register deregister
}

new_id()		{ gmctl endpoint list | awk '/^endpoint/ { id = $2 } /'$NEW4'/ { print id; exit }'; }
can_go()		{ gmctl reload | grep -q '^changed *gm$'; }
new_is_closed()		{ ! in_pcscf ss -Hln "src $NEW4" | grep -q .; }

address_goes()
{
	gmctl set del endpoint "$(new_id)"
	# The agent hears of it by an event.
	wait_for 60 can_go
	new_is_closed
	[ "$(gmctl endpoint list | grep -c 'port-s 6200')" = 0 ]
	# The others go on.
	phone_do alice "message $BOB"
}

core_address_comes()
{
	make_config
	reload '"mw","mw-next-hop"' ''
	through 0 2 ue 3 4 register
}

# Its Path is at the core, under that address.
core_address_stays()
{
	make_config
	reload '"mw-trusted"' '"mw (an address cannot go while UEs are there)"'
	in_pcscf ss -Hlnu "src $MW4" | grep -q 5060
}

untrusted()	{ gmctl -j status | grep -o '"untrusted":[0-9]*' | head -1; }
untrusted_is_not()	{ [ "$(untrusted)" != "$1" ]; }

no_longer_trusted()
{
	local before

	before=$(untrusted)
	in_core python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
		s.bind(('$SPARE4', 5099)); s.sendto(b'OPTIONS sip:a SIP/2.0\r\n\r\n', ('$MW4', 5060))"
	wait_for 10 untrusted_is_not "$before"
}

other_suites()
{
	settle
	make_config 's#suites: .*#suites: [hmac-md5-96/null]#'
	reload '"sec-agree.suites"' ''
	ue 6 6 --suites hmac-md5-96/null,hmac-sha-1-96/aes-cbc register
	log_has "$ue_log" event=registered suite=hmac-md5-96/null
	ue 6 6 --suites hmac-sha-1-96/aes-cbc "expect 494 register"
}

# As logrotate does.
trace_is_opened_anew()
{
	mv "$state/trace.jsonl" "$state/trace.1"
	settle
	phone_do alice "message $BOB"
	grep -q '"start":"MESSAGE' "$state/trace.jsonl"
}

quiet()
{
	settle
	make_config 's/level: debug/level: warning/; s#^trace:.*#trace: ""#'
	reload '"trace","log.level"' ''
	local before after

	before=$(wc -l < "$agent_log")
	phone_do alice "message $BOB"
	after=$(wc -l < "$agent_log")
	[ "$before" = "$after" ]
	make_config
	reload '"trace","log.level"' ''
}

# A start with what was shown: the same UEs, the same configuration.
all_is_as_it_was()
{
	[ "$before" = "$(gmctl -j config show)" ]
	[ -n "$sets" ] && [ "$sets" = "$(set_ids)" ]
	phone_do alice "message $BOB"
}

# Documentation/gmgate.yaml with our addresses and the core's, all else as it is.
make_sample()
{
	sed "s/192\.0\.2\.10\b/$PCSCF4/; s/198\.51\.100\.1\b/$MW4/; s/198\.51\.100\.2\b/$CORE4/g" \
		"$repo/Documentation/gmgate.yaml" > "$config"
}

the_sample_runs()
{
	ue 1 4 register reregister deregister
	ue 2 4b --transport tcp register deregister
}

ktap_print_header
ktap_set_plan 25
topo_up
load_gmgate
defer module_unload
chmod 711 "$ims_run"
mkdir -p "$state"
chown $user "$state"
trace_log=$state/trace.jsonl
make_config
ip -n core addr add $SPARE4/24 dev core0
ip -n core addr add $SPARE6/64 dev core0 nodad
core_start
spare_start $SPARE4
spare_start $SPARE6
agent_start
capture_start wire pcscf gm0
phone_open alice 1 4
phone_open bob 2 6
phone_do alice register
phone_do bob register
ktap_test "config show is a configuration, as YAML and as JSON" shown_is_a_configuration
ktap_test "a file that is as it was changes nothing" reload '' ''
next_hops="[{address: $SPARE4}]"
ktap_test "SIGHUP, another next hop: UEs and a call survive it" call_survives_another_next_hop
ktap_test "a UE registers through the new one" through 0 2 ue 3 4 register
ktap_test "a registered UE refreshes through the new one" through 0 + phone_do alice reregister
next_hops="[{address: $CORE4}]"
settle
ktap_test "and back" through + 0 phone_do alice reregister
ktap_test "a call that rings survives a reload; timers" call_rings_through_a_reload
ktap_test "another visited network" new_visited_network
ktap_test "a bad file changes nothing and is said with line and key" bad_file
ktap_test "neither does one that does not hold" not_trusted
ktap_test "what needs a restart is named, the rest comes into force" restart_is_named
ktap_test "an address that cannot be bound: refused, and undone" address_is_not_there
ktap_test "an address of Gm is added, UEs register there" address_comes
ktap_test "it stays while it has UEs" address_stays_while_it_has_ues
ktap_test "it goes when it has none" address_goes
mw_addresses="[{address: $MW4}, {address: \"$MW6\"}]" next_hops="[{address: \"$SPARE6\"}]"
ktap_test "an address of Mw is added, of another family" core_address_comes
mw_addresses="[{address: \"$MW6\"}]" trusted='["fd00:2::/64"]'
ktap_test "one of Mw does not go while there are UEs" core_address_stays
ktap_test "who is trusted no longer is not heard" no_longer_trusted
mw_addresses="[{address: $MW4}, {address: \"$MW6\"}]" next_hops="[{address: $CORE4}]"
trusted="[192.0.2.0/28, \"fd00:2::/64\"]"
ktap_test "other suites for newcomers" other_suites
ktap_test "the trace is opened anew" trace_is_opened_anew
ktap_test "log level and trace" quiet
gmctl config show > "$state/shown.yaml"
before=$(gmctl -j config show) sets=$(set_ids)
agent_stop KILL
cp "$state/shown.yaml" "$config"
agent_start
ktap_test "a restart with what config show says: all the same" all_is_as_it_was
capture_stop wire
ktap_test "wire: nothing clear left a protected port" judge wire --pcscf $NEW4
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
agent_stop
gmctl()		{ in_pcscf "$agent/gmctl" "$@"; }
make_sample
# What tmpfiles makes on a host, for the user that the agent becomes.
mkdir -p /run/gmgate
chown $user /run/gmgate
agent_start
ktap_test "Documentation/gmgate.yaml runs with our addresses in it" the_sample_runs
agent_stop
ktap_finished
