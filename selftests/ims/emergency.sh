# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts about emergency calls share, on top of ims.sh and calls.sh: a second core
# as E-CSCF, and what it must have got.

ECSCF4=192.0.2.3
trusted="[192.0.2.0/28]"
ecscf_log=$ims_run/ecscf.jsonl
numbers='numbers: [{number: "112"}, {number: "110", service: sos.police}]'

ecscf_start()
{
	mkfifo "$ims_run/ecscf.in"
	nsenter --net=/run/netns/core "$ims/core.py" --listen "$ECSCF4:5060" \
		--subscribers "$ims/subscribers.yaml" --log "$ecscf_log" \
		--service-route "<sip:$ECSCF4;lr>" --stdin <> "$ims_run/ecscf.in" &
	defer stop_process $!
	wait_for 30 has_started "$ecscf_log"
}

ecscf_do()
{
	echo "$*" > "$ims_run/ecscf.in"
	sleep 0.3
}

# agent_with EXTRA: the agent starts anew, and knows nobody.
agent_with()
{
	agent_stop
	rm -f "$store"
	core_extra=$1
	write_config
	agent_start
}

# begin_calls NAME: of both logs of cores, the lines of this part are those after the mark.
calls_there=0 calls_here=0
calls()		{ log_lines "$1" event=received "start=INVITE *" retransmission=false | wc -l; }
begin_calls()
{
	part=$1
	local name

	for name in "${!phone_log[@]}"; do phone_do "$name" "scenario $part"; done
	calls_there=$(calls "$ecscf_log") calls_here=$(calls "$core_log")
}

# went COUNT: so many INVITEs have come to the E-CSCF, and none to the other core.
went()
{
	local there=$(($(calls "$ecscf_log") - calls_there))
	local here=$(($(calls "$core_log") - calls_here))

	[ "$there $here" = "$1 0" ] || { echo "to the E-CSCF $there, to the core $here"; return 1; }
}

# ecscf_had TEXT..: its last initial INVITE has all of these.
ecscf_had()
{
	local last text

	last=$(log_lines "$ecscf_log" event=received "start=INVITE *" | tail -1)
	for text in "$@"; do
		[[ $last == *"$text"* ]] || { echo "no $text in $last"; return 1; }
	done
}

# A registration of theirs is not the E-CSCF's business, all else of the call is.
ecscf_content()
{
	local bad

	bad=$("$ims/events.py" "$ecscf_log" event=received --show wrong | grep -v '^\[\]$' |
		grep -vE "^\['P-Asserted-Identity \[[^]]*\] is not registered'\]$" |
		grep -vE '^\["P-Asserted-Identity \[[^]]*\] is not registered"\]$' | sort | uniq -c)
	[ -z "$bad" ] || { echo "E-CSCF received: $bad"; return 1; }
}
