// SPDX-License-Identifier: GPL-2.0-or-later
//
// Captures as lines of a trace: those that gmctl trace -w writes, and those of others in
// all forms that are read; and what is wrong in a file is told with its octet.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../ctl/ctl_pcapng.c"
#include "capture_comment.h"
#include "capture_lines.h"
#include "captures.h"

#define MESSAGE(start, call) start "\r\nCall-ID: " call "\r\nCSeq: 1 OPTIONS\r\n"	\
			     "Content-Length: 0\r\n\r\n"
#define OPTIONS "OPTIONS sip:a@b SIP/2.0"

static struct capture_told told;

/* The lines of a capture, which is freed; they are to be freed. */
static char *lines_of(struct octets *capture)
{
	FILE *in = fmemopen(capture->n ? capture->p : (char *)"", capture->n, "r"), *out;
	char *text = NULL;
	size_t n;

	out = open_memstream(&text, &n);
	assert_non_null(out);
	assert_non_null(in);
	assert_int_equal(capture_lines(in, out, &told), 0);
	fclose(out);
	fclose(in);
	octets_free(capture);
	*capture = (struct octets){ 0 };
	return text;
}

static void gives(struct octets *capture, const char *want, const char *error)
{
	char *got = lines_of(capture);

	assert_string_equal(got, want);
	assert_string_equal(told.error, error);
	free(got);
}

#define LINE_OF(time, transport, from, to, octets, start, call)				\
	"{\"time\":" time ",\"direction\":\"in\",\"side\":\"elsewhere\",\"transport\":\""	\
	transport "\",\"local\":\"" to "\",\"remote\":\"" from "\",\"octets\":" octets		\
	",\"start\":\"" start "\",\"cseq\":\"1 OPTIONS\",\"call-id\":\"" call "\"}\n"
#define LINE(time, call)								\
	LINE_OF(time, "udp", "10.0.0.1:5060", "10.0.0.2:5061", "75", OPTIONS, call)
#define LINE_TCP(call)									\
	LINE_OF("1.000000", "tcp", "10.0.0.1:5000", "10.0.0.2:6100", "75", OPTIONS, call)

static struct octets datagram(const char *call)
{
	char text[128];

	snprintf(text, sizeof(text), MESSAGE(OPTIONS, "%s"), call);
	return cap_udp("10.0.0.1", "10.0.0.2", str_of(text));
}

/* ---- what gmctl trace -w writes ---- */

static void what_trace_writes_is_read_back(void **state)
{
	char *file = NULL, *got;
	size_t n;
	FILE *f = open_memstream(&file, &n);
	struct ctl_pcapng_packet p = { .us = 1700000000123456, .tcp = true };
	struct octets comment = { 0 }, capture = { 0 };

	(void)state;
	addr_parse(&p.from, "2001:db8::1", 5000);
	addr_parse(&p.to, "2001:db8::2", 6100);
	/* Whatever a UE sends: it is not looked at. */
	p.message = STR_LIT("RE\x1bG\r\ni: <\"x\">\r\nCSeq: 2 REG\r\n\r\n");
	capture_comment_put(&comment, &(struct capture_comment){
		.side = CAPTURE_GM_PROTECTED, .in = true, .sa = STR_LIT("uc-ps"), .spi = 0x1e9ff1b0,
		.set = 3, .state = STR_LIT("temp"), .impi = STR_LIT("001@ims.example") });
	octets_puts(&comment, "\n");
	capture_note_put(&comment, &(struct capture_note){
		.event = STR_LIT("refused"), .rule = STR_LIT("verify-differs"),
		.clause = STR_LIT("TS 33.203 7.2"), .text = STR_LIT("REGISTER, 494: (it) differs") });
	octets_puts(&comment, "\n");
	capture_note_put(&comment, &(struct capture_note){
		.event = STR_LIT("deregistered"), .rule = { "", 0 }, .text = STR_LIT("by us") });
	p.comment = octets_str(&comment);
	assert_true(ctl_pcapng_begin(f) && ctl_pcapng_put(f, &p));
	p.comment = STR_LIT("Mw, sent");
	p.tcp = false;
	p.message = STR_LIT("SIP/2.0 200 OK\r\n\r\n");
	assert_true(ctl_pcapng_put(f, &p));
	fclose(f);
	octets_put(&capture, (struct str){ file, n });
	free(file);
	got = lines_of(&capture);
	assert_string_equal(got,
		"{\"time\":1700000000.123456,\"direction\":\"in\",\"side\":\"gm-protected\","
		"\"transport\":\"tcp\",\"local\":\"[2001:db8::2]:6100\","
		"\"remote\":\"[2001:db8::1]:5000\",\"set\":3,\"sa\":\"uc-ps\",\"spi\":513798576,"
		"\"state\":\"temp\",\"impi\":\"001@ims.example\",\"octets\":31,"
		"\"start\":\"RE\\u001bG\",\"cseq\":\"2 REG\",\"call-id\":\"<\\\"x\\\">\"}\n"
		"{\"time\":1700000000.123456,\"event\":\"refused\",\"who\":\"[2001:db8::1]:5000\","
		"\"rule\":\"verify-differs\",\"clause\":\"TS 33.203 7.2\","
		"\"text\":\"REGISTER, 494: (it) differs\"}\n"
		"{\"time\":1700000000.123456,\"event\":\"deregistered\","
		"\"who\":\"[2001:db8::1]:5000\",\"text\":\"by us\"}\n"
		"{\"time\":1700000000.123456,\"direction\":\"out\",\"side\":\"mw\",\"transport\":\"udp\","
		"\"local\":\"[2001:db8::1]:5000\",\"remote\":\"[2001:db8::2]:6100\",\"set\":0,"
		"\"octets\":18,\"start\":\"SIP/2.0 200 OK\"}\n");
	assert_string_equal(told.error, "");
	assert_int_equal(told.messages, 2);
	free(got);
	octets_free(&comment);
}

