/* What the sweep does at the hub alone. */
#include "tests/fault/hub_scenes.h"

#include "sync/hub/enrol.h"
#include "tests/fault/scenes.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- Backup and restore, to the real file system ---- */

static tp_path away; /* a directory */
static tp_path backup;

/* How many files are there. */
static void expect_away(unsigned expected)
{
    unsigned count = 0;
    char names[400] = "";
    DIR *dir = opendir(away.at);
    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        size_t bytes = strlen(names);
        bool is_file = e->d_name[0] != '.';
        count += is_file;
        if (is_file) {
            snprintf(names + bytes, sizeof names - bytes, " %.60s", e->d_name);
        }
    }
    closedir(dir);
    if (count != expected) {
        fail_msg("%u files expected:%s", expected, names);
    }
}

void hub_scene_away(town *t)
{
    tp_err err = {0};
    scene_unsent(t);
    away = temp_dir_path(&t->dir, "away");
    scene_must(tp_dir_make_private(away.at, &err), &err);
    backup = temp_dir_path(&away, "backup");
}

void hub_scene_reset_away(town *t)
{
    (void)t;
    (void)unlink(backup.at);
    expect_away(0);
}

tp_rc hub_scene_backup(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_HUB, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_backup(t->at[TOWN_HUB].hub.store, backup.at, err);
    }
    town_close(t, TOWN_HUB);
    return rc;
}

void hub_scene_check_backup(town *t, tp_rc rc)
{
    tp_err err = {0};
    static tp_hub_verified verified;
    (void)t;
    expect_away(rc == TP_OK ? 1 : 0);
    if (rc == TP_OK) {
        tp_path copy = temp_dir_path(&away, "copy");
        scene_must(tp_hub_store_verify_backup(copy.at, backup.at, NULL, NULL, &verified, &err),
                   &err);
        assert_int_equal(verified.findings.count, 0);
        expect_away(1);
    }
}

static tp_path restored; /* a database */
static int64_t restored_bytes;

void hub_scene_before_restore(town *t)
{
    tp_err err = {0};
    hub_scene_away(t);
    scene_must(hub_scene_backup(t, &err), &err);
    restored = temp_dir_path(&away, "hub.db");
}

/* One that is there already, and is nobody's wish. */
void hub_scene_reset_restore(town *t)
{
    tp_err err = {0};
    tp_hub_store *store = NULL;
    (void)t;
    (void)unlink(temp_dir_path(&away, "hub.db.before").at);
    (void)unlink(restored.at);
    expect_away(1);
    scene_must(tp_hub_store_open(restored.at, true, &store, &err), &err);
    tp_hub_store_close(store);
    scene_must(tp_file_measure(restored.at, &restored_bytes, &err), &err);
    expect_away(2);
}

tp_rc hub_scene_restore(town *t, tp_err *err)
{
    tp_hub_restored result;
    (void)t;
    return tp_hub_store_restore(restored.at, backup.at, 77, 0, &result, err);
}

void hub_scene_check_restore(town *t, tp_rc rc)
{
    tp_err err = {0};
    tp_hub_store *store = NULL;
    uint64_t generation = 0;
    bool is_foreign = false;
    (void)t;
    scene_must(tp_hub_store_open(restored.at, false, &store, &err), &err);
    scene_must(tp_hub_store_check(store, &err), &err);
    scene_must(tp_hub_store_begin(store, &is_foreign, &err), &err);
    generation = tp_hub_store_state(store)->generation;
    tp_hub_store_rollback(store);
    tp_hub_store_close(store);
    if ((rc == TP_OK) != (generation != 0)) {
        fail_msg("restore: %s, and yet generation %llu", tp_rc_name(rc),
                 (unsigned long long)generation);
    }
}

/* ---- Codes ---- */

