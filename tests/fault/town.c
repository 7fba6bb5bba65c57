/* A hub and two nodes, each on a disk in memory. */
#include "tests/fault/town.h"

#include "node/record/json.h"
#include "platform/base/alloc.h"
#include "schema/name_text.h"
#include "sync/hub/exchange.h"
#include "sync/log/verify.h"
#include "sync/session/ask.h"
#include "sync/session/json.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const names[TOWN_PLACES] = {"van", "desk", "hub"};
static const char *const agencies[TOWN_NODES] = {"street-outreach", "friary"};

static void must(tp_rc rc, const tp_err *err)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err->what);
    }
}

/* ---- Founding ---- */

static void make_place(town *t, int place)
{
    tp_err err = {0};
    town_place *p = &t->at[place];
    p->dir = temp_dir_path(&t->dir, names[place]);
    p->disk = disk_open(p->dir.at);
    tp_clock_fixed_init(&p->clock, TOWN_NOW_MS, 60000, (uint8_t)(place + 1));
    tp_rng_seeded_init(&p->rng, (uint64_t)place + 1);
    if (place == TOWN_HUB) {
        must(tp_hub_make(p->dir.at, &p->clock.clock, &p->rng.rng, &err), &err);
        return;
    }
    must(tp_node_init(p->dir.at, tp_slice_str(agencies[place]), &p->clock.clock, &p->rng.rng, &err),
         &err);
    must(tp_key_generate(&p->rng.rng, &p->key, &err), &err);
    must(town_open(t, place, &err), &err);
    p->id = tp_log_device(p->node.log);
    town_close(t, place);
}

static void sign_agreement(tp_hub *hub, int place)
{
    tp_err err = {0};
    must(tp_hub_agency_add(hub->store, agencies[place], agencies[place], &err), &err);
    tp_hub_agreement agreement = {tp_hub_agency_find(hub->store, tp_slice_str(agencies[place])),
                                  TOWN_NOW_MS - 1000, 0};
    must(tp_hub_agreement_put(hub->store, &agreement, &err), &err);
}

/* As enrolment leaves it, without the HTTP. */
static void enrol(town *t, int place)
{
    tp_err err = {0};
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    tp_hub_device d = {.id = t->at[place].id, .enrolled_ms = TOWN_NOW_MS};
    d.agency = tp_hub_agency_find(hub->store, tp_slice_str(agencies[place]));
    d.receipt = tp_hub_feed_end(hub->store, d.agency);
    tp_key_public(t->at[place].key, &d.key);
    tp_chain_start(d.id, d.h);
    must(tp_hub_device_put(hub->store, &d, &err), &err);
}

void town_found(town *t)
{
    tp_err err = {0};
    memset(t, 0, sizeof *t);
    t->blocks_before = tp_alloc_live();
    t->dir = temp_dir_make();
    for (int place = 0; place < TOWN_PLACES; place++) {
        make_place(t, place);
    }
    must(town_open(t, TOWN_HUB, &err), &err);
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    must(tp_hub_begin(hub, &err), &err);
    for (int place = 0; place < TOWN_NODES; place++) {
        sign_agreement(hub, place);
        enrol(t, place);
    }
    must(tp_hub_commit(hub, &err), &err);
    town_close(t, TOWN_HUB);
    for (int place = 0; place < TOWN_NODES; place++) {
        must(town_open(t, TOWN_HUB, &err), &err);
        must(town_open(t, place, &err), &err);
        must(town_sync(t, place, &err), &err);
        town_close(t, place);
        town_close(t, TOWN_HUB);
    }
}

void town_end(town *t)
{
    for (int place = 0; place < TOWN_PLACES; place++) {
        town_close(t, place);
        tp_key_free(t->at[place].key);
        disk_close(t->at[place].disk);
    }
    temp_dir_remove(&t->dir);
    assert_int_equal(tp_alloc_live(), t->blocks_before);
}

void town_save(const town *t, town_saved *saved)
{
    for (int place = 0; place < TOWN_PLACES; place++) {
        saved->disks[place] = disk_open("/nowhere/saved");
        disk_copy(t->at[place].disk, saved->disks[place]);
    }
}

void town_restore(town *t, const town_saved *saved)
{
    for (int place = 0; place < TOWN_PLACES; place++) {
        disk_copy(saved->disks[place], t->at[place].disk);
    }
}

void town_saved_free(town_saved *saved)
{
    for (int place = 0; place < TOWN_PLACES; place++) {
        disk_close(saved->disks[place]);
        saved->disks[place] = NULL;
    }
}

/* ---- Opening ---- */

void town_sow(town *t, uint64_t seed)
{
    for (int place = 0; place < TOWN_PLACES; place++) {
        tp_rng_seeded_init(&t->at[place].rng, seed * TOWN_PLACES + (uint64_t)place + 1000);
    }
}

tp_rc town_open(town *t, int place, tp_err *err)
{
    town_place *p = &t->at[place];
    return place == TOWN_HUB ? tp_hub_open(p->dir.at, &p->clock.clock, &p->rng.rng, &p->hub, err)
                             : tp_node_open(p->dir.at, &p->clock.clock, &p->rng.rng, &p->node, err);
}

void town_close(town *t, int place)
{
    town_place *p = &t->at[place];
    if (place != TOWN_HUB && p->node.store != NULL) {
        assert_int_equal(tp_store_statements_open(p->node.store), 0);
        assert_false(tp_store_is_in_tx(p->node.store));
        tp_node_close(&p->node);
    } else if (p->hub.store != NULL) {
        tp_hub_close(&p->hub);
        p->hub.store = NULL;
    }
}

void town_tell(town *t, int place)
{
    if (t->committed != NULL) {
        t->committed(t->ctx, place);
    }
}

