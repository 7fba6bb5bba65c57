/* What somebody must look at: one row for each way to come to stand there, and how it goes
 * again.
 *
 * Shows P21, P24, P26. */
#include "node/view/review.h"

#include "node/record/request.h"
#include "node/record/settle.h"
#include "sync/log/fork.h"
#include "sync/log/push.h"
#include "sync/wire/wire.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const three[] = {"street-outreach", "friary", "homeless-health", NULL};
enum { VAN, DESK, LEAD };

static const tp_name everybody = {0, 0};
static tp_err err;
static tp_write_result done;

/* "conflict phone*, offer holder": in the order of the list; '*' marks what is this device's. */
static const char *listed(meeting *m, uint32_t at)
{
    static char text[512];
    tp_review_list list;
    size_t used = 0;
    text[0] = '\0';
    assert_int_equal(
        tp_review_read(m->at[at].node.view, meeting_read(m, at), everybody, &list, &err), TP_OK);
    for (uint32_t i = 0; i < list.count; i++) {
        const tp_review_item *item = &list.items[i];
        assert_non_null(item->text);
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s%s%s%s%s", used == 0 ? "" : ", ",
            tp_review_kind_name(item->kind), item->field == NULL ? "" : " ",
            item->field == NULL ? "" : item->field->name, item->is_mine ? "*" : "");
    }
    tp_review_list_done(&list);
    meeting_read_end(m);
    return text;
}

static tp_rc dismiss_first(meeting *m, uint32_t at)
{
    tp_review_list list;
    char id[TP_REVIEW_ID_MAX];
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(
        tp_review_read(m->at[at].node.view, meeting_read(m, at), everybody, &list, &err), TP_OK);
    assert_true(list.count > 0);
    memcpy(id, list.items[0].id, sizeof id);
    tp_review_list_done(&list);
    meeting_read_end(m);
    assert_int_equal(tp_tx_begin(m->at[at].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    tp_rc rc =
        tp_review_dismiss(m->at[at].node.view, &tx, tp_slice_str(id), tp_slice_str("Dee"), &err);
    if (rc == TP_OK) {
        assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static void test_view_review__values_that_stand_against_each_other_wait(void **state)
{
    (void)state;
    meeting m;
    tp_review_list list;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, VAN), "");
    meeting_update(&m, VAN, baz, "person", "'phone':'07700 900102','place':'Library'");
    meeting_wait(&m, 1000);
    meeting_update(&m, DESK, baz, "person", "'phone':'07700 900711','place':'library '");
    meeting_sync_all(&m);
    /* The van's number is not the one shown: it is told. "library " is another value: case
     * counts. */
    assert_string_equal(listed(&m, VAN), "conflict phone*, conflict place*");
    assert_string_equal(listed(&m, LEAD), "conflict phone, conflict place");
    assert_int_equal(dismiss_first(&m, VAN), TP_DENIED);
    assert_int_equal(
        tp_review_read(m.at[LEAD].node.view, meeting_read(&m, LEAD), everybody, &list, &err),
        TP_OK);
    const tp_review_item *item = &list.items[0];
    tp_value value;
    bool has_value = false;
    assert_int_equal(item->kept_count, 2);
    assert_int_equal(tp_shown_value(item->field, item->shown, &value, &has_value, &err), TP_OK);
    assert_true(tp_slice_is(value.text, "07700 900711"));
    assert_true(tp_slice_is(tp_shown_person_name(item->about), "Baz"));
    const tp_name lost = item->kept[1]->name;
    tp_review_list_done(&list);
    meeting_read_end(&m);
    /* Settled on the third device with the value that was not shown: gone everywhere. */
    assert_int_equal(tp_settle_use(&m.at[LEAD].node, tp_slice_str("Ngozi"), baz,
                                   tp_slice_str("phone"), lost, &done, &err),
                     TP_OK);
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, VAN), "conflict place*");
    assert_string_equal(listed(&m, LEAD), "conflict place");
    meeting_close(&m);
}

