/* Addresses as sixteen bytes, IPv4 mapped into IPv6, so that a ban on one form holds
 * for the other. They are parsed here and strictly: libc accepts octal, hexadecimal and
 * short forms ("0x7f.1") in places, and a ban on such a text would be ambiguous. This
 * file must never call a resolver or a socket function, nor accept a text that two
 * readers can read differently. */
#include "base/addr.h"

#include "base/str.h"

#include <string.h>

#define V4_START 96 /* bits in front of a mapped IPv4 address */

/* the first bytes of a mapped IPv4 address */
static const uint8_t mapped[V4_START / 8] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/* Parses a dotted quad and nothing behind it. */
static bool
parse_quad(const char *text, uint8_t out[4])
{
    const char *p = text;

    for (int i = 0; i < 4; i++) {
        unsigned n = 0;
        int digits = 0;

        for (; *p >= '0' && *p <= '9'; p++) {
            if (++digits > 3 || (digits == 2 && n == 0))
                return false;
            n = n * 10 + (unsigned)(*p - '0');
        }
        if (digits == 0 || n > 255 || *p++ != (i < 3 ? '.' : '\0'))
            return false;
        out[i] = (uint8_t)n;
    }
    return true;
}

/* Reads 1 to 4 hexadecimal digits. */
static bool
parse_group(const char **p, uint8_t out[2])
{
    unsigned n = 0;
    int digits = 0;

    for (; str_hex_digit(**p) >= 0; (*p)++) {
        if (++digits > 4)
            return false;
        n = n * 16 + (unsigned)str_hex_digit(**p);
    }
    out[0] = (uint8_t)(n >> 8);
    out[1] = (uint8_t)(n & 0xFF);
    return digits > 0;
}

/* Reads groups with colons between them, up to the end of the text or to "::", of which
 * the second colon is left at *text. A dotted quad may be the last group. Returns the
 * bytes of the groups; -1: they are not valid. */
static int
parse_groups(const char **text, uint8_t out[16], bool *quad)
{
    const char *p = *text;
    int n = 0;

    while (*p != '\0') {
        if (n <= 12 && parse_quad(p, out + n)) {
            *quad = true;
            p += strlen(p);
            n += 4;
            break;
        }
        if (n > 14 || !parse_group(&p, out + n))
            return -1;
        n += 2;
        if (*p == '\0')
            break;
        if (*p != ':' || p[1] == '\0')
            return -1;
        p++;
        if (*p == ':')
            break; /* the second colon of "::" */
    }
    *text = p;
    return n;
}

/* Parses IPv6 as in RFC 4291 2.2. */
static bool
parse_v6(const char *text, uint8_t out[16])
{
    static const uint8_t zero[12];
    uint8_t left[16] = {0}, right[16] = {0};
    bool quad = false;
    int before = 0, after = 0;

    if (text[0] == ':' && text[1] == ':')
        text++;
    else
        before = parse_groups(&text, left, &quad);
    if (before < 0)
        return false;
    if (*text == ':') {
        text++;
        after = parse_groups(&text, right, &quad);
        if (after < 0 || *text != '\0' || before + after > 14)
            return false;
    } else if (before != 16) {
        return false;
    }
    memcpy(left + 16 - after, right, (size_t)after);
    if (quad && memcmp(left, zero, sizeof(zero)) == 0)
        return false; /* "compatible", 2.5.5.1 */
    memcpy(out, left, 16);
    return true;
}

bool
addr_parse(const char *text, struct addr *out)
{
    uint8_t quad[4];

    if (strchr(text, ':') != NULL)
        return parse_v6(text, out->ip);
    if (!parse_quad(text, quad))
        return false;
    memcpy(out->ip, mapped, sizeof mapped);
    memcpy(out->ip + sizeof mapped, quad, sizeof quad);
    return true;
}

static unsigned
get_group(const struct addr *a, int i)
{
    return (unsigned)a->ip[2 * i] << 8 | a->ip[2 * i + 1];
}

/* Finds the longest run of two or more zero groups, the first of equal ones. Returns
 * its length; 0: there is none. */
static int
find_longest_zeros(const struct addr *a, int *start)
{
    int best = 1;

    *start = 8;
    for (int i = 0, run = 0; i < 8; i++) {
        run = get_group(a, i) == 0 ? run + 1 : 0;
        if (run > best) {
            best = run;
            *start = i - run + 1;
        }
    }
    return *start < 8 ? best : 0;
}

