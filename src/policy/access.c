/* Permissions: verdicts over the state. The caller picks the numeric for a refusal.
 * Nothing here changes state, except the cached verdicts of bans and joined.withheld.
 */
#include "policy/access.h"

#include "base/attr.h"
#include "base/duration.h"
#include "base/str.h"
#include "policy/privs.h"
#include "proto/casemap.h"
#include "proto/mode.h"
#include "state/accept.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_mode.h"
#include "state/channel_verdict.h"
#include "state/client.h"
#include "state/server.h"

#include <sodium.h>
#include <string.h>

#define TOKEN_HEX 64                     /* digits of the SHA-256 of a token */
#define HIDDEN_ADDRESS "255.255.255.255" /* shown in the place of a real address */

/* The verdict of the channel, without the privilege override. */
static enum access_join
judge_join(struct server *srv, struct channel *chan, const struct client *c,
           const char *key)
{
    if (channel_is_invited(chan, c))
        return JOIN_OK;
    if (chan->modes & CHAN_INVITE_ONLY && !channel_is_invex(srv, chan, c))
        return JOIN_INVITE_ONLY;
    if (channel_verdict(srv, chan, c) & VERDICT_BANNED)
        return JOIN_BANNED;
    if (chan->key && (key == NULL || strcmp(key, chan->key) != 0))
        return JOIN_BAD_KEY;
    if (chan->modes & CHAN_LIMIT && chan->nmembers >= chan->limit)
        return JOIN_FULL;
    if (channel_join_wait(srv, chan) > 0)
        return JOIN_THROTTLED;
    return JOIN_OK;
}

enum access_join
access_join(struct server *srv, struct channel *chan, const struct client *c,
            const char *key)
{
    return access_has(c, PRIV_override) ? JOIN_OK : judge_join(srv, chan, c, key);
}

bool
access_overrides_join(struct server *srv, struct channel *chan, const struct client *c,
                      const char *key)
{
    return access_has(c, PRIV_override) && judge_join(srv, chan, c, key) != JOIN_OK;
}

bool
access_overrides(const struct channel *chan, const struct client *c)
{
    const struct member *m = channel_member(chan, c);
    return access_has(c, PRIV_override) && !(m && m->modes & CHAN_OP);
}

bool
access_finds_channel(const struct channel *chan, const struct client *c)
{
    return access_sees_channel(chan, c) || access_has(c, PRIV_override);
}

/* True if the text has a byte that begins or ends a colour or a style. */
static bool
has_formatting(const char *text)
{
    return strpbrk(text, "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f") != NULL;
}

bool
access_is_ctcp(const char *text)
{
    return text[0] == '\x01' &&
           (strncmp(text + 1, "ACTION", 6) != 0 || !strchr(" \x01", text[7]));
}

/* Why the modes +C and +c refuse the text, to every client; NULL: they do not. */
static const char *
find_text_fault(const struct channel *chan, const char *text)
{
    if (text == NULL)
        return NULL;
    if (chan->modes & CHAN_NO_CTCP && access_is_ctcp(text))
        return "+C: no CTCP but ACTION";
    if (chan->modes & CHAN_NO_COLOURS && has_formatting(text))
        return "+c: no colours or formatting";
    return NULL;
}

void
access_until(struct server *srv, const struct channel *chan, const struct client *c,
             unsigned verdict, char *out)
{
    char moment[MOMENT_TEXT], left[DURATION_TEXT];
    msec ends = channel_verdict_ends(srv, chan, c, verdict);
    *out = '\0';
    if (ends == 0)
        return;
    moment_format(ends, moment, sizeof moment);
    duration_words(ends - srv->wall, left, sizeof left);
    str_format(out, ACCESS_UNTIL, " until %s (%s)", moment, left);
}

void
access_verdict_words(struct server *srv, const struct channel *chan,
                     const struct client *c, unsigned verdict, char *why)
{
    char until[ACCESS_UNTIL];
    bool banned = verdict & VERDICT_BANNED;
    access_until(srv, chan, c, banned ? VERDICT_BANNED : VERDICT_MUTED, until);
    str_format(why, ACCESS_WHY, "%s%s",
               banned ? "+b: you are banned" : "+q: you are muted", until);
}

static void
format_reason(char *why, const char *text)
{
    if (why)
        str_format(why, ACCESS_WHY, "%s", text);
}

/* True if c, which has no status on chan, may not speak there. */
static bool
is_muted(struct server *srv, struct channel *chan, const struct client *c, char *why)
{
    if (chan->modes & CHAN_MODERATED) {
        format_reason(why, "+m: only voiced members and operators may speak");
        return true;
    }
    unsigned verdict = channel_verdict(srv, chan, c);
    if (verdict && why)
        access_verdict_words(srv, chan, c, verdict, why);
    return verdict != 0;
}