static void test_view_review__offers_wait_and_are_passed_over(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_consent(&m, VAN, baz, "given", "'street-outreach','friary','homeless-health'",
                    "'housing'");
    tp_name request = meeting_write(&m, VAN,
                                    "{'op':'create','entity':'help_request','worker':'Dee',"
                                    "'set':{'person':'%s','words':'Somewhere dry'}}",
                                    meeting_name(baz));
    meeting_sync_all(&m);
    const tp_request_act marek = {&m.at[VAN].node, request, tp_slice_str("Marek")};
    const tp_request_act tom = {&m.at[DESK].node, request, tp_slice_str("Tom")};
    const tp_request_act asha = {&m.at[LEAD].node, request, tp_slice_str("Asha")};
    assert_int_equal(tp_request_offer(&marek, tp_slice_str("homeless-health"), tp_slice_str("Asha"),
                                      &done, &err),
                     TP_OK);
    assert_int_equal(tp_request_accept(&tom, &done, &err), TP_OK);
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, VAN), "offer holder*");  /* passed over */
    assert_string_equal(listed(&m, LEAD), "offer holder*"); /* waits for them */
    assert_string_equal(listed(&m, DESK), "");
    assert_int_equal(dismiss_first(&m, VAN), TP_OK);
    assert_string_equal(listed(&m, VAN), "");
    assert_int_equal(tp_request_accept(&asha, &done, &err), TP_OK);
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, LEAD), "");
    assert_string_equal(listed(&m, DESK), "");
    meeting_close(&m);
}

/* Dee offers it to an agency whose Tom has taken it already: nothing is left to accept there. */
static void test_view_review__an_offer_to_who_holds_it_waits_for_nobody(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_consent(&m, VAN, baz, "given", "'street-outreach','friary'", "'housing'");
    tp_name request = meeting_write(&m, VAN,
                                    "{'op':'create','entity':'help_request','worker':'Dee',"
                                    "'set':{'person':'%s','words':'Somewhere dry'}}",
                                    meeting_name(baz));
    meeting_sync_all(&m);
    const tp_request_act dee = {&m.at[VAN].node, request, tp_slice_str("Dee")};
    const tp_request_act tom = {&m.at[DESK].node, request, tp_slice_str("Tom")};
    assert_int_equal(tp_request_offer(&dee, tp_slice_str("friary"), tp_slice_str(""), &done, &err),
                     TP_OK);
    assert_int_equal(tp_request_accept(&tom, &done, &err), TP_OK);
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, VAN), "offer holder*"); /* its writer had not seen that */
    assert_string_equal(listed(&m, DESK), "");
    meeting_close(&m);
}

static void test_view_review__a_lost_acceptance_is_told_to_who_lost(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name request = meeting_write(&m, VAN,
                                    "{'op':'create','entity':'help_request','worker':'Dee',"
                                    "'set':{'person':'%s','words':'Somewhere dry'}}",
                                    meeting_name(baz));
    meeting_sync_all(&m);
    const tp_request_act tom = {&m.at[DESK].node, request, tp_slice_str("Tom")};
    const tp_request_act asha = {&m.at[LEAD].node, request, tp_slice_str("Asha")};
    assert_int_equal(tp_request_accept(&tom, &done, &err), TP_OK);
    assert_int_equal(tp_request_accept(&asha, &done, &err), TP_OK);
    meeting_sync(&m, LEAD); /* Asha's is the first to reach the hub */
    meeting_sync_all(&m);
    const char *desk = listed(&m, DESK);
    if (strstr(desk, "holder*") == NULL) {
        fail_msg("not told: %s", desk);
    }
    assert_null(strstr(listed(&m, LEAD), "*"));
    meeting_close(&m);
}

