#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of registrations besides registering and refreshing: the P-CSCF's
# subscription and what the network ends by it, several phones and addresses,
# an address that moves, an emergency registration, an end without a word.
set -eu
timer_scale=10
. "$(dirname "$0")/ims.sh"

# agent_ue SUBSCRIBER EXPRESSION: of what the agent knows of a subscriber's UEs, `ues`.
agent_ue()
{
	gmctl -j ue | /usr/bin/python3 -c '
import json, sys
ues = [u for u in json.load(sys.stdin)["ues"] if u["impi"].startswith(sys.argv[1])]
if not eval(sys.argv[2]):
    print(sys.argv[2], ues)
    sys.exit(1)' "$(subscriber_imsi "$1")" "$2"
}

# status_is EXPRESSION: of the agent's counters, `s`.
status_is()
{
	gmctl -j status | /usr/bin/python3 -c '
import json, sys
s = json.load(sys.stdin)
sys.exit(not eval(sys.argv[1]))' "$1"
}

registered()	{ agent_ue "$1" 'any(u["registered"] for u in ues)'; }
not_registered() { agent_ue "$1" 'not any(u["registered"] for u in ues)'; }
subscribed()	{ agent_ue "$1" 'ues[0]["reg-event"]["state"] == "active"'; }

# gone SUBSCRIBER: the agent has forgotten it, sets and all.
gone()		{ wait_for 20 agent_ue "$1" 'not ues'; }

impi()		{ echo "$(subscriber_imsi "$1")@$domain"; }

# --- reg event -------------------------------------------------------------------

subscription()
{
	phone_do a register || return 1
	wait_for 10 subscribed 1 || { gmctl ue; return 1; }
	log_has "$core_log" event=subscribed "impi=$(impi 1)" by=pcscf || return 1
	log_has "$core_log" event=notified "impi=$(impi 1)" to=pcscf "status=200*" || return 1
	agent_ue 1 '"<tel:" in ues[0]["associated"] and ues[0]["reg-event"]["ends"] > 599000'
}

bad_documents()
{
	printf '%s' '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' \
		'<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="9" state="full">&b;</reginfo>' \
		> "$ims_run/laughs.xml"
	core_do notify "$(subscriber_imsi 1)" "$ims_run/laughs.xml"
	wait_for 10 log_has "$core_log" event=notified event_sent=raw to=pcscf "status=400*" || return 1
	registered 1 && subscribed 1
}

user_deregistration()
{
	phone_do a deregister || return 1
	not_registered 1 || return 1
	gone 1 || { gmctl ue; return 1; }
	status_is 's["reg-event"]["subscriptions"] == 0'
}

# The core wants RES even for that: old SAs and new ones end together.
challenged_deregistration()
{
	core_do reauth "$(subscriber_imsi 1)" always
	phone_do a register && phone_do a reregister && phone_do a deregister || return 1
	core_do reauth "$(subscriber_imsi 1)" never
	not_registered 1 || return 1
	gone 1 || { gmctl ue; return 1; }
	status_is 's["reg-event"]["subscriptions"] == 0'
}

network_deregistration()
{
	phone_do a "set transport $1" && phone_do a register && phone_do a subscribe || return 1
	wait_for 10 subscribed 1 || return 1
	core_do deregister "$(subscriber_imsi 1)" deactivated
	wait_for 5 not_registered 1 || { gmctl ue; return 1; }
	# Its SAs drain, so that last messages still go out protected, and then go.
	sets_are 1 || return 1
	log_has "$core_log" event=notified event_sent=deactivated to=pcscf "status=200*" || return 1
	# The UE's own NOTIFY among them.
	wait_for 5 log_has "$core_log" event=notified event_sent=deactivated to=ue "status=200*" ||
		return 1
	log_has "${phone_log[a]}" event=reginfo subscription=terminated || return 1
	gone 1 || { gmctl ue; return 1; }
	sets_are 0 || return 1
	phone_do a forget
}

# The core's 200 s are 20 of ours; the SAs had a week.
shortened()
{
	phone_do a register && wait_for 10 subscribed 1 || return 1
	core_do shorten "$(subscriber_imsi 1)" 200
	wait_for 5 agent_ue 1 'ues[0]["identities"][0]["ends"] < 201' || { gmctl ue; return 1; }
	agent_ue 1 'any(s["ends"] > 100000 for s in ues[0]["sets"])' || return 1
	registered 1 || return 1
	wait_for 30 not_registered 1 || { gmctl ue; return 1; }
	gone 1 || return 1
	phone_do a forget
}

