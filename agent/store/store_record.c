// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records of the store to octets and back.  Pure.
 *
 * The store may be damaged or somebody else's: nothing is taken for granted,
 * and a record is believed as a whole or not at all.  Numbers of tags and
 * states are for ever; new ones are added at the end.
 */
#include "store_record.h"

#include <string.h>

#include "store_reading.h"

#define HEAD_VERSION 1
#define UE_VERSION 1
#define SPI_VERSION 1

enum head_tag { HEAD_BOOT = 1, HEAD_INSTANCE };
enum ue_tag {
	UE_IMPI = 1, UE_ADDR, UE_SERVICE_ROUTE, UE_EMERGENCY, UE_IN_USE, UE_BINDING, UE_SET,
	/* without SAs: all of them, or none */
	UE_LOCAL, UE_REMOTE, UE_TCP,
};
enum binding_tag {
	BINDING_AOR = 1, BINDING_CONTACT, BINDING_ENDS, BINDING_EMERGENCY, BINDING_ASSOCIATED,
};
enum set_tag {
	TAG_ID = 1, TAG_COOKIE, TAG_STATE, TAG_LOCAL, TAG_PORT_UC, TAG_PORT_US, TAG_PORT_PC,
	TAG_PORT_PS, TAG_SPI_UC, TAG_SPI_US, TAG_SPI_PC, TAG_SPI_PS, TAG_ALG, TAG_EALG,
	TAG_ORIGIN, TAG_ENDS, TAG_CLIENT, TAG_SERVER,
};
enum spi_tag { SPI_FREE_AT = 1 };

/* As stored; enum set_state may change its order. */
static const enum set_state states[] = {
	[1] = SET_TEMP, [2] = SET_NEW, [3] = SET_INUSE, [4] = SET_OLD,
};
#define N_STATES (sizeof(states) / sizeof(states[0]))

/* From the first to the last of version 1; what is added later may be missing. */
#define HEAD_ALL (STORE_BIT(HEAD_INSTANCE + 1) - STORE_BIT(HEAD_BOOT))
#define UE_ALL (STORE_BIT(UE_TCP + 1) - STORE_BIT(UE_IMPI))
#define UE_PLACE (STORE_BIT(UE_TCP + 1) - STORE_BIT(UE_LOCAL))
#define BINDING_ALL (STORE_BIT(BINDING_ASSOCIATED + 1) - STORE_BIT(BINDING_AOR))
#define SET_ALL (STORE_BIT(TAG_SERVER + 1) - STORE_BIT(TAG_ID))

/* --- head --- */

void store_head_write(struct octets *o, const struct store_head *h)
{
	record_begin(o, HEAD_VERSION);
	record_put(o, HEAD_BOOT, (struct str){ (const char *)h->boot, sizeof(h->boot) });
	record_put_number(o, HEAD_INSTANCE, h->instance);
}

const char *store_head_read(struct str value, struct store_head *h)
{
	struct reading r = { .rest = value };
	struct record_field f;

	memset(h, 0, sizeof(*h));
	if (!record_version(&r.rest, HEAD_VERSION))
		return "it is of another version of gmgated";
	while (reading_next(&r, &f, HEAD_ALL)) {
		if (f.tag == HEAD_BOOT && f.value.n == sizeof(h->boot))
			memcpy(h->boot, f.value.p, sizeof(h->boot));
		else if (f.tag == HEAD_BOOT)
			reading_broken(&r, "the boot id is none");
		else if (f.tag == HEAD_INSTANCE)
			h->instance = reading_number(&r, f.value, 1, UINT32_MAX);
	}
	reading_need(&r, HEAD_ALL);
	return r.why;
}

/* --- bindings --- */

static void write_binding(struct octets *o, const struct store_binding *b)
{
	size_t at = record_open(o, UE_BINDING);

	record_put(o, BINDING_AOR, b->aor);
	if (b->contact.p)
		record_put(o, BINDING_CONTACT, b->contact);
	record_put_number(o, BINDING_ENDS, b->ends);
	record_put_number(o, BINDING_EMERGENCY, b->emergency);
	if (b->associated.p)
		record_put(o, BINDING_ASSOCIATED, b->associated);
	record_close(o, at);
}

static const char *read_binding(struct str value, struct store_binding *b)
{
	struct reading r = { .rest = value };
	struct record_field f;

	memset(b, 0, sizeof(*b));
	while (reading_next(&r, &f, BINDING_ALL)) {
		if (f.tag == BINDING_AOR)
			b->aor = reading_text(&r, f.value);
		else if (f.tag == BINDING_CONTACT)
			b->contact = reading_text(&r, f.value);
		else if (f.tag == BINDING_ENDS)
			b->ends = reading_number(&r, f.value, 0, STORE_LATEST);
		else if (f.tag == BINDING_EMERGENCY)
			b->emergency = reading_number(&r, f.value, 0, 1);
		else if (f.tag == BINDING_ASSOCIATED)
			b->associated = reading_text(&r, f.value);
	}
	reading_need(&r, STORE_BIT(BINDING_AOR) | STORE_BIT(BINDING_ENDS));
	return r.why;
}

