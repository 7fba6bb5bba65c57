/* New ids for copies. */
#include "sync/hub/fork.h"

#include "platform/base/alloc.h"
#include "sync/hub/store_erased.h"
#include "sync/wire/chain.h"
#include "sync/wire/change_bytes.h"

enum { ERAS_MAX = 1024 };
_Static_assert((int)TP_ENROLMENT_DIGEST_BYTES == (int)TP_HELD_DIGEST_BYTES,
               "what a copy names is what is kept of an erased change");
#define DAY_MS INT64_C(86400000)

/* ---- What both have ---- */

typedef struct finding {
    tp_buf *bytes;
    bool is_found;
} finding;

static tp_rc find_quarantined(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    finding *f = ctx;
    f->is_found = true;
    tp_buf_clear(f->bytes);
    return tp_buf_add_slice(f->bytes, entry->bytes, err);
}

/* What a device sent, whether it could be used or not. */
static tp_rc find_bytes(tp_hub *hub, tp_name name, tp_buf *bytes, bool *is_found_out, tp_err *err)
{
    tp_hub_item item;
    tp_err missing;
    finding f = {bytes, true};
    tp_rc rc = tp_hub_log_get(hub->store, name, &item, bytes, &missing);
    if (rc == TP_NOTFOUND) {
        f.is_found = false;
        rc = tp_hub_quarantine_get(hub->store, name, find_quarantined, &f, err);
    } else if (rc != TP_OK) {
        *err = missing;
    }
    *is_found_out = f.is_found;
    return rc;
}

static tp_rc is_same(tp_hub *hub, const tp_enrolment_was *was, uint32_t at, tp_buf *bytes,
                     bool *is_same_out, tp_err *err)
{
    uint8_t digest[TP_SHA256_BYTES];
    const tp_name name = {was->device, was->after + was->step * (at + 1)};
    const uint8_t *theirs = was->digests.at + (size_t)at * TP_ENROLMENT_DIGEST_BYTES;
    tp_rc rc = find_bytes(hub, name, bytes, is_same_out, err);
    if (rc == TP_OK && *is_same_out) {
        tp_change_digest(name, tp_buf_slice(bytes), digest);
        *is_same_out = memcmp(digest, theirs, TP_ENROLMENT_DIGEST_BYTES) == 0;
        return TP_OK;
    }
    /* What was erased must not come back under another name. */
    return rc == TP_OK ? tp_hub_erased_is(hub->store, name, theirs, is_same_out, err) : rc;
}

