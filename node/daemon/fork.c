/* The exchange after a fork. */
#include "node/daemon/fork.h"

#include "node/record/fork.h"
#include "platform/base/fault.h"
#include "platform/crypto/certificate.h"
#include "sync/log/era.h"
#include "sync/log/fork.h"
#include "sync/log/push.h"
#include "sync/session/refused.h"
#include "sync/wire/chain.h"

enum {
    BODY_BYTES_MAX = 64 * 1024 + (int)TP_FORK_DIGESTS_MAX * TP_ENROLMENT_DIGEST_BYTES * 2,
    DIGESTS_BYTES_MAX = (int)TP_FORK_DIGESTS_MAX * TP_ENROLMENT_DIGEST_BYTES,
    IDS_TRIED_MAX = 3 /* a random id that is taken is a copy's that began with the same one */
};

/* ---- What is told ---- */

typedef struct describing {
    uint64_t device;
    uint64_t upto;
    const tp_enrolment_was *was;
    tp_buf *room;
} describing;

static tp_rc add_digest(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    const describing *d = context;
    uint8_t digest[TP_SHA256_BYTES];
    *go_on = seq < d->upto;
    if (seq > d->upto || (seq - d->was->after) % d->was->step != 0) {
        return TP_OK;
    }
    tp_change_digest((tp_name){d->device, seq}, bytes, digest);
    return tp_buf_add(d->room, digest, TP_ENROLMENT_DIGEST_BYTES, err);
}

static tp_rc note_last(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    (void)bytes;
    (void)go_on;
    (void)err;
    *(uint64_t *)context = seq;
    return TP_OK;
}

/* The last change behind `after` before the next that is damaged. */
static tp_rc find_last(tp_node *node, tp_tx *tx, uint64_t after, uint64_t *last_out, tp_err *err)
{
    tp_err damage;
    *last_out = after;
    tp_rc rc = tp_log_unsent(node->log, tx, after, note_last, last_out, &damage);
    if (rc == TP_CORRUPT && damage.origin == TP_ORIGIN_SELF) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = damage;
    }
    return rc;
}

/* What is damaged is left out: it is behind that that is to be written again. */
tp_rc tp_fork_describe(tp_node *node, uint64_t after, uint64_t upto, tp_buf *room,
                       tp_enrolment_was *was_out, tp_err *err)
{
    uint64_t last = 0;
    tp_tx tx = TP_TX_NONE;
    tp_buf_clear(room);
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_unsent_lost(node->log, &tx, after, &after, err);
    }
    if (rc == TP_OK) {
        rc = find_last(node, &tx, after, &last, err);
    }
    if (rc == TP_OK) {
        last = upto < last ? upto : last;
        const uint64_t count = last > after ? last - after : 0;
        const uint64_t step = (count + TP_FORK_DIGESTS_MAX - 1) / TP_FORK_DIGESTS_MAX;
        *was_out = (tp_enrolment_was){
            .device = tp_log_device(node->log), .after = after, .step = step == 0 ? 1 : step};
        describing d = {was_out->device, last, was_out, room};
        rc = count == 0 ? TP_OK : tp_log_unsent(node->log, &tx, after, add_digest, &d, err);
    }
    tp_tx_rollback(&tx);
    was_out->digests = tp_buf_slice(room);
    return rc;
}

/* ---- The exchange ---- */

/* One going on: what its steps share. */
typedef struct going_on {
    tp_node *node;
    tp_http_client *client;
    tp_http_client_response response;
    tp_buf digests;
    tp_buf body; /* of the question, then the room of the answer */
    tp_buf csr;
    uint64_t device; /* the new id */
    tp_key *key;
    tp_enrolment_was was;
    tp_enrolment_kept kept;
    tp_enrolment_answer answer;
    bool is_taken; /* the id is another device's */
} going_on;

