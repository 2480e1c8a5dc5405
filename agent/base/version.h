/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _VERSION_H
#define _VERSION_H

/* Of both programs: that of debian/changelog, by the Makefile. */
#ifndef GMGATE_VERSION
#define GMGATE_VERSION "unknown"
#endif

#endif
