// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store's records: whatever lies there.  The first octet says of which kind
 * the rest is.  What is read is written again, and read to the same.
 */
#include "fuzz.h"

#include "store_dialog.h"
#include "store_invite.h"

static const struct str token = STR_LIT("0123456789abcdef0123456789ABCDEF");

static const struct str dialog_token = STR_LIT("0123456789abcdef01234567");

static void in_bounds(const struct store_ue *ue, struct str value)
{
	MUST(ue->impi.n && str_within(ue->impi, value) && !ue->addr.port);
	MUST(ue->n_sets <= STORE_SETS && ue->n_bindings <= STORE_BINDINGS);
	MUST(ue->n_sets || ue->n_bindings);
	for (unsigned int i = 0; i < ue->n_sets; i++) {
		const struct store_set *s = &ue->sets[i];

		MUST(s->id && s->port_uc && s->port_us && s->port_pc && s->port_ps);
		MUST(s->spi_uc && s->spi_us && s->spi_pc && s->spi_ps);
		MUST(s->state <= SET_OLD && suite_valid(s->suite));
		MUST(s->local.family == ue->addr.family);
		MUST(!s->client.n || str_within(s->client, value));
		MUST(s->client.p && s->server.p);
	}
	for (unsigned int i = 0; i < ue->n_bindings; i++)
		MUST(ue->bindings[i].aor.p && (!ue->bindings[i].aor.n ||
					       str_within(ue->bindings[i].aor, value)));
}

static void a_ue(struct str value)
{
	static struct store_ue ue, again;
	struct octets first = { 0 }, second = { 0 };

	if (store_ue_read(token, value, &ue))
		return;
	in_bounds(&ue, value);
	store_ue_write(&first, &ue);
	MUST(!store_ue_read(token, octets_str(&first), &again));
	store_ue_write(&second, &again);
	MUST(str_same(octets_str(&first), octets_str(&second)));
	octets_free(&first);
	octets_free(&second);
}

static void an_spi(struct str value)
{
	struct str key = { value.p, value.n < 4 ? value.n : 4 };
	struct octets again = { 0 };
	uint64_t free_at = 0, then;
	uint32_t spi = 0;
	char written[4];

	if (store_spi_read(key, str_from(value, key.n), &spi, &free_at))
		return;
	MUST(spi);
	store_spi_key(spi, written);
	store_spi_write(&again, free_at);
	MUST(str_same(key, (struct str){ written, 4 }));
	MUST(!store_spi_read(key, octets_str(&again), &spi, &then) && then == free_at);
	octets_free(&again);
}

static void a_dialog(struct str value)
{
	struct store_dialog d, again;
	struct octets first = { 0 }, second = { 0 };

	if (store_dialog_read(dialog_token, value, &d))
		return;
	MUST(str_within(d.call_id, value) && d.call_id.n <= STORE_TAG && d.tag.n <= STORE_TAG);
	MUST(d.n_legs && d.n_legs <= STORE_LEGS && d.recorded.p);
	MUST(!d.ue.p != !d.caller.family && d.caller.family == d.listener.family);
	MUST(d.method != SIP_METHOD_OTHER);
	for (unsigned int i = 0; i < d.n_legs; i++)
		MUST(d.legs[i].tag.n && d.legs[i].tag.n <= STORE_TAG && d.legs[i].route.p);
	store_dialog_write(&first, &d);
	MUST(!store_dialog_read(dialog_token, octets_str(&first), &again));
	store_dialog_write(&second, &again);
	MUST(str_same(octets_str(&first), octets_str(&second)));
	octets_free(&first);
	octets_free(&second);
}

static void an_invite(struct str value)
{
	struct octets first = { 0 }, second = { 0 };
	struct store_invite i, again;

	if (store_invite_read(dialog_token, value, &i))
		return;
	MUST(i.token.n == STORE_INVITE_KEY && i.from.local.port && i.from.remote.port);
	MUST((i.from.set != 0) == i.from_ue);
	if (i.state == STORE_INVITE_WAITS)
		MUST(!i.sent.n && !i.branch.n);
	else
		MUST(i.sent.n && i.branch.n && i.branch.n <= STORE_BRANCH &&
		     (i.to.set == 0) == i.from_ue && i.to.remote.port);
	store_invite_write(&first, &i);
	MUST(!store_invite_read(dialog_token, octets_str(&first), &again));
	store_invite_write(&second, &again);
	MUST(str_same(octets_str(&first), octets_str(&second)));
	octets_free(&first);
	octets_free(&second);
}

static void a_head(struct str value)
{
	struct store_head h, then;
	struct octets again = { 0 };

	if (store_head_read(value, &h))
		return;
	MUST(h.instance);
	store_head_write(&again, &h);
	MUST(!store_head_read(octets_str(&again), &then));
	MUST(!memcmp(h.boot, then.boot, sizeof(h.boot)) && h.instance == then.instance);
	octets_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = { (const char *)data + 1, size - 1 };

	if (!size)
		return 0;
	if (data[0] == STORE_SPI)
		an_spi(value);
	else if (data[0] == STORE_HEAD)
		a_head(value);
	else if (data[0] == STORE_DIALOG)
		a_dialog(value);
	else if (data[0] == STORE_INVITE)
		an_invite(value);
	else
		a_ue(value);
	return 0;
}
