// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Emergency calls of UEs: TS 24.229 5.2.10, pcscf-sip 7.
 */
#include "proxy_world.h"

#include "log.h"
#include "relay.h"

#define ECSCF "<sip:192.0.2.77:5070;lr>"

static const char service_route[] =
	"Route: <sip:10.4.128.21:6100;lr>, <sip:orig@192.0.2.2;lr>\r\n";

static void configure(const char *route, bool route_undetected)
{
	snprintf(cfg.emergency.route, sizeof(cfg.emergency.route), "%s", route);
	cfg.emergency.route_undetected = route_undetected;
	cfg.emergency.n_numbers = 2;
	strcpy(cfg.emergency.numbers[0].number, "112");
	strcpy(cfg.emergency.numbers[0].urn, "urn:service:sos");
	strcpy(cfg.emergency.numbers[1].number, "110");
	strcpy(cfg.emergency.numbers[1].urn, "urn:service:sos.police");
}

static void assert_went_to_ecscf(void)
{
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.77:5070");
	assert_string_equal(lines_of(&up, "Route"), "Route: " ECSCF "\r\n");
}

/* TS 24.229 5.2.10.4: whatever the UE has as its Route, and whoever it says to be. */
static void to_the_ecscf(void **state)
{
	static const char * const routes[] = {
		service_route, "", "Route: <sip:x.example;lr>\r\n", "Route: " ECSCF "\r\n",
	};
	struct set *s = registered_set();

	(void)state;
	configure(ECSCF, false);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		n_up = 0;
		ue_says(s, &(struct say){ .uri = "urn:service:sos.fire", .route = routes[i],
					  .to = "<urn:service:sos.fire>", .body = "v=0",
					  .extra = "P-Asserted-Identity: <sip:forged@x>\r\n"
						   "P-Preferred-Identity: <sip:no@x>\r\n" });
		assert_int_equal(n_up, 1);
		assert_went_to_ecscf();
		assert_memory_equal(up.text, "INVITE urn:service:sos.fire SIP/2.0\r\n", 37);
		assert_string_equal(lines_of(&up, "P-Asserted-Identity"),
				    "P-Asserted-Identity: <sip:001@example.org>\r\n");
		assert_null(header(up.text, "P-Preferred-Identity"));
		assert_non_null(header(up.text, "P-Charging-Vector"));
		assert_non_null(dialog_token(&up));
	}
	assert_int_equal(proxy_stats_now().emergency, 4);
	assert_int_equal(proxy_stats_now().rerouted, 0);
	/* Other calls go where they went. */
	ue_says(s, &(struct say){ .route = service_route });
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:orig@192.0.2.2;lr>\r\n");
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
}

/* Its 183, with the E-CSCF's Record-Route above ours. */
static void ecscf_rings(void)
{
	char text[4096], vias[1024] = "", routes[1024] = "";
	struct flow f = core_flow();

	f.remote = up.to.remote;
	copy_lines(up.text, "Via", vias, sizeof(vias));
	copy_lines(up.text, "Record-Route", routes, sizeof(routes));
	snprintf(text, sizeof(text), "SIP/2.0 183 Session Progress\r\n%s"
		 "Record-Route: <sip:e@192.0.2.77:5070;lr>\r\n%s"
		 "From: %s\r\nTo: %s;tag=e\r\nCall-ID: %s\r\nCSeq: %s\r\n"
		 "Contact: <sip:psap@192.0.2.80>\r\nContent-Length: 0\r\n\r\n", vias, routes,
		 header(up.text, "From"), header(up.text, "To"), header(up.text, "Call-ID"),
		 header(up.text, "CSeq"));
	receive(&f, text);
}

/* Its dialog: on the route the E-CSCF recorded, both ways; CANCEL after it. */
static void the_call_goes_on(void **state)
{
	struct set *s = registered_set();
	char token[DIALOG_TOKEN];
	struct say what;

	(void)state;
	configure(ECSCF, false);
	ue_says(s, &(struct say){ .uri = "urn:service:sos" });
	strcpy(token, dialog_token(&up));
	ecscf_rings();
	assert_int_equal(status(), 183);
	what = in_call("PRACK", "e", 2);
	ue_says(s, &what);
	assert_memory_equal(up.text, "PRACK ", 6);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.77:5070");
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:e@192.0.2.77:5070;lr>\r\n");
	assert_null(header(up.text, "P-Asserted-Identity"));
	n_down = 0;
	core_in_call("UPDATE", "e", token, 3);
	assert_int_equal(n_down, 1);
	assert_memory_equal(down.text, "UPDATE ", 7);
	ue_says(s, &(struct say){ .method = "CANCEL", .uri = "urn:service:sos",
				  .branch = "z9hG4bKnone" });
	assert_int_equal(status(), 481);
}