static tp_rc read_clock(tp_node *node, tp_era_reading *clock_out, uint64_t *accepted_out,
                        tp_err *err)
{
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_log_push_get(node->log, &tx, &push, err);
    }
    if (rc == TP_OK) {
        *accepted_out = push.accepted_seq;
        rc = tp_log_read_clock(node->log, &tx, clock_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* The question how far what was written here is at the hub, where there is no key yet. */
static tp_rc make_body(going_on *g, tp_err *err)
{
    uint64_t accepted = 0;
    tp_enrolment_request request = {.agency = tp_slice_str(tp_log_agency(g->node->log)),
                                    .was = g->was};
    tp_buf_clear(&g->body);
    tp_buf_clear(&g->csr);
    tp_rc rc = g->key == NULL ? TP_OK : tp_csr_make(g->key, g->device, g->node->rng, &g->csr, err);
    if (rc == TP_OK) {
        rc = read_clock(g->node, &request.clock, &accepted, err);
    }
    if (rc == TP_OK) {
        request.start = tp_log_start(g->node->log);
        request.csr = tp_buf_slice(&g->csr);
        rc = tp_enrolment_request_encode(&request, &g->body, err);
    }
    return rc;
}

static tp_rc check_kept(const going_on *g, uint64_t kept, tp_err *err)
{
    if (kept < g->was.after ||
        kept > g->was.after + g->was.step * tp_enrolment_was_count(&g->was)) {
        return tp_fail(err, TP_CORRUPT, "the hub speaks of changes that it was not asked about");
    }
    return TP_OK;
}

static tp_rc check_answer(const going_on *g, tp_err *err)
{
    tp_certificate_facts facts;
    tp_rc rc = tp_certificate_read(g->answer.certificate, &facts, err);
    if (rc == TP_OK && (!facts.is_device || facts.device != g->device)) {
        rc = tp_fail(err, TP_CORRUPT, "the hub's certificate is for another device");
    }
    return rc == TP_OK ? check_kept(g, g->answer.kept, err) : rc;
}

static tp_rc take_answer(going_on *g, tp_err *err)
{
    tp_slice body = tp_buf_slice(&g->response.body);
    if (g->response.status != 200) {
        tp_refused_answer refused;
        tp_refused_read(g->response.status, body, &refused);
        if (refused.to != 0) { /* by what is between the two: a sync was refused so */
            return tp_fail(err, TP_OFFLINE,
                           "the hub does not answer: what came is to another request");
        }
        g->is_taken = g->response.status == 409 && g->key != NULL;
        return g->is_taken ? TP_OK : tp_refused_fail(&refused, err);
    }
    if (g->key == NULL) {
        tp_rc rc = tp_enrolment_kept_decode(body, &g->body, &g->kept, err);
        return rc == TP_OK ? check_kept(g, g->kept.kept, err) : rc;
    }
    tp_rc rc = tp_enrolment_answer_decode(body, &g->body, &g->answer, err);
    return rc == TP_OK ? check_answer(g, err) : rc;
}

/* Of the changes after `after` up to `upto`. */
static tp_rc ask(going_on *g, uint64_t after, uint64_t upto, tp_err *err)
{
    g->is_taken = false;
    tp_rc rc = tp_fork_describe(g->node, after, upto, &g->digests, &g->was, err);
    if (rc == TP_OK) {
        rc = make_body(g, err);
    }
    const tp_http_client_request request = {
        .is_post = true, .path = TP_ENROLMENT_PATH, .body = tp_buf_slice(&g->body)};
    if (rc == TP_OK) {
        rc = tp_http_client_do(g->client, &request, &g->response, err);
    }
    if (g->key != NULL) {
        tp_fault_crash("fork.answered"); /* the hub knows it; here it was not heard */
    }
    return rc == TP_OK ? take_answer(g, err) : rc;
}

/* Until it is known of each change whether it is at the hub: of very many, not at once.  Then what
 * the first of those that are not says of the next id. */
static tp_rc ask_how_far(going_on *g, tp_err *err)
{
    tp_era_reading ignored;
    uint64_t after = 0;
    tp_rc rc = read_clock(g->node, &ignored, &after, err);
    if (rc == TP_OK) {
        rc = ask(g, after, UINT64_MAX, err);
    }
    while (rc == TP_OK && g->was.step > 1) {
        rc = ask(g, g->kept.kept, g->kept.kept + g->was.step - 1, err);
    }
    if (rc == TP_OK && !g->kept.has_seed) {
        rc = ask(g, g->kept.kept, g->kept.kept + 1, err);
    }
    return rc;
}

static tp_rc keep_certificate(going_on *g, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_node_id_path(g->node, g->device, TP_NODE_CERTIFICATE, &path, err);
    return rc == TP_OK ? tp_file_write(path.at, g->answer.certificate, err) : rc;
}

/* from NULL: a random one. */
static tp_rc take_id(going_on *g, const tp_node_fork_from *from, tp_err *err)
{
    tp_rc rc = TP_OK;
    g->is_taken = true;
    for (int i = 0; rc == TP_OK && g->is_taken && i < IDS_TRIED_MAX; i++) {
        if (i > 0) {
            rc = tp_node_fork_drop(g->node, g->device, err);
            tp_key_free(g->key);
            g->key = NULL;
        }
        if (rc == TP_OK) {
            rc = tp_node_fork_begin(g->node, i == 0 ? from : NULL, &g->device, &g->key, err);
        }
        if (rc == TP_OK) {
            rc = ask(g, g->kept.kept, g->kept.kept + 1, err);
        }
    }
    if (rc == TP_OK && g->is_taken) {
        return tp_fail(err, TP_DENIED, "the hub takes no new id of this device");
    }
    if (rc == TP_OK) {
        rc = keep_certificate(g, err);
    }
    tp_fault_crash("fork.certified");
    return rc == TP_OK ? tp_node_fork_end(g->node, g->device, g->answer.kept, err) : rc;
}

/* Where this device holds changes under that id already, as of another one, it cannot be that one
 * too. */
static tp_rc take_either(going_on *g, const tp_key *key, tp_err *err)
{
    tp_err known;
    tp_node_fork_from from = {.key = key};
    memcpy(from.seed, g->kept.seed, sizeof from.seed);
    tp_rc rc = take_id(g, g->kept.has_seed ? &from : NULL, &known);
    tp_secret_wipe(&from, sizeof from);
    if (rc != TP_EXISTS || !g->kept.has_seed) {
        *err = rc == TP_OK ? *err : known;
        return rc;
    }
    rc = tp_node_fork_drop(g->node, g->device, err);
    tp_key_free(g->key);
    g->key = NULL;
    return rc == TP_OK ? take_id(g, NULL, err) : rc;
}

tp_rc tp_fork_go_on(tp_node *node, const tp_key *key, tp_http_client *client, tp_err *err)
{
    going_on g = {.node = node, .client = client};
    tp_http_client_response_init(&g.response);
    tp_buf_init(&g.digests, DIGESTS_BYTES_MAX);
    tp_buf_init(&g.body, BODY_BYTES_MAX);
    tp_buf_init(&g.csr, TP_PEM_BYTES_MAX);
    tp_rc rc = ask_how_far(&g, err);
    if (rc == TP_OK) {
        rc = take_either(&g, key, err);
    }
    tp_secret_wipe(&g.kept, sizeof g.kept);
    tp_key_free(g.key);
    tp_http_client_response_done(&g.response);
    tp_buf_done(&g.digests);
    tp_buf_done(&g.body);
    tp_buf_done(&g.csr);
    return rc;
}
