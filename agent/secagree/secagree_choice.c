// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Choosing an offer by local policy, and what the P-CSCF says about it in
 * Security-Server. The shapes are those that phones were seen to accept.
 */
#include "secagree.h"

#include "sip_param.h"

static const struct secagree_entry *best_entry(const struct secagree_list *offers,
					       struct suite suite)
{
	const struct secagree_entry *best = NULL;

	for (unsigned int i = 0; i < offers->n; i++) {
		const struct secagree_entry *e = &offers->entries[i];

		if (!e->unusable && suite_same(e->suite, suite) && (!best || e->q > best->q))
			best = e;
	}
	return best;
}

/* "no common algorithm: UE offered a/b, c/d (ealg unknown)" */
static void explain(const struct secagree_list *offers, struct octets *why)
{
	if (!offers->n) {
		octets_puts(why, "UE offered nothing");
		return;
	}
	octets_puts(why, "no common algorithm: UE offered ");
	for (unsigned int i = 0; i < offers->n; i++) {
		const struct secagree_entry *e = &offers->entries[i];

		octets_puts(why, i ? ", " : "");
		if (str_same_nocase(e->mechanism, STR_LIT("ipsec-3gpp")))
			octets_printf(why, "%.*s/%.*s",
				      STR_ARG(e->alg_name.p ? e->alg_name : STR_LIT("-")),
				      STR_ARG(e->ealg_name.p ? e->ealg_name : STR_LIT("null")));
		else
			octets_put(why, e->mechanism);
		if (e->unusable)
			octets_printf(why, " (%s)", e->unusable);
	}
}

const struct secagree_entry *secagree_choose(const struct secagree_list *offers,
					     const struct suite *policy, size_t n_policy,
					     struct octets *why)
{
	for (size_t i = 0; i < n_policy; i++) {
		const struct secagree_entry *e = best_entry(offers, policy[i]);

		if (e)
			return e;
	}
	if (why)
		explain(offers, why);
	return NULL;
}

void secagree_format_server(struct octets *out, const struct secagree_server *server)
{
	octets_puts(out, "ipsec-3gpp;q=0.1;prot=esp;mod=trans;spi-c=");
	octets_number(out, server->spi_c);
	octets_puts(out, ";spi-s=");
	octets_number(out, server->spi_s);
	octets_puts(out, ";port-c=");
	octets_number(out, server->port_c);
	octets_puts(out, ";port-s=");
	octets_number(out, server->port_s);
	octets_join(out, ";alg=", suite_alg_name(server->suite.alg), ";ealg=",
		    suite_ealg_name(server->suite.ealg));
}

void secagree_format_policy(struct octets *out, const struct suite *policy, size_t n_policy)
{
	for (size_t i = 0; i < n_policy; i++) {
		/* Distinct and falling, whole tenths while they last. */
		unsigned int q = n_policy < 10 ? 900 - 100 * (unsigned int)i :
						 999 - (unsigned int)i;

		octets_puts(out, i ? ", " : "");
		octets_puts(out, "ipsec-3gpp;q=0.");
		if (n_policy < 10)
			octets_printf(out, "%u", q / 100);
		else
			octets_printf(out, "%03u", q);
		octets_printf(out, ";prot=esp;mod=trans;alg=%s;ealg=%s",
			      suite_alg_name(policy[i].alg), suite_ealg_name(policy[i].ealg));
	}
}

bool secagree_required(const struct sip_msg *msg)
{
	return sip_msg_has_tag(msg, SIP_HEADER_REQUIRE, STR_LIT("sec-agree")) ||
	       sip_msg_has_tag(msg, SIP_HEADER_PROXY_REQUIRE, STR_LIT("sec-agree"));
}

bool secagree_supported(const struct sip_msg *msg)
{
	return sip_msg_has_tag(msg, SIP_HEADER_SUPPORTED, STR_LIT("sec-agree"));
}

void secagree_strip(struct sip_msg *msg)
{
	sip_msg_remove_all(msg, SIP_HEADER_SECURITY_CLIENT);
	sip_msg_remove_all(msg, SIP_HEADER_SECURITY_VERIFY);
	sip_msg_remove_all(msg, SIP_HEADER_SECURITY_SERVER);
	sip_msg_remove_tag(msg, SIP_HEADER_REQUIRE, STR_LIT("sec-agree"));
	sip_msg_remove_tag(msg, SIP_HEADER_PROXY_REQUIRE, STR_LIT("sec-agree"));
}
