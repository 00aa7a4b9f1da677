/* Server bans: K-lines, D-lines, RESVs and X-lines (contrib/POLICY.md 5). Matching and
 * changes are in ban.c, the table in table.c, the kinds in kinds.c, the records in
 * record.c, the size of masks in breadth.c and cover.c. */
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
#define BAN_UNTIL 80 /* room for the text of ban_until */

/* How many of the clients or channels of the server a mask covers. */
struct ban_breadth {
    size_t covered, of;
    const char *what; /* the noun of what was counted: "clients" */
};

/* The registered clients that a mask covers. Those that are exempt, and operators among
 * the others, are not ended by a ban. */
struct ban_cover {
    size_t all, exempt, opers;
};

/* A kind of bans: a row of src/policy/ban/kinds.c. */
struct ban_kind_row {
    const char *name;        /* "K-line" */
    const char *set, *unset; /* "KLINE", "UNKLINE" */
    enum event set_event;    /* logged and told when one is set */
    enum event unset_event;  /* logged and told when one is lifted */
    char letter;             /* in keys of the store: 'K' */
    char stats[3];           /* STATS letters: of permanent bans, of temporary bans */
    uint64_t priv;           /* the privilege to set one */
    const char *expected;    /* the form of a mask, in words */
    const char *example;     /* a command with a mask of this form */
    const char *blank;  /* how a blank in a mask is written; NULL: a mask has none */
    const char *what;   /* the noun of what a mask covers, in the plural: "clients" */
    const char *setter; /* the setter if the mask covers it: "yourself" */
    /* The words for connected clients that the ban covers and does not end, for one and
     * for several; NULL: it ends them. */
    const char *stay[2];
    bool at_accept; /* it holds at accept, before registration */
    /* A mask without wildcards matches one text only, so it may be short. */
    bool is_narrow_if_literal;
    /* Parses a mask strictly. False: err names the value and the expected form. */
    bool (*parse)(const char *text, struct mask *out, char *err, size_t errlen);
    /* Writes the mask that bans a host, for a command that names a nick. NULL: the
     * command takes no nicks of clients. */
    void (*of_host)(const struct prefix *host, char *out, size_t size);
    /* Compares the mask with a connection (all fields of the subject), or with one text
     * (the host of the subject). */
    bool (*match)(const struct mask *mask, const struct mask_subject *subject);
    /* True if the mask covers this client, by that matcher. */
    bool (*covers)(const struct mask *mask, const struct client *c);
    void (*breadth)(struct server *srv, enum ban_kind kind, const struct mask *mask,
                    struct ban_breadth *out);
};
extern const struct ban_kind_row ban_kinds[BAN_KINDS];

struct ban {
    UT_hash_handle hh;
    struct list link;           /* policy.kinds[kind] */
    struct ban_indexed indexed; /* policy.index[kind] */
    size_t due; /* its place in policy.due, from 1; 0: it is not there */
    enum ban_kind kind;
    struct mask mask;
    msec set_at;    /* wall */
    msec until;     /* wall; 0: permanent */
    uint64_t hits;  /* clients refused and ended by it since the start; not stored */
    msec last_hit;  /* wall; 0: none */
    bool automatic; /* set by strikes */
    /* In policy.automatic if it is automatic; else linked to itself. */
    struct list by_strikes;
    char setter[BAN_SETTER];
    char *reason, *oper_reason; /* at most BAN_REASON - 1 bytes each */
    /* The kind's letter and the folded mask: the key in the table and in the store. */
    char key[MASK_TEXT + 2];
};

/* A ban to set. Texts are copied and cleaned (ban_clean_text). */
struct ban_request {
    enum ban_kind kind;
    const struct mask *mask;
    msec length; /* from set_at; 0: permanent */
    msec set_at; /* wall; 0: now */
    bool automatic;
    bool now; /* end the clients that match even if the kind lets them stay */
    const char *setter, *reason, *oper_reason;
};

/* The first byte of text that a line of IRC cannot carry: CR or LF, and in a word also
 * a blank or a control character. NULL: there is none. */
const char *ban_find_bad_byte(const char *text, bool word);

/* Replaces each such byte by a blank ('_' in a word). */
void ban_clean_text(char *text, bool word);

/* The result of enact_ban (enact/ban.h). */
struct ban_outcome {
    struct ban *ban;        /* borrowed until it is removed */
    bool replaced;          /* a ban of the same mask was in force before */
    unsigned removed;       /* the number of clients ended */
    struct ban_cover cover; /* the clients covered, before any was ended */
    store_ticket ticket;
};

