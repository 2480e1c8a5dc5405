/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SPI_H
#define _SPI_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The SPIs of our inbound SAs: drawn at random from a range that is ours
 * alone, and after use not given out for @quarantine ms of SIP time, so that a
 * late packet cannot meet a new owner.
 */
void spi_init(uint32_t min, uint32_t max, uint64_t quarantine);
void spi_exit(void);

/* Told of each SPI that goes into quarantine, until @free_at (SIP time), and out of it. */
struct spi_watch {
	void (*quarantined)(uint32_t spi, uint64_t free_at);
	void (*released)(uint32_t spi);
};
void spi_watch(const struct spi_watch *w);

/**
 * spi_take - an SPI that nobody has
 * @avoid: those it must not equal (TS 33.203 7.1: those of the UE in this
 *         set, or a packet of ours could be reflected to us)
 *
 * Return: the SPI, or 0 when the range is exhausted.
 */
uint32_t spi_take(const uint32_t *avoid, unsigned int n_avoid);

/* Marks an SPI of a set found in the kernel as taken. False: it is already. */
bool spi_claim(uint32_t spi);

/* Back to the range, after its quarantine. */
void spi_give_back(uint32_t spi);

/* One of an earlier life, the first to be free first. False: it is taken. */
bool spi_quarantine(uint32_t spi, uint64_t free_at);

unsigned int spi_in_use(void);
unsigned int spi_in_quarantine(void);

#endif
