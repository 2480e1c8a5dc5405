// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl deregister, drain, undrain, log - what changes the agent at run time.
#include <stdio.h>
#include <string.h>

#include "ctl_agent.h"

static const char help_deregister[] =
"Usage: gmctl deregister [WHO] [impi IMPI] [impu URI] [address ADDR] [emergency] [now]\n"
"\n"
"Ends the registrations of the UEs that match, as gmctl ue has it, at this\n"
"P-CSCF: nothing to them or from them passes any more but what ends calls, and\n"
"their SAs end after 64*T1 (128 s). Neither a UE nor its S-CSCF can be told so by\n"
"a P-CSCF: the S-CSCF sees our subscription end, and gets 480 for what it sends.\n"
"The UE registers again when it notices.\n"
"\n"
"  emergency  those with an emergency registration as well, which are spared\n"
"             otherwise\n"
"  now        their SAs end at once, and calls with them\n";

static const char help_drain[] =
"Usage: gmctl drain [SECONDS]\n"
"\n"
"From now on newcomers get 503 with a Retry-After of SECONDS (120) up to twice as\n"
"much, so that they try another P-CSCF. Who is registered is served and may refresh;\n"
"emergency registrations are accepted. Until gmctl undrain or a restart.\n";

static const char help_undrain[] =
"Usage: gmctl undrain\n"
"\n"
"Newcomers may register again.\n";

static const char help_log[] =
"Usage: gmctl log [error|warning|info|debug]\n"
"\n"
"Changes how much the agent logs, until it starts again, or shows it.\n";

/* ---- deregister ---- */

struct ended {
	const struct ctl *ctl;
	unsigned long ended, spared;
};

static int show_ended(const char *text, size_t n, const struct ctl_json *ue, void *arg)
{
	struct ended *e = arg;
	bool ended = ctl_json_bool(ue, "ended");

	if (ended)
		e->ended++;
	else
		e->spared++;
	if (e->ctl->json) {
		ctl_out_list_item("ues");
		ctl_out_raw(text, n);
	} else {
		printf("%s at %s: %s\n", ctl_json_text(ue, "impi"), ctl_json_text(ue, "address"),
		       ended ? "ended" : "spared, it is registered for emergency calls");
	}
	return CTL_OK;
}

/* Takes a word that stands alone out of the others. */
static bool take(const char *word, int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++)
		if (!strcmp(argv[i], word)) {
			memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv));
			--*argc;
			return true;
		}
	return false;
}

int ctl_deregister(const struct ctl *ctl, int argc, char **argv)
{
	struct ended e = { .ctl = ctl };
	struct octets request = { 0 };
	int status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help_deregister, stdout);
		return CTL_OK;
	}
	octets_puts(&request, "deregister");
	if (take("now", &argc, argv))
		ctl_agent_word(&request, "now", NULL);
	if (take("emergency", &argc, argv))
		ctl_agent_word(&request, "emergency", NULL);
	if (argc < 2)
		status = ctl_bad_usage("deregister: say who: an IMPI, an identity or an address");
	else
		status = ctl_ue_words(&request, argc - 1, argv + 1);
	if (status) {
		octets_free(&request);
		return status;
	}
	status = ctl_agent_each(ctl, &request, show_ended, &e);
	if (!status && ctl->json)
		ctl_out_list_end("ues");
	if (!status && !e.ended)
		return e.spared ? CTL_FAILED : ctl_error("no such UE");
	return status;
}

/* ---- the others: a request of one word at most ---- */

static int steer(const struct ctl *ctl, int argc, char **argv, const char *help, const char *word)
{
	struct octets request = { 0 };

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc > (word ? 2 : 1))
		return ctl_bad_usage("%s: too many words; see gmctl %s -h", argv[0], argv[0]);
	octets_puts(&request, argv[0]);
	if (argc > 1)
		ctl_agent_word(&request, word, argv[1]);
	return ctl_reply(ctl, &request);
}

int ctl_drain(const struct ctl *ctl, int argc, char **argv)
{
	return steer(ctl, argc, argv, help_drain, "retry-after");
}

int ctl_undrain(const struct ctl *ctl, int argc, char **argv)
{
	return steer(ctl, argc, argv, help_undrain, NULL);
}

int ctl_log(const struct ctl *ctl, int argc, char **argv)
{
	return steer(ctl, argc, argv, help_log, "level");
}