tp_rc hub_scene_code(town *t, tp_err *err)
{
    tp_enrolment_code code;
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    if (t->skip > 0) {
        return TP_OK; /* it was made */
    }
    tp_rc rc = town_open(t, TOWN_HUB, err);
    if (rc == TP_OK) {
        town_sow(t, 900);
        rc = tp_hub_begin(hub, err);
        if (rc == TP_OK) {
            rc = tp_hub_code_make(hub, tp_slice_str("friary"), false, "van two",
                                  TOWN_NOW_MS + 3600000, &code, err);
        }
        if (rc == TP_OK) {
            rc = tp_hub_commit(hub, err);
        } else {
            tp_hub_rollback(hub);
        }
    }
    if (rc == TP_OK) {
        town_tell(t, TOWN_HUB);
    }
    town_close(t, TOWN_HUB);
    return rc;
}

/* ---- Enrolling ---- */

static tp_enrolment_code enrolling_code;
static tp_buf enrolling_csr;

void hub_scene_before_enrolling(town *t)
{
    enum { ID = 4711 };
    tp_err err = {0};
    tp_key *key = NULL;
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    scene_unsent(t);
    tp_buf_init(&enrolling_csr, TP_PEM_BYTES_MAX);
    scene_must(tp_key_generate(&t->at[TOWN_HUB].rng.rng, &key, &err), &err);
    scene_must(tp_csr_make(key, ID, &t->at[TOWN_HUB].rng.rng, &enrolling_csr, &err), &err);
    tp_key_free(key);
    scene_must(town_open(t, TOWN_HUB, &err), &err);
    scene_must(tp_hub_begin(hub, &err), &err);
    scene_must(tp_hub_code_make(hub, tp_slice_str("friary"), false, "van two",
                                TOWN_NOW_MS + 3600000, &enrolling_code, &err),
               &err);
    scene_must(tp_hub_commit(hub, &err), &err);
    town_close(t, TOWN_HUB);
}

void hub_scene_end_enrolling(void)
{
    tp_buf_done(&enrolling_csr);
}

/* As the server does it: a round may hold others, and is committed whatever this one is told. */
static tp_rc ask_to_enrol(town *t, tp_hub *hub, tp_slice body, tp_err *err)
{
    tp_hub_tries tries;
    tp_hub_forked forked;
    tp_http_response response;
    tp_net_peer peer = {.has_certificate = false, .address = "192.0.2.1"};
    tp_http_request request = {.method = TP_HTTP_METHOD_POST,
                               .path = tp_slice_str(TP_ENROLMENT_PATH),
                               .body = body,
                               .head_at = {TOWN_NOW_MS, 0},
                               .peer = &peer};
    memset(&tries, 0, sizeof tries);
    town_sow(t, 902);
    tp_rc rc = tp_hub_begin(hub, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_http_response_init(&response);
    tp_hub_handle_enrol(hub, &tries, &request, &response, &forked);
    unsigned status = response.status;
    tp_http_response_done(&response);
    rc = tp_hub_commit(hub, err);
    if (rc == TP_OK && status != 200) {
        assert_true(status >= 500); /* never that the code is wrong, or the request */
        rc = tp_fail(err, TP_NOMEM, "it answers %u", status);
    }
    return rc;
}

tp_rc hub_scene_enrol(town *t, tp_err *err)
{
    tp_buf body;
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    const tp_enrolment_request request = {.has_code = true,
                                          .code = enrolling_code,
                                          .csr = tp_buf_slice(&enrolling_csr),
                                          .agency = tp_slice_str("friary"),
                                          .clock = {1, 5000, TOWN_NOW_MS - 5000}};
    if (t->skip > 0) {
        return TP_OK; /* it is known */
    }
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_rc rc = tp_enrolment_request_encode(&request, &body, err);
    if (rc == TP_OK) {
        rc = town_open(t, TOWN_HUB, err);
    }
    if (rc == TP_OK) {
        rc = ask_to_enrol(t, hub, tp_buf_slice(&body), err);
    }
    if (rc == TP_OK) {
        town_tell(t, TOWN_HUB);
    }
    town_close(t, TOWN_HUB);
    tp_buf_done(&body);
    return rc;
}
