// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The edge of the trust domain, for every message that crosses it. No state.
 */
#include "trust_domain.h"

#include "sip_param.h"

static const enum sip_header trusted_only[] = {
	SIP_HEADER_ATTESTATION_INFO,
	SIP_HEADER_ORIGINATION_ID,
	SIP_HEADER_P_ASSERTED_IDENTITY,
	SIP_HEADER_P_ASSERTED_SERVICE,
	SIP_HEADER_P_ASSOCIATED_URI,
	SIP_HEADER_P_CALLED_PARTY_ID,
	SIP_HEADER_P_CHARGING_FUNCTION_ADDRESSES,
	SIP_HEADER_P_PRIVATE_NETWORK_INDICATION,
	SIP_HEADER_P_PROFILE_KEY,
	SIP_HEADER_P_SERVED_USER,
	SIP_HEADER_P_USER_DATABASE,
	SIP_HEADER_RELAYED_CHARGE,
	SIP_HEADER_RESPONSE_SOURCE,
	SIP_HEADER_RESTORATION_INFO,
	SIP_HEADER_SERVICE_INTERACT_INFO,
};

static const enum sip_header core_only[] = {
	SIP_HEADER_ATTESTATION_INFO,
	SIP_HEADER_ORIGINATION_ID,
	SIP_HEADER_P_CHARGING_VECTOR,
	SIP_HEADER_P_CHARGING_FUNCTION_ADDRESSES,
	SIP_HEADER_P_PRIVATE_NETWORK_INDICATION,
	SIP_HEADER_P_PROFILE_KEY,
	SIP_HEADER_P_SERVED_USER,
	SIP_HEADER_P_USER_DATABASE,
	SIP_HEADER_RELAYED_CHARGE,
	SIP_HEADER_RESTORATION_INFO,
	SIP_HEADER_SERVICE_INTERACT_INFO,
	SIP_HEADER_SECURITY_SERVER,
	SIP_HEADER_SECURITY_CLIENT,
	SIP_HEADER_SECURITY_VERIFY,
	/* Our token in it is what makes a request a terminating one. */
	SIP_HEADER_PATH,
};

/* Only a network node may say where the UE is on the network's behalf. */
static bool is_network_provided(struct str value, const void *arg)
{
	struct sip_param param;
	struct str access;

	(void)arg;
	return sip_param_split(&value, ';', &access) &&
	       sip_param_find(value, ';', STR_LIT("network-provided"), &param);
}

void trust_domain_strip_from_ue(struct sip_msg *msg)
{
	sip_msg_remove_values(msg, SIP_HEADER_P_ACCESS_NETWORK_INFO, is_network_provided, NULL);
	for (size_t i = 0; i < sizeof(trusted_only) / sizeof(trusted_only[0]); i++)
		sip_msg_remove_all(msg, trusted_only[i]);
}

/* Privacy: id;critical */
static bool wants_privacy(const struct sip_msg *msg)
{
	struct sip_values at = { 0 };
	struct str value;

	while (sip_msg_next_value(msg, SIP_HEADER_PRIVACY, &at, &value)) {
		struct sip_param param;

		if (sip_param_find(value, ';', STR_LIT("id"), &param))
			return true;
	}
	return false;
}

void trust_domain_strip_to_ue(struct sip_msg *msg)
{
	for (size_t i = 0; i < sizeof(core_only) / sizeof(core_only[0]); i++)
		sip_msg_remove_all(msg, core_only[i]);
	if (wants_privacy(msg))
		sip_msg_remove_all(msg, SIP_HEADER_P_ASSERTED_IDENTITY);
}
