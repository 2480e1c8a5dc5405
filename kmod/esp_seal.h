/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: from an IP packet to the ESP packet that carries it (RFC 4303 3.3). */
#ifndef _GMG_ESP_SEAL_H
#define _GMG_ESP_SEAL_H

#include <linux/skbuff.h>

struct gmg_keys;

enum gmgate_drop gmg_esp_seal(const struct gmg_keys *keys, struct sk_buff *skb,
			      __be32 spi, unsigned int sa, u32 seq,
			      unsigned int hlen, unsigned int nhoff,
			      const u8 *iv);

#endif /* _GMG_ESP_SEAL_H */
