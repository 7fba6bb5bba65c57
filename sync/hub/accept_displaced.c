/* Changes that are handed and whose numbers an older card of their author has used again.
 *
 * What is here under a name keeps it: its author has signed it.  The other is written again under
 * an id that follows from its author's, as a copy that goes on under an id of its own writes what
 * it has (sync/log/fork.h), with the stamp it had.  So both histories are whole and each change is
 * there once; what was withdrawn in it is withdrawn, and its agency sees it again.  Nobody has a
 * key of that id, and it is shut out from the first.
 *
 * What cannot be written again as it was waits in quarantine under the name that it would have. */
#include "sync/hub/accept_state.h"

#include "platform/base/encode.h"
#include "sync/hub/store_back.h"
#include "sync/wire/chain.h"
#include "sync/wire/change_again.h"
#include "sync/wire/wire.h"

#include <stdio.h>

/* One change on its way to its other name. */
typedef struct displacing {
    tp_name name; /* that it was handed by */
    tp_slice bytes;
    tp_stamp stamp;
    tp_hub_displacing why_so;
    tp_hub_device author; /* id alone: not enrolled here */
    tp_renaming renaming;
    uint64_t from; /* the id that the one at hand follows from */
    tp_name as;
    uint8_t salt[TP_SALT_BYTES];
    tp_buf again; /* as it is written now; empty: it cannot be */
    char why[sizeof(((tp_err *)0)->what)];
    bool is_here; /* it was displaced before */
} displacing;

/* Nobody can choose it, and it is the same again where the hub forgets it. */
uint64_t tp_hub_displaced_id(const tp_hub_acceptor *a, uint64_t id)
{
    static const char what[] = "teapot displaced";
    uint8_t message[sizeof what + sizeof id];
    uint8_t tag[TP_SHA256_BYTES];
    uint64_t next = 0;
    memcpy(message, what, sizeof what);
    tp_digest_put_u64(message + sizeof what, id);
    tp_hmac_of(a->tags, tp_slice_of(message, sizeof message), tag);
    for (size_t i = 0; i < sizeof next; i++) {
        next = next << 8 | tag[i];
    }
    return next == 0 ? 1 : next;
}

/* What of its author's is of both histories was accepted before it was. */
static tp_rc find_kept(tp_hub_acceptor *a, displacing *d, tp_err *err)
{
    uint64_t upto = d->name.seq - 1;
    upto = d->author.accepted < upto ? d->author.accepted : upto;
    d->renaming =
        (tp_renaming){.from = d->name.device, .kept = 0, .to = d->as.device, .keeps_seq = true};
    return tp_hub_log_before(a->store, (tp_name){d->name.device, upto}, d->stamp.number,
                             &d->renaming.kept, err);
}

/* What is called anew in it: of its own history what was accepted after it, or just itself and what
 * it names. */
static const tp_renaming *renamings_of(tp_hub_acceptor *a, const displacing *d, size_t *count_out)
{
    const tp_renaming itself = {.from = d->name.device,
                                .kept = d->name.seq - 1,
                                .upto = d->name.seq,
                                .to = d->as.device,
                                .keeps_seq = true};
    *count_out = 1;
    if (d->why_so == TP_HUB_OF_OLDER_CARD) {
        return &d->renaming;
    }
    *count_out = a->renamings.bytes / sizeof itself;
    memcpy(a->renamings.at + (*count_out - 1) * sizeof itself, &itself, sizeof itself);
    return (const tp_renaming *)(const void *)a->renamings.at;
}

static tp_rc write_again(tp_hub_acceptor *a, displacing *d, tp_err *err)
{
    tp_err why;
    size_t count = 0;
    const tp_renaming *renamings = renamings_of(a, d, &count);
    tp_buf_clear(&d->again);
    tp_rc rc = tp_change_decode(d->name, d->bytes, a->change, &why);
    if (rc == TP_OK) {
        rc = tp_change_encode_again(a->change, renamings, count, d->salt, &d->again, &why);
    }
    if (rc == TP_NOMEM) {
        *err = why;
        return rc;
    }
    if (rc != TP_OK) {
        tp_buf_clear(&d->again);
        memcpy(d->why, why.what, sizeof d->why);
    }
    return TP_OK;
}

