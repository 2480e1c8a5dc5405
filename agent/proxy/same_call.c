// SPDX-License-Identifier: GPL-2.0-or-later
#include "same_call.h"

#include <stdlib.h>
#include <string.h>

struct same_call {
	struct dialog *list;
	UT_hash_handle hh;
	size_t n;
	char call_id[];
};

static struct same_call *calls;

static struct same_call *find(struct str call_id)
{
	struct same_call *c;

	HASH_FIND(hh, calls, call_id.p, call_id.n, c);
	return c;
}

struct dialog *same_call_find(struct str call_id)
{
	struct same_call *c = find(call_id);

	return c ? c->list : NULL;
}

bool same_call_join(struct dialog *d)
{
	struct str id = str_of(d->call_id);
	struct same_call *c = find(id);

	if (!c) {
		c = calloc(1, sizeof(*c) + id.n);
		if (!c)
			return false;
		c->n = id.n;
		memcpy(c->call_id, id.p, id.n);
		HASH_ADD(hh, calls, call_id, c->n, c);
	}
	DL_APPEND2(c->list, d, same_prev, same_next);
	return true;
}

void same_call_leave(struct dialog *d)
{
	struct same_call *c = find(str_of(d->call_id));

	DL_DELETE2(c->list, d, same_prev, same_next);
	if (!c->list) {
		HASH_DEL(calls, c);
		free(c);
	}
}
