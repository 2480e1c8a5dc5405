/* SPDX-License-Identifier: (GPL-2.0-or-later WITH Linux-syscall-note) */
/* Made by Documentation/netlink/gen.py from the spec beside it (specs/gmgate.yaml). Do not edit. */
#ifndef _UAPI_LINUX_GMGATE_H
#define _UAPI_LINUX_GMGATE_H

/*
 * Security associations of the Gm interface (3GPP TS 33.203): protected
 * endpoints of a P-CSCF and one SA set per registered UE. Port and SPI
 * numbers are in host byte order, addresses in network byte order.
 */

#define GMGATE_FAMILY_NAME "gmgate"
#define GMGATE_MCGRP_EVENTS "events"

#define GMGATE_FAMILY_VERSION 1
/* protected client ports an endpoint may declare. */
#define GMGATE_MAX_PORT_C 16
/* octets of the longest key, IK_ESP or CK_ESP. */
#define GMGATE_MAX_KEY 24
/* packets in the anti-replay window (RFC 4303 3.4.3). */
#define GMGATE_REPLAY_WINDOW 64

/**
 * enum gmgate_alg - integrity algorithm, named as in Security-Client (TS
 *   33.203 Annex H).
 * @GMGATE_ALG_UNSPEC: not given.
 * @GMGATE_ALG_HMAC_MD5_96: hmac-md5-96.
 * @GMGATE_ALG_HMAC_SHA_1_96: hmac-sha-1-96.
 * @GMGATE_ALG_AES_GMAC: aes-gmac.
 * @GMGATE_ALG_NULL: only together with ealg aes-gcm.
 */
enum gmgate_alg {
	GMGATE_ALG_UNSPEC,
	GMGATE_ALG_HMAC_MD5_96,
	GMGATE_ALG_HMAC_SHA_1_96,
	GMGATE_ALG_AES_GMAC,
	GMGATE_ALG_NULL,

	/* private: */
	__GMGATE_ALG_MAX,
	GMGATE_ALG_MAX = (__GMGATE_ALG_MAX - 1)
};

/**
 * enum gmgate_ealg - encryption algorithm, named as in Security-Client (TS
 *   33.203 Annex H).
 * @GMGATE_EALG_UNSPEC: not given.
 * @GMGATE_EALG_NULL: null.
 * @GMGATE_EALG_AES_CBC: aes-cbc.
 * @GMGATE_EALG_DES_EDE3_CBC: des-ede3-cbc.
 * @GMGATE_EALG_AES_GCM: aes-gcm.
 */
enum gmgate_ealg {
	GMGATE_EALG_UNSPEC,
	GMGATE_EALG_NULL,
	GMGATE_EALG_AES_CBC,
	GMGATE_EALG_DES_EDE3_CBC,
	GMGATE_EALG_AES_GCM,

	/* private: */
	__GMGATE_EALG_MAX,
	GMGATE_EALG_MAX = (__GMGATE_EALG_MAX - 1)
};

/**
 * enum gmgate_set_state - set state
 * @GMGATE_SET_STATE_TEMPORARY: installed before the 401; its UE has not
 *	answered the challenge.
 * @GMGATE_SET_STATE_ESTABLISHED: its UE has answered the challenge and got a
 *	200 OK.
 */
enum gmgate_set_state {
	GMGATE_SET_STATE_TEMPORARY,
	GMGATE_SET_STATE_ESTABLISHED,

	/* private: */
	__GMGATE_SET_STATE_MAX,
	GMGATE_SET_STATE_MAX = (__GMGATE_SET_STATE_MAX - 1)
};

/**
 * enum gmgate_sa_dir - the four SAs of a set, named by the ports they go
 *   between.
 * @GMGATE_SA_DIR_UC_PS: inbound at port_ps, SPI spi_ps.
 * @GMGATE_SA_DIR_PS_UC: outbound to port_uc, SPI spi_uc.
 * @GMGATE_SA_DIR_PC_US: outbound to port_us, SPI spi_us.
 * @GMGATE_SA_DIR_US_PC: inbound at port_pc, SPI spi_pc.
 */
enum gmgate_sa_dir {
	GMGATE_SA_DIR_UC_PS,
	GMGATE_SA_DIR_PS_UC,
	GMGATE_SA_DIR_PC_US,
	GMGATE_SA_DIR_US_PC,

	/* private: */
	__GMGATE_SA_DIR_MAX,
	GMGATE_SA_DIR_MAX = (__GMGATE_SA_DIR_MAX - 1)
};

