/* Merging, case by case: each row is a sentence of the design (section 4).  Every row is decided in
 * many orders of arrival, and must come out the same.
 *
 * What is expected of a field reads: the change shown ("-": none), then the heads in their order,
 * with
 * * its value is shown, ! its writer is told, ~ an offer, = the same value as an earlier head; then
 * what else is so.
 *
 * Shows P4, P5, P6, P7, P8, P9, P11, P17. */
#include "platform/base/alloc.h"
#include "sync/merge/decide.h"
#include "tests/support/record_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum { LINES = 9, ORDERS = 24 };

typedef struct row {
    const char *name;
    const char *entity;
    const char *lines[LINES]; /* tests/support/record_rows.h */
    const char *field;
    const char *expected;
} row;

static const row latest_rows[] = {
    {"never set", "person", {"van1 new #1 place=here"}, "phone", "-"},
    {"one value", "person", {"van1 new #1 phone=1"}, "phone", "van1 van1*"},
    {"an update that had seen it replaces it",
     "person",
     {"van1 new #1 phone=1", "desk1 #2 phone=2<van1"},
     "phone",
     "desk1 desk1*"},
    {"whoever had seen it replaces it, whatever the stamps say",
     "person",
     {"van1 new #1 @900 phone=1", "desk1 #2 @100 phone=2<van1"},
     "phone",
     "desk1 desk1*"},
    {"two that had not seen each other: the later stamp is shown, the other one told",
     "person",
     {"van1 new #1 phone=1", "van2 #2 @300 phone=2<van1", "desk1 #3 @200 phone=3<van1"},
     "phone",
     "van2 van2* desk1! conflict"},
    {"the same stamp: the later acceptance is shown",
     "person",
     {"van1 new #1 phone=1", "van2 #2 @200 phone=2<van1", "desk1 #3 @200 phone=3<van1"},
     "phone",
     "desk1 desk1* van2! conflict"},
    {"... whoever's name is higher",
     "person",
     {"van1 new #1 phone=1", "van2 #3 @200 phone=2<van1", "desk1 #2 @200 phone=3<van1"},
     "phone",
     "van2 van2* desk1! conflict"},
    {"the same number as well, as after a hub went back: by name",
     "person",
     {"van1 new #1 phone=1", "van2 #2 @200 phone=2<van1", "desk1 #2 @200 phone=3<van1"},
     "phone",
     "desk1 desk1* van2! conflict"},
    {"not answered yet: newest on its own device",
     "person",
     {"van1 new #1 phone=1", "van2 phone=2<van1", "desk1 #3 @99999 phone=3<van1"},
     "phone",
     "van2 van2* desk1! conflict"},
    {"two not answered yet: the one written later",
     "person",
     {"van1 new #1 phone=1", "van2 phone=2<van1", "van3 phone=3<van1"},
     "phone",
     "van3 van3* van2! conflict"},
    {"three values",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=4<van1"},
     "phone",
     "lead1 lead1* van2! desk1! conflict"},
    {"settled by an update that had seen both",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=2<van2,desk1"},
     "phone",
     "lead1 lead1*"},
    {"settled by one who had seen only one: the other still waits",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=4<van2"},
     "phone",
     "lead1 lead1* desk1! conflict"},
    {"settled twice, differently",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "van3 #4 phone=2<van2,desk1", "desk2 #5 phone=3<van2,desk1"},
     "phone",
     "desk2 desk2* van3! conflict"},
    {"the same value twice is no conflict",
     "person",
     {"van1 new #1 place=here", "van2 #2 place=bridge<van1", "desk1 #3 place=bridge<van1"},
     "place",
     "desk1 desk1* van2*="},
    {"an NHS number with spaces is no new value",
     "person",
     {"van1 new #1 nhs_number=9434765919", "desk1 #2 nhs_number=943_476_5919"},
     "nhs_number",
     "desk1 desk1* van1*="},
    {"a phone number as somebody else types it is no new value",
     "person",
     {"van1 new #1 phone=07700900102", "van2 #2 phone=07700_900102<van1",
      "desk1 #3 phone=07700-900-102<van1"},
     "phone",
     "desk1 desk1* van2*="},
    {"white space at the ends is no new value",
     "person",
     {"van1 new #1 place=here", "van2 #2 place=bridge_<van1", "desk1 #3 place=bridge<van1"},
     "place",
     "desk1 desk1* van2*="},
    {"two of three values are the same",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=2<van1", "desk1 #3 phone=3<van1",
      "lead1 #4 phone=2<van1"},
     "phone",
     "lead1 lead1* van2*= desk1! conflict"},
    {"cleared is a value too",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=-<van1", "desk1 #3 phone=3<van1"},
     "phone",
     "desk1 desk1* van2! conflict"},
    {"cleared in sight of the value",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=-<van1"},
     "phone",
     "van2 van2*"},
    {"cleared twice is no conflict",
     "person",
     {"van1 new #1 phone=1", "van2 #2 phone=-<van1", "desk1 #3 phone=-<van1"},
     "phone",
     "desk1 desk1* van2*="},
    {"fields do not touch each other",
     "person",
     {"van1 new #1 phone=1 place=here", "van2 #2 place=bridge<van1", "desk1 #3 phone=3<van1"},
     "phone",
     "desk1 desk1*"},
    {"each field has names of its own",
     "person",
     {"van1 new #1 place=here", "van2 #2 phone=2", "desk1 #3 place=there<van1 phone=3<van2"},
     "phone",
     "desk1 desk1*"},
    {"... whichever of them comes first",
     "person",
     {"van1 new #1 place=here", "van2 #2 phone=2", "desk1 #3 place=there<van1 phone=3<van2"},
     "place",
     "desk1 desk1*"},
    {"a predecessor that is not held is passed over",
     "person",
     {"van1 new #1 phone=1", "desk1 #3 phone=3<lead7"},
     "phone",
     "desk1 desk1* van1! conflict"},
    {"the creating change is not held",
     "person",
     {"desk1 #3 phone=3<van1"},
     "phone",
     "desk1 desk1*"},
    {"given back: what it replaced does not come back",
     "person",
     {"van1 new #1 phone=1", "desk1 stub #2 phone<van1"},
     "phone",
     "-"},
    {"given back: what replaced it is shown",
     "person",
     {"van1 new #1 phone=1", "desk1 stub #2 phone<van1", "van2 #3 phone=2<desk1"},
     "phone",
     "van2 van2*"},
    {"given back: fields it had not set stay",
     "person",
     {"van1 new #1 phone=1 place=here", "desk1 stub #2 phone<van1"},
     "place",
     "van1 van1*"},
    {"merely seen is not replaced",
     "person",
     {"van1 new #1 phone=1", "desk1 #2 retracted=mistake phone<van1"},
     "phone",
     "van1 van1*"},
    {"a change cannot have seen itself or what its device wrote later",
     "person",
     {"van1 new #1 phone=1<van1,van2", "van2 #2 phone=2<van2"},
     "phone",
     "van2 van2* van1! conflict"},
    {"a field this program does not know is kept and shown",
     "person",
     {"van1 new #1 99=a", "van2 #2 99=b<van1", "desk1 #3 99=c<van1"},
     "99",
     "desk1 desk1* van2! conflict"},
    {"... the same value twice is no conflict",
     "person",
     {"van1 new #1 99=a", "van2 #2 99=b<van1", "desk1 #3 99=b<van1"},
     "99",
     "desk1 desk1* van2*="},
    {"an entity this program does not know as well",
     "777",
     {"van1 new #1 99=a", "van2 #2 99=b<van1"},
     "99",
     "van2 van2*"},
    {"two numbers of the winter week",
     "person",
     {"van1 new #1 place=here", "van2 #5 @50 phone=07700_900102",
      "desk1 #4 @40 phone=07700_900711"},
     "phone",
     "van2 van2* desk1! conflict"},
};

