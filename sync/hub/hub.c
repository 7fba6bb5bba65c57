/* The hub's data directory, made and opened. */
#include "sync/hub/hub.h"

#include "sync/access/kinds.h"
#include "sync/hub/back.h"
#include "sync/hub/erase_list.h"
#include "sync/hub/store_erased.h"
#include "sync/wire/generation.h"

#include <stdio.h>

enum { TAG_KEY_BYTES = 32, DEVICE_DAYS = 365, SERVER_DAYS = 825, SERVER_LEFT_DAYS = 365 };
#define DAY_MS INT64_C(86400000)

static tp_rc path_in(const tp_hub *hub, const char *name, tp_path *path_out, tp_err *err)
{
    return tp_path_join(hub->dir.at, name, path_out, err);
}

/* A file that is missing is named: an operator who put a backup together has to know which. */
static tp_rc read_in(const tp_hub *hub, const char *name, tp_buf *out, tp_err *err)
{
    tp_path path;
    tp_rc rc = path_in(hub, name, &path, err);
    if (rc == TP_OK && !tp_file_exists(path.at)) {
        return tp_fail(err, TP_NOTFOUND, "%s is missing: put it back from where the keys are kept",
                       name);
    }
    return rc == TP_OK ? tp_file_read(path.at, out, err) : rc;
}

static bool has_file(const tp_hub *hub, const char *name)
{
    tp_path path;
    tp_err err;
    return path_in(hub, name, &path, &err) == TP_OK && tp_file_exists(path.at);
}

static tp_rc write_in(const tp_hub *hub, const char *name, tp_slice content, tp_err *err)
{
    tp_path path;
    tp_rc rc = path_in(hub, name, &path, err);
    return rc == TP_OK ? tp_file_write(path.at, content, err) : rc;
}

/* A hub has a generation: without one, its making never came to an end. */
static tp_rc is_made(tp_hub_store *store, bool *is_made_out, tp_err *err)
{
    bool is_foreign = false; /* nothing is remembered of it yet */
    tp_rc rc = tp_hub_store_begin_reading(store, &is_foreign, err);
    if (rc == TP_OK) {
        *is_made_out = tp_hub_store_state(store)->generation != 0;
        tp_hub_store_rollback(store);
    }
    return rc;
}

static tp_rc open_keys(tp_hub *hub, tp_err *err);

/* ---- Making ---- */

static tp_rc write_key(tp_hub *hub, const char *name, const tp_key *key, tp_err *err)
{
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_key_to_pem(key, &pem, err);
    if (rc == TP_OK) {
        rc = write_in(hub, name, tp_buf_slice(&pem), err);
    }
    tp_secret_wipe(pem.at, pem.bytes);
    tp_buf_done(&pem);
    return rc;
}

static tp_rc make_ca(tp_hub *hub, int64_t now_ms, tp_err *err)
{
    tp_rc rc = tp_key_generate(hub->rng, &hub->ca_key, err);
    if (rc == TP_OK) {
        rc = write_key(hub, "ca.key", hub->ca_key, err);
    }
    if (rc == TP_OK) {
        rc = tp_certificate_make_ca(hub->ca_key, hub->rng, now_ms, &hub->ca, err);
    }
    return rc == TP_OK ? write_in(hub, "ca.pem", tp_buf_slice(&hub->ca), err) : rc;
}

static tp_rc make_server_certificate(tp_hub *hub, const tp_key *key, int64_t now_ms, tp_buf *out,
                                     tp_err *err)
{
    tp_issuer issuer = {tp_buf_slice(&hub->ca), hub->ca_key};
    tp_public_key public_key;
    tp_validity validity = {now_ms, SERVER_DAYS};
    tp_key_public(key, &public_key);
    return tp_certificate_make_server(&issuer, &public_key, hub->rng, validity, out, err);
}

static tp_rc make_server_key(tp_hub *hub, tp_err *err)
{
    tp_key *key = NULL;
    tp_rc rc = tp_key_generate(hub->rng, &key, err);
    if (rc == TP_OK) {
        rc = write_key(hub, "server.key", key, err);
    }
    tp_key_free(key);
    return rc;
}

static tp_rc make_tag_key(tp_hub *hub, tp_err *err)
{
    uint8_t secret[TAG_KEY_BYTES];
    tp_rng_fill(hub->rng, secret, sizeof secret);
    tp_rc rc = write_in(hub, "hub.key", tp_slice_of(secret, sizeof secret), err);
    tp_secret_wipe(secret, sizeof secret);
    return rc;
}

