/* What must hold: what a line asks for, and what always must after a sync. */
#include "sync/hub/store_erased.h"
#include "tests/support/hub_stage_state.h"

static bool is_there(const stage_held *has)
{
    return has != NULL && !has->is_given_back;
}

/* ---- What a device has ---- */

static const stage_held *held_of(hub_stage *stage, const char *device, const char *ref)
{
    return stage_held_of(stage_need_device(stage, device), stage_need_ref(stage, ref)->name);
}

void stage_holds(hub_stage *stage, char **words, uint32_t count)
{
    for (uint32_t i = 2; i < count; i++) {
        stage_need(stage, is_there(held_of(stage, words[0], words[i])), "%s has no %s", words[0],
                   words[i]);
    }
}

void stage_lacks(hub_stage *stage, char **words, uint32_t count)
{
    for (uint32_t i = 2; i < count; i++) {
        stage_need(stage, !is_there(held_of(stage, words[0], words[i])), "%s has %s", words[0],
                   words[i]);
    }
}

void stage_never_sent(hub_stage *stage, char **words, uint32_t count)
{
    for (uint32_t i = 2; i < count; i++) {
        stage_need(stage, held_of(stage, words[0], words[i]) == NULL, "%s had %s", words[0],
                   words[i]);
    }
}

void stage_verdict(hub_stage *stage, char **words, uint32_t count)
{
    (void)count;
    const stage_held *has = held_of(stage, words[0], words[2]);
    stage_need(stage, has != NULL, "there is no verdict on %s", words[2]);
    const char *verdict = (has->verdict & TP_VERDICT_HOLDER_LOST) != 0 ? "lost" : "held";
    stage_need(stage, strcmp(verdict, words[3]) == 0, "the verdict on %s is %s", words[2], verdict);
}

/* ---- What the hub has ---- */

typedef struct looking {
    tp_name name;
    bool is_found;
} looking;

static tp_rc look_quarantined(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    looking *l = ctx;
    (void)err;
    l->is_found |= tp_name_eq(entry->name, l->name);
    return TP_OK;
}

void stage_quarantined(hub_stage *stage, char **words, uint32_t count)
{
    tp_err err;
    tp_hub_item item;
    tp_hub_store *store = stage->hub.store;
    for (uint32_t i = 1; i < count; i++) {
        looking l = {stage_need_ref(stage, words[i])->name, false};
        stage_begin(stage);
        stage_ok(stage, tp_hub_quarantine_all(store, 0, look_quarantined, &l, &err), &err);
        tp_rc rc = tp_hub_log_get(store, l.name, &item, NULL, &err);
        tp_hub_rollback(&stage->hub);
        stage_need(stage, l.is_found, "%s is not in quarantine", words[i]);
        stage_need(stage, rc == TP_NOTFOUND, "%s is in the log", words[i]);
    }
}

static tp_rc look_erased(void *ctx, const tp_hub_item *item, tp_err *err)
{
    (void)ctx;
    (void)item;
    return tp_fail(err, TP_EXISTS, "the hub has some of it");
}

void stage_erased(hub_stage *stage, char **words, uint32_t count)
{
    tp_err err;
    const tp_name none = {0, 0};
    tp_hub_store *store = stage->hub.store;
    for (uint32_t i = 1; i < count; i++) {
        bool is_erased = false;
        tp_name name = stage_need_ref(stage, words[i])->name;
        stage_begin(stage);
        stage_ok(stage, tp_hub_erased_has(store, name, &is_erased, &err), &err);
        stage_need(stage, is_erased, "%s is not erased", words[i]);
        stage_ok(stage, tp_hub_log_about(store, none, name, look_erased, NULL, &err), &err);
        tp_hub_rollback(&stage->hub);
    }
}

/* ---- After a sync ---- */

typedef struct comparing {
    hub_stage *stage;
    uint16_t agency;
    uint64_t after;  /* a position in the agency's feed: what moved since */
    stage_device *d; /* whose hands are compared with it */
} comparing;

