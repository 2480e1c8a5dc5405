// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl pcscf-discovery - how phones find this P-CSCF: what to put into the
// configuration of the SMF, of DHCP servers and of the DNS, from the addresses the
// agent runs with, or those of a configuration file.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_agent.h"
#include "ctl_discovery.h"

static const char help[] =
"Usage: gmctl pcscf-discovery [-c FILE] [-n NAME] [-o SNIPPET]\n"
"\n"
"Prints what others are to be configured with so that phones find this P-CSCF, at\n"
"the addresses of gm that the agent runs with, in their order.\n"
"\n"
"  -c, --config FILE   those of a configuration file; no agent has to run\n"
"  -n, --name NAME     the P-CSCF's name in the DNS, for the zone data\n"
"  -o, --only SNIPPET  one of open5gs, isc-dhcpd, isc-dhcpd6, dnsmasq, kea4, kea6,\n"
"                      dns, pco: alone, as it goes into a file\n"
"  -j, --json          JSON\n";

struct options {
	bool json;
	const char *config;
	const struct ctl_snippet *only;
};

/* Letters, digits and hyphens, two labels at least (RFC 1123 2.1). */
static bool read_name(const char *text, struct ctl_discovery *d)
{
	size_t n = strlen(text), label = 0, labels = 0;

	if (n && text[n - 1] == '.')
		n--;
	if (!n || n > CTL_DISCOVERY_NAME)
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (i == n || text[i] == '.') {
			if (!label || label > 63 || text[i - 1] == '-')
				return false;
			labels++;
			label = 0;
		} else if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
				  text[i]) && (label || text[i] != '-')) {
			label++;
		} else {
			return false;
		}
	}
	memcpy(d->name, text, n);
	return labels > 1;
}

