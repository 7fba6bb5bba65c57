/* Eras of the machine's clock, and corrected time. */
#include "sync/log/era.h"

#include "platform/base/alloc.h"
#include "sync/log/log_state.h"

static int64_t steady_skew(tp_log *log, const tp_era_watch *watch);
static tp_rc begin_era(tp_log *log, tp_tx *tx, const tp_era_watch *watch, tp_err *err);
static tp_rc find_last_reading(tp_log *log, tp_tx *tx, const tp_log_facts *facts,
                               tp_era_reading *reading_out, tp_err *err);
static tp_rc keep_last(tp_tx *tx, const tp_era_reading *reading, tp_err *err);
static tp_rc need_eras(tp_log *log, tp_tx *tx, tp_err *err);
static tp_rc load_eras(tp_log *log, tp_tx *tx, tp_err *err);
static void read_era(tp_stmt *s, tp_era *era);
static tp_estimate guess(const tp_era *eras, uint32_t count, const tp_era_reading *reading,
                         int64_t now_ms);
static void present_reading(tp_log *log, const tp_log_facts *facts, tp_era_reading *reading_out);

#define ERA_COLUMNS "no, boot, first_up, first_skew, last_up, last_skew, hub_offset, wall_ahead"
enum { ERA_BOOT_COLUMN = 8 /* behind them: the first era of the same boot */, FLICKER_MS = 1 };

tp_rc tp_log_read_clock(tp_log *log, tp_tx *tx, tp_era_reading *reading_out, tp_err *err)
{
    tp_log_facts facts;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_log_facts_get(log, tx, &facts, err);
    }
    return rc == TP_OK ? tp_log_observe(log, tx, &facts, reading_out, err) : rc;
}

tp_rc tp_log_observe(tp_log *log, tp_tx *tx, const tp_log_facts *facts, tp_era_reading *reading_out,
                     tp_err *err)
{
    tp_reading now = tp_clock_read(log->clock);
    /* The one in memory saw more of the same era than its row. */
    tp_era_watch watch = log->watch.era == facts->watch.era ? log->watch : facts->watch;
    tp_rc rc = TP_OK;
    if (tp_era_observe(&watch, now.boot, now.up_ms, now.wall_ms)) {
        rc = tp_log_keep_last_reading(log, tx, facts, err);
        if (rc == TP_OK) {
            rc = begin_era(log, tx, &watch, err);
        }
    }
    if (rc == TP_OK) {
        log->watch = watch;
        reading_out->era = watch.era;
        reading_out->up_ms = now.up_ms;
        reading_out->wall_ms = now.up_ms + steady_skew(log, &watch);
    }
    return rc;
}

/* The two clocks are read one after the other and cut to ms: their difference flickers by one,
 * which says nothing and would cost a byte in each change on its way. */
static int64_t steady_skew(tp_log *log, const tp_era_watch *watch)
{
    int64_t skew_ms = watch->wall_ms - watch->up_ms;
    int64_t off_ms = skew_ms - log->skew_ms;
    if (log->skew_era != watch->era || off_ms > FLICKER_MS || off_ms < -FLICKER_MS) {
        log->skew_era = watch->era;
        log->skew_ms = skew_ms;
    }
    return log->skew_ms;
}

uint32_t tp_era_start(tp_slice boot)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_sha256_of(boot, digest);
    uint32_t start = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                     (uint32_t)digest[2] << 8 | digest[3];
    return start == 0 ? 1 : start;
}

uint32_t tp_log_start(const tp_log *log)
{
    return tp_era_start(tp_slice_of(log->watch.boot, sizeof log->watch.boot));
}

