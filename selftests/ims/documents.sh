# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What runs command lines of documents as they stand there: in a folder that has what they
# name, with gmctl and gmgated in the path, and the agent at its usual socket; after ims.sh.

here=$ims_run/here
export PATH=$here/bin:$PATH

# plan_documents PHASE..: the lines of documents.py for these, in $ims_run/plan.
plan_documents()
{
	mkdir -p "$here"
	"$ims/documents.py" plan "$ims_run" | grep -E "^($(IFS='|'; echo "$*"))	" > "$ims_run/plan"
}

# in_its_place: after write_config; the agent's control socket is where gmctl looks for it.
in_its_place()
{
	rm -rf /run/gmgate		# another script's may be another user's
	mkdir -p "$here/bin" /run/gmgate
	ln -s "$agent/gmctl" "$agent/gmgated" "$here/bin/"
	ln -s "$repo/agent" "$repo/Documentation" "$here/"
	sed "s|^control:.*|control: /run/gmgate/control.sock|" "$config" > "$here/gmgate.yaml"
	ln -s "$trace_log" "$here/trace.jsonl"
	printf 'ik-esp %040d\n' 1 > "$here/keys"
	ln -s /run/gmgate/control.sock "$ims_run/control.sock"
	config=$here/gmgate.yaml
}

# in_place FOLDER COMMAND: a process group of its own, in the P-CSCF's namespace
in_place()	{ cd "$1" && exec setsid nsenter --net=/run/netns/pcscf bash -c "$2"; }

# once FOLDER COMMAND: its status; what it printed is in $said.
once()
{
	local status=0

	(in_place "$1" "$2") > "$said" 2>&1 < /dev/null || status=$?
	return $status
}
