/* What shows a hub that it went back, and what shows it what it lost. */
#include "sync/session/answer_state.h"

#include "sync/wire/chain.h"
#include "sync/wire/change_bytes.h"
#include "sync/wire/generation.h"

static bool is_tag_of(const tp_answering *m, uint64_t generation, int64_t *told_ms_out)
{
    const tp_request *r = &m->answer->request.head;
    return tp_cursor_tag_fits(m->question->tags, generation, m->question->device->agency, r->cursor,
                              r->cursor_tag, told_ms_out);
}

static bool is_receipt_good(const tp_answering *m, uint64_t generation, uint64_t first,
                            uint64_t last, const uint8_t h[TP_CHAIN_BYTES],
                            const tp_push_receipt *receipt)
{
    uint8_t tag[TP_TAG_BYTES];
    const tp_answer_device *device = m->question->device;
    tp_push_tag(m->question->tags, generation, device->agency, device->id, first, last, h,
                receipt->stamps, tag);
    return tp_secret_eq(tag, receipt->tag, sizeof tag);
}

static bool is_later(const tp_answering *m, uint64_t generation)
{
    return tp_generation_is_later(generation, m->question->generation);
}

/* A tag of this generation fits what is not here, or one fits of a later generation: this hub has
 * said it, and knows nothing of that any more. */
static void find_lost(tp_answering *m, uint64_t generation)
{
    m->refusal = TP_REFUSAL_GENERATION;
    m->lost = generation;
}

/* A push that was receipted in this generation and is not here, or in a later one. */
static bool has_pushed_more(const tp_answering *m)
{
    const tp_request *r = &m->answer->request.head;
    const tp_push_claim *claim = &r->claim;
    const bool is_of_now =
        claim->generation == m->question->generation && claim->last > m->question->device->accepted;
    return r->has_claim && (is_of_now || is_later(m, claim->generation)) &&
           is_receipt_good(m, claim->generation, claim->first, claim->last, claim->h,
                           &claim->receipt);
}

/* The tag of another generation is held against that generation: with another hub's key nothing
 * fits, and what a device holds is not to be settled with a hub that is another. */
void tp_answering_check_generation(tp_answering *m)
{
    const tp_request *r = &m->answer->request.head;
    const tp_answer_host *host = m->question->host;
    const bool is_other = r->generation != 0 && r->generation != m->question->generation;
    const uint64_t generation = is_other ? r->generation : m->question->generation;
    int64_t told_ms = 0;
    if (r->cursor != 0 && !is_tag_of(m, generation, &told_ms)) {
        m->refusal = TP_REFUSAL_CURSOR;
        return;
    }
    if (is_other) {
        m->refusal = TP_REFUSAL_GENERATION;
    }
    if (r->cursor != 0 && is_later(m, generation)) {
        find_lost(m, generation);
    } else if (!is_other && (r->cursor > host->feed_end(host->ctx) ||
                             told_ms > m->question->device->answered_ms)) {
        find_lost(m, generation);
    } else if (has_pushed_more(m)) {
        find_lost(m, r->claim.generation);
    }
}

/* ---- What its author has ---- */

tp_rc tp_answering_take_missing(tp_answering *m, tp_err *err)
{
    const tp_request *r = &m->answer->request.head;
    const tp_answer_host *host = m->question->host;
    tp_answer_device *device = m->question->device;
    if (!r->is_settling || r->missing_upto <= device->accepted) {
        return TP_OK;
    }
    tp_rc rc = host->missing(host->ctx, device->accepted + 1, r->missing_upto, r->missing_h, err);
    if (rc == TP_OK) {
        device->accepted = r->missing_upto;
        memcpy(device->h, r->missing_h, sizeof device->h);
    }
    return rc;
}

static void begin_runs(const tp_answering *m, tp_answering_proof *proof)
{
    *proof = (tp_answering_proof){.runs = m->answer->request.head.proof.stamps};
}

tp_stamp tp_answering_proof_next(tp_answering_proof *proof, tp_slice change)
{
    tp_era_reading reading;
    tp_err ignored;
    const bool has_reading = tp_change_decode_reading(change, &reading, &ignored) == TP_OK;
    if (proof->at == proof->run.count) {
        (void)tp_stamp_runs_next(&proof->runs, &proof->run);
        proof->at = 0;
    }
    return tp_stamp_run_at(&proof->run, proof->at++, has_reading ? reading.up_ms : 0);
}

