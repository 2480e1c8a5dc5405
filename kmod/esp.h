/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: lengths and trailer of an ESP packet in transport mode (RFC 4303 2).
 *
 *	SPI(4) Seq(4) IV | payload | padding | pad length(1) next header(1) | ICV
 *
 * Pure: no kernel services, so that host tests compile it as it is.
 */
#ifndef _GMG_ESP_H
#define _GMG_ESP_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "kshim.h"
#endif

#define GMG_ESP_HDR	8	/* SPI and sequence number */
#define GMG_ESP_TAIL	2	/* pad length and next header */
#define GMG_ESP_MOST	53	/* that a suite adds: AES-CBC, HMAC, all padding */
#define GMG_IP_MAX	65535	/* total length (IPv4), payload length (IPv6) */

/**
 * struct gmg_esp_shape - what a suite adds to a packet, in octets
 * @iv: initialisation vector, on the wire
 * @align: payload, padding and tail are a multiple of this
 * @icv: integrity check value, on the wire
 */
struct gmg_esp_shape {
	u8 iv;
	u8 align;
	u8 icv;
};

/**
 * gmg_esp_pad - padding octets for a payload, the fewest that align it
 * @s: shape of the suite
 * @payload: octets of the UDP datagram or TCP segment, header included
 */
static inline u32 gmg_esp_pad(const struct gmg_esp_shape *s, u32 payload)
{
	return -(payload + GMG_ESP_TAIL) & (s->align - 1);
}

/**
 * gmg_esp_behind - octets behind the payload
 * @s: shape of the suite
 * @payload: as for gmg_esp_pad()
 */
static inline u32 gmg_esp_behind(const struct gmg_esp_shape *s, u32 payload)
{
	return gmg_esp_pad(s, payload) + GMG_ESP_TAIL + s->icv;
}

/**
 * gmg_esp_before - octets between IP header and payload
 * @s: shape of the suite
 */
static inline u32 gmg_esp_before(const struct gmg_esp_shape *s)
{
	return GMG_ESP_HDR + s->iv;
}

/**
 * gmg_esp_length_valid - can this be an ESP packet of the suite at all?
 * @s: shape of the suite
 * @len: octets from the SPI to the end of the ICV
 *
 * Return: true if the parts fit and the protected part is a multiple of the
 * alignment, not empty.
 */
static inline bool gmg_esp_length_valid(const struct gmg_esp_shape *s, u32 len)
{
	u32 frame = gmg_esp_before(s) + s->icv;

	return len >= frame + s->align && (len - frame) % s->align == 0;
}

/**
 * gmg_esp_write_trailer - fill in padding and tail
 * @at: first octet behind the payload
 * @pad: gmg_esp_pad()
 * @next_header: protocol of the payload
 */
static inline void gmg_esp_write_trailer(u8 *at, u32 pad, u8 next_header)
{
	u32 i;

	for (i = 0; i < pad; i++)
		at[i] = i + 1;
	at[pad] = pad;
	at[pad + 1] = next_header;
}

/**
 * gmg_esp_read_trailer - find the end of the payload
 * @text: the decrypted part, payload to next header
 * @len: its octets, at least GMG_ESP_TAIL
 * @payload: set to the octets of the payload
 * @next_header: set to the protocol of the payload
 *
 * Only for text whose ICV was good: a peer that has the key pads as RFC 4303
 * 2.4 says, and checking the octets tells nothing to one that has not.
 *
 * Return: false if the padding is longer than the text or not 1, 2, 3 ...
 */
static inline bool gmg_esp_read_trailer(const u8 *text, u32 len, u32 *payload,
					u8 *next_header)
{
	u32 pad = text[len - 2];
	u32 i;

	if (pad + GMG_ESP_TAIL > len)
		return false;
	*payload = len - GMG_ESP_TAIL - pad;
	*next_header = text[len - 1];
	for (i = 0; i < pad; i++)
		if (text[*payload + i] != i + 1)
			return false;
	return true;
}

#endif /* _GMG_ESP_H */
