// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever the core sends: no ck= or ik= is left in a line that may carry a
 * challenge, other lines are untouched, and cutting twice changes nothing.
 * The look for what is left is made on the index of the finished message,
 * which shares no code with the cutting.
 */
#include "fuzz.h"

#include <ctype.h>

#include "challenge.h"
#include "sip_msg.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool carries_key(struct str s)
{
	for (size_t i = 0; i + 2 < s.n; i++) {
		size_t j = i + 2;

		if (strncasecmp(s.p + i, "ck", 2) != 0 && strncasecmp(s.p + i, "ik", 2) != 0)
			continue;
		if (i && !is_space(s.p[i - 1]) && s.p[i - 1] != ',')
			continue;
		while (j < s.n && is_space(s.p[j]))
			j++;
		if (j < s.n && s.p[j] == '=')
			return true;
	}
	return false;
}

static void look(struct str octets)
{
	struct sip_msg *msg = sip_msg_new(octets, &sip_limits_default, NULL);

	if (!msg)
		return;
	for (unsigned int i = 0; i < msg->n_lines; i++)
		if (msg->lines[i].id == SIP_HEADER_WWW_AUTHENTICATE ||
		    msg->lines[i].id == SIP_HEADER_PROXY_AUTHENTICATE)
			MUST(!carries_key(msg->lines[i].value));
	sip_msg_free(msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct keys_aka none;
	char *copy = malloc(size ? size : 1);
	struct keys_aka keys;
	enum challenge_result result;
	const char *why;
	size_t n = size, m;

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	result = challenge_cut(copy, &n, &keys, &why);
	MUST(n <= size);
	MUST((why != NULL) == (result == CHALLENGE_BAD_KEYS));
	MUST(result == CHALLENGE_KEYS || memcmp(&keys, &none, sizeof(none)) == 0);
	MUST(result != CHALLENGE_NO_KEYS || (n == size && (!n || !memcmp(copy, data, n))));
	for (size_t i = n; i < size; i++)
		MUST(copy[i] == 0);
	look((struct str){ copy, n });
	m = n;
	MUST(challenge_cut(copy, &m, &keys, NULL) == CHALLENGE_NO_KEYS);
	MUST(m == n);
	free(copy);
	return 0;
}