/* The salt says whose it is, since what it names may be called otherwise by now. */
static bool is_it(const displacing *d, tp_slice bytes)
{
    uint8_t salt[TP_SALT_BYTES];
    return tp_change_salt_of(bytes, salt) && memcmp(salt, d->salt, sizeof salt) == 0;
}

static tp_rc is_free(tp_hub_acceptor *a, displacing *d, bool *is_free_out, tp_err *err)
{
    tp_hub_item item;
    tp_hub_accepted ignored;
    tp_err missing;
    const tp_slice again = d->again.bytes > 0 ? tp_buf_slice(&d->again) : d->bytes;
    tp_rc rc = tp_hub_log_get(a->store, d->as, &item, &a->bytes, &missing);
    if (rc == TP_OK) {
        d->is_here = is_it(d, item.bytes);
        return TP_OK;
    }
    if (rc == TP_NOTFOUND) { /* in quarantine, or erased */
        rc = tp_hub_recall(a, d->as, again, &ignored, &d->is_here, &missing);
    }
    *is_free_out = rc == TP_NOTFOUND;
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

/* The first id under which its number is free, or where it is already. */
static tp_rc find_place(tp_hub_acceptor *a, displacing *d, tp_err *err)
{
    bool is_place = false;
    tp_rc rc = TP_OK;
    d->as.device = d->name.device;
    for (unsigned i = 0; rc == TP_OK && !is_place && !d->is_here; i++) {
        if (i == TP_HUB_PLACES_MAX) {
            return tp_fail(err, TP_LIMIT, "one number was used again too often");
        }
        d->from = d->as.device;
        d->as.device = tp_hub_displaced_id(a, d->from);
        rc = find_kept(a, d, err);
        if (rc == TP_OK) {
            rc = tp_hub_acceptor_settle_kept(a, d->name, d->bytes, &d->renaming.kept, err);
        }
        if (rc == TP_OK) {
            rc = write_again(a, d, err);
        }
        if (rc == TP_OK) {
            rc = is_free(a, d, &is_place, err);
        }
    }
    return rc;
}

/* The id is a device of its author's agency, by the operator's list too. */
static tp_rc enrol_displaced(tp_hub_acceptor *a, const displacing *d, tp_err *err)
{
    char id[TP_HEX_ROOM(8)];
    tp_hub_device device;
    tp_err unknown;
    tp_rc rc = tp_hub_device_get(a->store, d->as.device, &device, &unknown);
    if (rc == TP_OK || d->author.agency == 0) {
        return TP_OK; /* or it is found when the operator looks who wrote what was handed */
    }
    if (rc != TP_NOTFOUND) {
        *err = unknown;
        return rc;
    }
    memset(&device, 0, sizeof device);
    device.id = d->as.device;
    device.agency = d->author.agency;
    device.is_kiosk = d->author.is_kiosk;
    device.enrolled_ms = a->now_ms;
    device.revoked_ms = a->now_ms;
    device.came_from = d->from;
    device.came_from_seq = d->renaming.kept;
    tp_hex_encode_u64(d->author.id, id);
    (void)snprintf(device.label, sizeof device.label, "%.90s, before it was put back",
                   d->author.label[0] == '\0' ? id : d->author.label);
    tp_chain_start(device.id, device.h);
    return tp_hub_device_put(a->store, &device, err);
}

static tp_rc quarantine(tp_hub_acceptor *a, const displacing *d, uint32_t code, const char *text,
                        tp_err *err)
{
    const tp_hub_quarantined entry = {.name = d->as,
                                      .received_ms = a->now_ms,
                                      .stamp = d->stamp,
                                      .code = code,
                                      .text = text,
                                      .bytes = d->bytes};
    return tp_hub_quarantine_put(a->store, &entry, err);
}

/* In the log under its other name, or in quarantine with a code. */
static tp_rc put_displaced(tp_hub_acceptor *a, displacing *d, tp_hub_accepted *accepted,
                           tp_err *err)
{
    tp_era_reading reading;
    tp_hub_item item = {.name = d->as,
                        .bytes = tp_buf_slice(&d->again),
                        .stamp = d->stamp,
                        .agency = d->author.agency};
    if (d->again.bytes == 0) {
        accepted->code = d->why_so == TP_HUB_NAMES_DISPLACED ? (uint32_t)TP_QUARANTINE_MEANT
                                                             : (uint32_t)TP_QUARANTINE_RULE;
        memcpy(accepted->text, d->why, sizeof accepted->text);
        return quarantine(a, d, accepted->code, d->why, err);
    }
    tp_rc rc = tp_hub_acceptor_examine(a, &item, d->author.is_kiosk, &reading, accepted, err);
    if (rc == TP_OK && !accepted->is_erased) {
        tp_hub_acceptor_note_given(a, &item.stamp);
        rc = accepted->code == 0 ? tp_hub_acceptor_store(a, &item, err)
                                 : quarantine(a, d, accepted->code, accepted->text, err);
    }
    return rc;
}

static tp_rc begin(tp_hub_acceptor *a, displacing *d, tp_err *err)
{
    tp_err unknown;
    tp_meant its;
    (void)tp_meant_of(d->name, d->bytes, &its);
    memcpy(d->salt, its.called, sizeof d->salt);
    d->as.seq = d->name.seq;
    tp_buf_init(&d->again, TP_CHANGE_BYTES_MAX);
    tp_rc rc = tp_hub_device_get(a->store, d->name.device, &d->author, &unknown);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = unknown;
        return rc;
    }
    return TP_OK;
}

