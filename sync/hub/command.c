/* teapot-hub: every command, and opening the hub's store for it. */
#include "sync/hub/command.h"

#include "platform/base/encode.h"
#include "platform/os/clock.h"
#include "platform/os/file.h"
#include "schema/london_time.h"
#include "schema/name_text.h"

static const char running[] = "Running a hub";
static const char agencies[] = "Agencies and their Information Sharing Agreements";
static const char devices[] = "Devices";
static const char looking[] = "Looking";

static const tp_command commands[] = {
    {"init", tp_hub_command_init, TP_COMMAND_UNOPENED, running,
     "Makes a new hub: its store, its certificate authority, its keys", "",
     "Example:\n  teapot-hub --dir /var/lib/teapot-hub init\n"},
    {"serve", tp_hub_command_serve, TP_COMMAND_UNOPENED, running,
     "Answers devices until it is ended", "[--listen ADDRESS:PORT]",
     "  --listen ADDRESS:PORT  where (else 0.0.0.0:8443); port 0 takes a free one.  The address in "
     "use\n"
     "                         is printed.\n\n"
     "Every other command may be used while it runs.  SIGTERM ends it cleanly.\n\n"
     "Example:\n  teapot-hub serve --listen 0.0.0.0:8443\n"},
    {"health", tp_hub_command_health, 0, running, "Says what there is and whether it is whole", "",
     "Exit code 0 only if the store passes its own check.\n\nExample:\n  teapot-hub health\n"},
    {"backup", tp_hub_command_backup, 0, running, "Writes a consistent copy while the hub goes on",
     "PATH",
     "The copy is one file of mode 0600.  Keep it as safe as the hub: it holds everything, "
     "unencrypted.\n"
     "The keys are not in it: copy hub.key, ca.key and ca.pem once, to another place.\n\n"
     "Example:\n  teapot-hub backup /mnt/safe/hub-2026-01-12.db\n"},
    {"restore", tp_hub_command_restore, TP_COMMAND_UNOPENED, running,
     "Puts a copy in the place of the hub's store", "PATH",
     "The hub must not be running.  The store that was there is kept beside it, with the time in "
     "its\n"
     "name.\n\nExample:\n  teapot-hub restore /mnt/safe/hub-2026-01-12.db\n"},
    {"agency add", tp_hub_command_agency_add, 0, agencies, "Makes an agency known", "ID LABEL",
     "  ID     letters, digits, '-', '_', '.': what nodes are made for (teapot init --agency ID)\n"
     "  LABEL  its name for people\n\n"
     "Example:\n  teapot-hub agency add street-outreach \"Street Outreach Team\"\n"},
    {"agency list", tp_hub_command_agency_list, 0, agencies, "Lists agencies and agreements", "",
     "Example:\n  teapot-hub agency list\n"},
    {"agency sign", tp_hub_command_agency_sign, 0, agencies, "Records a signed agreement",
     "ID [--from DATE] [--until DATE]",
     "  --from DATE   the first day (else from now)\n"
     "  --until DATE  the last day, to its end in London (else open)\n\n"
     "Example:\n  teapot-hub agency sign street-outreach --until 2027-03-31\n"},
    {"agency end", tp_hub_command_agency_end, 0, agencies,
     "Ends an agreement: its devices give back what they may no longer hold", "ID [--on DATE]",
     "  --on DATE  the last day, to its end in London (else it ends now)\n\n"
     "Example:\n  teapot-hub agency end street-outreach --on 2026-12-31\n"},
    {"device code", tp_hub_command_device_code, 0, devices,
     "Makes a one-time code to enrol a device",
     "--agency ID [--kiosk] [--label TEXT] [--valid HOURS] [--qr]",
     "  --agency ID    whose device it will be, for ever\n"
     "  --kiosk        it sends help requests and is sent nothing\n"
     "  --label TEXT   what people call it\n"
     "  --valid HOURS  how long the code works (else 48)\n"
     "  --qr           as a QR code too\n\n"
     "Example:\n  teapot-hub device code --agency street-outreach --label \"van\"\n"},
    {"device list", tp_hub_command_device_list, 0, devices,
     "Lists devices and when they last synced", "", "Example:\n  teapot-hub device list\n"},
    {"device revoke", tp_hub_command_device_revoke, 0, devices,
     "Refuses a device from its next request on", "DEVICE",
     "A device that was lost or stolen.  What it had sent stays; it is sent nothing more.\n\n"
     "Example:\n  teapot-hub device revoke 1f0c5a7e9b3d2468\n"},
    {"consent", tp_hub_command_consent, 0, looking,
     "Says what consent is in force for a person and why",
     "PERSON [--agency ID] [--kind KIND] [--purpose PURPOSE]",
     "  PERSON  the full name of the person's record, DEVICE-SEQ\n\n"
     "Without options every agency, kind and purpose for which some event counts.\n\n"
     "Example:\n  teapot-hub consent 1f0c5a7e9b3d2468-12 --kind housing\n"},
    {"holds", tp_hub_command_holds, 0, looking,
     "Lists which devices hold what about a person, or still have to give it back", "PERSON",
     "A device counts as holding from the moment something is sent until its receipt.\n\n"
     "Example:\n  teapot-hub holds 1f0c5a7e9b3d2468-12\n"},
    {"log", tp_hub_command_log, 0, looking, "Reads the change log, in the order of acceptance",
     "[--device DEVICE] [--after NUMBER]",
     "Prints names, times and which fields were set, never what they say.\n\n"
     "Example:\n  teapot-hub log --after 1200\n"},
    {"quarantine list", tp_hub_command_quarantine_list, 0, looking,
     "Lists changes that could not be applied", "[--device DEVICE]",
     "Example:\n  teapot-hub quarantine list\n"},
    {"quarantine retry", tp_hub_command_quarantine_retry, 0, looking,
     "Tries to apply a change again, after an upgrade say", "NAME",
     "Example:\n  teapot-hub quarantine retry 1f0c5a7e9b3d2468-40\n"},
    {"quarantine dismiss", tp_hub_command_quarantine_dismiss, 0, looking,
     "Takes a change off the list; its bytes are kept", "NAME",
     "Example:\n  teapot-hub quarantine dismiss 1f0c5a7e9b3d2468-40\n"},
    {NULL, NULL, 0, NULL, NULL, NULL, NULL}};

