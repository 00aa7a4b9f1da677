/* X-Forwarded-For: the client is the last address that is not trusted; what is before it
 * changes nothing, and trusted proxies behind it change nothing. Input: a byte that says
 * which addresses are trusted, and a list. */
#include "base/mem.h"
#include "fuzz.h"
#include "proto/forwarded.h"

#include <stdlib.h>
#include <string.h>

/* ctx: a byte; an address is trusted if its last byte has none of its bits. */
static bool
trusts_by_bits(void *ctx, const struct addr *addr)
{
    return (addr->ip[15] & *(const uint8_t *)ctx) == 0;
}

static enum forwarded_kind
read_list(const char *list, size_t n, uint8_t mask, struct addr *out)
{
    char *exact = memcpy(xmalloc(n ? n : 1), list, n); /* an overread is seen */
    enum forwarded_kind kind =
        forwarded_list((struct http_text){exact, n}, trusts_by_bits, &mask, out);
    free(exact);
    return kind;
}

/* The list with `before` in front and `behind` at its end. */
static void
check_between(const char *before, const char *list, size_t n, const char *behind,
              uint8_t mask, enum forwarded_kind want, const struct addr *addr)
{
    size_t b = strlen(before), e = strlen(behind);
    char *joined = xmalloc(b + n + e);
    struct addr again;
    memcpy(joined, before, b);
    memcpy(joined + b, list, n);
    memcpy(joined + b + n, behind, e);
    MUST(read_list(joined, b + n + e, mask, &again) == want);
    MUST(addr_equal(&again, addr));
    free(joined);
}

int
fuzz_forwarded(const uint8_t *bytes, size_t n)
{
    static const struct addr none;
    struct addr addr, first;
    char text[ADDR_TEXT];
    if (n == 0)
        return 0;
    uint8_t mask = bytes[0];
    const char *list = (const char *)bytes + 1;
    enum forwarded_kind kind = read_list(list, n - 1, mask, &addr);
    MUST(kind != FORWARDED_NONE);
    /* A trusted address behind the list changes nothing. */
    check_between("", list, n - 1, ", 192.0.2.0", mask, kind, &addr);
    if (kind == FORWARDED_BROKEN) {
        MUST(addr_equal(&addr, &none));
        check_between("192.0.2.7, ", list, n - 1, "", mask, kind, &addr);
        return 0;
    }
    addr_format(&addr, text, sizeof text);
    MUST(read_list(text, strlen(text), mask, &first) == kind &&
         addr_equal(&addr, &first));
    MUST(trusts_by_bits(&mask, &addr) == (kind == FORWARDED_TRUSTED));
    if (kind == FORWARDED_CLIENT)
        check_between("x, 192.0.2.7,,", list, n - 1, "", mask, kind, &addr);
    else
        check_between("x, ", list, n - 1, "", mask, FORWARDED_BROKEN, &none);
    return 0;
}
