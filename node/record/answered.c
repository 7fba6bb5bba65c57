/* The table of answers. */
#include "node/record/answered.h"

#include "platform/base/limits.h"
#include "platform/crypto/aead.h"
#include "platform/crypto/digest.h"

const char tp_answered_schema_5[] = "CREATE TABLE answered ("
                                    "  at INTEGER PRIMARY KEY,"    /* in the order of asking */
                                    "  name BLOB NOT NULL UNIQUE," /* 16 bytes, of the key */
                                    "  answer BLOB NOT NULL"       /* sealed */
                                    ") STRICT;";

enum { NAME_BYTES = 16 };

/* What follows from what was asked: under which name its answer stands, and what opens it. */
typedef struct secrets {
    uint8_t name[NAME_BYTES];
    uint8_t key[TP_AEAD_KEY_BYTES];
} secrets;

/* With its length before it, so that no part can run on into the next. */
static void add_part(tp_sha256 *sha, tp_slice part)
{
    uint64_t bytes = part.bytes;
    tp_sha256_add(sha, tp_slice_of(&bytes, sizeof bytes));
    tp_sha256_add(sha, part);
}

static tp_rc derive(const tp_answered_asked *asked, secrets *secrets_out, tp_err *err)
{
    uint8_t digest[TP_SHA256_BYTES];
    uint8_t both[NAME_BYTES + TP_AEAD_KEY_BYTES];
    tp_sha256 sha;
    tp_sha256_init(&sha);
    add_part(&sha, asked->where);
    add_part(&sha, asked->worker);
    add_part(&sha, asked->body);
    tp_sha256_end(&sha, digest);
    tp_rc rc =
        tp_hkdf(tp_slice_of(digest, sizeof digest), tp_slice_of(asked->key, sizeof asked->key),
                tp_slice_str("answered"), both, sizeof both, err);
    if (rc == TP_OK) {
        memcpy(secrets_out->name, both, NAME_BYTES);
        memcpy(secrets_out->key, both + NAME_BYTES, TP_AEAD_KEY_BYTES);
    }
    tp_secret_wipe(both, sizeof both);
    return rc;
}

tp_rc tp_answered_find(tp_tx *tx, const tp_answered_asked *asked, tp_buf *out, tp_err *err)
{
    secrets s;
    tp_stmt *stmt = NULL;
    bool is_row = false;
    tp_rc rc = derive(asked, &s, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "SELECT answer FROM answered WHERE name = ?", &stmt, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_blob(stmt, 1, tp_slice_of(s.name, sizeof s.name));
        rc = tp_stmt_step(stmt, &is_row, err);
    }
    if (rc == TP_OK) {
        rc = is_row ? tp_aead_open(s.key, tp_stmt_blob(stmt, 0), out, err)
                    : tp_fail(err, TP_NOTFOUND, "this was not asked before");
    }
    tp_stmt_done(stmt);
    tp_secret_wipe(&s, sizeof s);
    return rc;
}

static tp_rc forget_oldest(tp_tx *tx, tp_err *err)
{
    tp_stmt *stmt = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "DELETE FROM answered WHERE at <= (SELECT max(at) FROM answered) - ?", &stmt, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(stmt, 1, TP_ANSWERED_MAX);
        rc = tp_stmt_run(stmt, err);
    }
    return rc;
}

tp_rc tp_answered_keep(tp_tx *tx, const tp_answered_asked *asked, tp_rng *rng, tp_slice answer,
                       tp_err *err)
{
    secrets s;
    tp_stmt *stmt = NULL;
    tp_buf sealed;
    tp_buf_init(&sealed, TP_ANSWERED_BYTES_MAX);
    tp_rc rc = derive(asked, &s, err);
    if (rc == TP_OK) {
        rc = tp_aead_seal(s.key, rng, answer, &sealed, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "INSERT INTO answered (name, answer) VALUES (?, ?)", &stmt, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_blob(stmt, 1, tp_slice_of(s.name, sizeof s.name));
        tp_stmt_bind_blob(stmt, 2, tp_buf_slice(&sealed));
        rc = tp_stmt_run(stmt, err);
    }
    if (rc == TP_OK) {
        rc = forget_oldest(tx, err);
    }
    tp_buf_done(&sealed);
    tp_secret_wipe(&s, sizeof s);
    return rc;
}
