/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A core whose two proxies put their Record-Route above ours. */
#ifndef _CORE_PROXIES_H
#define _CORE_PROXIES_H

#include "proxy_world.h"

HELPER const char core_route[] =
	"Record-Route: <sip:mt@192.0.2.5;lr>, <sip:mo@192.0.2.2;lr>\r\n";

/* What our UE has to put into Route, behind our own two. */
#define DIALOG_ROUTE "Route: <sip:mo@192.0.2.2;lr>, <sip:mt@192.0.2.5;lr>\r\n"

/* The core answers what the UE has begun, as @sent came to it. */
HELPER void core_answers_it(const struct sent *sent, const char *status_line, const char *tag,
			 const char *extra)
{
	static const char name[] = "\r\nRecord-Route: ";
	struct flow f = core_flow();
	struct sent with = *sent;
	const char *at = strstr(sent->text, name);

	/* The core's proxies have put theirs above ours. */
	snprintf(with.text, sizeof(with.text), "%.*s\r\n%.*s%s", (int)(at - sent->text),
		 sent->text, (int)sizeof(core_route) - 3, core_route, at);
	reply(&with, &f, status_line, tag, extra);
}

#endif
