/* Globs over addresses. A mask with wildcards is compared with the text of an address,
 * so a glob is judged by the way addresses are written: "2001:*" covers a /16, and
 * "2001:0db8:*" matches no address, because addresses have no leading zeros. This file
 * must never report a glob as narrower than it is. */
#include "proto/addr_glob.h"

#include "base/str.h"

#include <string.h>

#define V4_BYTES "0123456789."
#define V6_BYTES "0123456789abcdefABCDEF:"
#define WILD "*?"

static bool
consists_of(const char *glob, const char *bytes)
{
    glob += strspn(glob, bytes);
    while (*glob && strchr(WILD, *glob))
        glob += 1 + strspn(glob + 1, bytes);
    return *glob == '\0';
}

/* The IPv4 part of a glob that is written as mapped IPv6; any other glob itself. */
static const char *
skip_mapped(const char *glob)
{
    static const char mapped[] = "::ffff:";
    for (size_t i = 0; mapped[i]; i++)
        if (glob[i] == '\0' || (mapped[i] != ':' && (glob[i] | 0x20) != 'f') ||
            (mapped[i] == ':' && glob[i] != ':'))
            return glob;
    const char *rest = glob + sizeof mapped - 1;
    return strchr(rest, '.') ? rest : glob;
}

/* True for "*" and for several "*" with single separators between them. */
static bool
is_all_stars(const char *at, char separator)
{
    if (*at != '*')
        return false;
    for (; *at; at++)
        if (*at != '*' && (*at != separator || at[1] != '*'))
            return false;
    return true;
}

/* Reads a number of at most `most` digits and the separator behind it. Returns the
 * place behind the separator; NULL: there is no such number. */
static const char *
take_number(const char *at, unsigned base, int most, char separator, unsigned *number)
{
    int digits = 0;
    *number = 0;
    for (; str_hex_digit(*at) >= 0 && (unsigned)str_hex_digit(*at) < base;
         at++, digits++)
        *number = *number * base + (unsigned)str_hex_digit(*at);
    return digits > 0 && digits <= most && *at == separator ? at + 1 : NULL;
}

static bool
read_v4_prefix(const char *at, struct prefix *out)
{
    struct addr a = {.ip = {[10] = 0xFF, [11] = 0xFF}};
    unsigned n = 0, number;
    for (const char *next; n < 3; at = next, n++) {
        bool padded = at[0] == '0' && at[1] != '.';
        if ((next = take_number(at, 10, 3, '.', &number)) == NULL || padded ||
            number > 255)
            break;
        a.ip[12 + n] = (uint8_t)number;
    }
    if (n == 0 || !is_all_stars(at, '.'))
        return false;
    addr_prefix(&a, 8 * n, 0, out);
    return true;
}

static bool
read_v6_prefix(const char *at, struct prefix *out)
{
    struct addr a = {{0}};
    unsigned n = 0, number;
    for (const char *next;
         n < 7 && (next = take_number(at, 16, 4, ':', &number)) != NULL;
         at = next, n++) {
        a.ip[2 * n] = (uint8_t)(number >> 8);
        a.ip[2 * n + 1] = (uint8_t)number;
    }
    if (n == 0 || !is_all_stars(at, ':'))
        return false;
    addr_prefix(&a, 0, 16 * n, out);
    return true;
}

bool
addr_glob_prefix(const char *glob, struct prefix *out)
{
    return read_v4_prefix(skip_mapped(glob), out) || read_v6_prefix(glob, out);
}

bool
addr_glob_respelled(const char *glob, struct prefix *out)
{
    return strchr(glob, ':') && addr_glob_prefix(glob, out);
}

/* The leading bits that two numbers of `bits` bits share. */
static int
count_shared_bits(unsigned a, unsigned b, int bits)
{
    int n = 0;
    while (n < bits && ((a ^ b) >> (bits - 1 - n)) == 0)
        n++;
    return n;
}

