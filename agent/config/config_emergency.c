// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of emergency calls.  What it yields goes into requests as it
 * is, so that nothing may be in it that could end a URI.
 */
#include "config_emergency.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4)))
static bool wrong(struct config_emergency_fault *fault, const char *path, const char *fmt, ...)
{
	va_list ap;

	snprintf(fault->path, sizeof(fault->path), "%s", path);
	va_start(ap, fmt);
	vsnprintf(fault->why, sizeof(fault->why), fmt, ap);
	va_end(ap);
	return false;
}

/* It becomes a Route, so that "lr" belongs to it (RFC 3261 16.6 6.). */
static bool read_ecscf(const char *uri, struct config_emergency *to, char *host,
		       struct config_emergency_fault *fault)
{
	struct resolve_query where;

	if (strpbrk(uri, "<>\"?, ") || !resolve_uri(str_of(uri), &where))
		return wrong(fault, "emergency.next-hop",
			     "\"%.99s\" is not a URI such as sip:ecscf.example", uri);
	snprintf(to->route, sizeof(to->route), "<%s%s>", uri, strstr(uri, ";lr") ? "" : ";lr");
	snprintf(host, DNS_NAME, "%s", where.host);
	return true;
}

static bool all_of(const char *text, const char *octets)
{
	return *text && !text[strspn(text, octets)];
}

/* RFC 5031 4.2 */
static bool is_service(const char *text)
{
	return all_of(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") && strlen(text) <= 40 &&
	       !strncmp(text, "sos", 3) && (!text[3] || text[3] == '.');
}

static bool read_number(const struct yaml_emergency_number *y, unsigned int i,
			struct config_emergency_number *to, struct config_emergency_fault *fault)
{
	const char *service = y->service ? y->service : "sos";
	char path[40];

	snprintf(path, sizeof(path), "emergency.numbers.%u", i);
	if (!all_of(y->number, "+0123456789*#") || strlen(y->number) >= sizeof(to->number))
		return wrong(fault, path, "\"%.99s\" is not a number of at most 15 digits",
			     y->number);
	if (!is_service(service))
		return wrong(fault, path, "\"%.99s\" is not a service such as sos.police", service);
	snprintf(to->number, sizeof(to->number), "%s", y->number);
	snprintf(to->urn, sizeof(to->urn), "urn:service:%s", service);
	return true;
}

static const char * const unregistered[] = {
	[CONFIG_UNREGISTERED_REFUSE] = "refuse",
	[CONFIG_UNREGISTERED_ALTERNATIVE] = "alternative-service",
	[CONFIG_UNREGISTERED_ROUTE] = "route",
};

#define UNREGISTERED (sizeof(unregistered) / sizeof(unregistered[0]))

const char *config_unregistered_name(enum config_unregistered what)
{
	return unregistered[what];
}

static bool read_unregistered(const char *text, const char *path,
			      const struct config_emergency *e, enum config_unregistered *to,
			      struct config_emergency_fault *fault)
{
	unsigned int i = 0;

	while (i < UNREGISTERED && strcmp(text, unregistered[i]))
		i++;
	if (i == UNREGISTERED)
		return wrong(fault, path, "must be refuse, alternative-service or route");
	*to = (enum config_unregistered)i;
	if (*to == CONFIG_UNREGISTERED_ROUTE && !e->route[0])
		return wrong(fault, path, "route needs emergency.next-hop");
	return true;
}

bool config_emergency_listener(const char *text, unsigned int i,
			       const struct config_emergency *emergency,
			       enum config_unregistered *to, struct config_emergency_fault *fault)
{
	char path[48];

	*to = emergency->unregistered;
	snprintf(path, sizeof(path), "gm.%u.emergency-unregistered", i);
	return !text || read_unregistered(text, path, emergency, to, fault);
}

bool config_emergency_read(const struct yaml_emergency *y, struct config_emergency *to,
			   char host[DNS_NAME], struct config_emergency_fault *fault)
{
	const char *undetected = y->undetected ? y->undetected : "alternative-service";
	bool ecscf = y->next_hop && *y->next_hop;

	if (ecscf && !read_ecscf(y->next_hop, to, host, fault))
		return false;
	to->route_undetected = !strcmp(undetected, "route");
	if (!to->route_undetected && strcmp(undetected, "alternative-service"))
		return wrong(fault, "emergency.undetected",
			     "must be alternative-service or route");
	if (to->route_undetected && !ecscf)
		return wrong(fault, "emergency.undetected", "route needs next-hop");
	if (y->unregistered && !read_unregistered(y->unregistered, "emergency.unregistered", to,
						  &to->unregistered, fault))
		return false;
	for (unsigned int i = 0; i < y->numbers_count; i++)
		if (!read_number(&y->numbers[i], i, &to->numbers[i], fault))
			return false;
	to->n_numbers = y->numbers_count;
	return true;
}
