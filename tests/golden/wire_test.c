/* The wire format against the bytes it once had.
 *
 * Shows P17. */
#include "platform/base/alloc.h"
#include "schema/entity.h"
#include "schema/kind.h"
#include "sync/wire/cbor.h"
#include "sync/wire/wire.h"
#include "tests/support/again.h"
#include "tests/unit/sync/wire/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum { FILE_BYTES_MAX = 16384, PATH_BYTES = 256 };

static const tp_name name_42 = {0xA1B2C3D4E5F60718u, 42};
static tp_change change;
static tp_request request;
static tp_response_writer writer;

/* Each writes one golden value; the names of the files are the rows of the table below. */
static tp_rc put_contact(tp_buf *out, tp_err *err)
{
    sample_contact_values values;
    tp_change_draft draft;
    tp_rc rc = sample_contact(42, "Caf\xC3\xA9 tea, asked about a bed.", &values, &draft, err);
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

static tp_rc put_kiosk_request(tp_buf *out, tp_err *err)
{
    tp_value words = sample_text(TP_TYPE_TEXT, "money on the meter");
    tp_value route = sample_text(TP_TYPE_CODE, "kiosk");
    tp_change_draft draft = sample_draft(42, TP_HELP_REQUEST);
    draft.worker.bytes = 0;
    tp_rc rc = tp_change_draft_set(&draft, TP_REQUEST_WORDS, &words, err);
    rc = rc == TP_OK ? tp_change_draft_set(&draft, TP_REQUEST_ROUTE, &route, err) : rc;
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

/* With the code that is for whoever asked, and the language they asked in. */
static tp_rc put_coded_request(tp_buf *out, tp_err *err)
{
    tp_value words = sample_text(TP_TYPE_TEXT, "pieni\xC4\x85\x64ze na pr\xC4\x85\x64");
    tp_value code = sample_text(TP_TYPE_TEXT, "28T5CY4TH");
    tp_value language = sample_text(TP_TYPE_TEXT, "pl");
    tp_change_draft draft = sample_draft(42, TP_HELP_REQUEST);
    draft.worker.bytes = 0;
    tp_rc rc = tp_change_draft_set(&draft, TP_REQUEST_WORDS, &words, err);
    rc = rc == TP_OK ? tp_change_draft_set(&draft, TP_REQUEST_CODE, &code, err) : rc;
    rc = rc == TP_OK ? tp_change_draft_set(&draft, TP_REQUEST_LANGUAGE, &language, err) : rc;
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

static tp_rc put_reply(tp_buf *out, tp_err *err)
{
    static const tp_name seen = {0xA1B2C3D4E5F60718u, 41};
    tp_value reply = sample_text(TP_TYPE_TEXT, "Come at 11:30, ask for Dee");
    tp_change_draft draft = sample_draft(42, TP_HELP_REQUEST);
    draft.record = seen;
    tp_rc rc = tp_change_draft_set(&draft, TP_REQUEST_REPLY, &reply, err);
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

static tp_rc put_consent(tp_buf *out, tp_err *err)
{
    const tp_value values[] = {
        sample_record(sample_here, 3),
        sample_text(TP_TYPE_CODE, "withdrawn"),
        sample_texts(TP_TYPE_AGENCIES, "northside", "castle"),
        sample_texts(TP_TYPE_CODES, "*", NULL),
        sample_number(TP_TYPE_COUNT, 2),
        sample_text(TP_TYPE_DATE, "2026-07-12"),
        sample_record(sample_there, 7),
    };
    static const uint32_t codes[] = {
        TP_FIELD_PERSON,    TP_CONSENT_DECISION,        TP_CONSENT_AGENCIES,
        TP_CONSENT_KINDS,   TP_CONSENT_WORDING_VERSION, TP_CONSENT_ENDS_ON,
        TP_CONSENT_IN_SIGHT};
    tp_value in_sight = values[6];
    in_sight.type = TP_TYPE_RECORDS;
    in_sight.names[1] = (tp_name){sample_here, 9};
    in_sight.names_count = 2;
    tp_change_draft draft = sample_draft(42, TP_CONSENT);
    draft.restricts = true;
    tp_rc rc = TP_OK;
    for (size_t i = 0; i < 7 && rc == TP_OK; i++) {
        rc = tp_change_draft_set(&draft, codes[i], i == 6 ? &in_sight : &values[i], err);
    }
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

static tp_rc put_update(tp_buf *out, tp_err *err)
{
    static const tp_name seen[] = {{0x0F1E2D3C4B5A6978u, 7}, {0xA1B2C3D4E5F60718u, 40}};
    tp_value level = sample_text(TP_TYPE_CODE, "high");
    tp_value support = sample_number(TP_TYPE_BOOL, 1);
    tp_value view = sample_null(TP_TYPE_TEXT);
    tp_change_draft draft = sample_draft(42, TP_NEED);
    draft.record = (tp_name){sample_there, 5};
    draft.kinds = TP_KIND_BIT(TP_KIND_MENTAL_HEALTH) | TP_KIND_BIT(TP_KIND_HOUSING);
    draft.reading.wall_ms = -1000; /* a clock before 1970 */
    tp_rc rc = tp_change_draft_set(&draft, TP_NEED_LEVEL, &level, err);
    rc = rc == TP_OK ? tp_change_draft_set(&draft, TP_NEED_SUPPORT_IN_PLACE, &support, err) : rc;
    rc = rc == TP_OK ? tp_change_draft_set(&draft, TP_NEED_OWN_VIEW, &view, err) : rc;
    rc = rc == TP_OK ? tp_change_draft_see(&draft, TP_NEED_LEVEL, seen, 2, err) : rc;
    rc = rc == TP_OK ? tp_change_draft_see(&draft, TP_NEED_OWN_VIEW, &seen[1], 1, err) : rc;
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

static tp_rc put_retraction(tp_buf *out, tp_err *err)
{
    static const tp_name seen = {0xA1B2C3D4E5F60718u, 40};
    tp_value reason = sample_text(TP_TYPE_CODE, "wrong_person");
    tp_change_draft draft = sample_draft(42, TP_CONTACT);
    draft.record = seen;
    tp_rc rc = tp_change_draft_set(&draft, TP_FIELD_RETRACTED, &reason, err);
    rc = rc == TP_OK ? tp_change_draft_see(&draft, TP_FIELD_PERSON, &seen, 1, err) : rc;
    rc = rc == TP_OK ? tp_change_draft_see(&draft, TP_CONTACT_NOTE, &seen, 1, err) : rc;
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

static tp_rc put_holder(tp_buf *out, tp_err *err)
{
    static const tp_name seen = {0x0F1E2D3C4B5A6978u, 5};
    tp_value holder = sample_texts(TP_TYPE_HOLDER, "northside", "Jo");
    tp_change_draft draft = sample_draft(42, TP_HELP_REQUEST);
    draft.record = seen;
    tp_rc rc = tp_change_draft_set(&draft, TP_REQUEST_HOLDER, &holder, err);
    rc = rc == TP_OK ? tp_change_draft_see(&draft, TP_REQUEST_HOLDER, &seen, 1, err) : rc;
    return rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
}

/* As a newer version may write it: an unknown field, kind and key. */
static tp_rc put_newer(tp_buf *out, tp_err *err)
{
    static const uint8_t salt[TP_SALT_BYTES] = {8, 7, 6, 5, 4, 3, 2, 1};
    tp_cbor_writer w = tp_cbor_writer_of(out, err);
    tp_cbor_put_map(&w, 7);
    tp_cbor_put_uint(&w, 0);
    tp_cbor_put_bytes(&w, tp_slice_of(salt, sizeof salt));
    tp_cbor_put_uint(&w, 1);
    tp_cbor_put_uint(&w, TP_CONTACT);
    tp_cbor_put_uint(&w, 3);
    tp_cbor_put_map(&w, 2);
    tp_cbor_put_uint(&w, TP_CONTACT_NOTE);
    tp_cbor_put_text(&w, tp_slice_str("from the next version"));
    tp_cbor_put_uint(&w, 200);
    tp_cbor_put_map(&w, 1);
    tp_cbor_put_text(&w, tp_slice_str("weather"));
    tp_cbor_put_array(&w, 1);
    tp_cbor_put_int(&w, -3);
    tp_cbor_put_uint(&w, 5);
    tp_cbor_put_array(&w, 3);
    tp_cbor_put_uint(&w, 2);
    tp_cbor_put_uint(&w, 60000);
    tp_cbor_put_int(&w, INT64_C(1767225600000));
    tp_cbor_put_uint(&w, 6);
    tp_cbor_put_text(&w, tp_slice_str("Amina"));
    tp_cbor_put_uint(&w, 7);
    tp_cbor_put_array(&w, 1);
    tp_cbor_put_text(&w, tp_slice_str("pets"));
    tp_cbor_put_uint(&w, 9);
    tp_cbor_put_bool(&w, true);
    return w.rc;
}

static tp_rc put_stub(tp_buf *out, tp_err *err)
{
    tp_buf bytes;
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    tp_rc rc = put_update(&bytes, err);
    rc = rc == TP_OK ? tp_change_decode(name_42, tp_buf_slice(&bytes), &change, err) : rc;
    rc = rc == TP_OK ? tp_stub_encode(&change, out, err) : rc;
    tp_buf_done(&bytes);
    return rc;
}

static void idle_request(void)
{
    memset(&request, 0, sizeof request);
    request.clock = (tp_era_reading){3, 5000, INT64_C(1767225605000)};
    request.cursor = 100000;
    memset(request.cursor_tag, 0x5A, sizeof request.cursor_tag);
    request.directory_version = 4;
    request.generation = 1;
}

static tp_rc put_request(bool pushes, tp_buf *out, tp_err *err)
{
    tp_buf bytes;
    tp_buf tail;
    tp_request_writer items;
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_request_writer_init(&items, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = pushes ? put_contact(&bytes, err) : TP_OK;
    for (int i = 0; i < 2 && pushes && rc == TP_OK; i++) {
        rc = tp_request_writer_add(&items, tp_buf_slice(&bytes), err);
    }
    if (pushes && rc == TP_OK) { /* a change that cannot be packed */
        rc = tp_request_writer_add(&items, tp_slice_str("no change"), err);
    }
    rc = rc == TP_OK ? tp_request_writer_end(&items, &request, out, &tail, err) : rc;
    rc = rc == TP_OK ? tp_buf_add_slice(out, tp_buf_slice(&tail), err) : rc;
    tp_request_writer_done(&items);
    tp_buf_done(&bytes);
    tp_buf_done(&tail);
    return rc;
}

static tp_rc put_idle_request(tp_buf *out, tp_err *err)
{
    idle_request();
    return put_request(false, out, err);
}

static tp_rc put_first_request(tp_buf *out, tp_err *err)
{
    memset(&request, 0, sizeof request);
    request.clock = (tp_era_reading){1, 5000, 5000}; /* a Pi that begins in 1970 */
    return put_request(false, out, err);
}

/* A first fetch with a bar. */
static tp_rc put_counting_request(tp_buf *out, tp_err *err)
{
    idle_request();
    request.cursor = 0;
    request.wants_left = true;
    return put_request(false, out, err);
}

static bool is_stamped; /* what is held is compared by its stamps as well */

/* One that looks for what differs; of the three it asks a device asks one at a time. */
static tp_rc put_seeking_request(tp_buf *out, tp_err *err)
{
    idle_request();
    request.wants_stamps = is_stamped;
    request.wants_spans = true;
    request.spans_after = (tp_name){sample_there, 256};
    request.ranges_count = 2;
    request.ranges[0] = (tp_name_range){{0, 0}, {sample_there, 3}};
    request.ranges[1] = (tp_name_range){{sample_there, 900}, TP_NAME_LAST};
    request.wanted_count = 2;
    request.wanted[0] = (tp_name){sample_there, 2};
    request.wanted[1] = (tp_name){sample_there, 901};
    return put_request(false, out, err);
}

/* The same by stamps. */
static tp_rc put_stamped_request(tp_buf *out, tp_err *err)
{
    is_stamped = true;
    tp_rc rc = put_seeking_request(out, err);
    is_stamped = false;
    return rc;
}

/* One that settles with a hub that went back: what it says in several requests, in one. */
static tp_rc put_settling_request(tp_buf *out, tp_err *err)
{
    idle_request();
    tp_buf contact;
    tp_buf_init(&contact, TP_CHANGE_BYTES_MAX);
    tp_rc rc = put_contact(&contact, err);
    request.is_settling = true;
    request.missing_upto = 40;
    memset(request.missing_h, 0x33, sizeof request.missing_h);
    request.has_claim = true;
    request.claim = (tp_push_claim){.generation = 1, .first = 30, .last = 41};
    memset(request.claim.h, 0x44, sizeof request.claim.h);
    memset(&request.claim.receipt, 0x55, sizeof request.claim.receipt);
    request.handed_count = 1;
    request.handed[0] = (tp_handed){.generation = 2};
    tp_entry *entry = &request.handed[0].entry;
    *entry = (tp_entry){.name = {sample_there, 41}, .bytes = tp_buf_slice(&contact)};
    entry->stamp =
        (tp_stamp){INT64_C(1767225600000), INT64_C(1767139200000), INT64_C(1767225605000), 400};
    entry->position = 99998;
    entry->verdict = TP_VERDICT_HOLDER_LOST;
    memset(entry->tag, 0x77, sizeof entry->tag);
    rc = rc == TP_OK ? put_request(false, out, err) : rc;
    tp_buf_done(&contact);
    return rc;
}

/* And says so: it was told. */
static bool is_again;

/* A push that was accepted before, by the receipt for it. */
static tp_rc put_proving_request(tp_buf *out, tp_err *err)
{
    tp_stamp_runs runs;
    tp_rc rc = TP_OK;
    idle_request();
    tp_stamp_runs_init(&runs);
    for (int i = 0; i < 3 && rc == TP_OK; i++) { /* as many as put_request pushes */
        tp_stamp stamp = {INT64_C(1767225600000) + i, 0, 0, 500 + (uint64_t)i};
        rc = tp_stamp_runs_add(&runs, i == 2 ? 0 : i, &stamp, err);
    }
    rc = rc == TP_OK ? tp_stamp_runs_end(&runs, err) : rc;
    request.first_seq = 42;
    memset(request.chain_start, 0xC1, sizeof request.chain_start);
    memset(request.signature, 0x51, sizeof request.signature);
    request.is_settling = true;
    request.has_proof = true;
    request.proof.generation = 1;
    request.proof.runs = &runs;
    memset(&request.proof.receipt, 0x66, sizeof request.proof.receipt);
    request.is_again = is_again;
    rc = rc == TP_OK ? put_request(true, out, err) : rc;
    tp_stamp_runs_done(&runs);
    return rc;
}

static tp_rc put_again_request(tp_buf *out, tp_err *err)
{
    is_again = true;
    tp_rc rc = put_proving_request(out, err);
    is_again = false;
    return rc;
}

/* And which says what it means by two names in it. */
static tp_rc put_meaning_request(tp_buf *out, tp_err *err)
{
    tp_buf meant;
    tp_rc rc = TP_OK;
    tp_buf_init(&meant, 2 * TP_MEANT_BYTES);
    for (uint64_t i = 0; i < 2 && rc == TP_OK; i++) {
        tp_meant one = {.name = {sample_there, 41 + i}};
        memset(one.salt, 0x5A, sizeof one.salt);
        memset(one.called, 0xCA, sizeof one.called);
        rc = tp_meant_put(&meant, &one, err);
    }
    idle_request();
    request.first_seq = 42;
    memset(request.chain_start, 0xC1, sizeof request.chain_start);
    memset(request.signature, 0x51, sizeof request.signature);
    request.is_settling = true;
    request.meant = tp_buf_slice(&meant);
    rc = rc == TP_OK ? put_request(true, out, err) : rc;
    tp_buf_done(&meant);
    return rc;
}

static tp_rc put_full_request(tp_buf *out, tp_err *err)
{
    idle_request();
    request.first_seq = 42;
    memset(request.chain_start, 0xC1, sizeof request.chain_start);
    memset(request.signature, 0x51, sizeof request.signature);
    request.receipt = 99990;
    request.more = true;
    request.csr = tp_slice_str("a request in DER");
    request.items_max = 500;
    request.eras_count = 2;
    request.eras[0] = (tp_era_span){1, 1, 10, -20, 30, -40, 0};
    request.eras[1] =
        (tp_era_span){3, 2, 0, INT64_C(1767225600000), 5000, INT64_C(1767225600000), 0};
    return put_request(true, out, err);
}

/* One that says by which start of its machine it counts. */
static tp_rc put_started_request(tp_buf *out, tp_err *err)
{
    idle_request();
    request.start = UINT32_C(0xCC8CD41C);
    request.eras_count = 1;
    request.eras[0] = (tp_era_span){2, 1, 10, -20, 30, -40, UINT32_C(0x09E17204)};
    return put_request(false, out, err);
}

static tp_rc end_response(const tp_response *head, tp_buf *out, tp_err *err)
{
    tp_buf tail;
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_rc rc = tp_response_writer_end(&writer, head, out, &tail, err);
    rc = rc == TP_OK ? tp_buf_add_slice(out, tp_buf_slice(&tail), err) : rc;
    tp_buf_done(&tail);
    return rc;
}

static tp_rc put_idle_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 41;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 1;
    head.cursor = 100000;
    memset(head.cursor_tag, 0x5A, sizeof head.cursor_tag);
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = end_response(&head, out, err);
    tp_response_writer_done(&writer);
    return rc;
}

static tp_rc put_counted_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 1;
    head.cursor = 1800;
    memset(head.cursor_tag, 0x5A, sizeof head.cursor_tag);
    head.more = true;
    head.left = 98200;
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = end_response(&head, out, err);
    tp_response_writer_done(&writer);
    return rc;
}

static tp_rc add_held(tp_err *err)
{
    tp_held_name held = {.name = {sample_there, 2}};
    const tp_held_span spans[] = {{{sample_there, 256}, {1, 2}},
                                  {TP_NAME_LAST, {UINT64_MAX, UINT64_MAX - 1}}};
    tp_rc rc = TP_OK;
    memset(held.digest, 0xD1, sizeof held.digest);
    for (size_t i = 0; rc == TP_OK && i < sizeof spans / sizeof spans[0]; i++) {
        rc = tp_response_writer_add_span(&writer, &spans[i], err);
    }
    rc = rc == TP_OK ? tp_response_writer_add_name(&writer, &held, err) : rc;
    held.name.seq = 901;
    return rc == TP_OK ? tp_response_writer_add_name(&writer, &held, err) : rc;
}

static tp_rc put_held_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 41;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 1;
    head.cursor = 100000;
    memset(head.cursor_tag, 0x5A, sizeof head.cursor_tag);
    head.has_sum = true;
    head.sum = (tp_held_sum){UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)};
    head.ranges_named = 2;
    head.counts_stamps = is_stamped;
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = add_held(err);
    rc = rc == TP_OK ? end_response(&head, out, err) : rc;
    tp_response_writer_done(&writer);
    return rc;
}

static tp_rc put_stamped_response(tp_buf *out, tp_err *err)
{
    is_stamped = true;
    tp_rc rc = put_held_response(out, err);
    is_stamped = false;
    return rc;
}

/* Of a hub that went back and is told what it lost. */
static tp_rc put_back_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 44;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 2;
    head.has_receipt = true;
    memset(head.push_receipt.stamps, 0xD1, sizeof head.push_receipt.stamps);
    memset(head.push_receipt.tag, 0x66, sizeof head.push_receipt.tag);
    head.handed_count = 3;
    head.handed[1] = TP_HANDED_GIVE_BACK;
    head.handed[2] = TP_HANDED_NOT_PROVEN;
    head.is_back = true;
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = end_response(&head, out, err);
    tp_response_writer_done(&writer);
    return rc;
}

/* Of a push: what names a number that was used again is here by another name. */
static tp_rc put_meant_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 44;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 2;
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc =
        tp_response_writer_add_refused(&writer, 43, TP_QUARANTINE_MEANT,
                                       "what it names has another name here, and so has it", err);
    rc = rc == TP_OK ? end_response(&head, out, err) : rc;
    tp_response_writer_done(&writer);
    return rc;
}

/* Of what was pushed again two numbers are another's there. */
static tp_rc put_others_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 44;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 2;
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = TP_OK;
    for (uint64_t seq = 43; rc == TP_OK && seq <= 44; seq++) {
        const tp_name as = {UINT64_C(0x2468ACE013579BDF), seq};
        rc = tp_response_writer_add_refused(
            &writer, seq, TP_QUARANTINE_OTHER,
            "another change has its number here, and it another name", err);
        rc = rc == TP_OK ? tp_response_writer_add_other(&writer, as, err) : rc;
    }
    rc = rc == TP_OK ? end_response(&head, out, err) : rc;
    tp_response_writer_done(&writer);
    return rc;
}

/* Others have handed what the device has still to push, or is too old to have. */
static tp_rc put_ahead_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 41;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 2;
    head.is_back = true;
    head.ahead = 44;
    memset(head.ahead_digest, 0xD1, sizeof head.ahead_digest);
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = end_response(&head, out, err);
    tp_response_writer_done(&writer);
    return rc;
}

