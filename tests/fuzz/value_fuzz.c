/* Values of fields from arbitrary bytes: the first byte picks the field.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/base/limits.h"
#include "schema/entity.h"
#include "sync/wire/field_value.h"

#include <assert.h>

/* One field of each type. */
static const struct {
    uint32_t entity, code;
} fields[] = {
    {TP_CONTACT, TP_CONTACT_NOTE},
    {TP_CONTACT, TP_CONTACT_KIND},
    {TP_CONTACT, TP_FIELD_INFO},
    {TP_NEED, TP_NEED_SUPPORT_IN_PLACE},
    {TP_CONSENT, TP_CONSENT_WORDING_VERSION},
    {TP_CONTACT, TP_CONTACT_HAPPENED_AT},
    {TP_CONSENT, TP_CONSENT_ENDS_ON},
    {TP_PERSON, TP_PERSON_BORN},
    {TP_PERSON, TP_PERSON_NHS_NUMBER},
    {TP_PERSON, TP_PERSON_PHONE},
    {TP_CONTACT, TP_CONTACT_GRID},
    {TP_ROLE, TP_ROLE_AGENCY},
    {TP_CONSENT, TP_CONSENT_AGENCIES},
    {TP_HELP_REQUEST, TP_REQUEST_HOLDER},
    {TP_CONTACT, TP_FIELD_PERSON},
    {TP_CONSENT, TP_CONSENT_IN_SIGHT},
};

static tp_change change;
static tp_value value;

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    tp_err err;
    tp_buf buf;
    if (bytes == 0) {
        return 0;
    }
    size_t at = input[0] % (sizeof fields / sizeof fields[0]);
    const tp_field_row *row = tp_field_of(fields[at].entity, fields[at].code);
    tp_slice item = tp_slice_of(input + 1, bytes - 1);
    change.name.device = UINT64_C(0xA1B2C3D4E5F60718);
    change.name.seq = 42;
    if (tp_field_value_decode(row, &change, item, &value, &err) != TP_OK) {
        return 0;
    }
    assert(tp_field_value_same(row, &value, &value));
    tp_buf_init(&buf, 2 * TP_CHANGE_BYTES_MAX * TP_VALUE_TEXTS_MAX);
    assert(tp_field_value_encode(row, change.name, &value, &buf, &err) == TP_OK);
    assert(tp_slice_eq(tp_buf_slice(&buf), item));
    tp_buf_done(&buf);
    return 0;
}
