// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_text - addresses, times and suites in words.
#include <arpa/inet.h>
#include <stdio.h>

#include "ctl.h"
#include "gate_names.h"

const char *ctl_text_addr(const struct addr *a, char out[CTL_TEXT])
{
	if (!a->family || !inet_ntop(a->family, a->ip, out, CTL_TEXT))
		out[0] = 0;
	return out;
}

const char *ctl_text_span(uint64_t ms, char out[CTL_TEXT])
{
	unsigned long long s = ms / 1000;

	if (s < 10)
		snprintf(out, CTL_TEXT, "%llu.%llu s", s, (unsigned long long)ms % 1000 / 100);
	else if (s < 60)
		snprintf(out, CTL_TEXT, "%llu s", s);
	else if (s < 3600)
		snprintf(out, CTL_TEXT, "%llu min %llu s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, CTL_TEXT, "%llu h %llu min", s / 3600, s / 60 % 60);
	else
		snprintf(out, CTL_TEXT, "%llu d %llu h", s / 86400, s / 3600 % 24);
	return out;
}

const char *ctl_text_suite(struct suite s, char out[CTL_TEXT])
{
	snprintf(out, CTL_TEXT, "%s/%s", gate_names_text(GATE_NAMES_ALG, s.alg),
		 gate_names_text(GATE_NAMES_EALG, s.ealg));
	return out;
}
