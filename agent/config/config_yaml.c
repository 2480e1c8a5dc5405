// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The form of gmgate.yaml: which keys there are and of which type.
 *
 * libcyaml reads the file by the schema below and refuses unknown keys; what
 * the values mean is config.c's business.  libcyaml forgets where a value
 * stood, so that config_yaml_line() looks it up again with libyaml when an
 * error has to name a line.
 */
#include "config_yaml.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "config.h"

#define OPT (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT_MAX 255
#define DEVICE_MAX 15		/* IFNAMSIZ less the 0 */

static const cyaml_schema_value_t port_value = {
	CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint16_t),
};

static const cyaml_schema_value_t text_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, TEXT_MAX),
};

/* Not CYAML_FIELD_BOOL, for which every word it does not know is true. */
static const cyaml_strval_t truths[] = {
	{ "false", 0 }, { "true", 1 }, { "no", 0 }, { "yes", 1 },
};

static const cyaml_schema_field_t gm_fields[] = {
	CYAML_FIELD_STRING_PTR("address", CYAML_FLAG_POINTER, struct yaml_gm, address, 1, TEXT_MAX),
	CYAML_FIELD_UINT_PTR("port", OPT, struct yaml_gm, port),
	CYAML_FIELD_UINT("port-s", CYAML_FLAG_DEFAULT, struct yaml_gm, port_s),
	CYAML_FIELD_SEQUENCE("port-c", CYAML_FLAG_POINTER, struct yaml_gm, port_c, &port_value,
			     1, CONFIG_MAX_PORT_C),
	CYAML_FIELD_ENUM_PTR("local-in", OPT | CYAML_FLAG_STRICT, struct yaml_gm, local_in,
			     truths, CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_STRING_PTR("device", OPT, struct yaml_gm, device, 1, DEVICE_MAX),
	CYAML_FIELD_UINT_PTR("dscp", OPT, struct yaml_gm, dscp),
	CYAML_FIELD_ENUM_PTR("sec-agree-required", OPT | CYAML_FLAG_STRICT, struct yaml_gm,
			     secagree_required, truths, CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_STRING_PTR("emergency-unregistered", OPT, struct yaml_gm,
			       emergency_unregistered, 1, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t gm_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_gm, gm_fields),
};

static const cyaml_schema_field_t mw_fields[] = {
	CYAML_FIELD_STRING_PTR("address", CYAML_FLAG_POINTER, struct yaml_mw, address, 1,
			       TEXT_MAX),
	CYAML_FIELD_UINT_PTR("port", OPT, struct yaml_mw, port),
	CYAML_FIELD_STRING_PTR("device", OPT, struct yaml_mw, device, 1, DEVICE_MAX),
	CYAML_FIELD_UINT_PTR("dscp", OPT, struct yaml_mw, dscp),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t mw_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_mw, mw_fields),
};

static const cyaml_schema_field_t next_hop_fields[] = {
	CYAML_FIELD_STRING_PTR("address", OPT, struct yaml_next_hop, address, 1, TEXT_MAX),
	CYAML_FIELD_UINT_PTR("port", OPT, struct yaml_next_hop, port),
	CYAML_FIELD_STRING_PTR("transport", OPT, struct yaml_next_hop, transport, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("uri", OPT, struct yaml_next_hop, uri, 1, TEXT_MAX),
	CYAML_FIELD_UINT_PTR("priority", OPT, struct yaml_next_hop, priority),
	CYAML_FIELD_UINT_PTR("weight", OPT, struct yaml_next_hop, weight),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t next_hop_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_next_hop, next_hop_fields),
};

static const cyaml_schema_field_t dns_server_fields[] = {
	CYAML_FIELD_STRING_PTR("address", CYAML_FLAG_POINTER, struct yaml_dns_server, address, 1,
			       TEXT_MAX),
	CYAML_FIELD_UINT_PTR("port", OPT, struct yaml_dns_server, port),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t dns_server_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_dns_server, dns_server_fields),
};

