/* Refusals of whole requests, as the node reads them. */
#include "sync/session/refused.h"

#include "sync/session/json.h"

#include <stdio.h>

/* What stands in the text is the hub's; only what can be shown safely is kept. */
static void copy_line(const char *from, char *to, size_t bytes)
{
    size_t n = 0;
    for (; from != NULL && from[n] != '\0' && n + 1 < bytes; n++) {
        to[n] = from[n] >= ' ' && from[n] <= '~' ? from[n] : '?';
    }
    to[n] = '\0';
}

void tp_refused_read(unsigned status, tp_slice body, tp_refused_answer *out)
{
    memset(out, 0, sizeof *out);
    out->status = status;
    tp_err unread; /* then the status alone says it */
    json_t *object = NULL;
    if (tp_json_load(body, 0, &object, &unread) != TP_OK) {
        return;
    }
    const char *code = json_string_value(json_object_get(object, "error"));
    const tp_refusal_row *row = code == NULL ? NULL : tp_refusal_named(tp_slice_str(code));
    out->refusal = row == NULL ? (tp_refusal)0 : row->refusal;
    copy_line(json_string_value(json_object_get(object, "text")), out->text, sizeof out->text);
    json_int_t max = json_integer_value(json_object_get(object, "max"));
    out->version_max = max > 0 && max < 256 ? (unsigned)max : 0;
    json_int_t generation = json_integer_value(json_object_get(object, "generation"));
    out->generation = generation > 0 ? (uint64_t)generation : 0;
    json_int_t to = json_integer_value(json_object_get(object, "to"));
    out->to = to > 0 && to <= UINT32_MAX ? (uint32_t)to : 0;
    json_decref(object);
}

static tp_rc result_of(const tp_refused_answer *answer)
{
    if (answer->refusal == TP_REFUSAL_BUSY || answer->refusal == TP_REFUSAL_CLOCK ||
        answer->status == 429 || answer->status == 503) {
        return TP_BUSY;
    }
    return answer->status >= 500 ? TP_OFFLINE : TP_DENIED;
}

tp_rc tp_refused_fail(const tp_refused_answer *answer, tp_err *err)
{
    const tp_refusal_row *row = answer->refusal == 0 ? NULL : tp_refusal_of(answer->refusal);
    const char *text = answer->text[0] != '\0' ? answer->text : row != NULL ? row->text : "";
    if (text[0] == '\0' && answer->status >= 500) {
        return tp_fail(err, result_of(answer),
                       "something is wrong at the hub (%u): nothing is lost, try again later; its "
                       "operator can see what it is",
                       answer->status);
    }
    if (text[0] == '\0') {
        return tp_fail(err, result_of(answer), "the hub answered %u, without a reason",
                       answer->status);
    }
    return tp_fail(err, result_of(answer), "the hub says: %s", text);
}
