/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_H
#define _CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate.h"

/*
 * gmctl: one ctl_<subcommand>.c for each subcommand, and what they share:
 * ctl_words.c reads the command line, ctl_out.c writes JSON, ctl_text.c words
 * for people, ctl_reply.c asks the agent.
 */
#define CTL_CONTROL "/run/gmgate/control.sock"

struct ctl {
	bool json;
	const char *control;	/* the agent's socket */
	uint32_t instance;	/* whose sets are meant, 0: anybody's */
};

/* Exit status of gmctl. */
enum {
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
};

/* argv[0] is the subcommand's own name. */
typedef int ctl_fn(const struct ctl *ctl, int argc, char **argv);

ctl_fn ctl_caps, ctl_endpoint, ctl_monitor, ctl_set, ctl_stats, ctl_status, ctl_ue;
ctl_fn ctl_pco, ctl_pcscf_discovery;
ctl_fn ctl_set_add, ctl_set_load;

/* One line on standard error; returns CTL_FAILED or CTL_USAGE. */
int ctl_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int ctl_bad_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int ctl_gate_error(const struct gate_error *err);

/* NULL after an error was printed. */
struct gate *ctl_gate(const struct ctl *ctl);

/* -h, --help or help */
bool ctl_wants_help(int argc, char **argv);

/* Picks the verb argv[1] names. @help is printed for -h, and named otherwise. */
struct ctl_verb {
	const char *name;
	ctl_fn *fn;
};

int ctl_verb_run(const struct ctl_verb *verbs, const char *help, const struct ctl *ctl,
		 int argc, char **argv);

/* ---- ctl_words.c ---- */

/*
 * A word pair of the command line, "port-uc 5000" or "port-uc=5000".  @parse
 * gets the value and the member at @at, and returns false when the value is
 * not @what.  A flag stands alone; its parse gets NULL.
 */
struct ctl_field {
	const char *name;
	bool (*parse)(const char *text, void *out);
	size_t at;
	const char *what;
	enum {
		CTL_NEEDED,
		CTL_OPTIONAL,
		CTL_FLAG,
	} kind;
};

/**
 * ctl_words_read - read pairs into a struct
 * @fields: ended by a NULL name
 * @seen: may be NULL; bit n is set when fields[n] was given
 *
 * Return: 0, or CTL_USAGE after an error was printed.
 */
int ctl_words_read(const struct ctl_field *fields, void *out, int argc, char **argv,
		   uint32_t *seen);

/* Parsers for struct ctl_field; numbers are decimal or 0x. */
bool ctl_parse_port(const char *text, void *uint16);
bool ctl_parse_id(const char *text, void *uint32);	/* from 1 */
bool ctl_parse_u32(const char *text, void *uint32);
bool ctl_parse_spi(const char *text, void *uint32);	/* from 256 */
bool ctl_parse_u64(const char *text, void *uint64);
bool ctl_parse_seconds(const char *text, void *uint64_ms);	/* "10", "0.25" */
bool ctl_parse_addr(const char *text, void *addr);
bool ctl_parse_state(const char *text, void *uint32);
bool ctl_parse_alg(const char *text, void *uint32);
bool ctl_parse_ealg(const char *text, void *uint32);

/* ---- ctl_out.c: JSON to standard output, one document at a time ---- */

/* @key NULL: in an array or on its own. */
void ctl_out_open(const char *key, char bracket);	/* '{' or '[' */
void ctl_out_close(char bracket);			/* '}' or ']' */
/*
 * A document that is one list, {"key":[...]}: before each item, and at the end.
 * Nothing is printed before the first, so that an error leaves no half document.
 */
void ctl_out_list_item(const char *key);
void ctl_out_list_end(const char *key);

void ctl_out_text(const char *key, const char *value);
void ctl_out_number(const char *key, uint64_t value);
void ctl_out_bool(const char *key, bool value);
void ctl_out_null(const char *key);
void ctl_out_addr(const char *key, const struct addr *a);
void ctl_out_hex(const char *key, uint64_t value);	/* "0x1f", as text */

/* ---- ctl_text.c: for people ---- */

#define CTL_TEXT 64

/* "" for no address. */
const char *ctl_text_addr(const struct addr *a, char out[CTL_TEXT]);

/* "12 s", "3 min 5 s", "2 d 4 h" */
const char *ctl_text_span(uint64_t ms, char out[CTL_TEXT]);

/* "hmac-sha-1-96/aes-cbc" */
const char *ctl_text_suite(struct suite s, char out[CTL_TEXT]);

/* ---- ctl_reply.c ---- */

/* Sends a line to the agent and prints what it answers. */
int ctl_reply(const struct ctl *ctl, const char *line);

/* The same as a tree, the caller's to free; NULL after an error was printed. */
struct ctl_json *ctl_reply_tree(const struct ctl *ctl, const char *line);

#endif
