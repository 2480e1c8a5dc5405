#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture of the UE's side, which has neither tap nor keys, read with the table that
# `gmctl wireshark` wrote at the P-CSCF: the REGISTER is in it and every ICV is good; with
# NULL encryption by tshark's heuristic as well.  Before: which switch is missing; after:
# what is wiped.
#
#     netns ue: phones -- ue0, captured -- netns pcscf: agent, gmctl -- netns core
set -eu
timer_scale=10
suites="hmac-sha-1-96/aes-cbc hmac-md5-96/aes-cbc hmac-sha-1-96/null hmac-sha-1-96/des-ede3-cbc null/aes-gcm aes-gmac/null"
. "$(dirname "$0")/ims.sh"
. "$ims/gmctl.sh"

parameter=/sys/module/gmgate/parameters/key_export
table=$ims_run/esp_sa
profile=$ims_run/profile
with_keys=(-o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE)
serial=0

impi()	{ echo "$(subscriber_imsi "$1")@$domain"; }

# shark TABLE [OPTION..]: tshark on the capture $wire, with a profile that has the table.
shark()
{
	local port ports=()

	mkdir -p "$profile"
	cp "$1" "$profile/esp_sa"
	shift
	for port in 6100 6101 6102 6103 6104; do
		ports+=(-d "udp.port==$port,sip" -d "tcp.port==$port,sip")
	done
	WIRESHARK_CONFIG_DIR=$profile tshark -2 -n -r "$(capture_file "$wire")" "${ports[@]}" "$@" \
		2> "$ims_run/tshark.err" || { cat "$ims_run/tshark.err" >&2; return 1; }
	# A line of the table that it cannot read is said, and passed over.
	! grep -iE 'esp_sa|uat' "$ims_run/tshark.err" >&2
}

# inside TABLE OPTION..: the SIP that was inside of ESP, a word each.
inside()	{ shark "$@" -Y 'esp && sip' -T fields -e sip.Method -e sip.Status-Code | xargs -n 1 | sort -u | xargs; }
icvs()		{ shark "$1" "${with_keys[@]}" -Y "$2" | wc -l; }

# equal WHAT HAVE WANTS
equal()		{ [ "$2" = "$3" ] || { echo "$1: '$2', not '$3'"; return 1; }; }

# The module and the agent can be told to let keys out; $1: true or false.
configure()
{
	write_config
	sed -i "s/^\( *\)port-s: 6100/&\n\1key-export: $1/" "$config"
}

# catch PHONE SUITE: the phone, subscriber 1, registers anew and its table is written;
# what went over the wire is in the capture $wire.  Not inside ktap_test, where it would
# be stopped with all else.  What fails here is missed by the test behind it.
catch()
{
	serial=$((serial + 1))
	wire=wire-$serial
	rm -f "$table"
	capture_start "$wire" ue ue0
	{
		phone_do "$1" "set suites $2" && phone_do "$1" register &&
			gmctl wireshark "$(impi 1)" > "$table" && phone_do "$1" deregister
	} 2>&1 | sed 's/^/# /'
	capture_stop "$wire"
}

# has_register CIPHER INTEGRITY: as Wireshark calls them.
has_register()
{
	local all

	grep -qF "\"$1\"" "$table" && grep -qF "\"$2\"" "$table" || { cut -d, -f1-5,7 "$table"; return 1; }
	# The phone, which has its keys from its own card, would write the same.
	! grep -vxFf "$keylog" "$table" | cut -d, -f1-5,7 | grep . || return 1
	equal inside "$(inside "$table" "${with_keys[@]}")" "200 REGISTER" || return 1
	all=$(icvs "$table" esp)
	[ "$all" -ge 4 ] || { echo "ESP packets: $all"; return 1; }
	equal "good ICVs" "$(icvs "$table" 'esp.icv_good == 1')" "$all"
}

# Without the table there is nothing to see, and with other keys no ICV is good.
not_vacuous()
{
	equal "without keys" "$(inside /dev/null "${with_keys[@]}")" "" || return 1
	sed 's/0x[0-9a-f]\{32\}/0x00112233445566778899aabbccddeeff/g' "$table" > "$table.wrong"
	equal "other keys" "$(inside "$table.wrong" "${with_keys[@]}")" "" || return 1
	equal "good ICVs with other keys" "$(icvs "$table.wrong" 'esp.icv_good == 1')" 0
}

# Each line as an option, as it is without a profile.
as_options()
{
	local line lines=()

	while IFS= read -r line; do lines+=(-o "uat:esp_sa:$line"); done < "$table"
	equal inside "$(inside /dev/null "${with_keys[@]}" "${lines[@]}")" "200 REGISTER"
}

null_heuristic()
{
	equal heuristic "$(inside /dev/null -o esp.enable_null_encryption_decode_heuristic:TRUE)" "200 REGISTER" &&
		equal "with the table" "$(inside "$table" "${with_keys[@]}")" "200 REGISTER"
}

over_tcp()
{
	equal inside "$(inside "$table" "${with_keys[@]}")" "200 REGISTER" &&
		equal "good ICVs" "$(icvs "$table" 'esp.icv_good == 1')" "$(icvs "$table" esp)" &&
		shark "$table" "${with_keys[@]}" -Y 'esp && tcp && sip' | grep -q REGISTER
}