static const row careful_rows[] = {
    {"one safety note", "person", {"van1 new #1 safety_note=a"}, "safety_note", "van1 van1*"},
    {"two that had not seen each other stand side by side",
     "person",
     {"van1 new #1 safety_note=a", "van2 #2 safety_note=b<van1", "desk1 #3 safety_note=c<van1"},
     "safety_note",
     "desk1 desk1* van2* conflict"},
    {"risk as well",
     "person",
     {"van1 new #1 place=here", "van2 #3 risk=b", "desk1 #2 risk=c"},
     "risk",
     "van2 van2* desk1* conflict"},
    {"until somebody settles",
     "person",
     {"van1 new #1 place=here", "van2 #2 safety_note=b", "desk1 #3 safety_note=c",
      "lead1 #4 safety_note=b_and_c<van2,desk1"},
     "safety_note",
     "lead1 lead1*"},
    {"a safety note taken away beside one that is not",
     "person",
     {"van1 new #1 safety_note=a", "van2 #3 safety_note=-<van1", "desk1 #2 safety_note=c<van1"},
     "safety_note",
     "van2 van2* desk1* conflict"},
};

static const row progress_rows[] = {
    {"on it goes",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=held<van1"},
     "status",
     "desk1 desk1*"},
    {"the furthest on, not the latest",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=held<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"withdrawn by the person is furthest",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=withdrawn<van1", "van2 #3 status=answered<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"reopened in sight of the answer",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1"},
     "status",
     "van2 van2*"},
    {"a reopening that had seen as far as anybody got wins",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "lead1 #4 status=held<van1"},
     "status",
     "van2 van2* lead1! conflict"},
    {"... also over another answer",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "lead1 #4 status=answered<van1"},
     "status",
     "van2 van2* lead1! conflict"},
    {"a reopening that had not seen how far somebody else got does not",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "lead1 #4 status=withdrawn<van1"},
     "status",
     "lead1 lead1* van2! conflict"},
    {"going back without having seen further is no reopening",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"whoever goes on from a reopening had seen what it saw",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=answered<van1", "van2 #3 status=open<desk1",
      "van3 #4 status=held<van2", "lead1 #5 status=answered<van1"},
     "status",
     "van3 van3* lead1! conflict"},
    {"two reopenings: the furthest on of them",
     "help_request",
     {"van1 new #1 status=answered", "desk1 #3 status=open<van1", "van2 #2 status=held<van1"},
     "status",
     "van2 van2* desk1! conflict"},
    {"the same state twice is no conflict",
     "help_request",
     {"van1 new #1 status=open", "desk1 #3 status=answered<van1", "van2 #2 status=answered<van1"},
     "status",
     "desk1 desk1* van2*="},
    {"an unknown state is further than answered, and shown as written",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=paused<van1", "van2 #3 status=answered<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"an unknown state does not outdo the person's own word",
     "help_request",
     {"van1 new #1 status=open", "desk1 #2 status=paused<van1", "van2 #3 status=withdrawn<van1"},
     "status",
     "van2 van2* desk1! conflict"},
    {"an action: done is furthest",
     "action",
     {"van1 new #1 status=open", "desk1 #2 status=done<van1", "van2 #3 status=doing<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"an action taken up again in sight of its being done",
     "action",
     {"van1 new #1 status=open", "desk1 #2 status=done<van1", "van2 #3 status=doing<desk1",
      "lead1 #4 status=doing<van1"},
     "status",
     "van2 van2* lead1*="},
    {"cleared in sight of it is going back, too",
     "help_request",
     {"van1 new #1 status=open", "desk1 #3 status=-<van1", "van2 #2 status=open<van1"},
     "status",
     "desk1 desk1* van2! conflict"},
    {"cleared without having seen it is the least far",
     "help_request",
     {"van1 new #1 status=open", "desk1 #3 status=-", "van2 #2 status=held<van1"},
     "status",
     "van2 van2* desk1! conflict"},
};

