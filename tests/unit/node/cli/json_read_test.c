/* The reader is held to jansson's: it accepts what that accepts, and makes the same of it.
 *
 * Shows no promise: how a terminal is read and written. */
#include "node/cli/json_read.h"

#include "platform/base/alloc.h"
#include "platform/os/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { MUTATIONS = 200000, SEED = 7 };

static int check_nothing_lives(void **state)
{
    (void)state;
    return tp_alloc_live() == 0 ? 0 : -1;
}

static void hold_to_jansson(tp_slice text)
{
    tp_err err;
    json_error_t trouble;
    json_t *found = NULL;
    json_t *wanted =
        json_loadb((const char *)text.at, text.bytes, JSON_REJECT_DUPLICATES, &trouble);
    tp_rc rc = tp_json_read(text, &found, &err);
    if (text.bytes > 0 && memchr(text.at, 0, text.bytes) != NULL) {
        /* jansson 2.14 passes over a zero byte behind a word or a number; JSON has none. */
        assert_int_not_equal(rc, TP_OK);
        json_decref(wanted);
        return;
    }
    if ((rc == TP_OK) != (wanted != NULL) || (wanted != NULL && !json_equal(found, wanted))) {
        fail_msg("%.*s: %s, jansson: %s", TP_SLICE_FMT(text), rc == TP_OK ? "taken" : err.what,
                 wanted != NULL ? "taken" : trouble.text);
    }
    json_decref(found);
    json_decref(wanted);
}

static const char *const texts[] = {
    "",
    " ",
    "{}",
    " [ ] ",
    "[]x",
    "1",
    "\"a\"",
    "[1,2,3]",
    "[1,2,]",
    "[,]",
    "[1 2]",
    "{\"a\":1,\"b\":[true,false,null]}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,}",
    "{\"a\"}",
    "{\"a\" : \"b\"\t,\r\n\"c\":{}}",
    "{a:1}",
    "{\"a\":tru}",
    "[nulll]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
    "[\"\\x\"]",
    "[\"\\u00e9\\u20AC\\ud83e\\uded6\"]",
    "[\"\\u0000\"]",
    "[\"\\ud83e\"]",
    "[\"\\ud83ex\"]",
    "[\"\\ud83e\\u0041\"]",
    "[\"\\uded6\"]",
    "[\"\\u12g4\"]",
    "[\"caf\xC3\xA9 \xF0\x9F\xAB\x96\"]",
    "[\"\xC0\xAF\"]",
    "[\"\xED\xA0\x80\"]",
    "[\"\xF4\x90\x80\x80\"]",
    "[\"a\nb\"]",
    "[\"a\x7F\"]",
    "[\"open",
    "[\"open\\",
    "{\"k\\u00e9y\":\"v\\n\",\"k2\":\"plain\"}",
    "{\"k\\u00e9y\":{\"in\\ner\":1}}",
    "{\"\":0}",
    "[0,-0,-1,10,01]",
    "[0,-0,-1,10]",
    "[-]",
    "[+1]",
    "[1.]",
    "[.5]",
    "[1.5,-0.25,1e3,1E+2,1e-2]",
    "[1e]",
    "[1e999]",
    "[9223372036854775807,-9223372036854775808]",
    "[9223372036854775808]",
    "[1]\n",
    "{\"op\":\"create\",\"entity\":\"contact\",\"worker\":null,\"set\":{\"person\":"
    "\"0123456789abcdef-"
    "1\",\"note\":\"Said \\\"no\\\"\\nand left\",\"info\":[\"housing\",\"money\"]}}",
};

static void test_json_read__takes_what_jansson_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hold_to_jansson(tp_slice_str(texts[i]));
    }
    hold_to_jansson(tp_slice_of("[\0]", 3));
    hold_to_jansson(tp_slice_of("[\"a\0b\"]", 7));
}

/* Bytes of the texts above changed, left out and put in, at random. */
static void test_json_read__takes_what_jansson_takes_of_broken_texts(void **state)
{
    (void)state;
    static const char likely[] = "{}[],:\"\\u0eE+-.1tfn \n";
    tp_rng_seeded seeded;
    tp_rng_seeded_init(&seeded, SEED);
    tp_rng *rng = &seeded.rng;
    for (int i = 0; i < MUTATIONS; i++) {
        const char *from = texts[tp_rng_below(rng, sizeof texts / sizeof texts[0])];
        char text[512];
        size_t bytes = strlen(from);
        memcpy(text, from, bytes);
        for (uint64_t changes = 1 + tp_rng_below(rng, 3); changes > 0 && bytes > 0; changes--) {
            size_t at = (size_t)tp_rng_below(rng, bytes);
            char c = tp_rng_below(rng, 4) == 0 ? (char)tp_rng_below(rng, 256)
                                               : likely[tp_rng_below(rng, sizeof likely - 1)];
            uint64_t how = tp_rng_below(rng, 3);
            if (how == 0) {
                text[at] = c;
            } else if (how == 1) {
                memmove(text + at, text + at + 1, bytes - at - 1);
                bytes--;
            } else {
                memmove(text + at + 1, text + at, bytes - at);
                text[at] = c;
                bytes++;
            }
        }
        hold_to_jansson(tp_slice_of(text, bytes));
    }
}

static void test_json_read__ends_at_its_depth(void **state)
{
    (void)state;
    for (size_t depth = TP_JSON_READ_DEPTH_MAX; depth <= TP_JSON_READ_DEPTH_MAX + 1; depth++) {
        char text[2 * TP_JSON_READ_DEPTH_MAX + 2];
        tp_err err;
        json_t *json = NULL;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(tp_json_read(tp_slice_of(text, 2 * depth), &json, &err),
                         depth == TP_JSON_READ_DEPTH_MAX ? TP_OK : TP_LIMIT);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_json_read__takes_what_jansson_takes, check_nothing_lives),
        cmocka_unit_test_teardown(test_json_read__takes_what_jansson_takes_of_broken_texts,
                                  check_nothing_lives),
        cmocka_unit_test_teardown(test_json_read__ends_at_its_depth, check_nothing_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
