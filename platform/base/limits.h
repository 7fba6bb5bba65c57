/* Every ceiling of the program, in one place.  Test builds may define a smaller value to make small
 * data cross every seam. */
#ifndef TP_PLATFORM_BASE_LIMITS_H
#define TP_PLATFORM_BASE_LIMITS_H

#include <stdint.h>

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
/* Who wrote it, as a worker's name or sign-in. */
#define TP_WORKER_BYTES_MAX 256u
/* Kinds in the envelope of one change, those this program does not know included. */
#define TP_CHANGE_KINDS_MAX 32u
/* The highest seq of a device: a name packs into 63 bits as (device number, seq). */
#define TP_SEQ_MAX ((UINT64_C(1) << 40) - 1)
/* Positions, acceptance numbers, generations: what a database's integer holds. */
#define TP_NUMBER_MAX ((uint64_t)INT64_MAX)
/* Of a hub's generations each begins to count at another multiple of this (sync/wire/generation.h),
 * so that none gives a number that was given in what was lost. */
#define TP_NUMBERS_EACH (UINT64_C(1) << 32)
/* Moments, in ms since 1970: the years 1 to 9999, so that sums and differences never overflow. */
#define TP_TIME_MS_MIN (-INT64_C(62135596800000))
#define TP_TIME_MS_MAX INT64_C(253402300799999)
/* Changes of one record that are merged at once. */
#define TP_RECORD_CHANGES_MAX 4096u

/* Their bytes. */
#define TP_RECORD_BYTES_MAX (16u * 1024u * 1024u)
/* Records of the persons of one group that are loaded in one walk. */
#define TP_PERSON_RECORDS_MAX 65536u
/* Records of one export: of everybody who is held. */
#define TP_EXPORT_RECORDS_MAX ((size_t)1 << 24)
/* A line of `teapot import`: a change as JSON, its text escaped at worst. */
#define TP_IMPORT_LINE_BYTES_MAX (512u * 1024u)

/* One sync request or response, inflated. */
#ifndef TP_BATCH_BYTES_MAX
#define TP_BATCH_BYTES_MAX (1024u * 1024u)
#endif
/* Changes in one request or response. */
#ifndef TP_BATCH_CHANGES_MAX
#define TP_BATCH_CHANGES_MAX 4096u
#endif
/* Of these, what one push and one page take: both ends hold a page whole, and the node the next one
 * as well, so that larger ones gain nothing.  A push holds bytes before they are deflated. */
#ifndef TP_PUSH_CHANGES_MAX
#define TP_PUSH_CHANGES_MAX 2048u
#endif
#ifndef TP_PUSH_BYTES_MAX
#define TP_PUSH_BYTES_MAX (160u * 1024u)
#endif
#ifndef TP_PAGE_ITEMS_MAX
#define TP_PAGE_ITEMS_MAX TP_BATCH_CHANGES_MAX
#endif
#ifndef TP_PAGE_BYTES_MAX
#define TP_PAGE_BYTES_MAX (TP_BATCH_BYTES_MAX / 4u)
#endif
/* What stands beside the changes in a message: the directory most of all. */
#define TP_MESSAGE_HEAD_BYTES_MAX (1024u * 1024u)
/* A whole message, inflated: the first change of a batch always has room. */
#define TP_MESSAGE_BYTES_MAX (TP_BATCH_BYTES_MAX + TP_CHANGE_BYTES_MAX + TP_MESSAGE_HEAD_BYTES_MAX)
/* What of it is random and stands behind it: the tag and the salt of each change, and what is one a
 * message. */
