/* Agencies, agreements and the numbers of devices: in memory, beside their tables. */
#include "sync/hub/store_sqlite.h"

#include "platform/base/alloc.h"
#include "platform/crypto/digest.h"

#include <assert.h>
#include <stdio.h>

static tp_rc load_agencies(tp_hub_store *store, tp_err *err);
static tp_rc load_agreements(tp_hub_store *store, tp_err *err);
static tp_rc load_devices(tp_hub_store *store, tp_err *err);
static tp_rc know_device(tp_hub_store *store, uint32_t no, uint64_t id, uint16_t agency,
                         tp_err *err);
static tp_rc count_rows(tp_hub_store *store, const char *sql, size_t *count_out, tp_err *err);
static void copy_text(tp_slice from, char *to, size_t bytes);
static void say_numbers(tp_hub_store *store, uint64_t a, uint64_t b, uint64_t c);

tp_rc tp_hub_known_load(tp_hub_store *store, tp_err *err)
{
    tp_hub_known_done(store);
    tp_rc rc = load_agencies(store, err);
    if (rc == TP_OK) {
        rc = load_agreements(store, err);
    }
    if (rc == TP_OK) {
        rc = load_devices(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_apart_load(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erased_load(store, err);
    }
    store->is_stale = rc != TP_OK;
    return rc;
}

void tp_hub_known_done(tp_hub_store *store)
{
    tp_free(store->agencies);
    tp_free(store->feed_ends);
    tp_free(store->feed_ends_stored);
    tp_free(store->feed_ends_marked);
    tp_free(store->held);
    tp_free(store->held_stored);
    tp_free(store->held_marked);
    tp_free(store->spans);
    tp_free(store->sent);
    tp_free(store->agreements);
    tp_free(store->devices);
    tp_free(store->device_slots);
    store->agencies = NULL;
    store->feed_ends = NULL;
    store->feed_ends_stored = NULL;
    store->feed_ends_marked = NULL;
    store->held = NULL;
    store->held_stored = NULL;
    store->held_marked = NULL;
    store->counted = (tp_name){0, 0};
    store->spans = NULL;
    store->sent = NULL;
    store->has_spans = false;
    store->agencies_count = 0;
    store->agreements = NULL;
    store->agreements_count = 0;
    store->devices = NULL;
    store->devices_count = 0;
    store->devices_room = 0;
    store->device_slots = NULL;
    store->device_slots_count = 0;
}

tp_rc tp_hub_known_save(tp_hub_store *store, tp_err *err)
{
    for (size_t i = 0; i < store->agencies_count; i++) {
        if (store->feed_ends[i] == store->feed_ends_stored[i] &&
            tp_held_eq(&store->held[i], &store->held_stored[i])) {
            continue;
        }
        uint8_t held[TP_HELD_SUM_BYTES];
        tp_held_put(&store->held[i], held);
        tp_stmt *s = NULL;
        tp_rc rc = tp_tx_prepare(&store->tx,
                                 "UPDATE agency SET feed_end = ?, held = ? WHERE no = ?", &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, (int64_t)store->feed_ends[i]);
            tp_stmt_bind_blob(s, 2, tp_slice_of(held, sizeof held));
            tp_stmt_bind_int(s, 3, store->agencies[i].no);
            rc = tp_stmt_run(s, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
        store->feed_ends_stored[i] = store->feed_ends[i];
        store->held_stored[i] = store->held[i];
    }
    return TP_OK;
}

/* ---- Agencies ---- */

const tp_hub_agency *tp_hub_agencies(const tp_hub_store *store, size_t *count_out)
{
    *count_out = store->agencies_count;
    return store->agencies;
}

const tp_hub_agency *tp_hub_agency_of(const tp_hub_store *store, uint16_t no)
{
    return no == 0 || no > store->agencies_count ? NULL : &store->agencies[no - 1];
}

uint16_t tp_hub_agency_find(const tp_hub_store *store, tp_slice id)
{
    for (size_t i = 0; i < store->agencies_count; i++) {
        if (tp_slice_is(id, store->agencies[i].id)) {
            return store->agencies[i].no;
        }
    }
    return 0;
}

tp_rc tp_hub_agency_add(tp_hub_store *store, const char *id, const char *label, tp_err *err)
{
    if (tp_hub_agency_find(store, tp_slice_str(id)) != 0) {
        return tp_fail(err, TP_EXISTS, "there is an agency %s already", id);
    }
    if (store->agencies_count >= TP_AGENCIES_MAX) {
        return tp_fail(err, TP_LIMIT, "a hub has at most %u agencies", TP_AGENCIES_MAX);
    }
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(&store->tx, "INSERT INTO agency (no, id, label) VALUES (?, ?, ?)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)store->agencies_count + 1);
        tp_stmt_bind_str(s, 2, id);
        tp_stmt_bind_str(s, 3, label);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_spans_flush(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_known_save(store, err);
    }
    if (rc == TP_OK) {
        tp_hub_directory_say(store, tp_slice_str(id));
        tp_hub_directory_say(store, tp_slice_str(label));
        rc = tp_hub_known_load(store, err);
    }
    return rc;
}

const tp_hub_agreement *tp_hub_agreements(const tp_hub_store *store, size_t *count_out)
{
    *count_out = store->agreements_count;
    return store->agreements;
}

tp_rc tp_hub_agreement_put(tp_hub_store *store, const tp_hub_agreement *agreement, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "INSERT INTO agreement (agency, from_ms, until_ms) VALUES (?, ?, ?)"
                             " ON CONFLICT (agency, from_ms)"
                             " DO UPDATE SET until_ms = excluded.until_ms",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, agreement->agency);
        tp_stmt_bind_int(s, 2, agreement->from_ms);
        tp_stmt_bind_int(s, 3, agreement->until_ms);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        say_numbers(store, agreement->agency, (uint64_t)agreement->from_ms,
                    (uint64_t)agreement->until_ms);
        tp_free(store->agreements);
        store->agreements = NULL;
        store->agreements_count = 0;
        rc = load_agreements(store, err);
    }
    return rc;
}

/* ---- The version of what is said of them ---- */

void tp_hub_directory_say(tp_hub_store *store, tp_slice said)
{
    enum { VERSION_BYTES = 6 };
    uint8_t before[sizeof store->state.directory];
    uint8_t digest[TP_SHA256_BYTES];
    uint64_t version = 0;
    (void)tp_digest_put_u64(before, store->state.directory);
    tp_sha256_of_two((tp_slice){before, sizeof before}, said, digest);
    for (int i = 0; i < VERSION_BYTES; i++) {
        version = version << 8 | digest[i];
    }
    store->state.directory = version == 0 ? 1 : version; /* 0: none is held */
}

static void say_numbers(tp_hub_store *store, uint64_t a, uint64_t b, uint64_t c)
{
    uint8_t said[3 * sizeof(uint64_t)];
    (void)tp_digest_put_u64(tp_digest_put_u64(tp_digest_put_u64(said, a), b), c);
    tp_hub_directory_say(store, (tp_slice){said, sizeof said});
}

/* ---- Devices ---- */

static size_t hash_of(uint64_t id)
{
    id *= UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(id >> 32);
}

uint32_t tp_hub_device_find(const tp_hub_store *store, uint64_t id)
{
    if (store->device_slots_count == 0) {
        return 0;
    }
    size_t mask = store->device_slots_count - 1;
    for (size_t at = hash_of(id) & mask;; at = (at + 1) & mask) {
        uint32_t no = store->device_slots[at];
        if (no == 0 || store->devices[no - 1].id == id) {
            return no;
        }
    }
}

uint16_t tp_hub_device_agency(const tp_hub_store *store, uint64_t id)
{
    uint32_t no = tp_hub_device_find(store, id);
    return no == 0 ? 0 : store->devices[no - 1].agency;
}

tp_rc tp_hub_device_number(tp_hub_store *store, uint64_t id, uint32_t *no_out, tp_err *err)
{
    uint32_t no = tp_hub_device_find(store, id);
    if (no != 0) {
        *no_out = no;
        return TP_OK;
    }
    if (store->devices_count >= TP_HUB_DEVICES_MAX) {
        return tp_fail(err, TP_LIMIT, "a hub knows at most %d devices", TP_HUB_DEVICES_MAX);
    }
    no = (uint32_t)store->devices_count + 1;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, "INSERT INTO device (no, id) VALUES (?, ?)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, no);
        tp_stmt_bind_int(s, 2, (int64_t)id);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        rc = know_device(store, no, id, 0, err);
    }
    if (rc == TP_OK) {
        *no_out = no;
    }
    return rc;
}

tp_rc tp_hub_pack(tp_hub_store *store, tp_name name, int64_t *packed_out, tp_err *err)
{
    if (tp_name_is_none(name)) {
        *packed_out = 0;
        return TP_OK;
    }
    if (name.seq > TP_HUB_SEQ_MAX) {
        return tp_fail(err, TP_LIMIT, "a change has too high a number in its device's log");
    }
    uint32_t no = 0;
    tp_rc rc = tp_hub_device_number(store, name.device, &no, err);
    if (rc == TP_OK) {
        *packed_out = (int64_t)((uint64_t)no << TP_HUB_SEQ_BITS | name.seq);
    }
    return rc;
}

int64_t tp_hub_pack_found(const tp_hub_store *store, tp_name name)
{
    uint32_t no = tp_name_is_none(name) ? 0 : tp_hub_device_find(store, name.device);
    if (no == 0 || name.seq > TP_HUB_SEQ_MAX) {
        return 0;
    }
    return (int64_t)((uint64_t)no << TP_HUB_SEQ_BITS | name.seq);
}

tp_name tp_hub_unpack(const tp_hub_store *store, int64_t packed)
{
    tp_name name = {0, 0};
    uint64_t no = (uint64_t)packed >> TP_HUB_SEQ_BITS;
    if (packed > 0 && no >= 1 && no <= store->devices_count) {
        name.device = store->devices[no - 1].id;
        name.seq = (uint64_t)packed & TP_HUB_SEQ_MAX;
    }
    return name;
}

/* ---- Loading ---- */

static tp_rc load_agencies(tp_hub_store *store, tp_err *err)
{
    size_t count = 0;
    tp_rc rc = count_rows(store, "SELECT count(*) FROM agency", &count, err);
    if (rc != TP_OK) {
        return rc;
    }
    store->agencies = tp_alloc((count + 1) * sizeof *store->agencies);
    store->feed_ends = tp_alloc((count + 1) * sizeof *store->feed_ends);
    store->feed_ends_stored = tp_alloc((count + 1) * sizeof *store->feed_ends);
    store->feed_ends_marked = tp_alloc((count + 1) * sizeof *store->feed_ends);
    store->held = tp_alloc((count + 1) * sizeof *store->held);
    store->held_stored = tp_alloc((count + 1) * sizeof *store->held);
    store->held_marked = tp_alloc((count + 1) * sizeof *store->held);
    store->spans = tp_alloc((count + 1) * sizeof *store->spans);
    store->sent = tp_alloc((count + 1) * sizeof *store->sent);
    if (store->held == NULL || store->held_stored == NULL || store->held_marked == NULL ||
        store->sent == NULL || store->spans == NULL || store->agencies == NULL ||
        store->feed_ends == NULL || store->feed_ends_stored == NULL ||
        store->feed_ends_marked == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the agencies");
    }
    tp_stmt *s = NULL;
    bool has_row = false;
    rc = tp_tx_prepare(&store->tx, "SELECT no, id, label, feed_end, held FROM agency ORDER BY no",
                       &s, err);
    while (rc == TP_OK) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            break;
        }
        size_t i = store->agencies_count;
        if (i == count || tp_stmt_int(s, 0) != (int64_t)i + 1) {
            tp_stmt_done(s);
            return tp_fail(err, TP_CORRUPT, "the hub's agencies are not numbered without gaps");
        }
        tp_hub_agency *agency = &store->agencies[i];
        agency->no = (uint16_t)(i + 1);
        copy_text(tp_stmt_text(s, 1), agency->id, sizeof agency->id);
        copy_text(tp_stmt_text(s, 2), agency->label, sizeof agency->label);
        store->feed_ends[i] = (uint64_t)tp_stmt_int(s, 3);
        store->feed_ends_stored[i] = store->feed_ends[i];
        tp_slice held = tp_stmt_blob(s, 4);
        store->held[i] =
            held.bytes == TP_HELD_SUM_BYTES ? tp_held_get(held.at) : (tp_held_sum){0, 0};
        store->held_stored[i] = store->held[i];
        store->agencies_count++;
    }
    return rc;
}

