/* Cookies that say who is writing. */
#include "node/ui/session.h"

#include "schema/utf8.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    COOKIE_NAME_ROOM = 32,
    DOOR_SECONDS = 400 * 24 * 3600, /* as long as browsers keep any */
    SESSION_SECONDS = TP_SESSION_HOURS_MAX * 3600,
    SIGNED_BYTES_MAX = TP_SESSION_ROOM + 16
};

/* ---- Signing ---- */

/* What is signed says what for, so that a tag of one kind is never good for another. */
static void sign(const tp_door *door, const char *what, tp_slice text,
                 char out[TP_SESSION_TOKEN_ROOM])
{
    uint8_t message[SIGNED_BYTES_MAX];
    uint8_t tag[TP_TAG_BYTES];
    size_t used = strlen(what) + 1; /* its end parts it from the text */
    size_t bytes = text.bytes < sizeof message - used ? text.bytes : sizeof message - used;
    memcpy(message, what, used);
    if (bytes > 0) {
        memcpy(message + used, text.at, bytes);
    }
    tp_hmac_tag(&door->key, tp_slice_of(message, used + bytes), tag);
    tp_hex_encode(tp_slice_of(tag, sizeof tag), out);
}

static bool is_signed(const tp_door *door, const char *what, tp_slice text, tp_slice tag)
{
    char right[TP_SESSION_TOKEN_ROOM];
    sign(door, what, text, right);
    return tag.bytes == sizeof right - 1 && tp_secret_eq(tag.at, right, tag.bytes);
}

/* ---- Cookies ---- */

static void cookie_name(const char *what, uint16_t port, char out[COOKIE_NAME_ROOM])
{
    snprintf(out, COOKIE_NAME_ROOM, "teapot_%s_%u", what, (unsigned)port);
}

/* The next of a name in "a=1; b=2" (RFC 6265, section 5.4), taken off the front with all before it.
 * There may be several: a page on another port of this machine can set one for a longer path, which
 * then stands before ours.  So all are looked at, and one that is not signed shuts nobody out. */
static bool next_cookie(tp_slice *left, const char *name, tp_slice *value_out)
{
    size_t name_bytes = strlen(name);
    while (left->bytes > 0) {
        const uint8_t *semicolon = memchr(left->at, ';', left->bytes);
        size_t bytes = semicolon == NULL ? left->bytes : (size_t)(semicolon - left->at);
        tp_slice pair = tp_slice_of(left->at, bytes);
        size_t taken = semicolon == NULL ? bytes : bytes + 1;
        *left = tp_slice_of(left->at + taken, left->bytes - taken);
        while (pair.bytes > 0 && pair.at[0] == ' ') {
            pair = tp_slice_of(pair.at + 1, pair.bytes - 1);
        }
        if (pair.bytes > name_bytes && pair.at[name_bytes] == '=' &&
            memcmp(pair.at, name, name_bytes) == 0) {
            *value_out = tp_slice_of(pair.at + name_bytes + 1, pair.bytes - name_bytes - 1);
            return true;
        }
    }
    return false;
}

static tp_rc put_cookie(const char *name, const char *text, int seconds, tp_http_response *response,
                        tp_err *err)
{
    char line[TP_SESSION_ROOM + COOKIE_NAME_ROOM + 80];
    snprintf(line, sizeof line, "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict", name, text,
             text[0] == '\0' ? 0 : seconds);
    return tp_http_response_header(response, "Set-Cookie", line, err);
}

/* The cookie is not the key itself: what a browser keeps does not open the door to another
 * browser's history. */
bool tp_session_has_door(const tp_door *door, uint16_t port, const tp_http_request *request)
{
    char name[COOKIE_NAME_ROOM];
    tp_slice left = tp_http_request_header(request, "Cookie");
    tp_slice cookie;
    cookie_name("door", port, name);
    while (next_cookie(&left, name, &cookie)) {
        if (is_signed(door, "door", tp_slice_str(name), cookie)) {
            return true;
        }
    }
    return false;
}

tp_rc tp_session_put_door(const tp_door *door, uint16_t port, tp_http_response *response,
                          tp_err *err)
{
    char name[COOKIE_NAME_ROOM];
    char tag[TP_SESSION_TOKEN_ROOM];
    cookie_name("door", port, name);
    sign(door, "door", tp_slice_str(name), tag);
    return put_cookie(name, tag, DOOR_SECONDS, response, err);
}

tp_rc tp_session_put_cookie(uint16_t port, const char *text, tp_http_response *response,
                            tp_err *err)
{
    char name[COOKIE_NAME_ROOM];
    cookie_name("session", port, name);
    return put_cookie(name, text, SESSION_SECONDS, response, err);
}

/* ---- Sessions ---- */