/* +S: true if c must wait because of its last message. */
static bool
is_too_soon(const struct server *srv, const struct channel *chan,
            const struct client *c, char *why)
{
    const struct joined *j = channel_joined(chan, c);
    if (!(chan->modes & CHAN_SLOW) || j == NULL || !(j->slow & SLOW_SPOKE))
        return false;
    uint32_t since = (uint32_t)srv->now - j->spoke, every = chan->slow * MSEC_SECOND;
    if (since >= every)
        return false;
    if (why)
        str_format(why, ACCESS_WHY, "+S: one message in %u seconds; wait %d more",
                   chan->slow, msec_seconds_up(every - since));
    return true;
}

enum access_speak
access_speak(struct server *srv, struct channel *chan, const struct client *c,
             const char *text, char *why)
{
    const struct member *m = channel_member(chan, c);
    const char *refused = find_text_fault(chan, text);
    if (m == NULL && chan->modes & CHAN_NO_EXTERNAL)
        refused = "+n: only members may speak";
    if (refused == NULL && m && m->modes & CHAN_STATUS)
        return SPEAK_OK;
    if (refused == NULL && m == NULL && chan->modes & CHAN_SLOW)
        refused = "+S: slow mode, only members may speak";
    if (refused) {
        format_reason(why, refused);
        return SPEAK_REFUSED;
    }
    bool muted = is_muted(srv, chan, c, why);
    if (muted && !(chan->modes & CHAN_OP_MODERATED))
        return SPEAK_REFUSED;
    if (is_too_soon(srv, chan, c, why))
        return SPEAK_SLOW;
    return muted ? SPEAK_TO_OPS : SPEAK_OK;
}

bool
access_may_remark(struct server *srv, struct channel *chan, const struct client *c,
                  const char *text, char *why)
{
    if (!access_has(c, PRIV_override))
        return access_speak(srv, chan, c, text, why) == SPEAK_OK;
    const char *refused = find_text_fault(chan, text);
    format_reason(why, refused ? refused : "");
    return refused == NULL;
}

/* Takes the work done since srv->work was `before` from the work that this turn may
 * spend on verdicts. */
static void
spend_verdicts(struct server *srv, size_t before)
{
    size_t work = srv->work - before;
    srv->verdicts_left -= work < srv->verdicts_left ? work : srv->verdicts_left;
}

bool
access_verdicts_are_spent(const struct server *srv)
{
    return srv->verdicts_left == 0;
}

void
access_withhold_text(struct server *srv, struct client *c, const char *text)
{
    for (uint32_t i = 0; i < c->user.njoined; i++) {
        size_t before = srv->work;
        c->user.joined[i].withheld =
            *text && (access_verdicts_are_spent(srv) ||
                      !access_may_remark(srv, c->user.joined[i].chan, c, text, NULL));
        spend_verdicts(srv, before);
    }
}

ATTR_HOT bool
access_accepts(const struct client *to, const struct client *from)
{
    return !(to->user.modes & USER_CALLERID) || to == from || accept_has(to, from);
}

bool
access_allows_tag(const struct server *srv, const char *name, size_t len)
{
    const char *at = srv->config->server.client_tag_deny;
    bool denied = false;
    while (*at) {
        size_t n = strcspn(at, ",");
        if (n == len + 1 && *at == '-' && memcmp(at + 1, name, len) == 0)
            return true;
        if ((n == 1 && *at == '*') || (n == len && memcmp(at, name, len) == 0))
            denied = true;
        at += n + (at[n] == ',');
    }
    return !denied;
}

const struct channel *
access_nick_forbidden(struct server *srv, const struct client *c,
                      char until[ACCESS_UNTIL])
{
    for (uint32_t i = 0; i < c->user.njoined; i++) {
        struct channel *chan = c->user.joined[i].chan;
        uint32_t modes = chan->members[c->user.joined[i].slot].modes;
        size_t before = srv->work;
        unsigned verdict = modes & CHAN_STATUS ? 0 : channel_verdict(srv, chan, c);
        spend_verdicts(srv, before);
        if (verdict == 0)
            continue;
        access_until(srv, chan, c, verdict, until);
        return chan;
    }
    return NULL;
}

/* True if c has one of these member modes on chan, or the privilege override. */
static bool
has_member_mode(const struct channel *chan, const struct client *c, uint32_t modes)
{
    const struct member *m = channel_member(chan, c);
    return (m && m->modes & modes) || access_has(c, PRIV_override);
}

bool
access_is_op(const struct channel *chan, const struct client *c)
{
    return has_member_mode(chan, c, CHAN_OP);
}

bool
access_is_halfop(const struct channel *chan, const struct client *c)
{
    return has_member_mode(chan, c, CHAN_OP | CHAN_HALFOP);
}

bool
access_may_kick(const struct channel *chan, const struct client *c,
                const struct client *target)
{
    const struct member *m = channel_member(chan, target);
    return c == target || access_is_op(chan, c) ||
           !(m && m->modes & (CHAN_OP | CHAN_HALFOP));
}

bool
access_sees_channel(const struct channel *chan, const struct client *c)
{
    return !(chan->modes & (CHAN_SECRET | CHAN_PRIVATE)) || channel_member(chan, c) ||
           access_has(c, PRIV_see_address);
}

bool
access_sees_member(const struct channel *chan, const struct client *c,
                   const struct client *member)
{
    if (c == member || channel_member(chan, c) || access_has(c, PRIV_see_address))
        return true;
    return access_sees_client(c, member) && access_sees_channel(chan, c);
}

