// SPDX-License-Identifier: GPL-2.0-or-later
/* What the gate lets through keeps its bounds, counted here once more. */
#include "fuzz.h"

#include "sip_gate.h"

static const struct sip_limits tight = {
	.message = 400, .header_lines = 6, .line = 80, .commas = 4, .semicolons = 4,
};

static void within(struct str s, const struct sip_limits *limits, const struct sip_gate *gate)
{
	struct str head = { s.p + gate->skip, gate->head };
	unsigned int lines = 0, commas = 0, semicolons = 0;

	MUST(s.n <= limits->message && gate->skip + gate->head <= s.n);
	MUST(head.n >= 4 && !memcmp(head.p + head.n - 4, "\r\n\r\n", 4));
	MUST(!memmem(head.p, head.n - 4, "\r\n\r\n", 4));
	for (size_t i = 0; i + 2 < head.n; i++) {
		unsigned char c = head.p[i];

		MUST(c != '\0' && c != 0x7f && (c >= 0x20 || c == '\t' || c == '\r' || c == '\n'));
		commas += c == ',';
		semicolons += c == ';';
		if (c == '\r') {
			MUST(head.p[i + 1] == '\n');
			if (head.p[i + 2] != ' ' && head.p[i + 2] != '\t') {
				lines++;
				commas = semicolons = 0;
			}
		} else if (c == '\n') {
			MUST(i && head.p[i - 1] == '\r');
		}
		MUST(!lines || (commas <= limits->commas && semicolons <= limits->semicolons));
	}
	/* The start line is none of the header lines. */
	MUST(gate->lines + 1 == lines && gate->lines <= limits->header_lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sip_limits *limits = size && data[size - 1] & 1 ? &tight : &sip_limits_default;
	struct str s = { (const char *)data, size };
	enum sip_gate_result result;
	struct sip_gate gate = { 0 };

	result = sip_gate_check(s, limits, &gate);
	MUST(sip_gate_text(result) && result == sip_gate_check(s, limits, NULL));
	if (result == SIP_GATE_OK)
		within(s, limits, &gate);
	return 0;
}
