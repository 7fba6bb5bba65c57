/* agency add, list, sign, end. */
#include "sync/hub/command.h"

#include "schema/london_time.h"
#include "schema/partial_date.h"

/* ---- add ---- */

tp_rc tp_hub_command_agency_add(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub_store *store = tp_hub_call_store(call);
    bool is_foreign = false;
    tp_rc rc = tp_args_take(call, options, 2, 2, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_begin(store, &is_foreign, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_agency_add(store, call->argv[0], call->argv[1], err);
        if (rc == TP_OK) {
            rc = tp_hub_store_commit(store, err);
        }
        tp_hub_store_rollback(store);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:s}", "agency", call->argv[0]), err);
    }
    fprintf(call->out,
            "%s is known.  Nothing is shared with it until its agreement is signed:\n"
            "  teapot-hub agency sign %s\n",
            call->argv[1], call->argv[0]);
    return TP_OK;
}

/* ---- list ---- */

static json_t *agreements_document(const tp_hub_store *store, uint16_t agency)
{
    json_t *list = json_array();
    size_t count = 0;
    const tp_hub_agreement *all = tp_hub_agreements(store, &count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].agency == agency) {
            json_t *until = all[i].until_ms == 0 ? json_null() : json_integer(all[i].until_ms);
            json_array_append_new(list, json_pack("{s:I,s:o}", "from_ms",
                                                  (json_int_t)all[i].from_ms, "until_ms", until));
        }
    }
    return list;
}

static json_t *agencies_document(const tp_hub_store *store)
{
    json_t *list = json_array();
    size_t count = 0;
    const tp_hub_agency *all = tp_hub_agencies(store, &count);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:o}", "agency", all[i].id, "label", all[i].label,
                                        "agreements", agreements_document(store, all[i].no)));
    }
    return json_pack("{s:o}", "agencies", list);
}

static void print_agreements(FILE *out, const tp_hub_store *store, uint16_t agency, int64_t now_ms)
{
    size_t count = 0;
    bool is_any = false;
    const tp_hub_agreement *all = tp_hub_agreements(store, &count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].agency != agency) {
            continue;
        }
        bool is_in_force =
            all[i].from_ms <= now_ms && (all[i].until_ms == 0 || now_ms < all[i].until_ms);
        is_any = true;
        fprintf(out, "    %s from %s", is_in_force ? "in force" : "not in force",
                tp_hub_when(all[i].from_ms));
        if (all[i].until_ms != 0) {
            fprintf(out, " until %s", tp_hub_when(all[i].until_ms));
        }
        fputc('\n', out);
    }
    if (!is_any) {
        fputs("    no agreement: nothing is shared with it\n", out);
    }
}

