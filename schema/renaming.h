/* What the changes are called that a device writes again under a new id, after a fork: a copy of it
 * went on under the old one (sync/log/fork.h); or that the hub did, where an older card has used
 * their numbers again.  Pure. */
#ifndef TP_SCHEMA_RENAMING_H
#define TP_SCHEMA_RENAMING_H

#include "platform/base/buf.h"
#include "schema/change.h"

/* (from, kept + n) is called (to, n) from now on; what is named otherwise keeps its name. */
typedef struct tp_renaming {
    uint64_t from;  /* the device's old id */
    uint64_t kept;  /* its changes up to this seq are at the hub, and stay what they are */
    uint64_t upto;  /* and those after this one; 0: there are none that stay */
    uint64_t to;    /* its new id */
    bool keeps_seq; /* (from, kept + n) is called (to, kept + n) */
} tp_renaming;

tp_name tp_renaming_of(const tp_renaming *renaming, tp_name name);
/* By the first of them that calls it otherwise. */
tp_name tp_renaming_of_any(const tp_renaming *renamings, size_t count, tp_name name);

/* Appends the text with every name in it that is written out whole (schema/name_text.h) called
 * anew: addresses of pages, what a form held.  *is_other_out: something in it was.
 * Errors: LIMIT the ceiling of `out`;  NOMEM. */
TP_MUST_USE tp_rc tp_renaming_of_text(const tp_renaming *renaming, tp_slice text, tp_buf *out,
                                      bool *is_other_out, tp_err *err);

#endif
