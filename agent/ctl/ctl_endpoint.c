// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl endpoint - the addresses and ports that the kernel protects.
#include <net/if.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "gate_names.h"

static const char help[] =
"Usage: gmctl endpoint list [instance N]\n"
"       gmctl endpoint add addr ADDR port-s N port-c N,N,... instance N spi N-N\n"
 "              [dev NAME] [uid N|USER] [mark-mask N] [max-sets N] [max-temporary N]\n"
 "              [relaxed] [local-in] [key-export] [replaces ID]\n"
"       gmctl endpoint change ID key-export on|off [instance N]\n"
"       gmctl endpoint del ID [instance N]\n"
"\n"
"add prints the id.  From then on clear text neither reaches nor leaves these\n"
"ports of this network namespace, except that of the user in ESP, until the\n"
"endpoint is deleted; its sets go with it.\n"
"\n"
"  dev        the device or VRF it is for (all that have the address)\n"
"  uid        whose sockets may use the ports (0)\n"
"  spi        the SPIs, from-to, that belong to this endpoint\n"
"  mark-mask  bits of the packet mark that carry the set id (all)\n"
"  relaxed    accept the crossed port pairs too: uc to pc, us to ps\n"
"  local-in   decrypted packets pass the host's input rules in plain text\n"
"  key-export keys of its sets can be read out, see gmctl wireshark -h\n"
"  replaces   takes the place of this endpoint of the same instance, at once\n"
"  change, del look the instance up when it is not given\n";

static bool parse_uid(const char *text, void *out)
{
	const struct passwd *pw;

	if (ctl_parse_u32(text, out))
		return true;
	pw = getpwnam(text);
	if (pw)
		*(uint32_t *)out = pw->pw_uid;
	return pw != NULL;
}

static bool parse_dev(const char *text, void *out)
{
	*(uint32_t *)out = if_nametoindex(text);
	return *(uint32_t *)out != 0;
}

/* "6101,6102" into the endpoint's list */
static bool parse_port_c(const char *text, void *out)
{
	struct gate_endpoint *e = out;
	char list[256], *next = list, *one;

	if (strlen(text) >= sizeof(list))
		return false;
	strcpy(list, text);
	e->n_port_c = 0;
	while ((one = strsep(&next, ",")))
		if (e->n_port_c == GMGATE_MAX_PORT_C ||
		    !ctl_parse_port(one, &e->port_c[e->n_port_c++]))
			return false;
	return true;
}

/* "0x10000000-0x1fffffff" into the endpoint's range */
static bool parse_range(const char *text, void *out)
{
	struct gate_endpoint *e = out;
	const char *dash = strchr(text, '-');
	char from[32];

	if (!dash || (size_t)(dash - text) >= sizeof(from))
		return false;
	memcpy(from, text, dash - text);
	from[dash - text] = 0;
	return ctl_parse_spi(from, &e->spi_min) && ctl_parse_spi(dash + 1, &e->spi_max) &&
	       e->spi_min < e->spi_max;
}

static bool parse_relaxed(const char *text, void *out)
{
	(void)text;
	*(uint32_t *)out |= GMGATE_ENDPOINT_FLAGS_RELAXED;
	return true;
}

static bool parse_local_in(const char *text, void *out)
{
	(void)text;
	*(uint32_t *)out |= GMGATE_ENDPOINT_FLAGS_LOCAL_IN;
	return true;
}

static bool parse_key_export(const char *text, void *out)
{
	(void)text;
	*(uint32_t *)out |= GMGATE_ENDPOINT_FLAGS_KEY_EXPORT;
	return true;
}

static bool parse_switch(const char *text, void *out)
{
	*(bool *)out = !strcmp(text, "on");
	return *(bool *)out || !strcmp(text, "off");
}

#define AT(member) offsetof(struct gate_endpoint, member)

