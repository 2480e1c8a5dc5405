// SPDX-License-Identifier: GPL-2.0-or-later
/* Documents of RFC 3680, as cores write them, and as nobody should. */
#include <stdio.h>

#include "proof.h"
#include "reginfo.h"

#define HEAD "<?xml version=\"1.0\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "

static struct reginfo *parse(const char *text)
{
	const char *why = NULL;
	struct reginfo *info = reginfo_parse(str_of(text), &why);

	if (!info)
		fail_msg("%s: %s", why, text);
	return info;
}

static void assert_refused(struct str text, const char *want)
{
	const char *why = NULL;
	struct reginfo *info = reginfo_parse(text, &why);

	if (info || strcmp(why, want))
		fail_msg("%s, want %s: %.200s", info ? "accepted" : why, want, text.p);
}

static const struct reginfo_registration *nth(const struct reginfo *info, int n)
{
	const struct reginfo_registration *r = info->registrations;

	while (n-- && r)
		r = r->next;
	assert_non_null(r);
	return r;
}

/* Two identities, one of which is gone; the shape of the example of RFC 3680 5.5. */
static void full_document(void **state)
{
	static const char text[] = HEAD
		"version=\"0\" state=\"full\">\n"
		"  <registration aor=\"sip:joe@example.com\" id=\"as9\" state=\"active\">\n"
		"    <contact id=\"76\" state=\"active\" event=\"registered\"\n"
		"        duration-registered=\"7322\" q=\"0.8\">\n"
		"      <uri>sip:joe@pc887.example.com</uri>\n"
		"    </contact>\n"
		"    <contact id=\"77\" state=\"terminated\" event=\"expired\"\n"
		"        duration-registered=\"3600\" q=\"0.5\">\n"
		"      <uri>\n  sip:joe@university.edu\n  </uri>\n"
		"    </contact>\n"
		"  </registration>\n"
		"  <registration aor=\"tel:+15550001\" id=\"as10\" state=\"terminated\"/>\n"
		"</reginfo>\n";
	struct reginfo *info = parse(text);
	const struct reginfo_registration *r = nth(info, 0);

	(void)state;
	assert_true(info->full);
	assert_int_equal(info->version, 0);
	assert_string_equal(r->aor, "sip:joe@example.com");
	assert_int_equal(r->state, REGINFO_ACTIVE);
	assert_string_equal(r->contacts->uri, "sip:joe@pc887.example.com");
	assert_true(r->contacts->active);
	assert_int_equal(r->contacts->event, REGINFO_REGISTERED);
	assert_false(r->contacts->has_expires);
	assert_string_equal(r->contacts->next->uri, "sip:joe@university.edu");
	assert_false(r->contacts->next->active);
	assert_int_equal(r->contacts->next->event, REGINFO_EXPIRED);
	r = nth(info, 1);
	assert_string_equal(r->aor, "tel:+15550001");
	assert_int_equal(r->state, REGINFO_TERMINATED);
	assert_null(r->contacts);
	assert_null(r->next);
	reginfo_free(info);
}

/* With GRUUs (RFC 5628), parameters of contacts, and what a vendor adds. */
static void what_is_not_ours_is_passed_over(void **state)
{
	static const char text[] =
		"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><!-- c --><?pi?>"
		"<r:reginfo xmlns:r='urn:ietf:params:xml:ns:reginfo' xmlns:gr='urn:ietf:params:xml:ns:gruuinfo'"
		" version='4294967295' state='partial'>"
		"<v:registration xmlns:v='urn:vendor' aor='sip:no@example.org' state='active'>"
		"<r:contact state='active'/></v:registration>"
		"<r:registration aor='sip:a@example.org' state='active' v:x='1' xmlns:v='urn:vendor'>"
		"<v:deep><v:deeper><r:contact state='active'><r:uri>sip:no@h</r:uri></r:contact>"
		"</v:deeper></v:deep>"
		"<r:contact id='1' state='active' event='shortened' expires='60' callid='c' cseq='1'>"
		"<r:unknown-param name='+sip.instance'>\"&lt;urn:gsma:imei:1&gt;\"</r:unknown-param>"
		"<r:display-name>A &amp; B</r:display-name>"
		"<r:uri>sip:001@10.45.0.3:8000;<!-- c -->a=1&amp;<![CDATA[b]]>&#x3b;c<v:x>not this</v:x></r:uri>"
		"<gr:pub-gruu uri='sip:a@example.org;gr=urn:x'/>"
		"</r:contact></r:registration></r:reginfo>\n\n";
	struct reginfo *info = parse(text);
	const struct reginfo_registration *r = nth(info, 0);

	(void)state;
	assert_false(info->full);
	assert_int_equal(info->version, 4294967295u);
	assert_string_equal(r->aor, "sip:a@example.org");
	assert_null(r->next);
	assert_string_equal(r->contacts->uri, "sip:001@10.45.0.3:8000;a=1&b;c");
	assert_int_equal(r->contacts->event, REGINFO_SHORTENED);
	assert_true(r->contacts->has_expires);
	assert_int_equal(r->contacts->expires, 60);
	assert_null(r->contacts->next);
	reginfo_free(info);
}