static tp_rc open_store(tp_call *call, tp_err *err)
{
    tp_path path;
    tp_hub_store *store = NULL;
    tp_rc rc = tp_dir_check_private(call->dir, err);
    if (rc == TP_OK) {
        rc = tp_path_join(call->dir, TP_HUB_DATABASE, &path, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_open(path.at, false, &store, err);
    }
    if (rc == TP_NOTFOUND) {
        return tp_fail(err, TP_NOTFOUND,
                       "there is no hub here: run `teapot-hub init`, or say --dir");
    }
    call->context = store;
    return rc;
}

static void close_store(tp_call *call)
{
    tp_hub_store_close(call->context);
}

const tp_program tp_hub_program = {
    .name = "teapot-hub",
    .about = "The hub of Teapot: takes what devices recorded, and hands on what may be held.",
    .commands = commands,
    .dir_variable = "TEAPOT_HUB_DIR",
    .dir_below_home = "teapot-hub",
    .worker_variable = NULL,
    .open = open_store,
    .close = close_store};

int64_t tp_hub_call_now(void)
{
    return tp_clock_read(tp_clock_system()).wall_ms;
}

tp_rc tp_hub_print_json(const tp_call *call, json_t *document, tp_err *err)
{
    if (document == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for what there is to print");
    }
    int failed = json_dumpf(document, call->out, JSON_COMPACT);
    json_decref(document);
    if (failed != 0 || fputc('\n', call->out) == EOF) {
        return tp_fail(err, TP_IO, "standard output cannot be written");
    }
    return TP_OK;
}

const char *tp_hub_when(int64_t ms)
{
    enum { ROOMS = 3 };
    static char rooms[ROOMS][TP_LONDON_TEXT_MAX];
    static unsigned next;
    if (ms == 0) {
        return "never";
    }
    char *room = rooms[next++ % ROOMS];
    tp_london_format(ms, room);
    return room;
}

tp_rc tp_hub_read_name(const char *text, tp_name *name_out, tp_err *err)
{
    return tp_name_read(tp_slice_str(text), name_out)
               ? TP_OK
               : tp_fail(err, TP_INVALID,
                         "this is no full name: 16 digits or letters a-f, a dash, a "
                         "number (--json prints them)");
}

tp_rc tp_hub_read_device(const char *text, uint64_t *device_out, tp_err *err)
{
    return tp_hex_decode_u64(tp_slice_str(text), device_out)
               ? TP_OK
               : tp_fail(err, TP_INVALID,
                         "this is no device: 16 digits or letters a-f "
                         "(`teapot-hub device list`)");
}
