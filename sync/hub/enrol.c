/* Codes and enrolment. */
#include "sync/hub/enrol.h"

#include "sync/hub/back.h"
#include "sync/hub/exchange.h"
#include "sync/hub/fork.h"
#include "sync/hub/refuse.h"
#include "sync/wire/chain.h"

#include <stdio.h>

enum {
    TRIES_MAX = 20, /* wrong codes an hour from one address; each has 1 in 2^80 of being right */
    TRIES_MS = 3600 * 1000
};

/* What became of a request that was read. */
typedef enum verdict {
    ENROLLED = 0,
    REFUSED_BODY,
    REFUSED_CODE,
    REFUSED_AGENCY,
    REFUSED_DEVICE,
    REFUSED_REVOKED,
    REFUSED_BUSY,
    REFUSED_CLOCK,
    REFUSED_CERTIFICATE,
    REFUSED_FORKS
} verdict;

static const tp_hub_refusal verdicts[] = {
    [REFUSED_BODY] = {400, "body", "this is no request to enrol"},
    [REFUSED_CODE] = {403, "code", "this code does not enrol anybody: ask for a new one"},
    [REFUSED_AGENCY] = {403, "agency",
                        "the code is for another agency than this device was made for"},
    [REFUSED_DEVICE] = {409, "device", "this device is enrolled with another key or agency"},
    [REFUSED_BUSY] = {429, "busy", "too many wrong codes: try again in an hour"},
    [REFUSED_CERTIFICATE] = {403, "certificate",
                             "without a code only the device itself may ask for a new id"},
    [REFUSED_FORKS] = {429, "busy",
                       "this device was copied too often today: try again tomorrow, and tell the "
                       "hub's operator"},
};

/* Two of them are those of a sync as well. */
static void refuse(tp_hub *hub, verdict v, tp_http_response *response)
{
    if (v == REFUSED_REVOKED || v == REFUSED_CLOCK) {
        tp_hub_refuse_as(hub, TP_HUB_DOOR_ENROL,
                         v == REFUSED_CLOCK ? TP_REFUSAL_CLOCK : TP_REFUSAL_REVOKED, 0, response);
        return;
    }
    tp_hub_refuse(hub, TP_HUB_DOOR_ENROL, &verdicts[v], response);
}

/* A request that was read, and who its CSR says it is from. */
typedef struct asked {
    tp_enrolment_request request;
    uint64_t device;
    tp_public_key key;
    tp_hub_device from; /* the device that it is a copy of; id 0: of none */
    uint64_t kept;      /* that one's changes up to here are of both */
    bool is_new;        /* it was not known before */
} asked;

static tp_rc read_request(tp_slice body, tp_buf *room, asked *out, verdict *verdict_out,
                          tp_err *err);
static tp_rc identify(tp_hub *hub, const tp_http_request *request, asked *a, verdict *verdict_out,
                      tp_err *err);
static tp_rc enrol(tp_hub *hub, asked *a, int64_t hub_ms, tp_buf *certificate,
                   tp_hub_device *device_out, verdict *verdict_out, tp_err *err);
static tp_rc write_answer(tp_hub *hub, const asked *a, const tp_hub_device *device,
                          const tp_buf *certificate, int64_t hub_ms, tp_buf *out, tp_err *err);

/* ---- Codes ---- */

