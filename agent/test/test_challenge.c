// SPDX-License-Identifier: GPL-2.0-or-later
/* ck and ik out of a received 401; Authorization of a REGISTER. */
#include "proof.h"
#include "authorization.h"
#include "challenge.h"
#include "samples.h"

#define CK "ck=\"" SAMPLE_CK "\""
#define IK "ik=\"" SAMPLE_IK "\""
#define START "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
#define END "Content-Length: 0\r\n\r\n"
#define AUTH "WWW-Authenticate: "

static bool contains(const char *p, size_t n, const char *text)
{
	return n && memmem(p, n, text, strlen(text)) != NULL;
}

/*
 * Cuts @text; what remains must be @want (NULL: do not look) and no digit of
 * the keys may be anywhere in the buffer, not even behind the message.
 */
static enum challenge_result cut(const char *text, const char *want)
{
	size_t size = strlen(text), n = size;
	char *buffer = strdup(text);
	struct keys_aka keys, none = { 0 };
	enum challenge_result result;
	const char *why = "unset";
	uint8_t key[16];

	assert_non_null(buffer);
	result = challenge_cut(buffer, &n, &keys, &why);
	if (want)
		assert_str((struct str){ buffer, n }, want);
	assert_false(contains(buffer, size, "b40ba9a3c58b2a05"));
	assert_false(contains(buffer, size, "B40BA9A3C58B2A05"));
	assert_false(contains(buffer, size, "f769bcd751044604"));
	if (result == CHALLENGE_KEYS) {
		assert_true(str_hex(STR_LIT(SAMPLE_CK), key, 16));
		assert_memory_equal(keys.ck, key, 16);
		assert_true(str_hex(STR_LIT(SAMPLE_IK), key, 16));
		assert_memory_equal(keys.ik, key, 16);
	} else {
		assert_memory_equal(&keys, &none, sizeof(none));
	}
	assert_int_equal(why != NULL, result == CHALLENGE_BAD_KEYS);
	free(buffer);
	return result;
}

#define CUT(value, want) cut(START AUTH value "\r\n" END, START AUTH want "\r\n" END)

static void test_places(void **state)
{
	(void)state;
	assert_int_equal(CUT("Digest realm=\"r\",nonce=\"n\"," CK "," IK ",qop=\"auth\"",
			     "Digest realm=\"r\",nonce=\"n\",qop=\"auth\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\", nonce=\"n\", " CK ", " IK,
			     "Digest realm=\"r\", nonce=\"n\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest " CK "," IK ",realm=\"r\"",
			     "Digest realm=\"r\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest " IK ", realm=\"r\" ," CK " , nonce=\"n\"",
			     "Digest realm=\"r\"  , nonce=\"n\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest " CK ", " IK, "Digest "), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest realm=\"a,ck\\\"b,\"," CK "," IK,
			     "Digest realm=\"a,ck\\\"b,\""), CHALLENGE_KEYS);
}

static void test_spelling(void **state)
{
	(void)state;
	assert_int_equal(CUT("Digest realm=\"r\",ck=" SAMPLE_CK ",ik=" SAMPLE_IK,
			     "Digest realm=\"r\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\",CK=\"B40BA9A3C58B2A05BBF0D987B21BF8CB\",Ik = \""
			     SAMPLE_IK "\"", "Digest realm=\"r\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\",\r\n " CK ",\r\n\t" IK ",\r\n nonce=\"n\"",
			     "Digest realm=\"r\",\r\n nonce=\"n\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("\r\n Digest realm=\"r\",ck\r\n =\r\n \"" SAMPLE_CK "\"," IK,
			     "\r\n Digest realm=\"r\""), CHALLENGE_KEYS);
	assert_int_equal(cut(START "www-AUTHENTICATE :Digest " CK "," IK "\r\n" END,
			     START "www-AUTHENTICATE :Digest \r\n" END), CHALLENGE_KEYS);
	/* Line ends no gate lets through still do not hide a key. */
	assert_int_equal(cut("SIP/2.0 401 x\nWWW-Authenticate: Digest " CK "," IK "\n\n", NULL),
			 CHALLENGE_KEYS);
	assert_int_equal(cut("SIP/2.0 401 x\rWWW-Authenticate: Digest " CK "," IK "\r\r", NULL),
			 CHALLENGE_KEYS);
	assert_int_equal(cut("\r\n\r\n" START AUTH "Digest " CK "," IK "\r\n" END, NULL),
			 CHALLENGE_KEYS);
	/* The head may not even be complete. */
	assert_int_equal(cut(START AUTH "Digest realm=\"r\"," CK "," IK, NULL), CHALLENGE_KEYS);
}

