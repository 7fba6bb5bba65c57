/* Erasing, and what was erased. */
#include "sync/hub/command.h"

#include "platform/base/plural.h"
#include "schema/london_time.h"
#include "schema/name_text.h"
#include "schema/utf8.h"
#include "sync/hub/erase_list.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SCRUB_TRIES = 3, SHOWN_NAMES_MAX = 20, ANSWER_BYTES = 64 };

/* What was asked for, and what was found. */
typedef struct erasing {
    tp_call *call;
    tp_name name;
    bool has_everything;
    const char *by;
    const char *reason;
    tp_hub_erase_plan plan;
    size_t changes; /* when it was said what goes */
    bool is_held;   /* by some device */
    bool is_gone;   /* out of the file */
} erasing;

static size_t changes_of(const tp_hub_erase_plan *plan)
{
    return plan->changes.bytes / sizeof(tp_hub_erase_item);
}

static size_t records_of(const tp_hub_erase_plan *plan)
{
    return plan->records.bytes / sizeof(tp_name);
}

/* ---- What is asked for ---- */

/* The account that runs this; NULL: nobody can tell. */
static const char *account(void)
{
    static const char *const names[] = {"SUDO_USER", "LOGNAME", "USER"};
    const char *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof names / sizeof names[0]; i++) {
        found = getenv(names[i]);
    }
    return found == NULL || found[0] == '\0' ? NULL : found;
}

static tp_rc check_text(const char *what, const char *text, tp_err *err)
{
    tp_slice trimmed = tp_utf8_trim(tp_slice_str(text));
    if (trimmed.bytes == 0 || !tp_utf8_is_valid(trimmed)) {
        return tp_fail(err, TP_INVALID, "%s is empty or no text", what);
    }
    if (strlen(text) > TP_ERASURE_TEXT_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "%s is longer than %u bytes", what,
                       TP_ERASURE_TEXT_BYTES_MAX);
    }
    return TP_OK;
}

static tp_rc check_asked(erasing *e, tp_err *err)
{
    if (e->reason == NULL) {
        return tp_call_usage(e->call, "for which reason?", err);
    }
    e->by = e->by == NULL ? account() : e->by;
    if (e->by == NULL) {
        return tp_call_usage(e->call, "who erases it? (--by)", err);
    }
    tp_rc rc = check_text("the reason", e->reason, err);
    return rc == TP_OK ? check_text("who erases it", e->by, err) : rc;
}

/* ---- What goes, and who has it ---- */

static tp_rc say_holder(void *ctx, const tp_hub_erase_holder *holder, tp_err *err)
{
    erasing *e = ctx;
    (void)err;
    e->is_held = true;
    fputs("  ", e->call->out);
    tp_hub_print_device(e->call, holder->device);
    fprintf(e->call->out, " has %" PRIu64 " of them\n", holder->changes);
    return TP_OK;
}

static tp_rc say_plan(erasing *e, tp_err *err)
{
    const tp_hub_erase_plan *plan = &e->plan;
    FILE *out = e->call->out;
    const size_t records = records_of(plan);
    fprintf(out, "%zu %s of %zu %s", e->changes, tp_plural(e->changes, "change", "changes"),
            records, tp_plural(records, "record", "records"));
    if (plan->persons > 0) {
        fprintf(out, ": everything about %" PRIu32 " %s", plan->persons,
                plan->persons == 1 ? "person" : "persons who are one");
    }
    fputs(" would be erased here and on every device that has any of it:\n", out);
    tp_rc rc = tp_hub_erase_holders(tp_hub_of(e->call), plan, say_holder, e, err);
    if (rc == TP_OK && !e->is_held) {
        fputs("  no device has any\n", out);
    }
    if (rc == TP_OK && plan->kept > 0) {
        fprintf(out, "%" PRIu32 " %s, since %s somebody else as well.\n", plan->kept,
                tp_plural(plan->kept, "record stays", "records stay"),
                tp_plural(plan->kept, "it protects", "they protect"));
    }
    if (rc == TP_OK && plan->unread > 0) {
        fprintf(out,
                "In quarantine %" PRIu32 " %s of which nobody can say what %s of: teapot-hub "
                "quarantine list.\n",
                plan->unread, tp_plural(plan->unread, "change stands", "changes stand"),
                tp_plural(plan->unread, "it is", "they are"));
    }
    return rc;
}

