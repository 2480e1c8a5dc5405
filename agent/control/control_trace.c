// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmctl trace: the messages of one UE as they pass, on both sides, whole, with what was
 * refused and why.
 *
 * A phone that is not registered is followed too: by its address, or by the identities in
 * what it sends. From there on the Call-ID leads, so that what the core has of it is
 * there. ck and ik have been cut before (sip.c); the tokens by which the core knows UEs
 * and dialogs are made unreadable. Nothing is kept for who does not read: it is told how
 * much it has missed.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "control_answer.h"
#include "control_match.h"
#include "dialog.h"
#include "hash.h"
#include "json.h"
#include "log.h"
#include "notice.h"
#include "plain.h"
#include "registrar.h"
#include "sip_peek.h"
#include "sip_uri.h"
#include "store_record.h"
#include "trace.h"

#define MAX_TRACERS 4
#define CALLS 256		/* Call-IDs that are followed at a time */

struct tracer {
	struct control_answer *answer;
	struct control_match match;	/* who: NULL: all of them */
	struct addr addr;		/* family 0: @match.who is no address */
	char *bare;			/* it without its asterisks, for notices */
	bool part;			/* it had some, so @bare may stand within a word */
	uint64_t calls[CALLS];		/* hashes; a ring, the next at @at */
	unsigned int at;
	char last[ADDR_TEXT];		/* the peer of the last message, if that was wanted */
	unsigned long missed;
	struct tracer *prev, *next;
};

static struct tracer *tracers;
static unsigned int n_tracers;

/* --- which of them --- */

static bool follows(const struct tracer *t, uint64_t call)
{
	for (unsigned int i = 0; call && i < CALLS; i++)
		if (t->calls[i] == call)
			return true;
	return false;
}

static void follow(struct tracer *t, uint64_t call)
{
	if (!call || follows(t, call))
		return;
	t->calls[t->at] = call;
	t->at = (t->at + 1) % CALLS;
}

/* The URI of From or To. */
static bool names(const struct tracer *t, struct str octets, enum sip_header id)
{
	struct str value = sip_peek_header(octets, id);
	struct sip_addr addr;

	return value.p && sip_addr_split(value, &addr) && !addr.star &&
	       control_uri_matches(t->match.who, addr.uri);
}

/* The username of Authorization, wherever in it that stands. */
static bool has_username(const struct tracer *t, struct str octets)
{
	static const char key[] = "username=\"";
	struct str value = sip_peek_header(octets, SIP_HEADER_AUTHORIZATION);
	const char *at = value.p ? memmem(value.p, value.n, key, sizeof(key) - 1) : NULL, *end;

	if (!at)
		return false;
	at += sizeof(key) - 1;
	end = memchr(at, '"', (size_t)(value.p + value.n - at));
	return end && control_text_matches(t->match.who, (struct str){ at, (size_t)(end - at) });
}

/* Whom the core means: the token of our Path leads it. */
static const struct ue *ue_of_route(struct str octets)
{
	struct str route = sip_peek_header(octets, SIP_HEADER_ROUTE);
	struct sip_addr addr;
	const char *colon, *at;

	if (!route.p || !sip_addr_split(route, &addr) || addr.star)
		return NULL;
	colon = memchr(addr.uri.p, ':', addr.uri.n);
	at = memchr(addr.uri.p, '@', addr.uri.n);
	return colon && at && at > colon ?
	       registrar_by_token((struct str){ colon + 1, (size_t)(at - colon - 1) }) : NULL;
}

static const struct ue *ue_of(const struct flow *f, bool out, struct str octets)
{
	const struct set *s = f->set ? set_find(f->set) : NULL;

	if (s)
		return s->ue;
	if (f->side == FLOW_MW)
		return out ? NULL : ue_of_route(octets);
	return plain_at(f);
}

static bool wanted(const struct tracer *t, const struct flow *f, const struct ue *ue,
		   struct str octets, uint64_t call)
{
	if (!t->match.who)
		return true;
	if (ue)
		return control_matches(&t->match, ue);
	if (f->side != FLOW_MW && t->addr.family && addr_same_ip(&t->addr, &f->remote))
		return true;
	return follows(t, call) || names(t, octets, SIP_HEADER_FROM) ||
	       names(t, octets, SIP_HEADER_TO) || has_username(t, octets);
}

/* --- what it is told --- */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Of "sip:TOKEN@": who reads a trace could speak as a UE, or in its call, to us. */
static void hide_tokens(char *p, size_t n)
{
	for (size_t i = 4; i < n; i++) {
		size_t k = 0;

		if (memcmp(p + i - 4, "sip:", 4))
			continue;
		while (i + k < n && is_hex(p[i + k]))
			k++;
		if (i + k < n && p[i + k] == '@' && (k == STORE_TOKEN || k == DIALOG_TOKEN - 1))
			memset(p + i, 'x', k);
	}
}

