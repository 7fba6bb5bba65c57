/* schema/name_fold: spellings that must meet.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/name_fold.h"

#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define ROOM 256

static tp_slice name_fold(const char *name)
{
    static char out[ROOM];
    return tp_slice_of(out, tp_name_fold(tp_slice_str(name), out, sizeof out));
}

static void test_name_fold__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *row, *name, *folded;
    } rows[] = {
        {"case", "SEAN", "sean"},
        {"spaces", "  Sean \t O\u2019Neill\n", "sean oneill"},
        {"apostrophe", "O'Neill", "oneill"},
        {"curly apostrophe", "O\u2019Neill", "oneill"},
        {"opening quote", "O\u2018Neill", "oneill"},
        {"grave", "O`Neill", "oneill"},
        {"none", "ONeill", "oneill"},
        {"space after O", "O Neill", "oneill"},
        {"space after Mc", "Mc Donald", "mcdonald"},
        {"initials stay apart", "O B Smith", "o b smith"},
        {"O at the end", "Anna O", "anna o"},
        {"two in a row", "O Mc Neill", "omcneill"},
        {"hyphen", "Anne-Marie", "anne marie"},
        {"en dash", "Smith\u2013Jones", "smith jones"},
        {"dots", "J.R. Smith", "j r smith"},
        {"Irish", "Si\u00F3bh\u00E1n N\u00ED Bhriain", "siobhan ni bhriain"},
        {"Welsh", "Si\u00E2n \u0174yn T\u0177", "sian wyn ty"},
        {"Polish", "\u0141ukasz \u017B\u00F3\u0142\u0107 J\u0119drzej", "lukasz zolc jedrzej"},
        {"Romanian, comma", "\u0218tefan \u021Aepe\u0219", "stefan tepes"},
        {"Romanian, cedilla", "\u015Etefan \u0162epe\u015F", "stefan tepes"},
        {"Turkish dotted and dotless", "\u0130brahim I\u015F\u0131k", "ibrahim isik"},
        {"Vietnamese", "Nguy\u1EC5n Th\u1ECB \u0110\u1ED7 \u01A0\u01B0", "nguyen thi do ou"},
        {"Czech", "Ji\u0159\u00ED Dvo\u0159\u00E1k", "jiri dvorak"},
        {"German sharp s", "Gro\u00DFmann", "grossmann"},
        {"German capital sharp s", "GRO\u1E9EMANN", "grossmann"},
        {"Nordic", "S\u00F8ren \u00C6gir \u00DE\u00F3r", "soren aegir thor"},
        {"French ligature", "\u0152uvre", "oeuvre"},
        {"typographic ligature", "\uFB03nch", "ffinch"},
        {"decomposed", "Sio\u0301bha\u0301n", "siobhan"},
        {"two marks on one letter", "Nguye\u0302\u0303n", "nguyen"},
        {"full width", "\uFF33ean\uFF11", "sean1"},
        {"Cyrillic", "\u0421\u0435\u0440\u0433\u0435\u0439",
         "\u0441\u0435\u0440\u0433\u0435\u0438"},
        {"Cyrillic yo", "\u0424\u0451\u0434\u043E\u0440", "\u0444\u0435\u0434\u043E\u0440"},
        {"Ukrainian yi", "\u0407\u0432\u0430", "\u0456\u0432\u0430"},
        {"Greek", "\u0393\u03B9\u03CE\u03C1\u03B3\u03BF\u03C2",
         "\u03B3\u03B9\u03C9\u03C1\u03B3\u03BF\u03C3"},
        {"Arabic with vowel points", "\u0645\u064F\u062D\u064E\u0645\u0651\u064E\u062F",
         "\u0645\u062D\u0645\u062F"},
        {"Arabic alef with hamza", "\u0623\u062D\u0645\u062F", "\u0627\u062D\u0645\u062F"},
        {"Persian yeh", "\u0639\u0644\u06CC", "\u0639\u0644\u064A"},
        {"Arabic digits", "\u0661\u06F2", "12"},
        {"Hebrew with points", "\u05D3\u05B8\u05BC\u05D5\u05B4\u05D3", "\u05D3\u05D5\u05D3"},
        {"Hebrew maqaf", "\u05D1\u05DF\u05BE\u05D3\u05D5\u05D3", "\u05D1\u05DF \u05D3\u05D5\u05D3"},
        {"Chinese is kept", "\u738B\u5C0F\u660E", "\u738B\u5C0F\u660E"},
        {"a picture parts", "Baz\U0001F422Biscuit", "baz biscuit"},
        {"direction signs vanish", "Ba\u202Ez\u200F", "baz"},
        {"not UTF-8 parts", "Ba\xFFz", "ba z"},
        {"cut off", "Baz\xC3", "baz"},
        {"digits", "Unit 7b", "unit 7b"},
        {"punctuation only", "?!...", ""},
        {"apostrophes only", "'''", ""},
        {"empty", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_slice folded = name_fold(rows[i].name);
        if (!tp_slice_is(folded, rows[i].folded)) {
            fail_msg("%s: \"%.*s\"", rows[i].row, TP_SLICE_FMT(folded));
        }
    }
}

static void test_text_fold__does_not_join_as_names_do(void **state)
{
    (void)state;
    char out[ROOM];
    size_t bytes = tp_text_fold(tp_slice_str("blood group O negative"), out, sizeof out);
    assert_true(tp_slice_is(tp_slice_of(out, bytes), "blood group o negative"));
}

/* Nothing grows, the result is UTF-8, and folding it again changes nothing. */
static void test_text_fold__holds_its_promises_for_every_code_point(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF) {
            continue;
        }
        uint8_t in[1 + TP_UTF8_BYTES_MAX] = {'a'};
        char once[16], twice[16];
        size_t in_bytes = 1 + tp_utf8_put(code, in + 1);
        size_t bytes = tp_text_fold(tp_slice_of(in, in_bytes), once, sizeof once);
        tp_slice folded = tp_slice_of(once, bytes);
        size_t again = tp_text_fold(folded, twice, sizeof twice);
        if (bytes > in_bytes || bytes < 1 || !tp_utf8_is_valid(folded) ||
            !tp_slice_eq(folded, tp_slice_of(twice, again))) {
            fail_msg("U+%04X", (unsigned)code);
        }
    }
}