static void test_view_review__a_giving_that_is_overruled_is_told(void **state)
{
    (void)state;
    meeting m;
    tp_review_list list;
    meeting_open(&m, three);
    tp_name sean = meeting_person(&m, VAN, "Sean");
    meeting_consent(&m, VAN, sean, "given", "'*'", "'housing','offending'");
    meeting_sync_all(&m);
    tp_name withdrawal = meeting_consent(&m, VAN, sean, "withdrawn", "'*'", "'offending'");
    tp_name giving = meeting_consent(&m, LEAD, sean, "given", "'*'", "'offending','housing'");
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, LEAD), "overruled_consent*");
    assert_string_equal(listed(&m, VAN), "");
    assert_int_equal(
        tp_review_read(m.at[LEAD].node.view, meeting_read(&m, LEAD), everybody, &list, &err),
        TP_OK);
    assert_true(tp_name_eq(list.items[0].record, giving));
    assert_true(tp_name_eq(list.items[0].by, withdrawal));
    tp_review_list_done(&list);
    /* Asked again, in sight of both: nothing is overruled any more. */
    meeting_consent(&m, LEAD, sean, "given", "'*'", "'offending','housing'");
    assert_string_equal(listed(&m, LEAD), "");
    meeting_close(&m);
}

static void test_view_review__brought_back_kinds_and_gateways(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name contact = meeting_write(&m, VAN,
                                    "{'op':'create','entity':'contact','worker':'Dee','set':"
                                    "{'person':'%s','note':'Heel','info':['physical_health']}}",
                                    meeting_name(baz));
    tp_name other = meeting_contact(&m, VAN, baz, "Tea");
    meeting_sync_all(&m);
    /* Another agency may not take kinds away. */
    meeting_update(&m, DESK, contact, "contact", "'info':[]");
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, VAN), "kinds info*");
    assert_string_equal(listed(&m, DESK), "kinds info*");
    assert_string_equal(listed(&m, LEAD), "kinds info");
    assert_int_equal(dismiss_first(&m, VAN), TP_OK);
    /* Taken back here, gone on with there. */
    assert_int_equal(tp_retract_write(&m.at[VAN].node, tp_slice_str("Dee"), other,
                                      tp_slice_str("mistake"), &done, &err),
                     TP_OK);
    meeting_update(&m, DESK, other, "contact", "'note':'Tea and cake'");
    meeting_sync_all(&m);
    assert_string_equal(listed(&m, VAN), "retraction retracted*");
    assert_int_equal(dismiss_first(&m, VAN), TP_OK);
    assert_string_equal(listed(&m, VAN), "");
    /* A gateway in force, until its end. */
    meeting_write(&m, VAN,
                  "{'op':'create','entity':'legal_gateway','worker':'Dee','set':{'person':'%s',"
                  "'agencies':['friary'],'kinds':['physical_health'],'ends_on':'2026-01-13',"
                  "'authoriser':'Ruth','basis':'Care Act 2014, section 42'}}",
                  meeting_name(baz));
    assert_string_equal(listed(&m, VAN), "gateway*");
    meeting_wait(&m, INT64_C(2) * 24 * 3600 * 1000);
    assert_string_equal(listed(&m, VAN), "");
    meeting_close(&m);
}

