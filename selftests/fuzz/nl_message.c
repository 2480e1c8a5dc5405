// SPDX-License-Identifier: GPL-2.0-or-later
/* nl_fuzz: messages of the spec: valid, nearly valid, garbage. */
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "nl_fuzz.h"

#define NLA_REAL	0x3fff		/* bits of a type that are no flags */

const struct fz_op *fz_op_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < fz_n_ops; i++)
		if (!strcmp(fz_ops[i].name, name))
			return &fz_ops[i];
	return NULL;
}

static const struct fz_op *op_of(uint8_t cmd)
{
	unsigned int i;

	for (i = 0; i < fz_n_ops; i++)
		if (fz_ops[i].cmd == cmd)
			return &fz_ops[i];
	return NULL;
}

static const unsigned int width[] = { [T_U8] = 1, [T_U16] = 2, [T_U32] = 4, [T_U64] = 8 };

static unsigned int put_number(uint8_t *out, unsigned int octets, uint64_t value)
{
	memcpy(out, &value, octets);	/* little endian, as UML and the PC are */
	return octets;
}

static unsigned int any_value(struct dice *d, const struct fz_attr *a, uint8_t *out);

/* A nest of any of its attributes. */
static unsigned int any_nest(struct dice *d, const struct fz_aset *set, uint8_t *out)
{
	unsigned int n = 0, left = dice_below(d, 4);

	while (left--) {
		const struct fz_attr *a = &set->attrs[dice_below(d, set->n)];
		struct nlattr head = { .nla_type = a->number };

		if (a->type == T_NEST || n + NLA_HDRLEN + 16 > FZ_VALUE)
			break;
		head.nla_len = NLA_HDRLEN + any_value(d, a, out + n + NLA_HDRLEN);
		if (n + NLA_ALIGN(head.nla_len) > FZ_VALUE)
			break;
		memcpy(out + n, &head, sizeof(head));
		n += NLA_ALIGN(head.nla_len);
	}
	return n;
}

/* A value that the policy takes, for all one knows. */
static unsigned int any_value(struct dice *d, const struct fz_attr *a, uint8_t *out)
{
	unsigned int n;

	switch (a->type) {
	case T_U8:
	case T_U16:
	case T_U32:
	case T_U64:
		return put_number(out, width[a->type], dice_between(d, a->min, a->max));
	case T_BINARY:
		n = dice_below(d, (a->max < 16 ? a->max : 16) + 1);
		dice_fill(d, out, n);
		return n;
	case T_NEST:
		return any_nest(d, &fz_asets[a->nest], out);
	default:
		return 0;
	}
}

static struct fz_value *add(struct fz_request *r, uint16_t number)
{
	struct fz_value *v;

	if (r->n == FZ_VALUES)
		return NULL;
	v = &r->values[r->n++];
	*v = (struct fz_value){ .number = number };
	return v;
}

static void add_valid(struct dice *d, struct fz_request *r, const struct fz_attr *a)
{
	unsigned int times = fz_world_times(d, r, a);

	while (times--) {
		struct fz_value *v = add(r, a->number);
		int n;

		if (!v)
			return;
		n = fz_world_value(d, r, a, v->data);
		if (!n) {
			r->n--;
			return;
		}
		v->len = n > 0 ? (unsigned int)n : any_value(d, a, v->data);
		if (a->type == T_NEST)
			v->flags = NLA_F_NESTED;
	}
}

static void make_valid(struct dice *d, struct fz_request *r)
{
	const struct fz_aset *set = &fz_asets[r->op->aset];
	const uint16_t *number;

	fz_world_begin(d, r);
	for (number = r->dump ? r->op->dumpit : r->op->doit; *number; number++)
		add_valid(d, r, &set->attrs[*number - 1]);
}

/* Numbers at and beyond the edges. */
static uint64_t edge(struct dice *d, const struct fz_attr *a)
{
	const uint64_t edges[] = { 0, 1, a->min - 1, a->min, a->max, a->max + 1, ~0ull,
				   1ull << 31, (1ull << 31) - 1, 1ull << 63, dice_any(d) };

	return edges[dice_below(d, sizeof(edges) / sizeof(edges[0]))];
}

