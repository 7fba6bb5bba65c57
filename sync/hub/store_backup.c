/* Backups: copied, sealed, and put back.
 *
 * A backup is the database in one file with a seal behind its last page, where SQLite does not
 * look:
 *
 *   8   "TpHUseal"
 *   32  SHA-256 of everything before the 8
 *
 * A file without a seal is taken as well: a database that was copied by hand. */
#include "sync/hub/store_back.h"
#include "sync/hub/store_sqlite.h"
#include "sync/wire/generation.h"

#include "platform/base/fault.h"
#include "platform/crypto/digest.h"
#include "platform/os/file.h"

#include <stdio.h>

enum {
    SEAL_NAME_BYTES = 8,
    SEAL_BYTES = SEAL_NAME_BYTES + TP_SHA256_BYTES,
    SQLITE_PAGE_BYTES_MIN = 512 /* a database is whole pages */
};
static const char seal_name[SEAL_NAME_BYTES + 1] = "TpHUseal";

/* Where everything is while a backup is put in the place of the database. */
typedef struct places {
    const char *database;
    const char *backup;
    tp_path wal;        /* of the database */
    tp_path before;     /* the database that was there */
    tp_path before_wal; /* what could not be written into it */
    tp_path fresh;      /* the backup on its way */
    tp_path fresh_wal;
    tp_path fresh_shm;
} places;

static tp_rc path_with(const char *path, const char *end, tp_path *path_out, tp_err *err);
static tp_rc seal(const char *path, tp_err *err);
static tp_rc check_seal(const char *path, int64_t *bytes_out, bool *is_sealed_out, tp_err *err);
static tp_rc find_places(const char *database, const char *backup, places *places_out, tp_err *err);
static tp_rc clear_way(const places *at, tp_err *err);
static tp_rc take_copy(const places *at, bool *is_sealed_out, tp_err *err);
static tp_rc copy_backup(const places *at, int64_t bytes, bool is_sealed, tp_err *err);
static tp_rc make_one_file(tp_hub_store *store, tp_err *err);
static tp_rc settle_database(const places *at, tp_err *err);
static tp_rc swap(const places *at, tp_err *err);