static tp_rc begin_era(tp_log *log, tp_tx *tx, const tp_era_watch *watch, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_slice boot = tp_slice_of(watch->boot, sizeof watch->boot);
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT INTO era (no, boot, first_up, first_skew, last_up, last_skew)"
                             " VALUES (?1, ?2, ?3, ?4, ?3, ?4)",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, watch->era);
        tp_stmt_bind_blob(s, 2, boot);
        tp_stmt_bind_int(s, 3, watch->up_ms);
        tp_stmt_bind_int(s, 4, watch->wall_ms - watch->up_ms);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_EXISTS) { /* the present one is not the last */
        return tp_fail(err, TP_CORRUPT, "what is kept of this machine's clock is damaged");
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "UPDATE log_state SET era = ?1, era_boot = ?2, era_up = ?3,"
                           " era_wall = ?4",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, watch->era);
    tp_stmt_bind_blob(s, 2, boot);
    tp_stmt_bind_int(s, 3, watch->up_ms);
    tp_stmt_bind_int(s, 4, watch->wall_ms);
    tp_free(log->eras);
    log->eras = NULL;
    return tp_stmt_run(s, err);
}

tp_rc tp_log_keep_last_reading(tp_log *log, tp_tx *tx, const tp_log_facts *facts, tp_err *err)
{
    tp_era_reading last = {0};
    tp_rc rc = find_last_reading(log, tx, facts, &last, err);
    return rc == TP_OK && last.era != 0 ? keep_last(tx, &last, err) : rc;
}

typedef struct reading_walk {
    tp_era_reading reading;
} reading_walk;

static tp_rc take_reading(void *context, const tp_log_row *row, tp_err *err)
{
    reading_walk *walk = context;
    const bool is_whole = !row->is_stub && tp_log_row_is_whole(row);
    return is_whole ? tp_change_decode_reading(row->bytes, &walk->reading, err) : TP_OK;
}

/* Of the last change written here, if it is still held as it was; era 0: it is not. */
static tp_rc find_last_reading(tp_log *log, tp_tx *tx, const tp_log_facts *facts,
                               tp_era_reading *reading_out, tp_err *err)
{
    reading_walk walk = {{0, 0, 0}};
    uint64_t last = 0;
    tp_rc rc = tp_log_last_seq(log, tx, facts, &last, err);
    if (rc == TP_OK && last > 0) {
        tp_err missing = {0};
        rc = tp_log_get(log, tx, tp_log_own(log, last), take_reading, &walk, &missing);
        if (rc == TP_NOTFOUND) {
            rc = TP_OK;
        } else if (rc != TP_OK) {
            *err = missing;
        }
    }
    *reading_out = walk.reading;
    return rc;
}

