/* init, serve, backup, restore, health. */
#include "sync/hub/command.h"

#include "platform/os/file.h"
#include "platform/os/lock.h"
#include "sync/hub/serve.h"

#include <inttypes.h>
#include <stdlib.h>

static const tp_option no_options[] = {{NULL, NULL, false}};

/* ---- init ---- */

tp_rc tp_hub_command_init(tp_call *call, tp_err *err)
{
    tp_rc rc = tp_args_take(call, no_options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_init(call->dir, tp_clock_system(), tp_rng_system(), err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:s}", "dir", call->dir), err);
    }
    if (rc == TP_OK) {
        fprintf(call->out,
                "A new hub is in %s.  Next:\n"
                "  teapot-hub agency add ID LABEL     then: agency sign ID\n"
                "  teapot-hub serve                   and, for each device:\n"
                "  teapot-hub device code --agency ID\n"
                "Keep %s, %s and %s in another place as well: without them a backup is no hub.\n",
                call->dir, TP_HUB_TAG_KEY, TP_HUB_CA_KEY, TP_HUB_CA);
    }
    return rc;
}

/* ---- serve ---- */

static void say_listening(void *context, uint16_t port)
{
    const char *const *address = context;
    bool is_v6 = strchr(*address, ':') != NULL;
    printf("listening on %s%s%s:%u\n", is_v6 ? "[" : "", *address, is_v6 ? "]" : "", port);
    fflush(stdout);
}

static void log_line(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "%s\n", line);
}

/* "0.0.0.0:8443", "[::]:8443", ":8443", "8443" into address and port. */
static tp_rc read_listen(const char *text, char address[46], uint16_t *port_out, tp_err *err)
{
    const char *colon = strrchr(text, ':');
    const char *port = colon == NULL ? text : colon + 1;
    size_t bytes = colon == NULL ? 0 : (size_t)(colon - text);
    const char *from = text;
    if (bytes >= 2 && text[0] == '[' && text[bytes - 1] == ']') {
        from++;
        bytes -= 2;
    }
    char *end = NULL;
    long number = strtol(port, &end, 10);
    if (end == port || *end != '\0' || number < 0 || number > UINT16_MAX || bytes >= 46) {
        return tp_fail(err, TP_INVALID, "--listen needs ADDRESS:PORT, such as 0.0.0.0:8443");
    }
    memcpy(address, bytes == 0 ? "0.0.0.0" : from, bytes == 0 ? sizeof "0.0.0.0" : bytes);
    if (bytes > 0) {
        address[bytes] = '\0';
    }
    *port_out = (uint16_t)number;
    return TP_OK;
}

