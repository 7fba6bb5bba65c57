/* back, back begin, back without, back end, device admit. */
#include "sync/hub/command.h"

#include "platform/base/plural.h"
#include "schema/london_time.h"
#include "sync/hub/back.h"

#include <inttypes.h>

/* ---- back ---- */

/* What `back` says, gathered in one look. */
typedef struct standing {
    const tp_call *call;
    const tp_hub *hub;
    json_t *heard;   /* devices, each as a document */
    json_t *awaited; /* likewise */
    json_t *excused;
    json_t *callers; /* that are not enrolled here */
    json_t *authors; /* not enrolled here, of what others handed */
    size_t awaited_authors;
} standing;

/* For a program in UTC; for a person as everywhere on their terminal. */
static json_t *time_shown(const standing *s, int64_t ms)
{
    char text[TP_LONDON_TEXT_MAX];
    if (s->call->is_json || ms == 0) {
        return tp_hub_json_time(ms);
    }
    tp_london_format(ms, text);
    return json_string(text);
}

static json_t *device_document(const standing *s, const tp_hub_device *d)
{
    return json_pack("{s:o, s:s, s:s, s:b, s:o}", "device", tp_hub_json_device(d->id), "agency",
                     tp_hub_agency_of(s->hub->store, d->agency)->id, "label", d->label, "kiosk",
                     (int)d->is_kiosk, "last_sync", time_shown(s, d->last_sync_ms));
}

static tp_rc add_device(void *ctx, const tp_hub_device *d, tp_err *err)
{
    const standing *s = ctx;
    json_t *list = d->revoked_ms != 0              ? NULL
                   : d->standing == TP_HUB_AWAITED ? s->awaited
                   : d->standing == TP_HUB_HEARD   ? s->heard
                   : d->standing == TP_HUB_EXCUSED ? s->excused
                                                   : NULL;
    if (list != NULL && json_array_append_new(list, device_document(s, d)) != 0) {
        return tp_fail(err, TP_NOMEM, "no memory to list devices");
    }
    return TP_OK;
}

static tp_rc add_caller(void *ctx, const tp_hub_caller *c, tp_err *err)
{
    const standing *s = ctx;
    json_t *document = json_pack(
        "{s:o, s:s, s:b, s:o}", "device", tp_hub_json_device(c->id), "agency", c->agency,
        "agency_known", (int)(tp_hub_agency_find(s->hub->store, tp_slice_str(c->agency)) != 0),
        "called", time_shown(s, c->called_ms));
    return json_array_append_new(s->callers, document) == 0
               ? TP_OK
               : tp_fail(err, TP_NOMEM, "no memory to list devices");
}

static tp_rc add_author(void *ctx, const tp_hub_author *a, tp_err *err)
{
    standing *s = ctx;
    const bool is_awaited = a->standing == TP_HUB_AWAITED;
    json_t *document = json_pack("{s:o, s:I, s:b, s:b}", "device", tp_hub_json_device(a->id),
                                 "changes", (json_int_t)a->changes, "awaited", (int)is_awaited,
                                 "excused", (int)(a->standing == TP_HUB_EXCUSED));
    s->awaited_authors += is_awaited;
    return json_array_append_new(s->authors, document) == 0
               ? TP_OK
               : tp_fail(err, TP_NOMEM, "no memory to list devices");
}

static tp_rc gather(standing *s, tp_err *err)
{
    tp_rc rc = tp_hub_devices(s->hub->store, add_device, s, err);
    if (rc == TP_OK) {
        rc = tp_hub_callers(s->hub->store, add_caller, s, err);
    }
    return rc == TP_OK ? tp_hub_back_authors(s->hub->store, add_author, s, err) : rc;
}

static const char *text_of(const json_t *document, const char *key)
{
    const char *text = json_string_value(json_object_get(document, key));
    return text == NULL || text[0] == '\0' ? "-" : text;
}

