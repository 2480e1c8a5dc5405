# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For init, where GMGATE_SYSTEMD is set: systemd is the first process of the guest, and the
# command of this run a service of it, which ends the guest when it ends.
#
# Its root is an overlay over the host's file system, in memory: packages can be installed
# there, and nothing of the host changes.  Services of the host are not started.

systemd_root=/run/systemd-root/root

# The host's tree, writable; the folder of this run, and the modules of this kernel.
systemd_make_root()
{
	local base=${systemd_root%/root} release

	release=$(uname -r)
	mkdir -p "$base"
	mount -t tmpfs -o mode=755 tmpfs "$base"
	mkdir "$base/upper" "$base/work" "$systemd_root"
	modprobe overlay
	mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" overlay "$systemd_root" ||
		return 1
	mount --bind "$GMGATE_OUT" "$systemd_root$GMGATE_OUT"
	if [ ! -e "$systemd_root/lib/modules/$release" ]; then
		mkdir -p "$systemd_root/lib/modules"
		cp -r "/run/guest/root/lib/modules/$release" "$systemd_root/lib/modules/"
	fi
	mkdir -p "$systemd_root/lib/modules/$release/updates"
	cp "$GMGATE_MODDIR/gmgate.ko" "$systemd_root/lib/modules/$release/updates/"
	depmod -b "$systemd_root" "$release"
}

# Nothing of this host's own: no file systems, no services but those that systemd needs.
systemd_make_quiet()
{
	local etc=$systemd_root/etc unit

	: > "$etc/fstab"
	echo 0123456789abcdef0123456789abcdef > "$etc/machine-id"
	echo gmgate > "$etc/hostname"
	rm -f "$systemd_root/usr/sbin/policy-rc.d"
	rm -rf "$etc/systemd/system"/*.wants "$etc/rc"?.d
	for unit in systemd-udevd systemd-udev-trigger systemd-random-seed systemd-timesyncd \
		    systemd-networkd systemd-resolved systemd-update-utmp systemd-remount-fs \
		    systemd-journal-flush systemd-logind systemd-firstboot systemd-network-generator \
		    systemd-pcrphase-sysinit systemd-binfmt getty@tty1 dev-hugepages.mount \
		    systemd-udevd-kernel.socket systemd-udevd-control.socket; do
		[[ $unit == *.* ]] || unit+=.service
		ln -sf /dev/null "$etc/systemd/system/$unit"
	done
}

# The command as a service: its output is the guest's, its status that of the run.
systemd_make_service()
{
	cat > "$systemd_root/etc/systemd/system/gmgate-run.service" <<-END
	[Unit]
	Description=the command of this run
	SuccessAction=poweroff-immediate
	FailureAction=poweroff-immediate
	[Service]
	Type=oneshot
	TimeoutStartSec=infinity
	ExecStart=/bin/bash $systemd_script
	END
	cat > "$systemd_root$systemd_script" <<-END
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	export PATH HOME=/tmp/home LANG=C.UTF-8 TERM=dumb PYTHONDONTWRITEBYTECODE=1
	mkdir -p /tmp/home /run/netns
	. "$GMGATE_RUN/env"
	cd "$GMGATE_REPO"
	stty -F "$GMGATE_TTY" raw -echo 2> /dev/null
	setsid bash "$GMGATE_RUN/cmd" < /dev/null > "$GMGATE_TTY" 2>&1
	echo \$? > "$GMGATE_RUN/status"
	sleep 0.2
	sync
	echo o > /proc/sysrq-trigger
	sleep 60
	END
}

# Does not return.
systemd_boot()
{
	systemd_script=/etc/gmgate-run
	systemd_make_root && systemd_make_quiet && systemd_make_service || stop
	mount -t devtmpfs devtmpfs "$systemd_root/dev"
	ln -sf /proc/self/fd "$systemd_root/dev/fd"
	cd "$systemd_root" || stop
	mkdir -p mnt/old
	pivot_root . mnt/old
	echo /sbin/modprobe > /mnt/old/proc/sys/kernel/modprobe
	exec chroot . /lib/systemd/systemd --unit=gmgate-run.service --log-target=kmsg \
		--log-level=warning --show-status=no
}