/**
 * enum gmgate_event - event
 * @GMGATE_EVENT_UNSPEC: not given.
 * @GMGATE_EVENT_FIRST_PACKET: the first packet of the UE has been verified on
 *	this set.
 * @GMGATE_EVENT_EXPIRED: the back-stop lifetime ended; the set is gone.
 * @GMGATE_EVENT_SEQ_SOFT: an outbound SA has used half of its sequence
 *	numbers.
 * @GMGATE_EVENT_SEQ_HARD: an outbound SA has used all of its sequence
 *	numbers.
 * @GMGATE_EVENT_ICV_FAIL: a packet failed its integrity check (rate limited).
 * @GMGATE_EVENT_UNKNOWN_SPI: ESP to a protected address with an SPI of our
 *	range that no set has (rate limited), such as a UE that still uses SAs of
 *	before a restart.
 * @GMGATE_EVENT_DELETED: the set was deleted on request.
 * @GMGATE_EVENT_KEYS_READ: somebody read out the keys of the set, with
 *	key-get.
 */
enum gmgate_event {
	GMGATE_EVENT_UNSPEC,
	GMGATE_EVENT_FIRST_PACKET,
	GMGATE_EVENT_EXPIRED,
	GMGATE_EVENT_SEQ_SOFT,
	GMGATE_EVENT_SEQ_HARD,
	GMGATE_EVENT_ICV_FAIL,
	GMGATE_EVENT_UNKNOWN_SPI,
	GMGATE_EVENT_DELETED,
	GMGATE_EVENT_KEYS_READ,

	/* private: */
	__GMGATE_EVENT_MAX,
	GMGATE_EVENT_MAX = (__GMGATE_EVENT_MAX - 1)
};

/**
 * enum gmgate_counter - per-namespace counters. The entry's name is what
 *   gmctl prints; its doc tells what the counter means.
 * @GMGATE_COUNTER_IN_PACKETS: ESP packets verified and delivered.
 * @GMGATE_COUNTER_IN_BYTES: octets of those packets, IP header included,
 *	after decryption.
 * @GMGATE_COUNTER_OUT_PACKETS: packets that left in ESP.
 * @GMGATE_COUNTER_OUT_BYTES: octets of those packets, IP header included,
 *	before encryption.
 * @GMGATE_COUNTER_IN_CROSSED: of in-packets, those on a crossed port pair (uc
 *	to pc, us to ps), which the relaxed flag of the endpoint lets in.
 * @GMGATE_COUNTER_PMTU_LEARNED: ICMP errors about our ESP that told the path
 *	MTU to a UE.
 * @GMGATE_COUNTER_MSS_CLAMPED: TCP SYNs whose MSS option was lowered to leave
 *	room for ESP.
 */
enum gmgate_counter {
	GMGATE_COUNTER_IN_PACKETS,
	GMGATE_COUNTER_IN_BYTES,
	GMGATE_COUNTER_OUT_PACKETS,
	GMGATE_COUNTER_OUT_BYTES,
	GMGATE_COUNTER_IN_CROSSED,
	GMGATE_COUNTER_PMTU_LEARNED,
	GMGATE_COUNTER_MSS_CLAMPED,

	/* private: */
	__GMGATE_COUNTER_MAX,
	GMGATE_COUNTER_MAX = (__GMGATE_COUNTER_MAX - 1)
};

