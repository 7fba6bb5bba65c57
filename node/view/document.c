/* Records as JSON. */
#include "node/view/document.h"

#include "node/view/when.h"
#include "platform/base/encode.h"

/* ---- Values ---- */

static void put_texts(tp_json_print *p, const tp_value *value)
{
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < value->texts_count; i++) {
        tp_json_text(p, value->texts[i]);
    }
    tp_json_end(p, ']');
}

static void put_names(tp_json_print *p, const tp_value *value)
{
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < value->names_count; i++) {
        tp_json_name(p, value->names[i]);
    }
    tp_json_end(p, ']');
}

/* Without "worker" where nobody was named. */
static void put_holder(tp_json_print *p, const tp_value *value)
{
    tp_json_begin(p, '{');
    tp_json_put_text(p, "agency", value->texts[0]);
    if (value->texts[1].bytes > 0) {
        tp_json_put_text(p, "worker", value->texts[1]);
    }
    tp_json_end(p, '}');
}

void tp_document_put_value(tp_json_print *p, const tp_value *value)
{
    if (value->is_null) {
        tp_json_null(p);
        return;
    }
    switch (value->type) {
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        tp_json_text(p, value->text);
        return;
    case TP_TYPE_BOOL:
        tp_json_bool(p, value->number != 0);
        return;
    case TP_TYPE_COUNT:
        tp_json_int(p, value->number);
        return;
    case TP_TYPE_INSTANT:
        tp_json_moment(p, value->number);
        return;
    case TP_TYPE_RECORD:
        tp_json_name(p, value->names[0]);
        return;
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        put_texts(p, value);
        return;
    case TP_TYPE_HOLDER:
        put_holder(p, value);
        return;
    case TP_TYPE_RECORDS:
        put_names(p, value);
        return;
    }
}

tp_rc tp_document_value(tp_json_print *p, const tp_field_row *row, const tp_shown_head *head,
                        tp_err *err)
{
    tp_value value;
    bool has_value = false;
    tp_rc rc = head == NULL ? TP_OK : tp_shown_value(row, head, &value, &has_value, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (has_value) {
        tp_document_put_value(p, &value);
    } else {
        tp_json_null(p);
    }
    return TP_OK;
}

static void put_worker(tp_json_print *p, tp_slice worker)
{
    tp_json_key(p, "worker");
    if (worker.bytes == 0) {
        tp_json_null(p);
    } else {
        tp_json_text(p, worker);
    }
}

/* ---- Fields ---- */

static tp_rc put_head(tp_json_print *p, const tp_shown_field *field, const tp_shown_head *head,
                      tp_err *err)
{
    tp_json_begin(p, '{');
    tp_json_key(p, "value");
    tp_rc rc = tp_document_value(p, field->row, head, err);
    tp_json_put_name(p, "name", head->name);
    tp_json_put_str(p, "agency", head->agency);
    put_worker(p, head->worker);
    tp_json_put_instant(p, "at", head->at.ms);
    tp_json_put_bool(p, "shown", head->is_shown);
    if (field->row != NULL && field->row->rule == TP_RULE_HOLDER) {
        tp_json_put_str(p, "kind", head->is_offer ? "offer" : "acceptance");
    }
    tp_json_end(p, '}');
    return rc;
}

/* "shown": the creating agency, without a worker, where nobody has accepted. */
static tp_rc put_shown(tp_json_print *p, const tp_shown *of, const tp_shown_field *field,
                       tp_err *err)
{
    tp_json_key(p, "shown");
    if (!field->is_creator_holding) {
        return tp_document_value(p, field->row, field->shown, err);
    }
    tp_json_begin(p, '{');
    tp_json_put_str(p, "agency", of->agency);
    tp_json_end(p, '}');
    return TP_OK;
}

static tp_rc put_field(tp_json_print *p, const tp_shown *of, const tp_shown_field *field,
                       tp_err *err)
{
    if (field->row != NULL) {
        tp_json_key(p, field->row->name);
    } else {
        char unknown[sizeof "field_4294967295"];
        snprintf(unknown, sizeof unknown, "field_%u", field->code);
        tp_json_key(p, unknown);
    }
    tp_json_begin(p, '{');
    tp_rc rc = put_shown(p, of, field, err);
    tp_json_put_bool(p, "conflict", field->is_conflict);
    if (field->is_unconfirmed) {
        tp_json_put_bool(p, "unconfirmed", true);
    }
    tp_json_key(p, "heads");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < field->heads_count; i++) {
        rc = put_head(p, field, &field->heads[i], err);
    }
    tp_json_end(p, ']');
    tp_json_end(p, '}');
    return rc;
}

/* ---- Records ---- */