tp_rc tp_hub_store_backup(tp_hub_store *store, const char *path, tp_err *err)
{
    tp_path unsealed;
    if (tp_file_exists(path)) {
        return tp_fail(err, TP_EXISTS, "there is a file of that name already");
    }
    tp_rc rc = path_with(path, ".unsealed", &unsealed, err);
    if (rc != TP_OK) {
        return rc;
    }
    (void)remove(unsealed.at); /* what an earlier attempt left */
    rc = tp_store_backup(store->sql, unsealed.at, err);
    if (rc == TP_OK) {
        rc = seal(unsealed.at, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_place(unsealed.at, path, err);
    }
    if (rc != TP_OK) {
        (void)remove(unsealed.at);
    }
    return rc;
}

/* Before it can be taken for the hub that devices know: by this they learn that it went back. */
static tp_rc begin_generation(tp_hub_store *store, uint64_t random, int64_t now_ms, tp_err *err)
{
    bool is_foreign = false;
    tp_rc rc = tp_hub_store_begin(store, &is_foreign, err);
    if (rc == TP_OK) {
        const tp_hub_state *before = tp_hub_store_state(store);
        now_ms = now_ms > before->clock_ms ? now_ms : before->clock_ms;
        rc = tp_hub_back_begin(store, tp_generation_after(before->generation, now_ms, random),
                               now_ms, false, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_commit(store, err);
    }
    tp_hub_store_rollback(store);
    return rc;
}

tp_rc tp_hub_store_restore(const char *path, const char *backup, uint64_t random, int64_t now_ms,
                           tp_hub_restored *restored_out, tp_err *err)
{
    places at;
    tp_hub_store *store = NULL;
    tp_hub_restored restored = {.has_before = tp_file_exists(path)};
    tp_rc rc = find_places(path, backup, &at, err);
    if (rc == TP_OK) {
        rc = clear_way(&at, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = take_copy(&at, &restored.is_sealed, err);
    tp_fault_crash("restore.step");
    if (rc == TP_OK) {
        rc = tp_hub_store_open(at.fresh.at, false, &store, err); /* brought up to date */
    }
    tp_fault_crash("restore.step");
    if (rc == TP_OK) {
        rc = tp_hub_store_check(store, err);
    }
    if (rc == TP_OK) {
        rc = begin_generation(store, random, now_ms, err);
    }
    if (rc == TP_OK) {
        rc = make_one_file(store, err);
    }
    tp_hub_store_close(store);
    (void)remove(at.fresh_shm.at); /* where closing could not, both are there still */
    tp_fault_crash("restore.step");
    if (rc == TP_OK) {
        (void)remove(at.fresh_wal.at); /* empty */
        rc = settle_database(&at, err);
    }
    if (rc == TP_OK) {
        rc = swap(&at, err);
    }
    if (rc != TP_OK) {
        (void)remove(at.fresh.at);
        (void)remove(at.fresh_wal.at);
        return rc;
    }
    *restored_out = restored;
    return TP_OK;
}

/* Closing would do it as well, but cannot say that it failed. */
static tp_rc make_one_file(tp_hub_store *store, tp_err *err)
{
    bool is_empty = false;
    tp_rc rc = tp_store_checkpoint_truncate(store->sql, &is_empty, err);
    return rc == TP_OK && !is_empty
               ? tp_fail(err, TP_BUSY, "another program reads the copy of the backup: try again")
               : rc;
}

/* ---- Looking at a backup ---- */

/* The copy is opened as a hub's database is; what it then is not is a finding. */
static tp_rc verify_copy(const char *path, tp_hub_verify_progress progress, void *ctx,
                         tp_hub_verified *verified_out, tp_err *err)
{
    tp_hub_store *store = NULL;
    tp_rc rc = tp_hub_store_open(path, false, &store, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_verify(store, progress, ctx, verified_out, err);
    }
    tp_hub_store_close(store);
    return rc;
}

tp_rc tp_hub_store_verify_backup(const char *path, const char *backup,
                                 tp_hub_verify_progress progress, void *ctx,
                                 tp_hub_verified *verified_out, tp_err *err)
{
    places at = {.backup = backup};
    tp_err damage;
    tp_err found;
    bool is_sealed = false;
    int64_t bytes = 0;
    memset(verified_out, 0, sizeof *verified_out);
    tp_rc rc = path_with(path, "", &at.fresh, err);
    if (rc == TP_OK) {
        rc = path_with(path, "-wal", &at.fresh_wal, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    (void)remove(at.fresh.at); /* what an earlier one left */
    (void)remove(at.fresh_wal.at);
    tp_rc sealed = check_seal(backup, &bytes, &is_sealed, &damage);
    rc = sealed == TP_OK || sealed == TP_CORRUPT ? copy_backup(&at, bytes, is_sealed, &found)
                                                 : sealed;
    if (rc == TP_OK) {
        rc = verify_copy(at.fresh.at, progress, ctx, verified_out, &found);
    } else if (rc == sealed) {
        found = damage;
    }
    if (sealed == TP_CORRUPT) {
        tp_findings_add(&verified_out->findings, "The file: %s", damage.what);
    }
    rc = tp_findings_take(&verified_out->findings, "The database in it", rc, &found);
    if (rc != TP_OK) {
        *err = found;
    }
    (void)remove(at.fresh.at);
    (void)remove(at.fresh_wal.at);
    return rc;
}

/* ---- The seal ---- */

typedef struct sealing {
    tp_sha256 sha;
    int64_t left; /* to be digested; what comes after is the seal's */
    uint8_t end[SEAL_BYTES];
    size_t end_bytes;
} sealing;

static tp_rc see_chunk(void *ctx, tp_slice chunk, tp_err *err)
{
    sealing *s = ctx;
    size_t digested = (int64_t)chunk.bytes < s->left ? chunk.bytes : (size_t)s->left;
    tp_slice rest = tp_slice_of(chunk.at + digested, chunk.bytes - digested);
    if (rest.bytes > sizeof s->end - s->end_bytes) {
        return tp_fail(err, TP_BUSY, "the backup is being written to");
    }
    tp_sha256_add(&s->sha, tp_slice_of(chunk.at, digested));
    s->left -= (int64_t)digested;
    memcpy(s->end + s->end_bytes, rest.at, rest.bytes);
    s->end_bytes += rest.bytes;
    return TP_OK;
}

static tp_rc seal(const char *path, tp_err *err)
{
    sealing s = {.left = INT64_MAX};
    uint8_t end[SEAL_BYTES];
    tp_sha256_init(&s.sha);
    tp_rc rc = tp_file_show(path, see_chunk, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    memcpy(end, seal_name, SEAL_NAME_BYTES);
    tp_sha256_end(&s.sha, end + SEAL_NAME_BYTES);
    return tp_file_append(path, tp_slice_of(end, sizeof end), err);
}

/* *bytes_out: of the database in it. */
static tp_rc check_seal(const char *path, int64_t *bytes_out, bool *is_sealed_out, tp_err *err)
{
    sealing s = {.left = 0};
    int64_t bytes = 0;
    uint8_t digest[TP_SHA256_BYTES];
    tp_rc rc = tp_file_measure(path, &bytes, err);
    if (rc != TP_OK) {
        return rc;
    }
    s.left = bytes > SEAL_BYTES ? bytes - SEAL_BYTES : 0;
    tp_sha256_init(&s.sha);
    rc = tp_file_show(path, see_chunk, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    *is_sealed_out = s.end_bytes == SEAL_BYTES && memcmp(s.end, seal_name, SEAL_NAME_BYTES) == 0;
    *bytes_out = *is_sealed_out ? bytes - SEAL_BYTES : bytes;
    tp_sha256_end(&s.sha, digest);
    if (!*is_sealed_out && bytes % SQLITE_PAGE_BYTES_MIN != 0) {
        return tp_fail(err, TP_CORRUPT, "the backup is damaged or cut short; take another one");
    }
    if (*is_sealed_out && memcmp(digest, s.end + SEAL_NAME_BYTES, sizeof digest) != 0) {
        return tp_fail(err, TP_CORRUPT,
                       "the backup is damaged: it is not what was written then; take another one");
    }
    return TP_OK;
}

/* ---- Putting back ---- */

static tp_rc path_with(const char *path, const char *end, tp_path *path_out, tp_err *err)
{
    int chars = snprintf(path_out->at, sizeof path_out->at, "%s%s", path, end);
    if (chars < 0 || (size_t)chars >= sizeof path_out->at) {
        return tp_fail(err, TP_LIMIT, "the path is longer than %u bytes", TP_PATH_BYTES_MAX - 1);
    }
    return TP_OK;
}

static tp_rc find_places(const char *database, const char *backup, places *places_out, tp_err *err)
{
    places at = {.database = database, .backup = backup};
    const struct {
        const char *end;
        tp_path *path;
    } ends[] = {{"-wal", &at.wal},
                {".before", &at.before},
                {".before-wal", &at.before_wal},
                {".restored", &at.fresh},
                {".restored-wal", &at.fresh_wal},
                {".restored-shm", &at.fresh_shm}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        tp_rc rc = path_with(database, ends[i].end, ends[i].path, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    *places_out = at;
    return TP_OK;
}

static tp_rc clear_way(const places *at, tp_err *err)
{
    if (tp_file_is_same(at->backup, at->database)) {
        return tp_fail(err, TP_INVALID, "that is the database itself, not a copy of it");
    }
    if (tp_file_is_same(at->before.at, at->database)) {
        (void)remove(at->before.at); /* a second name, from a restore that was broken off */
    }
    if (tp_file_exists(at->before.at) || tp_file_exists(at->before_wal.at)) {
        return tp_fail(err, TP_EXISTS, "hub.db.before is in the way: move it elsewhere first");
    }
    (void)remove(at->fresh.at);
    (void)remove(at->fresh_wal.at);
    return TP_OK;
}

/* The backup itself is only read: it may be on what cannot be written, and it must serve once more.
 * A database that was copied by hand may have a WAL that belongs to it. */
static tp_rc take_copy(const places *at, bool *is_sealed_out, tp_err *err)
{
    int64_t bytes = 0;
    tp_rc rc = check_seal(at->backup, &bytes, is_sealed_out, err);
    return rc == TP_OK ? copy_backup(at, bytes, *is_sealed_out, err) : rc;
}

/* Units: bytes = of the database in the file. */
static tp_rc copy_backup(const places *at, int64_t bytes, bool is_sealed, tp_err *err)
{
    tp_path wal;
    tp_rc rc = tp_file_copy(at->backup, bytes, at->fresh.at, err);
    if (rc == TP_OK) {
        rc = path_with(at->backup, "-wal", &wal, err);
    }
    if (rc != TP_OK || is_sealed || !tp_file_exists(wal.at)) {
        return rc;
    }
    rc = tp_file_measure(wal.at, &bytes, err);
    return rc == TP_OK ? tp_file_copy(wal.at, bytes, at->fresh_wal.at, err) : rc;
}

/* After a crash some of the database may still be in its WAL.  It is written into it; where it is
 * too badly damaged for that, or gone, the WAL goes aside, since it would be read into the
 * backup. */
static tp_rc settle_database(const places *at, tp_err *err)
{
    tp_store *sql = NULL;
    tp_err ignored;
    tp_store_options options = {.path = at->database};
    if (!tp_file_exists(at->wal.at)) {
        return TP_OK;
    }
    if (tp_store_open(&options, &sql, &ignored) == TP_OK) {
        tp_store_close(sql);
    }
    return tp_file_exists(at->wal.at) ? tp_file_replace(at->wal.at, at->before_wal.at, err) : TP_OK;
}

/* At every moment there is a whole database by the database's name; after an error it is the one
 * that was there, also where all but the last sync went well. */
static tp_rc swap(const places *at, tp_err *err)
{
    bool has_before = tp_file_exists(at->database);
    tp_rc rc = TP_OK;
    tp_fault_crash("restore.step");
    if (has_before) {
        rc = tp_file_link(at->database, at->before.at, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_fault_crash("restore.step");
    rc = tp_file_replace(at->fresh.at, at->database, err);
    tp_fault_crash("restore.step");
    if (rc != TP_OK && !has_before) {
        (void)remove(at->database);
    } else if (rc != TP_OK) {
        /* Where both are names of one file, rename would leave them. */
        (void)(tp_file_is_same(at->before.at, at->database) ? remove(at->before.at)
                                                            : rename(at->before.at, at->database));
    }
    return rc;
}
