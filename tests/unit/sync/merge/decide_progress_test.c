/* Work that goes on and is begun again: the rule of progress, row by row.
 *
 * Shows P6, P17. */
#include "sync/merge/decide.h"

#include "tests/support/decide_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const decide_row progress_rows[] = {
    {"on it goes",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=held<van1"},
     "status",
     "desk1 desk1*"},
    {"the furthest on, not the latest",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=held<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"withdrawn by the person is furthest",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=withdrawn<van1", "van2 #3 status=answered<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"reopened in sight of the answer",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1"},
     "status",
     "van2 van2*"},
    {"a reopening that had seen as far as anybody got wins",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "lead1 #4 status=held<van1"},
     "status",
     "van2 van2* lead1! conflict"},
    {"... also over another answer",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "lead1 #4 status=answered<van1"},
     "status",
     "van2 van2* lead1! conflict"},
    {"a reopening that had not seen how far somebody else got does not",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "lead1 #4 status=withdrawn<van1"},
     "status",
     "lead1 lead1* van2! conflict"},
    {"going back without having seen further is no reopening",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"whoever goes on from a reopening had seen what it saw",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "van3 #4 status=held<van2", "lead1 #5 status=answered<van1"},
     "status",
     "van3 van3* lead1! conflict"},
    {"two reopenings: the furthest on of them",
     "help_request",
     {"van1 new #1 status=answered", "desk1 #3 status=open<van1", "van2 #2 status=held<van1"},
     "status",
     "van2 van2* desk1! conflict"},
    {"the same state twice is no conflict",
     "help_request",
     {"van1 new #1 status=open", "desk1 #3 status=answered<van1", "van2 #2 status=answered<van1"},
     "status",
     "desk1 desk1* van2*="},
    {"an unknown state is further than answered, and shown as written",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=paused<van1", "van2 #3 status=answered<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"an unknown state does not outdo the person's own word",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=paused<van1", "van2 #3 status=withdrawn<van1"},
     "status",
     "van2 van2* desk1! conflict"},
    {"an action: done is furthest",
     "action",
     {"van1 new #1 status=open", "desk1 #2 status=done<van1", "van2 #3 status=doing<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"an action taken up again in sight of its being done",
     "action",
     {"van1 new #1 status=open", "desk1 #2 status=done<van1", "van2 #3 status=doing<desk1",
      "lead1 #4 status=doing<van1"},
     "status",
     "van2 van2* lead1*="},
    {"cleared in sight of it is going back, too",
     "help_request",
     {"van1 new #1 status=open", "desk1 #3 status=-<van1", "van2 #2 status=open<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"cleared without having seen it is the least far",
     "help_request",
     {"van1 new #1 status=open", "desk1 #3 status=-", "van2 #2 status=held<van1"},
     "status",
     "van2 van2* desk1! conflict"},
};

DECIDE_RULE_TEST(progress)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_progress__each_row_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
