/* The tables of the hub's database and how they came to be.  A step that was released never
 * changes.
 *
 * A change's name is one number: device.no << 40 | seq.  A place in a feed is one number too:
 * agency << 44 | position.  So the two big tables are keyed by what they are read by, in order, and
 * appending to them touches the ends of a b-tree only.
 *
 * A row of a feed may stand for several changes of one device that follow each other, at places
 * that follow each other; they are held, were never given back, and do not reach over a multiple of
 * 32 in seq, so that the row a change is in is found within 32 names. */
#include "sync/hub/store_sqlite.h"

static const char step_0[] =
    /* What there is one of; the store's own use of each value is in store_sqlite.c. */
    "CREATE TABLE state (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE agency (\n"
    "  no INTEGER PRIMARY KEY,\n"
    "  id TEXT NOT NULL UNIQUE,\n"
    "  label TEXT NOT NULL,\n"
    "  feed_end INTEGER NOT NULL DEFAULT 0\n" /* last position given */
    ") STRICT;\n"
    "CREATE TABLE agreement (\n"
    "  agency INTEGER NOT NULL REFERENCES agency (no),\n"
    "  from_ms INTEGER NOT NULL,\n"
    "  until_ms INTEGER NOT NULL,\n" /* 0: open */
    "  PRIMARY KEY (agency, from_ms)\n"
    ") STRICT, WITHOUT ROWID;\n"
    /* Every device that a change was ever written on or named; agency NULL: not enrolled here. */
    "CREATE TABLE device (\n"
    "  no INTEGER PRIMARY KEY,\n"
    "  id INTEGER NOT NULL UNIQUE,\n" /* 64 bits, as signed */
    "  agency INTEGER REFERENCES agency (no),\n"
    "  is_kiosk INTEGER NOT NULL DEFAULT 0,\n"
    "  label TEXT NOT NULL DEFAULT '',\n"
    "  public_key BLOB,\n" /* the point, 65 bytes */
    "  certificate_until_ms INTEGER NOT NULL DEFAULT 0,\n"
    "  enrolled_ms INTEGER NOT NULL DEFAULT 0,\n"
    "  revoked_ms INTEGER NOT NULL DEFAULT 0,\n"
    "  last_sync_ms INTEGER NOT NULL DEFAULT 0,\n"
    "  last_stamp_ms INTEGER NOT NULL DEFAULT 0,\n"
    "  cursor INTEGER NOT NULL DEFAULT 0,\n"
    "  sent INTEGER NOT NULL DEFAULT 0,\n"
    "  receipt INTEGER NOT NULL DEFAULT 0,\n"
    "  accepted INTEGER NOT NULL DEFAULT 0,\n"
    "  h BLOB\n" /* chain after `accepted`, 32 bytes */
    ") STRICT;\n"
    "CREATE TABLE era (\n"
    "  device INTEGER NOT NULL REFERENCES device (no),\n"
    "  era INTEGER NOT NULL,\n"
    "  boot INTEGER NOT NULL,\n"
    "  first_up_ms INTEGER NOT NULL,\n"
    "  first_skew_ms INTEGER NOT NULL,\n"
    "  last_up_ms INTEGER NOT NULL,\n"
    "  last_skew_ms INTEGER NOT NULL,\n"
    "  is_compared INTEGER NOT NULL,\n"
    "  offset_ms INTEGER NOT NULL,\n"     /* hub - uptime, at the comparison held up least */
    "  wall_ahead_ms INTEGER NOT NULL,\n" /* wall - hub, then */
    "  PRIMARY KEY (device, era)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE code (\n"
    "  digest BLOB PRIMARY KEY,\n"
    "  agency INTEGER NOT NULL REFERENCES agency (no),\n"
    "  is_kiosk INTEGER NOT NULL,\n"
    "  label TEXT NOT NULL,\n"
    "  ends_ms INTEGER NOT NULL\n"
    ") STRICT, WITHOUT ROWID;\n"
    /* The log: every change as its author wrote it, and what the hub added. */
    "CREATE TABLE log (\n"
    "  name INTEGER PRIMARY KEY,\n"
    "  record INTEGER NOT NULL,\n" /* name of the change that creates it; 0: this one does */
    "  person INTEGER NOT NULL,\n" /* 0: nobody known yet */
    "  entity INTEGER NOT NULL,\n"
    "  number INTEGER NOT NULL,\n" /* acceptance number */
    "  stamp_ms INTEGER NOT NULL,\n"
    "  earliest_ms INTEGER NOT NULL,\n" /* both 0: certain */
    "  latest_ms INTEGER NOT NULL,\n"
    "  bytes BLOB NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX log_person ON log (person);\n"
    "CREATE INDEX log_record ON log (record) WHERE record <> 0;\n"
    /* Changes that say who may hold what, by each person they touch. */
    "CREATE TABLE event (\n"
    "  person INTEGER NOT NULL,\n"
    "  change INTEGER NOT NULL,\n"
    "  PRIMARY KEY (person, change)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE due (\n"
    "  at_ms INTEGER NOT NULL,\n"
    "  person INTEGER NOT NULL,\n" /* 0: everybody */
    "  PRIMARY KEY (at_ms, person)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE feed (\n"
    "  at INTEGER PRIMARY KEY,\n"
    "  change INTEGER NOT NULL,\n" /* the first */
    "  count INTEGER NOT NULL,\n"  /* of changes; 1 where any of what follows is not 0, 1, 0 */
    "  first INTEGER NOT NULL,\n"  /* position where it was first held; 0: this one */
    "  is_held INTEGER NOT NULL,\n"
    "  verdict INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX feed_change ON feed (change);\n"
    "CREATE INDEX feed_given_back ON feed (is_held) WHERE is_held = 0;\n"
    "CREATE TABLE quarantine (\n"
    "  name INTEGER PRIMARY KEY,\n"
    "  received_ms INTEGER NOT NULL,\n"
    "  number INTEGER NOT NULL,\n"
    "  stamp_ms INTEGER NOT NULL,\n"
    "  code INTEGER NOT NULL,\n"
    "  text TEXT NOT NULL,\n"
    "  is_dismissed INTEGER NOT NULL,\n"
    "  bytes BLOB NOT NULL\n"
    ") STRICT;\n";

