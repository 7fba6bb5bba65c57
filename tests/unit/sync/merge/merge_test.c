/* Changes into the log and the views; on real files.
 *
 * Shows P4, P14, P15, P17, P19. */
#include "sync/merge/merge.h"

#include "platform/base/fault.h"
#include "tests/support/two_logs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_err err;

static void test_merge_apply__a_change_shows_as_it_did_where_it_was_written(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_name contact = tp_node_log_contact(&there, person, "seen by the library");
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, person),
                          tp_node_log_hub_take(&hub, &there, contact)};
    assert_int_equal(tp_node_log_apply(&here, entries, 2).fresh, 2);
    tp_node_log *nodes[] = {&here, &there};
    for (size_t i = 0; i < 2; i++) {
        listing l = listing_of_person(nodes[i], person);
        assert_int_equal(l.count, 2);
        assert_true(tp_name_eq(l.refs[0].record, person));
        assert_true(tp_name_eq(l.refs[1].record, contact));
        assert_true(tp_name_eq(l.refs[1].person, person));
        assert_int_equal(l.refs[1].entity, TP_CONTACT);
        assert_string_equal(shown_text(nodes[i], contact, TP_CONTACT_NOTE), "seen by the library");
    }
    tp_node_log_assert_sound(&there);
}

static void test_merge_apply__the_same_again_is_nothing_new(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_entry entry = tp_node_log_hub_take(&hub, &there, person);
    tp_entry twice[] = {entry, entry};
    assert_int_equal(tp_node_log_apply(&here, twice, 2).fresh, 1);
    assert_int_equal(tp_node_log_apply(&here, twice, 2).fresh, 0);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM record"), 1);
}

static void test_merge_apply__an_update_before_its_record_waits_for_it(void **state)
{
    (void)state;
    tp_record_ref ref;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_name update = tp_node_log_update_text(&there, person, TP_PERSON, TP_PERSON_PREFERRED_NAME,
                                             "Shaun", person);
    tp_entry created = tp_node_log_hub_take(&hub, &there, person);
    tp_entry updated = tp_node_log_hub_take(&hub, &there, update);
    (void)tp_node_log_apply(&here, &updated, 1);
    assert_int_equal(shown_record(&here, person, &ref), TP_NOTFOUND);
    assert_int_equal(listing_of_person(&here, person).count, 0);
    tp_node_log_assert_sound(&here);
    (void)tp_node_log_apply(&here, &created, 1);
    assert_int_equal(shown_record(&here, person, &ref), TP_OK);
    assert_string_equal(shown_text(&here, person, TP_PERSON_PREFERRED_NAME), "Shaun");
}

static void test_merge_apply__a_record_goes_to_its_person_when_one_is_filled_in(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        tp_name request =
            tp_node_log_create(&there, TP_HELP_REQUEST, nobody, TP_REQUEST_WORDS, "tea");
        tp_name person = tp_node_log_person(&there, "Sean");
        tp_value about = tp_node_log_name(TP_TYPE_RECORD, person);
        tp_name fill =
            tp_node_log_update(&there, request, TP_HELP_REQUEST, TP_FIELD_PERSON, &about, nobody);
        assert_int_equal(listing_of_person(&there, person).count, 2);
        tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, request),
                              tp_node_log_hub_take(&hub, &there, person),
                              tp_node_log_hub_take(&hub, &there, fill)};
        tp_entry first = entries[order == 0 ? 0 : 2];
        tp_entry rest[] = {entries[1], entries[order == 0 ? 2 : 0]};
        (void)tp_node_log_apply(&here, &first, 1);
        tp_node_log_assert_sound(&here);
        (void)tp_node_log_apply(&here, rest, 2);
        assert_int_equal(listing_of_person(&here, person).count, 2);
        assert_int_equal(listing_of_person(&here, nobody).count, 0);
        tp_node_log_assert_sound(&here);
    }
}

