/* What is lent to every world. */
#include "tests/sim/stock.h"

#include "node/record/node.h"
#include "sync/hub/hub.h"
#include "tests/support/temp_dir.h"

#include <stdio.h>
#include <stdlib.h>

static void must(tp_rc rc, const tp_err *err)
{
    if (rc != TP_OK) {
        fprintf(stderr, "%s: %s\n", tp_rc_name(rc), err->what);
        exit(1);
    }
}

/* ---- A node before it is anybody's (the linker puts this in the place of sync/log's) ---- */

static bool is_making_node;

tp_rc __real_tp_log_init(tp_tx *tx, tp_rng *rng, tp_slice agency, tp_err *err);
tp_rc __wrap_tp_log_init(tp_tx *tx, tp_rng *rng, tp_slice agency, tp_err *err);

/* Making a node stops where it would be given its id. */
tp_rc __wrap_tp_log_init(tp_tx *tx, tp_rng *rng, tp_slice agency, tp_err *err)
{
    return is_making_node ? tp_fail(err, TP_IO, "so far only")
                          : __real_tp_log_init(tx, rng, agency, err);
}

static void make_node(const char *dir, const tp_clock *clock, tp_rng *rng)
{
    tp_err err;
    is_making_node = true;
    tp_rc rc = tp_node_init(dir, tp_slice_str("harbour"), clock, rng, &err);
    is_making_node = false;
    must(rc == TP_IO ? TP_OK : TP_INVALID, &err);
}

/* ---- Making ---- */

static const char hub_database[] = "hub.db";

static void read_database(const tp_path *dir, const char *name, tp_buf *out)
{
    enum { BYTES_MAX = 4 * 1024 * 1024 };
    tp_err err;
    const tp_path path = temp_dir_path(dir, name);
    tp_buf_init(out, BYTES_MAX);
    must(tp_file_read(path.at, out, &err), &err);
}

void sim_stock_make(sim_stock *stock)
{
    enum { UP_MS = 60000, BOOT = 99 };
    tp_clock_fixed clock;
    tp_rng_seeded rng;
    tp_err err;
    tp_clock_fixed_init(&clock, SIM_BEGIN_MS, UP_MS, BOOT);
    tp_rng_seeded_init(&rng, 1);
    for (unsigned d = 0; d < SIM_DEVICES_MAX; d++) {
        must(tp_key_generate(&rng.rng, &stock->keys[d], &err), &err);
    }
    stock->dir = temp_dir_make();
    stock->node = temp_dir_path(&stock->dir, "node");
    stock->hub = temp_dir_path(&stock->dir, "hub");
    make_node(stock->node.at, &clock.clock, &rng.rng);
    must(tp_hub_make(stock->hub.at, &clock.clock, &rng.rng, &err), &err);
    read_database(&stock->node, TP_NODE_DATABASE, &stock->node_database);
    read_database(&stock->hub, hub_database, &stock->hub_database);
}

void sim_stock_done(sim_stock *stock)
{
    for (unsigned d = 0; d < SIM_DEVICES_MAX; d++) {
        tp_key_free(stock->keys[d]);
    }
    tp_buf_done(&stock->node_database);
    tp_buf_done(&stock->hub_database);
    temp_dir_remove(&stock->dir);
}

/* ---- Lending ---- */

static tp_rc copy(const tp_path *from_dir, const char *to_dir, const char *name, tp_err *err)
{
    tp_path from;
    tp_path to;
    int64_t bytes = 0;
    tp_rc rc = tp_path_join(from_dir->at, name, &from, err);
    if (rc == TP_OK) {
        rc = tp_path_join(to_dir, name, &to, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_measure(from.at, &bytes, err);
    }
    return rc == TP_OK ? tp_file_copy(from.at, bytes, to.at, err) : rc;
}

tp_rc sim_stock_make_room(const char *to, const char *database, disk **disk_out, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_dir_make_private(to, err);
    if (rc == TP_OK) {
        rc = tp_path_join(to, database, &path, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_create(path.at, tp_slice_of(NULL, 0), err);
    }
    if (rc == TP_OK) {
        *disk_out = disk_open(to);
    }
    return rc;
}

tp_rc sim_stock_copy_node(const sim_stock *stock, const char *to, disk **disk_out, tp_err *err)
{
    tp_rc rc = sim_stock_make_room(to, TP_NODE_DATABASE, disk_out, err);
    if (rc == TP_OK) {
        disk_file_put(*disk_out, TP_NODE_DATABASE, tp_buf_slice(&stock->node_database));
    }
    return rc;
}

tp_rc sim_stock_copy_hub(const sim_stock *stock, const char *to, disk **disk_out, tp_err *err)
{
    static const char *const names[] = {"hub.key", "ca.key", "ca.pem", "server.key"};
    tp_rc rc = sim_stock_make_room(to, hub_database, disk_out, err);
    if (rc == TP_OK) {
        disk_file_put(*disk_out, hub_database, tp_buf_slice(&stock->hub_database));
    }
    for (size_t i = 0; rc == TP_OK && i < sizeof names / sizeof names[0]; i++) {
        rc = copy(&stock->hub, to, names[i], err);
    }
    return rc;
}
