/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TEXT_H
#define _TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SIP as the two tools read it: text of a peer that is ours, ended by a 0.  Nothing here is
 * for messages of strangers.
 */

/* The value after "\r\nNAME: ", NULL: none; *n: to the end of the line. */
const char *text_header(const char *msg, const char *name, size_t *n);
/* Copied, "" for none. */
const char *text_copy(const char *msg, const char *name, char *out, size_t room);
/* The number after KEY, 0: none. */
unsigned long text_number(const char *msg, const char *key);
/* What stands between KEY and the next quote. False: nothing. */
bool text_quoted(const char *msg, const char *key, char *out, size_t room);

/* An answer with the Via, Record-Route, From, To, Call-ID and CSeq of a request. */
size_t text_answer(const char *request, const char *status, const char *tag, const char *lines,
		   char *out, size_t room);

uint64_t text_now_us(void);

#define TEXT_SLOTS 1000u		/* the last one has all that came later */
#define TEXT_SLOT_US 100000u

/* Latencies, and what became of the asked: a line of JSON for who drives. */
struct text_result {
	const char *what;
	uint32_t *us;			/* of those that went well */
	unsigned int asked, ok, failed, lost, repeated;
	unsigned int refused;		/* a 503, after which it was asked again */
	unsigned int slots[TEXT_SLOTS];	/* how many went well in each 100 ms */
	uint64_t began, ended;
};

/* One went well that began at @began. */
void text_went_well(struct text_result *r, uint64_t began);

void text_print(struct text_result *r);

#endif
