#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What Prometheus is told: registrations, a call and refusals move the numbers they
# should and no others; the formats are judged by programs that are not ours; and
# scrapers that mean harm do none to SIP.
set -eu
timer_scale=10
core_extra="metrics: {port: 9464}"
. "$(dirname "$0")/ims.sh"
. "$ims/calls.sh"

url=http://127.0.0.1:9464/metrics
promtool=${GMGATE_CACHE:-$HOME/.cache/gmgate}/prometheus/usr/bin/promtool
now=$ims_run/now.prom

# scrape [FILE] [OPTION..]: the metrics as they are now.
scrape()
{
	in_pcscf curl -sS --max-time 20 -o "${1:-$now}" "${@:2}" $url
}

# A text is made once a second.
fresh()		{ sleep 1.1; scrape; }

# value SAMPLE: of the last scrape.
value()
{
	awk -v s="$1" 'substr($0, 1, length(s) + 1) == s " " { print $NF; found = 1 }
		END { exit !found }' "$now" || { echo "no $1" >&2; return 1; }
}

# is SAMPLE VALUE, at_least SAMPLE VALUE: of the last scrape.
is()
{
	[ "$(value "$1")" = "$2" ] || { echo "$1 is $(value "$1"), not $2"; return 1; }
}

at_least()
{
	[ "$(value "$1")" -ge "$2" ] || { echo "$1 is $(value "$1"), not $2"; return 1; }
}

# --- the endpoint ----------------------------------------------------------------------

off_by_default()
{
	! in_pcscf curl -s --max-time 5 $url || return 1
	[ -z "$(in_pcscf ss -Hltn 'sport = 9464')" ]
}

content()	{ in_pcscf curl -sS -o /dev/null -w '%{http_code} %{content_type}' "$@"; }

formats()
{
	[ "$(content $url)" = "200 text/plain; version=0.0.4; charset=utf-8" ]
	[ "$(content -H "Accept: application/openmetrics-text;version=1.0.0" $url)" = \
		"200 application/openmetrics-text; version=1.0.0; charset=utf-8" ]
	[[ "$(content http://127.0.0.1:9464/)" == 404* ]]
	[[ "$(content -X POST -d x $url)" == [45]* ]]
	[[ "$(content -X DELETE $url)" == 405* ]]
}

# On the loopback only: not for UEs, nor for the core.
not_for_others()
{
	! in_ue curl -s --max-time 5 http://$PCSCF4:9464/metrics || return 1
	! in_core curl -s --max-time 5 http://$MW4:9464/metrics || return 1
}

at_rest()
{
	fresh
	is gmgate_kernel_up 1
	is 'gmgate_registrations{type="normal"}' 0
	is 'gmgate_sets{state="in_use"}' 0
	is 'gmgate_esp_packets_total{direction="in"}' 0
	is "gmgate_nexthop_up{peer=\"$CORE4:5060\",transport=\"udp\"}" 1
	is gmgate_clock_scale 10
	is gmgate_register_received_total 0
}

# --- what moves them -------------------------------------------------------------------

both()	{ phone_do alice "$1" && phone_do bob "$1"; }

registered()
{
	both register
	fresh
	is 'gmgate_registrations{type="normal"}' 2
	is 'gmgate_registrations{type="emergency"}' 0
	is gmgate_ues 2
	is 'gmgate_sets{state="in_use"}' 2
	is 'gmgate_sets{state="temp"}' 0
	is 'gmgate_spis{state="in_use"}' 4
	is gmgate_register_received_total 4
	is 'gmgate_register_requests_total{result="challenged"}' 2
	is 'gmgate_register_requests_total{result="registered"}' 2
	is 'gmgate_register_requests_total{result="refused"}' 0
	is 'gmgate_sip_requests_total{from="ue",method="REGISTER"}' 4
	is gmgate_register_challenge_seconds_count 2
	is gmgate_register_accept_seconds_count 2
	is gmgate_registration_seconds_count 2
	is gmgate_register_core_seconds_count 4
	is gmgate_set_install_seconds_count 2
	is 'gmgate_pool_used{pool="sets"}' 2
	is 'gmgate_pool_limit{pool="temporary_sets"}' 1000
	at_least 'gmgate_esp_packets_total{direction="in"}' 2
	at_least 'gmgate_esp_bytes_total{direction="out"}' 500
	at_least gmgate_store_records 3
	at_least gmgate_store_size_bytes 4096
	at_least process_resident_memory_bytes 1000000
}

# The core's share is a part of the whole, and the whole has the UE's, too.
parts_of_the_whole()
{
	awk '/^gmgate_registration_seconds_sum / { whole = $2 }
		/^gmgate_register_challenge_seconds_sum / { part += $2 }
		/^gmgate_register_accept_seconds_sum / { part += $2 }
		/^gmgate_register_core_seconds_sum / { core = $2 }
		END { print whole, part, core; exit !(core > 0 && core < part && part < whole) }' "$now"
}

