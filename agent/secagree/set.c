// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SA sets: their SPIs, their port_pc, the kernel's copy, their timer.
 *
 * What a set's life means for its UE is registrar.c's.  Lifetimes are SIP
 * time; the kernel gets a back-stop in real time that is a little longer, so
 * that it only matters when the agent is dead.
 */
#include "set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "random.h"
#include "registrar.h"
#include "spi.h"
#include "store_record.h"

#define BACKSTOP_MS 10000
/* The kernel knows SPIs of other IPsec users in our range, we do not. */
#define SPI_TRIES 8

/* All sets of one UE address, whoever they belong to. */
struct set_host {
	struct addr addr;
	struct set *sets;
	UT_hash_handle hh;
};

static struct set_config config;
static struct set *sets;
static struct set_host *hosts;
static struct crowd strangers;		/* TEMP that began unprotected */
static unsigned int n_of[SET_STATES];

struct histogram set_install_time = HISTOGRAM(histogram_local_bounds);

static const char * const state_names[] = {
	[SET_TEMP] = "temporary",
	[SET_NEW] = "new",
	[SET_INUSE] = "in-use",
	[SET_OLD] = "old",
};

void set_reload(unsigned int max_temporary)
{
	config.max_temporary = max_temporary;
}

unsigned int set_count_of(uint8_t gm)
{
	unsigned int n = 0;

	for (const struct set *s = set_first(); s; s = s->hh.next)
		n += s->gm == gm;
	return n;
}

void set_init(const struct set_config *cfg)
{
	config = *cfg;
}

const char *set_state_name(enum set_state state)
{
	return state_names[state];
}

const char *set_text(const struct set *s)
{
	static char text[320];

	snprintf(text, sizeof(text), "%.200s at %s on set %u (%s)", registrar_impi(s->ue),
		 addr_host(&s->ue_addr), s->id, state_names[s->state]);
	return text;
}

struct set *set_find(uint32_t id)
{
	struct set *s;

	HASH_FIND(hh, sets, &id, sizeof(id), s);
	return s;
}

struct set *set_first(void)
{
	return sets;
}

struct set *set_first_of_host(const struct set *s)
{
	return s->host->sets;
}

unsigned int set_count(void)
{
	return HASH_COUNT(sets);
}

unsigned int set_count_temporary(void)
{
	return n_of[SET_TEMP];
}

unsigned int set_count_state(enum set_state state)
{
	return n_of[state];
}

unsigned int set_count_strangers(void)
{
	return strangers.n;
}

static struct set_host *find_host(const struct addr *ue)
{
	struct set_host *h;

	HASH_FIND(hh, hosts, ue, sizeof(*ue), h);
	return h;
}

static bool port_taken(const struct set_host *h, const struct set *new, uint16_t port_pc)
{
	const struct set *s;

	for (s = h ? h->sets : NULL; s; s = s->host_next)
		if (s->gm == new->gm && s->port_us == new->port_us && s->port_pc == port_pc)
			return true;
	return false;
}

/*
 * A port_pc that no live set of the same (UE address, port_us) has, so that
 * (us, pc) names one set; 0: there is none.
 */
static uint16_t free_port(const struct set *new)
{
	const struct set_endpoint *e = &config.endpoints[new->gm];
	const struct set_host *h = find_host(&new->ue_addr);
	unsigned int first = random_between(0, e->n_port_c - 1);

	for (unsigned int i = 0; i < e->n_port_c; i++) {
		uint16_t port = e->port_c[(first + i) % e->n_port_c];

		if (!port_taken(h, new, port))
			return port;
	}
	return 0;
}

/*
 * The TEMP that has waited longest on the ports the new set wants; what began
 * unprotected is in the way of nothing that began on a set.
 */
static struct set *oldest_rival(const struct set *new)
{
	const struct set_host *h = find_host(&new->ue_addr);
	struct set *s;

	for (s = h ? h->sets : NULL; s; s = s->host_next)
		if (s->state == SET_TEMP && s->gm == new->gm && s->port_us == new->port_us &&
		    (new->origin || !s->origin))
			return s;
	return NULL;
}

