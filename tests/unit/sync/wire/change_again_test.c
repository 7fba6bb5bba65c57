/* A change written again under another name.  Shows P23, P26. */
#include "sync/wire/change_again.h"

#include "platform/base/alloc.h"
#include "sync/wire/field_value.h"
#include "tests/unit/sync/wire/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { KEPT = 40 };
static const uint64_t next = UINT64_C(0x1122334455667788);
static const uint8_t salt[TP_SALT_BYTES] = {9, 8, 7, 6, 5, 4, 3, 2};

static tp_change before; /* 17 KiB each: not on the stack */
static tp_change after;
static tp_value value;
static tp_buf first;
static tp_buf second;

static int set_up(void **state)
{
    (void)state;
    tp_buf_init(&first, TP_CHANGE_BYTES_MAX);
    tp_buf_init(&second, TP_CHANGE_BYTES_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_buf_done(&first);
    tp_buf_done(&second);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static void write_again(const tp_change_draft *draft)
{
    tp_err err = {0};
    const tp_renaming renaming = {.from = sample_here, .kept = KEPT, .to = next};
    assert_int_equal(tp_change_encode(draft, &first, &err), TP_OK);
    assert_int_equal(tp_change_decode(draft->name, tp_buf_slice(&first), &before, &err), TP_OK);
    assert_int_equal(tp_change_encode_again(&before, &renaming, 1, salt, &second, &err), TP_OK);
    const tp_name name = {next, draft->name.seq - KEPT};
    assert_int_equal(tp_change_decode(name, tp_buf_slice(&second), &after, &err), TP_OK);
}

static const tp_value *value_of(const tp_change *change, uint32_t code)
{
    tp_err err = {0};
    const tp_change_field *field = tp_change_field_of(change, code);
    assert_non_null(field);
    assert_int_equal(tp_field_value_decode(tp_field_of(change->entity, code), change, field->value,
                                           &value, &err),
                     TP_OK);
    return &value;
}

/* Itself, and each that it names, by the first that calls it otherwise. */
static void test_change_again__calls_each_name_anew_that_it_is_told_of(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_change_draft draft;
    sample_contact_values values;
    const tp_renaming renamings[] = {{.from = sample_there, .upto = 40, .to = 1, .keeps_seq = true},
                                     {sample_there, 40, 41, 7, true},
                                     {sample_there, 40, 41, 8, true},
                                     {sample_here, 41, 42, next, true}};
    assert_int_equal(sample_contact(42, "Had tea.", &values, &draft, &err), TP_OK);
    assert_int_equal(tp_change_encode(&draft, &first, &err), TP_OK);
    assert_int_equal(tp_change_decode(draft.name, tp_buf_slice(&first), &before, &err), TP_OK);
    assert_int_equal(tp_change_encode_again(&before, renamings, 4, salt, &second, &err), TP_OK);
    const tp_name name = {next, 42};
    assert_int_equal(tp_change_decode(name, tp_buf_slice(&second), &after, &err), TP_OK);
    assert_true(tp_change_creates(&after));
    const tp_name person = value_of(&after, TP_FIELD_PERSON)->names[0];
    assert_true(person.device == 7 && person.seq == 41);
}

/* Nothing that somebody wrote is another thing afterwards. */
static void test_change_again__says_the_same(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_change_draft draft;
    sample_contact_values values;
    assert_int_equal(sample_contact(42, "Had tea.", &values, &draft, &err), TP_OK);
    draft.kinds = TP_KIND_BIT(TP_KIND_IMMIGRATION);
    draft.restricts = true;
    write_again(&draft);
    assert_true(tp_change_creates(&after));
    assert_int_equal(after.entity, TP_CONTACT);
    assert_int_equal(after.fields_count, before.fields_count);
    assert_true(tp_slice_eq(after.worker, before.worker));
    assert_int_equal(after.kinds, before.kinds);
    assert_true(after.restricts);
    assert_int_equal(after.reading.era, before.reading.era);
    assert_int_equal(after.reading.up_ms, before.reading.up_ms);
    assert_int_equal(after.reading.wall_ms, before.reading.wall_ms);
    assert_true(tp_slice_is(value_of(&after, TP_CONTACT_NOTE)->text, "Had tea."));
    assert_true(value_of(&after, TP_CONTACT_HAPPENED_AT)->number == values.happened_at.number);
    assert_true(value_of(&after, TP_FIELD_PERSON)->names[0].device == sample_there);
    /* Nobody can tell from its digest that it is the same. */
    assert_memory_equal(after.bytes.at + 3, salt, sizeof salt);
    assert_memory_not_equal(before.bytes.at + 3, salt, sizeof salt);
}

/* Of four names each is called what it is called now: written again, kept, another device's. */
static void test_change_again__calls_what_it_names_by_its_name(void **state)
{
    static const tp_name saw[] = {{UINT64_C(0xA1B2C3D4E5F60718), 41},
                                  {UINT64_C(0xA1B2C3D4E5F60718), 40},
                                  {UINT64_C(0xA1B2C3D4E5F60718), 44},
                                  {UINT64_C(0x0F1E2D3C4B5A6978), 3}};
    static const struct {
        tp_name record;
        tp_name called;
    } rows[] = {
        {{UINT64_C(0xA1B2C3D4E5F60718), 41}, {UINT64_C(0x1122334455667788), 1}},
        {{UINT64_C(0xA1B2C3D4E5F60718), 12}, {UINT64_C(0xA1B2C3D4E5F60718), 12}},
        {{UINT64_C(0x0F1E2D3C4B5A6978), 99}, {UINT64_C(0x0F1E2D3C4B5A6978), 99}},
    };
    (void)state;
    tp_err err = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_change_draft draft = sample_draft(45, TP_CONTACT);
        const tp_value note = sample_text(TP_TYPE_TEXT, "No, coffee.");
        draft.record = rows[i].record;
        assert_int_equal(tp_change_draft_set(&draft, TP_CONTACT_NOTE, &note, &err), TP_OK);
        assert_int_equal(tp_change_draft_see(&draft, TP_CONTACT_NOTE, saw, 4, &err), TP_OK);
        assert_int_equal(tp_change_draft_see(&draft, TP_CONTACT_PLACE, saw, 1, &err), TP_OK);
        tp_buf_clear(&first);
        tp_buf_clear(&second);
        write_again(&draft);
        assert_true(tp_name_eq(after.record, rows[i].called));
        const tp_change_field *field = tp_change_field_of(&after, TP_CONTACT_NOTE);
        assert_int_equal(field->seen_count, 4);
        const tp_name *seen = &after.seen[field->seen_at];
        assert_true(tp_name_eq(seen[0], (tp_name){sample_there, 3}));
        assert_true(tp_name_eq(seen[1], (tp_name){next, 1}));
        assert_true(tp_name_eq(seen[2], (tp_name){next, 4}));
        assert_true(tp_name_eq(seen[3], (tp_name){sample_here, 40}));
        field = tp_change_field_of(&after, TP_CONTACT_PLACE);
        assert_false(field->has_value);
        assert_true(tp_name_eq(after.seen[field->seen_at], (tp_name){next, 1}));
    }
}

/* Records and lists of records in values too: whom a join joins, what a consent has in sight. */
static void test_change_again__calls_what_its_values_name(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_change_draft draft = sample_draft(44, TP_UNJOIN);
    tp_value person = sample_record(sample_here, 41);
    tp_value joins = sample_text(TP_TYPE_RECORDS, NULL);
    joins.names[0] = (tp_name){sample_here, 43};
    joins.names[1] = (tp_name){sample_here, 5};
    joins.names_count = 2;
    assert_int_equal(tp_change_draft_set(&draft, TP_FIELD_PERSON, &person, &err), TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_UNJOIN_JOINS, &joins, &err), TP_OK);
    write_again(&draft);
    assert_true(tp_name_eq(value_of(&after, TP_FIELD_PERSON)->names[0], (tp_name){next, 1}));
    assert_int_equal(value_of(&after, TP_UNJOIN_JOINS)->names_count, 2);
    assert_true(tp_name_eq(value.names[0], (tp_name){next, 3}));
    assert_true(tp_name_eq(value.names[1], (tp_name){sample_here, 5}));
}

