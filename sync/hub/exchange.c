/* The hub as the host of an answer (sync/session/answer.h). */
#include "sync/hub/exchange.h"

#include "sync/hub/back.h"
#include "sync/hub/refuse.h"
#include "sync/wire/chain.h"
#include "sync/wire/wire.h"

#include <stdlib.h>

/* One exchange: what the host's calls share. */
typedef struct exchange {
    tp_hub *hub;
    tp_hub_device *device;          /* as it stood before this request */
    const tp_answer_device *asking; /* as it stands meanwhile */
    int64_t hub_ms;                 /* when the request's head arrived */
    tp_hub_accepted accepted;       /* of the change at hand; holds its text */
    bool is_frozen;                 /* nothing of other agencies is sent, */
    bool is_shown;                  /* but what the device has shown that it has */
    tp_answer_take take;
    void *take_ctx;
} exchange;

/* ---- Who asks ---- */

tp_rc tp_hub_identify(tp_hub *hub, const tp_net_peer *peer, tp_hub_device *device_out,
                      tp_hub_stranger *stranger_out, tp_err *err)
{
    tp_certificate_facts facts;
    tp_err why;
    *stranger_out = TP_HUB_STRANGER_NONE;
    if (!peer->has_certificate) {
        *stranger_out = TP_HUB_STRANGER_BARE;
        return TP_OK;
    }
    tp_rc rc = tp_certificate_read(peer->certificate, &facts, &why);
    if (rc == TP_NOMEM) { /* who they are is not known, rather than that they are nobody */
        *err = why;
        return rc;
    }
    if (rc != TP_OK || !facts.is_device) {
        *stranger_out = TP_HUB_STRANGER_UNKNOWN;
        return TP_OK;
    }
    rc = tp_hub_device_get(hub->store, facts.device, device_out, err);
    if (rc == TP_NOTFOUND) {
        *stranger_out = TP_HUB_STRANGER_UNKNOWN;
        return TP_OK;
    }
    if (rc == TP_OK &&
        memcmp(facts.key.point, device_out->key.point, sizeof facts.key.point) != 0) {
        *stranger_out = TP_HUB_STRANGER_KEY;
    }
    return rc;
}

/* ---- The host's calls ---- */

static tp_rc host_clock(void *ctx, const tp_request *request, tp_err *err)
{
    exchange *x = ctx;
    const tp_hub_heard heard = {.eras = request->eras,
                                .eras_count = request->eras_count,
                                .clock = request->clock,
                                .start = request->start,
                                .meant = request->meant,
                                .pushes = request->first_seq != 0,
                                .is_again = request->is_again,
                                .hub_ms = x->hub_ms};
    return tp_hub_accept_begin(x->hub->acceptor, x->device, &heard, x->hub->now_ms, err);
}

static void give_result(exchange *x, tp_answer_result *result_out)
{
    result_out->stamp = x->accepted.stamp;
    result_out->up_ms = x->accepted.up_ms;
    result_out->code = x->accepted.code;
    result_out->text = x->accepted.text;
    result_out->as = x->accepted.as;
    result_out->is_other = x->accepted.is_other;
}

static void count_accepted(const exchange *x)
{
    tp_hub_sums *sums = &x->hub->tally.now;
    if (x->accepted.code == 0) {
        sums->accepted++;
    } else {
        sums->quarantined[x->accepted.code]++;
    }
}

static tp_rc host_accept(void *ctx, uint64_t seq, tp_slice bytes, const tp_stamp *given,
                         tp_answer_result *result_out, tp_err *err)
{
    exchange *x = ctx;
    tp_rc rc = tp_hub_accept(x->hub->acceptor, seq, bytes, given, &x->accepted, err);
    if (rc == TP_OK) {
        if (!x->accepted.is_other) {
            count_accepted(x);
        }
        give_result(x, result_out);
    }
    return rc;
}

