/* The kinds of bans, one row each: names, form of a mask, parser, matcher.
 *
 * The mask of a K-line or D-line matches connections. The mask of a RESV or an X-line
 * is one glob for one text; it is kept as the host of the mask, so that one index
 * serves all kinds. Code that is the same for all kinds is in ban.c. */
#include "policy/ban/ban.h"

#include "base/str.h"
#include "policy/privs.h"
#include "proto/name.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"

static void
kline_of_host(const struct prefix *host, char *out, size_t size)
{
    char text[PREFIX_TEXT];
    prefix_format(host, text, sizeof text);
    str_format(out, size, "*@%s", text);
}

static void
dline_of_host(const struct prefix *host, char *out, size_t size)
{
    prefix_format(host, out, size);
}

/* An address or a CIDR. It is listed without a user part. */
static bool
dline_parse(const char *text, struct mask *out, char *err, size_t errlen)
{
    struct prefix prefix;
    char full[MASK_TEXT], canonical[PREFIX_TEXT];
    if (strlen(text) >= PREFIX_TEXT) {
        str_format(err, errlen, "'%s' is too long for an address or a CIDR",
                   SHOWN(text));
        return false;
    }
    if (!prefix_parse(text, &prefix, err, errlen))
        return false;
    prefix_word(&prefix, canonical, sizeof canonical);
    str_format(full, sizeof full, "*@%s", canonical);
    if (!mask_parse_strict(full, out, err, errlen))
        return false;
    str_format(out->text, sizeof out->text, "%s", canonical);
    return true;
}

static bool
covers_connection(const struct mask *mask, const struct client *c)
{
    char address[ADDR_TEXT];
    struct mask_subject subject;
    if (mask->is_prefix && !prefix_match(&mask->prefix, &c->session->addr))
        return false; /* fast: most clients need no texts when a ban is set */
    client_subject(c, address, sizeof address, &subject);
    return mask_match(mask, &subject);
}

static void
clients_breadth(struct server *srv, enum ban_kind kind, const struct mask *mask,
                struct ban_breadth *out)
{
    out->covered = ban_count(srv, kind, mask);
    out->of = srv->n_local;
    out->what = ban_kinds[kind].what;
}

static bool
is_channel_text(const char *text)
{
    return text[0] == '#';
}

/* A mask of nicks never matches a channel: "*money*" does not match "#money". */
static bool
resv_match(const struct mask *mask, const struct mask_subject *subject)
{
    return is_channel_text(mask->host) == is_channel_text(subject->host) &&
           mask_glob(mask->host, subject->host);
}

static bool
resv_covers(const struct mask *mask, const struct client *c)
{
    if (!is_channel_text(mask->host))
        return mask_glob(mask->host, c->user.nick);
    for (uint32_t i = 0; i < c->user.njoined; i++)
        if (mask_glob(mask->host, c->user.joined[i].chan->name))
            return true;
    return false;
}

static void
resv_breadth(struct server *srv, enum ban_kind kind, const struct mask *mask,
             struct ban_breadth *out)
{
    if (!is_channel_text(mask->host)) {
        clients_breadth(srv, kind, mask, out);
        return;
    }
    *out = (struct ban_breadth){0, srv->n_channels, "channels"};
    for (const struct channel *chan = srv->channels; chan; chan = chan->hh.next)
        out->covered += mask_glob(mask->host, chan->name);
}

/* True if the mask could match a nick. The test nick has a letter for each '?', nothing
 * for each '*', and a letter for a '*' in the first place. */
static bool
is_nick_mask(const char *text)
{
    char nick[NAME_NICK_MAX + 2];
    size_t n = 0;
    for (; *text; text++) {
        if (n > NAME_NICK_MAX)
            return false;
        if (*text != '*' || n == 0)
            nick[n++] = *text == '*' || *text == '?' ? 'a' : *text;
    }
    nick[n] = '\0';
    return name_is_nick(nick, NAME_NICK_MAX);
}

/* Wildcards are valid in the name of a channel, so a channel mask is a channel name. */
static bool
resv_parse(const char *text, struct mask *out, char *err, size_t errlen)
{
    bool ok = is_channel_text(text) ? name_is_channel(text) : is_nick_mask(text);
    if (ok && mask_from_glob(text, text, out))
        return true;
    str_format(err, errlen,
               "\"%s\" can be no nick and no channel: expected a nick or a channel, "
               "* and ? in it as wildcards (Guest*, #warez*)",
               SHOWN(text));
    return false;
}

static bool
xline_match(const struct mask *mask, const struct mask_subject *subject)
{
    return mask_glob(mask->host, subject->host);
}

static bool
xline_covers(const struct mask *mask, const struct client *c)
{
    return mask_glob(mask->host, c->user.realname);
}

static bool
xline_refuse(const char *text, const char *why, char *err, size_t errlen)
{
    str_format(err, errlen,
               "\"%s\" %s: expected a real name with * and ? as wildcards and \\s "
               "for a blank (*free\\smoney*)",
               SHOWN(text), why);
    return false;
}

