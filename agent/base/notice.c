// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From where something happens to whoever watches; nothing is kept.
 */
#include "notice.h"

#include <stddef.h>

#include "json.h"

/* gmctl watch and trace, and the trace file */
#define LISTENERS 3

static notice_fn *listeners[LISTENERS];

const char *notice_name(enum notice_kind kind)
{
	static const char * const names[NOTICES] = {
		[NOTICE_CHALLENGED] = "challenged",
		[NOTICE_REGISTERED] = "registered",
		[NOTICE_DEREGISTERED] = "deregistered",
		[NOTICE_SET_IN_USE] = "set-in-use",
		[NOTICE_SET_ENDED] = "set-ended",
		[NOTICE_REFUSED] = "refused",
		[NOTICE_FAILED] = "failed",
	};

	return names[kind];
}

void notice_listen(notice_fn *fn)
{
	notice_unlisten(fn);
	for (size_t i = 0; i < LISTENERS; i++)
		if (!listeners[i]) {
			listeners[i] = fn;
			return;
		}
}

void notice_unlisten(notice_fn *fn)
{
	for (size_t i = 0; i < LISTENERS; i++)
		if (listeners[i] == fn)
			listeners[i] = NULL;
}

bool notice_wanted(void)
{
	for (size_t i = 0; i < LISTENERS; i++)
		if (listeners[i])
			return true;
	return false;
}

void notice_tell(const struct notice *n)
{
	for (size_t i = 0; i < LISTENERS; i++)
		if (listeners[i])
			listeners[i](n);
}

void notice_put(struct octets *o, const struct notice *n)
{
	json_text(o, "event", notice_name(n->kind));
	json_text(o, "who", n->who);
	if (n->set)
		json_number(o, "set", n->set);
	if (n->kind == NOTICE_REFUSED || n->kind == NOTICE_FAILED) {
		json_text(o, "rule", rule_texts[n->rule].name);
		json_text(o, "clause", rule_texts[n->rule].clause);
	}
	json_text(o, "text", n->text);
}
