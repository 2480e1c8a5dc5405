// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl's table of subcommands against what goes by it: the script for bash, the
// man page, and the advice for each drop reason. The files are part of gmctl and not
// of the library, so they are included here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gate_names.h"

#include "../ctl/ctl_advice.c"
#include "../ctl/ctl_commands.c"
#include "../ctl/ctl_completion.c"

#define COMPLETION "../packaging/bash-completion/gmctl"
#define MAN "../Documentation/man/gmctl.8"

/* What the table names but nobody calls here. */
#define STUB(name)							\
	int name(const struct ctl *ctl, int argc, char **argv)		\
	{								\
		(void)ctl;						\
		(void)argc;						\
		(void)argv;						\
		return CTL_FAILED;					\
	}

STUB(ctl_caps)
STUB(ctl_config)
STUB(ctl_deregister)
STUB(ctl_drain)
STUB(ctl_endpoint)
STUB(ctl_ladder)
STUB(ctl_log)
STUB(ctl_monitor)
STUB(ctl_pco)
STUB(ctl_pcscf_discovery)
STUB(ctl_reload)
STUB(ctl_set)
STUB(ctl_stats)
STUB(ctl_status)
STUB(ctl_top)
STUB(ctl_trace)
STUB(ctl_ue)
STUB(ctl_undrain)
STUB(ctl_watch)
STUB(ctl_wireshark)

bool ctl_wants_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return false;
}

int ctl_bad_usage(const char *fmt, ...)
{
	(void)fmt;
	return CTL_USAGE;
}

/* All of a file in memory of the caller's. */
static char *read_file(FILE *f)
{
	char *text = calloc(1, 1 << 20);
	size_t n;

	assert_non_null(text);
	n = fread(text, 1, (1 << 20) - 1, f);
	assert_true(n > 0);
	fclose(f);
	return text;
}

static char *file(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("cannot read %s", path);
	return read_file(f);
}

/* `gmctl completion bash` writes it anew. */
static void completion_is_the_one_packaged(void **state)
{
	FILE *f = tmpfile();
	char *made, *packaged = file(COMPLETION);

	(void)state;
	assert_non_null(f);
	ctl_completion_bash(f);
	rewind(f);
	made = read_file(f);
	assert_string_equal(made, packaged);
	free(made);
	free(packaged);
}

/* What bash makes of a line that is being typed, by the script that is packaged. */
static void completes(const char *words, const char *want)
{
	char command[512], got[4096] = "";
	FILE *f;
	size_t n;

	snprintf(command, sizeof(command),
		 "bash -c '. " COMPLETION "; COMP_WORDS=(%s); "
		 "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _gmctl; echo \"${COMPREPLY[*]}\"'", words);
	f = popen(command, "r");		/* NOLINT: a constant, by a test */
	assert_non_null(f);
	n = fread(got, 1, sizeof(got) - 1, f);
	got[n] = 0;
	assert_int_equal(pclose(f), 0);
	got[strcspn(got, "\n")] = 0;
	assert_string_equal(got, want);
}

static void bash_completes_words(void **state)
{
	(void)state;
	completes("gmctl sta", "status stats");
	completes("gmctl -j undr", "undrain");
	completes("gmctl -s /run/x u", "ue undrain");
	completes("gmctl ue sh", "show");
	completes("gmctl ue list add", "address");
	completes("gmctl set add port", "port-uc port-us port-pc");
	completes("gmctl log w", "warning");
	completes("gmctl ue -", "-h -j");
	completes("gmctl nonsense x", "");
}

/* Does the page have ".It Nm Cm COMMAND"? */
static bool man_has(const char *man, const char *macro, const char *word)
{
	char line[128];
	const char *p;
	size_t n = (size_t)snprintf(line, sizeof(line), "%s %s", macro, word);

	for (p = man; (p = strstr(p, line)); p += n)
		if (strchr(" \n", p[n]))
			return true;
	return false;
}

static void man_page_has_every_word(void **state)
{
	char *man = file(MAN), words[512], *next, *word;

	(void)state;
	for (const struct ctl_command *c = ctl_commands; c->name; c++) {
		if (!man_has(man, ".It Nm Cm", c->name))
			fail_msg("%s is not in the man page", c->name);
		for (size_t i = 0; i < 8 && c->words[i]; i++) {
			snprintf(words, sizeof(words), "%s", c->words[i]);
			next = words;
			while ((word = strsep(&next, " ")))
				if (strcmp(word, "-") && !strstr(man, word + (*word == '-')))
					fail_msg("%s of %s is not in the man page", word, c->name);
		}
	}
	free(man);
}

static void every_drop_has_advice(void **state)
{
	const struct gate_name *n = gate_names_list(GATE_NAMES_DROP);

	(void)state;
	for (; n->name; n++)
		if (n->value != GMGATE_DROP_UNSPEC && !*ctl_advice(n->value))
			fail_msg("no advice for %s", n->name);
	assert_string_equal(ctl_advice(GMGATE_DROP_UNSPEC), "");
	assert_string_equal(ctl_advice(UINT32_MAX), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completion_is_the_one_packaged),
		cmocka_unit_test(bash_completes_words),
		cmocka_unit_test(man_page_has_every_word),
		cmocka_unit_test(every_drop_has_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