/* The line as in the trace file, and the octets. @out->failed: there was no memory. */
static void put_message(struct octets *out, const struct flow *f, bool outwards,
			struct str octets)
{
	size_t size = 4 * ((octets.n + 2) / 3) + 1;
	char *copy = malloc(octets.n + 1), *text = malloc(size);

	if (copy && text) {
		memcpy(copy, octets.p, octets.n);
		hide_tokens(copy, octets.n);
		trace_put(out, f, outwards, (struct str){ copy, octets.n });
		EVP_EncodeBlock((unsigned char *)text, (unsigned char *)copy, (int)octets.n);
		json_text(out, "message", text);
		json_close(out, '}');
		octets_puts(out, "\n");
	}
	out->failed |= !copy || !text;
	free(copy);
	free(text);
}

static bool tell_missed(struct tracer *t)
{
	struct octets o = { 0 };

	if (!t->missed)
		return true;
	trace_put_time(&o);
	json_text(&o, "event", "lost");
	json_number(&o, "count", t->missed);
	json_close(&o, '}');
	octets_puts(&o, "\n");
	if (!o.failed && control_push(t->answer, octets_str(&o)))
		t->missed = 0;
	octets_free(&o);
	return !t->missed;
}

static void tell(struct tracer *t, const struct octets *line)
{
	if (line->failed || !tell_missed(t) || !control_push(t->answer, octets_str(line)))
		t->missed++;
}

static void on_message(const struct flow *f, bool out, struct str octets)
{
	struct str call_id = sip_peek_header(octets, SIP_HEADER_CALL_ID);
	uint64_t call = call_id.n ? hash_octets(call_id.p, call_id.n) : 0;
	const struct ue *ue = ue_of(f, out, octets);
	struct octets line = { 0 };

	for (struct tracer *t = tracers; t; t = t->next) {
		t->last[0] = '\0';
		if (!wanted(t, f, ue, octets, call))
			continue;
		strcpy(t->last, addr_host(&f->remote));
		follow(t, call);
		if (!line.n)
			put_message(&line, f, out, octets);
		tell(t, &line);
	}
	octets_free(&line);
}

/* In "IMPI at address port N", "address port N" and the like; and not within 10.45.0.30. */
static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; n && (p = strstr(p, word)); p++)
		if ((p == text || strchr(" [", p[-1])) && strchr(" ],:@", p[n]))
			return true;
	return false;
}

/* It follows the message that it is about. */
static bool is_about(const struct tracer *t, const struct notice *n)
{
	return !t->match.who || has_word(n->who, t->last) ||
	       (t->part ? strstr(n->who, t->bare) != NULL : has_word(n->who, t->bare));
}

static void on_notice(const struct notice *n)
{
	struct octets line = { 0 };

	trace_put_time(&line);
	notice_put(&line, n);
	json_close(&line, '}');
	octets_puts(&line, "\n");
	for (struct tracer *t = tracers; t; t = t->next)
		if (is_about(t, n))
			tell(t, &line);
	octets_free(&line);
}

/* --- tracers --- */

static void free_tracer(struct tracer *t)
{
	control_match_free(&t->match);
	free(t->bare);
	free(t);
}

static void end(struct control_answer *a)
{
	struct tracer *t = a->state;

	DL_DELETE(tracers, t);
	if (!--n_tracers) {
		trace_listen(NULL);
		notice_unlisten(on_notice);
	}
	free_tracer(t);
}

static char *without_asterisks(const char *who)
{
	size_t n = strlen(who);
	bool before = who[0] == '*', after = n > 1 && who[n - 1] == '*';

	return strndup(who + before, n - before - after);
}

static struct tracer *make(const struct control_request *r, const char **why)
{
	struct tracer *t = calloc(1, sizeof(*t));

	*why = "out of memory";
	if (!t || !control_match_read(&t->match, r, why)) {
		free(t);
		return NULL;
	}
	t->bare = without_asterisks(t->match.who ? t->match.who : "");
	if (!t->bare) {
		free_tracer(t);
		return NULL;
	}
	t->part = t->match.who && strcmp(t->bare, t->match.who) != 0;
	addr_parse(&t->addr, t->bare, 0);
	return t;
}

void control_trace(struct control_answer *a, const struct control_request *r)
{
	const char *why;
	struct tracer *t;

	if (n_tracers == MAX_TRACERS) {
		control_refuse(a, "%u trace already", MAX_TRACERS);
		return;
	}
	t = make(r, &why);
	if (!t) {
		control_refuse(a, "%s", why);
		return;
	}
	t->answer = a;
	a->state = t;
	a->end = end;
	a->live = true;
	DL_APPEND(tracers, t);
	n_tracers++;
	trace_listen(on_message);
	notice_listen(on_notice);
	trace_put_time(&a->out);
	json_text(&a->out, "event", "tracing");
	json_close(&a->out, '}');
	octets_puts(&a->out, "\n");
}