/* It says to which request. */
static tp_rc put_to_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 41;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 2;
    head.to = UINT32_C(0xBA7816BF);
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = end_response(&head, out, err);
    tp_response_writer_done(&writer);
    return rc;
}

/* Of two changes that were handed the hub has the second by another name; seq 0: by its own. */
static tp_rc put_called_as(uint64_t seq, tp_buf *out, tp_err *err)
{
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 41;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 2;
    head.handed_count = 2;
    head.handed[1] = TP_HANDED_GIVE_BACK;
    head.called[1] = UINT64_C(0x2468ACE013579BDF);
    head.called_seq[1] = seq;
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = end_response(&head, out, err);
    tp_response_writer_done(&writer);
    return rc;
}

static tp_rc put_called_response(tp_buf *out, tp_err *err)
{
    return put_called_as(0, out, err);
}

static tp_rc put_copied_response(tp_buf *out, tp_err *err)
{
    return put_called_as(3, out, err);
}

/* Of four changes to give back the first and the last were erased. */
static tp_rc put_erased_response(tp_buf *out, tp_err *err)
{
    static const tp_name names[] = {{sample_there, 9}, {5, 70000}, {sample_there, 3}, {7, 1}};
    tp_response head;
    memset(&head, 0, sizeof head);
    head.accepted = 41;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 1;
    head.cursor = 100000;
    memset(head.cursor_tag, 0x5A, sizeof head.cursor_tag);
    head.give_back_position = 100010;
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof names / sizeof names[0]; i++) {
        rc = i < 2 ? tp_response_writer_add_erased(&writer, names[i], err)
                   : tp_response_writer_add_give_back(&writer, names[i], err);
    }
    rc = rc == TP_OK ? end_response(&head, out, err) : rc;
    tp_response_writer_done(&writer);
    return rc;
}

