/* What single entities add to the schema's rows: the holder of a request, what a consent is written
 * in sight of, who may authorise.  For write.c; each rule is a row of a table in rule.c. */
#ifndef TP_NODE_RECORD_RULE_H
#define TP_NODE_RECORD_RULE_H

#include "node/record/write.h"
#include "sync/merge/record.h"

/* A write on its way, every value in its stored form by now. */
typedef struct tp_rule_work {
    tp_write *w;
    tp_tx *tx;
    const tp_loaded *loaded; /* what is updated; NULL: it creates a record */
    tp_name person;          /* whom it is about; none: nobody known */
    tp_estimate now;
    bool restricts;          /* out: it takes access away */
    tp_write_result *result; /* for warnings */
} tp_rule_work;

/* Fills in what the entity fills in, and refuses what it refuses. */
TP_MUST_USE tp_rc tp_rule_apply(tp_rule_work *work, tp_err *err);

/* ---- For the rules ---- */

/* The value this write sets; NULL: none.  A cleared one has is_null. */
const tp_value *tp_write_value(const tp_write *w, uint32_t code);
/* As tp_write_set, by code, of a value in its stored form. */
TP_MUST_USE tp_rc tp_write_put(tp_write *w, uint32_t code, const tp_value *value, tp_err *err);
TP_MUST_USE tp_rc tp_write_put_text(tp_write *w, uint32_t code, const char *text, tp_err *err);
/* Refuses a field: "LABEL: what", and its name into w->trouble. */
tp_rc tp_write_refuse(tp_write *w, uint32_t code, tp_rc rc, const char *what, tp_err *err);
/* What people call an agency: its label, or its id where none is known here.  Lives as long as the
 * log. */
TP_MUST_USE tp_rc tp_rule_agency_label(tp_rule_work *work, tp_slice agency, const char **label_out,
                                       tp_err *err);
/* Was the record erased, as far as was told here? */
TP_MUST_USE tp_rc tp_rule_is_erased(tp_node *node, tp_tx *tx, tp_name name, bool *is_erased_out,
                                    tp_err *err);
void tp_write_warn(tp_write_result *result, const char *fmt, ...) TP_PRINTF(2, 3);

/* By entity. */
TP_MUST_USE tp_rc tp_rule_request(tp_rule_work *work, tp_err *err);
TP_MUST_USE tp_rc tp_rule_action(tp_rule_work *work, tp_err *err);
TP_MUST_USE tp_rc tp_rule_consent(tp_rule_work *work, tp_err *err);
TP_MUST_USE tp_rc tp_rule_gateway(tp_rule_work *work, tp_err *err);
TP_MUST_USE tp_rc tp_rule_score(tp_rule_work *work, tp_err *err);

#endif
