/* Real nodes that name a change whose number an older card has used again: what they wrote of it
 * is of it still, is held once all the time, and is nobody else's.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "sync/log/back.h"
#include "sync/log/held.h"
#include "sync/merge/merge.h"
#include "sync/wire/chain.h"
#include "sync/wire/wire.h"
#include "tests/support/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Of one agency: `van`, whose card is put back, `desk` and `office`, who write of what it wrote. */
enum { VAN, DESK, OFFICE, NODES };

static circle s;
static tp_err err;
static tp_name known;  /* a person whom the copies know */
static tp_name person; /* and one whom they do not, by the name he had */

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static void wait_a_minute(void)
{
    s.clock.reading.wall_ms += 60000;
    s.clock.reading.up_ms += 60000;
    for (uint32_t i = 0; i < s.count; i++) {
        s.at[i].clock.reading.wall_ms += 60000;
        s.at[i].clock.reading.up_ms += 60000;
    }
}

static void sync_all(void)
{
    for (uint32_t i = 0; i < s.count; i++) {
        wait_a_minute();
        circle_sync(&s, i);
    }
}

static int open_scene(void **state)
{
    static const char *const agencies[] = {"outreach", "outreach", "outreach", NULL};
    (void)state;
    circle_open(&s, agencies);
    known = tp_node_log_person(&s.at[VAN], "Baz");
    sync_all();
    sync_all();
    circle_copy_hub(&s);
    circle_keep_card(&s, VAN);
    wait_a_minute();
    person = tp_node_log_person(&s.at[VAN], "Lou");
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    circle_sync(&s, OFFICE);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    circle_close(&s);
    return 0;
}

static void write_contacts(uint32_t at, int count)
{
    for (int i = 0; i < count; i++) {
        (void)tp_node_log_contact(&s.at[at], person, "Soup by the bus station");
    }
}

/* Both are put back, and the card comes first. */
static void fall(void)
{
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    wait_a_minute();
    const tp_name again = tp_node_log_person(&s.at[VAN], "Shaun");
    assert_true(tp_name_eq(again, person));
    circle_sync(&s, VAN);
    wait_a_minute();
}

/* ---- What is where ---- */

typedef struct counting {
    tp_log *log;
    tp_tx *tx;
    tp_name person;
    uint32_t contacts; /* held, about that person */
    uint32_t others;   /* about anybody else */
    uint32_t stubs;
} counting;

static void count_contact(counting *c, tp_name name, tp_slice bytes)
{
    static tp_change change;
    static tp_value value;
    tp_err unread;
    if (tp_change_decode(name, bytes, &change, &unread) != TP_OK || change.entity != TP_CONTACT ||
        !tp_change_creates(&change)) {
        return;
    }
    const tp_change_field *field = tp_change_field_of(&change, TP_FIELD_PERSON);
    assert_non_null(field);
    must(tp_field_value_decode(tp_field_of(TP_CONTACT, TP_FIELD_PERSON), &change, field->value,
                               &value, &err));
    *(tp_name_eq(value.names[0], c->person) ? &c->contacts : &c->others) += 1;
}

static tp_rc count_row(void *context, const tp_log_row *row, tp_err *unused)
{
    counting *c = context;
    (void)unused;
    c->stubs += row->is_stub;
    if (!row->is_stub) {
        count_contact(c, row->name, row->bytes);
    }
    return TP_OK;
}

static counting node_has(uint32_t at, tp_name of)
{
    tp_tx tx;
    counting c = {.person = of};
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_all(s.at[at].log, &tx, count_row, &c, &err));
    tp_tx_rollback(&tx);
    return c;
}

static tp_rc count_item(void *context, const tp_hub_item *item, tp_err *unused)
{
    (void)unused;
    count_contact(context, item->name, item->bytes);
    return TP_OK;
}

static counting hub_has(tp_name of)
{
    counting c = {.person = of};
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_log_all(s.hub.store, 0, 0, count_item, &c, &err));
    must(tp_hub_commit(&s.hub, &err));
    return c;
}

typedef struct other_name {
    tp_name name;
    tp_name as;
} other_name;

