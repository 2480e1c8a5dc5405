// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UEs, one document each: those that match, shown or ended.  The walk holds the
 * UE it comes to next, so that it goes on from there whatever came and went in
 * between; who registers during a long walk may be missing from it.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "control_answer.h"
#include "control_match.h"
#include "control_ue.h"
#include "registrar.h"

/* Until the loop has its turn again. */
#define STEPS_SHOWN 256
#define STEPS_ENDED 16		/* each has kernel and store to tell */

struct walk {
	struct control_match match;
	struct ue *next;		/* held; NULL: that was the last */
	unsigned long found;
	bool whole;			/* all that is known */
	bool end, now, emergency;	/* registrations are to end */
};

static void put_end(struct octets *o, unsigned long n)
{
	octets_printf(o, "{\"end\":%lu}\n", n);
}

static void show(struct control_answer *a, const struct walk *w, const struct ue *ue)
{
	struct octets line = { 0 };

	control_put_ue(&line, ue, w->whole);
	octets_puts(&line, "\n");
	if (line.failed)
		a->out.failed = true;
	else
		octets_put(&a->out, octets_str(&line));
	octets_free(&line);
}

/* The network ends no emergency registration (TS 24.229 5.2.5.2), unless it is insisted on. */
static void end_one(struct control_answer *a, const struct walk *w, struct ue *ue)
{
	bool spared = control_is_emergency(ue) && !w->emergency;
	struct octets line = { 0 };

	control_put_ended(&line, ue, !spared);
	octets_puts(&line, "\n");
	octets_put(&a->out, octets_str(&line));
	octets_free(&line);
	if (!spared)
		registrar_end(ue, w->now);
}

static void step(struct control_answer *a, struct walk *w)
{
	struct ue *ue = w->next;

	w->next = ue->hh.next;
	if (w->next)
		registrar_hold(w->next);
	if (control_matches(&w->match, ue)) {
		w->found++;
		if (w->end)
			end_one(a, w, ue);
		else
			show(a, w, ue);
	}
	registrar_release(ue);
}

static bool more(struct control_answer *a)
{
	struct walk *w = a->state;
	unsigned int steps = w->end ? STEPS_ENDED : STEPS_SHOWN;

	while (w->next && steps-- && a->out.n < CONTROL_PIECE)
		step(a, w);
	if (w->next)
		return true;
	put_end(&a->out, w->found);
	return false;
}

static void end(struct control_answer *a)
{
	struct walk *w = a->state;

	if (w->next)
		registrar_release(w->next);
	control_match_free(&w->match);
	free(w);
}

/* NULL: refused. */
static struct walk *begin(struct control_answer *a, const struct control_request *r)
{
	struct walk *w = calloc(1, sizeof(*w));
	const char *why = "out of memory";

	if (!w || !control_match_read(&w->match, r, &why)) {
		free(w);
		control_refuse(a, "%s", why);
		return NULL;
	}
	w->next = registrar_first();
	if (w->next)
		registrar_hold(w->next);
	a->state = w;
	a->more = more;
	a->end = end;
	return w;
}

void control_ue(struct control_answer *a, const struct control_request *r)
{
	struct walk *w = begin(a, r);

	if (w)
		w->whole = control_request_word(r, "whole");
}

void control_deregister(struct control_answer *a, const struct control_request *r)
{
	struct walk *w;

	if (!control_request_word(r, "who") && !control_request_word(r, "impi") &&
	    !control_request_word(r, "impu") && !control_request_word(r, "address")) {
		control_refuse(a, "say who: an IMPI, an identity or an address");
		return;
	}
	w = begin(a, r);
	if (!w)
		return;
	w->end = true;
	w->now = control_request_word(r, "now");
	w->emergency = control_request_word(r, "emergency");
}
