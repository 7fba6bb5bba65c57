/* The hub opened: its data directory, keys and clock, and what judges and answers over its store.
 *
 * The directory (0700) holds hub.db, hub.key (the key of the tags, kept apart from the database, so
 * that a copy of the one proves nothing without the other), ca.key, ca.pem, server.key,
 * server.pem once it has served, and erased.list (erase_list.h).  hub.lock is shared by whoever has
 * the hub open and taken alone by `restore`, so that nobody writes to a database that was moved
 * aside; serve.lock is the server's. */
#ifndef TP_SYNC_HUB_HUB_H
#define TP_SYNC_HUB_HUB_H

#include "platform/crypto/certificate.h"
#include "platform/os/clock.h"
#include "platform/os/file.h"
#include "platform/os/lock.h"
#include "sync/hub/accept.h"
#include "sync/hub/tally.h"
#include "sync/session/answer.h"

#define TP_HUB_OPEN_LOCK "hub.lock"
#define TP_HUB_SERVE_LOCK "serve.lock"

typedef struct tp_hub {
    tp_path dir;
    tp_lock open_lock;
    const tp_clock *clock;
    tp_rng *rng;
    tp_hub_store *store;
    tp_hub_persons *persons;
    tp_hub_judge *judge;
    tp_hub_acceptor *acceptor;
    tp_answer *answer;
    tp_hmac_key tags;
    tp_key *ca_key;
    tp_buf ca;          /* PEM */
    int64_t now_ms;     /* of the transaction at hand; never goes back */
    bool is_clock_back; /* the machine's clock is behind what it once read */
    tp_hub_tally tally;
} tp_hub;

/* Makes the directory and everything in it, or ends a making that was cut off.
 * Errors: EXISTS there is a hub there already, or the keys of one;  DENIED, IO of the
 *         directory. */
TP_MUST_USE tp_rc tp_hub_make(const char *dir, const tp_clock *clock, tp_rng *rng, tp_err *err);
/* Makes a hub that was lost anew, in a directory that has the three files that are kept apart
 * (hub.key, ca.key, ca.pem) and no database: it knows nobody, and collects what its devices have
 * (sync/hub/back.h).
 * Errors: EXISTS there is a hub there already;  NOTFOUND one of the files;  CORRUPT one of them. */
TP_MUST_USE tp_rc tp_hub_make_again(const char *dir, const tp_clock *clock, tp_rng *rng,
                                    tp_err *err);

/* Opens what `make` made.  Owns: *hub is embedded, tp_hub_close(); close is harmless where open
 * failed.
 * Errors: NOTFOUND no hub there, or none that is whole;  DENIED others may enter the directory;
 *         CORRUPT a key file;  BUSY a backup is being put in place, or others write while what was
 *         erased goes again. */
TP_MUST_USE tp_rc tp_hub_open(const char *dir, const tp_clock *clock, tp_rng *rng, tp_hub *hub,
                              tp_err *err);
void tp_hub_close(tp_hub *hub);

/* Begins a transaction: reads the clock, drops what another process has made stale, judges what a
 * date has moved.  Errors: BUSY. */
TP_MUST_USE tp_rc tp_hub_begin(tp_hub *hub, tp_err *err);
/* On any error nothing of it was done. */
TP_MUST_USE tp_rc tp_hub_commit(tp_hub *hub, tp_err *err);
void tp_hub_rollback(tp_hub *hub);

/* Begins a transaction that only reads, beside a server: nothing is judged, the clock is read.
 * Ended by rollback. */
TP_MUST_USE tp_rc tp_hub_look(tp_hub *hub, tp_err *err);

/* How it stands, outside a transaction: what was remembered stays.  Reads the clock. */
TP_MUST_USE tp_rc tp_hub_gauge(tp_hub *hub, tp_hub_gauges *gauges_out, tp_err *err);

/* One request's part of it; undo forgets what was remembered from it. */
TP_MUST_USE tp_rc tp_hub_mark(tp_hub *hub, tp_err *err);
TP_MUST_USE tp_rc tp_hub_keep(tp_hub *hub, tp_err *err);
void tp_hub_undo(tp_hub *hub);

/* The certificate of a device, PEM, appended; *until_ms_out: its last moment. */
TP_MUST_USE tp_rc tp_hub_certify(tp_hub *hub, const tp_public_key *key, uint64_t device,
                                 const char *agency, tp_buf *out, int64_t *until_ms_out,
                                 tp_err *err);

/* Server key and certificate with the CA behind it, PEM; *until_ms_out: the certificate's last
 * moment.  It is made anew when it ends within a year, and what is missing is made: a hub put
 * together from a backup and the three files that are kept apart (hub.key, ca.key, ca.pem) serves
 * again.
 * Errors: INVALID the authority has ended. */
TP_MUST_USE tp_rc tp_hub_server_identity(tp_hub *hub, tp_buf *key, tp_buf *chain,
                                         int64_t *until_ms_out, tp_err *err);

/* What the judging of this program knows of the data: another value after an upgrade. */
uint64_t tp_hub_schema_fingerprint(void);
/* Judges everybody where the program has been upgraded since. */
TP_MUST_USE tp_rc tp_hub_judge_upgrade(tp_hub *hub, tp_err *err);

#endif
