/* What the hub keeps, behind a narrow interface: facts (log, feed, devices, agencies), no rules.
 *
 * SQLite is the first implementation (store_sqlite*.c); PostgreSQL is to be a second.  So nothing
 * here names a database, every write stands between begin and commit, and a position in a feed is
 * only ever given by tp_hub_feed_put, inside the transaction that makes it visible.
 *
 * Agencies have small numbers, 1..TP_AGENCIES_MAX, that never leave the hub; 0 is no agency.
 *
 * Errors everywhere: BUSY another process writes (try again);  IO;  CORRUPT;  NOMEM.  Below, only
 * others are listed.   Thread: the one that opened the store. */
#ifndef TP_SYNC_HUB_STORE_H
#define TP_SYNC_HUB_STORE_H

#include "platform/base/buf.h"
#include "platform/base/findings.h"
#include "platform/crypto/certificate.h"
#include "platform/crypto/sign.h"
#include "platform/os/random.h"
#include "schema/change.h"
#include "sync/merge/stamp.h"
#include "sync/wire/held.h"

#define TP_HUB_LABEL_BYTES 129u /* with the zero byte */

typedef struct tp_hub_store tp_hub_store;

/* ---- Opening, and transactions ---- */

/* Opens (or, with `create`, makes) the database at `path` and brings it up to date.
 * Owns:   *store_out is the caller's, tp_hub_store_close().
 * Errors: NOTFOUND no database and not `create`;  INVALID written by a newer program. */
TP_MUST_USE tp_rc tp_hub_store_open(const char *path, bool create, tp_hub_store **store_out,
                                    tp_err *err);
void tp_hub_store_close(tp_hub_store *store); /* takes NULL */

/* As tp_store_keep_wal and tp_store_is_read_only (platform/store/sqlite.h): for the database that
 * is served, not for copies of it. */
void tp_hub_store_keep_wal(tp_hub_store *store);
bool tp_hub_store_is_read_only(const tp_hub_store *store);

/* Takes the writer's place.  *is_foreign_out: another process has written since this one's last
 * transaction, so that whatever was remembered outside the store is stale. */
TP_MUST_USE tp_rc tp_hub_store_begin(tp_hub_store *store, bool *is_foreign_out, tp_err *err);
/* For who only reads, beside a writer; ended by rollback. */
TP_MUST_USE tp_rc tp_hub_store_begin_reading(tp_hub_store *store, bool *is_foreign_out,
                                             tp_err *err);
/* All is durable, or on any error nothing is. */
TP_MUST_USE tp_rc tp_hub_store_commit(tp_hub_store *store, tp_err *err);
void tp_hub_store_rollback(tp_hub_store *store);

/* One request's part of a transaction that serves several.  Marks do not nest. */
TP_MUST_USE tp_rc tp_hub_store_mark(tp_hub_store *store, tp_err *err);
TP_MUST_USE tp_rc tp_hub_store_keep(tp_hub_store *store, tp_err *err);
void tp_hub_store_undo(tp_hub_store *store);

/* What was read, and what of it is not whole. */
typedef struct tp_hub_verified {
    uint64_t devices;           /* enrolled */
    uint64_t changes;           /* in the log */
    uint64_t quarantined;       /* and beside it */
    uint64_t erased;            /* and of which the name is left (store_erased.h) */
    uint64_t signatures;        /* that hold */
    uint64_t before_signatures; /* changes that came before those were kept */
    uint64_t entries;           /* of all feeds */
    uint64_t lost;              /* changes that went with an earlier state of the hub, for good */
    tp_findings losses;         /* whose they were; what is held is whole without them */
    tp_findings findings;
} tp_hub_verified;

/* How far it is, now and then.  NULL: nobody wants to know. */
typedef void (*tp_hub_verify_progress)(void *ctx, uint64_t done, uint64_t all);

/* Outside a transaction; others go on meanwhile, it reads one state of the store.  Reads everything
 * and goes on after a finding: the database against its own rules; each device's changes, in the
 * log and in quarantine, against the chain and what the device signed of it; over what was erased
 * by what was kept of the chain there; the stamps against
 * what was kept of them when they were given; what stands beside the bytes against the bytes;
 * acceptance numbers, feeds, the events of access, the codes of help requests.
 * It does not see damage to labels, agreements, enrolment codes, clocks compared and moments that
 * are due: a backup's seal does.
 * Owns:   *verified_out is large (20 KiB).
 * Errors: what is not whole is no error but a finding. */
