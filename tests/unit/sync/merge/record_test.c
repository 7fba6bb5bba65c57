/* Records out of the log, decided.
 *
 * Shows no promise: how it is read; what it decides is shown by others. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "tests/support/two_logs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_err err;
static tp_value value;

static tp_loaded *load(tp_name record)
{
    tp_loaded *loaded = NULL;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_load(here.merge, &tx, record, &loaded, &err), TP_OK);
    tp_tx_rollback(&tx);
    return loaded;
}

static tp_name arrive(tp_name name)
{
    tp_entry entry = tp_node_log_hub_take(&hub, &there, name);
    assert_int_equal(tp_node_log_apply(&here, &entry, 1).fresh, 1);
    return name;
}

static bool shows(const tp_loaded *loaded, uint32_t code, const char *text)
{
    bool has_value = false;
    assert_int_equal(tp_loaded_shown(loaded, code, &value, &has_value, &err), TP_OK);
    return has_value && tp_slice_is(value.text, text);
}

static void test_merge_load__says_who_wrote_what_and_when(void **state)
{
    (void)state;
    tp_name person = arrive(tp_node_log_person(&there, "Sean"));
    tp_clock_fixed_advance(&here.clock, 3000);
    (void)tp_node_log_update_text(&here, person, TP_PERSON, TP_PERSON_PREFERRED_NAME, "Shaun",
                                  person);
    tp_loaded *loaded = load(person);
    assert_true(tp_name_eq(loaded->record.name, person));
    assert_true(tp_name_eq(loaded->person, person));
    assert_int_equal(loaded->record.entity, TP_PERSON);
    assert_true(tp_slice_is(loaded->record.creator, "harbour"));
    assert_int_equal(loaded->record.count, 2);
    assert_true(tp_slice_is(loaded->record.changes[0].agency, "harbour"));
    assert_true(tp_slice_is(loaded->record.changes[1].agency, "gateway"));
    assert_true(tp_slice_is(loaded->record.changes[1].change->worker, "Priya"));
    assert_true(loaded->changes[0].time.ms == TP_NODE_LOG_NOW_MS);
    assert_true(loaded->changes[1].time.ms == TP_NODE_LOG_NOW_MS + 3000);
    assert_false(loaded->changes[0].is_own);
    assert_true(loaded->changes[1].is_own);
    assert_true(tp_loaded_is_unsent(loaded));
    assert_true(shows(loaded, TP_PERSON_PREFERRED_NAME, "Shaun"));
    const tp_loaded_field *name = tp_loaded_field_of(loaded, TP_PERSON_PREFERRED_NAME);
    assert_int_equal(name->state.heads_count, 1);
    assert_false(name->state.is_conflict);
    assert_null(tp_loaded_field_of(loaded, TP_PERSON_PHONE));
    tp_loaded_free(loaded);
    tp_node_log_accept(&hub, &here);
    loaded = load(person);
    assert_false(tp_loaded_is_unsent(loaded));
    tp_loaded_free(loaded);
}

static void test_merge_load__two_who_had_not_seen_each_other_are_a_conflict(void **state)
{
    (void)state;
    tp_name person = arrive(tp_node_log_person(&there, "Sean"));
    (void)arrive(
        tp_node_log_update_text(&there, person, TP_PERSON, TP_PERSON_PLACE, "hostel", nobody));
    (void)tp_node_log_update_text(&here, person, TP_PERSON, TP_PERSON_PLACE, "car park", nobody);
    tp_loaded *loaded = load(person);
    const tp_loaded_field *place = tp_loaded_field_of(loaded, TP_PERSON_PLACE);
    assert_int_equal(place->state.heads_count, 2);
    assert_true(place->state.is_conflict);
    assert_true(shows(loaded, TP_PERSON_PLACE, "car park")); /* not answered: the newest here */
    for (uint32_t i = 0; i < 2; i++) {
        bool has_value = false;
        assert_int_equal(
            tp_loaded_value(loaded, place, place->heads[i].at, &value, &has_value, &err), TP_OK);
        assert_true(has_value);
        assert_true(tp_slice_is(value.text, i == 0 ? "car park" : "hostel"));
    }
    tp_loaded_free(loaded);
}

