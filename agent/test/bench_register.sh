#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Instructions per message of a registration: libosip2 reading it whole, and
# all that the agent does with its octets. Difference of 21 and 1 rounds, so
# that start-up does not count.
set -eu

program=$1

count()
{
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>&1 |
		sed -n 's/.*Collected : //p'
}

per_message()
{
	local one many
	one=$(count "$1" "$2" 1)
	many=$(count "$1" "$2" 21)
	echo $(((many - one) / 20))
}

names=("" REGISTER 401 "REGISTER protected" "200 OK")
printf '%-20s %14s %14s\n' "instructions" "libosip2 parse" "the agent, all"
sum_osip=0 sum_ours=0
for m in 1 2 3 4; do
	osip=$(per_message osip $m) ours=$(per_message ours $m)
	printf '%-20s %14d %14d\n' "${names[m]}" "$osip" "$ours"
	sum_osip=$((sum_osip + osip)) sum_ours=$((sum_ours + ours))
done
printf '%-20s %14d %14d\n' "registration" $sum_osip $sum_ours
