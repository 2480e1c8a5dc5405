// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod/parse.c, compiled for the host, on any octets: against a walk over the same
 * octets written down from RFC 791 and RFC 8200, whole and cut into two pieces at
 * every kind of place.
 */
#include "fuzz.h"

#include "../../kmod/parse.c"

struct walked {
	enum gmg_parsed result;
	unsigned int off, sport, dport;
	u8 proto;
	bool unfit;	/* a fragment, or a source route with a way to go */
};

static unsigned int be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static void transport(const u8 *p, size_t n, struct walked *w)
{
	if (w->proto != 17 && w->proto != 6) {
		w->result = GMG_PARSED_OTHER;
	} else if (w->off > n || n - w->off < 4) {
		w->result = GMG_PARSED_HIDDEN;
	} else {
		w->result = GMG_PARSED_PORTS;
		w->sport = be16(p + w->off);
		w->dport = be16(p + w->off + 2);
	}
}

/* RFC 791 3.1: options of one octet are 0, the end, and 1; all others have a length. */
static bool has_route(const u8 *o, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && o[i]; i += o[i] == 1 ? 1 : o[i + 1])
		if (o[i] != 1 && (o[i] == 131 || o[i] == 137 || i + 1 >= n || o[i + 1] < 2))
			return true;
	return false;
}

static void walk4(const u8 *p, size_t n, struct walked *w)
{
	if (n < 20)
		return;
	w->proto = p[9];
	w->off = (p[0] & 15) * 4;
	w->unfit = be16(p + 6) & 0x3fff || (w->off > 20 && w->off <= n &&
					     has_route(p + 20, w->off - 20));
	if (w->off < 20)
		w->result = GMG_PARSED_HIDDEN;
	else if (be16(p + 6) & 0x1fff)
		w->result = w->proto == 6 || w->proto == 17 ? GMG_PARSED_HIDDEN : GMG_PARSED_OTHER;
	else
		transport(p, n, w);
}

static void walk6(const u8 *p, size_t n, struct walked *w)
{
	if (n < 40)
		return;
	w->proto = p[6];
	w->off = 40;
	w->result = GMG_PARSED_HIDDEN;
	for (;;) {
		size_t len;

		switch (w->proto) {
		case 59:
			return;
		case 0: case 43: case 60: case 44: case 51:
			break;
		default:
			transport(p, n, w);
			return;
		}
		if (w->off > n || n - w->off < 8)
			return;
		len = w->proto == 44 ? 8 : w->proto == 51 ? (p[w->off + 1] + 2) * 4 :
		      (p[w->off + 1] + 1) * 8;
		if (w->proto == 44 && be16(p + w->off + 2) & 0xfff8)
			return;
		w->unfit |= (w->proto == 44 && p[w->off + 3] & 1) ||
			    (w->proto == 43 && p[w->off + 3]);
		w->proto = p[w->off];
		w->off += len;
	}
}

static void compare(const u8 *p, size_t n, u8 pf, size_t head)
{
	struct sk_buff skb = { .data = p, .len = n, .head = head };
	struct walked w = { .result = GMG_PARSED_SHORT };
	struct gmg_l4 l4;
	enum gmg_parsed have;

	memset(&l4, 0xa5, sizeof(l4));
	have = gmg_parse(&skb, 0, pf, &l4);
	if (pf == NFPROTO_IPV4)
		walk4(p, n, &w);
	else
		walk6(p, n, &w);
	MUST(have == w.result);
	if (have == GMG_PARSED_SHORT)
		return;
	if (pf == NFPROTO_IPV4)
		MUST(!memcmp(l4.saddr.s6_addr + 12, p + 12, 4) &&
		     !memcmp(l4.daddr.s6_addr + 12, p + 16, 4));
	else
		MUST(!memcmp(&l4.saddr, p + 8, 16) && !memcmp(&l4.daddr, p + 24, 16));
	if (have == GMG_PARSED_HIDDEN)
		return;
	MUST(l4.proto == w.proto && l4.off == w.off);
	if (pf == NFPROTO_IPV6)
		MUST(l4.nhoff < n && p[l4.nhoff] == l4.proto);
	if (have == GMG_PARSED_PORTS)
		MUST(be16((u8 *)&l4.sport) == w.sport && be16((u8 *)&l4.dport) == w.dport &&
		     l4.unfit == w.unfit);
}

/* Memory of exactly the packet's size, so that a read beyond it is seen. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u8 pf = size && data[0] >> 4 == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6, *p = malloc(size ? size : 1);
	size_t head;

	MUST(p);
	if (size)
		memcpy(p, data, size);
	compare(p, size, pf, size);
	for (head = 0; head < size && head < 96; head += 7)
		compare(p, size, pf, head);
	free(p);
	return 0;
}