static void test_view_review__what_the_hub_keeps_aside(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    meeting_open(&m, three);
    meeting_person(&m, VAN, "Baz");
    const tp_refused refused = {
        .seq = 1, .code = TP_QUARANTINE_RULE, .text = tp_slice_str("a reason")};
    const tp_refused renamed = {
        .seq = 2, .code = TP_QUARANTINE_MEANT, .text = tp_slice_str("nothing is wrong")};
    assert_int_equal(tp_tx_begin(m.at[VAN].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_log_refused_put(m.at[VAN].node.log, &tx, &refused, &err), TP_OK);
    assert_int_equal(tp_log_refused_put(m.at[VAN].node.log, &tx, &renamed, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_string_equal(listed(&m, VAN), "refused*");
    assert_int_equal(dismiss_first(&m, VAN), TP_OK);
    assert_string_equal(listed(&m, VAN), "");
    meeting_close(&m);
}

/* The worker is told what to write again, about whom where that is known, and no more of a copy. */
static void test_view_review__what_was_damaged_before_it_was_sent(void **state)
{
    (void)state;
    meeting m;
    tp_review_list list;
    tp_tx tx = TP_TX_NONE;
    tp_renaming renaming;
    meeting_open(&m, three);
    const tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_sync_all(&m);
    meeting_contact(&m, VAN, baz, "Soup");
    assert_int_equal(tp_tx_begin(m.at[VAN].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(
        tp_tx_exec(&tx, "UPDATE log SET bytes = x'00' WHERE id = (SELECT max(id) FROM log)", &err),
        TP_OK);
    assert_int_equal(tp_log_fork(m.at[VAN].node.log, &tx, 4711, 2, MEETING_NOW_MS, &renaming, &err),
                     TP_OK);
    assert_int_equal(tp_merge_rebuild(m.at[VAN].node.merge, &tx, NULL, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_string_equal(listed(&m, VAN), "damaged*");
    assert_int_equal(
        tp_review_read(m.at[VAN].node.view, meeting_read(&m, VAN), (tp_name){0, 0}, &list, &err),
        TP_OK);
    assert_non_null(strstr(list.items[0].text, "Write it again"));
    assert_non_null(strstr(list.items[0].text, "-2)"));
    tp_review_list_done(&list);
    assert_int_equal(dismiss_first(&m, VAN), TP_OK);
    assert_string_equal(listed(&m, VAN), "");
    meeting_close(&m);
}

static void test_view_review__what_was_erased_is_told_to_who_wrote_it(void **state)
{
    (void)state;
    meeting m;
    tp_review_list list;
    meeting_open(&m, three);
    tp_name names[3] = {meeting_person(&m, VAN, "Baz")};
    names[1] = meeting_contact(&m, VAN, names[0], "Soup");
    meeting_sync_all(&m);
    names[2] = meeting_contact(&m, DESK, names[0], "Tea");
    meeting_sync_all(&m);
    for (uint32_t at = 0; at < 3; at++) {
        meeting_erase(&m, at, names, 3);
    }
    assert_string_equal(listed(&m, VAN), "erased*");
    assert_string_equal(listed(&m, DESK), "erased*");
    assert_string_equal(listed(&m, LEAD), "");
    assert_int_equal(
        tp_review_read(m.at[VAN].node.view, meeting_read(&m, VAN), (tp_name){0, 0}, &list, &err),
        TP_OK);
    assert_memory_equal(list.items[0].text, "2 records that", strlen("2 records that"));
    tp_review_list_done(&list);
    assert_int_equal(dismiss_first(&m, VAN), TP_OK);
    assert_string_equal(listed(&m, VAN), "");
    meeting_close(&m);
}

static void test_view_review__dismissing_what_is_not_there(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    meeting_open(&m, three);
    assert_int_equal(tp_tx_begin(m.at[VAN].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_review_dismiss(m.at[VAN].node.view, &tx, tp_slice_str("offer:x:y:z"),
                                       tp_slice_str("Dee"), &err),
                     TP_NOTFOUND);
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_review__values_that_stand_against_each_other_wait),
        cmocka_unit_test(test_view_review__offers_wait_and_are_passed_over),
        cmocka_unit_test(test_view_review__an_offer_to_who_holds_it_waits_for_nobody),
        cmocka_unit_test(test_view_review__a_lost_acceptance_is_told_to_who_lost),
        cmocka_unit_test(test_view_review__a_giving_that_is_overruled_is_told),
        cmocka_unit_test(test_view_review__brought_back_kinds_and_gateways),
        cmocka_unit_test(test_view_review__what_the_hub_keeps_aside),
        cmocka_unit_test(test_view_review__what_was_damaged_before_it_was_sent),
        cmocka_unit_test(test_view_review__what_was_erased_is_told_to_who_wrote_it),
        cmocka_unit_test(test_view_review__dismissing_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
