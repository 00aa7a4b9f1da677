/* The breadth of masks, and the limit above which a mask needs FORCE.
 *
 * A mask of addresses is judged by the length of its prefix. If it is a glob, the
 * length is that of the shortest prefix that covers all addresses it can match. Any
 * other mask is judged by its number of letters and digits. Each mask is also too broad
 * if it covers its setter, or more than three and more than half of all clients (of all
 * channels, for a RESV of channel names). */
#include "base/str.h"
#include "policy/ban/ban.h"
#include "proto/addr_glob.h"
#include "state/client.h"
#include "state/server.h"

#include <string.h>

#define LITERALS_MIN 4
#define PREFIX_MIN_V4 16
#define PREFIX_MIN_V6 32

static bool
is_short_prefix(const struct mask *mask, char *why, size_t size)
{
    bool v4 = addr_is_v4(&mask->prefix.addr) && mask->prefix.bits >= 96;
    unsigned least = v4 ? PREFIX_MIN_V4 : PREFIX_MIN_V6;
    str_format(why, size, "its prefix is shorter than /%u", least);
    return prefix_length(&mask->prefix) < least;
}

/* True if the host of a mask is a glob that can match addresses. Sets *is_short if it
 * matches more addresses than the shortest prefix that may be banned. */
static bool
is_addr_glob(const struct mask *mask, bool *is_short, char *why, size_t size)
{
    int v4, v6;
    if (!addr_glob_lengths(mask->host, &v4, &v6))
        return false;
    bool v4_short = v4 >= 0 && v4 < PREFIX_MIN_V4;
    *is_short = v4_short || (v6 >= 0 && v6 < PREFIX_MIN_V6);
    str_format(why, size, "it amounts to %s prefix of /%d, shorter than /%d",
               v4_short ? "an IPv4" : "an IPv6", v4_short ? v4 : v6,
               v4_short ? PREFIX_MIN_V4 : PREFIX_MIN_V6);
    return true;
}

static bool
has_few_letters(const struct ban_kind_row *row, const struct mask *mask)
{
    if (row->is_narrow_if_literal && strpbrk(mask->host, "*?") == NULL)
        return false;
    return mask_literals(mask) < LITERALS_MIN;
}

bool
ban_is_broad(enum ban_kind kind, const struct mask *mask, char *why, size_t size)
{
    bool is_short = false;
    if (mask->is_prefix)
        return is_short_prefix(mask, why, size);
    if (ban_is_of_hosts(kind) && is_addr_glob(mask, &is_short, why, size))
        return is_short;
    str_format(why, size, "it has fewer than %d letters or digits", LITERALS_MIN);
    return has_few_letters(&ban_kinds[kind], mask);
}

bool
ban_too_broad(struct server *srv, enum ban_kind kind, const struct mask *mask,
              const struct client *setter, char *why, size_t size)
{
    const struct ban_kind_row *row = &ban_kinds[kind];
    struct ban_breadth b;
    char form[160];
    if (ban_is_broad(kind, mask, form, sizeof form)) {
        str_format(why, size, "is too broad: %s", form);
        return true;
    }
    if (setter && row->covers(mask, setter)) {
        str_format(why, size, "covers %s", row->setter);
        return true;
    }
    row->breadth(srv, kind, mask, &b);
    str_format(why, size, "is too broad: it covers %zu of %zu %s", b.covered, b.of,
               b.what);
    return b.covered > 3 && b.covered * 2 > b.of;
}
