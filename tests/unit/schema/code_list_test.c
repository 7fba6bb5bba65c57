/* schema/code_list: exact where programs read, forgiving where people type.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/code_list.h"

#include "schema/entity.h"
#include "schema/kind.h"
#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const tp_code_list *list_of(const char *name)
{
    const tp_code_list *list = tp_code_list_named(tp_slice_str(name));
    if (list == NULL) {
        fail_msg("no list %s", name);
    }
    return list;
}

/* A row that names a list nobody wrote would be found by the first worker who types into it. */
static void test_code_list_named__knows_every_list_of_the_entity_table(void **state)
{
    (void)state;
    unsigned found = 0;
    for (const tp_entity_row *e = tp_entities; e->code != 0; e++) {
        for (const tp_field_row *f = e->fields; f->code != 0; f++) {
            if (f->list != NULL) {
                list_of(f->list);
                found++;
            }
        }
    }
    assert_true(found > 10);
    list_of(tp_field_of(TP_PERSON, TP_FIELD_INFO)->list);
    list_of(tp_field_of(TP_PERSON, TP_FIELD_RETRACTED)->list);
    assert_null(tp_code_list_named(tp_slice_str("")));
    assert_null(tp_code_list_named(tp_slice_str("kin")));
}

static void test_code_lists__are_well_formed(void **state)
{
    (void)state;
    for (const tp_code_list *list = tp_code_lists; list->name != NULL; list++) {
        assert_true(list->count > 0);
        for (unsigned i = 0; i < list->count; i++) {
            const char *code = list->codes[i].code;
            if (code[strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0' ||
                strlen(code) >= TP_CODE_BYTES_MAX || list->codes[i].label[0] == '\0') {
                fail_msg("%s: %s", list->name, code);
            }
            /* Each is found, and typed by its label it is understood: no two are alike. */
            tp_slice out = {0};
            tp_err err = {0};
            assert_ptr_equal(tp_code_find(list, tp_slice_str(code)), &list->codes[i]);
            tp_slice label = tp_slice_str(list->codes[i].label);
            assert_int_equal(tp_code_check(list, false, label, &out, &err), TP_OK);
            assert_true(tp_slice_is(out, code));
        }
    }
}

static void test_code_lists__information_kinds_and_purposes_are_those_with_bits(void **state)
{
    (void)state;
    const tp_code_list *kinds = list_of("kind");
    const tp_code_list *purposes = list_of("purpose");
    assert_int_equal(kinds->count, TP_KIND_COUNT);
    for (unsigned i = 0; i < kinds->count; i++) {
        assert_int_equal(tp_kind_of(tp_slice_str(kinds->codes[i].code)), i);
    }
    assert_int_equal(purposes->count, TP_PURPOSE_COUNT);
    for (unsigned i = 0; i < purposes->count; i++) {
        assert_int_equal(tp_purpose_of(tp_slice_str(purposes->codes[i].code)), i);
    }
}

static void test_code_lists__ethnic_group_has_the_19_of_the_census_and_two_more(void **state)
{
    (void)state;
    const tp_code_list *list = list_of("ethnic_group");
    assert_int_equal(list->count, 19 + 2);
    assert_non_null(tp_code_find(list, tp_slice_str("not_stated")));
    assert_non_null(tp_code_find(list, tp_slice_str("not_asked")));
}

static void test_code_check__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *row, *list;
        bool is_open;
        const char *typed, *code, *refusal;
    } rows[] = {
        {"exact", "contact_kind", true, "drop_in", "drop_in", NULL},
        {"hyphen and capital", "contact_kind", true, "Drop-In", "drop_in", NULL},
        {"space", "contact_kind", true, " drop in ", "drop_in", NULL},
        {"label", "contact_kind", true, "Phone call", "phone", NULL},
        {"own word where open", "contact_kind", true, "boat trip", "boat trip", NULL},
        {"own word keeps its accents", "religion", true, "Bahá'í", "Bahá'í", NULL},
        {"near word where open stays", "contact_kind", true, "streett", "streett", NULL},
        {"near word where closed", "decision", false, "givn", NULL, "did you mean given?"},
        {"neighbours swapped", "decision", false, "refsued", NULL, "did you mean refused?"},
        {"two slips in a long word", "kind", false, "phisical_helth", NULL,
         "did you mean physical_health?"},
        {"two slips in a short word", "how", false, "spkn", NULL, "one of: spoken, signed, kiosk"},
        {"far away", "need_level", false, "medium", NULL, "one of: none, some, high, unknown"},
        {"a long list is cut", "ethnic_group", false, "british", NULL, ", ...)"},
        {"empty", "decision", false, "  ", NULL, "it is empty"},
        {"two lines", "contact_kind", true, "boat\ntrip", NULL, "not one line"},
        {"malformed", "contact_kind", true, "boat\xC3", NULL, "not one line"},
        {"punctuation alone is a word of one's own", "contact_kind", true, "?", "?", NULL},
        {"punctuation alone where closed", "decision", false, "?", NULL, "one of: given"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_slice code = {0};
        tp_err err = {0};
        tp_rc rc = tp_code_check(list_of(rows[i].list), rows[i].is_open,
                                 tp_slice_str(rows[i].typed), &code, &err);
        bool held = rows[i].refusal == NULL
                        ? rc == TP_OK && tp_slice_is(code, rows[i].code)
                        : rc == TP_INVALID && strstr(err.what, rows[i].refusal) != NULL;
        if (!held) {
            fail_msg("%s: %s", rows[i].row, err.what);
        }
    }
}