static void test_merge_apply__an_entity_of_a_newer_program_is_kept_and_listed(void **state)
{
    (void)state;
    enum { NEWER = 4711 };
    static const uint8_t bytes[] = {/* {0: salt, 1: 4711, 3: {10: "tea"}, 5: [1, 2, 3]} */
                                    0xA4, 0x00, 0x48, 1,    2,    3,    4,    5,    6,
                                    7,    8,    0x01, 0x19, 0x12, 0x67, 0x03, 0xA1, 0x0A,
                                    0x63, 't',  'e',  'a',  0x05, 0x83, 0x01, 0x02, 0x03};
    tp_entry entry = {
        {4242, 9}, tp_slice_of(bytes, sizeof bytes), {TP_NODE_LOG_NOW_MS, 0, 0, 5}, 1, {1}, 0,
        false};
    tp_merge_applied applied = tp_node_log_apply(&here, &entry, 1);
    assert_int_equal(applied.fresh, 1);
    assert_int_equal(applied.unread, 0);
    assert_int_equal(listing_of_entity(&here, NEWER).count, 1);
    tp_record_ref ref;
    assert_int_equal(shown_record(&here, entry.name, &ref), TP_OK);
    assert_int_equal(ref.entity, NEWER);
}

static void test_merge_apply__bytes_nobody_here_can_read_are_kept_and_hold_up_nothing(void **state)
{
    (void)state;
    static const uint8_t unreadable[] = {0xFF, 0x00, 0x13};
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_entry entries[] = {{{4242, 9},
                           {unreadable, sizeof unreadable},
                           {TP_NODE_LOG_NOW_MS, 0, 0, 5},
                           1,
                           {1},
                           0,
                           false},
                          tp_node_log_hub_take(&hub, &there, person)};
    tp_merge_applied applied = tp_node_log_apply(&here, entries, 2);
    assert_int_equal(applied.fresh, 2);
    assert_int_equal(applied.unread, 1);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM log"), 2);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM record"), 1);
    tp_node_log_give_back(&here, &entries[0].name, 1);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM log"), 1);
}

static void test_merge_write__undone_leaves_nothing(void **state)
{
    (void)state;
    tp_change_draft draft;
    tp_value words = tp_node_log_text("money on the meter");
    tp_tx tx = TP_TX_NONE;
    tp_change_draft_init(&draft, nobody, TP_HELP_REQUEST);
    assert_int_equal(tp_change_draft_set(&draft, TP_REQUEST_WORDS, &words, &err), TP_OK);
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_write(here.merge, &tx, &draft, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM log"), 0);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM record"), 0);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM era"), 0);
}

/* Two fill in another person; the lower number stands, also where the own answer comes late. */
static void test_merge_accept__moves_a_record_when_the_own_change_was_first_at_the_hub(void **state)
{
    (void)state;
    tp_name request = tp_node_log_create(&there, TP_HELP_REQUEST, nobody, TP_REQUEST_WORDS, "tea");
    tp_name one = tp_node_log_person(&there, "Sean");
    tp_name two = tp_node_log_person(&there, "Shaun");
    tp_value about_one = tp_node_log_name(TP_TYPE_RECORD, one);
    tp_value about_two = tp_node_log_name(TP_TYPE_RECORD, two);
    tp_name fill =
        tp_node_log_update(&there, request, TP_HELP_REQUEST, TP_FIELD_PERSON, &about_one, nobody);
    tp_entry known[] = {tp_node_log_hub_take(&hub, &there, request),
                        tp_node_log_hub_take(&hub, &there, one),
                        tp_node_log_hub_take(&hub, &there, two)};
    (void)tp_node_log_apply(&here, known, 3);
    (void)tp_node_log_update(&here, request, TP_HELP_REQUEST, TP_FIELD_PERSON, &about_two, nobody);
    assert_int_equal(listing_of_person(&here, two).count, 2);
    tp_entry theirs = tp_node_log_hub_take(&hub, &there, fill);
    theirs.stamp.number = 100;
    (void)tp_node_log_apply(&here, &theirs, 1);
    assert_int_equal(listing_of_person(&here, one).count, 2);
    tp_node_log_assert_sound(&here);
    tp_node_log_accept(&hub, &here); /* with a lower one */
    assert_int_equal(listing_of_person(&here, one).count, 1);
    assert_int_equal(listing_of_person(&here, two).count, 2);
}

/* Every write fails once, in a give-back and in an arrival: all or nothing, and the next time
 * works. */
