// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * coreload - the IMS core for ueload: registrar, S-CSCF and presence of its subscribers, which
 * are numbers.  As fast as it can, and strict about what a P-CSCF has to do.
 *
 *   coreload ADDRESS PORT DOMAIN
 *
 * A REGISTER without integrity-protected="yes", or one with X-Load: challenge, is challenged;
 * one with the right RES, or without a challenge that waits, is accepted.  A SUBSCRIBE gets
 * 200 and a NOTIFY, a MESSAGE 200 and goes to the UE that it names.  One line of JSON with what was
 * counted, for each line of standard input.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aka.h"
#include "text.h"

#define MOST 100000

struct subscriber {
	struct aka_vector vector;
	char nonce[45];
	char path[96], contact[64];
	uint64_t sqn;
	bool pending;
};

static struct subscriber *subs;
static int sock;
static const char *domain, *address;
static unsigned int port;
static uint32_t serial;
static bool again;			/* what has come is a repetition */

/* What has gone down and was not answered yet, by its CSeq. */
#define DOWN 16384
#define REPEAT_US 1000000u
#define LOOK_US 200000u			/* how often it is looked whether one is due */
#define TRIES 8
static struct down {
	char *text;
	size_t n;
	struct sockaddr_in to;
	uint64_t due;
	unsigned int tries;
} down[DOWN];
static unsigned int n_down;

/* Branches that have come lately. */
#define BRANCHES (1u << 18)
static uint64_t *branches;

static struct {
	unsigned long challenges, registrations, refreshes, refused, subscribes, notified, messages,
		      delivered, gone, wrong;	/* gone: a NOTIFY for a dialog that a kill has cut off */
} count;

static void wrong(const char *why)
{
	if (!count.wrong++)
		fprintf(stderr, "coreload: %s\n", why);
}

static void send_to(const struct sockaddr_in *to, const char *text, size_t n)
{
	sendto(sock, text, n, 0, (const struct sockaddr *)to, sizeof(*to));
}

static uint64_t hash(const char *p, size_t n)
{
	uint64_t h = 1469598103934665603u;

	while (n--)
		h = (h ^ (uint8_t)*p++) * 1099511628211u;
	return h | 1;
}

/* Has this request come before? */
static bool seen(const char *msg)
{
	const char *branch = strstr(msg, "branch=");
	uint64_t h = branch ? hash(branch, strcspn(branch, ";,\r")) : 0, *place = &branches[h % BRANCHES];
	bool known = *place == h;

	*place = h;
	return known;
}

static void forget_down(struct down *d)
{
	if (!d->text)
		return;
	free(d->text);
	d->text = NULL;
	n_down--;
}

static void repeat_down(void)
{
	static uint64_t next;
	uint64_t now = text_now_us();

	if (now < next)
		return;
	next = now + LOOK_US;
	for (struct down *d = down; n_down && d < down + DOWN; d++) {
		if (!d->text || d->due > now)
			continue;
		d->due = now + REPEAT_US;
		send_to(&d->to, d->text, d->n);
		if (!--d->tries)
			forget_down(d);
	}
}

static void reply(const struct sockaddr_in *to, const char *request, const char *status,
		  const char *lines)
{
	char text[8192];

	send_to(to, text, text_answer(request, status, "core", lines, text, sizeof(text)));
}

/* The subscriber a URI of ours names; NULL: none. */
static struct subscriber *named(const char *uri)
{
	const char *at = strstr(uri, "sip:");
	unsigned long n = at ? strtoul(at + 4, NULL, 10) : MOST;

	return n < MOST ? &subs[n] : NULL;
}

static void challenge(const struct sockaddr_in *from, const char *msg, struct subscriber *s)
{
	char ck[33], ik[33], line[512];

	/* A repetition has the same one. */
	if (!s->pending) {
		aka_challenge((uint32_t)(s - subs), ++s->sqn, &s->vector);
		aka_nonce(&s->vector, s->nonce);
	}
	s->pending = true;
	aka_hex(s->vector.ck, 16, ck);
	aka_hex(s->vector.ik, 16, ik);
	snprintf(line, sizeof(line), "WWW-Authenticate: Digest realm=\"%s\",nonce=\"%s\","
		 "algorithm=AKAv1-MD5,ck=\"%s\",ik=\"%s\"\r\n", domain, s->nonce, ck, ik);
	count.challenges += !again;
	reply(from, msg, "401 Unauthorized", line);
}