static void other_comments_are_somebodys(void **state)
{
	static const char * const not_ours[] = {
		"", "Gm", "Gm, clear", "Mw, received by", "Gm, clear, receivedx",
		"Gm, clear, sent, SA , SPI 0x00000001, set 1 (x)",
		"Gm, clear, sent, SA a, SPI 0x0000000g, set 1 (x)",
		"Gm, clear, sent, SA a, SPI 0x000000001, set 1 (x)",
		"Gm, clear, sent, SA a, SPI 0x00000001, set 4294967296 (x)",
		"Gm, clear, sent, SA a, SPI 0x00000001, set 1 (x",
	};
	struct capture_comment c;
	struct capture_note n;
	struct octets o = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++)
		assert_false(capture_comment_read(&c, str_of(not_ours[i])));
	assert_false(capture_note_read(&n, str_of("Look here: odd")));
	assert_false(capture_note_read(&n, str_of("no colon")));
	assert_true(capture_note_read(&n, str_of("refused because: x")) == false);
	cap_section(&o, false);
	cap_interface(&o, false, CAPTURE_LINK_RAW, 0);
	cap_packet(&o, false, 0, 1000000, datagram("a"), "Look \"here\"\n\n");
	gives(&o, LINE("1.000000", "a")
	      "{\"time\":1.000000,\"event\":\"comment\",\"who\":\"10.0.0.1:5060\","
	      "\"text\":\"Look \\\"here\\\"\"}\n", "");
}

/* ---- what others write ---- */

static struct octets behind(struct str head, struct octets packet)
{
	struct octets o = { 0 };

	octets_put(&o, head);
	cap_take(&o, &packet);
	return o;
}

#define TWELVE "\2\2\2\2\2\2\2\2\2\2\2\2"
#define SIXTEEN "0123456789abcdef"

