/* device code, list, revoke. */
#include "sync/hub/command.h"

#include "platform/base/encode.h"
#include "platform/crypto/certificate.h"
#include "platform/os/file.h"
#include "sync/session/enrol_code.h"

#include <qrencode.h>

#include <inttypes.h>
#include <stdlib.h>

enum { VALID_HOURS = 48, VALID_HOURS_MAX = 24 * 90, MS_AN_HOUR = 60 * 60 * 1000 };

/* ---- code ---- */

static tp_rc read_pin(const tp_call *call, uint8_t pin_out[TP_ENROL_PIN_BYTES], tp_err *err)
{
    tp_path path;
    tp_buf pem;
    tp_certificate_facts facts;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_path_join(call->dir, TP_HUB_CA, &path, err);
    if (rc == TP_OK) {
        rc = tp_file_read(path.at, &pem, err);
    }
    if (rc == TP_OK) {
        rc = tp_certificate_read(tp_buf_slice(&pem), &facts, err);
    }
    if (rc == TP_OK) {
        memcpy(pin_out, facts.fingerprint, TP_ENROL_PIN_BYTES);
    }
    tp_buf_done(&pem);
    return rc;
}

/* Two rows of modules in one line of text: half blocks, dark on light whatever the terminal's colours. */
static void print_qr(FILE *out, const char *text)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (code == NULL) {
        return; /* the code stands there as text all the same */
    }
    const int quiet = 2; /* modules of light around it */
    for (int y = -quiet; y < code->width + quiet; y += 2) {
        fputs("\033[30;47m", out);
        for (int x = -quiet; x < code->width + quiet; x++) {
            bool is_dark[2];
            for (int i = 0; i < 2; i++) {
                bool is_inside = x >= 0 && x < code->width && y + i >= 0 && y + i < code->width;
                is_dark[i] = is_inside && (code->data[(y + i) * code->width + x] & 1) != 0;
            }
            static const char *const blocks[] = {" ", "\u2580", "\u2584", "\u2588"};
            fputs(blocks[(is_dark[0] ? 1 : 0) + (is_dark[1] ? 2 : 0)], out);
        }
        fputs("\033[0m\n", out);
    }
    QRcode_free(code);
}

static tp_rc print_code(const tp_call *call, const tp_hub_code *row, const tp_enrol_code *code,
                        bool has_qr, tp_err *err)
{
    char text[TP_ENROL_TEXT_BYTES];
    tp_rc rc = TP_OK;
    tp_enrol_code_print(code, text);
    if (call->is_json) {
        rc = tp_hub_print_json(
            call, json_pack("{s:s,s:I}", "code", text, "ends_ms", (json_int_t)row->ends_ms), err);
    } else {
        fprintf(call->out,
                "%s\n\nWorks once, until %s.  On the device:\n  teapot enrol %s --hub "
                "https://HUB:PORT\n",
                text, tp_hub_when(row->ends_ms), text);
        if (has_qr) {
            print_qr(call->out, text);
        }
    }
    tp_secret_wipe(text, sizeof text);
    return rc;
}

static tp_rc keep_code(tp_hub_store *store, const char *agency, tp_hub_code *row, tp_err *err)
{
    bool is_foreign = false;
    tp_rc rc = tp_hub_store_begin(store, &is_foreign, err);
    if (rc != TP_OK) {
        return rc;
    }
    row->agency = tp_hub_agency_find(store, tp_slice_str(agency));
    if (row->agency == 0) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no agency by that id: `teapot-hub agency list`");
    }
    if (rc == TP_OK) {
        rc = tp_hub_code_put(store, row, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_commit(store, err);
    }
    tp_hub_store_rollback(store);
    return rc;
}

static tp_rc read_hours(const char *text, long *hours_out, tp_err *err)
{
    char *end = NULL;
    *hours_out = text == NULL ? VALID_HOURS : strtol(text, &end, 10);
    if (*hours_out < 1 || *hours_out > VALID_HOURS_MAX || (end != NULL && *end != '\0')) {
        return tp_fail(err, TP_INVALID, "--valid needs a number of hours, 1 to %d",
                       VALID_HOURS_MAX);
    }
    return TP_OK;
}

