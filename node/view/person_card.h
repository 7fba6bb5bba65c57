/* A person on a card of a list: what tells two of one name apart, and when somebody met them
 * last. */
#ifndef TP_NODE_VIEW_PERSON_CARD_H
#define TP_NODE_VIEW_PERSON_CARD_H

#include "node/view/json_print.h"
#include "node/view/shown.h"

/* "name", "preferred_name", "born", "aliases", "description", "place", "last_contact_at" (null:
 * nobody wrote that they met them), without the brackets.  What was written on joined records
 * counts.  Of each device the last few contacts are looked at: a page lists many people, and a
 * person may have met thousands. */
TP_MUST_USE tp_rc tp_person_card_put(tp_json_print *p, tp_view *view, tp_tx *tx,
                                     const tp_shown *person, tp_err *err);
/* The same by name, with its brackets; null where the person is not held, or bare.  none: null. */
TP_MUST_USE tp_rc tp_person_card(tp_json_print *p, tp_view *view, tp_tx *tx, tp_name person,
                                 tp_err *err);

#endif
