// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dialogs to octets and back.  Pure.
 */
#include "store_dialog.h"

#include <string.h>

#include "store_reading.h"

#define DIALOG_VERSION 1

enum dialog_tag {
	DIALOG_UE = 1, DIALOG_FROM_UE, DIALOG_METHOD, DIALOG_CALL_ID, DIALOG_TAG, DIALOG_RECORDED,
	DIALOG_USED, DIALOG_CHARGING, DIALOG_LEG, DIALOG_CALLER, DIALOG_LISTENER,
};
enum leg_tag { LEG_TAG = 1, LEG_ROUTE, LEG_CONFIRMED, LEG_ENDS };

/* As stored; enum sip_method may change its order. */
static const enum sip_method methods[] = {
	[1] = SIP_METHOD_INVITE, [2] = SIP_METHOD_SUBSCRIBE, [3] = SIP_METHOD_REFER,
};
#define N_METHODS (sizeof(methods) / sizeof(methods[0]))

/* What must be there of version 1; P-Charging-Vector may be missing. */
#define DIALOG_NEEDS (STORE_BIT(DIALOG_USED + 1) - STORE_BIT(DIALOG_FROM_UE))
#define DIALOG_OF_CALLER (STORE_BIT(DIALOG_LISTENER + 1) - STORE_BIT(DIALOG_CALLER))
#define DIALOG_ONCE (STORE_BIT(DIALOG_CHARGING + 1) - STORE_BIT(DIALOG_UE) + DIALOG_OF_CALLER)
#define LEG_NEEDS (STORE_BIT(LEG_CONFIRMED + 1) - STORE_BIT(LEG_TAG))
#define LEG_ONCE (STORE_BIT(LEG_ENDS + 1) - STORE_BIT(LEG_TAG))

static uint64_t method_number(enum sip_method method)
{
	uint64_t n = 1;

	while (n < N_METHODS - 1 && methods[n] != method)
		n++;
	return n;
}

static void write_leg(struct octets *o, const struct store_leg *leg)
{
	size_t at = record_open(o, DIALOG_LEG);

	record_put(o, LEG_TAG, leg->tag);
	record_put(o, LEG_ROUTE, leg->route);
	record_put_number(o, LEG_CONFIRMED, leg->confirmed);
	if (leg->ends != UINT64_MAX)
		record_put_number(o, LEG_ENDS, leg->ends);
	record_close(o, at);
}

static void write_caller(struct octets *o, const struct store_dialog *d)
{
	record_put_addr(o, DIALOG_CALLER, &d->caller);
	record_put_addr(o, DIALOG_LISTENER, &d->listener);
}

void store_dialog_write(struct octets *o, const struct store_dialog *d)
{
	record_begin(o, DIALOG_VERSION);
	if (d->ue.p)
		record_put(o, DIALOG_UE, d->ue);
	else
		write_caller(o, d);
	record_put_number(o, DIALOG_FROM_UE, d->from_ue);
	record_put_number(o, DIALOG_METHOD, method_number(d->method));
	record_put(o, DIALOG_CALL_ID, d->call_id);
	record_put(o, DIALOG_TAG, d->tag);
	record_put(o, DIALOG_RECORDED, d->recorded);
	record_put_number(o, DIALOG_USED, d->used);
	if (d->charging.p)
		record_put(o, DIALOG_CHARGING, d->charging);
	for (unsigned int i = 0; i < d->n_legs; i++)
		write_leg(o, &d->legs[i]);
}

/* It goes into a header line: no end of it, unless it is folded there. */
static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		bool fold = c == '\r' && s.n - i > 2 && s.p[i + 1] == '\n' &&
			    (s.p[i + 2] == ' ' || s.p[i + 2] == '\t');

		if (fold)
			i += 2;
		else if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static struct str header_value(struct reading *r, struct str value)
{
	struct str s = reading_text(r, value);

	if (!is_value(s))
		reading_broken(r, "a header would end too early");
	return s;
}

static struct str tag_text(struct reading *r, struct str value)
{
	struct str s = reading_text(r, value);

