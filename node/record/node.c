/* Making and opening a node's data directory. */
#include "node/record/node.h"

#include "node/record/answered.h"
#include "node/record/draft.h"
#include "node/record/rebuild.h"
#include "node/view/verify.h"
#include "platform/base/encode.h"
#include "schema/agency_id.h"
#include "sync/log/back.h"
#include "sync/log/fork.h"

#include <stdio.h>

enum {
    BUSY_MS = 10000,
    APPLICATION_ID = 0x54656170, /* "Teap" */
    CACHE_KIB = 512              /* what it reads again is in the system's cache all the same */
};

static const char settings_schema_1[] = "CREATE TABLE setting (name TEXT PRIMARY KEY, "
                                        "value TEXT NOT NULL) WITHOUT ROWID, STRICT";

/* Version 1: each module brings its own tables. */
static tp_rc create_tables(tp_tx *tx, tp_err *err)
{
    const char *const scripts[] = {tp_log_schema_1, tp_merge_schema_1, tp_view_schema_1,
                                   settings_schema_1};
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof scripts / sizeof scripts[0]; i++) {
        rc = tp_tx_exec(tx, scripts[i], err);
    }
    return rc;
}

static tp_rc watch_tables(tp_tx *tx, tp_err *err)
{
    return tp_watch(tx, tp_verify_watched, tp_verify_watched_count, err);
}

static const tp_migration migrations[] = {
    {NULL, create_tables},
    {tp_draft_schema_2, NULL},
    {tp_view_schema_3, NULL},
    {tp_view_schema_4, NULL},
    {tp_answered_schema_5, NULL},
    {tp_log_schema_6, NULL},
    {tp_view_schema_7, NULL},
    {tp_log_schema_8, NULL},
    {tp_log_schema_9, NULL},
    {tp_log_schema_10, NULL},
    {tp_log_schema_11, NULL},
    {tp_log_schema_12, tp_log_schema_12_run},
    {NULL, watch_tables}, /* 13 */
    {NULL, tp_log_schema_14_run},
#ifdef TP_NEXT
    /* The next version's, for tests of data that grows older than its program. */
    {"CREATE INDEX log_position ON log (position) WHERE position IS NOT NULL;", NULL},
#endif
};

static tp_rc open_store(const char *dir, bool create, tp_store **store_out, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_path_join(dir, TP_NODE_DATABASE, &path, err);
    if (rc != TP_OK) {
        return rc;
    }
    const tp_store_options options = {.path = path.at,
                                      .create = create,
                                      .keeps_wal = true,
                                      .application_id = APPLICATION_ID,
                                      .busy_ms = BUSY_MS,
                                      .cache_kib = CACHE_KIB};
    rc = tp_store_open(&options, store_out, err);
    if (rc == TP_OK) {
        rc =
            tp_store_migrate(*store_out, migrations, sizeof migrations / sizeof migrations[0], err);
    }
    if (rc != TP_OK) {
        tp_store_close(*store_out);
        *store_out = NULL;
    }
    return rc;
}

