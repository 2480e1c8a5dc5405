// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl ladder: what of a trace is a UE's or a call's, and how it is drawn.  The
// files are part of gmctl and not of the library, so they are included here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <libxml/parser.h>

#include "../ctl/ctl_json.c"
#include "../ctl/ctl_ladder_read.c"
#include "../ctl/ctl_ladder_svg.c"
#include "../ctl/ctl_ladder_text.c"

/* Of ctl_event.c and ctl_colour.c. */
const char *ctl_text_when(uint64_t ms, char out[CTL_TEXT])
{
	snprintf(out, CTL_TEXT, "%llu", (unsigned long long)ms);
	return out;
}

const char *ctl_paint(enum ctl_paint p)
{
	(void)p;
	return "";
}

#define GM(time, dir, side, port, remote, more, start, cseq, call)			\
	"{\"time\":" time ",\"direction\":\"" dir "\",\"side\":\"" side			\
	"\",\"transport\":\"udp\",\"local\":\"192.0.2.9:" port "\",\"remote\":\"" remote \
	"\"," more "\"octets\":9,\"start\":\"" start "\",\"cseq\":\"" cseq			\
	"\",\"call-id\":\"" call "\"}\n"
#define NONE "\"set\":0,"
#define SET "\"set\":3,\"sa\":\"uc-ps\",\"spi\":268435457,\"state\":\"TEMP\","	\
	    "\"impi\":\"001@ims\","
#define OTHER "\"set\":4,\"sa\":\"uc-ps\",\"spi\":268435458,\"state\":\"TEMP\","	\
	      "\"impi\":\"0012@ims\","
#define REFUSED(time, who)							\
	"{\"time\":" time ",\"event\":\"refused\",\"who\":\"" who			\
	"\",\"rule\":\"verify-differs\",\"clause\":\"TS 33.203 7.2\",\"text\":\"494\"}\n"

static const char trace[] =
	GM("1.001000", "in", "gm", "5060", "10.0.0.1:5060", NONE, "REGISTER sip:ims SIP/2.0",
	   "1 REGISTER", "a")
	GM("1.002000", "out", "mw", "5070", "10.1.0.1:5060", NONE, "REGISTER sip:ims SIP/2.0",
	   "1 REGISTER", "a")
	GM("1.002500", "in", "gm", "5060", "10.0.0.11:5060", NONE, "REGISTER sip:ims SIP/2.0",
	   "7 REGISTER", "b")
	REFUSED("1.002600", "10.0.0.11:5060")
	GM("1.002700", "out", "mw", "5070", "10.1.0.2:5060", NONE, "REGISTER sip:ims SIP/2.0",
	   "7 REGISTER", "b")
	GM("1.003000", "in", "mw", "5070", "10.1.0.1:5060", NONE, "SIP/2.0 401 Unauthorized",
	   "1 REGISTER", "a")
	GM("1.004000", "out", "gm", "5060", "10.0.0.1:5060", NONE, "SIP/2.0 401 Unauthorized",
	   "1 REGISTER", "a")
	GM("1.005000", "in", "gm-protected", "6100", "10.0.0.1:5000", SET,
	   "REGISTER sip:ims SIP/2.0", "2 REGISTER", "a")
	REFUSED("1.005500", "001@ims at 10.0.0.1 on set 3")
	GM("1.006000", "in", "gm-protected", "6100", "10.0.0.11:5000", OTHER,
	   "REGISTER sip:ims SIP/2.0", "8 REGISTER", "b")
	REFUSED("1.006500", "0012@ims at 10.0.0.11 on set 4");

static void read_trace(struct ladder *l, const char *text, size_t room,
		      const struct ladder_wanted *w)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(f);
	memset(l, 0, sizeof(*l));
	l->room = room;
	assert_int_equal(ladder_read(l, f, w), 0);
	fclose(f);
}

/* The times of what was kept, in milliseconds after 1 s. */
static void keeps(const struct ladder_wanted *w, const char *want)
{
	char got[256] = "";
	struct ladder l;

	read_trace(&l, trace, 100, w);
	for (size_t i = 0; i < l.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%llu", i ? " " : "",
			 (unsigned long long)ladder_ms(ladder_entry(&l, i)) - 1000);
	assert_string_equal(got, want);
	assert_int_equal(l.unreadable, 0);
	ladder_free(&l);
}

