/* The state of one connection of a client, apart from its user. */
#ifndef STATE_SESSION_H
#define STATE_SESSION_H

#include "base/addr.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct cursor;
struct server;

#define CLIENT_HOST_TEXT (ADDR_TEXT + 1) /* room for a real address as a host */

/* Bytes of a session for the state of other layers. Each layer has an accessor in its
 * own header. */
#define SESSION_POLICY 160 /* policy_of (policy/client_policy.h) */
#define SESSION_INPUT 64   /* input_of (session/client_input.h) */
#define SESSION_CMD 8      /* cmd_of (cmd/multiline.h) */

/* Facts that few connections have. */
struct client_known {
    char *certfp;  /* fingerprint of the client certificate; NULL: none */
    char *sni;     /* name of the server that the client asked for; NULL: none */
    char *gateway; /* name of the gateway that gave its address; NULL: none */
    /* as configured, if it has a class; the owner: the number of its user */
    char *listener;
    char *oper;     /* the oper block of its bearer token; NULL: it has no token */
    char *password; /* from PASS, until registration */
};

struct session {
    struct client *client;
    void *conn;              /* owned by the shell */
    uint64_t sent, received; /* bytes */
    msec since;              /* monotonic: connected, then last input, then PING sent */
    msec opened;             /* monotonic: connected */
    struct addr addr;
    uint32_t commands; /* commands that were run */
    uint16_t ncursors;
    struct cursor *cursors;     /* unfinished long answers, linked by next_own */
    struct client_known *known; /* NULL: none of these facts */
    _Alignas(8) unsigned char policy[SESSION_POLICY];
    _Alignas(8) unsigned char input[SESSION_INPUT];
    _Alignas(8) unsigned char cmd[SESSION_CMD];
    uint64_t slots[]; /* subsystem_client (state/subsystem.h) */
};

/* The facts about a connection beside its address. */
struct connection_facts {
    /* as in struct client_known; NULL: none */
    const char *certfp, *sni, *gateway, *listener, *oper;
    bool secure; /* all of the way from the client is encrypted: user mode Z */
    bool owner;  /* it came through the control socket (CLIENT_ACTING) */
};

/* Whether a connection with these facts (NULL: none are known) acts for the owner or for
 * an oper block: CLIENT_ACTING. */
static inline bool
connection_acts(const struct connection_facts *facts)
{
    return facts && (facts->owner || facts->oper);
}

/* Sets the facts of the connection of c, which has not registered (copied). A client
 * without any of the texts takes no memory for them. */
void client_set_connection(struct client *c, const struct connection_facts *facts);
/* The facts of c, borrowed until the next client_set_connection. A client without a
 * session has none but `secure`. */
struct connection_facts client_facts(const struct client *c);
/* NULL: none. */
const char *client_certfp(const struct client *c);
const char *client_gateway(const struct client *c);
/* Whether c has connected from this machine, and not through a gateway of it. */
bool client_is_local(const struct client *c);

/* Keeps the password that it sent (copied) until registration; NULL wipes it. */
void client_set_password(struct client *c, const char *password);
/* NULL: it has sent none, or it was wiped. */
const char *client_password(const struct client *c);

/* Changes the address of c, which has not registered. The address becomes its host, and
 * its cloak is removed. No counter changes. */
void client_set_address(struct client *c, const struct addr *addr);

/* Frees the memory of a session outside of its block; NULL is fine. */
void session_clear(struct session *s);

/* The real address of c as a host ("0::1": a parameter must not begin with ':'), or its
 * shown host if it has no session. */
const char *client_real_host(const struct client *c, char out[CLIENT_HOST_TEXT]);

#endif
