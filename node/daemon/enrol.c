/* Enrolling: a key, a request for a certificate, and the hub's answer. */
#include "node/daemon/enrol.h"

#include "platform/crypto/certificate.h"
#include "platform/net/http_client.h"
#include "sync/log/era.h"
#include "sync/session/enrol_code.h"
#include "sync/session/refused.h"

#include <jansson.h>

enum { ANSWER_BYTES_MAX = 64 * 1024 };

/* ---- What is sent ---- */

/* The node's key, made where there is none. */
static tp_rc load_key(tp_node *node, tp_key **key_out, tp_buf *pem, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_node_path(node, TP_NODE_KEY, &path, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (tp_file_exists(path.at)) {
        rc = tp_file_read(path.at, pem, err);
        return rc == TP_OK ? tp_key_from_pem(tp_buf_slice(pem), key_out, err) : rc;
    }
    rc = tp_key_generate(node->rng, key_out, err);
    if (rc == TP_OK) {
        rc = tp_key_to_pem(*key_out, pem, err);
    }
    return rc == TP_OK ? tp_file_create(path.at, tp_buf_slice(pem), err) : rc;
}

static tp_rc read_clock(tp_node *node, tp_era_reading *reading_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_log_read_clock(node->log, &tx, reading_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static json_t *request_document(const tp_node *node, const tp_enrol_code *code, tp_slice csr,
                                const tp_era_reading *clock)
{
    char secret[TP_ENROL_SECRET_TEXT_BYTES];
    char device[TP_HEX_ROOM(8)];
    tp_enrol_secret_print(code, secret);
    tp_hex_encode_u64(tp_log_device(node->log), device);
    json_t *document =
        json_pack("{s:s,s:s%,s:s,s:s,s:{s:I,s:I,s:I}}", "code", secret, "csr", (const char *)csr.at,
                  csr.bytes, "device", device, "agency", tp_log_agency(node->log), "clock", "era",
                  (json_int_t)clock->era, "up_ms", (json_int_t)clock->up_ms, "wall_ms",
                  (json_int_t)clock->wall_ms);
    tp_secret_wipe(secret, sizeof secret);
    return document;
}

static tp_rc make_body(tp_node *node, const tp_enrol_code *code, const tp_key *key,
                       const tp_era_reading *clock, tp_buf *body, tp_err *err)
{
    tp_buf csr;
    tp_buf_init(&csr, TP_PEM_BYTES_MAX);
    json_t *document = NULL;
    tp_rc rc = tp_csr_make(key, tp_log_device(node->log), node->rng, &csr, err);
    if (rc == TP_OK) {
        document = request_document(node, code, tp_buf_slice(&csr), clock);
        uint8_t *at = NULL;
        size_t bytes = document == NULL ? 0 : json_dumpb(document, NULL, 0, JSON_COMPACT);
        rc = bytes == 0 ? tp_fail(err, TP_NOMEM, "no memory for the request")
                        : tp_buf_reserve(body, bytes, &at, err);
        if (rc == TP_OK) {
            body->bytes += json_dumpb(document, (char *)at, bytes, JSON_COMPACT);
        }
    }
    json_decref(document);
    tp_buf_done(&csr);
    return rc;
}

/* ---- What comes back ---- */

typedef struct answer {
    const char *certificate; /* PEM; borrowed from the document */
    const char *agency;
    bool is_kiosk;
    int64_t hub_ms;
} answer;

static tp_rc read_answer(const tp_node *node, json_t *document, answer *out, tp_err *err)
{
    out->certificate = json_string_value(json_object_get(document, "certificate"));
    out->agency = json_string_value(json_object_get(document, "agency"));
    out->is_kiosk = json_is_true(json_object_get(document, "kiosk"));
    out->hub_ms = (int64_t)json_integer_value(json_object_get(document, "hub_ms"));
    tp_certificate_facts facts;
    if (out->certificate == NULL || out->agency == NULL || out->hub_ms <= 0) {
        return tp_fail(err, TP_CORRUPT, "the hub's answer is not understood");
    }
    tp_rc rc = tp_certificate_read(tp_slice_str(out->certificate), &facts, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (!facts.is_device || facts.device != tp_log_device(node->log)) {
        return tp_fail(err, TP_CORRUPT, "the hub's certificate is for another device");
    }
    if (strcmp(out->agency, tp_log_agency(node->log)) != 0) {
        return tp_fail(
            err, TP_DENIED,
            "the code is for agency %s, this node was made for %s: ask for another code, or "
            "make another node",
            out->agency, tp_log_agency(node->log));
    }
    return TP_OK;
}

static tp_rc write_file(const tp_node *node, const char *name, tp_slice content, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_node_path(node, name, &path, err);
    return rc == TP_OK ? tp_file_write(path.at, content, err) : rc;
}

/* The files first, the setting that makes it enrolled last: killed in between, it is not enrolled and can
 * be again. */
static tp_rc keep(tp_node *node, const answer *a, tp_slice ca, const char *url,
                  const tp_era_reading *clock, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = write_file(node, TP_NODE_CERTIFICATE, tp_slice_str(a->certificate), err);
    if (rc == TP_OK) {
        rc = write_file(node, TP_NODE_CA, ca, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_compare(node->log, &tx, clock, a->hub_ms, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_set_kiosk(node->log, &tx, a->is_kiosk, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_setting_put(&tx, TP_SETTING_HUB, tp_slice_str(url), err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* ---- Both ---- */

static tp_rc take_answer(tp_node *node, const tp_http_client *client,
                         const tp_http_client_response *response, const char *url,
                         const tp_era_reading *clock, tp_enrolled *enrolled_out, tp_err *err)
{
    tp_slice body = tp_buf_slice(&response->body);
    if (response->status != 200) {
        tp_refused_answer refused;
        tp_refused_read(response->status, body, &refused);
        return tp_refused_fail(&refused, err);
    }
    json_t *document = json_loadb((const char *)body.at, body.bytes, 0, NULL);
    answer a;
    tp_rc rc = read_answer(node, document, &a, err);
    if (rc == TP_OK) {
        rc = keep(node, &a, tp_http_client_ca_pem(client), url, clock, err);
    }
    if (rc == TP_OK) {
        memcpy(enrolled_out->agency, tp_log_agency(node->log),
               strlen(tp_log_agency(node->log)) + 1);
        enrolled_out->is_kiosk = a.is_kiosk;
    }
    json_decref(document);
    return rc;
}

static tp_rc exchange(tp_node *node, const tp_enrol_code *code, const char *url, const tp_key *key,
                      tp_enrolled *enrolled_out, tp_err *err)
{
    /* No time is known yet that a certificate could be judged by; the pin always holds. */
    const tp_http_client_config config = {.url = url, .ca_pin = code->pin};
    tp_http_client *client = NULL;
    tp_http_client_response response;
    tp_http_client_response_init(&response);
    tp_era_reading clock;
    tp_buf body;
    tp_buf_init(&body, ANSWER_BYTES_MAX);
    tp_rc rc = tp_http_client_new(&config, &client, err);
    if (rc == TP_OK) {
        rc = read_clock(node, &clock, err);
    }
    if (rc == TP_OK) {
        rc = make_body(node, code, key, &clock, &body, err);
    }
    const tp_http_client_request request = {
        .is_post = true, .path = "/v1/enrol", .body = tp_buf_slice(&body)};
    if (rc == TP_OK) {
        rc = tp_http_client_do(client, &request, &response, err);
    }
    if (rc == TP_OK) {
        rc = take_answer(node, client, &response, url, &clock, enrolled_out, err);
    }
    tp_http_client_response_done(&response);
    tp_http_client_free(client);
    tp_buf_done(&body);
    return rc;
}

tp_rc tp_enrol(tp_node *node, const char *code, const char *url, tp_enrolled *enrolled_out,
               tp_err *err)
{
    tp_enrol_code read;
    tp_key *key = NULL;
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_enrol_code_read(tp_slice_str(code), &read, err);
    if (rc == TP_OK) {
        rc = load_key(node, &key, &pem, err);
    }
    if (rc == TP_OK) {
        rc = exchange(node, &read, url, key, enrolled_out, err);
    }
    if (pem.at != NULL) {
        tp_secret_wipe(pem.at, pem.room);
    }
    tp_buf_done(&pem);
    tp_key_free(key);
    tp_secret_wipe(&read, sizeof read);
    return rc;
}
