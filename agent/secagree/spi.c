// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SPI numbers.  Single thread; entries are owned here.
 */
#include "spi.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hash.h"
#include "random.h"

/* A range of 1024 of which 1000 are taken still gives one in most draws. */
#define TRIES 256

struct spi {
	uint32_t spi;
	uint64_t free_at;		/* in quarantine */
	struct spi *next, *prev;	/* there, the oldest first */
	UT_hash_handle hh;
};

static struct {
	uint32_t min, max;
	uint64_t quarantine_ms;
	struct spi *taken;
	struct spi *quarantine;
	unsigned int n_quarantine;
	struct spi_watch watch;
} spis;

void spi_init(uint32_t min, uint32_t max, uint64_t quarantine)
{
	spis.min = min;
	spis.max = max;
	spis.quarantine_ms = quarantine;
}

void spi_watch(const struct spi_watch *w)
{
	spis.watch = *w;
}

static void forget(struct spi *s)
{
	HASH_DEL(spis.taken, s);
	free(s);
}

void spi_exit(void)
{
	struct spi *s, *next;

	HASH_ITER(hh, spis.taken, s, next)
		forget(s);
	spis.quarantine = NULL;
	spis.n_quarantine = 0;
	memset(&spis.watch, 0, sizeof(spis.watch));
}

static void end_quarantine(void)
{
	uint64_t now = clock_now();

	while (spis.quarantine && spis.quarantine->free_at <= now) {
		struct spi *s = spis.quarantine;

		DL_DELETE(spis.quarantine, s);
		spis.n_quarantine--;
		if (spis.watch.released)
			spis.watch.released(s->spi);
		forget(s);
	}
}

static struct spi *find(uint32_t spi)
{
	struct spi *s;

	HASH_FIND(hh, spis.taken, &spi, sizeof(spi), s);
	return s;
}

bool spi_claim(uint32_t spi)
{
	struct spi *s;

	if (find(spi))
		return false;
	s = calloc(1, sizeof(*s));
	if (!s)
		return false;
	s->spi = spi;
	HASH_ADD(hh, spis.taken, spi, sizeof(s->spi), s);
	return true;
}

static bool avoided(uint32_t spi, const uint32_t *avoid, unsigned int n_avoid)
{
	for (unsigned int i = 0; i < n_avoid; i++)
		if (avoid[i] == spi)
			return true;
	return false;
}

uint32_t spi_take(const uint32_t *avoid, unsigned int n_avoid)
{
	end_quarantine();
	for (int i = 0; i < TRIES; i++) {
		uint32_t spi = random_between(spis.min, spis.max);

		if (!avoided(spi, avoid, n_avoid) && spi_claim(spi))
			return spi;
	}
	return 0;
}

static void quarantine(struct spi *s, uint64_t free_at)
{
	s->free_at = free_at;
	DL_APPEND(spis.quarantine, s);
	spis.n_quarantine++;
	if (spis.watch.quarantined)
		spis.watch.quarantined(s->spi, free_at);
}

void spi_give_back(uint32_t spi)
{
	struct spi *s = find(spi);

	if (s && !s->free_at)
		quarantine(s, clock_now() + spis.quarantine_ms);
}

bool spi_quarantine(uint32_t spi, uint64_t free_at)
{
	uint64_t last = clock_now() + spis.quarantine_ms;

	if (!spi_claim(spi))
		return false;
	quarantine(find(spi), free_at < last ? free_at : last);
	return true;
}

unsigned int spi_in_use(void)
{
	return HASH_COUNT(spis.taken) - spis.n_quarantine;
}

unsigned int spi_in_quarantine(void)
{
	return spis.n_quarantine;
}
