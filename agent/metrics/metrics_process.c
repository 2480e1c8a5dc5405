// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics of the process, by the names that all programs give them. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "metrics_private.h"

static const char *const none[EXPOSITION_LABELS];

static double seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1000000;
}

void collect_cpu(struct exposition *e)
{
	struct rusage usage;

	if (!getrusage(RUSAGE_SELF, &usage))
		exposition_sample_real(e, none, seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

/* Pages, of statm: in all, resident. */
static bool read_memory(unsigned long pages[2])
{
	FILE *f = fopen("/proc/self/statm", "r");
	bool fine = f && fscanf(f, "%lu %lu", &pages[0], &pages[1]) == 2;

	if (f)
		fclose(f);
	return fine;
}

void collect_virtual(struct exposition *e)
{
	unsigned long pages[2];

	if (read_memory(pages))
		exposition_sample(e, none, (uint64_t)pages[0] * (uint64_t)sysconf(_SC_PAGESIZE));
}

void collect_resident(struct exposition *e)
{
	unsigned long pages[2];

	if (read_memory(pages))
		exposition_sample(e, none, (uint64_t)pages[1] * (uint64_t)sysconf(_SC_PAGESIZE));
}

/* Listing the folder would take long with many connections; Linux 6.2 tells its size. */
void collect_fds(struct exposition *e)
{
	struct stat st;

	if (!stat("/proc/self/fd", &st) && st.st_size > 0)
		exposition_sample(e, none, (uint64_t)st.st_size);
}

void collect_max_fds(struct exposition *e)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		exposition_sample(e, none, limit.rlim_cur);
}

/* Field 22 of stat is in ticks since boot; the name before may have blanks, not ')'. */
static bool read_start(unsigned long long *ticks)
{
	FILE *f = fopen("/proc/self/stat", "r");
	bool fine = f && fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u"
				   " %*d %*d %*d %*d %*d %*d %llu", ticks) == 1;

	if (f)
		fclose(f);
	return fine;
}

void collect_start(struct exposition *e)
{
	static double started;
	unsigned long long ticks;
	struct timespec boot, now;

	if (started == 0 && read_start(&ticks) && !clock_gettime(CLOCK_BOOTTIME, &boot) &&
	    !clock_gettime(CLOCK_REALTIME, &now))
		started = (double)now.tv_sec + (double)now.tv_nsec / 1e9 -
			  ((double)boot.tv_sec + (double)boot.tv_nsec / 1e9) +
			  (double)ticks / (double)sysconf(_SC_CLK_TCK);
	if (started > 0)
		exposition_sample_real(e, none, started);
}
