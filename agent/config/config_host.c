// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a configuration this host does not fit, before the agent is started: its
 * addresses and devices, who may read and write what, and which ports could be taken.
 */
#include "config_host.h"

#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "config_yaml.h"

#define PATH 256			/* of the configuration's own */
#define MAY_READ 4U
#define MAY_WRITE 2U
#define MAY_SEARCH 1U

struct host {
	const struct config *cfg;
	const char *file;
	FILE *to;
	struct ifaddrs *addrs;
	unsigned int n;
};

__attribute__((format(printf, 3, 4)))
static void warn(struct host *h, const char *key, const char *fmt, ...)
{
	unsigned int line = config_yaml_line(h->file, key);
	va_list ap;

	/* A key that is not in the file has the line of all. */
	if (line != config_yaml_line(h->file, ""))
		fprintf(h->to, "%s:%u: %s: warning: ", h->file, line, key);
	else
		fprintf(h->to, "%s: %s: warning: ", h->file, key);
	va_start(ap, fmt);
	vfprintf(h->to, fmt, ap);
	va_end(ap);
	fputc('\n', h->to);
	h->n++;
}

/* --- addresses and devices --- */

/* Is @device what @interface belongs to, such as its VRF? */
static bool is_master(const char *device, const char *interface)
{
	char link[PATH], master[PATH];
	const char *name;
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/class/net/%s/master", interface);
	n = readlink(link, master, sizeof(master) - 1);
	if (n < 0)
		return false;
	master[n] = '\0';
	name = strrchr(master, '/');
	return !strcmp(device, name ? name + 1 : master);
}

static void check_address(struct host *h, const char *list, unsigned int i, const struct addr *a,
			  const char *device)
{
	const char *elsewhere = NULL;
	char key[48];

	for (const struct ifaddrs *f = h->addrs; f; f = f->ifa_next) {
		struct addr have;

		if (!f->ifa_addr || !addr_from_sockaddr(&have, f->ifa_addr) ||
		    !addr_same_ip(&have, a))
			continue;
		if (!device[0] || !strcmp(device, f->ifa_name) || is_master(device, f->ifa_name))
			return;
		elsewhere = f->ifa_name;
	}
	if (elsewhere && !if_nametoindex(device))
		return;			/* said already */
	snprintf(key, sizeof(key), "%s.%u.%s", list, i, elsewhere ? "device" : "address");
	if (elsewhere)
		warn(h, key, "%s is an address of %s, not of %s", addr_host(a), elsewhere, device);
	else
		warn(h, key, "no interface here has %s", addr_host(a));
}

static void check_device(struct host *h, const char *key, const char *device)
{
	if (device[0] && !if_nametoindex(device))
		warn(h, key, "there is no device %s here", device);
}

/* Is there a way to what is written as an address? Nothing is sent for that. */
static void check_way(struct host *h, const char *key, const char *host, uint16_t port)
{
	struct sockaddr_storage ss;
	struct addr a;
	int fd;

	if (!addr_parse(&a, host, port))
		return;
	fd = socket(a.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (struct sockaddr *)&ss, addr_to_sockaddr(&a, &ss)) &&
	    (errno == ENETUNREACH || errno == EHOSTUNREACH))
		warn(h, key, "there is no route to %s here", addr_host(&a));
	close(fd);
}

/* A device has routes of its own, as a VRF does: only where none is asked for. */
static void check_ways(struct host *h)
{
	char key[48];

	for (unsigned int i = 0; i < h->cfg->n_mw; i++)
		if (h->cfg->mw_link[i].device[0])
			return;
	for (unsigned int i = 0; i < h->cfg->n_next_hops; i++) {
		const struct resolve_query *q = &h->cfg->next_hops[i].where;

		snprintf(key, sizeof(key), "mw-next-hop.%u", i);
		check_way(h, key, q->host, q->port);
	}
}

static void check_addresses(struct host *h)
{
	char key[48];

	for (unsigned int i = 0; i < h->cfg->n_gm; i++) {
		snprintf(key, sizeof(key), "gm.%u.device", i);
		check_device(h, key, h->cfg->gm[i].link.device);
		check_address(h, "gm", i, &h->cfg->gm[i].unprotected, h->cfg->gm[i].link.device);
	}
	for (unsigned int i = 0; i < h->cfg->n_mw; i++) {
		snprintf(key, sizeof(key), "mw.%u.device", i);
		check_device(h, key, h->cfg->mw_link[i].device);
		check_address(h, "mw", i, &h->cfg->mw[i], h->cfg->mw_link[i].device);
	}
	check_device(h, "dns.device", h->cfg->dns.device);
}

/* --- files --- */

/* May the agent's user do all that? By mode bits: one with ACLs knows what he does. */
static bool may(const struct config *cfg, const char *path, unsigned int what)
{
	struct stat st;

	if (!cfg->uid)
		return true;
	if (stat(path, &st))
		return errno == EACCES;		/* who asks may look less far than the agent */
	if (st.st_uid == cfg->uid)
		what <<= 6;
	else if (st.st_gid == cfg->gid)
		what <<= 3;
	return (st.st_mode & what) == what;
}

