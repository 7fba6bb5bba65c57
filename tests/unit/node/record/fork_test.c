/* A whole node under a new id: everything on it that names what it wrote.  Shows P23, P26. */
#include "node/record/fork.h"

#include "node/record/draft.h"
#include "node/record/node_status.h"
#include "node/view/review.h"
#include "node/view/timeline.h"
#include "node/view/verify.h"
#include "schema/name_text.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const one[] = {"street-outreach", NULL};
static meeting m;
static tp_err err;

static tp_node *node(void)
{
    return &m.at[0].node;
}

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static int set_up(void **state)
{
    (void)state;
    meeting_open(&m, one);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    meeting_close(&m);
    return 0;
}

/* Takes the next id; answers it. */
static uint64_t fork_at(uint64_t kept)
{
    tp_key *key = NULL;
    uint64_t device = 0;
    must(tp_node_fork_begin(node(), NULL, &device, &key, &err));
    tp_key_free(key);
    must(tp_node_fork_end(node(), device, kept, &err));
    return device;
}

static tp_rc copy_draft(void *context, const tp_draft *draft, tp_err *trouble)
{
    (void)trouble;
    snprintf(context, 400, "%.*s %.*s %.*s", TP_SLICE_FMT(draft->key), TP_SLICE_FMT(draft->page),
             TP_SLICE_FMT(draft->body));
    return TP_OK;
}

static void put_draft(const char *key, const char *page, const char *body)
{
    tp_tx tx = TP_TX_NONE;
    tp_draft draft = {tp_slice_str(key), tp_slice_str(page), tp_slice_str(body), 1};
    must(tp_tx_begin(node()->store, &tx, TP_TX_WRITE, &err));
    must(tp_draft_put(&tx, tp_slice_str("Dee"), &draft, &err));
    must(tp_tx_commit(&tx, &err));
}

static void test_node_fork__drafts_name_what_they_named(void **state)
{
    (void)state;
    char was[TP_NAME_TEXT_BYTES];
    char is[TP_NAME_TEXT_BYTES];
    char text[400];
    char expected[400];
    const tp_name person = meeting_person(&m, 0, "Joy");
    tp_name_print(person, was);
    snprintf(text, sizeof text, "/contact/%s", was);
    snprintf(expected, sizeof expected, "{\"person\":\"%s\",\"note\":\"Had tea\"}", was);
    put_draft("contact", text, expected);
    put_draft("other", "/", "{}");
    const uint64_t to = fork_at(0);
    tp_name_print((tp_name){to, person.seq}, is);
    tp_tx tx = TP_TX_NONE;
    must(tp_tx_begin(node()->store, &tx, TP_TX_READ, &err));
    must(tp_draft_get(&tx, tp_slice_str("Dee"), tp_slice_str("contact"), copy_draft, text, &err));
    snprintf(expected, sizeof expected,
             "contact /contact/%s {\"person\":\"%s\",\"note\":\"Had tea\"}", is, is);
    assert_string_equal(text, expected);
    must(tp_draft_get(&tx, tp_slice_str("Dee"), tp_slice_str("other"), copy_draft, text, &err));
    assert_string_equal(text, "other / {}");
    tp_tx_rollback(&tx);
}

/* How many entries of their timeline are new to this worker; looks. */
static uint32_t count_new(tp_name person, const char *worker)
{
    tp_tx tx = TP_TX_NONE;
    tp_timeline timeline;
    uint32_t count = 0;
    must(tp_tx_begin(node()->store, &tx, TP_TX_WRITE, &err));
    must(tp_timeline_read(node()->view, &tx, person, tp_slice_str(worker), &timeline, &err));
    count = timeline.new_count;
    tp_timeline_done(&timeline);
    must(tp_timeline_looked(node()->view, &tx, person, tp_slice_str(worker), &err));
    must(tp_tx_commit(&tx, &err));
    return count;
}

/* Where an older card has used one number again: what was begun about whom it named is about them,
 * and so is what somebody has looked at; what stands beside it stays. */
