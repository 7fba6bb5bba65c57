/* init, serve, health, backup, restore. */
#include "sync/hub/command.h"
#include "platform/base/plural.h"
#include "sync/hub/back.h"
#include "sync/hub/serve.h"

#include <inttypes.h>

tp_rc tp_hub_command_init(tp_call *call, tp_err *err)
{
    const char *again = NULL;
    const tp_option options[] = {{"again", &again, true}, {NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = again == NULL ? tp_hub_make(call->dir, tp_clock_system(), tp_rng_system(), err)
                           : tp_hub_make_again(call->dir, tp_clock_system(), tp_rng_system(), err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:s}", "dir", call->dir), err);
    }
    if (rc == TP_OK && again != NULL) {
        fprintf(call->out,
                "The hub in %s, made anew. Next: teapot-hub agency add and agency sign for each "
                "agency, serve,\nand `teapot-hub back`, which lists devices as they call: device "
                "admit each. Until `back end`\nnobody is sent anything of another agency.\n",
                call->dir);
    } else if (rc == TP_OK) {
        fprintf(call->out,
                "A hub in %s. Next: teapot-hub agency add, agency sign, device code, serve.\n",
                call->dir);
    }
    return rc;
}

/* ---- serve ---- */

enum { CONNECTIONS_MAX = 100000 };

static void say_port(const tp_call *call, const char *what, const char *member, const char *address,
                     uint16_t port)
{
    bool is_bracketed = strchr(address, ':') != NULL;
    if (call->is_json) {
        fprintf(call->out, "{\"%s\":\"%s\",\"port\":%u}\n", member, address, port);
    } else {
        fprintf(call->out, is_bracketed ? "%s on [%s]:%u\n" : "%s on %s:%u\n", what, address, port);
    }
    fflush(call->out);
}

static void say_ready(void *ctx, const char *address, uint16_t port)
{
    say_port(ctx, "Serving", "address", address, port);
}

static void say_metrics(void *ctx, const char *address, uint16_t port)
{
    say_port(ctx, "Metrics", "metrics", address, port);
}

static void say_trouble(void *ctx, const char *who, const char *what)
{
    (void)ctx;
    fprintf(stderr, "teapot-hub: %s: %s\n", who, what);
}

tp_rc tp_hub_command_serve(tp_call *call, tp_err *err)
{
    tp_hub_serve_options how = {.listen = NULL};
    const char *connections = NULL;
    uint64_t connections_max = 0;
    const tp_option options[] = {{"listen", &how.listen, false},
                                 {"metrics", &how.metrics, false},
                                 {"connections", &connections, false},
                                 {NULL, NULL, false}};
    tp_hub_serve_notes notes = {call, say_ready, say_metrics, say_trouble};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && how.listen == NULL) {
        rc = tp_call_usage(call, "where?", err);
    }
    if (rc == TP_OK && connections != NULL) {
        rc = tp_hub_read_count(connections, &connections_max, err);
    }
    if (rc == TP_OK && connections != NULL &&
        (connections_max < 1 || connections_max > CONNECTIONS_MAX)) {
        rc = tp_fail(err, TP_INVALID, "a hub serves 1 to %d connections", CONNECTIONS_MAX);
    }
    how.connections_max = (unsigned)connections_max;
    return rc == TP_OK ? tp_hub_serve(tp_hub_of(call), &how, &notes, err) : rc;
}

/* ---- health ---- */

static void print_health(const tp_call *call, tp_hub *hub, const tp_hub_counts *counts,
                         int64_t free_bytes)
{
    fprintf(call->out,
            "%" PRIu64 " %s from %" PRIu64 " %s of %" PRIu64 " %s, %" PRIu64
            " in quarantine, %" PRIu64 " KiB.\n",
            counts->changes, tp_plural(counts->changes, "change", "changes"), counts->devices,
            tp_plural(counts->devices, "device", "devices"), counts->agencies,
            tp_plural(counts->agencies, "agency", "agencies"), counts->quarantined,
            counts->database_bytes / 1024);
    fprintf(call->out, "%" PRId64 " MB free on its disk.\n", free_bytes / 1000000);
    if (tp_hub_store_is_read_only(hub->store)) {
        fputs("The disk can only be read: nothing is taken in and nothing is lost. Make it "
              "writable, or move\nthe hub to another: `teapot-hub backup` reads what is there.\n",
              call->out);
    }
    if (free_bytes < TP_SPACE_LOW_BYTES) {
        fputs(free_bytes < TP_SPACE_FULL_BYTES
                  ? "The disk is full: nothing is taken in and nothing is lost. Make space.\n"
                  : "The disk is nearly full: make space before nothing more can be taken in.\n",
              call->out);
    }
    if (hub->is_clock_back) {
        fputs("The clock of this machine is behind what it read before: set it. Until then nothing "
              "is\naccepted, since nothing could be stamped.\n",
              call->out);
    }
    if (tp_hub_is_back(hub)) {
        fputs(
            "It went back and collects what it lost; until it has that, nobody is sent anything of "
            "another agency:\nteapot-hub back.\n",
            call->out);
    }
}

