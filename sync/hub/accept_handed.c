/* Changes that the hub lost and others than their authors hand back. */
#include "sync/hub/accept_state.h"

#include "sync/hub/store_back.h"
#include "sync/wire/change_again.h"
#include "sync/wire/wire.h"

#include <stdio.h>

/* What is shown of its record follows from its stamp, and so may who may hold what. */
static tp_rc adopt_stamp(tp_hub_acceptor *a, tp_hub_item *item, const tp_stamp *stamp, tp_err *err)
{
    tp_rc rc = tp_hub_log_restamp(a->store, item->name, stamp, err);
    item->stamp = *stamp;
    if (rc == TP_OK) {
        rc = tp_hub_feed_again(a->store, item->name, err); /* who has another stamp is told */
    }
    return rc == TP_OK ? tp_hub_acceptor_judge_again(a, item, err) : rc;
}

/* What its author writes next is stamped no earlier. */
static tp_rc note_last(tp_hub_acceptor *a, tp_hub_device *author, const tp_hub_item *item,
                       tp_err *err)
{
    if (item->stamp.ms <= author->last_stamp_ms) {
        return TP_OK;
    }
    author->last_stamp_ms = item->stamp.ms;
    return tp_hub_device_put(a->store, author, err);
}

/* Its author may not have come yet; where it has, this was a gap in what it had. */
static tp_rc note_author(tp_hub_acceptor *a, tp_hub_device *author, const tp_hub_item *item,
                         tp_err *err)
{
    if (item->name.seq > author->accepted) {
        return tp_hub_ahead_put(a->store, item->name, err);
    }
    tp_rc rc = tp_hub_quarantine_remove(a->store, item->name, err);
    return rc == TP_OK ? note_last(a, author, item, err) : rc;
}

/* The lower of two numbers may have come with the later moment. */
static tp_rc note_restamped(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    tp_hub_device author;
    tp_err unknown;
    tp_rc rc = tp_hub_device_get(a->store, item->name.device, &author, &unknown);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = unknown;
        return rc;
    }
    return rc == TP_OK && item->name.seq <= author.accepted ? note_last(a, &author, item, err)
                                                            : TP_OK;
}

/* The lower of two stamps that it was given counts. */
static tp_rc take_stamp(tp_hub_acceptor *a, tp_hub_item *item, tp_slice bytes,
                        const tp_stamp *stamp, tp_hub_handed *handed_out, tp_err *err)
{
    if (item->stamp.number <= stamp->number) {
        *handed_out = TP_HUB_HANDED_ALIKE;
        return TP_OK;
    }
    *handed_out = TP_HUB_HANDED_STAMP;
    item->bytes = bytes; /* what was recalled is written over while it is judged */
    tp_rc rc = adopt_stamp(a, item, stamp, err);
    return rc == TP_OK ? note_restamped(a, item, err) : rc;
}

/* The same by the bytes that it has here. */
static tp_rc take_stamp_kept(tp_hub_acceptor *a, tp_hub_item *item, const tp_stamp *stamp,
                             tp_err *err)
{
    tp_hub_handed ignored;
    tp_buf bytes;
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    tp_rc rc = tp_buf_add_slice(&bytes, item->bytes, err);
    if (rc == TP_OK) {
        rc = take_stamp(a, item, tp_buf_slice(&bytes), stamp, &ignored, err);
    }
    tp_buf_done(&bytes);
    return rc;
}

/* It was displaced before: what its author pushed without a proof has a later stamp. */
static tp_rc take_stamp_displaced(tp_hub_acceptor *a, tp_name as, const tp_stamp *stamp,
                                  tp_err *err)
{
    tp_hub_item item;
    tp_err missing;
    tp_rc rc = tp_hub_log_get(a->store, as, &item, &a->bytes, &missing);
    if (rc == TP_NOTFOUND) {
        return TP_OK; /* in quarantine */
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    return take_stamp_kept(a, &item, stamp, err);
}

static tp_rc displace(tp_hub_acceptor *a, const tp_hub_item *item, tp_hub_displacing why,
                      tp_hub_handed *handed_out, tp_name *as_out, tp_err *err)
{
    tp_hub_displaced displaced = {.is_new = false};
    tp_rc rc = tp_hub_acceptor_displace(a, item, why, &displaced, err);
    *handed_out = displaced.is_new ? TP_HUB_HANDED_DISPLACED : TP_HUB_HANDED_DISPLACED_BEFORE;
    *as_out = displaced.as;
    return rc == TP_OK && !displaced.is_new && !displaced.is_erased
               ? take_stamp_displaced(a, displaced.as, &item->stamp, err)
               : rc;
}

/* It was here once: what it does not fit now has the number of what it names. */
static tp_rc store_handed(tp_hub_acceptor *a, tp_hub_item *item, tp_hub_handed *handed_out,
                          tp_name *as_out, tp_err *err)
{
    tp_hub_device author = {.id = item->name.device};
    tp_hub_accepted accepted;
    tp_era_reading reading;
    tp_err unknown;
    tp_rc rc = tp_hub_device_get(a->store, author.id, &author, &unknown);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = unknown;
        return rc;
    }
    item->agency = author.agency;
    rc = tp_hub_acceptor_examine(a, item, author.is_kiosk, &reading, &accepted, err);
    if (rc == TP_OK && accepted.is_erased) {
        *handed_out = TP_HUB_HANDED_ALIKE;
        return TP_OK;
    }
    if (rc == TP_OK && accepted.code == TP_QUARANTINE_RECORD) {
        return displace(a, item, TP_HUB_OF_OLDER_CARD, handed_out, as_out, err);
    }
    if (rc != TP_OK || accepted.code != 0) {
        *handed_out = TP_HUB_HANDED_NOT;
        return rc;
    }
    *handed_out = TP_HUB_HANDED_STORED;
    tp_hub_acceptor_note_given(a, &item->stamp);
    rc = tp_hub_acceptor_store(a, item, err);
    return rc == TP_OK ? note_author(a, &author, item, err) : rc;
}

