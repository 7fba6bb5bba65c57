/* What an older card has taken the number of: it is there under an id of its own, or in quarantine.
 *
 * Shows P13, P26. */
#include "sync/hub/accept.h"

#include "sync/hub/back.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CONSENT(what)                                                                              \
    " person=p1 agencies=friary kinds=housing,general purposes=support decision=" what             \
    " how=spoken capacity=believed_to_have"

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

typedef struct lost {
    tp_hub_item item;
    tp_buf bytes;
} lost;

/* Friary may know of Sean.  Then he takes it back, and more is written, and all that is lost. */
enum { WITHDRAWN, OTHER, NEWER, UPDATE, LOST };
typedef struct scene {
    hub_stage *stage;
    tp_hub *hub;
    tp_name person;
    lost lost[LOST];
} scene;

static void read_lost(scene *s, unsigned at, uint64_t seq)
{
    tp_buf_init(&s->lost[at].bytes, TP_CHANGE_BYTES_MAX);
    must(tp_hub_look(s->hub, &err));
    const tp_name name = {s->person.device, seq};
    must(tp_hub_log_get(s->hub->store, name, &s->lost[at].item, &s->lost[at].bytes, &err));
    tp_hub_rollback(s->hub);
}

static int open_scene(void **state)
{
    static const char *const before[] = {"agency outreach",
                                         "sign outreach",
                                         "agency friary",
                                         "sign friary",
                                         "device van outreach",
                                         "device desk friary",
                                         "van person p1 preferred_name=Sean",
                                         "van consent k1" CONSENT("given"),
                                         "sync van",
                                         "sync desk",
                                         NULL};
    static const char *const after[] = {"van consent k2" CONSENT("withdrawn"),
                                        "van contact c1 person=p1 note=Soup",
                                        "van 99 x1 person=p1 note=new",
                                        "van update c1 note=Tea",
                                        "sync van",
                                        NULL};
    static scene s;
    s.stage = hub_stage_open_in_memory();
    hub_stage_run_all(s.stage, before);
    hub_stage_keep(s.stage);
    hub_stage_run_all(s.stage, after);
    s.hub = hub_stage_hub(s.stage);
    s.person = hub_stage_name(s.stage, "p1");
    read_lost(&s, WITHDRAWN, 3);
    read_lost(&s, OTHER, 4);
    read_lost(&s, NEWER, 5);
    read_lost(&s, UPDATE, 6);
    hub_stage_go_back(s.stage);
    s.hub = hub_stage_hub(s.stage);
    must(tp_hub_begin(s.hub, &err));
    must(tp_hub_went_back(s.hub, false, &err));
    *state = &s;
    return 0;
}

static int close_scene(void **state)
{
    scene *s = *state;
    tp_hub_rollback(s->hub); /* nobody signed the push */
    for (unsigned i = 0; i < LOST; i++) {
        tp_buf_done(&s->lost[i].bytes);
    }
    hub_stage_close(s->stage);
    return 0;
}

/* Van's card was put back as well, and it writes this as its change `seq`. */
static void push_as(scene *s, uint64_t seq, unsigned at)
{
    tp_hub_device van;
    tp_hub_accepted accepted;
    const tp_hub_heard heard = {.pushes = true, .hub_ms = s->hub->now_ms};
    must(tp_hub_device_get(s->hub->store, s->person.device, &van, &err));
    must(tp_hub_accept_begin(s->hub->acceptor, &van, &heard, s->hub->now_ms, &err));
    must(tp_hub_accept(s->hub->acceptor, seq, s->lost[at].item.bytes, NULL, &accepted, &err));
    van.accepted = seq;
    van.last_sync_ms = s->hub->now_ms;
    memcpy(van.label, "the van", sizeof "the van");
    must(tp_hub_device_put(s->hub->store, &van, &err));
}

static void push_third(scene *s, unsigned at)
{
    push_as(s, 3, at);
}

