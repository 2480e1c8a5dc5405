#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The packages: built from the sources as git has them, looked at by lintian, installed
# into a Debian root (an overlay over this machine's own, so that nothing of it
# changes), the module built by DKMS for two kernels and upgraded, the unit looked at by systemd-analyze,
# removed again; and the service run by systemd in a guest (service_guest.sh).
set -eu
. "$(dirname "$0")/lib.sh"
cd "$repo"

work=$repo/build/packaging
version=$(dpkg-parsechangelog -S Version)
arch=$(dpkg --print-architecture)
kernel=$(sed -n 's/^release=//p' "${GMGATE_CACHE:-$HOME/.cache/gmgate}/vng.stamp" 2>/dev/null || true)

newer=$version+test1
[ "$(id -u)" = 0 ] || ktap_skip_all "needs root"
# Without these there is no package at all; what else is missing is said of each test that
# needs it, and the others are run.
for tool in dpkg-buildpackage dh; do
	command -v $tool > /dev/null || ktap_skip_all "no $tool"
done

# lacks TOOL..: says which one is missing ($GMGATE_WITHOUT: as if these were).
lacks()
{
	local tool

	for tool; do
		if ! command -v "$tool" > /dev/null || [[ " ${GMGATE_WITHOUT:-} " == *" $tool "* ]]; then
			echo "no $tool"
			return 0
		fi
	done
	return 1
}

no_dkms=$(lacks dh_dkms dkms) || [ -n "$kernel" ] || no_dkms="no vng guest: selftests/guest/kernel -k vng"

# test_with WHY-NOT NAME COMMAND..: skipped, visibly, where there is a reason
test_with()
{
	if [ -n "$1" ]; then
		ktap_test_skip "$2" "$1"
	else
		ktap_test "${@:2}"
	fi
}

# --- the packages ------------------------------------------------------------------

# copy_sources FOLDER: what is in git, as it is in this checkout.
copy_sources()
{
	rm -rf "$1"
	mkdir -p "$1"
	git ls-files -z | while IFS= read -r -d '' f; do
		[ ! -f "$f" ] || printf '%s\0' "$f"
	done | tar -c --null -T - | tar -x -C "$1"
}

# build FOLDER: the unit tests have a step of their own.
build()
{
	local profiles=nocheck

	! lacks dh_dkms > /dev/null || profiles+=" pkg.gmgate.nodkms"
	(cd "$1" && DEB_BUILD_OPTIONS="nocheck parallel=2" DEB_BUILD_PROFILES="$profiles" \
		dpkg-buildpackage -b -us -uc > "$1.log" 2>&1) || { tail -20 "$1.log"; return 1; }
}

lintian_is_content()
{
	lintian --fail-on error --suppress-tags bad-distribution-in-changes-file \
		"$work/now/"gmgate_"$version"_*.changes
}

# has PACKAGE PATH..
has()
{
	local list path

	list=$(dpkg-deb -c "$work/now/$1_${version}_"*.deb | awk '{ print $6 }')
	for path in "${@:2}"; do
		grep -qE "^\./${path}$" <<< "$list" || { echo "$1 has no $path"; return 1; }
	done
}

agent_package()
{
	has gmgate-agent usr/sbin/gmgated usr/sbin/gmctl lib/systemd/system/gmgated.service \
		etc/gmgate/gmgate.yaml usr/share/man/man8/gmgated.8.gz \
		usr/share/man/man8/gmctl.8.gz usr/share/man/man5/gmgate.yaml.5.gz usr/share/bash-completion/completions/gmctl \
		usr/lib/sysusers.d/gmgate-agent.conf usr/lib/tmpfiles.d/gmgate-agent.conf \
		usr/lib/sysctl.d/60-gmgate.conf usr/lib/modules-load.d/gmgate.conf \
		usr/include/linux/gmgate.h
}

# --- a Debian root -----------------------------------------------------------------

root=$work/root upper=$work/upper

root_up()
{
	rm -rf "$upper" "$work/scratch"
	mkdir -p "$root" "$upper" "$work/scratch"
	mount -t overlay overlay -o "lowerdir=/,upperdir=$upper,workdir=$work/scratch" "$root" ||
		return 1
	defer root_down
	mount -t proc proc "$root/proc"
	mount -t tmpfs tmpfs "$root/run"
	mount --bind /dev "$root/dev"
	# No service is started here.
	printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
}

root_down()
{
	mountpoint -q "$root" || return 0
	rm -f "$root/usr/sbin/policy-rc.d"
	umount "$root/dev" "$root/run" "$root/proc" 2>/dev/null || true
	umount "$root" || umount -l "$root"
}

in_root()	{ DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }

