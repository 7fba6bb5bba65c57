/* Space set aside beside the database, for the day on which there is no other. */
#include "platform/store/store_state.h"

#include <stdio.h>

static tp_rc reserve_path(const tp_store *store, tp_path *path_out, tp_err *err)
{
    int chars = snprintf(path_out->at, sizeof path_out->at, "%s-reserve", store->path.at);
    return chars > 0 && (size_t)chars < sizeof path_out->at
               ? TP_OK
               : tp_fail(err, TP_LIMIT, "the path is longer than %u bytes", TP_PATH_BYTES_MAX - 1);
}

/* The directory of a file, "." where it has none. */
static void dir_of(const tp_path *path, tp_path *dir_out)
{
    const char *slash = strrchr(path->at, '/');
    size_t bytes = slash == NULL ? 0 : (size_t)(slash - path->at);
    memcpy(dir_out->at, path->at, bytes);
    memcpy(dir_out->at + bytes, bytes == 0 ? "." : "", bytes == 0 ? 2 : 1);
}

bool tp_store_reserve_hold(const tp_store *store)
{
    tp_path path;
    tp_path dir;
    tp_err err;
    int64_t bytes = 0;
    if (reserve_path(store, &path, &err) != TP_OK) {
        return false;
    }
    if (tp_file_measure(path.at, &bytes, &err) == TP_OK && bytes == TP_STORE_RESERVE_BYTES) {
        return true;
    }
    dir_of(&path, &dir);
    return tp_dir_free_bytes(dir.at, &bytes, &err) == TP_OK &&
           bytes >= TP_STORE_RESERVE_BYTES + TP_STORE_RESERVE_MARGIN_BYTES &&
           tp_file_set_aside(path.at, TP_STORE_RESERVE_BYTES, &err) == TP_OK;
}

void tp_store_reserve_release(const tp_store *store)
{
    tp_path path;
    tp_err err;
    if (reserve_path(store, &path, &err) == TP_OK) {
        (void)!tp_file_remove(path.at, &err); /* there may be none */
    }
}

bool tp_store_is_full(const tp_err *err)
{
    return err->origin == TP_ORIGIN_SQLITE && err->code == SQLITE_FULL;
}
