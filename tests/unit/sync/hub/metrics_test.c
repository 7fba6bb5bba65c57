/* What is counted stands or goes with the transaction, and how it is written.
 *
 * Shows P18, P25. */
#include "sync/hub/metrics.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "platform/base/alloc.h"

static void test_tally__what_is_undone_or_not_committed_was_not_counted(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = hub_stage_open();
    tp_hub *hub = hub_stage_hub(stage);
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    hub->tally.now.accepted += 1;
    assert_int_equal(tp_hub_mark(hub, &err), TP_OK);
    hub->tally.now.accepted += 10;
    tp_hub_undo(hub);
    assert_int_equal(hub->tally.now.accepted, 1);
    assert_int_equal(hub->tally.kept.accepted, 0);
    tp_hub_tally_refused(&hub->tally, TP_HUB_DOOR_SYNC, "gap");
    assert_int_equal(tp_hub_commit(hub, &err), TP_OK);
    assert_int_equal(hub->tally.kept.accepted, 1);
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    hub->tally.now.accepted += 100;
    tp_hub_rollback(hub);
    assert_int_equal(hub->tally.now.accepted, 1);
    for (size_t i = 0; i < TP_HUB_REFUSALS_COUNT; i++) {
        bool is_gap = tp_hub_refusal_rows[i].door == TP_HUB_DOOR_SYNC &&
                      strcmp(tp_hub_refusal_rows[i].code, "gap") == 0;
        assert_int_equal(hub->tally.kept.refused[i], is_gap);
    }
    hub_stage_close(stage);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_tally__each_refusal_of_a_sync_has_its_row(void **state)
{
    (void)state;
    tp_hub_tally tally;
    memset(&tally, 0, sizeof tally);
    for (const tp_refusal_row *row = tp_refusals; row->code != NULL; row++) {
        tp_hub_tally_refused(&tally, TP_HUB_DOOR_SYNC, row->code);
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < TP_HUB_REFUSALS_COUNT; i++) {
        assert_true(tally.now.refused[i] <= 1);
        sum += tally.now.refused[i];
    }
    assert_int_equal(sum, TP_REFUSAL_FULL); /* the last one */
}

/* Devices of which one is revoked and one has synced. */
static void test_hub_gauge__devices_by_what_became_of_them(void **state)
{
    (void)state;
    tp_err err;
    tp_hub_gauges gauges;
    hub_stage *stage = hub_stage_open();
    static const char *const lines[] = {"agency one",
                                        "sign one",
                                        "device van one",
                                        "device desk one",
                                        "device lost one",
                                        "clock 3",
                                        "van person p1 preferred_name=Joy",
                                        "sync van",
                                        "clock 1",
                                        "sync desk",
                                        "revoke lost",
                                        NULL};
    hub_stage_run_all(stage, lines);
    int64_t desk_ms = hub_stage_known(stage, "desk").last_sync_ms;
    assert_int_equal(tp_hub_gauge(hub_stage_hub(stage), &gauges, &err), TP_OK);
    assert_int_equal(gauges.devices, 2);
    assert_int_equal(gauges.never_synced, 0);
    assert_int_equal(gauges.revoked, 1);
    assert_int_equal(gauges.oldest_sync_ms, desk_ms - INT64_C(86400000));
    assert_int_equal(gauges.number, 1);
    assert_int_equal(gauges.quarantined, 0);
    assert_true(gauges.database_bytes > 0);
    hub_stage_close(stage);
}

/* ---- Text ---- */

typedef struct page {
    tp_hub_sums sums;
    tp_hub_answers answers;
    tp_hub_durations syncs;
    tp_hub_durations commits;
    tp_http_server_stats http;
    tp_buf text;
} page;

static const char *write_page(page *p, const tp_hub_gauges *gauges, int64_t free_bytes)
{
    tp_err err;
    tp_hub_metrics metrics = {.sums = &p->sums,
                              .answers = &p->answers,
                              .syncs = &p->syncs,
                              .commits = &p->commits,
                              .gauges = gauges,
                              .http = &p->http,
                              .judge_us = 1000001,
                              .free_bytes = free_bytes};
    tp_buf_clear(&p->text);
    assert_int_equal(tp_hub_metrics_write(&metrics, &p->text, &err), TP_OK);
    const char *text = tp_buf_cstr(&p->text);
    assert_non_null(text);
    return text;
}

static void test_metrics__counts_sums_and_bounds_are_those_that_were_given(void **state)
{
    (void)state;
    static page p;
    memset(&p, 0, sizeof p);
    tp_buf_init(&p.text, TP_HTTP_RESPONSE_BYTES_MAX);
    static const int64_t took_us[] = {0, 1000, 1001, 99999, 5000000, 5000001};
    for (size_t i = 0; i < sizeof took_us / sizeof took_us[0]; i++) {
        tp_hub_durations_add(&p.syncs, took_us[i]);
    }
    tp_hub_answers round;
    memset(&round, 0, sizeof round);
    tp_hub_answers_count(&round, TP_HUB_DOOR_SYNC, 409);
    tp_hub_answers_count(&round, TP_HUB_DOOR_SYNC, 409);
    tp_hub_answers_count(&round, TP_HUB_DOOR_ASK, 299);
    tp_hub_answers_move(&p.answers, &round);
    tp_hub_answers_move(&p.answers, &round); /* it is empty now */
    p.sums.quarantined[TP_QUARANTINE_RULE] = 7;
    p.http.late[TP_HTTP_PHASE_LINGER] = 3;
    tp_hub_gauges gauges = {.devices = 5, .never_synced = 2, .oldest_sync_ms = 1700000000123};
    const char *text = write_page(&p, &gauges, 12345);
    static const char *const rows[] = {
        "\nteapot_hub_requests_total{path=\"/v1/sync\",status=\"200\"} 0\n",
        "\nteapot_hub_requests_total{path=\"/v1/sync\",status=\"409\"} 2\n",
        "\nteapot_hub_requests_total{path=\"/v1/ask\",status=\"0\"} 1\n",
        "\nteapot_hub_changes_quarantined_total{code=\"rule\"} 7\n",
        "\nteapot_hub_deadlines_total{phase=\"linger\"} 3\n",
        "\nteapot_hub_sync_seconds_bucket{le=\"0.001\"} 2\n",
        "\nteapot_hub_sync_seconds_bucket{le=\"0.005\"} 3\n",
        "\nteapot_hub_sync_seconds_bucket{le=\"0.05\"} 3\n",
        "\nteapot_hub_sync_seconds_bucket{le=\"0.1\"} 4\n",
        "\nteapot_hub_sync_seconds_bucket{le=\"5\"} 5\n",
        "\nteapot_hub_sync_seconds_bucket{le=\"+Inf\"} 6\n",
        "\nteapot_hub_sync_seconds_sum 10.102001\n",
        "\nteapot_hub_sync_seconds_count 6\n",
        "\nteapot_hub_judge_seconds_total 1.000001\n",
        "\nteapot_hub_devices{state=\"synced\"} 3\n",
        "\nteapot_hub_oldest_sync_timestamp_seconds 1700000000.123000\n",
        "\nteapot_hub_disk_free_bytes 12345\n",
        "\nteapot_hub_store_readable 1\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strstr(text, rows[i]) == NULL) {
            fail_msg("no row %s in\n%s", rows[i], text);
        }
    }
    tp_buf_done(&p.text);
}