static const struct ctl_field add_fields[] = {
	{ "addr", ctl_parse_addr, AT(addr), "an IP address", CTL_NEEDED },
	{ "port-s", ctl_parse_port, AT(port_s), "a port", CTL_NEEDED },
	{ "port-c", parse_port_c, 0, "a list of ports, such as 6101,6102", CTL_NEEDED },
	{ "instance", ctl_parse_id, AT(instance), "a number from 1", CTL_NEEDED },
	{ "spi", parse_range, 0, "a range of SPIs from 256, such as 0x10000000-0x1fffffff",
	  CTL_NEEDED },
	{ "dev", parse_dev, AT(ifindex), "a network device here", CTL_OPTIONAL },
	{ "uid", parse_uid, AT(uid), "a user", CTL_OPTIONAL },
	{ "mark-mask", ctl_parse_id, AT(mark_mask), "a mask that is not 0", CTL_OPTIONAL },
	{ "max-sets", ctl_parse_id, AT(max_sets), "a number from 1", CTL_OPTIONAL },
	{ "max-temporary", ctl_parse_id, AT(max_temporary), "a number from 1", CTL_OPTIONAL },
	{ "relaxed", parse_relaxed, AT(flags), "", CTL_FLAG },
	{ "local-in", parse_local_in, AT(flags), "", CTL_FLAG },
	{ "key-export", parse_key_export, AT(flags), "", CTL_FLAG },
	{ "replaces", ctl_parse_id, AT(id), "an endpoint's id", CTL_OPTIONAL },
	{ .name = NULL },
};

static const struct ctl_field instance_field[] = {
	{ "instance", ctl_parse_id, 0, "a number from 1", CTL_OPTIONAL },
	{ .name = NULL },
};

/* A device that has gone leaves a number. */
static const char *dev_name(uint32_t ifindex, char name[IF_NAMESIZE])
{
	if (!if_indextoname(ifindex, name))
		snprintf(name, IF_NAMESIZE, "%u", ifindex);
	return name;
}

static void print_json(const struct gate_endpoint *e)
{
	char name[IF_NAMESIZE];
	unsigned int i;

	ctl_out_open(NULL, '{');
	ctl_out_number("id", e->id);
	ctl_out_number("instance", e->instance);
	ctl_out_number("uid", e->uid);
	ctl_out_addr("addr", &e->addr);
	if (e->ifindex)
		ctl_out_text("dev", dev_name(e->ifindex, name));
	else
		ctl_out_null("dev");
	ctl_out_number("port-s", e->port_s);
	ctl_out_open("port-c", '[');
	for (i = 0; i < e->n_port_c; i++)
		ctl_out_number(NULL, e->port_c[i]);
	ctl_out_close(']');
	ctl_out_number("spi-min", e->spi_min);
	ctl_out_number("spi-max", e->spi_max);
	ctl_out_hex("mark-mask", e->mark_mask);
	ctl_out_bool("relaxed", e->flags & GMGATE_ENDPOINT_FLAGS_RELAXED);
	ctl_out_bool("local-in", e->flags & GMGATE_ENDPOINT_FLAGS_LOCAL_IN);
	ctl_out_bool("key-export", e->flags & GMGATE_ENDPOINT_FLAGS_KEY_EXPORT);
	ctl_out_number("sets", e->sets);
	ctl_out_number("max-sets", e->max_sets);
	ctl_out_number("temporary", e->temporary);
	ctl_out_number("max-temporary", e->max_temporary);
	ctl_out_close('}');
}

static void print_text(const struct gate_endpoint *e)
{
	char text[CTL_TEXT], name[IF_NAMESIZE];
	unsigned int i;

	printf("endpoint %u  %s", e->id, ctl_text_addr(&e->addr, text));
	if (e->ifindex)
		printf("  dev %s", dev_name(e->ifindex, name));
	printf("  port-s %u  port-c", e->port_s);
	for (i = 0; i < e->n_port_c; i++)
		printf("%c%u", i ? ',' : ' ', e->port_c[i]);
	printf("%s%s%s\n", e->flags & GMGATE_ENDPOINT_FLAGS_RELAXED ? "  relaxed" : "",
	       e->flags & GMGATE_ENDPOINT_FLAGS_LOCAL_IN ? "  local-in" : "",
	       e->flags & GMGATE_ENDPOINT_FLAGS_KEY_EXPORT ? "  key-export" : "");
	printf("  instance %u  uid %u  spi 0x%08x-0x%08x  mark-mask 0x%08x\n", e->instance,
	       e->uid, e->spi_min, e->spi_max, e->mark_mask);
	printf("  sets %u of %u, temporary %u of %u\n", e->sets, e->max_sets, e->temporary,
	       e->max_temporary);
}