static tp_rc look_for_lou(void *context, const tp_hub_item *item, tp_err *unused)
{
    other_name *o = context;
    (void)unused;
    if (item->name.seq == o->name.seq && item->name.device != o->name.device &&
        item->entity == TP_PERSON) {
        o->as = item->name;
    }
    return TP_OK;
}

/* The name that the hub has him by. */
static tp_name called(void)
{
    other_name o = {.name = person};
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_log_all(s.hub.store, 0, 0, look_for_lou, &o, &err));
    must(tp_hub_commit(&s.hub, &err));
    assert_false(tp_name_is_none(o.as));
    return o.as;
}

static tp_rc count_refused(void *context, tp_name name, const tp_refused *refused, tp_err *unused)
{
    (void)unused;
    (void)name;
    (void)refused;
    ++*(uint32_t *)context;
    return TP_OK;
}

static uint32_t refused_at(uint32_t at)
{
    tp_tx tx;
    uint32_t count = 0;
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_refused_all(s.at[at].log, &tx, count_refused, &count, &err));
    tp_tx_rollback(&tx);
    return count;
}

/* At the hub and at every node, about him by the name he has now, and by no other name. */
static void assert_all_of(uint32_t contacts)
{
    const tp_name now = called();
    const counting hub = hub_has(now);
    assert_int_equal(hub.contacts, contacts);
    assert_int_equal(hub.others, 0);
    for (uint32_t i = 0; i < s.count; i++) {
        const counting node = node_has(i, now);
        assert_int_equal(node.contacts, contacts);
        assert_int_equal(node.others, 0);
        assert_int_equal(node.stubs, 0);
        assert_int_equal(refused_at(i), 0);
        assert_int_equal(circle_findings(&s, i), 0);
        tp_node_log_assert_sound(&s.at[i]);
    }
}

/* ---- What was written here ---- */

static void test_ask_meant__what_was_written_of_it_goes_with_it(void **state)
{
    (void)state;
    write_contacts(DESK, 3);
    circle_sync(&s, DESK);
    fall();
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.refused, 0); /* nobody has to look at anything */
    sync_all();
    sync_all();
    assert_false(s.differs);
    assert_all_of(3);
}

/* By then everybody knows the other names, and its author has its own no more. */
static void test_ask_meant__the_hub_may_fall_once_more(void **state)
{
    (void)state;
    write_contacts(DESK, 3);
    circle_sync(&s, DESK);
    circle_sync(&s, OFFICE);
    fall();
    sync_all();
    sync_all();
    const tp_name before = called();
    circle_put_hub_back(&s);
    for (int rounds = 0; rounds < 3; rounds++) {
        sync_all();
    }
    assert_false(s.differs);
    assert_true(tp_name_eq(called(), before));
    assert_all_of(3);
}

/* It is here all the time by one of its names, also where the hub says more at once than comes with
 * one answer; and it is here by the new one with the answer that says it. */
static void test_ask_meant__it_is_held_until_it_comes_by_its_other_name(void **state)
{
    enum { MANY = TP_HANDED_MAX + 6 };
    uint32_t most_by_both = 0;
    uint32_t at_once = 0;
    uint32_t told = 0;
    (void)state;
    write_contacts(DESK, MANY);
    circle_sync(&s, DESK);
    fall();
    tp_ask *ask = circle_ask(&s, DESK);
    while (!tp_ask_is_done(ask)) {
        uint32_t count = 0;
        (void)circle_exchange(&s, DESK, ask);
        const counting has = node_has(DESK, person);
        assert_in_range(has.contacts + has.others, MANY, 2 * MANY);
        assert_int_equal(has.stubs, 0);
        at_once = at_once == 0 ? has.others : at_once;
        most_by_both = has.contacts < most_by_both ? most_by_both : has.contacts;
        const tp_renaming *renamed = tp_ask_renamed(ask, &count);
        for (uint32_t i = 0; i < count; i++) {
            told += renamed[i].from == tp_log_device(s.at[DESK].log) && renamed[i].keeps_seq &&
                    renamed[i].upto == renamed[i].kept + 1 && renamed[i].to != 0;
        }
    }
    tp_ask_free(ask);
    assert_int_equal(at_once, TP_HANDED_MAX);
    assert_int_equal(told, MANY); /* whoever keeps names beside the log hears of each */
    sync_all();
    sync_all();
    assert_all_of(MANY);
}

