/* One request at a time to the pages' server, from the parser to the answer, on two whole nodes:
 * one that people write on, and a kiosk.  Both hold somebody's record and what was written of them.
 *
 * Byte 0: FLAGS of what is put into the head beside the input's own; byte 1: the method.  Then
 * text: the address, lines of more headers, an empty line, the body.  \001 stands for the person's
 * full name, \002 for the code of a request, which no text of an input could guess.
 *
 * What must hold, whatever is asked: every answer has the headers of a page, once; JSON is JSON,
 * and a problem says what is wrong; nothing of the person goes to who has not come in, has not said
 * who they are, or asks a kiosk; a kiosk answers nothing but its own three addresses; nothing is
 * written without the token; no transaction and no statement is left open.
 *
 * The nodes live on from one input to the next, and are made anew every INPUTS_MAX.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "node/record/write.h"
#include "node/ui/handle.h"
#include "node/ui/session.h"
#include "platform/net/http_parse.h"
#include "tests/support/meeting.h"
#include "tests/support/request.h"

#include <stdio.h>

enum {
    IS_KIOSK = 1,
    HAS_DOOR = 2,
    HAS_SESSION = 4,
    HAS_TOKEN = 8,
    HAS_TYPE = 16,
    HAS_HOST = 32,
    PORT = 8321,
    INPUTS_MAX = 512,
    BODY_BYTES_MAX = 256 * 1024
};

static const char secret_name[] = "Zorblax";
static const char secret_note[] = "quibblefrotz";
static const uint8_t key_bytes[TP_DOOR_KEY_BYTES] = "sixteen  bytes!";

static meeting nodes;
static tp_ui uis[2];
static char door_cookie[128];
static char session_cookie[TP_SESSION_ROOM];
static tp_name person;
static char code[TP_REQUEST_CODE_MAX];
static unsigned inputs_count;

/* ---- The nodes ---- */

/* There is no background process to poke. */
static void sync_now(void *ctx)
{
    (void)ctx;
}

static void set_kiosk(tp_node *node)
{
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    must(tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err) == TP_OK);
    must(tp_log_set_kiosk(node->log, &tx, true, &err) == TP_OK);
    must(tp_tx_commit(&tx, &err) == TP_OK);
}

static void make_cookies(const tp_door *door)
{
    tp_http_response response;
    tp_err err;
    char line[256];
    tp_http_response_init(&response);
    must(tp_session_put_door(door, PORT, &response, &err) == TP_OK);
    must(tp_test_response_header(&response, "Set-Cookie", line, sizeof line));
    snprintf(door_cookie, sizeof door_cookie, "%.*s", (int)strcspn(line, ";"), line);
    tp_http_response_done(&response);
    tp_session_make(door, tp_slice_str("Dee"), MEETING_NOW_MS, session_cookie);
}

/* By the way of a page: the line of an import does not tell the code. */
static void take_request(tp_node *node)
{
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    tp_write w;
    tp_write_result result;
    tp_write_init(&w, node, TP_WRITE_CREATE, TP_HELP_REQUEST, tp_slice_str("Dee"));
    must(tp_write_set_text(&w, "words", tp_slice_str(secret_note), &err) == TP_OK);
    must(tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err) == TP_OK);
    must(tp_write_in(&w, &tx, &result, &err) == TP_OK);
    must(tp_tx_commit(&tx, &err) == TP_OK);
    memcpy(code, result.code, sizeof code);
    tp_write_done(&w);
}

static void open_nodes(void)
{
    static const char *const agencies[] = {"street-outreach", "street-outreach", NULL};
    meeting_open(&nodes, agencies);
    person = meeting_person(&nodes, 0, secret_name);
    (void)meeting_contact(&nodes, 0, person, secret_note);
    take_request(&nodes.at[0].node);
    meeting_sync_all(&nodes);
    set_kiosk(&nodes.at[1].node);
    for (size_t i = 0; i < 2; i++) {
        uis[i] = (tp_ui){.node = &nodes.at[i].node, .port = PORT, .sync_now = sync_now};
        tp_door_init(&uis[i].door, key_bytes);
    }
    make_cookies(&uis[0].door);
}

