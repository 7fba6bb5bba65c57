/* The kinds of a record, case by case (design section 5), in any order of arrival.
 *
 * Shows P10, P11, P17. */
#include "platform/base/alloc.h"
#include "schema/kind.h"
#include "sync/access/kinds.h"
#include "tests/support/record_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum { LINES = 6, ORDERS = 24 };

static const struct {
    const char *name;
    const char *entity;
    const char *lines[LINES]; /* van, who creates, is of street-outreach */
    const char *kinds;        /* in the order of schema/kind.h */
    const char *attempt;      /* whose attempt to take kinds away is for review; NULL: none */
    const char *attempted;
} rows[] = {
    {"nothing said: general", "contact", {"van1 new #1 note=a"}, "general", NULL, ""},
    {"an empty list: general", "contact", {"van1 new #1 info=-"}, "general", NULL, ""},
    {"what the writer said",
     "contact",
     {"van1 new #1 info=housing+money"},
     "housing,money",
     NULL,
     ""},
    {"a kind this program does not know",
     "contact",
     {"van1 new #1 info=astrology+housing"},
     "housing,unknown",
     NULL,
     ""},
    {"a field that is of a kind itself",
     "score",
     {"van1 new #1 housing=2"},
     "housing,mental_health",
     NULL,
     ""},
    {"... but not one that was merely seen",
     "score",
     {"van1 new #1 total=2", "van2 #2 retracted=mistake housing<van1"},
     "mental_health",
     NULL,
     ""},
    {"a field this program does not know is of the kinds the envelope says",
     "contact",
     {"van1 new #1 99=a envelope=money"},
     "money",
     NULL,
     ""},
    {"every kind in any head",
     "contact",
     {"van1 new #1 note=a", "van2 #2 info=housing", "desk1 #3 info=money"},
     "housing,money",
     NULL,
     ""},
    {"the creating agency takes kinds away",
     "contact",
     {"van1 new #1 info=housing+money", "van2 #2 info=money<van1"},
     "money",
     NULL,
     ""},
    {"the creating agency takes all kinds away",
     "contact",
     {"van1 new #1 info=housing", "van2 #2 info=-<van1"},
     "general",
     NULL,
     ""},
    {"not what it had not seen",
     "contact",
     {"van1 new #1 info=housing", "van2 #2 info=money", "van3 #3 info=-<van1"},
     "money",
     NULL,
     ""},
    {"another agency adds kinds",
     "contact",
     {"van1 new #1 info=housing", "desk1 #2 info=housing+money<van1"},
     "housing,money",
     NULL,
     ""},
    {"another agency's names of what is not held are passed over",
     "contact",
     {"van1 new #1 info=housing", "desk1 #2 info=money<lead7"},
     "housing,money",
     NULL,
     ""},
    {"another agency takes none away: for review",
     "contact",
     {"van1 new #1 info=housing+money", "desk1 #2 info=money<van1"},
     "housing,money",
     "desk1",
     "housing"},
    {"... nor one that nobody has said is another, or the same",
     "contact",
     {"stray1 new #1 info=housing+money", "waif1 #2 info=money<stray1"},
     "housing,money",
     "waif1",
     "housing"},
    {"... unless it is the device that took it",
     "contact",
     {"stray1 new #1 info=housing+money", "stray2 #2 info=money<stray1"},
     "money",
     NULL,
     ""},
    {"... not even by clearing",
     "contact",
     {"van1 new #1 info=housing", "desk1 #2 info=-<van1"},
     "housing",
     "desk1",
     "housing"},
    {"... nor over two steps",
     "contact",
     {"van1 new #1 info=housing+money", "desk1 #2 info=housing+money<van1",
      "lead1 #3 info=money<desk1"},
     "housing,money",
     "lead1",
     "housing"},
    {"... nor in two halves",
     "contact",
     {"van1 new #1 info=housing+money", "desk1 #2 info=money<van1", "lead1 #3 info=-<desk1"},
     "housing,money",
     "desk1",
     "housing"},
    {"... nor by two that name each other",
     "contact",
     {"van1 new #1 info=housing+money", "desk1 #2 info=money<van1,lead1",
      "lead1 #3 info=money<desk1", "aid1 #4 info=money<lead1"},
     "housing,money",
     "desk1",
     "housing"},
    {"the creating agency settles the attempt",
     "contact",
     {"van1 new #1 info=housing+money", "desk1 #2 info=money<van1", "van2 #3 info=money<desk1"},
     "money",
     NULL,
     ""},
    {"the creating agency refuses the attempt",
     "contact",
     {"van1 new #1 info=housing+money", "desk1 #2 info=money<van1",
      "van2 #3 info=housing+money<desk1"},
     "housing,money",
     NULL,
     ""},
    {"an attempt beside the creating agency's own update still waits",
     "contact",
     {"van1 new #1 info=housing+money", "desk1 #2 info=money<van1", "van2 #3 info=money<van1"},
     "housing,money",
     "desk1",
     "housing"},
    {"a need's own kind", "need", {"van1 new #1 kind=mental_health"}, "mental_health", NULL, ""},
    {"a need's kind and what the writer said",
     "need",
     {"van1 new #1 kind=mental_health info=offending"},
     "mental_health,offending",
     NULL,
     ""},
    {"a need of an unknown kind", "need", {"van1 new #1 kind=astrology"}, "unknown", NULL, ""},
    {"a need's kind, put right by its agency",
     "need",
     {"van1 new #1 kind=mental_health", "van2 #2 kind=housing<van1"},
     "housing",
     NULL,
     ""},
    {"a need's kind, cleared by its agency",
     "need",
     {"van1 new #1 kind=mental_health", "van2 #2 kind=-<van1"},
     "general",
     NULL,
     ""},
    {"a need's kind, changed by another: it keeps its own",
     "need",
     {"van1 new #1 kind=domestic_abuse", "desk1 #2 kind=housing<van1"},
     "housing,domestic_abuse",
     "desk1",
     "domestic_abuse"},
    {"a legal gateway is safeguarding",
     "legal_gateway",
     {"van1 new #1 basis=law"},
     "safeguarding",
     NULL,
     ""},
    {"what its author's program wrote in the envelope",
     "contact",
     {"van1 new #1 note=a envelope=money"},
     "money",
     NULL,
     ""},
    {"the envelope of any change that is held",
     "contact",
     {"van1 new #1 info=housing", "desk1 #2 note=b envelope=money"},
     "housing,money",
     NULL,
     ""},
    {"an envelope stays, whatever is taken away",
     "contact",
     {"van1 new #1 info=housing envelope=money", "van2 #2 info=-<van1"},
     "money",
     NULL,
     ""},
    {"an envelope with an unknown kind",
     "contact",
     {"van1 new #1 note=a envelope=astrology"},
     "unknown",
     NULL,
     ""},
    {"an unknown entity", "777", {"van1 new #1 99=a"}, "unknown", NULL, ""},
    {"given back: what another agency may have added on top of is not lost",
     "contact",
     {"van1 new #1 info=housing", "desk1 stub #2 info<van1"},
     "housing",
     NULL,
     ""},
};

