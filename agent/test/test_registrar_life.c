// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of registrations: which identities and contacts there are, how they
 * end, and what that does to the sets (TS 24.229 5.2.2 to 5.2.5, 5.2.10, and
 * the field notes about it).
 */
#include "reginfo.h"
#include "registrar_world.h"

#define CONTACT "sip:a@10.45.0.3:8000"
#define REGINFO "<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='partial'>"

static void accept_as(struct set *s, const char *aor, const char *contact, const char *associated,
		      const char *contacts, uint32_t expires)
{
	const struct registrar_accepted a = {
		.aor = str_of(aor), .contact = str_of(contact), .expires = expires,
		.associated = str_of(associated), .contacts = str_of(contacts),
		.service_route = STR_LIT("<sip:s@192.0.2.2;lr>"),
	};

	assert_int_equal(registrar_accepted(s, &a), 0);
}

static void deregister_as(struct set *s, const char *aor, const char *contact)
{
	const struct registrar_accepted a = { .aor = str_of(aor), .contact = str_of(contact) };

	registrar_deregistered(s, &a);
}

/* One AoR after the other: "AOR STATE [CONTACT CONTACT-STATE EVENT EXPIRES]". */
static void notified(struct ue *ue, const char *registrations)
{
	struct octets text = { 0 };
	struct reginfo *info;
	const char *bad = NULL;

	octets_printf(&text, REGINFO "%s</reginfo>", registrations);
	info = reginfo_parse(octets_str(&text), &bad);
	if (!info)
		fail_msg("%s", bad);
	registrar_hold(ue);
	registrar_event(ue, info);
	registrar_release(ue);
	reginfo_free(info);
	octets_free(&text);
}

#define ACTIVE(aor, event) "<registration aor='" aor "' state='active'><contact state='active' " \
	"event='" event "'><uri>" CONTACT "</uri></contact></registration>"
#define ENDED(aor, event) "<registration aor='" aor "' state='active'><contact " \
	"state='terminated' event='" event "'><uri>" CONTACT "</uri></contact></registration>"
#define GONE(aor) "<registration aor='" aor "' state='terminated'/>"

/* --- identities --- */

static void implicit_set(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	accept_as(s, "sip:a@h", CONTACT, "\"A\" <sip:a@h>, <tel:+1>, <sip:b@h>", NULL, EXPIRES);
	assert_string_equal(s->ue->associated, "\"A\" <sip:a@h>, <tel:+1>, <sip:b@h>");
	/* The last 200 OK is right about its own set. */
	accept_as(s, "sip:a@h", CONTACT, "<sip:b@h>, <sip:a@h>", NULL, EXPIRES);
	assert_string_equal(s->ue->associated, "<sip:b@h>, <sip:a@h>");
	assert_null(s->ue->bindings->next);
}

/* Registered with the temporary identity of the IMSI, which nobody may use. */
static void barred_identity(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	accept_as(s, "sip:001@ims", CONTACT, "<sip:a@h>, <tel:+1>", NULL, EXPIRES);
	assert_string_equal(s->ue->associated, "<sip:a@h>, <tel:+1>");
	assert_string_equal(s->ue->bindings->aor, "sip:001@ims");
	/* It is de-registered by its own name all the same. */
	deregister_as(s, "sip:001@ims", CONTACT);
	assert_int_equal(registrar_count(), 0);
}

static void no_list_from_the_core(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	accept_as(s, "sip:a@h", CONTACT, NULL, NULL, EXPIRES);
	assert_string_equal(s->ue->associated, "<sip:a@h>");
}

/* Field note 48: several identities of one UE, each with its own. */
static void two_implicit_sets(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	accept_as(s, "sip:a@h", CONTACT, "<sip:a@h>, <tel:+1>", NULL, EXPIRES);
	accept_as(s, "sip:c@h", CONTACT, "<sip:c@h>, <tel:+3>", NULL, EXPIRES);
	assert_string_equal(s->ue->associated, "<sip:a@h>, <tel:+1>, <sip:c@h>, <tel:+3>");
	/* By an implicit member: its set goes, the other stays. */
	deregister_as(s, "tel:+1", CONTACT);
	assert_string_equal(s->ue->associated, "<sip:c@h>, <tel:+3>");
	assert_int_equal(registrar_count(), 1);
	assert_true(s->ends == LIFE);
	deregister_as(s, "sip:c@h", CONTACT);
	assert_int_equal(registrar_count(), 0);
	assert_true(s->ends == DRAIN);
}

