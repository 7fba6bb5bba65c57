/* What the parts of accepting share.  Included by accept*.c alone. */
#ifndef TP_SYNC_HUB_ACCEPT_STATE_H
#define TP_SYNC_HUB_ACCEPT_STATE_H

#include "schema/renaming.h"
#include "sync/hub/accept.h"

/* As often may the same number have been used again. */
enum { TP_HUB_PLACES_MAX = 8 };

enum { TP_HUB_ERAS_MAX = 1024 };

struct tp_hub_acceptor {
    tp_hub_store *store;
    tp_hub_persons *persons;
    tp_hub_judge *judge;
    const tp_hmac_key *tags;
    tp_hub_device *device; /* whose changes are being accepted */
    int64_t now_ms;
    tp_slice meant;   /* by the names in what is shown now */
    bool is_again;    /* its changes were told to be accepted once */
    tp_buf names;     /* tp_name each: in the change at hand */
    tp_buf renamings; /* tp_renaming each: of those that are displaced */
    tp_era *eras;     /* the device's, TP_HUB_ERAS_MAX; accept_clock.c */
    uint32_t eras_count;
    tp_change *change; /* the one at hand */
    tp_value *value;
    tp_hub_touched *touched;
    tp_buf bytes;
};

/* Reads a change into a->change, finds its place and says whether it may be there.  The stamp of
 * *accepted_out is not looked at. */
TP_MUST_USE tp_rc tp_hub_acceptor_examine(tp_hub_acceptor *a, tp_hub_item *item, bool is_kiosk,
                                          tp_era_reading *reading_out,
                                          tp_hub_accepted *accepted_out, tp_err *err);
/* Whom the change names as its person, if it sets that; else none. */
tp_name tp_hub_acceptor_named(tp_hub_acceptor *a, const tp_change *change, bool *is_readable_out);
/* Files all that is at the hub of a record under whom it is about by just that. */
typedef struct tp_hub_filed {
    tp_name before;
    tp_name now;
} tp_hub_filed;
TP_MUST_USE tp_rc tp_hub_acceptor_file(tp_hub_acceptor *a, tp_name record, tp_hub_filed *filed_out,
                                       tp_err *err);
/* What was given in a history that was lost is given to nobody else: numbers go on above it, and
 * the clock it was given by is not gone behind. */
void tp_hub_acceptor_note_given(tp_hub_acceptor *a, const tp_stamp *stamp);
/* Appends the change that was examined, and judges whatever it moves. */
TP_MUST_USE tp_rc tp_hub_acceptor_store(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err);
/* Why a change is displaced. */
typedef enum tp_hub_displacing {
    TP_HUB_OF_OLDER_CARD,  /* another has its number; what its author wrote after that goes too */
    TP_HUB_NAMES_DISPLACED /* it alone; a->renamings say what it names */
} tp_hub_displacing;

typedef struct tp_hub_displaced {
    tp_name as;
    bool is_new;    /* else it was there, or is erased */
    bool is_erased; /* its record is: it is not kept */
    tp_name record; /* then which */
} tp_hub_displaced;

/* Keeps a change whose name another one has now, or that names what is displaced: under another
 * name, which is the same each time (accept_displaced.c). */
TP_MUST_USE tp_rc tp_hub_acceptor_displace(tp_hub_acceptor *a, const tp_hub_item *item,
                                           tp_hub_displacing why, tp_hub_displaced *out,
                                           tp_err *err);
/* Another change is here by its number, and its author had the hub accept it once: it is displaced
 * as if others had handed it, with the stamp that it has.  (accept_handed.c) */
TP_MUST_USE tp_rc tp_hub_acceptor_displace_own(tp_hub_acceptor *a, const tp_hub_item *item,
                                               tp_hub_accepted *accepted_out, tp_err *err);
/* The other name of what is displaced, for another has its number here; none: it is not here.
 * (accept_meant.c) */
TP_MUST_USE tp_rc tp_hub_acceptor_other_name(tp_hub_acceptor *a, tp_name name, tp_slice bytes,
                                             tp_name *as_out, tp_err *err);
/* The name by which a copy of its author (sync/log/fork.h) has written it again: it had sent it
 * once, and forgotten that.  None: none has.  (accept_meant.c) */
TP_MUST_USE tp_rc tp_hub_acceptor_copy_of(tp_hub_acceptor *a, tp_name name, tp_slice bytes,
                                          tp_name *as_out, tp_err *err);
/* Has its author gone on without it?  Numbers and stamps of one history ascend; only where it is
 * about to push again what it has may what it could not prove have got a later stamp than what
 * follows.  (accept_handed.c) */
TP_MUST_USE tp_rc tp_hub_acceptor_is_left_behind(tp_hub_acceptor *a, tp_name name,
                                                 const tp_stamp *stamp, bool *is_out, tp_err *err);
/* What a change names, by what is meant who shows it. */
typedef enum tp_hub_naming {
    TP_HUB_NAMES_WHAT_IS_HERE = 0,
    TP_HUB_NAMES_WHAT_IS_DISPLACED, /* and called otherwise: in a->renamings; or it was before */
    TP_HUB_NAMES_WHAT_IS_TO_COME    /* another is here by that name, and what is meant is not yet */
} tp_hub_naming;

/* Up to *kept its author's history is that of the number that was used again, as far as acceptance
 * numbers tell; it goes on to what who shows it means and is here, and where another is here than
 * they mean it ends before.  (accept_meant.c) */
TP_MUST_USE tp_rc tp_hub_acceptor_settle_kept(tp_hub_acceptor *a, tp_name name, tp_slice bytes,
                                              uint64_t *kept, tp_err *err);
/* is_author: it pushes the change, and is believed.  (accept_meant.c) */
TP_MUST_USE tp_rc tp_hub_acceptor_look_up(tp_hub_acceptor *a, const tp_hub_item *item,
                                          bool is_author, tp_hub_naming *naming_out, tp_err *err);
/* The id that what is displaced of this one goes by. */
uint64_t tp_hub_displaced_id(const tp_hub_acceptor *a, uint64_t id);
/* Tries one of those again that went into quarantine; *is_displaced_out false: it is none. */
TP_MUST_USE tp_rc tp_hub_acceptor_displace_again(tp_hub_acceptor *a,
                                                 const tp_hub_quarantined *entry,
                                                 bool *is_displaced_out,
                                                 tp_hub_accepted *accepted_out, tp_err *err);
/* Judges what a change moves that is in the log and has another stamp now. */
TP_MUST_USE tp_rc tp_hub_acceptor_judge_again(tp_hub_acceptor *a, const tp_hub_item *item,
                                              tp_err *err);

#endif