	if (s.n > STORE_TAG)
		reading_broken(r, "a tag is too long");
	return s;
}

static const char *read_leg(struct str value, struct store_leg *leg)
{
	struct reading r = { .rest = value };
	struct record_field f;

	*leg = (struct store_leg){ .ends = UINT64_MAX };
	while (reading_next(&r, &f, LEG_ONCE)) {
		switch ((enum leg_tag)f.tag) {
		case LEG_TAG:		leg->tag = tag_text(&r, f.value); break;
		case LEG_ROUTE:		leg->route = header_value(&r, f.value); break;
		case LEG_CONFIRMED:	leg->confirmed = reading_number(&r, f.value, 0, 1); break;
		case LEG_ENDS:		leg->ends = reading_number(&r, f.value, 0, STORE_LATEST);
					break;
		}
	}
	reading_need(&r, LEG_NEEDS);
	if (!leg->tag.n)
		reading_broken(&r, "a tag is missing");
	return r.why;
}

static void take_leg(struct reading *r, struct str value, struct store_dialog *d)
{
	const char *why;

	if (d->n_legs == STORE_LEGS) {
		reading_broken(r, "there are too many tags");
		return;
	}
	why = read_leg(value, &d->legs[d->n_legs++]);
	if (why)
		reading_broken(r, why);
}

static void read_field(struct reading *r, const struct record_field *f, struct store_dialog *d)
{
	struct str v = f->value;

	switch ((enum dialog_tag)f->tag) {
	case DIALOG_UE:		d->ue = reading_text(r, v); break;
	case DIALOG_FROM_UE:	d->from_ue = reading_number(r, v, 0, 1); break;
	case DIALOG_METHOD:	d->method = methods[reading_number(r, v, 1, N_METHODS - 1)]; break;
	case DIALOG_CALL_ID:	d->call_id = tag_text(r, v); break;
	case DIALOG_TAG:	d->tag = tag_text(r, v); break;
	case DIALOG_RECORDED:	d->recorded = header_value(r, v); break;
	case DIALOG_USED:	d->used = reading_number(r, v, 0, STORE_LATEST); break;
	case DIALOG_CHARGING:	d->charging = header_value(r, v); break;
	case DIALOG_LEG:	take_leg(r, v, d); break;
	case DIALOG_CALLER:	d->caller = reading_endpoint(r, v); break;
	case DIALOG_LISTENER:	d->listener = reading_endpoint(r, v); break;
	}
}

/* What must hold between the parts. */
static const char *check_dialog(const struct store_dialog *d)
{
	if (!d->ue.p == !d->caller.family)
		return "it is not of one UE or caller";
	if (d->caller.family != d->listener.family)
		return "it has one address of two, or of another family";
	if (d->caller.family && d->method != SIP_METHOD_INVITE)
		return "a caller has more than a call";
	if (!d->call_id.n)
		return "it has no Call-ID";
	if (!d->n_legs)
		return "nobody has answered";
	for (unsigned int i = 0; i < d->n_legs; i++)
		for (unsigned int j = 0; j < i; j++)
			if (str_same(d->legs[i].tag, d->legs[j].tag))
				return "a tag is there twice";
	return NULL;
}

static bool is_token(struct str token)
{
	uint8_t octets[STORE_DIALOG_TOKEN / 2];

	return token.n == STORE_DIALOG_TOKEN && str_hex(token, octets, sizeof(octets));
}

const char *store_dialog_read(struct str token, struct str value, struct store_dialog *d)
{
	struct reading r = { .rest = value };
	struct record_field f;

	memset(d, 0, sizeof(*d));
	if (!is_token(token))
		return "its token is none";
	d->token = token;
	if (!record_version(&r.rest, DIALOG_VERSION))
		return "it is of another version";
	while (reading_next(&r, &f, DIALOG_ONCE))
		read_field(&r, &f, d);
	reading_need(&r, DIALOG_NEEDS);
	return r.why ? r.why : check_dialog(d);
}