tp_rc tp_node_init(const char *dir, tp_slice agency, const tp_clock *clock, tp_rng *rng,
                   tp_err *err)
{
    tp_node node;
    tp_store *store = NULL;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_agency_id_check(agency, err); /* before anything is made */
    if (rc == TP_OK) {
        rc = tp_dir_make_private(dir, err);
    }
    if (rc == TP_OK) {
        rc = open_store(dir, true, &store, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(store, &tx, TP_TX_WRITE, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_init(&tx, rng, agency, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    tp_store_close(store);
    if (rc == TP_OK) {
        rc = tp_node_open(dir, clock, rng, &node, err); /* its views, of nothing yet */
        tp_node_close(&node);
    }
    return rc;
}

tp_rc tp_node_open_as_is(const char *dir, const tp_clock *clock, tp_rng *rng, tp_node *node,
                         tp_err *err)
{
    memset(node, 0, sizeof *node);
    node->clock = clock;
    node->rng = rng;
    tp_rc rc = tp_dir_check_private(dir, err);
    if (rc == TP_OK) {
        /* The directory itself, as a path of bounded length. */
        size_t bytes = strlen(dir);
        if (bytes >= sizeof node->dir.at) {
            return tp_fail(err, TP_LIMIT, "the path of the data directory is too long");
        }
        memcpy(node->dir.at, dir, bytes + 1);
        rc = open_store(dir, false, &node->store, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_open(node->store, clock, rng, &node->log, err);
    }
    if (rc == TP_OK) {
        rc = tp_view_open(node->log, &node->view, err);
    }
    if (rc == TP_OK) {
        node->merge = tp_view_merge(node->view);
    }
    if (rc == TP_OK) {
        (void)tp_store_reserve_hold(node->store); /* while there is space */
    }
    if (rc == TP_NOTFOUND) {
        rc = tp_fail(err, TP_NOTFOUND,
                     "there is no Teapot here yet: run `teapot init --agency NAME`");
    }
    if (rc != TP_OK) {
        tp_node_close(node);
    }
    return rc;
}

/* Views made by a program that knew less are made again. */
tp_rc tp_node_open(const char *dir, const tp_clock *clock, tp_rng *rng, tp_node *node, tp_err *err)
{
    bool is_stale = false;
    tp_rc rc = tp_node_open_as_is(dir, clock, rng, node, err);
    if (rc == TP_OK) {
        rc = tp_node_is_stale(node, &is_stale, err);
    }
    if (rc == TP_OK && is_stale) {
        rc = tp_node_rebuild(node, false, NULL, err);
    }
    if (rc != TP_OK) {
        tp_node_close(node);
    }
    return rc;
}

void tp_node_close(tp_node *node)
{
    tp_view_close(node->view);
    tp_log_close(node->log);
    tp_store_close(node->store);
    node->merge = NULL;
    node->view = NULL;
    node->log = NULL;
    node->store = NULL;
}

tp_rc tp_node_path(const tp_node *node, const char *name, tp_path *path_out, tp_err *err)
{
    return tp_path_join(node->dir.at, name, path_out, err);
}

/* "key-0f1e2d3c4b5a6978.pem" where there is one. */
tp_rc tp_node_id_path(const tp_node *node, uint64_t device, const char *name, tp_path *path_out,
                      tp_err *err)
{
    char id[TP_HEX_ROOM(8)];
    char own[64];
    tp_hex_encode_u64(device, id);
    (void)snprintf(own, sizeof own, "%.*s-%s%s", (int)strcspn(name, "."), name, id,
                   name + strcspn(name, "."));
    return tp_node_path(node, own, path_out, err);
}

tp_rc tp_node_own_path(const tp_node *node, const char *name, tp_path *path_out, tp_err *err)
{
    tp_path key;
    tp_rc rc = tp_node_id_path(node, tp_log_device(node->log), TP_NODE_KEY, &key, err);
    if (rc != TP_OK) {
        return rc;
    }
    return tp_file_exists(key.at)
               ? tp_node_id_path(node, tp_log_device(node->log), name, path_out, err)
               : tp_node_path(node, name, path_out, err);
}

tp_rc tp_node_lock(const tp_node *node, const char *name, const char *busy, tp_lock *lock_out,
                   tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_node_path(node, name, &path, err);
    if (rc == TP_OK) {
        rc = tp_lock_take(path.at, lock_out, err);
    }
    return rc == TP_BUSY ? tp_fail(err, TP_BUSY, "%s", busy) : rc;
}

tp_rc tp_node_setting_get(tp_tx *tx, const char *name, tp_buf *out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT value FROM setting WHERE name = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    bool has_row = false;
    tp_stmt_bind_str(s, 1, name);
    rc = tp_stmt_step(s, &has_row, err);
    if (rc == TP_OK && has_row) {
        rc = tp_buf_add_slice(out, tp_stmt_text(s, 0), err);
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_node_setting_put(tp_tx *tx, const char *name, tp_slice value, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT INTO setting (name, value) VALUES (?, ?) "
                             "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_str(s, 1, name);
    tp_stmt_bind_text(s, 2, value);
    return tp_stmt_run(s, err);
}
