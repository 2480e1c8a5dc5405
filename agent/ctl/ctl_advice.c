// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_advice - what an operator does about each drop reason of the kernel. What
// happened says the netlink spec; a test holds the two against each other.
#include "ctl.h"

static const char * const advice[__GMGATE_DROP_MAX] = {
	[GMGATE_DROP_IN_LENGTH] =
		"single ones are noise; if one UE has many, capture its ESP: its suite may differ",
	[GMGATE_DROP_IN_UNKNOWN_SPI] =
		"nothing, the UE registers again; many at once: did the host restart, or lose sets?",
	[GMGATE_DROP_IN_EXPIRED] =
		"does the agent run? it deletes sets before the back-stop does",
	[GMGATE_DROP_IN_REPLAY] =
		"the network repeats or delays packets; many of one UE: somebody replays its traffic",
	[GMGATE_DROP_IN_ICV] =
		"one UE: its keys differ, see the core's AKA; many: forged packets",
	[GMGATE_DROP_IN_PADDING] = "the UE's ESP is wrong: tell its maker",
	[GMGATE_DROP_IN_NEXT_HEADER] = "nothing; dummy packets belong here",
	[GMGATE_DROP_IN_ADDRESS] =
		"the UE's address changed, it registers again; is there a NAT in between?",
	[GMGATE_DROP_IN_BINDING] =
		"tell the maker of the phone; until then relaxed: true at the address of gm",
	[GMGATE_DROP_IN_INNER] = "the UE sends broken UDP or TCP: tell its maker",
	[GMGATE_DROP_IN_FOREIGN_UID] =
		"another program listens on a protected port: ss -lnp; stop it",
	[GMGATE_DROP_IN_OTHER_SET] = "nothing, the UE opens a new connection",
	[GMGATE_DROP_IN_NO_MEMORY] = "give the host more memory",
	[GMGATE_DROP_IN_CRYPTO] = "see the kernel log for the driver of the cipher, and unload it",
	[GMGATE_DROP_IN_STALE] =
		"look for nftables rules that change packets to protected ports, or a slow NFQUEUE",
	[GMGATE_DROP_CLEAR_IN] =
		"a UE that lost its SAs, or a stranger: a capture shows who",
	[GMGATE_DROP_CLEAR_IN_UNPARSABLE] = "somebody tries fragments or broken headers; nothing",
	[GMGATE_DROP_ICMP_IN] = "forged; find who sends ICMP to this address",
	[GMGATE_DROP_ICMP_OUT] = "does the agent run? nobody listens on a protected port",
	[GMGATE_DROP_OUT_NO_SET] =
		"single ones follow the end of a set; else is another program using the port?",
	[GMGATE_DROP_OUT_MARK] =
		"single ones follow the end of a set; else do nftables rules change the mark?",
	[GMGATE_DROP_OUT_FOREIGN_UID] =
		"another program sends from a protected port: ss -np; stop it",
	[GMGATE_DROP_OUT_UNPARSABLE] = "another program sends raw packets from this address; find it",
	[GMGATE_DROP_OUT_EXPIRED] =
		"does the agent run? it deletes sets before the back-stop does",
	[GMGATE_DROP_OUT_SEQ_EXHAUSTED] = "the UE has to register again; gmctl deregister ends it",
	[GMGATE_DROP_OUT_TOO_BIG] = "nothing; the agent sends long messages over TCP",
	[GMGATE_DROP_OUT_NO_MEMORY] = "give the host more memory",
	[GMGATE_DROP_OUT_CRYPTO] = "see the kernel log for the driver of the cipher, and unload it",
};

const char *ctl_advice(uint32_t drop)
{
	return drop < __GMGATE_DROP_MAX && advice[drop] ? advice[drop] : "";
}
