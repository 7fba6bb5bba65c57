/* Who holds a help request, who owns an action (PH2): exactly one, and nobody by another's
 * decision. */
#include "node/record/rule.h"

#include "node/view/consent.h"
#include "sync/access/kinds.h"
#include "sync/log/directory.h"

#include <stdio.h>

/* The fields of the two entities that have a holder. */
typedef struct holder_fields {
    uint32_t holder;
    uint32_t status;
    const char *status_taken; /* once somebody holds it */
} holder_fields;

static const holder_fields request_fields = {TP_REQUEST_HOLDER, TP_REQUEST_STATUS, "held"};
static const holder_fields action_fields = {TP_ACTION_OWNER, TP_ACTION_STATUS, "open"};

static bool is_own_agency(const tp_rule_work *work, tp_slice agency)
{
    return tp_slice_eq(agency, tp_slice_str(tp_log_agency(work->w->node->log)));
}

static tp_rc put_own_holder(tp_rule_work *work, uint32_t code, tp_err *err)
{
    const tp_value value = {
        .type = TP_TYPE_HOLDER,
        .texts_count = 2,
        .texts = {tp_slice_str(tp_log_agency(work->w->node->log)), work->w->worker}};
    return tp_write_put(work->w, code, &value, err);
}

/* What the record is about, once this is written. */
static uint32_t kinds_of(const tp_rule_work *work)
{
    const tp_value *info = tp_write_value(work->w, TP_FIELD_INFO);
    uint32_t kinds = work->loaded == NULL ? 0 : tp_kinds_of_record(&work->loaded->record).mask;
    for (uint32_t i = 0; info != NULL && i < info->texts_count; i++) {
        kinds |= TP_KIND_BIT(tp_kind_of(info->texts[i]));
    }
    if ((kinds & ~TP_KIND_BIT(TP_KIND_GENERAL)) != 0 && work->loaded == NULL) {
        kinds &= ~TP_KIND_BIT(TP_KIND_GENERAL);
    }
    return kinds == 0 ? TP_KIND_BIT(TP_KIND_GENERAL) : kinds;
}

/* An offer is refused while its writer can still ask: not under agreement, or nobody agreed. */
static tp_rc check_offer(tp_rule_work *work, uint32_t code, tp_slice agency, tp_err *err)
{
    tp_write *w = work->w;
    uint64_t directory = 0;
    bool is_under = false;
    bool may = false;
    tp_slice why_not = {NULL, 0};
    const char *label = NULL;
    char text[sizeof err->what];
    tp_rc rc = tp_log_directory_version(w->node->log, work->tx, &directory, err);
    if (rc == TP_OK && directory == 0) {
        tp_write_warn(work->result,
                      "This device does not know yet which agencies may be offered it: it goes "
                      "nowhere before it has been with the hub.");
        return TP_OK;
    }
    if (rc == TP_OK) {
        rc =
            tp_log_is_under_agreement(w->node->log, work->tx, agency, work->now.ms, &is_under, err);
    }
    if (rc == TP_OK && !is_under) {
        rc = tp_rule_agency_label(work, agency, &label, err);
        if (rc != TP_OK) {
            return rc;
        }
        snprintf(text, sizeof text, "%s has no information sharing agreement in force", label);
        return tp_write_refuse(w, code, TP_DENIED, text, err);
    }
    if (rc == TP_OK && work->loaded != NULL && tp_slice_eq(agency, work->loaded->record.creator)) {
        return TP_OK; /* it goes back to who took it */
    }
    if (rc == TP_OK) {
        rc = tp_consent_may_hold(w->node->view, work->tx, agency, work->person, kinds_of(work),
                                 &w->arena, &may, &why_not, err);
    }
    if (rc == TP_OK && !may) {
        snprintf(text, sizeof text, "%.*s; ask, or pass it on by word of mouth",
                 TP_SLICE_FMT(why_not));
        return tp_write_refuse(w, code, TP_DENIED, text, err);
    }
    return rc;
}

