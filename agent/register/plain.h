/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PLAIN_H
#define _PLAIN_H

#include "config.h"
#include "registrar.h"

/*
 * UEs that have registered without sec-agree, where a listener allows that (TS 24.229
 * 5.2.2.1, 5.2.6.3.2A). No SA tells who sends, so the place does where the REGISTER came
 * from that the core accepted: the listener, and the address and port, or the TCP
 * connection. It is that of one UE: the last that was accepted there.
 *
 * A struct plain is its UE's, and goes with it. Its connection does not idle and makes no
 * room for others. With nothing registered any more the place stays its own for 64*T1,
 * so that what is under way goes out, as SA sets do.
 */
struct plain;

/* Before anything is restored; @cfg stays. */
void plain_init(const struct config *cfg);

/* After @cfg has changed: ends those whose listener does not allow them any more. */
void plain_reload(void);

/* For registrar_ue.c: of a new UE, false: no memory; and of one that is freed. */
bool plain_begin(struct ue *ue);
void plain_free(struct ue *ue);

/* The UE whose place a message on @f came from; NULL: nobody's. */
struct ue *plain_at(const struct flow *f);

/* Is there room for another? limits.ues-without-sec-agree */
bool plain_has_room(void);

/**
 * plain_accepted - 200 OK to a REGISTER without sec-agree
 * @from: where that came from: the place of the UE from now on
 *
 * Who had it before is registered no more: two that share it could not be told apart.
 */
void plain_accepted(struct ue *ue, const struct flow *from, const struct registrar_accepted *a);

/* 200 OK with expiry 0; as registrar_deregistered(). */
void plain_deregistered(struct ue *ue, const struct registrar_accepted *a);

/* The UE has registered with SAs: what it had in clear at that address has ended. */
void plain_upgraded(const struct ue *ue);

/**
 * plain_place - where the UE is
 *
 * Return: NULL: it is no UE without SAs, or is not registered and not any more, or was
 * restored and has not been heard over TCP since.
 */
const struct flow *plain_place(const struct ue *ue);

/* In an earlier life it was at @at; false: its listener does not have such UEs any more. */
bool plain_restore(struct ue *ue, const struct flow *at);

/* For registrar.c: bindings have come or gone; the time is over that it had after these. */
void plain_rebound(struct ue *ue, uint64_t drain);
void plain_over(struct ue *ue);
bool plain_lingers(const struct ue *ue);

unsigned int plain_count(void);
unsigned int plain_count_of(uint8_t gm);

#endif