TP_MUST_USE tp_rc tp_hub_store_verify(tp_hub_store *store, tp_hub_verify_progress progress,
                                      void *ctx, tp_hub_verified *verified_out, tp_err *err);
/* The same of a backup, which is only read, as `restore` does: it is copied to `path` and brought
 * up to date there, and the copy is removed.  A seal that does not fit is a finding.
 * Errors: NOTFOUND no backup;  INVALID no hub's database, or a newer program's. */
TP_MUST_USE tp_rc tp_hub_store_verify_backup(const char *path, const char *backup,
                                             tp_hub_verify_progress progress, void *ctx,
                                             tp_hub_verified *verified_out, tp_err *err);

/* As tp_hub_store_verify.  Errors: CORRUPT says what it found first. */
TP_MUST_USE tp_rc tp_hub_store_check(tp_hub_store *store, tp_err *err);

/* A consistent copy while others go on, sealed by a digest of all of it.
 * Errors: EXISTS there is something at `path`. */
TP_MUST_USE tp_rc tp_hub_store_backup(tp_hub_store *store, const char *path, tp_err *err);

typedef struct tp_hub_restored {
    bool has_before; /* there was a database, which is kept at PATH.before */
    bool is_sealed;  /* the backup had its seal; false: its changes alone were checked */
} tp_hub_restored;

/* Puts a backup, which is only read, in the place of the database at `path`, brought up to date and
 * with a new generation, since it knows less than devices do (store_back.h).  Nobody may have it
 * open.  It is copied and checked first, so that whatever fails or breaks off leaves the database
 * that was there.
 * Units:  random: for the generation;  now_ms = the machine's clock.
 * Errors: CORRUPT the backup is damaged;  EXISTS PATH.before is in the way;  NOTFOUND no backup;
 *         INVALID no hub's database, or a newer program's, or the one at `path` itself. */
TP_MUST_USE tp_rc tp_hub_store_restore(const char *path, const char *backup, uint64_t random,
                                       int64_t now_ms, tp_hub_restored *restored_out, tp_err *err);

/* ---- What there is one of ---- */

typedef struct tp_hub_state {
    uint64_t generation; /* of this hub's history: another one after it went back */
    uint64_t number;     /* the last acceptance number given */
    uint64_t directory;  /* version of agencies, agreements and devices: no two are alike */
    int64_t clock_ms;    /* the latest the hub's own clock has read */
    uint64_t schema;     /* fingerprint of the entities and fields the judging knew */
    uint64_t orphans;    /* changes that came before the one that creates their record */
    int64_t back_ms;     /* since when it collects what it lost (store_back.h); 0: it does not */
    uint64_t anew;       /* with back_ms, 1: it was made anew, so nobody is known to have synced */
    uint64_t ahead;      /* changes that were handed before their author pushed them again */
} tp_hub_state;

/* Read once for each transaction and kept by the store until it ends; change it in place, commit
 * writes it.  Not NULL between begin and the end. */
tp_hub_state *tp_hub_store_state(tp_hub_store *store);

/* ---- Agencies and their Information Sharing Agreements ---- */

typedef struct tp_hub_agency {
    uint16_t no;
    char id[TP_CERTIFICATE_NAME_BYTES];
    char label[TP_HUB_LABEL_BYTES];
} tp_hub_agency;

typedef struct tp_hub_agreement {
    uint16_t agency;
    int64_t from_ms;  /* UTC: the first moment */
    int64_t until_ms; /* the first moment after it; 0: open */
} tp_hub_agreement;

/* Known agencies, by number - 1; borrowed until the transaction ends. */
const tp_hub_agency *tp_hub_agencies(const tp_hub_store *store, size_t *count_out);
/* 0: no such agency. */
uint16_t tp_hub_agency_find(const tp_hub_store *store, tp_slice id);
/* NULL for 0 or an unknown number. */
const tp_hub_agency *tp_hub_agency_of(const tp_hub_store *store, uint16_t no);
/* Errors: EXISTS;  LIMIT TP_AGENCIES_MAX. */
TP_MUST_USE tp_rc tp_hub_agency_add(tp_hub_store *store, const char *id, const char *label,
                                    tp_err *err);

