// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct fake_kernel fake_kernel;

void fake_kernel_reset(void)
{
	memset(&fake_kernel, 0, sizeof(fake_kernel));
}

static int failure(int *how, struct gate_error *err)
{
	int ret = *how;

	if (!ret || !fake_kernel.fail_times)
		return 0;
	if (!--fake_kernel.fail_times)
		*how = 0;
	if (err)
		snprintf(err->line, sizeof(err->line), "the fake kernel refuses");
	return ret;
}

static int add(void *ctx, const struct gate_set_new *n, uint32_t *id, struct gate_error *err)
{
	int ret = failure(&fake_kernel.fail_add, err);
	struct fake_set *s;

	(void)ctx;
	fake_kernel.adds++;
	if (ret)
		return ret;
	s = &fake_kernel.sets[(fake_kernel.last_id + 1) % FAKE_SETS];
	if (s->there)
		return -ENOSPC;
	*id = ++fake_kernel.last_id;
	*s = (struct fake_set){ .there = true };
	s->new = *n;
	memcpy(s->ik, n->ik_esp, n->ik_len);
	memcpy(s->ck, n->ck_esp, n->ck_len);
	fake_kernel.n++;
	return 0;
}

static int change(void *ctx, uint32_t id, const struct gate_change *c, struct gate_error *err)
{
	int ret = failure(&fake_kernel.fail_change, err);
	struct fake_set *s = &fake_kernel.sets[id % FAKE_SETS];

	(void)ctx;
	if (ret || !s->there)
		return ret ? ret : -ENOENT;
	if (c->what & GATE_CHANGE_STATE)
		s->new.state = c->state;
	if (c->what & GATE_CHANGE_EXPIRES)
		s->new.expires_ms = c->expires_ms;
	return 0;
}

static int del(void *ctx, uint32_t id, struct gate_error *err)
{
	(void)ctx;
	(void)err;
	fake_kernel.dels++;
	if (!fake_kernel.sets[id % FAKE_SETS].there)
		return -ENOENT;
	fake_kernel.sets[id % FAKE_SETS].there = false;
	fake_kernel.n--;
	return 0;
}

static void reset_connections(void *ctx, uint32_t id)
{
	(void)ctx;
	/* The RST has to leave while the set is there (design 3.7). */
	if (fake_kernel.sets[id % FAKE_SETS].there)
		fake_kernel.sets[id % FAKE_SETS].resets++;
}

struct set_kernel fake_kernel_ops(void)
{
	return (struct set_kernel){
		.add = add, .change = change, .del = del,
		.reset_connections = reset_connections,
	};
}
