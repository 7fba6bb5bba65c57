/* Whom a record is about, where its creating change does not say so: an update may, once.  The one
 * with the lowest number does, in whatever order they come again to a hub that went back. */
#include "sync/hub/accept_state.h"

#include "sync/wire/change_bytes.h"
#include "sync/wire/field_value.h"

typedef struct search {
    tp_hub_acceptor *a;
    bool is_there; /* the change that creates the record */
    bool is_named; /* by that one */
    bool is_mixed; /* an update is not filed where that one is */
    tp_name before;
    tp_hub_item first; /* of the updates that name somebody; number 0: there is none */
    tp_name person;
} search;

tp_name tp_hub_acceptor_named(tp_hub_acceptor *a, const tp_change *change, bool *is_readable_out)
{
    static const tp_name nobody = {0, 0};
    tp_err ignored;
    const tp_change_field *field = tp_change_field_of(change, TP_FIELD_PERSON);
    *is_readable_out = true;
    if (field == NULL || !field->has_value) {
        return nobody;
    }
    /* The common fields mean the same in every entity, known or not. */
    const tp_field_row *row = tp_field_of(TP_CONTACT, TP_FIELD_PERSON);
    if (tp_field_value_decode(row, change, field->value, a->value, &ignored) != TP_OK) {
        *is_readable_out = false;
        return nobody;
    }
    return a->value->is_null || a->value->names_count == 0 ? nobody : a->value->names[0];
}

static bool is_before(const tp_hub_item *x, const tp_hub_item *y)
{
    return y->stamp.number == 0 || x->stamp.number < y->stamp.number ||
           (x->stamp.number == y->stamp.number && tp_name_cmp(x->name, y->name) < 0);
}

static tp_rc look_at_change(void *ctx, const tp_hub_item *item, tp_err *err)
{
    search *f = ctx;
    bool is_readable = false;
    tp_change *change = tp_hub_persons_scratch(f->a->persons);
    tp_rc rc = tp_change_decode(item->name, item->bytes, change, err);
    if (rc != TP_OK) {
        return rc;
    }
    const tp_name named = tp_hub_acceptor_named(f->a, change, &is_readable);
    if (tp_change_creates(change)) {
        f->is_there = true;
        f->is_named = item->entity == TP_PERSON || !tp_name_is_none(named);
        f->before = item->person;
        return TP_OK;
    }
    f->is_mixed = f->is_mixed || !tp_name_eq(item->person, f->before);
    if (!tp_name_is_none(named) && is_before(item, &f->first)) {
        f->first = *item;
        f->person = named;
    }
    return TP_OK;
}

tp_rc tp_hub_acceptor_file(tp_hub_acceptor *a, tp_name record, tp_hub_filed *filed_out, tp_err *err)
{
    search f = {.a = a};
    tp_rc rc = tp_hub_log_about(a->store, (tp_name){0, 0}, record, look_at_change, &f, err);
    *filed_out = (tp_hub_filed){f.before, f.before};
    if (rc != TP_OK || !f.is_there) {
        return rc;
    }
    filed_out->now = f.is_named ? f.before : f.person;
    return f.is_mixed || !tp_name_eq(filed_out->now, f.before)
               ? tp_hub_log_fill_person(a->store, record, filed_out->now, err)
               : TP_OK;
}
