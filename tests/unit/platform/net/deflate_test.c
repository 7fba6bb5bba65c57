/* Deflate: round trips, ceilings, bombs, cuts.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/net/deflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char dictionary_text[] =
    "contact at place, help request, holder, consent given, looked for";
static const char message_text[] = "consent given: contact at place; holder looked for";

typedef struct fixture {
    tp_deflate *deflate;
    tp_inflate *inflate;
    tp_buf small;
    tp_buf large;
    tp_slice rest;
    tp_err err;
} fixture;

static int setup(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    tp_fault_set(NULL);
    tp_buf_init(&f.small, 1 << 20);
    tp_buf_init(&f.large, 1 << 20);
    assert_int_equal(tp_deflate_new(6, &f.deflate, &f.err), TP_OK);
    assert_int_equal(tp_inflate_new(&f.inflate, &f.err), TP_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    tp_fault_set(NULL);
    tp_deflate_free(f->deflate);
    tp_inflate_free(f->inflate);
    tp_buf_done(&f->small);
    tp_buf_done(&f->large);
    return tp_alloc_live() == 0 ? 0 : -1;
}

static tp_slice dictionary(void)
{
    return tp_slice_str(dictionary_text);
}

static void test_deflate__gives_back_what_went_in_message_after_message(void **state)
{
    fixture *f = *state;
    static uint8_t in[100000];
    uint32_t noise = 1;
    for (size_t bytes = 0; bytes <= sizeof in; bytes = bytes * 3 + 1) {
        for (size_t i = 0; i < bytes; i++) {
            noise = noise * 1664525u + 1013904223u;
            in[i] = (uint8_t)(bytes % 2 == 0 ? noise >> 24 : i % 7);
        }
        for (int with = 0; with <= 1; with++) {
            tp_slice preset = with == 1 ? dictionary() : tp_slice_of(NULL, 0);
            tp_buf_clear(&f->small);
            tp_buf_clear(&f->large);
            assert_int_equal(
                tp_deflate_run(f->deflate, preset, tp_slice_of(in, bytes), &f->small, &f->err),
                TP_OK);
            assert_int_equal(tp_inflate_run(f->inflate, preset, tp_buf_slice(&f->small), &f->large,
                                            &f->rest, &f->err),
                             TP_OK);
            assert_true(tp_slice_eq(tp_buf_slice(&f->large), tp_slice_of(in, bytes)));
        }
    }
}

static void test_deflate__every_level_gives_back_what_went_in_again_and_again(void **state)
{
    fixture *f = *state;
    static uint8_t in[50000];
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)message_text[(i * i / 7 + i) % (sizeof message_text - 1)];
    }
    for (int level = 1; level <= 9; level++) {
        size_t first_bytes = 0;
        tp_deflate *deflate = NULL;
        assert_int_equal(tp_deflate_new(level, &deflate, &f->err), TP_OK);
        for (int again = 0; again < 2; again++) {
            tp_slice whole = tp_slice_of(in, sizeof in);
            tp_buf_clear(&f->small);
            tp_buf_clear(&f->large);
            assert_int_equal(tp_deflate_run(deflate, dictionary(), whole, &f->small, &f->err),
                             TP_OK);
            assert_int_equal(tp_inflate_run(f->inflate, dictionary(), tp_buf_slice(&f->small),
                                            &f->large, &f->rest, &f->err),
                             TP_OK);
            assert_true(tp_slice_eq(tp_buf_slice(&f->large), whole));
            /* What is tuned holds for the second message as for the first. */
            first_bytes = again == 0 ? f->small.bytes : first_bytes;
            assert_int_equal(f->small.bytes, first_bytes);
        }
        tp_deflate_free(deflate);
    }
}

static void test_deflate__dictionary_makes_a_short_message_shorter(void **state)
{
    fixture *f = *state;
    tp_slice in = tp_slice_str(message_text);
    assert_int_equal(tp_deflate_run(f->deflate, tp_slice_of(NULL, 0), in, &f->large, &f->err),
                     TP_OK);
    assert_int_equal(tp_deflate_run(f->deflate, dictionary(), in, &f->small, &f->err), TP_OK);
    assert_true(f->small.bytes * 2 < f->large.bytes);
}

