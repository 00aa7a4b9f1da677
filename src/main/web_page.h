/* The page at /: how a client of IRC connects to this server. */
#ifndef SRC_MAIN_WEB_PAGE_H
#define SRC_MAIN_WEB_PAGE_H

#include "base/draft.h"
#include "config/config.h"

struct tls_certificate;
struct web_request;

/* What the page shows. */
struct web_page {
    const struct config *config; /* in force */
    /* The certificate of clients that name no known server; NULL: there is none. */
    const struct tls_certificate *certificate;
    /* Whether a listener is open, as configured; ctx is for it alone. */
    bool (*is_bound)(const void *ctx, const char *listener);
    const void *ctx;
};

/* Adds the page for this request, in HTML. It names the listeners of IRC by the host of
 * the request: those on a loopback address only if the request is from this machine and
 * names it. */
void web_page_write(const struct web_page *page, const struct web_request *r,
                    struct draft *out);

#endif
