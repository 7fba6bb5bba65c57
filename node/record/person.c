/* A new person: who it may be. */
#include "node/record/person.h"

#include "node/record/check.h"
#include "node/record/rule.h"

enum { MAY_BE_MAX = TP_WRITE_MAY_BE_MAX };

/* The stored form of a field as it would be written; empty where it is not set, or is refused
 * later. */
static tp_slice stored_text(tp_write *w, uint32_t code)
{
    const tp_value *typed = tp_write_value(w, code);
    tp_err refused = {0};
    if (typed == NULL || typed->is_null) {
        return tp_slice_str("");
    }
    tp_value value = {.type = typed->type, .text = typed->text};
    if (tp_check_value(TP_PERSON, tp_field_of(TP_PERSON, code), NULL, &w->arena, &value,
                       &refused) != TP_OK ||
        value.is_null) {
        return tp_slice_str("");
    }
    return value.text;
}

tp_rc tp_person_may_be(tp_write *w, tp_tx *tx, tp_found_list *list_out, tp_err *err)
{
    const tp_person_facts facts = {
        .names = {stored_text(w, TP_PERSON_PREFERRED_NAME), stored_text(w, TP_PERSON_LEGAL_NAME)},
        .names_count = 2,
        .born = stored_text(w, TP_PERSON_BORN),
        .phone = stored_text(w, TP_PERSON_PHONE),
        .nhs_number = stored_text(w, TP_PERSON_NHS_NUMBER)};
    return tp_find_may_be(w->node->view, tx, &facts, MAY_BE_MAX, list_out, err);
}
