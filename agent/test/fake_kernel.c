// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct fake_gate *fake_kernel_memory;

__attribute__((constructor))
static void share(void)
{
	fake_kernel_memory = mmap(NULL, sizeof(*fake_kernel_memory), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake_kernel_memory == MAP_FAILED)
		abort();
}

static void step(void)
{
	if (fake_kernel.step)
		fake_kernel.step();
}

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
	step();
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
	step();
	return 0;
}

static int change(void *ctx, uint32_t id, const struct gate_change *c, struct gate_error *err)
{
	int ret = failure(&fake_kernel.fail_change, err);
	struct fake_set *s = &fake_kernel.sets[id % FAKE_SETS];

	(void)ctx;
	step();
	if (ret || !s->there)
		return ret ? ret : -ENOENT;
	if (c->what & GATE_CHANGE_STATE)
		s->new.state = c->state;
	if (c->what & GATE_CHANGE_EXPIRES)
		s->new.expires_ms = c->expires_ms;
	step();
	return 0;
}

static int del(void *ctx, uint32_t id, struct gate_error *err)
{
	(void)ctx;
	(void)err;
	step();
	fake_kernel.dels++;
	if (!fake_kernel.sets[id % FAKE_SETS].there)
		return -ENOENT;
	fake_kernel.sets[id % FAKE_SETS].there = false;
	fake_kernel.n--;
	step();
	return 0;
}

static int list(void *ctx, uint32_t endpoint, gate_set_fn *fn, void *arg, struct gate_error *err)
{
	int ret = failure(&fake_kernel.fail_list, err);

	(void)ctx;
	for (uint32_t id = fake_kernel.last_id; id && !ret; id--) {
		const struct fake_set *f = &fake_kernel.sets[id % FAKE_SETS];
		const struct gate_set_new *n = &f->new;
		const struct gate_set s = {
			.id = id, .endpoint = n->endpoint, .cookie = n->cookie, .state = n->state,
			.expires_ms = n->expires_ms, .ue = n->ue,
			.port_uc = n->port_uc, .port_us = n->port_us,
			.port_pc = n->port_pc, .port_ps = FAKE_PORT_S,
			.spi_uc = n->spi_uc, .spi_us = n->spi_us,
			.spi_pc = n->spi_pc, .spi_ps = n->spi_ps, .suite = n->suite,
		};

		if (fake_kernel.last_id - id == FAKE_SETS)
			break;
		if (f->there && n->endpoint == endpoint)
			ret = fn(&s, arg);
	}
	return ret;
}

static void reset_connections(void *ctx, uint32_t id)
{
	(void)ctx;
	/* The RST has to leave while the set is there. */
	if (fake_kernel.sets[id % FAKE_SETS].there)
		fake_kernel.sets[id % FAKE_SETS].resets++;
}

struct set_kernel fake_kernel_ops(void)
{
	return (struct set_kernel){
		.add = add, .change = change, .del = del, .list = list,
		.reset_connections = reset_connections,
	};
}
