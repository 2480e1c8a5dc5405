// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The identifiers of TS 24.008 10.5.6.3 tables 10.5.154: a word for each, and what
 * it contains in each direction.
 */
#include "pco_names.h"

#define RESERVED	{ PCO_RESERVED, false, { NULL } }
#define ONE(kind)	{ kind, false, { NULL } }
#define WIDE(kind)	{ kind, true, { NULL } }
/* From the MS, from the network. */
#define ASKED(answer)	{ ONE(PCO_EMPTY), ONE(answer) }
#define BOTH(kind)	{ ONE(kind), ONE(kind) }
#define UP(kind)	{ ONE(kind), RESERVED }
#define DOWN(kind)	{ RESERVED, ONE(kind) }

#define NBIFOM_MODE	{ PCO_U8, false, { "ue-initiated", "network-initiated" } }

static const struct pco_name names[] = {
	{ 0x0001, "p-cscf-ipv6", ASKED(PCO_IPV6) },
	{ 0x0002, "im-cn-signalling", BOTH(PCO_EMPTY) },
	{ 0x0003, "dns-ipv6", ASKED(PCO_IPV6) },
	{ 0x0004, "policy-control-rejection", DOWN(PCO_U8) },
	{ 0x0005, "bearer-control",
	  { ONE(PCO_EMPTY), { PCO_U8, false, { NULL, "ms-only", "ms-or-network" } } } },
	{ 0x0007, "dsmipv6-home-agent-ipv6", ASKED(PCO_IPV6) },
	{ 0x0008, "dsmipv6-home-prefix", ASKED(PCO_OPAQUE) },
	{ 0x0009, "dsmipv6-home-agent-ipv4", ASKED(PCO_IPV4) },
	{ 0x000a, "address-by-nas", UP(PCO_EMPTY) },
	{ 0x000b, "address-by-dhcpv4", UP(PCO_EMPTY) },
	{ 0x000c, "p-cscf-ipv4", ASKED(PCO_IPV4) },
	{ 0x000d, "dns-ipv4", ASKED(PCO_IPV4) },
	{ 0x000e, "msisdn", ASKED(PCO_OPAQUE) },
	{ 0x000f, "ifom-support", BOTH(PCO_EMPTY) },
	{ 0x0010, "ipv4-mtu", ASKED(PCO_U16) },
	{ 0x0011, "local-address-in-tft", BOTH(PCO_EMPTY) },
	{ 0x0012, "p-cscf-reselection", UP(PCO_EMPTY) },
	{ 0x0013, "nbifom", BOTH(PCO_EMPTY) },
	{ 0x0014, "nbifom-mode", { NBIFOM_MODE, NBIFOM_MODE } },
	{ 0x0015, "non-ip-mtu", ASKED(PCO_U16) },
	{ 0x0016, "apn-rate-control", ASKED(PCO_OPAQUE) },
	{ 0x0017, "ps-data-off",
	  { { PCO_U8, false, { NULL, "deactivated", "activated" } }, ONE(PCO_EMPTY) } },
	{ 0x0018, "reliable-data-service", BOTH(PCO_EMPTY) },
	{ 0x0019, "additional-apn-rate-control", ASKED(PCO_OPAQUE) },
	{ 0x001a, "pdu-session-id", UP(PCO_U8) },
	{ 0x001b, "s-nssai", DOWN(PCO_SNSSAI) },
	{ 0x001c, "qos-rules", DOWN(PCO_OPAQUE) },
	{ 0x001d, "session-ambr", DOWN(PCO_AMBR) },
	{ 0x001e, "pdu-session-address-lifetime", DOWN(PCO_U16) },
	{ 0x001f, "qos-flows", DOWN(PCO_OPAQUE) },
	{ 0x0020, "ethernet-mtu", ASKED(PCO_U16) },
	{ 0x0021, "unstructured-mtu", ASKED(PCO_U16) },
	{ 0x0022, "5gsm-cause", UP(PCO_U8) },
	{ 0x0023, "qos-rules-long", { ONE(PCO_EMPTY), WIDE(PCO_OPAQUE) } },
	{ 0x0024, "qos-flows-long", { ONE(PCO_EMPTY), WIDE(PCO_OPAQUE) } },
	{ 0x0025, "small-data-rate-control", DOWN(PCO_OPAQUE) },
	{ 0x0026, "additional-small-data-rate-control", DOWN(PCO_OPAQUE) },
	{ 0x0027, "acs-information", ASKED(PCO_TEXT) },
	{ 0x0028, "initial-small-data-rate-control", DOWN(PCO_OPAQUE) },
	{ 0x0029, "initial-additional-small-data-rate-control", DOWN(PCO_OPAQUE) },
	{ 0x002a, "initial-apn-rate-control", DOWN(PCO_OPAQUE) },
	{ 0x002b, "initial-additional-apn-rate-control", DOWN(PCO_OPAQUE) },
	{ 0x0030, "atsss", { ONE(PCO_OPAQUE), WIDE(PCO_OPAQUE) } },
	{ 0x0031, "dns-security", { ONE(PCO_EMPTY), WIDE(PCO_OPAQUE) } },
	{ 0x0032, "ecs-address", { ONE(PCO_EMPTY), WIDE(PCO_OPAQUE) } },
	{ 0x0041, "service-level-aa", { WIDE(PCO_OPAQUE), WIDE(PCO_OPAQUE) } },
	{ 0x0051, "sdnaepc-eap", { WIDE(PCO_OPAQUE), WIDE(PCO_OPAQUE) } },
	{ 0x0056, "ue-policy", { WIDE(PCO_OPAQUE), WIDE(PCO_OPAQUE) } },
	{ PCO_IPCP, "ipcp", BOTH(PCO_PPP) },
	{ PCO_LCP, "lcp", BOTH(PCO_PPP) },
	{ PCO_PAP, "pap", BOTH(PCO_PPP) },
	{ PCO_CHAP, "chap", BOTH(PCO_PPP) },
};

#define NAMES (sizeof(names) / sizeof(names[0]))

const struct pco_name *pco_name_of(uint16_t id)
{
	for (unsigned int i = 0; i < NAMES; i++)
		if (names[i].id == id)
			return &names[i];
	return NULL;
}

const struct pco_name *pco_name_by_word(const char *word, size_t n)
{
	for (unsigned int i = 0; i < NAMES; i++)
		if (str_same(str_of(names[i].word), (struct str){ word, n }))
			return &names[i];
	return NULL;
}

const struct pco_name *pco_name_at(unsigned int i)
{
	return i < NAMES ? &names[i] : NULL;
}
