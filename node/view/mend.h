/* Ways out of a refusal that a page and a command line say differently: a page has a button for it,
 * a command line an option.  The refusal's own words name neither; err->mend is one of these, and
 * node/cli/mend.c has the words that follow there. */
#ifndef TP_NODE_VIEW_MEND_H
#define TP_NODE_VIEW_MEND_H

typedef enum tp_mend {
    TP_MEND_NONE = 0,
    TP_MEND_FIELD,      /* a field that there is */
    TP_MEND_WORKER,     /* who writes */
    TP_MEND_VALUE,      /* a field and its value */
    TP_MEND_REASON,     /* why a record is taken back */
    TP_MEND_RETRACT,    /* taking a record back is said as such */
    TP_MEND_BRING_BACK, /* what was taken back is brought back first */
    TP_MEND_SETTLE,     /* one of the values that differ is taken */
    TP_MEND_ENROL,      /* the node is enrolled with a hub first */
    TP_MEND_STATUS      /* how the sync stands says what there is to do */
} tp_mend;

#endif
