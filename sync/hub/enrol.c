/* Enrolling devices. */
#include "sync/hub/enrol.h"

#include "platform/base/encode.h"
#include "platform/crypto/certificate.h"
#include "sync/session/enrol_code.h"
#include "sync/wire/chain.h"

#include <jansson.h>

enum { DEVICE_DAYS = 365, BODY_BYTES_MAX = 16 * 1024 };

/* What a device asks for; texts borrow from the document. */
typedef struct asked {
    uint8_t digest[TP_SHA256_BYTES]; /* of the code's secret */
    uint64_t device;
    tp_public_key key;
    const char *agency;
    tp_era_reading clock;
} asked;

static tp_rc answer_refused(tp_http_response *response, unsigned status, const char *code,
                            const char *text)
{
    tp_err ignored;
    response->status = status;
    response->content_type = "application/json";
    tp_buf_clear(&response->body);
    return tp_buf_addf(&response->body, &ignored, "{\"error\":\"%s\",\"text\":\"%s\"}", code, text);
}

/* ---- Tries ---- */

static bool is_too_many(const tp_enrol_tries *tries, const char *address, int64_t now_ms)
{
    for (size_t i = 0; i < TP_ENROL_ADDRESSES; i++) {
        if (strcmp(tries->of[i].address, address) == 0) {
            return tries->of[i].failed >= TP_ENROL_TRIES &&
                   now_ms - tries->of[i].since_ms < TP_ENROL_WINDOW_MS;
        }
    }
    return false;
}

/* Counts a wrong code; the address that was quiet longest makes room. */
static void note_wrong(tp_enrol_tries *tries, const char *address, int64_t now_ms)
{
    size_t at = 0;
    for (size_t i = 0; i < TP_ENROL_ADDRESSES; i++) {
        if (strcmp(tries->of[i].address, address) == 0) {
            at = i;
            break;
        }
        if (tries->of[i].since_ms < tries->of[at].since_ms) {
            at = i;
        }
    }
    bool is_same = strcmp(tries->of[at].address, address) == 0;
    if (!is_same || now_ms - tries->of[at].since_ms >= TP_ENROL_WINDOW_MS) {
        memset(&tries->of[at], 0, sizeof tries->of[at]);
        memcpy(tries->of[at].address, address, strlen(address) + 1);
        tries->of[at].since_ms = now_ms;
    }
    tries->of[at].failed++;
}

/* ---- Reading ---- */

static bool read_asked(json_t *document, asked *out)
{
    const char *code = json_string_value(json_object_get(document, "code"));
    const char *csr = json_string_value(json_object_get(document, "csr"));
    const char *device = json_string_value(json_object_get(document, "device"));
    json_t *clock = json_object_get(document, "clock");
    tp_err ignored;
    uint64_t certified = 0;
    out->agency = json_string_value(json_object_get(document, "agency"));
    out->clock.era = (uint32_t)json_integer_value(json_object_get(clock, "era"));
    out->clock.up_ms = json_integer_value(json_object_get(clock, "up_ms"));
    out->clock.wall_ms = json_integer_value(json_object_get(clock, "wall_ms"));
    return code != NULL && csr != NULL && device != NULL && out->agency != NULL &&
           out->clock.era != 0 && tp_enrol_secret_digest(tp_slice_str(code), out->digest) &&
           tp_hex_decode_u64(tp_slice_str(device), &out->device) &&
           tp_csr_check(tp_slice_str(csr), &certified, &out->key, &ignored) == TP_OK &&
           certified == out->device && out->device != 0;
}

/* ---- Enrolling ---- */

/* A device that was enrolled before keeps what is known of it, if it is the same device by its key. */
static tp_rc load_device(tp_hub *hub, const asked *a, const tp_hub_code *code, int64_t now_ms,
                         tp_hub_device *device, tp_err *err)
{
    tp_rc rc = tp_hub_device_get(hub->store, a->device, device, err);
    if (rc == TP_OK) {
        bool is_same = device->agency == code->agency && device->revoked_ms == 0 &&
                       memcmp(&device->key, &a->key, sizeof a->key) == 0;
        return is_same ? TP_OK : tp_fail(err, TP_EXISTS, "another device has this id");
    }
    if (rc != TP_NOTFOUND) {
        return rc;
    }
    memset(device, 0, sizeof *device);
    device->id = a->device;
    device->agency = code->agency;
    device->key = a->key;
    device->enrolled_ms = now_ms;
    /* Nothing that was given back before it came was ever here. */
    device->receipt = tp_hub_feed_end(hub->store, code->agency);
    tp_chain_start(a->device, device->h);
    return TP_OK;
}

static tp_rc note_clock(tp_hub *hub, const asked *a, int64_t hub_ms, tp_err *err)
{
    tp_era era = tp_era_begin(a->clock, 0);
    tp_era_compare(&era, a->clock, hub_ms);
    return tp_hub_era_put(hub->store, a->device, &era, err);
}

