/* A real hub and a few real nodes. */
#include "tests/support/circle.h"

#include "platform/base/alloc.h"
#include "sync/log/fork.h"
#include "sync/hub/exchange.h"
#include "sync/log/verify.h"
#include "sync/wire/wire.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { REQUESTS_MAX = 100, COPY_BYTES_MAX = 64 * 1024 * 1024 };

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static void open_hub(circle *c)
{
    tp_path dir = temp_dir_path(&c->dir, "hub");
    must(tp_hub_open(dir.at, &c->clock.clock, &c->rng.rng, &c->hub, &err));
}

void circle_enrol(circle *c, uint32_t at, bool is_kiosk)
{
    tp_hub_device d;
    memset(&d, 0, sizeof d);
    must(tp_hub_begin(&c->hub, &err));
    d.id = tp_log_device(c->at[at].log);
    d.agency = tp_hub_agency_find(c->hub.store, tp_slice_str(tp_log_agency(c->at[at].log)));
    d.is_kiosk = is_kiosk;
    tp_key_public(c->keys[at], &d.key);
    d.enrolled_ms = c->hub.now_ms;
    tp_chain_start(d.id, d.h);
    must(tp_hub_device_put(c->hub.store, &d, &err));
    must(tp_hub_commit(&c->hub, &err));
}

void circle_open(circle *c, const char *const *agencies)
{
    memset(c, 0, sizeof *c);
    c->dir = temp_dir_make();
    tp_path dir = temp_dir_path(&c->dir, "hub");
    tp_clock_fixed_init(&c->clock, TP_NODE_LOG_NOW_MS, 1000000, 1);
    tp_rng_seeded_init(&c->rng, 3);
    tp_buf_init(&c->copy, COPY_BYTES_MAX);
    tp_buf_init(&c->card, COPY_BYTES_MAX);
    must(tp_hub_make(dir.at, &c->clock.clock, &c->rng.rng, &err));
    open_hub(c);
    for (; agencies[c->count] != NULL; c->count++) {
        const char *agency = agencies[c->count];
        must(tp_hub_begin(&c->hub, &err));
        if (tp_hub_agency_find(c->hub.store, tp_slice_str(agency)) == 0) {
            must(tp_hub_agency_add(c->hub.store, agency, agency, &err));
            const tp_hub_agreement agreement = {
                .agency = tp_hub_agency_find(c->hub.store, tp_slice_str(agency)), .from_ms = 1};
            must(tp_hub_agreement_put(c->hub.store, &agreement, &err));
        }
        must(tp_hub_commit(&c->hub, &err));
        tp_node_log_open(&c->at[c->count], agency, 11 + c->count);
        must(tp_key_generate(&c->rng.rng, &c->keys[c->count], &err));
        circle_enrol(c, c->count, false);
    }
}

uint32_t circle_add(circle *c, const char *agency)
{
    const uint32_t at = c->count++;
    assert_true(at < CIRCLE_NODES_MAX);
    tp_node_log_open(&c->at[at], agency, 77);
    must(tp_key_generate(&c->rng.rng, &c->keys[at], &err));
    circle_enrol(c, at, false);
    return at;
}

void circle_close(circle *c)
{
    must(tp_hub_store_check(c->hub.store, &err));
    for (uint32_t i = 0; i < c->count; i++) {
        tp_node_log_close(&c->at[i]);
        tp_key_free(c->keys[i]);
    }
    tp_buf_done(&c->copy);
    tp_buf_done(&c->card);
    tp_hub_close(&c->hub);
    temp_dir_remove(&c->dir);
    assert_int_equal(tp_alloc_live(), 0);
}

/* ---- Syncing ---- */

tp_ask *circle_ask(circle *c, uint32_t at)
{
    tp_ask *ask = NULL;
    const tp_ask_config config = {.merge = c->at[at].merge, .key = c->keys[at], .rng = &c->rng.rng};
    must(tp_ask_new(&config, &ask, &err));
    return ask;
}

static tp_refusal answer(circle *c, uint32_t at, const tp_buf *request, tp_buf *response)
{
    tp_hub_device d;
    tp_refusal refusal = (tp_refusal)0;
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_device_get(c->hub.store, tp_log_device(c->at[at].log), &d, &err));
    must(tp_hub_exchange(&c->hub, &d, tp_buf_slice(request), c->hub.now_ms, response, &refusal,
                         &err));
    c->generation = tp_hub_store_state(c->hub.store)->generation;
    must(tp_hub_commit(&c->hub, &err));
    return refusal;
}

static tp_rc take(circle *c, tp_ask *ask, tp_refusal refusal, const tp_buf *response)
{
    char json[128];
    if (refusal == 0) {
        return tp_ask_take_response(ask, 200, tp_buf_slice(response), &err);
    }
    const tp_refusal_row *row = tp_refusal_of(refusal);
    snprintf(json, sizeof json, "{\"error\":\"%s\",\"generation\":%lld}", row->code,
             (long long)c->generation);
    return tp_ask_take_response(ask, (unsigned)row->http_status, tp_slice_str(json), &err);
}

