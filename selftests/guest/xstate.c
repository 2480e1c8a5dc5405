// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lets User-Mode Linux 6.1 run where a process has more extended registers than
 * it knows: it hands PTRACE_SETREGSET the first 2696 octets of their state, and
 * a host with AMX takes all of it (11008) or nothing.  Preloaded by run; what
 * UML does not know stays as it is.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* One thread of UML does this, and nothing interrupts it to do it, too. */
static char whole[64 * 1024];

static long raw(long request, long pid, long addr, long data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

static long set_first(long pid, const struct iovec *first)
{
	struct iovec all = { whole, sizeof(whole) };

	if (raw(PTRACE_GETREGSET, pid, NT_X86_XSTATE, (long)&all) ||
	    all.iov_len <= first->iov_len)
		return raw(PTRACE_SETREGSET, pid, NT_X86_XSTATE, (long)first);
	memcpy(whole, first->iov_base, first->iov_len);
	return raw(PTRACE_SETREGSET, pid, NT_X86_XSTATE, (long)&all);
}

long ptrace(enum __ptrace_request request, ...)
{
	long pid, addr, data, peeked, ret;
	va_list args;

	va_start(args, request);
	pid = va_arg(args, int);
	addr = va_arg(args, long);
	data = va_arg(args, long);
	va_end(args);
	if (request == PTRACE_SETREGSET && addr == NT_X86_XSTATE)
		return set_first(pid, (const struct iovec *)data);
	if (request != PTRACE_PEEKTEXT && request != PTRACE_PEEKDATA && request != PTRACE_PEEKUSER)
		return raw(request, pid, addr, data);
	/* As the C library: what was read is returned. */
	ret = raw(request, pid, addr, (long)&peeked);
	return ret ? ret : peeked;
}
