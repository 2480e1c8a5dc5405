// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Digest credentials of a REGISTER, read and edited as octets: libosip2 drops
 * nonce="", auts and integrity-protected. Nothing is allocated.
 */
#include "authorization.h"

#include "sip_param.h"

/* Splits "Digest a=b, c=d"; p == NULL in @params: another scheme or none. */
static struct str digest_params(struct str value)
{
	const size_t n = strlen("Digest");

	if (value.n <= n || !str_same_nocase((struct str){ value.p, n }, STR_LIT("Digest")) ||
	    str_trim(str_from(value, n)).p == value.p + n)
		return STR_NONE;
	return str_trim(str_from(value, n));
}

/*
 * One quoted string or no quote at all: with  a="x, b="y"  we would see one
 * parameter where another parser sees two.
 */
static bool value_is_clean(const struct sip_param *param)
{
	struct str value = { param->name.p + param->name.n, 0 };
	bool quoted;

	value.n = (size_t)(param->whole.p + param->whole.n - value.p);
	value = str_trim(value);
	if (!value.n)
		return true;
	value = str_trim(str_from(value, 1));
	quoted = value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"';
	value = quoted ? (struct str){ value.p + 1, value.n - 2 } : value;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"')
			return false;
		if (quoted && value.p[i] == '\\')
			i++;
	}
	return true;
}

static bool read_params(struct str params, struct authorization *auth)
{
	const struct {
		struct str name;
		struct str *to;
	} known[] = {
		{ STR_LIT("username"), &auth->username },
		{ STR_LIT("realm"), &auth->realm },
		{ STR_LIT("nonce"), &auth->nonce },
		{ STR_LIT("uri"), &auth->uri },
		{ STR_LIT("response"), &auth->response },
		{ STR_LIT("auts"), &auth->auts },
		{ STR_LIT("algorithm"), &auth->algorithm },
	};
	struct sip_param param;

	while (sip_param_next(&params, ',', &param)) {
		if (!value_is_clean(&param))
			return false;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			if (!str_same_nocase(param.name, known[i].name))
				continue;
			/* Twice: we and the core might look at different ones. */
			if (known[i].to->p || !param.value.p)
				return false;
			*known[i].to = param.value;
		}
	}
	return auth->username.n != 0;
}

enum authorization_result authorization_read(const struct sip_msg *msg,
					     struct authorization *auth)
{
	const struct sip_line *line = sip_msg_line(msg, SIP_HEADER_AUTHORIZATION, NULL);
	struct str params;

	*auth = (struct authorization){ 0 };
	if (!line)
		return AUTHORIZATION_NONE;
	auth->line = line;
	params = digest_params(line->value);
	if (sip_msg_line(msg, SIP_HEADER_AUTHORIZATION, line) || !params.p ||
	    !sip_param_balanced(line->value) || !read_params(params, auth))
		return AUTHORIZATION_MALFORMED;
	return AUTHORIZATION_OK;
}

/* "integrity-protected" with the comma before it, or the one behind. */
static void remove_parameter(struct sip_msg *msg, struct str params)
{
	struct str before = STR_NONE, rest = params;
	struct sip_param param;
	bool pending = false;
	const char *from = NULL;

	while (sip_param_next(&rest, ',', &param)) {
		if (pending)
			sip_msg_replace(msg, (struct str){ from, (size_t)(param.whole.p - from) },
					STR_NONE);
		pending = false;
		if (!str_same_nocase(param.name, STR_LIT("integrity-protected"))) {
			before = param.whole;
			continue;
		}
		from = before.p ? before.p + before.n : param.whole.p;
		if (before.p) {
			const char *end = param.whole.p + param.whole.n;

			sip_msg_replace(msg, (struct str){ from, (size_t)(end - from) }, STR_NONE);
			before = param.whole;
		} else {
			pending = true;
		}
	}
	if (pending)
		sip_msg_replace(msg, (struct str){ from, (size_t)(params.p + params.n - from) },
				STR_NONE);
}

static void edit_lines(struct sip_msg *msg, enum sip_header id, const char *value)
{
	const struct sip_line *line = NULL;

	while ((line = sip_msg_line(msg, id, line))) {
		struct str params = digest_params(line->value);

		if (!params.p)
			continue;
		remove_parameter(msg, params);
		if (!value)
			continue;
		sip_msg_put_after(msg, line->value, STR_LIT(",integrity-protected=\""));
		sip_msg_put_after(msg, line->value, str_of(value));
		sip_msg_put_after(msg, line->value, STR_LIT("\""));
	}
}

void authorization_edit_integrity(struct sip_msg *msg, const char *value)
{
	edit_lines(msg, SIP_HEADER_AUTHORIZATION, value);
	edit_lines(msg, SIP_HEADER_PROXY_AUTHORIZATION, NULL);
}