static const row holder_rows[] = {
    {"nobody holds a kiosk's request: the agency whose device took it",
     "help_request",
     {"kiosk1 new #1 words=tea"},
     "holder",
     "- creator"},
    {"whoever took it holds it",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee"},
     "holder",
     "van1 van1* answerable=van1"},
    {"not at the hub yet: not yet confirmed",
     "help_request",
     {"van1 new holder=street-outreach/Dee"},
     "holder",
     "van1 van1* unconfirmed answerable=-"},
    {"accepted by another agency in sight of the holder",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1"},
     "holder",
     "desk1 desk1* answerable=desk1"},
    {"accepted, not at the hub yet: whoever held before stays answerable",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 holder=friary/Tom<van1"},
     "holder",
     "desk1 desk1* unconfirmed answerable=van1"},
    {"accepted after nobody held, not at the hub yet: the creating agency stays answerable",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 holder=friary/Tom"},
     "holder",
     "desk1 desk1* unconfirmed answerable=-"},
    {"accepted in sight of somebody who is not held",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<lead7,van1"},
     "holder",
     "desk1 desk1* answerable=desk1"},
    {"nobody accepted in sight of what their device wrote later, or of itself",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee<van2", "van2 #2 holder=street-outreach/Ann<van2"},
     "holder",
     "van1 van1* van2! conflict answerable=van1"},
    {"another worker of the same agency",
     "help_request",
     {"desk1 new #1 holder=friary/Tom", "desktwo1 #2 holder=friary/Priya<desk1"},
     "holder",
     "desktwo1 desktwo1* answerable=desktwo1"},
    {"written on a device of another agency it is an offer: beside the holder, never instead",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #2 holder=homeless-health/Asha<van1"},
     "holder",
     "van1 van1* van2~ answerable=van1"},
    {"an offer when the record was made: nobody holds by acceptance",
     "help_request",
     {"van1 new #1 holder=friary/Tom"},
     "holder",
     "- van1~ creator"},
    {"an offer in sight of another replaces it",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #2 holder=homeless-health/Asha<van1",
      "van3 #3 holder=friary/Tom<van1,van2"},
     "holder",
     "van1 van1* van3~ answerable=van1"},
    {"an offer taken back",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #2 holder=homeless-health/Asha<van1",
      "van3 #3 holder=-<van2"},
     "holder",
     "van1 van1* answerable=van1"},
    {"clearing it ends no acceptance: somebody must hold it",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #2 holder=-<van1"},
     "holder",
     "van1 van1* answerable=van1"},
    {"an offer accepted in sight of it",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #2 holder=homeless-health/Asha<van1",
      "lead1 #3 holder=homeless-health/Asha<van1,van2"},
     "holder",
     "lead1 lead1* answerable=lead1"},
    {"an acceptance that saw only the offer ends the acceptance the offer had seen",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #2 holder=homeless-health/Asha<van1",
      "lead1 #3 holder=homeless-health/Asha<van2"},
     "holder",
     "lead1 lead1* answerable=lead1"},
    {"somebody accepted without having seen the offer: its writer is told",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #3 holder=homeless-health/Asha<van1",
      "desk1 #2 holder=friary/Tom<van1"},
     "holder",
     "desk1 desk1* van2~! conflict answerable=desk1"},
    {"an offer in sight of the holder waits: nobody is told",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1",
      "van2 #3 holder=homeless-health/Asha<desk1"},
     "holder",
     "desk1 desk1* van2~ answerable=desk1"},
    {"an offer stands behind whoever accepted and does not hold, and is told beside them",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1",
      "van2 #3 holder=womens-aid/Kay<van1", "lead1 #4 holder=homeless-health/Asha<van1"},
     "holder",
     "desk1 desk1* lead1! van2~! conflict answerable=desk1"},
    {"... who are told, also where its writer is not",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1",
      "van2 #3 holder=womens-aid/Kay<desk1", "lead1 #4 holder=homeless-health/Asha<van1"},
     "holder",
     "desk1 desk1* lead1! van2~ conflict answerable=desk1"},
    {"an offer of the very worker who accepted: nothing to tell",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "van2 #3 holder=friary/Tom<van1",
      "desk1 #2 holder=friary/Tom<van1"},
     "holder",
     "desk1 desk1* van2*~= answerable=desk1"},
    {"of two acceptances that had not seen each other the first to reach the hub holds",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #3 holder=friary/Tom<van1",
      "lead1 #2 holder=homeless-health/Asha<van1"},
     "holder",
     "lead1 lead1* desk1! conflict answerable=lead1"},
    {"... of two with one number, as after a hub went back, the first by name",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1",
      "lead1 #2 holder=homeless-health/Asha<van1"},
     "holder",
     "desk1 desk1* lead1! conflict answerable=desk1"},
    {"... clocks play no part",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #3 @20 holder=friary/Tom<van1",
      "lead1 #2 @900 holder=homeless-health/Asha<van1"},
     "holder",
     "lead1 lead1* desk1! conflict answerable=lead1"},
    {"... nor does an acceptance that is not at the hub yet",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 holder=friary/Tom<van1",
      "lead1 #2 holder=homeless-health/Asha<van1"},
     "holder",
     "lead1 lead1* desk1! conflict answerable=lead1"},
    {"an acceptance in sight of both settles it",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1",
      "van2 #3 holder=homeless-health/Asha<van1",
      "lead1 #4 holder=homeless-health/Ngozi<desk1,van2"},
     "holder",
     "lead1 lead1* answerable=lead1"},
    {"the hub says the holder is lost: the creating agency holds",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1", "lost"},
     "holder",
     "- desk1! conflict creator"},
    {"lost, and taken on again on this device: not yet confirmed",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 #2 holder=friary/Tom<van1",
      "van2 holder=street-outreach/Dee<desk1", "lost"},
     "holder",
     "van2 van2* unconfirmed answerable=-"},
    {"the holder was given back, and the hub says lost: the creating agency",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 stub #2 holder<van1", "lost"},
     "holder",
     "- creator"},
    {"given back, and the hub says somebody holds: it was an offer",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 stub #2 holder<van1"},
     "holder",
     "van1 van1* answerable=van1"},
    {"given back an offer of what is not at the hub yet: whoever held before stays answerable",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 holder=friary/Tom<van1",
      "lead1 stub #2 holder<desk1"},
     "holder",
     "desk1 desk1* unconfirmed answerable=van1"},
    {"given back, and accepted since: the later one",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 stub #2 holder<van1",
      "lead1 #3 holder=homeless-health/Asha<desk1"},
     "holder",
     "lead1 lead1* answerable=lead1"},
    {"given back, and accepted by somebody who had not seen it: what it replaced does not come "
     "back",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 stub #2 holder<van1",
      "lead1 #3 holder=homeless-health/Asha"},
     "holder",
     "lead1 lead1* answerable=lead1"},
    {"... nor where that is not at the hub yet",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee", "desk1 stub #2 holder<van1",
      "lead1 holder=homeless-health/Asha"},
     "holder",
     "lead1 lead1* unconfirmed answerable=-"},
    {"the owner of an action by the same rule",
     "action",
     {"desk1 new #1 owner=friary/Priya", "van1 #2 owner=homeless-health/Asha<desk1"},
     "owner",
     "desk1 desk1* van1~ answerable=desk1"},
    {"winter week, line 30: Tom accepted, Marek's offer is told",
     "help_request",
     {"van1 new #1 holder=street-outreach/Dee status=held", "desk1 #2 holder=friary/Tom<van1",
      "van2 #3 holder=homeless-health/Asha<van1"},
     "holder",
     "desk1 desk1* van2~! conflict answerable=desk1"},
};

