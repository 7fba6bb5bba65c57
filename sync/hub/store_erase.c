/* Taking a change away: its bytes and what was made of them go, (name, h) stays. */
#include "sync/hub/store_erased.h"

#include "sync/hub/store_sqlite.h"
#include "sync/wire/chain.h"
#include "sync/wire/held.h"

/* A change as it is before it goes. */
typedef struct leaving {
    int64_t name; /* packed */
    tp_hub_item item;
    bool is_found;
    bool is_chained; /* else others handed it, and what stands before it is not here */
    uint8_t before[TP_CHAIN_BYTES]; /* the chain, up to the change before it */
    uint8_t after[TP_CHAIN_BYTES];
    uint8_t digest[TP_SHA256_BYTES];
} leaving;

static tp_rc find_change(tp_hub_store *store, leaving *l, tp_err *err);
static tp_rc follow_chain(tp_hub_store *store, leaving *l, tp_slice bytes, tp_err *err);
static tp_rc ask_back(tp_hub_store *store, const tp_hub_item *item, tp_err *err);
static tp_rc insert(tp_hub_store *store, const leaving *l, tp_err *err);
static tp_rc take_away(tp_hub_store *store, int64_t name, tp_err *err);

tp_rc tp_hub_erase_change(tp_hub_store *store, tp_name name, tp_name record, tp_err *err)
{
    leaving l = {.item = {.name = name, .record = record}};
    tp_rc rc = tp_hub_pack(store, name, &l.name, err);
    if (rc == TP_OK) {
        rc = find_change(store, &l, err); /* follows the chain, while it has the bytes */
    }
    if (rc == TP_OK && !l.is_found) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no such change to erase");
    }
    if (rc == TP_OK) {
        rc = ask_back(store, &l.item, err); /* the sums of feeds need the bytes once more */
    }
    if (rc == TP_OK) {
        rc = insert(store, &l, err);
    }
    return rc == TP_OK ? take_away(store, l.name, err) : rc;
}

tp_rc tp_hub_erased_put(tp_hub_store *store, const tp_hub_item *item, tp_err *err)
{
    leaving l = {.item = *item};
    tp_rc rc = tp_hub_pack(store, item->name, &l.name, err);
    if (rc == TP_OK) {
        rc = follow_chain(store, &l, item->bytes, err);
    }
    if (rc == TP_OK) {
        rc = insert(store, &l, err);
    }
    return rc == TP_OK ? ask_back(store, item, err) : rc;
}

static tp_rc find_change(tp_hub_store *store, leaving *l, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        &store->tx,
        "SELECT number, stamp_ms, earliest_ms, latest_ms, bytes FROM log WHERE name = ?1 UNION ALL "
        "SELECT number, stamp_ms, earliest_ms, latest_ms, bytes FROM quarantine WHERE name = ?1",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, l->name);
    rc = tp_stmt_step(s, &l->is_found, err);
    if (rc == TP_OK && l->is_found) {
        l->item.agency = tp_hub_device_agency(store, l->item.name.device);
        l->item.stamp = (tp_stamp){.number = (uint64_t)tp_stmt_int(s, 0),
                                   .ms = tp_stmt_int(s, 1),
                                   .earliest_ms = tp_stmt_int(s, 2),
                                   .latest_ms = tp_stmt_int(s, 3)};
        rc = follow_chain(store, l, tp_stmt_blob(s, 4), err);
    }
    tp_stmt_done(s);
    return rc;
}

/* ---- The chain ---- */

/* The nearest place before the change where it is kept how the chain stands: the end of a push,
 * another erased change, or the beginning. */
static tp_rc find_base(tp_hub_store *store, const leaving *l, int64_t *base_out,
                       uint8_t h_out[TP_CHAIN_BYTES], tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    const int64_t start = l->name & ~(int64_t)TP_HUB_SEQ_MAX;
    tp_rc rc = tp_tx_prepare(
        &store->tx,
        "SELECT * FROM (SELECT last, h FROM push WHERE last > ?1 AND last < ?2 ORDER BY last DESC"
        " LIMIT 1) UNION ALL "
        "SELECT * FROM (SELECT last, h FROM missing WHERE last > ?1 AND last < ?2"
        " ORDER BY last DESC LIMIT 1) UNION ALL "
        "SELECT * FROM (SELECT name, after FROM erased WHERE name > ?1 AND name < ?2"
        " AND length(after) > 0 ORDER BY name DESC LIMIT 1) ORDER BY 1 DESC LIMIT 1",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, start);
    tp_stmt_bind_int(s, 2, l->name);
    rc = tp_stmt_step(s, &has_row, err);
    if (rc == TP_OK && has_row && tp_stmt_blob(s, 1).bytes == TP_CHAIN_BYTES) {
        *base_out = tp_stmt_int(s, 0);
        memcpy(h_out, tp_stmt_blob(s, 1).at, TP_CHAIN_BYTES);
    } else if (rc == TP_OK) {
        *base_out = start;
        tp_chain_start(l->item.name.device, h_out);
    }
    tp_stmt_done(s);
    return rc;
}

