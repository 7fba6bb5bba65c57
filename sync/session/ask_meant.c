/* What is meant by the names in what is shown to a hub that went back.
 *
 * An older card may have used a number again that is named in it, and the hub has that by now: who
 * showed just the bytes would say of the one what was said of the other. */
#include "sync/session/ask_state.h"

#include "sync/wire/change_bytes.h"
#include "sync/wire/wire.h"

/* Above it, what stands twice is taken out. */
enum { NAMED_MAX = 2 * TP_MEANT_MAX + TP_CHANGE_NAMED_MAX, BEFORE_MAX = 4096 };

void tp_ask_meant_init(tp_ask *ask)
{
    tp_buf_init(&ask->named, NAMED_MAX * sizeof(tp_name));
    tp_buf_init(&ask->meant, (size_t)TP_MEANT_MAX * TP_MEANT_BYTES);
    tp_buf_init(&ask->meant_before, BEFORE_MAX * sizeof(tp_meant));
}

void tp_ask_meant_done(tp_ask *ask)
{
    tp_buf_done(&ask->named);
    tp_buf_done(&ask->meant);
    tp_buf_done(&ask->meant_before);
}

tp_rc tp_ask_meant_add(tp_ask *ask, tp_name name, tp_slice bytes, tp_err *err)
{
    tp_err unread;
    if (ask->named.bytes > TP_MEANT_MAX * sizeof(tp_name) &&
        tp_names_settle(&ask->named) > TP_MEANT_MAX) {
        return TP_OK; /* more than a request says */
    }
    tp_rc rc = tp_change_decode(name, bytes, &ask->named_change, &unread);
    if (rc == TP_NOMEM) {
        *err = unread;
    }
    if (rc != TP_OK) {
        return rc == TP_NOMEM ? rc : TP_OK; /* nobody knows what it names */
    }
    return tp_change_names(&ask->named_change, &ask->named_value, &ask->named, err);
}

typedef struct looking {
    tp_meant meant;
    bool is_found;
} looking;

/* What is damaged says nothing: it would be taken for another. */
static tp_rc look_at_row(void *context, const tp_log_row *row, tp_err *err)
{
    looking *l = context;
    (void)err;
    l->is_found =
        !row->is_stub && tp_log_row_is_whole(row) && tp_meant_of(row->name, row->bytes, &l->meant);
    return TP_OK;
}

static tp_rc look_in_log(tp_ask *ask, tp_tx *tx, tp_name name, looking *l, tp_err *err)
{
    tp_packed_name id = 0;
    tp_err missing;
    tp_rc rc = tp_log_pack_known(ask->log, tx, name, &id, &missing);
    if (rc == TP_OK) {
        rc = tp_log_get(ask->log, tx, id, look_at_row, l, &missing);
    }
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

tp_rc tp_ask_meant_keep(tp_ask *ask, tp_tx *tx, tp_name name, tp_err *err)
{
    looking l = {.is_found = false};
    tp_rc rc = look_in_log(ask, tx, name, &l, err);
    return rc == TP_OK && l.is_found && ask->meant_before.bytes < BEFORE_MAX * sizeof l.meant
               ? tp_buf_add(&ask->meant_before, &l.meant, sizeof l.meant, err)
               : rc;
}

/* What was handed by that name in this sync is here by it no more, or another is. */
static bool find_before(const tp_ask *ask, tp_name name, tp_meant *out)
{
    const tp_meant *before = (const tp_meant *)(const void *)ask->meant_before.at;
    for (size_t i = 0; i < ask->meant_before.bytes / sizeof *before; i++) {
        if (tp_name_eq(before[i].name, name)) {
            *out = before[i];
            return true;
        }
    }
    return false;
}

tp_rc tp_ask_fill_meant(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const size_t count = tp_names_settle(&ask->named);
    const tp_name *names = (const tp_name *)(const void *)ask->named.at;
    tp_rc rc = TP_OK;
    tp_buf_clear(&ask->meant);
    for (size_t i = 0; rc == TP_OK && i < count && i < TP_MEANT_MAX; i++) {
        looking l = {.is_found = false};
        l.is_found = find_before(ask, names[i], &l.meant);
        if (!l.is_found) {
            rc = look_in_log(ask, tx, names[i], &l, err);
        }
        if (rc == TP_OK && l.is_found) {
            rc = tp_meant_put(&ask->meant, &l.meant, err);
        }
    }
    ask->request.meant = tp_buf_slice(&ask->meant);
    return rc;
}

/* ---- What was written here and is called otherwise by the hub ---- */

static tp_rc take_renamed(void *context, tp_name name, const tp_refused *refused, tp_err *err)
{
    tp_ask *ask = context;
    if (refused->code != TP_QUARANTINE_MEANT || ask->named.bytes >= TP_MEANT_MAX * sizeof name) {
        return TP_OK;
    }
    return tp_buf_add(&ask->named, &name, sizeof name, err);
}

typedef struct finding {
    tp_ask *ask;
    tp_tx *tx;
    const tp_meant *own;
    uint64_t device; /* under which it is here; 0: under none */
} finding;

/* The salt says which it is. */
static tp_rc look_at_device(void *context, uint64_t device, tp_err *err)
{
    finding *f = context;
    looking l = {.is_found = false};
    const tp_name name = {device, f->own->name.seq};
    tp_rc rc = f->device != 0 ? TP_OK : look_in_log(f->ask, f->tx, name, &l, err);
    if (l.is_found && memcmp(l.meant.salt, f->own->called, sizeof f->own->called) == 0) {
        f->device = device;
    }
    return rc;
}

static void note_renamed(tp_ask *ask, tp_name name, uint64_t device)
{
    if (ask->renamed_count < TP_ASK_RENAMED_MAX) {
        ask->renamed[ask->renamed_count++] = (tp_renaming){.from = name.device,
                                                           .kept = name.seq - 1,
                                                           .upto = name.seq,
                                                           .to = device,
                                                           .keeps_seq = true};
    }
}

static tp_rc let_go_of(tp_ask *ask, tp_tx *tx, tp_name name, bool is_over, tp_err *err)
{
    looking l = {.is_found = false};
    finding f = {ask, tx, &l.meant, 0};
    tp_rc rc = look_in_log(ask, tx, name, &l, err);
    if (rc == TP_OK && l.is_found) {
        rc = tp_log_devices(ask->log, tx, look_at_device, &f, err);
    }
    if (rc != TP_OK || (f.device == 0 && !is_over)) {
        return rc;
    }
    if (f.device != 0) {
        note_renamed(ask, name, f.device);
    }
    ask->needs_scrub = true;
    return tp_merge_give_up(ask->merge, tx, &name, 1, err);
}

tp_rc tp_ask_apply_renamed(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const bool is_over = !ask->back.is_settling && ask->under_way_count == 0 &&
                         !ask->response.head.more && ask->seek == TP_ASK_SEEK_NONE &&
                         !tp_ask_has_more_to_push(ask);
    tp_buf_clear(&ask->named);
    tp_rc rc = tp_log_refused_all(ask->log, tx, take_renamed, ask, err);
    for (size_t at = 0; rc == TP_OK && at < ask->named.bytes; at += sizeof(tp_name)) {
        tp_name name;
        memcpy(&name, ask->named.at + at, sizeof name);
        rc = let_go_of(ask, tx, name, is_over, err);
    }
    return rc;
}
