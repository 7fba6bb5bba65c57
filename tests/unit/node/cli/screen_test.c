/* Who holds a request, in words on a terminal.
 *
 * Shows P7. */
#include "node/cli/screen.h"

#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum { VAN, DESK, ROOM = 400 };

static const char *const two[] = {"street-outreach", "friary", NULL};
static tp_err err;

/* What `show` prints of the holder. */
static void print_holder(meeting *m, uint32_t at, tp_name request, char out[ROOM])
{
    tp_screen s;
    const tp_shown *shown = NULL;
    tp_call call = {.context = &m->at[at].node};
    memset(out, 0, ROOM);
    call.out = fmemopen(out, ROOM, "w");
    assert_non_null(call.out);
    assert_int_equal(tp_screen_begin(&s, &call, &err), TP_OK);
    assert_int_equal(tp_shown_load(s.view, &s.tx, request, &m->arena, &shown, &err), TP_OK);
    tp_screen_field(&s, shown, tp_shown_field_of(shown, TP_REQUEST_HOLDER), NULL, 0, 0);
    assert_int_equal(tp_screen_done(&s, TP_OK, &err), TP_OK);
    fclose(call.out);
}

static tp_name make_request(meeting *m)
{
    const tp_name baz = meeting_person(m, VAN, "Baz");
    return meeting_write(m, VAN,
                         "{'op':'create','entity':'help_request','worker':'Dee','set':"
                         "{'person':'%s','words':'Somewhere dry'}}",
                         meeting_name(baz));
}

static void test_cli_screen__who_holds_it_is_named(void **state)
{
    (void)state;
    meeting m;
    char out[ROOM];
    meeting_open(&m, two);
    const tp_name request = make_request(&m);
    meeting_sync_all(&m);
    print_holder(&m, DESK, request, out);
    assert_string_equal(out, "Held by: Dee, street-outreach\n");
    meeting_close(&m);
}

/* As with a hub that was made anew and was told to wait for nobody: the device that took it is not
 * admitted there.  Nobody holds it by that device's word, and the line says who does. */
static void test_cli_screen__a_request_of_an_unknown_device_is_not_held_by_nobody(void **state)
{
    (void)state;
    meeting m;
    char out[ROOM];
    meeting_open_apart(&m, two);
    const tp_name request = make_request(&m);
    meeting_sync_all(&m);
    print_holder(&m, DESK, request, out);
    assert_string_equal(out, "Held by: an agency not known here yet (nobody named); "
                             "offered to Dee,\nstreet-outreach\n");
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cli_screen__who_holds_it_is_named),
        cmocka_unit_test(test_cli_screen__a_request_of_an_unknown_device_is_not_held_by_nobody),
    };
    return cmocka_run_group_tests_name("unit.node.cli.screen", tests, NULL, NULL);
}
