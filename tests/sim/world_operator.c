/* What the operator of a hub that went back does: signs, ends and revokes again, admits devices and
 * those that are lost, excuses, begins and ends. */
#include "tests/sim/world.h"

#include "sync/hub/back.h"

#include <stdio.h>

/* No end is known: no other can be signed before it has one (sync/hub/command_agency.c). */
static bool has_open_agreement(const sim_oracle *o, unsigned agency)
{
    for (unsigned i = 0; i < o->agreements_count[agency]; i++) {
        if (o->agreements[agency][i].until_ms == 0) {
            return true;
        }
    }
    return false;
}

/* What was signed and ended since; of an agreement that is there, only its end is new.  What was
 * signed anew before anybody knew that the hub had gone back stands, and what it is in the place of
 * does not come beside it: who ended the one would leave the other in force. */
static void take_papers(sim_world *world, unsigned agency)
{
    sim_oracle *o = &world->oracle;
    const sim_agreements *papers = &world->back.papers;
    for (unsigned p = 0; p < papers->count[agency]; p++) {
        const sim_agreement *paper = &papers->at[agency][p];
        unsigned at = 0;
        while (at < o->agreements_count[agency] &&
               o->agreements[agency][at].from_ms != paper->from_ms) {
            at++;
        }
        if (at == o->agreements_count[agency]) {
            if (at < SIM_AGREEMENTS_MAX && !has_open_agreement(o, agency)) {
                o->agreements[agency][o->agreements_count[agency]++] = *paper;
            }
        } else if (paper->until_ms != 0) {
            o->agreements[agency][at].until_ms = paper->until_ms;
        }
    }
}

static tp_rc put_agreements(sim_world *world, tp_err *err)
{
    const tp_name everybody = {0, 0};
    tp_hub_store *store = world->hub.store;
    const sim_oracle *o = &world->oracle;
    tp_rc rc = TP_OK;
    for (unsigned a = 0; a < o->agencies; a++) {
        for (unsigned i = 0; rc == TP_OK && i < o->agreements_count[a]; i++) {
            const tp_hub_agreement agreement = {
                tp_hub_agency_find(store, tp_slice_str(sim_agency_ids[a])),
                o->agreements[a][i].from_ms, o->agreements[a][i].until_ms};
            rc = tp_hub_agreement_put(store, &agreement, err);
        }
    }
    return rc == TP_OK ? tp_hub_due_add(store, world->now_ms, everybody, err) : rc;
}

/* Agreements and revocations are done again, as far as the hub does not know of them. */
static bool redo(sim_world *world)
{
    tp_err err;
    for (unsigned a = 0; a < world->oracle.agencies; a++) {
        take_papers(world, a);
    }
    if (!sim_hub_begin(world) ||
        !sim_hub_commit(world, put_agreements(world, &err), "agreements again", &err)) {
        return false;
    }
    for (unsigned i = 0; i < world->ids_count; i++) {
        const sim_id *id = &world->ids[i];
        if (id->is_shut_out && id->is_known && !id->is_revoked &&
            !sim_hub_revoke_id(world, id->id)) {
            return false; /* the hub's disk: it is done again */
        }
    }
    world->back.has_papers = false;
    return true;
}

typedef struct authors {
    sim_world *world;
    unsigned count;
    uint64_t ids[SIM_DEVICES_MAX];
} authors;

/* Of one that will not call: it is shut out, or no machine goes by its name any more. */
static tp_rc note_author(void *ctx, const tp_hub_author *author, tp_err *err)
{
    authors *a = ctx;
    const int machine = sim_machine_of(a->world, author->id);
    (void)err;
    if ((machine < 0 || sim_id_of(a->world, author->id)->is_shut_out) &&
        a->count < SIM_DEVICES_MAX) {
        a->ids[a->count++] = author->id;
    }
    return TP_OK;
}

static unsigned agency_of(const sim_world *world, uint64_t id)
{
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (world->oracle.events[i].name.device == id) {
            return world->oracle.events[i].agency;
        }
    }
    return 0;
}

static bool admit_lost(sim_world *world, uint64_t id)
{
    const tp_hub_admission admission = {
        .device = id, .agency = sim_agency_ids[agency_of(world, id)], .label = "lost"};
    tp_err err;
    sim_id *known = sim_id_of(world, id);
    known->is_known = true;
    known->is_revoked = true;
    known->is_shut_out = true;
    return sim_hub_begin(world) &&
           sim_hub_commit(world, tp_hub_admit(&world->hub, &admission, &err),
                          "admitting one that is lost", &err);
}