/* Requests that were there before have no codes. */
static const char step_1[] = "CREATE TABLE request_code (\n"
                             "  digest BLOB PRIMARY KEY,\n" /* SHA-256 of the nine symbols */
                             "  request INTEGER NOT NULL\n" /* name of its record */
                             ") STRICT, WITHOUT ROWID;\n";

/* What each device signed.  Of changes that were there before there is no signature. */
static const char step_2[] = "ALTER TABLE device ADD COLUMN unsigned INTEGER NOT NULL DEFAULT 0;\n"
                             "UPDATE device SET unsigned = accepted;\n" /* up to this seq */
                             "CREATE TABLE push (\n"
                             "  last INTEGER PRIMARY KEY,\n" /* name of its last change */
                             "  count INTEGER NOT NULL,\n"   /* of changes, >= 1 */
                             "  h BLOB NOT NULL,\n"          /* after the last, 32 bytes */
                             "  signature BLOB NOT NULL,\n"  /* over h, 64 bytes */
                             "  stamps BLOB NOT NULL\n"      /* 8 bytes: store_push.c */
                             ") STRICT;\n";

/* So that who holds the same can tell by a few bytes. */
static const char step_3[] =
    "ALTER TABLE agency ADD COLUMN held BLOB NOT NULL"
    " DEFAULT x'00000000000000000000000000000000';\n" /* sum of what is held in its feed */
    /* Changes that were never in the feed of their author's own agency, and are not given back:
     * their devices hold them, nobody else does. */
    "CREATE TABLE apart (change INTEGER PRIMARY KEY) STRICT;\n"
    "INSERT INTO apart SELECT name FROM log JOIN device ON device.no = log.name >> 40"
    " WHERE device.agency IS NOT NULL AND NOT EXISTS (SELECT 1 FROM feed"
    "  WHERE feed.change BETWEEN log.name & -32 AND log.name"
    "  AND feed.change + feed.count > log.name AND feed.at >> 44 = device.agency);\n";

/* After a fork: the device whose data this one's is a copy of (0: none), and up to which of that
 * one's changes both are the same. */
static const char step_4[] = "ALTER TABLE device ADD COLUMN came_from INTEGER NOT NULL DEFAULT 0;\n"
                             "ALTER TABLE device ADD COLUMN came_from_seq INTEGER NOT NULL"
                             " DEFAULT 0;\n"
                             "CREATE INDEX device_came_from ON device (came_from)"
                             " WHERE came_from <> 0;\n";

/* What was erased, in three: the evidence, the names of the records, and of each change that was
 * here, or came since, what its device's chain and signatures need. */