static tp_rc put_retracted(tp_json_print *p, const tp_shown *shown, tp_err *err)
{
    const tp_shown_head *by = shown->retraction;
    tp_json_key(p, "retracted");
    if (by == NULL) {
        tp_json_null(p);
        return TP_OK;
    }
    tp_json_begin(p, '{');
    tp_json_key(p, "reason");
    tp_rc rc = tp_document_value(p, tp_field_of(shown->entity, TP_FIELD_RETRACTED), by, err);
    tp_json_put_name(p, "name", by->name);
    tp_json_put_str(p, "agency", by->agency);
    put_worker(p, by->worker);
    tp_json_put_instant(p, "at", by->at.ms);
    tp_json_put_bool(p, "hidden", shown->is_hidden);
    tp_json_put_bool(p, "final", shown->is_final);
    tp_json_put_bool(p, "brought_back", shown->is_brought_back);
    tp_json_end(p, '}');
    return rc;
}

static tp_rc put_joined(tp_json_print *p, tp_view *view, tp_tx *tx, tp_name person, tp_err *err)
{
    tp_name group[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    tp_rc rc = tp_merge_group(tp_view_merge(view), tx, person, group, &count, err);
    tp_json_key(p, "joined");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_json_name(p, group[i]);
    }
    tp_json_end(p, ']');
    return rc;
}

static void put_times(tp_json_print *p, const tp_shown *shown)
{
    char when[TP_WHEN_TEXT_MAX];
    tp_when_text(&shown->happened, when);
    tp_json_put_instant(p, "at", shown->happened.ms);
    tp_json_put_str(p, "at_text", when);
    tp_json_put_bool(p, "uncertain", !shown->happened.is_certain);
    tp_json_put_instant(p, "earliest", shown->happened.earliest_ms);
    tp_json_put_instant(p, "latest", shown->happened.latest_ms);
    tp_json_put_instant(p, "written_at", shown->written.ms);
}

tp_rc tp_document_put_record(tp_json_print *p, tp_view *view, tp_tx *tx, const tp_shown *shown,
                             tp_err *err)
{
    char device[TP_HEX_ROOM(8)];
    const tp_entity_row *row = tp_entity_of(shown->entity);
    tp_hex_encode_u64(shown->name.device, device);
    tp_json_put_name(p, "name", shown->name);
    tp_json_put_str(p, "entity", row == NULL ? "unknown" : row->name);
    tp_json_put_name(p, "person", shown->person);
    tp_json_put_str(p, "agency", shown->agency);
    put_worker(p, shown->worker);
    tp_json_put_str(p, "device", device);
    if (shown->is_bare) {
        tp_json_put_bool(p, "bare", true);
    } else {
        put_times(p, shown);
    }
    if (shown->erased_ms != 0) {
        tp_json_put_instant(p, "erased_on", shown->erased_ms);
    } else if (shown->given_back_ms != 0) {
        tp_json_put_instant(p, "given_back_on", shown->given_back_ms);
    }
    tp_json_put_bool(p, "at_hub", !shown->is_unsent);
    tp_rc rc = put_retracted(p, shown, err);
    tp_json_key(p, "fields");
    tp_json_begin(p, '{');
    for (uint32_t i = 0; rc == TP_OK && i < shown->fields_count; i++) {
        rc = put_field(p, shown, &shown->fields[i], err);
    }
    tp_json_end(p, '}');
    if (rc == TP_OK && shown->entity == TP_PERSON) {
        rc = put_joined(p, view, tx, shown->name, err);
    }
    return rc;
}

tp_rc tp_document_record(tp_json_print *p, tp_view *view, tp_tx *tx, const tp_shown *shown,
                         tp_err *err)
{
    tp_json_begin(p, '{');
    tp_rc rc = tp_document_put_record(p, view, tx, shown, err);
    tp_json_end(p, '}');
    return rc;
}

/* ---- Consent ---- */

static const char *decision_name(tp_decision decision)
{
    switch (decision) {
    case TP_DECISION_GIVEN:
        return "given";
    case TP_DECISION_REFUSED:
        return "refused";
    case TP_DECISION_WITHDRAWN:
    case TP_DECISION_UNKNOWN:
        return "withdrawn";
    case TP_DECISION_NONE:
        return "none";
    }
    return "none";
}

void tp_document_consent(tp_json_print *p, const tp_consent_page *page, bool with_none)
{
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < page->rows_count; i++) {
        const tp_consent_row *row = &page->rows[i];
        if (row->decision == TP_DECISION_NONE && !with_none) {
            continue;
        }
        tp_json_begin(p, '{');
        tp_json_put_str(p, "agency", row->agency);
        tp_json_put_str(p, "kind", tp_kind_name(row->kind));
        tp_json_put_str(p, "purpose", tp_purpose_name(row->purpose));
        tp_json_put_str(p, "effective", decision_name(row->decision));
        tp_json_put_name(p, "by", row->by);
        if (row->ends_on.bytes > 0) {
            tp_json_put_text(p, "ends_on", row->ends_on);
        } else {
            tp_json_put_str(p, "ends_on", NULL);
        }
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
}
