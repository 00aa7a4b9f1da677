/* May they? Pure verdicts over state; the words for a refusal are the caller's numeric.
 *
 * Nothing here changes anything but the cached ban verdict of a membership. */
#include "policy/access.h"

#include "base/str.h"
#include "policy/privs.h"
#include "proto/casemap.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"

#include <string.h>

enum access_join
access_join(struct channel *chan, const struct client *c, const char *key)
{
    if (channel_is_invited(chan, c) || access_has(c, PRIV_override))
        return JOIN_OK;
    if (chan->modes & CHAN_INVITE_ONLY)
        return JOIN_INVITE_ONLY;
    if (channel_is_banned(chan, c))
        return JOIN_BANNED;
    if (chan->key && (key == NULL || strcmp(key, chan->key) != 0))
        return JOIN_BAD_KEY;
    if (chan->modes & CHAN_LIMIT && chan->nmembers >= chan->limit)
        return JOIN_FULL;
    return JOIN_OK;
}

const char *
access_speak(struct channel *chan, const struct client *c)
{
    const struct member *m = channel_member(chan, c);
    if (m == NULL && chan->modes & CHAN_NO_EXTERNAL)
        return "+n: only members may speak";
    if (m && m->modes & (CHAN_OP | CHAN_VOICE))
        return NULL;
    if (chan->modes & CHAN_MODERATED)
        return "+m: only voiced members and operators may speak";
    if (channel_is_banned(chan, c))
        return "+b: you are banned";
    return NULL;
}

const struct channel *
access_nick(const struct client *c)
{
    for (uint32_t i = 0; i < c->njoined; i++) {
        struct channel *chan = c->joined[i].chan;
        uint32_t modes = chan->members[c->joined[i].slot].modes;
        if (!(modes & (CHAN_OP | CHAN_VOICE)) && channel_is_banned(chan, c))
            return chan;
    }
    return NULL;
}

bool
access_is_op(const struct channel *chan, const struct client *c)
{
    const struct member *m = channel_member(chan, c);
    return (m && m->modes & CHAN_OP) || access_has(c, PRIV_override);
}

bool
access_sees_channel(const struct channel *chan, const struct client *c)
{
    return !(chan->modes & CHAN_SECRET) || channel_member(chan, c) ||
           access_has(c, PRIV_see_address);
}

bool
access_sees_client(const struct client *c, const struct client *other)
{
    return c == other || !(other->modes & USER_INVISIBLE) ||
           access_has(c, PRIV_see_address) || channel_shared(c, other);
}

bool
access_has(const struct client *c, uint64_t priv)
{
    if (priv == PRIV_NONE)
        return true;
    if (priv == PRIV_OPER)
        return c->oper != NULL;
    return (c->privileges & priv) == priv;
}

static bool
host_admits(const struct config_oper *oper, const struct client *c)
{
    char address[ADDR_TEXT], err[128];
    struct mask_subject subject;
    struct mask mask;
    client_subject(c, address, sizeof address, &subject);
    for (size_t i = 0; i < oper->n_hosts; i++)
        if (mask_parse_strict(oper->hosts[i], &mask, err, sizeof err) &&
            mask_match(&mask, &subject))
            return true;
    return false;
}

const struct config_oper *
access_oper(const struct server *srv, const struct client *c, const char *name,
            bool *known)
{
    *known = false;
    for (size_t i = 0; i < srv->config->n_oper; i++) {
        const struct config_oper *oper = &srv->config->oper[i];
        if (strcmp(oper->name, name) != 0)
            continue;
        *known = true;
        return host_admits(oper, c) ? oper : NULL;
    }
    return NULL;
}

bool
access_host_mask(const char *text, char *err, size_t errlen)
{
    struct mask mask;
    return mask_parse_strict(text, &mask, err, errlen);
}
