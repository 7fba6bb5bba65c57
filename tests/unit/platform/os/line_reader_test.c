/* Lines from files and from a pipe that is still written to.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/os/line_reader.h"

#include "platform/base/alloc.h"
#include "platform/os/file.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

enum { LINE_MAX_BYTES = 8 };

static int check_nothing_lives(void **state)
{
    (void)state;
    return tp_alloc_live() == 0 ? 0 : -1;
}

/* Every line of `content`, those that are too long as "!", joined by '|'. */
static void read_all(const char *content, char *out, size_t room)
{
    tp_err err;
    tp_line_reader reader;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "lines");
    bool has_line = true;
    size_t used = 0;
    assert_int_equal(tp_file_write(path.at, tp_slice_str(content), &err), TP_OK);
    assert_int_equal(tp_line_reader_open(&reader, path.at, LINE_MAX_BYTES, &err), TP_OK);
    out[0] = '\0';
    while (has_line) {
        tp_slice line = {0};
        tp_rc rc = tp_line_reader_next(&reader, &line, &has_line, &err);
        assert_true(rc == TP_OK || rc == TP_LIMIT);
        if (rc == TP_LIMIT) {
            used += (size_t)snprintf(out + used, room - used, "!|");
            has_line = true;
        } else if (has_line) {
            used += (size_t)snprintf(out + used, room - used, "%.*s|", TP_SLICE_FMT(line));
        }
    }
    tp_line_reader_close(&reader);
    temp_dir_remove(&dir);
}

static void test_line_reader__splits_lines(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"a", "a|"},
        {"a\n", "a|"},
        {"a\nb", "a|b|"},
        {"\n\na\n", "||a|"},
        {"12345678\n9\n", "12345678|9|"},
        {"123456789\nb\n", "!|b|"},
        {"a\n123456789", "a|!|"},
        {"123456789abcdefghijklmnop\nq\n", "!|q|"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[256];
        read_all(rows[i][0], out, sizeof out);
        assert_string_equal(out, rows[i][1]);
    }
}

/* Longer than what is read at once, with lines across the seams. */
static void test_line_reader__passes_over_a_line_of_any_length(void **state)
{
    (void)state;
    static char content[300 * 1024];
    char out[64];
    memset(content, 'x', sizeof content - 1);
    memcpy(content + sizeof content - 6, "\nend\n", 6);
    read_all(content, out, sizeof out);
    assert_string_equal(out, "!|end|");
}

static void test_line_reader__knows_when_it_would_wait(void **state)
{
    (void)state;
    tp_err err;
    tp_line_reader reader;
    tp_slice line;
    bool has_line = false;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(tp_line_reader_open(&reader, NULL, LINE_MAX_BYTES, &err), TP_OK);
    reader.fd = ends[0];
    assert_true(tp_line_reader_would_wait(&reader));
    assert_int_equal(write(ends[1], "a\nb\nc", 5), 5);
    assert_false(tp_line_reader_would_wait(&reader));
    assert_int_equal(tp_line_reader_next(&reader, &line, &has_line, &err), TP_OK);
    assert_false(tp_line_reader_would_wait(&reader)); /* b is held */
    assert_int_equal(tp_line_reader_next(&reader, &line, &has_line, &err), TP_OK);
    assert_true(tp_slice_is(line, "b"));
    assert_true(tp_line_reader_would_wait(&reader)); /* c has not ended */
    close(ends[1]);
    assert_false(tp_line_reader_would_wait(&reader));
    assert_int_equal(tp_line_reader_next(&reader, &line, &has_line, &err), TP_OK);
    assert_true(has_line && tp_slice_is(line, "c"));
    assert_int_equal(tp_line_reader_next(&reader, &line, &has_line, &err), TP_OK);
    assert_false(has_line);
    tp_line_reader_close(&reader);
    close(ends[0]);
}

static void test_line_reader__refuses_a_file_that_is_not_there(void **state)
{
    (void)state;
    tp_err err;
    tp_line_reader reader;
    assert_int_equal(tp_line_reader_open(&reader, "/nowhere/at/all", LINE_MAX_BYTES, &err),
                     TP_NOTFOUND);
    tp_line_reader_close(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_line_reader__splits_lines, check_nothing_lives),
        cmocka_unit_test_teardown(test_line_reader__passes_over_a_line_of_any_length,
                                  check_nothing_lives),
        cmocka_unit_test_teardown(test_line_reader__knows_when_it_would_wait, check_nothing_lives),
        cmocka_unit_test_teardown(test_line_reader__refuses_a_file_that_is_not_there,
                                  check_nothing_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
