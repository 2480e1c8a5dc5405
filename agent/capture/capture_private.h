/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CAPTURE_PRIVATE_H
#define _CAPTURE_PRIVATE_H

#include "capture.h"

/* Between capture.c (octets and classic pcap) and capture_ng.c (blocks of pcapng). */

#define CAPTURE_SECTION 0x0a0d0d0au	/* the same in either byte order */

/* Sets c->error, with the octet the block began at. -1. */
int capture_fail(struct capture *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* It ends within something. -1. */
int capture_cut(struct capture *c);

/* @n octets of the file; 0: it is at its end, -1: within them, or it cannot be read. */
int capture_read(struct capture *c, void *to, size_t n);

/* In the byte order of the file. */
uint16_t capture_u16(const struct capture *c, const char *p);
uint32_t capture_u32(const struct capture *c, const char *p);

int capture_ng_section(struct capture *c);
int capture_ng_next(struct capture *c, struct capture_packet *p);

#endif
