/* The people a worker had to do with last on this device: whom they wrote about, and whom they
 * looked at. */
#ifndef TP_NODE_VIEW_LATELY_H
#define TP_NODE_VIEW_LATELY_H

#include "node/view/timeline.h"

enum { TP_LATELY_MAX = 12 };

typedef struct tp_lately {
    uint32_t count;
    tp_looked people[TP_LATELY_MAX]; /* the latest first; of joined records the one met last */
} tp_lately;

TP_MUST_USE tp_rc tp_lately_read(tp_view *view, tp_tx *tx, tp_slice worker, tp_lately *lately_out,
                                 tp_err *err);

#endif
