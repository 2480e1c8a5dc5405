/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_PCO_H
#define _CTL_PCO_H

#include "ctl.h"
#include "pco.h"

/* What the words before the octets or containers say. */
struct ctl_pco_words {
	bool json;
	bool guess;		/* no side was named */
	enum pco_form form;
	enum pco_from from;
};

/**
 * ctl_pco_words - read "as FORM", "from SIDE" and -j
 * @at: in: the first word; out: the first that is none of these
 *
 * Return: 0, or CTL_USAGE after an error was printed.
 */
int ctl_pco_words(struct ctl_pco_words *words, const struct ctl *ctl, int argc, char **argv,
		  int *at);

/* All of standard input. False after an error was printed. */
bool ctl_pco_stdin(struct octets *text);

const char *ctl_pco_side(enum pco_from from);
bool ctl_pco_parse_side(const char *text, enum pco_from *from);

ctl_fn ctl_pco_decode, ctl_pco_encode;

#endif
