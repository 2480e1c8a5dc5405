/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * esp_fuzz: what its files share.
 *
 *	esp_make.c	ESP, IP, UDP and TCP as octets
 *	esp_world.c	namespace, sockets, SA sets, counters
 *	esp_oracle.c	what must become of a packet
 *	esp_in.c	packets towards the P-CSCF
 *	esp_out.c	packets from it, and what may leave
 *	esp_fuzz.c	rounds, sums, verdict
 */
#ifndef _ESP_FUZZ_H
#define _ESP_FUZZ_H

#include <linux/gmgate.h>
#include <stdbool.h>
#include <stdint.h>

#include "dice.h"
#include "esp_make.h"

#define MAX_PACKET	10240
#define PORT_PS		6100
#define PORT_PC		6101
#define N_PORTS		2
#define SPI_MIN		0x10000000u
#define SPI_MAX		0x1fffffffu
#define FAMILIES	2

/* How the octets of a datagram's data begin, by what may become of them. */
#define GOOD	"GOOD"		/* sealed by the UE: may be delivered */
#define EVIL	"EVIL"		/* with a wrong ICV: never */
#define CLEAR	"CLER"		/* in clear: never */
#define CANARY	"gmCANARY"	/* sent by the P-CSCF: never in clear on the wire */

/* One of the two pairs of a set, as its UE sees it. */
struct ue_pair {
	uint32_t spi;			/* of the SA to the P-CSCF */
	uint16_t ue_port, local_port;
	uint32_t next;			/* sequence number */
	/* what the P-CSCF has accepted: those of the window */
	uint32_t top, seen[64];
	unsigned int n_seen;
};

struct ue_set {
	uint32_t id;
	unsigned int family;		/* index: 0 IPv4, 1 IPv6 */
	struct ip_addr ue, pcscf;
	struct esp_keys keys;
	bool relaxed;
	bool loose;			/* nothing exact is said of its packets */
	struct ue_pair pair[2];
};

/* ---- esp_world.c ---- */

struct world {
	int nl, tun, udp[FAMILIES * N_PORTS], tcp[FAMILIES * N_PORTS], raw[FAMILIES];
	int listener, tap;		/* packet sockets, or -1 */
	uint32_t endpoint[FAMILIES];
	struct ip_addr pcscf[FAMILIES];
	unsigned int n_sets;
	struct ue_set *sets;
	bool faults;
};

extern struct world world;

void world_begin(struct dice *d);
void world_end(void);
void set_install(struct dice *d, struct ue_set *s);
void set_replace(struct dice *d, struct ue_set *s);
struct ue_set *set_some(struct dice *d, bool loose);

struct counters {
	uint64_t drop[GMGATE_DROP_MAX + 1], counter[GMGATE_COUNTER_MAX + 1];
};

void counters_read(struct counters *c);
/* A packet to the P-CSCF; false: the device had no memory for it. */
bool tun_write(struct dice *d, const uint8_t *packet, size_t len);
/* The next packet from the P-CSCF; 0: none. */
size_t tun_read(uint8_t *packet, size_t size);
void faults(bool on);

/* ---- esp_oracle.c ---- */

enum { DELIVERED = GMGATE_DROP_MAX + 1, UNCOUNTED, OUTCOMES };

struct expect {
	uint64_t outcome[OUTCOMES];
	uint64_t received;		/* datagrams that a socket gets */
	bool exact;
};

/* An ESP packet as it is sent, and what of it only its maker knows. */
struct esp_case {
	struct ue_set *set;
	unsigned int pair;
	const struct ip_addr *from;
	const uint8_t *esp;
	size_t len;
	bool icv_good;
	const uint8_t *text;
	size_t text_len;
};

void oracle_expect(struct expect *e, const struct esp_case *c);

/* ---- esp_in.c, esp_out.c ---- */

enum round_kind { ROUND_ESP, ROUND_FRAGMENTS, ROUND_UNKNOWN, ROUND_CLEAR, ROUND_ICMP,
	ROUND_OUTER, ROUND_OUT, ROUNDS };

/* Sends one packet, perhaps in fragments, and says what must become of it. */
void in_packet(struct dice *d, enum round_kind kind, struct expect *e);
void out_packet(struct dice *d);
/* Is this, seen on the wire, something that should have been in ESP? */
bool leaks(const uint8_t *packet, size_t len);

#endif