static void close_nodes(void)
{
    for (size_t i = 0; i < 2; i++) {
        tp_asking_clear(&uis[i].asking);
        tp_door_done(&uis[i].door);
    }
    meeting_close(&nodes);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    open_nodes();
    (void)atexit(close_nodes);
    return 0;
}

/* ---- The request ---- */

static void add(tp_buf *out, const char *text)
{
    tp_err err;
    must(tp_buf_add(out, text, strlen(text), &err) == TP_OK);
}

/* The input's own text; in a head each line ends as HTTP's do. */
static void add_text(tp_buf *out, tp_slice text, bool is_head)
{
    tp_err err;
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.at[i] == 1) {
            add(out, meeting_name(person));
        } else if (text.at[i] == 2) {
            add(out, code);
        } else if (is_head && text.at[i] == '\n') {
            add(out, "\r\n");
        } else {
            must(tp_buf_add(out, text.at + i, 1, &err) == TP_OK);
        }
    }
}

static tp_slice take_until(tp_slice *text, const char *mark)
{
    const uint8_t *end = memmem(text->at, text->bytes, mark, strlen(mark));
    size_t bytes = end == NULL ? text->bytes : (size_t)(end - text->at);
    size_t taken = end == NULL ? bytes : bytes + strlen(mark);
    tp_slice part = tp_slice_of(text->at, bytes);
    *text = tp_slice_of(text->at + taken, text->bytes - taken);
    return part;
}

static void add_own_headers(tp_buf *out, unsigned flags)
{
    char token[TP_SESSION_TOKEN_ROOM];
    char line[1024];
    if ((flags & HAS_HOST) != 0) {
        add(out, "Host: 127.0.0.1:8321\r\n");
    }
    if ((flags & (HAS_DOOR | HAS_SESSION)) != 0) {
        bool has_session = (flags & HAS_SESSION) != 0;
        snprintf(line, sizeof line, "Cookie: %s%s%s\r\n",
                 (flags & HAS_DOOR) != 0 ? door_cookie : "a=b",
                 has_session ? "; teapot_session_8321=" : "", has_session ? session_cookie : "");
        add(out, line);
    }
    if ((flags & HAS_TOKEN) != 0) {
        tp_session_token(&uis[0].door, tp_log_device(uis[0].node->log),
                         tp_slice_str((flags & HAS_SESSION) != 0 ? session_cookie : ""), token);
        snprintf(line, sizeof line, "X-Teapot-Token: %s\r\n", token);
        add(out, line);
    }
    if ((flags & HAS_TYPE) != 0) {
        add(out, "Content-Type: application/json\r\n");
    }
}

static void make_request(unsigned flags, unsigned method, tp_slice text, tp_buf *out)
{
    static const char *const methods[] = {"GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE "};
    char line[64];
    tp_buf body;
    tp_buf_init(&body, BODY_BYTES_MAX);
    tp_slice head = take_until(&text, "\n\n");
    tp_slice address = take_until(&head, "\n");
    add_text(&body, text, false);
    add(out, methods[method % (sizeof methods / sizeof methods[0])]);
    add_text(out, address, true);
    add(out, " HTTP/1.1\r\n");
    add_own_headers(out, flags);
    snprintf(line, sizeof line, "Content-Length: %zu\r\n", body.bytes);
    add(out, line);
    if (head.bytes > 0) {
        add_text(out, head, true);
        add(out, "\r\n");
    }
    add(out, "\r\n");
    add_text(out, text, false);
    tp_buf_done(&body);
}

/* ---- The answer ---- */

static void check_headers(const tp_http_response *response)
{
    static const char *const names[] = {
        "Content-Security-Policy:",    "X-Content-Type-Options:",       "Referrer-Policy:",
        "Cross-Origin-Opener-Policy:", "Cross-Origin-Resource-Policy:", "Cache-Control:"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tp_slice left = tp_buf_slice(&response->headers);
        (void)take_until(&left, names[i]);
        must(left.bytes > 0);
        (void)take_until(&left, names[i]);
        must(left.bytes == 0);
    }
}

