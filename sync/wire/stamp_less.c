/* Stamps as differences. */
#include "sync/wire/stamp_less.h"

static bool is_moment(int64_t ms)
{
    return ms >= TP_TIME_MS_MIN && ms <= TP_TIME_MS_MAX;
}

bool tp_stamp_run_of(const tp_stamp *stamp, int64_t up_ms, tp_stamp_run *run_out)
{
    if (!is_moment(stamp->ms) || !is_moment(stamp->earliest_ms) || !is_moment(stamp->latest_ms) ||
        up_ms < 0 || up_ms > TP_TIME_MS_MAX || stamp->number == 0 ||
        stamp->number > TP_NUMBER_MAX) {
        return false;
    }
    bool is_certain = (stamp->earliest_ms == 0 && stamp->latest_ms == 0) ||
                      (stamp->earliest_ms == stamp->ms && stamp->latest_ms == stamp->ms);
    tp_stamp_run run = {1, stamp->number, stamp->ms - up_ms, !is_certain, 0, 0};
    if (!is_certain) {
        run.earliest_less_ms = stamp->earliest_ms - stamp->ms;
        run.latest_less_ms = stamp->latest_ms - stamp->ms;
    }
    *run_out = run;
    return true;
}

bool tp_stamp_run_fits(const tp_stamp_run *a, const tp_stamp_run *b)
{
    return a->skew_ms == b->skew_ms && a->has_bounds == b->has_bounds &&
           a->earliest_less_ms == b->earliest_less_ms && a->latest_less_ms == b->latest_less_ms;
}

void tp_stamp_run_read_bounds(tp_cbor_reader *reader, tp_stamp_run *run)
{
    run->has_bounds = true;
    run->earliest_less_ms = tp_cbor_int(reader, TP_LESS_MS_MIN, TP_LESS_MS_MAX);
    run->latest_less_ms = tp_cbor_int(reader, TP_LESS_MS_MIN, TP_LESS_MS_MAX);
    if (run->earliest_less_ms == 0 && run->latest_less_ms == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "bounds where they are left out");
    }
}

tp_stamp tp_stamp_run_at(const tp_stamp_run *run, uint32_t index, int64_t up_ms)
{
    tp_stamp stamp = {up_ms + run->skew_ms, 0, 0, run->first_number + index};
    if (run->has_bounds) {
        stamp.earliest_ms = stamp.ms + run->earliest_less_ms;
        stamp.latest_ms = stamp.ms + run->latest_less_ms;
    }
    return stamp;
}
