/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_HEADER_H
#define _SIP_HEADER_H

#include "octets.h"

/* The header and method names this program has something to do with. */

/* X(identifier, name, compact name or 0) */
#define SIP_HEADERS(X)							\
	X(VIA, "Via", 'v')						\
	X(FROM, "From", 'f')						\
	X(TO, "To", 't')						\
	X(CALL_ID, "Call-ID", 'i')					\
	X(CSEQ, "CSeq", 0)						\
	X(CONTACT, "Contact", 'm')					\
	X(CONTENT_LENGTH, "Content-Length", 'l')			\
	X(CONTENT_TYPE, "Content-Type", 'c')				\
	X(MAX_FORWARDS, "Max-Forwards", 0)				\
	X(EXPIRES, "Expires", 0)					\
	X(MIN_EXPIRES, "Min-Expires", 0)				\
	X(ROUTE, "Route", 0)						\
	X(RECORD_ROUTE, "Record-Route", 0)				\
	X(PATH, "Path", 0)						\
	X(SERVICE_ROUTE, "Service-Route", 0)				\
	X(REQUIRE, "Require", 0)					\
	X(PROXY_REQUIRE, "Proxy-Require", 0)				\
	X(SUPPORTED, "Supported", 'k')					\
	X(UNSUPPORTED, "Unsupported", 0)				\
	X(AUTHORIZATION, "Authorization", 0)				\
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0)		\
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0)			\
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0)			\
	X(SECURITY_CLIENT, "Security-Client", 0)			\
	X(SECURITY_SERVER, "Security-Server", 0)			\
	X(SECURITY_VERIFY, "Security-Verify", 0)			\
	X(PRIVACY, "Privacy", 0)					\
	X(REASON, "Reason", 0)						\
	X(EVENT, "Event", 'o')						\
	X(SUBSCRIPTION_STATE, "Subscription-State", 0)			\
	X(RETRY_AFTER, "Retry-After", 0)				\
	X(TIMESTAMP, "Timestamp", 0)					\
	X(ATTESTATION_INFO, "Attestation-Info", 0)			\
	X(ORIGINATION_ID, "Origination-Id", 0)				\
	X(RELAYED_CHARGE, "Relayed-Charge", 0)				\
	X(RESPONSE_SOURCE, "Response-Source", 0)			\
	X(RESTORATION_INFO, "Restoration-Info", 0)			\
	X(SERVICE_INTERACT_INFO, "Service-Interact-Info", 0)		\
	X(P_ACCESS_NETWORK_INFO, "P-Access-Network-Info", 0)		\
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0)		\
	X(P_ASSERTED_SERVICE, "P-Asserted-Service", 0)			\
	X(P_ASSOCIATED_URI, "P-Associated-URI", 0)			\
	X(P_CALLED_PARTY_ID, "P-Called-Party-ID", 0)			\
	X(P_CHARGING_FUNCTION_ADDRESSES, "P-Charging-Function-Addresses", 0) \
	X(P_CHARGING_VECTOR, "P-Charging-Vector", 0)			\
	X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0)		\
	X(P_PREFERRED_SERVICE, "P-Preferred-Service", 0)		\
	X(P_PRIVATE_NETWORK_INDICATION, "P-Private-Network-Indication", 0) \
	X(P_PROFILE_KEY, "P-Profile-Key", 0)				\
	X(P_SERVED_USER, "P-Served-User", 0)				\
	X(P_USER_DATABASE, "P-User-Database", 0)			\
	X(P_VISITED_NETWORK_ID, "P-Visited-Network-ID", 0)

enum sip_header {
	SIP_HEADER_OTHER,
#define SIP_HEADER_ID(id, name, compact) SIP_HEADER_##id,
	SIP_HEADERS(SIP_HEADER_ID)
#undef SIP_HEADER_ID
	SIP_HEADER_COUNT,
};

enum sip_method {
	SIP_METHOD_OTHER,
	SIP_METHOD_REGISTER,
	SIP_METHOD_INVITE,
	SIP_METHOD_ACK,
	SIP_METHOD_CANCEL,
	SIP_METHOD_BYE,
	SIP_METHOD_OPTIONS,
	SIP_METHOD_SUBSCRIBE,
	SIP_METHOD_NOTIFY,
	SIP_METHOD_MESSAGE,
	SIP_METHOD_PRACK,
	SIP_METHOD_UPDATE,
	SIP_METHOD_REFER,
	SIP_METHOD_PUBLISH,
	SIP_METHOD_INFO,
	SIP_METHODS
};

/* "Via", "Security-Client" ... */
const char *sip_header_name(enum sip_header id);

/* By long or compact name, without regard to case (RFC 3261 7.3.1). */
enum sip_header sip_header_find(struct str name);

/* Methods are case-sensitive (RFC 3261 7.1). */
enum sip_method sip_method_find(struct str name);

/* "INVITE"; "other" for SIP_METHOD_OTHER. */
const char *sip_method_name(enum sip_method method);

#endif
