/* One request from the gate to its answer, on a real node.
 *
 * Shows P1. */
#include "node/ui/handle.h"

#include "node/record/work_note.h"
#include "platform/base/fault.h"

#include "node/ui/session.h"
#include "tests/support/meeting.h"
#include "tests/support/request.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum { PORT = 8321 };

static const char *const one[] = {"street-outreach", NULL};
static const uint8_t key_bytes[TP_DOOR_KEY_BYTES] = "sixteen  bytes!";
static unsigned pokes;

static void count_poke(void *ctx)
{
    (void)ctx;
    pokes++;
}

/* A served node and a browser that came through the door. */
typedef struct stage {
    meeting m;
    tp_ui ui;
    tp_test_request request;
    tp_http_response response;
    char cookie[2048];
    char token[TP_SESSION_TOKEN_ROOM];
    char body[96 * 1024]; /* a page's document holds the schema */
} stage;

static void set_worker(stage *s, const char *worker)
{
    char session[TP_SESSION_ROOM] = "";
    char door_line[512];
    tp_err err;
    tp_http_response response;
    if (worker != NULL) {
        tp_session_make(&s->ui.door, tp_slice_str(worker), MEETING_NOW_MS, session);
    }
    tp_http_response_init(&response);
    assert_int_equal(tp_session_put_door(&s->ui.door, PORT, &response, &err), TP_OK);
    assert_true(tp_test_response_header(&response, "Set-Cookie", door_line, sizeof door_line));
    snprintf(s->cookie, sizeof s->cookie, "%.*s; teapot_session_%d=%s",
             (int)strcspn(door_line, ";"), door_line, PORT, session);
    tp_session_token(&s->ui.door, tp_log_device(s->ui.node->log), tp_slice_str(session), s->token);
    tp_http_response_done(&response);
}

static void open_stage(stage *s)
{
    memset(s, 0, sizeof *s);
    meeting_open(&s->m, one);
    s->ui.node = &s->m.at[0].node;
    s->ui.port = PORT;
    s->ui.sync_now = count_poke;
    tp_door_init(&s->ui.door, key_bytes);
    tp_http_response_init(&s->response);
    set_worker(s, "Dee");
}

static void close_stage(stage *s)
{
    tp_http_response_done(&s->response);
    tp_door_done(&s->ui.door);
    meeting_close(&s->m);
}

/* Asks, and answers the status; the response stays.  NULL cookie or token: none is sent. */
static unsigned ask_as(stage *s, tp_http_method method, const char *path, const char *cookie,
                       const char *token, const char *body)
{
    char policy[512];
    tp_http_response_done(&s->response);
    tp_http_response_init(&s->response);
    tp_test_request_init(&s->request, method, path);
    tp_test_request_header(&s->request, "Host", "127.0.0.1:8321");
    tp_test_request_header(&s->request, "Content-Type", body == NULL ? NULL : "application/json");
    tp_test_request_header(&s->request, "Cookie", cookie);
    tp_test_request_header(&s->request, "X-Teapot-Token", token);
    s->request.request.body = tp_slice_str(body);
    tp_ui_handle(&s->ui, &s->request.request, &s->response);
    tp_slice answer = tp_http_response_body(&s->response);
    snprintf(s->body, sizeof s->body, "%.*s", (int)answer.bytes,
             answer.bytes == 0 ? "" : (const char *)answer.at);
    assert_true(
        tp_test_response_header(&s->response, "Content-Security-Policy", policy, sizeof policy));
    return s->response.status;
}

static unsigned ask(stage *s, tp_http_method method, const char *path, const char *body)
{
    return ask_as(s, method, path, s->cookie, s->token, body);
}

#define GET TP_HTTP_METHOD_GET
#define POST TP_HTTP_METHOD_POST
#define PUT TP_HTTP_METHOD_PUT

