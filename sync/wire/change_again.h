/* A change written again: by its author, under another name, after a fork (sync/log/fork.h), or
 * under its own where what it names is called otherwise at the hub; and by the hub, where an older
 * card has used its number again (sync/hub/accept_displaced.c).
 *
 * An author writes again only what nobody else can hold yet. */
#ifndef TP_SYNC_WIRE_CHANGE_AGAIN_H
#define TP_SYNC_WIRE_CHANGE_AGAIN_H

#include "schema/renaming.h"
#include "sync/wire/change_bytes.h"

/* Appends the same change under its new name, all names in it called anew (tp_renaming_of_any),
 * with another salt: same record and fields, same writer, same reading of the clock.
 *
 * Errors: INVALID it holds something that this program does not know, and so might be a name;
 *         LIMIT (names of other devices are longer);  NOMEM. */
TP_MUST_USE tp_rc tp_change_encode_again(const tp_change *change, const tp_renaming *renamings,
                                         size_t count, const uint8_t salt[TP_SALT_BYTES],
                                         tp_buf *out, tp_err *err);

/* Of the bytes of a change, or of what may be one.  False: it has none where every change of this
 * version has it. */
bool tp_change_salt_of(tp_slice bytes, uint8_t salt_out[TP_SALT_BYTES]);

#endif
