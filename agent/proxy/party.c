// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a UE and a caller without a registration have in common. No state.
 */
#include "party.h"

#include "caller.h"
#include "registrar.h"

void party_hold(const struct party *p)
{
	if (p->ue)
		registrar_hold(p->ue);
	else
		caller_hold(p->caller);
}

void party_release(const struct party *p)
{
	if (p->ue)
		registrar_release(p->ue);
	else
		caller_release(p->caller);
}

bool party_same(const struct party *a, const struct party *b)
{
	return a->ue == b->ue && a->caller == b->caller;
}

struct str party_impi(const struct party *p)
{
	return p->ue ? str_of(registrar_impi(p->ue)) : STR_NONE;
}

struct dialog **party_dialogs(const struct party *p)
{
	return p->ue ? &p->ue->dialogs : &p->caller->dialogs;
}

unsigned int *party_n_dialogs(const struct party *p)
{
	return p->ue ? &p->ue->n_dialogs : &p->caller->n_dialogs;
}

const void *party_key(const struct party *p)
{
	return p->ue ? (const void *)p->ue : p->caller;
}
