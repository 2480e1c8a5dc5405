/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SECAGREE_H
#define _SECAGREE_H

#include "sip_msg.h"
#include "suite.h"

/*
 * Security-Client, -Server and -Verify: RFC 3329 with TS 33.203 Annex H.
 * Text in, structures out; nothing is allocated, the entries point into the
 * text they were read from.
 */

#define SECAGREE_ENTRIES 32	/* more make a list malformed */

/* One entry, that is one offer, taken as a unit. */
struct secagree_entry {
	struct str text;
	struct str mechanism;
	struct str alg_name, ealg_name;	/* as written; none: p == NULL */
	struct suite suite;
	uint32_t spi_c, spi_s;
	uint16_t port_c, port_s;
	uint16_t q;			/* thousandths */
	bool has_q;
	const char *unusable;		/* why it is no offer for Gm; NULL: it is one */
};

struct secagree_list {
	struct secagree_entry entries[SECAGREE_ENTRIES];
	unsigned int n;
	const char *malformed;		/* why it is no list at all (400); else NULL */
};

/**
 * secagree_parse - read the joined values of all lines of one of the headers
 * @text: such as sip_msg_join() makes; must outlive @list
 *
 * Return: false when the list is malformed. An empty text is a list of none.
 */
bool secagree_parse(struct str text, struct secagree_list *list);

/**
 * secagree_same_offer - is this the Security-Client of before?
 *
 * TS 33.203 7.2: unchanged in the REGISTER that answers. Compared by meaning:
 * same entries in the same order, same parameters in any order, spelling and
 * spacing; what equals its default may be left out.
 */
bool secagree_same_offer(struct str before, struct str now);

/**
 * secagree_verify - does a Security-Verify repeat our Security-Server?
 *
 * As secagree_same_offer(), except that q may be left out, as Samsung and
 * others do. Every entry sent must come back, and no other.
 */
bool secagree_verify(struct str sent, struct str verify);

/**
 * secagree_choose - pick one offer
 * @offers: the UE's list
 * @policy: our suites, most wanted first
 * @why: gets the reason when nothing fits, naming what was offered; may be NULL
 *
 * The first suite of @policy that a usable entry has; among several entries of
 * that suite the one of highest q, then the first (TS 33.203 7.2). SPIs and
 * ports are those of that entry, never mixed.
 */
const struct secagree_entry *secagree_choose(const struct secagree_list *offers,
					     const struct suite *policy, size_t n_policy,
					     struct octets *why);

/* Our half of a set. */
struct secagree_server {
	struct suite suite;
	uint32_t spi_c, spi_s;		/* spi_pc, spi_ps */
	uint16_t port_c, port_s;	/* port_pc, port_ps */
};

/* Value of Security-Server in a 401: one entry, so that the UE cannot differ. */
void secagree_format_server(struct octets *out, const struct secagree_server *server);

/*
 * Value of Security-Server in a 421 or 494 (RFC 3329 2.3.1): our suites with
 * falling q, without SPIs and ports since no SA is behind them.
 */
void secagree_format_policy(struct octets *out, const struct suite *policy, size_t n_policy);

/* sec-agree among the tags of Require or Proxy-Require, or of Supported. */
bool secagree_required(const struct sip_msg *msg);
bool secagree_supported(const struct sip_msg *msg);

/*
 * Edits: nothing of the agreement goes to the core (RFC 3329 2.3.1): removes
 * Security-Client, -Verify, -Server and the tag in Require and Proxy-Require.
 */
void secagree_strip(struct sip_msg *msg);

#endif
