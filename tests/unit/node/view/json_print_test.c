/* What is printed is JSON: jansson reads it back.
 *
 * Shows no promise: how it is printed. */
#include "node/view/json_print.h"

#include "platform/base/fault.h"

#include "schema/london_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static void test_json_print__jansson_reads_it_back(void **state)
{
    (void)state;
    char out[1024] = "";
    FILE *file = fmemopen(out, sizeof out, "w");
    tp_json_print p;
    tp_json_print_begin(&p, file);
    const tp_name name = {0x0123456789abcdef, 12};
    const tp_name none = {0, 0};
    tp_json_begin(&p, '{');
    tp_json_put_str(&p, "plain", "Baz");
    tp_json_put_text(&p, "escaped", tp_slice_of("\"\\\b\f\n\r\t\x01/\0z", 11));
    tp_json_put_text(&p, "utf8", tp_slice_str("caf\xC3\xA9 \xF0\x9F\xAB\x96"));
    tp_json_put_text(&p, "broken", tp_slice_of("a\xFFz", 3));
    tp_json_put_str(&p, "nothing", NULL);
    tp_json_put_int(&p, "least", INT64_MIN);
    tp_json_put_bool(&p, "true", true);
    tp_json_put_name(&p, "name", name);
    tp_json_put_name(&p, "none", none);
    tp_json_put_instant(&p, "at", INT64_C(1768248120000));
    tp_json_put_instant(&p, "never", 0);
    tp_json_key(&p, "list");
    tp_json_begin(&p, '[');
    tp_json_begin(&p, '[');
    tp_json_end(&p, ']');
    tp_json_int(&p, 1);
    tp_json_document(&p, json_pack("{s:i}", "a", 2));
    tp_json_document(&p, NULL);
    tp_json_end(&p, ']');
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
    fclose(file);

    json_error_t trouble;
    json_t *read = json_loads(out, JSON_ALLOW_NUL, &trouble);
    json_t *wanted = json_pack(
        "{s:s,s:s%,s:s,s:s,s:n,s:I,s:b,s:s,s:n,s:s,s:n,s:[[],i,{s:i},n]}", "plain", "Baz",
        "escaped", "\"\\\b\f\n\r\t\x01/\0z", 11, "utf8", "caf\xC3\xA9 \xF0\x9F\xAB\x96", "broken",
        "a\xEF\xBF\xBDz", "nothing", "least", (json_int_t)INT64_MIN, "true", 1, "name",
        "0123456789abcdef-12", "none", "at", "2026-01-12T20:02Z", "never", "list", 1, "a", 2);
    assert_non_null(read);
    assert_non_null(wanted);
    assert_true(json_equal(read, wanted));
    json_decref(read);
    json_decref(wanted);
}

/* Into a buffer the same as to a stream, over the edge of what is held; a full one says so at the
 * end. */
static void test_json_print__fills_a_buffer_up_to_its_ceiling(void **state)
{
    (void)state;
    char text[TP_JSON_PRINT_BYTES + 100];
    memset(text, 'x', sizeof text);
    tp_buf buf;
    tp_json_print p;
    tp_err err;
    tp_buf_init(&buf, sizeof text + 10);
    for (size_t i = 0; i < 2; i++) {
        tp_json_print_begin_buf(&p, &buf);
        tp_json_begin(&p, '[');
        tp_json_text(&p, tp_slice_of(text, sizeof text));
        tp_json_end(&p, ']');
        tp_rc rc = tp_json_print_end_buf(&p, &err);
        assert_int_equal(rc, i == 0 ? TP_OK : TP_LIMIT);
        assert_int_equal(buf.at[0], '[');
        assert_true(i == 1 || (buf.bytes == sizeof text + 4 && buf.at[buf.bytes - 1] == ']'));
    }
    tp_buf_done(&buf);
}

/* The same text as schema/london_time, which the rest of the program prints with. */
static void test_json_instant__prints_what_london_time_prints(void **state)
{
    (void)state;
    static const int64_t rows[] = {1,
                                   -1,
                                   999,
                                   60000,
                                   INT64_C(1768248120000),
                                   INT64_C(1768248121000),
                                   INT64_C(1768248121005),
                                   INT64_C(-62135510400000),
                                   TP_LONDON_MS_MAX};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64] = "";
        char text[TP_UTC_TEXT_MAX];
        char wanted[64];
        tp_json_print p;
        FILE *file = fmemopen(out, sizeof out, "w");
        tp_json_print_begin(&p, file);
        tp_json_instant(&p, rows[i]);
        tp_json_print_line(&p);
        fclose(file);
        tp_utc_format(rows[i], text);
        snprintf(wanted, sizeof wanted, "\"%s\"\n", text);
        assert_string_equal(out, wanted);
    }
}

static void test_json_document__says_all_of_it_or_fails(void **state)
{
    (void)state;
    tp_buf buf;
    tp_err err;
    tp_rc rc = TP_NOMEM;
    tp_buf_init(&buf, 1000);
    for (int nth = 1; rc != TP_OK; nth++) {
        char spec[40];
        tp_json_print p;
        snprintf(spec, sizeof spec, "alloc.library.nth:%d", nth);
        tp_buf_clear(&buf);
        tp_fault_set(spec);
        json_t *document = json_pack("{s:s}", "error", "busy");
        json_object_set_new(document, "field", json_string("total"));
        tp_json_print_begin_buf(&p, &buf);
        tp_json_document(&p, document);
        rc = tp_json_print_end_buf(&p, &err);
        tp_fault_set(NULL);
        assert_true(rc == TP_OK || rc == TP_NOMEM);
        assert_true(nth < 100);
    }
    assert_true(tp_slice_is(tp_buf_slice(&buf), "{\"error\":\"busy\",\"field\":\"total\"}"));
    tp_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_print__jansson_reads_it_back),
        cmocka_unit_test(test_json_print__fills_a_buffer_up_to_its_ceiling),
        cmocka_unit_test(test_json_instant__prints_what_london_time_prints),
        cmocka_unit_test(test_json_document__says_all_of_it_or_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
