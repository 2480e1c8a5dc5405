// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_ladder_read - out of the agent's trace file what belongs to a UE or a call.
//
// The file is read up to three times: for the UE's addresses, for its Call-IDs, and
// for what is drawn, so that of a long file no more than that is in memory.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
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
	char last[LADDER_NAME];		/* the peer of the last message, where it was kept */
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

static bool is_mw(const struct ctl_json *e)
{
	return !strcmp(ctl_json_text(e, "side"), "mw");
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

/* Of "192.0.2.1:5060" or "[2001:db8::1]:5060": without port and brackets. */
static const char *host_of(const struct ctl_json *e, const char *key, char out[LADDER_NAME])
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

static void note_remark(const struct ctl_json *e, char out[LADDER_TEXT])
{
	snprintf(out, LADDER_TEXT, "%s %s (%s): %s", ctl_json_text(e, "event"),
		 ctl_json_text(e, "rule"), ctl_json_text(e, "clause"), ctl_json_text(e, "text"));
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
	else if (ladder_is_protected(e))
		snprintf(out + n, LADDER_TEXT - (size_t)n, "  ESP  set %.12s",
			 ctl_json_text(e, "set"));
	else if (!is_mw(e))
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
	char host[LADDER_NAME];

	if (ladder_is_note(e) || is_mw(e))
		return false;
	host_of(e, "remote", host);
	if (is_host(r, host) || is_impi(r->wanted->who, ctl_json_text(e, "impi")))
		add(&r->hosts, host);
	return false;
}

/* Over Gm, from or to the UE; not what an IMPI does that shares its address. */
static bool is_of_ue(const struct reading *r, const struct ctl_json *e)
{
	const char *impi = ctl_json_text(e, "impi");
	char host[LADDER_NAME];

	if (ladder_is_note(e) || is_mw(e) || !has(&r->hosts, host_of(e, "remote", host)))
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
	if (*r->last && has_word(who, r->last))
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

static bool keep(struct reading *r, struct ctl_json *e)
{
	struct ladder *l = r->l;
	size_t at = (l->first + l->n) % l->room;

	if (ladder_is_note(e)) {
		if (!note_wanted(r, e))
			return false;
	} else {
		bool wanted = message_wanted(r, e);

		r->last[0] = 0;
		if (!wanted)
			return false;
		host_of(e, "remote", r->last);
	}
	if (l->n == l->room) {
		ctl_json_free(l->entries[at]);
		l->first = (l->first + 1) % l->room;
		l->left_out++;
	} else {
		l->n++;
	}
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

/* ---- participants ---- */

/* The lane of that name; added, before gmgate where it is a UE. */
static unsigned int lane_of(const struct ladder *l, enum ladder_kind kind, const char *name)
{
	unsigned int last = l->gate;

	for (unsigned int i = 0; i < l->n_lanes; i++) {
		if (l->lanes[i].kind != kind)
			continue;
		if (!strcmp(l->lanes[i].name, name))
			return i;
		last = i;
	}
	return last;
}

static void add_lane(struct ladder *l, enum ladder_kind kind, const char *name)
{
	unsigned int i = lane_of(l, kind, name), of_kind = 0;

	if (l->lanes[i].kind == kind && !strcmp(l->lanes[i].name, name))
		return;
	for (unsigned int k = 0; k < l->n_lanes; k++)
		of_kind += l->lanes[k].kind == kind;
	if (of_kind == (LADDER_LANES - 1) / 2) {
		snprintf(l->lanes[i].name, LADDER_NAME, "others");
		return;
	}
	i = l->n_lanes++;
	if (kind == LADDER_UE) {
		i = l->gate++;
		memmove(l->lanes + i + 1, l->lanes + i,
			(l->n_lanes - 1 - i) * sizeof(l->lanes[0]));
	}
	l->lanes[i].kind = kind;
	snprintf(l->lanes[i].name, LADDER_NAME, "%s", name);
}

static void find_lanes(struct ladder *l)
{
	char host[LADDER_NAME];

	l->lanes[0] = (struct ladder_lane){ .kind = LADDER_GATE };
	l->n_lanes = 1;
	for (size_t i = 0; i < l->n; i++) {
		const struct ctl_json *e = ladder_entry(l, i);

		if (ladder_is_note(e))
			continue;
		/* One address of ours is all there is room for. */
		if (!is_mw(e) && !*l->lanes[l->gate].name)
			host_of(e, "local", l->lanes[l->gate].name);
		add_lane(l, is_mw(e) ? LADDER_CORE : LADDER_UE, host_of(e, "remote", host));
	}
}

void ladder_ends(const struct ladder *l, const struct ctl_json *e, unsigned int *from,
		 unsigned int *to)
{
	char host[LADDER_NAME];
	unsigned int peer = lane_of(l, is_mw(e) ? LADDER_CORE : LADDER_UE,
				    host_of(e, "remote", host));
	bool in = !strcmp(ctl_json_text(e, "direction"), "in");

	*from = in ? peer : l->gate;
	*to = in ? l->gate : peer;
}

const struct ctl_json *ladder_entry(const struct ladder *l, size_t i)
{
	return l->entries[(l->first + i) % l->room];
}

int ladder_read(struct ladder *l, FILE *file, const struct ladder_wanted *w)
{
	struct reading r = { .l = l, .wanted = w };
	int ret = 0;

	l->entries = calloc(l->room, sizeof(*l->entries));
	if (!l->entries)
		return -ENOMEM;
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
	find_lanes(l);
	return ret;
}

void ladder_free(struct ladder *l)
{
	for (size_t i = 0; i < l->n; i++)
		ctl_json_free(l->entries[(l->first + i) % l->room]);
	free(l->entries);
}
