/* Help requests and actions: at every moment exactly one holder (PH2).
 *
 * Shows P7. */
#include "node/record/request.h"

#include "node/view/pending.h"
#include "node/view/review.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const three[] = {"street-outreach", "friary", "homeless-health", NULL};
enum { VAN, DESK, LEAD };

static tp_write_result done;
static tp_err err;

/* "agency/worker status", of the only request or action of a node; with " +offer" where one
 * waits. */
static const char *standing(meeting *m, uint32_t at, uint32_t entity)
{
    static char text[128];
    tp_pending_list list;
    const tp_pending_filter filter = {.all = true};
    assert_int_equal(
        tp_pending_read(m->at[at].node.view, meeting_read(m, at), entity, &filter, &list, &err),
        TP_OK);
    meeting_read_end(m);
    assert_int_equal(list.count, 1);
    const tp_pending *item = &list.items[0];
    snprintf(text, sizeof text, "%.*s/%.*s %.*s%s", TP_SLICE_FMT(item->agency),
             TP_SLICE_FMT(item->worker), TP_SLICE_FMT(item->status),
             item->is_offered ? " +offer" : "");
    tp_pending_list_done(&list);
    return text;
}

static tp_request_act act(meeting *m, uint32_t at, tp_name request, const char *worker)
{
    return (tp_request_act){&m->at[at].node, request, tp_slice_str(worker)};
}

static tp_name take(meeting *m, uint32_t at, tp_name person)
{
    return meeting_write(m, at,
                         "{'op':'create','entity':'help_request','worker':'Dee',"
                         "'set':{'person':'%s','words':'Somewhere dry'}}",
                         meeting_name(person));
}

static void test_record_request__whoever_takes_it_holds_it(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    take(&m, VAN, meeting_person(&m, VAN, "Baz"));
    assert_string_equal(standing(&m, VAN, TP_HELP_REQUEST), "street-outreach/Dee held");
    meeting_close(&m);
}

