/* Short names of records, as people type and read them (whole ones: schema/name_text.h). */
#ifndef TP_NODE_VIEW_NAME_H
#define TP_NODE_VIEW_NAME_H

#include "node/view/view.h"
#include "schema/name_text.h"

/* "3fa2-12": four of the device's digits, or as many as tell this store's devices apart, and the
 * seq. */
TP_MUST_USE tp_rc tp_view_name_short(tp_view *view, tp_tx *tx, tp_name name,
                                     char text_out[TP_NAME_TEXT_BYTES], tp_err *err);

/* Reads a whole name, or one shortened so far that it fits one device of this store only.  Says
 * nothing of whether the record is held.
 * Errors: INVALID it has not the form of a name;  NOTFOUND no device fits;  EXISTS several do. */
TP_MUST_USE tp_rc tp_view_name_read(tp_view *view, tp_tx *tx, tp_slice text, tp_name *name_out,
                                    tp_err *err);

#endif
