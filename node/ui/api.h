/* The handlers of the table in routes.c.  Each file api_NOUN.c is a noun. */
#ifndef TP_NODE_UI_API_H
#define TP_NODE_UI_API_H

#include "node/ui/ui.h"
#include "node/view/find.h"
#include "node/view/pending.h"

/* api_session.c */
tp_rc tp_api_session(tp_ui_call *call, tp_err *err);
tp_rc tp_api_session_begin(tp_ui_call *call, tp_err *err);
tp_rc tp_api_session_end(tp_ui_call *call, tp_err *err);

/* api_status.c */
tp_rc tp_api_status(tp_ui_call *call, tp_err *err);
tp_rc tp_api_sync(tp_ui_call *call, tp_err *err);
/* A number that changes with what is held: written here, arrived, taken by the hub, agreed. */
TP_MUST_USE tp_rc tp_api_read_held(tp_ui_call *call, uint64_t *held_out, tp_err *err);

/* api_schema.c */
tp_rc tp_api_schema(tp_ui_call *call, tp_err *err);

/* api_draft.c */
tp_rc tp_api_drafts(tp_ui_call *call, tp_err *err);
tp_rc tp_api_draft(tp_ui_call *call, tp_err *err);
/* "drafts": those of this worker. */
TP_MUST_USE tp_rc tp_api_put_drafts(tp_ui_call *call, tp_json_print *p, tp_err *err);
tp_rc tp_api_draft_put(tp_ui_call *call, tp_err *err);
tp_rc tp_api_draft_delete(tp_ui_call *call, tp_err *err);

/* api_person.c */
tp_rc tp_api_find(tp_ui_call *call, tp_err *err);
tp_rc tp_api_person(tp_ui_call *call, tp_err *err);
tp_rc tp_api_person_looked(tp_ui_call *call, tp_err *err);
tp_rc tp_api_record(tp_ui_call *call, tp_err *err);
tp_rc tp_api_record_person(tp_ui_call *call, tp_err *err);
/* "people": cards, for those who find some. */
TP_MUST_USE tp_rc tp_api_put_people(tp_ui_call *call, tp_json_print *p, const tp_found_list *list,
                                    tp_err *err);

/* api_list.c */
tp_rc tp_api_requests(tp_ui_call *call, tp_err *err);
tp_rc tp_api_actions(tp_ui_call *call, tp_err *err);
tp_rc tp_api_review(tp_ui_call *call, tp_err *err);
tp_rc tp_api_review_dismiss(tp_ui_call *call, tp_err *err);
tp_rc tp_api_review_restore(tp_ui_call *call, tp_err *err);
/* "card": enough to call the person by; null where nobody is known, or held. */
void tp_api_put_card(tp_json_print *p, const tp_shown *person);
TP_MUST_USE tp_rc tp_api_put_pending(tp_ui_call *call, tp_json_print *p, const tp_pending *item,
                                     tp_err *err);

/* api_start.c */
tp_rc tp_api_start(tp_ui_call *call, tp_err *err);

/* api_consent.c */
tp_rc tp_api_consent(tp_ui_call *call, tp_err *err);
tp_rc tp_api_consent_preview(tp_ui_call *call, tp_err *err);
tp_rc tp_api_join_preview(tp_ui_call *call, tp_err *err);

/* api_export.c */
tp_rc tp_api_export(tp_ui_call *call, tp_err *err);
tp_rc tp_api_export_part(tp_ui_call *call, tp_err *err);

/* api_write.c */
tp_rc tp_api_write(tp_ui_call *call, tp_err *err);
tp_rc tp_api_may_be(tp_ui_call *call, tp_err *err);

/* api_code.c */
tp_rc tp_api_code(tp_ui_call *call, tp_err *err);

/* api_qr.c */
tp_rc tp_api_qr(tp_ui_call *call, tp_err *err);

/* api_kiosk.c */
tp_rc tp_api_kiosk(tp_ui_call *call, tp_err *err);
tp_rc tp_api_kiosk_request(tp_ui_call *call, tp_err *err);
tp_rc tp_api_kiosk_ask(tp_ui_call *call, tp_err *err);

/* api_holders.c */
tp_rc tp_api_holders(tp_ui_call *call, tp_err *err);

#endif