tp_rc tp_session_check_name(tp_slice typed, tp_slice *name_out, tp_err *err)
{
    tp_slice name = tp_utf8_trim(typed);
    bool is_plain = tp_utf8_is_valid(name);
    for (size_t i = 0; i < name.bytes; i++) {
        is_plain = is_plain && name.at[i] >= ' ' && name.at[i] != 0x7f;
    }
    if (name.bytes == 0) {
        return tp_fail(err, TP_INVALID, "Say your name: it stands with what you write");
    }
    if (!is_plain || name.bytes > TP_WORKER_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "A name is one line of at most %u bytes",
                       TP_WORKER_BYTES_MAX);
    }
    *name_out = name;
    return TP_OK;
}

void tp_session_make(const tp_door *door, tp_slice name, int64_t now_ms, char out[TP_SESSION_ROOM])
{
    char hex[TP_HEX_ROOM(TP_WORKER_BYTES_MAX)];
    char tag[TP_SESSION_TOKEN_ROOM];
    tp_hex_encode(name, hex);
    int used = snprintf(out, TP_SESSION_ROOM, "%s.%lld", hex, (long long)(now_ms / 1000));
    sign(door, "session", tp_slice_of(out, (size_t)used), tag);
    snprintf(out + used, TP_SESSION_ROOM - (size_t)used, ".%s", tag);
}

/* The place of the last dot; 0 where there is none. */
static size_t last_dot(tp_slice text)
{
    size_t at = text.bytes;
    while (at > 0 && text.at[at - 1] != '.') {
        at--;
    }
    return at == 0 ? 0 : at - 1;
}

/* It was signed, so its form is ours. */
static bool read_signed(tp_slice text, int64_t now_ms, char room[TP_WORKER_BYTES_MAX],
                        tp_slice *name_out)
{
    char digits[24];
    size_t dot = last_dot(text);
    size_t bytes = dot / 2;
    size_t digits_bytes = text.bytes - dot - 1;
    if (dot == 0 || bytes > TP_WORKER_BYTES_MAX || digits_bytes >= sizeof digits ||
        !tp_hex_decode(tp_slice_of(text.at, dot), (uint8_t *)room, bytes)) {
        return false;
    }
    memcpy(digits, text.at + dot + 1, digits_bytes);
    digits[digits_bytes] = '\0';
    /* A clock that was put right may have gone back as well as on. */
    int64_t age_s = now_ms / 1000 - strtoll(digits, NULL, 10);
    *name_out = tp_slice_of(room, bytes);
    return age_s <= SESSION_SECONDS && age_s >= -SESSION_SECONDS;
}

bool tp_session_read(const tp_door *door, tp_slice cookie, int64_t now_ms,
                     char room[TP_WORKER_BYTES_MAX], tp_slice *name_out)
{
    size_t dot = last_dot(cookie);
    if (dot == 0 || cookie.bytes >= TP_SESSION_ROOM) {
        return false;
    }
    tp_slice text = tp_slice_of(cookie.at, dot);
    tp_slice tag = tp_slice_of(cookie.at + dot + 1, cookie.bytes - dot - 1);
    return is_signed(door, "session", text, tag) && read_signed(text, now_ms, room, name_out);
}

bool tp_session_find(const tp_door *door, uint16_t port, const tp_http_request *request,
                     int64_t now_ms, char room[TP_WORKER_BYTES_MAX], tp_slice *cookie_out,
                     tp_slice *name_out)
{
    char name[COOKIE_NAME_ROOM];
    tp_slice left = tp_http_request_header(request, "Cookie");
    tp_slice cookie;
    cookie_name("session", port, name);
    while (next_cookie(&left, name, &cookie)) {
        if (tp_session_read(door, cookie, now_ms, room, name_out)) {
            *cookie_out = cookie;
            return true;
        }
    }
    return false;
}

enum { TOKEN_TEXT_ROOM = TP_HEX_ROOM(8) + TP_SESSION_ROOM };

static tp_slice token_text(uint64_t device, tp_slice session, char room[TOKEN_TEXT_ROOM])
{
    size_t bytes = session.bytes < TP_SESSION_ROOM ? session.bytes : TP_SESSION_ROOM;
    if (bytes == 0) {
        return tp_slice_of(NULL, 0);
    }
    tp_hex_encode_u64(device, room);
    memcpy(room + TP_HEX_ROOM(8) - 1, session.at, bytes);
    return tp_slice_of(room, TP_HEX_ROOM(8) - 1 + bytes);
}

void tp_session_token(const tp_door *door, uint64_t device, tp_slice session,
                      char out[TP_SESSION_TOKEN_ROOM])
{
    char room[TOKEN_TEXT_ROOM];
    sign(door, "token", token_text(device, session, room), out);
}

bool tp_session_is_token(const tp_door *door, uint64_t device, tp_slice session, tp_slice token)
{
    char room[TOKEN_TEXT_ROOM];
    return is_signed(door, "token", token_text(device, session, room), token);
}
