/* By what clock a change is stamped, where two machines have one id too.
 *
 * Shows P13. */
#include "sync/hub/accept.h"

#include "sync/hub/store_erased.h"
#include "sync/wire/change_bytes.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MINUTE_MS = 60000 };

typedef struct machines {
    hub_stage *stage;
    tp_hub *hub;
    tp_hub_device device;
    uint64_t seq;
    int64_t began_ms;
} machines;

/* All that a test does is one transaction of the hub. */
static void machines_open(machines *m)
{
    tp_err err;
    m->stage = hub_stage_open();
    hub_stage_run(m->stage, "agency outreach");
    hub_stage_run(m->stage, "device van outreach");
    m->hub = hub_stage_hub(m->stage);
    m->device = hub_stage_known(m->stage, "van");
    m->seq = 0;
    m->began_ms = hub_stage_clock(m->stage)->reading.wall_ms;
    assert_int_equal(tp_hub_begin(m->hub, &err), TP_OK);
}

static void machines_close(machines *m)
{
    tp_hub_rollback(m->hub);
    hub_stage_close(m->stage);
}

/* What comes with a request: nothing, changes, or changes and the eras that were not told. */
typedef enum saying { IDLE, PUSHES, TELLS } saying;

/* A request at this moment, which tells these eras, the last of them the present one. */
static void hear(machines *m, int64_t at_ms, const tp_era_span *spans, uint32_t count, saying says)
{
    tp_err err;
    const tp_era_span *present = &spans[count - 1];
    const tp_hub_heard heard = {
        .eras = spans,
        .eras_count = says == TELLS ? count : 0,
        .pushes = says != IDLE,
        .clock = {present->era, present->last_up_ms, present->last_up_ms + present->last_skew_ms},
        .start = present->start,
        .hub_ms = m->began_ms + at_ms};
    assert_int_equal(tp_hub_accept_begin(m->hub->acceptor, &m->device, &heard, heard.hub_ms, &err),
                     TP_OK);
}

/* The device's last change, written at this uptime of this era. */
static void encode_at(const machines *m, uint32_t era, int64_t up_ms, tp_buf *bytes)
{
    static const uint8_t salt[TP_SALT_BYTES] = {1};
    tp_err err;
    tp_change_draft draft;
    tp_value name = {.type = TP_TYPE_TEXT, .text = tp_slice_str("Baz")};
    tp_buf_init(bytes, TP_CHANGE_BYTES_MAX);
    tp_change_draft_init(&draft, (tp_name){m->device.id, m->seq}, TP_PERSON);
    draft.reading = (tp_era_reading){era, up_ms, up_ms};
    memcpy(draft.salt, salt, sizeof draft.salt);
    assert_int_equal(tp_change_draft_set(&draft, TP_PERSON_PREFERRED_NAME, &name, &err), TP_OK);
    assert_int_equal(tp_change_encode(&draft, bytes, &err), TP_OK);
}

/* The stamp of a change written at this uptime of this era. */
static tp_stamp accept_at(machines *m, uint32_t era, int64_t up_ms)
{
    tp_err err;
    tp_hub_accepted accepted;
    tp_buf bytes;
    m->seq++;
    encode_at(m, era, up_ms, &bytes);
    assert_int_equal(
        tp_hub_accept(m->hub->acceptor, m->seq, tp_buf_slice(&bytes), NULL, &accepted, &err),
        TP_OK);
    assert_int_equal(accepted.code, 0);
    tp_buf_done(&bytes);
    return accepted.stamp;
}

static void assert_certain(const machines *m, tp_stamp stamp, int64_t at_ms)
{
    assert_true(stamp.ms - m->began_ms == at_ms);
    assert_true(stamp.earliest_ms == 0 && stamp.latest_ms == 0);
}

#define SPAN(era, boot, from, to, start)                                                           \
    {                                                                                              \
        era, boot, (from)*MINUTE_MS, 0, (to)*MINUTE_MS, 0, start                                   \
    }

/* Found by sim.week_of_chance, where the eras of a push were told in more than one request: what
 * was written before the present era was held to be older than the machine's start. */
