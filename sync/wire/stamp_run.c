/* Stamps as differences, run by run. */
#include "sync/wire/stamp_run.h"

#include "platform/base/limits.h"

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

/* May both stand in one run?  Says nothing of their numbers. */
static bool run_fits(const tp_stamp_run *a, const tp_stamp_run *b)
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

void tp_stamp_runs_init(tp_stamp_runs *runs)
{
    memset(runs, 0, sizeof *runs);
    tp_buf_init(&runs->bytes, TP_MESSAGE_HEAD_BYTES_MAX);
}

void tp_stamp_runs_done(tp_stamp_runs *runs)
{
    tp_buf_done(&runs->bytes);
}

tp_rc tp_stamp_runs_add(tp_stamp_runs *runs, int64_t up_ms, const tp_stamp *stamp, tp_err *err)
{
    tp_stamp_run run;
    if (!tp_stamp_run_of(stamp, up_ms, &run)) {
        return tp_fail(err, TP_INVALID, "a stamp out of range");
    }
    tp_stamp_run *last = &runs->last;
    if (last->count > 0 && run.first_number != last->first_number + last->count) {
        return tp_fail(err, TP_INVALID, "acceptance numbers with a gap");
    }
    if (last->count > 0 && run_fits(last, &run)) {
        last->count++;
        return TP_OK;
    }
    tp_rc rc = tp_stamp_runs_end(runs, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (runs->count == 0) {
        runs->first_number = run.first_number;
    }
    *last = run;
    return TP_OK;
}

tp_rc tp_stamp_runs_end(tp_stamp_runs *runs, tp_err *err)
{
    const tp_stamp_run *run = &runs->last;
    if (run->count == 0) {
        return TP_OK;
    }
    size_t bytes_before = runs->bytes.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&runs->bytes, err);
    tp_cbor_put_array(&w, run->has_bounds ? 4 : 2);
    tp_cbor_put_uint(&w, run->count);
    tp_cbor_put_int(&w, run->skew_ms);
    if (run->has_bounds) {
        tp_cbor_put_int(&w, run->earliest_less_ms);
        tp_cbor_put_int(&w, run->latest_less_ms);
    }
    if (w.rc != TP_OK) {
        runs->bytes.bytes = bytes_before;
        return w.rc;
    }
    runs->count++;
    runs->last.count = 0;
    return TP_OK;
}

void tp_stamp_runs_put(tp_cbor_writer *writer, const tp_stamp_runs *runs)
{
    tp_cbor_put_array(writer, 2);
    tp_cbor_put_uint(writer, runs->first_number);
    tp_cbor_put_array(writer, runs->count);
    tp_cbor_put_raw(writer, tp_buf_slice(&runs->bytes));
}

void tp_stamp_runs_read(tp_cbor_reader *reader, tp_stamp_runs_reader *out)
{
    tp_stamp_run run;
    memset(out, 0, sizeof *out);
    tp_cbor_array_of(reader, 2);
    const tp_stamp_run start = {.first_number = tp_cbor_uint(reader, TP_NUMBER_MAX)};
    out->list.left = tp_cbor_array(reader, TP_BATCH_CHANGES_MAX);
    if (start.first_number == 0 || out->list.left == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "no number, or no run");
    }
    out->list.reader = *reader;
    const tp_cbor_list first = out->list;
    out->last = start;
    while (tp_stamp_runs_next(out, &run)) {
        out->changes += run.count;
    }
    *reader = out->list.reader;
    out->list = first;
    out->last = start;
}

bool tp_stamp_runs_next(tp_stamp_runs_reader *reader, tp_stamp_run *out)
{
    if (!tp_cbor_list_next(&reader->list)) {
        return false;
    }
    tp_cbor_reader *r = &reader->list.reader;
    tp_stamp_run *last = &reader->last;
    tp_stamp_run run = {0, last->first_number + last->count, 0, false, 0, 0};
    uint32_t members = tp_cbor_array(r, 4);
    run.count = (uint32_t)tp_cbor_uint(r, TP_BATCH_CHANGES_MAX);
    run.skew_ms = tp_cbor_int(r, TP_SKEW_MS_MIN, TP_SKEW_MS_MAX);
    if (members == 4) {
        tp_stamp_run_read_bounds(r, &run);
    } else if (members != 2) {
        tp_cbor_fail(r, TP_CORRUPT, "an array of another length");
    }
    if (run.count == 0 || run.first_number + run.count - 1 > TP_NUMBER_MAX ||
        (last->count > 0 && run_fits(last, &run))) {
        tp_cbor_fail(r, TP_CORRUPT, "an empty run, or one that goes on as another");
    }
    *last = run;
    *out = run;
    return r->rc == TP_OK;
}
