/* Hosts: one entry for each address prefix, with its connections and strikes. */
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

/* room for the text that an operator gives with a strike, the NUL included */
#define HOST_NOTE 121

struct client;
struct client_policy;
struct mask;

/* The entry of one prefix (limits.host_prefix_v4, host_prefix_v6): IPv4 /32 and IPv6
 * /64 unless configured otherwise. */
struct host {
    UT_hash_handle hh;
    struct prefix key;
    /* In policy.idle_clean or policy.idle_struck; linked to itself while a client is
     * connected. */
    struct list age;
    /* The head of the list (utlist, host_next) of its clients, from accept to close,
     * ordered by id. */
    struct client_policy *clients;
    uint32_t connections;  /* the number of its clients */
    uint32_t unregistered; /* the number of those that have not registered */
    uint32_t opers;        /* the number of those that are operators */
    bool stored;           /* the store has a record of it */
    bool struck;           /* it counts in policy.n_struck */
    uint16_t strikes;
    uint16_t level; /* offence level: the number of ladder steps used so far */
    msec strike_at; /* wall: last strike or decay */
    msec level_at;  /* wall: last offence or forgiveness */
    char cause[24]; /* strike_cause_name of the last strike */
    char nick[32];  /* the nick that got the last strike; "" if none is known */
    /* The giver of the last strike: "server" or the name of an oper block. */
    char by[32];
    char *note;       /* the operator's text for the last strike; NULL: none */
    uint64_t slots[]; /* memory of other subsystems: host_slot */
};

/* The bytes that a subsystem has in each host (host_slot of its row). h is const
 * although the caller may write to the slot, because the slot belongs to the
 * subsystem. */
static inline void *
host_slot(const struct server *srv, const struct host *h, enum subsystem_id id)
{
    return (void *)((uintptr_t)h->slots + srv->places[id].in_host);
}

/* The entry of one network: a prefix that contains many hosts. */
struct network {
    UT_hash_handle hh;
    struct prefix key;
    uint32_t connections;
};

/* The prefix that is the key of the host of this address. */
void host_prefix(const struct server *srv, const struct addr *addr, struct prefix *out);

/* The host of an address. If there is none, host_get makes it and host_find returns
 * NULL. Borrowed: a host with connections stays; any other may be freed by the next
 * host_get or tick. */
struct host *host_get(struct server *srv, const struct addr *addr);
struct host *host_find(const struct server *srv, const struct addr *addr);

/* The host of this prefix, made if missing. For use while records of the store or of an
 * image are read: it forgets no other host and writes nothing. Hosts beyond
 * strikes.hosts are forgotten after the last record. */
struct host *host_of_record(struct server *srv, const struct prefix *key);

/* Calls fn, until it returns false, for the registered clients that a mask may match:
 * those of one host if the mask is a prefix inside that host, else all. fn decides
 * whether the mask does match. It may end the client. */
void host_each_candidate(struct server *srv, const struct mask *mask,
                         bool (*fn)(struct server *, struct client *, void *ctx),
                         void *ctx);

/* The same for clients that have not registered. */
void host_each_unregistered(struct server *srv, const struct mask *mask,
                            bool (*fn)(struct server *, struct client *, void *ctx),
                            void *ctx);

/* The same for all clients of h, first the registered ones; NULL: for none. */
void host_each_client(struct server *srv, const struct host *h,
                      bool (*fn)(struct server *, struct client *, void *ctx),
                      void *ctx);

/* The network of an address; network_get makes it if missing. network_release takes one
 * connection from it and frees it if that was the last. */
struct network *network_get(struct server *srv, const struct addr *addr);
struct network *network_find(const struct server *srv, const struct addr *addr);
void network_release(struct server *srv, struct network *n);

/* Removes the strikes and levels that have decayed by now (wall), and levels beyond the
 * end of the ladder. True if anything changed. */
bool host_settle(struct server *srv, struct host *h);

/* Sets the operator's text for the last strike of h (copied); NULL or "": none. */
void host_set_note(struct server *srv, struct host *h, const char *note);
/* The number (1 or 0) and the memory of the note of h. policy.notes_held is the sum
 * over all hosts. */
struct mem_sum host_note_held(const struct host *h);

/* Moves a host without connections to the end of idle_struck if it has strikes or a
 * level, else of idle_clean. Takes a host with connections out of both lists. Counts h in
 * policy.n_struck, or no longer. Call it after each change of connections, strikes or
 * level. */
void host_place(struct server *srv, struct host *h);

/* Writes strikes and level to the store, or removes the record if both are 0. Returns 0
 * if there was nothing to remove. */
store_ticket host_save(struct server *srv, struct host *h);
extern const struct record_kind host_records[];

/* Call after the last record. Writes records under old keys again under new ones, sorts
 * hosts by their last strike or offence, and forgets hosts beyond strikes.hosts. */
void host_loaded(struct server *srv);

/* Forgets hosts without connections while there are more than max hosts: the oldest
 * without strikes first, then the oldest with strikes. Forgets at most `most`. */
void host_trim(struct server *srv, size_t max, unsigned most);

/* Settles a few hosts without connections. Forgets a few that no subsystem needs any
 * more, and some while there are more than strikes.hosts. */
void host_tick(struct server *srv);

void host_free_all(struct server *srv);

#define HOST_RECORD 'H' /* the kind of its records, and the first byte of their keys */

#endif
