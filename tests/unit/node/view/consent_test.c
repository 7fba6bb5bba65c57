/* What a person has agreed to, as a node shows it.
 *
 * Shows P9. */
#include "node/view/consent.h"

#include "node/record/join.h"
#include "sync/log/directory.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const three[] = {"street-outreach", "friary", "homeless-health", NULL};
enum { VAN, DESK, LEAD };

static tp_err err;

static void read_page(meeting *m, uint32_t at, tp_name person, const tp_consent_ask *ask,
                      tp_consent_page *page)
{
    assert_int_equal(
        tp_consent_read(m->at[at].node.view, meeting_read(m, at), person, ask, page, &err), TP_OK);
    meeting_read_end(m);
}

static tp_decision effective(meeting *m, uint32_t at, tp_name person, const char *agency,
                             tp_kind kind)
{
    const tp_consent_ask ask = {.agency = tp_slice_str(agency),
                                .has_kind = true,
                                .kind = kind,
                                .has_purpose = true,
                                .purpose = TP_PURPOSE_SUPPORT};
    tp_consent_page page;
    read_page(m, at, person, &ask, &page);
    assert_int_equal(page.rows_count, 1);
    assert_string_equal(page.rows[0].agency, agency);
    const tp_decision decision = page.rows[0].decision;
    tp_consent_page_done(&page);
    return decision;
}

static void assert_summary(meeting *m, uint32_t at, tp_name person, const char *text)
{
    const tp_consent_ask ask = {.has_kind = false};
    tp_consent_page page;
    char summary[512];
    read_page(m, at, person, &ask, &page);
    snprintf(summary, sizeof summary, "%.*s", TP_SLICE_FMT(page.summary));
    tp_consent_page_done(&page);
    assert_string_equal(summary, text);
}

static void test_view_consent__says_what_is_in_force_and_by_which_event(void **state)
{
    (void)state;
    meeting m;
    tp_consent_page page;
    const tp_consent_ask all = {.has_kind = false};
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    assert_summary(&m, VAN, baz, "Nobody has asked yet: nothing is shared.");
    tp_name given = meeting_write(&m, VAN,
                                  "{'op':'create','entity':'consent','worker':'Dee','set':{"
                                  "'person':'%s','decision':'given','agencies':['friary',"
                                  "'street-outreach'],'kinds':['housing','money'],'purposes':"
                                  "['support'],'how':'spoken','capacity':'believed_to_have',"
                                  "'ends_on':'2026-01-14'}}",
                                  meeting_name(baz));
    assert_summary(
        &m, VAN, baz,
        "friary, street-outreach: yes to housing and money for support. Not all of it is at "
        "the hub yet.");
    meeting_wait(&m, 1000);
    tp_name withdrawn = meeting_consent(&m, VAN, baz, "withdrawn", "'friary'", "'money'");
    assert_summary(
        &m, VAN, baz,
        "friary: yes to housing for support; no to money. street-outreach: yes to housing "
        "and money for support. Not all of it is at the hub yet.");
    read_page(&m, VAN, baz, &all, &page);
    assert_int_equal(page.rows_count, 3 * TP_KIND_COUNT * TP_PURPOSE_COUNT);
    for (uint32_t i = 0; i < page.rows_count; i++) {
        const tp_consent_row *row = &page.rows[i];
        if (strcmp(row->agency, "friary") == 0 && row->purpose == TP_PURPOSE_SUPPORT &&
            (row->kind == TP_KIND_HOUSING || row->kind == TP_KIND_MONEY)) {
            const bool is_money = row->kind == TP_KIND_MONEY;
            assert_int_equal(row->decision, is_money ? TP_DECISION_WITHDRAWN : TP_DECISION_GIVEN);
            assert_true(tp_name_eq(row->by, is_money ? withdrawn : given));
            assert_true(is_money ? row->ends_ms == 0 : tp_slice_is(row->ends_on, "2026-01-14"));
        }
    }
    assert_int_equal(page.events_count, 2);
    assert_true(tp_name_eq(page.events[0].name, given));
    assert_false(page.events[0].is_latest);
    assert_true(page.events[1].is_latest);
    assert_true(tp_name_is_none(page.events[0].overruled_by));
    tp_consent_page_done(&page);
    meeting_wait(&m, INT64_C(3) * 24 * 3600 * 1000); /* the giving has ended */
    assert_int_equal(effective(&m, VAN, baz, "friary", TP_KIND_HOUSING), TP_DECISION_NONE);
    assert_int_equal(effective(&m, VAN, baz, "friary", TP_KIND_MONEY), TP_DECISION_WITHDRAWN);
    meeting_close(&m);
}