/* The database comes first: where it is there and has no generation, the files beside it are of a
 * making that was cut off, and are made over; without it they are somebody's keys. */
static tp_rc begin_database(tp_hub *hub, tp_err *err)
{
    static const char *const keys[] = {"ca.key", "ca.pem", "server.key", "hub.key"};
    tp_path path;
    bool is_there = false;
    tp_rc rc = path_in(hub, "hub.db", &path, err);
    if (rc != TP_OK) {
        return rc;
    }
    for (size_t i = 0; !tp_file_exists(path.at) && i < sizeof keys / sizeof keys[0]; i++) {
        if (has_file(hub, keys[i])) {
            return tp_fail(err, TP_EXISTS,
                           "%s is there, and no hub: put its backup back with restore, or with "
                           "--again that hub is made anew",
                           keys[i]);
        }
    }
    rc = tp_hub_store_open(path.at, true, &hub->store, err);
    if (rc == TP_OK) {
        rc = is_made(hub->store, &is_there, err);
    }
    return rc == TP_OK && is_there
               ? tp_fail(err, TP_EXISTS, "there is a hub in %s already", hub->dir.at)
               : rc;
}

static tp_rc finish_database(tp_hub *hub, bool is_again, int64_t now_ms, tp_err *err)
{
    bool is_foreign = false;
    tp_rc rc = tp_hub_store_begin(hub->store, &is_foreign, err);
    if (rc == TP_OK) {
        tp_hub_state *state = tp_hub_store_state(hub->store);
        state->generation = tp_generation_after(0, now_ms, tp_rng_u64(hub->rng));
        state->directory = 1;
        state->clock_ms = now_ms;
        state->schema = tp_hub_schema_fingerprint();
        hub->now_ms = now_ms;
        rc = is_again ? tp_hub_went_back(hub, true, err) : TP_OK;
    }
    return rc == TP_OK ? tp_hub_store_commit(hub->store, err) : rc;
}

/* Nobody else makes one here at the same time. */
static tp_rc lock_making(tp_hub *hub, const char *dir, tp_err *err)
{
    tp_path lock;
    tp_rc rc = tp_path_join(dir, TP_HUB_OPEN_LOCK, &lock, err);
    if (rc == TP_OK) {
        memcpy(hub->dir.at, dir, strlen(dir) + 1); /* the join held it to be short enough */
        rc = tp_lock_take(lock.at, &hub->open_lock, err);
    }
    /* Whoever has it open has a hub. */
    return rc == TP_BUSY ? tp_fail(err, TP_EXISTS, "there is a hub in %s already", dir) : rc;
}

