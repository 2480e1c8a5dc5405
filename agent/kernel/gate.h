/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _GATE_H
#define _GATE_H

#include <linux/gmgate.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "suite.h"

/*
 * gate - the kernel half, as the agent and gmctl see it.
 *
 * Every request is synchronous: it is sent, acknowledged by the kernel and
 * answered before the function returns, or fails after GATE_TIMEOUT_MS.
 * Functions return 0 or a negative errno; @err (may be NULL) then says what
 * the kernel objected to.  One struct gate is used by one thread at a time
 * and belongs to the network namespace it was opened in.
 *
 * Addresses of endpoints and UEs are struct addr with port 0.
 */
#define GATE_TIMEOUT_MS 5000

struct gate;

struct gate_error {
	int err;		/* positive errno */
	const char *attr;	/* attribute objected to, as in the YAML spec, or NULL */
	char msg[160];		/* the kernel's reason, or ""; never has keys */
	char line[320];		/* all of it as one line for a log */
};

struct gate_caps {
	uint32_t version;
	uint32_t max_sets;	/* default of an endpoint */
	uint32_t max_temporary;	/* default of an endpoint */
	struct suite suites[32];
	unsigned int n_suites;
};

struct gate_endpoint {
	uint32_t id;		/* from the kernel; when adding, whose place it takes, or 0 */
	uint32_t instance;
	uint32_t uid;
	struct addr addr;
	uint32_t ifindex;	/* device or VRF it is for, 0: all */
	uint16_t port_s;
	uint16_t port_c[GMGATE_MAX_PORT_C];
	unsigned int n_port_c;
	uint32_t spi_min, spi_max;
	uint32_t mark_mask;	/* 0 when adding: the kernel's default */
	uint32_t flags;		/* GMGATE_ENDPOINT_FLAGS_* */
	uint32_t max_sets;	/* 0 when adding: the kernel's default */
	uint32_t max_temporary;	/* likewise */
	uint32_t sets;		/* held now, from the kernel */
	uint32_t temporary;	/* likewise */
};

struct gate_set_new {
	uint32_t endpoint;
	uint64_t cookie;
	uint32_t state;		/* GMGATE_SET_STATE_* */
	uint64_t expires_ms;	/* from now */
	struct addr ue;
	uint16_t port_uc, port_us, port_pc;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	struct suite suite;
	const uint8_t *ik_esp;	/* IK_ESP of the suite, not IK */
	size_t ik_len;
	const uint8_t *ck_esp;	/* ck_len 0 with ealg null */
	size_t ck_len;
	const uint8_t *salt;
	size_t salt_len;
	uint32_t seq_out;	/* last number used on the outbound SAs, 0: none yet */
};

struct gate_sa {
	uint32_t spi;
	uint32_t seq;		/* last sent or highest received */
	uint64_t packets;
	uint64_t bytes;		/* of the plain IP packets */
};

struct gate_set {
	uint32_t id;
	uint32_t endpoint;
	uint32_t instance;	/* of the endpoint */
	uint64_t cookie;
	uint32_t state;
	uint64_t expires_ms;	/* from now */
	struct addr addr;	/* of the endpoint */
	struct addr ue;
	uint16_t port_uc, port_us, port_pc, port_ps;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	struct suite suite;
	struct gate_sa sa[__GMGATE_SA_DIR_MAX];		/* by GMGATE_SA_DIR_* */
	uint64_t drops[__GMGATE_DROP_MAX];		/* by GMGATE_DROP_* */
	bool heard;		/* a packet of the UE has been verified */
	uint64_t idle_ms;	/* since then, when heard */
};

/* Keys of a set, for who has to decrypt a capture. */
struct gate_keys {
	uint32_t id;
	struct addr addr;	/* of the endpoint */
	struct addr ue;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	struct suite suite;
	uint8_t ik_esp[GMGATE_MAX_KEY];
	size_t ik_len;
	uint8_t ck_esp[GMGATE_MAX_KEY];
	size_t ck_len;
	uint8_t salt[4];
	size_t salt_len;
};

enum gate_change_what {
	GATE_CHANGE_STATE	= 1,
	GATE_CHANGE_EXPIRES	= 2,
	GATE_CHANGE_COOKIE	= 4,
};

struct gate_change {
	unsigned int what;	/* GATE_CHANGE_*, or-ed */
	uint32_t state;
	uint64_t expires_ms;
	uint64_t cookie;
};

