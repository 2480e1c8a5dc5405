// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Credentials of a stranger in a REGISTER: each part lies within its line; what
 * the UE says of its own integrity never reaches the core, our word does, once for
 * each set of credentials.
 */
#include "fuzz.h"

#include "authorization.h"

#define MARK "integrity-protected"

static const struct sip_limits wide = {
	.message = 65536, .header_lines = 160, .line = 16384, .commas = 1024, .semicolons = 1024,
};

static unsigned int times(struct str s, const char *word)
{
	unsigned int n = 0;

	for (size_t i = 0; i + strlen(word) <= s.n; i++)
		n += !strncasecmp(s.p + i, word, strlen(word));
	return n;
}

static void check(struct sip_msg *msg, struct str value)
{
	struct authorization auth, again;
	struct octets out = { 0 };
	struct sip_msg *after;
	enum authorization_result result = authorization_read(msg, &auth);

	if (result == AUTHORIZATION_OK) {
		const struct str *all[] = { &auth.username, &auth.realm, &auth.nonce, &auth.uri,
					    &auth.response, &auth.auts, &auth.algorithm };

		for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++)
			MUST(!all[i]->n || str_within(*all[i], auth.line->value));
	}
	if (result == AUTHORIZATION_MALFORMED)
		return;
	authorization_edit_integrity(msg, "no");
	MUST(sip_msg_write(msg, &out));
	after = sip_msg_new(octets_str(&out), &wide, NULL);
	MUST(after);
	MUST(authorization_read(after, &again) == result);
	if (result == AUTHORIZATION_OK) {
		MUST(str_same(again.username, auth.username) && str_same(again.nonce, auth.nonce));
		MUST(str_same(again.response, auth.response));
		/* as a name; inside a quoted value it means nothing */
		MUST(times(value, MARK) || times(octets_str(&out), MARK) == 1);
	}
	sip_msg_free(after);
	octets_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = { (const char *)data, size };
	struct octets text = { 0 };
	struct sip_msg *msg;

	octets_puts(&text, "REGISTER sip:home SIP/2.0\r\n"
		    "Via: SIP/2.0/UDP 10.45.0.3:5100;branch=z9hG4bKa\r\n"
		    "From: <sip:a@home>;tag=1\r\nTo: <sip:a@home>\r\n"
		    "Call-ID: 1\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nAuthorization: ");
	octets_put(&text, value);
	octets_puts(&text, "\r\nContent-Length: 0\r\n\r\n");
	msg = sip_msg_new(octets_str(&text), &wide, NULL);
	if (msg)
		check(msg, value);
	sip_msg_free(msg);
	octets_free(&text);
	return 0;
}
