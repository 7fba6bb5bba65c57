/* The wordings of consent: what a person was told before they said yes or no.
 *
 * A wording that was ever used is never changed: a new text is a new version.  What a consent
 * record holds is (id, version); a text this program does not hold is shown as such. */
#ifndef TP_SCHEMA_WORDING_H
#define TP_SCHEMA_WORDING_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#define TP_WORDING_ID_MAX 32u     /* of an id, with its end */
#define TP_WORDING_SHOWN_MAX 96u  /* "wording short-spoken version 1, text not held" and its end */
#define TP_WORDING_TEXT_MAX 4096u /* of a text, with its end */

typedef struct tp_wording {
    const char *id; /* a..z, 0..9 and '-' */
    unsigned version;
    const char *language; /* BCP 47: "en" */
    const char *title;
    const char
        *text; /* lines end with \n; a blank line parts paragraphs; "- " begins a list item */
} tp_wording;

/* All that are held; ends with one whose id is NULL.  Static. */
extern const tp_wording tp_wordings[];

/* NULL where the text is not held: older or newer, or another agency's.  Static. */
const tp_wording *tp_wording_find(tp_slice id, uint64_t version);

/* The newest version of an id, which a form offers; NULL where there is none.  Static. */
const tp_wording *tp_wording_newest(tp_slice id);

/* What to show for a consent record: the title, or "wording X version N, text not held".  An id
 * with anything but a..z, 0..9 and '-' in it, or a longer one, is shown as "unnamed". */
void tp_wording_show(tp_slice id, uint64_t version, char shown_out[TP_WORDING_SHOWN_MAX]);

/* Checks an id before it is written; whether its text is held does not matter.
 *
 * Errors: INVALID empty, too long, or not made of a..z, 0..9 and '-'. */
TP_MUST_USE tp_rc tp_wording_check(tp_slice id, tp_err *err);

#endif
