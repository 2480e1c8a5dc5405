// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One Via element (RFC 3261 20.42). Read here and not by libosip2, since
 * received and rport are edited at their place in the octets. A branch
 * without z9hG4bK is accepted: iPhones were seen to send one.
 */
#include "sip_via.h"

#include <arpa/inet.h>

#include "sip_param.h"

static struct str skip_blanks(struct str s)
{
	while (s.n && is_blank_or_end(s.p[0]))
		s = str_from(s, 1);
	return s;
}

/* The token before '/' or a blank; *@rest moves behind it. */
static struct str take_token(struct str *rest)
{
	struct str token = { rest->p, 0 };

	while (token.n < rest->n && !strchr("/ \t\r\n;", rest->p[token.n]))
		token.n++;
	*rest = str_from(*rest, token.n);
	return token;
}

static bool take_slash(struct str *rest)
{
	*rest = skip_blanks(*rest);
	if (!rest->n || rest->p[0] != '/')
		return false;
	*rest = skip_blanks(str_from(*rest, 1));
	return true;
}

/* "SIP/2.0/UDP " with blanks around the slashes allowed. */
static bool take_protocol(struct str *rest, struct sip_via *via)
{
	if (!str_same_nocase(take_token(rest), STR_LIT("SIP")) || !take_slash(rest) ||
	    !str_same(take_token(rest), STR_LIT("2.0")) || !take_slash(rest))
		return false;
	via->transport = take_token(rest);
	if (!via->transport.n || !rest->n || skip_blanks(*rest).p == rest->p)
		return false;
	*rest = skip_blanks(*rest);
	return true;
}

static bool is_v6(struct str s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a;

	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	return inet_pton(AF_INET6, text, &a) == 1;
}

static bool read_port(struct str text, struct sip_via *via)
{
	uint32_t port;

	text = skip_blanks(text);
	if (!text.n)
		return true;
	if (text.p[0] != ':' || !str_number(str_trim(str_from(text, 1)), 65535, &port))
		return false;
	via->port = (uint16_t)port;
	return port != 0;
}

/* host [":" port]; an IPv6 address without brackets is taken without a port. */
static bool read_sent_by(struct str s, struct sip_via *via)
{
	const char *end;

	if (!s.n)
		return false;
	if (s.p[0] == '[') {
		end = memchr(s.p, ']', s.n);
		if (!end)
			return false;
		via->host = (struct str){ s.p + 1, (size_t)(end - s.p) - 1 };
		return is_v6(via->host) && read_port(str_from(s, (size_t)(end - s.p) + 1), via);
	}
	if (is_v6(s)) {
		via->host = s;
		return true;
	}
	end = memchr(s.p, ':', s.n);
	via->host = str_trim((struct str){ s.p, end ? (size_t)(end - s.p) : s.n });
	for (size_t i = 0; i < via->host.n; i++)
		if (strchr(" \t\r\n\"<>", via->host.p[i]))
			return false;
	return via->host.n && (!end || read_port(str_from(s, (size_t)(end - s.p)), via));
}

static void read_params(struct str rest, struct sip_via *via)
{
	struct sip_param param;

	while (sip_param_next(&rest, ';', &param)) {
		if (!via->branch.p && str_same_nocase(param.name, STR_LIT("branch"))) {
			via->branch = param.value;
		} else if (!via->received_param.p &&
			   str_same_nocase(param.name, STR_LIT("received"))) {
			via->received_param = param.whole;
			via->received = param.value;
		} else if (!via->rport_param.p &&
			   str_same_nocase(param.name, STR_LIT("rport"))) {
			via->rport_param = param.whole;
			via->rport = param.value.n ? param.value : STR_NONE;
		}
	}
}

bool sip_via_parse(struct str value, struct sip_via *via)
{
	struct str rest, sent_by;

	*via = (struct sip_via){ .whole = str_trim(value) };
	rest = via->whole;
	if (!rest.n || !sip_param_balanced(rest) || !take_protocol(&rest, via))
		return false;
	if (!sip_param_split(&rest, ';', &sent_by) || !read_sent_by(sent_by, via))
		return false;
	if (rest.p)
		read_params(rest, via);
	return true;
}

bool sip_via_is_from(const struct sip_via *via, const char *host)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t sent_by[16], source[16];
	int family = strchr(host, ':') ? AF_INET6 : AF_INET;

	if (via->host.n >= sizeof(text))
		return false;
	memcpy(text, via->host.p, via->host.n);
	text[via->host.n] = 0;
	return inet_pton(family, text, sent_by) == 1 && inet_pton(family, host, source) == 1 &&
	       memcmp(sent_by, source, family == AF_INET6 ? 16 : 4) == 0;
}
