// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which device a socket sends and receives on, and with which DSCP (RFC 2474).
 *
 * To bind a socket that has no device yet to one needs no right since Linux 5.7,
 * so that connections which are opened later get theirs, too.
 */
#include "wire.h"

#include <errno.h>
#include <string.h>

static const struct config *config;

void wire_init(const struct config *cfg)
{
	config = cfg;
}

static const struct config_link *link_of(const struct flow *f)
{
	if (!config)
		return NULL;
	if (f->side != FLOW_MW)
		return f->gm < config->n_gm ? &config->gm[f->gm].link : NULL;
	for (unsigned int i = 0; i < config->n_mw; i++)
		if (addr_same_ip(&config->mw[i], &f->local))
			return &config->mw_link[i];
	return NULL;
}

int wire_apply(int fd, const struct flow *f)
{
	const struct config_link *link = link_of(f);
	bool v6 = f->local.family == AF_INET6;
	int tos;

	if (!link)
		return 0;
	if (link->device[0] && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link->device,
					  strlen(link->device)))
		return -errno;
	if (!link->dscp)
		return 0;
	tos = link->dscp << 2;
	return setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS, &tos,
			  sizeof(tos)) ? -errno : 0;
}
