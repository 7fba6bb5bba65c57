/* Heads, and what is shown of them: the plain rules of merging (design, section 4), row by row.
 *
 * Shows P4, P5, P6, P9, P11, P17. */
#include "sync/merge/decide.h"

#include "tests/support/decide_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const decide_row latest_rows[] = {
    {"never set", "person", {"van1 new #1 place=here"}, "phone", "-"},
    {"one value", "person", {"van1 new #1 phone=1"}, "phone", "van1 van1*"},
    {"an update that had seen it replaces it",
     "person",
     {"van1 new #1 phone=1", "desk1 #2 phone=2<van1"},
     "phone",
     "desk1 desk1*"},
    {"whoever had seen it replaces it, whatever the stamps say",
     "person",
     {"van1 new #1 @900 phone=1", "desk1 #2 @100 phone=2<van1"},
     "phone",
     "desk1 desk1*"},
    {"two that had not seen each other: the later stamp is shown, the other one told",
     "person",
     {"van1 new #1 phone=1", "van2 #2 @300 phone=2<van1", "desk1 #3 @200 phone=3<van1"},
     "phone",
     "van2 van2* desk1! conflict"},
    {"the same stamp: the later acceptance is shown",
     "person",
     {"van1 new #1 phone=1", "van2 #2 @200 phone=2<van1", "desk1 #3 @200 phone=3<van1"},
     "phone",
     "desk1 desk1* van2! conflict"},
    {"... whoever's name is higher",
     "person",
     {"van1 new #1 phone=1", "van2 #3 @200 phone=2<van1", "desk1 #2 @200 phone=3<van1"},
     "phone",
     "van2 van2* desk1! conflict"},
    {"the same number as well, as after a hub went back: by name",
     "person",
     {"van1 new #1 phone=1", "van2 #2 @200 phone=2<van1", "desk1 #2 @200 phone=3<van1"},
     "phone",
     "desk1 desk1* van2! conflict"},
    {"not answered yet: newest on its own device",
     "person",
     {"van1 new #1 phone=1", "van2 phone=2<van1", "desk1 #3 @99999 phone=3<van1"},
     "phone",
     "van2 van2* desk1! conflict"},
    {"two not answered yet: the one written later",
     "person",
     {"van1 new #1 phone=1", "van2 phone=2<van1", "van3 phone=3<van1"},
     "phone",
     "van3 van3* van2! conflict"},
    {"three values",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=4<van1"},
     "phone",
     "lead1 lead1* van2! desk1! conflict"},
    {"settled by an update that had seen both",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=2<van2,desk1"},
     "phone",
     "lead1 lead1*"},
    {"settled by one who had seen only one: the other still waits",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=4<van2"},
     "phone",
     "lead1 lead1* desk1! conflict"},
    {"settled twice, differently",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "van3 #4 phone=2<van2,desk1", "desk2 #5 phone=3<van2,desk1"},
     "phone",
     "desk2 desk2* van3! conflict"},
    {"the same value twice is no conflict",
     "person",
     {"van1 new #1 place=here", "van2 #2 place=bridge<van1", "desk1 #3 place=bridge<van1"},
     "place",
     "desk1 desk1* van2*="},
    {"an NHS number with spaces is no new value",
     "person",
     {"van1 new #1 nhs_number=9434765919", "desk1 #2 nhs_number=943_476_5919"},
     "nhs_number",
     "desk1 desk1* van1*="},
    {"a phone number as somebody else types it is no new value",
     "person",
     {"van1 new #1 phone=07700900102", "van2 #2 phone=07700_900102<van1",
      "desk1 #3 phone=07700-900-102<van1"},
     "phone",
     "desk1 desk1* van2*="},
    {"white space at the ends is no new value",
     "person",
     {"van1 new #1 place=here", "van2 #2 place=bridge_<van1", "desk1 #3 place=bridge<van1"},
     "place",
     "desk1 desk1* van2*="},
    {"two of three values are the same",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=2<van1"},
     "phone",
     "lead1 lead1* van2*= desk1! conflict"},
    {"cleared is a value too",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=-<van1", "desk1 #3 phone=3<van1"},
     "phone",
     "desk1 desk1* van2! conflict"},
    {"cleared in sight of the value",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=-<van1"},
     "phone",
     "van2 van2*"},
    {"cleared twice is no conflict",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=-<van1", "desk1 #3 phone=-<van1"},
     "phone",
     "desk1 desk1* van2*="},
    {"fields do not touch each other",
     "person",
     {"van1 new #1 phone=1 place=here", "van2 #2 place=bridge<van1", "desk1 #3 phone=3<van1"},
     "phone",
     "desk1 desk1*"},
    {"each field has names of its own",
     "person",
     {"van1 new #1 place=here", "van2 #2 phone=2", "desk1 #3 place=there<van1 phone=3<van2"},
     "phone",
     "desk1 desk1*"},
    {"... whichever of them comes first",
     "person",
     {"van1 new #1 place=here", "van2 #2 phone=2", "desk1 #3 place=there<van1 phone=3<van2"},
     "place",
     "desk1 desk1*"},
    {"a predecessor that is not held is passed over",
     "person",
     {"van1 new #1 phone=1", "desk1 #3 phone=3<lead7"},
     "phone",
     "desk1 desk1* van1! conflict"},
    {"the creating change is not held",
     "person",
     {"desk1 #3 phone=3<van1"},
     "phone",
     "desk1 desk1*"},
    {"given back: what it replaced does not come back",
     "person",
     {"van1 new #1 phone=1", "desk1 stub #2 phone<van1"},
     "phone",
     "-"},
    {"given back: what replaced it is shown",
     "person",
     {"van1 new #1 phone=1", "desk1 stub #2 phone<van1", "van2 #3 phone=2<desk1"},
     "phone",
     "van2 van2*"},
    {"given back: fields it had not set stay",
     "person",
     {"van1 new #1 phone=1 place=here", "desk1 stub #2 phone<van1"},
     "place",
     "van1 van1*"},
    {"merely seen is not replaced",
     "person",
     {"van1 new #1 phone=1", "desk1 #2 retracted=mistake phone<van1"},
     "phone",
     "van1 van1*"},
    {"a change cannot have seen itself or what its device wrote later",
     "person",
     {"van1 new #1 phone=1<van1,van2", "van2 #2 phone=2<van2"},
     "phone",
     "van2 van2* van1! conflict"},
    {"a field this program does not know is kept and shown",
     "person",
     {"van1 new #1 99=a", "van2 #2 99=b<van1", "desk1 #3 99=c<van1"},
     "99",
     "desk1 desk1* van2! conflict"},
    {"... the same value twice is no conflict",
     "person",
     {"van1 new #1 99=a", "van2 #2 99=b<van1", "desk1 #3 99=b<van1"},
     "99",
     "desk1 desk1* van2*="},
    {"an entity this program does not know as well",
     "777",
     {"van1 new #1 99=a", "van2 #2 99=b<van1"},
     "99",
     "van2 van2*"},
    {"two numbers of the winter week",
     "person",
     {"van1 new #1 place=here", "van2 #5 @50 phone=07700_900102",
      "desk1 #4 @40 phone=07700_900711"},
     "phone",
     "van2 van2* desk1! conflict"},
};