static void test_node_fork__one_name_alone_is_called_anew(void **state)
{
    (void)state;
    enum { TO = 4711 };
    char was[2][TP_NAME_TEXT_BYTES];
    char is[TP_NAME_TEXT_BYTES];
    char text[400];
    char expected[400];
    const tp_name person = meeting_person(&m, 0, "Joy");
    const tp_name next = meeting_person(&m, 0, "Kit");
    const tp_renaming renaming = {.from = person.device,
                                  .kept = person.seq - 1,
                                  .upto = person.seq,
                                  .to = TO,
                                  .keeps_seq = true};
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(next.seq, person.seq + 1);
    tp_name_print(person, was[0]);
    tp_name_print(next, was[1]);
    tp_name_print((tp_name){TO, person.seq}, is);
    snprintf(text, sizeof text, "/contact/%s/%s", was[0], was[1]);
    put_draft("contact", text, "{}");
    must(tp_tx_begin(node()->store, &tx, TP_TX_WRITE, &err));
    must(tp_timeline_looked(node()->view, &tx, person, tp_slice_str("Dee"), &err));
    must(tp_timeline_looked(node()->view, &tx, next, tp_slice_str("Dee"), &err));
    must(tp_node_call_anew(node(), &tx, &renaming, &err));
    must(tp_draft_get(&tx, tp_slice_str("Dee"), tp_slice_str("contact"), copy_draft, text, &err));
    snprintf(expected, sizeof expected, "contact /contact/%s/%s {}", is, was[1]);
    assert_string_equal(text, expected);
    tp_packed_name packed[2] = {0, 0};
    must(tp_log_pack(node()->log, &tx, (tp_name){TO, person.seq}, &packed[0], &err));
    must(tp_log_pack(node()->log, &tx, next, &packed[1], &err));
    tp_stmt *s = NULL;
    must(tp_tx_prepare(&tx, "SELECT count(*) FROM look WHERE person IN (?, ?)", &s, &err));
    tp_stmt_bind_int(s, 1, packed[0]);
    tp_stmt_bind_int(s, 2, packed[1]);
    must(tp_stmt_first(s, &err));
    assert_int_equal(tp_stmt_int(s, 0), 2);
    tp_stmt_done(s);
    must(tp_tx_commit(&tx, &err));
}

/* Seen is seen, and what comes after it is news. */
static void test_node_fork__what_somebody_has_seen_they_have_seen(void **state)
{
    (void)state;
    const tp_name old = meeting_person(&m, 0, "Joy");
    (void)meeting_contact(&m, 0, old, "Had tea.");
    meeting_sync(&m, 0);
    const uint64_t kept = old.seq + 1;
    const tp_name fresh = meeting_person(&m, 0, "Kit");
    (void)meeting_contact(&m, 0, fresh, "Had coffee.");
    (void)meeting_contact(&m, 0, old, "Had tea again.");
    assert_true(count_new(old, "Amina") > 0);
    assert_true(count_new(fresh, "Amina") > 0);
    const tp_name now = {fork_at(kept), fresh.seq - kept};
    assert_int_equal(count_new(old, "Amina"), 0);
    assert_int_equal(count_new(now, "Amina"), 0);
    (void)meeting_contact(&m, 0, now, "Had soup.");
    assert_int_equal(count_new(old, "Amina"), 0);
    assert_int_equal(count_new(now, "Amina"), 1);
}

static tp_name review_first(uint32_t *count_out, char id_out[TP_REVIEW_ID_MAX])
{
    tp_tx tx = TP_TX_NONE;
    tp_review_list list;
    tp_name record = {0, 0};
    must(tp_tx_begin(node()->store, &tx, TP_TX_READ, &err));
    must(tp_review_read(node()->view, &tx, (tp_name){0, 0}, &list, &err));
    *count_out = list.count;
    if (list.count > 0) {
        record = list.items[0].record;
        memcpy(id_out, list.items[0].id, TP_REVIEW_ID_MAX);
    }
    tp_review_list_done(&list);
    tp_tx_rollback(&tx);
    return record;
}

static bool is_copied(void)
{
    tp_tx tx = TP_TX_NONE;
    bool is_it = false;
    must(tp_tx_begin(node()->store, &tx, TP_TX_READ, &err));
    must(tp_review_has_copied(node()->view, &tx, &is_it, &err));
    tp_tx_rollback(&tx);
    return is_it;
}

static void dismiss(const char *id)
{
    tp_tx tx = TP_TX_NONE;
    must(tp_tx_begin(node()->store, &tx, TP_TX_WRITE, &err));
    must(tp_review_dismiss(node()->view, &tx, tp_slice_str(id), tp_slice_str("Dee"), &err));
    must(tp_tx_commit(&tx, &err));
}