static bool choose_port(struct set *new)
{
	new->port_pc = free_port(new);
	if (!new->port_pc) {
		struct set *rival = oldest_rival(new);

		if (!rival)
			return false;
		config.displaced(rival);
		new->port_pc = free_port(new);
	}
	return new->port_pc != 0;
}

static bool choose_spis(struct set *new)
{
	uint32_t avoid[3] = { new->spi_uc, new->spi_us, 0 };

	new->spi_pc = spi_take(avoid, 2);
	if (!new->spi_pc)
		return false;
	new->spi_ps = spi_take(avoid, 2);
	if (new->spi_ps)
		return true;
	spi_give_back(new->spi_pc);
	return false;
}

static void give_back_spis(struct set *s)
{
	spi_give_back(s->spi_pc);
	spi_give_back(s->spi_ps);
}

static uint64_t backstop(uint64_t lifetime)
{
	return clock_real_ms(lifetime) + BACKSTOP_MS;
}

static int install(struct set *s, const struct keys_aka *keys, uint64_t lifetime,
		   struct gate_error *err)
{
	struct keys_esp esp;
	struct gate_set_new n = {
		.endpoint = config.endpoints[s->gm].id,
		.cookie = s->cookie,
		.state = GMGATE_SET_STATE_TEMPORARY,
		.expires_ms = backstop(lifetime),
		.ue = s->ue_addr,
		.port_uc = s->port_uc, .port_us = s->port_us, .port_pc = s->port_pc,
		.spi_uc = s->spi_uc, .spi_us = s->spi_us,
		.spi_pc = s->spi_pc, .spi_ps = s->spi_ps,
		.suite = s->suite,
	};
	int ret = -EOPNOTSUPP;
	uint64_t began;

	if (keys_expand(s->suite, keys, &esp)) {
		n.ik_esp = esp.ik;
		n.ik_len = esp.ik_len;
		n.ck_esp = esp.ck;
		n.ck_len = esp.ck_len;
		n.salt = esp.salt;
		n.salt_len = esp.salt_len;
		began = clock_real_us();
		ret = config.kernel.add(config.kernel.ctx, &n, &s->id, err);
		histogram_add(&set_install_time, clock_real_us() - began);
	}
	keys_esp_wipe(&esp);
	return ret;
}

/* With fresh SPIs while the kernel says that others have them. */
static bool install_somehow(struct set *s, const struct set_facts *facts,
			    enum set_failure *failure, char *why, size_t room)
{
	struct gate_error err = { 0 };

	for (int i = 0; i < SPI_TRIES; i++) {
		int ret;

		if (!choose_spis(s)) {
			*failure = SET_NO_SPI;
			snprintf(why, room, "the SPI range is exhausted");
			return false;
		}
		ret = install(s, facts->keys, facts->lifetime, &err);
		if (!ret)
			return true;
		give_back_spis(s);
		*failure = SET_KERNEL;
		snprintf(why, room, "%s", err.line[0] ? err.line : strerror(-ret));
		if (ret != -EEXIST)
			return false;
	}
	return false;
}

/* At the set's end, or earlier when registrar.c asked to be woken. */
static void on_timer(struct clock_timer *t)
{
	config.ended((void *)((char *)t - offsetof(struct set, timer)));
}

static bool join_host(struct set *s)
{
	struct set_host *h = find_host(&s->ue_addr);

	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return false;
		h->addr = s->ue_addr;
		HASH_ADD(hh, hosts, addr, sizeof(h->addr), h);
	}
	s->host = h;
	DL_APPEND2(h->sets, s, host_prev, host_next);
	return true;
}

static void leave_host(struct set *s)
{
	DL_DELETE2(s->host->sets, s, host_prev, host_next);
	if (!s->host->sets) {
		HASH_DEL(hosts, s->host);
		free(s->host);
	}
}

