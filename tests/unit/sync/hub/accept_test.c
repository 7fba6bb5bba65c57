/* What is accepted and what goes into quarantine: rules as scripts over a real hub.
 *
 * Shows P2, P26. */
#include "sync/hub/accept.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CITY                                                                                       \
    "agency outreach", "agency friary", "sign outreach", "sign friary", "device van outreach",     \
        "device desk friary", "device box friary kiosk", "van person p1 preferred_name=Sean"
#define GIVEN "decision=given how=spoken capacity=believed_to_have "
#define GATEWAY                                                                                    \
    "van legal_gateway g1 person=p1 agencies=friary kinds=general ends_on=2026-02-01 basis=law "

typedef struct situation {
    const char *name;
    const char *const lines[24];
} situation;

/* After each of them the good change at the end of the same push has been accepted. */
static const situation situations[] = {
    {"an update of a consent event",
     {CITY, "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN,
      "van update k1 given_by=Kim", "van contact c1 person=p1 note=x", "sync van",
      "quarantined k1+2", "van holds c1"}},
    {"a retraction of a consent event",
     {CITY, "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN,
      "van retract k1 mistake", "sync van", "quarantined k1+2"}},
    {"an update of a consent event somebody else wrote",
     {CITY, "van consent k1 person=p1 agencies=* kinds=housing purposes=support " GIVEN, "sync van",
      "sync desk", "desk update k1 given_by=Kim", "sync desk", "quarantined k1+2"}},
    {"a person that is a contact",
     {CITY, "van contact c1 person=p1 note=x", "van contact c2 person=c1 note=y",
      "van contact c3 person=p1 note=z", "sync van", "quarantined c2", "van holds c1 c3"}},
    {"nobody whom it is about",
     {CITY, "van contact c1 note=x", "van alias a1 name=Baz", "van help_request h1 words=tea",
      "sync van", "quarantined c1 a1", "van holds h1"}},
    {"a required field that is missing",
     {CITY, "van alias a1 person=p1", "van need n1 person=p1 level=high", "sync van",
      "quarantined a1 n1"}},
    {"a kiosk that writes more than help requests",
     {CITY, "box person p2 preferred_name=Kim", "box help_request h1 words=coat",
      "box update h1 words=hat", "sync box", "quarantined p2 h1+3", "sync desk", "desk holds h1"}},
    {"a gateway its writer authorised",
     {CITY, GATEWAY "authoriser=Dee", "sync van", "quarantined g1"}},
    {"a gateway somebody else authorised",
     {CITY, GATEWAY "authoriser=Kim", "sync van", "van holds g1", "sync desk", "desk holds p1",
      "desk lacks g1"}},
    {"a gateway nobody authorised", {CITY, GATEWAY, "sync van", "quarantined g1"}},
    {"an unknown entity and unknown predecessors are no fault",
     {CITY, "van 99 x1 person=p1 note=x", "sync van", "van holds x1"}},
    {"a person filled twice: the first at the hub stands",
     {CITY, "van person p2 preferred_name=Baz", "van help_request h1 words=tea",
      "van consent k1 person=p1 agencies=* kinds=housing purposes=support " GIVEN,
      "van update h1 person=p1", "van update h1 person=p2", "sync van", "sync desk",
      "desk holds h1", "desk lacks p2"}},
};

static void test_hub_accept__situations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof situations / sizeof situations[0]; i++) {
        print_message("    %s\n", situations[i].name);
        hub_stage_play(situations[i].name, situations[i].lines);
    }
}

/* ---- Bytes that are no change ---- */

typedef struct quarantine {
    uint32_t count;
    uint32_t code;
    uint8_t bytes[8];
    size_t bytes_count;
    uint64_t number;
} quarantine;

static tp_rc count_entry(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    quarantine *q = ctx;
    (void)err;
    q->count++;
    q->code = entry->code;
    q->number = entry->stamp.number;
    q->bytes_count = entry->bytes.bytes;
    if (entry->bytes.bytes > 0 && entry->bytes.bytes <= sizeof q->bytes) {
        memcpy(q->bytes, entry->bytes.at, entry->bytes.bytes);
    }
    return TP_OK;
}