/* After the hub went back others hand what its author has not pushed again yet, or has no more. */
static tp_rc check_handed(tp_hub_store *store, int64_t name, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_handed = false;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT 1 FROM ahead WHERE change = ?1 UNION ALL "
                             "SELECT 1 FROM missing WHERE last >= ?1 AND last - count < ?1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, name);
        rc = tp_stmt_step(s, &is_handed, err);
    }
    tp_stmt_done(s);
    return rc != TP_OK || is_handed
               ? rc
               : tp_fail(err, TP_CORRUPT, "a change before it is missing: teapot-hub verify");
}

static tp_rc follow_chain(tp_hub_store *store, leaving *l, tp_slice bytes, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    int64_t at = 0;
    tp_rc rc = find_base(store, l, &at, l->before, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "SELECT name, bytes FROM log WHERE name > ?1 AND name < ?2 UNION ALL "
                           "SELECT name, bytes FROM quarantine WHERE name > ?1 AND name < ?2"
                           " ORDER BY 1",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, at);
    tp_stmt_bind_int(s, 2, l->name);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            at += tp_stmt_int(s, 0) == at + 1;
            tp_chain_add(l->before, tp_stmt_blob(s, 1));
        }
    }
    tp_stmt_done(s);
    l->is_chained = at + 1 == l->name;
    if (rc == TP_OK && !l->is_chained) {
        rc = check_handed(store, l->name, err);
    }
    tp_change_digest(l->item.name, bytes, l->digest);
    memcpy(l->after, l->before, sizeof l->after);
    tp_chain_add(l->after, bytes);
    return rc;
}

/* ---- Feeds ---- */

/* It moves to the end of each feed it is in, also where it was given back before, so that whoever
 * kept its name learns that it was erased; and it comes into its author's, who wrote it.  Where
 * nobody was sent it, nothing is left. */
static tp_rc ask_back(tp_hub_store *store, const tp_hub_item *item, tp_err *err)
{
    tp_hub_feed_row rows[TP_AGENCIES_MAX];
    size_t count = 0;
    (void)tp_hub_agencies(store, &count);
    tp_rc rc = tp_hub_feed_of(store, item->name, rows, err);
    for (uint16_t agency = 1; rc == TP_OK && agency <= count; agency++) {
        tp_hub_feed_row *row = &rows[agency - 1];
        const bool is_author = item->agency == agency;
        if (row->position == 0 && !is_author) {
            continue;
        }
        row->name = item->name;
        if (!is_author && row->first_position > tp_hub_feed_sent(store, agency)) {
            rc = tp_hub_feed_drop(store, agency, row, err);
            continue;
        }
        row->is_held = false;
        row->verdict = 0;
        rc = tp_hub_feed_put(store, agency, row, err);
    }
    return rc;
}

/* ---- Rows ---- */

static tp_rc insert(tp_hub_store *store, const leaving *l, tp_err *err)
{
    int64_t record = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, l->item.record, &record, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT INTO erased (name, record, number, stamp_ms, earliest_ms,"
                           " latest_ms, before, after, digest)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, l->name);
    tp_stmt_bind_int(s, 2, record);
    tp_stmt_bind_int(s, 3, (int64_t)l->item.stamp.number);
    tp_stmt_bind_int(s, 4, l->item.stamp.ms);
    tp_stmt_bind_int(s, 5, l->item.stamp.earliest_ms);
    tp_stmt_bind_int(s, 6, l->item.stamp.latest_ms);
    tp_stmt_bind_blob(s, 7, tp_slice_of(l->before, l->is_chained ? sizeof l->before : 0));
    tp_stmt_bind_blob(s, 8, tp_slice_of(l->after, l->is_chained ? sizeof l->after : 0));
    tp_stmt_bind_blob(s, 9, tp_slice_of(l->digest, TP_HELD_DIGEST_BYTES));
    return tp_stmt_run(s, err);
}

static tp_rc take_away(tp_hub_store *store, int64_t name, tp_err *err)
{
    static const char *const deletes[] = {
        "DELETE FROM log WHERE name = ?",
        "DELETE FROM quarantine WHERE name = ?",
        "DELETE FROM event WHERE change = ?",
        "DELETE FROM apart WHERE change = ?",
        "DELETE FROM request_code WHERE request = ?",
    };
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof deletes / sizeof deletes[0]; i++) {
        tp_stmt *s = NULL;
        rc = tp_tx_prepare(&store->tx, deletes[i], &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, name);
            rc = tp_stmt_run(s, err);
        }
    }
    store->counted = (tp_name){0, 0};
    return rc;
}