static void
test_accept_clock__an_era_not_told_yet_begins_no_earlier_than_its_clock_was_read(void **state)
{
    (void)state;
    tp_err err;
    machines m;
    const tp_era_span told = {1, 1, 100000, 0, 500000, 0, 0};
    machines_open(&m);
    /* An hour of uptime, half of it after the change; era 2 began somewhere in between. */
    const tp_hub_heard heard = {
        .eras = &told, .eras_count = 1, .clock = {2, 3600000, m.began_ms}, .hub_ms = m.began_ms};
    assert_int_equal(tp_hub_accept_begin(m.hub->acceptor, &m.device, &heard, m.hub->now_ms, &err),
                     TP_OK);
    assert_int_equal(accept_at(&m, 1, 500000).latest_ms, m.began_ms);
    machines_close(&m);
}

/* ---- Two machines under one id ---- */

/* The original was started an hour before its copy, both with clocks that know nothing. */
static void
test_accept_clock__two_machines_under_one_id_are_each_stamped_by_their_own_clock(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span original[] = {SPAN(2, 2, 0, 10, 71)};
    static const tp_era_span copy[] = {SPAN(2, 2, 0, 20, 72)};
    static const tp_era_span copy_later[] = {SPAN(2, 2, 0, 20, 72), SPAN(3, 2, 25, 30, 72)};
    static const tp_era_span later[] = {SPAN(2, 2, 0, 10, 71), SPAN(3, 3, 0, 5, 73)};
    machines_open(&m);
    hear(&m, 10 * MINUTE_MS, original, 1, IDLE);
    /* Written by the copy at 75 minutes, and told at 80; by the other's clock that was at 15. */
    hear(&m, 80 * MINUTE_MS, copy, 1, TELLS);
    assert_certain(&m, accept_at(&m, 2, 15 * MINUTE_MS), 75 * MINUTE_MS);
    /* Its clock jumps; it goes on by its own, and nothing of what it said was forgotten. */
    hear(&m, 90 * MINUTE_MS, copy_later, 2, TELLS);
    assert_certain(&m, accept_at(&m, 2, 18 * MINUTE_MS), 78 * MINUTE_MS);
    /* The other is back, started anew: of its time before that no comparison is left. */
    hear(&m, 205 * MINUTE_MS, later, 2, TELLS);
    tp_stamp stamp = accept_at(&m, 2, 9 * MINUTE_MS);
    assert_true(stamp.latest_ms != 0 && stamp.latest_ms - m.began_ms == 200 * MINUTE_MS);
    assert_certain(&m, accept_at(&m, 3, 4 * MINUTE_MS), 204 * MINUTE_MS);
    machines_close(&m);
}

/* What a machine says of itself it need not say again because of the other. */
static void test_accept_clock__a_machine_loses_nothing_of_its_own_by_the_other(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span original[] = {SPAN(2, 2, 0, 10, 71)};
    static const tp_era_span copy[] = {SPAN(3, 2, 25, 30, 72)};
    static const tp_era_span copy_anew[] = {SPAN(2, 2, 0, 20, 72), SPAN(3, 2, 25, 30, 72),
                                            SPAN(4, 4, 0, 1, 74)};
    machines_open(&m);
    hear(&m, 10 * MINUTE_MS, original, 1, IDLE);
    hear(&m, 90 * MINUTE_MS, copy, 1, IDLE);
    hear(&m, 190 * MINUTE_MS, copy_anew, 3, TELLS);
    assert_certain(&m, accept_at(&m, 2, 15 * MINUTE_MS), 75 * MINUTE_MS);
    assert_certain(&m, accept_at(&m, 3, 29 * MINUTE_MS), 89 * MINUTE_MS);
    machines_close(&m);
}

/* The original stays in the era in which it was copied, and is heard in it long after.  Found by
 * sim.week_of_chance (seed 600646): what the copy wrote next lay before its bounds. */
