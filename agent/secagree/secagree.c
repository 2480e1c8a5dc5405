// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading and comparing the lists of Security-Client, -Server and -Verify.
 * An entry is taken as a unit: what is wrong with one spoils no other, and its
 * parts are never mixed with those of another. No memory of its own.
 */
#include "secagree.h"

#include "sip_param.h"

#define SPI_MIN 256	/* RFC 4303 2.1: 0 for local use, 1..255 reserved */

static const struct str ipsec_3gpp = { "ipsec-3gpp", 10 };

/* What an entry says, before it is judged. */
enum field { ALG, EALG, PROT, MOD, Q, SPI_C, SPI_S, PORT_C, PORT_S, MEDIASEC, FIELDS };

static const struct {
	struct str name;
	struct str absent;	/* means the same as leaving it out */
} fields[FIELDS] = {
	[ALG] = { { "alg", 3 }, { NULL, 0 } },
	[EALG] = { { "ealg", 4 }, { "null", 4 } },
	[PROT] = { { "prot", 4 }, { "esp", 3 } },
	[MOD] = { { "mod", 3 }, { "trans", 5 } },
	[Q] = { { "q", 1 }, { NULL, 0 } },
	[SPI_C] = { { "spi-c", 5 }, { NULL, 0 } },
	[SPI_S] = { { "spi-s", 5 }, { NULL, 0 } },
	[PORT_C] = { { "port-c", 6 }, { NULL, 0 } },
	[PORT_S] = { { "port-s", 6 }, { NULL, 0 } },
	[MEDIASEC] = { { "mediasec", 8 }, { NULL, 0 } },
};

static enum field find_field(struct str name)
{
	unsigned int i;

	for (i = 0; i < FIELDS; i++)
		if (str_same_nocase(fields[i].name, name))
			break;
	return (enum field)i;
}

