/* A node: one data directory, opened.  Everything the commands, the pages and the background
 * process do begins here.
 *
 *   node.db             log, views, settings          key.pem   this device's key
 *   cert.pem, ca.pem    since it was enrolled         *.lock    one sync, one background process
 *   wake                pokes the background process
 *
 * After a fork (fork.h) key and certificate are key-ID.pem and cert-ID.pem, by the id it took: so
 * one transaction of the database changes the id and what proves it. */
#ifndef TP_NODE_RECORD_NODE_H
#define TP_NODE_RECORD_NODE_H

#include "node/view/view.h"
#include "platform/os/clock.h"
#include "platform/os/file.h"
#include "platform/os/lock.h"
#include "platform/os/random.h"
#include "sync/merge/merge.h"

#define TP_NODE_DATABASE "node.db"
#define TP_NODE_KEY "key.pem"
#define TP_NODE_CERTIFICATE "cert.pem"
#define TP_NODE_CA "ca.pem"
#define TP_NODE_SYNC_LOCK "sync.lock"
#define TP_NODE_RUN_LOCK "run.lock"
#define TP_NODE_WAKE "wake"

/* An embedded value: zero it, open it, close it. */
typedef struct tp_node {
    tp_path dir;
    const tp_clock *clock;
    tp_rng *rng;
    tp_store *store; /* NULL: closed */
    tp_log *log;
    tp_view *view;
    tp_merge *merge; /* the view's */
    bool wakes_late; /* for whoever writes much at once: tp_write_wake does nothing meanwhile */
} tp_node;

/* Makes a new node in `dir`, which must not hold one: works at once, without a hub.
 * Errors: EXISTS there is a node;  INVALID the agency id;  DENIED others may enter the
 *         directory. */
TP_MUST_USE tp_rc tp_node_init(const char *dir, tp_slice agency, const tp_clock *clock, tp_rng *rng,
                               tp_err *err);

/* Opens a node, brings its tables up to date and its views, where this program knows more than the
 * one that made them.
 * Errors: NOTFOUND no node here: `teapot init`;  INVALID a newer program wrote it;  DENIED,
 *         CORRUPT, BUSY, IO. */
TP_MUST_USE tp_rc tp_node_open(const char *dir, const tp_clock *clock, tp_rng *rng, tp_node *node,
                               tp_err *err);
/* The same, but for the views: whoever opens it so sees to them (rebuild.h) before anything is read
 * from them. */
TP_MUST_USE tp_rc tp_node_open_as_is(const char *dir, const tp_clock *clock, tp_rng *rng,
                                     tp_node *node, tp_err *err);
/* Harmless on one that is not open. */
void tp_node_close(tp_node *node);

/* "dir/name" of a file of the node. */
TP_MUST_USE tp_rc tp_node_path(const tp_node *node, const char *name, tp_path *path_out,
                               tp_err *err);

/* "key.pem" (TP_NODE_KEY) or "cert.pem" of one id of this node. */
TP_MUST_USE tp_rc tp_node_id_path(const tp_node *node, uint64_t device, const char *name,
                                  tp_path *path_out, tp_err *err);
/* Of the id it has now. */
TP_MUST_USE tp_rc tp_node_own_path(const tp_node *node, const char *name, tp_path *path_out,
                                   tp_err *err);

/* Takes a lock of the node by its file's name.  Errors: BUSY with `busy` as its text: who has it,
 * and what to do;  DENIED, IO. */
TP_MUST_USE tp_rc tp_node_lock(const tp_node *node, const char *name, const char *busy,
                               tp_lock *lock_out, tp_err *err);

/* Settings: text by name, for what is neither a change nor a view.  A setting that was never put is
 * "".
 * Shape:  get appends to `out`. */
TP_MUST_USE tp_rc tp_node_setting_get(tp_tx *tx, const char *name, tp_buf *out, tp_err *err);
TP_MUST_USE tp_rc tp_node_setting_put(tp_tx *tx, const char *name, tp_slice value, tp_err *err);

#define TP_SETTING_HUB "hub"             /* https://host:port; empty: not enrolled */
#define TP_SETTING_LAST_SYNC "last_sync" /* hub time of the last whole sync, ms UTC */
#define TP_SETTING_PROTOCOL "protocol"   /* version the hub spoke last */
#define TP_SETTING_FORK "fork"           /* the id it is about to take, as hexadecimal digits */

#endif
