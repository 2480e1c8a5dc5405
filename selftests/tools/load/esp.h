/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ESP_H
#define _ESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ESP in transport mode (RFC 4303) over IPv4, HMAC-SHA-1-96 (RFC 2404) with AES-CBC
 * (RFC 3602) or without encryption: what a phone does with the keys of TS 33.203.
 */
struct esp_keys {
	uint8_t ck[16], ik[16];
	bool encrypted;
};

#define ESP_ROOM 120		/* octets that a datagram grows by, headers and all */

/*
 * An IPv4 packet from @src to @dst (network order) with a UDP datagram: in ESP with @spi
 * and @seq, or, @k NULL, in clear. @out: @n + ESP_ROOM octets. Return: its length.
 */
size_t esp_packet(uint8_t *out, const struct esp_keys *k, uint32_t src, uint32_t dst,
		  uint16_t sport, uint16_t dport, uint32_t spi, uint32_t seq,
		  const char *data, size_t n);

/* Makes a packet of esp_packet() one of another source, SPI and number; its ICV is wrong then. */
void esp_forge(uint8_t *packet, size_t n, uint32_t src, uint32_t spi, uint32_t seq);

struct esp_datagram {
	uint32_t src, dst, spi;		/* network order; spi: host order, 0: it was clear */
	uint16_t sport, dport;
	char *data;
	size_t n;
};

/* What is in an IPv4 packet. False: it is no UDP, neither clear nor in ESP. */
bool esp_head(uint8_t *packet, size_t n, struct esp_datagram *d);

/* The rest of one that is in ESP. False: the ICV or the padding is wrong. */
bool esp_open(uint8_t *packet, size_t n, const struct esp_keys *k, struct esp_datagram *d);

#endif
