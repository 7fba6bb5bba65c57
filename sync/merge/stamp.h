/* Time that can be trusted (design section 3).  Pure.
 *
 * A device's life is cut into eras: within one, wall clock and uptime run together.  The hub
 * learns an era's offset to its own clock when it hears from the device in it, and stamps with
 * that. */
#ifndef TP_SYNC_MERGE_STAMP_H
#define TP_SYNC_MERGE_STAMP_H

#include "schema/change.h"

enum {
    TP_STAMP_JUMP_MS = 2000,      /* more than this of wall against uptime makes a new era */
    TP_STAMP_AGREES_MS = 120000,  /* a wall clock this close to the hub's is believed */
    TP_STAMP_HELD_UP_MS = 60000,  /* more than connecting and a stall may hold up a reading */
    TP_STAMP_CLOCK_BACK_MS = 2000 /* what a time service may step the hub's clock back */
};
/* Before any true time a hub can have, rehearsals of old weeks included: 2000-01-01T00:00Z. */
#define TP_STAMP_EARLIEST_MS INT64_C(946684800000)

/* What the hub knows of one era of one device.  It has at least one reading. */
typedef struct tp_era {
    uint32_t era;        /* the device's own count, 1.. */
    uint32_t boot;       /* eras of one boot have the same number; 0: not known */
    int64_t first_up_ms; /* the first reading told: uptime, and wall - uptime at that moment */
    int64_t first_skew_ms;
    int64_t last_up_ms; /* and the last */
    int64_t last_skew_ms;
    bool is_compared;
    int64_t offset_ms;     /* hub - uptime, at the comparison that was held up least */
    int64_t wall_ahead_ms; /* wall - hub, then */
    uint32_t start;        /* which start of which machine it is of; 0: not told */
} tp_era;

/* An era of which one reading is known. */
tp_era tp_era_begin(tp_era_reading reading, uint32_t boot);

/* Notes a comparison: the hub's clock when the head of a request arrived, and the reading in it.
 * Widens first and last reading.
 *
 * The network can only make a reading older, by up to the time-out of a request: so of an era's
 * comparisons the one with the least offset stands.  Until a quicker one comes the first may be too
 * late by what it was held up, and so may the stamps made by it: they stay. */
void tp_era_compare(tp_era *era, tp_era_reading reading, int64_t hub_ms);

/* When a change was written, as well as can be known. */
typedef struct tp_estimate {
    int64_t ms;
    bool is_certain;
    int64_t earliest_ms; /* bounds, where it is not certain; else both equal ms */
    int64_t latest_ms;
} tp_estimate;

/* `eras` of this device ascending by number, the reading's own among them or not.  The earliest
 * moment allows for a last comparison that was held up; the latest can only be too late by it. */
tp_estimate tp_stamp_estimate(const tp_era *eras, uint32_t count, tp_era_reading reading,
                              int64_t hub_now_ms);

/* The stamp of a change that the hub accepts now.  One that is moved up by the last stamp says when
 * it was written all the same: its bounds are that moment.
 * last_ms = this device's last stamp, 0 for none; number = the next acceptance number, 1... */
tp_stamp tp_stamp_make(tp_estimate estimate, int64_t last_ms, int64_t hub_now_ms, uint64_t number);
/* When a change with this stamp was written. */
tp_estimate tp_stamp_time(const tp_stamp *stamp);

/* True if the hub's clock has gone back: it stamps nothing.  highest_ms = the latest it ever
 * read. */
bool tp_stamp_hub_clock_is_back(int64_t hub_now_ms, int64_t highest_ms);

/* The device's own count of eras: what it keeps between two readings.  era 0: none yet. */
typedef struct tp_era_watch {
    uint32_t era;
    uint8_t boot[16];
    int64_t up_ms;
    int64_t wall_ms;
} tp_era_watch;

/* Takes a reading of the device's clocks; true if a new era began with it.  The watch must be kept
 * (durably, with what was written in the era). */
bool tp_era_observe(tp_era_watch *watch, const uint8_t boot[16], int64_t up_ms, int64_t wall_ms);

#endif