/* Answers get lost: it is answered again, and was never gone. */
static void test_ask_meant__it_may_be_cut_off_anywhere(void **state)
{
    enum { CONTACTS = 4 };
    (void)state;
    write_contacts(DESK, CONTACTS);
    circle_sync(&s, DESK);
    fall();
    tp_ask *first = circle_ask(&s, DESK);
    assert_false(circle_exchange(&s, DESK, first)); /* there is another generation */
    assert_true(circle_exchange(&s, DESK, first));  /* where does it stand? */
    tp_ask_free(first);
    for (int whole = 0; whole < 6; whole++) {
        tp_ask *ask = circle_ask(&s, DESK);
        for (int i = 0; i < whole && !tp_ask_is_done(ask); i++) {
            (void)circle_exchange(&s, DESK, ask);
        }
        tp_ask_free(ask);
        circle_lose_answer(&s, DESK);
        const counting has = node_has(DESK, person);
        assert_true(has.contacts + has.others >= CONTACTS);
    }
    sync_all();
    sync_all();
    assert_all_of(CONTACTS);
}

/* ---- What others wrote ---- */

/* More than one request hands, so that some of it is handed before him and some after, when he is
 * by that name here no more. */
static void test_ask_meant__whoever_holds_it_may_come_first(void **state)
{
    enum { MANY = 3 * TP_HANDED_MAX };
    (void)state;
    write_contacts(OFFICE, MANY);
    circle_sync(&s, OFFICE);
    circle_sync(&s, DESK);
    fall();
    circle_sync(&s, DESK);
    const counting hub = hub_has(called());
    assert_int_equal(hub.contacts, MANY);
    assert_int_equal(hub.others, 0);
    wait_a_minute();
    sync_all();
    sync_all();
    assert_all_of(MANY);
}

/* His device came back as it was, and has him by the name he had. */
static void test_ask_meant__nothing_is_called_anew_where_nothing_was_used_again(void **state)
{
    (void)state;
    write_contacts(DESK, 2);
    circle_sync(&s, DESK);
    circle_sync(&s, OFFICE);
    circle_put_hub_back(&s);
    wait_a_minute();
    circle_sync(&s, OFFICE);
    sync_all();
    const counting hub = hub_has(person);
    assert_int_equal(hub.contacts, 2);
    assert_int_equal(hub.others, 0);
    assert_int_equal(node_has(DESK, person).contacts, 2);
}

/* What is damaged here is not what is meant. */
static void test_ask_meant__what_is_damaged_says_nothing(void **state)
{
    (void)state;
    circle_copy_hub(&s); /* he is at the hub this time */
    write_contacts(DESK, 2);
    circle_sync(&s, DESK);
    circle_put_hub_back(&s);
    circle_execute(
        &s, DESK,
        "UPDATE log SET bytes = CAST(substr(bytes, 1, 3) || 'saltsalt'"
        " || substr(bytes, 12) AS BLOB) WHERE id = (1 << 40 | 2)"); /* the van's second */
    wait_a_minute();
    circle_sync(&s, DESK);
    const counting hub = hub_has(person);
    assert_int_equal(hub.contacts, 2);
    assert_int_equal(hub.others, 0);
    assert_int_equal(refused_at(DESK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_meant__what_was_written_of_it_goes_with_it),
        TEST(test_ask_meant__the_hub_may_fall_once_more),
        TEST(test_ask_meant__it_is_held_until_it_comes_by_its_other_name),
        TEST(test_ask_meant__it_may_be_cut_off_anywhere),
        TEST(test_ask_meant__whoever_holds_it_may_come_first),
        TEST(test_ask_meant__nothing_is_called_anew_where_nothing_was_used_again),
        TEST(test_ask_meant__what_is_damaged_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
