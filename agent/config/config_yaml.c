// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The form of gmgate.yaml: which keys there are and of which type.
 *
 * libcyaml reads the file by the schema below and refuses unknown keys; what
 * the values mean is config.c's business.  libcyaml forgets where a value
 * stood, so that config_yaml_error.c looks it up again when an
 * error has to name a line.
 */
#include "config_yaml.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "config_yaml_error.h"

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
			     CONFIG_MIN_PORT_C, CONFIG_MAX_PORT_C),
	CYAML_FIELD_ENUM_PTR("local-in", OPT | CYAML_FLAG_STRICT, struct yaml_gm, local_in,
			     truths, CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_ENUM_PTR("relaxed", OPT | CYAML_FLAG_STRICT, struct yaml_gm, relaxed,
			     truths, CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_ENUM_PTR("key-export", OPT | CYAML_FLAG_STRICT, struct yaml_gm, key_export,
			     truths, CYAML_ARRAY_LEN(truths)),
	CYAML_FIELD_STRING_PTR("device", OPT, struct yaml_gm, device, 0, DEVICE_MAX),
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
	CYAML_FIELD_STRING_PTR("device", OPT, struct yaml_mw, device, 0, DEVICE_MAX),
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
	CYAML_FIELD_STRING_PTR("device", OPT, struct yaml_dns, device, 0, DEVICE_MAX),
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
	CYAML_FIELD_STRING_PTR("next-hop", OPT, struct yaml_emergency, next_hop, 0, TEXT_MAX),
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
	CYAML_FIELD_UINT_PTR("ues-without-sec-agree", OPT, struct yaml_limits, plain_ues),
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
	CYAML_FIELD_STRING_PTR("trace", OPT, struct yaml_config, trace, 0, TEXT_MAX),
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

static const cyaml_config_t reader = {
	.log_fn = config_yaml_complain,
	.mem_fn = cyaml_mem,
	.log_level = CYAML_LOG_ERROR,
};

struct yaml_config *config_yaml_load(const char *file, char *err)
{
	struct config_complaint complaint = { 0 };
	cyaml_config_t cfg = reader;
	struct yaml_config *y = NULL;
	cyaml_err_t why;
	FILE *f;

	f = fopen(file, "r");
	if (!f || (fgetc(f) == EOF && ferror(f))) {
		snprintf(err, CONFIG_ERROR, "%s: %s", file, strerror(errno));
		if (f)
			fclose(f);
		return NULL;
	}
	fclose(f);
	cfg.log_ctx = &complaint;
	why = cyaml_load_file(file, &cfg, &root_value, (cyaml_data_t **)&y, NULL);
	if (why != CYAML_OK) {
		config_yaml_report(file, &complaint, &root_value, why, err);
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
