/* Who is writing.  Until there is sign-in a worker says their name, here and nowhere else; sign-in
 * takes this place.
 *
 * Nothing is kept in the program, so a session survives a node that was killed: the cookie is the
 * name and the time, signed with the door's key.  Cookies know no ports, so their names say the
 * port: two nodes on one machine do not overwrite each other's. */
#ifndef TP_NODE_UI_SESSION_H
#define TP_NODE_UI_SESSION_H

#include "node/ui/door.h"
#include "platform/net/http_request.h"
#include "platform/net/http_response.h"

enum {
    TP_SESSION_HOURS_MAX = 16, /* a long shift; then they say their name again */
    TP_SESSION_TOKEN_ROOM = TP_HEX_ROOM(TP_TAG_BYTES),
    /* "HEXNAME.SECONDS.HEXTAG" with its end */
    TP_SESSION_ROOM = TP_HEX_ROOM(TP_WORKER_BYTES_MAX) + 1 + 20 + 1 + TP_HEX_ROOM(TP_TAG_BYTES)
};

/* ---- The door's cookie ---- */

/* Has this browser come through the door? */
bool tp_session_has_door(const tp_door *door, uint16_t port, const tp_http_request *request);
TP_MUST_USE tp_rc tp_session_put_door(const tp_door *door, uint16_t port,
                                      tp_http_response *response, tp_err *err);

/* ---- The session's ---- */

/* A name that can be written with every record: trimmed, text of one line.
 * Errors: INVALID. */
TP_MUST_USE tp_rc tp_session_check_name(tp_slice typed, tp_slice *name_out, tp_err *err);

/* The cookie's text for a name that was checked. */
void tp_session_make(const tp_door *door, tp_slice name, int64_t now_ms, char out[TP_SESSION_ROOM]);

/* Reads what a browser sent.  False where it is not signed by this key, or too old.
 * Units:  `room` gets the name; *name_out borrows from it. */
bool tp_session_read(const tp_door *door, tp_slice cookie, int64_t now_ms,
                     char room[TP_WORKER_BYTES_MAX], tp_slice *name_out);

/* The first of a request's cookies that tp_session_read takes.  False where there is none: nobody
 * has said who they are.
 * Units:  *cookie_out borrows from the request. */
bool tp_session_find(const tp_door *door, uint16_t port, const tp_http_request *request,
                     int64_t now_ms, char room[TP_WORKER_BYTES_MAX], tp_slice *cookie_out,
                     tp_slice *name_out);
/* Empty text takes it away. */
TP_MUST_USE tp_rc tp_session_put_cookie(uint16_t port, const char *text, tp_http_response *response,
                                        tp_err *err);

/* What a page of ours must send with whatever it writes; no page of another origin can read it.
 * `session` is the cookie; empty where nobody has said who they are.
 *
 * Where somebody has, it holds for one id of this device: after a fork (sync/log/fork.h) the names
 * in a page that was open may be another machine's, and nothing is written by them. */
void tp_session_token(const tp_door *door, uint64_t device, tp_slice session,
                      char out[TP_SESSION_TOKEN_ROOM]);
bool tp_session_is_token(const tp_door *door, uint64_t device, tp_slice session, tp_slice token);

#endif