static void test_view_consent__a_later_giving_counts_only_in_sight_of_the_withdrawal(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name sean = meeting_person(&m, VAN, "Sean");
    meeting_consent(&m, VAN, sean, "given", "'*'", "'offending'");
    meeting_sync_all(&m);
    meeting_consent(&m, VAN, sean, "withdrawn", "'*'", "'offending'");
    meeting_wait(&m, 3600000);
    meeting_consent(&m, LEAD, sean, "given", "'*'", "'offending'");
    meeting_sync_all(&m);
    assert_int_equal(effective(&m, DESK, sean, "friary", TP_KIND_OFFENDING), TP_DECISION_WITHDRAWN);
    meeting_consent(&m, DESK, sean, "given", "'*'", "'offending'");
    meeting_sync_all(&m);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(effective(&m, i, sean, "friary", TP_KIND_OFFENDING), TP_DECISION_GIVEN);
    }
    meeting_close(&m);
}

/* What stood between was never held here, or was given back: the links do not break. */
static void test_view_consent__names_every_event_so_that_links_outlive_what_is_between(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name sean = meeting_person(&m, VAN, "Sean");
    meeting_consent(&m, VAN, sean, "withdrawn", "'friary'", "'housing'");
    tp_name between = meeting_consent(&m, VAN, sean, "refused", "'homeless-health'", "'money'");
    meeting_consent(&m, VAN, sean, "given", "'friary'", "'housing'");
    meeting_sync_all(&m);
    assert_int_equal(effective(&m, DESK, sean, "friary", TP_KIND_HOUSING), TP_DECISION_GIVEN);
    meeting_give_back(&m, DESK, &between, 1);
    assert_int_equal(effective(&m, DESK, sean, "friary", TP_KIND_HOUSING), TP_DECISION_GIVEN);
    meeting_close(&m);
}

/* What its own agency wrote stays listed without content.  It may be granted again, and whoever
 * asked meanwhile had not read it. */
static void test_view_consent__what_was_given_back_is_not_in_sight(void **state)
{
    (void)state;
    meeting m;
    tp_consent_page page;
    const tp_consent_ask all = {.has_kind = false};
    meeting_open(&m, three);
    tp_name sean = meeting_person(&m, VAN, "Sean");
    tp_name withdrawn = meeting_consent(&m, VAN, sean, "withdrawn", "'friary'", "'housing'");
    meeting_sync_all(&m);
    meeting_give_back(&m, VAN, &withdrawn, 1);
    read_page(&m, VAN, sean, &all, &page);
    assert_int_equal(page.events_count, 1);
    assert_null(page.events[0].shown);
    tp_consent_page_done(&page);
    meeting_wait(&m, 1000);
    meeting_consent(&m, VAN, sean, "given", "'friary'", "'housing'");
    meeting_sync_all(&m);
    assert_int_equal(effective(&m, DESK, sean, "friary", TP_KIND_HOUSING), TP_DECISION_WITHDRAWN);
    meeting_close(&m);
}

static void test_view_consent__joined_records_share_it(void **state)
{
    (void)state;
    meeting m;
    tp_write_result done;
    meeting_open(&m, three);
    tp_name sean = meeting_person(&m, VAN, "Sean");
    tp_name shaun = meeting_person(&m, VAN, "Shaun");
    meeting_consent(&m, VAN, sean, "given", "'friary'", "'housing','domestic_abuse'");
    assert_int_equal(effective(&m, VAN, shaun, "friary", TP_KIND_HOUSING), TP_DECISION_NONE);
    assert_int_equal(tp_join_write(&m.at[VAN].node, tp_slice_str("Dee"), shaun, sean,
                                   tp_slice_str("says so"), &done, &err),
                     TP_OK);
    assert_int_equal(effective(&m, VAN, shaun, "friary", TP_KIND_HOUSING), TP_DECISION_GIVEN);
    /* A join never widens domestic abuse. */
    assert_int_equal(effective(&m, VAN, shaun, "friary", TP_KIND_DOMESTIC_ABUSE), TP_DECISION_NONE);
    /* A withdrawal on the joined page names both, and stays on both. */
    meeting_consent(&m, VAN, shaun, "withdrawn", "'friary'", "'housing'");
    assert_int_equal(tp_unjoin_write(&m.at[VAN].node, tp_slice_str("Dee"), shaun, sean,
                                     tp_slice_str("two people"), &done, &err),
                     TP_OK);
    assert_int_equal(effective(&m, VAN, sean, "friary", TP_KIND_HOUSING), TP_DECISION_WITHDRAWN);
    assert_int_equal(effective(&m, VAN, shaun, "friary", TP_KIND_HOUSING), TP_DECISION_WITHDRAWN);
    meeting_close(&m);
}

