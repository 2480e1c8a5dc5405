// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmgate.yaml(5) against the form of the file and the table of its keys: every key is
// there, no other is, and what a reload takes is said. The two files have what is looked
// at as static data, so they are included here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../config/config_keys.c"
#include "../config/config_yaml.c"

#define MAN "../Documentation/man/gmgate.yaml.5"
#define PATH 96
#define LINE 256
#define ITEMS 256

/* The items of the page, "KEY No (TYPE; reload)". */
static char items[ITEMS][LINE];
static size_t n_items;
static bool seen[ITEMS];

static int read_page(void **state)
{
	static const char tag[] = ".It Sy ";
	char line[LINE];
	FILE *f = fopen(MAN, "r");

	(void)state;
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, tag, strlen(tag)) && n_items < ITEMS)
			snprintf(items[n_items++], LINE, "%s", line + strlen(tag));
	fclose(f);
	return n_items ? 0 : -1;
}

/* Is it the item of this key, or with @below of one in it? */
static bool is_of(const char *item, const char *key, bool below)
{
	size_t n = strlen(key);

	return !strncmp(item, key, n) && (item[n] == ' ' || (below && item[n] == '.'));
}

static void has(const char *key)
{
	for (size_t i = 0; i < n_items; i++)
		if (is_of(items[i], key, false)) {
			assert_false(seen[i]);
			seen[i] = true;
			return;
		}
	fail_msg("%s is not in the man page", key);
}

/* A mapping is its keys; a list is one itself, and has those of its entries. */
static void walk(const cyaml_schema_field_t *f, const char *above)
{
	for (; f->key; f++) {
		const cyaml_schema_value_t *v = &f->value;
		char path[PATH];

		snprintf(path, sizeof(path), "%s%s%s", above, *above ? "." : "", f->key);
		if (v->type == CYAML_MAPPING) {
			walk(v->mapping.fields, path);
			continue;
		}
		has(path);
		if (v->type == CYAML_SEQUENCE && v->sequence.entry->type == CYAML_MAPPING)
			walk(v->sequence.entry->mapping.fields, path);
	}
}

static void every_key_and_no_other(void **state)
{
	(void)state;
	walk(root_fields, "");
	for (size_t i = 0; i < n_items; i++)
		if (!seen[i])
			fail_msg("no key: %s", items[i]);
}

/* gm and mw change entry by entry, which the table does not say. */
static void what_a_reload_takes(void **state)
{
	(void)state;
	for (size_t k = 0; k < KEYS; k++) {
		const char *want = keys[k].fixed ? "; restart)\n" : "; reload)\n";
		size_t found = 0;

		if (!strcmp(keys[k].name, "gm") || !strcmp(keys[k].name, "mw"))
			continue;
		for (size_t i = 0; i < n_items; i++) {
			if (!is_of(items[i], keys[k].name, true))
				continue;
			found++;
			if (!strstr(items[i], want))
				fail_msg("not \"%.9s\": %s", want, items[i]);
		}
		if (!found)
			fail_msg("%s is not in the man page", keys[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_and_no_other),
		cmocka_unit_test(what_a_reload_takes),
	};

	return cmocka_run_group_tests(tests, read_page, NULL);
}
