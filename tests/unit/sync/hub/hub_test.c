/* The hub's directory, its upgrade, and the renewal of certificates.
 *
 * Shows P1, P10, P16. */
#include "sync/hub/hub.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/store/sqlite.h"

static const char *const files[] = {"hub.db", "hub.key", "ca.key", "ca.pem", "server.key"};

static void test_hub__is_made_private_and_only_once(void **state)
{
    (void)state;
    tp_err err;
    struct stat st;
    tp_path dir = temp_dir_make();
    tp_path hub = temp_dir_path(&dir, "hub");
    assert_int_equal(tp_hub_make(hub.at, tp_clock_system(), tp_rng_system(), &err), TP_OK);
    assert_int_equal(stat(hub.at, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tp_path file = temp_dir_path(&hub, files[i]);
        assert_int_equal(stat(file.at, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    assert_int_equal(tp_hub_make(hub.at, tp_clock_system(), tp_rng_system(), &err), TP_EXISTS);
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_hub__a_making_that_failed_is_done_again(void **state)
{
    (void)state;
    static const char *const faults[] = {"file.write.nth:3", "file.write.nth:5",
                                         "store.commit.from:1"};
    tp_err err;
    tp_hub hub;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        tp_path dir = temp_dir_make();
        tp_path at = temp_dir_path(&dir, "hub");
        tp_fault_set(faults[i]);
        assert_int_not_equal(tp_hub_make(at.at, tp_clock_system(), tp_rng_system(), &err), TP_OK);
        tp_fault_set(NULL);
        assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err),
                         TP_NOTFOUND);
        assert_int_equal(tp_hub_make(at.at, tp_clock_system(), tp_rng_system(), &err), TP_OK);
        assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err), TP_OK);
        tp_hub_close(&hub);
        temp_dir_remove(&dir);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_hub__keys_without_a_hub_are_not_made_over(void **state)
{
    (void)state;
    tp_err err;
    tp_path dir = temp_dir_make();
    tp_path key = temp_dir_path(&dir, "hub.key");
    assert_int_equal(tp_file_create(key.at, tp_slice_str("kept"), &err), TP_OK);
    assert_int_equal(tp_hub_make(dir.at, tp_clock_system(), tp_rng_system(), &err), TP_EXISTS);
    assert_false(tp_file_exists(temp_dir_path(&dir, "hub.db").at));
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_hub__is_not_opened_where_others_may_enter(void **state)
{
    (void)state;
    tp_err err;
    tp_hub hub;
    tp_path dir = temp_dir_make();
    tp_path at = temp_dir_path(&dir, "hub");
    assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err),
                     TP_NOTFOUND);
    assert_int_equal(tp_hub_make(at.at, tp_clock_system(), tp_rng_system(), &err), TP_OK);
    assert_int_equal(chmod(at.at, 0755), 0);
    assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err), TP_DENIED);
    assert_int_equal(chmod(at.at, 0700), 0);
    assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err), TP_OK);
    tp_hub_close(&hub);
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
}