static void set_apart(meeting *m, uint32_t at, tp_name one, tp_name other)
{
    tp_write_result done;
    assert_int_equal(tp_unjoin_write(&m->at[at].node, tp_slice_str("Dee"), one, other,
                                     tp_slice_str("two people"), &done, &err),
                     TP_OK);
    meeting_sync_all(m);
}

static void set_together(meeting *m, uint32_t at, tp_name one, tp_name other)
{
    tp_write_result done;
    assert_int_equal(tp_join_write(&m->at[at].node, tp_slice_str("Dee"), one, other,
                                   tp_slice_str("says so"), &done, &err),
                     TP_OK);
    meeting_sync_all(m);
}

/* What stands between was said on a record that was joined then, and is not any more: the hub
 * follows it and shares; the page must not say that nothing is. */
static void test_view_consent__links_go_through_who_was_joined(void **state)
{
    (void)state;
    meeting m;
    tp_consent_page page;
    const tp_consent_ask all = {.has_kind = false};
    meeting_open(&m, three);
    tp_name sean = meeting_person(&m, VAN, "Sean");
    tp_name shaun = meeting_person(&m, VAN, "Shaun");
    set_together(&m, VAN, shaun, sean);
    tp_name withdrawn = meeting_consent(&m, VAN, sean, "withdrawn", "'friary'", "'housing'");
    set_apart(&m, VAN, shaun, sean);
    meeting_consent(&m, VAN, sean, "refused", "'homeless-health'", "'money'");
    meeting_sync_all(&m);
    set_together(&m, VAN, shaun, sean);
    meeting_give_back(&m, LEAD, &withdrawn, 1);
    meeting_wait(&m, 1000);
    tp_name given = meeting_consent(&m, LEAD, shaun, "given", "'friary'", "'housing'");
    meeting_sync_all(&m);
    set_apart(&m, VAN, shaun, sean);
    assert_int_equal(effective(&m, VAN, shaun, "friary", TP_KIND_HOUSING), TP_DECISION_GIVEN);
    assert_int_equal(effective(&m, VAN, sean, "friary", TP_KIND_HOUSING), TP_DECISION_WITHDRAWN);
    /* It says nothing of Shaun, and stands on no page of theirs. */
    assert_int_equal(effective(&m, VAN, shaun, "homeless-health", TP_KIND_MONEY), TP_DECISION_NONE);
    read_page(&m, VAN, shaun, &all, &page);
    assert_int_equal(page.events_count, 2);
    assert_true(tp_name_eq(page.events[0].name, withdrawn));
    assert_true(tp_name_eq(page.events[1].name, given));
    tp_consent_page_done(&page);
    meeting_close(&m);
}

typedef struct warning_row {
    const char *row;
    const char *agencies;
    const char *capacity;
    const char *decision;
    const char *says;    /* NULL: no warning */
    const char *wording; /* NULL: the one that is read out */
} warning_row;

static const warning_row warnings[] = {
    {"all is well", "'street-outreach','friary'", "believed_to_have", "given", NULL, NULL},
    {"everybody", "'*'", "believed_to_have", "given", NULL, NULL},
    {"one's own agency left out", "'friary'", "believed_to_have", "given", "leaves out", NULL},
    {"an agency without agreement", "'street-outreach','nobodys'", "believed_to_have", "given",
     "nobodys has no information sharing agreement", NULL},
    {"capacity in doubt", "'street-outreach'", "in_doubt", "given", "grants nothing", NULL},
    {"a refusal needs none of it", "'nobodys'", "in_doubt", "refused", NULL, NULL},
    {"nobody knows what was said", "'*'", "believed_to_have", "given", "which wording", ""},
    {"a wording on paper", "'*'", "believed_to_have", "given", "not held here",
     "'wording':'our-form','wording_version':7,"},
    {"a version that is not held", "'*'", "believed_to_have", "given", "not held here",
     "'wording':'short-spoken','wording_version':99,"},
};