static const char step_5[] =
    "CREATE TABLE erasure (\n"
    "  no INTEGER PRIMARY KEY,\n"
    "  at_ms INTEGER NOT NULL,\n"
    "  by_whom TEXT NOT NULL,\n"
    "  reason TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE erased_record (\n"
    "  name INTEGER PRIMARY KEY,\n" /* of a record, whether or not anything of it was here */
    "  erasure INTEGER NOT NULL REFERENCES erasure (no)\n"
    ") STRICT;\n"
    "CREATE INDEX erased_record_erasure ON erased_record (erasure);\n"
    "CREATE TABLE erased (\n"
    "  name INTEGER PRIMARY KEY,\n"
    "  record INTEGER NOT NULL REFERENCES erased_record (name),\n"
    "  number INTEGER NOT NULL,\n"
    "  stamp_ms INTEGER NOT NULL,\n"
    "  earliest_ms INTEGER NOT NULL,\n"
    "  latest_ms INTEGER NOT NULL,\n"
    "  before BLOB NOT NULL,\n" /* its device's chain, 32 bytes, before it */
    "  after BLOB NOT NULL\n"   /* and after it */
    ") STRICT;\n"
    "CREATE INDEX erased_of_record ON erased (record);\n";

/* After the hub went back: whom it waits for, and what it knows of the history it lost. */
static const char step_6[] =
    "ALTER TABLE device ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;\n" /* tp_hub_standing */
    /* Handed here before their author pushed them again; `accepted` does not count them. */
    "CREATE TABLE ahead (change INTEGER PRIMARY KEY) STRICT;\n"
    /* Changes that were accepted in the lost history and are on their device no more. */
    "CREATE TABLE missing (\n"
    "  last INTEGER PRIMARY KEY,\n" /* name of the last */
    "  count INTEGER NOT NULL,\n"
    "  h BLOB NOT NULL\n" /* the chain after it, as the device says, 32 bytes */
    ") STRICT;\n"
    /* Devices with a certificate of this hub that called and are not enrolled here. */
    "CREATE TABLE waiting (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  agency TEXT NOT NULL,\n"
    "  public_key BLOB NOT NULL,\n"
    "  certificate_until_ms INTEGER NOT NULL,\n"
    "  called_ms INTEGER NOT NULL\n"
    ") STRICT;\n";

/* Whose a code is: whoever did not hear the answer may ask again. */
static const char step_7[] =
    "ALTER TABLE code ADD COLUMN used_by INTEGER NOT NULL DEFAULT 0;\n"; /* device; 0: nobody yet */

/* Of two machines with one id each counts its eras, and gives back, for itself. */
static const char step_8[] =
    "ALTER TABLE era ADD COLUMN start INTEGER NOT NULL DEFAULT 0;\n"    /* 0: not told */
    "ALTER TABLE device ADD COLUMN told INTEGER NOT NULL DEFAULT 0;\n"; /* tp_hub_device */

/* By which a copy of a device is asked whether it wrote the same (fork.h): a change is salted, so
 * that this tells nothing of it.  The first 8 bytes of its digest; NULL: erased before. */
static const char step_9[] = "ALTER TABLE erased ADD COLUMN digest BLOB;\n";

/* What is in quarantine may be accepted yet, and shown with its time.  Of what was there before no
 * bounds were kept: it was written before it came, and more is not known of it. */
static const char step_10[] =
    "ALTER TABLE quarantine ADD COLUMN earliest_ms INTEGER NOT NULL DEFAULT 0;\n" /* as in log */
    "ALTER TABLE quarantine ADD COLUMN latest_ms INTEGER NOT NULL DEFAULT 0;\n";

static const tp_migration steps[] = {
    {step_0, NULL},
    {step_1, NULL},
    {step_2, NULL},
    {step_3, tp_hub_held_begin},
    {step_4, NULL},
    {step_5, NULL},
    {step_6, NULL},
    {step_7, NULL},
    {step_8, NULL},
    {step_9, NULL},
    {step_10, tp_hub_quarantine_bound},
#ifdef TP_NEXT
    /* The next version's, for tests of data that grows older than its program. */
    {"CREATE INDEX log_entity ON log (entity);", NULL},
#endif
};

tp_rc tp_hub_schema_migrate(tp_store *store, tp_err *err)
{
    return tp_store_migrate(store, steps, sizeof steps / sizeof steps[0], err);
}
