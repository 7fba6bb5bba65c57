/* Syncing: the network's half of sync/session/ask. */
#include "node/daemon/sync.h"

#include "node/daemon/fork.h"
#include "node/record/fork.h"
#include "node/view/mend.h"
#include "platform/base/alloc.h"
#include "platform/crypto/certificate.h"
#include "platform/crypto/digest.h"
#include "platform/os/lock.h"
#include "sync/log/era.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    FORKS_A_SYNC_MAX = 3, /* a copy of a copy: each id in turn is somebody else's as well */
    RENEW_BEFORE_DAYS = 30,
    MS_A_DAY = 24 * 60 * 60 * 1000,
    PAGES_OF_RESERVE = 64,
    SCRUB_TRIES = 20,
    SCRUB_WAIT_MS = 50
};

struct tp_link {
    tp_node *node;
    tp_http_client *client;
    tp_key *key;
    uint64_t device;      /* whose key and certificate these are */
    int64_t ends_ms;      /* of the certificate */
    tp_buf csr;           /* PEM, where the certificate is due */
    int64_t best_time_ms; /* for the dates of certificates; 0: none is known */
    unsigned version;
    bool is_spoilt;             /* what came by this connection was no answer to what was asked */
    tp_buf bodies[2];           /* the request under way, and the one made behind it */
    unsigned body_at;           /* which one is free */
    tp_http_client_stats spent; /* by clients before this one */
    tp_http_client_response response;
    tp_sync_progress progress; /* NULL: nobody wants to know */
    void *progress_context;
};

static int64_t best_time(void *context)
{
    return ((tp_link *)context)->best_time_ms;
}

/* ---- Opening ---- */

