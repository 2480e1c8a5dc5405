// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_ladder_read - out of the lines of a trace what belongs to a UE or a call.
//
// The file is read up to three times: for the UE's addresses, for its Call-IDs, and
// for what is drawn, so that of a long file no more than that is in memory.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "capture_comment.h"
#include "ctl_ladder.h"
#include "hash.h"

#define LONGEST_LINE (1u << 20)
#define LAST_SECOND 253402300799u	/* of the year 9999 */
#define MOST_NAMES 65536u	/* addresses and Call-IDs of one UE */

struct name {
	UT_hash_handle hh;
	char text[];
};

struct names {
	struct name *all;
	unsigned int n;
	bool failed;
};

struct reading {
	struct ladder *l;
	const struct ladder_wanted *wanted;
	struct addr addr;		/* of wanted->who; family 0: it is none */
	struct names hosts, calls;
};

typedef bool stage_fn(struct reading *r, struct ctl_json *e);	/* true: keeps e */

/* ---- names ---- */

static bool has(const struct names *s, const char *text)
{
	struct name *n;

	HASH_FIND_STR(s->all, text, n);
	return n;
}

static void add(struct names *s, const char *text)
{
	size_t size = strlen(text) + 1;
	struct name *n;

	if (!*text || has(s, text) || s->n == MOST_NAMES)
		return;
	n = malloc(sizeof(*n) + size);
	if (!n) {
		s->failed = true;
		return;
	}
	memcpy(n->text, text, size);
	HASH_ADD_STR(s->all, text, n);
	s->n++;
}

static void forget(struct names *s)
{
	struct name *n, *next;

	HASH_ITER(hh, s->all, n, next) {
		HASH_DEL(s->all, n);
		free(n);
	}
}

/* ---- what an entry says ---- */

bool ladder_is_note(const struct ctl_json *e)
{
	return *ctl_json_text(e, "event");
}

bool ladder_is_protected(const struct ctl_json *e)
{
	return !strcmp(ctl_json_text(e, "side"), "gm-protected");
}

bool ladder_is_mw(const struct ctl_json *e)
{
	return !strcmp(ctl_json_text(e, "side"), "mw");
}

bool ladder_is_elsewhere(const struct ctl_json *e)
{
	return !strcmp(ctl_json_text(e, "side"), "elsewhere");
}

bool ladder_is_bad(const struct ctl_json *note)
{
	return *ctl_json_text(note, "rule") || !strcmp(ctl_json_text(note, "event"), "failed") ||
	       !strcmp(ctl_json_text(note, "event"), "lost");
}

uint64_t ladder_ms(const struct ctl_json *e)
{
	const char *text = ctl_json_text(e, "time");
	char *dot;
	uint64_t seconds = strtoull(text, &dot, 10), ms = seconds * 1000;

	if (seconds > LAST_SECOND)
		return 0;
	for (uint64_t digit = 100; digit && *dot++ && *dot >= '0' && *dot <= '9'; digit /= 10)
		ms += (uint64_t)(*dot - '0') * digit;
	return ms;
}

const char *ladder_host(const struct ctl_json *e, const char *key, char out[LADDER_NAME])
{
	const char *text = ctl_json_text(e, key), *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);

	if (n > 1 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	snprintf(out, LADDER_NAME, "%.*s", (int)(n < LADDER_NAME ? n : LADDER_NAME - 1), text);
	return out;
}

static const char *port_of(const struct ctl_json *e, const char *key)
{
	const char *colon = strrchr(ctl_json_text(e, key), ':');

	return colon ? colon + 1 : "?";
}

void ladder_label(const struct ctl_json *e, char out[LADDER_TEXT])
{
	const char *start = ctl_json_text(e, "start");
	bool answer = !strncmp(start, "SIP/2.0 ", 8);
	size_t n;

	/* Of a request the method is enough. */
	start += answer ? 8 : 0;
	n = answer ? strlen(start) : strcspn(start, " ");
	if (!n)
		snprintf(out, LADDER_TEXT, "(empty)");
	else
		snprintf(out, LADDER_TEXT, "%.*s", (int)(n < 40 ? n : 40), start);
}

void ladder_note_put(struct octets *o, const struct ctl_json *note)
{
	struct octets lost = { 0 };
	struct capture_note n = {
		.event = str_of(ctl_json_text(note, "event")),
		.rule = str_of(ctl_json_text(note, "rule")),
		.clause = str_of(ctl_json_text(note, "clause")),
		.text = str_of(ctl_json_text(note, "text")),
	};

	if (str_same(n.event, STR_LIT("lost"))) {
		octets_printf(&lost, "%s, they came too fast", ctl_json_text(note, "count"));
		n.text = octets_str(&lost);
	}
	capture_note_put(o, &n);
	octets_free(&lost);
}