static tp_hub_feed_row row_of(const comparing *c, tp_name name)
{
    tp_err err;
    tp_hub_feed_row rows[TP_AGENCIES_MAX];
    stage_ok(c->stage, tp_hub_feed_of(c->stage->hub.store, name, rows, &err), &err);
    return rows[c->agency - 1];
}

/* What moved in a feed after a position, for the message of a failure. */
static tp_rc tell_moved(void *ctx, const tp_hub_item *item, tp_err *err)
{
    (void)err;
    const comparing *c = ctx;
    const hub_stage *stage = c->stage;
    const tp_hub_feed_row row = row_of(c, item->name);
    if (row.position > c->after) {
        const char *ref = "an update";
        for (uint32_t i = 0; i < stage->refs_count; i++) {
            ref = tp_name_eq(stage->refs[i].name, item->name) ? stage->refs[i].ref : ref;
        }
        print_error("moved: %s (change %d, entity %u), now %s, verdict %u\n", ref,
                    (int)item->stamp.number, item->entity, row.is_held ? "held" : "given back",
                    row.verdict);
    }
    return TP_OK;
}

static void check_unmoved(hub_stage *stage, uint16_t agency, uint64_t end)
{
    tp_err err;
    tp_hub_store *store = stage->hub.store;
    const uint64_t end_now = tp_hub_feed_end(store, agency);
    if (end_now != end) {
        comparing c = {.stage = stage, .agency = agency, .after = end};
        stage_ok(stage, tp_hub_log_all(store, 0, 0, tell_moved, &c, &err), &err);
    }
    stage_need(stage, end_now == end, "judged again, %d rows move for agency %u",
               (int)(end_now - end), agency);
}

void stage_check_judged(hub_stage *stage)
{
    tp_err err;
    tp_hub_store *store = stage->hub.store;
    tp_hub_persons *persons = NULL;
    tp_hub_judge *judge = NULL;
    uint64_t ends[TP_AGENCIES_MAX];
    size_t count = 0;
    stage_begin(stage);
    (void)tp_hub_agencies(store, &count);
    for (uint16_t a = 0; a < count; a++) {
        ends[a] = tp_hub_feed_end(store, (uint16_t)(a + 1));
    }
    stage_ok(stage, tp_hub_persons_new(store, &persons, &err), &err);
    stage_ok(stage, tp_hub_judge_new(store, persons, &judge, &err), &err);
    stage_ok(stage, tp_hub_judge_everybody(judge, 0, stage->hub.now_ms, &err), &err);
    for (uint16_t a = 0; a < count; a++) {
        check_unmoved(stage, (uint16_t)(a + 1), ends[a]);
    }
    tp_hub_judge_free(judge);
    tp_hub_persons_free(persons);
    tp_hub_rollback(&stage->hub);
}

static tp_rc compare_held(void *ctx, const tp_hub_item *item, tp_err *err)
{
    (void)err;
    const comparing *c = ctx;
    const tp_hub_feed_row row = row_of(c, item->name);
    /* What stands in no feed stays with who wrote it. */
    bool may = row.position != 0 ? row.is_held : item->name.device == c->d->id;
    bool is = is_there(stage_held_of(c->d, item->name));
    stage_need(c->stage, may == is, "%s %s change %d, entity %u", c->d->name,
               is ? "holds what it may not:" : "has not what it may hold:", (int)item->stamp.number,
               item->entity);
    return TP_OK;
}

void stage_check_held(hub_stage *stage, stage_device *d)
{
    tp_err err;
    tp_hub_store *store = stage->hub.store;
    if (d->is_kiosk) {
        return;
    }
    stage_begin(stage);
    comparing c = {.stage = stage, .agency = tp_hub_device_agency(store, d->id), .d = d};
    stage_ok(stage, tp_hub_log_all(store, 0, 0, compare_held, &c, &err), &err);
    for (uint32_t i = 0; i < d->has_count; i++) {
        bool is_erased = false;
        stage_ok(stage, tp_hub_erased_has(store, d->has[i].record, &is_erased, &err), &err);
        stage_need(stage, !is_erased || !is_there(&d->has[i]), "%s holds what was erased", d->name);
    }
    tp_hub_rollback(&stage->hub);
}