bool sim_back_tend(sim_world *world)
{
    authors a = {.world = world};
    tp_err err;
    if (!world->back.is_frozen) {
        return true;
    }
    if (world->back.has_papers && !redo(world)) {
        return false;
    }
    tp_rc rc = tp_hub_look(&world->hub, &err);
    if (rc == TP_OK) {
        rc = tp_hub_back_authors(world->hub.store, note_author, &a, &err);
    }
    tp_hub_rollback(&world->hub);
    bool is_good = sim_must(world, rc, "who wrote what was handed", &err);
    for (unsigned i = 0; is_good && i < a.count; i++) {
        is_good = admit_lost(world, a.ids[i]);
    }
    return is_good && sim_hub_look(world);
}

bool sim_back_begin(sim_world *world)
{
    tp_err err;
    if (!sim_hub_look(world) || !sim_read_generation(world) || !sim_hub_begin(world)) {
        return false;
    }
    if (world->back.falls == 0) {
        sim_note_holders(world);
    }
    world->back.falls += world->back.falls == 0;
    world->totals.actions++;
    return sim_hub_commit(world, tp_hub_went_back(&world->hub, false, &err), "back begin", &err) &&
           sim_hub_look(world) && sim_back_tend(world);
}

bool sim_back_without(sim_world *world, unsigned device)
{
    sim_id *id = sim_id_of(world, world->nodes[device].id);
    tp_err err;
    if (!world->back.is_frozen || !id->is_known || id->is_revoked) {
        return true;
    }
    if (!sim_hub_begin(world)) {
        return false;
    }
    tp_rc rc = tp_hub_standing_put(world->hub.store, id->id, TP_HUB_EXCUSED, &err);
    if (rc == TP_OK) {
        rc = tp_hub_back_settle(&world->hub, &err);
    }
    id->is_awaited = false;
    world->totals.actions++;
    return sim_hub_commit(world, rc, "back without", &err) && sim_hub_look(world);
}

bool sim_back_end(sim_world *world)
{
    tp_err err;
    if (!world->back.is_frozen) {
        return true;
    }
    world->back.is_ended = true;
    world->totals.actions++;
    return sim_hub_begin(world) &&
           sim_hub_commit(world, tp_hub_back_finish(&world->hub, &err), "back end", &err) &&
           sim_hub_look(world);
}

static tp_rc admit(sim_world *world, const sim_node *node, tp_err *err)
{
    const tp_hub_admission admission = {
        .device = node->id, .is_kiosk = node->is_kiosk, .label = "admitted"};
    tp_certificate_facts facts;
    memset(&facts, 0, sizeof facts);
    facts.is_device = true;
    facts.device = node->id;
    facts.not_after_ms = INT64_MAX;
    snprintf(facts.agency, sizeof facts.agency, "%s", sim_agency_ids[node->agency]);
    tp_key_public(node->key, &facts.key);
    tp_rc rc = tp_hub_back_note_caller(&world->hub, &facts, err);
    return rc == TP_OK ? tp_hub_admit(&world->hub, &admission, err) : rc;
}

/* It is refused.  The operator sees it: where the hub knows that it went back it is admitted, so
 * that its next sync is heard; else they learn from it that the hub went back. */
bool sim_back_stranger(sim_world *world, unsigned device, tp_buf *out)
{
    sim_node *node = &world->nodes[device];
    sim_id *id = sim_id_of(world, node->id);
    tp_err err;
    node->session.is_turned_away = true;
    tp_rc rc = tp_buf_addf(out, &err, "{\"error\":\"device\"}");
    if (!sim_must(world, rc, "a refusal", &err) || id->is_shut_out) {
        return world->trouble.check == NULL;
    }
    if (!world->back.is_frozen && !sim_back_begin(world)) {
        return false;
    }
    if (!sim_hub_begin(world) ||
        !sim_hub_commit(world, admit(world, node, &err), "admitting", &err)) {
        return false;
    }
    id->is_known = true;
    id->is_awaited = true;
    return sim_hub_look(world);
}

void sim_back_heard(sim_world *world, uint64_t id)
{
    sim_id_of(world, id)->has_compared = true;
}