/* --- sets --- */

static uint64_t state_number(enum set_state state)
{
	uint64_t n = 1;

	while (n < N_STATES - 1 && states[n] != state)
		n++;
	return n;
}

static void write_set(struct octets *o, const struct store_set *s)
{
	size_t at = record_open(o, UE_SET);

	record_put_number(o, TAG_ID, s->id);
	record_put_number(o, TAG_COOKIE, s->cookie);
	record_put_number(o, TAG_STATE, state_number(s->state));
	record_put_addr(o, TAG_LOCAL, &s->local);
	record_put_number(o, TAG_PORT_UC, s->port_uc);
	record_put_number(o, TAG_PORT_US, s->port_us);
	record_put_number(o, TAG_PORT_PC, s->port_pc);
	record_put_number(o, TAG_PORT_PS, s->port_ps);
	record_put_number(o, TAG_SPI_UC, s->spi_uc);
	record_put_number(o, TAG_SPI_US, s->spi_us);
	record_put_number(o, TAG_SPI_PC, s->spi_pc);
	record_put_number(o, TAG_SPI_PS, s->spi_ps);
	record_put_number(o, TAG_ALG, s->suite.alg);
	record_put_number(o, TAG_EALG, s->suite.ealg);
	record_put_number(o, TAG_ORIGIN, s->origin);
	record_put_number(o, TAG_ENDS, s->ends);
	record_put(o, TAG_CLIENT, s->client);
	record_put(o, TAG_SERVER, s->server);
	record_close(o, at);
}

static void read_set_field(struct reading *r, const struct record_field *f, struct store_set *s)
{
	struct str v = f->value;

	switch ((enum set_tag)f->tag) {
	case TAG_ID:		s->id = reading_number(r, v, 1, UINT32_MAX); break;
	case TAG_COOKIE:	s->cookie = reading_number(r, v, 0, UINT64_MAX); break;
	case TAG_STATE:		s->state = states[reading_number(r, v, 1, N_STATES - 1)]; break;
	case TAG_LOCAL:		s->local = reading_address(r, v); break;
	case TAG_PORT_UC:	s->port_uc = reading_number(r, v, 1, UINT16_MAX); break;
	case TAG_PORT_US:	s->port_us = reading_number(r, v, 1, UINT16_MAX); break;
	case TAG_PORT_PC:	s->port_pc = reading_number(r, v, 1, UINT16_MAX); break;
	case TAG_PORT_PS:	s->port_ps = reading_number(r, v, 1, UINT16_MAX); break;
	case TAG_SPI_UC:	s->spi_uc = reading_number(r, v, 1, UINT32_MAX); break;
	case TAG_SPI_US:	s->spi_us = reading_number(r, v, 1, UINT32_MAX); break;
	case TAG_SPI_PC:	s->spi_pc = reading_number(r, v, 1, UINT32_MAX); break;
	case TAG_SPI_PS:	s->spi_ps = reading_number(r, v, 1, UINT32_MAX); break;
	case TAG_ALG:		s->suite.alg = reading_number(r, v, 0, UINT32_MAX); break;
	case TAG_EALG:		s->suite.ealg = reading_number(r, v, 0, UINT32_MAX); break;
	case TAG_ORIGIN:	s->origin = reading_number(r, v, 0, UINT32_MAX); break;
	case TAG_ENDS:		s->ends = reading_number(r, v, 0, STORE_LATEST); break;
	case TAG_CLIENT:	s->client = reading_text(r, v); break;
	case TAG_SERVER:	s->server = reading_text(r, v); break;
	}
}

static const char *read_set(struct str value, struct store_set *s)
{
	struct reading r = { .rest = value };
	struct record_field f;

	memset(s, 0, sizeof(*s));
	while (reading_next(&r, &f, SET_ALL))
		read_set_field(&r, &f, s);
	reading_need(&r, SET_ALL);
	if (!r.why && !suite_valid(s->suite))
		reading_broken(&r, "a suite is none");
	return r.why;
}

/* --- UEs --- */

void store_ue_write(struct octets *o, const struct store_ue *ue)
{
	record_begin(o, UE_VERSION);
	record_put(o, UE_IMPI, ue->impi);
	record_put_addr(o, UE_ADDR, &ue->addr);
	if (ue->service_route.p)
		record_put(o, UE_SERVICE_ROUTE, ue->service_route);
	record_put_number(o, UE_EMERGENCY, ue->emergency);
	record_put_number(o, UE_IN_USE, ue->in_use);
	for (unsigned int i = 0; i < ue->n_bindings; i++)
		write_binding(o, &ue->bindings[i]);
	for (unsigned int i = 0; i < ue->n_sets; i++)
		write_set(o, &ue->sets[i]);
	if (!ue->plain)
		return;
	record_put_addr(o, UE_LOCAL, &ue->place.local);
	record_put_addr(o, UE_REMOTE, &ue->place.remote);
	record_put_number(o, UE_TCP, ue->place.tcp);
}

