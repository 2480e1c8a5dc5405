/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PCO_VALUE_H
#define _PCO_VALUE_H

#include "addr.h"
#include "pco.h"
#include "pco_names.h"

/* What is to be said about a unit beside its contents. */
enum pco_verdict {
	PCO_GOOD,
	PCO_UNKNOWN,		/* such identifiers are skipped by length */
	PCO_OPERATORS,
	PCO_NOT_THIS_WAY,	/* reserved in this direction */
	PCO_WRONG_LENGTH,	/* not that of its kind: receivers ignore it */
	PCO_ZERO,		/* an address of zeros is none */
	PCO_VERDICTS,
};

/* NULL for PCO_GOOD. */
const char *pco_verdict_text(enum pco_verdict verdict);

enum pco_verdict pco_verdict(const struct pco_unit *unit, enum pco_from from);

/*
 * Appends the contents as words, nothing for what is empty, hexadecimal digits
 * for what is not taken apart.  Plain ASCII, whatever the contents are; no
 * password is shown.
 */
void pco_value_text(const struct pco_unit *unit, enum pco_from from, struct octets *out);

/* A frame of PCO_IPCP and the like (RFC 1661 5, RFC 1332, RFC 1334, RFC 1994). */
void pco_ppp_text(uint16_t protocol, struct str frame, struct octets *out);

void pco_value_hex(struct str contents, struct octets *out);

/* Appends the octets of hexadecimal digits. False: they are none, or one is half. */
bool pco_value_unhex(const char *text, struct octets *out);

/**
 * pco_value_parse - what pco_value_text() shows of plain values, back to contents
 * @text: NULL where there is none; hexadecimal digits for what is no plain value
 *
 * Return: false when @text is not pco_value_what().
 */
bool pco_value_parse(const struct pco_name *name, enum pco_from from, const char *text,
		     struct octets *out);

/* "an IPv4 address", for messages; "nothing" for what is empty. */
const char *pco_value_what(const struct pco_name *name, enum pco_from from);

/* A P-CSCF address that a UE takes from the network's answer. */
bool pco_value_pcscf(const struct pco_unit *unit, enum pco_from from, struct addr *a);

#endif
