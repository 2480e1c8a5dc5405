# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What gmctl says, for scripts that hold it against what it should; after ims.sh.

said=$ims_run/said

# refuses STATUS TEXT COMMAND..
refuses()
{
	local status=$1 text=$2 got=0

	shift 2
	"$@" > "$said" 2>&1 || got=$?
	[ $got = "$status" ] && grep -qF -- "$text" "$said" || { echo "$got:"; cat "$said"; return 1; }
}

both_register()	{ phone_do alice register && phone_do bob register; }
