/* Lists as JSON. */
#include "node/view/list_document.h"

/* ---- People ---- */

void tp_document_put_who(tp_json_print *p, const tp_shown *person)
{
    tp_json_put_name(p, "name", person->name);
    tp_json_put_text(p, "preferred_name", tp_shown_person_name(person));
    tp_json_put_text(p, "born", tp_shown_text(person, TP_PERSON_BORN));
}

void tp_document_put_found(tp_json_print *p, const tp_found *found)
{
    tp_json_put_name(p, "same_as", found->same_as);
    tp_json_key(p, "why");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < found->why_count; i++) {
        tp_json_str(p, found->why[i]);
    }
    tp_json_end(p, ']');
    tp_json_put_int(p, "score", found->score);
}

tp_rc tp_document_put_given_back(tp_json_print *p, tp_view *view, tp_tx *tx,
                                 const tp_given_back *one, tp_err *err)
{
    tp_json_put_name(p, "name", one->person);
    tp_json_put_instant(p, one->is_erased ? "erased_on" : "given_back_on", one->given_back_ms);
    tp_json_put_int(p, "records", one->records_count);
    tp_json_key(p, "last");
    if (one->last != NULL) {
        return tp_document_record(p, view, tx, one->last, err);
    }
    tp_json_null(p);
    return TP_OK;
}

/* ---- What is promised ---- */

tp_rc tp_document_put_pending(tp_json_print *p, tp_view *view, tp_tx *tx, const tp_pending *item,
                              tp_err *err)
{
    tp_rc rc = tp_document_put_record(p, view, tx, item->shown, err);
    tp_json_put_bool(p, "offered", item->is_offered);
    tp_json_put_bool(p, "overdue", item->is_overdue);
    return rc;
}

/* ---- What waits for review ---- */

static tp_rc put_kept(tp_json_print *p, const tp_review_item *item, const tp_shown_head *head,
                      tp_err *err)
{
    tp_json_begin(p, '{');
    tp_json_key(p, "value");
    tp_rc rc = tp_document_value(p, item->field, head, err);
    tp_json_put_str(p, "agency", head->agency);
    tp_json_put_text(p, "worker", head->worker);
    tp_json_put_name(p, "name", head->name);
    tp_json_end(p, '}');
    return rc;
}

tp_rc tp_document_put_review(tp_json_print *p, const tp_review_item *item, tp_err *err)
{
    const tp_entity_row *row = tp_entity_of(item->entity);
    tp_json_put_str(p, "id", item->id);
    tp_json_put_str(p, "kind", tp_review_kind_name(item->kind));
    tp_json_put_name(p, "record", item->record);
    tp_json_put_str(p, "entity", row == NULL ? "unknown" : row->name);
    tp_json_put_str(p, "field", item->field == NULL ? NULL : item->field->name);
    tp_json_put_name(p, "person", item->person);
    tp_json_key(p, "shown");
    tp_rc rc = tp_document_value(p, item->field, item->shown, err);
    tp_json_key(p, "kept");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < item->kept_count; i++) {
        rc = put_kept(p, item, item->kept[i], err);
    }
    tp_json_end(p, ']');
    tp_json_put_name(p, "by", item->by);
    tp_json_put_bool(p, "mine", item->is_mine);
    tp_json_put_bool(p, "can_dismiss", item->can_dismiss);
    tp_json_put_str(p, "text", item->text);
    tp_json_put_instant(p, "at", item->at.ms);
    return rc;
}

/* ---- One person ---- */

tp_rc tp_document_put_entry(tp_json_print *p, tp_view *view, tp_tx *tx, const tp_shown *entry,
                            tp_err *err)
{
    tp_rc rc = tp_document_put_record(p, view, tx, entry, err);
    tp_json_put_bool(p, "new", entry->is_new);
    tp_json_put_name(p, "origin", entry->person);
    return rc;
}

tp_rc tp_document_put_timeline(tp_json_print *p, tp_view *view, tp_tx *tx,
                               const tp_timeline *timeline, const tp_consent_page *consent,
                               uint32_t first, uint32_t count, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_key(p, "person");
    if (timeline->person == NULL) {
        tp_json_null(p);
    } else {
        rc = tp_document_record(p, view, tx, timeline->person, err);
    }
    tp_json_key(p, "joined");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < timeline->joined_count; i++) {
        tp_json_name(p, timeline->joined[i]);
    }
    tp_json_end(p, ']');
    tp_json_key(p, "consent");
    tp_document_consent(p, consent, false);
    tp_json_key(p, "entries");
    tp_json_begin(p, '[');
    for (uint32_t i = first; rc == TP_OK && i < first + count; i++) {
        tp_json_begin(p, '{');
        rc = tp_document_put_entry(p, view, tx, timeline->entries[i], err);
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
    tp_json_put_int(p, "hidden", timeline->hidden_count);
    tp_json_put_int(p, "given_back", timeline->given_back_count);
    tp_json_put_int(p, "erased", timeline->erased_count);
    return rc;
}
