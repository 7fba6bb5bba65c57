/* A change written again by its author, under another name, after a fork (sync/log/fork.h).
 *
 * Only what nobody else can hold yet is ever written again. */
#ifndef TP_SYNC_WIRE_CHANGE_AGAIN_H
#define TP_SYNC_WIRE_CHANGE_AGAIN_H

#include "schema/renaming.h"
#include "sync/wire/change_bytes.h"

/* Appends the same change under its new name, all names in it called anew, with another salt: same
 * record and fields, same writer, same reading of the clock.
 *
 * Errors: INVALID it holds something that this program does not know, and so might be a name;
 *         LIMIT (names of other devices are longer);  NOMEM. */
TP_MUST_USE tp_rc tp_change_encode_again(const tp_change *change, const tp_renaming *renaming,
                                         const uint8_t salt[TP_SALT_BYTES], tp_buf *out,
                                         tp_err *err);

#endif