tp_rc tp_hub_acceptor_is_left_behind(tp_hub_acceptor *a, tp_name name, const tp_stamp *stamp,
                                     bool *is_out, tp_err *err)
{
    const int64_t back_ms = tp_hub_store_state(a->store)->back_ms;
    tp_hub_device author;
    tp_hub_accepted last;
    bool is_same = false;
    tp_err unknown;
    *is_out = false;
    tp_rc rc = tp_hub_device_get(a->store, name.device, &author, &unknown);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = unknown;
        return rc;
    }
    if (author.accepted == 0 || author.accepted >= name.seq ||
        (author.standing != TP_HUB_HEARD && author.last_sync_ms >= back_ms && back_ms != 0)) {
        return TP_OK;
    }
    const tp_name at = {author.id, author.accepted};
    rc = tp_hub_recall(a, at, tp_slice_of("", 0), &last, &is_same, &unknown);
    *is_out = rc == TP_OK && (last.stamp.number > stamp->number || last.stamp.ms > stamp->ms);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = unknown;
        return rc;
    }
    return TP_OK;
}

/* Its author has another in quarantine under its name, or had one that was erased, or has gone on
 * without it: an older card wrote that. */
static tp_rc is_of_older_card(tp_hub_acceptor *a, const tp_hub_item *item, bool *is_out,
                              tp_err *err)
{
    tp_hub_accepted accepted;
    bool is_same = true;
    tp_err missing;
    *is_out = false;
    tp_rc rc = tp_hub_recall(a, item->name, item->bytes, &accepted, &is_same, &missing);
    if (rc == TP_OK) {
        *is_out = !is_same;
        return TP_OK;
    }
    if (rc == TP_NOTFOUND) {
        return tp_hub_acceptor_is_left_behind(a, item->name, &item->stamp, is_out, err);
    }
    *err = missing;
    return rc;
}

