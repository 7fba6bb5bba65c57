/* /api/drafts, /api/draft/KEY: what this worker has begun and not sent. */
#include "node/record/draft.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/ui/query.h"
#include "platform/base/limits.h"
#include "sync/session/json.h"

#include <stdio.h>
#include <stdlib.h>

/* The members of one draft. */
static void put_members(tp_json_print *p, const tp_draft *draft)
{
    tp_json_put_text(p, "key", draft->key);
    tp_json_put_text(p, "page", draft->page);
    tp_json_put_instant(p, "at", draft->at_ms);
    tp_json_put_int(p, "version", draft->at_ms);
}

static tp_rc put_draft(void *context, const tp_draft *draft, tp_err *err)
{
    (void)err;
    tp_json_print *p = context;
    tp_json_begin(p, '{');
    put_members(p, draft);
    tp_json_end(p, '}');
    return TP_OK;
}

tp_rc tp_api_put_drafts(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    tp_json_key(p, "drafts");
    tp_json_begin(p, '[');
    tp_rc rc = tp_draft_list(&call->tx, call->worker, put_draft, p, err);
    tp_json_end(p, ']');
    return rc;
}

tp_rc tp_api_drafts(tp_ui_call *call, tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_rc rc = tp_api_put_drafts(call, p, err);
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

static tp_rc put_whole_draft(void *context, const tp_draft *draft, tp_err *err)
{
    json_t *body = NULL;
    tp_json_print *p = context;
    tp_rc rc = tp_json_load(draft->body, JSON_DECODE_ANY, &body, err);
    if (rc == TP_OK) {
        tp_json_begin(p, '{');
        put_members(p, draft);
        tp_json_key(p, "body");
        tp_json_document(p, body);
        tp_json_end(p, '}');
    }
    return rc;
}

tp_rc tp_api_draft(tp_ui_call *call, tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_rc rc = tp_draft_get(&call->tx, call->worker, call->args[0].text, put_whole_draft, p, err);
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

/* Who shows drafts shows which there are, not what is in them: keeping one again, as somebody
 * types, sends nobody looking. */
static tp_rc put_draft_text(tp_ui_call *call, tp_draft *draft, tp_err *err)
{
    bool exists = false;
    tp_rc rc = tp_draft_exists(&call->tx, call->worker, draft->key, &exists, err);
    if (rc == TP_OK) {
        rc = tp_draft_put(&call->tx, call->worker, draft, err);
    }
    call->is_unseen = exists;
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_put_int(p, "version", draft->at_ms);
    tp_json_end(p, '}');
    return tp_answer_end(call, err);
}

tp_rc tp_api_draft_put(tp_ui_call *call, tp_err *err)
{
    const json_t *body = json_object_get(call->body, "body");
    tp_draft draft = {.key = call->args[0].text,
                      .at_ms = tp_clock_read(call->ui->node->clock).wall_ms};
    tp_buf text;
    tp_json_print p;
    tp_rc rc = tp_answer_body_text(call, "page", &draft.page, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (body == NULL) {
        return tp_answer_malformed(call, "A draft has a \"page\" and a \"body\".", err);
    }
    tp_buf_init(&text, TP_DRAFT_BYTES_MAX);
    tp_json_print_begin_buf(&p, &text);
    tp_json_document(&p, json_incref((json_t *)body));
    if (tp_json_print_end_buf(&p, err) != TP_OK) {
        rc = tp_fail(err, err->rc, "a draft holds at most %u KiB", TP_DRAFT_BYTES_MAX / 1024u);
    } else {
        draft.body = tp_buf_slice(&text);
        rc = put_draft_text(call, &draft, err);
    }
    tp_buf_done(&text);
    return rc;
}

/* ?version=N: only the one that was put so; what is no number is none that was. */
static int64_t read_version(const tp_ui_call *call)
{
    char digits[24];
    tp_slice value;
    if (!tp_query_value(call, "version", &value)) {
        return 0;
    }
    snprintf(digits, sizeof digits, "%.*s", TP_SLICE_FMT(value));
    int64_t version = strtoll(digits, NULL, 10);
    return version == 0 ? -1 : version;
}

tp_rc tp_api_draft_delete(tp_ui_call *call, tp_err *err)
{
    int64_t version = read_version(call);
    tp_rc rc = tp_draft_delete(&call->tx, call->worker, call->args[0].text, version, err);
    return rc == TP_OK ? tp_answer_nothing(call) : rc;
}
