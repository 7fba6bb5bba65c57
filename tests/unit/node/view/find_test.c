/* Finding people by whatever is known of them.
 *
 * Shows no promise: who is found. */
#include "node/view/find.h"

#include "node/record/join.h"
#include "node/record/settle.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *const two[] = {"street-outreach", "friary", NULL};
static tp_err err;

enum { SEAN, SHAUN, BAZ, AMINA, ONEIL, PEOPLE };

static const char *const people[] = {
    "'preferred_name':'Sean','legal_name':'Sean O\\u0027Neill','born':'1984-05',"
    "'nhs_number':'9434765919'",
    "'preferred_name':'Shaun','legal_name':'Shaun Murphy','born':'1990-01-02',"
    "'phone':'07700 900418'",
    "'preferred_name':'Barry','description':'grey beard, green sleeping bag','born':'~1970',"
    "'place':'Angel Row'",
    "'preferred_name':'Amina','born':'1999'",
    "'preferred_name':'Patrick Oneil'",
};

static void open_with_people(meeting *m, tp_name names[PEOPLE])
{
    meeting_open(m, two);
    for (size_t i = 0; i < PEOPLE; i++) {
        names[i] = meeting_write(
            m, 0, "{'op':'create','entity':'person','worker':'Dee','set':{%s}}", people[i]);
    }
    meeting_write(m, 0,
                  "{'op':'create','entity':'alias','worker':'Dee','set':{'person':'%s',"
                  "'name':'Tinker'}}",
                  meeting_name(names[BAZ]));
}

typedef struct search_row {
    const char *row;
    const char *typed;
    int found[4]; /* in order; -1 ends */
    const char *why;
} search_row;

static const search_row searches[] = {
    {"a name before those that sound like it", "Sean", {SEAN, SHAUN, -1}, "name"},
    {"a name without its apostrophe", "oneill", {SEAN, ONEIL, -1}, "name"},
    {"by ear", "Shawn", {SEAN, SHAUN, -1}, "sounds like"},
    {"a short form", "Baz", {BAZ, -1}, "sounds like"},
    {"an alias", "tinker", {BAZ, -1}, "also known as tinker"},
    {"the beginning", "ami", {AMINA, -1}, "begins like amina"},
    {"one slip", "patrik", {ONEIL, -1}, "patrick"},
    {"a word of the description", "beard", {BAZ, -1}, "description or place: beard"},
    {"a word of the place", "angel", {BAZ, -1}, "description or place: angel"},
    {"two words that both fit", "sean oneill", {SEAN, -1}, "name"},
    {"two words of which one does not", "sean murdoch", {-1}, NULL},
    {"a name and a year", "shaun 1984", {SEAN, -1}, "sounds like"},
    {"a name and another year", "amina 1998", {-1}, NULL},
    {"a date", "02/01/1990", {SHAUN, -1}, "date of birth"},
    {"an NHS number as it is shown", "943 476 5919", {SEAN, -1}, "NHS number"},
    {"a phone as it is dialled from abroad", "+44 7700 900418", {SHAUN, -1}, "phone"},
    {"nobody", "Zebedee", {-1}, NULL},
    {"nothing", "  ", {-1}, NULL},
    {"signs", "?!", {-1}, NULL},
};

static void test_view_find__table(void **state)
{
    (void)state;
    meeting m;
    tp_name names[PEOPLE];
    open_with_people(&m, names);
    for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++) {
        const search_row *row = &searches[i];
        tp_found_list list;
        assert_int_equal(tp_find(m.at[0].node.view, meeting_read(&m, 0), tp_slice_str(row->typed),
                                 10, &list, &err),
                         TP_OK);
        uint32_t at = 0;
        for (; row->found[at] != -1; at++) {
            if (at >= list.count || !tp_name_eq(list.people[at].person, names[row->found[at]])) {
                fail_msg("%s: not number %u, of %u", row->row, at, list.count);
            }
        }
        if (list.count != at) {
            fail_msg("%s: %u found", row->row, list.count);
        }
        if (at > 0 && strstr(list.people[0].why[0], row->why) == NULL) {
            fail_msg("%s: because \"%s\"", row->row, list.people[0].why[0]);
        }
        tp_found_list_done(&list);
    }
    meeting_close(&m);
}

