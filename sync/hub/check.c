/* The rules of acceptance, as a table. */
#include "sync/hub/check.h"

#include "sync/wire/field_value.h"

typedef struct check_row {
    uint32_t code; /* TP_QUARANTINE_... */
    const char *text;
    bool (*breaks)(const tp_change *change, const tp_hub_known *known);
} check_row;

static bool is_of_another_entity(const tp_change *change, const tp_hub_known *known)
{
    return !tp_change_creates(change) && known->has_record &&
           known->record_entity != change->entity;
}

static bool updates_what_is_to_come(const tp_change *change, const tp_hub_known *known)
{
    (void)known;
    return change->record.device == change->name.device && change->record.seq > change->name.seq;
}

static bool updates_what_is_final(const tp_change *change, const tp_hub_known *known)
{
    const tp_entity_row *entity =
        tp_entity_of(known->has_record ? known->record_entity : change->entity);
    return !tp_change_creates(change) && entity != NULL && (entity->flags & TP_ENTITY_FINAL) != 0;
}

static bool is_about_no_person(const tp_change *change, const tp_hub_known *known)
{
    (void)change;
    return known->is_person_other || known->is_person_itself;
}

static bool is_person_about_person(const tp_change *change, const tp_hub_known *known)
{
    (void)known;
    return change->entity == TP_PERSON && tp_change_field_of(change, TP_FIELD_PERSON) != NULL;
}

static bool lacks_person(const tp_change *change, const tp_hub_known *known)
{
    const tp_entity_row *entity = tp_entity_of(change->entity);
    return tp_change_creates(change) && entity != NULL && entity->code != TP_PERSON &&
           (entity->flags & TP_ENTITY_PERSONLESS) == 0 && !known->has_person;
}

static bool lacks_required(const tp_change *change, const tp_hub_known *known)
{
    (void)known;
    const tp_entity_row *entity = tp_entity_of(change->entity);
    if (entity == NULL || !tp_change_creates(change)) {
        return false;
    }
    for (const tp_field_row *row = entity->fields; row->code != 0; row++) {
        const tp_change_field *field =
            (row->flags & TP_FIELD_REQUIRED) == 0 ? NULL : tp_change_field_of(change, row->code);
        if ((row->flags & TP_FIELD_REQUIRED) != 0 && (field == NULL || !field->has_value)) {
            return true;
        }
    }
    return false;
}

static bool sets_once_more(const tp_change *change, const tp_hub_known *known)
{
    (void)known;
    for (uint32_t i = 0; i < change->fields_count && !tp_change_creates(change); i++) {
        const tp_field_row *row = tp_field_of(change->entity, change->fields[i].code);
        if (row != NULL && (row->flags & TP_FIELD_ONCE) != 0 && change->fields[i].has_value) {
            return true;
        }
    }
    return false;
}

static bool is_not_for_kiosk(const tp_change *change, const tp_hub_known *known)
{
    return known->is_kiosk &&
           (change->entity != TP_HELP_REQUEST || !tp_change_creates(change) || known->has_person);
}

/* What stands in an authoriser's place must be somebody, and somebody else. */
static bool authorises_itself(const tp_change *change, const tp_hub_known *known)
{
    (void)known;
    if (change->entity != TP_LEGAL_GATEWAY || !tp_change_creates(change)) {
        return false;
    }
    const tp_change_field *field = tp_change_field_of(change, TP_GATEWAY_AUTHORISER);
    tp_value value;
    tp_err err;
    if (field == NULL || !field->has_value ||
        tp_field_value_decode(tp_field_of(TP_LEGAL_GATEWAY, TP_GATEWAY_AUTHORISER), change,
                              field->value, &value, &err) != TP_OK ||
        value.is_null || value.text.bytes == 0) {
        return true;
    }
    return change->worker.bytes == 0 || tp_slice_eq(value.text, change->worker);
}

static const check_row rows[] = {
    {TP_QUARANTINE_RULE, "a kiosk writes new help requests about nobody known, and nothing else",
     is_not_for_kiosk},
    {TP_QUARANTINE_RECORD, "it says another entity than the record it updates",
     is_of_another_entity},
    {TP_QUARANTINE_RECORD, "it updates a record that was not written yet", updates_what_is_to_come},
    {TP_QUARANTINE_RULE, "a final record is not updated: another one answers it",
     updates_what_is_final},
    {TP_QUARANTINE_RECORD, "a person record is about no other person", is_person_about_person},
    {TP_QUARANTINE_RECORD, "what it names as the person is no person", is_about_no_person},
    {TP_QUARANTINE_RULE, "it does not say whom it is about", lacks_person},
    {TP_QUARANTINE_RULE, "a field that is required is missing", lacks_required},
    {TP_QUARANTINE_RULE, "it sets again what is set once", sets_once_more},
    {TP_QUARANTINE_RULE, "a legal gateway is authorised by somebody other than its writer",
     authorises_itself},
};

uint32_t tp_hub_check(const tp_change *change, const tp_hub_known *known, const char **text_out)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].breaks(change, known)) {
            *text_out = rows[i].text;
            return rows[i].code;
        }
    }
    return 0;
}