tp_rc tp_hub_command_agency_list(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    const tp_hub_store *store = tp_hub_call_store(call);
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_begin_reading(tp_hub_call_store(call), err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (call->is_json) {
        rc = tp_hub_print_json(call, agencies_document(store), err);
    } else {
        size_t count = 0;
        const tp_hub_agency *all = tp_hub_agencies(store, &count);
        for (size_t i = 0; i < count; i++) {
            fprintf(call->out, "%s  %s\n", all[i].id, all[i].label);
            print_agreements(call->out, store, all[i].no, tp_hub_call_now());
        }
    }
    tp_hub_store_rollback(tp_hub_call_store(call));
    return rc;
}

/* ---- sign, end ---- */

/* A whole day as typed.  Errors: INVALID. */
static tp_rc read_day(const char *option, const char *text, tp_day *day_out, tp_err *err)
{
    tp_partial_date date;
    tp_err why;
    if (tp_partial_date_parse(tp_slice_str(text), NULL, &date, &why) != TP_OK) {
        return tp_fail(err, TP_INVALID, "--%s: %s", option, why.what);
    }
    if (date.precision != TP_PRECISION_DAY) {
        return tp_fail(err, TP_INVALID, "--%s needs a whole date, such as 2026-03-31", option);
    }
    *day_out = (tp_day){date.year, date.month, date.day};
    return TP_OK;
}

static tp_rc find_agency(const tp_hub_store *store, const char *id, uint16_t *agency_out,
                         tp_err *err)
{
    *agency_out = tp_hub_agency_find(store, tp_slice_str(id));
    return *agency_out != 0 ? TP_OK
                            : tp_fail(err, TP_NOTFOUND,
                                      "there is no agency by that id: `teapot-hub agency list`");
}

/* A serving hub sees the new dates by the due moment, and judges everybody. */
static tp_rc put_agreement(tp_hub_store *store, const tp_hub_agreement *agreement, tp_err *err)
{
    tp_rc rc = tp_hub_agreement_put(store, agreement, err);
    const tp_name everybody = {0, 0};
    if (rc == TP_OK) {
        rc = tp_hub_due_add(store, agreement->from_ms, everybody, err);
    }
    if (rc == TP_OK && agreement->until_ms != 0) {
        rc = tp_hub_due_add(store, agreement->until_ms, everybody, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_due_add(store, tp_hub_call_now(), everybody, err);
    }
    return rc;
}

typedef tp_rc (*change_agreement)(tp_hub_store *store, uint16_t agency, const char *const *words,
                                  tp_err *err);

/* In one transaction: finds the agency and changes its agreements. */
static tp_rc change_agency(tp_call *call, change_agreement change, const char *const *words,
                           tp_err *err)
{
    tp_hub_store *store = tp_hub_call_store(call);
    bool is_foreign = false;
    uint16_t agency = 0;
    tp_rc rc = tp_hub_store_begin(store, &is_foreign, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = find_agency(store, call->argv[0], &agency, err);
    if (rc == TP_OK) {
        rc = change(store, agency, words, err);
    }
    if (rc == TP_OK && call->is_json) {
        rc = tp_hub_print_json(call,
                               json_pack("{s:s,s:o}", "agency", call->argv[0], "agreements",
                                         agreements_document(store, agency)),
                               err);
    } else if (rc == TP_OK) {
        fprintf(call->out, "%s\n", call->argv[0]);
        print_agreements(call->out, store, agency, tp_hub_call_now());
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_commit(store, err);
    }
    tp_hub_store_rollback(store);
    return rc;
}

/* words: from, until; NULL where not said. */
static tp_rc sign(tp_hub_store *store, uint16_t agency, const char *const *words, tp_err *err)
{
    tp_hub_agreement agreement = {.agency = agency, .from_ms = tp_hub_call_now()};
    tp_day day;
    tp_rc rc = TP_OK;
    if (words[0] != NULL) {
        rc = read_day("from", words[0], &day, err);
        agreement.from_ms = rc == TP_OK ? tp_london_day_start_ms(day) : 0;
    }
    if (rc == TP_OK && words[1] != NULL) {
        rc = read_day("until", words[1], &day, err);
        agreement.until_ms = rc == TP_OK ? tp_london_day_end_ms(day) : 0;
    }
    if (rc == TP_OK && agreement.until_ms != 0 && agreement.until_ms <= agreement.from_ms) {
        rc = tp_fail(err, TP_INVALID, "the agreement would end before it begins");
    }
    return rc == TP_OK ? put_agreement(store, &agreement, err) : rc;
}

tp_rc tp_hub_command_agency_sign(tp_call *call, tp_err *err)
{
    const char *words[2] = {NULL, NULL};
    const tp_option options[] = {
        {"from", &words[0], false}, {"until", &words[1], false}, {NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    return rc == TP_OK ? change_agency(call, sign, words, err) : rc;
}

/* words: on, NULL where not said.  Ends every agreement that would go on after it. */
static tp_rc end(tp_hub_store *store, uint16_t agency, const char *const *words, tp_err *err)
{
    int64_t end_ms = tp_hub_call_now();
    tp_day day;
    tp_rc rc = TP_OK;
    if (words[0] != NULL) {
        rc = read_day("on", words[0], &day, err);
        end_ms = rc == TP_OK ? tp_london_day_end_ms(day) : 0;
    }
    bool is_any = false;
    size_t count = 0;
    const tp_hub_agreement *all = tp_hub_agreements(store, &count);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        tp_hub_agreement ended = all[i];
        if (ended.agency == agency && ended.from_ms < end_ms &&
            (ended.until_ms == 0 || ended.until_ms > end_ms)) {
            ended.until_ms = end_ms;
            is_any = true;
            rc = put_agreement(store, &ended, err);
            all = tp_hub_agreements(store, &count);
        }
    }
    if (rc == TP_OK && !is_any) {
        rc = tp_fail(err, TP_NOTFOUND, "it has no agreement that would go on after that");
    }
    return rc;
}

tp_rc tp_hub_command_agency_end(tp_call *call, tp_err *err)
{
    const char *words[1] = {NULL};
    const tp_option options[] = {{"on", &words[0], false}, {NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    return rc == TP_OK ? change_agency(call, end, words, err) : rc;
}
