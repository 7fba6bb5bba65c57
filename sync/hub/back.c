/* A hub that went back. */
#include "sync/hub/back.h"

#include "sync/wire/chain.h"
#include "sync/wire/generation.h"

bool tp_hub_is_back(tp_hub *hub)
{
    return tp_hub_store_state(hub->store)->back_ms != 0;
}

tp_rc tp_hub_went_back(tp_hub *hub, bool is_anew, tp_err *err)
{
    const uint64_t before = tp_hub_store_state(hub->store)->generation;
    const uint64_t next = tp_generation_after(before, hub->now_ms, tp_rng_u64(hub->rng));
    return tp_hub_back_begin(hub->store, next, hub->now_ms, is_anew, err);
}

tp_rc tp_hub_was_shown(tp_hub *hub, uint64_t generation, tp_err *err)
{
    const uint64_t next = tp_generation_after(generation, hub->now_ms, tp_rng_u64(hub->rng));
    return tp_hub_back_begin(hub->store, next, hub->now_ms, false, err);
}

tp_rc tp_hub_back_settle(tp_hub *hub, tp_err *err)
{
    uint64_t awaited = 0;
    if (!tp_hub_is_back(hub) || tp_hub_store_state(hub->store)->anew != 0) {
        return TP_OK;
    }
    tp_rc rc = tp_hub_back_awaited(hub->store, &awaited, err);
    return rc == TP_OK && awaited == 0 ? tp_hub_back_end(hub->store, err) : rc;
}

tp_rc tp_hub_back_finish(tp_hub *hub, tp_err *err)
{
    return tp_hub_is_back(hub) ? tp_hub_back_end(hub->store, err) : TP_OK;
}

/* ---- Devices that are not enrolled here ---- */

tp_rc tp_hub_back_note_caller(tp_hub *hub, const tp_certificate_facts *facts, tp_err *err)
{
    tp_hub_caller caller = {.id = facts->device,
                            .key = facts->key,
                            .certificate_until_ms = facts->not_after_ms,
                            .called_ms = hub->now_ms};
    memcpy(caller.agency, facts->agency, sizeof caller.agency);
    return tp_hub_caller_put(hub->store, &caller, err);
}

typedef struct author_search {
    uint64_t id;
    bool is_found;
} author_search;

static tp_rc look_at_author(void *ctx, const tp_hub_author *author, tp_err *err)
{
    author_search *search = ctx;
    (void)err;
    search->is_found |= author->id == search->id;
    return TP_OK;
}

tp_rc tp_hub_back_is_author(tp_hub *hub, uint64_t device, bool *is_author_out, tp_err *err)
{
    author_search search = {device, false};
    tp_rc rc = tp_hub_back_authors(hub->store, look_at_author, &search, err);
    *is_author_out = search.is_found;
    return rc;
}

/* A device that will never call: it is shut out from the first, so that nobody can call as it. */
static tp_rc take_lost(tp_hub *hub, const tp_hub_admission *admission, tp_hub_caller *caller_out,
                       tp_err *err)
{
    bool is_author = false;
    tp_rc rc = tp_hub_back_is_author(hub, admission->device, &is_author, err);
    if (rc == TP_OK && !is_author) {
        rc =
            tp_fail(err, TP_NOTFOUND, "nobody has handed anything of this device: teapot-hub back");
    }
    if (rc == TP_OK && strlen(admission->agency) >= sizeof caller_out->agency) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no such agency: teapot-hub agency list");
    }
    if (rc == TP_OK) {
        memset(caller_out, 0, sizeof *caller_out);
        caller_out->id = admission->device;
        memcpy(caller_out->agency, admission->agency, strlen(admission->agency) + 1);
    }
    return rc;
}

static tp_rc find_caller(tp_hub *hub, const tp_hub_admission *admission, tp_hub_caller *caller_out,
                         tp_err *err)
{
    tp_hub_device known;
    tp_err unknown;
    tp_rc rc = tp_hub_device_get(hub->store, admission->device, &known, &unknown);
    if (rc == TP_OK) {
        return tp_fail(err, TP_EXISTS, "this device is enrolled here: teapot-hub device list");
    }
    if (rc != TP_NOTFOUND) {
        *err = unknown;
        return rc;
    }
    if (admission->agency != NULL) {
        return take_lost(hub, admission, caller_out, err);
    }
    rc = tp_hub_caller_take(hub->store, admission->device, caller_out, err);
    return rc == TP_NOTFOUND ? tp_fail(err, rc,
                                       "this device has not called since the hub went back: "
                                       "teapot-hub back; --agency ID if it is lost")
                             : rc;
}

/* What has one more position in the feeds. */
typedef struct sending {
    tp_hub_store *store;
    uint64_t device;
} sending;

static tp_rc send_change(void *ctx, const tp_hub_item *item, tp_err *err)
{
    const sending *s = ctx;
    return tp_hub_feed_again(s->store, item->name, err);
}

static tp_rc send_record(void *ctx, const tp_hub_item *item, tp_err *err)
{
    const sending *s = ctx;
    const tp_name nobody = {0, 0};
    if (tp_name_eq(item->name, item->record)) {
        return tp_hub_log_about(s->store, nobody, item->record, send_change, ctx, err);
    }
    return item->record.device == s->device ? TP_OK : send_change(ctx, item, err);
}

tp_rc tp_hub_back_author_known(tp_hub *hub, uint64_t device, tp_err *err)
{
    tp_rc rc = tp_hub_judge_everybody(hub->judge, 0, hub->now_ms, err);
    /* Whose it was nobody knew, so its own agency's devices were not sent it: cursors may be past
     * it. */
    sending s = {hub->store, device};
    return rc == TP_OK ? tp_hub_log_all(hub->store, device, 0, send_record, &s, err) : rc;
}

tp_rc tp_hub_admit(tp_hub *hub, const tp_hub_admission *admission, tp_err *err)
{
    tp_hub_caller caller;
    tp_hub_device device = {.id = admission->device,
                            .is_kiosk = admission->is_kiosk,
                            .enrolled_ms = hub->now_ms,
                            .standing = TP_HUB_AWAITED};
    if (strlen(admission->label) >= sizeof device.label) {
        return tp_fail(err, TP_INVALID, "the label is longer than %zu bytes",
                       sizeof device.label - 1);
    }
    tp_rc rc = find_caller(hub, admission, &caller, err);
    if (rc != TP_OK) {
        return rc;
    }
    device.agency = tp_hub_agency_find(hub->store, tp_slice_str(caller.agency));
    if (device.agency == 0) {
        return tp_fail(err, TP_NOTFOUND,
                       "its agency %s is not known here: teapot-hub agency add first",
                       caller.agency);
    }
    memcpy(device.label, admission->label, strlen(admission->label) + 1);
    device.key = caller.key;
    device.certificate_until_ms = caller.certificate_until_ms;
    device.revoked_ms = admission->agency != NULL ? hub->now_ms : 0;
    /* What it holds it says by itself: until it has, it counts as holding all of the feed. */
    device.sent = tp_hub_feed_end(hub->store, device.agency);
    tp_chain_start(device.id, device.h);
    rc = tp_hub_device_put(hub->store, &device, err);
    return rc == TP_OK ? tp_hub_back_author_known(hub, device.id, err) : rc;
}
