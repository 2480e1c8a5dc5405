// SPDX-License-Identifier: GPL-2.0-or-later
/* What is changed in a REGISTER and its answers, and what is read in them. */
#include <stdio.h>

#include "proof.h"
#include "challenge.h"
#include "register_edit.h"
#include "register_facts.h"
#include "samples.h"

static const struct sip_source ue = { .host = "10.45.0.3", .port = 5100 };

static const struct register_uplink facts = {
	.source = &ue,
	.integrity_protected = "no",
	.path_token = "TOKEN",
	.mw_host = "[fd00:2::1]",
	.mw_port = 5060,
	.mw_transport = "UDP",
	.branch = "z9hG4bKours",
	.visited_network = "visited.example",
	.icid = "ICID",
};

static struct sip_msg *make(const char *text)
{
	struct sip_msg *msg = sip_msg_new(str_of(text), &sip_limits_default, NULL);
	struct sip_fault fault;

	assert_non_null(msg);
	if (!sip_msg_check(msg, false, &fault))
		fail_msg("%s: %s", fault.why, text);
	return msg;
}

static void assert_written(struct sip_msg *msg, const char *want)
{
	struct octets out = { 0 };

	assert_true(sip_msg_write(msg, &out));
	assert_octets(&out, want);
	octets_free(&out);
}

#define START "REGISTER sip:h SIP/2.0\r\n"
#define CORE_HEADERS "From: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
#define OURS "Via: SIP/2.0/UDP [fd00:2::1]:5060;branch=z9hG4bKours\r\n"
#define ADDED "Path: <sip:TOKEN@[fd00:2::1]:5060;lr>\r\n" \
	"P-Visited-Network-ID: visited.example\r\n" \
	"P-Charging-Vector: icid-value=\"ICID\"\r\n"

static void uplink(const char *in, const struct register_uplink *with, const char *want)
{
	struct sip_msg *msg = make(in);

	register_edit_uplink(msg, with);
	assert_written(msg, want);
	sip_msg_free(msg);
}

static void test_uplink(void **state)
{
	(void)state;
	uplink(START
	       "v: SIP/2.0/UDP 10.45.0.3:5060;branch=z9hG4bK1;rport\r\n"
	       CORE_HEADERS
	       "m: <sip:a@10.45.0.3:5060>;+g.x=\"a,b\"\r\n"
	       "Route: <sip:10.4.128.21:5060;lr>, <sip:evil;lr>\r\n"
	       "Max-Forwards: 70\r\n"
	       "Authorization: Digest username=\"a\",nonce=\"\",response=\"\",integrity-protected=\"yes\"\r\n"
	       "Require: sec-agree\r\n"
	       "Proxy-Require: sec-agree\r\n"
	       "k: path,sec-agree\r\n"
	       "Security-Client: ipsec-3gpp;alg=hmac-md5-96\r\n"
	       "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1, "
	       "IEEE-802.11;i-wlan-node-id=2;network-provided\r\n"
	       "X-Odd:\t kept,, as  it \r\n is\r\n"
	       "Content-Length: 0\r\n\r\n",
	       &facts,
	       START
	       OURS
	       "v: SIP/2.0/UDP 10.45.0.3:5060;branch=z9hG4bK1;rport=5100;received=10.45.0.3\r\n"
	       CORE_HEADERS
	       "m: <sip:a@10.45.0.3:5060>;+g.x=\"a,b\"\r\n"
	       "Max-Forwards: 69\r\n"
	       "Authorization: Digest username=\"a\",nonce=\"\",response=\"\",integrity-protected=\"no\"\r\n"
	       "Require: path\r\n"
	       "k: path,sec-agree\r\n"
	       "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1\r\n"
	       "X-Odd:\t kept,, as  it \r\n is\r\n"
	       "Content-Length: 0\r\n"
	       ADDED "\r\n");
}

