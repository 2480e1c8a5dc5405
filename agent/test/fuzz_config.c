// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A configuration file: refused with a line for the operator, or what was read
 * keeps what config.h promises.
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "config_keys.h"

static void promises(const struct config *cfg)
{
	MUST(cfg->n_gm >= 1 && cfg->n_gm <= CONFIG_MAX_GM);
	MUST(cfg->n_mw >= 1 && cfg->n_mw <= CONFIG_MAX_MW);
	MUST(cfg->n_trusted <= CONFIG_MAX_TRUSTED);
	MUST(cfg->n_suites >= 1 && cfg->n_suites <= CONFIG_MAX_SUITES);
	MUST(cfg->spi_min > 255 && cfg->spi_min < cfg->spi_max);
	MUST(cfg->scale && cfg->t1_gm && cfg->t1_mw && cfg->reg_await_auth);
	MUST(cfg->n_suites && cfg->n_suites <= CONFIG_MAX_SUITES);
	MUST(cfg->rates.table && cfg->rates.retry_after && cfg->remembered_impis);
	MUST(cfg->rates.source.burst >= 4 && cfg->rates.impi.burst >= 4 &&
	     cfg->rates.all.burst >= 4);
	for (unsigned int i = 0; i < cfg->n_suites; i++)
		MUST(suite_valid(cfg->suites[i]));
	for (unsigned int i = 0; i < cfg->n_gm; i++) {
		const struct config_gm *gm = &cfg->gm[i];

		MUST(gm->port_s >= 1024 && gm->n_port_c >= 4 && gm->n_port_c <= CONFIG_MAX_PORT_C);
		for (unsigned int p = 0; p < gm->n_port_c; p++)
			MUST(gm->port_c[p] >= 1024 && gm->port_c[p] != gm->port_s);
	}
	MUST(memchr(cfg->control, 0, sizeof(cfg->control)));
	MUST(cfg->store[0] && memchr(cfg->store, 0, sizeof(cfg->store)));
	MUST(memchr(cfg->trace, 0, sizeof(cfg->trace)));
	MUST(memchr(cfg->user, 0, sizeof(cfg->user)));
}

/* Shown, it is a file that makes the same. */
static void goes_round(const struct config *cfg)
{
	static struct config again;
	char why[CONFIG_ERROR];
	struct octets shown = { 0 };
	int fd = memfd_create("again", MFD_CLOEXEC);
	char path[64];

	config_show(cfg, &shown);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST(fd >= 0 && write(fd, shown.p, shown.n) == (ssize_t)shown.n);
	MUST(!config_load(&again, path, why));
	again.default_suites = cfg->default_suites;
	MUST(!memcmp(cfg, &again, sizeof(again)));
	close(fd);
	octets_free(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char err[CONFIG_ERROR], path[64];
	static struct config cfg;
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("config", MFD_CLOEXEC);
		MUST(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	MUST(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	memset(err, 0, sizeof(err));
	if (config_load(&cfg, path, err)) {
		MUST(!strncmp(err, path, strlen(path)) && err[strlen(path)] == ':');
		MUST(memchr(err, 0, sizeof(err)));
	} else {
		promises(&cfg);
		goes_round(&cfg);
	}
	return 0;
}