/* --- contacts --- */

static void star_is_of_its_identity(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	accept_as(s, "sip:a@h", CONTACT, "<sip:a@h>", NULL, EXPIRES);
	accept_as(s, "sip:a@h", "sip:a@10.45.0.3:9000", "<sip:a@h>", NULL, EXPIRES);
	accept_as(s, "sip:c@h", CONTACT, "<sip:c@h>", NULL, EXPIRES);
	deregister_as(s, "sip:a@h", NULL);
	assert_string_equal(s->ue->bindings->aor, "sip:c@h");
	assert_null(s->ue->bindings->next);
}

static void deregistration_is_of_its_contact(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	accept_as(s, "sip:a@h", CONTACT, "<sip:a@h>", NULL, EXPIRES);
	accept_as(s, "sip:a@h", "sip:a@10.45.0.3:9000", "<sip:a@h>", NULL, EXPIRES);
	deregister_as(s, "sip:a@h", "sip:a@10.45.0.3:9000");
	assert_string_equal(s->ue->bindings->contact, CONTACT);
	assert_null(s->ue->bindings->next);
	assert_true(s->ends == LIFE);
	/* Written in another way, it is the same contact. */
	deregister_as(s, "sip:a@h", "SIP:a@10.45.0.3:8000;ob");
	assert_int_equal(registrar_count(), 0);
}

/* A rebooted UE has another port: the registrar lists what it still has. */
static void contact_that_was_replaced(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	accept_as(s, "sip:a@h", CONTACT, "<sip:a@h>", "<" CONTACT ">;expires=600000", EXPIRES);
	s = challenge(0);
	accept_as(s, "sip:a@h", "sip:a@10.45.0.3:9000", "<sip:a@h>",
		  "<sip:a@10.45.0.3:9000;ob>;expires=600000", EXPIRES);
	assert_string_equal(s->ue->bindings->contact, "sip:a@10.45.0.3:9000");
	assert_null(s->ue->bindings->next);
	/* Where both are listed, there are both. */
	accept_as(s, "sip:a@h", CONTACT, "<sip:a@h>", "<" CONTACT ">;expires=9, "
		  "\"x, <y>\" <sip:a@10.45.0.3:9000>;expires=9", EXPIRES);
	assert_non_null(s->ue->bindings->next);
}

static void bindings_are_bounded(void **state)
{
	struct set *s = challenge(0);
	char contact[64];
	unsigned int n;
	struct binding *b;

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(contact, sizeof(contact), "sip:a@10.45.0.3:%d", 8000 + i);
		accept_as(s, "sip:a@h", contact, "<sip:a@h>", NULL, EXPIRES);
	}
	DL_COUNT(s->ue->bindings, b, n);
	assert_int_equal(n, 16);
	assert_string_equal(s->ue->bindings->contact, "sip:a@10.45.0.3:8084");
}

/* --- emergency registration --- */

static struct set *emergency_challenge(uint32_t origin)
{
	static const struct keys_aka keys = { .ck = { 3 }, .ik = { 4 } };
	const struct secagree_entry offer = {
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.spi_c = 5111, .spi_s = 5222, .port_c = 8005, .port_s = 8000,
	};
	struct set_facts facts = {
		.offer = &offer, .client = STR_LIT("ipsec-3gpp"), .keys = &keys, .origin = origin,
	};
	struct ue *ue = registrar_emergency_ue(str_of(impi), &home);
	struct set *s = registrar_challenged(ue, &facts, &failure, why, sizeof(why));

	registrar_release(ue);
	return s;
}