static tp_rc add_parts(tp_err *err)
{
    tp_directory_agency agency;
    memset(&agency, 0, sizeof agency);
    agency.id = tp_slice_str("northside");
    agency.label = tp_slice_str("Northside Outreach");
    agency.agreements_count = 2;
    agency.agreements[0] = (tp_agreement){INT64_C(1735689600000), INT64_C(1767225600000), false};
    agency.agreements[1] = (tp_agreement){INT64_C(1767225600000), 0, true};
    const tp_directory_device device = {sample_there, agency.id};
    const tp_stamp stamps[] = {
        {INT64_C(1767225600000), 0, 0, 500},
        {INT64_C(1767225660000), 0, 0, 501},
        {INT64_C(1767225660000), INT64_C(1767139200000), INT64_C(1767225660000), 502}};
    tp_rc rc = tp_response_writer_add_agency(&writer, &agency, err);
    rc = rc == TP_OK ? tp_response_writer_add_device(&writer, &device, err) : rc;
    for (int i = 0; i < 3 && rc == TP_OK; i++) {
        rc = tp_response_writer_add_stamp(&writer, i * 60000, &stamps[i], err);
    }
    for (uint64_t seq = 3; seq > 0 && rc == TP_OK; seq--) {
        rc = tp_response_writer_add_give_back(&writer, (tp_name){sample_there, seq}, err);
    }
    return rc == TP_OK ? tp_response_writer_add_refused(&writer, 44, 3, "note: not UTF-8", err)
                       : rc;
}

