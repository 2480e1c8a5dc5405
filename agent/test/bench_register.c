// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a registration costs in reading and editing its four messages:
 *
 *   bench_register osip|ours MESSAGE COUNT     MESSAGE 1..4
 *   bench_register print MESSAGE COUNT
 *
 * "osip" is osip_message_parse() alone, "ours" all that the agent does with
 * the octets of that message, URIs through libosip2 included. Run under
 * callgrind by bench_register.sh, which takes the difference of two counts.
 * "print" is for the seeds of the fuzzers.
 */
#include <stdio.h>
#include <stdlib.h>

#include <osipparser2/osip_parser.h>

#include "authorization.h"
#include "challenge.h"
#include "register_edit.h"
#include "register_facts.h"
#include "secagree.h"
#include "samples.h"

static const char *const messages[] = {
	SAMPLE_REGISTER_1, SAMPLE_401, SAMPLE_REGISTER_2, SAMPLE_200,
};

static const struct suite policy[] = {
	{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
	{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_NULL },
	{ GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_AES_CBC },
	{ GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_NULL },
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_register: %s\n", what);
	exit(1);
}

static void uplink(struct sip_msg *msg, struct octets *out, bool protected_)
{
	const struct register_uplink facts = {
		.source = &(struct sip_source){ .host = "10.45.0.3", .port = 5060 },
		.integrity_protected = protected_ ? "yes" : "no",
		.path_token = SAMPLE_TOKEN,
		.mw_host = "192.0.2.1",
		.mw_port = 5060,
		.mw_transport = "UDP",
		.branch = "z9hG4bK00112233445566778899aabbccddeeff",
		.visited_network = "visited.example",
		.icid = "00112233445566778899aabbccddeeff",
	};
	struct octets offers = { 0 };
	struct secagree_list list;
	struct register_request req;
	struct authorization auth;
	struct sip_fault fault;

	must(authorization_read(msg, &auth) == AUTHORIZATION_OK, "Authorization");
	must(register_facts_request(msg, &req, &fault), "facts");
	sip_msg_join(msg, SIP_HEADER_SECURITY_CLIENT, &offers);
	if (protected_) {
		must(secagree_same_offer(STR_LIT(SAMPLE_OFFERS), octets_str(&offers)), "offers");
		must(secagree_verify(STR_LIT(SAMPLE_SERVER),
				     sip_msg_value(msg, SIP_HEADER_SECURITY_VERIFY)), "verify");
	} else {
		must(secagree_parse(octets_str(&offers), &list), "Security-Client");
		must(secagree_choose(&list, policy, 4, NULL), "choice");
	}
	register_edit_uplink(msg, &facts);
	must(sip_msg_write(msg, out), "write");
	octets_free(&offers);
}

static void downlink(struct sip_msg *msg, struct octets *out, bool challenged)
{
	struct register_downlink facts = { 0 };
	struct octets kept = { 0 };
	uint32_t expires;

	if (challenged) {
		facts.security_server = STR_LIT(SAMPLE_SERVER);
	} else {
		must(register_facts_expiry(msg, STR_LIT("sip:001010000000001@10.45.0.3:5101"),
					   &expires) && expires == 600000, "expiry");
		sip_msg_join(msg, SIP_HEADER_P_ASSOCIATED_URI, &kept);
		sip_msg_join(msg, SIP_HEADER_SERVICE_ROUTE, &kept);
	}
	register_edit_downlink(msg, &facts);
	must(sip_msg_write(msg, out), "write");
	octets_free(&kept);
}

static void ours(const char *text, int message)
{
	struct octets in = { 0 }, out = { 0 };
	struct keys_aka keys;
	struct sip_fault fault;
	struct sip_msg *msg;

	octets_puts(&in, text);
	if (message == 2 || message == 4)
		must(challenge_cut(in.p, &in.n, &keys, NULL) ==
		     (message == 2 ? CHALLENGE_KEYS : CHALLENGE_NO_KEYS), "challenge");
	msg = sip_msg_new(octets_str(&in), &sip_limits_default, NULL);
	must(msg && sip_msg_check(msg, false, &fault), "message");
	if (msg->request)
		uplink(msg, &out, message == 3);
	else
		downlink(msg, &out, message == 2);
	sip_msg_free(msg);
	octets_free(&in);
	octets_free(&out);
}

static void osip(const char *text)
{
	osip_message_t *msg = NULL;

	must(osip_message_init(&msg) == 0, "osip");
	must(osip_message_parse(msg, text, strlen(text)) == 0, "osip_message_parse");
	osip_message_free(msg);
}

int main(int argc, char **argv)
{
	int message = argc == 4 ? atoi(argv[2]) : 0, count = argc == 4 ? atoi(argv[3]) : 0;

	must(message >= 1 && message <= 4, "usage: bench_register osip|ours|print MESSAGE COUNT");
	parser_init();
	for (int i = 0; i < count; i++) {
		if (strcmp(argv[1], "osip") == 0)
			osip(messages[message - 1]);
		else if (strcmp(argv[1], "print") == 0)
			fputs(messages[message - 1], stdout);
		else
			ours(messages[message - 1], message);
	}
	return 0;
}
