#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The core side (Mw): two cores, of which the first is silent, gone, or answers
# 503; names by a foreign DNS server (dnsmasq) with NAPTR, SRV, A and AAAA; UEs and
# core of different IP versions; TCP with a core that restarts; devices and DSCP.
# RFC 3263 4, TS 24.229 5.2.2.1.  64*T1 towards the core is 6.4 s here.
set -eu
t1_mw=100
. "$(dirname "$0")/ims.sh"

SPARE4=192.0.2.3 SPARE6=fd00:2::3
home=$domain			# the Request-URI of every REGISTER
both="[{address: $CORE4}, {address: $SPARE4, priority: 1}]"
trusted="[192.0.2.0/28, \"fd00:2::/64\"]"
mw_addresses="[{address: $MW4, device: mw0, dscp: 26}, {address: \"$MW6\", device: mw0, dscp: 26}]"
gm_link=$'device: gm0\n    dscp: 40'
mw_dns="dns: {servers: [{address: $CORE4, port: 5353}], device: mw0}"

declare -A log_of pid_of

# second_start NAME ADDRESS [OPTION]: another core; what it saw is in ${log_of[NAME]}.
second_start()
{
	local before

	log_of[$1]=$ims_run/$1.jsonl
	before=$(starts "${log_of[$1]}")
	nsenter --net=/run/netns/core "$ims/core.py" --listen "$2:5060" \
		--subscribers "$ims/subscribers.yaml" --log "${log_of[$1]}" \
		"${@:3}" < /dev/null &
	pid_of[$1]=$!
	defer second_stop "$1"
	wait_for 30 has_started "${log_of[$1]}" "$before"
}

second_stop()
{
	[ -n "${pid_of[$1]}" ] || return 0
	stop_process "${pid_of[$1]}"
	pid_of[$1]=
}

dns_start()
{
	nsenter --net=/run/netns/core dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--no-resolv --no-hosts --user=root --pid-file= --bind-interfaces --port=5353 \
		--listen-address=$CORE4 --local-ttl=60 --log-queries --log-facility="$ims_run/dns.log" \
		--local=/example/ --local=/3gppnetwork.org/ \
		--host-record=a.core.example,$CORE4 --host-record=b.core.example,$SPARE4,$SPARE6 \
		--host-record=six.core.example,$SPARE6 --host-record=evil.example,192.0.2.66 \
		--srv-host=_sip._udp.core.example,a.core.example,5060,10,1 \
		--srv-host=_sip._udp.core.example,b.core.example,5060,20,1 \
		--srv-host=_sip._tcp.tcp.example,b.core.example,5060,10,1 \
		--naptr-record=core.example,10,10,s,SIP+D2U,,_sip._udp.core.example \
		--naptr-record=core.example,5,10,s,SIPS+D2T,,_sips._tcp.core.example \
		--naptr-record=tcp.example,10,10,s,SIP+D2T,,_sip._tcp.tcp.example \
		--naptr-record=$home,10,10,a,SIP+D2U,,b.core.example &
	defer stop_process $!
	wait_for 20 grep -q started "$ims_run/dns.log"
}

# agent_with NEXT-HOPS [MORE]: the agent starts anew with these, and knows nothing.
agent_with()
{
	agent_stop
	next_hops=$1 core_extra=${2:-}
	write_config
	agent_start
}

requests()	{ log_lines "$1" event=received method=REGISTER | wc -l; }
others()	{ requests "${log_of[$1]}"; }

# A request that goes up and comes down again, and whose answer does.
to_itself()	{ echo "message sip:$(subscriber_imsi "$1")@$domain"; }