static void all_links(void **state)
{
	const struct {
		uint32_t link;
		struct str head;
	} links[] = {
		{ CAPTURE_LINK_RAW, STR_LIT("") },
		{ CAPTURE_LINK_RAW_BSD, STR_LIT("") },
		{ CAPTURE_LINK_RAW_OPENBSD, STR_LIT("") },
		{ CAPTURE_LINK_IPV4, STR_LIT("") },
		{ CAPTURE_LINK_ETHERNET, STR_LIT(TWELVE "\x08\0") },
		{ CAPTURE_LINK_ETHERNET, STR_LIT(TWELVE "\x81\0\0\5\x08\0") },
		{ CAPTURE_LINK_ETHERNET, STR_LIT(TWELVE "\x88\xa8\0\1\x81\0\0\5\x08\0") },
		{ CAPTURE_LINK_SLL, STR_LIT("\0\0\0\1\0\6\2\2\2\2\2\2\0\0\x08\0") },
		{ CAPTURE_LINK_SLL2, STR_LIT("\x08\0\0\0\0\0\0\1\0\1\0\6\2\2\2\2\2\2\0\0") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct octets o = { 0 };

		cap_classic(&o, false, 0xa1b2c3d4, links[i].link);
		cap_record(&o, false, 7, 5, behind(links[i].head, datagram("a")), 0);
		gives(&o, LINE("7.000005", "a"), "");
	}
}

static void both_orders_and_units(void **state)
{
	struct octets o = { 0 };

	(void)state;
	/* Above the link type stands how long each frame's check sequence is. */
	cap_classic(&o, true, 0xa1b2c3d4, 0x24000000 | CAPTURE_LINK_RAW);
	cap_record(&o, true, 7, 999999, datagram("a"), 0);
	gives(&o, LINE("7.999999", "a"), "");
	cap_classic(&o, false, 0xa1b23c4d, CAPTURE_LINK_RAW);
	cap_record(&o, false, 7, 999999999, datagram("a"), 0);
	gives(&o, LINE("7.999999", "a"), "");
}

/* An interface each: link type, and what a tick is. Sections may differ in their order. */
static void sections_and_interfaces(void **state)
{
	struct octets o = { 0 }, odd = { 0 }, simple = { 0 }, old = { 0 }, packet;

	(void)state;
	cap_section(&o, false);
	cap_interface(&o, false, CAPTURE_LINK_RAW, 9);
	cap_interface(&o, false, CAPTURE_LINK_ETHERNET, (char)0x8a);
	octets_put(&odd, STR_LIT("what nobody knows"));
	cap_block(&o, false, 0x0bad, odd);
	cap_packet(&o, false, 0, 5000001999ull, datagram("a"), NULL);
	cap_packet(&o, false, 1, 5 * 1024 + 512, behind(STR_LIT(TWELVE "\x08\0"), datagram("b")), NULL);
	cap_section(&o, true);
	cap_interface(&o, true, CAPTURE_LINK_RAW, 0);
	cap_packet(&o, true, 0, 6000000, datagram("c"), NULL);
	packet = datagram("d");
	cap_u32(&simple, true, (uint32_t)packet.n);
	cap_take(&simple, &packet);
	cap_block(&o, true, 3, simple);
	packet = datagram("e");
	cap_u32(&old, true, 0);
	cap_u32(&old, true, 0);
	cap_u32(&old, true, 8000000);
	cap_u32(&old, true, (uint32_t)packet.n);
	cap_u32(&old, true, (uint32_t)packet.n);
	cap_take(&old, &packet);
	cap_block(&o, true, 2, old);
	gives(&o, LINE("5.000001", "a") LINE("5.500000", "b") LINE("6.000000", "c")
	      LINE("0.000000", "d") LINE("8.000000", "e"), "");
	assert_int_equal(told.packets, 5);
}

static void ipv6_and_its_headers(void **state)
{
	struct octets o = { 0 }, udp = { 0 };
	static const char want[] = LINE_OF("1.000000", "udp", "[2001:db8::1]:5060",
					   "[2001:db8::2]:5061", "75", OPTIONS, "a");

	(void)state;
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_IPV6);
	cap_record(&o, false, 1, 0, cap_udp("2001:db8::1", "2001:db8::2",
					    STR_LIT(MESSAGE(OPTIONS, "a"))), 0);
	gives(&o, want, "");
	/* Hop-by-hop, then destination options. */
	octets_put(&udp, STR_LIT("\x3c\0\1\4\0\0\0\0\x11\0\1\4\0\0\0\0"));
	octets_put(&udp, STR_LIT("\x13\xc4\x13\xc5\0\x53\0\0" MESSAGE(OPTIONS, "a")));
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_RAW);
	cap_record(&o, false, 1, 0, cap_ip("2001:db8::1", "2001:db8::2", 0, 0, octets_str(&udp)), 0);
	octets_free(&udp);
	gives(&o, want, "");
}

static void what_is_not_drawn_is_counted(void **state)
{
	struct octets o = { 0 }, udp = { 0 };

	(void)state;
	octets_put(&udp, STR_LIT("\x13\xc4\x13\xc5\x10\0\0\0" MESSAGE(OPTIONS, "a")));
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_RAW);
	cap_record(&o, false, 1, 0, cap_ip("10.0.0.1", "10.0.0.2", 50, 0, STR_LIT(SIXTEEN)), 0);
	/* The first fragment has what is drawn. */
	cap_record(&o, false, 1, 0, cap_ip("10.0.0.1", "10.0.0.2", 17, 0x2000, octets_str(&udp)), 0);
	cap_record(&o, false, 1, 0, cap_ip("10.0.0.1", "10.0.0.2", 17, 10, STR_LIT(SIXTEEN)), 0);
	cap_record(&o, false, 1, 0, cap_ip("10.0.0.1", "10.0.0.2", 1, 0, STR_LIT(SIXTEEN)), 0);
	cap_record(&o, false, 1, 0, datagram("b"), 80);
	cap_record(&o, false, 1, 0, cap_udp("10.0.0.1", "10.0.0.2", STR_LIT("RTP or what")), 0);
	gives(&o, LINE("1.000000", "a"), "");
	assert_int_equal(told.packets, 6);
	assert_int_equal(told.kinds[CAPTURE_ESP], 1);
	assert_int_equal(told.kinds[CAPTURE_FRAGMENT], 1);
	assert_int_equal(told.kinds[CAPTURE_ELSE], 1);
	assert_int_equal(told.kinds[CAPTURE_CUT], 1);
	octets_free(&udp);
	cap_classic(&o, false, 0xa1b2c3d4, 147);
	cap_record(&o, false, 1, 0, datagram("a"), 0);
	gives(&o, "", "");
	assert_int_equal(told.kinds[CAPTURE_LINK], 1);
	assert_int_equal(told.link, 147);
}

