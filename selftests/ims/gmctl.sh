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

STRANGER4=192.0.2.9

# knocks FROM [METHOD]: an OPTIONS to the core's side, answered or not.
knocks()
{
	in_core /usr/bin/python3 - "$1" $MW4 "${2:-OPTIONS}" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((sys.argv[1], 0))
	s.settimeout(2)
	me = "%s:%d" % s.getsockname()
	s.sendto(("%s sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKknock\r\nMax-Forwards: 70\r\n"
	          "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: knock\r\nCSeq: 1 %s\r\n"
	          "Content-Length: 0\r\n\r\n" % (sys.argv[3], sys.argv[2], me, sys.argv[3])).encode(), (sys.argv[2], 5060))
	try:
	    print(s.recv(2000).split(b"\r\n")[0].decode())
	except TimeoutError:
	    print("silence")
	END
}