/* What a list of sets is limited to. */
struct gate_filter {
	uint32_t endpoint;	/* 0: of any */
	struct addr ue;		/* family 0: of any */
};

struct gate_stats {
	uint64_t counter[__GMGATE_COUNTER_MAX];
	uint64_t drop[__GMGATE_DROP_MAX];
};

struct gate_event {
	uint32_t event;		/* GMGATE_EVENT_* */
	uint32_t set;		/* 0: of no set */
	uint32_t endpoint;
	uint32_t instance;
	uint64_t cookie;
	uint32_t spi;
	struct addr addr;	/* source of the packet, family 0: none */
};

/* NULL with @err when there is no module or no permission. */
struct gate *gate_open(struct gate_error *err);
void gate_close(struct gate *g);

/*
 * From now on each request about sets names this instance, and the kernel
 * refuses those about endpoints of others (EPERM) and lists its sets only.  0,
 * as at first: names none.
 */
void gate_as(struct gate *g, uint32_t instance);

int gate_caps_get(struct gate *g, struct gate_caps *caps, struct gate_error *err);

/*
 * -EEXIST: the address and port are declared already, perhaps by an earlier
 * life of this agent; gate_endpoint_list() tells.  With an id the endpoint takes
 * the place of that one, whose sets are deleted, without a moment in which the
 * ports of both are open.
 */
int gate_endpoint_add(struct gate *g, const struct gate_endpoint *e, uint32_t *id,
		      struct gate_error *err);

/* @instance has to be the owner's. */
int gate_endpoint_del(struct gate *g, uint32_t id, uint32_t instance,
		      struct gate_error *err);

/* Only GMGATE_ENDPOINT_FLAGS_KEY_EXPORT of the flags can differ from what they are. */
int gate_endpoint_change(struct gate *g, uint32_t id, uint32_t instance, uint32_t flags,
			 struct gate_error *err);

/*
 * The lists are complete when the first callback comes: an interrupted dump is
 * begun again before anything is handed out.  A callback may use @g.  A
 * non-zero return ends the list and becomes its result.
 */
typedef int gate_endpoint_fn(const struct gate_endpoint *e, void *arg);
typedef int gate_set_fn(const struct gate_set *s, void *arg);

/* @instance 0: of all instances. */
int gate_endpoint_list(struct gate *g, uint32_t instance, gate_endpoint_fn *fn,
		       void *arg, struct gate_error *err);
int gate_endpoint_get(struct gate *g, uint32_t id, struct gate_endpoint *e,
		      struct gate_error *err);

/*
 * All four SAs or none.  The message that carried the keys is wiped before the
 * function returns; the keys behind the pointers are the caller's to wipe.
 */
int gate_set_add(struct gate *g, const struct gate_set_new *n, uint32_t *id,
		 struct gate_error *err);
int gate_set_change(struct gate *g, uint32_t id, const struct gate_change *c,
		    struct gate_error *err);
int gate_set_del(struct gate *g, uint32_t id, struct gate_error *err);

/* Deletes every set of an endpoint. */
int gate_set_flush(struct gate *g, uint32_t endpoint, struct gate_error *err);

int gate_set_get(struct gate *g, uint32_t id, struct gate_set *s, struct gate_error *err);

/*
 * -EACCES: the module or the endpoint lets no keys out; -ENOKEY: the set was
 * installed while that was so.  @k is the caller's to wipe; nothing else of the
 * answer is left.
 */
int gate_key_get(struct gate *g, uint32_t id, struct gate_keys *k, struct gate_error *err);

/* @f NULL: all sets of the namespace, or of the instance (gate_as()). */
int gate_set_list(struct gate *g, const struct gate_filter *f, gate_set_fn *fn, void *arg,
		  struct gate_error *err);

int gate_stats_get(struct gate *g, struct gate_stats *s, struct gate_error *err);

/* @e NULL: the kernel had more events than fit; dump to learn what happened. */
typedef void gate_event_fn(const struct gate_event *e, void *arg);

/*
 * Subscribes, on a socket of its own; once per gate.  Returns a descriptor to
 * poll for reading or a negative errno.  It is closed by gate_close().
 */
int gate_events_open(struct gate *g, gate_event_fn *fn, void *arg, struct gate_error *err);

/*
 * Calls @fn for what is there, without waiting and not without end; what is
 * left keeps the descriptor readable.  @fn may not close @g.
 */
int gate_events_read(struct gate *g);

#endif
