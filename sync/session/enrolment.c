/* The enrolment code as text, and the enrolment exchange as JSON. */
#include "sync/session/enrolment.h"

#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "platform/base/limits.h"
#include "schema/utf8.h"
#include "sync/session/json.h"

enum { GROUP_DIGITS = 4, CODE_DIGITS = 42 };

static tp_rc check_text(tp_slice text, const char *key, tp_err *err);
static json_t *text_of(tp_slice text);
static void put(json_t **object, const char *key, json_t *value);
static tp_rc take_text(const json_t *object, const char *key, bool is_optional, tp_buf *room,
                       tp_slice *out, tp_err *err);
static tp_rc take_int(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *out,
                      tp_err *err);
static tp_rc load(tp_slice body, tp_buf *room, json_t **object_out, tp_err *err);

/* ---- The code ---- */

void tp_enrolment_code_format(const tp_enrolment_code *code, char text_out[TP_ENROLMENT_CODE_TEXT])
{
    uint8_t bytes[TP_ENROLMENT_CODE_BYTES];
    char digits[TP_BASE32_ROOM(TP_ENROLMENT_CODE_BYTES)];
    memcpy(bytes, code->secret, sizeof code->secret);
    memcpy(bytes + sizeof code->secret, code->ca_pin, sizeof code->ca_pin);
    tp_base32_encode(tp_slice_of(bytes, sizeof bytes), digits);
    size_t n = 0;
    for (size_t i = 0; digits[i] != '\0'; i++) {
        if (i > 0 && i % GROUP_DIGITS == 0) {
            text_out[n++] = '-';
        }
        text_out[n++] = digits[i];
    }
    text_out[n] = '\0';
    tp_secret_wipe(bytes, sizeof bytes);
    tp_secret_wipe(digits, sizeof digits);
}

static size_t count_digits(tp_slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        const uint8_t c = text.at[i];
        count += (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ? 1 : 0;
    }
    return count;
}

tp_rc tp_enrolment_code_parse(tp_slice text, tp_enrolment_code *code_out, tp_err *err)
{
    uint8_t bytes[TP_ENROLMENT_CODE_BYTES];
    if (!tp_base32_decode(text, bytes, sizeof bytes)) {
        size_t found = count_digits(text);
        return found == CODE_DIGITS
                   ? tp_fail(err, TP_INVALID,
                             "the enrolment code is not as a hub prints them: check for a letter "
                             "or digit mistyped, above all the last")
                   : tp_fail(err, TP_INVALID,
                             "the enrolment code has %d letters and digits, %zu were found: check "
                             "for one left out or typed twice",
                             CODE_DIGITS, found);
    }
    memcpy(code_out->secret, bytes, sizeof code_out->secret);
    memcpy(code_out->ca_pin, bytes + sizeof code_out->secret, sizeof code_out->ca_pin);
    tp_secret_wipe(bytes, sizeof bytes);
    return TP_OK;
}

void tp_enrolment_code_digest(const tp_enrolment_code *code, uint8_t out[TP_SHA256_BYTES])
{
    tp_sha256_of(tp_slice_of(code->secret, sizeof code->secret), out);
}

/* ---- The request ---- */

static json_t *was_document(const tp_enrolment_was *was);
static tp_rc take_was(const json_t *object, tp_buf *room, tp_enrolment_was *was, tp_err *err);