/* What others handed of this device's is in its place now. */
static tp_rc end_ahead(const exchange *x, tp_name upto, tp_err *err)
{
    int64_t latest_ms = 0;
    if (tp_hub_store_state(x->hub->store)->ahead == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_hub_ahead_end(x->hub->store, upto, &latest_ms, err);
    if (rc == TP_OK && latest_ms > x->device->last_stamp_ms) {
        x->device->last_stamp_ms = latest_ms;
    }
    return rc;
}

static tp_rc host_pushed(void *ctx, const tp_answer_pushed *pushed, tp_err *err)
{
    exchange *x = ctx;
    tp_hub_push push = {.last = {x->device->id, pushed->last_seq},
                        .count = pushed->last_seq - pushed->first_seq + 1};
    memcpy(push.h, pushed->h, sizeof push.h);
    memcpy(push.signature, pushed->signature, sizeof push.signature);
    memcpy(push.stamps, pushed->stamps, sizeof push.stamps);
    tp_rc rc = tp_hub_push_put(x->hub->store, &push, err);
    return rc == TP_OK ? end_ahead(x, push.last, err) : rc;
}

static tp_rc host_chain_at(void *ctx, uint64_t seq, uint8_t h_out[TP_CHAIN_BYTES], bool *known_out,
                           tp_err *err)
{
    const exchange *x = ctx;
    const tp_name upto = {x->device->id, seq};
    return tp_hub_chain_at(x->hub->store, upto, h_out, known_out, err);
}

static tp_rc host_rewind(void *ctx, uint64_t seq, const uint8_t h[TP_CHAIN_BYTES],
                         bool *is_done_out, tp_err *err)
{
    exchange *x = ctx;
    *is_done_out = tp_hub_store_state(x->hub->store)->number >= TP_NUMBERS_EACH;
    return *is_done_out ? tp_hub_ahead_rewind(x->hub->store, (tp_name){x->device->id, seq}, h, err)
                        : TP_OK;
}

static tp_rc host_missing(void *ctx, uint64_t first_seq, uint64_t last_seq,
                          const uint8_t h[TP_CHAIN_BYTES], tp_err *err)
{
    exchange *x = ctx;
    tp_name last = {x->device->id, last_seq};
    tp_rc rc = tp_hub_missing_put(x->hub->store, last, last_seq - first_seq + 1, h, err);
    return rc == TP_OK ? end_ahead(x, last, err) : rc;
}

static tp_rc host_handed(void *ctx, const tp_handed *handed, tp_answer_handed *answer_out,
                         tp_err *err)
{
    exchange *x = ctx;
    tp_hub_handed became = TP_HUB_HANDED_NOT;
    const tp_entry *entry = &handed->entry;
    if (entry->name.device == x->device->id) {
        return tp_hub_accept_own_handed(x->hub->acceptor, entry->name, entry->bytes, &entry->stamp,
                                        x->hub->now_ms, err);
    }
    tp_rc rc = tp_hub_accept_handed(x->hub->acceptor, entry->name, entry->bytes, &entry->stamp,
                                    x->hub->now_ms, &became, &answer_out->as, err);
    answer_out->is_refused = became == TP_HUB_HANDED_NOT;
    answer_out->waits = became == TP_HUB_HANDED_WAITS;
    answer_out->was_known = became != TP_HUB_HANDED_STORED && became != TP_HUB_HANDED_DISPLACED;
    return rc;
}

static tp_rc host_ahead(void *ctx, uint64_t seq, uint64_t *seq_out,
                        uint8_t digest_out[TP_HELD_DIGEST_BYTES], tp_err *err)
{
    const exchange *x = ctx;
    uint8_t digest[TP_SHA256_BYTES];
    tp_name name = {x->device->id, seq};
    tp_hub_item item;
    tp_buf bytes;
    *seq_out = 0;
    if (tp_hub_store_state(x->hub->store)->ahead == 0) {
        return TP_OK;
    }
    tp_buf_init(&bytes, TP_UNPACKED_BYTES_MAX);
    tp_rc rc = tp_hub_ahead_next(x->hub->store, &name, err);
    if (rc == TP_OK && name.seq != 0) {
        rc = tp_hub_log_get(x->hub->store, name, &item, &bytes, err);
    }
    if (rc == TP_OK && name.seq != 0) {
        tp_change_digest(name, item.bytes, digest);
        memcpy(digest_out, digest, TP_HELD_DIGEST_BYTES);
        *seq_out = name.seq;
    }
    tp_buf_done(&bytes);
    return rc;
}

static tp_rc is_in_feed(const exchange *x, tp_name name, bool *is_held_out, tp_err *err)
{
    tp_hub_feed_row row;
    tp_rc rc = tp_hub_feed_get(x->hub->store, x->device->agency, name, &row, err);
    *is_held_out = rc == TP_OK && row.position != 0 && row.is_held;
    return rc;
}

/* A hub that went back asks nothing back because of what it does not know: whose what others handed
 * is it knows when the device that wrote it is admitted, which may be long after anybody waits. */
static tp_rc host_holds(void *ctx, tp_name name, tp_handed_verdict *verdict_out, tp_err *err)
{
    const exchange *x = ctx;
    tp_hub_item item = {.agency = 0};
    tp_err missing;
    bool is_held = false;
    tp_rc rc = is_in_feed(x, name, &is_held, err);
    *verdict_out = is_held ? TP_HANDED_KEEP : TP_HANDED_GIVE_BACK;
    if (rc != TP_OK || is_held) {
        return rc;
    }
    rc = tp_hub_log_get(x->hub->store, name, &item, NULL, &missing);
    if (rc == TP_OK && (item.agency == 0 || item.creator == 0)) {
        *verdict_out = TP_HANDED_NOT_KNOWN;
    }
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

/* While the hub is frozen: its consent may have been withdrawn in what is not here yet. */
static bool is_withheld(const exchange *x, const tp_hub_item *item)
{
    return x->is_frozen &&
           (item->creator != x->device->agency || item->agency != x->device->agency);
}

static tp_rc host_withholds(void *ctx, tp_name name, bool *withholds_out, tp_err *err)
{
    const exchange *x = ctx;
    tp_hub_item item;
    tp_err missing;
    tp_rc rc = is_in_feed(x, name, withholds_out, err);
    if (rc != TP_OK || !*withholds_out) {
        return rc;
    }
    rc = tp_hub_log_get(x->hub->store, name, &item, NULL, &missing);
    *withholds_out = rc == TP_OK && is_withheld(x, &item);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

static tp_rc host_recall(void *ctx, uint64_t seq, tp_slice bytes, tp_answer_result *result_out,
                         bool *same_out, tp_err *err)
{
    exchange *x = ctx;
    tp_name name = {x->device->id, seq};
    tp_err missing;
    tp_rc rc = tp_hub_recall(x->hub->acceptor, name, bytes, &x->accepted, same_out, &missing);
    if (rc == TP_OK && !*same_out) {
        rc = tp_hub_recall_other(x->hub->acceptor, name, bytes, &x->accepted, same_out, &missing);
    }
    if (rc == TP_NOTFOUND) {
        *same_out = false; /* it said that it has this no more: an older copy of it was put back */
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = missing;
    }
    if (rc == TP_OK) {
        give_result(x, result_out);
    }
    return rc;
}

static uint64_t host_feed_end(void *ctx)
{
    const exchange *x = ctx;
    return tp_hub_feed_end(x->hub->store, x->device->agency);
}

static tp_rc take_row(void *ctx, const tp_hub_feed_row *row, const tp_hub_item *item, tp_err *err)
{
    const exchange *x = ctx;
    tp_hub_sums *sums = &x->hub->tally.now;
    tp_entry entry = {.name = row->name,
                      .position = row->position,
                      .verdict = row->verdict,
                      .is_erased = row->is_erased};
    if (item != NULL && !x->is_shown && is_withheld(x, item)) {
        return TP_OK;
    }
    if (item != NULL) {
        entry.bytes = item->bytes;
        entry.stamp = item->stamp;
    }
    tp_rc rc = x->take(x->take_ctx, &entry, err);
    if (rc == TP_OK) {
        *(item == NULL ? &sums->give_backs_sent : &sums->items_sent) += 1;
    }
    return rc;
}

static tp_rc host_given_back(void *ctx, tp_answer_take take, void *take_ctx, tp_err *err)
{
    exchange *x = ctx;
    x->take = take;
    x->take_ctx = take_ctx;
    tp_hub_device now = *x->device;
    now.receipt = x->asking->receipt; /* what this request brings receipts for is not asked again */
    return tp_hub_feed_given_back(x->hub->store, &now, take_row, x, err);
}

static tp_rc host_held(void *ctx, uint64_t after, tp_answer_take take, void *take_ctx, tp_err *err)
{
    exchange *x = ctx;
    x->take = take;
    x->take_ctx = take_ctx;
    return tp_hub_feed_held(x->hub->store, x->device, after, take_row, x, err);
}

static tp_rc host_left(void *ctx, uint64_t after, uint64_t *count_out, tp_err *err)
{
    const exchange *x = ctx;
    if (x->is_frozen) {
        *count_out = 0; /* it would count what is passed over */
        return TP_OK;
    }
    return tp_hub_feed_left(x->hub->store, x->device, after, count_out, err);
}

static int compare_positions(const void *a, const void *b)
{
    const tp_hub_feed_row *x = a;
    const tp_hub_feed_row *y = b;
    return x->position < y->position ? -1 : x->position > y->position;
}

/* The rows of those that may be sent, by position. */
static tp_rc find_wanted(exchange *x, const tp_name *names, uint32_t count, uint64_t upto,
                         tp_hub_feed_row *rows, uint32_t *found_out, tp_err *err)
{
    uint32_t found = 0;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_hub_feed_row *row = &rows[found];
        rc = tp_hub_feed_get(x->hub->store, x->device->agency, names[i], row, err);
        found += rc == TP_OK && row->is_held && row->position <= upto;
    }
    if (rc == TP_OK && found > 0) {
        qsort(rows, found, sizeof rows[0], compare_positions);
    }
    *found_out = found;
    return rc;
}

static tp_rc host_wanted(void *ctx, const tp_name *names, uint32_t count, uint64_t upto,
                         tp_answer_take take, void *take_ctx, tp_err *err)
{
    exchange *x = ctx;
    tp_hub_feed_row rows[TP_HELD_WANTED_MAX];
    uint32_t found = 0;
    tp_buf bytes;
    tp_hub_item item;
    x->take = take;
    x->take_ctx = take_ctx;
    tp_buf_init(&bytes, TP_UNPACKED_BYTES_MAX);
    tp_rc rc = find_wanted(x, names, count, upto, rows, &found, err);
    for (uint32_t i = 0; rc == TP_OK && i < found; i++) {
        rc = tp_hub_log_get(x->hub->store, rows[i].name, &item, &bytes, err);
        if (rc == TP_OK) {
            rc = take_row(x, &rows[i], &item, err);
        }
    }
    tp_buf_done(&bytes);
    return rc == TP_LIMIT ? TP_OK : rc;
}

static tp_rc host_shown(void *ctx, const tp_name *names, uint32_t count, tp_answer_take take,
                        void *take_ctx, tp_err *err)
{
    exchange *x = ctx;
    x->is_shown = true;
    tp_rc rc = host_wanted(x, names, count, UINT64_MAX, take, take_ctx, err);
    x->is_shown = false;
    return rc;
}

static tp_rc host_sum(void *ctx, tp_held_sum *sum_out, tp_err *err)
{
    const exchange *x = ctx;
    return tp_hub_held_sum(x->hub->store, x->device, sum_out, err);
}

static tp_rc host_named(void *ctx, const tp_name_range *range, uint32_t looked_max,
                        tp_answer_name visit, void *visit_ctx, tp_name *reached_out, tp_err *err)
{
    const exchange *x = ctx;
    return tp_hub_held_walk(x->hub->store, x->device, range, looked_max, visit, visit_ctx,
                            reached_out, err);
}

static tp_rc add_agencies(const tp_hub_store *store, tp_response_writer *writer, tp_err *err)
{
    size_t agencies_count = 0;
    size_t agreements_count = 0;
    const tp_hub_agency *agencies = tp_hub_agencies(store, &agencies_count);
    const tp_hub_agreement *agreements = tp_hub_agreements(store, &agreements_count);
    size_t next = 0;
    for (size_t i = 0; i < agencies_count; i++) {
        tp_directory_agency agency = {.id = tp_slice_str(agencies[i].id),
                                      .label = tp_slice_str(agencies[i].label)};
        for (; next < agreements_count && agreements[next].agency == agencies[i].no; next++) {
            if (agency.agreements_count == TP_AGREEMENTS_MAX) {
                /* The newest matter. */
                memmove(&agency.agreements[0], &agency.agreements[1],
                        (TP_AGREEMENTS_MAX - 1) * sizeof agency.agreements[0]);
                agency.agreements_count--;
            }
            agency.agreements[agency.agreements_count++] =
                (tp_agreement){.from_ms = agreements[next].from_ms,
                               .until_ms = agreements[next].until_ms,
                               .is_open = agreements[next].until_ms == 0};
        }
        tp_rc rc = tp_response_writer_add_agency(writer, &agency, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    return TP_OK;
}

typedef struct listing {
    const tp_hub_store *store;
    tp_response_writer *writer;
} listing;

static tp_rc add_device(void *ctx, const tp_hub_device *device, tp_err *err)
{
    const listing *l = ctx;
    const tp_hub_agency *agency = tp_hub_agency_of(l->store, device->agency);
    tp_directory_device entry = {.device = device->id, .agency = tp_slice_str(agency->id)};
    return tp_response_writer_add_device(l->writer, &entry, err);
}

static tp_rc host_directory(void *ctx, tp_response_writer *writer, tp_err *err)
{
    exchange *x = ctx;
    listing l = {x->hub->store, writer};
    tp_rc rc = add_agencies(x->hub->store, writer, err);
    return rc == TP_OK ? tp_hub_devices(x->hub->store, add_device, &l, err) : rc;
}

/* The same device, the same key: who may sign the chain does not change under way. */
static tp_rc host_renew(void *ctx, tp_slice csr, tp_buf *certificate, tp_err *err)
{
    exchange *x = ctx;
    uint64_t device = 0;
    tp_public_key key;
    const tp_hub_agency *agency = tp_hub_agency_of(x->hub->store, x->device->agency);
    tp_rc rc = tp_csr_check(csr, &device, &key, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (device != x->device->id || memcmp(key.point, x->device->key.point, sizeof key.point) != 0) {
        return tp_fail(err, TP_DENIED, "a certificate is renewed for the same device and key");
    }
    return tp_hub_certify(x->hub, &key, device, agency->id, certificate,
                          &x->device->certificate_until_ms, err);
}

static const tp_answer_host host_calls = {.clock = host_clock,
                                          .accept = host_accept,
                                          .recall = host_recall,
                                          .pushed = host_pushed,
                                          .chain_at = host_chain_at,
                                          .missing = host_missing,
                                          .rewind = host_rewind,
                                          .handed = host_handed,
                                          .ahead = host_ahead,
                                          .withholds = host_withholds,
                                          .shown = host_shown,
                                          .holds = host_holds,
                                          .feed_end = host_feed_end,
                                          .given_back = host_given_back,
                                          .held = host_held,
                                          .wanted = host_wanted,
                                          .sum = host_sum,
                                          .named = host_named,
                                          .left = host_left,
                                          .directory = host_directory,
                                          .renew = host_renew};

/* ---- The exchange ---- */

typedef struct receipting {
    uint64_t upto;
    uint64_t count;
} receipting;

static tp_rc count_receipt(void *ctx, const tp_hub_feed_row *row, const tp_hub_item *item,
                           tp_err *err)
{
    receipting *r = ctx;
    (void)item;
    if (row->position > r->upto) {
        return tp_fail(err, TP_LIMIT, "behind the receipt");
    }
    r->count++;
    return TP_OK;
}

/* How many give-backs a later receipt is for. */
static tp_rc count_receipts(const exchange *x, uint64_t receipt, tp_err *err)
{
    receipting r = {.upto = receipt};
    if (receipt <= x->device->receipt) {
        return TP_OK;
    }
    tp_rc rc = tp_hub_feed_given_back(x->hub->store, x->device, count_receipt, &r, err);
    x->hub->tally.now.give_backs_done += r.count;
    return rc;
}

/* The first request that shows everything compared ends the waiting for this device. */
static tp_rc note_heard(exchange *x, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (!x->is_frozen) {
        return TP_OK;
    }
    if (x->device->standing != TP_HUB_HEARD) {
        rc = tp_hub_standing_put(x->hub->store, x->device->id, TP_HUB_HEARD, err);
    }
    /* Each time: the last that was waited for may have been revoked since. */
    return rc == TP_OK ? tp_hub_back_settle(x->hub, err) : rc;
}

static tp_rc answer(exchange *x, tp_slice body, int64_t hub_ms, tp_buf *body_out,
                    tp_refusal *refusal_out, uint64_t *lost_out, tp_err *err)
{
    tp_hub *hub = x->hub;
    tp_hub_device *device = x->device;
    const tp_hub_agency *agency = tp_hub_agency_of(hub->store, device->agency);
    tp_answer_device asking = {.id = device->id,
                               .agency = tp_slice_str(agency == NULL ? NULL : agency->id),
                               .is_kiosk = device->is_kiosk,
                               .is_revoked = device->revoked_ms != 0,
                               .key = device->key,
                               .accepted = device->accepted,
                               .cursor = device->cursor,
                               .sent = device->sent,
                               .receipt = device->receipt,
                               .told = device->told,
                               .answered_ms = device->last_sync_ms};
    memcpy(asking.h, device->h, sizeof asking.h);
    tp_answer_host host = host_calls;
    host.ctx = x;
    x->asking = &asking;
    tp_answer_question question = {.body = body,
                                   .hub_ms = hub_ms,
                                   .is_clock_back = hub->is_clock_back,
                                   .is_back = x->is_frozen,
                                   .generation = tp_hub_store_state(hub->store)->generation,
                                   .directory_version = tp_hub_store_state(hub->store)->directory,
                                   .tags = &hub->tags,
                                   .device = &asking,
                                   .host = &host};
    uint64_t items_sent = hub->tally.now.items_sent;
    tp_rc rc = tp_answer_make(hub->answer, &question, body_out, refusal_out, lost_out, err);
    if (rc == TP_OK && *refusal_out == 0) {
        rc = count_receipts(x, asking.receipt, err);
    }
    if (rc != TP_OK || *refusal_out != 0) {
        return rc;
    }
    hub->tally.now.pages_sent += hub->tally.now.items_sent > items_sent;
    device->accepted = asking.accepted;
    memcpy(device->h, asking.h, sizeof device->h);
    device->cursor = asking.cursor;
    device->sent = asking.sent;
    device->receipt = asking.receipt;
    device->told = asking.told;
    device->last_sync_ms = asking.answered_ms;
    rc = tp_hub_device_put(hub->store, device, err);
    return rc == TP_OK && asking.has_compared ? note_heard(x, err) : rc;
}

/* What the device has shown is not here: what was done for it is undone, and it learns from the
 * refusal that there is a new generation. */
static tp_rc go_back(tp_hub *hub, uint64_t lost, tp_err *err)
{
    tp_rc rc = tp_hub_mark(hub, err);
    if (rc == TP_OK) {
        rc = tp_hub_was_shown(hub, lost, err);
    }
    if (rc == TP_OK) {
        return tp_hub_keep(hub, err);
    }
    tp_hub_undo(hub);
    return rc;
}

tp_rc tp_hub_exchange(tp_hub *hub, tp_hub_device *device, tp_slice body, int64_t hub_ms,
                      tp_buf *body_out, tp_refusal *refusal_out, tp_err *err)
{
    exchange x = {.hub = hub, .device = device, .hub_ms = hub_ms, .is_frozen = tp_hub_is_back(hub)};
    uint64_t lost = 0;
    tp_rc rc = tp_hub_mark(hub, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = answer(&x, body, hub_ms, body_out, refusal_out, &lost, err);
    if (rc == TP_OK && *refusal_out == 0) {
        return tp_hub_keep(hub, err);
    }
    tp_hub_undo(hub);
    return rc == TP_OK && lost != 0 ? go_back(hub, lost, err) : rc;
}

/* ---- HTTP ---- */

static const tp_hub_refusal strangers[] = {
    [TP_HUB_STRANGER_NONE] = {0, NULL, NULL},
    [TP_HUB_STRANGER_BARE] = {403, "certificate",
                              "only a device with this hub's certificate is answered"},
    [TP_HUB_STRANGER_UNKNOWN] = {403, "device", "this device is not enrolled here: enrol it again"},
    [TP_HUB_STRANGER_KEY] = {403, "device", "this is not the key the device was enrolled with"},
    [TP_HUB_STRANGER_LOST] = {403, "device",
                              "this hub was put back to an earlier state and does not know this "
                              "device yet: its operator can admit it"},
};

void tp_hub_refuse_stranger(tp_hub *hub, tp_hub_door door, tp_hub_stranger stranger,
                            tp_http_response *response)
{
    tp_hub_refuse(hub, door, &strangers[stranger], response);
}

/* A device that was enrolled in what the hub lost is noted for its operator. */
static tp_rc note_stranger(tp_hub *hub, const tp_net_peer *peer, tp_hub_stranger *stranger,
                           tp_err *err)
{
    tp_certificate_facts facts;
    tp_err why;
    if (*stranger != TP_HUB_STRANGER_UNKNOWN || !tp_hub_is_back(hub)) {
        return TP_OK;
    }
    tp_rc rc = tp_certificate_read(peer->certificate, &facts, &why);
    if (rc == TP_NOMEM) { /* told that it is nobody, it would be enrolled anew */
        *err = why;
        return rc;
    }
    if (rc != TP_OK || !facts.is_device) {
        return TP_OK;
    }
    *stranger = TP_HUB_STRANGER_LOST;
    return tp_hub_back_note_caller(hub, &facts, err);
}

static tp_rc handle(tp_hub *hub, const tp_http_request *request, tp_http_response *response,
                    tp_err *err)
{
    tp_hub_device device;
    tp_hub_stranger stranger;
    tp_refusal refusal = 0;
    tp_rc rc = tp_hub_identify(hub, request->peer, &device, &stranger, err);
    if (rc == TP_OK && stranger != TP_HUB_STRANGER_NONE) {
        rc = note_stranger(hub, request->peer, &stranger, err);
        if (rc == TP_OK) {
            tp_hub_refuse_stranger(hub, TP_HUB_DOOR_SYNC, stranger, response);
        }
        return rc;
    }
    if (rc == TP_OK) {
        rc = tp_hub_exchange(hub, &device, request->body, request->head_at.wall_ms, &response->body,
                             &refusal, err);
    }
    if (rc == TP_OK && refusal != 0) {
        tp_hub_refuse_as(hub, TP_HUB_DOOR_SYNC, refusal, tp_body_mark(request->body), response);
    }
    return rc;
}

void tp_hub_handle_sync(tp_hub *hub, const tp_http_request *request, tp_http_response *response)
{
    tp_err err;
    tp_rc rc = handle(hub, request, response, &err);
    if (rc != TP_OK) {
        tp_hub_refuse_trouble(hub, TP_HUB_DOOR_SYNC, &err, response);
    }
}