static tp_rc issue(tp_hub *hub, const asked *a, const char *agency, int64_t now_ms,
                   tp_hub_device *device, tp_buf *pem, tp_err *err)
{
    const tp_issuer issuer = {tp_buf_slice(&hub->ca), hub->ca_key};
    const tp_validity validity = {now_ms, DEVICE_DAYS};
    tp_certificate_facts facts;
    tp_rc rc = tp_certificate_make_device(&issuer, &a->key, a->device, agency, hub->rng, validity,
                                          pem, err);
    if (rc == TP_OK) {
        rc = tp_certificate_read(tp_buf_slice(pem), &facts, err);
    }
    if (rc == TP_OK) {
        device->certificate_until_ms = facts.not_after_ms;
    }
    return rc;
}

static tp_rc fill_answer(const tp_hub *hub, const tp_hub_device *device, const char *agency,
                         const tp_buf *pem, int64_t hub_ms, tp_http_response *response, tp_err *err)
{
    json_t *document =
        json_pack("{s:s%,s:s,s:b,s:I,s:I}", "certificate", (const char *)pem->at, pem->bytes,
                  "agency", agency, "kiosk", device->is_kiosk, "hub_ms", (json_int_t)hub_ms,
                  "generation", (json_int_t)tp_hub_store_state(hub->store)->generation);
    size_t bytes = document == NULL ? 0 : json_dumpb(document, NULL, 0, JSON_COMPACT);
    uint8_t *at = NULL;
    tp_rc rc = bytes == 0 ? tp_fail(err, TP_NOMEM, "no memory for an answer")
                          : tp_buf_reserve(&response->body, bytes, &at, err);
    if (rc == TP_OK) {
        response->body.bytes += json_dumpb(document, (char *)at, bytes, JSON_COMPACT);
        response->content_type = "application/json";
    }
    json_decref(document);
    return rc;
}

/* The work, once the code was taken.  Errors: DENIED the agency;  EXISTS the device. */
static tp_rc enrol(tp_hub *hub, const asked *a, const tp_hub_code *code, int64_t head_ms,
                   tp_http_response *response, tp_err *err)
{
    const tp_hub_agency *agency = tp_hub_agency_of(hub->store, code->agency);
    const int64_t now_ms = tp_clock_read(hub->clock).wall_ms;
    tp_hub_device device;
    tp_buf pem;
    if (agency == NULL || strcmp(agency->id, a->agency) != 0) {
        return tp_fail(err, TP_DENIED, "the code is for another agency");
    }
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = load_device(hub, a, code, now_ms, &device, err);
    if (rc == TP_OK) {
        device.is_kiosk = code->is_kiosk;
        memcpy(device.label, code->label, sizeof device.label);
        rc = issue(hub, a, agency->id, now_ms, &device, &pem, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_device_put(hub->store, &device, err);
    }
    if (rc == TP_OK) {
        rc = note_clock(hub, a, head_ms, err);
    }
    if (rc == TP_OK) {
        rc = fill_answer(hub, &device, agency->id, &pem, head_ms, response, err);
    }
    tp_buf_done(&pem);
    return rc;
}

static tp_rc try_code(tp_hub *hub, const asked *a, int64_t head_ms, tp_http_response *response,
                      bool *is_wrong, tp_err *err)
{
    tp_hub_code code;
    tp_rc rc = tp_hub_store_mark(hub->store, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_hub_code_take(hub->store, a->digest, tp_clock_read(hub->clock).wall_ms, &code, err);
    *is_wrong = rc == TP_NOTFOUND;
    if (rc == TP_OK) {
        rc = enrol(hub, a, &code, head_ms, response, err);
    }
    if (rc == TP_OK) {
        return tp_hub_store_keep(hub->store, err);
    }
    tp_hub_store_undo(hub->store);
    return rc;
}

void tp_hub_enrol(tp_hub *hub, tp_enrol_tries *tries, const tp_http_request *request,
                  tp_http_response *response)
{
    asked a = {.device = 0};
    tp_err err;
    bool is_wrong = false;
    const char *address = request->peer->address;
    tp_rc rc = TP_OK;
    if (is_too_many(tries, address, request->head_at.mono_ms)) {
        rc = answer_refused(response, 429, "busy", "too many wrong codes: wait ten minutes");
        (void)rc;
        return;
    }
    json_t *document =
        request->body.bytes > BODY_BYTES_MAX
            ? NULL
            : json_loadb((const char *)request->body.at, request->body.bytes, 0, NULL);
    if (document == NULL || !read_asked(document, &a)) {
        rc = answer_refused(response, 400, "body", "this is no request for enrolment");
    } else {
        rc = try_code(hub, &a, request->head_at.wall_ms, response, &is_wrong, &err);
        if (is_wrong) {
            note_wrong(tries, address, request->head_at.mono_ms);
            rc = answer_refused(response, 403, "code",
                                "the code is wrong, was used, or has run out: ask for another one");
        } else if (rc == TP_DENIED) {
            rc = answer_refused(response, 409, "agency", err.what);
        } else if (rc == TP_EXISTS) {
            rc = answer_refused(response, 409, "device",
                                "this device cannot be enrolled again: make a new node");
        } else if (rc != TP_OK) {
            tp_http_response_fail(response, 503);
            rc = TP_OK;
        }
    }
    if (rc != TP_OK) {
        tp_http_response_fail(response, 503);
    }
    json_decref(document);
}
