// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Metrics of the kernel half. While it does not answer there are no samples, and
 * gmgate_kernel_up is 0: a counter that falls to 0 would be a reset to whoever reads it.
 */
#include "gate.h"
#include "gate_names.h"
#include "kernel.h"
#include "metrics_private.h"

static void put(struct exposition *e, const char *label, uint64_t value)
{
	const char *const values[EXPOSITION_LABELS] = { label };

	exposition_sample(e, values, value);
}

static void put_counter(struct exposition *e, const char *label, uint32_t counter)
{
	const struct gate_stats *s = kernel_counters();

	if (s)
		put(e, label, s->counter[counter]);
}

void collect_kernel_up(struct exposition *e)
{
	put(e, NULL, kernel_counters() != NULL);
}

void collect_esp_packets(struct exposition *e)
{
	put_counter(e, "in", GMGATE_COUNTER_IN_PACKETS);
	put_counter(e, "out", GMGATE_COUNTER_OUT_PACKETS);
}

void collect_esp_octets(struct exposition *e)
{
	put_counter(e, "in", GMGATE_COUNTER_IN_BYTES);
	put_counter(e, "out", GMGATE_COUNTER_OUT_BYTES);
}

void collect_esp_crossed(struct exposition *e)
{
	put_counter(e, NULL, GMGATE_COUNTER_IN_CROSSED);
}

void collect_pmtu(struct exposition *e)
{
	put_counter(e, NULL, GMGATE_COUNTER_PMTU_LEARNED);
}

void collect_mss(struct exposition *e)
{
	put_counter(e, NULL, GMGATE_COUNTER_MSS_CLAMPED);
}

/* One more counter of the kernel wants one more metric. */
_Static_assert(__GMGATE_COUNTER_MAX == GMGATE_COUNTER_MSS_CLAMPED + 1,
	       "a counter of the kernel has no metric");

void collect_drops(struct exposition *e)
{
	const struct gate_name *n = gate_names_list(GATE_NAMES_DROP);
	const struct gate_stats *s = kernel_counters();

	for (; s && n->name; n++)
		if (n->value != GMGATE_DROP_UNSPEC)
			put(e, n->name, s->drop[n->value]);
}
