/* What this device alone holds.  A hub that went back may have lost it, so it is shown to it first;
 * what the hub does not want here, or never sent, is given back.  What was written here and never
 * came from the hub nothing shows: it stays, and the two differ, until the hub asks it back. */
#include "sync/log/directory.h"
#include "sync/log/fork.h"
#include "sync/session/ask_state.h"
#include "sync/wire/wire.h"

static tp_rc give_back(tp_ask *ask, tp_tx *tx, const tp_name *names, uint32_t count, tp_err *err)
{
    if (count == 0) {
        return TP_OK;
    }
    ask->counts.given_back += count;
    ask->needs_scrub = true;
    return tp_merge_give_back(ask->merge, tx, names, count, ask->response.head.hub_ms, err);
}

static tp_rc give_up(tp_ask *ask, tp_tx *tx, const tp_name *names, uint32_t count, tp_err *err)
{
    if (count == 0) {
        return TP_OK;
    }
    ask->counts.given_back += count;
    ask->needs_scrub = true;
    return tp_merge_give_up(ask->merge, tx, names, count, err);
}

tp_rc tp_ask_part_shown(tp_ask *ask, tp_tx *tx, const tp_name *names, uint32_t count, tp_err *err)
{
    tp_name untagged[TP_HELD_WANTED_MAX];
    uint32_t untagged_count = 0;
    tp_handed handed;
    tp_rc rc = TP_OK;
    ask->extra_count = 0;
    for (uint32_t i = 0; i < count && rc == TP_OK; i++) {
        bool is_tagged = false;
        bool is_own = false;
        tp_buf_clear(&ask->handed_bytes);
        rc =
            tp_log_handed_get(ask->log, tx, names[i], &handed, &ask->handed_bytes, &is_tagged, err);
        if (rc == TP_OK) {
            rc = tp_log_was_device(ask->log, tx, names[i].device, &is_own, err);
        }
        if (is_tagged) {
            ask->extra[ask->extra_count++] = names[i];
        } else if (!is_own && !tp_ask_is_wanted(ask, names[i])) {
            untagged[untagged_count++] = names[i];
        }
    }
    return rc == TP_OK ? give_back(ask, tx, untagged, untagged_count, err) : rc;
}

tp_rc tp_ask_fill_handed(tp_ask *ask, tp_tx *tx, tp_ask_question *asked, tp_err *err)
{
    tp_request *r = &ask->request;
    size_t ends[TP_HANDED_MAX];
    uint32_t count = 0;
    tp_rc rc = TP_OK;
    tp_buf_clear(&ask->handed_bytes);
    while (rc == TP_OK && count < TP_HANDED_MAX && count < ask->extra_count &&
           ask->handed_bytes.bytes < ask->changes_bytes_max) {
        bool is_tagged = false;
        rc = tp_log_handed_get(ask->log, tx, ask->extra[count], &r->handed[count],
                               &ask->handed_bytes, &is_tagged, err);
        if (rc == TP_OK && !is_tagged) {
            break; /* somebody else of this node was here meanwhile: it is compared again */
        }
        ends[count++] = ask->handed_bytes.bytes;
    }
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        tp_entry *entry = &r->handed[i].entry;
        entry->bytes = tp_slice_of(ask->handed_bytes.at + at, ends[i] - at);
        at = ends[i];
        if (rc == TP_OK && (ask->back.is_settling || ask->back.is_hub_back)) {
            rc = tp_ask_meant_add(ask, entry->name, entry->bytes, err);
        }
    }
    r->handed_count = count;
    asked->handed_count = count;
    return rc;
}

/* The first `count` were dealt with, but for those of them that are handed again. */
static void go_on(tp_ask *ask, uint32_t count, const tp_name *again, uint32_t again_count)
{
    const uint32_t others = ask->extra_count - count;
    memmove(ask->extra + again_count, ask->extra + count, others * sizeof ask->extra[0]);
    memcpy(ask->extra, again, again_count * sizeof ask->extra[0]);
    ask->extra_count = count == 0 ? 0 : again_count + others;
    tp_ask_seek_next(ask);
}

/* What the hub cannot tell whose it is this node may know. */
static tp_rc is_to_keep(tp_ask *ask, tp_tx *tx, tp_name name, uint64_t verdict, bool *keeps_out,
                        tp_err *err)
{
    *keeps_out = verdict == TP_HANDED_KEEP;
    return verdict == TP_HANDED_NOT_KNOWN
               ? tp_log_is_of_own_agency(ask->log, tx, name, keeps_out, err)
               : TP_OK;
}

/* Up to here the hub has heard of what was written here, or may have. */
static uint64_t last_told(const tp_ask *ask)
{
    const uint64_t told = ask->accepted_seq > ask->pushed_seq ? ask->accepted_seq : ask->pushed_seq;
    return ask->known_seq > told ? ask->known_seq : told;
}

/* seq 0: by its own.  Else a copy of its author has written it again, and all that it had not sent
 * before that. */
static tp_renaming renaming_of(tp_name name, uint64_t device, uint64_t seq)
{
    return (tp_renaming){.from = name.device,
                         .kept = name.seq - (seq == 0 ? 1 : seq),
                         .upto = name.seq,
                         .to = device,
                         .keeps_seq = seq == 0};
}

/* An older card has used the number of what was handed again.  What was written here by that name
 * means what was handed, and says so before the hub hears of it.  Names kept elsewhere follow once
 * it is held by that name no more. */