static tp_hub_handed hand(scene *s, unsigned at, tp_name *as_out)
{
    const tp_hub_item *item = &s->lost[at].item;
    tp_hub_handed handed = TP_HUB_HANDED_NOT;
    must(tp_hub_accept_handed(s->hub->acceptor, item->name, item->bytes, &item->stamp,
                              s->hub->now_ms, &handed, as_out, &err));
    return handed;
}

static bool friary_holds(scene *s, tp_name name)
{
    tp_hub_feed_row row;
    const uint16_t friary = tp_hub_agency_find(s->hub->store, tp_slice_str("friary"));
    must(tp_hub_feed_get(s->hub->store, friary, name, &row, &err));
    return row.position != 0 && row.is_held;
}

static void test_accept_displaced__a_withdrawal_protects_at_once(void **state)
{
    scene *s = *state;
    tp_name as;
    tp_name again;
    tp_hub_item item;
    push_third(s, OTHER);
    assert_true(friary_holds(s, s->person));
    assert_int_equal(hand(s, WITHDRAWN, &as), TP_HUB_HANDED_DISPLACED);
    assert_false(friary_holds(s, s->person));
    assert_true(friary_holds(s, as)); /* so that he can be asked again */
    assert_true(as.device != s->person.device && as.seq == 3);
    must(tp_hub_log_get(s->hub->store, as, &item, NULL, &err));
    assert_int_equal(item.stamp.number, s->lost[WITHDRAWN].item.stamp.number);
    assert_true(tp_name_eq(item.person, s->person));
    assert_int_equal(hand(s, WITHDRAWN, &again), TP_HUB_HANDED_DISPLACED_BEFORE);
    assert_true(tp_name_eq(again, as));
}

static void test_accept_displaced__its_id_is_its_agencys_and_shut_out(void **state)
{
    scene *s = *state;
    tp_name as;
    tp_hub_device device;
    push_third(s, OTHER);
    (void)hand(s, WITHDRAWN, &as);
    must(tp_hub_device_get(s->hub->store, as.device, &device, &err));
    assert_int_equal(device.agency, tp_hub_agency_find(s->hub->store, tp_slice_str("outreach")));
    assert_int_not_equal(device.revoked_ms, 0);
    assert_true(device.came_from == s->person.device);
    assert_int_equal(device.came_from_seq, 2);
    assert_string_equal(device.label, "the van, before it was put back");
}

/* One that its author does not have, once that was heard and has written something since; while it
 * may still push what it has, this may be of it. */
static void test_accept_displaced__what_came_after_it_goes_with_it(void **state)
{
    scene *s = *state;
    tp_name as;
    push_third(s, NEWER);
    must(tp_hub_mark(s->hub, &err));
    assert_int_equal(hand(s, OTHER, &as), TP_HUB_HANDED_STORED);
    tp_hub_undo(s->hub);
    must(tp_hub_standing_put(s->hub->store, s->person.device, TP_HUB_HEARD, &err));
    assert_int_equal(hand(s, OTHER, &as), TP_HUB_HANDED_DISPLACED);
    assert_true(as.device != s->person.device && as.seq == 4);
}

/* Though its author may still push: by its own name it would say something of another record, and
 * who handed it would have been the last to have it. */
static void test_accept_displaced__what_does_not_fit_what_it_names_goes_with_that(void **state)
{
    scene *s = *state;
    tp_name as;
    tp_name record;
    tp_hub_item item;
    push_third(s, OTHER);
    push_as(s, 4, WITHDRAWN);
    assert_int_equal(hand(s, UPDATE, &as), TP_HUB_HANDED_DISPLACED);
    assert_true(as.device != s->person.device && as.seq == 6);
    assert_int_equal(hand(s, OTHER, &record), TP_HUB_HANDED_DISPLACED);
    must(tp_hub_log_get(s->hub->store, as, &item, NULL, &err));
    assert_true(tp_name_eq(item.record, record) && tp_name_eq(item.person, s->person));
}