static void print_devices(const tp_call *call, const char *head, const json_t *list)
{
    size_t count = json_array_size(list);
    if (count > 0) {
        fprintf(call->out, "%s\n", head);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *d = json_array_get(list, i);
        const char *synced = json_string_value(json_object_get(d, "last_sync"));
        fprintf(call->out, "  %s  %s%s  %s  synced %s\n", text_of(d, "device"),
                text_of(d, "agency"), json_is_true(json_object_get(d, "kiosk")) ? " (kiosk)" : "",
                text_of(d, "label"), synced == NULL ? "never" : synced);
    }
}

static void print_strangers(const tp_call *call, const standing *s)
{
    size_t callers = json_array_size(s->callers);
    size_t authors = json_array_size(s->authors);
    if (callers > 0) {
        fputs("Called, and is not enrolled here (device admit, or it stays out):\n", call->out);
    }
    for (size_t i = 0; i < callers; i++) {
        const json_t *c = json_array_get(s->callers, i);
        bool is_known = json_is_true(json_object_get(c, "agency_known"));
        fprintf(call->out, "  %s  %s%s  called %s\n", text_of(c, "device"), text_of(c, "agency"),
                is_known ? "" : " (not known here: agency add)", text_of(c, "called"));
    }
    if (authors > 0) {
        fputs("Is not enrolled here, and others handed what it wrote (device admit once it has "
              "called; with --agency\nif it is lost):\n",
              call->out);
    }
    for (size_t i = 0; i < authors; i++) {
        const json_t *a = json_array_get(s->authors, i);
        json_int_t changes = json_integer_value(json_object_get(a, "changes"));
        fprintf(call->out, "  %s  %" JSON_INTEGER_FORMAT " %s%s\n", text_of(a, "device"), changes,
                tp_plural((uint64_t)changes, "change", "changes"),
                json_is_true(json_object_get(a, "awaited"))   ? ", waited for"
                : json_is_true(json_object_get(a, "excused")) ? ", not waited for"
                                                              : "");
    }
}

static void print_standing(const tp_call *call, const standing *s, const tp_hub_state *state)
{
    char since[TP_LONDON_TEXT_MAX];
    if (state->back_ms == 0) {
        fputs("This hub has not gone back, or has all it waited for.\n", call->out);
        print_strangers(call, s);
        return;
    }
    tp_london_format(state->back_ms, since);
    fprintf(call->out,
            "Since %s this hub collects what it lost%s.\n"
            "Meanwhile nobody is sent anything of another agency.\n",
            since, state->anew != 0 ? ", all of it, until `teapot-hub back end`" : "");
    print_devices(call, "Waited for (back without, if it will not come):", s->awaited);
    print_devices(call, "Heard:", s->heard);
    print_devices(call, "Not waited for:", s->excused);
    print_strangers(call, s);
    if (state->anew == 0 && json_array_size(s->awaited) + s->awaited_authors == 0) {
        fputs("Nobody is waited for any more: it is over at the next sync of any device.\n",
              call->out);
    }
    fputs(
        "To be done again by hand, if it was done in the time that was lost: at once devices that "
        "were shut out\n(device revoke); agencies and their agreements (agency add, sign, end). "
        "Codes that were not used work no\nmore (device code); a device that was enrolled stands "
        "here once it calls.\n",
        call->out);
}

tp_rc tp_hub_command_back(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    standing s = {call,         hub,          json_array(), json_array(),
                  json_array(), json_array(), json_array(), 0};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK) {
        rc = gather(&s, err);
    }
    if (rc == TP_OK && call->is_json) {
        const tp_hub_state *state = tp_hub_store_state(hub->store);
        rc = tp_hub_print_json(call,
                               json_pack("{s:o, s:b, s:O, s:O, s:O, s:O, s:O}", "since",
                                         tp_hub_json_time(state->back_ms), "anew",
                                         (int)(state->anew != 0), "awaited", s.awaited, "heard",
                                         s.heard, "excused", s.excused, "callers", s.callers,
                                         "authors", s.authors),
                               err);
    } else if (rc == TP_OK) {
        print_standing(call, &s, tp_hub_store_state(hub->store));
    }
    tp_hub_rollback(hub);
    json_decref(s.heard);
    json_decref(s.awaited);
    json_decref(s.excused);
    json_decref(s.callers);
    json_decref(s.authors);
    return rc;
}

