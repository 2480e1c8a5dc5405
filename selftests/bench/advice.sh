#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The figures of Documentation/install.md's advice, made anew: what a receive buffer
# holds, and what conntrack keeps of UEs.  Prints each with what the page says, and
# fails where they differ by more than a twentieth.  No part of `check`.
#
#     netns ue: datagrams -- gm0 -- netns pcscf: gmgated, stopped for a moment
#               two phones           nftables with ct
#
# usage: advice.sh     in a guest: make bench-advice
set -eu
. "$(dirname "$0")/../lib.sh"
. "$selftests/ims/ims.sh"
. "$selftests/ims/calls.sh"
. "$selftests/ims/gmctl.sh"

page=$repo/Documentation/install.md
DATAGRAMS=6000
wrong=0

# figure WHAT MEASURED PATTERN: the page's number is the group of the pattern.
figure()
{
	local said

	[ -n "$2" ] || { echo "$1: not measured"; wrong=$((wrong + 1)); return; }
	said=$(sed -nE "s/(^|.*[^0-9])$3.*/\2/p" "$page" | head -1)
	printf '%-62s %8s   install.md: %s\n' "$1" "$2" "${said:-nothing}"
	[ -n "$said" ] && [ $(($2 * 20)) -ge $((said * 19)) ] && [ $(($2 * 20)) -le $((said * 21)) ] ||
		wrong=$((wrong + 1))
}

# drops_of PORT: datagrams that the agent's IPv4 socket there had no room for.
drops_of()	{ in_pcscf ss -lunm "sport = :$1" | grep -A1 "$PCSCF4" | grep -oE ',d[0-9]+' | tr -d ,d; }

# What has been measured is in $got: what starts a program cannot be in a subshell, whose
# end would undo everything.
got=

# Datagrams of 800 to 1400 octets that wait while the agent does not read.
held()
{
	local before after

	before=$(drops_of 5060)
	kill -STOP "$agent_pid"
	in_ue /usr/bin/python3 - "$PCSCF4" "$DATAGRAMS" <<-'END'
	import random, socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	random.seed(1)
	for _ in range(int(sys.argv[2])):
	    s.sendto(bytes(random.randint(800, 1400)), (sys.argv[1], 5060))
	END
	after=$(drops_of 5060)
	kill -CONT "$agent_pid"
	got=$((DATAGRAMS - after + before))
}

# with_buffer MAX: the same by an agent that was started with this net.core.rmem_max.
with_buffer()
{
	sysctl -qw net.core.rmem_max="$1"
	agent_stop
	agent_start
	held
}

# tracked: ESP flows that conntrack has, which is asked over netlink (IPCTNL_MSG_CT_GET).
tracked()
{
	in_pcscf /usr/bin/python3 - <<-'END'
	import socket, struct
	s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
	s.send(struct.pack("=IHHIIBBH", 20, 0x101, 0x301, 1, 0, 0, 0, 0))
	esp, done = 0, False

	def attrs(data):
	    at = 0
	    while at + 4 <= len(data):
	        length, number = struct.unpack_from("=HH", data, at)
	        yield number & 0x3fff, data[at + 4:at + length]
	        at += max(length + -length % 4, 4)

	while not done:
	    data, at = s.recv(1 << 17), 0
	    while at + 16 <= len(data):
	        length, kind = struct.unpack_from("=IH", data, at)
	        if kind in (2, 3):
	            if kind == 2 and struct.unpack_from("=i", data, at + 16)[0]:
	                raise SystemExit("conntrack does not tell")
	            done = True
	            break
	        original = dict(attrs(data[at + 20:at + length]))[1]
	        esp += dict(attrs(dict(attrs(original))[2]))[1] == b"\x32"
	        at += length + -length % 4
	print(esp)
	END
}

# Flows of before would be counted, too (IPCTNL_MSG_CT_DELETE, all of them).
forget_flows()
{
	in_pcscf /usr/bin/python3 -c '
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
s.send(struct.pack("=IHHIIBBH", 20, 0x102, 5, 1, 0, 0, 0, 0))
if struct.unpack_from("=i", s.recv(4096), 16)[0]:
    raise SystemExit("conntrack does not forget")'
}

# with_rules CHAIN: what conntrack has of two UEs that are registered, behind such rules.
with_rules()
{
	in_pcscf nft -f - <<-END
	table inet host
	delete table inet host
	table inet host {
		$1
		chain input { type filter hook input priority filter; ct state established accept; }
	}
	END
	forget_flows
	phone_do alice register
	phone_do bob register
	got=$(tracked)
	phone_do alice deregister
	phone_do bob deregister
}

# Would another program get a port of the agent's, where no range is reserved?
ephemeral()
{
	in_pcscf sysctl -qw net.ipv4.ip_local_port_range="6100 6105" net.ipv4.ip_local_reserved_ports="$1"
	in_pcscf /usr/bin/python3 -c '
import socket
got, held = set(), []
for _ in range(6):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.bind(("127.0.0.1", 0))
    except OSError:
        break
    held.append(s)
    got.add(s.getsockname()[1])
print(len(got & set(range(6100, 6105))))'
	in_pcscf sysctl -qw net.ipv4.ip_local_port_range="32768 60999" net.ipv4.ip_local_reserved_ports=
}

ims_up
default=$(sysctl -n net.core.rmem_max)
echo "kernel $(uname -r), $(nproc) CPUs; rmem_max is $default by default"
echo
with_buffer 212992
figure "messages that wait in one socket, rmem_max 212992" "$got" \
	'([0-9]+) with the default of 212992'
with_buffer 4194304
figure "messages that wait in one socket, rmem_max 4194304" "$got" \
	'([0-9]+) with 4 MiB'
figure "ports of the agent's that another program gets" "$(ephemeral '')" 'gets ([0-9]+) of five such ports'
figure "the same, with ip_local_reserved_ports" "$(ephemeral 6100-6104)" 'and ([0-9]+) of them once'
figure "backlog of the agent's listeners" \
	"$(in_pcscf ss -ltn "sport = :6100" | awk '$1 == "LISTEN" { print $3; exit }')" 'the backlog of the listeners \(([0-9]+)\)'
figure "net.core.somaxconn" "$(in_pcscf sysctl -n net.core.somaxconn)" 'somaxconn` \(([0-9]+)\)'
if command -v nft > /dev/null && modprobe -qa nf_tables nft_ct nf_conntrack_netlink; then
	phone_open alice 1 4
	phone_open bob 2 4b
	with_rules ''
	figure "ESP flows that conntrack keeps of 2 UEs" "$got" '([0-9]+) entries for 2 UEs'
	with_rules 'chain raw { type filter hook prerouting priority raw; meta l4proto esp notrack; }'
	figure "the same, with notrack" "$got" 'and ([0-9]+) with the chain'
else
	echo "no nftables or conntrack over netlink here: their figures are left out"
	wrong=$((wrong + 1))
fi
echo
[ "$wrong" = 0 ] || echo "$wrong figures of install.md are not right"
[ "$wrong" = 0 ]