static void test_hub_accept__what_is_no_change_is_kept_whole_and_numbered(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = hub_stage_open();
    hub_stage_run(stage, "agency outreach");
    hub_stage_run(stage, "device van outreach");
    hub_stage_run(stage, "van person p1 preferred_name=Sean");
    tp_hub *hub = hub_stage_hub(stage);
    tp_hub_device device = hub_stage_known(stage, "van");
    tp_hub_accepted accepted;
    quarantine q = {.count = 0};
    const tp_era_reading clock = {1, 1000, hub_stage_clock(stage)->reading.wall_ms};
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    const tp_hub_heard heard = {.clock = clock, .hub_ms = hub->now_ms};
    assert_int_equal(tp_hub_accept_begin(hub->acceptor, &device, &heard, hub->now_ms, &err), TP_OK);
    assert_int_equal(
        tp_hub_accept(hub->acceptor, 1, tp_slice_str("no change"), NULL, &accepted, &err), TP_OK);
    assert_int_equal(accepted.code, TP_QUARANTINE_BYTES);
    assert_int_equal(accepted.stamp.number, 1);
    assert_int_equal(tp_hub_accept(hub->acceptor, 2, tp_slice_of(NULL, 0), NULL, &accepted, &err),
                     TP_OK);
    assert_int_equal(accepted.code, TP_QUARANTINE_BYTES);
    assert_int_equal(accepted.stamp.number, 2);
    assert_true(accepted.stamp.ms >= device.last_stamp_ms);
    /* In a push that is proven it has the number that it had. */
    const tp_stamp given = {.ms = 7, .number = 70};
    assert_int_equal(tp_hub_accept(hub->acceptor, 3, tp_slice_of(NULL, 0), &given, &accepted, &err),
                     TP_OK);
    assert_int_equal(accepted.stamp.number, 70);
    assert_int_equal(accepted.stamp.ms, 7);
    assert_int_equal(tp_hub_quarantine_all(hub->store, device.id, count_entry, &q, &err), TP_OK);
    assert_int_equal(q.count, 3);

    /* Looked at again by the same program it is what it was. */
    tp_hub_quarantined entry = {.name = {device.id, 1},
                                .stamp = {.ms = 5, .number = 1},
                                .text = "",
                                .bytes = tp_slice_str("no change")};
    assert_int_equal(tp_hub_accept_again(hub->acceptor, &entry, hub->now_ms, &accepted, &err),
                     TP_OK);
    assert_int_equal(accepted.code, TP_QUARANTINE_BYTES);
    tp_hub_rollback(hub);
    hub_stage_close(stage);
}

static void test_hub_accept__a_change_tried_again_keeps_its_number(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = hub_stage_open();
    hub_stage_run(stage, "agency outreach");
    hub_stage_run(stage, "device van outreach");
    hub_stage_run(stage, "device van2 outreach");
    hub_stage_run(stage, "van person p1 preferred_name=Sean");
    hub_stage_run(stage, "van contact c1 person=p1 note=x");
    hub_stage_run(stage, "sync van");
    /* As if an older program had put it there. */
    tp_hub *hub = hub_stage_hub(stage);
    tp_buf bytes;
    tp_hub_item item;
    tp_hub_accepted accepted;
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    hub_stage_run(stage, "van2 contact c2 person=p1 note=y");
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    tp_name c1 = hub_stage_name(stage, "c1");
    assert_int_equal(tp_hub_log_get(hub->store, c1, &item, &bytes, &err), TP_OK);
    tp_name name = {hub_stage_name(stage, "c2").device, 77};
    tp_hub_quarantined entry = {.name = name,
                                .stamp = {.ms = 901, .number = 900},
                                .text = "",
                                .bytes = tp_buf_slice(&bytes)};
    assert_int_equal(tp_hub_quarantine_put(hub->store, &entry, &err), TP_OK);
    assert_int_equal(tp_hub_accept_again(hub->acceptor, &entry, hub->now_ms, &accepted, &err),
                     TP_OK);
    if (accepted.code == 0) {
        quarantine q = {.count = 0};
        assert_int_equal(tp_hub_log_get(hub->store, name, &item, NULL, &err), TP_OK);
        assert_int_equal(item.stamp.number, 900);
        assert_int_equal(item.stamp.ms, 901);
        assert_int_equal(tp_hub_quarantine_all(hub->store, 0, count_entry, &q, &err), TP_OK);
        assert_int_equal(q.count, 0);
    } else {
        fail_msg("%s", accepted.text);
    }
    tp_hub_rollback(hub);
    tp_buf_done(&bytes);
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_accept__situations),
        cmocka_unit_test(test_hub_accept__what_is_no_change_is_kept_whole_and_numbered),
        cmocka_unit_test(test_hub_accept__a_change_tried_again_keeps_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
