// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: AES-CBC and 3DES-CBC (RFC 3602, RFC 2451).
 *
 * The IV on the wire is the encryption of a block that never repeats under
 * the key: the set's random base, the SPI (one per SA) and the sequence
 * number.  So it is unique and, without the key, unpredictable (NIST SP
 * 800-38A, Appendix C).  Encrypting that block as the first of the text,
 * under an IV of zero, does it in the same pass.
 *
 * Synchronous drivers only: no completion, no reference counts, no packet
 * that comes back on another CPU.
 */
#include <linux/scatterlist.h>

#include "compat.h"
#include "suite.h"

static int run(const struct gmg_keys *keys, u8 *data, u32 len, u8 *iv,
	       bool encrypt)
{
	SYNC_SKCIPHER_REQUEST_ON_STACK(req, keys->cipher);
	struct scatterlist sg;
	int err;

	sg_init_one(&sg, data, len);
	skcipher_request_set_sync_tfm(req, keys->cipher);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	err = encrypt ? crypto_skcipher_encrypt(req) :
			crypto_skcipher_decrypt(req);
	skcipher_request_zero(req);
	return err;
}

/*
 * AES: base, SPI and sequence number side by side.  3DES has half the room:
 * there the base is added to the other two, which are unique by themselves.
 */
static void write_nonce(const struct gmg_keys *keys, u8 *at, const u8 *esp)
{
	u64 number = get_unaligned_be64(esp);

	if (keys->suite->shape.iv == GMG_MAX_IV) {
		put_unaligned_be64(keys->iv_base, at);
		put_unaligned_be64(number, at + sizeof(u64));
	} else {
		put_unaligned_be64(keys->iv_base ^ number, at);
	}
}

/**
 * gmg_cipher_encrypt - encrypt in place and write the IV
 * @keys: keys of the set
 * @esp: ESP header, room for the IV, text; in the linear map
 * @text_len: octets of text, whole blocks
 * @iv: NULL, or the IV to use; for test vectors only
 *
 * Context: any, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_cipher_encrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		       const u8 *iv)
{
	unsigned int iv_len = keys->suite->shape.iv;
	u8 *at = esp + GMG_ESP_HDR;
	u8 used[GMG_MAX_IV] = { };

	if (iv) {
		memcpy(used, iv, iv_len);
		memcpy(at, iv, iv_len);
		return run(keys, at + iv_len, text_len, used, true);
	}
	write_nonce(keys, at, esp);
	return run(keys, at, iv_len + text_len, used, true);
}

/**
 * gmg_cipher_decrypt - decrypt in place
 * @keys: keys of the set
 * @esp: ESP header, IV, text; in the linear map
 * @text_len: octets of text, whole blocks
 *
 * Context: any, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_cipher_decrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len)
{
	unsigned int iv_len = keys->suite->shape.iv;
	u8 iv[GMG_MAX_IV];

	memcpy(iv, esp + GMG_ESP_HDR, iv_len);
	return run(keys, esp + GMG_ESP_HDR + iv_len, text_len, iv, false);
}

/**
 * gmg_cipher_set_key - make a cipher key ready for use
 * @keys: its suite is set
 * @ck: CK_ESP
 *
 * Context: process, may sleep.  Return: 0 or a negative errno.
 */
int gmg_cipher_set_key(struct gmg_keys *keys, const u8 *ck)
{
	struct crypto_sync_skcipher *tfm;
	int err;

	tfm = crypto_alloc_sync_skcipher(keys->suite->cipher, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = crypto_sync_skcipher_setkey(tfm, ck, keys->suite->ck_len);
	if (err)
		crypto_free_sync_skcipher(tfm);
	else
		keys->cipher = tfm;
	return err;
}

/**
 * gmg_cipher_free - undo gmg_cipher_set_key()
 * @keys: keys
 */
void gmg_cipher_free(struct gmg_keys *keys)
{
	crypto_free_sync_skcipher(keys->cipher);
	keys->cipher = NULL;
}

/**
 * gmg_cipher_there - has this kernel the cipher?
 * @name: the kernel's name of it
 */
bool gmg_cipher_there(const char *name)
{
	struct crypto_sync_skcipher *tfm;

	tfm = crypto_alloc_sync_skcipher(name, 0, 0);
	if (IS_ERR(tfm))
		return false;
	crypto_free_sync_skcipher(tfm);
	return true;
}