/* The leading bits that all numbers from 0 to 255 share if their text begins with the
 * digits; -1: no number does. */
static int
count_octet_bits(const char *digits, size_t n)
{
    unsigned first = 256, last = 0;
    for (unsigned value = 0; value < 256; value++) {
        char text[4];
        str_format(text, sizeof text, "%u", value);
        if (strncmp(text, digits, n) != 0)
            continue;
        first = first < value ? first : value;
        last = value;
    }
    return first > 255 ? -1 : count_shared_bits(first, last, 8);
}

static int
find_v4_length(const char *glob)
{
    unsigned number;
    int bits = 0;
    const char *next;
    while ((next = take_number(glob, 10, 3, '.', &number)) != NULL) {
        if (number > 255 || (glob[0] == '0' && glob[1] != '.') || bits == 24)
            return -1;
        bits += 8;
        glob = next;
    }
    int more = count_octet_bits(glob, strcspn(glob, WILD));
    return more < 0 ? -1 : bits + more;
}

/* The same for a group of IPv6, which has no leading zeros; -1: the digits are no
 * group. */
static int
count_group_bits(const char *digits, size_t n)
{
    unsigned low = 0, high;
    if (n == 0)
        return 0;
    if (n > 4 || (digits[0] == '0' && n > 1))
        return -1;
    for (size_t i = 0; i < n; i++) {
        int digit = str_hex_digit(digits[i]);
        if (digit < 0)
            return -1;
        low = 16 * low + (unsigned)digit;
    }
    high = low;
    for (size_t i = n; low > 0 && i < 4; i++)
        high = 16 * high + 15;
    return count_shared_bits(low, high, 16);
}

static int
find_v6_length(const char *glob)
{
    unsigned number;
    int bits = 0;
    const char *next;
    if (*glob == ':') /* a "::", maybe with a wildcard for its second colon */
        return strchr(":" WILD, glob[1]) ? 32 : -1;
    while ((next = take_number(glob, 16, 4, ':', &number)) != NULL) {
        if ((glob[0] == '0' && glob[1] != ':') || bits == 112)
            return -1;
        bits += 16;
        glob = next;
    }
    if (*glob == ':') /* the second colon of "::": at least two groups are zero */
        return bits + 32 < 128 ? bits + 32 : 128;
    int more = count_group_bits(glob, strcspn(glob, WILD));
    return more < 0 ? -1 : bits + more;
}

bool
addr_glob_lengths(const char *glob, int *v4, int *v6)
{
    bool any = strpbrk(glob, "0123456789abcdefABCDEF") != NULL;
    *v4 = any && consists_of(glob, V4_BYTES) ? find_v4_length(glob) : -1;
    *v6 = any && consists_of(glob, V6_BYTES) ? find_v6_length(glob) : -1;
    return *v4 >= 0 || *v6 >= 0;
}

/* True if a number begins with a zero and has more digits. */
static bool
has_leading_zero(const char *at)
{
    return at[0] == '0' && str_hex_digit(at[1]) >= 0;
}

/* The address that begins with the numbers of a glob, up to its first wildcard; the
 * rest is 0. */
static void
read_first_v4(const char *at, struct addr *out)
{
    *out = (struct addr){.ip = {[10] = 0xFF, [11] = 0xFF}};
    for (int i = 12; i < 16 && *at; i++) {
        unsigned number = 0;
        for (; *at >= '0' && *at <= '9'; at++)
            number = 10 * number + (unsigned)(*at - '0');
        out->ip[i] = (uint8_t)number;
        if (*at++ != '.')
            return;
    }
}

/* The same for IPv6. Numbers behind "::" are ignored, because addr_glob_lengths ignores
 * them. */