static void test_ui_handle__tells_nothing_outside_the_door(void **state)
{
    (void)state;
    static stage s;
    open_stage(&s);
    assert_int_equal(ask_as(&s, GET, "/", NULL, NULL, NULL), 403);
    assert_non_null(strstr(s.body, "teapot serve --address"));
    assert_int_equal(ask_as(&s, GET, "/api/session", NULL, NULL, NULL), 403);
    assert_non_null(strstr(s.body, "\"error\":\"door\""));
    assert_int_equal(ask_as(&s, GET, "/app.mjs", NULL, NULL, NULL), 403);
    assert_int_equal(ask_as(&s, GET, "/enter/", NULL, NULL, NULL), 403);
    char enter[64];
    snprintf(enter, sizeof enter, "/enter/%s", s.ui.door.text);
    assert_int_equal(ask_as(&s, POST, enter, NULL, NULL, "{}"), 403);
    assert_int_equal(ask_as(&s, GET, enter, NULL, NULL, NULL), 303);
    assert_int_equal(ask(&s, GET, "/", NULL), 200);
    close_stage(&s);
}

static const struct row {
    tp_http_method method;
    const char *path;
    const char *body;
    unsigned status;
    const char *error; /* in the problem; NULL: none */
} rows[] = {
    {GET, "/api/session", NULL, 200, NULL},
    {TP_HTTP_METHOD_HEAD, "/api/session", NULL, 200, NULL},
    {GET, "/api/nothing", NULL, 404, "notfound"},
    {GET, "/api/", NULL, 404, "notfound"},
    {GET, "/nothing.mjs", NULL, 404, "notfound"},
    {GET, "/some/page", NULL, 200, NULL},
    {POST, "/some/page", "{}", 405, "method"},
    {POST, "/api/schema", "{}", 405, "method"},
    {GET, "/api/draft/k", NULL, 404, "notfound"},
    {PUT, "/api/draft/k", "", 400, "invalid"},
    {PUT, "/api/draft/k", "{", 400, "invalid"},
    {PUT, "/api/draft/k", "[]", 400, "invalid"},
    {PUT, "/api/draft/k", "{\"page\":1,\"body\":1}", 422, "invalid"},
    {PUT, "/api/draft/k", "{\"page\":\"/x\"}", 400, "invalid"},
    {PUT, "/api/draft/k", "{\"page\":\"x\",\"body\":1}", 422, "invalid"},
    {PUT, "/api/draft/k", "{\"page\":\"/x\",\"page\":\"/y\",\"body\":1}", 400, "invalid"},
    {PUT, "/api/draft/k", "{\"page\":\"/x\",\"body\":{\"a\":1}}", 200, NULL},
    {GET, "/api/draft/k", NULL, 200, NULL},
    {POST, "/api/session", "{\"worker\":\"\"}", 422, "invalid"},
    {POST, "/api/session", "{\"worker\":7}", 422, "invalid"},
    {POST, "/api/find", "{}", 200, NULL},
    {POST, "/api/find", "{\"text\":null}", 200, NULL},
    {POST, "/api/find", "{\"text\":7}", 422, "invalid"},
    {GET, "//api/session", NULL, 200, NULL}, /* the shell: an address of ours is this one alone */
    {GET, "/API/session", NULL, 200, NULL},
    {GET, "/api/%73ession", NULL, 404, "notfound"},
    {GET, "/api/../api/session", NULL, 404, "notfound"},
    {GET, "/api/session/", NULL, 404, "notfound"},
    {GET, "/api/draft/%6b", NULL, 404, "notfound"},
    {GET, "/kiosk/../index.html", NULL, 404, "notfound"},
    {GET, "/%2e%2e/door.key", NULL, 404, "notfound"},
    {TP_HTTP_METHOD_PATCH, "/api/session", "{}", 405, "method"},
    {TP_HTTP_METHOD_DELETE, "/api/session/x", "", 404, "notfound"},
    {TP_HTTP_METHOD_HEAD, "/api/sync", NULL, 405, "method"},
};