static const decide_row careful_rows[] = {
    {"one safety note", "person", {"van1 new #1 safety_note=a"}, "safety_note", "van1 van1*"},
    {"two that had not seen each other stand side by side",
     "person",
     {"van1 new #1 safety_note=a", "van2 #2 safety_note=b<van1", "desk1 #3 safety_note=c<van1"},
     "safety_note",
     "desk1 desk1* van2* conflict"},
    {"risk as well",
     "person",
     {"van1 new #1 place=here", "van2 #3 risk=b", "desk1 #2 risk=c"},
     "risk",
     "van2 van2* desk1* conflict"},
    {"until somebody settles",
     "person",
     {"van1 new #1 place=here", "van2 #2 safety_note=b", "desk1 #3 safety_note=c",
      "lead1 #4 safety_note=b_and_c<van2,desk1"},
     "safety_note",
     "lead1 lead1*"},
    {"a safety note taken away beside one that is not",
     "person",
     {"van1 new #1 safety_note=a", "van2 #3 safety_note=-<van1", "desk1 #2 safety_note=c<van1"},
     "safety_note",
     "van2 van2* desk1* conflict"},
};

static const decide_row first_rows[] = {
    {"filled when it was made",
     "help_request",
     {"van1 new #1 person=aid9"},
     "person",
     "van1 van1*"},
    {"filled later, once",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=aid9"},
     "person",
     "desk1 desk1*"},
    {"filled twice: the first to reach the hub stands, the other one is told",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #3 @10 person=aid9", "lead1 #2 @90 person=aid8"},
     "person",
     "lead1 lead1* desk1! conflict"},
    {"never changed, even in sight of it",
     "help_request",
     {"van1 new #1 person=aid9", "desk1 #2 person=aid8<van1"},
     "person",
     "van1 van1* desk1! conflict"},
    {"never cleared",
     "help_request",
     {"van1 new #1 person=aid9", "desk1 #2 person=-<van1"},
     "person",
     "van1 van1* desk1! conflict"},
    {"cleared before it was filled is not filled",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=-", "lead1 #3 person=aid8<desk1"},
     "person",
     "lead1 lead1*"},
    {"cleared and never filled: nobody",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=-"},
     "person",
     "- desk1!"},
    {"the same person twice is no conflict",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=aid9", "van1 #3 person=aid9"},
     "person",
     "desk1 desk1* van1*="},
    {"seq 1 of two devices is not the same person, though both write it alike",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk2 #2 person=desk1", "van2 #3 person=van1"},
     "person",
     "desk2 desk2* van2! conflict"},
    {"the same person by a name of one's own and of another's",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk2 #2 person=desk1", "van2 #3 person=desk1"},
     "person",
     "desk2 desk2* van2*="},
    {"not answered yet comes after what is",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 person=lead9", "van1 #3 person=aid9"},
     "person",
     "van1 van1* desk1! conflict"},
};

