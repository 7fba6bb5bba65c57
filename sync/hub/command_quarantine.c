/* The quarantine: looking, trying again, dismissing. */
#include "sync/hub/command.h"

#include "platform/base/plural.h"
#include "schema/london_time.h"
#include "schema/name_text.h"

#include <inttypes.h>

typedef struct listing {
    const tp_call *call;
    bool has_all;
    size_t shown;
    size_t dismissed; /* not shown */
} listing;

static tp_rc print_entry(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    listing *l = ctx;
    if (entry->is_dismissed && !l->has_all) {
        l->dismissed++;
        return TP_OK;
    }
    l->shown++;
    if (l->call->is_json) {
        return tp_hub_print_json(
            l->call,
            json_pack("{s:o, s:I, s:o, s:i, s:s, s:I, s:b}", "name", tp_hub_json_name(entry->name),
                      "number", (json_int_t)entry->stamp.number, "received",
                      tp_hub_json_time(entry->received_ms), "code", (int)entry->code, "text",
                      entry->text, "bytes", (json_int_t)entry->bytes.bytes, "dismissed",
                      (int)entry->is_dismissed),
            err);
    }
    char name[TP_NAME_TEXT_BYTES];
    char received[TP_LONDON_TEXT_MAX];
    tp_name_print(entry->name, name);
    tp_london_format(entry->received_ms, received);
    fprintf(l->call->out, "%s  %s  %zu bytes  %s%s\n", name, received, entry->bytes.bytes,
            entry->text, entry->is_dismissed ? " (dismissed)" : "");
    return TP_OK;
}

static void say_what_is_not_shown(const listing *l)
{
    if (l->shown > 0) {
        fputs("To try them again, as after an upgrade: quarantine retry. Looked at: quarantine "
              "dismiss NAME.\n",
              l->call->out);
    }
    if (l->shown == 0 && l->dismissed == 0) {
        fputs("Nothing is in quarantine: every change that was received has been applied.\n",
              l->call->out);
    } else if (l->dismissed > 0) {
        fprintf(l->call->out, "%s%zu dismissed: `teapot-hub quarantine list --all` shows %s.\n",
                l->shown == 0 ? "Nothing is left to look at; " : "", l->dismissed,
                tp_plural(l->dismissed, "it", "them"));
    }
}