/* Its author was told that what it names is displaced, before it pushed it: the same change. */
static void test_accept_displaced__what_its_author_wrote_anew_is_there_once(void **state)
{
    scene *s = *state;
    tp_name as;
    tp_hub_item item;
    tp_buf *bytes = &s->lost[UPDATE].bytes;
    const tp_name name = s->lost[UPDATE].item.name;
    bytes->at[bytes->bytes - 1] ^= 1;
    push_as(s, name.seq, UPDATE);
    bytes->at[bytes->bytes - 1] ^= 1;
    must(tp_hub_log_get(s->hub->store, name, &item, NULL, &err));
    assert_true(item.stamp.number > s->lost[UPDATE].item.stamp.number);
    assert_int_equal(hand(s, UPDATE, &as), TP_HUB_HANDED_ANEW);
    assert_true(tp_name_is_none(as));
    must(tp_hub_log_get(s->hub->store, name, &item, NULL, &err));
    assert_int_equal(item.stamp.number, s->lost[UPDATE].item.stamp.number);
    push_third(s, OTHER); /* this one is another */
    assert_int_equal(hand(s, WITHDRAWN, &as), TP_HUB_HANDED_DISPLACED);
}

/* A card that was put back and has written nothing since has the same history. */
static void test_accept_displaced__what_an_older_card_forgot_stays_its_own(void **state)
{
    scene *s = *state;
    tp_name as;
    must(tp_hub_standing_put(s->hub->store, s->person.device, TP_HUB_HEARD, &err));
    assert_int_equal(hand(s, WITHDRAWN, &as), TP_HUB_HANDED_STORED);
    assert_true(tp_name_eq(as, s->lost[WITHDRAWN].item.name));
}

static tp_rc count_quarantined(void *ctx, const tp_hub_quarantined *entry, tp_err *ignored)
{
    (void)ignored;
    *(tp_hub_quarantined *)ctx = *entry;
    return TP_OK;
}

static void test_accept_displaced__what_cannot_be_written_again_is_in_quarantine(void **state)
{
    scene *s = *state;
    tp_name as;
    tp_hub_accepted accepted;
    tp_hub_quarantined entry = {.code = 0};
    tp_hub_item item;
    tp_stamp *stamp = &s->lost[NEWER].item.stamp;
    stamp->earliest_ms = stamp->ms - 1000;
    stamp->latest_ms = stamp->ms;
    push_third(s, OTHER);
    must(tp_hub_standing_put(s->hub->store, s->person.device, TP_HUB_HEARD, &err));
    assert_int_equal(hand(s, NEWER, &as), TP_HUB_HANDED_DISPLACED);
    must(tp_hub_quarantine_all(s->hub->store, as.device, count_quarantined, &entry, &err));
    assert_true(tp_name_eq(entry.name, as));
    assert_int_equal(hand(s, NEWER, &as), TP_HUB_HANDED_DISPLACED_BEFORE);
    entry.bytes = s->lost[NEWER].item.bytes;
    must(tp_hub_accept_again(s->hub->acceptor, &entry, s->hub->now_ms, &accepted, &err));
    assert_int_not_equal(accepted.code, 0);
    entry.bytes = s->lost[WITHDRAWN].item.bytes; /* as if this program were newer */
    must(tp_hub_accept_again(s->hub->acceptor, &entry, s->hub->now_ms, &accepted, &err));
    assert_int_equal(accepted.code, 0);
    assert_false(friary_holds(s, s->person));
    must(tp_hub_log_get(s->hub->store, as, &item, NULL, &err));
    assert_memory_equal(&item.stamp, stamp, sizeof *stamp);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_accept_displaced__a_withdrawal_protects_at_once),
        TEST(test_accept_displaced__its_id_is_its_agencys_and_shut_out),
        TEST(test_accept_displaced__what_came_after_it_goes_with_it),
        TEST(test_accept_displaced__what_does_not_fit_what_it_names_goes_with_that),
        TEST(test_accept_displaced__what_its_author_wrote_anew_is_there_once),
        TEST(test_accept_displaced__what_an_older_card_forgot_stays_its_own),
        TEST(test_accept_displaced__what_cannot_be_written_again_is_in_quarantine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
