/* Enrolment as text: the code, and both ends' JSON.
 *
 * Shows no promise: the text that others stand on. */
#include "sync/session/enrolment.h"

#include "platform/base/alloc.h"
#include "platform/base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define CODE "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ-0000-0000-00"
#define CLOCK "\"clock\":{\"era\":1,\"up_ms\":5000,\"wall_ms\":1685577850000}"
#define WITH_CLOCK(readings) "{\"code\":\"" CODE "\",\"csr\":\"R\",\"clock\":{" readings "}}"
#define PEMS "\"certificate\":\"C\",\"ca\":\"A\",\"agency\":\"friary\""

static int check_nothing_lives(void **state)
{
    (void)state;
    return tp_alloc_live() == 0 ? 0 : -1;
}

#define STEPS "\"after\":1,\"step\":1,\"digests\":\"0011223344556677\""
#define WITH_WAS(members) "{\"csr\":\"R\",\"was\":{" members "}," CLOCK "}"

typedef struct row {
    const char *name;
    const char *json;
    tp_rc rc;
} row;

static tp_rc decode_request(const char *json, tp_buf *room)
{
    tp_err err;
    tp_enrolment_request request;
    return tp_enrolment_request_decode(tp_slice_str(json), room, &request, &err);
}

static tp_rc decode_answer(const char *json, tp_buf *room)
{
    tp_err err;
    tp_enrolment_answer answer;
    return tp_enrolment_answer_decode(tp_slice_str(json), room, &answer, &err);
}

static void play(const row *rows, size_t count, tp_rc (*decode)(const char *, tp_buf *))
{
    tp_buf room;
    tp_buf_init(&room, 4096);
    for (size_t i = 0; i < count; i++) {
        tp_rc rc = decode(rows[i].json, &room);
        if (rc != rows[i].rc) {
            fail_msg("%s: %s", rows[i].name, tp_rc_name(rc));
        }
    }
    tp_buf_done(&room);
}