static void test_ui_handle__answers_row_by_row(void **state)
{
    (void)state;
    static stage s;
    open_stage(&s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        char error[64];
        unsigned status = ask(&s, r->method, r->path, r->body);
        snprintf(error, sizeof error, "{\"error\":\"%s\"", r->error == NULL ? "" : r->error);
        if (status != r->status || (r->error != NULL && strstr(s.body, error) != s.body)) {
            fail_msg("row %zu, %s: %u, not %u: %s", i, r->path, status, r->status, s.body);
        }
    }
    assert_non_null(strstr(s.response.content_type, "problem+json"));
    close_stage(&s);
}

static void test_ui_handle__a_writer_needs_session_and_token(void **state)
{
    (void)state;
    static stage s;
    char other[TP_SESSION_TOKEN_ROOM];
    const char *draft = "{\"page\":\"/x\",\"body\":1}";
    open_stage(&s);
    tp_session_token(&s.ui.door, tp_log_device(s.ui.node->log), tp_slice_str("another"), other);
    assert_int_equal(ask_as(&s, PUT, "/api/draft/k", s.cookie, NULL, draft), 403);
    assert_int_equal(ask_as(&s, PUT, "/api/draft/k", s.cookie, other, draft), 403);
    assert_non_null(strstr(s.body, "\"error\":\"token\""));
    assert_int_equal(ask(&s, GET, "/api/draft/k", NULL), 404);
    set_worker(&s, NULL);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", draft), 401);
    assert_int_equal(ask(&s, GET, "/api/drafts", NULL), 401);
    assert_int_equal(ask(&s, GET, "/api/status", NULL), 200);
    assert_int_equal(ask(&s, POST, "/api/session", "{\"worker\":\"Dee\"}"), 200);
    close_stage(&s);
}

/* The JSON of the element "answers". */
static json_t *answers_of(const stage *s)
{
    static const char mark[] = "id=\"answers\">";
    const char *at = strstr(s->body, mark);
    assert_non_null(at);
    const char *end = strstr(at, "</script>");
    assert_non_null(end);
    at += sizeof mark - 1;
    json_t *answers = json_loadb(at, (size_t)(end - at), 0, NULL);
    assert_non_null(answers);
    return answers;
}

/* What a page brings along is what asking answers; nothing in it ends its element. */
static void test_ui_handle__a_document_brings_along_what_its_page_asks(void **state)
{
    (void)state;
    static stage s;
    char path[96];
    char key[128];
    open_stage(&s);
    tp_name baz = meeting_person(&s.m, 0, "</script><!-- <script>");
    snprintf(path, sizeof path, "/person/%016" PRIx64 "-%" PRIu64, baz.device, baz.seq);
    assert_int_equal(ask(&s, GET, path, NULL), 200);
    assert_string_equal(s.response.content_type, "text/html; charset=utf-8");
    assert_non_null(strstr(s.body, "/app.mjs\""));
    assert_null(strstr(s.body, "<!-- <script>"));
    json_t *answers = answers_of(&s);
    snprintf(key, sizeof key, "/api%s?newest=12", path);
    json_t *brought = json_incref(json_object_get(answers, key));
    assert_non_null(brought);
    assert_non_null(json_object_get(answers, "/api/session"));
    assert_non_null(json_object_get(answers, "/api/status"));
    assert_non_null(json_object_get(answers, "/api/schema"));
    assert_null(json_object_get(answers, "/api/start"));
    json_decref(answers);
    snprintf(key, sizeof key, "/api%s", path);
    assert_int_equal(ask(&s, GET, key, NULL), 200);
    json_t *asked = json_loads(s.body, 0, NULL);
    assert_true(json_equal(brought, asked));
    json_decref(brought);
    json_decref(asked);
    close_stage(&s);
}

