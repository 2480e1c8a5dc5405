// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl.h"

#define SET_ADD								\
	("add endpoint ue port-uc port-us port-pc spi-uc spi-us spi-pc spi-ps alg ealg "	\
	"expires state cookie seq-out instance")
#define ENDPOINT_ADD							\
	("add addr port-s port-c instance spi dev uid mark-mask max-sets max-temporary "	\
	"relaxed local-in key-export replaces")

const struct ctl_command ctl_commands[] = {
	{ "status",	ctl_status,	"what the agent is doing, on one screen", { NULL } },
	{ "ue",		ctl_ue,		"the UEs that are registered: list, show",
	  { "- list show impi impu address state", "list impi impu address state",
	    "show impi impu address state" } },
	{ "watch",	ctl_watch,	"events of agent and kernel as they happen",
	  { "- -n -t kernel agent who" } },
	{ "trace",	ctl_trace,	"the messages of one UE as they pass, and what was refused",
	  { "- -n -t -v -w" } },
	{ "ladder",	ctl_ladder,	"who sent what to whom, as a sequence diagram",
	  { "- -a -f -i -n -t -w" } },
	{ "wireshark",	ctl_wireshark,	"keys of SAs, for captures that were made elsewhere",
	  { "- -o impi impu address state" } },
	{ "top",	ctl_top,	"registrations, messages and drops a second",
	  { "- -i -n -t" } },
	{ "stats",	ctl_stats,	"counters, drops and refusals: meaning, and what to do",
	  { "- -z kernel agent" } },
	{ "deregister",	ctl_deregister,	"end registrations at this P-CSCF",
	  { "- impi impu address emergency now" } },
	{ "drain",	ctl_drain,	"no new registrations: newcomers get 503", { NULL } },
	{ "undrain",	ctl_undrain,	"newcomers may register again", { NULL } },
	{ "log",	ctl_log,	"how much the agent logs: show, change",
	  { "- error warning info debug" } },
	{ "config",	ctl_config,	"the configuration in force: show", { "- show" } },
	{ "reload",	ctl_reload,	"let the agent read its configuration file anew", { NULL } },
	{ "set",	ctl_set,	"SA sets of the kernel: list, show, add, load, change, del",
	  { "- list show add load change del", "list endpoint ue instance", "show instance",
	    SET_ADD,
	    "load instance", "change state expires cookie instance", "del endpoint instance" } },
	{ "endpoint",	ctl_endpoint,	"protected endpoints of the kernel: list, add, change, del",
	  { "- list add change del", "list instance",
	    ENDPOINT_ADD, "change key-export instance",
	    "del instance" } },
	{ "caps",	ctl_caps,	"what the module can do on this kernel", { NULL } },
	{ "monitor",	ctl_monitor,	"events of the kernel alone", { NULL } },
	{ "pcscf-discovery", ctl_pcscf_discovery, "how phones find this P-CSCF: SMF, DHCP, DNS",
	  { "- -c -n -o" } },
	{ "pco",	ctl_pco,	"protocol configuration options: decode, encode",
	  { "- decode encode list", "decode as from", "encode as from" } },
	{ "completion",	ctl_completion,	"the script that completes these words in a shell",
	  { "- bash" } },
	{ .name = NULL },
};
