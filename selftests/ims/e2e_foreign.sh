#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Field note 56: in front of a core that is there.
# Registrations and calls through a core that is not ours: Kamailio as registrar and
# proxy, with its own parser, sanity checks, digest computation, Path, location table,
# Record-Route and transactions.
# Only the authentication vectors come from our Milenage, which is checked
# against the published test sets.  The P-CSCF talks TCP to it, elsewhere UDP.
set -eu
timer_scale=10 t1_mw=3000 next_hop_transport=tcp
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"

kamailio=${GMGATE_CACHE:-$HOME/.cache/gmgate}/kamailio
libs=$kamailio/usr/lib/x86_64-linux-gnu/kamailio
foreign_log=$ims_run/kamailio.log

foreign_start()
{
	cp "$ims/kamailio.cfg" "$ims_run/"
	"$ims/foreign_vectors.py" --subscribers "$ims/subscribers.yaml" \
		"$(subscriber_imsi 1)" "$(subscriber_imsi 2)" > "$ims_run/vectors.cfg"
	LD_LIBRARY_PATH=$libs nsenter --net=/run/netns/core "$kamailio/usr/sbin/kamailio" \
		-DD -E -m 32 -M 8 -f "$ims_run/kamailio.cfg" -L "$libs/modules" \
		-Y "$ims_run" -l "udp:$CORE4:5060" -l "tcp:$CORE4:5060" > "$foreign_log" 2>&1 &
	defer stop_process $!
	wait_for 60 foreign_listens || { tail -20 "$foreign_log"; return 1; }
}

foreign_listens()	{ in_core ss -Hlnut "src $CORE4" | grep -q :5060; }

# said TEXT: the foreign core's log has it.
said()	{ grep -qE "$1" "$foreign_log" || { grep -E "foreign|ERROR" "$foreign_log"; return 1; }; }

nothing_wrong()
{
	! grep -E "WRONG|ERROR|CRITICAL|WARNING" "$foreign_log" | grep -v "wrong response of"
}

both()	{ phone_do alice "$1" && phone_do bob "$1"; }

# Each UE's vector is used twice: for a USIM that has forgotten the first time.
call_over_tcp()
{
	both deregister
	both reset
	both "set transport tcp"
	both register
	whole_call tcp
}

# Its AKA data, in the form leaks.py takes from a log of our core.
foreign_keys()
{
	sed -nE 's/.*aka=>(.*)::(ck|ik)\) = "(.*)";/{"t": 0, "event": "challenged", "impi": "\1", "ck": "\3", "ik": "\3"}/p' \
		"$ims_run/vectors.cfg" > "$core_log"
}

[ -x "$kamailio/usr/sbin/kamailio" ] ||
	ktap_skip_all "no Kamailio in the cache: selftests/ims/fetch-kamailio"
ktap_print_header
ktap_set_plan 18
ims_up foreign_start
hops_start
ktap_test "Kamailio refuses a wrong RES: it computes the digest itself" \
	ue 1 4 "set fault wrong-res" "expect 403 register"
ktap_test "Kamailio registers, refreshes and de-registers a UE (UDP, IPv4, integrity only)" \
	ue 1 4 --suites hmac-md5-96/null register reregister deregister
ktap_test "Kamailio registers, refreshes and de-registers a UE (TCP, IPv6, aes-cbc)" \
	ue 2 6 --transport tcp --style iphone register reregister deregister
ktap_test "it challenged both" eval 'said "challenged 001010000000001@" && said "challenged 001010000000002@"'
ktap_test "it has the contact with our Path" \
	said "1 contacts of 001010000000001@.*path <sip:[^ ]*@$MW4[:;][^ ]*lr[^ ]*>"
phone_open alice 1 4
phone_open bob 2 6
ktap_test "two UEs register there" both register
ktap_test "a whole call through it" whole_call call
ktap_test "CANCEL" cancelled
ktap_test "busy" busy
ktap_test "MESSAGE of more than 1300 octets" large_message
ktap_test "a whole call over TCP" call_over_tcp
ktap_test "they de-register" both deregister
ktap_test "it found nothing wrong with what it got" nothing_wrong
ktap_test "no set is left 64*T1 later" no_set_left
capture_stop
ktap_test "wire: REGISTER and 401 clear, then ESP with good ICVs, nothing clear" \
	judge_calls wire 2 --ue $UE4 --ue $UE6
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "no UE saw ck, ik or charging headers" \
	bash -c "! grep -h '\"violation\"' '$ims_run'/ue-*.jsonl"
foreign_keys
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
