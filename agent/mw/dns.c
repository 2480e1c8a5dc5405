// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DNS queries by c-ares on the event loop, and a cache of their answers.
 *
 * An entry is one name and type. It is kept for its TTL, within bounds; one that
 * is needed after that is asked for anew, and when no server answers, what was
 * known before goes on to count for a day: a core must not vanish with its DNS
 * (RFC 8767). Entries are in the order of their last use; when there are too
 * many, the one not used for longest goes, but never one that waits for its
 * answer, since c-ares has a pointer to it. Those are bounded by OUTSTANDING.
 *
 * TTLs are SIP time. What c-ares waits for its servers is real time.
 */
#include "dns.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dns_ttl.h"
#include "hash.h"
#include "log.h"
#include "loop.h"

/* More than one resolution looks at, so that what it has just got stays: 16 * 16 * 2. */
#define CACHED 1024
#define OUTSTANDING 64
#define TTL_MIN 5		/* seconds, all of them */
#define TTL_MAX 3600
#define NEGATIVE_MAX 300
#define NEGATIVE_DEFAULT 60	/* the answer has no SOA */
#define FAILED_TTL 5
#define STALE_MAX 86400
#define TRY_MS 1000		/* doubled by c-ares from try to try */
#define TRIES 2

struct entry {
	struct dns_answer answer;
	bool known, waiting;
	uint64_t came, ends, stale_ends;
	struct entry *prev, *next;	/* by last use, the longest ago first */
	UT_hash_handle hh;		/* by key */
	unsigned int key_n;
	char key[];			/* type, then the name in small letters */
};

/* A socket of c-ares. */
struct watch {
	int fd;
	struct event *event;
	struct watch *prev, *next;
};

struct dns_stats dns_stats;

static ares_channel channel;
static struct event *timeout;
static struct watch *watches;
static struct entry *entries, *by_use;
static void (*changed)(void);

/* --- c-ares on the loop --- */

static void set_timeout(void)
{
	struct timeval room, *next = ares_timeout(channel, NULL, &room);

	if (next)
		evtimer_add(timeout, next);
	else
		evtimer_del(timeout);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	set_timeout();
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)arg;
	ares_process_fd(channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
			what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	set_timeout();
}

/* It tells what to wait for; nothing: the socket is about to be closed. */
static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	short what = EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);
	struct watch *w;

	(void)arg;
	DL_SEARCH_SCALAR(watches, w, fd, fd);
	if (w) {
		event_free(w->event);
		DL_DELETE(watches, w);
	} else {
		w = calloc(1, sizeof(*w));
	}
	if (!w || what == EV_PERSIST) {
		free(w);
		return;
	}
	w->fd = fd;
	w->event = event_new(loop_base(), fd, what, on_ready, NULL);
	if (!w->event || event_add(w->event, NULL)) {
		/* The query ends by its timeout. */
		if (w->event)
			event_free(w->event);
		free(w);
		return;
	}
	DL_APPEND(watches, w);
}

/* --- answers --- */

static bool copy_name(char to[DNS_NAME], const char *from)
{
	size_t n = from ? strlen(from) : 0;

	if (n >= DNS_NAME)
		return false;
	memcpy(to, from ? from : "", n + 1);
	return true;
}

static void *records(struct dns_answer *a, size_t size)
{
	void *p = calloc(DNS_RECORDS, size);

	a->n = 0;
	a->result = p ? DNS_FOUND : DNS_FAILED;
	return p;
}

static void take_a(struct dns_answer *a, const uint8_t *p, int n)
{
	struct ares_addrttl got[DNS_RECORDS];
	int n_got = DNS_RECORDS;
	struct addr *to;

	if (ares_parse_a_reply(p, n, NULL, got, &n_got) || !(to = records(a, sizeof(*to))))
		return;
	for (int i = 0; i < n_got; i++) {
		to[i].family = AF_INET;
		memcpy(to[i].ip, &got[i].ipaddr, 4);
	}
	a->n = n_got;
	a->addr = to;
}

static void take_aaaa(struct dns_answer *a, const uint8_t *p, int n)
{
	struct ares_addr6ttl got[DNS_RECORDS];
	int n_got = DNS_RECORDS;
	struct addr *to;

	if (ares_parse_aaaa_reply(p, n, NULL, got, &n_got) || !(to = records(a, sizeof(*to))))
		return;
	for (int i = 0; i < n_got; i++) {
		to[i].family = AF_INET6;
		memcpy(to[i].ip, &got[i].ip6addr, 16);
	}
	a->n = n_got;
	a->addr = to;
}

