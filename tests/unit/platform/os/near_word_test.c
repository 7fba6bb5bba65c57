/* Near words, by a table.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/os/near_word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const char *const words[] = {"place", "phone",         "own_words", "kind",
                                    "note",  "request offer", "note_two"};

static const struct row {
    const char *typed;
    const char *nearest; /* NULL: none */
} rows[] = {
    {"place", "place"},
    {"plcae", "place"},  /* two swapped */
    {"plac", "place"},   /* one left out */
    {"placee", "place"}, /* one too many */
    {"plaxe", "place"},  /* one changed */
    {"own-words", "own_words"},
    {"own-wrods", "own_words"},
    {"own", "own_words"},       /* not finished */
    {"onw-wrods", "own_words"}, /* two slips in a longer word */
    {"knid", "kind"},
    {"kidn", "kind"},
    {"knxd", NULL}, /* two slips in a short word */
    {"nt", NULL},   /* too short to guess */
    {"not", NULL},  /* note or note_two: as near */
    {"request", "request offer"},
    {"young woman in a red jacket by the canal", NULL},
    {"a-word-that-is-so-long-that-nothing-can-be-near-it-at-all", NULL},
    {"", NULL},
};

static void test_near_word__finds_what_was_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_near_word near = tp_near_word_begin(tp_slice_str(rows[i].typed));
        for (size_t j = 0; j < sizeof words / sizeof words[0]; j++) {
            tp_near_word_offer(&near, words[j]);
        }
        if (rows[i].nearest == NULL ? near.best != NULL : near.best == NULL) {
            fail_msg("%s: found %s", rows[i].typed, near.best == NULL ? "none" : near.best);
        }
        if (rows[i].nearest != NULL) {
            assert_string_equal(near.best, rows[i].nearest);
        }
    }
}

static void test_near_word__counts_slips_up_to_a_limit(void **state)
{
    (void)state;
    assert_int_equal(tp_near_word_slips(tp_slice_str("abc"), tp_slice_str("abc"), 3), 0);
    assert_int_equal(tp_near_word_slips(tp_slice_str("abc"), tp_slice_str("acb"), 3), 1);
    assert_int_equal(tp_near_word_slips(tp_slice_str("abc"), tp_slice_str("xyz"), 3), 3);
    assert_int_equal(tp_near_word_slips(tp_slice_str("abc"), tp_slice_str("xyz"), 2), 3);
    assert_int_equal(tp_near_word_slips(tp_slice_str(""), tp_slice_str("ab"), 2), 2);
}

static void test_near_word__is_shown_as_it_is_typed(void **state)
{
    (void)state;
    char shown[TP_NEAR_WORD_BYTES_MAX + 1];
    tp_near_word_show("support_in_place", shown);
    assert_string_equal(shown, "support-in-place");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near_word__finds_what_was_meant),
        cmocka_unit_test(test_near_word__counts_slips_up_to_a_limit),
        cmocka_unit_test(test_near_word__is_shown_as_it_is_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