static void note_remark(const struct ctl_json *e, char out[LADDER_TEXT])
{
	struct octets o = { 0 };

	ladder_note_put(&o, e);
	str_copy(octets_str(&o), out, LADDER_TEXT);
	octets_free(&o);
}

void ladder_remark(const struct ctl_json *e, char out[LADDER_TEXT])
{
	bool in = !strcmp(ctl_json_text(e, "direction"), "in");
	int n;

	if (ladder_is_note(e)) {
		note_remark(e, out);
		return;
	}
	n = snprintf(out, LADDER_TEXT, "%.40s  %.8s %.8s>%.8s", ctl_json_text(e, "cseq"),
		     ctl_json_text(e, "transport"), port_of(e, in ? "remote" : "local"),
		     port_of(e, in ? "local" : "remote"));
	if (*ctl_json_text(e, "sa"))
		snprintf(out + n, LADDER_TEXT - (size_t)n, "  %.8s 0x%08x  set %.12s",
			 ctl_json_text(e, "sa"), (unsigned int)ctl_json_number(e, "spi"),
			 ctl_json_text(e, "set"));
	else if (ladder_is_protected(e) && ctl_json_number(e, "set"))
		snprintf(out + n, LADDER_TEXT - (size_t)n, "  ESP  set %.12s",
			 ctl_json_text(e, "set"));
	else if (ladder_is_protected(e))
		snprintf(out + n, LADDER_TEXT - (size_t)n, "  ESP");
	else if (!ladder_is_mw(e) && !ladder_is_elsewhere(e))
		snprintf(out + n, LADDER_TEXT - (size_t)n, "  clear");
}

/* ---- which entries are wanted ---- */

static bool is_impi(const char *who, const char *impi)
{
	size_t n = strlen(who);

	return *impi && !strncasecmp(who, impi, n) && (!impi[n] || impi[n] == '@');
}

static bool is_host(const struct reading *r, const char *host)
{
	struct addr a;

	return r->addr.family && addr_parse(&a, host, 0) && addr_same_ip(&a, &r->addr);
}

static bool find_hosts(struct reading *r, struct ctl_json *e)
{
	static const char * const keys[] = { "remote", "local" };
	char host[LADDER_NAME];

	if (ladder_is_note(e) || ladder_is_mw(e))
		return false;
	/* Elsewhere either end may be a UE. */
	for (unsigned int i = 0; i < (ladder_is_elsewhere(e) ? 2 : 1); i++) {
		ladder_host(e, keys[i], host);
		if (is_host(r, host) || is_impi(r->wanted->who, ctl_json_text(e, "impi")))
			add(&r->hosts, host);
	}
	return false;
}

/* Over Gm, from or to the UE; not what an IMPI does that shares its address. */
static bool is_of_ue(const struct reading *r, const struct ctl_json *e)
{
	const char *impi = ctl_json_text(e, "impi");
	char host[LADDER_NAME];

	if (ladder_is_note(e) || ladder_is_mw(e))
		return false;
	if (!has(&r->hosts, ladder_host(e, "remote", host)) &&
	    !(ladder_is_elsewhere(e) && has(&r->hosts, ladder_host(e, "local", host))))
		return false;
	return r->addr.family || !*impi || is_impi(r->wanted->who, impi);
}

static bool find_calls(struct reading *r, struct ctl_json *e)
{
	if (is_of_ue(r, e))
		add(&r->calls, ctl_json_text(e, "call-id"));
	return false;
}

/* Is @part in @text, with nothing at its ends that would make it another name? */
static bool has_word(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (const char *p = text; n && (p = strstr(p, part)); p++)
		if ((p == text || strchr(" [", p[-1])) && strchr(" ]:@", p[n]))
			return true;
	return false;
}

/* A note tells of whom it is: IMPI and address, or the address alone. */
static bool note_wanted(const struct reading *r, const struct ctl_json *e)
{
	const char *who = ctl_json_text(e, "who");
	const struct name *n;

	if (!r->wanted->who && !r->wanted->call_id)
		return true;
	if (*r->l->last && has_word(who, r->l->last))
		return true;
	if (r->wanted->who && !r->addr.family)
		return has_word(who, r->wanted->who);
	for (n = r->hosts.all; n; n = n->hh.next)
		if (has_word(who, n->text))
			return true;
	return false;
}