bool tp_answering_proof_begin(tp_answering *m, tp_answering_proof *proof)
{
    tp_request_reader reader = m->answer->request;
    const tp_request *r = &reader.head;
    uint8_t digest[TP_STAMPS_DIGEST_BYTES];
    tp_sha256 stamps;
    uint64_t seq = 0;
    tp_slice change;
    if (!r->has_proof || r->proof.stamps.changes != reader.count) {
        return false;
    }
    begin_runs(m, proof);
    tp_stamps_digest_init(&stamps);
    while (tp_request_next(&reader, &seq, &change)) {
        tp_stamp stamp = tp_answering_proof_next(proof, change);
        tp_stamps_digest_add(&stamps, &stamp);
    }
    tp_stamps_digest_end(&stamps, digest);
    begin_runs(m, proof);
    if (memcmp(digest, r->proof.receipt.stamps, sizeof digest) != 0 ||
        !is_receipt_good(m, r->proof.generation, r->first_seq, seq, m->h, &r->proof.receipt)) {
        return false;
    }
    const bool is_new = seq > m->question->device->accepted;
    const bool is_of_now = r->proof.generation == m->question->generation;
    if ((is_new && is_of_now) || is_later(m, r->proof.generation)) {
        find_lost(m, r->proof.generation);
    }
    return true;
}

tp_rc tp_answering_add_receipt(tp_answering *m, tp_err *err)
{
    const tp_answer_question *q = m->question;
    const tp_answer_device *device = q->device;
    tp_response *head = &m->answer->head;
    uint8_t h[TP_CHAIN_BYTES];
    bool is_known = head->accepted == device->accepted;
    tp_rc rc = TP_OK;
    if (!m->is_told) {
        return TP_OK;
    }
    memcpy(h, device->h, sizeof h);
    if (!is_known) { /* where more was received, by a request whose answer was lost */
        rc = q->host->chain_at(q->host->ctx, head->accepted, h, &is_known, err);
    }
    if (rc != TP_OK || !is_known) {
        return rc;
    }
    head->has_receipt = true;
    tp_stamps_digest_end(&m->told, head->push_receipt.stamps);
    tp_push_tag(q->tags, q->generation, device->agency, device->id,
                m->answer->request.head.first_seq, head->accepted, h, head->push_receipt.stamps,
                head->push_receipt.tag);
    return TP_OK;
}

/* ---- What others wrote ---- */

static bool is_entry_ours(const tp_answering *m, const tp_handed *handed)
{
    uint8_t tag[TP_TAG_BYTES];
    tp_entry_tag(m->question->tags, handed->generation, m->question->device->agency, &handed->entry,
                 tag);
    return handed->generation != 0 && tp_secret_eq(tag, handed->entry.tag, sizeof tag);
}

/* One that this generation sent and does not know is from what came after it, as is any of a later
 * one. */
static tp_rc take_one(tp_answering *m, const tp_handed *handed, uint8_t *verdict_out,
                      tp_name *as_out, tp_err *err)
{
    const tp_answer_question *q = m->question;
    tp_answer_handed answer = {.as = handed->entry.name};
    *verdict_out = TP_HANDED_NOT_PROVEN;
    if (!is_entry_ours(m, handed)) {
        return TP_OK;
    }
    if (is_later(m, handed->generation)) {
        find_lost(m, handed->generation);
        return TP_OK;
    }
    tp_rc rc = q->host->handed(q->host->ctx, handed, &answer, err);
    if (handed->entry.name.device == q->device->id) {
        *verdict_out = TP_HANDED_KEEP; /* its author pushes it */
        return rc;
    }
    if (rc != TP_OK || answer.is_refused) {
        return rc;
    }
    if (answer.waits) {
        *verdict_out = TP_HANDED_KEEP;
        return TP_OK;
    }
    *verdict_out = TP_HANDED_GIVE_BACK;
    *as_out = answer.as;
    if (!answer.was_known && handed->generation == q->generation) {
        find_lost(m, handed->generation);
    }
    return TP_OK;
}

