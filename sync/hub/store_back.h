/* What the hub keeps while it collects what it lost: part of store.h, and like it an interface, of
 * facts alone.  Errors as in store.h.  Source: design section 6, A hub that went back. */
#ifndef TP_SYNC_HUB_STORE_BACK_H
#define TP_SYNC_HUB_STORE_BACK_H

#include "sync/hub/store.h"

/* A new generation, in the transaction at hand: every device is to compare everything, is taken to
 * hold what its agency's feed has, and is waited for if it ever synced; numbers and the directory's
 * version go on above what the lost history can have given; codes that were not used yet work no
 * more, since they may have been used.
 * Units: generation is later than any before (sync/wire/generation.h);  now_ms is never before what
 * the clock once read.
 * is_anew: there is nothing that says who ever synced; which stays so until it ends. */
TP_MUST_USE tp_rc tp_hub_back_begin(tp_hub_store *store, uint64_t generation, int64_t now_ms,
                                    bool is_anew, tp_err *err);
/* Nobody is waited for any more.  What was accepted meanwhile, and what a verdict fell on, goes to
 * the end of the feeds: a device may have passed it while it was withheld, or have it with an older
 * stamp. */
TP_MUST_USE tp_rc tp_hub_back_end(tp_hub_store *store, tp_err *err);

/* How many devices are waited for. */
TP_MUST_USE tp_rc tp_hub_back_awaited(tp_hub_store *store, uint64_t *count_out, tp_err *err);

/* A device that is not enrolled here, by changes of its that others handed. */
typedef struct tp_hub_author {
    uint64_t id;
    tp_hub_standing standing;
    uint64_t changes;
} tp_hub_author;

typedef tp_rc (*tp_hub_author_visit)(void *ctx, const tp_hub_author *author, tp_err *err);
TP_MUST_USE tp_rc tp_hub_back_authors(tp_hub_store *store, tp_hub_author_visit visit, void *ctx,
                                      tp_err *err);
/* Whether or not it is enrolled.  Errors: NOTFOUND nothing is known of it. */
TP_MUST_USE tp_rc tp_hub_standing_put(tp_hub_store *store, uint64_t device,
                                      tp_hub_standing standing, tp_err *err);

/* ---- Changes that came before their author pushed them ---- */

/* Its author is waited for, unless it was heard, excused or revoked.  Once for each change. */
TP_MUST_USE tp_rc tp_hub_ahead_put(tp_hub_store *store, tp_name name, tp_err *err);
/* The first of the device's behind *name; its seq 0: there is none. */
TP_MUST_USE tp_rc tp_hub_ahead_next(tp_hub_store *store, tp_name *name, tp_err *err);
/* What is here of the device behind `upto` is as if others had handed it: its author has another
 * history from there on.  h = the chain at `upto`. */
TP_MUST_USE tp_rc tp_hub_ahead_rewind(tp_hub_store *store, tp_name upto,
                                      const uint8_t h[TP_SHA256_BYTES], tp_err *err);
/* Its author has pushed up to here.  *latest_ms_out: the latest stamp of those that had come
 * before; 0: there were none. */
TP_MUST_USE tp_rc tp_hub_ahead_end(tp_hub_store *store, tp_name upto, int64_t *latest_ms_out,
                                   tp_err *err);

/* The last change of a device, up to this one, that was given a number before this number; 0: there
 * is none in the log. */
TP_MUST_USE tp_rc tp_hub_log_before(tp_hub_store *store, tp_name upto, uint64_t number,
                                    uint64_t *seq_out, tp_err *err);

/* `count` changes up to this one were accepted once and are on their device no more; others may
 * still hand some of them. */
TP_MUST_USE tp_rc tp_hub_missing_put(tp_hub_store *store, tp_name last, uint64_t count,
                                     const uint8_t h[TP_SHA256_BYTES], tp_err *err);

/* Puts a change at the end of each feed that holds it, so that it is sent again. */
TP_MUST_USE tp_rc tp_hub_feed_again(tp_hub_store *store, tp_name name, tp_err *err);

/* Gives a change the stamp that it was proven to have had: in the log, and in what is kept of the
 * stamps of its push. */
TP_MUST_USE tp_rc tp_hub_log_restamp(tp_hub_store *store, tp_name name, const tp_stamp *stamp,
                                     tp_err *err);

/* ---- Devices that called and are not enrolled here ---- */

typedef struct tp_hub_caller {
    uint64_t id;
    char agency[TP_CERTIFICATE_NAME_BYTES]; /* in its certificate; may not be known here */
    tp_public_key key;
    int64_t certificate_until_ms;
    int64_t called_ms; /* last */
} tp_hub_caller;

/* The ones that called longest ago make room beyond TP_HUB_CALLERS_MAX. */
TP_MUST_USE tp_rc tp_hub_caller_put(tp_hub_store *store, const tp_hub_caller *caller, tp_err *err);
typedef tp_rc (*tp_hub_caller_visit)(void *ctx, const tp_hub_caller *caller, tp_err *err);
/* By the time of the last call. */
TP_MUST_USE tp_rc tp_hub_callers(tp_hub_store *store, tp_hub_caller_visit visit, void *ctx,
                                 tp_err *err);
/* Takes it out.  Errors: NOTFOUND. */
TP_MUST_USE tp_rc tp_hub_caller_take(tp_hub_store *store, uint64_t id, tp_hub_caller *caller_out,
                                     tp_err *err);

#endif
