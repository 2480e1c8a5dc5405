/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PCO_NAMES_H
#define _PCO_NAMES_H

#include "pco.h"

/* What the contents of a unit are. */
enum pco_kind {
	PCO_RESERVED,	/* not for this direction */
	PCO_EMPTY,	/* its presence says it */
	PCO_OPAQUE,	/* octets that are not taken apart here */
	PCO_IPV4,
	PCO_IPV6,
	PCO_U8,		/* with values[] where they have names */
	PCO_U16,
	PCO_TEXT,
	PCO_SNSSAI,
	PCO_AMBR,
	PCO_PPP,	/* a frame of the PPP protocol of that number */
};

enum {
	PCO_PCSCF_IPV6	= 0x0001,
	PCO_PCSCF_IPV4	= 0x000c,
	PCO_IPCP	= 0x8021,
	PCO_LCP		= 0xc021,
	PCO_PAP		= 0xc023,
	PCO_CHAP	= 0xc223,
};

#define PCO_VALUES 3

struct pco_name {
	uint16_t id;
	const char *word;		/* of gmctl's command line and output */
	struct {
		enum pco_kind kind;
		bool wide;		/* two octets of length */
		const char *values[PCO_VALUES];
	} sides[2];			/* by enum pco_from */
};

/* NULL: not known. */
const struct pco_name *pco_name_of(uint16_t id);
const struct pco_name *pco_name_by_word(const char *word, size_t n);

/* All of them in order of their identifiers, until NULL. */
const struct pco_name *pco_name_at(unsigned int i);

/* "0xff00" to "0xffff" are an operator's own. */
static inline bool pco_is_operators(uint16_t id)
{
	return id >= 0xff00;
}

#endif
