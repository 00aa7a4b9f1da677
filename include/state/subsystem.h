/* A subsystem: a part of the core that keeps something of its own for the server, for a
 * client or for a host. Its row says once what happens to that. The list of all is
 * subsystems.def; each walk goes over srv->subsystems in that order, so that no other
 * module has a list of subsystems. */
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

/* Each function may be NULL: there is nothing to do. */
struct subsystem {
    enum subsystem_id id;
    /* client_leaves and client_memory are for clients with a session alone. */
    bool of_sessions;
    /* Bytes that it keeps for the server, in each client (its session) and in each
     * host. They are zeroed when these are made, aligned for any field, and go with
     * these. 0: none. */
    size_t state, client_slot, host_slot;
    /* The server is made; no record is loaded, and no client is there. */
    void (*init)(struct server *srv, const struct server_start *start);
    const struct record_kind *records; /* the kinds it stores; NULL: none */
    /* All records are loaded; from now on the store may be written to. */
    void (*loaded)(struct server *srv, const struct server_start *start);
    /* A client is made, all its room zeroed: fills what is not to be zero. */
    void (*client_made)(struct server *srv, struct client *c);
    /* A connection was let in, or it moves to another address (session_rehome). */
    void (*client_enters)(struct server *srv, struct client *c);
    /* c has all that it needs to register; it is not CLIENT_REGISTERED yet. */
    void (*client_registers)(struct server *srv, struct client *c);
    /* c has registered, and the clients that wait for it have been told. */
    void (*client_is_on)(struct server *srv, struct client *c);
    /* c leaves, between two commands: tells others, and gives up what it has here. The
     * rows before this one have taken out their part already. */
    void (*client_leaves)(struct server *srv, struct client *c);
    /* c, which had registered, leaves its host: both have all that they had. */
    void (*client_leaves_host)(struct server *srv, struct client *c);
    /* Nothing that is kept here of the host counts any more: the host may be forgotten,
     * as far as this subsystem is concerned. NULL: nothing is kept that must last. */
    bool (*host_is_done)(const struct server *srv, const struct host *h);
    /* The host is forgotten, or all that is kept here of it is done: its records go
     * from the store. host_freed follows. NULL: none of them is about one host. */
    void (*host_forgotten)(struct server *srv, struct host *h);
    /* Frees what is kept of it in memory: after host_forgotten, or the server ends. */
    void (*host_freed)(struct server *srv, struct host *h);
    /* `config` is about to come into force; srv->config is the one before it. */
    void (*config_changes)(struct server *srv, const struct config *config);
    /* srv->config is a new one. */
    void (*configured)(struct server *srv);
    /* Each queue was offered to its connection once in this turn: ends clients for the
     * memory that is still taken. Returns how many. */
    size_t (*written)(struct server *srv);
    /* At each tick of the session; and in those at least a second apart. */
    void (*tick)(struct server *srv);
    void (*tick_seconds)(struct server *srv);
    /* Adds what c has here to its sums. All clients are walked once for all subsystems
     * before `memory`, which finds the sums in census.of_clients. */
    void (*client_memory)(const struct client *c, struct mem_sum *sums);
    /* Adds its rows to the census, in the order in which they are shown. */
    void (*memory)(const struct server *srv, struct census *out);
    /* Asserts the invariants. Tests call it after each step, the server never. */
    void (*check)(const struct server *srv);
    /* An image of the core (state/image.h): adds what it keeps in memory alone, as
     * records of its own kinds; and takes one of these into a server that has none of
     * it (false: it is broken). NULL, both: the store or the configuration has all. */
    void (*write)(const struct server *srv, struct image *out);
    bool (*read)(struct server *srv, struct record_reader *in);
    /* The server ends; no client is there. Called in the opposite order of init. */
    void (*free)(struct server *srv);
};

#define SUBSYSTEM(name) extern const struct subsystem name##_subsystem;
#include "state/subsystems.def"
#undef SUBSYSTEM

/* Where a subsystem has its own in this server. */
struct subsystem_place {
    void *state;                 /* NULL: it has none */
    uint32_t in_client, in_host; /* from struct session.slots, struct host.slots */
};

/* Its bytes in the server, in a client and in the slots of a host (policy/host.h has
 * host_slot); borrowed. Only for subsystems that ask for some, in a server that has
 * them. */
void *subsystem_state(const struct server *srv, enum subsystem_id id);
void *subsystem_client(const struct server *srv, enum subsystem_id id,
                       const struct client *c);

/* "oper_lockout". */
const char *subsystem_name(enum subsystem_id id);

void subsystems_init(struct server *srv, const struct server_start *start);
/* Takes what srv->store holds; returns the number of records that are refused. Nothing
 * may be put meanwhile: what a record changes is written once all are loaded. */
size_t subsystems_load(struct server *srv, const struct server_start *start);
void subsystems_client_made(struct server *srv, struct client *c);
void subsystems_client_enters(struct server *srv, struct client *c);
void subsystems_client_registers(struct server *srv, struct client *c);
void subsystems_client_is_on(struct server *srv, struct client *c);
void subsystems_client_leaves(struct server *srv, struct client *c);
void subsystems_client_leaves_host(struct server *srv, struct client *c);
/* Whether no subsystem needs h to be remembered. */
bool subsystems_host_is_done(const struct server *srv, const struct host *h);
/* h is about to be freed: what is stored of it goes first, or (freed) stays. */
void subsystems_host_forgotten(struct server *srv, struct host *h);
void subsystems_host_freed(struct server *srv, struct host *h);
/* Has each subsystem that is done with h forget and free what it keeps of it. */
void subsystems_host_settled(struct server *srv, struct host *h);
void subsystems_config_changes(struct server *srv, const struct config *config);
void subsystems_configured(struct server *srv);
size_t subsystems_written(struct server *srv);
void subsystems_tick(struct server *srv);
/* The census of all subsystems. A list that outsiders can make longer than clients and
 * channels are is never walked: its owner keeps a sum, and its check compares that with
 * a recount. Not counted: what lives for one turn, the configuration, the buffers of
 * the shell, and the memory of libraries. */
void subsystems_census(const struct server *srv, struct census *out);
void subsystems_check(const struct server *srv);
void subsystems_free(struct server *srv);

#endif
