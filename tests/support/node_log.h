/* One node's log and views in a directory of its own, with a clock and randomness that the test
 * owns. Every call must succeed, or the test fails there. */
#ifndef TP_TESTS_SUPPORT_NODE_LOG_H
#define TP_TESTS_SUPPORT_NODE_LOG_H

#include "platform/os/file.h"
#include "schema/entity.h"
#include "sync/log/log.h"
#include "sync/log/push.h"
#include "sync/merge/merge.h"
#include "sync/merge/record.h"

/* 2026-01-05T09:00Z: when these tests begin. */
#define TP_NODE_LOG_NOW_MS INT64_C(1767603600000)

typedef struct tp_node_log {
    tp_path dir;
    tp_path path; /* the database */
    tp_store *store;
    tp_log *log;
    tp_merge *merge;
    tp_clock_fixed clock;
    tp_rng_seeded rng;
} tp_node_log;

void tp_node_log_open(tp_node_log *node, const char *agency, uint64_t seed);
/* Closes and opens it again, as a new process would. */
void tp_node_log_reopen(tp_node_log *node);
/* Its database as it is now; and that put back, as an older card is. */
void tp_node_log_keep(tp_node_log *node, tp_buf *copy_out);
void tp_node_log_put_back(tp_node_log *node, const tp_buf *copy);
/* Nothing may be left in the middle; the directory goes. */
void tp_node_log_close(tp_node_log *node);

void tp_node_log_begin(tp_node_log *node, tp_tx *tx, tp_tx_mode mode);
void tp_node_log_commit(tp_tx *tx);

/* Each writes one change in a transaction of its own and answers its name. */
tp_name tp_node_log_person(tp_node_log *node, const char *name);
tp_name tp_node_log_contact(tp_node_log *node, tp_name person, const char *note);
tp_name tp_node_log_join(tp_node_log *node, tp_name person, tp_name same_as);
tp_name tp_node_log_unjoin(tp_node_log *node, tp_name person, tp_name join);
/* What a person decides of one agency: "given", what is general, or "refused", all of it. */
tp_name tp_node_log_consent(tp_node_log *node, tp_name person, const char *decision,
                            const char *agency);
/* Creates a record with one text field; person none: about nobody known. */
tp_name tp_node_log_create(tp_node_log *node, uint32_t entity, tp_name person, uint32_t code,
                           const char *text);
/* Sets one field; seen none: the writer had seen nothing. */
tp_name tp_node_log_update(tp_node_log *node, tp_name record, uint32_t entity, uint32_t code,
                           const tp_value *value, tp_name seen);
tp_name tp_node_log_update_text(tp_node_log *node, tp_name record, uint32_t entity, uint32_t code,
                                const char *text, tp_name seen);

/* A text value that borrows. */
tp_value tp_node_log_text(const char *text);
tp_value tp_node_log_name(tp_type type, tp_name name);

/* A hub that gives every change the next number, and the reading as its stamp.  Its entries borrow
 * from `bytes`. */
typedef struct tp_node_log_hub {
    uint64_t number;
    tp_buf bytes;
} tp_node_log_hub;

void tp_node_log_hub_init(tp_node_log_hub *hub);
void tp_node_log_hub_done(tp_node_log_hub *hub);
/* The entry of a change that `node` holds; its bytes live until the hub is done. */
tp_entry tp_node_log_hub_take(tp_node_log_hub *hub, tp_node_log *node, tp_name name);
/* The hub has accepted all that was written. */
void tp_node_log_accept(tp_node_log_hub *hub, tp_node_log *node);
/* Each in one transaction. */
tp_merge_applied tp_node_log_apply(tp_node_log *node, const tp_entry *entries, size_t count);
void tp_node_log_give_back(tp_node_log *node, const tp_name *names, size_t count);
/* Says which agency a device belongs to. */
void tp_node_log_introduce(tp_node_log *node, uint64_t device, const char *agency);

/* Where the push stands. */
tp_log_push tp_node_log_push(tp_node_log *node);
/* The views are what a rebuild makes. */
void tp_node_log_assert_sound(tp_node_log *node);
/* Counts rows. */
int64_t tp_node_log_count(tp_node_log *node, const char *sql);

#endif