install_packages()
{
	local package packages="gmgate-agent gmgate-dkms"

	[ -z "$no_dkms" ] || packages=gmgate-agent
	for package in $packages; do
		cp "$work/now/${package}_${version}_"*.deb "$root/tmp/"
	done
	in_root sh -c "dpkg -i /tmp/gmgate-*.deb" > "$work/install.log" 2>&1 ||
		{ tail -20 "$work/install.log"; return 1; }
	for package in $packages; do
		[ "$(in_root dpkg-query -W -f '${Status}' "$package")" = "install ok installed" ] || return 1
	done
	in_root id gmgate
	[ "$(in_root stat -c '%U %a' /var/log/gmgate)" = "gmgate 750" ]
	in_root gmgated --check /etc/gmgate/gmgate.yaml
}

# dkms_builds KERNEL HEADERS [VERSION]: and the module is of that kernel.
dkms_builds()
{
	local v=${3:-$version}

	in_root dkms build -m gmgate -v "$v" -k "$1" --kernelsourcedir "$2" > "$work/dkms.log" 2>&1 ||
		{ tail -20 "$work/dkms.log" "$root/var/lib/dkms/gmgate/$v/build/make.log"; return 1; }
	in_root dkms install -m gmgate -v "$v" -k "$1" >> "$work/dkms.log" 2>&1 ||
		{ tail -20 "$work/dkms.log"; return 1; }
	in_root modinfo -F vermagic "/lib/modules/$1/updates/dkms/gmgate.ko" | grep -q "^$1 "
}

on_612()
{
	local stamp=${GMGATE_CACHE:-$HOME/.cache/gmgate}/vng612.stamp release dir

	[ -f "$stamp" ] || { echo "no vng612 guest, whose headers these are"; return 4; }
	release=$(sed -n 's/^release=//p' "$stamp") dir=$(sed -n 's/^kdir=//p' "$stamp")
	mkdir -p "$root/lib/modules/$release"
	dkms_builds "$release" "$dir"
	in_root dkms remove -m gmgate -v "$version" -k "$release" > /dev/null
	rm -rf "$root/lib/modules/$release"
}

# make_newer_dkms: the package as the next version has it, of a module that says so.
make_newer_dkms()
{
	local dir=$work/newer-dkms

	rm -rf "$dir"
	dpkg-deb -R "$work/now/gmgate-dkms_${version}_all.deb" "$dir" &&
		mv "$dir/usr/src/gmgate-$version" "$dir/usr/src/gmgate-$newer" &&
		sed -i "s/\b${version//./\\.}\b/$newer/" "$dir/DEBIAN/"{control,postinst,prerm} \
			"$dir/usr/src/gmgate-$newer/dkms.conf" &&
		sed -i 's/^MODULE_DESCRIPTION("/&test1: /' "$dir/usr/src/gmgate-$newer/kmod/main.c" &&
		rm "$dir/DEBIAN/md5sums" && dpkg-deb -b "$dir" "$root/tmp/newer-dkms.deb" > /dev/null
}

module_says()	{ in_root modinfo -F description "/lib/modules/$kernel/updates/dkms/gmgate.ko"; }
dkms_has()	{ in_root dkms status -m gmgate -v "$1" -k "$kernel" | grep -q ': installed'; }

# From one version to the next: what was built for the kernel is replaced, and of the old
# version nothing is left.
dkms_upgrade()
{
	local left

	[[ $(module_says) != test1* ]] && dkms_has "$version" || { echo "there is nothing to upgrade"; return 1; }
	make_newer_dkms || return 1
	in_root dpkg -i /tmp/newer-dkms.deb > "$work/upgrade.log" 2>&1 || { tail -20 "$work/upgrade.log"; return 1; }
	[ "$(in_root dpkg-query -W -f '${Version}' gmgate-dkms)" = "$newer" ] || return 1
	# The host's kernel is another one, and the package builds for that: this is what it does
	# for one whose headers are there.
	dkms_has "$newer" || dkms_builds "$kernel" "/lib/modules/$kernel/build" "$newer" || return 1
	[[ $(module_says) == test1:* ]] || { echo "the module is: $(module_says)"; return 1; }
	left=$(in_root find /usr/src/gmgate-"$version" /var/lib/dkms/gmgate/"$version" 2> /dev/null) || true
	[ -z "$left" ] || { echo "left: $left" | head -5; return 1; }
	[ "$(in_root dkms status -m gmgate | grep -c "$kernel")" = 1 ] || { in_root dkms status -m gmgate; return 1; }
	[ "$(in_root find "/lib/modules/$kernel" -name 'gmgate.ko*' | wc -l)" = 1 ]
}

unit_verifies()	{ in_root systemd-analyze verify gmgated.service; }

