/* What a device pushes: is it what follows on what is here, and what is answered to each change. */
#include "sync/session/answer_state.h"

#include "sync/wire/chain.h"

/* Of what was received before, is another here by its number? */
static tp_rc find_other(tp_answering *m, bool *is_other_out, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_request_reader reader = m->answer->request;
    tp_answer_result ignored;
    bool is_same = true;
    uint64_t seq = 0;
    tp_slice change;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && is_same && tp_request_next(&reader, &seq, &change) &&
           seq <= m->question->device->accepted) {
        rc = host->recall(host->ctx, seq, change, &ignored, &is_same, err);
    }
    *is_other_out = rc == TP_OK && !is_same;
    return rc;
}

/* A hub and a card that were put back more than once each: what is here is of before the card was,
 * and what the device was told to be accepted of after.  From where the two part the first counts
 * as handed by others; whether this is the device's chain is seen when the push is checked. */
static tp_rc rewind_to_push(tp_answering *m, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    const tp_request *r = &m->answer->request.head;
    tp_answer_device *device = m->question->device;
    uint8_t h[TP_CHAIN_BYTES];
    bool is_it = false;
    if (!r->is_again || r->first_seq == 0 || r->first_seq > device->accepted) {
        return TP_OK;
    }
    const uint64_t upto = r->first_seq - 1;
    tp_rc rc = find_other(m, &is_it, err);
    tp_chain_start(device->id, h);
    if (rc == TP_OK && is_it && upto > 0) {
        rc = host->chain_at(host->ctx, upto, h, &is_it, err);
    }
    if (rc == TP_OK && is_it) {
        rc = host->rewind(host->ctx, upto, h, &is_it, err);
    }
    if (rc == TP_OK && is_it) {
        device->accepted = upto;
        memcpy(device->h, h, sizeof device->h);
    }
    return rc;
}

/* Everything about the push as a whole is settled before any of it is accepted: that it follows
 * what was accepted, that the chain leads to the h whose first bytes it carries, and that the
 * device signed that h.  One that ends before what was accepted brings nothing new and is held
 * against the bytes alone: h at its end is known no more. */
tp_rc tp_answering_check_push(tp_answering *m, tp_err *err)
{
    tp_request_reader reader = m->answer->request;
    const tp_request *r = &reader.head;
    const tp_answer_device *device = m->question->device;
    tp_rc rc = m->question->host->clock(m->question->host->ctx, r, err);
    if (rc == TP_OK) {
        rc = rewind_to_push(m, err);
    }
    if (rc != TP_OK || r->first_seq == 0) {
        return rc;
    }
    if (r->first_seq > device->accepted + 1) {
        m->refusal = TP_REFUSAL_GAP;
        return TP_OK;
    }
    uint64_t seq = 0;
    tp_slice change;
    memcpy(m->h, device->h, sizeof m->h);
    while (tp_request_next(&reader, &seq, &change)) {
        if (seq > device->accepted) {
            tp_chain_add(m->h, change);
        }
    }
    if (seq < device->accepted) {
        return TP_OK;
    }
    if (memcmp(m->h, r->chain_start, sizeof r->chain_start) != 0) {
        m->refusal = TP_REFUSAL_CHAIN;
        return TP_OK;
    }
    tp_err why;
    rc = tp_public_key_verify(&device->key, m->h, r->signature, &why);
    if (rc == TP_DENIED) {
        m->refusal = TP_REFUSAL_SIGNATURE;
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = why;
    }
    return rc;
}

/* Acceptance numbers in an answer follow each other, so one answer does not reach over a place
 * where they do not: what comes after is asked again.  What has another name is told all the
 * same. */
static tp_rc add_result(tp_answering *m, uint64_t seq, const tp_answer_result *result, tp_err *err)
{
    tp_answer *a = m->answer;
    tp_rc rc = result->code == TP_QUARANTINE_OTHER
                   ? tp_response_writer_add_other(&a->writer, result->as, err)
                   : TP_OK;
    m->is_cut = m->is_cut || (m->is_told && result->stamp.number != m->number + 1);
    if (rc != TP_OK || m->is_cut) {
        return rc;
    }
    m->is_told = true;
    m->number = result->stamp.number;
    tp_stamps_digest_add(&m->told, &result->stamp);
    rc = tp_response_writer_add_stamp(&a->writer, result->up_ms, &result->stamp, err);
    if (rc == TP_OK && result->code != 0) {
        rc = tp_response_writer_add_refused(&a->writer, seq, result->code, result->text, err);
    }
    if (!tp_name_is_none(result->as) && m->renamed_count < TP_HANDED_MAX) {
        m->renamed[m->renamed_count++] = result->as; /* the others it finds when it compares */
    }
    if (rc == TP_OK) {
        a->head.accepted = seq;
    }
    return rc;
}

/* A proof shows the stamp of what is here already as well: the older one counts. */
static tp_rc show_stamp(tp_answering *m, tp_name name, tp_slice change, const tp_stamp *proven,
                        tp_answer_result *result, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    const tp_handed handed = {.entry = {.name = name, .bytes = change, .stamp = *proven}};
    tp_answer_handed answer;
    bool is_same = false;
    if (result->code != 0 || result->stamp.number <= proven->number) {
        return TP_OK;
    }
    tp_rc rc = host->handed(host->ctx, &handed, &answer, err);
    return rc == TP_OK ? host->recall(host->ctx, name.seq, change, result, &is_same, err) : rc;
}

