/* A help request by the code that whoever asked was given.
 *
 * There is no table of codes: a kiosk would have to forget one with its records, and to go through
 * every request of a city takes a few milliseconds. */
#include "node/view/pending.h"

#include "node/view/view_state.h"

enum { REFS_BYTES_MAX = 16 * 1024 * 1024 };

/* A change whose bytes have the code somewhere, as text that anybody may have written. */
typedef struct seeking {
    tp_slice code;
    tp_buf refs; /* tp_name of every request */
    bool may_be;
} seeking;

static tp_rc note_ref(void *context, const tp_record_ref *ref, tp_err *err)
{
    seeking *s = context;
    return tp_buf_add(&s->refs, &ref->record, sizeof ref->record, err);
}

static tp_rc look_into(void *context, const tp_log_row *row, tp_err *err)
{
    seeking *s = context;
    (void)err;
    s->may_be = false;
    for (size_t at = 0; !s->may_be && at + s->code.bytes <= row->bytes.bytes; at++) {
        s->may_be = memcmp(row->bytes.at + at, s->code.at, s->code.bytes) == 0;
    }
    return TP_OK;
}

static tp_rc has_code(const tp_view *view, tp_tx *tx, tp_name request, tp_slice code, bool *has_out,
                      tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_value value;
    tp_rc rc = tp_merge_load(view->merge, tx, request, &loaded, err);
    if (rc == TP_OK) {
        rc = tp_loaded_shown(loaded, TP_REQUEST_CODE, &value, has_out, err);
    }
    *has_out = rc == TP_OK && *has_out && tp_slice_eq(value.text, code);
    tp_loaded_free(loaded);
    return rc;
}

static tp_rc check_one(tp_view *view, tp_tx *tx, seeking *s, tp_name request, bool *is_found_out,
                       tp_err *err)
{
    tp_packed_name packed = 0;
    tp_rc rc = tp_log_pack_known(view->log, tx, request, &packed, err);
    if (rc == TP_OK) {
        rc = tp_log_get(view->log, tx, packed, look_into, s, err);
    }
    if (rc == TP_OK && s->may_be) {
        rc = has_code(view, tx, request, s->code, is_found_out, err);
    }
    return rc;
}

tp_rc tp_pending_find_code(tp_view *view, tp_tx *tx, tp_slice code, tp_name *request_out,
                           tp_err *err)
{
    seeking s = {.code = code};
    bool is_found = false;
    tp_name name = {0, 0};
    tp_buf_init(&s.refs, REFS_BYTES_MAX);
    tp_rc rc = tp_merge_list(view->merge, tx, TP_HELP_REQUEST, note_ref, &s, err);
    for (size_t at = 0; rc == TP_OK && !is_found && at < s.refs.bytes; at += sizeof name) {
        memcpy(&name, s.refs.at + at, sizeof name);
        rc = check_one(view, tx, &s, name, &is_found, err);
    }
    tp_buf_done(&s.refs);
    if (rc == TP_OK && !is_found) {
        rc = tp_fail(err, TP_NOTFOUND, "no help request with this code is held here");
    }
    if (rc == TP_OK) {
        *request_out = name;
    }
    return rc;
}
