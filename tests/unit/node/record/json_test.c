/* Values and lines as JSON.
 *
 * Shows no promise: how lines are read. */
#include "node/record/json.h"

#include "node/view/document.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static const char *const one[] = {"street-outreach", NULL};

typedef struct json_row {
    const char *row;
    uint32_t entity;
    const char *field;
    const char *json;
    const char *again; /* NULL: the same */
} json_row;

static const json_row rows[] = {
    {"text", TP_CONTACT, "note", "\"Had tea\"", NULL},
    {"text of another script", TP_CONTACT, "note", "\"\\u0141ukasz\"", "\"\305\201ukasz\""},
    {"code", TP_CONTACT, "kind", "\"street\"", NULL},
    {"codes", TP_CONTACT, "info", "[\"housing\",\"money\"]", NULL},
    {"yes", TP_NEED, "support_in_place", "true", NULL},
    {"no", TP_NEED, "support_in_place", "false", NULL},
    {"count", TP_CONSENT, "wording_version", "2", NULL},
    {"instant", TP_CONTACT, "happened_at", "\"2026-01-12T20:02Z\"", NULL},
    {"instant with seconds", TP_CONTACT, "happened_at", "\"2026-01-12T20:02:03.004Z\"", NULL},
    {"instant of another zone", TP_CONTACT, "happened_at", "\"2026-07-12T20:02+01:00\"",
     "\"2026-07-12T19:02Z\""},
    {"date", TP_ACTION, "due_on", "\"2026-01-13\"", NULL},
    {"agencies", TP_CONSENT, "agencies", "[\"*\"]", NULL},
    {"holder", TP_ACTION, "owner", "{\"agency\":\"friary\",\"worker\":\"Tom\"}", NULL},
    {"holder without a worker", TP_ACTION, "owner", "{\"agency\":\"friary\"}", NULL},
    {"record", TP_CONTACT, "person", "\"00000000000000aa-7\"", NULL},
    {"records", TP_CONSENT, "persons", "[\"00000000000000aa-7\",\"00000000000000ab-8\"]", NULL},
    {"null", TP_CONTACT, "note", "null", NULL},
    {"empty", TP_CONTACT, "note", "\"\"", "null"},
};

static void test_record_json__gives_back_what_it_took(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_row *row = &rows[i];
        const tp_field_row *field = tp_field_named(row->entity, tp_slice_str(row->field));
        json_t *json = json_loads(row->json, JSON_DECODE_ANY, NULL);
        tp_value value;
        tp_err err;
        assert_non_null(field);
        if (tp_value_of_json(field, json, &value, &err) != TP_OK) {
            fail_msg("%s: %s", row->row, err.what);
        }
        tp_buf again;
        tp_json_print p;
        tp_buf_init(&again, 256);
        tp_json_print_begin_buf(&p, &again);
        tp_document_put_value(&p, &value);
        assert_int_equal(tp_json_print_end_buf(&p, &err), TP_OK);
        assert_string_equal(tp_buf_cstr(&again), row->again == NULL ? row->json : row->again);
        tp_buf_done(&again);
        json_decref(json);
    }
}

static const json_row wrongs[] = {
    {"text", TP_CONTACT, "note", "7", NULL},
    {"codes", TP_CONTACT, "info", "\"housing\"", NULL},
    {"codes with a number", TP_CONTACT, "info", "[7]", NULL},
    {"yes", TP_NEED, "support_in_place", "\"yes\"", NULL},
    {"count", TP_CONSENT, "wording_version", "2.5", NULL},
    {"instant without a zone", TP_CONTACT, "happened_at", "\"2026-01-12 20:02\"", NULL},
    {"instant of people", TP_CONTACT, "happened_at", "\"20 minutes ago\"", NULL},
    {"holder", TP_ACTION, "owner", "\"friary\"", NULL},
    {"holder without its agency", TP_ACTION, "owner", "{\"worker\":\"Tom\"}", NULL},
    {"holder with a number", TP_ACTION, "owner", "{\"agency\":\"friary\",\"worker\":7}", NULL},
    {"record", TP_CONTACT, "person", "\"aa-7\"", NULL},
    {"records", TP_CONSENT, "persons", "\"00000000000000aa-7\"", NULL},
};

static void test_record_json__refuses_what_is_of_another_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        const json_row *row = &wrongs[i];
        json_t *json = json_loads(row->json, JSON_DECODE_ANY, NULL);
        tp_value value;
        tp_err err;
        tp_rc rc = tp_value_of_json(tp_field_named(row->entity, tp_slice_str(row->field)), json,
                                    &value, &err);
        if (rc != TP_INVALID) {
            fail_msg("%s: %s", row->row, tp_rc_name(rc));
        }
        json_decref(json);
    }
}

static void test_record_json__says_who_a_new_person_may_be(void **state)
{
    (void)state;
    meeting m;
    tp_import_result result;
    tp_err err;
    meeting_open(&m, one);
    tp_name sean = meeting_write(&m, 0,
                                 "{'n':7,'at':'x','op':'create','entity':'person','worker':'Dee',"
                                 "'set':{'preferred_name':'Sean','born':'1984-05'}}");
    assert_int_equal(meeting_try(&m, 0, &result, &err,
                                 "{'op':'create','entity':'person','worker':'Dee',"
                                 "'set':{'preferred_name':'Shaun','born':'11 May 1984'}}"),
                     TP_OK);
    assert_int_equal(result.may_be_count, 1);
    assert_true(tp_name_eq(result.may_be[0], sean));
    assert_int_equal(result.written.name.seq, 2);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_json__gives_back_what_it_took),
        cmocka_unit_test(test_record_json__refuses_what_is_of_another_type),
        cmocka_unit_test(test_record_json__says_who_a_new_person_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
