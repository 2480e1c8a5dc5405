// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The message ladder: a line for each SIP message, to the log at level debug
 * and as JSON to the file of the key `trace`.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "log.h"
#include "set.h"

static int fd = -1;

int trace_open(const char *file)
{
	if (!*file)
		return 0;
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	return fd < 0 ? -errno : 0;
}

void trace_close(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
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

static struct str start_line(struct str octets)
{
	for (size_t i = 0; i < octets.n; i++)
		if (octets.p[i] == '\r' || octets.p[i] == '\n')
			return (struct str){ octets.p, i };
	return octets;
}

static void write_json(const struct flow *f, bool out, struct str octets)
{
	static const char * const sides[] = { "gm", "gm-protected", "mw" };
	struct octets o = { 0 };
	const struct set *s = f->set ? set_find(f->set) : NULL;
	struct timespec now;
	uint32_t spi;

	clock_gettime(CLOCK_REALTIME, &now);
	json_open(&o, NULL, '{');
	octets_printf(&o, "\"time\":%lld.%06ld", (long long)now.tv_sec, now.tv_nsec / 1000);
	json_text(&o, "direction", out ? "out" : "in");
	json_text(&o, "side", sides[f->side]);
	json_text(&o, "transport", f->tcp ? "tcp" : "udp");
	json_text(&o, "local", addr_text(&f->local));
	json_text(&o, "remote", addr_text(&f->remote));
	json_number(&o, "set", f->set);
	if (s) {
		json_text(&o, "sa", sa_of(s, f, out, &spi));
		json_number(&o, "spi", spi);
		json_text(&o, "state", set_state_name(s->state));
	}
	json_number(&o, "octets", octets.n);
	json_string(&o, "start", start_line(octets));
	octets_puts(&o, "}\n");
	if (!o.failed && write(fd, o.p, o.n) < 0)
		log_debug("cannot write the trace");
	octets_free(&o);
}

void trace_message(const struct flow *f, bool out, struct str octets)
{
	struct str line = start_line(octets);

	log_debug("%s %s %s %s set %u: %.*s", f->tcp ? "tcp" : "udp", addr_text(&f->local),
		  out ? "->" : "<-", addr_text(&f->remote), f->set, STR_ARG(line));
	if (fd >= 0)
		write_json(f, out, octets);
}