# Of 10, in tenths: what is left is the network, netlink and CAP_NET_ADMIN.
unit_is_closed()
{
	in_root systemd-analyze security --offline=yes --threshold=20 gmgated.service > "$work/security.log" 2>&1 ||
		{ tail -3 "$work/security.log"; return 1; }
}

completes()
{
	local words

	words=$(in_root bash -c '. /usr/share/bash-completion/completions/gmctl
		COMP_WORDS=(gmctl -j set "") COMP_CWORD=3; _gmctl; echo "${COMPREPLY[*]}"')
	[ "$words" = "list show add load change del -h -j" ] || { echo "it says: $words"; return 1; }
}

purge()
{
	local left

	in_root dpkg --purge gmgate-agent gmgate-dkms > "$work/purge.log" 2>&1 ||
		{ tail -20 "$work/purge.log"; return 1; }
	left=$(in_root find /etc /usr/sbin /usr/lib /usr/share /usr/src /usr/include /lib/systemd \
		/lib/modules /var/lib/dkms -name '*gmgate*' -o -name gmctl -o -name 'gmctl.8*')
	[ -z "$left" ] || { echo "left: $left"; return 1; }
	# Files elsewhere may be his.
	in_root id gmgate > /dev/null
}

# What make install puts there, make uninstall takes away.
installed_and_gone()
{
	local to=$work/destdir

	rm -rf "$to"
	make -s -C "$work/now/gmgate" install-agent DESTDIR="$to" PREFIX=/opt/gmgate > /dev/null
	[ -x "$to/opt/gmgate/sbin/gmgated" ]
	grep -q '^ExecStart=/opt/gmgate/sbin/gmgated ' "$to/opt/gmgate/lib/systemd/system/gmgated.service"
	[ -f "$to/opt/gmgate/include/linux/gmgate.h" ]
	"$to/opt/gmgate/sbin/gmgated" --help > /dev/null
	mkdir -p "$to/lib/modules/x/updates"
	touch "$to/lib/modules/x/updates/gmgate.ko"
	make -s -C "$work/now/gmgate" uninstall DESTDIR="$to" PREFIX=/opt/gmgate
	[ -z "$(find "$to" -type f)" ] || { find "$to" -type f; return 1; }
}

# --- a guest with systemd ------------------------------------------------------------

# The same once more, as a newer version: for an upgrade.
make_newer()
{
	local dir=$work/newer

	rm -rf "$dir"
	dpkg-deb -R "$work/now/gmgate-agent_${version}_$arch.deb" "$dir"
	sed -i "s/^Version: .*/&+test1/" "$dir/DEBIAN/control"
	dpkg-deb -b "$dir" "$work/newer.deb" > /dev/null
}

# Its tests one by one are in build/log.
run_service()
{
	local log=${GMGATE_OUT:-$repo/build/log}/service.tap

	mkdir -p "${log%/*}"
	make_newer || return 1
	selftests/guest/modules -k uml > /dev/null || return 1
	GMGATE_SYSTEMD=1 selftests/guest/run -k uml -t 500 -n service -- selftests/service_guest.sh \
		"$work/now/gmgate-agent_${version}_$arch.deb" "$work/newer.deb" > "$log" 2>&1 ||
		{ cat "$log"; return 1; }
	grep '^ok' "$log" | sed 's/^ok [0-9]* //'
}

ktap_print_header
ktap_set_plan 13
rm -rf "$work"
mkdir -p "$work"
copy_sources "$work/now/gmgate"
ktap_test "the packages are built" build "$work/now/gmgate"
test_with "$(lacks lintian)" "lintian has no errors" lintian_is_content
ktap_test "gmgate-agent has what it should" agent_package
ktap_test "make install and make uninstall" installed_and_gone
no_root=
root_up || no_root="no overlay over this machine's root can be mounted here"
no_module=${no_root:-$no_dkms}
test_with "$no_root" "installed into a Debian root" install_packages
test_with "$no_module" "DKMS builds the module for $kernel" dkms_builds "$kernel" "/lib/modules/$kernel/build"
test_with "$no_module" "and for a newer kernel" on_612
test_with "$no_module" "the module's package goes from one version to the next" dkms_upgrade
test_with "${no_root:-$(lacks systemd-analyze)}" "systemd-analyze verify" unit_verifies
test_with "${no_root:-$(lacks systemd-analyze)}" "systemd-analyze security: 2.0 at most" unit_is_closed
test_with "$no_root" "bash completes gmctl" completes
test_with "$no_root" "purged, nothing is left but the user" purge
ktap_test "run by systemd: start, rights, reload, restart, kill -9, watchdog, upgrade, removal" run_service
ktap_finished
