/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_EMERGENCY_H
#define _CONFIG_EMERGENCY_H

#include "config.h"
#include "config_yaml.h"

struct config_emergency_fault {
	char path[48], why[192];
};

/*
 * What `emergency` of gmgate.yaml means; @host: of the E-CSCF, as it is where there is
 * none. False: @fault says why.
 */
bool config_emergency_read(const struct yaml_emergency *y, struct config_emergency *to,
			   char host[DNS_NAME], struct config_emergency_fault *fault);

/*
 * What listener @i does with the calls of those who have not registered; @text: its own word,
 * NULL: as emergency.unregistered says. False: @fault says why.
 */
bool config_emergency_listener(const char *text, unsigned int i,
			       const struct config_emergency *emergency,
			       enum config_unregistered *to,
			       struct config_emergency_fault *fault);

/* As the file has it. */
const char *config_unregistered_name(enum config_unregistered what);

#endif