/* ---- TCP ---- */

enum { FIN = 1, SYN = 2 };

static void segment(struct octets *o, uint32_t seq, unsigned int flags, const char *text, uint32_t cut)
{
	cap_record(o, false, 1, 0, cap_tcp(seq, flags, str_of(text)), cut);
}

static void messages_of_a_stream(void **state)
{
	static const char two[] = MESSAGE(OPTIONS, "a") "\r\n\r\n" MESSAGE(OPTIONS, "b");
	char part[256];
	struct octets o = { 0 };

	(void)state;
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_RAW);
	/* Across the end of the numbers, with a piece once more. */
	segment(&o, UINT32_MAX - 10, SYN, "", 0);
	snprintf(part, sizeof(part), "%.40s", two);
	segment(&o, UINT32_MAX - 9, 0, part, 0);
	segment(&o, UINT32_MAX - 9, 0, part, 0);
	snprintf(part, sizeof(part), "%.60s", two + 20);
	segment(&o, UINT32_MAX - 9 + 20, 0, part, 0);
	segment(&o, UINT32_MAX - 9 + 80, FIN, two + 80, 0);
	/* Another one has the same addresses and ports. */
	segment(&o, 5000, SYN, "", 0);
	segment(&o, 5001, 0, MESSAGE(OPTIONS, "c"), 0);
	gives(&o, LINE_TCP("a") LINE_TCP("b") LINE_TCP("c"), "");
	assert_int_equal(told.lost, 0);
}

static void gaps_cost_messages(void **state)
{
	struct octets o = { 0 };

	(void)state;
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_RAW);
	segment(&o, 1000, 0, "OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1", 0);
	segment(&o, 2000, 0, " OPTIONS\r\nContent-Length: 0\r\n\r\n", 0);
	segment(&o, 3000, 0, MESSAGE(OPTIONS, "a"), 0);
	/* Not all was captured of it; what follows is found again. */
	segment(&o, 3075, 0, MESSAGE(OPTIONS, "b"), 10);
	segment(&o, 3150, 0, MESSAGE(OPTIONS, "c"), 0);
	/* Without a length there is no next one. */
	segment(&o, 3225, 0, OPTIONS "\r\n\r\n", 0);
	gives(&o, LINE_TCP("a") LINE_TCP("c"), "");
	assert_int_equal(told.lost, 3);
}

static void other_streams_are_left_alone(void **state)
{
	struct octets o = { 0 };

	(void)state;
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_RAW);
	segment(&o, 1, 0, "GET / HTTP/1.1\r\n\r\n", 0);
	segment(&o, 500, 0, "\x16\3\1", 0);
	gives(&o, "", "");
	assert_int_equal(told.lost, 0);
	assert_int_equal(told.packets, 2);
}

/* ---- hostile files ---- */

static void two_packets(struct octets *o)
{
	cap_section(o, false);
	cap_interface(o, false, CAPTURE_LINK_RAW, 9);
	cap_packet(o, false, 0, 1000000000, datagram("a"), "Mw, sent");
	cap_packet(o, false, 0, 1000000000, datagram("b"), NULL);
}

static void tells(struct octets *o, const char *error)
{
	free(lines_of(o));
	assert_string_equal(told.error, error);
}