static void test_text_fold__keeps_whole_tokens_in_little_room(void **state)
{
    (void)state;
    static const struct {
        size_t room;
        const char *folded;
    } rows[] = {{0, ""}, {3, ""}, {4, "sean"}, {5, "sean"}, {9, "sean"}, {11, "sean oneill"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[16] = "###############";
        size_t bytes = tp_text_fold(tp_slice_str("Sean O'Neill"), out, rows[i].room);
        if (!tp_slice_is(tp_slice_of(out, bytes), rows[i].folded) || out[rows[i].room] != '#') {
            fail_msg("room %zu", rows[i].room);
        }
    }
}

static void test_text_fold__works_in_place(void **state)
{
    (void)state;
    char text[] = "  Si\u00F3bh\u00E1n,,O\u2019Neill \uFB03 ";
    size_t bytes = tp_name_fold(tp_slice_str(text), text, sizeof text);
    assert_true(tp_slice_is(tp_slice_of(text, bytes), "siobhan oneill ffi"));
}

static void test_text_fold__hostile_bytes(void **state)
{
    (void)state;
    static char out[TP_TEXT_BYTES_MAX];
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_slice in = tp_hostile_slice(&tp_hostiles[i]);
        size_t bytes = tp_name_fold(in, out, in.bytes);
        assert_true(bytes <= in.bytes && tp_utf8_is_valid(tp_slice_of(out, bytes)));
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        size_t bytes = tp_name_fold(tp_hostile_long(*c), out, sizeof out);
        assert_int_equal(bytes, *c == 'a' || *c == '1' ? sizeof out : 0);
    }
}

static void test_fold_next__gives_the_tokens_in_turn(void **state)
{
    (void)state;
    tp_slice rest = tp_slice_str("  anne  marie ");
    tp_slice token = {0};
    assert_true(tp_fold_next(&rest, &token) && tp_slice_is(token, "anne"));
    assert_true(tp_fold_next(&rest, &token) && tp_slice_is(token, "marie"));
    assert_false(tp_fold_next(&rest, &token));
    rest = tp_slice_of(NULL, 0);
    assert_false(tp_fold_next(&rest, &token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_fold__each_row),
        cmocka_unit_test(test_text_fold__does_not_join_as_names_do),
        cmocka_unit_test(test_text_fold__holds_its_promises_for_every_code_point),
        cmocka_unit_test(test_text_fold__keeps_whole_tokens_in_little_room),
        cmocka_unit_test(test_text_fold__works_in_place),
        cmocka_unit_test(test_text_fold__hostile_bytes),
        cmocka_unit_test(test_fold_next__gives_the_tokens_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
