/* What the sweep does at the pages of a node. */
#include "tests/fault/sweep_pages.h"

#include "node/ui/handle.h"
#include "node/ui/session.h"
#include "platform/crypto/certificate.h"
#include "sync/hub/inquiry.h"
#include "tests/fault/scenes.h"
#include "tests/support/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { PORT = 8321, SENT_ONCE = 1, ANSWER_BYTES = 8192 };

static tp_door door;
static char cookie[2048];
static char session[TP_SESSION_ROOM]; /* "": a kiosk's, nobody's */
static char answer[ANSWER_BYTES];     /* the last one */

/* ---- As a browser asks ---- */

static void come_in(const char *worker)
{
    static const uint8_t key[TP_DOOR_KEY_BYTES] = "sixteen  bytes!";
    char line[512];
    tp_err err = {0};
    tp_http_response response;
    tp_door_init(&door, key);
    session[0] = '\0';
    if (worker != NULL) {
        tp_session_make(&door, tp_slice_str(worker), TOWN_NOW_MS, session);
    }
    tp_http_response_init(&response);
    scene_must(tp_session_put_door(&door, PORT, &response, &err), &err);
    assert_true(tp_test_response_header(&response, "Set-Cookie", line, sizeof line));
    snprintf(cookie, sizeof cookie, "%.*s%s%s", (int)strcspn(line, ";"), line,
             worker == NULL ? "" : "; teapot_session_8321=", session);
    tp_http_response_done(&response);
}

static void fill(tp_test_request *r, const tp_ui *ui, tp_http_method method, const char *path,
                 const char *body, unsigned flags)
{
    static char token[TP_SESSION_TOKEN_ROOM];
    tp_session_token(&door, tp_log_device(ui->node->log), tp_slice_str(session), token);
    tp_test_request_init(r, method, path);
    tp_test_request_header(r, "Host", "127.0.0.1:8321");
    tp_test_request_header(r, "Cookie", cookie);
    if (method != TP_HTTP_METHOD_GET) {
        tp_test_request_header(r, "Content-Type", "application/json");
        tp_test_request_header(r, "X-Teapot-Token", token);
    }
    if ((flags & SENT_ONCE) != 0) {
        tp_test_request_header(r, "Idempotency-Key", "0123456789abcdef0123456789abcdef");
    }
    r->request.body = tp_slice_str(body == NULL ? "" : body);
}

/* Answered as it should be, or 503: never "no such person", nor "who are you", nor less than there
 * is. */
static tp_rc ask(town *t, tp_http_method method, const char *path, const char *body, unsigned flags,
                 unsigned expected, tp_err *err)
{
    static tp_ui ui;
    tp_test_request request;
    tp_http_response response;
    memset(&ui, 0, sizeof ui);
    ui.node = &t->at[TOWN_VAN].node;
    ui.port = PORT;
    ui.door = door;
    fill(&request, &ui, method, path, body, flags);
    tp_http_response_init(&response);
    tp_ui_handle(&ui, &request.request, &response);
    const unsigned status = response.status;
    const tp_slice text =
        response.body_static.bytes > 0 ? response.body_static : tp_buf_slice(&response.body);
    snprintf(answer, sizeof answer, "%.*s", (int)text.bytes, (const char *)text.at);
    tp_http_response_done(&response);
    if (status == expected) {
        return TP_OK;
    }
    if (status != 503) {
        fail_msg("%s answers %u: %s", path, status, answer);
    }
    return tp_fail(err, TP_NOMEM, "it answers %u", status);
}

static tp_rc get(town *t, const char *path, const char *words, tp_err *err)
{
    tp_rc rc = ask(t, TP_HTTP_METHOD_GET, path, NULL, 0, 200, err);
    if (rc == TP_OK && strstr(answer, words) == NULL) {
        fail_msg("%s does not say %s: %s", path, words, answer);
    }
    return rc;
}

/* A write is a step: told when it is answered, and not done again where it was (town_write). */
static tp_rc write_once(town *t, tp_http_method method, const char *path, const char *body,
                        unsigned flags, unsigned expected, tp_err *err)
{
    if (++t->written <= t->skip) {
        return TP_OK;
    }
    town_sow(t, 900 + t->written);
    tp_rc rc = ask(t, method, path, body, flags, expected, err);
    if (rc == TP_OK) {
        town_tell(t, TOWN_VAN);
    }
    return rc;
}

/* ---- A form ---- */

void sweep_pages_prepare(town *t)
{
    scene_unsent(t);
    come_in("Dee");
}

static tp_rc send_form(town *t, const char *draft, tp_err *err)
{
    char body[600];
    snprintf(body, sizeof body,
             "{\"changes\":[{\"op\":\"create\",\"entity\":\"contact\",\"set\":{\"person\":\"%s\","
             "\"note\":\"By the library\"}}]%s}",
             town_name(scene_baz), draft);
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = write_once(t, TP_HTTP_METHOD_POST, "/api/write", body, SENT_ONCE, 200, err);
    }
    town_close(t, TOWN_VAN);
    return rc;
}

