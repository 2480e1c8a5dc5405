// SPDX-License-Identifier: GPL-2.0-or-later
#include "aka.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void encrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
	static EVP_CIPHER_CTX *ctx;
	int n;

	if (!ctx)
		ctx = EVP_CIPHER_CTX_new();
	if (!ctx || !EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, key, NULL) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, 0) || !EVP_EncryptUpdate(ctx, out, &n, in, 16))
		abort();
}

void aka_keys(uint32_t n, uint8_t k[16], uint8_t opc[16])
{
	static const uint8_t master[2][16] = { "gmgate load K  ", "gmgate load OPc" };
	uint8_t block[16] = { 0 };

	memcpy(block, &n, sizeof(n));
	encrypt(master[0], block, k);
	encrypt(master[1], block, opc);
}

static void xor(uint8_t *to, const uint8_t *with)
{
	for (int i = 0; i < 16; i++)
		to[i] ^= with[i];
}

/* OUTi of TS 35.206 4.1, for i of 2 to 5: rotated by @octets, with the constant @c. */
static void out_of(const uint8_t k[16], const uint8_t opc[16], const uint8_t temp[16],
		   unsigned int octets, uint8_t c, uint8_t out[16])
{
	uint8_t in[16];

	for (unsigned int i = 0; i < 16; i++)
		in[i] = temp[(i + octets) % 16] ^ opc[(i + octets) % 16];
	in[15] ^= c;
	encrypt(k, in, out);
	xor(out, opc);
}

/* f1: MAC-A over SQN and AMF. */
static void f1(const uint8_t k[16], const uint8_t opc[16], const uint8_t temp[16],
	       const uint8_t sqn[6], const uint8_t amf[2], uint8_t mac[8])
{
	uint8_t in[16], x[16], out[16];

	memcpy(in, sqn, 6);
	memcpy(in + 6, amf, 2);
	memcpy(in + 8, in, 8);
	for (unsigned int i = 0; i < 16; i++)
		x[i] = in[(i + 8) % 16] ^ opc[(i + 8) % 16];
	xor(x, temp);
	encrypt(k, x, out);
	xor(out, opc);
	memcpy(mac, out, 8);
}

/* TEMP, RES, CK, IK; AK goes to @ak. */
static void f2345(uint32_t n, struct aka_vector *v, uint8_t k[16], uint8_t opc[16],
		  uint8_t temp[16], uint8_t ak[6])
{
	uint8_t in[16], out[16];

	aka_keys(n, k, opc);
	memcpy(in, v->rand, 16);
	xor(in, opc);
	encrypt(k, in, temp);
	out_of(k, opc, temp, 0, 1, out);
	memcpy(v->res, out + 8, 8);
	memcpy(ak, out, 6);
	out_of(k, opc, temp, 4, 2, v->ck);
	out_of(k, opc, temp, 8, 4, v->ik);
}

static const uint8_t amf[2] = { 0x80, 0 };

void aka_challenge(uint32_t n, uint64_t sqn, struct aka_vector *v)
{
	uint8_t k[16], opc[16], temp[16], ak[6], s[6];

	if (RAND_bytes(v->rand, sizeof(v->rand)) != 1)
		abort();
	f2345(n, v, k, opc, temp, ak);
	for (int i = 0; i < 6; i++) {
		s[i] = (uint8_t)(sqn >> (40 - 8 * i));
		v->autn[i] = s[i] ^ ak[i];
	}
	memcpy(v->autn + 6, amf, 2);
	f1(k, opc, temp, s, amf, v->autn + 8);
}

bool aka_answer(uint32_t n, struct aka_vector *v)
{
	uint8_t k[16], opc[16], temp[16], ak[6], s[6], mac[8];

	f2345(n, v, k, opc, temp, ak);
	for (int i = 0; i < 6; i++)
		s[i] = v->autn[i] ^ ak[i];
	f1(k, opc, temp, s, v->autn + 6, mac);
	return !memcmp(mac, v->autn + 8, 8);
}

void aka_nonce(const struct aka_vector *v, char nonce[45])
{
	uint8_t both[32];

	memcpy(both, v->rand, 16);
	memcpy(both + 16, v->autn, 16);
	EVP_EncodeBlock((unsigned char *)nonce, both, sizeof(both));
}

bool aka_read_nonce(const char *nonce, struct aka_vector *v)
{
	uint8_t both[36];

	if (EVP_DecodeBlock(both, (const unsigned char *)nonce, 44) != 33)
		return false;
	memcpy(v->rand, both, 16);
	memcpy(v->autn, both + 16, 16);
	return true;
}

void aka_hex(const uint8_t *octets, unsigned int n, char *text)
{
	for (unsigned int i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", octets[i]);
}

static void md5_hex(const char *a, size_t a_n, const char *b, size_t b_n, char out[33])
{
	static EVP_MD_CTX *ctx;
	unsigned char md[16];

	if (!ctx)
		ctx = EVP_MD_CTX_new();
	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_md5(), NULL) || !EVP_DigestUpdate(ctx, a, a_n) ||
	    !EVP_DigestUpdate(ctx, b, b_n) || !EVP_DigestFinal_ex(ctx, md, NULL))
		abort();
	aka_hex(md, sizeof(md), out);
}

void aka_response(const struct aka_vector *v, const char *user, const char *realm,
		  const char *nonce, const char *uri, char response[33])
{
	char a1[256], a2[256], ha1[33], ha2[33], text[160];
	int n = snprintf(a1, sizeof(a1), "%s:%s:", user, realm);
	int m = snprintf(a2, sizeof(a2), "REGISTER:%s", uri);

	md5_hex(a1, (size_t)n, (const char *)v->res, sizeof(v->res), ha1);
	md5_hex(a2, (size_t)m, "", 0, ha2);
	n = snprintf(text, sizeof(text), "%s:%s:%s", ha1, nonce, ha2);
	md5_hex(text, (size_t)n, "", 0, response);
}