static tp_rc add_items(tp_slice contact, tp_err *err)
{
    tp_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.name = (tp_name){sample_there, 41};
    entry.bytes = contact;
    entry.stamp = (tp_stamp){INT64_C(1767225600000), 0, 0, 400};
    entry.position = 99998;
    memset(entry.tag, 0x77, sizeof entry.tag);
    tp_rc rc = tp_response_writer_add_item(&writer, &entry, err);
    entry.name.seq = 42;
    entry.position++;
    entry.verdict = TP_VERDICT_HOLDER_LOST;
    entry.stamp.number = 390;
    rc = rc == TP_OK ? tp_response_writer_add_item(&writer, &entry, err) : rc;
    entry.name.device = sample_here;
    entry.position++;
    entry.verdict = 0;
    entry.stamp.earliest_ms = entry.stamp.ms - 86400000;
    entry.stamp.latest_ms = entry.stamp.ms + 5000;
    return rc == TP_OK ? tp_response_writer_add_item(&writer, &entry, err) : rc;
}

static tp_rc put_full_response(tp_buf *out, tp_err *err)
{
    tp_response head;
    tp_buf contact;
    memset(&head, 0, sizeof head);
    head.accepted = 44;
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 1;
    head.cursor = 100000;
    memset(head.cursor_tag, 0x5A, sizeof head.cursor_tag);
    head.more = true;
    head.give_back_position = 99997;
    head.directory_version = 5;
    head.certificate = tp_slice_str("a certificate in DER");
    head.protocol = 1;
    tp_buf_init(&contact, TP_CHANGE_BYTES_MAX);
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = put_contact(&contact, err);
    rc = rc == TP_OK ? add_parts(err) : rc;
    rc = rc == TP_OK ? add_items(tp_buf_slice(&contact), err) : rc;
    rc = rc == TP_OK ? end_response(&head, out, err) : rc;
    tp_response_writer_done(&writer);
    tp_buf_done(&contact);
    return rc;
}