static void test_uplink_forged(void **state)
{
	struct register_uplink with = facts;

	(void)state;
	with.integrity_protected = "yes";
	with.orig_ioi = "Type 1visited.example";
	with.visited_network = "visited net";
	uplink(START
	       "Via: SIP/2.0/TCP 10.45.0.3:5101;branch=z9hG4bK1\r\n"
	       CORE_HEADERS
	       "Path: <sip:forged@evil;lr>\r\n"
	       "Require: path, sec-agree\r\n"
	       "P-Visited-Network-ID: elsewhere\r\n"
	       "P-Visited-Network-ID: elsewhere2\r\n"
	       "P-Charging-Vector: icid-value=1;term-ioi=2\r\n"
	       "P-Charging-Function-Addresses: ccf=evil\r\n"
	       "P-Asserted-Identity: <sip:president@h>\r\n"
	       "P-Asserted-Service: urn:x\r\n"
	       "P-Served-User: <sip:b@h>\r\n"
	       "P-Profile-Key: <sip:x@h>\r\n"
	       "P-Access-Network-Info: 3GPP;network-provided\r\n"
	       "Security-Server: ipsec-3gpp\r\n"
	       "Security-Verify: ipsec-3gpp\r\n"
	       "Content-Length: 4\r\n\r\nbody",
	       &with,
	       START
	       "Via: SIP/2.0/UDP [fd00:2::1]:5060;branch=z9hG4bKours\r\n"
	       "Via: SIP/2.0/TCP 10.45.0.3:5101;branch=z9hG4bK1;received=10.45.0.3\r\n"
	       CORE_HEADERS
	       "Path: <sip:TOKEN@[fd00:2::1]:5060;lr>\r\n"
	       "Require: path\r\n"
	       "P-Visited-Network-ID: \"visited net\"\r\n"
	       "P-Charging-Vector: icid-value=\"ICID\";orig-ioi=\"Type 1visited.example\"\r\n"
	       "Content-Length: 4\r\n"
	       "Max-Forwards: 70\r\n"
	       "\r\nbody");
}

static void test_uplink_pixel(void **state)
{
	struct register_uplink with = facts;

	(void)state;
	with.integrity_protected = "yes";
	/* Pixel 6a folds Authorization over two lines. */
	uplink(START "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n" CORE_HEADERS
	       "Authorization: Digest username=\"a\",\r\n response=\"1\"\r\n"
	       "Max-Forwards: 1\r\n\r\n",
	       &with,
	       START OURS "Via: SIP/2.0/UDP h;branch=z9hG4bK1;received=10.45.0.3\r\n" CORE_HEADERS
	       "Authorization: Digest username=\"a\",\r\n response=\"1\",integrity-protected=\"yes\"\r\n"
	       "Max-Forwards: 0\r\n"
	       "Path: <sip:TOKEN@[fd00:2::1]:5060;lr>\r\n"
	       "Require: path\r\n"
	       "P-Visited-Network-ID: visited.example\r\n"
	       "P-Charging-Vector: icid-value=\"ICID\"\r\n\r\n");
}

static void test_downlink_401(void **state)
{
	char text[] = SAMPLE_401;
	size_t n = strlen(text);
	struct register_downlink with = { .security_server = STR_LIT(SAMPLE_SERVER) };
	struct keys_aka keys;
	struct sip_msg *msg;

	(void)state;
	assert_int_equal(challenge_cut(text, &n, &keys, NULL), CHALLENGE_KEYS);
	text[n] = 0;
	msg = make(text);
	register_edit_downlink(msg, &with);
	assert_written(msg, "SIP/2.0 401 Unauthorized\r\n"
		       "Via: SIP/2.0/UDP 10.45.0.3:5060;branch=z9hG4bKa1;rport=5060;received=10.45.0.3\r\n"
		       "From: <sip:" SAMPLE_IMPI ">;tag=3210654491\r\n"
		       "To: <sip:" SAMPLE_IMPI ">;tag=a35a5806d604\r\n"
		       "Call-ID: A8486F315869AD36E9AF213F@10.45.0.3\r\n"
		       "CSeq: 1 REGISTER\r\n"
		       "WWW-Authenticate: Digest realm=\"" SAMPLE_HOME "\",nonce=\"" SAMPLE_NONCE
		       "\",algorithm=AKAv1-MD5,qop=\"auth,auth-int\"\r\n"
		       "Server: core\r\n"
		       "Content-Length: 0\r\n"
		       "Security-Server: " SAMPLE_SERVER "\r\n\r\n");
	sip_msg_free(msg);
}

