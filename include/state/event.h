/* What happens on the server and others are told of, as one typed value.
 *
 * A handler changes the state, builds the event and emits it once. Observers take it:
 * the relay to local sessions (cmd/relay.h) is the first one. */
#ifndef STATE_EVENT_H
#define STATE_EVENT_H

#include "base/msec.h"

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct client;
struct multiline;
struct server;

enum irc_event_kind {
    IRC_JOIN,    /* channel */
    IRC_PART,    /* channel; text: the reason; emitted before source leaves */
    IRC_QUIT,    /* text; emitted before source leaves its channels */
    IRC_NICK,    /* param: the new nick; emitted before source has it */
    IRC_KICK,    /* channel, client: the kicked, still on it; text */
    IRC_MODE,    /* channel: param; or client (itself): text. Letters and parameters */
    IRC_TOPIC,   /* channel; text: "" when it is taken away */
    IRC_PRIVMSG, /* channel (with ranks), client, or neither: all; text */
    IRC_NOTICE,  /* the same */
    IRC_TAGMSG,  /* the same, without a text */
    IRC_INVITE,  /* channel, client: the invited */
    IRC_AWAY,    /* text; NULL: source is back */
    IRC_SETNAME, /* text: the new real name */
    IRC_CHGHOST, /* param: the new host, which source has; mask: the one before */
    IRC_RENAME,  /* channel, which has the new name; param: the old one; text */
    IRC_EVENT_KINDS
};

/* All pointers are borrowed for the call; what a kind does not name is 0. */
struct irc_event {
    enum irc_event_kind kind;
    uint64_t id;             /* msgid, given by irc_event_emit to messages; 0: none */
    msec time;               /* wall; given by irc_event_emit */
    struct client *source;   /* NULL: the server */
    const char *mask;        /* nick!user@host of source before; NULL: as it is */
    struct channel *channel; /* the target, or where it happens */
    struct client *client;   /* the target, or the client that it is done to */
    const char *target;      /* as lines name it; NULL: irc_event_emit takes the name of
                              * the channel, or else the nick of the client */
    const char *param;
    const char *text;
    const char *tags; /* client-only tags of a message, raw; NULL: none */
    uint32_t ranks;   /* of a message: only members with one of these modes; 0: all */
    bool withheld;    /* channels where the membership of source is withheld do not take
                       * the text */
    struct multiline
        *lines; /* cmd's: of a message of several lines; text is the first */
};

struct observer {
    const char *name;
    void (*take)(struct server *srv, const struct irc_event *e);
};

/* Completes *e and gives it to each of srv->observers in their order. An observer
 * changes nothing that the next one reads: it may queue output and mark clients. */
void irc_event_emit(struct server *srv, struct irc_event *e);

/* "JOIN", "PART", ... */
const char *irc_event_name(enum irc_event_kind kind);

#endif