tp_rc tp_hub_command_serve(tp_call *call, tp_err *err)
{
    const char *listen = "0.0.0.0:8443";
    const tp_option options[] = {{"listen", &listen, false}, {NULL, NULL, false}};
    char address[46];
    const char *address_at = address;
    tp_hub hub = {.dir = NULL};
    tp_hub_serve_config config = {
        .address = address, .context = &address_at, .listening = say_listening, .log = log_line};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = read_listen(listen, address, &config.port, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_open(call->dir, tp_clock_system(), tp_rng_system(), &hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_serve(&hub, &config, err);
        tp_hub_close(&hub);
    }
    return rc;
}

/* ---- backup, restore ---- */

tp_rc tp_hub_command_backup(tp_call *call, tp_err *err)
{
    tp_rc rc = tp_args_take(call, no_options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_backup(tp_hub_call_store(call), call->argv[0], err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:s}", "backup", call->argv[0]), err);
    }
    if (rc == TP_OK) {
        fprintf(call->out, "Written to %s.\n", call->argv[0]);
    }
    return rc;
}

/* What is to be restored must be a whole store that this program can read, before anything moves. */
static tp_rc check_copy(const char *path, tp_err *err)
{
    tp_hub_store *store = NULL;
    tp_rc rc = tp_hub_store_open(path, false, &store, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_check(store, err);
    }
    tp_hub_store_close(store);
    return rc;
}

/* Moves hub.db aside with the time in its name; its WAL was emptied by the check that opened it. */
static tp_rc move_aside(const tp_path *database, tp_err *err)
{
    tp_path aside;
    int chars =
        snprintf(aside.at, sizeof aside.at, "%s.before-%" PRId64, database->at, tp_hub_call_now());
    if (chars < 0 || (size_t)chars >= sizeof aside.at) {
        return tp_fail(err, TP_LIMIT, "the path of the hub is too long");
    }
    tp_rc rc = check_copy(database->at, err);
    if (rc == TP_CORRUPT) {
        rc = TP_OK; /* that may be why there is a restore: it is kept as it is */
    }
    return rc == TP_OK ? tp_file_place(database->at, aside.at, err) : rc;
}

static tp_rc put_copy(const char *from, const tp_path *database, tp_err *err)
{
    tp_hub_store *copy = NULL;
    tp_rc rc = tp_hub_store_open(from, false, &copy, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_backup(copy, database->at, err);
    }
    tp_hub_store_close(copy);
    return rc;
}

tp_rc tp_hub_command_restore(tp_call *call, tp_err *err)
{
    tp_path database;
    tp_path lock_path;
    tp_lock lock = TP_LOCK_NONE;
    tp_rc rc = tp_args_take(call, no_options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_dir_check_private(call->dir, err);
    }
    if (rc == TP_OK) {
        rc = tp_path_join(call->dir, TP_HUB_DATABASE, &database, err);
    }
    if (rc == TP_OK) {
        rc = tp_path_join(call->dir, TP_HUB_LOCK, &lock_path, err);
    }
    if (rc == TP_OK) {
        rc = tp_lock_take(lock_path.at, &lock, err);
    }
    if (rc == TP_BUSY) {
        rc = tp_fail(err, TP_BUSY, "the hub is running: end `teapot-hub serve` first");
    }
    if (rc == TP_OK) {
        rc = check_copy(call->argv[0], err);
    }
    if (rc == TP_OK && tp_file_exists(database.at)) {
        rc = move_aside(&database, err);
    }
    if (rc == TP_OK) {
        rc = put_copy(call->argv[0], &database, err);
    }
    tp_lock_release(&lock);
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:s}", "restored", call->argv[0]), err);
    }
    if (rc == TP_OK) {
        fputs("Restored.  The store that was there is kept beside it.\n", call->out);
    }
    return rc;
}

/* ---- health ---- */

tp_rc tp_hub_command_health(tp_call *call, tp_err *err)
{
    tp_hub_store *store = tp_hub_call_store(call);
    tp_hub_counts counts;
    int64_t free_bytes = 0;
    tp_rc rc = tp_args_take(call, no_options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_begin_reading(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_count(store, &counts, err);
        tp_hub_store_rollback(store);
    }
    if (rc == TP_OK) {
        rc = tp_dir_free_bytes(call->dir, &free_bytes, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_check(store, err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(
            call,
            json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "store", "whole", "agencies",
                      (json_int_t)counts.agencies, "devices", (json_int_t)counts.devices, "changes",
                      (json_int_t)counts.changes, "quarantined", (json_int_t)counts.quarantined,
                      "database_bytes", (json_int_t)counts.database_bytes, "free_bytes",
                      (json_int_t)free_bytes),
            err);
    }
    if (rc == TP_OK) {
        fprintf(call->out,
                "The store is whole: %" PRIu64 " agencies, %" PRIu64 " devices, %" PRIu64
                " changes, %" PRIu64 " in quarantine.\n%.1f MB used, %.1f GB free.\n",
                counts.agencies, counts.devices, counts.changes, counts.quarantined,
                (double)counts.database_bytes / 1e6, (double)free_bytes / 1e9);
    }
    return rc;
}
