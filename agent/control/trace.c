// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What passed: a line for each SIP message, to the log at level debug and as
 * JSON to the file of the key `trace`, there with what was refused between them, and to
 * whoever traces a UE (control_trace.c). gmctl ladder draws it.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "log.h"
#include "notice.h"
#include "registrar.h"
#include "set.h"
#include "sip_peek.h"

static int fd = -1;
static trace_fn *listener;

void trace_listen(trace_fn *fn)
{
	listener = fn;
}

void trace_put_time(struct octets *o)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_open(o, NULL, '{');
	octets_printf(o, "\"time\":%lld.%06ld", (long long)now.tv_sec, now.tv_nsec / 1000);
}

static void write_line(struct octets *o)
{
	json_close(o, '}');
	octets_puts(o, "\n");
	if (!o->failed && write(fd, o->p, o->n) < 0)
		log_debug("cannot write the trace");
	octets_free(o);
}

/* A refusal follows the message that it is about. */
static void on_notice(const struct notice *n)
{
	struct octets o = { 0 };

	if (n->kind != NOTICE_REFUSED && n->kind != NOTICE_FAILED)
		return;
	trace_put_time(&o);
	notice_put(&o, n);
	write_line(&o);
}

int trace_open(const char *file)
{
	int next = -1;

	if (*file) {
		next = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (next < 0)
			return -errno;
	}
	trace_close();
	fd = next;
	if (fd >= 0)
		notice_listen(on_notice);
	return 0;
}

void trace_close(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
	notice_unlisten(on_notice);
}

/* Which of the four SAs it travels on; NULL: on none that we know. */
static const char *sa_of(const struct set *s, const struct flow *f, bool out, uint32_t *spi)
{
	bool server = f->local.port == s->port_ps;

	if (out) {
		*spi = server ? s->spi_uc : s->spi_us;
		return server ? "ps-uc" : "pc-us";
	}
	*spi = server ? s->spi_ps : s->spi_pc;
	return server ? "uc-ps" : "us-pc";
}

void trace_put(struct octets *o, const struct flow *f, bool out, struct str octets)
{
	static const char * const sides[] = { "gm", "gm-protected", "mw" };
	const struct set *s = f->set ? set_find(f->set) : NULL;
	uint32_t spi;

	trace_put_time(o);
	json_text(o, "direction", out ? "out" : "in");
	json_text(o, "side", sides[f->side]);
	json_text(o, "transport", f->tcp ? "tcp" : "udp");
	json_text(o, "local", addr_text(&f->local));
	json_text(o, "remote", addr_text(&f->remote));
	json_number(o, "set", f->set);
	if (s) {
		json_text(o, "sa", sa_of(s, f, out, &spi));
		json_number(o, "spi", spi);
		json_text(o, "state", set_state_name(s->state));
		json_text(o, "impi", registrar_impi(s->ue));
	}
	json_number(o, "octets", octets.n);
	json_string(o, "start", sip_peek_start(octets));
	sip_peek_put(o, "cseq", octets, SIP_HEADER_CSEQ);
	sip_peek_put(o, "call-id", octets, SIP_HEADER_CALL_ID);
}

static void write_json(const struct flow *f, bool out, struct str octets)
{
	struct octets o = { 0 };

	trace_put(&o, f, out, octets);
	write_line(&o);
}

void trace_message(const struct flow *f, bool out, struct str octets)
{
	struct str line = sip_peek_start(octets);

	log_debug("%s %s %s %s set %u: %.*s", f->tcp ? "tcp" : "udp", addr_text(&f->local),
		  out ? "->" : "<-", addr_text(&f->remote), f->set, STR_ARG(line));
	if (fd >= 0)
		write_json(f, out, octets);
	if (listener)
		listener(f, out, octets);
}