/* Reads the bytes and writes what was read. */
static tp_rc again_change(tp_slice bytes, tp_buf *out, tp_err *err)
{
    tp_rc rc = tp_change_decode(name_42, bytes, &change, err);
    if (rc == TP_OK && !tp_again_knows(&change)) {
        return tp_buf_add_slice(out, change.bytes, err);
    }
    return rc == TP_OK ? tp_again_change(&change, out, err) : rc;
}

static tp_rc again_stub(tp_slice bytes, tp_buf *out, tp_err *err)
{
    tp_rc rc = tp_stub_decode(name_42, bytes, &change, err);
    return rc == TP_OK ? tp_again_stub(&change, out, err) : rc;
}

static const struct {
    const char *file;
    tp_rc (*put)(tp_buf *out, tp_err *err);
    tp_rc (*again)(tp_slice bytes, tp_buf *out, tp_err *err);
} rows[] = {
    {"change_contact", put_contact, again_change},
    {"change_kiosk_request", put_kiosk_request, again_change},
    {"change_coded_request", put_coded_request, again_change},
    {"change_reply", put_reply, again_change},
    {"change_consent_withdrawn", put_consent, again_change},
    {"change_update", put_update, again_change},
    {"change_retraction", put_retraction, again_change},
    {"change_holder", put_holder, again_change},
    {"change_newer", put_newer, again_change},
    {"stub", put_stub, again_stub},
    {"request_first", put_first_request, tp_again_request},
    {"request_idle", put_idle_request, tp_again_request},
    {"request_full", put_full_request, tp_again_request},
    {"request_counting", put_counting_request, tp_again_request},
    {"request_seeking", put_seeking_request, tp_again_request},
    {"request_stamped", put_stamped_request, tp_again_request},
    {"request_settling", put_settling_request, tp_again_request},
    {"request_started", put_started_request, tp_again_request},
    {"request_proving", put_proving_request, tp_again_request},
    {"request_meaning", put_meaning_request, tp_again_request},
    {"request_again", put_again_request, tp_again_request},
    {"response_idle", put_idle_response, tp_again_response},
    {"response_full", put_full_response, tp_again_response},
    {"response_counted", put_counted_response, tp_again_response},
    {"response_held", put_held_response, tp_again_response},
    {"response_stamped", put_stamped_response, tp_again_response},
    {"response_back", put_back_response, tp_again_response},
    {"response_meant", put_meant_response, tp_again_response},
    {"response_ahead", put_ahead_response, tp_again_response},
    {"response_called", put_called_response, tp_again_response},
    {"response_to", put_to_response, tp_again_response},
    {"response_erased", put_erased_response, tp_again_response},
    {"response_others", put_others_response, tp_again_response},
    {"response_copied", put_copied_response, tp_again_response},
};