static const decide_row protect_rows[] = {
    {"a consent's facts are as they were written",
     "consent",
     {"van1 new #1 decision=given"},
     "decision",
     "van1 van1*"},
    {"an update of a consent event changes nothing",
     "consent",
     {"van1 new #1 decision=withdrawn", "desk1 #2 decision=given<van1"},
     "decision",
     "van1 van1*"},
    {"nor does it fill what was left out",
     "consent",
     {"van1 new #1 decision=given", "desk1 #2 ends_on=2030-01-01"},
     "ends_on",
     "-"},
    {"nor does it retract it",
     "consent",
     {"van1 new #1 decision=withdrawn", "desk1 #2 retracted=mistake decision<van1"},
     "retracted",
     "-"},
    {"a join is as it was written",
     "join",
     {"van1 new #1 same_as=aid9", "desk1 #2 same_as=aid8<van1"},
     "same_as",
     "van1 van1*"},
    {"what was counted or asked on a day is as it was written, though its record may be taken back",
     "score",
     {"van1 new #1 total=2", "desk1 #2 total=3<van1"},
     "total",
     "van1 van1*"},
    {"a legal gateway too",
     "legal_gateway",
     {"van1 new #1 ends_on=2026-01-01", "desk1 #2 ends_on=2036-01-01<van1"},
     "ends_on",
     "van1 van1*"},
};

static const decide_row kinds_rows[] = {
    {"info: all heads count",
     "contact",
     {"van1 new #1 info=housing", "van2 #2 info=money<van1", "van3 #3 info=offending<van1"},
     "info",
     "van3 van3* van2* conflict"},
    {"info: replaced in sight",
     "contact",
     {"van1 new #1 info=housing", "van2 #2 info=money<van1"},
     "info",
     "van2 van2*"},
};

DECIDE_RULE_TEST(latest)
DECIDE_RULE_TEST(careful)
DECIDE_RULE_TEST(first)
DECIDE_RULE_TEST(protect)
DECIDE_RULE_TEST(kinds)