static const row requests[] = {
    {"whole", "{\"code\":\"" CODE "\",\"csr\":\"R\",\"agency\":\"friary\"," CLOCK "}", TP_OK},
    {"no agency", "{\"code\":\"" CODE "\",\"csr\":\"R\"," CLOCK "}", TP_OK},
    {"what a newer node adds", "{\"code\":\"" CODE "\",\"csr\":\"R\"," CLOCK ",\"x\":[1]}", TP_OK},
    {"nothing", "", TP_CORRUPT},
    {"no object", "[]", TP_CORRUPT},
    {"cut short", "{\"code\":\"" CODE "\",\"csr\":\"R\"," CLOCK, TP_CORRUPT},
    {"a key twice", "{\"code\":\"" CODE "\",\"csr\":\"R\",\"csr\":\"S\"," CLOCK "}", TP_CORRUPT},
    {"no code", "{\"csr\":\"R\"," CLOCK "}", TP_INVALID},
    {"code that is no text", "{\"code\":7,\"csr\":\"R\"," CLOCK "}", TP_INVALID},
    {"code too short", "{\"code\":\"0123\",\"csr\":\"R\"," CLOCK "}", TP_INVALID},
    {"no csr", "{\"code\":\"" CODE "\"," CLOCK "}", TP_CORRUPT},
    {"agency that is no text", "{\"code\":\"" CODE "\",\"csr\":\"R\",\"agency\":null," CLOCK "}",
     TP_CORRUPT},
    {"no clock", "{\"code\":\"" CODE "\",\"csr\":\"R\"}", TP_CORRUPT},
    {"clock that is no object", "{\"code\":\"" CODE "\",\"csr\":\"R\",\"clock\":1}", TP_CORRUPT},
    {"era 0", WITH_CLOCK("\"era\":0,\"up_ms\":5000,\"wall_ms\":1685577850000"), TP_CORRUPT},
    {"era beyond 32 bits", WITH_CLOCK("\"era\":4294967296,\"up_ms\":5000,\"wall_ms\":0"),
     TP_CORRUPT},
    {"uptime below 0", WITH_CLOCK("\"era\":1,\"up_ms\":-1,\"wall_ms\":1685577850000"), TP_CORRUPT},
    {"uptime beyond all years", WITH_CLOCK("\"era\":1,\"up_ms\":253402300800000,\"wall_ms\":0"),
     TP_CORRUPT},
    {"wall clock before all years: its skew could not be held",
     WITH_CLOCK("\"era\":1,\"up_ms\":1,\"wall_ms\":-9223372036854775808"), TP_CORRUPT},
    {"wall clock beyond all years", WITH_CLOCK("\"era\":1,\"up_ms\":1,\"wall_ms\":253402300800000"),
     TP_CORRUPT},
    {"both at their ends",
     WITH_CLOCK("\"era\":1,\"up_ms\":253402300799999,\"wall_ms\":-62135596800000"), TP_OK},
    {"a copy without a code", WITH_WAS("\"device\":\"00000000000000ff\"," STEPS), TP_OK},
    {"a copy with one",
     "{\"code\":\"" CODE "\",\"csr\":\"R\",\"was\":{\"device\":\"00000000000000ff\"," STEPS
     "}," CLOCK "}",
     TP_OK},
    {"a copy with a code that is none",
     "{\"code\":null,\"csr\":\"R\",\"was\":{\"device\":\"00000000000000ff\"," STEPS "}," CLOCK "}",
     TP_INVALID},
    {"it was nobody", WITH_WAS("\"device\":\"0000000000000000\"," STEPS), TP_CORRUPT},
    {"it was no device", WITH_WAS("\"device\":\"ff\"," STEPS), TP_CORRUPT},
    {"it does not say what", WITH_WAS(STEPS), TP_CORRUPT},
    {"no step", WITH_WAS("\"device\":\"00000000000000ff\",\"after\":1,\"digests\":\"\""),
     TP_CORRUPT},
    {"a step of 0",
     WITH_WAS("\"device\":\"00000000000000ff\",\"after\":1,\"step\":0,\"digests\":\"\""),
     TP_CORRUPT},
    {"a seq that cannot be",
     WITH_WAS(
         "\"device\":\"00000000000000ff\",\"after\":1099511627776,\"step\":1,\"digests\":\"\""),
     TP_CORRUPT},
    {"half a digest",
     WITH_WAS("\"device\":\"00000000000000ff\",\"after\":1,\"step\":1,"
              "\"digests\":\"00112233\""),
     TP_CORRUPT},
    {"digests that are no digits",
     WITH_WAS("\"device\":\"00000000000000ff\",\"after\":1,"
              "\"step\":1,\"digests\":\"0011223344556677x\""),
     TP_CORRUPT},
    {"no digests", WITH_WAS("\"device\":\"00000000000000ff\",\"after\":1,\"step\":1"), TP_CORRUPT},
    {"wall clock with a fraction", WITH_CLOCK("\"era\":1,\"up_ms\":1,\"wall_ms\":1.5"), TP_CORRUPT},
};

static void test_enrolment__request_is_read_or_refused(void **state)
{
    (void)state;
    play(requests, sizeof requests / sizeof requests[0], decode_request);
}

static const row answers[] = {
    {"whole",
     "{" PEMS ",\"agency_label\":\"The Friary\",\"kiosk\":true,\"hub_ms\":1,\"generation\":1}",
     TP_OK},
    {"no label, no kiosk", "{" PEMS ",\"hub_ms\":1,\"generation\":1}", TP_OK},
    {"no certificate", "{\"ca\":\"A\",\"agency\":\"friary\",\"hub_ms\":1,\"generation\":1}",
     TP_CORRUPT},
    {"no time", "{" PEMS ",\"generation\":1}", TP_CORRUPT},
    {"a time before 1970", "{" PEMS ",\"hub_ms\":-1,\"generation\":1}", TP_CORRUPT},
    {"a time beyond all years", "{" PEMS ",\"hub_ms\":253402300800000,\"generation\":1}",
     TP_CORRUPT},
    {"generation 0", "{" PEMS ",\"hub_ms\":1,\"generation\":0}", TP_CORRUPT},
    {"generation beyond 63 bits", "{" PEMS ",\"hub_ms\":1,\"generation\":9223372036854775808}",
     TP_CORRUPT},
    {"another's page", "<html>502 Bad Gateway</html>", TP_CORRUPT},
};

