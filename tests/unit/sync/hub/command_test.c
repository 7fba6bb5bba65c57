/* What the hub's commands take for a record's name.
 *
 * Shows P11. */
#include "sync/hub/command.h"

#include "platform/base/encode.h"
#include "schema/name_text.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define GIVEN "decision=given how=spoken capacity=believed_to_have"
#define GIVING "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN

static tp_err err;

static const uint64_t devices[] = {0x3fa2000000000001u, 0x3fa2000000000002u, 0x3fa7000000000001u,
                                   0x8000000000000001u};

/* Reads a name where these devices are enrolled. */
static tp_rc read_name(hub_stage *stage, tp_call *call, const char *text, tp_name *name)
{
    tp_hub *hub = hub_stage_hub(stage);
    *call = (tp_call){.context = hub};
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        tp_hub_device device = {.id = devices[i], .agency = 1};
        assert_int_equal(tp_hub_device_put(hub->store, &device, &err), TP_OK);
    }
    tp_rc rc = tp_hub_read_name(call, text, name, &err);
    tp_hub_rollback(hub);
    return rc;
}

static void test_hub_command__takes_a_name_of_any_length_that_is_clear(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t device;
    } rows[] = {{"8-12", 0x8000000000000001u},
                {"800-12", 0x8000000000000001u},
                {"3fa7-12", 0x3fa7000000000001u},
                {"3FA7-12", 0x3fa7000000000001u},
                {"3fa2000000000002-12", 0x3fa2000000000002u},
                {"0000000000000005-12", 5}}; /* whole: whether it is there is asked later */
    hub_stage *stage = hub_stage_open();
    hub_stage_run(stage, "agency outreach");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_call call;
        tp_name name = {0, 0};
        assert_int_equal(read_name(stage, &call, rows[i].text, &name), TP_OK);
        assert_int_equal(call.exit_code, 0);
        assert_true(tp_name_eq(name, (tp_name){rows[i].device, 12}));
    }
    hub_stage_close(stage);
}

static void test_hub_command__says_so_where_several_devices_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"3-12", "3 devices"}, {"3fa-12", "3 devices"}, {"3fa200000000000-12", "2 devices"}};
    hub_stage *stage = hub_stage_open();
    hub_stage_run(stage, "agency outreach");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_call call;
        tp_name name = {7, 7};
        assert_int_equal(read_name(stage, &call, rows[i].text, &name), TP_EXISTS);
        assert_int_equal(call.exit_code, TP_EXIT_CHOICE);
        assert_memory_equal(err.what, rows[i].says, strlen(rows[i].says));
        assert_int_equal(name.device, 7);
    }
    hub_stage_close(stage);
}

static void test_hub_command__refuses_what_is_no_name_or_nobodys(void **state)
{
    (void)state;
    hub_stage *stage = hub_stage_open();
    tp_call call;
    tp_name name = {0, 0};
    hub_stage_run(stage, "agency outreach");
    assert_int_equal(read_name(stage, &call, "9-1", &name), TP_NOTFOUND);
    assert_int_equal(read_name(stage, &call, "Baz", &name), TP_INVALID);
    assert_int_equal(read_name(stage, &call, "83a1", &name), TP_INVALID);
    assert_int_equal(call.exit_code, 0);
    hub_stage_close(stage);
}

/* ---- What a command prints ---- */

typedef tp_rc (*command)(tp_call *call, tp_err *err);

/* Runs a command about one thing; its output is in `text`, the zero byte at its end. */
static tp_rc run(hub_stage *stage, command run_command, char *about, char *text, size_t bytes)
{
    char *words[] = {about};
    FILE *out = tmpfile();
    assert_non_null(out);
    tp_call call = {.context = hub_stage_hub(stage), .argc = 1, .argv = words, .out = out};
    tp_rc rc = run_command(&call, &err);
    rewind(out);
    text[fread(text, 1, bytes - 1, out)] = '\0';
    assert_int_equal(fclose(out), 0);
    return rc;
}

/* Sean, known to the van, and through his consent to the desk as well. */
static hub_stage *open_shared(void)
{
    static const char *const lines[] = {"agency outreach",
                                        "agency friary",
                                        "sign outreach",
                                        "sign friary",
                                        "device van outreach",
                                        "device desk friary",
                                        "van person p1 preferred_name=Sean",
                                        GIVING,
                                        "sync van",
                                        NULL};
    hub_stage *stage = hub_stage_open();
    hub_stage_run_all(stage, lines);
    return stage;
}

static void test_hub_command__consent_and_holds_take_a_short_name(void **state)
{
    (void)state;
    hub_stage *stage = open_shared();
    tp_name person = hub_stage_name(stage, "p1");
    char text[2000];
    char device[TP_HEX_ROOM(8)];
    char known[TP_NAME_TEXT_BYTES];
    char nobody[TP_NAME_TEXT_BYTES];
    /* The desk's first digits may be the same: twelve are not. */
    tp_hex_encode_u64(person.device, device);
    snprintf(known, sizeof known, "%.12s-%u", device, (unsigned)person.seq);
    snprintf(nobody, sizeof nobody, "%.12s-99", device);
    assert_int_equal(run(stage, tp_hub_command_consent, known, text, sizeof text), TP_OK);
    assert_non_null(strstr(text, "friary  housing  support: given"));
    assert_int_equal(run(stage, tp_hub_command_holds, known, text, sizeof text), TP_OK);
    assert_non_null(strstr(text, "person, its own"));
    assert_int_equal(run(stage, tp_hub_command_consent, nobody, text, sizeof text), TP_NOTFOUND);
    assert_int_equal(run(stage, tp_hub_command_holds, nobody, text, sizeof text), TP_NOTFOUND);
    hub_stage_close(stage);
}

/* The ledger: what was sent, or written there, and has no receipt yet. */
static void test_hub_command__holds_says_who_holds_what(void **state)
{
    (void)state;
    hub_stage *stage = open_shared();
    char text[2000];
    char person[TP_NAME_TEXT_BYTES];
    tp_name_print(hub_stage_name(stage, "p1"), person);
    assert_int_equal(run(stage, tp_hub_command_holds, person, text, sizeof text), TP_OK);
    assert_null(strstr(text, "(friary)"));
    hub_stage_run(stage, "sync desk");
    assert_int_equal(run(stage, tp_hub_command_holds, person, text, sizeof text), TP_OK);
    assert_non_null(strstr(text, "(friary)"));
    assert_null(strstr(text, "to be given back"));
    hub_stage_run(stage, "van consent k2 person=p1 agencies=friary kinds=* purposes=* in_sight=k1 "
                         "decision=withdrawn how=spoken capacity=believed_to_have");
    hub_stage_run(stage, "sync van");
    assert_int_equal(run(stage, tp_hub_command_holds, person, text, sizeof text), TP_OK);
    assert_non_null(strstr(text, "person, to be given back"));
    hub_stage_run(stage, "sync desk");
    assert_int_equal(run(stage, tp_hub_command_holds, person, text, sizeof text), TP_OK);
    assert_null(strstr(text, "to be given back"));
    assert_non_null(strstr(text, "(friary)")); /* the withdrawal that names it */
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_command__takes_a_name_of_any_length_that_is_clear),
        cmocka_unit_test(test_hub_command__says_so_where_several_devices_fit),
        cmocka_unit_test(test_hub_command__refuses_what_is_no_name_or_nobodys),
        cmocka_unit_test(test_hub_command__consent_and_holds_take_a_short_name),
        cmocka_unit_test(test_hub_command__holds_says_who_holds_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
