// SPDX-License-Identifier: GPL-2.0-or-later
//
// Zone data by which a phone that knows the P-CSCF's name finds it (RFC 3263 4):
// NAPTR, SRV, A and AAAA.  And the same addresses as the PCO of an answer.
#include "ctl_discovery.h"

#include "ctl.h"
#include "pco.h"
#include "pco_names.h"
#include "pco_value.h"

#define TTL "300 IN"

/*
 * The host that has the addresses with a port: the P-CSCF's name itself for the
 * port that is taken where there is no SRV, else one of its own, so that nobody
 * asks these addresses at 5060.
 */
static void put_host(const struct ctl_discovery *d, uint16_t port, struct octets *out)
{
	if (port != CTL_DISCOVERY_PORT)
		octets_printf(out, "p%u.", port);
	octets_printf(out, "%s.", d->name);
}

static bool is_first_with_port(const struct ctl_discovery *d, unsigned int i)
{
	for (unsigned int j = 0; j < i; j++)
		if (d->gm[j].port == d->gm[i].port)
			return false;
	return true;
}

static void put_srv(const struct ctl_discovery *d, const char *transport, struct octets *out)
{
	unsigned int priority = 10;

	for (unsigned int i = 0; i < d->n; i++) {
		if (!is_first_with_port(d, i))
			continue;
		octets_printf(out, "_sip._%s.%s. " TTL " SRV %u 10 %u ", transport, d->name, priority,
			      d->gm[i].port);
		put_host(d, d->gm[i].port, out);
		octets_puts(out, "\n");
		priority += 10;
	}
}

void ctl_discovery_dns(const struct ctl_discovery *d, struct octets *out)
{
	char text[CTL_TEXT];

	if (!*d->name)
		return;
	octets_printf(out, "%s. " TTL " NAPTR 10 10 \"s\" \"SIP+D2U\" \"\" _sip._udp.%s.\n", d->name,
		      d->name);
	octets_printf(out, "%s. " TTL " NAPTR 20 10 \"s\" \"SIP+D2T\" \"\" _sip._tcp.%s.\n", d->name,
		      d->name);
	put_srv(d, "udp", out);
	put_srv(d, "tcp", out);
	for (unsigned int i = 0; i < d->n; i++) {
		put_host(d, d->gm[i].port, out);
		octets_printf(out, " " TTL " %s %s\n", d->gm[i].family == AF_INET6 ? "AAAA" : "A",
			      ctl_text_addr(&d->gm[i], text));
	}
}

static void put_form(const struct ctl_discovery *d, enum pco_form form, struct octets *out)
{
	struct octets element = { 0 };
	struct pco_writer w;

	pco_begin(&w, &element, form, PCO_FROM_NETWORK, PCO_PPP_FOR_IP, 0);
	for (unsigned int i = 0; i < d->n; i++)
		pco_put(&w, d->gm[i].family == AF_INET6 ? PCO_PCSCF_IPV6 : PCO_PCSCF_IPV4,
			(struct str){ (const char *)d->gm[i].ip, addr_ip_len(&d->gm[i]) });
	if (pco_end(&w)) {
		octets_printf(out, "%-6s ", pco_form_name(form));
		pco_value_hex(octets_str(&element), out);
		octets_puts(out, "\n");
	}
	octets_free(&element);
}

/* A PCO has no room for more than 13 IPv6 addresses; then there is an ePCO only. */
void ctl_discovery_pco(const struct ctl_discovery *d, struct octets *out)
{
	put_form(d, PCO_NAS, out);
	put_form(d, PCO_NAS_EPCO, out);
	put_form(d, PCO_VALUE, out);
}