tp_rc tp_hub_code_make(tp_hub *hub, tp_slice agency, bool is_kiosk, const char *label,
                       int64_t ends_ms, tp_enrolment_code *code_out, tp_err *err)
{
    tp_certificate_facts ca;
    tp_hub_code code = {.is_kiosk = is_kiosk, .ends_ms = ends_ms};
    code.agency = tp_hub_agency_find(hub->store, agency);
    if (code.agency == 0) {
        return tp_fail(err, TP_NOTFOUND, "there is no such agency: teapot-hub agency list");
    }
    if (strlen(label) >= sizeof code.label) {
        return tp_fail(err, TP_INVALID, "the label is longer than %zu bytes",
                       sizeof code.label - 1);
    }
    memcpy(code.label, label, strlen(label) + 1);
    tp_rc rc = tp_certificate_read(tp_buf_slice(&hub->ca), &ca, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_rng_fill(hub->rng, code_out->secret, sizeof code_out->secret);
    memcpy(code_out->ca_pin, ca.fingerprint, sizeof code_out->ca_pin);
    tp_enrolment_code_digest(code_out, code.digest);
    return tp_hub_code_put(hub->store, &code, hub->now_ms, err);
}

/* ---- The exchange ---- */

/* What is kept of an address; the one that was wrong longest ago makes room. */
static struct tp_hub_tries_from *tries_from(tp_hub_tries *tries, const char *address,
                                            int64_t now_ms)
{
    struct tp_hub_tries_from *oldest = &tries->from[0];
    for (size_t i = 0; i < TP_HUB_TRIES_ADDRESSES; i++) {
        struct tp_hub_tries_from *from = &tries->from[i];
        if (strcmp(from->address, address) == 0 && now_ms - from->since_ms < TRIES_MS) {
            return from;
        }
        oldest = from->since_ms < oldest->since_ms ? from : oldest;
    }
    (void)snprintf(oldest->address, sizeof oldest->address, "%s", address);
    oldest->since_ms = now_ms;
    oldest->wrong = 0;
    return oldest;
}

/* It asks how far it is the hub's, and nothing follows. */
static bool is_question(const tp_enrolment_request *request)
{
    return !request->has_code && request->csr.bytes == 0;
}

static tp_rc answer_question(tp_hub *hub, const asked *a, tp_buf *out, tp_err *err)
{
    tp_enrolment_kept kept;
    tp_rc rc = tp_hub_fork_ask(hub, &a->request.was, &kept, err);
    if (rc == TP_OK) {
        rc = tp_enrolment_kept_encode(&kept, out, err);
    }
    tp_secret_wipe(&kept, sizeof kept);
    return rc;
}

/* A refusal leaves everything, the code too, as it was. */
static tp_rc try_enrol(tp_hub *hub, asked *a, int64_t hub_ms, tp_buf *out, verdict *verdict_out,
                       tp_err *err)
{
    tp_buf certificate;
    tp_hub_device device;
    tp_buf_init(&certificate, TP_PEM_BYTES_MAX);
    tp_rc rc = tp_hub_mark(hub, err);
    if (rc == TP_OK) {
        rc = enrol(hub, a, hub_ms, &certificate, &device, verdict_out, err);
    }
    if (rc == TP_OK && *verdict_out == ENROLLED) {
        rc = write_answer(hub, a, &device, &certificate, hub_ms, out, err);
    }
    if (rc == TP_OK && *verdict_out == ENROLLED) {
        rc = tp_hub_keep(hub, err);
    } else {
        tp_hub_undo(hub);
    }
    tp_buf_done(&certificate);
    return rc;
}

static void note_enrolled(tp_hub *hub, const asked *a, tp_hub_forked *forked_out)
{
    if (is_question(&a->request)) {
        return;
    }
    hub->tally.now.enrolled++;
    if (a->is_new && a->from.id != 0) {
        hub->tally.now.forks++;
        *forked_out = (tp_hub_forked){a->from.id, a->device, a->kept};
    }
}

void tp_hub_handle_enrol(tp_hub *hub, tp_hub_tries *tries, const tp_http_request *request,
                         tp_http_response *response, tp_hub_forked *forked_out)
{
    asked a;
    tp_err err;
    tp_buf room;
    tp_rc rc = TP_OK;
    verdict v = hub->is_clock_back ? REFUSED_CLOCK : REFUSED_BUSY;
    tp_buf_init(&room, TP_HTTP_BODY_BYTES_MAX);
    struct tp_hub_tries_from *from = tries_from(tries, request->peer->address, tp_monotonic_ms());
    if (!hub->is_clock_back && from->wrong < TRIES_MAX) {
        rc = read_request(request->body, &room, &a, &v, &err);
        if (rc == TP_OK && v == ENROLLED && !a.request.has_code) {
            rc = identify(hub, request, &a, &v, &err);
        }
        if (rc == TP_OK && v == ENROLLED && is_question(&a.request)) {
            rc = answer_question(hub, &a, &response->body, &err);
        } else if (rc == TP_OK && v == ENROLLED) {
            rc = try_enrol(hub, &a, request->head_at.wall_ms, &response->body, &v, &err);
        }
        from->wrong += v == REFUSED_CODE;
    }
    tp_buf_done(&room);
    memset(forked_out, 0, sizeof *forked_out);
    if (rc != TP_OK) {
        tp_hub_refuse_trouble(hub, TP_HUB_DOOR_ENROL, &err, response);
    } else if (v != ENROLLED) {
        refuse(hub, v, response);
    } else {
        response->content_type = "application/json";
        note_enrolled(hub, &a, forked_out);
    }
}

static tp_rc read_request(tp_slice body, tp_buf *room, asked *out, verdict *verdict_out,
                          tp_err *err)
{
    memset(out, 0, sizeof *out);
    *verdict_out = ENROLLED;
    tp_rc rc = tp_enrolment_request_decode(body, room, &out->request, err);
    if (rc == TP_INVALID) {
        *verdict_out = REFUSED_CODE;
        return TP_OK;
    }
    if (rc == TP_OK && !is_question(&out->request)) {
        rc = tp_csr_check(out->request.csr, &out->device, &out->key, err);
    }
    if (rc != TP_OK && rc != TP_NOMEM) { /* which is no fault of the request's */
        *verdict_out = REFUSED_BODY;
        return TP_OK;
    }
    return rc;
}

/* Who asks without a code shows by its certificate which device it was until now. */
static tp_rc identify(tp_hub *hub, const tp_http_request *request, asked *a, verdict *verdict_out,
                      tp_err *err)
{
    tp_hub_stranger stranger = TP_HUB_STRANGER_NONE;
    tp_rc rc = tp_hub_identify(hub, request->peer, &a->from, &stranger, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (stranger != TP_HUB_STRANGER_NONE) {
        *verdict_out = REFUSED_CERTIFICATE;
    } else if (a->from.revoked_ms != 0) {
        *verdict_out = REFUSED_REVOKED;
    } else if (a->request.was.device != a->from.id || a->request.was.device == a->device) {
        *verdict_out = REFUSED_BODY;
    }
    return TP_OK;
}

/* By whose word it is enrolled: the operator's code's, or its own as the device it was.  A device
 * that did not hear the answer asks again with the code that it used; with another key it is
 * another device. */
static tp_rc take_word(tp_hub *hub, const asked *a, tp_hub_code *code, verdict *verdict_out,
                       tp_err *err)
{
    uint8_t digest[TP_SHA256_BYTES];
    memset(code, 0, sizeof *code);
    if (!a->request.has_code) {
        code->agency = a->from.agency;
        code->is_kiosk = a->from.is_kiosk;
        memcpy(code->label, a->from.label, sizeof code->label);
        return TP_OK;
    }
    tp_enrolment_code_digest(&a->request.code, digest);
    tp_rc rc = tp_hub_code_take(hub->store, digest, a->device, hub->now_ms, code, err);
    if (rc == TP_NOTFOUND) {
        *verdict_out = REFUSED_CODE;
        rc = TP_OK;
    }
    return rc;
}

/* Up to where what it would write again is here; of a copy that comes with a code this alone shows
 * that it is one. */
static tp_rc compare(tp_hub *hub, asked *a, const tp_hub_code *code, tp_err *err)
{
    tp_err unknown;
    const tp_enrolment_was *was = &a->request.was;
    if (was->device == 0) {
        return TP_OK;
    }
    if (a->request.has_code) {
        tp_rc rc = tp_hub_device_get(hub->store, was->device, &a->from, &unknown);
        bool is_theirs = rc == TP_OK && a->from.agency == code->agency && was->after == 0 &&
                         a->from.revoked_ms == 0 && was->device != a->device;
        if (!is_theirs) {
            memset(&a->from, 0, sizeof a->from);
            return TP_OK;
        }
    }
    tp_rc rc = tp_hub_fork_kept(hub, was, &a->kept, err);
    if (a->request.has_code && a->kept == 0) {
        memset(&a->from, 0, sizeof a->from);
    }
    return rc;
}

/* A device that is enrolled already keeps where it stands: the same key and agency, a new
 * certificate. */
static tp_rc find_device(tp_hub *hub, asked *a, const tp_hub_code *code, tp_hub_device *device_out,
                         verdict *verdict_out, tp_err *err)
{
    tp_err unknown;
    tp_rc rc = tp_hub_device_get(hub->store, a->device, device_out, &unknown);
    if (rc == TP_OK) {
        bool is_same = memcmp(device_out->key.point, a->key.point, sizeof a->key.point) == 0 &&
                       device_out->agency == code->agency && device_out->is_kiosk == code->is_kiosk;
        *verdict_out = device_out->revoked_ms != 0 ? REFUSED_REVOKED
                       : is_same                   ? ENROLLED
                                                   : REFUSED_DEVICE;
        return TP_OK;
    }
    if (rc != TP_NOTFOUND) {
        *err = unknown;
        return rc;
    }
    memset(device_out, 0, sizeof *device_out);
    device_out->id = a->device;
    device_out->agency = code->agency;
    device_out->is_kiosk = code->is_kiosk;
    memcpy(device_out->label, code->label, sizeof device_out->label);
    device_out->key = a->key;
    device_out->enrolled_ms = hub->now_ms;
    device_out->receipt = tp_hub_feed_end(hub->store, code->agency); /* it holds nothing yet */
    tp_chain_start(a->device, device_out->h);
    a->is_new = true;
    *verdict_out = ENROLLED;
    return TP_OK;
}

/* A new device that is a copy of another. */
static tp_rc take_over(tp_hub *hub, const asked *a, tp_hub_device *device, verdict *verdict_out,
                       tp_err *err)
{
    bool is_too_often = false;
    if (a->from.id == 0) {
        return TP_OK;
    }
    if (!a->is_new) {
        tp_hub_fork_join(&a->from, device);
        return TP_OK;
    }
    tp_rc rc = tp_hub_fork_is_too_often(hub, a->from.id, &is_too_often, err);
    if (rc == TP_OK && is_too_often) {
        *verdict_out = REFUSED_FORKS;
        return TP_OK;
    }
    return rc == TP_OK
               ? tp_hub_fork_take_over(hub, &a->from, a->kept, a->request.clock.era, device, err)
               : rc;
}

/* A hub that went back may have forgotten it and been handed what it wrote: then it is as one that
 * is admitted (back.c). */
static tp_rc put_device(tp_hub *hub, const asked *a, tp_hub_device *device, tp_err *err)
{
    bool is_author = false;
    tp_rc rc = a->is_new ? tp_hub_back_is_author(hub, device->id, &is_author, err) : TP_OK;
    if (is_author) {
        device->standing = TP_HUB_AWAITED;
        device->receipt = 0;
        device->sent = tp_hub_feed_end(hub->store, device->agency);
    }
    if (rc == TP_OK) {
        rc = tp_hub_device_put(hub->store, device, err);
    }
    return rc == TP_OK && is_author ? tp_hub_back_author_known(hub, device->id, err) : rc;
}

static tp_rc enrol(tp_hub *hub, asked *a, int64_t hub_ms, tp_buf *certificate,
                   tp_hub_device *device_out, verdict *verdict_out, tp_err *err)
{
    tp_hub_code code;
    tp_rc rc = take_word(hub, a, &code, verdict_out, err);
    if (rc != TP_OK || *verdict_out != ENROLLED) {
        return rc;
    }
    const tp_hub_agency *agency = tp_hub_agency_of(hub->store, code.agency);
    if (a->request.agency.bytes > 0 && !tp_slice_is(a->request.agency, agency->id)) {
        *verdict_out = REFUSED_AGENCY;
        return TP_OK;
    }
    rc = compare(hub, a, &code, err);
    if (rc == TP_OK) {
        rc = find_device(hub, a, &code, device_out, verdict_out, err);
    }
    if (rc == TP_OK && *verdict_out == ENROLLED) {
        rc = take_over(hub, a, device_out, verdict_out, err);
    }
    if (rc != TP_OK || *verdict_out != ENROLLED) {
        return rc;
    }
    rc = tp_hub_certify(hub, &a->key, a->device, agency->id, certificate,
                        &device_out->certificate_until_ms, err);
    if (rc == TP_OK) {
        const tp_hub_heard heard = {
            .clock = a->request.clock, .start = a->request.start, .hub_ms = hub_ms};
        rc = tp_hub_accept_begin(hub->acceptor, device_out, &heard, hub->now_ms, err);
    }
    return rc == TP_OK ? put_device(hub, a, device_out, err) : rc;
}

static tp_rc write_answer(tp_hub *hub, const asked *a, const tp_hub_device *device,
                          const tp_buf *certificate, int64_t hub_ms, tp_buf *out, tp_err *err)
{
    const tp_hub_agency *agency = tp_hub_agency_of(hub->store, device->agency);
    tp_enrolment_answer answer = {.certificate = tp_buf_slice(certificate),
                                  .ca = tp_buf_slice(&hub->ca),
                                  .agency = tp_slice_str(agency->id),
                                  .agency_label = tp_slice_str(agency->label),
                                  .is_kiosk = device->is_kiosk,
                                  .hub_ms = hub_ms,
                                  .generation = tp_hub_store_state(hub->store)->generation,
                                  .kept = a->from.id != 0 ? a->kept : 0};
    return tp_enrolment_answer_encode(&answer, out, err);
}
