/* Scores: what a scale refuses, what the items make, and who may know of it.
 *
 * Shows no promise: what a scale takes. */
#include "node/record/write.h"

#include "node/view/shown.h"
#include "schema/kind.h"
#include "sync/access/kinds.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const one[] = {"street-outreach", NULL};

#define ITEMS                                                                                      \
    "'engagement':3,'self_harm':1,'unintended_self_harm':2,'risk_to_others':2,"                    \
    "'risk_from_others':8,'stress_and_anxiety':4,'social_effectiveness':2,'alcohol_and_drugs':3,"  \
    "'impulse_control':0,'housing':4"

typedef struct score_row {
    const char *row;
    const char *set;     /* beside the person */
    const char *trouble; /* the field that is refused; NULL: it is recorded */
    const char *says;    /* a part of the refusal */
    int64_t total;       /* recorded */
    uint32_t kinds;
} score_row;

#define MENTAL TP_KIND_BIT(TP_KIND_MENTAL_HEALTH)
#define EVERY_ITEM                                                                                 \
    (MENTAL | TP_KIND_BIT(TP_KIND_SAFEGUARDING) | TP_KIND_BIT(TP_KIND_PHYSICAL_HEALTH) |           \
     TP_KIND_BIT(TP_KIND_OFFENDING) | TP_KIND_BIT(TP_KIND_DOMESTIC_ABUSE) |                        \
     TP_KIND_BIT(TP_KIND_SUBSTANCE_USE) | TP_KIND_BIT(TP_KIND_HOUSING))

/* The clock reads 12 January 2026. */
static const score_row rows[] = {
    {"the items are added up", "'scale':'ndt'," ITEMS, NULL, NULL, 29, EVERY_ITEM},
    {"items and their sum", "'scale':'ndt','total':29," ITEMS, NULL, NULL, 29, EVERY_ITEM},
    {"another sum", "'scale':'ndt','total':30," ITEMS, "total", "make 29", 0, 0},
    {"the total alone tells of no item", "'scale':'ndt','total':48", NULL, NULL, 48, MENTAL},
    {"nothing", "'scale':'ndt'", "total", "all ten items", 0, 0},
    {"more than there is", "'scale':'ndt','total':49", "total", "0 to 48", 0, 0},
    {"some of the items", "'scale':'ndt','engagement':3", "self_harm", "all ten", 0, 0},
    {"an item above its scale", "'scale':'ndt'," ITEMS ",'housing':5", "housing", "0 to 4", 0, 0},
    {"a risk between its steps", "'scale':'ndt'," ITEMS ",'risk_to_others':3", "risk_to_others",
     "steps of two", 0, 0},
    {"a risk above its scale", "'scale':'ndt'," ITEMS ",'risk_from_others':10", "risk_from_others",
     "0 to 8", 0, 0},
    {"ReQoL", "'scale':'reqol_10','total':0", NULL, NULL, 0, MENTAL},
    {"ReQoL's highest", "'scale':'reqol_10','total':40,'taken_on':'2026-01-12'", NULL, NULL, 40,
     MENTAL},
    {"ReQoL above it", "'scale':'reqol_10','total':41", "total", "0 to 40", 0, 0},
    {"ReQoL without a total", "'scale':'reqol_10'", "total", "needed", 0, 0},
    {"ReQoL's questions", "'scale':'reqol_10','total':9,'stress_and_anxiety':2",
     "stress_and_anxiety", "only the total", 0, 0},
    {"a day to come", "'scale':'reqol_10','total':9,'taken_on':'2026-01-13'", "taken_on",
     "still to come", 0, 0},
    {"another scale", "'scale':'weight','total':9", "scale", "ndt, reqol_10", 0, 0},
    {"below nought", "'scale':'ndt','total':-1", "total", "", 0, 0},
};

