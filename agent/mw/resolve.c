// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RFC 3263 4: NAPTR says which transport, SRV which hosts and ports, A and AAAA
 * which addresses.  Whatever of that is not known yet is asked for at once, as
 * far as one can know what to ask; the whole is done again when answers have
 * come.  No state of its own but which families we have.
 */
#include "resolve.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip_uri.h"

#define DEFAULT_PORT 5060

static uint16_t families[2];
static unsigned int n_families;

struct plan {
	struct resolve_draw draw;
	struct resolve_target *to;
	unsigned int n;
	bool waiting;
};

void resolve_families(const struct addr *ours, unsigned int n)
{
	n_families = 0;
	for (unsigned int i = 0; i < n && n_families < 2; i++)
		if (!n_families || ours[i].family != families[0])
			families[n_families++] = ours[i].family;
}

bool resolve_is_name(struct str text)
{
	char last = '.';

	if (!text.n || text.n >= DNS_NAME)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '.' ? last == '.' : !isalnum((unsigned char)c) && c != '-' && c != '_')
			return false;
		last = c;
	}
	return true;
}

bool resolve_uri(struct str uri, struct resolve_query *q)
{
	struct str host, transport;
	struct sip_uri u;
	struct addr a;
	bool fine;

	memset(q, 0, sizeof(*q));
	if (!sip_uri_parse(uri, &u))
		return false;
	/* RFC 3263 4: the target is maddr where there is one. */
	host = sip_uri_param(&u, "maddr");
	if (!host.n)
		host = u.host;
	transport = sip_uri_param(&u, "transport");
	if (str_same_nocase(transport, STR_LIT("udp")))
		q->transport = RESOLVE_UDP;
	else if (str_same_nocase(transport, STR_LIT("tcp")))
		q->transport = RESOLVE_TCP;
	q->port = u.port;
	fine = str_same_nocase(u.scheme, STR_LIT("sip")) && host.n && host.n < sizeof(q->host) &&
	       (!transport.p || q->transport);
	if (fine)
		memcpy(q->host, host.p, host.n);
	sip_uri_free(&u);
	return fine && (addr_parse(&a, q->host, 0) || resolve_is_name(str_of(q->host)));
}

/* Numbers without a secret, for an even spread only (splitmix64). */
static uint64_t next_number(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int by_priority(const void *a, const void *b)
{
	const struct resolve_rank *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* RFC 2782: those of weight 0 stand at the front of the draw. */
	if (!x->weight != !y->weight)
		return x->weight ? 1 : -1;
	return x->index < y->index ? -1 : 1;
}

/* Draws one of @n by weight and puts it to the front. */
static void draw_first(struct resolve_rank *r, unsigned int n, uint64_t *seed)
{
	uint64_t sum = 0, drawn;
	struct resolve_rank chosen;
	unsigned int i;

	for (i = 0; i < n; i++)
		sum += r[i].weight;
	drawn = next_number(seed) % (sum + 1);
	for (i = 0, sum = r[0].weight; sum < drawn; sum += r[i].weight)
		i++;
	chosen = r[i];
	memmove(r + 1, r, i * sizeof(*r));
	r[0] = chosen;
}

void resolve_rank(struct resolve_rank *ranks, unsigned int n, uint64_t *seed)
{
	qsort(ranks, n, sizeof(*ranks), by_priority);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int same = 1;

		while (i + same < n && ranks[i + same].priority == ranks[i].priority)
			same++;
		draw_first(ranks + i, same, seed);
	}
}

static const struct dns_answer *ask(struct plan *p, enum dns_type type, const char *name)
{
	const struct dns_answer *a = dns_ask(type, name, p->draw.since);

	p->waiting |= !a;
	return a;
}

static void put(struct plan *p, const struct addr *addr, uint16_t port, bool tcp)
{
	struct resolve_target t = { .addr = *addr, .tcp = tcp };

	t.addr.port = port;
	for (unsigned int i = 0; i < p->n; i++)
		if (addr_same(&p->to[i].addr, &t.addr) && p->to[i].tcp == tcp)
			return;
	if (p->n < RESOLVE_TARGETS)
		p->to[p->n++] = t;
}