static void check_document(tp_slice text, bool is_problem)
{
    json_t *document = json_loadb((const char *)text.at, text.bytes, JSON_REJECT_DUPLICATES, NULL);
    must(json_is_object(document));
    must(!is_problem || json_string_length(json_object_get(document, "error")) > 0);
    must(!is_problem || json_string_length(json_object_get(document, "text")) > 0);
    json_decref(document);
}

static void check_json(const tp_http_response *response, tp_slice body)
{
    bool is_problem = response->status >= 400;
    const char *type = response->content_type == NULL ? "" : response->content_type;
    if (strstr(type, "json") == NULL || response->body.bytes == 0) { /* a file of ours is gzipped */
        return;
    }
    must(is_problem == (strstr(type, "problem+json") != NULL));
    if (strstr(type, "ndjson") == NULL) {
        check_document(body, is_problem);
        return;
    }
    must(body.at[body.bytes - 1] == '\n');
    while (body.bytes > 0) { /* an export */
        check_document(take_until(&body, "\n"), false);
    }
}

static bool holds(tp_slice text, const char *word)
{
    return text.bytes > 0 && memmem(text.at, text.bytes, word, strlen(word)) != NULL;
}

/* Who says a word themselves may be told it back. */
static void check_secrets(unsigned flags, const tp_http_request *request, tp_slice asked,
                          const tp_http_response *response, tp_slice body)
{
    const unsigned all = HAS_DOOR | HAS_SESSION;
    bool may_know = (flags & IS_KIOSK) == 0 && (flags & all) == all;
    if (!may_know) {
        must(!holds(body, secret_name) || holds(asked, secret_name));
        must(!holds(body, secret_note) || holds(asked, secret_note));
    }
    if ((flags & HAS_DOOR) == 0) {
        must(response->status != 200 && response->status != 204);
    } else if ((flags & IS_KIOSK) != 0 && response->status < 300 && request->path.bytes >= 5 &&
               memcmp(request->path.at, "/api/", 5) == 0) {
        must(tp_slice_is(request->path, "/api/kiosk") ||
             tp_slice_is(request->path, "/api/kiosk/request") ||
             tp_slice_is(request->path, "/api/kiosk/ask"));
    }
}

static void play(unsigned flags, const tp_http_parser *parser, tp_slice asked)
{
    tp_ui *ui = &uis[(flags & IS_KIOSK) != 0];
    tp_http_response response;
    const uint64_t writes_before = ui->writes_count;
    const tp_http_request request = {.method = parser->method,
                                     .path = parser->path,
                                     .query = parser->query,
                                     .headers = parser->headers,
                                     .headers_count = parser->headers_count,
                                     .body = tp_buf_slice(&parser->body)};
    tp_http_response_init(&response);
    tp_ui_handle(ui, &request, &response);
    tp_slice body = tp_http_response_body(&response);
    must(response.status >= 200 && response.status < 600 && response.status != 500);
    check_headers(&response);
    check_json(&response, body);
    check_secrets(flags, &request, asked, &response, body);
    must((flags & HAS_TOKEN) != 0 || ui->writes_count == writes_before);
    must(tp_store_statements_open(ui->node->store) == 0 && !tp_store_is_in_tx(ui->node->store));
    tp_asking_clear(&ui->asking);
    tp_http_response_done(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    tp_http_parser parser;
    tp_buf asked;
    if (bytes < 2 || bytes > 16 * 1024) {
        return 0;
    }
    if (++inputs_count % INPUTS_MAX == 0) {
        close_nodes();
        open_nodes();
    }
    tp_buf_init(&asked, 2 * BODY_BYTES_MAX);
    tp_http_parser_init(&parser, BODY_BYTES_MAX);
    make_request(input[0], input[1], tp_slice_of(input + 2, bytes - 2), &asked);
    size_t used = tp_http_parser_feed(&parser, tp_buf_slice(&asked));
    if (parser.state == TP_HTTP_PARSE_READY && used == asked.bytes) {
        play(input[0], &parser, tp_buf_slice(&asked));
    }
    tp_http_parser_done(&parser);
    tp_buf_done(&asked);
    return 0;
}