static void test_metrics__what_cannot_be_read_is_said_and_the_rest_stands(void **state)
{
    (void)state;
    static page p;
    memset(&p, 0, sizeof p);
    tp_buf_init(&p.text, TP_HTTP_RESPONSE_BYTES_MAX);
    const char *text = write_page(&p, NULL, -1);
    assert_non_null(strstr(text, "\nteapot_hub_store_readable 0\n"));
    assert_non_null(strstr(text, "\nteapot_hub_changes_accepted_total 0\n"));
    assert_null(strstr(text, "teapot_hub_devices"));
    assert_null(strstr(text, "teapot_hub_disk_free_bytes"));
    tp_buf_done(&p.text);
    tp_err err;
    tp_hub_metrics metrics = {.sums = &p.sums,
                              .answers = &p.answers,
                              .syncs = &p.syncs,
                              .commits = &p.commits,
                              .http = &p.http};
    tp_buf_init(&p.text, 1000); /* no room is an error, not half a page that looks whole */
    assert_int_equal(tp_hub_metrics_write(&metrics, &p.text, &err), TP_LIMIT);
    tp_buf_done(&p.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tally__what_is_undone_or_not_committed_was_not_counted),
        cmocka_unit_test(test_tally__each_refusal_of_a_sync_has_its_row),
        cmocka_unit_test(test_hub_gauge__devices_by_what_became_of_them),
        cmocka_unit_test(test_metrics__counts_sums_and_bounds_are_those_that_were_given),
        cmocka_unit_test(test_metrics__what_cannot_be_read_is_said_and_the_rest_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