static void test_several(void **state)
{
	(void)state;
	assert_int_equal(cut(START AUTH "Digest realm=\"r\",algorithm=AKAv2-MD5," CK "," IK "\r\n"
			     AUTH "Digest realm=\"r\",algorithm=AKAv1-MD5," CK "," IK "\r\n" END,
			     START AUTH "Digest realm=\"r\",algorithm=AKAv2-MD5\r\n"
			     AUTH "Digest realm=\"r\",algorithm=AKAv1-MD5\r\n" END),
			 CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\"," CK "," IK ", Digest realm=\"s\"," CK "," IK,
			     "Digest realm=\"r\", Digest realm=\"s\""), CHALLENGE_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\", Digest " CK "," IK ",realm=\"s\"",
			     "Digest realm=\"r\", Digest realm=\"s\""), CHALLENGE_KEYS);
	assert_int_equal(cut(START "Proxy-Authenticate: Digest " CK "," IK "\r\n" END, NULL),
			 CHALLENGE_KEYS);
	/* Which keys would the UE have? */
	assert_int_equal(cut(START AUTH "Digest realm=\"r\"," CK "," IK "\r\n"
			     AUTH "Digest realm=\"r\",ck=\"" SAMPLE_IK "\"," IK "\r\n" END,
			     START AUTH "Digest realm=\"r\"\r\n"
			     AUTH "Digest realm=\"r\"\r\n" END), CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\"," CK "," IK "," CK, "Digest realm=\"r\""),
			 CHALLENGE_BAD_KEYS);
}

static void test_missing(void **state)
{
	static const char plain[] = START AUTH "Digest realm=\"r\",nonce=\"Ick/ik=\","
				    "opaque=\"ck\"\r\nX: " CK "\r\n" END;

	(void)state;
	assert_int_equal(CUT("Digest realm=\"r\"," CK, "Digest realm=\"r\""), CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\"," IK, "Digest realm=\"r\""), CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\"", "Digest realm=\"r\""), CHALLENGE_NO_KEYS);
	assert_int_equal(cut("", ""), CHALLENGE_NO_KEYS);
	assert_int_equal(cut("\r\n\r\n", "\r\n\r\n"), CHALLENGE_NO_KEYS);
	/* Other headers, base64 that looks like one, and a body are left alone. */
	{
		size_t n = strlen(plain);
		char *copy = strdup(plain);
		struct keys_aka keys;

		assert_non_null(copy);
		assert_int_equal(challenge_cut(copy, &n, &keys, NULL), CHALLENGE_NO_KEYS);
		assert_str((struct str){ copy, n }, plain);
		free(copy);
	}
	{
		static const char body[] = START "Content-Length: 60\r\n\r\n "
					   "x\r\nWWW-Authenticate: Digest ck=\"1\"\r\n\r\n";
		size_t n = strlen(body);
		char *copy = strdup(body);
		struct keys_aka keys;

		assert_non_null(copy);
		assert_int_equal(challenge_cut(copy, &n, &keys, NULL), CHALLENGE_NO_KEYS);
		assert_str((struct str){ copy, n }, body);
		free(copy);
	}
}