bool circle_exchange(circle *c, uint32_t at, tp_ask *ask)
{
    tp_tx tx;
    tp_buf request;
    tp_buf response;
    tp_buf_init(&request, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&response, TP_HTTP_RESPONSE_BYTES_MAX);
    tp_node_log_begin(&c->at[at], &tx, TP_TX_WRITE);
    must(tp_ask_make_request(ask, &tx, &request, &err));
    tp_node_log_commit(&tx);
    const tp_refusal refusal = answer(c, at, &request, &response);
    must(take(c, ask, refusal, &response));
    c->request_bytes += request.bytes;
    c->response_bytes += response.bytes;
    tp_buf_done(&request);
    if (refusal != 0) {
        tp_buf_done(&response);
        return false;
    }
    tp_node_log_begin(&c->at[at], &tx, TP_TX_WRITE);
    must(tp_ask_apply(ask, &tx, &err));
    tp_node_log_commit(&tx);
    tp_buf_done(&response);
    if (tp_ask_needs_scrub(ask)) {
        bool is_gone = false;
        must(tp_merge_scrub(c->at[at].merge, &is_gone, &err));
        tp_ask_scrubbed(ask, is_gone);
    }
    return true;
}

void circle_unheard(circle *c, uint32_t at, tp_ask *ask)
{
    tp_tx tx;
    tp_buf request;
    tp_buf response;
    tp_buf_init(&request, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&response, TP_HTTP_RESPONSE_BYTES_MAX);
    tp_node_log_begin(&c->at[at], &tx, TP_TX_WRITE);
    must(tp_ask_make_request(ask, &tx, &request, &err));
    tp_node_log_commit(&tx);
    assert_int_equal(answer(c, at, &request, &response), 0);
    tp_buf_done(&request);
    tp_buf_done(&response);
    tp_ask_free(ask);
}

void circle_lose_answer(circle *c, uint32_t at)
{
    circle_unheard(c, at, circle_ask(c, at));
}

void circle_sync(circle *c, uint32_t at)
{
    tp_ask *ask = circle_ask(c, at);
    c->request_bytes = 0;
    c->response_bytes = 0;
    for (int requests = 0; !tp_ask_is_done(ask); requests++) {
        assert_true(requests < REQUESTS_MAX);
        assert_false(tp_ask_is_forked(ask));
        (void)circle_exchange(c, at, ask);
    }
    c->counts = tp_ask_counted(ask);
    c->differs = tp_ask_differs(ask);
    tp_ask_free(ask);
}

/* ---- The hub put back ---- */

void circle_copy_hub(circle *c)
{
    tp_path path = temp_dir_path(&c->dir, "hub/hub.db");
    tp_hub_close(&c->hub); /* so that all of it is in the one file */
    tp_buf_clear(&c->copy);
    must(tp_file_read(path.at, &c->copy, &err));
    open_hub(c);
}

void circle_put_hub_back(circle *c)
{
    tp_path path = temp_dir_path(&c->dir, "hub/hub.db");
    tp_path wal = temp_dir_path(&c->dir, "hub/hub.db-wal");
    tp_hub_close(&c->hub);
    (void)unlink(wal.at);
    must(tp_file_write(path.at, tp_buf_slice(&c->copy), &err));
    open_hub(c);
}

/* ---- Nodes ---- */

void circle_keep_card(circle *c, uint32_t at)
{
    tp_node_log_keep(&c->at[at], &c->card);
}

void circle_put_card_back(circle *c, uint32_t at)
{
    tp_node_log_put_back(&c->at[at], &c->card);
}

void circle_execute(circle *c, uint32_t at, const char *sql)
{
    tp_tx tx;
    tp_node_log_begin(&c->at[at], &tx, TP_TX_WRITE);
    must(tp_tx_exec(&tx, sql, &err));
    tp_node_log_commit(&tx);
}

uint64_t circle_findings(circle *c, uint32_t at)
{
    static tp_log_verified verified;
    tp_tx tx;
    tp_node_log_begin(&c->at[at], &tx, TP_TX_READ);
    must(tp_log_verify(c->at[at].log, &tx, &verified, &err));
    tp_tx_rollback(&tx);
    return verified.findings.count;
}

uint32_t circle_sync_until_it_forks(circle *c, uint32_t at, tp_name name, uint64_t *other_out)
{
    uint32_t told = 0;
    tp_ask *ask = circle_ask(c, at);
    while (!tp_ask_is_forked(ask)) {
        uint32_t count = 0;
        assert_false(tp_ask_is_done(ask));
        (void)circle_exchange(c, at, ask);
        const tp_renaming *renamed = tp_ask_renamed(ask, &count);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(renamed[i].from == name.device && renamed[i].keeps_seq);
            *other_out = renamed[i].upto == name.seq ? renamed[i].to : *other_out;
            told++;
        }
    }
    tp_ask_free(ask);
    return told;
}

void circle_take_another_id(circle *c, uint32_t at, uint64_t id, uint64_t kept)
{
    tp_renaming ignored;
    tp_tx tx;
    tp_node_log_begin(&c->at[at], &tx, TP_TX_WRITE);
    must(tp_log_fork(c->at[at].log, &tx, id, kept, TP_NODE_LOG_NOW_MS, &ignored, &err));
    must(tp_merge_rebuild(c->at[at].merge, &tx, NULL, &err));
    tp_node_log_commit(&tx);
    circle_enrol(c, at, false);
}