/* What was received before is answered as it was then.  proof NULL: there is none. */
static tp_rc answer_retried(tp_answering *m, tp_answering_proof *proof, bool *is_retry_out,
                            tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    const tp_answer_device *device = m->question->device;
    tp_request_reader reader = m->answer->request;
    uint64_t seq = 0;
    tp_slice change;
    *is_retry_out = false;
    while (tp_request_next(&reader, &seq, &change) && seq <= device->accepted) {
        tp_answer_result result = {.code = 0};
        bool is_same = false;
        tp_rc rc = host->recall(host->ctx, seq, change, &result, &is_same, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (!is_same) {
            m->refusal = TP_REFUSAL_CHAIN;
            return TP_OK;
        }
        *is_retry_out = true;
        if (proof != NULL) {
            const tp_stamp proven = tp_answering_proof_next(proof, change);
            rc = show_stamp(m, (tp_name){device->id, seq}, change, &proven, &result, err);
        }
        if (rc == TP_OK) {
            rc = add_result(m, seq, &result, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
    }
    return TP_OK;
}

/* All that the device has was received before, and more than that: a copy of it wrote on, and it
 * learns so now. */
static void tell_of_copy(tp_answering *m)
{
    const tp_request_reader *reader = &m->answer->request;
    tp_response *head = &m->answer->head;
    if (!reader->head.more && head->accepted + 1 == reader->head.first_seq + reader->count) {
        head->accepted = m->question->device->accepted;
    }
}

/* What others have handed under its number stands there: up to it the chain is the device's own,
 * and what follows is signed again. */
static tp_rc pass_other(tp_answering *m, uint64_t seq, const uint8_t h[TP_CHAIN_BYTES],
                        uint64_t *signed_from, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_rc rc = host->missing(host->ctx, *signed_from, seq, h, err);
    *signed_from = seq + 1;
    tp_stamps_digest_init(&m->stamps);
    return rc;
}

/* Accepts what is new, with the stamps it had where those are proven (proof NULL: they are not).
 * *signed_from: the first that the signature answers for. */
static tp_rc accept_changes(tp_answering *m, tp_answering_proof *proof, uint64_t *signed_from,
                            tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_answer_device *device = m->question->device;
    tp_request_reader *reader = &m->answer->request;
    uint8_t h[TP_CHAIN_BYTES];
    uint64_t seq = 0;
    tp_slice change;
    tp_rc rc = TP_OK;
    memcpy(h, device->h, sizeof h);
    while (rc == TP_OK && tp_request_next(reader, &seq, &change)) {
        tp_answer_result result = {.code = 0};
        tp_stamp given = {.ms = 0};
        if (seq <= device->accepted) {
            continue; /* answered as it was */
        }
        if (proof != NULL) {
            given = tp_answering_proof_next(proof, change);
        }
        rc = host->accept(host->ctx, seq, change, proof != NULL ? &given : NULL, &result, err);
        if (rc == TP_OK && result.is_other) {
            m->refusal = TP_REFUSAL_CHAIN;
            return TP_OK;
        }
        if (rc == TP_OK && proof != NULL) { /* others may have handed it, with another */
            rc = show_stamp(m, (tp_name){device->id, seq}, change, &given, &result, err);
        }
        tp_chain_add(h, change);
        if (rc == TP_OK) {
            tp_stamps_digest_add(&m->stamps, &result.stamp);
            rc = add_result(m, seq, &result, err);
        }
        if (rc == TP_OK && result.code == TP_QUARANTINE_OTHER) {
            rc = pass_other(m, seq, h, signed_from, err);
        }
        if (rc == TP_OK) {
            device->accepted = seq;
        }
    }
    return rc;
}

tp_rc tp_answering_push(tp_answering *m, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_answer_device *device = m->question->device;
    tp_request_reader *reader = &m->answer->request;
    tp_answer *a = m->answer;
    /* The writer is emptied here, where the first of the answer goes into it. */
    tp_response_writer_done(&a->writer);
    tp_response_writer_init(&a->writer, TP_PAGE_BYTES_MAX, TP_PAGE_ITEMS_MAX);
    a->head.accepted = device->accepted;
    tp_stamps_digest_init(&m->told);
    tp_stamps_digest_init(&m->stamps);
    if (reader->head.first_seq == 0) {
        return TP_OK;
    }
    bool is_retry = false;
    tp_answering_proof shown;
    tp_answering_proof *proof = tp_answering_proof_begin(m, &shown) ? &shown : NULL;
    if (m->refusal != 0) {
        return TP_OK;
    }
    const uint64_t behind = device->accepted + 1;
    tp_rc rc = answer_retried(m, proof, &is_retry, err);
    /* What is proven is so as a whole: then what is behind is taken at once, with its stamps. */
    const bool goes_on = proof != NULL && reader->head.first_seq + reader->count > behind;
    if (rc == TP_OK && m->refusal == 0 && is_retry && !goes_on) {
        rc = tp_answering_add_receipt(m, err);
        tell_of_copy(m);
    }
    if (rc != TP_OK || m->refusal != 0 || (is_retry && !goes_on)) {
        return rc;
    }
    tp_answer_pushed pushed = {.first_seq = behind, .h = m->h, .signature = reader->head.signature};
    rc = accept_changes(m, proof, &pushed.first_seq, err);
    if (rc != TP_OK || m->refusal != 0) {
        return rc;
    }
    pushed.last_seq = device->accepted;
    tp_stamps_digest_end(&m->stamps, pushed.stamps);
    memcpy(device->h, m->h, sizeof device->h);
    rc = tp_answering_add_receipt(m, err);
    return rc == TP_OK && pushed.first_seq <= pushed.last_seq
               ? host->pushed(host->ctx, &pushed, err)
               : rc;
}
