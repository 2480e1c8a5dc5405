// SPDX-License-Identifier: GPL-2.0-or-later
/* kmod/esp.h on any octets, against RFC 4303 2.4 read aloud. */
#include "fuzz.h"
#include "kshim.h"
#include "../../kmod/esp.h"

static const struct gmg_esp_shape shapes[] = { { 0, 4, 12 }, { 16, 16, 12 }, { 8, 8, 12 }, { 8, 4, 16 } };

static void trailer(const u8 *text, u32 len)
{
	u32 payload = 0, pad, i;
	u8 next = 0;
	bool good = gmg_esp_read_trailer(text, len, &payload, &next), want = true;

	pad = text[len - 2];
	if (pad > len - 2)
		want = false;
	for (i = 1; want && i <= pad; i++)
		want = text[len - 2 - pad + i - 1] == i;
	MUST(good == want);
	if (good)
		MUST(payload + pad + 2 == len && next == text[len - 1]);
}

static void lengths(const struct gmg_esp_shape *s, const u8 *text, u32 len)
{
	u32 before = gmg_esp_before(s), behind = gmg_esp_behind(s, len), payload = 0, pad;
	u8 *room = malloc(len + behind), next;

	MUST(room);
	memcpy(room, text, len);
	pad = gmg_esp_pad(s, len);
	MUST(pad < s->align && (len + pad + GMG_ESP_TAIL) % s->align == 0);
	gmg_esp_write_trailer(room + len, pad, 17);
	MUST(gmg_esp_length_valid(s, before + len + behind));
	MUST(gmg_esp_read_trailer(room, len + behind - s->icv, &payload, &next));
	MUST(payload == len && next == 17 && !memcmp(room, text, len));
	free(room);
	/* No length is taken that leaves no room for a tail. */
	if (gmg_esp_length_valid(s, len))
		MUST(len >= before + s->icv + GMG_ESP_TAIL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		lengths(&shapes[i], data, size);
	if (size >= GMG_ESP_TAIL)
		trailer(data, size);
	return 0;
}