static const struct ctl_snippet *snippet_of(const char *name)
{
	for (const struct ctl_snippet *s = ctl_snippets; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

static int read_options(struct options *o, struct ctl_discovery *d, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "name", required_argument, NULL, 'n' },
		{ "only", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;		/* main() has used it for other options */
	while ((c = getopt_long(argc, argv, "+c:n:o:j", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'n':
			if (!read_name(optarg, d))
				return ctl_bad_usage("\"%s\" is not a name such as pcscf.example.org",
						     optarg);
			break;
		case 'o':
			o->only = snippet_of(optarg);
			if (!o->only)
				return ctl_bad_usage("no snippet %s; see gmctl pcscf-discovery -h",
						     optarg);
			break;
		case 'j':
			o->json = true;
			break;
		default:
			return CTL_USAGE;
		}
	}
	if (optind < argc)
		return ctl_bad_usage("pcscf-discovery takes no words");
	return 0;
}

static int from_config(const char *file, struct ctl_discovery *d)
{
	static struct config cfg;
	char err[CONFIG_ERROR];

	if (config_load(&cfg, file, err))
		return ctl_error("%s", err);
	for (d->n = 0; d->n < cfg.n_gm; d->n++)
		d->gm[d->n] = cfg.gm[d->n].unprotected;
	return 0;
}

/* "192.0.2.10" or "[2001:db8::10]", as the agent says it */
static bool read_host(const struct ctl_json *j, struct addr *a)
{
	char text[ADDR_TEXT];
	size_t n;

	if (!j || j->type != CTL_JSON_SCALAR)
		return false;
	snprintf(text, sizeof(text), "%s", j->text + (j->text[0] == '['));
	n = strlen(text);
	if (n && text[n - 1] == ']')
		text[n - 1] = 0;
	return addr_parse(a, text, 0);
}

static bool read_gm(const struct ctl_json *status, struct ctl_discovery *d)
{
	const struct ctl_json *gm = ctl_json_member(status, "gm"), *one, *port;

	for (one = gm ? gm->child : NULL; one && d->n < CONFIG_MAX_GM; one = one->next) {
		port = ctl_json_member(one, "port");
		if (!read_host(ctl_json_member(one, "address"), &d->gm[d->n]) || !port ||
		    port->type != CTL_JSON_SCALAR || !ctl_parse_port(port->text, &d->gm[d->n].port))
			return false;
		d->n++;
	}
	return d->n > 0;
}

static int from_agent(const struct ctl *ctl, struct ctl_discovery *d)
{
	struct octets request = { 0 };
	struct ctl_json *status;
	int ret = 0;

	octets_puts(&request, "status");
	status = ctl_agent_one(ctl, &request);
	if (!status)
		return CTL_FAILED;
	if (!read_gm(status, d))
		ret = ctl_error("the agent does not say its addresses");
	ctl_json_free(status);
	return ret;
}

/* ---- printing ---- */

/* NULL: nothing to say. */
static const char *text_of(const struct ctl_snippet *s, const struct ctl_discovery *d,
			   struct octets *out)
{
	octets_free(out);
	*out = (struct octets){ 0 };
	s->write(d, out);
	if (!out->n)
		return NULL;
	octets_put(out, (struct str){ "", 1 });
	return out->failed ? NULL : out->p;
}

static bool is_told_in_vain(const struct addr *a)
{
	return a->port != CTL_DISCOVERY_PORT;
}

static void print_json(const struct options *o, const struct ctl_discovery *d)
{
	struct octets text = { 0 };

	ctl_out_open(NULL, '{');
	ctl_out_open("addresses", '[');
	for (unsigned int i = 0; i < d->n; i++) {
		ctl_out_open(NULL, '{');
		ctl_out_addr("address", &d->gm[i]);
		ctl_out_number("port", d->gm[i].port);
		ctl_out_bool("port-needs-dns", is_told_in_vain(&d->gm[i]));
		ctl_out_close('}');
	}
	ctl_out_close(']');
	ctl_out_open("snippets", '{');
	for (const struct ctl_snippet *s = ctl_snippets; s->name; s++) {
		const char *snippet = o->only && o->only != s ? NULL : text_of(s, d, &text);

		if (snippet)
			ctl_out_text(s->name, snippet);
	}
	ctl_out_close('}');
	ctl_out_close('}');
	octets_free(&text);
}

static void print_text(const struct ctl_discovery *d)
{
	struct octets text = { 0 };

	for (const struct ctl_snippet *s = ctl_snippets; s->name; s++) {
		const char *snippet = text_of(s, d, &text);

		if (snippet)
			printf("%s--- %s: %s\n%s", s == ctl_snippets ? "" : "\n", s->name, s->title,
			       snippet);
	}
	octets_free(&text);
}

/* One that was asked for has to have something to say. */
static int print_only(const struct options *o, const struct ctl_discovery *d)
{
	struct octets text = { 0 };
	const char *snippet = text_of(o->only, d, &text);
	int status = CTL_OK;

	if (!snippet)
		status = ctl_error("%s: there is %s", o->only->name,
				   strcmp(o->only->name, "dns") ? "no address of its family" :
				   "no name, see -n");
	else if (o->json)
		print_json(o, d);
	else
		fputs(snippet, stdout);
	octets_free(&text);
	return status;
}

/* Neither PCO nor DHCP has a place for a port. */
static void warn_of_ports(const struct ctl_discovery *d)
{
	char text[CTL_TEXT];

	for (unsigned int i = 0; i < d->n; i++)
		if (is_told_in_vain(&d->gm[i]))
			ctl_error("warning: phones ask %s at port %u unless the DNS tells them %u",
				  ctl_text_addr(&d->gm[i], text), CTL_DISCOVERY_PORT, d->gm[i].port);
}

int ctl_pcscf_discovery(const struct ctl *ctl, int argc, char **argv)
{
	struct options options = { .json = ctl->json };
	struct ctl_discovery d = { 0 };
	int status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	status = read_options(&options, &d, argc, argv);
	if (!status)
		status = options.config ? from_config(options.config, &d) : from_agent(ctl, &d);
	if (status)
		return status;
	warn_of_ports(&d);
	if (options.only)
		return print_only(&options, &d);
	if (options.json)
		print_json(&options, &d);
	else
		print_text(&d);
	return CTL_OK;
}
