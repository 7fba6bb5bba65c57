/* Getting ready after an upgrade. */
#include "node/ui/readying.h"

#include "node/record/rebuild.h"
#include "node/record/work_note.h"
#include "node/ui/answer.h"
#include "node/ui/asset.h"
#include "node/ui/background.h"
#include "platform/os/program.h"

#include <stdio.h>

enum { END_MS = 5000, PERCENT = 100 };

void tp_readying_init(tp_readying *r, tp_node *node, void *ctx,
                      void (*trouble)(void *ctx, const char *what))
{
    memset(r, 0, sizeof *r);
    r->node = node;
    r->ctx = ctx;
    r->trouble = trouble;
}

static void note_failure(tp_readying *r, const char *what, int64_t now_ms)
{
    r->failures++;
    r->next_ms = now_ms + tp_background_wait_ms(r->failures);
    r->trouble(r->ctx, what);
}

static void note_end(tp_readying *r, int exit_code, int64_t now_ms)
{
    char what[120];
    if (exit_code == TP_EXIT_DONE) {
        r->failures = 0;
        return;
    }
    snprintf(what, sizeof what, "what is held could not be put in order (%d); it is tried again",
             exit_code);
    note_failure(r, what, now_ms);
}

static void start(tp_readying *r, int64_t now_ms)
{
    char *argv[] = {"teapot", "--dir", (char *)r->node->dir.at, "rebuild", "--stale", NULL};
    tp_err err;
    if (tp_child_start(argv, &r->child, &err) != TP_OK) {
        note_failure(r, err.what, now_ms);
    }
}

bool tp_readying_tick(tp_readying *r, int64_t now_ms)
{
    int exit_code = 0;
    bool is_stale = true;
    tp_err err;
    if (tp_child_has_ended(&r->child, &exit_code)) {
        note_end(r, exit_code, now_ms);
    }
    if (r->child.pid != 0 || now_ms < r->next_ms) {
        return false;
    }
    if (tp_node_is_stale(r->node, &is_stale, &err) != TP_OK) {
        note_failure(r, err.what, now_ms);
        return false;
    }
    if (is_stale) {
        start(r, now_ms);
    }
    return !is_stale;
}

void tp_readying_end(tp_readying *r)
{
    tp_child_end(&r->child, END_MS);
}

/* ---- Meanwhile ---- */

typedef struct page {
    const char *before; /* the number */
    const char *words;  /* behind it */
    const char *after;  /* the bar */
} page;

static const page workers = {
    "<!doctype html>\n<html lang=\"en\" class=\"govuk-template\"><head><meta charset=\"utf-8\">"
    "<title>Teapot is getting ready</title>"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<meta name=\"color-scheme\" content=\"light dark\">"
    "<link rel=\"stylesheet\" href=\"/style.css\">"
    "<script type=\"module\" src=\"/ready.mjs\"></script></head>\n"
    "<body class=\"govuk-template__body\"><div class=\"govuk-width-container\">"
    "<main class=\"govuk-main-wrapper\"><h1 class=\"govuk-heading-l\">Teapot is getting "
    "ready</h1>\n"
    "<p class=\"govuk-body\">It was updated, and puts what it holds in order. Nothing is lost. "
    "This page goes on by itself.</p>\n<p class=\"govuk-body\"><label for=\"bar\">",
    " done",
    "<noscript><p class=\"govuk-body\">Load it again in a moment.</p></noscript></main></div>"
    "</body></html>\n"};

/* Its script puts the words there, in each language of the kiosk. */
static const page kiosks = {
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Teapot</title>"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<link rel=\"stylesheet\" href=\"/kiosk/kiosk.css\">"
    "<script type=\"module\" src=\"/ready.mjs\"></script></head>\n"
    "<body><main class=\"page\"><h1 class=\"heard\">Teapot</h1>\n"
    "<p class=\"ready\"><label for=\"bar\">",
    "", "<ul id=\"languages\" class=\"choices\"></ul></main></body></html>\n"};

static tp_rc put_page(const page *of, const tp_work_note *note, tp_buf *out, tp_err *err)
{
    unsigned percent = note->all == 0 ? 0 : (unsigned)(note->done * PERCENT / note->all);
    return tp_buf_addf(out, err,
                       "%s%u%%%s</label> <progress id=\"bar\" max=\"100\" value=\"%u\">"
                       "</progress></p>\n%s",
                       of->before, percent, of->words, percent, of->after);
}

/* What either page is made of. */
static const tp_asset *find_part(tp_slice path)
{
    static const char *const parts[] = {"/style.css", "/ready.mjs", "/icon.svg", "/kiosk/"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (tp_slice_begins(path, parts[i])) {
            return tp_asset_find(tp_assets, path);
        }
    }
    return NULL;
}

/* Where that cannot be read, the page of an ordinary node. */
static bool is_kiosk(const tp_node *node)
{
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    bool is_so = false;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, &err);
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(node->log, &tx, &is_so, &err);
    }
    tp_tx_rollback(&tx);
    return rc == TP_OK && is_so;
}

static tp_rc answer_page(const tp_node *node, const tp_work_note *note,
                         const tp_http_request *request, tp_http_response *response, tp_err *err)
{
    const tp_asset *part = find_part(request->path);
    if (part != NULL) {
        return tp_asset_answer(part, false, request, response, err);
    }
    response->status = 503;
    response->content_type = "text/html; charset=utf-8";
    return put_page(is_kiosk(node) ? &kiosks : &workers, note, &response->body, err);
}

static void answer_api(const tp_work_note *note, tp_http_response *response)
{
    json_t *more = note->all == 0 ? NULL
                                  : json_pack("{s:I,s:I}", "done", (json_int_t)note->done, "of",
                                              (json_int_t)note->all);
    tp_answer_problem(
        response, 503, "rebuilding",
        "Teapot was updated and puts what it holds in order. Nothing is lost; it goes "
        "on by itself.",
        NULL, more);
    json_decref(more);
}

void tp_readying_answer(const tp_node *node, const tp_http_request *request,
                        tp_http_response *response)
{
    tp_work_note note;
    tp_err err;
    if (!tp_work_note_read(node, TP_NODE_REBUILD_STATE, &note) ||
        note.phase != TP_WORK_REBUILDING) {
        note.all = 0;
    }
    if (tp_slice_begins(request->path, "/api/")) {
        answer_api(&note, response);
    } else if (answer_page(node, &note, request, response, &err) != TP_OK) {
        tp_http_response_fail(response, 503);
    }
}
