#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The part of the demo that runs in the guest: three hosts, the module, the
# agent, the core and two phones.  Leaves in $GMGATE_OUT: demo.pcapng (wire and
# tap), demo.keys (for tshark, made by the phones).  Started by demo.
set -eu
timer_scale=10 t1_mw=2500
. "$(dirname "$0")/ims.sh"

say()	{ printf '\n%s\n' "$*"; }
fail()	{ say "demo: $*"; tail -5 "$agent_log" | sed 's/^/agent: /'; exit 1; }

# attach NAME OPTION..: as phone_open, and tell what the network told it.
attach()
{
	local pco=$PCO4 ue=$UE4

	[ "$3" = 4 ] || { pco=$PCO6 ue=$UE6; }
	phone_open "$@" || fail "$1 did not start"
	echo "  $1  address $ue, told at attach: $pco"
	echo "       so its P-CSCF is $("$ims/events.py" "${phone_log[$1]}" event=attached \
		--show pcscf | tr -d "[]'")"
}

act()	{ phone_do "$@" || fail "$1 could not $2"; }

say "1. Three hosts in one machine (Linux $(uname -r), $GMGATE_GUEST)"
topo_up
cat <<END
  ue     $UE4, $UE6        phones; their ESP is the stock kernel's XFRM
  pcscf  $PCSCF4, $PCSCF6  gmgate.ko and gmgated; $MW4 towards the core
  core   $CORE4        S-CSCF and HSS
END
load_gmgate || fail "gmgate.ko cannot be loaded"
defer module_unload
write_config
core_start || fail "the core did not start"
agent_start || fail "gmgated did not start"
say "2. The kernel's protected endpoints: nothing but ESP passes their ports from here on"
gmctl endpoint list
nsenter --net=/run/netns/pcscf dumpcap -q -i gm0 -i gmtap0 -w "$GMGATE_OUT/demo.pcapng" 2> "$ims_run/dumpcap" &
dumpcap=$!
defer stop_process $dumpcap
wait_for 10 test -s "$GMGATE_OUT/demo.pcapng" || fail "dumpcap: $(cat "$ims_run/dumpcap")"
sleep 0.5

say "3. Two phones attach"
attach ue1 1 6 --transport tcp --suites hmac-sha-1-96/aes-cbc --style iphone
attach ue2 2 4 --transport udp --suites hmac-md5-96/null,hmac-sha-1-96/null

say "4. They register (-- is clear text, == is ESP; times in seconds)"
touch "$trace_log"
"$ims/ladder.py" "$trace_log" --follow &
ladder=$!
defer stop_process $ladder
act ue1 register
act ue2 register
sleep 0.3
say "   What the phones have"
for ue in ue1 ue2; do
	"$ims/events.py" "${phone_log[$ue]}" event=registered | /usr/bin/python3 -c '
import json, sys
e = json.loads(sys.stdin.readlines()[-1])
print("  {}  {}, for {} s, known as {}".format(e["who"], e["suite"], e["expires"], " and ".join(e["associated"])))'
done
say "5. The sets in the kernel, and who they belong to (the agent's clock runs 10 times as fast as the kernel's here)"
gmctl set list
gmctl ue
say "   The counters"
gmctl stats | grep -vE ' 0( |$)' || true
[ "$(set_count)" = 2 ] || fail "$(set_count) sets in the kernel, not 2"

say "6. They de-register"
act ue1 deregister
act ue2 deregister
for ue in ue1 ue2; do
	echo quit > "$ims_run/$ue.in"
	! log_has "${phone_log[$ue]}" event=violation ||
		fail "$ue saw $("$ims/events.py" "${phone_log[$ue]}" event=violation --show what)"
done
core_content || fail "the core got what it must not get"
say "7. 64*T1 later (128 s of the agent's clock) no set is left"
no_set_left || fail "sets are left"
gmctl status | grep -E '^(ues|calls|pool)' || true
stop_process $dumpcap
stop_process $ladder
cp "$keylog" "$GMGATE_OUT/demo.keys"
no_leaks "$GMGATE_OUT/demo.pcapng" || fail "keys where they must not be"
