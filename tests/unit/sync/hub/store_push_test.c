/* The chain at any change: from the push before it on, over quarantine and what was erased.
 *
 * Shows P26. */
#include "sync/hub/store.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sync/wire/chain.h"

enum { CHANGES = 6 };

static tp_err err;

static bool chain_at(hub_stage *stage, tp_name upto, uint8_t h[TP_CHAIN_BYTES])
{
    bool is_known = false;
    tp_hub *hub = hub_stage_hub(stage);
    assert_int_equal(tp_hub_look(hub, &err), TP_OK);
    assert_int_equal(tp_hub_chain_at(hub->store, upto, h, &is_known, &err), TP_OK);
    tp_hub_rollback(hub);
    return is_known;
}

/* Two pushes, in the first of them one that is no change (of nobody). */
static hub_stage *open_stage(void)
{
    static const char *const lines[] = {"agency outreach",
                                        "sign outreach",
                                        "device van outreach",
                                        "van person p1 preferred_name=Sean",
                                        "van contact c1 person=p1 note=Soup",
                                        "van contact c9 note=Nobody",
                                        "van contact c2 person=p1 note=Bread",
                                        "sync van",
                                        "van contact c3 person=p1 note=Tea",
                                        "van contact c4 person=p1 note=Coffee",
                                        "sync van",
                                        NULL};
    hub_stage *stage = hub_stage_open();
    hub_stage_run_all(stage, lines);
    return stage;
}

static void test_hub_chain_at__follows_every_change_also_what_was_erased(void **state)
{
    (void)state;
    uint8_t h[CHANGES + 1][TP_CHAIN_BYTES];
    uint8_t again[TP_CHAIN_BYTES];
    tp_buf bytes;
    tp_hub_item item;
    hub_stage *stage = open_stage();
    tp_hub *hub = hub_stage_hub(stage);
    const tp_hub_device van = hub_stage_known(stage, "van");
    assert_int_equal(van.accepted, CHANGES);
    tp_chain_start(van.id, h[0]);
    tp_buf_init(&bytes, TP_BATCH_BYTES_MAX);
    for (uint64_t seq = 1; seq <= CHANGES; seq++) {
        assert_true(chain_at(stage, (tp_name){van.id, seq}, h[seq]));
    }
    memcpy(again, h[4], sizeof again);
    for (uint64_t seq = 5; seq <= CHANGES; seq++) {
        tp_buf_clear(&bytes);
        assert_int_equal(tp_hub_look(hub, &err), TP_OK);
        assert_int_equal(tp_hub_log_get(hub->store, (tp_name){van.id, seq}, &item, &bytes, &err),
                         TP_OK);
        tp_hub_rollback(hub);
        tp_chain_add(again, tp_buf_slice(&bytes));
        assert_memory_equal(h[seq], again, sizeof again);
    }
    assert_memory_equal(h[CHANGES], van.h, sizeof van.h);
    hub_stage_run(stage, "erase c2");
    hub_stage_run(stage, "erase c3");
    for (uint64_t seq = 1; seq <= CHANGES; seq++) {
        assert_true(chain_at(stage, (tp_name){van.id, seq}, again));
        assert_memory_equal(h[seq], again, sizeof again);
    }
    tp_buf_done(&bytes);
    hub_stage_close(stage);
}

static void test_hub_chain_at__is_not_known_where_something_is_not_here(void **state)
{
    (void)state;
    uint8_t h[TP_CHAIN_BYTES];
    hub_stage *stage = open_stage();
    const tp_hub_device van = hub_stage_known(stage, "van");
    assert_false(chain_at(stage, (tp_name){van.id, CHANGES + 1}, h));
    assert_false(chain_at(stage, (tp_name){van.id + 1, 1}, h));
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_chain_at__follows_every_change_also_what_was_erased),
        cmocka_unit_test(test_hub_chain_at__is_not_known_where_something_is_not_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
