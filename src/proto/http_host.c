/* Names of hosts in requests.
 *
 * A browser sends the requests of any page that a user opens, with the user's network
 * behind it. Host and Origin are what tells a page of this server from a foreign one,
 * so a text that is not certainly a host is none. */
#include "proto/http_host.h"

#include "base/addr.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "proto/glob.h"
#include "proto/http_field.h"

#define HOST_BYTES 253 /* of a name of DNS at most (RFC 1035 2.3.4) */
#define ORIGIN_ROOM 320

/* Whether the text is a colon and a port, or empty. */
static bool
split_port(struct http_text text, uint16_t *port)
{
    char digits[6];
    uint64_t number = 0;
    *port = 0;
    if (text.n == 0)
        return true;
    struct http_text rest = {text.at + 1, text.n - 1};
    if (text.at[0] != ':' || !http_text_copy(rest, digits, sizeof digits) ||
        !str_to_uint(digits, 1, 65535, &number))
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool
is_bracketed_v6(struct http_text host)
{
    char text[ADDR_TEXT];
    struct addr addr;
    struct http_text inside = {host.at + 1, host.n - 2};
    return http_text_copy(inside, text, sizeof text) && strchr(text, ':') != NULL &&
           addr_parse(text, &addr);
}

static bool
is_host_byte(char c)
{
    return (c >= '0' && c <= '9') ||
           (casemap_fold(c) >= 'a' && casemap_fold(c) <= 'z') || c == '-' || c == '_' ||
           c == '.';
}

bool
http_host_split(struct http_text text, struct http_text *host, uint16_t *port)
{
    size_t n = 0;
    *host = text;
    if (text.n > 0 && text.at[0] == '[') {
        const char *end = memchr(text.at, ']', text.n);
        if (end == NULL)
            return false;
        n = (size_t)(end - text.at) + 1;
        host->n = n;
        return is_bracketed_v6(*host) &&
               split_port((struct http_text){text.at + n, text.n - n}, port);
    }
    while (n < text.n && is_host_byte(text.at[n]))
        n++;
    host->n = n;
    return n > 0 && n <= HOST_BYTES &&
           split_port((struct http_text){text.at + n, text.n - n}, port);
}

bool
http_host_is_local(const struct http_request *r, const char *const *names, size_t n)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "[::1]"};
    struct http_text host = http_text(r, r->host);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (http_text_is(host, own[i]))
            return true;
    for (size_t i = 0; i < n; i++)
        if (http_text_is(host, names[i]))
            return true;
    return false;
}

/* Whether the origin has the host and port of the request. */
static bool
is_own_origin(const struct http_request *r, const char *origin)
{
    static const struct {
        const char *scheme;
        uint16_t port;
    } schemes[] = {{"http://", 80}, {"https://", 443}};
    struct http_text own = http_text(r, r->host), host;
    uint16_t port;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].scheme);
        if (casemap_ncmp(origin, schemes[i].scheme, n) != 0)
            continue;
        uint16_t usual = schemes[i].port, own_port = r->port ? r->port : usual;
        struct http_text rest = {origin + n, strlen(origin + n)};
        return http_host_split(rest, &host, &port) &&
               (port ? port : usual) == own_port && host.n == own.n &&
               casemap_ncmp(host.at, own.at, own.n) == 0;
    }
    return false;
}

enum http_origin
http_origin(const struct http_request *r, const char *const *globs, size_t n)
{
    char origin[ORIGIN_ROOM];
    struct http_text value;
    if (!http_field(r, "origin", &value))
        return HTTP_ORIGIN_NONE;
    if (!http_text_copy(value, origin, sizeof origin))
        return HTTP_ORIGIN_FOREIGN;
    if (is_own_origin(r, origin))
        return HTTP_ORIGIN_SAME;
    for (size_t i = 0; i < n; i++)
        if (mask_glob(globs[i], origin))
            return HTTP_ORIGIN_LISTED;
    return HTTP_ORIGIN_FOREIGN;
}