# A refresh that is not challenged, and one that is: NEW, then in use; OLD, then gone.
refreshed()
{
	phone_do alice reregister
	fresh
	is 'gmgate_register_requests_total{result="registered"}' 3
	is gmgate_registration_seconds_count 2
	is 'gmgate_sets{state="in_use"}' 2
	core_do reauth "$(subscriber_imsi 1)" always
	phone_do alice reregister
	core_do reauth "$(subscriber_imsi 1)" never
	fresh
	is gmgate_registration_seconds_count 3
	is 'gmgate_register_requests_total{result="challenged"}' 3
	is gmgate_register_core_seconds_count 7
	[ $(($(value 'gmgate_sets{state="in_use"}') + $(value 'gmgate_sets{state="new"}') +
	     $(value 'gmgate_sets{state="old"}'))) = "$(set_count)" ]
}

called()
{
	whole_call metrics
	fresh
	# What one UE sends comes back from the core for the other.
	is 'gmgate_calls_total{from="ue",answer="2xx"}' 1
	is 'gmgate_calls_total{from="core",answer="2xx"}' 1
	is 'gmgate_calls_total{from="ue",answer="4xx"}' 0
	is 'gmgate_call_answer_seconds_count{from="ue"}' 1
	is 'gmgate_call_ringing_seconds_count{from="ue"}' 1
	is 'gmgate_call_ringing_seconds_count{from="core"}' 1
	is 'gmgate_sip_requests_total{from="ue",method="BYE"}' 1
	at_least 'gmgate_proxy_requests_total{from="ue"}' 5
}

rejected()
{
	busy
	fresh
	is 'gmgate_calls_total{from="ue",answer="4xx"}' 1
	is 'gmgate_calls_total{from="ue",answer="2xx"}' 1
	is 'gmgate_call_answer_seconds_count{from="ue"}' 1
}

# Refused, each by its rule; and clear text at a protected port, by the kernel half.
refused()
{
	ue 3 4b --timeout 10 --fault no-sec-agree "expect 421 register"
	ue 3 4b "set imsi $(subscriber_imsi 14)" "expect 403 register"
	in_ue bash -c "echo clear > /dev/udp/$PCSCF4/6100"
	fresh
	is 'gmgate_refusals_total{rule="offer-missing"}' 1
	is 'gmgate_register_requests_total{result="refused"}' 1
	is 'gmgate_register_requests_total{result="core_refused"}' 1
	is 'gmgate_drops_total{reason="clear-in"}' 1
	is 'gmgate_registrations{type="normal"}' 2
}

# The kernel half's numbers are those that gmctl gets from it.
as_gmctl_says()
{
	fresh
	gmctl -j stats > "$ims_run/stats.json"
	/usr/bin/python3 - "$ims_run/stats.json" "$now" <<-'END'
	import json, re, sys
	stats = json.load(open(sys.argv[1], encoding="utf-8"))
	drops = stats.get("drops") or stats["kernel"]["drops"]
	text = open(sys.argv[2], encoding="utf-8").read()
	ours = {m[1]: int(m[2]) for m in re.finditer(r'gmgate_drops_total\{reason="(.*?)"\} (\d+)', text)}
	print(ours, drops)
	sys.exit(ours != drops or not any(ours.values()))
	END
}

node_is_down()
{
	scrape
	is "gmgate_nexthop_up{peer=\"$CORE4:5060\",transport=\"udp\"}" 0
	is 'gmgate_nexthops_avoided{state="dead"}' 1
}

# It is avoided for 30 s of SIP time, which are 3: looked for from the beginning.
core_gone()
{
	ue 3 4b --timeout 60 "expect 504 register" &
	wait_for 90 node_is_down
	wait $!
	fresh
	is 'gmgate_register_requests_total{result="core_silent"}' 1
}

# --- who judges ------------------------------------------------------------------------

by_promtool()
{
	[ -x "$promtool" ] || { echo "no promtool: selftests/fetch-prometheus"; return 4; }
	fresh
	"$promtool" check metrics < "$now"
}

by_the_client_library()
{
	fresh
	cp "$now" "$ims_run/first.prom"
	scrape "$ims_run/first.om" -H "Accept: application/openmetrics-text;version=1.0.0"
	phone_do bob reregister
	fresh
	scrape "$ims_run/now.om" -H "Accept: application/openmetrics-text;version=1.0.0"
	"$ims/scrapers.py" judge "$ims_run/first.prom" "$now"
	"$ims/scrapers.py" judge "$ims_run/first.om" "$ims_run/now.om"
}