/* All agreements, by agency, then beginning; borrowed until the transaction ends. */
const tp_hub_agreement *tp_hub_agreements(const tp_hub_store *store, size_t *count_out);
TP_MUST_USE tp_rc tp_hub_agreement_put(tp_hub_store *store, const tp_hub_agreement *agreement,
                                       tp_err *err);

/* ---- Devices ---- */

/* What a hub that went back knows of a device. */
typedef enum tp_hub_standing {
    TP_HUB_NOT_AWAITED = 0,
    TP_HUB_AWAITED, /* what it has may be missing here */
    TP_HUB_HEARD,   /* it has compared everything */
    TP_HUB_EXCUSED  /* it is not waited for: the operator said so */
} tp_hub_standing;

typedef struct tp_hub_device {
    uint64_t id;
    uint16_t agency; /* for ever; 0: named in a change, never enrolled here */
    bool is_kiosk;   /* sends help requests, is sent nothing */
    char label[TP_HUB_LABEL_BYTES];
    tp_public_key key; /* who it is: certificates and chain signatures are by this key alone */
    int64_t certificate_until_ms;
    int64_t enrolled_ms;
    int64_t revoked_ms;         /* 0: not */
    int64_t last_sync_ms;       /* 0: never */
    int64_t last_stamp_ms;      /* of its last change */
    uint64_t cursor;            /* the position it acknowledged */
    uint64_t sent;              /* the highest position ever sent: what makes it a holder */
    uint64_t receipt;           /* give-backs done up to here, or none was due */
    uint64_t told;              /* the receipt that it sent last; 0: none */
    uint64_t accepted;          /* its changes up to this seq are at the hub */
    uint8_t h[TP_SHA256_BYTES]; /* the chain after `accepted` */
    uint64_t came_from;         /* the device whose data it is a copy of; 0: none */
    uint64_t came_from_seq;     /* that one's changes up to here are of both */
    tp_hub_standing standing;   /* while the hub collects what it lost */
} tp_hub_device;

/* Errors: NOTFOUND never enrolled here. */
TP_MUST_USE tp_rc tp_hub_device_get(tp_hub_store *store, uint64_t id, tp_hub_device *device_out,
                                    tp_err *err);
TP_MUST_USE tp_rc tp_hub_device_put(tp_hub_store *store, const tp_hub_device *device, tp_err *err);
typedef tp_rc (*tp_hub_device_visit)(void *ctx, const tp_hub_device *device, tp_err *err);
/* Enrolled devices, by the time of enrolment. */
TP_MUST_USE tp_rc tp_hub_devices(tp_hub_store *store, tp_hub_device_visit visit, void *ctx,
                                 tp_err *err);
/* Devices that came from this one, directly or through others, by the time of enrolment. */
TP_MUST_USE tp_rc tp_hub_devices_from(tp_hub_store *store, uint64_t id, tp_hub_device_visit visit,
                                      void *ctx, tp_err *err);
/* How many came after since_ms from the same first device as this one. */
TP_MUST_USE tp_rc tp_hub_devices_forked(tp_hub_store *store, uint64_t id, int64_t since_ms,
                                        uint32_t *count_out, tp_err *err);
/* Was it written by this device, or by one it came from?  Such a change it may hold without having
 * been sent it. */
TP_MUST_USE tp_rc tp_hub_device_wrote(tp_hub_store *store, const tp_hub_device *device,
                                      tp_name name, bool *wrote_out, tp_err *err);
/* The agency of a device; 0: not enrolled here.  Quick. */
uint16_t tp_hub_device_agency(const tp_hub_store *store, uint64_t id);

/* The eras of a device, ascending; of more than `max` the newest. */
TP_MUST_USE tp_rc tp_hub_eras_get(tp_hub_store *store, uint64_t device, tp_era *eras, size_t max,
                                  size_t *count_out, tp_err *err);
TP_MUST_USE tp_rc tp_hub_era_put(tp_hub_store *store, uint64_t device, const tp_era *era,
                                 tp_err *err);
TP_MUST_USE tp_rc tp_hub_eras_remove(tp_hub_store *store, uint64_t device, tp_err *err);

/* ---- Enrolment codes: only their digests are kept ---- */

typedef struct tp_hub_code {
    uint8_t digest[TP_SHA256_BYTES];
    uint16_t agency;
    bool is_kiosk;
    char label[TP_HUB_LABEL_BYTES];
    int64_t ends_ms;
} tp_hub_code;

