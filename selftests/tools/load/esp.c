// SPDX-License-Identifier: GPL-2.0-or-later
#include "esp.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define ICV 12
#define IV 16
#define HEAD 20

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void icv(const struct esp_keys *k, const uint8_t *p, size_t n, uint8_t out[20])
{
	uint8_t key[20] = { 0 };
	unsigned int got;

	memcpy(key, k->ik, 16);		/* TS 33.203 Annex I: IK and 32 zero bits */
	if (!HMAC(EVP_sha1(), key, sizeof(key), p, n, out, &got))
		abort();
}

static void cipher(const struct esp_keys *k, bool encrypt, const uint8_t *iv, uint8_t *p, size_t n)
{
	static EVP_CIPHER_CTX *ctx;
	int got;

	if (!ctx)
		ctx = EVP_CIPHER_CTX_new();
	if (!ctx || !EVP_CipherInit_ex(ctx, EVP_aes_128_cbc(), NULL, k->ck, iv, encrypt) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, 0) || !EVP_CipherUpdate(ctx, p, &got, p, (int)n))
		abort();
}

static void put_ip(uint8_t *p, size_t n, uint8_t protocol, uint32_t src, uint32_t dst)
{
	uint32_t sum = 0;

	memset(p, 0, HEAD);
	p[0] = 0x45;
	put16(p + 2, (uint16_t)n);
	p[8] = 64;
	p[9] = protocol;
	memcpy(p + 12, &src, 4);
	memcpy(p + 16, &dst, 4);
	for (int i = 0; i < HEAD; i += 2)
		sum += get16(p + i);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(p + 10, (uint16_t)~(sum + (sum >> 16)));
}

static size_t put_udp(uint8_t *p, uint16_t sport, uint16_t dport, const char *data, size_t n)
{
	put16(p, sport);
	put16(p + 2, dport);
	put16(p + 4, (uint16_t)(n + 8));
	put16(p + 6, 0);		/* none is asked for over IPv4 */
	memcpy(p + 8, data, n);
	return n + 8;
}

size_t esp_packet(uint8_t *out, const struct esp_keys *k, uint32_t src, uint32_t dst,
		  uint16_t sport, uint16_t dport, uint32_t spi, uint32_t seq,
		  const char *data, size_t n)
{
	size_t align = k && k->encrypted ? 16 : 4, iv = k && k->encrypted ? IV : 0, pad;
	uint8_t *esp = out + HEAD, *text = esp + 8 + iv, sum[20];

	if (!k) {
		n = put_udp(esp, sport, dport, data, n);
		put_ip(out, HEAD + n, 17, src, dst);
		return HEAD + n;
	}
	put32(esp, spi);
	put32(esp + 4, seq);
	n = put_udp(text, sport, dport, data, n);
	pad = (align - (n + 2) % align) % align;
	for (size_t i = 0; i < pad; i++)
		text[n + i] = (uint8_t)(i + 1);
	n += pad;
	text[n++] = (uint8_t)pad;
	text[n++] = 17;
	if (iv) {
		if (RAND_bytes(esp + 8, IV) != 1)
			abort();
		cipher(k, true, esp + 8, text, n);
	}
	n += 8 + iv;
	icv(k, esp, n, sum);
	memcpy(esp + n, sum, ICV);
	n += HEAD + ICV;
	put_ip(out, n, 50, src, dst);
	return n;
}

void esp_forge(uint8_t *packet, size_t n, uint32_t src, uint32_t spi, uint32_t seq)
{
	uint32_t dst;

	memcpy(&dst, packet + 16, 4);
	put_ip(packet, n, 50, src, dst);
	put32(packet + HEAD, spi);
	put32(packet + HEAD + 4, seq);
}

static bool read_udp(uint8_t *p, size_t n, struct esp_datagram *d)
{
	size_t length = n < 8 ? 0 : get16(p + 4);

	if (length < 8 || length > n)
		return false;
	d->sport = get16(p);
	d->dport = get16(p + 2);
	d->data = (char *)p + 8;
	d->n = length - 8;
	return true;
}

bool esp_head(uint8_t *p, size_t n, struct esp_datagram *d)
{
	if (n < HEAD + 8 || p[0] != 0x45 || get16(p + 2) > n || (get16(p + 6) & 0x3fff))
		return false;
	memset(d, 0, sizeof(*d));
	memcpy(&d->src, p + 12, 4);
	memcpy(&d->dst, p + 16, 4);
	if (p[9] == 17)
		return read_udp(p + HEAD, n - HEAD, d);
	d->spi = (uint32_t)get16(p + HEAD) << 16 | get16(p + HEAD + 2);
	return p[9] == 50 && d->spi;
}

bool esp_open(uint8_t *p, size_t n, const struct esp_keys *k, struct esp_datagram *d)
{
	size_t iv = k->encrypted ? IV : 0, length;
	uint8_t *esp = p + HEAD, *text = esp + 8 + iv, sum[20];

	n = get16(p + 2);
	if (n < HEAD + 8 + iv + 2 + ICV)
		return false;
	n -= HEAD + ICV;
	icv(k, esp, n, sum);
	length = n - 8 - iv;
	if (memcmp(sum, esp + n, ICV) || (iv && length % 16))
		return false;
	if (iv)
		cipher(k, false, esp + 8, text, length);
	if (text[length - 1] != 17 || text[length - 2] + 2u > length)
		return false;
	return read_udp(text, length - 2 - text[length - 2], d);
}
