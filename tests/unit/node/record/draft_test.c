/* Drafts: one for each worker and key, within their limits.
 *
 * Shows no promise: what is not recorded yet is promised to nobody. */
#include "node/record/draft.h"

#include "platform/base/limits.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const one[] = {"street-outreach", NULL};
static tp_err err;

static tp_rc put(tp_tx *tx, const char *worker, const char *key, const char *page, tp_slice body,
                 int64_t at_ms)
{
    tp_draft draft = {tp_slice_str(key), tp_slice_str(page), body, at_ms};
    return tp_draft_put(tx, tp_slice_str(worker), &draft, &err);
}

static tp_rc add_key(void *context, const tp_draft *draft, tp_err *trouble)
{
    (void)trouble;
    char *text = context;
    size_t used = strlen(text);
    snprintf(text + used, 256 - used, "%.*s=%.*s ", TP_SLICE_FMT(draft->key),
             TP_SLICE_FMT(draft->body));
    return TP_OK;
}

static const char *list(tp_tx *tx, const char *worker)
{
    static char text[256];
    text[0] = '\0';
    assert_int_equal(tp_draft_list(tx, tp_slice_str(worker), add_key, text, &err), TP_OK);
    return text;
}

static void test_record_draft__each_worker_has_their_own(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    char text[256] = "";
    meeting_open(&m, one);
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(put(&tx, "Dee", "a", "/a", tp_slice_str("1"), 10), TP_OK);
    assert_int_equal(put(&tx, "Dee", "b", "/b", tp_slice_str("2"), 20), TP_OK);
    assert_int_equal(put(&tx, "Tom", "a", "/a", tp_slice_str("3"), 15), TP_OK);
    assert_string_equal(list(&tx, "Dee"), "b= a= "); /* newest first, without bodies */
    assert_int_equal(put(&tx, "Dee", "a", "/a", tp_slice_str("4"), 30), TP_OK);
    assert_string_equal(list(&tx, "Dee"), "a= b= ");
    assert_int_equal(tp_draft_get(&tx, tp_slice_str("Dee"), tp_slice_str("a"), add_key, text, &err),
                     TP_OK);
    assert_string_equal(text, "a=4 ");
    assert_int_equal(tp_draft_delete(&tx, tp_slice_str("Dee"), tp_slice_str("a"), 0, &err), TP_OK);
    assert_int_equal(tp_draft_delete(&tx, tp_slice_str("Dee"), tp_slice_str("a"), 0, &err), TP_OK);
    assert_int_equal(tp_draft_get(&tx, tp_slice_str("Dee"), tp_slice_str("a"), add_key, text, &err),
                     TP_NOTFOUND);
    assert_string_equal(list(&tx, "Tom"), "a= ");
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

/* Two tabs put what they hold under one key: the first takes away its own, and finds it gone. */
static void test_record_draft__what_another_put_since_stays(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    const tp_slice dee = tp_slice_str("Dee");
    const tp_slice key = tp_slice_str("a");
    tp_draft first = {key, tp_slice_str("/a"), tp_slice_str("1"), 10};
    tp_draft second = {key, tp_slice_str("/a"), tp_slice_str("2"), 10}; /* by the same clock */
    bool exists = true;
    meeting_open(&m, one);
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_draft_exists(&tx, dee, key, &exists, &err), TP_OK);
    assert_false(exists);
    assert_int_equal(tp_draft_put(&tx, dee, &first, &err), TP_OK);
    assert_int_equal(tp_draft_put(&tx, dee, &second, &err), TP_OK);
    assert_true(first.at_ms == 10 && second.at_ms == 11);
    assert_int_equal(tp_draft_delete(&tx, dee, key, first.at_ms, &err), TP_OK);
    assert_int_equal(tp_draft_delete(&tx, dee, key, -1, &err), TP_OK);
    assert_int_equal(tp_draft_exists(&tx, dee, key, &exists, &err), TP_OK);
    assert_true(exists);
    assert_int_equal(tp_draft_delete(&tx, dee, key, second.at_ms, &err), TP_OK);
    assert_int_equal(tp_draft_exists(&tx, dee, key, &exists, &err), TP_OK);
    assert_false(exists);
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

static void test_record_draft__keeps_its_limits(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    static char large[TP_DRAFT_BYTES_MAX + 1];
    char key[TP_DRAFT_KEY_BYTES_MAX + 2];
    memset(large, 'x', sizeof large);
    memset(key, 'k', sizeof key);
    key[sizeof key - 1] = '\0';
    meeting_open(&m, one);
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    tp_slice body = tp_slice_of(large, TP_DRAFT_BYTES_MAX);
    assert_int_equal(put(&tx, "Dee", key + 1, "/a", body, 1), TP_OK);
    assert_int_equal(put(&tx, "Dee", key, "/a", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "", "/a", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "a b", "/a", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "a", "", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "a", "//x y", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "a", "https://x", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "a", "//x", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "a", "/\\x", body, 1), TP_INVALID);
    assert_int_equal(put(&tx, "Dee", "a", "/a", tp_slice_of(large, sizeof large), 1), TP_LIMIT);
    for (unsigned i = 1; i < TP_DRAFTS_MAX; i++) {
        snprintf(key, sizeof key, "n%u", i);
        assert_int_equal(put(&tx, "Dee", key, "/a", tp_slice_str("1"), 1), TP_OK);
    }
    assert_int_equal(put(&tx, "Dee", "one-more", "/a", tp_slice_str("1"), 1), TP_LIMIT);
    assert_int_equal(put(&tx, "Dee", "n1", "/a", tp_slice_str("2"), 1), TP_OK);
    assert_int_equal(put(&tx, "Tom", "one-more", "/a", tp_slice_str("1"), 1), TP_OK);
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

/* Whoever comes in may say any name: names must not be a way round the limit. */
static void test_record_draft__a_full_device_forgets_only_what_is_old(void **state)
{
    (void)state;
    const int64_t month_ms = TP_DRAFT_DAYS_KEPT * INT64_C(86400000);
    meeting m;
    tp_tx tx = TP_TX_NONE;
    meeting_open(&m, one);
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    for (unsigned i = 0; i < TP_DRAFTS_ALL_MAX; i++) {
        char worker[32];
        snprintf(worker, sizeof worker, "Worker %u", i);
        assert_int_equal(put(&tx, worker, "a", "/a", tp_slice_str("1"), i < 2 ? 1 : 2), TP_OK);
    }
    assert_int_equal(put(&tx, "Dee", "a", "/a", tp_slice_str("1"), month_ms + 1), TP_LIMIT);
    assert_int_equal(put(&tx, "Worker 9", "b", "/a", tp_slice_str("1"), month_ms), TP_LIMIT);
    assert_int_equal(put(&tx, "Worker 9", "a", "/a", tp_slice_str("2"), month_ms), TP_OK);
    assert_string_equal(list(&tx, "Worker 1"), "a= ");
    assert_int_equal(put(&tx, "Dee", "a", "/a", tp_slice_str("1"), month_ms + 2), TP_OK);
    assert_string_equal(list(&tx, "Worker 0"), "");
    assert_string_equal(list(&tx, "Worker 1"), "");
    assert_string_equal(list(&tx, "Worker 2"), "a= ");
    tp_tx_rollback(&tx);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_draft__each_worker_has_their_own),
        cmocka_unit_test(test_record_draft__what_another_put_since_stays),
        cmocka_unit_test(test_record_draft__keeps_its_limits),
        cmocka_unit_test(test_record_draft__a_full_device_forgets_only_what_is_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