static bool is_right(const struct subscriber *s, const char *auth)
{
	char user[96], uri[96], got[64], wanted[33];

	if (!text_quoted(auth, "username=\"", user, sizeof(user)) ||
	    !text_quoted(auth, "uri=\"", uri, sizeof(uri)) ||
	    !text_quoted(auth, "response=\"", got, sizeof(got)))
		return false;
	aka_response(&s->vector, user, domain, s->nonce, uri, wanted);
	return !strcmp(got, wanted);
}

static void accept_it(const struct sockaddr_in *from, const char *msg, struct subscriber *s)
{
	char lines[1024], contact[256];
	const char *end;

	text_copy(msg, "Path", s->path, sizeof(s->path));
	text_copy(msg, "Contact", contact, sizeof(contact));
	end = strchr(contact, '>');
	snprintf(s->contact, sizeof(s->contact), "%.*s",
		 (int)(end && contact[0] == '<' ? end - contact - 1 : 0), contact + 1);
	snprintf(lines, sizeof(lines), "Path: %s\r\nService-Route: <sip:orig@%s:%u;lr>\r\n"
		 "P-Associated-URI: <sip:%u@%s>\r\nContact: %s\r\n", s->path, address, port,
		 (unsigned int)(s - subs), domain, contact);
	reply(from, msg, "200 OK", lines);
}

static void on_register(const struct sockaddr_in *from, const char *msg)
{
	char auth[1024], to[160];
	struct subscriber *s = named(text_copy(msg, "To", to, sizeof(to)));
	bool protected;

	text_copy(msg, "Authorization", auth, sizeof(auth));
	protected = strstr(auth, "integrity-protected=\"yes\"");
	if (!s || !strstr(msg, "\r\nPath: <sip:") || strstr(msg, "\r\nSecurity-")) {
		wrong("a REGISTER without Path, or with Security-*");
		return;
	}
	if (!protected || strstr(msg, "\r\nX-Load: challenge")) {
		/* One in clear begins anew. */
		challenge(from, msg, s);
	} else if (!s->pending || (again && !is_right(s, auth))) {
		count.refreshes += !again;
		accept_it(from, msg, s);
	} else if (is_right(s, auth)) {
		s->pending = false;
		count.registrations += !again;
		accept_it(from, msg, s);
	} else {
		count.refused++;
		reply(from, msg, "403 Forbidden", "");
	}
}

/* A request to a UE, by its Path, or within a dialog by what was recorded. */
static void send_down(const struct sockaddr_in *to, const char *method, const char *uri,
		      const char *route, const char *from, const char *to_header,
		      const char *call_id, const char *lines)
{
	char text[4096];
	struct down *d;
	size_t n;

	serial++;
	n = (size_t)snprintf(text, sizeof(text),
		"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bKc%x\r\nMax-Forwards: 60\r\n"
		"Route: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		"P-Asserted-Identity: <sip:core@%s>\r\nP-Charging-Vector: icid-value=\"%x\"\r\n%s",
		method, uri, address, port, serial, route, from, to_header, call_id, serial, method,
		domain, serial, lines);
	send_to(to, text, n);
	d = &down[serial % DOWN];
	forget_down(d);
	*d = (struct down){ .text = malloc(n), .n = n, .to = *to, .tries = TRIES,
			    .due = text_now_us() + REPEAT_US };
	if (!d->text)
		abort();
	memcpy(d->text, text, n);
	n_down++;
}

static void on_subscribe(const struct sockaddr_in *from, const char *msg)
{
	char route[512], to[160], whom[160], call_id[160], contact[128], uri[128], lines[128];
	char *end;

	count.subscribes += !again;
	snprintf(lines, sizeof(lines), "Contact: <sip:core@%s:%u>\r\nExpires: 600000\r\n", address, port);
	reply(from, msg, "200 OK", lines);
	if (again)
		return;
	text_copy(msg, "Record-Route", route, sizeof(route));
	text_copy(msg, "Contact", contact, sizeof(contact));
	end = strchr(contact, '>');
	snprintf(uri, sizeof(uri), "%.*s", (int)(end ? end - contact - 1 : 0), contact + 1);
	text_copy(msg, "To", to, sizeof(to));
	strncat(to, ";tag=core", sizeof(to) - strlen(to) - 1);
	send_down(from, "NOTIFY", uri, route, to, text_copy(msg, "From", whom, sizeof(whom)),
		  text_copy(msg, "Call-ID", call_id, sizeof(call_id)),
		  "Contact: <sip:core>\r\nEvent: reg\r\nSubscription-State: active;expires=600000\r\n"
		  "Content-Length: 0\r\n\r\n");
}