static void test_downlink_200(void **state)
{
	struct register_downlink with = { 0 };
	struct sip_msg *msg = make("SIP/2.0 200 OK\r\n"
				   "Via: SIP/2.0/UDP o;branch=z9hG4bK2, SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
				   CORE_HEADERS
				   "Security-Server: tls\r\n"
				   "P-Asserted-Identity: <sip:x@h>\r\n"
				   "Privacy: header; id\r\n"
				   "P-Charging-Vector: a\r\nP-Charging-Function-Addresses: b\r\n"
				   "Path: <sip:TOKEN@p;lr>\r\n"
				   "Service-Route: <sip:s;lr>\r\n\r\n");

	(void)state;
	register_edit_downlink(msg, &with);
	assert_written(msg, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n" CORE_HEADERS
		       "Privacy: header; id\r\nService-Route: <sip:s;lr>\r\n\r\n");
	sip_msg_free(msg);
	msg = make("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP o\r\n" CORE_HEADERS
		   "P-Asserted-Identity: <sip:x@h>\r\nPrivacy: none\r\n\r\n");
	register_edit_downlink(msg, &with);
	assert_written(msg, "SIP/2.0 200 OK\r\n" CORE_HEADERS
		       "P-Asserted-Identity: <sip:x@h>\r\nPrivacy: none\r\n\r\n");
	sip_msg_free(msg);
}

static bool request(const char *lines, struct register_request *req, const char **why)
{
	static struct sip_msg *msg;
	struct sip_fault fault;
	char text[1024];
	bool ok;

	/* What @req points at lives until the next call. */
	sip_msg_free(msg);
	msg = NULL;
	if (!lines)
		return false;
	snprintf(text, sizeof(text), START "Via: SIP/2.0/UDP h\r\n" CORE_HEADERS "%s\r\n", lines);
	msg = make(text);
	ok = register_facts_request(msg, req, &fault);
	assert_int_equal(fault.status, ok ? 0 : 400);
	*why = fault.why;
	return ok;
}

static void test_request(void **state)
{
	struct register_request req;
	const char *why;

	(void)state;
	assert_true(request("Contact: \"x\" <sip:a@b:1;transport=tcp>;expires=60;q=1\r\nExpires: 9\r\n",
			    &req, &why));
	assert_str(req.aor, "sip:a@h");
	assert_str(req.contact[0].uri, "sip:a@b:1;transport=tcp");
	assert_true(req.contact[0].has_expires);
	assert_int_equal(req.contact[0].expires, 60);
	assert_false(req.star || register_facts_sos(&req));
	assert_true(request("m: sip:a@b;x\r\nExpires: 600000\r\n", &req, &why));
	assert_str(req.contact[0].uri, "sip:a@b");
	assert_int_equal(req.contact[0].expires, 600000);
	assert_true(request("Contact: <sip:a@b>\r\n", &req, &why));
	assert_false(req.contact[0].has_expires);
	assert_true(request("Contact: <sip:a@b;sos>;expires=x\r\n", &req, &why));
	assert_true(register_facts_sos(&req));
	assert_int_equal(req.contact[0].expires, 3600);
	assert_true(request("Contact: *\r\nExpires: 0\r\n", &req, &why));
	assert_true(req.star);
	assert_int_equal(req.n, 0);
	/* No Contact crashed a P-CSCF (field note 45): here it is a query. */
	assert_true(request("", &req, &why));
	assert_int_equal(req.n, 0);

	assert_false(request("Contact: *\r\nExpires: 1\r\n", &req, &why));
	assert_false(request("Contact: *\r\n", &req, &why));
	assert_false(request("Contact: *, <sip:a@b>\r\nExpires: 0\r\n", &req, &why));
	assert_false(request("Contact: <sip:a@b>\r\nContact: *\r\nExpires: 0\r\n", &req, &why));
	assert_false(request("Contact: <sip:a@b\r\n", &req, &why));
	assert_false(request("Contact: nonsense\r\n", &req, &why));
	request(NULL, NULL, NULL);
}

/* A phone that has another contact takes the old one back in the same REGISTER. */
static void test_contacts(void **state)
{
	struct register_request req;
	char lines[1024] = "";
	struct addr a;
	const char *why;

	(void)state;
	assert_true(request("Contact: <sip:a@b:1;sos>;expires=0, <sip:a@b:2>\r\n"
			    "m: <sip:a@b:3>;expires=7\r\nExpires: 9\r\n", &req, &why));
	assert_int_equal(req.n, 3);
	assert_str(req.contact[0].uri, "sip:a@b:1;sos");
	assert_true(req.contact[0].has_expires && !req.contact[0].expires && req.contact[0].sos);
	assert_str(req.contact[1].uri, "sip:a@b:2");
	assert_int_equal(req.contact[1].expires, 9);
	assert_int_equal(req.contact[2].expires, 7);
	/* What it takes back does not say what it asks for. */
	assert_false(register_facts_sos(&req));
	assert_true(request("Contact: <sip:a@b:1;sos>;expires=0\r\n", &req, &why));
	assert_true(register_facts_sos(&req));
	for (int i = 0; i < 9; i++)
		snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines),
			 "Contact: <sip:a@b:%d>\r\n", i + 1);
	assert_false(request(lines, &req, &why));
	assert_string_equal(why, "too many Contacts");
	assert_true(request(strchr(lines, '\n') + 1, &req, &why));
	assert_int_equal(req.n, REGISTER_CONTACTS);
	assert_false(request("Contact: <sip:a@b>, <:>\r\n", &req, &why));
	assert_true(register_facts_address(STR_LIT("sip:a@10.45.0.3:8000;x"), &a));
	assert_string_equal(addr_text(&a), "10.45.0.3:0");
	assert_true(register_facts_address(STR_LIT("sip:[2001:db8::1]:8000"), &a));
	assert_false(register_facts_address(STR_LIT("sip:a@ue.example"), &a));
	assert_false(register_facts_address(STR_LIT("tel:+1"), &a));
	request(NULL, NULL, NULL);
}