static tp_rc rename_unsent(tp_ask *ask, tp_tx *tx, uint32_t count, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    const uint64_t last = last_told(ask);
    uint64_t renamed = 0;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        const tp_name name = ask->extra[i];
        const tp_renaming renaming = renaming_of(name, head->called[i], head->called_seq[i]);
        uint64_t of_this = 0;
        if (renaming.to != 0) {
            rc = tp_log_rename_unsent(ask->log, tx, last, &renaming, &of_this, err);
            renamed += of_this;
        }
        if (renaming.to != 0 && head->handed[i] == TP_HANDED_GIVE_BACK) {
            ask->renamed[ask->renamed_count++] = renaming;
        }
    }
    return rc == TP_OK && renamed > 0 ? tp_merge_rebuild(ask->merge, tx, NULL, err) : rc;
}

const tp_renaming *tp_ask_renamed(const tp_ask *ask, uint32_t *count_out)
{
    *count_out = ask->renamed_count;
    return ask->renamed;
}

tp_rc tp_ask_apply_handed(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    const uint32_t count = ask->answered.handed_count;
    tp_name back[TP_HANDED_MAX];
    tp_name up[TP_HANDED_MAX];    /* it has another name there */
    tp_name again[TP_HANDED_MAX]; /* likewise, and the answer had no room for it */
    uint32_t back_count = 0;
    uint32_t up_count = 0;
    uint32_t again_count = 0;
    tp_rc rc = TP_OK;
    if (ask->answered.seek != TP_ASK_SEEK_HANDED || ask->seek != TP_ASK_SEEK_HANDED) {
        return TP_OK;
    }
    if (head->handed_count != 0 && head->handed_count != count) {
        return tp_fail(err, TP_CORRUPT, "the hub does not speak of what it was handed");
    }
    ask->has_handed = ask->has_handed || count > 0;
    for (uint32_t i = 0; rc == TP_OK && i < head->handed_count; i++) {
        if (head->called_seq[i] >= ask->extra[i].seq) {
            return tp_fail(err, TP_CORRUPT, "the hub calls by a later number what was handed");
        }
    }
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        bool keeps = false;
        const bool is_there = tp_ask_is_wanted(ask, ask->extra[i]);
        /* An older hub says nothing of them, and has lost nothing. */
        const uint64_t verdict = head->handed_count == 0 ? TP_HANDED_GIVE_BACK : head->handed[i];
        if (is_there && verdict == TP_HANDED_NOT_PROVEN) {
            continue; /* damaged: it comes again */
        }
        rc = is_to_keep(ask, tx, ask->extra[i], verdict, &keeps, err);
        const bool is_renamed = head->handed_count != 0 && head->called[i] != 0;
        if (rc == TP_OK && is_renamed) {
            rc = tp_ask_meant_keep(ask, tx, ask->extra[i], err);
        }
        if (rc == TP_OK && !keeps && is_renamed) {
            up[up_count++] = ask->extra[i];
        } else if (rc == TP_OK && !keeps) {
            back[back_count++] = ask->extra[i];
        }
        if (rc == TP_OK && keeps && is_renamed) {
            again[again_count++] = ask->extra[i];
        }
        if (ask->back.is_settling && keeps) {
            tp_ask_strike_out(ask, ask->extra[i]); /* what is said of it is compared in the end */
        }
    }
    if (rc == TP_OK) {
        rc = give_back(ask, tx, back, back_count, err);
    }
    if (rc == TP_OK) {
        rc = give_up(ask, tx, up, up_count, err);
    }
    if (rc == TP_OK) {
        rc = rename_unsent(ask, tx, count, err);
    }
    if (rc == TP_OK) { /* one fewer each time */
        go_on(ask, count, again, up_count > 0 ? again_count : 0);
    }
    return rc;
}

/* The hub has it by another name: it comes by that, and what was not sent yet names it so.  That
 * another change has its number stays known until this device has another id. */
static tp_rc give_up_other(tp_ask *ask, tp_tx *tx, tp_name as, uint64_t *renamed, tp_err *err)
{
    const tp_name name = {tp_log_device(ask->log), as.seq};
    const tp_refused refused = {.seq = as.seq,
                                .code = TP_QUARANTINE_OTHER,
                                .text = tp_slice_str("another change has its number")};
    const tp_renaming renaming = renaming_of(name, as.device, 0);
    uint64_t of_this = 0;
    tp_rc rc = tp_ask_meant_keep(ask, tx, name, err);
    if (rc == TP_OK) {
        rc = tp_log_rename_unsent(ask->log, tx, last_told(ask), &renaming, &of_this, err);
    }
    if (rc == TP_OK) {
        rc = tp_merge_give_up(ask->merge, tx, &name, 1, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_refused_put(ask->log, tx, &refused, err);
    }
    if (ask->renamed_count < TP_ASK_RENAMED_MAX) {
        ask->renamed[ask->renamed_count++] = renaming;
    }
    ask->needs_scrub = true;
    *renamed += of_this;
    return rc;
}

tp_rc tp_ask_apply_others(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    uint64_t renamed = 0;
    tp_name as;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && tp_response_next_other(&ask->response, &as)) {
        if (ask->answered.first_seq == 0 || as.seq < ask->answered.first_seq ||
            as.seq > ask->answered.last_seq) {
            return tp_fail(err, TP_CORRUPT, "the hub has another name for what was not pushed");
        }
        rc = give_up_other(ask, tx, as, &renamed, err);
    }
    return rc == TP_OK && renamed > 0 ? tp_merge_rebuild(ask->merge, tx, NULL, err) : rc;
}