static void take_srv(struct dns_answer *a, const uint8_t *p, int n)
{
	struct ares_srv_reply *list = NULL;
	struct dns_srv *to;

	if (ares_parse_srv_reply(p, n, &list) || !(to = records(a, sizeof(*to))))
		goto out;
	for (struct ares_srv_reply *s = list; s && a->n < DNS_RECORDS; s = s->next) {
		to[a->n] = (struct dns_srv){ .priority = s->priority, .weight = s->weight,
					     .port = s->port };
		if (copy_name(to[a->n].target, s->host))
			a->n++;
	}
	a->srv = to;
out:
	ares_free_data(list);
}

static void take_naptr(struct dns_answer *a, const uint8_t *p, int n)
{
	struct ares_naptr_reply *list = NULL;
	struct dns_naptr *to;

	if (ares_parse_naptr_reply(p, n, &list) || !(to = records(a, sizeof(*to))))
		goto out;
	for (struct ares_naptr_reply *s = list; s && a->n < DNS_RECORDS; s = s->next) {
		struct dns_naptr *r = &to[a->n];

		*r = (struct dns_naptr){ .order = s->order, .preference = s->preference };
		if (strlen((char *)s->flags) >= sizeof(r->flags) ||
		    strlen((char *)s->service) >= sizeof(r->service))
			continue;
		strcpy(r->flags, (char *)s->flags);
		strcpy(r->service, (char *)s->service);
		if (copy_name(r->replacement, s->replacement))
			a->n++;
	}
	a->naptr = to;
out:
	ares_free_data(list);
}

static struct dns_answer read_answer(enum dns_type type, const uint8_t *p, int n)
{
	struct dns_answer a = { .result = DNS_FAILED };

	switch (type) {
	case DNS_A:
		take_a(&a, p, n);
		break;
	case DNS_AAAA:
		take_aaaa(&a, p, n);
		break;
	case DNS_SRV:
		take_srv(&a, p, n);
		break;
	case DNS_NAPTR:
		take_naptr(&a, p, n);
		break;
	}
	/* Records of another type only, such as an alias that leads nowhere. */
	if (a.result == DNS_FOUND && !a.n)
		a.result = DNS_NOTHING;
	return a;
}

static enum dns_type type_of(const struct entry *e)
{
	return (uint8_t)e->key[0];
}

static void forget_answer(struct entry *e)
{
	free((void *)e->answer.addr);
	memset(&e->answer, 0, sizeof(e->answer));
}

static void keep(struct entry *e, const struct dns_answer *a, uint32_t ttl)
{
	forget_answer(e);
	e->answer = *a;
	e->known = true;
	e->ends = clock_now() + ttl * (uint64_t)1000;
	e->stale_ends = a->result == DNS_FAILED ? 0 : e->ends + STALE_MAX * (uint64_t)1000;
}

static uint32_t between(uint32_t ttl, uint32_t max)
{
	return ttl < TTL_MIN ? TTL_MIN : ttl > max ? max : ttl;
}

static void take(struct entry *e, int status, const uint8_t *p, int n)
{
	struct dns_answer a = { .result = DNS_FAILED };
	bool nothing = status == ARES_ENOTFOUND || status == ARES_ENODATA;
	uint32_t ttl;

	if (status == ARES_SUCCESS)
		a = read_answer(type_of(e), p, n);
	else if (nothing)
		a.result = DNS_NOTHING;
	if (a.result != DNS_FAILED) {
		dns_stats.answers++;
		if (!p || n < 0 || !dns_ttl(p, n, &ttl))
			ttl = NEGATIVE_DEFAULT;
		keep(e, &a, between(ttl, a.result == DNS_FOUND ? TTL_MAX : NEGATIVE_MAX));
		return;
	}
	free((void *)a.addr);
	dns_stats.failures++;
	log_warning("DNS: no answer for %s, type %u: %s", e->key + 1, type_of(e),
		    status == ARES_SUCCESS ? "it is malformed" : ares_strerror(status));
	if (e->known && e->answer.result != DNS_FAILED && clock_now() < e->stale_ends) {
		dns_stats.stale++;
		e->ends = clock_now() + FAILED_TTL * (uint64_t)1000;
	} else {
		keep(e, &(struct dns_answer){ .result = DNS_FAILED }, FAILED_TTL);
	}
}

/* May be called by ares_query() itself, when it cannot even ask. */
static void on_answer(void *arg, int status, int timeouts, unsigned char *p, int n)
{
	struct entry *e = arg;

	(void)timeouts;
	e->waiting = false;
	dns_stats.outstanding--;
	if (status == ARES_EDESTRUCTION)
		return;
	e->came = clock_now();
	take(e, status, p, n);
	changed();
}