static void take_binding(struct reading *r, struct str value, struct store_ue *ue)
{
	const char *why;

	if (ue->n_bindings == STORE_BINDINGS) {
		reading_broken(r, "there are too many identities");
		return;
	}
	why = read_binding(value, &ue->bindings[ue->n_bindings++]);
	if (why)
		reading_broken(r, why);
}

static void take_set(struct reading *r, struct str value, struct store_ue *ue)
{
	const char *why;

	if (ue->n_sets == STORE_SETS) {
		reading_broken(r, "there are too many sets");
		return;
	}
	why = read_set(value, &ue->sets[ue->n_sets++]);
	if (why)
		reading_broken(r, why);
}

static struct addr place_address(struct reading *r, struct str value)
{
	struct addr a = { 0 };

	if (!record_addr(value, &a) || !a.port)
		reading_broken(r, "where it is is no address");
	return a;
}

static void read_ue_field(struct reading *r, const struct record_field *f, struct store_ue *ue)
{
	switch ((enum ue_tag)f->tag) {
	case UE_IMPI:		ue->impi = reading_text(r, f->value); break;
	case UE_ADDR:		ue->addr = reading_address(r, f->value); break;
	case UE_SERVICE_ROUTE:	ue->service_route = reading_text(r, f->value); break;
	case UE_EMERGENCY:	ue->emergency = reading_number(r, f->value, 0, 1); break;
	case UE_IN_USE:		ue->in_use = reading_number(r, f->value, 0, UINT32_MAX); break;
	case UE_BINDING:	take_binding(r, f->value, ue); break;
	case UE_SET:		take_set(r, f->value, ue); break;
	case UE_LOCAL:		ue->place.local = place_address(r, f->value); break;
	case UE_REMOTE:		ue->place.remote = place_address(r, f->value); break;
	case UE_TCP:		ue->place.tcp = reading_number(r, f->value, 0, 1); break;
	}
}

static const char *check_place(const struct store_ue *ue)
{
	if (ue->n_sets || ue->emergency)
		return "it has sets, and is without";
	if (!addr_same_ip(&ue->place.remote, &ue->addr) ||
	    ue->place.local.family != ue->addr.family)
		return "it is somewhere else";
	return NULL;
}

/* What must hold between the parts. */
static const char *check_ue(const struct store_ue *ue)
{
	bool in_use = !ue->in_use;

	if (!ue->impi.n)
		return "it has no IMPI";
	if (!ue->n_sets && !ue->n_bindings)
		return "it has neither sets nor identities";
	if (ue->plain)
		return check_place(ue);
	for (unsigned int i = 0; i < ue->n_sets; i++) {
		const struct store_set *s = &ue->sets[i];

		if (s->local.family != ue->addr.family)
			return "a set is of another address family";
		in_use |= s->id == ue->in_use && s->state != SET_TEMP;
		for (unsigned int j = 0; j < i; j++)
			if (ue->sets[j].id == s->id)
				return "a set is there twice";
	}
	return in_use ? NULL : "the set in use is not there";
}

static bool is_token(struct str token)
{
	uint8_t octets[STORE_TOKEN / 2];

	return token.n == STORE_TOKEN && str_hex(token, octets, sizeof(octets));
}

const char *store_ue_read(struct str token, struct str value, struct store_ue *ue)
{
	struct reading r = { .rest = value };
	struct record_field f;

	memset(ue, 0, sizeof(*ue));
	if (!is_token(token))
		return "its token is none";
	ue->token = token;
	if (!record_version(&r.rest, UE_VERSION))
		return "it is of another version";
	while (reading_next(&r, &f, UE_ALL & ~(STORE_BIT(UE_BINDING) | STORE_BIT(UE_SET))))
		read_ue_field(&r, &f, ue);
	reading_need(&r, STORE_BIT(UE_IMPI) | STORE_BIT(UE_ADDR) | STORE_BIT(UE_IN_USE));
	ue->plain = r.seen & UE_PLACE;
	if (ue->plain)
		reading_need(&r, UE_PLACE);
	return r.why ? r.why : check_ue(ue);
}

/* --- SPIs --- */

void store_spi_key(uint32_t spi, char key[4])
{
	for (int i = 0; i < 4; i++)
		key[i] = spi >> (24 - 8 * i);
}

void store_spi_write(struct octets *o, uint64_t free_at)
{
	record_begin(o, SPI_VERSION);
	record_put_number(o, SPI_FREE_AT, free_at);
}

const char *store_spi_read(struct str key, struct str value, uint32_t *spi, uint64_t *free_at)
{
	struct reading r = { .rest = value };
	struct record_field f;

	if (key.n != 4)
		return "its key is no SPI";
	*spi = 0;
	for (int i = 0; i < 4; i++)
		*spi = *spi << 8 | (uint8_t)key.p[i];
	if (!*spi)
		return "the SPI is 0";
	if (!record_version(&r.rest, SPI_VERSION))
		return "it is of another version";
	while (reading_next(&r, &f, STORE_BIT(SPI_FREE_AT)))
		if (f.tag == SPI_FREE_AT)
			*free_at = reading_number(&r, f.value, 0, STORE_LATEST);
	reading_need(&r, STORE_BIT(SPI_FREE_AT));
	return r.why;
}