static void test_deflate__appends_and_leaves_what_was_there(void **state)
{
    fixture *f = *state;
    assert_int_equal(tp_buf_add_str(&f->small, "head", &f->err), TP_OK);
    assert_int_equal(
        tp_deflate_run(f->deflate, dictionary(), tp_slice_str("tea"), &f->small, &f->err), TP_OK);
    assert_memory_equal(f->small.at, "head", 4);
    assert_int_equal(tp_buf_add_str(&f->large, "head", &f->err), TP_OK);
    tp_slice in = tp_slice_of(f->small.at + 4, f->small.bytes - 4);
    assert_int_equal(tp_inflate_run(f->inflate, dictionary(), in, &f->large, &f->rest, &f->err),
                     TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&f->large), "headtea"));
}

static void test_deflate__ceiling_of_the_output_holds(void **state)
{
    fixture *f = *state;
    tp_buf tight;
    tp_buf_init(&tight, 10);
    assert_int_equal(tp_deflate_run(f->deflate, tp_slice_of(NULL, 0), tp_slice_str(message_text),
                                    &tight, &f->err),
                     TP_LIMIT);
    assert_int_equal(tight.bytes, 0);
    tp_buf_done(&tight);
}

static void test_inflate__a_message_may_fill_the_ceiling_but_not_pass_it(void **state)
{
    fixture *f = *state;
    static uint8_t in[50000];
    assert_int_equal(tp_deflate_run(f->deflate, tp_slice_of(NULL, 0), tp_slice_of(in, sizeof in),
                                    &f->small, &f->err),
                     TP_OK);
    for (size_t ceiling = sizeof in - 1; ceiling <= sizeof in + 1; ceiling++) {
        tp_buf out;
        tp_buf_init(&out, ceiling);
        tp_rc rc = tp_inflate_run(f->inflate, tp_slice_of(NULL, 0), tp_buf_slice(&f->small), &out,
                                  &f->rest, &f->err);
        assert_int_equal(rc, ceiling < sizeof in ? TP_LIMIT : TP_OK);
        assert_int_equal(out.bytes, rc == TP_OK ? sizeof in : 0);
        tp_buf_done(&out);
    }
}

static void test_inflate__a_bomb_stops_at_the_ceiling(void **state)
{
    fixture *f = *state;
    static uint8_t zeros[1 << 20];
    assert_int_equal(tp_deflate_run(f->deflate, tp_slice_of(NULL, 0),
                                    tp_slice_of(zeros, sizeof zeros), &f->small, &f->err),
                     TP_OK);
    assert_true(f->small.bytes < 2000);
    tp_buf out;
    tp_buf_init(&out, 10000);
    assert_int_equal(tp_inflate_run(f->inflate, tp_slice_of(NULL, 0), tp_buf_slice(&f->small), &out,
                                    &f->rest, &f->err),
                     TP_LIMIT);
    assert_true(out.room <= 16384);
    tp_buf_done(&out);
}

static void test_inflate__every_cut_is_corrupt(void **state)
{
    fixture *f = *state;
    assert_int_equal(
        tp_deflate_run(f->deflate, dictionary(), tp_slice_str(message_text), &f->small, &f->err),
        TP_OK);
    for (size_t bytes = 0; bytes < f->small.bytes; bytes++) {
        assert_int_equal(tp_inflate_run(f->inflate, dictionary(), tp_slice_of(f->small.at, bytes),
                                        &f->large, &f->rest, &f->err),
                         TP_CORRUPT);
        assert_int_equal(f->large.bytes, 0);
    }
}

