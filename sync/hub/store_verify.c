/* Is the store whole: by the database's own rules, and by what each device sent and signed.
 *
 * SQLite's check sees that rows and indexes fit, not that the bytes in a row are those that were
 * written.  The chain does: h follows from the bytes of every change the device ever sent, and the
 * device signed it with each push.  So what is damaged is named to the push, and what follows it is
 * judged by the next signature. */
#include "sync/hub/store_back.h"
#include "sync/hub/store_verify.h"

#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "schema/name_text.h"
#include "sync/wire/chain.h"

#include <inttypes.h>

enum {
    PROGRESS_EVERY = 256 /* changes */
};

/* A row of `push`, or of `missing`. */
typedef struct push_row {
    bool is_there;
    bool is_missing; /* nobody signed it: it stands over a gap */
    uint64_t last;
    uint64_t count;
    tp_slice h; /* borrowed from the statement, as are the next two */
    tp_slice signature;
    tp_slice stamps;
} push_row;

typedef struct device_walk {
    tp_hub_verifying *v;
    const tp_hub_device *device;
    char id[TP_HEX_ROOM(8)];
    tp_stmt *pushes;
    push_row push;             /* the next one */
    uint64_t seq;              /* the last change met */
    uint8_t h[TP_CHAIN_BYTES]; /* after it */
    bool is_known;             /* false: after damage, until a signature says where the chain is */
    uint64_t signed_seq;       /* the end of the last push met */
    tp_stamp before;           /* of the last change met */
    int64_t last_ms;           /* the latest stamp met */
    tp_sha256 stamps;          /* since signed_seq */
    bool is_whole;             /* no change is missing since then */
} device_walk;

static tp_rc verify_all(tp_hub_verifying *v, tp_err *err);
static tp_rc verify_device(void *ctx, const tp_hub_device *device, tp_err *err);
static tp_rc walk_changes(device_walk *w, tp_err *err);
static tp_rc end_pushes(device_walk *w, uint64_t upto, tp_err *err);
static tp_rc end_device(device_walk *w, tp_err *err);

tp_rc tp_hub_store_verify(tp_hub_store *store, tp_hub_verify_progress progress, void *ctx,
                          tp_hub_verified *verified_out, tp_err *err)
{
    tp_hub_verifying v = {
        .store = store, .report = verified_out, .progress = progress, .progress_ctx = ctx};
    tp_err found;
    bool is_foreign = false;
    memset(verified_out, 0, sizeof *verified_out);
    tp_rc rc = tp_store_check_integrity(store->sql, &found);
    rc = tp_findings_take(&verified_out->findings, "SQLite", rc, &found);
    if (rc != TP_OK) {
        *err = found;
        return rc;
    }
    rc = tp_hub_store_begin_reading(store, &is_foreign, &found);
    if (rc == TP_OK) {
        rc = verify_all(&v, &found);
    }
    rc = tp_findings_take(&verified_out->findings, "The rest cannot be read", rc, &found);
    if (rc != TP_OK) {
        *err = found;
    }
    tp_hub_store_rollback(store);
    tp_free(v.change);
    tp_free(v.value);
    tp_free(v.numbers);
    return rc;
}

tp_rc tp_hub_store_check(tp_hub_store *store, tp_err *err)
{
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    if (verified == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to check the store");
    }
    tp_rc rc = tp_hub_store_verify(store, NULL, NULL, verified, err);
    if (rc == TP_OK && verified->findings.count > 0) {
        rc = tp_fail(err, TP_CORRUPT, "the database is damaged: %s", verified->findings.text[0]);
    }
    tp_free(verified);
    return rc;
}

void tp_hub_verify_found(tp_hub_verifying *v, tp_name name, const char *what)
{
    char text[TP_NAME_TEXT_BYTES];
    tp_name_print(name, text);
    tp_findings_add(&v->report->findings, "Change %s %s", text, what);
}

