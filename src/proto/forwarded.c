/* Addresses that proxies name.
 *
 * The address decides which limits and bans a client meets. A client can write the
 * start of the list itself, so the list is read from its end and no further than to the
 * first address that is not that of a trusted proxy. */
#include "proto/forwarded.h"

#include "base/str.h"
#include "proto/http_field.h"
#include "proto/http_host.h"

#include <string.h>

/* Parses an address with brackets or a port. */
static bool
parse_host_addr(struct http_text text, struct addr *out)
{
    char plain[ADDR_TEXT];
    struct http_text host;
    uint16_t port;
    if (!http_host_split(text, &host, &port))
        return false;
    if (host.at[0] == '[') {
        host.at++;
        host.n -= 2;
    }
    return http_text_copy(host, plain, sizeof plain) && addr_parse(plain, out);
}

static bool
parse_forwarded_addr(struct http_text text, struct addr *out)
{
    char plain[ADDR_TEXT];
    if (http_text_copy(text, plain, sizeof plain) && addr_parse(plain, out))
        return true;
    return parse_host_addr(text, out);
}

/* Takes the last element of the list, without blanks; *has_more: there is one before
 * it. */
static struct http_text
take_last_element(struct http_text *list, bool *has_more)
{
    size_t start = list->n;
    while (start > 0 && list->at[start - 1] != ',')
        start--;
    struct http_text element = {list->at + start, list->n - start};
    *has_more = start > 0;
    list->n = start > 0 ? start - 1 : 0;
    return http_text_trim(element);
}

enum forwarded_kind
forwarded_list(struct http_text list, forwarded_trust *is_trusted, void *ctx,
               struct addr *out)
{
    for (bool has_more = true; has_more;) {
        if (!parse_forwarded_addr(take_last_element(&list, &has_more), out)) {
            *out = (struct addr){{0}};
            return FORWARDED_BROKEN;
        }
        if (!is_trusted(ctx, out))
            return FORWARDED_CLIENT;
    }
    return FORWARDED_TRUSTED;
}

enum forwarded_kind
forwarded_client(const struct http_request *r, forwarded_trust *is_trusted, void *ctx,
                 struct addr *out)
{
    enum forwarded_kind kind = FORWARDED_NONE;
    *out = (struct addr){{0}};
    for (unsigned i = r->fields_count; i-- > 0;) {
        if (!http_text_is(http_text(r, r->fields[i].name), "x-forwarded-for"))
            continue;
        kind = forwarded_list(http_text(r, r->fields[i].value), is_trusted, ctx, out);
        if (kind != FORWARDED_TRUSTED)
            return kind;
    }
    return kind;
}

bool
forwarded_is_secure(const struct http_request *r)
{
    struct http_text value, element, last = {"", 0};
    for (unsigned cursor = 0; http_field_next(r, "x-forwarded-proto", &cursor, &value);)
        while (http_list_next(&value, &element))
            last = element;
    return http_text_is(last, "https") || http_text_is(last, "wss");
}
