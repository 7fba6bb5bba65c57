/* Every ceiling of the program, in one place.  Test builds may define a smaller value to make small data
 * cross every seam. */
#ifndef TP_PLATFORM_BASE_LIMITS_H
#define TP_PLATFORM_BASE_LIMITS_H

/* One change, encoded: a long note with its envelope. */
#ifndef TP_CHANGE_BYTES_MAX
#define TP_CHANGE_BYTES_MAX (64u * 1024u)
#endif
/* One text field, UTF-8. */
#define TP_TEXT_BYTES_MAX (48u * 1024u)
/* Fields in one change. */
#define TP_CHANGE_FIELDS_MAX 48u
/* Names in one change, over all its fields. */
#define TP_CHANGE_NAMES_MAX 1024u
/* Nesting of CBOR items in a change. */
#define TP_CBOR_DEPTH_MAX 8u
/* Changes of one record that are merged at once. */
#define TP_RECORD_CHANGES_MAX 4096u

/* One sync request or response, inflated. */
#ifndef TP_BATCH_BYTES_MAX
#define TP_BATCH_BYTES_MAX (1024u * 1024u)
#endif
/* Changes in one request or response. */
#ifndef TP_BATCH_CHANGES_MAX
#define TP_BATCH_CHANGES_MAX 4096u
#endif

/* HTTP. */
#define TP_HTTP_HEAD_BYTES_MAX (8u * 1024u)
#define TP_HTTP_BODY_BYTES_MAX (2u * 1024u * 1024u)
#define TP_HTTP_URL_BYTES_MAX 2048u
#define TP_HTTP_HEADERS_MAX 32u
/* What a server puts into one response. */
#define TP_HTTP_RESPONSE_BYTES_MAX (4u * 1024u * 1024u)
/* Connections of one server: with TLS each holds 40 KiB.  Many devices may share one address (NAT). */
#define TP_HTTP_CONNECTIONS_MAX 192u
#define TP_HTTP_CONNECTIONS_PER_ADDRESS_MAX 64u
/* How long a server waits for the other side, in ms; a mobile link at its worst still passes. */
#define TP_HTTP_HANDSHAKE_MS 15000u
#define TP_HTTP_HEAD_MS 10000u
#define TP_HTTP_BODY_MS 120000u
#define TP_HTTP_IDLE_MS 75000u
#define TP_HTTP_WRITE_MS 120000u
/* What a server that stops still gives to responses on their way. */
#define TP_HTTP_DRAIN_MS 2000u
/* How long a client waits. */
#define TP_HTTP_CONNECT_MS 20000u
#define TP_HTTP_TOTAL_MS 180000u
#define TP_HTTP_STALL_S 30u
/* TLS sessions a hub keeps for resumption (about 1 KiB each), and for how long. */
#define TP_TLS_SESSIONS_MAX 1024u
#define TP_TLS_SESSION_S_MAX 86400u

/* Agencies under one hub: the width of its access tables. */
#define TP_AGENCIES_MAX 1024u
/* Persons joined into one group. */
#define TP_GROUP_PERSONS_MAX 64u

/* Statements of one store: a table of pointers, at most half full. */
#define TP_STATEMENTS_MAX 512u
/* Parameters of one statement. */
#define TP_STATEMENT_PARAMETERS_MAX 64

/* A path, with its zero byte. */
#define TP_PATH_BYTES_MAX 1024u
/* A name in a certificate, with its zero byte (RFC 5280 allows 64 characters). */
#define TP_CERTIFICATE_NAME_BYTES 65u
/* A certificate, a request or a key, PEM or DER. */
#define TP_PEM_BYTES_MAX (16u * 1024u)

#endif
