/* Sending embedded files. */
#include "node/ui/asset.h"

#include <strings.h>

bool tp_asset_take_version(tp_slice *path)
{
    const size_t bytes = strlen(tp_assets_version);
    if (path->bytes < bytes || memcmp(path->at, tp_assets_version, bytes) != 0) {
        return false;
    }
    *path = tp_slice_of(path->at + bytes - 1, path->bytes - bytes + 1); /* from its last slash */
    return true;
}

const tp_asset *tp_asset_find(const tp_asset *assets, tp_slice path)
{
    for (const tp_asset *asset = assets; asset->path != NULL; asset++) {
        if (tp_slice_is(path, asset->path)) {
            return asset;
        }
    }
    return NULL;
}

/* A word of a list with commas, whatever stands after a semicolon; but for "gzip;q=0", which no
 * browser sends, this is RFC 9110 section 12.5.3. */
static bool lists(tp_slice header, const char *word)
{
    size_t bytes = strlen(word);
    size_t at = 0;
    while (at < header.bytes) {
        while (at < header.bytes && (header.at[at] == ' ' || header.at[at] == ',')) {
            at++;
        }
        size_t from = at;
        while (at < header.bytes && header.at[at] != ',') {
            at++;
        }
        bool ends =
            at - from == bytes || (at - from > bytes && strchr("; ", header.at[from + bytes]));
        if (ends && strncasecmp((const char *)header.at + from, word, bytes) == 0) {
            return true;
        }
    }
    return false;
}

/* Who says nothing about encodings takes any. */
static bool takes_gzip(const tp_http_request *request)
{
    tp_slice accepted = tp_http_request_header(request, "Accept-Encoding");
    return !tp_http_request_has_header(request, "Accept-Encoding") || lists(accepted, "gzip") ||
           lists(accepted, "*");
}

tp_rc tp_asset_answer(const tp_asset *asset, bool is_for_ever, const tp_http_request *request,
                      tp_http_response *response, tp_err *err)
{
    if (!takes_gzip(request)) {
        tp_http_response_fail(response, 406);
        return TP_OK;
    }
    /* no-cache: kept, and asked for again each time; another version of the program has other
     * tags. */
    tp_rc rc = tp_http_response_header(
        response, "Cache-Control", is_for_ever ? "max-age=31536000, immutable" : "no-cache", err);
    if (rc == TP_OK) {
        rc = tp_http_response_header(response, "ETag", asset->etag, err);
    }
    if (rc == TP_OK) {
        rc = tp_http_response_header(response, "Vary", "Accept-Encoding", err);
    }
    if (rc == TP_OK && lists(tp_http_request_header(request, "If-None-Match"), asset->etag)) {
        response->status = 304;
        return TP_OK;
    }
    if (rc == TP_OK) {
        rc = tp_http_response_header(response, "Content-Encoding", "gzip", err);
    }
    response->content_type = asset->type;
    response->body_static = tp_slice_of(asset->gzip, asset->gzip_bytes);
    return rc;
}

bool tp_asset_is_page(tp_slice path)
{
    for (size_t at = path.bytes; at > 0 && path.at[at - 1] != '/'; at--) {
        if (path.at[at - 1] == '.') {
            return false;
        }
    }
    return true;
}
