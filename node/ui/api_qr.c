/* /api/qr: an address as a picture for a poster, so that nobody has to type it.
 *
 * An SVG with one path: for each run of dark modules in a row "M x y h count v1 h-count z".  It
 * refers to nothing, so the page may show it as an image. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "schema/utf8.h"

#include <qrencode.h>

enum { TEXT_BYTES_MAX = 300, MARGIN = 4, SVG_BYTES_MAX = 128 * 1024 };

/* What a phone opens; anything else that a picture could make it do stays out. */
static const char *const schemes[] = {"https://", "http://", "tel:", "geo:"};

static tp_rc check_address(tp_slice text, tp_err *err)
{
    if (text.bytes > TEXT_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "An address of at most %d characters.", TEXT_BYTES_MAX);
    }
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f) {
            return tp_fail(err, TP_INVALID, "An address has no spaces and no accents.");
        }
    }
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t bytes = strlen(schemes[i]);
        if (text.bytes > bytes && memcmp(text.at, schemes[i], bytes) == 0) {
            return TP_OK;
        }
    }
    return tp_fail(err, TP_INVALID, "It begins with https://, http://, tel: or geo:");
}

static tp_rc add_row(const QRcode *qr, int y, tp_buf *svg, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (int x = 0; rc == TP_OK && x < qr->width; x++) {
        int from = x;
        while (x < qr->width && (qr->data[y * qr->width + x] & 1) != 0) {
            x++;
        }
        if (x > from) {
            rc = tp_buf_addf(svg, err, "M%d %dh%dv1h-%dz", from + MARGIN, y + MARGIN, x - from,
                             x - from);
        }
    }
    return rc;
}

static tp_rc draw(const QRcode *qr, tp_buf *svg, tp_err *err)
{
    int width = qr->width + 2 * MARGIN;
    tp_rc rc =
        tp_buf_addf(svg, err,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                    "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
                    "<path d=\"",
                    width, width, width, width);
    for (int y = 0; rc == TP_OK && y < qr->width; y++) {
        rc = add_row(qr, y, svg, err);
    }
    return rc == TP_OK ? tp_buf_add_str(svg, "\"/></svg>", err) : rc;
}

static tp_rc make_svg(tp_slice text, tp_buf *svg, tp_err *err)
{
    char address[TEXT_BYTES_MAX + 1];
    memcpy(address, text.at, text.bytes);
    address[text.bytes] = '\0';
    QRcode *qr = QRcode_encodeString(address, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (qr == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a picture of the address");
    }
    tp_rc rc = draw(qr, svg, err);
    QRcode_free(qr);
    return rc;
}

tp_rc tp_api_qr(tp_ui_call *call, tp_err *err)
{
    tp_slice text;
    tp_buf svg;
    tp_buf_init(&svg, SVG_BYTES_MAX);
    tp_answer_field(call, "text");
    tp_rc rc = tp_answer_body_text(call, "text", &text, err);
    if (rc == TP_OK) {
        text = tp_utf8_trim(text);
        rc = check_address(text, err);
    }
    if (rc == TP_OK) {
        rc = make_svg(text, &svg, err);
    }
    if (rc == TP_OK) {
        tp_json_print *p = tp_answer_begin(call);
        tp_json_begin(p, '{');
        tp_json_put_text(p, "svg", tp_buf_slice(&svg));
        tp_json_end(p, '}');
        rc = tp_answer_end(call, err);
    }
    tp_buf_done(&svg);
    return rc;
}