tp_rc tp_hub_make(const char *dir, const tp_clock *clock, tp_rng *rng, tp_err *err)
{
    tp_hub hub = {.open_lock = TP_LOCK_NONE, .clock = clock, .rng = rng};
    int64_t now_ms = tp_clock_read(clock).wall_ms;
    tp_buf_init(&hub.ca, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_dir_make_private(dir, err);
    if (rc == TP_OK) {
        rc = lock_making(&hub, dir, err);
    }
    if (rc == TP_OK) {
        rc = begin_database(&hub, err);
    }
    if (rc == TP_OK) {
        rc = make_ca(&hub, now_ms, err);
    }
    if (rc == TP_OK) {
        rc = make_server_key(&hub, err); /* its certificate is made when the hub first serves */
    }
    if (rc == TP_OK) {
        rc = make_tag_key(&hub, err);
    }
    if (rc == TP_OK) {
        rc = finish_database(&hub, false, now_ms, err); /* last: it says that the rest is there */
    }
    tp_hub_close(&hub);
    return rc;
}

/* Under another name until it is whole: beside half a database the keys would be taken for those of
 * a making that was cut off, and be made over. */
static tp_rc make_database_again(tp_hub *hub, tp_err *err)
{
    tp_path path;
    tp_path making;
    bool is_one_file = false;
    tp_rc rc = path_in(hub, "hub.db", &path, err);
    if (rc == TP_OK && tp_file_exists(path.at)) {
        return tp_fail(err, TP_EXISTS, "there is a hub in %s already", hub->dir.at);
    }
    if (rc == TP_OK) {
        rc = path_in(hub, "hub.db.again", &making, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    (void)remove(making.at); /* what an earlier attempt left */
    rc = tp_hub_store_open(making.at, true, &hub->store, err);
    if (rc == TP_OK) {
        rc = finish_database(hub, true, tp_clock_read(hub->clock).wall_ms, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_scrub(hub->store, &is_one_file, err);
    }
    tp_hub_store_close(hub->store);
    hub->store = NULL;
    if (rc == TP_OK && !is_one_file) {
        return tp_fail(err, TP_BUSY, "another program reads the new database: try again");
    }
    return rc == TP_OK ? tp_file_replace(making.at, path.at, err) : rc;
}

tp_rc tp_hub_make_again(const char *dir, const tp_clock *clock, tp_rng *rng, tp_err *err)
{
    tp_hub hub = {.open_lock = TP_LOCK_NONE, .clock = clock, .rng = rng};
    tp_buf_init(&hub.ca, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_dir_check_private(dir, err);
    if (rc == TP_OK) {
        rc = lock_making(&hub, dir, err);
    }
    if (rc == TP_OK) {
        rc = open_keys(&hub, err);
    }
    if (rc == TP_OK) {
        rc = make_database_again(&hub, err); /* the rest is made when it serves */
    }
    tp_hub_close(&hub);
    return rc;
}

/* ---- Opening ---- */

static tp_rc open_keys(tp_hub *hub, tp_err *err)
{
    tp_buf secret;
    tp_buf_init(&secret, TP_PEM_BYTES_MAX);
    tp_rc rc = read_in(hub, "hub.key", &secret, err);
    if (rc == TP_OK && secret.bytes != TAG_KEY_BYTES) {
        rc = tp_fail(err, TP_CORRUPT, "hub.key does not hold a key");
    }
    if (rc == TP_OK) {
        tp_hmac_key_init(&hub->tags, tp_buf_slice(&secret));
        tp_secret_wipe(secret.at, secret.bytes);
        tp_buf_clear(&secret);
        rc = read_in(hub, "ca.key", &secret, err);
    }
    if (rc == TP_OK) {
        rc = tp_key_from_pem(tp_buf_slice(&secret), &hub->ca_key, err);
    }
    if (rc == TP_OK) {
        rc = read_in(hub, "ca.pem", &hub->ca, err);
    }
    tp_secret_wipe(secret.at, secret.bytes);
    tp_buf_done(&secret);
    return rc;
}

static tp_rc take_open_lock(tp_hub *hub, tp_err *err)
{
    tp_path path;
    tp_rc rc = path_in(hub, TP_HUB_OPEN_LOCK, &path, err);
    if (rc == TP_OK) {
        rc = tp_lock_share(path.at, &hub->open_lock, err);
    }
    return rc == TP_BUSY ? tp_fail(err, TP_BUSY, "a backup is being put in place: try again") : rc;
}

static tp_rc open_database(tp_hub *hub, tp_err *err)
{
    tp_path path;
    bool is_whole = false;
    tp_rc rc = path_in(hub, "hub.db", &path, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_open(path.at, false, &hub->store, err);
    }
    if (rc == TP_OK) {
        tp_hub_store_keep_wal(hub->store);
        rc = is_made(hub->store, &is_whole, err);
    }
    return rc == TP_OK && !is_whole
               ? tp_fail(err, TP_NOTFOUND,
                         "making the hub in %s was cut off: run teapot-hub init again", hub->dir.at)
               : rc;
}

static tp_rc open_parts(tp_hub *hub, tp_err *err)
{
    tp_rc rc = tp_hub_persons_new(hub->store, &hub->persons, err);
    if (rc == TP_OK) {
        rc = tp_hub_judge_new(hub->store, hub->persons, &hub->judge, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_acceptor_new(hub->store, hub->persons, hub->judge, &hub->tags, &hub->acceptor,
                                 err);
    }
    if (rc == TP_OK) {
        rc = tp_answer_new(&hub->answer, err);
    }
    return rc;
}

tp_rc tp_hub_open(const char *dir, const tp_clock *clock, tp_rng *rng, tp_hub *hub, tp_err *err)
{
    tp_path path;
    memset(hub, 0, sizeof *hub);
    hub->open_lock.fd = -1;
    hub->clock = clock;
    hub->rng = rng;
    tp_buf_init(&hub->ca, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_path_join(dir, "hub.db", &path, err);
    if (rc == TP_OK && !tp_file_exists(path.at)) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no hub in %s: make one with teapot-hub init", dir);
    }
    if (rc == TP_OK) {
        rc = tp_dir_check_private(dir, err);
    }
    if (rc == TP_OK) {
        memcpy(hub->dir.at, dir, strlen(dir) + 1);
        rc = take_open_lock(hub, err);
    }
    if (rc == TP_OK) {
        rc = open_database(hub, err);
    }
    if (rc == TP_OK) {
        rc = open_keys(hub, err);
    }
    if (rc == TP_OK) {
        rc = open_parts(hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erase_list_settle(hub, err);
    }
    if (rc != TP_OK) {
        tp_hub_close(hub);
    }
    return rc;
}

void tp_hub_close(tp_hub *hub)
{
    tp_answer_free(hub->answer);
    tp_hub_acceptor_free(hub->acceptor);
    tp_hub_judge_free(hub->judge);
    tp_hub_persons_free(hub->persons);
    tp_hub_store_close(hub->store);
    tp_key_free(hub->ca_key);
    tp_hmac_key_done(&hub->tags);
    tp_buf_done(&hub->ca);
    tp_lock_release(&hub->open_lock);
    memset(hub, 0, sizeof *hub);
    hub->open_lock.fd = -1;
}

/* ---- Transactions ---- */

static void read_clock(tp_hub *hub)
{
    tp_hub_state *state = tp_hub_store_state(hub->store);
    int64_t wall_ms = tp_clock_read(hub->clock).wall_ms;
    hub->is_clock_back = tp_stamp_hub_clock_is_back(wall_ms, state->clock_ms);
    if (wall_ms > state->clock_ms) {
        state->clock_ms = wall_ms;
    }
    hub->now_ms = state->clock_ms;
}

tp_rc tp_hub_begin(tp_hub *hub, tp_err *err)
{
    bool is_foreign = false;
    tp_rc rc = tp_hub_store_begin(hub->store, &is_foreign, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (is_foreign) {
        tp_hub_persons_forget(hub->persons);
    }
    tp_hub_persons_trim(hub->persons);
    read_clock(hub);
    rc = tp_hub_judge_due(hub->judge, hub->now_ms, err);
    if (rc != TP_OK) {
        tp_hub_rollback(hub);
    }
    return rc;
}

tp_rc tp_hub_look(tp_hub *hub, tp_err *err)
{
    bool is_foreign = false;
    tp_rc rc = tp_hub_store_begin_reading(hub->store, &is_foreign, err);
    if (rc == TP_OK) {
        tp_hub_persons_forget(hub->persons);
        read_clock(hub);
    }
    return rc;
}

tp_rc tp_hub_gauge(tp_hub *hub, tp_hub_gauges *gauges_out, tp_err *err)
{
    bool is_foreign = false;
    tp_rc rc = tp_hub_store_begin_reading(hub->store, &is_foreign, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (is_foreign) {
        tp_hub_persons_forget(hub->persons);
    }
    read_clock(hub);
    rc = tp_hub_store_gauge(hub->store, gauges_out, err);
    tp_hub_store_rollback(hub->store);
    return rc;
}

tp_rc tp_hub_commit(tp_hub *hub, tp_err *err)
{
    tp_rc rc = tp_hub_store_commit(hub->store, err);
    if (rc != TP_OK) {
        tp_hub_persons_forget(hub->persons);
        tp_hub_tally_drop(&hub->tally);
        return rc;
    }
    tp_hub_tally_keep(&hub->tally);
    return TP_OK;
}

void tp_hub_rollback(tp_hub *hub)
{
    tp_hub_store_rollback(hub->store);
    tp_hub_persons_forget(hub->persons);
    tp_hub_tally_drop(&hub->tally);
}

tp_rc tp_hub_mark(tp_hub *hub, tp_err *err)
{
    tp_hub_tally_mark(&hub->tally);
    return tp_hub_store_mark(hub->store, err);
}

tp_rc tp_hub_keep(tp_hub *hub, tp_err *err)
{
    return tp_hub_store_keep(hub->store, err);
}

void tp_hub_undo(tp_hub *hub)
{
    tp_hub_store_undo(hub->store);
    tp_hub_persons_forget(hub->persons);
    tp_hub_tally_undo(&hub->tally);
}

/* ---- Certificates ---- */

tp_rc tp_hub_certify(tp_hub *hub, const tp_public_key *key, uint64_t device, const char *agency,
                     tp_buf *out, int64_t *until_ms_out, tp_err *err)
{
    tp_issuer issuer = {tp_buf_slice(&hub->ca), hub->ca_key};
    tp_validity validity = {hub->now_ms, DEVICE_DAYS};
    tp_certificate_facts facts;
    size_t at = out->bytes;
    tp_rc rc =
        tp_certificate_make_device(&issuer, key, device, agency, hub->rng, validity, out, err);
    if (rc == TP_OK) {
        rc = tp_certificate_read(tp_slice_of(out->at + at, out->bytes - at), &facts, err);
    }
    if (rc == TP_OK) {
        *until_ms_out = facts.not_after_ms;
    }
    return rc;
}

static tp_rc renew_server(tp_hub *hub, const tp_buf *key_pem, int64_t now_ms, tp_buf *chain,
                          int64_t *until_ms_out, tp_err *err)
{
    tp_key *key = NULL;
    tp_path path;
    tp_certificate_facts facts;
    tp_buf_clear(chain);
    tp_rc rc = tp_key_from_pem(tp_buf_slice(key_pem), &key, err);
    if (rc == TP_OK) {
        rc = make_server_certificate(hub, key, now_ms, chain, err);
    }
    if (rc == TP_OK) {
        rc = tp_certificate_read(tp_buf_slice(chain), &facts, err);
    }
    if (rc == TP_OK) {
        rc = path_in(hub, "server.pem", &path, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_write(path.at, tp_buf_slice(chain), err);
    }
    if (rc == TP_OK) {
        *until_ms_out = facts.not_after_ms;
    }
    tp_key_free(key);
    return rc;
}

/* Near the end of the authority there is no later end to be had. */
static tp_rc is_server_due(const tp_hub *hub, int64_t until_ms, int64_t now_ms, bool *due_out,
                           tp_err *err)
{
    tp_certificate_facts ca;
    tp_rc rc = tp_certificate_read(tp_buf_slice(&hub->ca), &ca, err);
    if (rc == TP_OK) {
        *due_out = until_ms <= now_ms ||
                   (until_ms - now_ms < SERVER_LEFT_DAYS * DAY_MS && until_ms < ca.not_after_ms);
    }
    return rc;
}

/* The certificate there is, and how long it counts; none, or one for a key that is gone, has
 * ended. */
static tp_rc read_server(tp_hub *hub, tp_buf *chain, int64_t *until_ms_out, tp_err *err)
{
    tp_certificate_facts facts = {.not_after_ms = 0};
    tp_rc rc = TP_OK;
    bool has_key = has_file(hub, "server.key");
    if (!has_key) {
        rc = make_server_key(hub, err);
    }
    if (rc == TP_OK && has_key && has_file(hub, "server.pem")) {
        rc = read_in(hub, "server.pem", chain, err);
        if (rc == TP_OK) {
            rc = tp_certificate_read(tp_buf_slice(chain), &facts, err);
        }
    }
    *until_ms_out = facts.not_after_ms;
    return rc;
}

tp_rc tp_hub_server_identity(tp_hub *hub, tp_buf *key, tp_buf *chain, int64_t *until_ms_out,
                             tp_err *err)
{
    int64_t until_ms = 0;
    bool is_due = false;
    int64_t now_ms = tp_clock_read(hub->clock).wall_ms;
    tp_rc rc = read_server(hub, chain, &until_ms, err);
    if (rc == TP_OK) {
        rc = read_in(hub, "server.key", key, err);
    }
    if (rc == TP_OK) {
        rc = is_server_due(hub, until_ms, now_ms, &is_due, err);
    }
    if (rc == TP_OK && is_due) {
        rc = renew_server(hub, key, now_ms, chain, &until_ms, err);
    }
    *until_ms_out = until_ms;
    return rc == TP_OK ? tp_buf_add_slice(chain, tp_buf_slice(&hub->ca), err) : rc;
}

/* ---- Upgrades ---- */

static uint64_t mix(uint64_t hash, uint64_t n)
{
    return (hash ^ n) * UINT64_C(0x100000001b3); /* FNV-1a */
}

uint64_t tp_hub_schema_fingerprint(void)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const tp_entity_row *e = tp_entities; e->code != 0; e++) {
        hash = mix(mix(mix(hash, e->code), e->flags), e->kinds);
        for (const tp_field_row *f = e->fields; f->code != 0; f++) {
            hash = mix(mix(mix(hash, f->code), (uint64_t)f->type), (uint64_t)f->rule);
            hash = mix(mix(hash, f->flags), f->kinds);
        }
    }
    return mix(mix(hash, TP_KIND_COUNT), TP_PURPOSE_COUNT) >> 1;
}

tp_rc tp_hub_judge_upgrade(tp_hub *hub, tp_err *err)
{
    tp_rc rc = tp_hub_begin(hub, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_hub_state *state = tp_hub_store_state(hub->store);
    if (state->schema != tp_hub_schema_fingerprint()) {
        state->schema = tp_hub_schema_fingerprint();
        rc = tp_hub_judge_everybody(hub->judge, 0, hub->now_ms, err);
    }
    if (rc != TP_OK) {
        tp_hub_rollback(hub);
        return rc;
    }
    return tp_hub_commit(hub, err);
}
