/* What a page writes: all of it or nothing, in sight of what stood on its form.
 *
 * Shows P1. */
#include "node/record/write_many.h"

#include "node/view/shown.h"
#include "sync/log/push.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const two[] = {"street-outreach", "friary", NULL};

/* Reads and runs a list written with single quotes; what was written is undone where it fails. */
static tp_rc run(meeting *m, const char *text, tp_write_many *many, tp_err *err)
{
    char json[2048];
    tp_tx tx = TP_TX_NONE;
    snprintf(json, sizeof json, "%s", text);
    for (char *c = json; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    json_t *changes = json_loads(json, JSON_DECODE_ANY, NULL);
    assert_non_null(changes);
    meeting_read_end(m);
    tp_write_many_init(many, &m->at[0].node, tp_slice_str("Dee"));
    tp_rc rc = tp_write_many_read(many, changes, err);
    if (rc == TP_OK) {
        assert_int_equal(tp_tx_begin(m->at[0].node.store, &tx, TP_TX_WRITE, err), TP_OK);
        rc = tp_write_many_in(many, &tx, err);
    }
    if (rc == TP_OK) {
        assert_int_equal(tp_tx_commit(&tx, err), TP_OK);
    }
    tp_tx_rollback(&tx);
    json_decref(changes);
    return rc;
}

/* Writes one update of a person's phone that names `seen`; answers in how many fields others
 * stand. */
static uint32_t set_phone(meeting *m, tp_name person, const char *phone, const char *seen)
{
    char text[1024];
    tp_write_many many;
    tp_err err;
    snprintf(text, sizeof text,
             "[{'op':'update','entity':'person','record':'%s','set':{'phone':'%s'},'seen':%s}]",
             meeting_name(person), phone, seen);
    assert_int_equal(run(m, text, &many, &err), TP_OK);
    uint32_t unseen = tp_write_many_result(&many, 0)->unseen_count;
    tp_write_many_done(&many);
    return unseen;
}

/* {'phone': [heads]} as the page would have it. */
static const char *seen_phone(meeting *m, tp_name person)
{
    static char text[1024];
    tp_arena arena;
    tp_err err;
    const tp_shown *shown = NULL;
    tp_arena_init(&arena, 1 << 20);
    assert_int_equal(
        tp_shown_load(m->at[0].node.view, meeting_read(m, 0), person, &arena, &shown, &err), TP_OK);
    const tp_shown_field *field = tp_shown_field_of(shown, TP_PERSON_PHONE);
    size_t used = (size_t)snprintf(text, sizeof text, "{'phone':[");
    for (uint32_t i = 0; field != NULL && i < field->heads_count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s'%s'", i == 0 ? "" : ",",
                                 meeting_name(field->heads[i].name));
    }
    snprintf(text + used, sizeof text - used, "]}");
    tp_arena_done(&arena);
    meeting_read_end(m);
    return text;
}

static bool is_conflict(meeting *m, uint32_t at, tp_name person)
{
    tp_arena arena;
    tp_err err;
    const tp_shown *shown = NULL;
    tp_arena_init(&arena, 1 << 20);
    assert_int_equal(
        tp_shown_load(m->at[at].node.view, meeting_read(m, at), person, &arena, &shown, &err),
        TP_OK);
    bool is = tp_shown_field_of(shown, TP_PERSON_PHONE)->is_conflict;
    tp_arena_done(&arena);
    meeting_read_end(m);
    return is;
}

static void test_write_many__two_forms_of_one_device_are_a_conflict(void **state)
{
    (void)state;
    meeting m;
    char opened[1024];
    meeting_open(&m, two);
    tp_name person = meeting_person(&m, 0, "Baz");
    assert_int_equal(set_phone(&m, person, "07700 900001", "{}"), 0);
    snprintf(opened, sizeof opened, "%s", seen_phone(&m, person));
    assert_int_equal(set_phone(&m, person, "07700 900002", opened), 0);
    assert_false(is_conflict(&m, 0, person));
    assert_int_equal(set_phone(&m, person, "07700 900003", opened), 1);
    assert_true(is_conflict(&m, 0, person));
    /* A form that showed both settles it. */
    assert_int_equal(set_phone(&m, person, "07700 900003", seen_phone(&m, person)), 0);
    assert_false(is_conflict(&m, 0, person));
    meeting_close(&m);
}