static size_t read_golden(const char *name, uint8_t *bytes)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "tests/golden/%s.bin", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s is missing", path);
    }
    size_t count = fread(bytes, 1, FILE_BYTES_MAX, file);
    fclose(file);
    return count;
}

static void test_golden__is_written_as_it_was(void **state)
{
    (void)state;
    static uint8_t bytes[FILE_BYTES_MAX];
    tp_buf buf;
    tp_buf_init(&buf, FILE_BYTES_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        size_t count = read_golden(rows[i].file, bytes);
        tp_buf_clear(&buf);
        if (rows[i].put(&buf, &err) != TP_OK) {
            fail_msg("%s: %s", rows[i].file, err.what);
        }
        if (!tp_slice_eq(tp_buf_slice(&buf), tp_slice_of(bytes, count))) {
            fail_msg("%s: other bytes are written now", rows[i].file);
        }
    }
    tp_buf_done(&buf);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_golden__is_read_and_written_again(void **state)
{
    (void)state;
    static uint8_t bytes[FILE_BYTES_MAX];
    tp_buf buf;
    tp_buf_init(&buf, FILE_BYTES_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        tp_slice golden = tp_slice_of(bytes, read_golden(rows[i].file, bytes));
        tp_buf_clear(&buf);
        if (rows[i].again(golden, &buf, &err) != TP_OK) {
            fail_msg("%s: %s", rows[i].file, err.what);
        }
        if (!tp_slice_eq(tp_buf_slice(&buf), golden)) {
            fail_msg("%s: reads as something else", rows[i].file);
        }
    }
    tp_buf_done(&buf);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_golden__a_change_of_a_newer_version_keeps_what_it_says(void **state)
{
    (void)state;
    static uint8_t bytes[FILE_BYTES_MAX];
    tp_err err = {0};
    tp_slice golden = tp_slice_of(bytes, read_golden("change_newer", bytes));
    assert_int_equal(tp_change_decode(name_42, golden, &change, &err), TP_OK);
    assert_true(change.has_unknown_key && change.has_unknown_kind);
    const tp_change_field *field = tp_change_field_of(&change, 200);
    assert_non_null(field);
    assert_true(tp_slice_eq(field->value, tp_slice_of("\xA1\x67weather\x81\x22", 11)));
}

/* Writes the files that are missing. */
static int write_missing(const char *folder)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[PATH_BYTES];
        tp_err err = {0};
        tp_buf buf;
        tp_buf_init(&buf, FILE_BYTES_MAX);
        snprintf(path, sizeof path, "%s/%s.bin", folder, rows[i].file);
        FILE *file = rows[i].put(&buf, &err) == TP_OK ? fopen(path, "wbx") : NULL;
        if (file != NULL) {
            fwrite(buf.at, 1, buf.bytes, file);
            fclose(file);
            printf("wrote %s\n", path);
        }
        tp_buf_done(&buf);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        return write_missing(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden__is_written_as_it_was),
        cmocka_unit_test(test_golden__is_read_and_written_again),
        cmocka_unit_test(test_golden__a_change_of_a_newer_version_keeps_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
