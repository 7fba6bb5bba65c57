/* How the node is. */
#include "node/record/node_status.h"

#include "platform/base/encode.h"

#include <stdlib.h>

enum { SETTING_BYTES_MAX = 2048 };

tp_rc tp_node_last_sync(tp_tx *tx, int64_t *ms_out, tp_err *err)
{
    tp_buf last;
    tp_buf_init(&last, SETTING_BYTES_MAX);
    tp_rc rc = tp_node_setting_get(tx, TP_SETTING_LAST_SYNC, &last, err);
    if (rc == TP_OK) {
        const char *text = tp_buf_cstr(&last);
        *ms_out = text == NULL ? 0 : (int64_t)strtoll(text, NULL, 10);
    }
    tp_buf_done(&last);
    return rc;
}

tp_rc tp_node_is_filling(tp_tx *tx, bool *is_filling_out, tp_err *err)
{
    tp_buf hub;
    int64_t last_sync_ms = 0;
    tp_buf_init(&hub, SETTING_BYTES_MAX);
    tp_rc rc = tp_node_setting_get(tx, TP_SETTING_HUB, &hub, err);
    if (rc == TP_OK) {
        rc = tp_node_last_sync(tx, &last_sync_ms, err);
    }
    if (rc == TP_OK) {
        *is_filling_out = hub.bytes > 0 && last_sync_ms == 0;
    }
    tp_buf_done(&hub);
    return rc;
}

static tp_rc read_disk(tp_node *node, tp_node_status *status, tp_err *err)
{
    status->is_full = !tp_store_reserve_hold(node->store);
    return tp_dir_free_bytes(node->dir.at, &status->free_bytes, err);
}

tp_rc tp_node_status_read_moving(tp_node *node, tp_tx *tx, tp_node_status *status_out, tp_err *err)
{
    memset(status_out, 0, sizeof *status_out);
    tp_buf_init(&status_out->hub, SETTING_BYTES_MAX);
    tp_rc rc = tp_status_read_hub(node->view, tx, &status_out->view, err);
    if (rc == TP_OK) {
        rc = tp_node_last_sync(tx, &status_out->last_sync_ms, err);
    }
    return rc == TP_OK ? read_disk(node, status_out, err) : rc;
}

tp_rc tp_node_status_read(tp_node *node, tp_tx *tx, tp_node_status *status_out, tp_err *err)
{
    memset(status_out, 0, sizeof *status_out);
    tp_buf_init(&status_out->hub, SETTING_BYTES_MAX);
    tp_rc rc = tp_status_read(node->view, tx, &status_out->view, err);
    if (rc == TP_OK) {
        rc = tp_node_setting_get(tx, TP_SETTING_HUB, &status_out->hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_last_sync(tx, &status_out->last_sync_ms, err);
    }
    return rc == TP_OK ? read_disk(node, status_out, err) : rc;
}

tp_rc tp_node_status_count(tp_node *node, tp_tx *tx, tp_node_status *status, tp_err *err)
{
    return tp_status_count(node->view, tx, &status->view, err);
}

void tp_node_status_done(tp_node_status *status)
{
    tp_buf_done(&status->hub);
}

void tp_node_status_put(tp_json_print *p, const tp_node_status *status)
{
    char device[TP_HEX_ROOM(8)];
    const tp_status *st = &status->view;
    tp_hex_encode_u64(st->device, device);
    tp_json_put_str(p, "device", device);
    tp_json_put_str(p, "agency", st->agency);
    tp_json_put_bool(p, "enrolled", status->hub.bytes > 0);
    tp_json_put_bool(p, "kiosk", st->is_kiosk);
    tp_json_put_int(p, "unsent", (int64_t)st->unsent_count);
    tp_json_put_instant(p, "oldest_unsent_at", st->oldest_unsent_ms);
    tp_json_put_int(p, "clock_offset_ms", st->clock_offset_ms);
    tp_json_put_bool(p, "clock_known", st->is_clock_known);
    tp_json_put_int(p, "review", st->review_count);
    tp_json_put_bool(p, "copied", st->is_copied);
    tp_json_put_int(p, "database_bytes", st->sizes.database_bytes);
    tp_node_status_put_moving(p, status);
    tp_json_key(p, "hub");
    if (status->hub.bytes > 0) {
        tp_json_text(p, tp_buf_slice(&status->hub));
    } else {
        tp_json_null(p);
    }
}

void tp_node_status_put_moving(tp_json_print *p, const tp_node_status *status)
{
    tp_json_put_bool(p, "differs", status->view.is_differing);
    tp_json_put_bool(p, "hub_back", status->view.is_hub_back);
    tp_json_put_instant(p, "last_sync_at", status->last_sync_ms);
    tp_json_put_int(p, "free_bytes", status->free_bytes);
    tp_json_put_bool(p, "full", status->is_full);
}

void tp_node_status_put_counts(tp_json_print *p, const tp_node_status *status)
{
    const tp_status *st = &status->view;
    tp_json_put_int(p, "records", (int64_t)st->records_count);
    tp_json_put_int(p, "persons", (int64_t)st->persons_count);
    tp_json_put_int(p, "held_changes", (int64_t)st->changes_count);
    tp_json_put_int(p, "given_back", (int64_t)st->given_back_count);
}