static void emergency_registration(void **state)
{
	const struct registrar_accepted a = {
		.aor = STR_LIT("sip:a@h"), .contact = STR_LIT("sip:a@10.45.0.3:8000;sos"),
		.expires = 600, .emergency = true, .associated = STR_LIT("<sip:a@h>"),
	};
	struct set *normal = registered(), *sos = emergency_challenge(0);

	(void)state;
	assert_int_equal(registrar_accepted(sos, &a), 0);
	/* Begun unprotected, and yet the other registration keeps its set, and its token. */
	assert_true(in_kernel(normal->id)->there);
	assert_ptr_not_equal(sos->ue, normal->ue);
	assert_string_not_equal(sos->ue->token, normal->ue->token);
	assert_true(sos->ue->emergency);
	assert_ptr_equal(sos->ue->in_use, sos);
	assert_ptr_equal(normal->ue->in_use, normal);
	assert_true(normal->ends == LIFE);
	/* The normal one goes, and the network ends what it can: this stays. */
	deregister(normal, "sip:a@example.org");
	notified(sos->ue, GONE("sip:a@h"));
	assert_int_equal(registrar_count(), 1);
	/* It is short, and ends by itself. */
	clock_advance(600000);
	assert_int_equal(registrar_count(), 0);
	clock_advance(30000);
	assert_int_equal(set_count(), 0);
}

/* Over the SAs of the normal registration: a binding more. */
static void emergency_on_the_same_set(void **state)
{
	struct registrar_accepted a = {
		.aor = STR_LIT("sip:a@example.org"), .contact = STR_LIT(CONTACT ";sos"),
		.expires = 600, .emergency = true,
	};
	struct set *s = registered();

	(void)state;
	assert_int_equal(registrar_accepted(s, &a), 0);
	assert_non_null(s->ue->bindings->next);
	notified(s->ue, GONE("sip:a@example.org"));
	assert_int_equal(registrar_count(), 1);
	assert_true(s->ue->bindings->emergency);
	registrar_deregistered(s, &a);
	assert_int_equal(registrar_count(), 0);
}

/* --- what the network says --- */

static struct set *with_three(void)
{
	struct set *s = challenge(0);

	accept_as(s, "sip:a@h", CONTACT, "\"A\" <sip:a@h>, <tel:+1>, <sip:b@h>", NULL, EXPIRES);
	return s;
}

static void identity_that_came_later(void **state)
{
	struct set *s = with_three();

	(void)state;
	notified(s->ue, ACTIVE("sip:a@h", "registered") ACTIVE("sip:d@h", "created"));
	assert_string_equal(s->ue->associated, "\"A\" <sip:a@h>, <tel:+1>, <sip:b@h>, <sip:d@h>");
	/* Of another contact of the user, somewhere else: not this UE's. */
	notified(s->ue, "<registration aor='sip:e@h' state='active'><contact state='active' "
		 "event='created'><uri>sip:a@10.9.9.9:8000</uri></contact></registration>");
	assert_string_equal(s->ue->associated, "\"A\" <sip:a@h>, <tel:+1>, <sip:b@h>, <sip:d@h>");
}

static void identity_that_is_taken_away(void **state)
{
	static const char * const events[] = {
		ENDED("tel:+1", "rejected"), ENDED("tel:+1", "deactivated"),
		ENDED("tel:+1", "unregistered"), ENDED("tel:+1", "expired"),
		ENDED("tel:+1", "probation"), GONE("tel:+1"),
	};
	struct set *s = with_three();

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		notified(s->ue, ACTIVE("tel:+1", "created"));
		assert_non_null(strstr(s->ue->associated, "<tel:+1>"));
		notified(s->ue, events[i]);
		assert_null(strstr(s->ue->associated, "<tel:+1>"));
		assert_int_equal(registrar_count(), 1);
	}
	assert_true(s->ends == LIFE);
}

static void contact_of_somewhere_else_ended(void **state)
{
	struct set *s = with_three();

	(void)state;
	notified(s->ue, "<registration aor='sip:a@h' state='active'><contact state='terminated' "
		 "event='deactivated'><uri>sip:a@10.9.9.9:8000</uri></contact></registration>");
	assert_non_null(strstr(s->ue->associated, "sip:a@h"));
}

