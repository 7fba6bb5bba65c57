/* The list of what was erased, beside the database. */
#include "sync/hub/erase_list.h"

#include "schema/name_text.h"

enum { LIST_BYTES_MAX = 64 * 1024 * 1024, LINE_BYTES = TP_NAME_TEXT_BYTES };

typedef struct settling {
    tp_hub *hub;
    tp_path path;
    tp_buf file;    /* as it is */
    tp_buf wanted;  /* as it should be: what the database knows */
    tp_buf unknown; /* tp_name each: to be erased again */
} settling;

static tp_rc read_file(settling *s, tp_err *err)
{
    tp_rc rc = tp_path_join(s->hub->dir.at, TP_HUB_ERASED_LIST, &s->path, err);
    if (rc == TP_OK && tp_file_exists(s->path.at)) {
        rc = tp_file_read(s->path.at, &s->file, err);
    }
    return rc;
}

/* Calls for each line; the last may lack its end. */
static tp_rc find_unknown(settling *s, tp_err *err)
{
    size_t at = 0;
    s->unknown.bytes = 0;
    for (unsigned line = 1; at < s->file.bytes; line++) {
        const uint8_t *end = memchr(s->file.at + at, '\n', s->file.bytes - at);
        size_t bytes = end == NULL ? s->file.bytes - at : (size_t)(end - s->file.at) - at;
        tp_name name;
        bool is_known = false;
        if (!tp_name_read(tp_slice_of(s->file.at + at, bytes), &name)) {
            return tp_fail(err, TP_CORRUPT, "line %u of " TP_HUB_ERASED_LIST " is no name", line);
        }
        tp_rc rc = tp_hub_erased_has(s->hub->store, name, &is_known, err);
        if (rc == TP_OK && !is_known) {
            rc = tp_buf_add(&s->unknown, &name, sizeof name, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
        at += bytes + 1;
    }
    return TP_OK;
}

static tp_rc write_line(void *ctx, tp_name record, uint64_t erasure, tp_err *err)
{
    char text[LINE_BYTES];
    (void)erasure;
    tp_name_print(record, text);
    return tp_buf_addf(ctx, err, "%s\n", text);
}

/* What of these records is in the database that was put back goes again, whatever it is. */
static tp_rc erase_again(settling *s, tp_err *err)
{
    tp_hub *hub = s->hub;
    tp_hub_erase_plan plan;
    bool is_gone = false;
    tp_hub_erase_plan_init(&plan);
    tp_rc rc = tp_hub_begin(hub, err);
    if (rc == TP_OK) {
        rc = find_unknown(s, err);
    }
    if (rc == TP_OK && s->unknown.bytes > 0) {
        rc = tp_buf_add_slice(&plan.records, tp_buf_slice(&s->unknown), err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erase_gather(hub, &plan, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erase(hub, &plan, "teapot-hub",
                          "again, in a database that was put back: the list of names said so", err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    tp_hub_erase_plan_done(&plan);
    return rc == TP_OK ? tp_hub_store_scrub(hub->store, &is_gone, err) : rc;
}

tp_rc tp_hub_erase_list_settle(tp_hub *hub, tp_err *err)
{
    settling s = {.hub = hub};
    tp_buf_init(&s.file, LIST_BYTES_MAX);
    tp_buf_init(&s.wanted, LIST_BYTES_MAX);
    tp_buf_init(&s.unknown, LIST_BYTES_MAX);
    tp_rc rc = read_file(&s, err);
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK) {
        rc = find_unknown(&s, err);
    }
    tp_hub_rollback(hub);
    if (rc == TP_OK && s.unknown.bytes > 0) {
        rc = erase_again(&s, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erased_all(hub->store, 0, write_line, &s.wanted, err);
    }
    tp_hub_rollback(hub);
    if (rc == TP_OK && !tp_slice_eq(tp_buf_slice(&s.file), tp_buf_slice(&s.wanted))) {
        rc = tp_file_write(s.path.at, tp_buf_slice(&s.wanted), err);
    }
    tp_buf_done(&s.file);
    tp_buf_done(&s.wanted);
    tp_buf_done(&s.unknown);
    return rc;
}
