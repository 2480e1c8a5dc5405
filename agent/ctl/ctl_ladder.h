/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_LADDER_H
#define _CTL_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ctl_json.h"

/*
 * gmctl ladder: ctl_ladder_read.c takes out of the agent's trace file what is
 * wanted, ctl_ladder_text.c and ctl_ladder_svg.c draw it.  Texts of ctl_json.h are
 * printable ASCII, whatever a UE or the file says; only XML needs more care.
 */
#define LADDER_LANES 12		/* those beyond share the last of their kind */
#define LADDER_NAME 48
#define LADDER_MOST 10000u	/* entries of one picture */

enum ladder_kind {
	LADDER_UE,
	LADDER_GATE,
	LADDER_CORE,
};

/* A participant; UEs stand left of gmgate, the core right. */
struct ladder_lane {
	enum ladder_kind kind;
	char name[LADDER_NAME];
};

struct ladder {
	struct ctl_json **entries;	/* a ring of @room, the oldest at @first */
	size_t room, first, n;
	size_t left_out;		/* older ones, beyond @room */
	size_t unreadable;		/* lines of the file */
	struct ladder_lane lanes[LADDER_LANES];
	unsigned int n_lanes, gate;	/* gate: its lane */
};

/* What is wanted of the file; NULL: anything. */
struct ladder_wanted {
	const char *who;		/* an IMPI, or the part before its @, or an address */
	const char *call_id;
};

/* @l: from {0}, with @room set. 0, or a negative errno. */
int ladder_read(struct ladder *l, FILE *file, const struct ladder_wanted *w);
void ladder_free(struct ladder *l);

const struct ctl_json *ladder_entry(const struct ladder *l, size_t i);

/* ---- about an entry ---- */

/* A refusal, which is no message. */
bool ladder_is_note(const struct ctl_json *e);
bool ladder_is_protected(const struct ctl_json *e);
uint64_t ladder_ms(const struct ctl_json *e);		/* since 1970 */

/* From which lane to which. */
void ladder_ends(const struct ladder *l, const struct ctl_json *e, unsigned int *from,
		 unsigned int *to);

#define LADDER_TEXT 512

/* "REGISTER", "401 Unauthorized" */
void ladder_label(const struct ctl_json *e, char out[LADDER_TEXT]);
/* "1 REGISTER  udp 5060>5060  uc-ps 0x10000001 set 3", or of a note all there is */
void ladder_remark(const struct ctl_json *e, char out[LADDER_TEXT]);

/* ---- drawing ---- */

void ladder_text(const struct ladder *l, bool ascii, FILE *to);
void ladder_svg(const struct ladder *l, FILE *to);

#endif
