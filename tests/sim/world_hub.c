/* The hub in the same process: it is asked as the network would, and watched from outside. */
#include "tests/sim/world.h"

#include "platform/net/deflate.h"
#include "sync/hub/exchange.h"
#include "sync/wire/chain.h"
#include "sync/wire/dictionary.h"
#include "sync/wire/response.h"
#include "sync/wire/wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

static void tick(sim_world *world)
{
    world->hub_clock.reading.wall_ms = world->now_ms;
}

bool sim_hub_begin(sim_world *world)
{
    tp_err err;
    tick(world);
    return sim_must(world, tp_hub_begin(&world->hub, &err), "beginning at the hub", &err);
}

bool sim_hub_commit(sim_world *world, tp_rc rc, const char *what, tp_err *err)
{
    if (rc == TP_OK) {
        rc = tp_hub_commit(&world->hub, err);
    }
    if (rc != TP_OK) {
        tp_hub_rollback(&world->hub);
    }
    return sim_must(world, rc, what, err);
}

bool sim_hub_open(sim_world *world)
{
    tp_err err;
    tp_path path;
    tp_rc rc = tp_path_join(world->dir.at, "hub", &path, &err);
    tp_clock_fixed_init(&world->hub_clock, world->now_ms, 60000, 99);
    tp_rng_seeded_init(&world->hub_rng, world->script->seed + 77);
    if (rc == TP_OK) {
        rc = sim_stock_copy_hub(world->stock, path.at, &world->hub_disk, &err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_open(path.at, &world->hub_clock.clock, &world->hub_rng.rng, &world->hub, &err);
    }
    return sim_must(world, rc, "opening the hub", &err) && sim_hub_add_agencies(world);
}

bool sim_hub_add_agencies(sim_world *world)
{
    tp_err err;
    tp_rc rc = TP_OK;
    if (!sim_hub_begin(world)) {
        return false;
    }
    for (unsigned a = 0; rc == TP_OK && a < world->script->agencies; a++) {
        rc = tp_hub_agency_add(world->hub.store, sim_agency_ids[a], sim_agency_ids[a], &err);
    }
    return sim_hub_commit(world, rc, "adding agencies", &err);
}

void sim_hub_close(sim_world *world)
{
    if (world->hub.store != NULL) {
        tp_hub_close(&world->hub);
        for (unsigned d = 0; d < world->script->devices; d++) {
            sim_late_done(&world->nodes[d]); /* its connections went with it */
        }
    }
}

bool sim_hub_restart(sim_world *world)
{
    tp_err err;
    tp_path path;
    tp_rc rc = tp_path_join(world->dir.at, "hub", &path, &err);
    sim_hub_close(world);
    tick(world);
    if (rc == TP_OK) {
        rc = tp_hub_open(path.at, &world->hub_clock.clock, &world->hub_rng.rng, &world->hub, &err);
    }
    return sim_must(world, rc, "starting the hub again", &err);
}

/* ---- Devices ---- */

void sim_hub_note_id(sim_world *world, uint64_t id, uint64_t from)
{
    for (unsigned i = 0; i < world->ids_count; i++) {
        sim_id *known = &world->ids[i];
        if (known->id == id) {
            known->is_shared = known->is_shared || !known->is_begun;
            known->is_known = known->is_known || known->is_begun;
            known->from = known->is_begun ? from : known->from;
            known->is_begun = false;
            return;
        }
    }
    assert(world->ids_count < SIM_IDS_MAX);
    world->ids[world->ids_count++] = (sim_id){.id = id, .from = from, .is_known = true};
}

bool sim_hub_enrol(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    tp_err err;
    tp_hub_device d;
    if (!sim_hub_begin(world)) {
        return false;
    }
    memset(&d, 0, sizeof d);
    d.id = node->id;
    d.agency = tp_hub_agency_find(world->hub.store, tp_slice_str(sim_agency_ids[node->agency]));
    d.is_kiosk = node->is_kiosk;
    tp_key_public(node->key, &d.key);
    d.enrolled_ms = world->now_ms;
    d.receipt = tp_hub_feed_end(world->hub.store, d.agency);
    tp_chain_start(d.id, d.h);
    tp_rc rc = tp_hub_device_put(world->hub.store, &d, &err);
    node->is_enrolled = rc == TP_OK;
    sim_hub_note_id(world, node->id, 0);
    return sim_hub_commit(world, rc, "enrolling", &err);
}

static tp_rc revoke_copy(void *ctx, const tp_hub_device *device, tp_err *err)
{
    sim_world *world = ctx;
    tp_hub_device copy = *device;
    copy.revoked_ms = copy.revoked_ms == 0 ? world->now_ms : copy.revoked_ms;
    return tp_hub_device_put(world->hub.store, &copy, err);
}

/* The oracle's own idea: the id, and all that came from it. */
static void tell_revoked(sim_world *world, uint64_t id)
{
    for (unsigned i = 0; i < world->ids_count; i++) {
        sim_id *known = &world->ids[i];
        if ((known->id == id || known->from == id) &&
            (!known->is_shut_out || (known->is_known && !known->is_revoked))) {
            known->is_revoked = known->is_known;
            known->is_shut_out = true;
            tell_revoked(world, known->id);
        }
    }
    for (unsigned d = 0; d < world->script->devices; d++) {
        sim_node *node = &world->nodes[d];
        bool is_new = node->store != NULL && node->id == id && !node->is_revoked;
        node->is_revoked = node->is_revoked || is_new;
        world->totals.revoked += is_new;
    }
}

bool sim_hub_revoke_id(sim_world *world, uint64_t id)
{
    tp_hub_device d;
    tp_err err;
    if (!sim_hub_begin(world)) {
        return false;
    }
    tp_rc rc = tp_hub_device_get(world->hub.store, id, &d, &err);
    if (rc == TP_OK) {
        rc = revoke_copy(world, &d, &err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_devices_from(world->hub.store, id, revoke_copy, world, &err);
    }
    if (rc == TP_NOTFOUND && !sim_id_of(world, id)->is_known) {
        rc = TP_OK; /* the hub fell, and it is never admitted again */
    }
    tell_revoked(world, id);
    world->totals.actions++;
    return sim_hub_commit(world, rc, "revoking", &err);
}

/* ---- Agreements ---- */

/* The oracle's own idea of the same: one more interval, or the present ones end now. */
static void tell_agreement(sim_world *world, unsigned agency, bool is_signed)
{
    sim_oracle *o = &world->oracle;
    if (is_signed) {
        o->agreements[agency][o->agreements_count[agency]++] = (sim_agreement){world->now_ms, 0};
        return;
    }
    for (unsigned i = 0; i < o->agreements_count[agency]; i++) {
        sim_agreement *a = &o->agreements[agency][i];
        a->until_ms = a->until_ms == 0 ? world->now_ms : a->until_ms;
    }
}

bool sim_hub_agreement(sim_world *world, unsigned agency, bool is_signed)
{
    const tp_name everybody = {0, 0};
    tp_err err;
    if (is_signed == sim_under_agreement(&world->oracle, agency, world->now_ms) ||
        world->oracle.agreements_count[agency] == SIM_AGREEMENTS_MAX || !sim_hub_begin(world)) {
        return world->trouble.check == NULL;
    }
    tp_hub_store *store = world->hub.store;
    tell_agreement(world, agency, is_signed);
    const unsigned last = world->oracle.agreements_count[agency] - 1;
    const sim_agreement *said = &world->oracle.agreements[agency][last];
    const tp_hub_agreement agreement = {
        tp_hub_agency_find(store, tp_slice_str(sim_agency_ids[agency])), said->from_ms,
        said->until_ms};
    tp_rc rc = tp_hub_agreement_put(store, &agreement, &err);
    if (rc == TP_OK) {
        rc = tp_hub_due_add(store, world->now_ms, everybody, &err);
    }
    world->totals.actions++;
    return sim_hub_commit(world, rc, "an agreement", &err);
}

/* ---- Asking it ---- */

/* What goes back goes first: an answer that brings something new has room for every change that
 * goes back.  Only where the give-backs fill it is there anything to ask. */
static bool check_order(sim_world *world, unsigned device, const bool given_back[SIM_EVENTS_MAX])
{
    bool accepted[SIM_EVENTS_MAX];
    const sim_node *node = &world->nodes[device];
    const sim_look hub = {&world->oracle, accepted, NULL, NULL};
    if (!sim_hub_look(world) || !sim_node_look(world, device)) {
        return false;
    }
    sim_oracle_accepted(&world->oracle, accepted);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (node->held[i] && accepted[i] && !given_back[i] &&
            !sim_may(&hub, node->agency, (int)i, world->now_ms)) {
            return sim_fail(world, "give-backs first",
                            "device %u is sent something new before it is asked for change %u back",
                            device, i);
        }
    }
    return true;
}

/* Notes which changes left the hub for the agency. */
static tp_rc note_items(sim_world *world, unsigned device, bool *sent, tp_response_reader *reader,
                        uint32_t *count_out, tp_err *err)
{
    tp_entry entry;
    *count_out = 0;
    while (tp_response_next_item(reader, &entry)) {
        int at = sim_event_written(world, entry.name, entry.bytes);
        at = at >= 0 ? at : sim_event_at_hub(world, device, entry.name);
        if (at < 0) {
            return tp_fail(err, TP_CORRUPT, "the hub sent a change that nobody wrote");
        }
        /* What it has shown that it has by another name is nothing new to it. */
        const bool is_shown = world->nodes[device].held[at] &&
                              !tp_name_eq(sim_name_at(world, device, at), entry.name);
        if (!is_shown && sim_is_withheld(world, device, at)) {
            sim_fail(world, "nothing is granted meanwhile",
                     "device %u: the hub went back, and sends change %d of another agency", device,
                     at);
            return tp_fail(err, TP_CORRUPT, "what may have been withdrawn");
        }
        sent[at] = true;
        ++*count_out;
    }
    return TP_OK;
}

static uint32_t note_given_back(const sim_world *world, unsigned device, tp_response_reader *reader,
                                bool given_back_out[SIM_EVENTS_MAX])
{
    uint32_t count = 0;
    tp_name name;
    memset(given_back_out, 0, SIM_EVENTS_MAX * sizeof given_back_out[0]);
    for (; tp_response_next_give_back(reader, &name); count++) {
        int at = sim_event_of(world, device, name);
        given_back_out[at < 0 ? 0 : at] = at >= 0;
    }
    return count;
}

/* Reads an answer from outside.  *is_full_out: give-backs fill it, and yet it brings something
 * new. */
static tp_rc note_answer(sim_world *world, unsigned device, bool *sent, tp_slice body,
                         bool given_back_out[SIM_EVENTS_MAX], bool *is_full_out, tp_err *err)
{
    static tp_response_reader reader;
    tp_inflate *inflate = NULL;
    tp_envelope envelope;
    tp_slice deflated;
    tp_slice dictionary;
    uint32_t given_back_count = 0;
    uint32_t items_count = 0;
    tp_slice tail;
    tp_buf message;
    tp_buf changes;
    *is_full_out = false;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    tp_rc rc = tp_envelope_decode(body, &envelope, &deflated, err);
    if (rc == TP_OK && !tp_dictionary_of(envelope.dictionary, &dictionary)) {
        rc = tp_fail(err, TP_CORRUPT, "an unknown dictionary");
    }
    if (rc == TP_OK) {
        rc = tp_inflate_new(&inflate, err);
    }
    if (rc == TP_OK) {
        rc = tp_inflate_run(inflate, dictionary, deflated, &message, &tail, err);
    }
    if (rc == TP_OK) {
        rc = tp_response_decode(tp_buf_slice(&message), tail, &changes, &reader, err);
    }
    if (rc == TP_OK) {
        given_back_count = note_given_back(world, device, &reader, given_back_out);
        rc = note_items(world, device, sent, &reader, &items_count, err);
    }
    *is_full_out = items_count > 0 && given_back_count == sim_seams_now.give_backs;
    tp_inflate_free(inflate);
    tp_buf_done(&message);
    tp_buf_done(&changes);
    return rc;
}

/* Nothing but what the hub says of it: it does not know the id. */
static bool be_unknown(sim_world *world, const sim_request *request, unsigned *status_out,
                       tp_buf *out)
{
    tp_hub_rollback(&world->hub);
    *status_out = SIM_HTTP_DENIED;
    return request->is_late || sim_back_stranger(world, request->device, out);
}

/* What the answer brings leaves the hub: whoever hears it, its agency was sent that. */
static void count_as_sent(sim_world *world, unsigned agency)
{
    for (unsigned i = 0; world->unsure.is_answered && i < world->oracle.count; i++) {
        bool *is_sent = &world->oracle.sent[agency][i];
        *is_sent = *is_sent || world->unsure.items[i];
    }
    world->unsure.is_answered = false;
}

bool sim_hub_answer(sim_world *world, const sim_request *request, unsigned *status_out, tp_buf *out)
{
    static bool unheard[SIM_EVENTS_MAX];
    const unsigned device = request->device;
    sim_node *node = &world->nodes[device];
    sim_id *id = sim_id_of(world, request->id);
    bool *given_back = request->is_late ? unheard : node->session.gives_back;
    tp_hub_device d;
    tp_refusal refusal = (tp_refusal)0;
    tp_err err;
    tp_buf_clear(out);
    world->totals.requests++;
    if ((world->back.falls > 0 && !sim_hub_look(world)) || !sim_hub_begin(world)) {
        return false;
    }
    node->is_kept_short = world->back.is_frozen;
    tp_rc rc = tp_hub_device_get(world->hub.store, request->id, &d, &err);
    const uint64_t sent = rc == TP_OK ? d.sent : 0;
    if (rc == TP_NOTFOUND && !id->is_known) {
        return be_unknown(world, request, status_out, out);
    }
    if (rc == TP_OK) {
        rc = tp_hub_exchange(&world->hub, &d, request->body, world->now_ms, out, &refusal, &err);
    }
    bool is_full = false;
    memset(given_back, 0, sizeof unheard);
    const uint64_t generation = tp_hub_store_state(world->hub.store)->generation;
    if (rc == TP_OK && refusal == 0 && !node->is_kiosk) {
        memset(world->unsure.items, 0, sizeof world->unsure.items);
        rc = note_answer(world, device, world->unsure.items, tp_buf_slice(out), given_back,
                         &is_full, &err);
        world->unsure.is_answered = true;
        world->unsure.device = device;
        world->unsure.id = request->id;
        world->unsure.sent = sent;
    }
    if (!sim_hub_commit(world, rc, "an exchange", &err)) {
        return false;
    }
    if (id->is_revoked != (refusal == TP_REFUSAL_REVOKED)) {
        return sim_fail(world, "revoked", "device %u: %s, and is answered with %d", device,
                        id->is_revoked ? "is shut out" : "is not", (int)refusal);
    }
    if (!request->is_late) {
        node->session.is_turned_away = id->is_revoked; /* by this hub, which may fall after it */
    }
    *status_out = refusal == 0 ? SIM_HTTP_OK : (unsigned)tp_refusal_of(refusal)->http_status;
    if (refusal != 0) {
        const uint32_t to = tp_body_mark(request->body);
        return sim_must(world, tp_answer_refusal_encode(refusal, generation, to, out, &err),
                        "a refusal", &err);
    }
    count_as_sent(world, node->agency);
    id->has_synced = true;
    /* A hub that fell does not know what a device holds until both have compared. */
    return !is_full || request->is_late || world->back.falls > 0 || world->is_harmed ||
           check_order(world, device, given_back);
}

/* ---- Watching it ---- */

bool sim_is_shared(const sim_world *world, uint64_t id)
{
    for (unsigned i = 0; i < world->ids_count; i++) {
        if (world->ids[i].id == id && world->ids[i].is_shared) {
            return true;
        }
    }
    return false;
}

/* Section 3: the stamp follows the truth, whatever the clock on the device read. */
bool sim_check_stamp(sim_world *world, int at, const tp_stamp *stamp)
{
    enum { AGREES_MS = 125000, DAY_MS = 86400000 };
    const sim_oracle *o = &world->oracle;
    const sim_event *e = &o->events[at];
    /* An uptime is no better than its crystal. */
    const int64_t drift_ms =
        (world->now_ms - SIM_BEGIN_MS) * llabs(world->nodes[e->device].drift) / 1000000;
    int64_t last_ms = 0;
    for (unsigned i = 0; i < o->count; i++) {
        const sim_event *other = &o->events[i];
        if (other->name.device == e->name.device && other->stamp.number != 0 &&
            other->name.seq < e->name.seq && other->stamp.ms > last_ms) {
            last_ms = other->stamp.ms;
        }
    }
    if (stamp->ms < last_ms || stamp->ms > world->now_ms) {
        return sim_fail(world, "time bounds",
                        "change %d of device %u: stamp before the last or after now", at,
                        e->device);
    }
    if (stamp->earliest_ms != stamp->latest_ms) {
        return (stamp->earliest_ms - drift_ms <= e->true_ms &&
                e->true_ms <= stamp->latest_ms + drift_ms) ||
               sim_fail(world, "time bounds",
                        "change %d of device %u was written at %" PRId64
                        ", out of its bounds %" PRId64 "..%" PRId64,
                        at, e->device, e->true_ms, stamp->earliest_ms, stamp->latest_ms);
    }
    /* One moment for bounds: it is certain, and the stamp was moved up by the one before. */
    int64_t off_ms = (stamp->latest_ms == 0 ? stamp->ms : stamp->latest_ms) - e->true_ms;
    /* A clock that agreed before and after is believed, where it is a little wrong in between. */
    bool is_believed = llabs(off_ms - e->wall_off_ms) <= 2000 && llabs(e->wall_off_ms) < 7 * DAY_MS;
    return llabs(off_ms) <= AGREES_MS + drift_ms || is_believed ||
           sim_fail(world, "time bounds", "change %d of device %u: certain, and %" PRId64 " ms off",
                    at, e->device, off_ms);
}

static tp_rc look_at_item(void *ctx, const tp_hub_item *item, tp_err *err)
{
    sim_world *world = ctx;
    int at = sim_event_written(world, item->name, item->bytes);
    if (at < 0 || world->oracle.events[at].stamp.number != 0 ||
        item->stamp.number <= world->number) {
        sim_fail(world, "exactly once",
                 "change %d is in the hub's log twice, or was not written so", at);
        return tp_fail(err, TP_CORRUPT, "the hub's log");
    }
    if (world->oracle.erased[world->oracle.events[at].record]) {
        sim_fail(world, "erased is erased", "change %d of an erased record is in the hub's log",
                 at);
        return tp_fail(err, TP_CORRUPT, "the hub's log");
    }
    if (!sim_check_stamp(world, at, &item->stamp)) {
        return tp_fail(err, TP_CORRUPT, "the hub's stamps");
    }
    world->oracle.events[at].stamp = item->stamp;
    world->number = item->stamp.number;
    return TP_OK;
}

static tp_rc look_at_quarantine(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    sim_world *world = ctx;
    if (entry->code == TP_QUARANTINE_MEANT && sim_is_displaced(world, entry->name)) {
        return TP_OK;
    }
    sim_fail(world, "no quarantine", "change %" PRIu64 " of a device: %s", entry->name.seq,
             entry->text);
    return tp_fail(err, TP_CORRUPT, "the hub's quarantine");
}

bool sim_hub_look(sim_world *world)
{
    tp_err err;
    tick(world);
    if (!sim_must(world, tp_hub_look(&world->hub, &err), "looking at the hub", &err)) {
        return false;
    }
    tp_hub_store *store = world->hub.store;
    tp_rc rc = world->back.falls > 0
                   ? sim_back_look(world, &err)
                   : tp_hub_log_all(store, 0, world->number, look_at_item, world, &err);
    if (rc == TP_OK) {
        rc = tp_hub_quarantine_all(store, 0, look_at_quarantine, world, &err);
    }
    tp_hub_rollback(&world->hub);
    return sim_must(world, rc, "reading the hub's log", &err);
}

typedef struct whole_look {
    sim_world *world;
    bool found[SIM_EVENTS_MAX];
} whole_look;

static tp_rc find_item(void *ctx, const tp_hub_item *item, tp_err *err)
{
    whole_look *l = ctx;
    int at = sim_event_written(l->world, item->name, item->bytes);
    if (at < 0 || l->found[at] || l->world->oracle.erased[l->world->oracle.events[at].record]) {
        sim_fail(l->world, "exactly once",
                 "change %d is in the hub's log twice, or was not written", at);
        return tp_fail(err, TP_CORRUPT, "the hub's log");
    }
    l->found[at] = true;
    return TP_OK;
}

bool sim_hub_look_whole(sim_world *world)
{
    static whole_look l;
    tp_err err;
    memset(&l, 0, sizeof l);
    l.world = world;
    tick(world);
    if (!sim_must(world, tp_hub_look(&world->hub, &err), "looking at the hub", &err)) {
        return false;
    }
    tp_rc rc = tp_hub_log_all(world->hub.store, 0, 0, find_item, &l, &err);
    tp_hub_rollback(&world->hub);
    for (unsigned i = 0; rc == TP_OK && i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->stamp.number != 0 && !world->oracle.erased[e->record] && !l.found[i]) {
            return sim_fail(world, "what was accepted stays", "change %u is gone at the hub", i);
        }
    }
    return sim_must(world, rc, "reading the hub's log", &err) && sim_hub_look(world);
}