bool
access_sees_client(const struct client *c, const struct client *other)
{
    if (c == other || other->out.flags & CLIENT_ACTING)
        return c == other;
    return !(other->user.modes & USER_INVISIBLE) || access_has(c, PRIV_see_address) ||
           channel_shared(c, other);
}

bool
access_sees_address(const struct client *c, const struct client *other)
{
    return c == other || access_has(c, PRIV_see_address);
}

const char *
access_shown_address(const struct client *c, const struct client *other, char *room)
{
    return access_sees_address(c, other) ? client_real_host(other, room)
                                         : HIDDEN_ADDRESS;
}

bool
access_mask_means(const struct client *c, const struct mask *mask,
                  const struct client *other)
{
    char address[ADDR_TEXT];
    struct mask_subject subject;
    if (!access_has(c, PRIV_see_address))
        return !mask->is_prefix && mask_glob(mask->nick, other->user.nick) &&
               mask_glob(mask->user, other->user.username) &&
               mask_glob(mask->host, other->user.host);
    client_subject(other, address, sizeof address, &subject);
    return mask_match(mask, &subject);
}

ATTR_HOT bool
access_has(const struct client *c, uint64_t priv)
{
    if (priv == PRIV_NONE)
        return true;
    if (priv == PRIV_OPER)
        return c->user.oper != NULL;
    return (c->user.privileges & priv) == priv;
}

static bool
admits_subject(const struct config_oper *oper, const struct mask_subject *subject)
{
    char err[128];
    struct mask mask;
    for (size_t i = 0; i < oper->n_hosts; i++)
        if (mask_parse_strict(oper->hosts[i], &mask, err, sizeof err) &&
            mask_match(&mask, subject))
            return true;
    return false;
}

bool
access_oper_admits(const struct config_oper *oper, const struct client *c)
{
    char address[ADDR_TEXT];
    struct mask_subject subject;
    client_subject(c, address, sizeof address, &subject);
    return admits_subject(oper, &subject);
}

bool
access_token_admits(const struct config_oper *oper, const struct addr *addr)
{
    char address[ADDR_TEXT];
    addr_format(addr, address, sizeof address);
    const struct mask_subject subject = {.nick = "",
                                         .user = ACCESS_TOKEN_USER,
                                         .host = address,
                                         .address = address,
                                         .addr = addr};
    return admits_subject(oper, &subject);
}

const struct config_oper *
access_token(const struct server *srv, const char *token)
{
    const size_t skip = strlen("sha256:"); /* the parser has checked it */
    const struct config_oper *found = NULL;
    if (strlen(token) != TOKEN_HEX)
        return NULL;
    for (size_t i = 0; i < srv->config->n_oper; i++) {
        const struct config_oper *oper = &srv->config->oper[i];
        /* No early end: the time tells nothing of the tokens. */
        if (oper->token && sodium_memcmp(oper->token + skip, token, TOKEN_HEX) == 0)
            found = oper;
    }
    return found;
}

const struct config_oper *
access_token_block(const struct server *srv, const char *name)
{
    for (size_t i = 0; i < srv->config->n_oper; i++)
        if (srv->config->oper[i].token && strcmp(srv->config->oper[i].name, name) == 0)
            return &srv->config->oper[i];
    return NULL;
}

bool
access_token_host(const struct server *srv, const struct addr *addr)
{
    for (size_t i = 0; i < srv->config->n_oper; i++)
        if (srv->config->oper[i].token &&
            access_token_admits(&srv->config->oper[i], addr))
            return true;
    return false;
}

bool
access_oper_certified(const struct config_oper *oper, const struct client *c)
{
    const char *certfp = client_certfp(c);
    for (size_t i = 0; certfp && i < oper->n_certfp; i++)
        if (strcmp(oper->certfp[i], certfp) == 0)
            return true;
    return oper->n_certfp == 0;
}

const struct config_oper *
access_oper(const struct server *srv, const char *name)
{
    for (size_t i = 0; i < srv->config->n_oper; i++)
        if (strcmp(srv->config->oper[i].name, name) == 0 &&
            !srv->config->oper[i].token_only)
            return &srv->config->oper[i];
    return NULL;
}

bool
access_oper_host(const struct server *srv, const struct client *c)
{
    for (size_t i = 0; i < srv->config->n_oper; i++)
        if (!srv->config->oper[i].token_only &&
            access_oper_admits(&srv->config->oper[i], c))
            return true;
    return false;
}

bool
access_oper_encrypted(const struct server *srv, const struct client *c)
{
    const char *plaintext = srv->config->opers.plaintext;
    if (c->user.modes & USER_SECURE || strcmp(plaintext, "allow") == 0)
        return true;
    return strcmp(plaintext, "loopback") == 0 && client_is_local(c);
}

bool
access_host_mask(const char *text, char *err, size_t errlen)
{
    struct mask mask;
    return mask_parse_strict(text, &mask, err, errlen) &&
           !mask_is_misspelled(&mask, err, errlen);
}