static void test_inflate__hands_over_what_stands_after_the_end(void **state)
{
    fixture *f = *state;
    static const char *const messages[] = {"", "tea", message_text};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        for (size_t bytes = 0; bytes < 40; bytes++) {
            tp_buf_clear(&f->small);
            tp_buf_clear(&f->large);
            tp_slice in = tp_slice_str(messages[i]);
            assert_int_equal(tp_deflate_run(f->deflate, dictionary(), in, &f->small, &f->err),
                             TP_OK);
            tp_slice after = tp_slice_of("these are 39 bytes and they are no tail", bytes);
            assert_int_equal(tp_buf_add_slice(&f->small, after, &f->err), TP_OK);
            assert_int_equal(tp_inflate_run(f->inflate, dictionary(), tp_buf_slice(&f->small),
                                            &f->large, &f->rest, &f->err),
                             TP_OK);
            assert_true(tp_slice_eq(tp_buf_slice(&f->large), in));
            assert_true(tp_slice_eq(f->rest, after));
        }
    }
}

static void test_inflate__without_the_dictionary_is_corrupt(void **state)
{
    fixture *f = *state;
    assert_int_equal(
        tp_deflate_run(f->deflate, dictionary(), tp_slice_str(message_text), &f->small, &f->err),
        TP_OK);
    assert_int_equal(tp_inflate_run(f->inflate, tp_slice_of(NULL, 0), tp_buf_slice(&f->small),
                                    &f->large, &f->rest, &f->err),
                     TP_CORRUPT);
}

static void test_inflate__no_bytes_whatever_they_are_pass_the_ceiling_or_crash(void **state)
{
    fixture *f = *state;
    uint32_t noise = 7;
    uint8_t in[300];
    for (unsigned round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof in; i++) {
            noise = noise * 1664525u + 1013904223u;
            in[i] = (uint8_t)(noise >> 24);
        }
        tp_buf_clear(&f->large);
        tp_rc rc = tp_inflate_run(f->inflate, dictionary(), tp_slice_of(in, round % sizeof in),
                                  &f->large, &f->rest, &f->err);
        assert_true(rc == TP_OK || rc == TP_CORRUPT);
    }
}

static void test_deflate__without_memory_says_so_and_works_again(void **state)
{
    fixture *f = *state;
    for (unsigned nth = 1; nth <= 8; nth++) {
        char spec[32];
        snprintf(spec, sizeof spec, "alloc.nth:%u", nth);
        tp_fault_set(spec);
        tp_deflate *deflate = NULL;
        tp_inflate *inflate = NULL;
        tp_buf out;
        tp_buf_init(&out, 1000);
        tp_rc rc = tp_deflate_new(9, &deflate, &f->err);
        if (rc == TP_OK) {
            rc = tp_inflate_new(&inflate, &f->err);
        }
        if (rc == TP_OK) {
            rc = tp_deflate_run(deflate, dictionary(), tp_slice_str("tea"), &out, &f->err);
        }
        assert_int_equal(rc, TP_NOMEM);
        tp_deflate_free(deflate);
        tp_inflate_free(inflate);
        tp_buf_done(&out);
    }
}

static void test_deflate__a_level_outside_1_to_9_is_refused(void **state)
{
    fixture *f = *state;
    tp_deflate *deflate = NULL;
    assert_int_equal(tp_deflate_new(0, &deflate, &f->err), TP_INVALID);
    assert_int_equal(tp_deflate_new(10, &deflate, &f->err), TP_INVALID);
    assert_null(deflate);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_deflate__gives_back_what_went_in_message_after_message),
        TEST(test_deflate__every_level_gives_back_what_went_in_again_and_again),
        TEST(test_deflate__dictionary_makes_a_short_message_shorter),
        TEST(test_deflate__appends_and_leaves_what_was_there),
        TEST(test_deflate__ceiling_of_the_output_holds),
        TEST(test_inflate__a_message_may_fill_the_ceiling_but_not_pass_it),
        TEST(test_inflate__a_bomb_stops_at_the_ceiling),
        TEST(test_inflate__every_cut_is_corrupt),
        TEST(test_inflate__hands_over_what_stands_after_the_end),
        TEST(test_inflate__without_the_dictionary_is_corrupt),
        TEST(test_inflate__no_bytes_whatever_they_are_pass_the_ceiling_or_crash),
        TEST(test_deflate__without_memory_says_so_and_works_again),
        TEST(test_deflate__a_level_outside_1_to_9_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
