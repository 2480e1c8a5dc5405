#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The package's service under systemd, with a phone that must not notice: started, reloaded,
# restarted, killed, replaced by the watchdog, upgraded; removed and purged.
#
# usage, in a guest whose first process is systemd (packaging.sh): service_guest.sh DEB NEWER-DEB
#
# The service runs in the namespace pcscf of lib.sh: a drop-in says so, and nothing else of
# the unit is changed but the time of its watchdog.
set -eu
. "$(dirname "$0")/ims/ims.sh"
. "$ims/calls.sh"

deb=$1 newer=$2
agent=/usr/sbin
unit=gmgated.service
dropin=/etc/systemd/system/$unit.d

gmctl()		{ in_pcscf /usr/sbin/gmctl "$@"; }
main_pid()	{ systemctl show -P MainPID $unit; }
is_active()	{ [ "$(systemctl is-active $unit)" = active ]; }

# changed COMMAND..: afterwards the service is another process, and serves.
changed()
{
	local before

	before=$(main_pid)
	"$@" || return 1
	wait_for 60 is_another "$before" || { systemctl status --no-pager -n 20 $unit; return 1; }
	wait_for 30 gmctl status
}

is_another()	{ is_active && [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ]; }

# The phone, on the SAs it had: refreshed, and called.
nothing_noticed()
{
	[ "$(set_ids)" = "$sets" ] || { echo "sets $(set_ids), not $sets"; return 1; }
	phone_do alice reregister || return 1
	phone_do alice "message $BOB"
}

installed()
{
	dpkg -i "$deb" > "$ims_run/dpkg.log" 2>&1 || { cat "$ims_run/dpkg.log"; return 1; }
	[ "$(systemctl is-enabled $unit)" = enabled ] && ! is_active && id gmgate > /dev/null
}

configured()
{
	write_config
	sed -e 's,^user: .*,user: gmgate,' -e 's,^control: .*,control: /run/gmgate/control.sock,' \
	    -e '/^store: /d' -e '/^trace: /d' "$config" > /etc/gmgate/gmgate.yaml
	chgrp gmgate /etc/gmgate/gmgate.yaml
	chmod 640 /etc/gmgate/gmgate.yaml
	mkdir -p $dropin
	printf '[Service]\nNetworkNamespacePath=/run/netns/pcscf\nWatchdogSec=4\n' > $dropin/test.conf
	systemctl daemon-reload
	in_pcscf gmgated --check /etc/gmgate/gmgate.yaml
}

# Type=notify: when it returns, it serves; and the unit has loaded the module.
started()
{
	! grep -q '^gmgate ' /proc/modules || return 1
	systemctl start $unit || { systemctl status --no-pager -n 20 $unit; return 1; }
	gmctl status > /dev/null && grep -q '^gmgate ' /proc/modules
}