tp_rc tp_hub_command_device_code(tp_call *call, tp_err *err)
{
    const char *agency = NULL;
    const char *kiosk = NULL;
    const char *label = "";
    const char *valid = NULL;
    const char *qr = NULL;
    const tp_option options[] = {{"agency", &agency, false}, {"kiosk", &kiosk, true},
                                 {"label", &label, false},   {"valid", &valid, false},
                                 {"qr", &qr, true},          {NULL, NULL, false}};
    long hours = 0;
    tp_enrol_code code;
    tp_hub_code row = {.is_kiosk = false};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && agency == NULL) {
        rc = tp_call_usage(call, "whose device?", err);
    }
    if (rc == TP_OK && strlen(label) >= sizeof row.label) {
        rc = tp_fail(err, TP_INVALID, "--label is longer than %zu bytes", sizeof row.label - 1);
    }
    if (rc == TP_OK) {
        rc = read_hours(valid, &hours, err);
    }
    if (rc == TP_OK) {
        rc = read_pin(call, code.pin, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_rng_fill(tp_rng_system(), code.secret, sizeof code.secret);
    tp_sha256_of(tp_slice_of(code.secret, sizeof code.secret), row.digest);
    memcpy(row.label, label, strlen(label) + 1);
    row.is_kiosk = kiosk != NULL;
    row.ends_ms = tp_hub_call_now() + (int64_t)hours * MS_AN_HOUR;
    rc = keep_code(tp_hub_call_store(call), agency, &row, err);
    if (rc == TP_OK) {
        rc = print_code(call, &row, &code, qr != NULL, err);
    }
    tp_secret_wipe(&code, sizeof code);
    return rc;
}

/* ---- list ---- */

typedef struct listing {
    const tp_call *call;
    const tp_hub_store *store;
    json_t *list; /* NULL: printed in words */
} listing;

static tp_rc list_device(void *context, const tp_hub_device *d, tp_err *err)
{
    (void)err;
    listing *l = context;
    char id[TP_HEX_ROOM(8)];
    tp_hex_encode_u64(d->id, id);
    const tp_hub_agency *agency = tp_hub_agency_of(l->store, d->agency);
    const char *agency_id = agency == NULL ? "" : agency->id;
    if (l->list != NULL) {
        json_array_append_new(
            l->list, json_pack("{s:s,s:s,s:s,s:b,s:b,s:I,s:I,s:I}", "device", id, "agency",
                               agency_id, "label", d->label, "kiosk", d->is_kiosk, "revoked",
                               d->revoked_ms != 0, "last_sync_ms", (json_int_t)d->last_sync_ms,
                               "accepted", (json_int_t)d->accepted, "certificate_until_ms",
                               (json_int_t)d->certificate_until_ms));
        return TP_OK;
    }
    fprintf(l->call->out,
            "%s  %-20s %s%s\n    last sync %s, %" PRIu64 " changes, certificate until %s", id,
            agency_id, d->label, d->is_kiosk ? " (kiosk)" : "", tp_hub_when(d->last_sync_ms),
            d->accepted, tp_hub_when(d->certificate_until_ms));
    if (d->revoked_ms != 0) {
        fprintf(l->call->out, ", REVOKED %s", tp_hub_when(d->revoked_ms));
    }
    fputc('\n', l->call->out);
    return TP_OK;
}

tp_rc tp_hub_command_device_list(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub_store *store = tp_hub_call_store(call);
    listing l = {call, store, call->is_json ? json_array() : NULL};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_begin_reading(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_devices(store, list_device, &l, err);
        tp_hub_store_rollback(store);
    }
    if (rc == TP_OK && l.list != NULL) {
        return tp_hub_print_json(call, json_pack("{s:o}", "devices", l.list), err);
    }
    json_decref(l.list);
    return rc;
}

/* ---- revoke ---- */

tp_rc tp_hub_command_device_revoke(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_hub_store *store = tp_hub_call_store(call);
    tp_hub_device device;
    uint64_t id = 0;
    bool is_foreign = false;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_hub_read_device(call->argv[0], &id, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_begin(store, &is_foreign, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_hub_device_get(store, id, &device, err);
    if (rc == TP_OK && device.revoked_ms == 0) {
        device.revoked_ms = tp_hub_call_now();
        rc = tp_hub_device_put(store, &device, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_commit(store, err);
    }
    tp_hub_store_rollback(store);
    if (rc == TP_NOTFOUND) {
        return tp_fail(err, TP_NOTFOUND, "no such device is enrolled: `teapot-hub device list`");
    }
    if (rc == TP_OK && call->is_json) {
        return tp_hub_print_json(call,
                                 json_pack("{s:s,s:I}", "device", call->argv[0], "revoked_ms",
                                           (json_int_t)device.revoked_ms),
                                 err);
    }
    if (rc == TP_OK) {
        fputs("Revoked: refused from its next request on.  What it holds stays on it until it is "
              "found;\n"
              "`teapot-hub holds PERSON` says what that is.\n",
              call->out);
    }
    return rc;
}
