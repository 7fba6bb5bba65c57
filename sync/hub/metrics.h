/* How a hub does, as numbers for who looks after it (Prometheus' text format, version 0.0.4).
 *
 * Counts only: no person, no device and no agency is named, and nothing of what was written.  A
 * counter stands there from the start, at 0, so that the first time anything happens is seen. */
#ifndef TP_SYNC_HUB_METRICS_H
#define TP_SYNC_HUB_METRICS_H

#include "platform/net/http_server.h"
#include "sync/hub/hub.h"

/* What the handler answers with; any other status is counted as the last, 0. */
#define TP_HUB_STATUSES_COUNT 11u
extern const unsigned tp_hub_statuses[TP_HUB_STATUSES_COUNT];

typedef struct tp_hub_answers {
    uint64_t by[TP_HUB_DOOR_COUNT][TP_HUB_STATUSES_COUNT];
} tp_hub_answers;

void tp_hub_answers_count(tp_hub_answers *answers, tp_hub_door door, unsigned status);
/* Adds what `more` has, and empties it. */
void tp_hub_answers_move(tp_hub_answers *answers, tp_hub_answers *more);

/* How long something took. */
#define TP_HUB_SPANS_COUNT 8u
typedef struct tp_hub_durations {
    uint64_t within[TP_HUB_SPANS_COUNT]; /* up to each bound of the text, each once */
    uint64_t count;
    uint64_t sum_us;
} tp_hub_durations;

void tp_hub_durations_add(tp_hub_durations *durations, int64_t us);

typedef struct tp_hub_metrics {
    const tp_hub_sums *sums;
    const tp_hub_answers *answers;
    const tp_hub_durations *syncs;   /* handling a request */
    const tp_hub_durations *commits; /* of a round, with what it waits for the disk */
    const tp_hub_gauges *gauges;     /* NULL: the store cannot be read */
    const tp_http_server_stats *http;
    uint64_t judge_us;
    int64_t free_bytes; /* below 0: nobody knows */
    bool is_clock_back;
} tp_hub_metrics;

/* Appended.  Errors: LIMIT, NOMEM of `out`. */
TP_MUST_USE tp_rc tp_hub_metrics_write(const tp_hub_metrics *metrics, tp_buf *out, tp_err *err);

#endif