static void cancelled(void **state)
{
	struct set *s = registered_set();

	(void)state;
	configure(ECSCF, false);
	ue_says(s, &(struct say){ .uri = "urn:service:sos", .branch = "z9hG4bKsos" });
	core_replies("180 Ringing", "e", "");
	ue_says(s, &(struct say){ .method = "CANCEL", .uri = "urn:service:sos",
				  .branch = "z9hG4bKsos" });
	assert_memory_equal(up.text, "CANCEL urn:service:sos SIP/2.0\r\n", 32);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.77:5070");
}

static void assert_alternative(const struct set *s, bool registration)
{
	const char *body;

	assert_int_equal(status(), 380);
	assert_string_equal(header(down.text, "Content-Type"), "application/3gpp-ims+xml");
	assert_string_equal(header(down.text, "P-Asserted-Identity"), "<sip:10.4.128.21:6100;lr>");
	body = strstr(down.text, "\r\n\r\n") + 4;
	assert_int_equal(atoi(header(down.text, "Content-Length")), strlen(body));
	assert_non_null(strstr(body, "<type>emergency</type>"));
	assert_int_equal(strstr(body, "<action>emergency-registration</action>") != NULL,
			 registration);
	assert_int_equal(down.to.set, s->id);
	assert_int_equal(down.to.remote.port, s->port_us);
}

/* TS 24.229 5.2.10.5: what the UE did not detect. */
static void undetected_is_answered_380(void **state)
{
	static const char * const uris[] = {
		"tel:112", "tel:1-12;phone-context=example.org", "sip:112@example.org;user=phone",
	};
	struct set *s = registered_set();

	(void)state;
	configure(ECSCF, false);
	n_up = 0;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		ue_says(s, &(struct say){ .uri = uris[i] });
		assert_alternative(s, true);
	}
	assert_int_equal(n_up, 0);
	assert_int_equal(dialog_count(), 0);
	assert_int_equal(proxy_stats_now().alternative, 3);
	ue_says(s, &(struct say){ .method = "ACK", .uri = uris[0] });
	assert_int_equal(n_up, 0);
	ue_says(s, &(struct say){ .uri = "tel:1120" });
	assert_int_equal(n_up, 1);
}

/* Without an E-CSCF no emergency call is for this network, none goes to the S-CSCF. */
static void not_in_this_network(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_up = 0;
	ue_says(s, &(struct say){ .uri = "urn:service:sos", .route = service_route });
	assert_alternative(s, false);
	configure("", false);
	ue_says(s, &(struct say){ .uri = "tel:112", .route = service_route });
	assert_alternative(s, false);
	assert_int_equal(n_up, 0);
}

/* By policy, or since the UE has registered for it: Request-URI is a service then. */
static void undetected_is_routed(void **state)
{
	struct set *s = registered_set();

	(void)state;
	configure(ECSCF, true);
	ue_says(s, &(struct say){ .uri = "tel:110;phone-context=x", .to = "<tel:110>",
				  .branch = "z9hG4bK110" });
	assert_memory_equal(up.text, "INVITE urn:service:sos.police SIP/2.0\r\n", 39);
	assert_string_equal(header(up.text, "To"), "<tel:110>");
	assert_went_to_ecscf();
	core_replies("180 Ringing", "e", "");
	ue_says(s, &(struct say){ .method = "CANCEL", .uri = "tel:110;phone-context=x",
				  .to = "<tel:110>", .branch = "z9hG4bK110" });
	assert_memory_equal(up.text, "CANCEL urn:service:sos.police SIP/2.0\r\n", 39);
}

static void of_an_emergency_registration(void **state)
{
	struct set *s = emergency_set();

	(void)state;
	configure(ECSCF, false);
	ue_says(s, &(struct say){ .uri = "tel:112" });
	assert_memory_equal(up.text, "INVITE urn:service:sos SIP/2.0\r\n", 32);
	assert_went_to_ecscf();
	assert_string_equal(header(up.text, "P-Asserted-Identity"), "<sip:001@example.org>");
}