tp_rc tp_hub_command_quarantine_list(tp_call *call, tp_err *err)
{
    const char *all = NULL;
    const tp_option options[] = {{"all", &all, true}, {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    listing l = {.call = call, .has_all = all != NULL};
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_quarantine_all(hub->store, 0, print_entry, &l, err);
    }
    if (rc == TP_OK && !call->is_json) {
        say_what_is_not_shown(&l);
    }
    tp_hub_rollback(hub);
    return rc;
}

/* ---- One entry, or all, copied out of the table they are changed in ---- */

enum { TAKEN_MAX = 100000 };

typedef struct taking {
    tp_name name; /* none: all */
    tp_buf names; /* tp_name each */
} taking;

static tp_rc take_name(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    taking *t = ctx;
    if (!tp_name_is_none(t->name) && !tp_name_eq(t->name, entry->name)) {
        return TP_OK;
    }
    return tp_buf_add(&t->names, &entry->name, sizeof entry->name, err);
}

typedef struct finding {
    tp_name name;
    tp_hub_quarantined entry;
    tp_buf bytes;
    char text[sizeof(((tp_err *)0)->what)];
} finding;

static tp_rc copy_entry(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    finding *f = ctx;
    if (!tp_name_eq(f->name, entry->name)) {
        return TP_OK;
    }
    f->entry = *entry;
    (void)snprintf(f->text, sizeof f->text, "%s", entry->text);
    f->entry.text = f->text;
    tp_buf_clear(&f->bytes);
    tp_rc rc = tp_buf_add_slice(&f->bytes, entry->bytes, err);
    f->entry.bytes = tp_buf_slice(&f->bytes);
    return rc;
}

static tp_rc say_retried(const tp_call *call, tp_name name, const tp_hub_accepted *accepted,
                         tp_err *err)
{
    char text[TP_NAME_TEXT_BYTES];
    if (call->is_json) {
        return tp_hub_print_json(call,
                                 json_pack("{s:o, s:b, s:s}", "name", tp_hub_json_name(name),
                                           "accepted", accepted->code == 0, "text",
                                           accepted->code == 0 ? "" : accepted->text),
                                 err);
    }
    tp_name_print(name, text);
    fprintf(call->out, "%s  %s%s\n", text,
            accepted->code == 0 ? "accepted" : "still refused: ", accepted->text);
    return TP_OK;
}

/* What was dismissed is tried as well, since an upgrade may have taught the program to read it;
 * that it is still refused is no news. */
static tp_rc retry_one(tp_call *call, finding *f, bool is_named, size_t *said, tp_err *err)
{
    tp_hub *hub = tp_hub_of(call);
    tp_hub_accepted accepted = {.code = 0, .text = ""};
    tp_rc rc = tp_hub_quarantine_all(hub->store, f->name.device, copy_entry, f, err);
    if (rc == TP_OK) {
        rc = tp_hub_accept_again(hub->acceptor, &f->entry, hub->now_ms, &accepted, err);
    }
    if (rc != TP_OK || (accepted.code != 0 && f->entry.is_dismissed && !is_named)) {
        return rc;
    }
    if (accepted.code != 0) {
        call->exit_code = TP_EXIT_REFUSED;
    }
    *said += 1;
    return say_retried(call, f->name, &accepted, err);
}

static tp_rc retry(tp_call *call, taking *t, tp_err *err)
{
    tp_hub *hub = tp_hub_of(call);
    finding f;
    size_t said = 0;
    bool is_named = !tp_name_is_none(t->name);
    memset(&f, 0, sizeof f);
    tp_buf_init(&f.bytes, TP_BATCH_BYTES_MAX);
    tp_rc rc = tp_hub_quarantine_all(hub->store, t->name.device, take_name, t, err);
    if (rc == TP_OK && t->names.bytes == 0 && is_named) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no such change in quarantine");
    }
    for (size_t at = 0; rc == TP_OK && at < t->names.bytes; at += sizeof f.name) {
        memcpy(&f.name, t->names.at + at, sizeof f.name);
        rc = retry_one(call, &f, is_named, &said, err);
    }
    if (rc == TP_OK && said == 0 && !call->is_json) {
        fputs("There is nothing to try again.\n", call->out);
    }
    tp_buf_done(&f.bytes);
    return rc;
}

tp_rc tp_hub_command_quarantine_retry(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    taking t = {.name = {0, 0}};
    tp_buf_init(&t.names, TAKEN_MAX * sizeof(tp_name));
    tp_rc rc = tp_args_take(call, options, 0, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK && call->argc == 1) {
        rc = tp_hub_read_name(call, call->argv[0], &t.name, err);
    }
    if (rc == TP_OK) {
        rc = retry(call, &t, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    tp_buf_done(&t.names);
    return rc;
}

static tp_rc dismiss(tp_hub *hub, tp_name name, tp_err *err)
{
    finding f;
    memset(&f, 0, sizeof f);
    f.name = name;
    tp_buf_init(&f.bytes, TP_BATCH_BYTES_MAX);
    tp_rc rc = tp_hub_quarantine_all(hub->store, name.device, copy_entry, &f, err);
    if (rc == TP_OK && tp_name_is_none(f.entry.name)) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no such change in quarantine");
    }
    if (rc == TP_OK) {
        f.entry.is_dismissed = true;
        rc = tp_hub_quarantine_put(hub->store, &f.entry, err);
    }
    tp_buf_done(&f.bytes);
    return rc;
}

tp_rc tp_hub_command_quarantine_dismiss(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_name name = {0, 0};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_read_name(call, call->argv[0], &name, err);
    }
    if (rc == TP_OK) {
        rc = dismiss(hub, name, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call, json_pack("{s:o}", "dismissed", tp_hub_json_name(name)),
                                 err);
    }
    if (rc == TP_OK) {
        fputs("Dismissed. Its bytes stay: `teapot-hub quarantine list --all`.\n", call->out);
    }
    return rc;
}