/* Wherever it ends: what is whole before is there, and the octet of the rest is told. */
static void cut_off_anywhere(void **state)
{
	struct octets whole = { 0 }, part = { 0 };
	char want[64];

	(void)state;
	two_packets(&whole);
	for (size_t n = 0; n < whole.n; n++) {
		octets_put(&part, (struct str){ whole.p, n });
		free(lines_of(&part));
		snprintf(want, sizeof(want), "it ends at octet %zu", n);
		if (!n)
			assert_non_null(strstr(told.error, "neither pcapng nor pcap"));
		else if (*told.error && n >= 4)
			assert_non_null(strstr(told.error, want));
	}
	assert_int_equal(told.messages, 1);
	octets_put(&part, octets_str(&whole));
	gives(&part, "{\"time\":1.000000,\"direction\":\"out\",\"side\":\"mw\",\"transport\":\"udp\","
	      "\"local\":\"10.0.0.1:5060\",\"remote\":\"10.0.0.2:5061\",\"set\":0,\"octets\":75,"
	      "\"start\":\"" OPTIONS "\",\"cseq\":\"1 OPTIONS\",\"call-id\":\"a\"}\n"
	      LINE("1.000000", "b"), "");
	octets_free(&whole);
}

static void lengths_that_are_wrong(void **state)
{
	struct octets o = { 0 }, body = { 0 };

	(void)state;
	/* Blocks of no length would never end. */
	cap_section(&o, false);
	cap_le32(&o, 6);
	cap_le32(&o, 0);
	tells(&o, "octet 28: a block of 0 octets");
	cap_section(&o, false);
	cap_le32(&o, 0x0bad);
	cap_le32(&o, 0xfffffffc);
	tells(&o, "octet 28: the capture is cut off, it ends at octet 36");
	cap_section(&o, false);
	cap_le32(&o, 6);
	cap_le32(&o, 0xfffffffc);
	tells(&o, "octet 28: a packet's block of 4294967280 octets, more than any has");
	cap_section(&o, false);
	cap_block(&o, false, 0x0bad, body);
	o.p[o.n - 4] = 16;
	tells(&o, "octet 28: a block whose two lengths differ");
	cap_section(&o, false);
	cap_packet(&o, false, 5, 0, datagram("a"), NULL);
	tells(&o, "octet 28: a packet of interface 5, which is not there");
	cap_section(&o, false);
	cap_interface(&o, false, CAPTURE_LINK_RAW, 0);
	cap_packet(&o, false, 0, 0, datagram("a"), NULL);
	memset(o.p + 28 + 20 + 20, 0xff, 4);
	tells(&o, "octet 48: a packet of 4294967295 octets goes beyond its block");
	cap_section(&o, false);
	cap_interface(&o, false, CAPTURE_LINK_RAW, 0);
	cap_packet(&o, false, 0, 0, datagram("a"), "x");
	o.p[o.n - 10] = (char)0xff;
	tells(&o, "octet 48: an option goes beyond its block");
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_RAW);
	cap_record(&o, false, 0, 0, datagram("a"), 0);
	memset(o.p + 24 + 8, 0x7f, 4);
	tells(&o, "octet 24: a packet of 2139062143 octets, more than any has");
	cap_section(&o, false);
	o.p[12] = 9;
	tells(&o, "octet 0: pcapng of version 9, which is not known");
}

static void interfaces_without_end(void **state)
{
	struct octets o = { 0 };

	(void)state;
	cap_section(&o, false);
	for (unsigned int i = 0; i <= CAPTURE_INTERFACES; i++)
		cap_interface(&o, false, CAPTURE_LINK_RAW, 0);
	tells(&o, "octet 20508: more than 1024 interfaces");
}

/* More streams than there is room for: the oldest one goes, and costs what it had. */
static void streams_without_end(void **state)
{
	struct octets o = { 0 }, tcp;

	(void)state;
	cap_classic(&o, false, 0xa1b2c3d4, CAPTURE_LINK_RAW);
	for (unsigned int i = 0; i < 100; i++) {
		tcp = cap_tcp(1, 0, STR_LIT(OPTIONS "\r\n"));
		tcp.p[20] = (char)i;		/* its port */
		cap_record(&o, false, 1, 0, tcp, 0);
	}
	gives(&o, "", "");
	assert_int_equal(told.lost, 36);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_trace_writes_is_read_back),
		cmocka_unit_test(other_comments_are_somebodys),
		cmocka_unit_test(all_links),
		cmocka_unit_test(both_orders_and_units),
		cmocka_unit_test(sections_and_interfaces),
		cmocka_unit_test(ipv6_and_its_headers),
		cmocka_unit_test(what_is_not_drawn_is_counted),
		cmocka_unit_test(messages_of_a_stream),
		cmocka_unit_test(gaps_cost_messages),
		cmocka_unit_test(other_streams_are_left_alone),
		cmocka_unit_test(cut_off_anywhere),
		cmocka_unit_test(lengths_that_are_wrong),
		cmocka_unit_test(interfaces_without_end),
		cmocka_unit_test(streams_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
