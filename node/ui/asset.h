/* The pages' files, embedded in the program by node/ui/pages/build.mjs. */
#ifndef TP_NODE_UI_ASSET_H
#define TP_NODE_UI_ASSET_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"

typedef struct tp_asset {
    const char *path; /* "/app.mjs" */
    const char *type; /* its content type */
    const char *etag; /* with its quotes; follows from the content */
    size_t bytes;     /* before compression */
    size_t gzip_bytes;
    const uint8_t *gzip; /* RFC 1952 */
} tp_asset;

/* Ends with a row without a path.  Made when the program is built. */
extern const tp_asset tp_assets[];

/* "/at-0123456789abcdef/": what documents write before the path of a script or a style.  It follows
 * from all of them, so what is found below it never changes. */
extern const char tp_assets_version[];

/* Takes the version from the beginning of a path, where it stands there. */
bool tp_asset_take_version(tp_slice *path);

/* NULL where there is none. */
const tp_asset *tp_asset_find(const tp_asset *assets, tp_slice path);

/* Sends it: 200; 304 where the browser holds it; 406 to who takes no gzip.
 * Shape:  is_for_ever: asked for below the version, so a browser need not ask again.
 * Errors: NOMEM, LIMIT of the response's head. */
TP_MUST_USE tp_rc tp_asset_answer(const tp_asset *asset, bool is_for_ever,
                                  const tp_http_request *request, tp_http_response *response,
                                  tp_err *err);

/* Is it the address of a page, which app.mjs shows?  The last part of a file's has a dot. */
bool tp_asset_is_page(tp_slice path);

#endif
