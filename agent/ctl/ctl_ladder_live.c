// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_ladder_live - a ladder of what happens: an arrow for each message as it comes.
//
// A lane keeps its column.  Those that come later stand right of it, and the heads are
// printed once more.  So that this seldom happens, the first messages wait for a moment:
// then UE, gmgate and core are known, in this order.
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl_ladder.h"
#include "ctl_trace.h"

#define FIRST 8u		/* so many wait at most */

struct live {
	const struct ctl *ctl;
	const struct ladder_options *o;
	struct ladder l;
	bool drawing;			/* the heads have been printed */
	unsigned int rows;		/* since then */
};

/* On a terminal they are never further away than a screen; 0: it is none. */
static unsigned int rows_of_terminal(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_row > 8 ? size.ws_row - 3u : 0;
}

static void put_heads(struct live *v)
{
	if (v->drawing)
		putchar('\n');
	ladder_text_heads(&v->l, v->o->ascii, stdout);
	v->drawing = true;
	v->rows = 0;
}

static void put_entry(struct live *v, const struct ctl_json *e)
{
	unsigned int rows = rows_of_terminal();

	if (ladder_add_lanes(&v->l, e) || (rows && v->rows >= rows))
		put_heads(v);
	ladder_text_entry(&v->l, v->o->ascii, e, stdout);
	v->rows++;
}

static void put_first(struct live *v)
{
	if (v->drawing || !v->l.n)
		return;
	ladder_find_lanes(&v->l);
	put_heads(v);
	for (size_t i = 0; i < v->l.n; i++)
		put_entry(v, ladder_entry(&v->l, i));
}

static void on_idle(void *arg)
{
	struct live *v = arg;

	if (!v->ctl->json)
		put_first(v);
}

static bool on_line(const char *text, size_t n, const struct ctl_json *j, void *arg)
{
	struct live *v = arg;
	const struct ctl_json *e = ladder_take(&v->l, text, n, &v->o->wanted);

	if (e && v->ctl->json)
		ladder_print_json(e);
	else if (e && v->drawing)
		put_entry(v, e);
	else if (e && (v->l.n == FIRST || v->l.n == v->l.room))
		put_first(v);
	return e && !ladder_is_note(j);
}

static int finish(struct live *v)
{
	if (v->ctl->json)
		ctl_out_list_end("messages");
	else
		put_first(v);
	if (v->o->svg && !v->l.n)
		return ctl_error("nothing of that came, no picture of it is written");
	if (!v->l.n) {
		fputs("gmctl: nothing of that came\n", stderr);
		return CTL_OK;
	}
	if (!v->o->svg)
		return CTL_OK;
	if (v->l.left_out)
		fprintf(stderr, "gmctl: %zu earlier ones are not in the picture, see -n\n",
			v->l.left_out);
	ladder_find_lanes(&v->l);
	return ladder_write_svg(&v->l, v->o->svg);
}

/* Whom it is about the agent decides: it knows more than a file can say. */
int ladder_live(const struct ctl *ctl, struct ladder_options *o)
{
	struct live v = { .ctl = ctl, .o = o, .l = { .room = (size_t)o->most } };
	struct ctl_follow follow = {
		.ctl = ctl, .who = o->wanted.who, .until = o->until, .line = on_line,
		.idle = on_idle, .arg = &v,
	};
	int status, drawn;

	if (ladder_begin(&v.l))
		return ctl_error("out of memory");
	o->wanted.who = NULL;
	status = ctl_follow(&follow);
	/* What came is drawn, however it ended. */
	drawn = status && !v.l.n ? status : finish(&v);
	ladder_free(&v.l);
	return status ? status : drawn;
}
