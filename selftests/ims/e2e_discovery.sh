#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How a phone finds the P-CSCF (TS 24.229 9.2.1): what gmctl pcscf-discovery prints
# of the running agent, in the hands of others.  A UE registers with the PCO and the
# ePCO; a foreign DHCP server (dnsmasq) tells a phone the addresses, over both
# families, with the snippet and not without it.
set -eu
. "$(dirname "$0")/ims.sh"

fqdn=pcscf.$domain

# The socket and the file say the same, of each snippet.
same_as_configured()
{
	local running configured

	running=$(gmctl pcscf-discovery --name "$fqdn") &&
	configured=$("$agent/gmctl" pcscf-discovery --name "$fqdn" --config "$config") || return 1
	[ "$running" = "$configured" ] || { diff <(echo "$running") <(echo "$configured"); return 1; }
	grep -qF "_sip._udp.$fqdn. 300 IN SRV 10 10 5060 $fqdn." <<< "$running"
}

# element pco|epco
element()	{ gmctl pcscf-discovery --only pco | awk -v form="$1" '$1 == form { print $2 }'; }

# registers_by FORM SUBSCRIBER FAMILY: with what the network would say at the attach
registers_by()
{
	local hex

	hex=$(element "$1")
	[ -n "$hex" ] && gmctl pco decode "$hex" | grep -q "^P-CSCF.* $PCSCF4 $PCSCF6\$" || return 1
	ue "$2" "$3" --pco "$hex" register deregister
}

# dhcp_start [SNIPPET]: a DHCP server on the phones' side.
dhcp_pid=
dhcp_start()
{
	cat > "$ims_run/dnsmasq.conf" <<-END
	port=0
	interface=gm0
	bind-interfaces
	user=root
	pid-file=
	leasefile-ro
	log-dhcp
	log-facility=$ims_run/dhcp-$1.log
	dhcp-range=10.45.1.1,10.45.1.9,255.0.0.0
	dhcp-range=2001:db8:4:128::,static,64
	END
	[ "$1" = without ] || gmctl pcscf-discovery --only dnsmasq >> "$ims_run/dnsmasq.conf"
	nsenter --net=/run/netns/pcscf dnsmasq --keep-in-foreground \
		--conf-file="$ims_run/dnsmasq.conf" &
	dhcp_pid=$!
	defer stop_process $dhcp_pid
	wait_for 20 grep -q started "$ims_run/dhcp-$1.log"
}

# told ADDRESS WANTED: what a phone that has ADDRESS is told
told()
{
	local got

	got=$(in_ue "$ims/dhcp.py" ue0 "$1") || { tail -n 5 "$ims_run"/dhcp-*.log; return 1; }
	[ "$got" = "$2" ] || { echo "told: $got"; return 1; }
}

command -v dnsmasq > /dev/null || ktap_skip_all "no dnsmasq"
ktap_print_header
ktap_set_plan 12
ims_up
hops_start
ktap_test "what the running agent says is what its file says" same_as_configured
ktap_test "a UE that was told by its PCO registers" registers_by pco 1 4
ktap_test "a UE that was told by its ePCO registers" registers_by epco 2 6
dhcp_start without
ktap_test "without the snippet DHCP tells no P-CSCF" told $UE4 ""
ktap_test "nor does DHCPv6" told $UE6 ""
stop_process $dhcp_pid
dhcp_start with
ktap_test "with it DHCP does, by option 120" told $UE4 $PCSCF4
ktap_test "and DHCPv6, by option 22" told $UE6 $PCSCF6
capture_stop
agent_stop
ktap_test "wire: nothing clear left a protected port" judge wire
ktap_test "Mw: nothing of the security agreement" judge_mw mw
ktap_test "core: Security-*, sec-agree gone; Path, integrity-protected there" core_content
ktap_test "no key in logs, traces, dumps and on the wire" no_leaks "$(capture_file wire)"
ktap_test "when the agent has gone, gmctl says so" \
	eval '! gmctl pcscf-discovery 2> "$ims_run/said" && grep -q "no agent at" "$ims_run/said"'
ktap_finished