/**
 * enum gmgate_drop - drop reasons, one counter each per namespace. The
 *   entry's name is what gmctl and the trace event print; its doc tells what
 *   it means.
 * @GMGATE_DROP_UNSPEC: never counted.
 * @GMGATE_DROP_IN_LENGTH: ESP packet truncated, or not a whole number of
 *	cipher blocks.
 * @GMGATE_DROP_IN_UNKNOWN_SPI: SPI of our range that no set has; the packet
 *	was left to stock XFRM. Typical of a UE that keeps SAs of before a restart.
 * @GMGATE_DROP_IN_EXPIRED: the set's back-stop lifetime has ended.
 * @GMGATE_DROP_IN_REPLAY: sequence number seen before, too old, or zero.
 * @GMGATE_DROP_IN_ICV: integrity check failed, the UE has other keys or the
 *	packet was changed.
 * @GMGATE_DROP_IN_PADDING: padding is not 1, 2, 3 ... or longer than the
 *	packet.
 * @GMGATE_DROP_IN_NEXT_HEADER: inside is neither UDP nor TCP; dummy packets
 *	(59) count here.
 * @GMGATE_DROP_IN_ADDRESS: the outer source address is not the UE's.
 * @GMGATE_DROP_IN_BINDING: right SA, wrong ports; uc goes to ps and us to pc
 *	(TS 33.203 7.1). If phones need the crossed pairs, see the endpoint's
 *	relaxed flag.
 * @GMGATE_DROP_IN_INNER: the UDP or TCP header inside is truncated or
 *	contradicts its length.
 * @GMGATE_DROP_IN_FOREIGN_UID: the socket that would have got the decrypted
 *	packet is of another user.
 * @GMGATE_DROP_IN_OTHER_SET: TCP segment for a connection that belongs to
 *	another SA set, such as one from before the UE came again with the same
 *	ports.
 * @GMGATE_DROP_IN_NO_MEMORY: no memory to make the packet writable, or for
 *	its cipher.
 * @GMGATE_DROP_IN_CRYPTO: the kernel's cipher failed, which needs a driver
 *	that fails; the ciphers of the kernel proper do not.
 * @GMGATE_DROP_IN_STALE: a rule in LOCAL_IN changed addresses or ports of a
 *	decrypted packet, or NFQUEUE held it longer than its set or endpoint lived
 *	(endpoint flag local-in only).
 * @GMGATE_DROP_CLEAR_IN: clear text to a protected port.
 * @GMGATE_DROP_CLEAR_IN_UNPARSABLE: packet to a protected address whose ports
 *	cannot be read.
 * @GMGATE_DROP_ICMP_IN: ICMP error that quotes clear text of a protected
 *	port; forged, since the wire carries only ESP.
 * @GMGATE_DROP_ICMP_OUT: outgoing ICMP error that would have quoted a
 *	protected packet.
 * @GMGATE_DROP_OUT_NO_SET: packet from a protected port for which no SA set
 *	exists.
 * @GMGATE_DROP_OUT_MARK: packet marked with a set that does not own its flow,
 *	or no longer exists.
 * @GMGATE_DROP_OUT_FOREIGN_UID: packet from a protected port sent by another
 *	user.
 * @GMGATE_DROP_OUT_UNPARSABLE: packet from a protected address whose ports
 *	cannot be read, or that is a fragment or has a source route.
 * @GMGATE_DROP_OUT_EXPIRED: the back-stop lifetime of the set ended.
 * @GMGATE_DROP_OUT_SEQ_EXHAUSTED: sequence numbers of the SA are used up; the
 *	UE must re-register.
 * @GMGATE_DROP_OUT_TOO_BIG: packet would be longer than IP allows once ESP is
 *	added.
 * @GMGATE_DROP_OUT_NO_MEMORY: no memory to add ESP to the packet, or for its
 *	cipher.
 * @GMGATE_DROP_OUT_CRYPTO: as in-crypto, on the way out.
 */
enum gmgate_drop {
	GMGATE_DROP_UNSPEC,
	GMGATE_DROP_IN_LENGTH,
	GMGATE_DROP_IN_UNKNOWN_SPI,
	GMGATE_DROP_IN_EXPIRED,
	GMGATE_DROP_IN_REPLAY,
	GMGATE_DROP_IN_ICV,
	GMGATE_DROP_IN_PADDING,
	GMGATE_DROP_IN_NEXT_HEADER,
	GMGATE_DROP_IN_ADDRESS,
	GMGATE_DROP_IN_BINDING,
	GMGATE_DROP_IN_INNER,
	GMGATE_DROP_IN_FOREIGN_UID,
	GMGATE_DROP_IN_OTHER_SET,
	GMGATE_DROP_IN_NO_MEMORY,
	GMGATE_DROP_IN_CRYPTO,
	GMGATE_DROP_IN_STALE,
	GMGATE_DROP_CLEAR_IN,
	GMGATE_DROP_CLEAR_IN_UNPARSABLE,
	GMGATE_DROP_ICMP_IN,
	GMGATE_DROP_ICMP_OUT,
	GMGATE_DROP_OUT_NO_SET,
	GMGATE_DROP_OUT_MARK,
	GMGATE_DROP_OUT_FOREIGN_UID,
	GMGATE_DROP_OUT_UNPARSABLE,
	GMGATE_DROP_OUT_EXPIRED,
	GMGATE_DROP_OUT_SEQ_EXHAUSTED,
	GMGATE_DROP_OUT_TOO_BIG,
	GMGATE_DROP_OUT_NO_MEMORY,
	GMGATE_DROP_OUT_CRYPTO,