/* Leaves the folder of @path, "" where there is none to speak of. */
static void cut_to_folder(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == path && path[1])
		slash++;
	if (slash)
		*slash = '\0';
	else
		path[0] = '\0';
}

/* Every folder above it must be open to the user, too. */
static bool may_reach(const struct config *cfg, const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	for (cut_to_folder(folder); folder[0]; cut_to_folder(folder))
		if (!may(cfg, folder, MAY_SEARCH))
			return false;
	return true;
}

/* The agent was root when it read the file first; a reload is done as its user. */
static void check_readable(struct host *h)
{
	char whole[PATH_MAX];

	if (!realpath(h->file, whole))
		return;
	if (!may(h->cfg, whole, MAY_READ) || !may_reach(h->cfg, whole))
		warn(h, "user", "%s may not read this file: a reload would fail", h->cfg->user);
}

/* @made: the agent makes the folder where it is not there yet. */
static void check_folder(struct host *h, const char *key, const char *path, bool made)
{
	char folder[PATH], above[PATH];
	struct stat st;

	snprintf(folder, sizeof(folder), "%s", path);
	cut_to_folder(folder);
	if (!folder[0])
		return;
	if (stat(folder, &st)) {
		memcpy(above, folder, sizeof(above));
		cut_to_folder(above);
		if (errno == ENOENT && (!made || stat(above, &st)))
			warn(h, key, "there is no directory %s", made ? above : folder);
		return;
	}
	if (!S_ISDIR(st.st_mode))
		warn(h, key, "%s is not a directory", folder);
	else if (!may(h->cfg, folder, MAY_WRITE | MAY_SEARCH) || !may_reach(h->cfg, folder))
		warn(h, key, "%s may not write in %s", h->cfg->user, folder);
}

static void check_memory(struct host *h)
{
	char folder[PATH];
	struct statfs fs;

	snprintf(folder, sizeof(folder), "%s", h->cfg->store);
	cut_to_folder(folder);
	if (folder[0] && !statfs(folder, &fs) && fs.f_type != TMPFS_MAGIC &&
	    fs.f_type != RAMFS_MAGIC)
		warn(h, "store", "%s is not on a tmpfs: SIP may wait for its disk", folder);
}

static void check_files(struct host *h)
{
	check_readable(h);
	check_folder(h, "control", h->cfg->control, true);
	check_folder(h, "store", h->cfg->store, true);
	check_memory(h);
	if (h->cfg->trace[0])
		check_folder(h, "trace", h->cfg->trace, false);
}

/* --- ports --- */

/* "6100-6104,6200", as the kernel writes it. */
static bool is_listed(const char *list, unsigned long port)
{
	while (*list) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return false;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (port >= first && port <= last)
			return true;
		list = *end == ',' ? end + 1 : end;
	}
	return false;
}

static bool read_sysctl(const char *path, char *text, size_t room)
{
	FILE *f = fopen(path, "r");
	bool ok = f && fgets(text, (int)room, f);

	if (f)
		fclose(f);
	if (ok)
		text[strcspn(text, "\n")] = '\0';
	return ok;
}

static void check_port(struct host *h, const char *key, uint16_t port, const char *reserved)
{
	if (!is_listed(reserved, port))
		warn(h, key, "%u is in net.ipv4.ip_local_port_range and not in "
		     "ip_local_reserved_ports: another program may have it first", port);
}

static void check_ports(struct host *h)
{
	static const char dir[] = "/proc/sys/net/ipv4/";
	char text[64], reserved[4096] = "", path[80], key[48];
	unsigned int first, last;

	snprintf(path, sizeof(path), "%sip_local_port_range", dir);
	if (!read_sysctl(path, text, sizeof(text)) || sscanf(text, "%u %u", &first, &last) != 2)
		return;
	snprintf(path, sizeof(path), "%sip_local_reserved_ports", dir);
	read_sysctl(path, reserved, sizeof(reserved));
	for (unsigned int i = 0; i < h->cfg->n_gm; i++) {
		const struct config_gm *gm = &h->cfg->gm[i];

		snprintf(key, sizeof(key), "gm.%u.port-s", i);
		if (gm->port_s >= first && gm->port_s <= last)
			check_port(h, key, gm->port_s, reserved);
		for (unsigned int j = 0; j < gm->n_port_c; j++) {
			snprintf(key, sizeof(key), "gm.%u.port-c.%u", i, j);
			if (gm->port_c[j] >= first && gm->port_c[j] <= last)
				check_port(h, key, gm->port_c[j], reserved);
		}
	}
}

/* --- all of it --- */

unsigned int config_host_check(const struct config *cfg, const char *file, FILE *to)
{
	struct host h = { .cfg = cfg, .file = file, .to = to };

	if (!getifaddrs(&h.addrs)) {
		check_addresses(&h);
		freeifaddrs(h.addrs);
	}
	check_ways(&h);
	check_files(&h);
	check_ports(&h);
	if (cfg->scale > 1)
		warn(&h, "timers.scale", "every timer runs %u times as fast, which is for tests",
		     cfg->scale);
	return h.n;
}
