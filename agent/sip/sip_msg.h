/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_MSG_H
#define _SIP_MSG_H

#include "sip_gate.h"
#include "sip_header.h"
#include "sip_uri.h"
#include "sip_via.h"

/*
 * A SIP message is the octets it was received as, an index of its header
 * lines, and a list of edits; it is written out by splicing, so that what
 * nobody edits leaves octet for octet as it came. libosip2 reads the URIs in
 * it and never prints (it loses nonce="", auts, and what it cannot parse).
 *
 * A message owns a copy of its octets; every struct str taken from it points
 * into that copy and lives as long as the message. Not thread-safe.
 */

struct sip_line {
	struct str whole;	/* name to line end, CR LF and folded parts included */
	struct str name;
	struct str value;	/* trimmed; may hold folds */
	enum sip_header id;	/* compact names have the id of the long one */
	uint16_t next;		/* of the same id, counted from 1; 0: none */
};

struct sip_edit;

struct sip_msg {
	struct str octets;
	struct str head;	/* start line to empty line */
	struct str body;
	struct str start_line;	/* without CR LF */
	bool request;
	enum sip_method method;	/* of the request, or of CSeq in a response */
	struct str method_name;	/* likewise */
	struct str uri;		/* requests */
	struct str version;	/* "SIP/2.0" */
	unsigned int status;	/* responses; 0: not a number of 100..699 */
	struct str reason;
	const struct sip_line *lines;
	unsigned int n_lines;
	uint16_t first[SIP_HEADER_COUNT];	/* line of each id, counted from 1; 0: none */

	/* After sip_msg_check() succeeded: */
	struct sip_via via;	/* topmost */
	struct str call_id;
	uint32_t cseq;
	struct str from_tag;	/* none: p == NULL */
	struct str to_tag;

	/* private: */
	struct sip_edit *edits;
	unsigned int n_edits, size_edits;
	struct octets texts;
	bool failed;
};

/**
 * sip_msg_new - index a message
 * @octets: one message; copied
 * @limits: for sip_gate_check(), which this calls first
 * @result: why there is none; may be NULL. SIP_GATE_OK with a NULL message
 *	means out of memory.
 *
 * Return: the message, to be freed with sip_msg_free(), or NULL.
 */
struct sip_msg *sip_msg_new(struct str octets, const struct sip_limits *limits,
			    enum sip_gate_result *result);
void sip_msg_free(struct sip_msg *msg);

/* Why a message cannot be acted on. */
struct sip_fault {
	unsigned int status;	/* to answer a request with */
	const char *reason;	/* the reason phrase for it */
	const char *why;	/* for the log, a constant text */
};

/**
 * sip_msg_check - is it a message one can act on?
 * @stream: it came over TCP
 *
 * What libosip2 does not check (RFC 4475): version; exactly one Call-ID, CSeq,
 * From and To, at most one Max-Forwards, Content-Length and Expires; CSeq a
 * number below 2^31 with the method of the request; Content-Length digits
 * only, at most what is there (on a stream exactly); a Via that parses on top;
 * a Max-Forwards of 0..255; a Request-URI, From and To that libosip2 can read;
 * a status of 100..699. Surplus octets of a datagram after Content-Length are
 * cut from the body (RFC 3261 18.3).
 *
 * Return: true, or false and @fault; sip_msg_reply() works then too where the
 * request has the lines a reply copies.
 */
bool sip_msg_check(struct sip_msg *msg, bool stream, struct sip_fault *fault);

/* The first line of that name after @after (NULL: from the top), or NULL. */
const struct sip_line *sip_msg_line(const struct sip_msg *msg, enum sip_header id,
				    const struct sip_line *after);

/* Value of the first such line; p == NULL when there is none. */
struct str sip_msg_value(const struct sip_msg *msg, enum sip_header id);

/* Walks the comma-separated values of all lines of a name, in order. */
struct sip_values {
	const struct sip_line *line;
	struct str rest;
};