static void test_view_consent__the_writer_is_warned(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    for (size_t i = 0; i < sizeof warnings / sizeof warnings[0]; i++) {
        const warning_row *row = &warnings[i];
        tp_import_result result;
        assert_int_equal(meeting_try(&m, VAN, &result, &err,
                                     "{'op':'create','entity':'consent','worker':'Dee','set':{"
                                     "'person':'%s','decision':'%s','agencies':[%s],'kinds':["
                                     "'housing'],'purposes':['support'],'how':'spoken',%s"
                                     "'capacity':'%s'}}",
                                     meeting_name(baz), row->decision, row->agencies,
                                     row->wording != NULL
                                         ? row->wording
                                         : "'wording':'short-spoken','wording_version':2,",
                                     row->capacity),
                         TP_OK);
        if (result.written.warnings_count != (row->says != NULL) ||
            (row->says != NULL && strstr(result.written.warnings[0], row->says) == NULL)) {
            fail_msg("%s: %u warnings, \"%s\"", row->row, result.written.warnings_count,
                     result.written.warnings[0]);
        }
    }
    meeting_close(&m);
}

/* ---- One line, against what may travel ---- */

static void put_agency(meeting *m, uint32_t at, const char *id, const char *label,
                       tp_agreement agreement)
{
    tp_tx tx = TP_TX_NONE;
    tp_log *log = m->at[at].node.log;
    const tp_directory_agency agency = {.id = tp_slice_str(id),
                                        .label = tp_slice_str(label),
                                        .agreements_count = 1,
                                        .agreements = {agreement}};
    meeting_read_end(m);
    assert_int_equal(tp_tx_begin(m->at[at].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_log_directory_begin(log, &tx, 2, &err), TP_OK);
    assert_int_equal(tp_log_directory_put_agency(log, &tx, &agency, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
}

static void test_view_consent__the_line_tells_agreed_from_shared(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_consent(&m, VAN, baz, "given", "'friary'", "'housing'");
    meeting_sync_all(&m);
    put_agency(&m, VAN, "friary", "The Friary", (tp_agreement){0, 0, true});
    assert_summary(&m, VAN, baz, "The Friary: yes to housing for support.");
    put_agency(&m, VAN, "friary", "The Friary", (tp_agreement){0, MEETING_NOW_MS - 1, false});
    assert_summary(&m, VAN, baz,
                   "The Friary: yes to housing for support, but no agreement is in force, so "
                   "nothing is shared.");
    meeting_close(&m);
}

static void test_view_consent__the_line_names_a_legal_gateway(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_write(&m, VAN,
                  "{'op':'create','entity':'legal_gateway','worker':'Dee','set':{'person':'%s',"
                  "'agencies':['friary'],'kinds':['safeguarding'],'ends_on':'2026-02-01',"
                  "'authoriser':'Priya','basis':'Care Act 2014, section 42'}}",
                  meeting_name(baz));
    meeting_sync_all(&m);
    const char *gateway = "Until the end of Sun 1 Feb 2026 a legal gateway lets friary know "
                          "safeguarding, whatever was said.";
    char both[256];
    assert_summary(&m, VAN, baz, gateway);
    meeting_consent(&m, VAN, baz, "refused", "'*'", "'*'");
    meeting_sync_all(&m);
    snprintf(both, sizeof both, "friary, homeless-health, street-outreach: no to everything. %s",
             gateway);
    assert_summary(&m, VAN, baz, both);
    meeting_wait(&m, INT64_C(30) * 24 * 3600 * 1000);
    assert_summary(&m, VAN, baz, "friary, homeless-health, street-outreach: no to everything.");
    meeting_close(&m);
}

static void test_view_consent__the_line_says_what_a_node_without_a_hub_cannot_know(void **state)
{
    (void)state;
    static const char *const alone[] = {"street-outreach", NULL};
    const char *unknown = "Who has signed an agreement is not known here before the first sync; "
                          "until then nothing leaves this device.";
    char text[512];
    meeting m;
    meeting_open_apart(&m, alone);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    assert_summary(&m, VAN, baz, "Nobody has asked yet: nothing is shared.");
    meeting_consent(&m, VAN, baz, "given", "'*'", "'housing'");
    snprintf(text, sizeof text,
             "street-outreach, every other agency under agreement: yes to housing for support. %s",
             unknown);
    assert_summary(&m, VAN, baz, text);
    meeting_consent(&m, VAN, baz, "given", "'friary'", "'money'");
    snprintf(
        text, sizeof text,
        "friary: yes to housing and money for support. street-outreach, every other agency under "
        "agreement: yes to housing for support. %s",
        unknown);
    assert_summary(&m, VAN, baz, text);
    meeting_close(&m);
}

static void test_view_consent__one_purpose_must_cover_it_all(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_consent(&m, VAN, baz, "given", "'friary'", "'housing'");
    meeting_write(&m, VAN,
                  "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'%s',"
                  "'decision':'given','agencies':['friary'],'kinds':['money'],'purposes':["
                  "'mdt_discussion'],'how':'spoken','capacity':'believed_to_have'}}",
                  meeting_name(baz));
    meeting_sync_all(&m);
    assert_summary(&m, VAN, baz,
                   "friary: yes to housing for support, to money for discussion by the "
                   "multi-agency team.");
    meeting_close(&m);
}

static void test_view_consent__what_is_no_kind_of_its_own_is_shared_too(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    meeting_consent(&m, VAN, baz, "given", "'friary'", "'general'");
    meeting_sync_all(&m);
    assert_summary(&m, VAN, baz, "friary: yes to general for support.");
    /* Said in one breath where it is the same, whoever has signed. */
    tp_name sean = meeting_person(&m, VAN, "Sean");
    meeting_consent(&m, VAN, sean, "refused", "'friary','nobodys'", "'*'");
    meeting_sync_all(&m);
    assert_summary(&m, VAN, sean, "friary, nobodys: no to everything.");
    meeting_wait(&m, 1000);
    meeting_consent(&m, VAN, sean, "given", "'friary'", "'housing'");
    meeting_sync_all(&m);
    assert_summary(&m, VAN, sean,
                   "friary: yes to housing for support; no to everything else. nobodys: no to "
                   "everything.");
    meeting_close(&m);
}

static void test_view_consent__given_back_is_not_nobody_has_asked(void **state)
{
    (void)state;
    meeting m;
    tp_consent_page page;
    const tp_consent_ask all = {.has_kind = false};
    meeting_open(&m, three);
    tp_name baz = meeting_person(&m, VAN, "Baz");
    tp_name given = meeting_consent(&m, VAN, baz, "given", "'*'", "'housing'");
    meeting_sync_all(&m);
    meeting_contact(&m, DESK, baz, "Stayed two nights");
    const tp_name names[] = {baz, given};
    meeting_give_back(&m, DESK, names, 2);
    assert_summary(&m, DESK, baz,
                   "What else was said is not held here; somebody of your agency may ask again.");
    read_page(&m, DESK, baz, &all, &page);
    assert_int_equal(page.given_back_ms, MEETING_NOW_MS);
    tp_consent_page_done(&page);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_consent__says_what_is_in_force_and_by_which_event),
        cmocka_unit_test(test_view_consent__a_later_giving_counts_only_in_sight_of_the_withdrawal),
        cmocka_unit_test(
            test_view_consent__names_every_event_so_that_links_outlive_what_is_between),
        cmocka_unit_test(test_view_consent__what_was_given_back_is_not_in_sight),
        cmocka_unit_test(test_view_consent__joined_records_share_it),
        cmocka_unit_test(test_view_consent__links_go_through_who_was_joined),
        cmocka_unit_test(test_view_consent__the_writer_is_warned),
        cmocka_unit_test(test_view_consent__the_line_tells_agreed_from_shared),
        cmocka_unit_test(test_view_consent__the_line_names_a_legal_gateway),
        cmocka_unit_test(test_view_consent__the_line_says_what_a_node_without_a_hub_cannot_know),
        cmocka_unit_test(test_view_consent__one_purpose_must_cover_it_all),
        cmocka_unit_test(test_view_consent__what_is_no_kind_of_its_own_is_shared_too),
        cmocka_unit_test(test_view_consent__given_back_is_not_nobody_has_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
