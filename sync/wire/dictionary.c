/* Dictionaries by number. */
#include "sync/wire/dictionary.h"

#include "sync/wire/dictionary_data.h"

bool tp_dictionary_of(unsigned number, tp_slice *dictionary_out)
{
    switch (number) {
    case TP_DICTIONARY_NONE:
        *dictionary_out = tp_slice_of(NULL, 0);
        return true;
    case 1:
        *dictionary_out = tp_slice_of(tp_dictionary_1, tp_dictionary_1_bytes);
        return true;
    default:
        return false;
    }
}