#define TP_TAIL_BYTES_MAX (TP_BATCH_CHANGES_MAX * 24u + 128u)
/* Eras in one request; pushing what was written in more takes several. */
#define TP_REQUEST_ERAS_MAX 256u
#ifndef TP_PUSH_ERAS_MAX
#define TP_PUSH_ERAS_MAX (TP_REQUEST_ERAS_MAX - 1u) /* and one told before */
#endif
/* Devices whose changes stand in one response. */
#ifndef TP_PAGE_DEVICES_MAX
#define TP_PAGE_DEVICES_MAX 1024u
#endif
/* Rows of a feed that are looked at to say how much of it is left. */
#ifndef TP_LEFT_ROWS_MAX
#define TP_LEFT_ROWS_MAX 65536u
#endif
/* Own updates that one answer accepts: a request carries fewer changes. */
#define TP_ANSWERED_UPDATES_MAX TP_BATCH_CHANGES_MAX
/* Give-backs in one response. */
#ifndef TP_GIVE_BACKS_MAX
#define TP_GIVE_BACKS_MAX 4096u
#endif
/* Who erased something, and why, as the operator says it. */
#define TP_ERASURE_TEXT_BYTES_MAX 200u
/* How a hub and a device find where what they hold differs: changes that one sum covers, changes
 * looked at for one answer, sums in one answer, ranges of names asked for at once, names in one
 * answer, and changes asked for again at once. */
#ifndef TP_HELD_SPAN_CHANGES
#define TP_HELD_SPAN_CHANGES 256u
#endif
#ifndef TP_HELD_LOOKED_MAX
#define TP_HELD_LOOKED_MAX 8192u
#endif
#define TP_HELD_SPANS_MAX 64u
#define TP_HELD_RANGES_MAX 16u
#define TP_HELD_NAMES_MAX 4096u
#define TP_HELD_WANTED_MAX 256u
/* Changes that a device hands to a hub in one request, since the hub may have lost them. */
#ifndef TP_HANDED_MAX
#define TP_HANDED_MAX 64u
#endif
/* Names of which a request says what they mean. */
#define TP_MEANT_MAX 8192u
/* Requests of one sync that look for differences; what they do not find the next one does. */
#define TP_HELD_REQUESTS_MAX 1024u
/* How long a device believes the sum it keeps before it counts again what it holds. */
#define TP_HELD_BELIEVED_MS INT64_C(86400000)

/* Eras of its own clock that a device looks back on when it says when something was. */
#define TP_LOG_ERAS_MAX 4096u
/* Devices in the directory. */
#define TP_DIRECTORY_DEVICES_MAX 16384u
/* Agency id and its label; times it was under agreement. */
#define TP_AGENCY_BYTES_MAX 64u
#define TP_LABEL_BYTES_MAX 256u
#define TP_AGREEMENTS_MAX 16u
/* The text that says why a change is in quarantine. */
#define TP_REFUSED_TEXT_BYTES_MAX 256u
/* A certificate or a request for one, on the wire. */
#define TP_DER_BYTES_MAX (8u * 1024u)

/* HTTP. */
#define TP_HTTP_HEAD_BYTES_MAX (8u * 1024u)
#define TP_HTTP_BODY_BYTES_MAX (2u * 1024u * 1024u)
#define TP_HTTP_URL_BYTES_MAX 2048u
#define TP_HTTP_HEADERS_MAX 32u
/* What a server puts into one response. */
#define TP_HTTP_RESPONSE_BYTES_MAX (4u * 1024u * 1024u)
/* Read from a socket at once, and from one connection in one turn of the loop. */
#define TP_HTTP_READ_BYTES_MAX (16u * 1024u)
#define TP_HTTP_TURN_BYTES_MAX (256u * 1024u)
/* Events of one turn of the loop, and connections accepted in it: the size of a round. */
#define TP_HTTP_EVENTS_MAX 64u
/* Connections of one server: with TLS each holds 40 KiB.  Many devices may share one address
 * (NAT). */
