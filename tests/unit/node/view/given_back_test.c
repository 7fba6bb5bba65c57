/* Whose details were given back, and what remains to know them by.
 *
 * Shows P11. */
#include "node/view/given_back.h"

#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *const two[] = {"street-outreach", "friary", NULL};
enum { VAN, DESK };

static tp_err err;

static uint32_t count_of(meeting *m, uint32_t at)
{
    uint32_t count = 99;
    assert_int_equal(tp_given_back_count(m->at[at].node.view, meeting_read(m, at), &count, &err),
                     TP_OK);
    meeting_read_end(m);
    return count;
}

static void test_view_given_back__what_the_agency_wrote_itself_leads_to_the_person(void **state)
{
    (void)state;
    meeting m;
    tp_given_back_list list;
    meeting_open(&m, two);
    const tp_name baz = meeting_person(&m, VAN, "Baz");
    const tp_name sean = meeting_person(&m, VAN, "Sean");
    const tp_name amina = meeting_person(&m, VAN, "Amina");
    const tp_name contact = meeting_contact(&m, VAN, baz, "of the van");
    meeting_sync_all(&m);
    meeting_contact(&m, DESK, baz, "first night");
    meeting_wait(&m, 60000);
    const tp_name last = meeting_contact(&m, DESK, baz, "second night");
    const tp_name own = meeting_contact(&m, DESK, sean, "taken back later");
    meeting_write(&m, DESK,
                  "{'op':'retract','entity':'contact','worker':'Mo','record':'%s',"
                  "'set':{'reason':'mistake'}}",
                  meeting_name(own));
    meeting_sync_all(&m);
    assert_int_equal(count_of(&m, DESK), 0);
    meeting_give_back(&m, DESK, &sean, 1);
    meeting_wait(&m, 60000);
    const tp_name of_baz[] = {baz, contact};
    meeting_give_back(&m, DESK, of_baz, 2);
    meeting_give_back(&m, DESK, &amina, 1); /* nothing of the desk's own: not even a name stays */
    assert_int_equal(count_of(&m, DESK), 2);
    assert_int_equal(tp_given_back_read(m.at[DESK].node.view, meeting_read(&m, DESK), &list, &err),
                     TP_OK);
    meeting_read_end(&m);
    assert_int_equal(list.count, 2);
    assert_true(tp_name_eq(list.people[0].person, baz));
    assert_int_equal(list.people[0].given_back_ms, MEETING_NOW_MS + 120000);
    assert_int_equal(list.people[0].records_count, 2);
    assert_true(tp_name_eq(list.people[0].last->name, last));
    assert_true(tp_name_eq(list.people[1].person, sean));
    assert_int_equal(list.people[1].records_count, 0);
    assert_null(list.people[1].last);
    tp_given_back_done(&list);
    assert_int_equal(count_of(&m, VAN), 0);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_given_back__what_the_agency_wrote_itself_leads_to_the_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
