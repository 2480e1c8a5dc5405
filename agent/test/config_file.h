/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_FILE_H
#define _CONFIG_FILE_H

/* A configuration from a text, as from a file: what tests of configurations share. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"

static inline int load_text(struct config *cfg, const char *text, char *err)
{
	int fd = memfd_create("gmgate.yaml", MFD_CLOEXEC), ret = -1;
	char path[64];
	ssize_t n = strlen(text);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, text, n) == n)
		ret = config_load(cfg, path, err);
	close(fd);
	return ret;
}

#endif
