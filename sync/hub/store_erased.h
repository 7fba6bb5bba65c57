/* What was erased: part of store.h, and like it an interface, of facts alone.
 *
 * Of an erased change its bytes are gone, and whatever was made of them.  Left are its name, its
 * record's, the stamp it was given, where the chain stands before and after it, so that what stands
 * around it can still be held against what its device signed, and the beginning of its digest, by
 * which it is known whether a copy of its device wrote the same (a change is salted: that tells
 * nothing of it).  Why it went, when and by whose hand is kept by erasure; of each erased record
 * the name, so that what arrives of it later goes at once.  Errors as in store.h. */
#ifndef TP_SYNC_HUB_STORE_ERASED_H
#define TP_SYNC_HUB_STORE_ERASED_H

#include "sync/hub/store.h"
#include "sync/wire/held.h"

/* One act of erasing: the evidence of it.  Texts are borrowed. */
typedef struct tp_hub_erasure {
    uint64_t no;        /* 1.. */
    int64_t at_ms;      /* when */
    const char *by;     /* who did it */
    const char *reason; /* without personal data */
    uint64_t records;   /* names of it; counted when it is read */
    uint64_t changes;   /* likewise: those that were here, and those that came since */
} tp_hub_erasure;

/* erasure->no and the counts are not looked at. */
TP_MUST_USE tp_rc tp_hub_erasure_add(tp_hub_store *store, const tp_hub_erasure *erasure,
                                     uint64_t *no_out, tp_err *err);
typedef tp_rc (*tp_hub_erasure_visit)(void *ctx, const tp_hub_erasure *erasure, tp_err *err);
/* By number. */
TP_MUST_USE tp_rc tp_hub_erasures(tp_hub_store *store, tp_hub_erasure_visit visit, void *ctx,
                                  tp_err *err);

/* From now on this record is erased, whether or not anything of it is here; what is here goes by
 * tp_hub_erase_change.  One that is erased already stays with its first erasure. */
TP_MUST_USE tp_rc tp_hub_erased_add(tp_hub_store *store, tp_name record, uint64_t erasure,
                                    tp_err *err);
/* Quick where nothing was ever erased. */
TP_MUST_USE tp_rc tp_hub_erased_has(tp_hub_store *store, tp_name record, bool *has_out,
                                    tp_err *err);
typedef tp_rc (*tp_hub_erased_visit)(void *ctx, tp_name record, uint64_t erasure, tp_err *err);
/* The records of one erasure, or (0) of all, by name. */
TP_MUST_USE tp_rc tp_hub_erased_all(tp_hub_store *store, uint64_t erasure,
                                    tp_hub_erased_visit visit, void *ctx, tp_err *err);

/* Takes the bytes of a change of an erased record away, from the log or the quarantine, and what
 * was made of it: events, codes, places in feeds.  Whoever has it is to give it back, its author
 * too.
 * Errors: NOTFOUND it is in neither;  CORRUPT what stands before it cannot be followed. */
TP_MUST_USE tp_rc tp_hub_erase_change(tp_hub_store *store, tp_name name, tp_name record,
                                      tp_err *err);
/* The same of a change of an erased record that has just come and was stamped: its bytes are not
 * kept. */
TP_MUST_USE tp_rc tp_hub_erased_put(tp_hub_store *store, const tp_hub_item *item, tp_err *err);

/* Of a change that others had handed, and that was erased before its author pushed it: what stands
 * before it is known from now on.  Nothing happens to any other. */
TP_MUST_USE tp_rc tp_hub_erased_pushed(tp_hub_store *store, tp_name name, tp_slice bytes,
                                       tp_err *err);

/* Is it an erased change, what was its stamp, and are these the bytes it had?
 * Errors: NOTFOUND it is none. */
TP_MUST_USE tp_rc tp_hub_erased_recall(tp_hub_store *store, tp_name name, tp_slice bytes,
                                       tp_stamp *stamp_out, bool *same_out, tp_err *err);

/* Is it an erased change whose digest began so?  False of one erased by an older program. */
TP_MUST_USE tp_rc tp_hub_erased_is(tp_hub_store *store, tp_name name,
                                   const uint8_t digest[TP_HELD_DIGEST_BYTES], bool *is_it_out,
                                   tp_err *err);

/* Records here that are about an erased one's name, each once: `record` is what names it. */
typedef tp_rc (*tp_hub_naming_visit)(void *ctx, const tp_hub_item *record, tp_err *err);
TP_MUST_USE tp_rc tp_hub_erased_named(tp_hub_store *store, tp_hub_naming_visit visit, void *ctx,
                                      tp_err *err);

/* Who has not yet given back what went with this record, in its erasure: the ledger.  entity is 0,
 * is_to_give true. */
TP_MUST_USE tp_rc tp_hub_erased_holdings(tp_hub_store *store, tp_name record,
                                         tp_hub_holding_visit visit, void *ctx, tp_err *err);

/* Outside a transaction: takes what was erased out of the file, the log of its writes too.
 * *is_gone_out false: somebody reads; try again. */
TP_MUST_USE tp_rc tp_hub_store_scrub(tp_hub_store *store, bool *is_gone_out, tp_err *err);

#endif
