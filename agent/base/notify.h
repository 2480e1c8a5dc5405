/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _NOTIFY_H
#define _NOTIFY_H

/*
 * The service manager (systemd: Type=notify, WatchdogSec=) is told how we are.  Where
 * there is none, nothing happens.
 */

/*
 * Sockets are open, UEs are served; from here on it hears that the loop turns. @fmt: what
 * `systemctl status` shows.
 */
void notify_ready(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void notify_stopping(void);

#endif
