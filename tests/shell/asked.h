/* A request of HTTP as the hook of routes gets it, without a connection. */
#ifndef TESTS_ASKED_H
#define TESTS_ASKED_H

#include "net/web.h"

struct asked {
    struct web_request request; /* from 127.0.0.1, local, not secure; serves all */
    struct http_request head;
    char *text;
};

/* Makes a GET of HTTP/1.1 for this target. `fields`: whole lines, each with CR LF; a
 * line Host: localhost is added unless they begin with Host. */
void asked_make(struct asked *asked, const char *target, const char *fields);
void asked_clear(struct asked *asked);

#endif
