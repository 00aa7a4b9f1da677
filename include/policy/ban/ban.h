/* Server bans: K-lines, D-lines, RESVs and X-lines (contrib/POLICY.md 5). */
#ifndef POLICY_BAN_BAN_H
#define POLICY_BAN_BAN_H

#include "base/event.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/msec.h"
#include "policy/policy.h"
#include "proto/mask.h"
#include "state/record.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct client;
struct cursor;
struct prefix;
struct server;

#define BAN_SETTER 64
#define BAN_REASON 256

/* How much of what is there a mask means. */
struct ban_breadth {
    size_t covered, of;
    const char *what; /* "clients": what was counted */
};

/* The clients that are on and that a mask covers; exempt ones and other operators of
 * them stay on, whatever is set. */
struct ban_cover {
    size_t all, exempt, opers;
};

/* Which bans: a row of src/policy/ban/kinds.c. */
struct ban_kind_row {
    const char *name;        /* "K-line" */
    const char *set, *unset; /* "KLINE", "UNKLINE" */
    enum event set_event;    /* a row like kline */
    enum event unset_event;  /* a row like unkline */
    char letter;             /* in keys: 'K' */
    char stats[3];           /* STATS letters of those for good and for a while */
    uint64_t priv;           /* to set one */
    const char *expected;    /* what a mask may be, in words */
    const char *example;     /* of the right form */
    const char *blank;       /* how a blank in a mask is written; NULL: none can be */
    const char *what;        /* what it means, in the plural: "clients" */
    const char *setter;      /* its setter, when covered: "yourself" */
    /* Those who are on and covered stay: what they do, for one and for several. NULL:
     * they are ended. */
    const char *stay[2];
    bool at_accept;            /* holds before registration already */
    bool is_narrow_if_literal; /* a mask without wildcards means one thing alone */
    /* Parses a mask strictly; err names the value and what was expected. */
    bool (*parse)(const char *text, struct mask *out, char *err, size_t errlen);
    /* What a nick's ban is: the mask text for its host (policy/host.h). NULL: it takes
     * no nicks of clients. */
    void (*of_host)(const struct prefix *host, char *out, size_t size);
    /* The matcher: of connections (all of the subject), or of one text (its host). */
    bool (*match)(const struct mask *mask, const struct mask_subject *subject);
    /* Whether it concerns this client, by that matcher. */
    bool (*covers)(const struct mask *mask, const struct client *c);
    void (*breadth)(struct server *srv, enum ban_kind kind, const struct mask *mask,
                    struct ban_breadth *out);
};
extern const struct ban_kind_row ban_kinds[BAN_KINDS];

struct ban {
    UT_hash_handle hh;
    struct list link;           /* policy.kinds[kind] */
    struct ban_indexed indexed; /* policy.index[kind] */
    size_t due;                 /* place in policy.due, from 1; 0: none */
    enum ban_kind kind;
    struct mask mask;
    msec set_at;            /* wall */
    msec until;             /* wall; 0: permanent */
    uint64_t hits;          /* refusals and removals; in memory since the start */
    msec last_hit;          /* wall; 0: none */
    bool automatic;         /* by strikes */
    struct list by_strikes; /* policy.automatic while it is; else linked to itself */
    char setter[BAN_SETTER];
    char *reason, *oper_reason; /* at most BAN_REASON - 1 bytes each */
    char key[MASK_TEXT + 2]; /* letter and folded mask: of the table and of the store */
};

/* What ban_put needs; texts are copied, and mended (ban_clean_text). */
struct ban_request {
    enum ban_kind kind;
    const struct mask *mask;
    msec length; /* from set_at on; 0: permanent */
    msec set_at; /* wall; 0: now */
    bool automatic;
    bool now; /* end who matches, also of a kind whose clients stay */
    const char *setter, *reason, *oper_reason;
};

/* Where a line of IRC cannot carry a text: its first CR or LF, or, in a word, its first
 * blank or control character. NULL: it can. */
const char *ban_find_bad_byte(const char *text, bool word);

/* Makes each such byte a blank ('_' in a word). */
void ban_clean_text(char *text, bool word);

/* What enact_ban did (enact/ban.h). */
struct ban_outcome {
    struct ban *ban;        /* borrowed until it is removed */
    bool replaced;          /* a ban of the same mask was there */
    unsigned removed;       /* clients ended */
    struct ban_cover cover; /* as it was before that */
    store_ticket ticket;
};

/* Sets or replaces a ban in memory and queues it for the store: fills ban, replaced and
 * ticket of *out. No client is ended or told for it: that is enact_ban. */
void ban_put(struct server *srv, const struct ban_request *request,
             struct ban_outcome *out);