/* What the disk refused at the last moment is not remembered either. */
static void test_hub__forgets_what_was_not_committed(void **state)
{
    (void)state;
    tp_err err;
    tp_hub hub;
    tp_path dir = temp_dir_make();
    tp_path at = temp_dir_path(&dir, "hub");
    const tp_slice friary = tp_slice_str("friary");
    assert_int_equal(tp_hub_make(at.at, tp_clock_system(), tp_rng_system(), &err), TP_OK);
    assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err), TP_OK);
    assert_int_equal(tp_hub_begin(&hub, &err), TP_OK);
    assert_int_equal(tp_hub_agency_add(hub.store, "friary", "Friary", &err), TP_OK);
    assert_int_not_equal(tp_hub_agency_find(hub.store, friary), 0);
    tp_fault_set("store.commit.nth:1");
    assert_int_equal(tp_hub_commit(&hub, &err), TP_IO);
    tp_fault_set(NULL);
    assert_int_equal(tp_hub_begin(&hub, &err), TP_OK);
    assert_int_equal(tp_hub_agency_find(hub.store, friary), 0);
    tp_hub_rollback(&hub);
    tp_hub_close(&hub);
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_hub__refuses_a_database_of_a_newer_program(void **state)
{
    (void)state;
    tp_err err;
    tp_hub hub;
    tp_store *store = NULL;
    tp_tx tx = TP_TX_NONE;
    tp_path dir = temp_dir_make();
    tp_path at = temp_dir_path(&dir, "hub");
    assert_int_equal(tp_hub_make(at.at, tp_clock_system(), tp_rng_system(), &err), TP_OK);
    tp_path file = temp_dir_path(&at, "hub.db");
    tp_store_options options = {.path = file.at};
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "PRAGMA user_version = 999", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    tp_store_close(store);
    assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err),
                     TP_INVALID);
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_hub__makes_its_certificate_anew_before_it_ends(void **state)
{
    (void)state;
    tp_err err;
    tp_certificate_facts first;
    tp_certificate_facts later;
    int64_t until_ms = 0;
    hub_stage *stage = hub_stage_open();
    tp_hub *hub = hub_stage_hub(stage);
    tp_buf key;
    tp_buf chain;
    tp_buf_init(&key, TP_PEM_BYTES_MAX);
    tp_buf_init(&chain, TP_PEM_BYTES_MAX);
    assert_int_equal(tp_hub_server_identity(hub, &key, &chain, &until_ms, &err), TP_OK);
    assert_int_equal(tp_certificate_read(tp_buf_slice(&chain), &first, &err), TP_OK);
    tp_buf_clear(&key);
    tp_buf_clear(&chain);
    hub_stage_run(stage, "clock 600");
    assert_int_equal(tp_hub_server_identity(hub, &key, &chain, &until_ms, &err), TP_OK);
    assert_int_equal(tp_certificate_read(tp_buf_slice(&chain), &later, &err), TP_OK);
    assert_true(later.not_after_ms > first.not_after_ms && later.not_after_ms == until_ms);
    assert_true(later.not_before_ms <= first.not_before_ms); /* should the clock have jumped */
    assert_memory_equal(later.key.point, first.key.point, sizeof first.key.point);
    assert_int_equal(
        tp_certificate_check_issuer(tp_buf_slice(&chain), tp_buf_slice(&hub->ca), &err), TP_OK);
    tp_buf_done(&key);
    tp_buf_done(&chain);
    hub_stage_close(stage);
}

/* It ends with its authority, is not made over and over before that, and is missed after. */
static void test_hub__makes_no_certificate_that_counts_no_longer(void **state)
{
    (void)state;
    tp_err err;
    tp_certificate_facts ca;
    int64_t until_ms = 0;
    int64_t written_ns = 0;
    struct stat st;
    hub_stage *stage = hub_stage_open();
    tp_hub *hub = hub_stage_hub(stage);
    tp_path file = temp_dir_path(&hub->dir, "server.pem");
    tp_buf key;
    tp_buf chain;
    tp_buf_init(&key, TP_PEM_BYTES_MAX);
    tp_buf_init(&chain, TP_PEM_BYTES_MAX);
    assert_int_equal(tp_certificate_read(tp_buf_slice(&hub->ca), &ca, &err), TP_OK);
    hub_stage_run(stage, "clock 3300");
    for (int i = 0; i < 2; i++) {
        tp_buf_clear(&key);
        tp_buf_clear(&chain);
        assert_int_equal(tp_hub_server_identity(hub, &key, &chain, &until_ms, &err), TP_OK);
        assert_true(until_ms == ca.not_after_ms);
        assert_int_equal(stat(file.at, &st), 0);
        int64_t ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        assert_true(i == 0 || ns == written_ns);
        written_ns = ns;
    }
    hub_stage_run(stage, "clock 400");
    tp_buf_clear(&key);
    tp_buf_clear(&chain);
    assert_int_equal(tp_hub_server_identity(hub, &key, &chain, &until_ms, &err), TP_INVALID);
    tp_buf_done(&key);
    tp_buf_done(&chain);
    hub_stage_close(stage);
}

