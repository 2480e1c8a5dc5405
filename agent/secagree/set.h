/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SET_H
#define _SET_H

#include "clock.h"
#include "crowd.h"
#include "flow.h"
#include "gate.h"
#include "hash.h"
#include "histogram.h"
#include "keys.h"
#include "notice.h"
#include "secagree.h"

/*
 * One SA set of a UE: what the kernel holds, and what SIP knows of it
 * (gm-security 5 "Minimum record").  Owned by its struct ue; found by its id.
 */
enum set_state {
	SET_TEMP,	/* installed, the challenge is not answered */
	SET_NEW,	/* answered, not yet used for sending */
	SET_INUSE,	/* new requests to the UE go here */
	SET_OLD,	/* replaced; accepted until it ends */
	SET_STATES
};

struct ue;
struct set_host;
struct store_set;

struct set {
	uint32_t id;
	uint64_t cookie;		/* of the life that made it, known to the kernel */
	enum set_state state;
	struct ue *ue;
	uint8_t gm;
	struct addr ue_addr;		/* port 0 */
	struct addr local;		/* of the P-CSCF, port 0 */
	uint16_t port_uc, port_us, port_pc, port_ps;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	struct suite suite;
	char *client;			/* Security-Client of the challenged REGISTER */
	char *server;			/* Security-Server sent with the 401 */
	uint32_t origin;		/* set the challenged REGISTER came on, 0: unprotected */
	uint64_t asked;			/* that REGISTER came, in us of SIP time; 0: not known */
	uint64_t ends;			/* SIP time */
	struct clock_timer timer;
	UT_hash_handle hh;		/* by id */
	struct set *prev, *next;	/* of its ue, the oldest first */
	struct set_host *host;
	struct set *host_prev, *host_next;
	struct crowd_entry crowd;	/* a TEMP of a stranger: begun unprotected */
};

/*
 * The kernel, so that tests can be one.  Everything is acknowledged before it
 * returns: 0 or a negative errno with @err.
 */
struct set_kernel {
	int (*add)(void *ctx, const struct gate_set_new *n, uint32_t *id, struct gate_error *err);
	int (*change)(void *ctx, uint32_t id, const struct gate_change *c, struct gate_error *err);
	int (*del)(void *ctx, uint32_t id, struct gate_error *err);
	/* The sets of an endpoint, for restart.c. */
	int (*list)(void *ctx, uint32_t endpoint, gate_set_fn *fn, void *arg,
		    struct gate_error *err);
	/* Closes the connections of a set; called before del. */
	void (*reset_connections)(void *ctx, uint32_t id);
	void *ctx;
};

/* One protected endpoint. */
struct set_endpoint {
	uint32_t id;
	struct addr local;		/* port 0 */
	uint16_t port_s;
	const uint16_t *port_c;
	unsigned int n_port_c;
};

struct set_config {
	struct set_kernel kernel;
	const struct set_endpoint *endpoints;	/* by flow.gm */
	unsigned int max_sets;
	unsigned int max_temporary;	/* begun unprotected; those of registered UEs are exempt */
	uint64_t cookie;		/* of this life of the agent */
	/* Its timer fired; the receiver destroys it or sets the timer again. */
	void (*ended)(struct set *s);
	/* A TEMP goes to make room; the receiver destroys it. */
	void (*displaced)(struct set *s);
};

void set_init(const struct set_config *cfg);
/* For newcomers: those that are there stay. */
void set_reload(unsigned int max_temporary);

/* What a set is made of. Texts and keys are for the call only. */
struct set_facts {
	struct ue *ue;
	uint8_t gm;
	struct addr ue_addr;
	const struct secagree_entry *offer;	/* the one chosen */
	struct str client;
	const struct keys_aka *keys;
	uint32_t origin;
	uint64_t asked;			/* the REGISTER came, in us of SIP time */
	uint64_t lifetime;
};

enum set_failure {
	SET_FULL,		/* a cap of ours: 503 */
	SET_NO_PORT,		/* every port_pc has a live set: 403 */
	SET_NO_SPI,		/* the range is exhausted: 503 */
	SET_KERNEL,		/* refused: 500 */
	SET_NO_MEMORY,
};

/**
 * set_create - choose SPIs and port_pc and install the four SAs
 * @why: at least 320 octets for the log
 *
 * When it returns, the kernel has acknowledged the set and the copies of the
 * keys made here are wiped; the 401 may leave (TS 33.203 7.4).  The set is a
 * TEMP; the caller links it into its UE.
 */
struct set *set_create(const struct set_facts *facts, enum set_failure *failure, char *why,
		       size_t room);

/* Would a newcomer get one, were it only for the number? */
bool set_has_room(void);
/**
 * set_adopt - take over a set of an earlier life, which the kernel still has
 * @gm: of its endpoint
 * @r: what was stored of it
 *
 * Return: as it was, with its timer set; NULL: out of memory, or its id or one
 * of its SPIs is there already.
 */
struct set *set_adopt(struct ue *ue, uint8_t gm, const struct store_set *r);

/*
 * All are adopted: the TEMP of strangers join those that make room for others, in
 * the order of their age. False: out of memory.
 */
bool set_adopted(void);

/* Closes its connections, deletes it in the kernel (unless it is gone there) and frees it. */
void set_destroy(struct set *s, bool in_kernel);

struct set *set_find(uint32_t id);
struct set *set_first(void);		/* walk with s->hh.next */
/* Of all sets at the UE address of @s, of whichever UE; walk with host_next. */
struct set *set_first_of_host(const struct set *s);

/* Tells the kernel and sets the timer. 0 or a negative errno of the kernel. */
int set_change(struct set *s, enum set_state state, uint64_t ends);

/* A set becomes NEW, INUSE or OLD for us; to the kernel that is all the same. */
void set_become(struct set *s, enum set_state state);

unsigned int set_count(void);
unsigned int set_count_temporary(void);
unsigned int set_count_state(enum set_state state);

/* TEMP that began unprotected: what limits.temporary-sets is about. */
unsigned int set_count_strangers(void);

/* Real time from a request for a set to the kernel's acknowledgement of its four SAs. */
extern struct histogram set_install_time;
/* Of one endpoint. */
unsigned int set_count_of(uint8_t gm);

const char *set_state_name(enum set_state state);

/* Tells who watches. */
void set_tell(enum notice_kind kind, const struct set *s);

/* "IMPI at 10.45.0.3:5060 on set 7", for the log; a static buffer. */
const char *set_text(const struct set *s);

/* What a set's messages to the UE travel on over UDP: port_pc to port_us. */
struct flow set_flow_to_ue(const struct set *s);

#endif
