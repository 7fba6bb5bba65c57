/* The dictionaries' bytes, which dictionary/embed.cmake makes from their files. */
#ifndef TP_SYNC_WIRE_DICTIONARY_DATA_H
#define TP_SYNC_WIRE_DICTIONARY_DATA_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t tp_dictionary_1[];
extern const size_t tp_dictionary_1_bytes;

#endif
