/* Writes again what was read: a decoder that takes only the one form of a value, and an encoder
 * that writes it, give the same bytes back.  For golden files and fuzzing. */
#ifndef TP_TESTS_SUPPORT_AGAIN_H
#define TP_TESTS_SUPPORT_AGAIN_H

#include "sync/wire/change_bytes.h"
#include "sync/wire/request.h"
#include "sync/wire/response.h"

/* False where the change holds what this program does not know: nobody writes such a change
 * again. */
bool tp_again_knows(const tp_change *change);
/* Errors: those of the encoders. */
TP_MUST_USE tp_rc tp_again_change(const tp_change *change, tp_buf *out, tp_err *err);
/* A decoded stub, which is no change that a stub could be made from. */
TP_MUST_USE tp_rc tp_again_stub(const tp_change *stub, tp_buf *out, tp_err *err);
/* A message and its tail that stand one after the other; where the first is no item it takes
 * all. */
void tp_again_split(tp_slice both, tp_slice *message_out, tp_slice *tail_out);
/* A message with its tail behind it.  Header keys of a newer version are not written again. */
TP_MUST_USE tp_rc tp_again_request(tp_slice both, tp_buf *out, tp_err *err);
TP_MUST_USE tp_rc tp_again_response(tp_slice both, tp_buf *out, tp_err *err);

#endif