# through FIRST SPARE COMMAND..: so many REGISTERs reach the first core and the spare,
# repetitions not counted; + for some.
through()
{
	local first spare

	first=$(distinct "$core_log") spare=$(distinct "${log_of[spare]}")
	"${@:3}" || return 1
	first=$(($(distinct "$core_log") - first))
	spare=$(($(distinct "${log_of[spare]}") - spare))
	is_like "$first" "$1" && is_like "$spare" "$2" ||
		{ echo "first $first, spare $spare"; return 1; }
}
distinct()	{ log_lines "$1" event=received method=REGISTER retransmission=false | wc -l; }
is_like()	{ if [ "$2" = + ]; then [ "$1" -gt 0 ]; else [ "$1" = "$2" ]; fi; }

state_of()	{ gmctl -j status | tr -d ' \n' | grep -o "\"address\":\"$1\",\"transport\":\"$2\",\"state\":\"[a-z]*\"" |
			sed 's/.*"state":"//; s/"//'; }
is_dead()	{ [ "$(state_of "$1:5060" "${2:-udp}")" = dead ] || { gmctl -j status; return 1; }; }

# --- fail-over -------------------------------------------------------------------

silent_first()	{ through + 2 ue 1 4 register && is_dead $CORE4; }

probe()
{
	core_fault 1 ok
	wait_for 35 not_dead
	through 2 0 ue 1 4 register || return 1
	not_dead
}

not_dead()	{ [[ $(state_of "$CORE4:5060" udp) =~ ^(fine)?$ ]]; }

busy_first()
{
	core_fault 2 busy=30
	through 1 2 ue 2 6 --transport tcp register || return 1
	core_fault 2 ok
	through 0 2 ue 3 4 register || return 1
	wait_for 35 not_dead
	through 2 0 ue 3 4 register
}

# Nobody waits for 64*T1.
gone_first()
{
	local before

	before=$(timeouts)
	through 0 2 ue 4 4 register && is_dead $CORE4 && [ "$(timeouts)" = "$before" ]
}
timeouts()	{ gmctl -j status | tr -d ' ' | grep -o '"timeouts":[0-9]*'; }

# --- overload --------------------------------------------------------------------

# Retry-After of the core reaches UEs, and the core has its peace meanwhile.
pause_for_all()
{
	core_fault 4 busy=15
	ue 4 4 "expect 503 register" > /dev/null || return 1
	local before

	before=$(requests "$core_log")
	ue 5 4 "expect 503 register" > /dev/null || return 1
	log_lines "$ue_log" event=received "start=SIP/2.0 503*" | grep -q . || return 1
	[ "$(requests "$core_log")" = "$before" ] || return 1
	core_fault 4 ok
	sleep 16
	ue 5 4 register deregister
}

# --- names -----------------------------------------------------------------------

dns_order()	{ through 2 0 ue 1 4 register; }
dns_fails_over() { through 0 2 ue 2 4 register; }
dns_cached()	{ local n; n=$(grep -c query "$ims_run/dns.log"); ue 3 4 register && [ "$(grep -c query "$ims_run/dns.log")" = "$n" ]; }

tcp_by_naptr()
{
	through 0 2 ue 1 4 register || return 1
	[ "$(log_lines "${log_of[spare]}" event=received transport=tcp | wc -l)" -ge 2 ]
}

evil()
{
	ue 1 4 "expect 504 register" > /dev/null || return 1
	[ "$(capture_count mw host 192.0.2.66)" = 0 ] || return 1
	grep -q "192.0.2.66.*no trusted peer" "$agent_log"
}

# What the DNS has for names of ours is trusted; nobody else is.
resolved_is_trusted()	{ trusted="[192.0.2.9]" agent_with "[{uri: \"sip:b.core.example\"}]" "dns: {servers: [{address: $CORE4, port: 5353}], trust: $1}"; }

# --- TCP to the core -------------------------------------------------------------

# The core's peer ports: one for each connection.
ports()		{ log_lines "$core_log" event=received transport=tcp | grep -o '"src": "[^"]*"' | sort -u | wc -l; }

tcp_reuse()
{
	phone_do tcp register && ue 2 4 register && [ "$(ports)" = 1 ]
}

