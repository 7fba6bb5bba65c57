/* Names of records as people type and read them. */
#ifndef TP_NODE_VIEW_NAME_H
#define TP_NODE_VIEW_NAME_H

#include "node/view/view.h"

#define TP_NAME_TEXT_MAX 34u /* 16 digits, '-', up to 13 digits, and the end */

/* "0123456789abcdef-12": in JSON, and between programs. */
void tp_name_format(tp_name name, char text_out[TP_NAME_TEXT_MAX]);

/* Four of the device's digits and the seq, "k7f2-12" style, or as many digits as tell this store's
 * devices apart: for the screen. */
TP_MUST_USE tp_rc tp_name_format_short(tp_view *view, tp_tx *tx, tp_name name,
                                       char text_out[TP_NAME_TEXT_MAX], tp_err *err);

/* True if it has the form of a whole name; says nothing of whether it is held. */
bool tp_name_parse(tp_slice text, tp_name *name_out);

/* Reads a whole name, or one shortened so far that it fits one device of this store only.
 * Errors: INVALID it has not the form of a name;  NOTFOUND no device fits;  EXISTS several do. */
TP_MUST_USE tp_rc tp_name_read(tp_view *view, tp_tx *tx, tp_slice text, tp_name *name_out,
                               tp_err *err);

#endif
