/* An older card takes another id at a hub that fell, for others have handed what it forgot; what it
 * writes again under that it had sent once.  Others hand it by the name that it had then: it is
 * there once.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "platform/base/alloc.h"
#include "sync/hub/back.h"
#include "tests/support/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { VAN, DESK };
enum { ANOTHER = 0x4711 };

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

typedef struct scene {
    circle circle;
    tp_name person;
    tp_name contact; /* van's second, not sent yet by its card */
    tp_stamp stamp;  /* that it had */
    tp_name said;    /* what desk wrote of it, and sent */
    tp_hub_item forgotten;
    tp_buf bytes; /* of that */
} scene;

static scene s;

static bool hub_has(tp_name name, tp_hub_item *item, tp_buf *bytes)
{
    must(tp_hub_look(&s.circle.hub, &err));
    const tp_rc rc = tp_hub_log_get(s.circle.hub.store, name, item, bytes, &err);
    tp_hub_rollback(&s.circle.hub);
    assert_true(rc == TP_OK || rc == TP_NOTFOUND);
    return rc == TP_OK;
}

static tp_name say(const char *what)
{
    return tp_node_log_update_text(&s.circle.at[DESK], s.contact, TP_CONTACT, TP_CONTACT_NOTE, what,
                                   (tp_name){0, 0});
}

/* Van's card goes back to before its second push, the hub to before everything. */
static int open_scene(void **state)
{
    static const char *const agencies[] = {"outreach", "outreach", NULL};
    circle *c = &s.circle;
    tp_hub_item item;
    (void)state;
    circle_open(c, agencies);
    tp_buf_init(&s.bytes, TP_CHANGE_BYTES_MAX);
    circle_copy_hub(c);
    s.person = tp_node_log_person(&c->at[VAN], "Baz");
    circle_sync(c, VAN);
    s.contact = tp_node_log_contact(&c->at[VAN], s.person, "Soup");
    circle_keep_card(c, VAN);
    (void)tp_node_log_contact(&c->at[VAN], s.person, "Tea");
    const tp_name forgotten = tp_node_log_contact(&c->at[VAN], s.person, "Cake");
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    s.said = say("And a hat");
    circle_sync(c, DESK);
    assert_true(hub_has(s.contact, &item, NULL));
    s.stamp = item.stamp;
    assert_true(hub_has(forgotten, &s.forgotten, &s.bytes));
    circle_put_hub_back(c);
    circle_say_it_went_back(c);
    circle_put_card_back(c, VAN);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    tp_buf_done(&s.bytes);
    circle_close(&s.circle);
    return 0;
}

/* Somebody who was sent that alone. */
static void hand_what_it_forgot(void)
{
    tp_hub *hub = &s.circle.hub;
    tp_hub_handed handed = TP_HUB_HANDED_NOT;
    tp_name as;
    must(tp_hub_begin(hub, &err));
    must(tp_hub_accept_handed(hub->acceptor, s.forgotten.name, tp_buf_slice(&s.bytes),
                              &s.forgotten.stamp, hub->now_ms, &handed, &as, &err));
    must(tp_hub_commit(hub, &err));
    assert_int_equal(handed, TP_HUB_HANDED_STORED);
}

static void take_another_id(void)
{
    circle *c = &s.circle;
    tp_hub_device device;
    const uint64_t kept = s.contact.seq - 1;
    assert_int_equal(circle_accepted(c, VAN), kept);
    circle_take_another_id(c, VAN, ANOTHER, kept);
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_device_get(c->hub.store, ANOTHER, &device, &err));
    device.came_from = s.contact.device;
    device.came_from_seq = kept;
    must(tp_hub_device_put(c->hub.store, &device, &err));
    must(tp_hub_commit(&c->hub, &err));
}

static void go_on_under_another_id(void)
{
    circle *c = &s.circle;
    hand_what_it_forgot();
    tp_ask *ask = circle_ask(c, VAN);
    while (!tp_ask_is_forked(ask)) {
        assert_false(tp_ask_is_done(ask));
        (void)circle_exchange(c, VAN, ask);
    }
    tp_ask_free(ask);
    take_another_id();
    circle_sync(c, VAN);
}

static uint64_t count_changes(void)
{
    tp_hub_verified *verified = circle_verify_hub(&s.circle);
    const uint64_t changes = verified->changes;
    tp_free(verified);
    return changes;
}

static void test_ask_copied__what_it_had_sent_once_is_there_once(void **state)
{
    circle *c = &s.circle;
    const tp_name anew = {ANOTHER, 1};
    tp_hub_item item;
    (void)state;
    (void)tp_node_log_contact(&c->at[VAN], s.person, "Coffee"); /* by the number of the tea */
    go_on_under_another_id();
    assert_true(hub_has(anew, &item, NULL));
    assert_true(item.stamp.number > s.stamp.number);
    circle_sync(c, DESK);
    assert_false(hub_has(s.contact, &item, NULL));
    assert_true(hub_has(anew, &item, NULL));
    assert_int_equal(item.stamp.number, s.stamp.number); /* as it was: the lower one counts */
    assert_int_equal(count_changes(), 6);                /* and what desk wrote */
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    for (uint32_t at = VAN; at <= DESK; at++) {
        circle_assert_settled(c, at);
        circle_assert_as_the_hub(c, at);
    }
}

static tp_rc keep_record(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    *(tp_packed_name *)context = row->record;
    return TP_OK;
}

static tp_name record_at_desk(tp_name change)
{
    circle *c = &s.circle;
    tp_packed_name id = 0;
    tp_packed_name packed = 0;
    tp_name record = {0, 0};
    tp_tx tx;
    tp_node_log_begin(&c->at[DESK], &tx, TP_TX_READ);
    must(tp_log_pack_known(c->at[DESK].log, &tx, change, &id, &err));
    must(tp_log_get(c->at[DESK].log, &tx, id, keep_record, &packed, &err));
    must(tp_log_unpack(c->at[DESK].log, &tx, packed, &record, &err));
    tp_tx_rollback(&tx);
    return record;
}

/* What was said of it is said of it by the name that it has, by who had sent that and by who had
 * not. */
static void test_ask_copied__what_was_said_of_it_follows(void **state)
{
    circle *c = &s.circle;
    const tp_name anew = {ANOTHER, 1};
    tp_hub_item item;
    (void)state;
    const tp_name unsent = say("And a coat");
    go_on_under_another_id();
    circle_sync(c, DESK);
    assert_true(hub_has(unsent, &item, NULL) && tp_name_eq(item.record, anew));
    assert_true(tp_name_eq(record_at_desk(unsent), anew));
    assert_false(hub_has(s.said, &item, NULL)); /* its name is another too */
    assert_int_equal(count_changes(), 6);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_assert_as_the_hub(c, DESK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_copied__what_it_had_sent_once_is_there_once),
        TEST(test_ask_copied__what_was_said_of_it_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
