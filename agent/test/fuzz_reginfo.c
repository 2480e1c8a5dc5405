// SPDX-License-Identifier: GPL-2.0-or-later
/* The body of a NOTIFY for the event package "reg". */
#include "fuzz.h"

#include <utlist.h>

#include "reginfo.h"

static void is_clean(const char *uri)
{
	size_t n = strlen(uri);

	MUST(n > 0 && n <= REGINFO_MAX_URI);
	for (size_t i = 0; i < n; i++)
		MUST(uri[i] > ' ' && uri[i] < 0x7f && !strchr("<>\"\\", uri[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct reginfo *info = reginfo_parse((struct str){ (const char *)data, size }, &why);
	const struct reginfo_registration *r;
	const struct reginfo_contact *c;
	unsigned int n = 0, n_contacts = 0;

	MUST(!info == !!why);
	if (!info)
		return 0;
	/* No document has a DTD. */
	MUST(!memmem(data, size, "<!DOCTYPE", 9) || memmem(data, size, "<!--", 4) ||
	     memmem(data, size, "<![CDATA[", 9) || memmem(data, size, "<?", 2));
	DL_FOREACH(info->registrations, r) {
		n++;
		is_clean(r->aor);
		DL_FOREACH(r->contacts, c) {
			n_contacts++;
			is_clean(c->uri);
			reginfo_event_name(c->event);
		}
	}
	MUST(n <= REGINFO_MAX_REGISTRATIONS && n_contacts <= REGINFO_MAX_CONTACTS);
	reginfo_free(info);
	return 0;
}
