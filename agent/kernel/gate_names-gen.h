/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made by Documentation/netlink/gen.py from the spec beside it (specs/gmgate.yaml). Do not edit. */
#ifndef GATE_NAMES_GEN_H
#define GATE_NAMES_GEN_H

#include <linux/gmgate.h>

#include "gate_names.h"

/*
 * Names and meanings of everything that has a number in the uapi header. The
 * arrays end with a NULL name. For gate_names.c only.
 */

static const struct gate_name gate_alg_names[] = {
	{ GMGATE_ALG_UNSPEC, "unspec", "" },
	{ GMGATE_ALG_HMAC_MD5_96, "hmac-md5-96", "" },
	{ GMGATE_ALG_HMAC_SHA_1_96, "hmac-sha-1-96", "" },
	{ GMGATE_ALG_AES_GMAC, "aes-gmac", "" },
	{ GMGATE_ALG_NULL, "null", "only together with ealg aes-gcm." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_ealg_names[] = {
	{ GMGATE_EALG_UNSPEC, "unspec", "" },
	{ GMGATE_EALG_NULL, "null", "" },
	{ GMGATE_EALG_AES_CBC, "aes-cbc", "" },
	{ GMGATE_EALG_DES_EDE3_CBC, "des-ede3-cbc", "" },
	{ GMGATE_EALG_AES_GCM, "aes-gcm", "" },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_set_state_names[] = {
	{ GMGATE_SET_STATE_TEMPORARY, "temporary",
	  "installed before the 401; its UE has not answered the challenge." },
	{ GMGATE_SET_STATE_ESTABLISHED, "established",
	  "its UE has answered the challenge and got a 200 OK." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_sa_dir_names[] = {
	{ GMGATE_SA_DIR_UC_PS, "uc-ps", "inbound at port_ps, SPI spi_ps." },
	{ GMGATE_SA_DIR_PS_UC, "ps-uc", "outbound to port_uc, SPI spi_uc." },
	{ GMGATE_SA_DIR_PC_US, "pc-us", "outbound to port_us, SPI spi_us." },
	{ GMGATE_SA_DIR_US_PC, "us-pc", "inbound at port_pc, SPI spi_pc." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_event_names[] = {
	{ GMGATE_EVENT_UNSPEC, "unspec", "" },
	{ GMGATE_EVENT_FIRST_PACKET, "first-packet",
	  "the first packet of the UE has been verified on this set." },
	{ GMGATE_EVENT_EXPIRED, "expired",
	  "the back-stop lifetime ended; the set is gone." },
	{ GMGATE_EVENT_SEQ_SOFT, "seq-soft",
	  "an outbound SA has used half of its sequence numbers." },
	{ GMGATE_EVENT_SEQ_HARD, "seq-hard",
	  "an outbound SA has used all of its sequence numbers." },
	{ GMGATE_EVENT_ICV_FAIL, "icv-fail",
	  "a packet failed its integrity check (rate limited)." },
	{ GMGATE_EVENT_UNKNOWN_SPI, "unknown-spi",
	  "ESP to a protected address with an SPI of our range that no set has (rate limited), such as a UE that still uses SAs of before a restart." },
	{ GMGATE_EVENT_DELETED, "deleted", "the set was deleted on request." },
	{ GMGATE_EVENT_KEYS_READ, "keys-read",
	  "somebody read out the keys of the set, with key-get." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_counter_names[] = {
	{ GMGATE_COUNTER_IN_PACKETS, "in-packets",
	  "ESP packets verified and delivered." },
	{ GMGATE_COUNTER_IN_BYTES, "in-bytes",
	  "octets of those packets, IP header included, after decryption." },
	{ GMGATE_COUNTER_OUT_PACKETS, "out-packets", "packets that left in ESP." },
	{ GMGATE_COUNTER_OUT_BYTES, "out-bytes",
	  "octets of those packets, IP header included, before encryption." },
	{ GMGATE_COUNTER_IN_CROSSED, "in-crossed",
	  "of in-packets, those on a crossed port pair (uc to pc, us to ps), which the relaxed flag of the endpoint lets in." },
	{ GMGATE_COUNTER_PMTU_LEARNED, "pmtu-learned",
	  "ICMP errors about our ESP that told the path MTU to a UE." },
	{ GMGATE_COUNTER_MSS_CLAMPED, "mss-clamped",
	  "TCP SYNs whose MSS option was lowered to leave room for ESP." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_drop_names[] = {
	{ GMGATE_DROP_UNSPEC, "unspec", "never counted." },
	{ GMGATE_DROP_IN_LENGTH, "in-length",
	  "ESP packet truncated, or not a whole number of cipher blocks." },
	{ GMGATE_DROP_IN_UNKNOWN_SPI, "in-unknown-spi",
	  "SPI of our range that no set has; the packet was left to stock XFRM. Typical of a UE that keeps SAs of before a restart." },
	{ GMGATE_DROP_IN_EXPIRED, "in-expired",
	  "the set's back-stop lifetime has ended." },
	{ GMGATE_DROP_IN_REPLAY, "in-replay",
	  "sequence number seen before, too old, or zero." },
	{ GMGATE_DROP_IN_ICV, "in-icv",
	  "integrity check failed, the UE has other keys or the packet was changed." },
	{ GMGATE_DROP_IN_PADDING, "in-padding",
	  "padding is not 1, 2, 3 ... or longer than the packet." },
	{ GMGATE_DROP_IN_NEXT_HEADER, "in-next-header",
	  "inside is neither UDP nor TCP; dummy packets (59) count here." },
	{ GMGATE_DROP_IN_ADDRESS, "in-address",
	  "the outer source address is not the UE's." },
	{ GMGATE_DROP_IN_BINDING, "in-binding",
	  "right SA, wrong ports; uc goes to ps and us to pc (TS 33.203 7.1). If phones need the crossed pairs, see the endpoint's relaxed flag." },
	{ GMGATE_DROP_IN_INNER, "in-inner",
	  "the UDP or TCP header inside is truncated or contradicts its length." },
	{ GMGATE_DROP_IN_FOREIGN_UID, "in-foreign-uid",
	  "the socket that would have got the decrypted packet is of another user." },
	{ GMGATE_DROP_IN_OTHER_SET, "in-other-set",
	  "TCP segment for a connection that belongs to another SA set, such as one from before the UE came again with the same ports." },
	{ GMGATE_DROP_IN_NO_MEMORY, "in-no-memory",
	  "no memory to make the packet writable, or for its cipher." },
	{ GMGATE_DROP_IN_CRYPTO, "in-crypto",
	  "the kernel's cipher failed, which needs a driver that fails; the ciphers of the kernel proper do not." },
	{ GMGATE_DROP_IN_STALE, "in-stale",
	  "a rule in LOCAL_IN changed addresses or ports of a decrypted packet, or NFQUEUE held it longer than its set or endpoint lived (endpoint flag local-in only)." },
	{ GMGATE_DROP_CLEAR_IN, "clear-in", "clear text to a protected port." },
	{ GMGATE_DROP_CLEAR_IN_UNPARSABLE, "clear-in-unparsable",
	  "packet to a protected address whose ports cannot be read." },
	{ GMGATE_DROP_ICMP_IN, "icmp-in",
	  "ICMP error that quotes clear text of a protected port; forged, since the wire carries only ESP." },
	{ GMGATE_DROP_ICMP_OUT, "icmp-out",
	  "outgoing ICMP error that would have quoted a protected packet." },
	{ GMGATE_DROP_OUT_NO_SET, "out-no-set",
	  "packet from a protected port for which no SA set exists." },
	{ GMGATE_DROP_OUT_MARK, "out-mark",
	  "packet marked with a set that does not own its flow, or no longer exists." },
	{ GMGATE_DROP_OUT_FOREIGN_UID, "out-foreign-uid",
	  "packet from a protected port sent by another user." },
	{ GMGATE_DROP_OUT_UNPARSABLE, "out-unparsable",
	  "packet from a protected address whose ports cannot be read, or that is a fragment or has a source route." },
	{ GMGATE_DROP_OUT_EXPIRED, "out-expired",
	  "the back-stop lifetime of the set ended." },
	{ GMGATE_DROP_OUT_SEQ_EXHAUSTED, "out-seq-exhausted",
	  "sequence numbers of the SA are used up; the UE must re-register." },
	{ GMGATE_DROP_OUT_TOO_BIG, "out-too-big",
	  "packet would be longer than IP allows once ESP is added." },
	{ GMGATE_DROP_OUT_NO_MEMORY, "out-no-memory",
	  "no memory to add ESP to the packet, or for its cipher." },
	{ GMGATE_DROP_OUT_CRYPTO, "out-crypto", "as in-crypto, on the way out." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_endpoint_flags_names[] = {
	{ GMGATE_ENDPOINT_FLAGS_RELAXED, "relaxed",
	  "accept the crossed port pairs (uc to pc, us to ps) as well." },
	{ GMGATE_ENDPOINT_FLAGS_LOCAL_IN, "local-in",
	  "decrypted packets pass netfilter's LOCAL_IN once more, in plain text, for hosts that filter there." },
	{ GMGATE_ENDPOINT_FLAGS_KEY_EXPORT, "key-export",
	  "keep the keys of sets that are installed from now on for key-get, while the module's parameter key_export is on as well." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_suite_attr_names[] = {
	{ GMGATE_SUITE_ATTR_ALG, "alg", "" },
	{ GMGATE_SUITE_ATTR_EALG, "ealg", "" },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_caps_attr_names[] = {
	{ GMGATE_CAPS_ATTR_VERSION, "version", "family version." },
	{ GMGATE_CAPS_ATTR_SUITE, "suite", "a suite the running kernel can do." },
	{ GMGATE_CAPS_ATTR_MAX_SETS, "max-sets", "default of an endpoint." },
	{ GMGATE_CAPS_ATTR_MAX_TEMPORARY, "max-temporary", "default of an endpoint." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_endpoint_attr_names[] = {
	{ GMGATE_ENDPOINT_ATTR_ID, "id",
	  "chosen by the kernel; when declaring, the one whose place it takes." },
	{ GMGATE_ENDPOINT_ATTR_INSTANCE, "instance",
	  "the agent that owns it; dumps and withdrawals are scoped by it." },
	{ GMGATE_ENDPOINT_ATTR_UID, "uid", "user whose sockets may use the ports." },
	{ GMGATE_ENDPOINT_ATTR_ADDR, "addr", "4 or 16 octets." },
	{ GMGATE_ENDPOINT_ATTR_PORT_S, "port-s", "port_ps." },
	{ GMGATE_ENDPOINT_ATTR_PORT_C, "port-c",
	  "a port_pc; one to max-port-c of them." },
	{ GMGATE_ENDPOINT_ATTR_SPI_MIN, "spi-min", "" },
	{ GMGATE_ENDPOINT_ATTR_SPI_MAX, "spi-max", "" },
	{ GMGATE_ENDPOINT_ATTR_MARK_MASK, "mark-mask",
	  "bits of the packet mark that carry the set id, contiguous; default all." },
	{ GMGATE_ENDPOINT_ATTR_FLAGS, "flags", "" },
	{ GMGATE_ENDPOINT_ATTR_MAX_SETS, "max-sets", "sets it may hold." },
	{ GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY, "max-temporary",
	  "temporary sets among them." },
	{ GMGATE_ENDPOINT_ATTR_SETS, "sets", "sets it holds." },
	{ GMGATE_ENDPOINT_ATTR_TEMPORARY, "temporary", "temporary sets among them." },
	{ GMGATE_ENDPOINT_ATTR_IFINDEX, "ifindex",
	  "device or VRF it is for; absent: all that have its address." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_sa_attr_names[] = {
	{ GMGATE_SA_ATTR_DIR, "dir", "" },
	{ GMGATE_SA_ATTR_SPI, "spi", "" },
	{ GMGATE_SA_ATTR_SEQ, "seq", "last number sent or highest received." },
	{ GMGATE_SA_ATTR_PACKETS, "packets", "" },
	{ GMGATE_SA_ATTR_BYTES, "bytes", "of the plain IP packets." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_set_attr_names[] = {
	{ GMGATE_SET_ATTR_PAD, "pad", "" },
	{ GMGATE_SET_ATTR_ID, "id",
	  "chosen by the kernel, never used twice while the module is loaded; the packet mark." },
	{ GMGATE_SET_ATTR_ENDPOINT, "endpoint", "" },
	{ GMGATE_SET_ATTR_COOKIE, "cookie", "opaque to the kernel." },
	{ GMGATE_SET_ATTR_STATE, "state", "" },
	{ GMGATE_SET_ATTR_EXPIRES_MS, "expires-ms",
	  "back-stop lifetime from now, in milliseconds of boot time." },
	{ GMGATE_SET_ATTR_UE_ADDR, "ue-addr", "4 or 16 octets." },
	{ GMGATE_SET_ATTR_PORT_UC, "port-uc", "" },
	{ GMGATE_SET_ATTR_PORT_US, "port-us", "" },
	{ GMGATE_SET_ATTR_PORT_PC, "port-pc", "" },
	{ GMGATE_SET_ATTR_PORT_PS, "port-ps", "of the endpoint." },
	{ GMGATE_SET_ATTR_SPI_UC, "spi-uc", "outbound to port_uc." },
	{ GMGATE_SET_ATTR_SPI_US, "spi-us", "outbound to port_us." },
	{ GMGATE_SET_ATTR_SPI_PC, "spi-pc", "inbound at port_pc." },
	{ GMGATE_SET_ATTR_SPI_PS, "spi-ps", "inbound at port_ps." },
	{ GMGATE_SET_ATTR_ALG, "alg", "" },
	{ GMGATE_SET_ATTR_EALG, "ealg", "" },
	{ GMGATE_SET_ATTR_IK_ESP, "ik-esp",
	  "goes in, and comes out of key-get alone." },
	{ GMGATE_SET_ATTR_CK_ESP, "ck-esp",
	  "goes in, and comes out of key-get alone." },
	{ GMGATE_SET_ATTR_SALT, "salt",
	  "for aes-gcm and aes-gmac; goes in, and comes out of key-get alone." },
	{ GMGATE_SET_ATTR_ENCAP, "encap", "reserved for Annex M." },
	{ GMGATE_SET_ATTR_SA, "sa", "" },
	{ GMGATE_SET_ATTR_DROPS, "drops", "" },
	{ GMGATE_SET_ATTR_IDLE_MS, "idle-ms",
	  "since the last verified packet; absent before the first." },
	{ GMGATE_SET_ATTR_ADDR, "addr", "of the endpoint." },
	{ GMGATE_SET_ATTR_INSTANCE, "instance",
	  "of the endpoint; a request that names another one is refused." },
	{ GMGATE_SET_ATTR_SEQ_OUT, "seq-out",
	  "last sequence number that was used on the outbound SAs elsewhere, for a set that another node has sent on; default 0, and with the largest number nothing can be sent." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_encap_attr_names[] = {
	{ GMGATE_ENCAP_ATTR_PORT, "port", "UDP port of the UE." },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_drops_attr_names[] = {
	{ GMGATE_DROPS_ATTR_REASON, "reason", "" },
	{ GMGATE_DROPS_ATTR_COUNT, "count", "" },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_counters_attr_names[] = {
	{ GMGATE_COUNTERS_ATTR_COUNTER, "counter", "" },
	{ GMGATE_COUNTERS_ATTR_COUNT, "count", "" },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_stats_attr_names[] = {
	{ GMGATE_STATS_ATTR_PAD, "pad", "" },
	{ GMGATE_STATS_ATTR_COUNTER, "counter", "" },
	{ GMGATE_STATS_ATTR_DROP, "drop", "" },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_note_attr_names[] = {
	{ GMGATE_NOTE_ATTR_EVENT, "event", "" },
	{ GMGATE_NOTE_ATTR_SET, "set", "" },
	{ GMGATE_NOTE_ATTR_ENDPOINT, "endpoint", "" },
	{ GMGATE_NOTE_ATTR_INSTANCE, "instance", "" },
	{ GMGATE_NOTE_ATTR_COOKIE, "cookie", "" },
	{ GMGATE_NOTE_ATTR_SPI, "spi", "" },
	{ GMGATE_NOTE_ATTR_ADDR, "addr", "source of the packet." },
	{ GMGATE_NOTE_ATTR_PAD, "pad", "" },
	{ 0, NULL, NULL },
};

static const struct gate_name gate_cmd_names[] = {
	{ GMGATE_CMD_CAPS_GET, "caps-get", "What this module on this kernel can do." },
	{ GMGATE_CMD_ENDPOINT_NEW, "endpoint-new",
	  "Declare a protected endpoint. From here on, whether an agent lives or not, clear text neither reaches nor leaves its ports. The reply has the id. A request with an id is for the endpoint that takes the place of that one, of the same instance, whose sets are deleted; ports of both are protected all the time." },
	{ GMGATE_CMD_ENDPOINT_DEL, "endpoint-del",
	  "Withdraw an endpoint and delete its sets." },
	{ GMGATE_CMD_ENDPOINT_GET, "endpoint-get",
	  "One endpoint by id, or all, those of an instance where one is named." },
	{ GMGATE_CMD_SET_NEW, "set-new",
	  "Install the four SAs of a UE, all or none. The reply has the id." },
	{ GMGATE_CMD_SET_CHANGE, "set-change",
	  "Promote a set, give it another lifetime or another cookie." },
	{ GMGATE_CMD_SET_DEL, "set-del",
	  "Delete one set by id, or all sets of an endpoint." },
	{ GMGATE_CMD_SET_GET, "set-get",
	  "One set by id, or all, those of an endpoint, an instance or a UE where one is named. Never keys." },
	{ GMGATE_CMD_STATS_GET, "stats-get", "Counters of this network namespace." },
	{ GMGATE_CMD_EVENT, "event",
	  "Something happened; a hint, since multicast may be lost." },
	{ GMGATE_CMD_ENDPOINT_CHANGE, "endpoint-change",
	  "Turn the flag key-export of an endpoint on or off; the other flags have to be as they are. Off wipes the keys that were kept." },
	{ GMGATE_CMD_KEY_GET, "key-get",
	  "The keys of one set, where they were kept, for who has to decrypt a capture." },
	{ 0, NULL, NULL },
};

/* attributes that the messages of a command have */
static const struct gate_name *const gate_cmd_attr_names[] = {
	[GMGATE_CMD_CAPS_GET] = gate_caps_attr_names,
	[GMGATE_CMD_ENDPOINT_NEW] = gate_endpoint_attr_names,
	[GMGATE_CMD_ENDPOINT_DEL] = gate_endpoint_attr_names,
	[GMGATE_CMD_ENDPOINT_GET] = gate_endpoint_attr_names,
	[GMGATE_CMD_SET_NEW] = gate_set_attr_names,
	[GMGATE_CMD_SET_CHANGE] = gate_set_attr_names,
	[GMGATE_CMD_SET_DEL] = gate_set_attr_names,
	[GMGATE_CMD_SET_GET] = gate_set_attr_names,
	[GMGATE_CMD_STATS_GET] = gate_stats_attr_names,
	[GMGATE_CMD_EVENT] = gate_note_attr_names,
	[GMGATE_CMD_ENDPOINT_CHANGE] = gate_endpoint_attr_names,
	[GMGATE_CMD_KEY_GET] = gate_set_attr_names,
};

#endif /* GATE_NAMES_GEN_H */