tp_rc tp_enrolment_request_encode(const tp_enrolment_request *request, tp_buf *out, tp_err *err)
{
    char code[TP_ENROLMENT_CODE_TEXT];
    tp_rc rc = check_text(request->csr, "csr", err);
    if (rc == TP_OK) {
        rc = check_text(request->agency, "agency", err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_enrolment_code_format(&request->code, code);
    json_t *clock =
        json_pack("{s:I, s:I, s:I}", "era", (json_int_t)request->clock.era, "up_ms",
                  (json_int_t)request->clock.up_ms, "wall_ms", (json_int_t)request->clock.wall_ms);
    if (request->start != 0) {
        put(&clock, "start", json_integer((json_int_t)request->start));
    }
    json_t *object = json_pack("{s:o}", "clock", clock);
    if (request->has_code || request->csr.bytes > 0) {
        put(&object, "csr", text_of(request->csr));
    }
    if (request->has_code) {
        put(&object, "code", json_string(code));
    }
    if (request->was.device != 0) {
        put(&object, "was", was_document(&request->was));
    }
    if (request->agency.bytes > 0) {
        put(&object, "agency", text_of(request->agency));
    }
    tp_secret_wipe(code, sizeof code);
    return tp_json_dump(object, out, err);
}

tp_rc tp_enrolment_request_decode(tp_slice body, tp_buf *room, tp_enrolment_request *request_out,
                                  tp_err *err)
{
    tp_enrolment_request request;
    json_t *object = NULL;
    int64_t era = 0;
    int64_t start = 0;
    memset(&request, 0, sizeof request);
    tp_rc rc = load(body, room, &object, err);
    if (rc == TP_OK) {
        rc = take_was(json_object_get(object, "was"), room, &request.was, err);
    }
    request.has_code =
        rc == TP_OK && (request.was.device == 0 || json_object_get(object, "code") != NULL);
    if (rc == TP_OK && request.has_code) {
        const char *code = json_string_value(json_object_get(object, "code"));
        rc = tp_enrolment_code_parse(tp_slice_str(code), &request.code, err);
    }
    if (rc == TP_OK) {
        rc = take_text(object, "csr", !request.has_code, room, &request.csr, err);
    }
    if (rc == TP_OK) {
        rc = take_text(object, "agency", true, room, &request.agency, err);
    }
    const json_t *clock = object == NULL ? NULL : json_object_get(object, "clock");
    if (rc == TP_OK) {
        rc = take_int(clock, "era", 1, UINT32_MAX, &era, err);
    }
    if (rc == TP_OK) {
        rc = take_int(clock, "up_ms", 0, TP_TIME_MS_MAX, &request.clock.up_ms, err);
    }
    if (rc == TP_OK) {
        rc =
            take_int(clock, "wall_ms", TP_TIME_MS_MIN, TP_TIME_MS_MAX, &request.clock.wall_ms, err);
    }
    if (rc == TP_OK && json_object_get(clock, "start") != NULL) {
        rc = take_int(clock, "start", 1, UINT32_MAX, &start, err);
    }
    if (rc == TP_OK) {
        request.clock.era = (uint32_t)era;
        request.start = (uint32_t)start;
        *request_out = request;
    }
    json_decref(object);
    return rc;
}

/* ---- What it was called before ---- */

uint32_t tp_enrolment_was_count(const tp_enrolment_was *was)
{
    return (uint32_t)(was->digests.bytes / TP_ENROLMENT_DIGEST_BYTES);
}

/* NULL when memory is out. */
static json_t *was_document(const tp_enrolment_was *was)
{
    char device[TP_HEX_ROOM(8)];
    const size_t bytes = was->digests.bytes * 2 + 1;
    char *digests = tp_alloc(bytes);
    if (digests == NULL) {
        return NULL;
    }
    tp_hex_encode_u64(was->device, device);
    tp_hex_encode(was->digests, digests);
    json_t *document =
        json_pack("{s:s, s:I, s:I, s:s}", "device", device, "after", (json_int_t)was->after, "step",
                  (json_int_t)was->step, "digests", digests);
    tp_free(digests);
    return document;
}

static tp_rc take_digests(const json_t *object, tp_buf *room, tp_slice *digests_out, tp_err *err)
{
    const json_t *value = json_object_get(object, "digests");
    const tp_slice text = tp_slice_of(json_string_value(value),
                                      json_is_string(value) ? json_string_length(value) : 0);
    const size_t bytes = text.bytes / 2;
    const size_t at = room->bytes;
    uint8_t *to = NULL;
    bool is_good = json_is_string(value) && bytes % TP_ENROLMENT_DIGEST_BYTES == 0 &&
                   bytes / TP_ENROLMENT_DIGEST_BYTES <= TP_FORK_DIGESTS_MAX &&
                   at + bytes <= room->room;
    tp_rc rc = is_good ? tp_buf_reserve(room, bytes, &to, err) : TP_OK;
    if (rc == TP_OK && (!is_good || !tp_hex_decode(text, to, bytes))) {
        rc = tp_fail(err, TP_CORRUPT, "enrolment: digests cannot be read");
    }
    if (rc == TP_OK) {
        room->bytes = at + bytes;
        *digests_out = tp_slice_of(room->at + at, bytes);
    }
    return rc;
}

/* Left out by who asks under its first id. */
static tp_rc take_was(const json_t *object, tp_buf *room, tp_enrolment_was *was, tp_err *err)
{
    int64_t after = 0;
    int64_t step = 0;
    if (object == NULL) {
        return TP_OK;
    }
    const char *device = json_string_value(json_object_get(object, "device"));
    tp_rc rc = take_int(object, "after", 0, (int64_t)TP_SEQ_MAX, &after, err);
    if (rc == TP_OK) {
        rc = take_int(object, "step", 1, (int64_t)TP_SEQ_MAX, &step, err);
    }
    if (rc == TP_OK && (device == NULL || !tp_hex_decode_u64(tp_slice_str(device), &was->device) ||
                        was->device == 0)) {
        rc = tp_fail(err, TP_CORRUPT, "enrolment: no such device");
    }
    if (rc == TP_OK) {
        rc = take_digests(object, room, &was->digests, err);
    }
    was->after = (uint64_t)after;
    was->step = (uint64_t)step;
    return rc;
}

/* ---- The answer ---- */

tp_rc tp_enrolment_answer_encode(const tp_enrolment_answer *answer, tp_buf *out, tp_err *err)
{
    const struct {
        tp_slice text;
        const char *key;
    } texts[] = {{answer->certificate, "certificate"},
                 {answer->ca, "ca"},
                 {answer->agency, "agency"},
                 {answer->agency_label, "agency_label"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tp_rc rc = check_text(texts[i].text, texts[i].key, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    json_t *object = json_pack(
        "{s:o, s:o, s:o, s:o, s:b, s:I, s:I}", "certificate", text_of(answer->certificate), "ca",
        text_of(answer->ca), "agency", text_of(answer->agency), "agency_label",
        text_of(answer->agency_label), "kiosk", (int)answer->is_kiosk, "hub_ms",
        (json_int_t)answer->hub_ms, "generation", (json_int_t)answer->generation);
    if (answer->kept > 0) {
        put(&object, "kept", json_integer((json_int_t)answer->kept));
    }
    return tp_json_dump(object, out, err);
}

tp_rc tp_enrolment_answer_decode(tp_slice body, tp_buf *room, tp_enrolment_answer *answer_out,
                                 tp_err *err)
{
    tp_enrolment_answer answer;
    json_t *object = NULL;
    int64_t generation = 0;
    int64_t kept = 0;
    memset(&answer, 0, sizeof answer);
    tp_rc rc = load(body, room, &object, err);
    if (rc == TP_OK) {
        rc = take_text(object, "certificate", false, room, &answer.certificate, err);
    }
    if (rc == TP_OK) {
        rc = take_text(object, "ca", false, room, &answer.ca, err);
    }
    if (rc == TP_OK) {
        rc = take_text(object, "agency", false, room, &answer.agency, err);
    }
    if (rc == TP_OK) {
        rc = take_text(object, "agency_label", true, room, &answer.agency_label, err);
    }
    if (rc == TP_OK) {
        rc = take_int(object, "hub_ms", 0, TP_TIME_MS_MAX, &answer.hub_ms, err);
    }
    if (rc == TP_OK) {
        rc = take_int(object, "generation", 1, (int64_t)TP_NUMBER_MAX, &generation, err);
    }
    if (rc == TP_OK && json_object_get(object, "kept") != NULL) {
        rc = take_int(object, "kept", 1, (int64_t)TP_SEQ_MAX, &kept, err);
    }
    if (rc == TP_OK) {
        answer.kept = (uint64_t)kept;
        answer.generation = (uint64_t)generation;
        answer.is_kiosk = json_is_true(json_object_get(object, "kiosk"));
        *answer_out = answer;
    }
    json_decref(object);
    return rc;
}

/* ---- How far ---- */

tp_rc tp_enrolment_kept_encode(const tp_enrolment_kept *kept, tp_buf *out, tp_err *err)
{
    char seed[TP_HEX_ROOM(TP_SHA256_BYTES)];
    json_t *object = json_object();
    if (object != NULL && kept->kept > 0) {
        put(&object, "kept", json_integer((json_int_t)kept->kept));
    }
    if (object != NULL && kept->has_seed) {
        tp_hex_encode(tp_slice_of(kept->seed, sizeof kept->seed), seed);
        put(&object, "seed", json_string(seed));
        tp_secret_wipe(seed, sizeof seed);
    }
    return tp_json_dump(object, out, err);
}

tp_rc tp_enrolment_kept_decode(tp_slice body, tp_buf *room, tp_enrolment_kept *kept_out,
                               tp_err *err)
{
    tp_slice seed = tp_slice_of(NULL, 0);
    json_t *object = NULL;
    int64_t kept = 0;
    memset(kept_out, 0, sizeof *kept_out);
    tp_rc rc = load(body, room, &object, err);
    if (rc == TP_OK && json_object_get(object, "kept") != NULL) {
        rc = take_int(object, "kept", 1, (int64_t)TP_SEQ_MAX, &kept, err);
    }
    if (rc == TP_OK) {
        rc = take_text(object, "seed", true, room, &seed, err);
    }
    if (rc == TP_OK && seed.bytes > 0 &&
        !tp_hex_decode(seed, kept_out->seed, sizeof kept_out->seed)) {
        rc = tp_fail(err, TP_CORRUPT, "enrolment: the seed cannot be read");
    }
    kept_out->kept = (uint64_t)kept;
    kept_out->has_seed = seed.bytes > 0;
    json_decref(object);
    return rc;
}

/* ---- JSON ---- */

/* Without a zero byte: no reader takes one. */
static tp_rc check_text(tp_slice text, const char *key, tp_err *err)
{
    bool is_good =
        tp_utf8_is_valid(text) && (text.bytes == 0 || memchr(text.at, '\0', text.bytes) == NULL);
    return is_good ? TP_OK : tp_fail(err, TP_INVALID, "enrolment: %s is no text in UTF-8", key);
}

/* NULL when memory is out. */
static json_t *text_of(tp_slice text)
{
    return json_stringn(text.bytes == 0 ? "" : (const char *)text.at, text.bytes);
}

/* Takes the value; a document that would lack it is none. */
static void put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

/* All texts of a body fit where the body fits: so the room is made once, and slices stay. */
static tp_rc load(tp_slice body, tp_buf *room, json_t **object_out, tp_err *err)
{
    uint8_t *at = NULL;
    tp_buf_clear(room);
    tp_rc rc = tp_buf_reserve(room, body.bytes, &at, err);
    if (rc != TP_OK) {
        return rc;
    }
    json_t *object = NULL;
    rc = tp_json_load(body, JSON_REJECT_DUPLICATES, &object, err);
    if (rc == TP_NOMEM) {
        return rc;
    }
    if (!json_is_object(object)) {
        json_decref(object);
        return tp_fail(err, TP_CORRUPT, "enrolment: not a JSON object");
    }
    *object_out = object;
    return TP_OK;
}

static tp_rc take_text(const json_t *object, const char *key, bool is_optional, tp_buf *room,
                       tp_slice *out, tp_err *err)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL && is_optional) {
        *out = tp_slice_of(NULL, 0);
        return TP_OK;
    }
    if (!json_is_string(value) || room->bytes + json_string_length(value) > room->room) {
        return tp_fail(err, TP_CORRUPT, "enrolment: %s is no text", key);
    }
    size_t at = room->bytes;
    tp_rc rc = tp_buf_add(room, json_string_value(value), json_string_length(value), err);
    if (rc == TP_OK) {
        *out = tp_slice_of(room->at + at, room->bytes - at);
    }
    return rc;
}

/* Every number has its range: what is added to a moment later is still one. */
static tp_rc take_int(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *out,
                      tp_err *err)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max) {
        return tp_fail(err, TP_CORRUPT, "enrolment: %s is no number in range", key);
    }
    *out = json_integer_value(value);
    return TP_OK;
}