static void test_merge__a_failing_disk_leaves_all_as_it_was(void **state)
{
    (void)state;
    tp_name a = tp_node_log_person(&there, "Sean");
    tp_name b = tp_node_log_person(&there, "Shaun");
    tp_entry entries[] = {
        tp_node_log_hub_take(&hub, &there, a), tp_node_log_hub_take(&hub, &there, b),
        tp_node_log_hub_take(&hub, &there, tp_node_log_join(&there, a, b)),
        tp_node_log_hub_take(&hub, &there, tp_node_log_contact(&there, b, "tea"))};
    tp_name names[] = {entries[0].name, entries[3].name, entries[2].name};
    (void)tp_node_log_apply(&here, entries, 3);
    int failed = 0;
    tp_rc rc = TP_IO;
    for (int nth = 1; rc != TP_OK && nth < 200; nth++) {
        char spec[32];
        tp_merge_applied applied;
        tp_tx tx = TP_TX_NONE;
        (void)snprintf(spec, sizeof spec, "store.write.nth:%d", nth);
        tp_node_log_begin(&here, &tx, TP_TX_WRITE);
        tp_fault_set(spec);
        rc = tp_merge_give_back(here.merge, &tx, names, 3, TP_NODE_LOG_NOW_MS, &err);
        if (rc == TP_OK) {
            rc = tp_merge_apply(here.merge, &tx, entries + 3, 1, &applied, &err);
        }
        if (rc == TP_OK) {
            rc = tp_tx_commit(&tx, &err);
        }
        tp_fault_set(NULL);
        tp_tx_rollback(&tx);
        if (rc != TP_OK) {
            failed++;
            assert_int_equal(tp_store_statements_open(here.store), 0);
            assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM record"), 3);
            assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM person_group"), 2);
            tp_node_log_assert_sound(&here);
        }
    }
    assert_int_equal(rc, TP_OK);
    assert_true(failed > 5);
}

/* ---- Joining ---- */

static uint32_t group_count(tp_node_log *node, tp_name person, tp_name *persons)
{
    uint32_t count = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_group(node->merge, &tx, person, persons, &count, &err), TP_OK);
    tp_tx_rollback(&tx);
    return count;
}

static void test_merge_group__joins_and_unjoins_in_any_order(void **state)
{
    (void)state;
    tp_name persons[TP_GROUP_PERSONS_MAX];
    tp_name a = tp_node_log_person(&there, "Sean");
    tp_name b = tp_node_log_person(&there, "Shaun");
    tp_name c = tp_node_log_person(&there, "Baz");
    tp_name join_ab = tp_node_log_join(&there, a, b);
    tp_name join_bc = tp_node_log_join(&there, c, b);
    assert_int_equal(group_count(&there, a, persons), 3);
    assert_true(tp_name_eq(persons[0], a));
    tp_name unjoin = tp_node_log_unjoin(&there, a, join_ab);
    assert_int_equal(group_count(&there, a, persons), 1);
    assert_int_equal(group_count(&there, b, persons), 2);
    /* The undoing arrives first. */
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, unjoin),
                          tp_node_log_hub_take(&hub, &there, join_bc),
                          tp_node_log_hub_take(&hub, &there, join_ab)};
    (void)tp_node_log_apply(&here, entries, 1);
    assert_int_equal(group_count(&here, a, persons), 1);
    (void)tp_node_log_apply(&here, entries + 1, 2);
    assert_int_equal(group_count(&here, a, persons), 1);
    assert_int_equal(group_count(&here, c, persons), 2);
    tp_node_log_assert_sound(&here);
    /* A join that was given back joins nobody, and an unjoin undoes nothing. */
    tp_node_log_give_back(&here, &unjoin, 1);
    assert_int_equal(group_count(&here, a, persons), 3);
    tp_node_log_give_back(&here, &join_bc, 1);
    assert_int_equal(group_count(&here, a, persons), 2);
}

/* ---- The sink ---- */

typedef struct told {
    uint32_t touched;
    uint32_t regrouped;
    uint32_t cleared;
    tp_name record;
    tp_name change;
    tp_name person;
    uint32_t entity;
    tp_rc answer;
} told;

static tp_rc on_touched(void *context, tp_tx *tx, tp_name record, tp_name change, uint32_t entity,
                        tp_name person, tp_err *sink_err)
{
    (void)tx;
    told *t = context;
    t->touched++;
    t->record = record;
    t->change = change;
    t->entity = entity;
    t->person = person;
    return t->answer == TP_OK ? TP_OK : tp_fail(sink_err, t->answer, "the sink is full");
}