/* Whatever of the server's own is missing is made; what only a copy can bring back is named. */
static void test_hub__serves_from_the_keys_that_are_kept_apart(void **state)
{
    (void)state;
    static const char *const lost[] = {"server.key", "server.pem"};
    hub_stage *stage = hub_stage_open();
    tp_hub *hub = hub_stage_hub(stage);
    for (size_t i = 0; i <= sizeof lost / sizeof lost[0]; i++) {
        tp_err err;
        tp_buf key;
        tp_buf chain;
        tp_certificate_facts server;
        tp_key *pair = NULL;
        tp_public_key public_key;
        int64_t until_ms = 0;
        tp_buf_init(&key, TP_PEM_BYTES_MAX);
        tp_buf_init(&chain, TP_PEM_BYTES_MAX);
        assert_int_equal(tp_hub_server_identity(hub, &key, &chain, &until_ms, &err), TP_OK);
        assert_int_equal(tp_certificate_read(tp_buf_slice(&chain), &server, &err), TP_OK);
        assert_int_equal(tp_key_from_pem(tp_buf_slice(&key), &pair, &err), TP_OK);
        tp_key_public(pair, &public_key);
        assert_memory_equal(server.key.point, public_key.point, sizeof public_key.point);
        tp_key_free(pair);
        tp_buf_done(&key);
        tp_buf_done(&chain);
        if (i < sizeof lost / sizeof lost[0]) {
            tp_path file = temp_dir_path(&hub->dir, lost[i]);
            assert_int_equal(unlink(file.at), 0);
        }
    }
    hub_stage_close(stage);
}

static void test_hub__names_the_key_that_is_missing(void **state)
{
    (void)state;
    static const char *const kept_apart[] = {"hub.key", "ca.key", "ca.pem"};
    tp_err err;
    tp_hub hub;
    tp_path dir = temp_dir_make();
    tp_path at = temp_dir_path(&dir, "hub");
    tp_path aside = temp_dir_path(&dir, "aside");
    assert_int_equal(tp_hub_make(at.at, tp_clock_system(), tp_rng_system(), &err), TP_OK);
    for (size_t i = 0; i < sizeof kept_apart / sizeof kept_apart[0]; i++) {
        tp_path file = temp_dir_path(&at, kept_apart[i]);
        assert_int_equal(rename(file.at, aside.at), 0);
        assert_int_equal(tp_hub_open(at.at, tp_clock_system(), tp_rng_system(), &hub, &err),
                         TP_NOTFOUND);
        assert_non_null(strstr(err.what, kept_apart[i]));
        assert_int_equal(rename(aside.at, file.at), 0);
    }
    temp_dir_remove(&dir);
    assert_int_equal(tp_alloc_live(), 0);
}

/* Rows that only an older program could have left are put right when a newer one starts. */
static void test_hub__judges_everybody_after_an_upgrade(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = hub_stage_open();
    tp_hub *hub = hub_stage_hub(stage);
    tp_hub_feed_row rows[TP_AGENCIES_MAX];
    static const char *const lines[] = {"agency outreach",
                                        "agency friary",
                                        "sign outreach",
                                        "sign friary",
                                        "device van outreach",
                                        "van person p1 preferred_name=Sean",
                                        "van consent k1 person=p1 agencies=* kinds=housing "
                                        "purposes=support decision=given how=spoken "
                                        "capacity=believed_to_have",
                                        "sync van",
                                        NULL};
    hub_stage_run_all(stage, lines);
    tp_name p1 = hub_stage_name(stage, "p1");
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    assert_int_equal(tp_hub_feed_of(hub->store, p1, rows, &err), TP_OK);
    assert_true(rows[1].is_held);
    assert_int_equal(tp_hub_feed_drop(hub->store, 2, &rows[1], &err), TP_OK);
    assert_int_equal(tp_hub_commit(hub, &err), TP_OK);

    assert_int_equal(tp_hub_judge_upgrade(hub, &err), TP_OK); /* the same program: nothing moves */
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    assert_int_equal(tp_hub_feed_of(hub->store, p1, rows, &err), TP_OK);
    assert_int_equal(rows[1].position, 0);
    tp_hub_store_state(hub->store)->schema++;
    assert_int_equal(tp_hub_commit(hub, &err), TP_OK);

    assert_int_equal(tp_hub_judge_upgrade(hub, &err), TP_OK);
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    assert_int_equal(tp_hub_feed_of(hub->store, p1, rows, &err), TP_OK);
    assert_true(rows[1].is_held && rows[1].position != 0);
    tp_hub_rollback(hub);
    hub_stage_close(stage);
}

