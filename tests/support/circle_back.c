/* What a circle's hub and nodes have, and whether they are one again. */
#include "tests/support/circle.h"

#include "platform/base/alloc.h"
#include "sync/hub/back.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

/* Names, bytes and stamps of all changes, in short. */
static void count_in(tp_held_sum *sum, tp_name name, tp_slice bytes, const tp_stamp *stamp)
{
    uint8_t digest[TP_SHA256_BYTES];
    uint8_t text[TP_SHA256_BYTES + 4 * 8];
    tp_change_digest(name, bytes, text);
    uint8_t *to = tp_digest_put_u64(text + TP_SHA256_BYTES, stamp->number);
    to = tp_digest_put_u64(to, (uint64_t)stamp->ms);
    to = tp_digest_put_u64(to, (uint64_t)stamp->earliest_ms);
    tp_digest_put_u64(to, (uint64_t)stamp->latest_ms);
    tp_sha256_of(tp_slice_of(text, sizeof text), digest);
    tp_held_sum counts = tp_held_get(digest);
    tp_held_add(sum, &counts);
}

static tp_rc add_item(void *context, const tp_hub_item *item, tp_err *unused)
{
    (void)unused;
    count_in(context, item->name, item->bytes, &item->stamp);
    return TP_OK;
}

tp_held_sum circle_hub_has(circle *c)
{
    tp_held_sum sum = {0, 0};
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_log_all(c->hub.store, 0, 0, add_item, &sum, &err));
    must(tp_hub_commit(&c->hub, &err));
    return sum;
}

static tp_rc add_row(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    if (!row->is_stub) {
        count_in(context, row->name, row->bytes, &row->stamp);
    }
    return TP_OK;
}

tp_held_sum circle_node_has(circle *c, uint32_t at)
{
    tp_tx tx;
    tp_held_sum sum = {0, 0};
    tp_node_log_begin(&c->at[at], &tx, TP_TX_READ);
    must(tp_log_all(c->at[at].log, &tx, add_row, &sum, &err));
    tp_tx_rollback(&tx);
    return sum;
}

void circle_assert_as_the_hub(circle *c, uint32_t at)
{
    const tp_held_sum node = circle_node_has(c, at);
    const tp_held_sum hub = circle_hub_has(c);
    assert_true(tp_held_eq(&node, &hub));
}

uint64_t circle_accepted(circle *c, uint32_t at)
{
    tp_hub_device device;
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_device_get(c->hub.store, tp_log_device(c->at[at].log), &device, &err));
    must(tp_hub_commit(&c->hub, &err));
    return device.accepted;
}

tp_log_back circle_back_of(circle *c, uint32_t at)
{
    tp_tx tx;
    tp_log_back back;
    tp_node_log_begin(&c->at[at], &tx, TP_TX_READ);
    must(tp_log_back_get(c->at[at].log, &tx, &back, &err));
    tp_tx_rollback(&tx);
    return back;
}

void circle_assert_settled(circle *c, uint32_t at)
{
    assert_false(circle_back_of(c, at).is_settling);
    assert_false(c->differs);
    assert_int_equal(circle_accepted(c, at), tp_node_log_push(&c->at[at]).last_seq);
    assert_int_equal(circle_findings(c, at), 0);
    tp_node_log_assert_sound(&c->at[at]);
}

void circle_say_it_went_back(circle *c)
{
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_went_back(&c->hub, false, &err));
    must(tp_hub_commit(&c->hub, &err));
}

void circle_end_back(circle *c)
{
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_back_finish(&c->hub, &err));
    must(tp_hub_commit(&c->hub, &err));
}

tp_hub_verified *circle_verify_hub(circle *c)
{
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    assert_non_null(verified);
    must(tp_hub_store_verify(c->hub.store, NULL, NULL, verified, &err));
    if (verified->findings.count > 0) {
        fail_msg("%s", verified->findings.text[0]);
    }
    return verified;
}