static void on_message(const struct sockaddr_in *from, const char *msg)
{
	char to[160], identity[160], call_id[64];
	struct subscriber *s = named(msg + 8);

	count.messages += !again;
	if (!s || !*s->path || !*text_copy(msg, "P-Asserted-Identity", identity, sizeof(identity))) {
		wrong("a MESSAGE for nobody, or of nobody");
		return;
	}
	reply(from, msg, "200 OK", "");
	if (again)
		return;
	snprintf(call_id, sizeof(call_id), "down-%x", serial + 1);
	strncat(identity, ";tag=core", sizeof(identity) - strlen(identity) - 1);
	send_down(from, "MESSAGE", s->contact, s->path, identity,
		  text_copy(msg, "To", to, sizeof(to)), call_id,
		  "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
}

static void came(const struct sockaddr_in *from, const char *msg)
{
	struct down *d;
	char cseq[64];

	again = strncmp(msg, "SIP/2.0 ", 8) && seen(msg);
	if (!strncmp(msg, "REGISTER ", 9))
		on_register(from, msg);
	else if (!strncmp(msg, "SUBSCRIBE ", 10))
		on_subscribe(from, msg);
	else if (!strncmp(msg, "MESSAGE ", 8))
		on_message(from, msg);
	else if (!strncmp(msg, "OPTIONS ", 8))
		reply(from, msg, "200 OK", "");
	if (strncmp(msg, "SIP/2.0 ", 8) || !strncmp(msg, "SIP/2.0 1", 9))
		return;
	if (strstr(text_copy(msg, "CSeq", cseq, sizeof(cseq)), "NOTIFY") &&
	    (!strncmp(msg + 8, "404", 3) || !strncmp(msg + 8, "481", 3)))
		count.gone++;
	else if (strncmp(msg, "SIP/2.0 200", 11))
		wrong(msg);
	d = &down[strtoul(cseq, NULL, 10) % DOWN];
	if (!d->text)
		return;
	if (strstr(cseq, "NOTIFY"))
		count.notified++;
	else
		count.delivered++;
	forget_down(d);
}

static void read_all(void)
{
	static char msg[65536];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t n;

	for (int i = 0; i < 64; i++) {
		n = recvfrom(sock, msg, sizeof(msg) - 1, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
		if (n <= 0)
			return;
		msg[n] = 0;
		came(&from, msg);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	int room = 8 << 20;
	char line[16];

	subs = calloc(MOST, sizeof(*subs));
	branches = calloc(BRANCHES, sizeof(*branches));
	if (argc != 4 || !subs || !branches || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1) {
		fputs("usage: coreload ADDRESS PORT DOMAIN\n", stderr);
		return 2;
	}
	address = argv[1];
	port = (unsigned int)atoi(argv[2]);
	domain = argv[3];
	here.sin_port = htons((uint16_t)port);
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (sock < 0 || bind(sock, (struct sockaddr *)&here, sizeof(here))) {
		perror("coreload");
		return 1;
	}
	puts("{\"ready\":true}");
	fflush(stdout);
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = sock, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN },
		};

		poll(p, 2, n_down ? (int)(LOOK_US / 1000) : -1);
		repeat_down();
		if (p[0].revents)
			read_all();
		if (!p[1].revents)
			continue;
		if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
			return 0;
		printf("{\"challenges\":%lu,\"registrations\":%lu,\"refreshes\":%lu,\"refused\":%lu,"
		       "\"subscribes\":%lu,\"notified\":%lu,\"messages\":%lu,\"delivered\":%lu,"
		       "\"gone\":%lu,\"wrong\":%lu}\n",
		       count.challenges, count.registrations, count.refreshes, count.refused,
		       count.subscribes, count.notified, count.messages, count.delivered,
		       count.gone, count.wrong);
		fflush(stdout);
	}
}