static void expect_recorded(meeting *m, const score_row *row, tp_name record)
{
    tp_arena arena;
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    tp_loaded *loaded = NULL;
    const tp_shown *shown = NULL;
    tp_value total;
    bool has_value = false;
    tp_arena_init(&arena, 1 << 20);
    assert_int_equal(tp_tx_begin(m->at[0].node.store, &tx, TP_TX_READ, &err), TP_OK);
    assert_int_equal(tp_merge_load(m->at[0].node.merge, &tx, record, &loaded, &err), TP_OK);
    assert_int_equal(tp_kinds_of_record(&loaded->record).mask, row->kinds);
    tp_loaded_free(loaded);
    assert_int_equal(tp_shown_load(m->at[0].node.view, &tx, record, &arena, &shown, &err), TP_OK);
    const tp_shown_field *field = tp_shown_field_of(shown, TP_SCORE_TOTAL);
    assert_int_equal(tp_shown_value(field->row, field->shown, &total, &has_value, &err), TP_OK);
    assert_true(has_value);
    assert_int_equal(total.number, row->total);
    tp_tx_rollback(&tx);
    tp_arena_done(&arena);
}

static void test_record_rule_score__each_scale_has_its_numbers(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, one);
    const tp_name person = meeting_person(&m, 0, "Baz");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const score_row *row = &rows[i];
        tp_import_result result;
        tp_err err = {0};
        tp_rc rc = meeting_try(&m, 0, &result, &err,
                               "{'op':'create','entity':'score','worker':'Dee','set':{'person':"
                               "'%s',%s}}",
                               meeting_name(person), row->set);
        const char *trouble = row->trouble == NULL ? "" : row->trouble;
        const char *says = row->says == NULL ? "" : row->says;
        if (rc != (row->trouble == NULL ? TP_OK : TP_INVALID) ||
            strcmp(result.trouble, trouble) != 0 || strstr(err.what, says) == NULL) {
            fail_msg("%s: %s, field \"%s\", \"%s\"", row->row, tp_rc_name(rc), result.trouble,
                     err.what);
        }
        if (rc == TP_OK) {
            expect_recorded(&m, row, result.written.record);
        }
    }
    meeting_close(&m);
}

/* No total is ever made of the items of two days. */
static void test_record_rule_score__it_is_taken_back_not_changed(void **state)
{
    (void)state;
    meeting m;
    tp_import_result result;
    tp_err err = {0};
    meeting_open(&m, one);
    const tp_name person = meeting_person(&m, 0, "Baz");
    const tp_name score = meeting_write(&m, 0,
                                        "{'op':'create','entity':'score','worker':'Dee','set':{"
                                        "'person':'%s','scale':'reqol_10','total':17}}",
                                        meeting_name(person));
    assert_int_equal(meeting_try(&m, 0, &result, &err,
                                 "{'op':'update','entity':'score','worker':'Dee','record':'%s',"
                                 "'set':{'total':18}}",
                                 meeting_name(score)),
                     TP_DENIED);
    assert_string_equal(result.trouble, "total");
    meeting_write(&m, 0,
                  "{'op':'retract','entity':'score','worker':'Dee','record':'%s','set':{'reason':"
                  "'mistake'}}",
                  meeting_name(score));
    meeting_close(&m);
}

/* Before a hub was met the clock is all there is: it questions, and refuses nothing. */
static void test_record_rule_score__a_clock_nobody_compared_only_questions(void **state)
{
    (void)state;
    meeting m;
    tp_import_result result;
    tp_err err = {0};
    meeting_open_apart(&m, one);
    const tp_name person = meeting_person(&m, 0, "Baz");
    assert_int_equal(meeting_try(&m, 0, &result, &err,
                                 "{'op':'create','entity':'score','worker':'Dee','set':{'person':"
                                 "'%s','scale':'reqol_10','total':9,'taken_on':'2026-01-13'}}",
                                 meeting_name(person)),
                     TP_OK);
    assert_int_equal(result.written.warnings_count, 1);
    assert_non_null(strstr(result.written.warnings[0], "may be wrong"));
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_rule_score__each_scale_has_its_numbers),
        cmocka_unit_test(test_record_rule_score__it_is_taken_back_not_changed),
        cmocka_unit_test(test_record_rule_score__a_clock_nobody_compared_only_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
