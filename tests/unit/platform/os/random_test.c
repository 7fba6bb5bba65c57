/* Randomness: the seeded generator is the same everywhere, the kernel's never is.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/os/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_rng_seeded__gives_the_published_numbers(void **state)
{
    (void)state;
    /* SplitMix64 from seed 1234567, as published with the algorithm. */
    static const uint64_t expected[] = {UINT64_C(6457827717110365317),
                                        UINT64_C(3203168211198807973),
                                        UINT64_C(9817491932198370423)};
    tp_rng_seeded seeded;
    tp_rng_seeded_init(&seeded, 1234567);
    for (size_t i = 0; i < 3; i++) {
        uint8_t bytes[8];
        uint64_t n = 0;
        tp_rng_fill(&seeded.rng, bytes, sizeof bytes);
        for (size_t j = 8; j > 0; j--) {
            n = n << 8 | bytes[j - 1];
        }
        assert_true(n == expected[i]);
    }
}

static void test_rng_seeded__fills_no_byte_more_than_asked(void **state)
{
    (void)state;
    tp_rng_seeded seeded;
    for (size_t bytes = 0; bytes <= 40; bytes++) {
        uint8_t room[48];
        memset(room, 0xEE, sizeof room);
        tp_rng_seeded_init(&seeded, 5);
        tp_rng_fill(&seeded.rng, room, bytes);
        for (size_t i = bytes; i < sizeof room; i++) {
            assert_int_equal(room[i], 0xEE);
        }
    }
}

static void test_rng_system__differs_each_time(void **state)
{
    (void)state;
    uint8_t one[600] = {0};
    uint8_t two[600] = {0};
    tp_rng_fill(tp_rng_system(), one, sizeof one);
    tp_rng_fill(tp_rng_system(), two, sizeof two);
    assert_memory_not_equal(one, two, sizeof one);
    /* The end is filled too, beyond what one call of the kernel may give. */
    uint8_t zeros[16] = {0};
    assert_memory_not_equal(one + sizeof one - 16, zeros, 16);
}

static void test_rng_below__reaches_every_value_and_no_other(void **state)
{
    (void)state;
    static const uint64_t limits[] = {1, 2, 3, 7, 1000};
    tp_rng_seeded seeded;
    tp_rng_seeded_init(&seeded, 42);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        unsigned counts[1000] = {0};
        for (unsigned n = 0; n < 20000; n++) {
            uint64_t value = tp_rng_below(&seeded.rng, limits[i]);
            assert_true(value < limits[i]);
            counts[value]++;
        }
        for (size_t value = 0; value < limits[i]; value++) {
            assert_true(counts[value] > 0);
        }
    }
    /* Just above half of all numbers: without passing over, small values would come twice as often.
     */
    uint64_t below = (UINT64_C(1) << 63) + 1;
    unsigned low = 0;
    for (unsigned n = 0; n < 2000; n++) {
        low += tp_rng_below(&seeded.rng, below) < below / 2 ? 1 : 0;
    }
    assert_true(low > 850 && low < 1150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rng_seeded__gives_the_published_numbers),
        cmocka_unit_test(test_rng_seeded__fills_no_byte_more_than_asked),
        cmocka_unit_test(test_rng_system__differs_each_time),
        cmocka_unit_test(test_rng_below__reaches_every_value_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