static bool message_wanted(const struct reading *r, const struct ctl_json *e)
{
	const char *call = ctl_json_text(e, "call-id");

	if (r->wanted->call_id)
		return !strcmp(call, r->wanted->call_id);
	return !r->wanted->who || is_of_ue(r, e) || has(&r->calls, call);
}

/* The octets of a message, which gmctl trace -j has: nobody draws them. */
static void drop_message(struct ctl_json *e)
{
	struct ctl_json **at = &e->child, *m;

	while ((m = *at)) {
		if (m->key && !strcmp(m->key, "message")) {
			*at = m->next;
			m->next = NULL;
			ctl_json_free(m);
		} else {
			at = &m->next;
		}
	}
}

static bool keep(struct reading *r, struct ctl_json *e)
{
	struct ladder *l = r->l;
	size_t at = (l->first + l->n) % l->room;

	if (ladder_is_note(e)) {
		if (!note_wanted(r, e))
			return false;
	} else {
		bool wanted = message_wanted(r, e);

		r->l->last[0] = 0;
		if (!wanted)
			return false;
		ladder_host(e, "remote", r->l->last);
	}
	if (l->n == l->room) {
		ctl_json_free(l->entries[at]);
		l->first = (l->first + 1) % l->room;
		l->left_out++;
	} else {
		l->n++;
	}
	drop_message(e);
	l->entries[at] = e;
	return true;
}

/* ---- the file ---- */

/* A line without its end; 0: one that is too long, was passed over; -1: no more. */
static int next_line(FILE *file, char *line, size_t *n)
{
	int c;

	if (!fgets(line, LONGEST_LINE, file))
		return -1;
	*n = strlen(line);
	if (*n && line[*n - 1] == '\n')
		return 1;
	/* Cut off: the agent is still writing it, or it is too long. */
	while ((c = getc(file)) != EOF && c != '\n')
		;
	return c == EOF ? -1 : 0;
}

static int read_file(struct reading *r, FILE *file, stage_fn *stage)
{
	char *line = malloc(LONGEST_LINE);
	struct ctl_json *e;
	size_t n;
	int got;

	if (!line)
		return -ENOMEM;
	r->l->unreadable = 0;
	while ((got = next_line(file, line, &n)) >= 0) {
		e = got ? ctl_json_parse(line, n) : NULL;
		if (!e || e->type != CTL_JSON_OBJECT || !*ctl_json_text(e, "time")) {
			r->l->unreadable++;
			ctl_json_free(e);
		} else if (!stage(r, e)) {
			ctl_json_free(e);
		}
	}
	free(line);
	if (r->hosts.failed || r->calls.failed)
		return -ENOMEM;
	return ferror(file) ? -EIO : 0;
}

static int read_again(struct reading *r, FILE *file, stage_fn *stage)
{
	int ret = read_file(r, file, stage);

	if (ret)
		return ret;
	clearerr(file);
	return fseek(file, 0, SEEK_SET) ? -errno : 0;
}

const struct ctl_json *ladder_entry(const struct ladder *l, size_t i)
{
	return l->entries[(l->first + i) % l->room];
}

int ladder_begin(struct ladder *l)
{
	l->entries = calloc(l->room, sizeof(*l->entries));
	return l->entries ? 0 : -ENOMEM;
}

const struct ctl_json *ladder_take(struct ladder *l, const char *line, size_t n,
				   const struct ladder_wanted *w)
{
	struct reading r = { .l = l, .wanted = w };
	struct ctl_json *e = ctl_json_parse(line, n);

	if (e && e->type == CTL_JSON_OBJECT && keep(&r, e))
		return e;
	ctl_json_free(e);
	return NULL;
}

int ladder_read(struct ladder *l, FILE *file, const struct ladder_wanted *w)
{
	struct reading r = { .l = l, .wanted = w };
	int ret = ladder_begin(l);

	if (ret)
		return ret;
	if (w->who) {
		addr_parse(&r.addr, w->who, 0);
		ret = read_again(&r, file, find_hosts);
		if (!ret)
			ret = read_again(&r, file, find_calls);
	}
	if (!ret)
		ret = read_file(&r, file, keep);
	forget(&r.hosts);
	forget(&r.calls);
	ladder_find_lanes(l);
	return ret;
}

void ladder_free(struct ladder *l)
{
	for (size_t i = 0; i < l->n; i++)
		ctl_json_free(l->entries[(l->first + i) % l->room]);
	free(l->entries);
	l->entries = NULL;
	l->n = 0;
}
