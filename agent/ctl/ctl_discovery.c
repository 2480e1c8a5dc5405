// SPDX-License-Identifier: GPL-2.0-or-later
//
// What others have to be configured with so that phones find this P-CSCF (TS
// 24.229 9.2.1): the SMF, and DHCP servers.
#include "ctl_discovery.h"

#include "ctl.h"

/* How a list of addresses is written. */
struct style {
	const char *before, *after;	/* around each */
	const char *between;
};

static bool has(const struct ctl_discovery *d, int family)
{
	for (unsigned int i = 0; i < d->n; i++)
		if (d->gm[i].family == family)
			return true;
	return false;
}

static void put_list(const struct ctl_discovery *d, int family, const struct style *style,
		     struct octets *out)
{
	const char *between = "";
	char text[CTL_TEXT];

	for (unsigned int i = 0; i < d->n; i++) {
		if (d->gm[i].family != family)
			continue;
		octets_printf(out, "%s%s%s%s", between, style->before,
			      ctl_text_addr(&d->gm[i], text), style->after);
		between = style->between;
	}
}

/* Quoted, as an IPv6 address may end with a colon, which YAML takes for a key. */
static void open5gs(const struct ctl_discovery *d, struct octets *out)
{
	char text[CTL_TEXT];

	octets_puts(out, "smf:\n  p-cscf:\n");
	for (unsigned int i = 0; i < d->n; i++)
		octets_printf(out, "    - \"%s\"\n", ctl_text_addr(&d->gm[i], text));
}

/* ISC's server has no name for option 120; its first octet 1 says addresses (RFC 3361 3.2). */
static void dhcpd4(const struct ctl_discovery *d, struct octets *out)
{
	const struct style style = { "", "", ", " };

	if (!has(d, AF_INET))
		return;
	octets_puts(out, "option sip-servers code 120 = { unsigned integer 8, array of ip-address };\n"
			 "option sip-servers 1 ");
	put_list(d, AF_INET, &style, out);
	octets_puts(out, ";\n");
}

static void dhcpd6(const struct ctl_discovery *d, struct octets *out)
{
	const struct style style = { "", "", ", " };

	if (!has(d, AF_INET6))
		return;
	octets_puts(out, "option dhcp6.sip-servers-addresses ");
	put_list(d, AF_INET6, &style, out);
	octets_puts(out, ";\n");
}

/* dnsmasq puts that first octet itself. */
static void dnsmasq(const struct ctl_discovery *d, struct octets *out)
{
	const struct style plain = { ",", "", "" }, brackets = { ",[", "]", "" };

	if (has(d, AF_INET)) {
		octets_puts(out, "dhcp-option=option:sip-server");
		put_list(d, AF_INET, &plain, out);
		octets_puts(out, "\n");
	}
	if (has(d, AF_INET6)) {
		octets_puts(out, "dhcp-option=option6:sip-server");
		put_list(d, AF_INET6, &brackets, out);
		octets_puts(out, "\n");
	}
}

/* As octets: not every Kea has a definition of option 120, and this one needs none. */
static void kea4(const struct ctl_discovery *d, struct octets *out)
{
	if (!has(d, AF_INET))
		return;
	octets_puts(out, "{ \"Dhcp4\": { \"option-data\": [\n"
			 "  { \"code\": 120, \"space\": \"dhcp4\", \"csv-format\": false, \"data\": \"01");
	for (unsigned int i = 0; i < d->n; i++)
		if (d->gm[i].family == AF_INET)
			octets_printf(out, "%02X%02X%02X%02X", d->gm[i].ip[0], d->gm[i].ip[1],
				      d->gm[i].ip[2], d->gm[i].ip[3]);
	octets_puts(out, "\" }\n] } }\n");
}

static void kea6(const struct ctl_discovery *d, struct octets *out)
{
	const struct style style = { "", "", ", " };

	if (!has(d, AF_INET6))
		return;
	octets_puts(out, "{ \"Dhcp6\": { \"option-data\": [\n"
			 "  { \"name\": \"sip-server-addr\", \"code\": 22, \"space\": \"dhcp6\", \"data\": \"");
	put_list(d, AF_INET6, &style, out);
	octets_puts(out, "\" }\n] } }\n");
}

const struct ctl_snippet ctl_snippets[] = {
	{ "open5gs", "Open5GS, smf.yaml", open5gs },
	{ "isc-dhcpd", "DHCP option 120 (RFC 3361): ISC dhcpd.conf", dhcpd4 },
	{ "isc-dhcpd6", "DHCPv6 option 22 (RFC 3319): ISC dhcpd6.conf", dhcpd6 },
	{ "dnsmasq", "both: dnsmasq.conf", dnsmasq },
	{ "kea4", "DHCP option 120: kea-dhcp4.conf", kea4 },
	{ "kea6", "DHCPv6 option 22: kea-dhcp6.conf", kea6 },
	{ "dns", "DNS (RFC 3263): zone data", ctl_discovery_dns },
	{ "pco", "PCO and ePCO of an answer (TS 24.008 10.5.6.3), and what stands in both",
	  ctl_discovery_pco },
	{ NULL, NULL, NULL },
};