/* 0 to 1 with at most three decimals, as thousandths. */
static bool read_q(struct str s, uint16_t *q)
{
	uint32_t value = 0, digit;
	static const uint16_t weight[] = { 1000, 0, 100, 10, 1 };

	if (!s.n || s.n > 5 || (s.n > 1 && s.p[1] != '.'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (i == 1)
			continue;
		if (!str_number((struct str){ s.p + i, 1 }, 9, &digit))
			return false;
		value += digit * weight[i];
	}
	*q = (uint16_t)value;
	return value <= 1000;
}

static bool read_port(struct str s, uint16_t *port)
{
	uint32_t value;

	if (!str_number(s, 65535, &value) || !value)
		return false;
	*port = (uint16_t)value;
	return true;
}

static const char *judge_suite(struct secagree_entry *e, const struct str value[FIELDS])
{
	e->suite = (struct suite){ 0, GMGATE_EALG_NULL };
	if (!value[ALG].p)
		return "no alg";
	e->suite.alg = suite_alg(value[ALG]);
	if (!e->suite.alg)
		return "alg unknown";
	if (value[EALG].p)
		e->suite.ealg = suite_ealg(value[EALG]);
	if (!e->suite.ealg)
		return "ealg unknown";
	return suite_valid(e->suite) ? NULL : "alg and ealg do not go together";
}

static const char *judge_numbers(struct secagree_entry *e, const struct str value[FIELDS])
{
	if (!value[SPI_C].p || !value[SPI_S].p || !value[PORT_C].p || !value[PORT_S].p)
		return "not all of spi-c, spi-s, port-c and port-s";
	if (!str_number(value[SPI_C], UINT32_MAX, &e->spi_c) ||
	    !str_number(value[SPI_S], UINT32_MAX, &e->spi_s))
		return "an SPI is not a decimal number below 2^32";
	if (e->spi_c < SPI_MIN || e->spi_s < SPI_MIN)
		return "an SPI is below 256 (RFC 4303 2.1)";
	if (e->spi_c == e->spi_s)
		return "spi-c and spi-s are equal (TS 33.203 7.1)";
	if (!read_port(value[PORT_C], &e->port_c) || !read_port(value[PORT_S], &e->port_s))
		return "a port is not 1..65535";
	if (e->port_c == e->port_s)
		return "port-c and port-s are equal (TS 33.203 7.1)";
	return NULL;
}

static const char *judge(struct secagree_entry *e, const struct str value[FIELDS], bool mediasec)
{
	const char *why;

	e->alg_name = value[ALG];
	e->ealg_name = value[EALG];
	e->has_q = value[Q].p != NULL;
	if (e->has_q && !read_q(value[Q], &e->q))
		return "q is not 0..1";
	if (!str_same_nocase(e->mechanism, ipsec_3gpp))
		return "not ipsec-3gpp";
	if (mediasec)
		return "about media (mediasec)";
	if (value[PROT].p && !str_same_nocase(value[PROT], STR_LIT("esp")))
		return "prot is not esp";
	if (value[MOD].p && !str_same_nocase(value[MOD], STR_LIT("trans")))
		return "mod is not trans";
	why = judge_suite(e, value);
	return why ? why : judge_numbers(e, value);
}

/* False: not even an entry. */
static bool read_entry(struct str text, struct secagree_entry *e)
{
	struct str value[FIELDS] = { { 0 } }, rest = text;
	struct sip_param param;
	bool mediasec = false, twice = false;

	*e = (struct secagree_entry){ .text = text };
	if (!sip_param_split(&rest, ';', &e->mechanism) || !e->mechanism.n)
		return false;
	for (size_t i = 0; i < e->mechanism.n; i++)
		if (strchr("=\"<> \t\r\n", e->mechanism.p[i]))
			return false;
	while (sip_param_next(&rest, ';', &param)) {
		enum field field = find_field(param.name);

		if (field == FIELDS)
			continue;
		mediasec = mediasec || field == MEDIASEC;
		twice = twice || value[field].p;
		/* "alg" alone is there, but has no value anybody knows. */
		value[field] = param.value.p ? param.value : (struct str){ "", 0 };
	}
	e->unusable = twice ? "a parameter stands twice" : judge(e, value, mediasec);
	return true;
}

bool secagree_parse(struct str text, struct secagree_list *list)
{
	struct str entry;

	list->n = 0;
	list->malformed = NULL;
	if (!sip_param_balanced(text)) {
		list->malformed = "a quoted string does not end";
		return false;
	}
	while (sip_param_split(&text, ',', &entry)) {
		if (!entry.n)
			continue;
		if (list->n == SECAGREE_ENTRIES) {
			list->malformed = "more than 32 entries";
			return false;
		}
		if (!read_entry(entry, &list->entries[list->n++])) {
			list->malformed = "an entry has no mechanism name";
			return false;
		}
	}
	return true;
}

static bool same_value(enum field field, struct str a, struct str b)
{
	uint32_t na, nb;
	uint16_t qa, qb;

	if (str_same_nocase(a, b))
		return (a.p == NULL) == (b.p == NULL);
	if (field == Q)
		return read_q(a, &qa) && read_q(b, &qb) && qa == qb;
	if (field >= SPI_C && field <= PORT_S)
		return str_number(a, UINT32_MAX, &na) && str_number(b, UINT32_MAX, &nb) &&
		       na == nb;
	return false;
}

/*
 * Has @b every parameter of @a, with the same value? What equals its default,
 * or q where @q_optional says so, may be missing.
 */
static bool covers(struct str a, struct str b, bool q_optional)
{
	struct sip_param want, has;

	while (sip_param_next(&a, ';', &want)) {
		enum field field = find_field(want.name);

		if (sip_param_find(b, ';', want.name, &has)) {
			if (!same_value(field, want.value, has.value))
				return false;
			continue;
		}
		if (field == Q && q_optional)
			continue;
		if (field == FIELDS || !fields[field].absent.p ||
		    !str_same_nocase(want.value, fields[field].absent))
			return false;
	}
	return true;
}

/* sip_param_find() sees only the first of a name. */
static bool has_doubles(struct str params)
{
	struct sip_param param, first;
	struct str rest = params;

	while (sip_param_next(&rest, ';', &param))
		if (sip_param_find(params, ';', param.name, &first) &&
		    first.whole.p != param.whole.p)
			return true;
	return false;
}

static bool same_entry(struct str a, struct str b, bool q_optional)
{
	struct str mechanism_a, mechanism_b;

	if (!sip_param_split(&a, ';', &mechanism_a) || !sip_param_split(&b, ';', &mechanism_b) ||
	    !str_same_nocase(mechanism_a, mechanism_b))
		return false;
	if (has_doubles(a) || has_doubles(b))
		return false;
	return covers(a, b, q_optional) && covers(b, a, false);
}

static bool next_entry(struct str *rest, struct str *entry)
{
	while (sip_param_split(rest, ',', entry))
		if (entry->n)
			return true;
	return false;
}

static bool same_list(struct str a, struct str b, bool q_optional)
{
	struct str entry_a, entry_b;

	if (str_same(str_trim(a), str_trim(b)))
		return true;
	if (!sip_param_balanced(a) || !sip_param_balanced(b))
		return false;
	while (next_entry(&a, &entry_a))
		if (!next_entry(&b, &entry_b) || !same_entry(entry_a, entry_b, q_optional))
			return false;
	return !next_entry(&b, &entry_b);
}

bool secagree_same_offer(struct str before, struct str now)
{
	return same_list(before, now, false);
}

bool secagree_verify(struct str sent, struct str verify)
{
	return same_list(sent, verify, true);
}
