// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first look at octets of a stranger, before anything is allocated or
 * parsed: bounded in size, lines and list lengths (libosip2 is quadratic in
 * them), and shaped like SIP. A CR or LF by itself is refused: some parser
 * behind us may take it for a line end and see a header that we did not.
 */
#include "sip_gate.h"

/* "OPTIONS s:h SIP/2.0" and an empty line: nothing shorter is a message. */
#define SHORTEST 16

const struct sip_limits sip_limits_default = {
	.message = 16384,
	.header_lines = 128,
	.line = 4096,
	.commas = 64,
	.semicolons = 256,
};

static const char *const texts[] = {
	[SIP_GATE_OK] = "ok",
	[SIP_GATE_KEEPALIVE] = "keep-alive",
	[SIP_GATE_SHORT] = "too short to be a message",
	[SIP_GATE_MESSAGE_SIZE] = "message longer than limits.message",
	[SIP_GATE_HEADER_LINES] = "more header lines than limits.header-lines",
	[SIP_GATE_LINE_LENGTH] = "line longer than limits.line",
	[SIP_GATE_COMMAS] = "more commas in a line than limits.commas",
	[SIP_GATE_SEMICOLONS] = "too many semicolons in a line",
	[SIP_GATE_NO_END] = "no empty line after the headers",
	[SIP_GATE_LINE_END] = "CR or LF by itself",
	[SIP_GATE_CONTROL] = "control octet in the headers",
	[SIP_GATE_START_LINE] = "neither a request nor a status line",
	[SIP_GATE_HEADER] = "header line without name and colon",
	[SIP_GATE_LENGTH] = "no single Content-Length of digits on a stream",
};

const char *sip_gate_text(enum sip_gate_result result)
{
	return (size_t)result < sizeof(texts) / sizeof(texts[0]) ? texts[result] : "unknown";
}

enum { PLAIN, COMMA, SEMICOLON, CR, LF, CONTROL };

static const uint8_t octet_class[256] = {
	[0 ... 8] = CONTROL, [11 ... 12] = CONTROL, [14 ... 31] = CONTROL, [127] = CONTROL,
	['\r'] = CR, ['\n'] = LF, [','] = COMMA, [';'] = SEMICOLON,
};

static bool is_keepalive(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0')
			return false;
	return true;
}

/* One line with what is folded into it; *@at moves behind its last CR LF. */
static enum sip_gate_result scan_line(struct str s, size_t *at, const struct sip_limits *limits)
{
	unsigned int commas = 0, semicolons = 0;
	size_t start = *at, i = start;

	for (; i < s.n; i++) {
		switch (octet_class[(uint8_t)s.p[i]]) {
		case PLAIN:
			continue;
		case COMMA:
			if (++commas > limits->commas)
				return SIP_GATE_COMMAS;
			continue;
		case SEMICOLON:
			if (++semicolons > limits->semicolons)
				return SIP_GATE_SEMICOLONS;
			continue;
		case CONTROL:
			return SIP_GATE_CONTROL;
		case LF:
			return SIP_GATE_LINE_END;
		}
		if (i + 1 == s.n)
			return SIP_GATE_NO_END;
		if (s.p[i + 1] != '\n')
			return SIP_GATE_LINE_END;
		i++;
		if (i - start > limits->line)
			return SIP_GATE_LINE_LENGTH;
		if (i + 1 < s.n && (s.p[i + 1] == ' ' || s.p[i + 1] == '\t') && i > start + 1)
			continue;
		*at = i + 1;
		return SIP_GATE_OK;
	}
	return SIP_GATE_NO_END;
}

/* Three parts, single blanks, "SIP/" in the first or the last. */
static bool start_line_ok(struct str line)
{
	const char *first = memchr(line.p, ' ', line.n), *last;
	size_t uri;

	if (!first || first == line.p || memchr(line.p, '\r', line.n))
		return false;
	if (line.n >= 4 && memcmp(line.p, "SIP/", 4) == 0)
		return line.n > (size_t)(first - line.p) + 3;
	last = memrchr(line.p, ' ', line.n);
	uri = (size_t)(last - first);
	if (uri < 2 || memchr(first + 1, ' ', uri - 1))
		return false;
	if (memchr(line.p, '\t', line.n))
		return false;
	return (size_t)(line.p + line.n - last) > 5 && memcmp(last + 1, "SIP/", 4) == 0;
}

static bool is_name_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-.!%*_+`'~", c));
}

/* token *(SP / HTAB) ":" */
static bool header_ok(struct str line)
{
	size_t i = 0;

	while (i < line.n && is_name_octet((uint8_t)line.p[i]))
		i++;
	if (!i)
		return false;
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i < line.n && line.p[i] == ':';
}

static enum sip_gate_result scan_head(struct str s, const struct sip_limits *limits,
				      struct sip_gate *gate)
{
	enum sip_gate_result result;
	size_t at = 0, start;

	for (unsigned int line = 0; ; line++) {
		struct str text;

		start = at;
		result = scan_line(s, &at, limits);
		if (result != SIP_GATE_OK)
			return result;
		text = (struct str){ s.p + start, at - start - 2 };
		if (line && !text.n) {
			gate->head = at;
			gate->lines = line - 1;
			return SIP_GATE_OK;
		}
		if (line > limits->header_lines)
			return SIP_GATE_HEADER_LINES;
		if (!line && !start_line_ok(text))
			return SIP_GATE_START_LINE;
		if (line && !header_ok(text))
			return SIP_GATE_HEADER;
	}
}

enum sip_gate_result sip_gate_check(struct str octets, const struct sip_limits *limits,
				    struct sip_gate *gate)
{
	struct sip_gate none;

	if (!gate)
		gate = &none;
	*gate = (struct sip_gate){ 0 };
	if (octets.n > limits->message)
		return SIP_GATE_MESSAGE_SIZE;
	if (is_keepalive(octets))
		return SIP_GATE_KEEPALIVE;
	while (octets.n >= 2 && octets.p[0] == '\r' && octets.p[1] == '\n') {
		octets = str_from(octets, 2);
		gate->skip += 2;
	}
	if (octets.n < SHORTEST)
		return SIP_GATE_SHORT;
	return scan_head(octets, limits, gate);
}