static void test_record_request__a_kiosk_takes_requests_that_nobody_holds_yet(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    tp_import_result result;
    meeting_open(&m, three);
    assert_int_equal(tp_tx_begin(m.at[DESK].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_log_set_kiosk(m.at[DESK].node.log, &tx, true, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    meeting_write(&m, DESK,
                  "{'op':'create','entity':'help_request','worker':null,"
                  "'set':{'words':'A shower and a coat'}}");
    assert_string_equal(standing(&m, DESK, TP_HELP_REQUEST), "friary/ open");
    assert_int_equal(meeting_try(&m, DESK, &result, &err,
                                 "{'op':'create','entity':'person','worker':null,"
                                 "'set':{'preferred_name':'Baz'}}"),
                     TP_DENIED);
    meeting_close(&m);
}

static void test_record_request__an_offer_ends_nothing_until_it_is_accepted(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name request = take(&m, VAN, baz);
    tp_request_act dee = act(&m, VAN, request, "Dee");
    /* Nobody was asked yet. */
    assert_int_equal(
        tp_request_offer(&dee, tp_slice_str("friary"), tp_slice_str("Priya"), &done, &err),
        TP_DENIED);
    assert_non_null(strstr(err.what, "nobody has agreed that friary may know this"));
    meeting_consent(&m, VAN, baz, "given", "'street-outreach','friary'", "'housing'");
    assert_int_equal(
        tp_request_offer(&dee, tp_slice_str("friary"), tp_slice_str("Priya"), &done, &err), TP_OK);
    assert_string_equal(standing(&m, VAN, TP_HELP_REQUEST), "street-outreach/Dee held +offer");
    assert_int_equal(
        tp_request_offer(&dee, tp_slice_str("friary"), tp_slice_str("Priya"), &done, &err), TP_OK);
    assert_true(done.is_unchanged);
    meeting_sync_all(&m);
    tp_request_act priya = act(&m, DESK, request, "Priya");
    assert_int_equal(tp_request_accept(&priya, &done, &err), TP_OK);
    assert_string_equal(standing(&m, DESK, TP_HELP_REQUEST), "friary/Priya held");
    meeting_sync_all(&m);
    assert_string_equal(standing(&m, VAN, TP_HELP_REQUEST), "friary/Priya held");
    /* Accepting twice is no news. */
    assert_int_equal(tp_request_accept(&priya, &done, &err), TP_OK);
    assert_true(done.is_unchanged);
    meeting_close(&m);
}

static void test_record_request__it_is_answered_and_opened_again(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name request = take(&m, VAN, meeting_person(&m, VAN, "Baz"));
    tp_request_act dee = act(&m, VAN, request, "Dee");
    assert_int_equal(tp_request_answer(&dee, tp_slice_str("A room at the Friary"), &done, &err),
                     TP_OK);
    assert_string_equal(standing(&m, VAN, TP_HELP_REQUEST), "street-outreach/Dee answered");
    assert_int_equal(tp_request_reopen(&dee, &done, &err), TP_OK);
    assert_string_equal(standing(&m, VAN, TP_HELP_REQUEST), "street-outreach/Dee held");
    assert_int_equal(tp_request_withdraw(&dee, &done, &err), TP_OK);
    assert_string_equal(standing(&m, VAN, TP_HELP_REQUEST), "street-outreach/Dee withdrawn");
    meeting_close(&m);
}

/* The code of the only request of a node, as it is stored. */
static tp_slice code_of(meeting *m, uint32_t at, tp_name request, tp_arena *arena)
{
    const tp_shown *shown = NULL;
    assert_int_equal(
        tp_shown_load(m->at[at].node.view, meeting_read(m, at), request, arena, &shown, &err),
        TP_OK);
    meeting_read_end(m);
    return tp_shown_text(shown, TP_REQUEST_CODE);
}

static void test_record_request__its_code_is_made_once_and_finds_it(void **state)
{
    (void)state;
    meeting m;
    tp_arena arena;
    tp_import_result result;
    char code[TP_REQUEST_CODE_MAX];
    tp_name found = {0, 0};
    meeting_open(&m, three);
    tp_arena_init(&arena, 1 << 20);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name first = take(&m, VAN, baz);
    tp_name second = take(&m, VAN, baz);
    tp_slice text = code_of(&m, VAN, second, &arena);
    assert_int_equal(tp_request_code_normalise(text, code, &err), TP_OK);
    assert_true(tp_slice_is(text, code));
    assert_false(tp_slice_eq(text, code_of(&m, VAN, first, &arena)));
    meeting_sync_all(&m);
    for (uint32_t at = VAN; at <= DESK; at++) {
        tp_tx *tx = meeting_read(&m, at);
        assert_int_equal(tp_pending_find_code(m.at[at].node.view, tx, text, &found, &err), TP_OK);
        assert_true(tp_name_eq(found, second));
        assert_int_equal(
            tp_pending_find_code(m.at[at].node.view, tx, tp_slice_str("28T5CY4TH"), &found, &err),
            TP_NOTFOUND);
        meeting_read_end(&m);
    }
    /* Nobody chooses one, nobody changes one. */
    assert_int_equal(meeting_try(&m, VAN, &result, &err,
                                 "{'op':'create','entity':'help_request','worker':'Dee',"
                                 "'set':{'words':'x','code':'28T5CY4TH'}}"),
                     TP_DENIED);
    assert_int_equal(meeting_try(&m, VAN, &result, &err,
                                 "{'op':'update','entity':'help_request','worker':'Dee',"
                                 "'record':'%s','set':{'code':'28T5CY4TH'}}",
                                 meeting_name(second)),
                     TP_DENIED);
    tp_arena_done(&arena);
    meeting_close(&m);
}

/* What a code finds is the field, not the same letters in somebody's words. */
static void test_record_request__words_that_hold_a_code_are_not_found_by_it(void **state)
{
    (void)state;
    meeting m;
    tp_arena arena;
    tp_name found = {0, 0};
    meeting_open(&m, three);
    tp_arena_init(&arena, 1 << 20);
    tp_name coded = take(&m, VAN, meeting_person(&m, VAN, "Baz"));
    tp_slice text = code_of(&m, VAN, coded, &arena);
    meeting_write(&m, VAN,
                  "{'op':'create','entity':'help_request','worker':'Dee',"
                  "'set':{'words':'asks again about %.*s'}}",
                  TP_SLICE_FMT(text));
    tp_tx *tx = meeting_read(&m, VAN);
    assert_int_equal(tp_pending_find_code(m.at[VAN].node.view, tx, text, &found, &err), TP_OK);
    assert_true(tp_name_eq(found, coded));
    meeting_read_end(&m);
    tp_arena_done(&arena);
    meeting_close(&m);
}

static void test_record_request__a_reply_leaves_the_rest_as_it_is(void **state)
{
    (void)state;
    meeting m;
    tp_arena arena;
    const tp_shown *shown = NULL;
    meeting_open(&m, three);
    tp_arena_init(&arena, 1 << 20);
    tp_name request = take(&m, VAN, meeting_person(&m, VAN, "Baz"));
    tp_request_act dee = act(&m, VAN, request, "Dee");
    assert_int_equal(tp_request_reply(&dee, tp_slice_str("Come at 11:30"), &done, &err), TP_OK);
    assert_string_equal(standing(&m, VAN, TP_HELP_REQUEST), "street-outreach/Dee held");
    assert_int_equal(
        tp_shown_load(m.at[VAN].node.view, meeting_read(&m, VAN), request, &arena, &shown, &err),
        TP_OK);
    meeting_read_end(&m);
    assert_true(tp_slice_is(tp_shown_text(shown, TP_REQUEST_REPLY), "Come at 11:30"));
    assert_int_equal(tp_shown_text(shown, TP_REQUEST_ANSWER).bytes, 0);
    tp_arena_done(&arena);
    meeting_close(&m);
}

static void test_record_request__an_action_has_an_owner_and_is_done(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name action = meeting_write(&m, VAN,
                                   "{'op':'create','entity':'action','worker':'Dee','set':"
                                   "{'person':'%s','what':'Ring the team','due_on':'2026-01-11'}}",
                                   meeting_name(baz));
    assert_string_equal(standing(&m, VAN, TP_ACTION), "street-outreach/Dee open");
    tp_request_act dee = act(&m, VAN, action, "Dee");
    assert_int_equal(tp_action_start(&dee, &done, &err), TP_OK);
    assert_string_equal(standing(&m, VAN, TP_ACTION), "street-outreach/Dee doing");
    assert_int_equal(tp_action_done(&dee, tp_slice_str("Wednesday 10:00"), &done, &err), TP_OK);
    assert_string_equal(standing(&m, VAN, TP_ACTION), "street-outreach/Dee done");
    assert_int_equal(tp_request_answer(&dee, tp_slice_str("x"), &done, &err), TP_INVALID);
    dee.request = baz;
    assert_int_equal(tp_request_accept(&dee, &done, &err), TP_INVALID);
    dee.request = (tp_name){0xaa, 1};
    assert_int_equal(tp_request_accept(&dee, &done, &err), TP_NOTFOUND);
    meeting_close(&m);
}

static void test_record_request__lists_say_whose_and_what_is_overdue(void **state)
{
    (void)state;
    meeting m;
    tp_pending_list list;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name amina = meeting_person(&m, VAN, "Amina");
    static const char *const lines[] = {"'what':'late','due_on':'2026-01-11'",
                                        "'what':'today','due_on':'2026-01-12'",
                                        ("'what':'later','owner':{'agency':'street-outreach',"
                                         "'worker':'Marek'}")};
    for (size_t i = 0; i < 3; i++) {
        meeting_wait(&m, 60000);
        meeting_write(&m, VAN,
                      "{'op':'create','entity':'action','worker':'Dee','set':{'person':'%s',%s}}",
                      meeting_name(i == 1 ? amina : baz), lines[i]);
    }
    tp_pending_filter filter = {.all = false};
    assert_int_equal(tp_pending_read(m.at[VAN].node.view, meeting_read(&m, VAN), TP_ACTION, &filter,
                                     &list, &err),
                     TP_OK);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.overdue_count, 1);
    assert_true(list.items[0].is_overdue);
    assert_true(tp_slice_is(tp_shown_person_name(list.items[1].about), "Amina"));
    assert_true(tp_slice_is(tp_shown_text(list.items[2].shown, TP_ACTION_WHAT), "later"));
    tp_pending_list_done(&list);
    filter.agency = tp_slice_str("street-outreach");
    filter.worker = tp_slice_str("Marek");
    assert_int_equal(tp_pending_read(m.at[VAN].node.view, meeting_read(&m, VAN), TP_ACTION, &filter,
                                     &list, &err),
                     TP_OK);
    assert_int_equal(list.count, 1);
    tp_pending_list_done(&list);
    filter = (tp_pending_filter){.person = amina};
    assert_int_equal(tp_pending_read(m.at[VAN].node.view, meeting_read(&m, VAN), TP_ACTION, &filter,
                                     &list, &err),
                     TP_OK);
    assert_int_equal(list.count, 1);
    tp_pending_list_done(&list);
    meeting_close(&m);
}

/* How many wait for somebody. */
static uint32_t count_for(meeting *m, uint32_t at, const char *agency, const char *worker)
{
    const tp_pending_filter filter = {.agency = tp_slice_str(agency),
                                      .worker = tp_slice_str(worker)};
    tp_pending_list list;
    assert_int_equal(tp_pending_read(m->at[at].node.view, meeting_read(m, at), TP_HELP_REQUEST,
                                     &filter, &list, &err),
                     TP_OK);
    const uint32_t count = list.count;
    tp_pending_list_done(&list);
    meeting_read_end(m);
    return count;
}

static void test_record_request__waits_for_who_holds_it_and_whom_it_is_offered_to(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name request = take(&m, VAN, baz);
    meeting_write(&m, VAN,
                  "{'op':'create','entity':'help_request','worker':'Marek',"
                  "'set':{'person':'%s','words':'A coat'}}",
                  meeting_name(baz));
    assert_int_equal(count_for(&m, VAN, "", ""), 2);
    assert_int_equal(count_for(&m, VAN, "street-outreach", ""), 2);
    assert_int_equal(count_for(&m, VAN, "street-outreach", "Dee"), 1);
    assert_int_equal(count_for(&m, VAN, "street-outreach", "De"), 0);
    assert_int_equal(count_for(&m, VAN, "friary", ""), 0);
    tp_request_act dee = act(&m, VAN, request, "Dee");
    meeting_consent(&m, VAN, baz, "given", "'street-outreach','friary'", "'housing'");
    assert_int_equal(tp_request_offer(&dee, tp_slice_str("friary"), tp_slice_str(""), &done, &err),
                     TP_OK);
    assert_int_equal(count_for(&m, VAN, "friary", "Priya"), 1);
    assert_int_equal(count_for(&m, VAN, "street-outreach", "Dee"), 1); /* until it is accepted */
    meeting_sync(&m, VAN);
    meeting_sync(&m, DESK);
    assert_int_equal(count_for(&m, DESK, "friary", "Priya"), 1);
    tp_request_act priya = act(&m, DESK, request, "Priya");
    assert_int_equal(tp_request_accept(&priya, &done, &err), TP_OK);
    meeting_sync_all(&m);
    assert_int_equal(count_for(&m, VAN, "street-outreach", "Dee"), 0);
    assert_int_equal(count_for(&m, VAN, "friary", "Priya"), 1);
    assert_int_equal(count_for(&m, VAN, "friary", "Fran"), 0);
    meeting_close(&m);
}

/* Read in parts it is the same list, whatever comes and goes meanwhile. */
static void test_record_request__a_long_list_is_read_in_parts(void **state)
{
    (void)state;
    enum { ALL = 25, PART = 4 };
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name all[ALL];
    tp_pending_filter filter = {.max = PART};
    tp_pending_list list;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < ALL; i++) {
        meeting_wait(&m, i % 3 == 0 ? 60000 : 0); /* some at the same moment */
        all[i] = take(&m, VAN, baz);
    }
    for (bool is_more = true; is_more;) {
        assert_int_equal(tp_pending_read(m.at[VAN].node.view, meeting_read(&m, VAN),
                                         TP_HELP_REQUEST, &filter, &list, &err),
                         TP_OK);
        meeting_read_end(&m);
        for (uint32_t i = 0; i < list.count; i++) {
            assert_true(tp_name_eq(list.items[i].shown->name, all[seen++]));
        }
        assert_int_equal(list.left, ALL - seen);
        assert_int_equal(list.all_count, seen == PART ? ALL : ALL - 1);
        filter.has_after = true;
        filter.after = tp_pending_place_of(&list.items[list.count - 1]);
        is_more = list.left > 0;
        tp_pending_list_done(&list);
        if (seen == PART) { /* the one behind which is read on is answered now */
            tp_request_act dee = act(&m, VAN, all[PART - 1], "Dee");
            assert_int_equal(tp_request_answer(&dee, tp_slice_str("x"), &done, &err), TP_OK);
        }
    }
    assert_int_equal(seen, ALL);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_request__whoever_takes_it_holds_it),
        cmocka_unit_test(test_record_request__a_kiosk_takes_requests_that_nobody_holds_yet),
        cmocka_unit_test(test_record_request__an_offer_ends_nothing_until_it_is_accepted),
        cmocka_unit_test(test_record_request__it_is_answered_and_opened_again),
        cmocka_unit_test(test_record_request__its_code_is_made_once_and_finds_it),
        cmocka_unit_test(test_record_request__words_that_hold_a_code_are_not_found_by_it),
        cmocka_unit_test(test_record_request__a_reply_leaves_the_rest_as_it_is),
        cmocka_unit_test(test_record_request__an_action_has_an_owner_and_is_done),
        cmocka_unit_test(test_record_request__lists_say_whose_and_what_is_overdue),
        cmocka_unit_test(test_record_request__waits_for_who_holds_it_and_whom_it_is_offered_to),
        cmocka_unit_test(test_record_request__a_long_list_is_read_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
