/* Time that can be trusted. */
#include "sync/merge/stamp.h"

static const tp_era *era_of(const tp_era *eras, uint32_t count, uint32_t era);
static const tp_era *compared_in_boot(const tp_era *eras, uint32_t count, const tp_era *own);
static int64_t start_of(const tp_era *eras, uint32_t count, const tp_era *era);
static int64_t end_of(const tp_era *era);
static int64_t distance(int64_t a, int64_t b);
static tp_estimate certain(int64_t ms);

tp_era tp_era_begin(tp_era_reading reading, uint32_t boot)
{
    int64_t skew_ms = reading.wall_ms - reading.up_ms;
    return (tp_era){.era = reading.era,
                    .boot = boot,
                    .first_up_ms = reading.up_ms,
                    .first_skew_ms = skew_ms,
                    .last_up_ms = reading.up_ms,
                    .last_skew_ms = skew_ms};
}

void tp_era_compare(tp_era *era, tp_era_reading reading, int64_t hub_ms)
{
    int64_t skew_ms = reading.wall_ms - reading.up_ms;
    if (reading.up_ms < era->first_up_ms) {
        era->first_up_ms = reading.up_ms;
        era->first_skew_ms = skew_ms;
    }
    if (reading.up_ms > era->last_up_ms) {
        era->last_up_ms = reading.up_ms;
        era->last_skew_ms = skew_ms;
    }
    /* A reading is never younger than when it was taken, so the least offset is the least held
     * up. */
    if (!era->is_compared || hub_ms - reading.up_ms < era->offset_ms) {
        era->is_compared = true;
        era->offset_ms = hub_ms - reading.up_ms;
        era->wall_ahead_ms = reading.wall_ms - hub_ms;
    }
}

tp_estimate tp_stamp_estimate(const tp_era *eras, uint32_t count, tp_era_reading reading,
                              int64_t hub_now_ms)
{
    const tp_era *own = era_of(eras, count, reading.era);
    const tp_era *known = own == NULL ? NULL : compared_in_boot(eras, count, own);
    if (known != NULL) {
        return certain(reading.up_ms + known->offset_ms);
    }
    const tp_era *before = NULL; /* the nearest eras whose offset is known */
    const tp_era *after = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (eras[i].is_compared && eras[i].era < reading.era) {
            before = &eras[i];
        }
        if (eras[i].is_compared && eras[i].era > reading.era && after == NULL) {
            after = &eras[i];
        }
    }
    int64_t earliest_ms = end_of(before);
    int64_t latest_ms = after == NULL ? hub_now_ms : start_of(eras, count, after);
    if (latest_ms < TP_STAMP_EARLIEST_MS) {
        latest_ms = TP_STAMP_EARLIEST_MS; /* it was told an uptime that no machine has */
    }
    if (latest_ms > hub_now_ms) {
        latest_ms = hub_now_ms;
    }
    if (earliest_ms > latest_ms) {
        earliest_ms = latest_ms;
    }
    if (before != NULL && after != NULL &&
        distance(before->wall_ahead_ms, 0) <= TP_STAMP_AGREES_MS &&
        distance(after->wall_ahead_ms, 0) <= TP_STAMP_AGREES_MS && reading.wall_ms >= earliest_ms &&
        reading.wall_ms <= latest_ms) {
        return certain(reading.wall_ms);
    }
    return (tp_estimate){latest_ms, false, earliest_ms, latest_ms};
}

tp_stamp tp_stamp_make(tp_estimate estimate, int64_t last_ms, int64_t hub_now_ms, uint64_t number)
{
    int64_t ms = estimate.ms < hub_now_ms ? estimate.ms : hub_now_ms;
    const bool is_moved = ms < last_ms;
    if (estimate.is_certain && !is_moved) {
        return (tp_stamp){ms, 0, 0, number};
    }
    if (estimate.is_certain) {
        int64_t written_ms = ms < TP_STAMP_EARLIEST_MS ? TP_STAMP_EARLIEST_MS : ms;
        return (tp_stamp){last_ms, written_ms, written_ms, number};
    }
    return (tp_stamp){is_moved ? last_ms : ms, estimate.earliest_ms, estimate.latest_ms, number};
}

tp_estimate tp_stamp_time(const tp_stamp *stamp)
{
    if (stamp->earliest_ms == 0 && stamp->latest_ms == 0) {
        return certain(stamp->ms);
    }
    if (stamp->earliest_ms == stamp->latest_ms) {
        return certain(stamp->latest_ms);
    }
    return (tp_estimate){stamp->ms, false, stamp->earliest_ms, stamp->latest_ms};
}

bool tp_stamp_hub_clock_is_back(int64_t hub_now_ms, int64_t highest_ms)
{
    return hub_now_ms < highest_ms - TP_STAMP_CLOCK_BACK_MS;
}

bool tp_era_observe(tp_era_watch *watch, const uint8_t boot[16], int64_t up_ms, int64_t wall_ms)
{
    int64_t skew_ms = wall_ms - up_ms;
    bool is_new = watch->era == 0 || memcmp(watch->boot, boot, sizeof watch->boot) != 0 ||
                  up_ms < watch->up_ms ||
                  distance(skew_ms, watch->wall_ms - watch->up_ms) > TP_STAMP_JUMP_MS;
    if (is_new) {
        watch->era++;
        memcpy(watch->boot, boot, sizeof watch->boot);
    }
    watch->up_ms = up_ms;
    watch->wall_ms = wall_ms;
    return is_new;
}

static const tp_era *era_of(const tp_era *eras, uint32_t count, uint32_t era)
{
    for (uint32_t i = 0; i < count; i++) {
        if (eras[i].era == era) {
            return &eras[i];
        }
    }
    return NULL;
}

/* Two machines with one id count their starts alike. */
static bool is_one_start(const tp_era *a, const tp_era *b)
{
    return a->start == b->start || a->start == 0 || b->start == 0;
}

/* The era itself where it was compared, else another of its boot: uptime runs on when the wall
 * clock jumps. */
static const tp_era *compared_in_boot(const tp_era *eras, uint32_t count, const tp_era *own)
{
    if (own->is_compared) {
        return own;
    }
    for (uint32_t i = 0; own->boot != 0 && i < count; i++) {
        if (eras[i].is_compared && eras[i].boot == own->boot && is_one_start(&eras[i], own)) {
            return &eras[i];
        }
    }
    return NULL;
}

/* The earliest moment known to lie in a compared era or, where the boot is known to be another
 * than that of the era before, the start of the machine. */
static int64_t start_of(const tp_era *eras, uint32_t count, const tp_era *era)
{
    const tp_era *before = era_of(eras, count, era->era - 1);
    bool is_boot =
        era->boot != 0 && before != NULL && before->boot != 0 && before->boot != era->boot;
    return era->offset_ms + (is_boot ? 0 : era->first_up_ms);
}

/* A moment that is surely not after the last one known of a compared era; NULL: there is none. */
static int64_t end_of(const tp_era *era)
{
    int64_t end_ms = era == NULL ? 0 : era->last_up_ms + era->offset_ms - TP_STAMP_HELD_UP_MS;
    return end_ms < TP_STAMP_EARLIEST_MS ? TP_STAMP_EARLIEST_MS : end_ms;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static tp_estimate certain(int64_t ms)
{
    return (tp_estimate){ms, true, ms, ms};
}
