/* Reading JSON: what is wrong with it, and what was wrong with us. */
#include "sync/session/json_load.h"

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
