/* /api/record/N/holders: through whose hands a help request or an action went (PH2).  A record
 * shows only the words that nobody has answered; here is every one that is held, oldest first. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/view/document.h"
#include "node/view/when.h"
#include "platform/base/arena.h"
#include "sync/merge/record.h"

enum { STEPS_BYTES_MAX = 64 * 1024 };

typedef struct history {
    const tp_loaded *loaded;
    const tp_field_row *row; /* the holder of a request, the owner of an action */
    uint32_t *steps;         /* places among the record's changes, oldest first */
    uint32_t count;
} history;

static const tp_field_row *holder_row(uint32_t entity)
{
    switch (entity) {
    case TP_HELP_REQUEST:
        return tp_field_of(entity, TP_REQUEST_HOLDER);
    case TP_ACTION:
        return tp_field_of(entity, TP_ACTION_OWNER);
    default:
        return NULL;
    }
}

static const tp_change_field *holder_in(const history *h, uint32_t at)
{
    const tp_record_change *from = &h->loaded->record.changes[at];
    for (uint32_t i = 0; !from->is_stub && i < from->change->fields_count; i++) {
        const tp_change_field *field = &from->change->fields[i];
        if (field->code == h->row->code && field->has_value) {
            return field;
        }
    }
    return NULL;
}

/* In which order the hub got them; after all others what it has not got. */
static uint64_t number_of(const history *h, uint32_t at)
{
    const uint64_t number = h->loaded->record.changes[at].stamp.number;
    return number == 0 ? UINT64_MAX : number;
}

static bool is_before(const history *h, uint32_t a, uint32_t b)
{
    const int64_t a_ms = h->loaded->changes[a].time.ms;
    const int64_t b_ms = h->loaded->changes[b].time.ms;
    const uint64_t a_number = number_of(h, a);
    const uint64_t b_number = number_of(h, b);
    if (a_ms != b_ms) {
        return a_ms < b_ms;
    }
    return a_number != b_number ? a_number < b_number : a < b;
}

static tp_rc find_steps(history *h, tp_arena *arena, tp_err *err)
{
    void *room = NULL;
    tp_rc rc = tp_arena_take(arena, h->loaded->record.count * sizeof *h->steps, &room, err);
    if (rc != TP_OK) {
        return rc;
    }
    h->steps = room;
    for (uint32_t at = 0; at < h->loaded->record.count; at++) {
        if (holder_in(h, at) == NULL) {
            continue;
        }
        uint32_t to = h->count++;
        for (; to > 0 && is_before(h, at, h->steps[to - 1]); to--) {
            h->steps[to] = h->steps[to - 1];
        }
        h->steps[to] = at;
    }
    return TP_OK;
}

static tp_rc put_step(tp_json_print *p, const history *h, uint32_t at, tp_err *err)
{
    const tp_record_change *from = &h->loaded->record.changes[at];
    char when[TP_WHEN_TEXT_MAX];
    tp_value holder;
    tp_rc rc = tp_field_value_decode(h->row, from->change, holder_in(h, at)->value, &holder, err);
    if (rc != TP_OK || holder.is_null) {
        return rc;
    }
    tp_when_text(&h->loaded->changes[at].time, when);
    tp_json_begin(p, '{');
    tp_json_put_name(p, "name", from->change->name);
    tp_json_put_str(p, "kind", tp_slice_eq(holder.texts[0], from->agency) ? "acceptance" : "offer");
    tp_json_key(p, "holder");
    tp_document_put_value(p, &holder);
    tp_json_put_text(p, "agency", from->agency);
    tp_json_put_text(p, "worker", from->change->worker);
    tp_json_put_str(p, "at_text", when);
    tp_json_put_bool(p, "at_hub", from->stamp.number != 0);
    tp_json_end(p, '}');
    return TP_OK;
}

static tp_rc put_steps(tp_json_print *p, const history *h, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_begin(p, '{');
    tp_json_key(p, "holders");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < h->count; i++) {
        rc = put_step(p, h, h->steps[i], err);
    }
    tp_json_end(p, ']');
    tp_json_end(p, '}');
    return rc;
}

tp_rc tp_api_holders(tp_ui_call *call, tp_err *err)
{
    history h = {.steps = NULL};
    tp_loaded *loaded = NULL;
    tp_arena arena;
    tp_arena_init(&arena, STEPS_BYTES_MAX);
    tp_rc rc = tp_merge_load(call->ui->node->merge, &call->tx, call->args[0].name, &loaded, err);
    if (rc == TP_OK) {
        h.loaded = loaded;
        h.row = holder_row(loaded->record.entity);
    }
    if (rc == TP_OK && h.row == NULL) {
        rc = tp_fail(err, TP_NOTFOUND, "nobody holds a record of that kind");
    }
    if (rc == TP_OK) {
        rc = find_steps(&h, &arena, err);
    }
    if (rc == TP_OK) {
        rc = put_steps(tp_answer_begin(call), &h, err);
    }
    if (rc == TP_OK) {
        rc = tp_answer_end(call, err);
    }
    tp_loaded_free(loaded);
    tp_arena_done(&arena);
    return rc;
}
