/* One pushed change: checked, numbered, stamped, stored and judged; or kept in quarantine. */
#ifndef TP_SYNC_HUB_ACCEPT_H
#define TP_SYNC_HUB_ACCEPT_H

#include "sync/hub/judge.h"
#include "sync/wire/request.h"

typedef struct tp_hub_acceptor tp_hub_acceptor;

/* All outlive the acceptor.  Owns: *acceptor_out is the caller's, tp_hub_acceptor_free(). */
TP_MUST_USE tp_rc tp_hub_acceptor_new(tp_hub_store *store, tp_hub_persons *persons,
                                      tp_hub_judge *judge, const tp_hmac_key *tags,
                                      tp_hub_acceptor **acceptor_out, tp_err *err);
void tp_hub_acceptor_free(tp_hub_acceptor *acceptor); /* takes NULL */

/* What a device says of its clock. */
typedef struct tp_hub_heard {
    const tp_era_span *eras; /* ascending */
    uint32_t eras_count;
    tp_era_reading clock; /* era 0: it was not read */
    uint32_t start;       /* of that era, as in a span */
    tp_slice meant; /* what it means by names: sync/wire/meant.h; until the next that begins */
    bool pushes;    /* changes come with it: only then all that was not told is told */
    bool is_again;  /* and were told to be accepted, before the hub went back */
    int64_t hub_ms; /* hub time when it arrived */
} tp_hub_heard;

/* Notes what a device says of its clock's eras and compares clocks; then the acceptor is ready for
 * its changes.  device->last_stamp_ms is kept by tp_hub_accept; the caller puts the device.
 *
 * Two machines that have one id (copies of one directory) count their eras alike until the hub can
 * tell them apart.  Of an era that is told with another start than before, and of those behind it,
 * what the other machine said is forgotten; so is all that was told before, where what is told now
 * does not go on from it: each is judged by its own clock, or by none.
 * Units:  now_ms = hub time of acceptance, never going back. */
TP_MUST_USE tp_rc tp_hub_accept_begin(tp_hub_acceptor *acceptor, tp_hub_device *device,
                                      const tp_hub_heard *heard, int64_t now_ms, tp_err *err);

typedef struct tp_hub_accepted {
    tp_stamp stamp;
    int64_t up_ms;  /* of the change's reading; 0: it has none that can be read */
    uint32_t code;  /* TP_QUARANTINE_...; 0: accepted */
    tp_name as;     /* with TP_QUARANTINE_MEANT or _OTHER: by which it is here; else none */
    bool is_erased; /* its record was: it is not kept */
    bool is_other;  /* others have handed another change by this name: nothing was accepted */
    char text[sizeof(((tp_err *)0)->what)]; /* with a code: why */
} tp_hub_accepted;

/* The next change of the device that began.  It must be the one after device->accepted.  Where
 * others have handed another by its number, it is here by another name (TP_QUARANTINE_OTHER) if it
 * was told to be accepted once, or was displaced before; else nothing is accepted.
 * given = the stamp it was proven to have had in a history that was lost; NULL: it gets one.  One
 * that others have handed meanwhile keeps the stamp it came with.
 * Errors: those of the store; the change itself causes none. */
TP_MUST_USE tp_rc tp_hub_accept(tp_hub_acceptor *acceptor, uint64_t seq, tp_slice bytes,
                                const tp_stamp *given, tp_hub_accepted *accepted_out, tp_err *err);

/* What became of a change that a device which is not its author has handed. */
typedef enum tp_hub_handed {
    TP_HUB_HANDED_STORED = 0,
    TP_HUB_HANDED_ALIKE,     /* it was here, with this stamp, or its record was erased */
    TP_HUB_HANDED_STAMP,     /* it was here, and has this stamp now, which is the older one */
    TP_HUB_HANDED_DISPLACED, /* another change has its name: it has one of its own now */
    TP_HUB_HANDED_DISPLACED_BEFORE,
    TP_HUB_HANDED_ANEW,  /* here as its author wrote it again, for what it names is displaced */
    TP_HUB_HANDED_WAITS, /* what it names is to come by another name, and it with that: not here */
    TP_HUB_HANDED_NOT    /* it is no change that can be here */
} tp_hub_handed;

/* A change that this hub is proven to have had, with the stamp that it had.  *as_out: its name
 * here, another one where it was displaced; none where it is here as its author wrote it anew. */
TP_MUST_USE tp_rc tp_hub_accept_handed(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                                       const tp_stamp *stamp, int64_t now_ms,
                                       tp_hub_handed *handed_out, tp_name *as_out, tp_err *err);

/* The same of one that its author has handed, who pushes what is not here: of two stamps that it
 * was given the lower counts. */
TP_MUST_USE tp_rc tp_hub_accept_own_handed(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                                           const tp_stamp *stamp, int64_t now_ms, tp_err *err);

/* The other name of what is in quarantine by this one with TP_QUARANTINE_MEANT; none: it is not, or
 * it could not be written again. */
TP_MUST_USE tp_rc tp_hub_displaced_as(tp_hub_acceptor *acceptor, tp_name name, tp_name *as_out,
                                      tp_err *err);

/* What became of a change that was received before.  *same_out: its bytes were these.
 * Errors: NOTFOUND it was never received. */
TP_MUST_USE tp_rc tp_hub_recall(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                                tp_hub_accepted *accepted_out, bool *same_out, tp_err *err);

/* The same of one whose number another change has here.  *is_here_out false: it is not here by
 * another name, and nothing is said of it. */
TP_MUST_USE tp_rc tp_hub_recall_other(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                                      tp_hub_accepted *accepted_out, bool *is_here_out,
                                      tp_err *err);

/* Tries a quarantined change again, with the stamp it had; *code_out as above. */
TP_MUST_USE tp_rc tp_hub_accept_again(tp_hub_acceptor *acceptor, const tp_hub_quarantined *entry,
                                      int64_t now_ms, tp_hub_accepted *accepted_out, tp_err *err);

#endif