/* ---- Writing ---- */

const char *town_name(tp_name name)
{
    static char texts[8][TP_NAME_TEXT_BYTES];
    static unsigned next;
    char *text = texts[next++ % 8];
    tp_name_print(name, text);
    return text;
}

static tp_rc import_text(town *t, int place, char *text, tp_name *name_out, tp_err *err)
{
    json_t *line = NULL;
    tp_import_result result;
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    tp_rc rc = tp_json_load(tp_slice_str(text), 0, &line, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_import_line(&t->at[place].node, line, &result, err);
    json_decref(line);
    if (rc == TP_OK && name_out != NULL) {
        *name_out = result.written.record;
    }
    if (rc == TP_OK && result.written.code[0] != '\0') {
        memcpy(t->code, result.written.code, sizeof t->code);
    }
    return rc;
}

tp_rc town_write(town *t, int place, tp_name *name_out, tp_err *err, const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (++t->written <= t->skip) {
        return TP_OK;
    }
    town_sow(t, t->written);
    tp_rc rc = import_text(t, place, text, name_out, err);
    if (rc == TP_OK) {
        town_tell(t, place);
    }
    return rc;
}

/* ---- Syncing ---- */

typedef struct syncing {
    town *t;
    int place;
    tp_ask *ask;
    tp_buf request;
    tp_buf response;
    unsigned status;
} syncing;

static tp_rc make_request(syncing *s, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(s->t->at[s->place].node.store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_ask_make_request(s->ask, &tx, &s->request, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK) {
        town_tell(s->t, s->place);
    }
    return rc;
}

static tp_rc be_answered(syncing *s, tp_err *err)
{
    tp_hub *hub = &s->t->at[TOWN_HUB].hub;
    tp_hub_device d;
    tp_refusal refusal = (tp_refusal)0;
    tp_buf_clear(&s->response);
    tp_rc rc = tp_hub_begin(hub, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_hub_device_get(hub->store, s->t->at[s->place].id, &d, err);
    if (rc == TP_OK) {
        rc = tp_hub_exchange(hub, &d, tp_buf_slice(&s->request), TOWN_NOW_MS, &s->response,
                             &refusal, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    } else {
        tp_hub_rollback(hub);
    }
    if (rc == TP_OK) {
        town_tell(s->t, TOWN_HUB);
    }
    s->status = refusal == 0 ? 200 : (unsigned)tp_refusal_of(refusal)->http_status;
    const uint32_t to = tp_body_mark(tp_buf_slice(&s->request));
    return rc == TP_OK && refusal != 0 ? tp_answer_refusal_encode(refusal, 0, to, &s->response, err)
                                       : rc;
}

static tp_rc apply(syncing *s, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_node *node = &s->t->at[s->place].node;
    bool is_gone = false;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_ask_apply(s->ask, &tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK) {
        town_tell(s->t, s->place);
    }
    if (rc != TP_OK || !tp_ask_needs_scrub(s->ask)) {
        return rc;
    }
    rc = tp_merge_scrub(node->merge, &is_gone, err);
    if (rc == TP_OK) {
        tp_ask_scrubbed(s->ask, is_gone);
        town_tell(s->t, s->place);
    }
    return rc;
}

static tp_rc turn(syncing *s, tp_err *err)
{
    tp_rc rc = make_request(s, err);
    if (rc == TP_OK) {
        rc = be_answered(s, err);
    }
    if (rc == TP_OK) {
        rc = tp_ask_take_response(s->ask, s->status, tp_buf_slice(&s->response), err);
    }
    return rc == TP_OK && s->status == 200 ? apply(s, err) : rc;
}

tp_rc town_sync(town *t, int place, tp_err *err)
{
    enum { TURNS_MAX = 20 };
    syncing s = {.t = t, .place = place};
    town_place *p = &t->at[place];
    tp_buf_init(&s.request, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&s.response, TP_MESSAGE_BYTES_MAX);
    town_sow(t, 500);
    const tp_ask_config config = {.merge = p->node.merge, .key = p->key, .rng = &p->rng.rng};
    tp_rc rc = tp_ask_new(&config, &s.ask, err);
    for (unsigned i = 0; rc == TP_OK && !tp_ask_is_done(s.ask); i++) {
        assert_true(i < TURNS_MAX);
        rc = turn(&s, err);
    }
    if (rc == TP_OK) {
        assert_false(tp_ask_differs(s.ask));
    }
    tp_ask_free(s.ask);
    tp_buf_done(&s.request);
    tp_buf_done(&s.response);
    return rc;
}

/* ---- Whole? ---- */

static void verify_node(tp_node *node)
{
    static tp_log_verified verified;
    tp_err err = {0};
    tp_tx tx = TP_TX_NONE;
    must(tp_store_check_integrity(node->store, &err), &err);
    must(tp_tx_begin(node->store, &tx, TP_TX_READ, &err), &err);
    must(tp_log_verify(node->log, &tx, &verified, &err), &err);
    tp_tx_rollback(&tx);
    if (verified.findings.count > 0 || verified.has_other_sum) {
        fail_msg("verify: %s", verified.findings.text[0]);
    }
}

static void verify_hub(tp_hub *hub)
{
    static tp_hub_verified verified;
    tp_err err = {0};
    must(tp_hub_store_verify(hub->store, NULL, NULL, &verified, &err), &err);
    if (verified.findings.count > 0) {
        fail_msg("verify: %s", verified.findings.text[0]);
    }
}

void town_verify(town *t, int place)
{
    if (place == TOWN_HUB) {
        verify_hub(&t->at[place].hub);
    } else {
        verify_node(&t->at[place].node);
    }
}
