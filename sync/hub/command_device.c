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
} listing;

static json_t *device_document(const tp_hub *hub, const tp_hub_device *d)
{
    const tp_hub_agency *agency = tp_hub_agency_of(hub->store, d->agency);
    return json_pack("{s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:I, s:I}", "device",
                     tp_hub_json_device(d->id), "agency", agency->id, "label", d->label, "kiosk",
                     (int)d->is_kiosk, "enrolled", tp_hub_json_time(d->enrolled_ms), "last_sync",
                     tp_hub_json_time(d->last_sync_ms), "revoked", tp_hub_json_time(d->revoked_ms),
                     "certificate_until", tp_hub_json_time(d->certificate_until_ms), "accepted",
                     (json_int_t)d->accepted, "waiting",
                     (json_int_t)(tp_hub_feed_end(hub->store, d->agency) - d->cursor));
}

static tp_rc print_device(void *ctx, const tp_hub_device *d, tp_err *err)
{
    const listing *l = ctx;
    char id[TP_HEX_ROOM(8)];
    char synced[TP_LONDON_TEXT_MAX] = "never";
    if (l->agency != 0 && l->agency != d->agency) {
        return TP_OK;
    }
    if (l->call->is_json) {
        return tp_hub_print_json(l->call, device_document(l->hub, d), err);
    }
    tp_hex_encode_u64(d->id, id);
    if (d->last_sync_ms != 0) {
        tp_london_format(d->last_sync_ms, synced);
    }
    fprintf(l->call->out, "%s  %s%s  %s  synced %s, %" PRIu64 " %s%s\n", id,
            tp_hub_agency_of(l->hub->store, d->agency)->id, d->is_kiosk ? " (kiosk)" : "",
            d->label[0] == '\0' ? "-" : d->label, synced, d->accepted,
            tp_plural(d->accepted, "change", "changes"), d->revoked_ms == 0 ? "" : ", REVOKED");
    return TP_OK;
}

tp_rc tp_hub_command_device_list(tp_call *call, tp_err *err)
{
    const char *agency = NULL;
    const tp_option options[] = {{"agency", &agency, false}, {NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    listing l = {call, hub, 0};
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
    tp_hub_rollback(hub);
    return rc;
}

/* ---- revoke ---- */

static tp_rc revoke(tp_hub *hub, const char *text, tp_hub_device *device, tp_err *err)
{
    uint64_t id = 0;
    tp_rc rc = tp_hub_read_device(text, &id, err);
    if (rc == TP_OK) {
        rc = tp_hub_device_get(hub->store, id, device, err);
    }
    if (rc == TP_OK && device->revoked_ms == 0) {
        device->revoked_ms = hub->now_ms;
        rc = tp_hub_device_put(hub->store, device, err);
    }
    return rc;
}

tp_rc tp_hub_command_device_revoke(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub *hub = tp_hub_of(call);
    tp_hub_device device;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_begin(hub, err);
    }
    if (rc == TP_OK) {
        rc = revoke(hub, call->argv[0], &device, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call,
                                 json_pack("{s:o, s:o}", "device", tp_hub_json_device(device.id),
                                           "revoked", tp_hub_json_time(device.revoked_ms)),
                                 err);
    }
    if (rc == TP_OK) {
        fputs(
            "Revoked. What it was sent may still be on it: `teapot-hub holds PERSON` says what.\n",
            call->out);
    }
    return rc;
}