/* ---- begin, without, end ---- */

/* Says what is so now; text: where the hub goes on waiting. */
static tp_rc say_standing(const tp_call *call, int64_t back_ms, const char *text, tp_err *err)
{
    if (call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:o}", "since", tp_hub_json_time(back_ms)), err);
    }
    fputs(back_ms == 0 ? "Nobody is waited for: everybody is sent what they may hold, by what is "
                         "known here.\n"
                       : text,
          call->out);
    return TP_OK;
}

/* Does one thing to the hub as it stands and says what followed. */
static tp_rc change(tp_call *call, int arguments, tp_rc (*act)(tp_call *call, tp_err *err),
                    const char *text, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    int64_t back_ms = 0;
    tp_rc rc = tp_args_take(call, options, arguments, arguments, err);
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        rc = act(call, err);
    }
    if (rc == TP_OK) {
        back_ms = tp_hub_store_state(hub->store)->back_ms;
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    return rc == TP_OK ? say_standing(call, back_ms, text, err) : rc;
}

static tp_rc begin(tp_call *call, tp_err *err)
{
    return tp_hub_went_back(tp_hub_of(call), false, err);
}

static tp_rc end(tp_call *call, tp_err *err)
{
    return tp_hub_back_finish(tp_hub_of(call), err);
}

static tp_rc leave_out(tp_call *call, tp_err *err)
{
    tp_hub *hub = tp_hub_of(call);
    uint64_t id = 0;
    tp_rc rc = tp_hub_read_device(call->argv[0], &id, err);
    if (rc == TP_OK && !tp_hub_is_back(hub)) {
        rc = tp_fail(err, TP_INVALID, "the hub waits for nobody");
    }
    if (rc == TP_OK) {
        rc = tp_hub_standing_put(hub->store, id, TP_HUB_EXCUSED, err);
    }
    return rc == TP_OK ? tp_hub_back_settle(hub, err) : rc;
}

tp_rc tp_hub_command_back_begin(tp_call *call, tp_err *err)
{
    return change(call, 0, begin,
                  "Every device compares what it has with this hub at its next sync; meanwhile "
                  "nobody is sent anything\nof another agency. `teapot-hub back` says who is "
                  "waited for.\n",
                  err);
}

tp_rc tp_hub_command_back_without(tp_call *call, tp_err *err)
{
    return change(call, 1, leave_out,
                  "It is not waited for. `teapot-hub back` says who still is.\n", err);
}

tp_rc tp_hub_command_back_end(tp_call *call, tp_err *err)
{
    return change(call, 0, end, "", err);
}

/* ---- device admit ---- */

tp_rc tp_hub_command_device_admit(tp_call *call, tp_err *err)
{
    tp_hub_admission admission = {.label = ""};
    const char *kiosk = NULL;
    const tp_option options[] = {{"kiosk", &kiosk, true},
                                 {"label", &admission.label, false},
                                 {"agency", &admission.agency, false},
                                 {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_read_device(call->argv[0], &admission.device, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        admission.is_kiosk = kiosk != NULL;
        rc = tp_hub_admit(hub, &admission, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(
            call, json_pack("{s:o}", "device", tp_hub_json_device(admission.device)), err);
    }
    if (rc == TP_OK) {
        fputs(admission.agency == NULL ? "Admitted. Its next sync brings what it has.\n"
                                       : "What others handed of it is its agency's now; it is "
                                         "shut out itself.\n",
              call->out);
    }
    return rc;
}
