/* Names and sets inside a change.  A name is relative to the change it stands in: one number for a
 * change of the same device, two for any other.  A set is an array whose members ascend, each once.
 * Source: sync/wire/FORMAT.md, Names and Values. */
#ifndef TP_SYNC_WIRE_NAME_H
#define TP_SYNC_WIRE_NAME_H

#include "schema/change.h"
#include "sync/wire/cbor.h"

/* A change names only what was written before it. */
bool tp_wire_name_may_stand_in(tp_name name, tp_name author);

tp_name tp_wire_name_read(tp_cbor_reader *reader, tp_name author);
void tp_wire_name_put(tp_cbor_writer *writer, tp_name author, tp_name name);

/* Byte by byte, a beginning before what goes on. */
int tp_wire_text_cmp(tp_slice a, tp_slice b);

/* Reads a set of at most `count_max` and returns how many.  `out` may be NULL: then it is only
 * checked. */
uint32_t tp_wire_texts_read(tp_cbor_reader *reader, uint32_t count_max, size_t bytes_max,
                            tp_slice *out);
uint32_t tp_wire_names_read(tp_cbor_reader *reader, tp_name author, uint32_t count_max,
                            tp_name *out);

/* Writes a set: sorts on the way and leaves out what is there twice. */
void tp_wire_texts_put(tp_cbor_writer *writer, const tp_slice *texts, uint32_t count);
void tp_wire_names_put(tp_cbor_writer *writer, tp_name author, const tp_name *names,
                       uint32_t count);

/* Sorts and leaves out what is there twice; returns how many remain. */
uint32_t tp_wire_texts_sort(tp_slice *texts, uint32_t count);
uint32_t tp_wire_names_sort(tp_name *names, uint32_t count);

#endif
