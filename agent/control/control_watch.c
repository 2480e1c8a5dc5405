// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events for those who watch, a line each.  A watcher that does not read is
 * told afterwards how many it has missed; nothing is kept for it.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control_answer.h"
#include "hash.h"
#include "json.h"
#include "notice.h"

#define MAX_WATCHERS 8

struct watcher {
	struct control_answer *answer;
	char *who;			/* part of whose events are wanted; NULL: all */
	unsigned long missed;
	struct watcher *prev, *next;
};

static struct watcher *watchers;
static unsigned int n_watchers;

static void put_time(struct octets *o)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_open(o, NULL, '{');
	json_number(o, "time-ms", (unsigned long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static void put_head(struct octets *o, const char *event)
{
	put_time(o);
	json_text(o, "event", event);
}

static void put_tail(struct octets *o)
{
	json_close(o, '}');
	octets_puts(o, "\n");
}

static void put_notice(struct octets *o, const struct notice *n)
{
	put_time(o);
	notice_put(o, n);
	put_tail(o);
}

/* True when it knows of all it has missed. */
static bool tell_missed(struct watcher *w)
{
	struct octets o = { 0 };

	if (!w->missed)
		return true;
	put_head(&o, "lost");
	json_number(&o, "count", w->missed);
	put_tail(&o);
	if (!o.failed && control_push(w->answer, octets_str(&o)))
		w->missed = 0;
	octets_free(&o);
	return !w->missed;
}

static void on_notice(const struct notice *n)
{
	struct octets o = { 0 };

	put_notice(&o, n);
	for (struct watcher *w = watchers, *next; w; w = next) {
		next = w->next;
		if (w->who && !strstr(n->who, w->who))
			continue;
		if (o.failed || !tell_missed(w) || !control_push(w->answer, octets_str(&o)))
			w->missed++;
	}
	octets_free(&o);
}

static void end(struct control_answer *a)
{
	struct watcher *w = a->state;

	DL_DELETE(watchers, w);
	if (!--n_watchers)
		notice_unlisten(on_notice);
	free(w->who);
	free(w);
}

void control_watch(struct control_answer *a, const struct control_request *r)
{
	const char *who = control_request_word(r, "who");
	struct watcher *w;

	if (n_watchers == MAX_WATCHERS) {
		control_refuse(a, "%u watch already", MAX_WATCHERS);
		return;
	}
	w = calloc(1, sizeof(*w));
	if (w && who)
		w->who = strdup(who);
	if (!w || (who && !w->who)) {
		free(w);
		control_refuse(a, "out of memory");
		return;
	}
	w->answer = a;
	a->state = w;
	a->end = end;
	a->live = true;
	DL_APPEND(watchers, w);
	n_watchers++;
	notice_listen(on_notice);
	put_head(&a->out, "watching");
	put_tail(&a->out);
}
