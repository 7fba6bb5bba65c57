/* Is all of it true? */
#ifndef TP_NODE_VIEW_VERIFY_H
#define TP_NODE_VIEW_VERIFY_H

#include "node/view/view.h"

typedef struct tp_verify_report {
    uint64_t changes_count;
    uint64_t own_count;
    uint64_t records_count;
    uint64_t unread_count;   /* kept for a newer program */
    uint32_t findings_count; /* 0: all is well */
    char findings[8][160];   /* the first ones, in plain words */
} tp_verify_report;

/* The file's own integrity, every change decodes, this device's changes have no gap, and the views
 * are what a rebuild would make (made anew and undone).
 * Shape:  begins and ends its own transaction; nothing is changed. */
TP_MUST_USE tp_rc tp_verify(tp_view *view, tp_verify_report *report_out, tp_err *err);

#endif