/* Is it there, whatever it is, or was it erased? */
static tp_rc is_there(tp_hub *hub, tp_name name, tp_buf *bytes, bool *is_out, tp_err *err)
{
    tp_stamp ignored;
    tp_err missing;
    bool is_same = false;
    tp_rc rc = find_bytes(hub, name, bytes, is_out, err);
    if (rc != TP_OK || *is_out) {
        return rc;
    }
    rc = tp_hub_erased_recall(hub->store, name, tp_slice_of(NULL, 0), &ignored, &is_same, &missing);
    *is_out = rc == TP_OK;
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

/* The last change that is there with all before it: of what others have handed some may be there
 * alone.  What is missing in between nobody would push any more. */
static tp_rc find_whole(tp_hub *hub, const tp_enrolment_was *was, tp_buf *bytes, uint64_t *upto_out,
                        tp_err *err)
{
    const uint64_t last = was->after + was->step * tp_enrolment_was_count(was);
    tp_hub_device device;
    tp_err missing;
    bool is_more = true;
    tp_rc rc = tp_hub_device_get(hub->store, was->device, &device, &missing);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    *upto_out = rc == TP_OK && device.accepted > was->after ? device.accepted : was->after;
    rc = TP_OK;
    while (rc == TP_OK && is_more && *upto_out < last) {
        rc = is_there(hub, (tp_name){was->device, *upto_out + 1}, bytes, &is_more, err);
        *upto_out += rc == TP_OK && is_more ? 1 : 0;
    }
    return rc;
}

/* A change is salted: who has one as the hub has it was the device when that was written, and has
 * all before it too.  So the first that differs is found by halving. */
tp_rc tp_hub_fork_kept(tp_hub *hub, const tp_enrolment_was *was, uint64_t *kept_out, tp_err *err)
{
    tp_buf bytes;
    uint32_t low = 0; /* as many are the same */
    uint32_t high = tp_enrolment_was_count(was);
    uint64_t whole = 0;
    tp_buf_init(&bytes, TP_BATCH_BYTES_MAX);
    tp_rc rc = find_whole(hub, was, &bytes, &whole, err);
    if (rc == TP_OK && high > 0 && (whole - was->after) / was->step < high) {
        high = (uint32_t)((whole - was->after) / was->step);
    }
    while (rc == TP_OK && low < high) {
        bool is_it = false;
        uint32_t at = low + (high - low) / 2;
        rc = is_same(hub, was, at, &bytes, &is_it, err);
        low = is_it ? at + 1 : low;
        high = is_it ? high : at;
    }
    tp_buf_done(&bytes);
    *kept_out = was->after + was->step * low;
    return rc;
}

tp_rc tp_hub_fork_ask(tp_hub *hub, const tp_enrolment_was *was, tp_enrolment_kept *kept_out,
                      tp_err *err)
{
    static const char what[] = "teapot fork";
    uint8_t message[sizeof what + 2 * sizeof(uint64_t) + TP_ENROLMENT_DIGEST_BYTES];
    memset(kept_out, 0, sizeof *kept_out);
    tp_rc rc = tp_hub_fork_kept(hub, was, &kept_out->kept, err);
    if (rc != TP_OK || was->step > 1) {
        return rc;
    }
    const uint64_t at = kept_out->kept - was->after;
    kept_out->has_seed = at < tp_enrolment_was_count(was);
    if (kept_out->has_seed) {
        uint8_t *to = message + sizeof what;
        memcpy(message, what, sizeof what);
        to = tp_digest_put_u64(to, was->device);
        to = tp_digest_put_u64(to, kept_out->kept);
        memcpy(to, was->digests.at + at * TP_ENROLMENT_DIGEST_BYTES, TP_ENROLMENT_DIGEST_BYTES);
        tp_hmac_of(&hub->tags, tp_slice_of(message, sizeof message), kept_out->seed);
    }
    return TP_OK;
}

tp_rc tp_hub_fork_is_too_often(tp_hub *hub, uint64_t device, bool *is_out, tp_err *err)
{
    uint32_t count = 0;
    tp_rc rc = tp_hub_devices_forked(hub->store, device, hub->now_ms - DAY_MS, &count, err);
    *is_out = count >= TP_FORKS_A_DAY_MAX;
    return rc;
}

/* ---- What it takes over ---- */

/* The clock when the last change was written that is of both; era 0: it is not known. */
static tp_rc find_reading(tp_hub *hub, tp_name last, tp_era_reading *reading_out, tp_err *err)
{
    tp_buf bytes;
    tp_err unread;
    tp_era_reading reading;
    bool is_found = false;
    *reading_out = (tp_era_reading){0, 0, 0};
    if (tp_name_is_none(last)) {
        return TP_OK;
    }
    tp_buf_init(&bytes, TP_BATCH_BYTES_MAX);
    tp_rc rc = find_bytes(hub, last, &bytes, &is_found, err);
    if (rc == TP_OK && is_found &&
        tp_change_decode_reading(tp_buf_slice(&bytes), &reading, &unread) == TP_OK) {
        *reading_out = reading;
    }
    tp_buf_done(&bytes);
    return rc;
}

/* What the other's clock said later in the same era was after the copy was made: no moment of it
 * lies before what the copy did next. */
static void cut_era(tp_era *era, const tp_era_reading *last)
{
    if (era->era == last->era && era->last_up_ms > last->up_ms) {
        era->last_up_ms = last->up_ms;
        era->last_skew_ms = last->wall_ms - last->up_ms;
    }
    if (era->first_up_ms > era->last_up_ms) {
        era->first_up_ms = era->last_up_ms;
        era->first_skew_ms = era->last_skew_ms;
    }
}

/* Up to the last change of both the clock was one.  Not so the era that the copy is in now, if that
 * is the same: a virtual machine that was stopped has lost time in it, so it is compared afresh. */
static tp_rc copy_eras(tp_hub *hub, uint64_t from, uint64_t to, const tp_era_reading *last,
                       uint32_t present, tp_err *err)
{
    size_t count = 0;
    tp_era *eras = tp_alloc(ERAS_MAX * sizeof *eras);
    if (eras == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the clock of a device");
    }
    tp_rc rc = tp_hub_eras_get(hub->store, from, eras, ERAS_MAX, &count, err);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        if (eras[i].era <= last->era && eras[i].era != present) {
            cut_era(&eras[i], last);
            rc = tp_hub_era_put(hub->store, to, &eras[i], err);
        }
    }
    tp_free(eras);
    return rc;
}

/* No more than that: what nobody of its agency was ever sent, a withdrawal must not tell it of. */
void tp_hub_fork_join(const tp_hub_device *from, tp_hub_device *device)
{
    device->sent = from->sent > device->sent ? from->sent : device->sent;
    device->receipt = 0;
}

tp_rc tp_hub_fork_take_over(tp_hub *hub, const tp_hub_device *from, uint64_t kept, uint32_t present,
                            tp_hub_device *device, tp_err *err)
{
    tp_era_reading last;
    device->came_from = from->id;
    device->came_from_seq = kept;
    /* It may hold whatever the other was ever sent or wrote (TP_HUB_LINE), and is asked back all
     * that is to be given back. */
    tp_hub_fork_join(from, device);
    tp_rc rc = find_reading(hub, (tp_name){from->id, kept}, &last, err);
    /* What was damaged at the device before it was sent was never here. */
    if (rc == TP_OK && last.era == 0 && kept > from->accepted) {
        rc = find_reading(hub, (tp_name){from->id, from->accepted}, &last, err);
    }
    return rc == TP_OK ? copy_eras(hub, from->id, device->id, &last, present, err) : rc;
}