static bool describe(struct set *s, const struct set_facts *facts)
{
	const struct secagree_server server = {
		.suite = s->suite,
		.spi_c = s->spi_pc, .spi_s = s->spi_ps,
		.port_c = s->port_pc, .port_s = s->port_ps,
	};
	struct octets text = { 0 };

	secagree_format_server(&text, &server);
	if (!text.failed)
		s->server = strndup(text.p, text.n);
	octets_free(&text);
	s->client = strndup(facts->client.p, facts->client.n);
	return s->server && s->client;
}

static struct set *begin(const struct set_facts *facts)
{
	const struct set_endpoint *e = &config.endpoints[facts->gm];
	struct set *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->cookie = config.cookie;
	s->ue = facts->ue;
	s->gm = facts->gm;
	s->ue_addr = facts->ue_addr;
	s->ue_addr.port = 0;
	s->local = e->local;
	s->port_ps = e->port_s;
	s->port_uc = facts->offer->port_c;
	s->port_us = facts->offer->port_s;
	s->spi_uc = facts->offer->spi_c;
	s->spi_us = facts->offer->spi_s;
	s->suite = facts->offer->suite;
	s->origin = facts->origin;
	s->asked = facts->asked;
	s->timer.fire = on_timer;
	return s;
}

bool set_has_room(void)
{
	return set_count() < config.max_sets || strangers.n;
}

/* From here on it is found, and ends. */
static void begin_life(struct set *s)
{
	HASH_ADD(hh, sets, id, sizeof(s->id), s);
	n_of[s->state]++;
	clock_set_at(&s->timer, s->ends);
}

struct set *set_create(const struct set_facts *facts, enum set_failure *failure, char *why,
		       size_t room)
{
	struct set *s;

	/* A stranger makes room for a stranger, and for whoever comes when all is full. */
	if (strangers.n && ((!facts->origin && strangers.n >= config.max_temporary) ||
			    set_count() >= config.max_sets)) {
		struct crowd_entry *e = crowd_victim(&strangers);

		config.displaced((void *)((char *)e - offsetof(struct set, crowd)));
	}
	if (set_count() >= config.max_sets) {
		*failure = SET_FULL;
		snprintf(why, room, "limits.sets (%u) is reached", config.max_sets);
		return NULL;
	}
	*failure = SET_NO_MEMORY;
	snprintf(why, room, "out of memory");
	s = begin(facts);
	if (!s)
		return NULL;
	if (!choose_port(s)) {
		*failure = SET_NO_PORT;
		snprintf(why, room, "every port-c has a live set with its port-s %u", s->port_us);
		goto err_free;
	}
	if (!install_somehow(s, facts, failure, why, room))
		goto err_free;
	*failure = SET_NO_MEMORY;
	snprintf(why, room, "out of memory");
	if (!describe(s, facts) || !join_host(s))
		goto err_delete;
	if (!s->origin && !crowd_add(&strangers, &s->crowd, &s->ue_addr)) {
		leave_host(s);
		goto err_delete;
	}
	s->ends = clock_now() + facts->lifetime;
	begin_life(s);
	return s;

err_delete:
	config.kernel.del(config.kernel.ctx, s->id, NULL);
	give_back_spis(s);
err_free:
	free(s->client);
	free(s->server);
	free(s);
	return NULL;
}

static bool claim_spis(const struct set *s)
{
	if (!spi_claim(s->spi_pc))
		return false;
	if (spi_claim(s->spi_ps))
		return true;
	spi_give_back(s->spi_pc);
	return false;
}

struct set *set_adopt(struct ue *ue, uint8_t gm, const struct store_set *r)
{
	struct set *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct set){
		.id = r->id, .cookie = r->cookie, .state = r->state,
		.ue = ue, .gm = gm, .ue_addr = ue->addr, .local = r->local,
		.port_uc = r->port_uc, .port_us = r->port_us,
		.port_pc = r->port_pc, .port_ps = r->port_ps,
		.spi_uc = r->spi_uc, .spi_us = r->spi_us,
		.spi_pc = r->spi_pc, .spi_ps = r->spi_ps,
		.suite = r->suite, .origin = r->origin,
		.ends = clock_from_boot(r->ends),
		.timer = { .fire = on_timer },
	};
	s->client = strndup(r->client.p, r->client.n);
	s->server = strndup(r->server.p, r->server.n);
	if (!s->client || !s->server || set_find(s->id) || !claim_spis(s))
		goto err_free;
	if (!join_host(s))
		goto err_spis;
	begin_life(s);
	return s;

