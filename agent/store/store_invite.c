// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITEs under way to octets and back.  Pure.
 */
#include "store_invite.h"

#include <string.h>

#include "store_reading.h"

#define INVITE_VERSION 1

enum invite_tag {
	INVITE_UE = 1, INVITE_FROM_UE, INVITE_INSIDE, INVITE_EMERGENCY, INVITE_TOKEN, INVITE_FROM,
	INVITE_STATE, INVITE_REQUEST, INVITE_CANCELLED, INVITE_REASON, INVITE_ENDS,
	INVITE_ACCEPTED, INVITE_TO, INVITE_SENT, INVITE_BRANCH,
};
enum way_tag { WAY_TCP = 1, WAY_SET, WAY_LOCAL, WAY_REMOTE };

/* As stored; the enum may change its order. */
static const enum store_invite_state states[] = {
	[1] = STORE_INVITE_WAITS, [2] = STORE_INVITE_SENT, [3] = STORE_INVITE_HEARD,
	[4] = STORE_INVITE_ACCEPTED,
};
#define N_STATES (sizeof(states) / sizeof(states[0]))

/* What must be there of version 1, and besides that where it has left. */
#define INVITE_NEEDS (STORE_BIT(INVITE_ACCEPTED + 1) - STORE_BIT(INVITE_UE))
#define INVITE_LEFT (STORE_BIT(INVITE_BRANCH + 1) - STORE_BIT(INVITE_TO))
#define WAY_NEEDS (STORE_BIT(WAY_REMOTE + 1) - STORE_BIT(WAY_TCP))

static uint64_t state_number(enum store_invite_state state)
{
	uint64_t n = 1;

	while (n < N_STATES - 1 && states[n] != state)
		n++;
	return n;
}

static void write_way(struct octets *o, uint8_t tag, const struct store_way *w)
{
	size_t at = record_open(o, tag);

	record_put_number(o, WAY_TCP, w->tcp);
	record_put_number(o, WAY_SET, w->set);
	record_put_addr(o, WAY_LOCAL, &w->local);
	record_put_addr(o, WAY_REMOTE, &w->remote);
	record_close(o, at);
}

void store_invite_write(struct octets *o, const struct store_invite *i)
{
	record_begin(o, INVITE_VERSION);
	record_put(o, INVITE_UE, i->ue);
	record_put_number(o, INVITE_FROM_UE, i->from_ue);
	record_put_number(o, INVITE_INSIDE, i->inside);
	record_put_number(o, INVITE_EMERGENCY, i->emergency);
	record_put(o, INVITE_TOKEN, i->token);
	write_way(o, INVITE_FROM, &i->from);
	record_put_number(o, INVITE_STATE, state_number(i->state));
	record_put(o, INVITE_REQUEST, i->request);
	record_put_number(o, INVITE_CANCELLED, i->cancelled);
	record_put(o, INVITE_REASON, i->reason);
	record_put_number(o, INVITE_ENDS, i->ends);
	record_put_number(o, INVITE_ACCEPTED, i->accepted);
	if (i->state == STORE_INVITE_WAITS)
		return;
	write_way(o, INVITE_TO, &i->to);
	record_put(o, INVITE_SENT, i->sent);
	record_put(o, INVITE_BRANCH, i->branch);
}

static struct addr address_and_port(struct reading *r, struct str value)
{
	struct addr a = { 0 };

	if (!record_addr(value, &a) || !a.port)
		reading_broken(r, "an address is none");
	return a;
}

static void read_way(struct reading *outer, struct str value, struct store_way *w)
{
	struct reading r = { .rest = value };
	struct record_field f;

	while (reading_next(&r, &f, WAY_NEEDS)) {
		switch ((enum way_tag)f.tag) {
		case WAY_TCP:		w->tcp = reading_number(&r, f.value, 0, 1); break;
		case WAY_SET:		w->set = reading_number(&r, f.value, 0, UINT32_MAX); break;
		case WAY_LOCAL:		w->local = address_and_port(&r, f.value); break;
		case WAY_REMOTE:	w->remote = address_and_port(&r, f.value); break;
		}
	}
	reading_need(&r, WAY_NEEDS);
	if (!r.why && w->local.family != w->remote.family)
		reading_broken(&r, "its addresses are of two families");
	if (r.why)
		reading_broken(outer, r.why);
}

static bool is_token(struct str text, size_t n)
{
	uint8_t octets[STORE_INVITE_KEY / 2];

	return text.n == n && str_hex(text, octets, sizeof(octets));
}

static struct str dialog_token(struct reading *r, struct str value)
{
	if (!is_token(value, STORE_INVITE_KEY))
		reading_broken(r, "the token of its dialog is none");
	return value;
}

static void read_field(struct reading *r, const struct record_field *f, struct store_invite *i)
{
	struct str v = f->value;

	switch ((enum invite_tag)f->tag) {
	case INVITE_UE:		i->ue = reading_text(r, v); break;
	case INVITE_FROM_UE:	i->from_ue = reading_number(r, v, 0, 1); break;
	case INVITE_INSIDE:	i->inside = reading_number(r, v, 0, 1); break;
	case INVITE_EMERGENCY:	i->emergency = reading_number(r, v, 0, 1); break;
	case INVITE_TOKEN:	i->token = dialog_token(r, v); break;
	case INVITE_FROM:	read_way(r, v, &i->from); break;
	case INVITE_STATE:	i->state = states[reading_number(r, v, 1, N_STATES - 1)]; break;
	case INVITE_REQUEST:	i->request = v; break;
	case INVITE_CANCELLED:	i->cancelled = reading_number(r, v, 0, 1); break;
	case INVITE_REASON:	i->reason = reading_text(r, v); break;
	case INVITE_ENDS:	i->ends = reading_number(r, v, 0, STORE_LATEST); break;
	case INVITE_ACCEPTED:	i->accepted = reading_number(r, v, 0, STORE_LATEST); break;
	case INVITE_TO:		read_way(r, v, &i->to); break;
	case INVITE_SENT:	i->sent = reading_text(r, v); break;
	case INVITE_BRANCH:	i->branch = reading_text(r, v); break;
	}
}

/* What must hold between the parts. */
static const char *check_invite(const struct store_invite *i)
{
	bool left = i->state != STORE_INVITE_WAITS;

	if ((i->from.set != 0) != i->from_ue)
		return "it is of nobody";
	if (left && (i->to.set == 0) != i->from_ue)
		return "it is for nobody";
	if (left && (!i->sent.n || !i->branch.n || i->branch.n > STORE_BRANCH))
		return "it has not left as it says";
	if (!left && (i->sent.n || i->branch.n))
		return "it has left, and has not";
	return NULL;
}

const char *store_invite_read(struct str key, struct str value, struct store_invite *i)
{
	struct reading r = { .rest = value };
	struct record_field f;

	memset(i, 0, sizeof(*i));
	if (!is_token(key, STORE_INVITE_KEY))
		return "its key is none";
	i->key = key;
	if (!record_version(&r.rest, INVITE_VERSION))
		return "it is of another version";
	while (reading_next(&r, &f, INVITE_NEEDS | INVITE_LEFT))
		read_field(&r, &f, i);
	reading_need(&r, INVITE_NEEDS);
	if (!r.why && i->state != STORE_INVITE_WAITS)
		reading_need(&r, INVITE_LEFT);
	return r.why ? r.why : check_invite(i);
}