static const row first_rows[] = {
    {"filled when it was made",
     "help_request",
     {"van1 new #1 person=aid9"},
     "person",
     "van1 van1*"},
    {"filled later, once",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=aid9"},
     "person",
     "desk1 desk1*"},
    {"filled twice: the first to reach the hub stands, the other one is told",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #3 @10 person=aid9", "lead1 #2 @90 person=aid8"},
     "person",
     "lead1 lead1* desk1! conflict"},
    {"never changed, even in sight of it",
     "help_request",
     {"van1 new #1 person=aid9", "desk1 #2 person=aid8<van1"},
     "person",
     "van1 van1* desk1! conflict"},
    {"never cleared",
     "help_request",
     {"van1 new #1 person=aid9", "desk1 #2 person=-<van1"},
     "person",
     "van1 van1* desk1! conflict"},
    {"cleared before it was filled is not filled",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=-", "lead1 #3 person=aid8<desk1"},
     "person",
     "lead1 lead1*"},
    {"cleared and never filled: nobody",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=-"},
     "person",
     "- desk1!"},
    {"the same person twice is no conflict",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 #2 person=aid9", "van1 #3 person=aid9"},
     "person",
     "desk1 desk1* van1*="},
    {"seq 1 of two devices is not the same person, though both write it alike",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk2 #2 person=desk1", "van2 #3 person=van1"},
     "person",
     "desk2 desk2* van2! conflict"},
    {"the same person by a name of one's own and of another's",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk2 #2 person=desk1", "van2 #3 person=desk1"},
     "person",
     "desk2 desk2* van2*="},
    {"not answered yet comes after what is",
     "help_request",
     {"kiosk1 new #1 words=tea", "desk1 person=lead9", "van1 #3 person=aid9"},
     "person",
     "van1 van1* desk1! conflict"},
};