static tp_rc take_handed(tp_hub_acceptor *a, tp_hub_item *item, tp_hub_handed *handed_out,
                         tp_name *as_out, tp_err *err)
{
    bool is_displaced = false;
    tp_hub_naming naming = TP_HUB_NAMES_WHAT_IS_HERE;
    tp_name copy = {0, 0};
    tp_rc rc = tp_hub_acceptor_copy_of(a, item->name, item->bytes, &copy, err);
    if (rc == TP_OK && !tp_name_is_none(copy)) {
        *handed_out = TP_HUB_HANDED_DISPLACED_BEFORE;
        *as_out = copy;
        return take_stamp_displaced(a, copy, &item->stamp, err);
    }
    if (rc == TP_OK) {
        rc = is_of_older_card(a, item, &is_displaced, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (is_displaced) {
        return displace(a, item, TP_HUB_OF_OLDER_CARD, handed_out, as_out, err);
    }
    rc = tp_hub_acceptor_look_up(a, item, false, &naming, err);
    if (rc != TP_OK) {
        return rc;
    }
    switch (naming) {
    case TP_HUB_NAMES_WHAT_IS_DISPLACED:
        return displace(a, item, TP_HUB_NAMES_DISPLACED, handed_out, as_out, err);
    case TP_HUB_NAMES_WHAT_IS_TO_COME:
        *handed_out = TP_HUB_HANDED_WAITS;
        return TP_OK;
    case TP_HUB_NAMES_WHAT_IS_HERE:
        break;
    }
    return store_handed(a, item, handed_out, as_out, err);
}

/* What its author is told of it, by the stamp that it has. */
static tp_rc tell_other(tp_hub_acceptor *a, tp_hub_accepted *accepted, tp_err *err)
{
    tp_hub_accepted here;
    bool is_same = false;
    tp_err missing;
    tp_rc rc = tp_hub_recall(a, accepted->as, tp_slice_of("", 0), &here, &is_same, &missing);
    if (rc == TP_OK) {
        accepted->stamp = here.stamp;
    } else if (rc != TP_NOTFOUND) { /* its record is erased: it is not kept */
        *err = missing;
        return rc;
    }
    accepted->code = TP_QUARANTINE_OTHER;
    (void)snprintf(accepted->text, sizeof accepted->text,
                   "another change has its number here, and it another name");
    accepted->is_other = false;
    accepted->is_erased = false;
    return TP_OK;
}

tp_rc tp_hub_acceptor_displace_own(tp_hub_acceptor *a, const tp_hub_item *item,
                                   tp_hub_accepted *accepted_out, tp_err *err)
{
    tp_hub_handed ignored;
    accepted_out->stamp = item->stamp;
    tp_rc rc = displace(a, item, TP_HUB_OF_OLDER_CARD, &ignored, &accepted_out->as, err);
    return rc == TP_OK ? tell_other(a, accepted_out, err) : rc;
}

tp_rc tp_hub_recall_other(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                          tp_hub_accepted *accepted_out, bool *is_here_out, tp_err *err)
{
    tp_era_reading reading;
    tp_err unread;
    tp_name as = {0, 0};
    tp_rc rc = tp_hub_acceptor_other_name(acceptor, name, bytes, &as, err);
    *is_here_out = rc == TP_OK && !tp_name_is_none(as);
    if (!*is_here_out) {
        return rc;
    }
    const bool has_reading = tp_change_decode_reading(bytes, &reading, &unread) == TP_OK;
    accepted_out->up_ms = has_reading ? reading.up_ms : 0;
    accepted_out->as = as;
    return tell_other(acceptor, accepted_out, err);
}

/* Its author has called what it names anew since it was first sent (sync/log/fork.h). */
static bool is_written_anew(tp_slice here, tp_slice handed)
{
    uint8_t salts[2][TP_SALT_BYTES];
    return tp_change_salt_of(here, salts[0]) && tp_change_salt_of(handed, salts[1]) &&
           memcmp(salts[0], salts[1], sizeof salts[0]) == 0;
}

/* It is the change that it was. */
static tp_rc take_anew(tp_hub_acceptor *a, tp_hub_item *item, const tp_stamp *stamp,
                       tp_hub_handed *handed_out, tp_name *as_out, tp_err *err)
{
    *handed_out = TP_HUB_HANDED_ANEW;
    *as_out = (tp_name){0, 0};
    return take_stamp_kept(a, item, stamp, err);
}

tp_rc tp_hub_accept_handed(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                           const tp_stamp *stamp, int64_t now_ms, tp_hub_handed *handed_out,
                           tp_name *as_out, tp_err *err)
{
    tp_hub_acceptor *a = acceptor;
    tp_hub_item lost = {.name = name, .bytes = bytes, .stamp = *stamp};
    tp_hub_item item;
    tp_err missing;
    a->now_ms = now_ms;
    *as_out = name;
    tp_rc rc = tp_hub_log_get(a->store, name, &item, &a->bytes, &missing);
    if (rc == TP_NOTFOUND) {
        return take_handed(a, &lost, handed_out, as_out, err);
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    if (is_written_anew(item.bytes, bytes) && !tp_slice_eq(item.bytes, bytes)) {
        return take_anew(a, &item, stamp, handed_out, as_out, err);
    }
    if (!tp_slice_eq(item.bytes, bytes)) {
        return displace(a, &lost, TP_HUB_OF_OLDER_CARD, handed_out, as_out, err);
    }
    return take_stamp(a, &item, bytes, stamp, handed_out, err);
}

tp_rc tp_hub_accept_own_handed(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                               const tp_stamp *stamp, int64_t now_ms, tp_err *err)
{
    tp_hub_acceptor *a = acceptor;
    tp_hub_handed ignored;
    tp_hub_item item;
    tp_err missing;
    a->now_ms = now_ms;
    tp_rc rc = tp_hub_log_get(a->store, name, &item, &a->bytes, &missing);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    if (!tp_slice_eq(item.bytes, bytes)) {
        return TP_OK;
    }
    rc = take_stamp(a, &item, bytes, stamp, &ignored, err);
    if (rc == TP_OK && item.stamp.ms > a->device->last_stamp_ms) {
        a->device->last_stamp_ms = item.stamp.ms; /* it is written down with the answer */
    }
    return rc;
}
