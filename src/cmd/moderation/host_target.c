/* Finds the host that a parameter of CHECK, STRIKE, STRIKES or PARDON names.
 *
 * It makes no record of a host that the server has none of. */
#include "host_target.h"

#include "base/str.h"
#include "policy/access.h"
#include "policy/class.h"
#include "policy/host.h"
#include "policy/privs.h"
#include "state/client.h"
#include "state/whowas.h"

const char *
host_target_nick(const struct host_target *t)
{
    if (t->client)
        return client_name(t->client);
    return t->gone ? t->gone->nick : NULL;
}

const struct config_class *
host_target_class(const struct server *srv, const struct host_target *t)
{
    return t->client ? class_of_client(srv, t->client)
                     : class_find(srv, &t->addr, NULL);
}

const char *
host_target_typed(const char *text, char room[HOST_TARGET_TYPED])
{
    if (text[0] != ':' || strpbrk(text, " @") || strlen(text) > ADDR_TEXT)
        return text;
    str_format(room, HOST_TARGET_TYPED, "0%s%s", text[1] == ':' ? "" : ":", text);
    return room;
}

const char *
host_target_hint(const char *text)
{
    return text[0] == ':' ? "; an address that begins with a colon is written 0::1"
                          : "";
}

/* Writes target.shown. */
static void
name_target(const struct server *srv, const struct client *c, struct host_target *t)
{
    char host[PREFIX_TEXT];
    struct prefix prefix;
    const char *nick = host_target_nick(t);
    host_prefix(srv, &t->addr, &prefix);
    prefix_word(&prefix, host, sizeof host);
    if (nick == NULL)
        str_format(t->shown, sizeof t->shown, "%s", host);
    else if (access_has(c, PRIV_see_address))
        str_format(t->shown, sizeof t->shown, "%s (%s)", host, nick);
    else
        str_format(t->shown, sizeof t->shown, "the host of %s", nick);
}

static bool
find_target_nick(const struct server *srv, const char *text, struct host_target *out)
{
    out->client = client_find_connected(srv, text);
    out->gone = whowas_find_host(srv, text);
    if (out->client)
        out->addr = out->client->session->addr;
    else if (out->gone)
        out->addr = out->gone->addr;
    return out->client || out->gone;
}

/* Finds the host of an address, or of a CIDR that is one host or a part of one. False:
 * err says why; *is_mask: the text may be a mask of several hosts. */
static bool
find_target_host(const struct server *srv, const char *text, struct host_target *out,
                 bool *is_mask, char *err, size_t errlen)
{
    struct prefix given, host;
    char room[HOST_TARGET_TYPED];
    *is_mask = false;
    if (strncmp(text, "*@", 2) == 0)
        text += 2;
    if (!prefix_parse(host_target_typed(text, room), &given, err, errlen)) {
        size_t n = strlen(err);
        str_format(err + n, errlen - n, "%s", host_target_hint(text));
        *is_mask = true;
        return false;
    }
    host_prefix(srv, &given.addr, &host);
    out->addr = given.addr;
    if (given.bits >= host.bits)
        return true;
    *is_mask = true;
    str_format(err, errlen,
               "'%s' is more than one host (a host is a /%u here); expected a nick, "
               "an address or the CIDR of a host",
               SHOWN(text), prefix_length(&host));
    return false;
}

bool
host_target_find(const struct server *srv, const struct client *c, const char *text,
                 struct host_target *out, bool *is_mask, char *err, size_t errlen)
{
    *out = (struct host_target){0};
    *is_mask = false;
    if (find_target_nick(srv, text, out)) {
        name_target(srv, c, out);
        return true;
    }
    if (name_is_nick(text, NAME_NICK_MAX)) {
        str_format(err, errlen,
                   "'%s' is not a nick that is or was on (expected a nick, an address "
                   "or the CIDR of a host)",
                   text);
        return false;
    }
    if (!find_target_host(srv, text, out, is_mask, err, errlen))
        return false;
    name_target(srv, c, out);
    return true;
}
