/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _JSON_H
#define _JSON_H

#include "octets.h"

/* Members of an object or elements of an array, each with the comma it needs. */
void json_open(struct octets *o, const char *name, char bracket);	/* '{' or '[' */
void json_close(struct octets *o, char bracket);			/* '}' or ']' */
void json_string(struct octets *o, const char *name, struct str value);
void json_text(struct octets *o, const char *name, const char *value);
/* The same of UTF-8, which is kept. */
void json_utf8(struct octets *o, const char *name, const char *value);
void json_number(struct octets *o, const char *name, unsigned long long value);
void json_bool(struct octets *o, const char *name, bool value);

#endif