static void test_malformed(void **state)
{
	(void)state;
	assert_int_equal(CUT("Digest realm=\"r\",ck=\"b40b\"," IK, "Digest realm=\"r\""),
			 CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\",ck=\"xb40ba9a3c58b2a05bbf0d987b21bf8c\"," IK,
			     "Digest realm=\"r\""), CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\",ck=\"\"," IK, "Digest realm=\"r\""),
			 CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\",ck," IK, "Digest realm=\"r\",ck"),
			 CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\"," CK "0," IK, "Digest realm=\"r\""),
			 CHALLENGE_BAD_KEYS);
	/* Quotes that do not match must not carry a key past us. */
	assert_int_equal(CUT("Digest realm=\"r,nonce=\"n\"," CK "," IK,
			     "Digest realm=\"r,nonce=\"n\","),
			 CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\",nonce=\"n, " CK "," IK ",opaque=\"x\"",
			     "Digest realm=\"r\",nonce=\"n, "), CHALLENGE_BAD_KEYS);
	assert_int_equal(CUT("Digest realm=\"r\",ck=\"" SAMPLE_CK "," IK, "Digest realm=\"r\""),
			 CHALLENGE_BAD_KEYS);
	/* More than anybody has reason to send. */
	assert_int_equal(CUT("Digest realm=\"r\",ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,"
			     "ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,ck=1,realm=s",
			     "Digest realm=\"r\","), CHALLENGE_BAD_KEYS);
}

/* Authorization */

static struct sip_msg *with_authorization(const char *lines)
{
	struct octets o = { 0 };
	struct sip_msg *msg;

	octets_printf(&o, "REGISTER sip:h SIP/2.0\r\n%sContent-Length: 0\r\n\r\n", lines);
	msg = sip_msg_new(octets_str(&o), &sip_limits_default, NULL);
	assert_non_null(msg);
	octets_free(&o);
	return msg;
}

static enum authorization_result read_result(const char *lines)
{
	struct sip_msg *msg = with_authorization(lines);
	struct authorization auth;
	enum authorization_result result = authorization_read(msg, &auth);

	sip_msg_free(msg);
	return result;
}

static void test_read(void **state)
{
	/* As a Pixel 6a folds it. */
	struct sip_msg *msg = with_authorization(
		"Authorization: Digest username=\"u@h\", realm=\"h\",\r\n"
		" NONCE=\"n==\" , uri=\"sip:h\",response=\"01\",algorithm=AKAv1-MD5\r\n");
	struct authorization auth;

	(void)state;
	assert_int_equal(authorization_read(msg, &auth), AUTHORIZATION_OK);
	assert_str(auth.username, "u@h");
	assert_str(auth.realm, "h");
	assert_str(auth.nonce, "n==");
	assert_str(auth.response, "01");
	assert_str(auth.algorithm, "AKAv1-MD5");
	assert_null(auth.auts.p);
	assert_true(authorization_answers(&auth));
	sip_msg_free(msg);

	/* libosip2 loses an empty nonce and response. */
	msg = with_authorization("Authorization: Digest username=\"u\",nonce=\"\",response=\"\"\r\n");
	assert_int_equal(authorization_read(msg, &auth), AUTHORIZATION_OK);
	assert_non_null(auth.nonce.p);
	assert_int_equal(auth.nonce.n, 0);
	assert_false(authorization_answers(&auth));
	sip_msg_free(msg);

	msg = with_authorization("Authorization: Digest username=\"u\",response=\"1\",auts=\"A=\"\r\n");
	assert_int_equal(authorization_read(msg, &auth), AUTHORIZATION_OK);
	assert_str(auth.auts, "A=");
	assert_false(authorization_answers(&auth));
	sip_msg_free(msg);
}