# --- phones and addresses ----------------------------------------------------------

several_behind_one_address()
{
	phone_do a register && phone_do b register && phone_do c register || return 1
	sets_are 3 || return 1
	phone_do b deregister || return 1
	phone_do a reregister && phone_do c reregister || return 1
	registered 1 && not_registered 2 && registered 3
}

# Subscriber 2 gets address and ports that were subscriber 1's, who left without a word.
address_moved()
{
	local word

	for word in "set port_c 31000" "set port_s 31001" register forget; do
		phone_do a "$word" || return 1
	done
	for word in "set port_c 31000" "set port_s 31001" register; do
		phone_do b "$word" || return 1
	done
	sets_are 2 || { gmctl set list; return 1; }
	wait_for 20 sets_are 1 || { gmctl set list; return 1; }
	phone_do b "set port_c 31002" && phone_do b reregister && phone_do b deregister
}

# TS 33.203 7.5: from another address all begins anew; the old one has its time.
address_change()
{
	phone_do c register && phone_do c "set local $UE4_2" && phone_do c register || return 1
	agent_ue 3 'len({u["address"] for u in ues}) == 2' || return 1
	phone_do c reregister
}

emergency()
{
	phone_do e register || return 1
	phone_do sos "set emergency 1" && phone_do sos "set expires 600" || return 1
	phone_do sos register || return 1
	agent_ue 5 'sorted(u["emergency"] for u in ues) == [False, True]' || return 1
	agent_ue 5 'all(len(u["sets"]) == 1 for u in ues)' || return 1
	# Nobody subscribes to it, and the other one is as it was.
	agent_ue 5 'all((u["reg-event"]["state"] == "none") == u["emergency"] for u in ues)' ||
		return 1
	phone_do e reregister || return 1
	phone_do sos reregister || return 1
	phone_do sos forget
}

# 150 s are 15; the SAs have 30 s more, which are 3.
ends_without_a_word()
{
	phone_do d "set expires 150" && phone_do d register && phone_do d forget || return 1
	registered 4 || return 1
	wait_for 30 not_registered 4 || return 1
	gone 4
}

ktap_print_header
ktap_set_plan 18
ims_up
hops_start
phone_open a 1 4
phone_open b 2 4 --clear-port 5070
phone_open c 3 4 --clear-port 5080
phone_open d 4 4 --clear-port 5090
phone_open e 5 6
phone_open sos 5 6 --clear-port 5070
ktap_test "TS 24.229 5.2.3: SUBSCRIBE after the 200 OK; NOTIFY is answered" subscription
ktap_test "NOTIFY with entities: 400, and nothing of it believed" bad_documents
ktap_test "TS 24.229 5.2.5.1: de-registration ends the subscription" user_deregistration
ktap_test "TS 33.203 7.4.2a: a de-registration that is challenged" challenged_deregistration
ktap_test "TS 24.229 5.2.5.2: the network de-registers: SAs drain and go (UDP)" \
	network_deregistration udp
ktap_test "TS 24.229 5.2.5.2: the network de-registers: SAs drain and go (TCP)" \
	network_deregistration tcp
ktap_test "TS 24.229 5.2.3: the network shortens a registration, not its SAs" shortened
ktap_test "several phones behind one address" several_behind_one_address
phone_do a deregister && phone_do c deregister || true
no_set_left || true
ktap_test "an address and ports that moved to another subscriber" address_moved
ktap_test "TS 33.203 7.5: a phone with another address" address_change
ktap_test "TS 24.229 5.2.10: an emergency registration beside another" emergency
ktap_test "a registration that ends without a word" ends_without_a_word
capture_stop
ktap_test "wire: REGISTER and 401 clear, then ESP with good ICVs, nothing clear" \
	judge wire --ue $UE4 --ue $UE4_2 --ue $UE6
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_test "no UE saw ck, ik or charging headers" \
	bash -c "! grep -h '\"violation\"' '$ims_run'/ue-*.jsonl"
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
