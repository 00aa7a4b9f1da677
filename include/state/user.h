/* A user: the state of a client that other clients see, on whichever server it is
 * connected. */
#ifndef STATE_USER_H
#define STATE_USER_H

#include "base/hash.h"
#include "base/list.h"
#include "base/msec.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stdint.h>

struct callerid;
struct channel;

/* A membership, from the side of the client. Only channel.c adds and removes it. */
struct joined {
    struct channel *chan;
    uint32_t slot;      /* index in chan->members */
    uint32_t ban_stamp; /* `verdict` holds if it equals chan->ban_stamp */
    uint8_t verdict;    /* cached VERDICT_* bits */
    uint8_t credit;     /* JOIN_CREDIT_* bits: free queries that are left */
    uint8_t slow;       /* SLOW_* bits */
    /* The text that the client sends to all peers at once (QUIT, AWAY, SETNAME) may not
     * be read on chan. */
    bool withheld;
    uint32_t spoke; /* monotonic, the low 32 bits: last message, for slow mode */
};
enum { VERDICT_BANNED = 1, VERDICT_MUTED = 2, VERDICT_INVITED = 4 };
/* SLOW_SPOKE: `spoke` is set; SLOW_TOLD: told to wait since */
enum { SLOW_SPOKE = 1, SLOW_TOLD = 2 };
/* Queries that IRC programs send about a channel after a JOIN: one of each is free. */
enum {
    JOIN_CREDIT_MODE = 1 << 0,
    JOIN_CREDIT_BANS = 1 << 1,
    JOIN_CREDIT_WHO = 1 << 2,
    JOIN_CREDIT_EXCEPTS = 1 << 3,
    JOIN_CREDIT_INVEXES = 1 << 4,
    JOIN_CREDIT_QUIETS = 1 << 5,
    JOIN_CREDIT_NAMES = 1 << 6,
    JOIN_CREDIT_TOPIC = 1 << 7,
    JOIN_CREDIT_ALL = (1 << 8) - 1
};
#define JOIN_QUERIES 8 /* bits of JOIN_CREDIT_ALL */

/* State that few users have. */
struct client_lists {
    struct list invites;  /* struct invite.of_client */
    struct list monitors; /* struct monitor_entry.of_client */
    uint16_t ninvites, nmonitors;
};

struct user {
    uint32_t modes; /* USER_* */
    uint32_t njoined;
    struct joined *joined; /* njoined entries, room for joined_cap */
    uint32_t joined_cap;
    uint16_t snomask; /* SNO_*: server notices that it gets; 0 without USER_NOTICES */
    uint16_t nick_len;
    UT_hash_handle hh;          /* in srv->nicks if it has a nick */
    uint64_t id;                /* unique since the start; not 0 */
    msec signon;                /* wall: registered */
    msec talked;                /* monotonic: last PRIVMSG or NOTICE (WHOIS 317) */
    uint64_t privileges;        /* bits of privs.def; 0: none */
    char *oper;                 /* name of its oper block; NULL: it is no operator */
    char *host;                 /* the shown host; at most NAME_HOST_MAX */
    char *cloak;                /* the host that it shows with +x; NULL: none */
    char *realname;             /* NULL before USER */
    char *away;                 /* NULL: not away */
    struct client_lists *lists; /* NULL: it has none of these */
    /* owned by accept.c; NULL: it is on no list and has none */
    struct callerid *callerid;
    /* A new number whenever verdicts on it in channels that it is not on may have
     * changed. */
    uint32_t outside_stamp;
    char nick[NAME_NICK_MAX + 2];     /* "" before NICK */
    char username[NAME_USER_MAX + 2]; /* "" before USER */
};

#endif