/* Those that have ended by now_ms go. */
TP_MUST_USE tp_rc tp_hub_code_put(tp_hub_store *store, const tp_hub_code *code, int64_t now_ms,
                                  tp_err *err);
/* Takes a code for a device: from then on until it ends it is that one's alone.
 * Errors: NOTFOUND (also when it has ended by now_ms, or is another's). */
TP_MUST_USE tp_rc tp_hub_code_take(tp_hub_store *store, const uint8_t digest[TP_SHA256_BYTES],
                                   uint64_t device, int64_t now_ms, tp_hub_code *code_out,
                                   tp_err *err);

/* ---- Codes of help requests (schema/request_code.h), by their digests ---- */

/* The first request with a code, by acceptance number, keeps it: another one that says the same is
 * not found by it.  `request` is in the log. */
TP_MUST_USE tp_rc tp_hub_request_code_put(tp_hub_store *store, tp_slice code, tp_name request,
                                          tp_err *err);
/* Errors: NOTFOUND. */
TP_MUST_USE tp_rc tp_hub_request_code_find(tp_hub_store *store, tp_slice code, tp_name *request_out,
                                           tp_err *err);

/* ---- The log ---- */

typedef struct tp_hub_item {
    tp_name name;
    tp_name record;   /* == name where it creates the record */
    tp_name person;   /* whom the record is about; none: nobody known yet */
    uint32_t entity;  /* may be unknown to this program */
    uint16_t agency;  /* of the author's device; 0: not enrolled here */
    uint16_t creator; /* of the device that created the record */
    tp_stamp stamp;
    tp_slice bytes; /* borrowed: for a visit, until it returns */
} tp_hub_item;

typedef tp_rc (*tp_hub_item_visit)(void *ctx, const tp_hub_item *item, tp_err *err);

/* agency and creator are not looked at.  Errors: EXISTS. */
TP_MUST_USE tp_rc tp_hub_log_append(tp_hub_store *store, const tp_hub_item *item, tp_err *err);
/* Copies the bytes into `bytes` (cleared first) when it is not NULL.  Errors: NOTFOUND. */
TP_MUST_USE tp_rc tp_hub_log_get(tp_hub_store *store, tp_name name, tp_hub_item *item_out,
                                 tp_buf *bytes, tp_err *err);
/* What is about a person (none: about nobody known yet), record by record: the change that creates
 * it, then the others.  A record of which that change is not there is left out.  `record` not none:
 * that one only, whomever it is about, and whether or not the change that creates it is there. */
TP_MUST_USE tp_rc tp_hub_log_about(tp_hub_store *store, tp_name person, tp_name record,
                                   tp_hub_item_visit visit, void *ctx, tp_err *err);
/* From now on all changes of the record are about this person, whoever it was before. */
TP_MUST_USE tp_rc tp_hub_log_fill_person(tp_hub_store *store, tp_name record, tp_name person,
                                         tp_err *err);
/* The next person anything is about; *person_out none: there is no other. */
TP_MUST_USE tp_rc tp_hub_log_next_person(tp_hub_store *store, tp_name after, tp_name *person_out,
                                         tp_err *err);
/* Everything, by acceptance number; device 0: of all devices. */
TP_MUST_USE tp_rc tp_hub_log_all(tp_hub_store *store, uint64_t device, uint64_t after_number,
                                 tp_hub_item_visit visit, void *ctx, tp_err *err);

/* ---- What devices signed: with the bytes in the log it shows that they wrote them ---- */

/* One push that was accepted; those of a device follow each other without gaps. */
typedef struct tp_hub_push {
    tp_name last;               /* its last change */
    uint64_t count;             /* of changes */
    uint8_t h[TP_SHA256_BYTES]; /* the chain after the last */
    uint8_t signature[TP_SIGNATURE_BYTES];
    uint8_t stamps[TP_STAMPS_DIGEST_BYTES]; /* of the stamps its changes were given */
} tp_hub_push;

/* Errors: EXISTS. */
TP_MUST_USE tp_rc tp_hub_push_put(tp_hub_store *store, const tp_hub_push *push, tp_err *err);

/* The chain after this change, from the push before it and the changes since.  *known_out false:
 * some of these are not here. */
TP_MUST_USE tp_rc tp_hub_chain_at(tp_hub_store *store, tp_name upto, uint8_t h_out[TP_SHA256_BYTES],
                                  bool *known_out, tp_err *err);