/* --- the cache --- */

static void forget(struct entry *e)
{
	HASH_DEL(entries, e);
	DL_DELETE(by_use, e);
	dns_stats.cached--;
	forget_answer(e);
	free(e);
}

static void make_room(void)
{
	struct entry *e, *next;

	DL_FOREACH_SAFE(by_use, e, next) {
		if (dns_stats.cached <= CACHED)
			return;
		if (!e->waiting)
			forget(e);
	}
}

static struct entry *find(enum dns_type type, const char *name)
{
	unsigned int n = strlen(name);
	char key[1 + DNS_NAME];
	struct entry *e;

	if (n && name[n - 1] == '.')
		n--;
	if (!n || n >= DNS_NAME)
		return NULL;
	key[0] = type;
	for (unsigned int i = 0; i < n; i++)
		key[1 + i] = tolower((unsigned char)name[i]);
	HASH_FIND(hh, entries, key, n + 1, e);
	if (e) {
		DL_DELETE(by_use, e);
		DL_APPEND(by_use, e);
		return e;
	}
	e = calloc(1, sizeof(*e) + n + 2);
	if (!e)
		return NULL;
	e->key_n = n + 1;
	memcpy(e->key, key, n + 1);
	HASH_ADD(hh, entries, key, e->key_n, e);
	DL_APPEND(by_use, e);
	dns_stats.cached++;
	return e;
}

const struct dns_answer *dns_ask(enum dns_type type, const char *name, uint64_t since)
{
	static const struct dns_answer failed = { .result = DNS_FAILED };
	struct entry *e = find(type, name);

	if (!e)
		return &failed;
	if (e->waiting)
		return NULL;
	if (e->known && (clock_now() < e->ends || e->came >= since))
		return &e->answer;
	if (!channel || dns_stats.outstanding >= OUTSTANDING) {
		dns_stats.refused++;
		return e->known ? &e->answer : &failed;
	}
	e->waiting = true;
	dns_stats.queries++;
	dns_stats.outstanding++;
	make_room();
	ares_query(channel, e->key + 1, ns_c_in, type, on_answer, e);
	set_timeout();
	return e->waiting ? NULL : &e->answer;
}

/* --- */

static int use_servers(ares_channel to, const struct dns_config *cfg)
{
	char text[512] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < cfg->n_servers; i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s", i ? "," : "",
			      addr_text(&cfg->servers[i]));
	return n ? ares_set_servers_ports_csv(to, text) : ARES_SUCCESS;
}

static int open_channel(const struct dns_config *cfg, ares_channel *to)
{
	struct ares_options options = {
		.timeout = TRY_MS, .tries = TRIES, .sock_state_cb = on_socket,
		.flags = ARES_FLAG_EDNS, .ednspsz = 1232,
	};
	int status = ares_init_options(to, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
				       ARES_OPT_SOCK_STATE_CB | ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ);

	if (!status) {
		status = use_servers(*to, cfg);
		if (status)
			ares_destroy(*to);
	}
	if (status) {
		*to = NULL;
		log_error("DNS: %s", ares_strerror(status));
		return -1;
	}
	if (cfg->device[0])
		ares_set_local_dev(*to, cfg->device);
	return 0;
}

int dns_init(const struct dns_config *cfg)
{
	int status = ares_library_init(ARES_LIB_INIT_ALL);

	memset(&dns_stats, 0, sizeof(dns_stats));
	changed = cfg->changed;
	timeout = evtimer_new(loop_base(), on_timeout, NULL);
	if (!timeout)
		return -1;
	if (status) {
		log_error("DNS: %s", ares_strerror(status));
		return -1;
	}
	return open_channel(cfg, &channel);
}

int dns_reload(const struct dns_config *cfg)
{
	ares_channel next, before = channel;

	if (open_channel(cfg, &next))
		return -1;
	channel = next;
	/* Its questions end without an answer. */
	if (before)
		ares_destroy(before);
	while (by_use)
		forget(by_use);
	set_timeout();
	changed();
	return 0;
}

void dns_exit(void)
{
	struct watch *w, *next;

	if (channel)
		ares_destroy(channel);
	channel = NULL;
	while (by_use)
		forget(by_use);
	DL_FOREACH_SAFE(watches, w, next) {
		event_free(w->event);
		DL_DELETE(watches, w);
		free(w);
	}
	if (timeout)
		event_free(timeout);
	timeout = NULL;
	ares_library_cleanup();
}
