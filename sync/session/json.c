/* JSON: what is wrong with it, and what was wrong with us. */
#include "sync/session/json.h"

#include "platform/base/alloc.h"

/* jansson leaves characters of a text out for which it had no memory, and calls tokens invalid: of
 * neither may anybody be told, or worse, so what it was refused must be known.  Before main, since
 * later another thread may be using it; blocks from before are malloc's as well. */
static void __attribute__((constructor)) take_memory_here(void)
{
    json_set_alloc_funcs(tp_alloc_for_library, tp_free_for_library);
}

tp_rc tp_json_load(tp_slice text, size_t flags, json_t **value_out, tp_err *err)
{
    (void)tp_alloc_library_was_short();
    *value_out = json_loadb(text.bytes == 0 ? "" : (const char *)text.at, text.bytes, flags, NULL);
    if (tp_alloc_library_was_short()) {
        json_decref(*value_out);
        *value_out = NULL;
        return tp_fail(err, TP_NOMEM, "no memory to read JSON");
    }
    return *value_out != NULL ? TP_OK : tp_fail(err, TP_CORRUPT, "it is no JSON");
}

static tp_rc check_made(const json_t *document, tp_err *err)
{
    if (tp_alloc_library_was_short()) {
        return tp_fail(err, TP_NOMEM, "no memory for what there is to print");
    }
    return document != NULL ? TP_OK
                            : tp_fail(err, TP_CORRUPT,
                                      "what there is to print holds text that is not UTF-8: "
                                      "verify says where the damage is");
}

typedef struct sink {
    tp_buf *out;
    tp_err *err;
    tp_rc rc;
} sink;

static int add_piece(const char *at, size_t bytes, void *ctx)
{
    sink *to = ctx;
    to->rc = tp_buf_add(to->out, at, bytes, to->err);
    return to->rc == TP_OK ? 0 : -1;
}

tp_rc tp_json_dump(json_t *document, tp_buf *out, tp_err *err)
{
    const size_t before = out->bytes;
    sink to = {.out = out, .err = err, .rc = TP_OK};
    tp_rc rc = check_made(document, err);
    if (rc == TP_OK &&
        json_dump_callback(document, add_piece, &to, JSON_COMPACT | JSON_ENCODE_ANY) != 0) {
        (void)tp_alloc_library_was_short();
        rc = to.rc != TP_OK ? to.rc : tp_fail(err, TP_NOMEM, "no memory to print JSON");
    }
    json_decref(document);
    if (rc != TP_OK) {
        out->bytes = before;
    }
    return rc;
}