/* Reads one byte of an X-line's text, which may be written as two. Returns the rest of
 * the text, or NULL if the byte is not allowed. */
static const char *
xline_read_byte(const char *at, char *byte)
{
    *byte = *at;
    if (*at == '\\') {
        *byte = at[1] == 's' ? ' ' : '\\';
        return at[1] == 's' || at[1] == '\\' ? at + 2 : NULL;
    }
    return (unsigned char)*at < ' ' || *at == 0x7F ? NULL : at + 1;
}

/* Real names hold blanks and parameters do not: a blank is listed as \s, and \ as \\.
 */
static bool
xline_parse(const char *text, struct mask *out, char *err, size_t errlen)
{
    char glob[MASK_TEXT], listed[MASK_TEXT], byte;
    struct str g, l;
    str_init(&g, glob, sizeof glob);
    str_init(&l, listed, sizeof listed);
    if (*text == '\0')
        return xline_refuse(text, "is empty", err, errlen);
    if (*text == ':')
        return xline_refuse(text, "begins with a colon (write ? for it)", err, errlen);
    for (const char *at = text; *at;) {
        if ((at = xline_read_byte(at, &byte)) == NULL)
            return xline_refuse(
                text, "has a control character or a \\ before neither s nor \\", err,
                errlen);
        str_addc(&g, byte);
        str_add(&l, byte == ' ' ? "\\s" : byte == '\\' ? "\\\\" : (char[]){byte, 0});
    }
    if (g.cut || l.cut || !mask_from_glob(glob, listed, out))
        return xline_refuse(text, "is too long", err, errlen);
    return true;
}

const struct ban_kind_row ban_kinds[BAN_KINDS] = {
    [BAN_KLINE] = {.name = "K-line",
                   .set = "KLINE",
                   .unset = "UNKLINE",
                   .set_event = EVENT_kline,
                   .unset_event = EVENT_unkline,
                   .letter = 'K',
                   .stats = "Kk",
                   .priv = PRIV_kline,
                   .expected = "a nick, user@host, an address or a CIDR",
                   .example = "KLINE 1h *@192.0.2.7 :spam",
                   .what = "clients",
                   .setter = "yourself, and would refuse your next connection",
                   .parse = mask_parse_strict,
                   .of_host = kline_of_host,
                   .match = mask_match,
                   .covers = covers_connection,
                   .breadth = clients_breadth},
    [BAN_DLINE] = {.name = "D-line",
                   .set = "DLINE",
                   .unset = "UNDLINE",
                   .set_event = EVENT_dline,
                   .unset_event = EVENT_undline,
                   .letter = 'D',
                   .stats = "Dd",
                   .priv = PRIV_dline,
                   .expected = "a nick, an address or a CIDR",
                   .example = "DLINE 1d 192.0.2.0/24 :open proxies",
                   .what = "clients",
                   .setter = "yourself, and would refuse your next connection",
                   .at_accept = true,
                   .parse = dline_parse,
                   .of_host = dline_of_host,
                   .match = mask_match,
                   .covers = covers_connection,
                   .breadth = clients_breadth},
    [BAN_RESV] = {.name = "RESV",
                  .set = "RESV",
                  .unset = "UNRESV",
                  .set_event = EVENT_resv,
                  .unset_event = EVENT_unresv,
                  .letter = 'Q',
                  .stats = "qq",
                  .priv = PRIV_resv,
                  .expected = "a nick or a channel, with wildcards",
                  .example = "RESV 1d #warez* :not here",
                  .what = "nicks",
                  .setter = "your own nick, or a channel you are on",
                  .stay = {"client uses it and keeps it", "clients use it and keep it"},
                  .is_narrow_if_literal = true,
                  .parse = resv_parse,
                  .match = resv_match,
                  .covers = resv_covers,
                  .breadth = resv_breadth},
    [BAN_XLINE] = {.name = "X-line",
                   .set = "XLINE",
                   .unset = "UNXLINE",
                   .set_event = EVENT_xline,
                   .unset_event = EVENT_unxline,
                   .letter = 'X',
                   .stats = "xx",
                   .priv = PRIV_xline,
                   .expected = "a real name, with wildcards",
                   .example = "XLINE 1d *free\\smoney* :spam (\\s is a blank)",
                   .blank = ", a blank in the mask is written \\s",
                   .what = "real names",
                   .setter =
                       "your own real name, and would refuse your next connection",
                   .stay = {"client matches and stays", "clients match and stay"},
                   .parse = xline_parse,
                   .match = xline_match,
                   .covers = xline_covers,
                   .breadth = clients_breadth},
};

/* The kinds with masks of hosts. */
static const enum ban_kind of_hosts[] = {BAN_KLINE, BAN_DLINE};

bool
ban_is_of_hosts(enum ban_kind kind)
{
    for (size_t i = 0; i < sizeof of_hosts / sizeof *of_hosts; i++)
        if (of_hosts[i] == kind)
            return true;
    return false;
}
