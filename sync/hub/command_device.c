/* Devices: codes, list, revoking. */
#include "sync/hub/command.h"

#include "platform/base/encode.h"
#include "platform/base/plural.h"
#include "schema/london_time.h"
#include "sync/hub/enrol.h"

#include <inttypes.h>
#include <qrencode.h>

enum { VALID_HOURS = 24, VALID_HOURS_MAX = 24 * 31, QR_MARGIN = 2 };
#define HOUR_MS INT64_C(3600000)

/* Two modules of the QR code in one character, light on dark terminals and dark on light ones. */
static void print_qr(FILE *out, const char *text)
{
    static const char *const halves[] = {"\u2588", "\u2584", "\u2580", " "}; /* by upper, lower */
    QRcode *qr = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (qr == NULL) {
        return; /* the code itself was printed */
    }
    for (int y = -QR_MARGIN; y < qr->width + QR_MARGIN; y += 2) {
        for (int x = -QR_MARGIN; x < qr->width + QR_MARGIN; x++) {
            int dark = 0;
            for (int half = 0; half < 2; half++) {
                int row = y + half;
                bool is_inside = x >= 0 && x < qr->width && row >= 0 && row < qr->width;
                bool is_dark = is_inside && (qr->data[row * qr->width + x] & 1) != 0;
                dark |= is_dark ? 2 >> half : 0;
            }
            fputs(halves[dark == 1 ? 2 : dark == 2 ? 1 : dark], out);
        }
        fputc('\n', out);
    }
    QRcode_free(qr);
}

static tp_rc say_code(const tp_call *call, const char *code, int64_t ends_ms, tp_err *err)
{
    char until[TP_LONDON_TEXT_MAX];
    if (call->is_json) {
        return tp_hub_print_json(
            call, json_pack("{s:s, s:o}", "code", code, "until", tp_hub_json_time(ends_ms)), err);
    }
    tp_london_format(ends_ms, until);
    if (call->is_terminal) {
        print_qr(call->out, code);
    }
    fprintf(call->out, "%s\nWorks once, until %s:\n  teapot enrol %s --hub https://HUB:PORT\n",
            code, until, code);
    return TP_OK;
}

