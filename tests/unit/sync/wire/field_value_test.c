/* When two values of a field are the same, and single values read by themselves.
 *
 * Shows P6. */
#include "tests/unit/sync/wire/sample.h"

#include "sync/wire/field_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_field_value_same__normalises(void **state)
{
    (void)state;
    static const struct {
        uint32_t code;
        tp_type type;
        const char *a, *b;
        bool same;
    } rows[] = {
        {TP_PERSON_NHS_NUMBER, TP_TYPE_NHS_NUMBER, "9434765919", "943 476 5919", true},
        {TP_PERSON_NHS_NUMBER, TP_TYPE_NHS_NUMBER, "9434765919", "943-476-5919 ", true},
        {TP_PERSON_NHS_NUMBER, TP_TYPE_NHS_NUMBER, "9434765919", "9434765918", false},
        {TP_PERSON_NHS_NUMBER, TP_TYPE_NHS_NUMBER, "9434765919", "943476591", false},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "07700 900123", "07700900123", true},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "(0115) 496-0123", "0115.496.0123", true},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "07700 900123", "+44 7700 900123", true},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "ask mum", "ask  mum", true},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "ask mum", "ask dad", false},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "07700 900123", "07700 900124", false},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "07700 900123", "07700 900123 mum", false},
        {TP_PERSON_PHONE, TP_TYPE_PHONE, "", " - ", true},
        {TP_PERSON_PLACE, TP_TYPE_TEXT, "by the library", " by the library\n", true},
        {TP_PERSON_PLACE, TP_TYPE_TEXT, "by the library", "By the library", false},
        {TP_PERSON_PLACE, TP_TYPE_TEXT, "a - b", "a b", false},
        {TP_PERSON_SEX, TP_TYPE_CODE, "male", "female", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tp_field_row *row = tp_field_of(TP_PERSON, rows[i].code);
        tp_value a = sample_text(rows[i].type, rows[i].a);
        tp_value b = sample_text(rows[i].type, rows[i].b);
        if (tp_field_value_same(row, &a, &b) != rows[i].same ||
            tp_field_value_same(row, &b, &a) != rows[i].same) {
            fail_msg("row %zu: %s, %s", i, rows[i].a, rows[i].b);
        }
    }
}

static void test_field_value_same__a_cleared_field_is_no_empty_text(void **state)
{
    (void)state;
    const tp_field_row *row = tp_field_of(TP_PERSON, TP_PERSON_PLACE);
    tp_value cleared = sample_null(TP_TYPE_TEXT);
    tp_value empty = sample_text(TP_TYPE_TEXT, "");
    assert_true(tp_field_value_same(row, &cleared, &cleared));
    assert_false(tp_field_value_same(row, &cleared, &empty));
}

static void test_field_value_same__sets_are_sets_and_pairs_are_not(void **state)
{
    (void)state;
    const tp_field_row *kinds = tp_field_of(TP_CONSENT, TP_CONSENT_KINDS);
    tp_value a = sample_texts(TP_TYPE_CODES, "housing", "money");
    tp_value b = sample_texts(TP_TYPE_CODES, "money", "housing");
    assert_true(tp_field_value_same(kinds, &a, &b));
    b.texts[2] = b.texts[0];
    b.texts_count = 3;
    assert_true(tp_field_value_same(kinds, &a, &b));
    b.texts[2] = tp_slice_str("offending");
    assert_false(tp_field_value_same(kinds, &a, &b));

    const tp_field_row *persons = tp_field_of(TP_CONSENT, TP_CONSENT_PERSONS);
    tp_value c = sample_record(2, 1);
    c.names[1] = (tp_name){1, 1};
    c.names_count = 2;
    tp_value d = c;
    d.names[0] = c.names[1];
    d.names[1] = c.names[0];
    assert_true(tp_field_value_same(persons, &c, &d));
    d.names_count = 1;
    assert_false(tp_field_value_same(persons, &c, &d));

    const tp_field_row *holder = tp_field_of(TP_HELP_REQUEST, TP_REQUEST_HOLDER);
    tp_value e = sample_texts(TP_TYPE_HOLDER, "northside", "Jo");
    tp_value f = sample_texts(TP_TYPE_HOLDER, "Jo", "northside");
    assert_false(tp_field_value_same(holder, &e, &f));
}

static void test_field_value__comes_back_by_itself(void **state)
{
    (void)state;
    static tp_change change;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, 64);
    const tp_field_row *row = tp_field_of(TP_CONTACT, TP_CONTACT_HAPPENED_AT);
    tp_value before_1970 = sample_number(TP_TYPE_INSTANT, -5);
    tp_value got;
    change.name = (tp_name){sample_here, 42};
    assert_int_equal(tp_field_value_encode(row, change.name, &before_1970, &buf, &err), TP_OK);
    assert_int_equal(tp_field_value_decode(row, &change, tp_buf_slice(&buf), &got, &err), TP_OK);
    assert_true(got.number == -5 && !got.is_null && got.type == TP_TYPE_INSTANT);
    assert_int_equal(tp_field_value_decode(row, &change, tp_slice_of("\x01\x01", 2), &got, &err),
                     TP_CORRUPT);
    assert_string_equal(err.what, "happened_at: bytes after its end");
    assert_int_equal(tp_field_value_decode(row, &change, tp_slice_of("\x61\x61", 2), &got, &err),
                     TP_INVALID);
    tp_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_value_same__normalises),
        cmocka_unit_test(test_field_value_same__a_cleared_field_is_no_empty_text),
        cmocka_unit_test(test_field_value_same__sets_are_sets_and_pairs_are_not),
        cmocka_unit_test(test_field_value__comes_back_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
