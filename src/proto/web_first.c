/* Tells the protocols apart that may begin on a port of HTTP. No line of IRC begins as a
 * request does: the second word of a request begins with a slash. */
#include "proto/web_first.h"

#include "proto/proxy_header.h"
#include "proto/tls_first.h"

#include <string.h>

/* The commands with which clients begin, in capitals as all of them write them. */
static const char *const irc_words[] = {
    "CAP ",    "NICK ",         "USER ",      "PASS ",
    "WEBIRC ", "AUTHENTICATE ", "STARTTLS\r", "PING ",
};

static const char *const http_words[] = {"GET /", "HEAD /", "POST /"};

static bool
begins_with_one(const char *const *words, size_t count, const char *bytes, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (n >= length && memcmp(bytes, words[i], length) == 0)
            return true;
    }
    return false;
}

enum web_first
web_first(const char *bytes, size_t n)
{
    if (tls_first(bytes, n) == TLS_FIRST_HELLO)
        return WEB_FIRST_TLS;
    if (proxy_header_begins(bytes, n))
        return WEB_FIRST_PROXY;
    if (begins_with_one(irc_words, sizeof irc_words / sizeof *irc_words, bytes, n))
        return WEB_FIRST_IRC;
    return WEB_FIRST_HTTP;
}

bool
web_first_is_request(const char *bytes, size_t n)
{
    return begins_with_one(http_words, sizeof http_words / sizeof *http_words, bytes,
                           n);
}