# Neither who is there nor where: of a UE there is nothing in it.
nobody_is_named()
{
	! grep -E "00101|ims\.mnc|$UE4|$UE6|sip:|tel:" "$now" || return 1
}

# --- scrapers that mean harm ----------------------------------------------------------

resident()	{ awk '/VmRSS/ { print $2 }' "/proc/$agent_pid/status"; }
descriptors()	{ ls "/proc/$agent_pid/fd" | wc -l; }

# harmed_by WHAT OPTION..: SIP goes on, memory and descriptors are bounded, and a
# scraper is served.
harmless()
{
	local memory open scrapers

	begin "$1"
	memory=$(resident) open=$(descriptors)
	nsenter --net=/run/netns/pcscf "$ims/scrapers.py" "$@" > "$ims_run/$1.json" &
	scrapers=$!
	sleep 1
	phone_do alice reregister
	phone_do alice "message $BOB"
	[ "$(($(descriptors) - open))" -le 40 ] || { echo "$open descriptors, now $(descriptors)"; return 1; }
	phone_do bob reregister
	wait_for 60 in_pcscf curl -sf --max-time 10 -o "$now" $url
	[ "$(($(resident) - memory))" -lt 8192 ] || { echo "$memory kB, now $(resident)"; return 1; }
	wait $scrapers
	cat "$ims_run/$1.json"
	identified_as MESSAGE
	wait_for 60 eval '[ $(descriptors) -le '"$open"' ]'
}

got()		{ grep -oE "\"$2\": [0-9]+" "$ims_run/$1.json" | grep -oE '[0-9]+$'; }

crowd()
{
	harmless crowd --count 1000 --seconds 8
	[ "$(got crowd closed)" -gt 10 ] && [ "$(got crowd answers)" = 0 ]
}

drip()
{
	harmless drip --count 20 --seconds 14
	[ "$(got drip closed)" -gt 10 ] && [ "$(got drip answers)" = 0 ]
}

flood()
{
	harmless flood --count 50 --seconds 6
	# 80 a second is what is accepted.
	[ "$(got flood answers)" -gt 10 ] && [ "$(got flood answers)" -le 640 ]
}

ended_by_bounds()
{
	fresh
	at_least 'gmgate_metrics_connections_ended_total{reason="displaced"}' 10
	at_least 'gmgate_metrics_requests_total{code="200"}' 10
	at_least gmgate_loop_lag_seconds_count 10
}

# --- the next life ---------------------------------------------------------------------

restarted()
{
	fresh
	is 'gmgate_registrations{type="normal"}' 2
	is 'gmgate_restart_restored{what="ues"}' 2
	is gmgate_register_received_total 0
	# Those of the module have gone on.
	at_least 'gmgate_esp_packets_total{direction="in"}' 20
	phone_do alice reregister
}

deregistered()
{
	both deregister
	fresh
	is 'gmgate_registrations{type="normal"}' 0
	is 'gmgate_register_requests_total{result="deregistered"}' 2
}

ktap_print_header
ktap_set_plan 24
topo_up
load_gmgate
defer module_unload
write_config
core_start
sed -i 's/metrics:/#&/' "$config"
agent_start
ktap_test "off by default: nobody listens" off_by_default
agent_stop
sed -i 's/#metrics:/metrics:/' "$config"
agent_start
ktap_test "text and OpenMetrics, as asked for; nothing else is served" formats
ktap_test "neither UEs nor the core reach it" not_for_others
ktap_test "at rest" at_rest
phone_open alice 1 4
phone_open bob 2 6
ktap_test "two UEs register" registered
ktap_test "the core's share, ours and the whole" parts_of_the_whole
ktap_test "a refresh, and one with a challenge" refreshed
ktap_test "a call" called
ktap_test "a call to one who is busy" rejected
ktap_test "refusals: ours, the core's, the kernel's" refused
ktap_test "drops are those that gmctl shows" as_gmctl_says
ktap_test "promtool finds nothing to say" by_promtool
ktap_test "Prometheus' client library reads both formats, and nothing falls" by_the_client_library
ktap_test "nobody is named" nobody_is_named
ktap_test "a crowd of 1000 silent connections does no harm" crowd
ktap_test "requests that never end do no harm" drip
ktap_test "a flood of requests does no harm" flood
ktap_test "they were ended by the bounds" ended_by_bounds
ktap_test "registrations are refreshed" both reregister
agent_stop KILL
agent_start
ktap_test "after kill -9 the registrations are there" restarted
ktap_test "de-registered" deregistered
core_stop
ktap_test "the core is gone: its node is down" core_gone
scrape
ktap_test "no key in logs, traces, dumps and metrics" no_leaks "$now"
ktap_test "agent: nothing came up on a protected port without its set" only_proven
ktap_finished
