// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the agent may do: CAP_NET_ADMIN, for the gate's requests and for
 * SO_MARK.  Keys pass through this process, so that it never leaves a core and
 * nobody of its user can look into it.
 */
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define FWMARK_ACCEPT "/proc/sys/net/ipv4/tcp_fwmark_accept"

/* It covers IPv6 as well; it belongs to the network namespace. */
static int check_fwmark_accept(char *err)
{
	FILE *f = fopen(FWMARK_ACCEPT, "r");
	int value = -1, c;

	if (f) {
		c = fgetc(f);
		value = c == '1';
		fclose(f);
	}
	if (value == 1)
		return 0;
	f = fopen(FWMARK_ACCEPT, "w");
	if (f && fputs("1\n", f) >= 0 && !fclose(f)) {
		log_info("set net.ipv4.tcp_fwmark_accept to 1");
		return 0;
	}
	snprintf(err, CONFIG_ERROR, "net.ipv4.tcp_fwmark_accept is not 1 and cannot be set (%s): "
		 "accepted connections would not tell their SA set", strerror(errno));
	return -1;
}

/* The directory of @file, for the user we become. */
static int make_directory(const struct config *cfg, const char *file, char *err)
{
	char path[256], *slash;

	snprintf(path, sizeof(path), "%s", file);
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return 0;
	*slash = '\0';
	/* One that is there already is somebody else's to set up. */
	if (mkdir(path, 0750)) {
		if (errno == EEXIST)
			return 0;
		snprintf(err, CONFIG_ERROR, "cannot make %s: %s", path, strerror(errno));
		return -1;
	}
	if (chown(path, cfg->uid, cfg->gid)) {
		snprintf(err, CONFIG_ERROR, "cannot give %s to %s: %s", path, cfg->user,
			 strerror(errno));
		return -1;
	}
	return 0;
}

/* Of descriptors, one for each connection: the few that a shell gives are for select(2). */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int privilege_prepare(const struct config *cfg, char *err)
{
	raise_descriptors();
	if (check_fwmark_accept(err) || make_directory(cfg, cfg->control, err))
		return -1;
	return make_directory(cfg, cfg->store, err);
}

static int drop(const struct config *cfg)
{
	bool may_drop_bounding;

	capng_get_caps_process();
	may_drop_bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN))
		return -1;
	if (cfg->uid != geteuid() || cfg->gid != getegid())
		return capng_change_id(cfg->uid, cfg->gid,
				       CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	/* Started as that user: what it may not even drop it cannot gain either, see below. */
	if (!may_drop_bounding)
		return capng_apply(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_BOTH);
}

int privilege_drop(const struct config *cfg, char *err)
{
	const struct rlimit none = { 0, 0 };
	const uid_t me = geteuid();

	if (drop(cfg)) {
		snprintf(err, CONFIG_ERROR, "cannot become %s with CAP_NET_ADMIN only%s", cfg->user,
			 me && me != cfg->uid ? ": who starts it is neither root nor that user "
			 "(key user, User= of the unit)" : "");
		return -1;
	}
	/* After the change of user, which sets it anew. */
	if (prctl(PR_SET_DUMPABLE, 0) || setrlimit(RLIMIT_CORE, &none) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		snprintf(err, CONFIG_ERROR, "cannot forbid core dumps: %s", strerror(errno));
		return -1;
	}
	return 0;
}