static tp_rc look(erasing *e, tp_err *err)
{
    tp_hub *hub = tp_hub_of(e->call);
    tp_rc rc = tp_hub_look(hub, err);
    if (rc == TP_OK) {
        rc = tp_hub_read_name(e->call, e->call->argv[0], &e->name, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erase_find(hub, e->name, e->has_everything, &e->plan, err);
    }
    if (rc == TP_OK) {
        e->changes = changes_of(&e->plan);
        rc = e->call->is_json ? TP_OK : say_plan(e, err);
    }
    tp_hub_rollback(hub);
    return rc;
}

/* Nobody is asked where nobody sits. */
static tp_rc confirm(const erasing *e, tp_err *err)
{
    char answer[ANSWER_BYTES] = "";
    const bool is_asked = e->call->is_terminal && !e->call->is_json;
    if (is_asked) {
        fputs("There is no way back.  Type erase to go on: ", e->call->out);
        fflush(e->call->out);
        if (fgets(answer, sizeof answer, stdin) == NULL) {
            answer[0] = '\0';
        }
        answer[strcspn(answer, "\r\n")] = '\0';
    }
    return strcmp(answer, "erase") == 0 ? TP_OK
                                        : tp_fail(err, TP_DENIED, "nothing was erased%s",
                                                  is_asked ? "" : ": --yes says that it is meant");
}

/* ---- Doing it ---- */

static tp_rc do_erase(erasing *e, tp_err *err)
{
    tp_hub *hub = tp_hub_of(e->call);
    tp_hub_erase_plan_done(&e->plan);
    tp_hub_erase_plan_init(&e->plan);
    tp_rc rc = tp_hub_begin(hub, err);
    if (rc == TP_OK) {
        rc = tp_hub_erase_find(hub, e->name, e->has_everything, &e->plan, err);
    }
    if (rc == TP_OK && changes_of(&e->plan) != e->changes) {
        rc = tp_fail(err, TP_BUSY, "meanwhile more of it came: look at what goes once more");
    }
    if (rc == TP_OK) {
        rc = tp_hub_erase(hub, &e->plan, e->by, e->reason, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    for (int i = 0; rc == TP_OK && !e->is_gone && i < SCRUB_TRIES; i++) {
        rc = tp_hub_store_scrub(hub->store, &e->is_gone, err);
    }
    return rc == TP_OK ? tp_hub_erase_list_settle(hub, err) : rc;
}

static tp_rc say_erased(const erasing *e, tp_err *err)
{
    if (e->call->is_json) {
        return tp_hub_print_json(
            e->call,
            json_pack("{s:o, s:I, s:I, s:I, s:b}", "erased", tp_hub_json_name(e->name), "records",
                      (json_int_t)records_of(&e->plan), "changes", (json_int_t)e->changes, "kept",
                      (json_int_t)e->plan.kept, "out_of_the_file", (int)e->is_gone),
            err);
    }
    fprintf(
        e->call->out,
        "Erased.  Devices give it back at their next sync; `teapot-hub erased` says who has not "
        "yet.\n%sBackups made before still have it: throw them away.  A hub that one is put "
        "back into erases it\nagain, by " TP_HUB_ERASED_LIST ": keep that with the keys.\n",
        e->is_gone ? ""
                   : "Somebody reads the database, so that the bytes may be in hub.db-wal yet; "
                     "they go when nobody does.\n");
    return TP_OK;
}

tp_rc tp_hub_command_erase(tp_call *call, tp_err *err)
{
    const char *everything = NULL;
    const char *yes = NULL;
    erasing e = {.call = call};
    const tp_option options[] = {{"reason", &e.reason, false},
                                 {"by", &e.by, false},
                                 {"everything", &everything, true},
                                 {"yes", &yes, true},
                                 {NULL, NULL, false}};
    tp_hub_erase_plan_init(&e.plan);
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = check_asked(&e, err);
    }
    e.has_everything = everything != NULL;
    if (rc == TP_OK) {
        rc = look(&e, err);
    }
    if (rc == TP_OK && yes == NULL) {
        rc = confirm(&e, err);
    }
    if (rc == TP_OK) {
        rc = do_erase(&e, err);
    }
    if (rc == TP_OK) {
        rc = say_erased(&e, err);
    }
    tp_hub_erase_plan_done(&e.plan);
    return rc;
}

/* ---- What was erased ---- */

typedef struct listing {
    const tp_call *call;
    json_t *erasures; /* NULL: text */
    json_t *names;    /* of one erasure */
    json_t *holders;
    tp_name first; /* of one erasure */
    uint64_t shown;
    tp_hub_device device; /* whose holdings are counted */
    uint64_t held;
    uint64_t listed; /* erasures */
    uint64_t naming;
} listing;

static tp_rc take_name(void *ctx, tp_name record, uint64_t erasure, tp_err *err)
{
    listing *l = ctx;
    char name[TP_NAME_TEXT_BYTES];
    (void)erasure;
    (void)err;
    l->first = l->shown == 0 ? record : l->first;
    l->shown++;
    tp_name_print(record, name);
    if (l->erasures != NULL) {
        (void)json_array_append_new(l->names, json_string(name));
    } else if (l->shown <= SHOWN_NAMES_MAX) {
        fprintf(l->call->out, "  %s\n", name);
    }
    return TP_OK;
}

static void end_holder(listing *l)
{
    if (l->held == 0) {
        return;
    }
    if (l->erasures != NULL) {
        (void)json_array_append_new(l->holders, json_pack("{s:o, s:I}", "device",
                                                          tp_hub_json_device(l->device.id),
                                                          "changes", (json_int_t)l->held));
    } else {
        fputs("  not yet given back: ", l->call->out);
        tp_hub_print_device(l->call, &l->device);
        fprintf(l->call->out, " has %" PRIu64 " %s\n", l->held,
                tp_plural(l->held, "change", "changes"));
    }
    l->held = 0;
}

static tp_rc take_holding(void *ctx, const tp_hub_holding *holding, tp_err *err)
{
    listing *l = ctx;
    (void)err;
    if (holding->device->id != l->device.id) {
        end_holder(l);
        l->device = *holding->device;
    }
    l->held++;
    return TP_OK;
}

static void say_erasure(const tp_call *call, const tp_hub_erasure *e)
{
    char at[TP_LONDON_TEXT_MAX];
    tp_london_format(e->at_ms, at);
    fprintf(call->out, "%s  %" PRIu64 " %s, %" PRIu64 " %s, by %s: %s\n", at, e->records,
            tp_plural(e->records, "record", "records"), e->changes,
            tp_plural(e->changes, "change", "changes"), e->by, e->reason);
}

static tp_rc list_erasure(void *ctx, const tp_hub_erasure *e, tp_err *err)
{
    listing *l = ctx;
    tp_hub_store *store = tp_hub_of(l->call)->store;
    l->listed++;
    l->shown = 0;
    l->device.id = 0;
    if (l->erasures == NULL) {
        say_erasure(l->call, e);
    } else {
        l->names = json_array();
        l->holders = json_array();
    }
    tp_rc rc = tp_hub_erased_all(store, e->no, take_name, l, err);
    if (l->erasures == NULL && l->shown > SHOWN_NAMES_MAX) {
        fprintf(l->call->out, "  and %" PRIu64 " more\n", l->shown - SHOWN_NAMES_MAX);
    }
    if (rc == TP_OK && l->shown > 0) {
        rc = tp_hub_erased_holdings(store, l->first, take_holding, l, err);
        end_holder(l);
    }
    if (l->erasures != NULL) {
        (void)json_array_append_new(l->erasures, json_pack("{s:o, s:s, s:s, s:o, s:I, s:o}", "at",
                                                           tp_hub_json_time(e->at_ms), "by", e->by,
                                                           "reason", e->reason, "records", l->names,
                                                           "changes", (json_int_t)e->changes,
                                                           "not_given_back", l->holders));
    }
    return rc;
}

static tp_rc list_naming(void *ctx, const tp_hub_item *record, tp_err *err)
{
    listing *l = ctx;
    char name[TP_NAME_TEXT_BYTES];
    char person[TP_NAME_TEXT_BYTES];
    const tp_entity_row *entity = tp_entity_of(record->entity);
    const char *what = entity == NULL ? "unknown" : entity->name;
    (void)err;
    l->naming++;
    tp_name_print(record->name, name);
    tp_name_print(record->person, person);
    if (l->names != NULL) {
        (void)json_array_append_new(
            l->names, json_pack("{s:s, s:s, s:s}", "name", name, "entity", what, "person", person));
        return TP_OK;
    }
    if (l->naming == 1) {
        fputs("Here is still recorded about somebody who was erased (teapot-hub erase PERSON "
              "--everything takes it too,\nunless it protects somebody else):\n",
              l->call->out);
    }
    fprintf(l->call->out, "  %s  %s about %s\n", name, what, person);
    return TP_OK;
}

tp_rc tp_hub_command_erased(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    listing l = {.call = call};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    l.erasures = call->is_json ? json_array() : NULL;
    rc = tp_hub_erasures(hub->store, list_erasure, &l, err);
    if (rc == TP_OK && l.listed == 0 && !call->is_json) {
        fputs("Nothing was ever erased.\n", call->out);
    }
    l.names = call->is_json ? json_array() : NULL;
    if (rc == TP_OK) {
        rc = tp_hub_erased_named(hub->store, list_naming, &l, err);
    }
    tp_hub_rollback(hub);
    if (!call->is_json) {
        return rc;
    }
    if (rc != TP_OK) {
        json_decref(l.erasures);
        json_decref(l.names);
        return rc;
    }
    return tp_hub_print_json(
        call, json_pack("{s:o, s:o}", "erasures", l.erasures, "still_about", l.names), err);
}