	/* private: */
	__GMGATE_DROP_MAX,
	GMGATE_DROP_MAX = (__GMGATE_DROP_MAX - 1)
};

/**
 * enum gmgate_endpoint_flags - endpoint flags
 * @GMGATE_ENDPOINT_FLAGS_RELAXED: accept the crossed port pairs (uc to pc, us
 *	to ps) as well.
 * @GMGATE_ENDPOINT_FLAGS_LOCAL_IN: decrypted packets pass netfilter's
 *	LOCAL_IN once more, in plain text, for hosts that filter there.
 * @GMGATE_ENDPOINT_FLAGS_KEY_EXPORT: keep the keys of sets that are installed
 *	from now on for key-get, while the module's parameter key_export is on as
 *	well.
 */
enum gmgate_endpoint_flags {
	GMGATE_ENDPOINT_FLAGS_RELAXED = 1,
	GMGATE_ENDPOINT_FLAGS_LOCAL_IN = 2,
	GMGATE_ENDPOINT_FLAGS_KEY_EXPORT = 4,

	/* private: */
	GMGATE_ENDPOINT_FLAGS_MASK = 7,
};

enum {
	GMGATE_SUITE_ATTR_UNSPEC,
	/* u32 (enum gmgate_alg) */
	GMGATE_SUITE_ATTR_ALG,
	/* u32 (enum gmgate_ealg) */
	GMGATE_SUITE_ATTR_EALG,

	__GMGATE_SUITE_ATTR_MAX,
	GMGATE_SUITE_ATTR_MAX = (__GMGATE_SUITE_ATTR_MAX - 1)
};

enum {
	GMGATE_CAPS_ATTR_UNSPEC,
	/* u32: family version. */
	GMGATE_CAPS_ATTR_VERSION,
	/* nest of GMGATE_SUITE_ATTR_*, repeated: a suite the running kernel can do. */
	GMGATE_CAPS_ATTR_SUITE,
	/* u32: default of an endpoint. */
	GMGATE_CAPS_ATTR_MAX_SETS,
	/* u32: default of an endpoint. */
	GMGATE_CAPS_ATTR_MAX_TEMPORARY,

	__GMGATE_CAPS_ATTR_MAX,
	GMGATE_CAPS_ATTR_MAX = (__GMGATE_CAPS_ATTR_MAX - 1)
};

enum {
	GMGATE_ENDPOINT_ATTR_UNSPEC,
	/* u32: chosen by the kernel; when declaring, the one whose place it takes. */
	GMGATE_ENDPOINT_ATTR_ID,
	/* u32: the agent that owns it; dumps and withdrawals are scoped by it. */
	GMGATE_ENDPOINT_ATTR_INSTANCE,
	/* u32: user whose sockets may use the ports. */
	GMGATE_ENDPOINT_ATTR_UID,
	/* binary: 4 or 16 octets. */
	GMGATE_ENDPOINT_ATTR_ADDR,
	/* u16: port_ps. */
	GMGATE_ENDPOINT_ATTR_PORT_S,
	/* u16, repeated: a port_pc; one to max-port-c of them. */
	GMGATE_ENDPOINT_ATTR_PORT_C,
	/* u32 */
	GMGATE_ENDPOINT_ATTR_SPI_MIN,
	/* u32 */
	GMGATE_ENDPOINT_ATTR_SPI_MAX,
	/* u32: bits of the packet mark that carry the set id, contiguous; default
	 * all. */
	GMGATE_ENDPOINT_ATTR_MARK_MASK,
	/* u32 (enum gmgate_endpoint_flags) */
	GMGATE_ENDPOINT_ATTR_FLAGS,
	/* u32: sets it may hold. */
	GMGATE_ENDPOINT_ATTR_MAX_SETS,
	/* u32: temporary sets among them. */
	GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY,
	/* u32: sets it holds. */
	GMGATE_ENDPOINT_ATTR_SETS,
	/* u32: temporary sets among them. */
	GMGATE_ENDPOINT_ATTR_TEMPORARY,
	/* u32: device or VRF it is for; absent: all that have its address. */
	GMGATE_ENDPOINT_ATTR_IFINDEX,

	__GMGATE_ENDPOINT_ATTR_MAX,
	GMGATE_ENDPOINT_ATTR_MAX = (__GMGATE_ENDPOINT_ATTR_MAX - 1)
};

