/* What is in force about a person, why, and who holds what. */
#include "sync/hub/command.h"

#include "schema/name_text.h"
#include "sync/hub/store_erased.h"

/* What is asked for; empty: all. */
typedef struct asking {
    const tp_call *call;
    uint16_t agency;
    const char *kind;
    const char *purpose;
    bool is_answered; /* something was printed */
} asking;

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
        break;
    }
    return "none";
}

/* One sentence: the event that decides, or why none does. */
static const char *why(const tp_consent_answer *answer, const tp_agency_terms *terms,
                       int64_t now_ms)
{
    if (answer->decision == TP_DECISION_GIVEN && !tp_agreement_in_force(terms, now_ms)) {
        return "given, but the agency is under no agreement, so it is sent nothing";
    }
    if (answer->decision != TP_DECISION_NONE) {
        return "the event named here decides";
    }
    return answer->has_event ? "the giving named here has ended, or capacity was not believed"
                             : "nobody has asked";
}

static tp_rc print_answer(asking *a, const tp_consent_book *book, const tp_agency_terms *terms,
                          tp_kind kind, tp_purpose purpose, tp_name person, json_t *list)
{
    tp_consent_answer answer = tp_consent_effective(book, person, terms, kind, purpose);
    tp_name event = {0, 0};
    if (answer.has_event) {
        event = book->events[answer.event].name;
    }
    if (a->call->is_json) {
        (void)json_array_append_new(
            list,
            json_pack("{s:s%, s:s, s:s, s:s, s:o, s:s}", "agency", (const char *)terms->agency.at,
                      terms->agency.bytes, "kind", tp_kind_name(kind), "purpose",
                      tp_purpose_name(purpose), "effective", decision_name(answer.decision),
                      "event", tp_hub_json_name(event), "why", why(&answer, terms, book->now_ms)));
        return TP_OK;
    }
    if (answer.has_event) {
        char name[TP_NAME_TEXT_BYTES];
        a->is_answered = true;
        tp_name_print(event, name);
        fprintf(a->call->out, "%.*s  %s  %s: %s, %s (%s)\n", TP_SLICE_FMT(terms->agency),
                tp_kind_name(kind), tp_purpose_name(purpose), decision_name(answer.decision), name,
                why(&answer, terms, book->now_ms));
    }
    return TP_OK;
}

static bool is_wanted(const char *wanted, const char *name)
{
    return wanted == NULL || strcmp(wanted, name) == 0;
}

static tp_rc print_book(asking *a, const tp_consent_book *book, tp_name person, json_t *list,
                        tp_err *err)
{
    const tp_agency_terms *terms = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_hub_persons_terms(tp_hub_of(a->call)->persons, &terms, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        if (a->agency != 0 && a->agency != i + 1) {
            continue;
        }
        for (tp_kind kind = 0; rc == TP_OK && kind < TP_KIND_COUNT; kind++) {
            for (tp_purpose purpose = 0; rc == TP_OK && purpose < TP_PURPOSE_COUNT; purpose++) {
                if (is_wanted(a->kind, tp_kind_name(kind)) &&
                    is_wanted(a->purpose, tp_purpose_name(purpose))) {
                    rc = print_answer(a, book, &terms[i], kind, purpose, person, list);
                }
            }
        }
    }
    return rc;
}

static tp_rc check_words(const asking *a, tp_err *err)
{
    if (a->kind != NULL && tp_kind_of(tp_slice_str(a->kind)) == TP_KIND_UNKNOWN) {
        return tp_fail(err, TP_INVALID, "there is no kind of information \"%.40s\"", a->kind);
    }
    if (a->purpose != NULL && tp_purpose_of(tp_slice_str(a->purpose)) == TP_PURPOSE_UNKNOWN) {
        return tp_fail(err, TP_INVALID, "there is no purpose \"%.40s\"", a->purpose);
    }
    return TP_OK;
}

/* The person whose record was named.  Errors: as tp_hub_read_name();  NOTFOUND no such person. */
static tp_rc read_person(tp_call *call, const char *typed, tp_name *person_out, tp_err *err)
{
    tp_hub *hub = tp_hub_of(call);
    const tp_hub_person *known = NULL;
    tp_rc rc = tp_hub_read_name(call, typed, person_out, err);
    if (rc == TP_OK) {
        rc = tp_hub_persons_get(hub->persons, *person_out, hub->now_ms, &known, err);
    }
    if (rc == TP_OK && !known->is_known) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no person of that name at this hub");
    }
    return rc;
}

