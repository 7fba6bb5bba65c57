/* The names of erased records, kept in a file beside the database (and to be kept apart with the
 * keys): whatever state the database is put back to, it forgets them again.
 *
 * The file holds a name on each line and nothing else. */
#ifndef TP_SYNC_HUB_ERASE_LIST_H
#define TP_SYNC_HUB_ERASE_LIST_H

#include "sync/hub/erase.h"

#define TP_HUB_ERASED_LIST "erased.list"

/* Makes file and database agree: erases what the database does not know to be erased, and writes
 * what the file has not got.  Outside a transaction; when the hub is opened, and after erasing.
 * Errors: CORRUPT a line of the file is no name;  BUSY;  IO, DENIED of the file. */
TP_MUST_USE tp_rc tp_hub_erase_list_settle(tp_hub *hub, tp_err *err);

#endif
