#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Some minutes of a small network, with a Prometheus beside the agent: phones
# register and call, one is refused, a stranger floods, the core is silent for a
# while.  Then the dashboard's panels are drawn from that Prometheus, as a page
# (dashboard.html in $GMGATE_OUT).  For picture, in a guest.
set -eu
core_extra="metrics: {port: 9464}"
. "$(dirname "$0")/../ims/ims.sh"
. "$ims/calls.sh"

prometheus=${GMGATE_CACHE:-$HOME/.cache/gmgate}/prometheus/usr/bin/prometheus
base=http://127.0.0.1:9090

prometheus_start()
{
	cat > "$ims_run/prometheus.yml" <<-END
	global: {scrape_interval: 2s}
	rule_files: [$repo/Documentation/metrics/alerts.yaml]
	scrape_configs:
	  - {job_name: gmgate, static_configs: [{targets: ["127.0.0.1:9464"]}]}
	END
	nsenter --net=/run/netns/pcscf "$prometheus" --config.file="$ims_run/prometheus.yml" \
		--storage.tsdb.path="$ims_run/tsdb" --web.listen-address=127.0.0.1:9090 \
		2> "$ims_run/prometheus.log" &
	defer stop_process $!
	wait_for 120 scraped
}

scraped()	{ in_pcscf curl -sf "$base/api/v1/query?query=gmgate_kernel_up" | grep -q '"1"\]'; }

# What one phone does, and then another: a failure of one is no matter here.
try()		{ "$@" || true; }

some_calls()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		try phone_do alice "call $BOB"
		sleep 2
		try phone_do alice bye
		try phone_do bob "message $ALICE"
		try phone_do bob reregister
		try ue 3 4b register "wait 2" deregister
		try ue 4 4b --timeout 6 --fault no-sec-agree "expect 421 register"
		[ $((i % 3)) != 0 ] || try phone_do alice "expect 486 call sip:busy@$domain"
	done
}

reauthenticated()
{
	core_do reauth "$(subscriber_imsi 1)" always
	try phone_do alice reregister
	core_do reauth "$(subscriber_imsi 1)" never
}

flooded()
{
	local i flood

	nsenter --net=/run/netns/ue "$ims/attacker.py" register --local $UE4_2 --to $PCSCF4 \
		--imsi "$(subscriber_imsi 21)" "$(subscriber_imsi 22)" --rate 60 --seconds 30 \
		> /dev/null &
	flood=$!
	for i in 1 2 3 4 5; do
		in_ue bash -c "for i in {1..9}; do echo clear > /dev/udp/$PCSCF4/6100; done"
		try phone_do alice reregister
		try phone_do alice "message $BOB"
		sleep 4
	done
	try wait $flood
}

topo_up
load_gmgate
defer module_unload
write_config
sed -i 's/temporary-sets: 1000/temporary-sets: 40, connections: 30/' "$config"
core_start
agent_start
prometheus_start
start=$(date +%s)
phone_open alice 1 4
phone_open bob 2 6
sleep 6
try phone_do alice register
try phone_do bob register
some_calls
reauthenticated
flooded
some_calls
core_stop
try ue 4 4b --timeout 50 "expect 504 register"
core_start
sleep 10
try phone_do bob reregister
sleep 6
in_pcscf "$selftests/metrics/draw.py" "$repo/Documentation/metrics/dashboard.json" "$base" \
	"$start" "$(date +%s)" > "$GMGATE_OUT/dashboard.html"
in_pcscf curl -sf "$base/api/v1/alerts" > "$GMGATE_OUT/alerts.json"