static int print_one(const struct gate_endpoint *e, void *arg)
{
	const struct ctl *ctl = arg;

	if (ctl->json) {
		ctl_out_list_item("endpoints");
		print_json(e);
	} else {
		print_text(e);
	}
	return 0;
}

static int verb_list(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_error err;
	struct gate *g;
	uint32_t instance = 0;
	int status = CTL_OK;

	if (ctl_words_read(instance_field, &instance, argc - 1, argv + 1, NULL))
		return CTL_USAGE;
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (gate_endpoint_list(g, instance, print_one, (void *)ctl, &err))
		status = ctl_gate_error(&err);
	else if (ctl->json)
		ctl_out_list_end("endpoints");
	gate_close(g);
	return status;
}

static int verb_add(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_endpoint e = { .uid = 0 };
	struct gate_error err;
	struct gate *g;
	uint32_t id;
	int status = CTL_OK;

	if (ctl_words_read(add_fields, &e, argc - 1, argv + 1, NULL))
		return CTL_USAGE;
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (gate_endpoint_add(g, &e, &id, &err)) {
		status = ctl_gate_error(&err);
	} else if (ctl->json) {
		ctl_out_open(NULL, '{');
		ctl_out_number("id", id);
		ctl_out_close('}');
	} else {
		printf("%u\n", id);
	}
	gate_close(g);
	return status;
}

struct change {
	uint32_t instance;
	bool key_export;
};

static const struct ctl_field change_fields[] = {
	{ "key-export", parse_switch, offsetof(struct change, key_export), "on or off",
	  CTL_NEEDED },
	{ "instance", ctl_parse_id, offsetof(struct change, instance), "a number from 1",
	  CTL_OPTIONAL },
	{ .name = NULL },
};

/* The other flags have to be as they are: they are asked for first. */
static int change(struct gate *g, uint32_t id, const struct change *c, struct gate_error *err)
{
	struct gate_endpoint e;
	int ret = gate_endpoint_get(g, id, &e, err);

	if (ret)
		return ret;
	e.flags &= ~GMGATE_ENDPOINT_FLAGS_KEY_EXPORT;
	if (c->key_export)
		e.flags |= GMGATE_ENDPOINT_FLAGS_KEY_EXPORT;
	return gate_endpoint_change(g, id, c->instance ? c->instance : e.instance, e.flags, err);
}

static int verb_change(const struct ctl *ctl, int argc, char **argv)
{
	struct change c = { 0 };
	struct gate_error err;
	struct gate *g;
	uint32_t id;
	int status = CTL_OK;

	if (argc < 2 || !ctl_parse_id(argv[1], &id))
		return ctl_bad_usage("endpoint change: say the endpoint's id");
	if (ctl_words_read(change_fields, &c, argc - 2, argv + 2, NULL))
		return CTL_USAGE;
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (change(g, id, &c, &err))
		status = ctl_gate_error(&err);
	gate_close(g);
	return status;
}

static int verb_del(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_endpoint e;
	struct gate_error err;
	struct gate *g;
	uint32_t id, instance = 0;
	int status = CTL_OK;

	if (argc < 2 || !ctl_parse_id(argv[1], &id))
		return ctl_bad_usage("endpoint del: say the endpoint's id");
	if (ctl_words_read(instance_field, &instance, argc - 2, argv + 2, NULL))
		return CTL_USAGE;
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (!instance && !gate_endpoint_get(g, id, &e, &err))
		instance = e.instance;
	if (!instance || gate_endpoint_del(g, id, instance, &err))
		status = ctl_gate_error(&err);
	gate_close(g);
	return status;
}

int ctl_endpoint(const struct ctl *ctl, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "list", verb_list },
		{ "add", verb_add },
		{ "change", verb_change },
		{ "del", verb_del },
		{ NULL, NULL },
	};

	return ctl_verb_run(verbs, help, ctl, argc, argv);
}