static const row protect_rows[] = {
    {"a consent's facts are as they were written",
     "consent",
     {"van1 new #1 decision=given"},
     "decision",
     "van1 van1*"},
    {"an update of a consent event changes nothing",
     "consent",
     {"van1 new #1 decision=withdrawn", "desk1 #2 decision=given<van1"},
     "decision",
     "van1 van1*"},
    {"nor does it fill what was left out",
     "consent",
     {"van1 new #1 decision=given", "desk1 #2 ends_on=2030-01-01"},
     "ends_on",
     "-"},
    {"nor does it retract it",
     "consent",
     {"van1 new #1 decision=withdrawn", "desk1 #2 retracted=mistake decision<van1"},
     "retracted",
     "-"},
    {"a join is as it was written",
     "join",
     {"van1 new #1 same_as=aid9", "desk1 #2 same_as=aid8<van1"},
     "same_as",
     "van1 van1*"},
    {"what was counted or asked on a day is as it was written, though its record may be taken back",
     "score",
     {"van1 new #1 total=2", "desk1 #2 total=3<van1"},
     "total",
     "van1 van1*"},
    {"a legal gateway too",
     "legal_gateway",
     {"van1 new #1 ends_on=2026-01-01", "desk1 #2 ends_on=2036-01-01<van1"},
     "ends_on",
     "van1 van1*"},
};

static const row kinds_rows[] = {
    {"info: all heads count",
     "contact",
     {"van1 new #1 info=housing", "van2 #2 info=money<van1", "van3 #3 info=offending<van1"},
     "info",
     "van3 van3* van2* conflict"},
    {"info: replaced in sight",
     "contact",
     {"van1 new #1 info=housing", "van2 #2 info=money<van1"},
     "info",
     "van2 van2*"},
};

static const row retracted_rows[] = {
    {"taken back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1"},
     "retracted",
     "van2 van2*"},
    {"taken back twice for two reasons",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted=written_twice note<van1"},
     "retracted",
     "desk1 desk1* van2"},
    {"brought back by an update that had not seen it: whoever took it back is told",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1"},
     "retracted",
     "- van2! conflict"},
    {"brought back in sight of it",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "van3 #3 retracted=-<van2"},
     "retracted",
     "van3 van3*"},
    {"brought back twice at once",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "van3 #4 retracted=-<van2",
      "desk1 #3 retracted=-<van2"},
     "retracted",
     "van3 van3* desk1*="},
    {"brought back again in sight of that",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "van3 #3 retracted=-<van2",
      "desk1 #4 retracted=-<van3"},
     "retracted",
     "desk1 desk1*"},
    {"a final reason stands beside whoever may not bring it back",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=-<desk1"},
     "retracted",
     "desk1 desk1* lead1"},
};

static void render(const record_rows *rows, const tp_field_state *state, char *out, size_t room)
{
    size_t at = (size_t)snprintf(out, room, "%s", record_rows_text(rows, state->shown));
    for (uint32_t h = 0; h < state->heads_count; h++) {
        const tp_head *head = &rows->room.heads[h];
        at += (size_t)snprintf(out + at, room - at, " %s%s%s%s%s", record_rows_text(rows, head->at),
                               head->is_shown ? "*" : "", head->is_offer ? "~" : "",
                               head->is_told ? "!" : "", head->same_as != h ? "=" : "");
    }
    at += (size_t)snprintf(out + at, room - at, "%s%s%s", state->is_conflict ? " conflict" : "",
                           state->is_creator_holding ? " creator" : "",
                           state->is_unconfirmed ? " unconfirmed" : "");
    if (state->rule == TP_RULE_HOLDER && !state->is_creator_holding) {
        (void)snprintf(out + at, room - at, " answerable=%s",
                       record_rows_text(rows, state->answerable));
    }
}