static void put_host(struct plan *p, const char *name, uint16_t port, bool tcp)
{
	for (unsigned int f = 0; f < n_families; f++) {
		const struct dns_answer *a = ask(p, families[f] == AF_INET6 ? DNS_AAAA : DNS_A,
						 name);

		for (unsigned int i = 0; a && a->result == DNS_FOUND && i < a->n; i++)
			put(p, &a->addr[i], port, tcp);
	}
}

/* False: there are no such SRV records. */
static bool put_srv(struct plan *p, const char *name, bool tcp)
{
	struct resolve_rank ranks[DNS_RECORDS];
	const struct dns_answer *a = ask(p, DNS_SRV, name);
	uint64_t seed = p->draw.seed;

	if (!a)
		return true;
	if (a->result != DNS_FOUND)
		return false;
	for (unsigned int i = 0; i < a->n; i++)
		ranks[i] = (struct resolve_rank){ a->srv[i].priority, a->srv[i].weight, i };
	resolve_rank(ranks, a->n, &seed);
	for (unsigned int i = 0; i < a->n; i++) {
		const struct dns_srv *s = &a->srv[ranks[i].index];

		/* RFC 2782: a target of "." says that there is no such service. */
		if (s->target[0] && strcmp(s->target, ".") != 0)
			put_host(p, s->target, s->port, tcp);
	}
	return true;
}

static bool put_service(struct plan *p, const char *host, bool tcp)
{
	char name[DNS_NAME + 16];

	snprintf(name, sizeof(name), "_sip._%s.%s", tcp ? "tcp" : "udp", host);
	return put_srv(p, name, tcp);
}

static bool is_usable(const struct dns_naptr *n, bool *tcp)
{
	*tcp = !strcasecmp(n->service, "SIP+D2T");
	return (*tcp || !strcasecmp(n->service, "SIP+D2U")) &&
	       (!strcasecmp(n->flags, "s") || !strcasecmp(n->flags, "a")) &&
	       resolve_is_name(str_of(n->replacement));
}

/* False: no NAPTR record that is of use to us. */
static bool put_naptr(struct plan *p, const char *name)
{
	const struct dns_answer *a = ask(p, DNS_NAPTR, name);
	bool tcp, done[DNS_RECORDS] = { false }, found = false;

	if (!a)
		return true;
	for (unsigned int round = 0; a->result == DNS_FOUND && round < a->n; round++) {
		const struct dns_naptr *best = NULL;
		unsigned int at = 0;

		for (unsigned int i = 0; i < a->n; i++) {
			const struct dns_naptr *n = &a->naptr[i];

			if (done[i] || !is_usable(n, &tcp) ||
			    (best && (n->order > best->order ||
				      (n->order == best->order &&
				       n->preference >= best->preference))))
				continue;
			best = n;
			at = i;
		}
		if (!best)
			break;
		done[at] = found = true;
		is_usable(best, &tcp);
		if (!strcasecmp(best->flags, "s"))
			put_srv(p, best->replacement, tcp);
		else
			put_host(p, best->replacement, DEFAULT_PORT, tcp);
	}
	return found;
}

static void put_name(struct plan *p, const struct resolve_query *q)
{
	bool found;

	if (q->port) {
		put_host(p, q->host, q->port, q->transport == RESOLVE_TCP);
	} else if (q->transport != RESOLVE_ANY) {
		if (!put_service(p, q->host, q->transport == RESOLVE_TCP))
			put_host(p, q->host, DEFAULT_PORT, q->transport == RESOLVE_TCP);
	} else if (!put_naptr(p, q->host)) {
		found = put_service(p, q->host, false);
		found = put_service(p, q->host, true) || found;
		if (!found)
			put_host(p, q->host, DEFAULT_PORT, false);
	}
}

int resolve(const struct resolve_query *q, const struct resolve_draw *draw,
	    struct resolve_target *to)
{
	struct plan p = { .draw = *draw, .to = to };
	struct addr a;

	if (addr_parse(&a, q->host, 0))
		put(&p, &a, q->port ? q->port : DEFAULT_PORT, q->transport == RESOLVE_TCP);
	else
		put_name(&p, q);
	return p.waiting ? -1 : (int)p.n;
}
