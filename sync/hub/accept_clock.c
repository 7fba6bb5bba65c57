/* By what clock a push was written: the eras that a device tells, and those of another machine
 * under its id. */
#include "sync/hub/accept_state.h"

/* ---- Eras ---- */

static tp_era *era_of(tp_hub_acceptor *a, uint32_t number)
{
    uint32_t at = 0;
    while (at < a->eras_count && a->eras[at].era < number) {
        at++;
    }
    if (at < a->eras_count && a->eras[at].era == number) {
        return &a->eras[at];
    }
    if (a->eras_count == TP_HUB_ERAS_MAX) {
        if (at == 0) {
            return NULL; /* older than any that is still kept in mind */
        }
        memmove(&a->eras[0], &a->eras[1], (TP_HUB_ERAS_MAX - 1) * sizeof a->eras[0]);
        a->eras_count--;
        at--;
    }
    memmove(&a->eras[at + 1], &a->eras[at], (a->eras_count - at) * sizeof a->eras[0]);
    memset(&a->eras[at], 0, sizeof a->eras[at]);
    a->eras[at].era = number;
    a->eras_count++;
    return &a->eras[at];
}

/* Nothing is known of it yet but its number. */
static bool is_bare(const tp_era *era)
{
    return era->first_up_ms == 0 && era->last_up_ms == 0;
}

/* Is a later era known than this one?  Then it has ended for whoever told that, who tells it only
 * once: that another machine, whose data was copied, is still in it moves no bound of what came
 * next. */
static bool is_over(const tp_hub_acceptor *a, const tp_era *era)
{
    return a->eras_count > 0 && a->eras[a->eras_count - 1].era > era->era;
}

/* A span only widens what was told before.  But whoever has gone on to another era says where this
 * one ended for them: what is known of it behind that was a copy's, or of a request whose answer
 * got lost, and the bounds of what came next do not begin there. */
static void widen(const tp_hub_acceptor *a, tp_era *era, const tp_era_span *span, bool has_ended)
{
    bool is_new = is_bare(era);
    era->boot = span->boot;
    era->start = span->start != 0 ? span->start : era->start;
    if (is_new || span->first_up_ms < era->first_up_ms) {
        era->first_up_ms = span->first_up_ms;
        era->first_skew_ms = span->first_skew_ms;
    }
    if (is_new || has_ended || (span->last_up_ms > era->last_up_ms && !is_over(a, era))) {
        era->last_up_ms = span->last_up_ms;
        era->last_skew_ms = span->last_skew_ms;
    }
}

/* ---- Two clocks under one id ---- */

/* The start that a device tells of an era; 0: of none, or none. */
static uint32_t start_told(const tp_hub_heard *heard, uint32_t era)
{
    for (uint32_t i = 0; i < heard->eras_count; i++) {
        if (heard->eras[i].era == era) {
            return heard->eras[i].start;
        }
    }
    return heard->clock.era == era ? heard->start : 0;
}

static bool is_anothers(const tp_era *era, uint32_t start)
{
    return start != 0 && era->start != 0 && era->start != start;
}

/* Is what was told before the era `first` of the machine that speaks?  It tells again the last era
 * that it told before, or is in that still; no two machines tell one start, and who has an era of
 * another has those before it too.  An idle request tells no eras, and nothing is stamped by it. */
static bool goes_on(const tp_hub_acceptor *a, const tp_hub_heard *heard, uint32_t first)
{
    const uint32_t start = start_told(heard, first);
    if (start == 0 || (heard->eras_count == 0 && !heard->pushes)) {
        return true;
    }
    for (uint32_t i = 0; i < a->eras_count; i++) {
        const tp_era *era = &a->eras[i];
        if (era->era == first) {
            return era->start == 0 || (era->start == start && era->boot != 0);
        }
    }
    return false;
}

/* Of what another machine told under this id: all before the first era that is told now, where that
 * does not go on from it, and all from the first one on that is the other's, but what is told
 * now. */
static tp_rc forget_anothers(tp_hub_acceptor *a, const tp_hub_heard *heard, tp_err *err)
{
    const uint32_t first = heard->eras_count > 0 ? heard->eras[0].era : heard->clock.era;
    const bool is_one = goes_on(a, heard, first);
    const uint32_t count = a->eras_count;
    bool has_met_other = false;
    a->eras_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const tp_era era = a->eras[i];
        const uint32_t start = start_told(heard, era.era);
        has_met_other = has_met_other || is_anothers(&era, start);
        const bool is_own =
            era.era < first ? is_one : !has_met_other || (era.start != 0 && era.start == start);
        if (is_own) {
            a->eras[a->eras_count++] = era;
        }
    }
    tp_rc rc = a->eras_count == count ? TP_OK : tp_hub_eras_remove(a->store, a->device->id, err);
    for (uint32_t i = 0; rc == TP_OK && a->eras_count < count && i < a->eras_count; i++) {
        rc = tp_hub_era_put(a->store, a->device->id, &a->eras[i], err);
    }
    return rc;
}

static tp_rc compare(tp_hub_acceptor *a, const tp_hub_heard *heard, tp_err *err)
{
    tp_era *present = heard->clock.era == 0 ? NULL : era_of(a, heard->clock.era);
    if (present == NULL || (present->start != 0 && heard->start == 0)) {
        return TP_OK; /* too old; or nobody says whose clock that is */
    }
    if (is_bare(present)) {
        /* Where it began is told later, if at all: not with the start of the machine. */
        *present = tp_era_begin(heard->clock, 0);
    }
    present->start = heard->start;
    const tp_era before = *present;
    tp_era_compare(present, heard->clock, heard->hub_ms);
    if (is_over(a, present)) {
        present->last_up_ms = before.last_up_ms;
        present->last_skew_ms = before.last_skew_ms;
    }
    return tp_hub_era_put(a->store, a->device->id, present, err);
}

tp_rc tp_hub_accept_begin(tp_hub_acceptor *acceptor, tp_hub_device *device,
                          const tp_hub_heard *heard, int64_t now_ms, tp_err *err)
{
    size_t count = 0;
    acceptor->device = device;
    acceptor->now_ms = now_ms;
    acceptor->meant = heard->meant;
    acceptor->is_again = heard->is_again;
    tp_rc rc =
        tp_hub_eras_get(acceptor->store, device->id, acceptor->eras, TP_HUB_ERAS_MAX, &count, err);
    if (rc != TP_OK) {
        return rc;
    }
    acceptor->eras_count = (uint32_t)count;
    rc = forget_anothers(acceptor, heard, err);
    for (uint32_t i = 0; rc == TP_OK && i < heard->eras_count; i++) {
        tp_era *era = era_of(acceptor, heard->eras[i].era);
        if (era != NULL) {
            widen(acceptor, era, &heard->eras[i], heard->eras[i].era < heard->clock.era);
            rc = tp_hub_era_put(acceptor->store, device->id, era, err);
        }
    }
    return rc == TP_OK ? compare(acceptor, heard, err) : rc;
}