enum {
	GMGATE_SA_ATTR_UNSPEC,
	/* u32 (enum gmgate_sa_dir) */
	GMGATE_SA_ATTR_DIR,
	/* u32 */
	GMGATE_SA_ATTR_SPI,
	/* u32: last number sent or highest received. */
	GMGATE_SA_ATTR_SEQ,
	/* u64 */
	GMGATE_SA_ATTR_PACKETS,
	/* u64: of the plain IP packets. */
	GMGATE_SA_ATTR_BYTES,

	__GMGATE_SA_ATTR_MAX,
	GMGATE_SA_ATTR_MAX = (__GMGATE_SA_ATTR_MAX - 1)
};

enum {
	GMGATE_SET_ATTR_UNSPEC,
	/* pad */
	GMGATE_SET_ATTR_PAD,
	/* u32: chosen by the kernel, never used twice while the module is loaded;
	 * the packet mark. */
	GMGATE_SET_ATTR_ID,
	/* u32 */
	GMGATE_SET_ATTR_ENDPOINT,
	/* u64: opaque to the kernel. */
	GMGATE_SET_ATTR_COOKIE,
	/* u32 (enum gmgate_set_state) */
	GMGATE_SET_ATTR_STATE,
	/* u64: back-stop lifetime from now, in milliseconds of boot time. */
	GMGATE_SET_ATTR_EXPIRES_MS,
	/* binary: 4 or 16 octets. */
	GMGATE_SET_ATTR_UE_ADDR,
	/* u16 */
	GMGATE_SET_ATTR_PORT_UC,
	/* u16 */
	GMGATE_SET_ATTR_PORT_US,
	/* u16 */
	GMGATE_SET_ATTR_PORT_PC,
	/* u16: of the endpoint. */
	GMGATE_SET_ATTR_PORT_PS,
	/* u32: outbound to port_uc. */
	GMGATE_SET_ATTR_SPI_UC,
	/* u32: outbound to port_us. */
	GMGATE_SET_ATTR_SPI_US,
	/* u32: inbound at port_pc. */
	GMGATE_SET_ATTR_SPI_PC,
	/* u32: inbound at port_ps. */
	GMGATE_SET_ATTR_SPI_PS,
	/* u32 (enum gmgate_alg) */
	GMGATE_SET_ATTR_ALG,
	/* u32 (enum gmgate_ealg) */
	GMGATE_SET_ATTR_EALG,
	/* binary: goes in, and comes out of key-get alone. */
	GMGATE_SET_ATTR_IK_ESP,
	/* binary: goes in, and comes out of key-get alone. */
	GMGATE_SET_ATTR_CK_ESP,
	/* binary: for aes-gcm and aes-gmac; goes in, and comes out of key-get alone. */
	GMGATE_SET_ATTR_SALT,
	/* nest of GMGATE_ENCAP_ATTR_*: reserved for Annex M. */
	GMGATE_SET_ATTR_ENCAP,
	/* nest of GMGATE_SA_ATTR_*, repeated */
	GMGATE_SET_ATTR_SA,
	/* nest of GMGATE_DROPS_ATTR_*, repeated */
	GMGATE_SET_ATTR_DROPS,
	/* u64: since the last verified packet; absent before the first. */
	GMGATE_SET_ATTR_IDLE_MS,
	/* binary: of the endpoint. */
	GMGATE_SET_ATTR_ADDR,
	/* u32: of the endpoint; a request that names another one is refused. */
	GMGATE_SET_ATTR_INSTANCE,
	/* u32: last sequence number that was used on the outbound SAs elsewhere, for
	 * a set that another node has sent on; default 0, and with the largest
	 * number nothing can be sent. */
	GMGATE_SET_ATTR_SEQ_OUT,

	__GMGATE_SET_ATTR_MAX,
	GMGATE_SET_ATTR_MAX = (__GMGATE_SET_ATTR_MAX - 1)
};

enum {
	GMGATE_ENCAP_ATTR_UNSPEC,
	/* u16: UDP port of the UE. */
	GMGATE_ENCAP_ATTR_PORT,

	__GMGATE_ENCAP_ATTR_MAX,
	GMGATE_ENCAP_ATTR_MAX = (__GMGATE_ENCAP_ATTR_MAX - 1)
};

enum {
	GMGATE_DROPS_ATTR_UNSPEC,
	/* u32 (enum gmgate_drop) */
	GMGATE_DROPS_ATTR_REASON,
	/* u64 */
	GMGATE_DROPS_ATTR_COUNT,

	__GMGATE_DROPS_ATTR_MAX,
	GMGATE_DROPS_ATTR_MAX = (__GMGATE_DROPS_ATTR_MAX - 1)
};

