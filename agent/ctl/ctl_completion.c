// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl completion - a script for bash, made of the table of subcommands.
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static const char help[] =
"Usage: gmctl completion bash\n"
"\n"
"Prints the script that completes gmctl's words in bash:\n"
"  . <(gmctl completion bash)\n";

static const char head[] =
"# SPDX-License-Identifier: GPL-2.0-or-later\n"
"# bash completion of gmctl(8); written by: gmctl completion bash\n"
"_gmctl()\n"
"{\n"
"	local cur=${COMP_WORDS[COMP_CWORD]} i=1 command= verb= words=\n"
"\n"
"	while ((i < COMP_CWORD)); do\n"
"		case ${COMP_WORDS[i]} in\n"
"		-s|--socket|-c|--color)\n"
"			((i += 1)) ;;\n"
"		-*) ;;\n"
"		*)\n"
"			if [ -z \"$command\" ]; then\n"
"				command=${COMP_WORDS[i]}\n"
"			elif [ -z \"$verb\" ]; then\n"
"				verb=${COMP_WORDS[i]}\n"
"			fi ;;\n"
"		esac\n"
"		((i += 1))\n"
"	done\n"
"	case $command/$verb in\n";

static const char tail[] =
"	esac\n"
"	COMPREPLY=($(compgen -W \"$words -h -j\" -- \"$cur\"))\n"
"}\n"
"# Where no word fits: the name of a file.\n"
"complete -o default -F _gmctl gmctl\n";

static void put_commands(FILE *to)
{
	const struct ctl_command *c;

	fputs("	/)\n		words=\"-c -s", to);
	for (c = ctl_commands; c->name; c++)
		fprintf(to, " %s", c->name);
	fputs("\" ;;\n", to);
}

/* Verbs first: what stands behind one that is none is the command's own. */
static void put_command(FILE *to, const struct ctl_command *c)
{
	const char *own = NULL, *text;
	size_t i, n;

	for (i = 0; i < sizeof(c->words) / sizeof(c->words[0]) && c->words[i]; i++) {
		text = c->words[i];
		n = strcspn(text, " ");
		if (n == 1 && *text == '-')
			own = text + n;
		else
			fprintf(to, "	%s/%.*s)\n		words=\"%s\" ;;\n", c->name, (int)n, text,
				text[n] ? text + n + 1 : "");
	}
	if (own)
		fprintf(to, "	%s/*)\n		words=\"%s\" ;;\n", c->name, own + 1);
}

void ctl_completion_bash(FILE *to)
{
	const struct ctl_command *c;

	fputs(head, to);
	put_commands(to);
	for (c = ctl_commands; c->name; c++)
		put_command(to, c);
	fputs(tail, to);
}

int ctl_completion(const struct ctl *ctl, int argc, char **argv)
{
	(void)ctl;
	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc != 2 || strcmp(argv[1], "bash"))
		return ctl_bad_usage("completion: there is bash only");
	ctl_completion_bash(stdout);
	return CTL_OK;
}