tp_rc tp_hub_command_device_code(tp_call *call, tp_err *err)
{
    const char *agency = NULL;
    const char *kiosk = NULL;
    const char *label = "";
    const char *valid = NULL;
    const tp_option options[] = {{"agency", &agency, false},
                                 {"kiosk", &kiosk, true},
                                 {"label", &label, false},
                                 {"valid", &valid, false},
                                 {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_enrolment_code code;
    char text[TP_ENROLMENT_CODE_TEXT];
    uint64_t hours = VALID_HOURS;
    int64_t ends_ms = 0;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && agency == NULL) {
        rc = tp_call_usage(call, "for which agency?", err);
    }
    if (rc == TP_OK && valid != NULL) {
        rc = tp_hub_read_count(valid, &hours, err);
    }
    if (rc == TP_OK && (hours == 0 || hours > VALID_HOURS_MAX)) {
        rc = tp_fail(err, TP_INVALID, "a code works for 1 to %d hours", VALID_HOURS_MAX);
    }
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        ends_ms = hub->now_ms + (int64_t)hours * HOUR_MS;
        rc = tp_hub_code_make(hub, tp_slice_str(agency), kiosk != NULL, label, ends_ms, &code, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    if (rc == TP_OK) {
        tp_enrolment_code_format(&code, text);
        rc = say_code(call, text, ends_ms, err);
    }
    return rc;
}

/* ---- list ---- */

typedef struct listing {
    const tp_call *call;
    const tp_hub *hub;
    uint16_t agency; /* 0: of all */
    bool has_any;
} listing;

static json_t *device_document(const tp_hub *hub, const tp_hub_device *d)
{
    const tp_hub_agency *agency = tp_hub_agency_of(hub->store, d->agency);
    json_t *came_from = d->came_from == 0
                            ? json_null()
                            : json_pack("{s:o, s:I}", "device", tp_hub_json_device(d->came_from),
                                        "at", (json_int_t)d->came_from_seq);
    return json_pack("{s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "device",
                     tp_hub_json_device(d->id), "agency", agency->id, "label", d->label, "kiosk",
                     (int)d->is_kiosk, "enrolled", tp_hub_json_time(d->enrolled_ms), "last_sync",
                     tp_hub_json_time(d->last_sync_ms), "revoked", tp_hub_json_time(d->revoked_ms),
                     "certificate_until", tp_hub_json_time(d->certificate_until_ms), "accepted",
                     (json_int_t)d->accepted, "waiting",
                     (json_int_t)(tp_hub_feed_end(hub->store, d->agency) - d->cursor), "came_from",
                     came_from);
}

static tp_rc print_device(void *ctx, const tp_hub_device *d, tp_err *err)
{
    listing *l = ctx;
    char id[TP_HEX_ROOM(8)];
    char synced[TP_LONDON_TEXT_MAX] = "never";
    char from[TP_HEX_ROOM(8)];
    if (l->agency != 0 && l->agency != d->agency) {
        return TP_OK;
    }
    l->has_any = true;
    if (l->call->is_json) {
        return tp_hub_print_json(l->call, device_document(l->hub, d), err);
    }
    tp_hex_encode_u64(d->id, id);
    if (d->last_sync_ms != 0) {
        tp_london_format(d->last_sync_ms, synced);
    }
    fprintf(l->call->out, "%s  %s%s  %s  synced %s, %" PRIu64 " %s%s", id,
            tp_hub_agency_of(l->hub->store, d->agency)->id, d->is_kiosk ? " (kiosk)" : "",
            d->label[0] == '\0' ? "-" : d->label, synced, d->accepted,
            tp_plural(d->accepted, "change", "changes"), d->revoked_ms == 0 ? "" : ", REVOKED");
    if (d->came_from != 0) {
        tp_hex_encode_u64(d->came_from, from);
        fprintf(l->call->out, ", came from %s at %" PRIu64, from, d->came_from_seq);
    }
    fputc('\n', l->call->out);
    return TP_OK;
}

tp_rc tp_hub_command_device_list(tp_call *call, tp_err *err)
{
    const char *agency = NULL;
    const tp_option options[] = {{"agency", &agency, false}, {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    listing l = {call, hub, 0, false};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK && agency != NULL) {
        rc = tp_hub_need_agency(hub, agency, &l.agency, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_devices(hub->store, print_device, &l, err);
    }
    if (rc == TP_OK && !l.has_any && !call->is_json) {
        fprintf(call->out, "No device%s is enrolled here: teapot-hub device code.\n",
                l.agency == 0 ? "" : " of this agency");
    }
    tp_hub_rollback(hub);
    return rc;
}

/* ---- revoke ---- */

/* What became of one command. */
typedef struct revoking {
    tp_hub *hub;
    tp_hub_device device; /* the one that was named */
    json_t *copies;       /* devices that came from it and were revoked with it */
} revoking;

static tp_rc revoke_one(tp_hub *hub, tp_hub_device *device, tp_err *err)
{
    if (device->revoked_ms != 0) {
        return TP_OK;
    }
    device->revoked_ms = hub->now_ms;
    return tp_hub_device_put(hub->store, device, err);
}

static tp_rc revoke_copy(void *ctx, const tp_hub_device *device, tp_err *err)
{
    revoking *r = ctx;
    tp_hub_device copy = *device;
    json_array_append_new(r->copies, tp_hub_json_device(copy.id));
    return revoke_one(r->hub, &copy, err);
}

static tp_rc revoke(revoking *r, const char *text, bool is_only, tp_err *err)
{
    uint64_t id = 0;
    tp_rc rc = tp_hub_read_device(text, &id, err);
    if (rc == TP_OK) {
        rc = tp_hub_device_get(r->hub->store, id, &r->device, err);
    }
    if (rc == TP_OK) {
        rc = revoke_one(r->hub, &r->device, err);
    }
    return rc == TP_OK && !is_only ? tp_hub_devices_from(r->hub->store, id, revoke_copy, r, err)
                                   : rc;
}

static void say_revoked(const tp_call *call, const revoking *r)
{
    char from[TP_HEX_ROOM(8)];
    size_t count = json_array_size(r->copies);
    fputs("Revoked", call->out);
    for (size_t i = 0; i < count; i++) {
        fprintf(call->out, "%s%s", i == 0 ? ", and with it what came from it: " : ", ",
                json_string_value(json_array_get(r->copies, i)));
    }
    fputs(". What it was sent may still be on it: `teapot-hub holds PERSON` says what.\n",
          call->out);
    if (r->device.came_from != 0) {
        tp_hex_encode_u64(r->device.came_from, from);
        fprintf(call->out,
                "It is a copy of %s. If nobody knows which of the two was lost, revoke that one as "
                "well.\n",
                from);
    }
}

tp_rc tp_hub_command_device_revoke(tp_call *call, tp_err *err)
{
    const char *only = NULL;
    const tp_option options[] = {{"only", &only, true}, {NULL, NULL, false}};
    revoking r = {.hub = tp_hub_of(call), .copies = json_array()};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_begin(r.hub, err);
    }
    if (rc == TP_OK) {
        rc = revoke(&r, call->argv[0], only != NULL, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(r.hub, err);
    }
    tp_hub_rollback(r.hub);
    if (rc == TP_OK && call->is_json) {
        rc = tp_hub_print_json(call,
                               json_pack("{s:o, s:o, s:O}", "device",
                                         tp_hub_json_device(r.device.id), "revoked",
                                         tp_hub_json_time(r.device.revoked_ms), "copies", r.copies),
                               err);
    } else if (rc == TP_OK) {
        say_revoked(call, &r);
    }
    json_decref(r.copies);
    return rc;
}
