/* A new id for the whole node. */
#include "node/record/fork.h"

#include "node/record/draft.h"
#include "node/view/renamed.h"
#include "platform/base/encode.h"
#include "platform/base/fault.h"
#include "sync/log/era.h"
#include "sync/log/fork.h"

/* ---- Before ---- */

/* 0: none was begun with. */
static tp_rc read_next(tp_tx *tx, uint64_t *device_out, tp_err *err)
{
    tp_buf text;
    tp_buf_init(&text, TP_HEX_ROOM(8));
    *device_out = 0;
    tp_rc rc = tp_node_setting_get(tx, TP_SETTING_FORK, &text, err);
    if (rc == TP_OK && text.bytes > 0 && !tp_hex_decode_u64(tp_buf_slice(&text), device_out)) {
        rc = tp_fail(err, TP_CORRUPT, "the id that this node is about to take cannot be read");
    }
    tp_buf_done(&text);
    return rc;
}

static tp_rc put_next(tp_tx *tx, uint64_t device, tp_err *err)
{
    char text[TP_HEX_ROOM(8)] = "";
    if (device != 0) {
        tp_hex_encode_u64(device, text);
    }
    return tp_node_setting_put(tx, TP_SETTING_FORK, tp_slice_str(text), err);
}

/* wanted 0: the one that was begun with, or a random one. */
static tp_rc choose(tp_node *node, uint64_t wanted, uint64_t *begun_out, uint64_t *device_out,
                    tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = read_next(&tx, begun_out, err);
    }
    if (rc == TP_OK) {
        *device_out = wanted != 0 ? wanted : *begun_out;
        while (*device_out == 0) {
            *device_out = tp_rng_u64(node->rng);
        }
        rc = put_next(&tx, *device_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* Anybody can reckon it from the public key: it says nothing of the private one. */
static uint64_t id_of(const tp_key *key)
{
    tp_public_key public;
    uint8_t digest[TP_SHA256_BYTES];
    uint64_t id = 0;
    tp_key_public(key, &public);
    tp_sha256_of(tp_slice_of(public.point, sizeof public.point), digest);
    for (size_t i = 0; i < sizeof id; i++) {
        id = id << 8 | digest[i];
    }
    return id == 0 ? 1 : id;
}

/* *key_out NULL: a random one. */
static tp_rc make_key(tp_node *node, const tp_path *path, tp_buf *pem, tp_key **key_out,
                      tp_err *err)
{
    tp_rc rc = *key_out != NULL ? TP_OK : tp_key_generate(node->rng, key_out, err);
    if (rc == TP_OK) {
        rc = tp_key_to_pem(*key_out, pem, err);
    }
    return rc == TP_OK ? tp_file_create(path->at, tp_buf_slice(pem), err) : rc;
}

/* Best effort: nobody uses a file of an id that this node does not have. */
static void remove_paths(const tp_path *key, const tp_path *certificate)
{
    tp_err ignored;
    if (tp_file_exists(key->at)) {
        (void)!tp_file_remove(key->at, &ignored);
    }
    if (tp_file_exists(certificate->at)) {
        (void)!tp_file_remove(certificate->at, &ignored);
    }
}

static void remove_files(tp_node *node, uint64_t device)
{
    tp_err ignored;
    tp_path key;
    tp_path certificate;
    if (tp_node_id_path(node, device, TP_NODE_KEY, &key, &ignored) == TP_OK &&
        tp_node_id_path(node, device, TP_NODE_CERTIFICATE, &certificate, &ignored) == TP_OK) {
        remove_paths(&key, &certificate);
    }
}

/* On disk already, or put there; *key_out is the one that was derived, or NULL. */
static tp_rc keep_key(tp_node *node, uint64_t device, tp_key **key_out, tp_err *err)
{
    tp_path path;
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_node_id_path(node, device, TP_NODE_KEY, &path, err);
    if (rc == TP_OK && tp_file_exists(path.at)) {
        tp_key_free(*key_out);
        *key_out = NULL;
        rc = tp_file_read(path.at, &pem, err);
        if (rc == TP_OK) {
            rc = tp_key_from_pem(tp_buf_slice(&pem), key_out, err);
        }
    } else if (rc == TP_OK) {
        rc = make_key(node, &path, &pem, key_out, err);
    }
    if (pem.at != NULL) {
        tp_secret_wipe(pem.at, pem.room);
    }
    tp_buf_done(&pem);
    return rc;
}

tp_rc tp_node_fork_begin(tp_node *node, const tp_node_fork_from *from, uint64_t *device_out,
                         tp_key **key_out, tp_err *err)
{
    uint64_t begun = 0;
    tp_rc rc = TP_OK;
    *key_out = NULL;
    if (from != NULL) {
        rc = tp_key_derive(from->key, tp_slice_of(from->seed, sizeof from->seed), node->rng,
                           key_out, err);
    }
    if (rc == TP_OK) {
        rc = choose(node, *key_out == NULL ? 0 : id_of(*key_out), &begun, device_out, err);
    }
    if (rc == TP_OK && begun != 0 && begun != *device_out) {
        remove_files(node, begun);
    }
    tp_fault_crash("fork.chosen"); /* its key is not there yet */
    if (rc == TP_OK) {
        rc = keep_key(node, *device_out, key_out, err);
    }
    if (rc != TP_OK) {
        tp_key_free(*key_out);
        *key_out = NULL;
    }
    return rc;
}

tp_rc tp_node_fork_drop(tp_node *node, uint64_t device, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = put_next(&tx, 0, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK) {
        remove_files(node, device);
    }
    return rc;
}

/* ---- Taking it ---- */

tp_rc tp_node_call_anew(tp_node *node, tp_tx *tx, const tp_renaming *renaming, tp_err *err)
{
    tp_rc rc = tp_view_renamed(node->view, tx, renaming, err);
    return rc == TP_OK ? tp_draft_renamed(tx, renaming, err) : rc;
}

static tp_rc take_in(tp_node *node, tp_tx *tx, uint64_t device, uint64_t kept, tp_err *err)
{
    tp_estimate now;
    tp_renaming renaming;
    tp_rc rc = tp_log_now(node->log, tx, &now, NULL, err);
    if (rc == TP_OK) {
        rc = tp_log_fork(node->log, tx, device, kept, now.ms, &renaming, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_call_anew(node, tx, &renaming, err);
    }
    if (rc == TP_OK) {
        rc = put_next(tx, 0, err);
    }
    return rc == TP_OK ? tp_merge_rebuild(node->merge, tx, NULL, err) : rc;
}

tp_rc tp_node_fork_end(tp_node *node, uint64_t device, uint64_t kept, tp_err *err)
{
    tp_path key;
    tp_path certificate;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_node_own_path(node, TP_NODE_KEY, &key, err);
    if (rc == TP_OK) {
        rc = tp_node_own_path(node, TP_NODE_CERTIFICATE, &certificate, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    }
    if (rc == TP_OK) {
        rc = take_in(node, &tx, device, kept, err);
    }
    if (rc == TP_OK) {
        tp_fault_crash("fork.written"); /* all but committed */
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK) {
        tp_fault_crash("fork.taken"); /* the old key is there still */
        remove_paths(&key, &certificate);
    }
    return rc;
}