static void test_code_check__a_refusal_of_any_list_ends_whole(void **state)
{
    (void)state;
    for (const tp_code_list *list = tp_code_lists; list->name != NULL; list++) {
        tp_slice code = {0};
        tp_err err = {0};
        assert_int_equal(tp_code_check(list, false, tp_slice_str("zzzzzzzz"), &code, &err),
                         TP_INVALID);
        assert_int_equal(err.what[strlen(err.what) - 1], ')');
    }
}

static void test_code_suggest__stays_silent_between_two_equally_near(void **state)
{
    (void)state;
    static const tp_code codes[] = {{"cart", "Cart"}, {"card", "Card"}};
    static const tp_code_list list = {"test", "test", codes, 2};
    assert_null(tp_code_suggest(&list, tp_slice_str("carx")));
    assert_ptr_equal(tp_code_suggest(&list, tp_slice_str("carrd")), &codes[1]);
    assert_ptr_equal(tp_code_suggest(&list, tp_slice_str("card")), &codes[1]);
}

static void test_code_label__shows_an_unknown_code_as_written(void **state)
{
    (void)state;
    const tp_code_list *list = list_of("request_status");
    assert_true(tp_slice_is(tp_code_label(list, tp_slice_str("held")), "Held"));
    assert_true(tp_slice_is(tp_code_label(list, tp_slice_str("resting")), "resting"));
}

static void test_code_check__hostile_bytes(void **state)
{
    (void)state;
    const tp_code_list *list = list_of("contact_kind");
    tp_slice code = {0};
    tp_err err = {0};
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_slice typed = tp_hostile_slice(&tp_hostiles[i]);
        assert_int_equal(tp_code_check(list, false, typed, &code, &err), TP_INVALID);
        if (!tp_hostiles[i].is_utf8) {
            assert_int_equal(tp_code_check(list, true, typed, &code, &err), TP_INVALID);
        }
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        assert_int_equal(tp_code_check(list, true, tp_hostile_long(*c), &code, &err), TP_INVALID);
        assert_null(tp_code_suggest(list, tp_hostile_long(*c)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_list_named__knows_every_list_of_the_entity_table),
        cmocka_unit_test(test_code_lists__are_well_formed),
        cmocka_unit_test(test_code_lists__information_kinds_and_purposes_are_those_with_bits),
        cmocka_unit_test(test_code_lists__ethnic_group_has_the_19_of_the_census_and_two_more),
        cmocka_unit_test(test_code_check__each_row),
        cmocka_unit_test(test_code_check__a_refusal_of_any_list_ends_whole),
        cmocka_unit_test(test_code_suggest__stays_silent_between_two_equally_near),
        cmocka_unit_test(test_code_label__shows_an_unknown_code_as_written),
        cmocka_unit_test(test_code_check__hostile_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