static tp_rc on_regrouped(void *context, tp_tx *tx, tp_name person, tp_err *sink_err)
{
    (void)tx;
    (void)person;
    (void)sink_err;
    ((told *)context)->regrouped++;
    return TP_OK;
}

static tp_rc on_clear(void *context, tp_tx *tx, tp_err *sink_err)
{
    (void)tx;
    (void)sink_err;
    ((told *)context)->cleared++;
    return TP_OK;
}

static void test_merge_sink__is_told_of_every_change_and_on_rebuild_of_every_record(void **state)
{
    (void)state;
    told t = {0};
    tp_merge_sink sink = {&t, on_touched, on_regrouped, on_clear};
    tp_merge_set_sink(here.merge, &sink);
    tp_name a = tp_node_log_person(&there, "Sean");
    tp_name b = tp_node_log_person(&there, "Shaun");
    tp_name update =
        tp_node_log_update_text(&there, a, TP_PERSON, TP_PERSON_PHONE, "0115 496 0000", nobody);
    tp_name contact = tp_node_log_contact(&there, a, "seen");
    tp_name join = tp_node_log_join(&there, a, b);
    tp_entry entries[] = {
        tp_node_log_hub_take(&hub, &there, update), tp_node_log_hub_take(&hub, &there, a),
        tp_node_log_hub_take(&hub, &there, b), tp_node_log_hub_take(&hub, &there, join),
        tp_node_log_hub_take(&hub, &there, contact)};
    (void)tp_node_log_apply(&here, entries, 1);
    assert_int_equal(t.touched, 1);
    assert_true(tp_name_is_none(t.person)); /* its creating change is not held */
    assert_int_equal(t.entity, TP_PERSON);
    assert_true(tp_name_eq(t.record, a));
    (void)tp_node_log_apply(&here, entries + 1, 4);
    assert_int_equal(t.touched, 5);
    assert_int_equal(t.regrouped, 2);
    assert_true(tp_name_eq(t.change, contact));
    assert_true(tp_name_eq(t.person, a));
    (void)tp_node_log_apply(&here, entries, 5); /* nothing new: nobody is told */
    assert_int_equal(t.touched, 5);
    tp_node_log_give_back(&here, &contact, 1);
    assert_int_equal(t.touched, 6);
    assert_true(tp_name_eq(t.record, contact));
    t = (told){0};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_rebuild(here.merge, &tx, NULL, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(t.cleared, 1);
    assert_int_equal(t.touched, 3); /* two persons, one join */
    assert_int_equal(t.regrouped, 2);
    tp_merge_set_sink(here.merge, NULL);
}

static void test_merge_sink__what_it_refuses_is_passed_on(void **state)
{
    (void)state;
    told t = {.answer = TP_LIMIT};
    tp_merge_sink sink = {&t, on_touched, NULL, NULL};
    tp_merge_set_sink(here.merge, &sink);
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_entry entry = tp_node_log_hub_take(&hub, &there, person);
    tp_merge_applied applied;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_apply(here.merge, &tx, &entry, 1, &applied, &err), TP_LIMIT);
    tp_tx_rollback(&tx);
    tp_merge_set_sink(here.merge, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWO_LOGS(test_merge_apply__a_change_shows_as_it_did_where_it_was_written),
        WITH_TWO_LOGS(test_merge_apply__the_same_again_is_nothing_new),
        WITH_TWO_LOGS(test_merge_apply__an_update_before_its_record_waits_for_it),
        WITH_TWO_LOGS(test_merge_apply__a_record_goes_to_its_person_when_one_is_filled_in),
        WITH_TWO_LOGS(test_merge_apply__an_entity_of_a_newer_program_is_kept_and_listed),
        WITH_TWO_LOGS(test_merge_apply__bytes_nobody_here_can_read_are_kept_and_hold_up_nothing),
        WITH_TWO_LOGS(test_merge_write__undone_leaves_nothing),
        WITH_TWO_LOGS(test_merge_accept__moves_a_record_when_the_own_change_was_first_at_the_hub),
        WITH_TWO_LOGS(test_merge__a_failing_disk_leaves_all_as_it_was),
        WITH_TWO_LOGS(test_merge_group__joins_and_unjoins_in_any_order),
        WITH_TWO_LOGS(test_merge_sink__is_told_of_every_change_and_on_rebuild_of_every_record),
        WITH_TWO_LOGS(test_merge_sink__what_it_refuses_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