/* Kamailio lists the contact that was replaced and its equal that took its place. */
static void active_counts_when_a_contact_is_there_twice(void **state)
{
	struct set *s = with_three();

	(void)state;
	notified(s->ue, "<registration aor='sip:a@h' state='active'>"
		 "<contact state='terminated' event='expired'><uri>" CONTACT "</uri></contact>"
		 "<contact state='active' event='registered'><uri>" CONTACT "</uri></contact>"
		 "</registration>");
	assert_non_null(strstr(s->ue->associated, "sip:a@h"));
	assert_int_equal(registrar_count(), 1);
}

static void network_deregistration_drains(void **state)
{
	struct set *s = with_three(), *temp = challenge(s->id);
	uint32_t id = s->id, temp_id = temp->id;

	(void)state;
	notified(s->ue, GONE("sip:a@h") GONE("tel:+1") GONE("sip:b@h"));
	assert_int_equal(registrar_count(), 0);
	assert_true(in_kernel(id)->there);
	assert_true(s->ends == DRAIN);
	/* The last NOTIFY to the UE still has its set. */
	assert_ptr_equal(s->ue->in_use, s);
	/* A challenge under way is a registration to come. */
	assert_true(temp->ends == AWAIT);
	clock_advance(DRAIN);
	assert_false(in_kernel(id)->there);
	assert_true(in_kernel(temp_id)->there);
}

static void shortened_contact(void **state)
{
	struct set *s = with_three();

	(void)state;
	notified(s->ue, "<registration aor='sip:a@h' state='active'><contact state='active' "
		 "event='shortened' expires='60'><uri>" CONTACT "</uri></contact></registration>");
	assert_true(s->ue->bindings->ends == 60000);
	assert_true(s->ends == LIFE);
	/* Longer is for a 200 OK to say. */
	notified(s->ue, "<registration aor='sip:a@h' state='active'><contact state='active' "
		 "event='shortened' expires='6000'><uri>" CONTACT "</uri></contact></registration>");
	assert_true(s->ue->bindings->ends == 60000);
	/* Not refreshed: over, and its sets with it, though they had a week. */
	clock_advance(60000);
	assert_int_equal(registrar_count(), 0);
	assert_int_equal(set_count(), 1);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 0);
}

/* --- sets --- */

/* The subscriber before had the same address and ports; the newcomer has proved himself. */
static void address_that_moved_to_another_ue(void **state)
{
	struct set *old = registered(), *new;
	uint32_t old_id = old->id;

	(void)state;
	new = challenge_of("002@example.org", &home, 8001, 8000, 0);
	/* A challenge alone ends nobody. */
	assert_true(old->ends == LIFE);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_true(in_kernel(old_id)->there);
	assert_true(old->ends == clock_now() + DRAIN);
	clock_advance(DRAIN);
	assert_false(in_kernel(old_id)->there);
	assert_true(new->ends == LIFE);
	/* So that the ports do not run out, however often it moves. */
	for (int i = 0; i < 20; i++) {
		char who[32];

		snprintf(who, sizeof(who), "1%02d@example.org", i);
		new = challenge_of(who, &home, 8001, 8000, 0);
		assert_non_null(new);
		assert_int_equal(accept_for(new, EXPIRES), 0);
		clock_advance(DRAIN);
		assert_int_equal(set_count(), 1);
	}
}

static void several_ues_behind_one_address(void **state)
{
	static const char * const who[] = { "1@x", "2@x", "3@x", "4@x", "5@x", "6@x" };
	struct set *s[6];

	(void)state;
	for (int i = 0; i < 6; i++) {
		s[i] = challenge_of(who[i], &home, 8001 + 2 * i, 8000 + 2 * i, 0);
		assert_non_null(s[i]);
		assert_int_equal(accept_for(s[i], EXPIRES), 0);
	}
	for (int i = 0; i < 6; i++)
		assert_true(s[i]->ends == LIFE);
	assert_int_equal(registrar_count(), 6);
	deregister(s[0], "sip:a@example.org");
	assert_int_equal(registrar_count(), 5);
	assert_true(s[1]->ends == LIFE);
}

