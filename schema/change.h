/* The change: the one value that travels record -> log -> wire -> hub -> feed -> merge -> view.
 *
 * A change is encoded once, by its author, and its bytes never alter (sync/wire/FORMAT.md).  This
 * is the same value decoded; its slices borrow from the bytes. */
#ifndef TP_SCHEMA_CHANGE_H
#define TP_SCHEMA_CHANGE_H

#include "platform/base/limits.h"
#include "platform/base/slice.h"

/* Names a change: the device that wrote it and its place in that device's log.  A record is named
 * by the change that created it.  seq 0: no change. */
typedef struct tp_name {
    uint64_t device; /* random, given by the device to itself; never 0 */
    uint64_t seq;    /* 1.. without gaps */
} tp_name;

static inline bool tp_name_eq(tp_name a, tp_name b)
{
    return a.device == b.device && a.seq == b.seq;
}

static inline bool tp_name_is_none(tp_name name)
{
    return name.seq == 0;
}

/* By device, then seq: an order without meaning, for sorted sets. */
static inline int tp_name_cmp(tp_name a, tp_name b)
{
    if (a.device != b.device) {
        return a.device < b.device ? -1 : 1;
    }
    return a.seq < b.seq ? -1 : a.seq > b.seq;
}

/* One field of a change: a value, or what its writer had seen of it, or both. */
typedef struct tp_change_field {
    uint32_t code;    /* schema/entity.h; may be one this program does not know */
    bool has_value;   /* false: only `seen` (a retraction, or a stub of a change given back) */
    tp_slice value;   /* one CBOR item; the item null: the field was cleared */
    uint32_t seen_at; /* first of its names in change->seen */
    uint32_t seen_count;
} tp_change_field;

/* When a change was written, as the device's clocks said it (design section 3). */
typedef struct tp_era_reading {
    uint32_t era;    /* the device's own count of (boot, jump), 1.. */
    int64_t up_ms;   /* CLOCK_BOOTTIME */
    int64_t wall_ms; /* UTC since 1970, whatever the clock read */
} tp_era_reading;

typedef struct tp_change {
    tp_name name;
    tp_name record;  /* == name where this change creates the record */
    uint32_t entity; /* schema/entity.h; may be unknown.  Updates repeat it */
    tp_era_reading reading;
    tp_slice worker;       /* who wrote it, UTF-8; empty: a kiosk */
    uint32_t kinds;        /* envelope kinds: bits of schema/kind.h */
    bool has_unknown_kind; /* the envelope names a kind this program does not know */
    bool has_unknown_key;  /* the envelope has a key this program does not know */
    bool restricts;        /* it takes access away: one not understood stops what is new */
    tp_slice bytes;        /* the whole change, borrowed */
    uint32_t fields_count;
    uint32_t seen_count;
    tp_change_field fields[TP_CHANGE_FIELDS_MAX]; /* ascending by code, each once */
    tp_name seen[TP_CHANGE_NAMES_MAX];            /* predecessors, grouped by field; last, so that a
                                                   * copy may end after the ones in use */
} tp_change;

static inline bool tp_change_creates(const tp_change *change)
{
    return tp_name_eq(change->name, change->record);
}

/* NULL if the change neither sets nor names this field. */
const tp_change_field *tp_change_field_of(const tp_change *change, uint32_t code);

/* What the hub adds when it accepts a change; stored beside the bytes and sent with them.  All
 * zero: the hub has not answered yet. */
typedef struct tp_stamp {
    int64_t ms;          /* UTC; never decreases over one device's changes */
    int64_t earliest_ms; /* bounds of the true time; both 0: certain */
    int64_t latest_ms;
    uint64_t number; /* acceptance number, 1..: the order in which the hub accepted */
} tp_stamp;

enum {
    /* The shown holder may not hold the record, or nobody holds it: the agency whose device took it
     * does (PH2; design section 4, Holder). */
    TP_VERDICT_HOLDER_LOST = 1u
};

/* A change with all that is known of it, as the log holds it and a feed carries it. */
typedef struct tp_entry {
    tp_name name;
    tp_slice bytes;
    tp_stamp stamp;
    uint64_t position; /* in the agency's feed; 0: not from a feed */
    uint8_t tag[16];   /* the hub's HMAC; zero: none */
    uint32_t verdict; /* TP_VERDICT_... bits: what the hub says of the record this change created */
    bool is_erased;   /* to be given back since its record was erased; never with bytes */
} tp_entry;

#endif
