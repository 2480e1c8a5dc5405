/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRANSACTION_PRIVATE_H
#define _TRANSACTION_PRIVATE_H

#include "transaction.h"

/* Between transaction.c, transaction_server.c and transaction_client.c only. */
extern struct transaction_config transaction_config;

void transaction_server_exit(void);
void transaction_client_exit(void);
bool transaction_client_has(const char *branch);

#endif
