/* A subsystem: a part of the core with state of its own in the server, in clients or in
 * hosts. Its row has a function for each event in the life of these. subsystems.def
 * lists all subsystems; each walk goes over srv->subsystems in this order, so that no
 * other module has such a list. */
#ifndef STATE_SUBSYSTEM_H
#define STATE_SUBSYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct census;
struct client;
struct config;
struct host;
struct mem_sum;
struct image;
struct record_kind;
struct record_reader;
struct server;
struct server_start;

#define SUBSYSTEM(name) SUBSYSTEM_##name,
enum subsystem_id {
#include "state/subsystems.def"
    SUBSYSTEMS
};
#undef SUBSYSTEM

/* Each function may be NULL: then there is nothing to do. */
struct subsystem {
    enum subsystem_id id;
    /* client_leaves and client_memory are called for clients with a session only. */
    bool of_sessions;
    /* Bytes of its state in the server, in each session and in each host; 0: none. The
     * bytes are zeroed at the start, aligned for any field, and freed with their
     * owner. */
    size_t state, client_slot, host_slot;
    /* The server is made. No record is loaded and no client is connected. */
    void (*init)(struct server *srv, const struct server_start *start);
    /* the kinds of records that it stores; NULL: none */
    const struct record_kind *records;
    /* All records are loaded. From now on, records may be put into the store. */
    void (*loaded)(struct server *srv, const struct server_start *start);
    /* A client is made with zeroed slots. Sets all fields that must not be zero. */
    void (*client_made)(struct server *srv, struct client *c);
    /* A connection was accepted or changes its address (session_rehome). */
    void (*client_enters)(struct server *srv, struct client *c);
    /* c has all that it needs to register. It is not CLIENT_REGISTERED yet. */
    void (*client_registers)(struct server *srv, struct client *c);
    /* c has registered, and the clients that watch its nick have been told. */
    void (*client_is_on)(struct server *srv, struct client *c);
    /* c leaves, between two commands. Tells other clients, and frees the state of this
     * subsystem. The rows before this one have done the same already. */
    void (*client_leaves)(struct server *srv, struct client *c);
    /* c, which had registered, leaves its host. Both still have all their state. */
    void (*client_leaves_host)(struct server *srv, struct client *c);
    /* True if this subsystem needs no state of the host any more, so that the host may
     * be forgotten. NULL: it never needs any. */
    bool (*host_is_done)(const struct server *srv, const struct host *h);
    /* The host is forgotten, or host_is_done is true for it: removes its records from
     * the store. host_freed follows. NULL: no record is about one host. */
    void (*host_forgotten)(struct server *srv, struct host *h);
    /* Frees the state of the host in memory: after host_forgotten, or at the end of the
     * server. */
    void (*host_freed)(struct server *srv, struct host *h);
    /* `config` is about to replace srv->config. */
    void (*config_changes)(struct server *srv, const struct config *config);
    /* srv->config was replaced. */
    void (*configured)(struct server *srv);
    /* Each queue was offered to its connection once in this turn. Ends clients for the
     * memory that queues still take. Returns their number. */
    size_t (*written)(struct server *srv);
    /* At each tick; and at ticks that are at least a second apart. */
    void (*tick)(struct server *srv);
    void (*tick_seconds)(struct server *srv);
    /* Adds the memory of this subsystem for c to its sums. All clients are walked once
     * for all subsystems, before `memory`, which finds the sums in
     * census.of_clients. */
    void (*client_memory)(const struct client *c, struct mem_sum *sums);
    /* Adds the rows of this subsystem to the census. */
    void (*memory)(const struct server *srv, struct census *out);
    /* Asserts the invariants. Tests call it after each step, the running server
     * never. */
    void (*check)(const struct server *srv);
    /* An image of the core (state/image.h). write: adds the state that is in memory
     * alone, as records of the subsystem's own kinds. read: takes one such record into
     * a server without any of this state; false: the record is broken. Both NULL: the
     * store or the configuration has all state. */
    void (*write)(const struct server *srv, struct image *out);
    bool (*read)(struct server *srv, struct record_reader *in);
    /* The server ends, and no client is left. Called in the opposite order of init. */
    void (*free)(struct server *srv);
};

#define SUBSYSTEM(name) extern const struct subsystem name##_subsystem;
#include "state/subsystems.def"
#undef SUBSYSTEM

/* Where a server has the state of a subsystem. */
struct subsystem_place {
    void *state;                 /* its state in the server; NULL: none */
    uint32_t in_client, in_host; /* offsets in session.slots and host.slots */
};

/* The state of a subsystem in the server and in the session of a client; borrowed. Only
 * for subsystems that ask for such state, in a server that has them. host_slot of
 * policy/host.h does the same for a host. */
void *subsystem_state(const struct server *srv, enum subsystem_id id);
void *subsystem_client(const struct server *srv, enum subsystem_id id,
                       const struct client *c);

/* The name of a subsystem in subsystems.def: "oper_lockout". */
const char *subsystem_name(enum subsystem_id id);

/* Each of these calls the function of the same name of all rows, in their order. */
void subsystems_init(struct server *srv, const struct server_start *start);
/* Loads all records of srv->store. Returns the number of records that were refused.
 * Nothing may be put meanwhile: changes that follow from a record are written once all
 * are loaded. */
size_t subsystems_load(struct server *srv, const struct server_start *start);
void subsystems_client_made(struct server *srv, struct client *c);
void subsystems_client_enters(struct server *srv, struct client *c);
void subsystems_client_registers(struct server *srv, struct client *c);
void subsystems_client_is_on(struct server *srv, struct client *c);
void subsystems_client_leaves(struct server *srv, struct client *c);
void subsystems_client_leaves_host(struct server *srv, struct client *c);
/* True if no subsystem needs the record of h. */
bool subsystems_host_is_done(const struct server *srv, const struct host *h);
/* h is about to be freed: its records are removed from the store, or (freed) stay. */
void subsystems_host_forgotten(struct server *srv, struct host *h);
void subsystems_host_freed(struct server *srv, struct host *h);
/* For each subsystem that is done with h: removes its records and frees its state of
 * h. */
void subsystems_host_settled(struct server *srv, struct host *h);
void subsystems_config_changes(struct server *srv, const struct config *config);
void subsystems_configured(struct server *srv);
size_t subsystems_written(struct server *srv);
void subsystems_tick(struct server *srv);
/* The census of all subsystems. A list that outsiders can make longer than the lists of
 * clients and channels is never walked: its owner keeps a sum, and `check` compares the
 * sum with a recount. The census does not count memory that is freed within a turn, the
 * configuration, the buffers of the shell and the memory of libraries. */
void subsystems_census(const struct server *srv, struct census *out);
void subsystems_check(const struct server *srv);
void subsystems_free(struct server *srv);

#endif
