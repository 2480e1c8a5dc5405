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
#include "../ctl/ctl_ladder_lanes.c"
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
	assert_int_equal(l.n_lanes, 1 + 2 * LADDER_OF_KIND);
	assert_string_equal(l.lanes[l.gate - 1].name, "others");
	assert_string_equal(l.lanes[l.n_lanes - 1].name, "others");
	ladder_ends(&l, ladder_entry(&l, 18), &from, &to);
	assert_int_equal(from, l.gate - 1);
	assert_int_equal(to, l.gate);
	got = drawn(&l, as_ascii);
	free(got);
	ladder_free(&l);
}

#define ELSE(time, from, to, start, call)						\
	"{\"time\":" time ",\"direction\":\"in\",\"side\":\"elsewhere\",\"transport\":\"udp\","	\
	"\"local\":\"" to "\",\"remote\":\"" from "\",\"octets\":9,\"start\":\"" start		\
	"\",\"cseq\":\"1 A\",\"call-id\":\"" call "\"}\n"

/* Captured by somebody else: nobody says who is gmgate, so all are hosts, as they came. */
static void hosts_of_a_capture(void **state)
{
	static const char capture[] =
		ELSE("1.0", "10.0.0.1:5060", "10.0.0.9:5060", "REGISTER sip:a SIP/2.0", "a")
		ELSE("1.1", "10.0.0.9:5060", "10.0.0.1:5060", "SIP/2.0 200 OK", "a")
		"{\"time\":1.1,\"event\":\"comment\",\"who\":\"10.0.0.9:5060\",\"text\":\"late\"}\n"
		ELSE("1.2", "10.0.0.8:5060", "10.0.0.8:5061", "OPTIONS sip:a SIP/2.0", "b")
		ELSE("1.3", "10.0.0.9:5060", "10.0.0.8:5060", "REGISTER sip:a SIP/2.0", "a");
	static const char want[] =
"                       10.0.0.1                  10.0.0.9                  10.0.0.8\n"
"1000                       |------- REGISTER ------->|                         |             1 A  udp 5060>5060\n"
"1100                       |<------- 200 OK ---------|                         |             1 A  udp 5060>5060\n"
"1100                       |                         |                         |             comment: late\n"
"1200                       |                         |                         |< OPTIONS -- 1 A  udp 5060>5061\n"
"1300                       |                         |------- REGISTER ------->|             1 A  udp 5060>5060\n";
	struct ladder l;
	char *got, *svg;

	(void)state;
	read_trace(&l, capture, 100, &(struct ladder_wanted){ .who = NULL });
	got = drawn(&l, as_ascii);
	assert_string_equal(got, want);
	free(got);
	svg = drawn(&l, ladder_svg);
	xmlFreeDoc(parsed(svg));
	free(svg);
	ladder_free(&l);
	/* Either end may be it, and by the Call-ID what follows. */
	read_trace(&l, capture, 100, &(struct ladder_wanted){ .who = "10.0.0.1" });
	assert_int_equal(l.n, 4);
	ladder_free(&l);
	read_trace(&l, capture, 100, &(struct ladder_wanted){ .who = "10.0.0.77" });
	assert_int_equal(l.n, 0);
	ladder_free(&l);
}

/* Beside messages of gmgate's own, a host that they name is the one they name. */
static void hosts_beside_gmgate(void **state)
{
	static const char both[] =
		ELSE("1.0", "10.0.0.7:5060", "10.0.0.1:5060", "OPTIONS sip:a SIP/2.0", "b")
		GM("1.1", "in", "gm", "5060", "10.0.0.1:5060", NONE, "REGISTER sip:ims SIP/2.0", "1 A", "a");
	struct ladder l;
	unsigned int from, to;

	(void)state;
	read_trace(&l, both, 100, &(struct ladder_wanted){ .who = NULL });
	ladder_ends(&l, ladder_entry(&l, 1), &from, &to);
	assert_string_equal(l.lanes[from].name, "10.0.0.1");
	assert_string_equal(l.lanes[to].name, "192.0.2.9");
	ladder_ends(&l, ladder_entry(&l, 0), &from, &to);
	assert_string_equal(l.lanes[from].name, "10.0.0.7");
	assert_string_equal(l.lanes[to].name, "10.0.0.1");
	ladder_free(&l);
}