/* A name: where the DNS says, trusted for it only where dns.trust says so. */
static void an_ecscf_that_is_not_trusted(void **state)
{
	struct set *s = registered_set();

	(void)state;
	configure("<sip:198.51.100.1;lr>", false);
	n_up = 0;
	ue_says(s, &(struct say){ .uri = "urn:service:sos" });
	/* The entry of the core may know the way: it still has the Route. */
	assert_int_equal(n_up, 1);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:198.51.100.1;lr>\r\n");
	core_replies("503 Service Unavailable", "e", "");
	cfg.dns.trust = true;
	ue_says(s, &(struct say){ .uri = "urn:service:sos" });
	assert_string_equal(addr_text(&up.to.remote), "198.51.100.1:5060");
}

/* TS 24.229 5.2.10.3: of UEs that are not registered, with SAs or without. */
static void unregistered(void **state)
{
	struct flow clear = clear_flow(), f;
	struct set *s;

	(void)state;
	configure(ECSCF, true);
	n_up = 0;
	say(&clear, &(struct say){ .uri = "urn:service:sos" });
	assert_int_equal(status(), 403);
	assert_int_equal(down.to.side, FLOW_GM);
	say(&clear, &(struct say){ .uri = "tel:112" });
	assert_int_equal(status(), 403);
	say(&clear, &(struct say){ .method = "BYE", .uri = "urn:service:sos" });
	assert_int_equal(status(), 403);
	assert_int_equal(n_up, 0);
	assert_int_equal(transaction_stats.server, 0);
	s = registered_set();
	f = protected_flow(s);
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	n_up = n_down = 0;
	ue_says(s, &(struct say){ .uri = "urn:service:sos" });
	assert_int_equal(status(), 403);
	assert_int_equal(n_up, 0);
	assert_int_equal(n_down, 1);
}

/* A phone that has all it may have under way still calls for help. */
static void the_bound_of_a_set_does_not_stop_it(void **state)
{
	struct set *s = registered_set();

	(void)state;
	configure(ECSCF, false);
	for (int i = 0; i < 100; i++)
		ue_says(s, &(struct say){ .method = "MESSAGE", .call = "n" });
	n_up = 0;
	ue_says(s, &(struct say){ .uri = "urn:service:sos" });
	assert_int_equal(n_up, 1);
	assert_went_to_ecscf();
}

/*
 * The operator moves emergency calls elsewhere while one waits, say for the DNS: it goes on
 * as it began, and needs nothing of the configuration it began with.
 */
static void it_keeps_its_route_over_a_reload(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	struct relay_emergency e = { .route = cfg.emergency.route };
	char urn[] = "urn:service:sos.police";
	struct relay_place place;
	struct sip_msg *msg;
	struct relay *r;

	(void)state;
	configure(ECSCF, true);
	ue_says(s, &(struct say){ .uri = "urn:service:sos" });
	msg = sip_msg_new(str_of(up.text), &sip_limits_default, NULL);
	e.urn = str_of(urn);
	r = relay_make(&f, msg, &(struct party){ .ue = s->ue });
	assert_true(relay_keep_emergency(r, &e));
	configure("<sip:192.0.2.99;lr>", true);
	assert_true(proxy_reload(&cfg));
	memset(urn, 'x', sizeof(urn) - 1);
	assert_true(relay_place_of(r, &place));
	assert_string_equal(place.emergency.route, ECSCF);
	assert_true(str_same(place.emergency.urn, STR_LIT("urn:service:sos.police")));
	relay_free(r);
	/* The next one goes where they go now. */
	ue_says(s, &(struct say){ .uri = "urn:service:sos", .call = "call2" });
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:192.0.2.99;lr>\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(to_the_ecscf), T(the_call_goes_on), T(cancelled), T(undetected_is_answered_380),
		T(not_in_this_network), T(undetected_is_routed), T(of_an_emergency_registration),
		T(an_ecscf_that_is_not_trusted), T(unregistered),
		T(the_bound_of_a_set_does_not_stop_it), T(it_keeps_its_route_over_a_reload),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests_name("emergency calls (TS 24.229 5.2.10)", tests, NULL,
					   NULL);
}