/* What a ban in force means for a client that is on: it does not cover it (or the
 * client has ended), the client is exempt, it stays as an operator, it ends. A verdict
 * only. */
enum ban_verdict { BAN_MISSES, BAN_EXEMPTS, BAN_LETS_STAY, BAN_ENDS };
enum ban_verdict ban_judge(const struct ban *ban, const struct client *c);

/* Moves the end of a ban in force (wall, 0: never) and nothing else of it. */
store_ticket ban_extend(struct server *srv, struct ban *ban, msec until);

/* Removes a ban everywhere; the ticket tells when that is on disk. */
store_ticket ban_remove(struct server *srv, struct ban *ban);

/* The ban of this kind and canonical mask text; NULL if none (expired ones are none).
 */
struct ban *ban_find(const struct server *srv, enum ban_kind kind, const char *mask);

/* The ban that refuses this client (registration) or address (accept); NULL if none.
 * The hit of a client is counted, that of an address is not (ban_hit). Expiry is judged
 * by srv->wall here, whatever the tick has removed. */
struct ban *ban_match_client(struct server *srv, enum ban_kind kind,
                             const struct client *c);
struct ban *ban_match_addr(const struct server *srv, enum ban_kind kind,
                           const struct addr *addr);

/* The K-line that would refuse c, who is on, under another nick; NULL if none. Counts
 * the hit. */
struct ban *ban_match_nick(struct server *srv, const struct client *c,
                           const char *nick);

/* The ban (BAN_RESV, BAN_XLINE) that refuses c this nick, channel or real name; NULL if
 * none. Counts the hit. */
struct ban *ban_match_text(struct server *srv, enum ban_kind kind,
                           const struct client *c, const char *text);

/* The same for a nick or channel that c wants: holders of the privilege resv may have
 * what is reserved. */
struct ban *ban_reserves(struct server *srv, const struct client *c, const char *name);

/* True if the ban covers this client, by the matcher that enforces it. */
bool ban_covers(const struct ban *ban, const struct client *c);

/* How many registered clients a mask covers, and which of them stay. */
size_t ban_count(struct server *srv, enum ban_kind kind, const struct mask *mask);
void ban_cover(struct server *srv, enum ban_kind kind, const struct mask *mask,
               struct ban_cover *out);
/* One client more, exempt from such a ban or not. */
void ban_cover_add(struct ban_cover *cover, const struct client *c, bool exempt);

/* Why a mask is too broad by its form, whoever is on; false: it is not. */
bool ban_is_broad(enum ban_kind kind, const struct mask *mask, char *why, size_t size);

/* Why a mask needs FORCE, as a predicate of it: "is too broad: …" by its form or by the
 * clients it covers, or "covers yourself …"; false: it needs none. `setter`: the
 * operator that sets it; NULL: none does. */
bool ban_too_broad(struct server *srv, enum ban_kind kind, const struct mask *mask,
                   const struct client *setter, char *why, size_t size);

/* "until …: reason", for the refused. */
void ban_why(const struct ban *ban, msec wall, char *out, size_t size);
/* "You are banned (K-line) until …: reason (complaints: staff@example.org)", the last
 * part if admin.email is set. What does not fit is cut from the reason. */
void ban_words(const struct server *srv, const struct ban *ban, char *out, size_t size);

/* "until 2026-11-22 14:03:05 UTC (10m)" or "for good". */
void ban_until(const struct ban *ban, msec wall, char *out, size_t size);

/* True if masks of this kind name hosts (K-lines, D-lines). */
bool ban_is_of_hosts(enum ban_kind kind);

bool ban_is_expired(const struct ban *ban, msec wall);

/* Walks the bans in force of the kinds span->kind to span->last in pieces
 * (state/cursor.h), each kind in the order in which its bans were set. False: the piece
 * is full, call again with the same span. True: the walk is done. Between two pieces a
 * ban may be removed: ban_remove moves the cursor on. */
struct ban_span {
    int kind, last;
};
bool ban_walk(struct server *srv, struct cursor *cur, struct ban_span *span,
              void (*fn)(struct server *srv, struct cursor *cur,
                         const struct ban *ban));

/* Texts of a loaded record are mended as by ban_put. Of several records of one ban the
 * one set last holds. */
extern const struct record_kind ban_records[];

/* After the last record: a record under a key that is not (any more) the key of its ban
 * is written anew, and the old one removed. */
void ban_loaded(struct server *srv);
/* The same for a server that only looks: the records stay as they are. */
void ban_drop_stale_records(struct server *srv);
void ban_free_all(struct server *srv);

#define BAN_RECORD 'B' /* kind of its records and first byte of their keys */

#endif
