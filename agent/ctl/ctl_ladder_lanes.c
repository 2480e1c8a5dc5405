// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_ladder_lanes - the participants, and between which of them a message passes.
#include <string.h>

#include "ctl_ladder.h"

/* The lane of that name, or the last of its kind, which the others share. */
static unsigned int lane_of(const struct ladder *l, enum ladder_kind kind, const char *name)
{
	unsigned int last = l->gate;

	for (unsigned int i = 0; i < l->n_lanes; i++) {
		if (l->lanes[i].kind != kind)
			continue;
		if (!strcmp(l->lanes[i].name, name))
			return i;
		last = i;
	}
	return last;
}

/* A host may be one of those that gmgate's own messages name. */
static unsigned int lane_of_host(const struct ladder *l, const char *name)
{
	for (unsigned int i = 0; i < l->n_lanes; i++)
		if (!strcmp(l->lanes[i].name, name))
			return i;
	return lane_of(l, LADDER_HOST, name);
}

static bool is_there(const struct ladder *l, enum ladder_kind kind, const char *name)
{
	unsigned int i = kind == LADDER_HOST ? lane_of_host(l, name) : lane_of(l, kind, name);

	return l->n_lanes && !strcmp(l->lanes[i].name, name) &&
	       (kind == LADDER_HOST || l->lanes[i].kind == kind);
}

/* @i becomes one more lane. */
static void insert(struct ladder *l, unsigned int i, enum ladder_kind kind, const char *name)
{
	memmove(l->lanes + i + 1, l->lanes + i, (l->n_lanes - i) * sizeof(l->lanes[0]));
	l->n_lanes++;
	l->lanes[i] = (struct ladder_lane){ .kind = kind };
	snprintf(l->lanes[i].name, LADDER_NAME, "%s", name);
}

/* @live: columns stay where they are. True: something has changed. */
static bool add_lane(struct ladder *l, enum ladder_kind kind, const char *name, bool live)
{
	unsigned int of_kind = 0, last = 0;

	if (is_there(l, kind, name))
		return false;
	for (unsigned int i = 0; i < l->n_lanes; i++) {
		if (l->lanes[i].kind != kind)
			continue;
		of_kind++;
		last = i;
	}
	if (of_kind == LADDER_OF_KIND) {
		bool changes = strcmp(l->lanes[last].name, "others");

		snprintf(l->lanes[last].name, LADDER_NAME, "others");
		return changes;
	}
	if (kind == LADDER_UE && !live)
		insert(l, l->gate++, kind, name);
	else
		insert(l, l->n_lanes, kind, name);
	return true;
}

/* gmgate itself; one address of it is all there is room for. */
static bool add_gate(struct ladder *l, const struct ctl_json *e)
{
	char host[LADDER_NAME] = "";
	bool there = l->n_lanes && l->lanes[l->gate].kind == LADDER_GATE;

	if (e && !ladder_is_mw(e))
		ladder_host(e, "local", host);
	if (!there) {
		l->gate = l->n_lanes;
		insert(l, l->gate, LADDER_GATE, host);
		return true;
	}
	if (!*host || *l->lanes[l->gate].name)
		return false;
	snprintf(l->lanes[l->gate].name, LADDER_NAME, "%s", host);
	return true;
}

static bool add_lanes(struct ladder *l, const struct ctl_json *e, bool live)
{
	char host[LADDER_NAME];
	bool changed;

	if (ladder_is_note(e))
		return false;
	if (ladder_is_elsewhere(e)) {
		changed = add_lane(l, LADDER_HOST, ladder_host(e, "remote", host), live);
		return add_lane(l, LADDER_HOST, ladder_host(e, "local", host), live) || changed;
	}
	changed = add_gate(l, e);
	return add_lane(l, ladder_is_mw(e) ? LADDER_CORE : LADDER_UE, ladder_host(e, "remote", host),
			live) || changed;
}

bool ladder_add_lanes(struct ladder *l, const struct ctl_json *e)
{
	return add_lanes(l, e, true);
}

void ladder_find_lanes(struct ladder *l)
{
	bool hosts = false, gate = false;

	l->n_lanes = l->gate = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct ctl_json *e = ladder_entry(l, i);

		hosts |= !ladder_is_note(e) && ladder_is_elsewhere(e);
		gate |= !ladder_is_note(e) && !ladder_is_elsewhere(e);
	}
	if (gate || !hosts)
		add_gate(l, NULL);
	for (size_t i = 0; i < l->n; i++)
		add_lanes(l, ladder_entry(l, i), false);
}

const char *ladder_kind_name(const struct ladder *l, unsigned int lane)
{
	static const char * const names[] = {
		[LADDER_UE] = "UE", [LADDER_GATE] = "gmgate", [LADDER_CORE] = "core",
		[LADDER_HOST] = "",
	};

	return names[l->lanes[lane].kind];
}

void ladder_ends(const struct ladder *l, const struct ctl_json *e, unsigned int *from,
		 unsigned int *to)
{
	bool in = !strcmp(ctl_json_text(e, "direction"), "in");
	char host[LADDER_NAME];
	unsigned int peer;

	if (ladder_is_elsewhere(e)) {
		*from = lane_of_host(l, ladder_host(e, "remote", host));
		*to = lane_of_host(l, ladder_host(e, "local", host));
		return;
	}
	peer = lane_of(l, ladder_is_mw(e) ? LADDER_CORE : LADDER_UE, ladder_host(e, "remote", host));
	*from = in ? peer : l->gate;
	*to = in ? l->gate : peer;
}
