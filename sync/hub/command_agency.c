/* Agencies and their Information Sharing Agreements. */
#include "sync/hub/command.h"

#include "schema/agency_id.h"
#include "schema/london_time.h"

enum { END_TEXT_MAX = TP_LONDON_TEXT_MAX + 16 };

static void format_end(int64_t ms, char out[END_TEXT_MAX]);

tp_rc tp_hub_command_agency_add(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_rc rc = tp_args_take(call, options, 2, 2, err);
    if (rc == TP_OK) {
        rc = tp_agency_id_check(tp_slice_str(call->argv[0]), err);
    }
    if (rc == TP_OK && (call->argv[1][0] == '\0' || strlen(call->argv[1]) >= TP_HUB_LABEL_BYTES)) {
        rc = tp_fail(err, TP_INVALID, "the label is empty or longer than %u bytes",
                     TP_HUB_LABEL_BYTES - 1);
    }
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_agency_add(hub->store, call->argv[0], call->argv[1], err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(
            call, json_pack("{s:s, s:s}", "agency", call->argv[0], "label", call->argv[1]), err);
    }
    if (rc == TP_OK) {
        fprintf(call->out, "Added. It is sent nothing before `teapot-hub agency sign %s`.\n",
                call->argv[0]);
    }
    return rc;
}

/* ---- list ---- */

static json_t *agreement_document(const tp_hub_agreement *agreement)
{
    return json_pack("{s:o, s:o}", "from", tp_hub_json_time(agreement->from_ms), "until",
                     tp_hub_json_time(agreement->until_ms));
}

/* It ended before it began: it says nothing any more. */
static bool is_void(const tp_hub_agreement *agreement)
{
    return agreement->until_ms != 0 && agreement->until_ms <= agreement->from_ms;
}

static void print_agreement(const tp_call *call, const tp_hub_agreement *agreement, int64_t now_ms)
{
    char from[TP_LONDON_TEXT_MAX];
    char until[END_TEXT_MAX] = "";
    const bool is_open = agreement->until_ms == 0;
    const bool is_now = agreement->from_ms <= now_ms && (is_open || now_ms < agreement->until_ms);
    tp_london_format(agreement->from_ms, from);
    if (is_void(agreement)) {
        fprintf(call->out, "  agreement from %s, ended before it began\n", from);
        return;
    }
    if (!is_open) {
        format_end(agreement->until_ms, until);
    }
    fprintf(call->out, "  agreement from %s%s%s%s\n", from, is_open ? ", open" : " to ", until,
            is_now ? ", in force" : "");
}

static tp_rc print_agency(const tp_call *call, const tp_hub *hub, const tp_hub_agency *agency,
                          tp_err *err)
{
    size_t count = 0;
    const tp_hub_agreement *agreements = tp_hub_agreements(hub->store, &count);
    json_t *list = call->is_json ? json_array() : NULL;
    bool has_any = false;
    if (!call->is_json) {
        fprintf(call->out, "%s  %s\n", agency->id, agency->label);
    }
    for (size_t i = 0; i < count; i++) {
        if (agreements[i].agency != agency->no) {
            continue;
        }
        has_any = true;
        if (call->is_json) {
            (void)json_array_append_new(list, agreement_document(&agreements[i]));
        } else {
            print_agreement(call, &agreements[i], hub->now_ms);
        }
    }
    if (!has_any && !call->is_json) {
        fputs("  no agreement, so it is sent nothing (agency sign)\n", call->out);
    }
    return !call->is_json ? TP_OK
                          : tp_hub_print_json(call,
                                              json_pack("{s:s, s:s, s:o}", "agency", agency->id,
                                                        "label", agency->label, "agreements", list),
                                              err);
}

tp_rc tp_hub_command_agency_list(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    size_t count = 0;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    const tp_hub_agency *agencies = rc == TP_OK ? tp_hub_agencies(hub->store, &count) : NULL;
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        rc = print_agency(call, hub, &agencies[i], err);
    }
    if (rc == TP_OK && count == 0 && !call->is_json) {
        fputs("No agency is known here: teapot-hub agency add.\n", call->out);
    }
    tp_hub_rollback(hub);
    return rc;
}

/* ---- sign, end ---- */

/* Everything the agency may hold by consent depends on it, so all of it is judged with it. */
static tp_rc put_agreement(tp_hub *hub, const tp_hub_agreement *agreement, tp_err *err)
{
    const tp_name everybody = {0, 0};
    tp_rc rc = tp_hub_agreement_put(hub->store, agreement, err);
    if (rc == TP_OK && agreement->from_ms > hub->now_ms) {
        rc = tp_hub_due_add(hub->store, agreement->from_ms, everybody, err);
    }
    if (rc == TP_OK && agreement->until_ms > hub->now_ms) {
        rc = tp_hub_due_add(hub->store, agreement->until_ms, everybody, err);
    }
    return rc == TP_OK ? tp_hub_judge_everybody(hub->judge, agreement->agency, hub->now_ms, err)
                       : rc;
}

/* "the end of Tue 31 Mar 2026" where a day ends, else the moment. */
static void format_end(int64_t ms, char out[END_TEXT_MAX])
{
    char text[TP_LONDON_TEXT_MAX];
    bool is_day_end = tp_london_day_end_ms(tp_london_day_of(ms - 1)) == ms;
    tp_london_format(is_day_end ? ms - 1 : ms, text);
    if (is_day_end) {
        *strrchr(text, ' ') = '\0'; /* 23:59 */
    }
    (void)snprintf(out, END_TEXT_MAX, "%s%s", is_day_end ? "the end of " : "", text);
}

