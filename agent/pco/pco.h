/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PCO_H
#define _PCO_H

#include "octets.h"

/*
 * Protocol configuration options, with which a network tells a UE its P-CSCF
 * (TS 24.008 10.5.6.3), and the extended ones (10.5.6.3A): pure, octets in and
 * octets out.  Nothing is copied: what is read points into the caller's octets.
 */
enum pco_from {
	PCO_FROM_MS,
	PCO_FROM_NETWORK,
};

/* What stands before the value. */
enum pco_form {
	PCO_AUTO,	/* for pco_open() only: told by the first octet */
	PCO_VALUE,	/* nothing: the configuration protocol octet comes first */
	PCO_NAS,	/* IEI 0x27, one octet of length */
	PCO_NAS_EPCO,	/* IEI 0x7B, two octets of length */
	PCO_GTP1,	/* GTPv1-C (TS 29.060): type 132, two octets of length */
	PCO_GTP2,	/* GTPv2-C (TS 29.274): type 78, length, instance */
	PCO_GTP2_APCO,	/* type 163 */
	PCO_GTP2_EPCO,	/* type 197 */
	PCO_FORMS,
};

/* "value", "pco", "epco", "gtpv1-pco", ... */
const char *pco_form_name(enum pco_form form);
bool pco_form_parse(const char *name, enum pco_form *form);

/* The configuration protocol octet: extension bit, PPP for IP. */
#define PCO_PPP_FOR_IP 0x80

/* What is wrong, and the octet it begins at, counted from 0. */
struct pco_error {
	size_t at;
	char what[112];
};

/* A protocol of list 1 or a container of list 2. */
struct pco_unit {
	uint16_t id;
	size_t at;		/* of its identifier, from the first octet of all */
	struct str contents;
};

struct pco {
	enum pco_form form;
	enum pco_from from;
	uint8_t protocol;	/* the configuration protocol octet */
	uint8_t instance;	/* of GTPv2-C, with the spare bits before it */
	struct str octets;	/* all that was given */
	size_t at, end;		/* of the next unit; of the element */
};

/**
 * pco_open - begin to read an element
 * @octets: have to stay where they are while @p is in use
 * @form: PCO_AUTO unless it is known
 * @from: decides the width of some lengths
 *
 * What follows the element is not looked at: pco_trailing().
 *
 * Return: false when there is no whole head, or its length is beyond the end.
 */
bool pco_open(struct pco *p, struct str octets, enum pco_form form, enum pco_from from,
	      struct pco_error *err);

/**
 * pco_next - the next unit, whatever list it belongs to
 *
 * Identifiers are not judged.  After an error there is no way to go on: where the
 * next unit begins is not known, and a UE ignores all of the element.
 *
 * Return: 1, 0 at the end, -1 with @err for a unit that is cut off.
 */
int pco_next(struct pco *p, struct pco_unit *unit, struct pco_error *err);

/* What follows the element; empty when nothing does. */
struct str pco_trailing(const struct pco *p);

/**
 * pco_from_guess - who has sent an element that can be read from both sides
 *
 * A request for an address is empty, an address is not; a Configure-Request is
 * the MS's.  The first of these decides; without any it is the network.
 */
enum pco_from pco_from_guess(struct str octets, enum pco_form form);

/* Whether the contents' length has two octets. */
bool pco_is_wide(uint16_t id, enum pco_from from);

/* An element being written; all members are pco_begin()'s and pco_end()'s. */
struct pco_writer {
	struct octets *out;
	enum pco_form form;
	enum pco_from from;
	size_t start;
};

/**
 * pco_begin - append the head of an element to @out
 * @form: not PCO_AUTO
 * @instance: for GTPv2-C, otherwise ignored
 */
void pco_begin(struct pco_writer *w, struct octets *out, enum pco_form form,
	       enum pco_from from, uint8_t protocol, uint8_t instance);

/* False: @contents are longer than their length can say; nothing was put. */
bool pco_put(struct pco_writer *w, uint16_t id, struct str contents);

/* Fills in the length. False: the element is longer than its form may be. */
bool pco_end(struct pco_writer *w);

/* The longest value of a form, in octets. */
size_t pco_longest(enum pco_form form);

#endif