void
addr_format(const struct addr *a, char *out, size_t size)
{
    struct str s;
    int start, zeros;

    str_init(&s, out, size);
    if (addr_is_v4(a)) {
        /* without printf: it runs several times for each connection */
        for (int i = 12; i < 16; i++) {
            if (i > 12)
                str_addc(&s, '.');
            str_addu(&s, a->ip[i], 0);
        }
        return;
    }
    zeros = find_longest_zeros(a, &start);
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            str_add(&s, "::");
            i += zeros - 1;
            continue;
        }
        if (i > 0 && i != start + zeros)
            str_addc(&s, ':');
        str_addf(&s, "%x", get_group(a, i));
    }
}

bool
addr_is_v4(const struct addr *a)
{
    return memcmp(a->ip, mapped, sizeof mapped) == 0;
}

bool
addr_is_loopback(const struct addr *a)
{
    static const uint8_t one[16] = {[15] = 1};
    return addr_is_v4(a) ? a->ip[12] == 127 : memcmp(a->ip, one, sizeof one) == 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
    return memcmp(a->ip, b->ip, 16) == 0;
}

static void
make_prefix(const struct addr *a, unsigned bits, struct prefix *out)
{
    out->addr = *a;
    out->bits = (uint8_t)bits;
    for (unsigned i = bits / 8; i < 16; i++) {
        unsigned keep = i == bits / 8 ? bits % 8 : 0;

        out->addr.ip[i] &= (uint8_t)(0xFF00u >> keep);
    }
}

void
addr_prefix(const struct addr *a, unsigned v4, unsigned v6, struct prefix *out)
{
    unsigned bits = addr_is_v4(a) ? V4_START + (v4 < 32 ? v4 : 32) : v6;

    make_prefix(a, bits < 128 ? bits : 128, out);
}

bool
prefix_parse(const char *text, struct prefix *out, char *err, size_t errlen)
{
    const char *slash = strchr(text, '/');
    size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
    bool dotted = memchr(text, ':', n) == NULL;
    char head[ADDR_TEXT];
    uint64_t bits, least = 0, most = dotted ? 32 : 128;
    struct addr a;

    str_format(head, sizeof(head), "%.*s", n < sizeof(head) ? (int)n : 0, text);
    if (!addr_parse(head, &a)) {
        str_format(err, errlen,
                   "\"%s\" is not an address: expected a.b.c.d or IPv6, "
                   "optionally with /length",
                   SHOWN(text));
        return false;
    }
    if (!dotted && addr_is_v4(&a))
        least = V4_START;
    bits = most;
    if (slash != NULL && !str_to_uint(slash + 1, least, most, &bits)) {
        str_format(err, errlen, "\"%s\" has a bad prefix length: expected /%u to /%u",
                   SHOWN(text), (unsigned)least, (unsigned)most);
        return false;
    }
    make_prefix(&a, (unsigned)bits + (dotted ? V4_START : 0), out);
    return true;
}

/* True if all addresses in the prefix are IPv4. */
static bool
is_v4_prefix(const struct prefix *p)
{
    return p->bits >= V4_START && addr_is_v4(&p->addr);
}

void
prefix_format(const struct prefix *p, char *out, size_t size)
{
    char text[ADDR_TEXT];

    addr_format(&p->addr, text, sizeof(text));
    if (p->bits >= 128)
        str_format(out, size, "%s", text);
    else
        str_format(out, size, "%s/%u", text, prefix_length(p));
}

void
prefix_word(const struct prefix *p, char *out, size_t size)
{
    char text[PREFIX_TEXT];

    prefix_format(p, text, sizeof(text));
    str_format(out, size, "%s%s", text[0] == ':' ? "0" : "", text);
}

bool
prefix_match(const struct prefix *p, const struct addr *a)
{
    unsigned whole = p->bits / 8, rest = p->bits % 8;

    if (memcmp(p->addr.ip, a->ip, whole) != 0)
        return false;
    if (rest > 0 &&
        ((p->addr.ip[whole] ^ a->ip[whole]) & (0xFF00u >> rest) & 0xFF) != 0)
        return false;
    return p->bits >= V4_START || !addr_is_v4(a);
}

unsigned
prefix_length(const struct prefix *p)
{
    return is_v4_prefix(p) ? p->bits - V4_START : p->bits;
}