static void test_ui_handle__a_document_brings_nothing_that_is_refused(void **state)
{
    (void)state;
    static stage s;
    open_stage(&s);
    assert_int_equal(ask(&s, GET, "/contact", NULL), 200); /* no draft: known to be none */
    json_t *answers = answers_of(&s);
    assert_true(json_is_null(json_object_get(answers, "/api/draft/contact-new")));
    json_decref(answers);
    assert_int_equal(ask(&s, GET, "/no/such/page", NULL), 200);
    answers = answers_of(&s);
    assert_int_equal(json_object_size(answers), 2);
    json_decref(answers);
    set_worker(&s, NULL);
    assert_int_equal(ask(&s, GET, "/", NULL), 200);
    answers = answers_of(&s);
    assert_null(json_object_get(answers, "/api/start"));
    assert_true(json_is_null(json_object_get(json_object_get(answers, "/api/session"), "worker")));
    json_decref(answers);
    close_stage(&s);
}

static int64_t revision(stage *s)
{
    assert_int_equal(ask(s, GET, "/api/status", NULL), 200);
    json_t *document = json_loads(s->body, 0, NULL);
    int64_t at = json_integer_value(json_object_get(document, "revision"));
    json_decref(document);
    return at;
}

static void test_ui_handle__the_revision_moves_with_what_is_shown(void **state)
{
    (void)state;
    static stage s;
    open_stage(&s);
    int64_t before = revision(&s);
    assert_int_equal(revision(&s), before);
    meeting_person(&s.m, 0, "Baz");
    int64_t written = revision(&s);
    assert_true(written > before);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", "{\"page\":\"/x\",\"body\":1}"), 200);
    int64_t drafted = revision(&s);
    assert_true(drafted > written);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", "{\"page\":\"/x\",\"body\":2}"), 200);
    assert_int_equal(revision(&s), drafted); /* the same draft, a key later */
    meeting_sync(&s.m, 0);                   /* the hub has it */
    assert_true(revision(&s) > drafted);
    pokes = 0;
    int64_t quiet = revision(&s);
    assert_int_equal(ask(&s, POST, "/api/sync", "{}"), 202);
    assert_int_equal(pokes, 1);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", "{\"page\":\"x\",\"body\":1}"), 422);
    assert_int_equal(revision(&s), quiet);
    close_stage(&s);
}

/* After an upgrade: whoever came in sees how far it is, and nothing of what is held. */
static void test_ui_handle__says_how_far_it_is_while_views_are_made_again(void **state)
{
    (void)state;
    stage s;
    tp_work_notes notes;
    const tp_work_note note = {.phase = TP_WORK_REBUILDING, .done = 30, .all = 120};
    open_stage(&s);
    s.ui.is_readying = true;
    assert_int_equal(ask(&s, GET, "/api/status", NULL), 503);
    assert_non_null(strstr(s.body, "\"error\":\"rebuilding\""));
    assert_null(strstr(s.body, "\"of\""));
    tp_work_notes_open(&notes, s.ui.node, TP_NODE_REBUILD_STATE);
    tp_work_notes_put(&notes, &note);
    assert_int_equal(ask(&s, GET, "/api/start", NULL), 503);
    assert_non_null(strstr(s.body, "\"done\":30,\"of\":120"));
    assert_int_equal(ask(&s, GET, "/person/00000000000000aa-1", NULL), 503);
    assert_non_null(strstr(s.body, "<label for=\"bar\">25% done</label>"));
    assert_non_null(strstr(s.body, "value=\"25\""));
    assert_int_equal(ask_as(&s, GET, "/", NULL, NULL, NULL), 403); /* the door stays shut */
    s.ui.is_readying = false;
    assert_int_equal(ask(&s, GET, "/api/status", NULL), 200);
    assert_non_null(strstr(s.body, "\"what\":\"rebuilding\",\"done\":30,\"of\":120"));
    tp_work_notes_close(&notes);
    close_stage(&s);
}

static void test_ui_handle__names_who_wrote_here_lately(void **state)
{
    (void)state;
    static stage s;
    open_stage(&s);
    const char *const workers[] = {"Tom", "Zo\xC3\xAB", "Tom", "Al"};
    for (size_t i = 0; i < sizeof workers / sizeof workers[0]; i++) {
        meeting_write(&s.m, 0,
                      "{'op':'create','entity':'help_request','worker':'%s','set':{'words':'w'}}",
                      workers[i]);
    }
    assert_int_equal(ask(&s, GET, "/api/session", NULL), 200);
    assert_non_null(strstr(s.body, "\"workers\":[\"Al\",\"Tom\",\"Zo\xC3\xAB\"]"));
    assert_non_null(strstr(s.body, "\"worker\":\"Dee\""));
    close_stage(&s);
}