tp_rc tp_hub_acceptor_displace(tp_hub_acceptor *a, const tp_hub_item *item, tp_hub_displacing why,
                               tp_hub_displaced *out, tp_err *err)
{
    tp_hub_accepted accepted = {.code = 0};
    displacing d = {.name = item->name, .bytes = item->bytes, .stamp = item->stamp, .why_so = why};
    tp_rc rc = begin(a, &d, err);
    if (rc == TP_OK && why == TP_HUB_NAMES_DISPLACED) { /* room for itself */
        rc = tp_buf_add(&a->renamings, &d.renaming, sizeof d.renaming, err);
    }
    if (rc == TP_OK) {
        rc = find_place(a, &d, err);
    }
    if (rc == TP_OK && !d.is_here) {
        rc = enrol_displaced(a, &d, err);
        if (rc == TP_OK) {
            rc = put_displaced(a, &d, &accepted, err);
        }
        if (rc == TP_OK && !accepted.is_erased) {
            rc = tp_hub_ahead_put(a->store, d.as, err); /* nobody ever pushes it */
        }
    }
    tp_buf_done(&d.again);
    *out = (tp_hub_displaced){.as = d.as,
                              .is_new = !d.is_here && !accepted.is_erased,
                              .is_erased = accepted.is_erased,
                              .record = accepted.is_erased ? a->change->record : (tp_name){0, 0}};
    return rc;
}

/* What such an id stands for; 0: it is none. */
static tp_rc author_of(tp_hub_acceptor *a, uint64_t id, uint64_t *author_out, tp_err *err)
{
    tp_hub_device device;
    tp_rc rc = TP_OK;
    *author_out = 0;
    for (unsigned i = 0; i < TP_HUB_PLACES_MAX; i++) {
        rc = tp_hub_device_get(a->store, id, &device, err);
        if (rc != TP_OK || device.came_from == 0 ||
            tp_hub_displaced_id(a, device.came_from) != id) {
            return rc;
        }
        id = device.came_from;
        *author_out = id;
    }
    return TP_OK;
}

tp_rc tp_hub_acceptor_displace_again(tp_hub_acceptor *a, const tp_hub_quarantined *entry,
                                     bool *is_displaced_out, tp_hub_accepted *accepted_out,
                                     tp_err *err)
{
    displacing d = {.bytes = entry->bytes, .stamp = entry->stamp};
    uint64_t author = 0;
    tp_rc rc = author_of(a, entry->name.device, &author, err);
    *is_displaced_out = rc == TP_OK && author != 0;
    if (!*is_displaced_out) {
        return rc;
    }
    d.name = (tp_name){author, entry->name.seq};
    rc = begin(a, &d, err);
    d.as = entry->name;
    if (rc == TP_OK) {
        rc = find_kept(a, &d, err);
    }
    if (rc == TP_OK) {
        rc = write_again(a, &d, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_quarantine_remove(a->store, d.as, err);
    }
    if (rc == TP_OK) {
        rc = put_displaced(a, &d, accepted_out, err);
    }
    tp_buf_done(&d.again);
    return rc;
}
