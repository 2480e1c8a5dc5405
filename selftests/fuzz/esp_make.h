/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP packets made outside the kernel, with OpenSSL: good ones and any other. */
#ifndef _ESP_MAKE_H
#define _ESP_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One combination of alg and ealg; lengths in octets. */
struct fz_suite {
	const char *name;
	uint32_t alg, ealg;
	unsigned int ik, ck, salt;
	unsigned int iv, align, icv;
};

extern const struct fz_suite fz_suites[];
extern const unsigned int fz_n_suites;

struct esp_keys {
	const struct fz_suite *suite;
	uint8_t ik[24], ck[24], salt[4];
};

/**
 * esp_seal - encrypt and authenticate
 * @k: keys
 * @spi: SPI
 * @seq: sequence number
 * @iv: IV of the suite's length
 * @text: payload to next header, a multiple of the suite's alignment unless it
 *	has null encryption
 * @len: its octets
 * @extra: octets put behind the ciphertext, inside the ICV; not for an AEAD
 * @out: gets SPI to ICV
 *
 * Return: octets written.
 */
size_t esp_seal(const struct esp_keys *k, uint32_t spi, uint32_t seq, const uint8_t *iv,
		const uint8_t *text, size_t len, size_t extra, uint8_t *out);

/* padding 1, 2, 3 ..., its length, next header; returns the octets of all of it */
size_t esp_trailer(const struct fz_suite *suite, uint8_t *text, size_t payload,
		   uint8_t next_header);

/* An address of either family, as on the wire. */
struct ip_addr {
	unsigned int len;	/* 4 or 16 */
	uint8_t at[16];
};

/* An IP header without options in front of @payload octets; returns its octets. */
size_t ip_make(uint8_t *out, const struct ip_addr *from, const struct ip_addr *to,
	       uint8_t proto, size_t payload);
/* The checksum of an IPv4 header that was changed. */
void ip_resum(uint8_t *ip);

/* The Internet checksum of some octets. */
uint16_t plain_sum(const uint8_t *data, size_t len);

/* Sum of a UDP datagram or TCP segment with its pseudo header; 0 when it is right. */
uint16_t l4_sum(const struct ip_addr *from, const struct ip_addr *to, uint8_t proto,
		const uint8_t *l4, size_t len);
size_t udp_make(uint8_t *out, const struct ip_addr *from, const struct ip_addr *to,
		uint16_t sport, uint16_t dport, const uint8_t *data, size_t len);
size_t tcp_make(uint8_t *out, const struct ip_addr *from, const struct ip_addr *to,
		uint16_t sport, uint16_t dport, uint32_t seq, uint8_t flags,
		const uint8_t *data, size_t len);

static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

#endif