/* What the log knows of the time, before a connection is judged by it. */
static tp_rc read_best_time(tp_link *link, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_estimate now;
    tp_rc rc = tp_tx_begin(link->node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_now(link->node->log, &tx, &now, NULL, err);
    }
    if (rc == TP_OK) {
        link->best_time_ms = now.is_certain ? now.ms : 0;
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* Asked at each sync: a link stays open for months, and on a machine that has just started the time
 * is first known after a sync. */
static tp_rc make_csr_if_due(tp_link *link, tp_err *err)
{
    if (link->csr.bytes > 0 || link->best_time_ms == 0 ||
        link->ends_ms - link->best_time_ms > (int64_t)RENEW_BEFORE_DAYS * MS_A_DAY) {
        return TP_OK;
    }
    return tp_csr_make(link->key, tp_log_device(link->node->log), link->node->rng, &link->csr, err);
}

typedef struct credentials {
    tp_buf hub; /* URL */
    tp_buf key;
    tp_buf certificate;
    tp_buf ca;
} credentials;

static void credentials_done(credentials *c)
{
    if (c->key.at != NULL) {
        tp_secret_wipe(c->key.at, c->key.room);
    }
    tp_buf_done(&c->hub);
    tp_buf_done(&c->key);
    tp_buf_done(&c->certificate);
    tp_buf_done(&c->ca);
}

static tp_rc read_hub(const tp_node *node, tp_buf *hub, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_node_setting_get(&tx, TP_SETTING_HUB, hub, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

tp_rc tp_link_is_enrolled(const tp_node *node, bool *is_enrolled_out, tp_err *err)
{
    tp_buf hub;
    tp_buf_init(&hub, TP_HTTP_URL_BYTES_MAX);
    tp_rc rc = read_hub(node, &hub, err);
    if (rc == TP_OK) {
        *is_enrolled_out = hub.bytes > 0;
    }
    tp_buf_done(&hub);
    return rc;
}

tp_rc tp_link_fail_not_enrolled(tp_err *err)
{
    return tp_fail_mend(err, TP_OFFLINE, TP_MEND_ENROL, "this node has no hub yet");
}

static tp_rc read_credentials(tp_node *node, credentials *c, tp_err *err)
{
    tp_path path;
    tp_buf_init(&c->hub, TP_HTTP_URL_BYTES_MAX);
    tp_buf_init(&c->key, TP_PEM_BYTES_MAX);
    tp_buf_init(&c->certificate, TP_PEM_BYTES_MAX);
    tp_buf_init(&c->ca, TP_PEM_BYTES_MAX);
    tp_rc rc = read_hub(node, &c->hub, err);
    if (rc == TP_OK && c->hub.bytes == 0) {
        return tp_link_fail_not_enrolled(err);
    }
    if (rc == TP_OK) {
        rc = tp_node_own_path(node, TP_NODE_KEY, &path, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_read(path.at, &c->key, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_own_path(node, TP_NODE_CERTIFICATE, &path, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_read(path.at, &c->certificate, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_path(node, TP_NODE_CA, &path, err);
    }
    return rc == TP_OK ? tp_file_read(path.at, &c->ca, err) : rc;
}

/* Where a disk has damaged the id in the data, or the files of another machine were put here, what
 * is written under the one id would be sent under the other: the hub keeps aside what names itself,
 * and no two of what is held are ever the same. */
static tp_rc check_device(tp_link *link, const tp_certificate_facts *facts, tp_err *err)
{
    const uint64_t held = tp_log_device(link->node->log);
    if (!facts->is_device || facts->device != held) {
        return tp_fail(err, TP_CORRUPT,
                       "this node's data is of device %016" PRIx64
                       ", its certificate of another: one of them is damaged",
                       held);
    }
    link->device = held;
    return TP_OK;
}

static tp_rc open_client(tp_link *link, credentials *c, tp_err *err)
{
    tp_certificate_facts facts;
    tp_rc rc = tp_key_from_pem(tp_buf_slice(&c->key), &link->key, err);
    if (rc == TP_OK) {
        rc = tp_certificate_read(tp_buf_slice(&c->certificate), &facts, err);
    }
    if (rc == TP_OK) {
        rc = check_device(link, &facts, err);
    }
    const char *url = tp_buf_cstr(&c->hub);
    if (rc == TP_OK && url == NULL) {
        rc = tp_fail(err, TP_NOMEM, "no memory for the hub's address");
    }
    if (rc != TP_OK) {
        return rc;
    }
    link->ends_ms = facts.not_after_ms;
    const tp_http_client_config config = {.url = url,
                                          .ca_pem = tp_buf_slice(&c->ca),
                                          .certificate_pem = tp_buf_slice(&c->certificate),
                                          .key_pem = tp_buf_slice(&c->key),
                                          .best_time = best_time,
                                          .best_time_ctx = link};
    return tp_http_client_new(&config, &link->client, err);
}

/* The time is read first: which id this node has follows from the same state of the log. */
static tp_rc open_way(tp_link *link, tp_err *err)
{
    credentials c = {.hub = {0}};
    tp_rc rc = read_best_time(link, err);
    if (rc == TP_OK) {
        rc = read_credentials(link->node, &c, err);
    }
    if (rc == TP_OK) {
        rc = open_client(link, &c, err);
    }
    credentials_done(&c);
    return rc;
}

static void read_stats(const tp_link *link, tp_http_client_stats *stats_out)
{
    tp_http_client_stats now = {0};
    if (link->client != NULL) {
        tp_http_client_stats_read(link->client, &now);
    }
    stats_out->requests = link->spent.requests + now.requests;
    stats_out->connections = link->spent.connections + now.connections;
    stats_out->plain_bytes_out = link->spent.plain_bytes_out + now.plain_bytes_out;
    stats_out->plain_bytes_in = link->spent.plain_bytes_in + now.plain_bytes_in;
}

/* By another connection, as whoever this node is now: it may have taken a new id, here or in
 * another process. */
static tp_rc open_anew(tp_link *link, tp_err *err)
{
    link->is_spoilt = false;
    read_stats(link, &link->spent);
    tp_http_client_free(link->client);
    tp_key_free(link->key);
    tp_buf_clear(&link->csr);
    link->client = NULL;
    link->key = NULL;
    return open_way(link, err);
}

tp_rc tp_link_open(tp_node *node, tp_link **link_out, tp_err *err)
{
    *link_out = NULL;
    tp_link *link = tp_alloc(sizeof *link);
    if (link == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a connection");
    }
    link->node = node;
    tp_buf_init(&link->csr, TP_PEM_BYTES_MAX);
    tp_buf_init(&link->bodies[0], TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&link->bodies[1], TP_HTTP_BODY_BYTES_MAX);
    tp_http_client_response_init(&link->response);
    tp_rc rc = open_way(link, err);
    if (rc != TP_OK) {
        tp_link_close(link);
        return rc;
    }
    *link_out = link;
    return TP_OK;
}

void tp_link_set_progress(tp_link *link, tp_sync_progress progress, void *context)
{
    link->progress = progress;
    link->progress_context = context;
}

void tp_link_close(tp_link *link)
{
    if (link == NULL) {
        return;
    }
    tp_http_client_free(link->client);
    tp_key_free(link->key);
    tp_http_client_response_done(&link->response);
    tp_buf_done(&link->bodies[0]);
    tp_buf_done(&link->bodies[1]);
    tp_buf_done(&link->csr);
    tp_free(link);
}

tp_rc tp_link_client(tp_link *link, tp_http_client **client_out, tp_err *err)
{
    tp_rc rc = read_best_time(link, err);
    *client_out = link->client;
    return rc;
}

/* ---- One sync ---- */

/* Makes the next request into the free body. */
static tp_rc make_request(tp_link *link, tp_ask *ask, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(link->node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_ask_make_request(ask, &tx, &link->bodies[link->body_at], err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* Sends the body that was made; the other one is free from now on. */
static tp_rc send_request(tp_link *link, tp_err *err)
{
    const tp_http_client_request request = {
        .is_post = true, .path = "/v1/sync", .body = tp_buf_slice(&link->bodies[link->body_at])};
    link->body_at ^= 1;
    return tp_http_client_start(link->client, &request, err);
}

/* A form that was begun about somebody is still about them. */
static tp_rc call_anew(tp_link *link, const tp_ask *ask, tp_tx *tx, tp_err *err)
{
    uint32_t count = 0;
    const tp_renaming *renamed = tp_ask_renamed(ask, &count);
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        rc = tp_node_call_anew(link->node, tx, &renamed[i], err);
    }
    return rc;
}

static tp_rc apply(tp_link *link, tp_ask *ask, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(link->node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_ask_apply(ask, &tx, err);
    }
    if (rc == TP_OK) {
        rc = call_anew(link, ask, &tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* What was given back must be out of the file before the hub is told; a reader may be in the
 * way. */
static tp_rc scrub(tp_link *link, tp_ask *ask, tp_err *err)
{
    bool is_gone = false;
    tp_rc rc = TP_OK;
    for (int i = 0; rc == TP_OK && !is_gone && i < SCRUB_TRIES; i++) {
        if (i > 0) {
            tp_sleep_ms(SCRUB_WAIT_MS);
        }
        rc = tp_merge_scrub(link->node->merge, &is_gone, err);
    }
    if (rc == TP_OK) {
        tp_ask_scrubbed(ask, is_gone);
    }
    return rc;
}

static tp_rc keep_certificate(tp_link *link, const tp_ask *ask, tp_sync_result *result, tp_err *err)
{
    tp_slice certificate = tp_ask_certificate(ask);
    if (certificate.bytes == 0) {
        return TP_OK;
    }
    tp_path path;
    tp_rc rc = tp_node_own_path(link->node, TP_NODE_CERTIFICATE, &path, err);
    if (rc == TP_OK) {
        rc = tp_file_write(path.at, certificate, err);
    }
    result->has_renewed = rc == TP_OK;
    return rc;
}

/* One answer: read it, ask on where that is possible, and put it into the tables meanwhile. */
static tp_rc take_answer(tp_link *link, tp_ask *ask, bool *is_made, tp_sync_result *result,
                         tp_err *err)
{
    tp_rc rc = tp_http_client_wait(link->client, &link->response, err);
    if (rc != TP_OK) {
        return rc;
    }
    const unsigned status = link->response.status;
    rc = tp_ask_take_response(ask, status, tp_buf_slice(&link->response.body), err);
    link->is_spoilt = rc != TP_OK && (status == 200 || rc == TP_OFFLINE);
    if (rc != TP_OK || status != 200) {
        *is_made = false; /* what was made behind it is void */
        return rc;
    }
    *is_made = *is_made && tp_ask_under_way(ask) > 0;
    if (!*is_made && tp_ask_wants_request(ask)) {
        rc = make_request(link, ask, err);
        *is_made = rc == TP_OK;
    }
    if (rc == TP_OK && *is_made) {
        rc = send_request(link, err);
    }
    if (rc == TP_OK) {
        rc = apply(link, ask, err);
    }
    if (rc == TP_OK && tp_ask_needs_scrub(ask)) {
        rc = scrub(link, ask, err);
    }
    if (rc == TP_OK) {
        rc = keep_certificate(link, ask, result, err);
    }
    return rc;
}

static void tell_progress(const tp_link *link, const tp_ask *ask)
{
    if (link->progress != NULL) {
        const tp_ask_counts counts = tp_ask_counted(ask);
        link->progress(link->progress_context, &counts);
    }
}

static tp_rc exchange(tp_link *link, tp_ask *ask, tp_sync_result *result, tp_err *err)
{
    tp_rc rc = TP_OK;
    bool is_under_way = false;
    while (rc == TP_OK && !tp_ask_is_done(ask) && !tp_ask_is_forked(ask)) {
        if (!is_under_way) {
            rc = make_request(link, ask, err);
            if (rc == TP_OK) {
                rc = send_request(link, err);
            }
            is_under_way = rc == TP_OK;
            tell_progress(link, ask);
            continue;
        }
        bool is_made = false;
        if (tp_ask_wants_request(ask)) {
            rc = make_request(link, ask, err);
            is_made = rc == TP_OK;
        }
        if (rc == TP_OK) {
            rc = take_answer(link, ask, &is_made, result, err);
        }
        if (rc == TP_OK) {
            tell_progress(link, ask);
        }
        is_under_way = is_made;
    }
    if (rc != TP_OK) {
        tp_http_client_cancel(link->client);
    }
    return rc;
}

static tp_rc note_whole_sync(tp_link *link, const tp_ask *ask, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_estimate now;
    char text[24];
    tp_rc rc = tp_tx_begin(link->node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_log_now(link->node->log, &tx, &now, NULL, err);
    }
    if (rc == TP_OK) {
        snprintf(text, sizeof text, "%lld", (long long)now.ms);
        rc = tp_node_setting_put(&tx, TP_SETTING_LAST_SYNC, tp_slice_str(text), err);
    }
    if (rc == TP_OK) {
        snprintf(text, sizeof text, "%u", tp_ask_version(ask));
        rc = tp_node_setting_put(&tx, TP_SETTING_PROTOCOL, tp_slice_str(text), err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* Several of them, after a fork, did one sync. */
static void add_counts(tp_ask_counts *sum, const tp_ask_counts *counts)
{
    sum->sent += counts->sent;
    sum->refused += counts->refused;
    sum->received += counts->received;
    sum->given_back += counts->given_back;
    sum->erased += counts->erased;
    sum->healed += counts->healed;
    sum->requests += counts->requests;
    sum->to_send = counts->to_send;
    sum->to_receive = counts->to_receive;
}

static tp_rc sync_as(tp_link *link, tp_sync_result *result, bool *is_forked_out, tp_err *err)
{
    tp_ask *ask = NULL;
    const tp_ask_config config = {.merge = link->node->merge,
                                  .key = link->key,
                                  .rng = link->node->rng,
                                  .csr = tp_buf_slice(&link->csr),
                                  .version = link->version};
    tp_rc rc = tp_ask_new(&config, &ask, err);
    if (rc == TP_OK) {
        rc = exchange(link, ask, result, err);
        const tp_ask_counts counts = tp_ask_counted(ask);
        add_counts(&result->counts, &counts);
        link->version = tp_ask_version(ask);
        *is_forked_out = tp_ask_is_forked(ask);
        result->left_out = result->left_out || tp_ask_leaves_out(ask);
    }
    if (rc == TP_OK && !*is_forked_out) {
        result->differs = tp_ask_differs(ask);
        result->is_whole = !result->differs;
        rc = note_whole_sync(link, ask, err);
    }
    tp_ask_free(ask);
    return rc;
}

/* As a kiosk forgets what it has sent, so what a copy of it has sent. */
static tp_rc go_on_anew(tp_link *link, tp_sync_result *result, tp_err *err)
{
    bool is_gone = false;
    tp_rc rc = tp_fork_go_on(link->node, link->key, link->client, err);
    link->is_spoilt = rc != TP_OK;
    if (rc == TP_OK) {
        result->is_forked = true;
        rc = tp_merge_scrub(link->node->merge, &is_gone, err);
    }
    return rc == TP_OK ? open_anew(link, err) : rc;
}

static tp_rc sync_locked(tp_link *link, tp_sync_result *result, tp_err *err)
{
    bool is_forked = true;
    tp_rc rc = read_best_time(link, err);
    if (rc == TP_OK && (link->is_spoilt || link->device != tp_log_device(link->node->log))) {
        rc = open_anew(link, err);
    }
    for (int i = 0; rc == TP_OK && is_forked && i < FORKS_A_SYNC_MAX; i++) {
        is_forked = false;
        rc = make_csr_if_due(link, err);
        if (rc == TP_OK) {
            rc = sync_as(link, result, &is_forked, err);
        }
        if (rc == TP_OK && is_forked) {
            rc = go_on_anew(link, result, err);
        }
    }
    return rc;
}

/* On a full disk a sync lives on what was set aside: little of it goes into the log before it goes
 * into the database. */
static void use_reserve(tp_link *link)
{
    int64_t bytes = 0;
    tp_err ignored;
    if (tp_dir_free_bytes(link->node->dir.at, &bytes, &ignored) == TP_OK &&
        bytes < TP_STORE_RESERVE_MARGIN_BYTES) {
        tp_store_reserve_release(link->node->store);
        tp_store_checkpoint_every(link->node->store, PAGES_OF_RESERVE);
    }
}

tp_rc tp_link_sync(tp_link *link, tp_sync_result *result_out, tp_err *err)
{
    memset(result_out, 0, sizeof *result_out);
    const int64_t began_us = tp_monotonic_us();
    tp_store_checkpoint_every(link->node->store, TP_STORE_CHECKPOINT_PAGES_MAX);
    tp_http_client_stats before;
    tp_http_client_stats after;
    read_stats(link, &before);
    tp_lock lock = TP_LOCK_NONE;
    tp_rc rc =
        tp_node_lock(link->node, TP_NODE_SYNC_LOCK,
                     "another sync of this node is under way: try again in a moment", &lock, err);
    if (rc == TP_BUSY) {
        err->mend = TP_MEND_STATUS;
    }
    if (rc == TP_OK) {
        use_reserve(link);
        rc = sync_locked(link, result_out, err);
        (void)tp_store_reserve_hold(link->node->store);
    }
    tp_lock_release(&lock);
    read_stats(link, &after);
    result_out->plain_bytes_out = after.plain_bytes_out - before.plain_bytes_out;
    result_out->plain_bytes_in = after.plain_bytes_in - before.plain_bytes_in;
    result_out->took_us = tp_monotonic_us() - began_us;
    return rc;
}
