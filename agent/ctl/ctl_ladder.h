/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_LADDER_H
#define _CTL_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ctl.h"
#include "ctl_json.h"
#include "octets.h"

/*
 * gmctl ladder: ctl_ladder_file.c opens a trace or makes one of a capture,
 * ctl_ladder_read.c takes out of it what is wanted, ctl_ladder_lanes.c puts it between
 * participants, ctl_ladder_text.c and ctl_ladder_svg.c draw it; ctl_ladder_live.c does so
 * as it happens.  Texts of ctl_json.h are printable ASCII, whatever a UE or the file says;
 * only XML needs more care.
 */
#define LADDER_OF_KIND 6	/* lanes; those beyond share the last one */
#define LADDER_LANES (1 + 3 * LADDER_OF_KIND)
#define LADDER_NAME 48
#define LADDER_MOST 10000u	/* entries of one picture */

enum ladder_kind {
	LADDER_UE,
	LADDER_GATE,
	LADDER_CORE,
	LADDER_HOST,		/* in a capture made elsewhere, which does not say who it is */
};

/* A participant; UEs stand left of gmgate, the core right, hosts as they came. */
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
	char last[LADDER_NAME];		/* private: the peer of the last message, if that was wanted */
};

/* What is wanted of the file; NULL: anything. */
struct ladder_wanted {
	const char *who;		/* an IMPI, or the part before its @, or an address */
	const char *call_id;
};

/* @l: from {0}, with @room set. 0, or a negative errno. */
int ladder_read(struct ladder *l, FILE *file, const struct ladder_wanted *w);
void ladder_free(struct ladder *l);

/*
 * The same of one line after the other, as they come; @w->who is NULL. ladder_begin():
 * 0, or -ENOMEM. ladder_take(): the entry, where it is wanted, else NULL.
 */
int ladder_begin(struct ladder *l);
const struct ctl_json *ladder_take(struct ladder *l, const char *line, size_t n,
				   const struct ladder_wanted *w);

const struct ctl_json *ladder_entry(const struct ladder *l, size_t i);

/* ---- about an entry ---- */

/* An event, which is no message: something was refused, somebody has registered. */
bool ladder_is_note(const struct ctl_json *e);
bool ladder_is_bad(const struct ctl_json *note);	/* refused, failed, lost */
bool ladder_is_mw(const struct ctl_json *e);
bool ladder_is_elsewhere(const struct ctl_json *e);	/* captured by somebody else */
bool ladder_is_protected(const struct ctl_json *e);
uint64_t ladder_ms(const struct ctl_json *e);		/* since 1970 */

/* The latter of a note, for the comment of a packet. */
void ladder_note_put(struct octets *o, const struct ctl_json *note);

/* Of "192.0.2.1:5060" or "[2001:db8::1]:5060": without port and brackets. */
const char *ladder_host(const struct ctl_json *e, const char *key, char out[LADDER_NAME]);

/* ---- lanes ---- */

/* Of all entries, anew. */
void ladder_find_lanes(struct ladder *l);
/* One of those that @e needs is new, or has another name now: it stands right of all others. */
bool ladder_add_lanes(struct ladder *l, const struct ctl_json *e);
/* What stands above a lane. */
const char *ladder_kind_name(const struct ladder *l, unsigned int lane);

/* From which lane to which; they may be the same. */
void ladder_ends(const struct ladder *l, const struct ctl_json *e, unsigned int *from,
		 unsigned int *to);

#define LADDER_TEXT 512

/* "REGISTER", "401 Unauthorized" */
void ladder_label(const struct ctl_json *e, char out[LADDER_TEXT]);
/* "1 REGISTER  udp 5060>5060  uc-ps 0x10000001  set 3", or of a note all there is */
void ladder_remark(const struct ctl_json *e, char out[LADDER_TEXT]);

/* ---- drawing ---- */

void ladder_text(const struct ladder *l, bool ascii, FILE *to);
void ladder_text_heads(const struct ladder *l, bool ascii, FILE *to);
void ladder_text_entry(const struct ladder *l, bool ascii, const struct ctl_json *e, FILE *to);
void ladder_svg(const struct ladder *l, FILE *to);

/* ---- the command ---- */

struct ladder_options {
	const char *file, *svg;
	struct ladder_wanted wanted;
	uint64_t most;
	bool ascii, live;
	struct ctl_until until;		/* of what is live */
};

/*
 * The lines of that file, "-": of the standard input; where it is a capture, what they
 * would be of it, with what is not among them said on standard error. NULL: an error was
 * printed. @bad: it is a capture that is bad from somewhere on, which was said as well.
 */
FILE *ladder_open(const char *name, bool *bad);

int ladder_live(const struct ctl *ctl, struct ladder_options *o);
int ladder_write_svg(const struct ladder *l, const char *name);
/* An element of the list "messages". */
void ladder_print_json(const struct ctl_json *e);

#endif
