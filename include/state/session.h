/* A session: what belongs to one connection of a client, and not to its user. */
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

/* Room that a session keeps for what other layers know of it. Each layer says what is
 * in there, and reaches it by the accessor of its own header. */
#define SESSION_POLICY 160 /* policy_of (policy/client_policy.h) */
#define SESSION_INPUT 64   /* input_of (session/client_input.h) */
#define SESSION_CMD 8      /* cmd_of (cmd/client_cmd.h) */

/* What is known of few connections. */
struct client_known {
    char *certfp;   /* fingerprint of its certificate, in hex; NULL: none */
    char *gateway;  /* that vouches for its address; NULL: none */
    char *password; /* of PASS, until registration */
};

/* What belongs to one connection of a client. */
struct session {
    struct client *client;
    void *conn;              /* the shell's */
    uint64_t sent, received; /* bytes */
    msec since;              /* monotonic: connected; then last input; then PING sent */
    msec opened;             /* monotonic: connected */
    struct addr addr;
    uint32_t commands; /* that it had run */
    uint16_t ncursors;
    struct cursor *cursors;     /* its answers that are not all said, by next_own */
    struct client_known *known; /* one block, or NULL: nothing */
    _Alignas(8) unsigned char policy[SESSION_POLICY];
    _Alignas(8) unsigned char input[SESSION_INPUT];
    _Alignas(8) unsigned char cmd[SESSION_CMD];
    uint64_t slots[]; /* of subsystems: subsystem_client (state/subsystem.h) */
};

/* What is known of its connection beside the address (copied; NULL: nothing), before it
 * has registered. A client of which nothing is known pays nothing for it. */
void client_set_connection(struct client *c, bool secure, const char *certfp,
                           const char *gateway);
/* NULL: none. */
const char *client_certfp(const struct client *c);
const char *client_gateway(const struct client *c);

/* The password that it has sent (copied), for as long as it is needed; NULL wipes it.
 */
void client_set_password(struct client *c, const char *password);
/* NULL: it has sent none. */
const char *client_password(const struct client *c);

/* Gives c, which has not registered, another address: its host is that one, and it has
 * no cloak. Counts nothing. */
void client_set_address(struct client *c, const struct addr *addr);

/* Frees what a session has beside its block; NULL is fine. */
void session_clear(struct session *s);

/* Its real address as a host ("0::1": a parameter must not begin with ':'); the host
 * that it shows if it has no session. */
const char *client_real_host(const struct client *c, char out[CLIENT_HOST_TEXT]);

#endif