restarted()	{ phone_do tcp reregister && [ "$(ports)" = 1 ]; }

# The core's host answers nothing any more, not even TCP.
vanished()
{
	ip -n core route add blackhole $MW4
	ue 3 4 "expect 504 register" > /dev/null || return 1
	wait_for 20 is_closed || return 1
	ip -n core route del blackhole $MW4
	ue 3 4 register deregister
}
is_closed()	{ [ "$(in_pcscf ss -Htn state established dst $CORE4 | wc -l)" = 0 ]; }

# --- long requests, devices, DSCP --------------------------------------------------

long_over_tcp()
{
	ue 1 4 register deregister || return 1
	[ "$(log_lines "$core_log" event=received transport=tcp | wc -l)" -ge 3 ]
}

no_tcp_there()
{
	ue 1 4 register || return 1
	[ "$(log_lines "${log_of[plain]}" event=received method=REGISTER transport=udp \
		retransmission=false | wc -l)" = 2 ]
}

# all_marked CAPTURE FILTER DSCP: there are such packets, and none without it.
all_marked()
{
	[ "$(capture_count "$1" "$2")" -gt 0 ] || return 1
	[ "$(capture_count "$1" "($2) and $3")" = "$(capture_count "$1" "$2")" ]
}

dscp()
{
	all_marked wire "ip and esp and src $PCSCF4" "ip[1] & 0xfc = 160" &&
	all_marked wire "ip6 and esp and src $PCSCF6" "ip6[0:2] & 0x0fc0 = 0x0a00" &&
	all_marked mw "ip and udp and port 5060 and src $MW4" "ip[1] & 0xfc = 104" &&
	all_marked mw "ip6 and port 5060 and src $MW6" "ip6[0:2] & 0x0fc0 = 0x0680"
}

gate_of_device()	{ [ "$(gmctl endpoint list | grep -c 'device gm0\|dev gm0')" = 2 ] || { gmctl endpoint list; return 1; }; }

# What comes in by another device does not reach the sockets, whatever it says.
bound()
{
	local tries

	[ "$(in_pcscf ss -Hlnu "sport = :5060" | grep -c '%gm0\|%mw0')" = 4 ] || { in_pcscf ss -Hlnu; return 1; }
	tries=$(in_pcscf ss -Hlnt | grep -cv '%gm0\|%mw0' || true)
	[ "$tries" = 0 ]
}

no_such_device()
{
	sed 's/device: gm0/device: gm9/' "$config" > "$ims_run/bad.yaml"
	! timeout 20 nsenter --net=/run/netns/pcscf "$agent/gmgated" --config "$ims_run/bad.yaml" \
		2> "$ims_run/bad.log" && grep -q "no device gm9" "$ims_run/bad.log"
}

# Gm in a VRF, Mw outside of it.
into_vrf()
{
	ip -n pcscf -batch - <<-END
	link add red type vrf table 10
	link set red up
	link set gm0 master red
	addr replace $PCSCF6/32 dev gm0 nodad
	END
	wait_for 10 in_pcscf ip vrf exec red ping -c1 -W1 $UE6 ||
		wait_for 5 in_ue ping -c1 -W1 $PCSCF6
}

in_vrf()	{ ue "$1" "$2" --transport "$3" register reregister deregister; }

command -v dnsmasq > /dev/null || ktap_skip_all "no dnsmasq"
ktap_print_header
ktap_set_plan 34
next_hops=$both
ims_up
ip -n core addr add $SPARE4/24 dev core0
ip -n core addr add $SPARE6/64 dev core0 nodad
hops_start
second_start spare $SPARE4
dns_start

core_fault 1 silent
ktap_test "the first core is silent: the registration goes through the second" silent_first
ktap_test "while it is on the black-list, nobody waits for it" through 0 2 ue 2 6 register
ktap_test "after that one request tries it, and it is back" probe
ktap_test "503 with Retry-After: through the second, and the first has its pause" busy_first
core_stop
ktap_test "the first core is gone: an ICMP error says so at once (UDP, IPv4)" gone_first
ktap_test "the first core is gone: through the second (TCP, IPv6)" \
	through 0 + ue 5 6 --transport tcp register reregister deregister
