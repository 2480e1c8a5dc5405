// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The UEs there are: by IMPI and address, and by the token of their Path. Who is here
 * twice, with SAs for calls and for emergencies or without any, is a UE for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plain.h"
#include "random.h"
#include "registrar_private.h"

static struct ue *ues, *by_token;

const char *registrar_impi(const struct ue *ue)
{
	return ue->impi;
}

bool registrar_is_impi(const struct ue *ue, struct str impi)
{
	return str_same(str_of(ue->impi), impi);
}

struct ue *registrar_first(void)
{
	return ues;
}

unsigned int registrar_count_all(void)
{
	return HASH_COUNT(ues);
}

enum registrar_kind registrar_kind(const struct ue *ue)
{
	return ue->plain ? REGISTRAR_PLAIN : ue->emergency ? REGISTRAR_EMERGENCY : REGISTRAR_SETS;
}

/* Octets of a key besides the IMPI: the address and the kind. */
#define KEY_HEAD (sizeof(struct addr) + 1)

static size_t make_key(char *key, struct str impi, const struct addr *addr,
		       enum registrar_kind kind)
{
	struct addr a = *addr;

	a.port = 0;
	memcpy(key, &a, sizeof(a));
	key[sizeof(a)] = (char)kind;
	memcpy(key + KEY_HEAD, impi.p, impi.n);
	return KEY_HEAD + impi.n;
}

static struct ue *new_ue(struct str impi, const struct addr *addr, enum registrar_kind kind)
{
	struct ue *ue = calloc(1, sizeof(*ue) + KEY_HEAD + impi.n);

	if (!ue)
		return NULL;
	ue->impi = strndup(impi.p, impi.n);
	if (!ue->impi || (kind == REGISTRAR_PLAIN && !plain_begin(ue))) {
		free(ue->impi);
		free(ue);
		return NULL;
	}
	ue->key_n = make_key(ue->key, impi, addr, kind);
	ue->addr = *addr;
	ue->addr.port = 0;
	ue->emergency = kind == REGISTRAR_EMERGENCY;
	ue->timer.fire = registrar_ue_timer;
	random_hex(ue->token, sizeof(ue->token) - 1);
	HASH_ADD(hh, ues, key, ue->key_n, ue);
	HASH_ADD(hh_token, by_token, token, strlen(ue->token), ue);
	return ue;
}

struct ue *registrar_find(struct str impi, const struct addr *addr, enum registrar_kind kind)
{
	char *key = malloc(KEY_HEAD + impi.n);
	struct ue *ue = NULL;
	size_t n;

	if (!key)
		return NULL;
	n = make_key(key, impi, addr, kind);
	HASH_FIND(hh, ues, key, n, ue);
	free(key);
	return ue;
}

static struct ue *find_or_make(struct str impi, const struct addr *addr, enum registrar_kind kind)
{
	struct ue *ue = registrar_find(impi, addr, kind);

	if (!ue)
		ue = new_ue(impi, addr, kind);
	if (ue)
		ue->held++;
	return ue;
}

struct ue *registrar_ue(struct str impi, const struct addr *addr)
{
	return find_or_make(impi, addr, REGISTRAR_SETS);
}

struct ue *registrar_emergency_ue(struct str impi, const struct addr *addr)
{
	return find_or_make(impi, addr, REGISTRAR_EMERGENCY);
}

struct ue *registrar_plain_ue(struct str impi, const struct addr *addr)
{
	return find_or_make(impi, addr, REGISTRAR_PLAIN);
}

struct ue *registrar_by_token(struct str token)
{
	struct ue *ue;

	HASH_FIND(hh_token, by_token, token.p, token.n, ue);
	return ue;
}

void registrar_take_token(struct ue *ue, struct str token)
{
	HASH_DELETE(hh_token, by_token, ue);
	str_copy(token, ue->token, sizeof(ue->token));
	HASH_ADD(hh_token, by_token, token, strlen(ue->token), ue);
}

const void *registrar_party(const struct flow *f)
{
	const struct set *s = set_find(f->set);

	return s ? s->ue : NULL;
}

static void free_if_idle(struct ue *ue)
{
	if (ue->held || ue->sets || ue->bindings || plain_lingers(ue))
		return;
	registrar_about_to_free(ue);
	clock_stop(&ue->timer);
	HASH_DEL(ues, ue);
	HASH_DELETE(hh_token, by_token, ue);
	plain_free(ue);
	free(ue->impi);
	free(ue->service_route);
	free(ue->associated);
	free(ue);
}

void registrar_hold(struct ue *ue)
{
	ue->held++;
}

void registrar_release(struct ue *ue)
{
	ue->held--;
	free_if_idle(ue);
}