tp_rc tp_hub_command_health(tp_call *call, tp_err *err)
{
    const char *deep = NULL;
    const tp_option options[] = {{"deep", &deep, true}, {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_hub_counts counts;
    int64_t free_bytes = 0;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_dir_free_bytes(hub->dir.at, &free_bytes, err);
    }
    if (rc == TP_OK && deep != NULL) {
        rc = tp_hub_store_check(hub->store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_hub_count(hub->store, &counts, err);
    if (rc == TP_OK && call->is_json) {
        rc = tp_hub_print_json(
            call,
            json_pack("{s:b, s:b, s:o, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "clock_back",
                      (int)hub->is_clock_back, "read_only",
                      (int)tp_hub_store_is_read_only(hub->store), "back_since",
                      tp_hub_json_time(tp_hub_store_state(hub->store)->back_ms), "free_bytes",
                      (json_int_t)free_bytes, "space_low", (int)(free_bytes < TP_SPACE_LOW_BYTES),
                      "changes", (json_int_t)counts.changes, "devices", (json_int_t)counts.devices,
                      "agencies", (json_int_t)counts.agencies, "quarantined",
                      (json_int_t)counts.quarantined, "database_bytes",
                      (json_int_t)counts.database_bytes, "number",
                      (json_int_t)tp_hub_store_state(hub->store)->number, "generation",
                      (json_int_t)tp_hub_store_state(hub->store)->generation),
            err);
    } else if (rc == TP_OK) {
        print_health(call, hub, &counts, free_bytes);
    }
    bool is_well = !hub->is_clock_back && free_bytes >= TP_SPACE_LOW_BYTES &&
                   !tp_hub_store_is_read_only(hub->store);
    call->exit_code = rc == TP_OK && !is_well ? TP_EXIT_FAILED : 0;
    tp_hub_rollback(hub);
    return rc;
}

/* ---- backup, restore ---- */

tp_rc tp_hub_command_backup(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_backup(tp_hub_of(call)->store, call->argv[0], err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:s}", "backup", call->argv[0]), err);
    }
    if (rc == TP_OK) {
        fprintf(call->out, "Copied to %s. It holds personal data: keep it as you keep the hub.\n",
                call->argv[0]);
    }
    return rc;
}

/* Whoever has the hub open would go on writing into the database that is moved aside. */
static tp_rc take_alone(const char *dir, tp_lock *lock_out, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_path_join(dir, TP_HUB_OPEN_LOCK, &path, err);
    if (rc == TP_OK) {
        rc = tp_lock_take(path.at, lock_out, err);
    }
    return rc == TP_BUSY ? tp_fail(err, TP_BUSY, "the hub is in use: end `teapot-hub serve` first")
                         : rc;
}

tp_rc tp_hub_command_restore(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub_restored restored = {false, false};
    tp_path database;
    tp_lock lock = TP_LOCK_NONE;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_dir_check_private(call->dir, err);
    }
    if (rc == TP_OK) {
        rc = take_alone(call->dir, &lock, err);
    }
    if (rc == TP_OK) {
        rc = tp_path_join(call->dir, "hub.db", &database, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_restore(database.at, call->argv[0], tp_rng_u64(tp_rng_system()),
                                  tp_clock_read(tp_clock_system()).wall_ms, &restored, err);
    }
    tp_lock_release(&lock);
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(
            call,
            json_pack("{s:s, s:b}", "restored", call->argv[0], "sealed", (int)restored.is_sealed),
            err);
    }
    if (rc == TP_OK) {
        fputs(
            "Restored. Devices that synced since the backup was made know more than this hub "
            "does: it collects\nthat from them as they call. Until everybody who synced before was "
            "heard, nobody is sent anything\nof another agency, since a consent may have been "
            "withdrawn meanwhile. `teapot-hub back` says who is\nwaited for, and what has to be "
            "done again by hand.\n",
            call->out);
        fputs(restored.is_sealed ? ""
                                 : "The backup has no seal, so that of it only the changes were "
                                   "checked.\n",
              call->out);
        fputs(restored.has_before ? "hub.db.before is the database that was there.\n" : "",
              call->out);
    }
    return rc;
}
