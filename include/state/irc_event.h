/* An event that clients are told of, as one typed value.
 *
 * A handler changes the state, builds the event and emits it once. Each observer takes
 * it; the first observer is the relay to local sessions (cmd/relay.h). */
#ifndef STATE_IRC_EVENT_H
#define STATE_IRC_EVENT_H

#include "base/msec.h"

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct client;
struct multiline;
struct server;

enum irc_event_kind {
    IRC_JOIN, /* channel */
    IRC_PART, /* channel; text: the reason; emitted before source leaves */
    IRC_QUIT, /* text; emitted before source leaves its channels */
    IRC_NICK, /* param: the new nick; emitted before source has it */
    IRC_KICK, /* channel, client: the kicked one, still on it; text */
    /* channel: param; or client (the source): text. Letters and parameters */
    IRC_MODE,
    IRC_TOPIC,   /* channel; text: "" if the topic was removed */
    IRC_PRIVMSG, /* channel (with ranks), client, or neither: all clients; text */
    IRC_NOTICE,  /* the same */
    IRC_TAGMSG,  /* the same, without a text */
    IRC_INVITE,  /* channel, client: the invited one */
    IRC_AWAY,    /* text; NULL: source is back */
    IRC_SETNAME, /* text: the new real name */
    /* param: the new host, which source has already; mask: the source before */
    IRC_CHGHOST,
    /* channel, which has the new name already; param: the old name; text */
    IRC_RENAME,
    IRC_EVENT_KINDS
};

/* All pointers are borrowed for the call. A field that the kind does not name is 0. */
struct irc_event {
    enum irc_event_kind kind;
    uint64_t id;           /* msgid, set by irc_event_emit for messages; 0: none */
    msec time;             /* wall; set by irc_event_emit */
    struct client *source; /* NULL: the server */
    /* nick!user@host of source before the event; NULL: unchanged */
    const char *mask;
    struct channel *channel; /* the target, or the channel of the event */
    struct client *client;   /* the target, or the client that the event is about */
    /* The target as lines name it; NULL: irc_event_emit sets the name of the channel,
     * or else the nick of the client. */
    const char *target;
    const char *param;
    const char *text;
    const char *tags; /* client-only tags as they were sent; NULL: none */
    /* messages: only members with one of these modes get it; 0: all get it */
    uint32_t ranks;
    /* Channels on which the membership of source is withheld do not get the text. */
    bool withheld;
    /* Owned by cmd: the lines of a message of several lines, the first of which is
     * text; NULL: it has one line. */
    struct multiline *lines;
};

struct observer {
    const char *name;
    void (*take)(struct server *srv, const struct irc_event *e);
};

/* Completes *e and gives it to each of srv->observers in their order. An observer may
 * queue output and mark clients; it changes nothing that the next one reads. */
void irc_event_emit(struct server *srv, struct irc_event *e);

/* "JOIN", "PART", ... */
const char *irc_event_name(enum irc_event_kind kind);

#endif
