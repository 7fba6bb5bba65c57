/* schema/sounds_alike: fifty pairs of names, hits and misses, and the promises of the keys.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/sounds_alike.h"

#include "schema/name_fold.h"
#include "schema/short_names.h"
#include "schema/sound_rules.h"
#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define PAIRS "tests/data/sounds_alike.tsv"

static bool alike(const char *a, const char *b)
{
    char a_folded[64], b_folded[64];
    size_t a_bytes = tp_name_fold(tp_slice_str(a), a_folded, sizeof a_folded);
    size_t b_bytes = tp_name_fold(tp_slice_str(b), b_folded, sizeof b_folded);
    bool a_b = tp_sounds_alike(tp_slice_of(a_folded, a_bytes), tp_slice_of(b_folded, b_bytes));
    bool b_a = tp_sounds_alike(tp_slice_of(b_folded, b_bytes), tp_slice_of(a_folded, a_bytes));
    assert_int_equal(a_b, b_a);
    return a_b;
}

typedef struct tally {
    unsigned pairs, right, hits, changed;
} tally;

static void play_pair(const char *line, tally *t)
{
    char a[40], b[40], should[8], gives[8];
    if (sscanf(line, "%39[^\t]\t%39[^\t]\t%7[^\t]\t%7[^\t\n]", a, b, should, gives) != 4) {
        fail_msg("%s: not a row: %s", PAIRS, line);
    }
    const char *now = alike(a, b) ? "hit" : "miss";
    bool is_right = strcmp(now, should) == 0, is_same = strcmp(now, gives) == 0;
    print_message("  %-13s %-13s %-4s %s%s\n", a, b, now, is_right ? "" : "(should not) ",
                  is_same ? "" : "CHANGED");
    t->pairs++;
    t->hits += now[0] == 'h' ? 1 : 0;
    t->right += is_right ? 1 : 0;
    t->changed += is_same ? 0 : 1;
}

static void test_sounds_alike__fifty_pairs_give_what_is_written(void **state)
{
    (void)state;
    tally t = {0};
    char line[200];
    FILE *pairs = fopen(PAIRS, "r");
    assert_non_null(pairs);
    while (fgets(line, sizeof line, pairs) != NULL) {
        if (line[0] != '#') {
            play_pair(line, &t);
        }
    }
    fclose(pairs);
    print_message("  %u pairs: %u hits, %u misses; %u as they should be\n", t.pairs, t.hits,
                  t.pairs - t.hits, t.right);
    assert_int_equal(t.changed, 0);
    assert_true(t.pairs >= 50);
}

/* Beyond the fifty: rows by the rule they are there for. */
static void test_sounds_alike__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool alike;
    } rows[] = {
        {"Shaun", "Shawn", true},
        {"Aisling", "Ashling", true},
        {"Roisin", "Rosheen", true},
        {"Sinead", "Shinade", true},
        {"Diarmuid", "Dermot", true},
        {"Eilidh", "Ailey", true},
        {"Tadhg", "Taig", true},
        {"McIntyre", "Macintyre", true},
        {"Callaghan", "Callahan", true},
        {"Dafydd", "David", true},
        {"Cerys", "Kerris", true},
        {"Euan", "Ewan", true},
        {"Stuart", "Stewart", true},
        {"Graham", "Graeme", true},
        {"Michael", "Mikael", true},
        {"Micha\u0142", "Michael", true},
        {"Nicholas", "Nikolas", true},
        {"Zachary", "Zackary", true},
        {"Charlotte", "Sharlot", true},
        {"Thompson", "Tomson", true},
        {"Campbell", "Cambel", true},
        {"Dickson", "Dixon", true},
        {"Wright", "Rite", true},
        {"Knight", "Night", true},
        {"Smith", "Smythe", true},
        {"Brian", "Bryan", true},
        {"Claire", "Clare", true},
        {"Leigh", "Lee", true},
        {"Kate", "Cait", true},
        {"Paul", "Pol", true},
        {"Ahmed", "Ahmet", true},
        {"Tariq", "Tarek", true},
        {"Qasim", "Kasim", true},
        {"Khaled", "Kalid", true},
        {"Omar", "Umar", true},
        {"Zainab", "Zeynab", true},
        {"Yusuf", "Joseph", true},
        {"Muhammed", "Moh", true},
        {"Jakub", "Yakub", true},
        {"Jan", "Yan", true},
        {"Anja", "Anya", true},
        {"Pawe\u0142", "Pavel", true},
        {"\u0141ukasz", "Lucas", true},
        {"Stanis\u0142aw", "Stanislav", true},
        {"\u0218tefan", "Stephen", true},
        {"Gheorghe", "George", true},
        {"Sergei", "Sergey", true},
        {"Dmitri", "Dimitri", true},
        {"Lakshmi", "Laxmi", true},
        {"Bhavna", "Bavna", true},
        {"Abhishek", "Abishek", true},
        {"Zhang", "Chang", true},
        {"Phuc", "Fook", true},
        {"Bob", "Robert", true},
        {"Bill", "Will", true},
        {"Daz", "Darren", true},
        {"Sam", "Samantha", true},
        {"Peggy", "Margaret", true},
        {"Dawn", "Dan", false},
        {"Ann", "Ian", false},
        {"Mary", "Moira", false},
        {"Llewellyn", "Lilian", false},
        {"Christopher", "Christine", false},
        {"Kelly", "Kylian", false},
        {"Baz", "Bess", false},
        {"Singh", "Sinead", false},
        {"Ali", "Ola", false},
        {"Mo", "Amy", false},
        {"Priya", "Freya", false},
        {"Tom", "Tim", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (alike(rows[i].a, rows[i].b) != rows[i].alike) {
            fail_msg("%s, %s", rows[i].a, rows[i].b);
        }
    }
}