bool sip_msg_next_value(const struct sip_msg *msg, enum sip_header id,
			struct sip_values *at, struct str *value);

/* All those values joined by ", ", to be kept beyond the message's life. */
void sip_msg_join(const struct sip_msg *msg, enum sip_header id, struct octets *out);

/* Is @tag among the option tags of Require, Supported ...? */
bool sip_msg_has_tag(const struct sip_msg *msg, enum sip_header id, struct str tag);

/* A header whose value is a decimal number. False: absent or not one. */
bool sip_msg_number(const struct sip_msg *msg, enum sip_header id, uint32_t *out);

/*
 * Edits. Nothing changes before sip_msg_write(). Texts are copied. Reading
 * goes on to show the original. Out of memory, or edits that overlap, make
 * sip_msg_write() fail; an edit inside a line that is removed has no effect.
 */
void sip_msg_remove_line(struct sip_msg *msg, const struct sip_line *line);
void sip_msg_remove_all(struct sip_msg *msg, enum sip_header id);

/* @part: octets of the head, such as a value taken from a line; may be empty. */
void sip_msg_replace(struct sip_msg *msg, struct str part, struct str with);

/* Put @text directly before or after @part. */
void sip_msg_put_before(struct sip_msg *msg, struct str part, struct str text);
void sip_msg_put_after(struct sip_msg *msg, struct str part, struct str text);

/* A new line "Name: value" as the first header of all, or after the last. */
void sip_msg_add_top(struct sip_msg *msg, enum sip_header id, struct str value);
void sip_msg_add_end(struct sip_msg *msg, enum sip_header id, struct str value);

/* ... before the first line of the same name, or as sip_msg_add_end(). */
void sip_msg_add_first(struct sip_msg *msg, enum sip_header id, struct str value);

/* Remove all lines of that name, put this one where the first was. */
void sip_msg_set(struct sip_msg *msg, enum sip_header id, struct str value);

/* Remove the values of comma lists that @drop says, lines of which none is left too. */
void sip_msg_remove_values(struct sip_msg *msg, enum sip_header id,
			   bool (*drop)(struct str value, const void *arg), const void *arg);

/* Remove an option tag wherever it stands in lines of that name. */
void sip_msg_remove_tag(struct sip_msg *msg, enum sip_header id, struct str tag);

/* Forget all edits, to write the message out in another way. */
void sip_msg_restore(struct sip_msg *msg);

/* False: an edit had failed or memory ran out. Appends to @out. */
bool sip_msg_write(const struct sip_msg *msg, struct octets *out);

/* Edits of the topmost Via (RFC 3261 18.2.1, RFC 3581 4): received and rport. */
void sip_msg_mark_source(struct sip_msg *msg, const struct sip_source *source);

/* Remove the topmost Via value: a response goes one hop back. */
void sip_msg_remove_via(struct sip_msg *msg);

/* Max-Forwards one less, 70 where there is none; who calls has refused 0 (483). */
void sip_msg_count_hop(struct sip_msg *msg);

/* An answer that is made here. */
struct sip_reply {
	unsigned int status;
	const char *reason;
	const char *to_tag;		/* used where To has none and status > 100 */
	const struct sip_source *source; /* marks the topmost Via; may be NULL */
	struct str lines;		/* more header lines, each with its CR LF */
	struct str body;		/* its Content-Type is in @lines; may be empty */
};

/**
 * sip_msg_reply - answer a request from here
 *
 * Copies all Via lines, From, To, Call-ID, CSeq (and Timestamp for 100) as
 * they stand; ends with Content-Length and the body, if any (RFC 3261 8.2.6).
 *
 * Return: false when the request lacks one of those, is an ACK or a response,
 * or memory ran out; @out is then of no use.
 */
bool sip_msg_reply(const struct sip_msg *request, const struct sip_reply *reply,
		   struct octets *out);

#endif
