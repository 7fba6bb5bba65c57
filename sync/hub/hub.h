/* A hub: its data directory, opened.
 *
 *   hub.db                 everything devices sent, feeds, agencies, devices
 *   hub.key                secret of the tags (32 bytes, hexadecimal), apart from the database so that a
 *                          copy of one cannot pass for the hub
 *   ca.key, ca.pem         the authority that signs devices; nodes pin it
 *   server.key, server.pem what TLS shows, with the CA behind it */
#ifndef TP_SYNC_HUB_HUB_H
#define TP_SYNC_HUB_HUB_H

#include "platform/os/clock.h"
#include "platform/os/random.h"
#include "sync/hub/store.h"

#define TP_HUB_DATABASE "hub.db"
#define TP_HUB_TAG_KEY "hub.key"
#define TP_HUB_CA "ca.pem"
#define TP_HUB_CA_KEY "ca.key"
#define TP_HUB_SERVER "server.pem"
#define TP_HUB_SERVER_KEY "server.key"
#define TP_HUB_LOCK "serve.lock" /* one server for each directory */

/* An embedded value: zero it, open it, close it. */
typedef struct tp_hub {
    const char *dir; /* borrowed */
    const tp_clock *clock;
    tp_rng *rng;
    tp_hub_store *store;
    tp_hmac_key tag_key;
    tp_key *ca_key;
    tp_buf ca; /* PEM */
} tp_hub;

/* Makes a new hub in `dir`, which must not hold one.
 * Errors: EXISTS there is a hub;  DENIED others may enter the directory;  IO. */
TP_MUST_USE tp_rc tp_hub_init(const char *dir, const tp_clock *clock, tp_rng *rng, tp_err *err);

/* Errors: NOTFOUND no hub here;  CORRUPT a key or certificate;  INVALID written by a newer program. */
TP_MUST_USE tp_rc tp_hub_open(const char *dir, const tp_clock *clock, tp_rng *rng, tp_hub *hub,
                              tp_err *err);
/* Harmless on one that is not open. */
void tp_hub_close(tp_hub *hub);

/* Reads a file of the directory into `out`. */
TP_MUST_USE tp_rc tp_hub_read_file(const char *dir, const char *name, tp_buf *out, tp_err *err);

#endif