static void check_keys(tp_slice token)
{
    tp_sound_key keys[TP_NAME_SOUND_KEYS_MAX];
    unsigned count = tp_name_sound_keys(token, keys);
    assert_true(count >= 1);
    assert_true(count < TP_NAME_SOUND_KEYS_MAX); /* full could mean that one was left out */
    for (unsigned i = 0; i < count; i++) {
        size_t bytes = strlen(keys[i].text);
        assert_true(bytes >= 1 && bytes < TP_SOUND_KEY_MAX);
        assert_int_equal(strspn(keys[i].text, "*ABCDEFGHIJKLMNOPQRSTUVWXYZaeo-"), bytes);
        assert_non_null(strchr("aeo-", keys[i].text[bytes - 1]));
    }
}

static bool has_full_name(tp_slice form, tp_slice full)
{
    tp_slice names[TP_SHORT_NAMES_FULL_MAX];
    unsigned count = tp_short_names_full(form, names);
    for (unsigned i = 0; i < count; i++) {
        if (tp_slice_eq(names[i], full)) {
            return true;
        }
    }
    return false;
}

static void test_short_names__each_form_meets_its_full_name(void **state)
{
    (void)state;
    for (size_t i = 0; tp_short_names[i] != NULL; i++) {
        tp_slice row = tp_slice_str(tp_short_names[i]);
        tp_slice form = {0}, full = {0};
        unsigned count = 0;
        assert_true(tp_fold_next(&row, &form));
        check_keys(form);
        while (tp_fold_next(&row, &full)) {
            if (!has_full_name(form, full) || !tp_sounds_alike(form, full)) {
                fail_msg("%.*s in %s", TP_SLICE_FMT(full), tp_short_names[i]);
            }
            check_keys(full);
            count++;
        }
        assert_in_range(count, 1, TP_SHORT_NAMES_FULL_MAX);
    }
}