static void events(void **state)
{
	static const char * const names[] = {
		"registered", "created", "refreshed", "shortened", "expired", "deactivated",
		"probation", "unregistered", "rejected",
	};
	char text[512];

	(void)state;
	for (int i = 0; i <= 9; i++) {
		struct reginfo *info;

		snprintf(text, sizeof(text), HEAD "version='1' state='full'><registration "
			 "aor='sip:a@h' state='init'><contact state='terminated' event='%s'><uri>"
			 "sip:c</uri></contact></registration></reginfo>", i < 9 ? names[i] : "new");
		info = parse(text);
		assert_int_equal(nth(info, 0)->state, REGINFO_INIT);
		assert_int_equal(nth(info, 0)->contacts->event,
				 i < 9 ? (int)REGINFO_REGISTERED + i : (int)REGINFO_OTHER);
		reginfo_free(info);
	}
	assert_string_equal(reginfo_event_name(REGINFO_DEACTIVATED), "deactivated");
}

static void a_contact_without_a_uri_is_nobody(void **state)
{
	struct reginfo *info = parse(HEAD "version='1' state='full'><registration aor='sip:a@h' "
				     "state='active'><contact state='active'/></registration>"
				     "</reginfo>");

	(void)state;
	assert_null(nth(info, 0)->contacts);
	reginfo_free(info);
	info = parse(HEAD "version='1' state='full'/>");
	assert_null(info->registrations);
	reginfo_free(info);
}

static void documents_that_say_nothing(void **state)
{
#define REG HEAD "version='1' state='full'><registration "
#define CON REG "aor='sip:a@h' state='active'><contact "
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "the document is empty" },
		{ "hello", "not well-formed XML" },
		{ "<reginfo version='1' state='full'/>", "not a reginfo document" },
		{ "<presence xmlns='urn:ietf:params:xml:ns:reginfo'/>", "not a reginfo document" },
		{ HEAD "version='1' state='full'>", "not well-formed XML" },
		{ HEAD "version='1' state='full'/>x", "not well-formed XML" },
		{ HEAD "version='1' version='2' state='full'/>", "not well-formed XML" },
		{ HEAD "state='full'/>", "version is not a number of 32 bits" },
		{ HEAD "version='-1' state='full'/>", "version is not a number of 32 bits" },
		{ HEAD "version='4294967296' state='full'/>", "version is not a number of 32 bits" },
		{ HEAD "version='1'/>", "state of reginfo is neither full nor partial" },
		{ HEAD "version='1' state='Full'/>", "state of reginfo is neither full nor partial" },
		{ REG "state='active'/></reginfo>", "aor is not a URI" },
		{ REG "aor='' state='active'/></reginfo>", "aor is not a URI" },
		{ REG "aor='sip:a@h'/></reginfo>", "state of a registration is unknown" },
		{ REG "aor='sip:a@h' state='gone'/></reginfo>", "state of a registration is unknown" },
		{ CON "/></registration></reginfo>", "state of a contact is unknown" },
		{ CON "state='init'/></registration></reginfo>", "state of a contact is unknown" },
		{ CON "state='active' expires='soon'><uri>sip:a</uri></contact></registration>"
		  "</reginfo>", "expires of a contact is not a number of 32 bits" },
		{ CON "state='active'><uri/></contact></registration></reginfo>",
		  "uri is not a URI" },
		{ CON "state='active'><uri>sip:a</uri><uri>sip:b</uri></contact></registration>"
		  "</reginfo>", "a contact with two URIs" },
		{ CON "state='active'><uri>sip:&#233;</uri></contact></registration></reginfo>",
		  "uri is not a URI" },
		{ "<?xml version='1.0' encoding='UTF-16'?><a/>", "not a reginfo document" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(str_of(rows[i].text), rows[i].why);
}

/* An identity goes into P-Asserted-Identity: it must not end the header or its brackets. */
static void no_uri_can_end_a_header(void **state)
{
	static const char * const bad[] = {
		"sip:a@h&#13;&#10;Evil: 1", "sip:a@h&gt;;x", "&lt;sip:a@h", "sip:a b@h", "sip:a&#9;@h",
		"sip:&quot;@h", "sip:\xc3\xa9@h", "sip:a\\@h",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), REG "aor='%s' state='active'/></reginfo>", bad[i]);
		assert_refused(str_of(text), "aor is not a URI");
		snprintf(text, sizeof(text), CON "state='active'><uri>%s</uri></contact>"
			 "</registration></reginfo>", bad[i]);
		assert_refused(str_of(text), "uri is not a URI");
	}
}

