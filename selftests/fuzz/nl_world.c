// SPDX-License-Identifier: GPL-2.0-or-later
/* nl_fuzz: what the kernel has handed out, and values that fit it. */
#include "nl_fuzz.h"

#include <linux/gmgate.h>

struct fz_world *fz_world;

/* What is known of the meaning of an attribute; all else is any value. */
struct meaning {
	const char *op, *attr;
	int (*value)(struct dice *d, struct fz_request *r, uint8_t *out);
};

static int put(uint8_t *out, uint64_t value, unsigned int octets)
{
	memcpy(out, &value, octets);
	return octets;
}

static struct fz_endpoint *some_endpoint(struct dice *d)
{
	static struct fz_endpoint none = {
		.id = 0x7fffffff, .instance = 1, .addr = { 192, 0, 2, 9 }, .addr_len = 4,
		.spi_min = 256, .spi_max = 65535, .n_ports = 2, .ports = { 5000, 5001 },
	};

	return fz_world->n_endpoints ?
	       &fz_world->endpoints[dice_below(d, fz_world->n_endpoints)] : &none;
}

static uint32_t some_set(struct dice *d)
{
	return fz_world->n_sets ? fz_world->sets[dice_below(d, fz_world->n_sets)] :
				  1 + dice_below(d, 1000);
}

const struct fz_op *fz_world_op(struct dice *d)
{
	const struct fz_op *op = &fz_ops[dice_below(d, fz_n_ops)];

	/* Installing is what there is most to say about; the last endpoint of
	 * a namespace takes its hooks and a grace period with it.
	 */
	if (dice_one_in(d, 4))
		op = fz_op_named("set-new");
	if (op == fz_op_named("endpoint-new") && fz_world->n_endpoints >= FZ_WANTED_ENDPOINTS)
		op = fz_op_named("endpoint-del");
	if (op == fz_op_named("endpoint-del") && fz_world->n_endpoints <= 1 &&
	    !dice_one_in(d, 200))
		op = fz_op_named("endpoint-new");
	if (op == fz_op_named("set-new") && fz_world->n_sets >= FZ_WANTED_SETS)
		op = fz_op_named("set-del");
	return op;
}

void fz_world_begin(struct dice *d, struct fz_request *r)
{
	r->suite = &fz_suites[dice_below(d, fz_n_suites)];
	r->ep = some_endpoint(d);
	r->low = 0;
	r->choice = dice_below(d, 64);
	r->replaces = false;
	r->port[0] = dice_between(d, 1, 60000);
	r->port[1] = r->port[0] + dice_between(d, 1, 5000);
}

static int address(struct dice *d, unsigned int len, uint8_t *out)
{
	static const uint8_t v4[] = { 10, 45, 0 }, v6[] = { 0x20, 0x01, 0x0d, 0xb8 };

	if (len == 4) {
		memcpy(out, v4, sizeof(v4));
		out[3] = 1 + dice_below(d, 12);
		return 4;
	}
	memset(out, 0, 16);
	memcpy(out, v6, sizeof(v6));
	out[15] = 1 + dice_below(d, 12);
	return 16;
}

/* ---- endpoints ---- */

static int ep_instance(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return put(out, r->replaces ? r->ep->instance : 1 + dice_below(d, 4), 4);
}

/* Now and then in the place of another one, of the same instance. */
static int ep_replaced(struct dice *d, struct fz_request *r, uint8_t *out)
{
	r->replaces = fz_world->n_endpoints && dice_one_in(d, 8);
	return r->replaces ? put(out, r->ep->id, 4) : 0;
}

/* lo, which every namespace has, or as a rule every device */
static int ep_device(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	return dice_one_in(d, 16) ? put(out, 1, 4) : 0;
}

static int ep_uid(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	return dice_one_in(d, 4) ? 0 : put(out, dice_below(d, 70000), 4);
}

static int ep_addr(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return address(d, r->choice & 1 ? 4 : 16, out);
}

static int ep_port(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)d;
	return put(out, r->port[0]++, 2);
}

static int ep_spi_min(struct dice *d, struct fz_request *r, uint8_t *out)
{
	r->low = dice_between(d, 256, 0xff000000);
	return put(out, r->low, 4);
}

static int ep_spi_max(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return put(out, dice_between(d, (uint64_t)r->low + 1, 0xffffffff), 4);
}

static int ep_mask(struct dice *d, struct fz_request *r, uint8_t *out)
{
	unsigned int bits = dice_between(d, 1, 32);

	(void)r;
	if (!dice_one_in(d, 8))		/* the ids outgrow a narrow one */
		return 0;
	return put(out, (bits == 32 ? 0xffffffff : (1u << bits) - 1) <<
			dice_below(d, 33 - bits), 4);
}

static int ep_quota(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	return dice_one_in(d, 2) ? 0 : put(out, dice_below(d, 300), 4);
}

/* All flags but that for keys have to stay. */
static int ep_flags(struct dice *d, struct fz_request *r, uint8_t *out)
{
	uint32_t key_export = GMGATE_ENDPOINT_FLAGS_KEY_EXPORT;

	return put(out, (r->ep->flags & ~key_export) | (dice_one_in(d, 4) ? 0 : key_export), 4);
}