#define EVENT(time, event, more)							\
	"{\"time\":" time ",\"event\":\"" event "\",\"who\":\"001@ims at 10.0.0.1\"" more "}\n"

/* A trace of what happens has more than refusals, and the octets, which are not kept. */
static void what_is_no_refusal(void **state)
{
	static const char live[] =
		GM("1.0", "in", "gm", "5060", "10.0.0.1:5060", NONE "\"message\":\"UkVHSVNURVI=\",",
		   "REGISTER sip:ims SIP/2.0", "1 A", "a")
		EVENT("1.1", "registered", ",\"text\":\"for 600 s\"")
		EVENT("1.2", "failed", ",\"rule\":\"r\",\"clause\":\"c\",\"text\":\"t\"")
		"{\"time\":1.3,\"event\":\"lost\",\"count\":7}\n";
	struct ladder l;
	char *got;

	(void)state;
	read_trace(&l, live, 100, &(struct ladder_wanted){ .who = NULL });
	assert_null(ctl_json_member(ladder_entry(&l, 0), "message"));
	assert_string_equal(ctl_json_text(ladder_entry(&l, 0), "call-id"), "a");
	got = drawn(&l, as_ascii);
	assert_non_null(strstr(got, "1100                       |                         o             registered: for 600 s\n"));
	assert_non_null(strstr(got, "1200                       |                         x             failed r (c): t\n"));
	assert_non_null(strstr(got, "x             lost: 7, they came too fast\n"));
	free(got);
	got = drawn(&l, ladder_svg);
	assert_non_null(strstr(got, "<circle "));
	xmlFreeDoc(parsed(got));
	free(got);
	ladder_free(&l);
}

static const struct ctl_json *take(struct ladder *l, const char *line)
{
	const struct ctl_json *e = ladder_take(l, line, strlen(line),
					       &(struct ladder_wanted){ .call_id = "a" });

	assert_true(!e || ladder_entry(l, l->n - 1) == e);
	return e;
}

/* As they come: a lane keeps its column, whoever comes later. */
static void columns_stay_where_they_are(void **state)
{
	struct ladder l = { .room = 4 };
	const struct ctl_json *e;
	char *got = NULL;
	size_t n;
	FILE *f;

	(void)state;
	assert_int_equal(ladder_begin(&l), 0);
	assert_null(take(&l, "no JSON"));
	assert_null(take(&l, GM("1.0", "in", "gm", "5060", "10.0.0.1:5060", NONE, "A b", "1 A", "b")));
	e = take(&l, GM("1.0", "in", "gm", "5060", "10.0.0.1:5060", NONE, "INVITE b", "1 A", "a"));
	ladder_find_lanes(&l);
	assert_false(ladder_add_lanes(&l, e));
	e = take(&l, GM("1.1", "out", "mw", "5070", "10.1.0.1:5060", NONE, "INVITE b", "1 A", "a"));
	assert_true(ladder_add_lanes(&l, e));
	/* A second phone, with a name that needs more room. */
	e = take(&l, GM("1.2", "out", "gm", "5060", "[2001:db8:1111:2222:3333:4444:5555:6666]:5060", NONE,
			"INVITE b", "1 A", "a"));
	assert_true(ladder_add_lanes(&l, e));
	assert_false(ladder_add_lanes(&l, e));
	f = open_memstream(&got, &n);
	for (size_t i = 0; i < l.n; i++)
		ladder_text_entry(&l, true, ladder_entry(&l, i), f);
	fclose(f);
	assert_non_null(strstr(got, "1000                       |-------- INVITE -------->|                         |"
			       "                         |"));
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
		cmocka_unit_test(hosts_of_a_capture),
		cmocka_unit_test(hosts_beside_gmgate),
		cmocka_unit_test(what_is_no_refusal),
		cmocka_unit_test(columns_stay_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
