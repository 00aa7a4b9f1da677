/* What the server remembers of a host: its connections now, its strikes for good. */
#ifndef POLICY_HOST_H
#define POLICY_HOST_H

#include "base/addr.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/msec.h"
#include "policy/client_policy.h"
#include "state/record.h"
#include "state/server.h"
#include "state/store.h"
#include "state/subsystem.h"

#include <stdbool.h>
#include <stdint.h>

#define HOST_NOTE 121 /* room for an operator's words, the NUL included */

struct client;
struct client_policy;
struct mask;

/* One prefix (limits.host_prefix_v4, host_prefix_v6): IPv4 /32, IPv6 /64 unless
 * configured otherwise. */
struct host {
    UT_hash_handle hh;
    struct prefix key;
    /* In policy.idle_clean or policy.idle_struck; linked to itself while active. */
    struct list age;
    struct client_policy *clients; /* by host_next (utlist): all from here, dead ones
                                    * not */
    uint32_t connections;          /* of these, from accept to close */
    uint32_t unregistered;         /* of these */
    uint32_t opers;                /* operators on from here */
    bool stored;                   /* the store has a record of it */
    uint16_t strikes;
    uint16_t level;   /* offence level: steps of the ladder used up, at most all */
    msec strike_at;   /* wall: last strike or decay */
    msec level_at;    /* wall: last offence or forgiveness */
    char cause[24];   /* of the last strike */
    char nick[32];    /* it was seen on */
    char by[32];      /* who gave it: "server" or an operator's name */
    char *note;       /* the operator's own words for it; NULL: none */
    uint64_t slots[]; /* of other subsystems: host_slot */
};

/* The bytes of a subsystem that asks for some of each host (its row's host_slot). A
 * slot is not the host: its owner may write to it. */
static inline void *
host_slot(const struct server *srv, const struct host *h, enum subsystem_id id)
{
    return (void *)((uintptr_t)h->slots + srv->places[id].in_host);
}

struct network {
    UT_hash_handle hh;
    struct prefix key;
    uint32_t connections;
};

/* What is one host to this address: the key of its entry. */
void host_prefix(const struct server *srv, const struct addr *addr, struct prefix *out);

/* The host of an address; made if missing (host_get) or NULL (host_find). Borrowed: it
 * stays while connections > 0, else until the next host_get or tick. */
struct host *host_get(struct server *srv, const struct addr *addr);
struct host *host_find(const struct server *srv, const struct addr *addr);

/* The host of this prefix, made if missing, while records are read (the store's or an
 * image's): none is forgotten for it, and nothing is written. Once all are read, hosts
 * beyond strikes.hosts go. */
struct host *host_of_record(struct server *srv, const struct prefix *key);

/* Calls fn, until it returns false, for the registered clients that a mask may mean:
 * all of one host if the mask is a prefix that lies in one (32 bits of IPv4, 64 of IPv6
 * or as configured), else all. Whether the mask does mean them is for fn to say; it may
 * kill. */
void host_each_candidate(struct server *srv, const struct mask *mask,
                         bool (*fn)(struct server *, struct client *, void *ctx),
                         void *ctx);

/* The same for those that have not registered. */
void host_each_unregistered(struct server *srv, const struct mask *mask,
                            bool (*fn)(struct server *, struct client *, void *ctx),
                            void *ctx);

/* The same, registered or not, for all of one host (NULL: it has none). */
void host_each_client(struct server *srv, const struct host *h,
                      bool (*fn)(struct server *, struct client *, void *ctx),
                      void *ctx);

/* The network of an address, made if missing; network_release forgets an empty one. */
struct network *network_get(struct server *srv, const struct addr *addr);
struct network *network_find(const struct server *srv, const struct addr *addr);
void network_release(struct server *srv, struct network *n);

/* Applies what has decayed and been forgiven by now (wall), and the end of the ladder.
 * True if anything changed. */
bool host_settle(struct server *srv, struct host *h);

/* An operator's own words for its last strike (copied); NULL or "": none. */
void host_set_note(struct server *srv, struct host *h, const char *note);
/* 1 and its memory, or 0; policy.notes_held is the sum of all. */
struct mem_sum host_note_held(const struct host *h);

/* Puts an inactive host where its state belongs (idle_clean, idle_struck); call after each
 * change of connections, strikes or level. */
void host_place(struct server *srv, struct host *h);

/* Writes strikes and level to the store, or removes the record when both are 0; 0:
 * there was none. */
store_ticket host_save(struct server *srv, struct host *h);
extern const struct record_kind host_records[];

/* After the last record: writes those under old keys anew, puts all in the order of
 * their last strike or offence, and forgets those beyond strikes.hosts. */
void host_loaded(struct server *srv);

/* Forgets inactive hosts, the oldest ones without strikes first, while there are more than
 * max; at most `most` of them. */
void host_trim(struct server *srv, size_t max, unsigned most);

/* Walks a few inactive hosts and forgets what may be forgotten, and what is too much
 * since a new configuration. */
void host_tick(struct server *srv);

void host_free_all(struct server *srv);

#define HOST_RECORD 'H' /* kind of its records and first byte of their keys */

#endif