static bool expiry(const char *lines, const char *contact, uint32_t *expires)
{
	char text[1024];
	struct sip_msg *msg;
	bool known;

	snprintf(text, sizeof(text), "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n" CORE_HEADERS
		 "%s\r\n", lines);
	msg = make(text);
	known = register_facts_expiry(msg, str_of(contact), expires);
	sip_msg_free(msg);
	return known;
}

static void test_expiry(void **state)
{
	uint32_t n;

	(void)state;
	assert_true(expiry("Contact: <sip:x@y>;expires=1,<sip:a@b:2;alias=z>;q=1;expires=60\r\n"
			   "Expires: 7\r\n", "sip:a@b:2", &n));
	assert_int_equal(n, 60);
	assert_true(expiry("Contact: <sip:x@y>;expires=1\r\nm: <sip:a@B:2>\r\nExpires: 7\r\n",
			   "sip:a@b:2", &n));
	assert_int_equal(n, 7);
	assert_true(expiry("Contact: <sip:x@y>;expires=1\r\nExpires: 7\r\n", "sip:a@b:2", &n));
	assert_int_equal(n, 0);
	assert_true(expiry("", "sip:a@b:2", &n));
	assert_int_equal(n, 0);
	assert_true(expiry("Contact: <sip:a@b:2>;expires=0\r\n", "sip:a@b:2", &n));
	assert_int_equal(n, 0);
	assert_false(expiry("Contact: <sip:a@b:2>\r\n", "sip:a@b:2", &n));
}

static void test_lists(void **state)
{
	struct sip_msg *msg = make(SAMPLE_200);
	struct sip_values at = { 0 };
	struct octets kept = { 0 };
	struct sip_addr addr;
	struct str value;

	(void)state;
	assert_true(sip_msg_next_value(msg, SIP_HEADER_P_ASSOCIATED_URI, &at, &value));
	assert_true(sip_addr_split(value, &addr));
	assert_str(addr.uri, "tel:0598765432100");
	assert_true(sip_msg_next_value(msg, SIP_HEADER_P_ASSOCIATED_URI, &at, &value));
	assert_false(sip_msg_next_value(msg, SIP_HEADER_P_ASSOCIATED_URI, &at, &value));
	sip_msg_join(msg, SIP_HEADER_SERVICE_ROUTE, &kept);
	assert_octets(&kept, "<sip:orig@scscf." SAMPLE_HOME ":6060;lr>");
	octets_free(&kept);
	sip_msg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_uplink, "TS 24.229 5.2.2.1: the REGISTER the core gets"),
		PROOF(test_uplink_forged, "TS 24.229 4.4: what a UE may not say is gone"),
		PROOF(test_uplink_pixel, "sec-agree.md 7: Authorization folded by a Pixel 6a"),
		PROOF(test_downlink_401, "TS 24.229 5.2.2.2: the 401 the UE gets"),
		PROOF(test_downlink_200, "TS 24.229 5.2.2.1, RFC 3325 5: the 200 the UE gets"),
		PROOF(test_request, "RFC 3261 10.2, field note 45: Contact, *, expires, none"),
		PROOF(test_contacts, "RFC 3261 10.2: several Contacts"),
		PROOF(test_expiry, "TS 24.229 5.2.2.1: expiry of the UE's own contact"),
		PROOF(test_lists, "RFC 3608, RFC 7315: Service-Route and P-Associated-URI in order"),
	};

	return cmocka_run_group_tests_name("register", tests, NULL, NULL);
}
