/* Completes events and gives them to the observers. */
#include "state/irc_event.h"

#include "base/attr.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/msgid.h"
#include "state/server.h"

#include <stddef.h>

static const struct kind {
    const char *name;
    bool identified; /* has a msgid (IRCv3 message-ids) */
} kinds[IRC_EVENT_KINDS] = {
    [IRC_JOIN] = {"JOIN", false},       [IRC_PART] = {"PART", false},
    [IRC_QUIT] = {"QUIT", false},       [IRC_NICK] = {"NICK", false},
    [IRC_KICK] = {"KICK", false},       [IRC_MODE] = {"MODE", false},
    [IRC_TOPIC] = {"TOPIC", false},     [IRC_PRIVMSG] = {"PRIVMSG", true},
    [IRC_NOTICE] = {"NOTICE", true},    [IRC_TAGMSG] = {"TAGMSG", true},
    [IRC_INVITE] = {"INVITE", false},   [IRC_AWAY] = {"AWAY", false},
    [IRC_SETNAME] = {"SETNAME", false}, [IRC_CHGHOST] = {"CHGHOST", false},
    [IRC_RENAME] = {"RENAME", false},
};

const char *
irc_event_name(enum irc_event_kind kind)
{
    return kinds[kind].name;
}

ATTR_HOT void
irc_event_emit(struct server *srv, struct irc_event *e)
{
    e->time = srv->wall;
    e->id = kinds[e->kind].identified ? msgid_next(srv) : 0;
    if (e->target == NULL && e->channel)
        e->target = e->channel->name;
    else if (e->target == NULL && e->client)
        e->target = e->client->user.nick;
    for (const struct observer *const *o = srv->observers; *o; o++)
        (*o)->take(srv, e);
}