typedef struct same_row {
    const char *row;
    tp_person_facts facts;
    int found[3];
} same_row;

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const same_row sames[] = {
    {"by ear, born then",
     {.names = {TEXT("Shaun Oneill")}, .names_count = 1, .born = TEXT("1984-05-11")},
     {SEAN, -1}},
    {"by ear, born at another time",
     {.names = {TEXT("Shaun Oneill")}, .names_count = 1, .born = TEXT("1991")},
     {-1}},
    {"one name of two", {.names = {TEXT("Sean Connor")}, .names_count = 1}, {-1}},
    {"the same number, whatever the name",
     {.names = {TEXT("Zoe")}, .names_count = 1, .nhs_number = TEXT("9434765919")},
     {SEAN, -1}},
    {"the same phone, written otherwise",
     {.names = {TEXT("Zoe")}, .names_count = 1, .phone = TEXT("+447700900418")},
     {SHAUN, -1}},
    {"a short form alone", {.names = {TEXT("Baz")}, .names_count = 1}, {BAZ, -1}},
    {"an alias", {.names = {TEXT("Tinker")}, .names_count = 1}, {BAZ, -1}},
    {"nobody", {.names = {TEXT("Zebedee")}, .names_count = 1}, {-1}},
    {"nothing known", {.names_count = 0}, {-1}},
};

static void test_view_find__who_may_be_the_same(void **state)
{
    (void)state;
    meeting m;
    tp_name names[PEOPLE];
    open_with_people(&m, names);
    for (size_t i = 0; i < sizeof sames / sizeof sames[0]; i++) {
        const same_row *row = &sames[i];
        tp_found_list list;
        assert_int_equal(
            tp_find_may_be(m.at[0].node.view, meeting_read(&m, 0), &row->facts, 8, &list, &err),
            TP_OK);
        uint32_t at = 0;
        for (; row->found[at] != -1; at++) {
            if (at >= list.count || !tp_name_eq(list.people[at].person, names[row->found[at]])) {
                fail_msg("%s: not number %u, of %u", row->row, at, list.count);
            }
        }
        if (list.count != at) {
            fail_msg("%s: %u found", row->row, list.count);
        }
        tp_found_list_done(&list);
    }
    meeting_close(&m);
}

static uint32_t count_found(meeting *m, uint32_t at, const char *typed)
{
    tp_found_list list;
    assert_int_equal(
        tp_find(m->at[at].node.view, meeting_read(m, at), tp_slice_str(typed), 10, &list, &err),
        TP_OK);
    const uint32_t count = list.count;
    tp_found_list_done(&list);
    meeting_read_end(m);
    return count;
}

static void test_view_find__follows_what_becomes_of_the_record(void **state)
{
    (void)state;
    meeting m;
    tp_write_result done;
    tp_name names[PEOPLE];
    open_with_people(&m, names);
    meeting_sync_all(&m);
    assert_int_equal(count_found(&m, 1, "tinker"), 1);
    meeting_update(&m, 0, names[AMINA], "person", "'preferred_name':'Yasmin'");
    assert_int_equal(count_found(&m, 0, "yasmin"), 1);
    assert_int_equal(count_found(&m, 0, "amina"), 0);
    /* Both of two names that stand against each other. */
    meeting_update(&m, 1, names[AMINA], "person", "'preferred_name':'Zainab'");
    meeting_sync_all(&m);
    assert_int_equal(count_found(&m, 0, "yasmin"), 1);
    assert_int_equal(count_found(&m, 0, "zainab"), 1);
    /* Hidden, and shown again. */
    assert_int_equal(tp_retract_write(&m.at[0].node, tp_slice_str("Dee"), names[ONEIL],
                                      tp_slice_str("written_twice"), &done, &err),
                     TP_OK);
    assert_int_equal(count_found(&m, 0, "patrick"), 0);
    assert_int_equal(tp_retract_undo(&m.at[0].node, tp_slice_str("Dee"), names[ONEIL], &done, &err),
                     TP_OK);
    assert_int_equal(count_found(&m, 0, "patrick"), 1);
    /* Given back: gone from the index as well. */
    meeting_give_back(&m, 1, &names[SEAN], 1);
    assert_int_equal(count_found(&m, 1, "oneill"), 1); /* Patrick Oneil */
    assert_int_equal(count_found(&m, 0, "oneill"), 2);
    meeting_close(&m);
}

static void test_view_find__says_who_is_joined(void **state)
{
    (void)state;
    meeting m;
    tp_write_result done;
    tp_found_list list;
    tp_name names[PEOPLE];
    open_with_people(&m, names);
    assert_int_equal(tp_join_write(&m.at[0].node, tp_slice_str("Dee"), names[SHAUN], names[SEAN],
                                   tp_slice_str("says so"), &done, &err),
                     TP_OK);
    assert_int_equal(
        tp_find(m.at[0].node.view, meeting_read(&m, 0), tp_slice_str("sean"), 10, &list, &err),
        TP_OK);
    assert_int_equal(list.count, 2);
    assert_true(tp_name_is_none(list.people[0].same_as));
    assert_true(tp_name_eq(list.people[1].same_as, names[SEAN]));
    tp_found_list_done(&list);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_find__table),
        cmocka_unit_test(test_view_find__who_may_be_the_same),
        cmocka_unit_test(test_view_find__follows_what_becomes_of_the_record),
        cmocka_unit_test(test_view_find__says_who_is_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