tp_rc sweep_pages_form(town *t, tp_err *err)
{
    return send_form(t, "", err);
}

/* ---- A draft ---- */

#define DRAFT "/api/draft/contact-new"

static long long draft_version; /* as the last put was answered */

static tp_rc put_draft(town *t, const char *note, tp_err *err)
{
    char body[200];
    const unsigned skipped = t->skip;
    snprintf(body, sizeof body, "{\"page\":\"/contact\",\"body\":{\"note\":\"%s\"}}", note);
    tp_rc rc = write_once(t, TP_HTTP_METHOD_PUT, DRAFT, body, 0, 200, err);
    if (rc == TP_OK && t->written > skipped) {
        assert_int_equal(sscanf(answer, "{\"version\":%lld}", &draft_version), 1);
    }
    return rc;
}

static tp_rc throw_away(town *t, tp_err *err)
{
    char path[80];
    snprintf(path, sizeof path, DRAFT "?version=%lld", draft_version);
    return write_once(t, TP_HTTP_METHOD_DELETE, path, NULL, 0, 204, err);
}

static tp_rc look_at_drafts(town *t, tp_err *err)
{
    tp_rc rc = get(t, DRAFT, "\"body\":{\"note\":\"Cold, and wet\"}", err);
    if (rc == TP_OK) {
        rc = get(t, "/api/drafts", "\"key\":\"contact-new\"", err);
    }
    return rc == TP_OK ? get(t, "/api/start", "\"key\":\"contact-new\"", err) : rc;
}

tp_rc sweep_pages_draft(town *t, tp_err *err)
{
    enum { STEPS = 3 };
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = put_draft(t, "Cold", err);
    }
    if (rc == TP_OK) {
        rc = put_draft(t, "Cold, and wet", err);
    }
    if (rc == TP_OK && t->skip < STEPS) {
        rc = look_at_drafts(t, err);
    }
    if (rc == TP_OK) {
        rc = throw_away(t, err);
    }
    if (rc == TP_OK) {
        rc = get(t, "/api/drafts", "{\"drafts\":[]}", err);
    }
    town_close(t, TOWN_VAN);
    return rc;
}

void sweep_pages_begun(town *t)
{
    tp_err err = {0};
    sweep_pages_prepare(t);
    scene_must(town_open(t, TOWN_VAN, &err), &err);
    scene_must(put_draft(t, "Cold, and wet", &err), &err);
    town_close(t, TOWN_VAN);
}

tp_rc sweep_pages_finish(town *t, tp_err *err)
{
    char draft[80];
    snprintf(draft, sizeof draft, ",\"draft\":\"contact-new\",\"draft_version\":%lld",
             draft_version);
    return send_form(t, draft, err);
}

/* ---- A kiosk ---- */

static const char help[] = "{\"words\":\"Somewhere dry, by the lighthouse.\",\"name\":\"Kim\","
                           "\"callback\":\"07700 900123\",\"language\":\"pl\"}";

static char code[TP_REQUEST_CODE_TEXT_MAX]; /* as it was told */

static void make_kiosk(town *t)
{
    tp_err err = {0};
    tp_tx tx = TP_TX_NONE;
    tp_hub_device device;
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    const tp_node *node = &t->at[TOWN_VAN].node;
    scene_must(town_open(t, TOWN_VAN, &err), &err);
    scene_must(tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err), &err);
    scene_must(tp_log_set_kiosk(node->log, &tx, true, &err), &err);
    scene_must(tp_tx_commit(&tx, &err), &err);
    town_close(t, TOWN_VAN);
    scene_must(town_open(t, TOWN_HUB, &err), &err);
    scene_must(tp_hub_begin(hub, &err), &err);
    scene_must(tp_hub_device_get(hub->store, t->at[TOWN_VAN].id, &device, &err), &err);
    device.is_kiosk = true;
    scene_must(tp_hub_device_put(hub->store, &device, &err), &err);
    scene_must(tp_hub_commit(hub, &err), &err);
    town_close(t, TOWN_HUB);
}

/* The desk has something that a kiosk is never sent. */
void sweep_pages_kiosk(town *t)
{
    tp_err err = {0};
    make_kiosk(t);
    scene_must(town_open(t, TOWN_DESK, &err), &err);
    scene_must(town_write(t, TOWN_DESK, NULL, &err,
                          "{'op':'create','entity':'person','worker':'Dee','set':"
                          "{'preferred_name':'Ash'}}"),
               &err);
    town_close(t, TOWN_DESK);
    scene_must(scene_sync_desk(t, &err), &err);
    t->written = 0;
    code[0] = '\0';
    come_in(NULL);
}

