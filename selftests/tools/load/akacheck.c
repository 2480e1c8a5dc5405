// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * akacheck NUMBER SQN - a challenge for a subscriber and what its USIM makes of it, in hex, to
 * be held against another implementation (selftests/ims/test_load_aka.py):
 * K OPc RAND AUTN RES CK IK
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka.h"

static void put(const uint8_t *octets, unsigned int n)
{
	char text[64 + 1];

	aka_hex(octets, n, text);
	printf("%s ", text);
}

int main(int argc, char **argv)
{
	struct aka_vector core, ue = { 0 };
	uint8_t k[16], opc[16];
	char nonce[45];
	uint32_t n;

	if (argc != 3)
		return 2;
	n = (uint32_t)strtoul(argv[1], NULL, 10);
	aka_keys(n, k, opc);
	aka_challenge(n, strtoull(argv[2], NULL, 10), &core);
	aka_nonce(&core, nonce);
	if (!aka_read_nonce(nonce, &ue) || !aka_answer(n, &ue) || memcmp(&core, &ue, sizeof(ue)))
		return 1;
	/* Another network's is not believed. */
	ue.autn[15] ^= 1;
	if (aka_answer(n, &ue))
		return 1;
	put(k, 16);
	put(opc, 16);
	put(core.rand, 16);
	put(core.autn, 16);
	put(core.res, 8);
	put(core.ck, 16);
	put(core.ik, 16);
	putchar('\n');
	return 0;
}
