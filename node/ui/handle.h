/* One request, from the gate to its answer. */
#ifndef TP_NODE_UI_HANDLE_H
#define TP_NODE_UI_HANDLE_H

#include "node/ui/asset.h"
#include "node/ui/route.h"

/* Fills `response`; never fails: whatever goes wrong is an answer too. */
void tp_ui_handle(tp_ui *ui, const tp_http_request *request, tp_http_response *response);

#endif