/* One attribute wrong in one way. */
static void spoil_value(struct dice *d, struct fz_request *r)
{
	const struct fz_aset *set = &fz_asets[r->op->aset];
	unsigned int at = dice_below(d, r->n);
	struct fz_value *v = &r->values[at], *more;
	const struct fz_attr *a = &set->attrs[dice_below(d, set->n)];

	if (!r->n || dice_one_in(d, 8)) {	/* one that does not belong there */
		v = add(r, a->number);
		if (v)
			v->len = any_value(d, a, v->data);
		return;
	}
	switch (dice_below(d, 10)) {
	case 0:
		v->len = dice_below(d, FZ_VALUE + 1);
		break;
	case 1:
		v->len += dice_one_in(d, 2) ? 1 : -1;
		if (v->len > FZ_VALUE)
			v->len = 0;
		break;
	case 2:
		v->number = dice_one_in(d, 2) ? dice_below(d, set->n + 4) :
			    dice_any(d) & NLA_REAL;
		break;
	case 3:
		v->flags ^= dice_one_in(d, 2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 4:
		*v = r->values[--r->n];
		break;
	case 5:
		more = add(r, v->number);
		if (!more)
			break;
		*more = *v;
		if (dice_one_in(d, 2))
			dice_fill(d, more->data, more->len);
		break;
	case 6:
		if (v->number && v->number <= set->n && set->attrs[v->number - 1].type <= T_U64)
			put_number(v->data, 8, edge(d, &set->attrs[v->number - 1]));
		break;
	case 7:
		dice_fill(d, v->data, v->len);
		break;
	case 8:
		v->raw_len = dice_one_in(d, 2) ? dice_below(d, NLA_HDRLEN) : dice_any(d);
		break;
	case 9:
		more = &r->values[dice_below(d, r->n)];
		{
			struct fz_value swap = *v;

			*v = *more;
			*more = swap;
		}
		break;
	}
}

static size_t write_values(const struct fz_request *r, uint8_t *out)
{
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < r->n; i++) {
		const struct fz_value *v = &r->values[i];
		struct nlattr head = {
			.nla_len = v->raw_len ? v->raw_len : NLA_HDRLEN + v->len,
			.nla_type = v->number | v->flags,
		};

		memcpy(out + n, &head, sizeof(head));
		memset(out + n + NLA_HDRLEN, 0, NLA_ALIGN(v->len));
		memcpy(out + n + NLA_HDRLEN, v->data, v->len);
		n += NLA_HDRLEN + NLA_ALIGN(v->len);
	}
	return n;
}

static size_t write_garbage(struct dice *d, uint8_t *out)
{
	static const uint16_t sizes[] = { 0, 1, 4, 20, 64, 512, FZ_MESSAGE - 64 };
	size_t n = dice_below(d, sizes[dice_below(d, 7)] + 1), at = 0;

	if (n > 64 && !dice_one_in(d, 16))
		n = 64;
	dice_fill(d, out, n);
	/* Half of it has at least the look of attributes. */
	while (dice_one_in(d, 2) && at + NLA_HDRLEN < n) {
		struct nlattr head = {
			.nla_len = dice_below(d, n - at + 8), .nla_type = dice_below(d, 32),
		};

		memcpy(out + at, &head, sizeof(head));
		at += NLA_ALIGN(head.nla_len) + NLA_HDRLEN;
	}
	return n;
}

static void spoil_headers(struct dice *d, bool last, struct nlmsghdr *h, struct genlmsghdr *g)
{
	switch (dice_below(d, 6)) {
	case 0:
		g->reserved = dice_any(d);
		break;
	case 1:
		g->version = dice_any(d);
		break;
	case 2:
		g->cmd = dice_one_in(d, 2) ? dice_below(d, 16) : dice_any(d);
		break;
	case 3:
		h->nlmsg_flags = (dice_any(d) & 0xffff) | NLM_F_REQUEST | NLM_F_ACK;
		break;
	case 4:
		h->nlmsg_flags ^= NLM_F_DUMP;
		break;
	case 5:
		if (last)
			h->nlmsg_len = dice_one_in(d, 4) ? dice_any(d) :
				       dice_below(d, h->nlmsg_len + 8);
		break;
	}
}

size_t fz_make(struct dice *d, enum fz_kind kind, uint16_t family, uint32_t seq, bool last,
	       uint8_t *out, struct fz_request *r)
{
	struct nlmsghdr *h = (void *)out;
	struct genlmsghdr *g = (void *)(out + NLMSG_HDRLEN);
	uint8_t *body = out + NLMSG_HDRLEN + GENL_HDRLEN;
	unsigned int spoils = kind == FZ_NEAR ? 1 + dice_one_in(d, 4) : 0;
	bool bad_header = spoils && dice_one_in(d, 6);
	size_t n;

	r->op = fz_world_op(d);
	r->kind = kind;
	r->n = 0;
	r->dump = r->op->n_dumpit >= 0 && dice_one_in(d, 8);
	if (kind == FZ_GARBAGE) {
		n = write_garbage(d, body);
	} else {
		make_valid(d, r);
		while (spoils-- && !bad_header)
			spoil_value(d, r);
		n = write_values(r, body);
	}
	*h = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + n, .nlmsg_type = family,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (r->dump ? NLM_F_DUMP : 0),
		.nlmsg_seq = seq,
	};
	*g = (struct genlmsghdr){ .cmd = r->op->cmd, .version = 1 };
	n = NLMSG_ALIGN(h->nlmsg_len);
	memset(out + h->nlmsg_len, 0, n - h->nlmsg_len);
	if (bad_header) {
		spoil_headers(d, last, h, g);
		r->op = op_of(g->cmd);
		r->dump = r->op && r->op->n_dumpit >= 0 &&
			  (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	}
	return n;
}