static void one_ue_or_call_is_taken_out(void **state)
{
	(void)state;
	keeps(&(struct ladder_wanted){ .who = NULL }, "1 2 2 2 2 3 4 5 5 6 6");
	/* With its way to the core, and its refusals; 10.0.0.11 is another UE. */
	keeps(&(struct ladder_wanted){ .who = "10.0.0.1" }, "1 2 3 4 5 5");
	keeps(&(struct ladder_wanted){ .who = "10.0.0.11" }, "2 2 2 6 6");
	/* What came in clear is found by the address. */
	keeps(&(struct ladder_wanted){ .who = "001@ims" }, "1 2 3 4 5 5");
	keeps(&(struct ladder_wanted){ .who = "001" }, "1 2 3 4 5 5");
	keeps(&(struct ladder_wanted){ .who = "0012" }, "2 2 2 6 6");
	keeps(&(struct ladder_wanted){ .who = "00" }, "");
	keeps(&(struct ladder_wanted){ .call_id = "a" }, "1 2 3 4 5 5");
	keeps(&(struct ladder_wanted){ .call_id = "c" }, "");
}

static char *drawn(const struct ladder *l, void (*draw)(const struct ladder *l, FILE *to))
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	draw(l, f);
	fclose(f);
	assert_int_equal(strlen(text), n);
	return text;
}

static void as_ascii(const struct ladder *l, FILE *to)
{
	ladder_text(l, true, to);
}

static void as_utf8(const struct ladder *l, FILE *to)
{
	ladder_text(l, false, to);
}

static void terminal_picture(void **state)
{
	static const char want[] =
"                          UE                      gmgate                     core\n"
"                       10.0.0.1                  192.0.2.9                 10.1.0.1\n"
"1001                       |------- REGISTER ------->|                         |             "
"1 REGISTER  udp 5060>5060  clear\n"
"1002                       |                         |------- REGISTER ------->|             "
"1 REGISTER  udp 5070>5060\n"
"1003                       |                         |<-- 401 Unauthorized ----|             "
"1 REGISTER  udp 5060>5070\n"
"1004                       |<-- 401 Unauthorized ----|                         |             "
"1 REGISTER  udp 5060>5060  clear\n"
"1005                       |======= REGISTER =======>|                         |             "
"2 REGISTER  udp 5000>6100  uc-ps 0x10000001  set 3\n"
"1005                       |                         x                         |             "
"refused verify-differs (TS 33.203 7.2): 494\n";
	struct ladder l;
	char *got;

	(void)state;
	read_trace(&l, trace, 100, &(struct ladder_wanted){ .who = "10.0.0.1" });
	got = drawn(&l, as_ascii);
	assert_string_equal(got, want);
	free(got);
	got = drawn(&l, as_utf8);
	assert_non_null(strstr(got, "\u2502\u2550\u2550\u2550\u2550\u2550\u2550\u2550 REGISTER \u2550"));
	assert_non_null(strstr(got, "\u2502\u25c0\u2500\u2500 401 Unauthorized"));
	free(got);
	ladder_free(&l);
}

/* The number of elements of that name; the document has to be well-formed. */
static unsigned int elements(xmlNode *n, const char *name)
{
	unsigned int found = 0;

	for (; n; n = n->next)
		found += (n->type == XML_ELEMENT_NODE && (!name || !strcmp((char *)n->name, name))) +
			 elements(n->children, name);
	return found;
}

static xmlDoc *parsed(const char *svg)
{
	xmlDoc *doc = xmlReadMemory(svg, (int)strlen(svg), NULL, NULL, XML_PARSE_NONET);

	assert_non_null(doc);
	return doc;
}

static void picture_is_svg(void **state)
{
	struct ladder l;
	char *svg;
	xmlDoc *doc;

	(void)state;
	read_trace(&l, trace, 100, &(struct ladder_wanted){ .who = "10.0.0.1" });
	svg = drawn(&l, ladder_svg);
	doc = parsed(svg);
	assert_int_equal(elements(xmlDocGetRootElement(doc), "polygon"), 5);
	assert_int_equal(elements(xmlDocGetRootElement(doc), "path"), 1);
	/* lifelines, four single arrows and a double one */
	assert_int_equal(elements(xmlDocGetRootElement(doc), "line"), 3 + 4 + 2);
	xmlFreeDoc(doc);
	free(svg);
	ladder_free(&l);
}

