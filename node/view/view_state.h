/* The inside of a view, for the files of this folder. */
#ifndef TP_NODE_VIEW_VIEW_STATE_H
#define TP_NODE_VIEW_VIEW_STATE_H

#include "node/view/view.h"
#include "platform/base/arena.h"
#include "sync/merge/record.h"

struct tp_view {
    tp_log *log;
    tp_merge *merge;
};

/* The names that a statement's first column packs, to the end of it: it is done then. */
TP_MUST_USE tp_rc tp_view_add_names(tp_view *view, tp_tx *tx, tp_stmt *s, tp_buf *names,
                                    tp_err *err);

/* ---- Search cards (card.c): what a person is found by, one row a record ---- */

/* Makes the card of a person or an alias; a record that is hidden, or of another entity, has
 * none. */
TP_MUST_USE tp_rc tp_card_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err);
TP_MUST_USE tp_rc tp_card_remove(tp_view *view, tp_tx *tx, tp_name record, tp_name person,
                                 tp_err *err);
TP_MUST_USE tp_rc tp_card_clear(tp_tx *tx, tp_err *err);

/* A card, its texts borrowed until the next one.  Lists are words with one space between. */
typedef struct tp_card {
    tp_packed_name record;
    tp_packed_name person;
    tp_slice names;  /* folded: preferred, legal, aliases */
    tp_slice sounds; /* keys of schema/sounds_alike.h */
    tp_slice words;  /* folded: description, place, note */
    tp_slice phones; /* keys of schema/phone.h */
    tp_slice nhs;    /* ten digits each */
    tp_slice born;   /* partial dates as stored */
} tp_card;

/* Cards of one person follow each other. */
typedef tp_rc (*tp_card_each)(void *context, const tp_card *card, tp_err *err);

TP_MUST_USE tp_rc tp_card_all(tp_tx *tx, tp_card_each each, void *context, tp_err *err);

/* ---- Review marks (mark.c): records in which there may be something to review ---- */

/* A record this far loaded is marked, or its mark taken away. */
TP_MUST_USE tp_rc tp_mark_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err);
TP_MUST_USE tp_rc tp_mark_set(tp_view *view, tp_tx *tx, tp_name record, bool is_marked,
                              tp_err *err);
TP_MUST_USE tp_rc tp_mark_is_set(tp_view *view, tp_tx *tx, tp_name record, bool *is_set_out,
                                 tp_err *err);
TP_MUST_USE tp_rc tp_mark_clear(tp_tx *tx, tp_err *err);
/* All marked records, or those about these persons (persons_count 0: all), into `arena`. */
TP_MUST_USE tp_rc tp_mark_all(tp_view *view, tp_tx *tx, const tp_name *persons,
                              uint32_t persons_count, tp_arena *arena, const tp_name **records_out,
                              uint32_t *count_out, tp_err *err);

/* ---- What waits (waiting.c): requests and actions that are not over, givings that end ---- */

TP_MUST_USE tp_rc tp_waiting_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err);
TP_MUST_USE tp_rc tp_waiting_remove(tp_view *view, tp_tx *tx, tp_name record, tp_err *err);
TP_MUST_USE tp_rc tp_waiting_clear(tp_tx *tx, tp_err *err);

/* Of one entity, from the first moment to before the second: consents by when to ask again, the
 * others have 0. */
typedef struct tp_waiting_ask {
    uint32_t entity;
    int64_t from_ms;
    int64_t until_ms;
    /* Requests and actions: without those that are surely neither held by, nor offered to, this
     * agency (empty: whose does not matter) and this worker of it or nobody named (empty:
     * anybody). */
    tp_slice agency;
    tp_slice worker;
} tp_waiting_ask;

/* Into `arena`; hidden ones too. */
TP_MUST_USE tp_rc tp_waiting_all(tp_view *view, tp_tx *tx, const tp_waiting_ask *ask,
                                 tp_arena *arena, const tp_name **records_out, uint32_t *count_out,
                                 tp_err *err);

/* ---- Persons that consent events name (consent_named.c) ---- */

TP_MUST_USE tp_rc tp_named_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err);
TP_MUST_USE tp_rc tp_named_remove(tp_view *view, tp_tx *tx, tp_name record, tp_err *err);
TP_MUST_USE tp_rc tp_named_clear(tp_tx *tx, tp_err *err);
/* Consent events written on other records that name this person, into `arena`. */
TP_MUST_USE tp_rc tp_named_all(tp_view *view, tp_tx *tx, tp_name person, tp_arena *arena,
                               const tp_name **records_out, uint32_t *count_out, tp_err *err);

#endif