static void test_accept_clock__an_era_ends_where_whoever_has_left_it_says(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span original[] = {SPAN(1, 1, 0, 500, 71)};
    static const tp_era_span copy[] = {SPAN(1, 1, 0, 10, 71), SPAN(2, 2, 0, 5, 72),
                                       SPAN(3, 3, 0, 1, 73)};
    machines_open(&m);
    hear(&m, 500 * MINUTE_MS, original, 1, IDLE);
    hear(&m, 510 * MINUTE_MS, copy, 3, TELLS);
    tp_stamp stamp = accept_at(&m, 2, 5 * MINUTE_MS);
    assert_true(stamp.earliest_ms - m.began_ms == 10 * MINUTE_MS - TP_STAMP_HELD_UP_MS);
    assert_true(stamp.latest_ms - m.began_ms == 509 * MINUTE_MS);
    machines_close(&m);
}

/* It is heard in it once more, idle or with changes, between two pushes of the copy, which tells no
 * era twice.  Found by sim.week_of_chance (seed 9034256). */
static void test_accept_clock__an_era_that_was_left_is_no_longer_by_who_stays_in_it(void **state)
{
    (void)state;
    static const saying sayings[] = {IDLE, PUSHES, TELLS};
    static const tp_era_span original[] = {SPAN(1, 1, 0, 520, 71)};
    static const tp_era_span copy[] = {SPAN(1, 1, 0, 10, 71), SPAN(2, 2, 0, 5, 72),
                                       SPAN(3, 3, 0, 1, 73)};
    static const tp_era_span later[] = {SPAN(3, 3, 0, 12, 73)};
    for (unsigned i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        machines m;
        machines_open(&m);
        hear(&m, 510 * MINUTE_MS, copy, 3, TELLS);
        hear(&m, 520 * MINUTE_MS, original, 1, sayings[i]);
        assert_certain(&m, accept_at(&m, 1, 9 * MINUTE_MS), 9 * MINUTE_MS);
        hear(&m, 521 * MINUTE_MS, later, 1, PUSHES);
        tp_stamp stamp = accept_at(&m, 2, 5 * MINUTE_MS);
        assert_true(stamp.earliest_ms - m.began_ms == 10 * MINUTE_MS - TP_STAMP_HELD_UP_MS);
        assert_true(stamp.latest_ms - m.began_ms == 509 * MINUTE_MS);
        machines_close(&m);
    }
}

/* The copy was heard last, in an era that the original told long before.  Found by
 * sim.week_of_chance (seeds 601468, 605352, 606926): where the copy was heard was taken for the
 * last known moment before what the original had written by then. */
static void test_accept_clock__no_bound_is_of_the_other_machine(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span original[] = {SPAN(1, 1, 0, 1, 71), SPAN(2, 2, 0, 2, 72)};
    static const tp_era_span copy[] = {SPAN(1, 1, 0, 25, 81)};
    static const tp_era_span later[] = {SPAN(2, 2, 0, 2, 72), SPAN(3, 3, 0, 1, 73)};
    machines_open(&m);
    hear(&m, 4 * MINUTE_MS, original, 2, TELLS);
    hear(&m, 30 * MINUTE_MS, copy, 1, IDLE);
    hear(&m, 40 * MINUTE_MS, later, 2, TELLS);
    tp_stamp stamp = accept_at(&m, 2, 2 * MINUTE_MS);
    assert_true(stamp.earliest_ms == TP_STAMP_EARLIEST_MS);
    assert_true(stamp.latest_ms - m.began_ms == 39 * MINUTE_MS);
    machines_close(&m);
}

/* It has told all its eras, and does not know that the hub heard another machine meanwhile. */
static void test_accept_clock__no_certain_time_is_by_the_other_machine(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span original[] = {SPAN(1, 1, 0, 1, 71), SPAN(2, 2, 0, 2, 72)};
    static const tp_era_span copy[] = {SPAN(1, 1, 0, 25, 81)};
    machines_open(&m);
    hear(&m, 4 * MINUTE_MS, original, 2, TELLS);
    hear(&m, 30 * MINUTE_MS, copy, 1, IDLE);
    hear(&m, 40 * MINUTE_MS, original, 2, PUSHES);
    tp_stamp stamp = accept_at(&m, 1, 1 * MINUTE_MS);
    assert_true(stamp.earliest_ms == TP_STAMP_EARLIEST_MS);
    assert_true(stamp.latest_ms - m.began_ms == 40 * MINUTE_MS);
    machines_close(&m);
}

