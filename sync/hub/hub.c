/* Making and opening a hub's data directory. */
#include "sync/hub/hub.h"

#include "platform/base/encode.h"
#include "platform/crypto/certificate.h"
#include "platform/os/file.h"

enum { TAG_KEY_BYTES = 32 };

tp_rc tp_hub_read_file(const char *dir, const char *name, tp_buf *out, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_path_join(dir, name, &path, err);
    return rc == TP_OK ? tp_file_read(path.at, out, err) : rc;
}

/* ---- Making ---- */

static tp_rc create_file(const char *dir, const char *name, tp_slice content, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_path_join(dir, name, &path, err);
    return rc == TP_OK ? tp_file_create(path.at, content, err) : rc;
}

static void wipe(tp_buf *secret)
{
    if (secret->at != NULL) {
        tp_secret_wipe(secret->at, secret->room);
    }
    tp_buf_done(secret);
}

static tp_rc create_key(const char *dir, const char *name, tp_rng *rng, tp_key **key_out,
                        tp_err *err)
{
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_key_generate(rng, key_out, err);
    if (rc == TP_OK) {
        rc = tp_key_to_pem(*key_out, &pem, err);
    }
    if (rc == TP_OK) {
        rc = create_file(dir, name, tp_buf_slice(&pem), err);
    }
    wipe(&pem);
    return rc;
}

static tp_rc create_tag_key(const char *dir, tp_rng *rng, tp_err *err)
{
    uint8_t secret[TAG_KEY_BYTES];
    char text[TP_HEX_ROOM(TAG_KEY_BYTES)];
    tp_rng_fill(rng, secret, sizeof secret);
    tp_hex_encode(tp_slice_of(secret, sizeof secret), text);
    tp_rc rc = create_file(dir, TP_HUB_TAG_KEY, tp_slice_str(text), err);
    tp_secret_wipe(secret, sizeof secret);
    tp_secret_wipe(text, sizeof text);
    return rc;
}

/* The server's certificate lives as long as the authority: nodes trust it by the authority they pinned,
 * and a hub in a cupboard that stops on some day a year from now helps nobody. */
static tp_rc create_certificates(const char *dir, const tp_clock *clock, tp_rng *rng, tp_err *err)
{
    tp_key *ca_key = NULL;
    tp_key *server_key = NULL;
    tp_public_key server_public;
    tp_buf ca;
    tp_buf server;
    tp_buf_init(&ca, TP_PEM_BYTES_MAX);
    tp_buf_init(&server, TP_PEM_BYTES_MAX);
    const int64_t now_ms = tp_clock_read(clock).wall_ms;
    tp_rc rc = create_key(dir, TP_HUB_CA_KEY, rng, &ca_key, err);
    if (rc == TP_OK) {
        rc = create_key(dir, TP_HUB_SERVER_KEY, rng, &server_key, err);
    }
    if (rc == TP_OK) {
        rc = tp_certificate_make_ca(ca_key, rng, now_ms, &ca, err);
    }
    if (rc == TP_OK) {
        const tp_issuer issuer = {tp_buf_slice(&ca), ca_key};
        const tp_validity validity = {now_ms, TP_CA_DAYS};
        tp_key_public(server_key, &server_public);
        rc = tp_certificate_make_server(&issuer, &server_public, rng, validity, &server, err);
    }
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(&server, tp_buf_slice(&ca), err);
    }
    if (rc == TP_OK) {
        rc = create_file(dir, TP_HUB_SERVER, tp_buf_slice(&server), err);
    }
    if (rc == TP_OK) {
        rc = create_file(dir, TP_HUB_CA, tp_buf_slice(&ca), err);
    }
    tp_buf_done(&server);
    tp_buf_done(&ca);
    tp_key_free(server_key);
    tp_key_free(ca_key);
    return rc;
}

tp_rc tp_hub_init(const char *dir, const tp_clock *clock, tp_rng *rng, tp_err *err)
{
    tp_path path;
    tp_hub_store *store = NULL;
    tp_rc rc = tp_dir_make_private(dir, err);
    if (rc == TP_OK) {
        rc = tp_path_join(dir, TP_HUB_DATABASE, &path, err);
    }
    if (rc == TP_OK && tp_file_exists(path.at)) {
        rc = tp_fail(err, TP_EXISTS, "there is a hub here already");
    }
    if (rc == TP_OK) {
        rc = create_certificates(dir, clock, rng, err);
    }
    if (rc == TP_OK) {
        rc = create_tag_key(dir, rng, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_open(path.at, true, &store, err);
    }
    tp_hub_store_close(store);
    return rc;
}

/* ---- Opening ---- */

static tp_rc read_tag_key(tp_hub *hub, tp_err *err)
{
    tp_buf text;
    uint8_t secret[TAG_KEY_BYTES];
    tp_buf_init(&text, TP_HEX_ROOM(TAG_KEY_BYTES));
    tp_rc rc = tp_hub_read_file(hub->dir, TP_HUB_TAG_KEY, &text, err);
    if (rc == TP_OK && !tp_hex_decode(tp_buf_slice(&text), secret, sizeof secret)) {
        rc = tp_fail(err, TP_CORRUPT, "%s is not 64 hexadecimal digits", TP_HUB_TAG_KEY);
    }
    if (rc == TP_OK) {
        tp_hmac_key_init(&hub->tag_key, tp_slice_of(secret, sizeof secret));
    }
    tp_secret_wipe(secret, sizeof secret);
    wipe(&text);
    return rc;
}

static tp_rc read_authority(tp_hub *hub, tp_err *err)
{
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_hub_read_file(hub->dir, TP_HUB_CA, &hub->ca, err);
    if (rc == TP_OK) {
        rc = tp_hub_read_file(hub->dir, TP_HUB_CA_KEY, &pem, err);
    }
    if (rc == TP_OK) {
        rc = tp_key_from_pem(tp_buf_slice(&pem), &hub->ca_key, err);
    }
    wipe(&pem);
    return rc;
}

tp_rc tp_hub_open(const char *dir, const tp_clock *clock, tp_rng *rng, tp_hub *hub, tp_err *err)
{
    tp_path path;
    memset(hub, 0, sizeof *hub);
    hub->dir = dir;
    hub->clock = clock;
    hub->rng = rng;
    tp_buf_init(&hub->ca, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_dir_check_private(dir, err);
    if (rc == TP_OK) {
        rc = tp_path_join(dir, TP_HUB_DATABASE, &path, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_open(path.at, false, &hub->store, err);
    }
    if (rc == TP_NOTFOUND) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no hub here: run `teapot-hub init`, or say --dir");
    }
    if (rc == TP_OK) {
        rc = read_tag_key(hub, err);
    }
    if (rc == TP_OK) {
        rc = read_authority(hub, err);
    }
    if (rc != TP_OK) {
        tp_hub_close(hub);
    }
    return rc;
}

void tp_hub_close(tp_hub *hub)
{
    tp_hub_store_close(hub->store);
    tp_hmac_key_done(&hub->tag_key);
    tp_key_free(hub->ca_key);
    tp_buf_done(&hub->ca);
    hub->store = NULL;
    hub->ca_key = NULL;
}