# CAP_NET_ADMIN and nothing else: where it is needed, and where it only could come back
# from, not at all.
net_admin=0000000000001000
declare -A caps=([Inh]=0000000000000000 [Prm]=$net_admin [Eff]=$net_admin [Bnd]=$net_admin [Amb]=0000000000000000)
rights()
{
	local pid set

	pid=$(main_pid)
	[ "$(ps -o user= -p "$pid")" = gmgate ] || return 1
	for set in Inh Prm Eff Bnd Amb; do
		[ "$(sed -n "s/^Cap$set:\t*//p" /proc/"$pid"/status)" = "${caps[$set]}" ] ||
			{ grep ^Cap /proc/"$pid"/status; return 1; }
	done
	grep -q '^NoNewPrivs:.1$' /proc/"$pid"/status && grep -q '^Seccomp:.2$' /proc/"$pid"/status
}

# Read from inside of its name spaces, by root, who could if they let him.
sandbox()
{
	local pid dir

	pid=$(main_pid)
	for dir in /etc /usr /var/lib /; do
		! nsenter -t "$pid" -m -- touch $dir/gmgate-was-here 2> /dev/null || { echo "$dir"; return 1; }
	done
	nsenter -t "$pid" -m -- touch /run/gmgate/x && rm /run/gmgate/x &&
		! nsenter -t "$pid" -m -- ls /root 2> /dev/null | grep -q . &&
		! nsenter -t "$pid" -m -- test -e /dev/ttyS0
}

reloaded()
{
	local before

	before=$(main_pid)
	sed -i 's/commas: 64/commas: 63/' /etc/gmgate/gmgate.yaml
	systemctl reload $unit || return 1
	[ "$(main_pid)" = "$before" ] && [ "$(gmctl -j config show | grep -oE '"commas": ?63')" ] && nothing_noticed
}

reload_refused()
{
	local before

	before=$(main_pid)
	cp /etc/gmgate/gmgate.yaml "$ims_run/good.yaml"
	echo "nonsense: 1" >> /etc/gmgate/gmgate.yaml
	! systemctl reload $unit 2> /dev/null || return 1
	journalctl -u $unit --no-pager | grep -q nonsense || { journalctl -u $unit --no-pager | tail; return 1; }
	cp "$ims_run/good.yaml" /etc/gmgate/gmgate.yaml
	[ "$(main_pid)" = "$before" ] && nothing_noticed
}

restarted()	{ changed systemctl restart $unit && nothing_noticed; }
killed()	{ changed kill -KILL "$(main_pid)" && nothing_noticed; }
stopped_loop()
{
	changed kill -STOP "$(main_pid)" && nothing_noticed &&
		dmesg | grep -q "$unit: Failed with result 'watchdog'"
}

# In the midst of a call, which goes on and ends; and it is the new file that runs.
upgraded()
{
	phone_do alice "call $BOB" || return 1
	changed dpkg_i "$newer" || return 1
	[ "$(dpkg-query -W -f '${Version}' gmgate-agent)" = "$(dpkg-deb -f "$newer" Version)" ] || return 1
	[ "$(readlink /proc/"$(main_pid)"/exe)" = /usr/sbin/gmgated ] || return 1
	phone_do bob reinvite || return 1
	phone_do alice bye || return 1
	phone_do bob "await released" || return 1
	nothing_noticed
}

dpkg_i()
{
	DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i "$1" > "$ims_run/dpkg.log" 2>&1 ||
		{ cat "$ims_run/dpkg.log"; return 1; }
}

# Its configuration stays, and nobody gets in who could not before.
removed()
{
	is_active || return 1
	dpkg -r gmgate-agent > "$ims_run/dpkg.log" 2>&1 || { cat "$ims_run/dpkg.log"; return 1; }
	! is_active && [ -f /etc/gmgate/gmgate.yaml ] && [ ! -e /usr/sbin/gmgated ] &&
		[ "$(ip netns exec pcscf ss -Hlun 'sport = :6100' | wc -l)" = 0 ] &&
		phone_do alice "set timeout 6" && phone_do alice "expect silence message $BOB"
}

purged()
{
	local left=() path

	dpkg -P gmgate-agent > "$ims_run/dpkg.log" 2>&1 || { cat "$ims_run/dpkg.log"; return 1; }
	for path in /etc/gmgate /run/gmgate /var/log/gmgate /var/lib/gmgate /usr/sbin/{gmgated,gmctl} \
		    /etc/systemd/system/*.wants/gmgated* /{usr/,}lib/systemd/system/gmgated* \
		    /usr/lib/{sysusers,tmpfiles,sysctl,modules-load}.d/*gmgate* /usr/share/doc/gmgate* \
		    /usr/share/man/man?/gm{ctl,gate}* /var/lib/dpkg/info/gmgate-agent* \
		    /var/lib/systemd/deb-systemd-helper-*/*gmgate*; do
		[ ! -e "$path" ] || left+=("$path")
	done
	[ ${#left[@]} = 0 ] || { echo "left: ${left[*]}"; return 1; }
	id gmgate > /dev/null
}

ktap_print_header
ktap_set_plan 14
topo_up
modprobe -qa nf_defrag_ipv4 nf_defrag_ipv6 xfrm_user esp4 esp6 cbc hmac md5 sha1_generic authenc \
	echainiv des_generic gcm 2> /dev/null || true
ktap_test "the package is installed: enabled, not started" installed
ktap_test "configured, and the configuration is fine" configured
core_start
ktap_test "started: when it returns it serves; it has loaded the module" started
ktap_test "rights: user gmgate, CAP_NET_ADMIN alone, seccomp" rights
ktap_test "sandbox: nothing to write but its own, no home, no devices" sandbox
phone_open alice 1 4
phone_open bob 2 4b
both()	{ phone_do alice register && phone_do bob register; }
ktap_test "two phones register" both
sets=$(set_ids)
ktap_test "systemctl reload" reloaded
ktap_test "one that is refused: it says why, and goes on" reload_refused
ktap_test "systemctl restart: no phone notices" restarted
ktap_test "kill -9: started again, no phone notices" killed
ktap_test "a loop that does not turn is replaced, no phone notices" stopped_loop
ktap_test "upgrade in the midst of a call, which goes on; no phone notices" upgraded
ktap_test "removed: it is closed" removed
ktap_test "purged: nothing is left but the user" purged
ktap_finished
