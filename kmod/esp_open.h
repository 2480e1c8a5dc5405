/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: from an ESP packet to the datagram inside it (RFC 4303 3.4). */
#ifndef _GMG_ESP_OPEN_H
#define _GMG_ESP_OPEN_H

#include <linux/skbuff.h>

struct gmg_keys;
struct gmg_pair;

enum gmgate_drop gmg_esp_open(const struct gmg_keys *keys,
			      struct gmg_pair *pair, struct sk_buff *skb,
			      u8 *next_header);
void gmg_esp_strip(const struct gmg_keys *keys, struct sk_buff *skb,
		   u8 next_header, unsigned int nhoff);

#endif /* _GMG_ESP_OPEN_H */