static tp_rc count_changes(tp_hub_verifying *v, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&v->store->tx,
                             "SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM quarantine)"
                             " + (SELECT count(*) FROM erased)",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        v->all = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

/* Each part goes on where another could not. */
static tp_rc verify_all(tp_hub_verifying *v, tp_err *err)
{
    static const struct {
        const char *where;
        tp_rc (*verify)(tp_hub_verifying *v, tp_err *err);
    } parts[] = {{"The changes of a device", tp_hub_verify_devices},
                 {"Acceptance numbers and names", tp_hub_verify_names},
                 {"The feeds", tp_hub_verify_feeds}};
    tp_rc rc = count_changes(v, err);
    if (rc != TP_OK) {
        return rc;
    }
    /* Numbers above the last one given are met as such: so many bits are enough. */
    const uint64_t last = tp_hub_store_state(v->store)->number;
    v->change = tp_alloc(sizeof *v->change);
    v->value = tp_alloc(sizeof *v->value);
    v->numbers = tp_alloc((size_t)((last < v->all * 2 ? last : v->all * 2) / 8 + 1));
    if (v->change == NULL || v->value == NULL || v->numbers == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to read changes");
    }
    for (size_t i = 0; rc == TP_OK && i < sizeof parts / sizeof parts[0]; i++) {
        tp_err found;
        rc = parts[i].verify(v, &found);
        rc = tp_findings_take(&v->report->findings, parts[i].where, rc, &found);
        if (rc != TP_OK) {
            *err = found;
        }
    }
    return rc;
}

/* ---- Devices ---- */

/* One that is not enrolled here: all there is of it was handed by others. */
static tp_rc verify_author(void *ctx, const tp_hub_author *author, tp_err *err)
{
    tp_hub_verifying *v = ctx;
    tp_hub_device unknown = {.id = author->id};
    device_walk w = {.v = v, .device = &unknown};
    tp_hex_encode_u64(unknown.id, w.id);
    return walk_changes(&w, err);
}

tp_rc tp_hub_verify_devices(tp_hub_verifying *v, tp_err *err)
{
    tp_rc rc = tp_hub_devices(v->store, verify_device, v, err);
    return rc == TP_OK ? tp_hub_back_authors(v->store, verify_author, v, err) : rc;
}

/* Steps to the next push of the device. */
static tp_rc next_push(device_walk *w, tp_err *err)
{
    w->push.is_there = false;
    tp_rc rc = tp_stmt_step(w->pushes, &w->push.is_there, err);
    if (rc == TP_OK && w->push.is_there) {
        w->push.last = (uint64_t)tp_stmt_int(w->pushes, 0) & TP_HUB_SEQ_MAX;
        w->push.count = (uint64_t)tp_stmt_int(w->pushes, 1);
        w->push.h = tp_stmt_blob(w->pushes, 2);
        w->push.signature = tp_stmt_blob(w->pushes, 3);
        w->push.stamps = tp_stmt_blob(w->pushes, 4);
        w->push.is_missing = tp_stmt_is_null(w->pushes, 3);
    }
    return rc;
}

static tp_rc read_unsigned(device_walk *w, uint32_t no, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&w->v->store->tx, "SELECT unsigned FROM device WHERE no = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, no);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        w->signed_seq = (uint64_t)tp_stmt_int(s, 0);
        w->v->report->before_signatures += w->signed_seq;
        tp_stmt_done(s);
    }
    return rc;
}

