/* A subsystem: a part of the core that keeps something of its own for the server, for a
 * client or for a host. Its row says once what happens to that. The table of all rows
 * is srv->subsystems; each walk goes over it in one order, so that no other module has
 * a list of subsystems. */
#ifndef STATE_SUBSYSTEM_H
#define STATE_SUBSYSTEM_H

#include <stdbool.h>
#include <stddef.h>

struct census;
struct client;
struct host;
struct record_kind;
struct server;
struct server_start;

/* Each function may be NULL: there is nothing to do. */
struct subsystem {
    const char *name;
    size_t state; /* bytes of its own state, zeroed before init; 0: it has none */
    /* The server is made; no record is loaded, and no client is there. */
    void (*init)(struct server *srv, const struct server_start *start);
    const struct record_kind *records; /* the kinds it stores; NULL: none */
    /* All records are loaded; from now on the store may be written to. */
    void (*loaded)(struct server *srv, const struct server_start *start);
    /* A connection was let in, or it moves to another address (session_rehome). */
    void (*client_enters)(struct server *srv, struct client *c);
    /* c leaves, between two commands: tells others, and gives up what it has here. The
     * rows before this one have taken out their part already. */
    void (*client_leaves)(struct server *srv, struct client *c);
    /* Nothing that is kept here of the host counts any more: the host may be forgotten,
     * as far as this subsystem is concerned. NULL: nothing is kept that must last. */
    bool (*host_is_done)(const struct server *srv, const struct host *h);
    /* The host is forgotten, or all of it that is kept here is done: frees it. */
    void (*host_forgotten)(struct server *srv, struct host *h);
    /* At each tick of the session; and in those at least a second apart. */
    void (*tick)(struct server *srv);
    void (*tick_seconds)(struct server *srv);
    /* Adds its rows to the census, in the order in which they are shown. */
    void (*memory)(const struct server *srv, struct census *out);
    /* Asserts the invariants. Tests call it after each step, the server never. */
    void (*check)(const struct server *srv);
    /* The server ends; no client is there. Called in the opposite order of init. */
    void (*free)(struct server *srv);
};

/* The state of a row in this server (row->state bytes); borrowed. Walks the table. */
void *subsystem_state(const struct server *srv, const struct subsystem *row);

void subsystems_init(struct server *srv, const struct server_start *start);
/* Takes what srv->store holds; returns the number of records that are refused. Nothing
 * may be put meanwhile: what a record changes is written once all are loaded. */
size_t subsystems_load(struct server *srv, const struct server_start *start);
void subsystems_client_enters(struct server *srv, struct client *c);
void subsystems_client_leaves(struct server *srv, struct client *c);
/* Whether no subsystem needs h to be remembered. */
bool subsystems_host_is_done(const struct server *srv, const struct host *h);
/* h is about to be freed. */
void subsystems_host_forgotten(struct server *srv, struct host *h);
/* Has each subsystem that is done with h free what it keeps of it. */
void subsystems_host_settled(struct server *srv, struct host *h);
void subsystems_tick(struct server *srv);
/* The census of all subsystems. A list that outsiders can make longer than clients and
 * channels are is never walked: its owner keeps a sum, and its check compares that with
 * a recount. Not counted: what lives for one turn, the configuration, the buffers of
 * the shell, and the memory of libraries. */
void subsystems_census(const struct server *srv, struct census *out);
void subsystems_check(const struct server *srv);
void subsystems_free(struct server *srv);

#endif
