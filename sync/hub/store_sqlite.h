/* What the files of the SQLite store share.  Included by store_*.c alone. */
#ifndef TP_SYNC_HUB_STORE_SQLITE_H
#define TP_SYNC_HUB_STORE_SQLITE_H

#include "platform/store/sqlite.h"
#include "sync/hub/store.h"
#include "sync/wire/held.h"

/* A row of a feed that may still grow: not in the database yet. */
typedef struct tp_hub_span {
    int64_t change; /* packed name of the first */
    uint64_t position;
    uint32_t count; /* 0: there is none */
} tp_hub_span;

enum {
    TP_HUB_SPAN_MAX = 32,      /* a power of two */
    TP_HUB_SEQ_BITS = 40,      /* of a packed name; the device's number stands above */
    TP_HUB_POSITION_BITS = 44, /* of a place in a feed; the agency's number stands above */
    TP_HUB_DEVICES_MAX = 1 << 22
};
#define TP_HUB_SEQ_MAX ((UINT64_C(1) << TP_HUB_SEQ_BITS) - 1)

/* One device in memory: who it is and whose.  Slot no - 1. */
typedef struct tp_hub_known_device {
    uint64_t id;
    uint16_t agency;
} tp_hub_known_device;

/* Agencies, agreements and device numbers are small and asked for with every row, so they are kept
 * in memory; they are read again when another process has written, and after an undo that could
 * have taken one back. */
struct tp_hub_store {
    tp_store *sql;
    tp_tx tx;
    tp_savepoint mark;
    int64_t data_version; /* SQLite's: changes when another connection commits; 0: never read */
    bool is_stale;        /* what is in memory must be read again */

    tp_hub_state state;
    tp_hub_state state_stored;
    tp_hub_state state_marked;

    tp_hub_agency *agencies;
    uint64_t *feed_ends; /* of each agency */
    uint64_t *feed_ends_stored;
    uint64_t *feed_ends_marked;
    tp_held_sum *held; /* the sum of what is held, of each agency's feed */
    tp_held_sum *held_stored;
    tp_held_sum *held_marked;
    bool has_apart;  /* there may be changes in `apart` */
    bool has_erased; /* there may be erased records */
    tp_name counted; /* the change counted last, and what it counts; none: none yet */
    tp_held_sum counts;
    uint64_t *sent;     /* the highest position sent to a device of each agency */
    tp_hub_span *spans; /* of each agency */
    bool has_spans;     /* one of them is not empty */
    size_t agencies_count;
    tp_hub_agreement *agreements;
    size_t agreements_count;

    tp_hub_known_device *devices;
    size_t devices_count;
    size_t devices_room;
    uint32_t *device_slots; /* hash of id -> no; 0: free; a power of two, at most half full */
    size_t device_slots_count;
};

/* What a change counts in the sums of those who hold it. */
TP_MUST_USE tp_rc tp_hub_held_count(tp_hub_store *store, tp_name name, tp_held_sum *counts_out,
                                    tp_err *err);
/* A change that stood apart comes into its author's agency's feed. */
TP_MUST_USE tp_rc tp_hub_apart_end(tp_hub_store *store, tp_name name, tp_err *err);
TP_MUST_USE tp_rc tp_hub_apart_load(tp_hub_store *store, tp_err *err);

/* Is anything erased? */
TP_MUST_USE tp_rc tp_hub_erased_load(tp_hub_store *store, tp_err *err);

/* Works the sums of all feeds out from the bytes.  Shape: sums_out has TP_AGENCIES_MAX, by
 * number - 1. */
TP_MUST_USE tp_rc tp_hub_held_recount(tp_tx *tx, tp_held_sum *sums_out, tp_err *err);
/* For the migration that began to keep them. */
TP_MUST_USE tp_rc tp_hub_held_begin(tp_tx *tx, tp_err *err);

/* The push that the change came with, where it has another stamp now; none where its author has not
 * pushed it again yet.  Units:  name = packed. */
TP_MUST_USE tp_rc tp_hub_push_restamp(tp_tx *tx, int64_t name, tp_err *err);
/* For the migration that began to keep bounds of what is in quarantine. */
TP_MUST_USE tp_rc tp_hub_quarantine_bound(tp_tx *tx, tp_err *err);

TP_MUST_USE tp_rc tp_hub_schema_migrate(tp_store *store, tp_err *err);

/* Reads agencies, agreements and devices into memory. */
TP_MUST_USE tp_rc tp_hub_known_load(tp_hub_store *store, tp_err *err);
void tp_hub_known_done(tp_hub_store *store);
/* Writes the ends of the feeds that moved. */
TP_MUST_USE tp_rc tp_hub_known_save(tp_hub_store *store, tp_err *err);

/* Writes the spans that are still growing; before any feed is read, and before a mark and its
 * end. */
TP_MUST_USE tp_rc tp_hub_spans_flush(tp_hub_store *store, tp_err *err);
void tp_hub_spans_forget(tp_hub_store *store);

/* Something else is said of agencies, agreements and devices, or the same by another history: the
 * directory has another version, which follows from all that was ever said.  A count would come
 * again at a hub that was put back, for something else, and whoever was told the lost one would
 * never hear of it.
 * Units:  48 bits, so that with counts added it is whole in a page's numbers too. */
void tp_hub_directory_say(tp_hub_store *store, tp_slice said);

/* What is in memory of a device that was put. */
void tp_hub_known_note(tp_hub_store *store, uint32_t no, const tp_hub_device *device);

/* The number of a device; one that was never named gets one. */
TP_MUST_USE tp_rc tp_hub_device_number(tp_hub_store *store, uint64_t id, uint32_t *no_out,
                                       tp_err *err);
/* 0: never named. */
uint32_t tp_hub_device_find(const tp_hub_store *store, uint64_t id);

/* A name as one number, 0 for none.  pack gives a number to a device that has none; find answers 0
 * for a name that cannot be in the database. */
TP_MUST_USE tp_rc tp_hub_pack(tp_hub_store *store, tp_name name, int64_t *packed_out, tp_err *err);
int64_t tp_hub_pack_found(const tp_hub_store *store, tp_name name);
tp_name tp_hub_unpack(const tp_hub_store *store, int64_t packed);

/* The columns name, record, person, entity, number, stamp_ms, earliest_ms, latest_ms, bytes from
 * `column` on; the bytes are borrowed from the row. */
void tp_hub_item_read(const tp_hub_store *store, tp_stmt *stmt, int column, tp_hub_item *item_out);
/* Where the change log.name of the joined row of a feed was first held. */
#define TP_HUB_FIRST_POSITION                                                                      \
    "CASE feed.first WHEN 0 THEN (feed.at & 17592186044415) + log.name - feed.change"              \
    " ELSE feed.first END"
/* The numbers of the device that ?1 is the number of, and of those it came from as a copy: what was
 * written under their ids it may hold without having been sent it. */
#define TP_HUB_LINE                                                                                \
    "(WITH RECURSIVE line (no, came_from) AS (SELECT no, came_from FROM device WHERE no = ?1"      \
    " UNION SELECT d.no, d.came_from FROM line JOIN device d ON d.id = line.came_from)"            \
    " SELECT no FROM line)"
#define TP_HUB_ITEM_COLUMNS                                                                        \
    "log.name, log.record, log.person, log.entity, log.number, log.stamp_ms, log.earliest_ms, "    \
    "log.latest_ms, log.bytes"

#endif