static void
read_first_v6(const char *at, struct addr *out)
{
    *out = (struct addr){{0}};
    for (int i = 0; i < 16 && *at; i += 2) {
        unsigned number = 0;
        for (; str_hex_digit(*at) >= 0; at++)
            number = 16 * number + (unsigned)str_hex_digit(*at);
        out->ip[i] = (uint8_t)(number >> 8);
        out->ip[i + 1] = (uint8_t)number;
        if (*at != ':' || at[1] == ':')
            return;
        at++;
    }
}

bool
addr_glob_lies_in(const char *glob, const struct prefix *p)
{
    int v4, v6;
    struct addr first;
    if (!addr_glob_lengths(glob, &v4, &v6) || (v4 >= 0 && v6 >= 0))
        return false;
    if (v4 >= 0)
        read_first_v4(glob, &first);
    else
        read_first_v6(glob, &first);
    int bits = v4 >= 0 ? 96 + v4 : v6;
    return (int)p->bits <= bits && prefix_match(p, &first);
}

/* The fault in the numbers of a glob, as a part of a sentence; NULL: there is none. */
static const char *
find_number_fault(const char *glob, const char *separator, bool v4)
{
    int labels = 0;
    bool was_zero = false, was_empty = false;
    const char *gap = strstr(glob, "::");
    if (gap && strstr(gap + 1, "::"))
        return "has :: twice";
    while (*glob) {
        size_t n = strcspn(glob, separator), digits = strspn(glob, V6_BYTES);
        unsigned number = 0;
        bool whole = digits >= n && n > 0; /* without a wildcard */
        for (size_t i = 0; i < n && i < 4 && whole && v4; i++)
            number = 10 * number + (unsigned)str_hex_digit(glob[i]);
        if (has_leading_zero(glob))
            return "has a number with a zero in front";
        labels += v4 || n > 0;
        if (number > 255 || (whole && n > (v4 ? 3U : 4U)) || labels > (v4 ? 4 : 8))
            return "has a number too many or one that is too large";
        bool zero = n == 1 && *glob == '0';
        if (!v4 && ((zero && (was_zero || was_empty)) || (n == 0 && was_zero)))
            return "has zero groups in a row, which are written as ::";
        was_zero = zero;
        was_empty = n == 0;
        glob += n + (glob[n] != '\0');
    }
    return NULL;
}

/* Writes the glob without the leading zeros of its numbers. */
static void
strip_zeros(const char *glob, const char *separator, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    while (*glob) {
        while (has_leading_zero(glob))
            glob++;
        size_t n = strcspn(glob, separator);
        n += glob[n] != '\0';
        str_addn(&s, glob, n);
        glob += n;
    }
}

void
addr_glob_spell(char *glob)
{
    char spelled[ADDR_GLOB_TEXT];
    if (!strchr(glob, ':') || !strpbrk(glob, WILD) || !consists_of(glob, V6_BYTES) ||
        strlen(glob) >= sizeof spelled)
        return;
    strip_zeros(glob, ":", spelled, sizeof spelled);
    memcpy(glob, spelled, strlen(spelled) + 1);
}

bool
addr_glob_fault(const char *glob, char *err, size_t errlen)
{
    bool v4 =
        strchr(glob, '.') && consists_of(glob, V4_BYTES) && strpbrk(glob, "0123456789");
    bool v6 = strchr(glob, ':') && consists_of(glob, V6_BYTES);
    const char *separator = v4 ? "." : ":";
    char spelled[ADDR_GLOB_TEXT];
    if (!v4 && !v6)
        return false;
    const char *why = find_number_fault(glob, separator, v4);
    if (why == NULL)
        return false;
    strip_zeros(glob, separator, spelled, sizeof spelled);
    bool again = find_number_fault(spelled, separator, v4) != NULL;
    str_format(err, errlen, "\"%s\" %s, so it matches no address: expected %s",
               SHOWN(glob), why,
               !again ? SHOWN(spelled)
               : v4   ? "four numbers up to 255, or a CIDR (192.0.2.0/24)"
                      : "a CIDR (2001:db8::/64)");
    return true;
}