/* Told once for each fork, until somebody puts it aside; what was put aside before stays so. */
static void test_node_fork__is_told_until_somebody_puts_it_aside(void **state)
{
    (void)state;
    char id[TP_REVIEW_ID_MAX];
    uint32_t count = 0;
    const tp_name person = meeting_person(&m, 0, "Joy");
    (void)meeting_write(
        &m, 0,
        "{'op':'create','entity':'legal_gateway','worker':'Dee','set':{'person':'%s',"
        "'agencies':['street-outreach'],'kinds':['housing'],'ends_on':'2026-02-13',"
        "'authoriser':'Ruth','basis':'Care Act 2014, section 42'}}",
        meeting_name(person));
    (void)review_first(&count, id);
    assert_int_equal(count, 1);
    dismiss(id);
    assert_false(is_copied());
    const uint64_t to = fork_at(0);
    assert_true(is_copied());
    assert_true(review_first(&count, id).device == to);
    assert_int_equal(count, 1);
    assert_memory_equal(id, "copied:", 7);
    dismiss(id);
    assert_false(is_copied());
    (void)fork_at(0);
    assert_true(is_copied());
}

/* Everything that follows from the log follows from it afterwards. */
static void test_node_fork__leaves_a_node_that_is_whole(void **state)
{
    (void)state;
    static tp_log_verified report;
    const tp_name first = meeting_person(&m, 0, "Joy");
    const tp_name second = meeting_person(&m, 0, "Joy Two");
    meeting_sync(&m, 0);
    (void)meeting_contact(&m, 0, first, "Had tea.");
    (void)meeting_write(&m, 0,
                        "{'op':'create','entity':'join','worker':'Dee','set':{'person':'%s',"
                        "'same_as':'%s'}}",
                        meeting_name(first), meeting_name(second));
    (void)fork_at(2);
    must(tp_verify(node()->view, &report, &err));
    assert_int_equal(report.findings.count, 0);
    (void)meeting_contact(&m, 0, first, "Had soup.");
    must(tp_verify(node()->view, &report, &err));
    assert_int_equal(report.findings.count, 0);
}

/* The same id and key until it is taken, so that whoever is asked meets one device. */
static void test_node_fork__begins_again_with_what_it_began_with(void **state)
{
    (void)state;
    tp_key *key = NULL;
    tp_public_key keys[2];
    uint64_t ids[3];
    tp_path path;
    for (size_t i = 0; i < 2; i++) {
        must(tp_node_fork_begin(node(), NULL, &ids[i], &key, &err));
        tp_key_public(key, &keys[i]);
        tp_key_free(key);
    }
    assert_true(ids[0] == ids[1]);
    assert_memory_equal(keys[0].point, keys[1].point, sizeof keys[0].point);
    must(tp_node_own_path(node(), TP_NODE_KEY, &path, &err));
    assert_non_null(strstr(path.at, "/key.pem")); /* not its own yet */
    must(tp_node_fork_drop(node(), ids[0], &err));
    must(tp_node_id_path(node(), ids[0], TP_NODE_KEY, &path, &err));
    assert_false(tp_file_exists(path.at));
    must(tp_node_fork_begin(node(), NULL, &ids[2], &key, &err));
    tp_key_free(key);
    assert_true(ids[2] != ids[0]);
    must(tp_node_fork_end(node(), ids[2], 0, &err));
    must(tp_node_own_path(node(), TP_NODE_KEY, &path, &err));
    assert_null(strstr(path.at, "/key.pem"));
    assert_true(tp_file_exists(path.at));
}

/* Another machine with the same key that is told the same takes the same id, whatever it draws. */
static void test_node_fork__copies_that_are_told_the_same_take_one_id(void **state)
{
    (void)state;
    tp_key *own = NULL;
    uint64_t ids[4];
    tp_public_key keys[4];
    must(tp_key_generate(tp_rng_system(), &own, &err));
    tp_node_fork_from from = {.key = own, .seed = {1}};
    for (size_t i = 0; i < 4; i++) {
        tp_key *key = NULL;
        from.seed[0] = i == 2 ? 2 : 1;
        must(tp_node_fork_begin(node(), i == 3 ? NULL : &from, &ids[i], &key, &err));
        tp_key_public(key, &keys[i]);
        tp_key_free(key);
        if (i != 2) {
            must(tp_node_fork_drop(node(), ids[i], &err));
        }
    }
    assert_true(ids[0] == ids[1]);
    assert_memory_equal(keys[0].point, keys[1].point, sizeof keys[0].point);
    assert_true(ids[2] != ids[0]);
    assert_true(ids[3] == ids[2]); /* what was begun with goes on */
    tp_key_free(own);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(test_node_fork__drafts_name_what_they_named),
        ROW(test_node_fork__one_name_alone_is_called_anew),
        ROW(test_node_fork__what_somebody_has_seen_they_have_seen),
        ROW(test_node_fork__is_told_until_somebody_puts_it_aside),
        ROW(test_node_fork__leaves_a_node_that_is_whole),
        ROW(test_node_fork__begins_again_with_what_it_began_with),
        ROW(test_node_fork__copies_that_are_told_the_same_take_one_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