static uint32_t field_code(const record_rows *rows, const char *name)
{
    const tp_field_row *known = tp_field_named(rows->record.entity, tp_slice_str(name));
    return known == NULL ? 99 : known->code;
}

static void check_row(const row *r, unsigned *seed)
{
    const char *lines[LINES + 1] = {NULL};
    uint32_t count = 0;
    uint32_t verdict = 0;
    for (uint32_t i = 0; i < LINES && r->lines[i] != NULL; i++) {
        if (strcmp(r->lines[i], "lost") == 0) {
            verdict = TP_VERDICT_HOLDER_LOST;
        } else {
            lines[count++] = r->lines[i];
        }
    }
    record_rows *rows = record_rows_read(r->entity, lines);
    for (int order = 0; order < ORDERS; order++) {
        char text[200];
        tp_field_state state =
            tp_decide_field(&rows->record, field_code(rows, r->field), verdict, &rows->room);
        render(rows, &state, text, sizeof text);
        if (strcmp(text, r->expected) != 0) {
            fail_msg("%s: \"%s\", not \"%s\"", r->name, text, r->expected);
        }
        record_rows_shuffle(rows, seed);
    }
    record_rows_free(rows);
}

static void check_rows(const row *rows, size_t count)
{
    unsigned seed = 5;
    for (size_t i = 0; i < count; i++) {
        check_row(&rows[i], &seed);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

#define RULE_TEST(rule)                                                                            \
    static void test_decide_##rule##__each_row_in_any_order(void **state)                          \
    {                                                                                              \
        (void)state;                                                                               \
        check_rows(rule##_rows, sizeof rule##_rows / sizeof rule##_rows[0]);                       \
    }

RULE_TEST(latest)
RULE_TEST(careful)
RULE_TEST(progress)
RULE_TEST(holder)
RULE_TEST(first)
RULE_TEST(protect)
RULE_TEST(kinds)
RULE_TEST(retracted)

/* Expected: "shown", "hidden by R", "final by R", "back R answered by U". */
static const row retraction_rows[] = {
    {"never taken back", "contact", {"van1 new #1 note=a"}, "", "shown"},
    {"taken back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1"},
     "",
     "hidden by van2"},
    {"an empty record taken back on another device",
     "contact",
     {"van1 new #1", "desk1 #2 retracted=mistake"},
     "",
     "hidden by desk1"},
    {"taken back after updates it had seen",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 note=b<van1", "lead1 #3 note=c<desk1",
      "van2 #4 retracted=mistake note<lead1"},
     "",
     "hidden by van2"},
    {"an update that had not seen it brings it back, flagged",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1"},
     "",
     "back van2 answered by desk1"},
    {"... also one that reached the hub before it",
     "contact",
     {"van1 new #1 note=a", "van2 #3 retracted=mistake note<van1", "desk1 #2 note=b<van1"},
     "",
     "back van2 answered by desk1"},
    {"... also of a field that was never set",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 place=b"},
     "",
     "back van2 answered by desk1"},
    {"of several such updates the latest is named",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #4 note=b<van1",
      "lead1 #3 place=b"},
     "",
     "back van2 answered by desk1"},
    {"an update that had seen it leaves it hidden",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 note=b<van1 retracted<van2"},
     "",
     "hidden by van2"},
    {"... whatever else it had seen",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted<van2 note=b<van1"},
     "",
     "hidden by van2"},
    {"one that names itself, or what is not held, is as any other",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake<van2,lead7 note<van1"},
     "",
     "hidden by van2"},
    {"what its own device wrote before it was seen",
     "contact",
     {"van1 new #1 note=a", "van2 #2 place=x", "van3 #3 retracted=mistake note<van1"},
     "",
     "hidden by van3"},
    {"brought back in sight of it",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 retracted=-<van2"},
     "",
     "shown"},
    {"brought back, and taken back again",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 retracted=-<van2",
      "lead1 #4 retracted=mistake<desk1 note<van1"},
     "",
     "hidden by lead1"},
    {"brought back, and taken back by somebody who had not seen that: flagged",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 retracted=-<van2",
      "lead1 #4 retracted=mistake note<van1"},
     "",
     "back lead1 answered by desk1"},
    {"flagged, and taken back in sight of the update",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1",
      "van3 #4 retracted=mistake<van2 note<desk1"},
     "",
     "hidden by van3"},
    {"flagged, and brought back in sight of it: settled",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 #3 note=b<van1",
      "van3 #4 retracted=-<van2"},
     "",
     "shown"},
    {"taken back twice at once: neither is an update that brings it back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted=written_twice note<van1"},
     "",
     "hidden by desk1"},
    {"taken back twice, one of them answered: hidden by the other",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "desk1 #3 retracted=written_twice note<van1", "lead1 #4 note=b<van1 retracted<desk1"},
     "",
     "hidden by desk1"},
    {"another reason in sight of the first",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1",
      "van3 #3 retracted=written_twice<van2 note<van1"},
     "",
     "hidden by van3"},
    {"wrong person is final: no update brings it back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=wrong_person note<van1", "desk1 #3 note=b<van1"},
     "",
     "final by van2"},
    {"should not have travelled is final",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=should_not_have_travelled note<van1",
      "lead1 #3 note=b<van1"},
     "",
     "final by desk1"},
    {"final beside another reason: final counts",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=wrong_person note<van1",
      "desk1 #3 retracted=mistake note<van1"},
     "",
     "final by van2"},
    {"final: brought back by the creating agency in sight of it",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "van2 #3 retracted=-<desk1"},
     "",
     "shown"},
    {"final: brought back by who had said so",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "desktwo1 #3 retracted=-<desk1"},
     "",
     "shown"},
    {"final: not brought back by anybody else",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=-<desk1"},
     "",
     "final by desk1"},
    {"final: not softened by anybody else's reason",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=mistake<desk1 note<van1"},
     "",
     "final by desk1"},
    {"final: another final reason takes its place",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=should_not_have_travelled<desk1 note<van1"},
     "",
     "final by lead1"},
    {"final: ... and whoever may bring it back answers that one alone",
     "contact",
     {"van1 new #1 note=a", "desk1 #2 retracted=wrong_person note<van1",
      "lead1 #3 retracted=should_not_have_travelled<desk1 note<van1", "van2 #4 retracted=-<lead1"},
     "",
     "shown"},
    {"a reason in somebody's own words hides it",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=said_by_a_friend note<van1"},
     "",
     "hidden by van2"},
    {"a retraction given back and brought back since stays ended",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 stub #3 retracted<van2"},
     "",
     "shown"},
    {"an update given back brings nothing back",
     "contact",
     {"van1 new #1 note=a", "van2 #2 retracted=mistake note<van1", "desk1 stub #3 note<van1"},
     "",
     "hidden by van2"},
    {"a consent event is never retracted",
     "consent",
     {"van1 new #1 decision=withdrawn", "van2 #2 retracted=wrong_person decision<van1"},
     "",
     "shown"},
    {"a record of an unknown entity is shown as it is",
     "777",
     {"van1 new #1 99=a", "van2 #2 2=wrong_person"},
     "",
     "shown"},
};

