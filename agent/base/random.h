/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RANDOM_H
#define _RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Octets nobody can guess, from getrandom(2). */
void random_octets(void *p, size_t n);

/* A number from min to max, both included, each as likely as the others. */
uint32_t random_between(uint32_t min, uint32_t max);

/* n hexadecimal digits and a terminating 0. */
void random_hex(char *p, size_t n);

#endif
