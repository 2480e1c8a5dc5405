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

static const struct {
	const char *name, *text;
} results[SIP_GATE_RESULTS] = {
	[SIP_GATE_OK] = { "ok", "ok" },
	[SIP_GATE_KEEPALIVE] = { "keep-alive", "keep-alive" },
	[SIP_GATE_SHORT] = { "short", "too short to be a message" },
	[SIP_GATE_MESSAGE_SIZE] = { "message", "message longer than limits.message" },
	[SIP_GATE_HEADER_LINES] = { "header-lines", "more header lines than limits.header-lines" },
	[SIP_GATE_LINE_LENGTH] = { "line", "line longer than limits.line" },
	[SIP_GATE_COMMAS] = { "commas", "more commas in a line than limits.commas" },
	[SIP_GATE_SEMICOLONS] = { "semicolons", "more semicolons in a line than "
				  "limits.semicolons" },
	[SIP_GATE_NO_END] = { "no-end", "no empty line after the headers" },
	[SIP_GATE_LINE_END] = { "line-end", "CR or LF by itself" },
	[SIP_GATE_CONTROL] = { "control", "control octet in the headers" },
	[SIP_GATE_START_LINE] = { "start-line", "neither a request nor a status line" },
	[SIP_GATE_HEADER] = { "header", "header line without name and colon" },
	[SIP_GATE_LENGTH] = { "length", "no single Content-Length of digits on a stream" },
};

const char *sip_gate_text(enum sip_gate_result result)
{
	return (size_t)result < SIP_GATE_RESULTS ? results[result].text : "unknown";
}

const char *sip_gate_name(enum sip_gate_result result)
{
	return (size_t)result < SIP_GATE_RESULTS ? results[result].name : "unknown";
}

static bool is_keepalive(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0')
			return false;
	return true;
}

/* Sixteen octets at a time, on any CPU that gcc and clang know vectors of. */
#define WIDE 16
typedef uint8_t wide __attribute__((vector_size(WIDE)));

static wide controls_in(const char *p)
{
	wide x;

	memcpy(&x, p, WIDE);
	return (wide)(((x < 32) & (x != '\t')) | (x == 127));
}

/* Any octet below 32 other than a tab, or 127? */
static bool has_control(const char *p, size_t n)
{
	uint64_t halves[2];
	wide found;

	if (n < WIDE) {
		for (size_t i = 0; i < n; i++)
			if (((uint8_t)p[i] < 32 && p[i] != '\t') || p[i] == 127)
				return true;
		return false;
	}
	/* The last ones may have been looked at before. */
	found = controls_in(p + n - WIDE);
	for (size_t i = 0; i + WIDE < n; i += WIDE)
		found |= controls_in(p + i);
	memcpy(halves, &found, sizeof(halves));
	return halves[0] | halves[1];
}

static bool more_than(struct str s, char c, unsigned int limit)
{
	unsigned int n = 0;

	/* Most lines are too short to have that many. */
	if (s.n <= limit)
		return false;
	for (const char *p; (p = memchr(s.p, c, s.n)); s = str_from(s, (size_t)(p - s.p) + 1))
		if (++n > limit)
			return true;
	return false;
}

/* One line with what is folded into it; *@at moves behind its last CR LF. */
static enum sip_gate_result scan_line(struct str s, size_t *at, const struct sip_limits *limits)
{
	size_t start = *at, end = start;
	struct str line;

	do {
		const char *cr = memchr(s.p + end, '\r', s.n - end);
		size_t n = cr ? (size_t)(cr - s.p) - end : s.n - end;

		if (has_control(s.p + end, n))
			return memchr(s.p + end, '\n', n) ? SIP_GATE_LINE_END : SIP_GATE_CONTROL;
		end += n + 2;
		if (end > s.n)
			return SIP_GATE_NO_END;
		if (s.p[end - 1] != '\n')
			return SIP_GATE_LINE_END;
		/* The empty line ends the head, whatever the body begins with. */
	} while (end - start > 2 && end < s.n && (s.p[end] == ' ' || s.p[end] == '\t'));

	line = (struct str){ s.p + start, end - start - 2 };
	*at = end;
	if (line.n > limits->line)
		return SIP_GATE_LINE_LENGTH;
	if (more_than(line, ',', limits->commas))
		return SIP_GATE_COMMAS;
	if (more_than(line, ';', limits->semicolons))
		return SIP_GATE_SEMICOLONS;
	return SIP_GATE_OK;
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
	static const bool allowed[256] = {
		['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
		['-'] = true, ['.'] = true, ['!'] = true, ['%'] = true, ['*'] = true,
		['_'] = true, ['+'] = true, ['`'] = true, ['\''] = true, ['~'] = true,
	};

	return allowed[c];
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