/* TS 33.203 7.5: another address is another UE; the old one's sets end with their lifetime. */
static void address_change(void **state)
{
	struct set *old = registered(), *new;
	struct addr elsewhere;

	(void)state;
	clock_advance(1000);
	addr_parse(&elsewhere, "10.45.0.77", 5060);
	new = challenge_of(impi, &elsewhere, 8001, 8000, 0);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_true(old->ends == LIFE);
	assert_int_equal(registrar_count(), 2);
	/* ... or when the network says that the old contact is gone. */
	notified(old->ue, ENDED("sip:a@example.org", "deactivated"));
	assert_int_equal(registrar_count(), 1);
	assert_true(old->ends == clock_now() + DRAIN);
	assert_true(new->ends == LIFE + 1000);
}

/*
 * A UE that has moved takes back the contact it had, together with registering the
 * new one; nobody can do that to another subscriber.
 */
static void taken_back_elsewhere(void **state)
{
	static const char there[] = "sip:a@10.45.0.77:8000";
	const struct registrar_contact old = { STR_LIT(CONTACT), 0, false };
	struct set *first = registered(), *other, *new;
	struct registrar_accepted a = {
		.aor = STR_LIT("sip:a@example.org"), .contact = str_of(there), .expires = EXPIRES,
		.contacts = STR_LIT("<sip:a@10.45.0.77:8000>"), .more = &old, .n_more = 1,
	};
	struct addr elsewhere;

	(void)state;
	addr_parse(&elsewhere, "10.45.0.77", 5060);
	other = challenge_of("002@example.org", &elsewhere, 9001, 9000, 0);
	assert_int_equal(registrar_accepted(other, &a), 0);
	assert_int_equal(registrar_count(), 2);
	assert_true(first->ends == LIFE);
	new = challenge_of(impi, &elsewhere, 8001, 8000, 0);
	/* Not the contact it had. */
	a.more = &(const struct registrar_contact){ STR_LIT("sip:b@10.45.0.3:8000"), 0, false };
	assert_int_equal(registrar_accepted(new, &a), 0);
	assert_int_equal(registrar_count(), 3);
	assert_true(first->ends == LIFE);
	a.more = &old;
	assert_int_equal(registrar_accepted(new, &a), 0);
	assert_int_equal(registrar_count(), 2);
	assert_null(first->ue->bindings);
	assert_true(first->ends == clock_now() + DRAIN);
	assert_non_null(new->ue->bindings);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 2);
}

static void refresh_on_a_superseded_set(void **state)
{
	struct set *old = registered(), *new = challenge(old->id);

	(void)state;
	assert_int_equal(accept_for(new, EXPIRES), 0);
	registrar_heard(new);
	assert_true(old->ends == DRAIN);
	clock_advance(1000);
	assert_int_equal(accept_for(old, EXPIRES), 0);
	/* It waits for its end; what took its place lives on. */
	assert_true(old->ends == DRAIN);
	assert_true(new->ends == clock_now() + LIFE);
}

/* The UE never heard of the NEW set: it goes on with the OLD one, which is in use. */
static void refresh_on_old_while_in_use(void **state)
{
	struct set *old = registered(), *new = challenge(old->id);

	(void)state;
	assert_int_equal(accept_for(new, EXPIRES), 0);
	clock_advance(1000);
	assert_int_equal(accept_for(old, EXPIRES), 0);
	assert_ptr_equal(old->ue->in_use, old);
	assert_true(old->ends == clock_now() + LIFE);
}

static void new_takes_over_when_old_is_lost(void **state)
{
	struct set *old = registered(), *new = challenge(old->id);

	(void)state;
	assert_int_equal(accept_for(new, EXPIRES), 0);
	registrar_kernel_lost(old->id);
	assert_ptr_equal(new->ue->in_use, new);
	assert_int_equal(new->state, SET_INUSE);
}

