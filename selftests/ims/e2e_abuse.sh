#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 100 registered phones go on beside one flood after the other, each far beyond what the agent can
# take (selftests/bench/abuse.py, which draws the topology): all that they ask for is answered,
# memory stays and comes back, and the counter that names the flood moves. The agent's
# time runs 20 times as fast.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

floods=(one-source many-sources bad-icv unknown-spi clear connections lists half-aka)
out=$(mktemp -d)
defer rm -rf "$out"

# What was made of links, addresses and routes in the guest's own namespace.
tidy()
{
	ip link del gmg0
	ip link del tun0
	ip link del tun1
	ip addr flush dev lo label lo scope global
	ip route del local 10.200.0.0/16 dev lo
} 2> /dev/null
defer tidy

all_of_them()
{
	GMGATE_OUT=$out "$repo/selftests/bench/abuse.py" --seconds 2 --rate 10000 --scale 20 \
		--settle end > "$out/said" 2>&1 || true
	cat "$out/said"
	[ -s "$out/abuse.json" ]
}

# ask EXPRESSION [NAME]: of r, the result of that flood, or of all, the document.
ask()
{
	/usr/bin/python3 -c '
import json, sys
all = json.load(open(sys.argv[1]))
r = next((r for r in all["results"] if r["name"] == sys.argv[3]), None)
print(json.dumps(r or all["wrong"]))
sys.exit(not eval(sys.argv[2]))' "$out/abuse.json" "$@"
}

# More was sent than the agent's rates let through, and at least 50 requests of UEs went beside it.
was_a_flood()	{ ask 'r["flood"]["sent"] > 200 and r["ues"]["asked"] >= 50' "$1"; }
served()	{ was_a_flood "$1" && ask 'not r["wrong"]' "$1"; }

ktap_print_header
ktap_set_plan $((${#floods[@]} + 3))
[ -x "$repo/build/load/flood" ] || ktap_skip_all "build/load/flood is not built: make tools"
ktap_test "phones register, and all floods come to their end" all_of_them
ktap_test "in quiet all requests go well" ask 'r["ues"]["ok"] == r["ues"]["asked"] >= 50' quiet
for name in "${floods[@]}"; do
	ktap_test "$name: phones are served, memory stays, its counter moves" served "$name"
done
ktap_test "in the end memory, sets, transactions and connections are as before" ask 'not all["wrong"]' end
ktap_finished
