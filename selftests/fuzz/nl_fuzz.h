/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl_fuzz: what its files share.
 *
 *	nl_table.c	made from the YAML spec: attributes, verbs, suites
 *	nl_message.c	messages of the spec: valid, nearly valid, garbage
 *	nl_world.c	what the kernel has handed out, and values that fit it
 *	nl_fuzz.c	sockets, answers, sums
 */
#ifndef _NL_FUZZ_H
#define _NL_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dice.h"
#include "esp_make.h"

enum fz_type { T_U8, T_U16, T_U32, T_U64, T_BINARY, T_NEST, T_PAD, T_FLAG };

/* min and max: of a number; max: octets of a binary. */
struct fz_attr {
	const char *name;
	uint16_t number;
	enum fz_type type;
	uint64_t min, max;
	int nest;
	bool multi;
};

struct fz_aset {
	const char *name;
	const struct fz_attr *attrs;
	unsigned int n;
};

/* The attributes of the request, ended by 0; n < 0: there is no such way. */
struct fz_op {
	const char *name;
	uint8_t cmd;
	unsigned int aset;
	const uint16_t *doit;
	int n_doit;
	const uint16_t *dumpit;
	int n_dumpit;
};

extern const struct fz_aset fz_asets[];
extern const struct fz_op fz_ops[];
extern const unsigned int fz_n_asets, fz_n_ops;

/* An attribute that is to be sent. */
#define FZ_VALUE 64
struct fz_value {
	uint16_t number, flags;		/* flags: NLA_F_* */
	uint16_t len, raw_len;		/* raw_len: what the header says, 0: the truth */
	uint8_t data[FZ_VALUE];
};

enum fz_kind { FZ_VALID, FZ_NEAR, FZ_GARBAGE, FZ_KINDS };

#define FZ_VALUES 48
struct fz_request {
	const struct fz_op *op;		/* NULL: the family has no such verb */
	enum fz_kind kind;
	bool dump;
	unsigned int n;
	struct fz_value values[FZ_VALUES];
	/* what the valid values of one message have to agree on, see nl_world.c */
	const struct fz_suite *suite;
	struct fz_endpoint *ep;
	uint32_t low;
	unsigned int choice;
	bool replaces;		/* endpoint-new: an id is named */
	uint16_t port[2];
};

#define FZ_MESSAGE 8192

/*
 * nl_message.c: write a message into @out, at most FZ_MESSAGE octets.
 * @last: nothing follows it in the datagram, so that its length may be wrong.
 * Return: its octets, padded.
 */
size_t fz_make(struct dice *d, enum fz_kind kind, uint16_t family, uint32_t seq, bool last,
	       uint8_t *out, struct fz_request *r);
const struct fz_op *fz_op_named(const char *name);

/* nl_world.c */
struct fz_endpoint {
	uint32_t id, instance;
	uint8_t addr[16];
	unsigned int addr_len;
	uint32_t spi_min, spi_max, flags;
	unsigned int n_ports;
	uint16_t ports[17];
};

/* Room beyond the many that are wanted: a datagram of requests may overshoot. */
#define FZ_WANTED_ENDPOINTS 24
#define FZ_ENDPOINTS 128
#define FZ_WANTED_SETS 400
#define FZ_SETS 512
struct fz_world {
	unsigned int n_endpoints, n_sets;
	struct fz_endpoint endpoints[FZ_ENDPOINTS];
	uint32_t sets[FZ_SETS];
};

extern struct fz_world *fz_world;	/* of the namespace that is asked now */

/* Which verb to try: none that would let the world grow without bound. */
const struct fz_op *fz_world_op(struct dice *d);
void fz_world_begin(struct dice *d, struct fz_request *r);
/*
 * A value that fits the world, for an attribute whose meaning is known here.
 * Return: octets; 0 to leave it out; -1: any value of its type will do.
 */
int fz_world_value(struct dice *d, struct fz_request *r, const struct fz_attr *a, uint8_t *out);
/* How often a repeated attribute comes. */
unsigned int fz_world_times(struct dice *d, struct fz_request *r, const struct fz_attr *a);
void fz_world_accepted(const struct fz_request *r, uint32_t id);
void fz_world_gone(const struct fz_request *r);	/* the kernel does not know the id */

#endif
