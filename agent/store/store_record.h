/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _STORE_RECORD_H
#define _STORE_RECORD_H

#include "flow.h"
#include "record.h"
#include "set.h"

/*
 * What is stored of whom, as values (gm-security 5 "Minimum record", without
 * the keys and sequence numbers, which only the kernel has).  Pure: texts
 * point into the octets they were read from.
 *
 * Times are nanoseconds of boot time (clock_to_boot()).
 *
 * To store something else: a letter in enum store_type, a struct and a pair of
 * functions like store_spi_write() and _read() in a file of its own, a row in
 * restart.c:restorers.  To store more of a UE: a tag in store_record.c.
 */
enum store_type {
	STORE_HEAD = 'H',	/* key: none; whose store it is */
	STORE_SPI = 'S',	/* key: the SPI; in quarantine */
	STORE_UE = 'U',		/* key: the Path token */
	STORE_DIALOG = 'D',	/* key: its token; store_dialog.h */
	STORE_INVITE = 'I',	/* key: one of its own; store_invite.h */
};

#define STORE_SETS 16
#define STORE_BINDINGS 64
#define STORE_TOKEN 32

struct store_head {
	uint8_t boot[16];	/* of the kernel, with which the SAs die */
	uint32_t instance;
};

void store_head_write(struct octets *o, const struct store_head *h);
/* Why it is none of ours, or NULL. */
const char *store_head_read(struct str value, struct store_head *h);

struct store_binding {
	struct str aor, contact, associated;
	uint64_t ends;
	bool emergency;
};

struct store_set {
	uint32_t id;
	uint64_t cookie;
	enum set_state state;
	struct addr local;		/* port 0 */
	uint16_t port_uc, port_us, port_pc, port_ps;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	struct suite suite;
	uint32_t origin;
	uint64_t ends;
	struct str client, server;	/* Security-Client, Security-Server */
};

struct store_ue {
	struct str token;		/* the key */
	struct str impi;
	struct addr addr;		/* port 0 */
	bool emergency;
	bool plain;			/* without SAs, then: */
	struct flow place;		/* tcp, local and remote of it; no connection */
	struct str service_route;
	uint32_t in_use;		/* id of a set, 0: none */
	unsigned int n_bindings, n_sets;
	struct store_binding bindings[STORE_BINDINGS];
	struct store_set sets[STORE_SETS];
};

/* Without the token. */
void store_ue_write(struct octets *o, const struct store_ue *ue);
/* Why it is no UE, or NULL: then everything in @ue holds what is said above. */
const char *store_ue_read(struct str token, struct str value, struct store_ue *ue);

/* The key and value of an SPI that is not to be used before @free_at. */
void store_spi_key(uint32_t spi, char key[4]);
void store_spi_write(struct octets *o, uint64_t free_at);
const char *store_spi_read(struct str key, struct str value, uint32_t *spi, uint64_t *free_at);

#endif
