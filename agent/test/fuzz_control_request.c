// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of whoever has the control socket open. */
#include "fuzz.h"

#include "control_match.h"
#include "control_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request r;
	struct control_match m;
	const char *why = NULL, *memory = "out of memory";
	char *line = malloc(size + 1);

	memcpy(line, data, size);
	line[size] = 0;
	if (!control_request_read(&r, line, &why)) {
		MUST(why);
		free(line);
		return 0;
	}
	MUST(r.verb[0] && r.n <= CONTROL_WORDS);
	for (unsigned int i = 0; i < r.n; i++) {
		MUST(r.words[i].name[0]);
		MUST(control_request_word(&r, r.words[i].name) == r.words[i].value);
		MUST(r.words[i].value + strlen(r.words[i].value) <= line + size);
		control_text_matches(r.words[i].value, str_of("001010000000001@ims.example"));
	}
	why = memory;
	if (control_match_read(&m, &r, &why))
		control_match_free(&m);
	else
		MUST(why != memory);
	free(line);
	return 0;
}