static tp_rc begin_device(device_walk *w, tp_err *err)
{
    uint32_t no = tp_hub_device_find(w->v->store, w->device->id);
    tp_hex_encode_u64(w->device->id, w->id);
    tp_chain_start(w->device->id, w->h);
    tp_stamps_digest_init(&w->stamps);
    w->is_known = true;
    w->is_whole = true;
    tp_rc rc = read_unsigned(w, no, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&w->v->store->tx,
                           "SELECT last, count, h, signature, stamps FROM push"
                           " WHERE last BETWEEN ?1 AND ?2 UNION ALL "
                           "SELECT last, count, h, NULL, NULL FROM missing"
                           " WHERE last BETWEEN ?1 AND ?2 ORDER BY last",
                           &w->pushes, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    uint64_t first = (uint64_t)no << TP_HUB_SEQ_BITS;
    tp_stmt_bind_int(w->pushes, 1, (int64_t)first);
    tp_stmt_bind_int(w->pushes, 2, (int64_t)(first | TP_HUB_SEQ_MAX));
    return next_push(w, err);
}

static tp_rc verify_device(void *ctx, const tp_hub_device *device, tp_err *err)
{
    tp_hub_verifying *v = ctx;
    device_walk w = {.v = v, .device = device};
    v->report->devices++;
    tp_rc rc = begin_device(&w, err);
    if (rc == TP_OK) {
        rc = walk_changes(&w, err);
    }
    if (rc == TP_OK) {
        rc = end_device(&w, err);
    }
    if (rc == TP_OK) {
        rc = end_pushes(&w, UINT64_MAX, err);
    }
    if (rc == TP_OK && w.signed_seq != device->accepted && w.is_whole) {
        tp_findings_add(&v->report->findings,
                        "Device %s: no signature is kept over its changes %" PRIu64 " to %" PRIu64,
                        w.id, w.signed_seq + 1, device->accepted);
    }
    tp_stmt_done(w.pushes);
    return rc;
}

static tp_rc found_missing(device_walk *w, uint64_t first, uint64_t last, tp_err *err)
{
    w->is_known = false;
    w->is_whole = false;
    return tp_hub_verify_gap(w->v, tp_hub_device_find(w->v->store, w->device->id), first, last,
                             err);
}

/* ---- A push: what the device signed ---- */

static tp_rc judge_signature(const device_walk *w, bool *is_good_out, tp_err *err)
{
    tp_err why;
    *is_good_out = false;
    if (w->push.h.bytes != TP_CHAIN_BYTES || w->push.signature.bytes != TP_SIGNATURE_BYTES) {
        return TP_OK;
    }
    tp_rc rc = tp_public_key_verify(&w->device->key, w->push.h.at, w->push.signature.at, &why);
    if (rc == TP_NOMEM) { /* which says nothing of the signature */
        *err = why;
        return rc;
    }
    *is_good_out = rc == TP_OK;
    return TP_OK;
}

static void check_stamps(device_walk *w)
{
    uint8_t stamps[TP_STAMPS_DIGEST_BYTES];
    tp_stamps_digest_end(&w->stamps, stamps);
    if (w->is_whole && !tp_slice_eq(w->push.stamps, tp_slice_of(stamps, sizeof stamps))) {
        tp_findings_add(&w->v->report->findings,
                        "The stamps of changes %s-%" PRIu64 " to %" PRIu64
                        " are not those that were given",
                        w->id, w->push.last - w->push.count + 1, w->push.last);
    }
}

/* Over a gap the chain goes on as the device says it did, and its next signature answers for
 * that. */
static tp_rc end_missing(device_walk *w, tp_err *err)
{
    const push_row *push = &w->push;
    if (push->h.bytes == sizeof w->h) {
        memcpy(w->h, push->h.at, sizeof w->h);
    }
    return tp_hub_verify_losses(w->v, (tp_name){w->device->id, push->last}, push->count, err);
}

static tp_rc check_signature(device_walk *w, tp_err *err)
{
    const push_row *push = &w->push;
    tp_findings *findings = &w->v->report->findings;
    bool is_good = false;
    tp_rc rc = judge_signature(w, &is_good, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (!is_good) {
        tp_findings_add(
            findings, "Device %s: the signature kept with its change %" PRIu64 " is not by its key",
            w->id, push->last);
        return TP_OK;
    }
    w->v->report->signatures++;
    if (w->is_known && memcmp(w->h, push->h.at, sizeof w->h) != 0) {
        tp_findings_add(findings,
                        "What is held as changes %s-%" PRIu64 " to %" PRIu64
                        " is not what the device signed",
                        w->id, push->last - push->count + 1, push->last);
    }
    memcpy(w->h, push->h.at, sizeof w->h);
    w->is_known = true;
    return TP_OK;
}

/* All changes of the next push were met, or are missing. */
static tp_rc end_push(device_walk *w, tp_err *err)
{
    const push_row *push = &w->push;
    tp_findings *findings = &w->v->report->findings;
    tp_rc rc = TP_OK;
    if (push->count == 0 || push->last != w->signed_seq + push->count) {
        tp_findings_add(findings,
                        "Device %s: the signature over its change %" PRIu64
                        " does not follow the one before: one is missing or damaged",
                        w->id, push->last);
        w->is_whole = false;
    }
    if (push->is_missing) {
        rc = end_missing(w, err);
        w->is_known = true;
    } else {
        rc = check_signature(w, err);
        check_stamps(w);
    }
    w->signed_seq = push->last;
    w->is_whole = true;
    tp_stamps_digest_init(&w->stamps);
    return rc == TP_OK ? next_push(w, err) : rc;
}

/* The pushes that end at a change or before it. */
static tp_rc end_pushes(device_walk *w, uint64_t upto, tp_err *err)
{
    tp_rc rc = TP_OK;
    while (rc == TP_OK && w->push.is_there && w->push.last <= upto) {
        if (w->push.last > w->seq) {
            w->is_known = false;
            w->is_whole = false;
        }
        rc = end_push(w, err);
    }
    return rc;
}

/* ---- Changes ---- */

/* What was pushed again without a proof was stamped anew, and what follows it may not have been.
 * And an earlier generation may be of two histories, where the hub was put back unnoticed then: the
 * lower of two stamps of a change counts, whichever it is of.  Those of the present one ascend. */
static bool goes_on(const device_walk *w, uint64_t number)
{
    const uint64_t generation = tp_hub_store_state(w->v->store)->number / TP_NUMBERS_EACH;
    return w->before.number / TP_NUMBERS_EACH == generation &&
           number / TP_NUMBERS_EACH == generation;
}

static void check_number(device_walk *w, const tp_hub_verified_row *row)
{
    tp_hub_verifying *v = w->v;
    const uint64_t number = row->stamp.number;
    const tp_hub_state *state = tp_hub_store_state(v->store);
    if (number == 0 || number > state->number ||
        (number > v->all * 2 && !tp_hub_verify_went_back(v))) {
        tp_hub_verify_found(v, row->name, "has an acceptance number that was never given");
        return;
    }
    if (tp_hub_verify_went_back(v)) {
        if (goes_on(w, number) && w->before.number >= number) {
            tp_hub_verify_found(v, row->name,
                                "has a lower acceptance number than the one before it");
        }
        return;
    }
    uint8_t *byte = &v->numbers[number / 8];
    const uint8_t bit = (uint8_t)(1u << (number % 8));
    if ((*byte & bit) != 0) {
        tp_hub_verify_found(v, row->name, "has the acceptance number of another change");
    }
    *byte = (uint8_t)(*byte | bit);
    if (w->before.number >= number) {
        tp_hub_verify_found(v, row->name, "has a lower acceptance number than the one before it");
    }
}

static void check_stamp(device_walk *w, const tp_hub_verified_row *row)
{
    const tp_stamp *stamp = &row->stamp;
    const bool is_certain = stamp->earliest_ms == 0 && stamp->latest_ms == 0;
    const bool is_earlier = stamp->ms < w->before.ms && goes_on(w, stamp->number);
    if (is_earlier || stamp->ms > tp_hub_store_state(w->v->store)->clock_ms ||
        (!is_certain && stamp->earliest_ms > stamp->latest_ms)) {
        tp_hub_verify_found(w->v, row->name, "has a stamp that cannot be");
    }
}

/* What came before an erased change leads to the chain as it was when that went; from there the
 * chain goes on, and the next signature answers for it. */
static tp_rc step_over(device_walk *w, const tp_hub_verified_row *row, tp_err *err)
{
    bool is_handed = false;
    if (row->before.bytes + row->after.bytes == 0) { /* what stood before it was not here */
        tp_rc rc = tp_hub_verify_is_handed(w->v, row->name, &is_handed, err);
        w->is_known = w->is_known && !is_handed;
        if (rc != TP_OK || is_handed) {
            return rc;
        }
    }
    if (row->before.bytes != sizeof w->h || row->after.bytes != sizeof w->h) {
        tp_hub_verify_found(w->v, row->name,
                            "was erased, and what is kept of the chain there is damaged");
        w->is_known = false;
        return TP_OK;
    }
    if (w->is_known && memcmp(w->h, row->before.at, sizeof w->h) != 0) {
        tp_hub_verify_found(w->v, row->name,
                            "was erased, and what is held before it is not what was there then");
    }
    memcpy(w->h, row->after.at, sizeof w->h);
    w->is_known = true;
    return TP_OK;
}

/* Its author has not pushed it again yet, so nothing says what stands before it. */
static tp_rc take_ahead(device_walk *w, const tp_hub_verified_row *row, bool *is_ahead_out,
                        tp_err *err)
{
    tp_rc rc = tp_hub_verify_is_handed(w->v, row->name, is_ahead_out, err);
    if (rc != TP_OK || !*is_ahead_out) {
        return rc;
    }
    w->v->report->changes += !row->is_quarantined && !row->is_erased;
    w->v->report->quarantined += row->is_quarantined;
    w->v->report->erased += row->is_erased;
    w->v->done++;
    w->before = (tp_stamp){.ms = 0};
    check_number(w, row);
    check_stamp(w, row);
    return row->is_quarantined || row->is_erased ? TP_OK : tp_hub_verify_change(w->v, row, err);
}

static tp_rc take_change(device_walk *w, const tp_hub_verified_row *row, tp_err *err)
{
    tp_hub_verifying *v = w->v;
    bool is_ahead = false;
    if (row->name.seq > w->device->accepted) {
        tp_rc rc = take_ahead(w, row, &is_ahead, err);
        if (rc != TP_OK || is_ahead) {
            return rc;
        }
    }
    if (row->name.seq == w->seq) {
        tp_hub_verify_found(v, row->name,
                            "is there twice: in the log, in quarantine or as one that was erased");
        return TP_OK;
    }
    if (row->name.seq != w->seq + 1) {
        tp_rc rc = found_missing(w, w->seq + 1, row->name.seq - 1, err);
        if (rc == TP_OK) {
            rc = end_pushes(w, row->name.seq - 1, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
        w->is_whole = w->signed_seq + 1 == row->name.seq;
        w->is_known = w->is_known && w->is_whole;
    }
    v->report->changes += !row->is_quarantined && !row->is_erased;
    v->report->quarantined += row->is_quarantined;
    v->report->erased += row->is_erased;
    w->seq = row->name.seq;
    tp_rc rc = TP_OK;
    if (row->is_erased) {
        rc = step_over(w, row, err);
    } else {
        tp_chain_add(w->h, row->bytes);
    }
    check_number(w, row);
    check_stamp(w, row);
    if (w->seq > w->signed_seq) {
        tp_stamps_digest_add(&w->stamps, &row->stamp);
    }
    w->before = row->stamp;
    w->last_ms = row->stamp.ms > w->last_ms ? row->stamp.ms : w->last_ms;
    rc = rc == TP_OK ? tp_hub_verify_change(v, row, err) : rc;
    v->done++;
    if (v->progress != NULL && v->done % PROGRESS_EVERY == 0) {
        v->progress(v->progress_ctx, v->done, v->all);
    }
    return rc == TP_OK ? end_pushes(w, w->seq, err) : rc;
}

static void read_row(const device_walk *w, tp_stmt *s, tp_hub_verified_row *row_out)
{
    const tp_hub_store *store = w->v->store;
    memset(row_out, 0, sizeof *row_out);
    row_out->name = tp_hub_unpack(store, tp_stmt_int(s, 0));
    row_out->is_quarantined = tp_stmt_is_null(s, 1);
    row_out->is_erased = !tp_stmt_is_null(s, 9);
    row_out->record =
        tp_stmt_int(s, 1) == 0 ? row_out->name : tp_hub_unpack(store, tp_stmt_int(s, 1));
    row_out->person = tp_hub_unpack(store, tp_stmt_int(s, 2));
    row_out->entity = (uint32_t)tp_stmt_int(s, 3);
    row_out->stamp.number = (uint64_t)tp_stmt_int(s, 4);
    row_out->stamp.ms = tp_stmt_int(s, 5);
    row_out->stamp.earliest_ms = tp_stmt_int(s, 6);
    row_out->stamp.latest_ms = tp_stmt_int(s, 7);
    row_out->bytes = tp_stmt_blob(s, 8);
    row_out->before = tp_stmt_blob(s, 9);
    row_out->after = tp_stmt_blob(s, 10);
}

/* The device's changes in order, in the log, in quarantine, or erased. */
static tp_rc walk_changes(device_walk *w, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    uint64_t first = (uint64_t)tp_hub_device_find(w->v->store, w->device->id) << TP_HUB_SEQ_BITS;
    tp_rc rc = tp_tx_prepare(
        &w->v->store->tx,
        "SELECT name, record, person, entity, number, stamp_ms, earliest_ms, latest_ms, bytes,"
        " NULL, NULL FROM log WHERE name BETWEEN ?1 AND ?2 UNION ALL "
        "SELECT name, NULL, 0, 0, number, stamp_ms, earliest_ms, latest_ms, bytes, NULL, NULL"
        " FROM quarantine WHERE name BETWEEN ?1 AND ?2 UNION ALL "
        "SELECT name, record, 0, 0, number, stamp_ms, earliest_ms, latest_ms, NULL, before, after"
        " FROM erased WHERE name BETWEEN ?1 AND ?2 ORDER BY 1",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)first);
    tp_stmt_bind_int(s, 2, (int64_t)(first | TP_HUB_SEQ_MAX));
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_hub_verified_row row;
            read_row(w, s, &row);
            rc = take_change(w, &row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* What is kept of the device against its last change. */
static tp_rc end_device(device_walk *w, tp_err *err)
{
    const tp_hub_device *device = w->device;
    tp_findings *findings = &w->v->report->findings;
    if (w->seq < device->accepted) {
        return found_missing(w, w->seq + 1, device->accepted, err);
    }
    if (w->seq > device->accepted) {
        tp_findings_add(findings,
                        "Device %s: %" PRIu64 " changes are held of it, and %" PRIu64
                        " were accepted",
                        w->id, w->seq, device->accepted);
    } else if (w->is_known && memcmp(w->h, device->h, sizeof w->h) != 0) {
        tp_findings_add(findings, "Device %s: its changes are not those it sent", w->id);
    }
    if (tp_hub_verify_went_back(w->v) ? w->last_ms > device->last_stamp_ms
                                      : w->last_ms != device->last_stamp_ms) {
        tp_findings_add(findings, "Device %s: the stamp of its last change is not the one given",
                        w->id);
    }
    return TP_OK;
}