static const cyaml_schema_field_t dns_fields[] = {
	CYAML_FIELD_SEQUENCE("servers", OPT, struct yaml_dns, servers, &dns_server_value, 0,
			     CONFIG_MAX_DNS),
	CYAML_FIELD_STRING_PTR("device", OPT, struct yaml_dns, device, 1, DEVICE_MAX),
	CYAML_FIELD_ENUM_PTR("trust", OPT | CYAML_FLAG_STRICT, struct yaml_dns, trust, truths,
			     CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t emergency_number_fields[] = {
	CYAML_FIELD_STRING_PTR("number", CYAML_FLAG_POINTER, struct yaml_emergency_number, number,
			       1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("service", OPT, struct yaml_emergency_number, service, 1, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t emergency_number_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_emergency_number,
			    emergency_number_fields),
};

static const cyaml_schema_field_t emergency_fields[] = {
	CYAML_FIELD_STRING_PTR("next-hop", OPT, struct yaml_emergency, next_hop, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("undetected", OPT, struct yaml_emergency, undetected, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("unregistered", OPT, struct yaml_emergency, unregistered, 1,
			       TEXT_MAX),
	CYAML_FIELD_SEQUENCE("numbers", OPT, struct yaml_emergency, numbers,
			     &emergency_number_value, 0, CONFIG_MAX_EMERGENCY_NUMBERS),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t spi_fields[] = {
	CYAML_FIELD_UINT("min", CYAML_FLAG_DEFAULT, struct yaml_spi, min),
	CYAML_FIELD_UINT("max", CYAML_FLAG_DEFAULT, struct yaml_spi, max),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t sec_agree_fields[] = {
	CYAML_FIELD_ENUM_PTR("required", OPT | CYAML_FLAG_STRICT, struct yaml_sec_agree, required,
			     truths, CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_UINT_PTR("remember", OPT, struct yaml_sec_agree, remember),
	CYAML_FIELD_SEQUENCE("suites", OPT, struct yaml_sec_agree, suites, &text_value, 1,
			     CONFIG_MAX_SUITES),
	CYAML_FIELD_SEQUENCE("alg", OPT, struct yaml_sec_agree, alg, &text_value, 1,
			     CONFIG_MAX_SUITES),
	CYAML_FIELD_SEQUENCE("ealg", OPT, struct yaml_sec_agree, ealg, &text_value, 1,
			     CONFIG_MAX_SUITES),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t timers_fields[] = {
	CYAML_FIELD_UINT_PTR("scale", OPT, struct yaml_timers, scale),
	CYAML_FIELD_UINT_PTR("reg-await-auth", OPT, struct yaml_timers, reg_await_auth),
	CYAML_FIELD_UINT_PTR("t1-gm", OPT, struct yaml_timers, t1_gm),
	CYAML_FIELD_UINT_PTR("t1-mw", OPT, struct yaml_timers, t1_mw),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t limits_fields[] = {
	CYAML_FIELD_UINT_PTR("message", OPT, struct yaml_limits, message),
	CYAML_FIELD_UINT_PTR("header-lines", OPT, struct yaml_limits, header_lines),
	CYAML_FIELD_UINT_PTR("line", OPT, struct yaml_limits, line),
	CYAML_FIELD_UINT_PTR("commas", OPT, struct yaml_limits, commas),
	CYAML_FIELD_UINT_PTR("semicolons", OPT, struct yaml_limits, semicolons),
	CYAML_FIELD_UINT_PTR("temporary-sets", OPT, struct yaml_limits, temporary_sets),
	CYAML_FIELD_UINT_PTR("sets", OPT, struct yaml_limits, sets),
	CYAML_FIELD_UINT_PTR("transactions", OPT, struct yaml_limits, transactions),
	CYAML_FIELD_UINT_PTR("connections", OPT, struct yaml_limits, connections),
	CYAML_FIELD_UINT_PTR("connection-idle", OPT, struct yaml_limits, connection_idle),
	CYAML_FIELD_UINT_PTR("emergency-calls", OPT, struct yaml_limits, emergency_calls),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t rate_fields[] = {
	CYAML_FIELD_UINT("per-second", CYAML_FLAG_DEFAULT, struct yaml_rate, per_second),
	CYAML_FIELD_UINT("burst", CYAML_FLAG_DEFAULT, struct yaml_rate, burst),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t rates_fields[] = {
	CYAML_FIELD_MAPPING_PTR("source", OPT, struct yaml_rates, source, rate_fields),
	CYAML_FIELD_MAPPING_PTR("impi", OPT, struct yaml_rates, impi, rate_fields),
	CYAML_FIELD_MAPPING_PTR("all", OPT, struct yaml_rates, all, rate_fields),
	CYAML_FIELD_MAPPING_PTR("emergency", OPT, struct yaml_rates, emergency, rate_fields),
	CYAML_FIELD_UINT_PTR("table", OPT, struct yaml_rates, table),
	CYAML_FIELD_UINT_PTR("retry-after", OPT, struct yaml_rates, retry_after),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t metrics_fields[] = {
	CYAML_FIELD_STRING_PTR("address", OPT, struct yaml_metrics, address, 1, TEXT_MAX),
	CYAML_FIELD_UINT("port", CYAML_FLAG_DEFAULT, struct yaml_metrics, port),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t log_fields[] = {
	CYAML_FIELD_STRING_PTR("level", OPT, struct yaml_log, level, 1, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t root_fields[] = {
	CYAML_FIELD_UINT("instance", CYAML_FLAG_DEFAULT, struct yaml_config, instance),
	CYAML_FIELD_STRING_PTR("user", OPT, struct yaml_config, user, 1, 63),
	CYAML_FIELD_STRING_PTR("control", OPT, struct yaml_config, control, 1, 100),
	CYAML_FIELD_STRING_PTR("store", OPT, struct yaml_config, store, 1, 240),
	CYAML_FIELD_STRING_PTR("trace", OPT, struct yaml_config, trace, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("visited-network-id", CYAML_FLAG_POINTER, struct yaml_config,
			       visited_network_id, 1, TEXT_MAX),
	CYAML_FIELD_ENUM_PTR("reg-event", OPT | CYAML_FLAG_STRICT, struct yaml_config, reg_event,
			     truths, CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_SEQUENCE("gm", CYAML_FLAG_POINTER, struct yaml_config, gm, &gm_value, 1,
			     CONFIG_MAX_GM),
	CYAML_FIELD_MAPPING("spi", CYAML_FLAG_DEFAULT, struct yaml_config, spi, spi_fields),
	CYAML_FIELD_SEQUENCE("mw", CYAML_FLAG_POINTER, struct yaml_config, mw, &mw_value, 1,
			     CONFIG_MAX_MW),
	CYAML_FIELD_UINT_PTR("mw-mtu", OPT, struct yaml_config, mw_mtu),
	CYAML_FIELD_SEQUENCE("mw-next-hop", OPT, struct yaml_config, mw_next_hop,
			     &next_hop_value, 0, CONFIG_MAX_NEXT_HOPS),
	CYAML_FIELD_SEQUENCE("mw-trusted", CYAML_FLAG_POINTER, struct yaml_config, mw_trusted,
			     &text_value, 1, CONFIG_MAX_TRUSTED),
	CYAML_FIELD_SEQUENCE("mw-domains", OPT, struct yaml_config, mw_domains, &text_value, 0,
			     CONFIG_MAX_DOMAINS),
	CYAML_FIELD_MAPPING_PTR("dns", OPT, struct yaml_config, dns, dns_fields),
	CYAML_FIELD_MAPPING_PTR("emergency", OPT, struct yaml_config, emergency,
				emergency_fields),
	CYAML_FIELD_MAPPING_PTR("sec-agree", OPT, struct yaml_config, sec_agree,
				sec_agree_fields),
	CYAML_FIELD_MAPPING_PTR("timers", OPT, struct yaml_config, timers, timers_fields),
	CYAML_FIELD_MAPPING_PTR("limits", OPT, struct yaml_config, limits, limits_fields),
	CYAML_FIELD_MAPPING_PTR("rates", OPT, struct yaml_config, rates, rates_fields),
	CYAML_FIELD_MAPPING_PTR("metrics", OPT, struct yaml_config, metrics, metrics_fields),
	CYAML_FIELD_MAPPING_PTR("log", OPT, struct yaml_config, log, log_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t root_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_config, root_fields),
};

/* What libcyaml said: its first complaint and the innermost place. */
struct complaint {
	char text[256];
	char key[256];
	unsigned int line;
};

static void take_complaint(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	static const char in_field[] = "  in mapping field '";
	struct complaint *c = ctx;
	char text[256], *at;

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
	if (at && !c->line)
		c->line = strtoul(at + 7, NULL, 10);
	if (!c->key[0] && !strncmp(text, in_field, sizeof(in_field) - 1)) {
		snprintf(c->key, sizeof(c->key), "%s", text + sizeof(in_field) - 1);
		c->key[strcspn(c->key, "'")] = '\0';
	}
}

static const cyaml_config_t reader = {
	.log_fn = take_complaint,
	.mem_fn = cyaml_mem,
	.log_level = CYAML_LOG_ERROR,
};

/* The line of the first mapping key of that name. */
static unsigned int key_line(yaml_document_t *doc, const char *name)
{
	for (yaml_node_t *n = doc->nodes.start; n < doc->nodes.top; n++) {
		if (n->type != YAML_MAPPING_NODE)
			continue;
		for (yaml_node_pair_t *p = n->data.mapping.pairs.start;
		     p < n->data.mapping.pairs.top; p++) {
			yaml_node_t *k = yaml_document_get_node(doc, p->key);

			if (k->type == YAML_SCALAR_NODE &&
			    !strcmp((char *)k->data.scalar.value, name))
				return k->start_mark.line + 1;
		}
	}
	return 0;
}

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
	char steps[256], *save = NULL;

	snprintf(steps, sizeof(steps), "%s", path);
	for (char *s = strtok_r(steps, ".", &save); s && n; s = strtok_r(NULL, ".", &save)) {
		yaml_node_t *next = child(doc, n, s);

		if (!next)
			break;
		n = next;
	}
	return n ? n->start_mark.line + 1 : 0;
}

static unsigned int ask_document(const char *file, const char *what,
				 unsigned int (*ask)(yaml_document_t *doc, const char *what))
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
			line = ask(&doc, what);
			yaml_document_delete(&doc);
		}
		yaml_parser_delete(&parser);
	}
	fclose(f);
	return line;
}

unsigned int config_yaml_line(const char *file, const char *path)
{
	return ask_document(file, path, path_line);
}

static void report(const char *file, struct complaint *c, cyaml_err_t why, char *err)
{
	static const char unexpected[] = "Unexpected key: ";

	if (!strncmp(c->text, unexpected, sizeof(unexpected) - 1)) {
		const char *key = c->text + sizeof(unexpected) - 1;
		unsigned int line = ask_document(file, key, key_line);

		snprintf(err, CONFIG_ERROR, "%s:%u: %s: no such key", file,
			 line ? line : c->line, key);
		return;
	}
	if (c->key[0])
		snprintf(err, CONFIG_ERROR, "%s:%u: %s: %s", file, c->line, c->key, c->text);
	else if (c->text[0])
		snprintf(err, CONFIG_ERROR, "%s:%u: %s", file, c->line, c->text);
	else
		snprintf(err, CONFIG_ERROR, "%s: %s", file, cyaml_strerror(why));
}

struct yaml_config *config_yaml_load(const char *file, char *err)
{
	struct complaint complaint = { 0 };
	cyaml_config_t cfg = reader;
	struct yaml_config *y = NULL;
	cyaml_err_t why;
	FILE *f;

	f = fopen(file, "r");
	if (!f) {
		snprintf(err, CONFIG_ERROR, "%s: %s", file, strerror(errno));
		return NULL;
	}
	fclose(f);
	cfg.log_ctx = &complaint;
	why = cyaml_load_file(file, &cfg, &root_value, (cyaml_data_t **)&y, NULL);
	if (why != CYAML_OK) {
		report(file, &complaint, why, err);
		return NULL;
	}
	if (!y)
		snprintf(err, CONFIG_ERROR, "%s: is empty", file);
	return y;
}

void config_yaml_free(struct yaml_config *y)
{
	cyaml_free(&reader, &root_value, y, 0);
}