/* What a change names was accepted before it: by its number it is handed after that. */
static void order_handed(const tp_request *r, uint32_t *order)
{
    for (uint32_t i = 0; i < r->handed_count; i++) {
        const uint64_t number = r->handed[i].entry.stamp.number;
        uint32_t at = i;
        while (at > 0 && r->handed[order[at - 1]].entry.stamp.number > number) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}

/* What may be held follows from all of them.  What has another name here comes by that, or is kept
 * by the name it has there. */
static tp_rc judge_handed(const tp_answering *m, tp_name name, tp_name as, uint8_t *verdict_out,
                          tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_handed_verdict verdict = TP_HANDED_GIVE_BACK;
    bool is_withheld = false;
    tp_rc rc = TP_OK;
    if (tp_name_eq(name, as)) {
        rc = host->holds(host->ctx, name, &verdict, err);
    } else {
        rc = host->withholds(host->ctx, as, &is_withheld, err);
    }
    *verdict_out = (uint8_t)(is_withheld ? TP_HANDED_KEEP : verdict);
    return rc;
}

typedef struct showing {
    tp_answering *m;
    const tp_name *as;
} showing;

static tp_rc take_shown(void *ctx, const tp_entry *entry, tp_err *err)
{
    const showing *s = ctx;
    tp_response *head = &s->m->answer->head;
    tp_rc rc = tp_answering_take_entry(s->m, entry, err);
    for (uint32_t i = 0; rc == TP_OK && i < s->m->answer->request.head.handed_count; i++) {
        if (head->called[i] != 0 && tp_name_eq(s->as[i], entry->name)) {
            head->handed[i] = TP_HANDED_GIVE_BACK;
        }
    }
    return rc;
}

/* What is withheld by its name here comes by that at once: it is nothing new to who shows it.  So
 * nobody writes of it by a name that is another's. */
static tp_rc send_shown(tp_answering *m, const tp_name *as, tp_err *err)
{
    tp_name names[2 * TP_HANDED_MAX];
    uint32_t count = m->renamed_count;
    showing s = {m, as};
    const tp_request *r = &m->answer->request.head;
    const tp_response *head = &m->answer->head;
    const tp_answer_host *host = m->question->host;
    memcpy(names, m->renamed, count * sizeof names[0]);
    for (uint32_t i = 0; i < r->handed_count; i++) {
        if (head->called[i] != 0 && head->handed[i] == TP_HANDED_KEEP) {
            names[count++] = as[i];
        }
    }
    if (count == 0 || !r->is_settling) { /* else the page has the others, in its order */
        return TP_OK;
    }
    return host->shown(host->ctx, names, count, take_shown, &s, err);
}

tp_rc tp_answering_take_handed(tp_answering *m, tp_err *err)
{
    tp_name as[TP_HANDED_MAX];
    uint32_t order[TP_HANDED_MAX];
    const tp_answer_question *q = m->question;
    const tp_request *r = &m->answer->request.head;
    tp_response *head = &m->answer->head;
    tp_rc rc = TP_OK;
    if (q->device->is_kiosk) {
        return TP_OK;
    }
    order_handed(r, order);
    for (uint32_t i = 0; rc == TP_OK && m->refusal == 0 && i < r->handed_count; i++) {
        const uint32_t at = order[i];
        rc = take_one(m, &r->handed[at], &head->handed[at], &as[at], err);
    }
    for (uint32_t i = 0; rc == TP_OK && m->refusal == 0 && i < r->handed_count; i++) {
        const tp_name name = r->handed[i].entry.name;
        if (head->handed[i] != TP_HANDED_GIVE_BACK || tp_name_is_none(as[i])) {
            continue; /* as it is here now it is wanted, or it comes */
        }
        head->called[i] = tp_name_eq(as[i], name) ? 0 : as[i].device;
        head->called_seq[i] = as[i].seq == name.seq ? 0 : as[i].seq;
        rc = judge_handed(m, name, as[i], &head->handed[i], err);
    }
    head->handed_count = r->handed_count;
    return rc == TP_OK && m->refusal == 0 ? send_shown(m, as, err) : rc;
}

/* What its author has still to push, or is an older card that does not have it. */
tp_rc tp_answering_add_ahead(tp_answering *m, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_response *head = &m->answer->head;
    return head->accepted != m->question->device->accepted
               ? TP_OK
               : host->ahead(host->ctx, head->accepted, &head->ahead, head->ahead_digest, err);
}
