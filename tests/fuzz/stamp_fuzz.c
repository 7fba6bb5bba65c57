/* What a device tells of its clocks, whatever it is, as the hub reckons with it: eras, comparisons,
 * and the stamps of changes.  A stamp is never ahead of the hub, never before the device's last
 * one, its bounds are moments in order, and the wire can say it.
 *
 *   (what 1, era 1, a 6, b 6) ...     what % 4: time passes; an era is told, compared, used
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/base/limits.h"
#include "sync/merge/stamp.h"
#include "sync/wire/stamp_run.h"

#include <string.h>

enum { ERAS_MAX = 8, ACT_BYTES = 14, ACTS_MAX = 64 };

static const int64_t START_MS = INT64_C(1768176000000); /* 2026-01-12T00:00Z */

typedef struct hub {
    tp_era eras[ERAS_MAX];
    uint32_t count;
    int64_t now_ms;
    int64_t last_ms;
    uint64_t number;
} hub;

/* Six bytes as a number from `least` to `most`, all of which the wire carries. */
static int64_t number_of(const uint8_t *at, int64_t least, int64_t most)
{
    uint64_t n = 0;
    for (int i = 0; i < 6; i++) {
        n = n << 8 | at[i];
    }
    return least + (int64_t)(n % (uint64_t)(most - least + 1));
}

/* In ascending order; a new one where there is none yet. */
static tp_era *era_of(hub *h, uint32_t era, int64_t up_ms)
{
    uint32_t at = 0;
    while (at < h->count && h->eras[at].era < era) {
        at++;
    }
    if (at == h->count || h->eras[at].era != era) {
        memmove(&h->eras[at + 1], &h->eras[at], (h->count - at) * sizeof h->eras[0]);
        h->eras[at] = tp_era_begin((tp_era_reading){era, up_ms, up_ms}, 0);
        h->count++;
    }
    return &h->eras[at];
}

/* As in a request, where first and last stand in any order and no boot has a higher number than its
 * era; and as at the hub, which only ever widens what it was told. */
static void tell(tp_era *era, int64_t first, int64_t last)
{
    era->boot = (uint32_t)(first % (era->era + 1));
    era->first_up_ms = first < era->first_up_ms ? first : era->first_up_ms;
    era->last_up_ms = last > era->last_up_ms ? last : era->last_up_ms;
}

static void write_change(hub *h, tp_era_reading reading)
{
    tp_stamp_run run;
    tp_estimate e = tp_stamp_estimate(h->eras, h->count, reading, h->now_ms);
    tp_stamp stamp = tp_stamp_make(e, h->last_ms, h->now_ms, ++h->number);
    must(e.earliest_ms <= e.latest_ms);
    must(!e.is_certain || (e.earliest_ms == e.ms && e.latest_ms == e.ms));
    must(stamp.ms >= h->last_ms && stamp.ms <= h->now_ms);
    must(e.is_certain || (stamp.earliest_ms >= TP_STAMP_EARLIEST_MS && e.latest_ms <= h->now_ms));
    must(tp_stamp_run_of(&stamp, reading.up_ms, &run));
    tp_stamp again = tp_stamp_run_at(&run, 0, reading.up_ms);
    must(again.ms == stamp.ms && again.number == stamp.number);
    h->last_ms = stamp.ms;
}

static void act(hub *h, const uint8_t *at)
{
    uint32_t number = (uint32_t)at[1] % (ERAS_MAX - 1) + 1;
    int64_t up = number_of(at + 2, 0, TP_TIME_MS_MAX);
    tp_era_reading reading = {number, up, up + number_of(at + 8, TP_TIME_MS_MIN, TP_TIME_MS_MAX)};
    switch (at[0] % 4) {
    case 0:
        h->now_ms += number_of(at + 2, 0, INT64_C(1000) * 86400 * 365);
        break;
    case 1:
        tell(era_of(h, number, up), up, number_of(at + 8, 0, TP_TIME_MS_MAX));
        break;
    case 2:
        tp_era_compare(era_of(h, number, up), reading, h->now_ms);
        break;
    default:
        write_change(h, reading);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    hub h = {.now_ms = START_MS};
    for (size_t i = 0; i < ACTS_MAX && (i + 1) * ACT_BYTES <= bytes; i++) {
        act(&h, input + i * ACT_BYTES);
    }
    return 0;
}