static void test_merge_load__a_retraction_hides_and_a_typed_time_counts(void **state)
{
    (void)state;
    tp_name person = arrive(tp_node_log_person(&there, "Sean"));
    tp_name contact = arrive(tp_node_log_contact(&there, person, "seen"));
    tp_value at;
    memset(&at, 0, sizeof at);
    at.type = TP_TYPE_INSTANT;
    at.number = 1767000000000;
    (void)tp_node_log_update(&here, contact, TP_CONTACT, TP_CONTACT_HAPPENED_AT, &at, nobody);
    tp_loaded *loaded = load(contact);
    assert_true(loaded->is_typed);
    assert_true(loaded->happened.ms == 1767000000000);
    assert_true(tp_name_eq(loaded->person, person));
    assert_false(loaded->retraction.is_hidden);
    tp_loaded_free(loaded);
    (void)arrive(tp_node_log_update_text(&there, contact, TP_CONTACT, TP_FIELD_RETRACTED,
                                         "wrong_person", nobody));
    loaded = load(contact);
    assert_true(loaded->retraction.is_hidden);
    assert_true(loaded->retraction.is_final);
    tp_loaded_free(loaded);
}

static void test_merge_load__says_what_is_new_since_a_mark(void **state)
{
    (void)state;
    tp_log_mark mark;
    tp_name person = arrive(tp_node_log_person(&there, "Sean"));
    tp_name other = arrive(tp_node_log_person(&there, "Baz"));
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_log_mark_now(here.log, &tx, &mark, &err), TP_OK);
    tp_tx_rollback(&tx);
    (void)arrive(
        tp_node_log_update_text(&there, person, TP_PERSON, TP_PERSON_PLACE, "hostel", nobody));
    tp_loaded *changed = load(person);
    tp_loaded *unchanged = load(other);
    assert_true(tp_loaded_is_after(changed, mark));
    assert_false(tp_loaded_is_after(unchanged, mark));
    tp_loaded_free(changed);
    tp_loaded_free(unchanged);
}

static void test_merge_load__what_is_not_held_is_not_found(void **state)
{
    (void)state;
    tp_loaded *loaded = NULL;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_load(here.merge, &tx, (tp_name){4242, 1}, &loaded, &err),
                     TP_NOTFOUND);
    assert_int_equal(
        tp_merge_load(here.merge, &tx, (tp_name){tp_log_device(here.log), 99}, &loaded, &err),
        TP_NOTFOUND);
    assert_null(loaded);
    tp_tx_rollback(&tx);
}

/* An update alone is shown by whoever asks for it by name: nothing held is out of reach. */
static void test_merge_load__an_update_without_its_record_is_loaded(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&there, "Sean");
    (void)arrive(
        tp_node_log_update_text(&there, person, TP_PERSON, TP_PERSON_PLACE, "hostel", nobody));
    tp_loaded *loaded = load(person);
    assert_int_equal(loaded->record.count, 1);
    assert_true(shows(loaded, TP_PERSON_PLACE, "hostel"));
    tp_loaded_free(loaded);
}

static void test_merge_load__a_field_of_a_newer_program_is_kept_with_its_heads(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {/* {0: salt, 1: person, 3: {10: "Baz", 999: true}, 5: ...} */
                                    0xA4, 0x00, 0x48, 1,    2,    3,    4,    5,    6,   7,
                                    8,    0x01, 0x01, 0x03, 0xA2, 0x0A, 0x63, 'B',  'a', 'z',
                                    0x19, 0x03, 0xE7, 0xF5, 0x05, 0x83, 0x01, 0x02, 0x03};
    tp_entry entry = {
        {4242, 9}, tp_slice_of(bytes, sizeof bytes), {TP_NODE_LOG_NOW_MS, 0, 0, 5}, 1, {1}, 0,
        false};
    assert_int_equal(tp_node_log_apply(&here, &entry, 1).unread, 0);
    tp_loaded *loaded = load(entry.name);
    const tp_loaded_field *newer = tp_loaded_field_of(loaded, 999);
    assert_non_null(newer);
    assert_null(newer->row);
    assert_int_equal(newer->state.heads_count, 1);
    assert_true(shows(loaded, TP_PERSON_PREFERRED_NAME, "Baz"));
    tp_loaded_free(loaded);
}