static void test_hub__another_process_is_noticed(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = hub_stage_open();
    static tp_hub other;
    tp_hub *hub = hub_stage_hub(stage);
    hub_stage_run(stage, "agency outreach");
    assert_int_equal(tp_hub_open(hub->dir.at, hub->clock, hub->rng, &other, &err), TP_OK);
    assert_int_equal(tp_hub_begin(&other, &err), TP_OK);
    assert_int_equal(tp_hub_agency_add(other.store, "friary", "The Friary", &err), TP_OK);
    assert_int_equal(tp_hub_commit(&other, &err), TP_OK);
    hub_stage_run(stage, "device desk friary");
    hub_stage_run(stage, "desk person p1 preferred_name=Sean");
    hub_stage_run(stage, "sync desk");
    /* And back: what one put at the end of a feed, the other sees at its end. */
    assert_int_equal(tp_hub_begin(&other, &err), TP_OK);
    assert_int_equal(tp_hub_feed_end(other.store, 2), 1);
    assert_int_equal(tp_hub_store_state(other.store)->number, 1);
    tp_hub_rollback(&other);
    tp_hub_close(&other);
    hub_stage_close(stage);
}

static void ask_csr(tp_request *head, const void *ctx)
{
    head->csr = *(const tp_slice *)ctx;
}

static void test_hub__renews_for_the_same_device_and_key_alone(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = hub_stage_open();
    tp_key *stranger = NULL;
    tp_buf csr;
    tp_buf body;
    tp_buf answer;
    tp_certificate_facts facts;
    tp_buf_init(&csr, TP_PEM_BYTES_MAX);
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&answer, TP_HTTP_RESPONSE_BYTES_MAX);
    hub_stage_run(stage, "agency friary");
    hub_stage_run(stage, "device desk friary");
    tp_hub_device device = hub_stage_known(stage, "desk");
    assert_int_equal(tp_key_generate(tp_rng_system(), &stranger, &err), TP_OK);

    assert_int_equal(tp_csr_make(stranger, device.id, tp_rng_system(), &csr, &err), TP_OK);
    tp_slice wanted = tp_buf_slice(&csr);
    hub_stage_make_request(stage, "desk", ask_csr, &wanted, &body);
    assert_int_equal(hub_stage_send(stage, "desk", tp_buf_slice(&body), &answer), 0);
    assert_int_equal(hub_stage_read(stage, tp_buf_slice(&answer))->head.certificate.bytes, 0);

    tp_buf_clear(&csr);
    tp_buf_clear(&body);
    tp_buf_clear(&answer);
    assert_int_equal(
        tp_csr_make(hub_stage_key(stage, "desk"), device.id, tp_rng_system(), &csr, &err), TP_OK);
    wanted = tp_buf_slice(&csr);
    hub_stage_make_request(stage, "desk", ask_csr, &wanted, &body);
    assert_int_equal(hub_stage_send(stage, "desk", tp_buf_slice(&body), &answer), 0);
    tp_slice certificate = hub_stage_read(stage, tp_buf_slice(&answer))->head.certificate;
    assert_int_equal(tp_certificate_read(certificate, &facts, &err), TP_OK);
    assert_true(facts.device == device.id);
    assert_string_equal(facts.agency, "friary");
    assert_true(hub_stage_known(stage, "desk").certificate_until_ms == facts.not_after_ms);
    tp_buf_done(&csr);
    tp_buf_done(&body);
    tp_buf_done(&answer);
    tp_key_free(stranger);
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub__is_made_private_and_only_once),
        cmocka_unit_test(test_hub__a_making_that_failed_is_done_again),
        cmocka_unit_test(test_hub__keys_without_a_hub_are_not_made_over),
        cmocka_unit_test(test_hub__is_not_opened_where_others_may_enter),
        cmocka_unit_test(test_hub__forgets_what_was_not_committed),
        cmocka_unit_test(test_hub__refuses_a_database_of_a_newer_program),
        cmocka_unit_test(test_hub__makes_its_certificate_anew_before_it_ends),
        cmocka_unit_test(test_hub__makes_no_certificate_that_counts_no_longer),
        cmocka_unit_test(test_hub__serves_from_the_keys_that_are_kept_apart),
        cmocka_unit_test(test_hub__names_the_key_that_is_missing),
        cmocka_unit_test(test_hub__judges_everybody_after_an_upgrade),
        cmocka_unit_test(test_hub__another_process_is_noticed),
        cmocka_unit_test(test_hub__renews_for_the_same_device_and_key_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
