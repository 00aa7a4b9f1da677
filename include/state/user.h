/* A user: what others know and see of a client, wherever it is connected. */
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

/* A client's side of a membership; written only by channel.c. */
struct joined {
    struct channel *chan;
    uint32_t slot;      /* index in chan->members */
    uint32_t ban_stamp; /* chan->ban_stamp for which `verdict` holds */
    uint8_t verdict;    /* cached: VERDICT_* */
    uint8_t credit;     /* JOIN_CREDIT_*: free queries left */
    uint8_t slow;       /* SLOW_* */
    bool withheld;      /* the text that c says to all its peers is not for chan */
    uint32_t spoke;     /* monotonic, the low bits: last message, for +S */
};
enum { VERDICT_BANNED = 1, VERDICT_MUTED = 2, VERDICT_INVITED = 4 };
enum { SLOW_SPOKE = 1, SLOW_TOLD = 2 }; /* spoke is set; was told to wait */
/* What programs ask about a channel that they have joined, each once. */
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
#define JOIN_QUERIES 8

/* What few users have. */
struct client_lists {
    struct list invites;  /* struct invite.of_client */
    struct list monitors; /* struct monitor_entry.of_client */
    uint16_t ninvites, nmonitors;
};

struct user {
    uint32_t modes; /* USER_* */
    uint32_t njoined;
    struct joined *joined; /* njoined entries, joined_cap of room */
    uint32_t joined_cap;
    uint16_t snomask; /* SNO_*: the server notices it gets; 0 without USER_NOTICES */
    uint16_t nick_len;
    UT_hash_handle hh;          /* srv->nicks, once it has a nick */
    uint64_t id;                /* of no other client since the start; not 0 */
    msec signon;                /* wall: registered */
    msec talked;                /* monotonic: last PRIVMSG or NOTICE (WHOIS 317) */
    uint64_t privileges;        /* bits of privs.def */
    char *oper;                 /* name of its oper block; NULL: no operator */
    char *host;                 /* as shown; at most NAME_HOST_MAX */
    char *cloak;                /* what it shows with +x; NULL: it has none */
    char *realname;             /* NULL before USER */
    char *away;                 /* NULL: not away */
    struct client_lists *lists; /* one block, or NULL: it has none of these */
    struct callerid *callerid;  /* accept.c's; NULL: it is on no list and has none */
    uint32_t outside_stamp;     /* renewed when what lists of channels that it is not on
                                 * say of it may have changed */
    char nick[NAME_NICK_MAX + 2];     /* "" before NICK */
    char username[NAME_USER_MAX + 2]; /* "" before USER */
};

#endif
