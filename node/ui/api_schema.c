/* /api/schema: the tables that forms and labels are made from. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "schema/code_list.h"
#include "schema/entity.h"
#include "schema/wording.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"

/* ---- Entities ---- */

static const char *const types[] = {[TP_TYPE_TEXT] = "text",
                                    [TP_TYPE_CODE] = "code",
                                    [TP_TYPE_CODES] = "codes",
                                    [TP_TYPE_BOOL] = "bool",
                                    [TP_TYPE_COUNT] = "count",
                                    [TP_TYPE_INSTANT] = "instant",
                                    [TP_TYPE_DATE] = "date",
                                    [TP_TYPE_PARTIAL_DATE] = "partial_date",
                                    [TP_TYPE_NHS_NUMBER] = "nhs_number",
                                    [TP_TYPE_PHONE] = "phone",
                                    [TP_TYPE_GRID] = "grid",
                                    [TP_TYPE_AGENCY] = "agency",
                                    [TP_TYPE_AGENCIES] = "agencies",
                                    [TP_TYPE_HOLDER] = "holder",
                                    [TP_TYPE_RECORD] = "record",
                                    [TP_TYPE_RECORDS] = "records"};

static const char *const rules[] = {
    [TP_RULE_LATEST] = "latest", [TP_RULE_CAREFUL] = "careful", [TP_RULE_PROGRESS] = "progress",
    [TP_RULE_HOLDER] = "holder", [TP_RULE_PROTECT] = "protect", [TP_RULE_FIRST] = "first",
    [TP_RULE_KINDS] = "kinds",   [TP_RULE_RETRACT] = "retract"};

static void put_field(tp_json_print *p, const tp_field_row *row)
{
    tp_json_begin(p, '{');
    tp_json_put_str(p, "name", row->name);
    tp_json_put_str(p, "label", row->label);
    tp_json_put_str(p, "help", row->help);
    tp_json_put_str(p, "type", types[row->type]);
    tp_json_put_str(p, "rule", rules[row->rule]);
    tp_json_put_bool(p, "required", (row->flags & TP_FIELD_REQUIRED) != 0);
    tp_json_put_bool(p, "once", (row->flags & TP_FIELD_ONCE) != 0);
    tp_json_put_bool(p, "open", (row->flags & TP_FIELD_OPEN) != 0);
    tp_json_put_str(p, "list", row->list);
    tp_json_end(p, '}');
}

/* A person's record is about no other person. */
static void put_common(tp_json_print *p, uint32_t entity)
{
    put_field(p, tp_field_of(entity, TP_FIELD_INFO));
    put_field(p, tp_field_of(entity, TP_FIELD_RETRACTED));
    if (entity != TP_PERSON) {
        put_field(p, tp_field_of(entity, TP_FIELD_PERSON));
    }
}

static void put_entities(tp_json_print *p)
{
    tp_json_key(p, "entities");
    tp_json_begin(p, '[');
    for (const tp_entity_row *row = tp_entities; row->code != 0; row++) {
        tp_json_begin(p, '{');
        tp_json_put_str(p, "name", row->name);
        tp_json_put_str(p, "label", row->label);
        tp_json_put_bool(p, "personless", (row->flags & TP_ENTITY_PERSONLESS) != 0);
        tp_json_put_bool(p, "final", (row->flags & TP_ENTITY_FINAL) != 0);
        tp_json_key(p, "fields");
        tp_json_begin(p, '[');
        for (const tp_field_row *field = row->fields; field->code != 0; field++) {
            put_field(p, field);
        }
        put_common(p, row->code);
        tp_json_end(p, ']');
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
}

/* ---- Lists and wordings ---- */

static void put_lists(tp_json_print *p)
{
    tp_json_key(p, "lists");
    tp_json_begin(p, '{');
    for (const tp_code_list *list = tp_code_lists; list->name != NULL; list++) {
        tp_json_key(p, list->name);
        tp_json_begin(p, '[');
        for (unsigned i = 0; i < list->count; i++) {
            tp_json_begin(p, '{');
            tp_json_put_str(p, "code", list->codes[i].code);
            tp_json_put_str(p, "label", list->codes[i].label);
            tp_json_end(p, '}');
        }
        tp_json_end(p, ']');
    }
    tp_json_end(p, '}');
}

/* The English texts are the authors' own; of a translation its own row must say that somebody read
 * it. */
static void put_wordings(tp_json_print *p)
{
    tp_json_key(p, "wordings");
    tp_json_begin(p, '[');
    for (const tp_wording *wording = tp_wordings; wording->id != NULL; wording++) {
        tp_json_begin(p, '{');
        tp_json_put_str(p, "id", wording->id);
        tp_json_put_int(p, "version", wording->version);
        tp_json_put_str(p, "language", wording->language);
        tp_json_put_str(p, "title", wording->title);
        tp_json_put_str(p, "text", wording->text);
        tp_json_put_bool(p, "proof_read", strcmp(wording->language, "en") == 0);
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
}

/* ---- Agencies ---- */

typedef struct listing {
    tp_json_print *p;
    int64_t now_ms;
} listing;

static bool is_under_agreement(const tp_directory_agency *agency, int64_t now_ms)
{
    for (uint32_t i = 0; i < agency->agreements_count; i++) {
        const tp_agreement *agreement = &agency->agreements[i];
        if (agreement->from_ms <= now_ms && (agreement->is_open || agreement->until_ms > now_ms)) {
            return true;
        }
    }
    return false;
}

static tp_rc put_agency(void *context, const tp_directory_agency *agency, tp_err *err)
{
    (void)err;
    const listing *l = context;
    tp_json_begin(l->p, '{');
    tp_json_put_text(l->p, "id", agency->id);
    tp_json_put_text(l->p, "label", agency->label.bytes > 0 ? agency->label : agency->id);
    tp_json_put_bool(l->p, "under_agreement", is_under_agreement(agency, l->now_ms));
    tp_json_end(l->p, '}');
    return TP_OK;
}

static tp_rc put_agencies(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    tp_estimate now = {0, false, 0, 0};
    tp_rc rc = tp_log_now(call->ui->node->log, &call->tx, &now, NULL, err);
    listing l = {p, now.ms};
    tp_json_key(p, "agencies");
    tp_json_begin(p, '[');
    if (rc == TP_OK) {
        rc = tp_log_agencies(call->ui->node->log, &call->tx, put_agency, &l, err);
    }
    tp_json_end(p, ']');
    return rc;
}

tp_rc tp_api_schema(tp_ui_call *call, tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    put_entities(p);
    put_lists(p);
    tp_rc rc = put_agencies(call, p, err);
    put_wordings(p);
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}