static tp_rc show_consent(asking *a, tp_name person, tp_err *err)
{
    tp_hub *hub = tp_hub_of(a->call);
    const tp_consent_book *book = NULL;
    tp_rc rc = tp_hub_persons_book(hub->persons, person, hub->now_ms, &book, err);
    if (rc != TP_OK) {
        return rc;
    }
    json_t *list = a->call->is_json ? json_array() : NULL;
    rc = print_book(a, book, person, list, err);
    if (rc == TP_OK && !a->call->is_json && !a->is_answered) {
        const bool is_part = a->agency != 0 || a->kind != NULL || a->purpose != NULL;
        fprintf(a->call->out, "No consent recorded about this person covers %s.\n",
                is_part ? "that" : "anything yet");
    }
    if (!a->call->is_json) {
        return rc;
    }
    if (rc != TP_OK) {
        json_decref(list);
        return rc;
    }
    return tp_hub_print_json(
        a->call, json_pack("{s:o, s:o}", "person", tp_hub_json_name(person), "in_force", list),
        err);
}

tp_rc tp_hub_command_consent(tp_call *call, tp_err *err)
{
    const char *agency = NULL;
    asking a = {.call = call};
    const tp_option options[] = {{"agency", &agency, false},
                                 {"kind", &a.kind, false},
                                 {"purpose", &a.purpose, false},
                                 {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_name person;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = check_words(&a, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK) {
        rc = read_person(call, call->argv[0], &person, err);
    }
    if (rc == TP_OK && agency != NULL) {
        rc = tp_hub_need_agency(hub, agency, &a.agency, err);
    }
    if (rc == TP_OK) {
        rc = show_consent(&a, person, err);
    }
    tp_hub_rollback(hub);
    return rc;
}

/* ---- holds ---- */

typedef struct ledger {
    const tp_call *call;
    bool is_empty; /* nothing was printed yet */
} ledger;

static tp_rc print_holding(void *ctx, const tp_hub_holding *holding, tp_err *err)
{
    ledger *l = ctx;
    const tp_call *call = l->call;
    const tp_hub *hub = tp_hub_of(call);
    const tp_entity_row *entity = tp_entity_of(holding->entity);
    const char *what = holding->entity == 0 ? "erased" : entity == NULL ? "unknown" : entity->name;
    const char *agency = tp_hub_agency_of(hub->store, holding->device->agency)->id;
    l->is_empty = false;
    if (call->is_json) {
        return tp_hub_print_json(
            call,
            json_pack("{s:o, s:s, s:o, s:o, s:s, s:b, s:b, s:b}", "device",
                      tp_hub_json_device(holding->device->id), "agency", agency, "name",
                      tp_hub_json_name(holding->name), "record", tp_hub_json_name(holding->record),
                      "entity", what, "own", (int)holding->is_own, "to_give_back",
                      (int)holding->is_to_give, "revoked", holding->device->revoked_ms != 0),
            err);
    }
    char name[TP_NAME_TEXT_BYTES];
    tp_name_print(holding->name, name);
    tp_hub_print_device(call, holding->device);
    fprintf(call->out, "  %s  %s%s%s\n", name, what, holding->is_own ? ", its own" : "",
            holding->is_to_give ? ", to be given back" : "");
    return TP_OK;
}

tp_rc tp_hub_command_holds(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    ledger l = {.call = call, .is_empty = true};
    bool is_erased = false;
    tp_name name;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_read_name(call, call->argv[0], &name, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erased_has(hub->store, name, &is_erased, err);
    }
    if (rc == TP_OK && is_erased) {
        rc = tp_hub_erased_holdings(hub->store, name, print_holding, &l, err);
    } else if (rc == TP_OK) {
        rc = read_person(call, call->argv[0], &name, err);
        if (rc == TP_OK) {
            rc = tp_hub_holdings(hub->store, name, print_holding, &l, err);
        }
    }
    if (rc == TP_OK && l.is_empty && !call->is_json) {
        fputs(is_erased ? "Erased, and no device holds any of it.\n"
                        : "No device holds anything about this person.\n",
              call->out);
    }
    tp_hub_rollback(hub);
    return rc;
}