/* Each piece of memory refused in turn: what is answered as failed was not kept. */
static void test_ui_handle__a_draft_that_was_not_kept_is_not_there(void **state)
{
    (void)state;
    static stage s;
    unsigned failed = 0;
    bool has_come = true; /* to the call that fails */
    open_stage(&s);
    for (unsigned long nth = 1; has_come; nth++) {
        char spec[40];
        snprintf(spec, sizeof spec, "alloc.nth:%lu", nth);
        tp_fault_set(spec);
        const unsigned status = ask(&s, PUT, "/api/draft/k", "{\"page\":\"/x\",\"body\":1}");
        has_come = tp_fault_passed("alloc") >= nth;
        tp_fault_set(NULL);
        failed += status != 200;
        assert_int_equal(ask(&s, GET, "/api/draft/k", NULL), status == 200 ? 200 : 404);
        assert_int_equal(ask(&s, TP_HTTP_METHOD_DELETE, "/api/draft/k", "{}"), 204);
    }
    assert_in_range(failed, 5, 100);
    close_stage(&s);
}

static void test_ui_handle__a_kiosk_answers_nothing_of_the_workers(void **state)
{
    (void)state;
    static stage s;
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    open_stage(&s);
    assert_int_equal(tp_tx_begin(s.ui.node->store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_log_set_kiosk(s.ui.node->log, &tx, true, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    for (const tp_route *route = tp_routes; route->path != NULL; route++) {
        if ((route->flags & TP_ROUTE_KIOSK) == 0 && strchr(route->path, '{') == NULL) {
            bool writes = route->method != GET;
            assert_int_equal(ask(&s, route->method, route->path, writes ? "{}" : NULL) / 10, 40);
        }
    }
    const char *const pages[] = {
        "/index.html", "/app.mjs", "/api.mjs", "/worker/who.mjs", "/person/00000000000000aa-7",
        "/some/page"};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        assert_int_equal(ask(&s, GET, pages[i], NULL), 404);
    }
    assert_int_equal(ask(&s, GET, "/style.css", NULL), 200);
    assert_int_equal(ask(&s, GET, "/icon.svg", NULL), 200);
    assert_int_equal(ask(&s, GET, "/api/kiosk", NULL), 200);
    assert_non_null(strstr(s.body, "\"label\":\"\"")); /* its id is no name to show */

    /* After an upgrade it says in its own languages that it gets ready. */
    s.ui.is_readying = true;
    assert_int_equal(ask(&s, GET, "/", NULL), 503);
    assert_non_null(strstr(s.body, "<ul id=\"languages\""));
    assert_null(strstr(s.body, "getting ready"));
    assert_int_equal(ask(&s, GET, "/kiosk/texts/fa.json", NULL), 200);
    assert_int_equal(ask(&s, GET, "/ready.mjs", NULL), 200);
    assert_int_equal(ask(&s, GET, "/api/kiosk", NULL), 503);
    close_stage(&s);
}

/* Cookies know no ports: a page on another port of this machine sets one for a longer path, and
 * browsers send it first. */
static void test_ui_handle__another_ports_cookies_shut_nobody_out(void **state)
{
    (void)state;
    static stage s;
    char cookie[4096];
    open_stage(&s);
    snprintf(cookie, sizeof cookie,
             "teapot_door_8321=aa; teapot_session_8321=44.1.aa; teapot_door_8321=; %s", s.cookie);
    assert_int_equal(ask_as(&s, GET, "/api/drafts", cookie, NULL, NULL), 200);
    assert_int_equal(
        ask_as(&s, PUT, "/api/draft/k", cookie, s.token, "{\"page\":\"/x\",\"body\":1}"), 200);
    snprintf(cookie, sizeof cookie, "%s; teapot_session_8321=44.1.aa", s.cookie);
    assert_int_equal(ask_as(&s, GET, "/api/drafts", cookie, NULL, NULL), 200);
    close_stage(&s);
}

/* Dee's session with Tom's token, and the other way; a session of another node. */
static void test_ui_handle__one_workers_token_is_not_anothers(void **state)
{
    (void)state;
    static stage s;
    char token_of_dee[TP_SESSION_TOKEN_ROOM];
    char forged[2048];
    tp_door other;
    char session[TP_SESSION_ROOM];
    const char *draft = "{\"page\":\"/x\",\"body\":\"of Dee\"}";
    open_stage(&s);
    memcpy(token_of_dee, s.token, sizeof token_of_dee);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", draft), 200);
    set_worker(&s, "Tom");
    assert_int_equal(ask_as(&s, PUT, "/api/draft/k", s.cookie, token_of_dee, draft), 403);
    assert_int_equal(ask(&s, GET, "/api/draft/k", NULL), 404);
    assert_int_equal(ask(&s, GET, "/api/drafts", NULL), 200);
    assert_string_equal(s.body, "{\"drafts\":[]}");
    assert_int_equal(ask(&s, TP_HTTP_METHOD_DELETE, "/api/draft/k", ""), 204);
    tp_door_init(&other, (const uint8_t *)"another  node's!");
    tp_session_make(&other, tp_slice_str("Dee"), MEETING_NOW_MS, session);
    snprintf(forged, sizeof forged, "%.*s; teapot_session_%d=%s", (int)strcspn(s.cookie, ";"),
             s.cookie, PORT, session);
    tp_door_done(&other);
    assert_int_equal(ask_as(&s, GET, "/api/draft/k", forged, NULL, NULL), 401);
    set_worker(&s, "Dee");
    assert_int_equal(ask(&s, GET, "/api/draft/k", NULL), 200);
    close_stage(&s);
}

/* A clock that makes the node a kiosk: it is read between the mode and the handler. */
static tp_node *enrolling;
static const tp_clock *clock_before;

static tp_reading read_and_enrol(const tp_clock *clock)
{
    (void)clock;
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    if (enrolling != NULL && !tp_store_is_in_tx(enrolling->store)) {
        assert_int_equal(tp_tx_begin(enrolling->store, &tx, TP_TX_WRITE, &err), TP_OK);
        assert_int_equal(tp_log_set_kiosk(enrolling->log, &tx, true, &err), TP_OK);
        assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    }
    return tp_clock_read(clock_before);
}

static const struct race {
    tp_http_method method;
    const char *path;
    const char *body;
} races[] = {{GET, "/api/drafts", NULL},
             {GET, "/api/session", NULL},
             {PUT, "/api/draft/k", "{\"page\":\"/x\",\"body\":1}"},
             {POST, "/api/may-be", "{\"set\":{\"preferred_name\":\"Baz\"}}"}};

static void test_ui_handle__what_becomes_a_kiosk_on_the_way_answers_as_one(void **state)
{
    (void)state;
    static const tp_clock racing = {read_and_enrol};
    for (size_t i = 0; i < sizeof races / sizeof races[0]; i++) {
        static stage s;
        open_stage(&s);
        meeting_person(&s.m, 0, "Baz");
        enrolling = s.ui.node;
        clock_before = s.ui.node->clock;
        s.ui.node->clock = &racing;
        assert_int_equal(ask(&s, races[i].method, races[i].path, races[i].body), 409);
        assert_null(strstr(s.body, "Baz"));
        assert_int_equal(ask(&s, races[i].method, races[i].path, races[i].body), 404);
        s.ui.node->clock = clock_before;
        enrolling = NULL;
        close_stage(&s);
    }
}

/* The draft that was there stays, and the page is told in plain words. */
static void test_ui_handle__a_full_disk_is_told_and_loses_no_draft(void **state)
{
    (void)state;
    static stage s;
    char pages[64];
    char large[40 * 1024];
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    open_stage(&s);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", "{\"page\":\"/x\",\"body\":\"first\"}"), 200);
    snprintf(pages, sizeof pages, "PRAGMA max_page_count=1"); /* no fewer than there are */
    assert_int_equal(tp_tx_begin(s.ui.node->store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, pages, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    snprintf(large, sizeof large, "{\"page\":\"/x\",\"body\":\"%0*d\"}", 39 * 1024, 1);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", large), 503);
    assert_non_null(strstr(s.body, "the disk is full"));
    snprintf(large, sizeof large,
             "{\"changes\":[{\"op\":\"create\",\"entity\":\"help_request\",\"set\":{\"words\":"
             "\"%0*d\"}}],\"draft\":\"k\"}",
             15 * 1024, 1);
    assert_int_equal(ask(&s, POST, "/api/write", large), 503);
    assert_non_null(strstr(s.body, "the disk is full"));
    assert_int_equal(ask(&s, GET, "/api/draft/k", NULL), 200);
    assert_non_null(strstr(s.body, "\"body\":\"first\""));
    close_stage(&s);
}

/* Bodies that a page of ours never sends. */
static void test_ui_handle__refuses_json_that_is_a_trap(void **state)
{
    (void)state;
    enum { DEEP = 100 * 1000, LARGE = 1024 * 1024 };
    static char body[LARGE + 64];
    static const char *const traps[] = {
        "{\"page\":\"/x\",\"body\":\"\\ud800\"}", "{\"page\":\"/x\",\"body\":\"\\u0000\"}",
        "{\"page\":\"/x\",\"body\":1e400}",       "{\"page\":\"/x\",\"body\":99999999999999999999}",
        "{\"page\":\"/x\",\"body\":\"\xff\"}",    "{\"page\":\"/x\",\"body\":1} {}",
        "{\"page\":\"/x\",\"body\":NaN}",         "{\"page\":\"/x\",\"body\":{\"a\":1,\"a\":2}}"};
    static stage s;
    open_stage(&s);
    for (size_t i = 0; i < sizeof traps / sizeof traps[0]; i++) {
        assert_int_equal(ask(&s, PUT, "/api/draft/k", traps[i]), 400);
    }
    int used = snprintf(body, sizeof body, "{\"page\":\"/x\",\"body\":");
    memset(body + used, '[', DEEP);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", body), 400);
    snprintf(body, sizeof body, "{\"page\":\"/x\",\"body\":\"%0*d\"}", LARGE, 1);
    assert_int_equal(ask(&s, PUT, "/api/draft/k", body), 422);
    assert_non_null(strstr(s.body, "at most 64 KiB"));
    assert_int_equal(ask(&s, GET, "/api/draft/k", NULL), 404);
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ui_handle__tells_nothing_outside_the_door),
        cmocka_unit_test(test_ui_handle__answers_row_by_row),
        cmocka_unit_test(test_ui_handle__a_writer_needs_session_and_token),
        cmocka_unit_test(test_ui_handle__a_document_brings_along_what_its_page_asks),
        cmocka_unit_test(test_ui_handle__a_document_brings_nothing_that_is_refused),
        cmocka_unit_test(test_ui_handle__the_revision_moves_with_what_is_shown),
        cmocka_unit_test(test_ui_handle__says_how_far_it_is_while_views_are_made_again),
        cmocka_unit_test(test_ui_handle__names_who_wrote_here_lately),
        cmocka_unit_test(test_ui_handle__a_draft_that_was_not_kept_is_not_there),
        cmocka_unit_test(test_ui_handle__a_kiosk_answers_nothing_of_the_workers),
        cmocka_unit_test(test_ui_handle__another_ports_cookies_shut_nobody_out),
        cmocka_unit_test(test_ui_handle__one_workers_token_is_not_anothers),
        cmocka_unit_test(test_ui_handle__what_becomes_a_kiosk_on_the_way_answers_as_one),
        cmocka_unit_test(test_ui_handle__a_full_disk_is_told_and_loses_no_draft),
        cmocka_unit_test(test_ui_handle__refuses_json_that_is_a_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