/* It might be a name. */
static void test_change_again__what_is_not_understood_is_left_alone(void **state)
{
    (void)state;
    tp_err err = {0};
    const tp_renaming renaming = {.from = sample_here, .kept = KEPT, .to = next};
    tp_change_draft draft;
    sample_contact_values values;
    assert_int_equal(sample_contact(42, "Had tea.", &values, &draft, &err), TP_OK);
    write_again(&draft);
    tp_buf_clear(&second);
    before.has_unknown_key = true;
    assert_int_equal(tp_change_encode_again(&before, &renaming, 1, salt, &second, &err),
                     TP_INVALID);
    before.has_unknown_key = false;
    before.has_unknown_kind = true;
    assert_int_equal(tp_change_encode_again(&before, &renaming, 1, salt, &second, &err),
                     TP_INVALID);
    before.has_unknown_kind = false;
    before.fields[before.fields_count - 1].code = 4000;
    assert_int_equal(tp_change_encode_again(&before, &renaming, 1, salt, &second, &err),
                     TP_INVALID);
    assert_int_equal(second.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_change_again__calls_each_name_anew_that_it_is_told_of,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_change_again__says_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_change_again__calls_what_it_names_by_its_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_change_again__calls_what_its_values_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_change_again__what_is_not_understood_is_left_alone,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