/* --- attacks on XML parsers --- */

static void entities_are_not_there(void **state)
{
	/* A thousand million laughs, a file, the network, and a reference to nothing. */
	static const char * const docs[] = {
		"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]>"
		"<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='full'>&d;</reginfo>",
		"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
		"<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='full'>&x;</reginfo>",
		"<!DOCTYPE reginfo SYSTEM 'http://192.0.2.1/reginfo.dtd'>"
		"<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='full'/>",
		"<!DOCTYPE r [<!ENTITY % p SYSTEM 'http://192.0.2.1/'>%p;]><r/>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++)
		assert_refused(str_of(docs[i]), "a document type declaration");
	assert_refused(STR_LIT(HEAD "version='1' state='full'>&nbsp;</reginfo>"),
		       "not well-formed XML");
}

static void repeat(struct octets *o, const char *text, int n)
{
	while (n--)
		octets_puts(o, text);
}

static void deep_nesting(void **state)
{
	struct octets o = { 0 };
	struct reginfo *info;

	(void)state;
	octets_puts(&o, HEAD "version='1' state='full'>");
	repeat(&o, "<a>", REGINFO_MAX_DEPTH - 1);
	repeat(&o, "</a>", REGINFO_MAX_DEPTH - 1);
	octets_put(&o, STR_LIT("</reginfo>\0"));
	info = parse(o.p);
	reginfo_free(info);
	o.n = 0;
	octets_puts(&o, HEAD "version='1' state='full'>");
	repeat(&o, "<a>", 10000);
	assert_refused(octets_str(&o), "elements are nested too deep");
	octets_free(&o);
}

static void too_much_of_everything(void **state)
{
	struct octets o = { 0 };

	(void)state;
	octets_puts(&o, HEAD "version='1' state='full'>");
	repeat(&o, "<registration aor='sip:a@h' state='active'/>", REGINFO_MAX_REGISTRATIONS + 1);
	octets_puts(&o, "</reginfo>");
	assert_refused(octets_str(&o), "too many registrations");
	o.n = 0;
	octets_puts(&o, REG "aor='sip:a@h' state='active'>");
	repeat(&o, "<contact state='active'><uri>sip:a</uri></contact>",
	       REGINFO_MAX_CONTACTS + 1);
	octets_puts(&o, "</registration></reginfo>");
	assert_refused(octets_str(&o), "too many contacts");
	o.n = 0;
	octets_puts(&o, CON "state='active'><uri>sip:");
	repeat(&o, "a", REGINFO_MAX_URI);
	octets_puts(&o, "</uri></contact></registration></reginfo>");
	assert_refused(octets_str(&o), "a URI is too long");
	o.n = 0;
	octets_puts(&o, HEAD "version='1' state='full'>");
	repeat(&o, " ", REGINFO_MAX_SIZE);
	octets_puts(&o, "</reginfo>");
	assert_refused(octets_str(&o), "the document is too long");
	octets_free(&o);
}

/* What is there of a document when the rest is missing is nothing. */
static void every_beginning_of_a_document(void **state)
{
	static const char text[] = CON "state='active' event='created'><uri>sip:a@h</uri></contact>"
				   "</registration></reginfo>";

	(void)state;
	for (size_t n = 1; n < sizeof(text) - 1; n++) {
		struct octets copy = { 0 };
		const char *why = NULL;

		/* Of its own, so that ASan sees a read past its end. */
		octets_put(&copy, (struct str){ text, n });
		assert_null(reginfo_parse(octets_str(&copy), &why));
		assert_non_null(why);
		octets_free(&copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(full_document, "RFC 3680 5.5: a full document"),
		PROOF(what_is_not_ours_is_passed_over, "RFC 3680 5.3: extensions are passed over"),
		PROOF(events, "RFC 3680 5.3.1: the events of a contact"),
		PROOF(a_contact_without_a_uri_is_nobody, "a contact without a URI is ignored"),
		PROOF(documents_that_say_nothing, "RFC 3680 5.4: what is not to the schema is refused"),
		PROOF(no_uri_can_end_a_header, "no URI of a document can end a header"),
		PROOF(entities_are_not_there, "no DTD, no entities, nothing is fetched"),
		PROOF(deep_nesting, "depth is bounded"),
		PROOF(too_much_of_everything, "size and counts are bounded"),
		PROOF(every_beginning_of_a_document, "a truncated document is refused"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