/* A head that is not shown tells since when: the later stamp of the two. */
static void test_decide_field__told_since_both_are_at_the_hub(void **state)
{
    (void)state;
    const char *lines[] = {"van1 new #1 phone=1", "van2 #2 @300 phone=2<van1",
                           "desk1 #3 @200 phone=3<van1", "lead1 phone=4<van1", NULL};
    record_rows *rows = record_rows_read("person", lines);
    tp_field_state f = tp_decide_field(&rows->record, TP_PERSON_PHONE, 0, &rows->room);
    assert_string_equal(record_rows_text(rows, f.shown), "lead1");
    assert_int_equal(rows->room.heads[1].told_since_ms, 0);
    rows->record.count--; /* without lead1, which the hub has not answered */
    tp_decide_prepare(&rows->record, &rows->room);
    f = tp_decide_field(&rows->record, TP_PERSON_PHONE, 0, &rows->room);
    assert_string_equal(record_rows_text(rows, rows->room.heads[1].at), "desk1");
    assert_int_equal(rows->room.heads[0].told_since_ms, 0);
    assert_int_equal(rows->room.heads[1].told_since_ms, 300);
    record_rows_free(rows);
}

/* Where the first holds and not the latest, the one that does not may be the later of the two. */
static void test_decide_field__told_since_where_the_first_stands(void **state)
{
    (void)state;
    static const struct {
        const char *told;
        int64_t since_ms;
    } cases[] = {{"desk1 #3 @900 person=aid9", 900},
                 {"desk1 #3 @20 person=aid9", 50},
                 {"desk1 person=aid9", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *lines[] = {"kiosk1 new #1 words=tea", "lead1 #2 @50 person=aid8", cases[i].told,
                               NULL};
        record_rows *rows = record_rows_read("help_request", lines);
        tp_field_state f = tp_decide_field(&rows->record, TP_FIELD_PERSON, 0, &rows->room);
        assert_string_equal(record_rows_text(rows, f.shown), "lead1");
        assert_string_equal(record_rows_text(rows, rows->room.heads[1].at), "desk1");
        assert_true(rows->room.heads[1].is_told);
        assert_int_equal(rows->room.heads[1].told_since_ms, cases[i].since_ms);
        record_rows_free(rows);
    }
}

static void test_decide_field__that_is_set_once_is_protected_by_its_row(void **state)
{
    (void)state;
    unsigned once = 0;
    for (const tp_entity_row *entity = tp_entities; entity->code != 0; entity++) {
        for (const tp_field_row *field = entity->fields; field->code != 0; field++) {
            if ((field->flags & TP_FIELD_ONCE) != 0) {
                assert_int_equal(field->rule, TP_RULE_PROTECT);
                once++;
            }
        }
    }
    assert_true(once > 10);
}

static void test_decide_next_field__lists_what_is_set_in_order(void **state)
{
    (void)state;
    const char *lines[] = {"van1 new #1 phone=1 99=x", "van2 #2 retracted=mistake place<van1",
                           "desk1 #3 preferred_name=Baz", NULL};
    record_rows *rows = record_rows_read("person", lines);
    assert_int_equal(tp_decide_next_field(&rows->record, 0), TP_FIELD_RETRACTED);
    assert_int_equal(tp_decide_next_field(&rows->record, TP_FIELD_RETRACTED),
                     TP_PERSON_PREFERRED_NAME);
    assert_int_equal(tp_decide_next_field(&rows->record, TP_PERSON_PREFERRED_NAME),
                     TP_PERSON_PHONE);
    assert_int_equal(tp_decide_next_field(&rows->record, TP_PERSON_PHONE), 99);
    assert_int_equal(tp_decide_next_field(&rows->record, 99), 0);
    record_rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_latest__each_row_in_any_order),
        cmocka_unit_test(test_decide_careful__each_row_in_any_order),
        cmocka_unit_test(test_decide_first__each_row_in_any_order),
        cmocka_unit_test(test_decide_protect__each_row_in_any_order),
        cmocka_unit_test(test_decide_kinds__each_row_in_any_order),
        cmocka_unit_test(test_decide_field__told_since_both_are_at_the_hub),
        cmocka_unit_test(test_decide_field__told_since_where_the_first_stands),
        cmocka_unit_test(test_decide_field__that_is_set_once_is_protected_by_its_row),
        cmocka_unit_test(test_decide_next_field__lists_what_is_set_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