gmac_left_out()
{
	phone_do bob "set suites aes-gmac/null"
	phone_do bob register
	refuses 1 "Wireshark has no name for aes-gmac" gmctl wireshark -o "$ims_run/none" "$(impi 2)" &&
		[ ! -e "$ims_run/none" ] && phone_do bob deregister
}

# By IMPI, identity and address: that phone's sets, and all when nobody is named.
who()
{
	local words

	phone_do alice "set suites hmac-sha-1-96/aes-cbc"
	phone_do bob "set suites null/aes-gcm"
	both_register
	for words in "$(impi 1)" "impi $(impi 1)" "sip:$(impi 1)" "impu $(impi 1)" $UE4 "address $UE4"; do
		# shellcheck disable=SC2086
		gmctl wireshark $words > "$table"
		grep -q "\"$UE4\"" "$table" && ! grep "\"$UE4_2\"" "$table" | cut -d, -f1-5 | grep . ||
			{ echo "$words"; return 1; }
	done
	gmctl wireshark > "$table"
	grep -q "\"$UE4\"" "$table" && grep -q "\"$UE4_2\"" "$table" || return 1
	gmctl -j wireshark -o "$ims_run/all" > "$said"
	grep -qE "^\{\"file\":\"$ims_run/all\",\"sets\":[1-9][0-9]*,\"without-keys\":[0-9]+\}$" "$said" || { cat "$said"; return 1; }
	[ "$(stat -c %a "$ims_run/all")" = 600 ] && rm "$ims_run/all"
}

nothing_by_default()
{
	phone_do alice register
	refuses 1 "echo 1 > $parameter" gmctl wireshark "$(impi 1)" &&
		grep -q 'key-export: true in gm of the agent.s configuration' "$said"
}

# A reload puts it on, says so, and ends nothing; the set that is there has no keys.
by_reload()
{
	local before

	before=$(set_ids)
	echo 1 > $parameter
	configure true
	gmctl reload > "$said"
	grep -qE '^changed +gm$' "$said" && grep -qE '^needs-restart +-?$' "$said" || { cat "$said"; return 1; }
	equal sets "$(set_ids)" "$before" || return 1
	grep -q "warning: gm $PCSCF4: key-export is on" "$agent_log" || return 1
	refuses 1 "let the phone register anew" gmctl wireshark "$(impi 1)" && phone_do alice deregister
}

told()
{
	wait_for 10 grep -q "its keys were read out" "$agent_log" || { echo "not in the log"; return 1; }
	gmctl -j config show > "$said"
	grep -qE '"key-export": ?true' "$said" || { grep -o '"key-export.....' "$said"; return 1; }
}

# A restart without the key finds the endpoint with it: what was kept is wiped, and
# no set ends.
off_by_restart()
{
	equal sets "$(set_ids)" "$before" || return 1
	refuses 1 "lets no keys out" gmctl wireshark $UE4 || return 1
	configure true
	gmctl reload > /dev/null
	refuses 1 "was installed while key export was off" gmctl wireshark $UE4
}

ktap_print_header
ktap_set_plan 18
ims_up
phone_open alice 1 4
phone_open bob 2 4b
phone_open six 1 6
ktap_test "off by default: both switches are named" nothing_by_default
ktap_test "a reload puts it on, and ends no set; a set from before has no keys" by_reload
catch alice hmac-sha-1-96/aes-cbc
ktap_test "AES-CBC, HMAC-SHA-1" has_register "AES-CBC [RFC3602]" "HMAC-SHA-1-96 [RFC2404]"
ktap_test "without keys nothing is seen, with others no ICV is good" not_vacuous
ktap_test "the lines as options of tshark" as_options
catch alice hmac-md5-96/aes-cbc
ktap_test "AES-CBC, HMAC-MD5" has_register "AES-CBC [RFC3602]" "HMAC-MD5-96 [RFC2403]"
catch alice hmac-sha-1-96/des-ede3-cbc
ktap_test "3DES-CBC" has_register "TripleDES-CBC [RFC2451]" "HMAC-SHA-1-96 [RFC2404]"
catch alice null/aes-gcm
ktap_test "AES-GCM" has_register "AES-GCM with 16 octet ICV [RFC4106]" NULL
catch alice hmac-sha-1-96/null
ktap_test "NULL" has_register NULL "HMAC-SHA-1-96 [RFC2404]"
ktap_test "NULL by the heuristic, without keys" null_heuristic
catch six hmac-sha-1-96/aes-cbc
ktap_test "IPv6" has_register "AES-CBC [RFC3602]" "HMAC-SHA-1-96 [RFC2404]"
phone_do alice "set transport tcp"
catch alice hmac-sha-1-96/aes-cbc
phone_do alice "set transport udp"
ktap_test "TCP" over_tcp
ktap_test "AES-GMAC, which Wireshark does not know, is left out and said" gmac_left_out
ktap_test "whose: IMPI, identity, address, all" who
ktap_test "read-outs are in the agent's log" told
before=$(set_ids)
configure false
agent_stop
agent_start
ktap_test "a restart with key-export off: wiped, and no set ends" off_by_restart
ktap_test "words that are wrong" refuses 2 "no such word" gmctl wireshark "$(impi 1)" nonsense
ktap_test "no key in logs and lists" no_leaks
ktap_finished