static tp_rc load_agreements(tp_hub_store *store, tp_err *err)
{
    size_t count = 0;
    tp_rc rc = count_rows(store, "SELECT count(*) FROM agreement", &count, err);
    if (rc != TP_OK) {
        return rc;
    }
    store->agreements = tp_alloc((count + 1) * sizeof *store->agreements);
    if (store->agreements == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the agreements");
    }
    tp_stmt *s = NULL;
    bool has_row = false;
    rc = tp_tx_prepare(&store->tx,
                       "SELECT agency, from_ms, until_ms FROM agreement ORDER BY agency, from_ms",
                       &s, err);
    while (rc == TP_OK) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            break;
        }
        assert(store->agreements_count < count);
        tp_hub_agreement *agreement = &store->agreements[store->agreements_count++];
        agreement->agency = (uint16_t)tp_stmt_int(s, 0);
        agreement->from_ms = tp_stmt_int(s, 1);
        agreement->until_ms = tp_stmt_int(s, 2);
    }
    return rc;
}

static void note_sent(tp_hub_store *store, uint16_t agency, uint64_t sent)
{
    if (agency >= 1 && agency <= store->agencies_count && sent > store->sent[agency - 1]) {
        store->sent[agency - 1] = sent;
    }
}

void tp_hub_known_note(tp_hub_store *store, uint32_t no, const tp_hub_device *device)
{
    note_sent(store, device->agency, device->sent);
    if (store->devices[no - 1].agency != device->agency) {
        store->devices[no - 1].agency = device->agency;
        say_numbers(store, device->id, device->agency, 0);
    }
}

