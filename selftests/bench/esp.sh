#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What ESP costs a packet: no IPsec, stock XFRM and gmgate in one run.
#
#	          one namespace
#	gmg0 (dummy: drops)  <- out        in ->  tun0
#	          10.4.128.21:6101, 6100   UE 10.45.0.3
#
# Run in a guest whose clock counts instructions:
#	selftests/guest/run -k vng -i -- selftests/bench/esp.sh
#
# "handling" is what ESP adds over no IPsec, less the SHA-1 blocks of the same
# octets at BLOCK instructions each (the AVX2 driver; HMAC has one block more).
# For aes-cbc the cipher stays in the figure.
set -eu
cd "$(dirname "$0")/../.."
BLOCK=${BLOCK:-790}
P=10.4.128.21 U=10.45.0.3
ck=b40ba9a3c58b2a05bbf0d987b21bf8cb
ik=f769bcd751044604127672711c6d3441
tool=${GMGATE_BENCH_TOOL:-build/bench/esp_bench}

for m in nf_defrag_ipv6 esp4 dummy tun aesni_intel sha1_ssse3 cbc xfrm_user authenc echainiv; do
	modprobe -q $m || true
done
insmod "$GMGATE_MODDIR/gmgate.ko"
ip link add gmg0 type dummy
ip link set gmg0 up
ip addr add $P/8 dev gmg0
ip tuntap add tun0 mode tun
ip link set tun0 up mtu 1500
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun0.rp_filter=0 \
	net.ipv4.conf.all.accept_local=1

keys() { printf 'ck %s\nik %s\n' $ck $ik; }

ep=$(agent/gmctl endpoint add instance 1 uid 0 addr $P port-s 6100 \
	port-c 6101,6102,6103,6104 spi 0x10000000-0x1fffffff | grep -o '[0-9]*' | head -1)
n=0
gmgate_set() # EALG: prints the id; flow P:6101 -> U:5101 and U:5100 -> P:6100
{
	n=$((n + 1))
	keys | agent/gmctl set add endpoint "$ep" state established expires 3600 ue $U \
		port-uc $((5100 + n)) port-us $((5200 + n)) port-pc 6101 \
		spi-uc $((1000 + n)) spi-us $((2000 + n)) \
		spi-pc $((0x10000000 + n)) spi-ps $((0x11000000 + n)) \
		alg hmac-sha-1-96 ealg "$1" | grep -o '[0-9]*' | head -1
}

stock() # NUMBER EALG: the same with stock XFRM, ports 7100 and 7101
{
	local crypt=(auth-trunc "hmac(sha1)" 0x${ik}00000000 96)

	if [ "$2" = null ]; then
		crypt+=(enc "ecb(cipher_null)" "")
	else
		crypt+=(enc "cbc(aes)" 0x$ck)
	fi
	ip xfrm state add src $U dst $P proto esp spi $((0x30000000 + $1)) mode transport \
		replay-window 32 "${crypt[@]}" sel src $U dst $P proto udp sport $((5300 + $1)) dport 7100
	ip xfrm state add src $P dst $U proto esp spi $((3000 + $1)) mode transport \
		"${crypt[@]}" sel src $P dst $U proto udp sport 7101 dport $((5400 + $1))
	ip xfrm policy add dir in src $U dst $P proto udp sport $((5300 + $1)) dport 7100 \
		tmpl src $U dst $P proto esp mode transport
	ip xfrm policy add dir out src $P dst $U proto udp sport 7101 dport $((5400 + $1)) \
		tmpl src $P dst $U proto esp mode transport
}

blocks() # SIZE EALG: SHA-1 blocks of HMAC over the ESP packet
{
	local iv=0 align=4 len
	[ "$2" = null ] || { iv=16; align=16; }
	len=$(($1 + 8 + 2))
	len=$(((len + align - 1) / align * align + 8 + iv))
	echo $(((len + 9 + 63) / 64 + 1))
}

row() # WHAT SIZE EALG plain stock gmgate
{
	local hash=$(($(blocks "$2" "$3") * BLOCK))
	local hs=$(($5 - $4 - hash)) hg=$(($6 - $4 - hash))
	printf '%-4s %5s %-8s %8s %8s %8s   %8s %8s   1/%s\n' "$1" "$2" "$3" "$4" "$5" "$6" \
		$hs $hg "$(awk "BEGIN { printf \"%.1f\", $hs / ($hg > 0 ? $hg : 1) }")"
}

printf '%-4s %5s %-8s %8s %8s %8s   %8s %8s   %s\n' way size ealg none stock gmgate \
	h-stock h-gmgate ratio
k=0
for ealg in null aes-cbc; do
	cbc=
	[ $ealg = null ] || cbc="--ck $ck"
	for size in 100 600 1300; do
		k=$((k + 1))
		id=$(gmgate_set $ealg)
		n=$k
		stock $k $ealg
		none=$($tool --src $P --sport 8000 --dst $U --dport 9000 --size $size)
		old=$($tool --src $P --sport 7101 --dst $U --dport $((5400 + k)) --size $size)
		new=$($tool --src $P --sport 6101 --dst $U --dport $((5200 + k)) --size $size --mark "$id")
		row out $size $ealg "$none" "$old" "$new"
		none=$($tool --in --src $U --sport 9000 --dst $P --dport 8000 --size $size)
		old=$($tool --in --src $U --sport $((5300 + k)) --dst $P --dport 7100 --size $size \
			--spi $((0x30000000 + k)) --ik ${ik}00000000 $cbc)
		new=$($tool --in --src $U --sport $((5100 + k)) --dst $P --dport 6100 --size $size \
			--spi $((0x11000000 + k)) --ik ${ik}00000000 $cbc)
		row in $size $ealg "$none" "$old" "$new"
	done
done
grep -E "^(name|driver)" /proc/crypto | paste - - | grep -E "sha1|cbc\(aes" | sort -u