/* An idle request tells no eras: those before are told with the next change, and were not lost. */
static void test_accept_clock__an_idle_request_in_a_new_era_loses_nothing(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span all[] = {SPAN(1, 1, 0, 10, 71), SPAN(2, 2, 0, 2, 72),
                                      SPAN(3, 3, 0, 2, 73)};
    machines_open(&m);
    hear(&m, 10 * MINUTE_MS, all, 1, TELLS);
    hear(&m, 22 * MINUTE_MS, all, 2, IDLE);
    hear(&m, 32 * MINUTE_MS, all, 3, TELLS);
    assert_certain(&m, accept_at(&m, 1, 9 * MINUTE_MS), 9 * MINUTE_MS);
    assert_certain(&m, accept_at(&m, 2, 1 * MINUTE_MS), 21 * MINUTE_MS);
    machines_close(&m);
}

/* Of one machine nothing is forgotten, whatever the network or its clock do: a request that came
 * late, or again, or an uptime that stood still for a while. */
static void test_accept_clock__one_machine_keeps_what_its_clock_said(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span first[] = {SPAN(1, 1, 0, 10, 71)};
    static const tp_era_span second[] = {SPAN(1, 1, 0, 12, 71), SPAN(2, 1, 15, 20, 71)};
    static const tp_era_span old[] = {SPAN(2, 1, 15, 25, 0)};
    machines_open(&m);
    hear(&m, 10 * MINUTE_MS, first, 1, TELLS);
    hear(&m, 20 * MINUTE_MS, second, 2, TELLS);
    hear(&m, 300 * MINUTE_MS, first, 1, TELLS); /* it stood still in the network */
    assert_certain(&m, accept_at(&m, 1, 5 * MINUTE_MS), 5 * MINUTE_MS);
    hear(&m, 500 * MINUTE_MS, second, 2, PUSHES);
    assert_certain(&m, accept_at(&m, 2, 16 * MINUTE_MS), 16 * MINUTE_MS);
    hear(&m, 600 * MINUTE_MS, old, 1, PUSHES); /* of an older program, that tells no start */
    assert_certain(&m, accept_at(&m, 2, 17 * MINUTE_MS), 17 * MINUTE_MS);
    machines_close(&m);
}

/* ---- What is accepted later ---- */

typedef struct kept {
    tp_hub_quarantined entry; /* its bytes are not kept */
    unsigned count;
} kept;

static tp_rc keep_entry(void *ctx, const tp_hub_quarantined *entry, tp_err *ignored)
{
    kept *k = ctx;
    (void)ignored;
    k->entry = *entry;
    k->entry.text = "";
    k->count++;
    return TP_OK;
}

/* A program that allows nobody this refuses the device's last change, and a newer one takes it. */
static tp_hub_accepted refuse(machines *m, tp_slice bytes)
{
    tp_err err;
    tp_hub_accepted accepted;
    m->seq++;
    m->device.is_kiosk = true;
    assert_int_equal(tp_hub_accept(m->hub->acceptor, m->seq, bytes, NULL, &accepted, &err), TP_OK);
    assert_int_not_equal(accepted.code, 0);
    m->device.is_kiosk = false;
    return accepted;
}

static tp_stamp accept_again(machines *m, tp_slice bytes)
{
    tp_err err;
    tp_hub_accepted accepted;
    tp_hub_item item;
    kept k = {.count = 0};
    const tp_name name = {m->device.id, m->seq};
    assert_int_equal(tp_hub_quarantine_get(m->hub->store, name, keep_entry, &k, &err), TP_OK);
    assert_int_equal(k.count, 1);
    k.entry.bytes = bytes;
    assert_int_equal(
        tp_hub_accept_again(m->hub->acceptor, &k.entry, m->hub->now_ms, &accepted, &err), TP_OK);
    assert_int_equal(accepted.code, 0);
    assert_int_equal(tp_hub_log_get(m->hub->store, name, &item, NULL, &err), TP_OK);
    return item.stamp;
}