/* Somebody of this agency takes it: an open request is a held one from then on. */
static tp_rc follow_status(tp_rule_work *work, const holder_fields *fields, tp_err *err)
{
    tp_value status;
    bool has_status = false;
    if (tp_write_value(work->w, fields->status) != NULL) {
        return TP_OK;
    }
    if (work->loaded != NULL) {
        tp_rc rc = tp_loaded_shown(work->loaded, fields->status, &status, &has_status, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (has_status && !tp_slice_is(status.text, "open")) {
            return TP_OK;
        }
    }
    return tp_write_put_text(work->w, fields->status, fields->status_taken, err);
}

static tp_rc check_holder(tp_rule_work *work, const holder_fields *fields, tp_err *err)
{
    const tp_value *holder = tp_write_value(work->w, fields->holder);
    if (holder == NULL) {
        return TP_OK;
    }
    if (holder->is_null) {
        return tp_write_refuse(work->w, fields->holder, TP_DENIED,
                               "somebody must answer for it: offer it to another agency instead",
                               err);
    }
    if (!is_own_agency(work, holder->texts[0])) {
        return check_offer(work, fields->holder, holder->texts[0], err);
    }
    return follow_status(work, fields, err);
}

/* Taken by a worker: they hold it.  At a kiosk: nobody does yet. */
static tp_rc fill_taken(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    const bool is_kiosk = w->worker.bytes == 0;
    tp_rc rc = TP_OK;
    if (tp_write_value(w, TP_REQUEST_ROUTE) == NULL) {
        rc = tp_write_put_text(w, TP_REQUEST_ROUTE, is_kiosk ? "kiosk" : "worker", err);
    }
    if (rc == TP_OK && tp_write_value(w, TP_REQUEST_STATUS) == NULL) {
        rc = tp_write_put_text(w, TP_REQUEST_STATUS, is_kiosk ? "open" : "held", err);
        if (rc == TP_OK && !is_kiosk && tp_write_value(w, TP_REQUEST_HOLDER) == NULL) {
            rc = put_own_holder(work, TP_REQUEST_HOLDER, err);
        }
    }
    return rc;
}

/* Whoever asked may ask by it what became of it, wherever that is known by then. */
static tp_rc fill_code(tp_rule_work *work, tp_err *err)
{
    uint8_t bits[TP_REQUEST_CODE_RANDOM_BYTES];
    tp_rng_fill(work->w->node->rng, bits, sizeof bits);
    tp_request_code_make(bits, work->result->code);
    return tp_write_put_text(work->w, TP_REQUEST_CODE, work->result->code, err);
}

tp_rc tp_rule_request(tp_rule_work *work, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (work->loaded == NULL) {
        rc = fill_taken(work, err);
    }
    if (rc == TP_OK && work->loaded == NULL) {
        rc = fill_code(work, err);
    }
    if (rc == TP_OK && work->w->worker.bytes == 0 &&
        tp_write_value(work->w, TP_REQUEST_HOLDER) != NULL) {
        return tp_write_refuse(work->w, TP_REQUEST_HOLDER, TP_DENIED, "a kiosk names no holder",
                               err);
    }
    return rc == TP_OK ? check_holder(work, &request_fields, err) : rc;
}

tp_rc tp_rule_action(tp_rule_work *work, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (work->loaded == NULL && tp_write_value(work->w, TP_ACTION_OWNER) == NULL) {
        rc = put_own_holder(work, TP_ACTION_OWNER, err);
    }
    if (rc == TP_OK && work->loaded == NULL && tp_write_value(work->w, TP_ACTION_STATUS) == NULL) {
        rc = tp_write_put_text(work->w, TP_ACTION_STATUS, "open", err);
    }
    return rc == TP_OK ? check_holder(work, &action_fields, err) : rc;
}