/* The one in force, or the next one; NULL: none. */
static const tp_hub_agreement *open_agreement(const tp_hub *hub, uint16_t agency)
{
    size_t count = 0;
    const tp_hub_agreement *agreements = tp_hub_agreements(hub->store, &count);
    for (size_t i = 0; i < count; i++) {
        if (agreements[i].agency == agency && !is_void(&agreements[i]) &&
            (agreements[i].until_ms == 0 || hub->now_ms < agreements[i].until_ms)) {
            return &agreements[i];
        }
    }
    return NULL;
}

static tp_rc say_agreement(const tp_call *call, const char *id, const tp_hub_agreement *agreement,
                           int64_t now_ms, tp_err *err)
{
    char from[TP_LONDON_TEXT_MAX];
    char until[END_TEXT_MAX] = "";
    const bool has_ended = agreement->until_ms != 0 && agreement->until_ms <= now_ms;
    if (call->is_json) {
        return tp_hub_print_json(call,
                                 json_pack("{s:s, s:o, s:o}", "agency", id, "from",
                                           tp_hub_json_time(agreement->from_ms), "until",
                                           tp_hub_json_time(agreement->until_ms)),
                                 err);
    }
    if (is_void(agreement)) {
        fprintf(call->out, "%s is under no agreement: it ended before it began.\n", id);
        return TP_OK;
    }
    if (agreement->until_ms != 0) {
        format_end(agreement->until_ms, until);
    }
    tp_london_format(agreement->from_ms, from);
    fprintf(call->out, "%s %s under agreement%s%s%s%s.\n", id,
            has_ended                     ? "was"
            : agreement->from_ms > now_ms ? "will be"
                                          : "is",
            agreement->from_ms > now_ms ? " from " : "", agreement->from_ms > now_ms ? from : "",
            agreement->until_ms == 0 ? ", open" : " until ", until);
    return TP_OK;
}

/* The start of today; now, where an agreement of today was ended already and stays on record. */
static int64_t first_moment(const tp_hub *hub, uint16_t agency)
{
    int64_t from_ms = tp_london_day_start_ms(tp_london_day_of(hub->now_ms));
    size_t count = 0;
    const tp_hub_agreement *agreements = tp_hub_agreements(hub->store, &count);
    for (size_t i = 0; i < count; i++) {
        if (agreements[i].agency == agency && !is_void(&agreements[i]) &&
            agreements[i].until_ms > from_ms) {
            return hub->now_ms;
        }
    }
    return from_ms;
}

static tp_rc sign(tp_hub *hub, const char *id, const char *from, const char *until,
                  tp_hub_agreement *agreement, tp_err *err)
{
    tp_day day;
    tp_rc rc = tp_hub_need_agency(hub, id, &agreement->agency, err);
    if (rc == TP_OK && open_agreement(hub, agreement->agency) != NULL) {
        rc = tp_fail(err, TP_EXISTS, "%s is under agreement already: end that one first", id);
    }
    if (rc == TP_OK && from != NULL) {
        rc = tp_hub_read_day(from, &day, err);
        agreement->from_ms = rc == TP_OK ? tp_london_day_start_ms(day) : 0;
    } else if (rc == TP_OK) {
        agreement->from_ms = first_moment(hub, agreement->agency);
    }
    if (rc == TP_OK && until != NULL) {
        rc = tp_hub_read_day(until, &day, err);
        agreement->until_ms = rc == TP_OK ? tp_london_day_end_ms(day) : 0;
        if (rc == TP_OK && agreement->until_ms <= agreement->from_ms) {
            rc = tp_fail(err, TP_INVALID, "the agreement ends before it begins");
        }
    }
    return rc == TP_OK ? put_agreement(hub, agreement, err) : rc;
}

tp_rc tp_hub_command_agency_sign(tp_call *call, tp_err *err)
{
    const char *from = NULL;
    const char *until = NULL;
    const tp_option options[] = {
        {"from", &from, false}, {"until", &until, false}, {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_hub_agreement agreement = {0, 0, 0};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        rc = sign(hub, call->argv[0], from, until, &agreement, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    return rc == TP_OK ? say_agreement(call, call->argv[0], &agreement, hub->now_ms, err) : rc;
}

static tp_rc end(tp_hub *hub, const char *id, const char *on, tp_hub_agreement *agreement,
                 tp_err *err)
{
    tp_day day;
    uint16_t no = 0;
    int64_t until_ms = hub->now_ms;
    tp_rc rc = tp_hub_need_agency(hub, id, &no, err);
    if (rc == TP_OK && on != NULL) {
        rc = tp_hub_read_day(on, &day, err);
        until_ms = rc == TP_OK ? tp_london_day_end_ms(day) : 0;
    }
    const tp_hub_agreement *open = rc == TP_OK ? open_agreement(hub, no) : NULL;
    if (rc == TP_OK && open == NULL) {
        rc = tp_fail(err, TP_NOTFOUND, "%s is under no agreement", id);
    }
    if (rc != TP_OK) {
        return rc;
    }
    *agreement = *open;
    agreement->until_ms = until_ms > open->from_ms ? until_ms : open->from_ms;
    return put_agreement(hub, agreement, err);
}

tp_rc tp_hub_command_agency_end(tp_call *call, tp_err *err)
{
    const char *on = NULL;
    const tp_option options[] = {{"on", &on, false}, {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_hub_agreement agreement = {0, 0, 0};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        rc = end(hub, call->argv[0], on, &agreement, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    return rc == TP_OK ? say_agreement(call, call->argv[0], &agreement, hub->now_ms, err) : rc;
}
