/* schema/request_code: forty bits and their check, and what a slip of the finger does.
 *
 * Shows P20. */
#include "schema/request_code.h"

#include "platform/base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* Reckoned by another program (multiplication in GF(32), term by term). */
static const struct {
    uint8_t random[TP_REQUEST_CODE_RANDOM_BYTES];
    const char *code;
} made[] = {
    {{0x00, 0x00, 0x00, 0x00, 0x00}, "000000000"}, {{0xff, 0xff, 0xff, 0xff, 0xff}, "ZZZZZZZZ3"},
    {{0x12, 0x34, 0x56, 0x78, 0x9a}, "28T5CY4TH"}, {{0x00, 0x00, 0x00, 0x00, 0x01}, "000000012"},
    {{0xde, 0xad, 0xbe, 0xef, 0x42}, "VTPVXVT2K"},
};

/* NULL: refused with what `refusal` begins. */
static const struct {
    const char *row, *typed, *code, *refusal;
} typed[] = {
    {"as shown", "28T-5CY-4TH", "28T5CY4TH", NULL},
    {"lower case and spaces", " 28t 5cy4th ", "28T5CY4TH", NULL},
    {"letter O for nought", "ooO-000-012", "000000012", NULL},
    {"letters I and L for one", "000 0000 i2", "000000012", NULL},
    {"a small l for one", "0000000l2", "000000012", NULL},
    {"empty", "", NULL, "that is no code: 0 letters and digits, it has 9"},
    {"one left out", "28T-5CY-4T", NULL, "that is no code: 8 letters"},
    {"one too many", "28T-5CY-4THH", NULL, "that is no code: 10 letters"},
    {"a U", "28U-5CY-4TH", NULL, "that is no code: it has something other"},
    {"a full stop", "28T.5CY.4TH", NULL, "that is no code: it has something other"},
    {"not ASCII", "28T5CY4T\xC3\x89", NULL, "that is no code: it has something other"},
    {"the wrong check", "28T-5CY-4TJ", NULL, "that is no code: check each"},
};

static void test_request_code_make__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        char code[TP_REQUEST_CODE_MAX];
        char again[TP_REQUEST_CODE_MAX];
        tp_err err = {0};
        tp_request_code_make(made[i].random, code);
        assert_string_equal(code, made[i].code);
        assert_int_equal(tp_request_code_normalise(tp_slice_str(code), again, &err), TP_OK);
        assert_string_equal(again, code);
    }
}

static void test_request_code_normalise__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        char code[TP_REQUEST_CODE_MAX] = "none";
        tp_err err = {0};
        tp_rc rc = tp_request_code_normalise(tp_slice_str(typed[i].typed), code, &err);
        bool is_refused = typed[i].refusal != NULL;
        if (rc != (is_refused ? TP_INVALID : TP_OK) ||
            strcmp(code, is_refused ? "none" : typed[i].code) != 0 ||
            (is_refused && strncmp(err.what, typed[i].refusal, strlen(typed[i].refusal)) != 0)) {
            fail_msg("%s: %s", typed[i].row, err.what);
        }
    }
}

/* Each symbol by each other one, and each two that change places. */
static void test_request_code_normalise__one_slip_is_always_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        char out[TP_REQUEST_CODE_MAX];
        char slip[TP_REQUEST_CODE_MAX];
        tp_err err = {0};
        for (int at = 0; at < TP_REQUEST_CODE_SYMBOLS; at++) {
            for (unsigned value = 0; value < 32; value++) {
                memcpy(slip, made[i].code, sizeof slip);
                slip[at] = tp_base32_digit(value);
                bool is_same = slip[at] == made[i].code[at];
                tp_rc rc = tp_request_code_normalise(tp_slice_str(slip), out, &err);
                assert_int_equal(rc, is_same ? TP_OK : TP_INVALID);
            }
            for (int other = at + 1; other < TP_REQUEST_CODE_SYMBOLS; other++) {
                memcpy(slip, made[i].code, sizeof slip);
                slip[at] = made[i].code[other];
                slip[other] = made[i].code[at];
                bool is_same = slip[at] == slip[other];
                tp_rc rc = tp_request_code_normalise(tp_slice_str(slip), out, &err);
                assert_int_equal(rc, is_same ? TP_OK : TP_INVALID);
            }
        }
    }
}

static void test_request_code_normalise__never_repeats_what_was_typed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        char code[TP_REQUEST_CODE_MAX];
        tp_err err = {0};
        if (typed[i].typed[0] != '\0' &&
            tp_request_code_normalise(tp_slice_str(typed[i].typed), code, &err) != TP_OK) {
            assert_null(strstr(err.what, typed[i].typed));
        }
    }
}

static void test_request_code_format__is_in_threes(void **state)
{
    (void)state;
    char text[TP_REQUEST_CODE_TEXT_MAX];
    tp_request_code_format("28T5CY4TH", text);
    assert_string_equal(text, "28T-5CY-4TH");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_code_make__each_row),
        cmocka_unit_test(test_request_code_normalise__each_row),
        cmocka_unit_test(test_request_code_normalise__one_slip_is_always_found),
        cmocka_unit_test(test_request_code_normalise__never_repeats_what_was_typed),
        cmocka_unit_test(test_request_code_format__is_in_threes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