/* What a stranger can have the agent write, and what only a changed file could have. */
static void hostile_texts_stay_texts(void **state)
{
	static const char hostile[] =
		GM("1.0", "in", "gm", "5060", "10.0.0.1:5060", NONE,
		   "\\u001b]0;x\\u0007<script>&'\\\"--></svg>\\u009b31m SIP/2.0",
		   "\\u001b[2J</text><script/>", "<a>")
		GM("1.1", "in", "gm", "5060", "\\u001b[31m<image/>:1", NONE, "SIP/2.0 \\u0000<x>&\x80\x9b",
		   "1 A", "]]>")
		GM("99999999999999999999", "sideways", "", "", "", "", "", "", "")
		"{\"time\":1,\"event\":\"\\u001b[1m<script>\",\"who\":\"<b>\",\"text\":\"\\u001bc<\"}\n";
	struct ladder l;
	char *text, *svg;
	xmlDoc *doc;

	(void)state;
	read_trace(&l, hostile, 100, &(struct ladder_wanted){ .who = NULL });
	assert_int_equal(l.n, 4);
	text = drawn(&l, as_ascii);
	for (const char *p = text; *p; p++)
		assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
	svg = drawn(&l, ladder_svg);
	for (const char *p = svg; *p; p++)
		assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
	doc = parsed(svg);
	for (const char * const *name = (const char * const []){ "script", "image", "x", "b", "a", NULL };
	     *name; name++)
		assert_int_equal(elements(xmlDocGetRootElement(doc), *name), 0);
	assert_non_null(strstr(svg, "&lt;script&gt;&amp;&#39;&quot;--&gt;&lt;/svg&gt;"));
	xmlFreeDoc(doc);
	free(text);
	free(svg);
	ladder_free(&l);
}

static void the_last_ones_are_kept(void **state)
{
	struct ladder l;

	(void)state;
	read_trace(&l, trace, 3, &(struct ladder_wanted){ .who = NULL });
	assert_int_equal(l.n, 3);
	assert_int_equal(l.left_out, 8);
	assert_int_equal(ladder_ms(ladder_entry(&l, 0)), 1005);
	assert_true(ladder_is_note(ladder_entry(&l, 2)));
	ladder_free(&l);
}

static void other_lines_are_counted(void **state)
{
	char text[sizeof(trace) + 256];
	struct ladder l;

	(void)state;
	/* The last one is still being written. */
	snprintf(text, sizeof(text), "no JSON\n[1]\n{\"no\":\"time\"}\n%s{\"time\":1.0,\"dir", trace);
	read_trace(&l, text, 100, &(struct ladder_wanted){ .who = NULL });
	assert_int_equal(l.n, 11);
	assert_int_equal(l.unreadable, 3);
	ladder_free(&l);
}

/* More nodes than there is room for share a lane. */
static void many_participants(void **state)
{
	char text[16384] = "", line[512];
	struct ladder l;
	unsigned int from, to;
	char *got;

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(line, sizeof(line), GM("1.0", "in", "%s", "1", "10.0.0.%d:5060", NONE, "A b", "1 A",
						"x"), i % 2 ? "mw" : "gm", i);
		strcat(text, line);
	}
	read_trace(&l, text, 100, &(struct ladder_wanted){ .who = NULL });
	assert_int_equal(l.n_lanes, LADDER_LANES - 1);
	assert_string_equal(l.lanes[l.gate - 1].name, "others");
	assert_string_equal(l.lanes[l.n_lanes - 1].name, "others");
	ladder_ends(&l, ladder_entry(&l, 18), &from, &to);
	assert_int_equal(from, l.gate - 1);
	assert_int_equal(to, l.gate);
	got = drawn(&l, as_ascii);
	free(got);
	ladder_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_ue_or_call_is_taken_out),
		cmocka_unit_test(terminal_picture),
		cmocka_unit_test(picture_is_svg),
		cmocka_unit_test(hostile_texts_stay_texts),
		cmocka_unit_test(the_last_ones_are_kept),
		cmocka_unit_test(other_lines_are_counted),
		cmocka_unit_test(many_participants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