static void test_read_bad(void **state)
{
	(void)state;
	assert_int_equal(read_result("X: y\r\n"), AUTHORIZATION_NONE);
	assert_int_equal(read_result("Authorization: Basic dTpw\r\n"), AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest\r\n"), AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest realm=\"r\"\r\n"),
			 AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest username=\"\"\r\n"),
			 AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest username=\"u\r\n"),
			 AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest username=\"u\",username=\"v\"\r\n"),
			 AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest username=\"u\"\r\n"
				     "Authorization: Digest username=\"v\"\r\n"),
			 AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest username=\"u\",x=\"a, "
				     "integrity-protected=\"yes\",y=\"b\"\r\n"),
			 AUTHORIZATION_MALFORMED);
	assert_int_equal(read_result("Authorization: Digest username=\"u\",x=\"a, "
				     "integrity-protected=\"yes\",y=b\"\r\n"),
			 AUTHORIZATION_MALFORMED);
}

static void edited(const char *line, const char *value, const char *want)
{
	struct octets in = { 0 }, out = { 0 }, expect = { 0 };
	struct sip_msg *msg;

	octets_printf(&in, "%s\r\n", line);
	octets_put(&in, (struct str){ "", 1 });
	msg = with_authorization(in.p);
	authorization_edit_integrity(msg, value);
	assert_true(sip_msg_write(msg, &out));
	octets_printf(&expect, "REGISTER sip:h SIP/2.0\r\n%s\r\nContent-Length: 0\r\n\r\n", want);
	assert_str(octets_str(&out), expect.p);
	sip_msg_free(msg);
	octets_free(&in);
	octets_free(&out);
	octets_free(&expect);
}

static void test_integrity(void **state)
{
	(void)state;
	edited("Authorization: Digest username=\"u\",nonce=\"\",response=\"\"", "no",
	       "Authorization: Digest username=\"u\",nonce=\"\",response=\"\",integrity-protected=\"no\"");
	edited("Authorization:  Digest username=\"u\",integrity-protected=\"yes\", auts=\"x\" ", "no",
	       "Authorization:  Digest username=\"u\", auts=\"x\",integrity-protected=\"no\" ");
	edited("Authorization: Digest Integrity-Protected=yes , username=\"u\"", "no",
	       "Authorization: Digest username=\"u\",integrity-protected=\"no\"");
	edited("Authorization: Digest integrity-protected=yes,integrity-protected=\"yes\",a=b,"
	       "integrity-protected=\"auth-done\",integrity-protected=\"yes\"", "yes",
	       "Authorization: Digest a=b,integrity-protected=\"yes\"");
	edited("Authorization: Digest a=b,\r\n integrity-protected=\"yes\",\r\n c=d", "yes",
	       "Authorization: Digest a=b,\r\n c=d,integrity-protected=\"yes\"");
	edited("Authorization: Digest a=\"x,integrity-protected=y\"", NULL,
	       "Authorization: Digest a=\"x,integrity-protected=y\"");
	edited("Proxy-Authorization: Digest a=b,integrity-protected=\"yes\"", "yes",
	       "Proxy-Authorization: Digest a=b");
	edited("Authorization: Basic integrity-protected=yes", "yes",
	       "Authorization: Basic integrity-protected=yes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_places, "TS 24.229 5.2.2.2: ck and ik cut wherever they stand"),
		PROOF(test_spelling, "TS 24.229 7.2A.1: unquoted, upper case, folded, odd line ends"),
		PROOF(test_several, "RFC 3261 20.44: several challenges, lines and schemes"),
		PROOF(test_missing, "TS 24.229 5.2.2.2: missing keys are told from none"),
		PROOF(test_malformed, "TS 24.229 5.2.2.2: no malformed key goes on to the UE"),
		PROOF(test_read, "libosip2: folded, empty nonce, auts"),
		PROOF(test_read_bad, "TS 24.229 5.2.2.2: credentials two parsers could differ on"),
		PROOF(test_integrity, "TS 24.229 7.2A.2: integrity-protected only from us"),
	};

	return cmocka_run_group_tests_name("challenge", tests, NULL, NULL);
}