static void assert_stamp(const tp_stamp *stamp, const tp_stamp *is)
{
    assert_memory_equal(stamp, is, sizeof *is);
}

/* It was written before the machine was started anew, and nobody can say when.  Its device is told
 * so at once, and nothing that happens to it later makes a certain time of that. */
static void test_accept_clock__what_is_accepted_later_is_no_more_certain_than_it_was(void **state)
{
    (void)state;
    machines m;
    tp_err err;
    tp_buf bytes;
    tp_hub_accepted recalled;
    bool is_same = false;
    static const tp_era_span first[] = {SPAN(1, 1, 0, 10, 71)};
    static const tp_era_span later[] = {SPAN(1, 1, 0, 10, 71), SPAN(2, 2, 0, 5, 72),
                                        SPAN(3, 3, 0, 5, 73)};
    machines_open(&m);
    hear(&m, 10 * MINUTE_MS, first, 1, TELLS);
    hear(&m, 205 * MINUTE_MS, later, 3, TELLS);
    m.seq++;
    encode_at(&m, 2, 3 * MINUTE_MS, &bytes);
    m.seq--;
    const tp_hub_accepted refused = refuse(&m, tp_buf_slice(&bytes));
    assert_true(refused.stamp.earliest_ms - m.began_ms == 10 * MINUTE_MS - TP_STAMP_HELD_UP_MS);
    assert_true(refused.stamp.latest_ms - m.began_ms == 200 * MINUTE_MS);
    const tp_name name = {m.device.id, m.seq};
    assert_int_equal(
        tp_hub_recall(m.hub->acceptor, name, tp_buf_slice(&bytes), &recalled, &is_same, &err),
        TP_OK);
    assert_true(is_same);
    assert_stamp(&recalled.stamp, &refused.stamp);
    const tp_stamp accepted = accept_again(&m, tp_buf_slice(&bytes));
    assert_stamp(&accepted, &refused.stamp);
    tp_buf_done(&bytes);
    machines_close(&m);
}

/* What is kept of it when its record is erased is what its device was told. */
static void test_accept_clock__what_was_refused_and_is_erased_keeps_its_stamp(void **state)
{
    (void)state;
    machines m;
    tp_err err;
    uint64_t no = 0;
    tp_stamp stamp;
    bool is_same = false;
    static const tp_era_span era[] = {SPAN(1, 1, 0, 10, 71)};
    const tp_slice bytes = tp_slice_str("no change");
    const tp_hub_erasure erasure = {.at_ms = 1, .by = "Dee", .reason = "asked"};
    machines_open(&m);
    hear(&m, 10 * MINUTE_MS, era, 1, TELLS);
    const tp_hub_accepted refused = refuse(&m, bytes);
    const tp_name name = {m.device.id, m.seq};
    assert_int_equal(tp_hub_erasure_add(m.hub->store, &erasure, &no, &err), TP_OK);
    assert_int_equal(tp_hub_erased_add(m.hub->store, name, no, &err), TP_OK);
    assert_int_equal(tp_hub_erase_change(m.hub->store, name, name, &err), TP_OK);
    assert_int_equal(tp_hub_erased_recall(m.hub->store, name, bytes, &stamp, &is_same, &err),
                     TP_OK);
    assert_true(is_same);
    assert_stamp(&stamp, &refused.stamp);
    machines_close(&m);
}

/* A newer program's reading says nothing here, and that the change came now is no time at which it
 * was written. */
