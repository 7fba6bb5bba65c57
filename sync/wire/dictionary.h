/* Preset dictionaries for raw deflate, by number.  A number's bytes are frozen for ever.
 * Source: sync/wire/FORMAT.md, Dictionaries. */
#ifndef TP_SYNC_WIRE_DICTIONARY_H
#define TP_SYNC_WIRE_DICTIONARY_H

#include "platform/base/slice.h"

enum { TP_DICTIONARY_NONE = 0, TP_DICTIONARY_NEWEST = 1, TP_DICTIONARY_BYTES_MAX = 32768 };

/* The dictionary of a number; number 0 is the empty one.  False if this program has none of it.
 * Static. */
bool tp_dictionary_of(unsigned number, tp_slice *dictionary_out);

#endif
