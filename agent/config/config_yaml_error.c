// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors in the form of gmgate.yaml.
 *
 * libcyaml says what it did not like and in which field it was; where that stands in
 * the file is looked up with libyaml, and what may stand there in the schema.
 */
#include "config_yaml_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "config.h"
#include "config_yaml.h"

#define PATH 240

/* --- where --- */

static yaml_node_t *child(yaml_document_t *doc, yaml_node_t *n, const char *step)
{
	if (n->type == YAML_SEQUENCE_NODE) {
		long i = strtol(step, NULL, 10);

		if (i >= n->data.sequence.items.top - n->data.sequence.items.start)
			return NULL;
		return yaml_document_get_node(doc, n->data.sequence.items.start[i]);
	}
	if (n->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
	     p++) {
		yaml_node_t *k = yaml_document_get_node(doc, p->key);

		if (k->type == YAML_SCALAR_NODE && !strcmp((char *)k->data.scalar.value, step))
			return yaml_document_get_node(doc, p->value);
	}
	return NULL;
}

static unsigned int path_line(yaml_document_t *doc, const char *path)
{
	yaml_node_t *n = yaml_document_get_root_node(doc);
	char steps[PATH], *save = NULL;

	snprintf(steps, sizeof(steps), "%s", path);
	for (char *s = strtok_r(steps, ".", &save); s && n; s = strtok_r(NULL, ".", &save)) {
		yaml_node_t *next = child(doc, n, s);

		if (!next)
			break;
		n = next;
	}
	return n ? n->start_mark.line + 1 : 0;
}

unsigned int config_yaml_line(const char *file, const char *path)
{
	unsigned int line = 0;
	yaml_parser_t parser;
	yaml_document_t doc;
	FILE *f = fopen(file, "r");

	if (!f)
		return 0;
	if (yaml_parser_initialize(&parser)) {
		yaml_parser_set_input_file(&parser, f);
		if (yaml_parser_load(&parser, &doc)) {
			line = path_line(&doc, path);
			yaml_document_delete(&doc);
		} else if (parser.error != YAML_READER_ERROR) {
			line = parser.problem_mark.line + 1;
		}
		yaml_parser_delete(&parser);
	}
	fclose(f);
	return line;
}

/* --- what libcyaml says --- */

/* "  in mapping field 'gm' (line: 3, column: 1)": the quoted word. */
static bool take_field(const char *text, struct config_complaint *c)
{
	static const char before[] = "  in mapping field '";

	if (strncmp(text, before, sizeof(before) - 1) || c->n_steps == CONFIG_DEPTH)
		return false;
	text += sizeof(before) - 1;
	snprintf(c->steps[c->n_steps++], sizeof(c->steps[0]), "%.*s",
		 (int)strcspn(text, "'"), text);
	return true;
}

/* Likewise an entry of a list, which libcyaml counts from 1. */
static bool take_entry(const char *text, struct config_complaint *c)
{
	static const char before[] = "  in sequence entry '";
	unsigned long number;

	if (strncmp(text, before, sizeof(before) - 1) || c->n_steps == CONFIG_DEPTH)
		return false;
	number = strtoul(text + sizeof(before) - 1, NULL, 10);
	snprintf(c->steps[c->n_steps++], sizeof(c->steps[0]), "%lu", number ? number - 1 : 0);
	return true;
}

void config_yaml_complain(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	struct config_complaint *c = ctx;
	char text[256], *at;
	bool first;

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	if (!c->text[0]) {
		snprintf(c->text, sizeof(c->text), "%s",
			 strncmp(text, "Load: ", 6) ? text : text + 6);
		return;
	}
	at = strstr(text, "(line: ");
	if (!at)
		return;
	first = !c->line;
	if (first)
		c->line = strtoul(at + 7, NULL, 10);
	if (take_field(text, c))
		c->at_field |= first;
	else if (take_entry(text, c))
		c->at_entry |= first;
}

/* --- what is allowed --- */

static const cyaml_schema_value_t *field_of(const cyaml_schema_value_t *v, const char *key)
{
	if (v->type != CYAML_MAPPING)
		return NULL;
	for (const cyaml_schema_field_t *f = v->mapping.fields; f->key; f++)
		if (!strcmp(f->key, key))
			return &f->value;
	return NULL;
}

static const cyaml_schema_value_t *find_schema(const cyaml_schema_value_t *v, const char *path)
{
	char steps[PATH], *save = NULL;

	snprintf(steps, sizeof(steps), "%s", path);
	for (char *s = strtok_r(steps, ".", &save); s && v; s = strtok_r(NULL, ".", &save))
		v = v->type == CYAML_SEQUENCE ? v->sequence.entry : field_of(v, s);
	return v;
}

static void list_keys(const cyaml_schema_value_t *v, char *out, size_t room)
{
	size_t n = 0;

	for (const cyaml_schema_field_t *f = v->mapping.fields; f->key && n < room; f++)
		n += snprintf(out + n, room - n, "%s%s", n ? ", " : "", f->key);
}

