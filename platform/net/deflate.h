/* Raw deflate (RFC 1951) with a preset dictionary, on zlib.  The states are made once and used for
 * many messages: zlib takes a quarter of a megabyte for each. */
#ifndef TP_PLATFORM_NET_DEFLATE_H
#define TP_PLATFORM_NET_DEFLATE_H

#include "platform/base/buf.h"

typedef struct tp_deflate tp_deflate;
typedef struct tp_inflate tp_inflate;

/* Units:  level = zlib's, 1 (quick) to 9 (small); 4 is tuned for messages in bulk (deflate.c).
 * Errors: INVALID level;  NOMEM.
 * Owns:   *deflate_out is the caller's, tp_deflate_free(). */
TP_MUST_USE tp_rc tp_deflate_new(int level, tp_deflate **deflate_out, tp_err *err);
void tp_deflate_free(tp_deflate *deflate); /* takes NULL */

/* Deflates one whole message and appends it to `out`.  On error `out` is as before.
 *
 * Shape:  dictionary = up to 32 KiB, the commonest text last; empty: none.  The reader needs the
 * same. Errors: LIMIT the ceiling of `out`;  NOMEM. */
TP_MUST_USE tp_rc tp_deflate_run(tp_deflate *deflate, tp_slice dictionary, tp_slice in, tp_buf *out,
                                 tp_err *err);

/* Owns: *inflate_out is the caller's, tp_inflate_free().  Errors: NOMEM. */
TP_MUST_USE tp_rc tp_inflate_new(tp_inflate **inflate_out, tp_err *err);
void tp_inflate_free(tp_inflate *inflate); /* takes NULL */

/* Inflates one whole message and appends it to `out`.  On error `out` is as before; a message that
 * would grow past the ceiling of `out` is given up there, whatever it claims to hold.
 *
 * Shape:  *rest_out = what stands in `in` after the message's end, borrowed; may be empty.
 * Errors: LIMIT the ceiling of `out`;  CORRUPT not deflate, or cut short;  NOMEM. */
TP_MUST_USE tp_rc tp_inflate_run(tp_inflate *inflate, tp_slice dictionary, tp_slice in, tp_buf *out,
                                 tp_slice *rest_out, tp_err *err);

#endif