second_stop spare
ktap_test "both are gone: 504" ue 6 4 "expect 504 register"
second_start spare $SPARE4
core_start
agent_with "[{address: $CORE4}]"
ktap_test "a core that wants a pause has it; UEs get 503 and Retry-After" pause_for_all

agent_with "[{uri: \"sip:core.example\"}]" "$mw_dns"
ktap_test "NAPTR, SRV, A: the SRV record of the lower priority" dns_order
core_stop
ktap_test "that one is gone: the next SRV record" dns_fails_over
ktap_test "what the DNS said is not asked again" dns_cached
agent_with "[{uri: \"sip:tcp.example\"}]" "$mw_dns"
ktap_test "NAPTR wants TCP: over TCP" tcp_by_naptr
agent_with "[]" "mw-domains: [\"*.3gppnetwork.org\"]
$mw_dns"
ktap_test "the home network by the Request-URI and NAPTR" through 0 2 ue 2 4 register
agent_with "[{uri: \"sip:evil.example\"}]" "$mw_dns"
ktap_test "a name that leads to a stranger: 504, and nothing is sent there" evil
resolved_is_trusted true
ktap_test "dns.trust: what the DNS has is a trusted peer" through 0 2 ue 3 4 register
resolved_is_trusted false
ktap_test "without it it is none" ue 3 4 "expect 504 register"

second_stop spare
second_start spare $SPARE6
agent_with "[{uri: \"sip:six.core.example\"}]" "$mw_dns"
ktap_test "IPv4 UE, IPv6 core, by AAAA; MESSAGE to itself and back" \
	through 0 + ue 1 4 register "$(to_itself 1)" reregister deregister
ktap_test "IPv4 UE over TCP, IPv6 core; MESSAGE to itself and back" \
	through 0 + ue 2 4 --transport tcp register "$(to_itself 2)" deregister
core_start
agent_with "[{address: $CORE4}]"
ktap_test "IPv6 UE, IPv4 core; MESSAGE to itself and back" \
	through + 0 ue 3 6 --transport tcp register "$(to_itself 3)" reregister deregister

agent_with "[{address: $CORE4, transport: tcp}]"
core_stop
rm -f "$core_log"
core_start
phone_open tcp 1 4
ktap_test "two UEs, one TCP connection to the core" tcp_reuse
core_stop
rm -f "$core_log"
core_start
ktap_test "the core restarts: the same UE goes on, over a new connection" restarted
ktap_test "the core's host vanishes: 504, then a new connection" vanished

mw_mtu=1500
visited=$(printf 'visited-%0200d.example' 1)
agent_with "[{address: $CORE4}]"
ktap_test "a REGISTER over 1300 octets goes over TCP (RFC 3261 18.1.1)" long_over_tcp
agent_with "[{address: $SPARE4}]"
second_start plain $SPARE4 --no-tcp
ktap_test "where there is no TCP it goes over UDP" no_tcp_there
ktap_test "the gate is for the device" gate_of_device
ktap_test "the sockets are bound to their devices" bound
agent_stop			# who has the store
ktap_test "a device that is not there is said" no_such_device
into_vrf
gm_link=$'device: red\n    dscp: 40'
agent_with "[{address: $CORE4}]"
ktap_test "Gm in a VRF, Mw outside: UDP, IPv4" in_vrf 2 4 udp
ktap_test "Gm in a VRF, Mw outside: TCP, IPv6" in_vrf 3 6 tcp
capture_stop
ktap_test "DSCP of ESP on Gm and of SIP on Mw, IPv4 and IPv6" dscp
ktap_test "wire: nothing clear left a protected port" judge wire
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_finished
