/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_PARAM_H
#define _SIP_PARAM_H

#include "octets.h"

/*
 * The small grammar that header values share: lists split at commas, and
 * name=value parameters split at ';' (or at ',' in credentials and
 * challenges). Blanks and folds around separators are skipped; separators
 * inside quoted strings and <> are not separators. All parts point into the
 * text, so that it can be edited in place.
 */
struct sip_param {
	struct str whole;	/* name to end of value, trimmed */
	struct str name;
	struct str value;	/* without quotes; p == NULL: no '=' */
};

/*
 * Takes the part of *@rest before the next @separator at top level, trimmed.
 * *@rest moves behind that separator. False at the end; an empty part is
 * returned as such. An unterminated quote or '<' takes the rest.
 */
bool sip_param_split(struct str *rest, char separator, struct str *part);

/* The next parameter; empty parts are skipped. */
bool sip_param_next(struct str *rest, char separator, struct sip_param *param);

/* The first parameter called @name in "a=b;c;d=e". */
bool sip_param_find(struct str params, char separator, struct str name,
		    struct sip_param *param);

/* False for an unterminated quoted string or '<'. */
bool sip_param_balanced(struct str text);

#endif