static int ep_id(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)d;
	return put(out, r->ep->id, 4);
}

static int ep_owner(struct dice *d, struct fz_request *r, uint8_t *out)
{
	if (r->dump)
		return dice_one_in(d, 2) ? 0 : ep_instance(d, r, out);
	return put(out, r->ep->instance, 4);
}

/* ---- sets ---- */

static int set_ue(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return address(d, r->ep->addr_len, out);
}

static int set_filter_ue(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return r->dump && dice_one_in(d, 2) ? set_ue(d, r, out) : 0;
}

/* Of the endpoint, where that is named; whose a set is is not known here. */
static int set_owner(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return dice_one_in(d, 2) ? 0 : put(out, r->ep->instance, 4);
}

static int set_guess(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return dice_one_in(d, 8) ? ep_instance(d, r, out) : 0;
}

static int set_filter_endpoint(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return dice_one_in(d, 2) ? ep_id(d, r, out) : 0;
}

static int set_expires(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	switch (dice_below(d, 8)) {
	case 0: return put(out, dice_between(d, 1, 50), 8);
	case 1: return put(out, dice_between(d, 1, ~0ull), 8);
	default: return put(out, dice_between(d, 1000, 3600000), 8);
	}
}

/* Few, so that sets meet on a flow. */
static int set_port_u(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	return put(out, 5000 + dice_below(d, 12), 2);
}

static int set_port_us(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	return put(out, 6000 + dice_below(d, 12), 2);
}

static int set_port_pc(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return put(out, r->ep->ports[1 + dice_below(d, r->ep->n_ports - 1)], 2);
}

static int set_spi_in(struct dice *d, struct fz_request *r, uint8_t *out)
{
	uint32_t high = r->ep->spi_max;

	/* Here too few are better: they clash. */
	if (high - r->ep->spi_min > 5000)
		high = r->ep->spi_min + 5000;
	return put(out, dice_between(d, r->ep->spi_min, high), 4);
}

static int set_alg(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)d;
	return put(out, r->suite->alg, 4);
}

static int set_ealg(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)d;
	return put(out, r->suite->ealg, 4);
}

static int key(struct dice *d, unsigned int len, uint8_t *out)
{
	dice_fill(d, out, len);
	return len;
}

static int set_ik(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return key(d, r->suite->ik, out);
}

static int set_ck(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return key(d, r->suite->ck, out);
}

static int set_salt(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return key(d, r->suite->salt, out);
}

static int set_id(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	return put(out, some_set(d), 4);
}

/* One set, or now and then all of an endpoint. */
static int del_id(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return r->choice ? set_id(d, r, out) : 0;
}

static int del_endpoint(struct dice *d, struct fz_request *r, uint8_t *out)
{
	return r->choice ? 0 : ep_id(d, r, out);
}

static int set_state(struct dice *d, struct fz_request *r, uint8_t *out)
{
	(void)r;
	return put(out, !dice_one_in(d, 3), 4);
}

static const struct meaning meanings[] = {
	{ "endpoint-new", "id", ep_replaced },
	{ "endpoint-new", "ifindex", ep_device },
	{ "endpoint-new", "instance", ep_instance },
	{ "endpoint-new", "uid", ep_uid },
	{ "endpoint-new", "addr", ep_addr },
	{ "endpoint-new", "port-s", ep_port },
	{ "endpoint-new", "port-c", ep_port },
	{ "endpoint-new", "spi-min", ep_spi_min },
	{ "endpoint-new", "spi-max", ep_spi_max },
	{ "endpoint-new", "mark-mask", ep_mask },
	{ "endpoint-new", "max-sets", ep_quota },
	{ "endpoint-new", "max-temporary", ep_quota },
	{ "endpoint-del", "id", ep_id },
	{ "endpoint-del", "instance", ep_owner },
	{ "endpoint-change", "id", ep_id },
	{ "endpoint-change", "instance", ep_owner },
	{ "endpoint-change", "flags", ep_flags },
	{ "endpoint-get", "id", ep_id },
	{ "endpoint-get", "instance", ep_owner },
	{ "set-new", "endpoint", ep_id },
	{ "set-new", "instance", set_owner },
	{ "set-new", "state", set_state },
	{ "set-new", "expires-ms", set_expires },
	{ "set-new", "ue-addr", set_ue },
	{ "set-new", "port-uc", set_port_u },
	{ "set-new", "port-us", set_port_us },
	{ "set-new", "port-pc", set_port_pc },
	{ "set-new", "spi-pc", set_spi_in },
	{ "set-new", "spi-ps", set_spi_in },
	{ "set-new", "alg", set_alg },
	{ "set-new", "ealg", set_ealg },
	{ "set-new", "ik-esp", set_ik },
	{ "set-new", "ck-esp", set_ck },
	{ "set-new", "salt", set_salt },
	{ "set-change", "id", set_id },
	{ "set-change", "instance", set_guess },
	{ "set-change", "state", set_state },
	{ "set-change", "expires-ms", set_expires },
	{ "set-del", "id", del_id },
	{ "set-del", "instance", set_guess },
	{ "set-del", "endpoint", del_endpoint },
	{ "key-get", "id", set_id },
	{ "key-get", "instance", set_guess },
	{ "set-get", "id", set_id },
	{ "set-get", "instance", set_guess },
	{ "set-get", "endpoint", set_filter_endpoint },
	{ "set-get", "ue-addr", set_filter_ue },
};