/* ---- Pushed by its author, at last ---- */

tp_rc tp_hub_erased_pushed(tp_hub_store *store, tp_name name, tp_slice bytes, tp_err *err)
{
    leaving l = {.item = {.name = name}, .name = tp_hub_pack_found(store, name)};
    tp_stmt *s = NULL;
    bool is_unchained = false;
    if (!store->has_erased) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT 1 FROM erased WHERE name = ? AND length(after) = 0", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, l.name);
        rc = tp_stmt_step(s, &is_unchained, err);
    }
    tp_stmt_done(s);
    if (rc != TP_OK || !is_unchained) {
        return rc;
    }
    rc = follow_chain(store, &l, bytes, err);
    if (rc == TP_OK && l.is_chained) {
        rc = tp_tx_prepare(&store->tx, "UPDATE erased SET before = ?, after = ? WHERE name = ?", &s,
                           err);
    }
    if (rc == TP_OK && l.is_chained) {
        tp_stmt_bind_blob(s, 1, tp_slice_of(l.before, sizeof l.before));
        tp_stmt_bind_blob(s, 2, tp_slice_of(l.after, sizeof l.after));
        tp_stmt_bind_int(s, 3, l.name);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

/* ---- Asked again ---- */

tp_rc tp_hub_erased_recall(tp_hub_store *store, tp_name name, tp_slice bytes, tp_stamp *stamp_out,
                           bool *same_out, tp_err *err)
{
    uint8_t h[TP_CHAIN_BYTES];
    uint8_t digest[TP_SHA256_BYTES];
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc =
        tp_tx_prepare(&store->tx,
                      "SELECT number, stamp_ms, earliest_ms, latest_ms, before, after, digest"
                      " FROM erased WHERE name = ?",
                      &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
    rc = tp_stmt_step(s, &has_row, err);
    if (rc == TP_OK && has_row) {
        tp_slice before = tp_stmt_blob(s, 4);
        *stamp_out = (tp_stamp){.number = (uint64_t)tp_stmt_int(s, 0),
                                .ms = tp_stmt_int(s, 1),
                                .earliest_ms = tp_stmt_int(s, 2),
                                .latest_ms = tp_stmt_int(s, 3)};
        *same_out = false;
        if (before.bytes == sizeof h) {
            memcpy(h, before.at, sizeof h);
            tp_chain_add(h, bytes);
            *same_out = tp_slice_eq(tp_stmt_blob(s, 5), tp_slice_of(h, sizeof h));
        } else if (before.bytes == 0) {
            tp_change_digest(name, bytes, digest);
            *same_out = tp_slice_eq(tp_stmt_blob(s, 6), tp_slice_of(digest, TP_HELD_DIGEST_BYTES));
        }
    }
    tp_stmt_done(s);
    return rc == TP_OK && !has_row ? tp_fail(err, TP_NOTFOUND, "no such change was erased") : rc;
}

tp_rc tp_hub_erased_is(tp_hub_store *store, tp_name name,
                       const uint8_t digest[TP_HELD_DIGEST_BYTES], bool *is_it_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    *is_it_out = false;
    tp_rc rc = tp_tx_prepare(&store->tx, "SELECT digest FROM erased WHERE name = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_pack_found(store, name));
    rc = tp_stmt_step(s, &has_row, err);
    if (rc == TP_OK && has_row) {
        *is_it_out = tp_slice_eq(tp_stmt_blob(s, 0), tp_slice_of(digest, TP_HELD_DIGEST_BYTES));
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_store_scrub(tp_hub_store *store, bool *is_gone_out, tp_err *err)
{
    return tp_store_checkpoint_truncate(store->sql, is_gone_out, err);
}