static tp_rc load_devices(tp_hub_store *store, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc =
        tp_tx_prepare(&store->tx, "SELECT no, id, agency, sent FROM device ORDER BY no", &s, err);
    while (rc == TP_OK) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            break;
        }
        rc = know_device(store, (uint32_t)tp_stmt_int(s, 0), (uint64_t)tp_stmt_int(s, 1),
                         (uint16_t)tp_stmt_int(s, 2), err);
        note_sent(store, (uint16_t)tp_stmt_int(s, 2), (uint64_t)tp_stmt_int(s, 3));
    }
    tp_stmt_done(s);
    return rc;
}

static void put_slot(tp_hub_store *store, uint32_t no)
{
    size_t mask = store->device_slots_count - 1;
    size_t at = hash_of(store->devices[no - 1].id) & mask;
    while (store->device_slots[at] != 0) {
        at = (at + 1) & mask;
    }
    store->device_slots[at] = no;
}

static tp_rc grow_devices(tp_hub_store *store, tp_err *err)
{
    size_t room = store->devices_room == 0 ? 64 : store->devices_room * 2;
    tp_hub_known_device *devices = tp_realloc(store->devices, room * sizeof *devices);
    if (devices == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the devices");
    }
    store->devices = devices;
    uint32_t *slots = tp_alloc(room * 2 * sizeof *slots);
    if (slots == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the devices");
    }
    tp_free(store->device_slots);
    store->devices_room = room;
    store->device_slots = slots;
    store->device_slots_count = room * 2;
    for (size_t i = 0; i < store->devices_count; i++) {
        put_slot(store, (uint32_t)i + 1);
    }
    return TP_OK;
}

/* Devices are numbered without gaps, in the order in which they were first named. */
static tp_rc know_device(tp_hub_store *store, uint32_t no, uint64_t id, uint16_t agency,
                         tp_err *err)
{
    if (no != store->devices_count + 1) {
        return tp_fail(err, TP_CORRUPT, "the hub's devices are not numbered without gaps");
    }
    if (store->devices_count == store->devices_room) {
        tp_rc rc = grow_devices(store, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    store->devices[no - 1].id = id;
    store->devices[no - 1].agency = agency;
    store->devices_count++;
    put_slot(store, no);
    return TP_OK;
}

static tp_rc count_rows(tp_hub_store *store, const char *sql, size_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, sql, &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *count_out = (size_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

static void copy_text(tp_slice from, char *to, size_t bytes)
{
    size_t n = from.bytes < bytes ? from.bytes : bytes - 1;
    memcpy(to, n == 0 ? (const uint8_t *)"" : from.at, n);
    to[n] = '\0';
}
