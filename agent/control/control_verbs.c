// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs of the control socket, and those of a few lines.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control_answer.h"
#include "drain.h"
#include "json.h"
#include "log.h"

#define RETRY_AFTER 120u
#define MAX_RETRY_AFTER 86400u

static void put_drain(struct octets *o)
{
	json_bool(o, "draining", drain_is_on());
	json_number(o, "draining-for", drain_for());
}

static void done(struct control_answer *a, void (*put)(struct octets *o))
{
	json_open(&a->out, NULL, '{');
	put(&a->out);
	json_close(&a->out, '}');
	octets_puts(&a->out, "\n");
}

static void drain(struct control_answer *a, const struct control_request *r)
{
	const char *text = control_request_word(r, "retry-after");
	uint32_t seconds = RETRY_AFTER;

	if (text && (!str_number(str_of(text), MAX_RETRY_AFTER, &seconds) || !seconds)) {
		control_refuse(a, "retry-after: say a number of seconds up to %u", MAX_RETRY_AFTER);
		return;
	}
	drain_begin(seconds);
	log_warning("draining: newcomers get 503, Retry-After from %u s", seconds);
	done(a, put_drain);
}

static void undrain(struct control_answer *a, const struct control_request *r)
{
	(void)r;
	if (drain_is_on())
		log_warning("draining has ended");
	drain_end();
	done(a, put_drain);
}

static void put_level(struct octets *o)
{
	json_text(o, "level", log_level_name(log_threshold));
}

static void level(struct control_answer *a, const struct control_request *r)
{
	const char *text = control_request_word(r, "level");
	enum log_level wanted;

	if (text && !log_level_find(text, &wanted)) {
		control_refuse(a, "there is no level %s: error, warning, info or debug", text);
		return;
	}
	if (text)
		log_threshold = wanted;
	done(a, put_level);
}

static const struct {
	const char *name;
	const char *words;		/* those it takes */
	control_fn *fn;
	bool changes;			/* something: who it was is logged */
} verbs[] = {
	{ "status", "", control_status, false },
	{ "stats", "brief", control_stats, false },
	{ "ue", "who impi impu address state whole", control_ue, false },
	{ "watch", "who", control_watch, false },
	{ "trace", "who", control_trace, true },
	{ "config", "", control_config, false },
	{ "reload", "", control_reload, true },
	{ "deregister", "who impi impu address emergency now", control_deregister, true },
	{ "drain", "retry-after", drain, true },
	{ "undrain", "", undrain, true },
	{ "log", "level", level, true },
};

void control_refuse(struct control_answer *a, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_open(&a->out, NULL, '{');
	json_text(&a->out, "error", text);
	json_close(&a->out, '}');
	octets_puts(&a->out, "\n");
}

void control_answer(struct control_answer *a, char *line)
{
	struct control_request r;
	const char *why;

	if (!control_request_read(&r, line, &why)) {
		control_refuse(a, "%s", why);
		return;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, r.verb))
			continue;
		if (!control_request_has_only(&r, verbs[i].words)) {
			control_refuse(a, "%s takes: %s", r.verb,
				       verbs[i].words[0] ? verbs[i].words : "nothing");
			return;
		}
		if (verbs[i].changes)
			log_info("gmctl of uid %u, pid %u: %s", (unsigned int)a->uid,
				 (unsigned int)a->pid, r.verb);
		verbs[i].fn(a, &r);
		return;
	}
	control_refuse(a, "there is no verb %s; is gmctl of another version?", r.verb);
}
