/* What was answered is answered the same again, and only to who asked it.
 *
 * Shows no promise: what a page is answered when it asks twice. */
#include "node/record/answered.h"

#include "platform/base/limits.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const one[] = {"street-outreach", NULL};
static tp_err err;

static tp_answered_asked asked_of(uint8_t key, const char *where, const char *worker,
                                  const char *body)
{
    tp_answered_asked asked = {
        .where = tp_slice_str(where), .worker = tp_slice_str(worker), .body = tp_slice_str(body)};
    asked.key[0] = key;
    return asked;
}

static tp_rc find(tp_tx *tx, const tp_answered_asked *asked, char out[64])
{
    tp_buf text;
    tp_buf_init(&text, 64);
    tp_rc rc = tp_answered_find(tx, asked, &text, &err);
    snprintf(out, 64, "%.*s", TP_SLICE_FMT(tp_buf_slice(&text)));
    tp_buf_done(&text);
    return rc;
}

static void test_record_answered__only_the_same_question_finds_it(void **state)
{
    (void)state;
    static const struct {
        uint8_t key;
        const char *where;
        const char *worker;
        const char *body;
        tp_rc rc;
    } rows[] = {
        {1, "/a", "Dee", "{}", TP_OK},        {2, "/a", "Dee", "{}", TP_NOTFOUND},
        {1, "/b", "Dee", "{}", TP_NOTFOUND},  {1, "/a", "Tom", "{}", TP_NOTFOUND},
        {1, "/a", "Dee", "{ }", TP_NOTFOUND}, {1, "/a", "Dee{", "}", TP_NOTFOUND},
        {1, "/aDee", "", "{}", TP_NOTFOUND},
    };
    meeting m;
    tp_tx tx = TP_TX_NONE;
    char text[64];
    meeting_open(&m, one);
    tp_rng *rng = m.at[0].node.rng;
    const tp_answered_asked asked = asked_of(1, "/a", "Dee", "{}");
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(find(&tx, &asked, text), TP_NOTFOUND);
    assert_int_equal(tp_answered_keep(&tx, &asked, rng, tp_slice_str("done"), &err), TP_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tp_answered_asked row =
            asked_of(rows[i].key, rows[i].where, rows[i].worker, rows[i].body);
        assert_int_equal(find(&tx, &row, text), rows[i].rc);
        assert_string_equal(text, rows[i].rc == TP_OK ? "done" : "");
    }
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

/* Neither the answer nor the key stands in the table. */
static void test_record_answered__what_is_kept_tells_nothing(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    tp_stmt *s = NULL;
    tp_answered_asked asked = {.where = tp_slice_str("/a"), .body = tp_slice_str("{}")};
    meeting_open(&m, one);
    memcpy(asked.key, "sixteen bytes...", sizeof asked.key);
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(
        tp_answered_keep(&tx, &asked, m.at[0].node.rng, tp_slice_str("K7F-2QX-9MD"), &err), TP_OK);
    assert_int_equal(tp_tx_prepare(&tx, "SELECT name, answer FROM answered", &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    tp_slice name = tp_stmt_blob(s, 0);
    tp_slice answer = tp_stmt_blob(s, 1);
    assert_null(memmem(answer.at, answer.bytes, "K7F", 3));
    assert_int_equal(name.bytes, 16);
    assert_memory_not_equal(name.at, asked.key, 16);
    tp_stmt_done(s);
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

static void test_record_answered__the_oldest_go(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    char text[64];
    char body[16];
    meeting_open(&m, one);
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    for (unsigned i = 0; i <= TP_ANSWERED_MAX; i++) {
        snprintf(body, sizeof body, "%u", i);
        const tp_answered_asked asked = asked_of(1, "/a", "Dee", body);
        assert_int_equal(tp_answered_keep(&tx, &asked, m.at[0].node.rng, tp_slice_str(body), &err),
                         TP_OK);
    }
    const tp_answered_asked oldest = asked_of(1, "/a", "Dee", "0");
    const tp_answered_asked next = asked_of(1, "/a", "Dee", "1");
    assert_int_equal(find(&tx, &oldest, text), TP_NOTFOUND);
    assert_int_equal(find(&tx, &next, text), TP_OK);
    assert_string_equal(text, "1");
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_answered__only_the_same_question_finds_it),
        cmocka_unit_test(test_record_answered__what_is_kept_tells_nothing),
        cmocka_unit_test(test_record_answered__the_oldest_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