/* Changes that say who may hold what, by each person they touch.  Adding twice is harmless. */
TP_MUST_USE tp_rc tp_hub_event_add(tp_hub_store *store, tp_name person, tp_name change,
                                   tp_err *err);
TP_MUST_USE tp_rc tp_hub_events_about(tp_hub_store *store, tp_name person, tp_hub_item_visit visit,
                                      void *ctx, tp_err *err);

/* ---- Moments at which access may change by itself ---- */

/* person none: an agreement's date, which concerns everybody.  Adding twice is harmless. */
TP_MUST_USE tp_rc tp_hub_due_add(tp_hub_store *store, int64_t at_ms, tp_name person, tp_err *err);
/* Takes the earliest that is not after now_ms.  *found_out false: there is none. */
TP_MUST_USE tp_rc tp_hub_due_take(tp_hub_store *store, int64_t now_ms, bool *found_out,
                                  tp_name *person_out, tp_err *err);

/* ---- Feeds: one for each agency, and the ledger of what its devices hold ---- */

typedef struct tp_hub_feed_row {
    tp_name name;
    uint64_t position;       /* 1.. in this agency's feed; 0: never in it */
    uint64_t first_position; /* where it first stood; not above `sent` where somebody was sent it */
    bool is_held;            /* false: given back */
    uint32_t verdict;        /* TP_VERDICT_... on the change that creates the record */
    bool is_erased;          /* read by tp_hub_feed_given_back alone */
} tp_hub_feed_row;

/* Where a change stands in every feed: rows_out has one for each agency, by number - 1; position 0
 * where the change was never in it. */
TP_MUST_USE tp_rc tp_hub_feed_of(tp_hub_store *store, tp_name name, tp_hub_feed_row *rows_out,
                                 tp_err *err);
/* Puts a change at the end of the feed; row->position says where it was (0: nowhere) and then where
 * it is.  first_position is set when it is 0. */
TP_MUST_USE tp_rc tp_hub_feed_put(tp_hub_store *store, uint16_t agency, tp_hub_feed_row *row,
                                  tp_err *err);
/* Takes a change that was never sent out of the feed: as if it had never been in it. */
TP_MUST_USE tp_rc tp_hub_feed_drop(tp_hub_store *store, uint16_t agency, tp_hub_feed_row *row,
                                   tp_err *err);
/* The highest position any device of the agency was ever sent. */
uint64_t tp_hub_feed_sent(const tp_hub_store *store, uint16_t agency);
/* The last position given. */
uint64_t tp_hub_feed_end(const tp_hub_store *store, uint16_t agency);

typedef tp_rc (*tp_hub_feed_visit)(void *ctx, const tp_hub_feed_row *row, const tp_hub_item *item,
                                   tp_err *err);
/* Held rows of the device's agency after a position, in its order, without its own changes (but for
 * those that were given back meanwhile); a visit that answers LIMIT ends it without an error. */
TP_MUST_USE tp_rc tp_hub_feed_held(tp_hub_store *store, const tp_hub_device *device, uint64_t after,
                                   tp_hub_feed_visit visit, void *ctx, tp_err *err);
/* How many that would visit, as far as TP_LEFT_ROWS_MAX rows reach. */
TP_MUST_USE tp_rc tp_hub_feed_left(tp_hub_store *store, const tp_hub_device *device, uint64_t after,
                                   uint64_t *count_out, tp_err *err);
/* What this device must still give back, by position: rows given back after its receipt that were
 * sent to it, or written by it or one it came from.  `item` is NULL; LIMIT from the visit as
 * above. */
TP_MUST_USE tp_rc tp_hub_feed_given_back(tp_hub_store *store, const tp_hub_device *device,
                                         tp_hub_feed_visit visit, void *ctx, tp_err *err);
/* Did the agency ever hold anything about the person: written by it, or in its feed?  What was
 * taken out of the feed before anybody was sent it was not held; and consent events do not count,
 * since they are what this is asked for. */
TP_MUST_USE tp_rc tp_hub_feed_ever_held(tp_hub_store *store, uint16_t agency, tp_name person,
                                        bool *held_out, tp_err *err);

typedef struct tp_hub_holding {
    const tp_hub_device *device;
    tp_name name;
    tp_name record;
    uint32_t entity;
    bool is_own;     /* written on this device, or on one it came from */
    bool is_to_give; /* due to be given back, no receipt yet */
} tp_hub_holding;

/* The ledger about one person, device by device: what was sent to it, or written on it, and not
 * given back. */