/* OLD has less than 64*T1 left when NEW is made: there is nothing to wait for. */
static void new_takes_over_at_once(void **state)
{
	struct set *old = challenge(0), *new;

	(void)state;
	assert_int_equal(accept_for(old, 60), 0);
	new = challenge(old->id);
	/* max(lifetime of the previous set, expiry + 30 s): the previous one has 90 s. */
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_int_equal(new->state, SET_INUSE);
	assert_ptr_equal(new->ue->in_use, new);
	clock_advance(90000);
	assert_int_equal(set_count(), 1);
}

/* Field note 13: 40 SAs of one UE elsewhere. Here at most old, new and temporary ones. */
static void sets_of_one_ue_are_bounded(void **state)
{
	struct set *s = registered();

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct set *next = challenge(s->id);

		assert_int_equal(accept_for(next, EXPIRES), 0);
		assert_true(set_count() <= 3);
		registrar_heard(next);
		s = next;
		clock_advance(1000);
	}
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 1);
}

/* While the sets of the old registration drain, the UE comes again. */
static void registering_again_while_draining(void **state)
{
	struct set *old = registered(), *new;
	uint32_t id = old->id;

	(void)state;
	deregister(old, "sip:a@example.org");
	new = challenge(0);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_false(in_kernel(id)->there);
	assert_int_equal(registrar_count(), 1);
	/* Or over the draining set, without a challenge: that is extended. */
	deregister(new, "sip:a@example.org");
	assert_true(new->ends == DRAIN);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_true(new->ends == LIFE);
}

#define P(f, rule) { (rule), (f), begin, end, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(implicit_set, "TS 24.229 5.2.2.1: implicitly registered identities"),
		P(barred_identity, "TS 24.229 5.2.2.1: a barred identity is not usable"),
		P(no_list_from_the_core, "a core without P-Associated-URI: To is the identity"),
		P(two_implicit_sets, "TS 24.229 5.2.5.1: an implicit set goes as a whole, others stay"),
		P(star_is_of_its_identity, "RFC 3261 10.2.2: Contact: * is of the identity in To"),
		P(deregistration_is_of_its_contact, "TS 24.229 5.2.5.1: matching is per contact"),
		P(contact_that_was_replaced, "RFC 3261 10.3: a contact the 200 OK does not list is gone"),
		P(bindings_are_bounded, "at most 16 bindings of a UE, the oldest goes"),
		P(emergency_registration, "TS 24.229 5.2.10: emergency registration has sets of its own"),
		P(emergency_on_the_same_set, "TS 24.229 5.2.10: the network does not end an emergency contact"),
		P(identity_that_came_later, "TS 24.229 5.2.3: active with our contact: registered, too"),
		P(identity_that_is_taken_away, "TS 24.229 5.2.5.2: a terminated identity is removed"),
		P(contact_of_somewhere_else_ended, "TS 24.229 5.2.5.2: only with the UE's own contact"),
		P(active_counts_when_a_contact_is_there_twice, "a contact listed twice is active"),
		P(network_deregistration_drains, "TS 24.229 5.2.5.2: all terminated: sets shortened to 64*T1"),
		P(shortened_contact, "TS 24.229 5.2.3: shortened: earlier end, SA lifetime stays"),
		P(address_that_moved_to_another_ue, "an address and port that moved to another subscriber"),
		P(several_ues_behind_one_address, "several UEs behind one address"),
		P(address_change, "TS 33.203 7.5: address change (field note 41)"),
		P(taken_back_elsewhere, "TS 33.203 7.5: a UE that has moved takes back what it had"),
		P(refresh_on_a_superseded_set, "TS 33.203 7.4: a refresh never revives an OLD set"),
		P(refresh_on_old_while_in_use, "TS 33.203 7.4: a refresh on OLD in use extends it (field note 20)"),
		P(new_takes_over_when_old_is_lost, "TS 33.203 7.4: NEW takes over when OLD is lost"),
		P(new_takes_over_at_once, "TS 33.203 7.4: OLD with 64*T1 left: NEW is used at once"),
		P(sets_of_one_ue_are_bounded, "TS 33.203 7.1: at most three sets (field note 13)"),
		P(registering_again_while_draining, "registering again while the old sets drain"),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
