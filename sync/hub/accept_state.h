/* What the parts of accepting share.  Included by accept*.c alone. */
#ifndef TP_SYNC_HUB_ACCEPT_STATE_H
#define TP_SYNC_HUB_ACCEPT_STATE_H

#include "sync/hub/accept.h"

struct tp_hub_acceptor {
    tp_hub_store *store;
    tp_hub_persons *persons;
    tp_hub_judge *judge;
    const tp_hmac_key *tags;
    tp_hub_device *device; /* whose changes are being accepted */
    int64_t now_ms;
    tp_era *eras; /* the device's, ERAS_MAX */
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
/* Keeps a change that is proven to have been here, and whose name another one has now: under
 * another name, which is the same each time (accept_displaced.c).  *is_new_out false: it was there,
 * or its record was erased. */
TP_MUST_USE tp_rc tp_hub_acceptor_displace(tp_hub_acceptor *a, const tp_hub_item *item,
                                           tp_name *as_out, bool *is_new_out, tp_err *err);
/* Tries one of those again that went into quarantine; *is_displaced_out false: it is none. */
TP_MUST_USE tp_rc tp_hub_acceptor_displace_again(tp_hub_acceptor *a,
                                                 const tp_hub_quarantined *entry,
                                                 bool *is_displaced_out,
                                                 tp_hub_accepted *accepted_out, tp_err *err);
/* Judges what a change moves that is in the log and has another stamp now. */
TP_MUST_USE tp_rc tp_hub_acceptor_judge_again(tp_hub_acceptor *a, const tp_hub_item *item,
                                              tp_err *err);

#endif