static void test_decide_retraction__each_row_in_any_order(void **state)
{
    (void)state;
    unsigned seed = 6;
    for (size_t i = 0; i < sizeof retraction_rows / sizeof retraction_rows[0]; i++) {
        const row *r = &retraction_rows[i];
        record_rows *rows = record_rows_read(r->entity, r->lines);
        for (int order = 0; order < ORDERS; order++) {
            tp_retraction t = tp_decide_retraction(&rows->record, &rows->room);
            char text[100] = "shown";
            assert_false(t.is_hidden && t.is_brought_back);
            if (t.is_hidden) {
                (void)snprintf(text, sizeof text, "%s by %s", t.is_final ? "final" : "hidden",
                               record_rows_text(rows, t.by));
            } else if (t.is_brought_back) {
                (void)snprintf(text, sizeof text, "back %s answered by %s",
                               record_rows_text(rows, t.by), record_rows_text(rows, t.answered_by));
            }
            if (strcmp(text, r->expected) != 0) {
                fail_msg("%s: \"%s\", not \"%s\"", r->name, text, r->expected);
            }
            record_rows_shuffle(rows, &seed);
        }
        record_rows_free(rows);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

/* A head that is not shown tells since when: the later stamp of the two. */
static void test_decide_field__told_since_both_are_at_the_hub(void **state)
{
    (void)state;
    const char *lines[] = {"van1 new #1 phone=1", "van2 #2 @300 phone=2<van1",
                           "desk1 #3 @200 phone=3<van1", "lead1 phone=4<van1", NULL};
    record_rows *rows = record_rows_read("person", lines);
    tp_field_state f = tp_decide_field(&rows->record, TP_PERSON_PHONE, 0, &rows->room);
    assert_string_equal(record_rows_text(rows, f.shown), "lead1");
    assert_int_equal(rows->room.heads[1].told_since_ms, 0);
    rows->record.count--; /* without lead1, which the hub has not answered */
    tp_decide_prepare(&rows->record, &rows->room);
    f = tp_decide_field(&rows->record, TP_PERSON_PHONE, 0, &rows->room);
    assert_string_equal(record_rows_text(rows, rows->room.heads[1].at), "desk1");
    assert_int_equal(rows->room.heads[0].told_since_ms, 0);
    assert_int_equal(rows->room.heads[1].told_since_ms, 300);
    record_rows_free(rows);
}

/* Where the first holds and not the latest, the one that does not may be the later of the two. */
static void test_decide_field__told_since_where_the_first_stands(void **state)
{
    (void)state;
    static const struct {
        const char *told;
        int64_t since_ms;
    } cases[] = {{"desk1 #3 @900 person=aid9", 900},
                 {"desk1 #3 @20 person=aid9", 50},
                 {"desk1 person=aid9", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *lines[] = {"kiosk1 new #1 words=tea", "lead1 #2 @50 person=aid8", cases[i].told,
                               NULL};
        record_rows *rows = record_rows_read("help_request", lines);
        tp_field_state f = tp_decide_field(&rows->record, TP_FIELD_PERSON, 0, &rows->room);
        assert_string_equal(record_rows_text(rows, f.shown), "lead1");
        assert_string_equal(record_rows_text(rows, rows->room.heads[1].at), "desk1");
        assert_true(rows->room.heads[1].is_told);
        assert_int_equal(rows->room.heads[1].told_since_ms, cases[i].since_ms);
        record_rows_free(rows);
    }
}

static void test_decide_holder__that_nobody_can_read_is_nobody(void **state)
{
    (void)state;
    const char *lines[] = {"van1 new #1 holder=street-outreach/Dee", NULL};
    record_rows *rows = record_rows_read("help_request", lines);
    rows->decoded[0].fields[0].value = tp_slice_of("\x81", 1); /* an array without its item */
    tp_field_state f = tp_decide_field(&rows->record, TP_REQUEST_HOLDER, 0, &rows->room);
    assert_int_equal(f.shown, TP_DECIDE_NONE);
    assert_int_equal(f.heads_count, 0);
    assert_true(f.is_creator_holding);
    record_rows_free(rows);
}

static void test_decide_field__that_is_set_once_is_protected_by_its_row(void **state)
{
    (void)state;
    unsigned once = 0;
    for (const tp_entity_row *entity = tp_entities; entity->code != 0; entity++) {
        for (const tp_field_row *field = entity->fields; field->code != 0; field++) {
            if ((field->flags & TP_FIELD_ONCE) != 0) {
                assert_int_equal(field->rule, TP_RULE_PROTECT);
                once++;
            }
        }
    }
    assert_true(once > 10);
}

static void test_decide_next_field__lists_what_is_set_in_order(void **state)
{
    (void)state;
    const char *lines[] = {"van1 new #1 phone=1 99=x", "van2 #2 retracted=mistake place<van1",
                           "desk1 #3 preferred_name=Baz", NULL};
    record_rows *rows = record_rows_read("person", lines);
    assert_int_equal(tp_decide_next_field(&rows->record, 0), TP_FIELD_RETRACTED);
    assert_int_equal(tp_decide_next_field(&rows->record, TP_FIELD_RETRACTED),
                     TP_PERSON_PREFERRED_NAME);
    assert_int_equal(tp_decide_next_field(&rows->record, TP_PERSON_PREFERRED_NAME),
                     TP_PERSON_PHONE);
    assert_int_equal(tp_decide_next_field(&rows->record, TP_PERSON_PHONE), 99);
    assert_int_equal(tp_decide_next_field(&rows->record, 99), 0);
    record_rows_free(rows);
}

static void test_decide_verdict__lost_where_nobody_holds_or_may(void **state)
{
    (void)state;
    tp_field_state held = {.is_creator_holding = false};
    tp_field_state not_held = {.is_creator_holding = true};
    assert_int_equal(tp_decide_verdict(&held, true), 0);
    assert_int_equal(tp_decide_verdict(&held, false), TP_VERDICT_HOLDER_LOST);
    assert_int_equal(tp_decide_verdict(&not_held, true), TP_VERDICT_HOLDER_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_latest__each_row_in_any_order),
        cmocka_unit_test(test_decide_careful__each_row_in_any_order),
        cmocka_unit_test(test_decide_progress__each_row_in_any_order),
        cmocka_unit_test(test_decide_holder__each_row_in_any_order),
        cmocka_unit_test(test_decide_first__each_row_in_any_order),
        cmocka_unit_test(test_decide_protect__each_row_in_any_order),
        cmocka_unit_test(test_decide_kinds__each_row_in_any_order),
        cmocka_unit_test(test_decide_retracted__each_row_in_any_order),
        cmocka_unit_test(test_decide_retraction__each_row_in_any_order),
        cmocka_unit_test(test_decide_field__told_since_both_are_at_the_hub),
        cmocka_unit_test(test_decide_field__told_since_where_the_first_stands),
        cmocka_unit_test(test_decide_holder__that_nobody_can_read_is_nobody),
        cmocka_unit_test(test_decide_field__that_is_set_once_is_protected_by_its_row),
        cmocka_unit_test(test_decide_next_field__lists_what_is_set_in_order),
        cmocka_unit_test(test_decide_verdict__lost_where_nobody_holds_or_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
