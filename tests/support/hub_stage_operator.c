/* What the hub's operator does: agencies, agreements, devices, erasing; and the clock. */
#include "sync/hub/erase_list.h"
#include "sync/wire/chain.h"
#include "tests/support/hub_stage_state.h"

#define DAY_MS INT64_C(86400000)

void stage_begin(hub_stage *stage)
{
    tp_err err;
    stage_ok(stage, tp_hub_begin(&stage->hub, &err), &err);
}

void stage_commit(hub_stage *stage)
{
    tp_err err;
    stage_ok(stage, tp_hub_commit(&stage->hub, &err), &err);
}

void stage_clock(hub_stage *stage, char **words, uint32_t count)
{
    (void)count;
    tp_clock_fixed_advance(&stage->clock, strtol(words[1], NULL, 10) * DAY_MS);
}

/* ---- Agencies ---- */

void stage_agency(hub_stage *stage, char **words, uint32_t count)
{
    tp_err err;
    (void)count;
    stage_begin(stage);
    stage_ok(stage, tp_hub_agency_add(stage->hub.store, words[1], words[1], &err), &err);
    stage_commit(stage);
}

/* In a transaction. */
static uint16_t need_agency(hub_stage *stage, const char *id)
{
    uint16_t agency = tp_hub_agency_find(stage->hub.store, tp_slice_str(id));
    stage_need(stage, agency != 0, "no agency is called %s", id);
    return agency;
}

static void put_agreement(hub_stage *stage, const char *id, int64_t from_ms, int64_t until_ms)
{
    tp_err err;
    tp_hub_store *store = stage->hub.store;
    stage_begin(stage);
    tp_hub_agreement agreement = {need_agency(stage, id), from_ms, until_ms};
    stage_ok(stage, tp_hub_agreement_put(store, &agreement, &err), &err);
    if (until_ms > stage->hub.now_ms) {
        stage_ok(stage, tp_hub_due_add(store, until_ms, (tp_name){0, 0}, &err), &err);
    }
    stage_ok(stage,
             tp_hub_judge_everybody(stage->hub.judge, agreement.agency, stage->hub.now_ms, &err),
             &err);
    stage_commit(stage);
}

void stage_sign(hub_stage *stage, char **words, uint32_t count)
{
    int64_t now = stage->clock.reading.wall_ms;
    int64_t days = count == 2 ? 0 : strtol(words[2] + strlen("until="), NULL, 10);
    put_agreement(stage, words[1], now, days == 0 ? 0 : now + days * DAY_MS);
}

void stage_end(hub_stage *stage, char **words, uint32_t count)
{
    (void)count;
    size_t agreements_count = 0;
    stage_begin(stage);
    const tp_hub_agreement *agreements = tp_hub_agreements(stage->hub.store, &agreements_count);
    uint16_t agency = need_agency(stage, words[1]);
    int64_t from_ms = 0;
    for (size_t i = 0; i < agreements_count; i++) {
        from_ms = agreements[i].agency == agency ? agreements[i].from_ms : from_ms;
    }
    stage_commit(stage);
    put_agreement(stage, words[1], from_ms, stage->clock.reading.wall_ms);
}

/* ---- Devices ---- */

/* As enrolment leaves it, without the HTTP. */
void stage_enrol(hub_stage *stage, char **words, uint32_t count)
{
    tp_err err;
    stage_need(stage, stage->devices_count < STAGE_DEVICES_MAX, "too many devices");
    stage_device *d = &stage->devices[stage->devices_count++];
    (void)snprintf(d->name, sizeof d->name, "%s", words[1]);
    d->id = tp_rng_u64(&stage->rng.rng) | 1;
    d->is_kiosk = count > 3;
    tp_buf_init(&d->log, 16u << 20);
    stage_ok(stage, tp_key_generate(&stage->rng.rng, &d->key, &err), &err);
    tp_chain_start(d->id, d->h);
    stage_begin(stage);
    tp_hub_device known = {.id = d->id, .is_kiosk = d->is_kiosk, .enrolled_ms = stage->hub.now_ms};
    known.agency = need_agency(stage, words[2]);
    known.receipt = tp_hub_feed_end(stage->hub.store, known.agency);
    tp_key_public(d->key, &known.key);
    memcpy(known.h, d->h, sizeof known.h);
    stage_ok(stage, tp_hub_device_put(stage->hub.store, &known, &err), &err);
    stage_commit(stage);
}

tp_hub_device stage_known(hub_stage *stage, const char *name)
{
    tp_err err;
    tp_hub_device known;
    uint64_t id = stage_need_device(stage, name)->id;
    stage_ok(stage, tp_hub_device_get(stage->hub.store, id, &known, &err), &err);
    return known;
}

void stage_revoke(hub_stage *stage, char **words, uint32_t count)
{
    tp_err err;
    (void)count;
    stage_begin(stage);
    tp_hub_device known = stage_known(stage, words[1]);
    known.revoked_ms = stage->hub.now_ms;
    stage_ok(stage, tp_hub_device_put(stage->hub.store, &known, &err), &err);
    stage_commit(stage);
}

tp_hub_device hub_stage_known(hub_stage *stage, const char *name)
{
    stage_begin(stage);
    tp_hub_device known = stage_known(stage, name);
    tp_hub_rollback(&stage->hub);
    return known;
}

/* ---- Erasing ---- */

static tp_rc try_to_erase(hub_stage *stage, tp_name name, bool has_everything, tp_err *err)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    stage_begin(stage);
    tp_rc rc = tp_hub_erase_find(&stage->hub, name, has_everything, &plan, err);
    if (rc == TP_OK) {
        rc = tp_hub_erase(&stage->hub, &plan, "Olu", "asked for", err);
    }
    if (rc == TP_OK) {
        stage_commit(stage);
    } else {
        tp_hub_rollback(&stage->hub);
    }
    tp_hub_erase_plan_done(&plan);
    return rc;
}

void stage_erase(hub_stage *stage, char **words, uint32_t count)
{
    tp_err err;
    bool is_gone = false;
    tp_name name = stage_need_ref(stage, words[1])->name;
    stage_ok(stage, try_to_erase(stage, name, count > 2, &err), &err);
    stage_ok(stage, tp_hub_store_scrub(stage->hub.store, &is_gone, &err), &err);
    stage_need(stage, is_gone, "what was erased may be in the file yet");
    stage_ok(stage, tp_hub_erase_list_settle(&stage->hub, &err), &err);
}

void stage_keeps(hub_stage *stage, char **words, uint32_t count)
{
    tp_err err;
    tp_name name = stage_need_ref(stage, words[1])->name;
    tp_rc rc = try_to_erase(stage, name, count > 2, &err);
    stage_need(stage, rc != TP_OK, "%s was erased", words[1]);
    /* As sync/hub/erase.h has them: nothing that failed on the way. */
    bool is_refusal = rc == TP_DENIED || rc == TP_INVALID || rc == TP_EXISTS || rc == TP_NOTFOUND;
    stage_need(stage, is_refusal, "%s: %s", tp_rc_name(rc), err.what);
}
