/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made by Documentation/netlink/gen.py from the spec beside it (specs/gmgate.yaml). Do not edit. */
#ifndef _GMG_NAMES_GEN_H
#define _GMG_NAMES_GEN_H

/*
 * Names of the enums of the uapi header, as gmctl prints them. X(ident, name)
 * is expanded for each entry. The _SEP forms expand L(ident, name) for the
 * last entry, for lists that must not end in a comma.
 */

#define GMG_ALG_NAMES_SEP(X, L)	\
	X(GMGATE_ALG_UNSPEC, "unspec")	\
	X(GMGATE_ALG_HMAC_MD5_96, "hmac-md5-96")	\
	X(GMGATE_ALG_HMAC_SHA_1_96, "hmac-sha-1-96")	\
	X(GMGATE_ALG_AES_GMAC, "aes-gmac")	\
	L(GMGATE_ALG_NULL, "null")
#define GMG_ALG_NAMES(X) GMG_ALG_NAMES_SEP(X, X)

#define GMG_EALG_NAMES_SEP(X, L)	\
	X(GMGATE_EALG_UNSPEC, "unspec")	\
	X(GMGATE_EALG_NULL, "null")	\
	X(GMGATE_EALG_AES_CBC, "aes-cbc")	\
	X(GMGATE_EALG_DES_EDE3_CBC, "des-ede3-cbc")	\
	L(GMGATE_EALG_AES_GCM, "aes-gcm")
#define GMG_EALG_NAMES(X) GMG_EALG_NAMES_SEP(X, X)

#define GMG_SET_STATE_NAMES_SEP(X, L)	\
	X(GMGATE_SET_STATE_TEMPORARY, "temporary")	\
	L(GMGATE_SET_STATE_ESTABLISHED, "established")
#define GMG_SET_STATE_NAMES(X) GMG_SET_STATE_NAMES_SEP(X, X)

#define GMG_SA_DIR_NAMES_SEP(X, L)	\
	X(GMGATE_SA_DIR_UC_PS, "uc-ps")	\
	X(GMGATE_SA_DIR_PS_UC, "ps-uc")	\
	X(GMGATE_SA_DIR_PC_US, "pc-us")	\
	L(GMGATE_SA_DIR_US_PC, "us-pc")
#define GMG_SA_DIR_NAMES(X) GMG_SA_DIR_NAMES_SEP(X, X)

#define GMG_EVENT_NAMES_SEP(X, L)	\
	X(GMGATE_EVENT_UNSPEC, "unspec")	\
	X(GMGATE_EVENT_FIRST_PACKET, "first-packet")	\
	X(GMGATE_EVENT_EXPIRED, "expired")	\
	X(GMGATE_EVENT_SEQ_SOFT, "seq-soft")	\
	X(GMGATE_EVENT_SEQ_HARD, "seq-hard")	\
	X(GMGATE_EVENT_ICV_FAIL, "icv-fail")	\
	X(GMGATE_EVENT_UNKNOWN_SPI, "unknown-spi")	\
	X(GMGATE_EVENT_DELETED, "deleted")	\
	L(GMGATE_EVENT_KEYS_READ, "keys-read")
#define GMG_EVENT_NAMES(X) GMG_EVENT_NAMES_SEP(X, X)

#define GMG_COUNTER_NAMES_SEP(X, L)	\
	X(GMGATE_COUNTER_IN_PACKETS, "in-packets")	\
	X(GMGATE_COUNTER_IN_BYTES, "in-bytes")	\
	X(GMGATE_COUNTER_OUT_PACKETS, "out-packets")	\
	X(GMGATE_COUNTER_OUT_BYTES, "out-bytes")	\
	X(GMGATE_COUNTER_IN_CROSSED, "in-crossed")	\
	X(GMGATE_COUNTER_PMTU_LEARNED, "pmtu-learned")	\
	L(GMGATE_COUNTER_MSS_CLAMPED, "mss-clamped")
#define GMG_COUNTER_NAMES(X) GMG_COUNTER_NAMES_SEP(X, X)

#define GMG_DROP_NAMES_SEP(X, L)	\
	X(GMGATE_DROP_UNSPEC, "unspec")	\
	X(GMGATE_DROP_IN_LENGTH, "in-length")	\
	X(GMGATE_DROP_IN_UNKNOWN_SPI, "in-unknown-spi")	\
	X(GMGATE_DROP_IN_EXPIRED, "in-expired")	\
	X(GMGATE_DROP_IN_REPLAY, "in-replay")	\
	X(GMGATE_DROP_IN_ICV, "in-icv")	\
	X(GMGATE_DROP_IN_PADDING, "in-padding")	\
	X(GMGATE_DROP_IN_NEXT_HEADER, "in-next-header")	\
	X(GMGATE_DROP_IN_ADDRESS, "in-address")	\
	X(GMGATE_DROP_IN_BINDING, "in-binding")	\
	X(GMGATE_DROP_IN_INNER, "in-inner")	\
	X(GMGATE_DROP_IN_FOREIGN_UID, "in-foreign-uid")	\
	X(GMGATE_DROP_IN_OTHER_SET, "in-other-set")	\
	X(GMGATE_DROP_IN_NO_MEMORY, "in-no-memory")	\
	X(GMGATE_DROP_IN_CRYPTO, "in-crypto")	\
	X(GMGATE_DROP_IN_STALE, "in-stale")	\
	X(GMGATE_DROP_CLEAR_IN, "clear-in")	\
	X(GMGATE_DROP_CLEAR_IN_UNPARSABLE, "clear-in-unparsable")	\
	X(GMGATE_DROP_ICMP_IN, "icmp-in")	\
	X(GMGATE_DROP_ICMP_OUT, "icmp-out")	\
	X(GMGATE_DROP_OUT_NO_SET, "out-no-set")	\
	X(GMGATE_DROP_OUT_MARK, "out-mark")	\
	X(GMGATE_DROP_OUT_FOREIGN_UID, "out-foreign-uid")	\
	X(GMGATE_DROP_OUT_UNPARSABLE, "out-unparsable")	\
	X(GMGATE_DROP_OUT_EXPIRED, "out-expired")	\
	X(GMGATE_DROP_OUT_SEQ_EXHAUSTED, "out-seq-exhausted")	\
	X(GMGATE_DROP_OUT_TOO_BIG, "out-too-big")	\
	X(GMGATE_DROP_OUT_NO_MEMORY, "out-no-memory")	\
	L(GMGATE_DROP_OUT_CRYPTO, "out-crypto")
#define GMG_DROP_NAMES(X) GMG_DROP_NAMES_SEP(X, X)

#endif /* _GMG_NAMES_GEN_H */