/* Sets or replaces a ban in memory and queues it for the store. Fills ban, replaced and
 * ticket of *out. It ends and tells no client: enact_ban does. */
void ban_put(struct server *srv, const struct ban_request *request,
             struct ban_outcome *out);

/* The verdict of a ban in force on a connected client: the ban does not cover it (or
 * the client has ended), the client is exempt, it stays as an operator, or it is ended.
 */
enum ban_verdict { BAN_MISSES, BAN_EXEMPTS, BAN_LETS_STAY, BAN_ENDS };
enum ban_verdict ban_judge(const struct ban *ban, const struct client *c);

/* Changes the end of a ban in force (wall; 0: never), and nothing else. */
store_ticket ban_extend(struct server *srv, struct ban *ban, msec until);

/* Removes a ban from memory and queues the removal for the store; the ticket tells when
 * it is on disk. */
store_ticket ban_remove(struct server *srv, struct ban *ban);

/* The ban in force of this kind and canonical mask text; NULL: none. */
struct ban *ban_find(const struct server *srv, enum ban_kind kind, const char *mask);

/* The ban that refuses this client (registration) or this address (accept); NULL: none.
 * ban_match_client counts the hit; the caller of ban_match_addr counts it (ban_count_hit). An
 * expired ban never matches, even if the tick has not removed it yet. */
struct ban *ban_match_client(struct server *srv, enum ban_kind kind,
                             const struct client *c);
struct ban *ban_match_addr(const struct server *srv, enum ban_kind kind,
                           const struct addr *addr);

/* As ban_match_client, but it counts no hit. */
struct ban *ban_find_over_client(const struct server *srv, enum ban_kind kind,
                                 const struct client *c);

/* The K-line that would refuse c, which is registered, under another nick; NULL: none.
 * Counts the hit. */
struct ban *ban_match_nick(struct server *srv, const struct client *c,
                           const char *nick);

/* The ban (BAN_RESV, BAN_XLINE) that refuses c this nick, channel or real name; NULL:
 * none. Counts the hit. */
struct ban *ban_match_text(struct server *srv, enum ban_kind kind,
                           const struct client *c, const char *text);

/* The RESV that refuses c this nick or channel; NULL: none, c has the privilege
 * resv, or it came through the control socket. */
struct ban *ban_reserves(struct server *srv, const struct client *c, const char *name);

/* True if the ban covers this client, by the matcher of its kind. */
bool ban_covers(const struct ban *ban, const struct client *c);

/* ban_count: the number of registered clients that a mask covers. ban_cover: also how
 * many of them are exempt or operators. */
size_t ban_count(struct server *srv, enum ban_kind kind, const struct mask *mask);
void ban_cover(struct server *srv, enum ban_kind kind, const struct mask *mask,
               struct ban_cover *out);
/* Adds one client to cover; exempt: from such a ban. */
void ban_cover_add(struct ban_cover *cover, const struct client *c, bool exempt);

/* True if a mask is too broad by its form; why is the reason. */
bool ban_is_broad(enum ban_kind kind, const struct mask *mask, char *why, size_t size);

/* True if a mask needs FORCE. why completes a sentence that begins with the mask: "is
 * too broad: …" (by its form or by the number of clients it covers) or "covers yourself
 * …". `setter`: the operator that sets it; NULL: none does. */
bool ban_too_broad(struct server *srv, enum ban_kind kind, const struct mask *mask,
                   const struct client *setter, char *why, size_t size);

#define BAN_WHY (BAN_REASON + 100) /* room for the text of ban_why */

/* Writes "until …: reason" for the client that the ban refuses. */
void ban_why(const struct ban *ban, msec wall, char *out, size_t size);
/* Writes "You are banned (K-line) until …: reason (complaints: staff@example.org)"; the
 * last part if admin.email is set. The reason is cut if the text does not fit. */
void ban_words(const struct server *srv, const struct ban *ban, char *out, size_t size);

/* Writes "until 2026-11-22 14:03:05 UTC (10m)" or "for good". */
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

/* The texts of a loaded record are cleaned as by ban_put. If there are several records
 * of one ban, the one set last is used. */
extern const struct record_kind ban_records[];

/* Call after the last record. Each record under an outdated key is written again under
 * the key of its ban, and the old record is removed. */
void ban_loaded(struct server *srv);
/* Call after the last record instead, if the store must not change: outdated records
 * stay. */
void ban_drop_stale_records(struct server *srv);
void ban_free_all(struct server *srv);

#define BAN_RECORD 'B' /* the kind of its records, and the first byte of their keys */

#endif
