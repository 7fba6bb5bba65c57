/* A new person: shown who it may be before a second record is made. */
#ifndef TP_NODE_RECORD_PERSON_H
#define TP_NODE_RECORD_PERSON_H

#include "node/record/write.h"
#include "node/view/find.h"

/* Who of those held may be the person this write is about to create (as set so far; not yet run).
 * Owns:   *list_out is the caller's, tp_found_list_done(). */
TP_MUST_USE tp_rc tp_person_may_be(tp_write *w, tp_tx *tx, tp_found_list *list_out, tp_err *err);

#endif