typedef struct gathered {
    uint32_t count;
    uint32_t contacts;
    uint32_t corrected;
} gathered;

static tp_rc gather(void *context, const tp_loaded *loaded, tp_err *gather_err)
{
    (void)gather_err;
    gathered *g = context;
    g->count++;
    g->contacts += loaded->record.entity == TP_CONTACT;
    g->corrected += loaded->record.entity == TP_CONTACT && shows(loaded, TP_CONTACT_NOTE, "mended");
    return TP_OK;
}

static tp_rc load_all(const tp_name *persons, size_t count, const tp_merge_filter *filter,
                      gathered *g)
{
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    tp_rc rc = tp_merge_load_persons(here.merge, &tx, persons, count, filter, gather, g, &err);
    assert_int_equal(tp_store_statements_open(here.store), 0);
    tp_tx_rollback(&tx);
    return rc;
}

static void test_merge_load_persons__brings_each_record_once_with_all_its_changes(void **state)
{
    (void)state;
    static const uint32_t only_contacts[] = {TP_CONTACT};
    const tp_merge_filter filter = {only_contacts, 1};
    tp_name persons[3] = {tp_node_log_person(&here, "Sean"),
                          tp_node_log_person(&here, "Baz"),
                          {777, 1}}; /* nobody ever heard of the third */
    for (int i = 0; i < 20; i++) {
        tp_name contact = tp_node_log_contact(&here, persons[i % 2], "seen");
        if (i % 5 == 0) {
            (void)tp_node_log_update_text(&here, contact, TP_CONTACT, TP_CONTACT_NOTE, "mended",
                                          contact);
        }
    }
    gathered g = {0};
    assert_int_equal(load_all(persons, 3, NULL, &g), TP_OK);
    assert_int_equal(g.count, 22);
    assert_int_equal(g.contacts, 20);
    assert_int_equal(g.corrected, 4);
    g = (gathered){0};
    assert_int_equal(load_all(persons, 1, &filter, &g), TP_OK);
    assert_int_equal(g.count, 10);
}

/* Every allocation fails once: the error is told, and nothing leaks or stays open. */
static void test_merge_load__without_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&here, "Sean");
    for (int i = 0; i < 9; i++) {
        (void)tp_node_log_update_text(&here, person, TP_PERSON, TP_PERSON_PLACE, "hostel", nobody);
    }
    size_t live = tp_alloc_live();
    tp_rc rc = TP_NOMEM;
    int failed = 0;
    for (int nth = 1; rc != TP_OK && nth < 200; nth++) {
        char spec[32];
        tp_loaded *loaded = NULL;
        tp_tx tx = TP_TX_NONE;
        tp_node_log_begin(&here, &tx, TP_TX_READ);
        (void)snprintf(spec, sizeof spec, "alloc.nth:%d", nth);
        tp_fault_set(spec);
        rc = tp_merge_load(here.merge, &tx, person, &loaded, &err);
        tp_fault_set(NULL);
        failed += rc == TP_NOMEM;
        assert_true(rc == TP_OK || rc == TP_NOMEM);
        assert_int_equal(tp_store_statements_open(here.store), 0);
        tp_loaded_free(loaded);
        tp_tx_rollback(&tx);
    }
    assert_int_equal(rc, TP_OK);
    assert_true(failed > 10);
    assert_true(tp_alloc_live() <= live + 4); /* what the log remembers is freed with it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWO_LOGS(test_merge_load__says_who_wrote_what_and_when),
        WITH_TWO_LOGS(test_merge_load__two_who_had_not_seen_each_other_are_a_conflict),
        WITH_TWO_LOGS(test_merge_load__a_retraction_hides_and_a_typed_time_counts),
        WITH_TWO_LOGS(test_merge_load__says_what_is_new_since_a_mark),
        WITH_TWO_LOGS(test_merge_load__what_is_not_held_is_not_found),
        WITH_TWO_LOGS(test_merge_load__an_update_without_its_record_is_loaded),
        WITH_TWO_LOGS(test_merge_load__a_field_of_a_newer_program_is_kept_with_its_heads),
        WITH_TWO_LOGS(test_merge_load_persons__brings_each_record_once_with_all_its_changes),
        WITH_TWO_LOGS(test_merge_load__without_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
