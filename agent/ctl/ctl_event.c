// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_event - an event of the kernel, for people or as JSON.
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "ctl.h"
#include "gate_names.h"

uint64_t ctl_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const char *ctl_text_when(uint64_t ms, char out[CTL_TEXT])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t n = strftime(out, CTL_TEXT, "%H:%M:%S", localtime_r(&seconds, &tm));

	snprintf(out + n, CTL_TEXT - n, ".%03u", (unsigned int)(ms % 1000));
	return out;
}

static void print_json(const struct gate_event *e, const char *from)
{
	ctl_out_open(NULL, '{');
	ctl_out_number("time-ms", ctl_wall_ms());
	if (from)
		ctl_out_text("from", from);
	ctl_out_text("event", e ? gate_names_text(GATE_NAMES_EVENT, e->event) : "lost");
	if (e) {
		ctl_out_number("set", e->set);
		ctl_out_number("endpoint", e->endpoint);
		ctl_out_number("instance", e->instance);
		ctl_out_hex("cookie", e->cookie);
		ctl_out_number("spi", e->spi);
		ctl_out_addr("addr", &e->addr);
	}
	ctl_out_close('}');
}

static void print_text(const struct gate_event *e, const char *from)
{
	char when[CTL_TEXT], text[CTL_TEXT];

	printf("%s ", ctl_text_when(ctl_wall_ms(), when));
	if (from)
		printf("%-6s ", from);
	printf("%s", e ? gate_names_text(GATE_NAMES_EVENT, e->event) : "lost");
	if (e) {
		if (e->set)
			printf(" set %u", e->set);
		if (e->endpoint)
			printf(" endpoint %u", e->endpoint);
		if (e->instance)
			printf(" instance %u", e->instance);
		if (e->cookie)
			printf(" cookie 0x%" PRIx64, e->cookie);
		if (e->spi)
			printf(" spi 0x%08x", e->spi);
		if (e->addr.family)
			printf(" from %s", ctl_text_addr(&e->addr, text));
	}
	putchar('\n');
}

void ctl_event_print(const struct ctl *ctl, const struct gate_event *e, const char *from)
{
	if (ctl->json)
		print_json(e, from);
	else
		print_text(e, from);
}
