/* The table of routes. */
#include "node/ui/api.h"
#include "node/ui/route.h"

enum {
    ANYBODY = TP_ROUTE_WORKER,                   /* who came through the door */
    WORKER = TP_ROUTE_WORKER | TP_ROUTE_SESSION, /* and has said who they are */
    ITSELF = WORKER | TP_ROUTE_QUIET,            /* and writes what never travels */
    ENTERING = TP_ROUTE_WORKER | TP_ROUTE_QUIET
};

const tp_route tp_routes[] = {
    {TP_HTTP_METHOD_GET, "/api/session", TP_ROUTE_READ, ANYBODY, tp_api_session},
    {TP_HTTP_METHOD_POST, "/api/session", TP_ROUTE_READ, ENTERING, tp_api_session_begin},
    {TP_HTTP_METHOD_DELETE, "/api/session", TP_ROUTE_READ, ENTERING, tp_api_session_end},
    {TP_HTTP_METHOD_GET, "/api/status", TP_ROUTE_READ, ANYBODY, tp_api_status},
    {TP_HTTP_METHOD_POST, "/api/sync", TP_ROUTE_NO_TX, ITSELF, tp_api_sync},
    {TP_HTTP_METHOD_GET, "/api/schema", TP_ROUTE_READ, ANYBODY, tp_api_schema},
    {TP_HTTP_METHOD_GET, "/api/drafts", TP_ROUTE_READ, WORKER, tp_api_drafts},
    {TP_HTTP_METHOD_GET, "/api/draft/{key}", TP_ROUTE_READ, WORKER, tp_api_draft},
    {TP_HTTP_METHOD_PUT, "/api/draft/{key}", TP_ROUTE_WRITE, ITSELF, tp_api_draft_put},
    {TP_HTTP_METHOD_DELETE, "/api/draft/{key}", TP_ROUTE_WRITE, ITSELF, tp_api_draft_delete},
    {TP_HTTP_METHOD_POST, "/api/find", TP_ROUTE_READ, ITSELF, tp_api_find},
    {TP_HTTP_METHOD_GET, "/api/person/{person}", TP_ROUTE_READ, WORKER, tp_api_person},
    {TP_HTTP_METHOD_POST, "/api/person/{person}/looked", TP_ROUTE_NO_TX, ITSELF,
     tp_api_person_looked},
    {TP_HTTP_METHOD_GET, "/api/record/{record}", TP_ROUTE_READ, WORKER, tp_api_record},
    {TP_HTTP_METHOD_GET, "/api/record/{record}/person", TP_ROUTE_READ, WORKER,
     tp_api_record_person},
    {TP_HTTP_METHOD_POST, "/api/write", TP_ROUTE_NO_TX, WORKER | TP_ROUTE_ONCE, tp_api_write},
    {TP_HTTP_METHOD_POST, "/api/may-be", TP_ROUTE_NO_TX, ITSELF, tp_api_may_be},
    {TP_HTTP_METHOD_GET, "/api/start", TP_ROUTE_READ, WORKER, tp_api_start},
    {TP_HTTP_METHOD_GET, "/api/requests", TP_ROUTE_READ, WORKER, tp_api_requests},
    {TP_HTTP_METHOD_GET, "/api/actions", TP_ROUTE_READ, WORKER, tp_api_actions},
    {TP_HTTP_METHOD_GET, "/api/review", TP_ROUTE_READ, WORKER, tp_api_review},
    {TP_HTTP_METHOD_POST, "/api/review/dismiss", TP_ROUTE_WRITE, ITSELF, tp_api_review_dismiss},
    {TP_HTTP_METHOD_POST, "/api/review/restore", TP_ROUTE_WRITE, ITSELF, tp_api_review_restore},
    {TP_HTTP_METHOD_GET, "/api/person/{person}/consent", TP_ROUTE_READ, WORKER, tp_api_consent},
    {TP_HTTP_METHOD_POST, "/api/consent/preview", TP_ROUTE_NO_TX, ITSELF, tp_api_consent_preview},
    {TP_HTTP_METHOD_POST, "/api/join/preview", TP_ROUTE_NO_TX, ITSELF, tp_api_join_preview},
    {TP_HTTP_METHOD_GET, "/api/export/{person}", TP_ROUTE_READ, WORKER, tp_api_export},
    {TP_HTTP_METHOD_GET, "/api/export/{person}/part", TP_ROUTE_READ, WORKER, tp_api_export_part},
    {TP_HTTP_METHOD_POST, "/api/code", TP_ROUTE_READ, ITSELF, tp_api_code},
    {TP_HTTP_METHOD_POST, "/api/qr", TP_ROUTE_NO_TX, ITSELF, tp_api_qr},
    {TP_HTTP_METHOD_GET, "/api/record/{record}/holders", TP_ROUTE_READ, WORKER, tp_api_holders},
    {TP_HTTP_METHOD_GET, "/api/kiosk", TP_ROUTE_READ, TP_ROUTE_KIOSK, tp_api_kiosk},
    {TP_HTTP_METHOD_POST, "/api/kiosk/request", TP_ROUTE_WRITE, TP_ROUTE_KIOSK | TP_ROUTE_ONCE,
     tp_api_kiosk_request},
    {TP_HTTP_METHOD_POST, "/api/kiosk/ask", TP_ROUTE_NO_TX, TP_ROUTE_KIOSK | TP_ROUTE_QUIET,
     tp_api_kiosk_ask},
    {TP_HTTP_METHOD_GET, NULL, TP_ROUTE_NO_TX, 0, NULL}};