static void render(uint32_t mask, char *out, size_t room)
{
    size_t at = 0;
    out[0] = '\0';
    for (int kind = 0; kind < 32; kind++) {
        if ((mask & TP_KIND_BIT(kind)) != 0) {
            at += (size_t)snprintf(out + at, room - at, "%s%s", at == 0 ? "" : ",",
                                   tp_kind_name((tp_kind)kind));
        }
    }
}

static void test_kinds__each_row_in_any_order(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        record_rows *r = record_rows_read(rows[i].entity, rows[i].lines);
        for (int order = 0; order < ORDERS; order++) {
            char text[200];
            tp_kinds kinds = tp_kinds_of_record(&r->record);
            render(kinds.mask, text, sizeof text);
            if (strcmp(text, rows[i].kinds) != 0) {
                fail_msg("%s: %s", rows[i].name, text);
            }
            render(kinds.attempt_kinds, text, sizeof text);
            if (kinds.has_attempt != (rows[i].attempt != NULL) ||
                strcmp(text, rows[i].attempted) != 0) {
                fail_msg("%s: attempt at \"%s\"", rows[i].name, text);
            }
            if (kinds.has_attempt &&
                strcmp(record_rows_text(r, kinds.attempt), rows[i].attempt) != 0) {
                fail_msg("%s: attempt of %s", rows[i].name, record_rows_text(r, kinds.attempt));
            }
            record_rows_shuffle(r, &seed);
        }
        record_rows_free(r);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

/* What cannot be judged is covered by no consent. */
static void test_kinds__of_too_many_changes_are_unknown(void **state)
{
    (void)state;
    tp_record record = {.entity = TP_CONTACT, .count = TP_RECORD_CHANGES_MAX + 1};
    assert_int_equal(tp_kinds_of_record(&record).mask, TP_KIND_BIT(TP_KIND_UNKNOWN));
}

static void test_kinds__of_a_value_nobody_can_read_are_unknown(void **state)
{
    (void)state;
    const char *lines[] = {"van1 new #1 info=housing", NULL};
    record_rows *r = record_rows_read("contact", lines);
    r->decoded[0].fields[0].value = tp_slice_of("\x81", 1); /* an array without its item */
    assert_int_equal(tp_kinds_of_record(&r->record).mask, TP_KIND_BIT(TP_KIND_UNKNOWN));
    record_rows_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds__each_row_in_any_order),
        cmocka_unit_test(test_kinds__of_too_many_changes_are_unknown),
        cmocka_unit_test(test_kinds__of_a_value_nobody_can_read_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
