/* Taken back, for good or not, and brought back: of the record and of the field, row by row.
 *
 * Shows P8, P9. */
#include "sync/merge/decide.h"

#include "platform/base/alloc.h"
#include "tests/support/decide_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const decide_row retracted_rows[] = {
    {"taken back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1"},
     "retracted",
     "van2 van2*"},
    {"taken back twice for two reasons",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted=written_twice note<van1"},
     "retracted",
     "desk1 desk1* van2"},
    {"brought back by an update that had not seen it: whoever took it back is told",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1"},
     "retracted",
     "- van2! conflict"},
    {"brought back in sight of it",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "van3 #3 retracted=-<van2"},
     "retracted",
     "van3 van3*"},
    {"brought back twice at once",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "van3 #4 retracted=-<van2",
      "desk1 #3 retracted=-<van2"},
     "retracted",
     "van3 van3* desk1*="},
    {"brought back again in sight of that",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "van3 #3 retracted=-<van2",
      "desk1 #4 retracted=-<van3"},
     "retracted",
     "desk1 desk1*"},
    {"a final reason stands beside whoever may not bring it back",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=-<desk1"},
     "retracted",
     "desk1 desk1* lead1"},
};

DECIDE_RULE_TEST(retracted)

/* Expected: "shown", "hidden by R", "final by R", "back R answered by U". */
static const decide_row retraction_rows[] = {
    {"never taken back", "contact", {"van1 new #1 note=a"}, "", "shown"},
    {"taken back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1"},
     "",
     "hidden by van2"},
    {"an empty record taken back on another device",
     "contact",
     {"van1 new #1", "desk1 #2 retracted=mistake"},
     "",
     "hidden by desk1"},
    {"taken back after updates it had seen",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 note=b<van1", "lead1 #3 note=c<desk1",
      "van2 #4 retracted=mistake note<lead1"},
     "",
     "hidden by van2"},
    {"an update that had not seen it brings it back, flagged",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1"},
     "",
     "back van2 answered by desk1"},
    {"... also one that reached the hub before it",
     "contact",
     {"van1 new #1 note=a", "van2 #3 retracted=mistake note<van1", "desk1 #2 note=b<van1"},
     "",
     "back van2 answered by desk1"},
    {"... also of a field that was never set",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 place=b"},
     "",
     "back van2 answered by desk1"},
    {"of several such updates the latest is named",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #4 note=b<van1",
      "lead1 #3 place=b"},
     "",
     "back van2 answered by desk1"},
    {"an update that had seen it leaves it hidden",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 note=b<van1 retracted<van2"},
     "",
     "hidden by van2"},
    {"... whatever else it had seen",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted<van2 note=b<van1"},
     "",
     "hidden by van2"},
    {"one that names itself, or what is not held, is as any other",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake<van2,lead7 note<van1"},
     "",
     "hidden by van2"},
    {"what its own device wrote before it was seen",
     "contact",
     {"van1 new #1 note=a", "van2 #2 place=x", "van3 #3 retracted=mistake note<van1"},
     "",
     "hidden by van3"},
    {"brought back in sight of it",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 retracted=-<van2"},
     "",
     "shown"},
    {"brought back, and taken back again",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 retracted=-<van2",
      "lead1 #4 retracted=mistake<desk1 note<van1"},
     "",
     "hidden by lead1"},
    {"brought back, and taken back by somebody who had not seen that: flagged",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 retracted=-<van2",
      "lead1 #4 retracted=mistake note<van1"},
     "",
     "back lead1 answered by desk1"},
    {"flagged, and taken back in sight of the update",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1",
      "van3 #4 retracted=mistake<van2 note<desk1"},
     "",
     "hidden by van3"},
    {"flagged, and brought back in sight of it: settled",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1",
      "van3 #4 retracted=-<van2"},
     "",
     "shown"},
    {"taken back twice at once: neither is an update that brings it back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted=written_twice note<van1"},
     "",
     "hidden by desk1"},
    {"taken back twice, one of them answered: hidden by the other",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted=written_twice note<van1", "lead1 #4 note=b<van1 retracted<desk1"},
     "",
     "hidden by desk1"},
    {"another reason in sight of the first",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "van3 #3 retracted=written_twice<van2 note<van1"},
     "",
     "hidden by van3"},
    {"wrong person is final: no update brings it back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=wrong_person note<van1", "desk1 #3 note=b<van1"},
     "",
     "final by van2"},
    {"should not have travelled is final",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=should_not_have_travelled note<van1",
      "lead1 #3 note=b<van1"},
     "",
     "final by desk1"},
    {"final beside another reason: final counts",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=wrong_person note<van1",
      "desk1 #3 retracted=mistake note<van1"},
     "",
     "final by van2"},
    {"final: brought back by the creating agency in sight of it",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "van2 #3 retracted=-<desk1"},
     "",
     "shown"},
    {"final: brought back by who had said so",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "desktwo1 #3 retracted=-<desk1"},
     "",
     "shown"},
    {"final: not brought back by anybody else",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=-<desk1"},
     "",
     "final by desk1"},
    {"final: not softened by anybody else's reason",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=mistake<desk1 note<van1"},
     "",
     "final by desk1"},
    {"final: another final reason takes its place",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=should_not_have_travelled<desk1 note<van1"},
     "",
     "final by lead1"},
    {"final: ... and whoever may bring it back answers that one alone",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=should_not_have_travelled<desk1 note<van1", "van2 #4 retracted=-<lead1"},
     "",
     "shown"},
    {"a reason in somebody's own words hides it",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=said_by_a_friend note<van1"},
     "",
     "hidden by van2"},
    {"a retraction given back and brought back since stays ended",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 stub #3 retracted<van2"},
     "",
     "shown"},
    {"an update given back brings nothing back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 stub #3 note<van1"},
     "",
     "hidden by van2"},
    {"a consent event is never retracted",
     "consent",
     {"van1 new #1 decision=withdrawn", "van2 #2 retracted=wrong_person decision<van1"},
     "",
     "shown"},
    {"a record of an unknown entity is shown as it is",
     "777",
     {"van1 new #1 99=a", "van2 #2 2=wrong_person"},
     "",
     "shown"},
};

static void test_decide_retraction__each_row_in_any_order(void **state)
{
    (void)state;
    unsigned seed = 6;
    for (size_t i = 0; i < sizeof retraction_rows / sizeof retraction_rows[0]; i++) {
        const decide_row *r = &retraction_rows[i];
        record_rows *rows = record_rows_read(r->entity, r->lines);
        for (int order = 0; order < DECIDE_ORDERS; order++) {
            tp_retraction t = tp_decide_retraction(&rows->record, &rows->room);
            char text[100] = "shown";
            assert_false(t.is_hidden && t.is_brought_back);
            if (t.is_hidden) {
                (void)snprintf(text, sizeof text, "%s by %s", t.is_final ? "final" : "hidden",
                               record_rows_text(rows, t.by));
            } else if (t.is_brought_back) {
                (void)snprintf(text, sizeof text, "back %s answered by %s",
                               record_rows_text(rows, t.by), record_rows_text(rows, t.answered_by));
            }
            if (strcmp(text, r->expected) != 0) {
                fail_msg("%s: \"%s\", not \"%s\"", r->name, text, r->expected);
            }
            record_rows_shuffle(rows, &seed);
        }
        record_rows_free(rows);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_retracted__each_row_in_any_order),
        cmocka_unit_test(test_decide_retraction__each_row_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