static void test_accept_clock__a_reading_that_cannot_be_read_is_no_certain_time(void **state)
{
    (void)state;
    machines m;
    static const tp_era_span era[] = {SPAN(1, 1, 0, 10, 71)};
    machines_open(&m);
    hear(&m, 10 * MINUTE_MS, era, 1, TELLS);
    const tp_hub_accepted refused = refuse(&m, tp_slice_str("no change"));
    assert_true(refused.stamp.earliest_ms == TP_STAMP_EARLIEST_MS);
    assert_true(refused.stamp.latest_ms - m.began_ms == 10 * MINUTE_MS);
    machines_close(&m);
}

/* ---- Stamps that are shown later ---- */

/* It was stamped in another history, ten minutes later and with the lower number, and that counts.
 * Found by sim.week_of_chance (seed 9005713): the uptime of an era that was compared anew after
 * half an hour was less, by what its crystal drifts, and the next change stood before this one. */
static void test_accept_clock__nothing_is_stamped_before_what_was_shown(void **state)
{
    (void)state;
    static const tp_era_span era[] = {SPAN(1, 1, 0, 20, 71)};
    for (unsigned by_author = 0; by_author < 2; by_author++) {
        machines m;
        tp_err err;
        tp_buf bytes;
        tp_name as;
        tp_hub_handed handed = TP_HUB_HANDED_NOT;
        machines_open(&m);
        const tp_stamp shown = {.ms = m.began_ms + 15 * MINUTE_MS, .number = 7};
        tp_hub_store_state(m.hub->store)->number = 100;
        hear(&m, 20 * MINUTE_MS, era, 1, TELLS);
        assert_certain(&m, accept_at(&m, 1, 5 * MINUTE_MS), 5 * MINUTE_MS);
        const tp_name name = {m.device.id, m.seq};
        encode_at(&m, 1, 5 * MINUTE_MS, &bytes);
        m.device.accepted = m.seq;
        assert_int_equal(tp_hub_device_put(m.hub->store, &m.device, &err), TP_OK);
        if (by_author != 0) {
            assert_int_equal(tp_hub_accept_own_handed(m.hub->acceptor, name, tp_buf_slice(&bytes),
                                                      &shown, m.hub->now_ms, &err),
                             TP_OK);
        } else {
            assert_int_equal(tp_hub_accept_handed(m.hub->acceptor, name, tp_buf_slice(&bytes),
                                                  &shown, m.hub->now_ms, &handed, &as, &err),
                             TP_OK);
            assert_int_equal(handed, TP_HUB_HANDED_STAMP);
            assert_int_equal(tp_hub_device_get(m.hub->store, m.device.id, &m.device, &err), TP_OK);
        }
        hear(&m, 20 * MINUTE_MS, era, 1, TELLS);
        assert_true(accept_at(&m, 1, 6 * MINUTE_MS).ms == shown.ms);
        tp_buf_done(&bytes);
        machines_close(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_accept_clock__an_era_not_told_yet_begins_no_earlier_than_its_clock_was_read),
        cmocka_unit_test(
            test_accept_clock__two_machines_under_one_id_are_each_stamped_by_their_own_clock),
        cmocka_unit_test(test_accept_clock__a_machine_loses_nothing_of_its_own_by_the_other),
        cmocka_unit_test(test_accept_clock__an_era_ends_where_whoever_has_left_it_says),
        cmocka_unit_test(test_accept_clock__an_era_that_was_left_is_no_longer_by_who_stays_in_it),
        cmocka_unit_test(test_accept_clock__no_bound_is_of_the_other_machine),
        cmocka_unit_test(test_accept_clock__no_certain_time_is_by_the_other_machine),
        cmocka_unit_test(test_accept_clock__an_idle_request_in_a_new_era_loses_nothing),
        cmocka_unit_test(test_accept_clock__one_machine_keeps_what_its_clock_said),
        cmocka_unit_test(test_accept_clock__what_is_accepted_later_is_no_more_certain_than_it_was),
        cmocka_unit_test(test_accept_clock__what_was_refused_and_is_erased_keeps_its_stamp),
        cmocka_unit_test(test_accept_clock__a_reading_that_cannot_be_read_is_no_certain_time),
        cmocka_unit_test(test_accept_clock__nothing_is_stamped_before_what_was_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
