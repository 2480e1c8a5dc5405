// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl config show, gmctl reload - the agent's configuration: what is in force, as a
// file that gmgated reads, and a new one.
#include <stdio.h>
#include <string.h>

#include "ctl_agent.h"

static const char config_help[] =
"Usage: gmctl config show\n"
"\n"
"What is in force: all keys, the defaults filled in, as YAML (-j: JSON).  Either is a\n"
"configuration that gmgated --check and --config take.\n";

static const char reload_help[] =
"Usage: gmctl reload\n"
"\n"
"Lets the agent read its configuration file anew (as SIGHUP does).  A file that is bad\n"
"changes nothing: the reason is printed, the status is 1.  Otherwise says which keys\n"
"have changed, and which need a restart and keep their values until then.\n";

/* A value as it stands: JSON within a line is YAML. */
static void print_raw(const struct ctl_json *j)
{
	fwrite(j->raw, 1, j->raw_n, stdout);
	putchar('\n');
}

static void print_key(const struct ctl_json *m, int indent)
{
	const struct ctl_json *entry;

	printf("%*s%s:", indent, "", m->key);
	if (m->type == CTL_JSON_ARRAY && m->child && m->child->type == CTL_JSON_OBJECT) {
		putchar('\n');
		for (entry = m->child; entry; entry = entry->next) {
			printf("%*s- ", indent + 2, "");
			print_raw(entry);
		}
	} else {
		putchar(' ');
		print_raw(m);
	}
}

/* Mappings of the top one key a line, those below them in one line. */
static int print_yaml(const char *text, size_t n, const struct ctl_json *document, void *arg)
{
	const struct ctl *ctl = arg;
	const struct ctl_json *m, *below;

	(void)n;
	if (ctl->json) {
		puts(text);
		return CTL_OK;
	}
	for (m = document->child; m; m = m->next) {
		if (m->type != CTL_JSON_OBJECT) {
			print_key(m, 0);
			continue;
		}
		printf("%s:\n", m->key);
		for (below = m->child; below; below = below->next)
			print_key(below, 2);
	}
	return CTL_OK;
}

static int config_show(const struct ctl *ctl, int argc, char **argv)
{
	struct octets request = { 0 };

	if (argc > 1)
		return ctl_bad_usage("config %s takes no words", argv[0]);
	octets_puts(&request, "config");
	return ctl_agent_first(ctl, &request, print_yaml, (void *)ctl);
}

int ctl_config(const struct ctl *ctl, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "show", config_show },
		{ NULL, NULL },
	};

	return ctl_verb_run(verbs, config_help, ctl, argc, argv);
}

int ctl_reload(const struct ctl *ctl, int argc, char **argv)
{
	struct octets request = { 0 };

	if (ctl_wants_help(argc, argv)) {
		fputs(reload_help, stdout);
		return CTL_OK;
	}
	if (argc > 1)
		return ctl_bad_usage("reload takes no words");
	octets_puts(&request, "reload");
	return ctl_reply(ctl, &request);
}
