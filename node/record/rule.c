/* Which entities add rules of their own. */
#include "node/record/rule.h"

#include "sync/log/directory.h"

#include <stdio.h>

typedef struct rule_row {
    uint32_t entity;
    tp_rc (*apply)(tp_rule_work *work, tp_err *err);
} rule_row;

static tp_rc person(tp_rule_work *work, tp_err *err);
static tp_rc join(tp_rule_work *work, tp_err *err);
static tp_rc unjoin(tp_rule_work *work, tp_err *err);

static const rule_row rules[] = {{TP_PERSON, person},
                                 {TP_HELP_REQUEST, tp_rule_request},
                                 {TP_ACTION, tp_rule_action},
                                 {TP_CONSENT, tp_rule_consent},
                                 {TP_JOIN, join},
                                 {TP_UNJOIN, unjoin},
                                 {TP_LEGAL_GATEWAY, tp_rule_gateway},
                                 {TP_SCORE, tp_rule_score}};

tp_rc tp_rule_apply(tp_rule_work *work, tp_err *err)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].entity == work->w->entity && work->w->op != TP_WRITE_RETRACT) {
            return rules[i].apply(work, err);
        }
    }
    return TP_OK;
}

tp_rc tp_rule_agency_label(tp_rule_work *work, tp_slice agency, const char **label_out, tp_err *err)
{
    char id[TP_AGENCY_BYTES_MAX + 1];
    snprintf(id, sizeof id, "%.*s", TP_SLICE_FMT(agency));
    return tp_log_agency_label(work->w->node->log, work->tx, id, label_out, err);
}

/* A record nobody could be known by again helps nobody. */
static tp_rc person(tp_rule_work *work, tp_err *err)
{
    static const uint32_t codes[] = {TP_PERSON_PREFERRED_NAME, TP_PERSON_LEGAL_NAME,
                                     TP_PERSON_DESCRIPTION};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const tp_value *value = tp_write_value(work->w, codes[i]);
        if (work->loaded != NULL || (value != NULL && !value->is_null)) {
            return TP_OK;
        }
    }
    return tp_write_refuse(work->w, TP_PERSON_PREFERRED_NAME, TP_INVALID,
                           "give a name, or a description to know them again by", err);
}

static tp_rc join(tp_rule_work *work, tp_err *err)
{
    const tp_value *same_as = tp_write_value(work->w, TP_JOIN_SAME_AS);
    if (tp_name_eq(same_as->names[0], work->person)) {
        return tp_write_refuse(work->w, TP_JOIN_SAME_AS, TP_INVALID,
                               "that is the same record: name the other one", err);
    }
    return TP_OK;
}

/* A group that falls apart takes access away. */
static tp_rc unjoin(tp_rule_work *work, tp_err *err)
{
    (void)err;
    work->restricts = true;
    return TP_OK;
}