static void take_code(void)
{
    char told[TP_REQUEST_CODE_TEXT_MAX];
    assert_int_equal(sscanf(answer, "{\"code\":\"%11[^\"]\"}", told), 1);
    assert_true(code[0] == '\0' || strcmp(code, told) == 0); /* who asks again is told the same */
    memcpy(code, told, sizeof code);
}

static tp_rc ask_for_help(town *t, tp_err *err)
{
    const unsigned skipped = t->skip;
    tp_rc rc = write_once(t, TP_HTTP_METHOD_POST, "/api/kiosk/request", help, SENT_ONCE, 200, err);
    if (rc == TP_OK && t->written > skipped) {
        take_code();
    }
    return rc;
}

static tp_rc ask_after_it(town *t, tp_err *err)
{
    char body[60];
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    tp_rc rc = ask(t, TP_HTTP_METHOD_POST, "/api/kiosk/ask", body, 0, 200, err);
    if (rc == TP_OK && strstr(answer, "\"state\":\"here\"") == NULL) {
        fail_msg("what was just asked for is not known: %s", answer);
    }
    return rc;
}

tp_rc sweep_pages_ask_for_help(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = get(t, "/", "\x1f\x8b", err); /* packed */
    }
    if (rc == TP_OK) {
        rc = get(t, "/api/kiosk", "\"token\":\"", err);
    }
    if (rc == TP_OK) {
        rc = ask_for_help(t, err);
    }
    if (rc == TP_OK) {
        rc = ask_after_it(t, err);
    }
    town_close(t, TOWN_VAN);
    return rc;
}

void sweep_pages_asked(town *t)
{
    tp_err err = {0};
    sweep_pages_kiosk(t);
    scene_must(sweep_pages_ask_for_help(t, &err), &err);
    t->written = 0;
}

void sweep_pages_check_gone(town *t, tp_rc rc)
{
    if (rc == TP_OK && disk_has_bytes(t->at[TOWN_VAN].disk, tp_slice_str(SCENE_WORD))) {
        fail_msg("what the kiosk has sent is still there");
    }
}

/* ---- The hub is asked ---- */

static tp_buf certificate; /* the kiosk's, PEM; who signed it was TLS's to check */

static void make_certificate(town_place *van)
{
    tp_err err = {0};
    tp_buf ca;
    tp_public_key key;
    tp_buf_init(&ca, TP_PEM_BYTES_MAX);
    tp_buf_init(&certificate, TP_PEM_BYTES_MAX);
    tp_key_public(van->key, &key);
    scene_must(tp_certificate_make_ca(van->key, &van->rng.rng, TOWN_NOW_MS, &ca, &err), &err);
    const tp_issuer issuer = {tp_buf_slice(&ca), van->key};
    scene_must(tp_certificate_make_device(&issuer, &key, van->id, "street-outreach", &van->rng.rng,
                                          (tp_validity){TOWN_NOW_MS, 30}, &certificate, &err),
               &err);
    tp_buf_done(&ca);
}

void sweep_pages_told(town *t)
{
    tp_err err = {0};
    sweep_pages_asked(t);
    scene_must(scene_sync_van(t, &err), &err);
    make_certificate(&t->at[TOWN_VAN]);
}

void sweep_pages_end_inquiring(void)
{
    tp_buf_done(&certificate);
}

/* As the server does it: a round may hold others, and is committed whatever this one is told. */
static tp_rc inquire(tp_hub *hub, tp_err *err)
{
    static tp_hub_inquiries inquiries;
    char body[60];
    tp_http_response response;
    tp_net_peer peer = {
        .has_certificate = true, .certificate = tp_buf_slice(&certificate), .address = "192.0.2.1"};
    tp_http_request request = {.method = TP_HTTP_METHOD_POST,
                               .path = tp_slice_str(TP_INQUIRY_PATH),
                               .head_at = {TOWN_NOW_MS, 0},
                               .peer = &peer};
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    request.body = tp_slice_str(body);
    tp_rc rc = tp_hub_begin(hub, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_http_response_init(&response);
    tp_hub_handle_inquiry(hub, &inquiries, 0, &request, &response);
    const unsigned status = response.status;
    snprintf(answer, sizeof answer, "%.*s", TP_SLICE_FMT(tp_buf_slice(&response.body)));
    tp_http_response_done(&response);
    rc = tp_hub_commit(hub, err);
    if (rc == TP_OK && status != 200) {
        assert_true(status >=
                    500); /* never that this is no device of ours, or that it is to wait */
        rc = tp_fail(err, TP_NOMEM, "it answers %u", status);
    } else if (rc == TP_OK && strstr(answer, "\"state\":\"received\"") == NULL) {
        fail_msg("somebody who asked for help is told %s", answer);
    }
    return rc;
}

tp_rc sweep_pages_inquire(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_HUB, err);
    if (rc == TP_OK) {
        rc = inquire(&t->at[TOWN_HUB].hub, err);
    }
    town_close(t, TOWN_HUB);
    return rc;
}