/* A row out of order, or a second row of a form, would not be found. */
static void test_short_names__stand_in_order(void **state)
{
    (void)state;
    for (size_t i = 1; tp_short_names[i] != NULL; i++) {
        tp_slice row[2] = {tp_slice_str(tp_short_names[i - 1]), tp_slice_str(tp_short_names[i])};
        tp_slice form[2] = {{0}, {0}};
        char before[32], after[32];
        assert_true(tp_fold_next(&row[0], &form[0]) && tp_fold_next(&row[1], &form[1]));
        snprintf(before, sizeof before, "%.*s", TP_SLICE_FMT(form[0]));
        snprintf(after, sizeof after, "%.*s", TP_SLICE_FMT(form[1]));
        if (strcmp(before, after) >= 0) {
            fail_msg("%s before %s", before, after);
        }
    }
}

static void test_short_names__the_first_the_last_and_none(void **state)
{
    (void)state;
    tp_slice names[TP_SHORT_NAMES_FULL_MAX];
    assert_true(has_full_name(tp_slice_str("abdi"), tp_slice_str("abdullah")));
    assert_true(has_full_name(tp_slice_str("zhenya"), tp_slice_str("yevgeny")));
    assert_int_equal(tp_short_names_full(tp_slice_str("baz"), names), 3);
    static const char *const none[] = {"", "a", "ba", "bazz", "zzz", "barry"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_int_equal(tp_short_names_full(tp_slice_str(none[i]), names), 0);
    }
}

static void test_sound_rules__are_lower_case_and_bounded(void **state)
{
    (void)state;
    for (const tp_sound_rule *r = tp_sound_rules; r->from != NULL; r++) {
        if (r->from[0] == '\0' || r->from[strspn(r->from, "abcdefghijklmnopqrstuvwxyz")] != '\0' ||
            r->to[strspn(r->to, "abcdefghijklmnopqrstuvwxyzGX")] != '\0') {
            fail_msg("%s", r->from);
        }
    }
}

static void test_sound_keys__none_for_what_is_no_plain_token(void **state)
{
    (void)state;
    static const char *const tokens[] = {
        "", "o", "7b", "an ne", "Anne", "\u0441\u0435\u0440\u0433", "b-z"};
    tp_sound_key keys[TP_SOUND_KEYS_MAX];
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        assert_int_equal(tp_sound_keys(tp_slice_str(tokens[i]), keys), 0);
    }
    tp_slice cyrillic = tp_slice_str("\u0441\u0435\u0440\u0433");
    assert_true(tp_sounds_alike(cyrillic, cyrillic));
    assert_false(tp_sounds_alike(cyrillic, tp_slice_str("serg")));
}

static void test_sound_keys__hostile_bytes_and_very_long_tokens(void **state)
{
    (void)state;
    tp_sound_key keys[TP_NAME_SOUND_KEYS_MAX];
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        assert_true(tp_name_sound_keys(tp_hostile_slice(&tp_hostiles[i]), keys) <=
                    TP_NAME_SOUND_KEYS_MAX);
    }
    for (char c = 'a'; c <= 'z'; c++) {
        check_keys(tp_hostile_long(c));
    }
    /* Rules that lengthen, as often as they fit. */
    static char grows[2000];
    for (size_t i = 0; i + 3 < sizeof grows; i += 3) {
        memcpy(grows + i, i % 2 == 0 ? "que" : "mcx", 3);
    }
    check_keys(tp_slice_str(grows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sounds_alike__fifty_pairs_give_what_is_written),
        cmocka_unit_test(test_sounds_alike__each_row),
        cmocka_unit_test(test_short_names__each_form_meets_its_full_name),
        cmocka_unit_test(test_short_names__stand_in_order),
        cmocka_unit_test(test_short_names__the_first_the_last_and_none),
        cmocka_unit_test(test_sound_rules__are_lower_case_and_bounded),
        cmocka_unit_test(test_sound_keys__none_for_what_is_no_plain_token),
        cmocka_unit_test(test_sound_keys__hostile_bytes_and_very_long_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
