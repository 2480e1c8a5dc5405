// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From where something happens to whoever watches; nothing is kept.
 */
#include "notice.h"

#include <stddef.h>

static void (*listener)(const struct notice *n);

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

void notice_listen(void (*fn)(const struct notice *n))
{
	listener = fn;
}

bool notice_wanted(void)
{
	return listener != NULL;
}

void notice_tell(const struct notice *n)
{
	if (listener)
		listener(n);
}

void notice_of(enum notice_kind kind, const char *who, uint32_t set, const char *text)
{
	notice_tell(&(struct notice){ .kind = kind, .who = who, .set = set, .text = text });
}
