# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest scripts share: where each kind of guest keeps its kernel, its
# build tree and its modules.  Sourced by kernel, modules and run.
#
#   uml        User-Mode Linux as Debian ships it (package user-mode-linux)
#   uml-debug  User-Mode Linux built here, with KASAN, UBSAN and lockdep
#   vng        Debian's stock kernel on two emulated CPUs, started by virtme-ng
#   vng612     likewise, Debian's newer stock kernel for the same release, 6.12
#   qemu-debug own x86-64 kernel with KASAN and lockdep, two emulated CPUs
#   headers-new  the newest kernel that Debian has: to compile against, not to boot

guest_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
repo=$(cd "$guest_dir/../.." && pwd -P)
cache=${GMGATE_CACHE:-$HOME/.cache/gmgate}
jobs=$(nproc)
[ "$jobs" -le 2 ] || jobs=2

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

guest_check_kind()
{
	case $1 in
	uml|uml-debug|vng|vng612|qemu-debug|headers-new) ;;
	*) die "no such kind of guest: $1 (uml, uml-debug, vng, vng612, qemu-debug, headers-new)" ;;
	esac
}

# The file that records what a finished build was made from.
guest_stamp()	{ echo "$cache/$1.stamp"; }

# The value of one key in a stamp: "source", "config", "kdir", "image", ...
guest_stamp_get()
{
	[ ! -f "$(guest_stamp "$1")" ] || sed -n "s/^$2=//p" "$(guest_stamp "$1")"
}

guest_arch()
{
	case $1 in
	uml|uml-debug) echo um ;;
	*) echo x86_64 ;;
	esac
}

# Where the kernel module's objects for this kind are made.
guest_build()	{ echo "$repo/build/$1"; }