static void describe(const cyaml_schema_value_t *v, char *out, size_t room)
{
	size_t n = 0;

	switch (v->type) {
	case CYAML_UINT:
		snprintf(out, room, "a number from 0 to %" PRIu64,
			 UINT64_MAX >> (64 - 8 * v->data_size));
		break;
	case CYAML_STRING:
		snprintf(out, room, "a text of %u to %u octets", (unsigned int)v->string.min,
			 (unsigned int)v->string.max);
		break;
	case CYAML_SEQUENCE:
		snprintf(out, room, "a list of %u to %u entries", (unsigned int)v->sequence.min,
			 (unsigned int)v->sequence.max);
		break;
	case CYAML_ENUM:
		for (uint32_t i = 0; i < v->enumeration.count && n < room; i++)
			n += snprintf(out + n, room - n, "%s%s", n ? " or " : "",
				      v->enumeration.strings[i].str);
		break;
	case CYAML_MAPPING:
		n = snprintf(out, room, "keys and values: ");
		list_keys(v, out + n, room - n);
		break;
	default:
		snprintf(out, room, "something else");
	}
}

/* What stands there instead, in words that are not libcyaml's; "" where that is all said. */
static void instead(const struct config_complaint *c, char *out, size_t room)
{
	static const struct {
		const char *begins, *says;
	} events[] = {
		{ "SCALAR", "not one value" },
		{ "MAPPING_START", "not keys and values" },
		{ "SEQUENCE_START", "not a list" },
	};
	const char *value = !strncmp(c->text, "Invalid ", 8) ? strstr(c->text, " value: ") : NULL;
	const char *event = strstr(c->text, ", got event: ");

	out[0] = '\0';
	if (value) {
		value += strlen(" value: ");
		value += *value == '\'';
		snprintf(out, room, ", not \"%.*s\"", (int)strcspn(value, "'"), value);
	}
	for (size_t i = 0; event && i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(event + strlen(", got event: "), events[i].begins))
			snprintf(out, room, ", %s", events[i].says);
}

/* --- all of it --- */

static void make_path(const struct config_complaint *c, unsigned int from, const char *key,
		      char path[PATH])
{
	size_t n = 0;

	path[0] = '\0';
	for (unsigned int i = c->n_steps; i > from && n < PATH; i--)
		n += snprintf(path + n, PATH - n, "%s%s", n ? "." : "", c->steps[i - 1]);
	if (key && n < PATH)
		snprintf(path + n, PATH - n, "%s%s", n ? "." : "", key);
}

/* What stands behind @start in the complaint; NULL: it is another one. */
static const char *behind(const struct config_complaint *c, const char *start)
{
	size_t n = strlen(start);

	return strncmp(c->text, start, n) ? NULL : c->text + n;
}

/* A key that is not there, or one that must not be. */
static bool report_key(const char *file, const struct config_complaint *c,
		       const cyaml_schema_value_t *schema, char *err)
{
	const char *unknown = behind(c, "Unexpected key: ");
	const char *missing = behind(c, "Missing required mapping field: ");
	char path[PATH], around[PATH], keys[400] = "";
	const cyaml_schema_value_t *v;
	unsigned int line;

	if (!unknown && !missing)
		return false;
	/* The field that libcyaml names is the last one it had before. */
	make_path(c, c->at_field, NULL, around);
	make_path(c, c->at_field, unknown ? unknown : missing, path);
	line = config_yaml_line(file, path);
	if (!line)
		line = c->line;
	if (missing) {
		snprintf(err, CONFIG_ERROR, "%s:%u: %s: is missing, it has no default", file, line,
			 path);
		return true;
	}
	v = find_schema(schema, around);
	if (v && v->type == CYAML_MAPPING)
		list_keys(v, keys, sizeof(keys));
	snprintf(err, CONFIG_ERROR, "%s:%u: %s: no such key; there are: %s", file, line, path,
		 keys);
	return true;
}

void config_yaml_report(const char *file, const struct config_complaint *c,
			const cyaml_schema_value_t *schema, cyaml_err_t why, char *err)
{
	bool entries = behind(c, "Insufficient entries") || behind(c, "Excessive entries");
	unsigned int line = c->line;
	const cyaml_schema_value_t *v;
	char path[PATH], allowed[400], other[300];
	const char *no_yaml = behind(c, "libyaml: ");

	if (report_key(file, c, schema, err))
		return;
	/* Too many or too few: that is about the list, not about one of them. */
	make_path(c, entries && c->at_entry, NULL, path);
	if (no_yaml)
		line = config_yaml_line(file, "");
	line += !line;
	v = find_schema(schema, path);
	if (behind(c, "Mapping field already seen: ")) {
		snprintf(err, CONFIG_ERROR, "%s:%u: %s: is there twice", file, line, path);
	} else if (no_yaml) {
		/* The field is the last one that could be read. */
		snprintf(err, CONFIG_ERROR, "%s:%u: this is not YAML: %s%s%s", file, line, no_yaml,
			 path[0] ? "; the last key read is " : "", path);
	} else if (v) {
		describe(v, allowed, sizeof(allowed));
		instead(c, other, sizeof(other));
		snprintf(err, CONFIG_ERROR, "%s:%u: %s%smust be %s%s", file, line, path,
			 path[0] ? ": " : "", allowed, other);
	} else if (c->text[0]) {
		snprintf(err, CONFIG_ERROR, "%s:%u: %s%s%s", file, line, path,
			 path[0] ? ": " : "", c->text);
	} else {
		snprintf(err, CONFIG_ERROR, "%s: %s", file, cyaml_strerror(why));
	}
}