err_spis:
	give_back_spis(s);
err_free:
	free(s->client);
	free(s->server);
	free(s);
	return NULL;
}

static int by_end(const void *a, const void *b)
{
	const struct set *x = *(struct set * const *)a, *y = *(struct set * const *)b;

	return x->ends < y->ends ? -1 : x->ends > y->ends;
}

bool set_adopted(void)
{
	struct set **temps = calloc(n_of[SET_TEMP] + 1, sizeof(struct set *));
	unsigned int n = 0;
	bool fine = temps != NULL;

	for (struct set *s = sets; s && temps; s = s->hh.next)
		if (s->state == SET_TEMP && !s->origin)
			temps[n++] = s;
	if (n)
		qsort(temps, n, sizeof(struct set *), by_end);
	for (unsigned int i = 0; i < n && fine; i++)
		fine = crowd_add(&strangers, &temps[i]->crowd, &temps[i]->ue_addr);
	free(temps);
	return fine;
}

void set_become(struct set *s, enum set_state state)
{
	n_of[s->state]--;
	n_of[state]++;
	s->state = state;
}

static void no_longer_temporary(struct set *s)
{
	if (s->crowd.source)
		crowd_remove(&strangers, &s->crowd);
}

void set_destroy(struct set *s, bool in_kernel)
{
	struct gate_error err = { 0 };
	int ret;

	log_debug("set %u of %s ends", s->id, registrar_impi(s->ue));
	set_tell(NOTICE_SET_ENDED, s);
	config.kernel.reset_connections(config.kernel.ctx, s->id);
	if (in_kernel) {
		ret = config.kernel.del(config.kernel.ctx, s->id, &err);
		if (ret && ret != -ENOENT)
			log_error("cannot delete set %u: %s", s->id,
				  err.line[0] ? err.line : strerror(-ret));
	}
	give_back_spis(s);
	clock_stop(&s->timer);
	if (s->state == SET_TEMP)
		no_longer_temporary(s);
	n_of[s->state]--;
	leave_host(s);
	HASH_DEL(sets, s);
	free(s->client);
	free(s->server);
	free(s);
}

int set_change(struct set *s, enum set_state state, uint64_t ends)
{
	uint64_t now = clock_now();
	struct gate_change c = {
		.what = GATE_CHANGE_EXPIRES,
		.expires_ms = backstop(ends > now ? ends - now : 0),
	};
	struct gate_error err = { 0 };
	int ret;

	if (s->state == SET_TEMP && state != SET_TEMP) {
		c.what |= GATE_CHANGE_STATE;
		c.state = GMGATE_SET_STATE_ESTABLISHED;
		no_longer_temporary(s);
	}
	set_become(s, state);
	s->ends = ends;
	clock_set_at(&s->timer, ends);
	ret = config.kernel.change(config.kernel.ctx, s->id, &c, &err);
	if (ret)
		log_error("kernel refuses to change %s: %s", set_text(s),
			  err.line[0] ? err.line : strerror(-ret));
	return ret;
}

void set_tell(enum notice_kind kind, const struct set *s)
{
	if (notice_wanted())
		notice_of(kind, set_text(s), s->id, set_state_name(s->state));
}

struct flow set_flow_to_ue(const struct set *s)
{
	struct flow f = {
		.side = FLOW_GM_PROTECTED,
		.gm = s->gm,
		.set = s->id,
		.local = s->local,
		.remote = s->ue_addr,
	};

	f.local.port = s->port_pc;
	f.remote.port = s->port_us;
	return f;
}