static tp_rc keep_last(tp_tx *tx, const tp_era_reading *reading, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "UPDATE era SET last_up = ?2, last_skew = ?3 WHERE no = ?1 AND last_up < ?2", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, reading->era);
    tp_stmt_bind_int(s, 2, reading->up_ms);
    tp_stmt_bind_int(s, 3, reading->wall_ms - reading->up_ms);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_compare(tp_log *log, tp_tx *tx, const tp_era_reading *reading, int64_t hub_ms,
                     tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_era era = {0};
    tp_rc rc = tp_tx_prepare(tx, "SELECT " ERA_COLUMNS " FROM era WHERE no = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, reading->era);
        rc = tp_stmt_step(s, &is_row, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (!is_row) {
        return tp_fail(err, TP_INVALID, "a comparison in an era that never was");
    }
    read_era(s, &era);
    tp_stmt_done(s);
    tp_era_compare(&era, *reading, hub_ms);
    rc =
        tp_tx_prepare(tx,
                      "UPDATE era SET first_up = ?2, first_skew = ?3, last_up = ?4, last_skew = ?5,"
                      " hub_offset = ?6, wall_ahead = ?7 WHERE no = ?1",
                      &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, era.era);
    tp_stmt_bind_int(s, 2, era.first_up_ms);
    tp_stmt_bind_int(s, 3, era.first_skew_ms);
    tp_stmt_bind_int(s, 4, era.last_up_ms);
    tp_stmt_bind_int(s, 5, era.last_skew_ms);
    tp_stmt_bind_int(s, 6, era.offset_ms);
    tp_stmt_bind_int(s, 7, era.wall_ahead_ms);
    tp_free(log->eras);
    log->eras = NULL;
    return tp_stmt_run(s, err);
}

tp_rc tp_log_eras_untold(tp_log *log, tp_tx *tx, uint32_t last, tp_era_span *spans_out,
                         uint32_t max, uint32_t *count_out, tp_err *err)
{
    tp_log_facts facts;
    tp_era_reading reading = {0};
    tp_stmt *s = NULL;
    bool is_row = false;
    uint32_t count = 0;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK) {
        rc = find_last_reading(log, tx, &facts, &reading, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "SELECT " ERA_COLUMNS ","
                           " (SELECT min(b.no) FROM era b WHERE b.boot = era.boot)"
                           " FROM era WHERE no >= ?1 AND no <= ?2"
                           " AND EXISTS (SELECT 1 FROM era WHERE no > ?1 AND no <= ?2)"
                           " ORDER BY no LIMIT ?3",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, facts.era_told);
    tp_stmt_bind_int(s, 2, last);
    tp_stmt_bind_int(s, 3, (int64_t)max + 1);
    rc = tp_stmt_step(s, &is_row, err);
    for (; rc == TP_OK && is_row; rc = tp_stmt_step(s, &is_row, err)) {
        tp_era era = {0};
        read_era(s, &era);
        if (era.era == reading.era && era.last_up_ms < reading.up_ms) {
            era.last_up_ms = reading.up_ms;
            era.last_skew_ms = reading.wall_ms - reading.up_ms;
        }
        spans_out[count++] = (tp_era_span){era.era,
                                           (uint32_t)tp_stmt_int(s, ERA_BOOT_COLUMN),
                                           era.first_up_ms,
                                           era.first_skew_ms,
                                           era.last_up_ms,
                                           era.last_skew_ms,
                                           tp_era_start(tp_stmt_blob(s, 1))};
    }
    *count_out = count;
    return rc;
}

tp_rc tp_log_eras_told(tp_log *log, tp_tx *tx, uint32_t last, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "UPDATE log_state SET era_told = ?1 WHERE era_told < ?1", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, last);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_time_of(tp_log *log, tp_tx *tx, const tp_log_row *row, const tp_era_reading *reading,
                     tp_estimate *time_out, tp_err *err)
{
    const tp_stamp *stamp = &row->stamp;
    if (stamp->number != 0) {
        *time_out = tp_stamp_time(stamp);
        return TP_OK;
    }
    if (row->is_stub) {
        *time_out = (tp_estimate){0, false, 0, 0};
        return TP_OK;
    }
    tp_estimate now;
    tp_rc rc = tp_log_now(log, tx, &now, NULL, err);
    if (rc == TP_OK) {
        *time_out = guess(log->eras, log->eras_count, reading, now.latest_ms);
    }
    return rc;
}

tp_rc tp_log_now(tp_log *log, tp_tx *tx, tp_estimate *now_out, int64_t *wall_off_ms_out,
                 tp_err *err)
{
    tp_log_facts facts;
    tp_era_reading reading;
    tp_rc rc = need_eras(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_log_facts_get(log, tx, &facts, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    present_reading(log, &facts, &reading);
    *now_out = guess(log->eras, log->eras_count, &reading, INT64_MAX);
    /* A clock that was right may be years ahead after a start: nobody told it the time since. */
    now_out->earliest_ms =
        tp_stamp_estimate(log->eras, log->eras_count, reading, INT64_MAX).earliest_ms;
    if (wall_off_ms_out != NULL) {
        bool is_known = log->eras_count > 0 && log->eras[log->eras_count - 1].is_compared &&
                        log->eras[log->eras_count - 1].era == reading.era;
        *wall_off_ms_out = is_known ? reading.wall_ms - now_out->ms : 0;
    }
    return TP_OK;
}

/* The clock now; the era may be one that has not begun in the tables. */
static void present_reading(tp_log *log, const tp_log_facts *facts, tp_era_reading *reading_out)
{
    tp_reading now = tp_clock_read(log->clock);
    tp_era_watch watch = log->watch.era == facts->watch.era ? log->watch : facts->watch;
    (void)tp_era_observe(&watch, now.boot, now.up_ms, now.wall_ms);
    *reading_out = (tp_era_reading){watch.era, now.up_ms, now.wall_ms};
}

/* As the hub would estimate it; but where this machine has not met the hub since, what its wall
 * clock said, for want of better, and for certain if it was right when they last met. */
static tp_estimate guess(const tp_era *eras, uint32_t count, const tp_era_reading *reading,
                         int64_t now_ms)
{
    tp_estimate estimate = tp_stamp_estimate(eras, count, *reading, now_ms);
    const tp_era *before = NULL;
    bool is_met_since = false;
    for (uint32_t i = 0; i < count; i++) {
        if (eras[i].is_compared) {
            before = &eras[i];
            is_met_since = eras[i].era >= reading->era;
        }
    }
    if (estimate.is_certain || is_met_since) {
        return estimate;
    }
    bool was_right = before != NULL && before->wall_ahead_ms <= TP_STAMP_AGREES_MS &&
                     before->wall_ahead_ms >= -TP_STAMP_AGREES_MS;
    bool is_within =
        reading->wall_ms >= estimate.earliest_ms && reading->wall_ms <= estimate.latest_ms;
    /* What was written before the machine was last heard of keeps its place before this. */
    int64_t last_ms =
        before == NULL ? estimate.earliest_ms : before->last_up_ms + before->offset_ms;
    int64_t ms = reading->wall_ms < last_ms ? last_ms : reading->wall_ms;
    estimate.ms = ms > estimate.latest_ms ? estimate.latest_ms : ms;
    estimate.is_certain = was_right && is_within;
    if (estimate.is_certain) {
        estimate.earliest_ms = estimate.ms;
        estimate.latest_ms = estimate.ms;
    }
    return estimate;
}

static tp_rc need_eras(tp_log *log, tp_tx *tx, tp_err *err)
{
    tp_rc rc = tp_log_refresh(log, tx, err);
    return rc == TP_OK && log->eras == NULL ? load_eras(log, tx, err) : rc;
}

static tp_rc load_eras(tp_log *log, tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    uint8_t boot[TP_BOOT_BYTES] = {0};
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT " ERA_COLUMNS " FROM era WHERE no >"
                             " (SELECT era FROM log_state) - ? ORDER BY no",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_era *eras = tp_alloc(TP_LOG_ERAS_MAX * sizeof *eras);
    if (eras == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the clock's history");
    }
    uint32_t count = 0;
    tp_stmt_bind_int(s, 1, TP_LOG_ERAS_MAX);
    rc = tp_stmt_step(s, &is_row, err);
    for (; rc == TP_OK && is_row; rc = tp_stmt_step(s, &is_row, err)) {
        tp_era *era = &eras[count++];
        tp_slice era_boot = tp_stmt_blob(s, 1);
        read_era(s, era);
        bool is_same = era_boot.bytes == sizeof boot && memcmp(era_boot.at, boot, sizeof boot) == 0;
        era->boot = count > 1 && is_same ? eras[count - 2].boot : era->era;
        if (era_boot.bytes == sizeof boot) {
            memcpy(boot, era_boot.at, sizeof boot);
        }
    }
    if (rc != TP_OK) {
        tp_free(eras);
        return rc;
    }
    log->eras = eras;
    log->eras_count = count;
    return TP_OK;
}

/* The row the statement stands at (ERA_COLUMNS), but for its boot. */
static void read_era(tp_stmt *s, tp_era *era)
{
    era->era = (uint32_t)tp_stmt_int(s, 0);
    era->first_up_ms = tp_stmt_int(s, 2);
    era->first_skew_ms = tp_stmt_int(s, 3);
    era->last_up_ms = tp_stmt_int(s, 4);
    era->last_skew_ms = tp_stmt_int(s, 5);
    era->is_compared = !tp_stmt_is_null(s, 6);
    era->offset_ms = tp_stmt_int(s, 6);
    era->wall_ahead_ms = tp_stmt_int(s, 7);
}