int fz_world_value(struct dice *d, struct fz_request *r, const struct fz_attr *a, uint8_t *out)
{
	unsigned int i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (!strcmp(meanings[i].op, r->op->name) && !strcmp(meanings[i].attr, a->name))
			return meanings[i].value(d, r, out);
	/* One without a meaning here is left out now and then: it may be optional. */
	return dice_one_in(d, 4) ? 0 : -1;
}

unsigned int fz_world_times(struct dice *d, struct fz_request *r, const struct fz_attr *a)
{
	if (!a->multi || a->type == T_NEST)
		return 1;
	(void)r;
	return 1 + dice_below(d, 16);
}

static const struct fz_value *value(const struct fz_request *r, const char *name)
{
	const struct fz_aset *set = &fz_asets[r->op->aset];
	unsigned int i;

	for (i = r->n; i-- > 0; )	/* of two the last counts */
		if (r->values[i].number && r->values[i].number <= set->n &&
		    !strcmp(set->attrs[r->values[i].number - 1].name, name))
			return &r->values[i];
	return NULL;
}

static uint32_t number_in(const struct fz_request *r, const char *name)
{
	const struct fz_value *v = value(r, name);
	uint32_t n = 0;

	if (v)
		memcpy(&n, v->data, v->len < 4 ? v->len : 4);
	return n;
}

static void endpoint_del(const struct fz_request *r)
{
	uint32_t id = number_in(r, "id");
	unsigned int i;

	for (i = 0; i < fz_world->n_endpoints; i++)
		if (fz_world->endpoints[i].id == id)
			fz_world->endpoints[i] =
				fz_world->endpoints[--fz_world->n_endpoints];
}

static void endpoint_new(const struct fz_request *r, uint32_t id)
{
	const struct fz_value *addr = value(r, "addr");
	const struct fz_aset *set = &fz_asets[r->op->aset];
	struct fz_endpoint *ep;
	unsigned int i;

	if (number_in(r, "id"))
		endpoint_del(r);	/* it has taken that one's place */
	if (fz_world->n_endpoints == FZ_ENDPOINTS || !addr)
		return;
	ep = &fz_world->endpoints[fz_world->n_endpoints];
	*ep = (struct fz_endpoint){
		.id = id, .instance = number_in(r, "instance"), .addr_len = addr->len,
		.spi_min = number_in(r, "spi-min"), .spi_max = number_in(r, "spi-max"),
		.flags = number_in(r, "flags"),
		.n_ports = 1, .ports = { number_in(r, "port-s") },
	};
	memcpy(ep->addr, addr->data, addr->len < 16 ? addr->len : 16);
	for (i = 0; i < r->n && ep->n_ports < 17; i++) {
		const struct fz_value *v = &r->values[i];

		if (v->number && v->number <= set->n &&
		    !strcmp(set->attrs[v->number - 1].name, "port-c"))
			memcpy(&ep->ports[ep->n_ports++], v->data, 2);
	}
	if (ep->n_ports > 1)
		fz_world->n_endpoints++;
}

static void endpoint_change(const struct fz_request *r)
{
	uint32_t id = number_in(r, "id");
	unsigned int i;

	for (i = 0; i < fz_world->n_endpoints; i++)
		if (fz_world->endpoints[i].id == id)
			fz_world->endpoints[i].flags = number_in(r, "flags");
}

static void set_new(uint32_t id)
{
	if (fz_world->n_sets < FZ_SETS)
		fz_world->sets[fz_world->n_sets++] = id;
}

/* Those that a flush or their endpoint took are found to be gone one by one. */
static void set_del(const struct fz_request *r)
{
	uint32_t id = number_in(r, "id");
	unsigned int i;

	for (i = 0; i < fz_world->n_sets; i++)
		if (fz_world->sets[i] == id)
			fz_world->sets[i] = fz_world->sets[--fz_world->n_sets];
}

void fz_world_gone(const struct fz_request *r)
{
	if (!strcmp(fz_asets[r->op->aset].name, "endpoint"))
		endpoint_del(r);
	else if (r->op != fz_op_named("set-new"))
		set_del(r);
}

void fz_world_accepted(const struct fz_request *r, uint32_t id)
{
	if (r->op == fz_op_named("endpoint-new"))
		endpoint_new(r, id);
	else if (r->op == fz_op_named("endpoint-change"))
		endpoint_change(r);
	else if (r->op == fz_op_named("endpoint-del"))
		endpoint_del(r);
	else if (r->op == fz_op_named("set-new"))
		set_new(id);
	else if (r->op == fz_op_named("set-del"))
		set_del(r);
}
