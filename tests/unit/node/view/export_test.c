/* What an export walks over: every record once, in one order, whole or in parts.
 *
 * Shows no promise: what leaves on paper. */
#include "node/view/export.h"

#include "node/record/settle.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { SEEN_MAX = 16 };

static const char *const two[] = {"street-outreach", "friary", NULL};
static tp_err err;

typedef struct seen {
    tp_export_walk walk;
    uint32_t part_max; /* records of one part */
    uint32_t began_at;
    tp_name names[SEEN_MAX];
    uint32_t count;
} seen;

static tp_rc note(void *context, const tp_shown *shown, tp_err *each_err)
{
    (void)each_err;
    seen *s = context;
    assert_true(s->count < SEEN_MAX);
    assert_true(s->walk.at >= 1 && s->walk.at <= s->walk.count);
    s->names[s->count++] = shown->name;
    s->walk.is_enough = s->walk.at - s->began_at >= s->part_max;
    return TP_OK;
}

static void go(meeting *m, seen *s)
{
    s->began_at = s->walk.at;
    s->walk.is_enough = false;
    if (tp_export_go(m->at[0].node.view, meeting_read(m, 0), &s->walk, note, s, &err) != TP_OK) {
        fail_msg("%s", err.what);
    }
}

static bool has(const seen *s, tp_name name)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        count += tp_name_eq(s->names[i], name);
    }
    return count == 1;
}

/* Two records of Baz, joined, and what was said of either; a note that was taken back. */
static tp_name fill(meeting *m, tp_name *hidden_out)
{
    tp_write_result done;
    tp_name baz = meeting_person(m, 0, "Baz");
    tp_name barry = meeting_person(m, 0, "Barry");
    meeting_contact(m, 0, baz, "one");
    meeting_contact(m, 0, barry, "two");
    *hidden_out = meeting_contact(m, 0, baz, "three");
    meeting_write(m, 0,
                  "{'op':'join','record':'%s','worker':'Dee','set':{'same_as':'%s','why':'x'}}",
                  meeting_name(baz), meeting_name(barry));
    assert_int_equal(tp_retract_write(&m->at[0].node, tp_slice_str("Dee"), *hidden_out,
                                      tp_slice_str("mistake"), &done, &err),
                     TP_OK);
    return baz;
}

static void test_view_export__walks_over_every_record_once(void **state)
{
    (void)state;
    meeting m;
    tp_name hidden;
    meeting_open(&m, two);
    tp_name baz = fill(&m, &hidden);
    tp_name amina = meeting_person(&m, 0, "Amina");
    tp_name tea = meeting_write(
        &m, 0, "{'op':'create','entity':'help_request','worker':'Dee','set':{'words':'Tea'}}");
    seen all = {.part_max = SEEN_MAX};
    go(&m, &all);
    assert_int_equal(all.count, 8);
    assert_int_equal(all.walk.count, 8);
    assert_true(has(&all, hidden) && has(&all, amina) && has(&all, tea));
    seen one = {.part_max = SEEN_MAX, .walk = {.person = baz}};
    go(&m, &one);
    assert_int_equal(one.count, 6);
    assert_int_equal(one.walk.count, 6);
    assert_true(has(&one, hidden) && !has(&one, amina) && !has(&one, tea));
    meeting_close(&m);
}

static void test_view_export__in_parts_is_the_same(void **state)
{
    (void)state;
    meeting m;
    tp_name hidden;
    meeting_open(&m, two);
    tp_name baz = fill(&m, &hidden);
    seen whole = {.part_max = SEEN_MAX, .walk = {.person = baz}};
    go(&m, &whole);
    for (uint32_t max = 1; max <= whole.count; max++) {
        seen parts = {.part_max = max, .walk = {.person = baz}};
        uint32_t turns = 0;
        do {
            go(&m, &parts);
            turns++;
        } while (parts.walk.at < parts.walk.count);
        assert_int_equal(turns, (whole.count + max - 1) / max);
        assert_int_equal(parts.count, whole.count);
        assert_memory_equal(parts.names, whole.names, whole.count * sizeof(tp_name));
    }
    seen counted = {.part_max = 1, .walk = {.person = baz, .is_enough = true}};
    assert_int_equal(
        tp_export_go(m.at[0].node.view, meeting_read(&m, 0), &counted.walk, note, &counted, &err),
        TP_OK);
    assert_int_equal(counted.count, 0);
    assert_int_equal(counted.walk.count, whole.count);
    meeting_close(&m);
}

/* Of what was given back the name is left, and that is what stands in the file. */
static void test_view_export__shows_what_was_given_back_as_bare(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, two);
    tp_name baz = meeting_person(&m, 1, "Baz");
    meeting_sync_all(&m);
    meeting_contact(&m, 0, baz, "ours");
    meeting_sync_all(&m);
    meeting_give_back(&m, 0, &baz, 1);
    seen s = {.part_max = SEEN_MAX, .walk = {.person = baz}};
    go(&m, &s);
    assert_int_equal(s.count, s.walk.count);
    assert_true(has(&s, baz));
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_export__walks_over_every_record_once),
        cmocka_unit_test(test_view_export__in_parts_is_the_same),
        cmocka_unit_test(test_view_export__shows_what_was_given_back_as_bare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
