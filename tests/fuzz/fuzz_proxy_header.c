/* Headers of the PROXY protocol: what is accepted has one meaning. It means the same
 * without the bytes behind it, with others behind it, and as a plain line of version 1;
 * no shorter piece of it is accepted. Input: the bytes of a connection. */
#include "base/mem.h"
#include "fuzz.h"
#include "proto/proxy_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
check_empty(const struct proxy_header *h)
{
    static const struct addr none;
    MUST(h->length == 0 && h->fault != NULL && h->port == 0 && !h->secure);
    MUST(addr_equal(&h->addr, &none) && h->authority[0] == '\0');
}

static void
check_same(const struct proxy_header *a, const struct proxy_header *b)
{
    MUST(addr_equal(&a->addr, &b->addr) && a->port == b->port);
    MUST(a->secure == b->secure && strcmp(a->authority, b->authority) == 0);
}

/* The client of h as a line of version 1. */
static void
check_plain(const struct proxy_header *h)
{
    char line[200], addr[ADDR_TEXT];
    struct proxy_header again;
    addr_format(&h->addr, addr, sizeof addr);
    bool is_v4 = addr_is_v4(&h->addr);
    int n = snprintf(line, sizeof line, "PROXY %s %s %s %u 6667\r\n",
                     is_v4 ? "TCP4" : "TCP6", addr, is_v4 ? "10.0.0.2" : "2001:db8::2",
                     (unsigned)h->port);
    MUST(n <= 107);
    MUST(proxy_header_parse((uint8_t *)line, (size_t)n, &again) == PROXY_HEADER_CLIENT);
    MUST(addr_equal(&h->addr, &again.addr) && h->port == again.port);
}

static void
check_accepted(const uint8_t *bytes, size_t n, enum proxy_header_kind kind,
               const struct proxy_header *h)
{
    struct proxy_header again;
    MUST(h->length <= n && h->length <= PROXY_HEADER_MAX && h->fault == NULL);
    uint8_t *alone = xmalloc(h->length + 1); /* read behind: the sanitizer sees it */
    memcpy(alone, bytes, h->length);
    alone[h->length] = '\n';
    MUST(proxy_header_parse(alone, h->length, &again) == kind);
    check_same(h, &again);
    MUST(proxy_header_parse(alone, h->length + 1, &again) == kind);
    check_same(h, &again);
    for (size_t i = 0; i < h->length; i++) {
        MUST(proxy_header_parse(bytes, i, &again) == PROXY_HEADER_PARTIAL);
        check_empty(&again);
    }
    free(alone);
}

int
fuzz_proxy_header(const uint8_t *bytes, size_t n)
{
    struct proxy_header h;
    enum proxy_header_kind kind = proxy_header_parse(bytes, n, &h);
    if (kind == PROXY_HEADER_BROKEN || kind == PROXY_HEADER_PARTIAL) {
        check_empty(&h);
        return 0;
    }
    check_accepted(bytes, n, kind, &h);
    if (kind == PROXY_HEADER_CLIENT)
        check_plain(&h);
    return 0;
}
