/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_H
#define _CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "gate.h"

/*
 * gmctl: one ctl_<subcommand>.c for each subcommand, and what they share:
 * ctl_words.c reads the command line, ctl_out.c writes JSON, ctl_text.c words
 * for people, ctl_agent.c (with a header of its own) asks the agent.
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

/*
 * The table of subcommands: gmctl -h, the completion of a shell and the tests go
 * by it.  @words: each text is a verb and the words that may follow it, with
 * blanks between; "-" for the verb where there is none.
 */
struct ctl_command {
	const char *name;
	ctl_fn *fn;
	const char *help;
	const char *words[8];
};

extern const struct ctl_command ctl_commands[];		/* ends with a NULL name */

ctl_fn ctl_caps, ctl_completion, ctl_config, ctl_deregister, ctl_drain, ctl_endpoint, ctl_ladder, ctl_log,
       ctl_monitor, ctl_pco, ctl_pcscf_discovery, ctl_reload, ctl_set, ctl_stats, ctl_status, ctl_top,
       ctl_trace, ctl_ue, ctl_undrain, ctl_watch, ctl_wireshark;
ctl_fn ctl_set_add, ctl_set_load;

/* ctl_completion.c: writes the script for bash. */
void ctl_completion_bash(FILE *to);

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

/* A document of the agent as it is, of @n octets. */
void ctl_out_raw(const char *text, size_t n);
/* An object of the agent's, not closed yet, so that more members can follow. */
void ctl_out_reopen(const char *text, size_t n);

void ctl_out_text(const char *key, const char *value);
void ctl_out_number(const char *key, uint64_t value);
void ctl_out_tenths(const char *key, uint64_t tenths);	/* 1.5 */
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

/* ---- ctl_event.c ---- */

/* An event of the kernel, NULL: some were lost. @from: its member "from"; NULL: without. */
void ctl_event_print(const struct ctl *ctl, const struct gate_event *e, const char *from);

/* "12:00:00.000", of ms since 1970. */
const char *ctl_text_when(uint64_t ms, char out[CTL_TEXT]);
uint64_t ctl_wall_ms(void);

/* ---- ctl_until.c: when what goes on by itself ends ---- */

struct ctl_until {
	uint64_t count, ms;		/* 0: no such end */
	uint64_t interval_ms;
};

/*
 * Takes -n COUNT and -t SECONDS, and for a letter of @more SECONDS of interval, out
 * of the words. CTL_OK, or CTL_USAGE after an error was printed.
 */
int ctl_until_read(struct ctl_until *u, const char *more, int *argc, char **argv);
bool ctl_until_over(const struct ctl_until *u, uint64_t n, uint64_t ms);

/*
 * From now on a ^C, or SIGTERM, is one more end: what goes on until then has done what it
 * was asked to, writes what it has, and its status is 0.  The second one kills.
 */
void ctl_until_interrupted(void);

bool ctl_until_is_interrupted(void);

/* poll(2) that such an end does not slip past: -1 and EINTR then, at once. */
struct pollfd;
int ctl_until_poll(struct pollfd *p, unsigned int n, int ms);

/* False: nobody reads our output any more, or it is the end. */
bool ctl_until_sleep(uint64_t ms);

uint64_t ctl_now_ms(void);		/* monotonic */

/* ---- ctl_colour.c ---- */

enum ctl_paint {
	CTL_PLAIN,		/* ends any other */
	CTL_BOLD,
	CTL_FAINT,
	CTL_GOOD,
	CTL_WARN,
	CTL_BAD,
};

/* @when: auto, always or never. False: none of them. */
bool ctl_colour_choose(const char *when);

/* What begins a colour on this terminal; "" where there are none. */
const char *ctl_paint(enum ctl_paint p);

/* ---- ctl_advice.c ---- */

/* What to do about a GMGATE_DROP_*; "" for one of a newer kernel. */
const char *ctl_advice(uint32_t drop);

/* ---- ctl_set.c ---- */

/* A set as a JSON object; in words, its SAs and drops only, each line behind @indent. */
void ctl_set_json(const struct gate_set *s);
void ctl_set_sas(const struct gate_set *s, const char *indent);

#endif
