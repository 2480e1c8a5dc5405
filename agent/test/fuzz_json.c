// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon's JSON against gmctl's reader of it: what the one writes the other
 * reads back, whatever a UE put into the texts.  And the reader takes any octets.
 */
#include "fuzz.h"

#include "ctl_json.h"
#include "json.h"

/* Of what the reader shows, a text's printable octets are as they were. */
static void same(const char *have, struct str want)
{
	size_t i, n = 0;

	MUST(have);
	for (i = 0; i < want.n; i++, n++) {
		unsigned char c = want.p[i];

		MUST(have[n]);
		if (c >= 0x20 && c < 0x7f)
			MUST(have[n] == (char)c);
		else	/* shown by something printable, perhaps longer */
			MUST((unsigned char)have[n] >= 0x20);
	}
}

static void back(struct str a, struct str b, unsigned long long number)
{
	char text[32];
	struct octets o = { 0 };
	struct ctl_json *j;
	const struct ctl_json *list;

	json_open(&o, NULL, '{');
	json_string(&o, "a", a);
	json_open(&o, "list", '[');
	json_string(&o, NULL, b);
	json_number(&o, NULL, number);
	json_bool(&o, NULL, number & 1);
	json_close(&o, ']');
	json_open(&o, "empty", '{');
	json_close(&o, '}');
	json_close(&o, '}');
	MUST(!o.failed);
	for (size_t i = 0; i < o.n; i++)
		MUST(o.p[i] >= 0x20 && o.p[i] < 0x7f);
	j = ctl_json_parse(o.p, o.n);
	MUST(j && j->type == CTL_JSON_OBJECT);
	same(ctl_json_member(j, "a")->text, a);
	list = ctl_json_member(j, "list");
	MUST(list && list->type == CTL_JSON_ARRAY && list->child);
	same(list->child->text, b);
	snprintf(text, sizeof(text), "%llu", number);
	MUST(!strcmp(list->child->next->text, text));
	MUST(!strcmp(list->child->next->next->text, number & 1 ? "true" : "false"));
	MUST(!list->child->next->next->next && !ctl_json_member(j, "empty")->child);
	ctl_json_free(j);
	octets_free(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	unsigned long long number = 0;
	char *copy = malloc(size ? size : 1);

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	/* Octets that do not end with a 0. */
	ctl_json_free(ctl_json_parse(copy, size));
	free(copy);
	memcpy(&number, data, size < sizeof(number) ? size : sizeof(number));
	back((struct str){ all.p, size / 2 }, str_from(all, size / 2), number);
	return 0;
}