enum {
	GMGATE_COUNTERS_ATTR_UNSPEC,
	/* u32 (enum gmgate_counter) */
	GMGATE_COUNTERS_ATTR_COUNTER,
	/* u64 */
	GMGATE_COUNTERS_ATTR_COUNT,

	__GMGATE_COUNTERS_ATTR_MAX,
	GMGATE_COUNTERS_ATTR_MAX = (__GMGATE_COUNTERS_ATTR_MAX - 1)
};

enum {
	GMGATE_STATS_ATTR_UNSPEC,
	/* pad */
	GMGATE_STATS_ATTR_PAD,
	/* nest of GMGATE_COUNTERS_ATTR_*, repeated */
	GMGATE_STATS_ATTR_COUNTER,
	/* nest of GMGATE_DROPS_ATTR_*, repeated */
	GMGATE_STATS_ATTR_DROP,

	__GMGATE_STATS_ATTR_MAX,
	GMGATE_STATS_ATTR_MAX = (__GMGATE_STATS_ATTR_MAX - 1)
};

enum {
	GMGATE_NOTE_ATTR_UNSPEC,
	/* u32 (enum gmgate_event) */
	GMGATE_NOTE_ATTR_EVENT,
	/* u32 */
	GMGATE_NOTE_ATTR_SET,
	/* u32 */
	GMGATE_NOTE_ATTR_ENDPOINT,
	/* u32 */
	GMGATE_NOTE_ATTR_INSTANCE,
	/* u64 */
	GMGATE_NOTE_ATTR_COOKIE,
	/* u32 */
	GMGATE_NOTE_ATTR_SPI,
	/* binary: source of the packet. */
	GMGATE_NOTE_ATTR_ADDR,
	/* pad */
	GMGATE_NOTE_ATTR_PAD,

	__GMGATE_NOTE_ATTR_MAX,
	GMGATE_NOTE_ATTR_MAX = (__GMGATE_NOTE_ATTR_MAX - 1)
};

/**
 * enum gmgate_cmd - commands of the family
 * @GMGATE_CMD_CAPS_GET: What this module on this kernel can do.
 * @GMGATE_CMD_ENDPOINT_NEW: Declare a protected endpoint. From here on,
 *	whether an agent lives or not, clear text neither reaches nor leaves its
 *	ports. The reply has the id. A request with an id is for the endpoint that
 *	takes the place of that one, of the same instance, whose sets are deleted;
 *	ports of both are protected all the time.
 * @GMGATE_CMD_ENDPOINT_DEL: Withdraw an endpoint and delete its sets.
 * @GMGATE_CMD_ENDPOINT_GET: One endpoint by id, or all, those of an instance
 *	where one is named.
 * @GMGATE_CMD_SET_NEW: Install the four SAs of a UE, all or none. The reply
 *	has the id.
 * @GMGATE_CMD_SET_CHANGE: Promote a set, give it another lifetime or another
 *	cookie.
 * @GMGATE_CMD_SET_DEL: Delete one set by id, or all sets of an endpoint.
 * @GMGATE_CMD_SET_GET: One set by id, or all, those of an endpoint, an
 *	instance or a UE where one is named. Never keys.
 * @GMGATE_CMD_STATS_GET: Counters of this network namespace.
 * @GMGATE_CMD_EVENT: Something happened; a hint, since multicast may be lost.
 * @GMGATE_CMD_ENDPOINT_CHANGE: Turn the flag key-export of an endpoint on or
 *	off; the other flags have to be as they are. Off wipes the keys that were
 *	kept.
 * @GMGATE_CMD_KEY_GET: The keys of one set, where they were kept, for who has
 *	to decrypt a capture.
 */
enum gmgate_cmd {
	GMGATE_CMD_CAPS_GET = 1,
	GMGATE_CMD_ENDPOINT_NEW,
	GMGATE_CMD_ENDPOINT_DEL,
	GMGATE_CMD_ENDPOINT_GET,
	GMGATE_CMD_SET_NEW,
	GMGATE_CMD_SET_CHANGE,
	GMGATE_CMD_SET_DEL,
	GMGATE_CMD_SET_GET,
	GMGATE_CMD_STATS_GET,
	GMGATE_CMD_EVENT,
	GMGATE_CMD_ENDPOINT_CHANGE,
	GMGATE_CMD_KEY_GET,

	/* private: */
	__GMGATE_CMD_MAX,
	GMGATE_CMD_MAX = (__GMGATE_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_GMGATE_H */
