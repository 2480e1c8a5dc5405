/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTRAR_PRIVATE_H
#define _REGISTRAR_PRIVATE_H

#include "registrar.h"

/* Between registrar*.c and plain.c only. */

enum registrar_kind { REGISTRAR_SETS, REGISTRAR_EMERGENCY, REGISTRAR_PLAIN };
enum registrar_kind registrar_kind(const struct ue *ue);

/* registrar_binding.c: whoever changes bindings calls registrar_rebound() afterwards. */
struct binding *registrar_new_binding(struct ue *ue, struct str aor);
void registrar_free_binding(struct ue *ue, struct binding *b);
void registrar_bind(struct ue *ue, const struct registrar_accepted *a);
void registrar_unbind(struct ue *ue, const struct registrar_accepted *a);
/* One contact, with all that was registered for it together with @aor. True: there was one. */
bool registrar_unbind_contact(struct ue *ue, struct str aor, const struct registrar_contact *c);

/* The contacts that were taken back from other addresses, of UEs of the same IMPI there. */
void registrar_unbind_elsewhere(const struct ue *ue, const struct registrar_accepted *a);

/* Those of an earlier life. */
void registrar_restore_bindings(struct ue *ue, const struct store_ue *r);

/* NULL: there is none. Not held. */
struct ue *registrar_find(struct str impi, const struct addr *addr, enum registrar_kind kind);

/* By which the core's requests found it in an earlier life: the new one gives way. */
void registrar_take_token(struct ue *ue, struct str token);

/* registrar.c's, for registrar_ue.c: the timer of a UE has fired, and one is freed next. */
void registrar_ue_timer(struct clock_timer *t);
void registrar_about_to_free(struct ue *ue);

/* A set leaves its UE and is freed. @in_kernel: the kernel has it still. */
void registrar_remove_set(struct set *s, bool in_kernel);

/* Puts the identities of all bindings together for the UE. */
void registrar_collect(struct ue *ue);

/* A copy of @text takes the place of what is there; an empty one is none. */
void registrar_keep(char **to, struct str text);

/*
 * Bindings have come, gone or changed: does what follows from that. With none
 * left, the established sets end in 64*T1. Somebody else holds @ue, or it has
 * a set.
 */
void registrar_rebound(struct ue *ue);

#endif
