/* Enrolling: a key, a request for a certificate, and the hub's answer. */
#include "node/daemon/enrol.h"

#include "node/daemon/fork.h"
#include "node/record/fork.h"
#include "node/record/write.h"
#include "platform/crypto/certificate.h"
#include "platform/net/http_client.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"
#include "sync/session/enrolment.h"
#include "sync/session/refused.h"

enum { ANSWER_BYTES_MAX = 64 * 1024 };

/* As whom it asks: as the device it is, or as the one it is to be since the hub knows another one
 * by this one's name. */
typedef struct asking_as {
    const tp_enrolment_code *code;
    uint64_t device;
    tp_key *key;
    tp_enrolment_was was; /* device 0: it asks as the device it is */
    tp_enrolled *enrolled;
    bool is_known; /* the hub knows another one by this name */
} asking_as;

/* ---- What is sent ---- */

/* The node's key, made where there is none. */
static tp_rc load_key(tp_node *node, tp_key **key_out, tp_buf *pem, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_node_own_path(node, TP_NODE_KEY, &path, err);
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

/* What was sent to one hub is never sent to another, so a node stays with the hub it has.  The same
 * hub gives it a new certificate. */
static tp_rc check_hub(const tp_node *node, const tp_enrolment_code *code, bool *is_enrolled_out,
                       tp_err *err)
{
    tp_path path;
    tp_certificate_facts ca;
    tp_tx tx = TP_TX_NONE;
    tp_buf url;
    tp_buf pem;
    tp_buf_init(&url, TP_HTTP_URL_BYTES_MAX);
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_node_setting_get(&tx, TP_SETTING_HUB, &url, err);
    }
    tp_tx_rollback(&tx);
    *is_enrolled_out = url.bytes > 0;
    if (rc != TP_OK || url.bytes == 0) {
        goto out;
    }
    rc = tp_node_path(node, TP_NODE_CA, &path, err);
    if (rc == TP_OK) {
        rc = tp_file_read(path.at, &pem, err);
    }
    if (rc == TP_OK) {
        rc = tp_certificate_read(tp_buf_slice(&pem), &ca, err);
    }
    if (rc == TP_OK && memcmp(ca.fingerprint, code->ca_pin, sizeof code->ca_pin) != 0) {
        rc = tp_fail(err, TP_DENIED,
                     "the code is another hub's than the one this node is enrolled with: for that "
                     "hub make another node (--dir)");
    }
out:
    tp_buf_done(&url);
    tp_buf_done(&pem);
    return rc;
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

static tp_rc make_body(tp_node *node, const asking_as *as, const tp_era_reading *clock,
                       tp_buf *body, tp_err *err)
{
    tp_buf csr;
    tp_buf_init(&csr, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_csr_make(as->key, as->device, node->rng, &csr, err);
    if (rc == TP_OK) {
        const tp_enrolment_request request = {.has_code = true,
                                              .code = *as->code,
                                              .was = as->was,
                                              .csr = tp_buf_slice(&csr),
                                              .agency = tp_slice_str(tp_log_agency(node->log)),
                                              .clock = *clock,
                                              .start = tp_log_start(node->log)};
        rc = tp_enrolment_request_encode(&request, body, err);
    }
    tp_buf_done(&csr);
    return rc;
}

/* ---- What comes back ---- */

static tp_rc check_answer(const tp_node *node, const asking_as *as,
                          const tp_enrolment_answer *answer, tp_err *err)
{
    tp_certificate_facts facts;
    tp_rc rc = tp_certificate_read(answer->certificate, &facts, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (!facts.is_device || facts.device != as->device) {
        return tp_fail(err, TP_CORRUPT, "the hub's certificate is for another device");
    }
    if (answer->kept > tp_enrolment_was_count(&as->was)) {
        return tp_fail(err, TP_CORRUPT, "the hub speaks of changes that it was not asked about");
    }
    if (!tp_slice_is(answer->agency, tp_log_agency(node->log))) {
        return tp_fail(
            err, TP_DENIED,
            "the code is for another agency than %s, for which this node was made: ask for "
            "another code, or make another node",
            tp_log_agency(node->log));
    }
    return TP_OK;
}

static tp_rc write_files(const tp_node *node, const asking_as *as, tp_slice certificate,
                         tp_slice ca, tp_err *err)
{
    tp_path path;
    tp_rc rc = as->was.device == 0
                   ? tp_node_own_path(node, TP_NODE_CERTIFICATE, &path, err)
                   : tp_node_id_path(node, as->device, TP_NODE_CERTIFICATE, &path, err);
    if (rc == TP_OK) {
        rc = tp_file_write(path.at, certificate, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_path(node, TP_NODE_CA, &path, err);
    }
    return rc == TP_OK ? tp_file_write(path.at, ca, err) : rc;
}

/* A kiosk is sent no directory: what its agency is called it learns here, or never. */
static tp_rc keep_agency(tp_node *node, tp_tx *tx, const tp_enrolment_answer *answer, tp_err *err)
{
    const tp_directory_agency agency = {.id = tp_slice_str(tp_log_agency(node->log)),
                                        .label = answer->agency_label};
    tp_rc rc = tp_log_directory_begin(node->log, tx, 0, err);
    return rc == TP_OK ? tp_log_directory_put_agency(node->log, tx, &agency, err) : rc;
}

/* The files first, the setting that makes it enrolled last: killed in between, it is not enrolled
 * and can be again.  The CA that is kept is the one the connection was pinned to. */
static tp_rc keep(tp_node *node, const asking_as *as, const tp_enrolment_answer *answer,
                  tp_slice ca, const char *url, const tp_era_reading *clock, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = write_files(node, as, answer->certificate, ca, err);
    if (rc == TP_OK && as->was.device != 0) {
        rc = tp_node_fork_end(node, as->device, answer->kept, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_compare(node->log, &tx, clock, answer->hub_ms, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_set_kiosk(node->log, &tx, answer->is_kiosk, err);
    }
    if (rc == TP_OK && answer->is_kiosk) {
        rc = keep_agency(node, &tx, answer, err);
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
                         const tp_era_reading *clock, asking_as *as, tp_err *err)
{
    tp_slice body = tp_buf_slice(&response->body);
    if (response->status != 200) {
        tp_refused_answer refused;
        tp_refused_read(response->status, body, &refused);
        as->is_known = response->status == 409;
        return tp_refused_fail(&refused, err);
    }
    tp_buf room;
    tp_enrolment_answer answer;
    tp_buf_init(&room, ANSWER_BYTES_MAX);
    tp_rc rc = tp_enrolment_answer_decode(body, &room, &answer, err);
    if (rc == TP_OK) {
        rc = check_answer(node, as, &answer, err);
    }
    if (rc == TP_OK) {
        rc = keep(node, as, &answer, tp_http_client_ca_pem(client), url, clock, err);
    }
    if (rc == TP_OK) {
        memcpy(as->enrolled->agency, tp_log_agency(node->log),
               strlen(tp_log_agency(node->log)) + 1);
        as->enrolled->is_kiosk = answer.is_kiosk;
        as->enrolled->is_forked = as->was.device != 0;
    }
    tp_buf_done(&room);
    return rc;
}

static tp_rc exchange(tp_node *node, const char *url, asking_as *as, tp_err *err)
{
    /* No time is known yet that a certificate could be judged by; the pin always holds. */
    const tp_http_client_config config = {.url = url, .ca_pin = as->code->ca_pin};
    tp_http_client *client = NULL;
    tp_http_client_response response;
    tp_http_client_response_init(&response);
    tp_era_reading clock;
    tp_buf body;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_rc rc = tp_http_client_new(&config, &client, err);
    if (rc == TP_OK) {
        rc = read_clock(node, &clock, err);
    }
    if (rc == TP_OK) {
        rc = make_body(node, as, &clock, &body, err);
    }
    const tp_http_client_request request = {
        .is_post = true, .path = TP_ENROLMENT_PATH, .body = tp_buf_slice(&body)};
    if (rc == TP_OK) {
        rc = tp_http_client_do(client, &request, &response, err);
    }
    if (rc == TP_OK) {
        rc = take_answer(node, client, &response, url, &clock, as, err);
    }
    tp_http_client_response_done(&response);
    tp_http_client_free(client);
    tp_buf_done(&body);
    return rc;
}

/* The data was copied before it was ever enrolled, and the copy came first: this one takes another
 * id.  What the copy has sent already is told apart by the digests. */
static tp_rc exchange_as_copy(tp_node *node, const char *url, asking_as *as, tp_err *err)
{
    tp_buf digests;
    tp_buf_init(&digests, (size_t)TP_FORK_DIGESTS_MAX * TP_ENROLMENT_DIGEST_BYTES);
    as->key = NULL;
    tp_rc rc = tp_fork_describe(node, 0, UINT64_MAX, &digests, &as->was, err);
    if (rc == TP_OK && as->was.step > 1) {
        rc =
            tp_fail(err, TP_LIMIT,
                    "this is a copy of a device that is enrolled already, and more than %u changes "
                    "were written before that: they cannot be told apart any more",
                    TP_FORK_DIGESTS_MAX);
    }
    if (rc == TP_OK) {
        rc = tp_node_fork_begin(node, NULL, &as->device, &as->key, err);
    }
    if (rc == TP_OK) {
        rc = exchange(node, url, as, err);
    }
    tp_key_free(as->key);
    as->key = NULL;
    tp_buf_done(&digests);
    return rc;
}

tp_rc tp_enrol(tp_node *node, const char *code, const char *url, tp_enrolled *enrolled_out,
               tp_err *err)
{
    tp_enrolment_code read;
    asking_as as = {.code = &read, .enrolled = enrolled_out};
    tp_key *key = NULL;
    bool is_enrolled = false;
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_enrolment_code_parse(tp_slice_str(code), &read, err);
    if (rc == TP_OK) {
        rc = check_hub(node, &read, &is_enrolled, err);
    }
    if (rc == TP_OK) {
        rc = load_key(node, &key, &pem, err);
    }
    if (rc == TP_OK) {
        as.key = key;
        as.device = tp_log_device(node->log);
        rc = exchange(node, url, &as, err);
    }
    if (rc == TP_DENIED && as.is_known && !is_enrolled) {
        rc = exchange_as_copy(node, url, &as, err);
    }
    if (rc == TP_OK) {
        tp_write_wake(node); /* the background process may be waiting for this */
    }
    if (pem.at != NULL) {
        tp_secret_wipe(pem.at, pem.room);
    }
    tp_buf_done(&pem);
    tp_key_free(key);
    tp_secret_wipe(&read, sizeof read);
    return rc;
}
