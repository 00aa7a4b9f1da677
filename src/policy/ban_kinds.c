/* The kinds of bans, one row each: names, right form, and how a mask of it is read.
 *
 * Everything else about a ban is the same for all kinds and stands in ban.c. */
#include "base/str.h"
#include "policy/ban.h"
#include "policy/privs.h"

static void
kline_of_address(const struct addr *addr, char *out, size_t size)
{
    char text[ADDR_TEXT];
    addr_format(addr, text, sizeof text);
    str_format(out, size, "*@%s", text);
}

static void
dline_of_address(const struct addr *addr, char *out, size_t size)
{
    addr_format(addr, out, size);
}

/* An address or a CIDR; listed without a user part. */
static bool
dline_parse(const char *text, struct mask *out, char *err, size_t errlen)
{
    struct prefix prefix;
    char full[MASK_TEXT], canonical[PREFIX_TEXT];
    if (strlen(text) >= PREFIX_TEXT) {
        str_format(err, errlen, "'%.60s' is too long for an address or a CIDR", text);
        return false;
    }
    if (!prefix_parse(text, &prefix, err, errlen))
        return false;
    prefix_format(&prefix, canonical, sizeof canonical);
    str_format(full, sizeof full, "*@%s", canonical);
    if (!mask_parse_strict(full, out, err, errlen))
        return false;
    str_format(out->text, sizeof out->text, "%s", canonical);
    return true;
}

const struct ban_kind_row ban_kinds[BAN_KINDS] = {
    [BAN_KLINE] = {.name = "K-line",
                   .set = "KLINE",
                   .unset = "UNKLINE",
                   .letter = 'K',
                   .priv = PRIV_kline,
                   .example = "KLINE 1h *@192.0.2.7 :spam",
                   .parse = mask_parse_strict,
                   .of_address = kline_of_address},
    [BAN_DLINE] = {.name = "D-line",
                   .set = "DLINE",
                   .unset = "UNDLINE",
                   .letter = 'D',
                   .priv = PRIV_dline,
                   .example = "DLINE 1d 192.0.2.0/24 :open proxies",
                   .parse = dline_parse,
                   .of_address = dline_of_address},
};