static void test_enrolment__answer_is_read_or_refused(void **state)
{
    (void)state;
    play(answers, sizeof answers / sizeof answers[0], decode_answer);
}

static void test_enrolment__request_comes_back(void **state)
{
    (void)state;
    tp_err err;
    tp_buf out, room;
    tp_enrolment_request read;
    tp_enrolment_request said = {.has_code = true,
                                 .csr = tp_slice_str("-----BEGIN\nCERT\"IFICATE\n"),
                                 .agency = tp_slice_str("friary"),
                                 .clock = {3, 5000, -77}};
    for (size_t i = 0; i < sizeof said.code.secret; i++) {
        said.code.secret[i] = (uint8_t)(i * 29);
        said.code.ca_pin[i] = (uint8_t)(255 - i);
    }
    tp_buf_init(&out, 4096);
    tp_buf_init(&room, 4096);
    assert_int_equal(tp_enrolment_request_encode(&said, &out, &err), TP_OK);
    assert_int_equal(tp_enrolment_request_decode(tp_buf_slice(&out), &room, &read, &err), TP_OK);
    assert_memory_equal(&read.code, &said.code, sizeof said.code);
    assert_true(tp_slice_eq(read.csr, said.csr) && tp_slice_eq(read.agency, said.agency));
    assert_memory_equal(&read.clock, &said.clock, sizeof said.clock);
    tp_buf_done(&out);
    tp_buf_done(&room);
}

static void test_enrolment__what_a_copy_was_comes_back(void **state)
{
    (void)state;
    tp_err err;
    tp_buf out, room;
    tp_enrolment_request read;
    tp_enrolment_answer told;
    const tp_enrolment_request said = {
        .csr = tp_slice_str("R"),
        .clock = {3, 5000, -77},
        .was = {0x83a1c0de00f5527bu, 7, 3, tp_slice_str("12345678abcdefgh")}};
    const tp_enrolment_answer answer = {.certificate = tp_slice_str("C"),
                                        .ca = tp_slice_str("A"),
                                        .agency = tp_slice_str("friary"),
                                        .generation = 1,
                                        .kept = 13};
    tp_buf_init(&out, 4096);
    tp_buf_init(&room, 4096);
    assert_int_equal(tp_enrolment_request_encode(&said, &out, &err), TP_OK);
    assert_int_equal(tp_enrolment_request_decode(tp_buf_slice(&out), &room, &read, &err), TP_OK);
    assert_false(read.has_code);
    assert_true(read.was.device == said.was.device && read.was.after == 7 && read.was.step == 3);
    assert_true(tp_slice_eq(read.was.digests, said.was.digests));
    assert_int_equal(tp_enrolment_was_count(&read.was), 2);
    tp_buf_clear(&out);
    assert_int_equal(tp_enrolment_answer_encode(&answer, &out, &err), TP_OK);
    assert_int_equal(tp_enrolment_answer_decode(tp_buf_slice(&out), &room, &told, &err), TP_OK);
    assert_int_equal(told.kept, 13);
    tp_buf_done(&out);
    tp_buf_done(&room);
}

static void test_enrolment__text_no_reader_takes_is_not_written(void **state)
{
    (void)state;
    tp_err err;
    tp_buf out;
    tp_enrolment_answer answer = {.agency_label = tp_slice_str("caf\xe9"), .generation = 1};
    tp_enrolment_request request = {.csr = tp_slice_of("a\0b", 3)};
    tp_buf_init(&out, 64);
    assert_int_equal(tp_buf_add_str(&out, "before", &err), TP_OK);
    assert_int_equal(tp_enrolment_answer_encode(&answer, &out, &err), TP_INVALID);
    assert_int_equal(tp_enrolment_request_encode(&request, &out, &err), TP_INVALID);
    answer.agency_label = tp_slice_str("longer than there is room for in what it is written to");
    assert_int_equal(tp_enrolment_answer_encode(&answer, &out, &err), TP_LIMIT);
    assert_int_equal(out.bytes, strlen("before"));
    tp_buf_done(&out);
}

