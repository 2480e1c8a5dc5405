// SPDX-License-Identifier: GPL-2.0-or-later
/* ESP packets made outside the kernel, with OpenSSL. */
#include "esp_make.h"

#include <err.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include <linux/gmgate.h>

static const EVP_CIPHER *cipher_of(const struct fz_suite *s)
{
	switch (s->ealg) {
	case GMGATE_EALG_AES_CBC:
		return EVP_aes_128_cbc();
	case GMGATE_EALG_DES_EDE3_CBC:
		return EVP_des_ede3_cbc();
	case GMGATE_EALG_AES_GCM:
		return EVP_aes_128_gcm();
	default:
		return s->alg == GMGATE_ALG_AES_GMAC ? EVP_aes_128_gcm() : NULL;
	}
}

static bool is_aead(const struct fz_suite *s)
{
	return s->alg == GMGATE_ALG_NULL || s->alg == GMGATE_ALG_AES_GMAC;
}

static EVP_CIPHER_CTX *context(void)
{
	static EVP_CIPHER_CTX *ctx;

	if (!ctx)
		ctx = EVP_CIPHER_CTX_new();
	if (!ctx)
		errx(1, "OpenSSL");
	return ctx;
}

/* RFC 4106 and RFC 4543: the nonce is salt and IV; GMAC has the text as AAD. */
static void seal_aead(const struct esp_keys *k, const uint8_t *text, size_t len, uint8_t *esp)
{
	bool gmac = k->suite->alg == GMGATE_ALG_AES_GMAC;
	uint8_t nonce[12], *body = esp + 8 + k->suite->iv;
	EVP_CIPHER_CTX *c = context();
	int n;

	memcpy(nonce, k->salt, 4);
	memcpy(nonce + 4, esp + 8, 8);
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, gmac ? k->ik : k->ck, nonce);
	EVP_EncryptUpdate(c, NULL, &n, esp, 8);
	if (gmac) {
		EVP_EncryptUpdate(c, NULL, &n, esp + 8, k->suite->iv);
		EVP_EncryptUpdate(c, NULL, &n, text, len);
		memcpy(body, text, len);
	} else {
		EVP_EncryptUpdate(c, body, &n, text, len);
	}
	EVP_EncryptFinal_ex(c, body + len, &n);
	if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, body + len) != 1)
		errx(1, "no tag");
}

static void seal_hmac(const struct esp_keys *k, const uint8_t *text, size_t len, size_t extra,
		      uint8_t *esp)
{
	const EVP_CIPHER *cipher = cipher_of(k->suite);
	uint8_t *body = esp + 8 + k->suite->iv, icv[EVP_MAX_MD_SIZE];
	int n;

	if (cipher) {
		EVP_EncryptInit_ex(context(), cipher, NULL, k->ck, esp + 8);
		EVP_CIPHER_CTX_set_padding(context(), 0);
		if (EVP_EncryptUpdate(context(), body, &n, text, len) != 1 || (size_t)n != len)
			errx(1, "text of %zu octets is no multiple of a block", len);
	} else {
		memcpy(body, text, len);
	}
	memset(body + len, 0x5a, extra);
	HMAC(k->suite->alg == GMGATE_ALG_HMAC_MD5_96 ? EVP_md5() : EVP_sha1(), k->ik,
	     k->suite->ik, esp, body + len + extra - esp, icv, NULL);
	memcpy(body + len + extra, icv, k->suite->icv);
}

size_t esp_seal(const struct esp_keys *k, uint32_t spi, uint32_t seq, const uint8_t *iv,
		const uint8_t *text, size_t len, size_t extra, uint8_t *out)
{
	put32(out, spi);
	put32(out + 4, seq);
	memcpy(out + 8, iv, k->suite->iv);
	if (is_aead(k->suite)) {
		extra = 0;
		seal_aead(k, text, len, out);
	} else {
		seal_hmac(k, text, len, extra, out);
	}
	return 8 + k->suite->iv + len + extra + k->suite->icv;
}

size_t esp_trailer(const struct fz_suite *suite, uint8_t *text, size_t payload,
		   uint8_t next_header)
{
	size_t pad = -(payload + 2) & (suite->align - 1), i;

	for (i = 0; i < pad; i++)
		text[payload + i] = i + 1;
	text[payload + pad] = pad;
	text[payload + pad + 1] = next_header;
	return payload + pad + 2;
}

static uint32_t add16(const uint8_t *p, size_t len, uint32_t sum)
{
	for (; len > 1; len -= 2, p += 2)
		sum += get16(p);
	if (len)
		sum += *p << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

uint16_t plain_sum(const uint8_t *data, size_t len)
{
	return fold(add16(data, len, 0));
}

void ip_resum(uint8_t *ip)
{
	put16(ip + 10, 0);
	put16(ip + 10, plain_sum(ip, (ip[0] & 15) * 4));
}

size_t ip_make(uint8_t *out, const struct ip_addr *from, const struct ip_addr *to,
	       uint8_t proto, size_t payload)
{
	if (from->len == 4) {
		memset(out, 0, 20);
		out[0] = 0x45;
		put16(out + 2, 20 + payload);
		out[8] = 64;
		out[9] = proto;
		memcpy(out + 12, from->at, 4);
		memcpy(out + 16, to->at, 4);
		ip_resum(out);
		return 20;
	}
	memset(out, 0, 40);
	out[0] = 0x60;
	put16(out + 4, payload);
	out[6] = proto;
	out[7] = 64;
	memcpy(out + 8, from->at, 16);
	memcpy(out + 24, to->at, 16);
	return 40;
}

uint16_t l4_sum(const struct ip_addr *from, const struct ip_addr *to, uint8_t proto,
		const uint8_t *l4, size_t len)
{
	uint32_t sum = proto + (len & 0xffff) + (len >> 16);

	sum = add16(from->at, from->len, sum);
	sum = add16(to->at, to->len, sum);
	return fold(add16(l4, len, sum));
}

size_t udp_make(uint8_t *out, const struct ip_addr *from, const struct ip_addr *to,
		uint16_t sport, uint16_t dport, const uint8_t *data, size_t len)
{
	uint16_t sum;

	put16(out, sport);
	put16(out + 2, dport);
	put16(out + 4, 8 + len);
	put16(out + 6, 0);
	memcpy(out + 8, data, len);
	sum = l4_sum(from, to, IPPROTO_UDP, out, 8 + len);
	put16(out + 6, sum ? sum : 0xffff);
	return 8 + len;
}

size_t tcp_make(uint8_t *out, const struct ip_addr *from, const struct ip_addr *to,
		uint16_t sport, uint16_t dport, uint32_t seq, uint8_t flags,
		const uint8_t *data, size_t len)
{
	memset(out, 0, 20);
	put16(out, sport);
	put16(out + 2, dport);
	put32(out + 4, seq);
	out[12] = 5 << 4;
	out[13] = flags;
	put16(out + 14, 8192);
	memcpy(out + 20, data, len);
	put16(out + 16, l4_sum(from, to, IPPROTO_TCP, out, 20 + len));
	return 20 + len;
}
