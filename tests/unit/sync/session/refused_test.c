/* What a node says of a request that was refused as a whole.
 *
 * Shows no promise: how it is said to a worker. */
#include "sync/session/refused.h"

#include "platform/base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct answer_row {
    const char *row;
    unsigned status;
    const char *body;
    tp_rc rc;
    const char *says;
} answer_row;

static const answer_row answers[] = {
    {"a reason is passed on", 403, "{\"error\":\"revoked\",\"text\":\"ask for it back\"}",
     TP_DENIED, "the hub says: ask for it back"},
    {"a code without a text has ours", 403, "{\"error\":\"revoked\"}", TP_DENIED, "the hub says: "},
    {"busy can be tried again", 503, "{\"error\":\"busy\",\"text\":\"later\"}", TP_BUSY, "later"},
    {"too many tries", 429, "{\"error\":\"busy\",\"text\":\"in an hour\"}", TP_BUSY, "in an hour"},
    {"a hub whose disk is full says nothing: the node does", 503, "", TP_BUSY,
     "wrong at the hub (503): nothing is lost, try again later"},
    {"a hub that failed", 500, "", TP_OFFLINE, "wrong at the hub (500)"},
    {"what stands between may answer pages", 502, "<html>Bad Gateway</html>", TP_OFFLINE,
     "wrong at the hub (502)"},
    {"no hub at all", 404, "", TP_DENIED, "answered 404, without a reason"},
    {"nothing a text holds reaches a terminal", 403,
     "{\"error\":\"revoked\",\"text\":\"a\\u001b[2Jb\"}", TP_DENIED, "the hub says: a?[2Jb"},
};

static void test_refused_fail__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const answer_row *row = &answers[i];
        tp_refused_answer answer;
        tp_err err = {0};
        tp_refused_read(row->status, tp_slice_str(row->body), &answer);
        const tp_rc rc = tp_refused_fail(&answer, &err);
        if (rc != row->rc || strstr(err.what, row->says) == NULL) {
            fail_msg("%s: %d, \"%s\"", row->row, (int)rc, err.what);
        }
    }
}

/* A number that is none counts as not said. */
static void test_refused_read__says_which_generation_the_hub_has(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint64_t generation;
    } rows[] = {
        {"{\"error\":\"generation\",\"generation\":9223372036854775807}", TP_NUMBER_MAX},
        {"{\"error\":\"generation\",\"generation\":-1}", 0},
        {"{\"error\":\"generation\",\"generation\":\"7\"}", 0},
        {"{\"error\":\"generation\"}", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_refused_answer answer;
        tp_refused_read(409, tp_slice_str(rows[i].body), &answer);
        assert_int_equal(answer.refusal, TP_REFUSAL_GENERATION);
        assert_true(answer.generation == rows[i].generation);
    }
}

/* Likewise. */
static void test_refused_read__says_to_which_request_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint32_t to;
    } rows[] = {
        {"{\"error\":\"chain\",\"to\":4294967295}", UINT32_MAX},
        {"{\"error\":\"chain\",\"to\":4294967296}", 0},
        {"{\"error\":\"chain\",\"to\":-1}", 0},
        {"{\"error\":\"chain\",\"to\":\"7\"}", 0},
        {"{\"error\":\"chain\"}", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_refused_answer answer;
        tp_refused_read(409, tp_slice_str(rows[i].body), &answer);
        assert_int_equal(answer.refusal, TP_REFUSAL_CHAIN);
        assert_int_equal(answer.to, rows[i].to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_fail__each_row),
        cmocka_unit_test(test_refused_read__says_which_generation_the_hub_has),
        cmocka_unit_test(test_refused_read__says_to_which_request_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