static void test_write_many__what_a_sync_brings_stays_beside_it(void **state)
{
    (void)state;
    meeting m;
    char opened[1024];
    meeting_open(&m, two);
    tp_name person = meeting_person(&m, 0, "Baz");
    assert_int_equal(set_phone(&m, person, "07700 900001", "{}"), 0);
    snprintf(opened, sizeof opened, "%s", seen_phone(&m, person));
    meeting_sync_all(&m);
    (void)meeting_update(&m, 1, person, "person", "'phone':'07700 900002'");
    meeting_sync_all(&m);
    /* Left as it stood on the form: nobody said anything about it. */
    assert_int_equal(set_phone(&m, person, "07700 900001", opened), 0);
    assert_false(is_conflict(&m, 0, person));
    assert_int_equal(set_phone(&m, person, "07700 900003", opened), 1);
    meeting_sync_all(&m);
    assert_true(is_conflict(&m, 0, person));
    assert_true(is_conflict(&m, 1, person));
    meeting_close(&m);
}

static void test_write_many__names_that_are_no_changes_of_it_are_passed_over(void **state)
{
    (void)state;
    meeting m;
    char seen[256];
    meeting_open(&m, two);
    tp_name person = meeting_person(&m, 0, "Baz");
    tp_name other = meeting_person(&m, 0, "Sean");
    assert_int_equal(set_phone(&m, person, "07700 900001", "{}"), 0);
    snprintf(seen, sizeof seen, "{'phone':['%s','00000000000000aa-9']}", meeting_name(other));
    assert_int_equal(set_phone(&m, person, "07700 900002", seen), 1);
    assert_true(is_conflict(&m, 0, person));
    meeting_close(&m);
}

static const struct row {
    const char *name;
    const char *changes;
    tp_rc rc;
    uint32_t at;
    const char *trouble;
} rows[] = {
    {"no list", "{}", TP_INVALID, 0, "changes"},
    {"empty list", "[]", TP_INVALID, 0, "changes"},
    {"no object", "[[]]", TP_INVALID, 0, "changes"},
    {"no op", "[{'entity':'person'}]", TP_INVALID, 0, "op"},
    {"no entity", "[{'op':'create','set':{}}]", TP_INVALID, 0, "entity"},
    {"unknown entity", "[{'op':'create','entity':'unicorn'}]", TP_INVALID, 0, "entity"},
    {"set is no object", "[{'op':'create','entity':'person','set':7}]", TP_INVALID, 0, "set"},
    {"typed is no text", "[{'op':'create','entity':'person','set_typed':{'note':7}}]", TP_INVALID,
     0, "note"},
    {"names itself", "[{'op':'create','entity':'contact','set':{'person':'@0','note':'x'}}]",
     TP_INVALID, 0, "person"},
    {"names what comes later",
     "[{'op':'create','entity':'contact','set':{'person':'@1','note':'x'}},"
     "{'op':'create','entity':'person','set':{'preferred_name':'A'}}]",
     TP_INVALID, 0, "person"},
    {"no number", "[{'op':'create','entity':'contact','set':{'person':'@x','note':'x'}}]",
     TP_INVALID, 0, "person"},
    {"the second is refused",
     "[{'op':'create','entity':'person','set':{'preferred_name':'A'}},"
     "{'op':'create','entity':'contact','set':{'person':'@0','kind':'','note':'x','grid':'!'}}]",
     TP_INVALID, 1, "grid"},
    {"join without a second", "[{'op':'join','record':'00000000000000aa-9','set':{}}]", TP_INVALID,
     0, "same_as"},
    {"unknown record", "[{'op':'bring_back','record':'00000000000000aa-9'}]", TP_NOTFOUND, 0, ""},
};

static void test_write_many__refuses_all_and_says_which(void **state)
{
    (void)state;
    meeting m;
    tp_log_push before;
    tp_log_push after;
    tp_err err;
    meeting_open(&m, two);
    assert_int_equal(tp_log_push_get(m.at[0].node.log, meeting_read(&m, 0), &before, &err), TP_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_write_many many;
        tp_rc rc = run(&m, rows[i].changes, &many, &err);
        if (rc != rows[i].rc || many.at != rows[i].at ||
            strcmp(many.trouble, rows[i].trouble) != 0) {
            fail_msg("%s: %s at %u, about \"%s\"", rows[i].name, tp_rc_name(rc), many.at,
                     many.trouble);
        }
        tp_write_many_done(&many);
    }
    assert_int_equal(tp_log_push_get(m.at[0].node.log, meeting_read(&m, 0), &after, &err), TP_OK);
    assert_int_equal(before.last_seq, after.last_seq);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_many__two_forms_of_one_device_are_a_conflict),
        cmocka_unit_test(test_write_many__what_a_sync_brings_stays_beside_it),
        cmocka_unit_test(test_write_many__names_that_are_no_changes_of_it_are_passed_over),
        cmocka_unit_test(test_write_many__refuses_all_and_says_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