#define TP_HTTP_CONNECTIONS_MAX 192u
#define TP_HTTP_CONNECTIONS_PER_ADDRESS_MAX 64u
/* A device has one or two.  So no device, whatever addresses it has, keeps the others out. */
#define TP_HTTP_CONNECTIONS_PER_CERTIFICATE_MAX 8u
/* How long a full server leaves one alone who has not shown a certificate. */
#define TP_HTTP_STRANGER_MS 1000u
/* How long a server waits for the other side, in ms; a mobile link at its worst still passes. */
#define TP_HTTP_HANDSHAKE_MS 15000u
#define TP_HTTP_HEAD_MS 10000u
#define TP_HTTP_BODY_MS 120000u
#define TP_HTTP_IDLE_MS 75000u
#define TP_HTTP_WRITE_MS 120000u
/* How long an answered client may still send before the socket is closed under it. */
#define TP_HTTP_LINGER_MS 2000u
/* How long no connection is accepted after descriptors ran out. */
#define TP_HTTP_ACCEPT_PAUSE_MS 200u
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
/* Devices that called a hub that went back and are not enrolled there: what it keeps of them. */
#define TP_HUB_CALLERS_MAX 512u
/* Persons joined into one group. */
#define TP_GROUP_PERSONS_MAX 64u
/* Consent events of one person group; above it nothing is granted. */
#define TP_CONSENT_EVENTS_MAX 1024u

/* What somebody has begun to write on a page: its JSON, its key, its address, and how many one
 * worker has. */
#define TP_DRAFT_BYTES_MAX (64u * 1024u)
#define TP_DRAFT_KEY_BYTES_MAX 64u
#define TP_DRAFT_PAGE_BYTES_MAX 256u
#define TP_DRAFTS_MAX 64u
/* Answers kept for who asks the same again since none came: how many, and how long one may be. */
#define TP_ANSWERED_MAX 64u
#define TP_ANSWERED_BYTES_MAX (256u * 1024u)
/* Of all workers of a device; and how long one that nobody touched is kept when there is no more
 * place. */
#define TP_DRAFTS_ALL_MAX 512u
#define TP_DRAFT_DAYS_KEPT 30
/* What the pages' server answers at most: the timeline of somebody met ten thousand times, as
 * JSON. */
#define TP_UI_ANSWER_BYTES_MAX (64u * 1024u * 1024u)
/* Of an export, what stands in one answer: a part ends with the first record that reaches it, so
 * that other pages are answered between two of them. */
#define TP_UI_EXPORT_PART_BYTES (256u * 1024u)
/* Changes that a page writes at once. */
#define TP_WRITE_MANY_MAX 32u

/* WAL pages that may wait for a checkpoint: 16 MB.  For whoever writes many rows at once: a page
 * that each of their commits writes goes to the database once. */
#define TP_STORE_CHECKPOINT_PAGES_MAX 4000

/* Statements of one store: a table of pointers, at most half full. */
#define TP_STATEMENTS_MAX 512u
/* Parameters of one statement. */
#define TP_STATEMENT_PARAMETERS_MAX 64

/* Findings of a check that are kept to be shown; all are counted. */
#define TP_FINDINGS_MAX 50u

/* What a node keeps free for itself, so that on a full disk it can be synced; and how much more has
 * to be free before it takes that again. */
#ifndef TP_STORE_RESERVE_BYTES
#define TP_STORE_RESERVE_BYTES 4194304
#endif
#define TP_STORE_RESERVE_MARGIN_BYTES 1048576
/* Below this whoever records is told, long before a record would not fit. */
#define TP_SPACE_LOW_BYTES 100000000
/* And below this a hub says that it is full: a round of pushes might not fit. */
#define TP_SPACE_FULL_BYTES 1000000

/* After a fork: digests of changes in one request for a new id, and how many new ids a device and
 * its copies are given in 24 hours. */
#define TP_FORK_DIGESTS_MAX 16384u
#define TP_FORKS_A_DAY_MAX 32u

/* Changes that were damaged one after the other before they were sent, and are left out by a new
 * id: one that counts more says that what counts them is damaged. */
#define TP_LEFT_OUT_MAX 4096u

/* A document that a command prints as JSON. */
#define TP_PRINTED_BYTES_MAX (256u << 20)

/* A path, with its zero byte. */
#define TP_PATH_BYTES_MAX 1024u
/* A name in a certificate, with its zero byte (RFC 5280 allows 64 characters). */
#define TP_CERTIFICATE_NAME_BYTES 65u
/* A certificate, a request or a key, PEM or DER. */
#define TP_PEM_BYTES_MAX (16u * 1024u)

#endif