static void test_enrolment_code__is_read_as_people_type_it(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        tp_rc rc;
    } rows[] = {
        {CODE, TP_OK},
        {"0123456789abcdefghjkmnpqrstvwxyz0000000000", TP_OK},
        {" o i l 2 3456 789A BCDE FGHJ KMNP QRST VWXY Z000 0000 000", TP_INVALID}, /* 41 digits */
        {"OI23-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ-0000-0000-00", TP_OK},
        {"0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ-0000-0000-01", TP_INVALID}, /* bits left over */
        {"U123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ-0000-0000-00", TP_INVALID},
        {"", TP_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err;
        tp_enrolment_code code;
        char text[TP_ENROLMENT_CODE_TEXT];
        assert_int_equal(tp_enrolment_code_parse(tp_slice_str(rows[i].typed), &code, &err),
                         rows[i].rc);
        if (rows[i].rc == TP_OK) {
            tp_enrolment_code_format(&code, text);
            assert_string_equal(text, CODE);
        }
    }
}

/* ---- The code a person types: what they got wrong is told apart, since they stand there alone
 * ---- */

typedef struct code_row {
    const char *name;
    const char *typed;
    const char *says; /* a part of the text; NULL: it is a code */
} code_row;

static const code_row codes[] = {
    {"as printed", "P9HC-KNY8-AMD1-1XK3-M7AT-A2MD-63T6-WM7E-VK5R-K9N8-1W", NULL},
    {"small letters, no hyphens", "p9hckny8amd11xk3m7ata2md63t6wm7evk5rk9n81w", NULL},
    {"cut off", "P9HC-KNY8-AMD1", "12 were found"},
    {"one typed twice", "P9HC-KNY8-AMD1-1XK3-M7AT-A2MD-63T6-WM7E-VK5R-K9NN8-1W", "43 were found"},
    {"the last mistyped", "P9HC-KNY8-AMD1-1XK3-M7AT-A2MD-63T6-WM7E-VK5R-K9N8-1X",
     "above all the last"},
    {"a letter that is none", "P9HU-KNY8-AMD1-1XK3-M7AT-A2MD-63T6-WM7E-VK5R-K9N8-1W", "mistyped"},
    {"nothing", "", "0 were found"},
};

static void test_enrolment__a_mistyped_code_is_told_from_one_not_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        tp_enrolment_code code;
        tp_err err = {0};
        tp_rc rc = tp_enrolment_code_parse(tp_slice_str(codes[i].typed), &code, &err);
        if (codes[i].says == NULL ? rc != TP_OK
                                  : rc != TP_INVALID || strstr(err.what, codes[i].says) == NULL) {
            fail_msg("%s: %s \"%s\"", codes[i].name, tp_rc_name(rc), err.what);
        }
    }
}

static void test_enrolment__a_code_is_printed_as_it_is_read(void **state)
{
    (void)state;
    tp_enrolment_code code;
    tp_err err = {0};
    char text[TP_ENROLMENT_CODE_TEXT];
    assert_int_equal(tp_enrolment_code_parse(tp_slice_str(codes[1].typed), &code, &err), TP_OK);
    tp_enrolment_code_format(&code, text);
    assert_string_equal(text, codes[0].typed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enrolment__a_mistyped_code_is_told_from_one_not_whole),
        cmocka_unit_test(test_enrolment__a_code_is_printed_as_it_is_read),
        cmocka_unit_test_teardown(test_enrolment__request_is_read_or_refused, check_nothing_lives),
        cmocka_unit_test_teardown(test_enrolment__answer_is_read_or_refused, check_nothing_lives),
        cmocka_unit_test_teardown(test_enrolment__request_comes_back, check_nothing_lives),
        cmocka_unit_test_teardown(test_enrolment__what_a_copy_was_comes_back, check_nothing_lives),
        cmocka_unit_test_teardown(test_enrolment__text_no_reader_takes_is_not_written,
                                  check_nothing_lives),
        cmocka_unit_test_teardown(test_enrolment_code__is_read_as_people_type_it,
                                  check_nothing_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