typedef tp_rc (*tp_hub_holding_visit)(void *ctx, const tp_hub_holding *holding, tp_err *err);
TP_MUST_USE tp_rc tp_hub_holdings(tp_hub_store *store, tp_name person, tp_hub_holding_visit visit,
                                  void *ctx, tp_err *err);

/* ---- What an agency holds, in short (sync/wire/held.h) ---- */

/* The sum of what a device should hold: the held rows of its agency's feed, which is kept with
 * every one of them, and what of its own stands apart. */
TP_MUST_USE tp_rc tp_hub_held_sum(tp_hub_store *store, const tp_hub_device *device,
                                  tp_held_sum *sum_out, tp_err *err);
/* This change is not in the feed of its author's agency and is not given back either: its device
 * keeps it, until it comes into that feed. */
TP_MUST_USE tp_rc tp_hub_apart_put(tp_hub_store *store, tp_name name, tp_err *err);

/* One held change; `bytes` borrowed until it returns.  LIMIT: this one is not taken, and no
 * more. */
typedef tp_rc (*tp_hub_held_visit)(void *ctx, tp_name name, tp_slice bytes, const tp_said *said,
                                   tp_err *err);
/* What a device should hold, by name.  It looks at about so many rows and then stops:
 * *reached_out is the last name up to which everything was visited, range->upto at the end. */
TP_MUST_USE tp_rc tp_hub_held_walk(tp_hub_store *store, const tp_hub_device *device,
                                   const tp_name_range *range, uint32_t looked_max,
                                   tp_hub_held_visit visit, void *ctx, tp_name *reached_out,
                                   tp_err *err);
/* Where one change stands in one feed; position 0: it was never in it. */
TP_MUST_USE tp_rc tp_hub_feed_get(tp_hub_store *store, uint16_t agency, tp_name name,
                                  tp_hub_feed_row *row_out, tp_err *err);

/* ---- Quarantine: bytes that could not be applied, whole ---- */

typedef struct tp_hub_quarantined {
    tp_name name;
    int64_t received_ms;
    tp_stamp stamp;   /* that it took, and has when it is accepted after all */
    uint32_t code;    /* sync/wire: why */
    const char *text; /* one line, without personal data; borrowed */
    bool is_dismissed;
    tp_slice bytes; /* borrowed */
} tp_hub_quarantined;

typedef tp_rc (*tp_hub_quarantine_visit)(void *ctx, const tp_hub_quarantined *entry, tp_err *err);

TP_MUST_USE tp_rc tp_hub_quarantine_put(tp_hub_store *store, const tp_hub_quarantined *entry,
                                        tp_err *err);
TP_MUST_USE tp_rc tp_hub_quarantine_remove(tp_hub_store *store, tp_name name, tp_err *err);
/* By acceptance number; device 0: of all devices. */
TP_MUST_USE tp_rc tp_hub_quarantine_all(tp_hub_store *store, uint64_t device,
                                        tp_hub_quarantine_visit visit, void *ctx, tp_err *err);
/* The one of this name; visits nothing where there is none. */
TP_MUST_USE tp_rc tp_hub_quarantine_get(tp_hub_store *store, tp_name name,
                                        tp_hub_quarantine_visit visit, void *ctx, tp_err *err);

/* ---- For `health` ---- */

typedef struct tp_hub_counts {
    uint64_t devices;
    uint64_t agencies;
    uint64_t changes;
    uint64_t quarantined;
    uint64_t database_bytes;
} tp_hub_counts;

TP_MUST_USE tp_rc tp_hub_count(tp_hub_store *store, tp_hub_counts *counts_out, tp_err *err);

/* ---- For who looks every few seconds: nothing that takes longer the more is kept ---- */

typedef struct tp_hub_gauges {
    uint64_t devices;       /* enrolled, not revoked */
    uint64_t never_synced;  /* of these */
    uint64_t revoked;       /* beside these */
    int64_t oldest_sync_ms; /* of those that have synced and are not revoked; 0: none has */
    uint64_t quarantined;   /* not dismissed */
    uint64_t number;        /* the last acceptance number given */
    uint64_t database_bytes;
    uint64_t wal_bytes;
} tp_hub_gauges;

/* In a transaction. */
TP_MUST_USE tp_rc tp_hub_store_gauge(tp_hub_store *store, tp_hub_gauges *gauges_out, tp_err *err);

#endif
